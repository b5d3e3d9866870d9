"""Is it said rightly what a certificate works for, and every reason why not?"""

from typing import Any

import pytest

from authkit.certs.describe import Described
from authkit.certs.works import PURPOSES, against_all, works_for
from described import AT, SECOND, ca, client, named, root, without

NO_SERVER = "its EKU lacks serverAuth; its SAN holds no host name"
NO_MAIL = "its EKU lacks emailProtection"
NO_CODE = "its EKU lacks codeSigning"
NO_CA = "its basicConstraints do not say that it is a CA; its key usage lacks keyCertSign"
NO_UPN = "its SAN holds no UPN (of a person) and no host name (of a machine)"
NO_SID = "it carries no security identifier, which domain controllers ask for since September 2025"
NO_SUBJECT = "its subject is empty, which NPS refuses"
NO_URI = "its SAN holds no URI, where there must be one"
NO_CN = "without a common name, there is no source identity"


def answers(one: Described) -> "dict[str, tuple[bool, str]]":
    return {answer.purpose: (answer.ok, answer.why) for answer in works_for(one, AT)}


def answer(one: Described, purpose: str) -> "tuple[bool, str]":
    return answers(one)[purpose]


def test_a_client_certificate() -> None:
    assert answers(client()) == {
        "client": (True, ""),
        "server": (False, NO_SERVER),
        "email": (False, NO_MAIL),
        "code": (False, NO_CODE),
        "ca": (False, NO_CA),
        "wifi": (True, ""),
        "wifi-windows": (False, f"{NO_UPN}; {NO_SID}; {NO_SUBJECT}"),
        "roles-anywhere": (True, NO_CN),
        "spiffe": (False, NO_URI),
    }


def test_every_purpose_is_answered_in_order() -> None:
    assert [answer.purpose for answer in works_for(client(), AT)] == list(PURPOSES)
    assert repr(works_for(client(), AT)[0]) == "<Answer client yes>"
    assert repr(works_for(client(), AT)[1]) == "<Answer server no>"


# what stands against everything
@pytest.mark.parametrize(
    ("one", "wanted"),
    [
        (client(), []),
        (client(not_after=AT), []),
        (client(not_after=AT - SECOND), ["it expired on 2026-11-24T08:59:59Z"]),
        (client(not_before=AT), []),
        (client(not_before=AT + SECOND), ["it is not valid before 2026-11-24T09:00:01Z"]),
        (client(not_before=None), ["its validity cannot be read"]),
        (client(not_after=None), ["its validity cannot be read"]),
        (client(x509=None), ["verifiers cannot read it"]),
        (client(faults=[("certificate", "is odd")]), ["verifiers cannot read it"]),
        (client(version=1), ["it is not of version 3"]),
        (client(version=0, faults=[("version", "is odd")]), ["it is not of version 3"]),
        (
            client(faults=[("keyUsage", "is odd"), ("subject", "is odd"), ("keyUsage", "stands twice")]),
            ["its keyUsage, subject cannot be read or breaks the rules"],
        ),
        (client(critical_unknown=["1.2.3", "1.2.4"]), ["a critical extension is unknown (1.2.3, 1.2.4)"]),
        (
            client(critical_unknown=["1." + "2" * 60, "1." + "3" * 60]),
            [f"a critical extension is unknown (1.{'2' * 60}, 1.{'3' * 14})"],
        ),
        (client(key={"type": "rsa1024", "bits": 1024}), ["the RSA key is shorter than 2048 bits"]),
        (client(key={"type": "rsa2048", "bits": 2048}), []),
        (
            client(signature_algorithm="sha1WithRSAEncryption"),
            ["the signature uses SHA-1, for which collisions are made"],
        ),
        (root(signature_algorithm="sha1WithRSAEncryption"), []),
        (
            client(not_after=AT - SECOND, x509=None, key={"type": "x25519", "bits": 256}),
            [
                "it expired on 2026-11-24T08:59:59Z",
                "verifiers cannot read it",
                "the key is for key agreement and cannot sign",
            ],
        ),
    ],
)
def test_what_stands_against_everything(one: Described, wanted: "list[str]") -> None:
    assert against_all(one, AT) == wanted
    for found in works_for(one, AT):
        assert found.why.startswith("; ".join(wanted))
        assert not (wanted and found.ok)


CASES: "list[tuple[str, dict[str, Any], bool, str]]" = [
    # client
    ("client", {"eku": ["serverAuth"]}, False, "its EKU lacks clientAuth"),
    (
        "client",
        {"eku": ["anyExtendedKeyUsage"]},
        False,
        "its EKU lacks clientAuth (many verifiers do not take 'any' for it)",
    ),
    ("client", {"eku": ["anyExtendedKeyUsage", "clientAuth"]}, True, ""),
    (
        "client",
        {"eku": [], "extensions": without("extKeyUsage")},
        True,
        "without EKU, Windows and .NET do not offer it",
    ),
    ("client", {"eku": []}, False, "its EKU lacks clientAuth"),
    ("client", {"key_usage": ["keyAgreement"]}, False, "its key usage lacks digitalSignature"),
    ("client", {"key_usage": [], "extensions": without("keyUsage")}, True, ""),
    ("client", {"san": []}, False, "it names nobody"),
    ("client", {"san": [], **named("alice")}, True, "without a SAN, only where servers read the subject"),
    (
        "client",
        {"key_usage": ["digitalSignature", "keyCertSign"]},
        False,
        "its key usage has keyCertSign, which is for CAs",
    ),
    ("client", {"key": {"type": "p224"}}, True, "few TLS programs know its curve"),
    ("client", {"key": {"type": "secp256k1"}}, True, "few TLS programs know its curve"),
    ("wifi", {"key": {"type": "brainpoolP256r1"}}, True, "few TLS programs know its curve"),
    (
        "client",
        {"signature_algorithm": "sha224WithRSAEncryption"},
        True,
        "few verifiers take its signature algorithm",
    ),
    ("client", {"signature_algorithm": "ecdsa-with-SHA3-256"}, True, "few verifiers take its signature algorithm"),
    (
        "client",
        {"extensions": without("authorityKeyIdentifier"), "aki": None},
        True,
        "strict verifiers ask for an authority key identifier",
    ),
    (
        "client",
        {"extensions": without("authorityKeyIdentifier"), "aki": None, **named("a"), "issuer_der": b"a"},
        True,
        "",
    ),
    (
        "wifi",
        {"key_usage": ["digitalSignature", "keyCertSign"]},
        False,
        "its key usage has keyCertSign, which is for CAs",
    ),
    ("wifi", {"key_usage": ["keyAgreement"]}, False, "its key usage lacks digitalSignature"),
    ("wifi", {"san": []}, False, "it names nobody"),
    # server
    ("server", {"eku": ["serverAuth"], "san": ["dns:a.example"]}, True, ""),
    ("server", {"eku": ["serverAuth"], "san": ["ip:192.0.2.1"]}, True, ""),
    (
        "server",
        {"eku": ["serverAuth"], "san": ["ip:192.0.2.1"], "key_usage": ["digitalSignature", "keyCertSign"]},
        False,
        "its key usage has keyCertSign, which is for CAs",
    ),
    ("server", {"eku": ["serverAuth"], "san": ["ip:2001:db8::1"]}, True, ""),
    ("server", {"eku": ["serverAuth"]}, False, "its SAN holds no host name"),
    ("server", {"eku": ["serverAuth"], "san": ["dns:a\0b.example"]}, False, "its SAN holds no host name"),
    ("server", {"eku": ["serverAuth"], "san": ["dns:a.example"], "key_usage": ["keyEncipherment"]}, True, ""),
    (
        "server",
        {"eku": ["serverAuth"], "san": ["dns:a.example"], "key_usage": ["keyAgreement"]},
        False,
        "its key usage lacks digitalSignature and keyEncipherment",
    ),
    (
        "server",
        {"eku": ["serverAuth"], "san": ["dns:a.example"], "key": {"type": "ed25519"}},
        True,
        "browsers take no Ed25519 or Ed448",
    ),
    ("server", {"eku": ["serverAuth"], "san": ["dns:a.example"], "key": None}, True, ""),
    # mail
    ("email", {"eku": ["emailProtection"]}, True, ""),
    ("email", {"eku": ["emailProtection"], "san": ["upn:a@b"]}, False, "its SAN holds no mail address"),
    ("email", {"eku": ["emailProtection"], "key_usage": ["nonRepudiation"]}, True, ""),
    ("email", {"eku": ["emailProtection"], "key_usage": ["keyEncipherment"]}, True, ""),
    ("email", {"eku": ["emailProtection"], "key_usage": ["keyAgreement"]}, True, ""),
    (
        "email",
        {"eku": ["emailProtection"], "key_usage": ["cRLSign"]},
        False,
        "its key usage lacks digitalSignature and nonRepudiation and keyEncipherment and keyAgreement",
    ),
    ("email", {"eku": ["emailProtection"], "san": ["email:alice"]}, False, "its SAN holds no mail address"),
    ("email", {"eku": ["emailProtection"], "san": ["dns:alice@example.com"]}, False, "its SAN holds no mail address"),
    # code
    ("code", {"eku": ["codeSigning"]}, True, ""),
    ("code", {"eku": [], "extensions": without("extKeyUsage")}, False, NO_CODE),
    ("code", {"eku": ["codeSigning"], "key_usage": ["cRLSign"]}, False, "its key usage lacks digitalSignature"),
    # Wi-Fi
    ("wifi", {"san": [], **named("alice")}, True, "without a SAN, only where servers read the subject"),
    ("wifi", {"eku": [], "extensions": without("extKeyUsage")}, True, ""),
    (
        "wifi",
        {"eku": [], "extensions": without("extKeyUsage"), "san": [], **named("al")},
        True,
        "without a SAN, only where servers read the subject",
    ),
    ("wifi", {"eku": ["serverAuth"]}, False, "its EKU lacks clientAuth"),
    ("wifi-windows", {"san": ["upn:a@b"], "sid": "S-1-5-21-1", **named("a")}, True, ""),
    ("wifi-windows", {"san": ["dns:pc.example"], "sid": "S-1-5-21-1", **named("a")}, True, ""),
    ("wifi-windows", {"san": ["upn:a"], "sid": "S-1-5-21-1", **named("a")}, False, NO_UPN),
    ("wifi-windows", {"san": ["upn:a@b"], **named("a")}, False, NO_SID),
    ("wifi-windows", {"san": ["upn:a@b"], "sid": "S-1-5-21-1"}, False, NO_SUBJECT),
    (
        "wifi-windows",
        {"san": ["upn:a@b"], "sid": "S-1-5-21-1", **named("a"), "key": {"type": "ed25519"}},
        False,
        "Windows takes only RSA and NIST curves",
    ),
    (
        "wifi-windows",
        {"san": ["upn:a@b"], "sid": "S-1-5-21-1", **named("a"), "key": {"type": "rsa3072", "bits": 3072}},
        True,
        "",
    ),
    (
        "wifi-windows",
        {"san": ["upn:a@b"], "sid": "S-1", **named("a"), "eku": [], "extensions": without("extKeyUsage")},
        False,
        "its EKU lacks clientAuth, which Windows asks for by name",
    ),
    (
        "wifi-windows",
        {"san": ["upn:a@b"], "sid": "S-1", **named("a"), "key_usage": ["keyAgreement"]},
        False,
        "its key usage lacks digitalSignature",
    ),
    # IAM Roles Anywhere
    ("roles-anywhere", named("alice"), True, ""),
    ("roles-anywhere", {"eku": ["serverAuth"], **named("alice")}, True, ""),
    (
        "roles-anywhere",
        {"key_usage": [], "extensions": without("keyUsage")},
        False,
        "its key usage lacks digitalSignature",
    ),
    ("roles-anywhere", {"extensions": without("basicConstraints")}, False, "it has no basicConstraints"),
    ("roles-anywhere", {"key": {"type": "ed25519"}}, False, "AWS takes only RSA, NIST curves and ML-DSA"),
    ("roles-anywhere", {"key": {"type": "ml-dsa-65"}}, True, NO_CN),
    ("roles-anywhere", {"key": {"type": "p521"}}, True, NO_CN),
    ("roles-anywhere", {"key": {"type": "rsa3072", "bits": 3072}}, True, NO_CN),
    (
        "roles-anywhere",
        {"signature_algorithm": "ecdsa-with-SHA224"},
        False,
        "AWS takes only signatures with SHA-256 or better",
    ),
    ("roles-anywhere", {"signature_algorithm": "ed25519"}, False, "AWS takes no signature with Ed25519 or Ed448"),
    ("roles-anywhere", {"der": bytes(16384)}, True, NO_CN),
    ("roles-anywhere", {"der": bytes(16385)}, False, "it is larger than 16 KiB"),
    # SPIFFE
    ("spiffe", {"san": ["uri:spiffe://example.org/a"]}, True, "as a client; the standard names serverAuth too"),
    ("spiffe", {"san": ["uri:spiffe://example.org/a", "dns:b"], "eku": ["clientAuth", "serverAuth"]}, True, ""),
    ("spiffe", {"san": ["uri:spiffe://example.org/a"], "eku": [], "extensions": without("extKeyUsage")}, True, ""),
    ("spiffe", {"san": ["uri:spiffe://example.org/a"], "eku": ["serverAuth"]}, False, "its EKU lacks clientAuth"),
    ("spiffe", {"san": ["uri:spiffe://example.org"]}, False, "its SPIFFE ID breaks SPIFFE's rules"),
    ("spiffe", {"san": ["uri:urn:example:a"]}, False, "its URI is not spiffe://…"),
    (
        "spiffe",
        {"san": ["uri:spiffe://example.org/a", "uri:urn:a:b"]},
        False,
        "its SAN holds 2 URIs, where there must be one",
    ),
    (
        "spiffe",
        {"san": ["uri:spiffe://example.org/a"], "key_usage": ["keyCertSign", "cRLSign"]},
        False,
        "its key usage lacks digitalSignature; its key usage has keyCertSign and cRLSign",
    ),
]


@pytest.mark.parametrize(("purpose", "changes", "ok", "why"), CASES)
def test_answers(purpose: str, changes: "dict[str, Any]", ok: bool, why: str) -> None:
    assert answer(client(**changes), purpose) == (ok, why)


def test_most_cases_are_refusals() -> None:
    assert sum([not ok for _, _, ok, _ in CASES]) >= len(CASES) // 2


def test_a_ca_works_for_nothing_else() -> None:
    found = answers(ca())
    assert found["ca"] == (True, "for leaves only; for clientAuth")
    for purpose in PURPOSES:
        if purpose != "ca":
            assert not found[purpose][0]
            assert found[purpose][1].startswith("it is a CA's, not a leaf")
    assert found["client"][1] == "it is a CA's, not a leaf; its key usage lacks digitalSignature"


@pytest.mark.parametrize(
    ("one", "ok", "why"),
    [
        (root(), True, ""),
        (root(path_length=1), True, ""),
        (root(eku=["clientAuth", "serverAuth"]), True, "for clientAuth, serverAuth"),
        (root(key={"type": "ed25519", "bits": 256}), True, "pyca's verifier refuses CAs with this kind of key"),
        (ca(eku=[]), True, "for leaves only"),
        (ca(key_usage=[], extensions=without("keyUsage")), True, "for leaves only; for clientAuth"),
        (ca(key_usage=["cRLSign"]), False, "its key usage lacks keyCertSign"),
        (root(is_ca=False), False, "its basicConstraints do not say that it is a CA"),
        (root(not_after=AT - SECOND), False, "it expired on 2026-11-24T08:59:59Z"),
    ],
)
def test_a_ca(one: Described, ok: bool, why: str) -> None:
    assert answer(one, "ca") == (ok, why)
