"""Does a body that was signed piece by piece verify however it is cut, and nothing else?"""

from collections.abc import Iterator
from io import BytesIO
from itertools import cycle
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authkit import open_chunks
from authkit.errors import Rejected
from authkit.keys.scope import parse_scope
from authkit.keys.select import Credential, Key
from authkit.messages.draft import format_head
from authkit.messages.request import Request, parse_request
from authkit.schemes.base import Signed
from authkit.schemes.checksums import SIZES
from authkit.schemes.chunks import MIN_CHUNK
from authkit.schemes.policy import Policy, verify, watch
from authkit.schemes.sigv4 import Settings, sign
from samples import AT, CHAIN, ID, subkey

KEYS: "list[Key]" = [subkey()]
POLICY = Policy(allow_unsigned_payload=True)
# around the size of a chunk, so that 0 to 3 of them are whole and the last one is anything
LENGTHS = st.integers(0, 3 * MIN_CHUNK + 1) | st.sampled_from([MIN_CHUNK - 1, MIN_CHUNK, MIN_CHUNK + 1, 2 * MIN_CHUNK])
TRAILERS = st.lists(st.sampled_from([*SIZES, "note: a  b", "other:"]), min_size=1, max_size=3, unique=True).map(tuple)


def make(payload: str, body: bytes, **settings: Any) -> tuple[Signed, bytes]:
    held = subkey()
    credential = Credential(ID, parse_scope(str(held.scope), CHAIN), held.key, None)
    request = Request("PUT", "/key", (("Host", "b.example"),), None, len(body))
    whole = Settings(payload=payload, chunk_size=MIN_CHUNK, no_sign_headers=("content-length",), **settings)
    signed = sign(request, credential, whole, AT)
    assert signed.encode is not None
    return signed, b"".join(map(bytes, signed.encode(BytesIO(body))))


class Pieces(BytesIO):
    """A reader that gives as much as it is told each time."""

    def __init__(self, data: bytes, sizes: Iterator[int]) -> None:
        super().__init__(data)
        self._sizes = sizes

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        return super().readinto(buffer[: next(self._sizes)])


def bodies(data: st.DataObject) -> bytes:
    # a seed is all that is drawn: as many octets would be more than an example may hold
    return Random(data.draw(st.integers(0, 2**32))).randbytes(data.draw(LENGTHS))


@given(st.data(), st.sampled_from(["streaming", "streaming-trailer", "unsigned-trailer"]))
def test_what_was_signed_comes_out(data: st.DataObject, payload: str) -> None:
    body = bodies(data)
    settings = {} if payload == "streaming" else {"trailers": data.draw(TRAILERS)}
    signed, encoded = make(payload, body, **settings)
    assert ("Content-Length", str(len(encoded))) in signed.request.headers
    steps = data.draw(st.lists(st.integers(1, 9000), min_size=1, max_size=9))
    reader = Pieces(encoded, cycle(steps))
    found = open_chunks(signed.request, reader, KEYS, POLICY, at=AT)
    assert b"".join(found) == body
    assert found.verified is not None
    read = parse_request(
        BytesIO(format_head(signed.request) + encoded), watch=lambda head, _: watch(head, KEYS, POLICY, AT)
    )
    assert verify(read, KEYS, POLICY, AT).covered == found.verified.covered


@given(st.data(), st.sampled_from(["streaming", "streaming-trailer"]))
def test_any_other_octet_is_refused(data: st.DataObject, payload: str) -> None:
    """Wherever it stands, but for the case of a size or of a trailer's name; and what came out is the body's begin."""
    body = bodies(data)
    signed, encoded = make(payload, body)
    place = data.draw(st.integers(0, len(encoded) - 1))
    octet = data.draw(st.integers(1, 255))
    changed = encoded[:place] + bytes([encoded[place] ^ octet]) + encoded[place + 1 :]
    found = open_chunks(signed.request, BytesIO(changed), KEYS, POLICY, at=AT)
    got: list[bytes] = []
    try:
        got.extend(found)
    except Rejected:
        assert found.verified is None
        assert body.startswith(b"".join(got))
    else:
        assert b"".join(got) == body
        assert changed.lower() == encoded.lower()
        assert encoded[place : place + 1].isalpha()


@given(st.data(), st.sampled_from(["streaming", "streaming-trailer", "unsigned-trailer"]))
def test_any_part_of_it_is_refused(data: st.DataObject, payload: str) -> None:
    """Its beginning, its end, and what lacks octets in the middle."""
    body = bodies(data)
    signed, encoded = make(payload, body)
    first = data.draw(st.integers(0, len(encoded) - 1))
    second = data.draw(st.integers(first + 1, len(encoded) + 1))
    got: list[bytes] = []
    with pytest.raises(Rejected):
        got.extend(open_chunks(signed.request, BytesIO(encoded[:first] + encoded[second:]), KEYS, POLICY, at=AT))
    if payload != "unsigned-trailer":
        assert body.startswith(b"".join(got))


@given(st.data())
def test_nobody_elses_chunks_fit(data: st.DataObject) -> None:
    """The body of another request, under the same key at the same instant, with the same length."""
    body = bodies(data)
    signed, _ = make("streaming", body)
    held = subkey()
    credential = Credential(ID, parse_scope(str(held.scope), CHAIN), held.key, None)
    request = Request("PUT", "/other", (("Host", "b.example"),), None, len(body))
    other = sign(request, credential, Settings(payload="streaming", chunk_size=MIN_CHUNK), AT)
    assert other.encode is not None
    encoded = b"".join(map(bytes, other.encode(BytesIO(body))))
    with pytest.raises(Rejected) as caught:
        list(open_chunks(signed.request, BytesIO(encoded), KEYS, POLICY, at=AT))
    assert (caught.value.reason, caught.value.detail) == ("chunk-signature", "chunk 1")
