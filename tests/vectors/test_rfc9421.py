"""Are the examples of RFC 9421 and RFC 9530 reproduced?

Source: RFC 9421 §2, §3.2, §4.3 and Appendix B; RFC 9530 Appendix D; RFC 8705 Appendix A; RFC 9449 §6.1.
"""

import json
import os
from base64 import b64decode
from hashlib import sha512
from pathlib import Path
from typing import Any

import pytest

from authkit.errors import Rejected
from authkit.keys.access import AccessKey
from authkit.keys.prove import certificate_name, load_private, load_public, read_certificates, thumbprint
from authkit.messages.draft import parse_draft
from authkit.messages.payload import hash_bytes
from authkit.messages.request import Request
from authkit.schemes.httpsig.components import make_component, parse_components, signature_base
from authkit.schemes.httpsig.digest import check_digest, digest_of, format_digest
from authkit.schemes.httpsig.keyid import ALGORITHMS, HMAC, find_checkers
from authkit.schemes.httpsig.params import read_signatures
from authkit.secret import Secret
from httpsigs import component_value, response

PROJECT = Path(__file__).resolve().parents[2]
VECTORS = Path(os.environ.get("AUTHKIT_VECTORS") or PROJECT.parent / "shared" / "vectors").resolve()
FOLDER = VECTORS / "rfc9421"


def load(name: str) -> Any:
    return json.loads((FOLDER / name).read_text()) if FOLDER.is_dir() else None


SIGNATURES: list[dict[str, Any]] = (load("signatures.json") or {"cases": []})["cases"]
COMPONENTS: list[dict[str, Any]] = load("components.json") or []
KEYS: dict[str, dict[str, Any]] = load("keys.json") or {}
LINES = [(place, number) for place, one in enumerate(COMPONENTS) for number in range(len(one["expected_lines"]))]
CASES = {one["id"]: one for one in SIGNATURES}
# a trailer field is named as what is not supported
UNSUPPORTED = '"expires";tr: Wed, 9 Nov 2022 07:28:00 GMT'


def message_of(vector: dict[str, Any], answered: dict[str, Any] | None = None) -> Any:
    headers = tuple((name, value) for name, value in vector["headers"])
    body = (vector["body"] or "").encode()
    if vector["type"] == "response":
        return response(vector["status"], headers, body, message_of(answered) if answered else None)
    hashes: dict[str, Any] = {"sha-512": sha512(body)}
    return Request(vector["method"], vector["target"], headers, hash_bytes(body), len(body), "https", hashes)


def keys_for(keyid: str) -> list[Any]:
    row = KEYS[keyid]
    if "base64" in row:
        return [AccessKey(keyid, Secret(b64decode(row["base64"])), raw=True)]
    return [load_public(row["public_pem"].encode(), keyid, keyid)]


def case_message(case: dict[str, Any]) -> Any:
    return message_of(case["message"], case.get("request"))


@pytest.mark.parametrize("name", CASES)
def test_signature_base(name: str) -> None:
    """The stage by the specification's own name, whether or not the signature is right for it."""
    case = CASES[name]
    message = case_message(case)
    inputs, _ = read_signatures(message)
    chosen = inputs[case["label"]]
    assert chosen.text == case["signature_input"]
    assert signature_base(message, chosen.components(), chosen.text) == case["signature_base"]


@pytest.mark.parametrize("name", CASES)
def test_signature(name: str) -> None:
    case = CASES[name]
    message = case_message(case)
    inputs, signatures = read_signatures(message)
    chosen, signature = inputs[case["label"]], signatures[case["label"]]
    assert signature == b64decode(case["signature_b64"])
    wanted = case["alg"] if case["alg"] == "rsa-v1_5-sha256" else None
    (checker,), compared = find_checkers(keys_for(case["keyid"]), case["keyid"], wanted, False)
    assert (checker.algorithm, compared) == (case["alg"], True)
    base = signature_base(message, chosen.components(), chosen.text).encode("ascii")
    assert checker.agrees(base, signature) is case["valid"]
    assert not checker.agrees(base + b"\n", signature)


@pytest.mark.parametrize("name", CASES)
def test_signature_made_anew(name: str) -> None:
    """Deterministic algorithms give the RFC's own bytes; the others give what the public key accepts."""
    case = CASES[name]
    row, base = KEYS[case["keyid"]], case["signature_base"].encode("ascii")
    if "base64" in row:
        made = Secret(b64decode(row["base64"])).mac_key(b"").mac(base)
    else:
        private = load_private(row["private_pem"].encode(), case["keyid"])
        assert case["alg"] in ALGORITHMS[private.type]
        made = private.sign(case["alg"], base)
        assert private.public().verify(case["alg"], base, made)
    if case["deterministic"] and case["valid"]:
        assert made == b64decode(case["signature_b64"])


def test_signature_count(vectors: Path) -> None:
    assert len(CASES) == 19
    assert {case["alg"] for case in CASES.values()} == {
        "rsa-pss-sha512",
        "rsa-v1_5-sha256",
        "ecdsa-p256-sha256",
        "ed25519",
        HMAC,
    }
    assert sum(case["deterministic"] and case["valid"] for case in CASES.values()) == 7
    assert [name for name, case in CASES.items() if not case["valid"]] == ["B.4-4", "B.4-5"]


def component_message(row: dict[str, Any]) -> Any:
    """Return the message of a component line; where it is only headers, a request with these."""
    text, scheme = row["message_raw"], row.get("scheme", "https")
    first, _, rest = text.partition("\n")
    if first.startswith("HTTP/1.1 "):
        headers = tuple(tuple(line.split(": ", 1)) for line in rest.split("\n\n")[0].split("\n"))
        return response(int(first.split(" ")[1]), headers)  # type: ignore[arg-type]
    if not first.endswith(" HTTP/1.1"):
        return parse_draft(f"GET / HTTP/1.1\n{text}\n\n".encode(), scheme).request
    method, target, _ = first.split(" ")
    headers = tuple(tuple(line.split(": ", 1)) for line in rest.split("\n") if line)
    return Request(method, target, headers, scheme=scheme)  # type: ignore[arg-type]


@pytest.mark.parametrize(("place", "number"), LINES)
def test_component_line(place: int, number: int) -> None:
    row = COMPONENTS[place]
    expected = row["expected_lines"][number]
    identifier, value = expected.split('": ', 1) if '": ' in expected else expected.split(": ", 1)
    identifier += '"' if '": ' in expected else ""
    if expected == UNSUPPORTED:
        with pytest.raises(Rejected, match="trailer fields are not supported") as caught:
            parse_components(identifier)
        assert caught.value.reason == "component"
        return
    (component,) = parse_components(identifier)
    message = component_message(row)
    assert f"{component.text}: {component_value(component, message)}" == expected
    assert signature_base(message, (component,), "()") == f'{expected}\n"@signature-params": ()'
    assert make_component(component.name, component.params, component.text) == component
    assert value == component_value(component, message)


def test_component_count(vectors: Path) -> None:
    assert len(LINES) == 39
    assert [one for row in COMPONENTS for one in row["expected_lines"] if ";tr" in one] == [UNSUPPORTED]


@pytest.mark.parametrize("algorithm", ["sha-256", "sha-512"])
def test_digest(algorithm: str, vectors: Path) -> None:
    rows = load("rfc9530_digests.json")
    body = rows["input"].encode()
    headers = (("Content-Digest", f"{algorithm}={rows['values'][algorithm]}"),)
    message = Request("PUT", "/", headers, hash_bytes(body), len(body), "https", {"sha-512": sha512(body)})
    assert format_digest(message, algorithm) == headers[0][1]
    assert digest_of(message, algorithm) == b64decode(rows["values"][algorithm].strip(":"))
    assert check_digest(message, "content-digest") is None


@pytest.mark.parametrize("algorithm", ["md5", "sha", "unixsum", "unixcksum", "adler", "crc32c"])
def test_a_deprecated_digest_does_not_count(algorithm: str, vectors: Path) -> None:
    """RFC 9530 §5: they must not be used where a signature relies on them, right as their values are."""
    rows = load("rfc9530_digests.json")
    body = rows["input"].encode()
    headers = (("Content-Digest", f"{algorithm}={rows['values'][algorithm]}"),)
    with pytest.raises(Rejected) as caught:
        check_digest(Request("PUT", "/", headers, hash_bytes(body), len(body)), "content-digest")
    assert caught.value.reason == "digest-algorithm"


def test_digest_count(vectors: Path) -> None:
    assert len(load("rfc9530_digests.json")["values"]) == 8


def test_fingerprints(vectors: Path) -> None:
    of_certificate, of_key, _ = load("cert_bindings.json")
    (der,) = read_certificates(of_certificate["cert_pem"].encode())
    assert certificate_name(der) == f"x5t-S256:{of_certificate['x5t#S256']}"
    key = load_public(json.dumps(of_key["jwk"]).encode(), "jwk")
    assert thumbprint(key) == of_key["jkt"]
    assert of_key["jkt"] in key.names
    (named,), compared = find_checkers([key], of_key["jkt"], None, False)
    assert (named.algorithm, compared) == ("ecdsa-p256-sha256", True)
