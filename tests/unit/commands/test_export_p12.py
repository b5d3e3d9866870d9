"""Is packed what belongs together, without the root, and opened by the password that was handed over?"""

import json
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat, pkcs12
from cryptography.hazmat.primitives.serialization import load_pem_private_key as load_pem

from authkit.commands import _packed
from commandline import Terminal
from ledgers import make_authority, make_leaf
from workplace import Place, make_place

OUT = "--password-out pw"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    found = make_place(tmp_path)
    found.ok("create-ca sub --parent demo --no-passphrase")
    found.ok("issue-cert carol --ca sub --email carol@example.com --common-name Carol")
    found.ok("export-cert demo -o root.pem", at="")
    return found


def opened(place: Place, file: str = "x.p12") -> pkcs12.PKCS12KeyAndCertificates:
    password = (place.path / "pw").read_bytes().removesuffix(b"\n")
    return pkcs12.load_pkcs12((place.path / file).read_bytes(), password)


def chain(found: pkcs12.PKCS12KeyAndCertificates) -> list[str]:
    return [one.certificate.subject.rfc4514_string() for one in found.additional_certs]


def friendly(found: pkcs12.PKCS12KeyAndCertificates) -> bytes:
    assert found.cert is not None
    assert found.key is not None
    assert found.key.public_key() == found.cert.certificate.public_key()
    return found.cert.friendly_name or b""


@pytest.mark.parametrize(
    ("words", "name", "above"),
    [
        ("alice", b"alice", []),
        ("carol", b"carol", ["CN=sub"]),
        ("carol --ca sub", b"carol", ["CN=sub"]),
        ("carol --with-root root.pem", b"carol", ["CN=sub", "CN=demo"]),
        ("alice --with-root root.pem --friendly-name 'Ada L'", b"Ada L", ["CN=demo"]),
        ("alice.pem", b"alice", []),
        ("carol.pem", b"Carol", ["CN=sub"]),
        ("./carol.pem --with-root root.pem", b"Carol", ["CN=sub", "CN=demo"]),
        ("carol.pem --key carol.key", b"Carol", ["CN=sub"]),
    ],
)
def test_what_is_packed(words: str, name: bytes, above: list[str], place: Place) -> None:
    done = place.run(f"export-p12 {words} {OUT} -o x.p12", at="")
    assert done.triple == ("", "", 0)
    found = opened(place)
    assert (friendly(found), chain(found)) == (name, above)
    assert (place.path / "x.p12").stat().st_mode & 0o777 == 0o600
    assert (place.path / "pw").stat().st_mode & 0o777 == 0o600


def test_the_root_of_a_file_is_left_out(place: Place) -> None:
    text = place.ok("export-cert carol --chain --root", at="")
    (place.path / "whole.pem").write_text(text)
    done = place.run(f"export-p12 whole.pem --key carol.key {OUT} -o x.p12", at="")
    note = "authkit: note: the root in whole.pem is left out: --with-root FILE packs it too\n"
    assert done.triple == ("", note, 0)
    assert chain(opened(place)) == ["CN=sub"]


def test_the_password_is_shown_on_the_terminal_alone(place: Place) -> None:
    done = place.run("export-p12 alice -o x.p12", at="", terminal=Terminal())
    assert (done.code, done.stdout, done.stderr) == (0, b"", b"")
    shown = done.terminal.removeprefix("password of x.p12: ").removesuffix("\n")
    assert pkcs12.load_pkcs12((place.path / "x.p12").read_bytes(), shown.encode()).key is not None


def test_a_pipe(place: Place) -> None:
    done = place.run("export-p12 alice", at="", terminal=Terminal())
    assert done.code == 0
    shown = done.terminal.removeprefix("password of alice.p12: ").removesuffix("\n")
    assert pkcs12.load_pkcs12(done.stdout, shown.encode()).key is not None


def test_no_file_without_its_password(place: Place) -> None:
    done = place.run("export-p12 alice -o x.p12", at="")
    said = (
        "authkit: error: there is no terminal to show the password of x.p12 on\n"
        "authkit: hint: let it be written with --password-out FILE\n"
    )
    assert done.triple == ("", said, 5)
    assert not (place.path / "x.p12").exists()


def test_not_on_a_terminal(place: Place) -> None:
    said = "authkit: error: a PKCS#12 file is not for a terminal\nauthkit: hint: write it with -o FILE\n"
    for option in ("", "-o -"):
        done = place.run(f"export-p12 alice {OUT} {option}", at="", terminal=Terminal(), screens=(1,))
        assert (done.code, done.terminal, done.stderr.decode()) == (5, "", said)
    assert place.run(f"export-p12 alice {OUT} -o x.p12", at="", terminal=Terminal(), screens=(1,)).code == 0
    (place.path / "pw").unlink()
    assert not (place.path / "pw").exists()


def test_a_chosen_password(place: Place) -> None:
    (place.path / "chosen").write_bytes(b"correct horse battery staple\n")
    (place.path / "chosen").chmod(0o600)
    place.ok("export-p12 alice --password-file chosen -o x.p12", at="")
    assert pkcs12.load_pkcs12((place.path / "x.p12").read_bytes(), b"correct horse battery staple").key is not None
    done = place.run("export-p12 alice --password-file chosen --p12-encryption legacy -o y.p12", at="")
    assert (done.code, (place.path / "y.p12").exists()) == (5, False)


def test_as_json(place: Place) -> None:
    found = json.loads(place.ok(f"export-p12 carol {OUT} -o x.p12 --json --p12-encryption legacy", at=""))
    assert found == {
        "schema": "authkit.p12/v1",
        "name": "carol",
        "sha256": place.lines("sub")[-1]["fingerprint"],
        "encryption": "legacy",
        "friendly_name": "carol",
        "certificates": 2,
        "file": "x.p12",
    }
    found = json.loads(place.ok(f"export-p12 alice {OUT} -o x.p12 --json --friendly-name A --force", at=""))
    assert (found["encryption"], found["friendly_name"], found["certificates"]) == ("modern", "A", 1)


def test_json_needs_a_file(place: Place) -> None:
    for option in ("", "-o -"):
        done = place.run(f"export-p12 alice {OUT} --json {option}", at="")
        message = json.loads(done.stderr)["error"]["message"]
        assert (done.code, message) == (2, "standard output cannot hold the file and the JSON")


@pytest.mark.parametrize(
    ("words", "said", "code"),
    [
        (
            "alice --key bob.key",
            "the key is not the one of the certificate 'alice'",
            5,
        ),
        ("alice --key none.key", "no such file: none.key", 3),
        ("alice --key root.pem", "root.pem is open to other users (mode 0644)\nauthkit: hint: chmod 600 root.pem", 5),
        ("alice --key pass", "pass: not a private key in PEM", 3),
        ("./none.pem", "no such file: ./none.pem", 3),
        (
            "nobody",
            "no CA of the store issued nobody\nauthkit: hint: 'authkit list-certs --all' shows what was issued",
            4,
        ),
        ("alice --with-root alice.pem", "alice.pem does not hold one root certificate alone", 5),
        ("alice --with-root carol.pem", "carol.pem does not hold one root certificate alone", 5),
        ("alice --with-root other.pem", "alice: its certificates are no path, each signed by the next", 5),
        ("swapped.pem", "swapped.pem: its certificates are no path, each signed by the next", 5),
        ("-", "the key of a certificate on standard input is missing\nauthkit: hint: add --key FILE", 2),
        ("- --key -", "the key of a certificate on standard input is missing\nauthkit: hint: add --key FILE", 2),
        ("alice --friendly-name ''", "'' cannot be a friendly name\n"
         "authkit: hint: use 1 to 64 printable characters", 2),
    ],
)  # fmt: skip
def test_what_does_not_belong_together(words: str, said: str, code: int, place: Place) -> None:
    other = make_authority("demo").certificate.public_bytes(Encoding.PEM)
    (place.path / "other.pem").write_bytes(other)
    leaf, sub = x509.load_pem_x509_certificates((place.path / "carol.pem").read_bytes())
    alice = place.certificate("alice.pem")
    (place.path / "swapped.pem").write_bytes(alice.public_bytes(Encoding.PEM) + sub.public_bytes(Encoding.PEM))
    assert place.run(f"export-p12 {words} {OUT} -o x.p12", at="").triple == ("", f"authkit: error: {said}\n", code)
    assert not (place.path / "x.p12").exists()
    assert not (place.path / "pw").exists()


def test_standard_input(place: Place) -> None:
    certificates, key = [(place.path / f"carol.{end}").read_bytes() for end in ("pem", "key")]
    place.ok(f"export-p12 - --key carol.key {OUT} -o x.p12", at="", stdin=certificates)
    assert (friendly(opened(place)), chain(opened(place))) == (b"Carol", ["CN=sub"])
    place.ok(f"export-p12 carol --key - {OUT} -o y.p12 --force", at="", stdin=key)
    assert friendly(opened(place, "y.p12")) == b"carol"


def test_an_encrypted_key(place: Place) -> None:
    key = load_pem((place.path / "alice.key").read_bytes(), None)
    data = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x"))
    (place.path / "alice.key").write_bytes(data)
    done = place.run(f"export-p12 alice {OUT} -o x.p12", at="")
    assert (done.code, done.stdout) == (3, b"")
    assert done.stderr.startswith(b"authkit: error: alice.key: the private key is encrypted\n")


def test_files_are_replaced_on_request(place: Place) -> None:
    (place.path / "x.p12").write_bytes(b"old")
    said = "authkit: error: x.p12 exists\nauthkit: hint: --force replaces it\n"
    assert place.run(f"export-p12 alice {OUT} -o x.p12", at="").triple == ("", said, 5)
    (place.path / "pw").write_bytes(b"old")
    said = "authkit: error: pw exists\nauthkit: hint: --force replaces it\n"
    assert place.run(f"export-p12 alice {OUT} -o y.p12", at="").triple == ("", said, 5)
    place.ok(f"export-p12 alice {OUT} -o x.p12 --force", at="")
    assert friendly(opened(place)) == b"alice"


def test_a_file_without_a_common_name(place: Place) -> None:
    (place.path / "d").mkdir()
    for end in ("pem", "key"):
        (place.path / f"alice.{end}").rename(place.path / "d" / f"a.b.{end}")
    place.ok(f"export-p12 d/a.b.pem {OUT} -o x.p12", at="")
    assert friendly(opened(place)) == b"a.b"


SERIAL = "@"  # stands for alice's


@pytest.mark.parametrize(
    ("words", "option"),
    [
        ("alice --password-out alice.key -o x.p12", "--password-out alice.key"),
        ("alice --password-out ./alice.key -o x.p12", "--password-out ./alice.key"),
        ("alice --password-out link/alice.key -o x.p12", "--password-out link/alice.key"),
        ("alice --password-out hard -o x.p12", "--password-out hard"),
        (f"{SERIAL} --password-out alice.key -o x.p12", "--password-out alice.key"),
        ("./alice.pem --password-out alice.pem -o x.p12", "--password-out alice.pem"),
        ("alice.pem --password-out alice.key -o x.p12", "--password-out alice.key"),
        ("carol --key other.key --password-out other.key -o x.p12", "--password-out other.key"),
        ("carol --with-root root.pem --password-out root.pem -o x.p12", "--password-out root.pem"),
        ("alice --password-out x.p12 -o x.p12", "--password-out x.p12"),
        ("alice --password-out link/x.p12 -o x.p12", "--password-out link/x.p12"),
        ("alice --password-file chosen -o chosen", "--password-file chosen"),
    ],
)
def test_a_password_goes_to_no_file_that_is_read_or_written(words: str, option: str, place: Place) -> None:
    before = furnish(place)
    for more in ("", "--force") if SERIAL not in words else ("--force",):  # whose name is looked up behind that
        line = f"export-p12 {words} {more}".replace(SERIAL, place.serial("alice"))
        said = f"authkit: error: {option} is a file for something else here\nauthkit: hint: name another file\n"
        assert place.run(line, at="").triple == ("", said, 2)
    assert contents(place) == before


@pytest.mark.parametrize(
    ("words", "output"),
    [
        ("alice", "alice.key"),
        (SERIAL, "alice.key"),
        ("carol --key other.key", "other.key"),
        ("alice.pem", "alice.pem"),
        ("alice.pem", "link/alice.key"),
        ("alice --with-root root.pem", "root.pem"),
    ],
)
def test_what_is_read_is_not_written_over(words: str, output: str, place: Place) -> None:
    before = furnish(place)
    line = f"export-p12 {words} {OUT} -o {output} --force".replace(SERIAL, place.serial("alice"))
    said = f"authkit: error: --output {output} is a file that is read here\nauthkit: hint: name another file\n"
    assert place.run(line, at="").triple == ("", said, 2)
    assert contents(place) == before


def furnish(place: Place) -> dict[str, bytes]:
    (place.path / "link").symlink_to(".")
    (place.path / "hard").hardlink_to(place.path / "alice.key")
    (place.path / "carol.key").rename(place.path / "other.key")
    (place.path / "chosen").write_bytes(b"correct horse battery staple\n")
    (place.path / "chosen").chmod(0o600)
    return contents(place)


def contents(place: Place) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in place.path.iterdir() if path.is_file()}


def test_what_is_packed_shows_no_secret() -> None:
    found = _packed.Found("alice", make_leaf(make_authority(), 5), [], b"secret")
    assert repr(found) == "<Found alice>"
