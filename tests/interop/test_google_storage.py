"""Do Google's libraries and authkit make the same signed URLs, and accept each other's signatures?

google-cloud-storage builds the canonical request and google-auth signs it; both live in an environment of their own.
"""

import json
import os
import random
import subprocess
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from asked import asked
from authkit.clock import UTC
from authkit.errors import Rejected
from authkit.keys.prove import PrivateKey
from authkit.keys.service_account import load_service_account
from authkit.messages.draft import parse_url
from authkit.messages.request import Request
from authkit.schemes.base import Signed, SignJob
from authkit.schemes.goog4_rsa import SCHEME
from interop.program import Authkit
from interop.swift import PROJECT, build

PYTHON = PROJECT / ".interop" / "google" / "bin" / "python"
PEER = PROJECT / "tests" / "interop" / "google_peer.py"
AT, STAMP = datetime(2026, 11, 23, 9, 0, tzinfo=UTC), "20261123T090000Z"
LETTERS = "abzAZ09-._~ !$'()*,;:@+=\"<>\\^`{|}%&?#é\u20ac"
ENDPOINTS = ("https://storage.googleapis.com", "https://bkt.storage.googleapis.com", "http://127.0.0.1:9000")


@pytest.fixture(scope="module")
def account(vectors: Path) -> Path:
    """The key file of a service account, and Google's libraries to read it."""
    if not (PYTHON.parents[1] / "built").is_file():
        if os.environ.get("AUTHKIT_REQUIRE_INTEROP") != "1":
            pytest.skip("google-cloud-storage is not installed; run tests/interop/setup")
        build()
    return vectors / "sigv4" / "gcs-v4" / "test_service_account.not-a-test.json"


@pytest.fixture(scope="module")
def key(account: Path) -> PrivateKey:
    return load_service_account(account.read_bytes(), "key")


@pytest.fixture(scope="module")
def public(account: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    pem = json.loads(account.read_text())["private_key"].encode()
    path = tmp_path_factory.mktemp("google") / "public.pem"
    key = load_pem_private_key(pem, None).public_key()
    path.write_bytes(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return path


def ask(account: Path, public: Path, lines: "list[Any]") -> "list[Any]":
    """Return what the peer says of each."""
    text = "".join(json.dumps(line) + "\n" for line in lines)
    words = [PYTHON, PEER, account, public]
    done = subprocess.run(words, input=text, capture_output=True, text=True, timeout=120, env={"PATH": os.defpath})
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def cases(count: int) -> "list[dict[str, Any]]":
    """Return requests of every shape, the same each time."""
    dice = random.Random(20261123)

    def word(low: int = 1) -> str:
        return "".join(dice.choice(LETTERS) for _ in range(dice.randint(low, 6)))

    found = []
    for _ in range(count):
        path = "/".join(quote(word(), safe="~") for _ in range(dice.randint(1, 4)))
        query = {word(): word(0) for _ in range(dice.randint(0, 3))}
        names = dice.sample(["X-Goog-Meta-A", "x-goog-acl", "Content-Type", "Accept", "x-goog-resumable"], 2)
        values = ["a  b", "text/plain", "a,b , c", "private"]
        found.append({
            "resource": f"/bkt/{path}",
            "expiration": dice.choice([1, 10, 3600, 604800]),
            "endpoint": dice.choice(ENDPOINTS),
            "method": dice.choice(["GET", "PUT", "POST", "HEAD", "DELETE"]),
            "headers": {name: dice.choice(values) for name in names[: dice.randint(0, 2)]},
            "query": query,
            "stamp": STAMP,
        })  # fmt: skip
    return found


def sorted_alike(query: "dict[str, str]") -> bool:
    """Say whether parameters sort by name as they sort by all their text."""
    pairs = [(quote(name, safe="~"), quote(value, safe="~")) for name, value in query.items()]
    return [f"{name}={value}" for name, value in sorted(pairs)] == sorted([f"{a}={b}" for a, b in pairs])


CASES = [case for case in cases(64) if sorted_alike(case["query"])]


def request_of(case: "dict[str, Any]") -> Request:
    query = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in case["query"].items())
    url = f"{case['endpoint']}{case['resource']}{'?' if query else ''}{query}"
    return parse_url(case["method"], url, tuple(f"{name}: {value}" for name, value in case["headers"].items()))


def sign(case: "dict[str, Any]", key: PrivateKey) -> Signed:
    options = asked(SCHEME.sign_options, placement="query", expires=case["expiration"])
    return SCHEME.sign(SignJob(request_of(case), [key], options, AT, os.urandom))


def told_apart(url: str) -> "tuple[str, str, str, list[tuple[str, str]]]":
    parts = urlsplit(url)
    return parts.scheme, parts.netloc, parts.path, sorted(parse_qsl(parts.query, True, True))


def test_the_same_urls(account: Path, public: Path, key: PrivateKey) -> None:
    """RSA signatures of PKCS #1 v1.5 are not random: equal URLs are equal canonical requests."""
    for case, theirs in zip(CASES, ask(account, public, CASES), strict=True):
        assert told_apart(sign(case, key).url) == told_apart(theirs), case


def test_google_sorts_by_all_the_text_of_a_parameter(account: Path, public: Path, key: PrivateKey) -> None:
    """Cloud Storage, "Canonical requests": sorted by name; its library puts "a9=" before "a=", as '9' is below '='."""
    assert len(CASES) == 62
    case = {"resource": "/b/k", "expiration": 60, "endpoint": ENDPOINTS[0], "method": "GET", "headers": {}}
    same, other = ({"a": "1", "ab": "2"}, {"a": "1", "a9": "2"})
    theirs = ask(account, public, [{**case, "query": query, "stamp": STAMP} for query in (same, other)])
    assert told_apart(theirs[0]) == told_apart(sign({**case, "query": same}, key).url)
    assert told_apart(theirs[1]) != told_apart(sign({**case, "query": other}, key).url)
    assert (sorted_alike(same), sorted_alike(other)) == (True, False)


def test_their_urls_are_verified_and_changed_they_are_not(account: Path, public: Path, key: PrivateKey) -> None:
    verifier = SCHEME.verifier([key.public()], asked(SCHEME.verify_options, allow_unsigned_payload=True))
    reasons = set()
    for case, url in zip(CASES, ask(account, public, CASES), strict=True):
        headers = tuple(f"{name}: {value}" for name, value in case["headers"].items())
        request = parse_url(case["method"], url, headers)
        found = verifier.judge(request, AT)
        assert found.access_key_id == key.access_key_id
        for changed in (
            request.with_target(request.target.replace("/bkt/", "/bkT/")),
            request.with_target(request.target.replace("X-Goog-Expires=", "X-Goog-Expires=1")),
            request.with_headers((("Host", "other.example.com"), *request.headers[1:])),
            Request("TRACE", request.target, request.headers, request.payload_hash, request.content_length),
            request.with_headers((*request.headers, ("X-Goog-Meta-Late", "x"))),
        ):
            try:
                verifier.judge(changed, AT)
            except Rejected as rejected:
                reasons.add(rejected.reason)
            else:
                pytest.fail(f"accepted: {changed.target}")
    assert reasons == {"signature-mismatch", "expires-range", "unsigned-x-amz-header"}


def test_google_auth_checks_what_authkit_signs(account: Path, public: Path, key: PrivateKey) -> None:
    lines = []
    for case in CASES[:20]:
        stages = sign(case, key).stages
        lines.append({"text": stages["string-to-sign"], "signature": stages["signature"]})
        lines.append({"text": stages["string-to-sign"] + " ", "signature": stages["signature"]})
    assert ask(account, public, lines) == [True, False] * 20


def test_the_command_line_takes_the_key_file_as_it_is(
    authkit: Authkit, account: Path, public: Path, home: Path
) -> None:
    held = home / "account.json"
    held.write_bytes(account.read_bytes())
    held.chmod(0o600)
    url = "https://storage.googleapis.com/bkt/a%20b"
    words = ["--scheme", "goog4-rsa", "--key", "file:account.json", "--expires", "60", "--at", "2026-11-23T09:00:00Z"]
    done = authkit("sign", "url", *words, url)
    assert (done.code, done.err) == (0, "")
    case = {"resource": "/bkt/a%20b", "expiration": 60, "endpoint": ENDPOINTS[0], "method": "GET"}
    theirs = ask(account, public, [{**case, "headers": {}, "query": {}, "stamp": STAMP}])[0]
    assert told_apart(done.out.decode().strip()) == told_apart(theirs)
    (home / "public.pem").write_bytes(public.read_bytes())
    email = json.loads(account.read_text())["client_email"]
    words = ["--scheme", "goog4-rsa", "--key", f"{email}=file:public.pem", "--at", "2026-11-23T09:00:30Z", "--json"]
    done = authkit("verify-signature", *words, theirs)
    said = json.loads(done.out)
    assert (done.code, said["verdict"], said["access_key_id"]) == (0, "valid", email)


def test_a_body_that_is_signed(account: Path, public: Path, key: PrivateKey) -> None:
    digest = sha256(b"hello").hexdigest()
    case = {"resource": "/bkt/k", "expiration": 60, "endpoint": ENDPOINTS[0], "method": "PUT", "query": {}}
    case["headers"] = {"X-Goog-Content-SHA256": digest}
    theirs = ask(account, public, [{**case, "stamp": STAMP}])[0]
    request = request_of(case).with_body(digest, 5)
    options = asked(SCHEME.sign_options, placement="query", expires=60)
    found = SCHEME.sign(SignJob(request, [key], options, AT, os.urandom))
    assert told_apart(found.url) == told_apart(theirs)
    verifier = SCHEME.verifier([key.public()], asked(SCHEME.verify_options))
    assert "body" in verifier.judge(found.request, AT).covered
    with pytest.raises(Rejected) as caught:
        verifier.judge(found.request.with_body(sha256(b"hellO").hexdigest(), 5), AT)
    assert caught.value.reason == "payload-mismatch"
