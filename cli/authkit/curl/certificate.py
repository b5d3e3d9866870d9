"""Which client certificate would curl show?"""

from authkit.curl.words import to_bytes
from authkit.secret import Secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.curl.chosen import Chosen
    from authkit.curl.line import Option

# the forms in which curl reads a certificate from a file
FORMS = ("PEM", "DER", "P12")
NEWEST = "tlsv1.3"
# each sets the oldest TLS that curl agrees to, and the last one counts; -2 and -3 set nothing since curl 7.77
_OLDEST = ("tlsv1", "tlsv1.0", "tlsv1.1", "tlsv1.2", NEWEST)
_OLDER_MOST = ("1.0", "1.1", "1.2")
_TOKEN = "pkcs11:"
_PIN = "pin-value"


class Certificate:
    """A client certificate that a curl line names.

    Attributes:
        option: the option that names it, for messages.
        name: a file, or what else curl is to take it from.
        form: one of FORMS; None where *name* is no file.
        passphrase: what opens its private key; None without one.
        older: the option, for messages, that lets curl agree to a TLS before 1.3; None if none does.
        bounded: whether the line itself says which TLS is the oldest or the newest.
    """

    __slots__ = ("option", "name", "form", "passphrase", "older", "bounded")

    def __init__(self, option: str, name: str, form: "str | None", passphrase: "Secret | None") -> None:
        self.option = option
        self.name = name
        self.form = form
        self.passphrase = passphrase
        self.older: "str | None" = None
        self.bounded = False


def find_certificate(chosen: "Chosen") -> "Certificate | None":
    """Return the client certificate that counts; None without one.

    Source:
        curl's manual and its tool_getparam.c, 7.88 to 8.16. Deviations: none.
    """
    passphrase = ""
    named: "Option | None" = None
    name = ""
    for option in chosen.every("cert", "pass"):
        if option.name == "pass":
            passphrase = option.text
            continue
        named = option
        name, beside = split_certificate(option.text)
        passphrase = beside or passphrase
    if named is None or not name:
        return None
    form = (chosen.value("cert-type") or "PEM").upper()
    in_file = form in FORMS and not _is_token(name)
    secret = Secret(to_bytes(passphrase)) if passphrase else None
    made = Certificate(str(named), name, form if in_file else None, secret)
    _set_bounds(chosen, made)
    return made


def _set_bounds(chosen: "Chosen", made: Certificate) -> None:
    oldest = chosen.every(*_OLDEST)[-1:]
    newest = chosen.last("tls-max")
    if newest is not None and newest.value in _OLDER_MOST:
        made.older = str(newest)
    elif oldest and oldest[0].name != NEWEST:
        made.older = str(oldest[0])
    made.bounded = bool(oldest) or made.older is not None


def split_certificate(text: str) -> "tuple[str, str]":
    r"""Return name and passphrase of --cert's value NAME[:PASSPHRASE], in which \: and \\ stand for : and \.

    Source:
        curl's tool_getparam.c, parse_cert_parameter. Deviations: none, but for Windows' drive letters.
    """
    if _is_token(text):
        return text, ""
    name = ""
    at = 0
    while at < len(text):
        char = text[at]
        at += 1
        if char == ":":
            return name, text[at:]
        if char == "\\" and text[at : at + 1] in (":", "\\"):
            char = text[at]
            at += 1
        name += char
    return name, ""


def holds_secret(text: str) -> bool:
    """Say whether the value of --cert holds a passphrase, or a token's PIN."""
    return _PIN in text if _is_token(text) else split_certificate(text)[1] != ""


def _is_token(text: str) -> bool:
    return text[: len(_TOKEN)].lower() == _TOKEN
