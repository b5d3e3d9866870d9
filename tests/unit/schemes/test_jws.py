"""Is a JWS read only where it is exactly three parts of canonical base64url around strict JSON?"""

import json
from base64 import urlsafe_b64encode

import pytest

from authkit.errors import Rejected
from authkit.schemes.jws import ALGORITHMS, MAX_LENGTH, USUAL, parse_jws

BODIES = [b'{"a": 1' + b" " * more + b"}" for more in range(6)]


def b64(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


HEAD, BODY, TWICE = b64(b'{"alg": "ES256"}'), b64(b'{"a": 1}'), b64(b'{"a": 1, "a": 2}')


def test_it_is_taken_apart() -> None:
    found = parse_jws(f"{HEAD}.{BODY}.-_8")
    assert (found.header, found.claims) == ({"alg": "ES256"}, {"a": 1})
    assert (found.header_text, found.claims_text) == (b'{"alg": "ES256"}', b'{"a": 1}')
    assert found.signing_input == f"{HEAD}.{BODY}".encode()
    assert found.signature == b"\xfb\xff"


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("", "not three parts joined by dots"),
        (f"{HEAD}.{BODY}", "not three parts joined by dots"),
        (f"{HEAD}.{BODY}.AA.AA", "not three parts joined by dots"),
        (f"{HEAD}.{BODY}.AA.AA.AA", "not three parts joined by dots"),
        (f".{BODY}.AA", "the header is not base64url"),
        (f"{HEAD}..AA", "the payload is not base64url"),
        (f"{HEAD}.{BODY}.", "the signature is not base64url"),
        (f"{HEAD}=.{BODY}.AA", "the header is not base64url"),
        (f"{HEAD}.{BODY}.A", "the signature is not base64url"),
        (f"{HEAD}.{BODY}.AB", "the signature is not base64url"),
        (f"{HEAD}.{BODY}.+/8", "the signature is not base64url"),
        (f"{HEAD}.{BODY}.AA\n", "the signature is not base64url"),
        (f"{HEAD}.{b64(b'[1]')}.AA", "the payload: is not one object"),
        (f"{b64(b'{')}.{BODY}.AA", "the header: not JSON at line 1, column 2"),
        (f"{b64(bytes([0xFF]))}.{BODY}.AA", "the header: not UTF-8 at byte 0"),
        (f"{HEAD}.{b64(json.dumps({'a': None}).encode())}.AA", "the payload: holds null"),
        (f"{HEAD}.{TWICE}.AA", "the payload: member 'a' stands twice"),
        ("A" * (MAX_LENGTH + 1), f"over {MAX_LENGTH} characters"),
    ],
)
def test_what_is_no_jws(text: str, detail: str) -> None:
    with pytest.raises(Rejected) as caught:
        parse_jws(text)
    assert (caught.value.reason, caught.value.verdict, caught.value.detail) == ("proof-syntax", "malformed", detail)


def test_the_longest_is_read() -> None:
    fitting = [body for body in map(b64, BODIES) if (MAX_LENGTH - len(f"{HEAD}.{body}.")) % 4 == 0]
    space = MAX_LENGTH - len(f"{HEAD}.{fitting[0]}.")
    text = f"{HEAD}.{fitting[0]}.{'A' * space}"
    assert len(text) == MAX_LENGTH
    assert len(parse_jws(text).signature) == space * 3 // 4


def test_each_kind_of_key_has_one_usual_algorithm() -> None:
    for kind, name in USUAL.items():
        assert ALGORITHMS[name][1] == kind
    assert set(USUAL) == {kind for _, kind in ALGORITHMS.values()}
