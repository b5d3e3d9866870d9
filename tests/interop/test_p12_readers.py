"""Do the programs that people import PKCS#12 files with open what authkit packed, and show its name?"""

import csv
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509 import load_pem_x509_certificates

from interop.office import Leaf, Office, Packed

pytestmark = pytest.mark.xdist_group("p12-readers")

Tool = Callable[[str], str]
NAME = "Alice's Läptop"
ENCRYPTIONS = ("modern", "legacy")
KEY_TYPES = ("p256", "p384", "rsa3072", "ed25519")


class Shelf:
    """PKCS#12 files by key type and encryption, each with an intermediate in it, and a wrong password."""

    def __init__(self, office: Office) -> None:
        self.office = office
        office.create_ca("root")
        office.create_ca("devices", "--parent", "root")
        self.wrong = office.folder / "wrong.pw"
        self.wrong.write_text("a" * 20 + "\n")
        self.leaves: "dict[str, Leaf]" = {}
        self.packed: "dict[tuple[str, str], Packed]" = {}
        for type in KEY_TYPES:
            leaf = office.issue(type, "devices", "--key-type", type, "--email", "alice@example.com")
            self.leaves[type] = leaf
            for encryption in ENCRYPTIONS:
                words = ("--p12-encryption", encryption, "--friendly-name", NAME)
                self.packed[type, encryption] = office.pack(leaf, f"{type}-{encryption}", *words)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    return Shelf(Office(tmp_path_factory.mktemp("office")))


def call(*words: "str | Path") -> "tuple[int, str]":
    """Run a program; return its exit code and all that it printed."""
    done = subprocess.run(
        words,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
        timeout=120,
    )
    try:
        return done.returncode, done.stdout.decode("utf-8")
    except UnicodeDecodeError:  # OpenSSL before 3.2 prints a friendly name in ISO 8859-1
        return done.returncode, done.stdout.decode("latin-1")


def openssl(packed: Packed, *more: str) -> "tuple[int, str]":
    return call("openssl", "pkcs12", *more, "-in", packed.file, "-info", "-nodes", "-passin", f"file:{packed[1]}")


def private_key(text: str) -> bytes:
    """Return the one private key in *text*, DER."""
    (pem,) = re.findall("-----BEGIN PRIVATE KEY-----.*?-----END PRIVATE KEY-----\n", text, re.DOTALL)
    return load_pem_private_key(pem.encode(), None).private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def serials(text: str) -> "list[int]":
    """Return the serial numbers of the certificates in *text*, in order."""
    return [one.serial_number for one in load_pem_x509_certificates(text.encode())]


def colons(sha256: str) -> str:
    return ":".join(re.findall("..", sha256.upper()))


@pytest.mark.parametrize("more", [(), ("-legacy",)], ids=["plain", "legacy-provider"])
@pytest.mark.parametrize("encryption", ENCRYPTIONS)
@pytest.mark.parametrize("type", KEY_TYPES)
def test_openssl(shelf: Shelf, require_tool: Tool, type: str, encryption: str, more: "tuple[str, ...]") -> None:
    require_tool("openssl")
    packed, leaf = shelf.packed[type, encryption], shelf.leaves[type]
    code, said = openssl(packed, *more)
    assert code == 0, said
    assert re.findall("friendlyName: (.*)", said) == [NAME, NAME]
    assert private_key(said) == private_key(leaf.key.read_text())
    assert serials(said) == serials(leaf.chain.read_text())
    assert len(serials(said)) == 2
    mac, pbe = {
        "modern": ("sha256", "PBES2, PBKDF2, AES-256-CBC, Iteration 20000, PRF hmacWithSHA256"),
        "legacy": ("sha1", "pbeWithSHA1And3-KeyTripleDES-CBC, Iteration 20000"),
    }[encryption]
    assert f"MAC: {mac}, Iteration 2048\n" in said
    assert re.findall("(?:PKCS7 Encrypted data|Shrouded Keybag): (.*)", said) == [pbe, pbe]
    code, said = openssl(Packed(packed.file, shelf.wrong), *more)
    assert (code, "Mac verify error: invalid password?" in said, "BEGIN" in said) == (1, True, False)


@pytest.mark.parametrize("encryption", ENCRYPTIONS)
@pytest.mark.parametrize("type", KEY_TYPES)
def test_gnutls(shelf: Shelf, require_tool: Tool, type: str, encryption: str) -> None:
    packed, leaf = shelf.packed[type, encryption], shelf.leaves[type]
    words = (require_tool("certtool"), "--p12-info", "--inder", "--infile", packed.file, "--password")
    code, said = call(*words, packed.password)
    assert code == 0, said
    assert re.findall("Friendly name: (.*)", said) == [NAME, NAME]
    assert serials(said) == serials(leaf.chain.read_text())
    cipher = {"modern": "AES-256-CBC", "legacy": "3DES-CBC"}[encryption]
    assert re.findall("Cipher: (.*)", said) == [cipher, cipher]
    code, said = call(*words, shelf.wrong.read_text().strip())
    assert (code, "MAC" in said, "BEGIN CERTIFICATE" in said) == (1, True, False)
    assert "The Message Authentication Code verification failed" in said


@pytest.fixture
def database(tmp_path: Path, require_tool: Tool) -> str:
    """An empty NSS database, as a browser keeps one."""
    place = f"sql:{tmp_path}"
    code, said = call(require_tool("certutil"), "-N", "-d", place, "--empty-password")
    assert code == 0, said
    return place


@pytest.mark.parametrize("encryption", ENCRYPTIONS)
@pytest.mark.parametrize("type", KEY_TYPES)
def test_nss_lists(shelf: Shelf, require_tool: Tool, type: str, encryption: str) -> None:
    packed, leaf, pk12util = shelf.packed[type, encryption], shelf.leaves[type], require_tool("pk12util")
    code, said = call(pk12util, "-l", packed.file, "-w", packed.password_file)
    assert code == 0, said
    assert re.findall("Friendly Name: (.*)", said) == [NAME, NAME]
    assert colons(leaf.sha256) in said
    code, said = call(pk12util, "-l", packed.file, "-w", shelf.wrong)
    assert (code != 0, "PKCS12 decode not verified: SEC_ERROR_BAD_PASSWORD" in said) == (True, True)


@pytest.mark.parametrize("encryption", ENCRYPTIONS)
@pytest.mark.parametrize("type", ["p256", "p384", "rsa3072"])
def test_nss_imports(shelf: Shelf, require_tool: Tool, database: str, type: str, encryption: str) -> None:
    packed, leaf, pk12util = shelf.packed[type, encryption], shelf.leaves[type], require_tool("pk12util")
    code, said = call(pk12util, "-i", packed.file, "-d", database, "-w", shelf.wrong)
    assert (code != 0, "SEC_ERROR_BAD_PASSWORD" in said) == (True, True)
    assert call("certutil", "-K", "-d", database)[0] == 255
    code, said = call(pk12util, "-i", packed.file, "-d", database, "-w", packed.password_file)
    assert (code, said.strip()) == (0, "pk12util: PKCS12 IMPORT SUCCESSFUL")
    code, said = call("certutil", "-K", "-d", database)
    assert code == 0
    assert re.findall(r"< 0> \w+ +[0-9a-f]+ +(.*)", said) == [NAME]
    code, said = call("certutil", "-L", "-d", database, "-n", NAME, "-a")
    assert serials(said.replace("\r\n", "\n")) == serials(leaf.chain.read_text())[:1]


@pytest.mark.parametrize("encryption", ENCRYPTIONS)
def test_an_nss_without_ed25519_says_so(shelf: Shelf, require_tool: Tool, database: str, encryption: str) -> None:
    """NSS 3.87 lists such a file and cannot keep its key; a later one may."""
    packed = shelf.packed["ed25519", encryption]
    words = ("-i", packed.file, "-d", database, "-w", packed.password_file)
    code, said = call(require_tool("pk12util"), *words)
    if code == 0:
        assert re.findall(r"< 0> \S+ +[0-9a-f]+ +(.*)", call("certutil", "-K", "-d", database)[1]) == [NAME]
    else:
        assert "SEC_ERROR_PKCS12_UNABLE_TO_IMPORT_KEY" in said


@pytest.mark.parametrize("encryption", ENCRYPTIONS)
@pytest.mark.parametrize("type", KEY_TYPES)
def test_java(shelf: Shelf, require_tool: Tool, type: str, encryption: str) -> None:
    """An alias is what Java calls a friendly name, in lower case."""
    packed, leaf = shelf.packed[type, encryption], shelf.leaves[type]
    words = (require_tool("keytool"), "-list", "-v", "-storetype", "PKCS12")
    words += ("-keystore", str(packed.file), "-storepass:file")
    code, said = call(*words, packed.password_file)
    assert code == 0, said
    assert re.findall("Alias name: (.*)", said) == [NAME.lower()]
    assert re.findall("Entry type: (.*)", said) == ["PrivateKeyEntry"]
    assert re.findall("Certificate chain length: (.*)", said) == ["2"]
    assert re.findall("SHA256: (.*)", said)[0] == colons(leaf.sha256)
    code, said = call(*words, shelf.wrong)
    assert (code, "keystore password was incorrect" in said) == (1, True)


def test_the_file_that_issue_cert_packs_itself(shelf: Shelf, require_tool: Tool) -> None:
    """Without a name of its own it has that of the certificate, and the key is in no other file."""
    require_tool("openssl")
    office, made = shelf.office, Packed(shelf.office.folder / "bob.p12", shelf.office.folder / "bob.pw")
    words = ("--ca", "devices", "--email", "bob@example.com", "--out", office.folder)
    office.run("issue-cert", "bob", *words, "--p12", "--password-out", made.password_file)
    assert re.fullmatch("[a-z2-7]{20}", made.password)
    assert [path.stat().st_mode & 0o777 for path in made] == [0o600, 0o600]
    assert not (office.folder / "bob.key").exists()
    code, said = openssl(made)
    assert code == 0, said
    assert re.findall("friendlyName: (.*)", said) == ["bob", "bob"]
    assert len(serials(said)) == 2


def test_the_root_goes_along_only_when_asked(shelf: Shelf, require_tool: Tool) -> None:
    require_tool("openssl")
    root = shelf.office.folder / "root.pem"
    root.write_bytes(shelf.office.root("root"))
    packed = shelf.office.pack(shelf.leaves["p256"], "with-root", "--with-root", str(root))
    assert serials(openssl(packed)[1]) == serials(shelf.leaves["p256"].chain.read_text() + root.read_text())


@pytest.mark.parametrize("encryption", ENCRYPTIONS)
def test_each_file_of_a_table_has_a_password_of_its_own(shelf: Shelf, require_tool: Tool, encryption: str) -> None:
    require_tool("openssl")
    office, out = shelf.office, shelf.office.folder / f"table-{encryption}"
    ann, ben = f"ann-{encryption}", f"ben-{encryption}"
    table = office.folder / "table.csv"
    table.write_text(f"name,email\n{ann},ann@example.com\n{ben},ben@example.com\n")
    words = ("--p12", "--p12-encryption", encryption)
    office.run("issue-cert", "--ca", "devices", "--from-csv", table, "--out", out, *words)
    assert sorted(path.name for path in out.iterdir()) == [f"{ann}.p12", f"{ben}.p12", "passwords.csv"]
    with open(out / "passwords.csv", newline="") as file:
        passwords = {row["name"]: row["password"] for row in csv.DictReader(file)}
    for name, password in passwords.items():
        (out / f"{name}.pw").write_text(password + "\n")
    for name, other in ((ann, ben), (ben, ann)):
        code, said = openssl(Packed(out / f"{name}.p12", out / f"{name}.pw"))
        assert code == 0, said
        assert re.findall("friendlyName: (.*)", said) == [name, name]
        assert openssl(Packed(out / f"{name}.p12", out / f"{other}.pw"))[0] == 1
