"""Does an input without certificates say what it is instead?"""

import pytest

from authkit.certs.formats import read_any
from authkit.certs.unknown import explain
from authkit.errors import InputError

KNOWN = "certificates are read from PEM, DER, PKCS#7, PKCS#12, CSR, CRL, OCSP, SPKAC and forwarded headers"
JKS = "convert it: keytool -importkeystore -srckeystore FILE -destkeystore out.p12 -deststoretype pkcs12"
AGE = "open it first: age --decrypt -i KEY FILE"
DOWNLOAD = "what was to be a download may be an error message: read it"
MEMBER = "give the text of its member that holds PEM or base64"


@pytest.mark.parametrize(
    ("data", "message", "hint"),
    [
        (b"", "is empty", KNOWN),
        (b" \r\n\t", "holds nothing but white space", KNOWN),
        (b"\xef\xbb\xbf", "holds nothing but white space", KNOWN),
        (b"ssh-ed25519 AAAA", "looks like an SSH public key, which is no certificate", KNOWN),
        (b"ecdsa-sha2-nistp256 AAAA", "looks like an SSH public key, which is no certificate", KNOWN),
        (b"sk-ssh-ed25519@openssh.com AAAA", "looks like an SSH public key, which is no certificate", KNOWN),
        (b"age-encryption.org/v1\n", "looks like an age file, which is encrypted", AGE),
        (b"AGE-SECRET-KEY-1QQ", "looks like an age identity, which is a secret and no certificate", KNOWN),
        (b"\xfe\xed\xfe\xed\0\0", "looks like a Java keystore (JKS)", JKS),
        (b"\xce\xce\xce\xce\0\0", "looks like a Java keystore (JCEKS)", JKS),
        (b"\n<!DOCTYPE html>", "looks like an HTML page", DOWNLOAD),
        (b"<HTML>", "looks like an HTML page", DOWNLOAD),
        (b"<?xml version='1.0'?>", "looks like XML", KNOWN),
        (b"\x1f\x8b\x08", "looks like a gzip file", "unpack it first: gzip -d FILE"),
        (b"PK\x03\x04", "looks like a ZIP file", "unpack it first: unzip FILE"),
        (b'\xef\xbb\xbf{"a": 1}', "looks like JSON", MEMBER),
        (b" [1]", "looks like JSON", MEMBER),
        (b"-----BEGIN", "looks like PEM, but its first line is cut off", KNOWN),
        (b"\x30\x00", "is DER, but of no structure that is known here", KNOWN),
        (b"Client-Cert: x", "looks like a header", "show what a proxy forwarded with --header 'Name: value'"),
        (b"Client-Cert: a:b", "looks like a header", "show what a proxy forwarded with --header 'Name: value'"),
        (b"ssl_client_cert: x", "looks like a header", "show what a proxy forwarded with --header 'Name: value'"),
        (b"hello world", "is in no format that holds a certificate", KNOWN),
        (b"hello world: x", "is in no format that holds a certificate", KNOWN),
        (b": x", "is in no format that holds a certificate", KNOWN),
        (b"-: x", "is in no format that holds a certificate", KNOWN),
        (b"_: x", "is in no format that holds a certificate", KNOWN),
        (b"x" * 64 + b": x", "looks like a header", "show what a proxy forwarded with --header 'Name: value'"),
        (b"x" * 65 + b": x", "is in no format that holds a certificate", KNOWN),
        (b"\0" * 100, "is in no format that holds a certificate", KNOWN),
    ],
)  # fmt: skip
def test_explain(data: bytes, message: str, hint: str) -> None:
    assert explain(data) == (message, hint)
    with pytest.raises(InputError) as caught:
        read_any(data, "x.pem", bytes)
    assert (caught.value.message, caught.value.hint) == (f"x.pem: {message}", hint)
