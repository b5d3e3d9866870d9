"""Does a request say what was asked for and where both ledgers stand, and is it kept before it leaves?"""

import os
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from authkit.ceremony import ask
from authkit.ceremony.peers import Issuer
from authkit.ceremony.places import Places
from authkit.ceremony.request import parse_request
from authkit.clock import UTC
from authkit.errors import StoreError, UsageError
from authkit.keys.pair import generate_pair
from authkit.keys.prove import PrivateKey, load_private
from authkit.keys.request import Wanted
from authkit.keys.sshsig import REQUEST, open_signed, public_line
from authkit.schemes.derived import AWS4, TC3
from responses import Signer

AT = datetime(2026, 11, 22, 8, 55, tzinfo=UTC)
VAULT = Issuer("vault", Signer("vault").line)
KEY: PrivateKey = load_private(generate_pair("ed25519").private_pem, "key")
ASKER = ask.Asker("web-1", "age1x", KEY)
S3 = ("us-east-1", "s3")


def wanted(*pairs: tuple[str, ...], level: str = "signing", days: int = 7) -> Wanted:
    found = [date(2026, 11, 23) + timedelta(days=i) for i in range(days)]
    return Wanted(AWS4.chain, level, found, list(pairs) or [S3])


@pytest.fixture
def places(tmp_path: Path) -> Places:
    found = Places(str(tmp_path))
    found.make()
    return found


def asked(places: Places, what: "Wanted | None" = None, **changes: Any) -> Any:
    given: dict[str, Any] = {"at": AT, "random": lambda count: b"\xab" * count} | changes
    issuer, name = given.pop("issuer", VAULT), given.pop("name", "build")
    signed = ask.ask(places, ASKER, issuer, what or wanted(), "AKIDEXAMPLE", name, **given)
    return parse_request(open_signed(signed, REQUEST, [public_line(KEY.public())], "r")[0], "r"), signed


def test_the_first_request(places: Places) -> None:
    request, signed = asked(places, wanted(("us-east-1", "sqs"), S3))
    assert (request.id, request.requester, request.recipient) == ("ab" * 16, "web-1", "age1x")
    assert (request.issuer, request.access_key_id) == (Signer("vault").fingerprint, "AKIDEXAMPLE")
    assert (request.scheme, request.level, request.scopes) == (
        "AWS4-HMAC-SHA256",
        "signing",
        ("us-east-1/s3", "us-east-1/sqs"),
    )
    assert (request.span, request.created) == ("20261123-20261129", AT)
    assert (request.previous, request.ledger) == ("none", ("0:none", "0:none"))
    path = Path(places.request("ab" * 16))
    assert path.read_bytes() == signed
    assert path.stat().st_mode & 0o777 == 0o600


def test_its_line_in_the_ledger(places: Places) -> None:
    from hashlib import sha256

    request, signed = asked(places)
    text = signed.partition(b"-----BEGIN")[0]
    (line,) = places.ledger.lines()
    assert line == {
        "n": 1,
        "at": "2026-11-22T08:55:00Z",
        "prev": "0" * 64,
        "event": "created",
        "kind": "request",
        "id": "ab" * 16,
        "request": sha256(text).hexdigest(),
        "issuer": Signer("vault").fingerprint,
        "access_key_id": "AKIDEXAMPLE",
        "scheme": "AWS4-HMAC-SHA256",
        "level": "signing",
        "scopes": ["us-east-1/s3"],
        "days": "20261123-20261129",
        "name": "build",
    }


def test_the_next_tells_both_heads_and_the_last_response(places: Places) -> None:
    key = Signer("vault").fingerprint
    event: dict[str, object] = {
        "event": "imported",
        "issuer": "vault",
        "key": key,
        "sequence": 1,
        "request": "none",
        "response": "cd" * 32,
        "ledger": "41:" + "ef" * 32,
        "stored_as": "build",
    }
    with places.ledger.locked():
        places.ledger.append([event], AT)
    head = places.ledger.head()
    request, _ = asked(places)
    assert (request.previous, request.ledger) == ("cd" * 32, (head, "41:" + "ef" * 32))
    other, _ = asked(places, issuer=Issuer("other", Signer("other").line), random=lambda count: b"\x01" * count)
    assert (other.previous, other.ledger[1]) == ("none", "0:none")
    assert other.ledger[0].startswith("2:")


@pytest.mark.parametrize(
    ("what", "texts"),
    [
        (wanted(("b", "s3"), ("a", "s3-x"), ("a", "s3")), ("a/s3", "a/s3-x", "b/s3")),
        (wanted(S3, level="service"), ("us-east-1/s3",)),
        (wanted(("us-east-1",), level="region"), ("us-east-1",)),
        (wanted((), level="date"), ("-",)),
        (Wanted(TC3.chain, "signing", [date(2026, 11, 23)], [("cvm",)]), ("cvm",)),
    ],
)
def test_scopes_as_a_request_writes_them(what: Wanted, texts: tuple[str, ...]) -> None:
    assert ask.scope_texts(what) == texts


def test_sixty_four_scopes_at_most() -> None:
    pairs = [("r", f"s{i}") for i in range(65)]
    assert len(ask.scope_texts(wanted(*pairs[:64]))) == 64
    with pytest.raises(UsageError) as caught:
        ask.scope_texts(wanted(*pairs))
    assert (caught.value.message, caught.value.hint) == (
        "65 scopes are more than the 64 that a request can hold",
        "make several",
    )


def test_a_level_that_a_request_cannot_name() -> None:
    with pytest.raises(UsageError, match="^a request cannot ask for stage keys$"):
        ask.scope_texts(Wanted(AWS4.chain, "stage", [], [("a",)]))


def test_a_request_of_more_than_eight_kibibytes(places: Places) -> None:
    pairs = [("r" * 60, f"{i:064}") for i in range(64)]
    with pytest.raises(UsageError, match="^the request is 8,819 bytes, more than 8,192$"):
        asked(places, wanted(*pairs))
    assert places.ledger.lines() == []
    assert places.request_ids() == []


def test_a_damaged_ledger_makes_no_request(places: Places) -> None:
    asked(places)
    path = Path(places.ledger.path)
    path.write_bytes(path.read_bytes().replace(b"build", b"other").replace(b'"n": 1', b'"n": 2'))
    with pytest.raises(StoreError):
        asked(places, random=lambda count: b"\x01" * count)
    assert len(places.request_ids()) == 1


def test_the_line_comes_before_the_file(places: Places) -> None:
    os.rmdir(os.path.join(places.folder, "requests"))
    with pytest.raises(StoreError):
        asked(places)
    assert len(places.ledger.lines()) == 1
