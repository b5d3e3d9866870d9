"""What does one RFC 9421 signature cost in process, against http-message-signatures, and one verification?"""

import hashlib
from datetime import datetime, timezone
from pathlib import Path
from types import SimpleNamespace

from http_message_signatures import HTTPMessageSigner, HTTPMessageVerifier, HTTPSignatureKeyResolver, algorithms
from pairs import Row, ratio, seconds_a_call

from authkit.keys.access import AccessKey
from authkit.messages.payload import hash_bytes
from authkit.messages.request import Request
from authkit.schemes.base import SignJob
from authkit.schemes.rfc9421 import SCHEME, SIGN_OPTIONS, VERIFY_OPTIONS
from authkit.secret import Secret

KEYID, SECRET = "k1", bytes(range(32))
BODY = b'{"hello": "world"}'
URL = "https://api.example.com/v1/items?a=1&b=two"
COVER = ("@method", "@authority", "@path", "@query", "content-type", "content-digest", "content-length", "date")
HEADERS = {
    "Host": "api.example.com",
    "Date": "Tue, 24 Nov 2026 09:00:00 GMT",
    "Content-Type": "application/json",
    "Content-Length": str(len(BODY)),
    "Content-Digest": "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:",
}
AT = datetime.now(timezone.utc).replace(microsecond=0)


class Keys(HTTPSignatureKeyResolver):
    def resolve_public_key(self, key_id):
        return SECRET

    def resolve_private_key(self, key_id):
        return SECRET


def peer_request(headers=HEADERS):
    return SimpleNamespace(method="POST", url=URL, headers=dict(headers))


def peer_works():
    """Return two works of the peer: to sign eight components, and to verify them and the digest of the body."""
    hmac = algorithms.HMAC_SHA256
    signer = HTTPMessageSigner(signature_algorithm=hmac, key_resolver=Keys())
    verifier = HTTPMessageVerifier(signature_algorithm=hmac, key_resolver=Keys())

    def sign():
        request = peer_request()
        signer.sign(request, key_id=KEYID, covered_component_ids=COVER, use_existing_digest=True)
        return request

    signed = sign()

    def verify():
        return verifier.verify(signed, body=BODY)

    return sign, verify


def options(rows, **changes):
    names = {row[0].lstrip("-").replace("-", "_"): row[4] for row in rows}
    return SimpleNamespace(**{**names, "body_unchecked": False, **changes})


def authkit_works():
    """Return the same two works of authkit; the body is hashed where the peer hashes it, which is to verify."""
    keys = [AccessKey(KEYID, Secret(SECRET), raw=True)]
    given = options(SIGN_OPTIONS, cover=COVER, alg="hmac-sha256", no_nonce=True)
    headers = tuple(HEADERS.items())
    target, hashed = "/v1/items?a=1&b=two", hash_bytes(BODY)

    def nonce(count):
        return bytes(count)

    def sign():
        request = Request("POST", target, headers, hashed, len(BODY))
        return SCHEME.sign(SignJob(request, keys, given, AT, nonce)).request

    carried = sign().headers
    verifier = SCHEME.verifier(keys, options(VERIFY_OPTIONS))

    def verify():
        request = Request("POST", target, carried, hashlib.sha256(BODY).hexdigest(), len(BODY))
        return verifier.judge(request, AT)

    return sign, verify


def rows(folder: Path) -> list[Row]:
    """Measure."""
    (sign, verify), (peer_sign, peer_verify) = authkit_works(), peer_works()
    found = seconds_a_call({"sign": sign, "verify": verify, "peer sign": peer_sign, "peer verify": peer_verify})
    what = "RFC 9421 HMAC {} in process / http-message-signatures"
    return [
        Row(what.format("signature"), 0.06, 0.03, ratio(found, "sign", "peer sign")),
        Row(what.format("verification"), 0.6, 0.4, ratio(found, "verify", "peer verify")),
    ]


if __name__ == "__main__":
    print(*rows(Path()), sep="\n")
