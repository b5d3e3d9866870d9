"""Is what a CA signs what was asked for, and would a verifier accept it?"""

from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.verification import PolicyBuilder, Store

from authkit.certs import issue as issuing
from authkit.certs.authority import Authority, ekus_of
from authkit.certs.issue import Issued, generate_serial, issue_root
from authkit.certs.limits import judge
from authkit.certs.names import SID_OID, Names, San, decode_sid, read_san
from authkit.certs.permit import Permitted
from authkit.certs.profile import (
    CLIENT_AUTH,
    ISSUED_FOR,
    KEY_TYPES,
    KINDS,
    PROFILES,
    REQUEST_SIGNING_EKU,
    SERVER_AUTH,
    Profile,
    key_allowed,
)
from authkit.certs.scoped import CertScope, encode_scope, scope_of
from authkit.certs.subject_key import generate_key
from authkit.certs.verify import verify_path
from authkit.errors import Refused, UsageError
from authorities import AT, SAMPLES, below, ca_marks, counting, foreign, issue, names, root

KEYS = {type: generate_key(type).public_key() for type in KEY_TYPES}
CLIENTS = ("client", "spiffe", "eap-tls", "roles-anywhere")


def extensions(certificate: x509.Certificate) -> dict[str, tuple[Any, bool]]:
    return {type(one.value).__name__: (one.value, one.critical) for one in certificate.extensions}


def verify(authority: Authority, issued: Issued, at: Any = AT) -> None:
    """Let pyca's own policy judge, with nothing relaxed."""
    policy = PolicyBuilder().store(Store([authority.root])).time(at)
    if issued.profile == "server":
        policy.build_server_verifier(x509.DNSName("www.example.com")).verify(
            issued.certificate, list(authority.intermediates)
        )
        return
    found = policy.build_client_verifier().verify(issued.certificate, list(authority.intermediates))
    assert found.chain == [issued.certificate, *authority.intermediates, authority.root]


# everything issued is accepted


@pytest.mark.parametrize("ca_type", ["p256", "p384", "rsa3072"])
def test_pycas_verifier_accepts_every_profile_and_key_under_every_ca(ca_type: str) -> None:
    count = 0
    for issued_for, profiles in (("client", CLIENTS), ("server", ("server",))):
        top = root(issued_for, key_type=ca_type)
        for authority in (top, below(top, key_type=ca_type)):
            for profile in profiles:
                for type, key in KEYS.items():
                    if not key_allowed(PROFILES[profile], type):
                        continue
                    issued = issue(authority, profile, key=key, days=1)
                    verify(authority, issued)
                    verify(authority, issued, AT - timedelta(minutes=5))
                    verify(authority, issued, AT + timedelta(days=1))
                    count += 1
    assert count == 2 * (3 * 5 + 4 + 5)


def test_a_leaf_as_a_whole() -> None:
    authority = root()
    issued = issue(authority, key=KEYS["p256"])
    one = issued.certificate
    assert one.version == x509.Version.v3
    assert (one.subject, one.issuer) == (x509.Name([]), authority.certificate.subject)
    assert (one.not_valid_before_utc, one.not_valid_after_utc) == (AT - timedelta(minutes=5), AT + timedelta(days=7))
    assert one.public_key() == KEYS["p256"]
    assert one.signature_hash_algorithm is not None
    assert one.signature_hash_algorithm.name == "sha256"
    found = extensions(one)
    assert list(found) == [
        "BasicConstraints",
        "KeyUsage",
        "ExtendedKeyUsage",
        "SubjectAlternativeName",
        "SubjectKeyIdentifier",
        "AuthorityKeyIdentifier",
    ]
    assert found["BasicConstraints"] == (x509.BasicConstraints(False, None), True)
    only_signs = x509.KeyUsage(True, False, False, False, False, False, False, False, False)
    assert found["KeyUsage"] == (only_signs, True)
    assert found["ExtendedKeyUsage"] == (x509.ExtendedKeyUsage([x509.ObjectIdentifier(CLIENT_AUTH)]), False)
    assert found["SubjectAlternativeName"][1] is True
    assert [str(san) for san in read_san(found["SubjectAlternativeName"][0])] == ["email:ada@example.com"]
    ski = x509.SubjectKeyIdentifier.from_public_key(KEYS["p256"])
    assert found["SubjectKeyIdentifier"] == (ski, False)
    own = extensions(authority.certificate)["SubjectKeyIdentifier"][0]
    assert found["AuthorityKeyIdentifier"] == (x509.AuthorityKeyIdentifier(own.digest, None, None), False)
    assert issued.der == one.public_bytes(Encoding.DER)
    assert (issued.name, issued.profile, issued.names) == ("ada", "client", names("client"))
    assert (issued.not_before, issued.not_after) == (one.not_valid_before_utc, one.not_valid_after_utc)
    assert issued.serial_hex == f"{one.serial_number:x}"
    import hashlib

    assert issued.fingerprint == hashlib.sha256(issued.der).hexdigest()
    assert repr(issued) == f"<Issued ada {issued.serial_hex}>"


@pytest.mark.parametrize("profile", SAMPLES)
def test_the_purpose_of_each_profile(profile: str) -> None:
    authority = root("server" if profile == "server" else "client")
    found = extensions(issue(authority, profile).certificate)
    expected = {"server": [SERVER_AUTH]}.get(profile, [CLIENT_AUTH])
    assert [one.dotted_string for one in found["ExtendedKeyUsage"][0]] == expected
    assert found["ExtendedKeyUsage"][1] is False
    assert found["BasicConstraints"] == (
        x509.BasicConstraints(profile == "intermediate", None if profile != "intermediate" else 0),
        True,
    )
    assert found["KeyUsage"][0].digital_signature is (profile != "intermediate")
    assert found["KeyUsage"][0].key_cert_sign is found["KeyUsage"][0].crl_sign is (profile == "intermediate")
    assert ("SubjectAlternativeName" in found) is (profile != "intermediate")


def test_the_names_that_an_eap_tls_leaf_has() -> None:
    issued = issue(root(), "eap-tls", parts={"sid": "S-1-5-21-1"}, key_type="rsa3072")
    assert issued.certificate.subject.rfc4514_string() == "CN=ada@corp.example.com"
    found = issued.certificate.extensions
    assert found.get_extension_for_class(x509.SubjectAlternativeName).critical is False
    sid = found.get_extension_for_oid(x509.ObjectIdentifier(SID_OID))
    assert sid.critical is False
    assert isinstance(sid.value, x509.UnrecognizedExtension)
    assert decode_sid(sid.value.value) == "S-1-5-21-1"


def test_a_server_may_have_an_address_alone() -> None:
    authority = root("server")
    issued = issue(authority, "server", ("ip", "2001:db8::1"))
    assert [str(san) for san in issued.names.sans] == ["ip:2001:db8::1"]


def test_urls_only_when_asked_for() -> None:
    urls = {
        "crl_urls": ["http://example.com/ca.crl", "HTTPS://example.com/b"],
        "aia_urls": ["http://example.com/ca.der"],
    }
    found = extensions(issue(root(), **urls).certificate)
    points, critical = found["CRLDistributionPoints"]
    assert [[name.value for name in point.full_name] for point in points] == [[url] for url in urls["crl_urls"]]
    assert critical is False
    access, critical = found["AuthorityInformationAccess"]
    assert [(one.access_method.dotted_string, one.access_location.value) for one in access] == [
        ("1.3.6.1.5.5.7.48.2", "http://example.com/ca.der")
    ]
    assert critical is False
    for option in ("crl_urls", "aia_urls"):
        with pytest.raises(UsageError) as caught:
            issue(root(), **{option: ["ftp://example.com/ca.crl"]})
        assert caught.value.message == "'ftp://example.com/ca.crl' is not the URL of a file"
        assert caught.value.hint == "write http://example.com/ca.crl"


def test_a_long_url_is_cut_in_the_message() -> None:
    with pytest.raises(UsageError) as caught:
        issue(root(), crl_urls=["ftp:" + "a" * 90])
    assert caught.value.message == f"{'ftp:' + 'a' * 76!r} is not the URL of a file"


# serials


def test_serials_have_159_bits_and_are_positive() -> None:
    assert generate_serial(lambda size: b"\xff" * size) == 2**159 - 1
    draws = [b"\0" * 20, b"\0" * 19 + b"\x01", b"\0" * 19 + b"\x02"]
    assert generate_serial(lambda size: draws.pop(0)) == 1
    assert draws == []
    serial = issue(root(), random=lambda size: b"\xff" * size).certificate.serial_number
    assert serial == 2**159 - 1
    assert len(serial.to_bytes(20, "big")) == 20


# time (S42)


def test_not_before_its_issuer() -> None:
    authority = root(at=AT + timedelta(minutes=3))  # valid from 8:58
    assert issue(authority).not_before == AT - timedelta(minutes=2)
    later = root(at=AT + timedelta(minutes=5))  # valid from 9:00:00 on
    assert issue(later).not_before == AT
    with pytest.raises(Refused) as caught:
        issue(root(at=AT + timedelta(minutes=5, seconds=1), days=1))
    assert caught.value.message == (
        "the CA root is valid from 2026-11-24T09:00:01Z to 2026-11-25T09:05:01Z, not at 2026-11-24T09:00:00Z"
    )


def test_not_after_its_issuer() -> None:
    authority = root(days=7)
    assert issue(authority).not_after == authority.certificate.not_valid_after_utc
    with pytest.raises(Refused) as caught:
        issue(authority, days=8)
    assert caught.value.message == (
        "it would be valid until 2026-12-02T09:00:00Z, longer than its CA root: until 2026-12-01T09:00:00Z"
    )
    assert caught.value.hint == "--days 7 fits"
    with pytest.raises(Refused) as caught:
        issue(authority, at=AT + timedelta(seconds=1))
    assert caught.value.hint == "--days 6 fits"
    with pytest.raises(Refused) as caught:
        issue(authority, days=2, at=AT + timedelta(days=6))
    assert caught.value.hint == "--days 1 fits"
    with pytest.raises(Refused) as caught:
        issue(authority, days=1, at=AT + timedelta(days=6, seconds=1))
    assert caught.value.hint == "the CA root has less than a day left: make a new one"
    with pytest.raises(Refused) as caught:
        issue(authority, days=1, at=AT + timedelta(days=7))  # the last second at which the CA is valid
    assert caught.value.hint == "the CA root has less than a day left: make a new one"
    with pytest.raises(Refused) as caught:
        issue(authority, days=1, at=AT + timedelta(days=7, seconds=1))
    assert caught.value.message.startswith("the CA root is valid from ")


def test_not_after_the_root_of_others() -> None:
    top = foreign(*ca_marks(), (ski_of(), False), days=3, name="top")
    middle = foreign(*ca_marks(), (ski_of(), False), name="middle", parent=top, days=30)
    with pytest.raises(Refused) as caught:
        issue(middle)
    assert caught.value.hint == "--days 2 fits"


def ski_of() -> x509.SubjectKeyIdentifier:
    return x509.SubjectKeyIdentifier(b"12345678")


def test_days_that_cannot_be() -> None:
    for days, message in ((0, "--days 0 is not 1 or more"), (-1, "--days -1 is not 1 or more")):
        with pytest.raises(UsageError) as caught:
            issue(root(), days=days)
        assert caught.value.message == message
    with pytest.raises(UsageError) as caught:
        root(days=3_000_000)
    assert caught.value.message == "--days 3000000 is beyond the year 9999"
    assert issue(root(days=30_000), days=1).not_after == AT + timedelta(days=1)


# what the CA is for


def test_profiles_of_another_ca() -> None:
    with pytest.raises(Refused) as caught:
        issue(root(), "server")
    assert caught.value.message == "the CA root issues no certificates of the profile server"
    assert caught.value.hint == "it is for clients: client, spiffe, eap-tls, roles-anywhere, scoped, intermediate"
    with pytest.raises(Refused) as caught:
        issue(root("server"))
    assert caught.value.hint == "it is for servers: server, intermediate"


def test_a_purpose_that_the_certificate_of_the_ca_forbids() -> None:
    eku = x509.ExtendedKeyUsage([x509.ObjectIdentifier(SERVER_AUTH)])
    with pytest.raises(Refused) as caught:
        issue(foreign(*ca_marks(), (eku, False)))
    assert caught.value.message == f"the certificate of the CA foreign does not allow {CLIENT_AUTH}"
    wide = Profile("client", 1, ("1.2.4", CLIENT_AUTH, "1.2.3"), KINDS, (), "of several purposes")
    with pytest.raises(Refused) as caught:
        judge(root(), wide, names("client"), AT, 1)
    assert caught.value.message == "the certificate of the CA root does not allow 1.2.3, 1.2.4"


def test_kinds_that_the_ca_does_not_certify() -> None:
    authority = root(kinds=("upn", "email"))
    issue(authority)
    issue(authority, "eap-tls")  # whose common name says nothing more
    for profile, more, parts, kind in (
        ("client", [("dns", "a.b")], {}, "dns:a.b"),
        ("client", [("email", "a@b")], {"common_name": "Ada"}, "cn:Ada"),
        ("eap-tls", [("upn", "a@b")], {"sid": "S-1-5-21"}, "sid:S-1-5-21"),
        ("roles-anywhere", [("email", "a@b")], {}, "cn:ada"),
    ):
        with pytest.raises(Refused) as caught:
            issue(authority, profile, *more, parts=parts)
        assert caught.value.message == f"the CA root does not certify {kind}"
        assert caught.value.hint == "it certifies upn, email"
    assert below(authority).kinds == ("upn", "email")


def test_names_outside_a_constraint_above() -> None:
    authority = below(root(constraints=Permitted(email=["example.com"])))
    verify(authority, issue(authority))
    with pytest.raises(Refused) as caught:
        issue(authority, "client", ("email", "ada@example.org"))
    assert caught.value.message == "email:ada@example.org lies outside what the CA may certify"


def test_names_of_another_profile() -> None:
    with pytest.raises(UsageError) as caught:
        issuing.issue_certificate(
            root(), PROFILES["client"], names("intermediate"), KEYS["p256"], AT, 1, counting(), name="x"
        )
    assert caught.value.message == "a common name alone identifies nobody"


def test_the_name_of_a_ca_above() -> None:
    top = root()
    middle = below(top)
    for name in ("root", "middle"):
        for profile in ("client", "roles-anywhere"):
            with pytest.raises(Refused) as caught:
                issue(middle, profile, parts={"common_name": name})
            assert caught.value.message == f"the common name {name!r} is that of a CA above it"
            assert caught.value.hint == "give another --common-name"
    with pytest.raises(Refused) as caught:
        below(top, name="root")
    assert caught.value.message == "the common name 'root' is that of a CA above it"
    assert issue(top, parts={"common_name": "middle"}).names.common_name == "middle"


def test_keys_that_a_profile_may_not_have() -> None:
    for profile, key, type, hint in (
        ("roles-anywhere", KEYS["ed25519"], "ed25519", "p256, p384, rsa3072, rsa4096"),
        ("intermediate", KEYS["ed25519"], "ed25519", "p256, p384, rsa3072, rsa4096"),
        ("client", ec.generate_private_key(ec.SECP521R1()).public_key(), "p521", ", ".join(KEY_TYPES)),
        ("client", ec.generate_private_key(ec.SECP192R1()).public_key(), "secp192r1", ", ".join(KEY_TYPES)),
    ):
        with pytest.raises(Refused) as caught:
            issue(root(), profile, key=key)
        assert caught.value.message == f"a key of type {type} cannot be one of the profile {profile}"
        assert caught.value.hint == f"use one of {hint}"


# CAs


def test_a_root_as_a_whole() -> None:
    key = generate_key("p384")
    one = issue_root("Root CA", key, AT, None, counting())
    assert one.subject.rfc4514_string() == one.issuer.rfc4514_string() == "CN=Root CA"
    assert (one.not_valid_before_utc, one.not_valid_after_utc) == (AT - timedelta(minutes=5), AT + timedelta(days=3650))
    assert one.signature_hash_algorithm is not None
    assert one.signature_hash_algorithm.name == "sha384"
    found = extensions(one)
    assert list(found) == ["BasicConstraints", "KeyUsage", "ExtendedKeyUsage", "SubjectKeyIdentifier"]
    assert found["BasicConstraints"] == (x509.BasicConstraints(True, 1), True)
    assert found["KeyUsage"] == (x509.KeyUsage(False, False, False, False, False, True, True, False, False), True)
    assert [eku.dotted_string for eku in found["ExtendedKeyUsage"][0]] == [CLIENT_AUTH]
    assert found["ExtendedKeyUsage"][1] is False
    assert found["SubjectKeyIdentifier"] == (x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
    one.verify_directly_issued_by(one)


def test_a_ca_signs_with_the_hash_of_its_own_key() -> None:
    for ca_type, key_type, name in (("p384", "p256", "sha384"), ("p256", "p384", "sha256"), ("p384", "p384", "sha384")):
        used = issue(root(key_type=ca_type), key_type=key_type).certificate.signature_hash_algorithm
        assert used is not None
        assert used.name == name


def test_a_root_for_servers() -> None:
    found = extensions(root("server", path_length=None).certificate)
    assert [eku.dotted_string for eku in found["ExtendedKeyUsage"][0]] == [SERVER_AUTH]
    assert found["BasicConstraints"] == (x509.BasicConstraints(True, None), True)


def test_roots_that_cannot_be() -> None:
    with pytest.raises(UsageError) as caught:
        root(path_length=-1)
    assert caught.value.message == "--path-length -1 is not 0 or more"
    with pytest.raises(Refused) as refused:
        root(key_type="ed25519")
    assert refused.value.message == "a key of type ed25519 cannot be one of the profile ca"
    assert extensions(root(path_length=0).certificate)["BasicConstraints"] == (x509.BasicConstraints(True, 0), True)


def test_path_lengths() -> None:
    top = root(path_length=2)
    for given, expected in ((None, 0), (0, 0), (1, 1)):
        assert below(top, path_length=given).path_length == expected
    with pytest.raises(Refused) as caught:
        below(top, path_length=2)
    assert caught.value.message == "the CA root allows 2 levels of CAs below it"
    assert caught.value.hint == "--path-length 1 fits"
    with pytest.raises(UsageError) as usage:
        below(top, path_length=-1)
    assert usage.value.message == "--path-length -1 is not 0 or more"
    with pytest.raises(Refused) as caught:
        below(below(top), name="bottom")
    assert caught.value.message == "the CA middle may have no CA below it"
    assert caught.value.hint == "name another --parent"
    assert below(root(path_length=None), path_length=7).path_length == 7
    assert below(root(path_length=1)).path_length == 0
    with pytest.raises(Refused) as caught:
        below(root(path_length=1), path_length=1)
    assert caught.value.message == "the CA root allows 1 level of CAs below it"


def test_the_path_length_is_judged_before_the_days() -> None:
    with pytest.raises(UsageError) as caught:
        below(root(), path_length=-1, days=100_000)
    assert caught.value.message == "--path-length -1 is not 0 or more"
    with pytest.raises(Refused) as refused:
        judge(root(), PROFILES["intermediate"], names("intermediate", name="x"), AT, 1, 1)
    assert refused.value.message == "the CA root allows 1 level of CAs below it"


def test_the_path_length_of_a_parent_counts_too() -> None:
    top = foreign(*ca_marks(1), (ski_of(), False), name="top")
    middle = foreign(*ca_marks(None), name="middle", parent=top)
    with pytest.raises(Refused) as caught:
        below(middle, name="bottom")
    assert caught.value.message == "the CA middle may have no CA below it"


def test_an_intermediate_inherits_and_may_be_constrained() -> None:
    top = root("server")
    one = below(top, constraints=Permitted(dns=["example.com"]))
    found = extensions(one.certificate)
    assert [eku.dotted_string for eku in found["ExtendedKeyUsage"][0]] == [SERVER_AUTH]
    assert found["NameConstraints"][1] is True
    assert one.certificate.subject.rfc4514_string() == "CN=middle"
    open_above = foreign(*ca_marks())
    assert below(open_above).ekus == (CLIENT_AUTH,)
    assert below(open_above, sign_requests=True).ekus == (CLIENT_AUTH, REQUEST_SIGNING_EKU)


def test_keys_that_sign_requests_only_where_that_was_asked_for() -> None:
    """Go parses no certificate with this EKU, and GnuTLS finds it good for nothing."""
    certificate = issue_root("CA", generate_key("p256"), AT, None, counting(), sign_requests=True)
    assert ekus_of(certificate) == (CLIENT_AUTH, REQUEST_SIGNING_EKU)
    top = foreign(*ca_marks(), (extensions(certificate)["ExtendedKeyUsage"][0], False))
    assert below(top).ekus == (CLIENT_AUTH,)
    middle = below(top, sign_requests=True)
    assert middle.ekus == (CLIENT_AUTH, REQUEST_SIGNING_EKU)
    with pytest.raises(Refused) as caught:
        below(root(), sign_requests=True)
    assert caught.value.message == "the certificate of the CA root allows no keys that sign requests"
    assert caught.value.hint == "name a --parent that was made with --sign-requests"


def test_an_intermediate_is_for_no_more_than_its_parent_is_used_for() -> None:
    def eku(*oids: str) -> tuple[x509.ExtensionType, bool]:
        return x509.ExtendedKeyUsage([x509.ObjectIdentifier(oid) for oid in oids]), False

    wide = foreign(*ca_marks(), eku(SERVER_AUTH, "1.3.6.1.5.5.7.3.4", CLIENT_AUTH))
    assert below(wide).ekus == (CLIENT_AUTH,)
    with pytest.raises(Refused) as caught:
        below(foreign(*ca_marks(), eku(SERVER_AUTH)))
    assert caught.value.message == f"the certificate of the CA foreign does not allow {CLIENT_AUTH}"


def test_an_intermediate_of_several_purposes_that_its_parent_has_not(monkeypatch: pytest.MonkeyPatch) -> None:
    top = root()
    monkeypatch.setitem(ISSUED_FOR, "client", ((CLIENT_AUTH, SERVER_AUTH), top.profiles))
    with pytest.raises(Refused) as caught:
        below(top)
    assert caught.value.message == f"the certificate of the CA root does not allow {CLIENT_AUTH}, {SERVER_AUTH}"


def test_the_key_identifier_of_an_issuer_that_names_none() -> None:
    top = foreign(*ca_marks())
    found = extensions(below(top).certificate)["AuthorityKeyIdentifier"][0]
    assert found == x509.AuthorityKeyIdentifier.from_issuer_public_key(top.certificate.public_key())  # type: ignore[arg-type]


# what a verifier would refuse


def test_a_root_that_verifiers_refuse() -> None:
    with pytest.raises(Refused) as caught:
        issue(foreign(*ca_marks(), parent=foreign(*ca_marks(), key_type="ed25519", name="top")))
    assert caught.value.message.startswith("a verifier would refuse it under the CA foreign: validation failed: ")
    assert "encountered" not in caught.value.message


def test_a_constraint_that_verifiers_cannot_judge() -> None:
    constraint = x509.NameConstraints([x509.UniformResourceIdentifier("example.com")], None)
    authority = foreign(*ca_marks(), (ski_of(), False), (constraint, True))
    verify_message = "a verifier would refuse it under the CA foreign: validation failed: "
    with pytest.raises(Refused) as caught:
        issue(authority, "client", ("uri", "https://example.com/a"))
    assert caught.value.message.startswith(verify_message)


def test_what_a_verifier_says_of_a_leaf_is_told_without_its_text() -> None:
    authority = root()
    one, late = issue(authority), AT + timedelta(days=7, seconds=1)
    with pytest.raises(Refused) as caught:
        issuing._judge_accepted(authority, one.certificate, PROFILES["client"], one.names, late)
    said = "validation failed: cert is not valid at validation time"
    assert caught.value.message == f"a verifier would refuse it under the CA root: {said}"


def test_a_key_that_is_not_the_certificates() -> None:
    one = root()
    authority = Authority("x", one.certificate, (), generate_key("p256"), "client", one.profiles)
    with pytest.raises(Refused) as caught:
        issue(authority, "intermediate")
    assert caught.value.message == "the key of the CA x is not the one of its certificate"
    with pytest.raises(Refused) as caught:
        issue(authority)
    assert caught.value.message.startswith("a verifier would refuse it under the CA x: ")


# scoped certificates

SCOPE = CertScope(AT.date(), ("us-east-1", "s3"))
SIGNS = (x509.ExtendedKeyUsage([x509.ObjectIdentifier(one) for one in (CLIENT_AUTH, REQUEST_SIGNING_EKU)]), False)
PERSON = (("email", "ada@example.com"),)


def signer(**more: Any) -> Authority:
    return foreign(*ca_marks(), SIGNS, **more)


def scoped(authority: Authority, scope: "CertScope | None" = SCOPE, **more: Any) -> Issued:
    given = {"at": AT, "days": None, **more}
    key, at, days = given.pop("key", KEYS["p256"]), given.pop("at"), given.pop("days")
    whom = Names(None, [San(*pair) for pair in PERSON])
    return issuing.issue_certificate(
        authority, PROFILES["scoped"], whom, key, at, days, counting(), name="ada", scope=scope, **given
    )


def accepted(authority: Authority, issued: Issued, at: Any = AT) -> str:
    between = [one.public_bytes(Encoding.DER) for one in authority.intermediates]
    anchors = [authority.root.public_bytes(Encoding.DER)]
    found = verify_path(
        issued.der, trust_anchors=anchors, intermediates=between, crls=(), at=at, purpose="sign-requests"
    )
    return str(found.scope)


def test_a_scoped_one_of_every_key_under_every_ca() -> None:
    for kind in ("p256", "p384", "rsa3072"):
        top = signer(key_type=kind)
        for authority in (top, below(top, key_type=kind, sign_requests=True), foreign(*ca_marks(), key_type=kind)):
            for key in KEYS.values():
                issued = scoped(authority, key=key)
                for at in (SCOPE.not_before, AT, SCOPE.not_after):
                    if at >= authority.certificate.not_valid_before_utc:
                        assert accepted(authority, issued, at) == "20261124/us-east-1/s3"


def test_a_scoped_one_as_a_whole() -> None:
    one = scoped(signer(), crl_urls=["http://example.com/a.crl"]).certificate
    assert (one.not_valid_before_utc, one.not_valid_after_utc) == (SCOPE.not_before, SCOPE.not_after)
    assert one.subject == x509.Name([])
    found = extensions(one)
    assert [(name, critical) for name, (_, critical) in found.items()] == [
        ("BasicConstraints", True),
        ("KeyUsage", True),
        ("ExtendedKeyUsage", False),
        ("UnrecognizedExtension", False),
        ("SubjectAlternativeName", True),
        ("CRLDistributionPoints", False),
        ("SubjectKeyIdentifier", False),
        ("AuthorityKeyIdentifier", False),
    ]
    assert [eku.dotted_string for eku in found["ExtendedKeyUsage"][0]] == [REQUEST_SIGNING_EKU]
    assert scope_of(one) == "20261124/us-east-1/s3"
    also = extensions(scoped(signer(), also_client=True).certificate)["ExtendedKeyUsage"][0]
    assert [eku.dotted_string for eku in also] == [REQUEST_SIGNING_EKU, CLIENT_AUTH]


def test_a_scoped_one_for_another_day() -> None:
    tomorrow = CertScope((AT + timedelta(days=1)).date(), ())
    issued = scoped(signer(), tomorrow)
    assert (issued.not_before, issued.not_after) == (tomorrow.not_before, tomorrow.not_after)
    assert scoped(signer(), at=SCOPE.not_after).not_before == SCOPE.not_before
    with pytest.raises(Refused) as caught:
        scoped(signer(), at=SCOPE.not_after + timedelta(seconds=1))
    assert caught.value.message == "the day of the scope 20261124/us-east-1/s3 is over"


def test_a_scoped_one_of_a_ca_that_began_in_the_middle_of_the_day() -> None:
    authority = signer(start=AT)
    issued = scoped(authority)
    assert issued.not_before < authority.certificate.not_valid_before_utc
    assert accepted(authority, issued) == "20261124/us-east-1/s3"


def test_scoped_ones_that_cannot_be() -> None:
    for given, message, hint in (
        ({"scope": None}, "the profile scoped needs a scope", "add --scope 20261123/us-east-1/s3"),
        ({"days": 1}, "a scoped certificate is valid on the day of its scope alone", "leave out --days"),
    ):
        with pytest.raises(UsageError) as caught:
            scoped(signer(), **given)
        assert (caught.value.message, caught.value.hint) == (message, hint)
    with pytest.raises(Refused, match="^the certificate of the CA foreign allows no keys that sign requests$"):
        scoped(foreign(*ca_marks(), (extensions(root().certificate)["ExtendedKeyUsage"][0], False)))
    eku = x509.ExtendedKeyUsage([x509.ObjectIdentifier(REQUEST_SIGNING_EKU)])
    for also_client in (True, False):
        authority = foreign(*ca_marks(), (eku, False))
        if also_client:
            with pytest.raises(Refused, match=f"^the certificate of the CA foreign does not allow {CLIENT_AUTH}$"):
                scoped(authority, also_client=True)
        else:
            assert accepted(authority, scoped(authority))


def test_a_ca_above_that_certifies_no_such_keys() -> None:
    """The CA itself may, and what stands above it does not let it; a verifier would refuse what it issues."""
    top = foreign(*ca_marks(), (extensions(root().certificate)["ExtendedKeyUsage"][0], False), name="top")
    middle = signer(parent=top)
    with pytest.raises(Refused) as caught:
        scoped(middle)
    assert caught.value.message == (
        "a verifier would refuse it under the CA foreign: the certificate is for another purpose: "
        "the trust anchor CN=top is for clientAuth, not for authkitRequestSigning"
    )


def test_a_scope_outside_those_of_the_cas_above() -> None:
    limit = (encode_scope("us-east-1"), False)
    top = foreign(*ca_marks(), SIGNS, limit)
    assert accepted(top, scoped(top))
    middle = below(top, sign_requests=True, permit_scope=("us-east-1", "s3"))
    assert scope_of(middle.certificate) == "us-east-1/s3"
    assert accepted(middle, scoped(middle))
    assert scope_of(below(top, sign_requests=True).certificate) is None
    for authority, parts, subject, allowed in (
        (top, ("eu-1", "s3"), "CN=foreign", "us-east-1"),
        (middle, ("us-east-1", "sqs"), "CN=middle", "us-east-1/s3"),
        (below(top, sign_requests=True), ("eu-1",), "CN=foreign", "us-east-1"),
    ):
        with pytest.raises(Refused) as caught:
            scoped(authority, CertScope(AT.date(), parts))
        assert caught.value.message.endswith(f" lies outside what the CA {subject} may certify")
        assert caught.value.hint == f"it is limited to {allowed}"
    with pytest.raises(Refused, match="^the scope eu-1 lies outside what the CA CN=foreign may certify$"):
        below(top, sign_requests=True, permit_scope=("eu-1",))
    made = issue_root("CA", generate_key("p256"), AT, None, counting(), sign_requests=True, permit_scope=("a", "b"))
    assert scope_of(made) == "a/b"


def test_a_scoped_one_never_outlives_its_ca() -> None:
    with pytest.raises(Refused) as caught:
        scoped(signer(), CertScope((AT + timedelta(days=400)).date(), ()))
    assert caught.value.hint == "name an earlier day, or make a new CA"
