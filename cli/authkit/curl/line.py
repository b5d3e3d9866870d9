"""Which options stand on a curl line?"""

from authkit.curl.options import FLAG, OFF_LETTERS, URL, VALUE, beginning_with, by_letter, by_name
from authkit.errors import AuthkitError, InputError, UsageError

_ESCAPES = {
    "a": "\a",
    "b": "\b",
    "e": "\x1b",
    "E": "\x1b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
    "\\": "\\",
    "'": "'",
    '"': '"',
    "?": "?",
}
_HEX = "0123456789abcdefABCDEF"
_OCTAL = "01234567"
# unquoted, each of these makes a shell do something that authkit would have to guess
_SHELL = {
    "`": "a command substitution",
    "|": "a pipe",
    ";": "a second command",
    "&": "a background command",
    "<": "a redirection",
    ">": "a redirection",
    "(": "a subshell",
    ")": "a subshell",
    "{": "a brace expansion",
    "}": "a brace expansion",
}


class Option:
    """One option as found.

    Attributes:
        name: long name, without dashes.
        fate: what options.py says of it.
        typed: as written by the user.
        value: the word that belongs to it; None without one.
        on: False after --no-NAME.
        place: where it stands, or "" for the command line.
    """

    __slots__ = ("name", "fate", "typed", "value", "on", "place")

    def __init__(self, row: "tuple[str, str, int, str]", typed: str, value: "str | None", on: bool, place: str) -> None:
        self.name = row[0]
        self.fate = row[3]
        self.typed = typed
        self.value = value
        self.on = on
        self.place = place

    @property
    def text(self) -> str:
        """The value; "" without one."""
        return "" if self.value is None else self.value

    def __str__(self) -> str:
        return f"{self.place}: curl's {self.typed}" if self.place else f"curl's {self.typed}"


class CurlLine:
    """A curl line, read but not judged.

    Attributes:
        options: in order; a URL is the option "url".
        disabled: whether curl would leave its configuration file unread.
    """

    __slots__ = ("options", "disabled")

    def __init__(self, options: "list[Option]", disabled: bool) -> None:
        self.options = options
        self.disabled = disabled


def parse_line(words: "list[str]", own: "frozenset[str]" = frozenset()) -> CurlLine:
    """Return the options of a curl line.

    Args:
        words: with or without the program's name as the first.
        own: authkit's long options, dashes included; found here, they stand on the wrong side.

    Raises:
        UsageError: for an option that curl does not have, or that lacks its value.
    """
    if words and words[0].rpartition("/")[2] == "curl":
        words = words[1:]
    options: "list[Option]" = []
    disabled = bool(words) and (words[0].startswith("-q") or words[0] == "--disable")
    at = 0
    while at < len(words):
        word = words[at]
        at += 1
        if word == "--":
            options += [_url(rest) for rest in words[at:]]
            break
        if not word.startswith("-"):
            options.append(_url(word))
        else:
            found, used = read_option(word, words[at] if at < len(words) else None, "", own)
            options += found
            at += used
    return CurlLine(options, disabled)


def _url(word: str) -> Option:
    return Option(URL, word, word, True, "")


def read_option(
    word: str, following: "str | None", place: str, own: "frozenset[str]" = frozenset()
) -> "tuple[list[Option], bool]":
    """Read one word that holds options, as curl does.

    Args:
        word: --name, name (in a configuration file) or a cluster of letters such as -sSo.
        following: what stands behind it; None if nothing does.
        place: where it stands, or "".
        own: authkit's long options, dashes included.

    Returns:
        the options, 1 or more; whether *following* belongs to the last.

    Raises:
        UsageError, or InputError in a file: for an option that curl does not have, or that lacks its value.
    """
    if word.startswith("-") and not word.startswith("--"):
        return _read_letters(word, following, place)
    name = word[2:] if word.startswith("--") else word
    on = True
    row = by_name(name)
    if name.startswith("no-"):
        row = by_name(name[3:])
        on = False
        if row is not None and row[2] != FLAG:
            raise _fault(place, f"curl has no option {word}", f"curl's --{row[0]} cannot be turned off")
    if row is None:
        raise _unknown(word, name, place, own)
    if row[2] != VALUE:
        return [Option(row, word, None, on, place)], False
    if following is None:
        raise _fault(place, f"curl's {word} needs a value", None)
    return [Option(row, word, following, True, place)], True


def _read_letters(word: str, following: "str | None", place: str) -> "tuple[list[Option], bool]":
    options = []
    for at in range(1, len(word)):
        typed = "-" + word[at]
        row = by_letter(word[at])
        if row is None:
            raise _fault(place, "curl has no such option" if place else f"curl has no option {typed}", None)
        if row[2] == VALUE:
            rest = word[at + 1 :]
            if not rest and following is None:
                raise _fault(place, f"curl's {typed} needs a value", None)
            options.append(Option(row, typed, rest or following, True, place))
            return options, not rest
        options.append(Option(row, typed, None, word[at] not in OFF_LETTERS, place))
    if not options:
        raise _fault(place, "a '-' alone is no option of curl's", None)
    return options, False


def _unknown(word: str, name: str, place: str, own: "frozenset[str]") -> AuthkitError:
    stem, mark, _ = name.partition("=")
    typed = word.partition("=")[0]
    if not place and typed in own:
        return UsageError(f"{typed} is not curl's option but authkit's", "authkit's options go before the curl line")
    if name.startswith("expand-"):
        return _fault(place, f"curl's {typed} puts in text that does not stand on the line", "write the value itself")
    if mark and by_name(stem):
        # its value may be a secret: name the option alone
        return _fault(place, f"curl's {typed}= is read by no curl before 8.16", f"write {typed} VALUE")
    stem = stem.removeprefix("no-")
    longer = beginning_with(stem)
    if stem and longer:
        whole = " or ".join(["--" + found for found in longer[:4]])
        return _fault(place, f"curl's {typed} is an abbreviation, which not every curl reads", f"write {whole}")
    # a file that is no configuration may hold secrets: its words are not repeated
    return _fault(place, "curl has no such option" if place else f"curl has no option {typed}", None)


def _fault(place: str, message: str, hint: "str | None") -> AuthkitError:
    return InputError(f"{place}: {message}", hint) if place else UsageError(message, hint)


def split_line(text: str) -> "list[str]":
    """Return the words of a line that was written for a shell.

    Args:
        text: one command; quoting as in POSIX, and $'…' as in bash.

    Raises:
        InputError: for an unfinished quote, or for anything a shell would replace, run or redirect.
    """
    words: "list[str]" = []
    word: "str | None" = None
    at = 0
    while at < len(text):
        char = text[at]
        if char in " \t\n":
            if word is not None:
                words.append(word)
                word = None
            if char == "\n" and words and text[at:].strip(" \t\n"):
                raise InputError("the curl line is more than one line", "end each line but the last with a backslash")
            at += 1
        elif char == "#" and word is None:
            at += len(text[at:].partition("\n")[0])
        elif text.startswith("\\\n", at):
            at += 2
        else:
            # bash replaces a ~ behind = or : too, where the word looks like an assignment
            home = word is None or word[-1:] in ("=", ":")
            piece, at = _read_piece(text, at, home)
            word = (word or "") + piece
    if word is not None:
        words.append(word)
    return words


def _read_piece(text: str, at: int, home: bool) -> "tuple[str, int]":
    char = text[at]
    if char == "'":
        inside, mark, _ = text[at + 1 :].partition("'")
        if not mark:
            raise InputError("the curl line has a ' that nothing closes")
        return inside, at + len(inside) + 2
    if char == '"':
        return _read_double(text, at + 1)
    if char == "\\":
        if at + 1 == len(text):
            raise InputError("the curl line ends with a backslash")
        return text[at + 1], at + 2
    if text.startswith("$'", at):
        return _read_ansi(text, at + 2)
    if char == "$":
        raise _shell(at, "a variable")
    if char in _SHELL:
        raise _shell(at, _SHELL[char])
    if char == "~" and home:
        raise _shell(at, "a home folder")
    return char, at + 1


def _shell(at: int, what: str) -> InputError:
    return InputError(
        f"the curl line has {what} at character {at + 1}, which only a shell can work out",
        "put the word in single quotes if it is meant as it stands",
    )


def _read_double(text: str, at: int) -> "tuple[str, int]":
    out = ""
    while at < len(text):
        char = text[at]
        if char == '"':
            return out, at + 1
        if char == "\\" and text[at + 1 : at + 2] in ("$", "`", '"', "\\", "\n"):
            out += text[at + 1].replace("\n", "")
            at += 2
        elif char == "$":
            raise _shell(at, "a variable")
        elif char == "`":
            raise _shell(at, _SHELL[char])
        else:
            out += char
            at += 1
    raise InputError('the curl line has a " that nothing closes')


def _read_ansi(text: str, at: int) -> "tuple[str, int]":
    out = ""
    while at < len(text):
        char = text[at]
        if char == "'":
            return out, at + 1
        at += 1
        if char == "\\":
            char, at = _read_escape(text, at)
        out += char
    raise InputError("the curl line has a $' that nothing closes")


def _read_escape(text: str, at: int) -> "tuple[str, int]":
    char = text[at : at + 1]
    if char in _ESCAPES:
        return _ESCAPES[char], at + 1
    if char in ("x", "u", "U"):
        digits = _digits(text, at + 1, _HEX, {"x": 2, "u": 4, "U": 8}[char])
        return _character(int(digits or "0", 16), char == "x"), at + 1 + len(digits)
    digits = _digits(text, at, _OCTAL, 3)
    if digits:
        return _character(int(digits, 8) & 0xFF, True), at + len(digits)
    raise InputError(f"the curl line has an escape in $'…' at character {at} that is not known")


def _digits(text: str, at: int, allowed: str, most: int) -> str:
    end = at
    while end < len(text) and end - at < most and text[end] in allowed:
        end += 1
    return text[at:end]


def _character(number: int, byte: bool) -> str:
    # a byte that is not ASCII is written as Python writes such bytes of an argument vector
    if number == 0 or number > 0x10FFFF or 0xD800 <= number < 0xE000:
        raise InputError("the curl line has an escape in $'…' for a character that no argument can hold")
    return chr(0xDC00 + number) if byte and number > 0x7F else chr(number)
