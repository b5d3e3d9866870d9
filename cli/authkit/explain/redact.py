"""What must not be seen of a text that will be pasted somewhere?"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from re import Match

SIGNATURE = "[signature]"

# headers, and query parameters of the same names, that hold a secret of their own: regular expressions
HIDDEN = (
    "authorization",
    "proxy-authorization",
    "cookie",
    "set-cookie",
    "dpop",
    "workload-identity-token",
    "workload-proof-token",
    "x-api-key",
    "x-(?:auth|csrf|xsrf|tc|acs-bearer)-token",
    "x-[a-z-]+-encryption-(?:customer-)?key",
    "x-ms-copy-source-authorization",
)
# what ends a value: white space, the next parameter, or the quote or tag around it
_VALUE = r"[^\s&\"'<>\\]+"


def redact(text: str, bearers: "Iterable[str]" = ()) -> str:
    """Return *text* without the values that would let someone else send the request.

    Args:
        text: a stage, a header, a URL, or anything that may hold one.
        bearers: session tokens to hide wherever they stand, percent-encoded or not.

    Returns:
        signatures as '[signature]', session tokens as '[session token, 356 characters]', other secrets of headers as
        '[hidden, 44 characters]'; the length is that of the value itself.

    Source:
        SECURITY-DECISIONS S48, T19.
    """
    import re

    names = "|".join(HIDDEN)
    # a line of a signature base has its name in quotes, with parameters behind it
    text = re.sub(rf"(?im)((?:^|[^\w-])(?:{names})(?:\"(?:;[^\r\n]{{0,999}}?)?)?[ \t]*:[ \t]*)([^\r\n]+)", _hide, text)
    text = re.sub(r"(?im)^(\"?signature(?:\"(?:;[^\r\n]*?)?)?[ \t]*:[ \t]*)([^\r\n]+)", _hide, text)
    text = re.sub(rf"(?i)((?:^|[^\w-])(?:{names})=)(?!\[hidden, )({_VALUE})", _hide, text)
    text = re.sub(r"(?im)(\"[\w-]*(?:security|session)[-_]?token\";[^\r\n]{0,999}?:[ \t]+)([^\r\n]+)", _hide, text)
    # EG1 has a parameter of this name, which is public, behind ';'
    named = r"(?:^|[?&])(?:access|refresh|id)_token=|;name=\"(?:access|refresh|id)_token\"[^\r\n:\"]{0,99}: "
    text = re.sub(rf"(?im)({named})(?!\[hidden, )({_VALUE})", _hide, text)
    text = re.sub(r"(?i)([?&]sig=)(?!\[signature\])[0-9a-z%+/=]+", rf"\g<1>{SIGNATURE}", text)
    text = re.sub(rf"(?i)((?:security|session)[-_]?token\"?[ \t]*[:=>][ \t]*\"?)({_VALUE})", _hide_token, text)
    text = re.sub(r"(?i)((?:^|[^\w])(?:x-[a-z]+-)?signature=)[0-9a-z%+/=]+", rf"\g<1>{SIGNATURE}", text)
    # last, so that no token which begins like a longer one leaves that one's end
    for bearer in bearers:
        if bearer:
            text = _replace(text, bearer, token_mark(bearer))
    return text


def redact_stages(stages: "dict[str, str]", bearers: "Iterable[str]" = ()) -> "dict[str, str]":
    """Return stages with their bearer values redacted, and the signature hidden.

    Args:
        stages: the specification's name of each stage -> its text.
        bearers: see redact.
    """
    bearers = tuple(bearers)
    return {name: SIGNATURE if name == "signature" else redact(text, bearers) for name, text in stages.items()}


def token_mark(token: str) -> str:
    """Return what stands for a session token."""
    return f"[session token, {len(token)} characters]"


def _replace(text: str, bearer: str, mark: str) -> str:
    from urllib.parse import quote

    for form in (quote(bearer, safe="-._~"), quote(quote(bearer, safe="-._~"), safe="-._~"), bearer):
        text = text.replace(form, mark)
    return text


def _hide(found: "Match[str]") -> str:
    name, value = found.group(1), found.group(2)
    # of an Authorization header all but the signature may be seen, and is needed to help
    if "signature=" in value.lower() or _is_mark(value):
        return found.group(0)
    return f"{name}[hidden, {len(value)} characters]"


def _is_mark(value: str) -> bool:
    return value.startswith("[hidden, ") and value.endswith(" characters]") and value[9:-12].isdigit()


def _hide_token(found: "Match[str]") -> str:
    from urllib.parse import unquote

    value = found.group(2)
    if value == "[session":
        return found.group(0)
    return found.group(1) + token_mark(unquote(value, "latin-1"))
