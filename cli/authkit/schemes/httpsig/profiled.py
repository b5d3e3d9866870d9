"""How does a profile change what is signed, and what is demanded of a signature?"""

from datetime import timedelta

from authkit.errors import InputError, MessageRejected, Refused, Rejected, UsageError
from authkit.schemes.httpsig.components import Component
from authkit.schemes.httpsig.keyid import HMAC
from authkit.schemes.httpsig.policy import Policy
from authkit.schemes.httpsig.profiles import Profile, Side, find, marked, side_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from authkit.schemes.httpsig.keyid import Checker, Signer
    from authkit.schemes.httpsig.params import Input
    from authkit.schemes.httpsig.sign import Settings

LIFETIME = 300


# signing


def signing(options: "Any", settings: "Settings", message: "Any", signer: "Signer") -> "Settings":
    """Return *settings*, and in them what the profile of *options* says; the signer's keyid may change.

    Raises:
        UsageError: if they contradict the profile.
        Refused: if the key is no key pair.
        InputError: if the message does not say what a parameter must hold.
    """
    name: str = options.profile
    profile, side = find(name), side_of(name, message)
    if signer.algorithm == HMAC:
        raise Refused(f"the profile {name} signs with a key pair, and the key is a secret")
    if options.label is None and profile.label is not None:
        settings.label = profile.label
    if settings.tag not in (None, side.tag):
        raise UsageError(f"--tag {settings.tag}: the profile {name} has the tag {side.tag}")
    settings.tag = side.tag
    _fill_params(name, side, settings, message)
    _fill_cover(name, side, settings, message, options.accept is not None)
    if "keyid" in side.forbidden:
        settings.keyid = False
        fitting = options.keyid is None
    elif profile.thumbprint:
        signer.keyid = signer.thumbprint
        fitting = options.keyid in (None, signer.keyid)
    else:
        fitting = True
    if not fitting:
        raise UsageError(f"--keyid: the profile {name} has {'none' if not settings.keyid else 'the thumbprint'}")
    return settings


def _fill_params(name: str, side: Side, settings: "Settings", message: "Any") -> None:
    if not settings.created:
        raise UsageError(f"--no-created: the profile {name} demands the time")
    if settings.nonce == "" and "nonce" in side.parameters:
        raise UsageError(f"--no-nonce: the profile {name} demands a nonce")
    if settings.alg is not None and "alg" in side.forbidden:
        raise UsageError(f"--alg: the profile {name} forbids the parameter")
    if settings.expires is None and "expires" in side.parameters:
        settings.expires = LIFETIME
    own = {}
    for key in side.parameters:
        if key in _FILLS and key not in settings.params:
            from authkit.messages.structured import format_string

            own[key] = format_string(_FILLS[key](message, side))
    settings.params = {**own, **settings.params}


def _fill_cover(name: str, side: Side, settings: "Settings", message: "Any", more: bool) -> None:
    """Fill in what is covered; *more*: --cover allows more than the profile's and does not say it all."""
    listed = marked(side, message, settings.label)
    if any([";req" in text for text in side.cover]) and message.related is None:
        raise InputError(
            f"the profile {name} signs the request too, which was not given", "give it with --request FILE"
        )
    if settings.unsigned_body and any([one.name == "content-digest" and marks != "*" for one, marks in listed]):
        raise UsageError(f"--payload unsigned: the profile {name} demands that the body is covered")
    if settings.cover is None or more:
        own = [one for one, _ in listed if not (settings.unsigned_body and one.name == "content-digest")]
        settings.cover = (*own, *[one for one in settings.cover or () if one not in own])
        return
    for one in lacking(side, message, settings.label, settings.cover):
        raise UsageError(f"--cover: the profile {name} demands {one.typed}, too")


def lacking(side: Side, message: "Any", label: str, cover: "tuple[Component, ...]") -> "list[Component]":
    """Return the components that *side* demands and *cover* lacks."""
    from authkit.schemes.httpsig.cover import counts

    return [
        one
        for one, marks in marked(side, message, label)
        if marks != "*" and not counts(one, cover, message) and not ("~" in marks and _member(one, cover))
    ]


# what a parameter holds unless the signer says otherwise, and must hold unless the verifier does


def _audience(message: "Any", side: Side) -> str:
    """Return the URI that the request goes to, without its query."""
    url: str = message.url
    return url.partition("?")[0]


def _request_nonce(message: "Any", side: Side) -> str:
    """Return the nonce of the signature, of the same tag, of the request that *message* answers."""
    from authkit.schemes.httpsig.params import INPUT, read_inputs

    wanted = side.tag
    try:
        texts = [] if message.related is None else message.related.values(INPUT)
        for one in read_inputs(", ".join(texts)).values() if texts else ():
            application, nonce = one.text_of("tag"), one.text_of("nonce")
            if application == wanted and nonce is not None:
                return nonce
    except Rejected as error:
        raise InputError(f"the request that it answers: {error.message}") from error
    raise InputError("the request that it answers has no signature of the profile with a nonce")


_FILLS = {"wimse-aud": _audience, "wimse-req-nonce": _request_nonce}


# verifying


def wanted_params(texts: "tuple[str, ...]") -> "dict[str, object]":
    """Return the parameters that --require-param demands: name -> value, or None for any.

    Raises:
        UsageError: for what is no parameter.
    """
    from authkit.messages.structured import is_key, parse_item

    found: "dict[str, object]" = {}
    for text in texts:
        name, mark, value = text.partition("=")
        try:
            if not is_key(name) or name in found:
                raise ValueError
            item = parse_item(value, name) if mark else None
            if item is not None and item.params:
                raise ValueError
            found[name] = None if item is None else item.value
        except (Rejected, ValueError) as error:
            raise UsageError(
                f"--require-param {text[:64]!r} is not NAME or NAME=VALUE", "a text stands in double quotes"
            ) from error
    return found


def checking(name: "str | None", policy: Policy, wanted: "dict[str, object]", message: "Any", aged: bool) -> Policy:
    """Return *policy* with what the profile *name*, if any, and the *wanted* parameters demand of *message*.

    Args:
        aged: whether the verifier said how old a signature may be.

    Raises:
        UsageError: if the profile is not for such messages, or the policy contradicts it.
    """
    own = Policy()
    for each in Policy.__slots__:
        setattr(own, each, getattr(policy, each))
    if name is None:
        own.also = lambda chosen, message, checker: _check_wanted(chosen, wanted)
        return own
    profile, side = find(name), side_of(name, message)
    if policy.tag not in (None, side.tag):
        raise UsageError(f"--tag {policy.tag}: the profile {name} has the tag {side.tag}")
    own.tag = side.tag
    if profile.max_age is not None and not aged:
        own.max_age = profile.max_age
    if side.max_skew is not None:
        own.skew = min(own.skew, timedelta(seconds=side.max_skew))
    own.demands = lambda message: tuple([one for one, marks in marked(side, message, "") if marks in ("", "?")])
    own.also = lambda chosen, message, checker: _check(name, profile, side, chosen, message, checker, wanted)
    return own


def _check(
    name: str,
    profile: Profile,
    side: Side,
    chosen: "Input",
    message: "Any",
    checker: "Checker",
    wanted: "dict[str, object]",
) -> "tuple[str, ...]":
    """Return warnings, if a signature is as the profile says, its times and what it demands without a '~' apart.

    Raises:
        Rejected: algorithm, parameter-missing, parameter-forbidden, parameter-mismatch, required-component,
            key-not-bound, request-unavailable.
    """
    if checker.public is None:
        raise MessageRejected("algorithm", f"the profile {name} signs with a key pair, and the key is a secret")
    for key in side.forbidden:
        if key in chosen.params:
            raise MessageRejected("parameter-forbidden", key)
    for key in side.parameters:
        if key not in chosen.params:
            raise MessageRejected("parameter-missing", key)
    _check_wanted(chosen, wanted)
    for key in side.parameters:
        if key in _FILLS and key not in wanted:
            _check_fill(key, chosen, message, side)
    covered = chosen.components()
    for one, marks in marked(side, message, chosen.label):
        if "~" in marks and not _member(one, covered):
            raise MessageRejected("required-component", one.shown[:80])
    return _check_key(profile, chosen, message, checker)


def _check_wanted(chosen: "Input", wanted: "dict[str, object]") -> "tuple[str, ...]":
    for key, value in wanted.items():
        if key not in chosen.params:
            raise MessageRejected("parameter-missing", key[:64])
        found = chosen.params[key]
        if value is not None and (type(found) is not type(value) or found != value):
            raise MessageRejected("parameter-mismatch", f"{key[:64]} is {_shown(found)}")
    return ()


def _shown(value: object) -> str:
    return repr(value)[:80]


def _check_fill(key: str, chosen: "Input", message: "Any", side: Side) -> None:
    if getattr(message, "status", None) is not None and message.related is None:
        raise MessageRejected("request-unavailable", key, "give it with --request FILE")
    try:
        value = _FILLS[key](message, side)
    except InputError as error:
        raise MessageRejected("parameter-mismatch", f"{key}: {error.message}") from error
    if chosen.text_of(key) != value:
        hint = f"--require-param '{key}=\"…\"' says what it must be" if key == "wimse-aud" else None
        raise MessageRejected("parameter-mismatch", f"{key} is {_shown(chosen.params[key])} and not {value!r}", hint)


def _member(wanted: Component, covered: "tuple[Component, ...]") -> bool:
    """Say whether *covered* holds the field of *wanted* whole, or the member of it that *wanted* names, or any."""
    for one in covered:
        key = one.params.get("key")
        fits = key is None or wanted.params.get("key", key) == key
        if fits and one.name == wanted.name and ("req" in one.params) == ("req" in wanted.params):
            return True
    return False


def _check_key(profile: Profile, chosen: "Input", message: "Any", checker: "Checker") -> "tuple[str, ...]":
    """Return warnings, if keyid, or the token that came with the message, is of the key that checks the signature."""
    from authkit.keys.prove import thumbprint

    assert checker.public is not None
    own = thumbprint(checker.public)
    if profile.thumbprint and chosen.text_of("keyid") != own:
        raise MessageRejected("parameter-mismatch", f"keyid is not the key's thumbprint {own}")
    if profile.token is None:
        return ()
    if token_key(message, profile.token) != own:
        raise MessageRejected("key-not-bound", f"{profile.token} is for another key")
    return (f"{profile.token}-not-verified",)


def token_key(message: "Any", name: str) -> str:
    """Return the thumbprint of the key in cnf.jwk of the token in the header *name*; "" if it holds none.

    Nothing of the token is verified: it is compared with a key that is known from elsewhere (S26).
    """
    from json import dumps, loads

    from authkit import base64
    from authkit.keys.prove import load_public, thumbprint

    parts = "".join(message.values(name)).split(".")
    payload = base64.decode_url(parts[1]) if len(parts) == 3 else None
    try:
        jwk = loads(payload or b"0")["cnf"]["jwk"]
        return thumbprint(load_public(dumps(jwk).encode("ascii"), name))
    except (ValueError, TypeError, LookupError, RecursionError, InputError, Refused):
        return ""
