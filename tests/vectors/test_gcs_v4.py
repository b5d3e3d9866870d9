"""Does authkit make Google's signed URLs, byte for byte, and does its verifier accept them?

Source: googleapis/conformance-tests, storage/v1/v4_signatures.json, with the public key of its dummy service account.
RSA signatures of PKCS #1 v1.5 are not random, so each whole URL must come out.
"""

import json
import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import pytest

from asked import asked
from authkit.clock import UTC
from authkit.errors import InputError, Rejected
from authkit.keys.prove import PrivateKey
from authkit.keys.service_account import load_service_account
from authkit.messages.draft import parse_url
from authkit.messages.request import Request
from authkit.schemes.base import Signed, SignJob
from authkit.schemes.goog4_rsa import SCHEME

PROJECT = Path(__file__).resolve().parents[2]
VECTORS = Path(os.environ.get("AUTHKIT_VECTORS") or PROJECT.parent / "shared" / "vectors").resolve()
SUITE = VECTORS / "sigv4" / "gcs-v4"
FILE = SUITE / "v4_signatures.json"
CASES: "dict[str, dict[str, Any]]" = {}
if FILE.is_file():
    CASES = {case["description"]: case for case in json.loads(FILE.read_text())["signingV4Tests"]}
KNOWN = set(
    "description bucket object method expiration timestamp expectedUrl scheme expectedCanonicalRequest "
    "expectedStringToSign headers queryParameters urlStyle bucketBoundHostname hostname clientEndpoint "
    "emulatorHostname universeDomain".split()
)
# the hash that it declares lacks a digit, so no body has it and sign refuses it; its stages are compared all the same
CUT_SHORT = "Signed Payload Instead of UNSIGNED-PAYLOAD"
# the canonical request it prints has the bucket in the path and in the host; its string to sign and its URL do not
CANONICAL_OF_ANOTHER = "Universe domain with virtual hosted style"


def key() -> PrivateKey:
    return load_service_account((SUITE / "test_service_account.not-a-test.json").read_bytes(), "key")


def url_of(case: "dict[str, Any]") -> str:
    """Return the URL before it is signed, by the rules of the suite and not by what it expects."""
    assert KNOWN.issuperset(case), "a member that this test does not know"
    host = "storage.googleapis.com"
    for name in ("universeDomain", "clientEndpoint", "emulatorHostname", "hostname"):
        if name in case:
            host = f"storage.{case[name]}" if name == "universeDomain" else case[name].partition("://")[2] or case[name]
    path = f"/{case['bucket']}"
    if case.get("urlStyle") == "BUCKET_BOUND_HOSTNAME":
        host, path = case["bucketBoundHostname"], ""
    elif case.get("urlStyle") == "VIRTUAL_HOSTED_STYLE":
        host, path = f"{case['bucket']}.{host}", ""
    if "object" in case:
        path += f"/{quote(case['object'], safe='/~')}"
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in case.get("queryParameters", {}).items())
    # the default port is written in the URL and left out of Host, as every client does
    return f"{case.get('scheme', 'https')}://{host.removesuffix(':443')}{path}{'?' if query else ''}{query}"


def request_of(case: "dict[str, Any]") -> Request:
    headers = tuple(f"{name}: {value}" for name, value in case.get("headers", {}).items())
    return parse_url(case["method"], url_of(case), headers)


def at_of(case: "dict[str, Any]") -> datetime:
    return datetime.strptime(case["timestamp"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def sign(case: "dict[str, Any]", request: Request) -> Signed:
    options = asked(SCHEME.sign_options, placement="query", expires=case["expiration"])
    return SCHEME.sign(SignJob(request, [key()], options, at_of(case), os.urandom))


def told_apart(url: str) -> "tuple[str, str, str, list[tuple[str, str]]]":
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.removesuffix(":443"), parts.path, sorted(parse_qsl(parts.query, True, True))


@pytest.mark.parametrize("name", sorted(CASES.keys() - {CUT_SHORT}))
def test_signed_url(name: str) -> None:
    case = CASES[name]
    found = sign(case, request_of(case))
    assert told_apart(found.url) == told_apart(case["expectedUrl"])
    assert found.stages["string-to-sign"] == case["expectedStringToSign"]
    canonical = case["expectedCanonicalRequest"]
    if name == CANONICAL_OF_ANOTHER:
        canonical = canonical.replace("/test-bucket/", "/", 1)
    assert found.stages["canonical-request"] == canonical
    assert found.access_key_id == "test-iam-credentials@dummy-project-id.iam.gserviceaccount.com"


def test_a_declared_hash_that_no_body_has() -> None:
    case = CASES[CUT_SHORT]
    request = request_of(case)
    with pytest.raises(InputError, match="^the request declares the payload hash 2cf24dba5fb0"):
        sign(case, request)
    declared = case["headers"]["X-Goog-Content-SHA256"]
    assert len(declared) == 63
    found = sign(case, request.with_body(declared, 5))
    assert found.stages["canonical-request"] == case["expectedCanonicalRequest"]
    assert found.stages["string-to-sign"] == case["expectedStringToSign"]
    assert told_apart(found.url) == told_apart(case["expectedUrl"])


@pytest.mark.parametrize("name", sorted(CASES))
def test_published_url_is_verified(name: str) -> None:
    case = CASES[name]
    headers = tuple(f"{name}: {value}" for name, value in case.get("headers", {}).items())
    request = parse_url(case["method"], case["expectedUrl"].replace(":443/", "/"), headers)
    verifier = SCHEME.verifier([key().public()], asked(SCHEME.verify_options))
    if name == CUT_SHORT:
        with pytest.raises(Rejected) as caught:
            verifier.judge(request, at_of(case))
        assert caught.value.reason == "payload-hash-format"
        return
    found = verifier.judge(request, at_of(case))
    assert (found.scheme, found.scope) == ("goog4-rsa", "20190201/auto/storage/goog4_request")
    last = at_of(case) + timedelta(seconds=case["expiration"])
    assert verifier.judge(request, last).replayable_until == last
    for at, reason in (
        (last + timedelta(seconds=1), "expired"),
        (at_of(case) - timedelta(seconds=301), "not-yet-valid"),
    ):
        with pytest.raises(Rejected) as caught:
            verifier.judge(request, at)
        assert caught.value.reason == reason


def test_count(vectors: Path) -> None:
    """All of the suite's signed URLs that are here; a case cannot silently stop running."""
    assert vectors / "sigv4" / "gcs-v4" == SUITE
    assert len(CASES) == 15
