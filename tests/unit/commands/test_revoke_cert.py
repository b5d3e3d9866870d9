"""Is revoked what was meant, once, and by the CA that issued it?"""

import json
from pathlib import Path
from unittest import mock

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from authkit.commands import _entries
from ledgers import key_of, make_authority, make_leaf
from workplace import Place, make_place

LATER = "2026-11-25T10:00:00Z"
LOST = "\nauthkit: hint: what the ledger has lost is named by a FILE"
NOTE = "authkit: note: no CRL lists it yet: 'authkit issue-crl --ca demo' signs one\n"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return make_place(tmp_path)


def test_by_name(place: Place) -> None:
    serial = place.serial("alice")
    done = place.run("revoke-cert alice", at=LATER)
    assert done.triple == (f"revoked alice {serial}\n", NOTE, 0)
    line = place.lines()[-1]
    issuer = place.lines()[1]["issuer"]
    found = {name: line[name] for name in ("event", "at", "serial", "issuer", "date", "reason")}
    expected = {"event": "revoked", "at": LATER, "serial": serial, "issuer": issuer, "date": LATER}
    assert found == {**expected, "reason": "unspecified"}


@pytest.mark.parametrize("form", ["{0}", "0x{0}", "00{0}", "upper", "colons", "{0:.16}", "{0:.39}"])
def test_by_serial(form: str, place: Place) -> None:
    serial = place.serial("alice")
    pairs = ":".join(("0" * (len(serial) % 2) + serial)[i : i + 2] for i in range(0, len(serial), 2))
    word = {"upper": serial.upper(), "colons": pairs}.get(form, form.format(serial))
    assert place.ok(f"revoke-cert {word}") == f"revoked alice {serial}\n"


@pytest.mark.parametrize("der", [False, True])
def test_by_file(der: bool, place: Place) -> None:
    if der:
        (place.path / "alice.pem").write_bytes(place.certificate("alice.pem").public_bytes(Encoding.DER))
    assert place.ok("revoke-cert alice.pem") == f"revoked alice {place.serial('alice')}\n"


def test_from_standard_input(place: Place) -> None:
    data = (place.path / "bob.pem").read_bytes()
    assert place.ok("revoke-cert -", stdin=data) == f"revoked bob {place.serial('bob')}\n"


def test_the_beginning_of_a_serial(place: Place) -> None:
    serial = place.serial("alice")
    said = f"authkit: error: the CA demo never issued the serial {serial[:15]}{LOST}\n"
    assert place.run(f"revoke-cert {serial[:15]}").triple == ("", said, 4)
    rows = [mock.Mock(serial="a" * 16 + "1"), mock.Mock(serial="a" * 16 + "2")]
    record = mock.Mock(issued=rows)
    record.named.return_value, record.by_serial.return_value = [], None
    assert _entries.known("a" * 16, record) == []
    assert _entries.known("a" * 16 + "2", record) == [rows[1]]
    assert _entries.known("b" * 16, record) == []


def test_a_name_goes_before_a_serial_and_a_file(place: Place) -> None:
    serial = place.serial("alice")
    place.ok(f"issue-cert {serial} --email c@example.com")
    (place.path / "bob").write_bytes((place.path / "alice.pem").read_bytes())
    assert place.ok(f"revoke-cert {serial}") == f"revoked {serial} {place.serial(serial)}\n"
    assert place.ok("revoke-cert bob") == f"revoked bob {place.serial('bob')}\n"


def test_as_json(place: Place) -> None:
    found = json.loads(place.ok("revoke-cert alice --reason ca-compromise --json"))
    row = {
        "name": "alice",
        "serial": place.serial("alice"),
        "date": "2026-11-24T09:00:00Z",
        "reason": "ca-compromise",
    }
    assert found == {"schema": "authkit.revoked/v1", "ca": "demo", "revoked": [row]}


def test_once(place: Place) -> None:
    place.ok("revoke-cert alice --reason key-compromise")
    serial, count = place.serial("alice"), len(place.lines())
    said = f"authkit: error: alice ({serial}) was revoked already, at 2026-11-24T09:00:00Z (key-compromise)\n"
    for word in ("alice", serial, "alice.pem"):
        assert place.run(f"revoke-cert {word}", at=LATER).triple == ("", said, 5)
    assert len(place.lines()) == count


def test_what_has_expired_can_be_revoked(place: Place) -> None:
    assert place.ok("revoke-cert bob", at="2027-01-01T00:00:00Z") == f"revoked bob {place.serial('bob')}\n"


def test_several_of_a_name(place: Place) -> None:
    place.ok("issue-cert alice --email alice@example.com --force --days 9")
    serials = [place.serial("alice", place_of) for place_of in (0, 1)]
    ends = ["2026-12-01T09:00:00Z", "2026-12-03T09:00:00Z"]
    listed = ", ".join(f"{serial} (until {end})" for serial, end in zip(serials, ends, strict=True))
    said = f"authkit: error: alice has 2 certificates that are valid: {listed}\n"
    hint = "authkit: hint: name one by its serial, or add --all\n"
    assert place.run("revoke-cert alice").triple == ("", said + hint, 2)
    # at the end of the first it is still valid, a second later it is not
    assert place.run("revoke-cert alice", at=ends[0]).code == 2
    assert place.ok("revoke-cert alice", at="2026-12-01T09:00:01Z") == f"revoked alice {serials[1]}\n"


def test_all_of_a_name(place: Place) -> None:
    place.ok("issue-cert alice --email alice@example.com --force --days 9")
    place.ok("issue-cert alice --email alice@example.com --force --days 1")
    place.ok(f"revoke-cert {place.serial('alice', 1)}")
    expected = [place.serial("alice", 0)]
    text = place.ok("revoke-cert alice --all", at="2026-11-25T09:00:01Z")  # the third has expired
    assert text == "".join(f"revoked alice {serial}\n" for serial in expected)
    said = "authkit: error: no certificate of alice is valid any more, so there is nothing to revoke\n"
    assert place.run("revoke-cert alice --all", at="2026-11-25T09:00:01Z").triple == ("", said, 5)


def test_all_until_the_last_second(place: Place) -> None:
    assert place.ok("revoke-cert alice --all", at="2026-12-01T09:00:00Z")
    assert place.run("revoke-cert bob --all", at="2026-11-25T09:00:01Z").code == 5


def test_the_one_that_is_left(place: Place) -> None:
    place.ok("issue-cert alice --email alice@example.com --force")
    place.ok(f"revoke-cert {place.serial('alice')}")
    assert place.ok("revoke-cert alice") == f"revoked alice {place.serial('alice', 0)}\n"


@pytest.mark.parametrize(
    ("word", "said", "code"),
    [
        (
            "carol",
            "error: the CA demo issued nothing named carol\nauthkit: hint: authkit list-certs shows what it issued",
            4,
        ),
        ("abcdef01", f"error: the CA demo never issued the serial abcdef01{LOST}", 4),
        ("ab:cd:ef:01", f"error: the CA demo never issued the serial ab:cd:ef:01{LOST}", 4),
        (
            "abcdef0",
            "error: the CA demo issued nothing named abcdef0\nauthkit: hint: authkit list-certs shows what it issued",
            4,
        ),
        ("0", "error: the CA demo issued nothing named 0\nauthkit: hint: authkit list-certs shows what it issued", 4),
        (
            "a" * 41,
            f"error: the CA demo issued nothing named {'a' * 41}\n"
            "authkit: hint: authkit list-certs shows what it issued",
            4,
        ),
        ("./none.pem", "error: no such file: ./none.pem", 3),
        ("alice.key", "error: alice.key: not certificates in PEM that can be read", 3),
        ("pass", "error: pass: not a certificate in PEM or DER", 3),
    ],
)
def test_what_was_never_issued(word: str, said: str, code: int, place: Place) -> None:
    assert place.run(f"revoke-cert {word}").triple == ("", f"authkit: {said}\n", code)
    assert place.events() == ["created", "issued", "issued"]


def lose_last_line(place: Place) -> None:
    """Make the ledger that of a backup, in which bob is not yet."""
    path = place.path / "store" / "ledgers" / "demo.jsonl"
    path.write_text("".join(f"{line}\n" for line in path.read_text().splitlines()[:-1]))
    path.with_name("demo.jsonl.head").unlink()


def test_what_the_ledger_has_lost_comes_as_a_file(place: Place) -> None:
    serial = place.serial("bob")
    lose_last_line(place)
    assert place.run(f"revoke-cert {serial}").code == 4
    assert place.run("revoke-cert bob").code == 4
    done = place.run("revoke-cert bob.pem --reason superseded")
    warning = (
        "authkit: warning: the certificate in bob.pem is not in the ledger of the CA demo, though its signature is "
        "right\n"
    )
    assert done.triple == (f"revoked bob.pem {serial}\n", warning + NOTE, 0)
    assert (place.lines()[-1]["serial"], place.lines()[-1]["reason"]) == (serial, "superseded")
    assert place.lines()[-1]["issuer"] == place.lines()[0]["issuer"]
    said = (
        f"authkit: error: the certificate in bob.pem ({serial}) was revoked already, at 2026-11-24T09:00:00Z "
        "(superseded)\n"
    )
    assert place.run("revoke-cert bob.pem", at=LATER).triple == ("", said, 5)


def test_a_lost_one_as_json(place: Place) -> None:
    lose_last_line(place)
    found = json.loads(place.ok("revoke-cert bob.pem --json"))
    assert found["revoked"][0]["name"] is None


def test_all_is_for_names(place: Place) -> None:
    lose_last_line(place)
    assert place.run("revoke-cert bob.pem --all").triple == ("", "authkit: error: --all is for a name\n", 2)


def write(place: Place, certificate: x509.Certificate) -> None:
    (place.path / "x.pem").write_bytes(certificate.public_bytes(Encoding.PEM))


def test_a_certificate_of_another_ca(place: Place) -> None:
    said = "authkit: error: the certificate in x.pem was not issued by the CA demo\n"
    for authority in (make_authority("other"), make_authority("demo")):  # of the same name, with another key
        write(place, make_leaf(authority, 5))
        assert place.run("revoke-cert x.pem").triple == ("", said, 5)


def test_a_certificate_that_borrows_a_serial(place: Place) -> None:
    write(place, make_leaf(make_authority("demo"), int(place.serial("alice"), 16)))
    said = "authkit: error: x.pem is not the certificate that the CA demo issued with this serial\n"
    assert place.run("revoke-cert x.pem").triple == ("", said, 5)


@pytest.mark.parametrize("serial", [0, -5, 1 << 160])
def test_a_serial_that_no_list_can_hold(serial: int, place: Place) -> None:
    write(place, make_leaf(make_authority("demo"), 5))
    said = "authkit: error: the certificate in x.pem has a serial number that a CRL cannot list\n"
    odd = mock.Mock(serial_number=serial)
    with (
        mock.patch.object(_entries, "find", return_value=([], odd)),
        mock.patch.object(_entries, "issued_by", return_value=True),
    ):
        assert place.run("revoke-cert x.pem").triple == ("", said, 5)


@pytest.mark.parametrize(("serial", "bits"), [(1, 1), ((1 << 160) - 1, 160)])
def test_the_serials_that_lists_hold(serial: int, bits: int, place: Place) -> None:
    odd = mock.Mock(serial_number=serial)
    with (
        mock.patch.object(_entries, "find", return_value=([], odd)),
        mock.patch.object(_entries, "issued_by", return_value=True),
    ):
        assert place.ok("revoke-cert x.pem") == f"revoked x.pem {serial:x}\n"


def test_a_signature_that_cannot_be_checked() -> None:
    authority = make_authority("demo")
    assert _entries.issued_by(make_leaf(authority, 5), authority)
    assert not _entries.issued_by(make_leaf(make_authority("demo", key_of("rsa")), 5), authority)
    assert not _entries.signed_by(make_leaf(authority, 5), make_leaf(authority, 6))


def test_older_lists_hide_it(place: Place) -> None:
    place.ok("issue-crl -o one.crl")  # good until 2026-12-01T09:00:00Z
    place.ok("issue-crl --days 2 -o two.crl")
    said = "authkit: warning: CRLs that were signed before do not list it, and are good until 2026-12-01T09:00:00Z\n"
    assert place.run("revoke-cert alice", at="2026-12-01T08:59:59Z").triple[1] == said + NOTE
    assert place.run("revoke-cert bob", at="2026-12-01T09:00:00Z").triple[1] == NOTE


def test_nobody_is_asked(place: Place) -> None:
    (place.path / "pass").unlink()
    assert place.run("revoke-cert alice").code == 0


def test_the_ca_that_issued_it_is_found(place: Place) -> None:
    place.ok("create-ca other --no-passphrase")
    place.ok("create-ca later --no-passphrase --csr later.csr")  # without a certificate it has issued nothing
    place.ok("issue-cert carol --ca other --email carol@example.com")
    place.ok("issue-cert dave --ca other --email dave@example.com")
    (place.path / "alice").mkdir()  # a name that is known is not looked up as a file
    for line, event in (
        ("revoke-cert alice", "demo"),
        ("revoke-cert bob.pem", "demo"),
        ("revoke-cert carol", "other"),
        (f"revoke-cert {place.serial('dave', ca='other')}", "other"),
    ):
        before = len(place.lines(event))
        place.ok(line)
        assert len(place.lines(event)) == before + 1


def test_the_ca_is_found_from_standard_input(place: Place) -> None:
    place.ok("create-ca other --no-passphrase")
    data = (place.path / "bob.pem").read_bytes()
    assert place.ok("revoke-cert -", stdin=data) == f"revoked bob {place.serial('bob')}\n"


@pytest.mark.parametrize(
    ("line", "said", "code"),
    [
        (
            "revoke-cert alice",
            "alice was issued by several CAs\nauthkit: hint: say which with --ca: demo, other",
            2,
        ),
        (
            "revoke-cert ada",
            "no CA of the store issued ada\nauthkit: hint: 'authkit list-certs --all' shows what was issued",
            4,
        ),
        (
            "revoke-cert nobody",
            "no CA of the store issued nobody\nauthkit: hint: 'authkit list-certs --all' shows what was issued",
            4,
        ),
        ("revoke-cert abcdef01", f"no CA of the store issued the serial abcdef01{LOST}", 4),
        ("revoke-cert x.pem", "the certificate in x.pem was issued by no CA of the store", 5),
        ("revoke-cert ./none", "no such file: ./none", 3),
        ("revoke-cert bob --ca other", "the CA other issued nothing named bob\nauthkit: hint: authkit list-certs shows "
         "what it issued", 4),
        ("revoke-cert bob.pem --ca other", "the certificate in bob.pem was not issued by the CA other", 5),
    ],
)  # fmt: skip
def test_of_two_cas(line: str, said: str, code: int, place: Place) -> None:
    place.ok("create-ca other --no-passphrase")
    place.ok("issue-cert alice --ca other --email alice@example.com --out other")
    write(place, make_leaf(make_authority("demo"), 5))
    counts = len(place.lines()), len(place.lines("other"))
    assert place.run(line).triple == ("", f"authkit: error: {said}\n", code)
    assert (len(place.lines()), len(place.lines("other"))) == counts


def test_a_store_without_a_ca(place: Place) -> None:
    place.ok("delete-key demo --yes", at="")
    said = "authkit: error: the store holds no CA\nauthkit: hint: 'authkit create-ca NAME' makes one\n"
    assert place.run("revoke-cert alice").triple == ("", said, 4)


def test_words() -> None:
    assert repr(_entries.Word("alice")) == "<Word alice>"


def test_a_damaged_ledger(place: Place) -> None:
    path = place.path / "store" / "ledgers" / "demo.jsonl"
    path.write_text(path.read_text().replace("alice@example.com", "mallet@example.co"))
    done = place.run("revoke-cert alice")
    assert (done.code, done.stdout) == (6, b"")
    assert b"demo.jsonl: line 3 does not follow from the line before" in done.stderr
