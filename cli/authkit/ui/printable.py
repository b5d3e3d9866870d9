"""How can foreign text be shown without letting it speak to the terminal?"""

# fillers of Hangul and Khmer and the empty Braille cell: letters and symbols by their class, and nothing to the eye
_EMPTY = frozenset("\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")


def printable(text: str) -> str:
    r"""Return *text* with every character that is not plainly visible as an escape, and '\' as '\\'.

    Returns:
        no control, format, bidi or line-separator character; two texts never give the same result.
    """
    if text.isascii() and text.isprintable() and "\\" not in text:
        return text
    return "".join([char if _is_visible(char) and char != "\\" else _escape(char) for char in text])


def one_line(text: str) -> str:
    """Return *text* with every character that is not plainly visible as an escape; '\\' stays."""
    if text.isascii() and text.isprintable():
        return text
    return "".join([char if _is_visible(char) else _escape(char) for char in text])


def printable_bytes(text: str) -> str:
    """Return text that holds one character a byte as people read it: its bytes as UTF-8 where they are that."""
    try:  # noqa: SIM105  contextlib costs start-up
        text = text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        pass
    return one_line(text)


def _is_visible(char: str) -> bool:
    return char.isprintable() and char not in _EMPTY


def _escape(char: str) -> str:
    if char == "\\":
        return "\\\\"
    number = ord(char)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
