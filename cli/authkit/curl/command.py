"""How is a signed request written as a curl command?"""

from authkit.curl.request import DATA_KINDS, CurlPlan, default_method
from authkit.curl.words import latin, octets, to_bytes, to_word
from authkit.errors import InputError, Refused
from authkit.messages import fields, target
from authkit.messages.request import Request

TYPE_CHECKING = False
if TYPE_CHECKING:
    Pair = tuple[str, str | None]

_SHORT = {"globoff": "-g", "head": "-I", "header": "-H", "request": "-X"}
# one argument may be 128 KiB on Linux
_ARGUMENT = 96 * 1024
# curl 7.88 reads no longer line of a configuration file: 100 KiB with a NUL behind it
_CONFIG_LINE = 100 * 1024 - 1
_PLAIN = bytes(byte for byte in range(0x20, 0x7F) if byte not in b"%\\'")
_BARE = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789%+,-./:@_"


def format_command(plan: CurlPlan, signed: Request) -> str:
    """Return one line for sh, bash or zsh that makes curl send *signed*.

    Args:
        plan: from request.plan.
        signed: its request with the headers or the target that signing made.

    Returns:
        text without a final newline; several lines only where the body or an option's value has them.

    Raises:
        Refused: if a value of the user's line is a secret.
        InputError: for a header or target that no request can hold.
    """
    if plan.secrets:
        names = ", ".join(plan.secrets)
        raise Refused(f"the printed command would show the secret in curl's {names}", "add --run, which prints nothing")
    start = ""
    words = ["curl", "-q"]
    for name, value in _options(plan, signed):
        words.append(_SHORT.get(name, f"--{name}"))
        if value is not None:
            words.append(quote(to_word(octets(value))))
    if plan.body is not None and isinstance(plan.body[1], bytes):
        raw = plan.body[1]
        if len(raw) > _ARGUMENT or b"\0" in raw:
            start = f"printf {_printf(raw)} | "
            words += ["--data-binary", "@-"]
        else:
            words += ["--data-raw", quote(to_word(raw))]
    return start + " ".join([*words, quote(_url(plan, signed))])


def format_config(plan: CurlPlan, signed: Request, body_fd: "int | None" = None, *, encoded: bool = False) -> bytes:
    """Return a configuration file that makes `curl -q -K FILE` send *signed*.

    Args:
        body_fd: the descriptor on which curl will find a body that is not a file; None writes it down here.
        encoded: whether all of the body comes on that descriptor, as long as the signed Content-Length says.

    Raises:
        InputError: for a header or target that no request can hold, or a value that curl would not read whole.
    """
    options = _options(plan, signed, encoded=encoded)
    lines = [(name, None if value is None else octets(value)) for name, value in options]
    lines.append(("url", octets(_url(plan, signed))))
    # last, so that curl has read all of the configuration when it begins to read the body
    if encoded:
        # the length is known: without this, curl would send chunks of its own around it
        lines += [("header", b"Transfer-Encoding:"), ("upload-file", octets(f"/dev/fd/{body_fd}"))]
    elif plan.body is not None and isinstance(plan.body[1], bytes):
        raw = plan.body[1]
        if body_fd is None or not raw:
            lines.append(("data-raw", raw))
        else:
            lines.append(("data-binary", octets(f"@/dev/fd/{body_fd}")))
    return b"".join([_config_line(name, value) for name, value in lines])


def run_words(fd: int) -> "list[str]":
    """Return the arguments with which curl reads its configuration from descriptor *fd*, and nothing else."""
    return ["-q", "-K", f"/dev/fd/{fd}"]


def _options(plan: CurlPlan, signed: Request, *, encoded: bool = False) -> "list[Pair]":
    """Return all but the URL and a body that is no file: long names; values with one character a byte."""
    out: "list[Pair]" = [("path-as-is", None), ("globoff", None)]
    if plan.head:
        out.append(("head", None))
    if signed.method != ("PUT" if encoded else default_method(plan)):
        out.append(("request", signed.method))
    out += [(name, None if value is None else latin(value)) for name, value in plan.keep]
    out += [("header", text) for text in _headers(plan, signed)]
    out += [(name, latin(value)) for name, value in plan.form]
    if plan.body is not None and isinstance(plan.body[1], str) and not encoded:
        name = latin(plan.body[1])
        if plan.body[0] == "upload":
            out.append(("upload-file", name))
        elif plan.body[0] == "file":
            out.append(("data-binary", "@" + name))
    if plan.request_target:
        out.append(("request-target", signed.target))
    return out


def _headers(plan: CurlPlan, signed: Request) -> "list[str]":
    out = []
    for name, value in signed.headers:
        if name.lower() == "host" and value == plan.authority:
            continue
        fault = fields.value_fault(value)
        if fault or not fields.is_token(name):
            raise InputError(f"the header {name!r} {fault or 'has a name that no header can have'}")
        out.append(f"{name}: {value}" if fields.trim(value) else f"{name};")
    sent = {name.lower() for name, _ in signed.headers}
    removed = [name for name in plan.removed if name not in sent]
    # curl would add a type to any data
    if plan.body is not None and plan.body[0] in DATA_KINDS and "content-type" not in sent:
        removed = [*(name for name in removed if name != "content-type"), "content-type"]
    return out + [f"{name}:" for name in removed]


def _url(plan: CurlPlan, signed: Request) -> str:
    if plan.request_target:
        return plan.url
    if not target.is_target(signed.target):
        raise InputError("the target holds what cannot stand in a request line")
    return plan.origin + signed.target


def quote(word: str) -> str:
    """Return *word* quoted for a POSIX shell, with nothing in it that a terminal would act on."""
    if word and not word.strip(_BARE):
        return word
    out = []
    plain = ""
    hidden = b""
    for char in word:
        if char.isprintable() or char == "\n":
            out += [f'"$(printf {_printf(hidden)})"'] if hidden else []
            hidden = b""
            plain += char
        else:
            out += [_single(plain)] if plain else []
            plain = ""
            hidden += to_bytes(char)
    out += [f'"$(printf {_printf(hidden)})"'] if hidden else []
    return "".join(out) + (_single(plain) if plain or not out else "")


def _single(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _printf(raw: bytes) -> str:
    # octal is the one escape that every printf has; it would read % and \\ as its own, and the shell '
    return "'" + "".join([chr(byte) if byte in _PLAIN else f"\\{byte:03o}" for byte in raw]) + "'"


def _config_line(name: str, value: "bytes | None") -> bytes:
    if value is None:
        return octets(f"{name}\n")
    if b"\0" in value:
        raise InputError(f"the value of curl's --{name} holds a NUL byte")
    text = value.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n").replace(b"\r", b"\\r")
    line = b'%s = "%s"\n' % (octets(name), text)
    if len(line) > _CONFIG_LINE:
        raise InputError(f"the value of curl's --{name} is longer than curl reads from a configuration file")
    return line
