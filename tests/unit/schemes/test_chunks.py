"""Is a body cut into chunks as it was planned, and is every signature that of what stands before it?"""

import re
from hashlib import sha256
from io import BytesIO

import pytest

from authkit.errors import InputError
from authkit.messages.payload import EMPTY_HASH
from authkit.schemes.checksums import SIZES
from authkit.schemes.chunks import Chain, Form, Plan, encode_chunks, form_of, word_of
from authkit.secret import MacKey

HMAC, ECDSA = "AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"
STAMP, SCOPE = "20260115T120000Z", "20260115/us-east-1/s3/aws4_request"
KEY = MacKey(b"k" * 32)


def chain(label: str = HMAC, seed: str = "00ff") -> Chain:
    return Chain(label, STAMP, SCOPE, seed)


def form(word: str, label: str = HMAC) -> Form:
    found = form_of(word, label)
    assert found is not None
    assert found.word == word
    return found


SIGNED, TRAILER = form("STREAMING-AWS4-HMAC-SHA256-PAYLOAD"), form("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER")
UNSIGNED = form("STREAMING-UNSIGNED-PAYLOAD-TRAILER")


def encode(body: bytes, plan: Plan, reader: "BytesIO | None" = None) -> bytes:
    return b"".join(map(bytes, encode_chunks(reader or BytesIO(body), plan, chain(), KEY)))


def test_forms() -> None:
    assert (SIGNED.signed, SIGNED.trailer, SIGNED.width) == (True, False, 64)
    assert (TRAILER.signed, TRAILER.trailer, TRAILER.width) == (True, True, 64)
    assert (UNSIGNED.signed, UNSIGNED.trailer, UNSIGNED.width) == (False, True, 0)
    found = form("STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER", ECDSA)
    assert (found.signed, found.trailer, found.width) == (True, True, 144)


@pytest.mark.parametrize("word, label", [
    ("STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD", HMAC),
    ("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", ECDSA),
    ("STREAMING-AWS4-HMAC-SHA256-EVENTS", HMAC),
    ("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-", HMAC),
    ("streaming-aws4-hmac-sha256-payload", HMAC),
    ("STREAMING-UNSIGNED-PAYLOAD-TRAILER", "GOOG4-HMAC-SHA256"),
    ("STREAMING-GOOG4-HMAC-SHA256-PAYLOAD", "GOOG4-HMAC-SHA256"),
])  # fmt: skip
def test_no_form(word: str, label: str) -> None:
    assert form_of(word, label) is None


def test_words() -> None:
    assert word_of(HMAC, False) == "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
    assert word_of(ECDSA, True) == "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER"


def test_texts() -> None:
    one = chain()
    assert one.chunk_text("d1").decode() == f"{HMAC}-PAYLOAD\n{STAMP}\n{SCOPE}\n00ff\n{EMPTY_HASH}\nd1"
    assert one.chunk_text("d1", "d2").decode() == f"{HMAC}-PAYLOAD\n{STAMP}\n{SCOPE}\n00ff\nd2\nd1"
    digest = sha256(b"a:\xe9\nb:2\n").hexdigest()
    assert one.trailer_text([("b", "2"), ("a", "\xe9")]).decode() == f"{HMAC}-TRAILER\n{STAMP}\n{SCOPE}\n00ff\n{digest}"


def test_signature_leads_to_the_next() -> None:
    one = chain()
    first = one.sign(KEY, one.chunk_text("d"))
    assert (first, one.previous) == (KEY.mac(chain().chunk_text("d")).hex(), first)
    assert one.sign(KEY, one.chunk_text("d")) != first


class Varying:
    """A stand-in whose signatures are as long as it is told."""

    def __init__(self, size: int) -> None:
        self.size = size

    def mac(self, message: bytes) -> bytes:
        return bytes(range(self.size))

    def agrees(self, message: bytes, signature: str) -> bool:
        return bytes.fromhex(signature) == self.mac(message)


@pytest.mark.parametrize("size", [70, 71, 72])
def test_signatures_that_vary_in_length_are_padded(size: int) -> None:
    """The padding is written and not signed (aws-c-auth)."""
    key = Varying(size)
    one = chain(ECDSA)
    text = one.sign(key, one.chunk_text("d"))
    assert (len(text), text.rstrip("*"), one.previous) == (144, bytes(range(size)).hex(), bytes(range(size)).hex())
    other = chain(ECDSA)
    assert other.agrees(key, b"", text)
    assert other.previous == text.rstrip("*")


@pytest.mark.parametrize(
    "text", ["", "00" * 71, "00" * 72 + "*", "0" * 143 + "*", "zz" * 72, "**" + bytes(range(71)).hex(), "*" * 144]
)
def test_wrong_padding_is_refused(text: str) -> None:
    one = chain(ECDSA)
    assert not one.agrees(Varying(71), b"", text)
    assert one.previous == "00ff"


def test_agreement() -> None:
    one, other = chain(), chain()
    text = one.chunk_text("d")
    signature = one.sign(KEY, text)
    assert not other.agrees(KEY, chain().chunk_text("e"), signature)
    assert not other.agrees(KEY, text, signature[:-1])
    assert not other.agrees(KEY, text, signature[:-1] + "*")
    assert not other.agrees(KEY, text, "\xe4" + signature[1:])
    assert not other.agrees(KEY, text, signature.upper())
    assert other.previous == "00ff"
    assert other.agrees(KEY, text, signature)
    assert other.previous == signature


# ---------------------------------------------------------------------------------------------------------- the writer


def test_chunks_one_by_one() -> None:
    body = b"x" * 20000
    out = encode(body, Plan(SIGNED, 20000, 8192))
    one = chain()
    expected = b""
    for piece in (body[:8192], body[8192:16384], body[16384:], b""):
        signature = one.sign(KEY, one.chunk_text(sha256(piece).hexdigest()))
        expected += b"%x;chunk-signature=%s\r\n%s\r\n" % (len(piece), signature.encode(), piece)
    assert out == expected
    assert out.count(b"2000;") == 2


def test_signed_trailer() -> None:
    plan = Plan(TRAILER, 3, 8192, (("x-amz-checksum-crc32", None), ("note", "n")))
    out = encode(b"abc", plan)
    assert re.fullmatch(
        rb"3;chunk-signature=[0-9a-f]{64}\r\nabc\r\n0;chunk-signature=[0-9a-f]{64}\r\n"
        rb"x-amz-checksum-crc32:NSRBwg==\r\nnote:n\r\nx-amz-trailer-signature:[0-9a-f]{64}\r\n\r\n",
        out,
    )
    one = chain()
    for piece in (b"abc", b""):
        one.sign(KEY, one.chunk_text(sha256(piece).hexdigest()))
    signature = one.sign(KEY, one.trailer_text([("note", "n"), ("x-amz-checksum-crc32", "NSRBwg==")]))
    assert out.endswith(b":%s\r\n\r\n" % signature.encode())


def test_unsigned_trailer() -> None:
    plan = Plan(UNSIGNED, 3, 8192, (("x-amz-checksum-crc32", None),))
    assert encode(b"abc", plan) == b"3\r\nabc\r\n0\r\nx-amz-checksum-crc32:NSRBwg==\r\n\r\n"


def test_empty_body() -> None:
    assert encode(b"", Plan(UNSIGNED, 0, 8192, (("a", "b"),))) == b"0\r\na:b\r\n\r\n"
    assert re.fullmatch(rb"0;chunk-signature=[0-9a-f]{64}\r\n\r\n", encode(b"", Plan(SIGNED, 0, 8192)))


@pytest.mark.parametrize("length", [0, 1, 15, 16, 8191, 8192, 8193, 16384, 69632, 70000])
@pytest.mark.parametrize("kind", [SIGNED, TRAILER, UNSIGNED])
def test_announced_length_is_true(kind: Form, length: int) -> None:
    trailers = tuple((f"x-amz-checksum-{name}", None) for name in SIZES) + (("note", "value"),) if kind.trailer else ()
    plan = Plan(kind, length, 8192, trailers)
    assert len(encode(bytes(length), plan)) == plan.encoded_length


class Dribbling(BytesIO):
    """A pipe that gives a few bytes at a time."""

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        return super().readinto(buffer[:1000])


def test_reader_that_dribbles() -> None:
    body = bytes(range(250)) * 100
    plan = Plan(TRAILER, 25000, 8192, (("x-amz-checksum-sha256", None),))
    assert encode(b"", plan, Dribbling(body)) == encode(body, plan)


@pytest.mark.parametrize("kind", [SIGNED, UNSIGNED])
@pytest.mark.parametrize("length, words", [(8191, "longer"), (8193, "shorter"), (0, "longer"), (8192 * 3, "shorter")])
def test_a_body_of_another_length_is_refused(kind: Form, length: int, words: str) -> None:
    plan = Plan(kind, length, 8192)
    with pytest.raises(InputError) as caught:
        encode(bytes(8192), plan)
    assert caught.value.message == f"the body is {words} than the {length} octets that were announced"


def test_pieces_come_one_at_a_time() -> None:
    """The reader is never ahead of what was written by more than a chunk."""
    reader = BytesIO(bytes(8192 * 4))
    pieces = encode_chunks(reader, Plan(SIGNED, 8192 * 4, 8192), chain(), KEY)
    for number in range(1, 5):
        next(pieces)
        assert reader.tell() == 8192 * number
