"""Is each form of a server's error told by its content and read to the byte, and everything else refused by name?"""

import json
from datetime import datetime, timezone

import pytest

from authkit.errors import InputError
from authkit.explain.server import MAX_BYTES, ServerError, read_server_error
from plainsigner import STAMP, Plain, s3_error

CANONICAL = Plain(url="/a%20b?x=1").canonical()
TO_SIGN = Plain(url="/a%20b?x=1").to_sign()
SENTENCE = (
    "The request signature we calculated does not match the signature you provided.\n\n"
    f"The Canonical String for this request should have been\n'{CANONICAL}'\n\n"
    f"The String-to-Sign should have been\n'{TO_SIGN}'\n"
)
ACCEPTED = "give the XML or JSON body that came back, the whole HTTP answer, botocore's debug log, or curl's -v output"
NINE = datetime(2026, 11, 23, 9, 15, tzinfo=timezone.utc)


def stages(error: ServerError) -> tuple[str, "str | None", "str | None"]:
    return error.format, error.canonical_request, error.string_to_sign


def xml(code: str = "SignatureDoesNotMatch", message: str = "m", **elements: str) -> bytes:
    return s3_error(None, None, code, message=message, **elements)


# S3's XML


def test_s3_xml_gives_both_stages_the_id_and_the_signature() -> None:
    error = read_server_error(s3_error(CANONICAL, TO_SIGN, AWSAccessKeyId="AKID", SignatureProvided="ab" * 32))
    assert stages(error) == ("xml", CANONICAL, TO_SIGN)
    assert (error.code, error.message) == ("SignatureDoesNotMatch", "The signatures differ.")
    assert (error.access_key_id, error.signature) == ("AKID", "ab" * 32)
    assert (error.server_time, error.request_time, error.region, error.service, error.day) == (None,) * 5
    assert (error.payload_hash, error.headers, error.by_client) == (None, (), False)


def test_the_bytes_in_hexadecimal_win_over_the_text() -> None:
    error = read_server_error(xml(CanonicalRequest="a b", CanonicalRequestBytes="61 0d e9"))
    assert error.canonical_request == "a\r\xe9"


@pytest.mark.parametrize("odd", ["6", "zz", "61 6"])
def test_bytes_that_are_not_hexadecimal_leave_the_text(odd: str) -> None:
    assert read_server_error(xml(StringToSign="a", StringToSignBytes=odd)).string_to_sign == "a"


def test_text_is_read_as_the_bytes_of_its_utf_8() -> None:
    error = read_server_error(
        "<Error><Code>X</Code><Message>é</Message><StringToSign>é&#10;é</StringToSign></Error>".encode()
    )
    assert (error.string_to_sign, error.message) == ("\xc3\xa9\n\xc3\xa9", "\xc3\xa9")


def test_an_iam_style_document_with_its_sentence() -> None:
    inner = f"<Type>Sender</Type><Code> SignatureDoesNotMatch\n</Code><Message>{SENTENCE}</Message>"
    namespace = "https://iam.amazonaws.com/doc/2010-05-08/"
    body = f'<ErrorResponse xmlns="{namespace}"><Error>{inner}</Error></ErrorResponse>'
    error = read_server_error(body.encode())
    assert stages(error) == ("xml", CANONICAL, TO_SIGN)
    assert error.code == "SignatureDoesNotMatch"


def test_an_ec2_style_document() -> None:
    error = read_server_error(
        b"<Response><Errors><Error><Code>AuthFailure</Code><Message>no</Message></Error></Errors></Response>"
    )
    assert (error.code, error.message) == ("AuthFailure", "no")


def test_the_first_of_two_elements_counts() -> None:
    assert read_server_error(b"<Error><Code>A</Code><Code>B</Code></Error>").code == "A"


def test_a_document_with_a_prefix_and_a_comment() -> None:
    assert read_server_error(b"<Error a='b'><!-- c --><Code><![CDATA[A&B]]></Code></Error>").code == "A&B"


def test_clocks_of_s3() -> None:
    error = read_server_error(
        xml("RequestTimeTooSkewed", RequestTime="20261123T090000Z", ServerTime=" 2026-11-23T09:15:00Z")
    )
    assert (error.request_time, error.server_time) == ("20261123T090000Z", NINE)
    assert read_server_error(xml("RequestTimeTooSkewed", ServerTime="20261123T091500Z")).server_time == NINE
    assert read_server_error(xml("RequestTimeTooSkewed", ServerTime="soon")).server_time is None


@pytest.mark.parametrize(
    ("message", "request_time", "server_time"),
    [
        (
            "Signature expired: 20261123T090000Z is now earlier than 20261123T091000Z (20261123T091500Z - 5 min.)",
            "20261123T090000Z",
            NINE,
        ),
        (
            "not yet current: 20261123T093000Z is still later than 20261123T092000Z (20261123T091500Z + 5 min.)",
            "20261123T093000Z",
            NINE,
        ),
        ("Signature expired: 20261123T090000Z is now earlier than 20261123T091500Z", "20261123T090000Z", NINE),
        ("Signature expired", None, None),
    ],
)
def test_clocks_of_a_sentence(message: str, request_time: "str | None", server_time: "datetime | None") -> None:
    error = read_server_error(xml(message=message))
    assert (error.request_time, error.server_time) == (request_time, server_time)


@pytest.mark.parametrize(
    ("message", "elements", "said"),
    [
        ("the region 'x' is wrong; expecting 'us-west-2'", {}, ("us-west-2", None, None)),
        ("the region '' is wrong; expecting 'eu-west-1'", {"Region": "us-west-2"}, ("us-west-2", None, None)),
        ("Credential should be scoped to correct service: 'execute-api'. ", {}, (None, "execute-api", None)),
        ('incorrect service "es". This endpoint belongs to "s3".', {}, (None, "s3", None)),
        ("does not match: '20261122' != '20261123', from '20261123T000500Z'.", {}, (None, None, "20261123")),
        ("Credential should be scoped to a valid region, not 'x'.", {}, (None, None, None)),
    ],
)
def test_what_the_scope_should_name(message: str, elements: "dict[str, str]", said: "tuple[str | None, ...]") -> None:
    error = read_server_error(xml("AuthorizationHeaderMalformed", message, **elements))
    assert (error.region, error.service, error.day) == said


def test_the_hash_and_the_headers_that_were_missed() -> None:
    assert read_server_error(xml(S3ComputedContentSHA256="ab", ComputedContentSHA256="cd")).payload_hash == "ab"
    assert read_server_error(xml(ComputedContentSHA256="cd")).payload_hash == "cd"
    assert read_server_error(xml(HeadersNotSigned="X-Amz-Acl, x-amz-tagging,")).headers == (
        "x-amz-acl",
        "x-amz-tagging",
    )
    missing = read_server_error(xml(message="Missing required header for this request: x-amz-content-sha256"))
    assert missing.headers == ("x-amz-content-sha256",)


# JSON, and sentences


def test_api_gateway_json_gives_both_stages() -> None:
    error = read_server_error(json.dumps({"message": SENTENCE}).encode())
    assert stages(error) == ("json", CANONICAL, TO_SIGN)
    assert (error.code, error.by_client) == (None, False)


def test_json_whose_line_ends_were_unescaped_by_hand() -> None:
    assert stages(read_server_error(b'{"message":"' + SENTENCE.encode() + b'"}')) == ("json", CANONICAL, TO_SIGN)


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        (
            '{"__type":"com.amazon.coral.service#InvalidSignatureException","message":"m"}',
            "InvalidSignatureException",
            "m",
        ),
        ('{"__type":"UnrecognizedClientException","Message":"m"}', "UnrecognizedClientException", "m"),
        ('{"code":"X","message":"m"}', "X", "m"),
        ('{"errors":[{"message":"m","code":"Unauthorized"}]}', "Unauthorized", "m"),
        ('{"Error":{"Code":"X","Message":"m"}}', "X", "m"),
        ('{"errors":[],"message":"é"}', None, "\xc3\xa9"),
        ('{"errors":["x"],"message":"m"}', None, "m"),
        ('{"Error":1,"message":"m"}', None, "m"),
        ('{ "a": 1, "message":"m"} trailing', None, "m"),
    ],
)
def test_members_of_json(body: str, code: "str | None", message: str) -> None:
    error = read_server_error(body.encode())
    assert (error.format, error.code, error.message) == ("json", code, message)


def test_a_sentence_by_itself() -> None:
    assert stages(read_server_error(SENTENCE.encode())) == ("text", CANONICAL, TO_SIGN)


def test_only_a_string_to_sign_in_a_sentence() -> None:
    assert stages(read_server_error(b"The String-to-Sign should have been\n'a\nb'")) == ("text", None, "a\nb")


@pytest.mark.parametrize("cut", ["", "'", "no quotes"])
def test_a_sentence_that_breaks_off_gives_no_stage(cut: str) -> None:
    error = read_server_error(f"The Canonical String for this request should have been {cut}".encode())
    assert stages(error) == ("text", None, None)


def test_a_canonical_request_with_quotes_in_it() -> None:
    text = "The Canonical String for this request should have been\n'a'b'\n\nThe String-to-Sign should have been\n'c'"
    assert stages(read_server_error(text.encode())) == ("text", "a'b", "c")


# what stands around a body


@pytest.mark.parametrize(
    "around",
    [
        "HTTP/1.1 403 Forbidden\r\nContent-Type: x\r\n\r\n%s",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 403 Forbidden\r\nA: b\r\n\r\n%s",
        "\nHTTP/2 403\nA: b\n\n%s\n",
        "* Trying\n> GET / HTTP/1.1\n> Authorization: x\n>\n< HTTP/1.1 403 Forbidden\n"
        '< A: {"message": 1}\n<\n{ [5 bytes data]\n%s* Connection #0 to host x left intact\n',
        "  % Total\r\n* Trying\r\n< HTTP/1.1 403\r\n< \r\n} [5 bytes data]\r\n%s\r\n* Closing",
    ],
)
@pytest.mark.parametrize("kind", ["xml", "json"])
def test_the_body_is_found_inside_an_answer(around: str, kind: str) -> None:
    body = s3_error(CANONICAL, TO_SIGN).decode() if kind == "xml" else json.dumps({"message": SENTENCE})
    assert stages(read_server_error(around.replace("%s", body).encode())) == (kind, CANONICAL, TO_SIGN)


def test_an_answer_without_a_body() -> None:
    with pytest.raises(InputError) as caught:
        read_server_error(b"HTTP/1.1 403 Forbidden\r\nA: b")
    assert (caught.value.message, caught.value.hint) == (
        "nothing in the server's error says why a signature failed",
        ACCEPTED,
    )


# the client's log


def botocore_log(prefix: str = "2026-11-23 09:00:00,000 - MainThread - botocore.auth - DEBUG - ") -> str:
    return (
        f"{prefix}Calculating signature using v4 auth.\n{prefix}CanonicalRequest:\n{CANONICAL}\n"
        f"{prefix}StringToSign:\n{TO_SIGN}\n{prefix}Signature:\n{'ab' * 32}\n{prefix}Event request-created"
    )


@pytest.mark.parametrize(
    "prefix", ["", "DEBUG:botocore.auth:", "2026-11-23 09:00:00,000 - MainThread - botocore.auth - DEBUG - "]
)
def test_botocore_s_log(prefix: str) -> None:
    error = read_server_error(botocore_log(prefix).encode())
    assert stages(error) == ("botocore-log", CANONICAL, TO_SIGN)
    assert (error.signature, error.by_client, error.code, error.message) == ("ab" * 32, True, None, None)


def test_the_last_request_of_a_log_counts() -> None:
    log = botocore_log().replace(CANONICAL, "GET\n/\n\n\nhost\nx").replace("ab" * 32, "cd" * 32) + "\n" + botocore_log()
    assert stages(read_server_error(log.replace("\n", "\r\n").encode())) == ("botocore-log", CANONICAL, TO_SIGN)


def test_a_log_with_one_stage_alone() -> None:
    assert stages(read_server_error(b"CanonicalRequest:\n" + CANONICAL.encode())) == ("botocore-log", CANONICAL, None)
    assert stages(read_server_error(b"StringToSign:\n" + TO_SIGN.encode())) == ("botocore-log", None, TO_SIGN)
    assert read_server_error(b"StringToSign:\na\nb\nc\nd\nSignature:\nAB").signature is None


def test_curl_s_log() -> None:
    log = (
        f"* aws_sigv4: Canonical request (enclosed in []) - [{CANONICAL}]\n"
        f"* aws_sigv4: String to sign (enclosed in []) - [{TO_SIGN}]\n"
        f"* aws_sigv4: Signature - {'ab' * 32}\n> GET / HTTP/1.1\n"
    )
    error = read_server_error(log.encode())
    assert stages(error) == ("curl-log", CANONICAL, TO_SIGN)
    assert (error.signature, error.by_client) == ("ab" * 32, True)
    error = read_server_error(
        log.partition("\n* aws_sigv4: String")[2].replace("Signature - ", "").join(["* aws_sigv4: String", ""]).encode()
    )
    assert stages(error) == ("curl-log", None, TO_SIGN)
    assert error.signature is None


# refusals


DEEP = "<Error>" + "<a>" * 15 + "x" + "</a>" * 15 + "<Code>c</Code></Error>"


def test_sixteen_levels_are_read() -> None:
    assert read_server_error(DEEP.encode()).code == "c"


def test_a_mebibyte_is_read_and_a_byte_more_is_not() -> None:
    body = b"<Error><Code>c</Code></Error>"
    assert read_server_error(body + b" " * (MAX_BYTES - len(body))).code == "c"
    with pytest.raises(InputError, match="^the server's error is over 1 MiB$"):
        read_server_error(body + b" " * (MAX_BYTES + 1 - len(body)))
    assert MAX_BYTES == 1048576


DOCTYPE = "the server's error declares a document type, and authkit reads no entities"
NOT_JSON = "the server's error is not JSON, or breaks off"


@pytest.mark.parametrize(
    ("data", "message", "hint"),
    [
        (b"", "nothing in the server's error says why a signature failed", ACCEPTED),
        (b"garbage", "nothing in the server's error says why a signature failed", ACCEPTED),
        (b"<html><body>403</body></html>", "nothing in the server's error says why a signature failed", ACCEPTED),
        (b"<Errors><Code>c</Code></Errors>", "nothing in the server's error says why a signature failed", ACCEPTED),
        (b"[1]", "nothing in the server's error says why a signature failed", ACCEPTED),
        (b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'b'>]><Error><Code>&a;</Code></Error>", DOCTYPE, None),
        (b"<!DOCTYPE x SYSTEM 'file:///etc/passwd'><Error><Code>c</Code></Error>", DOCTYPE, None),
        (
            b"<?xml version='1.0'?><!doctype x><Error><Code>c</Code></Error>",
            "the server's error is not XML at line 1, column 22",
            None,
        ),
        (
            b"<?xml version='1.0'?><!ENTITY x><Error><Code>c</Code></Error>",
            "the server's error is not XML at line 1, column 22",
            None,
        ),
        (b"<Error><Code>c</Code><!DOCTYPE x></Error>", "the server's error is not XML at line 1, column 24", None),
        (b"<Error><Code>&a;</Code></Error>", "the server's error is not XML at line 1, column 14", None),
        (b"<Error><Code>c</Code>", "the server's error is not XML at line 1, column 22", None),
        (b"<Error><Code>c</Error>", "the server's error is not XML at line 1, column 17", None),
        (b"<?xml version='1.0'?>", "the server's error is not XML at line 1, column 22", None),
        (b"<?xml version='1.0'?>\n<1>", "the server's error is not XML at line 2, column 2", None),
        (b"<Error><Code>\xff</Code></Error>", "the server's error is not XML at line 1, column 14", None),
        (
            b"<?xml version='1.0' encoding='x'?><Error/>",
            "the server's error is XML in an encoding that is not known",
            None,
        ),
        (
            b"<?xml version='1.0' encoding='rot13'?><Error></Error>",
            "the server's error is XML in an encoding that is not known",
            None,
        ),
        (DEEP.replace("x", "<b>x</b>").encode(), "the server's error is XML nested deeper than 16", None),
        (b"<Error><Message>m</Message></Error>", "the server's error is XML without a <Code>", ACCEPTED),
        (b'{"message":"m"', NOT_JSON, None),
        (b'{"message":}', NOT_JSON, None),
        (b'{"a":' + b"[" * 100000, NOT_JSON, None),
        (b'{"message":' + b"1" * 5000 + b"}", NOT_JSON, None),
        (b'{"message":"\xff"}', "the server's error is JSON that is not UTF-8", None),
        (b'{"message":1}', "the server's error is JSON without a message", ACCEPTED),
        (b'{"x":"y"}', "the server's error is JSON without a message", ACCEPTED),
        (
            b"CanonicalRequest:\nGET\n/\n",
            "the log breaks off before its canonical request or string to sign ends",
            None,
        ),
        (
            b"CanonicalRequest:\nGET\n/\n\nhost:x\n\nhost",
            "the log breaks off before its canonical request or string to sign ends",
            None,
        ),
        (b"StringToSign:\na\nb\nc", "the log breaks off before its canonical request or string to sign ends", None),
        (
            b"aws_sigv4: String to sign (enclosed in []) - [a",
            "the log breaks off before its canonical request or string to sign ends",
            None,
        ),
    ],
)
def test_what_is_none_of_them_is_refused(data: bytes, message: str, hint: "str | None") -> None:
    with pytest.raises(InputError) as caught:
        read_server_error(data)
    assert (caught.value.message, caught.value.hint) == (message, hint)


# what stands twice, and what looks like an end


def two_logs(first: str, second: str) -> bytes:
    return f"{first}\n{second}\n".encode()


def test_of_two_logged_requests_each_part_is_the_last_one_s() -> None:
    old = botocore_log().replace(STAMP, "20261122T000000Z").replace("ab" * 32, "cd" * 32).replace("x=1", "x=2")
    error = read_server_error(two_logs(old, botocore_log()))
    assert (*stages(error), error.signature) == ("botocore-log", CANONICAL, TO_SIGN, "ab" * 32)

    def curl_log(canonical: str, to_sign: str, signature: str) -> str:
        return (
            f"* aws_sigv4: Canonical request (enclosed in []) - [{canonical}]\n"
            f"* aws_sigv4: String to sign (enclosed in []) - [{to_sign}]\n"
            f"* aws_sigv4: Signature - {signature}\n* [x]"
        )

    old = curl_log("GET\n/\n\n\nhost\nx", "a\nb\nc\nd", "cd" * 32)
    error = read_server_error(two_logs(old, curl_log(CANONICAL, TO_SIGN, "ab" * 32)))
    assert (*stages(error), error.signature) == ("curl-log", CANONICAL, TO_SIGN, "ab" * 32)


def test_a_canonical_request_of_a_log_without_any_header() -> None:
    assert read_server_error(b"CanonicalRequest:\nGET\n/\n\n\n\nhash\nmore").canonical_request == "GET\n/\n\n\n\nhash"


def test_a_head_that_holds_what_looks_like_a_body() -> None:
    head = 'HTTP/1.1 100 Continue\nNel: {"report_to":"x"}\n\nHTTP/1.1 403 Forbidden\nNel: {"message":"x"}\n\n'
    assert stages(read_server_error(head.encode() + s3_error(CANONICAL, None))) == ("xml", CANONICAL, None)
    assert stages(read_server_error(b"\n " + head.encode() + s3_error(CANONICAL, None))) == ("xml", CANONICAL, None)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("<Error><Errors>x</Errors><Code>c</Code></Error>* closing <x> > y", "c"),
        ("<?xml version='1.0'?><error><Code>c</Code></error> > junk", "c"),
        ("<Error><Code>c</Code></Error\n>x>", "c"),
    ],
)
def test_where_a_document_ends(body: str, code: str) -> None:
    error = read_server_error(body.encode())
    assert (error.code, error.message) == (code, "")


def test_a_quote_directly_behind_the_sentence() -> None:
    error = read_server_error(b"The Canonical String for this request should have been'a'")
    assert error.canonical_request == "a"


def test_half_of_a_surrogate_pair_in_json() -> None:
    assert read_server_error(b'{"message":"\\ud800"}').message == "\xed\xa0\x80"


def test_a_signature_that_is_none_is_not_kept() -> None:
    for odd in ("AB" * 32, "ab" * 31, "é" * 64, "zz" * 32):
        assert read_server_error(xml(SignatureProvided=odd)).signature is None
    assert read_server_error(xml(SignatureProvided=f"\n{'ab' * 32} ")).signature == "ab" * 32


def test_every_attribute_is_kept() -> None:
    values = {
        "access_key_id": "a", "canonical_request": "b", "string_to_sign": "c", "signature": "d", "server_time": NINE,
        "request_time": "e", "region": "f", "service": "g", "day": "h", "payload_hash": "i", "headers": ("j",),
    }  # fmt: skip
    error = ServerError("xml", "code", "message", **values)  # type: ignore[arg-type]
    assert {name: getattr(error, name) for name in values} == values
    assert (error.format, error.code, error.message) == ("xml", "code", "message")


def test_an_answer_with_empty_lines_in_its_body() -> None:
    data = b'HTTP/1.1 403 Forbidden\nA: b\n\n{"message":"' + SENTENCE.encode() + b'"}'
    assert stages(read_server_error(data)) == ("json", CANONICAL, TO_SIGN)


@pytest.mark.parametrize("before", ["", "<a></a>" * 3, "<a><b></b><c/></a>", "<a><b><c/></b></a>" * 20])
def test_depth_is_counted_where_elements_end(before: str) -> None:
    nested = "<n>" * 15 + "</n>" * 15
    assert read_server_error(f"<Error>{before}{nested}<Code>c</Code></Error>".encode()).code == "c"
    for deeper in (f"{before}<n>{nested}</n>", f"<n>{before}{nested}</n>"):
        with pytest.raises(InputError, match="^the server's error is XML nested deeper than 16$"):
            read_server_error(f"<Error>{deeper}<Code>c</Code></Error>".encode())
