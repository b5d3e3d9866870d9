"""Who opens a sealed file, and is everybody else refused?"""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from agefile import IDENTITY, PASSPHRASE, RECIPIENT, seal_quickly
from authkit import seal
from authkit.commands import _keys, _sealed
from authkit.errors import AuthkitError, InputError, NotFound, Refused, Untrusted
from authkit.keys.subkeys import Subkey, encode_subkeys
from authkit.stores.folder import FolderStore
from ceremonies import EXAMPLE_RECIPIENT, make_web
from commandline import Done, Terminal, run_here
from recipients import PLUGIN_IDENTITY, PLUGIN_RECIPIENT, path_with, ssh_pair, write_plugin
from sample import Sample

SIGN = "sign url --key file:day.age https://b.s3.us-east-1.amazonaws.com/k --at 2026-11-23T09:00:00Z"
SIGNED = b"https://b.s3.us-east-1.amazonaws.com/k?X-Amz-Algorithm="


class Place:
    """A folder with a store whose identity is known, and what is sealed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = make_web(folder / "store")
        self.write("pass", PASSPHRASE)
        self.day = encode_subkeys(Sample().subkeys())

    def write(self, name: str, data: "bytes | str") -> str:
        (self.folder / name).write_bytes(data.encode() if isinstance(data, str) else data)
        (self.folder / name).chmod(0o600)
        return str(self.folder / name)

    def seal(self, recipient: str, name: str = "day.age") -> None:
        self.write(name, seal.seal_for(recipient, self.day, _sealed._Talk()))

    def run(self, line: str = SIGN, *, store: str = "store", identity: str = "", **more: object) -> Done:
        environ = {"AUTHKIT_STORE": store, "AUTHKIT_PASSPHRASE_FILE": "pass", "AUTHKIT_KEY_PASSPHRASE_FILE": "pass"}
        environ |= {"AUTHKIT_IDENTITY_FILE": identity} if identity else {}
        return run_here(line, self.folder, environ=environ, **more)  # type: ignore[arg-type]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    for name in ("AUTHKIT_STORE", "AUTHKIT_IDENTITY_FILE", "AUTHKIT_KEY_PASSPHRASE_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AUTHKIT_PASSPHRASE_FILE", str(tmp_path / "pass"))
    return Place(tmp_path)


@pytest.fixture
def plugin(place: Place, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    def write(mode: str = "works") -> Path:
        monkeypatch.setenv("PATH", path_with(place.folder / "bin"))
        return write_plugin(place.folder / "bin", mode)

    return write


def error(done: Done) -> str:
    assert done.stdout == b""
    return done.stderr.decode().removeprefix("authkit: error: ")


def test_a_key_file_is_opened_by_the_stores_identity(place: Place) -> None:
    place.seal(RECIPIENT)
    done = place.run()
    assert (done.code, done.stdout[: len(SIGNED)]) == (0, SIGNED)


@pytest.mark.parametrize("kind", ["ed25519", "rsa", "rsa-pem"])
def test_a_key_file_is_opened_by_an_ssh_key(place: Place, kind: str) -> None:
    private, line = ssh_pair(kind)
    place.seal(line.removesuffix(" someone@example.com"))
    place.write("id", private)
    done = place.run(store="nowhere", identity="id")
    assert (done.code, done.stdout[: len(SIGNED)]) == (0, SIGNED)
    assert place.run().code == 5


def test_a_key_file_is_opened_by_an_identity_file_that_is_sealed_itself(place: Place) -> None:
    place.seal(RECIPIENT)
    place.write("id.age", seal_quickly(PASSPHRASE, f"{IDENTITY}\n".encode()))
    assert place.run(store="nowhere", identity="id.age").code == 0


def test_a_folder_asks_for_the_identity_once(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("one.age", "two.age"):
        (place.folder / "set").mkdir(exist_ok=True)
        place.seal(RECIPIENT, f"set/{name}")
    asked: list[str] = []
    opened = type(place.store).identity

    def identity(store: FolderStore) -> str:
        asked.append("asked")
        return opened(store)

    monkeypatch.setattr(FolderStore, "identity", identity)
    keys = _keys.resolve(f"dir:{place.folder}/set", place.store)
    assert [str(one.scope) for one in keys if isinstance(one, Subkey)] == ["20261123/us-east-1/s3/aws4_request"] * 2
    assert asked == ["asked"]


def test_a_file_under_a_passphrase_needs_no_store(place: Place) -> None:
    place.write("day.age", seal_quickly(PASSPHRASE, place.day))
    assert place.run(store="nowhere").code == 0
    place.write("day.age", seal_quickly(b"another passphrase", place.day))
    assert place.run(store="nowhere").code == 3


def test_an_opened_store_is_not_opened_again(place: Place) -> None:
    place.seal(RECIPIENT)
    data = (place.folder / "day.age").read_bytes()
    assert _sealed.open_sealed(data, "FILE", place.store, None) == (place.day, RECIPIENT)
    assert _sealed.open_sealed(data, "FILE", str(place.folder / "store"), None) == (place.day, RECIPIENT)
    assert _sealed.open_sealed(data, "FILE", None, place.write("id", IDENTITY)) == (place.day, RECIPIENT)


def refusal(data: "bytes | str", store: object, identity: "str | None" = None) -> AuthkitError:
    with pytest.raises(AuthkitError) as caught:
        _sealed.open_sealed(data.encode() if isinstance(data, str) else data, "FILE", store, identity)  # type: ignore[arg-type]
    return caught.value


def test_what_is_sealed_to_another(place: Place) -> None:
    sealed = seal.encrypt_to(EXAMPLE_RECIPIENT, b"x")
    found = refusal(sealed, place.store)
    assert isinstance(found, Untrusted)
    assert (found.reason, found.hint) == ("not-for-us", "$AUTHKIT_IDENTITY_FILE names a file with other identities")
    assert found.message == "FILE: it is sealed to another recipient (not-for-us: not to the store's identity)"
    path = place.write("id", IDENTITY)
    found = refusal(sealed, place.store, path)
    assert isinstance(found, Untrusted)
    assert (found.reason, found.hint) == ("not-for-us", None)
    assert found.message == f"FILE: it is sealed to another recipient (not-for-us: not to those of {path})"


@pytest.mark.parametrize("place_of", [40, -60, -10])
def test_what_is_damaged(place: Place, place_of: int) -> None:
    sealed = bytearray(seal.encrypt_to(RECIPIENT, b"x" * 100).encode())
    sealed[place_of] = ord("A") if sealed[place_of] != ord("A") else ord("B")
    found = refusal(bytes(sealed), place.store)
    assert isinstance(found, Untrusted)
    assert (found.reason, found.message) == ("damaged", "FILE: its seal is damaged (damaged)")


def test_one_bit_flipped_anywhere(place: Place) -> None:
    sealed = seal.encrypt_to(RECIPIENT, place.day).encode()
    opener = _sealed.Opener(place.store)
    reasons = set()
    for number in range(len(sealed)):
        flipped = bytearray(sealed)
        flipped[number] ^= 1 << number % 8
        if seal.is_sealed(bytes(flipped)):
            with pytest.raises(Untrusted) as caught:
                opener.open(bytes(flipped), "FILE")
            reasons.add(caught.value.reason)
    assert reasons == {"damaged", "not-for-us"}


def test_no_store_and_no_identity(place: Place) -> None:
    found = refusal(seal.encrypt_to(RECIPIENT, b"x"), str(place.folder / "nowhere"))
    assert isinstance(found, NotFound)
    assert found.message == f"FILE is sealed to a recipient, and there is no store at {place.folder}/nowhere"
    assert found.hint == "name a file with the identity that opens it in $AUTHKIT_IDENTITY_FILE"


def test_an_identity_file_that_is_not_in_order(place: Place) -> None:
    sealed = seal.encrypt_to(RECIPIENT, b"x")
    path = place.write("id", "AGE-SECRET-KEY-1SECRET\n")
    found = refusal(sealed, None, path)
    assert isinstance(found, InputError)
    assert found.message == f"{path}: line 1 is not an age identity"
    (place.folder / "id").chmod(0o644)
    assert isinstance(refusal(sealed, None, path), Refused)
    assert isinstance(refusal(sealed, None, str(place.folder / "none")), InputError)


def test_the_named_identity_goes_before_the_variable(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTHKIT_IDENTITY_FILE", place.write("other", seal.generate_identity()[0]))
    sealed = seal.encrypt_to(RECIPIENT, b"x")
    assert isinstance(refusal(sealed, place.store), Untrusted)  # the variable goes before the store, too
    assert _sealed.open_sealed(sealed.encode(), "FILE", None, place.write("id", IDENTITY)) == (b"x", RECIPIENT)


def test_a_sealed_access_key_is_imported(place: Place) -> None:
    (place.folder / "sample").mkdir()
    Sample().write(place.folder / "sample")
    key = (place.folder / "sample" / "key.json").read_bytes()
    place.write("key.age", seal.encrypt_to(RECIPIENT, key))
    assert place.run("import-key key.age").stdout == b"AKIDEXAMPLE\n"
    assert place.run("import-key plain sample/key.json").code == 0
    place.write("key.age", seal.encrypt_to(EXAMPLE_RECIPIENT, key))
    assert b"(not-for-us: " in place.run("import-key other key.age").stderr
    place.write("key.age", seal_quickly(PASSPHRASE, key))
    assert place.run("import-key other key.age").code == 0
    assert place.run("sign url --key other https://b.s3.us-east-1.amazonaws.com/k").code == 0


def test_a_sealed_file_is_compared_with_its_master(place: Place) -> None:
    (place.folder / "sample").mkdir()
    Sample().write(place.folder / "sample")
    place.seal(RECIPIENT)
    line = "derive-subkey --key file:sample/key.json --verify day.age"
    assert b"every key of the file (1) derives from this one" in place.run(line).stdout
    place.seal(EXAMPLE_RECIPIENT)
    assert place.run(line).code == 5


def test_json_has_the_reason(place: Place) -> None:
    place.seal(EXAMPLE_RECIPIENT)
    done = place.run(f"{SIGN} --json")
    assert (done.code, json.loads(error(done))["error"]["reason"]) == (5, "not-for-us")


def test_a_plugin_opens_a_key_file(place: Place, plugin: Callable[..., Path]) -> None:
    started = plugin()
    place.seal(PLUGIN_RECIPIENT)
    place.write("id", f"{PLUGIN_IDENTITY}\n")
    assert place.run(identity="id").code == 0
    assert started.read_text().split() == ["--age-plugin=recipient-v1", "--age-plugin=identity-v1"]


def test_a_plugins_identity_has_to_tell_its_recipient_for_a_response(place: Place, plugin: Callable[..., Path]) -> None:
    plugin()
    place.seal(PLUGIN_RECIPIENT)
    data = (place.folder / "day.age").read_bytes()
    found = refusal(data, None, place.write("id", PLUGIN_IDENTITY))
    assert isinstance(found, Refused)
    assert found.message == "FILE was opened by a plugin, and nothing says to which recipient"
    assert found.hint == "write '# recipient: age1…' above the identity in its file"
    named = place.write("id", f"# recipient: {PLUGIN_RECIPIENT}\n{PLUGIN_IDENTITY}")
    assert _sealed.open_sealed(data, "FILE", None, named) == (place.day, PLUGIN_RECIPIENT)


def test_a_message_starts_no_plugin(place: Place, plugin: Callable[..., Path]) -> None:
    started = plugin()
    place.seal(PLUGIN_RECIPIENT)
    started.unlink()
    assert place.run().code == 5
    assert not started.exists()
    with pytest.raises(Refused) as caught:
        _sealed.seal_to(PLUGIN_RECIPIENT, b"x")
    assert caught.value.message == f"{PLUGIN_RECIPIENT} names the program age-plugin-fake, and is not enrolled"
    assert not started.exists()
    assert _sealed.seal_to(PLUGIN_RECIPIENT, b"x", plugins=True).startswith("-----BEGIN AGE ENCRYPTED FILE-----\n")
    assert started.exists()


def test_a_plugin_that_asks_on_a_terminal(place: Place, plugin: Callable[..., Path]) -> None:
    plugin()
    place.seal(PLUGIN_RECIPIENT)
    plugin("ask")
    place.write("id", PLUGIN_IDENTITY)
    done = place.run(identity="id", terminal=Terminal([("PIN:", "123456\n")]))
    assert (done.code, done.stdout[: len(SIGNED)]) == (0, SIGNED)
    assert done.stderr.decode().splitlines()[:3] == [
        "authkit: note: touch \\x1b[31mthe key",
        "authkit: note: is it there? [yes]: not confirmed",
        "authkit: note: a name: not answered",
    ]
    assert "123456" not in done.terminal


@pytest.mark.parametrize("answer", ["654321\n", "\n", None])
def test_a_plugin_that_is_not_answered(place: Place, plugin: Callable[..., Path], answer: "str | None") -> None:
    plugin()
    place.seal(PLUGIN_RECIPIENT)
    plugin("ask")
    place.write("id", PLUGIN_IDENTITY)
    terminal = None if answer is None else Terminal([("PIN:", answer)])
    done = place.run(identity="id", terminal=terminal)
    assert done.code == 5
    assert "age-plugin-fake does not open day.age: " in error(done)


def test_an_answer_that_is_not_text(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("authkit.ui.prompt.ask_secret", lambda prompt, instead: b"\xff")
    assert _sealed._Talk().request_passphrase("PIN") is None
