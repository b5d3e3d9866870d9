"""Is what we trust read exactly as it was written, and is every other file named for what is wrong with it?"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agefile import give_away
from authkit.ceremony import peers
from authkit.ceremony.places import Places
from authkit.errors import InputError, NotFound, Refused, StoreError
from ceremonies import AIR_PEM, line_of, policy


@pytest.fixture
def places(tmp_path: Path) -> Places:
    found = Places(str(tmp_path))
    found.make()
    return found


def write(path: str, data: bytes) -> None:
    Path(path).write_bytes(data)
    Path(path).chmod(0o600)


def test_a_requester_is_read_as_it_was_written(places: Places) -> None:
    wanted = policy(levels=("signing", "date"), scopes=("-", "us-east-1"), services=("iam", "sts"), max_ahead=0)
    write(places.requester("web-1"), wanted.text)
    found = peers.load_requester(places, "web-1")
    assert found.members() == wanted.members()
    assert found.text == wanted.text
    assert repr(found) == "<Requester web-1>"
    assert json.loads(found.text) == {"schema": "authkit.requester/v1", **found.members()}
    assert [one.name for one in peers.requesters(places)] == ["web-1"]
    assert peers.policy_sha256(b"abc")[:8] == "ba7816bf"


def test_a_requester_that_only_receives(places: Places) -> None:
    write(places.requester("web-1"), policy(signing_key="").text)
    assert peers.load_requester(places, "web-1").signing_key == ""


def test_the_text_is_kept_as_it_is(places: Places) -> None:
    text = policy().text.replace(b", ", b",  ")
    write(places.requester("web-1"), text)
    assert peers.load_requester(places, "web-1").text == text


def test_an_issuer(places: Places) -> None:
    write(places.issuer("vault"), peers.encode_issuer(peers.Issuer("vault", line_of(AIR_PEM))))
    found = peers.load_issuer(places, "vault")
    assert (found.name, found.signing_key, repr(found)) == ("vault", line_of(AIR_PEM), "<Issuer vault>")
    assert [one.name for one in peers.issuers(places)] == ["vault"]


def test_who_is_not_known(places: Places) -> None:
    with pytest.raises(NotFound, match="^no requester named web-2$") as caught:
        peers.load_requester(places, "web-2")
    assert caught.value.hint == "'authkit trust-requester CARD' enrols one"
    write(places.issuer("vault"), b"")
    with pytest.raises(NotFound, match="^no issuer named safe$") as caught:
        peers.load_issuer(places, "safe")
    assert caught.value.hint == "known are vault"


def test_a_file_that_others_can_change(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    write(places.requester("web-1"), policy().text)
    Path(places.requester("web-1")).chmod(0o644)
    with pytest.raises(Refused, match="open"):
        peers.load_requester(places, "web-1")
    Path(places.requester("web-1")).chmod(0o600)
    give_away(Path(places.requester("web-1")), monkeypatch)
    with pytest.raises(Refused, match="belongs to"):
        peers.load_requester(places, "web-1")


KEY = line_of(AIR_PEM)
CHANGES: "list[tuple[str, Any, str]]" = [
    ("schema", "authkit.requester/v2", "member 'schema' is not 'authkit.requester/v1'"),
    ("name", "web-2", "member 'name' is not 'web-1'"),
    ("recipient", "age1 x", "member 'recipient' is neither 'age1…' nor an SSH key's type and text without a comment"),
    ("recipient", "", "member 'recipient' is neither 'age1…' nor an SSH key's type and text without a comment"),
    ("recipient", "ssh-rsa", "member 'recipient' is neither 'age1…' nor an SSH key's type and text without a comment"),
    ("recipient", "agé1", "member 'recipient' is neither 'age1…' nor an SSH key's type and text without a comment"),
    (
        "recipient",
        "a" * 4097,
        "member 'recipient' is neither 'age1…' nor an SSH key's type and text without a comment",
    ),
    ("signing_key", "ssh-rsa AAAA", "member 'signing_key': not an OpenSSH public key of type ssh-ed25519"),
    ("signing_key", KEY + " me", "member 'signing_key' is not the key alone"),
    ("access_key_ids", [], "member 'access_key_ids' is not a list of 1 to 64 texts"),
    ("access_key_ids", "AK", "member 'access_key_ids' is not a list of 1 to 64 texts"),
    ("access_key_ids", [7], "member 'access_key_ids': '7' is not text"),
    ("access_key_ids", ["A/B"], "member 'access_key_ids': 'A/B' holds a character that an access key ID cannot hold"),
    ("access_key_ids", ["B", "A"], "member 'access_key_ids' is not sorted, or one stands twice"),
    ("access_key_ids", ["A", "A"], "member 'access_key_ids' is not sorted, or one stands twice"),
    ("scopes", [f"r{i:02}" for i in range(65)], "member 'scopes' is not a list of 1 to 64 texts"),
    ("scopes", ["a/b/c"], "member 'scopes': 'a/b/c' is neither REGION/SERVICE, nor REGION, nor '-'"),
    ("scopes", ["a/"], "member 'scopes': 'a/' is not 1 to 64 characters"),
    (
        "scopes",
        ["us-east-1/*"],
        "member 'scopes': 'us-east-1/*' holds a character that is not a letter, digit, '.', '_' or '-'",
    ),
    ("services", ["s3", "iam"], "member 'services' is not sorted, or one stands twice"),
    ("levels", [], "member 'levels' is not some of signing, service, region, date, in this order"),
    ("levels", "signing", "member 'levels' is not some of signing, service, region, date, in this order"),
    ("levels", ["date", "signing"], "member 'levels' is not some of signing, service, region, date, in this order"),
    ("levels", ["signing", "wide"], "member 'levels' is not some of signing, service, region, date, in this order"),
    ("max_days", 0, "member 'max_days' is not a number from 1 to 3660"),
    ("max_days", 3661, "member 'max_days' is not a number from 1 to 3660"),
    ("max_days", True, "member 'max_days' is not a number from 1 to 3660"),
    ("max_ahead", "7", "member 'max_ahead' is not a number from 0 to 3660"),
    ("max_ahead", 3661, "member 'max_ahead' is not a number from 0 to 3660"),
    ("more", 1, "unknown member 'more'"),
]


@pytest.mark.parametrize(("member", "value", "fault"), CHANGES)
def test_a_wrong_member(member: str, value: object, fault: str, places: Places) -> None:
    row = {**json.loads(policy().text), member: value}
    write(places.requester("web-1"), json.dumps(row).encode() + b"\n")
    with pytest.raises(StoreError) as caught:
        peers.load_requester(places, "web-1")
    assert caught.value.message == f"{places.requester('web-1')}: {fault}"


@pytest.mark.parametrize("member", list(json.loads(policy().text)))
def test_a_missing_member(member: str) -> None:
    row = json.loads(policy().text)
    del row[member]
    with pytest.raises(InputError, match=f"^file: member '{member}' is missing$"):
        peers.parse_requester(json.dumps(row).encode() + b"\n", "web-1", "file")


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda row: row.update(name="web 1"), "member 'name' is not 'web 1'"),
        (lambda row: row.update(signing_key=""), "member 'signing_key': not an OpenSSH public key of type ssh-ed25519"),
        (lambda row: row.update(schema="authkit.requester/v1"), "member 'schema' is not 'authkit.issuer/v1'"),
    ],
)
def test_a_wrong_issuer(change: "Callable[[dict[str, str]], None]", fault: str, places: Places) -> None:
    row = json.loads(peers.encode_issuer(peers.Issuer("vault", KEY)))
    change(row)
    name = row["name"]
    with pytest.raises(InputError) as caught:
        peers.parse_issuer(json.dumps(row).encode() + b"\n", name, "file")
    assert caught.value.message == f"file: {fault}"
    if name == "vault":
        write(places.issuer("vault"), json.dumps(row).encode() + b"\n")
        with pytest.raises(StoreError):
            peers.load_issuer(places, "vault")


@pytest.mark.parametrize("text", ["3660", "1"])
def test_bounds_are_inclusive(text: str) -> None:
    made = policy(max_days=int(text), max_ahead=int(text))
    assert peers.parse_requester(made.text, "web-1", "file").max_days == int(text)


@pytest.mark.parametrize("text", ["age1abc", "ssh-ed25519 AAAA", "ssh-rsa AAAA", "a" * 4096])
def test_what_could_be_a_recipient(text: str) -> None:
    assert peers.check_recipient(text, "it") == text


@pytest.mark.parametrize("text", ["ssh-ed25519 AAAA me", "age1x\n", " age1x", "ssh-ed25519  AAAA"])
def test_what_is_no_recipient(text: str) -> None:
    with pytest.raises(InputError, match="^it is neither"):
        peers.check_recipient(text, "it")
