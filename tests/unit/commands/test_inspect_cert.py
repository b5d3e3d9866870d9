"""Does inspect-cert show everything, to people and to programs, and trust nothing?"""

import gc
import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from cryptography.x509 import load_pem_x509_certificate

from authkit import bulk
from authkit.certs.formats import Other
from authkit.commands import _judged, _page, _shown
from authkit.ui import render
from commandline import Done, Terminal, run_here
from described import AT, DAY, SECOND, ca, client, named, root
from rawcert import der, made, pem, raw, tlv

PROJECT = Path(__file__).resolve().parents[3]
ALICE = b"""-----BEGIN CERTIFICATE-----
MIICGzCCAcGgAwIBAgIULi4uLi4uLi4uLi4uLi4uLi4uLi4wCgYIKoZIzj0EAwIw
JzEQMA4GA1UECgwHRXhhbXBsZTETMBEGA1UEAwwKRXhhbXBsZSBDQTAeFw0yNjEx
MjQwODU1MDBaFw0yNjEyMDEwOTAwMDBaMBAxDjAMBgNVBAMMBWFsaWNlMFkwEwYH
KoZIzj0CAQYIKoZIzj0DAQcDQgAEvkByUilOMm0gezBV/vvSe7Uth3nTrCDLoCVv
tCRQhsDskvharAkKABpzUw9y8W4Iv+CKqQkH67K6Qmbf54zeMqOB4TCB3jBABgNV
HREEOTA3gRFhbGljZUBleGFtcGxlLmNvbaAiBgorBgEEAYI3FAIDoBQMEmFsaWNl
QGNvcnAuZXhhbXBsZTAMBgNVHRMBAf8EAjAAMA4GA1UdDwEB/wQEAwIHgDATBgNV
HSUEDDAKBggrBgEFBQcDAjAnBgNVHR8EIDAeMBygGqAYhhZodHRwOi8vcGtpLmNv
cnAvY2EuY3JsMB0GA1UdDgQWBBSyItdarbzD3kJmVytGoalriTudbzAfBgNVHSME
GDAWgBSD4icXpNNGtxY7//6lKPD7OMX3dDAKBggqhkjOPQQDAgNIADBFAiBLVyVG
gLMaGvWvGZsslT56GzrsfsLTgLVpcSc+wIMA9QIhALtg3xwvdYvkgjs7FaJLDLly
zC4qtNky8y9xFPFc6WYc
-----END CERTIFICATE-----
"""
CA = b"""-----BEGIN CERTIFICATE-----
MIIBqTCCAVCgAwIBAgIUHx8fHx8fHx8fHx8fHx8fHx8fHx8wCgYIKoZIzj0EAwIw
JzEQMA4GA1UECgwHRXhhbXBsZTETMBEGA1UEAwwKRXhhbXBsZSBDQTAeFw0yNjA4
MTYwOTAwMDBaFw0zNjA4MTMwOTAwMDBaMCcxEDAOBgNVBAoMB0V4YW1wbGUxEzAR
BgNVBAMMCkV4YW1wbGUgQ0EwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASribSx
CpgC7zptXusckyZfZKRmb6FhWkJg0W53wzsDIhILb7J5MoVt78xfeCRn6jPHxIYB
JqF4+IvnHWGlg79Lo1owWDASBgNVHRMBAf8ECDAGAQH/AgEAMA4GA1UdDwEB/wQE
AwIBBjATBgNVHSUEDDAKBggrBgEFBQcDAjAdBgNVHQ4EFgQUg+InF6TTRrcWO//+
pSjw+zjF93QwCgYIKoZIzj0EAwIDRwAwRAIgdei2ZkCQKPWYJkGGwvGNtIUQeQy2
fFTMvxdWjNerFAcCIFwqrCAraQc/40OnzTMRPI2tjrmkS1IuOKqqVEaXYvRg
-----END CERTIFICATE-----
"""
WHEN = "--at 2026-11-24T09:00:00Z"
SHA256 = "0eb840b3e69b9abf571b59fd9e56992c33887bdc09608eebaf3df5d5b003fd0b"
LAST = "Nothing shown here is verified or trusted; 'authkit verify-cert' decides.\n"
UTF8 = {"LC_ALL": "C.UTF-8"}

FACTS = """\
  subject:          CN=alice
  identity (SAN):   email:alice@example.com
                    upn:alice@corp.example
  issuer:           CN=Example CA,O=Example
  serial:           2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e
  valid from:       2026-11-24T08:55:00Z
  valid until:      2026-12-01T09:00:00Z (7 days left)
  key:              p256
  signature:        ecdsa-with-SHA256
  key usage:        digitalSignature
  purposes (EKU):   clientAuth
  CA:               no
  key (SKI):        b222d75aadbcc3de4266572b46a1a96b893b9d6f
  its issuer (AKI): 83e22717a4d346b7163bfffea528f0fb38c5f774
  CRL:              http://pki.corp/ca.crl
  extensions:       subjectAltName, basicConstraints (critical), keyUsage (critical), extKeyUsage, \
cRLDistributionPoints, subjectKeyIdentifier, authorityKeyIdentifier
"""
PAGE = f"""\
a client certificate for alice@example.com, issued by Example CA, 7 days left

{FACTS}
Works for
  ✓ TLS client
  ✓ Wi-Fi (EAP-TLS)
  ✓ IAM Roles Anywhere

Does not work for
  ✗ TLS server                   its EKU lacks serverAuth; its SAN holds no host name
  ✗ S/MIME mail                  its EKU lacks emailProtection
  ✗ code signing                 its EKU lacks codeSigning
  ✗ CA                           its basicConstraints do not say that it is a CA; its key usage lacks keyCertSign
  ✗ Wi-Fi with Active Directory  it carries no security identifier, which domain controllers ask \
for since September 2025
  ✗ SPIFFE X.509-SVID            its SAN holds no URI, where there must be one

Whoever watches a TLS 1.2 handshake reads (TLS 1.3 hides it)
  the common name (subject CN): alice
  a mail address (SAN email):   alice@example.com
  a Windows login (SAN upn):    alice@corp.example
  who issued it (issuer O):     Example
  who issued it (issuer CN):    Example CA
  an internal address (CRL):    http://pki.corp/ca.crl
  the key itself:               by which the same holder is recognised everywhere

What is weak or wrong
  info     cn-not-in-san  the common name is none of the SAN: programs may see two different identities: alice

Fingerprints
  SHA-256:        {SHA256}
  with colons:    0E:B8:40:B3:E6:9B:9A:BF:57:1B:59:FD:9E:56:99:2C:33:88:7B:DC:09:60:8E:EB:AF:3D:F5:D5:B0:03:FD:0B
  base64:         DrhAs+abmr9XG1n9nlaZLDOIe9wJYI7rrz311bAD/Qs=
  x5t#S256:       DrhAs-abmr9XG1n9nlaZLDOIe9wJYI7rrz311bAD_Qs
  SHA-1:          125c2836c7eacd3a1cf59b17bb10c4f6f592e7ae  (where software still prints it)
  with colons:    12:5C:28:36:C7:EA:CD:3A:1C:F5:9B:17:BB:10:C4:F6:F5:92:E7:AE
  key (SPKI pin): ZeOMtyHIvFDAVmR9VV+WkTTr8D6nApI56UE9buiZKko=

"""
CA_PAGE = """\
2. both.pem, line 15
a root CA named Example CA, issued by itself, 3,550 days left

  subject:        CN=Example CA,O=Example
  identity (SAN): (none)
  issuer:         CN=Example CA,O=Example
  serial:         1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f
  valid from:     2026-08-16T09:00:00Z
  valid until:    2036-08-13T09:00:00Z (3,550 days left)
  key:            p256
  signature:      ecdsa-with-SHA256
  key usage:      keyCertSign, cRLSign
  purposes (EKU): clientAuth
  CA:             yes, path length 0
  key (SKI):      83e22717a4d346b7163bfffea528f0fb38c5f774
  extensions:     basicConstraints (critical), keyUsage (critical), extKeyUsage, subjectKeyIdentifier

Works for
  ✓ CA  for leaves only; for clientAuth

Does not work for
  ✗ clients, servers and the like  it is a CA's, not a leaf

Whoever watches a TLS 1.2 handshake reads (TLS 1.3 hides it)
  the organisation (subject O): Example
  the common name (subject CN): Example CA
  the key itself:               by which the same holder is recognised everywhere

What is weak or wrong
  nothing was found

"""
TREE = """\
Who names whom as its issuer (no signature was verified)
  2. root CA Example CA (3,550 days left)
  └── 1. client certificate alice@example.com (7 days left)

"""


@pytest.fixture
def here(tmp_path: Path) -> Path:
    (tmp_path / "alice.pem").write_bytes(ALICE)
    (tmp_path / "both.pem").write_bytes(ALICE + CA)
    return tmp_path


def run(words: str, folder: Path, **more: Any) -> Done:
    return run_here(f"inspect-cert {WHEN} {words}", folder, environ={**UTF8, **more.pop("environ", {})}, **more)


def text(words: str, folder: Path, **more: Any) -> str:
    done = run(words, folder, **more)
    assert (done.code, done.stderr) == (0, b"")
    shown: str = done.stdout.decode()
    return shown


def shown(words: str, folder: Path, code: int = 0, **more: Any) -> "dict[str, Any]":
    done = run(f"--json {words}", folder, **more)
    assert (done.code, done.stderr) == (code, b"")
    assert done.stdout.isascii()
    found: "dict[str, Any]" = json.loads(done.stdout)
    assert found["schema"] == "authkit.inspected/v1"
    assert found["verified"] is False
    return found


# for people


def test_a_page(here: Path) -> None:
    assert text("alice.pem", here) == PAGE + LAST


def test_two_pages_and_a_tree(here: Path) -> None:
    lines = text("both.pem", here)
    first, _, rest = lines.partition("2. both.pem")
    assert first == "1. both.pem, line 1\n" + PAGE
    assert ("2. both.pem" + rest).startswith(CA_PAGE)
    assert lines.endswith(f"\n\n{TREE}{LAST}")


def test_a_certificate_that_came_twice_has_one_page(here: Path) -> None:
    lines = text("both.pem alice.pem", here)
    assert lines.count("\nFingerprints\n") == 2
    assert "\n\n3. alice.pem\nthe same certificate as 1\n\nWho names whom" in lines
    assert len(shown("both.pem alice.pem", here)["certificates"]) == 3


def test_a_tree_without_box_characters(here: Path) -> None:
    lines = text("both.pem", here, environ={"LC_ALL": "C"})
    assert "  `-- 1. client certificate alice@example.com (7 days left)\n" in lines
    assert "\n  + TLS client\n" in lines
    assert "\n  - TLS server  " in lines
    assert "✓" not in lines


def test_strangers_make_no_tree(here: Path) -> None:
    (here / "other.pem").write_bytes(pem(der(made())))
    assert "names whom" not in text("alice.pem other.pem", here)


@pytest.mark.parametrize("words", ["-", "", "alice.pem -"])
def test_standard_input(words: str, here: Path) -> None:
    found = shown(words, here, stdin=CA)
    assert [one["source"] for one in found["certificates"]][-1:] == ["standard input"]
    assert len(found["certificates"]) == 1 + ("alice" in words)


def test_the_present_is_meant_without_an_instant(here: Path) -> None:
    done = run_here("inspect-cert alice.pem --json", here)
    assert done.code == 0
    assert json.loads(done.stdout)["certificates"][0]["sha256"] == SHA256


def test_an_expired_certificate_would_work_otherwise(here: Path) -> None:
    lines = text("alice.pem --at 2026-12-03T10:00:00Z", here)
    assert lines.startswith("a client certificate for alice@example.com, issued by Example CA, expired 2 days ago\n")
    assert "Works for" not in lines.replace("Does not work for", "")
    assert (
        "Does not work for\n"
        "  ✗ anything                     it expired on 2026-12-01T09:00:00Z\n"
        "  ✗ TLS client                   nothing else stands against it\n"
        "  ✗ TLS server                   its EKU lacks serverAuth; its SAN holds no host name\n"
    ) in lines
    assert "  error    expired        it has expired: on 2026-12-01T09:00:00Z\n" in lines


def test_an_expired_ca_says_both(here: Path) -> None:
    (here / "ca.pem").write_bytes(CA)
    lines = text("ca.pem --at 2040-01-01T00:00:00Z", here)
    assert (
        "Does not work for\n"
        "  ✗ anything                       it expired on 2036-08-13T09:00:00Z\n"
        "  ✗ clients, servers and the like  it is a CA's, not a leaf\n"
        "  ✗ CA                             nothing else stands against it\n"
    ) in lines


# what came from elsewhere is escaped, and no fault hides another field


def test_nothing_foreign_speaks_to_the_terminal(here: Path) -> None:
    evil = "\x1b[2J\u202e[/red]\\\x00"
    subject = b"\x30\x1b\x31\x19\x30\x17\x06\x03\x55\x04\x03\x0c\x10" + evil.encode()[:16]
    (here / "evil.der").write_bytes(raw(subject=subject))
    lines = text("evil.der", here)
    assert all([char.isprintable() or char == "\n" for char in lines])
    assert "CN=\\x1b[2J\\u202e[/red]" in lines
    assert "name-control" in lines
    assert "name-invisible" in lines


def test_a_broken_field_is_a_finding_and_the_rest_is_shown(here: Path) -> None:
    broken = raw(validity=tlv(0x30, tlv(23, b"2611240900Z"), tlv(23, b"261201090000Z")), key=tlv(0x30, b"\5\0"))
    (here / "broken.der").write_bytes(broken)
    lines = text("broken.der", here)
    assert lines.startswith("a certificate for alice, issued by Issuer, valid for an unknown time\n")
    assert "  valid from:     unreadable\n" in lines
    assert "  valid until:    2026-12-01T09:00:00Z (valid for an unknown time)\n" in lines
    assert "  key:            unreadable\n" in lines
    assert "  subject:        CN=alice\n" in lines
    assert "  error    time-encoding " in lines
    assert "  error    fault " in lines
    (one,) = shown("broken.der", here)["certificates"]
    assert one["not_before"] is None
    assert one["not_after"] == "2026-12-01T09:00:00Z"
    assert one["works_for"] == []


def test_what_holds_almost_nothing(here: Path) -> None:
    (here / "odd.pem").write_bytes(pem(b"\x30\x03\x02\x01\x05"))
    lines = text("odd.pem", here)
    assert lines.startswith("a certificate for nobody, issued by nobody, valid for an unknown time\n")
    for name in ("serial", "signature", "key"):
        assert f"  {name}:{' ' * (15 - len(name))}unreadable\n" in lines
    assert "SPKI pin" not in lines


# other things


def test_other_things_have_pages_too(here: Path) -> None:
    (here / "key.pem").write_bytes(pem(bytes.fromhex("302a300506032b6570032100") + bytes(range(32)), "PUBLIC KEY"))
    lines = text("key.pem", here)
    assert lines.startswith(
        "Public key (key.pem)\n  encoding:     SubjectPublicKeyInfo\n  key:          ed25519\n  SPKI SHA-256: "
    )
    assert lines.endswith("\n\n" + LAST)
    (other,) = shown("key.pem", here)["others"]
    assert (other["kind"], other["source"], other["findings"]) == ("public key", "key.pem", [])
    assert other["facts"][:2] == [
        {"name": "encoding", "value": "SubjectPublicKeyInfo"},
        {"name": "key", "value": "ed25519"},
    ]


def test_many_facts_of_one_name_are_cut() -> None:
    facts = [("entries", "30"), *[("revoked", f"{number:x}") for number in range(30)], ("aki", "a" * 500)]
    lines = _shown._other(Other("revocation list", "a\nb", facts, [("x", "warning", "it is\x07 odd")])).split("\n")
    assert lines[0] == "Revocation list (a\\x0ab)"
    assert lines[1] == "  entries: 30"
    assert lines[2:22] == ["  revoked: 0", *[f"           {number:x}" for number in range(1, 20)]]
    assert lines[22] == "           … and 10 more, which --json lists"
    assert lines[23] == f"  AKI:     {'a' * 400}… (500 characters, which --json has)"
    assert lines[24] == "  warning  x  it is\\x07 odd"
    assert lines[25:] == [""]


def test_just_as_many_facts_as_are_shown() -> None:
    lines = _shown._other(Other("list", "x", [("revoked", str(number)) for number in range(20)]))
    assert "more" not in lines
    assert lines.count("\n") == 21


# passwords


def p12(password: bytes) -> bytes:
    one = load_pem_x509_certificate(ALICE)
    return pkcs12.serialize_key_and_certificates(b"al", None, one, None, BestAvailableEncryption(password))


def test_a_password_from_a_file(here: Path) -> None:
    (here / "a.p12").write_bytes(p12(b"secret words"))
    (here / "password").write_bytes(b"secret words\r\n")
    (here / "password").chmod(0o600)
    found = shown("a.p12 --password-file password", here)
    assert [one["sha256"] for one in found["certificates"]] == [SHA256]
    assert [one["kind"] for one in found["others"]] == ["PKCS#12"]
    assert "secret" not in json.dumps(found)


def test_a_password_that_others_can_read(here: Path) -> None:
    (here / "a.p12").write_bytes(p12(b"secret words"))
    (here / "password").write_bytes(b"secret words\n")
    (here / "password").chmod(0o644)
    done = run("a.p12 --password-file password", here)
    assert (done.code, done.stdout) == (5, b"")


def test_a_password_is_asked_for(here: Path) -> None:
    (here / "a.p12").write_bytes(p12(b"secret words"))
    terminal = Terminal([("Password of a.p12:", "secret words\n")])
    done = run("a.p12", here, terminal=terminal)
    assert done.code == 0
    assert done.stdout.decode().startswith("a client certificate for alice@example.com")
    assert done.terminal == "Password of a.p12: \n"


def test_without_a_terminal_no_password_is_asked_for(here: Path) -> None:
    (here / "a.p12").write_bytes(p12(b"secret words"))
    assert run("a.p12", here).triple == (
        "",
        "authkit: error: there is no terminal to ask for a passphrase\n"
        "authkit: hint: give it with --password-file FILE\n",
        5,
    )


def test_a_wrong_password(here: Path) -> None:
    (here / "a.p12").write_bytes(p12(b"secret words"))
    (here / "password").write_bytes(b"wrong words\n")
    (here / "password").chmod(0o600)
    done = run("alice.pem a.p12 --password-file password", here)
    assert (done.code, done.stdout) == (3, b"")
    assert done.stderr.startswith(b"authkit: error: a.p12: the password is wrong")


# headers


def header(name: str = "Client-Cert") -> str:
    import base64

    body = base64.b64encode(der(load_pem_x509_certificate(ALICE))).decode()
    return f"--header '{name}: :{body}:'"


def test_a_header(here: Path) -> None:
    lines = text(header(), here)
    first, _, rest = lines.partition("\n\n")
    assert first.startswith("Header Client-Cert\n  format:         rfc9440\n  proxy:          ")
    assert "\n  verified there: unknown: " in first
    assert "\n  info     header-assertion  a header is only an assertion by whoever sent it; " in first
    assert rest == PAGE + LAST


def test_headers_for_a_program(here: Path) -> None:
    found = shown(f"{header()} {header()}", here)
    assert [one["sha256"] for one in found["certificates"]] == [SHA256, SHA256]
    assert [one["source"] for one in found["certificates"]] == ["header Client-Cert"] * 2
    one = found["headers"][0]
    assert set(one) == {"name", "format", "proxy", "verified", "message", "findings"}
    assert (one["name"], one["format"], one["verified"]) == ("Client-Cert", "rfc9440", "unknown")
    assert [row["id"] for row in one["findings"]] == ["header-assertion"]
    twice = [(row["id"], row["severity"]) for row in found["headers"][1]["findings"]]
    assert sorted(twice) == [("header-ambiguous", "error"), ("header-assertion", "info")]


def test_a_hash_in_a_header_that_is_not_the_certificates(here: Path) -> None:
    escaped = ALICE.decode().replace("\n", "%0A").replace("+", "%2B")
    words = f"--header 'X-Forwarded-Client-Cert: Hash={'0' * 64};Cert=\"{escaped}\"' --fail-on error"
    found = shown(words, here, 1)
    ids = [(row["id"], row["severity"]) for one in found["others"] for row in one["findings"]]
    assert ids == [("xfcc-hash", "error")]
    assert found["failed"] is True


def test_a_header_and_a_file(here: Path) -> None:
    assert len(shown(f"{header()} both.pem", here)["certificates"]) == 3


def test_a_header_alone_reads_no_standard_input(here: Path) -> None:
    assert len(shown(header(), here, stdin=CA)["certificates"]) == 1


@pytest.mark.parametrize(("verified", "colour"), [("yes", "32"), ("no", "31"), ("unknown", "33")])
def test_colours_of_a_header(verified: str, colour: str) -> None:
    one = mock.Mock(format="f", proxy="p", verified=verified, sentence="s\x07", findings=[])
    one.name = "N"
    with mock.patch.object(render, "in_colour", return_value=True):
        assert f"\x1b[{colour}m{verified}\x1b[0m: s\\x07\n" in _shown._header(one)


# verdicts


@pytest.mark.parametrize(
    ("at", "fail_on", "code"),
    [
        ("2026-11-24T09:00:00Z", "error", 0),
        ("2026-11-24T09:00:00Z", "warning", 0),
        ("2026-11-24T09:00:00Z", "info", 1),
        ("2026-12-24T09:00:00Z", "error", 1),
        ("2026-12-24T09:00:00Z", "warning", 1),
        ("2026-12-24T09:00:00Z", "info", 1),
    ],
)
def test_fail_on(at: str, fail_on: str, code: int, here: Path) -> None:
    done = run_here(f"inspect-cert alice.pem --at {at} --fail-on {fail_on}", here, environ=UTF8)
    found = f"something is found that is as severe as '{fail_on}'" if code else "nothing found is so severe"
    assert (done.code, done.stderr) == (code, b"")
    assert done.stdout.decode().endswith(f"{LAST}--fail-on {fail_on}: {found}\n")
    assert shown(f"alice.pem --at {at} --fail-on {fail_on}", here, code)["failed"] is bool(code)


def test_without_fail_on_nothing_fails(here: Path) -> None:
    (here / "odd.pem").write_bytes(pem(b"\x30\x03\x02\x01\x05"))
    assert shown("odd.pem", here)["failed"] is False


def test_what_is_found_beside_certificates_counts(here: Path) -> None:
    (here / "cut.pem").write_bytes(ALICE[:-20])
    assert shown("cut.pem --fail-on error", here, 1)["failed"] is True
    assert run("cut.pem --fail-on error", here).code == 1


@pytest.mark.parametrize(
    ("found", "fail_on", "fails"),
    [
        ({"error"}, None, False),
        (set(), "info", False),
        ({"error"}, "error", True),
        ({"warning"}, "error", False),
        ({"info"}, "error", False),
        ({"error"}, "warning", True),
        ({"warning"}, "warning", True),
        ({"info"}, "warning", False),
        ({"info"}, "info", True),
        ({"error"}, "info", True),
    ],
)
def test_severities(found: "set[str]", fail_on: "str | None", fails: bool) -> None:
    assert _judged.fails(found, fail_on) is fails


# refusals


def test_nothing_to_inspect(here: Path) -> None:
    terminal = Terminal()
    assert run("", here, terminal=terminal, screens=(0,)).triple == (
        "",
        "authkit: error: there is nothing to inspect\n"
        "authkit: hint: give a FILE, pipe it in, or add --header 'Name: value'\n",
        2,
    )


def test_standard_input_once(here: Path) -> None:
    assert run("- alice.pem -", here, stdin=CA).triple == (
        "",
        "authkit: error: '-' is given twice, but standard input can be read only once\n",
        2,
    )


@pytest.mark.parametrize(
    ("words", "message", "code"),
    [
        ("alice.pem absent.pem", "no such file: absent.pem", 3),
        ("--header nonsense", "the header is not 'Name: value'", 3),
        ("alice.pem --at yesterday", "'yesterday' is not an instant", 2),
        ("alice.pem --fail-on all", "invalid value for '--fail-on'", 2),
    ],
)
def test_refusals_leave_standard_output_empty(words: str, message: str, code: int, here: Path) -> None:
    done = run(words, here)
    assert (done.code, done.stdout) == (code, b"")
    assert done.stderr.decode().startswith(f"authkit: error: {message}")


def test_empty_input_is_unreadable(here: Path) -> None:
    done = run("-", here)
    assert (done.code, done.stdout) == (3, b"")
    assert done.stderr.startswith(b"authkit: error: standard input: is empty\n")


# for programs


def test_json(here: Path) -> None:
    found = shown("alice.pem", here)
    assert list(found) == ["schema", "verified", "certificates", "others", "headers", "failed"]
    (one,) = found["certificates"]
    assert (found["others"], found["headers"], found["failed"]) == ([], [], False)
    wanted = {
        "sha256": SHA256,
        "subject": "CN=alice",
        "issuer": "CN=Example CA,O=Example",
        "serial": "2e" * 20,
        "not_before": "2026-11-24T08:55:00Z",
        "not_after": "2026-12-01T09:00:00Z",
        "san": ["email:alice@example.com", "upn:alice@corp.example"],
        "eku": ["clientAuth"],
        "key_usage": ["digitalSignature"],
        "key": {"type": "p256", "bits": 256},
        "signature_algorithm": "ecdsa-with-SHA256",
        "works_for": ["client", "wifi", "roles-anywhere"],
        "limits": {},
        "source": "alice.pem",
    }
    assert {name: one[name] for name in wanted} == wanted
    assert list(one["fails_for"]) == ["server", "email", "code", "ca", "wifi-windows", "spiffe"]
    assert one["fails_for"]["email"] == "its EKU lacks emailProtection"
    assert one["leaks"][1] == {"id": "email", "message": "a mail address (SAN email)", "value": "alice@example.com"}
    assert one["findings"] == [
        {
            "id": "cn-not-in-san",
            "severity": "info",
            "message": "the common name is none of the SAN: programs may see two different identities: alice",
        }
    ]
    assert one["fingerprints"]["x5t_s256"] == "DrhAs-abmr9XG1n9nlaZLDOIe9wJYI7rrz311bAD_Qs"


def test_limits_for_a_program(here: Path) -> None:
    (here / "ca.pem").write_bytes(CA)
    (one,) = shown("ca.pem", here)["certificates"]
    assert one["limits"] == {"ca": "for leaves only; for clientAuth"}


# many certificates


def bundle(count: int) -> bytes:
    return b"".join([pem(raw(serial=tlv(2, bytes((1, *divmod(number, 250)))))) for number in range(count)])


def test_twenty_have_pages_and_one_more_a_table(here: Path) -> None:
    (here / "twenty.pem").write_bytes(bundle(20))
    (here / "more.pem").write_bytes(bundle(19) + ALICE + CA)
    assert "\n20. twenty.pem, line " in text("twenty.pem", here)
    lines = text("more.pem", here).split("\n")
    assert lines[0].split() == ["NAME", "KIND", "ISSUER", "VALID", "FOR", "WORKS", "FOR", "FOUND"]
    cells = [[cell.strip() for cell in line.split("  ") if cell.strip()] for line in lines[1:22]]
    assert cells[0] == [
        "1", "alice", "certificate", "Issuer", "7 days", "client, wifi",
        "serial-predictable, san-missing and 2 more",
    ]  # fmt: skip
    assert cells[19] == [
        "20", "alice@example.com", "client certificate", "Example CA", "7 days", "client, wifi, roles-anywhere", "-",
    ]  # fmt: skip
    assert cells[20] == ["21", "Example CA", "root CA", "itself", "3,550 days", "ca", "-"]
    assert lines[22:] == [
        "",
        "21 certificates, 0 with errors; --json says all of each.",
        "A certificate in a file of its own is shown on a page of its own.",
        "",
        LAST.rstrip(),
        "",
    ]


def test_errors_in_a_table_are_counted(here: Path) -> None:
    (here / "more.pem").write_bytes(bundle(20) + ALICE)
    lines = text("more.pem --at 2026-12-01T09:00:01Z", here)
    assert "\n21 certificates, 21 with errors; " in lines
    assert lines.count("  expired 1 second ago  ") == 21
    assert run("more.pem --at 2026-12-01T09:00:01Z --fail-on error", here).code == 1


def test_a_narrow_terminal_has_a_narrow_table(here: Path) -> None:
    (here / "more.pem").write_bytes(bundle(20) + ALICE)
    terminal = Terminal()
    done = run("more.pem", here, terminal=terminal, screens=(1,), environ={"TERM": "xterm", "NO_COLOR": "1"})
    lines = done.terminal.split("\n")
    assert lines[0].split() == ["NAME", "KIND", "VALID", "FOR", "FOUND"]
    assert "clients, wifi" not in done.terminal


def test_a_terminal_shows_some_of_very_many(here: Path) -> None:
    (here / "more.pem").write_bytes(bundle(203))
    with mock.patch.object(_page, "columns", return_value=_shown.WIDE):
        lines = text("more.pem", here).split("\n")
    assert lines[200].startswith("200 ")
    assert lines[201] == "… and 3 more, which are shown in a pipe, and with --json"
    assert lines[0].split()[2] == "ISSUER"


def test_many_are_spread_over_processes(here: Path) -> None:
    count = _judged.MANY + 1
    (here / "many.pem").write_bytes(bundle(count - 1) + ALICE)
    with mock.patch.object(bulk, "ordered_map", wraps=bulk.ordered_map) as spread:
        found = shown("many.pem --fail-on error", here)
        assert "\n301  alice@example.com  " in text("many.pem", here)
    assert [len(call.args[1]) for call in spread.call_args_list] == [4, 4]
    serials = [one["serial"] for one in found["certificates"]]
    assert serials == [f"1{number // 250:02x}{number % 250:02x}" for number in range(count - 1)] + ["2e" * 20]


def test_few_are_not_spread() -> None:
    with mock.patch.object(bulk, "ordered_map") as spread:
        assert list(_judged.each(len, [(b"", "")] * (_judged.MANY - 1))) == [100, 100, 99]
        assert list(_judged.each(len, [])) == []
        assert not spread.called
        list(_judged.each(len, [(b"", "")] * _judged.MANY))
        assert spread.called


# the page's words


@pytest.mark.parametrize(
    ("one", "said", "style"),
    [
        (client(not_after=AT - SECOND), "expired 1 second ago", "31"),
        (client(not_after=AT - timedelta(seconds=119)), "expired 119 seconds ago", "31"),
        (client(not_after=AT - timedelta(seconds=120)), "expired 2 minutes ago", "31"),
        (client(not_after=AT - timedelta(minutes=119)), "expired 119 minutes ago", "31"),
        (client(not_after=AT - timedelta(hours=2)), "expired 2 hours ago", "31"),
        (client(not_after=AT - timedelta(hours=23, minutes=59)), "expired 23 hours ago", "31"),
        (client(not_after=AT - DAY), "expired 1 day ago", "31"),
        (client(not_after=AT - 2000 * DAY), "expired 2,000 days ago", "31"),
        (client(not_before=AT + 2 * DAY), "not valid for another 2 days", "31"),
        (client(not_before=None), "valid for an unknown time", "31"),
        (client(not_after=None), "valid for an unknown time", "31"),
        (client(not_before=AT, not_after=AT), "0 seconds left", "32"),
        (client(not_before=AT - 20 * DAY, not_after=AT + 10 * DAY), "10 days left", "32"),
        (client(not_before=AT - 21 * DAY, not_after=AT + 10 * DAY), "10 days left", "33"),
        (client(not_before=AT - 300 * DAY, not_after=AT + 30 * DAY), "30 days left", "32"),
        (client(not_before=AT - 300 * DAY, not_after=AT + 30 * DAY - SECOND), "29 days left", "33"),
        (client(not_after=AT.replace(year=9999)), "valid for ever", "33"),
    ],
)
def test_how_long_it_is_valid(one: Any, said: str, style: str) -> None:
    assert _page.remaining(one, AT) == (said, style)


@pytest.mark.parametrize(
    ("one", "role"),
    [
        (client(), "client certificate"),
        (client(eku=["serverAuth", "clientAuth"]), "server and client certificate"),
        (client(eku=["emailProtection", "1.2.3"]), "mail certificate"),
        (client(eku=["codeSigning"]), "code signing certificate"),
        (client(eku=[]), "certificate"),
        (client(eku=["OCSPSigning"]), "certificate"),
        (ca(), "intermediate CA"),
        (root(), "root CA"),
    ],
)
def test_roles(one: Any, role: str) -> None:
    assert _page.role(one) == role


def test_names_of_facts() -> None:
    names = ["spki_sha256", "spki_pin", "mac", "aki", "san", "eku", "this_update"]
    wanted = ["SPKI SHA-256", "SPKI pin", "MAC", "AKI", "identity (SAN)", "purposes (EKU)", "this update"]
    assert [_page.words(name) for name in names] == wanted


def test_articles() -> None:
    assert [_page.article(noun) for noun in ("certificate", "intermediate CA")] == [
        "a certificate",
        "an intermediate CA",
    ]


@pytest.mark.parametrize(
    ("one", "name"),
    [
        (client(), "alice@example.com"),
        (client(**named("bob")), "alice@example.com"),
        (client(san=[], **named("bob")), "bob"),
        (ca(san=["email:a@b"]), "Example Sub CA"),
        (ca(subject_parts=(), san=["email:a@b"]), "a@b"),
        (client(san=["email:"], subject_parts=(("OU", "unit"), ("O", "org"))), "unit"),
        (client(san=[], subject_parts=(("O", "org"),)), "org"),
        (client(san=[], subject_parts=(("C", "DE"),), subject="C=DE"), "C=DE"),
        (client(san=[]), "nobody"),
        (client(san=["uri:" + "a" * 100]), "a" * 100),
        (client(san=["uri:" + "a" * 101]), "a" * 100 + "…"),
    ],
)
def test_names(one: Any, name: str) -> None:
    assert _page.name_of(one) == name


@pytest.mark.parametrize(
    ("one", "name"),
    [
        (client(), "Example CA"),
        (root(), "itself"),
        (root(aki="bb"), "Example CA"),
        (client(issuer_parts=(("OU", "unit"), ("O", "org"))), "unit"),
        (client(issuer_parts=(("O", "org"),)), "org"),
        (client(issuer_parts=(), issuer="C=DE"), "C=DE"),
        (client(issuer_parts=(), issuer=""), "nobody"),
        (client(issuer_parts=(("CN", "a" * 101),)), "a" * 100 + "…"),
    ],
)
def test_issuers(one: Any, name: str) -> None:
    assert _page.issuer_of(one) == name


def test_the_collector_runs_again_after_a_piece() -> None:
    def work(piece: "_judged.Piece") -> bool:
        return gc.isenabled()

    with mock.patch.object(_judged, "MANY", 1):
        assert list(_judged.each(work, [(b"", "")])) == [False]
    assert gc.isenabled()


def test_a_purpose_of_authkit_has_a_name() -> None:
    one = client(eku=["clientAuth", "authkitRequestSigning", "1.2.3"])
    assert ("purposes (EKU)", "clientAuth, authkit request signing, 1.2.3") in _page.facts(one, AT)


def test_rare_facts() -> None:
    one = ca(
        sid="S-1-5",
        version=0,
        path_length=None,
        key={"type": "rsa2048", "bits": 2048, "exponent": 65537},
        san=[f"dns:{number}" for number in range(22)],
        name_constraints={"permitted": ["dns:a", "dns:b"], "excluded": ["ip:0.0.0.0/0"]},
        aia=["http://a/"],
        policies=["1.2.3"],
        subject="CN=" + "a" * 500,
        key_usage=[],
        eku=[],
        extensions=[],
    )
    facts = _page.facts(one, AT)
    assert ("subject", f"CN={'a' * 397}… (503 characters, which --json has)") in facts
    assert facts[1] == ("identity (SAN)", "dns:0")
    assert facts[20:22] == [
        ("identity (SAN)", "dns:19"),
        ("identity (SAN)", "… and 2 more, which --json lists"),
    ]
    for row in (
        ("key", "rsa2048, exponent 65537"),
        ("key usage", "(not limited)"),
        ("purposes (EKU)", "(not limited)"),
        ("CA", "yes, path length not limited"),
        ("Windows SID", "S-1-5"),
        ("version", "unreadable"),
        ("permitted names", "dns:a"),
        ("permitted names", "dns:b"),
        ("excluded names", "ip:0.0.0.0/0"),
        ("AIA, OCSP", "http://a/"),
        ("policies", "1.2.3"),
        ("extensions", "(none)"),
    ):
        assert row in facts
    assert ("version", "1") in _page.facts(client(version=1), AT)
    assert "version" not in dict(_page.facts(client(), AT))
    assert ("issuer", "(empty)") in _page.facts(client(issuer=""), AT)


def test_many_leaks_of_one_kind_are_cut() -> None:
    one = _judged.Judged(raw(), "x", AT)
    one.leaks = [mock.Mock(message="m", value=f"v{number}\x07") for number in range(22)]
    one.leaks.append(mock.Mock(message="n", value="last"))
    lines = _page._leaks(one).split("\n")
    assert lines[2:4] == ["  m:              v0\\x07", "                  v1\\x07"]
    assert lines[21:] == [
        "                  v19\\x07",
        "                  … and 2 more, which --json lists",
        "  n:              last",
        "  the key itself: by which the same holder is recognised everywhere",
        "",
    ]
    one.leaks = []
    assert _page._leaks(one).split("\n")[2] == "  only the key: by which the same holder is recognised everywhere"


def test_many_findings_of_one_kind_are_cut() -> None:
    found = [("dns-syntax", "warning", str(number)) for number in range(21)] + [("x", "info", "y")]
    lines = _page.findings(found).split("\n")
    assert lines[0] == "  warning  dns-syntax  0"
    assert lines[19:] == [
        "  warning  dns-syntax  19",
        "  warning  dns-syntax  … and 1 more, which --json lists",
        "  info     x           y",
        "",
    ]
    assert "more" not in _page.findings(found[1:])
    assert _page.findings([]) == ""


def test_an_empty_value_is_not_taken_for_a_count() -> None:
    assert "(empty)" in _shown._other(Other("x", "y", [("subject", "")]))
    assert _page.few([("a", "")] * 22)[18:] == [("a", ""), ("a", ""), ("a", "… and 2 more, which --json lists")]


def test_lines_are_broken_on_a_terminal_alone() -> None:
    text = "one two three four five six seven eight nine ten"
    assert _page._hanging("  a: ", 5, text) == f"  a: {text}\n"
    with mock.patch.object(_page, "columns", return_value=30):
        assert _page._hanging("  a: ", 5, text) == "  a: one two three four five\n     six seven eight nine ten\n"
        assert _page._hanging("  a: ", 5, "x" * 25) == f"  a: {'x' * 25}\n"
        assert _page._hanging("  a: ", 5, "x" * 40 + " y") == f"  a: {'x' * 40}\n     y\n"
        assert _page._hanging("  a: ", 7, text) == f"  a: {text}\n"
        assert _page._hanging("  a: ", 6, text) == "  a: one two three four five\n      six seven eight nine ten\n"
        assert _page._hanging("  a: ", 5, "a" * 12 + " " + "b" * 12) == f"  a: {'a' * 12} {'b' * 12}\n"
        assert _page._hanging("  a: ", 5, "a" * 12 + " " + "b" * 13) == f"  a: {'a' * 12}\n     {'b' * 13}\n"
        assert _page._hanging("  a: ", 5, "") == "  a:\n"


def test_how_wide_a_terminal_is(here: Path) -> None:
    def main(words: "list[str]") -> int:
        os.write(2, str(_page.columns()).encode())
        return 0

    assert run_here("", here, main=main).stderr == b"0"
    assert run_here("", here, main=main, terminal=Terminal(), screens=(1,)).stderr == b"100"


def test_colours(here: Path) -> None:
    done = run("both.pem", here, terminal=Terminal(), screens=(1,), environ={"TERM": "xterm"})
    shown = done.terminal
    assert (
        "\x1b[1ma client certificate for alice@example.com, issued by Example CA, \x1b[0m\x1b[32m7 days left\x1b[0m"
        in shown
    )
    assert "  \x1b[32m✓\x1b[0m TLS client\n" in shown
    assert "  \x1b[31m✗\x1b[0m TLS server  " in shown
    assert "  \x1b[2minfo   \x1b[0m  cn-not-in-san  " in shown
    assert "\x1b[2m2. both.pem, line 15\x1b[0m\n" in shown
    assert "(\x1b[32m7 days left\x1b[0m)\n" in shown
    late = run(
        "both.pem --at 2027-01-01T00:00:00Z --fail-on error",
        here,
        terminal=Terminal(),
        screens=(1,),
        environ={"TERM": "xterm"},
    )
    assert "  \x1b[31merror  \x1b[0m  expired  " in late.terminal
    assert "\x1b[31msomething is found that is as severe as 'error'\x1b[0m" in late.terminal


@pytest.mark.parametrize(("more", "loaded"), [([], False), (["--json"], True)])
def test_start_up_imports_nothing_heavy(more: "list[str]", loaded: bool, here: Path) -> None:
    source = (
        "import sys; from authkit.app import main; code = main(sys.argv[1:]); "
        "heavy = {'click', 'rich', 'keyring', 'json', 'requests', 'logging', 'subprocess', 'dataclasses'}; "
        "print(code, *sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", source, "inspect-cert", "alice.pem", *more],
        cwd=here,
        env={"PYTHONPATH": str(PROJECT / "cli")},
        capture_output=True,
        timeout=60,
    )
    assert done.stderr.decode().split() == ["0", *["json"] * loaded]
