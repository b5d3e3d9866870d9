"""Does a subkey file open exactly as it was written, and is every defect named?"""

import base64
import hmac
import json
from copy import deepcopy
from datetime import datetime
from typing import Any

import pytest

from authkit.clock import UTC
from authkit.errors import InputError, Refused, Untrusted
from authkit.keys import subkeys
from authkit.keys.scope import parse_scope
from authkit.keys.subkeys import Subkey, SubkeyFile, check_value, encode_subkeys, load_subkeys
from authkit.secret import MacKey
from samples import CHAIN, CHAINS, ID, SCOPE, SECRET, TC3, access_key, subkey

ISSUED = datetime(2026, 11, 22, 9, 0, 0, tzinfo=UTC)
ENDS = datetime(2026, 11, 23, 20, 0, 0, tzinfo=UTC)
KEY_HEX = "b330078966de3f2d6fb559b838c0d60e0ec66ad4ff18c451f6b81e0b82d1db5a"
KEY_B64 = "szAHiWbePy1vtVm4OMDWDg7GatT/GMRR9rgeC4LR21o="
# Written by hand from FORMATS F1 and F2, with the published check value.
FILE = (
    '{"schema": "authkit.subkeys/v1", "scheme": "AWS4-HMAC-SHA256", "access_key_id": "AKIDEXAMPLE", '
    '"issued_at": "2026-11-22T09:00:00Z", "subkeys": [\n'
    f'  {{"scope": "{SCOPE}", "key": "{KEY_B64}", "check": "773bbf39"}}\n'
    "]}\n"
).encode()


def a_file(*scopes: str, **session: Any) -> SubkeyFile:
    return SubkeyFile(CHAIN, ID, ISSUED, [subkey(scope, **session) for scope in scopes or (SCOPE,)])


def edited(change: "Any") -> bytes:
    """Return FILE with *change* made to its parsed content."""
    top = deepcopy(json.loads(FILE))
    change(top)
    return json.dumps(top).encode() + b"\n"


def fault(data: bytes) -> str:
    with pytest.raises(InputError) as caught:
        load_subkeys(data, CHAINS, "FILE")
    assert caught.value.hint is None
    assert SECRET not in caught.value.message
    assert KEY_B64 not in caught.value.message
    return caught.value.message


def test_the_written_file_is_the_format_s() -> None:
    assert encode_subkeys(a_file()) == FILE


def test_it_opens_as_it_was_written() -> None:
    held = load_subkeys(FILE, CHAINS, "FILE")
    (one,) = held.subkeys
    assert (held.chain, held.access_key_id, held.issued_at) == (CHAIN, ID, ISSUED)
    assert (one.access_key_id, one.scope, one.key) == (ID, parse_scope(SCOPE, CHAIN), MacKey(bytes.fromhex(KEY_HEX)))
    assert (one.session_token, one.expires_at) == (None, None)
    assert encode_subkeys(held) == FILE


def test_check_value_is_the_published_one() -> None:
    key = MacKey(bytes.fromhex(KEY_HEX))
    assert check_value(key, "AWS4-HMAC-SHA256", "AKIDEXAMPLE", SCOPE) == "773bbf39"
    message = f"authkit-check-v1\nAWS4-HMAC-SHA256\nAKIDEXAMPLE\n{SCOPE}".encode()
    assert hmac.new(bytes.fromhex(KEY_HEX), message, "sha256").hexdigest()[:8] == "773bbf39"


def test_check_value_changes_with_everything_it_binds() -> None:
    key, other = subkey().key, subkey(secret="other").key
    values = {
        check_value(key, CHAIN.label, ID, SCOPE),
        check_value(other, CHAIN.label, ID, SCOPE),
        check_value(key, TC3.label, ID, SCOPE),
        check_value(key, CHAIN.label, ID + "A", SCOPE),
        check_value(key, CHAIN.label, ID, SCOPE[:-1]),
    }
    assert len(values) == 5


def test_a_session_goes_with_every_key() -> None:
    written = encode_subkeys(a_file(SCOPE, "20261124/us-east-1/s3/aws4_request", token="T/+=x", expires_at=ENDS))
    top = json.loads(written)
    assert list(top) == [
        "schema",
        "scheme",
        "access_key_id",
        "session_token",
        "expires_at",
        "issued_at",
        "subkeys",
    ]
    assert (top["session_token"], top["expires_at"]) == ("T/+=x", "2026-11-23T20:00:00Z")
    held = load_subkeys(written, CHAINS, "FILE")
    for one in held.subkeys:
        assert one.session_token is not None
        assert (one.session_token.reveal(), one.expires_at, one.access_key_id) == (b"T/+=x", ENDS, ID)
    assert [str(one.scope) for one in held.subkeys] == [SCOPE, "20261124/us-east-1/s3/aws4_request"]
    assert held.subkeys[0].key == subkey().key
    assert encode_subkeys(held) == written


def test_it_is_sorted_when_written_and_holds_every_level() -> None:
    scopes = [SCOPE, "20261124", "20261123/us-east-1", "20261123/us-east-1/s3", "20261123/us-east-1-x"]
    held = load_subkeys(encode_subkeys(a_file(*scopes)), CHAINS, "FILE")
    assert [str(one.scope) for one in held.subkeys] == sorted(scopes)
    assert {one.scope.level for one in held.subkeys} == {"date", "region", "service", "signing"}


def test_another_scheme_has_its_own_date_text() -> None:
    one = subkey("2026-11-23/cvm/tc3_request", chain=TC3)
    written = encode_subkeys(SubkeyFile(TC3, ID, ISSUED, [one]))
    held = load_subkeys(written, CHAINS, "FILE")
    assert (held.chain, str(held.subkeys[0].scope)) == (TC3, "2026-11-23/cvm/tc3_request")


def test_repr_shows_whose_and_what_for() -> None:
    assert repr(subkey()) == f"<Subkey {ID}/{SCOPE}>"


def test_narrowed_keeps_owner_and_session() -> None:
    held = subkey("20261123", token="T", expires_at=ENDS)
    scope, key = parse_scope(SCOPE, CHAIN), subkey().key
    narrow = held.narrowed(scope, key)
    assert (narrow.access_key_id, narrow.scope, narrow.key, narrow.expires_at) == (ID, scope, key, ENDS)
    assert narrow.session_token is held.session_token


def test_it_holds_neither_the_master_nor_a_wider_key() -> None:
    """The written file is searched for the secret and for each wider key, raw and in every usual encoding."""
    written = encode_subkeys(a_file())
    secrets = [SECRET.encode(), b"AWS4" + SECRET.encode()]
    secrets += [subkey(scope).key.reveal() for scope in ("20261123", "20261123/us-east-1", "20261123/us-east-1/s3")]

    def spellings(secret: bytes) -> list[bytes]:
        encoded = [secret, secret.hex().encode(), secret.hex().upper().encode()]
        encoded += [one(secret).rstrip(b"=") for one in (base64.b64encode, base64.urlsafe_b64encode, base64.b32encode)]
        return encoded

    assert any(spelling in written for spelling in spellings(subkey().key.reveal())), "the search finds what is there"
    for secret in secrets:
        for spelling in spellings(secret):
            assert spelling not in written


# one defect a case: what is done to the parsed file, and the message
OTHER_KEY = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
CHECK = "FILE: subkey 1: the check value does not fit: key, access key ID or scope was altered"
STRANGE = "holds a character that is not a letter, digit, '.', '_' or '-'"


def entry(**members: Any) -> Any:
    return lambda top: top["subkeys"][0].update(members)


def without(*names: str) -> Any:
    def change(top: Any) -> None:
        for name in names:
            (top if name in top else top["subkeys"][0]).pop(name)

    return change


def top_level(**members: Any) -> Any:
    return lambda top: top.update(members)


DEFECTS: list[tuple[str, Any, str]] = [
    # format
    ("version 2", top_level(schema="authkit.subkeys/v2"), "FILE: member 'schema' is not 'authkit.subkeys/v1'"),
    ("version 1.0", top_level(schema="authkit.subkeys/v1.0"), "FILE: member 'schema' is not 'authkit.subkeys/v1'"),
    ("version as number", top_level(schema=1), "FILE: member 'schema' is not 'authkit.subkeys/v1'"),
    ("no version", without("schema"), "FILE: member 'schema' is missing"),
    ("unknown member", top_level(not_after="2026-11-23T00:00:00Z"), "FILE: unknown member 'not_after'"),
    ("no scheme", without("scheme"), "FILE: member 'scheme' is missing"),
    ("scheme not text", top_level(scheme=["AWS4-HMAC-SHA256"]), "FILE: member 'scheme' is not text"),
    (
        "unknown scheme",
        top_level(scheme="aws4-hmac-sha256"),
        "FILE: member 'scheme' names 'aws4-hmac-sha256', which is not a scheme known here",
    ),
    (
        "long scheme",
        top_level(scheme="S" * 65),
        f"FILE: member 'scheme' names '{'S' * 64}', which is not a scheme known here",
    ),
    (
        "definition of a built-in",
        top_level(definition={}),
        "FILE: member 'definition' stands beside a scheme that is built in",
    ),
    ("no ID", without("access_key_id"), "FILE: member 'access_key_id' is missing"),
    ("ID not text", top_level(access_key_id=1), "FILE: member 'access_key_id' is not text"),
    ("empty ID", top_level(access_key_id=""), "FILE: member 'access_key_id' is not 1 to 256 characters"),
    (
        "ID with slash",
        top_level(access_key_id="AKID/EXAMPLE"),
        "FILE: member 'access_key_id' holds a character that an access key ID cannot hold",
    ),
    (
        "ID with newline",
        top_level(access_key_id="AKID\n"),
        "FILE: member 'access_key_id' holds a character that cannot be printed",
    ),
    ("no instant", without("issued_at"), "FILE: member 'issued_at' is missing"),
    (
        "instant with offset",
        top_level(issued_at="2026-11-22T09:00:00+00:00"),
        "FILE: member 'issued_at' is not an instant YYYY-MM-DDThh:mm:ssZ",
    ),
    (
        "no such day",
        top_level(issued_at="2026-11-31T09:00:00Z"),
        "FILE: member 'issued_at' is not an instant YYYY-MM-DDThh:mm:ssZ",
    ),
    ("instant a number", top_level(issued_at=1763802000), "FILE: member 'issued_at' is not text"),
    # session
    (
        "token alone",
        top_level(session_token="T"),
        "FILE: members 'session_token' and 'expires_at' stand together or not at all",
    ),
    (
        "end alone",
        top_level(expires_at="2026-11-23T20:00:00Z"),
        "FILE: members 'session_token' and 'expires_at' stand together or not at all",
    ),
    (
        "empty token",
        top_level(session_token="", expires_at="2026-11-23T20:00:00Z"),
        "FILE: member 'session_token' is not printable ASCII without spaces",
    ),
    (
        "token with space",
        top_level(session_token="T T", expires_at="2026-11-23T20:00:00Z"),
        "FILE: member 'session_token' is not printable ASCII without spaces",
    ),
    (
        "token not ASCII",
        top_level(session_token="é", expires_at="2026-11-23T20:00:00Z"),
        "FILE: member 'session_token' is not printable ASCII without spaces",
    ),
    (
        "token with control",
        top_level(session_token="T\r\n", expires_at="2026-11-23T20:00:00Z"),
        "FILE: member 'session_token' holds a character that cannot be printed",
    ),
    (
        "end not an instant",
        top_level(session_token="T", expires_at="tomorrow"),
        "FILE: member 'expires_at' is not an instant YYYY-MM-DDThh:mm:ssZ",
    ),
    # entries
    ("no subkeys", without("subkeys"), "FILE: member 'subkeys' is missing"),
    ("no entry", top_level(subkeys=[]), "FILE: member 'subkeys' is not a list of 1 to 1,000,000 entries"),
    ("not a list", top_level(subkeys={"0": {}}), "FILE: member 'subkeys' is not a list of 1 to 1,000,000 entries"),
    ("entry not an object", top_level(subkeys=["x"]), "FILE: subkey 1: not an object"),
    ("member of an entry", entry(level="signing"), "FILE: subkey 1: unknown member 'level'"),
    ("entry without scope", without("scope"), "FILE: subkey 1: member 'scope' is missing"),
    ("entry without key", without("key"), "FILE: subkey 1: member 'key' is missing"),
    ("entry without check", without("check"), "FILE: subkey 1: member 'check' is missing"),
    ("scope not text", entry(scope=20261123), "FILE: subkey 1: member 'scope' is not text"),
    ("key not text", entry(key=0), "FILE: subkey 1: member 'key' is not text"),
    ("check not text", entry(check=77), "FILE: subkey 1: member 'check' is not text"),
    # integrity
    ("check empty", entry(check=""), CHECK),
    ("check truncated", entry(check="773bbf3"), CHECK),
    ("check too long", entry(check="773bbf390"), CHECK),
    ("check in upper case", entry(check="773BBF39"), CHECK),
    ("check of another", entry(check="773bbf38"), CHECK),
    ("another key", entry(key=OTHER_KEY), CHECK),
    ("another ID", top_level(access_key_id="AKIDEXAMPLF"), CHECK),
    ("ID in lower case", top_level(access_key_id="akidexample"), CHECK),
    ("next day", entry(scope="20261124/us-east-1/s3/aws4_request"), CHECK),
    ("another region", entry(scope="20261123/us-east-2/s3/aws4_request"), CHECK),
    ("another service", entry(scope="20261123/us-east-1/sqs/aws4_request"), CHECK),
    ("service in upper case", entry(scope="20261123/us-east-1/S3/aws4_request"), CHECK),
    ("scope cut", entry(scope="20261123/us-east-1/s3"), CHECK),
    ("key of 31 bytes", entry(key="A" * 41 + "A=="[:3]), "FILE: subkey 1: member 'key' is not the base64 of 32 bytes"),
    ("key of 33 bytes", entry(key="A" * 44), "FILE: subkey 1: member 'key' is not the base64 of 32 bytes"),
    ("key in hex", entry(key=KEY_HEX), "FILE: subkey 1: member 'key' is not the base64 of 32 bytes"),
    (
        "key in base64url",
        entry(key=KEY_B64.replace("/", "_")),
        "FILE: subkey 1: member 'key' is not the base64 of 32 bytes",
    ),
    ("key without padding", entry(key=KEY_B64[:-1]), "FILE: subkey 1: member 'key' is not the base64 of 32 bytes"),
    ("key not canonical", entry(key=KEY_B64[:-2] + "p="), "FILE: subkey 1: member 'key' is not the base64 of 32 bytes"),
    ("empty key", entry(key=""), "FILE: subkey 1: member 'key' is not the base64 of 32 bytes"),
    # scope
    ("impossible day", entry(scope="20261131/us-east-1/s3/aws4_request"), "FILE: subkey 1: '20261131' is not a day"),
    ("region *", entry(scope="20261123/*/s3/aws4_request"), f"FILE: subkey 1: region '*' {STRANGE}"),
    ("empty region", entry(scope="20261123//s3/aws4_request"), "FILE: subkey 1: region '' is not 1 to 64 characters"),
    (
        "slash in region",
        entry(scope="20261123/us-east-1/x/s3/aws4_request"),
        "FILE: subkey 1: '20261123/us-east-1/x/s3/aws4_request' has more than 4 parts",
    ),
    (
        "newline in service",
        entry(scope="20261123/us-east-1/s3\n/aws4_request"),
        "FILE: subkey 1: member 'scope' holds a character that cannot be printed",
    ),
    (
        "another terminator",
        entry(scope="20261123/us-east-1/s3/aws5_request"),
        "FILE: subkey 1: ends with 'aws5_request' instead of 'aws4_request'",
    ),
    ("date of another scheme", entry(scope="2026-11-23/us-east-1/s3"), "FILE: subkey 1: '2026-11-23' is not a day"),
    *[
        (f"{name} unsigned", top_level(**{name: "x"}), f"FILE: member '{name}' stands in a file that is not signed")
        for name in ("issuer", "recipient", "sequence", "request", "previous", "ledger")
    ],
]


@pytest.mark.parametrize(("change", "message"), [one[1:] for one in DEFECTS], ids=[one[0] for one in DEFECTS])
def test_defect(change: Any, message: str) -> None:
    assert fault(edited(change)) == message


def test_no_defect_was_lost() -> None:
    assert load_subkeys(edited(lambda top: None), CHAINS, "FILE").access_key_id == ID
    assert len(DEFECTS) == 70
    assert len({name for name, _, _ in DEFECTS}) == 70


TWO = encode_subkeys(a_file(SCOPE, "20261124/us-east-1/s3/aws4_request"))
LINES = TWO.split(b"\n")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "FILE: does not end with a line feed"),
        (b"\n", "FILE: not JSON at line 2, column 1"),
        (FILE[:-1], "FILE: does not end with a line feed"),
        (b"\xef\xbb\xbf" + FILE, "FILE: begins with a byte order mark"),
        (FILE.decode().encode("utf-16"), "FILE: not UTF-8 at byte 0"),
        (FILE + b"x\n", "FILE: not JSON at line 4, column 1"),
        (FILE + FILE, "FILE: not JSON at line 4, column 1"),
        (
            FILE.replace(b'"issued_at"', b'"scheme": "X", "issued_at"'),
            "FILE: member 'scheme' stands twice",
        ),
        (FILE.replace(b'"check"', b'"key": "", "check"'), "FILE: member 'key' stands twice"),
        (FILE.replace(b'"773bbf39"', b"773"), "FILE: subkey 1: member 'check' is not text"),
        (FILE.replace(b'"773bbf39"', b"NaN"), "FILE: a number is not an integer from 0 to 9007199254740991"),
        (FILE.replace(b'"773bbf39"', b"null"), "FILE: holds null"),
        (FILE.replace(b'"773bbf39"', b"[" * 100_000), "FILE: nested deeper than 4"),
        # two entries swapped, one twice, one with the key of the other, one over the check of the other
        (
            b"\n".join([LINES[0], LINES[2] + b",", LINES[1].rstrip(b","), *LINES[3:]]),
            "FILE: subkey 2 is not after subkey 1 in the order of their scopes",
        ),
        (
            b"\n".join([LINES[0], LINES[1], LINES[1].rstrip(b","), *LINES[3:]]),
            "FILE: subkey 2 is not after subkey 1 in the order of their scopes",
        ),
        (
            b"\n".join([LINES[0], LINES[1], LINES[1], LINES[2], *LINES[3:]]),
            "FILE: subkey 2 is not after subkey 1 in the order of their scopes",
        ),
        (
            b"\n".join([LINES[0], LINES[1], LINES[1].rstrip(b",").replace(b"20261123/", b"20261124/"), *LINES[3:]]),
            "FILE: subkey 2: the check value does not fit: key, access key ID or scope was altered",
        ),
        (
            b"\n".join([LINES[0], LINES[1].replace(b"20261123", b"20261124"), LINES[2], *LINES[3:]]),
            CHECK,
        ),
    ],
)
def test_damaged_text(data: bytes, message: str) -> None:
    assert fault(data) == message


def test_entries_may_be_removed_from_the_end_of_an_unsigned_file() -> None:
    """Who can write the file can take keys out of it; only a signature would show that."""
    shorter = b"\n".join([LINES[0], LINES[1].rstrip(b","), *LINES[3:]])
    assert [str(one.scope) for one in load_subkeys(shorter, CHAINS, "FILE").subkeys] == [SCOPE]


SIGNATURE = b"-----BEGIN SSH SIGNATURE-----\nU1NIU0lH\n-----END SSH SIGNATURE-----\n"  # of no key: none is asked here
SIGNED_ONLY = {
    "issuer": "SHA256:DKKtr3CsNTYGGUSKazGNTddjCrXz+j0eQDvpjOilGkU",
    "recipient": "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p",
    "sequence": 17,
    "request": "0f" * 32,
    "previous": "none",
    "ledger": "41:" + "ab" * 32,
}


def signed(**members: object) -> bytes:
    """Return FILE with the members of a signed file, and a signature behind it."""
    return edited(lambda top: top.update({**SIGNED_ONLY, **members})) + SIGNATURE


def test_a_signed_file_says_what_the_ceremony_needs_to_know() -> None:
    file = load_subkeys(signed(), CHAINS, "FILE")
    assert file.data == signed()
    assert file.issued is not None
    assert {name: getattr(file.issued, name) for name in SIGNED_ONLY} == SIGNED_ONLY
    again = encode_subkeys(file) + SIGNATURE
    assert load_subkeys(again, CHAINS, "FILE").issued.__class__ is subkeys.Issued
    assert list(json.loads(encode_subkeys(file))) == [
        "schema", "scheme", "access_key_id", "issued_at", *SIGNED_ONLY, "subkeys"
    ]  # fmt: skip


def test_a_file_that_nobody_signed_says_nothing_of_an_issuer() -> None:
    file = load_subkeys(FILE, CHAINS, "FILE")
    assert (file.issued, file.data) == (None, FILE)
    assert (a_file().issued, a_file().data) == (None, None)


@pytest.mark.parametrize("name", SIGNED_ONLY)
def test_a_signed_file_lacks_a_member(name: str) -> None:
    def without(top: "dict[str, object]") -> None:
        top.update(SIGNED_ONLY)
        del top[name]

    with pytest.raises(InputError) as caught:
        load_subkeys(edited(without) + SIGNATURE, CHAINS, "FILE")
    assert caught.value.message == f"FILE: member {name!r} is missing in a file that is signed"


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"request": "0F" * 32}, "member 'request' is neither a SHA-256 in hexadecimal nor 'none'"),
        ({"previous": "0f" * 31}, "member 'previous' is neither a SHA-256 in hexadecimal nor 'none'"),
        ({"previous": ""}, "member 'previous' is neither a SHA-256 in hexadecimal nor 'none'"),
        ({"ledger": "0:none"}, "member 'ledger' is not the head of a ledger, COUNT:SHA-256"),
        ({"ledger": "041:" + "ab" * 32}, "member 'ledger' is not the head of a ledger, COUNT:SHA-256"),
        ({"ledger": "41:" + "ab" * 31}, "member 'ledger' is not the head of a ledger, COUNT:SHA-256"),
        ({"ledger": ":" + "ab" * 32}, "member 'ledger' is not the head of a ledger, COUNT:SHA-256"),
        ({"ledger": "1" * 16 + ":" + "ab" * 32}, "member 'ledger' is not the head of a ledger, COUNT:SHA-256"),
        ({"sequence": 0}, "member 'sequence' is not a number from 1 on"),
        ({"sequence": True}, "member 'sequence' is not a number from 1 on"),
        ({"sequence": "17"}, "member 'sequence' is not a number from 1 on"),
        ({"issuer": 1}, "member 'issuer' is not text"),
        ({"recipient": 1}, "member 'recipient' is not text"),
    ],
)
def test_a_member_of_a_signed_file_is_not_in_order(members: "dict[str, object]", message: str) -> None:
    with pytest.raises(InputError) as caught:
        load_subkeys(signed(**members), CHAINS, "FILE")
    assert caught.value.message == f"FILE: {message}"


@pytest.mark.parametrize("after", [b"x", b"\n", SIGNATURE])
def test_something_follows_the_signature(after: bytes) -> None:
    with pytest.raises(Untrusted) as caught:
        load_subkeys(signed() + after, CHAINS, "FILE")
    assert caught.value.reason == "signature-malformed"


def test_size_is_bounded_before_anything_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    assert subkeys.MAX_BYTES == 64 * 1024 * 1024
    monkeypatch.setattr(subkeys, "MAX_BYTES", len(FILE))
    assert load_subkeys(FILE, CHAINS, "FILE").access_key_id == ID
    assert fault(FILE + b"\n") == "FILE: larger than 64 MiB"
    assert fault(b"-----BEGIN SSH SIGNATURE-----".ljust(len(FILE) + 1)) == "FILE: larger than 64 MiB"


def test_the_number_of_entries_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    assert subkeys.MAX_SUBKEYS == 1_000_000
    monkeypatch.setattr(subkeys, "MAX_SUBKEYS", 1)
    assert load_subkeys(FILE, CHAINS, "FILE").access_key_id == ID
    assert fault(TWO) == "FILE: member 'subkeys' is not a list of 1 to 1 entries"
    assert encode_subkeys(a_file()) == FILE
    for held, count in ((a_file(SCOPE, "20261124"), "2"), (SubkeyFile(CHAIN, ID, ISSUED, []), "0")):
        with pytest.raises(Refused) as caught:
            encode_subkeys(held)
        assert caught.value.message == f"a subkey file holds 1 to 1 subkeys, not {count}"


def test_limits_are_written_with_thousands(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Refused) as caught:
        encode_subkeys(SubkeyFile(CHAIN, ID, ISSUED, []))
    assert caught.value.message == "a subkey file holds 1 to 1,000,000 subkeys, not 0"
    many: list[Subkey] = [subkey()] * 1_000_001
    with pytest.raises(Refused) as caught:
        encode_subkeys(SubkeyFile(CHAIN, ID, ISSUED, many))
    assert caught.value.message == "a subkey file holds 1 to 1,000,000 subkeys, not 1,000,001"


def test_a_master_is_no_subkey() -> None:
    assert not isinstance(access_key(), Subkey)


def test_entries_written_in_pieces_make_the_same_file() -> None:
    whole = a_file(SCOPE, "20261124/us-east-1/s3/aws4_request", "20261125")
    pairs = [(str(one.scope), one.key.reveal()) for one in whole.subkeys]
    pieces = [subkeys.format_entries(pairs[:2], CHAIN.label, ID), subkeys.format_entries(pairs[2:], CHAIN.label, ID)]
    assert subkeys.frame_entries(whole, pieces) == encode_subkeys(whole)
