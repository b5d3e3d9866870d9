"""Is every input recognised by content, and by one format only?"""

from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import PrivateFormat

from authkit.certs import formats
from authkit.certs.describe import describe
from authkit.certs.formats import FORMATS, Format, Found, format_of, read_any, read_structure
from authkit.certs.structure import structure
from authkit.errors import InputError
from rawcert import pem, private_der, raw, seq, spki, tlv
from samplesx509 import crl, csr, ocsp, pkcs7, pkcs12, spkac

SAMPLES = {
    "pem": [pem(raw()), b"0 s:CN=a\n" + pem(raw()), pem(b"", "X"), b"\xef\xbb\xbf" + pem(spki(), "PUBLIC KEY")],
    "der": [raw(), b64encode(raw()), b"\x30\x84\xff\xff\xff\xff" + raw()[3:], raw() + b"more"],
    "csr": [csr(), b64encode(csr())],
    "crl": [crl()],
    "pkcs7": [pkcs7(raw()), pkcs7(raw(), content=pem(raw())), b64encode(pkcs7(raw()))],
    "pkcs12": [pkcs12()],
    "ocsp": [ocsp()],
    "spkac": [spkac(), b64encode(spkac()), b"SPKAC=" + b64encode(spkac())],
    "key": [private_der(), private_der(PrivateFormat.TraditionalOpenSSL), spki(), seq(seq(), tlv(4))],
}
OTHERS = [b"", b"hello", b"-----BEGIN", b"Client-Cert: :MIIB:", seq(), b"SPKAC=", b"MIIB", b"\x30", b"\0" * 99]


def never() -> bytes:
    raise AssertionError("no password is needed")


def test_there_are_samples_of_every_format() -> None:
    assert list(SAMPLES) == list(FORMATS)
    folder = Path(str(formats.__file__)).parent
    assert {path.stem for path in folder.glob("*.py")} - {"__init__", "header"} == set(FORMATS)


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_claims_its_own_samples_and_no_others(name: str) -> None:
    found = format_of(name)
    assert isinstance(found, Format)
    assert found.name == name
    for owner, samples in SAMPLES.items():
        assert [found.sniff(sample) for sample in samples] == [owner == name] * len(samples)
    assert not any(found.sniff(sample) for sample in OTHERS)


def test_at_most_one_format_claims_what_is_broken() -> None:
    formats = [format_of(name) for name in FORMATS]
    samples = [sample for owned in SAMPLES.values() for sample in owned]
    for sample in samples:
        for size in range(0, len(sample), 7):
            for broken in (sample[:size], sample[:size] + b"\x30" + sample[size + 1 :]):
                assert len([one for one in formats if one.sniff(broken)]) <= 1


@pytest.mark.parametrize("name", ["pem", "der", "csr", "crl", "pkcs7", "ocsp", "spkac", "key"])
def test_reading_asks_for_no_password(name: str) -> None:
    for sample in SAMPLES[name]:
        assert read_any(sample, "x", never).format == name


def test_a_certificate_in_each_format_that_holds_one() -> None:
    for name in ("pem", "der", "pkcs7"):
        ((data, source),) = read_any(SAMPLES[name][0], "x", never).certificates
        assert describe(data).subject == "CN=alice"
        assert source.startswith("x")


def test_a_format_is_what_it_is_made_of() -> None:
    def load(data: bytes, what: str, password: "Callable[[], bytes]") -> Found:
        return Found("x")

    one = Format("x", bool, load)
    assert (one.name, one.sniff, one.load) == ("x", bool, load)


def test_a_structure_by_its_name() -> None:
    assert read_structure("certificate", raw(), "x", never).certificates == [(raw(), "x")]
    assert read_structure("ocsp-response", ocsp(), "x", never).format == "ocsp"
    assert read_structure("private-key", private_der(), "x", never).format == "key"
    assert len(read_structure("pkcs12", pkcs12(b"x"), "x", lambda: b"x").certificates) == 1
    assert len(read_any(pkcs12(b"x"), "x", lambda: b"x").certificates) == 1


def test_what_is_not_recognised_is_named_with_a_hint() -> None:
    with pytest.raises(InputError) as caught:
        read_any(b"Client-Cert: :MIIB:", "x", never)
    assert caught.value.message == "x: looks like a header"
    assert caught.value.hint == "show what a proxy forwarded with --header 'Name: value'"


def test_utf_16_that_breaks_off() -> None:
    data = b"\xff\xfe" + pem(raw()).decode().encode("utf-16-le") + b"\n"
    assert read_any(data, "x", never).certificates == [(raw(), "x")]


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be"])
def test_pem_as_utf_16(codec: str) -> None:
    text = pem(raw()).decode()
    data = text.encode(codec) if codec == "utf-16" else ("\ufeff" + text).encode(codec)
    assert read_any(data, "x", never).certificates == [(raw(), "x")]


def test_a_message_in_der_that_has_pem_inside() -> None:
    found = read_any(pkcs7(raw(), content=pem(raw(serial=tlv(2, b"\5")))), "x", never)
    assert found.format == "pkcs7"
    assert found.certificates == [(raw(), "x, number 1")]


def test_der_of_no_known_structure() -> None:
    assert structure(seq(seq())) == ""
    with pytest.raises(InputError, match="^x: is DER, but of no structure that is known here$"):
        read_any(seq(seq()), "x", never)
    with pytest.raises(InputError, match="^x: is DER, but of no structure that is known here$"):
        read_any(b64encode(seq(seq(), tlv(12, b"x" * 30))), "x", never)


def test_reading_warns_of_nothing(recwarn: pytest.WarningsRecorder) -> None:
    request = csr(country="GERMANY")  # of which pyca warns when it is made, too
    recwarn.clear()
    read_any(request, "x", never)
    assert not recwarn.list
