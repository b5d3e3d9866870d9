"""Does whatever a proxy or a client changes of a certificate and its signature end in a reason, and never in a yes?"""

from functools import cache
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from authkit.certs.presented import Presented
from authkit.certs.profile import REQUEST_SIGNING_EKU
from authkit.certs.scoped import encode_scope
from authkit.commands._quick import attribute
from authkit.errors import Rejected
from authkit.keys.prove import load_private
from authkit.keys.select import Key
from authkit.messages.request import Request
from authkit.schemes import binding, rfc9421, sigv4
from authkit.schemes.base import Scheme, SignJob
from authkit.schemes.derived import AWS4
from paths import AT, Made, leaf, middle, root
from samples import ID, SECRET

HEADER = "ssl-client-cert"
EKU = x509.ObjectIdentifier(REQUEST_SIGNING_EKU)
TOP = root()
CA = middle(TOP)
SCOPE = "20261124/eu-1/orders"
PARTS = st.sampled_from(["eu-1", "eu-2", "orders", "stock", "EU-1", "eu-1.", "e"])


@cache
def client(text: str = "") -> Made:
    """A client's certificate; a scoped one with a scope."""
    more = {"eku": [EKU], "extra": [(encode_scope(text), False)]} if text else {}
    return leaf(CA, f"client {text}", **more)


def options(scheme: Scheme, kind: str, **more: Any) -> Any:
    rows = getattr(scheme, kind)
    values = {attribute(row[0]): row[4] for row in rows}
    return SimpleNamespace(**{**values, "body_unchecked": False, "presented": None, "bindings": None, **more})


def keys_of(made: Made) -> "list[Key]":
    pem = made.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return [load_private(pem, "it", certificates=made.certificate.public_bytes(Encoding.PEM))]


def plain() -> Request:
    return Request("GET", "/a?b=c", (("Host", "h.example"),))


def escaped(made: Made) -> str:
    return quote(made.certificate.public_bytes(Encoding.PEM).decode(), safe="")


@cache
def signed_by_certificate(carried: bool, text: str = "") -> Request:
    """A request signed by a certificate's key, which is carried in it or forwarded beside it."""
    made = client(text)
    request = binding.carry_certificates(plain(), (made.der, CA.der)) if carried else plain()
    job = SignJob(request, keys_of(made), options(rfc9421.SCHEME, "sign_options"), AT, lambda count: b"n" * count)
    signed = rfc9421.SCHEME.sign(job).request
    return signed if carried else signed.with_headers((*signed.headers, (HEADER, escaped(made))))


@cache
def signed_by_subkey() -> Request:
    """A request signed by a bound access key, with its certificate forwarded beside it."""
    scheme, made = sigv4.scheme_of("sigv4", AWS4), client()
    request = binding.bind_request(plain(), made.der)
    given = options(scheme, "sign_options", region="eu-1", service="orders")
    signed = scheme.sign(SignJob(request, [access_key()], given, AT, bytes)).request
    return signed.with_headers((*signed.headers, (HEADER, escaped(made))))


@cache
def access_key() -> Key:
    from authkit.keys.load import load_keys
    from authkit.schemes.derived import CHAINS

    text = f'{{"schema": "authkit.access-key/v1", "access_key_id": "{ID}", "secret": "{SECRET}"}}\n'
    (key,) = load_keys(text.encode(), "it", CHAINS)
    return key


def judge_certificate(request: Request, *, carried: bool, region: str = "eu-1", service: str = "orders") -> Any:
    presented = Presented(
        [TOP.der], header=None if carried else HEADER, intermediates=[CA.der], region=region, service=service
    )
    given = options(rfc9421.SCHEME, "verify_options", presented=presented)
    return rfc9421.SCHEME.verifier([], given).judge(request, AT)


def judge_subkey(request: Request) -> Any:
    scheme = sigv4.scheme_of("sigv4", AWS4)
    presented = Presented([TOP.der], header=HEADER, intermediates=[CA.der])
    bound = binding.Bindings({ID: ("email:alice@example.com",)}, presented.seen)
    given = options(scheme, "verify_options", bindings=bound, region="eu-1", service="orders")
    return scheme.verifier([access_key()], given).judge(request, AT)


WAYS: "dict[str, Any]" = {
    "carried": (lambda: signed_by_certificate(True), lambda one: judge_certificate(one, carried=True)),
    "forwarded": (lambda: signed_by_certificate(False), lambda one: judge_certificate(one, carried=False)),
    "scoped": (lambda: signed_by_certificate(True, SCOPE), lambda one: judge_certificate(one, carried=True)),
    "bound": (signed_by_subkey, judge_subkey),
}


@pytest.mark.parametrize("way", WAYS)
def test_as_it_was_sent_it_is_valid(way: str) -> None:
    made, judge = WAYS[way]
    assert judge(made()).signed_at == AT


@pytest.mark.parametrize("way", WAYS)
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_any_character_that_changes_is_noticed(way: str, data: st.DataObject) -> None:
    """Of the headers that carry certificate, fingerprint and signature; the certificate's own bytes among them."""
    made, judge = WAYS[way]
    request = made()
    place = data.draw(st.integers(1, len(request.headers) - 1))
    name, value = request.headers[place]
    at = data.draw(st.integers(0, len(value) - 1))
    new = data.draw(st.sampled_from([one for one in 'AaZz09+/=:;,"% -' if one != value[at]]))
    changed = request.with_headers(
        (*request.headers[:place], (name, value[:at] + new + value[at + 1 :]), *request.headers[place + 1 :])
    )
    try:
        found = judge(changed)
    except Rejected:
        return
    assert _same(name, value, changed.values(name.lower())[0]), (name, at, new)
    assert found.signed_at == AT


def _same(name: str, old: str, new: str) -> bool:
    """Say whether two spellings of a header mean the same: what is not signed may be written in another way."""
    from authkit.certs.formats.header import read_header

    if name == HEADER:
        both = [[der for der, _ in read_header(f"{name}: {text}").found.certificates] for text in (old, new)]
        return both[0] == both[1]
    unsigned = name in ("Signature", "Signature-Input", "Authorization")
    return unsigned and [part for part in old.split() if part] == [part for part in new.split() if part]


@pytest.mark.parametrize("way", WAYS)
@settings(max_examples=60, deadline=None)
@given(value=st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=80))
def test_any_header_in_its_place_has_a_reason(way: str, value: str) -> None:
    made, judge = WAYS[way]
    request = made()
    name = "Authkit-Certificate" if way in ("carried", "scoped") else HEADER
    others = tuple([pair for pair in request.headers if pair[0] != name])
    with pytest.raises(Rejected):
        judge(request.with_headers((*others, (name, value))))
    with pytest.raises(Rejected):
        judge(request.with_headers((*request.headers, (name, value))))


@settings(max_examples=60, deadline=None)
@given(region=PARTS, service=PARTS, own=st.tuples(PARTS, PARTS))
def test_a_scope_is_good_for_its_own_region_and_service(region: str, service: str, own: "tuple[str, str]") -> None:
    request = signed_by_certificate(True, f"20261124/{region}/{service}")
    if (region, service) == own:
        found = judge_certificate(request, carried=True, region=own[0], service=own[1])
        assert found.more["certificate_scope"] == f"20261124/{region}/{service}"
        return
    with pytest.raises(Rejected) as caught:
        judge_certificate(request, carried=True, region=own[0], service=own[1])
    assert caught.value.reason == ("scope-region" if region != own[0] else "scope-service")
