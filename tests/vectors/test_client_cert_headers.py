"""Is each header that proxies forward a certificate in decoded, and its format named?"""

import json
from pathlib import Path
from typing import Any

import pytest

from authkit.certs.describe import describe
from authkit.certs.fingerprint import base64url_of
from authkit.certs.formats.header import read_header
from rawcert import pem

# the vectors' name of a format -> ours, whose proxy it is, and whether the format implies that anyone verified
EXPECTED = {
    "rfc9440": ("rfc9440", "RFC 9440", "unknown"),
    "nginx-escaped": ("url-pem", "nginx", "unknown"),
    "pem-spaces": ("pem-spaces", "Apache", "unknown"),
    "aws-alb-verify": ("url-pem", "AWS Application Load Balancer, verify mode", "yes"),
    "cloudfront": ("url-pem", "AWS CloudFront", "unknown"),
    "traefik-v2-old": ("url-base64-list", "Traefik before v2.9.4", "unknown"),
    "haproxy-der": ("base64-der", "HAProxy", "unknown"),
    "azure-app-service": ("base64-der", "Azure App Service", "no"),
    "cloudflare-pem": ("url-pem", "Cloudflare", "no"),
    "yarp": ("base64-der", "not known from the header's name", "unknown"),
}


@pytest.fixture(scope="session")
def headers(vectors: Path) -> "dict[str, Any]":
    found: "dict[str, Any]" = json.loads((vectors / "client-cert-headers.json").read_bytes())
    return found


def name_of(entry: "dict[str, str]") -> str:
    """Return the header's name; what stands in brackets is a note, and where nothing else does any name will do."""
    return entry["header"].partition("(")[0].strip() or "X-Configured"


def test_there_are_ten(headers: "dict[str, Any]") -> None:
    assert [entry["format"] for entry in headers["entries"]] == list(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_header(headers: "dict[str, Any]", name: str) -> None:
    (entry,) = [one for one in headers["entries"] if one["format"] == name]
    found = read_header(f"{name_of(entry)}: {entry['value']}")
    format, proxy, verified = EXPECTED[name]
    assert (found.format, found.verified) == (format, verified)
    assert proxy in found.proxy
    assert found.findings[0][0] == "header-assertion"
    leaf = found.found.certificates[0][0]
    assert describe(leaf).sha256 == headers["leaf_sha256_hex"]
    assert describe(leaf).sha1 == headers["leaf_sha1_hex"]
    assert base64url_of(describe(leaf).sha256) == headers["leaf_x5t_S256"]
    assert found.found.others == []


def test_a_list_holds_the_whole_chain(headers: "dict[str, Any]") -> None:
    (entry,) = [one for one in headers["entries"] if one["format"] == "traefik-v2-old"]
    found = read_header(f"{name_of(entry)}: {entry['value']}").found.certificates
    texts = [pem(data).decode() for data, _ in found]
    assert texts == headers["chain_pem"][: len(found)]
    assert len(found) > 1


@pytest.mark.parametrize("which", ["alb", "traefik_v3", "nginx", "pem"])
def test_a_plus_stays_a_plus(headers: "dict[str, Any]", which: str) -> None:
    trap = headers["plus_trap"]
    found = read_header(f"X-Configured: {trap[which]}").found.certificates
    assert [pem(data).decode() for data, _ in found] == [headers["chain_pem"][trap["cert_index"]]]
