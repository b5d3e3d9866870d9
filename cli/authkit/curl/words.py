"""How is a word of a command line written as bytes, or with one character a byte?"""

# names, so that each stands once
_UTF8, _LATIN, _BYTES = "utf-8", "latin-1", "surrogateescape"


def to_bytes(word: str) -> bytes:
    """Return what the system was given for *word* of sys.argv."""
    return word.encode(_UTF8, _BYTES)


def to_word(raw: bytes) -> str:
    """Return *raw* as sys.argv would have it."""
    return raw.decode(_UTF8, _BYTES)


def octets(text: str) -> bytes:
    """Return the bytes of *text*, which has one character a byte."""
    return text.encode(_LATIN)


def chars(raw: bytes) -> str:
    """Return *raw* with one character a byte."""
    return raw.decode(_LATIN)


def latin(word: str) -> str:
    """Return *word* of sys.argv with one character a byte."""
    return chars(to_bytes(word))
