"""Does create-csr make a key that stays and a request that names what was asked for?"""

import hashlib
import json
from pathlib import Path
from unittest import mock

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from authkit import files
from authkit.certs.csr import load_csr
from authkit.errors import StoreError
from castore import CaStore, refusal


@pytest.fixture
def here(tmp_path: Path) -> CaStore:
    return CaStore(tmp_path)


def test_a_key_and_a_request(here: CaStore) -> None:
    done = here.run("create-csr ada --email ada@example.com --spiffe spiffe://a/b --common-name Ada", at=None)
    found = load_csr((here.path / "ada.csr").read_bytes(), "x")
    lines = done.stdout.decode().splitlines()
    assert (done.code, done.stderr) == (0, b"")
    assert lines[:3] == [
        "name:  ada",
        "names: cn:Ada, email:ada@example.com, uri:spiffe://a/b",
        f"key:   p256 {found.fingerprint}",
    ]
    assert len(lines[3].removeprefix("words: ").split(" ")) == 8
    assert lines[4:] == ["files: ada.key ada.csr"]
    assert str(found.names) == "cn:Ada, email:ada@example.com, uri:spiffe://a/b"
    key = load_pem_private_key((here.path / "ada.key").read_bytes(), None)
    assert key.public_key() == found.public_key
    assert (here.path / "ada.key").stat().st_mode & 0o777 == 0o600
    assert here.files() == ["ada.csr", "ada.key"]


@pytest.mark.parametrize("type", ["p384", "rsa3072", "ed25519"])
def test_in_json(here: CaStore, type: str) -> None:
    found = here.json(f"create-csr ada --dns a.b --key-type {type} --out new", at=None)
    request = x509.load_pem_x509_csr((here.path / "new/ada.csr").read_bytes())
    spki = request.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert found == {
        "schema": "authkit.csr/v1",
        "name": "ada",
        "names": "dns:a.b",
        "key_type": type,
        "key_sha256": hashlib.sha256(spki).hexdigest(),
        "words": found["words"],
        "files": {"key": "new/ada.key", "csr": "new/ada.csr"},
    }


def test_a_key_that_exists(here: CaStore) -> None:
    here.ok("create-csr ada --dns a.b", at=None)
    key = (here.path / "ada.key").read_bytes()
    found = here.json("create-csr bob --dns c.d --key ada.key", at=None)
    assert found["files"] == {"csr": "bob.csr"}
    one, two = [load_csr((here.path / name).read_bytes(), "x") for name in ("ada.csr", "bob.csr")]
    assert one.fingerprint == two.fingerprint == found["key_sha256"]
    assert ((here.path / "ada.key").read_bytes(), here.files()) == (key, ["ada.csr", "ada.key", "bob.csr"])


@pytest.mark.parametrize(
    ("words", "message", "hint", "code"),
    [
        (
            "ada",
            "a request names somebody",
            "add --email, --uri, --upn, --dns, --spiffe or --common-name",
            2,
        ),
        (
            "ada --dns a.b --key x --key-type p256",
            "--key names a key that exists, --key-type is for one that is made",
            None,
            2,
        ),
        (
            ".a --dns a.b",
            "'.a' cannot be the name of a certificate",
            "use 1 to 64 letters, digits, '.', '_' and '-', with a letter or digit first",
            2,
        ),
        ("ada --dns a..b", "'a..b' is not a host name", "write host.example.com, without a dot at its end", 2),
        ("ada --dns a.b --key none", "no such file: none", None, 3),
        ("ada --dns a.b --key open", "open is open to other users (mode 0644)", "chmod 600 open", 5),
        ("ada --dns a.b --key pass", "pass: not a private key in PEM", None, 3),
    ],
)
def test_command_lines_that_are_refused(here: CaStore, words: str, message: str, hint: "str | None", code: int) -> None:
    here.write("open", "").chmod(0o644)
    assert here.run(f"create-csr {words}", at=None).triple == refusal(message, hint, code)
    assert here.files() == ["open"]


@pytest.mark.parametrize("taken", ["ada.key", "ada.csr"])
def test_files_that_exist(here: CaStore, taken: str) -> None:
    here.write(taken, "mine")
    done = here.run("create-csr ada --dns a.b", at=None)
    assert done.triple == refusal(f"{taken} exists", "--force replaces it, or name another folder with --out")
    assert (here.path / taken).read_bytes() == b"mine"
    here.ok("create-csr ada --dns a.b --force", at=None)
    assert here.files() == ["ada.csr", "ada.key"]


def test_a_request_beside_a_key_of_the_same_name(here: CaStore) -> None:
    here.ok("create-csr ada --dns a.b", at=None)
    (here.path / "ada.csr").unlink()
    here.ok("create-csr ada --dns c.d --key ada.key", at=None)
    assert str(load_csr((here.path / "ada.csr").read_bytes(), "x").names) == "dns:c.d"


def test_the_key_is_written_first(here: CaStore) -> None:
    with mock.patch.object(files, "write_public", side_effect=StoreError("full")):
        assert here.run("create-csr ada --dns a.b", at=None).triple == refusal("full", code=6)
    assert here.files() == ["ada.key"]


def test_no_secret_is_shown(here: CaStore) -> None:
    for words in ("create-csr ada --dns a.b", "create-csr bob --dns a.b --json"):
        done = here.run(words, at=None)
        name = words.split()[1]
        secret = (here.path / f"{name}.key").read_text().splitlines()[1]
        assert secret.encode() not in done.stdout + done.stderr
        assert json.dumps(done.terminal) == '""'
