"""Are CRLs recorded before they appear, whole or not at all, at the price that is said?"""

import json
import os
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from agefile import IDENTITY, RECIPIENT
from authkit import files, seal
from authkit.commands import _crls
from authkit.errors import StoreError
from commandline import Terminal
from workplace import Place, make_place

NOW = datetime(2026, 11, 24, 9, 0, 0, tzinfo=timezone.utc)
PRICE = (
    "authkit: warning: each of these 3 lists says already who is not revoked, and stays a valid signature until its "
    "end, the last until {}\n"
    "authkit: warning: after a revocation a new series is needed, and until then and beyond whoever has an old list "
    "can show it to a verifier that has seen no newer one\n"
    "authkit: note: keep the series as secret as the CA, and release its lists one by one, each on its day\n"
)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return make_place(tmp_path)


def read(path: Path) -> x509.CertificateRevocationList:
    return x509.load_pem_x509_crl(path.read_bytes())


def serials(crl: x509.CertificateRevocationList) -> list[str]:
    return [f"{one.serial_number:x}" for one in crl]


def number(crl: x509.CertificateRevocationList) -> int:
    return crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number


def test_one_list(place: Place) -> None:
    place.ok("revoke-cert alice --reason superseded")
    done = place.run("issue-crl -o demo.crl")
    note = "authkit: note: CRL 1 of demo lists 1 certificate and is good until 2026-12-01T09:00:00Z\n"
    assert done.triple == ("", note, 0)
    crl = read(place.path / "demo.crl")
    assert (serials(crl), number(crl)) == ([place.serial("alice")], 1)
    assert (crl.last_update_utc, crl.next_update_utc) == (NOW - timedelta(minutes=5), NOW + timedelta(days=7))
    place.ok("export-cert demo -o ca.pem", at="")
    assert crl.is_signature_valid(place.certificate("ca.pem").public_key())  # type: ignore[arg-type]
    reserved, written = place.lines()[-2:]
    assert (reserved["event"], reserved["first"], reserved["last"]) == ("crl-reserved", 1, 1)
    assert (written["event"], written["number"]) == ("crl-written", 1)
    assert written["sha256"] == crl.fingerprint(hashes.SHA256()).hex()
    assert (written["this_update"], written["next_update"]) == ("2026-11-24T08:55:00Z", "2026-12-01T09:00:00Z")
    assert (place.path / "demo.crl").stat().st_mode & 0o777 == 0o644


def test_standard_output(place: Place) -> None:
    for option in ("", "-o -"):
        done = place.run(f"issue-crl {option} --days 1")
        assert done.stdout.startswith(b"-----BEGIN X509 CRL-----\n")
        assert b"lists 0 certificates and is good until 2026-11-25T09:00:00Z" in done.stderr
    der = x509.load_der_x509_crl(place.run("issue-crl --der").stdout)
    assert number(der) == 3


def test_der_in_a_file(place: Place) -> None:
    place.ok("issue-crl --der -o demo.crl")
    assert number(x509.load_der_x509_crl((place.path / "demo.crl").read_bytes())) == 1


def test_der_is_not_for_a_terminal(place: Place) -> None:
    for option in ("", "-o -"):
        done = place.run(f"issue-crl --der {option}", terminal=Terminal(), screens=(1,))
        said = "authkit: error: DER is not for a terminal\nauthkit: hint: write it with -o FILE\n"
        assert (done.code, done.stderr.decode(), done.terminal) == (5, said, "")
    done = place.run("issue-crl --der -o demo.crl", terminal=Terminal(), screens=(1,))
    assert done.code == 0
    done = place.run("issue-crl", terminal=Terminal(), screens=(1,))
    assert (done.code, "BEGIN X509 CRL" in done.terminal) == (0, True)


def test_as_json(place: Place) -> None:
    place.ok("revoke-cert alice")
    found = json.loads(place.ok("issue-crl -o demo.crl --json"))
    row = {
        "number": 1,
        "sha256": place.lines()[-1]["sha256"],
        "this_update": "2026-11-24T08:55:00Z",
        "next_update": "2026-12-01T09:00:00Z",
        "revoked": 1,
        "file": "demo.crl",
    }
    assert found == {"schema": "authkit.crl/v1", "ca": "demo", "crls": [row]}


def test_the_number_grows(place: Place) -> None:
    place.ok("issue-crl -o one.crl")
    place.ok("issue-crl --series 3 --plain --out series")
    place.ok("issue-crl -o two.crl")
    assert (number(read(place.path / "one.crl")), number(read(place.path / "two.crl"))) == (1, 5)
    assert sorted(os.listdir(place.path / "series")) == [
        "000002-2026-11-24.crl",
        "000003-2026-12-01.crl",
        "000004-2026-12-08.crl",
    ]


def test_a_file_is_replaced_on_request(place: Place) -> None:
    place.ok("issue-crl -o demo.crl")
    said = "authkit: error: demo.crl exists\nauthkit: hint: --force replaces it\n"
    count = len(place.lines())
    assert place.run("issue-crl -o demo.crl").triple == ("", said, 5)
    assert len(place.lines()) == count
    place.ok("issue-crl -o demo.crl --force")
    assert number(read(place.path / "demo.crl")) == 2


def test_a_sealed_series(place: Place) -> None:
    place.ok("revoke-cert bob")
    done = place.run(f"issue-crl --series 3 --days 4 --to {RECIPIENT} --out series")
    last = "2026-12-07T09:00:00Z"
    note = f"authkit: note: CRLs 1 to 3 of demo are in series; the last is good until {last}\n"
    assert done.triple == ("", PRICE.format(last) + note, 0)
    names = sorted(os.listdir(place.path / "series"))
    assert names == ["000001-2026-11-24.crl.age", "000002-2026-11-28.crl.age", "000003-2026-12-02.crl.age"]
    lists = []
    for name in names:
        path = place.path / "series" / name
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.read_bytes().startswith(b"-----BEGIN AGE ENCRYPTED FILE-----")
        lists.append(x509.load_pem_x509_crl(seal.decrypt_with(IDENTITY, path.read_bytes())))
    assert [number(one) for one in lists] == [1, 2, 3]
    # bob's certificate ended on the 25th: the second list is the first after that, and the last that names him
    assert [serials(one) for one in lists] == [[place.serial("bob")], [place.serial("bob")], []]
    for before, after in zip(lists, lists[1:]):
        assert before.next_update_utc is not None
        assert before.next_update_utc - after.last_update_utc == timedelta(days=1, minutes=5)
    assert place.events()[-4:] == ["crl-reserved", "crl-written", "crl-written", "crl-written"]
    assert [one["sha256"] for one in place.lines()[-3:]] == [one.fingerprint(hashes.SHA256()).hex() for one in lists]


def test_a_plain_series_as_json(place: Place) -> None:
    found = json.loads(place.ok("issue-crl --series 2 --plain --der --out series --json"))
    assert [one["file"] for one in found["crls"]] == [
        "series/000001-2026-11-24.crl",
        "series/000002-2026-12-01.crl",
    ]
    path = place.path / found["crls"][0]["file"]
    assert path.stat().st_mode & 0o777 == 0o600
    crl = x509.load_der_x509_crl(path.read_bytes())
    assert crl.fingerprint(hashes.SHA256()).hex() == found["crls"][0]["sha256"]


def test_a_sealed_series_as_json(place: Place) -> None:
    found = json.loads(place.ok(f"issue-crl --series 1 --to {RECIPIENT} --out series --json"))
    assert found["crls"][0]["file"] == "series/000001-2026-11-24.crl.age"


def test_an_old_series_misleads(place: Place) -> None:
    place.ok("issue-crl --series 2 --days 2 --plain --out old")
    place.ok("revoke-cert alice")
    said = (
        "authkit: warning: CRLs that were signed before the last revocation do not list it, and are good until "
        "2026-11-28T21:00:00Z\n"
    )
    for line in ("issue-crl -o {}.crl", "issue-crl --series 2 --plain --out {}", "issue-crl --json -o {}.crl"):
        done = place.run(line.format(len(place.lines())), at="2026-11-28T21:00:00Z")
        assert said in done.stderr.decode()
    assert said not in place.run("issue-crl -o late.crl", at="2026-11-28T21:00:01Z").stderr.decode()


@pytest.mark.parametrize(
    ("line", "said", "code"),
    [
        (f"issue-crl --to {RECIPIENT}", "--to is for a series\nauthkit: hint: add --series N", 2),
        ("issue-crl --plain", "--plain is for a series\nauthkit: hint: add --series N", 2),
        ("issue-crl --out d", "--out is for a series\nauthkit: hint: add --series N", 2),
        (
            "issue-crl --series 2 --plain -o d",
            "a series goes into a folder\nauthkit: hint: --out DIR instead of --output",
            2,
        ),
        ("issue-crl --series 2 --plain", "a series needs a folder\nauthkit: hint: add --out DIR", 2),
        (
            "issue-crl --series 2 --out d",
            "a series is sealed with --to RECIPIENT, or is --plain\nauthkit: hint: give one of the two",
            2,
        ),
        (
            f"issue-crl --series 2 --out d --plain --to {RECIPIENT}",
            "a series is sealed with --to RECIPIENT, or is --plain\nauthkit: hint: give one of the two",
            2,
        ),
        ("issue-crl --series 2 --out d --to age1x", "not an age recipient of the form age1…: age1x", 3),
        (
            "issue-crl --series 2 --out store --plain",
            "store exists\nauthkit: hint: name a folder that does not exist yet",
            5,
        ),
        ("issue-crl --series 0 --out d --plain", "--series 0 is not 1 to 1000", 2),
        ("issue-crl --days 0", "--days 0 is not 1 to 3650", 2),
        (
            "issue-crl --series 13 --out d --plain",
            "91 days in advance are more than 90: each list says for all that time who is not revoked\n"
            "authkit: hint: add --long if you mean it",
            5,
        ),
        ("issue-crl --ca other", "no CA named other\nauthkit: hint: the store holds demo", 4),
    ],
)
def test_what_cannot_be(line: str, said: str, code: int, place: Place) -> None:
    assert place.run(line).triple == ("", f"authkit: error: {said}\n", code)
    assert place.events() == ["created", "issued", "issued"]
    assert not (place.path / "d").exists()


def test_json_needs_a_file(place: Place) -> None:
    for option in ("", "-o -"):
        done = place.run(f"issue-crl --json {option}")
        error = json.loads(done.stderr)["error"]
        assert (done.code, done.stdout) == (2, b"")
        assert error["message"] == "standard output cannot hold the list and the JSON"
        assert error["hint"] == "write the list with -o FILE"


def test_a_long_series(place: Place) -> None:
    place.ok("issue-crl --series 13 --out series --plain --long")
    assert len(os.listdir(place.path / "series")) == 13


def test_nothing_of_a_series_stays_when_it_cannot_be_written(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(recipient: str, data: bytes) -> str:
        sealed.append(data)
        if len(sealed) == 3:  # the first was of nothing, to see whether the recipient is one
            raise StoreError("cannot write")
        return really(recipient, data)

    really, sealed = seal.encrypt_to, list[bytes]()
    monkeypatch.setattr(seal, "encrypt_to", fail)
    done = place.run(f"issue-crl --series 3 --to {RECIPIENT} --out series")
    assert (done.code, done.stdout) == (6, b"")
    assert not {"series", "series.new"} & set(os.listdir(place.path))
    monkeypatch.undo()
    place.ok("issue-crl -o next.crl")
    assert number(read(place.path / "next.crl")) == 4


def test_the_ledger_is_first(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[str]] = []
    monkeypatch.setattr(_crls, "sign_crl", _watch(place, seen, _crls.sign_crl))
    monkeypatch.setattr(files, "write_public", _watch(place, seen, files.write_public))
    place.ok("issue-crl -o demo.crl")
    assert [events[3:] for events in seen] == [["crl-reserved"], ["crl-reserved", "crl-written"]]


def _watch(place: Place, seen: list[list[str]], really):  # type: ignore[no-untyped-def]
    def watched(*args, **more):  # type: ignore[no-untyped-def]
        seen.append(place.events())
        return really(*args, **more)

    return watched


def test_a_number_is_reserved_for_good(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise StoreError("cannot sign")

    monkeypatch.setattr(_crls, "sign_crl", fail)
    assert place.run("issue-crl -o demo.crl").triple == ("", "authkit: error: cannot sign\n", 6)
    assert not (place.path / "demo.crl").exists()
    monkeypatch.undo()
    place.ok("issue-crl -o demo.crl")
    assert number(read(place.path / "demo.crl")) == 2


def test_a_ca_that_is_over(place: Place) -> None:
    said = "authkit: error: the CA demo expires before a list of 2036-11-21T09:00:01Z begins\n"
    assert place.run("issue-crl", at="2036-11-21T09:00:01Z").triple == ("", said, 5)
    assert place.run("issue-crl", at="2036-11-21T09:00:00Z").code == 0


def test_the_key_of_the_ca_is_needed(place: Place) -> None:
    (place.path / "pass").unlink()
    done = place.run("issue-crl -o demo.crl")
    assert (done.code, done.stdout) == (3, b"")
    assert place.events() == ["created", "issued", "issued"]
