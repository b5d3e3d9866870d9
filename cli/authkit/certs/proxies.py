"""Which proxies forward a client certificate in which header, and what does that imply?"""

YES, NO, UNKNOWN = "yes", "no", "unknown"

_MODE = "whether anyone verified it depends on how the proxy is set up"


class Row:
    """What is known of a header by its name.

    Attributes:
        proxy: who sends it.
        verified: YES if it only ever carries verified certificates, NO if it may carry any, UNKNOWN if settings decide.
        sentence: why, for people.
    """

    __slots__ = ("proxy", "verified", "sentence")

    def __init__(self, proxy: str, verified: str, sentence: str) -> None:
        self.proxy = proxy
        self.verified = verified
        self.sentence = sentence


_NGINX = Row(
    "nginx, ingress-nginx", UNKNOWN, "nginx forwards what a client sent; $ssl_client_verify says whether it verified"
)
_CONFIGURED = Row("nginx, Apache, HAProxy or another whose header is configured", UNKNOWN, _MODE)
_RFC9440 = Row("any that follows RFC 9440 (Cloudflare, Google Cloud, CloudFront, …)", UNKNOWN, _MODE)
_ALB = Row(
    "AWS Application Load Balancer, verify mode", YES, "in verify mode only certificates that it verified are forwarded"
)
_CLOUDFRONT = Row(
    "AWS CloudFront", UNKNOWN, "verified in the modes Required and Optional, not in Passthrough; the header is the same"
)
_CLOUDFLARE = Row(
    "Cloudflare", NO, "it is filled in whether or not the certificate is valid; cert_verified and cert_revoked say that"
)
_GOOGLE = Row(
    "Google Cloud load balancer, by the names that its documentation suggests",
    UNKNOWN,
    "it may be set up to forward certificates that it could not verify; client_cert_chain_verified says which",
)
_TRAEFIK = Row("Traefik", UNKNOWN, "verified only if clientAuthType demands it")

# canonical name -> what it is; a row stands here if the proxy's documentation names the header, or its sample
# configuration does.  Cf-Cert-…: Cloudflare's managed transform "Add TLS client auth headers"; X-Client-Cert-…:
# Google's guide to mutual TLS with custom headers; X-SSL-Client-…: HAProxy's and nginx's examples.
PROXIES = {
    "Client-Cert": _RFC9440,
    "Client-Cert-Chain": _RFC9440,
    "ssl-client-cert": _NGINX,
    "ssl-client-verify": _NGINX,
    "ssl-client-subject-dn": _NGINX,
    "ssl-client-issuer-dn": _NGINX,
    "X-SSL-Client-Cert": _CONFIGURED,
    "X-SSL-Client-Verify": _CONFIGURED,
    "X-SSL-Client-SHA1": _CONFIGURED,
    "X-SSL-Cert": _CONFIGURED,
    "X-Client-Cert": _CONFIGURED,
    "X-Client-Certificate": _CONFIGURED,
    "X-Client-Verify": _CONFIGURED,
    "X-Forwarded-Client-Cert": Row(
        "Envoy, Istio, Azure Container Apps",
        UNKNOWN,
        "Envoy adds what it saw, but in the modes APPEND_FORWARD and ALWAYS_FORWARD_ONLY keeps what the client wrote",
    ),
    "X-SSL-Client-DER": Row(
        "OpenShift router",
        UNKNOWN,
        "routers before the fix of CVE-2026-46579 passed on what a client wrote where mutual TLS was off",
    ),
    "X-Amzn-Mtls-Clientcert-Leaf": _ALB,
    "X-Amzn-Mtls-Clientcert-Serial-Number": _ALB,
    "X-Amzn-Mtls-Clientcert-Issuer": _ALB,
    "X-Amzn-Mtls-Clientcert-Subject": _ALB,
    "X-Amzn-Mtls-Clientcert-Validity": _ALB,
    "X-Amzn-Mtls-Clientcert": Row(
        "AWS Application Load Balancer, passthrough mode", NO, "in passthrough mode nothing is verified"
    ),
    "CloudFront-Viewer-Cert-Pem": _CLOUDFRONT,
    "CloudFront-Viewer-Cert-Sha256": _CLOUDFRONT,
    "CloudFront-Viewer-Cert-Serial-Number": _CLOUDFRONT,
    "CloudFront-Viewer-Cert-Subject": _CLOUDFRONT,
    "CloudFront-Viewer-Cert-Issuer": _CLOUDFRONT,
    "CloudFront-Viewer-Cert-Validity": _CLOUDFRONT,
    "CloudFront-Viewer-Cert-Present": _CLOUDFRONT,
    "CF-Client-Cert-PEM": _CLOUDFLARE,
    "Cf-Client-Cert-Der-Base64": _CLOUDFLARE,
    "Cf-Client-Cert-Sha256": _CLOUDFLARE,
    "Cf-Cert-Verified": _CLOUDFLARE,
    "Cf-Cert-Revoked": _CLOUDFLARE,
    "Cf-Cert-Presented": _CLOUDFLARE,
    "X-Client-Cert-Leaf": _GOOGLE,
    "X-Client-Cert-Chain": _GOOGLE,
    "X-Client-Cert-Chain-Verified": _GOOGLE,
    "X-Client-Cert-Present": _GOOGLE,
    "X-Client-Cert-Error": _GOOGLE,
    "X-Client-Cert-Hash": _GOOGLE,
    "X-Client-Cert-SPIFFE": _GOOGLE,
    "X-Forwarded-Tls-Client-Cert": _TRAEFIK,
    "X-Forwarded-Tls-Client-Cert-Info": _TRAEFIK,
    "X-ARR-ClientCert": Row(
        "Azure App Service", NO, "App Service forwards any certificate; the program behind it has to verify"
    ),
}
GOROUTER = Row(
    "Cloud Foundry gorouter", UNKNOWN, "in its default mode the router trusts what stands before it and passes it on"
)
_OTHER = Row("not known from the header's name", UNKNOWN, _MODE)
_BY_LOWER = {name.lower(): (name, row) for name, row in PROXIES.items()}


def look_up(name: str) -> "tuple[str, Row]":
    """Return the canonical name that *name* may be taken for, and what is known of it.

    Args:
        name: a header's name, in any case, with "_" or "." in place of "-" or not.
    """
    lower = name.lower().replace("_", "-").replace(".", "-")
    return _BY_LOWER.get(lower, (lower, _OTHER))
