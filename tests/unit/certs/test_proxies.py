"""Is a header found by its name, and is all that is known of it told?"""

import pytest

from authkit.certs.proxies import GOROUTER, NO, PROXIES, UNKNOWN, YES, Row, look_up

MODE = "whether anyone verified it depends on how the proxy is set up"


def test_a_row() -> None:
    assert (YES, NO, UNKNOWN) == ("yes", "no", "unknown")
    row = Row("a proxy", NO, "nothing is verified")
    assert (row.proxy, row.verified, row.sentence) == ("a proxy", "no", "nothing is verified")


@pytest.mark.parametrize("spelling", ["X-Other_Name", "x_other_name", "X.OTHER.NAME"])
def test_a_name_that_is_not_known(spelling: str) -> None:
    name, row = look_up(spelling)
    assert name == "x-other-name"
    assert (row.proxy, row.verified, row.sentence) == ("not known from the header's name", UNKNOWN, MODE)


# one name of each row -> who sends it, whether it was verified, why
ROWS = {
    "Client-Cert": ("any that follows RFC 9440 (Cloudflare, Google Cloud, CloudFront, …)", UNKNOWN, MODE),
    "ssl-client-cert": (
        "nginx, ingress-nginx",
        UNKNOWN,
        "nginx forwards what a client sent; $ssl_client_verify says whether it verified",
    ),
    "X-SSL-Client-Cert": ("nginx, Apache, HAProxy or another whose header is configured", UNKNOWN, MODE),
    "X-Forwarded-Client-Cert": (
        "Envoy, Istio, Azure Container Apps",
        UNKNOWN,
        "Envoy adds what it saw, but in the modes APPEND_FORWARD and ALWAYS_FORWARD_ONLY keeps what the client wrote",
    ),
    "X-SSL-Client-DER": (
        "OpenShift router",
        UNKNOWN,
        "routers before the fix of CVE-2026-46579 passed on what a client wrote where mutual TLS was off",
    ),
    "X-Amzn-Mtls-Clientcert-Leaf": (
        "AWS Application Load Balancer, verify mode",
        YES,
        "in verify mode only certificates that it verified are forwarded",
    ),
    "X-Amzn-Mtls-Clientcert": (
        "AWS Application Load Balancer, passthrough mode",
        NO,
        "in passthrough mode nothing is verified",
    ),
    "CloudFront-Viewer-Cert-Pem": (
        "AWS CloudFront",
        UNKNOWN,
        "verified in the modes Required and Optional, not in Passthrough; the header is the same",
    ),
    "CF-Client-Cert-PEM": (
        "Cloudflare",
        NO,
        "it is filled in whether or not the certificate is valid; cert_verified and cert_revoked say that",
    ),
    "X-Client-Cert-Leaf": (
        "Google Cloud load balancer, by the names that its documentation suggests",
        UNKNOWN,
        "it may be set up to forward certificates that it could not verify; client_cert_chain_verified says which",
    ),
    "X-Forwarded-Tls-Client-Cert": ("Traefik", UNKNOWN, "verified only if clientAuthType demands it"),
    "X-ARR-ClientCert": (
        "Azure App Service",
        NO,
        "App Service forwards any certificate; the program behind it has to verify",
    ),
}


@pytest.mark.parametrize("name", ROWS)
def test_what_is_told_of_a_name(name: str) -> None:
    row = look_up(name)[1]
    assert (row.proxy, row.verified, row.sentence) == ROWS[name]


def test_every_row_is_looked_at() -> None:
    assert set(PROXIES.values()) == {PROXIES[name] for name in ROWS}


def test_what_is_told_of_a_header_that_shares_its_name() -> None:
    assert (GOROUTER.proxy, GOROUTER.verified, GOROUTER.sentence) == (
        "Cloud Foundry gorouter",
        UNKNOWN,
        "in its default mode the router trusts what stands before it and passes it on",
    )
