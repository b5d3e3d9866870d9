"""Does a signature meet the closed policy?"""

from datetime import datetime

from authkit.clock import format_compact, later
from authkit.errors import MessageRejected, Rejected
from authkit.messages import target
from authkit.messages.request import check_request
from authkit.schemes.base import Claimed, Verified
from authkit.schemes.binding import check_binding
from authkit.schemes.httpsig.components import Component, authority_of, host_of, signature_base
from authkit.schemes.httpsig.cover import body_header, counts
from authkit.schemes.httpsig.digest import FIELDS, check_digest, is_partial
from authkit.schemes.httpsig.keyid import LABEL, RSA, Checker, check_day, checker_of, find_checkers
from authkit.schemes.httpsig.params import INPUT, LAST_SECOND, SIGNATURE, Input, read_signatures
from authkit.schemes.httpsig.policy import Policy
from authkit.schemes.httpsig.sign import BODY, demanded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from authkit.keys.select import Key

_OWN = (INPUT, SIGNATURE)
# headers whose absence from the signature is worth a warning (S25)
_WARNED = ("content-type", "authorization")


def verify_message(message: "Any", keys: "list[Key]", policy: Policy, at: datetime) -> Verified:
    """Decide whether *message* was signed by one of *keys* as *policy* demands.

    Args:
        message: a Request, or a Response with the request it answers; untrusted.
        keys: all keys the verifier holds.
        policy: what is demanded.
        at: the verifier's present instant, aware UTC.

    Raises:
        Rejected: with the reason of the first check that fails; `claim` on it holds what was claimed, if that was read.

    Source:
        RFC 9421 §3.2, steps 1–8; RFC 9530 §2; SECURITY-DECISIONS S7, S21, S24, S25, S45, A3.
        Deviations: stricter, where a "Deviations" of a part says so.  Vectors: attacks/rfc9421.json.
    """
    # (1) HTTP syntax; (2) the two fields; (3) which of their members
    if getattr(message, "status", None) is None:
        check_request(message)
        if len(message.values("host")) > 1:
            raise MessageRejected("duplicate-host")
    inputs, signatures = read_signatures(message)
    chosen = choose_input(inputs, signatures, policy.label, policy.tag)
    try:
        return _judge(
            message, chosen, signatures[chosen.label], sorted(inputs.keys() - {chosen.label}), keys, policy, at
        )
    except Rejected as rejected:
        rejected.claim = _claim(chosen)
        raise


def choose_input(
    inputs: "dict[str, Input]", signatures: "dict[str, bytes]", label: "str | None", application: "str | None"
) -> Input:
    """Return the one signature to check.

    Args:
        application: what its parameter tag must be; None for any.

    Raises:
        Rejected: label-missing, label-ambiguous, tag, parameter-type.

    Source:
        RFC 9421 §3.2, step 1; SECURITY-DECISIONS S25. Deviations: none.
    """
    if label is not None:
        if label not in inputs or label not in signatures:
            raise MessageRejected(
                "label-missing", f"{label[:64]!r}; there: {_names(inputs.keys() & signatures.keys())}"
            )
        chosen = inputs[label]
        if application is not None and chosen.text_of("tag") != application:
            raise MessageRejected("tag", f"{chosen.params.get('tag')!r} instead of {application!r}")
        return chosen
    if inputs.keys() != signatures.keys():
        raise MessageRejected("label-missing", f"{_names(inputs.keys() ^ signatures.keys())} stands in one field alone")
    fitting = [one for one in inputs.values() if application is None or one.text_of("tag") == application]
    if not fitting:
        raise MessageRejected("tag", f"none is tagged {application!r}")
    if len(fitting) > 1:
        raise MessageRejected("label-ambiguous", _names(inputs.keys()), "say which with --label or --tag")
    return fitting[0]


def _names(labels: "Any") -> str:
    names = sorted(labels)
    return ", ".join([one[:32] for one in names[:5]]) + (", …" if len(names) > 5 else "") or "none"


def _claim(chosen: Input) -> Claimed:
    keyid, created = chosen.params.get("keyid"), chosen.params.get("created")
    usable = type(created) is int and 0 <= created <= LAST_SECOND
    return Claimed(keyid if type(keyid) is str else "", "", chosen.time_of("created") if usable else None)


def _judge(
    message: "Any",
    chosen: Input,
    signature: bytes,
    others: "list[str]",
    keys: "list[Key]",
    policy: Policy,
    at: datetime,
) -> Verified:
    # (4) its parameters and components; (5) clock; (6) key and algorithm
    keyid = chosen.text_of("keyid")
    said, tag, nonce = chosen.text_of("alg"), chosen.text_of("tag"), chosen.text_of("nonce")
    components = chosen.components()
    created, until = _check_clock(chosen, policy, at)
    covered = tuple([one.shown for one in components])
    shown = None
    if policy.presented is not None:
        shown = policy.presented.show(message, keyid, covered, created, at)
        checkers, compared = [checker_of(shown.key, policy.alg)], True
    else:
        checkers, compared = find_checkers(keys, keyid, policy.alg, policy.scheme_override)
    checkers = _by_algorithm(checkers, said)
    for one in checkers:
        _check_scope(one, policy, created)
    # (7) what must be covered; (8) whose host it is
    absent = _check_cover(message, components, policy)
    warnings = list(_check_authority(message, policy))
    # (9) the signature; (10) the body
    base = signature_base(message, components, chosen.text).encode("ascii")
    found = _check_signature(checkers, base, signature)
    body = _check_body(message, components, policy, warnings)
    if policy.also is not None:
        warnings += policy.also(chosen, message, found)
    # (11) the certificate
    more = _more(chosen, found, others, said, nonce, tag)
    if shown is not None:
        shown.check_identity()
        more |= shown.more
        warnings += shown.warnings
        if "certificate_scope" not in more and (policy.region, policy.service) != (None, None):
            warnings.append("scope-not-compared")
    else:
        warnings += check_binding(policy.bindings, message, _name_of(found, keyid if compared else None), covered, at)
    if not compared:
        warnings.append("keyid-not-compared")
    uncovered, further = _uncovered(message, components, absent, body)
    return Verified(
        LABEL,
        _name_of(found, keyid if compared else None),
        found.scope,
        created,
        until,
        (*covered, "body") if body else covered,
        uncovered,
        (*warnings, *further),
        more,
    )


def _name_of(found: Checker, keyid: "str | None") -> str:
    """Return the ID of the key that made the signature: its own, else the keyid if that was compared, else a name."""
    if found.access_key_id or keyid is not None:
        return found.access_key_id or str(keyid)
    from authkit.keys.prove import thumbprint

    assert found.public is not None
    return thumbprint(found.public)


def _check_clock(chosen: Input, policy: Policy, at: datetime) -> "tuple[datetime, datetime]":
    """Return when the signature was made, and until when it is accepted; every bound is inclusive (A3)."""
    created, expires = chosen.time_of("created"), chosen.time_of("expires")
    if created is None:
        raise MessageRejected("created-missing")
    if expires is not None and expires < created:
        raise MessageRejected("expires", f"{format_compact(expires)} and {format_compact(created)}")
    if created - at > policy.skew:
        raise MessageRejected("not-yet-valid", f"it is dated {format_compact(created)} and now is {format_compact(at)}")
    until = later(created, policy.max_age)
    if expires is not None:
        until = min(until, expires)
    if at > until:
        raise MessageRejected("expired", f"it was good until {format_compact(until)} and now is {format_compact(at)}")
    return created, until


def _by_algorithm(checkers: "list[Checker]", said: "str | None") -> "list[Checker]":
    """Return those keys whose algorithm the message does not contradict.

    Source:
        RFC 9421 §3.2, step 6: the key's algorithm is used, and what the message says must not differ.
    """
    fitting = [one for one in checkers if said in (None, one.algorithm)]
    if not fitting:
        own = checkers[0].algorithm
        hint = f"--alg {said} accepts it" if own in RSA and said in RSA else None
        raise MessageRejected("algorithm", f"{str(said)[:40]!r} is named and the key is for {own}", hint)
    return fitting


def _check_cover(message: "Any", components: "tuple[Component, ...]", policy: Policy) -> "list[str]":
    """Return what a signature usually covers and this one need not, as shown.

    Raises:
        Rejected: required-component, unsigned-payload.
    """
    absent = [one for one in demanded(message) if not counts(one, components, message)]
    if policy.demands is None:
        wanted = absent
    else:
        wanted = [one for one in policy.demands(message) if not counts(one, components, message)]
    for one in wanted:
        if one.shown not in policy.allow_unsigned:
            raise MessageRejected("required-component", one.shown[:80], f"--allow-unsigned '{one.typed}' accepts it")
    if message.content_length != 0 and not counts(BODY[0], components, message):
        loose = policy.allow_unsigned_payload or BODY[0].name in policy.allow_unsigned or policy.demands is not None
        if not loose:
            raise MessageRejected("required-component", BODY[0].name, "--allow-unsigned-payload accepts it")
    for one in policy.required:
        if not counts(one, components, message):
            raise MessageRejected("required-component", one.shown[:80])
    return [one.shown for one in absent]


def _check_authority(message: "Any", policy: Policy) -> "tuple[str, ...]":
    """Return a warning where the host was not compared.

    Raises:
        Rejected: authority-mismatch, component-missing, request-unavailable.
    """
    request = message
    if getattr(message, "status", None) is not None:
        request = message.related
        if request is None:
            if policy.authorities:
                hint = "give it with --request FILE"
                raise MessageRejected("request-unavailable", "so its host cannot be compared", hint)
            return ("authority-not-compared",)
    authority = authority_of(request)
    host = host_of(request, "Host") if "host" in request.grouped else authority
    if authority != host:
        # a server goes by the target's host and not by Host (RFC 9112 §3.2.2)
        raise MessageRejected("authority-mismatch", f"{authority[:128]!r} in the target and {host[:128]!r} in Host")
    if not policy.authorities:
        return ("authority-not-compared",)
    port = target.DEFAULT_PORTS.get(request.scheme)
    if authority not in policy.authorities and f"{authority}:{port}" not in policy.authorities:
        raise MessageRejected("authority-mismatch", f"{authority[:128]!r}")
    return ()


def _check_signature(checkers: "list[Checker]", base: bytes, signature: bytes) -> Checker:
    """Return the key that made the signature.

    Raises:
        Rejected: signature-der, signature-length, signature-mismatch.
    """
    refused = MessageRejected("signature-mismatch")
    for one in checkers:
        try:
            one.check_length(signature)
        except MessageRejected as error:
            refused = error
            continue
        if one.agrees(base, signature):
            return one
    raise refused


def _check_scope(found: Checker, policy: Policy, created: datetime) -> None:
    """Pass a subkey of the day, and of the region and service if they are demanded; no other key has these.

    Raises:
        Rejected: scope-date-mismatch, scope-region, scope-service.
    """
    check_day(found, created)
    if policy.presented is not None:
        return  # a scoped certificate was compared where it was presented
    for name, wanted in (("region", policy.region), ("service", policy.service)):
        if wanted is not None:
            part = found.subkey.scope.part(name) if found.subkey is not None else None
            if part != wanted:
                raise MessageRejected(f"scope-{name}", f"{part!r} instead of {wanted!r}")


def _check_body(message: "Any", components: "tuple[Component, ...]", policy: Policy, warnings: "list[str]") -> bool:
    """Say whether the signature covers the body; whether it is the one that was signed is checked.

    Raises:
        Rejected: digest-algorithm, content-digest-mismatch, body-unavailable, those of `read_digests`.
    """
    body = False
    for name in body_header(components):
        if name == FIELDS[1] and is_partial(message):
            warnings.append("repr-digest-not-compared")
            continue
        missing = check_digest(message, name)
        if missing is None:
            body = body or name == FIELDS[0]
        elif not policy.body_unchecked:
            hint = "--body-unchecked accepts it" if missing == "body" else None
            raise MessageRejected("body-unavailable", f"its {missing} is not known" if missing != "body" else "", hint)
    return body


def _uncovered(
    message: "Any", components: "tuple[Component, ...]", absent: "list[str]", body: bool
) -> "tuple[tuple[str, ...], list[str]]":
    """Return the parts that the signature does not cover, and warnings of those that matter most."""
    whole = {one.name for one in components if not one.name.startswith("@") and not one.params.keys() & {"key", "req"}}
    whole.update(_OWN)
    # what @authority covers is Host
    if not getattr(message, "status", None) and "@authority" not in absent:
        whole.add("host")
    rest = sorted(message.grouped.keys() - whole)
    warnings = [f"{name}-not-covered" for name in _WARNED if name in rest]
    if getattr(message, "status", None) is not None and not any(["req" in one.params for one in components]):
        warnings.append("request-not-covered")
    if not body and message.content_length != 0:
        rest.append("body")
    return (*absent, *rest), warnings


def _more(
    chosen: Input, found: Checker, others: "list[str]", said: "str | None", nonce: "str | None", tag: "str | None"
) -> "dict[str, object]":
    more: "dict[str, object]" = {"label": chosen.label, "other_labels": others, "algorithm": found.algorithm}
    for name, value in (("keyid", chosen.text_of("keyid")), ("nonce", nonce), ("tag", tag)):
        if value is not None:
            more[name] = value
    return more
