"""Is a forwarded header decoded as its proxy wrote it, and never taken for more than it is?"""

from base64 import b64encode
from hashlib import sha256
from urllib.parse import quote, quote_plus

import pytest

from authkit.certs.formats.header import ASSERTION, HeaderFound, read_header, read_headers
from authkit.certs.proxies import NO, PROXIES, UNKNOWN, YES, look_up
from authkit.errors import InputError
from rawcert import common_name, pem, private_der, raw, tlv
from samplesx509 import encrypted_part, pkcs12, pkcs12_raw

# with a "+" in its base64, which a form's decoder would lose
LEAF = raw(serial=tlv(2, b"\x10\xfb\xef\xbe\xfb\xef\xbe\xfb\xef\xbe"))
CA = raw(subject=common_name("ca"))
B64, CA_B64 = b64encode(LEAF).decode(), b64encode(CA).decode()
TEXT = pem(LEAF).decode()
HASH = sha256(LEAF).hexdigest()
ONE, TWO = quote(TEXT, safe=""), quote(pem(CA).decode(), safe="")


def ders(found: HeaderFound) -> list[bytes]:
    return [data for data, _ in found.found.certificates]


def test_the_sample_tells_plus_from_space() -> None:
    assert "+" in B64
    assert "/" in B64


@pytest.mark.parametrize(
    ("line", "format"),
    [
        (f"Client-Cert: :{B64}:", "rfc9440"),
        (f"client-cert: :{B64}:", "rfc9440"),
        (f"ssl-client-cert: {quote(TEXT, safe='')}", "url-pem"),
        (f"X-Amzn-Mtls-Clientcert-Leaf: {quote(TEXT, safe='+=/')}", "url-pem"),
        (f'X-SSL-Client-Cert: "{quote(TEXT)}"', "url-pem"),
        (f"X-SSL-Client-Cert: {TEXT.strip().replace(chr(10), ' ')}", "pem-spaces"),
        (f"ssl-client-cert: {TEXT.replace(chr(10), chr(10) + chr(9))}", "pem"),
        (f"X-SSL-Client-Cert: {TEXT.replace(chr(10), '%0A').replace('%0A', chr(92) + 'n')}", "pem"),
        (f"X-SSL-Client-DER: {B64}", "base64-der"),
        (f'X-SSL-Client-Cert: "{B64}"', "base64-der"),
        (f"X-ARR-ClientCert: {B64}", "base64-der"),
        (f"X-Forwarded-Tls-Client-Cert: {quote_plus(B64)}", "url-base64-list"),
        (f"X-Any: {B64[:64]}\n\t{B64[64:]}", "base64-der"),
        (f"X-Any: {B64[:64]}\n{B64[64:]}", "base64-der"),
    ],
)
def test_one_certificate(line: str, format: str) -> None:
    found = read_header(line)
    name = line.partition(":")[0]
    assert found.format == format
    assert found.found.certificates == [(LEAF, f"header {name}")]
    assert found.found.others == []
    assert found.findings == [("header-assertion", "info", ASSERTION)]
    assert found.name == name


def test_several_certificates() -> None:
    for line, format in (
        (f"Client-Cert-Chain: :{B64}:, :{CA_B64}:", "rfc9440"),
        (f"X-Forwarded-Tls-Client-Cert: {B64},{CA_B64}", "base64-list"),
        (f"X-Forwarded-Tls-Client-Cert: {quote_plus(B64 + ',' + CA_B64)}", "url-base64-list"),
    ):
        found = read_header(line)
        name = line.partition(":")[0]
        assert found.format == format
        assert found.found.certificates == [(LEAF, f"header {name}, number 1"), (CA, f"header {name}, number 2")]
        assert len(found.findings) == 1
    both = quote(TEXT + pem(CA).decode(), safe="+=/")
    assert ders(read_header(f"X-Amzn-Mtls-Clientcert: {both}")) == [LEAF, CA]


def test_a_chain_of_one_is_numbered() -> None:
    assert read_header(f"Client-Cert-Chain: :{B64}:").found.certificates == [
        (LEAF, "header Client-Cert-Chain, number 1")
    ]


def test_an_item_that_is_a_list_is_numbered() -> None:
    assert read_header(f"Client-Cert: :{B64}:, :{CA_B64}:").found.certificates == [
        (LEAF, "header Client-Cert, number 1"),
        (CA, "header Client-Cert, number 2"),
    ]


@pytest.mark.parametrize(
    ("line", "count"),
    [
        (f"Client-Cert: :{B64}:, :{CA_B64}:", 2),
        (f"ssl-client-cert: {quote(TEXT + pem(CA).decode())}", 2),
        (f"X-SSL-Client-Cert: {(TEXT + pem(CA).decode()).replace(chr(10), ' ')}", 2),
        (f"X-Forwarded-Client-Cert: {B64},{CA_B64}", 2),
        (f"X-Any: {B64},{CA_B64},{B64}", 3),
    ],
)
def test_review_several_certificates_where_one_is_expected(line: str, count: int) -> None:
    found = read_header(line)
    assert len(ders(found)) == count
    assert found.findings[1:] == [
        (
            "header-several",
            "warning",
            f"{found.name} holds {count} certificates where one is expected; programs differ in which they take",
        )
    ]


PARAMETERS = (
    "header-parameters",
    "warning",
    "the parameters after a certificate mean nothing in RFC 9440, and are left out here",
)


def test_review_parameters_are_named() -> None:
    assert read_header(f"Client-Cert: :{B64}:;x=1").findings[1:] == [PARAMETERS]
    assert read_header(f"Client-Cert-Chain: :{B64}:, :{CA_B64}:;x").findings[1:] == [PARAMETERS]


AMBIGUOUS = "and programs differ in which of the two they take"


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        (f"Client-Cert: :{B64}:", f"Client-Cert: :{B64}:", f"Client-Cert comes a second time, {AMBIGUOUS}"),
        (f"Client-Cert: :{B64}:", f"CLIENT-CERT: :{CA_B64}:", f"CLIENT-CERT may be taken for Client-Cert, {AMBIGUOUS}"),
        (f"Client_Cert: :{B64}:", f"Client-Cert: :{B64}:", f"Client-Cert may be taken for Client_Cert, {AMBIGUOUS}"),
        (f"x.any: {B64}", f"X-Any: {B64}", f"X-Any may be taken for x.any, {AMBIGUOUS}"),
        (
            "ssl-client-verify: NONE",
            "ssl_client_verify: SUCCESS",
            f"ssl_client_verify may be taken for ssl-client-verify, {AMBIGUOUS}",
        ),
        (
            f"Client-Cert: :{B64}:",
            f"X-SSL-Client-Cert: {CA_B64}",
            "X-SSL-Client-Cert holds another certificate than Client-Cert; trust one header, which one proxy sets",
        ),
        (
            f"X-Forwarded-Client-Cert: Cert={TWO},Cert={ONE};Chain={TWO}",
            f"X-SSL-Client-Cert: {CA_B64}",
            "X-SSL-Client-Cert holds another certificate than X-Forwarded-Client-Cert; "
            "trust one header, which one proxy sets",
        ),
    ],
)  # fmt: skip
def test_review_two_headers_that_programs_take_for_each_other(first: str, second: str, message: str) -> None:
    one, other = read_headers([first, second])
    assert [finding for finding in one.findings if finding[0] == "header-ambiguous"] == []
    assert other.findings[-1] == ("header-ambiguous", "error", message)
    assert [one.name, other.name] == [first.partition(":")[0], second.partition(":")[0]]


def test_headers_that_belong_together() -> None:
    hop = f"X-Forwarded-Client-Cert: Cert={quote(pem(CA).decode())},Hash={HASH};Cert={quote(TEXT)};Chain={quote(TEXT)}"
    lines = [f"Client-Cert: :{B64}:", f"Client-Cert-Chain: :{CA_B64}:", f"X-SSL-Client-Cert: {B64}", hop]
    found = read_headers([*lines, "X-SSL-Client-Verify: SUCCESS"])
    assert [id for one in found for id, _, _ in one.findings if id == "header-ambiguous"] == []
    assert read_headers([]) == []
    hops = f"X-Forwarded-Client-Cert: Cert={TWO},Cert={TWO},Cert={ONE}"
    assert [len(one.findings) for one in read_headers([f"X-SSL-Client-Cert: {B64}", hops])] == [1, 2]


READ = "known are PEM, percent-encoded PEM, base64 of DER, RFC 9440 and Envoy's Cert="
CUT = "looks like PEM, but no block in it is complete"
NOT_ASCII = "'ascii' codec can't encode character '\\xe9' in position 1: ordinal not in range(128)"


@pytest.mark.parametrize(
    ("line", "message", "hint"),
    [
        ("Client-Cert", "the header is not 'Name: value'", "write --header 'Client-Cert: :MIIB…:'"),
        (": x", "the header is not 'Name: value'", "write --header 'Client-Cert: :MIIB…:'"),
        ("a b: x", "the header is not 'Name: value'", "write --header 'Client-Cert: :MIIB…:'"),
        ("é: x", "the header is not 'Name: value'", "write --header 'Client-Cert: :MIIB…:'"),
        ("x" * 129 + ": x", "the header is not 'Name: value'", "write --header 'Client-Cert: :MIIB…:'"),
        ("Client-Cert:  ", "header Client-Cert: the value is empty", "the proxy had no certificate to forward"),
        ("Client-Cert: :AAAA:", "header Client-Cert: the bytes are not a certificate", None),
        ("Client-Cert: :é:", f"header Client-Cert: not a structured field: {NOT_ASCII}", None),
        ("Client-Cert-Chain: :AAAA:", "header Client-Cert-Chain, number 1: the bytes are not a certificate", None),
        (f"X-Any: {b64encode(private_der()).decode()}", "header X-Any: the bytes are not a certificate", None),
        (f"X-Any: {B64},{B64[:-9]}", "header X-Any: the value is not base64", None),
        (
            f"X-Any: {B64.replace('+', ' ')}",
            "header X-Any: the value is not base64",
            "a '+' became a space on the way: decode percent escapes only, never '+'",
        ),
        ("X-Any: hello", "header X-Any: no certificate is in the value", READ),
        ("X-Any: BEGIN", "header X-Any: no certificate is in the value", READ),
        ("X-Any: CERTIFICATE", "header X-Any: no certificate is in the value", READ),
        ("X-Any: Mhello", "header X-Any: no certificate is in the value", READ),
        ("X-Verify: SUCCESS", "header X-Verify: no certificate is in the value", READ),
        ("X-Client-Cert: é", "header X-Client-Cert: no certificate is in the value", READ),
        ("X-Any: -----BEGIN CERTIFICATE", f"header X-Any: {CUT}", "was the file cut off?"),
    ],
)  # fmt: skip
def test_what_is_refused(line: str, message: str, hint: "str | None") -> None:
    with pytest.raises(InputError) as caught:
        read_header(line)
    assert (caught.value.message, caught.value.hint) == (message, hint)


def test_structured_fields_that_are_not_byte_sequences() -> None:
    with pytest.raises(InputError, match="^header Client-Cert: not a structured field: "):
        read_header(f"Client-Cert: :{B64}")
    with pytest.raises(InputError, match="^header Client-Cert-Chain: item 2 is not a byte sequence$"):
        read_header(f"Client-Cert-Chain: :{B64}:, token")
    with pytest.raises(InputError, match="^header Client-Cert-Chain: item 2 is not a byte sequence$"):
        read_header(f"Client-Cert-Chain: :{B64}:, (:{B64}:)")


def test_a_name_of_128_characters() -> None:
    assert ders(read_header(f"{'x' * 128}: {B64}")) == [LEAF]
    assert ders(read_header(f"x: {B64}")) == [LEAF]


@pytest.mark.parametrize(
    ("name", "canonical"),
    [
        ("X_Forwarded_Tls_Client_Cert", "X-Forwarded-Tls-Client-Cert"),
        ("X-Forwarded-Tls-Client.Cert", "X-Forwarded-Tls-Client-Cert"),
        ("client_cert", "Client-Cert"),
        ("X_Any", "x-any"),
    ],
)
def test_an_alias_is_a_warning(name: str, canonical: str) -> None:
    found = read_header(f"{name}: {B64}")
    assert found.findings[1:] == [
        (
            "header-alias",
            "warning",
            f"{name} reaches CGI, WSGI and PHP programs under the same name as {canonical}, and a proxy may strip one "
            "spelling and pass the other",
        )
    ]


def test_an_unusual_case_is_a_warning() -> None:
    found = read_header(f"X-forwarded-TLS-Client-Cert: {B64}")
    assert found.findings[1:] == [
        (
            "header-alias",
            "warning",
            "X-forwarded-TLS-Client-Cert is X-Forwarded-Tls-Client-Cert in an unusual case, which some filters do not "
            "recognise",
        )
    ]
    for name in (
        "x-arr-clientcert",
        "X-ARR-CLIENTCERT",
        "X-Arr-Clientcert",
        "X-ARR-ClientCert",
        "X-aNY",
        "ssl-client-cert",
    ):
        assert len(read_header(f"{name}: {B64}").findings) == 1


NAMES = """
    Client-Cert Client-Cert-Chain ssl-client-cert ssl-client-verify ssl-client-subject-dn ssl-client-issuer-dn
    X-SSL-Client-Cert X-SSL-Client-Verify X-SSL-Client-SHA1 X-SSL-Cert X-Client-Cert X-Client-Certificate
    X-Client-Verify X-Forwarded-Client-Cert X-SSL-Client-DER X-Amzn-Mtls-Clientcert-Leaf
    X-Amzn-Mtls-Clientcert-Serial-Number X-Amzn-Mtls-Clientcert-Issuer X-Amzn-Mtls-Clientcert-Subject
    X-Amzn-Mtls-Clientcert-Validity X-Amzn-Mtls-Clientcert CloudFront-Viewer-Cert-Pem CloudFront-Viewer-Cert-Sha256
    CloudFront-Viewer-Cert-Serial-Number CloudFront-Viewer-Cert-Subject CloudFront-Viewer-Cert-Issuer
    CloudFront-Viewer-Cert-Validity CloudFront-Viewer-Cert-Present CF-Client-Cert-PEM Cf-Client-Cert-Der-Base64
    Cf-Client-Cert-Sha256 Cf-Cert-Verified Cf-Cert-Revoked Cf-Cert-Presented X-Client-Cert-Leaf X-Client-Cert-Chain
    X-Client-Cert-Chain-Verified X-Client-Cert-Present X-Client-Cert-Error X-Client-Cert-Hash X-Client-Cert-SPIFFE
    X-Forwarded-Tls-Client-Cert X-Forwarded-Tls-Client-Cert-Info X-ARR-ClientCert
"""


def test_the_names_that_are_known() -> None:
    assert list(PROXIES) == NAMES.split()


@pytest.mark.parametrize("name", PROXIES)
def test_every_row_is_found_in_any_spelling(name: str) -> None:
    row = PROXIES[name]
    for spelling in (name, name.lower(), name.upper(), name.replace("-", "_"), name.replace("-", ".")):
        assert look_up(spelling) == (name, row)
    assert row.verified in (YES, NO, UNKNOWN)
    assert row.proxy
    assert row.sentence


def test_what_a_name_implies() -> None:
    implied = {
        "Client-Cert": "unknown",
        "ssl-client-cert": "unknown",
        "X-Amzn-Mtls-Clientcert-Leaf": "yes",
        "X-Amzn-Mtls-Clientcert": "no",
        "X-ARR-ClientCert": "no",
        "Cf-Client-Cert-Der-Base64": "no",
        "CloudFront-Viewer-Cert-Pem": "unknown",
        "X-Forwarded-Tls-Client-Cert": "unknown",
        "X-Any": "unknown",
    }
    for name, verified in implied.items():
        assert read_header(f"{name}: {B64}").verified == verified
    assert [name for name, row in PROXIES.items() if row.verified == YES] == [
        "X-Amzn-Mtls-Clientcert-Leaf",
        "X-Amzn-Mtls-Clientcert-Serial-Number",
        "X-Amzn-Mtls-Clientcert-Issuer",
        "X-Amzn-Mtls-Clientcert-Subject",
        "X-Amzn-Mtls-Clientcert-Validity",
    ]


def test_the_router_of_cloud_foundry_is_told_from_envoy_by_the_value() -> None:
    found = read_header(f"X-Forwarded-Client-Cert: {B64}")
    assert (found.proxy, found.format, found.verified) == ("Cloud Foundry gorouter", "base64-der", "unknown")
    assert found.sentence == "in its default mode the router trusts what stands before it and passes it on"
    envoy = read_header(f"X-Forwarded-Client-Cert: Hash={HASH}")
    assert (envoy.proxy, envoy.format) == ("Envoy, Istio, Azure Container Apps", "xfcc")
    assert read_header(f"X-Forwarded-Tls-Client-Cert: {B64}").proxy == "Traefik"


def test_envoys_header() -> None:
    escaped, chain = quote(TEXT, safe=""), quote(TEXT + pem(CA).decode(), safe="")
    found = read_header(
        f'X-Forwarded-Client-Cert: By=spiffe://a/b;Hash={HASH};Cert="{escaped}";Chain="{chain}";'
        'Subject="CN=\\"a, b\\";O=x\\\\y,C=z";URI=spiffe://a/c;URI=;DNS=a.example;DNS=b.example'
    )
    assert found.format == "xfcc"
    source = "header X-Forwarded-Client-Cert, hop 1 of 1"
    assert found.found.certificates == [(LEAF, source), (CA, source)]
    (other,) = found.found.others
    assert (other.kind, other.source, other.findings) == ("forwarded by a proxy", source, [])
    assert other.facts == [
        ("by", "spiffe://a/b"),
        ("hash", HASH),
        ("subject", 'CN="a, b";O=x\\y,C=z'),
        ("uri", "spiffe://a/c"),
        ("dns", "a.example"),
        ("dns", "b.example"),
        ("hash_matches", "yes"),
    ]
    assert len(found.findings) == 1


@pytest.mark.parametrize(
    "order", [("Hash={0};Cert={1}"), ("Cert={1};Hash={0}"), ("Chain={2};Hash={0}"), ("Chain={2};Cert={1};Hash={0}")]
)
def test_the_hash_is_compared_with_the_leaf(order: str) -> None:
    texts = [quote(text, safe="") for text in (TEXT, TEXT + pem(CA).decode())]
    good = read_header("X-Forwarded-Client-Cert: " + order.format(HASH, *texts))
    assert good.found.others[0].facts[-1] == ("hash_matches", "yes")
    bad = read_header("X-Forwarded-Client-Cert: " + order.format(sha256(CA).hexdigest(), *texts))
    assert bad.found.others[0].findings == [
        ("xfcc-hash", "error", "Hash is not the fingerprint of the certificate beside it")
    ]
    assert LEAF in ders(bad)


def test_a_hash_alone_or_none_at_all() -> None:
    (alone,) = read_header(f"X-Forwarded-Client-Cert: Hash={HASH}").found.others
    assert (alone.facts, alone.findings) == ([("hash", HASH)], [])
    (wrong,) = read_header("X-Forwarded-Client-Cert: Hash=hello").found.others
    assert wrong.findings == [("xfcc-hash", "error", "Hash is not a fingerprint")]
    (none,) = read_header('X-Forwarded-Client-Cert: Subject="";URI=spiffe://a').found.others
    assert none.facts == [("uri", "spiffe://a")]


def test_several_hops() -> None:
    escaped = quote(TEXT, safe="")
    found = read_header(
        f"x-forwarded-client-cert: By=a;Cert={quote(pem(CA).decode())}, ,By=b;Hash={HASH};Cert={escaped}"
    )
    assert found.found.certificates == [
        (CA, "header x-forwarded-client-cert, hop 1 of 2"),
        (LEAF, "header x-forwarded-client-cert, hop 2 of 2"),
    ]
    assert found.findings[1:] == [
        (
            "xfcc-several-hops",
            "warning",
            "only the last of 2 hops was added by the nearest proxy; the others came to it as text",
        )
    ]


DIFFER = "programs differ in which they take"
CHAIN_FIRST = f"chain begins with another certificate than cert holds: {DIFFER}"


@pytest.mark.parametrize(
    ("value", "first", "messages"),
    [
        (f"Cert={ONE};Cert={TWO}", LEAF, [f"cert stands 2 times: {DIFFER}", f"cert holds 2 certificates: {DIFFER}"]),
        (f"Cert={TWO};cERT={ONE}", CA, [f"cert stands 2 times: {DIFFER}", f"cert holds 2 certificates: {DIFFER}"]),
        (f"Cert={ONE};Cert={ONE}", LEAF, [f"cert stands 2 times: {DIFFER}"]),
        (f"Cert={ONE};Cert=", LEAF, [f"cert stands 2 times: {DIFFER}"]),
        (f"Cert={ONE}{TWO}", LEAF, [f"cert holds 2 certificates: {DIFFER}"]),
        (f"Chain={TWO}{ONE};Cert={ONE}", LEAF, [CHAIN_FIRST]),
        (f"Chain={TWO};Cert={ONE}", LEAF, [CHAIN_FIRST]),
        (f"Chain={TWO};Chain={ONE}", CA, [f"chain stands 2 times: {DIFFER}"]),
        (f"Cert={ONE};Subject=a;subject=b;subject=c", LEAF, [f"subject stands 3 times: {DIFFER}"]),
        (f"Cert={ONE};Chain={ONE}{TWO};URI=a;URI=b;DNS=a;DNS=b;By=a;By=b", LEAF, []),
    ],
)
def test_review_an_element_of_envoy_that_may_be_read_in_two_ways(value: str, first: bytes, messages: list[str]) -> None:
    found = read_header(f"X-Forwarded-Client-Cert: {value}")
    (other,) = found.found.others
    assert other.findings == [("xfcc-ambiguous", "error", message) for message in messages]
    assert ders(found)[0] == first


def test_review_two_hashes() -> None:
    (other,) = read_header(f"X-Forwarded-Client-Cert: Hash={HASH};Hash={'0' * 64};Cert={ONE}").found.others
    assert other.findings == [
        ("xfcc-ambiguous", "error", f"hash stands 2 times: {DIFFER}"),
        ("xfcc-hash", "error", "Hash is not the fingerprint of the certificate beside it"),
    ]
    # compared with the certificate that is taken, which stands first
    (other,) = read_header(f"X-Forwarded-Client-Cert: Hash={HASH};Cert={TWO};Cert={ONE}").found.others
    assert other.findings[-1][0] == "xfcc-hash"
    assert ("hash_matches", "yes") not in other.facts
    # and where it may be another, nothing is said to match
    (other,) = read_header(f"X-Forwarded-Client-Cert: Hash={HASH};Cert={ONE};Cert={TWO}").found.others
    assert {id for id, _, _ in other.findings} == {"xfcc-ambiguous"}
    assert other.facts == [("hash", HASH)]


def test_review_a_hash_speaks_of_its_own_element() -> None:
    first, second = read_header(f"X-Forwarded-Client-Cert: Hash={HASH};Cert={TWO},Hash={HASH};Cert={ONE}").found.others
    assert first.findings == [("xfcc-hash", "error", "Hash is not the fingerprint of the certificate beside it")]
    assert (second.findings, second.facts[-1]) == ([], ("hash_matches", "yes"))


def amiss(key: str) -> "tuple[str, str, str]":
    return "xfcc-quote", "error", f"{key} has a quotation mark amiss: parsers differ here"


@pytest.mark.parametrize(
    ("value", "key"),
    [
        (f'Subject="CN=x;Cert={TWO},Hash=0;Cert={ONE}', "subject"),
        ('Subject="', "subject"),
        ('Subject="a\\"', "subject"),
        ('Subject="a" b', "subject"),
        ('Subject=a"', "subject"),
        ('Subject=a"b;c"d', "subject"),
        ('Subject="a""', "subject"),
        ('Subject="a"b"', "subject"),
        ('URI=x;Su"bject=a";DNS=x', 'su"bject'),
        ('URI=x;Su"b"ject=a;DNS=x', 'su"b"ject'),
        ("URI=x;" + "u" * 40 + 'x=a"', "u" * 40),
    ],
)
def test_review_a_quotation_mark_that_hides_what_follows(value: str, key: str) -> None:
    found = read_header(f"X-Forwarded-Client-Cert: {value}")
    (other,) = found.found.others
    assert other.findings == [amiss(key)]
    assert ders(found) == []


@pytest.mark.parametrize("text", ['"a"', '""', "a", "", '"a\\"b"', '"a\\\\"', "a\\", ' "a;b,c" ', '"\\""'])
def test_quotes_where_they_should_be(text: str) -> None:
    for other in read_header(f"X-Forwarded-Client-Cert: URI=x;Subject={text};DNS=y").found.others:
        assert other.findings == []
        assert (other.facts[0], other.facts[-1]) == (("uri", "x"), ("dns", "y"))


def test_quotes_that_do_not_close() -> None:
    found = read_header('X-Forwarded-Client-Cert: By=a;Subject="CN=a;Hash=1,By=b\\')
    (other,) = found.found.others
    assert other.facts == [("by", "a"), ("subject", "CN=a;Hash=1,By=b\\")]
    assert other.findings == [amiss("subject")]


def test_review_a_file_under_a_password_in_a_header_is_tried_once_in_all() -> None:
    # the purse is the header's
    block = quote(pem(pkcs12_raw(*[encrypted_part(b"", b"x", 1)] * 1000), "PKCS12").decode())
    found = read_header(f"X-Forwarded-Client-Cert: Cert={block},Cert={block}")
    refused = [one[2] for other in found.found.others for one in other.findings if "in all" in one[2]]
    assert len(refused) == 1


def test_a_certificate_of_envoy_that_is_none() -> None:
    found = read_header(f"X-Forwarded-Client-Cert: Cert={quote(TEXT.replace('MI', 'M!', 1))};nothing;Chain=")
    assert ders(found) == []
    assert found.found.others[0].findings == [("pem-damaged", "error", "the block CERTIFICATE is not base64")]
    assert found.found.others[0].source == "header X-Forwarded-Client-Cert, hop 1 of 1"


def test_envoys_pairs_under_a_name_of_ones_own() -> None:
    assert read_header(f"X-Own: By=a;Cert={quote(TEXT)}").format == "xfcc"
    assert read_header(f"X-Own: By=a;Hash={HASH}").format == "xfcc"
    with pytest.raises(InputError, match="^header X-Own: no certificate is in the value$"):
        read_header("X-Own: By=a")
    with pytest.raises(InputError, match="^header X-Forwarded-Client-Cert: no certificate is in the value$"):
        read_header("X-Forwarded-Client-Cert: Colour=red")


NOTHING = "the header does not say whether the proxy verified it"
HAPROXY = "HAProxy's ssl_c_verify is 0 too if there was no certificate: ssl_fc_has_crt has to be 1 beside it"
CLOUDFLARE = "Cloudflare says so of a revoked certificate too: cf-cert-revoked has to be false beside it"


@pytest.mark.parametrize(
    ("name", "value", "verified", "sentence"),
    [
        ("ssl-client-verify", "SUCCESS", "yes", "the header says that the proxy verified the certificate"),
        ("X-SSL-Client-Verify", "0", "unknown", HAPROXY),
        ("ssl-client-verify", "FAILED", "no", "the header says that the proxy did not verify it: FAILED"),
        ("ssl-client-verify", "SUCCESS:FAILED", "unknown", NOTHING),
        ("ssl-client-verify", "success", "unknown", NOTHING),
        ("ssl-client-verify", "SUCCESS SUCCESS", "unknown", NOTHING),
        ("ssl-client-verify", "SUCCESS, FAILED:x", "unknown", NOTHING),
        ("ssl-client-verify", "FAILEDx", "unknown", NOTHING),
        ("ssl-client-verify", "True", "unknown", NOTHING),
        ("ssl-client-verify", "00", "unknown", NOTHING),
        ("ssl-client-verify", "1.0", "unknown", NOTHING),
        ("Cf-Cert-Verified", "true", "unknown", CLOUDFLARE),
        ("Cf-Cert-Verified", "false", "no", "the header says that the proxy did not verify it: false"),
        ("Cf-Cert-Revoked", "0", "unknown", NOTHING),
        ("Cf-Cert-Revoked", "10", "unknown", NOTHING),
        ("Cf-Cert-Revoked", "NONE", "unknown", NOTHING),
        ("Cf-Cert-Revoked", "FAILED:x", "unknown", NOTHING),
        ("ssl-client-verify", "FAILED:x", "no", "the header says that the proxy did not verify it: FAILED:x"),
        ("ssl-client-verify", "NONE", "no", "the header says that the proxy did not verify it: NONE"),
        ("X-SSL-Client-Verify", "10", "no", "the header says that the proxy did not verify it: 10"),
        ("X-Client-Cert-Chain-Verified", "true", "yes", "the header says that the proxy verified the certificate"),
        ("X-Client-Cert-Chain-Verified", "false", "no", "the header says that the proxy did not verify it: false"),
        ("Cf-Cert-Verified", "TRUE", "unknown", NOTHING),
        ("Cf-Cert-Revoked", "true", "no", "the header says that the proxy did not verify it: true"),
        ("Cf-Cert-Revoked", "false", "unknown", "the header does not say whether the proxy verified it"),
        ("X-SSL-Client-Verify", "maybe", "unknown", "the header does not say whether the proxy verified it"),
    ],
)  # fmt: skip
def test_what_a_proxy_says_of_its_verification(name: str, value: str, verified: str, sentence: str) -> None:
    found = read_header(f"{name}: {value}")
    assert (found.format, found.verified, found.sentence) == ("facts", verified, sentence)
    (other,) = found.found.others
    assert (other.kind, other.source, other.facts) == ("forwarded fact", f"header {name}", [("value", value)])
    assert found.findings[0][0] == "header-assertion"


@pytest.mark.parametrize(
    ("line", "verified"),
    [
        ("X-Amzn-Mtls-Clientcert-Serial-Number: 03A5B1", "yes"),
        ("X-Amzn-Mtls-Clientcert-Subject: CN=a,O=Mine", "yes"),
        ("CloudFront-Viewer-Cert-Sha256: " + HASH, "unknown"),
        ("CloudFront-Viewer-Cert-Present: true", "unknown"),
        ("Cf-Client-Cert-Sha256: " + HASH, "no"),
        ("ssl-client-subject-dn: Mine", "unknown"),
        ("X-SSL-Client-SHA1: 00", "unknown"),
        ("X-SSL-Client-CN: Mallory", "unknown"),
        ("X-Client-Cert-Hash: " + b64encode(bytes(32)).decode().rstrip("="), "unknown"),
        ("X-Client-Cert-Issuer-DN: MBUxEzARBgNVBAMMCmNsaWVudC1jYQ==", "unknown"),
        ("X-Client-Cert-Present: true", "unknown"),
        ("Cf-Cert-Presented: true", "no"),
    ],
)
def test_facts_without_a_certificate(line: str, verified: str) -> None:
    found = read_header(line)
    assert (found.format, found.verified) == ("facts", verified)
    assert found.found.others[0].facts == [("value", line.partition(": ")[2])]
    assert found.found.certificates == []


def test_traefiks_info() -> None:
    info = 'Subject="O=a;b,CN=x";Issuer="CN=y";SerialNumber="7";NB="1";x'
    found = read_header(f"X-Forwarded-Tls-Client-Cert-Info: {quote_plus(info)}")
    assert found.found.others[0].facts == [
        ("Subject", "O=a;b,CN=x"),
        ("Issuer", "CN=y"),
        ("SerialNumber", "7"),
        ("NB", "1"),
    ]
    assert found.proxy == "Traefik"


def test_another_block_in_the_header_is_named(recwarn: pytest.WarningsRecorder) -> None:
    key = pem(private_der(), "PRIVATE KEY").decode()
    found = read_header(f"X-Own: {quote(TEXT + key)}")
    assert ders(found) == [LEAF]
    assert found.found.others[0].kind == "private key"
    assert "private-key-beside-certificate" in found.found.others[0].findings[0]
    assert not recwarn.list


def test_bytes_that_are_no_text_stay_bytes() -> None:
    with pytest.raises(InputError, match="^header X-Any: no certificate is in the value$"):
        read_header("X-Any: %ff\udcff%zz")
    found = read_header(
        "X-Forwarded-Client-Cert: URI=\udcff;Cert=-----BEGIN CERTIFICATE-----%ff-----END CERTIFICATE-----"
    )
    assert found.found.others[-1].facts == [("uri", "\udcff")]


def test_a_hop_that_begins_with_a_mark() -> None:
    first, second = read_header("X-Forwarded-Client-Cert: By=a,;URI=b;").found.others
    assert (first.facts, second.facts) == ([("by", "a")], [("uri", "b")])


def test_letters_of_no_proxy_around_a_certificate() -> None:
    assert ders(read_header(f"ssl-client-cert: \u20ac{TEXT}")) == [LEAF]
    for value in ("M\u20ac", "M" + "!" * 98):
        with pytest.raises(InputError, match="^header X-Any: no certificate is in the value$"):
            read_header(f"X-Any: {value}")
    for value in ("M" + "!" * 99, "M" * 100 + "\u20ac", f"{B64[:64]}!{B64[64:]}"):
        with pytest.raises(InputError, match="^header X-Any: the value is not base64$"):
            read_header(f"X-Any: {value}")


def test_a_file_under_a_password_has_the_empty_one() -> None:
    for line in (
        f"ssl-client-cert: {quote(pem(pkcs12(b'x'), 'PKCS12').decode() + ' CERTIFICATE')}",
        f"X-Forwarded-Client-Cert: Cert={quote(pem(pkcs12(b'x'), 'PKCS12').decode())}",
    ):
        finding = read_header(line).found.others[0].findings[0]
        assert finding[0] == "pem-unreadable"
        assert "the password is wrong" in finding[2]


def test_an_old_traefik_is_told_by_its_escapes() -> None:
    old = read_header(f"X-Forwarded-Tls-Client-Cert: {quote_plus(B64)}")
    assert old.proxy == "Traefik before v2.9.4, which escapes the value"
    assert read_header(f"X-Any: {quote_plus(B64)}").proxy == "not known from the header's name"


def test_what_is_known_before_a_value_is_read() -> None:
    header = HeaderFound("X_SSL_Client_Cert")
    row = PROXIES["X-SSL-Client-Cert"]
    assert (header.name, header.canonical, header.format) == ("X_SSL_Client_Cert", "x-ssl-client-cert", "")
    assert (header.proxy, header.verified, header.sentence) == (row.proxy, row.verified, row.sentence)
    assert (header.found.format, header.password()) == ("header", b"")
