"""Is everything called what others call it?"""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import ObjectIdentifier
from cryptography.x509 import oid as pyca

from authkit.certs import oids

UNNAMED = "Unknown OID"
# where pyca gives a long name, or one of its own, and RFC 4514, RFC 5280 or OpenSSL another
OTHERWISE = {
    "commonName": "CN",
    "countryName": "C",
    "localityName": "L",
    "stateOrProvinceName": "ST",
    "streetAddress": "STREET",
    "organizationName": "O",
    "organizationalUnitName": "OU",
    "surname": "SN",
    "givenName": "GN",
    "userID": "UID",
    "domainComponent": "DC",
    "jurisdictionCountryName": "jurisdictionC",
    "jurisdictionLocalityName": "jurisdictionL",
    "jurisdictionStateOrProvinceName": "jurisdictionST",
    "extendedKeyUsage": "extKeyUsage",
    "signedCertificateTimestampList": "signedCertificateTimestamps",
    "ctPoison": "precertificatePoison",
}
PAIRS = (
    (pyca.NameOID, oids.NAME_PARTS),
    (pyca.ExtendedKeyUsageOID, oids.PURPOSES),
    (pyca.ExtensionOID, oids.EXTENSIONS),
    (pyca.SignatureAlgorithmOID, oids.SIGNATURES),
)


# as the documents that define them say, one table after the other; the digits that all begin with stand before
PYCA_HAS_NOT = {
    "2.5.4.": "13 description, 20 telephoneNumber, 43 initials, 97 organizationIdentifier",
    "1.2.840.113549.1.9.": "8 unstructuredAddress",
    "1.3.6.1.5.5.7.3.": "5 ipsecEndSystem, 6 ipsecTunnel, 7 ipsecUser, 13 eapOverPPP, 14 eapOverLAN, 17 ipsecIKE, "
    "21 secureShellClient, 22 secureShellServer, 36 documentSigning",
    "1.3.6.1.5.2.3.": "4 pkinitClientAuth",
    "1.3.6.1.4.1.311.10.3.": "4 msEFS, 12 msDocumentSigning",
    "1.3.6.1.4.1.11129.2.4.": "4 certificateTransparency",
    "2.16.840.1.113730.": "4.1 nsServerGatedCrypto, 1.1 nsCertType, 1.13 nsComment",
    "2.25.": "8180147436450559481466210480665703734 authkitRequestSigning, "
    "48901464700541601157577263218296215986 authkitScope",
    "2.5.29.": "37.0 anyExtendedKeyUsage, 21 cRLReason, 24 invalidityDate, 29 certificateIssuer",
    "1.3.6.1.5.5.7.": "1.3 qcStatements, 6.36 unsigned",
    "1.3.6.1.4.1.311.": "20.2 msCertificateType, 21.1 msCaVersion, 21.10 msApplicationPolicies, "
    "25.2 msSecurityIdentifier",
    "1.2.840.113549.1.1.": "2 md2WithRSAEncryption, 3 md4WithRSAEncryption",
    "1.3.14.3.2.": "29 sha1WithRSAEncryption",
    "2.16.840.1.101.3.4.3.": "13 sha3-224WithRSAEncryption, 14 sha3-256WithRSAEncryption, "
    "15 sha3-384WithRSAEncryption, 16 sha3-512WithRSAEncryption, 3 dsa-with-SHA384, 4 dsa-with-SHA512, "
    "9 ecdsa-with-SHA3-224, 10 ecdsa-with-SHA3-256, 11 ecdsa-with-SHA3-384, 12 ecdsa-with-SHA3-512",
}
REST = {start + row.split()[0]: row.split()[1] for start, rows in PYCA_HAS_NOT.items() for row in rows.split(", ")}


def named(theirs: type) -> "dict[str, str]":
    """The object identifiers in a class of pyca's to which it gives a name."""
    values = [value for value in vars(theirs).values() if isinstance(value, ObjectIdentifier)]
    return {value.dotted_string: value._name for value in values if value._name != UNNAMED}


@pytest.mark.parametrize(("theirs", "ours"), PAIRS)
def test_names_as_pyca_or_their_documents_have_them(theirs: type, ours: "dict[str, str]") -> None:
    known = named(theirs)
    assert len(known.keys() & ours) >= 8
    for dotted, name in ours.items():
        if dotted in known:
            assert name.lower() == OTHERWISE.get(known[dotted], known[dotted]).lower()
        else:
            assert (dotted, name) == (dotted, REST.get(dotted))


def test_how_names_are_spelled() -> None:
    spelled = [name for table in (oids.NAME_PARTS, oids.PURPOSES, oids.EXTENSIONS) for name in table.values()]
    assert [name for name in spelled if name in OTHERWISE] == []
    assert {"serialNumber", "emailAddress", "clientAuth", "OCSPSigning", "cRLNumber", "extKeyUsage"} <= set(spelled)


def test_keys_and_curves_are_those_that_pyca_means() -> None:
    keys = {
        value.dotted_string: name.lower().replace("_", "-")
        for name, value in vars(pyca.PublicKeyAlgorithmOID).items()
        if isinstance(value, ObjectIdentifier)
    }
    kinds = {"ec-public-key": "ec", "rsaes-pkcs1-v1-5": "rsa", "rsassa-pss": "rsa"}
    for dotted, (kind, _) in oids.KEYS.items():
        assert kind == kinds.get(keys[dotted], keys[dotted])
    curves = {
        value.dotted_string: name.lower()
        for name, value in vars(ec.EllipticCurveOID).items()
        if isinstance(value, ObjectIdentifier)
    }
    for dotted, (kind, bits) in oids.CURVES.items():
        assert curves[dotted] == (f"secp{bits}r1" if kind == f"p{bits}" else kind.lower())


def test_hashes_and_single_identifiers() -> None:
    assert {
        "1.2.840.113549.2.5": "md5",
        "1.3.14.3.2.26": "sha1",
        **{f"2.16.840.1.101.3.4.2.{arc}": f"sha{bits}" for arc, bits in ((1, 256), (2, 384), (3, 512), (4, 224))},
    } == oids.HASHES
    assert pyca.AuthorityInformationAccessOID.OCSP.dotted_string == oids.OCSP
    microsoft = "1.3.6.1.4.1.311."
    assert [microsoft + end for end in ("20.2.3", "25.2", "25.2.1")] == [oids.UPN, oids.SID_EXTENSION, oids.SID_NAME]


def test_no_name_stands_for_two_things() -> None:
    for table in (oids.NAME_PARTS, oids.PURPOSES, oids.EXTENSIONS, oids.KEYS, oids.CURVES, oids.HASHES):
        values = [value for value in table.values() if value != ("rsa", 0)]
        assert len(set(values)) == len(values)


def test_curves_are_of_the_size_that_pyca_gives_them() -> None:
    known = 0
    for dotted, (name, bits) in oids.CURVES.items():
        try:
            curve = ec.get_curve_for_oid(ObjectIdentifier(dotted))
        except LookupError:
            continue
        known += 1
        assert curve.key_size == bits
        assert str(bits) in name or name == f"p{bits}"
    assert known >= 7


def test_keys_of_one_size_have_it() -> None:
    sizes = {name: bits for name, bits in oids.KEYS.values() if bits}
    assert sizes == {
        "x25519": 256,
        "x448": 448,
        "ed25519": 256,
        "ed448": 456,
        "ml-dsa-44": 8 * 1312,
        "ml-dsa-65": 8 * 1952,
        "ml-dsa-87": 8 * 2592,
    }


def test_what_rfc_5280_has_a_verifier_process() -> None:
    assert {oids.EXTENSIONS[dotted] for dotted in oids.PROCESSED} == {
        "subjectKeyIdentifier",
        "keyUsage",
        "subjectAltName",
        "issuerAltName",
        "basicConstraints",
        "nameConstraints",
        "cRLDistributionPoints",
        "certificatePolicies",
        "policyMappings",
        "authorityKeyIdentifier",
        "policyConstraints",
        "extKeyUsage",
        "freshestCRL",
        "inhibitAnyPolicy",
        "authorityInfoAccess",
        "subjectInfoAccess",
    }
