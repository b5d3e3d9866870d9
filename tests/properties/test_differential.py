"""Do botocore, the AWS Common Runtime and authkit sign generated requests alike, stage by stage?

Where a peer differs, the difference has a name, the specification's text, an example, and the smallest rewriting of
the request under which the peer agrees.  A listed difference that stops occurring fails.
"""

import io
import re
from collections.abc import Callable
from datetime import datetime, timezone
from importlib import import_module
from types import ModuleType
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, quote_from_bytes, unquote_to_bytes

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from authkit.errors import AuthkitError, InputError, Refused, Rejected, UsageError
from authkit.keys.derive import derive_key
from authkit.keys.scope import Scope
from authkit.keys.select import Credential
from authkit.messages.payload import hash_bytes
from authkit.messages.request import Request
from authkit.schemes.derived import AWS4
from authkit.schemes.sigv4 import Settings, sign
from authkit.secret import Secret

AT, STAMP = datetime(2026, 11, 23, 9, 0, 0, tzinfo=timezone.utc), "20261123T090000Z"
ID, SECRET, REGION = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "us-east-1"
HOST, EXPIRES = "example.amazonaws.com", 3600
S3, OTHER = "s3", "service"


class Case(NamedTuple):
    service: str
    target: str
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    token: "str | None" = None


class Stages(NamedTuple):
    """What can be compared: None is a stage that the peer does not show."""

    canonical_request: "str | None"
    signed_headers: str
    signature: str


def ours(case: Case, placement: str = "header", payload: "str | None" = None) -> Stages:
    scope = Scope(("20261123", REGION, case.service, "aws4_request"), AWS4.chain)
    key = derive_key(Secret(SECRET.encode()).mac_key(b"AWS4"), scope.values)
    credential = Credential(ID, scope, key, Secret(case.token.encode()) if case.token else None)
    headers = (("Host", HOST), *case.headers)
    request = Request(case.method, case.target, headers, hash_bytes(case.body), len(case.body))
    in_query = placement == "query"
    how = Settings(placement=placement, expires=EXPIRES if in_query else None, payload=payload)
    signed = sign(request, credential, how, AT)
    canonical = signed.stages["canonical-request"]
    return Stages(canonical, canonical.split("\n")[-2], signed.stages["signature"])


# ---------------------------------------------------------------------------------------------------------------- peers


@pytest.fixture(scope="module", autouse=True)
def peers(require_module: Callable[[str], ModuleType]) -> None:
    """Without the peers there is nothing to compare with; where none may be missing, that fails."""
    for name in ("botocore", "awscrt"):
        require_module(name)


def botocore(case: Case, placement: str = "header") -> Stages:
    auth, awsrequest = import_module("botocore.auth"), import_module("botocore.awsrequest")
    credentials = import_module("botocore.credentials").Credentials(ID, SECRET, case.token)
    request = awsrequest.AWSRequest(method=case.method, url=f"https://{HOST}{case.target}", data=case.body)
    for name, value in case.headers:
        request.headers.add_header(name, value)
    if placement == "query":
        kind = auth.S3SigV4QueryAuth if case.service == S3 else auth.SigV4QueryAuth
        signer = kind(credentials, case.service, REGION, expires=EXPIRES)
    else:
        signer = (auth.S3SigV4Auth if case.service == S3 else auth.SigV4Auth)(credentials, case.service, REGION)
    # The steps of add_auth, with an instant of our own instead of its clock.
    request.context["timestamp"] = STAMP
    signer._modify_request_before_signing(request)
    canonical = signer.canonical_request(request)
    signature = signer.signature(signer.string_to_sign(request, canonical), request)
    return Stages(canonical, canonical.split("\n")[-2], signature)


def awscrt(case: Case, placement: str = "header") -> Stages:
    auth, http = import_module("awscrt.auth"), import_module("awscrt.http")
    plain, in_query = case.service == S3, placement == "query"
    sha256_header = plain and not in_query
    config = auth.AwsSigningConfig(
        algorithm=auth.AwsSigningAlgorithm.V4,
        signature_type=auth.AwsSignatureType.HTTP_REQUEST_QUERY_PARAMS
        if in_query
        else auth.AwsSignatureType.HTTP_REQUEST_HEADERS,
        credentials_provider=auth.AwsCredentialsProvider.new_static(ID, SECRET, case.token),
        region=REGION,
        service=case.service,
        date=AT,
        use_double_uri_encode=not plain,
        should_normalize_uri_path=not plain,
        signed_body_value="UNSIGNED-PAYLOAD" if plain and in_query else None,
        signed_body_header_type=auth.AwsSignedBodyHeaderType.X_AMZ_CONTENT_SHA_256
        if sha256_header
        else auth.AwsSignedBodyHeaderType.NONE,
        expiration_in_seconds=EXPIRES if in_query else None,
    )
    headers = http.HttpHeaders([("Host", HOST), *case.headers])
    body = io.BytesIO(case.body) if case.body else None
    request = http.HttpRequest(case.method, case.target, headers, body)
    auth.aws_sign_request(request, config).result(30)
    text = request.path if in_query else dict(request.headers)["Authorization"]
    found = re.search(r"SignedHeaders=([^&, ]+).*?Signature=([0-9a-f]{64})", text)
    assert found is not None
    return Stages(None, found[1].replace("%3B", ";"), found[2])


PEERS: dict[str, Callable[..., Stages]] = {"botocore": botocore, "awscrt": awscrt}


def agree(mine: Stages, theirs: Stages) -> bool:
    return mine[1:] == theirs[1:] and theirs.canonical_request in (None, mine.canonical_request)


# ---------------------------------------------------------------------------------------------------- named differences


def encoded(text: str, *, space: str = "+") -> str:
    """Return *text* decoded once and encoded again, by the standard library."""
    return quote_from_bytes(unquote_to_bytes(text.replace("+", space)), safe="-_.~")


def encode_path(case: Case) -> Case:
    path, mark, query = case.target.partition("?")
    return case._replace(target="/".join(map(encoded, path.split("/"))) + mark + query)


def encode_query(case: Case) -> Case:
    path, mark, query = case.target.partition("?")
    pairs = [pair.partition("=") for pair in query.split("&") if pair]
    space = "%20" if case.service == S3 else "+"
    text = "&".join(f"{encoded(name, space=space)}={encoded(value, space=space)}" for name, _, value in pairs)
    return case._replace(target=path + mark + text)


def plus_as_space(case: Case) -> Case:
    path, mark, query = case.target.partition("?")
    return case._replace(target=path + mark + query.replace("+", "%20"))


def end_with_slash(case: Case) -> Case:
    path, mark, query = case.target.partition("?")
    return case._replace(target=(path + "/" if path.endswith(("/.", "/..")) else path) + mark + query)


def without(*names: str) -> Callable[[Case], Case]:
    return lambda case: case._replace(headers=tuple(pair for pair in case.headers if pair[0].lower() not in names))


class Difference(NamedTuple):
    peer: str
    services: tuple[str, ...]
    specification: str
    example: Case
    rewrite: Callable[[Case], Case]


ENCODE = "AWS SigV4, canonical request: 'URI-encode every byte except the unreserved characters', upper-case hex"
HOP = "RFC 9110 §7.6.1: a hop-by-hop field is consumed on the way, so its signature cannot be checked"

DIFFERENCES = {
    "botocore: S3 path as it stands": Difference(
        "botocore", (S3,), ENCODE + "; botocore expects a path that is encoded already", Case(S3, "/a=b"), encode_path
    ),
    "awscrt: S3 path as it stands": Difference(
        "awscrt", (S3,), ENCODE + "; awscrt expects a path that is encoded already", Case(S3, "/%7e%2f:"), encode_path
    ),
    "botocore: query as it stands": Difference(
        "botocore", (S3, OTHER), ENCODE + ", each name and value", Case(OTHER, "/?a=%2f+b"), encode_query
    ),
    "botocore: empty parameters": Difference(
        "botocore",
        (S3, OTHER),
        "a parameter has a name; nothing between two '&' is none",
        Case(OTHER, "/?&&a=1"),
        encode_query,
    ),
    "awscrt: '+' is data to S3 as well": Difference(
        "awscrt",
        (S3,),
        "S3 reads a query as a form: '+' is a space (measured on Swift s3api)",
        Case(S3, "/?a=b+c"),
        plus_as_space,
    ),
    "botocore: a dot segment at the end": Difference(
        "botocore", (OTHER,), "RFC 3986 §5.2.4: '/a/.' and '/a/b/..' become '/a/'", Case(OTHER, "/a/."), end_with_slash
    ),
    "awscrt: a dot segment at the end": Difference(
        "awscrt", (OTHER,), "RFC 3986 §5.2.4: '/a/.' and '/a/b/..' become '/a/'", Case(OTHER, "/a/b/.."), end_with_slash
    ),
    "botocore: signs WebSocket headers": Difference(
        "botocore",
        (S3, OTHER),
        HOP,
        Case(OTHER, "/", headers=(("Sec-WebSocket-Key", "x"),)),
        without("sec-websocket-key", "sec-websocket-protocol", "sec-websocket-version", "proxy-connection"),
    ),
    "awscrt: signs Connection and its like": Difference(
        "awscrt",
        (S3, OTHER),
        HOP,
        Case(OTHER, "/", headers=(("Connection", "te"), ("TE", "trailers"))),
        without(*"connection te trailer keep-alive proxy-authorization proxy-authenticate proxy-connection".split()),
    ),
}


def rewritten(case: Case, peer: str) -> Case:
    for difference in DIFFERENCES.values():
        if difference.peer == peer and case.service in difference.services:
            case = difference.rewrite(case)
    return case


@pytest.mark.parametrize("name", DIFFERENCES)
def test_listed_difference_still_occurs(name: str) -> None:
    """The peer differs on the example, and on nothing else of it."""
    difference = DIFFERENCES[name]
    peer, case = PEERS[difference.peer], difference.example
    assert case.service in difference.services
    assert not agree(ours(case), peer(case))
    assert agree(ours(case), peer(difference.rewrite(case)))


def test_stray_percent_is_refused() -> None:
    """RFC 3986 §2.1: a '%' that two hexadecimal digits do not follow is no URL; both peers sign it in a path."""
    for service in (S3, OTHER):
        case = Case(service, "/a%zz")
        assert botocore(case).signature == awscrt(case).signature
        with pytest.raises(Rejected) as caught:
            ours(case)
        assert caught.value.reason == "target-syntax"


def test_botocore_signs_the_date_header_instead() -> None:
    """AWS SigV4: x-amz-date wins; botocore drops it when there is a Date header, and S3's rule keeps both."""
    case = Case(OTHER, "/", headers=(("Date", "Mon, 23 Nov 2026 09:00:00 GMT"),))
    assert botocore(case).signed_headers == "date;host"
    assert ours(case).signed_headers == "date;host;x-amz-date"
    assert agree(ours(case), awscrt(case))


def test_botocore_upper_cases_the_method() -> None:
    """RFC 9110 §9.1: a method is case-sensitive."""
    case = Case(OTHER, "/", method="get")
    canonical = botocore(case).canonical_request
    assert canonical is not None
    assert canonical.startswith("GET\n")
    assert agree(ours(case), awscrt(case))


def test_botocore_keeps_one_of_several_parameters_when_it_presigns() -> None:
    """AWS SigV4 sorts every parameter by name, then value; botocore keeps the first of a name on the URL it makes."""
    case = Case(OTHER, "/?a=2&a=1")
    assert agree(ours(case._replace(target="/?a=2"), "query"), botocore(case, "query"))
    assert agree(ours(case, "query"), awscrt(case, "query"))


def test_botocore_reads_a_query_as_text_when_it_presigns() -> None:
    """AWS SigV4 encodes bytes; botocore decodes them as UTF-8 first, so one that is not becomes U+FFFD."""
    case = Case(OTHER, "/?a=%FF")
    assert agree(ours(case._replace(target="/?a=%EF%BF%BD"), "query"), botocore(case, "query"))
    assert agree(ours(case, "query"), awscrt(case, "query"))


@pytest.mark.parametrize("target", ["/a:/b", "/?a=:/"])
def test_awscrt_refuses_a_colon_before_a_slash(target: str) -> None:
    """RFC 3986 §3.3 allows ':' in a path and a query; awscrt takes it for the end of a scheme."""
    with pytest.raises(import_module("awscrt.exceptions").AwsCrtError) as theirs:
        awscrt(Case(OTHER, target))
    assert theirs.value.name == "AWS_ERROR_MALFORMED_INPUT_STRING"
    assert agree(ours(Case(OTHER, target)), botocore(rewritten(Case(OTHER, target), "botocore")))


def test_awscrt_takes_what_follows_a_scheme_for_the_request() -> None:
    """RFC 9112 §3.2: the target is all of it; awscrt signs the path of a URL that stands inside."""
    inside, outside = Case(OTHER, "/?a=https://b/c"), Case(OTHER, "/c")
    assert awscrt(inside).signature == awscrt(outside).signature != ours(inside).signature
    assert agree(ours(inside), botocore(rewritten(inside, "botocore")))


# --------------------------------------------------------------------------------------------------- generated requests

UNRESERVED = st.text("abzAZ09-._~", min_size=1, max_size=4)
RESERVED = st.sampled_from([*"!$'()*,;:@+=", '"', "<", ">", "\\", "^", "`", "{", "|", "}"])
PERCENT = st.sampled_from("%20 %2F %2f %2B %25 %7E %41 %C3%A9 %c3%a9 %3D %26 %00 %FF".split())
TEXT = st.lists(st.one_of(UNRESERVED, RESERVED, PERCENT), min_size=1, max_size=4).map("".join)
SEGMENT = st.one_of(st.sampled_from(["", ".", ".."]), TEXT)
PATH = st.lists(SEGMENT, min_size=1, max_size=5).map(lambda parts: "/" + "/".join(parts))
IN_QUERY = st.one_of(UNRESERVED, RESERVED.filter(lambda one: one != "="), PERCENT, st.sampled_from("/?"))
WORD = st.lists(IN_QUERY, max_size=4).map("".join)
NAME = st.one_of(st.sampled_from(["a", "A", "b", "q", "q.x", "prefix"]), WORD)
PAIR = st.one_of(st.tuples(NAME, WORD).map("=".join), st.tuples(NAME, WORD, WORD).map("=".join), NAME, st.just(""))
QUERY = st.lists(PAIR, max_size=5).map("&".join)
TARGET = st.one_of(PATH, st.tuples(PATH, QUERY).map("?".join))

HEADER_NAME = st.sampled_from(
    "Accept X-Amz-Meta-A x-amz-meta-a X-AMZ-META-B x-amz-acl Content-Type content-md5 Range X-1 x-b.c User-Agent "
    "Connection Expect Upgrade Transfer-Encoding X-Amzn-Trace-Id TE Sec-WebSocket-Key".split()
)
HEADER_VALUE = st.text([chr(byte) for byte in range(0x20, 0x7F)] + [" "] * 30 + ["\t"] * 10, max_size=12)
HEADERS = st.lists(st.tuples(HEADER_NAME, HEADER_VALUE), max_size=6).map(tuple)
TOKEN = st.one_of(st.none(), st.text("ABCabc019+/=", min_size=1, max_size=40))

CASE = st.builds(
    Case,
    service=st.sampled_from([S3, OTHER]),
    target=TARGET,
    method=st.sampled_from(["GET", "PUT", "POST", "HEAD", "DELETE", "PATCH", "PROPFIND"]),
    headers=HEADERS,
    body=st.binary(max_size=40),
    token=TOKEN,
)


@given(CASE)
@settings(max_examples=300)
def test_botocore_header(case: Case) -> None:
    assert ours(case) == botocore(rewritten(case, "botocore"))


def readable_by_awscrt(case: Case) -> bool:
    return ":/" not in rewritten(case, "awscrt").target


@given(CASE.filter(readable_by_awscrt))
@settings(max_examples=200)
def test_awscrt_header(case: Case) -> None:
    assert ours(case)[1:] == awscrt(rewritten(case, "awscrt"))[1:]


@given(CASE.filter(readable_by_awscrt))
@settings(max_examples=200)
def test_awscrt_query(case: Case) -> None:
    assert ours(case, "query")[1:] == awscrt(rewritten(case, "awscrt"), "query")[1:]


def as_a_form(case: Case) -> Case:
    """What botocore makes of a query before it presigns: a form's first value of each name, encoded anew."""
    path, mark, query = case.target.partition("?")
    kept: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        kept.setdefault(name, value)
    return case._replace(target=path + mark + "&".join(quote(one, "") + "=" + quote(kept[one], "") for one in kept))


@given(CASE.map(lambda case: case._replace(body=b"")))
@settings(max_examples=300)
def test_botocore_query(case: Case) -> None:
    form = as_a_form(case)
    assert ours(form, "query") == botocore(rewritten(form, "botocore"), "query")


@pytest.mark.parametrize("name", ["X-Amz-Date", "Authorization", "X-Amz-Security-Token", "X-Amz-Content-Sha256"])
def test_what_signing_adds_is_never_overwritten(name: str) -> None:
    """awscrt refuses a request that already has one of these; authkit does unless it says the same."""
    case = Case(OTHER, "/", headers=((name, "other"),))
    with pytest.raises(import_module("awscrt.exceptions").AwsCrtError) as theirs:
        awscrt(case)
    assert theirs.value.name == "AWS_AUTH_SIGNING_ILLEGAL_REQUEST_HEADER"
    with pytest.raises(AuthkitError) as mine:
        ours(case)
    assert type(mine.value) in (Refused, UsageError, InputError)
