"""DPoP (RFC 9449): a proof of possession for method and URL, in a header of its own."""

from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest

from authkit import base64
from authkit.clock import UTC, format_instant, later
from authkit.errors import InputError, Refused, Rejected, UsageError
from authkit.keys.prove import PrivateKey, PublicKey, load_public, thumbprint
from authkit.messages import target
from authkit.messages.request import Request, check_request
from authkit.schemes import options
from authkit.schemes.base import Claimed, Scheme, Signed, SignJob, Verified, Verifier
from authkit.schemes.demands import MAX_SKEW, check_host, oddities
from authkit.schemes.jws import ALGORITHMS, USUAL, Jws, parse_jws, sign_jws

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from authkit.keys.select import Key

TYPE = "dpop+jwt"
MAX_AGE = 86400
_TOKEN = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/"
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_PRIVATE = frozenset(("d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"))
_LATEST = 253402300799  # 9999-12-31T23:59:59Z

SIGN_OPTIONS = (
    ("--access-token-file", "file", "FILE", "the access token that the request presents; it is sent with it", None),
    ("--nonce", "text", "TEXT", "the nonce that the server gave", None),
    ("--alg", "choice:ES256|ES384|EdDSA|Ed25519|PS256|RS256", "NAME", "the algorithm [PS256 for an RSA key]", None),
)
VERIFY_OPTIONS = (
    ("--jkt", "many", "THUMBPRINT", "the JWK thumbprint of a key that the proof may be made with; repeatable", ()),
    (
        "--access-token-file",
        "file",
        "FILE",
        "the access token that the request must present, already validated by you",
        None,
    ),
    ("--nonce", "text", "TEXT", "the nonce that the proof must carry", None),
    ("--alg", "many", "NAME", "an algorithm to accept, instead of all but RS256; repeatable", ()),
    options.AUTHORITY,
    options.MAX_AGE,
    options.MAX_SKEW,
)


def sign(job: SignJob) -> Signed:
    """Return the request with a DPoP proof.

    Raises:
        Refused: if there is a proof already, another Authorization, or the key is no key pair.
        InputError: if the access token is none.

    Source:
        RFC 9449 §4.2, §7.1.  Deviations: none.  Vectors: the thumbprint and the hash of §4.1 and §7.1.
    """
    request, key, given = job.request, job.keys[0], job.options
    if not isinstance(key, PrivateKey):
        raise Refused("DPoP signs with a key pair", "make one with 'authkit keygen NAME --type p256'")
    if request.values("dpop"):
        raise Refused("the request has a DPoP header already", "remove it")
    if key.type not in USUAL:
        raise Refused(f"DPoP has no algorithm for a key of type {key.type}")
    public = key.public()
    added = _presentation(request, given.access_token_file)
    token = _token_of(request.with_headers((*request.headers, *added)))
    claims: "dict[str, object]" = {
        "jti": base64.encode_url(job.random(16)),
        "htm": request.method,
        "htu": _uri(request),
        "iat": int(job.at.timestamp()),
    }
    if token is not None:
        claims["ath"] = _hash(token)
    if given.nonce is not None:
        claims["nonce"] = given.nonce
    header: "dict[str, object]" = {"typ": TYPE, "alg": given.alg or USUAL[key.type], "jwk": public.numbers}
    proof, jws = sign_jws(header, claims, key)
    added = (*added, ("DPoP", proof))
    return Signed(
        "dpop",
        thumbprint(public),
        "",
        request.with_headers((*request.headers, *added)),
        added,
        _stages(jws),
        bearer=() if token is None else (token,),
    )


def _presentation(request: Request, data: "bytes | None") -> "tuple[tuple[str, str], ...]":
    """Return the Authorization header to add for the access token in *data*."""
    if data is None:
        return ()
    token = read_token(data)
    if not request.values("authorization"):
        return (("Authorization", f"DPoP {token}"),)
    if not _same(_token_of(request), token):
        raise Refused("the request has an Authorization header that does not present the access token", "remove it")
    return ()


def read_token(data: bytes) -> str:
    """Return the access token that a file holds, with or without a line end.

    Raises:
        InputError: if it is none; the text is not shown.

    Source:
        RFC 9110 §11.2, token68. Deviations: none.
    """
    text = data.removesuffix(b"\n").removesuffix(b"\r")
    if not text or text.rstrip(b"=").translate(None, _TOKEN) or not text.rstrip(b"="):
        raise InputError("the access token holds a character that an access token cannot hold")
    return text.decode("ascii")


def _token_of(request: Request) -> "str | None":
    """Return the access token that the request presents under the scheme DPoP; None without one."""
    values = request.values("authorization")
    if len(values) > 1:
        raise Rejected("multiple-authorization")
    text = "".join(values).strip(" \t")
    # some readers end the word at a tab, too
    word = text.replace("\t", " ").partition(" ")[0]
    if word.lower() != "dpop" or word == text:
        return None
    return text[len(word) + 1 :].strip(" ")


def _same(presented: "str | None", token: str) -> bool:
    """Say whether the token that was presented is *token*, in constant time."""
    return presented is not None and compare_digest(presented.encode("latin-1"), token.encode("ascii"))


def _hash(token: str) -> str:
    return base64.encode_url(sha256(token.encode("latin-1")).digest())


def _uri(request: Request) -> str:
    """Return the URI that a proof for *request* names: without query and fragment, in normal form.

    Raises:
        Rejected: target-syntax, for a target that has no such URI.
    """
    if request.target == "*":
        raise Rejected("target-syntax", "a target of '*' has no URL that a proof could name")
    return normal_uri(request.url)


def normal_uri(url: str) -> str:
    """Return an http(s) URL in normal form, without its query and fragment.

    Raises:
        Rejected: target-syntax, userinfo.

    Source:
        RFC 9449 §4.3 step 9; RFC 3986 §6.2.2, §6.2.3.  Deviations: dot segments stay, so that two paths which only
        some servers take for the same are two.
    """
    scheme, authority, tail = target.split_url(url)
    first, *rest = tail.partition("?")[0].split("%")
    path = first
    for piece in rest:
        target.decode("%" + piece[:2])
        char = chr(int(piece[:2], 16))
        path += (char if char in _UNRESERVED else f"%{piece[:2].upper()}") + piece[2:]
    return f"{scheme}://{authority}{path}"


class Policy:
    """What a verifier demands.

    Attributes:
        keys: thumbprints of the keys that a proof may be made with; () leaves it to the access token.
        token: the access token that must be presented; None for any that the proof names.
        bound: the thumbprint in that token's cnf.jkt; None without one.
        nonce: what the proof must carry; None for any.
        algorithms: "alg" values to accept.
        authorities: what Host may be, lower case; () leaves it uncompared.
        max_age, max_skew: seconds.
    """

    __slots__ = ("keys", "token", "bound", "nonce", "algorithms", "authorities", "max_age", "max_skew")

    def __init__(
        self,
        keys: "tuple[str, ...]",
        token: "str | None" = None,
        nonce: "str | None" = None,
        algorithms: "tuple[str, ...]" = (),
        authorities: "tuple[str, ...]" = (),
        max_age: int = 300,
        max_skew: int = 300,
    ) -> None:
        self.keys = keys
        self.token = token
        self.bound = None if token is None else confirmed_key(token)
        self.nonce = nonce
        self.algorithms = algorithms or tuple([name for name in ALGORITHMS if name != "RS256"])
        self.authorities = authorities
        self.max_age = max_age
        self.max_skew = max_skew


def confirmed_key(token: str) -> "str | None":
    """Return the thumbprint of the key that an access token is bound to; None if it is no JWT that says one.

    Args:
        token: as its receiver validated it; nothing of it is verified here.

    Source:
        RFC 9449 §6.1, cnf.jkt. Deviations: none.
    """
    import json

    parts = token.split(".")
    payload = base64.decode_url(parts[1]) if len(parts) == 3 else None
    try:
        found = json.loads(payload or b"0")
    except (ValueError, RecursionError):
        return None
    found = found.get("cnf") if isinstance(found, dict) else None
    found = found.get("jkt") if isinstance(found, dict) else None
    return found if isinstance(found, str) else None


def verifier(keys: "list[Key]", given: "Any") -> Verifier:
    """Return what verifies proofs.

    Raises:
        UsageError: for a key that is no key pair's, a thumbprint or an algorithm that is none, and times out of range.
        InputError: if the access token is none.
    """
    prints = []
    for key in keys:
        public = key.public() if isinstance(key, PrivateKey) else key
        if not isinstance(public, PublicKey):
            raise UsageError("DPoP is verified with a public key", "give its PEM, a certificate, a JWK, or --jkt")
        prints.append(thumbprint(public))
    for text in given.jkt:
        if len(base64.decode_url(text) or b"") != 32:
            raise UsageError(f"--jkt {text[:64]!r} is not a thumbprint: 43 characters of base64url")
    for name in given.alg:
        if name not in ALGORITHMS:
            raise UsageError(f"--alg {name[:64]!r} is none of {' '.join(ALGORITHMS)}")
    policy = Policy(
        (*prints, *given.jkt),
        None if given.access_token_file is None else read_token(given.access_token_file),
        given.nonce,
        given.alg,
        tuple([one.lower() for one in given.authority]),
        _seconds(given.max_age, "--max-age", MAX_AGE),
        _seconds(given.max_skew, "--max-skew", MAX_SKEW),
    )
    return Verifier(lambda request, at: verify(request, policy, at))


def _seconds(value: "int | None", name: str, most: int) -> int:
    if value is None:
        return 300
    if not 0 <= value <= most:
        raise UsageError(f"{name} {value} is not 0 to {most} seconds")
    return value


def verify(request: Request, policy: Policy, at: datetime) -> Verified:
    """Decide whether *request* carries a proof that meets *policy*.

    Args:
        request: untrusted; with one Host.
        at: the verifier's present instant, aware UTC.

    Raises:
        Rejected: no-signature, duplicate-header, proof-syntax, algorithm, key-not-given, key-not-bound,
            host-not-signed, authority-mismatch, method-mismatch, target-mismatch, not-yet-valid, expired,
            nonce-mismatch, access-token-missing, access-token-mismatch, signature-mismatch; those of check_request.

    Source:
        RFC 9449 §4.3, steps 1–12; S26.  Deviations: iat is a whole number of seconds.
    """
    # (1) one header; (2) one well-formed JWT; (3) its claims; (4) typ; (5) alg; (7) no private key in jwk
    check_request(request)
    jws = _read_proof(request)
    key = _read_header(jws, policy)
    issued = _read_claims(jws)
    name = thumbprint(key)
    try:
        _judge(request, jws, name, issued, policy, at)
        # (6) signature
        if not key.verify(ALGORITHMS[str(jws.header["alg"])][0], jws.signing_input, jws.signature):
            raise Rejected("signature-mismatch")
    except Rejected as rejected:
        rejected.claim = Claimed(name, "", issued)
        raise
    return _verdict(request, jws, name, issued, policy)


def _read_proof(request: Request) -> Jws:
    values = request.values("dpop")
    if not values:
        raise Rejected("no-signature", "there is no DPoP header")
    if len(values) > 1:
        raise Rejected("duplicate-header", "dpop")
    return parse_jws(values[0])


def _read_header(jws: Jws, policy: Policy) -> PublicKey:
    """Return the key in a proof's header, after what must be true of the header."""
    from json import dumps

    header = jws.header
    if header.get("typ") != TYPE:
        raise Rejected("proof-syntax", f"its typ is not {TYPE!r}")
    if "crit" in header:
        raise Rejected("proof-syntax", "it names critical members that this verifier does not know")
    name, jwk = header.get("alg"), header.get("jwk")
    if not isinstance(name, str) or name not in policy.algorithms:
        raise Rejected("algorithm", f"{str(name)[:32]!r}")
    if not isinstance(jwk, dict):
        raise Rejected("proof-syntax", "its header holds no key")
    if not _PRIVATE.isdisjoint(jwk):
        raise Rejected("proof-syntax", "its key is a private one")
    try:
        key = load_public(dumps(jwk).encode("ascii"), "the key of the proof")
    except InputError as error:
        raise Rejected("proof-syntax", error.message) from error
    if key.type != ALGORITHMS[name][1] or jwk.get("alg", name) != name or jwk.get("use", "sig") != "sig":
        raise Rejected("algorithm", f"{name} does not go with the key of the proof")
    return key


def _read_claims(jws: Jws) -> datetime:
    """Return when a proof was made, after what must be true of its claims by themselves."""
    for name in ("jti", "htm", "htu"):
        if not isinstance(jws.claims.get(name), str) or not jws.claims[name]:
            raise Rejected("proof-syntax", f"its claim {name} is missing or not text")
    for name in ("ath", "nonce"):
        if not isinstance(jws.claims.get(name, ""), str):
            raise Rejected("proof-syntax", f"its claim {name} is not text")
    issued = jws.claims.get("iat")
    if not isinstance(issued, int) or isinstance(issued, bool) or issued > _LATEST:
        raise Rejected("proof-syntax", "its claim iat is missing or not a whole number of seconds")
    return datetime.fromtimestamp(issued, UTC)


def _judge(request: Request, jws: Jws, name: str, issued: datetime, policy: Policy, at: datetime) -> None:
    # which key it must be (12b, S26); (8) method; (9) URI; (11) time; (10) nonce; (12a) access token
    if not policy.keys and policy.bound is None:
        raise Rejected(
            "key-not-given", hint="give --jkt, --key, or an access token with cnf.jkt by --access-token-file"
        )
    if (policy.keys and name not in policy.keys) or (policy.bound is not None and name != policy.bound):
        raise Rejected("key-not-bound", f"{name}")
    claims = jws.claims
    if claims["htm"] != request.method:
        raise Rejected("method-mismatch", f"{str(claims['htm'])[:32]!r} and {request.method[:32]!r}")
    _check_uri(request, str(claims["htu"]), policy)
    if issued - at > timedelta(seconds=policy.max_skew):
        raise Rejected("not-yet-valid", f"it is dated {format_instant(issued)} and now is {format_instant(at)}")
    until = later(issued, policy.max_age)
    if at > until:
        raise Rejected("expired", f"it was good until {format_instant(until)} and now is {format_instant(at)}")
    if policy.nonce is not None and claims.get("nonce") != policy.nonce:
        raise Rejected("nonce-mismatch")
    _check_token(_token_of(request), claims.get("ath"), policy)


def _check_uri(request: Request, htu: str, policy: Policy) -> None:
    check_host(request, policy.authorities)
    ours = _uri(request)
    try:
        theirs = normal_uri(htu) if target.is_target(htu) else ""
    except Rejected as error:
        raise Rejected("target-mismatch", "its claim htu is no URL") from error
    if ours != theirs:
        raise Rejected("target-mismatch", f"{theirs[:128]!r} and {ours[:128]!r}")


def _check_token(presented: "str | None", ath: object, policy: Policy) -> None:
    if presented is None:
        if ath is not None or policy.token is not None:
            raise Rejected("access-token-missing")
        return
    if policy.token is not None and not _same(presented, policy.token):
        raise Rejected("access-token-mismatch", "the request presents another one than was given")
    if ath != _hash(presented):
        raise Rejected("access-token-mismatch")


def _verdict(request: Request, jws: Jws, name: str, issued: datetime, policy: Policy) -> Verified:
    presented = "ath" in jws.claims
    covered = ["method", "host", "path", *(["authorization"] if presented else [])]
    uncovered = [*(["query"] if request.parts[1] else []), *([] if request.content_length == 0 else ["body"])]
    uncovered += sorted(request.grouped.keys() - {"dpop", *covered})
    warnings = check_host(request, policy.authorities)
    if policy.bound is not None:
        warnings += ("access-token-not-verified",)
    more = {"jkt": name, "jti": jws.claims["jti"]}
    if "nonce" in jws.claims:
        more["nonce"] = jws.claims["nonce"]
    return Verified(
        "dpop",
        name,
        "",
        issued,
        later(issued, policy.max_age),
        tuple(covered),
        tuple(uncovered),
        warnings + oddities(request),
        more,
    )


def stages(request: Request, given: "Any") -> "dict[str, str]":
    """Return the stages of the proof that a request carries; raises Rejected."""
    return _stages(_read_proof(request))


def _stages(jws: Jws) -> "dict[str, str]":
    return {
        "jose-header": jws.header_text.decode("latin-1"),
        "jws-payload": jws.claims_text.decode("latin-1"),
        "jws-signing-input": jws.signing_input.decode("ascii"),
        "signature": base64.encode_url(jws.signature),
    }


SCHEME = Scheme(
    "dpop",
    "dpop",
    (SIGN_OPTIONS, VERIFY_OPTIONS, ()),
    sign,
    verifier,
    stages,
    needs_key=False,
)
