"""Do the public functions do the command line's jobs over values, and refuse what it refuses?"""

from datetime import date, datetime, timedelta, timezone
from hashlib import sha256
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

import authkit
import paths
from authkit import api
from authkit.errors import AuthkitError, InputError, Refused, Rejected, UsageError
from authkit.keys.access import AccessKey, encode_access_key
from authkit.keys.prove import load_private
from authkit.keys.select import Key
from authkit.keys.subkeys import SubkeyFile, encode_subkeys
from authkit.messages.draft import format_head
from authkit.messages.request import Request, parse_request
from authkit.schemes.policy import Policy
from authkit.schemes.sigv4 import Settings
from authkit.secret import Secret
from samples import AT, CHAIN, ID, SCOPE, access_key, subkey

S3 = Request("GET", "/a", (("Host", "b.s3.eu-west-1.amazonaws.com"),))
OWN = Request("GET", "/a", (("Host", "h.example"),))
POLICY = Policy("us-east-1", "s3")
ZONE = "the instant has no time zone"
OPEN = "the keys open more than one scope, and the policy does not say region and service"


def fail(kind: "type[AuthkitError]", function: Any, *given: Any, **named: Any) -> "tuple[str, str | None]":
    with pytest.raises(kind) as caught:
        function(*given, **named)
    assert type(caught.value) is kind
    return caught.value.message, caught.value.hint


NO_KEY = "neither an access-key file, nor a subkey file, nor a key in PEM"


def test_load_keys() -> None:
    (key,) = api.load_keys(encode_access_key(access_key()))
    assert key.access_key_id == ID
    (one,) = api.load_keys(encode_subkeys(SubkeyFile(CHAIN, ID, AT, [subkey()])), "name")
    assert repr(one) == f"<Subkey {ID}/{SCOPE}>"
    assert fail(InputError, api.load_keys, b"x") == (f"key file: {NO_KEY}", None)
    assert fail(InputError, api.load_keys, b"x", "name")[0] == f"name: {NO_KEY}"
    assert fail(InputError, api.load_keys, b"-----BEGIN X-----", "name")[0].startswith("name: neither a public key")


def test_derive_subkey() -> None:
    made = api.derive_subkey([access_key()], date(2026, 11, 23), "us-east-1", "s3")
    assert (str(made.scope), made.key, made.access_key_id) == (SCOPE, subkey().key, ID)
    from_wider = api.derive_subkey((subkey("20261123/us-east-1"),), date(2026, 11, 23), "us-east-1", "s3")
    assert from_wider.key == made.key
    for level, region, service, scope in (
        ("service", "us-east-1", "s3", "20261123/us-east-1/s3"),
        ("region", "us-east-1", "", "20261123/us-east-1"),
        ("date", "", "", "20261123"),
    ):
        assert str(api.derive_subkey([access_key()], date(2026, 11, 23), region, service, level=level).scope) == scope


def test_derive_subkey_refuses() -> None:
    day = date(2026, 11, 23)
    assert fail(UsageError, api.derive_subkey, [access_key()], day, "", "s3")[0] == "a signing key needs a region"
    assert fail(UsageError, api.derive_subkey, [access_key()], day, "r", "")[0] == "a signing key needs a service"
    superfluous = fail(UsageError, api.derive_subkey, [access_key()], day, "r", "s", level="region")
    assert superfluous[0].startswith("a region key is not bound to a service")
    upper = fail(UsageError, api.derive_subkey, [access_key()], day, "R", "s")
    assert upper == ("the region 'R' has an upper-case letter, and AWS has none", "add --exact if you mean it")
    assert str(api.derive_subkey([access_key()], day, "R", "s", exact=True).scope) == "20261123/R/s/aws4_request"
    assert fail(Refused, api.derive_subkey, [subkey()], day, "eu-west-1", "s3")[0].startswith("no key held reaches")


def test_sign_request() -> None:
    guessed = api.sign_request(S3, [access_key()], at=AT)
    assert guessed.scope == "20261123/eu-west-1/s3/aws4_request"
    assert [name for name, _ in guessed.added] == ["X-Amz-Date", "X-Amz-Content-Sha256", "Authorization"]
    said = api.sign_request(S3, (access_key(),), at=AT, region="us-east-1", service="sqs")
    assert said.scope == "20261123/us-east-1/sqs/aws4_request"
    held = api.sign_request(OWN, [subkey()], at=AT, settings=Settings(placement="query", expires=7))
    assert (held.scope, "&X-Amz-Expires=7&" in held.url) == (SCOPE, True)


def test_sign_request_refuses() -> None:
    assert fail(UsageError, api.sign_request, OWN, [access_key()], at=AT, region="r") == (
        "neither the key nor the URL says which service to sign for",
        "add --service",
    )
    assert fail(UsageError, api.sign_request, OWN, [access_key()], at=AT, service="s")[1] == "add --region"
    assert fail(Refused, api.sign_request, OWN, [subkey()], at=AT, region="eu-west-1")[0].startswith("region eu-west-1")
    assert fail(Refused, api.sign_request, OWN, [access_key(use="derive")], at=AT, region="r", service="s")
    naive = fail(UsageError, api.sign_request, OWN, [subkey()], at=datetime(2026, 11, 23, 9))
    assert naive == (ZONE, "pass an aware datetime")


EAST = timezone(timedelta(hours=14))


@pytest.mark.parametrize(
    "at",
    [
        AT.replace(microsecond=999999),
        AT.astimezone(EAST),
        datetime(2026, 11, 23, 23, 0, 0, 5, tzinfo=EAST),
    ],
)
def test_an_instant_in_another_zone_or_with_a_fraction(at: datetime) -> None:
    signed = api.sign_request(OWN, [subkey()], at=at)
    assert signed.added[0] == ("X-Amz-Date", "20261123T090000Z")
    assert api.verify_request(signed.request, [subkey()], POLICY, at=at).signed_at == AT
    assert api.explain_request(signed.request, at=at).stages["canonical-request"] == signed.stages["canonical-request"]


SIGNED = api.sign_request(OWN, [subkey()], at=AT).request


def test_verify_request() -> None:
    found = api.verify_request(SIGNED, (access_key(),), POLICY, at=AT)
    assert (found.access_key_id, found.scope, found.signed_at) == (ID, SCOPE, AT)
    assert api.verify_request(SIGNED, [subkey()], Policy(), at=AT).scope == SCOPE
    late = AT + timedelta(seconds=301)
    with pytest.raises(Rejected) as caught:
        api.verify_request(SIGNED, [subkey()], Policy(), at=late)
    assert caught.value.reason == "expired"


@pytest.mark.parametrize("keys", [[access_key()], [subkey(), access_key()], [subkey("20261123/us-east-1/s3")]])
def test_wide_keys_need_a_policy_that_says_region_and_service(keys: "list[Key]") -> None:
    for policy in (Policy(), Policy("us-east-1"), Policy(None, "s3")):
        assert fail(UsageError, api.verify_request, SIGNED, keys, policy, at=AT) == (OPEN, None)
    assert api.verify_request(SIGNED, keys, POLICY, at=AT).scope == SCOPE


def test_verify_request_refuses() -> None:
    assert fail(UsageError, api.verify_request, SIGNED, [], POLICY, at=AT) == ("there is no key to verify with", None)
    naive = fail(UsageError, api.verify_request, SIGNED, [subkey()], POLICY, at=datetime(2026, 11, 23, 9))
    assert naive == (ZONE, "pass an aware datetime")


def test_explain_request() -> None:
    found = api.explain_request(SIGNED, at=AT)
    assert found.difference is None
    canonical = b"GET\n/b\n\nhost:h.example"
    server = b"<Error><Code>SignatureDoesNotMatch</Code><CanonicalRequest>%b</CanonicalRequest></Error>" % canonical
    differs = api.explain_request(SIGNED, at=AT, server_error=server, keys=(subkey(),))
    assert differs.difference is not None
    assert (differs.difference.stage, differs.difference.line) == ("canonical-request", 2)
    assert fail(InputError, api.explain_request, SIGNED, at=AT, server_error=b"x")[0]
    assert fail(UsageError, api.explain_request, SIGNED, at=datetime(2026, 11, 23))[0] == ZONE
    assert fail(InputError, api.explain_request, OWN, at=AT)[0] == "the request carries no signature"


def test_parse_curl() -> None:
    for words in (["curl", "-d", "x", "https://h.example/a"], ("-d", "x", "https://h.example/a")):
        found = api.parse_curl(words)
        assert (found.method, found.url, found.content_length) == ("POST", "https://h.example/a", 1)
    assert fail(Refused, api.parse_curl, ["-L", "https://h.example/"])[0]
    assert fail(UsageError, api.parse_curl, ["--no-such-option"])[0]


def test_the_package_offers_what_the_interface_says() -> None:
    for name in authkit.__all__:
        if authkit._PLACES[name] != "api":
            continue
        assert getattr(authkit, name) is getattr(api, name)


RAW = b"GET /a?b=c HTTP/1.1\r\nHost: s3.us-east-1.amazonaws.com\r\n\r\n"


def test_any_scheme_by_its_name() -> None:
    scope = {"region": "us-east-1", "service": "s3"}
    made = api.sign_with("sigv4", RAW, [access_key()], at=AT, **scope)
    plain = api.sign_request(parse_request(RAW), [access_key()], at=AT, **scope)
    assert (made.stages, made.request.headers) == (plain.stages, plain.request.headers)
    found = api.verify_with("sigv4", made.request, [access_key()], at=AT, **scope)
    assert found.covered == ("method", "path", "query", "host", "x-amz-content-sha256", "x-amz-date", "body")
    sent = format_head(made.request)
    assert api.verify_with("sigv4", sent, [access_key()], at=AT, **scope).covered == found.covered
    with pytest.raises(Rejected) as caught:
        api.verify_with("sigv4", sent.replace(b"b=c", b"b=d"), [access_key()], at=AT, **scope)
    assert caught.value.reason == "signature-mismatch"


def test_a_scheme_that_must_see_the_body() -> None:
    key = AccessKey("WHO", Secret(b"It's a Secret to Everybody"))
    body = b"POST / HTTP/1.1\r\nHost: example.com\r\nContent-Length: 13\r\n\r\nHello, World!"
    made = api.sign_with("github", body, [key], at=AT)
    # GitHub Docs, "Validating webhook deliveries": the known answer for this secret and body
    signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    assert ("X-Hub-Signature-256", signature) in made.added
    found = api.verify_with("github", format_head(made.request) + b"Hello, World!", [key], at=AT)
    assert (found.replayable_until, found.covered) == (None, ("body",))


def test_options_and_schemes_that_are_none() -> None:
    assert fail(UsageError, api.sign_with, "none", RAW, [access_key()], at=AT)[0] == "no scheme is named 'none'"
    message, hint = fail(UsageError, api.sign_with, "sigv4", RAW, [access_key()], at=AT, colour="red")
    assert message == "the scheme sigv4 has no option 'colour'"
    assert hint.startswith("there are region, service, ")
    assert fail(UsageError, api.verify_with, "sigv4", RAW, [access_key()], at=AT, expires=5)[0].endswith("'expires'")


@pytest.mark.parametrize("value", ["nonsense", "", "hash|unsigned", 7])
def test_a_value_that_is_none_of_an_option_s_choices(value: object) -> None:
    key = access_key()
    for scheme, name, hint in (("sigv4", "placement", "header, query"), ("huawei", "payload", "hash, unsigned")):
        found = fail(UsageError, api.sign_with, scheme, RAW, [key], at=AT, **{name: value})
        assert found == (f"the option {name!r} is none of its choices", f"there are {hint}")
    assert fail(UsageError, api.verify_with, "cavage", RAW, [key], at=AT, algorithm=value)[0].startswith("the option")
    scope = {"region": "us-east-1", "service": "s3"}
    assert api.sign_with("sigv4", RAW, [key], at=AT, placement=None, payload="unsigned", **scope).request


def test_the_key_of_a_certificate_signs_and_is_judged() -> None:
    top = paths.root()
    made = paths.leaf(top)
    pem = made.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    keys = [load_private(pem, "it")]
    sent = api.sign_with("rfc9421", RAW, keys, at=paths.AT, certificate=made.der, send_certificate=True).request
    presented = authkit.Presented([top.der], identities=["email:alice@example.com"])
    found = api.verify_with("rfc9421", sent, [], at=paths.AT, presented=presented)
    assert found.more["identity"] == ["email:alice@example.com"]
    other = authkit.Presented([top.der], identities=["email:bob@example.com"])
    with pytest.raises(Rejected) as caught:
        api.verify_with("rfc9421", sent, [], at=paths.AT, presented=other)
    assert caught.value.reason == "identity-mismatch"
    assert fail(UsageError, api.sign_with, "rfc9421", RAW, keys, at=paths.AT, send_certificate=True) == (
        "the key has no certificate to send",
        "name its certificates with --certificate FILE",
    )
    message = "certificate goes with a private key, and the key is none"
    assert fail(UsageError, api.sign_with, "rfc9421", RAW, [access_key()], at=AT, certificate=made.der)[0] == message


def test_an_access_key_is_bound_to_a_certificate() -> None:
    top, scope = paths.root(), {"region": "us-east-1", "service": "s3"}
    made, other = paths.leaf(top), paths.leaf(top, "bob")
    sent = api.sign_with("sigv4", RAW, [access_key()], at=AT, bind_certificate=made.der, **scope).request
    seen = authkit.Presented([top.der], given=[made.der]).seen
    bound = authkit.Bindings({ID: (sha256(made.der).digest(),)}, seen)
    assert api.verify_with("sigv4", sent, [access_key()], at=AT, bindings=bound, **scope).warnings == (
        "authority-not-compared",
    )
    bound = authkit.Bindings({ID: (sha256(other.der).digest(),)}, seen)
    with pytest.raises(Rejected) as caught:
        api.verify_with("sigv4", sent, [access_key()], at=AT, bindings=bound, **scope)
    assert caught.value.reason == "client-cert-unbound"
    message = "bind_certificate holds no certificate"
    assert fail(UsageError, api.sign_with, "sigv4", RAW, [access_key()], at=AT, bind_certificate=b"x")[0] == message
    headed = RAW.replace(b"Host", b"Client-Cert: :AA==:\r\nHost")
    with pytest.raises(Refused, match="^a client never sends client-cert"):
        api.sign_with("sigv4", headed, [access_key()], at=AT, **scope)
    assert api.sign_with("sigv4", headed, [access_key()], at=AT, as_proxy=True, **scope).request


def test_what_the_command_line_demands_of_certificates_is_never_taken_and_forgotten() -> None:
    for name in ("bind", "trust_anchor", "client_cert_header", "allow_identity", "require_scope", "crl", "certificate"):
        message, hint = fail(UsageError, api.verify_with, "sigv4", RAW, [access_key()], at=AT, **{name: ("x",)})
        assert message == f"the scheme sigv4 has no option {name!r}"
        assert hint.endswith(", presented, bindings, body_unchecked")
    assert "presented" not in fail(UsageError, api.verify_with, "github", RAW, [access_key()], at=AT, bind=("x",))[1]
