"""Do requests, lists, responses and keys say what is in them, and nothing that is secret?"""

from base64 import b64encode
from datetime import timedelta
from hashlib import sha256

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed448, ed25519, padding, rsa, x25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID

from authkit.certs.formats import Found, Other, read_any
from authkit.errors import InputError
from rawcert import (
    ALGORITHM,
    AT,
    common_name,
    der,
    made,
    name,
    oid,
    part,
    private_der,
    private_key,
    raw,
    seq,
    spki,
    tlv,
)
from samplesx509 import crl, csr, number, ocsp, pbes2, pkcs7, spkac

PIN = sha256(spki()).digest()
KEY = [("key", "p256"), ("spki_sha256", PIN.hex()), ("spki_pin", b64encode(PIN).decode())]
SAN = x509.SubjectAlternativeName([x509.RFC822Name("a@example.com"), x509.DNSName("b.example")])


def read(data: bytes) -> Found:
    return read_any(data, "x", lambda: b"never")


def only(data: bytes) -> Other:
    found = read(data)
    (other,) = found.others
    assert other.source == "x"
    return other


def facts(data: bytes, kind: str) -> list[tuple[str, str]]:
    other = only(data)
    assert (other.kind, other.findings) == (kind, [])
    return other.facts


def test_a_request() -> None:
    assert facts(csr(), "certificate request") == [
        ("subject", "CN=bob"),
        *KEY,
        ("signature_algorithm", "ecdsa-with-SHA256"),
        ("signature", "matches the key"),
    ]


def test_what_a_request_asks_for() -> None:
    purposes = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
    usage = x509.KeyUsage(True, False, False, False, False, True, False, False, False)
    sid = x509.UnrecognizedExtension(
        x509.ObjectIdentifier("1.3.6.1.4.1.311.25.2"),
        seq(tlv(0xA0, oid("1.3.6.1.4.1.311.25.2.1"), tlv(0xA0, tlv(4, b"S-1-5-7")))),
    )
    asked = facts(
        csr((SAN, True), (purposes, False), (usage, True), (x509.BasicConstraints(True, 3), True), (sid, False)),
        "certificate request",
    )
    assert asked[5:] == [
        ("san", "email:a@example.com"),
        ("san", "dns:b.example"),
        ("eku", "clientAuth"),
        ("key_usage", "digitalSignature"),
        ("key_usage", "keyCertSign"),
        ("is_ca", "yes"),
        ("path_length", "3"),
        ("sid", "S-1-5-7"),
        ("extension", "subjectAltName, critical"),
        ("extension", "extKeyUsage"),
        ("extension", "keyUsage, critical"),
        ("extension", "basicConstraints, critical"),
        ("extension", "msSecurityIdentifier"),
        ("signature", "matches the key"),
    ]
    plain = facts(csr((x509.BasicConstraints(False, None), False)), "certificate request")
    assert plain[5:-1] == [("is_ca", "no"), ("extension", "basicConstraints")]


def test_the_challenge_password_of_a_request_is_not_shown() -> None:
    found = facts(csr(challenge=b"hunter2"), "certificate request")
    assert found[5:-1] == [("attribute", "1.2.840.113549.1.9.2"), ("challenge_password", "present, not shown")]
    assert "hunter2" not in repr(found)


def request(*, subject: bytes = common_name("bob"), key: bytes = spki(), attributes: bytes = tlv(0xA0)) -> bytes:
    return seq(seq(number(0), subject, key, attributes), ALGORITHM, tlv(3, b"\0" + bytes(8)))


def test_a_request_that_another_key_signed() -> None:
    assert ("signature", "does not match the key") in facts(csr().replace(b"bob", b"eve"), "certificate request")


def test_the_broken_field_of_a_request_hides_no_other() -> None:
    bad = seq(oid("2.5.29.15"), tlv(4, b"\3\2"))
    good = seq(oid("2.5.29.17"), tlv(4, seq(tlv(0x82, b"a.example"))))
    asked = tlv(0xA0, seq(oid("1.2.840.113549.1.9.14"), tlv(0x31, seq(bad, good))))
    other = only(request(subject=name(part("2.5.4.3", 12, b"\xff")), key=seq(), attributes=asked))
    assert other.facts[0] == ("subject", "CN=\\\\xff")
    assert ("san", "dns:a.example") in other.facts
    assert other.facts[-1] == ("signature", "not checked: the request is not DER of the right form")
    assert other.findings == [
        ("unreadable-field", "error", "subject: has a part CN that is not UTF-8"),
        ("key-unreadable", "error", "the key ends too early"),
        ("unreadable-field", "error", "keyUsage: is not DER of the right form"),
    ]


def test_a_request_whose_attributes_cannot_be_read() -> None:
    other = only(request(attributes=tlv(0xA0, seq())))
    assert other.findings == [
        ("unreadable-field", "error", "the request holds an object identifier that cannot be read")
    ]
    assert other.facts[:4] == [("subject", "CN=bob"), *KEY]
    other = only(request(attributes=b""))
    assert other.findings == []


def test_a_revocation_list() -> None:
    assert facts(crl(), "revocation list") == [
        ("issuer", "CN=Issuer"),
        ("this_update", "2026-11-24T09:00:00Z"),
        ("next_update", "2026-12-01T09:00:00Z"),
        ("signature_algorithm", "ecdsa-with-SHA256"),
        ("entries", "1"),
        ("revoked", "abc, 2026-11-24T09:00:00Z"),
    ]


def test_what_else_a_revocation_list_says() -> None:
    url = x509.UniformResourceIdentifier("http://crl.example")
    found = facts(
        crl(
            (x509.CRLNumber(7), False),
            (x509.AuthorityKeyIdentifier(b"\1\2", None, None), False),
            (x509.DeltaCRLIndicator(5), True),
            (x509.IssuingDistributionPoint([url], None, True, False, None, True, False), True),
            (x509.IssuerAlternativeName([url]), False),
            (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3"), b"\5\0"), True),
            reason=x509.ReasonFlags.key_compromise,
        ),
        "revocation list",
    )
    assert found[4:] == [
        ("number", "7"),
        ("aki", "0102"),
        ("delta", "yes, only what changed"),
        ("scope", "certificates of users only"),
        ("scope", "indirect: certificates of other issuers too"),
        ("distribution_point", "uri:http://crl.example"),
        ("extension", "2.5.29.18"),
        ("extension", "1.2.3, critical"),
        ("entries", "1"),
        ("revoked", "abc, 2026-11-24T09:00:00Z, keyCompromise"),
    ]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ((False, True, None, False, False), "certificates of CAs only"),
        ((False, False, frozenset([x509.ReasonFlags.key_compromise]), False, False), "some reasons only"),
        ((False, False, None, False, True), "attribute certificates only"),
    ],
)
def test_the_scope_of_a_revocation_list(
    arguments: tuple[bool, bool, "frozenset[x509.ReasonFlags] | None", bool, bool], text: str
) -> None:
    point = x509.IssuingDistributionPoint(None, None, *arguments)
    found = facts(crl((point, True)), "revocation list")
    assert [value for name, value in found if name == "scope"] == [text]


def test_an_issuer_named_without_a_key_identifier() -> None:
    issuer = x509.AuthorityKeyIdentifier(None, [x509.DirectoryName(x509.Name([]))], 5)
    assert ("extension", "2.5.29.35") in facts(crl((issuer, False)), "revocation list")


def test_a_number_of_many_digits_is_shown_in_hexadecimal() -> None:
    assert ("number", "9223372036854775808") in facts(crl((x509.CRLNumber(2**63), False)), "revocation list")
    assert ("number", "8000000000000001") in facts(crl((x509.CRLNumber(2**63 + 1), False)), "revocation list")


def raw_list(*body: bytes) -> bytes:
    return seq(seq(*body), ALGORITHM, tlv(3, b"\0" + bytes(8)))


TIME = tlv(23, b"261124090000Z")


def test_a_revocation_list_without_entries_or_end() -> None:
    assert facts(raw_list(ALGORITHM, common_name("a"), TIME), "revocation list") == [
        ("issuer", "CN=a"),
        ("this_update", "2026-11-24T09:00:00Z"),
        ("signature_algorithm", "ecdsa-with-SHA256"),
        ("entries", "0"),
    ]
    entries = seq(seq(number(9), TIME))
    found = facts(raw_list(number(1), ALGORITHM, common_name("a"), TIME, entries), "revocation list")
    assert found[2:] == [
        ("signature_algorithm", "ecdsa-with-SHA256"),
        ("entries", "1"),
        ("revoked", "9, 2026-11-24T09:00:00Z"),
    ]


def test_the_broken_field_of_a_revocation_list_hides_no_other() -> None:
    subject = name(part("2.5.4.3", 30, b"a"))
    other = only(raw_list(number(1), ALGORITHM, subject, tlv(23, b"now"), tlv(24, b"20261124090000Z")))
    assert other.facts == [
        ("issuer", "CN=\\\\x61"),
        ("next_update", "2026-11-24T09:00:00Z"),
        ("signature_algorithm", "ecdsa-with-SHA256"),
    ]
    assert other.findings == [
        ("unreadable-field", "error", "issuer: has a part CN that is not UTF-16-BE"),
        ("unreadable-field", "error", "this_update: is not a time as RFC 5280 writes it: now"),
        ("unreadable-field", "error", "the list is not DER of the right form"),
    ]


def test_a_revocation_list_that_breaks_off() -> None:
    other = only(raw_list(number(1), seq(), common_name("a"), TIME))
    assert other.findings[0] == ("unreadable-field", "error", "the list names no algorithm")
    assert other.facts == [("issuer", "CN=a"), ("this_update", "2026-11-24T09:00:00Z")]


def test_an_entry_whose_extension_cannot_be_read() -> None:
    extensions = seq(seq(oid("2.5.29.21"), tlv(4, tlv(10, b"\7"))))
    entries = seq(seq(number(9), TIME, extensions), seq(number(10), TIME))
    found = facts(raw_list(number(1), ALGORITHM, common_name("a"), TIME, entries), "revocation list")
    assert found[-3] == ("entries", "2")
    assert found[-2][1].startswith("9, 2026-11-24T09:00:00Z, an extension cannot be read (Unsupported ")
    assert found[-1] == ("revoked", "a, 2026-11-24T09:00:00Z")


def test_pkcs7() -> None:
    first, second = raw(), raw(subject=common_name("second"))
    found = read(pkcs7(first, second, crls=crl(), signers=seq()))
    assert found.certificates == [(first, "x, number 1"), (second, "x, number 2")]
    message, revoked = found.others
    assert (message.kind, message.findings) == ("PKCS#7", [])
    assert message.facts == [("certificates", "2"), ("signers", "1, not verified")]
    assert revoked.source == "x"
    assert (revoked.kind, revoked.facts[0]) == ("revocation list", ("issuer", "CN=Issuer"))


def test_pkcs7_without_certificates() -> None:
    signed = seq(tlv(2, b"\1"), tlv(0x31, seq()), seq(oid("1.2.840.113549.1.7.1")), tlv(0x31))
    assert facts(seq(oid("1.2.840.113549.1.7.2"), tlv(0xA0, signed)), "PKCS#7") == [
        ("certificates", "0"),
        ("signers", "0, not verified"),
    ]


def signed(*parts: bytes) -> bytes:
    return seq(oid("1.2.840.113549.1.7.2"), tlv(0xA0, seq(*parts)))


def test_pkcs7_of_other_parts_than_it_should_have() -> None:
    one, two = raw(), raw(subject=common_name("second"))
    found = read(signed(number(1), tlv(0x31), tlv(0xA0, one), tlv(0xA1, crl()), tlv(0xA1, crl()), tlv(0xA0, two)))
    assert [data for data, _ in found.certificates] == [one, two]
    assert [other.kind for other in found.others] == ["PKCS#7", "revocation list", "revocation list"]
    assert found.others[0].facts == [("certificates", "2"), ("signers", "0, not verified")]
    assert only(signed()).facts == [("certificates", "0"), ("signers", "0, not verified")]
    assert only(signed(tlv(0x31, seq()))).facts[1] == ("signers", "1, not verified")


def test_pkcs7_in_ber() -> None:
    inner = (
        b"\x30\x80" + number(1) + tlv(0x31) + seq(oid("1.2.3")) + b"\xa0\x80" + raw() + b"\0\0" + tlv(0x31) + b"\0\0"
    )
    data = b"\x30\x80" + oid("1.2.840.113549.1.7.2") + b"\xa0\x80" + inner + b"\0\0\0\0"
    assert read(data).certificates == [(raw(), "x, number 1")]


def test_a_certificate_of_pkcs7_that_lies_hides_none_before_it() -> None:
    found = read(pkcs7(raw(), b"\x30\x82\x7f\xff"))
    assert found.certificates == [(raw(), "x, number 1")]
    assert found.others[0].findings == [
        ("unreadable-field", "error", "what follows number 1 claims 32767 bytes where 0 are left")
    ]
    found = read(pkcs7(raw(), crls=crl() + b"\x30\x09"))
    assert found.others[0].findings == [
        ("unreadable-field", "error", "what follows number 1 claims 9 bytes where 0 are left")
    ]
    assert len(found.others) == 2
    assert read(pkcs7(raw(), tlv(0xA1, b"attribute certificate"))).certificates == [(raw(), "x, number 1")]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (seq(oid("1.2.840.113549.1.7.1"), tlv(0xA0, tlv(4, b"x"))), "is plain data, so that it shows no certificates"),
        (seq(oid("1.2.840.113549.1.7.3"), tlv(0xA0)), "is encrypted to recipients, so that it shows no certificates"),
        (seq(oid("1.2.840.113549.1.7.6"), tlv(0xA0)), "is encrypted under a key, so that it shows no certificates"),
        (seq(oid("1.2.3"), tlv(0xA0)), "is 1.2.3, so that it shows no certificates"),
        (seq(oid("1.2.840.113549.1.7.2"), tlv(0xA0)), "ends too early"),
        (seq(tlv(6), tlv(0xA0)), "holds an object identifier that cannot be read"),
    ],
)
def test_pkcs7_that_holds_no_certificates(data: bytes, message: str) -> None:
    with pytest.raises(InputError, match=f"^x: PKCS#7 that {message}$"):
        read(data)


RESPONDER = ("responder", "CN=Responder")


def test_an_ocsp_response() -> None:
    found = read(ocsp())
    (other,) = found.others
    assert (other.kind, other.findings) == ("OCSP response", [])
    assert [data for data, _ in found.certificates] == [der(made(subject="Responder"))] or len(found.certificates) == 1
    assert found.certificates[0][1] == "x, number 1"
    assert [fact for fact in other.facts if fact[0] != "produced_at"] == [
        ("response_status", "successful"),
        RESPONDER,
        ("serial", "feed"),
        ("status", "good"),
        ("this_update", "2026-11-24T09:00:00Z"),
        ("next_update", "2026-12-01T09:00:00Z"),
        ("signature", "not verified"),
    ]


def test_an_ocsp_response_about_a_revoked_certificate() -> None:
    found = read(ocsp(revoked=True, by_name=False, certificates=False, next_update=False))
    assert found.certificates == []
    names = [name for name, _ in found.others[0].facts]
    assert found.others[0].facts[4:8] == [
        ("status", "revoked"),
        ("revoked_at", "2026-11-24T09:00:00Z"),
        ("reason", "keyCompromise"),
        ("this_update", "2026-11-24T09:00:00Z"),
    ]
    assert names[1:3] == ["responder_key_sha1", "produced_at"]
    assert (
        found.others[0].facts[1][1]
        == x509.SubjectKeyIdentifier.from_public_key(private_key().public_key()).digest.hex()
    )


def test_an_ocsp_response_that_refuses() -> None:
    assert facts(seq(tlv(10, b"\6")), "OCSP response") == [("response_status", "unauthorized")]
    assert facts(seq(tlv(10, b"\3")), "OCSP response") == [("response_status", "try later")]


def test_an_ocsp_response_that_cannot_be_read() -> None:
    with pytest.raises(InputError, match="^x: an OCSP response that is not DER of the right form$"):
        read(seq(tlv(10, b"\0"), tlv(0xA0, seq())))


def test_an_spkac() -> None:
    text = b64encode(spkac())
    lines = (
        b"SPKAC=" + text,
        b"SPKAC=" + text + b"\n",
        b"xSPKAC=\nSPKAC=" + text,
        b"CN=a\nSPKAC=" + text + b"\r\nO=b\n",
        b"SPKAC=" + text + b"\nSPKAC=AAAA",
    )
    for data in (spkac(), text, *lines):
        assert facts(data, "SPKAC") == [
            *KEY,
            ("challenge", "hello"),
            ("signature_algorithm", "ecdsa-with-SHA256"),
            ("signature", "matches the key"),
        ]


def test_an_spkac_that_was_altered() -> None:
    assert facts(spkac().replace(b"hello", b"jello"), "SPKAC")[-1] == ("signature", "does not match the key")


def test_an_spkac_signed_with_md5() -> None:
    key = rsa.generate_private_key(65537, 1024)
    body = seq(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo), tlv(22, b"hello"))
    signature = key.sign(body, padding.PKCS1v15(), hashes.MD5())
    other = only(spkac(key, signature, "1.2.840.113549.1.1.4"))
    assert other.facts[-1] == ("signature", "matches the key")
    assert other.findings == [
        ("weak-signature", "warning", "it is signed with md5WithRSAEncryption, which can be forged")
    ]
    other = only(spkac(key, signature, "1.2.840.113549.1.1.11"))
    assert (other.facts[-1], other.findings) == (("signature", "does not match the key"), [])


@pytest.mark.parametrize(
    "key",
    [ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32)), ed448.Ed448PrivateKey.from_private_bytes(bytes(57))],
)
def test_an_spkac_of_an_edwards_curve(key: "ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey") -> None:
    body = seq(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo), tlv(22, b"hello"))
    arc = "1.3.101.112" if isinstance(key, ed25519.Ed25519PrivateKey) else "1.3.101.113"
    data = seq(body, seq(oid(arc)), tlv(3, b"\0" + key.sign(body)))
    assert facts(data, "SPKAC")[-1] == ("signature", "matches the key")
    assert facts(data.replace(b"hello", b"jello"), "SPKAC")[-1] == ("signature", "does not match the key")


@pytest.mark.parametrize(
    ("data", "signature"),
    [
        (spkac(algorithm="1.2.3"), "not checked: 1.2.3 is not known here"),
        (spkac(algorithm="1.3.101.112"), "not checked: ed25519 is not known here"),
        (spkac(algorithm="1.2.840.113549.1.1.2"), "not checked: md2WithRSAEncryption is not known here"),
        (
            seq(seq(seq(seq(oid("1.2.3")), tlv(3, b"\0")), tlv(22)), ALGORITHM, tlv(3, b"\0")),
            "not checked: the key cannot be read (Unknown key type: 1.2.3)",
        ),
    ],
)
def test_an_spkac_that_cannot_be_checked(data: bytes, signature: str) -> None:
    assert only(data).facts[-1] == ("signature", signature)


@pytest.mark.parametrize(
    ("arc", "found"),
    [(2, ["md2WithRSAEncryption"]), (3, ["md4WithRSAEncryption"]), (4, ["md5WithRSAEncryption"]), (5, []), (11, [])],
)
def test_an_spkac_of_a_weak_kind(arc: int, found: list[str]) -> None:
    findings = only(spkac(algorithm=f"1.2.840.113549.1.1.{arc}")).findings
    assert findings == [
        ("weak-signature", "warning", f"it is signed with {name}, which can be forged") for name in found
    ]


def test_an_spkac_that_cannot_be_read() -> None:
    with pytest.raises(InputError, match="^x: an SPKAC that names no algorithm$"):
        read(seq(seq(spki(), tlv(22)), seq(), tlv(3, b"\0")))


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (private_der(), "PKCS#8"),
        (private_der(PrivateFormat.TraditionalOpenSSL), "SEC 1"),
    ],
)
def test_a_private_key(data: bytes, encoding: str) -> None:
    assert facts(data, "private key") == [("encoding", encoding), *KEY]
    assert f"{private_key().private_numbers().private_value:x}" not in repr(facts(data, "private key"))


def test_rsa_keys() -> None:
    key = rsa.generate_private_key(65537, 1024)
    private = key.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.PKCS1)
    whole = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    expected = [("key", "rsa1024"), ("spki_sha256", sha256(whole).hexdigest())]
    assert facts(private, "private key")[:3] == [("encoding", "PKCS#1"), *expected]
    assert facts(public, "public key")[:3] == [("encoding", "PKCS#1"), *expected]
    assert facts(whole, "public key")[:3] == [("encoding", "SubjectPublicKeyInfo"), *expected]


def test_an_rsa_key_whose_halves_do_not_fit_is_shown_by_its_public_one() -> None:
    own = rsa.generate_private_key(65537, 1024).private_numbers()
    rest = (own.p, own.q, own.dmp1, own.dmq1, own.iqmp)
    numbers = (0, own.public_numbers.n, 65537, own.d + 2, *rest)
    assert facts(seq(*[number(one) for one in numbers]), "private key")[1] == ("key", "rsa1024")


def test_an_encrypted_key_is_named_as_that() -> None:
    key = private_key().private_bytes(Encoding.DER, PrivateFormat.PKCS8, BestAvailableEncryption(b"x"))
    found = facts(key, "private key")
    assert found[0] == ("encoding", "PKCS#8")
    assert found[1][0] == "encrypted"
    assert found[1][1].startswith("yes, PBES2 PBKDF2 SHA-256 AES-256-CBC, ")
    assert len(found) == 2
    weak = seq(seq(oid("1.2.840.113549.1.12.1.3"), seq(tlv(4), number(1))), tlv(4))
    other = only(weak)
    assert other.findings == [
        ("legacy-encryption", "warning", "it is encrypted with PKCS#12 SHA-1 3DES, which is weak")
    ]
    assert only(seq(pbes2(2**40_000), tlv(4))).facts[1][1].endswith(", 2 to the 40000 iterations")
    assert only(seq(seq(), tlv(4))).facts == [
        ("encoding", "PKCS#8"),
        ("encrypted", "yes, in a way that names no algorithm"),
    ]


def test_keys_that_cannot_be_read() -> None:
    secret = b"\x13\x37" * 16
    other = only(seq(number(0), seq(oid("1.2.3")), tlv(4, secret)))
    assert (other.facts, other.findings) == (
        [("encoding", "PKCS#8")],
        [("key-unreadable", "error", "the key cannot be read")],
    )
    other = only(seq(seq(oid("1.2.3")), tlv(3, b"\0")))
    assert other.findings == [("key-unreadable", "error", "the key cannot be read (Unknown key type: 1.2.3)")]
    other = only(seq(*[number(1)] * 6))
    assert other.facts == [("encoding", "OpenSSL's DSA form")]
    assert other.findings == [("key-unreadable", "error", "the key cannot be read")]


def test_a_key_for_agreement() -> None:
    key = x25519.X25519PrivateKey.from_private_bytes(bytes(32))
    data = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    assert facts(data, "private key")[1] == ("key", "x25519")


def test_a_week_is_what_the_samples_say() -> None:
    assert made().not_valid_after_utc - AT == timedelta(days=7)


def test_review_an_spkac_of_many_lines_is_read_once() -> None:
    for data in (b"SPKAC=\n" * 1_000_000, b"\nSPKAC=" * 1_000_000):
        with pytest.raises(InputError):
            read(data)


def test_review_pkcs7_of_many_certificates_is_cut_off() -> None:
    found = read(pkcs7(b"\x30\0" * 200_001))
    assert len(found.certificates) == 200_000
    assert found.others[0].findings == [
        ("unreadable-field", "error", "what follows number 200000 has more than 200000 elements")
    ]
    assert read(pkcs7(b"\x30\0" * 200_000)).others[0].findings == []
