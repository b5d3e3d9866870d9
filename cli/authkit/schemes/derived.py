"""The table of schemes whose signing key is derived from a secret through a scope."""

from datetime import datetime

from authkit.clock import UTC, format_compact, parse_compact
from authkit.keys.scope import Chain, Chains

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

WEEK = 604800
COMPACT, UNIX = "compact", "unix"
# how a path, and how a query, is written for signing; see Rules
SWITCHED, WIRE, DECODED, FORM = "switched", "wire", "decoded", "form"
PAIRS, BARE, NAMED = "pairs", "bare", "named"
COLLAPSED, TRIMMED, LOWERED = "collapsed", "trimmed", "lowered"


class Rules:
    """How a service reads the request it is sent.

    Attributes:
        normalize_path: dot and empty segments are removed before signing.
        double_encode: the path is percent-encoded once more than it travels.
        plus_is_space: a '+' in the query is a space.
        path: SWITCHED for what the first two switches say; WIRE: as it travels; DECODED: percent-decoded; FORM: decoded
            as a whole, '+' as a space, runs of '/' as one, and encoded again.
        query: PAIRS for encoded pairs in order; BARE: the same, an empty value without its '='; NAMED: as BARE, with
            names decoded; FORM: as PAIRS, without those that lack a name or an '='; WIRE: as it travels.
        values: how header values are: COLLAPSED (trimmed, runs of spaces as one), TRIMMED, or LOWERED (and trimmed).
    """

    __slots__ = ("normalize_path", "double_encode", "plus_is_space", "path", "query", "values")

    def __init__(
        self,
        normalize_path: bool,
        double_encode: bool,
        plus_is_space: bool,
        path: str = SWITCHED,
        query: str = PAIRS,
        values: str = COLLAPSED,
    ) -> None:
        self.normalize_path = normalize_path
        self.double_encode = double_encode
        self.plus_is_space = plus_is_space
        self.path = path
        self.query = query
        self.values = values


ONCE, USUAL = Rules(False, False, True), Rules(True, True, False)
_TRIMMED = Rules(False, False, True, values=TRIMMED)


class Names:
    """What the parameters of a signature in the query are called.

    Attributes:
        algorithm, credential, date, expires, listing, signature, token, payload: as written.
        required: those that every signed query has.
        marks: algorithm, credential and signature in lower case: a query with one of them is a signed one.
        reserved: all that signing adds, in lower case.
    """

    __slots__ = (
        "algorithm",
        "credential",
        "date",
        "expires",
        "listing",
        "signature",
        "token",
        "payload",
        "required",
        "marks",
        "reserved",
    )

    def __init__(self, prefix: str, algorithm: str = "Algorithm", listing: str = "SignedHeaders") -> None:
        words = ("Credential", "Date", "Expires", "Signature", "Security-Token", "Content-Sha256")
        lower = prefix == prefix.lower()
        self.algorithm, self.listing = prefix + algorithm, prefix + listing
        self.credential, self.date, self.expires, self.signature, self.token, self.payload = [
            prefix + (word.lower() if lower else word) for word in words
        ]
        self.required = (self.algorithm, self.credential, self.date, self.expires, self.signature)
        self.marks = frozenset([name.lower() for name in (self.algorithm, self.credential, self.signature)])
        self.reserved = frozenset([name.lower() for name in (*self.required, self.listing, self.token)])


class Derived:
    """What one scheme of the family does its own way; all of it data.

    Attributes:
        name: as --scheme names it.
        chain: how its keys are derived.
        header_prefix: what its headers begin with, as written, e.g. "X-Amz-"; prefix: the same in lower case.
        date_header, payload_header, token_header: names of headers as written; date, content_sha256, security_token:
            the same in lower case.
        guarded: what the names of headers begin with that must be signed when present, lower case.
        stamp: COMPACT for YYYYMMDDThhmmssZ, UNIX for seconds since 1970, in the date header and the string to sign.
        rules: how the service reads a request; plain_rules: how those of plain_services do.
        plain_services: services that read the path as it is, as S3 does, and whose signed URLs never cover a body.
        signed: names, and beginnings of names that end with '-', of the headers signed by default, lower case; () for
            every header but those that change on the way.
        implicit: in the same form, which headers are signed without being listed; () for a list that names them all.
        listing: the field of Authorization that lists what is signed; "" for a scheme without a list.
        separator: what stands between the fields of Authorization.
        payload: "hash" or "unsigned": what is signed where the request does not say it.
        declares: whether the payload hash is sent as a header: True: always, False: where it must be, None: always for
            plain_services, else where it must be.
        unsigned: the word for a body that is not signed; "" where the scheme has none.
        hashes_word: whether the hash of that word is signed in its place.
        query: names of the query's parameters; None for a scheme without a signature in the query.
        nonce: the header with a random value that every request has; "" without one.
        required: headers that every request has and signs, lower case.
        host_optional: whether the vendor's own clients leave Host unsigned.
        date_listed: whether the date header must be among what is signed; the string to sign holds its text anyway.
        bucket_in: what follows the bucket in a host name, for a scheme that signs the bucket as part of the path; "".
        hosts: which host names say what the scope is, as endpoints.match_host reads them; None for AWS's.
        streams: whether a body may be signed piece by piece, as it is sent.
        signature_length: digits of a signature; None where that varies.
        fields: names of the fields of Authorization; signature_mark: what stands before the last one's value.
        special: whether it has any of implicit, hashes_word, required, bucket_in, which most have not.
        longest: seconds that a signature in the query may live; 0 where there is none.
    """

    __slots__ = (
        "name",
        "chain",
        "header_prefix",
        "prefix",
        "date_header",
        "payload_header",
        "token_header",
        "date",
        "content_sha256",
        "security_token",
        "guarded",
        "stamp",
        "rules",
        "plain_rules",
        "plain_services",
        "signed",
        "implicit",
        "listing",
        "separator",
        "payload",
        "declares",
        "unsigned",
        "hashes_word",
        "query",
        "nonce",
        "required",
        "host_optional",
        "date_listed",
        "bucket_in",
        "hosts",
        "streams",
        "signature_length",
        "fields",
        "signature_mark",
        "longest",
        "special",
        "_made_of",
    )

    def __init__(
        self,
        name: str,
        chain: Chain,
        header_prefix: str,
        *,
        date_header: str = "Date",
        payload_header: str = "Content-Sha256",
        token_header: str = "Security-Token",
        guarded: "tuple[str, ...]" = (),
        stamp: str = COMPACT,
        rules: Rules = USUAL,
        plain_rules: Rules = ONCE,
        plain_services: "frozenset[str]" = frozenset(),
        signed: "tuple[str, ...]" = (),
        implicit: "tuple[str, ...]" = (),
        listing: str = "SignedHeaders",
        separator: str = ", ",
        payload: str = "hash",
        declares: "bool | None" = None,
        unsigned: str = "UNSIGNED-PAYLOAD",
        hashes_word: bool = False,
        query: "Names | None" = None,
        nonce: str = "",
        required: "tuple[str, ...]" = (),
        host_optional: bool = False,
        date_listed: bool = True,
        bucket_in: str = "",
        hosts: "tuple[str, ...] | None" = (),
        streams: bool = False,
        signature_length: "int | None" = 64,
    ) -> None:
        self._made_of: "dict[str, Any]" = {name: value for name, value in locals().items() if name != "self"}
        self.name = name
        self.chain = chain
        self.header_prefix = header_prefix
        self.prefix = header_prefix.lower()
        self.date_header, self.payload_header, self.token_header = [
            # a whole name stands as it is, a word behind the prefix
            word if word.startswith("x-") else header_prefix + (word.lower() if self.prefix == header_prefix else word)
            for word in (date_header, payload_header, token_header)
        ]
        self.date = self.date_header.lower()
        self.content_sha256 = self.payload_header.lower()
        self.security_token = self.token_header.lower()
        self.guarded = (self.prefix, *guarded)
        self.stamp = stamp
        self.rules = rules
        self.plain_rules = plain_rules
        self.plain_services = plain_services
        self.signed = signed
        self.implicit = implicit
        self.listing = listing
        self.separator = separator
        self.payload = payload
        self.declares = declares
        self.unsigned = unsigned
        self.hashes_word = hashes_word
        self.query = query
        self.nonce = nonce
        self.required = required
        self.host_optional = host_optional
        self.date_listed = date_listed
        self.bucket_in = bucket_in
        self.hosts = hosts
        self.streams = streams
        self.signature_length = signature_length
        self.fields = ("Credential", listing, "Signature") if listing else ("Credential", "Signature")
        self.signature_mark = f"{separator}Signature="
        self.longest = max(chain.max_expires.values())
        self.special = bool(implicit or hashes_word or required or bucket_in)

    def but(self, **changes: "Any") -> "Derived":
        """Return this row with some of what it was made of changed."""
        return Derived(**{**self._made_of, **changes})

    def format_stamp(self, at: datetime) -> str:
        """Write an instant as the date header and the string to sign have it."""
        return format_compact(at) if self.stamp == COMPACT else str(int(at.timestamp()))

    def parse_stamp(self, text: str) -> "datetime | None":
        """Read what format_stamp writes; None if it is not a real instant in that form, and no other."""
        if self.stamp == COMPACT:
            return parse_compact(text)
        plain = text.isascii() and text.isdigit() and len(text) <= 12 and (text == "0" or text[0] != "0")
        if not plain or int(text) > _LAST:
            return None
        return datetime.fromtimestamp(int(text), UTC)

    def implies(self, service: "str | None", in_query: bool) -> str:
        """Return "hash" or "unsigned": what a request that declares no payload hash has signed."""
        return "unsigned" if in_query and service in self.plain_services else self.payload


_LAST = 253402300799  # 9999-12-31T23:59:59Z


def is_among(name: str, names: "tuple[str, ...]") -> bool:
    """Say whether a header's name, lower case, is one of *names*, or begins with one of them that ends with '-'."""
    return name in names or any([name.startswith(one) for one in names if one.endswith("-")])


def _chain(
    label: str,
    prefix: str,
    terminator: str,
    longest: int,
    *,
    parts: str = "date region service",
    dashed: bool = False,
    family: str = "",
) -> Chain:
    """Return a chain.

    Args:
        longest: seconds that a signature in the query may live; 0 for a scheme without one.
        parts, family: words; family: labels of schemes of the same vendor that derive the same keys.
    """
    secret = prefix.encode("ascii")
    longest_for = {"*": longest}
    return Chain(
        label, secret, tuple(parts.split()), terminator, dashed, True, longest_for, family=tuple(family.split())
    )


AWS4 = Derived(
    "sigv4",
    Chain(
        label="AWS4-HMAC-SHA256",
        prefix=b"AWS4",
        parts=("date", "region", "service"),
        terminator="aws4_request",
        dashed=False,
        lower_case=True,
        # S3 takes a signature in the query for up to seven days (measured); of other services AWS publishes no shorter
        # limit, and authkit's own verifier allows the same, so every key is dangerous for that long
        max_expires={"s3": WEEK, "*": WEEK},
    ),
    "X-Amz-",
    plain_services=frozenset({"s3", "s3-outposts", "s3-object-lambda", "s3express"}),
    query=Names("X-Amz-"),
    hosts=None,
    streams=True,
)
# Source: Cloud Storage, "Signatures" and "HMAC keys"; the chain as in Google's UrlSigner and in curl --aws-sigv4 goog.
GOOG4 = Derived(
    "goog4",
    _chain("GOOG4-HMAC-SHA256", "GOOG4", "goog4_request", WEEK),
    "X-Goog-",
    plain_services=frozenset({"storage"}),
    query=Names("X-Goog-"),
    hosts=("*.storage.googleapis.com region=auto service=storage",),
)
# Source: osc-sdk-python, Authentication. The vendor's API has no signature in the query and no unsigned body.
OSC4 = Derived(
    "osc4",
    _chain("OSC4-HMAC-SHA256", "OSC4", "osc4_request", 0),
    "X-Osc-",
    unsigned="",
    hosts=("{service}.{region}.outscale.com",),
)
# Source: Tencent Cloud, "Signature v3"; tencentcloud-sdk-python. Its clients sign Content-Type and Host alone.
TC3 = Derived(
    "tc3",
    _chain("TC3-HMAC-SHA256", "TC3", "tc3_request", 0, parts="date service", dashed=True),
    "X-TC-",
    date_header="Timestamp",
    payload_header="Content-SHA256",
    token_header="Token",
    stamp=UNIX,
    rules=Rules(False, False, False, WIRE, WIRE, LOWERED),
    signed=("content-type", "host", "x-tc-"),
    hashes_word=True,
    required=("content-type",),
    date_listed=False,
    hosts=("{service}.tencentcloudapi.com", "{service}.{place}.tencentcloudapi.com"),
)
# Source: Volcengine, "Signature method"; volc-sdk-python. Its form in the query covers neither host nor body: left out.
VOLC = Derived(
    "volc",
    _chain("HMAC-SHA256", "", "request", 0, family="TOS4-HMAC-SHA256"),
    "X-",
    rules=_TRIMMED,
    signed=("content-md5", "content-type", "host", "x-"),
    declares=True,
    unsigned="",
    hosts=("{service}.{region}.volcengineapi.com",),
)
# Source: Volcengine TOS, "Signature V4"; ve-tos-python-sdk.
TOS4 = Derived(
    "tos4",
    _chain("TOS4-HMAC-SHA256", "", "request", WEEK, family="HMAC-SHA256"),
    "X-Tos-",
    rules=_TRIMMED,
    plain_rules=_TRIMMED,
    plain_services=frozenset({"tos"}),
    signed=("content-type", "host", "x-tos-"),
    payload="unsigned",
    declares=False,
    query=Names("X-Tos-"),
    hosts=("*.tos-{region}.volces.com service=tos",),
)
# Source: Alibaba Cloud OSS, "V4 signature in the Authorization header" and "in presigned URLs"; alibabacloud-oss-v2.
OSS4 = Derived(
    "oss4",
    _chain("OSS4-HMAC-SHA256", "aliyun_v4", "aliyun_v4_request", WEEK, family="SLS4-HMAC-SHA256"),
    "x-oss-",
    rules=Rules(False, False, True, SWITCHED, BARE, TRIMMED),
    signed=("content-md5", "content-type", "host", "x-oss-"),
    implicit=("content-md5", "content-type", "x-oss-"),
    listing="AdditionalHeaders",
    separator=",",
    payload="unsigned",
    declares=True,
    query=Names("x-oss-", "signature-version", "additional-headers"),
    host_optional=True,
    bucket_in=".aliyuncs.com",
    hosts=("*.oss-{region}-internal.aliyuncs.com service=oss", "*.oss-{region}.aliyuncs.com service=oss"),
)
# Source: Simple Log Service, "Request signatures (V4)"; aliyun-log-python-sdk.
SLS4 = Derived(
    "sls4",
    _chain("SLS4-HMAC-SHA256", "aliyun_v4", "aliyun_v4_request", 0, family="OSS4-HMAC-SHA256"),
    "x-log-",
    token_header="x-acs-security-token",
    guarded=("x-acs-",),
    rules=Rules(False, False, True, DECODED, NAMED, TRIMMED),
    signed=("content-type", "host", "x-acs-", "x-log-"),
    implicit=("content-type", "host", "x-acs-", "x-log-"),
    listing="",
    separator=",",
    declares=True,
    unsigned="",
    hosts=("*.{region}-intranet.log.aliyuncs.com service=sls", "*.{region}.log.aliyuncs.com service=sls"),
)
# Source: jdcloud-sdk-python, signer.py and its test.
JDCLOUD3 = Derived(
    "jdcloud3",
    _chain("JDCLOUD3-HMAC-SHA256", "JDCLOUD3", "jdcloud3_request", 0),
    "x-jdcloud-",
    rules=Rules(False, False, True, FORM, FORM, TRIMMED),
    unsigned="",
    nonce="x-jdcloud-nonce",
    date_listed=False,
    hosts=("{service}.jdcloud-api.com",),
)
# Source: JD Cloud, "Request signature"; the SDKs for C++ and Go, which sign by it still.
JDCLOUD2 = JDCLOUD3.but(name="jdcloud2", chain=_chain("JDCLOUD2-HMAC-SHA256", "JDCLOUD2", "jdcloud2_request", 0))

DERIVED = {row.name: row for row in (AWS4, GOOG4, OSC4, TC3, VOLC, TOS4, OSS4, SLS4, JDCLOUD3, JDCLOUD2)}


def _define(definition: "dict[str, object]", what: str) -> Chain:
    from authkit.schemes.custom import read_definition

    return read_definition(definition, what).chain


CHAINS = Chains({row.chain.label: row.chain for row in DERIVED.values()}, _define)
