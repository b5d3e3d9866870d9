"""How is a signature made, and with what it covers put into a message?"""

from datetime import datetime

from authkit import base64
from authkit.errors import InputError, Refused, Rejected, UsageError
from authkit.messages.structured import format_string, is_key, parse_dictionary
from authkit.schemes.base import Signed
from authkit.schemes.binding import ALWAYS_COVERED
from authkit.schemes.httpsig.components import Component, parse_component, parse_components, signature_base
from authkit.schemes.httpsig.cover import Cover, counts
from authkit.schemes.httpsig.digest import check_digest, format_digest, is_partial
from authkit.schemes.httpsig.keyid import LABEL, Signer
from authkit.schemes.httpsig.params import INPUT, SIGNATURE, STRINGS, TIMES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

NONCE = 16
DEFAULT_LABEL = "sig1"
_WRITTEN = {"content-digest": "Content-Digest", "repr-digest": "Repr-Digest"}
# headers whose values open something by themselves, and that a signature base shows
_BEARER = frozenset(("authorization", "proxy-authorization", "cookie", "dpop"))


REQUEST = Cover(parse_components('"@method" "@authority" "@path" "@query"'))
ASTERISK = Cover(parse_components('"@method" "@authority" "@request-target"'))
RESPONSE = Cover(parse_components('"@status"'))
# a response, with the request that it answers
ANSWER = Cover(parse_components('"@status" "@method";req "@authority";req "@path";req "@query";req'))
BODY = parse_components('"content-digest"')
# covered where the message has them (S25, S22)
PRESENT = {name: parse_components(f'"{name}"')[0] for name in ("content-type", "authorization", *ALWAYS_COVERED)}


class Settings:
    """How to sign.

    Attributes:
        cover: components, in order; None for what a strict verifier demands.
        label: a key of a dictionary.
        created: whether the signature says when it was made.
        expires: seconds from then on, 1 or more; None for no end.
        nonce: a String; None for a random one, "" for none.
        tag: a String; None without.
        keyid: whether the key's keyid is written.
        params: further parameters: name -> value as RFC 9651 writes it.
        alg: the algorithm to write; None leaves it out.
        digest: "sha-256" or "sha-512", for a digest that is made.
        unsigned_body: leave the body uncovered.
    """

    __slots__ = (
        "cover",
        "label",
        "created",
        "expires",
        "nonce",
        "tag",
        "keyid",
        "params",
        "alg",
        "digest",
        "unsigned_body",
    )

    def __init__(
        self,
        cover: "tuple[Component, ...] | None" = None,
        label: str = DEFAULT_LABEL,
        created: bool = True,
        expires: "int | None" = None,
        nonce: "str | None" = None,
        tag: "str | None" = None,
        params: "dict[str, str] | None" = None,
        alg: "str | None" = None,
        digest: str = "sha-256",
        unsigned_body: bool = False,
        keyid: bool = True,
    ) -> None:
        self.cover = cover
        self.label = label
        self.created = created
        self.expires = expires
        self.nonce = nonce
        self.tag = tag
        self.params = {} if params is None else params
        self.alg = alg
        self.digest = digest
        self.unsigned_body = unsigned_body
        self.keyid = keyid


def read_settings(options: "Any") -> Settings:
    """Return how to sign, as the options say.

    Raises:
        UsageError: for an option that cannot be so.
    """
    if options.expires is not None and options.expires < 1:
        raise UsageError(f"--expires {options.expires} is not 1 second or more")
    label = DEFAULT_LABEL if options.label is None else options.label
    if not is_key(label):
        raise UsageError(
            f"--label {label[:40]!r} cannot name a signature", "use a-z, 0-9, '_', '-', '.' and '*', a letter first"
        )
    if options.nonce or options.tag or options.keyid:
        for name in ("nonce", "tag", "keyid"):
            _check_text(name, getattr(options, name))
    if options.nonce and options.no_nonce:
        raise UsageError("--nonce and --no-nonce")
    return Settings(
        (_covers.get(options.cover) or cover_of(options.cover)) if options.cover else None,
        label,
        options.created is not False,
        options.expires,
        "" if options.no_nonce else options.nonce,
        options.tag,
        _further(options.param) if options.param else {},
        options.alg,
        options.digest or "sha-256",
        options.payload == "unsigned",
    )


# what --cover named before: who signs much says the same again and again
_covers: "dict[tuple[object, ...], Cover]" = {}
_usual: "dict[tuple[object, ...], Cover]" = {}
_MANY = 256


def cover_of(texts: "tuple[str, ...]") -> Cover:
    """Return the components that --cover names.

    Raises:
        UsageError: if one is none, or stands twice.
    """
    found = tuple([parse_component(one, "--cover") for one in texts])
    if len(set(found)) != len(found):
        twice = next(one for one in found if found.count(one) > 1)
        raise UsageError(f"--cover names {twice.shown[:80]} twice")
    return _remember(_covers, texts, Cover(found))


def _remember(known: "dict[tuple[object, ...], Cover]", key: "tuple[object, ...]", found: Cover) -> Cover:
    if len(known) >= _MANY:
        known.clear()
    known[key] = found
    return found


def _check_text(name: str, text: "str | None") -> None:
    if text and not (text.isascii() and text.isprintable()):
        raise UsageError(f"--{name} holds a character that is not printable ASCII")


def _further(texts: "tuple[str, ...]") -> "dict[str, str]":
    """Return the parameters of --param, each value as RFC 9651 writes it."""
    from authkit.messages.structured import format_value, parse_item

    found: "dict[str, str]" = {}
    for text in texts:
        name, mark, value = text.partition("=")
        if not is_key(name):
            raise UsageError(f"--param {text[:64]!r} is not NAME=VALUE", "a name begins with a-z or '*'")
        if name in TIMES or name in STRINGS:
            raise UsageError(f"--param {name}: there is --{name}")
        if name in found:
            raise UsageError(f"--param names {name} twice")
        try:
            item = parse_item(value, f"--param {name}") if mark else None
        except (Rejected, UnicodeEncodeError) as error:
            raise UsageError(
                f"--param {name}: {value[:64]!r} is no value", """a text stands in double quotes, e.g. NAME='"text"'"""
            ) from error
        if item is not None and item.params:
            raise UsageError(f"--param {name}: a parameter has no parameters")
        found[name] = "?1" if item is None else format_value(item.value)
    return found


def sign_message(
    message: "Any", signer: Signer, settings: Settings, at: datetime, random: "Callable[[int], bytes]"
) -> Signed:
    """Sign *message* with *signer* as of *at*.

    Args:
        message: a Request with Host, or a Response; untouched.
        signer: its day, if it has one, is that of *at*.
        settings: how.
        at: aware UTC, whole seconds.
        random: gives that many random bytes.

    Returns:
        the message with its signature, and the stages "signature-base", "signature-input", "signature".

    Raises:
        Refused: if the label is taken, or a subkey is to sign without a time.
        InputError: if the message lacks something that is to be covered, or its body is not known or not the one of
            its digest.
        UsageError: if the settings do not fit.

    Source:
        RFC 9421 §3.1, steps 1–5; RFC 9530 §2. Deviations: none.  Vectors: rfc9421/signatures.json.
    """
    _refuse_signed(message, settings.label)
    if signer.day is not None and not settings.created:
        raise Refused("a subkey signs only with the time of its day", "leave out --no-created")
    warnings: "list[str]" = []
    try:
        components, added = _plan(message, settings, warnings)
        ready = message.with_headers(message.headers + added) if added else message
        params = f"({components.listed}){_params(signer, settings, at, random)}"
        base = signature_base(ready, components, params)
    except Rejected as error:
        raise InputError(error.message, error.hint) from error
    signature = base64.encode(signer.sign(base.encode("ascii")))
    added = (
        *added,
        ("Signature-Input", f"{settings.label}={params}"),
        ("Signature", f"{settings.label}=:{signature}:"),
    )
    stages = {"signature-base": base, "signature-input": params, "signature": signature}
    return Signed(
        LABEL,
        signer.access_key_id,
        signer.scope,
        message.with_headers(message.headers + added),
        added,
        stages,
        tuple(warnings),
        None,
        _bearer(ready, components),
    )


def _refuse_signed(message: "Any", label: str) -> None:
    if INPUT in message.grouped or SIGNATURE in message.grouped:
        taken: "set[str]" = set()
        try:
            for name in (INPUT, SIGNATURE):
                taken |= parse_dictionary(", ".join(message.values(name)), name).keys()
        except Rejected as error:
            raise InputError(error.message) from error
        if label in taken:
            raise Refused(f"the message already has a signature {label}", "--label NAME adds another one")


def _plan(message: "Any", settings: Settings, warnings: "list[str]") -> "tuple[Cover, tuple[tuple[str, str], ...]]":
    """Return what to cover, and the digests to add for it."""
    if settings.cover is None:
        cover = default_cover(message, settings.unsigned_body)
        if settings.unsigned_body and message.content_length != 0:
            warnings.append("the signature does not cover the body")
    else:
        cover = settings.cover if type(settings.cover) is Cover else Cover(settings.cover)
        missing = missing_of(message, cover)
        if missing:
            warnings.append(f"a strict verifier refuses a signature that does not cover {', '.join(missing)}")
    if not settings.created:
        warnings.append("a strict verifier refuses a signature that does not say when it was made")
    added: "tuple[tuple[str, str], ...]" = ()
    for name in cover.digests:
        if name == "repr-digest" and is_partial(message):
            if name not in message.grouped:
                raise InputError(
                    "the body is a part of the representation, whose digest is not known", "add Repr-Digest"
                )
            warnings.append(f"{name} was not compared with the body, which is a part of the representation")
        elif name not in message.grouped:
            added += ((_WRITTEN[name], format_digest(message, settings.digest)),)
        elif check_digest(message, name) is not None:
            warnings.append(f"{name} was not compared with the body, which is not known so far")
    return cover, added


def default_cover(message: "Any", unsigned_body: bool) -> Cover:
    """Return what a strict verifier demands of *message*, and what else it has that is worth covering (S25)."""
    grouped = message.grouped
    first = demanded(message)
    body = not unsigned_body and (message.content_length != 0 or BODY[0].name in grouped)
    present = [name for name in PRESENT if name in grouped]
    key = (id(first), body, *present)
    found = _usual.get(key)
    if found is None:
        found = Cover(first + (BODY if body else ()) + tuple([PRESENT[name] for name in present]))
        _remember(_usual, key, found)
    return found


def demanded(message: "Any") -> Cover:
    """Return what every signature of *message* must cover, its body apart."""
    if getattr(message, "status", None) is not None:
        return ANSWER if message.related is not None else RESPONSE
    return REQUEST if message.target != "*" else ASTERISK


def missing_of(message: "Any", cover: Cover) -> "list[str]":
    """Return what a strict verifier would miss in *cover*, as shown."""
    found: "list[str]" = []
    usual = demanded(message)
    if not usual.texts <= cover.texts:
        found += [one.shown for one in usual if not counts(one, cover, message)]
    if message.content_length != 0 and BODY[0].text not in cover.texts and not counts(BODY[0], cover, message):
        found.append(BODY[0].name)
    return found


def _params(signer: Signer, settings: Settings, at: datetime, random: "Callable[[int], bytes]") -> str:
    created = int(at.timestamp())
    out = [f";created={created}"] if settings.created else []
    if settings.expires is not None:
        out.append(f";expires={created + settings.expires}")
    if settings.nonce != "":
        nonce = base64.encode_url(random(NONCE)) if settings.nonce is None else settings.nonce
        out.append(f";nonce={format_string(nonce)}")
    if settings.alg is not None:
        out.append(f';alg="{settings.alg}"')
    if settings.keyid and signer.keyid is not None:
        out.append(f";keyid={format_string(signer.keyid)}")
    if settings.tag is not None:
        out.append(f";tag={format_string(settings.tag)}")
    for name, value in settings.params.items():
        out.append(f";{name}" if value == "?1" else f";{name}={value}")
    return "".join(out)


def _bearer(message: "Any", components: "tuple[Component, ...]") -> "tuple[str, ...]":
    if _BEARER.isdisjoint(message.grouped):
        return ()
    names = [component.name for component in components if component.name in _BEARER]
    return tuple([value for name in names for value in message.values(name) if value])
