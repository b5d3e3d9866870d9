"""Does the store give out the certificate that was named, and the path above it?"""

from hashlib import sha256
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from authkit import strictjson
from commandline import Terminal
from ledgers import make_authority, make_leaf
from workplace import Place, make_place


@pytest.fixture
def place(tmp_path: Path) -> Place:
    found = make_place(tmp_path)
    found.ok("create-ca sub --parent demo --no-passphrase")
    found.ok("issue-cert carol --ca sub --email carol@example.com")
    return found


def named(data: str) -> list[str]:
    """Return the serial of each certificate in PEM."""
    return [f"{one.serial_number:x}" for one in x509.load_pem_x509_certificates(data.encode())]


def serials(place: Place) -> dict[str, str]:
    path = [
        f"{one.serial_number:x}"
        for one in x509.load_pem_x509_certificates(place.ok("export-cert sub --chain --root", at="").encode())
    ]
    return {
        "alice": place.serial("alice"),
        "carol": place.serial("carol", ca="sub"),
        "sub": place.serial("sub", ca="demo"),
        "demo": path[-1],
    }


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("alice", ["alice"]),
        ("alice --chain", ["alice"]),
        ("alice --root", ["demo"]),
        ("alice --chain --root", ["alice", "demo"]),
        ("carol", ["carol"]),
        ("carol --chain", ["carol", "sub"]),
        ("carol --root", ["demo"]),
        ("carol --chain --root", ["carol", "sub", "demo"]),
        ("carol --ca sub", ["carol"]),
        ("sub", ["sub"]),
        ("sub --ca sub --chain", ["sub"]),
        ("sub --ca demo", ["sub"]),
        ("sub --root", ["demo"]),
        ("sub --chain --root", ["sub", "demo"]),
        ("demo", ["demo"]),
        ("demo --chain", ["demo"]),
        ("demo --root", ["demo"]),
        ("demo --chain --root", ["demo"]),
    ],
)
def test_what_is_printed(words: str, expected: list[str], place: Place) -> None:
    known = serials(place)
    done = place.run(f"export-cert {words}", at="")
    assert (done.code, done.stderr) == (0, b"")
    assert named(done.stdout.decode()) == [known[name] for name in expected]


def test_by_serial(place: Place) -> None:
    serial = place.serial("alice")
    assert named(place.ok(f"export-cert {serial}", at="")) == [serial]
    assert named(place.ok(f"export-cert {place.serial('carol', ca='sub')}", at="")) == [place.serial("carol", ca="sub")]


def test_the_last_of_a_name(place: Place) -> None:
    place.ok("issue-cert alice --ca demo --email alice@example.com --force")
    first, last = [place.serial("alice", number) for number in (0, 1)]
    assert named(place.ok("export-cert alice", at="")) == [last]
    assert named(place.ok(f"export-cert {first}", at="")) == [first]


def test_to_a_file(place: Place) -> None:
    place.ok("export-cert alice -o a.pem", at="")
    assert named((place.path / "a.pem").read_text()) == [place.serial("alice")]
    assert (place.path / "a.pem").stat().st_mode & 0o777 == 0o644
    said = "authkit: error: a.pem exists\nauthkit: hint: --force replaces it\n"
    assert place.run("export-cert sub -o a.pem", at="").triple == ("", said, 5)
    place.ok("export-cert sub -o a.pem --force", at="")
    assert named((place.path / "a.pem").read_text()) == [place.serial("sub")]
    assert named(place.ok("export-cert sub -o -", at="")) == [place.serial("sub")]


def test_der(place: Place) -> None:
    data = place.run("export-cert alice --der", at="").stdout
    assert f"{x509.load_der_x509_certificate(data).serial_number:x}" == place.serial("alice")
    place.ok("export-cert carol --root --der -o root.der", at="")
    root = x509.load_der_x509_certificate((place.path / "root.der").read_bytes())
    assert root.subject == root.issuer


def test_der_is_one_certificate(place: Place) -> None:
    said = "authkit: error: DER holds one certificate\nauthkit: hint: leave out --chain or --der\n"
    assert place.run("export-cert carol --chain --der", at="").triple == ("", said, 2)


def test_der_is_not_for_a_terminal(place: Place) -> None:
    for option in ("", "-o -"):
        done = place.run(f"export-cert alice --der {option}", at="", terminal=Terminal(), screens=(1,))
        said = "authkit: error: DER is not for a terminal\nauthkit: hint: write it with -o FILE\n"
        assert (done.code, done.stderr.decode(), done.terminal) == (5, said, "")
    done = place.run("export-cert alice", at="", terminal=Terminal(), screens=(1,))
    assert (done.code, "BEGIN CERTIFICATE" in done.terminal) == (0, True)


def test_what_nobody_issued(place: Place) -> None:
    said = (
        "authkit: error: no CA of the store issued nobody\n"
        "authkit: hint: 'authkit list-certs --all' shows what was issued\n"
    )
    assert place.run("export-cert nobody", at="").triple == ("", said, 4)
    (place.path / "x.pem").write_bytes(make_leaf(make_authority("demo"), 5).public_bytes(Encoding.PEM))
    said = "authkit: error: the certificate in x.pem is not in the ledger of the CA demo\n"
    assert place.run("export-cert x.pem --ca demo", at="").triple == ("", said, 5)
    assert place.run("export-cert alice --ca sub", at="").code == 4
    assert place.run("export-cert alice --ca third", at="").code == 4


def test_what_two_cas_issued(place: Place) -> None:
    place.ok("issue-cert alice --ca sub --email alice@example.com --force")
    said = "authkit: error: alice was issued by several CAs\nauthkit: hint: say which with --ca: demo, sub\n"
    assert place.run("export-cert alice", at="").triple == ("", said, 2)
    assert named(place.ok("export-cert alice --ca sub", at="")) == [place.serial("alice", ca="sub")]


def test_a_revoked_one_is_announced(place: Place) -> None:
    place.ok("revoke-cert alice --ca demo")
    done = place.run("export-cert alice", at="")
    assert (done.code, done.stderr) == (0, b"authkit: warning: alice was revoked at 2026-11-24T09:00:00Z\n")


def test_what_an_earlier_key_issued(place: Place) -> None:
    place.ok("create-ca third --no-passphrase")
    place.ok("issue-cert dave --ca third --email dave@example.com")
    place.ok("delete-key third --yes", at="")
    ledger = place.path / "store" / "ledgers" / "third.jsonl"
    last_line = ledger.read_bytes().splitlines(keepends=True)[-1]
    ledger.rename(place.path / "old")
    place.ok("create-ca third --no-passphrase")
    made = strictjson.encode({**place.lines("third")[0], "n": 3, "prev": sha256(last_line).hexdigest()})
    ledger.write_bytes((place.path / "old").read_bytes() + made)
    ledger.with_name("third.jsonl.head").unlink()
    done = place.run("export-cert dave", at="")
    assert done.triple == ("", "authkit: error: dave was issued under another key than the CA third has now\n", 5)


def test_a_ca_without_a_certificate(place: Place) -> None:
    place.ok("create-ca later --no-passphrase --csr later.csr")
    done = place.run("export-cert later", at="")
    assert (done.code, done.stdout) == (5, b"")
    assert named(place.ok("export-cert alice", at="")) == [place.serial("alice")]


def test_nobody_is_asked(place: Place) -> None:
    (place.path / "pass").unlink()
    assert place.run("export-cert carol --chain", at="").code == 0
