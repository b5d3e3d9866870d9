"""Is SigV4a's key handed over as a master is, and its public key to anybody?"""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from agefile import PASSPHRASE
from commandline import Done, Terminal, run_here
from sample import ID, SECRET, TOKEN, Sample

# Source: awslabs/aws-c-auth 495329c, v4a/get-vanilla/public-key.json
X = "b6618f6a65740a99e650b33b6b4b5bd0d43b176d721a3edfea7e7d2d56d936b1"
SCALAR = "7efc8c0e65a324242818c5a50c891c6060b6a00717b7ba3cbe3c5d765be9259c"
WARNING = (
    f"authkit: warning: this key opens every day, region and service of {ID}: it is a master for SigV4a, and only "
    "disabling the access key ends it\n"
)
DERIVE = "derive-subkey --scheme sigv4a --key file:key.json"
LABEL = "AWS4-ECDSA-P256-SHA256"


@pytest.fixture
def here(home: Path) -> Path:
    Sample().write(home)
    return home


def run(words: str, here: Path, **more: Any) -> Done:
    return run_here(words, here, **more)


def error(done: Done) -> "tuple[int, str, str]":
    """Return code, message and hint, nothing having been written."""
    assert done.stdout == b""
    lines = done.stderr.decode().splitlines()
    return done.code, lines[-2].removeprefix("authkit: error: "), lines[-1].removeprefix("authkit: hint: ")


def test_it_is_refused_without_being_asked_for_by_name(here: Path) -> None:
    for words in (DERIVE, f"{DERIVE} --format hex", f"{DERIVE} --format pem", f"{DERIVE} -o x"):
        assert error(run(words, here)) == (
            5,
            "the key of SigV4a is no subkey: it opens every day, region and service",
            "add --whole-key if you mean it, or --format public-key for what a verifier needs",
        )
    assert not (here / "x").exists()


def test_the_file_signs_by_itself(here: Path) -> None:
    done = run(f"{DERIVE} --whole-key -o whole.json", here)
    assert done.triple == ("", WARNING, 0)
    assert (here / "whole.json").stat().st_mode & 0o777 == 0o600
    held = json.loads((here / "whole.json").read_text())
    assert (held["schema"], held["access_key_id"], held["scheme"]) == ("authkit.access-key/v1", ID, LABEL)
    signed = run("sign http --key file:whole.json --scheme sigv4a --region-set * --service s3 get.http", here)
    assert signed.code == 0
    (here / "signed").write_bytes(signed.stdout)
    done = run("verify-signature --key file:key.json --scheme sigv4a --region eu-west-1 --service s3 signed", here)
    assert done.stdout.startswith(b"verdict:          valid\n")


def test_the_other_forms_of_the_private_key(here: Path) -> None:
    done = run(f"{DERIVE} --whole-key --format hex", here)
    assert done.triple == (f"{SCALAR}\n", WARNING, 0)
    done = run(f"{DERIVE} --whole-key --format pem", here)
    key = load_pem_private_key(done.stdout, None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    assert f"{key.private_numbers().private_value:064x}" == SCALAR
    assert done.stdout.count(b"\n") == 5  # the public key is in it, which not every program computes


@pytest.mark.parametrize("option", ["", " --whole-key"])
def test_the_public_key_is_no_secret(here: Path, option: str) -> None:
    terminal = Terminal()
    done = run(f"{DERIVE}{option} --format public-key", here, terminal=terminal, screens=[1])
    key = load_pem_public_key(done.terminal.encode())
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert (f"{key.public_numbers().x:064x}", done.stderr) == (X, b"")
    assert run(f"{DERIVE}{option} --format public-key -o pub.pem", here).triple == ("", "", 0)
    assert (here / "pub.pem").read_text() == done.terminal
    assert (here / "pub.pem").stat().st_mode & 0o777 == 0o666 & ~_umask()
    again = run(f"{DERIVE}{option} --format public-key -o pub.pem", here)
    assert (again.code, again.stdout) == (5, b"")
    assert run(f"{DERIVE}{option} --format public-key -o pub.pem --force", here).code == 0


def _umask() -> int:
    old = os.umask(0o22)
    os.umask(old)
    return old


def test_the_public_key_verifies_and_does_not_sign(here: Path) -> None:
    run(f"{DERIVE} --format public-key -o pub.pem", here)
    words = "sign http --scheme sigv4a --region-set us-* --service s3 get.http --key"
    (here / "signed").write_bytes(run(f"{words} file:key.json", here).stdout)
    verify = f"verify-signature --scheme sigv4a --key {ID}=file:pub.pem --service s3 signed --json --region"
    assert json.loads(run(f"{verify} us-west-2", here).stdout)["region_set"] == "us-*"
    said = json.loads(run(f"{verify} eu-west-1", here).stdout)
    assert (said["verdict"], said["reason"]) == ("invalid", "scope-region")
    done = run(f"{words} {ID}=file:pub.pem", here)
    assert (done.code, done.stdout) == (5, b"")
    assert done.stderr == b"authkit: error: the key is a public key, which checks signatures and makes none\n"


def test_a_pem_needs_its_id(here: Path) -> None:
    run(f"{DERIVE} --whole-key --format pem -o whole.pem", here)
    words = "sign http --scheme sigv4a --region-set * --service s3 get.http --key"
    assert error(run(f"{words} file:whole.pem", here)) == (
        2,
        "the key does not say its access key ID",
        "name it: --key ID=REF",
    )
    assert f"Credential={ID}/".encode() in run(f"{words} {ID}=file:whole.pem", here).stdout


def test_it_does_not_reach_a_terminal(here: Path) -> None:
    for form in ("file", "hex", "pem"):
        done = run(f"{DERIVE} --whole-key --format {form}", here, terminal=Terminal(), screens=[1])
        assert (done.code, done.terminal) == (5, "")
        assert b"the key would appear on the terminal" in done.stderr
    done = run(f"{DERIVE} --whole-key --format hex --reveal", here, terminal=Terminal(), screens=[1])
    assert done.terminal == f"{SCALAR}\n"


def test_in_the_store_it_has_a_passphrase_of_its_own(here: Path) -> None:
    run(f"{DERIVE} --whole-key -o whole.json", here)
    env = {"AUTHKIT_STORE": "store", "AUTHKIT_PASSPHRASE_FILE": "pass", "AUTHKIT_KEY_PASSPHRASE_FILE": "own"}
    (here / "own").write_text("another passphrase of its own\n")
    (here / "own").chmod(0o600)
    done = run("import-key wide whole.json", here, environ=env)
    assert done.code == 0, done.stderr
    entry = json.loads((here / "store" / "keys" / "wide.json").read_text())
    assert entry["metadata"]["passphrase"] is True
    assert entry["metadata"]["scheme"] == LABEL
    signed = run("sign http --key wide --scheme sigv4a --region-set * --service s3 get.http", here, environ=env)
    assert signed.code == 0, signed.stderr
    assert PASSPHRASE not in signed.stdout


def test_a_session_goes_with_it(here: Path) -> None:
    done = run("derive-subkey --scheme sigv4a --whole-key --key file:session.json", here)
    held = json.loads(done.stdout)
    assert (held["session_token"], held["expires_at"]) == (TOKEN, "2026-11-23T20:00:00Z")
    env = {"AWS_ACCESS_KEY_ID": ID, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_SESSION_TOKEN": TOKEN}
    assert error(run("derive-subkey --scheme sigv4a --whole-key --key env:AWS", here, environ=env)) == (
        5,
        "the session token has no end, so an access-key file has no place for it",
        "import the JSON that STS gave",
    )
    done = run("derive-subkey --scheme sigv4a --whole-key --format hex --key env:AWS", here, environ=env)
    assert done.stdout == f"{SCALAR}\n".encode()


def test_a_master_derives_it_and_it_gives_itself_again(here: Path) -> None:
    assert run("derive-subkey --scheme sigv4a --whole-key --key file:master.json -o own.json", here).code == 0
    first = run("derive-subkey --scheme sigv4a --format public-key --key file:master.json", here)
    again = run("derive-subkey --scheme sigv4a --format public-key --key file:own.json", here)
    assert again.stdout == first.stdout != b""
    assert run("sign http --key file:own.json --scheme sigv4a --region-set * --service s3 get.http", here).code == 0


@pytest.mark.parametrize("words, code, message, hint", [
    ("--scope us-east-1/s3", 2, "--scope is for subkeys, and the key of SigV4a has no scope", "leave out --scope"),
    ("--region us-east-1", 2, "--region is for subkeys, and the key of SigV4a has no scope", "leave out --region"),
    ("--service s3", 2, "--service is for subkeys, and the key of SigV4a has no scope", "leave out --service"),
    ("--date tomorrow", 2, "--date is for subkeys, and the key of SigV4a has no scope", "leave out --date"),
    ("--days 1", 2, "--days is for subkeys, and the key of SigV4a has no scope", "leave out --days"),
    ("--until 2030-01-01", 2, "--until is for subkeys, and the key of SigV4a has no scope", "leave out --until"),
    ("--long", 2, "--long is for subkeys, and the key of SigV4a has no scope", "leave out --long"),
    ("--level date", 2, "--level is for subkeys, and the key of SigV4a has no scope", "leave out --level"),
    ("--exact", 2, "--exact is for subkeys, and the key of SigV4a has no scope", "leave out --exact"),
    ("--allow-harmful sts", 2, "--allow-harmful is for subkeys, and the key of SigV4a has no scope",
     "leave out --allow-harmful"),
    ("--verify day.subkeys", 2, "--verify is for subkeys, and the key of SigV4a has no scope", "leave out --verify"),
    ("--format env", 2, "--format env carries subkeys, and the key of SigV4a is none", "write it with --output FILE"),
])  # fmt: skip
def test_what_cuts_a_subkey_to_size_does_not_cut_this(
    here: Path, words: str, code: int, message: str, hint: str
) -> None:
    assert error(run(f"{DERIVE} --whole-key {words}", here)) == (code, message, hint)


@pytest.mark.parametrize("words, message, hint", [
    ("--whole-key", "--whole-key is for the key of SigV4a", "add --scheme sigv4a"),
    ("--format pem", "--format pem is for the key of SigV4a", "add --scheme sigv4a --whole-key"),
    ("--format public-key", "--format public-key is for the key of SigV4a", "add --scheme sigv4a"),
])  # fmt: skip
def test_other_schemes_have_none(here: Path, words: str, message: str, hint: str) -> None:
    done = run(f"derive-subkey --key file:key.json --scope us-east-1/s3 {words}", here)
    assert error(done) == (2, message, hint)
    assert run("derive-subkey --key file:key.json --scope us-east-1/s3", here).code == 0


def test_keys_that_it_is_not_derived_from(here: Path) -> None:
    for key in ("day.subkeys", "key.pem"):
        done = run(f"derive-subkey --scheme sigv4a --whole-key --key file:{key}", here)
        assert done.code == 5
        message = "the key of SigV4a is derived from the secret of an access key, and this is none"
        assert done.stderr.decode() == f"authkit: error: {message}\n"
    other = json.loads((here / "key.json").read_text()) | {"scheme": "TC3-HMAC-SHA256"}
    (here / "other.json").write_text(json.dumps(other))
    (here / "other.json").chmod(0o600)
    done = run("derive-subkey --scheme sigv4a --whole-key --key file:other.json", here)
    assert (done.code, done.stdout) == (5, b"")
    assert done.stderr.decode() == (
        f"authkit: error: {ID} is for TC3-HMAC-SHA256 and the request for {LABEL}\n"
        "authkit: hint: --scheme-override insists, for once\n"
    )
    words = "derive-subkey --scheme sigv4a --whole-key --key file:other.json --format hex --scheme-override"
    assert run(words, here).stdout == f"{SCALAR}\n".encode()


def test_what_is_said_of_it_in_json(here: Path) -> None:
    words = f"{DERIVE} --whole-key -o whole.json --json --at 2026-11-23T09:00:00Z"
    (said,) = json.loads(run(words, here).stdout)["keys"]
    public = said.pop("public_key")
    assert said == {
        "kind": "access-key",
        "access_key_id": ID,
        "created_at": "2026-11-23T09:00:00Z",
        "scheme": LABEL,
    }
    assert public == run(f"{DERIVE} --format public-key", here).stdout.decode()
