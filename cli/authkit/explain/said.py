"""What is already told by the server's own words?"""

from datetime import datetime, timedelta

from authkit.explain.causes import ADVICE
from authkit.explain.diff import CANONICAL, TO_SIGN, Difference

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.explain.case import Case
    from authkit.explain.server import ServerError
    from authkit.schemes.claim import Claim

CLOCK_CODES = ("RequestTimeTooSkewed", "RequestExpired", "AuthFailure.SignatureExpire", "InvalidTimestamp")
CLOCK_WORDS = ("Signature expired", "Signature not yet current", "Request has expired", "Request is not valid yet")
SCOPE_WORDS = ("Credential should be scoped", "must be scoped to a valid region", "Date in Credential scope")
TOKEN_CODES = ("ExpiredToken", "ExpiredTokenException", "InvalidToken", "TokenRefreshRequired")
ID_CODES = (
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "AuthFailure",
    "AuthFailure.SecretIdNotFound",
    "InvalidAccessKey",
)
NO_SIGNATURE_CODES = ("MissingAuthenticationToken", "MissingAuthenticationTokenException")
HASH_CODES = ("XAmzContentSHA256Mismatch", "XAmzContentChecksumMismatch")
UNSIGNED_WORDS = ("headers present in the request which were not signed", "must be a 'SignedHeader'")
# AWS marks temporary keys so; they are nothing without their session token
TEMPORARY = "ASIA"
MAX_SKEW = timedelta(seconds=900)


def read_words(case: "Case", server: "ServerError") -> "Difference | None":
    """Return what the server's error says by its name or its sentence; None if it only says that signatures differ."""
    message, code = server.message or "", server.code or ""
    if code in CLOCK_CODES or any(word in message for word in CLOCK_WORDS):
        return _clock(case, server)
    if server.headers:
        return _headers(server, message)
    if any(word in message for word in UNSIGNED_WORDS):
        return Difference(
            CANONICAL,
            None,
            "",
            "",
            "signed-headers",
            f"the server wants more headers signed: {ADVICE['signed-headers']}",
        )
    if code in HASH_CODES or "'x-amz-content-sha256' header does not match" in message:
        return _payload(case, server)
    if code in TOKEN_CODES or "security token included in the request is expired" in message:
        return _token(
            case, "the session is over or its token is damaged: get new temporary keys, and send all three values"
        )
    if code in ID_CODES or "security token included in the request is invalid" in message:
        return _unknown_id(case)
    if code in NO_SIGNATURE_CODES or "Missing Authentication Token" in message:
        return _no_signature(case)
    return _scope(case, server, message)


def check_clock(case: "Case", claim: "Claim", at: datetime) -> "Difference | None":
    """Return the difference between the request's instant and the server's, if a server would refuse it.

    Args:
        at: the server's instant, aware UTC.
    """
    life = MAX_SKEW if claim.expires is None else timedelta(seconds=claim.expires)
    if -MAX_SKEW <= at - claim.at <= life:
        return None
    return _instants(case, claim.stamp, at)


def _clock(case: "Case", server: "ServerError") -> Difference:
    stamp = case.view.stamp if case.view else server.request_time or ""
    return _instants(case, stamp, server.server_time)


def _instants(case: "Case", stamp: str, at: "datetime | None") -> Difference:
    theirs = case.row.format_stamp(at) if at is not None else ""
    sent = case.row.parse_stamp(stamp)
    lifetime = case.claim.expires if case.claim else None
    if lifetime is not None and (sent is None or at is None or at > sent):
        sentence = (
            f"the presigned URL was good for {lifetime} seconds: make a new one, if need be with a longer --expires"
        )
    elif sent is None or at is None:
        sentence = (
            "the server's clock and the request's date are too far apart: set the clock, and send soon after signing"
        )
    else:
        side = "before" if at > sent else "after"
        away = int(abs((at - sent).total_seconds()))
        sentence = (
            f"the request is dated {away} seconds {side} the server's clock: set the clock, and send soon after signing"
        )
    return Difference(TO_SIGN, 2, stamp, theirs, "time", sentence)


def _headers(server: "ServerError", message: str) -> Difference:
    names = ", ".join(server.headers)
    if "Missing required header" in message:
        return Difference(
            CANONICAL,
            None,
            "",
            names,
            "header-missing",
            f"the server wants the header {names} as well: send it, and sign it",
        )
    sentence = f"the signature must cover {names} too: add it before signing, or do not send it"
    return Difference(CANONICAL, None, "", names, "signed-headers", sentence)


def _payload(case: "Case", server: "ServerError") -> Difference:
    line = len(case.view.signed) + 6 if case.view else None
    ours = case.view.payload if case.view else ""
    sentence = "the body that arrived is not the one whose hash is signed: send the same bytes, and hash them last"
    return Difference(CANONICAL, line, ours, server.payload_hash or "", "payload-hash", sentence)


def _token(case: "Case", sentence: str) -> Difference:
    name = case.row.security_token
    view = case.view
    line = view.signed.index(name) + 4 if view is not None and name in view.signed else None
    token = case.claim.token if case.claim else None
    return Difference(CANONICAL, line, f"{name}:{token}" if token else "", "", "token", sentence)


def _unknown_id(case: "Case") -> Difference:
    name = case.access_key_id or "the access key ID"
    if case.claim is not None and case.claim.token is not None:
        sentence = (
            f"the server does not know {name} with this session token: get new temporary keys, and use all three values"
        )
        return _token(case, sentence)
    if name.startswith(TEMPORARY):
        return _token(case, f"{name} is a temporary key, and the request has no session token: send it, and sign it")
    sentence = (
        f"the server does not know {name}: use a key of this server's account, and check the endpoint and partition"
    )
    return Difference("signature", None, "", "", "secret", sentence)


def _no_signature(case: "Case") -> Difference:
    if case.claim is None:
        return Difference(
            "authorization", None, "", "", "signed-headers", "the request arrived without a signature: sign it"
        )
    sentence = (
        "the request arrived without its signature, or the API has no such path and method: check the URL, the method "
        "and the stage, and whether a redirect or a proxy took the Authorization header away"
    )
    return Difference("authorization", None, "", "", "unknown", sentence)


def _scope(case: "Case", server: "ServerError", message: str) -> "Difference | None":
    scope = case.view.scope if case.view else ()
    said = {"date": server.day, "region": server.region, "service": server.service}
    for index, name in enumerate(case.row.chain.parts):
        wanted = said.get(name)
        if wanted and scope[index : index + 1] != (wanted,):
            word = "day" if name == "date" else name
            theirs = "/".join((*scope[:index], wanted, *scope[index + 1 :]))
            sentence = f"the server wants the {word} {wanted} in the credential scope: sign for it"
            return Difference(TO_SIGN, 3, "/".join(scope), theirs, "scope", sentence)
    if any(word in message for word in SCOPE_WORDS):
        return Difference(
            TO_SIGN, 3, "/".join(scope), "", "scope", f"the server is of another region or service: {ADVICE['scope']}"
        )
    return None
