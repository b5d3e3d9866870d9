"""Is the signature of a request read in one way only, and every other form named?"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest

from authkit.clock import UTC
from authkit.errors import Rejected
from authkit.messages.request import Request
from authkit.schemes import claim as module
from authkit.schemes.claim import Claim, read_claim
from authkit.schemes.derived import AWS4, Derived
from crafted import EMPTY, Crafted
from samples import AT, ID, TC3

STAMP, SCOPE = "20261123T090000Z", "20261123/us-east-1/s3/aws4_request"
SIGNATURE = "0123456789abcdef" * 4
NAMES = "host;x-amz-date"
HTML = "the URL was copied from HTML: write & for &amp;"
TWICE = "the URL was percent-encoded twice"
FIELD = "is unknown, repeated or has no value"
SMALL, SPACE = f"the field 'credential' {FIELD}", f"the field 'Signature ' {FIELD}"
NBSP = f"the field '\\xa0SignedHeaders' {FIELD}"
ENCODED = f"{ID}/{SCOPE}".replace("/", "%2f")
ONCE = "Credential, SignedHeaders and Signature must each stand once"


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    module._heads.clear()
    yield
    module._heads.clear()


def authorization(
    *,
    label: str = "AWS4-HMAC-SHA256",
    credential: str = f"{ID}/{SCOPE}",
    signed: str = NAMES,
    signature: str = SIGNATURE,
) -> str:
    return f"{label} Credential={credential}, SignedHeaders={signed}, Signature={signature}"


def by_header(
    value: "str | None" = None, *more: tuple[str, str], date: "str | None" = STAMP, target: str = "/a"
) -> Request:
    dated = () if date is None else (("X-Amz-Date", date),)
    sent = authorization() if value is None else value
    return Request("GET", target, (("Host", "h"), *dated, ("Authorization", sent), *more))


QUERY = {
    "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
    "X-Amz-Credential": f"{ID}%2F20261123%2Fus-east-1%2Fs3%2Faws4_request",
    "X-Amz-Date": STAMP,
    "X-Amz-Expires": "900",
    "X-Amz-SignedHeaders": "host%3Brange",
    "X-Amz-Signature": SIGNATURE,
}


def by_query(before: str = "", behind: str = "", mark: str = "&", **changed: "str | None") -> Request:
    """A presigned request; *changed* is by the last word of a parameter's name, None for one left out."""
    values: "dict[str, str | None]" = {**QUERY, **{f"X-Amz-{name}": value for name, value in changed.items()}}
    pairs = mark.join(f"{name}={value}" for name, value in values.items() if value is not None)
    return Request("GET", f"/a?{before}{pairs}{behind}", (("Host", "h"), ("Range", "1")))


def read(request: Request, row: Derived = AWS4) -> Claim:
    return read_claim(request, row)


def refuse(request: Request, row: Derived = AWS4) -> "tuple[str, str, str | None]":
    """Return reason, detail and hint; what was refused once is refused again."""
    said = []
    for _ in range(2):
        with pytest.raises(Rejected) as caught:
            read(request, row)
        said.append((caught.value.reason, caught.value.detail, caught.value.hint))
    assert said[0] == said[1]
    return said[0]


# -------------------------------------------------------------------------------------------------------------- header


def facts(found: Claim) -> "tuple[Any, ...]":
    return (
        found.in_query,
        found.access_key_id,
        str(found.scope),
        found.signed,
        found.in_order,
        found.signature,
        found.at,
        found.stamp,
        found.expires,
        found.token,
        found.payload,
    )


HELD = (False, ID, SCOPE, ["host", "x-amz-date"], True, SIGNATURE, AT, STAMP, None, None, None)


@pytest.mark.parametrize(
    "value",
    [
        authorization(),
        authorization().replace(", ", ","),
        authorization().replace(", ", " \t,\t "),
        f"AWS4-HMAC-SHA256 Signature={SIGNATURE}, SignedHeaders={NAMES}, Credential={ID}/{SCOPE}",
        f"AWS4-HMAC-SHA256 SignedHeaders={NAMES},Signature={SIGNATURE} , Credential={ID}/{SCOPE}",
        f"AWS4-HMAC-SHA256  Credential={ID}/{SCOPE}, SignedHeaders={NAMES}, Signature={SIGNATURE}",
    ],
)
def test_a_header_is_read(value: str) -> None:
    request = by_header(value)
    for _ in range(3):
        found = read(request)
        assert facts(found) == HELD
        assert found.request is request


def test_a_session_token_is_read_from_its_header() -> None:
    assert read(by_header(None, ("x-amz-security-token", "T"))).token == "T"
    assert read(by_header(None, ("X-Amz-Content-Sha256", EMPTY))).payload is None


def test_a_head_is_remembered_and_never_its_signature() -> None:
    first, other = authorization(), authorization(signature="f" * 64)
    assert read(by_header(first)).signature == SIGNATURE
    assert list(module._heads) == [first.partition(", Signature")[0]]
    found = read(by_header(other, date="20261123T100000Z"))
    assert (found.signature, found.at) == ("f" * 64, datetime(2026, 11, 23, 10, tzinfo=UTC))
    assert facts(found)[1:5] == HELD[1:5]
    assert len(module._heads) == 1


def test_a_remembered_head_excuses_nothing_behind_it() -> None:
    read(by_header())
    assert refuse(by_header(authorization(signature="0" * 63)))[0] == "signature-format"
    assert refuse(by_header(authorization(signature="")))[0] == "signature-format"
    assert refuse(by_header(date=None))[0] == "date-missing"
    assert refuse(by_header(date="x"))[0] == "date-format"
    assert refuse(by_header(authorization() + ", X=1")) == ("authorization-syntax", f"the field 'X' {FIELD}", None)
    assert refuse(by_header(authorization() + f", Signature={SIGNATURE}"))[0] == "authorization-syntax"


def test_only_what_is_in_order_is_remembered() -> None:
    for value in (authorization(credential="x"), authorization(label="X"), authorization() + ","):
        refuse(by_header(value))
    refuse(by_header(authorization(signature="x")))
    refuse(by_header(date="x"))
    read(by_header(authorization().replace(", ", ",")))
    assert module._heads == {}


def test_the_order_of_the_names_is_remembered_too() -> None:
    for _ in range(2):
        found = read(by_header(authorization(signed="x-amz-date;host")))
        assert (found.signed, found.in_order) == (["x-amz-date", "host"], False)


def test_at_most_so_many_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    assert module._MANY == 1024
    monkeypatch.setattr(module, "_MANY", 2)
    for count, expected in ((0, 1), (1, 2), (1, 2), (2, 1), (3, 2)):
        found = read(by_header(authorization(signed=f"host;x-{count}")))
        assert found.signed == ["host", f"x-{count}"]
        assert len(module._heads) == expected


OTHER = AWS4.but(name="other", chain=TC3)


def test_what_one_scheme_remembers_is_no_other_s() -> None:
    read(by_header())
    assert refuse(by_header(), OTHER) == ("algorithm", "'AWS4-HMAC-SHA256'", None)
    value = authorization(label="TC3-HMAC-SHA256", credential=f"{ID}/2026-11-23/cvm/tc3_request")
    assert str(read(by_header(value), OTHER).scope) == "2026-11-23/cvm/tc3_request"
    assert refuse(by_header(value)) == ("algorithm", "'TC3-HMAC-SHA256'", None)
    impossible = authorization(label="TC3-HMAC-SHA256", credential=f"{ID}/2026-11-31/cvm/tc3_request")
    assert refuse(by_header(impossible), OTHER) == ("scope-date", "'2026-11-31'", None)


@pytest.mark.parametrize(
    ("signed", "right"),
    [
        ("host", True),
        ("a;b;c", True),
        ("a;a-b;a_b", True),
        ("", False),
        ("host;", False),
        (";host", False),
        ("b;a", False),
        ("a;a", False),
        ("Host", False),
        ("a;\xc9", False),
        ("authorization", False),
        ("a;authorization;b", False),
    ],
)
def test_the_list_of_names(signed: str, right: bool) -> None:
    for _ in range(2):
        assert read(by_header(authorization(signed=signed))).in_order is right
    encoded = signed.replace(";", "%3B").replace("\xc9", "%C9")
    assert read(by_query(SignedHeaders=encoded)).in_order is right


@pytest.mark.parametrize(
    ("value", "reason", "detail"),
    [
        ("", "algorithm", "''"),
        ("Bearer abc", "algorithm", "'Bearer'"),
        ("AWS ID:SIG", "algorithm", "'AWS'"),
        (authorization(label="aws4-hmac-sha256"), "algorithm", "'aws4-hmac-sha256'"),
        (authorization(label="A" * 50), "algorithm", repr("A" * 40)),
        (authorization(label="AWS4-HMAC-SHA256,"), "algorithm", "'AWS4-HMAC-SHA256,'"),
        (" " + authorization(), "algorithm", "''"),
        ("AWS4-HMAC-SHA256\t" + authorization()[17:], "algorithm", repr(f"AWS4-HMAC-SHA256\tCredential={ID}/")),
        ("AWS4-HMAC-SHA256", "authorization-syntax", f"the field '' {FIELD}"),
        ("AWS4-HMAC-SHA256 x", "authorization-syntax", f"the field 'x' {FIELD}"),
        ("AWS4-HMAC-SHA256 Signature", "authorization-syntax", f"the field 'Signature' {FIELD}"),
        ("AWS4-HMAC-SHA256 " + "n" * 50, "authorization-syntax", f"the field {'n' * 40!r} {FIELD}"),
        (authorization() + ",", "authorization-syntax", f"the field '' {FIELD}"),
        (authorization() + ", Signature=x", "authorization-syntax", f"the field 'Signature' {FIELD}"),
        (authorization() + ", X=1, Y=2", "authorization-syntax", f"the field 'X' {FIELD}"),
        (authorization().replace("Credential", "credential"), "authorization-syntax", SMALL),
        (authorization().replace(f", Signature={SIGNATURE}", ""), "authorization-syntax", ONCE),
        (authorization().replace(f", SignedHeaders={NAMES}", ""), "authorization-syntax", ONCE),
        (authorization().replace(f"Credential={ID}/{SCOPE}, ", ""), "authorization-syntax", ONCE),
        (authorization().replace(", ", "; "), "authorization-syntax", ONCE),
        (authorization().replace("Signature=", "Signature = "), "authorization-syntax", SPACE),
        (authorization().replace(" Signed", " \xa0Signed"), "authorization-syntax", NBSP),
        (authorization(signature="0" * 63), "signature-format", ""),
        (authorization(signature="0" * 65), "signature-format", ""),
        (authorization(signature="A" * 64), "signature-format", ""),
        (authorization(signature="g" * 64), "signature-format", ""),
        (authorization(signature="0" * 63 + " "), "signature-format", ""),
        (authorization(signature="0" * 32 + "=" + "0" * 31), "signature-format", ""),
        (authorization(credential="x"), "scope-format", "'x'"),
        (authorization(credential=SCOPE), "scope-format", repr(SCOPE)),
        (authorization(credential=f"/{SCOPE}"), "scope-format", repr("/" + SCOPE)),
        (authorization(credential="c" * 140), "scope-format", repr("c" * 128)),
        (authorization(credential=f"{ID}/{SCOPE[:-1]}"), "scope-format", repr(f"{ID}/{SCOPE[:-1]}")),
        (authorization(credential=f"{ID}/20261131{SCOPE[8:]}"), "scope-date", "'20261131'"),
        (authorization(credential=f"{ID}/2026112{SCOPE[8:]}"), "scope-date", "'2026112'"),
        (authorization(credential=ENCODED), "scope-format", repr(ENCODED)),
    ],
)  # fmt: skip
def test_a_header_in_another_form(value: str, reason: str, detail: str) -> None:
    hint = TWICE if "%2f" in value else None
    assert refuse(by_header(value)) == (reason, detail, hint)


def test_the_header_is_bounded() -> None:
    rest = len(authorization(signed=""))
    assert read(by_header(authorization(signed="x" * (16384 - rest)))).signed == ["x" * (16384 - rest)]
    too_long = by_header(authorization(label="X", signed="x" * (16385 - len(authorization(label="X", signed="")))))
    assert refuse(too_long) == ("authorization-syntax", "it is 16385 characters long", None)


@pytest.mark.parametrize(
    "date",
    [
        "",
        "20261123T090060Z",
        "20261131T090000Z",
        "20261123T240000Z",
        "20261123T090000",
        "2026-11-23T09:00:00Z",
        "x" * 40,
    ],
)
def test_a_date_that_is_none(date: str) -> None:
    assert refuse(by_header(date=date)) == ("date-format", repr(date[:32]), None)
    assert refuse(by_query(Date=date)) == ("date-format", repr(date[:32]), None)


def test_a_date_that_is_not_there() -> None:
    assert refuse(by_header(date=None)) == ("date-missing", "", None)
    assert refuse(by_header(None, ("Date", "Mon, 23 Nov 2026 09:00:00 GMT"), date=None)) == ("date-header", "", None)


# --------------------------------------------------------------------------------------------------------------- place


def test_no_signature() -> None:
    for target in ("/", "/?X-Amz-Date=1", "/?X-Amz-Credential=x", "/?algorithm=x&signature=y", "/?Signature=x"):
        assert refuse(Request("GET", target, (("Host", "h"),))) == ("no-signature", "", None)
    assert refuse(Request("GET", "/?a=1&amp;b=2")) == ("no-signature", "", HTML)


def test_two_places() -> None:
    for name in (
        "X-Amz-Algorithm",
        "X-Amz-Credential",
        "X-Amz-Signature",
        "x-amz-signature",
        "X-AMZ-CREDENTIAL",
        "X%2DAmz-Signature",
    ):
        assert refuse(by_header(target=f"/?a&{name}=1")) == ("multiple-auth-locations", "", None)
    for name in ("X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders", "X-Amz-Foo", "Signature"):
        assert facts(read(by_header(target=f"/?{name}=1"))) == HELD
    assert refuse(by_header(None, ("authorization", "x"))) == ("multiple-authorization", "", None)


@pytest.mark.parametrize("name", ["Host", "x-amz-date", "X-Amz-Content-Sha256", "X-AMZ-SECURITY-TOKEN"])
def test_a_header_that_may_stand_once(name: str) -> None:
    twice = ((name, "a"), (name.title(), "b"))
    assert refuse(by_header(None, *twice)) == ("duplicate-header", name.lower(), None)
    assert refuse(Request("GET", "/", twice)) == ("duplicate-header", name.lower(), None)


def test_other_headers_may_stand_twice() -> None:
    assert facts(read(by_header(None, ("X-Amz-Meta-A", "1"), ("X-Amz-Meta-A", "2")))) == HELD


# --------------------------------------------------------------------------------------------------------------- query


def test_a_query_is_read() -> None:
    found = read(by_query("b=2&", "&a=1"))
    assert facts(found) == (True, ID, SCOPE, ["host", "range"], True, SIGNATURE, AT, STAMP, 900, None, None)
    rest = "&".join(f"{name}={value}" for name, value in QUERY.items() if name != "X-Amz-Signature")
    assert found.request.target == f"/a?b=2&{rest}&a=1"
    assert found.request.headers == (("Host", "h"), ("Range", "1"))


def test_what_may_stand_beside_it() -> None:
    found = read(by_query(behind="&X-Amz-Security-Token=T%2B%2F%3D&X-Amz-Content-Sha256=UNSIGNED-PAYLOAD"))
    assert (found.token, found.payload) == ("T+/=", "UNSIGNED-PAYLOAD")
    assert read(by_query(behind="&X-Amz-Security-Token=a=b=")).token == "a=b="
    assert read(by_query(behind="&x-amz-signature2=1&signature=2&X-Amz-Signatur=3")).signature == SIGNATURE
    kept = read(by_query(before="&", behind="&&a&X-Amz-Foo=1")).request.target
    assert kept.startswith("/a?X-Amz-Algorithm=")
    assert kept.endswith("&X-Amz-SignedHeaders=host%3Brange&a&X-Amz-Foo=1")


def test_a_signature_first_in_the_query() -> None:
    request = by_query(before=f"X-Amz-Signature={SIGNATURE}&", Signature=None)
    assert read(request).request.target.startswith("/a?X-Amz-Algorithm=")


@pytest.mark.parametrize(
    "name", ["X-Amz-Signature", "x-amz-signature", "X-AMZ-DATE", "X-Amz-Security-Token", "X-Amz-Foo", "X%2Damz-Date"]
)
def test_a_parameter_that_stands_twice(name: str) -> None:
    request = by_query(before="X-Amz-Foo=1&X-Amz-Security-Token=2&", behind=f"&{name}=3")
    assert refuse(request) == ("duplicate-parameter", name.replace("%2D", "-"), None)


def test_a_long_name_is_cut() -> None:
    name = "X-Amz-" + "m" * 90
    assert refuse(by_query(behind=f"&{name}=1&{name}=2")) == ("duplicate-parameter", name[:64], None)


@pytest.mark.parametrize("word", ["Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature"])
def test_a_parameter_that_is_missing(word: str) -> None:
    name = f"X-Amz-{word}"
    assert refuse(by_query(**{word: None})) == ("missing-parameter", name, None)
    assert refuse(by_query(**{word: None}, behind="&a=1&amp;b=2")) == ("missing-parameter", name, HTML)
    spelled = by_query(**{word: None}, behind=f"&{name.lower()}={QUERY[name]}")
    assert refuse(spelled) == ("missing-parameter", name, None)


def test_a_url_copied_from_html() -> None:
    assert refuse(by_query(mark="&amp;")) == ("missing-parameter", "X-Amz-Credential", HTML)


def test_of_two_that_are_missing_the_first() -> None:
    assert refuse(by_query(Date=None, Expires=None))[1] == "X-Amz-Date"
    assert refuse(by_query(Credential=None, SignedHeaders=None))[1] == "X-Amz-Credential"


@pytest.mark.parametrize(
    ("changed", "reason", "detail"),
    [
        ({"Algorithm": "AWS4-HMAC-SHA512"}, "algorithm", "'AWS4-HMAC-SHA512'"),
        ({"Algorithm": ""}, "algorithm", "''"),
        ({"Algorithm": "a" * 50}, "algorithm", repr("a" * 40)),
        ({"Signature": "0" * 63}, "signature-format", ""),
        ({"Signature": SIGNATURE.upper()}, "signature-format", ""),
        ({"Signature": ""}, "signature-format", ""),
        ({"Credential": f"{ID}%252F20261123"}, "scope-format", f"'{ID}%2F20261123'"),
        ({"Credential": f"{ID}%2F20261131%2Fr%2Fs3%2Faws4_request"}, "scope-date", "'20261131'"),
        ({"Credential": ""}, "scope-format", "''"),
        ({"Signature": "%"}, "target-syntax", "a '%' that no two hexadecimal digits follow"),
    ],
)
def test_a_query_in_another_form(changed: "dict[str, str]", reason: str, detail: str) -> None:
    said = refuse(by_query(**changed))
    assert said[:2] == (reason, detail)
    assert said[2] == {"scope-format": TWICE if "%2F" in detail else None, "target-syntax": said[2]}.get(reason)


@pytest.mark.parametrize("text", ["1", "60", "604799", "604800"])
def test_a_lifetime(text: str) -> None:
    assert read(by_query(Expires=text)).expires == int(text)


@pytest.mark.parametrize(
    "text",
    ["", "-", "+1", "01", "00", "1.0", "1e3", "0x10", " 1", "1 ", "1_000", "--1", "-01",
        "\u0661".encode().decode("latin-1"), "\xb2", "12345678901", "9" * 40],
)  # fmt: skip
def test_a_lifetime_that_is_no_number(text: str) -> None:
    encoded = "".join(f"%{ord(char):02X}" for char in text)
    assert refuse(by_query(Expires=encoded)) == ("expires-format", repr(text[:32]), None)


@pytest.mark.parametrize("text", ["0", "-0", "-1", "604801", "1234567890", "-604800"])
def test_a_lifetime_out_of_range(text: str) -> None:
    assert refuse(by_query(Expires=text)) == ("expires-range", f"{text} is not 1 to 604800", None)


def test_a_claim_is_what_was_signed() -> None:
    """The canonical query of what is left holds everything but the signature."""
    edit: Callable[[Crafted], object] = lambda one: setattr(one, "query", "a=1")  # noqa: E731
    found = read(Crafted(edit, service="s3").presigned())
    assert "X-Amz-Signature" not in found.request.target
    assert found.request.parts[1].endswith("&a=1")
    assert found.request.content_length == 0
