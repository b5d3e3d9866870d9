"""Which keys does a reference give, and what does it refuse?"""

import base64
import os
from pathlib import Path

import pytest

from agefile import PASSPHRASE, give_away
from authkit import registry
from authkit.errors import AuthkitError, InputError, NotFound, Refused, UsageError
from authkit.keys.access import AccessKey
from authkit.keys.pair import generate_pair
from authkit.keys.prove import PublicKey
from authkit.keys.select import Key
from authkit.keys.subkeys import Subkey
from authkit.references import Look, directory
from authkit.schemes.derived import CHAINS
from authkit.seal import decrypt_with_passphrase
from sample import SECRET, Sample


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    Sample().write(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def no_pin(token: object, tried: bool) -> bytes:
    raise AssertionError("a PIN was asked for")


def load(reference: str, **environ: str) -> list[Key]:
    prefix, _, rest = reference.partition(":")
    look = Look(environ, CHAINS, lambda data, what: decrypt_with_passphrase(PASSPHRASE, data, what), no_pin)
    found: list[Key] = registry.load(registry.REFERENCES[f"{prefix}:"]).load(rest, look)
    return found


def failure(reference: str, **environ: str) -> tuple[type[AuthkitError], str, "str | None"]:
    with pytest.raises(AuthkitError) as caught:
        load(reference, **environ)
    return type(caught.value), caught.value.message, caught.value.hint


def texts(keys: list[Key]) -> list[str]:
    return [f"{one.access_key_id} {one.scope if isinstance(one, Subkey) else 'secret'}" for one in keys]


DAY = "AKIDEXAMPLE 20261123/us-east-1/s3/aws4_request"
NO_KEY = "neither an access-key file, nor a subkey file, nor a key in PEM"
SET = {"AUTHKIT_ACCESS_KEY_ID": "AKX", "AUTHKIT_SECRET_ACCESS_KEY": "a secret"}


@pytest.mark.parametrize(
    ("reference", "environ", "found"),
    [
        ("file:key.json", {}, ["AKIDEXAMPLE secret"]),
        ("file:day.subkeys", {}, [DAY]),
        ("file:sealed.subkeys", {}, [DAY]),
        ("file:two.subkeys", {}, [DAY.replace("us-east", "eu-west"), DAY]),
        ("dir:set", {}, [DAY]),
        ("env:", SET, ["AKX secret"]),
        ("env:", {**SET, "AWS_ACCESS_KEY_ID": "AKOTHER"}, ["AKX secret"]),
        ("env:", {**SET, "AUTHKIT_SUBKEYS": ""}, ["AKX secret"]),
        ("env:AWS", {"AWS_ACCESS_KEY_ID": "AKX", "AWS_SECRET_ACCESS_KEY": "s"}, ["AKX secret"]),
        ("aws:", {"AWS_SHARED_CREDENTIALS_FILE": "credentials"}, ["AKIDEXAMPLE secret"]),
        ("aws:default", {"AWS_SHARED_CREDENTIALS_FILE": "credentials", "HOME": "/none"}, ["AKIDEXAMPLE secret"]),
    ],
)
def test_the_keys_of_a_reference(reference: str, environ: dict[str, str], found: list[str], here: Path) -> None:
    assert texts(load(reference, **environ)) == found


def test_subkeys_in_the_environment(here: Path) -> None:
    text = base64.b64encode((here / "two.subkeys").read_bytes()).decode()
    assert texts(load("env:", AUTHKIT_SUBKEYS=text)) == [DAY.replace("us-east", "eu-west"), DAY]


def test_the_shared_file_at_home(here: Path) -> None:
    (here / ".aws").mkdir()
    (here / "credentials").rename(here / ".aws" / "credentials")
    (found,) = load("aws:", HOME=str(here))
    assert isinstance(found, AccessKey)
    assert found.secret.reveal() == SECRET.encode()


@pytest.mark.parametrize(("token", "kept"), [("", None), ("token", b"token")])
def test_a_session_token_of_the_environment(token: str, kept: "bytes | None") -> None:
    (found,) = load("env:", **SET, AUTHKIT_SESSION_TOKEN=token)
    assert (found.session_token.reveal() if found.session_token is not None else None) == kept
    assert found.expires_at is None


@pytest.mark.parametrize(
    ("reference", "environ", "expected"),
    [
        ("file:none", {}, (InputError, "no such file: none", None)),
        ("file:", {}, (InputError, "no such file: ", None)),
        (
            "file:get.http",
            {},
            (InputError, "get.http: neither an access-key file, nor a subkey file, nor a key in PEM", None),
        ),
        ("file:set", {}, (InputError, "set is a folder, not a key file", None)),
        ("dir:none", {}, (InputError, "cannot read the folder none: no such file or directory", None)),
        ("dir:pass", {}, (InputError, "cannot read the folder pass: not a directory", None)),
        ("dir:", {}, (InputError, "cannot read the folder : no such file or directory", None)),
        ("env:GCP", {}, (UsageError, "env:GCP is not a key reference", "write env: or env:AWS")),
        ("env:aws", {}, (UsageError, "env:aws is not a key reference", "write env: or env:AWS")),
        ("env:", {}, (NotFound, "AUTHKIT_ACCESS_KEY_ID is not set", None)),
        ("env:", {"AUTHKIT_SECRET_ACCESS_KEY": "s"}, (NotFound, "AUTHKIT_ACCESS_KEY_ID is not set", None)),
        ("env:", {"AUTHKIT_ACCESS_KEY_ID": "A"}, (NotFound, "AUTHKIT_SECRET_ACCESS_KEY is not set", None)),
        ("env:AWS", SET, (NotFound, "AWS_ACCESS_KEY_ID is not set", None)),
        (
            "env:",
            {**SET, "AUTHKIT_SUBKEYS": "e30="},
            (UsageError, "both AUTHKIT_SUBKEYS and a secret are in the environment", "unset one of them"),
        ),
        (
            "env:",
            {"AUTHKIT_SECRET_ACCESS_KEY": "s", "AUTHKIT_SUBKEYS": "e30="},
            (UsageError, "both AUTHKIT_SUBKEYS and a secret are in the environment", "unset one of them"),
        ),
        (
            "env:",
            {"AUTHKIT_SUBKEYS": "e30"},
            (InputError, "AUTHKIT_SUBKEYS is not the base64 of a subkey file", None),
        ),
        (
            "env:",
            {"AUTHKIT_SUBKEYS": "eA=="},
            (InputError, f"AUTHKIT_SUBKEYS: {NO_KEY}", None),
        ),
        (
            "env:",
            {**SET, "AUTHKIT_SECRET_ACCESS_KEY": "s\n"},
            (InputError, "AUTHKIT_SECRET_ACCESS_KEY: the secret is not 1 to 1024 printable ASCII characters", None),
        ),
        (
            "env:",
            {**SET, "AUTHKIT_ACCESS_KEY_ID": "A B"},
            (
                InputError,
                "AUTHKIT_ACCESS_KEY_ID: the access key ID holds a character that an access key ID cannot hold",
                None,
            ),
        ),
        *[
            (
                "env:",
                {**SET, "AUTHKIT_SESSION_TOKEN": token},
                (InputError, "AUTHKIT_SESSION_TOKEN is not printable ASCII without spaces", None),
            )
            for token in ("a b", "é", "a\n")
        ],
        ("aws:", {"HOME": "/none"}, (InputError, "no such file: /none/.aws/credentials", None)),
        ("aws:", {}, (InputError, "no such file: /.aws/credentials", None)),
        (
            "aws:web",
            {"AWS_SHARED_CREDENTIALS_FILE": "credentials"},
            (UsageError, "credentials: no profile 'web'", "there is default"),
        ),
    ],
)
def test_what_a_reference_refuses(
    reference: str, environ: dict[str, str], expected: tuple[type[AuthkitError], str, "str | None"], here: Path
) -> None:
    assert failure(reference, **environ) == expected


@pytest.mark.parametrize(("reference", "name"), [("file:key.json", "key.json"), ("dir:set", "set/day.subkeys")])
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601])
def test_a_key_that_others_can_reach_is_refused(reference: str, name: str, mode: int, here: Path) -> None:
    (here / name).chmod(mode)
    expected = (Refused, f"{name} is open to other users (mode {mode:04o})", f"chmod 600 {name}")
    assert failure(reference) == expected


def test_a_shared_file_that_others_can_reach_is_refused(here: Path) -> None:
    (here / "credentials").chmod(0o644)
    assert failure("aws:", AWS_SHARED_CREDENTIALS_FILE="credentials")[0] is Refused


def test_a_key_of_another_user_is_refused(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    give_away(here / "key.json", monkeypatch)
    expected = (Refused, "key.json belongs to another user", f"chown {os.geteuid()} key.json")
    assert failure("file:key.json") == expected


def test_nothing_in_a_folder_is_skipped_but_what_is_hidden(here: Path) -> None:
    for name in (".hidden", ".ssh"):
        (here / "set" / name).write_text("no key")
    (here / "set" / "below").mkdir()
    assert texts(load("dir:set")) == [DAY]
    (here / "set" / "a.json").write_bytes((here / "key.json").read_bytes())
    (here / "set" / "a.json").chmod(0o600)
    assert texts(load("dir:set")) == ["AKIDEXAMPLE secret", DAY]
    (here / "set" / "note").write_text("no key")
    (here / "set" / "note").chmod(0o600)
    assert failure("dir:set") == (
        InputError,
        "set/note: neither an access-key file, nor a subkey file, nor a key in PEM",
        None,
    )


def test_a_folder_without_files_holds_no_key(here: Path) -> None:
    (here / "set" / "day.subkeys").unlink()
    (here / "set" / "below").mkdir()
    assert failure("dir:set") == (NotFound, "no key file in the folder set", None)


@pytest.mark.parametrize(("most", "refused"), [(1, False), (0, True)])
def test_a_folder_has_a_limit(most: int, refused: bool, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory, "MAX_FILES", most)
    if refused:
        assert failure("dir:set") == (InputError, "the folder set holds more than 0 files", None)
    else:
        assert texts(load("dir:set")) == [DAY]


def test_a_file_has_a_limit(here: Path) -> None:
    with open(here / "large", "wb") as file:
        file.truncate(64 * 1024 * 1024 + 1)
    (here / "large").chmod(0o600)
    expected = (InputError, "large is too large for a key file: more than 67108864 bytes", None)
    assert failure("file:large") == expected


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644, 0o444])
def test_a_public_key_may_be_read_by_all(here: Path, mode: int) -> None:
    pair = generate_pair("ed25519")
    (here / "k.pub").write_text(pair.public_pem)
    (here / "k.pub").chmod(mode)
    (key,) = load("file:k.pub")
    assert isinstance(key, PublicKey)


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_public_key_that_others_may_write(here: Path, mode: int) -> None:
    (here / "k.pub").write_text(generate_pair("ed25519").public_pem)
    (here / "k.pub").chmod(mode)
    assert failure("file:k.pub") == (
        Refused,
        f"k.pub can be written by other users (mode {mode:04o})",
        "chmod go-w k.pub",
    )


def test_a_private_key_that_others_may_read(here: Path) -> None:
    pair = generate_pair("ed25519")
    (here / "both").write_bytes(pair.public_pem.encode() + pair.private_pem)
    (here / "both").chmod(0o640)
    assert failure("file:both") == (Refused, "both is open to other users (mode 0640)", "chmod 600 both")
