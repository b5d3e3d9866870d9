"""Does a certificate say all that can be read of it, and what cannot?"""

import json
from datetime import datetime, timezone
from hashlib import sha1, sha256
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from authkit.certs.describe import FIELDS, Described, as_json, describe
from rawcert import ALGORITHM, AT, common_name, der, extension, made, name, oid, part, raw, seq, spki, tlv

UTC = timezone.utc
DER_FORM = "is not DER of the right form"
SAN = extension("2.5.29.17", seq(tlv(0x82, b"a.example")))


def test_a_sound_certificate() -> None:
    certificate = made(
        (x509.BasicConstraints(False, None), True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), False),
        (x509.SubjectAlternativeName([x509.RFC822Name("alice@example.com")]), False),
        serial=0xABCDEF,
    )
    found = describe(der(certificate))
    assert found.faults == []
    assert found.x509 == certificate
    assert found.der == der(certificate)
    assert found.sha256 == sha256(der(certificate)).hexdigest()
    assert found.sha1 == sha1(der(certificate)).hexdigest()
    assert found.spki_sha256 == sha256(spki()).hexdigest()
    assert (found.subject, found.subject_parts, found.subject_der) == (
        "CN=alice",
        (("CN", "alice"),),
        common_name("alice"),
    )
    assert (found.issuer, found.issuer_parts, found.issuer_der) == (
        "CN=Issuer",
        (("CN", "Issuer"),),
        common_name("Issuer"),
    )
    assert found.serial == "abcdef"
    assert found.version == 3
    assert (found.not_before, found.not_after) == (AT, datetime(2026, 12, 1, 9, 0, tzinfo=UTC))
    assert found.key == {"type": "p256", "bits": 256}
    assert found.signature_algorithm == "ecdsa-with-SHA256"
    assert found.eku == ["clientAuth"]
    assert found.san == ["email:alice@example.com"]
    assert found.extensions == [("basicConstraints", True), ("extKeyUsage", False), ("subjectAltName", False)]


def test_as_json() -> None:
    certificate = made((x509.SubjectAlternativeName([x509.RFC822Name("alice@example.com")]), True))
    found = as_json(describe(der(certificate)))
    assert json.loads(json.dumps(found)) == found
    assert found == {
        "sha256": sha256(der(certificate)).hexdigest(),
        "sha1": sha1(der(certificate)).hexdigest(),
        "spki_sha256": sha256(spki()).hexdigest(),
        "subject": "CN=alice",
        "issuer": "CN=Issuer",
        "serial": "1092",
        "version": 3,
        "not_before": "2026-11-24T09:00:00Z",
        "not_after": "2026-12-01T09:00:00Z",
        "san": ["email:alice@example.com"],
        "eku": [],
        "key_usage": [],
        "key": {"type": "p256", "bits": 256},
        "signature_algorithm": "ecdsa-with-SHA256",
        "is_ca": False,
        "path_length": None,
        "ski": None,
        "aki": None,
        "aia": [],
        "crl_urls": [],
        "policies": [],
        "name_constraints": None,
        "sid": None,
        "scope": None,
        "extensions": [{"name": "subjectAltName", "critical": True}],
        "critical_unknown": [],
        "faults": [],
    }


def test_what_was_not_read_is_null_in_json() -> None:
    found = as_json(describe(raw(validity=seq(tlv(23, b"x"), tlv(23, b"y")), serial=tlv(2))))
    assert found["not_before"] is None
    assert found["not_after"] is None
    assert found["serial"] == ""
    assert {"field": "serial", "message": "is not a number"} in found["faults"]  # type: ignore[operator]


def test_the_sample_without_faults_has_none() -> None:
    found = describe(raw(SAN))
    assert found.faults == []
    assert found.x509 is not None
    assert found.san == ["dns:a.example"]


NOT_READ = ("certificate", DER_FORM)
NO_VERSION_1, NO_VERSION_3 = [("certificate", f"cannot be read ({n} is not a valid X509 version)") for n in (1, 3)]
VERSION = ("version", "is not 1, 2 or 3")
MISSING = [(field, "is missing") for field in FIELDS]
# what is wrong -> the certificate, the faults, and the slots that say something else than in a sound one
BROKEN: "dict[str, tuple[bytes, list[tuple[str, str]], dict[str, object]]]" = {
    "serial 0": (raw(SAN, serial=tlv(2, b"\0")), [], {"serial": "0"}),
    "serial below 0": (raw(SAN, serial=tlv(2, b"\xe1")), [], {"serial": "-1f"}),
    "serial of 4 kB": (raw(SAN, serial=tlv(2, b"\x7f" * 4096)), [], {"serial": "7f" * 4096}),
    "serial empty": (raw(SAN, serial=tlv(2)), [NOT_READ, ("serial", "is not a number")], {"serial": ""}),
    "serial of another type": (
        raw(SAN, serial=tlv(4, b"\1")), [NOT_READ, ("serial", "is not a number")], {"serial": ""}
    ),
    "version 1 with extensions": (
        raw(SAN, version=b""), [("version", "1 has no extensions, but this certificate has")], {"version": 1}
    ),
    "version 2 with extensions": (
        raw(SAN, version=tlv(0xA0, tlv(2, b"\1"))),
        [NO_VERSION_1, ("version", "2 has no extensions, but this certificate has")],
        {"version": 2},
    ),
    "version 4": (raw(SAN, version=tlv(0xA0, tlv(2, b"\3"))), [NO_VERSION_3, VERSION], {"version": 0}),
    "version below 0": (raw(SAN, version=tlv(0xA0, tlv(2, b"\xff"))), [NOT_READ, VERSION], {"version": 0}),
    "version of two bytes": (raw(SAN, version=tlv(0xA0, tlv(2, b"\0\2"))), [NOT_READ, VERSION], {"version": 0}),
    "version followed by another": (
        raw(SAN, version=tlv(0xA0, tlv(2, b"\0") + b"\2")), [NOT_READ, VERSION], {"version": 0}
    ),
    "version empty": (raw(SAN, version=tlv(0xA0)), [NOT_READ, VERSION], {"version": 0}),
    "subject not UTF-8": (
        raw(SAN, subject=name(part("2.5.4.3", 12, b"a\xff"))),
        [("subject", "has a part CN that is not UTF-8")],
        {"subject": "CN=a\\\\xff", "subject_parts": (("CN", "a\\xff"),)},
    ),
    "issuer not UTF-16": (
        raw(SAN, issuer=name(part("2.5.4.3", 30, b"a"))),
        [NOT_READ, ("issuer", "has a part CN that is not UTF-16-BE")],
        {"issuer": "CN=\\\\x61", "issuer_parts": (("CN", "\\x61"),)},
    ),
    "no times": (
        raw(SAN, validity=seq(tlv(23, b"261124090000Z"))),
        [NOT_READ, ("validity", "is not two times")],
        {"not_before": None, "not_after": None},
    ),
    "three times": (
        raw(SAN, validity=seq(*[tlv(23, b"261124090000Z")] * 3)),
        [NOT_READ, ("validity", "is not two times")],
        {"not_before": None, "not_after": None},
    ),
    "a time without seconds": (
        raw(SAN, validity=seq(tlv(23, b"2611240900Z"), tlv(23, b"261201090000Z"))),
        [NOT_READ, ("not_before", "is not a time as RFC 5280 writes it: 2611240900Z")],
        {"not_before": None},
    ),
    "a GeneralizedTime before 2050": (
        raw(SAN, validity=seq(tlv(23, b"261124090000Z"), tlv(24, b"20491231235959Z"))),
        [("not_after", "is a GeneralizedTime before 2050")],
        {"not_after": datetime(2049, 12, 31, 23, 59, 59, tzinfo=UTC)},
    ),
    "a GeneralizedTime from 2050 on": (
        raw(SAN, validity=seq(tlv(23, b"261124090000Z"), tlv(24, b"20500101000000Z"))),
        [],
        {"not_after": datetime(2050, 1, 1, tzinfo=UTC)},
    ),
    "algorithm inside and outside differ": (
        raw(SAN, outside=seq(oid("1.2.840.10045.4.3.3"))),
        [("signature_algorithm", "the signed part says ecdsa-with-SHA256, the signature ecdsa-with-SHA384")],
        {"signature_algorithm": "ecdsa-with-SHA384"},
    ),
    "algorithm inside broken": (
        raw(SAN, algorithm=seq()),
        [
            NOT_READ,
            ("signature_algorithm", "names no algorithm"),
            ("signature_algorithm", "the signed part says nothing, the signature ecdsa-with-SHA256"),
        ],
        {},
    ),
    "algorithm outside broken": (
        raw(SAN, outside=seq()), [NOT_READ, ("signature_algorithm", "names no algorithm")], {}
    ),
    "key broken": (
        raw(SAN, key=seq()),
        [NOT_READ, ("key", "ends too early")],
        {"key": None, "spki_sha256": sha256(b"\x30\0").hexdigest()},
    ),
    "unique identifiers": (raw(SAN, more=tlv(0x81, b"\0a") + tlv(0x82, b"\0b")), [], {}),
    "an extension of bad form": (
        raw(SAN, extension("2.5.29.15", b"\3\2", True)),
        [("keyUsage", DER_FORM)],
        {"extensions": [("subjectAltName", False), ("keyUsage", True)]},
    ),
    "an extension twice": (
        raw(SAN, SAN), [("subjectAltName", "stands twice")], {"extensions": [("subjectAltName", False)] * 2}
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", BROKEN)
def test_one_broken_field_hides_no_other(what: str) -> None:
    data, faults, different = BROKEN[what]
    found, sound = describe(data), describe(raw(SAN))
    assert found.faults == faults
    same = set(Described.__slots__ + Described.__bases__[0].__slots__) - {"der", "x509", "sha256", "sha1", "faults"}  # type: ignore[attr-defined]
    for slot in same - {"subject_der", "issuer_der"}:
        assert getattr(found, slot) == different.get(slot, getattr(sound, slot)), slot
    assert (found.x509 is None) == any(field == "certificate" for field, _ in faults)


def test_a_part_of_a_name_of_the_wrong_type() -> None:
    found = describe(raw(SAN, subject=name(part("2.5.4.3", 3, b"\0a"))))
    assert found.subject == "CN=#03020061"
    assert ("subject", "is not a name that RFC 5280 allows") in found.faults
    assert found.san == ["dns:a.example"]


def test_an_empty_part_of_a_name() -> None:
    assert describe(raw(subject=common_name(""))).subject == "CN="


def test_bytes_that_follow() -> None:
    sound = raw(SAN)
    found = describe(sound + b"12345")
    assert found.faults == [("certificate", "5 bytes follow it")]
    assert found.der == sound
    assert found.sha256 == sha256(sound).hexdigest()
    assert found.x509 is not None


def test_a_length_that_lies() -> None:
    sound = raw(SAN)
    assert sound[:2] == b"\x30\x81"
    found = describe(b"\x30\x84\xff\xff\xff\xff" + sound[3:])
    assert found.faults == [("certificate", f"claims 4294967295 bytes where {len(sound) - 3} are left"), NOT_READ]
    assert found.san == ["dns:a.example"]
    assert found.x509 is None
    # and one level further in, where nothing tells where the signed part ends
    found = describe(seq(b"\x30\x84\xff\xff\xff\xff" + sound[6:]))
    assert found.faults == [NOT_READ, ("certificate", f"claims 4294967295 bytes where {len(sound) - 6} are left")]
    assert found.san == ["dns:a.example"]
    assert found.subject == "CN=alice"


def test_every_cut_is_described() -> None:
    sound = raw(SAN)
    for size in range(1, len(sound)):
        found = describe(sound[:size])
        assert found.x509 is None
        assert found.faults[0][0] == "certificate"
    assert describe(sound[: len(sound) - 11]).san == ["dns:a.example"]
    assert describe(sound[: len(sound) - 40]).subject == "CN=alice"


NOT_THREE = ("certificate", "is not made of three parts")
OUTSIDE_ONLY = ("signature_algorithm", "the signed part says nothing, the signature ecdsa-with-SHA256")


@pytest.mark.parametrize(
    ("data", "faults"),
    [
        (b"\x30\0", [NOT_READ, NOT_THREE, *MISSING]),
        (seq(seq(), ALGORITHM, tlv(3, b"\0")), [NOT_READ, *MISSING, OUTSIDE_ONLY]),
        (seq(seq(tlv(2, b"\1"))), [NOT_READ, NOT_THREE, *MISSING[1:]]),
        (seq(seq(), ALGORITHM), [NOT_READ, NOT_THREE, *MISSING, OUTSIDE_ONLY]),
        (
            seq(seq(tlv(2, b"\1"), b"\x30\x09"), ALGORITHM, tlv(3, b"\0")),
            [NOT_READ, ("certificate", "claims 9 bytes where 0 are left"), *MISSING[1:], OUTSIDE_ONLY],
        ),
    ],
)  # fmt: skip
def test_hardly_a_certificate(data: bytes, faults: list[tuple[str, str]]) -> None:
    assert describe(data).faults == faults


def test_nothing_at_all() -> None:
    found = describe(b"")
    assert found.faults[0] == ("certificate", "ends too early")
    own = {slot: getattr(found, slot) for slot in Described.__slots__}
    assert own == {
        **dict.fromkeys(("spki_sha256", "subject", "issuer", "serial", "signature_algorithm"), ""),
        **dict.fromkeys(("der", "subject_der", "issuer_der"), b""),
        **dict.fromkeys(("subject_parts", "issuer_parts"), ()),
        **dict.fromkeys(("x509", "not_before", "not_after", "key")),
        "sha256": sha256(b"").hexdigest(),
        "sha1": sha1(b"").hexdigest(),
        "version": 1,
    }


def test_version_1_needs_no_extensions() -> None:
    found = describe(raw(version=b""))
    assert (found.version, found.extensions, found.faults) == (1, [], [])
    written = describe(raw(version=tlv(0xA0, tlv(2, b"\0"))))
    assert (written.version, written.extensions, written.faults) == (1, [], [NOT_READ])


def test_describing_warns_of_nothing(recwarn: pytest.WarningsRecorder) -> None:
    describe(raw(serial=tlv(2, b"\0")))
    describe(raw(subject=name(part("2.5.4.6", 19, b"GERMANY"))))
    assert not recwarn.list


def test_real_certificates_of_pyca_are_described_as_pyca_reads_them() -> None:
    import cryptography_vectors

    folder = Path(cryptography_vectors.__file__).parent / "x509"
    read = 0
    for path in sorted([*folder.glob("*.pem"), *folder.glob("custom/*.pem"), *folder.glob("*.der")]):
        data = path.read_bytes()
        try:
            load = x509.load_pem_x509_certificate if path.suffix == ".pem" else x509.load_der_x509_certificate
            certificate = load(data)
            extensions = certificate.extensions
            names = certificate.subject, certificate.issuer
        except (ValueError, x509.InvalidVersion, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
            continue
        except Warning:
            continue
        found = describe(der(certificate))
        read += 1
        assert (found.not_before, found.not_after) == (
            certificate.not_valid_before_utc,
            certificate.not_valid_after_utc,
        )
        assert int(found.serial, 16) == certificate.serial_number
        assert found.version == certificate.version.value + 1
        assert [critical for _, critical in found.extensions] == [one.critical for one in extensions]
        assert [found.subject_der, found.issuer_der] == [one.public_bytes() for one in names]
    assert read > 80
