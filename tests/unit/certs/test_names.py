"""Which texts name somebody, and how does a certificate hold them?"""

from typing import Any

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from authkit.certs import names
from authkit.certs.names import Names, San, parse_san
from authkit.certs.profile import PROFILES
from authkit.errors import UsageError
from authorities import names as sample

LONG_LABEL = "a" * 63
LONG_HOST = ".".join([LONG_LABEL] * 3 + ["a" * 61])
SUB_AUTHORITIES = "-".join(["1"] * 15)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("email", "ada@example.com"),
        ("email", "a.d-a+x'y@host"),
        ("email", "a" * 64 + "@example.com"),
        ("dns", "host.example.com"),
        ("dns", "HOST"),
        ("dns", "*.a"),
        ("dns", "xn--4ca.example"),
        ("dns", "*.example.com"),
        ("dns", "xn--bcher-kva.example"),
        ("dns", "1.2.3.4a"),
        ("dns", "a.0xg"),
        ("dns", "XN--BCHER-KVA.example"),
        ("dns", "xn--strae-oqa.example"),
        ("upn", "\u00e1@corp"),
        ("email", "*.a@b.c"),
        ("dns", LONG_HOST),
        ("uri", "urn:example:a"),
        ("uri", "https://example.com/a%20b?c#d"),
        ("uri", "a+b.c-1:x"),
        ("uri", "urn:a%20x%41"),
        ("uri", "urn:" + "a" * 2044),
        ("uri", "spiffe://example.org/a"),
        ("spiffe", "spiffe://example.org/ns/a_b-c.D9"),
        ("spiffe", "spiffe://" + "a" * 255 + "/b"),
        ("spiffe", "spiffe://a/b"),
        ("upn", "ada@corp"),
        ("upn", "X@corp"),
        ("upn", "Ädä@corp.example.com"),
        ("upn", "a" * 251 + "@corp"),
        ("ip", "192.0.2.1"),
        ("ip", "2001:db8::1"),
    ],
)
def test_names_that_are(kind: str, text: str) -> None:
    found = parse_san(kind, text)
    assert (found.kind, found.value) == ("uri" if kind == "spiffe" else kind, text)


def test_an_address_is_written_in_one_way() -> None:
    assert parse_san("ip", "2001:DB8:0::1").value == "2001:db8::1"


VISIBLE = "it is empty, too long, or holds something that is not visible or not NFC"
MAIL, HOST, REALM = "write user@example.com", "write host.example.com, without a dot at its end", "write user@realm"
WHOLE = "write a whole URI such as urn:example:client-1 or https://example.com/client-1"
SPIFFE = "write spiffe://trust-domain/path, the trust domain in lower case"
ADDRESS = "write 192.0.2.1 or 2001:db8::1"


@pytest.mark.parametrize(
    ("kind", "text", "hint"),
    [
        ("email", "", VISIBLE),
        ("email", "a b@example.com", VISIBLE),
        ("email", "ada@example.com\n", VISIBLE),
        ("dns", "a\u202eb.example", VISIBLE),
        ("uri", "urn:" + "a" * 2045, VISIBLE),
        ("upn", "a\u3164b@corp", VISIBLE),
        ("upn", "a\ufe0fb@corp", VISIBLE),
        ("upn", "a\U000e0100b@corp", VISIBLE),
        ("upn", "a\u0301@corp", VISIBLE),
        ("dns", "a.xn--a", HOST),
        ("dns", "xn--.example", HOST),
        ("dns", "xn--abc-.example", HOST),
        ("dns", "xn--a\x2d\x2d.example", HOST),
        ("dns", "xn--99999999.example", HOST),
        ("dns", "0x7f000001", HOST),
        ("dns", "a.0X7F", HOST),
        ("dns", "a.0x", HOST),
        ("email", "a@xn--a", MAIL),
        ("email", "ada", MAIL),
        ("email", "@example.com", MAIL),
        ("email", "ada@", MAIL),
        ("email", "a..b@example.com", MAIL),
        ("email", ".a@example.com", MAIL),
        ("email", "a.@example.com", MAIL),
        ("email", "a@b@example.com", MAIL),
        ("email", '"a"@example.com', MAIL),
        ("email", "a" * 65 + "@example.com", MAIL),
        ("email", "ada@-x.com", MAIL),
        ("dns", "host.", HOST),
        ("dns", ".host", HOST),
        ("dns", "a..b", HOST),
        ("dns", "-a.example", HOST),
        ("dns", "*.-a.example", HOST),
        ("dns", "a-.example", HOST),
        ("dns", "ab-.example", HOST),
        ("dns", "a_b.example", HOST),
        ("dns", "a.*.example", HOST),
        ("dns", "*", HOST),
        ("dns", "192.0.2.1", HOST),
        ("dns", LONG_LABEL + "a", HOST),
        ("dns", LONG_HOST + "a", HOST),
        ("uri", "a", WHOLE),
        ("uri", ":a", WHOLE),
        ("uri", "1a:b", WHOLE),
        ("uri", "a_b:c", WHOLE),
        ("uri", "urn:", WHOLE),
        ("uri", "urn:a<b", WHOLE),
        ("uri", "urn:a%2", WHOLE),
        ("uri", "urn:a%zz", WHOLE),
        ("upn", "ada", REALM),
        ("upn", "@corp", REALM),
        ("upn", "ada@", REALM),
        ("upn", "a@b@c", REALM),
        ("upn", "corp\\ada@corp", REALM),
        ("upn", 'a"b@corp', REALM),
        ("upn", "a/b@corp", REALM),
        ("upn", "a" * 252 + "@corp", REALM),
        ("ip", "192.0.2", ADDRESS),
        ("ip", "192.0.2.0/24", ADDRESS),
        ("ip", "fe80::1%eth0", "leave out the zone"),
        ("spiffe", "https://example.org/a", SPIFFE),
        ("spiffe", "spiffe://example.org", SPIFFE),
        ("spiffe", "spiffe://example.org/", SPIFFE),
        ("spiffe", "spiffe://example.org/a/", SPIFFE),
        ("spiffe", "spiffe://example.org/a//b", SPIFFE),
        ("spiffe", "spiffe://example.org/./b", SPIFFE),
        ("spiffe", "spiffe://example.org/../b", SPIFFE),
        ("spiffe", "spiffe://example.org/a%20", SPIFFE),
        ("spiffe", "spiffe://example.org/a?b", SPIFFE),
        ("spiffe", "spiffe://Example.org/a", SPIFFE),
        ("spiffe", "spiffe://eXample.org/a", SPIFFE),
        ("spiffe", "spiffe://example.org:80/a", SPIFFE),
        ("spiffe", "spiffe:///a", SPIFFE),
        ("spiffe", "spiffe://" + "a" * 256 + "/b", SPIFFE),
        ("spiffe", "SPIFFE://example.org/a", SPIFFE),
        ("spiffe", "spiffe://example.org/ä", "it must be ASCII"),
        ("uri", "urn:ä", "it must be ASCII"),
        ("email", "ä@example.com", "it must be ASCII"),
        ("email", "ada@bücher.example", "write ada@xn--bcher-kva.example"),
        ("email", "a@b@bücher.example", "write a@b@xn--bcher-kva.example"),
        ("dns", "bücher.example", "write xn--bcher-kva.example"),
        ("dns", "straße.example", "write its A-label, which begins with xn--"),
        ("dns", "ä..example", "write its A-label, which begins with xn--"),
    ],
)
def test_names_that_are_not(kind: str, text: str, hint: str) -> None:
    what = {"email": "a mailbox", "dns": "a host name", "uri": "a URI", "upn": "a UPN", "ip": "an IP address"}
    with pytest.raises(UsageError) as caught:
        parse_san(kind, text)
    assert caught.value.message == f"{text[:80]!r} is not {what.get(kind, 'a SPIFFE ID')}"
    assert caught.value.hint == hint


@pytest.mark.parametrize("text", ["SPIFFE://example.org/a", "spiffe://example.org"])
def test_a_uri_that_claims_to_be_a_spiffe_id_is_one(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_san("uri", text)
    assert caught.value.message == f"{text!r} is not a SPIFFE ID"


@given(st.text("abcXYZ09!#$%&'*+-/=?^_`{|}~.", min_size=1, max_size=64))
def test_every_mailbox_that_passes_can_be_written(local: str) -> None:
    try:
        found = parse_san("email", f"{local}@example.com")
    except UsageError:
        assert ".." in local or local[0] == "." or local[-1] == "."
        return
    written = names.encode_san(Names(None, [found]))
    assert names.read_san(written) == [found]


# the other names


@pytest.mark.parametrize("text", ["a", "A9._-", "0" * 64])
def test_names_of_files(text: str) -> None:
    assert names.check_file_name(text) == text


@pytest.mark.parametrize("text", ["", "0" * 65, "0" * 90, ".a", "-a", "_a", "a/b", "a b", "ä", "a\n"])
def test_what_cannot_name_a_file(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        names.check_file_name(text)
    assert caught.value.message == f"{text[:80]!r} cannot be the name of a certificate"
    hint = "use 1 to 64 letters, digits, '.', '_' and '-', with a letter or digit first"
    assert caught.value.hint == hint


@pytest.mark.parametrize("text", ["a", "Ada Lovelace", "ä" * 32, "a" * 64])
def test_common_names(text: str) -> None:
    assert names.parse_common_name(text) == text
    assert names.encode_subject(Names(text)).rfc4514_string() == f"CN={text}"
    assert list(names.encode_subject(Names())) == []


@pytest.mark.parametrize(
    "text", ["", " a", "a ", "a\tb", "a\u202e", "a\u2800", "a\u0301", "ä" * 33, "a" * 65, "a" * 90, "\ud800"]
)
def test_what_cannot_be_a_common_name(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        names.parse_common_name(text)
    assert caught.value.message == f"{text[:80]!r} cannot be a common name"
    assert caught.value.hint == "use visible text (NFC) of 1 to 64 bytes"


@pytest.mark.parametrize(
    "text", ["S-1-5-21-1004336348-1177238915-682003330-512", "S-1-0-0", f"S-1-5-{SUB_AUTHORITIES}"]
)
def test_security_identifiers(text: str) -> None:
    assert names.parse_sid(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "S-1-5",
        "s-1-5-21",
        "S-2-5-21",
        "S-1-5-021",
        "S-1-5-",
        "S-1-5-+1",
        "S-1-5-²",
        "S-1-5-4294967296",
        "S-1-5-99999999999",
        f"S-1-5-{SUB_AUTHORITIES}-1",
        "S" * 90,
    ],
)
def test_what_is_no_security_identifier(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        names.parse_sid(text)
    assert caught.value.message == f"{text[:80]!r} is not a security identifier"
    assert caught.value.hint == "write S-1-5-21-…, as 'whoami /user' shows it"


def test_the_largest_number_of_a_security_identifier() -> None:
    assert names.parse_sid("S-1-5-4294967295") == "S-1-5-4294967295"


# together


def test_names_as_text_and_as_values() -> None:
    mail, uri = San("email", "a@b"), San("uri", "urn:a:b")
    one = Names("Ada", [mail, uri, mail], "S-1-5-21")
    assert str(one) == "cn:Ada, email:a@b, uri:urn:a:b, sid:S-1-5-21"
    assert repr(one) == f"<Names {one}>"
    assert (str(mail), repr(mail)) == ("email:a@b", "<San email:a@b>")
    assert one.sans == (mail, uri)
    assert one == Names("Ada", [mail, uri], "S-1-5-21")
    assert one != Names("Ada", [uri, mail], "S-1-5-21")
    assert one != str(one)
    assert (mail != "email:a@b", mail == San("email", "a@b"), hash(mail) == hash(San("email", "a@b"))) == (True,) * 3
    assert str(Names()) == "no name"
    assert Names().pairs() == []


@pytest.mark.parametrize(
    ("profile", "one", "message", "hint"),
    [
        (
            "client",
            Names(),
            "the profile client needs a name",
            "add --email or --dns or --uri or --upn or --ip",
        ),
        (
            "client",
            Names("Ada"),
            "a common name alone identifies nobody",
            "add --email or --dns or --uri or --upn or --ip",
        ),
        (
            "client",
            Names(None, [San("email", "a@b")], "S-1-5-21"),
            "the profile client has no place for sid:S-1-5-21",
            "it takes --email or --dns or --uri or --upn or --ip or --common-name",
        ),
        (
            "client",
            Names(None, [San("dns", "*.example.com")]),
            "dns:*.example.com is a pattern, which only a server may be named by",
            "name one host",
        ),
        (
            "spiffe",
            Names(None, [San("uri", "urn:a:b")]),
            "the profile spiffe has exactly one URI, a SPIFFE ID",
            "give one --spiffe spiffe://domain/path",
        ),
        (
            "spiffe",
            Names(None, [San("uri", "spiffe://a/b"), San("uri", "spiffe://a/c")]),
            "the profile spiffe has exactly one URI, a SPIFFE ID",
            "give one --spiffe spiffe://domain/path",
        ),
        ("spiffe", Names(None, [San("dns", "a.b")]), "the profile spiffe needs a name", "add --uri"),
        (
            "spiffe",
            Names(None, [San("email", "a@b"), San("uri", "spiffe://a/b")]),
            "the profile spiffe has no place for email:a@b",
            "it takes --uri or --dns or --common-name",
        ),
        ("eap-tls", Names("a", [San("email", "a@b")]), "the profile eap-tls needs a name", "add --upn or --dns"),
        (
            "server",
            Names(None, [San("uri", "urn:a:b")]),
            "the profile server needs a name",
            "add --dns or --ip",
        ),
        (
            "intermediate",
            Names("CA", [San("dns", "a.b")]),
            "the profile intermediate has no place for dns:a.b",
            "it takes --common-name",
        ),
    ],
)
def test_names_that_a_profile_refuses(profile: str, one: Names, message: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        names.judge_names(one, PROFILES[profile])
    assert (caught.value.message, caught.value.hint) == (message, hint)


@pytest.mark.parametrize("profile", ["client", "spiffe", "eap-tls", "roles-anywhere", "server", "intermediate"])
def test_names_that_a_profile_takes(profile: str) -> None:
    names.judge_names(sample(profile), PROFILES[profile])


def test_a_mailbox_is_no_pattern() -> None:
    names.judge_names(Names(None, [San("email", "*.a@b.c")]), PROFILES["client"])
    names.judge_names(Names(None, [San("dns", "*.a.b")]), PROFILES["server"])


def test_the_common_name_that_a_profile_needs() -> None:
    upn, host, mail = San("upn", "ada@corp"), San("dns", "pc.corp"), San("email", "a@b")
    for profile, sans, expected in (
        ("client", [mail], None),
        ("spiffe", [San("uri", "spiffe://a/b")], None),
        ("server", [host], None),
        ("eap-tls", [host, upn], "ada@corp"),
        ("eap-tls", [mail, host], "pc.corp"),
        ("eap-tls", [mail], "file"),
        ("roles-anywhere", [mail], "file"),
        ("intermediate", [], "file"),
    ):
        found = names.complete_names(Names(None, sans, "S-1-5-21"), PROFILES[profile], "file")
        assert found == Names(expected, sans, "S-1-5-21")
    given = Names("Given", [upn])
    assert names.complete_names(given, PROFILES["eap-tls"], "file") is given


def test_a_common_name_that_would_be_too_long() -> None:
    fits = Names(None, [San("upn", "a" * 59 + "@corp")])
    assert names.complete_names(fits, PROFILES["eap-tls"], "x").common_name == "a" * 59 + "@corp"
    long = Names(None, [San("upn", "ä" * 30 + "@corp")])
    with pytest.raises(UsageError) as caught:
        names.complete_names(long, PROFILES["eap-tls"], "x")
    assert caught.value.message == f"'{'ä' * 30}@corp' is longer than the 64 bytes of a common name"
    assert caught.value.hint == "give a --common-name"
    with pytest.raises(UsageError) as caught:
        names.complete_names(Names(None, [San("upn", "a" * 90 + "@corp")]), PROFILES["eap-tls"], "x")
    assert caught.value.message == f"{'a' * 80!r} is longer than the 64 bytes of a common name"


# as extensions


ALL = [
    San("email", "ada@example.com"),
    San("dns", "host.example.com"),
    San("uri", "urn:example:a"),
    San("upn", "ädä@corp"),
    San("ip", "192.0.2.1"),
    San("ip", "2001:db8::1"),
]


def test_the_extension_gives_back_what_it_got() -> None:
    written = names.encode_san(Names(None, ALL))
    again = x509.SubjectAlternativeName(list(written))
    assert names.read_san(again) == ALL
    assert written.public_bytes().hex() == (
        "3066"
        "810f616461406578616d706c652e636f6d"
        "8210686f73742e6578616d706c652e636f6d"
        "860d75726e3a6578616d706c653a61"
        "a01a060a2b060104018237140203a00c0c0ac3a464c3a440636f7270"
        "8704c0000201"
        "871020010db8000000000000000000000001"
    )


def other(value: bytes, oid: str = names.UPN_OID) -> x509.OtherName:
    return x509.OtherName(x509.ObjectIdentifier(oid), value)


NONE_OF = "it names something that is none of email, dns, uri, upn, ip"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (other(b"\x16\x03a@b"), "a UPN in it cannot be read"),
        (other(b"\x0c\x03a@b\x00"), "a UPN in it cannot be read"),
        (other(b"\x0c\x02\xff@"), "a UPN in it cannot be read"),
        (other(b"\x0c"), "a UPN in it cannot be read"),
        (other(b"\x0c\x01a"), "'a' is not a UPN"),
        (other(b"\x0c\x03a@b", "1.2.3"), NONE_OF),
        (
            x509.RegisteredID(x509.ObjectIdentifier("1.2.3")),
            NONE_OF,
        ),
        (x509.DNSName("a_b"), "'a_b' is not a host name"),
    ],
)
def test_names_of_others_that_cannot_be_read(name: x509.GeneralName, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        names.read_san(x509.SubjectAlternativeName([name]))
    assert caught.value.message == message


SID = "S-1-5-21-1004336348-1177238915-682003330-512"


def test_microsofts_extension() -> None:
    written = names.encode_sid(SID)
    assert written.oid.dotted_string == "1.3.6.1.4.1.311.25.2"
    assert written.value.hex() == ("303ea03c060a2b060104018237190201a02e042c" + SID.encode().hex())
    assert names.decode_sid(written.value) == SID
    longest = "S-1-5-" + "-".join(["4294967295"] * 15)
    assert names.decode_sid(names.encode_sid(longest).value) == longest


@pytest.mark.parametrize(
    "change",
    [
        lambda data: b"",
        lambda data: data[:-1],
        lambda data: b"\x30\x00",
        lambda data: data.replace(b"S-1", b"S-2"),
        lambda data: data.replace(b"S-1", b"S\xff1"),
        lambda data: data.replace(b"\x37\x19\x02\x01", b"\x37\x19\x02\x02"),
        lambda data: bytes([0x30, 2 * data[1]]) + data[2:] * 2 if data[1] < 64 else b"",
        lambda data: b"\x30\x0e\xa0\x0c" + data[4:16],
    ],
)
def test_extensions_of_others_that_cannot_be_read(change: Any) -> None:
    assert names.decode_sid(change(names.encode_sid(SID).value)) is None
