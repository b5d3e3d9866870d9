"""What does sign curl say of a client certificate, and what does it refuse to read?"""

import os
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from authkit.certs.leaks import LEAKS
from commandline import Done, run_here

AT = datetime(2026, 11, 24, 9, tzinfo=timezone.utc)
START, END = AT - timedelta(days=1), AT + timedelta(days=6)
CLIENT, SERVER, CODE = (
    ExtendedKeyUsageOID.CLIENT_AUTH,
    ExtendedKeyUsageOID.SERVER_AUTH,
    ExtendedKeyUsageOID.CODE_SIGNING,
)
UPN = b"\x0c\x0ccarol@corp.x"
URL = "https://h.example/"
CLEAR = "lets curl agree to a TLS before 1.3, in which the certificate travels in clear"
KEY = b'{"schema": "authkit.access-key/v1", "access_key_id": "AKCURL", "secret": "secret"}\n'
SIGN = "sign curl --key file:key.json --region eu-west-1 --service notes".split()
PRIVATE = ec.generate_private_key(ec.SECP256R1())


def certificate(
    purposes: "Sequence[x509.ObjectIdentifier]" = (CLIENT,),
    names: "Sequence[x509.GeneralName]" = (),
    subject: str = "carol",
    url: "str | None" = None,
    serial: int = 0x4F2B36D19A,
) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)] if subject else [])
    builder = x509.CertificateBuilder(
        issuer_name=x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Clients")]),
        subject_name=name,
        public_key=PRIVATE.public_key(),
        serial_number=serial << 100 if serial > 99 else serial,
        not_valid_before=START,
        not_valid_after=END,
    )
    if purposes:
        builder = builder.add_extension(x509.ExtendedKeyUsage(list(purposes)), False)
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(list(names)), False)
    if url is not None:
        place = x509.DistributionPoint([x509.UniformResourceIdentifier(url)], None, None, None)
        builder = builder.add_extension(x509.CRLDistributionPoints([place]), False)
    return builder.sign(PRIVATE, hashes.SHA256())


@pytest.fixture
def here(tmp_path: Path) -> Path:
    for name, data in {
        "key.json": KEY,
        "c.pem": certificate().public_bytes(Encoding.PEM),
        "c.der": certificate().public_bytes(Encoding.DER),
        "c.p12": packed(b"password"),
        "open.p12": packed(None),
        "k.pem": PRIVATE.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        "text": b"not a certificate\n",
        "big": b"-" * (1024 * 1024 + 1),
    }.items():
        (tmp_path / name).write_bytes(data)
        (tmp_path / name).chmod(0o600)
    return tmp_path


def packed(password: "bytes | None") -> bytes:
    lock = NoEncryption() if password is None else BestAvailableEncryption(password)
    other = certificate([SERVER])
    return pkcs12.serialize_key_and_certificates(None, PRIVATE, certificate(), [other], lock)


def run(here: Path, *words: str, at: datetime = AT, stdin: bytes = b"") -> Done:
    return run_here([*SIGN, "--at", f"{at:%Y-%m-%dT%H:%M:%SZ}", "--", "curl", *words, URL], here, stdin=stdin)


def said(done: Done) -> "list[str]":
    """Return the warnings of a run that signed."""
    lines = done.stderr.decode().splitlines()
    assert done.code == 0, lines
    assert all(line.startswith("authkit: warning: ") for line in lines), lines
    assert done.stdout.startswith(b"curl -q --path-as-is -g ")
    return [line.removeprefix("authkit: warning: ") for line in lines]


@pytest.mark.parametrize("words", [
    "-E c.pem", "--cert c.pem --key k.pem", "-E c.der --cert-type DER", "-E open.p12 --cert-type p12",
    "-E c.pem --tlsv1.3",
])  # fmt: skip
def test_nothing_is_said_of_a_good_certificate(words: str, here: Path) -> None:
    done = run(here, *words.split())
    assert said(done) == []
    assert done.stdout.count(b" --tlsv1.3 ") == 1


def test_nothing_changes_without_one(here: Path) -> None:
    done = run(here)
    assert said(done) == []
    assert b"tls" not in done.stdout


@pytest.mark.parametrize(
    ("at", "warnings"),
    [
        (START - timedelta(seconds=1), ["the certificate c.pem is not valid before 2026-11-23T09:00:00Z"]),
        (START, []),
        (END, []),
        (END + timedelta(seconds=1), ["the certificate c.pem expired at 2026-11-30T09:00:00Z"]),
    ],
)
def test_when_it_is_valid(at: datetime, warnings: "list[str]", here: Path) -> None:
    assert said(run(here, "-E", "c.pem", at=at)) == warnings


@pytest.mark.parametrize(
    ("purposes", "warnings"),
    [
        ([CLIENT, SERVER], []),
        ([SERVER], ["the certificate x.pem is not for clients: it is for serverAuth"]),
        ([SERVER, CODE], ["the certificate x.pem is not for clients: it is for serverAuth, codeSigning"]),
        ([ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE],
         ["the certificate x.pem is not for clients: it is for anyExtendedKeyUsage"]),
        ([], ["the certificate x.pem names no purpose, and a strict server wants clientAuth"]),
    ],
)  # fmt: skip
def test_what_it_is_for(purposes: "list[x509.ObjectIdentifier]", warnings: "list[str]", here: Path) -> None:
    (here / "x.pem").write_bytes(certificate(purposes).public_bytes(Encoding.PEM))
    assert said(run(here, "-E", "x.pem")) == warnings


def test_the_first_certificate_of_a_file_counts(here: Path) -> None:
    first, second = [certificate(purposes).public_bytes(Encoding.PEM) for purposes in ([SERVER], [CLIENT])]
    key = (here / "k.pem").read_bytes()
    (here / "x.pem").write_bytes(key + b"subject=carol\n" + first + second)
    assert said(run(here, "-E", "x.pem")) == ["the certificate x.pem is not for clients: it is for serverAuth"]
    (here / "x.pem").write_bytes(second + first + key)
    assert said(run(here, "-E", "x.pem")) == []


def test_dates_that_cannot_be_read_are_not_judged(here: Path) -> None:
    der = certificate().public_bytes(Encoding.DER)
    stamp = f"{END:%y%m%d%H%M%SZ}".encode()
    assert der.count(stamp) == 1
    (here / "x.der").write_bytes(
        der.replace(stamp, b"9" * len(stamp)).replace(f"{START:%y%m%d%H%M%SZ}".encode(), b"9" * 13)
    )
    assert said(run(here, "-E", "x.der", "--cert-type", "DER")) == []


KNOWN = "the key, by which it is known again"
ISSUED = "who issued it (issuer CN) Clients"


@pytest.mark.parametrize("words", ["--tlsv1.2", "--tls-max 1.2", "--tlsv1", "--tlsv1.0", "--tlsv1.1", "-1"])
def test_who_allows_an_older_tls_is_told_what_is_seen(words: str, here: Path) -> None:
    names = [
        x509.RFC822Name("carol@people.example"),
        x509.OtherName(x509.ObjectIdentifier("1.3.6.1.4.1.311.20.2.3"), UPN),
        x509.DNSName("laptop7.corp.internal"),
    ]
    made = certificate(names=names, url="http://crl.corp.internal/1.crl", serial=7)
    (here / "x.pem").write_bytes(made.public_bytes(Encoding.PEM))
    (warning,) = said(run(here, "-E", "x.pem", *words.split()))
    seen = [
        ("common-name", "subject CN", "carol"),
        ("email", "SAN email", "carol@people.example"),
        ("upn", "SAN upn", "carol@corp.x"),
        ("internal-host", "SAN dns", "laptop7.corp.internal"),
        ("issuer", "issuer CN", "Clients"),
        ("internal-url", "CRL", "http://crl.corp.internal/1.crl"),
        ("serial", "serial number", "7"),
    ]
    told = "; ".join(f"{LEAKS[id]} ({place}) {value}" for id, place, value in seen)
    assert warning == f"curl's {words.split()[0]} {CLEAR}: {told}; {KNOWN}"


def test_issuer_and_key_are_seen_of_a_silent_certificate(here: Path) -> None:
    (here / "x.pem").write_bytes(certificate(subject="").public_bytes(Encoding.PEM))
    assert said(run(here, "-E", "x.pem", "--tlsv1.2")) == [f"curl's --tlsv1.2 {CLEAR}: {ISSUED}; {KNOWN}"]


def test_foreign_text_is_escaped(here: Path) -> None:
    (here / "x.pem").write_bytes(certificate(subject="a\x1b[2J\u202e").public_bytes(Encoding.PEM))
    (warning,) = said(run(here, "-E", "x.pem", "--tlsv1.2"))
    assert warning == f"curl's --tlsv1.2 {CLEAR}: the common name (subject CN) a\\x1b[2J\\u202e; {ISSUED}; {KNOWN}"


def test_what_is_in_no_file_is_not_read(here: Path) -> None:
    assert said(run(here, "-E", "pkcs11:object=c")) == []
    assert said(run(here, "-E", "id", "--cert-type", "ENG", "--tlsv1.2")) == [
        f"curl's --tlsv1.2 {CLEAR}: all that it says"
    ]


def test_the_configuration_counts(here: Path) -> None:
    (here / ".curlrc").write_text("cert = absent.pem\n")
    done = run(here)
    assert done.triple == ("", "authkit: error: no such file: absent.pem\n", 3)
    (here / ".curlrc").write_text("tlsv1.2\ncert = c.pem\n")
    told = f"the common name (subject CN) carol; {ISSUED}; {KNOWN}"
    assert said(run(here)) == [f"~/.curlrc line 1: curl's tlsv1.2 {CLEAR}: {told}"]
    assert run_here([*SIGN, "-q", URL], here).stderr == b""


def error(done: Done) -> "tuple[int, str]":
    assert done.stdout == b""
    return done.code, done.stderr.decode()


@pytest.mark.parametrize(
    ("words", "code", "message", "hint"),
    [
        ("-E absent.pem", 3, "no such file: absent.pem", None),
        ("-E .", 3, ". is a folder, not a certificate", None),
        ("-E big", 3, "big is too large for a certificate: more than 1048576 bytes", None),
        ("-E text", 3, "text holds no certificate in the form PEM, in which curl would read it", None),
        ("-E c.der", 3, "c.der holds no certificate in the form PEM, in which curl would read it",
         "add --cert-type DER"),
        ("-E open.p12", 3, "open.p12 holds no certificate in the form PEM, in which curl would read it",
         "add --cert-type P12"),
        ("-E c.pem --cert-type DER", 3, "c.pem holds no certificate in the form DER, in which curl would read it",
         "add --cert-type PEM"),
        ("-E c.pem --cert-type P12", 3, "c.pem holds no certificate in the form P12, in which curl would read it",
         "add --cert-type PEM"),
        ("-E k.pem", 3, "k.pem holds no certificate", None),
        ("-E c.p12 --cert-type P12", 3,
         "c.p12: the password is wrong, or something in the PKCS#12 file cannot be read",
         "its password goes behind it, as NAME:PASSWORD, into a file of mode 0600 that -K names"),
        ("-E pipe", 5, "pipe is not a regular file, and authkit and curl would both have to read it", None),
        ("-E c.pem:hunter2", 5, "curl's -E gives what opens a private key on the command line, for all to see",
         "write it into a file of mode 0600 and add -K FILE and --run, or use a key file of mode 0600"),
        ("-E c.pem --key k.pem --pass hunter2 --proxy-cert c.pem:hunter2", 5,
         "curl's --pass, --proxy-cert gives what opens a private key on the command line, for all to see",
         "write it into a file of mode 0600 and add -K FILE and --run, or use a key file of mode 0600"),
        ("-K secret.conf", 5, "the printed command would show the secret in curl's cert",
         "add --run, which prints nothing"),
    ],
)  # fmt: skip
def test_what_is_not_sent(words: str, code: int, message: str, hint: "str | None", here: Path) -> None:
    os.mkfifo(here / "pipe")
    (here / "secret.conf").write_text("cert = c.p12:password\ncert-type = P12\n")
    expected = f"authkit: error: {message}\n" + (f"authkit: hint: {hint}\n" if hint else "")
    done = run(here, *words.split())
    assert error(done) == (code, expected)
    assert b"hunter2" not in done.stderr


def test_a_password_of_a_configuration_opens_the_file(here: Path) -> None:
    (here / "secret.conf").write_text("cert = c.p12:wrong\ncert-type = P12\n")
    code, text = error(run(here, "-K", "secret.conf"))
    assert (code, text.splitlines()[0]) == (
        3, "authkit: error: c.p12: the password is wrong, or something in the PKCS#12 file cannot be read"
    )  # fmt: skip
    stand = here / "bin" / "curl"
    stand.parent.mkdir()
    stand.write_text('#!/bin/sh\ncat "$3"\n')
    stand.chmod(0o700)
    for config, stdin in (("secret.conf", b""), ("-", b"pass = password\ncert = c.p12\ncert-type = P12\n")):
        (here / "secret.conf").write_text("cert = c.p12:password\ncert-type = P12\n")
        line = [*SIGN, "--run", "--at", f"{AT:%Y-%m-%dT%H:%M:%SZ}", "--", "curl", "-K", config, URL]
        done = run_here(line, here, environ={"PATH": str(stand.parent) + ":/usr/bin:/bin"}, stdin=stdin)
        assert (done.code, done.stderr) == (0, b"")
        assert b'cert-type = "P12"\ntlsv1.3\nheader = ' in done.stdout
