"""The table of schemes whose signing key is derived from a secret through a scope."""

from authkit.keys.scope import Chain


class Derived:
    """What one scheme of the family does its own way.

    Attributes:
        chain: how its keys are derived.
        header_prefix: what its headers and query parameters begin with, as written, e.g. "X-Amz-".
        plain_services: services whose paths are not normalised and are encoded once, as S3's are.
        prefix: header_prefix in lower case; date, content_sha256, security_token: names of headers, lower case.
    """

    __slots__ = ("chain", "header_prefix", "plain_services", "prefix", "date", "content_sha256", "security_token")

    def __init__(self, chain: Chain, header_prefix: str, plain_services: "frozenset[str]") -> None:
        self.chain = chain
        self.header_prefix = header_prefix
        self.plain_services = plain_services
        self.prefix = header_prefix.lower()
        self.date = f"{self.prefix}date"
        self.content_sha256 = f"{self.prefix}content-sha256"
        self.security_token = f"{self.prefix}security-token"


AWS4 = Derived(
    chain=Chain(
        label="AWS4-HMAC-SHA256",
        prefix=b"AWS4",
        parts=("date", "region", "service"),
        terminator="aws4_request",
        dashed=False,
        lower_case=True,
        # S3 takes a signature in the query for up to seven days (measured); of other services AWS publishes no shorter
        # limit, and authkit's own verifier allows the same, so every key is dangerous for that long
        max_expires={"s3": 604800, "*": 604800},
    ),
    header_prefix="X-Amz-",
    plain_services=frozenset({"s3", "s3-outposts", "s3-object-lambda", "s3express"}),
)

DERIVED = {"sigv4": AWS4}
CHAINS = {row.chain.label: row.chain for row in DERIVED.values()}
