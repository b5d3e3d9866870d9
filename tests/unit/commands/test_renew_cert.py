"""Is the next certificate like the old one, with a new key, and are many renewed all or nothing?"""

import hashlib
import json
import os
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import load_pem_private_key, pkcs12

from authkit import files, strictjson
from authkit.commands import _renewed
from authkit.errors import StoreError
from commandline import Terminal
from workplace import AT, Place, make_place

NOW = datetime(2026, 11, 24, 9, 0, 0, tzinfo=timezone.utc)
LATER = "2026-11-24T10:00:00Z"
IN_AN_HOUR = NOW + timedelta(hours=1)
STAYS = "authkit: note: the old certificate stays valid until {}\n"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return make_place(tmp_path)


def san(certificate: x509.Certificate) -> list[str]:
    found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return [str(one.value) for one in found]


def crl_urls(certificate: x509.Certificate) -> list[str]:
    (point,) = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    return [str(one.value) for one in point.full_name or ()]


def test_a_new_key_by_default(place: Place) -> None:
    old = place.certificate("bob.pem")
    done = place.run("renew-cert bob --out new", at=LATER)
    assert (done.code, done.stderr.decode()) == (0, STAYS.format("2026-11-25T09:00:00Z"))
    new = place.certificate("new/bob.pem")
    assert new.public_key() != old.public_key()
    assert isinstance(new.public_key(), ec.EllipticCurvePublicKey)
    assert new.public_key().curve.name == "secp384r1"  # type: ignore[union-attr]
    key = load_pem_private_key((place.path / "new" / "bob.key").read_bytes(), None)
    assert key.public_key() == new.public_key()
    assert (place.path / "new" / "bob.key").stat().st_mode & 0o777 == 0o600
    assert (
        (san(new), crl_urls(new))
        == (san(old), crl_urls(old))
        == (["bob.example.com"], ["http://crl.example.com/demo.crl"])
    )
    assert (new.subject, new.issuer) == (old.subject, old.issuer)
    assert new.not_valid_after_utc == IN_AN_HOUR + timedelta(days=1)
    line = place.lines()[-1]
    assert (line["event"], line["name"], line["profile"], line["at"]) == ("issued", "bob", "client", LATER)
    assert f"serial:      {line['serial']}" in done.stdout.decode()
    assert "new/bob.key new/bob.pem" in done.stdout.decode()


def test_as_json(place: Place) -> None:
    found = json.loads(place.ok("renew-cert alice --out new --json"))
    (row,) = found["certificates"]
    assert (found["schema"], row["name"], row["serial"]) == ("authkit.issued/v1", "alice", place.serial("alice"))
    assert row["files"] == {"key": "new/alice.key", "certificate": "new/alice.pem"}


def test_the_same_key(place: Place) -> None:
    old = place.certificate("alice.pem")
    place.ok("renew-cert alice --same-key --out new", at=LATER)
    new = place.certificate("new/alice.pem")
    assert os.listdir(place.path / "new") == ["alice.pem"]
    assert new.public_key() == old.public_key()
    assert new.serial_number != old.serial_number
    assert new.not_valid_after_utc == IN_AN_HOUR + timedelta(days=7)


@pytest.mark.parametrize("options", ["--p12", "--key-type p256"])
def test_the_same_key_is_elsewhere(options: str, place: Place) -> None:
    said = (
        "authkit: error: with --same-key no key is made or packed\n"
        "authkit: hint: leave out --same-key, or --p12 and --key-type\n"
    )
    assert place.run(f"renew-cert alice --same-key {options} --out new").triple == ("", said, 2)


def test_days_and_key_type(place: Place) -> None:
    place.ok("renew-cert alice --out new --days 3 --key-type ed25519")
    new = place.certificate("new/alice.pem")
    assert isinstance(new.public_key(), ed25519.Ed25519PublicKey)
    assert new.not_valid_after_utc == NOW + timedelta(days=3)


def test_the_next_is_as_the_last(place: Place) -> None:
    place.ok("renew-cert alice --out one --days 3 --key-type ed25519")
    place.ok("renew-cert alice --out two")
    new = place.certificate("two/alice.pem")
    assert isinstance(new.public_key(), ed25519.Ed25519PublicKey)
    assert new.not_valid_after_utc == NOW + timedelta(days=3)


def test_a_key_of_a_kind_that_is_not_made(place: Place) -> None:
    from unittest import mock

    from ledgers import key_of, make_authority, make_leaf

    old = mock.Mock(certificate=make_leaf(make_authority(), 5, key_of("rsa", 2)))
    assert _renewed._type_like(old) == "p256"


@pytest.mark.parametrize("word", ["serial", "alice.pem"])
def test_by_serial_and_file(word: str, place: Place) -> None:
    place.ok("issue-cert alice --email other@example.com --force --out other")
    place.ok(f"renew-cert {place.serial('alice', 0) if word == 'serial' else word} --out new")
    assert san(place.certificate("new/alice.pem")) == ["alice@example.com"]
    place.ok("renew-cert alice --out newer")
    assert san(place.certificate("newer/alice.pem")) == ["alice@example.com"]


def test_of_a_name_the_last_counts_that_is_not_revoked(place: Place) -> None:
    place.ok("issue-cert alice --email other@example.com --force --out other")
    place.ok("renew-cert alice --out new")
    assert san(place.certificate("new/alice.pem")) == ["other@example.com"]
    for number in (2, 1):
        place.ok(f"revoke-cert {place.serial('alice', number)} --reason superseded")
    place.ok("renew-cert alice --out newer")
    assert san(place.certificate("newer/alice.pem")) == ["alice@example.com"]


def test_who_was_put_out_is_not_renewed_by_an_older_certificate(place: Place) -> None:
    place.ok("issue-cert alice --email alice@example.com --force --out other")
    place.ok(f"revoke-cert {place.serial('alice')} --reason key-compromise")
    said = (
        "authkit: error: the last certificate of alice was revoked at 2026-11-24T09:00:00Z (key-compromise), so none "
        "is renewed\n"
        "authkit: hint: 'authkit issue-cert alice --force' issues another\n"
    )
    for word in ("alice", place.serial("alice", 0), "alice.pem"):
        assert place.run(f"renew-cert {word} --out new").triple == ("", said, 5)
    place.ok("issue-cert alice --email alice@example.com --force --out again")
    place.ok("renew-cert alice --out new")


def test_who_was_put_out_is_left_out_of_all(place: Place) -> None:
    place.ok("issue-cert alice --email alice@example.com --force --out other --days 20")
    place.ok(f"revoke-cert {place.serial('alice')} --reason privilege-withdrawn")
    warning = (
        f"authkit: warning: alice ({place.serial('alice', 0)[:16]}) is not renewed: the last certificate of that name "
        "was revoked, and this one was not\n"
    )
    at = "2026-12-01T09:00:00Z"  # the older one's last second
    done = place.run("renew-cert --expiring 0 --out new", at=at)
    assert done.triple == ("", warning + "authkit: note: nothing runs out within 0 days\n", 0)
    done = place.run("renew-cert --expiring 7 --days 8 --out new")
    assert (done.code, done.stderr.decode(), sorted(os.listdir(place.path / "new"))) == (
        0,
        warning,
        ["bob.key", "bob.pem"],
    )
    # nor is it named among those that are renewed by name
    done = place.run("renew-cert --expiring 1 --days 2 --out newer", at="2026-12-01T09:00:01Z")
    assert done.triple == ("certificates: 1\nfolder:       newer\n", "", 0)


def test_what_lives_no_longer_than_that_is_renewed_by_every_run(place: Place) -> None:
    warning = "authkit: warning: the new ones run out within 7 days too, so every run renews them: {}\n"
    done = place.run("renew-cert --expiring 7 --out new")
    assert (done.code, done.stderr.decode()) == (0, warning.format("alice, bob"))
    done = place.run("renew-cert --expiring 7 --days 8 --out newer")
    assert (done.code, done.stderr) == (0, b"")
    assert place.run("renew-cert --expiring 7 --days 8 --out none").stderr.decode().startswith("authkit: note: nothing")
    place.ok("issue-cert carol --email carol@example.com --days 1")
    done = place.run("renew-cert --expiring 1 --out newest")
    assert (done.code, done.stderr.decode()) == (0, warning.format("carol").replace("7 days", "1 day"))


def test_what_has_expired_is_renewed_by_name(place: Place) -> None:
    done = place.run("renew-cert bob --out new", at="2027-01-01T00:00:00Z")
    assert (done.code, done.stderr) == (0, b"")
    assert place.run("renew-cert bob --out new2", at="2027-01-02T00:00:00Z").stderr.decode() == STAYS.format(
        "2027-01-02T00:00:00Z"
    )


def test_the_old_one_is_revoked_on_request(place: Place) -> None:
    old = place.serial("alice")
    done = place.run("renew-cert alice --revoke-old --out new", at=LATER)
    note = "authkit: note: no CRL lists the old ones yet: 'authkit issue-crl' signs one\n"
    assert (done.code, done.stderr.decode()) == (0, note)
    issued, revoked = place.lines()[-2:]
    assert (issued["event"], revoked["event"]) == ("issued", "revoked")
    assert (revoked["serial"], revoked["reason"], revoked["date"]) == (old, "superseded", LATER)
    assert revoked["issuer"] == issued["issuer"]


def test_a_p12(place: Place) -> None:
    done = place.run(
        "renew-cert alice --p12 --friendly-name Ada --p12-encryption legacy --out new", terminal=Terminal()
    )
    assert done.code == 0
    shown = done.terminal.removeprefix("password of alice.p12: ").removesuffix("\n")
    assert os.listdir(place.path / "new") == ["alice.p12"]
    found = pkcs12.load_pkcs12((place.path / "new" / "alice.p12").read_bytes(), shown.encode())
    assert found.cert is not None
    assert found.cert.friendly_name == b"Ada"
    assert f"{found.cert.certificate.serial_number:x}" == place.serial("alice")


def test_without_a_terminal_nothing_is_issued(place: Place) -> None:
    done = place.run("renew-cert alice --p12 --out new")
    assert (done.code, done.stdout) == (5, b"")
    assert place.events() == ["created", "issued", "issued"]


@pytest.mark.parametrize(
    ("words", "out"),
    [
        ("alice", "alice.p12"),
        ("alice", "alice.key"),
        ("alice", "alice.pem"),
        ("alice.pem --out new", "alice.pem"),
        ("alice.pem --out new", "new/alice.p12"),
        ("@ --out new", "new/alice.p12"),
        ("--expiring 7 --out new", "new"),
        ("--expiring 7 --out new/", "new.new"),
    ],
)
def test_a_password_goes_to_no_file_that_is_read_or_written(words: str, out: str, place: Place) -> None:
    before = {path.name: path.read_bytes() for path in place.path.iterdir() if path.is_file()}
    for more in ("", "--force"):
        line = f"renew-cert {words} --p12 --password-out {out} {more}".replace("@", place.serial("alice"))
        said = f"authkit: error: --password-out {out} is a file for something else here\n"
        hint = "authkit: hint: name another file\n"
        assert place.run(line).triple == ("", said + hint, 2)
    assert {path.name: path.read_bytes() for path in place.path.iterdir() if path.is_file()} == before
    assert place.events() == ["created", "issued", "issued"]


def test_a_name_is_no_file(place: Place) -> None:
    place.ok("renew-cert alice --p12 --password-out alice --out new")
    assert (place.path / "alice").exists()


def test_files_are_replaced_on_request(place: Place) -> None:
    said = "authkit: error: {} exists\nauthkit: hint: --force replaces it, or name another folder with --out\n"
    assert place.run("renew-cert alice").triple == ("", said.format("alice.key"), 5)
    assert place.run("renew-cert alice --same-key").triple == ("", said.format("alice.pem"), 5)
    (place.path / "alice.p12").write_bytes(b"")
    assert place.run("renew-cert alice --p12").triple == ("", said.format("alice.p12"), 5)
    assert place.events() == ["created", "issued", "issued"]
    old = place.certificate("alice.pem")
    place.ok("renew-cert alice --force")
    assert place.certificate("alice.pem") != old


@pytest.mark.parametrize(
    ("words", "said", "code"),
    [
        ("", "name a certificate, or all that run out with --expiring DAYS", 2),
        ("alice --expiring 3 --out new", "name a certificate, or all that run out with --expiring DAYS", 2),
        ("--expiring -1 --out new", "--expiring -1 is not 0 to 36500 days", 2),
        ("--expiring 36501 --out new", "--expiring 36501 is not 0 to 36500 days", 2),
        ("--expiring 3", "several certificates go into a new folder\nauthkit: hint: add --out DIR", 2),
        (
            "--expiring 3 --out store",
            "store exists\nauthkit: hint: name a folder that does not exist yet",
            5,
        ),
        (
            "--expiring 3 --out new --p12 --friendly-name x",
            "--friendly-name is for one certificate\nauthkit: hint: leave out --friendly-name",
            2,
        ),
        ("alice --friendly-name x --out new", "--friendly-name is for PKCS#12 files\nauthkit: hint: add --p12", 2),
        (
            "nobody --out new",
            "the CA demo issued nothing named nobody\nauthkit: hint: authkit list-certs shows what it issued",
            4,
        ),
        ("abcdef01 --out new", "the CA demo never issued the serial abcdef01", 4),
        ("foreign.pem --out new", "the certificate in foreign.pem is not in the ledger of the CA demo", 5),
        (
            "alice --days 5000 --out new",
            "alice: it would be valid until 2040-08-02T09:00:00Z, ",
            5,
        ),
        ("alice --days 0 --out new", "alice: --days 0 is not 1 ", 2),
    ],
)
def test_what_is_not_renewed(words: str, said: str, code: int, place: Place) -> None:
    from cryptography.hazmat.primitives.serialization import Encoding

    from ledgers import make_authority, make_leaf

    (place.path / "foreign.pem").write_bytes(make_leaf(make_authority(), 5).public_bytes(Encoding.PEM))
    done = place.run(f"renew-cert {words}")
    assert (done.code, done.stdout) == (code, b"")
    assert done.stderr.decode().startswith(f"authkit: error: {said}")
    assert place.events() == ["created", "issued", "issued"]
    assert not (place.path / "new").exists()


def test_a_revoked_one_is_not_renewed(place: Place) -> None:
    place.ok("revoke-cert alice")
    said = (
        "authkit: error: the certificate of alice was revoked at 2026-11-24T09:00:00Z, so it is not renewed\n"
        "authkit: hint: 'authkit issue-cert alice --force' issues another\n"
    )
    for word in ("alice", place.serial("alice"), "alice.pem"):
        assert place.run(f"renew-cert {word} --out new").triple == ("", said, 5)


def test_a_ca_is_not_renewed(place: Place) -> None:
    place.ok("create-ca sub --parent demo --no-passphrase --days 2")
    done = place.run("renew-cert sub --ca demo --out new")
    said = "authkit: error: sub is a CA, so it is not renewed\nauthkit: hint: create-ca --parent makes another CA\n"
    assert done.triple == ("", said, 5)
    done = place.run("renew-cert --expiring 3 --days 4 --ca demo --out new")
    warning = "authkit: warning: sub is a CA, so it is not renewed: 'authkit create-ca --parent' makes another\n"
    assert (done.code, done.stderr.decode()) == (0, warning)
    assert sorted(os.listdir(place.path / "new")) == ["bob.key", "bob.pem"]
    done = place.run("renew-cert --expiring 0 --ca demo --out newer", at="2026-11-26T09:00:00Z")
    assert done.triple == ("", warning + "authkit: note: nothing runs out within 0 days\n", 0)


def test_all_that_run_out(place: Place) -> None:
    place.ok("issue-cert carol --email carol@example.com --days 9")
    done = place.run("renew-cert --expiring 7 --days 8 --out new")
    assert done.triple == ("certificates: 2\nfolder:       new\n", "", 0)
    assert sorted(os.listdir(place.path / "new")) == ["alice.key", "alice.pem", "bob.key", "bob.pem"]
    assert [line["name"] for line in place.lines()[-2:]] == ["alice", "bob"]
    assert place.certificate("new/alice.pem").not_valid_after_utc == NOW + timedelta(days=8)
    # what was renewed does not run out again, though the old ones do
    done = place.run("renew-cert --expiring 0 --out newer", at="2026-11-25T08:00:00Z")
    assert done.triple == ("", "authkit: note: nothing runs out within 0 days\n", 0)
    assert not (place.path / "newer").exists()


def test_all_as_json(place: Place) -> None:
    found = json.loads(place.ok("renew-cert --expiring 7 --out new --json"))
    assert [row["files"]["key"] for row in found["certificates"]] == ["new/alice.key", "new/bob.key"]
    found = json.loads(place.ok("renew-cert --expiring 0 --out newer --json"))
    assert found == {"schema": "authkit.issued/v1", "certificates": []}


def test_all_with_the_same_keys(place: Place) -> None:
    place.ok("renew-cert --expiring 7 --same-key --revoke-old --out new")
    assert sorted(os.listdir(place.path / "new")) == ["alice.pem", "bob.pem"]
    assert place.events()[-4:] == ["issued", "issued", "revoked", "revoked"]
    assert place.ok("list-certs --expiring 0") == ""


def passwords(path: Path) -> dict[str, str]:
    head, *lines = path.read_text().splitlines()
    assert head == "name,password"
    return dict(line.split(",") for line in lines)


@pytest.mark.parametrize("out", [None, "pw"])
def test_all_as_p12(out: "str | None", place: Place) -> None:
    text = place.ok(f"renew-cert --expiring 7 --p12 --out new {f'--password-out {out}' if out else ''}")
    table = place.path / (out or "new/passwords.csv")
    assert f"passwords:    {out or 'new/passwords.csv'}\n" in text
    assert table.stat().st_mode & 0o777 == 0o600
    found = passwords(table)
    assert list(found) == ["alice", "bob"]
    assert len(set(found.values())) == 2
    for name, password in found.items():
        data = (place.path / "new" / f"{name}.p12").read_bytes()
        assert pkcs12.load_pkcs12(data, password.encode()).key is not None
    assert len(os.listdir(place.path / "new")) == (2 if out else 3)


def test_what_expired_is_named(place: Place) -> None:
    at = "2026-11-28T09:00:00Z"  # bob's certificate ended three days ago
    warning = "authkit: warning: already expired, and renewed only by name: bob\n"
    assert place.run("renew-cert --expiring 3 --out new", at=at).stderr.decode().startswith(warning)
    assert warning not in place.run("renew-cert --expiring 2 --out newer", at=at).stderr.decode()
    first = "2026-11-25T09:00:00Z"
    assert warning not in place.run("renew-cert --expiring 1 --same-key --out a", at=first).stderr.decode()


def test_no_more_than_five_are_named(place: Place) -> None:
    for number in range(6):
        place.ok(f"issue-cert c{number} --email c@example.com --days 1 --key-type ed25519")
    done = place.run("renew-cert --expiring 1 --out new", at="2026-11-25T09:00:01Z")
    said = "already expired, and renewed only by name: bob, c0, c1, c2, c3 and 2 more\n"
    assert said in done.stderr.decode()


def test_all_or_nothing(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.ok("issue-cert carol --email carol@example.com --days 3650")
    before = place.lines()
    done = place.run("renew-cert --expiring 3650 --out new", at=LATER)
    said = "authkit: error: carol: it would be valid until 2036-11-21T10:00:00Z, "
    assert (done.code, done.stdout) == (5, b"")
    assert said in done.stderr.decode()
    assert (place.lines(), (place.path / "new").exists()) == (before, False)
    # the ledger cannot be written: no file stays
    monkeypatch.setattr(files, "append", _fail)
    done = place.run("renew-cert --expiring 7 --out new", at=LATER)
    assert (done.code, done.stdout) == (6, b"")
    assert not {"new", "new.new"} & set(os.listdir(place.path))
    assert place.lines() == before


def _fail(*_: object) -> None:
    raise StoreError("cannot write")


def test_the_ledger_is_first(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    really = files._write_plain

    def watched(path: str, data: bytes, mode: int) -> None:
        seen.append(len(place.lines()))
        really(path, data, mode)

    monkeypatch.setattr(files, "_write_plain", watched)
    place.ok("renew-cert --expiring 7 --out new")
    assert seen[-4:] == [5, 5, 5, 5]


def test_another_process_was_quicker(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    really = _renewed._ca.open_ca

    def opened(given: object):  # type: ignore[no-untyped-def]
        monkeypatch.undo()
        place.ok("renew-cert --expiring 1 --out theirs --days 9")
        return really(given)  # type: ignore[arg-type]

    monkeypatch.setattr(_renewed._ca, "open_ca", opened)
    done = place.run("renew-cert --expiring 1 --out ours")
    assert done.triple == ("", "authkit: note: nothing runs out within 1 day\n", 0)
    assert not (place.path / "ours").exists()


def test_the_key_of_the_ca_is_needed(place: Place) -> None:
    (place.path / "pass").unlink()
    assert place.run("renew-cert alice --out new").code == 3
    assert place.run("renew-cert --expiring 0 --out new", at=AT).code == 0  # nothing to sign


def test_under_an_intermediate(place: Place) -> None:
    place.ok("create-ca sub --parent demo --no-passphrase")
    place.ok("issue-cert carol --ca sub --email carol@example.com")
    place.ok("renew-cert carol --ca sub --out new")
    chain = x509.load_pem_x509_certificates((place.path / "new" / "carol.pem").read_bytes())
    assert [one.subject.rfc4514_string() for one in chain] == ["", "CN=sub"]


def take_away(place: Place, *names: str) -> None:
    """Let the ledger say that the keys of some came in a CSR."""
    path = place.path / "store" / "ledgers" / "demo.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    head, written = "0" * 64, []
    for line in lines:
        extra = {"key": "elsewhere"} if line["event"] == "issued" and line["name"] in names else {}
        written.append(strictjson.encode({**line, "prev": head, **extra}))
        head = hashlib.sha256(written[-1]).hexdigest()
    path.write_bytes(b"".join(written))
    path.with_name("demo.jsonl.head").unlink(missing_ok=True)


HINT = (
    "authkit: hint: --same-key issues it again for the key that its holder has; or issue-cert NAME --csr FILE --force\n"
)


def test_a_key_that_was_never_here(place: Place) -> None:
    take_away(place, "alice")
    said = "authkit: error: the key came in a CSR and was never here: alice\n" + HINT
    for line in ("renew-cert alice --out new", "renew-cert --expiring 7 --out new"):
        assert place.run(line).triple == ("", said, 5)
    place.ok("renew-cert bob --out new")
    place.ok("renew-cert alice --same-key --out newer")
    assert place.certificate("newer/alice.pem").public_key() == place.certificate("alice.pem").public_key()
    # the next one is still elsewhere
    assert place.run("renew-cert alice --out newest").triple == ("", said, 5)
    assert [line.get("key") for line in place.lines()[-2:]] == [None, "elsewhere"]


def test_no_more_than_five_keys_are_named(place: Place) -> None:
    names = [f"c{number}" for number in range(6)]
    for name in names:
        place.ok(f"issue-cert {name} --email c@example.com --days 1 --key-type ed25519")
    take_away(place, *names)
    said = "authkit: error: the key came in a CSR and was never here: c0, c1, c2, c3, c4 and 1 more\n" + HINT
    assert place.run("renew-cert --expiring 1 --out new").triple == ("", said, 5)
    take_away(place, *names[:5])
    place.ok("renew-cert --expiring 1 --same-key --out new")


def test_the_ca_that_issued_it_is_found(place: Place) -> None:
    place.ok("create-ca other --no-passphrase")
    place.ok("renew-cert alice --out new")
    assert place.events("other") == ["created"]
    done = place.run("renew-cert --expiring 7 --out newer")
    said = "authkit: error: the store holds several CAs\nauthkit: hint: say which with --ca: demo, other\n"
    assert done.triple == ("", said, 2)
