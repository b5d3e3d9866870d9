"""How can foreign text be shown without letting it speak to the terminal?"""


def printable(text: str) -> str:
    r"""Return *text* with every character that is not plainly visible as an escape, and '\' as '\\'.

    Returns:
        no control, format, bidi or line-separator character; two texts never give the same result.
    """
    if text.isprintable() and "\\" not in text:
        return text
    return "".join([char if char.isprintable() and char != "\\" else _escape(char) for char in text])


def one_line(text: str) -> str:
    """Return *text* with every character that is not plainly visible as an escape; '\\' stays."""
    return text if text.isprintable() else "".join([char if char.isprintable() else _escape(char) for char in text])


def printable_bytes(text: str) -> str:
    """Return text that holds one character a byte as people read it: its bytes as UTF-8 where they are that."""
    try:  # noqa: SIM105  contextlib costs start-up
        text = text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        pass
    return one_line(text)


def _escape(char: str) -> str:
    if char == "\\":
        return "\\\\"
    number = ord(char)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
