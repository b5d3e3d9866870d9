"""The jobs of the command line as functions over values: the public Python interface."""

from datetime import datetime
from os import urandom
from types import SimpleNamespace

from authkit.clock import UTC
from authkit.errors import UsageError
from authkit.keys.load import load_keys as load_key_file
from authkit.keys.request import Wanted, derive_wanted, read_pairs
from authkit.keys.select import Key, choose_signing, widest_level
from authkit.keys.subkeys import Subkey
from authkit.messages.draft import parse_draft
from authkit.messages.request import Request, parse_request
from authkit.messages.response import Response, is_response, parse_response, parse_response_draft
from authkit.schemes import find
from authkit.schemes.base import Signed, SignJob, Verified
from authkit.schemes.binding import chain_of, speak_of_certificates
from authkit.schemes.derived import AWS4, CHAINS
from authkit.schemes.endpoints import guess_scope
from authkit.schemes.options import VERIFY_PROOFS
from authkit.schemes.policy import Policy, verify
from authkit.schemes.sigv4 import Settings, sign

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from typing import Any

    from authkit.curl.body import Read
    from authkit.explain import Explained
    from authkit.messages.payload import Reader, Watcher
    from authkit.schemes.base import Rows, Scheme
    from authkit.schemes.opened import OpenBody

_AS_AWS_DOES = Settings()


def load_keys(data: bytes, what: str = "key file") -> "list[Key]":
    """Return the keys in an access-key file or a subkey file.

    Args:
        data: the file's bytes; untrusted.
        what: names the input in errors.

    Raises:
        InputError: if it is neither, or not in order; never the value of a secret.
        Refused: if it is a key pair, or signed by an issuer.
    """
    return load_key_file(data, CHAINS, what)


def derive_subkey(
    keys: "Sequence[Key]", day: "date", region: str, service: str, *, level: str = "signing", exact: bool = False
) -> Subkey:
    """Return the subkey for one day, region and service.

    Args:
        keys: a master, or subkeys that reach what is asked for.
        day: a UTC day.
        region, service: as AWS writes them; "" for a part that a wider *level* is not bound to.
        level: "signing", "service", "region" or "date".
        exact: whether upper-case letters are meant.

    Raises:
        Refused: if no key reaches it.
        UsageError: if a part is missing, superfluous, or not a scope part.
    """
    lists: "dict[str, tuple[str, ...]]" = {
        "region": (region,) if region else (),
        "service": (service,) if service else (),
    }
    pairs = read_pairs(AWS4.chain, level, (), lists, exact)
    return derive_wanted(list(keys), Wanted(AWS4.chain, level, [day], pairs))[0]


def sign_request(
    request: Request,
    keys: "Sequence[Key]",
    *,
    at: datetime,
    region: "str | None" = None,
    service: "str | None" = None,
    settings: "Settings | None" = None,
) -> Signed:
    """Return *request* signed with one of *keys*, and every stage of the signature.

    Args:
        request: with a Host header.
        keys: 1 or more of one owner; the key decides region and service where it knows them.
        at: aware; the request's own instant.
        region, service: what neither the key nor an AWS endpoint in Host says.
        settings: None for what AWS does for the service.

    Raises:
        Refused: if no key reaches the instant or what was asked for, or the request is signed already.
        UsageError: if region or service is said by nobody, or *settings* do not fit.
        InputError: if the request has no Host, or its body is not known.
    """
    at = _aware(at)
    credential = choose_signing(
        keys if isinstance(keys, list) else list(keys),
        AWS4.chain,
        at,
        {"region": region, "service": service},
        lambda: guess_scope(request.host),
    )
    return sign(request, credential, settings or _AS_AWS_DOES, at)


def verify_request(request: Request, keys: "Sequence[Key]", policy: Policy, *, at: datetime) -> Verified:
    """Return what is true of a request that one of *keys* signed as *policy* demands.

    Args:
        request: untrusted.
        keys: all that the verifier holds, 1 or more.
        policy: names region and service, unless every key is a signing key.
        at: aware; the verifier's present instant.

    Raises:
        Rejected: for every other verdict, with its reason.
        UsageError: if *keys* is empty, or opens more than one scope and *policy* does not say which.
    """
    return verify(request, _held(keys, policy), policy, _aware(at))


def open_chunks(request: Request, body: "Reader", keys: "Sequence[Key]", policy: Policy, *, at: datetime) -> "OpenBody":
    """Return the body of a request that signs it chunk by chunk, or event by event; iterate over it.

    Each piece comes out only after the signature over it was verified; the body is whole, and `verified` of the result
    says what is true of the request, once the iteration has ended without an exception.

    Args:
        request: the head, from `parse_request` or your server; untrusted.
        body: a binary file at where the body begins, with its chunks; untrusted.
        keys: all that the verifier holds, 1 or more.
        policy: as verify_request.
        at: aware; the verifier's present instant.

    Raises:
        Rejected: for a head that is not valid, or declares no such body; and from the iteration.
        UsageError: as verify_request.
    """
    from authkit.schemes.opened import OpenBody

    return OpenBody(request, body, _held(keys, policy), policy, _aware(at))


def _held(keys: "Sequence[Key]", policy: Policy) -> "list[Key]":
    if not keys:
        raise UsageError("there is no key to verify with")
    held = keys if isinstance(keys, list) else list(keys)
    if (policy.region is None or policy.service is None) and widest_level(held) != "signing":
        raise UsageError("the keys open more than one scope, and the policy does not say region and service")
    return held


def sign_with(
    scheme: str,
    message: "bytes | Request | Response",
    keys: "Sequence[Key]",
    *,
    at: datetime,
    request: "Request | None" = None,
    **options: object,
) -> Signed:
    """Return *message* signed with any scheme, and every stage of the signature.

    Args:
        scheme: its name, as --scheme takes it.
        message: a request or a response; or a raw one as bytes, as `authkit sign http` takes it, for a scheme that must
            see the body.
        keys: 1 or more of one owner.
        at: aware; the instant to sign at.
        request: what a response in bytes answers.
        options: those of the command line, '_' for '-'; files as their bytes, certificates in PEM or DER.

    Raises:
        Refused, InputError, UsageError: as the scheme has it; UsageError for an option that it does not have.
    """
    found = find(scheme)
    given = _options(found.sign_options, options, scheme)
    watched = {} if found.watch is None else found.watch(given)
    drafted: "Any" = message
    if isinstance(message, bytes):
        if is_response(message):
            drafted = parse_response_draft(message, request, watched=watched).request
        else:
            drafted = parse_draft(message, watched=watched).request
    _check_kind(drafted, found)
    signers = [_with_certificates(key, getattr(given, "certificate", None)) for key in keys]
    drafted = _with_certificate_headers(drafted, signers, given)
    return found.sign(SignJob(drafted, signers, given, _aware(at), urandom))


def _check_kind(message: object, scheme: "Scheme") -> None:
    if isinstance(message, Response) and not scheme.responses:
        raise UsageError(f"{scheme.name} does not sign responses")


def _with_certificates(key: Key, certificates: "bytes | None") -> Key:
    if certificates is None:
        return key
    from authkit.keys.prove import PrivateKey, read_certificates

    if not isinstance(key, PrivateKey):
        raise UsageError("certificate goes with a private key, and the key is none")
    return key.with_chain(read_certificates(certificates), "certificate")


def _with_certificate_headers(request: Request, keys: "list[Key]", given: SimpleNamespace) -> Request:
    from authkit.keys.prove import read_certificates

    bound, leaf = getattr(given, "bind_certificate", None), None
    if bound is not None:
        found = read_certificates(bound)
        if not found:
            raise UsageError("bind_certificate holds no certificate")
        leaf = found[0]
    chain = chain_of(keys) if getattr(given, "send_certificate", False) else None
    return speak_of_certificates(request, leaf=leaf, chain=chain, as_proxy=getattr(given, "as_proxy", False))


def verify_with(
    scheme: str,
    message: "bytes | Request | Response",
    keys: "Sequence[Key]",
    *,
    at: datetime,
    request: "Request | None" = None,
    **options: object,
) -> Verified:
    """Return what is true of a message that is signed with any scheme.

    Args:
        scheme: its name, as --scheme takes it; never taken from the message.
        message: a request or a response; or a raw one as bytes, for a scheme that must see the body.  Untrusted.
        keys: all that the verifier holds.
        at: aware; the verifier's present instant.
        request: what a response in bytes answers, as it was sent.
        options: the policy: those of `authkit verify-signature`, '_' for '-'; files as their bytes.  What it demands
            of client certificates is *presented*, a `Presented`, or *bindings*, a `Bindings`, in place of options.

    Raises:
        Rejected: for every other verdict, with its reason.
        InputError: if the bytes are no HTTP message.
        UsageError: for an option that the scheme does not have, or options that do not fit.
    """
    at, found = _aware(at), find(scheme)
    # the command line makes these of its options, which would demand nothing here
    rows = tuple([row for row in found.verify_options if row not in VERIFY_PROOFS])
    if len(rows) < len(found.verify_options):
        rows += (("--presented", "text", "", "", None), ("--bindings", "text", "", "", None))
    rows += (("--body-unchecked", "flag", "", "", False),)
    verifier = found.verifier(list(keys), _options(rows, options, scheme))
    read: "Any" = message
    watch = verifier.watch

    def see(head: "Any", _: "str | None") -> "dict[str, Watcher]":
        _check_kind(head, found)
        return {} if watch is None else watch(head, at)

    if isinstance(message, bytes):
        read = (
            parse_response(message, request, watch=see) if is_response(message) else parse_request(message, watch=see)
        )
    _check_kind(read, found)
    return verifier.judge(read, at)


def _options(rows: "Rows", given: "dict[str, object]", scheme: str) -> SimpleNamespace:
    values = {_attribute(row[0]): row[4] for row in rows}
    for name in given:
        if name not in values:
            raise UsageError(f"the scheme {scheme} has no option {name!r}", f"there are {', '.join(values)}")
    for row in rows:
        name, choices = _attribute(row[0]), row[1].partition("choice:")[2].split("|")
        if choices != [""] and given.get(name) is not None and given[name] not in choices:
            raise UsageError(f"the option {name!r} is none of its choices", f"there are {', '.join(choices)}")
    return SimpleNamespace(**{**values, **given})


def _attribute(words: str) -> str:
    return words.partition("|")[0].lstrip("-").replace("-", "_")


def explain_request(
    request: Request, *, at: datetime, server_error: "bytes | None" = None, keys: "Sequence[Key]" = ()
) -> "Explained":
    """Return every stage of a signed request, redacted, and why a server refused it.

    Args:
        request: as it was sent.
        at: aware; the present instant.
        server_error: what the server answered: S3's XML, API Gateway's JSON, or botocore's debug log.
        keys: with them, what the client really signed is looked for.

    Raises:
        InputError: if *server_error* is none of these, or the request's signature cannot be read.
    """
    from authkit.explain import explain
    from authkit.explain.server import read_server_error

    server = None if server_error is None else read_server_error(server_error)
    return explain(request, server=server, keys=list(keys), at=_aware(at))


def parse_curl(words: "Sequence[str]", *, read: "Read | None" = None) -> Request:
    """Return the request that a curl line would send.

    Args:
        words: of the line, with or without "curl" in front.
        read: opens what stands behind '@', by name; None opens nothing.

    Raises:
        Refused: for an option that could change the bytes or their destination.
        UsageError, InputError: for a line that curl would not take.
    """
    from authkit.curl.line import parse_line
    from authkit.curl.request import plan

    return plan(parse_line(list(words)), read=read).request


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise UsageError("the instant has no time zone", "pass an aware datetime")
    return at if at.tzinfo is UTC and not at.microsecond else at.astimezone(UTC).replace(microsecond=0)
