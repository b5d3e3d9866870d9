"""Does what RFC 9421 signed verify, and nothing else; and do others read it as we do?"""

import warnings
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import http_sf
import pytest
from http_message_signatures import (
    HTTPMessageSigner,
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    InvalidSignature,
    algorithms,
)
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from authkit.errors import AuthkitError, InputError, Rejected
from authkit.keys.access import AccessKey
from authkit.keys.prove import load_private, load_public
from authkit.keys.scope import Scope
from authkit.keys.subkeys import Subkey
from authkit.messages import plain
from authkit.messages.request import Request
from authkit.messages.structured import (
    Display,
    InnerList,
    Item,
    Token,
    format_dictionary,
    format_list,
    parse_dictionary,
    parse_list,
)
from authkit.schemes.base import Signed, SignJob
from authkit.schemes.derived import AWS4
from authkit.schemes.httpsig.components import parse_components, signature_base
from authkit.schemes.httpsig.params import read_bytes, read_inputs
from authkit.schemes.rfc9421 import SCHEME
from authkit.secret import MacKey, Secret
from httpsigs import AT, pem, public_pem, random, request, to_sign, to_verify

# structured fields

KEYS = st.from_regex(r"[a-z*][a-z0-9_.*-]{0,5}", fullmatch=True)
TOKENS = st.from_regex(r"[A-Za-z*][A-Za-z0-9!#$%&'*+.^_`|~:/-]{0,6}", fullmatch=True)
PRINTABLE = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=8)
BARE = st.one_of(
    st.booleans(),
    st.integers(-(10**15) + 1, 10**15 - 1),
    PRINTABLE,
    TOKENS.map(Token),
    st.binary(max_size=8),
    st.text(max_size=6).map(Display),
    st.decimals(-(10**12) + 1, 10**12 - 1, places=3, allow_nan=False),
    st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1)).map(
        lambda at: at.replace(microsecond=0, tzinfo=timezone.utc)
    ),
)
PARAMS = st.dictionaries(KEYS, BARE, max_size=3)
ITEMS = st.builds(Item, BARE, PARAMS)
MEMBERS = st.one_of(ITEMS, st.builds(InnerList, st.lists(ITEMS, max_size=3), PARAMS))


def theirs(value: Any) -> Any:
    """Return a value of ours as http_sf has it."""
    if isinstance(value, InnerList):
        return [theirs(one) for one in value.items], {key: theirs(one) for key, one in value.params.items()}
    if isinstance(value, Item):
        return theirs(value.value), {key: theirs(one) for key, one in value.params.items()}
    if isinstance(value, Token):
        return http_sf.Token(str(value))
    return http_sf.DisplayString(str(value)) if isinstance(value, Display) else value


def plainly(value: Any) -> Any:
    """Return a value of ours as tuples, so that it can be compared; a Token is told from a String."""
    if isinstance(value, InnerList):
        return [plainly(one) for one in value.items], [(key, plainly(one)) for key, one in value.params.items()]
    if isinstance(value, Item):
        return plainly(value.value), [(key, plainly(one)) for key, one in value.params.items()]
    return type(value).__name__, value


@given(st.dictionaries(KEYS, MEMBERS, min_size=1, max_size=4))
def test_a_dictionary_is_written_as_http_sf_writes_it(members: dict[str, Any]) -> None:
    try:
        text = format_dictionary(members)
    except UnicodeEncodeError:
        assume(False)
    assert text == http_sf.ser({key: theirs(one) for key, one in members.items()})
    again = parse_dictionary(text, "field")
    assert {key: plainly(one) for key, one in again.items()} == {key: plainly(one) for key, one in members.items()}
    assert format_dictionary(again) == text


@given(st.lists(MEMBERS, min_size=1, max_size=4))
def test_a_list_is_written_as_http_sf_writes_it(members: list[Any]) -> None:
    try:
        text = format_list(members)
    except UnicodeEncodeError:
        assume(False)
    assert text == http_sf.ser([theirs(one) for one in members])
    assert format_list(parse_list(text, "field")) == text


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_a_decimal_is_written_exactly_or_not_at_all(value: Decimal) -> None:
    try:
        text = format_list([Item(value)])
    except InputError:
        return
    assert text == http_sf.ser([value])
    assert Decimal(text) == value


# the short reader and the parser

PIECES = st.sampled_from(
    [
        *'a sig1 =( ) ( "@method" "x";sf " \\ ;created= ;created=1 ;keyid="k" ;req ;a=1.5 ;n=-1 01 , = ;'.split(" "),
        *":AA==: :AAA: =: : é tok ?1 @1 \t 1234567890123456".split(" "),
        *(" ", ", ", '";', '" "', ';tag=");,"', '=("x");created=1618884473;keyid="k"'),
    ]
)
TEXTS = st.lists(PIECES, max_size=8).map("".join)


def by_parser(text: str) -> "dict[str, tuple[str, Any]] | str":
    """Return label -> (text, components) as the parser alone has them, or the reason why not."""
    try:
        found = parse_dictionary(text, "Signature-Input")
    except Rejected as rejected:
        return rejected.reason
    if not all([isinstance(one, InnerList) for one in found.values()]):
        return "structured-field"
    return {label: (format_list([one]), plainly(one)) for label, one in found.items()}


@settings(max_examples=500)
@given(TEXTS)
def test_the_short_reader_says_what_the_parser_says(text: str) -> None:
    expected = by_parser(text)
    if isinstance(expected, str):
        with pytest.raises(Rejected) as caught:
            read_inputs(text)
        assert caught.value.reason == expected
        return
    found = read_inputs(text)
    assert {label: one.text for label, one in found.items()} == {label: one[0] for label, one in expected.items()}
    for label, one in found.items():
        assert [(key, (type(v).__name__, v)) for key, v in one.params.items()] == expected[label][1][1]


@settings(max_examples=500)
@given(
    st.lists(
        st.sampled_from(["a", "b", "=:", ":", "AAAA", "AA==", "AAA", "+/8=", ",", " ", ";x", "=", "A"]), max_size=8
    )
)
def test_the_short_reader_of_bytes_says_what_the_parser_says(pieces: list[str]) -> None:
    text = "".join(pieces)
    found = plain.read_bytes(text)
    if found is None:
        return
    expected = {key: one.value for key, one in parse_dictionary(text, "Signature").items() if isinstance(one, Item)}
    assert found == expected == read_bytes(text)


# signing and verifying

AUTHORITIES = st.sampled_from(["example.com", "Example.COM", "a.test:8443", "example.com:443", "[::1]:80"])
VISIBLE = st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters="#%?&=+")
PARTS = st.lists(VISIBLE | st.sampled_from(["/", "%2F", "%20", "%c3%a9", "%00"]), max_size=8).map("".join)
VALUES = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E) | st.just("\t"), max_size=12)
NAMES = st.sampled_from(["Accept", "X-A", "x-b", "Date", "Content-Type", "Authorization", "X-Dict"])
SECRET_KEY = AccessKey("k1", Secret(bytes(range(32))))
SUBKEY = Subkey("AKID", Scope(("20261123", "us-east-1", "s3", "aws4_request"), AWS4.chain), MacKey(bytes(32)))
SIGNERS: dict[str, tuple[Any, Any]] = {
    "secret": (SECRET_KEY, SECRET_KEY),
    "subkey": (SUBKEY, SUBKEY),
    **{
        type: (load_private(pem(type), type), load_public(public_pem(type), type))
        for type in ("ed25519", "p256", "p384", "rsa")
    },
}


@st.composite
def requests(draw: st.DrawFn) -> Request:
    query = draw(st.one_of(st.just(""), st.dictionaries(PARTS, PARTS, max_size=3).map(
        lambda pairs: "?" + "&".join(f"{name}={value}" for name, value in pairs.items()))))  # fmt: skip
    headers = [("Host", draw(AUTHORITIES)), *draw(st.lists(st.tuples(NAMES, VALUES), max_size=4))]
    method = draw(st.sampled_from(["GET", "POST", "PUT", "DELETE", "purge"]))
    return request(method, "/" + draw(PARTS) + query, tuple(headers), draw(st.binary(max_size=20)))


def sign(message: Request, key: Any, **changes: Any) -> Signed:
    return SCHEME.sign(SignJob(message, [key], to_sign(**changes), AT, random))


def verify(message: Request, key: Any, at: datetime = AT, **changes: Any) -> Any:
    return SCHEME.verifier([key], to_verify(**changes)).judge(message, at)


@given(st.data(), st.sampled_from(sorted(SIGNERS)), requests(), st.sampled_from(["sha-256", "sha-512"]))
def test_what_was_signed_is_valid(data: st.DataObject, name: str, message: Request, digest: str) -> None:
    private, public = SIGNERS[name]
    signed = sign(message, private, digest=digest, expires=data.draw(st.none() | st.integers(1, 300)))
    found = verify(signed.request, public)
    assert ("body" in found.covered) == (message.content_length != 0)
    assert {one for one in found.uncovered if one.startswith("@")} == set()
    assert set(found.warnings) <= {"authority-not-compared"}
    with pytest.raises(Rejected):
        verify(signed.request, public, AT + timedelta(seconds=301))


@given(st.data(), requests())
def test_an_uncovered_header_stays_valid_and_is_named(data: st.DataObject, message: Request) -> None:
    signed = sign(message, SECRET_KEY).request
    more = signed.with_headers((*signed.headers, ("X-Later", data.draw(VALUES))))
    found = verify(more, SECRET_KEY)
    assert "x-later" in found.uncovered


def flipped(text: str, place: int, bit: int) -> str:
    return text[:place] + chr(ord(text[place]) ^ (1 << bit)) + text[place + 1 :]


@given(st.data(), st.sampled_from(["secret", "ed25519", "p256"]), requests())
def test_a_changed_byte_of_what_is_covered_is_refused(data: st.DataObject, name: str, message: Request) -> None:
    """Method, target, host, every covered header, the body, the parameters and the signature itself."""
    private, public = SIGNERS[name]
    cover = ["@method", "@authority", "@path", "@query", *{one.lower() for one, _ in message.headers}]
    if message.content_length:
        cover.append("content-digest")
    signed = sign(message, private, cover=tuple(dict.fromkeys(cover))).request
    places = ["method", "target", *range(len(signed.headers))]
    if message.content_length:
        places.append("body")
    place, bit = data.draw(st.sampled_from(places)), data.draw(st.integers(0, 6))
    if place == "body":
        body = bytes([data.draw(st.integers(0, 255)) for _ in range(signed.content_length or 0)])
        other = request(signed.method, signed.target, signed.headers, body)
        assume(other.payload_hash != signed.payload_hash)
        changed = other
    elif isinstance(place, int):
        header, value = signed.headers[place]
        assume(value.strip(" \t"))
        value = flipped(value, data.draw(st.integers(0, len(value) - 1)), bit)
        headers = tuple((header, value) if at == place else one for at, one in enumerate(signed.headers))
        changed = request(signed.method, signed.target, headers, None).with_body(
            signed.payload_hash, signed.content_length, signed.watched
        )
        assume(same_value(signed.headers[place], (header, value)) is False)
    else:
        text = signed.method if place == "method" else signed.target
        text = flipped(text, data.draw(st.integers(0, len(text) - 1)), bit)
        method, target = (text, signed.target) if place == "method" else (signed.method, text)
        changed = Request(
            method, target, signed.headers, signed.payload_hash, signed.content_length, "https", signed.watched
        )
        # "/p" and "/p?" have one signature base (RFC 9421 §2.2.7)
        assume(changed.parts != signed.parts or changed.method != signed.method)
    with pytest.raises(Rejected) as caught:
        verify(changed, public)
    assert caught.value.verdict in ("invalid", "malformed", "cannot-check")


def same_value(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Say whether two headers are the same to RFC 9421: white space around a value, case and port of a host."""
    name = one[0].lower()
    values = [value.strip(" \t") for _, value in (one, other)]
    if name == "host":
        values = [value.lower() for value in values]
        values = [value[:-4] if value.endswith(":443") else value for value in values]
    if name in ("signature", "signature-input"):
        try:
            read = read_inputs if name == "signature-input" else read_bytes
            first, second = read(values[0]), read(values[1])
        except Rejected:
            return False
        return name == "signature" and first == second
    return values[0] == values[1]


@given(requests(), st.integers(0, 5))
def test_any_other_key_is_refused(message: Request, number: int) -> None:
    name = sorted(SIGNERS)[number]
    signed = sign(message, SIGNERS[name][0]).request
    for other, (_, key) in SIGNERS.items():
        if other != name:
            with pytest.raises(Rejected):
                verify(signed, key)


# http-message-signatures

COVERABLE = st.lists(
    st.sampled_from(
        [
            "@method",
            "@target-uri",
            "@authority",
            "@scheme",
            "@request-target",
            "@path",
            "@query",
            "host",
            "content-digest",
        ]
    ),
    min_size=1,
    max_size=5,
    unique=True,
)
PEER = {
    "secret": algorithms.HMAC_SHA256,
    "ed25519": algorithms.ED25519,
    "p256": algorithms.ECDSA_P256_SHA256,
    "p384": algorithms.ECDSA_P384_SHA384,
    "rsa": algorithms.RSA_PSS_SHA512,
}


class Resolver(HTTPSignatureKeyResolver):  # type: ignore[misc]
    def __init__(self, name: str) -> None:
        self.name = name

    def resolve_public_key(self, key_id: str) -> Any:
        return bytes(range(32)) if self.name == "secret" else public_pem(self.name)

    def resolve_private_key(self, key_id: str) -> Any:
        return bytes(range(32)) if self.name == "secret" else pem(self.name)


class Verifier(HTTPMessageVerifier):  # type: ignore[misc]
    """The peer at the instant of the test."""

    def validate_created_and_expires(self, sig_input: Any, max_age: Any = None) -> None:
        assert sig_input.params["created"] == int(AT.timestamp())


def as_peer(message: Request) -> Any:
    """Return *message* as the peer has it: one value a header, the URL as it was typed."""
    headers: dict[str, str] = {}
    for name, values in message.grouped.items():
        headers[name] = ", ".join([one.strip(" \t") for one in values])
    return SimpleNamespace(method=message.method, url=message.url, headers=headers)


def fits_peer(message: Request) -> bool:
    """Leave out what the peer does not take: methods in lower case, and what is no URL by RFC 3986."""
    return message.method.isupper() and not set(message.target) & set('"<>[]\\^`{|}')


@given(st.sampled_from(sorted(PEER)), requests(), COVERABLE)
def test_the_peer_accepts_what_we_sign(name: str, message: Request, cover: list[str]) -> None:
    assume(fits_peer(message))
    signed = sign(message, SIGNERS[name][0], cover=tuple(cover)).request
    verifier = Verifier(signature_algorithm=PEER[name], key_resolver=Resolver(name))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        (found,) = verifier.verify(as_peer(signed))
    base = "\n".join(f"{key}: {value}" for key, value in found.covered_components.items())
    assert base == sign(message, SIGNERS[name][0], cover=tuple(cover)).stages["signature-base"]
    changed = as_peer(signed)
    changed.url = changed.url.replace("https://", "http://").replace("/", "//")
    if {"@target-uri"} & set(cover):
        with pytest.raises(InvalidSignature):
            verifier.verify(changed)


@given(st.sampled_from(sorted(PEER)), requests(), st.sampled_from(["@target-uri", "@request-target"]), st.booleans())
def test_we_accept_what_the_peer_signs(name: str, message: Request, target: str, alg: bool) -> None:
    assume(fits_peer(message))
    there, bodied = as_peer(message), message.content_length != 0
    cover = ["@method", "@authority", target]
    cover += [one for one in ("content-type", "authorization") if one in there.headers]
    if bodied:
        there.headers["content-digest"] = sign(message, SECRET_KEY).added[0][1]
        cover.append("content-digest")
    signer = HTTPMessageSigner(signature_algorithm=PEER[name], key_resolver=Resolver(name))
    signer.sign(
        there,
        key_id="k1",
        created=AT,
        covered_component_ids=cover,
        include_alg=alg,
        use_existing_digest=bodied,
    )
    headers = tuple(there.headers.items())
    signed = Request(
        message.method, message.target, headers, message.payload_hash, message.content_length, "https", message.watched
    )
    found = verify(signed, SIGNERS[name][1])
    assert found.more["label"] == "pyhms"
    with pytest.raises(Rejected):
        verify(
            Request("PATCH", message.target, headers, message.payload_hash, message.content_length), SIGNERS[name][1]
        )


@pytest.mark.parametrize(
    ("target", "component", "ours", "peer"),
    [
        # research: where the libraries disagree, the RFC's text decides; here it is with both of us
        ("/?a=!~'()", '"@query-param";name="a"', "%21%7E%27%28%29", "%21%7E%27%28%29"),
        ("/p?a='", '"@query"', "?a='", "?a='"),
        ("/A/../b%2fc", '"@path"', "/A/../b%2fc", "/A/../b%2fc"),
        # a repeated parameter and bytes that are not UTF-8: refused by us alone, or by both
        ("/?a=1&a=2", '"@query-param";name="a"', "ambiguous-query-param", "error"),
        ("/?a=%ff", '"@query-param";name="a"', "component", "%EF%BF%BD"),
    ],
)
def test_where_readings_differ(target: str, component: str, ours: str, peer: str) -> None:
    from http_message_signatures import HTTPMessageSignaturesException
    from http_message_signatures.resolvers import HTTPSignatureComponentResolver
    from http_sf.compat import Item as PeerItem

    message = request("GET", target, (("Host", "example.com"),), b"")
    try:
        base = signature_base(message, parse_components(component), "()")
        found = base.split("\n")[0].removeprefix(f"{component}: ")
    except AuthkitError as error:
        found = getattr(error, "reason", "")
    assert found == ours
    item = PeerItem()
    item.parse(component.encode())
    try:
        answer = HTTPSignatureComponentResolver(as_peer(message)).resolve(item)
    except HTTPMessageSignaturesException:
        answer = "error"
    assert answer == peer
