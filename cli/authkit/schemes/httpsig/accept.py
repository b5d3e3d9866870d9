"""What does Accept-Signature ask for, and how much of it is granted?"""

from authkit.errors import InputError, Refused, Rejected, UsageError
from authkit.messages.structured import InnerList, format_string, parse_dictionary
from authkit.schemes.httpsig.components import Component, components_of, parse_component
from authkit.schemes.httpsig.cover import counts
from authkit.schemes.httpsig.profiled import LIFETIME, lacking
from authkit.schemes.httpsig.profiles import find, marked, side_of
from authkit.schemes.httpsig.sign import BODY, DEFAULT_LABEL, default_cover, demanded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from authkit.messages.structured import BareItem
    from authkit.schemes.base import SignJob
    from authkit.schemes.httpsig.keyid import Signer
    from authkit.schemes.httpsig.profiles import Side
    from authkit.schemes.httpsig.sign import Settings

FIELD = "accept-signature"
MAX_NONCE = 256
# fields of a request that the answer may always cover
_OF_REQUEST = ("content-digest", "signature", "signature-input")
_ASK_REQUEST = ("@method", "@authority", "@path", "@query")
_ASK_RESPONSE = ("@status", "content-digest", "@method;req", "@authority;req", "@path;req", "@query;req")


class Wish:
    """One signature that somebody asks for; nothing of it is granted.

    Attributes:
        label: the name that the signature is to have.
        components: what it is to cover, in order.
        params: what it is to say; True for a parameter without a value.
    """

    __slots__ = ("label", "components", "params")

    def __init__(self, label: str, components: "tuple[Component, ...]", params: "dict[str, BareItem]") -> None:
        self.label = label
        self.components = components
        self.params = params


def read_wishes(data: bytes) -> "dict[str, Wish]":
    """Return the signatures that a message asks for, by label.

    Args:
        data: a raw message, or what a client kept of one: its head, the lines of the field, or the field's value alone;
            untrusted.

    Raises:
        InputError: if nothing is asked for, or it cannot be read.

    Source:
        RFC 9421 §5.1. Deviations: a label or parameter that stands twice is refused.
    """
    text = ", ".join(_values(data))
    try:
        found = {}
        for label, member in parse_dictionary(text, "Accept-Signature").items():
            if not isinstance(member, InnerList):
                raise InputError(f"Accept-Signature: {label} is not a list of components")
            components = components_of(member.items)
            if len(set(components)) != len(components):
                raise InputError(f"Accept-Signature: {label} names a component twice")
            found[label] = Wish(label, components, member.params)
    except Rejected as error:
        raise InputError(f"Accept-Signature: {error.message}") from error
    if not found:
        raise InputError("nothing asks for a signature: there is no Accept-Signature")
    return found


def _values(data: bytes) -> "list[str]":
    """Return the values of the field, from a message, its lines, or as they stand."""
    from authkit.messages.draft import read_headers, split_draft

    lines = split_draft(data)[0].decode("latin-1").strip("\n").split("\n")
    first = lines[0].upper()
    if first.startswith("HTTP/") or " HTTP/" in first:
        lines = lines[1:]
    elif not first.startswith(f"{FIELD.upper()}:"):
        return [" ".join(lines)]
    return [value for name, value in read_headers(lines, []) if name.lower() == FIELD]


def answer(job: "SignJob", signer: "Signer", settings: "Settings", message: "Any") -> "Settings":
    """Return *settings* changed to what the other side asks for, as far as it was allowed; *signer* gets its keyid.

    Args:
        job: its option accept is what asks; label, tag, nonce, param and cover are what allows.
        message: the one to be signed.

    Raises:
        Refused: if something is asked for that was not allowed, or so little is to be covered that it would hold for
            other messages too.
        UsageError: if it is not clear which signature is meant, or an option contradicts it.
        InputError: if it cannot be read.

    Source:
        RFC 9421 §5.2, steps 1–2.5; SECURITY-DECISIONS S26. Deviations: stricter: a header beyond those that are signed
        anyway, a tag and a further parameter must have been allowed, and what a strict verifier demands must be asked
        for.
    """
    options = job.options
    wish = _choose(read_wishes(options.accept), options.label)
    side = None if options.profile is None else side_of(options.profile, message)
    _check_components(wish, settings, message, side)
    settings.label = wish.label
    settings.cover = wish.components
    for name, value in wish.params.items():
        if side is not None and name in side.forbidden:
            raise Refused(f"the parameter {name} is asked for, and the profile {options.profile} forbids it")
        _grant(name, value, signer, settings)
    return settings


def _allowing(option: str, text: str) -> "str | None":
    """Return the hint that allows what is asked for; it may be pasted, and the other side chose the text."""
    from shlex import quote

    return f"{option} {quote(text)} allows it" if len(text) <= 80 and text.isprintable() else None


def _choose(wishes: "dict[str, Wish]", label: "str | None") -> Wish:
    if label is not None:
        if label not in wishes:
            raise UsageError(f"--label {label[:40]}: no such signature is asked for", f"there are {_names(wishes)}")
        return wishes[label]
    if len(wishes) > 1:
        raise UsageError(f"several signatures are asked for: {_names(wishes)}", "say which with --label")
    return next(iter(wishes.values()))


def _names(wishes: "dict[str, Wish]") -> str:
    return ", ".join([one[:40] for one in sorted(wishes)[:5]])


def _check_components(wish: Wish, settings: "Settings", message: "Any", side: "Side | None") -> None:
    """Raise if *wish* covers too much or too little."""
    allowed = {*default_cover(message, False), *BODY, *(settings.cover or ())}
    if side is not None:
        allowed.update([one for one, _ in marked(side, message, wish.label)])
    for one in wish.components:
        if one in allowed or one.name.startswith("@") or ("req" in one.params and one.name in _OF_REQUEST):
            continue
        raise Refused(f"a signature over {one.typed[:80]} is asked for", _allowing("--cover", one.typed))
    if side is not None:
        missing = lacking(side, message, wish.label, wish.components)
    else:
        least = [*demanded(message), *(BODY if message.content_length != 0 and not settings.unsigned_body else ())]
        missing = [one for one in least if not counts(one, wish.components, message)]
    if missing:
        names = ", ".join([one.typed for one in missing])
        raise Refused(
            f"a signature is asked for that does not cover {names}, and would hold for other messages, too",
            "without --accept, --cover signs as little as you say",
        )


def _grant(name: str, value: "BareItem", signer: "Signer", settings: "Settings") -> None:
    """Do as one parameter of a wish says, or refuse it."""
    if name in ("created", "expires"):
        if value is not True:
            raise InputError(f"Accept-Signature: {name} has a value")
        if name == "created" and not settings.created:
            raise UsageError("--no-created: the time is asked for")
        if name == "expires" and settings.expires is None:
            settings.expires = LIFETIME
        return
    if name in ("nonce", "alg", "keyid", "tag"):
        if type(value) is not str:
            raise InputError(f"Accept-Signature: {name} is not a string")
        _grant_text(name, value, signer, settings)
        return
    from authkit.messages.structured import format_value

    asked = format_value(value)
    if settings.params.get(name) != asked:
        raise Refused(f"the parameter {name[:40]} is asked for", _allowing("--param", f"{name}={asked}"))


def _grant_text(name: str, value: str, signer: "Signer", settings: "Settings") -> None:
    allowed = settings.tag
    if name == "nonce":
        if len(value) > MAX_NONCE:
            raise Refused(f"a nonce of {len(value)} characters is asked for, and {MAX_NONCE} are the most")
        if settings.nonce not in (None, value):
            raise UsageError("--nonce, --no-nonce: another nonce is asked for")
        settings.nonce = value
    elif name == "alg":
        if value != signer.algorithm:
            raise Refused(f"{value[:40]!r} is asked for, and the key signs with {signer.algorithm}")
        settings.alg = value
    elif name == "keyid":
        if value != signer.keyid and value not in signer.names:
            raise Refused(f"the key {value[:80]!r} is asked for, and this one is {signer.keyid or 'without an ID'}")
        signer.keyid = value
    elif value != allowed:
        raise Refused(f"the tag {value[:80]!r} is asked for", _allowing("--tag", value))


# asking


def prepare(job: "SignJob", settings: "Settings") -> "Any":
    """Return the message to sign with the Accept-Signature that --ask adds, which is then covered, too.

    Raises:
        UsageError: if there is no such profile.
        Refused: if the message asks for a signature already.
    """
    message, name = job.request, job.options.ask
    if name is None:
        return message
    if FIELD in message.grouped:
        raise Refused("the message has an Accept-Signature already", "leave out --ask")
    asking = message.with_headers((*message.headers, ("Accept-Signature", ask(name, message))))
    own = parse_component(FIELD, "--ask")
    cover = default_cover(asking, settings.unsigned_body) if settings.cover is None else settings.cover
    settings.cover = cover if own in cover else (*cover, own)
    return asking


def ask(name: str, message: "Any") -> str:
    """Return the Accept-Signature of a request that asks for a signed response, or of a response for a signed request.

    Args:
        name: a profile, or "default".
        message: the one that asks.

    Raises:
        UsageError: if there is no such profile, or it does not sign the other kind of message.

    Source:
        RFC 9421 §5.1. Deviations: none.
    """
    is_answer = getattr(message, "status", None) is not None
    texts: "tuple[str, ...]" = _ASK_REQUEST if is_answer else _ASK_RESPONSE
    label, tag, more = DEFAULT_LABEL, None, ""
    if name != "default":
        profile = find(name)
        side = profile.request if is_answer else profile.response
        if side is None:
            raise UsageError(f"--ask: the profile {name} does not sign {'requests' if is_answer else 'responses'}")
        label, tag = profile.label or DEFAULT_LABEL, side.tag
        texts = _asked(side, message, label, is_answer)
        more = ";expires" if "expires" in side.parameters else ""
    listed = " ".join([parse_component(text, "--ask").text for text in texts])
    return f"{label}=({listed});created{more}{'' if tag is None else f';tag={format_string(tag)}'}"


def _asked(side: "Side", message: "Any", label: str, is_answer: bool) -> "tuple[str, ...]":
    """Return what of *side* every message of the other kind has, or of this one, which is going to be signed."""
    will_have = {"signature", "signature-input", *(["content-digest"] if message.content_length != 0 else [])}
    found = []
    for text in side.cover:
        plain = text.rstrip("?*~")
        name, req, _ = plain.partition(";req")
        certain = name in message.grouped or name in will_have if req else name == "content-digest" and not is_answer
        if not text.endswith("*") and ("?" not in text or certain):
            found.append(plain.replace("$label", label))
    return tuple(found)
