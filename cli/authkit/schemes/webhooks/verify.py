"""Did the holder of one of the keys send this webhook, and just now?"""

from datetime import datetime, timedelta

from authkit import base64
from authkit.clock import UTC, format_instant, later, parse_stamp
from authkit.errors import InputError, Refused, Rejected, UsageError
from authkit.keys.access import AccessKey
from authkit.messages.request import Request, check_request
from authkit.schemes.base import Claimed, Verified, Verifier
from authkit.schemes.webhooks.format import Format, message_bytes
from authkit.schemes.webhooks.proof import Proof, decode_hex, proof_for
from authkit.schemes.webhooks.sign import id_fault, own_headers, parts_of, watch_body

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from authkit.keys.select import Key

DEFAULT_TOLERANCE = 300
MAX_TOLERANCE = 900
MAX_SIGNATURES = 32


class Claim:
    """What a webhook's headers say; nothing of it is verified.

    Attributes:
        id: the identifier; "" for a format without one.
        timestamp: the time as written; "" for a format without time.
        at: the same, aware UTC, whole seconds; None without.
        signatures: (what would have made it, the bytes), in order.
        others: whether the header holds something that is not of this format, such as a signature of a version that
            is not read.
    """

    __slots__ = ("id", "timestamp", "at", "signatures", "others")

    def __init__(self) -> None:
        self.id = ""
        self.timestamp = ""
        self.at: "datetime | None" = None
        self.signatures: "list[tuple[str, bytes]]" = []
        self.others = False


def verifier(keys: "list[Key]", options: "Any", form: Format) -> Verifier:
    """Return what verifies webhooks of one kind.

    Args:
        keys: any of them may have signed, since no header says which.
        options: `tolerance`, seconds, None for 300, where the format has a time; `scheme_override`.
        form: the kind of webhook.

    Raises:
        UsageError: if the tolerance is none.
        InputError: if a secret is not written as the format wants it.
    """
    given: "int | None" = getattr(options, "tolerance", None)
    tolerance = DEFAULT_TOLERANCE if given is None else given
    if not 0 <= tolerance <= MAX_TOLERANCE:
        raise UsageError(f"--tolerance {tolerance} is not 0 to {MAX_TOLERANCE} seconds")
    proofs, other = usable(keys, form, options.scheme_override)

    def judge(request: Request, at: datetime) -> Verified:
        check_request(request)
        claim = Claim()
        try:
            return _judge(request, claim, at)
        except Rejected as rejected:
            rejected.claim = Claimed("", "", claim.at)
            raise

    def _judge(request: Request, claim: Claim, at: datetime) -> Verified:
        # (1) the headers; (2) clock; (3) keys; (4) body and signature
        read_claim(request, form, claim)
        until = check_clock(claim, tolerance, at)
        if not proofs:
            raise other or Rejected("unknown-access-key", f"no key at hand is one for {form.name}")
        found = check_signatures(request, claim, proofs, form)
        return _verdict(request, claim, found, until, form)

    return Verifier(judge, lambda request, at: watch_body(form))


def usable(keys: "list[Key]", form: Format, override: bool) -> "tuple[list[Proof], Rejected | None]":
    """Return the keys that may have signed; and, if there is none, why the last was not one."""
    proofs, other = [], None
    for key in keys:
        try:
            proofs.append(proof_for(key, form, override))
        except Refused:
            # a verifier's folder of keys holds those of other schemes, too
            if isinstance(key, AccessKey) and key.scheme not in (None, form.name):
                other = Rejected("other-scheme", f"{key.scheme} and {form.name}", "--scheme-override insists")
    return proofs, other


def read_claim(request: Request, form: Format, claim: Claim) -> None:
    """Read the headers of a webhook into *claim*.

    Raises:
        Rejected: no-signature, duplicate-header, signed-header-missing, date-missing, date-format, algorithm,
            signature-format, duplicate-parameter.
    """
    if not request.values(form.carrier.lower()):
        raise Rejected("no-signature", f"no {form.carrier}")
    for name in own_headers(form):
        if len(request.values(name.lower())) > 1:
            raise Rejected("duplicate-header", name)
    for name, item in form.headers:
        values = request.values(name.lower())
        if not values:
            raise Rejected("date-missing" if item.value == "timestamp" else "signed-header-missing", f"no {name}")
        text = item.read(values[0].strip(" \t"))
        if text is None:
            raise Rejected("signature-format", f"{name} {values[0][:64]!r}")
        _take(claim, item.value, text, form)
    _read_carrier(request.values(form.carrier.lower())[0].strip(" \t"), form, claim)


def _read_carrier(value: str, form: Format, claim: Claim) -> None:
    """Read the header that holds the signatures."""
    seen = set()
    for text in value.split(form.separator) if form.separator else [value]:
        found = next(((item, part) for item in form.items if (part := item.read(text)) is not None), None)
        if found is None:
            claim.others = True
            continue
        item, part = found
        if item.algorithm:
            claim.signatures.append((item.algorithm, parse_signature(part, item.algorithm, form)))
            if len(claim.signatures) > MAX_SIGNATURES:
                raise Rejected("signature-format", f"more than {MAX_SIGNATURES} signatures")
        elif item.value in seen:
            raise Rejected("duplicate-parameter", f"{item.before}{item.after} in {form.carrier}")
        else:
            seen.add(item.value)
            _take(claim, item.value, part, form)
    if not claim.signatures:
        wanted = " or ".join([repr(item.fill("…")) for item in form.items if item.algorithm])
        raise Rejected("algorithm", f"{value[:64]!r} holds no {wanted}")
    for item in form.items:
        if not item.algorithm and item.value not in seen:
            reason = "date-missing" if item.value == "timestamp" else "signed-header-missing"
            raise Rejected(reason, f"{item.fill('…')!r} in {form.carrier}")


def _take(claim: Claim, value: str, text: str, form: Format) -> None:
    if value == "id":
        fault = id_fault(text, form)
        if fault:
            raise Rejected("signature-format", f"the identifier {text[:64]!r} {fault}")
        claim.id = text
        return
    claim.timestamp = text
    claim.at = parse_time(text, form)
    if claim.at is None:
        raise Rejected("date-format", f"{text[:32]!r}")


def parse_time(text: str, form: Format) -> "datetime | None":
    """Return the instant that *text* is in the format's way; None if it is none."""
    if form.timestamp == "rfc3339":
        return parse_stamp(text)
    if not (text.isascii() and text.isdigit()) or len(text) > 15 or (text[0] == "0" and text != "0"):
        return None
    seconds = int(text) // 1000 if form.timestamp == "unix-ms" else int(text)
    return datetime.fromtimestamp(seconds, UTC) if seconds < 253402300800 else None


def parse_signature(text: str, algorithm: str, form: Format) -> bytes:
    """Return the bytes of a signature.

    Raises:
        Rejected: signature-format.
    """
    if form.encoding == "hex":
        found = decode_hex(text)
    else:
        found = base64.decode(text) if form.encoding == "base64" else base64.decode_url(text)
    size = {"hmac-sha1": 20, "hmac-sha256": 32, "hmac-sha384": 48}.get(algorithm, 64)
    if found is None or len(found) != size:
        raise Rejected("signature-format", f"{text[:128]!r} is not {size} bytes in {form.encoding}")
    return found


def check_clock(claim: Claim, tolerance: int, at: datetime) -> "datetime | None":
    """Return the last second at which the webhook is accepted, both bounds inclusive (A3); None for always (S27).

    Raises:
        Rejected: not-yet-valid, expired.
    """
    if claim.at is None:
        return None
    if claim.at - at > timedelta(seconds=tolerance):
        raise Rejected("not-yet-valid", f"it is dated {format_instant(claim.at)} and now is {format_instant(at)}")
    until = later(claim.at, tolerance)
    if at > until:
        raise Rejected("expired", f"it was good until {format_instant(until)} and now is {format_instant(at)}")
    return until


def claimed_message(request: Request, claim: Claim, form: Format) -> bytes:
    """Return the text that must have been signed.

    Raises:
        Rejected: body-unavailable.
    """
    try:
        parts = parts_of(request, form)
    except InputError as error:
        raise Rejected("body-unavailable") from error
    known = {"id": claim.id.encode("ascii"), "timestamp": claim.timestamp.encode("ascii")}
    return message_bytes(form, {**known, **parts})


def check_signatures(request: Request, claim: Claim, proofs: "list[Proof]", form: Format) -> Proof:
    """Return the key that made one of the signatures.

    Raises:
        Rejected: body-unavailable, algorithm, signature-mismatch.
    """
    message = claimed_message(request, claim, form)
    for proof in proofs:
        if proof.agrees(message, [made for algorithm, made in claim.signatures if algorithm == proof.algorithm]):
            return proof
    made, held = {algorithm for algorithm, _ in claim.signatures}, {proof.algorithm for proof in proofs}
    if not made & held:
        raise Rejected("algorithm", f"signed with {' '.join(sorted(made))}, the keys are for {' '.join(sorted(held))}")
    raise Rejected("signature-mismatch")


def _verdict(request: Request, claim: Claim, proof: Proof, until: "datetime | None", form: Format) -> Verified:
    covered: "list[str]" = []
    uncovered: "list[str]" = []
    for name in ("method", "path", "query"):
        used = form.uses("method" if name == "method" else "target")
        (covered if used else uncovered).append(name)
    if not request.parts[1] and "query" in uncovered:
        uncovered.remove("query")
    own = {name.lower() for name in own_headers(form)}
    covered += sorted({name.lower() for name, _ in form.headers})
    uncovered += sorted(request.grouped.keys() - own)
    return Verified(
        form.name,
        proof.access_key_id,
        "",
        claim.at,
        until,
        (*covered, "body"),
        tuple(uncovered),
        ("other-signatures",) if claim.others else (),
        {"webhook_id": claim.id} if claim.id else None,
    )
