"""Is DER read element by element, never further than it goes?"""

import pytest

from authkit.certs import der
from rawcert import oid, seq, tlv


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"\x02\x01\x05", (2, 0, 2, 3)),
        (b"\x05\x00", (5, 0, 2, 2)),
        (b"\x04\x7f" + bytes(127), (4, 0, 2, 129)),
        (b"\x04\x81\x80" + bytes(128), (4, 0, 3, 131)),
        (b"\x04\x82\x01\x00" + bytes(256), (4, 0, 4, 260)),
        (b"\x04\x88" + bytes(7) + b"\x01x", (4, 0, 10, 11)),
        (b"\x1e\x00", (30, 0, 2, 2)),
    ],
)
def test_element(data: bytes, found: tuple[int, int, int, int]) -> None:
    assert der.element(data, 0, len(data)) == found
    assert der.until_broken(data, 0, len(data)) == ([found], "")
    assert list(der.elements(data, 0, len(data))) == [found]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "ends too early"),
        (b"\x02", "ends too early"),
        (b"\x1f\x01\x00", "has a tag of several bytes"),
        (b"\xbf\x81\x00\x00", "has a tag of several bytes"),
        (b"\x30\x80\x00\x00", "has a length that cannot be read"),
        (b"\x30\x89" + bytes(9), "has a length that cannot be read"),
        (b"\x30\x82\x01", "has a length that cannot be read"),
        (b"\x02\x02\x01", "claims 2 bytes where 1 are left"),
        (b"\x02\x81\xff\x00", "claims 255 bytes where 1 are left"),
        (b"\x04\x84\xff\xff\xff\xff", "claims 4294967295 bytes where 0 are left"),
    ],
)
def test_no_element(data: bytes, message: str) -> None:
    with pytest.raises(der.Broken, match=f"^{message}$"):
        der.element(data, 0, len(data))
    good = b"\x05\x00"
    assert der.until_broken(good + data, 0, 2 + len(data)) == ([(5, 0, 2, 2)], message if data else "")


def test_an_element_keeps_to_its_end() -> None:
    with pytest.raises(der.Broken, match="^claims 3 bytes where 2 are left$"):
        der.element(b"\x04\x03abc", 0, 4)
    assert der.until_broken(b"\x04\x03abc", 0, 4) == ([], "claims 3 bytes where 2 are left")
    assert der.element(b"zz\x04\x01a", 2, 5) == (4, 2, 4, 5)


def test_children_and_content() -> None:
    assert der.children(b"\x30\x05\x05\x00\x02\x01\x07more") == [(5, b"\x05\x00"), (2, b"\x02\x01\x07")]
    assert der.children(b"\x30\x00") == []
    assert der.content(b"\x04\x02abcd") == b"ab"
    with pytest.raises(der.Broken, match="^claims 2 bytes where 1 are left$"):
        der.children(b"\x30\x03\x02\x02\x07")


def test_the_first_children() -> None:
    data = b"\x30\x05\x05\x00\x02\x01\x07more"
    assert der.first(data, 1) == [(5, b"\x05\x00")]
    assert der.first(data, 3) == [(5, b"\x05\x00"), (2, b"\x02\x01\x07"), (0, b"\0\0")]
    assert der.first(b"\x30\x00", 2) == [(0, b"\0\0"), (0, b"\0\0")]
    with pytest.raises(der.Broken, match="^claims 2 bytes where 1 are left$"):
        der.first(b"\x30\x03\x02\x02\x07", 0)


@pytest.mark.parametrize("size", [0, 1, 127, 128, 255, 256, 65535, 65536])
def test_encode(size: int) -> None:
    data = der.encode(4, bytes(size - size // 2), b"x" * (size // 2))
    assert data == tlv(4, bytes(size - size // 2) + b"x" * (size // 2))
    assert der.element(data, 0, len(data))[3] == len(data)


@pytest.mark.parametrize(
    "dotted",
    ["2.5.4.3", "1.2.840.113549.1.1.11", "0.9.2342.19200300.100.1.1", "2.25.1234567890123456789", "1.39.127.128"],
)  # fmt: skip
def test_oid(dotted: str) -> None:
    assert der.encode_oid(dotted) == oid(dotted)
    assert der.oid(der.content(oid(dotted))) == dotted


def test_first_arcs() -> None:
    assert [der.oid(bytes([first])) for first in (0, 39, 40, 79, 80, 120)] == [
        "0.0",
        "0.39",
        "1.0",
        "1.39",
        "2.0",
        "2.40",
    ]


@pytest.mark.parametrize("body", [b"", b"\x2a\x86", b"\x2a\x80", bytes([42] * 65)])
def test_no_oid(body: bytes) -> None:
    with pytest.raises(der.Broken, match="^holds an object identifier that cannot be read$"):
        der.oid(body)


def test_an_arc_goes_on_after_each_byte_of_128_or_more() -> None:
    assert der.oid(b"\x2a\x7f") == "1.2.127"
    assert der.oid(b"\x2a\x80\x01") == "1.2.1"
    assert der.oid(b"\x2a\x81\x00") == "1.2.128"


def test_an_oid_of_64_bytes_is_read() -> None:
    assert der.oid(bytes([42] * 64)).count(".") == 64


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"\x30\x02\x05\x00", (2, 4, "")),
        (b"\x30\x02\x05\x00more", (2, 4, "")),
        (b"\x30\x05\x05\x00", (2, 4, "claims 5 bytes where 2 are left")),
        (b"\x30\x84\xff\xff\xff\xff\x05\x00", (6, 8, "claims 4294967295 bytes where 2 are left")),
        (b"\x30\x84\xff", (3, 3, "has a length that cannot be read")),
        (b"\x30", (1, 1, "ends too early")),
        (b"", (0, 0, "ends too early")),
    ],
)
def test_a_frame_that_lies_is_cut_to_what_is_there(data: bytes, found: tuple[int, int, str]) -> None:
    assert der.outer(data) == found


def test_der_stays_as_it_is() -> None:
    long_form = b"\x30\x81\x05" + b"\x04\x03abc"  # a length longer than it must be, but definite
    for data in (
        seq(tlv(4, b"abc"), seq(tlv(2, b"\1"))),
        long_form,
        b"\x30\x81\x04" + b"\x05\x00" * 2,
        b"\x05\x00",
        b"\x03\x02\x05\x09",
        b"\x30\x00",
    ):
        assert der.from_ber(data) == data


def test_ber_becomes_der() -> None:
    pieces = b"\x24\x80\x04\x02ab\x04\x01c\x00\x00"
    assert der.from_ber(pieces) == b"\x04\x03abc"
    assert der.from_ber(b"\x24\x07\x04\x02ab\x04\x01c") == b"\x04\x03abc"
    assert der.from_ber(b"\x30\x80\x02\x01\x03" + pieces + b"\x00\x00") == seq(b"\x02\x01\x03", b"\x04\x03abc")
    assert der.from_ber(b"\x30\x09\x30\x80\x02\x01\x07\x00\x00\x05\x00") == seq(seq(b"\x02\x01\x07"), b"\x05\x00")
    assert der.from_ber(b"\xa0\x80\x04\x01a\x04\x01b\x00\x00") == tlv(0xA0, b"\x04\x01a\x04\x01b")
    assert der.from_ber(b"\x24\x80\x24\x80\x04\x01a\x00\x00\x04\x01b\x00\x00") == b"\x04\x02ab"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\x30\x80\x02\x01\x03", "ends too early"),
        (b"\x30\x80\x02\x05\x03\x00\x00", "claims 5 bytes where 3 are left"),
        (b"", "ends too early"),
        (b"\x24\x02\x04\x05", "claims 5 bytes where 0 are left"),
    ],
)
def test_ber_that_breaks_off(data: bytes, message: str) -> None:
    with pytest.raises(der.Broken, match=f"^{message}$"):
        der.from_ber(data)


def test_ber_is_bounded_in_depth() -> None:
    def nested(depth: int) -> bytes:
        return b"\x30\x80" * depth + b"\x05\x00" + b"\x00\x00" * depth

    inside = b"\x05\x00"
    for _ in range(der.MAX_DEPTH):
        inside = seq(inside)
    assert der.from_ber(nested(der.MAX_DEPTH)) == inside
    assert der.from_ber(inside) == inside
    for data in (nested(der.MAX_DEPTH + 1), seq(inside), nested(100_000)):
        with pytest.raises(der.Broken, match="^nests deeper than 32$"):
            der.from_ber(data)


@pytest.mark.parametrize(("more", "message"), [(0, ""), (1, f"has more than {der.MOST_ELEMENTS} elements")])
def test_ber_of_many_elements_is_given_up(more: int, message: str) -> None:
    """Some megabytes of empty elements took most of a minute."""
    data = der.encode(der.SEQUENCE, b"\x30\x00" * (der.MOST_ELEMENTS - 1 + more))
    if not message:
        assert der.from_ber(data) == data
        return
    with pytest.raises(der.Broken, match=message):
        der.from_ber(data)


def test_a_budget_is_used_up_over_several_texts() -> None:
    budget = iter(range(5))
    data = seq(b"\x30\0", b"\x30\0")
    assert der.from_ber(data, budget) == data
    with pytest.raises(der.Broken, match="^has more than 200000 elements$"):
        der.from_ber(data, budget)
    with pytest.raises(der.Broken, match="^has more than 200000 elements$"):
        der.from_ber(b"\5\0", iter(()))


def test_elements_are_read_until_there_are_too_many() -> None:
    data = b"\5\0" * 200_001
    found, fault = der.until_broken(data, 0, len(data) - 2)
    assert (len(found), fault) == (200_000, "")
    found, fault = der.until_broken(data, 0, len(data))
    assert (len(found), fault) == (200_000, "has more than 200000 elements")


def test_an_indefinite_length_is_no_short_one() -> None:
    assert der.until_broken(b"\x30\x80" + bytes(128), 0, 130) == ([], "has a length that cannot be read")
    assert der.until_broken(b"\x04\x7f" + bytes(127), 0, 129) == ([(4, 0, 2, 129)], "")
