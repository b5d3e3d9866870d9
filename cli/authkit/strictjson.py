"""Is this text one object of strict JSON (FORMATS, common rules)?"""

from authkit.errors import InputError

MAX_INTEGER = 2**53 - 1
_LARGEST = str(MAX_INTEGER)
MAX_NESTING = 4


class _Violation(ValueError):
    """What the text does that strict JSON forbids."""


def parse(data: bytes, what: str, *, final_lf: bool = True) -> "dict[str, object]":
    """Return the one object that *data* holds.

    Args:
        data: UTF-8 without BOM.
        what: names the input in errors, e.g. a path.
        final_lf: whether the text must end with LF.

    Returns:
        values are str, int, bool, list and dict only.

    Raises:
        InputError: if *data* is anything else: not UTF-8, not one object, a name twice, null, a number that is
            not an integer from 0 to 2**53 - 1, nested deeper than 4, or a lone surrogate.

    Source:
        FORMATS, common rules; RFC 7493.
    """
    try:
        text = data.decode("utf-8")
        if text.startswith("\ufeff"):
            raise _Violation("begins with a byte order mark")
        if final_lf and not text.endswith("\n"):
            raise _Violation("does not end with a line feed")
        value = _scan(text)
        if not isinstance(value, dict):
            raise _Violation("is not one object")
        _check(value, 1)
    except UnicodeDecodeError as error:
        raise InputError(f"{what}: not UTF-8 at byte {error.start}") from error
    except _Violation as error:
        raise InputError(f"{what}: {error}") from None
    except RecursionError:
        raise InputError(f"{what}: nested deeper than {MAX_NESTING}") from None
    return value


class _Hooks:
    """What _json.make_scanner wants to know: the arguments of json.loads, as attributes."""

    strict = True
    object_hook = None

    def __init__(self) -> None:
        self.object_pairs_hook = _object
        self.parse_int = _integer
        self.parse_float = self.parse_constant = _number


def _scan(text: str) -> object:
    """Return what *text* says, by json's own scanner.

    The module json itself costs two thirds of an interpreter's start, for its regular expressions; it is imported
    where the scanner stands alone no longer, and to say where a text is wrong.
    """
    try:
        from _json import make_scanner

        start = len(text) - len(text.lstrip(" \t\n\r"))
        value, end = make_scanner(_Hooks())(text, start)  # type: ignore[arg-type]
        if not text[end:].strip(" \t\n\r"):
            return value
    except _Violation:
        raise
    except (ImportError, StopIteration, SystemError, ValueError):
        pass  # the scanner leaves it to json to say what is wrong, and has nothing to say while json is not imported
    import json

    try:
        return json.loads(
            text, object_pairs_hook=_object, parse_int=_integer, parse_float=_number, parse_constant=_number
        )
    except json.JSONDecodeError as error:
        raise _Violation(f"not JSON at line {error.lineno}, column {error.colno}") from None


def encode(value: "dict[str, object]") -> bytes:
    """Return *value* as strict JSON: ASCII, one line, LF at the end."""
    import json

    return json.dumps(value, ensure_ascii=True).encode("ascii") + b"\n"


def members(
    value: object, what: str, required: "tuple[str, ...]", optional: "tuple[str, ...]" = ()
) -> "dict[str, object]":
    """Return *value* if it is an object with exactly these members.

    Raises:
        InputError: naming the first member that is unknown or missing.
    """
    if not isinstance(value, dict):
        raise InputError(f"{what}: not an object")
    for name in value:
        if name not in required and name not in optional:
            raise InputError(f"{what}: unknown member {name[:64]!r}")
    for name in required:
        if name not in value:
            raise InputError(f"{what}: member {name!r} is missing")
    return value


def text(value: "dict[str, object]", name: str, what: str) -> str:
    """Return the member *name* of *value*, which must be text without control characters."""
    found = value[name]
    if not isinstance(found, str):
        raise InputError(f"{what}: member {name!r} is not text")
    if not found.isprintable():
        raise InputError(f"{what}: member {name!r} holds a character that cannot be printed")
    return found


def _object(pairs: "list[tuple[str, object]]") -> "dict[str, object]":
    found = dict(pairs)
    if len(found) != len(pairs):
        last = {name: place for place, (name, _) in enumerate(pairs)}
        twice = next(name for place, (name, _) in enumerate(pairs) if last[name] != place)
        raise _Violation(f"member {twice[:64]!r} stands twice")
    return found


def _integer(digits: str) -> int:
    # compared as text, since int() takes quadratic time and JSON has no leading zeros
    if digits.startswith("-") or (len(digits), digits) > (len(_LARGEST), _LARGEST):
        raise _Violation(f"a number is not an integer from 0 to {MAX_INTEGER}")
    return int(digits)


def _number(_: str) -> int:
    raise _Violation(f"a number is not an integer from 0 to {MAX_INTEGER}")


def _check(value: object, depth: int) -> None:
    if value is None:
        raise _Violation("holds null")
    if isinstance(value, str):
        _check_text(value)
    elif isinstance(value, (dict, list)):
        if depth > MAX_NESTING:
            raise _Violation(f"nested deeper than {MAX_NESTING}")
        for item in value.values() if isinstance(value, dict) else value:
            _check(item, depth + 1)
        if isinstance(value, dict):
            for name in value:
                _check_text(name)


def _check_text(text: str) -> None:
    if not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text):
        raise _Violation("holds half of a surrogate pair")
