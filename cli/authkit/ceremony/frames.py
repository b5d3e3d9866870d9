"""How does a message become numbered QR texts, and those the message again?"""

from authkit.errors import InputError, Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

HEADER = 8  # characters: B$, encoding, type, two digits how many, two digits which
MOST_FRAMES = 36 * 36 - 1
MOST_BYTES = 64 * 1024 * 1024
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_BASE32 = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
_HEX = frozenset("0123456789ABCDEF")
_ALPHABETS = {"H": _HEX, "2": _BASE32, "Z": _BASE32}
# the published types that a text or its file may be marked as by other makers of frames
_TYPES = {"U": "text", "B": "binary data", "J": "JSON"}
_WINDOW = -10  # of zlib, as published: 1 KiB, no header
_LOOK = 4096  # bytes
_SCANNED = "QR-Code:"  # what zbarimg writes before a code's text, without --raw


def pack(data: bytes) -> "tuple[str, bytes]":
    """Return the encoding's letter and the bytes to be written in base 32: compressed, where that is shorter."""
    import zlib

    maker = zlib.compressobj(9, zlib.DEFLATED, _WINDOW)
    packed = maker.compress(data) + maker.flush()
    return ("Z", packed) if len(packed) < len(data) else ("2", data)


def count_frames(size: int, characters: int) -> int:
    """Return how many frames hold *size* packed bytes.

    Args:
        size: of what `pack` gave, from 1.
        characters: most of a frame, its header included, 16 or more.
    """
    largest = (characters - HEADER) // 8 * 5
    # one frame alone may end anywhere
    return 1 if size <= (characters - HEADER) * 5 // 8 else -(-size // largest)


def split(data: bytes, characters: int) -> "list[str]":
    """Return *data* as frames of about one length, each of at most *characters*.

    Args:
        data: a text, not empty.
        characters: as for `count_frames`.

    Returns:
        texts of the alphabet that QR codes call alphanumeric, in order.

    Raises:
        Refused: if that takes more than 1,295 frames.

    Source:
        BBQr, "Splitting the data" and "Advanced encodings": encoding 2 or Z, type U.  All frames but the last are of
        one length, and each is whole bytes by itself: a multiple of 5 bytes, 8 characters.
    """
    letter, packed = pack(data)
    total = count_frames(len(packed), characters)
    if total > MOST_FRAMES:
        raise Refused(
            f"{total:,} QR codes of this size would be needed, and a message has at most {MOST_FRAMES:,}",
            "choose a larger --qr-size, or carry it as a file",
        )
    length = len(packed) if total == 1 else -(-len(packed) // (5 * total)) * 5
    pieces = [packed[place : place + length] for place in range(0, len(packed), length)]
    head = f"B${letter}U{_number(total)}"
    return [f"{head}{_number(index)}{_to_base32(piece)}" for index, piece in enumerate(pieces)]


def _number(value: int) -> str:
    return _DIGITS[value // 36] + _DIGITS[value % 36]


def _to_base32(piece: bytes) -> str:
    import base64

    return base64.b32encode(piece).decode("ascii").rstrip("=")


def are_frames(data: bytes) -> "bool | None":
    """Say whether *data* is lines of scanned frames; None while what follows may decide it.

    A scanner also sees bar codes in the pattern of a QR code, so a line of another kind may come first.  What people
    and programs write begins with a line that has a space in it.
    """
    for line in data[:_LOOK].splitlines():
        if _is_frame(text := _text_of(line)):
            return True
        if " " in text:
            return False
    return None if len(data) < _LOOK else False


def _text_of(line: bytes) -> str:
    """Return what a scanner read, without what it says of it."""
    return line.decode("ascii", "replace").strip().removeprefix(_SCANNED).strip()


def _is_frame(text: str) -> bool:
    return text.startswith("B$")


class Frames:
    """Frames of one message, gathered in any order.

    Attributes:
        head: the six characters that all of them begin with; "" before the first.
        total: how many there are; 0 before the first.
        found: index -> what a frame holds, in base 32 or hexadecimal.
        others: the numbers of lines that are no frames.
    """

    __slots__ = ("_what", "found", "head", "others", "total")

    def __init__(self, what: str) -> None:
        self.head = ""
        self.total = 0
        self.found: "dict[int, str]" = {}
        self.others: "list[int]" = []
        self._what = what

    def add_lines(self, lines: "list[bytes]", first: int = 1) -> None:
        """Take in lines as they were pasted or as zbarimg writes them; blank ones and line ends do not matter.

        Args:
            lines: without or with their ends.
            first: the number of the first of them, for messages.

        Raises:
            InputError: if a frame cannot be read, or belongs to another message.
        """
        for number, line in enumerate(lines, first):
            text = _text_of(line)
            if _is_frame(text):
                self._add(text, number)
            elif text:
                self.others.append(number)

    def is_complete(self) -> bool:
        """Say whether each frame is there."""
        return 0 < self.total == len(self.found)

    def missing(self) -> "list[int]":
        """Return the numbers of the frames that are not there, from 1."""
        return [index + 1 for index in range(self.total) if index not in self.found]

    def join(self) -> bytes:
        """Return the message.

        Raises:
            InputError: if a frame is missing or cut short, or they do not belong together.
        """
        if missing := self.missing():
            raise self._missing(missing)
        texts = [self.found[index] for index in range(self.total)]
        self._check_lengths(texts)
        data = b"".join(self._decode(index, text) for index, text in enumerate(texts))
        return self._unpack(data) if self.head[2] == "Z" else data

    def _add(self, text: str, number: int) -> None:
        where = f"{self._what}: line {number}"
        letter, total, index = _header_of(text, where)
        if self.head not in ("", text[:6]):
            raise InputError(
                f"{where} is frame {index + 1} of {total}, and those before it are of another message of {self.total}",
                "scan the frames of one message alone",
            )
        if not set(text[HEADER:]) <= _ALPHABETS[letter]:
            raise InputError(f"{where}: a character that is in no such frame", "scan it again")
        self.head, self.total = text[:6], total
        if self.found.setdefault(index, text[HEADER:]) != text[HEADER:]:
            raise InputError(
                f"{where}: frame {index + 1} of {total} is there twice and differs",
                "frames of two messages were put together, or one was cut short: scan those of one alone",
            )

    def _missing(self, missing: "list[int]") -> InputError:
        one = len(missing) == 1
        return InputError(
            f"{self._what}: frame{'' if one else 's'} {name_numbers(missing)} of {self.total}"
            f" {'is' if one else 'are'} missing",
            "scan what is missing and give all frames together, in any order",
        )

    def _check_lengths(self, texts: "list[str]") -> None:
        length = max(len(text) for text in texts)
        for index, text in enumerate(texts):
            last = index == self.total - 1
            if not text or (len(text) != length and not last):
                raise InputError(
                    f"{self._what}: frame {index + 1} of {self.total} is cut short: {len(text)} of {length} characters",
                    self._again(),
                )

    def _decode(self, index: int, text: str) -> bytes:
        import base64
        import binascii

        try:
            if self.head[2] == "H":
                return bytes.fromhex(text)
            data = base64.b32decode(text + "=" * (-len(text) % 8))
        except (ValueError, binascii.Error):
            data = b""
        if not data or _to_base32(data) != text:  # a rest that is no byte
            raise InputError(
                f"{self._what}: frame {index + 1} of {self.total} does not end in a whole byte", self._again()
            )
        return data

    def _unpack(self, packed: bytes) -> bytes:
        import zlib

        reader = zlib.decompressobj(_WINDOW)
        try:
            data = reader.decompress(packed, MOST_BYTES)
        except zlib.error as error:
            raise self._unfit() from error
        if reader.unconsumed_tail:
            raise InputError(f"{self._what}: what its frames hold is over 64 MiB")
        if not reader.eof or reader.unused_data:
            raise self._unfit()
        return data

    def _unfit(self) -> InputError:
        hint = "frames of two messages were put together: scan those of one alone"
        return InputError(f"{self._what}: its frames ({self.total}) do not fit together", self._again(hint))

    def _again(self, hint: str = "scan it again") -> str:
        """Return *hint*, or where there are other lines that a frame may have been broken over several."""
        return f"line {self.others[0]} is no frame: each frame is one line" if self.others else hint


def join(data: bytes, what: str) -> bytes:
    """Return the message in the lines of scanned frames.

    Args:
        data: lines for which `are_frames` holds.
        what: names them in messages.

    Raises:
        InputError: as for `Frames`.
    """
    frames = Frames(what)
    frames.add_lines(data.splitlines())
    return frames.join()


def name_numbers(numbers: "list[int]") -> str:
    """Return rising numbers as people write them: '2', '2 and 5', '1-4, 7 and 9'."""
    parts = [f"{one}" if one == other else f"{one}-{other}" for one, other in _runs(numbers)]
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def _runs(numbers: "list[int]") -> "Iterator[tuple[int, int]]":
    first = last = numbers[0]
    for number in [*numbers[1:], 0]:
        if number != last + 1:
            yield first, last
            first = number
        last = number


def _header_of(text: str, where: str) -> "tuple[str, int, int]":
    """Return the encoding, how many and which, counted from 0.

    Raises:
        InputError: if they are none that is published for a text.
    """
    if len(text) < HEADER:
        raise InputError(f"{where}: the frame is cut short", "scan it again")
    letter, kind = text[2], text[3]
    digits = [_DIGITS.find(char) for char in text[4:HEADER]]
    total, index = digits[0] * 36 + digits[1], digits[2] * 36 + digits[3]
    if letter not in _ALPHABETS or -1 in digits or index >= total:
        raise InputError(f"{where}: not the header of a BBQr frame: {_shown(text[:HEADER])}")
    if kind not in _TYPES:
        raise InputError(f"{where}: the frames hold something else than text (type {_shown(kind)})")
    return letter, total, index


def _shown(text: str) -> str:
    return "".join([char if char.isascii() and char.isprintable() else "?" for char in text])
