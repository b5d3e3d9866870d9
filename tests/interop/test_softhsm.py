"""Do keys in a real token of SoftHSM do what keys in memory do, and does nothing of them come out?"""

import hmac
import json
import os
import re
import shutil
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path

import pytest

from agefile import PASSPHRASE, make_store
from interop.program import PROJECT, Authkit, Result
from interop.tokens import PIN, SOFTHSM, Hsm, pin_file, softhsm
from sample import ID, SECRET

AT = ("--at", "2026-11-23T09:00:00Z")
SCOPE = ("--region", "us-east-1", "--service", "s3")
DATE_KEY = hmac.digest(b"AWS4" + SECRET.encode(), b"20261123", "sha256").hex()


@pytest.fixture
def hsm(home: Path) -> Hsm:
    """A token with the master m1 and the signing key k1; the files that they came from are there still."""
    return softhsm(home)


def key_file(home: Path, secret: str = SECRET, **more: str) -> Path:
    text = {"schema": "authkit.access-key/v1", "access_key_id": ID, "secret": secret, "scheme": "AWS4-HMAC-SHA256"}
    path = home / "key.json"
    path.write_text(json.dumps({**text, **more}))
    path.chmod(0o600)
    return path


def done(result: Result) -> bytes:
    assert result.code == 0, result.err
    return result.out


def error(result: Result) -> tuple[int, str]:
    lines = [line for line in result.err.splitlines() if line.startswith("authkit: error: ")]
    assert result.out == b""
    return result.code, lines[0].removeprefix("authkit: error: ")


def test_a_master_derives_what_it_derives_in_memory(authkit: Authkit, home: Path, hsm: Hsm) -> None:
    key = key_file(home, use="derive")
    assert done(authkit("import-key", "m1", key, "--token", hsm.uri, env=hsm.env)) == b"AKIDEXAMPLE\n"
    words = ("derive-subkey", "--date", "20261123", "--format", "hex")
    made = done(authkit(*words, "--level", "date", "--key", hsm.key("m1"), env=hsm.env))
    assert made.decode().strip() == DATE_KEY
    wanted = (*words, "--scope", "us-east-1/s3", "--scope", "eu-west-1/sqs", "--days", "31")
    assert done(authkit(*wanted, "--key", hsm.key("m1"), env=hsm.env)) == done(
        authkit(*wanted, "--key", f"file:{key}", env=hsm.env)
    )
    code, message = error(authkit("sign", "url", "--key", hsm.key("m1"), *SCOPE, "https://x.test/", env=hsm.env))
    assert (code, message) == (5, "AKIDEXAMPLE is a master secret: it derives and never signs")


@pytest.mark.parametrize("secret", ["s", "minioadmin", SECRET, "x" * 60, "x" * 61, "y" * 200])
def test_a_secret_of_any_length_makes_the_same_signature(authkit: Authkit, home: Path, hsm: Hsm, secret: str) -> None:
    key = key_file(home, secret)
    done(authkit("import-key", "k1", key, "--token", hsm.uri, env=hsm.env))
    words = ("sign", "url", *AT, *SCOPE, "https://bucket.example.com/a?b=1")
    signed = done(authkit(*words, "--key", hsm.key("k1"), env=hsm.env))
    assert signed == done(authkit(*words, "--key", f"file:{key}", env=hsm.env))
    url = signed.decode().strip()
    for reference in (hsm.key("k1"), f"{ID}={hsm.key('k1')}"):
        checked = authkit("verify-signature", url, *AT, *SCOPE, "--key", reference, env=hsm.env)
        assert checked.code == 0, checked.err
    wrong = authkit("verify-signature", url.replace("b=1", "b=2"), *AT, *SCOPE, "--key", hsm.key("k1"), env=hsm.env)
    assert (wrong.code, b"signature-mismatch" in wrong.out) == (1, True)


def test_nothing_takes_the_key_out(authkit: Authkit, home: Path, hsm: Hsm, monkeypatch: pytest.MonkeyPatch) -> None:
    done(authkit("import-key", "m1", key_file(home, use="derive"), "--token", hsm.uri, env=hsm.env))
    shown = done(authkit("list-keys", "--json", "--token", hsm.uri, env=hsm.env))
    facts = {"sensitive": True, "extractable": False, "never_extractable": False}
    said = {"name": "m1", "token": "authkit", "kind": "access-key", "access_key_id": ID, "use": "derive"}
    assert json.loads(shown) == {
        "schema": "authkit.keys/v1",
        "keys": [{**said, "scheme": "AWS4-HMAC-SHA256", **facts}],
    }
    table = done(authkit("list-keys", "--token", hsm.uri, env=hsm.env)).decode()
    assert re.search(r"^m1 +access-key +AKIDEXAMPLE +derives only +was outside once$", table, re.M)
    monkeypatch.setenv("SOFTHSM2_CONF", hsm.env["SOFTHSM2_CONF"])
    import PyKCS11 as p11

    library = p11.PyKCS11Lib()
    library.load(str(SOFTHSM))
    slot = next(one for one in library.getSlotList(True) if library.getTokenInfo(one).label.strip() == "authkit")
    session = library.openSession(slot, p11.CKF_SERIAL_SESSION | p11.CKF_RW_SESSION)
    session.login(PIN)
    (handle,) = session.findObjects([(p11.CKA_LABEL, "m1")])
    assert session.getAttributeValue(handle, [p11.CKA_VALUE]) == [None]
    for change in ((p11.CKA_EXTRACTABLE, True), (p11.CKA_SENSITIVE, False), (p11.CKA_LABEL, "other")):
        with pytest.raises(p11.PyKCS11Error):
            session.setAttributeValue(handle, [change])
    session.closeSession()
    for path in (home / "tokens").rglob("*"):
        assert path.is_dir() or SECRET.encode() not in path.read_bytes(), path


@pytest.mark.parametrize("what", ["derive-subkey", "sign"])
def test_no_read_or_write_after_the_import_holds_the_secret(authkit: Authkit, home: Path, hsm: Hsm, what: str) -> None:
    if shutil.which("strace") is None:
        pytest.skip("strace is missing; apt install strace")
    use = {"use": "derive"} if what == "derive-subkey" else {}
    key = key_file(home, **use)
    done(authkit("import-key", "k", key, "--token", hsm.uri, env=hsm.env))
    key.unlink()
    words = ["derive-subkey", "--scope", "us-east-1/s3"] if what == "derive-subkey" else ["sign", "url", *SCOPE]
    words += ["--key", hsm.key("k")] + ([] if what == "derive-subkey" else ["https://x.test/"])
    calls = "trace=read,pread64,readv,preadv,preadv2,recvfrom,recvmsg,write,pwrite64,writev,pwritev,pwritev2,sendto"
    trace, binary = home / "trace", [sys.executable, "-m", "authkit", *words]
    whole = {**os.environ, **hsm.env, "HOME": str(home), "PYTHONPATH": str(PROJECT / "cli")}
    strace = ["strace", "-f", "-qq", "-e", calls, "-s", "1000000", "-xx", "-o", str(trace), *binary]
    run = subprocess.run(strace, env=whole, capture_output=True, timeout=120)
    assert run.returncode == 0, run.stderr.decode()
    text = trace.read_text()
    assert "\\x" in text
    assert _escaped(PIN.encode()) in text  # what is read is seen
    for secret in (SECRET.encode(), b"AWS4" + SECRET.encode()):
        assert _escaped(secret) not in text


def _escaped(data: bytes) -> str:
    return "".join([f"\\x{byte:02x}" for byte in data])


def test_subkeys_in_a_token_sign_and_only_the_signature_leaves(authkit: Authkit, home: Path, hsm: Hsm) -> None:
    key = key_file(home, use="derive")
    made = ("derive-subkey", "--key", f"file:{key}", "--scope", "us-east-1/s3", "--date", "20261122", "--days", "3")
    done(authkit(*made, "-o", "week.subkeys", env=hsm.env))
    take = ("import-subkey", "week", "week.subkeys", "--expect-id", ID, "--token", hsm.uri)
    done(authkit(*take, env=hsm.env))
    words = ("sign", "url", *AT, "https://bucket.s3.amazonaws.com/a", "--key")
    signed = done(authkit(*words, hsm.key("week"), env=hsm.env))
    assert signed == done(authkit(*words, f"file:{home}/week.subkeys", env=hsm.env))
    late = ("sign", "url", "--at", "2026-11-25T00:00:00Z", "https://bucket.s3.amazonaws.com/a", "--key")
    message = "no key for 2026-11-25T00:00:00Z: held are keys of 2026-11-22 to 2026-11-24 (UTC)"
    assert error(authkit(*late, hsm.key("week"), env=hsm.env)) == (5, message)
    refused = authkit("derive-subkey", "--key", hsm.key("week"), "--scope", "us-east-1/s3", "--date", "20261123")
    assert refused.code != 0
    more = ("derive-subkey", "--key", hsm.key("week"), "--scope", "us-east-1/s3", "--date", "20261123")
    assert error(authkit(*more, env=hsm.env)) == (5, "the key week is in a token and does not leave it")
    done(authkit(*take, env=hsm.env))  # the same once more: nothing is doubled
    rows = done(authkit("list-keys", "--token", hsm.uri, env=hsm.env)).decode().splitlines()[1:]
    assert [row.split()[3] for row in rows] == [f"202611{day}/us-east-1/s3/aws4_request" for day in (22, 23, 24)]
    done(authkit(*made[:-1], "4", "-o", "longer.subkeys", env=hsm.env))
    renewed = ("import-subkey", "week", "longer.subkeys", "--expect-id", ID, "--token", hsm.uri)
    assert b"AKIDEXAMPLE" in done(authkit(*renewed, env=hsm.env))
    done(authkit(*late, hsm.key("week"), env=hsm.env))
    assert done(authkit("delete-key", "week", "--yes", "--token", hsm.uri, env=hsm.env)) == b""
    gone = authkit(*late, hsm.key("week"), env=hsm.env)
    assert error(gone) == (4, "no key named week in the token authkit")


def test_a_batch_is_signed_and_judged_in_one_process(authkit: Authkit, home: Path, hsm: Hsm) -> None:
    key = key_file(home)
    done(authkit("import-key", "k1", key, "--token", hsm.uri, env=hsm.env))
    lines = [
        json.dumps({"method": "GET", "url": f"https://x.test/{'y' * 300}/{i}", "headers": []}) for i in range(3000)
    ]
    batch = ("\n".join(lines) + "\n").encode()
    words = ("sign", "batch", *AT, *SCOPE, "--key")
    signed = done(authkit(*words, hsm.key("k1"), "-", env=hsm.env, stdin=batch))
    assert signed == done(authkit(*words, f"file:{key}", "-", env=hsm.env, stdin=batch))
    judged = authkit("verify-signature", "--batch", "-", *AT, *SCOPE, "--key", hsm.key("k1"), env=hsm.env, stdin=signed)
    assert (judged.code, judged.out.count(b'"verdict": "valid"')) == (0, 3000)


@pytest.mark.parametrize("type", ["p256", "p384", "rsa3072"])
def test_openssl_verifies_what_a_ca_in_the_token_issues(authkit: Authkit, home: Path, hsm: Hsm, type: str) -> None:
    env = {**hsm.env, **in_store(home, "store")}
    ca = ("create-ca", "--token", hsm.uri, "--key-type", type)
    done(authkit(*ca, "roots", env=env))
    done(authkit(*ca, "below", "--parent", "roots", env=env))
    done(authkit("keygen", "leaf", "--type", type, "--token", hsm.uri, env=env))
    done(authkit("create-csr", "leaf", "--key", hsm.key("leaf"), "--email", "leaf@example.com", env=env))
    issue = ("issue-cert", "leaf", "--ca", "below", "--csr", "leaf.csr", "--email", "leaf@example.com")
    done(authkit(*issue, env=env))
    done(authkit("issue-cert", "made", "--ca", "below", "--email", "made@example.com", env=env))
    for name in ("roots", "below"):
        (home / f"{name}.pem").write_bytes(done(authkit("export-cert", name, env=env)))
        done(authkit("issue-crl", "--ca", name, "-o", f"{name}.crl", env=env))
    for leaf in ("leaf.pem", "made.pem"):
        chain = ["-CAfile", "roots.pem", "-untrusted", leaf, "-crl_check_all", "-CRLfile", "roots.crl"]
        checked = openssl(home, "verify", "-purpose", "sslclient", *chain, "-CRLfile", "below.crl", leaf)
        assert checked == f"{leaf}: OK\n"
    assert "verify OK" in openssl(home, "req", "-in", "leaf.csr", "-noout", "-verify")
    code, message = error(authkit("export-key", "roots", "-o", "out.pem", env=env))
    assert (code, message) == (5, "the key roots is in a token and does not leave it")
    # the key of a certificate signs requests in the token
    signed = authkit("sign", "http", "--scheme", "rfc9421", "--key", hsm.key("leaf"), *AT, "-", env=env, stdin=GET)
    check = ("verify-signature", "--scheme", "rfc9421", *AT, "--key", "file:leaf.pem", "--authority", "x.test", "-")
    verdict = authkit(*check, env=env, stdin=done(signed))
    assert verdict.code == 0, verdict.out.decode() + verdict.err


GET = b"GET /a HTTP/1.1\r\nHost: x.test\r\n\r\n"


def test_the_ceremony_with_master_issuer_and_subkeys_in_tokens(authkit: Authkit, home: Path, hsm: Hsm) -> None:
    """Neither the air-gapped store nor the other one holds a secret of the ceremony."""
    other = softhsm(home, "online")
    air = {**hsm.env, **in_store(home, "air"), "AUTHKIT_KEY_PASSPHRASE_FILE": "/nonexistent"}
    web = {**hsm.env, **in_store(home, "web")}
    done(authkit("import-key", "m1", key_file(home, use="derive"), "--token", hsm.uri, env=air))
    vault = ("show-identity", "--issuer", "vault", "--token", hsm.uri, "-o", "vault.card", "--json")
    issuer = json.loads(done(authkit(*vault, env=air)))
    asker = json.loads(done(authkit("show-identity", "web-1", "-o", "web.card", "--json", env=web)))
    policy = ("--access-key-id", ID, "--scope", "us-east-1/s3", "--max-days", "7", "--max-ahead", "10")
    done(authkit("trust-requester", "web.card", *policy, "--words", asker["words"], env=air))
    done(authkit("trust-issuer", "vault.card", "--words", issuer["words"], env=web))
    ask = ("request-subkey", "week", "--access-key-id", ID, "--scope", "us-east-1/s3", "--days", "2", "-o", "ask")
    done(authkit(*ask, env=web))
    today = datetime.now(timezone.utc).strftime("%Y-%m-%d")
    confirmed = ("--confirm", "web-1", "--confirm-date", today)
    done(authkit("approve-subkey", "ask", "--key", hsm.key("m1"), *confirmed, "-o", "answer", env=air))
    done(authkit("import-subkey", "answer", "--token", other.uri, env=web))
    words = (
        "sign",
        "url",
        "--region",
        "us-east-1",
        "--service",
        "s3",
        "https://x.test/a",
        "--at",
        f"{today}T00:00:00Z",
    )
    signed = done(authkit(*words, "--key", other.key("week"), env=web))
    assert signed == done(authkit(*words, "--key", f"file:{key_file(home)}", env=web))
    assert error(authkit("import-subkey", "answer", "--token", other.uri, env=web))[0] == 5  # replayed
    handed = ("derive-subkey", "--key", hsm.key("m1"), "--scope", "us-east-1/s3", "--to", "web-1", "-o", "sealed")
    done(authkit(*handed, env=air))
    assert issuer["fingerprint"].encode() in done(authkit("inspect-subkey", "sealed", "--json", env=web))
    for name in ("air", "web"):
        for path in (home / name).rglob("*"):
            assert path.is_dir() or b"PRIVATE KEY" not in path.read_bytes(), path


def in_store(home: Path, name: str) -> dict[str, str]:
    """Return the environment of a new store, and of the passphrase that opens it."""
    make_store(home / name)
    path = home / "passphrase"
    path.write_bytes(PASSPHRASE + b"\n")
    path.chmod(0o600)
    return {"AUTHKIT_STORE": str(home / name), "AUTHKIT_PASSPHRASE_FILE": str(path)}


def openssl(home: Path, *words: str) -> str:
    run = subprocess.run(["openssl", *words], cwd=home, capture_output=True, timeout=60)
    assert run.returncode == 0, run.stderr.decode()
    return run.stdout.decode() + run.stderr.decode()


def test_a_wrong_pin_is_tried_once_and_then_no_file_is_used(authkit: Authkit, home: Path, hsm: Hsm) -> None:
    done(authkit("keygen", "p", "--type", "p256", "--token", hsm.uri, env=hsm.env))
    wrong = {**hsm.env, "AUTHKIT_PIN_FILE": str(pin_file(home, "not the PIN"))}
    words = ("list-keys", "--token", hsm.uri)
    assert error(authkit(*words, env=wrong)) == (6, "the PIN of the token authkit is wrong")
    last = "the PIN tried last on the token authkit was wrong, so the one in {} is not tried"
    pin_file(home)  # right now, and still not tried: nobody can know
    expected = (6, last.format(home / "pin"))
    assert error(authkit(*words, env=hsm.env)) == expected
    by_uri = f"{hsm.uri}?pin-source=file:{home}/pin"
    assert error(authkit("sign", "url", "https://x.test/", "--key", by_uri, env=hsm.env)) == expected
    listed = _at_a_terminal(home, hsm, PIN)
    assert "p     key-pair" in listed
    assert "warning: the PIN tried last on the token authkit was wrong, and some more lock it" in listed
    assert b"key-pair" in done(authkit(*words, env=hsm.env))  # typed right once, so the file serves again


def _at_a_terminal(home: Path, hsm: Hsm, pin: str) -> str:
    import pexpect

    env = {**os.environ, **hsm.env, "HOME": str(home), "TERM": "dumb", "PYTHONPATH": str(PROJECT / "cli")}
    del env["AUTHKIT_PIN_FILE"]
    child = pexpect.spawn(sys.executable, ["-m", "authkit", "list-keys", "--token", hsm.uri], env=env, timeout=30)
    child.expect_exact("PIN of the token authkit:")
    shown: str = child.before.decode()
    child.sendline(pin)
    child.expect(pexpect.EOF)
    shown += child.before.decode()
    assert pin not in shown
    return shown


def test_what_is_not_there_is_named(authkit: Authkit, home: Path, hsm: Hsm) -> None:
    words = ("sign", "url", "https://x.test/", "--key")
    env = hsm.env
    assert error(authkit(*words, "pkcs11:token=other;object=k", env=env)) == (
        6,
        f"no token of {SOFTHSM} is the one that the URI names",
    )
    assert error(authkit(*words, hsm.key("k"), env=env)) == (4, "no key named k in the token authkit")
    gone = {**env, "AUTHKIT_PKCS11_MODULE": "/nonexistent/module.so"}
    assert error(authkit(*words, hsm.key("k"), env=gone)) == (6, "there is no PKCS#11 module at /nonexistent/module.so")
    not_a_module = home / "libnot.so"
    not_a_module.write_bytes(b"not a library")
    broken = {**env, "AUTHKIT_PKCS11_MODULE": str(not_a_module)}
    assert error(authkit(*words, hsm.key("k"), env=broken)) == (6, f"the PKCS#11 module {not_a_module} cannot be used")
    none = {name: value for name, value in env.items() if name != "AUTHKIT_PKCS11_MODULE"}
    assert error(authkit(*words, hsm.key("k"), env=none)) == (2, "no PKCS#11 module is named")
    no_tokens = home / "empty.conf"
    no_tokens.write_text(f"directories.tokendir = {home}/nothing\n")
    unusable = {**env, "SOFTHSM2_CONF": str(no_tokens)}
    code, message = error(authkit(*words, hsm.key("k"), env=unusable))
    assert (code, message) == (6, f"the PKCS#11 module {SOFTHSM} cannot be used: it answers CKR_GENERAL_ERROR")


def test_what_is_there_twice_is_named(authkit: Authkit, home: Path, hsm: Hsm) -> None:
    softhsm(home, "second")
    key = key_file(home)
    for name in ("a", "b"):
        done(authkit("import-key", name, key, "--token", hsm.uri, env=hsm.env))
    words = ("sign", "url", "https://x.test/", "--key")
    assert error(authkit(*words, "pkcs11:", env=hsm.env)) == (2, "the URI names several tokens")
    assert error(authkit(*words, hsm.uri, env=hsm.env)) == (2, "the URI names 2 keys in the token authkit")
    again = authkit("import-key", "a", key, "--token", hsm.uri, env=hsm.env)
    assert error(again) == (5, "there is a key named a in the token authkit")
    done(authkit("keygen", "a2", "--type", "p256", "--token", hsm.uri, env=hsm.env))
    code, message = error(authkit("create-csr", "x", "--dns", "x.test", "--key", hsm.key("a"), env=hsm.env))
    assert (code, message) == (4, "no such private key in the token authkit")


def test_a_key_that_another_program_made_is_refused(authkit: Authkit, home: Path, hsm: Hsm) -> None:
    tool = ["pkcs11-tool", "--module", str(SOFTHSM), "--token-label", "authkit", "--login", "--pin", PIN]
    if shutil.which(tool[0]) is None:
        pytest.skip("pkcs11-tool is missing; apt install opensc")
    make = [*tool, "--keygen", "--key-type", "GENERIC:32", "--label", "theirs"]
    subprocess.run(make, env={**os.environ, **hsm.env}, check=True, capture_output=True, timeout=60)
    code, message = error(authkit("sign", "url", "https://x.test/", "--key", hsm.key("theirs"), env=hsm.env))
    assert (code, message) == (5, "the key theirs in the token authkit does not say what it is for")
    done(authkit("keygen", "pair", "--type", "rsa3072", "--token", hsm.uri, env=hsm.env))
    shown = subprocess.run([*tool, "-O"], env={**os.environ, **hsm.env}, check=True, capture_output=True).stdout
    assert b"never extractable" in shown
