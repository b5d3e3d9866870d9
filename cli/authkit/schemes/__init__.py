"""Signature schemes: one file each, one row each; those of the table of derived keys have their row there."""

from authkit import registry
from authkit.errors import UsageError
from authkit.schemes.derived import DERIVED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.schemes.base import Scheme

# name of --scheme -> the module that holds its SCHEME, and the label that a key records
SCHEMES: "dict[str, tuple[str, str]]" = {
    "acs3": ("authkit.schemes.acs3", "ACS3-HMAC-SHA256"),
    "azure-sharedkey": ("authkit.schemes.azure_sharedkey", "SharedKey"),
    "cavage": ("authkit.schemes.cavage", "cavage"),
    "eg1": ("authkit.schemes.eg1", "EG1-HMAC-SHA256"),
    "huawei": ("authkit.schemes.huawei", "SDK-HMAC-SHA256"),
    "huawei-v11": ("authkit.schemes.huawei_v11", "V11-HMAC-SHA256"),
    "sigv4a": ("authkit.schemes.sigv4a", "AWS4-ECDSA-P256-SHA256"),
    "aws4-x509": ("authkit.schemes.aws4_x509", "AWS4-X509"),
    "goog4-rsa": ("authkit.schemes.goog4_rsa", "GOOG4-RSA-SHA256"),
    "rfc9421": ("authkit.schemes.rfc9421", "rfc9421"),
    "dpop": ("authkit.schemes.dpop", "dpop"),
    "standard-webhooks": ("authkit.schemes.standard_webhooks", "standard-webhooks"),
    "github": ("authkit.schemes.github", "github"),
    "slack": ("authkit.schemes.slack", "slack"),
    "stripe": ("authkit.schemes.stripe", "stripe"),
    "sigv4-form": ("authkit.schemes.sigv4_form", "AWS4-HMAC-SHA256"),
    "goog4-form": ("authkit.schemes.goog4_form", "GOOG4-HMAC-SHA256"),
    "goog4-rsa-form": ("authkit.schemes.goog4_rsa_form", "GOOG4-RSA-SHA256"),
}


def names() -> "list[str]":
    """Return the names of the schemes that are built in."""
    return [*DERIVED, *SCHEMES]


def find(name: str) -> "Scheme":
    """Return the scheme of that name.

    Raises:
        UsageError: if there is none.
    """
    if name in DERIVED:
        from authkit.schemes.sigv4 import scheme_of

        return scheme_of(name, DERIVED[name])
    if name in SCHEMES:
        scheme: "Scheme" = registry.load(SCHEMES[name][0]).SCHEME
        return scheme
    raise UsageError(f"no scheme is named {name[:64]!r}", f"there are {', '.join(names())}")
