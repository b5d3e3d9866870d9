"""Does authkit derive, sign and verify as the AWS signing suite for SigV4a has it?

Source: awslabs/aws-c-auth 495329c, tests/aws-signing-test-suite/v4a: 38 whole cases, each by header and by query. Its
signatures are random, so each is verified: the one beside the stages, and the one in the signed request.
"""

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key

from asked import asked
from authkit.clock import UTC
from authkit.errors import Rejected
from authkit.keys.access import AccessKey
from authkit.keys.asymmetric import Pair
from authkit.messages.draft import parse_draft
from authkit.schemes.base import Signed, SignJob
from authkit.schemes.sigv4a import ALGORITHM, SCHEME, load_whole
from authkit.secret import Secret

PROJECT = Path(__file__).resolve().parents[2]
VECTORS = Path(os.environ.get("AUTHKIT_VECTORS") or PROJECT.parent / "shared" / "vectors").resolve()
SUITE = VECTORS / "sigv4" / "aws-c-auth" / "v4a"
WHOLE = sorted(path.parent.name for path in SUITE.glob("*/public-key.json"))
# upstream ships the request of these, and no result
INCOMPLETE = {"get-vanilla-query-order-key", "get-vanilla-query-order-value"}
CONTEXT = set(
    "credentials expiration_in_seconds normalize region service sign_body timestamp omit_session_token".split()
)
PLACEMENTS = ("header", "query")
AT = datetime(2015, 8, 30, 12, 36, tzinfo=UTC)


def context_of(case: str) -> "dict[str, Any]":
    context: "dict[str, Any]" = json.loads((SUITE / case / "context.json").read_text())
    assert CONTEXT.issuperset(context), "a context member that this test does not know"
    assert context["timestamp"] == "2015-08-30T12:36:00Z"
    return context


def key_of(case: str) -> AccessKey:
    held = context_of(case)["credentials"]
    token = Secret(held["token"].encode()) if "token" in held else None
    return AccessKey(held["access_key_id"], Secret(held["secret_access_key"].encode()), session_token=token)


def signed(case: str, placement: str) -> Signed:
    context = context_of(case)
    options = asked(
        SCHEME.sign_options,
        region_set=context["region"],
        service=context["service"],
        double_encode=False,
        normalize_path=context["normalize"],
        placement=placement,
        expires=context["expiration_in_seconds"] if placement == "query" else None,
        omit_session_token=context.get("omit_session_token", False),
        payload_header=True if context["sign_body"] and placement == "header" else None,
    )
    request = parse_draft((SUITE / case / "request.txt").read_bytes()).request
    return SCHEME.sign(SignJob(request, [key_of(case)], options, AT, os.urandom))


def said(case: str, placement: str, what: str) -> str:
    return (SUITE / case / f"{placement}-{what}.txt").read_text("utf-8")


@pytest.mark.parametrize("placement", PLACEMENTS)
@pytest.mark.parametrize("case", WHOLE)
def test_stages(case: str, placement: str) -> None:
    found = signed(case, placement)
    for stage in ("canonical-request", "string-to-sign"):
        assert found.stages[stage].encode("latin-1") == said(case, placement, stage).encode(), stage
    public = Pair(load_whole(key_of(case)).public(), ALGORITHM)
    text = found.stages["string-to-sign"].encode()
    assert public.agrees(text, found.stages["signature"])
    assert (found.scheme, found.scope) == ("sigv4a", "20150830/service/aws4_request")


@pytest.mark.parametrize("case", WHOLE)
def test_public_key(case: str) -> None:
    point = json.loads((SUITE / case / "public-key.json").read_text())
    found = load_der_public_key(load_whole(key_of(case)).public().spki)
    assert isinstance(found, ec.EllipticCurvePublicKey)
    numbers = found.public_numbers()
    assert (f"{numbers.x:064x}", f"{numbers.y:064x}") == (point["X"], point["Y"])


def published(case: str, placement: str) -> "tuple[str, str]":
    """Return both signatures of a case."""
    text = said(case, placement, "signed-request")
    mark = "Signature=" if placement == "header" else "X-Amz-Signature="
    return said(case, placement, "signature"), text.split(mark)[1].split()[0]


@pytest.mark.parametrize("placement", PLACEMENTS)
@pytest.mark.parametrize("case", WHOLE)
def test_published_signatures(case: str, placement: str) -> None:
    public = Pair(load_whole(key_of(case)).public(), ALGORITHM)
    text = said(case, placement, "string-to-sign").encode()
    for signature in published(case, placement):
        assert public.agrees(text, signature)
        assert not public.agrees(text + b" ", signature)


def expected_refusal(case: str, placement: str) -> "str | None":
    """Return why a strict verifier refuses a request of the suite whose signature is right."""
    if case == "post-sts-header-after":  # the session token was added behind the signature's back
        return "token-not-signed" if placement == "header" else "signature-mismatch"
    if case.endswith("-normalized") and case != "get-space-normalized":
        return "path-not-normalised"  # S47
    return None


@pytest.mark.parametrize("placement", PLACEMENTS)
@pytest.mark.parametrize("case", WHOLE)
def test_published_requests(case: str, placement: str) -> None:
    """Each signed request is valid to the verifier, and to a verifier in another region it is not."""
    context = context_of(case)
    request = parse_draft((SUITE / case / f"{placement}-signed-request.txt").read_bytes()).request
    options = {"service": "service", "double_encode": False, "normalize_path": context["normalize"]}
    here = asked(SCHEME.verify_options, region="us-east-1", **options)
    if refusal := expected_refusal(case, placement):
        with pytest.raises(Rejected) as caught:
            SCHEME.verifier([key_of(case)], here).judge(request, AT)
        assert caught.value.reason == refusal
        return
    found = SCHEME.verifier([key_of(case)], here).judge(request, AT)
    assert (found.scheme, found.access_key_id, found.more) == ("sigv4a", "AKIDEXAMPLE", {"region_set": "us-east-1"})
    with pytest.raises(Rejected) as caught:
        SCHEME.verifier([key_of(case)], asked(SCHEME.verify_options, region="us-east-2", **options)).judge(request, AT)
    assert caught.value.reason == "scope-region"


def test_count(vectors: Path) -> None:
    """38 cases, twice; a case cannot silently stop running."""
    assert vectors / "sigv4" / "aws-c-auth" / "v4a" == SUITE
    assert {path.name for path in SUITE.iterdir()} - set(WHOLE) == INCOMPLETE
    assert (len(WHOLE), len(WHOLE) * len(PLACEMENTS)) == (38, 76)
    assert sum(len(published(case, one)) for case in WHOLE for one in PLACEMENTS) == 152
    contexts = [context_of(case) for case in WHOLE]
    assert sum(not context["normalize"] for context in contexts) == 7
    assert sum(context.get("omit_session_token", False) for context in contexts) == 1
    assert sum(context["sign_body"] for context in contexts) == 2
    assert sum("token" in context["credentials"] for context in contexts) == 3
