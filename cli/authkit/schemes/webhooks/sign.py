"""Which headers does a signed webhook carry?"""

from datetime import datetime

from authkit import base64
from authkit.clock import format_instant
from authkit.errors import InputError, Refused, UsageError
from authkit.messages.payload import Kept
from authkit.messages.request import Request
from authkit.schemes.base import Signed, SignJob
from authkit.schemes.webhooks.format import Format, message_bytes
from authkit.schemes.webhooks.proof import proof_for

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.messages.payload import Watcher

MAX_ID = 256


def sign_webhook(job: SignJob, form: Format) -> Signed:
    """Sign the body of a request, and what else the format covers.

    Args:
        job: every key of it signs, where the header takes several signatures; the option `id`, if it is there, is the
            webhook's identifier, None for a random one.
        form: the kind of webhook.

    Returns:
        the request with its headers, and the stages: the text that was signed, by its specification's name, and
        "signature".

    Raises:
        Refused: if the request is signed already, or a key is not of a kind that signs this.
        InputError: if the body is not known, or a secret is not written as the format wants it.
        UsageError: if the options do not fit.

    Source:
        as the format's row says. Deviations: as that says.
    """
    request = job.request
    for name in own_headers(form):
        if request.values(name.lower()):
            raise Refused(f"the request already has the header {name}", "remove it: signing adds it")
    if len(job.keys) > 1 and not form.separator:
        raise UsageError(f"{form.name} has one signature, and there are {len(job.keys)} keys", "give one --key")
    proofs = [proof_for(key, form, job.options.scheme_override) for key in job.keys]
    values = {"timestamp": format_time(job.at, form), "id": _identifier(job, form)}
    known = {name: text.encode("ascii") for name, text in values.items()}
    message = message_bytes(form, {**known, **parts_of(request, form)})
    made = [(proof, format_signature(proof.make(message), form)) for proof in proofs]
    added = [(name, item.fill(values[item.value])) for name, item in form.headers]
    items = []
    for item in form.items:
        if item.algorithm:
            items += [item.fill(text) for proof, text in made if proof.algorithm == item.algorithm]
        else:
            items.append(item.fill(values[item.value]))
    added.append((form.carrier, form.separator.join(items)))
    stages = {form.stage: message.decode("latin-1"), "signature": "\n".join([text for _, text in made])}
    ready = request.with_headers(request.headers + tuple(added))
    return Signed(form.name, proofs[0].access_key_id, "", ready, tuple(added), stages, _warnings(form))


def own_headers(form: Format) -> "tuple[str, ...]":
    """Return the names of the headers that signing adds."""
    return (*[name for name, _ in form.headers], form.carrier)


def watch_body(form: Format) -> "dict[str, Watcher]":
    """Return what must see the body: what keeps it, where the message holds it as it is."""
    return {"body": Kept()} if form.body == "raw" else {}


def parts_of(request: Request, form: Format) -> "dict[str, bytes]":
    """Return what the request itself gives to the message: body, method and target.

    Raises:
        InputError: if the body is not known.
        UsageError: if the format signs method or target, and the request is a body alone.
    """
    if not request.target and (form.uses("method") or form.uses("target")):
        raise UsageError(f"{form.name} signs more of the request than its body", "use sign http")
    if request.payload_hash is None:
        raise InputError("the body is not known, and a webhook's signature is over the body", "give it with --body")
    if form.body == "raw":
        kept = request.watched.get("body")
        if isinstance(kept, Kept):
            body = bytes(kept.data)
        elif request.content_length == 0:
            body = b""
        else:
            raise InputError("the body was not kept", "watch it while it is read")
    else:
        digest = bytes.fromhex(request.payload_hash)
        body = (digest.hex() if form.body == "sha256-hex" else base64.encode(digest)).encode("ascii")
    return {"body": body, "method": request.method.encode("ascii"), "target": request.target.encode("ascii")}


def format_time(at: datetime, form: Format) -> str:
    """Return *at* as the format writes it; "" for a format without time."""
    if form.timestamp == "rfc3339":
        return format_instant(at)
    seconds = int(at.timestamp())
    return {"unix": str(seconds), "unix-ms": f"{seconds}000"}.get(form.timestamp, "")


def format_signature(signature: bytes, form: Format) -> str:
    """Return *signature* as the format writes it."""
    if form.encoding == "hex":
        return signature.hex()
    return base64.encode(signature) if form.encoding == "base64" else base64.encode_url(signature)


def id_fault(text: str, form: Format) -> "str | None":
    """Say what is wrong with an identifier; None if nothing is.

    One that held what stands beside it could be cut elsewhere, and the same signature would be good for another
    identifier, time and body.
    """
    if not 1 <= len(text) <= MAX_ID:
        return f"is not 1 to {MAX_ID} characters"
    if not (text.isascii() and text.isprintable()) or " " in text:
        return "holds a character that an identifier cannot hold"
    beside = form.beside("id")
    if form.separator and any(item.value == "id" for item in form.items):
        beside = (*beside, form.separator)
    for fixed in beside:
        if fixed in text:
            return f"holds {fixed!r}, which marks where it ends"
    return None


def _identifier(job: SignJob, form: Format) -> str:
    """Return the identifier to sign; "" for a format without one."""
    given: "str | None" = getattr(job.options, "id", None)
    if not form.uses("id"):
        if given is not None:
            raise UsageError(f"{form.name} has no identifier", "leave out --id")
        return ""
    if given is None:
        return form.id_prefix + job.random(16).hex()
    fault = id_fault(given, form)
    if fault:
        raise UsageError(f"--id {given[:64]!r} {fault}")
    return given


def _warnings(form: Format) -> "tuple[str, ...]":
    if form.timestamp:
        return ()
    return (f"{form.name} signs no time: whoever sees this request can repeat it for ever",)
