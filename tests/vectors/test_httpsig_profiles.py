"""Are the signed messages that the profiles' own specifications print accepted, and made again to the byte?

Sources: draft-ietf-wimse-http-signature (6 August 2026), "Example Requests and Responses", with its keys;
draft-ietf-webbotauth-httpsig-protocol-01, appendix "Test Vectors", with the keys of RFC 9421 B.1.2 and B.1.4.
"""

import json
from datetime import datetime, timedelta
from hashlib import sha256, sha512
from pathlib import Path
from typing import Any

import pytest

from authkit.base64 import decode_url
from authkit.clock import UTC
from authkit.errors import Rejected
from authkit.keys.prove import PublicKey, load_private, load_public, thumbprint
from authkit.messages.request import Request
from authkit.messages.response import Response
from authkit.schemes import rfc9421
from authkit.schemes.base import SignJob
from httpsigs import random, to_sign, to_verify

# WIMSE
SVC_A = {"crv": "Ed25519", "kty": "OKP", "x": "ZjlVT4COsCkQO9HIo6tDWAXayQ0MymoFUKJRIQ7S8R8"}
SVC_A_D = "HQdG2ekHF4COyoHNYvCh2fMHhIaKvkrStjmyfndFyGI"
SVC_B = {"crv": "Ed25519", "kty": "OKP", "x": "lBtLS8cNt_7pWsdi2xgx760lWpzEvqYe2DpSk9ELH2w"}
WIT_A = (
    "eyJhbGciOiJFZERTQSIsImtpZCI6Imlzc3Vlci1rZXkiLCJ0eXAiOiJ3aXQrand0In0.eyJjbmYiOnsiandrIjp7ImFsZyI6IkVkRFNBIiwiY3J2I"
    "joiRWQyNTUxOSIsImtpZCI6InN2Yy1hLWtleSIsImt0eSI6Ik9LUCIsIngiOiJaamxWVDRDT3NDa1FPOUhJbzZ0RFdBWGF5UTBNeW1vRlVLSlJJUTd"
    "TOFI4In19LCJleHAiOjE3ODUxNTYwOTcsImlhdCI6MTc4NTE1NTc5NywiaXNzIjoiaHR0cHM6Ly9leGFtcGxlLmNvbS9pc3N1ZXIiLCJqdGkiOiJ3a"
    "XQtMTc4NTE1NTc5NzIxNjU0NTcxOSIsInN1YiI6IndpbXNlOi8vZXhhbXBsZS5jb20vc3ZjQSJ9.BqJfcsbrYlS9GSQ7NpFBBVz4CeszShqleIyr2s"
    "Snd0Ic6l2HXX27giZcdAOGnXjtv_7h-9vV16GZbVcrQt6hCg"
)
WIT_B = (
    "eyJhbGciOiJFZERTQSIsImtpZCI6Imlzc3Vlci1rZXkiLCJ0eXAiOiJ3aXQrand0In0.eyJjbmYiOnsiandrIjp7ImFsZyI6IkVkRFNBIiwiY3J2I"
    "joiRWQyNTUxOSIsImtpZCI6InN2Yy1iLWtleSIsImt0eSI6Ik9LUCIsIngiOiJsQnRMUzhjTnRfN3BXc2RpMnhneDc2MGxXcHpFdnFZZTJEcFNrOUV"
    "MSDJ3In19LCJleHAiOjE3ODUxNTYwOTksImlhdCI6MTc4NTE1NTc5OSwiaXNzIjoiaHR0cHM6Ly9leGFtcGxlLmNvbS9pc3N1ZXIiLCJqdGkiOiJ3a"
    "XQtMTc4NTE1NTc5NzIxNjY3MDUxOCIsInN1YiI6IndpbXNlOi8vZXhhbXBsZS5jb20vc3ZjQiJ9.HIAU2288ryXoym1M9fnKZqd0p2Vl7spOh-FY2j"
    "CFY-05H74-WPUFWrg5lH5f2rHl47TfxEGri3fmMP4zhYzeAw"
)
WIMSE_AT = datetime.fromtimestamp(1785155797, UTC)
WIMSE_INPUT = (
    'wimse=("@method" "@request-target" "workload-identity-token");created=1785155797;expires=1785156097;'
    'nonce="abcd1111";tag="wimse-workload-to-workload";wimse-aud="https://svcb.example.com/gimme-ice-cream";'
    "wimse-sign-response"
)
WIMSE_SIGNATURE = "wimse=:zSK+kx5EnoZct9FZ6LMYzfx0mk32oI/hHpB7y4rgHxkRDcAA72yBW5xgzA03nKviXLjL7nphq840Uwznp6IKAw==:"
UNSIGNED = (("Host", "svcb.example.com"), ("Workload-Identity-Token", WIT_A))
CALL = Request(
    "GET",
    "/gimme-ice-cream?flavor=vanilla",
    (*UNSIGNED, ("Signature", WIMSE_SIGNATURE), ("Signature-Input", WIMSE_INPUT)),
)
BODY = b"No ice cream today.\n\n"
REPLY_HEADERS = (
    ("Connection", "close"),
    ("Content-Digest", "sha-256=:UHKweBl9cpjdVqgTB65El8SexXlJYGG+XIslAYqC1mY=:"),
    ("Content-Type", "text/plain"),
    ("Workload-Identity-Token", WIT_B),
    ("Signature", "wimse=:57ZChndLoz5toS+/0RGeQJG53gLrZD/bBterOWnHF1vb0cdceeUOKH/t4A+/bvquC/0VCb5DYFRdFNz4CW8yBQ==:"),
    (
        "Signature-Input",
        'wimse=("@status" "workload-identity-token" "content-type" "content-digest" "@method";req '
        '"@request-target";req);created=1785155797;expires=1785156099;nonce="abcd2222";tag="wimse-workload-to-workload";'
        'wimse-req-nonce="abcd1111"',
    ),
)


def reply(related: "Request | None" = CALL) -> Response:
    return Response(404, REPLY_HEADERS, sha256(BODY).hexdigest(), len(BODY), "Not Found", related=related)


def public(jwk: dict[str, str], id: "str | None" = None) -> PublicKey:
    return load_public(json.dumps(jwk).encode(), "jwk", id)


def judge(message: Any, key: Any, at: datetime, profile: str, **options: Any) -> Any:
    return rfc9421.verifier([key], to_verify(profile=profile, **options)).judge(message, at)


def rejected(*args: Any, **options: Any) -> tuple[str, str]:
    with pytest.raises(Rejected) as caught:
        judge(*args, **options)
    return caught.value.reason, caught.value.detail


def test_the_request_of_wimse() -> None:
    found = judge(CALL, public(SVC_A), WIMSE_AT, "wimse")
    assert found.covered == ("@method", "@request-target", "workload-identity-token")
    assert found.uncovered == ("@authority", "host")
    assert found.warnings == (
        "authority-not-compared",
        "workload-identity-token-not-verified",
        "keyid-not-compared",
    )
    assert found.replayable_until == WIMSE_AT + timedelta(seconds=300)
    assert (found.more["label"], found.more["nonce"]) == ("wimse", "abcd1111")
    assert found.access_key_id == thumbprint(public(SVC_A))


def test_the_request_of_wimse_is_made_again() -> None:
    raw = decode_url(SVC_A_D)
    assert raw is not None
    key = load_private(bytes.fromhex("302e020100300506032b657004220420") + raw, "svc-a")
    asked = to_sign(profile="wimse", nonce="abcd1111", param=("wimse-sign-response",))
    made = rfc9421.sign(SignJob(CALL.with_headers(UNSIGNED), [key], asked, WIMSE_AT, random))
    assert made.added == (("Signature-Input", WIMSE_INPUT), ("Signature", WIMSE_SIGNATURE))


def test_the_response_of_wimse() -> None:
    found = judge(reply(), public(SVC_B), WIMSE_AT, "wimse")
    assert found.covered == (
        "@status",
        "workload-identity-token",
        "content-type",
        "content-digest",
        '"@method";req',
        '"@request-target";req',
        "body",
    )
    assert found.more["nonce"] == "abcd2222"


@pytest.mark.parametrize(
    ("message", "key", "options", "found"),
    [
        (CALL, SVC_B, {}, ("signature-mismatch", "")),
        (
            CALL.with_target("/gimme-ice-cream?flavor=lemon"),
            SVC_A,
            {},
            ("signature-mismatch", ""),
        ),
        (
            CALL,
            SVC_A,
            {"require_param": ('wimse-aud="https://other.example"',)},
            ("parameter-mismatch", "wimse-aud is 'https://svcb.example.com/gimme-ice-cream'"),
        ),
        (
            CALL.with_headers((("Host", "svcc.example.com"), *CALL.headers[1:])),
            SVC_A,
            {},
            (
                "parameter-mismatch",
                "wimse-aud is 'https://svcb.example.com/gimme-ice-cream' and not "
                "'https://svcc.example.com/gimme-ice-cream'",
            ),
        ),
        (reply(None), SVC_B, {}, ("request-unavailable", '"@method";req')),
        (reply(CALL.with_headers(UNSIGNED)), SVC_B, {}, ("parameter-mismatch", "")),
        (reply(), SVC_A, {}, ("signature-mismatch", "")),
    ],
)
def test_wimse_for_anything_else(message: Any, key: dict[str, str], options: Any, found: tuple[str, str]) -> None:
    reason, detail = rejected(message, public(key), WIMSE_AT, "wimse", **options)
    assert (reason, detail if found[1] else "") == found


def test_wimse_within_its_time() -> None:
    assert rejected(CALL, public(SVC_A), WIMSE_AT + timedelta(seconds=301), "wimse")[0] == "expired"
    assert judge(CALL, public(SVC_A), WIMSE_AT + timedelta(seconds=300), "wimse").signed_at == WIMSE_AT


# Web Bot Auth

ED25519 = {"crv": "Ed25519", "kty": "OKP", "x": "JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs"}
ED25519_ID, RSA_ID = "poqkLGiymh_W0uP6PZFw-dvez3QJT5SolqXBCW38r0U", "oD0HwocPBSfpNy5W3bpJeyFGY_IQ_YpqxSjQ3Yd-CLA"
BOT_AT = datetime.fromtimestamp(1735689600, UTC)
FIXED, LEGACY = '"signature-agent";key="sig2"', '"signature-agent"'


def bot(alg: str, keyid: str, component: str, expires: int, nonce: str, signature: str) -> Request:
    agent = '"https://signature-agent.test"'
    given = (
        f'sig2=("@authority" {component});created=1735689600;keyid="{keyid}";alg="{alg}";expires={expires};'
        f'nonce="{nonce}";tag="web-bot-auth"'
    )
    return Request(
        "POST",
        "/foo?param=Value&Pet=dog",
        (
            ("Host", "example.com"),
            ("Signature-Agent", f"sig2={agent}" if component == FIXED else agent),
            ("Signature-Input", given),
            ("Signature", f"sig2=:{signature}:"),
        ),
    )


BOTS = {
    "rsa-pss-sha512": bot(
        "rsa-pss-sha512",
        RSA_ID,
        FIXED,
        4889289600,
        "wcfPQPh7SzkvrIVvhD00vNk9PkxJNY2NVbYl2PVBB4zmUoluSwE7W6bPtF60QA3k8g06FU7PPCD+J58YofY1zg==",
        "iOCCPgZeV5D5KlfZLXIFQOZR2njqFiCMZIrb5HRRLrFZR5Wtpsn7HwbKfWYHqW3dYU7HV/RohjNg7fuyQ1Mdy2J4mya9JnQCZtCcIcOK/LM9Yc6g6Z"
        "Tw0onurllrzEzuNQIFFkBTgPJZlA3rHioFrmDmn+nnN7HaC+it/PA2iGfENHYq9D3Ud7ZeDICmF1s5bsMgc+y+MxTPFQHxOEyhbCDjZbT5yeSkGP1C"
        "zczg7Cpf0Fz/wuF3mJJ7TL1mzQk3PPizXFr/EnjdUWri1/W8M/f93d389BFF+qbkISzAvOHEk5TqOoyrzzotTn3xmYN6SCGTHG42fK4rA4Ei0qCnnA"
        "==",
    ),
    "rsa-pss-sha512, legacy": bot(
        "rsa-pss-sha512",
        RSA_ID,
        LEGACY,
        1735693200,
        "XSHtZVCThSIAksXsH9WBs6AtxtXC0eQGiIcUGSoJstFs8lAWakjhrfwzLhyjtme5iXMZvmFWqDEs6cT3Jf+BbQ==",
        "I1QWNzGXdP1a4dSvOHLCVOOanEYHDk+ZsVxM9MLX/p4ko69ghKwR5EOtAD96g7g4GWP7lmpM/jFAf9q8EFRDTPLjUXySwMv4YPgabv2LQihTJG2y8a"
        "2m6IGltyruwQNiqSJVUuRaG9+b17CGmAMFZh30X6GXLdQJrCARpeTqPwp2DC+a8haDE/VE5EruqzjA5/2mKwvrkzkSqeW5tOVtFwWRRHIOidquf/8J"
        "e6kM9mhgkg4arudLA5SL4wyyYE1jURIgcOl8agrfdJ5Def23DIRtiOLRa8jT9cpTLFAuFHN+mrZA/LH9h0gSIg1cPb+0cMASee5uku1KjWcFer7jWA"
        "==",
    ),
    "ed25519": bot(
        "ed25519",
        ED25519_ID,
        FIXED,
        4889289600,
        "n9p433xm+NJ3ph3upfBIGmsuwHw387YV7Q/F+6BSpGCVjYCqQw6rznNA8PVVLySrAWsv0hQtFioQb6E1YsauiA==",
        "CGokAoY/FrPpyuzTe1Fb2kLTAH9Idw6qSFd1+D77r1firsMRCxeuLu5e6O+ek3zQgDMAzjiXtLVfqE00xnABCQ==",
    ),
    "ed25519, legacy": bot(
        "ed25519",
        ED25519_ID,
        LEGACY,
        1735693200,
        "e8N7S2MFd/qrd6T2R3tdfAuuANngKI7LFtKYI/vowzk4lAZYadIX6wW25MwG7DCT9RUKAJ0qVkU0mEeLElW1qg==",
        "jdq0SqOwHdyHr9+r5jw3iYZH6aNGKijYp/EstF4RQTQdi5N5YYKrD+mCT1HA1nZDsi6nJKuHxUi/5Syp3rLWBA==",
    ),
}
DIRECTORY = (
    b'{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"poqkLGiymh_W0uP6PZFw-dvez3QJT5SolqXBCW38r0U",'
    b'"x":"JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs","use":"sig"}]}'
)


def directory(host: str = "signature-agent.test", body: bytes = DIRECTORY) -> Response:
    related = Request("GET", "/.well-known/http-message-signatures-directory", (("Host", host),))
    return Response(
        200,
        (
            ("Content-Digest", "sha-256=:CADMT2aBdV/rqQr/NIru64ERQkCobVvllA4V0fLFDu0=:"),
            (
                "Signature-Input",
                f'binding=("@authority";req "content-digest");created=1735689600;expires=4889289600;'
                f'keyid="{ED25519_ID}";tag="http-message-signatures-directory"',
            ),
            (
                "Signature",
                "binding=:l6P8R67tm3kujAxbHWio7ll01qrEZ0dKD/WWlGhNYEmTnFZM8Wt0VQ9zqGfvo7T/UMkBxsigzChM1Gpz7gOVBg==:",
            ),
        ),
        sha256(body).hexdigest(),
        len(body),
        watched={"sha-512": sha512(body)},
        related=related,
    )


@pytest.fixture
def bot_key(vectors: Path) -> Any:
    """A function from the name of a request to the key that signed it."""
    keys = json.loads((vectors / "rfc9421" / "keys.json").read_text())

    def key(name: str) -> PublicKey:
        row = keys["test-key-ed25519" if name.startswith("ed") else "test-key-rsa-pss"]
        return load_public(row["public_pem"].encode(), "key")

    assert thumbprint(key("rsa")) == RSA_ID
    assert thumbprint(key("ed")) == thumbprint(public(ED25519)) == ED25519_ID
    return key


@pytest.mark.parametrize("name", BOTS)
def test_the_requests_of_web_bot_auth(name: str, bot_key: Any) -> None:
    found = judge(BOTS[name], bot_key(name), BOT_AT, "web-bot-auth")
    assert found.covered == ("@authority", "signature-agent" if "legacy" in name else FIXED)
    assert found.uncovered[:3] == ("@method", "@path", "@query")
    assert found.more["keyid"] == (ED25519_ID if name.startswith("ed") else RSA_ID)
    later = BOT_AT + timedelta(seconds=3600 if "legacy" in name else 86400)
    assert found.replayable_until == later
    assert rejected(BOTS[name], bot_key(name), later + timedelta(seconds=1), "web-bot-auth")[0] == "expired"
    assert rejected(BOTS[name], bot_key("rsa" if name.startswith("ed") else "ed"), BOT_AT, "web-bot-auth")[0] == (
        "algorithm"
    )
    elsewhere = BOTS[name].with_headers((("Host", "example.org"), *BOTS[name].headers[1:]))
    assert rejected(elsewhere, bot_key(name), BOT_AT, "web-bot-auth") == ("signature-mismatch", "")


def test_the_signed_directory_of_web_bot_auth() -> None:
    key = public(ED25519)
    found = judge(directory(), key, BOT_AT, "web-bot-auth")
    assert found.covered == ('"@authority";req', "content-digest", "body")
    assert found.access_key_id == ED25519_ID
    # under another authority, with another key set, or dated in the future, it proves nothing
    assert rejected(directory("evil.test"), key, BOT_AT, "web-bot-auth") == ("signature-mismatch", "")
    assert rejected(directory(body=DIRECTORY[:-1]), key, BOT_AT, "web-bot-auth")[0] == "content-digest-mismatch"
    assert rejected(directory(), key, BOT_AT - timedelta(seconds=1), "web-bot-auth")[0] == "not-yet-valid"
