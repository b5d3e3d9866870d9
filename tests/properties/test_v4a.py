"""Does each of authkit and the AWS Common Runtime accept what the other signs with SigV4a, and nothing changed?

Its signatures are random, so they are verified: the peer's over authkit's string to sign with authkit's public key, and
authkit's by the peer's own cryptography (AWS-LC).  The named differences are those of test_differential.py.
"""

import io
import os
import re
from collections.abc import Callable
from hashlib import sha256
from importlib import import_module
from types import ModuleType

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from asked import asked
from authkit.errors import Rejected
from authkit.keys.access import AccessKey
from authkit.keys.asymmetric import Pair
from authkit.messages.payload import hash_bytes
from authkit.messages.request import Request
from authkit.messages.target import is_normal
from authkit.schemes.base import Signed, SignJob
from authkit.schemes.sigv4a import ALGORITHM, SCHEME, load_whole
from authkit.secret import Secret
from properties.test_differential import AT, CASE, EXPIRES, HOST, ID, S3, SECRET, Case, readable_by_awscrt, rewritten

REGIONS = st.sampled_from(["us-east-1", "*", "us-*", "us-east-1,eu-west-1"])
PLACEMENT = st.sampled_from(["header", "query"])
PUBLIC = load_whole(AccessKey(ID, Secret(SECRET.encode()))).public()
CHECK = Pair(PUBLIC, ALGORITHM)


@pytest.fixture(scope="module", autouse=True)
def peer(require_module: Callable[[str], ModuleType]) -> None:
    """Without the peer there is nothing to compare with; where none may be missing, that fails."""
    require_module("awscrt")


def key_of(case: Case) -> AccessKey:
    return AccessKey(ID, Secret(SECRET.encode()), session_token=Secret(case.token.encode()) if case.token else None)


def ours(case: Case, regions: str, placement: str) -> Signed:
    headers = (("Host", HOST), *case.headers)
    request = Request(case.method, case.target, headers, hash_bytes(case.body), len(case.body))
    expires = EXPIRES if placement == "query" else None
    options = asked(SCHEME.sign_options, region_set=regions, service=case.service, placement=placement, expires=expires)
    return SCHEME.sign(SignJob(request, [key_of(case)], options, AT, os.urandom))


def theirs(case: Case, regions: str, placement: str) -> "tuple[str, tuple[tuple[str, str], ...], str]":
    """Return the target, the headers and the signature of what awscrt signed."""
    auth, http = import_module("awscrt.auth"), import_module("awscrt.http")
    plain, in_query = case.service == S3, placement == "query"
    kinds, bodies = auth.AwsSignatureType, auth.AwsSignedBodyHeaderType
    config = auth.AwsSigningConfig(
        algorithm=auth.AwsSigningAlgorithm.V4_ASYMMETRIC,
        signature_type=kinds.HTTP_REQUEST_QUERY_PARAMS if in_query else kinds.HTTP_REQUEST_HEADERS,
        credentials_provider=auth.AwsCredentialsProvider.new_static(ID, SECRET, case.token),
        region=regions,
        service=case.service,
        date=AT,
        use_double_uri_encode=not plain,
        should_normalize_uri_path=not plain,
        signed_body_value="UNSIGNED-PAYLOAD" if plain and in_query else None,
        signed_body_header_type=bodies.X_AMZ_CONTENT_SHA_256 if plain and not in_query else bodies.NONE,
        expiration_in_seconds=EXPIRES if in_query else None,
    )
    headers = http.HttpHeaders([("Host", HOST), *case.headers])
    request = http.HttpRequest(case.method, case.target, headers, io.BytesIO(case.body) if case.body else None)
    auth.aws_sign_request(request, config).result(30)
    text = request.path if in_query else dict(request.headers)["Authorization"]
    found = re.search(r"Signature=([0-9a-f]+)$", text)
    assert found is not None
    return request.path, tuple(request.headers), found[1]


@given(CASE.filter(readable_by_awscrt), REGIONS, PLACEMENT)
@settings(max_examples=200)
def test_what_awscrt_signs_is_accepted(case: Case, regions: str, placement: str) -> None:
    target, headers, signature = theirs(rewritten(case, "awscrt"), regions, placement)
    text = ours(case, regions, placement).stages["string-to-sign"].encode()
    assert CHECK.agrees(text, signature)
    assert not CHECK.agrees(text.replace(b"20261123", b"20261124"), signature)


@given(CASE.filter(readable_by_awscrt), REGIONS, PLACEMENT, st.data())
@settings(max_examples=200)
def test_awscrts_request_passes_the_verifier_and_changed_it_does_not(
    case: Case, regions: str, placement: str, data: st.DataObject
) -> None:
    case = rewritten(case, "awscrt")
    assume(case.service == S3 or is_normal(case.target.partition("?")[0]))
    target, headers, _ = theirs(case, regions, placement)
    request = Request(case.method, target, headers, hash_bytes(case.body), len(case.body))
    allowed = placement == "query" and case.service == S3
    options = asked(
        SCHEME.verify_options,
        region="us-east-1",
        service=case.service,
        allow_unsigned_payload=allowed and case.body != b"",
    )
    verifier = SCHEME.verifier([key_of(case)], options)
    found = verifier.judge(request, AT)
    assert (found.access_key_id, found.more) == (ID, {"region_set": regions})
    name = data.draw(st.sampled_from([one for one in found.covered if one not in ("path", "query")]))
    changed = {
        "method": lambda: Request("TRACE", target, headers, hash_bytes(case.body), len(case.body)),
        "body": lambda: request.with_body(hash_bytes(case.body + b"x"), len(case.body) + 1),
    }.get(name, lambda: request.with_headers(tuple((a, b + "x" if a.lower() == name else b) for a, b in headers)))()
    with pytest.raises(Rejected):
        verifier.judge(changed, AT)


@given(CASE, REGIONS, PLACEMENT)
@settings(max_examples=200)
def test_what_authkit_signs_is_accepted_by_awscrt(case: Case, regions: str, placement: str) -> None:
    crypto = import_module("awscrt.crypto")
    key = crypto.EC.new_key_from_der_data(PUBLIC.spki)
    found = ours(case, regions, placement)
    digest = sha256(found.stages["string-to-sign"].encode()).digest()
    signature = bytes.fromhex(found.stages["signature"])
    assert key.verify(digest, signature)
    assert not key.verify(sha256(digest).digest(), signature)
