"""Is the one certificate found that came with a request, and refused where its key may not have signed it?"""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from authkit import base64
from authkit.certs.presented import Presented, plain_name
from authkit.certs.profile import REQUEST_SIGNING_EKU
from authkit.certs.scoped import encode_scope
from authkit.errors import (
    CANNOT_CHECK,
    CERTIFICATE_REASONS,
    INVALID,
    PATH_REASONS,
    CertificateRejected,
    InputError,
    Rejected,
)
from authkit.keys.prove import certificate_name
from authkit.messages.request import Request
from paths import AT, CLIENT, DAY, SERVER, Made, crl, key_of, leaf, middle, revoked, root

EKU = x509.ObjectIdentifier(REQUEST_SIGNING_EKU)
TOP = root()
CA = middle(TOP)
LEAF, MALLORY = leaf(TOP), leaf(TOP, "mallory", san=[x509.RFC822Name("mallory@example.com")])
BELOW = leaf(CA, "below")
SCOPE = "20261124/us-east-1/s3"
OWN = {"region": "us-east-1", "service": "s3"}
COVERED = ("host", "authkit-certificate")
SECOND = timedelta(seconds=1)


def scoped(text: str = SCOPE, issuer: Made = TOP, **more: Any) -> Made:
    return leaf(issuer, "scoped", **{"eku": [EKU], "extra": [(encode_scope(text), False)], **more})


def request(*headers: "tuple[str, str]") -> Request:
    return Request("GET", "/", (("Host", "h"), *headers))


def listed(*ders: bytes) -> str:
    return ", ".join([f":{base64.encode(one)}:" for one in ders])


def carrying(*made: Made) -> Request:
    return request(("Authkit-Certificate", listed(*[one.der for one in made])))


def escaped(made: Made) -> str:
    """A certificate as nginx's $ssl_client_escaped_cert has it."""
    return quote(made.certificate.public_bytes(Encoding.PEM).decode(), safe="")


def forwarding(made: Made, name: str = "ssl-client-cert") -> Request:
    return request((name, escaped(made)))


def verifier(**more: Any) -> Presented:
    return Presented([TOP.der], **more)


BEHIND = verifier(header="ssl-client-cert")


def show(presented: Presented, message: Request, made: Made = LEAF, at: datetime = AT, **more: Any) -> Any:
    given: dict[str, Any] = {"covered": COVERED, "signed_at": at, "at": at, **more}
    return presented.show(message, given.pop("keyid", certificate_name(made.der)), **given)


def refusal(presented: Presented, message: Request, made: Made = LEAF, **more: Any) -> "tuple[str, str]":
    with pytest.raises(Rejected) as caught:
        show(presented, message, made, **more)
    return caught.value.reason, caught.value.detail


SOURCES: "dict[str, tuple[Presented, Request]]" = {
    "carried": (verifier(), carrying(LEAF)),
    "carried with its chain": (verifier(), carrying(LEAF, CA)),
    "nginx": (BEHIND, forwarding(LEAF)),
    "nginx, in another case": (BEHIND, forwarding(LEAF, "SSL-Client-Cert")),
    "RFC 9440": (verifier(header="Client-Cert"), request(("client-cert", listed(LEAF.der)))),
    "base64": (verifier(header="X-Cert"), request(("X-Cert", base64.encode(LEAF.der)))),
    "Envoy": (
        verifier(header="x-forwarded-client-cert"),
        request(("x-forwarded-client-cert", f'By=urn:a;Hash={sha256(LEAF.der).hexdigest()};Cert="{escaped(LEAF)}"')),
    ),
    "a file": (verifier(given=[LEAF.der]), request()),
}


@pytest.mark.parametrize("what", SOURCES)
def test_a_certificate_from_any_one_source(what: str) -> None:
    found = show(*SOURCES[what])
    assert found.key.verify("ecdsa-p256-sha256", b"", b"") is False
    assert found.key.certificate == LEAF.der
    assert found.key.id == certificate_name(LEAF.der)
    assert found.more == {"certificate": sha256(LEAF.der).hexdigest(), "identity": ["email:alice@example.com"]}
    assert found.warnings == ("identity-not-compared", "revocation-not-checked")
    found.check_identity()


def test_the_chain_may_come_with_it_or_be_given() -> None:
    for presented, message in (
        (verifier(), carrying(BELOW, CA)),
        (verifier(intermediates=[CA.der]), carrying(BELOW)),
        (
            verifier(header="Client-Cert"),
            request(("Client-Cert", listed(BELOW.der)), ("Client-Cert-Chain", listed(CA.der))),
        ),
        (
            verifier(header="Client-Cert"),
            request(("Client-Cert-Chain", listed(CA.der, TOP.der)), ("Client-Cert", listed(BELOW.der))),
        ),
        (
            verifier(header="X-Amzn-Mtls-Clientcert"),
            request(("X-Amzn-Mtls-Clientcert", escaped(BELOW) + escaped(CA))),
        ),
        (verifier(given=[BELOW.der, CA.der]), request()),
    ):
        assert show(presented, message, BELOW).more["certificate"] == sha256(BELOW.der).hexdigest()


HEX = "00" * 32
# what is wrong -> the verifier, the message, the reason and what its detail says
WRONG: "dict[str, tuple[Presented, Request, str, str]]" = {
    "nothing carried": (verifier(), request(), "client-cert-missing", "there is no Authkit-Certificate"),
    "nothing forwarded": (BEHIND, request(), "client-cert-missing", "ssl-client-cert is missing"),
    "forwarded three times": (
        BEHIND,
        request(*[("ssl-client-cert", "x")] * 2, ("y" * 70, "z"), ("SSL-client-cert", "x")),
        "client-cert-ambiguous",
        "ssl-client-cert and ssl-client-cert",
    ),
    "a long name twice": (
        verifier(header="x" * 70),
        request(("x" * 70, "a"), ("X" * 70, "a")),
        "client-cert-ambiguous",
        f"{'x' * 64} and {'X' * 64}",
    ),
    "a long name with an underscore": (
        verifier(header="x-" * 35),
        request(("x_" * 35, "a")),
        "client-cert-ambiguous",
        f"{'x_' * 32} may be taken for {'x-' * 35}",
    ),
    "nothing but a line end": (
        BEHIND,
        request(("ssl-client-cert", "\n")),
        "client-cert-format",
        "header ssl-client-cert: the value is empty",
    ),
    "nothing in it": (BEHIND, request(("ssl-client-cert", " ")), "client-cert-missing", "ssl-client-cert is empty"),
    "an empty list": (
        verifier(),
        request(("Authkit-Certificate", "")),
        "client-cert-format",
        "header authkit-certificate: the value is empty",
    ),
    "in another header": (
        BEHIND,
        forwarding(LEAF, "x-client-cert"),
        "client-cert-missing",
        "ssl-client-cert is missing",
    ),
    "carried instead": (
        BEHIND,
        carrying(LEAF),
        "client-cert-ambiguous",
        "Authkit-Certificate, beside the certificate from elsewhere",
    ),
    "carried beside a forwarded one": (
        BEHIND,
        request(("ssl-client-cert", escaped(LEAF)), ("Authkit-Certificate", listed(LEAF.der))),
        "client-cert-ambiguous",
        "Authkit-Certificate, beside the certificate from elsewhere",
    ),
    "carried beside a file": (
        verifier(given=[LEAF.der]),
        carrying(LEAF),
        "client-cert-ambiguous",
        "Authkit-Certificate, beside the certificate from elsewhere",
    ),
    "carried twice": (
        verifier(),
        request(("Authkit-Certificate", listed(LEAF.der)), ("authkit-certificate", listed(LEAF.der))),
        "client-cert-ambiguous",
        "Authkit-Certificate and authkit-certificate",
    ),
    "carried under an alias": (
        verifier(),
        request(("Authkit_Certificate", listed(LEAF.der))),
        "client-cert-ambiguous",
        "Authkit_Certificate may be taken for authkit-certificate",
    ),
    "forwarded twice": (
        BEHIND,
        request(("ssl-client-cert", escaped(LEAF)), ("Ssl-Client-Cert", escaped(MALLORY))),
        "client-cert-ambiguous",
        "ssl-client-cert and Ssl-Client-Cert",
    ),
    "an underscore": (
        BEHIND,
        forwarding(LEAF, "ssl_client_cert"),
        "client-cert-ambiguous",
        "ssl_client_cert may be taken for ssl-client-cert",
    ),
    "a dot": (
        BEHIND,
        forwarding(LEAF, "SSL.client-cert"),
        "client-cert-ambiguous",
        "SSL.client-cert may be taken for ssl-client-cert",
    ),
    "an alias beside it": (
        BEHIND,
        request(("ssl-client-cert", escaped(LEAF)), ("ssl.client_cert", "x")),
        "client-cert-ambiguous",
        "ssl-client-cert and ssl.client_cert",
    ),
    "a chain that stands twice": (
        verifier(header="Client-Cert"),
        request(("Client-Cert", listed(LEAF.der)), ("Client-Cert-Chain", ""), ("Client-Cert-Chain", "")),
        "client-cert-ambiguous",
        "Client-Cert-Chain and Client-Cert-Chain",
    ),
    "a chain that is none": (
        verifier(header="Client-Cert"),
        request(("Client-Cert", listed(LEAF.der)), ("Client-Cert-Chain", base64.encode(CA.der))),
        "client-cert-format",
        "client-cert-chain is not a list of byte sequences",
    ),
    "several where one is meant": (
        verifier(header="Client-Cert"),
        request(("Client-Cert", listed(LEAF.der, CA.der))),
        "client-cert-ambiguous",
        "Client-Cert holds 2 certificates where one is expected; programs differ in which they take",
    ),
    "several hops": (
        verifier(header="x-forwarded-client-cert"),
        request(("x-forwarded-client-cert", f'Cert="{escaped(MALLORY)}",Cert="{escaped(LEAF)}"')),
        "client-cert-ambiguous",
        "only the last of 2 hops was added by the nearest proxy; the others came to it as text",
    ),
    "a hash of another": (
        verifier(header="x-forwarded-client-cert"),
        request(("x-forwarded-client-cert", f'Hash={HEX};Cert="{escaped(LEAF)}"')),
        "client-cert-format",
        "Hash is not the fingerprint of the certificate beside it",
    ),
    "a hash alone": (
        verifier(header="x-forwarded-client-cert"),
        request(("x-forwarded-client-cert", f"Hash={HEX}")),
        "client-cert-format",
        "x-forwarded-client-cert holds no certificates",
    ),
    "words": (
        BEHIND,
        request(("ssl-client-cert", "CN=alice")),
        "client-cert-format",
        "header ssl-client-cert: no certificate is in the value",
    ),
    "no certificate in the bytes": (
        verifier(),
        request(("Authkit-Certificate", ":AAAA:")),
        "client-cert-format",
        "header authkit-certificate: the bytes are not a certificate",
    ),
    "not a list": (
        verifier(),
        request(("Authkit-Certificate", base64.encode(LEAF.der))),
        "client-cert-format",
        "authkit-certificate is not a list of byte sequences",
    ),
    "a parameter": (
        verifier(),
        request(("Authkit-Certificate", listed(LEAF.der) + ";a")),
        "client-cert-format",
        "authkit-certificate is not a list of byte sequences",
    ),
    "as PEM": (
        verifier(),
        request(("Authkit-Certificate", escaped(LEAF))),
        "client-cert-format",
        "authkit-certificate is not a list of byte sequences",
    ),
    "too many": (
        verifier(),
        carrying(*[LEAF] * 17),
        "client-cert-format",
        "authkit-certificate holds 17 certificates",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_anything_but_one_certificate_is_refused(what: str) -> None:
    presented, message, reason, detail = WRONG[what]
    assert refusal(presented, message) == (reason, detail)


def test_sixteen_are_not_too_many() -> None:
    assert show(verifier(), carrying(LEAF, *[CA] * 15)).more["certificate"] == sha256(LEAF.der).hexdigest()


@pytest.mark.parametrize("covered", [(), ("host",), ('"authkit-certificate";bs', "Authkit-Certificate")])
def test_what_a_client_sends_of_itself_it_must_sign(covered: "tuple[str, ...]") -> None:
    expected = ("client-cert-not-covered", "Authkit-Certificate")
    assert refusal(verifier(), carrying(LEAF), covered=covered) == expected
    assert show(BEHIND, forwarding(LEAF), covered=covered).key


@pytest.mark.parametrize("presented, message", [(verifier(), carrying(LEAF)), (BEHIND, forwarding(LEAF))])
def test_the_key_that_is_named_must_be_its_own(presented: Presented, message: Request) -> None:
    own, other = certificate_name(LEAF.der), certificate_name(MALLORY.der)
    for keyid, said in (
        (other, f"the signature names '{other}'"),
        (own[:-1], f"the signature names '{own[:-1]}'"),
        (own.upper(), f"the signature names '{own.upper()}'"),
        (own.partition(":")[2], f"the signature names '{own.partition(':')[2]}'"),
        (f"{own}=", f"the signature names '{own}='"),
        ("", "the signature names ''"),
        ("x" * 99, f"the signature names '{'x' * 64}'"),
        (None, "the signature names no key"),
    ):
        assert refusal(presented, message, keyid=keyid) == ("client-cert-mismatch", f"{said}, and {own} came")


PATHS: "dict[str, tuple[Made, str]]" = {
    "a server's": (leaf(TOP, eku=[SERVER]), "eku-mismatch"),
    "of no purpose": (leaf(TOP, eku=None), "eku-missing"),
    "over": (leaf(TOP, begin=AT - 2 * DAY, end=AT - SECOND), "expired"),
    "to come": (leaf(TOP, begin=AT + SECOND), "not-yet-valid"),
    "of nobody": (leaf(root("Else", key=key_of("else"))), "untrusted"),
    "of a namesake": (leaf(root(key=key_of("else"))), "signature-mismatch"),
    "by itself": (leaf(None), "untrusted"),
    "a CA's": (CA, "leaf-is-ca"),
    "no signer's": (leaf(TOP, usage=x509.KeyUsage(*[False] * 2, True, *[False] * 6)), "key-usage"),
    "below a client": (leaf(LEAF, "deeper"), "untrusted"),
    "without the one between": (BELOW, "untrusted"),
    "of a weak key": (leaf(TOP, "weak", kind="p192"), "weak-key"),
    "of another kind of key": (leaf(TOP, "odd", kind="p521"), "key-unsupported"),
    "of a kind beside it": (leaf(TOP, "odd", kind="ed448"), "key-unsupported"),
    "scoped to nothing": (leaf(TOP, eku=[EKU]), "scope-missing"),
    "scoped without its purpose": (leaf(TOP, extra=[(encode_scope(SCOPE), False)]), "eku-mismatch"),
    "scoped in words": (scoped("today/us-east-1/s3"), "scope-malformed"),
    "scoped beyond its CA": (scoped(issuer=TOP, text=SCOPE), "scope-outside"),
}


@pytest.mark.parametrize("what", PATHS)
def test_the_path_s_reason_is_named(what: str) -> None:
    made, reason = PATHS[what]
    presented = verifier(**OWN)
    if reason == "scope-outside":
        limited = root(extra=[(encode_scope("eu-1"), False)])
        presented = Presented([limited.der], **OWN)
        made = scoped(issuer=limited)
    with pytest.raises(CertificateRejected) as caught:
        show(presented, carrying(made), made)
    assert caught.value.reason == f"certificate-{reason}"
    assert caught.value.detail
    if reason == "key-unsupported":
        assert caught.value.detail == "the certificate: a kind of key that authkit does not sign with"
    assert caught.value.verdict == PATH_REASONS[reason][0] == CERTIFICATE_REASONS[caught.value.reason][0]
    assert caught.value.exit_code == (4 if caught.value.verdict == CANNOT_CHECK else 1)


def test_a_leaf_that_cannot_be_read() -> None:
    broken = LEAF.der.replace(b"\x55\x1d\x11", b"\x55\x1d\x0f")  # its names in place of its key usage
    message = request(("Authkit-Certificate", listed(broken)))
    reason, detail = refusal(verifier(), message, keyid=certificate_name(broken))
    assert reason == "certificate-malformed"
    assert detail.startswith("the leaf cannot be read: ")


def test_the_instant_of_the_path_is_that_of_the_signature() -> None:
    made = leaf(TOP, begin=AT - DAY, end=AT)
    assert show(verifier(), carrying(made), made, signed_at=AT, at=AT + 300 * SECOND).key
    reason, _ = refusal(verifier(), carrying(made), made, signed_at=AT + SECOND, at=AT)
    assert reason == "certificate-expired"


def test_lists_are_of_now() -> None:
    good = crl(TOP, begin=AT + DAY, end=AT + 2 * DAY)
    found = show(verifier(crls=[good]), carrying(LEAF), signed_at=AT, at=AT + DAY)
    assert found.warnings == ("identity-not-compared",)
    assert refusal(verifier(crls=[good]), carrying(LEAF))[0] == "certificate-crl-out-of-date"
    bad = crl(TOP, revoked(LEAF.certificate.serial_number))
    assert refusal(verifier(crls=[bad]), carrying(LEAF))[0] == "certificate-revoked"
    with pytest.raises(Rejected) as caught:
        verifier(crls=[good]).judge(request(), LEAF.der, (), AT, AT)
    assert caught.value.reason == "certificate-crl-out-of-date"
    assert verifier(crls=[good]).judge(request(), LEAF.der, (), AT, AT + DAY).key
    other = crl(root("Else", key=key_of("else")))
    assert refusal(verifier(crls=[other]), carrying(LEAF))[0] == "certificate-crl-not-applicable"


def test_whose_identity_it_is() -> None:
    for identities in (["email:alice@example.com"], ["alice@example.com"], ["uri:urn:x", "email:alice@EXAMPLE.com"]):
        found = show(verifier(identities=identities), carrying(LEAF))
        assert found.warnings == ("revocation-not-checked",)
        found.check_identity()
    for identities in (["email:Alice@example.com"], ["dns:alice"], ["uri:urn:x", "email:bob@example.com"]):
        found = show(verifier(identities=identities), carrying(LEAF))
        with pytest.raises(Rejected) as caught:
            found.check_identity()
        assert (caught.value.reason, caught.value.detail) == ("identity-mismatch", "email:alice@example.com")
    plain = leaf(TOP, "nobody", san=())
    found = show(verifier(identities=["email:nobody@example.com"]), carrying(plain), plain)
    assert found.more["identity"] == []
    with pytest.raises(Rejected) as caught:
        found.check_identity()
    assert (caught.value.reason, caught.value.detail) == ("identity-mismatch", "it names nobody")
    many = leaf(TOP, "many", san=[x509.DNSName(f"h{number}.example.com") for number in range(7)])
    found = show(verifier(identities=["dns:h7.example.com"]), carrying(many), many)
    with pytest.raises(Rejected) as caught:
        found.check_identity()
    assert caught.value.detail == ", ".join([f"dns:h{number}.example.com" for number in range(5)])


def test_a_scoped_certificate() -> None:
    for text in ("20261124", "20261124/us-east-1", SCOPE):
        made = scoped(text)
        found = show(verifier(**OWN), carrying(made), made)
        assert found.more["certificate_scope"] == text
        assert show(verifier(require_scope=True, **OWN), carrying(made), made).more["certificate_scope"] == text
    assert "certificate_scope" not in show(verifier(**OWN), carrying(LEAF)).more


OUTSIDE: "dict[str, tuple[dict[str, Any], Made, datetime, str, str]]" = {
    "another region": ({**OWN, "region": "eu-1"}, scoped(), AT, "scope-region", "'us-east-1' instead of 'eu-1'"),
    "another service": ({**OWN, "service": "sqs"}, scoped(), AT, "scope-service", "'s3' instead of 'sqs'"),
    "another region, any service": (
        {**OWN, "region": "us-east-2"},
        scoped("20261124/us-east-1"),
        AT,
        "scope-region",
        "'us-east-1' instead of 'us-east-2'",
    ),
    "another day": (
        OWN,
        scoped("20261125/us-east-1/s3"),
        AT,
        "scope-date-mismatch",
        "20261125/us-east-1/s3 and 2026-11-24",
    ),
    "the day before": (OWN, scoped("20261123"), AT, "scope-date-mismatch", "20261123 and 2026-11-24"),
    "no region told": ({"service": "s3"}, scoped(), AT, "scope-not-compared", SCOPE),
    "no service told": ({"region": "us-east-1"}, scoped(), AT, "scope-not-compared", SCOPE),
    "nothing told": ({}, scoped("20261124"), AT, "scope-not-compared", "20261124"),
    "a login too": ({**OWN, "service": "sqs"}, scoped(eku=[CLIENT, EKU]), AT, "scope-service", "'s3' instead of 'sqs'"),
    "a plain one": ({**OWN, "require_scope": True}, LEAF, AT, "scope-required", "the leaf CN=alice"),
}


def test_what_to_do_is_said() -> None:
    made = scoped()
    with pytest.raises(Rejected) as caught:
        show(verifier(), carrying(made), made)
    assert caught.value.hint == "say which are yours with --region and --service"
    with pytest.raises(CertificateRejected) as missing:
        show(verifier(), carrying(BELOW), BELOW)
    assert missing.value.hint == "add the certificates between with --intermediate FILE, if there are some"


@pytest.mark.parametrize("what", OUTSIDE)
def test_outside_its_scope_it_is_refused(what: str) -> None:
    more, made, at, reason, detail = OUTSIDE[what]
    assert refusal(verifier(**more), carrying(made), made, at=at) == (reason, detail)


def test_midnight() -> None:
    """Its day is that of the signature, not of the verifier: a request of 23:59:59 is good at 00:00:10."""
    day = datetime(2026, 11, 24, tzinfo=AT.tzinfo)
    made = scoped(begin=day - DAY, end=day + 2 * DAY)
    last = day + DAY - SECOND
    assert show(verifier(**OWN), carrying(made), made, signed_at=last, at=last + 11 * SECOND).key
    assert show(verifier(**OWN), carrying(made), made, signed_at=day, at=day - 10 * SECOND).key
    for signed_at in (last + SECOND, day - SECOND):
        assert refusal(verifier(**OWN), carrying(made), made, signed_at=signed_at, at=last)[0] == "scope-date-mismatch"


def test_a_certificate_that_the_signature_carries() -> None:
    found = verifier().judge(request(), LEAF.der, (), AT, AT)
    assert found.more["certificate"] == sha256(LEAF.der).hexdigest()
    assert verifier().judge(request(), BELOW.der, (CA.der,), AT, AT).key
    assert BEHIND.judge(forwarding(LEAF), LEAF.der, [CA.der] * 15, AT, AT).key
    assert verifier(given=[LEAF.der]).judge(request(), LEAF.der, (), AT, AT).key
    name, other = certificate_name(LEAF.der), certificate_name(MALLORY.der)
    for presented, message, leaf_der, chain, reason, detail in (
        (BEHIND, forwarding(MALLORY), LEAF.der, (), "client-cert-mismatch", f"{name} is signed, and {other} came"),
        (
            verifier(given=[MALLORY.der]),
            request(),
            LEAF.der,
            (),
            "client-cert-mismatch",
            f"{name} is signed, and {other} came",
        ),
        (BEHIND, request(), LEAF.der, (), "client-cert-missing", "ssl-client-cert is missing"),
        (verifier(), request(), LEAF.der, [CA.der] * 16, "client-cert-format", "more than 16 certificates"),
        (verifier(), request(), b"\x30\0", (), "certificate-malformed", ""),
    ):
        with pytest.raises(Rejected) as caught:
            presented.judge(message, leaf_der, chain, AT, AT)
        assert caught.value.reason == reason
        assert detail in caught.value.detail


def test_no_message_crowds_out_what_the_verifier_was_given() -> None:
    own = [middle(TOP, f"Own{number}").der for number in range(49)] + [CA.der]
    message = carrying(BELOW, *[middle(TOP, f"Sent{number}") for number in range(15)])
    assert show(verifier(intermediates=own), message, BELOW).key
    with pytest.raises(InputError):
        show(verifier(intermediates=[*own, middle(TOP, "One more").der]), message, BELOW)


def test_as_somebody_else_showed_it() -> None:
    seen = BEHIND.seen(forwarding(LEAF))
    assert seen.fingerprint == sha256(LEAF.der).digest()
    assert [seen.has(name) for name in ("email:alice@example.com", "email:bob@example.com")] == [True, False]
    seen.judge(AT)
    with pytest.raises(CertificateRejected) as caught:
        seen.judge(AT + 31 * DAY)
    assert caught.value.reason == "certificate-expired"
    Presented((), header="ssl-client-cert").seen(forwarding(LEAF)).judge(AT + 31 * DAY)
    with pytest.raises(CertificateRejected) as caught:
        BEHIND.seen(forwarding(scoped())).judge(AT)
    assert caught.value.reason == "certificate-eku-mismatch"
    with pytest.raises(Rejected) as missing:
        BEHIND.seen(request())
    assert missing.value.reason == "client-cert-missing"
    broken = LEAF.der.replace(b"\x55\x1d\x11", b"\x55\x1d\x0f")
    with pytest.raises(CertificateRejected, match="^a certificate of the path breaks the rules"):
        verifier(given=[broken]).seen(request()).has("email:alice@example.com")


def test_how_programs_behind_a_proxy_read_a_name() -> None:
    assert plain_name("SSL_Client.Cert-X") == "ssl-client-cert-x"


def test_every_reason_of_a_path_is_one_of_a_request() -> None:
    assert {f"certificate-{word}": row for word, row in PATH_REASONS.items()} == CERTIFICATE_REASONS
    assert CERTIFICATE_REASONS["certificate-expired"][0] == INVALID
