"""Do frames follow BBQr, and are they put together only when they are whole and of one message?"""

import base64
import contextlib
import random
import zlib

import pytest

from authkit.ceremony import frames
from authkit.errors import InputError, Refused

ALPHANUMERIC = set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")
SIZES = [1, 4, 5, 6, 10, 11, 99, 100, 101, 412, 413, 1000, 2601]
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def by_hand(data: bytes, letter: str, step: int, kind: str = "U") -> list[str]:
    """Return frames as the published text says, made without authkit."""
    maker = zlib.compressobj(9, zlib.DEFLATED, -10)
    packed = maker.compress(data) + maker.flush() if letter == "Z" else data
    pieces = [packed[place : place + step] for place in range(0, len(packed), step)]
    head = f"B${letter}{kind}" + DIGITS[len(pieces) // 36] + DIGITS[len(pieces) % 36]
    written = [
        piece.hex().upper() if letter == "H" else base64.b32encode(piece).decode().rstrip("=") for piece in pieces
    ]
    return [f"{head}{DIGITS[place // 36]}{DIGITS[place % 36]}{text}" for place, text in enumerate(written)]


def join(lines: "list[str]", end: str = "\n") -> bytes:
    return frames.join("".join(line + end for line in lines).encode(), "scan.txt")


def refused(lines: "list[str]") -> tuple[str, "str | None"]:
    with pytest.raises(InputError) as caught:
        join(lines)
    return caught.value.message, caught.value.hint


def noise(size: int) -> bytes:
    return random.Random(size).randbytes(size)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("characters", [25, 195, 667, 4296])
@pytest.mark.parametrize("plain", [True, False])
def test_what_is_split_is_joined_again_in_any_order(size: int, characters: int, plain: bool) -> None:
    data = b"A" * size if plain else noise(size)
    made = frames.split(data, characters)
    assert all(len(one) <= characters and set(one) <= ALPHANUMERIC for one in made)
    assert [one[4:8] for one in made] == [f"{len(made):02X}{place:02X}" for place in range(len(made))] or len(made) > 9
    assert len({one[:6] for one in made}) == 1
    assert len(made) == frames.count_frames(len(frames.pack(data)[1]), characters)
    random.Random(1).shuffle(made)
    assert join(made) == data
    assert join(made + made) == data  # a camera sees a code twice


@pytest.mark.parametrize("size", SIZES)
def test_frames_are_of_one_length_and_whole_bytes(size: int) -> None:
    made = frames.split(noise(size), 195)
    bodies = [one[8:] for one in made]
    assert {len(one) for one in bodies[:-1]} <= {max(map(len, bodies))}
    assert all(len(one) % 8 == 0 for one in bodies[:-1])
    assert len(bodies[-1]) % 8 in (0, 2, 4, 5, 7)
    assert max(map(len, bodies)) - len(bodies[-1]) < 8 * len(made)  # no small one at the end


def test_a_short_text_is_one_frame_as_it_stands() -> None:
    assert frames.split(b"foobar", 25) == ["B$2U0100MZXW6YTBOI"]  # RFC 4648, section 10


def test_what_shrinks_is_compressed_as_published() -> None:
    data = b"A" * 1000
    (frame,) = frames.split(data, 195)
    assert frame[:8] == "B$ZU0100"
    packed = base64.b32decode(frame[8:] + "=" * (-len(frame[8:]) % 8))
    assert zlib.decompress(packed, -10) == data


def test_what_does_not_shrink_is_not_compressed() -> None:
    assert frames.pack(noise(100)) == ("2", noise(100))
    assert frames.pack(b"A" * 100)[0] == "Z"


@pytest.mark.parametrize(
    ("size", "characters", "count"),
    # one frame alone may end in any byte; of several each has a multiple of five
    [(10, 25, 1), (11, 25, 2), (20, 25, 2), (21, 25, 3), (1, 16, 1), (5, 16, 1), (6, 16, 2), (2680, 4296, 1)],
)
def test_how_many_frames(size: int, characters: int, count: int) -> None:
    assert frames.count_frames(size, characters) == count
    assert len(frames.split(noise(size), characters)) == count


def test_two_digits_count_to_1295() -> None:
    data = noise(1295 * 10)
    made = frames.split(data, 25)
    assert (len(made), made[0][:8], made[-1][:8]) == (1295, "B$2UZZ00", "B$2UZZZY")
    assert made[36][6:8] == "10"
    assert join(made) == data
    with pytest.raises(Refused) as caught:
        frames.split(data + b"x", 25)
    assert (caught.value.message, caught.value.hint) == (
        "1,296 QR codes of this size would be needed, and a message has at most 1,295",
        "choose a larger --qr-size, or carry it as a file",
    )


@pytest.mark.parametrize("letter", ["H", "2", "Z"])
@pytest.mark.parametrize("kind", ["U", "B", "J"])
def test_frames_of_other_makers_are_read(letter: str, kind: str) -> None:
    data = b"some text, repeated: " * 40
    assert join(by_hand(data, letter, 15, kind)) == data


def test_lines_as_they_come(subtests: pytest.Subtests) -> None:
    data = noise(150)
    made = by_hand(data, "2", 50)
    shapes = {
        "CRLF": ("\r\n", made),
        "old line ends": ("\r", made),
        "blank lines between": ("\n\n \n", made),
        "zbarimg without --raw": ("\n", [f"QR-Code:{one}" for one in made]),
        "indented": ("  \n", [f"\t {one}" for one in made]),
        "zbarimg with another space": ("\n", [f"QR-Code: {one}" for one in made]),
        "bar codes in the pattern": ("\n", ["DataBar:0114128101400741", made[0], "EAN-8:12345670", *made[1:], "234"]),
    }
    for name, (end, lines) in shapes.items():
        with subtests.test(name):
            assert frames.are_frames((end.join(lines) + end).encode()) is True
            assert join(lines, end) == data


@pytest.mark.parametrize(
    ("data", "are"),
    [
        (b"B$2U0100MZXW6===", True),
        (b"\n\r\n  B$", True),
        (b"QR-Code:B$ZU", True),
        (b"QR-Code: B$ZU", True),
        (b"DataBar:0114128101400741\n\nQR-Code:B$ZU", True),
        (b"0114128101400741\r\nB$ZU", True),
        (b"x" * 4093 + b"\nB$", True),
        (b"x" * 4094 + b"\nB$", False),
        (b"QR-Code:https://example.com", None),
        (b"QR-", None),
        (b"B", None),
        (b"", None),
        (b"x" * 4095, None),
        (b"x" * 4096, False),
        (b"{\n", None),
        (b"authkit-request/v1\nid: 1\nB$ZU", False),
        (b"-----BEGIN AGE ENCRYPTED FILE-----\nB$ZU", False),
        (b"\xff\xfe x", False),
    ],
)
def test_frames_are_told_by_how_they_begin(data: bytes, are: "bool | None") -> None:
    assert frames.are_frames(data) is are


@pytest.mark.parametrize(
    ("left_out", "said"),
    [
        ({2}, "frame 2 of 12 is missing"),
        ({1}, "frame 1 of 12 is missing"),
        ({12}, "frame 12 of 12 is missing"),
        ({2, 5}, "frames 2 and 5 of 12 are missing"),
        ({1, 2, 3, 7, 9}, "frames 1-3, 7 and 9 of 12 are missing"),
        (set(range(1, 12)), "frames 1-11 of 12 are missing"),
    ],
)
def test_what_is_missing_is_named_with_the_total(left_out: set[int], said: str) -> None:
    made = by_hand(noise(120), "2", 10)
    kept = [one for number, one in enumerate(made, 1) if number not in left_out]
    assert refused(kept) == (
        f"scan.txt: {said}",
        "scan what is missing and give all frames together, in any order",
    )


@pytest.mark.parametrize(
    ("numbers", "named"),
    [
        ([1], "1"),
        ([1, 2], "1-2"),
        ([1, 3], "1 and 3"),
        ([1, 2, 4, 6, 7, 8], "1-2, 4 and 6-8"),
        ([9, 36, 37], "9 and 36-37"),
    ],
)
def test_numbers_as_people_write_them(numbers: list[int], named: str) -> None:
    assert frames.name_numbers(numbers) == named


def test_frames_of_two_messages_are_found() -> None:
    ours, theirs = by_hand(noise(100), "2", 25), by_hand(noise(99), "2", 50)
    assert refused([*ours[:2], "", theirs[1]]) == (
        "scan.txt: line 4 is frame 2 of 2, and those before it are of another message of 4",
        "scan the frames of one message alone",
    )
    # as many frames, but another encoding
    other = by_hand(noise(100), "Z", 25)[:4]
    assert "another message of 4" in refused([ours[0], "B$ZU04" + other[1][6:]])[0]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_one_frame_that_is_there_twice_and_differs(order: tuple[int, int]) -> None:
    both = [by_hand(noise(100), "2", 25), by_hand(bytes(100), "2", 25)]
    first, second = both[order[0]], both[order[1]]
    assert refused([*first, second[2]]) == (
        "scan.txt: line 5: frame 3 of 4 is there twice and differs",
        "frames of two messages were put together, or one was cut short: scan those of one alone",
    )
    assert refused([first[2], second[2], *first])[0] == "scan.txt: line 2: frame 3 of 4 is there twice and differs"


@pytest.mark.parametrize("seed", range(8))
def test_compressed_frames_of_two_messages_give_neither(seed: int) -> None:
    """What is no error here is one to age and to the signature, which nobody can make fit."""
    texts = [base64.b64encode(random.Random(f"{seed} {which}").randbytes(600)) for which in range(2)]
    ours, theirs = [by_hand(text, "Z", 100) for text in texts]
    assert len(ours) == len(theirs) == 7
    assert ours[0][:6] == theirs[0][:6]
    for count in range(1, 6):
        with contextlib.suppress(InputError):
            assert join([*ours[:count], *theirs[count:]]) not in texts


def test_what_is_not_compressed_does_not_fit() -> None:
    assert refused(["B$ZU0100" + "7" * 8])[0] == "scan.txt: its frames (1) do not fit together"


def test_compressed_data_ends_where_it_says() -> None:
    maker = zlib.compressobj(9, zlib.DEFLATED, -10)
    packed = maker.compress(b"a text") + maker.flush()
    said = "scan.txt: its frames (1) do not fit together"
    for wrong in (packed[:-1], packed + b"x"):
        assert refused([f"B$ZU0100{base64.b32encode(wrong).decode().rstrip('=')}"])[0] == said


def test_a_small_text_does_not_become_a_huge_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "MOST_BYTES", 1000)
    assert join(by_hand(bytes(1000), "Z", 500)) == bytes(1000)
    assert refused(by_hand(bytes(100_000), "Z", 500))[0] == "scan.txt: what its frames hold is over 64 MiB"


def test_a_frame_that_is_cut_short_is_named() -> None:
    made = by_hand(noise(100), "2", 25)
    said = "scan.txt: frame 2 of 4 is cut short: 32 of 40 characters"
    assert refused([made[0], made[1][:-8], *made[2:]]) == (said, "scan it again")
    assert refused([made[0], made[1], made[2], made[3][:8]])[0] == (
        "scan.txt: frame 4 of 4 is cut short: 0 of 40 characters"
    )
    # a last frame longer than the others is no frame of theirs
    assert refused([made[0], made[1], made[2], made[3] + "AAAAAAAA"])[0] == (
        "scan.txt: frame 1 of 4 is cut short: 40 of 48 characters"
    )
    assert refused(["B$2U010"]) == ("scan.txt: line 1: the frame is cut short", "scan it again")


@pytest.mark.parametrize(
    ("frame", "why"),
    [
        ("B$HU0100ABC", "odd hexadecimal digits"),
        ("B$2U0100A", "one character"),
        ("B$2U0100MZXW6YTBOIA", "three characters over"),
        ("B$2U0100MZXW6YTBOIAAAA", "six over"),
        ("B$2U0100MZXW6YTBOJ", "bits behind the last byte"),
    ],
)
def test_a_frame_is_whole_bytes(frame: str, why: str) -> None:
    assert refused([frame])[0] == "scan.txt: frame 1 of 1 does not end in a whole byte", why


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        ("B$XU0100AA", "not the header of a BBQr frame: B$XU0100"),
        ("B$2U0000AA", "not the header of a BBQr frame: B$2U0000"),
        ("B$2U0101AA", "not the header of a BBQr frame: B$2U0101"),
        ("B$2U0a00AA", "not the header of a BBQr frame: B$2U0a00"),
        ("B$2U01-0AA", "not the header of a BBQr frame: B$2U01-0"),
        ("B$\x1b[0100AA", "not the header of a BBQr frame: B$?[0100"),
        ("B$2P0100AA", "the frames hold something else than text (type P)"),
        ("B$2X0100AA", "the frames hold something else than text (type X)"),
        ("B$2u0100AA", "the frames hold something else than text (type u)"),
        ("B$2\x070100AA", "the frames hold something else than text (type ?)"),
        ("B$2U0100AA=", "a character that is in no such frame"),
        ("B$2U0100Aa", "a character that is in no such frame"),
        ("B$2U0100A1", "a character that is in no such frame"),
        ("B$HU0100G0", "a character that is in no such frame"),
        ("B$HU0100A\u00e9", "a character that is in no such frame"),
    ],
)
def test_what_is_no_frame_is_named_by_its_line(frame: str, said: str) -> None:
    assert refused(["", frame])[0] == f"scan.txt: line 2: {said}"


def test_a_frame_that_was_broken_over_lines_is_named_as_that() -> None:
    made = by_hand(noise(100), "2", 25)
    hint = "line 3 is no frame: each frame is one line"
    assert refused([made[0], made[1][:24], made[1][24:], *made[2:]]) == (
        "scan.txt: frame 2 of 4 is cut short: 16 of 40 characters",
        hint,
    )
    assert refused(["", "B$2U0100A", "E"]) == ("scan.txt: frame 1 of 1 does not end in a whole byte", hint)
    assert refused(["", "B$ZU0100AAAAAAAA", "E"]) == ("scan.txt: its frames (1) do not fit together", hint)


def test_frames_that_are_still_coming() -> None:
    gathered = frames.Frames("scan")
    made = [one.encode() for one in by_hand(noise(75), "2", 25)]
    assert (gathered.total, gathered.head, gathered.is_complete()) == (0, "", False)
    gathered.add_lines([made[2]])
    assert (gathered.total, gathered.head) == (3, "B$2U03")
    assert (gathered.missing(), gathered.is_complete()) == ([1, 2], False)
    gathered.add_lines([made[0], b"", made[2]], 2)
    assert (gathered.missing(), gathered.is_complete()) == ([2], False)
    gathered.add_lines([made[1]], 5)
    assert (gathered.missing(), gathered.is_complete()) == ([], True)
    assert gathered.join() == noise(75)
    gathered.add_lines([b"no frame", b"", b"none"], 6)
    assert gathered.others == [6, 8]
    assert gathered.is_complete()
