"""Is a chunked body refused, with its reason, wherever it is not the one that was signed?"""

import re
from collections.abc import Callable
from hashlib import sha256
from io import BytesIO

import pytest

from authkit.errors import Rejected
from authkit.messages.request import Request
from authkit.schemes.chunk_reader import ChunkReader, read_declared, read_length
from authkit.schemes.chunks import MAX_CHUNK, Chain, Form, Plan, encode_chunks, form_of
from authkit.secret import MacKey

HMAC = "AWS4-HMAC-SHA256"
STAMP, SCOPE = "20260115T120000Z", "20260115/us-east-1/s3/aws4_request"
KEY = MacKey(b"k" * 32)
BODY = bytes(range(251)) * 80  # 20080 octets: two whole chunks of 8 KiB and a part
SUM = "x-amz-checksum-crc32"


def form(word: str) -> Form:
    found = form_of(f"STREAMING-{word}", HMAC)
    assert found is not None
    return found


SIGNED, TRAILER = form("AWS4-HMAC-SHA256-PAYLOAD"), form("AWS4-HMAC-SHA256-PAYLOAD-TRAILER")
UNSIGNED = form("UNSIGNED-PAYLOAD-TRAILER")


def chain() -> Chain:
    return Chain(HMAC, STAMP, SCOPE, "5eed")


def encode(kind: Form, body: bytes = BODY, size: int = 8192, more: tuple[tuple[str, "str | None"], ...] = ()) -> bytes:
    trailers = ((SUM, None), *more) if kind.trailer else ()
    plan = Plan(kind, len(body), size, trailers)
    return b"".join(map(bytes, encode_chunks(BytesIO(body), plan, chain(), KEY)))


class Reading:
    """A reader, and what it has released."""

    def __init__(
        self, kind: Form, length: int = len(BODY), declared: "tuple[str, ...] | None" = None, key: MacKey = KEY
    ) -> None:
        self.got: list[bytes] = []
        names = ((SUM,) if kind.trailer else ()) if declared is None else declared
        self.reader = ChunkReader(kind, length, names, chain(), key, self.got.append)

    def feed(self, data: bytes, step: int = 1 << 20) -> bytes:
        for place in range(0, len(data), step):
            self.reader.update(memoryview(data)[place : place + step])
        self.reader.finish()
        return b"".join(self.got)


@pytest.mark.parametrize("step", [1, 7, 8191, 8192, 1 << 20])
@pytest.mark.parametrize("kind", [SIGNED, TRAILER, UNSIGNED])
@pytest.mark.parametrize("body", [BODY, b"", BODY[:8192], b"\r\n0;chunk-signature="], ids=["long", "", "one", "like"])
def test_body_comes_out(body: bytes, kind: Form, step: int) -> None:
    assert Reading(kind, len(body)).feed(encode(kind, body), step) == body


@pytest.mark.parametrize("kind, names", [(SIGNED, []), (UNSIGNED, [SUM])])
def test_a_reader_that_only_checks(kind: Form, names: list[str]) -> None:
    reader = ChunkReader(kind, len(BODY), tuple(names), chain(), KEY)
    reader.update(encode(kind))
    reader.finish()
    assert [name for name, _ in reader.trailers] == names


def test_trailers_are_kept() -> None:
    reading = Reading(TRAILER, declared=("note", SUM))
    reading.feed(encode(TRAILER, more=(("note", "n"),)))
    assert [name for name, _ in reading.reader.trailers] == [SUM, "note"]


def test_hexadecimal_of_either_case_and_leading_zeros() -> None:
    changed = encode(UNSIGNED, BODY[:12000], 8192).replace(b"\r\nee0\r\n", b"\r\n00000EE0\r\n")
    assert Reading(UNSIGNED, 12000).feed(changed) == BODY[:12000]


# ------------------------------------------------------------------------------------------------------ what is refused

Change = Callable[[bytes], bytes]


def flip(place: int) -> Change:
    return lambda data: data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def swap(old: bytes, new: bytes, count: int = 1) -> Change:
    def change(data: bytes) -> bytes:
        assert old in data
        return data.replace(old, new, count)

    return change


def tail(new: bytes) -> Change:
    return lambda data: data + new


def cut(count: int) -> Change:
    return lambda data: data[:-count]


def reorder(data: bytes) -> bytes:
    """The second chunk before the first."""
    first = 4 + 17 + 64 + 2 + 8192 + 2
    return data[first : 2 * first] + data[:first] + data[2 * first :]


def drop_second(data: bytes) -> bytes:
    first = 4 + 17 + 64 + 2 + 8192 + 2
    return data[:first] + data[2 * first :]


def twice(data: bytes) -> bytes:
    first = 4 + 17 + 64 + 2 + 8192 + 2
    return data[:first] + data


def unsigned_twin(data: bytes) -> bytes:
    return encode(UNSIGNED)


SYNTAX = "the body is not in the form of chunks"
LINE = f"{SYNTAX}: '2000;chunk-signatur"
CASES: "list[tuple[str, Form, Change, str, str]]" = [
    # the data and its signatures
    ("data of the first chunk", SIGNED, flip(100), "chunk-signature", "chunk 1"),
    ("data of the last chunk", SIGNED, flip(-300), "chunk-signature", "chunk 3"),
    ("signature of the first chunk", SIGNED, flip(30), "chunk-signature", "chunk 1"),
    ("signature of the end", SIGNED, flip(-6), "chunk-signature", "chunk 4"),
    ("capital letters", SIGNED, lambda d: d[:21] + d[21:85].upper() + d[85:], "chunk-signature", "chunk 1"),
    ("no signature at all", SIGNED, lambda d: re.sub(b";chunk-signature=.{64}", b"", d), "chunk-syntax",
     "'2000' is not"),
    ("the twin without signatures", SIGNED, unsigned_twin, "chunk-syntax",
     "'2000' is not SIZE;chunk-signature=SIGNATURE"),
    ("an empty signature", SIGNED, lambda d: re.sub(b"=.{64}", b"=", d), "chunk-signature", "chunk 1"),
    ("a longer signature", SIGNED, lambda d: d[:85] + b"0" + d[85:], "chunk-signature", "chunk 1"),
    ("a second extension", SIGNED, lambda d: d[:85] + b";a=b" + d[85:], "chunk-signature", "chunk 1"),
    ("chunks in another order", SIGNED, reorder, "chunk-signature", "chunk 1"),
    ("a chunk left out", SIGNED, drop_second, "chunk-signature", "chunk 2"),
    ("a chunk twice", SIGNED, twice, "chunk-signature", "chunk 2"),
    ("signatures where none are", UNSIGNED, lambda d: encode(SIGNED), "chunk-syntax", "is not SIZE"),
    # its syntax
    ("nothing", SIGNED, lambda d: b"", "chunk-syntax", "the body ends where the line of a chunk is to come"),
    ("cut in a line", SIGNED, lambda d: d[:10], "chunk-syntax", "the body ends where the line of a chunk is to come"),
    ("cut in the data", SIGNED, lambda d: d[:500], "chunk-syntax", "the body ends where the end of a chunk is to come"),
    ("cut behind a chunk", SIGNED, lambda d: d[:8281], "chunk-syntax", "ends where the line of a chunk is to come"),
    ("cut behind the data", SIGNED, lambda d: d[:8280], "chunk-syntax", "ends where the end of a chunk is to come"),
    ("cut before the last line", SIGNED, cut(2), "chunk-syntax", "the body ends where a trailer field is to come"),
    ("cut in the trailer", TRAILER, cut(40), "chunk-syntax", "the body ends where a trailer field is to come"),
    ("more behind the end", SIGNED, tail(b"x"), "chunk-syntax", "more follows the end of the body"),
    ("a chunk behind the end", SIGNED, tail(b"1\r\nx\r\n"), "chunk-syntax", "more follows the end of the body"),
    ("line end LF", SIGNED, swap(b"\r\n", b"\n"), "chunk-syntax", "the line of a chunk does not end with CR LF"),
    ("line end LF CR LF", SIGNED, swap(b"\r\n", b"\n\r\n"), "chunk-syntax", "does not end with CR LF"),
    ("data longer than it says", UNSIGNED, swap(b"2000\r\n", b"1fff\r\n"), "chunk-syntax",
     "chunk 1 is longer than it says"),
    ("data and a line", UNSIGNED, lambda d: d[:8198] + b"x" + d[8198:], "chunk-syntax",
     "chunk 1 is longer than it says"),
    ("no size", UNSIGNED, swap(b"2000\r\n", b"\r\n"), "chunk-syntax", "'' is not SIZE"),
    ("size with 0x", UNSIGNED, swap(b"2000\r\n", b"0x2000\r\n"), "chunk-syntax", "'0x2000' is not SIZE"),
    ("size with +", UNSIGNED, swap(b"2000\r\n", b"+2000\r\n"), "chunk-syntax", "'+2000' is not SIZE"),
    ("size with _", UNSIGNED, swap(b"2000\r\n", b"2_000\r\n"), "chunk-syntax", "'2_000' is not SIZE"),
    ("size with a space", UNSIGNED, swap(b"2000\r\n", b"2000 \r\n"), "chunk-syntax", "'2000 ' is not SIZE"),
    ("negative size", UNSIGNED, swap(b"2000\r\n", b"-2000\r\n"), "chunk-syntax", "'-2000' is not SIZE"),
    ("size of nine digits", UNSIGNED, swap(b"2000\r\n", b"000002000\r\n"), "chunk-syntax", "'000002000' is not SIZE"),
    ("huge line", UNSIGNED, lambda d: b"2" * 5000, "chunk-syntax", "the line of a chunk is over 4096 octets long"),
    ("extension", UNSIGNED, swap(b"2000\r\n", b"2000;a=b\r\n"), "chunk-syntax", "'2000;a=b' is not SIZE"),
    # the length
    ("size beyond the length", UNSIGNED, swap(b"2000\r\n", b"ffffffff\r\n"), "decoded-length",
     "and chunk 1 goes beyond"),
    ("ends early", UNSIGNED, lambda d: d[:8200] + b"0\r\n\r\n", "decoded-length",
     "it says 20080, and 11888 are missing"),
    ("ends at once", UNSIGNED, lambda d: b"0\r\n\r\n", "decoded-length", "it says 20080, and 20080 are missing"),
    # the trailer
    ("value", TRAILER, lambda d: d[:-98] + b"X" + d[-97:], "trailer-signature",
     "the signature of the trailer does not match"),
    ("its signature", TRAILER, flip(-6), "trailer-signature", "the signature of the trailer does not match"),
    ("signature left out", TRAILER, lambda d: d[:-92] + b"\r\n", "trailer-mismatch",
     "'x-amz-trailer-signature' is missing"),
    ("checksum left out", UNSIGNED, lambda d: d[: d.index(b"x-amz")] + b"\r\n", "trailer-mismatch",
     f"'{SUM}' is missing"),
    ("none at all", TRAILER, lambda d: d[: d.index(b"x-amz")] + b"\r\n", "trailer-mismatch", f"'{SUM}' is missing"),
    ("another name", UNSIGNED, swap(b"crc32:", b"crc33:"), "trailer-mismatch",
     "'x-amz-checksum-crc33' is not named in X-Amz"),
    ("signature of an unsigned one", UNSIGNED, lambda d: d[:-2] + b"x-amz-trailer-signature:00\r\n\r\n",
     "trailer-mismatch", "'x-amz-trailer-signature' is not named in X-Amz-Trailer"),
    ("twice", UNSIGNED, swap(b"x-amz-checksum-crc32:", b"x-amz-checksum-crc32:a\r\nX-Amz-Checksum-CRC32:"),
     "trailer-mismatch", f"'{SUM}' stands twice"),
    ("behind its signature", TRAILER, lambda d: d[:-2] + b"a:b\r\n\r\n", "trailer-mismatch",
     "'a' follows the signature of the trailer"),
    ("signature twice", TRAILER, lambda d: d[:-2] + b"x-amz-trailer-signature:0\r\n\r\n", "trailer-mismatch",
     "'x-amz-trailer-signature' follows the signature of the trailer"),
    ("where none may be", SIGNED, lambda d: d[:-2] + b"a:b\r\n\r\n", "trailer-mismatch",
     "'a' stands in a body that has no trailer"),
    ("no colon", UNSIGNED, swap(b"crc32:", b"crc32="), "trailer-syntax", "'x-amz-checksum-crc32="),
    ("no name", UNSIGNED, swap(b"x-amz-checksum-crc32:", b":"), "trailer-syntax", "':"),
    ("space in the name", UNSIGNED, swap(b"crc32:", b"crc32 :"), "trailer-syntax", "'x-amz-checksum-crc32 :"),
    ("control character", UNSIGNED, swap(b"crc32:", b"crc32:\0"), "trailer-syntax", "'x-amz-checksum-crc32:\\x00"),
    ("huge field", UNSIGNED, swap(b"crc32:", b"crc32:" + b"x" * 5000), "chunk-syntax", "a trailer field is over 4096"),
    ("LF in the trailer", UNSIGNED, lambda d: d[:-4] + b"\n\r\n", "chunk-syntax",
     "a trailer field does not end with CR LF"),
    ("checksum of another body", UNSIGNED, flip(100), "checksum-mismatch", SUM),
    ("checksum in hex", UNSIGNED, lambda d: re.sub(b"crc32:.*==", b"crc32:00112233", d), "checksum-mismatch", SUM),
]  # fmt: skip


@pytest.mark.parametrize("step", [1, 1 << 20])
@pytest.mark.parametrize("what, kind, change, reason, detail", CASES, ids=[row[0] for row in CASES])
def test_refused(what: str, kind: Form, change: Change, reason: str, detail: str, step: int) -> None:
    data = encode(kind)
    changed = change(data)
    assert changed != data
    reading = Reading(kind)
    with pytest.raises(Rejected) as caught:
        reading.feed(changed, step)
    assert caught.value.reason == reason
    assert detail in caught.value.message
    assert BODY.startswith(b"".join(reading.got)) or not kind.signed


def test_data_comes_out_only_after_its_signature() -> None:
    """CVE-2021-21390: a chunk's data is held back until the chunk is whole and right."""
    data = encode(SIGNED)
    reading = Reading(SIGNED)
    whole = 4 + 17 + 64 + 2 + 8192
    reading.reader.update(data[: whole - 1])
    assert reading.got == []
    reading.reader.update(data[whole - 1 : whole])
    assert reading.got == [BODY[:8192]]
    changed = bytearray(data)
    changed[-300] ^= 1
    reading = Reading(SIGNED)
    with pytest.raises(Rejected):
        reading.feed(bytes(changed))
    assert b"".join(reading.got) == BODY[:16384]


def test_another_key() -> None:
    with pytest.raises(Rejected) as caught:
        Reading(SIGNED, key=MacKey(b"K" * 32)).feed(encode(SIGNED))
    assert caught.value.reason == "chunk-signature"


@pytest.mark.parametrize("length, message", [(20079, "and chunk 3 goes beyond"), (20081, "and 1 are missing")])
def test_another_length(length: int, message: str) -> None:
    with pytest.raises(Rejected) as caught:
        Reading(SIGNED, length).feed(encode(SIGNED))
    assert caught.value.reason == "decoded-length"
    assert caught.value.detail == f"it says {length}, {message}"


def small_chunks(sizes: list[int]) -> bytes:
    one, out = chain(), b""
    for size in [*sizes, 0]:
        signature = one.sign(KEY, one.chunk_text(sha256(bytes(size)).hexdigest())).encode()
        out += b"%x;chunk-signature=%s\r\n%s\r\n" % (size, signature, bytes(size))
    return out


def test_a_chunk_that_is_not_the_last_has_8_kib() -> None:
    assert Reading(SIGNED, 8192 + 1).feed(small_chunks([8192, 1])) == bytes(8193)
    with pytest.raises(Rejected) as caught:
        Reading(SIGNED, 8191 + 1).feed(small_chunks([8191, 1]))
    assert (caught.value.reason, caught.value.detail) == ("chunk-syntax", "chunk 1 has 8191 octets and is not the last")


def test_a_signed_chunk_has_16_mib_at_most() -> None:
    """One that was never sent whole, so that nothing large is held."""
    start = b"%x;chunk-signature=%s\r\n" % (MAX_CHUNK, b"0" * 64)
    Reading(SIGNED, MAX_CHUNK).reader.update(start)
    start = b"%x;chunk-signature=%s\r\n" % (MAX_CHUNK + 1, b"0" * 64)
    with pytest.raises(Rejected) as caught:
        Reading(SIGNED, MAX_CHUNK + 1).reader.update(start)
    assert (caught.value.reason, caught.value.detail) == ("chunk-syntax", "chunk 1 is over 16777216 octets")
    Reading(UNSIGNED, MAX_CHUNK + 1).reader.update(b"%x\r\n" % (MAX_CHUNK + 1))


def test_the_longest_line() -> None:
    start = b"0\r\na:"
    value = b"x" * (4096 - 2 - 2)
    reader = ChunkReader(UNSIGNED, 0, ("a",), chain(), KEY)
    reader.update(start + value + b"\r\n\r\n")
    reader.finish()
    assert reader.trailers == [("a", value.decode())]
    with pytest.raises(Rejected) as caught:
        ChunkReader(UNSIGNED, 0, ("a",), chain(), KEY).update(start + b"x" + value + b"\r\n\r\n")
    assert caught.value.detail == "a trailer field is over 4096 octets long"


# ------------------------------------------------------------------------------------------------------------- the head


def request(*headers: tuple[str, str]) -> Request:
    return Request("PUT", "/k", (("Host", "h"), *headers))


LENGTH, ANNOUNCED = "X-Amz-Decoded-Content-Length", "X-Amz-Trailer"


@pytest.mark.parametrize("text, length", [("0", 0), (" 12 ", 12), ("0012", 12), ("9" * 16, 10**16 - 1)])
def test_length(text: str, length: int) -> None:
    assert read_length(request((LENGTH, text))) == length


@pytest.mark.parametrize("values, reason, detail", [
    ((), "streaming-payload", "there is no X-Amz-Decoded-Content-Length"),
    (("",), "decoded-length", "'' is not a number"),
    (("-1",), "decoded-length", "'-1' is not a number"),
    (("1.5",), "decoded-length", "'1.5' is not a number"),
    (("\xb2",), "decoded-length", "'²' is not a number"),
    (("1" * 17,), "decoded-length", f"'{'1' * 17}' is not a number"),
    (("1", "1"), "decoded-length", "'1, 1' is not a number"),
])  # fmt: skip
def test_length_that_is_none(values: tuple[str, ...], reason: str, detail: str) -> None:
    with pytest.raises(Rejected) as caught:
        read_length(request(*[(LENGTH, value) for value in values]))
    assert (caught.value.reason, caught.value.detail) == (reason, detail)


@pytest.mark.parametrize("kind, values, names", [
    (SIGNED, (), ()),
    (TRAILER, ("x-amz-checksum-crc32",), ("x-amz-checksum-crc32",)),
    (TRAILER, ("A , b", "C"), ("a", "b", "c")),
    (UNSIGNED, (",".join(f"n{n}" for n in range(32)),), tuple(f"n{n}" for n in range(32))),
])  # fmt: skip
def test_announced(kind: Form, values: tuple[str, ...], names: tuple[str, ...]) -> None:
    assert read_declared(request(*[(ANNOUNCED, value) for value in values]), kind) == names


@pytest.mark.parametrize("kind, value, reason, detail", [
    (SIGNED, "a", "trailer-mismatch", "X-Amz-Trailer is there, and the payload is STREAMING-AWS4-HMAC-SHA256-PAYLOAD"),
    (UNSIGNED, None, "trailer-mismatch",
     "there is no X-Amz-Trailer, and the payload is STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
    (TRAILER, "", "trailer-mismatch", "X-Amz-Trailer is ''"),
    (TRAILER, "a,,b", "trailer-mismatch", "X-Amz-Trailer is 'a,,b'"),
    (TRAILER, "a,A", "trailer-mismatch", "X-Amz-Trailer is 'a,a'"),
    (TRAILER, "x-amz-trailer-signature", "trailer-mismatch", "X-Amz-Trailer is 'x-amz-trailer-signature'"),
    (TRAILER, ",".join(f"n{n}" for n in range(33)), "trailer-mismatch", "X-Amz-Trailer is 'n0,n1,n2,"),
    (UNSIGNED, "x-amz-checksum-xxhash64", "checksum-unsupported", "x-amz-checksum-xxhash64"),
    (TRAILER, "a,x-amz-checksum-", "checksum-unsupported", "x-amz-checksum-"),
])  # fmt: skip
def test_announced_wrongly(kind: Form, value: "str | None", reason: str, detail: str) -> None:
    headers = () if value is None else ((ANNOUNCED, value),)
    with pytest.raises(Rejected) as caught:
        read_declared(request(*headers), kind)
    assert caught.value.reason == reason
    assert caught.value.detail.startswith(detail)
