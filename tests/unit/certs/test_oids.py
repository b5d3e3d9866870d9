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


@pytest.mark.parametrize(("theirs", "ours"), PAIRS)
def test_names_as_pyca_has_them(theirs: type, ours: "dict[str, str]") -> None:
    compared = 0
    for value in vars(theirs).values():
        if isinstance(value, ObjectIdentifier) and value._name != UNNAMED and value.dotted_string in ours:
            compared += 1
            assert ours[value.dotted_string].lower() == OTHERWISE.get(value._name, value._name).lower()
    assert compared >= 8


def test_names_that_pyca_has_not() -> None:
    rest = {
        oids.NAME_PARTS["2.5.4.97"]: "organizationIdentifier",
        oids.NAME_PARTS["2.5.4.43"]: "initials",
        oids.PURPOSES["2.5.29.37.0"]: "anyExtendedKeyUsage",
        oids.PURPOSES["1.3.6.1.5.5.7.3.17"]: "ipsecIKE",
        oids.PURPOSES["1.3.6.1.5.5.7.3.14"]: "eapOverLAN",
        oids.EXTENSIONS["1.3.6.1.4.1.311.25.2"]: "msSecurityIdentifier",
        oids.SIGNATURES["1.2.840.113549.1.1.2"]: "md2WithRSAEncryption",
        oids.SIGNATURES["1.3.14.3.2.29"]: "sha1WithRSAEncryption",
        oids.SIGNATURES["2.16.840.1.101.3.4.3.10"]: "ecdsa-with-SHA3-256",
    }
    assert {ours: theirs for ours, theirs in rest.items() if ours != theirs} == {}


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
