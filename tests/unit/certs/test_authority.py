"""Does a CA come back from its store as it went in, and does a foreign path hold?"""

import pickle
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from authkit.certs import authority
from authkit.certs.authority import arrange, describe_authority, describe_pending, load_authority
from authkit.certs.profile import ANY_EKU, CLIENT_AUTH, KINDS, SERVER_AUTH
from authkit.certs.subject_key import encode_key, encode_public_key, fingerprint_of_key
from authkit.errors import InputError, Refused, StoreError
from authorities import AT, CA_USE, below, ca_marks, foreign, root


def test_what_a_store_says_of_a_root() -> None:
    one = root(days=10, kinds=("email",))
    found = describe_authority(one, AT)
    pem = one.certificate.public_bytes(Encoding.PEM).decode()
    assert found == {
        "kind": "ca",
        "type": "p256",
        "common_name": "root",
        "issued_for": "client",
        "profiles": ["client", "spiffe", "eap-tls", "roles-anywhere", "scoped", "intermediate"],
        "kinds": ["email"],
        "certificate": pem,
        "fingerprint": found["fingerprint"],
        "serial": f"{one.certificate.serial_number:x}",
        "not_before": "2026-11-24T08:55:00Z",
        "not_after": "2026-12-04T09:00:00Z",
        "created_at": "2026-11-24T09:00:00Z",
        "path_length": 1,
    }
    import hashlib

    assert found["fingerprint"] == hashlib.sha256(one.certificate.public_bytes(Encoding.DER)).hexdigest()


def test_what_a_store_says_of_an_intermediate() -> None:
    top = root("server", path_length=None, key_type="p384")
    one = below(top)
    found = describe_authority(one, AT, "top")
    assert found["parent"] == "top"
    assert (found["issued_for"], found["type"], found["path_length"]) == ("server", "p256", 0)
    assert found["certificate"] == authority.encode_certificates((one.certificate, top.certificate)).decode()
    assert "path_length" not in describe_authority(top, AT)
    assert "parent" not in describe_authority(top, AT)
    nameless = foreign(*ca_marks())
    nameless.certificate = _without_name()
    assert describe_authority(nameless, AT)["common_name"] == ""


def _without_name() -> x509.Certificate:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    empty = x509.Name([])
    builder = x509.CertificateBuilder(empty, empty, key.public_key(), 1, AT, AT + timedelta(days=1))
    return builder.add_extension(x509.BasicConstraints(True, None), True).sign(key, hashes.SHA256())


def test_a_ca_comes_back() -> None:
    top = root(path_length=2)
    one = below(top)
    key = encode_key(one.private_key)  # type: ignore[arg-type]
    again = load_authority(describe_authority(one, AT), key, "x")
    assert again.name == "x"
    assert (again.certificate, again.chain) == (one.certificate, (top.certificate,))
    assert (again.issued_for, again.profiles, again.kinds) == ("client", one.profiles, KINDS)
    assert encode_key(again.private_key) == key  # type: ignore[arg-type]
    assert load_authority(describe_authority(one, AT), None, "x").private_key is None
    assert load_authority(describe_authority(root(kinds=("dns", "email")), AT), None, "x").kinds == ("dns", "email")


def test_root_and_intermediates() -> None:
    top = root(path_length=2)
    middle = below(top, path_length=1)
    bottom = below(middle, name="bottom", days=20)
    assert (top.root, top.intermediates, top.path_length) == (top.certificate, (), 2)
    assert (middle.root, middle.intermediates, middle.path_length) == (top.certificate, (middle.certificate,), 1)
    assert bottom.intermediates == (bottom.certificate, middle.certificate)
    assert bottom.root == top.certificate
    assert bottom.ekus == (CLIENT_AUTH,)
    assert repr(bottom) == "<Authority bottom>"
    with pytest.raises(TypeError, match=r"^a CA cannot be pickled$"):
        pickle.dumps(bottom)


def test_ekus_of_others() -> None:
    def eku(*oids: str) -> tuple[x509.ExtensionType, bool]:
        return x509.ExtendedKeyUsage([x509.ObjectIdentifier(oid) for oid in oids]), False

    assert foreign(*ca_marks()).ekus == ()
    assert foreign(*ca_marks(), eku(SERVER_AUTH)).ekus == (SERVER_AUTH,)
    assert foreign(*ca_marks(), eku(SERVER_AUTH, ANY_EKU)).ekus == ()
    assert foreign(*ca_marks()).path_length is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"certificate": None}, "the CA x is damaged: certificate is missing"),
        ({"certificate": 7}, "the CA x is damaged: certificate is missing"),
        ({"certificate": "ä"}, "the CA x is damaged: x: not certificates in PEM that can be read"),
        ({"issued_for": None}, "the CA x is damaged: issued_for is missing"),
        ({"issued_for": "all"}, "the CA x is damaged: issued_for is neither client nor server"),
        ({"profiles": None}, "the CA x is damaged: profiles is not a list of what it can be"),
        ({"profiles": ["root"]}, "the CA x is damaged: profiles is not a list of what it can be"),
        ({"profiles": [7]}, "the CA x is damaged: profiles is not a list of what it can be"),
        ({"kinds": "email"}, "the CA x is damaged: kinds is not a list of what it can be"),
        ({"kinds": ["mail"]}, "the CA x is damaged: kinds is not a list of what it can be"),
    ],
)
def test_a_damaged_entry(change: dict[str, Any], message: str) -> None:
    metadata = {**describe_authority(root(), AT), **change}
    with pytest.raises(StoreError) as caught:
        load_authority({name: value for name, value in metadata.items() if value is not None}, None, "x")
    assert caught.value.message == message


def test_a_key_that_is_not_its_own() -> None:
    metadata = describe_authority(root(), AT)
    with pytest.raises(StoreError) as caught:
        load_authority(metadata, encode_key(root().private_key), "x")  # type: ignore[arg-type]
    assert caught.value.message == "the CA x is damaged: its key is not the one of its certificate"
    with pytest.raises(StoreError) as caught:
        load_authority(metadata, b"", "x")
    assert caught.value.message == "the CA x is damaged: x: not a private key in PEM"


def test_what_a_store_says_of_a_ca_without_certificate() -> None:
    assert describe_pending("p384", "CA", "server", ["dns"], "-----PEM", AT) == {
        "kind": "ca",
        "type": "p384",
        "common_name": "CA",
        "issued_for": "server",
        "profiles": ["server", "intermediate"],
        "kinds": ["dns"],
        "public_key": "-----PEM",
        "created_at": "2026-11-24T09:00:00Z",
    }


def test_reading_certificates() -> None:
    one = root().certificate
    pem = authority.encode_certificates([one])
    assert pem == one.public_bytes(Encoding.PEM)
    assert authority.encode_certificates([one, one]) == pem + pem
    assert authority.load_certificates(pem * 16, "x") == [one] * 16
    for data, message in (
        (pem * 17, "x: more than 16 certificates"),
        (b"", "x: not certificates in PEM that can be read"),
        (pem.replace(b"A", b"B"), "x: not certificates in PEM that can be read"),
    ):
        with pytest.raises(InputError) as caught:
            authority.load_certificates(data, "x")
        assert caught.value.message == message


# a path that a parent elsewhere made


def public(one: authority.Authority) -> str:
    return encode_public_key(one.certificate.public_key())


def test_a_path_in_any_order_with_others_among_it() -> None:
    top = root(path_length=2)
    middle = below(top, path_length=1)
    bottom = below(middle, name="bottom", days=20)
    stray = root(name="root")  # of the same name, and another key
    files = [stray.certificate, top.certificate, bottom.certificate, middle.certificate]
    assert arrange(files, public(bottom), CLIENT_AUTH) == [bottom.certificate, middle.certificate, top.certificate]
    assert arrange([top.certificate], public(top), CLIENT_AUTH) == [top.certificate]


def refused(files: list[x509.Certificate], one: authority.Authority, eku: str = CLIENT_AUTH) -> tuple[str, str | None]:
    with pytest.raises(Refused) as caught:
        arrange(files, public(one), eku)
    return caught.value.message, caught.value.hint


def test_paths_that_do_not_hold() -> None:
    top = root()
    middle = below(top)
    assert refused([top.certificate], middle) == (
        "none of the certificates is of the key of this CA",
        "give the one that was made from its --csr",
    )
    assert refused([middle.certificate, root().certificate], middle) == (
        "the certificate of CN=root is missing, so the path does not reach a root",
        "add the certificates above it with --certificate",
    )
    assert refused([middle.certificate, top.certificate], middle, SERVER_AUTH) == (
        f"the certificate of CN=middle does not allow {SERVER_AUTH}",
        None,
    )


@pytest.mark.parametrize(
    "marks",
    [
        [],
        [(x509.BasicConstraints(True, None), True)],
        [(CA_USE, True)],
        [(x509.BasicConstraints(False, None), True), (CA_USE, True)],
        [
            (x509.BasicConstraints(True, None), True),
            (x509.KeyUsage(True, False, False, False, False, False, True, False, False), True),
        ],
    ],
)
def test_a_path_through_what_is_no_ca(marks: list[tuple[x509.ExtensionType, bool]]) -> None:
    top = foreign(*marks, name="top")
    middle = foreign(*ca_marks(), name="middle", parent=top)
    message = "the certificate of CN=top is not one of a CA"
    assert refused([middle.certificate, top.certificate], middle) == (message, None)


def test_a_ca_without_a_name() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    empty = x509.Name([])
    builder = x509.CertificateBuilder(empty, empty, key.public_key(), 1, AT, AT + timedelta(days=1))
    for extension, critical in ca_marks():
        builder = builder.add_extension(extension, critical)
    one = builder.sign(key, hashes.SHA256())
    with pytest.raises(Refused) as caught:
        arrange([one], encode_public_key(key.public_key()), CLIENT_AUTH)
    message = "the certificate of this CA has an empty subject, by which nothing that it issues can be verified"
    assert caught.value.message == message


def test_what_will_be_in_the_way_of_a_ca() -> None:
    top = root()
    one = below(top, days=1)
    path = [one.certificate, top.certificate]
    first, last = one.certificate.not_valid_before_utc, one.certificate.not_valid_after_utc
    assert (authority.doubts_of(path, first), authority.doubts_of(path, last)) == ([], [])
    second = timedelta(seconds=1)
    assert authority.doubts_of(path, first - second) == ["it is not valid at 2026-11-24T08:54:59Z"]
    assert authority.doubts_of(path, last + second) == ["it is not valid at 2026-11-25T09:00:01Z"]
    no_lists = x509.KeyUsage(False, False, False, False, False, True, False, False, False)
    other = foreign((x509.BasicConstraints(True, 0), True), (no_lists, True), name="root", parent=top)
    assert authority.doubts_of([other.certificate, top.certificate], AT) == [
        "its subject is that of a CA above it, which verifiers may take for one CA",
        "its key usage lacks cRLSign, so it cannot issue CRLs",
    ]


def test_an_ed25519_root_is_followed() -> None:
    top = foreign(*ca_marks(), key_type="ed25519")
    assert arrange([top.certificate], public(top), CLIENT_AUTH) == [top.certificate]
    assert len(fingerprint_of_key(top.certificate.public_key())) == 64
