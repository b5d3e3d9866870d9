"""Does OpenSSL read our CRLs and PKCS#12 files, and does it decide by them as we mean it?"""

import subprocess
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding

from authkit.certs import crl, p12
from authkit.certs.record import REASONS, Revocation
from ledgers import AT, DAY, issuer_of, key_of, make_authority, make_leaf, usage

OpenSSL = Callable[..., "subprocess.CompletedProcess[str]"]
PASSWORD = "abcdefghijklmnopqrst"


@pytest.fixture
def openssl(require_tool: Callable[[str], str], tmp_path: Path) -> OpenSSL:
    """`openssl(*words)`, in an empty folder; output and error are one."""
    program = require_tool("openssl")

    def run(*words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [program, *words], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60
        )

    return run


def pem(value: "x509.Certificate | x509.CertificateRevocationList") -> bytes:
    return value.public_bytes(Encoding.PEM)


def check(openssl: OpenSSL, name: str, at: datetime, *crls: str) -> str:
    """Return what `openssl verify` says of the certificate in *name*: "OK", or the reason."""
    files = [word for one in crls for word in ("-CRLfile", one)]
    words = ["-purpose", "sslclient", "-crl_check", "-attime", str(int(at.timestamp())), "-CAfile", "ca.pem", *files]
    done = openssl("verify", *words, name)
    if done.returncode == 0:
        return "OK"
    return next(line.partition(": ")[2] for line in done.stdout.splitlines() if line.startswith("error "))


@pytest.mark.parametrize("kind", ["p256", "p384", "rsa"])
def test_a_list_is_read_and_obeyed(kind: str, openssl: OpenSSL, tmp_path: Path) -> None:
    authority = make_authority(key=key_of(kind), key_usage=usage())
    (window,) = crl.plan_crls(authority, 41, AT, 7)
    revoked = [Revocation("2", issuer_of(authority), AT, "key-compromise")]
    made = crl.issue_crl(authority, revoked, window.number, window.this_update, window.next_update)
    (tmp_path / "ca.pem").write_bytes(pem(authority.certificate))
    (tmp_path / "demo.crl").write_bytes(pem(made))
    for serial in (1, 2):
        (tmp_path / f"{serial}.pem").write_bytes(pem(make_leaf(authority, serial, end=AT + 99 * DAY)))
    assert openssl("crl", "-in", "demo.crl", "-noout", "-CAfile", "ca.pem").stdout == "verify OK\n"
    text = openssl("crl", "-in", "demo.crl", "-noout", "-text", "-crlnumber").stdout
    for shown in ("crlNumber=0x29", "Version 2 (0x1)", "Serial Number: 02", "Key Compromise", "X509v3 CRL Number"):
        assert shown in text
    assert check(openssl, "1.pem", AT, "demo.crl") == "OK"
    assert check(openssl, "2.pem", AT, "demo.crl") == "certificate revoked"
    second = timedelta(seconds=1)
    assert check(openssl, "1.pem", window.this_update - second, "demo.crl") == "CRL is not yet valid"
    assert check(openssl, "1.pem", window.this_update, "demo.crl") == "OK"
    assert check(openssl, "1.pem", window.next_update + second, "demo.crl") == "CRL has expired"
    assert check(openssl, "1.pem", AT) == "unable to get certificate CRL"


def test_reasons_have_the_names_of_the_rfc(openssl: OpenSSL, tmp_path: Path) -> None:
    authority = make_authority(key_usage=usage())
    revoked = [Revocation(f"{place:x}", issuer_of(authority), AT, one) for place, one in enumerate(REASONS, 1)]
    (tmp_path / "demo.crl").write_bytes(pem(crl.issue_crl(authority, revoked, 1, AT, AT + DAY)))
    text = openssl("crl", "-in", "demo.crl", "-noout", "-text").stdout
    named = "Key Compromise,CA Compromise,Affiliation Changed,Superseded,Cessation Of Operation,Privilege Withdrawn"
    lines = text.splitlines()
    after = [lines[place + 1].strip() for place, line in enumerate(lines) if "CRL Reason Code" in line]
    assert ",".join(after) == named


def test_a_series_leaves_no_gap(openssl: OpenSSL, tmp_path: Path) -> None:
    authority = make_authority(key_usage=usage())
    (tmp_path / "ca.pem").write_bytes(pem(authority.certificate))
    (tmp_path / "leaf.pem").write_bytes(pem(make_leaf(authority, 1, end=AT + 99 * DAY)))
    windows = crl.plan_crls(authority, 1, AT, 4, 3)
    for window in windows:
        made = crl.issue_crl(authority, [], window.number, window.this_update, window.next_update)
        (tmp_path / window.file_name).write_bytes(pem(made))
    for place, window in enumerate(windows):
        for at in (window.begins, window.begins + timedelta(days=4, hours=23)):
            assert check(openssl, "leaf.pem", at, window.file_name) == "OK"
        assert check(openssl, "leaf.pem", window.begins + timedelta(days=5, seconds=1), window.file_name) != "OK"
        if place:
            assert check(openssl, "leaf.pem", window.begins, windows[place - 1].file_name) == "OK"


@pytest.mark.parametrize(
    ("encryption", "more", "shown"),
    [
        ("modern", [], ["MAC: sha256, Iteration 2048", "PBES2, PBKDF2, AES-256-CBC", "PRF hmacWithSHA256"]),
        ("legacy", ["-legacy"], ["MAC: sha1, Iteration 2048", "pbeWithSHA1And3-KeyTripleDES-CBC"]),
    ],
)
@pytest.mark.parametrize("kind", ["p256", "rsa", "ed25519"])
def test_a_p12_opens(
    kind: str, encryption: str, more: list[str], shown: list[str], openssl: OpenSSL, tmp_path: Path
) -> None:
    authority = make_authority()
    key: Any = ed25519.Ed25519PrivateKey.generate() if kind == "ed25519" else key_of(kind, 3)
    leaf = make_leaf(authority, 5, key)
    data = p12.encode_p12(key, leaf, [authority.certificate], PASSWORD.encode(), encryption, "Ada's key")
    (tmp_path / "one.p12").write_bytes(data)
    for name, text in (("right", PASSWORD), ("wrong", PASSWORD[:-1])):
        (tmp_path / name).write_text(f"{text}\n")
    opened = openssl("pkcs12", "-in", "one.p12", "-passin", "file:right", "-nodes", "-info", *more)
    assert opened.returncode == 0, opened.stdout
    for line in [*shown, "friendlyName: Ada's key", "BEGIN PRIVATE KEY"]:
        assert line in opened.stdout
    assert opened.stdout.count("BEGIN CERTIFICATE") == 2
    refused = openssl("pkcs12", "-in", "one.p12", "-passin", "file:wrong", "-nodes", *more)
    assert refused.returncode != 0
    assert "BEGIN" not in refused.stdout
