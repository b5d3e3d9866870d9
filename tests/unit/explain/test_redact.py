"""Is everything hidden that would let someone else send the request, and nothing else?"""

from urllib.parse import quote

import pytest

from authkit.explain.redact import redact, redact_stages, token_mark

TOKEN = "IQoJb3JpZ2luX2VjEJ+/=" * 3
MARK = "[session token, 63 characters]"
SIGNATURE = "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"host:x\nx-amz-security-token:{TOKEN}\nx-amz-date:y", f"host:x\nx-amz-security-token:{MARK}\nx-amz-date:y"),
        (f"X-Amz-Security-Token: {TOKEN}\r\nA: b", f"X-Amz-Security-Token: {MARK}\r\nA: b"),
        (f"/?X-Amz-Security-Token={quote(TOKEN, safe='')}&a=b", f"/?X-Amz-Security-Token={MARK}&a=b"),
        (f"x-goog-security-token:{TOKEN}", f"x-goog-security-token:{MARK}"),
        (f'{{"SessionToken": "{TOKEN}"}}', f'{{"SessionToken": "{MARK}"}}'),
        (f"<SessionToken>{TOKEN}</SessionToken>", f"<SessionToken>{MARK}</SessionToken>"),
        (f"aws_session_token = {TOKEN}", f"aws_session_token = {MARK}"),
        ("x-amz-security-token=%C3%A9", "x-amz-security-token=[session token, 2 characters]"),
        ("x-amz-security-token:a,b;c\nd", "x-amz-security-token:[session token, 5 characters]\nd"),
        (f"X-Amz-Signature={SIGNATURE}", "X-Amz-Signature=[signature]"),
        (f"/?a=b&x-goog-signature={SIGNATURE}&c=d", "/?a=b&x-goog-signature=[signature]&c=d"),
        (
            f"AWS4-HMAC-SHA256 Credential=A/b, SignedHeaders=host, Signature={SIGNATURE}",
            "AWS4-HMAC-SHA256 Credential=A/b, SignedHeaders=host, Signature=[signature]",
        ),
        (
            f"Authorization: AWS4-HMAC-SHA256 Credential=A, Signature={SIGNATURE}\nHost: x",
            "Authorization: AWS4-HMAC-SHA256 Credential=A, Signature=[signature]\nHost: x",
        ),
        ("authorization:Bearer abc\nb:c", "authorization:[hidden, 10 characters]\nb:c"),
        ('"authorization": Bearer abc\n"b": c', '"authorization": [hidden, 10 characters]\n"b": c'),
        ('"cookie";bs: :YQ==:\n"b": c', '"cookie";bs: [hidden, 6 characters]\n"b": c'),
        ('"cookie";key="a:b": c', '"cookie";key="a:[hidden, 5 characters]'),
        ('"signature";key="sig1": :YQ==:', '"signature";key="sig1": [hidden, 6 characters]'),
        (
            "Signature: sig1=:YQ==:\nSignature-Input: sig1=()",
            "Signature: [hidden, 11 characters]\nSignature-Input: sig1=()",
        ),
        ("signature:x", "signature:[hidden, 1 characters]"),
        ("a signature: said", "a signature: said"),
        ("DPoP: eyJ", "DPoP: [hidden, 3 characters]"),
        ("Workload-Identity-Token: eyJ", "Workload-Identity-Token: [hidden, 3 characters]"),
        ("Workload-Proof-Token: eyJ", "Workload-Proof-Token: [hidden, 3 characters]"),
        (
            '"@signature-params": ("authorization" "cookie");created=1',
            '"@signature-params": ("authorization" "cookie");created=1',
        ),
        ("Cookie: a=1&b=2; c\nb:c", "Cookie: [hidden, 10 characters]\nb:c"),
        ("proxy-authorization:Basic eA==", "proxy-authorization:[hidden, 10 characters]"),
        ("/?x-api-key=abc&b=c", "/?x-api-key=[hidden, 3 characters]&b=c"),
        (
            "x-amz-server-side-encryption-customer-key:AAAA",
            "x-amz-server-side-encryption-customer-key:[hidden, 4 characters]",
        ),
        (
            "x-amz-copy-source-server-side-encryption-customer-key:AAAA",
            "x-amz-copy-source-server-side-encryption-customer-key:[hidden, 4 characters]",
        ),
        ("x-ms-encryption-key:AAAA", "x-ms-encryption-key:[hidden, 4 characters]"),
        ("x-goog-encryption-key:AAAA", "x-goog-encryption-key:[hidden, 4 characters]"),
        ("x-goog-copy-source-encryption-key:AAAA", "x-goog-copy-source-encryption-key:[hidden, 4 characters]"),
        ("set-cookie:a=1; HttpOnly\nb:c", "set-cookie:[hidden, 13 characters]\nb:c"),
        ('"set-cookie";bs: :YQ==:, :YQ==:', '"set-cookie";bs: [hidden, 14 characters]'),
        ("x-acs-bearer-token:abc", "x-acs-bearer-token:[hidden, 3 characters]"),
        ("x-tc-token:abc", "x-tc-token:[hidden, 3 characters]"),
        ("x-ms-copy-source-authorization:Bearer a", "x-ms-copy-source-authorization:[hidden, 8 characters]"),
        (
            "a=b&id_token=abc\nrefresh_token=d",
            "a=b&id_token=[hidden, 3 characters]\nrefresh_token=[hidden, 1 characters]",
        ),
        ("/?access_token=abc&b=c", "/?access_token=[hidden, 3 characters]&b=c"),
        ('"@query-param";name="access_token": abc', '"@query-param";name="access_token": [hidden, 3 characters]'),
        ('"x-amz-security-token";bs: :YQ==:\n"b": c', '"x-amz-security-token";bs: [hidden, 6 characters]\n"b": c'),
        ("x-ms-copy-source:https://a/b?sv=1&sig=a%2Fb%3D&c=d", "x-ms-copy-source:https://a/b?sv=1&sig=[signature]&c=d"),
    ],
)
def test_a_bearer_value_is_hidden(text: str, shown: str) -> None:
    assert redact(text) == shown
    assert redact(shown) == shown


@pytest.mark.parametrize(
    "text",
    [
        "host;x-amz-date;x-amz-security-token\ne3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "x-amz-server-side-encryption-customer-key-md5:AAAA",
        "x-ms-encryption-key-sha256:AAAA",
        "x-amz-client-token:a",
        "EG1-HMAC-SHA256 client_token=a;access_token=b;timestamp=c",
        '"@signature-params": ("x-amz-security-token";bs "set-cookie");created=1;keyid="a"',
        "x-amz-server-side-encryption-customer-algorithm:AES256",
        "a-cookie:b",
        "AWS4-HMAC-SHA256\n20261123T090000Z\n20261123/us-east-1/s3/aws4_request\nabc",
        "designature=abc",
        "the signature is right",
        "",
    ],
)
def test_what_is_public_stays(text: str) -> None:
    assert redact(text, ["never there", ""]) == text


def test_a_known_token_is_hidden_wherever_it_stands_and_however_often_it_was_encoded() -> None:
    once = quote(TOKEN, safe="-._~")
    twice = quote(once, safe="-._~")
    assert redact(f"{TOKEN} {once} {twice}", [TOKEN]) == f"{MARK} {MARK} {MARK}"
    assert redact(f"a {TOKEN}", iter([TOKEN])) == f"a {MARK}"


def test_the_stage_of_the_signature_is_hidden_whole() -> None:
    stages = {"canonical-request": f"x:{TOKEN}", "string-to-sign": f"y:{TOKEN}", "signature": "abc"}
    shown = redact_stages(stages, iter([TOKEN]))
    assert shown == {"canonical-request": f"x:{MARK}", "string-to-sign": f"y:{MARK}", "signature": "[signature]"}
    assert redact_stages({"a": "b"}) == {"a": "b"}


def test_the_mark_of_a_token_tells_its_length() -> None:
    assert token_mark("a" * 356) == "[session token, 356 characters]"


@pytest.mark.parametrize(
    ("value", "length"),
    [
        ("[hidden, x", 10),
        ("[hidden, 5", 10),
        ("[hidden, five characters]", 25),
        ("5 characters]", 13),
        ("0123456789012345678901234567890", 31),
        ("[hidden, 5 characters] x", 24),
    ],
)
def test_a_value_that_only_looks_like_a_mark_is_hidden(value: str, length: int) -> None:
    assert redact(f"cookie:{value}") == f"cookie:[hidden, {length} characters]"
