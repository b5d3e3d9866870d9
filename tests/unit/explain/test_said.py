"""Do the server's own words lead to their cause, with what each side says?"""

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from authkit.explain import explain
from authkit.explain.causes import ADVICE
from authkit.explain.diff import Difference
from authkit.explain.server import read_server_error
from authkit.messages.request import Request, parse_request
from plainsigner import EMPTY, ID, REGION, SECRET, STAMP, Plain, s3_error, signing_key

SCOPE = f"20261123/{REGION}/s3/aws4_request"
NINE = datetime(2026, 11, 23, 9, tzinfo=timezone.utc)


def presigned(expires: int = 900, stamp: str = STAMP, token: "str | None" = None, **more: str) -> Request:
    """Return a presigned URL's request whose signature is made up: no words of a server depend on it."""
    query = {
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": f"{ID}%2F{stamp[:8]}%2F{REGION}%2Fs3%2Faws4_request",
        "X-Amz-Date": stamp,
        "X-Amz-Expires": str(expires),
        "X-Amz-SignedHeaders": "host",
        **({"X-Amz-Security-Token": token} if token else {}),
        "X-Amz-Signature": "ab" * 32,
        **more,
    }
    return Request(
        "GET", "/a?" + "&".join(f"{name}={value}" for name, value in query.items()), (("Host", "example.com"),)
    )


def said(code: str, message: str = "m", request: "Request | None" = None, **elements: str) -> "Difference | None":
    sent = parse_request(Plain(**META).message()) if request is None else request
    return explain(sent, server=read_server_error(s3_error(None, None, code, message=message, **elements))).difference


META: "dict[str, Any]" = {}
SKEWED = "the request is dated 900 seconds before the server's clock: set the clock, and send soon after signing"
FAR = "the server's clock and the request's date are too far apart: set the clock, and send soon after signing"
OVER = "the presigned URL was good for 900 seconds: make a new one, if need be with a longer --expires"
NEW_TOKEN = "the session is over or its token is damaged: get new temporary keys, and send all three values"
UNKNOWN_ID = f"the server does not know {ID}: use a key of this server's account, and check the endpoint and partition"
NO_SIGNATURE = (
    "the request arrived without its signature, or the API has no such path and method: check the URL, the method and "
    "the stage, and whether a redirect or a proxy took the Authorization header away"
)
OTHER_BODY = "the body that arrived is not the one whose hash is signed: send the same bytes, and hash them last"


def wants(word: str, value: str) -> str:
    return f"the server wants the {word} {value} in the credential scope: sign for it"


def covers(names: str) -> str:
    return f"the signature must cover {names} too: add it before signing, or do not send it"


CASES: "list[tuple[str, str, dict[str, str], tuple[str, int | None, str, str], str, str]]" = [
    (
        "RequestTimeTooSkewed",
        "m",
        {"ServerTime": "2026-11-23T09:15:00Z"},
        ("s", 2, STAMP, "20261123T091500Z"),
        "time",
        SKEWED,
    ),
    (
        "RequestTimeTooSkewed",
        "m",
        {"ServerTime": "2026-11-23T08:44:59Z"},
        ("s", 2, STAMP, "20261123T084459Z"),
        "time",
        "the request is dated 901 seconds after the server's clock: set the clock, and send soon after signing",
    ),
    ("RequestExpired", "m", {}, ("s", 2, STAMP, ""), "time", FAR),
    (
        "SignatureDoesNotMatch",
        "Signature expired: 20261123T090000Z is now earlier than 20261123T091000Z (20261123T091500Z - 5 min.)",
        {},
        ("s", 2, STAMP, "20261123T091500Z"),
        "time",
        SKEWED,
    ),
    (
        "X",
        "Signature not yet current: 20261123T090000Z is still later than 20261122T090000Z",
        {},
        ("s", 2, STAMP, "20261122T090000Z"),
        "time",
        "the request is dated 86400 seconds after the server's clock: set the clock, and send soon after signing",
    ),
    ("AccessDenied", "Request has expired", {}, ("s", 2, STAMP, ""), "time", FAR),
    ("AccessDenied", "Request is not valid yet", {}, ("s", 2, STAMP, ""), "time", FAR),
    (
        "AccessDenied",
        "There were headers present in the request which were not signed",
        {"HeadersNotSigned": "X-Amz-Acl, x-amz-tagging"},
        ("c", None, "", "x-amz-acl, x-amz-tagging"),
        "signed-headers",
        covers("x-amz-acl, x-amz-tagging"),
    ),
    (
        "AccessDenied",
        "There were headers present in the request which were not signed",
        {},
        ("c", None, "", ""),
        "signed-headers",
        f"the server wants more headers signed: {ADVICE['signed-headers']}",
    ),
    (
        "X",
        "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
        {},
        ("c", None, "", ""),
        "signed-headers",
        f"the server wants more headers signed: {ADVICE['signed-headers']}",
    ),
    (
        "InvalidRequest",
        "Missing required header for this request: x-amz-content-sha256",
        {},
        ("c", None, "", "x-amz-content-sha256"),
        "header-missing",
        "the server wants the header x-amz-content-sha256 as well: send it, and sign it",
    ),
    (
        "XAmzContentSHA256Mismatch",
        "m",
        {"S3ComputedContentSHA256": "cd"},
        ("c", 9, EMPTY, "cd"),
        "payload-hash",
        OTHER_BODY,
    ),
    ("XAmzContentChecksumMismatch", "m", {}, ("c", 9, EMPTY, ""), "payload-hash", OTHER_BODY),
    (
        "X",
        "The provided 'x-amz-content-sha256' header does not match what was computed.",
        {},
        ("c", 9, EMPTY, ""),
        "payload-hash",
        OTHER_BODY,
    ),
    ("ExpiredToken", "m", {}, ("c", None, "", ""), "token", NEW_TOKEN),
    ("ExpiredTokenException", "m", {}, ("c", None, "", ""), "token", NEW_TOKEN),
    ("InvalidToken", "m", {}, ("c", None, "", ""), "token", NEW_TOKEN),
    ("TokenRefreshRequired", "m", {}, ("c", None, "", ""), "token", NEW_TOKEN),
    ("X", "The security token included in the request is expired", {}, ("c", None, "", ""), "token", NEW_TOKEN),
    ("InvalidAccessKeyId", "m", {}, ("x", None, "", ""), "secret", UNKNOWN_ID),
    ("InvalidClientTokenId", "m", {}, ("x", None, "", ""), "secret", UNKNOWN_ID),
    ("UnrecognizedClientException", "m", {}, ("x", None, "", ""), "secret", UNKNOWN_ID),
    ("AuthFailure", "m", {}, ("x", None, "", ""), "secret", UNKNOWN_ID),
    ("X", "The security token included in the request is invalid.", {}, ("x", None, "", ""), "secret", UNKNOWN_ID),
    ("MissingAuthenticationToken", "m", {}, ("a", None, "", ""), "unknown", NO_SIGNATURE),
    ("MissingAuthenticationTokenException", "m", {}, ("a", None, "", ""), "unknown", NO_SIGNATURE),
    ("X", "Missing Authentication Token", {}, ("a", None, "", ""), "unknown", NO_SIGNATURE),
    (
        "AuthorizationHeaderMalformed",
        "the region 'us-east-1' is wrong; expecting 'us-west-2'",
        {"Region": "us-west-2"},
        ("s", 3, SCOPE, "20261123/us-west-2/s3/aws4_request"),
        "scope",
        wants("region", "us-west-2"),
    ),
    (
        "SignatureDoesNotMatch",
        "Credential should be scoped to correct service: 'execute-api'.",
        {},
        ("s", 3, SCOPE, f"20261123/{REGION}/execute-api/aws4_request"),
        "scope",
        wants("service", "execute-api"),
    ),
    (
        "SignatureDoesNotMatch",
        "Date in Credential scope does not match: '20261123' != '20261124', from '20261124T000500Z'.",
        {},
        ("s", 3, SCOPE, f"20261124/{REGION}/s3/aws4_request"),
        "scope",
        wants("day", "20261124"),
    ),
    (
        "SignatureDoesNotMatch",
        "Credential should be scoped to a valid region, not 'us-east-1'. ",
        {"Region": REGION},
        ("s", 3, SCOPE, ""),
        "scope",
        f"the server is of another region or service: {ADVICE['scope']}",
    ),
    (
        "X",
        "The credential must be scoped to a valid region.",
        {},
        ("s", 3, SCOPE, ""),
        "scope",
        f"the server is of another region or service: {ADVICE['scope']}",
    ),
    (
        "X",
        "Date in Credential scope is odd",
        {},
        ("s", 3, SCOPE, ""),
        "scope",
        f"the server is of another region or service: {ADVICE['scope']}",
    ),
]
STAGES = {"c": "canonical-request", "s": "string-to-sign", "x": "signature", "a": "authorization"}


@pytest.mark.parametrize(("code", "message", "elements", "place", "cause", "advice"), CASES)
def test_the_words_of_a_server(
    code: str,
    message: str,
    elements: "dict[str, str]",
    place: "tuple[str, int | None, str, str]",
    cause: str,
    advice: str,
) -> None:
    found = said(code, message, **elements)
    assert found is not None
    assert (found.cause, found.advice) == (cause, advice)
    assert (found.stage, found.line, found.ours, found.theirs) == (STAGES[place[0]], *place[1:])


@pytest.mark.parametrize(
    ("server_time", "advice"),
    [
        ("2026-11-23T09:15:01Z", OVER),
        ("2026-11-23T09:00:01Z", OVER),
        ("", OVER),
        (
            "2026-11-23T09:00:00Z",
            "the request is dated 0 seconds after the server's clock: set the clock, and send soon after signing",
        ),
        (
            "2026-11-23T08:00:00Z",
            "the request is dated 3600 seconds after the server's clock: set the clock, and send soon after signing",
        ),
    ],
)
def test_a_presigned_url_that_is_over_or_not_yet_good(server_time: str, advice: str) -> None:
    found = said("AccessDenied", "Request has expired", presigned(), ServerTime=server_time)
    assert found is not None
    assert (found.cause, found.advice) == ("time", advice)


@pytest.mark.parametrize(
    ("code", "token", "id", "cause", "advice"),
    [
        (
            "InvalidAccessKeyId",
            "abc",
            ID,
            "token",
            f"the server does not know {ID} with this session token: get new temporary keys, and use all three values",
        ),
        (
            "InvalidAccessKeyId",
            None,
            "ASIAEXAMPLE",
            "token",
            "ASIAEXAMPLE is a temporary key, and the request has no session token: send it, and sign it",
        ),
        ("ExpiredToken", "abc", "ASIAEXAMPLE", "token", NEW_TOKEN),
    ],
)
def test_keys_of_a_session(code: str, token: "str | None", id: str, cause: str, advice: str) -> None:
    sent = Plain(**({"X_Amz_Security_Token": token} if token else {}))
    sent.id = id
    found = said(code, "m", parse_request(sent.message()))
    assert found is not None
    assert (found.cause, found.advice, found.stage) == (cause, advice, "canonical-request")
    shown = f"x-amz-security-token:[session token, {len(token)} characters]" if token else ""
    assert (found.line, found.ours, found.theirs) == (7 if token else None, shown, "")


def test_a_token_in_the_query_has_no_line() -> None:
    found = said("ExpiredToken", "m", presigned(token="abc%2F"))
    assert found is not None
    assert (found.line, found.ours) == (None, "x-amz-security-token:[session token, 4 characters]")


# an unsigned request: nothing but what the server says is known


UNSIGNED = parse_request(Plain().message(signed=False))


@pytest.mark.parametrize(
    ("code", "message", "elements", "place", "cause", "advice"),
    [
        (
            "RequestTimeTooSkewed",
            "m",
            {"RequestTime": STAMP, "ServerTime": "2026-11-23T09:15:00Z"},
            ("s", 2, STAMP, "20261123T091500Z"),
            "time",
            SKEWED,
        ),
        ("RequestTimeTooSkewed", "m", {}, ("s", 2, "", ""), "time", FAR),
        (
            "XAmzContentSHA256Mismatch",
            "m",
            {"S3ComputedContentSHA256": "cd"},
            ("c", None, "", "cd"),
            "payload-hash",
            OTHER_BODY,
        ),
        ("ExpiredToken", "m", {}, ("c", None, "", ""), "token", NEW_TOKEN),
        (
            "InvalidAccessKeyId",
            "m",
            {},
            ("x", None, "", ""),
            "secret",
            UNKNOWN_ID.replace(ID, "the access key ID"),
        ),
        (
            "InvalidAccessKeyId",
            "m",
            {"AWSAccessKeyId": "ASIAX"},
            ("c", None, "", ""),
            "token",
            "ASIAX is a temporary key, and the request has no session token: send it, and sign it",
        ),
        (
            "MissingAuthenticationToken",
            "m",
            {},
            ("a", None, "", ""),
            "signed-headers",
            "the request arrived without a signature: sign it",
        ),
        (
            "AuthorizationHeaderMalformed",
            "m",
            {"Region": "us-west-2"},
            ("s", 3, "", "us-west-2"),
            "scope",
            wants("region", "us-west-2"),
        ),
        (
            "X",
            "Credential should be scoped to a valid region",
            {},
            ("s", 3, "", ""),
            "scope",
            f"the server is of another region or service: {ADVICE['scope']}",
        ),
    ],
)
def test_words_about_a_request_that_was_not_signed_yet(
    code: str,
    message: str,
    elements: "dict[str, str]",
    place: "tuple[str, int | None, str, str]",
    cause: str,
    advice: str,
) -> None:
    found = said(code, message, UNSIGNED, **elements)
    assert found is not None
    assert (found.cause, found.advice) == (cause, advice)
    assert (found.stage, found.line, found.ours, found.theirs) == (STAGES[place[0]], *place[1:])


# the request's own faults


def own(request: "Plain | Request", **more: Any) -> "Difference | None":
    sent = parse_request(request.message()) if isinstance(request, Plain) else request
    return explain(sent, **more).difference


def faulty(wrong: "dict[str, Any] | None" = None, method: str = "GET", body: bytes = b"", **headers: str) -> Plain:
    made = Plain(method, body=body, **headers)
    made.wrong = wrong or {}
    return made


def with_id(id: str) -> Plain:
    made = Plain()
    made.id = id
    return made


def on_day(day: str) -> Plain:
    made = Plain()
    made.day = day
    return made


LIST = "host;x-amz-content-sha256;x-amz-date"
OWN: "list[tuple[Plain | Request, dict[str, Any], tuple[str, int | None, str, str], str, str]]" = [
    (
        on_day("20261122"),
        {},
        ("s", 3, f"20261122/{REGION}/s3/aws4_request", SCOPE),
        "scope",
        "the request is dated on 20261123: sign for it",
    ),
    (
        Plain(),
        {"region": "eu-west-1"},
        ("s", 3, SCOPE, "20261123/eu-west-1/s3/aws4_request"),
        "scope",
        "the server's region is eu-west-1: sign for it",
    ),
    (
        Plain(),
        {"service": "es"},
        ("s", 3, SCOPE, f"20261123/{REGION}/es/aws4_request"),
        "scope",
        "the server's service is es: sign for it",
    ),
    (
        faulty({"signed": ["x-amz-date", "host", "x-amz-content-sha256"]}),
        {},
        ("c", 8, "x-amz-date;host;x-amz-content-sha256", ""),
        "signed-headers",
        "the signed headers are not sorted, each once, in lower case: sort them",
    ),
    (
        faulty({"signed": ["host", "host", "x-amz-content-sha256", "x-amz-date"]}),
        {},
        ("c", 9, f"host;{LIST}", ""),
        "signed-headers",
        "the signed headers are not sorted, each once, in lower case: sort them",
    ),
    (
        faulty({"signed": [*LIST.split(";"), "x-b"]}),
        {},
        ("c", 7, "x-b:", ""),
        "header-missing",
        "the header x-b is signed and not in the request: send it, or leave it unsigned",
    ),
    (
        faulty({"signed": LIST.split(";")[1:]}),
        {},
        ("c", 7, "x-amz-content-sha256;x-amz-date", ""),
        "signed-headers",
        "the signature does not cover the host: sign it",
    ),
    (
        faulty({"signed": LIST.split(";")}, X_Amz_Acl="private"),
        {},
        ("c", 8, LIST, ""),
        "signed-headers",
        "the signature must cover x-amz-acl too: add it before signing, or do not send it",
    ),
    (
        with_id("ASIAEXAMPLE"),
        {},
        ("c", None, "", ""),
        "token",
        "ASIAEXAMPLE is a temporary key, and the request has no session token: send it, and sign it",
    ),
    (
        parse_request(faulty(method="PUT", body=b"hello").message()).with_body(EMPTY, 0),
        {},
        ("c", 10, Plain(body=b"hello").sent[2][1], EMPTY),
        "payload-hash",
        "the body is not the one whose hash the request declares: send the same bytes, and hash them last",
    ),
    (
        Plain(),
        {"at": NINE + timedelta(seconds=901)},
        ("s", 2, STAMP, "20261123T091501Z"),
        "time",
        "the request is dated 901 seconds before the server's clock: set the clock, and send soon after signing",
    ),
    (
        Plain(),
        {"at": NINE - timedelta(seconds=901)},
        ("s", 2, STAMP, "20261123T084459Z"),
        "time",
        "the request is dated 901 seconds after the server's clock: set the clock, and send soon after signing",
    ),
    (presigned(), {"at": NINE + timedelta(seconds=901)}, ("s", 2, STAMP, "20261123T091501Z"), "time", OVER),
    (
        presigned(stamp="00010101T000000Z"),
        {"at": datetime(9999, 12, 31, tzinfo=timezone.utc)},
        ("s", 2, "00010101T000000Z", "99991231T000000Z"),
        "time",
        OVER,
    ),
]


@pytest.mark.parametrize(("request_", "more", "place", "cause", "advice"), OWN)
def test_a_fault_of_the_request_itself(
    request_: "Plain | Request",
    more: "dict[str, Any]",
    place: "tuple[str, int | None, str, str]",
    cause: str,
    advice: str,
) -> None:
    found = own(request_, **more)
    assert found is not None
    assert (found.cause, found.advice) == (cause, advice)
    assert (found.stage, found.line, found.ours, found.theirs) == (STAGES[place[0]], *place[1:])


@pytest.mark.parametrize(
    ("request_", "more"),
    [
        (Plain(), {}),
        (Plain(), {"region": REGION, "service": "s3"}),
        (Plain(), {"at": NINE + timedelta(seconds=900)}),
        (Plain(), {"at": NINE - timedelta(seconds=900)}),
        (presigned(), {"at": NINE + timedelta(seconds=900)}),
        (presigned(604800), {"at": NINE + timedelta(days=7)}),
        (faulty({"signed": LIST.split(";")}, X_Amz_Security_Token="abc"), {}),
        (faulty({"signed": LIST.split(";")}, Content_Type="text/plain"), {}),
        (parse_request(Plain().message()).with_body(None, None), {}),
        (faulty({"payload": "UNSIGNED-PAYLOAD", "x-amz-content-sha256": "UNSIGNED-PAYLOAD"}), {}),
    ],
)
def test_a_request_without_a_fault(request_: "Plain | Request", more: "dict[str, Any]") -> None:
    assert own(request_, **more) is None


# a signature that cannot be read


def test_the_reasons_of_a_signature_that_cannot_be_read() -> None:
    message = Plain().message()
    found = {}
    for change, old, new in [
        ("date-missing", b"X-Amz-Date: 20261123T090000Z\r\n", b""),
        ("date-header", b"X-Amz-Date: 20261123T090000Z\r\n", b"Date: Mon, 23 Nov 2026 09:00:00 GMT\r\n"),
        ("date-format", b"X-Amz-Date: 20261123T090000Z", b"X-Amz-Date: 2026-11-23"),
        ("scope-format", b"/aws4_request,", b","),
        ("scope-date", b"/20261123/", b"/20261301/"),
        ("duplicate-header", b"Host: example.com", b"Host: example.com\r\nHost: b"),
        ("multiple-authorization", b"Authorization:", b"Authorization: x\r\nAuthorization:"),
        ("algorithm", b"AWS4-HMAC-SHA256", b"AWS5"),
        ("signature-format", b"Signature=", b"Signature=A"),
        ("multiple-auth-locations", b"GET / ", b"GET /?X-Amz-Signature=1 "),
    ]:
        assert old in message
        gap = own(parse_request(message.replace(old, new, 1)))
        assert gap is not None
        assert (gap.stage, gap.line, gap.ours, gap.theirs) == ("authorization", None, "", "")
        found[change] = gap.cause
    assert found == {
        "date-missing": "time",
        "date-header": "time",
        "date-format": "time",
        "scope-format": "scope",
        "scope-date": "scope",
        "duplicate-header": "header-added",
        "multiple-authorization": "header-added",
        "algorithm": "unknown",
        "signature-format": "unknown",
        "multiple-auth-locations": "unknown",
    }


@pytest.mark.parametrize(
    ("more", "cause", "advice"),
    [
        (
            {"x-amz-date": "1"},
            "query-encoding",
            "a signature parameter stands twice, or twice but for case: x-amz-date",
        ),
        ({"X-Amz-Expires": "x"}, "time", "the lifetime is not a plain decimal number: 'x'"),
        ({"X-Amz-Expires": "0"}, "time", "the lifetime is not within what this verifier allows: 0 is not 1 to 604800"),
        (
            {"X-Amz-Credential": "A%252Fb"},
            "scope",
            "the credential is not ID/date/region/service/terminator: 'A%2Fb': the URL was percent-encoded twice",
        ),
    ],
)
def test_a_presigned_url_that_cannot_be_read(more: "dict[str, str]", cause: str, advice: str) -> None:
    gap = own(presigned(**more))
    assert gap is not None
    assert (gap.cause, gap.advice) == (cause, advice)


@pytest.mark.parametrize(
    ("url", "cause"), [("/a%?b=1", "path-encoding"), ("/a?b=%zz", "query-encoding"), ("/a%?b=%", "query-encoding")]
)
def test_a_percent_sign_by_itself(url: str, cause: str) -> None:
    sent = Plain(url="/a?b=1")
    gap = own(parse_request(sent.message().replace(b"/a?b=1", url.encode())))
    assert gap is not None
    assert gap.cause == cause
    assert gap.advice.endswith("a '%' that no two hexadecimal digits follow: write a percent sign as %25")


def test_what_is_shown_of_an_unreadable_signature_is_redacted() -> None:
    sent = Plain(X_Amz_Security_Token="tokentokentoken")
    message = sent.message().replace(b", Signature=", b", Signature=AB, Signature=")
    explained = explain(parse_request(message))
    assert explained.stages == {}
    assert explained.facts == []
    assert explained.difference is not None
    assert sent.signature()[:20] not in explained.difference.advice
    assert "AB" not in explained.difference.advice
    server = read_server_error(s3_error("x tokentokentoken", None))
    theirs = explain(parse_request(message), server=server).theirs
    assert theirs == {"canonical-request": "x [session token, 15 characters]"}


def test_the_secret_of_the_vectors_makes_the_key_of_the_specification() -> None:
    key = signing_key(SECRET, "20150830", "us-east-1", "iam", "aws4_request")
    assert key.hex() == "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9"
