"""Do the pages of a backup go where they were sent, and nowhere else?"""

import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from agefile import IDENTITY, PASSPHRASE
from authkit import seal
from authkit.ceremony.paper import parse_pages
from authkit.secret import Secret
from authkit.stores.folder import FolderStore
from commandline import Done, Terminal, run_here
from sample import PEM, SECRET, Sample

HERE = {"AUTHKIT_STORE": "store", "AUTHKIT_PASSPHRASE_FILE": "pass", "AUTHKIT_KEY_PASSPHRASE_FILE": "pass"}
GROUPS = "wJal rXUt nFEM I/K7 MDEN G+bP"
Run = Callable[..., Done]


@pytest.fixture
def here(tmp_path: Path) -> Path:
    Sample().write(tmp_path)
    return tmp_path


@pytest.fixture
def run(here: Path) -> Run:
    def call(line: str, code: int = 0, **more: object) -> Done:
        done = run_here(line, here, environ=HERE, **more)  # type: ignore[arg-type]
        assert done.code == code, done.triple
        return done

    return call


def error_of(done: Done) -> str:
    assert done.stdout == b""
    return done.stderr.decode()


def test_a_page_goes_to_a_pipe(run: Run) -> None:
    done = run("backup-key root --paper")
    assert GROUPS in done.stdout.decode()
    assert parse_pages(done.stdout, "x")[0].facts()["access-key-id"] == "AKMASTER"
    assert done.stderr == b"authkit: note: try it before you need it: authkit restore-key --check FILE\n"


def test_a_page_goes_to_a_file_of_its_owner(run: Run, here: Path) -> None:
    done = run("backup-key root --paper -o root.txt")
    assert (done.stdout, done.stderr.decode()) == (
        b"root.txt\n",
        "authkit: note: try it before you need it: authkit restore-key --check root.txt\n",
    )
    assert stat.S_IMODE((here / "root.txt").stat().st_mode) == 0o600
    assert GROUPS in (here / "root.txt").read_text("ascii")
    told = "authkit: error: root.txt exists\nauthkit: hint: --force replaces it\n"
    assert error_of(run("backup-key root --paper -o root.txt", 5)) == told
    run("backup-key web --paper -o root.txt --force")
    assert "AKIDEXAMPLE" in (here / "root.txt").read_text("ascii")


def test_a_page_is_not_for_a_terminal(run: Run) -> None:
    done = run("backup-key root --paper", 5, terminal=Terminal(), screens=[1])
    told = (
        "authkit: error: the page would appear on the terminal\n"
        "authkit: hint: write it with --output FILE, pipe it, or add --reveal\n"
    )
    assert (done.stdout, done.stderr.decode(), done.terminal) == (b"", told, "")
    done = run("backup-key root --paper --reveal", terminal=Terminal(), screens=[1])
    assert GROUPS in done.terminal


def test_json_says_which_file(run: Run) -> None:
    done = run("backup-key root --paper -o root.txt --json")
    assert json.loads(done.stdout) == {
        "schema": "authkit.backup/v1",
        "name": "root",
        "kind": "access-key",
        "check": "aba38ca5",
        "files": ["root.txt"],
    }
    done = run("backup-key --store-identity --shares 2-of-2 -o own/ --json")
    assert json.loads(done.stdout)["files"] == ["own/store-share-1-of-2.txt", "own/store-share-2-of-2.txt"]


def test_shares_go_into_a_folder_of_their_own(run: Run, here: Path) -> None:
    done = run("backup-key root --shares 2-of-3 -o shares")
    names = [f"root-share-{number}-of-3.txt" for number in (1, 2, 3)]
    assert done.stdout.decode() == "".join([f"shares/{name}\n" for name in names])
    assert done.stderr.decode() == (
        "authkit: note: give each to another person; who has had all of them in hand has had the key\n"
        "authkit: note: try them before you need them: authkit restore-key --check"
        " shares/root-share-1-of-3.txt shares/root-share-2-of-3.txt\n"
    )
    assert sorted(os.listdir(here / "shares")) == names
    assert stat.S_IMODE((here / "shares").stat().st_mode) == 0o700
    for number, name in enumerate(names, 1):
        assert stat.S_IMODE((here / "shares" / name).stat().st_mode) == 0o600
        text = (here / "shares" / name).read_text("ascii")
        assert f"share {number} of 3, 2 needed = " in text
        assert len(parse_pages(text.encode(), name)[0].facts()["words"].split(" ")) == 33
        assert not any(group in text for group in GROUPS.split(" "))


def test_what_is_backed_up_may_be_of_any_kind(run: Run, here: Path) -> None:
    run("create-ca home --no-passphrase")
    run("create-ca top --no-passphrase")
    run("create-ca below --parent top --no-passphrase")
    run("show-identity web-1")
    run("show-identity --issuer vault")
    facts = {}
    for name in ("web", "pair", "home", "below", "authkit-requester", "authkit-issuer"):
        run(f"backup-key {name} --paper -o {name}.txt")
        facts[name] = parse_pages((here / f"{name}.txt").read_bytes(), name)[0].facts()
    assert facts["web"]["secret"] == SECRET
    assert facts["pair"]["pkcs8"] == b"".join(PEM.split(b"\n")[1:-2]).decode()
    assert facts["home"]["kinds"] == "email,dns,uri,upn,ip,sid,cn"
    assert facts["home"]["profiles"] == "client,spiffe,eap-tls,roles-anywhere,scoped,intermediate"
    assert (facts["home"]["issued-for"], facts["below"]["parent"]) == ("client", "top")
    assert (facts["authkit-issuer"]["role"], facts["authkit-issuer"]["called"]) == ("issuer", "vault")
    assert (facts["authkit-requester"]["role"], facts["authkit-requester"]["called"]) == ("requester", "web-1")
    run("backup-key --store-identity --paper -o own.txt")
    assert parse_pages((here / "own.txt").read_bytes(), "own.txt")[0].facts()["identity"][:16] == IDENTITY[:16]


@pytest.mark.parametrize("name", ["day", "clear"])
def test_subkeys_are_not_backed_up(name: str, run: Run) -> None:
    assert error_of(run(f"backup-key {name} --paper", 5)) == (
        f"authkit: error: {name} is a subkey file\nauthkit: hint: its master secret makes it again: back that one up\n"
    )


def test_a_ca_without_its_certificate_is_not_backed_up(run: Run) -> None:
    run("create-ca wait --csr wait.csr --no-passphrase")
    assert error_of(run("backup-key wait --paper", 5)) == (
        "authkit: error: the certificate of the CA wait is still to come\n"
        "authkit: hint: back it up when it is complete\n"
    )


def test_what_is_no_key_of_ours_is_not_backed_up(here: Path, run: Run) -> None:
    sealed = (here / "store" / "identity.age").read_bytes()
    identity = seal.decrypt_with_passphrase(PASSPHRASE, sealed).decode().strip()
    store = FolderStore(str(here / "store"), lambda info: identity)
    store.put("odd", {"kind": "token"}, Secret(b"x"))
    store.put("bent", {"kind": "ca", "certificate": "x"}, Secret(PEM))
    assert error_of(run("backup-key odd --paper", 5)) == "authkit: error: odd is not a key that can go on paper\n"
    assert error_of(run("backup-key bent --paper", 6)).startswith("authkit: error: the CA bent is damaged: ")


def test_a_short_secret_is_warned_of(here: Path, run: Run) -> None:
    (here / "min.json").write_text(
        '{"schema": "authkit.access-key/v1", "access_key_id": "minio", "secret": "minioadmin-123"}\n'
    )
    (here / "min.json").chmod(0o600)
    run("import-key min min.json")
    told = "authkit: warning: the secret is short: whoever sees its check value can guess at it\n"
    assert run("backup-key min --paper").stderr.decode().startswith(told)
    assert run("backup-key min --shares 2-of-2 -o s").stderr.decode().startswith(told)


def test_a_secret_too_short_for_shares_is_refused(here: Path, run: Run) -> None:
    (here / "min.json").write_text(
        '{"schema": "authkit.access-key/v1", "access_key_id": "minio", "secret": "minioadmin"}\n'
    )
    (here / "min.json").chmod(0o600)
    run("import-key min min.json")
    assert "the secret is too short for shares" in error_of(run("backup-key min --shares 2-of-2 -o s", 5))
    assert not (here / "s").exists()


def test_a_key_too_long_for_shares_is_refused(run: Run, here: Path) -> None:
    run("keygen big --type rsa3072")
    assert "the key is too long for shares: " in error_of(run("backup-key big --shares 2-of-3 -o s", 5))
    assert not (here / "s").exists()


USAGE = [
    ("", "name a key, or the store's own with --store-identity", None),
    ("root --store-identity --paper", "name a key, or the store's own with --store-identity", None),
    ("root", "say --paper for one page, or --shares K-of-N", None),
    ("root --paper --shares 2-of-3", "say --paper for one page, or --shares K-of-N", None),
    ("root --paper --json", "--json says which files were written", "add --output FILE"),
    ("root --paper --json -o -", "--json says which files were written", "add --output FILE"),
    ("root --paper --qr-size 5", "--qr-size is the size of QR codes, which nothing asks for", None),
    (
        "root --shares 2-of-3",
        "shares go into files, so that nobody sees two of them by accident",
        "add -o FOLDER",
    ),
    (
        "root --shares 2-of-3 -o -",
        "shares go into files, so that nobody sees two of them by accident",
        "add -o FOLDER",
    ),
    ("root --shares 2-of-3 -o s --force", "--force and --qr-size are for --paper", None),
    ("root --shares 2-of-3 -o s --qr --reveal --qr-size 5", "--force and --qr-size are for --paper", None),
    (
        "root --shares 1-of-3 -o s",
        "with fewer than 2 shares needed each one is the key",
        "--paper prints the whole key",
    ),
    (
        "root --shares 0-of-3 -o s",
        "with fewer than 2 shares needed each one is the key",
        "--paper prints the whole key",
    ),
    ("root --shares 3-of-2 -o s", "--shares 3-of-2: N is 3 to 16", None),
    ("root --shares 2-of-17 -o s", "--shares 2-of-17: N is 2 to 16", None),
    ("root --shares 17-of-17 -o s", "--shares 17-of-17: N is 17 to 16", None),
    *[
        (
            f"root --shares {text} -o s",
            f"--shares '{text}' is not K-of-N",
            "e.g. --shares 2-of-3: any two of three bring it back",
        )
        for text in ("2", "2-3", "2-of-x", "x-of-3", "2-in-3", "2-of-3-4", "٢-of-3")
    ],
]


@pytest.mark.parametrize(("words", "told", "hint"), USAGE)
def test_a_command_line_that_is_wrong(words: str, told: str, hint: "str | None", run: Run, here: Path) -> None:
    expected = f"authkit: error: {told}\n" + (f"authkit: hint: {hint}\n" if hint else "")
    if "--json" in words:
        expected = json.dumps({"error": {"slug": "usage", "message": told, "hint": hint}}) + "\n"
    assert error_of(run(f"backup-key {words}", 2)) == expected
    assert not (here / "s").exists()


def test_sixteen_shares_are_the_most(run: Run, here: Path) -> None:
    run("backup-key root --shares 16-of-16 -o s")
    assert len(os.listdir(here / "s")) == 16


def test_a_folder_that_exists_is_left_alone(run: Run, here: Path) -> None:
    (here / "s").mkdir()
    told = "authkit: error: s exists\nauthkit: hint: name a folder that does not exist yet\n"
    assert error_of(run("backup-key root --shares 2-of-3 -o s", 5)) == told
    assert os.listdir(here / "s") == []


def test_a_name_that_is_none_is_said(run: Run) -> None:
    assert "no key named nobody" in error_of(run("backup-key nobody --paper", 4))


# QR codes


def test_qr_codes_of_a_secret_need_a_word(run: Run, here: Path) -> None:
    told = (
        "authkit: error: the page would be in QR codes that anybody who sees them can read\n"
        "authkit: hint: add --reveal if no other eye or camera sees it\n"
    )
    assert error_of(run("backup-key root --paper --qr -o root.png", 5)) == told
    told = (
        "authkit: error: the shares would be in QR codes that anybody who sees them can read\n"
        "authkit: hint: add --reveal if no other eye or camera sees them\n"
    )
    assert error_of(run("backup-key root --shares 2-of-3 --qr -o s", 5)) == told
    assert not (here / "root.png").exists()
    assert not (here / "s").exists()


def test_a_page_as_a_qr_code_is_read_back(run: Run, here: Path, require_tool: Callable[[str], str]) -> None:
    done = run("backup-key root --paper --qr --reveal -o root.png")
    assert done.stdout == b"root.png\n"
    assert done.stderr.decode().endswith(
        "authkit: note: try it before you need it: authkit restore-key --check <(zbarimg -q --raw root.png)\n"
    )
    assert stat.S_IMODE((here / "root.png").stat().st_mode) == 0o600
    scanned = scan(require_tool, here / "root.png")
    assert b"root is the same key" in run("restore-key --check -", stdin=scanned).stdout


def test_shares_as_qr_codes_are_read_back(run: Run, here: Path, require_tool: Callable[[str], str]) -> None:
    done = run("backup-key root --shares 2-of-3 --qr --reveal -o s")
    assert done.stderr.decode().endswith(
        "authkit restore-key --check <(zbarimg -q --raw s/root-share-1-of-3.png)"
        " <(zbarimg -q --raw s/root-share-2-of-3.png)\n"
    )
    for number in (1, 3):
        picture = here / "s" / f"root-share-{number}-of-3.png"
        assert stat.S_IMODE(picture.stat().st_mode) == 0o600
        (here / f"{number}.txt").write_bytes(scan(require_tool, picture))
    assert b"root is the same key" in run("restore-key --check 3.txt 1.txt").stdout


def scan(require_tool: Callable[[str], str], picture: Path) -> bytes:
    program = [require_tool("zbarimg"), "-q", "--raw", str(picture)]
    return subprocess.run(program, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout


def test_the_hint_names_every_picture() -> None:
    from authkit.commands import _printed
    from authkit.ui import render

    told: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(render, "note", told.append)
        _printed._hint("it", ["a-1-of-2.png", "a-2-of-2.png"])
    assert told[0].endswith("authkit restore-key --check <(zbarimg -q --raw a-1-of-2.png a-2-of-2.png)")


# without authkit, as the page says


def test_openssl_reads_what_stands_on_the_page(run: Run, here: Path, require_tool: Callable[[str], str]) -> None:
    run("backup-key pair --paper -o pair.txt")
    script = (
        "(echo -----BEGIN PRIVATE KEY-----; sed -n 's/^ *[0-9]*: pkcs8 \\(.*\\) = ....$/\\1/p' pair.txt | tr -d ' \\n'"
        " | fold -w 64; echo; echo -----END PRIVATE KEY-----) | openssl pkey"
    )
    require_tool("openssl")
    done = subprocess.run(["bash", "-c", script], cwd=here, capture_output=True, check=True)
    assert done.stdout == PEM


def test_a_line_is_checked_by_hand(run: Run, here: Path, require_tool: Callable[[str], str]) -> None:
    require_tool("sha256sum")
    line = next(one for one in run("backup-key root --paper").stdout.decode().splitlines() if "secret wJal" in one)
    script = "printf 'authkit-line-v1\\n5\\nsecret\\nwJalrXUtnFEMI/K7MDENG+bP' | sha256sum | cut -c 1-4"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    assert line.startswith("  5: ")
    assert line.endswith(f" = {done.stdout.strip()}")


def test_another_program_combines_the_shares(run: Run, here: Path) -> None:
    import base64

    run("backup-key root --shares 2-of-3 -o s")
    words = [
        parse_pages((here / "s" / f"root-share-{number}-of-3.txt").read_bytes(), "x")[0].facts()["words"]
        for number in (3, 2)
    ]
    program = "import sys, shamir_mnemonic as s; print(s.combine_mnemonics(sys.argv[1:]).hex())"
    done = subprocess.run([sys.executable, "-c", program, *words], capture_output=True, text=True, check=True)
    data = bytes.fromhex(done.stdout)
    assert data[:2] == b"\0\0"
    assert base64.b64encode(data[2:]).decode() == SECRET


def test_age_opens_the_store_with_what_stands_on_the_page(
    run: Run, here: Path, require_tool: Callable[[str], str]
) -> None:
    age = require_tool("age")
    run("backup-key --store-identity --paper -o own.txt")
    text = parse_pages((here / "own.txt").read_bytes(), "x")[0].facts()["identity"]
    (here / "id").write_text(text + "\n")
    sealed = json.loads((here / "store" / "keys" / "web.json").read_text())["sealed"]
    done = subprocess.run([age, "-d", "-i", str(here / "id")], input=sealed.encode(), capture_output=True, check=True)
    assert json.loads(done.stdout)["name"] == "web"
    assert shutil.which("age")
