"""Does verify-cert say yes, no or cannot-check, to people and to programs, with the exit code that goes with it?"""

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates

from commandline import Done, Terminal, run_here
from paths import AT, DAY, SECOND, Made, crl, leaf, middle, revoked, root
from rawcert import pem

ROOT = root()
MIDDLE = middle(ROOT)
ALICE = leaf(MIDDLE)
WHEN = "--at 2026-11-24T09:00:00Z"
UTF8 = {"LC_ALL": "C.UTF-8"}
NOT_CHECKED = ["revocation", "ocsp", "policies", "possession", "name"]
HINT_BETWEEN = "add the certificates between with --intermediate FILE, if there are some"


@pytest.fixture
def here(tmp_path: Path) -> Path:
    files = {
        "root.pem": pem(ROOT.der),
        "middle.pem": pem(MIDDLE.der),
        "alice.pem": pem(ALICE.der),
        "chain.pem": pem(ALICE.der) + pem(MIDDLE.der),
        "alice.der": ALICE.der,
        "root.der": ROOT.der,
        "good.crl": pem(crl(MIDDLE, number=1), "X509 CRL") + pem(crl(ROOT), "X509 CRL"),
        "middle.crl": crl(MIDDLE),
        "bad.crl": pem(crl(MIDDLE, revoked(ALICE.certificate.serial_number, AT, None)), "X509 CRL"),
        "future.crl": pem(crl(MIDDLE, revoked(ALICE.certificate.serial_number, AT + SECOND)), "X509 CRL")
        + pem(crl(ROOT), "X509 CRL"),
        "text.txt": b"hello\n",
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    return tmp_path


def verify(words: str, folder: Path, **more: Any) -> Done:
    return run_here(f"verify-cert {WHEN} {words}", folder, environ=UTF8, **more)


def found(words: str, folder: Path, **more: Any) -> tuple[dict[str, Any], int]:
    """Return what --json prints, and the exit code."""
    done = verify(f"{words} --json", folder, **more)
    assert done.stderr == b""
    assert done.stdout.endswith(b"}\n")
    return json.loads(done.stdout), done.code


# yes


def test_a_valid_path_for_people(here: Path) -> None:
    assert verify("chain.pem --trust-anchor root.pem", here).triple == (
        """\
verdict:     valid
purpose:     client
at:          2026-11-24T09:00:00Z
path:        trust anchor, root CA Root (3,000 days left)
             └── intermediate CA Middle (900 days left)
                 └── client certificate alice@example.com (30 days left)
not checked: revocation: no list was given
             OCSP: nothing is ever fetched
             certificate policies: any is accepted
             whether whoever showed the certificate has its key
             the name: none was given to compare
""",
        "",
        0,
    )


def test_a_valid_path_for_programs(here: Path) -> None:
    assert found("chain.pem --trust-anchor root.pem", here) == (
        {
            "schema": "authkit.path/v1",
            "verdict": "valid",
            "reason": "ok",
            "purpose": "client",
            "at": "2026-11-24T09:00:00Z",
            "path": [sha256(one) for one in (ALICE, MIDDLE, ROOT)],
            "not_checked": NOT_CHECKED,
            "findings": [],
        },
        0,
    )


def sha256(one: Made) -> str:
    from hashlib import sha256

    return sha256(one.der).hexdigest()


@pytest.mark.parametrize(
    "words",
    [
        "alice.pem --trust-anchor root.pem --intermediate middle.pem",
        "alice.der --trust-anchor root.der --intermediate middle.pem",
        "alice.pem --trust-anchor text.pem --intermediate middle.pem",
        "alice.pem --trust-anchor middle.pem",
        "chain.pem --trust-anchor middle.pem --trust-anchor root.pem",
        "chain.pem --trust-anchor root.pem --purpose any",
        "chain.pem --trust-anchor root.pem --name alice@example.com",
        "chain.pem --trust-anchor root.pem --crl good.crl --require-crl",
        "chain.pem --trust-anchor root.pem --crl middle.crl --crl good.crl",
        "chain.pem --trust-anchor root.pem --crl future.crl --historical",
    ],
)
def test_a_path_is_found_however_it_is_given(words: str, here: Path) -> None:
    (here / "text.pem").write_bytes(b"the root\n" + pem(ROOT.der))
    verdict, code = found(words, here)
    assert (verdict["verdict"], code) == ("valid", 0)


def test_the_leaf_may_come_from_standard_input(here: Path) -> None:
    words = "- --trust-anchor root.pem --intermediate middle.pem"
    assert found(words, here, stdin=ALICE.der)[0]["verdict"] == "valid"


def test_findings_are_told(here: Path) -> None:
    top = root(usage=None, critical=False)
    (here / "root.pem").write_bytes(pem(top.der))
    findings = [
        {"id": "ca-without-key-usage", "message": "the CA CN=Root has no key usage"},
        {"id": "ca-not-critical", "message": "the basic constraints of the CA CN=Root are not critical"},
    ]
    assert found("chain.pem --trust-anchor root.pem", here)[0]["findings"] == findings
    text = verify("chain.pem --trust-anchor root.pem", here).stdout.decode()
    assert text.endswith(
        "findings:    ca-without-key-usage: the CA CN=Root has no key usage\n"
        "             ca-not-critical: the basic constraints of the CA CN=Root are not critical\n"
    )


def test_now_is_the_instant_where_none_is_given(here: Path) -> None:
    done = run_here("verify-cert chain.pem --trust-anchor root.pem --json", here)
    assert json.loads(done.stdout)["at"] > "2026-11-24T"


# no


def test_a_refusal_for_people(here: Path) -> None:
    assert verify("alice.pem --trust-anchor root.pem", here).triple == (
        f"""\
verdict: invalid
reason:  untrusted
         no path leads from the certificate to a trust anchor: no certificate of CN=Middle is given, which issued the \
leaf CN=alice
hint:    {HINT_BETWEEN}
leaf:    alice@example.com (30 days left)
purpose: client
at:      2026-11-24T09:00:00Z
""",
        "",
        1,
    )


def test_a_refusal_without_hint_for_people(here: Path) -> None:
    done = verify("chain.pem --trust-anchor root.pem --purpose server", here)
    assert done.code == 1
    assert done.stdout.decode().startswith(
        "verdict: invalid\nreason:  eku-mismatch\n         the certificate is for another purpose: "
        "the leaf CN=alice is for clientAuth, not for serverAuth\nleaf: "
    )


def test_a_refusal_for_programs(here: Path) -> None:
    assert found("alice.pem --trust-anchor root.pem", here) == (
        {
            "schema": "authkit.path/v1",
            "verdict": "invalid",
            "reason": "untrusted",
            "message": "no path leads from the certificate to a trust anchor: no certificate of CN=Middle is given, "
            "which issued the leaf CN=alice",
            "hint": HINT_BETWEEN,
            "purpose": "client",
            "at": "2026-11-24T09:00:00Z",
            "leaf": sha256(ALICE),
            "path": [],
            "not_checked": [],
            "findings": [],
        },
        1,
    )


@pytest.mark.parametrize(
    ("words", "verdict", "reason", "code"),
    [
        ("chain.pem --trust-anchor root.pem --purpose email", "invalid", "eku-mismatch", 1),
        ("chain.pem --trust-anchor root.pem --name bob@example.com", "invalid", "name-mismatch", 1),
        ("chain.pem --trust-anchor root.pem --crl bad.crl", "invalid", "revoked", 1),
        ("chain.pem --trust-anchor root.pem --crl future.crl", "invalid", "revoked", 1),
        ("chain.pem --trust-anchor root.pem --crl bad.crl --historical", "invalid", "revoked", 1),
        ("alice.pem --trust-anchor alice.pem", "invalid", "untrusted", 1),
        ("middle.pem --trust-anchor root.pem", "invalid", "leaf-is-ca", 1),
        ("chain.pem --trust-anchor root.pem --crl middle.crl", "cannot-check", "crl-not-applicable", 4),
        ("chain.pem --trust-anchor root.pem --require-crl", "cannot-check", "crl-missing", 4),
        ("chain.pem --trust-anchor root.pem --crl middle.crl --require-crl", "cannot-check", "crl-missing", 4),
        (
            "chain.pem --trust-anchor root.pem --crl good.crl --at 2026-11-26T09:00:00Z",
            "cannot-check",
            "crl-out-of-date",
            4,
        ),
        ("chain.pem --trust-anchor root.pem --at 2026-12-24T09:00:01Z", "invalid", "expired", 1),
    ],
)
def test_verdicts_and_their_exit_codes(words: str, verdict: str, reason: str, code: int, here: Path) -> None:
    said, exit_code = found(words, here)
    assert (said["verdict"], said["reason"], exit_code) == (verdict, reason, code)
    done = verify(words, here)
    assert done.code == code
    assert done.stdout.decode().startswith(f"verdict: {verdict}\nreason:  {reason}\n")


def test_a_broken_leaf_is_a_verdict(here: Path) -> None:
    (here / "broken.der").write_bytes(ALICE.der.replace(b"\x55\x1d\x11", b"\x55\x1d\x13"))
    said, code = found("broken.der --trust-anchor root.pem", here)
    assert (said["verdict"], said["reason"], code) == ("invalid", "malformed", 1)


def test_foreign_text_is_escaped(here: Path) -> None:
    evil = leaf(MIDDLE, "a\x1b[2Jb\u202ec", eku=None)
    (here / "evil.pem").write_bytes(pem(evil.der))
    done = verify("evil.pem --trust-anchor root.pem --intermediate middle.pem", here)
    assert done.code == 1
    assert b"\x1b" not in done.stdout
    assert "\u202e" not in done.stdout.decode()
    assert r"the leaf CN=a\x1b[2Jb\u202ec has no extended key usage" in done.stdout.decode()

    odd = middle(ROOT, "M\x1b[31m", usage=None)
    (here / "evil.pem").write_bytes(pem(leaf(odd, "e\x1bx", san=[]).der) + pem(odd.der))
    done = verify("evil.pem --trust-anchor root.pem", here)
    assert done.code == 0
    assert b"\x1b" not in done.stdout
    assert rb"M\x1b[31m" in done.stdout


def test_colour_on_a_terminal(here: Path) -> None:
    words = f"verify-cert chain.pem --trust-anchor root.pem {WHEN}"
    shown = run_here(words, here, environ={**UTF8, "TERM": "xterm"}, terminal=Terminal(), screens=(1,)).terminal
    assert "\x1b[32mvalid\x1b[0m" in shown
    words = words.replace("chain", "alice")
    shown = run_here(words, here, environ={**UTF8, "TERM": "xterm"}, terminal=Terminal(), screens=(1,)).terminal
    assert "\x1b[31minvalid\x1b[0m" in shown


# what cannot be judged at all


@pytest.mark.parametrize(
    ("words", "message", "hint", "code"),
    [
        ("chain.pem", "there is no trust anchor", "name one with --trust-anchor FILE", 2),
        ("- --trust-anchor -", "'-' is given twice, but standard input can be read only once", "", 2),
        ("chain.pem --trust-anchor root.pem --name *.a", "'*.a' is a pattern, not a name", "name one host", 2),
        ("text.txt --trust-anchor root.pem", "text.txt: ", None, 3),
        ("chain.pem --trust-anchor nothing.pem", "no such file: nothing.pem", "", 3),
        (
            "chain.pem --trust-anchor good.crl",
            "good.crl holds no certificate",
            "'authkit inspect-cert' shows what it holds",
            3,
        ),
        (
            "chain.pem --trust-anchor root.pem --crl root.pem",
            "root.pem holds no revocation list",
            "give a CRL in PEM or DER",
            3,
        ),
        ("chain.pem --trust-anchor root.pem --crl root.der", "a revocation list cannot be read: ", None, 3),
        (
            "bob.p12 --trust-anchor root.pem",
            "bob.p12 is PKCS#12, which is not opened here",
            "make PEM of it: openssl pkcs12 -nokeys -in FILE",
            3,
        ),
    ],
)
def test_what_is_no_question(words: str, message: str, hint: "str | None", code: int, here: Path) -> None:
    sealed = BestAvailableEncryption(b"a password")
    packed = serialize_key_and_certificates(b"bob", ALICE.key, ALICE.certificate, None, sealed)
    (here / "bob.p12").write_bytes(packed)
    done = verify(words, here)
    assert (done.stdout, done.code) == (b"", code)
    first, _, rest = done.stderr.decode().partition("\n")
    assert first.startswith(f"authkit: error: {message}")
    if hint is not None:
        assert first == f"authkit: error: {message}"
        assert rest == (f"authkit: hint: {hint}\n" if hint else "")


def test_history_needs_an_instant(here: Path) -> None:
    done = run_here("verify-cert chain.pem --trust-anchor root.pem --historical", here)
    assert done.triple == (
        "",
        "authkit: error: --historical without --at says nothing\nauthkit: hint: add the instant with --at TIME\n",
        2,
    )


def test_a_key_beside_the_certificate_does_no_harm(here: Path) -> None:
    key = ALICE.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (here / "both.pem").write_bytes(key + pem(ALICE.der) + pem(MIDDLE.der))
    assert found("both.pem --trust-anchor root.pem", here)[0]["verdict"] == "valid"


def test_days_left_are_those_of_each(here: Path) -> None:
    one = leaf(MIDDLE, end=AT + DAY)
    (here / "alice.pem").write_bytes(pem(one.der))
    text = verify("alice.pem --trust-anchor middle.pem", here).stdout.decode()
    assert "trust anchor, intermediate CA Middle (900 days left)\n" in text
    assert "             └── client certificate alice@example.com (1 day left)\n" in text
