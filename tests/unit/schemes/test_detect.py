"""Is the scheme of a message seen, where a person asks what it is?"""

import pytest

from authkit.messages.request import Request
from authkit.messages.response import Response
from authkit.schemes import names
from authkit.schemes.detect import HEADERS, detect


def message(*headers: "tuple[str, str]", target: str = "/") -> Request:
    return Request("GET", target, headers)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("AWS4-HMAC-SHA256 Credential=…", "sigv4"),
        ("GOOG4-HMAC-SHA256 Credential=x", "goog4"),
        ("TC3-HMAC-SHA256 Credential=x", "tc3"),
        ("ACS3-HMAC-SHA256 Credential=x", "acs3"),
        ("AWS4-ECDSA-P256-SHA256 Credential=x", "sigv4a"),
        ("AWS4-X509-RSA-SHA256 Credential=x", "aws4-x509"),
        ("AWS4-X509-ECDSA-SHA256 Credential=x", "aws4-x509"),
        ("GOOG4-RSA-SHA256 Credential=x", "goog4-rsa"),
        ("SDK-HMAC-SHA256 Access=x", "huawei"),
        ("EG1-HMAC-SHA256 client_token=x", "eg1"),
        ("SharedKey a:b", "azure-sharedkey"),
        ('Signature keyId="x"', "cavage"),
        ("SharedKeyLite a:b", None),
        ("Bearer x", None),
        ("aws4-hmac-sha256 Credential=x", None),
        ("", None),
    ],
)
def test_an_authorization(text: str, name: "str | None") -> None:
    assert detect(message(("Authorization", text))) == name


@pytest.mark.parametrize(
    ("target", "name"),
    [
        ("/?X-Amz-Algorithm=AWS4-HMAC-SHA256", "sigv4"),
        ("/?a=b&x-amz-algorithm=AWS4%2DHMAC-SHA256", "sigv4"),
        ("/?X-Goog-Algorithm=GOOG4-RSA-SHA256", "goog4-rsa"),
        ("/?X-Amz-Algorithm=x", None),
        ("/?Algorithm=AWS4-HMAC-SHA256", None),
        ("/", None),
    ],
)
def test_a_query(target: str, name: "str | None") -> None:
    assert detect(message(target=target)) == name


@pytest.mark.parametrize(("header", "name"), [pair for pair in HEADERS.items() if pair[1]])
def test_a_header(header: str, name: str) -> None:
    assert name in names()
    assert detect(message((header.title(), "x"))) == name


def test_the_first_of_several() -> None:
    both = message(("Signature", "sig1=:YQ==:"), ("Signature-Input", "sig1=()"))
    assert detect(both) == "rfc9421"
    assert detect(message(("Authorization", "Bearer x"), ("Signature", 'keyId="x"'))) == "cavage"
    assert detect(message(("DPoP", "x"), ("Authorization", "DPoP x"))) == "dpop"


def test_a_response_has_no_query() -> None:
    assert detect(Response(200, headers=(("Signature-Input", "sig1=()"),))) == "rfc9421"
    assert detect(Response(200)) is None
