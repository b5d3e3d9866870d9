"""What is known of the request whose signature failed?"""

from authkit.clock import UTC
from authkit.errors import InputError, Rejected
from authkit.explain.view import View, joined_headers, split_canonical
from authkit.keys.scope import parse_scope
from authkit.messages import target
from authkit.messages.request import Request
from authkit.schemes.canonical import (
    bucket_stem,
    canonical_path,
    encode_pair,
    order_pairs,
    payload_line,
    rules_for,
    split_pairs,
)
from authkit.schemes.claim import Claim, read_claim
from authkit.schemes.derived import Derived, Rules, is_among
from authkit.schemes.sigv4 import NEVER_SIGNED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from authkit.explain.owners import Owner
    from authkit.explain.server import ServerError

BODY_UNKNOWN = "[the body was not given]"


class Case:
    """A request, what it claims, and what the other side said.

    Attributes:
        request: its query is without the signature.
        row: the scheme.
        rules: how the service reads a request.
        claim: what the request says of its signature; None for one that was not signed yet.
        server: what came back; None where nothing was given.
        access_key_id: whose key; None where nobody says.
        signature: the client's, lower-case hex, 64; None where it is not known.
        view: the request as the service reads it; None where no scope or instant is known.
        region, service: what the server is, where that was said.
        bucket: the bucket that the host stands for, in a scheme that signs it, where that was said.
        owners: whose keys it may have been signed with; the first is the one that the request names.
    """

    __slots__ = (
        "request",
        "row",
        "rules",
        "claim",
        "server",
        "access_key_id",
        "signature",
        "view",
        "region",
        "service",
        "bucket",
        "owners",
    )

    def __init__(
        self,
        request: Request,
        row: Derived,
        rules: Rules,
        claim: "Claim | None",
        server: "ServerError | None",
        access_key_id: "str | None",
        signature: "str | None",
        view: "View | None",
        region: "str | None",
        service: "str | None",
        bucket: "str | None" = None,
    ) -> None:
        self.request = request
        self.row = row
        self.rules = rules
        self.claim = claim
        self.server = server
        self.access_key_id = access_key_id
        self.signature = signature
        self.view = view
        self.region = region
        self.service = service
        self.bucket = bucket
        self.owners: "list[Owner]" = []

    @property
    def tokens(self) -> "tuple[str, ...]":
        """The session tokens that may stand in a text of this case."""
        claimed = self.claim.token if self.claim is not None else None
        return tuple([token for token in (claimed, *self.request.values(self.row.security_token)) if token])

    @property
    def default_port(self) -> str:
        """The port that goes without saying."""
        return target.DEFAULT_PORTS[self.request.scheme]


def build_case(
    request: Request,
    row: Derived,
    server: "ServerError | None",
    at: "datetime | None",
    options: "dict[str, str | None]",
    switches: "tuple[bool | None, bool | None]",
) -> Case:
    """Put together what is known.

    Args:
        options: "region", "service" and "bucket" of the server, None for what the request says.
        switches: normalize_path and double_encode, None for what AWS does for the service.

    Raises:
        InputError: if the request is unsigned and nothing was said about it.
        Rejected: for a signature that cannot be read; the reasons of read_claim, and target-syntax.
    """
    try:
        claim = read_claim(request, row)
    except Rejected as rejected:
        if rejected.reason != "no-signature":
            raise
        if server is None:
            raise InputError(
                "the request carries no signature", "give what came back for it with --server-error"
            ) from rejected
        claim = None
    region, service = options["region"], options["service"]
    access_key_id = claim.access_key_id if claim else server.access_key_id if server else None
    scope = claim.scope.values if claim else _said_scope(row, server, at, region, service)
    if claim is None and server is not None and scope is not None:
        request = _filled(request, row, server)
    plain = request if claim is None else claim.request
    named = service or (dict(zip(row.chain.levels, scope)).get("service") if scope else None)
    rules = rules_for(row, named, *switches)
    signature = claim.signature if claim else server.signature if server else None
    bucket = options.get("bucket")
    case = Case(plain, row, rules, claim, server, access_key_id, signature, None, region, service, bucket)
    stamp = claim.stamp if claim else _said_stamp(request, row, server, at)
    if scope is not None and stamp is not None:
        case.view = _view(case, stamp, scope)
    return case


def _view(case: Case, stamp: str, scope: "tuple[str, ...]") -> View:
    request, rules = case.request, case.rules
    path, query = target.split(request.target)
    pairs = tuple(split_pairs(query, rules))
    for pair in pairs:
        encode_pair(pair, rules)  # for its refusal of a stray '%'
    headers = joined_headers(request.headers, rules.values)
    return View(
        method=request.method,
        stem=bucket_stem(request.host, case.row, case.bucket) if case.row.bucket_in else "",
        path=canonical_path(path, rules),
        pairs=pairs,
        encoding=lambda pair: encode_pair(pair, rules),
        order=lambda found: order_pairs(found, rules),
        headers=headers,
        signed=tuple(case.claim.signed) if case.claim else _said_signed(case, headers),
        implicit=case.row.implicit if case.row.listing else (),
        payload=payload_line(_payload(case), case.row),
        stamp=stamp,
        scope=scope,
        key_scope=scope,
        owner=0,
    )


def _payload(case: Case) -> str:
    """Return what the service takes for the payload hash."""
    values = case.request.values(case.row.content_sha256)
    if values:
        return values[0].strip(" \t")
    claim = case.claim
    implied = case.row.payload if claim is None else case.row.implies(claim.scope.part("service"), claim.in_query)
    if implied == "unsigned":
        return case.row.unsigned
    if case.request.payload_hash is not None:
        return case.request.payload_hash
    theirs = split_canonical(case.server.canonical_request) if case.server and case.server.canonical_request else None
    return theirs.payload if theirs else BODY_UNKNOWN


def _said_lines(server: "ServerError | None") -> "list[str]":
    """Return the lines of the string to sign that the other side gave: four, or none."""
    lines = (server.string_to_sign or "").rstrip("\n").split("\n") if server is not None else []
    return lines if len(lines) == 4 else []


def _said_scope(
    row: Derived, server: "ServerError | None", at: "datetime | None", region: "str | None", service: "str | None"
) -> "tuple[str, ...] | None":
    lines = _said_lines(server)
    if lines:
        try:
            scope = parse_scope(lines[2], row.chain)
        except InputError:
            return None
        return scope.values if scope.level == "signing" else None
    said = {"region": region, "service": service}
    values = [said[name] for name in row.chain.parts[1:]]
    if at is None or None in values:
        return None
    day = row.chain.format_day(at.astimezone(UTC).date())
    return parse_scope("/".join([day, *[str(value) for value in values], row.chain.terminator]), row.chain).values


def _said_stamp(request: Request, row: Derived, server: "ServerError | None", at: "datetime | None") -> "str | None":
    own = request.values(row.date)
    if own and row.parse_stamp(own[0]) is not None:
        return own[0]
    lines = _said_lines(server)
    if lines:
        return lines[1]
    return None if at is None else row.format_stamp(at)


def _filled(request: Request, row: Derived, server: "ServerError") -> Request:
    """Return an unsigned request with what signing adds, as the other side gave it."""
    theirs = split_canonical(server.canonical_request) if server.canonical_request else None
    if theirs is None:
        return request
    own = {name.lower() for name, _ in request.headers}
    added = [
        (name, value)
        for name, value in theirs.headers
        if name not in own and name in (row.date, row.content_sha256, row.security_token)
    ]
    pairs = [pair for pair in theirs.query.split("&") if pair.lower().startswith(row.prefix)]
    if pairs and row.prefix not in target.split(request.target)[1].lower():
        mark = "&" if "?" in request.target else "?"
        request = request.with_target(request.target + mark + "&".join(pairs))
    return request.with_headers((*request.headers, *added))


def _said_signed(case: Case, headers: "dict[str, str]") -> "tuple[str, ...]":
    server = case.server
    theirs = split_canonical(server.canonical_request) if server and server.canonical_request else None
    if theirs is not None:
        return tuple([name for name, _ in theirs.headers] if case.row.implicit else theirs.signed.split(";"))
    names = sorted(set(headers) - NEVER_SIGNED)
    return tuple([name for name in names if not case.row.signed or is_among(name, case.row.signed)])
