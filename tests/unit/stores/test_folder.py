"""What of a folder store is noticed when it was changed, and what does it never ask for?"""

import base64
import hashlib
import hmac
import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agefile import PASSPHRASE, give_away, make_store
from authkit import files, seal
from authkit.errors import NotFound, Refused, StoreError
from authkit.secret import Secret
from authkit.stores import folder
from authkit.stores.folder import FolderStore

METADATA: dict[str, object] = {"kind": "access-key", "access_key_id": "AKIDEXAMPLE", "count": 1}
SUBKEYS: dict[str, object] = {"kind": "subkeys"}
Row = dict[str, Any]


class Place:
    """A store with a sealed entry 'web' and a clear one 'day', and a way to spoil its files."""

    def __init__(self, path: Path) -> None:
        self.path = path
        store = make_store(path)
        self.identity = store.identity()
        store.put("web", METADATA, Secret(b"secret of web"))
        store.put("day", SUBKEYS, Secret(b"keys of the day"), protected=False)

    def open(self) -> FolderStore:
        return FolderStore(str(self.path), lambda info: self.identity)

    def entry(self, name: str = "web") -> Path:
        return self.path / "keys" / f"{name}.json"

    def row(self, name: str = "web") -> Row:
        row: Row = json.loads(self.entry(name).read_bytes())
        return row

    def write(self, row: Row, name: str = "web") -> None:
        path = self.entry(name)
        path.write_text(json.dumps(row) + "\n")
        path.chmod(0o600)

    def seal(self, inner: Row, name: str = "web", metadata: object = METADATA) -> None:
        """Write an entry around *inner* with a right MAC, as only the holder of the identity can."""
        sealed = seal.encrypt_to(seal.recipient_of(self.identity), json.dumps(inner).encode() + b"\n")
        key = hmac.digest(self.identity.encode(), b"authkit store mac v1", "sha256")
        store_id = json.loads((self.path / "store.json").read_bytes())["id"]
        text = f"authkit.key/v1\n{store_id}\n{name}\n{hashlib.sha256(sealed.encode()).hexdigest()}"
        mac = base64.b64encode(hmac.digest(key, text.encode(), "sha256")).decode()
        self.write({"schema": "authkit.key/v1", "name": name, "metadata": metadata, "sealed": sealed, "mac": mac}, name)

    def inner(self) -> Row:
        found: Row = json.loads(seal.decrypt_with(self.identity, self.row()["sealed"]))
        return found


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "store")


def failure(action: Callable[..., object], *args: object, **named: object) -> str:
    with pytest.raises(StoreError) as caught:
        action(*args, **named)
    return caught.value.message


def test_the_files_are_those_of_the_format(place: Place) -> None:
    info = json.loads((place.path / "store.json").read_bytes())
    assert list(info) == ["schema", "id", "unlock", "recipient"]
    assert info["schema"] == "authkit.store/v1"
    assert len(bytes.fromhex(info["id"])) == 16
    assert info["unlock"] == "passphrase"
    assert info["recipient"] == seal.recipient_of(place.identity)
    row = place.row()
    assert list(row) == ["schema", "name", "metadata", "sealed", "mac"]
    assert (row["schema"], row["name"], row["metadata"]) == ("authkit.key/v1", "web", METADATA)
    inner = place.inner()
    assert list(inner) == ["schema", "store", "name", "metadata", "secret_b64"]
    assert inner == {
        "schema": "authkit.sealed/v1",
        "store": info["id"],
        "name": "web",
        "metadata": METADATA,
        "secret_b64": base64.b64encode(b"secret of web").decode(),
    }
    clear = base64.b64encode(b"keys of the day").decode()
    assert place.row("day") == {"schema": "authkit.key/v1", "name": "day", "metadata": SUBKEYS, "clear": clear}
    assert place.entry().read_bytes().isascii()
    found = {
        path.relative_to(place.path).as_posix(): stat.S_IMODE(path.stat().st_mode) for path in place.path.rglob("*")
    }
    private = ("lock", "store.json", "identity.age", "keys/web.json", "keys/day.json")
    assert found == {"keys": 0o700, **dict.fromkeys(private, 0o600)}
    assert stat.S_IMODE(place.path.stat().st_mode) == 0o700


def test_the_mac_is_what_the_format_says(place: Place) -> None:
    before = place.row()["mac"]
    sealed = place.row()["sealed"]
    key = hmac.digest(place.identity.encode(), b"authkit store mac v1", "sha256")
    text = f"authkit.key/v1\n{place.open().info.id}\nweb\n{hashlib.sha256(sealed.encode()).hexdigest()}"
    assert before == base64.b64encode(hmac.digest(key, text.encode(), "sha256")).decode()


def test_the_age_program_recovers_a_key(place: Place, tmp_path: Path, require_tool: Callable[[str], str]) -> None:
    (tmp_path / "identity.txt").write_text(place.identity + "\n")
    age, jq = require_tool("age"), require_tool("jq")
    sealed = subprocess.run([jq, "-r", ".sealed", place.entry()], capture_output=True, check=True).stdout
    command = [age, "-d", "-i", tmp_path / "identity.txt"]
    opened = subprocess.run(command, input=sealed, capture_output=True, check=True).stdout
    assert base64.b64decode(json.loads(opened)["secret_b64"]) == b"secret of web"


def test_nothing_is_unlocked_without_need(place: Place) -> None:
    asked: list[folder.StoreInfo] = []
    store = FolderStore(str(place.path), lambda info: asked.append(info) or place.identity)
    assert store.get("day").secret == Secret(b"keys of the day")
    store.put("day-2", SUBKEYS, Secret(b"x"), protected=False)
    assert [entry.name for entry in store.listing()] == ["day", "day-2", "web"]
    store.delete("day-2")
    with pytest.raises(NotFound):
        store.get("nobody")
    assert asked == []
    for _ in range(2):
        assert store.get("web").secret == Secret(b"secret of web")
    store.put("new", METADATA, Secret(b"x"))
    assert [(info.path, info.unlock) for info in asked] == [(str(place.path), "passphrase")]
    assert repr(asked[0]) == f"<StoreInfo {store.info.id}>"


def test_an_identity_in_lower_case_is_the_same(place: Place) -> None:
    store = FolderStore(str(place.path), lambda info: place.identity.lower())
    assert store.get("web").secret == Secret(b"secret of web")


def test_another_identity_opens_nothing_and_writes_nothing(place: Place) -> None:
    store = FolderStore(str(place.path), lambda info: seal.generate_identity()[0])
    expected = f"what unlocks the store at {place.path} is the identity of another store"
    assert failure(store.get, "web") == expected
    assert failure(store.put, "new", METADATA, Secret(b"x")) == expected
    assert store.names() == ["day", "web"]


def test_a_recipient_put_in_our_place_gets_nothing(place: Place) -> None:
    path = place.path / "store.json"
    info = json.loads(path.read_bytes())
    path.write_text(json.dumps({**info, "recipient": seal.generate_identity()[1]}) + "\n")
    expected = f"what unlocks the store at {place.path} is the identity of another store"
    assert failure(place.open().put, "new", METADATA, Secret(b"x")) == expected
    assert not place.entry("new").exists()


def change(member: str, value: object) -> Callable[[Row], Row]:
    return lambda row: {**row, member: value}


def drop(member: str) -> Callable[[Row], Row]:
    return lambda row: {name: value for name, value in row.items() if name != member}


MAC = "{path}: wrong MAC, so it was changed, renamed or made without the store's identity"
NOT_SEALED = "{path}: its metadata is not the one that was sealed, so it was changed"
OTHER = seal.encrypt_to(seal.generate_identity()[1], b"x")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (change("mac", ""), MAC),
        (change("mac", base64.b64encode(bytes(32)).decode()), MAC),
        (lambda row: {**row, "mac": row["mac"].rstrip("=")}, MAC),
        (lambda row: {**row, "mac": row["mac"] + "\n"}, MAC),
        (change("mac", "é"), MAC),
        (change("sealed", OTHER), MAC),
        (change("sealed", "é"), MAC),
        (lambda row: {**row, "sealed": row["sealed"].replace("\n", "\r\n")}, MAC),
        (change("metadata", {**METADATA, "count": 2}), NOT_SEALED),
        (change("metadata", {**METADATA, "count": True}), NOT_SEALED),
        (change("metadata", {**METADATA, "more": 1}), NOT_SEALED),
        (change("metadata", {}), NOT_SEALED),
        (change("metadata", []), "{path}: metadata is not an object"),
        (change("name", "WEB"), "{path} holds a key of another name, so it was renamed or exchanged"),
        (change("schema", "authkit.key/v2"), "{path}: schema is not authkit.key/v1"),
        (change("sealed", 1), "{path}: sealed or mac is not text"),
        (change("mac", []), "{path}: sealed or mac is not text"),
        (change("more", 1), "{path}: unknown member 'more'"),
        (change("clear", "eA=="), "{path}: unknown member 'sealed'"),
        (drop("mac"), "{path}: member 'mac' is missing"),
        (drop("sealed"), "{path}: member 'sealed' is missing"),
        (drop("metadata"), "{path}: member 'metadata' is missing"),
        (drop("name"), "{path}: member 'name' is missing"),
        (drop("schema"), "{path}: member 'schema' is missing"),
    ],
)  # fmt: skip
def test_a_changed_entry_is_refused_by_name(spoil: Callable[[Row], Row], message: str, place: Place) -> None:
    place.write(spoil(place.row()))
    before = place.entry().read_bytes()
    assert failure(place.open().get, "web") == message.format(path=place.entry())
    assert place.entry().read_bytes() == before
    assert [entry.name for entry in place.open().listing()] == ["day", "web"]
    assert place.open().get("day").secret == Secret(b"keys of the day")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (change("store", "0" * 32), "{path}: its store is not the one that was sealed, so it was changed"),
        (change("name", "other"), "{path}: its name is not the one that was sealed, so it was changed"),
        (change("metadata", SUBKEYS), NOT_SEALED),
        (change("schema", "authkit.key/v1"), "the sealed part of {path}: schema is not authkit.sealed/v1"),
        (change("more", 1), "the sealed part of {path}: unknown member 'more'"),
        (drop("secret_b64"), "the sealed part of {path}: member 'secret_b64' is missing"),
        (change("secret_b64", "eA"), "{path}: secret_b64 is not base64"),
        (change("secret_b64", ""), "{path}: secret_b64 is not base64"),
        (change("secret_b64", 1), "{path}: secret_b64 is not base64"),
    ],
)
def test_what_was_sealed_is_looked_at_too(spoil: Callable[[Row], Row], message: str, place: Place) -> None:
    place.seal(spoil(place.inner()))
    assert failure(place.open().get, "web") == message.format(path=place.entry())


def test_members_in_another_order_are_the_same(place: Place) -> None:
    place.write(dict(reversed({**place.row(), "metadata": dict(reversed(METADATA.items()))}.items())))
    assert place.open().get("web").secret == Secret(b"secret of web")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ([1, "a"], [1, "a"], True),
        ([1], [1, 1], False),
        ([1], [True], False),
        ([[1]], [[2]], False),
        ({"a": [1]}, {"a": {"b": 1}}, False),
        ("1", 1, False),
        (False, 0, False),
    ],
)
def test_values_are_compared_with_their_types(one: object, other: object, same: bool) -> None:
    assert folder._same(one, other) is same


def test_exchanged_entries_are_refused(place: Place) -> None:
    store = place.open()
    store.put("api", METADATA, Secret(b"secret of api"))
    web, api = place.row("web"), place.row("api")
    place.write({**api, "name": "web"}, "web")
    place.write({**web, "name": "api"}, "api")
    for name in ("web", "api"):
        assert failure(place.open().get, name) == MAC.format(path=place.entry(name))
    shutil.copy(place.entry("day"), place.entry("copy"))
    expected = f"{place.entry('copy')} holds a key of another name, so it was renamed or exchanged"
    assert failure(place.open().get, "copy") == expected


def test_an_entry_of_another_store_is_refused(place: Place, tmp_path: Path) -> None:
    other = Place(tmp_path / "other")
    place.write(other.row())
    assert failure(place.open().get, "web") == MAC.format(path=place.entry())


def test_who_knows_only_the_recipient_makes_no_entry(place: Place) -> None:
    forged = seal.encrypt_to(
        place.open().info.recipient, json.dumps({**place.inner(), "secret_b64": "eA=="}).encode() + b"\n"
    )
    assert json.loads(seal.decrypt_with(place.identity, forged))["secret_b64"] == "eA=="  # age itself opens it
    place.write({**place.row(), "sealed": forged})
    assert failure(place.open().get, "web") == MAC.format(path=place.entry())


def test_a_sealed_part_for_somebody_else_is_named(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FolderStore, "_mac", lambda store, name, sealed: b"mac")
    place.write({**place.row(), "sealed": OTHER, "mac": base64.b64encode(b"mac").decode()})
    assert failure(place.open().get, "web") == f"the sealed part of {place.entry()} is not sealed to this identity"


@pytest.mark.parametrize("kind", ["access-key", "master", "Subkeys", True])
def test_only_subkeys_lie_in_clear(kind: object, place: Place) -> None:
    place.write({**place.row("day"), "metadata": {"kind": kind}}, "day")
    expected = f"{place.entry('day')} is kept in clear and is not a subkey, so it was not written by authkit"
    assert failure(place.open().get, "day") == expected
    place.write({**place.row("day"), "metadata": {}}, "day")
    assert failure(place.open().get, "day") == expected


@pytest.mark.parametrize("clear", ["", "eA", "eA==\n", "é"])
def test_clear_text_is_base64(clear: str, place: Place) -> None:
    place.write({**place.row("day"), "clear": clear}, "day")
    assert failure(place.open().get, "day") == f"{place.entry('day')}: clear is not base64"
    place.write({**place.row("day"), "clear": 1}, "day")
    assert failure(place.open().get, "day") == f"{place.entry('day')}: clear is not text"


@pytest.mark.parametrize("data", [b"", b"{", b"{}\n", b"[]\n", b"\xff\n", b'{"a": 1, "a": 2}\n'])
def test_a_damaged_entry_does_not_hide_the_others(data: bytes, place: Place) -> None:
    place.entry().write_bytes(data)
    store = place.open()
    message = failure(store.get, "web")
    assert str(place.entry()) in message
    seen = [(entry.name, entry.metadata, entry.error) for entry in store.listing()]
    assert seen == [("day", SUBKEYS, None), ("web", {}, message)]
    assert store.names() == ["day", "web"]
    assert place.entry().read_bytes() == data
    with pytest.raises(Refused):
        store.put("web", METADATA, Secret(b"new"))
    assert place.entry().read_bytes() == data
    store.put("web", METADATA, Secret(b"new"), replace=True)
    assert store.get("web").secret == Secret(b"new")


def test_a_damaged_entry_can_be_deleted(place: Place) -> None:
    place.entry().write_bytes(b"{")
    place.open().delete("web")
    assert place.open().names() == ["day"]


def test_other_files_are_named_or_passed_over(place: Place) -> None:
    keys = place.path / "keys"
    for name in ("web (1).json", ".hidden.json", ".web.json.0.tmp", "README", "-x.json"):
        (keys / name).write_bytes(b"{}")
        (keys / name).chmod(0o600)
    store = place.open()
    assert store.names() == ["day", "web"]
    listed = {entry.name: entry.error for entry in store.listing()}
    assert listed == {
        "-x": f"{keys}/-x.json: its name cannot be the name of a key",
        "day": None,
        "web": None,
        "web (1)": f"{keys}/web (1).json: its name cannot be the name of a key",
    }


@pytest.mark.parametrize("kind", ["lax", "folder", "pipe", "theirs"])
def test_an_entry_is_a_private_file_of_ours(kind: str, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    path = place.entry()
    store = place.open()
    expected = f"{path} is a folder, not a key entry"
    if kind == "lax":
        path.chmod(0o640)
        expected = f"{path} is open to other users (mode 0640)"
    elif kind == "theirs":
        give_away(path, monkeypatch)
        expected = f"{path} belongs to another user"
    else:
        path.unlink()
        if kind == "folder":
            path.mkdir()
        else:
            os.mkfifo(path, 0o600)
            expected = f"{path}: does not end with a line feed"
    assert failure(store.get, "web") == expected


@pytest.mark.parametrize("which", [".", "keys"])
@pytest.mark.parametrize("mode", [0o720, 0o702, 0o777])
def test_a_folder_that_others_may_write_is_refused(which: str, mode: int, place: Place) -> None:
    path = place.path / which
    path.chmod(mode)
    with pytest.raises(StoreError) as caught:
        place.open()
    assert caught.value.message == f"{path} can be written by other users"
    assert caught.value.hint == f"chmod 700 {path}"
    path.chmod(0o755)
    assert place.open().names() == ["day", "web"]


@pytest.mark.parametrize("which", [".", "keys"])
def test_a_folder_of_another_user_is_refused(which: str, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    give_away(place.path / which, monkeypatch)
    with pytest.raises(StoreError) as caught:
        place.open()
    expected = place.path / which if os.geteuid() == 0 else place.path
    assert caught.value.message == f"{expected} belongs to another user"
    assert caught.value.hint == f"chown -R {os.geteuid()} {expected}"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "{path}: does not end with a line feed"),
        (b"{}\n", "{path}: member 'schema' is missing"),
        (change("more", 1), "{path}: unknown member 'more'"),
        (change("schema", "authkit.store/v2"), "{path}: schema is not authkit.store/v1"),
        (change("schema", 1), "{path}: member 'schema' is not text"),
        (change("id", "0" * 31), "{path}: id is not 32 lower-case hexadecimal digits"),
        (change("id", "0" * 33), "{path}: id is not 32 lower-case hexadecimal digits"),
        (change("id", "A" * 32), "{path}: id is not 32 lower-case hexadecimal digits"),
        (change("unlock", "none"), "{path}: unlock is neither keyring nor passphrase"),
        (drop("recipient"), "{path}: member 'recipient' is missing"),
    ],
)
def test_a_damaged_store_is_named(content: bytes | Callable[[Row], Row], message: str, place: Place) -> None:
    path = place.path / "store.json"
    data = (
        content if isinstance(content, bytes) else json.dumps(content(json.loads(path.read_bytes()))).encode() + b"\n"
    )
    path.write_bytes(data)
    assert failure(place.open) == message.format(path=path)
    assert path.read_bytes() == data


def test_a_store_that_is_not_there(tmp_path: Path, place: Place) -> None:
    with pytest.raises(StoreError) as caught:
        FolderStore(str(tmp_path / "absent"), lambda info: "")
    assert caught.value.message == f"there is no store at {tmp_path}/absent"
    assert caught.value.hint == "authkit keygen NAME makes one with its first key"
    assert not folder.exists(str(tmp_path / "absent"))
    assert folder.exists(str(place.path))
    shutil.rmtree(place.path / "keys")
    assert failure(place.open) == f"the store's folder {place.path}/keys cannot be read"


def test_a_folder_that_vanishes_is_named(place: Place) -> None:
    store = place.open()
    shutil.rmtree(place.path / "keys")
    assert failure(store.names) == f"cannot read the folder {place.path}/keys"


def test_a_second_store_in_one_place_is_refused(place: Place) -> None:
    before = (place.path / "store.json").read_bytes()
    with pytest.raises(Refused) as caught:
        make_store(place.path)
    assert caught.value.message == f"there is a store at {place.path}"
    assert (place.path / "store.json").read_bytes() == before


def test_a_store_whose_keys_are_left_is_not_begun_again(place: Place) -> None:
    (place.path / "store.json").unlink()
    assert failure(make_store, place.path) == f"{place.path} holds keys but its store.json is missing"
    assert place.entry().exists()


def test_an_unfinished_store_is_begun_again(tmp_path: Path) -> None:
    path = str(tmp_path / "deep" / "store")

    def broken(info: folder.StoreInfo, identity: str) -> None:
        raise Refused("no passphrase was given")

    for _ in range(2):
        with pytest.raises(Refused, match=r"^no passphrase was given$"):
            folder.create(path, "keyring", broken)
        assert not folder.exists(path)
    os.mkdir(f"{path}/keys", 0o700)
    kept: list[tuple[folder.StoreInfo, str]] = []
    store = folder.create(
        path, "keyring", lambda info, identity: kept.append((info, identity)), lambda count: b"\xab" * count
    )
    assert store.identity() == kept[0][1]
    assert (store.info.id, store.info.unlock, store.info.path) == ("ab" * 16, "keyring", path)
    assert kept[0][0].id == store.info.id
    assert store.info.recipient == seal.recipient_of(kept[0][1])
    assert not store.info.has_identity_file()
    files.write_secret(store.info.identity_path, b"x")
    assert store.info.has_identity_file()


def test_a_store_is_not_made_in_a_folder_of_others(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    assert failure(make_store, tmp_path) == f"{tmp_path} can be written by other users"
    assert os.listdir(tmp_path) == []


def test_what_is_written_is_compared_with_what_was_given(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    store = place.open()
    write = files.write_secret

    def swap(path: str, data: bytes, *, replace: bool) -> None:
        write(path, place.entry("day").read_bytes().replace(b'"day"', b'"new"'), replace=replace)

    monkeypatch.setattr(files, "write_secret", swap)
    message = failure(store.put, "new", SUBKEYS, Secret(b"keys of tomorrow"))
    assert message == f"{place.entry('new')} did not give back what it was given"


@pytest.mark.parametrize("metadata", [{"kind": "x", "n": 1.5}, {"n": -1}, {"n": None}, {"n": {"a": {"b": {"c": 1}}}}])
def test_metadata_that_could_not_be_read_again_is_not_written(metadata: dict[str, object], place: Place) -> None:
    message = failure(place.open().put, "new", metadata, Secret(b"x"))
    assert message.startswith(f"{place.entry('new')}: ")
    assert not place.entry("new").exists()


def test_a_secret_is_not_empty(place: Place) -> None:
    assert failure(place.open().put, "new", METADATA, Secret(b"")) == f"{place.entry('new')}: secret_b64 is not base64"
    assert not place.entry("new").exists()


WORKER = """
import sys
from authkit.errors import Refused
from authkit.secret import Secret
from authkit.stores.folder import FolderStore
path, identity, number = sys.stdin.read().split()
store = FolderStore(path, lambda info: identity)
for count in range(4):
    store.put(f"k{number}-{count}", {"kind": "access-key"}, Secret(f"{number} {count}".encode()))
try:
    store.put("same", {"kind": "access-key"}, Secret(number.encode()))
    print("won")
except Refused as error:
    print(error.message)
"""


def test_eight_writers_at_once_lose_nothing(place: Place) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    children = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True
        )
        for _ in range(8)
    ]
    for number, child in enumerate(children):
        assert child.stdin is not None
        child.stdin.write(f"{place.path}\n{place.identity}\n{number}\n")
        child.stdin.close()
        child.stdin = None
    said = [child.communicate()[0].strip() for child in children]
    assert sorted(said) == ["there is a key named same"] * 7 + ["won"]
    store = place.open()
    for number in range(8):
        for count in range(4):
            assert store.get(f"k{number}-{count}").secret == Secret(f"{number} {count}".encode())
    assert store.get("same").secret == Secret(str(said.index("won")).encode())
    assert len(store.names()) == 8 * 4 + 3
    assert sorted(os.listdir(place.path)) == ["identity.age", "keys", "lock", "store.json"]
    assert not [name for name in os.listdir(place.path / "keys") if name.startswith(".")]


def test_the_passphrase_opens_the_store_by_hand(place: Place) -> None:
    sealed = (place.path / "identity.age").read_bytes()
    assert seal.decrypt_with_passphrase(PASSPHRASE, sealed) == place.identity.encode() + b"\n"
