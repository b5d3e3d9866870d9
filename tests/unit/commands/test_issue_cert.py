"""Does issue-cert enter what it signs in the ledger, then write all of its files, or refuse before either?"""

import base64
import csv
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key, pkcs12

from authkit import files
from authkit.certs.names import read_san
from authkit.commands import _issued
from authkit.errors import StoreError
from authkit.ledger import Ledger
from castore import CaStore, refusal


@pytest.fixture
def here(tmp_path: Path) -> CaStore:
    found = CaStore(tmp_path)
    found.make_ca()
    return found


def certificates(place: Path) -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates(place.read_bytes())


def sans(one: x509.Certificate) -> list[str]:
    return [str(san) for san in read_san(one.extensions.get_extension_for_class(x509.SubjectAlternativeName).value)]


def events(here: CaStore, name: str = "home") -> list[str]:
    return [str(line["event"]) for line in here.ledger(name)]


def test_one(here: CaStore) -> None:
    done = here.run("issue-cert ada --email ada@example.com")
    line = here.ledger()[-1]
    assert done.triple == (
        "name:        ada\n"
        "names:       email:ada@example.com\n"
        "profile:     client\n"
        f"serial:      {line['serial']}\n"
        f"sha256:      {line['fingerprint']}\n"
        "valid until: 2026-12-01T09:00:00Z\n"
        "files:       ada.key ada.pem\n",
        "",
        0,
    )
    assert here.files() == ["ada.key", "ada.pem"]
    assert (here.path / "ada.key").stat().st_mode & 0o777 == 0o600
    (one,) = certificates(here.path / "ada.pem")
    key = load_pem_private_key((here.path / "ada.key").read_bytes(), None)
    assert key.public_key() == one.public_key()
    assert line == {
        "n": 2,
        "at": "2026-11-24T09:00:00Z",
        "prev": line["prev"],
        "event": "issued",
        "name": "ada",
        "serial": f"{one.serial_number:x}",
        "fingerprint": line["fingerprint"],
        "san": ["email:ada@example.com"],
        "not_before": "2026-11-24T08:55:00Z",
        "not_after": "2026-12-01T09:00:00Z",
        "profile": "client",
        "issuer": here.ledger()[0]["issuer"],
        "certificate": line["certificate"],
    }
    assert base64.b64decode(line["certificate"]) == one.public_bytes(Encoding.DER)


def test_one_in_json_below_an_intermediate(here: CaStore) -> None:
    here.make_ca("wifi", "--parent home")
    found = here.json(
        "issue-cert ada --ca wifi --profile eap-tls --upn ada@corp --email a@b --dns c.d --uri urn:e:f "
        "--sid S-1-5-21-1 --days 30 --key-type p384 --out new/folder "
        "--crl-url http://example.com/a.crl --aia-url http://example.com/a.der"
    )
    (row,) = found["certificates"]
    leaf, above = certificates(here.path / "new/folder/ada.pem")
    assert found == {
        "schema": "authkit.issued/v1",
        "certificates": [
            {
                "name": "ada",
                "serial": f"{leaf.serial_number:x}",
                "sha256": row["sha256"],
                "subject": "CN=ada@corp",
                "san": ["email:a@b", "uri:urn:e:f", "upn:ada@corp", "dns:c.d"],
                "profile": "eap-tls",
                "not_before": "2026-11-24T08:55:00Z",
                "not_after": "2026-12-24T09:00:00Z",
                "files": {"key": "new/folder/ada.key", "certificate": "new/folder/ada.pem"},
            }
        ],
    }
    assert sans(leaf) == row["san"]
    assert above.subject.rfc4514_string() == "CN=wifi"
    assert leaf.public_key().curve.name == "secp384r1"  # type: ignore[union-attr]
    assert leaf.extensions.get_extension_for_class(x509.CRLDistributionPoints)
    assert leaf.extensions.get_extension_for_class(x509.AuthorityInformationAccess)
    line = here.ledger("wifi")[-1]
    assert (line["common_name"], line["sid"], line["fingerprint"]) == ("ada@corp", "S-1-5-21-1", row["sha256"])
    assert (here.path / "new").stat().st_mode & 0o777 == 0o700


def test_the_other_names(here: CaStore) -> None:
    here.ok("issue-cert build --profile spiffe --spiffe spiffe://a/b")
    here.ok("issue-cert job --profile roles-anywhere --dns a.b")
    here.make_ca("web", "--for server")
    here.ok("issue-cert www --ca web --profile server --dns a.b --ip 192.0.2.1 --common-name WWW")
    assert [
        certificates(here.path / f"{name}.pem")[0].subject.rfc4514_string() for name in ("build", "job", "www")
    ] == [
        "",
        "CN=job",
        "CN=WWW",
    ]
    assert sans(certificates(here.path / "www.pem")[0]) == ["dns:a.b", "ip:192.0.2.1"]


def test_a_folder_does_not_speak_to_the_terminal(here: CaStore) -> None:
    shown = here.ok("issue-cert ada --email a@b --out 'a\x1b[31m'")
    assert shown.endswith("files:       a\\x1b[31m/ada.key a\\x1b[31m/ada.pem\n")


# refused before anything is issued

SPIFFE, SPIFFE_HINT = "the profile spiffe has exactly one URI, a SPIFFE ID", "give one --spiffe spiffe://domain/path"
SID_HINT = "write S-1-5-21-…, as 'whoami /user' shows it"
COLUMNS = "the columns are name email dns uri upn ip spiffe sid common_name days"
URI_HINT = "write a whole URI such as urn:example:client-1 or https://example.com/client-1"


@pytest.mark.parametrize(
    ("words", "message", "hint", "code"),
    [
        ("", "name one certificate, or give a table with --from-csv FILE", None, 2),
        ("ada --from-csv x", "name one certificate, or give a table with --from-csv FILE", None, 2),
        ("ada", "the profile client needs a name", "add --email or --dns or --uri or --upn or --ip", 2),
        ("ada --profile spiffe --spiffe spiffe://a/b --spiffe spiffe://a/c", SPIFFE, SPIFFE_HINT, 2),
        ("ada --email ada", "'ada' is not a mailbox", "write user@example.com", 2),
        (
            "ada --email a@b --sid x",
            "'x' is not a security identifier",
            "write S-1-5-21-…, as 'whoami /user' shows it",
            2,
        ),
        ("ada --path-length 1 --email a@b", "--path-length is for intermediates", None, 2),
        ("ada --email a@b --use-csr-names", "--use-csr-names needs a request", "add --csr FILE", 2),
        ("ada --csr x --p12", "with --csr the key is elsewhere", "leave out --p12 and --key-type", 2),
        ("ada --csr x --key-type p256", "with --csr the key is elsewhere", "leave out --p12 and --key-type", 2),
        (
            "ada --profile intermediate",
            "the key of an intermediate belongs in a store",
            "'authkit create-ca NAME --parent CA' makes one there, or give its --csr",
            2,
        ),
        ("ada --email a@b --friendly-name x", "--friendly-name is for PKCS#12 files", "add --p12", 2),
        (
            "a/b --email a@b",
            "'a/b' cannot be the name of a certificate",
            "use 1 to 64 letters, digits, '.', '_' and '-', with a letter or digit first",
            2,
        ),
        (
            "ada --profile server --dns a.b",
            "the CA home issues no certificates of the profile server",
            "it is for clients: client, spiffe, eap-tls, roles-anywhere, scoped, intermediate",
            5,
        ),
        ("ada --email a@b --days 0", "--days 0 is not 1 or more", None, 2),
        (
            "ada --email a@b --days 3651",
            "it would be valid until 2036-11-22T09:00:00Z, longer than its CA home: until 2036-11-21T09:00:00Z",
            "--days 3650 fits",
            5,
        ),
        ("ada --csr none", "no such file: none", None, 3),
        (
            "ada --profile roles-anywhere --dns a.b --key-type ed25519",
            "a key of type ed25519 cannot be one of the profile roles-anywhere",
            "use one of p256, p384, rsa3072, rsa4096",
            5,
        ),
        ("--from-csv x --email a@b", "--email is for one certificate", "the table's columns name them", 2),
        ("--from-csv x --common-name a", "--common-name is for one certificate", "the table's columns name them", 2),
        ("--from-csv x --csr y", "--csr is for one certificate", "the table's columns name them", 2),
        ("--from-csv x", "the files of a table need a folder of their own", "name a new one with --out DIR", 2),
        (
            "--from-csv x --out o --p12 --password-out y",
            "the passwords of a table go into its folder",
            "leave out --password-out",
            2,
        ),
        ("--from-csv x --out o", "no such file: x", None, 3),
    ],
)
def test_command_lines_that_are_refused(here: CaStore, words: str, message: str, hint: "str | None", code: int) -> None:
    assert here.run(f"issue-cert {words}").triple == refusal(message, hint, code)
    assert events(here) == ["created"]
    assert here.files() == []


@pytest.mark.parametrize("taken", ["ada.key", "ada.pem"])
def test_files_that_exist(here: CaStore, taken: str) -> None:
    here.write(taken, "mine")
    done = here.run("issue-cert ada --email a@b")
    assert done.triple == refusal(f"{taken} exists", "--force replaces it, or name another folder with --out")
    assert (events(here), here.files()) == (["created"], [taken])
    here.ok("issue-cert ada --email a@b --force")
    assert here.files() == ["ada.key", "ada.pem"]
    assert (here.path / taken).read_bytes() != b"mine"


def test_the_files_of_a_valid_certificate(here: CaStore) -> None:
    """--force would lose its key, so that is not what is hinted at."""
    here.ok("issue-cert ada --email a@b")
    message = "ada has a certificate that is valid until 2026-12-01T09:00:00Z"
    hint = "'authkit renew-cert ada' makes the next; --force issues another beside it"
    assert here.run("issue-cert ada --email a@b").triple == refusal(message, hint)
    hint = "--force replaces it, or name another folder with --out"
    done = here.run("issue-cert ada --email a@b", at="2026-12-01T09:00:01Z")
    assert done.triple == refusal("ada.key exists", hint)


def test_a_ca_elsewhere_is_not_held_to_kinds(here: CaStore) -> None:
    here.make_ca("narrow", "--only email,upn")
    here.ok("create-csr sub --common-name Sub", at=None)
    done = here.run("issue-cert sub --ca narrow --profile intermediate --csr sub.csr")
    message = "the CA narrow certifies email, upn alone, to which a CA elsewhere is not held"
    assert done.triple == refusal(message, "'authkit create-ca NAME --parent narrow' makes one here")
    assert events(here, "narrow") == ["created"]


def test_a_name_that_has_a_valid_certificate(here: CaStore) -> None:
    here.ok("issue-cert ada --email a@b")
    message = "ada has a certificate that is valid until 2026-12-01T09:00:00Z"
    hint = "'authkit renew-cert ada' makes the next; --force issues another beside it"
    for at in ("2026-11-24T10:00:00Z", "2026-12-01T09:00:00Z"):
        assert here.run("issue-cert ada --email a@b --out o", at=at).triple == refusal(message, hint)
    assert len(here.ledger()) == 2
    here.ok("issue-cert ada --email a@b --out o", at="2026-12-01T09:00:01Z")
    here.ok("issue-cert ada --email a@b --out p --force", at="2026-12-01T09:00:02Z")
    here.ok(f"revoke-cert {here.ledger()[-1]['serial']}", at="2026-12-01T09:00:03Z")
    message = "the last certificate of ada was revoked at 2026-12-01T09:00:03Z (unspecified)"
    done = here.run("issue-cert ada --email a@b --out q", at="2026-12-01T09:00:04Z")
    assert done.triple == refusal(message, "--force issues another")
    here.ok("issue-cert ada --email a@b --out q --force", at="2026-12-01T09:00:04Z")
    assert len(here.ledger()) == 6


def test_the_ledger_comes_before_the_files(here: CaStore) -> None:
    seen: list[tuple[str, int]] = []
    really = files.write_secret

    def written(path: str, data: bytes, *, replace: bool = False) -> None:
        if path.endswith(".key"):  # the ledger keeps its head in a file of its own
            seen.append((path, len(here.ledger())))
        really(path, data, replace=replace)

    with mock.patch.object(files, "write_secret", written):
        here.ok("issue-cert ada --email a@b")
    assert seen == [("ada.key", 2)]


def failing(*_: object, **more: object) -> None:
    raise StoreError("cannot write: no space left on device")


def test_a_ledger_that_cannot_be_written_leaves_no_file(here: CaStore) -> None:
    with mock.patch.object(files, "append", failing):
        done = here.run("issue-cert ada --email a@b")
    assert done.triple == refusal("cannot write: no space left on device", code=6)
    assert here.files() == []


def test_a_folder_that_cannot_be_made_costs_no_certificate(here: CaStore) -> None:
    here.write("taken", "")
    done = here.run("issue-cert ada --email a@b --out taken/x")
    assert done.triple == refusal("cannot make the folder taken/x: file exists", code=6)
    assert events(here) == ["created"]


def test_a_ledger_that_was_changed(here: CaStore) -> None:
    place = here.path / "store" / "ledgers" / "home.jsonl"
    here.ok("issue-cert ada --email a@b")
    lines = place.read_bytes().splitlines(keepends=True)
    place.write_bytes(lines[1])
    done = here.run("issue-cert bob --email a@b")
    message = f"{place}: line 1 is numbered otherwise, so a line was removed or put in"
    assert done.triple == refusal(message, code=6)
    assert here.files() == ["ada.key", "ada.pem"]


def test_a_file_that_cannot_be_written_is_hinted_at(here: CaStore) -> None:
    with mock.patch.object(files, "write_public", failing):
        done = here.run("issue-cert ada --email a@b")
    hint = f"the ledger has it: 'authkit export-cert {here.ledger()[-1]['serial']} -o ada.pem' writes it"
    assert done.triple == refusal("cannot write: no space left on device", hint, 6)
    assert here.files() == ["ada.key"]
    really = files.write_secret

    def failing_for_keys(path: str, data: bytes, *, replace: bool = False) -> None:
        (failing if path.endswith(".key") else really)(path, data, replace=replace)

    with mock.patch.object(files, "write_secret", failing_for_keys):
        done = here.run("issue-cert bob --email a@b")
    serial = here.ledger()[-1]["serial"]
    hint = f"the ledger has it and its key is lost: 'authkit revoke-cert {serial}', then issue another with --force"
    assert done.triple == refusal("cannot write: no space left on device", hint, 6)
    assert here.files() == ["ada.key"]


# from a request


def test_a_request_gives_its_key_and_nothing_else(here: CaStore) -> None:
    shown = here.ok("create-csr ada --email other@example.com --common-name Other", at=None).splitlines()
    (words,) = [line.split(":")[1].strip() for line in shown if line.startswith("words:")]
    done = here.run("issue-cert ada --csr ada.csr --email ada@example.com")
    note = f"authkit: note: certifying email:ada@example.com for the key {words}\n"
    assert (done.code, done.stderr.decode()) == (0, note)
    assert "files:       ada.pem\n" in done.stdout.decode()
    (one,) = certificates(here.path / "ada.pem")
    assert (sans(one), one.subject.rfc4514_string()) == (["email:ada@example.com"], "")
    assert one.public_key() == x509.load_pem_x509_csr((here.path / "ada.csr").read_bytes()).public_key()
    assert here.files() == ["ada.csr", "ada.key", "ada.pem"]
    assert here.ledger()[-1]["key"] == "elsewhere"


def test_the_names_of_a_request(here: CaStore) -> None:
    here.ok("create-csr ada --upn a@corp --email a@b --ip 192.0.2.1 --sid S-1-5-21-1 --common-name 'Ada L'", at=None)
    csr = (here.path / "ada.csr").read_bytes()
    done = here.run(
        "issue-cert ada --profile eap-tls --csr - --use-csr-names --dns c.d --common-name Ada --sid S-1-5-21-2",
        stdin=csr,
    )
    warning, note = done.stderr.decode().splitlines()
    message = "the request's ip:192.0.2.1 is left out: the profile eap-tls has no place for it"
    assert (done.code, warning) == (0, f"authkit: warning: {message}")
    named = "cn:Ada, dns:c.d, email:a@b, upn:a@corp, sid:S-1-5-21-2"
    assert note.startswith(f"authkit: note: certifying {named} for the key ")
    assert here.ledger()[-1]["san"] == ["dns:c.d", "email:a@b", "upn:a@corp"]
    here.ok("issue-cert eve --profile eap-tls --csr ada.csr --use-csr-names")
    line = here.ledger()[-1]
    assert (line["common_name"], line["sid"]) == ("Ada L", "S-1-5-21-1")


def test_requests_that_are_refused(here: CaStore) -> None:
    done = here.run("issue-cert ada --csr - --email a@b", stdin=b"x")
    message = "standard input: not a certificate signing request that can be read"
    assert done.triple == refusal(message, code=3)
    here.ok("create-csr ada --email a@b --key-type ed25519", at=None)
    done = here.run("issue-cert ada --csr ada.csr --profile roles-anywhere --dns a.b --out o")
    message = "a key of type ed25519 cannot be one of the profile roles-anywhere"
    assert done.triple == refusal(message, "use one of p256, p384, rsa3072, rsa4096")
    assert events(here) == ["created"]


def test_a_request_and_nobody_named(here: CaStore) -> None:
    here.ok("create-csr ada --ip 192.0.2.1", at=None)
    message = "nobody is named: a request's key says not whose it is"
    for words, hint in (
        ("", "add --email and its like; or take those in it with --use-csr-names"),
        ("--profile eap-tls --use-csr-names", "add --email and its like; the profile allows none of those in it"),
    ):
        done = here.run(f"issue-cert ada --csr ada.csr {words}")
        assert (done.code, done.stderr.decode().splitlines()[-2:]) == (
            2,
            [f"authkit: error: {message}", f"authkit: hint: {hint}"],
        )


def test_an_intermediate_from_a_request(here: CaStore) -> None:
    here.make_ca("top", "--path-length 2")
    here.ok("create-csr sub --common-name Sub", at=None)
    here.ok("issue-cert sub --ca top --profile intermediate --csr sub.csr --path-length 1")
    (one,) = certificates(here.path / "sub.pem")
    assert one.extensions.get_extension_for_class(x509.BasicConstraints).value.path_length == 1
    assert one.subject.rfc4514_string() == "CN=sub"
    here.ok("issue-cert other --ca top --profile intermediate --csr sub.csr --use-csr-names")
    assert certificates(here.path / "other.pem")[0].subject.rfc4514_string() == "CN=Sub"
    done = here.run("issue-cert third --ca top --profile intermediate --csr sub.csr --path-length 2")
    message = "the CA top allows 2 levels of CAs below it"
    assert done.triple == refusal(message, "--path-length 1 fits")


# PKCS#12


def test_a_p12_file(here: CaStore) -> None:
    here.make_ca("wifi", "--parent home")
    found = here.json("issue-cert ada --ca wifi --email a@b --p12 --password-out ada.txt --friendly-name 'Ada L'")
    assert found["certificates"][0]["files"] == {"p12": "ada.p12"}
    assert here.files() == ["ada.p12", "ada.txt"]
    assert [(here.path / name).stat().st_mode & 0o777 for name in here.files()] == [0o600, 0o600]
    password = (here.path / "ada.txt").read_bytes().strip()
    opened = pkcs12.load_pkcs12((here.path / "ada.p12").read_bytes(), password)
    assert opened.cert is not None
    assert (opened.cert.friendly_name, len(opened.additional_certs)) == (b"Ada L", 1)
    assert f"{opened.cert.certificate.serial_number:x}" == found["certificates"][0]["serial"]


def test_a_p12_file_that_cannot_be(here: CaStore) -> None:
    done = here.run("issue-cert ada --email a@b --p12")
    message = "there is no terminal to show the password of ada.p12 on"
    assert done.triple == refusal(message, "let it be written with --password-out FILE")
    here.write("ada.p12", "mine")
    done = here.run("issue-cert ada --email a@b --p12 --password-out x")
    assert done.triple == refusal("ada.p12 exists", "--force replaces it, or name another folder with --out")
    done = here.run(f"issue-cert bob --email a@b --p12 --password-out x --friendly-name '{'b' * 65}'")
    message = f"'{'b' * 64}' cannot be a friendly name"
    assert done.triple == refusal(message, "use 1 to 64 printable characters", 2)
    assert events(here) == ["created"]
    here.ok("issue-cert eve --email a@b")
    (here.path / "x").unlink()
    done = here.run("issue-cert eve --email a@b --p12 --password-out x")
    assert done.code == 5
    assert here.files() == ["ada.p12", "eve.key", "eve.pem"]  # no password was made for what is not issued


@pytest.mark.parametrize("path", ["ada.p12", "./ada.p12", "ada.key", "ada.pem"])
@pytest.mark.parametrize("option", ["--password-out", "--password-file"])
def test_a_password_in_a_file_of_the_certificate(option: str, path: str, here: CaStore) -> None:
    here.write("ada.key", "mine")
    for force in ("", "--force"):
        done = here.run(f"issue-cert ada --email a@b --p12 {option} {path} {force}")
        assert done.triple == refusal(f"{option} {path} is a file for something else here", "name another file", 2)
    done = here.run(f"issue-cert ada --email a@b --p12 --out o {option} o/{path}")
    assert done.triple == refusal(f"{option} o/{path} is a file for something else here", "name another file", 2)
    assert (here.files(), (here.path / "ada.key").read_bytes(), events(here)) == (["ada.key"], b"mine", ["created"])


# a table


TABLE = "name,email,days\nada,ada@example.com,\nbob,bob@example.com,30\n"


def test_a_table(here: CaStore) -> None:
    here.make_ca("wifi", "--parent home")
    here.write("t.csv", TABLE)
    done = here.run("issue-cert --from-csv t.csv --ca wifi --out new --days 3")
    assert done.triple == ("certificates: 2\nfolder:       new\n", "", 0)
    assert here.files("new") == ["ada.key", "ada.pem", "bob.key", "bob.pem"]
    assert (here.path / "new").stat().st_mode & 0o777 == 0o700
    assert (here.path / "new" / "ada.key").stat().st_mode & 0o777 == 0o600
    for name, until in (("ada", "2026-11-27T09:00:00+00:00"), ("bob", "2026-12-24T09:00:00+00:00")):
        leaf, above = certificates(here.path / "new" / f"{name}.pem")
        key = load_pem_private_key((here.path / "new" / f"{name}.key").read_bytes(), None)
        assert (key.public_key(), above.subject.rfc4514_string()) == (leaf.public_key(), "CN=wifi")
        assert (sans(leaf), leaf.not_valid_after_utc.isoformat()) == ([f"email:{name}@example.com"], until)
    assert [line.get("name") for line in here.ledger("wifi")] == ["wifi", "ada", "bob"]


def test_a_table_in_json_from_standard_input(here: CaStore) -> None:
    found = here.json("issue-cert --from-csv - --out new/", stdin=TABLE.encode())
    assert [(row["name"], row["files"]) for row in found["certificates"]] == [
        (name, {"key": f"new/{name}.key", "certificate": f"new/{name}.pem"}) for name in ("ada", "bob")
    ]
    done = here.run("issue-cert --from-csv - --out b", stdin=b"name,email\nada,\n")
    message = "standard input: line 2: the profile client needs a name"
    assert done.triple == refusal(message, "add --email or --dns or --uri or --upn or --ip", 3)


def test_a_table_of_p12_files(here: CaStore) -> None:
    here.write("t.csv", TABLE)
    assert here.ok("issue-cert --from-csv t.csv --out new --p12 --p12-encryption legacy") == (
        "certificates: 2\nfolder:       new\npasswords:    new/passwords.csv\n"
    )
    assert here.files("new") == ["ada.p12", "bob.p12", "passwords.csv"]
    assert {(here.path / "new" / name).stat().st_mode & 0o777 for name in here.files("new")} == {0o600}
    found = here.json("issue-cert --from-csv t.csv --out other --p12 --force")
    assert found["passwords"] == "other/passwords.csv"
    assert [row["files"] for row in found["certificates"]] == [{"p12": "other/ada.p12"}, {"p12": "other/bob.p12"}]
    rows = list(csv.DictReader(io.StringIO((here.path / "new/passwords.csv").read_text())))
    assert [row["name"] for row in rows] == ["ada", "bob"]
    assert rows[0]["password"] != rows[1]["password"]
    for row in rows:
        opened = pkcs12.load_pkcs12((here.path / f"new/{row['name']}.p12").read_bytes(), row["password"].encode())
        assert opened.cert is not None
        assert opened.cert.friendly_name == row["name"].encode()


@pytest.mark.parametrize(
    ("table", "words", "message", "hint", "code"),
    [
        (
            "name,mail\n",
            "",
            "t.csv: line 1: unknown column 'mail'",
            "the columns are name email dns uri upn ip spiffe sid common_name days",
            3,
        ),
        (TABLE + "eve,eve\n", "", "t.csv: line 4: 2 fields where the header has 3", None, 3),
        (
            TABLE + "eve,e@example.com,9000\n",
            "",
            "t.csv: line 4: it would be valid until 2051-07-16T09:00:00Z, longer than its CA home: "
            "until 2036-11-21T09:00:00Z",
            "--days 3650 fits",
            5,
        ),
        (TABLE, "--days 0", "t.csv: line 2: --days 0 is not 1 or more", None, 2),
        (TABLE, "--friendly-name x --p12", "--friendly-name is for one certificate", "leave out --friendly-name", 2),
        (
            TABLE,
            "--crl-url x",
            "'x' is not a URI",
            "write a whole URI such as urn:example:client-1 or https://example.com/client-1",
            2,
        ),
    ],
)
def test_tables_that_are_refused_as_a_whole(
    here: CaStore, table: str, words: str, message: str, hint: "str | None", code: int
) -> None:
    here.write("t.csv", table)
    assert here.run(f"issue-cert --from-csv t.csv --out new {words}").triple == refusal(message, hint, code)
    assert (events(here), here.files()) == (["created"], ["t.csv"])


def test_a_table_with_a_name_that_has_a_certificate(here: CaStore) -> None:
    here.write("t.csv", TABLE)
    here.ok("issue-cert bob --email a@b")
    done = here.run("issue-cert --from-csv t.csv --out new")
    hint = "'authkit renew-cert bob' makes the next; --force issues another beside it"
    assert done.triple == refusal("bob has a certificate that is valid until 2026-12-01T09:00:00Z", hint)
    assert len(here.ledger()) == 2
    here.ok("issue-cert --from-csv t.csv --out new --force")
    assert len(here.ledger()) == 4


@pytest.mark.parametrize("folder", ["new", "new/"])
def test_a_folder_that_exists(here: CaStore, folder: str) -> None:
    here.write("t.csv", TABLE)
    (here.path / "new").mkdir()
    done = here.run(f"issue-cert --from-csv t.csv --out {folder} --force")
    assert done.triple == refusal(f"{folder} exists", "name a folder that does not exist yet")
    assert events(here) == ["created"]


def test_a_folder_that_cannot_be_made_costs_no_table(here: CaStore) -> None:
    here.write("t.csv", TABLE)
    done = here.run("issue-cert --from-csv t.csv --out none/new")
    assert done.triple == refusal("cannot write none/new: no such file or directory", code=6)
    assert events(here) == ["created"]


def test_a_table_is_in_the_ledger_before_its_first_file(here: CaStore) -> None:
    here.write("t.csv", TABLE)
    seen: list[tuple[int, list[str]]] = []
    really = Ledger.append

    def appended(ledger: Ledger, rows: Any, at: Any) -> None:
        seen.append((len(rows), sorted(os.listdir(here.path / "new.new"))))
        really(ledger, rows, at)

    with mock.patch.object(Ledger, "append", appended):
        here.ok("issue-cert --from-csv t.csv --out new")
    assert seen == [(2, [".authkit-unfinished"])]


def test_a_table_whose_ledger_cannot_be_written(here: CaStore) -> None:
    here.write("t.csv", TABLE)
    with mock.patch.object(files, "append", failing):
        done = here.run("issue-cert --from-csv t.csv --out new")
    assert done.triple == refusal("cannot write: no space left on device", code=6)
    assert (here.files(), len(here.ledger())) == (["t.csv"], 1)


def test_somebody_else_issues_meanwhile(here: CaStore) -> None:
    """What was judged before the lock was taken is judged again under it."""
    here.write("t.csv", TABLE)
    really = _issued.contents_of
    once: list[Callable[[], str]] = [lambda: here.ok("issue-cert bob --email a@b --out o")]

    def slow(*args: Any) -> Any:
        if once:
            once.pop()()
        return really(*args)

    with mock.patch.object(_issued, "contents_of", slow):
        done = here.run("issue-cert --from-csv t.csv --out new")
    assert done.code == 5
    assert done.stderr.startswith(b"authkit: error: bob has a certificate that is valid until ")
    assert len(here.ledger()) == 2
    assert "new" not in here.files()


def test_a_bar_for_a_long_table(here: CaStore) -> None:
    seen: list[tuple[int, str]] = []

    def tracked(items: Any, total: int, what: str) -> Any:
        seen.append((total, what))
        return items

    here.write("t.csv", "name,email\n" + "".join([f"c{n},c{n}@example.com\n" for n in range(150)]))
    with mock.patch("authkit.ui.progress.tracked", tracked):
        found = here.json("issue-cert --from-csv t.csv --out new")
    assert seen == [(150, "certificates")]
    assert len({row["serial"] for row in found["certificates"]}) == 150
