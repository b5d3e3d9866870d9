"""Does inspect-cert survive certificates made to harm whoever looks at them?"""

import json
import time
import unicodedata
from pathlib import Path

import pytest

from commandline import Terminal, run_here

UNREADABLE = {"der-empty.der": "is empty"}
# in these a field is broken beyond reading, or must be seen by verifiers; what is found must say so
FOUND = {
    "cn-nul.der": "name-nul",
    "cn-ansi-clear.der": "name-control",
    "cn-bidi-rlo.der": "name-invisible",
    "cn-zero-width.der": "name-invisible",
    "cn-nfd.der": "name-not-nfc",
    "cn-spaces.der": "name-spaces",
    "cn-utf8-invalid.der": "fault",
    "der-trailing.der": "trailing-data",
    "ext-eku-any.der": "eku-any",
    "ext-unknown-critical.der": "critical-unknown",
    "key-ec-unknown-curve.der": "curve-unknown",
    "key-rsa-32768.der": "rsa-long",
    "key-rsa-512.der": "rsa-short",
    "key-rsa-e1.der": "rsa-exponent",
    "key-rsa-negative-n.der": "fault",
    "key-unknown-alg.der": "key-unknown",
    "san-empty-seq.der": "san-empty",
    "san-nonascii-dns.der": "dns-non-ascii",
    "san-nul-dns.der": "name-nul",
    "san-uri-js.der": "uri-scheme",
    "san-x400.der": "san-kind",
    "serial-40-octets.der": "serial-long",
    "serial-4k.der": "serial-long",
    "serial-empty.der": "fault",
    "serial-zero.der": "serial-zero",
    "sig-inner-outer-mismatch.der": "signature-mismatch",
    "sig-md2.der": "signature-broken",
    "sig-md5.der": "signature-broken",
    "subject-empty-rdn.der": "fault",
    "time-fraction.der": "time-encoding",
    "time-gen-before-2050.der": "time-encoding",
    "time-gen-year0.der": "time-encoding",
    "time-no-seconds.der": "time-encoding",
    "v1-with-extensions.der": "version",
    "version-negative.der": "version",
}


@pytest.fixture(scope="module")
def hostile(vectors: Path) -> "dict[str, Path]":
    return {path.name: path for path in sorted((vectors / "hostile-certs").iterdir()) if path.suffix != ".json"}


def hidden(text: str) -> "set[str]":
    """Return the characters of *text* that speak to a terminal or cannot be seen, and are not authkit's own."""
    return {char for char in text if unicodedata.category(char)[0] in "CZ" and char not in " \n"}


def test_all_of_them_in_a_pipe(hostile: "dict[str, Path]", tmp_path: Path) -> None:
    assert len(hostile) == 65
    for name, path in hostile.items():
        begin = time.monotonic()
        done = run_here(["inspect-cert", str(path)], tmp_path)
        assert time.monotonic() - begin < 1, name
        if name in UNREADABLE:
            assert (done.code, done.stdout) == (3, b""), name
            assert UNREADABLE[name] in done.stderr.decode(), name
        else:
            assert (done.code, done.stderr) == (0, b""), name
            assert "\nFingerprints\n" in done.stdout.decode() or "wrong-label" in name, name
        assert not hidden(done.stdout.decode() + done.stderr.decode()), name


def test_all_of_them_on_a_terminal(hostile: "dict[str, Path]", tmp_path: Path) -> None:
    for name, path in hostile.items():
        done = run_here(
            ["inspect-cert", str(path)], tmp_path, terminal=Terminal(), screens=(1, 2), environ={"TERM": "xterm"}
        )
        plain = done.terminal
        for code in ("0", "1", "2", "31", "32", "33"):
            plain = plain.replace(f"\x1b[{code}m", "")
        assert not hidden(plain), name


def test_all_of_them_for_a_program(hostile: "dict[str, Path]", tmp_path: Path) -> None:
    for name, path in hostile.items():
        if name not in UNREADABLE:
            done = run_here(["inspect-cert", "--json", str(path)], tmp_path)
            assert (done.code, done.stderr, done.stdout.isascii()) == (0, b"", True), name
            found = json.loads(done.stdout)
            assert found["certificates"] or found["others"], name
            ids = {row["id"] for one in found["certificates"] for row in one["findings"]}
            assert FOUND.get(name) in {*ids, None}, name
            assert all([len(one["sha256"]) == 64 for one in found["certificates"]]), name


def test_no_private_key_is_shown(hostile: "dict[str, Path]", tmp_path: Path) -> None:
    path = hostile["pem-cert-plus-private-key.pem"]
    secret = path.read_text().partition("PRIVATE KEY-----\n")[2].partition("\n")[0]
    assert len(secret) == 64
    for words in (["inspect-cert"], ["inspect-cert", "--json"]):
        done = run_here([*words, str(path)], tmp_path)
        assert secret.encode() not in done.stdout
        assert b"private-key-beside-certificate" in done.stdout
