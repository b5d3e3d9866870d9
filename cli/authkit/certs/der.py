"""What does a DER text consist of, also where it is broken?"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    # tag, start of the whole element, start of its content, end
    Element = tuple[int, int, int, int]

BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, OID = 1, 2, 3, 4, 6
UTF8_STRING, PRINTABLE_STRING, TELETEX_STRING, IA5_STRING = 12, 19, 20, 22
UTC_TIME, GENERALIZED_TIME, UNIVERSAL_STRING, BMP_STRING = 23, 24, 28, 30
SEQUENCE, SET = 0x30, 0x31

# as deep as anything that is walked here may nest; a certificate needs 12
MAX_DEPTH = 32
# most of BER that is made DER: some thousand certificates, and a second of work
MOST_ELEMENTS = 200_000
# an OCTET STRING made of several, as BER allows
_IN_PIECES = 0x24


class Broken(ValueError):
    """The bytes are not what DER would have here."""


def element(data: bytes, at: int, end: int) -> "Element":
    """Return the element that begins at *at* and must end by *end*.

    Raises:
        Broken: if there is none: no bytes, a tag of several bytes, a length that is indefinite or reaches too far.
    """
    if end - at < 2:
        raise Broken("ends too early")
    tag, length, start = data[at], data[at + 1], at + 2
    if tag & 31 == 31:
        raise Broken("has a tag of several bytes")
    if length > 127:
        size = length & 127
        if not 0 < size < 9 or start + size > end:
            raise Broken("has a length that cannot be read")
        length, start = int.from_bytes(data[start : start + size], "big"), start + size
    if start + length > end:
        raise Broken(f"claims {length} bytes where {end - start} are left")
    return tag, at, start, start + length


def elements(data: bytes, at: int, end: int) -> "Iterator[Element]":
    """Yield the elements between *at* and *end*, one after the other.

    Raises:
        Broken: at the first that cannot be read.
    """
    while at < end:
        found = element(data, at, end)
        yield found
        at = found[3]


def children(data: bytes) -> "list[tuple[int, bytes]]":
    """Return tag and whole bytes of each element inside the one that *data* begins with.

    Raises:
        Broken: if one of them cannot be read.
    """
    _, _, start, end = element(data, 0, len(data))
    return [(tag, data[begin:stop]) for tag, begin, _, stop in elements(data, start, end)]


def first(data: bytes, count: int) -> "list[tuple[int, bytes]]":
    """Return as many `children`; for each that is missing an empty one, which nothing is taken for.

    Raises:
        Broken: if one that is there cannot be read.
    """
    return (children(data) + [(0, b"\0\0")] * count)[:count]


def content(data: bytes) -> bytes:
    """Return what is inside the element that *data* begins with."""
    _, _, start, end = element(data, 0, len(data))
    return data[start:end]


def encode(tag: int, *parts: bytes) -> bytes:
    """Return the element with this tag and content."""
    body = b"".join(parts)
    size = len(body)
    if size < 128:
        return bytes((tag, size)) + body
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 128 | len(length))) + length + body


def oid(body: bytes) -> str:
    """Return the content of an OBJECT IDENTIFIER in dots.

    Raises:
        Broken: if it is empty, longer than 64 bytes, or cut off.
    """
    if not body or len(body) > 64 or body[-1] > 127:
        raise Broken("holds an object identifier that cannot be read")
    arcs, value = [], 0
    for byte in body:
        value = value << 7 | byte & 127
        if byte < 128:
            arcs.append(value)
            value = 0
    first = min(arcs[0] // 40, 2)
    return ".".join([str(arc) for arc in (first, arcs[0] - 40 * first, *arcs[1:])])


def encode_oid(dotted: str) -> bytes:
    """Return an OBJECT IDENTIFIER, whole, from its text in dots."""
    first, second, *rest = [int(arc) for arc in dotted.split(".")]
    body = bytearray()
    for arc in (first * 40 + second, *rest):
        piece = [arc & 127]
        while arc > 127:
            arc >>= 7
            piece.append(arc & 127 | 128)
        body += bytes(reversed(piece))
    return encode(OID, bytes(body))


def outer(data: bytes) -> "tuple[int, int, str]":
    """Return where the content of the first element begins and ends, and what is wrong with its frame, or "".

    A length that reaches beyond the bytes is cut to what is there.
    """
    try:
        _, _, start, end = element(data, 0, len(data))
        return start, end, ""
    except Broken as error:
        size = data[1] & 127 if len(data) > 1 and data[1] > 127 else 0
        return min(2 + size, len(data)), len(data), str(error)


def until_broken(data: bytes, at: int, end: int) -> "tuple[list[Element], str]":
    """Return the elements between *at* and *end* as far as they can be read, and what is wrong with the next, or "".

    More than MOST_ELEMENTS are not read.
    """
    found: "list[Element]" = []
    try:
        for _ in range(MOST_ELEMENTS):
            if at >= end:
                return found, ""
            # most are short, and ten thousand certificates have hundreds of thousands
            if end - at > 1 and data[at + 1] < 128 and data[at] & 31 != 31 and at + 2 + data[at + 1] <= end:
                one = (data[at], at, at + 2, at + 2 + data[at + 1])
            else:
                one = element(data, at, end)
            found.append(one)
            at = one[3]
    except Broken as error:
        return found, str(error)
    return found, f"has more than {MOST_ELEMENTS} elements" if at < end else ""


def from_ber(data: bytes, budget: "Iterator[int] | None" = None) -> bytes:
    """Return BER as DER: lengths definite, strings in one piece; what is DER already stays byte for byte.

    Args:
        data: bytes; what follows its first element is left out.
        budget: gives an item for each element that may be read; without it there are MOST_ELEMENTS.

    Raises:
        Broken: if it cannot be read, nests deeper than MAX_DEPTH, or has more elements than that.
    """
    return _from_ber(data, 0, len(data), 0, iter(range(MOST_ELEMENTS)) if budget is None else budget)[0]


def _from_ber(data: bytes, at: int, end: int, depth: int, budget: "Iterator[int]") -> "tuple[bytes, int]":
    """Return the element at *at* as DER, and where it ends."""
    if depth > MAX_DEPTH:
        raise Broken(f"nests deeper than {MAX_DEPTH}")
    if next(budget, None) is None:
        raise Broken(f"has more than {MOST_ELEMENTS} elements")
    if data[at + 1 : at + 2] != b"\x80":
        tag, _, start, stop = element(data, at, end)
        if not tag & 32:
            return data[at:stop], stop
        parts, inside = [], start
        while inside < stop:
            part, inside = _from_ber(data, inside, stop, depth + 1, budget)
            parts.append(part)
        body = b"".join(parts)
        if body == data[start:stop] and tag != _IN_PIECES:
            return data[at:stop], stop
    else:
        tag, parts, stop = data[at], [], at + 2
        while data[stop : stop + 2] != b"\0\0":
            part, stop = _from_ber(data, stop, end, depth + 1, budget)
            parts.append(part)
        stop += 2
    if tag == _IN_PIECES:
        return encode(OCTET_STRING, *[content(part) for part in parts]), stop
    return encode(tag, *parts), stop
