"""Does every part of a scope make another key, and every way of deriving the same one?"""

import hmac

import pytest

from authkit.errors import Refused
from authkit.keys.derive import derive_key, derive_subkey, derive_tree
from authkit.keys.scope import parse_scope
from authkit.secret import MacKey, Secret
from samples import CHAIN, ID, SECRET, TC3, subkey

PARTS = ("20261123", "us-east-1", "s3", "aws4_request")


def first_key(secret: str = SECRET) -> MacKey:
    return Secret(secret.encode()).mac_key(b"AWS4")


def test_one_step_is_one_hmac() -> None:
    key = first_key()
    assert derive_key(key, ()) is key
    date_key = derive_key(key, PARTS[:1])
    assert date_key.reveal() == hmac.new(b"AWS4" + SECRET.encode(), b"20261123", "sha256").digest()
    assert type(date_key) is MacKey


def test_deriving_in_one_go_is_deriving_on_four_machines() -> None:
    key = first_key()
    for part in PARTS:
        key = MacKey(bytes(derive_key(key, (part,)).reveal()))
    assert key == derive_key(first_key(), PARTS)
    assert key.reveal().hex() == "b330078966de3f2d6fb559b838c0d60e0ec66ad4ff18c451f6b81e0b82d1db5a"


@pytest.mark.parametrize("cut", range(5))
def test_any_place_to_stop_and_go_on(cut: int) -> None:
    held = derive_key(first_key(), PARTS[:cut])
    assert derive_key(held, PARTS[cut:]) == derive_key(first_key(), PARTS)


def test_every_part_and_the_secret_change_the_key() -> None:
    keys = [derive_key(first_key(), PARTS)]
    for place, other in enumerate(["20261124", "us-east-2", "sqs", "aws5_request"]):
        parts = list(PARTS)
        parts[place] = other
        keys.append(derive_key(first_key(), tuple(parts)))
    keys.append(derive_key(first_key(SECRET[:-1] + "y"), PARTS))
    keys.append(derive_key(Secret(SECRET.encode()).mac_key(b"OSC4"), PARTS))
    keys.append(derive_key(first_key(), ("20261123", "s3", "us-east-1", "aws4_request")))
    keys.append(derive_key(first_key(), PARTS[:3]))
    assert len({key.reveal() for key in keys}) == 9


class Token:
    """A key that never leaves its token."""

    def mac(self, message: bytes) -> bytes:
        return hmac.new(b"AWS4" + SECRET.encode(), message, "sha256").digest()

    def derived(self, part: bytes) -> MacKey:
        return MacKey(self.mac(part))


def test_a_handle_derives_like_bytes() -> None:
    assert derive_key(Token(), PARTS) == derive_key(first_key(), PARTS)  # type: ignore[arg-type]


def test_derive_subkey_keeps_owner_and_session() -> None:
    holder = subkey("20261123/us-east-1", token="TOKEN")
    scope = parse_scope("/".join(PARTS), CHAIN)
    narrow = derive_subkey(holder, scope)
    assert (narrow.access_key_id, narrow.scope, narrow.key) == (ID, scope, derive_key(first_key(), PARTS))
    assert narrow.session_token is holder.session_token
    same = derive_subkey(narrow, scope)
    assert (same.scope, same.key) == (narrow.scope, narrow.key)


@pytest.mark.parametrize(
    ("held", "asked"),
    [
        ("20261123/us-east-1/s3", "20261123/us-east-1/sqs/aws4_request"),
        ("20261123/us-east-1", "20261123/us-east-2/s3/aws4_request"),
        ("20261123", "20261124/us-east-1/s3/aws4_request"),
        ("20261123/us-east-1/s3/aws4_request", "20261123/us-east-1/s3"),
        ("20261123/us-east-1", "20261123"),
    ],
)
def test_no_key_widens(held: str, asked: str) -> None:
    with pytest.raises(Refused) as caught:
        derive_subkey(subkey(held), parse_scope(asked, CHAIN))
    assert caught.value.message == f"a key for {held} does not reach {asked}"


@pytest.mark.parametrize("secret", [b"k", b"x" * 60, b"x" * 61, b"\x36\x5c" * 200])
def test_tree_is_the_chain_everywhere(secret: bytes) -> None:
    """Keys below, at and above HMAC's block of 64 octets, the prefix included."""
    days, regions, services = ["20261123", "20261124"], ["us-east-1", "eu-west-1"], ["s3", "sqs", "a" * 64]
    tree = derive_tree(b"AWS4" + secret, days, regions, services, CHAIN)
    scopes = [f"{day}/{region}/{one}/aws4_request" for day in days for region in regions for one in services]
    assert [scope for scope, _ in tree] == scopes
    for scope, key in tree:
        assert key == derive_key(MacKey(b"AWS4" + secret), tuple(scope.split("/"))).reveal(), scope


def test_tree_without_regions() -> None:
    tree = derive_tree(b"TC3secret", ["2026-11-23"], [], ["cvm", "cos"], TC3)
    assert [scope for scope, _ in tree] == ["2026-11-23/cvm/tc3_request", "2026-11-23/cos/tc3_request"]
    for scope, key in tree:
        assert key == derive_key(MacKey(b"TC3secret"), tuple(scope.split("/"))).reveal()


@pytest.mark.parametrize(("days", "regions", "services"), [([], ["r"], ["s"]), (["20261123"], ["r"], [])])
def test_tree_of_nothing(days: list[str], regions: list[str], services: list[str]) -> None:
    assert derive_tree(b"AWS4k", days, regions, services, CHAIN) == []
