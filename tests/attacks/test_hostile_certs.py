"""Does a certificate made to break a parser or a terminal do neither?"""

import json
import re
import time
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from authkit.certs.describe import as_json, describe
from authkit.certs.formats import Found, read_any
from authkit.errors import InputError
from commandline import Terminal, run_here

CASES = 65
# every character that could speak to a terminal, or change how the rest is read: control, bidi, format, line
# separators, surrogates, noncharacters; what is left is styles that authkit itself sets
UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\uffff]"
)
STYLE = re.compile("\x1b\\[[0-9;]*m")
# what tells another program's eye that there is a link, or that something was verified
LINKS = ("\x1b]8", "]8;;\x1b")


def password() -> bytes:
    raise AssertionError("no hostile certificate needs a password")


@pytest.fixture(scope="session")
def cases(vectors: Path) -> "dict[str, dict[str, Any]]":
    manifest = json.loads((vectors / "hostile-certs/manifest.json").read_bytes())
    found = {}
    for case in manifest["cases"]:
        case["data"] = (vectors / "hostile-certs" / case["file"]).read_bytes()
        assert sha256(case["data"]).hexdigest() == case["sha256"]
        found[case["id"]] = case
    return found


def looked(case: "dict[str, Any]") -> "Found | None":
    try:
        return read_any(case["data"], case["file"], password)
    except InputError:
        return None


def described(case: "dict[str, Any]") -> "dict[str, Any]":
    found = looked(case)
    assert found is not None
    return as_json(describe(found.certificates[0][0]))


def fields(case: "dict[str, Any]") -> set[str]:
    return {fault["field"] for fault in described(case)["faults"]}


def test_there_are_65(cases: "dict[str, dict[str, Any]]") -> None:
    assert len(cases) == CASES


def test_each_is_described_within_a_second(cases: "dict[str, dict[str, Any]]") -> None:
    for id, case in cases.items():
        began = time.monotonic()
        found = looked(case)
        for data, _ in found.certificates if found else ():
            text = json.dumps(as_json(describe(data)))
            assert text.isascii()
            assert len(text) < 12_000, id
        assert time.monotonic() - began < 1, id


def test_what_cannot_be_read_at_all_is_an_input_error(cases: "dict[str, dict[str, Any]]") -> None:
    assert [id for id, case in cases.items() if looked(case) is None] == ["der-empty"]


def test_one_bad_field_hides_no_other(cases: "dict[str, dict[str, Any]]") -> None:
    faulty = {id: fields(case) for id, case in cases.items() if id != "der-empty" and fields(case)}
    assert faulty == {
        "cn-bmpstring-surrogate": {"certificate", "subject"},
        "cn-universalstring-bad": {"certificate", "subject"},
        "cn-utf8-invalid": {"subject"},
        "cn-utf8-surrogate": {"subject"},
        "subject-empty-rdn": {"subject"},
        "serial-empty": {"certificate", "serial"},
        "v1-with-extensions": {"version"},
        "version-negative": {"certificate", "version"},
        "time-gen-year0": {"not_before"},
        "time-no-seconds": {"certificate", "not_before"},
        "time-fraction": {"certificate", "not_before", "not_after"},
        "time-gen-before-2050": {"not_before", "not_after"},
        "san-x400": {"subjectAltName"},
        "ext-bc-ca-pathlen-neg": {"basicConstraints"},
        "ext-bool-01": {"basicConstraints"},
        "ext-trailing": {"basicConstraints"},
        "key-ec-infinity": {"key"},
        "key-ec-unknown-curve": {"key"},
        "key-rsa-e1": {"key"},
        "key-rsa-negative-n": {"key"},
        "key-unknown-alg": {"key"},
        "sig-inner-outer-mismatch": {"signature_algorithm"},
        "der-trailing": {"certificate"},
        "der-length-huge": {"certificate"},
    }
    for id in faulty:
        found = described(cases[id])
        own = fields(cases[id])
        assert found["issuer"] == "CN=Test Issuer"
        assert found["serial"] == "1092" or "serial" in own
        assert found["key"] is not None
        assert found["subject"] or "subject" in own
        assert found["not_after"] or "not_after" in own
        assert len(found["spki_sha256"]) == 64


@pytest.mark.parametrize(
    ("id", "name", "value"),
    [
        ("serial-zero", "serial", "0"),
        ("serial-4k", "serial", "7f" * 4096),
        ("serial-40-octets", "serial", "1" + "01" * 39),
        ("key-rsa-32768", "key", {"type": "rsa32768", "bits": 32768, "exponent": 65537}),
        ("key-rsa-512", "key", {"type": "rsa512", "bits": 512, "exponent": 65537}),
        ("key-rsa-e1", "key", {"type": "rsa2048", "bits": 2048, "exponent": 1}),
        ("sig-md5", "signature_algorithm", "md5WithRSAEncryption"),
        ("sig-md2", "signature_algorithm", "md2WithRSAEncryption"),
        ("sig-inner-outer-mismatch", "signature_algorithm", "ecdsa-with-SHA384"),
        ("ext-bool-01", "is_ca", True),
        ("ext-trailing", "is_ca", False),
        ("ext-unknown-critical", "critical_unknown", ["1.3.6.1.4.1.99999.1"]),
        ("ext-256k", "extensions", [{"name": "1.3.6.1.4.1.99999.2", "critical": False}]),
        ("ext-deep-nesting", "extensions", [{"name": "1.3.6.1.4.1.99999.3", "critical": False}]),
        ("ext-eku-any", "eku", ["anyExtendedKeyUsage"]),
        ("san-x400", "san", ["x400:#3000"]),
        ("san-nul-dns", "san", ["dns:good.example\0.evil.example"]),
        ("san-nonascii-dns", "san", ["dns:b\u00fccher.example"]),
        ("san-uri-js", "san", ["uri:javascript:alert(1)"]),
        ("san-empty-seq", "san", []),
        ("subject-multi-rdn", "subject", "CN=a+OU=b"),
        ("cn-nul", "subject", "CN=good.example\\00.evil.example"),
        ("cn-nfd", "subject", "CN=e\u0301cole"),
        ("time-utc-1950", "not_before", "1950-01-01T00:00:00Z"),
    ],
)
def test_what_each_says(cases: "dict[str, dict[str, Any]]", id: str, name: str, value: object) -> None:
    assert described(cases[id])[name] == value


def test_defects_around_a_certificate_are_named(cases: "dict[str, dict[str, Any]]") -> None:
    said = {}
    for id, case in cases.items():
        if id.startswith("pem-"):
            found = looked(case)
            assert found is not None
            said[id] = (len(found.certificates), [one[0] for other in found.others for one in other.findings])
    assert said == {
        "pem-crlf": (1, []),
        "pem-two": (2, []),
        "pem-bom": (1, []),
        "pem-wrong-label": (1, ["pem-label"]),
        "pem-missing-end": (1, ["pem-no-end"]),
        "pem-one-line": (1, []),
        "pem-cert-plus-private-key": (1, ["private-key-beside-certificate"]),
    }


def names(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("hostile-certs/*") if path.suffix in (".der", ".pem"))


def test_nothing_hostile_reaches_a_pipe(vectors: Path, tmp_path: Path) -> None:
    paths = names(vectors)
    assert len(paths) == CASES
    for path in paths:
        for words in ([], ["--json"]):
            began = time.monotonic()
            done = run_here(["inspect-cert", *words, str(path)], tmp_path)
            assert time.monotonic() - began < 1, path.name
            assert done.code == (3 if path.name == "der-empty.der" else 0), (path.name, done.stderr)
            for stream in (done.stdout, done.stderr):
                assert not UNSAFE.search(stream.decode()), (path.name, stream)
            if words and done.code == 0:
                assert done.stdout.isascii()
                assert json.loads(done.stdout)["schema"] == "authkit.inspected/v1"
            assert b"Traceback" not in done.stderr


def test_nothing_hostile_reaches_a_terminal(vectors: Path, tmp_path: Path) -> None:
    for path in names(vectors):
        for words in ([], ["--json"]):
            began = time.monotonic()
            done = run_here(
                ["inspect-cert", *words, str(path)],
                tmp_path,
                environ={"TERM": "xterm-256color"},
                terminal=Terminal(),
                screens=(1, 2),
            )
            assert time.monotonic() - began < 1, path.name
            shown = STYLE.sub("", done.terminal.replace("\r\n", "\n")) + done.stderr.decode()
            assert not UNSAFE.search(shown), (path.name, shown)
            assert not any(link in done.terminal for link in LINKS)
            if not words and done.code == 0:
                assert done.terminal


def test_the_private_key_beside_a_certificate_is_never_shown(vectors: Path, tmp_path: Path) -> None:
    path = vectors / "hostile-certs/pem-cert-plus-private-key.pem"
    block = path.read_text().partition("-----BEGIN PRIVATE KEY-----")[2].partition("-----END")[0]
    lines = [line for line in block.split("\n") if len(line) > 8]
    assert lines
    for words in ([], ["--json"]):
        done = run_here(["inspect-cert", *words, str(path)], tmp_path)
        for line in lines:
            assert line.encode() not in done.stdout + done.stderr
        assert b"private" in done.stdout


def test_the_check_itself_sees_what_is_unsafe() -> None:
    for text in ("\x1b[2J", "\x9b31m", "a\rb", "\u202e", "\u200b", "\ufeff", "\0", "\u2028", "\u2066", "\uffff"):
        assert UNSAFE.search(text)
    assert not UNSAFE.search("plain \u00e9 \u2026 \n\t")
