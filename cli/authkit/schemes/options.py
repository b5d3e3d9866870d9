"""Rows of options that several schemes understand."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    Row = tuple[str, str, str, str, object]

REGION = ("--region", "text", "REGION", "the region to sign for [the key's, else the URL's]", None)
SERVICE = ("--service", "text", "SERVICE", "the service to sign for [the key's, else the URL's]", None)
SCHEME_OVERRIDE = ("--scheme-override", "flag", "", "use a key that was made for another scheme", False)
CERTIFICATE = (
    "--certificate",
    "file",
    "FILE",
    "the certificates of the key, leaf first, where its file has none",
    None,
)
EXPIRES = ("--expires", "int", "S", "seconds the signature is good for", None)

EXPECT_REGION = ("--region", "text", "REGION", "the region the request must be signed for [the key's]", None)
EXPECT_SERVICE = ("--service", "text", "SERVICE", "the service the request must be signed for [the key's]", None)
AUTHORITY = (
    "--authority",
    "many",
    "HOST",
    "the host, with :PORT if any, that the request must be signed for; repeatable",
    (),
)
MAX_SKEW = ("--max-skew", "int", "S", "seconds that clocks may differ, 0 to 900 [300]", None)
MAX_AGE = ("--max-age", "int", "S", "seconds that a signature may be old [300]", None)
MAX_EXPIRES = ("--max-expires", "int", "S", "longest lifetime of a presigned URL, 1 to 604800 [604800]", None)
REQUIRE = ("--require", "many", "NAME", "a header that the signature must cover; repeatable", ())
ALLOW_UNSIGNED = ("--allow-unsigned", "many", "NAME", "a header that the signature need not cover; repeatable", ())
ALLOW_UNSIGNED_PAYLOAD = (
    "--allow-unsigned-payload",
    "flag",
    "",
    "accept a signature that leaves the body uncovered",
    False,
)

BIND_CERTIFICATE = (
    "--bind-certificate",
    "text",
    "FILE",
    "bind the request to this client certificate: add Authkit-Client-Cert, and sign it",
    None,
)
SEND_CERTIFICATE = (
    "--send-certificate",
    "flag",
    "",
    "add the key's certificates as Authkit-Certificate, and sign it",
    False,
)
AS_PROXY = ("--as-proxy", "flag", "", "sign Client-Cert, which is a proxy's to say", False)
# what a signer may say of its own certificate
SIGN_PROOFS = (BIND_CERTIFICATE, SEND_CERTIFICATE, AS_PROXY)

BIND = (
    "--bind",
    "many",
    "ID=FINGERPRINT|SAN",
    "a client certificate that access key ID must come with; repeatable",
    (),
)
CLIENT_CERT_HEADER = (
    "--client-cert-header",
    "text",
    "NAME",
    "the header in which the proxy forwards the client's certificate",
    None,
)
CLIENT_CERTIFICATE = ("--certificate", "text", "FILE", "the client's certificate, where no header has it", None)
TRUST_ANCHOR = ("--trust-anchor", "many", "FILE", "certificates whose clients are trusted; repeatable", ())
INTERMEDIATE = ("--intermediate", "many", "FILE", "CA certificates that may stand between; repeatable", ())
CRL = ("--crl", "many", "FILE", "revocation lists for the client's certificate; repeatable", ())
ALLOW_IDENTITY = ("--allow-identity", "many", "SAN", "a name the client's certificate must have; repeatable", ())
REQUIRE_SCOPE = ("--require-scope", "flag", "", "take scoped certificates alone", False)
# what schemes understand whose key may be a certificate's, and those that compare a certificate with a secret key
VERIFY_CERTIFICATE = (
    CLIENT_CERT_HEADER,
    CLIENT_CERTIFICATE,
    TRUST_ANCHOR,
    INTERMEDIATE,
    CRL,
    ALLOW_IDENTITY,
    REQUIRE_SCOPE,
)
VERIFY_PROOFS = (BIND, *VERIFY_CERTIFICATE)


def with_default(row: "Row", default: "str | None") -> "Row":
    """Return a row whose help ends with another default, in brackets; with none for ""; the row itself for None."""
    if default is None:
        return row
    return (*row[:3], f"{row[3].partition(' [')[0]} {default}".rstrip(), row[4])
