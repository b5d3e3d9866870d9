"""Do age and OpenSSH open, make and verify the same sealed files, both ways?"""

import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from agefile import IDENTITY, PASSPHRASE
from authkit.ceremony.places import Places
from authkit.keys.sshsig import SUBKEYS, sign_text
from authkit.keys.subkeys import encode_subkeys
from ceremonies import AIR_PEM, accept, key_of, line_of, make_air, make_web, policy
from commandline import Done, run_here
from recipients import PLUGIN_IDENTITY, PLUGIN_RECIPIENT, path_with, write_plugin
from sample import Sample

DERIVE = "derive-subkey --key root --scope us-east-1/s3 --days 7"
URL = "https://b.s3.us-east-1.amazonaws.com/k"
# FORMATS F3, by hand
PART = """
set -eu
sed '/^-----BEGIN SSH/,$d' opened >text
sed -n '/^-----BEGIN SSH/,$p' opened >text.sig
ssh-keygen -Y verify -f issuers -I vault -n authkit-subkeys-v1 -s text.sig <text
"""


class Desk:
    """A folder with the stores air and web, and the tools that are not ours."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.air, self.web = make_air(folder / "air"), make_web(folder / "web")
        self.write("pass", PASSPHRASE)
        self.write("id", f"{IDENTITY}\n".encode())
        self.write("issuers", f"vault {line_of(AIR_PEM)}\n".encode())

    def write(self, name: str, data: bytes) -> None:
        (self.folder / name).write_bytes(data)
        (self.folder / name).chmod(0o600)

    def sh(self, text: str, stdin: bytes = b"") -> bytes:
        done = subprocess.run(["sh", "-c", text], cwd=self.folder, input=stdin, capture_output=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def run(self, line: str, store: str, **environ: str) -> Done:
        base = {"AUTHKIT_STORE": store, "AUTHKIT_PASSPHRASE_FILE": "pass", "AUTHKIT_KEY_PASSPHRASE_FILE": "pass"}
        return run_here(line, self.folder, environ={**base, **environ})

    def ok(self, line: str, store: str, **environ: str) -> bytes:
        done = self.run(line, store, **environ)
        assert done.code == 0, done.stderr
        return done.stdout


@pytest.fixture
def desk(tmp_path: Path, require_tool: Callable[[str], str]) -> Desk:
    for name in ("age", "age-keygen", "ssh-keygen", "sed"):
        require_tool(name)
    return Desk(tmp_path)


@pytest.fixture
def ssh_keys(desk: Desk) -> None:
    desk.sh("ssh-keygen -q -t ed25519 -N '' -C me@example.com -f ed25519")
    desk.sh("ssh-keygen -q -t rsa -b 2048 -N '' -C me@example.com -f rsa")
    desk.sh("ssh-keygen -q -t rsa -b 2048 -m PEM -N '' -C me@example.com -f rsa-pem")


def test_age_opens_ours_and_openssh_verifies_it(desk: Desk) -> None:
    desk.ok(f"{DERIVE} --to web-1 -o out.age", "air")
    desk.sh("age -d -i id out.age >opened")
    told = desk.sh(PART).decode()
    assert told.startswith('Good "authkit-subkeys-v1" signature for vault with ED25519 key SHA256:')
    assert (desk.folder / "text").read_bytes().startswith(b'{"schema": "authkit.subkeys/v1", ')


@pytest.mark.parametrize(
    ("old", "new"),
    [("sed '/", "sed -e 's/us-east-1/us-east-2/' -e '/"), ("-n authkit-subkeys-v1", "-n authkit-request-v1")],
)
def test_openssh_refuses_another_text_and_another_purpose(desk: Desk, old: str, new: str) -> None:
    desk.ok(f"{DERIVE} --to web-1 -o out.age", "air")
    desk.sh("age -d -i id out.age >opened")
    assert PART.count(old) == 1
    done = subprocess.run(["sh", "-c", PART.replace(old, new)], cwd=desk.folder, capture_output=True, timeout=60)
    assert done.returncode != 0
    assert b"Good" not in done.stdout


@pytest.mark.parametrize("kind", ["ed25519", "rsa", "rsa-pem"])
def test_age_opens_what_we_sealed_to_an_ssh_key(desk: Desk, ssh_keys: None, kind: str) -> None:
    public = shlex.quote((desk.folder / f"{kind}.pub").read_text().strip())
    desk.ok(f"{DERIVE} --to {public} -o out.age", "air")
    desk.sh(f"age -d -i {kind} out.age >opened")
    assert desk.sh(PART).startswith(b"Good ")
    assert desk.ok(f"sign url --key file:out.age {URL}", "nowhere", AUTHKIT_IDENTITY_FILE=kind).startswith(URL.encode())


def test_the_passphrase_of_an_ssh_key_is_ages_to_ask(desk: Desk) -> None:
    desk.sh("ssh-keygen -q -t ed25519 -N secret -f locked")
    public = shlex.quote((desk.folder / "locked.pub").read_text().strip())
    desk.ok(f"{DERIVE} --to {public} -o out.age", "air")
    done = desk.run(f"sign url --key file:out.age {URL}", "nowhere", AUTHKIT_IDENTITY_FILE="locked")
    assert (done.code, done.stdout) == (3, b"")
    assert b"locked: the SSH key is under a passphrase, which cannot be used here" in done.stderr
    desk.sh("cp locked copy; ssh-keygen -q -p -P secret -N '' -f copy")  # as the hint says
    assert desk.run(f"sign url --key file:out.age {URL}", "nowhere", AUTHKIT_IDENTITY_FILE="copy").code == 0


@pytest.mark.parametrize("armor", ["-a", ""])
def test_we_open_what_age_sealed(desk: Desk, ssh_keys: None, armor: str) -> None:
    desk.write("day.subkeys", encode_subkeys(Sample().subkeys()))
    desk.sh("age-keygen -o other 2>/dev/null")
    at = "--at 2026-11-23T09:00:00Z"
    sealed = [("id", '-r "$(age-keygen -y id)"'), ("other", '-r "$(age-keygen -y other)"')]
    sealed += [(kind, f"-R {kind}.pub") for kind in ("ed25519", "rsa", "rsa-pem")]
    for identity, option in sealed:
        desk.sh(f"umask 077; rm -f day.age; age {armor} {option} -o day.age day.subkeys")
        line = f"sign url --key file:day.age {URL} {at}"
        assert desk.ok(line, "nowhere", AUTHKIT_IDENTITY_FILE=identity).startswith(URL.encode())
        assert desk.run(line, "web").code == (0 if identity == "id" else 5)


def test_we_take_in_what_was_signed_and_sealed_by_hand(desk: Desk) -> None:
    """The other way round: ssh-keygen signs the text that we wrote, age seals it, and import-subkey takes it."""
    desk.ok(f"{DERIVE} --to web-1 -o out.age", "air")
    desk.sh("age -d -i id out.age >opened")
    desk.sh(PART)
    text = (desk.folder / "text").read_bytes()
    desk.write("key", _openssh_pem(desk))
    desk.sh("rm -f text.sig; ssh-keygen -q -Y sign -f key -n authkit-subkeys-v1 text")
    signed = text + (desk.folder / "text.sig").read_bytes()
    assert signed == sign_text(key_of(AIR_PEM), SUBKEYS, text)  # Ed25519 is deterministic, and so is the armor
    desk.sh('age -a -r "$(age-keygen -y id)" -o hand.age', signed)
    assert desk.ok("import-subkey hand.age --expect-id AKIDEXAMPLE", "web") == b"AKIDEXAMPLE\n"


def _openssh_pem(desk: Desk) -> bytes:
    from cryptography.hazmat.primitives import serialization

    key = serialization.load_pem_private_key(AIR_PEM, None)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    )


def test_a_plugin_of_age_works_with_both(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    write_plugin(desk.folder / "bin")
    monkeypatch.setenv("PATH", path_with(desk.folder / "bin"))
    accept(Places(desk.air.info.path), policy(name="card", recipient=PLUGIN_RECIPIENT, signing_key=""))
    desk.write("plugin", f"# recipient: {PLUGIN_RECIPIENT}\n{PLUGIN_IDENTITY}\n".encode())
    desk.ok(f"{DERIVE} --to card -o out.age", "air")
    desk.sh("age -d -i plugin out.age >opened")
    assert desk.sh(PART).startswith(b"Good ")
    desk.write("day.subkeys", encode_subkeys(Sample().subkeys()))
    desk.sh(f"umask 077; age -r {PLUGIN_RECIPIENT} -o day.age day.subkeys")
    line = f"sign url --key file:day.age {URL} --at 2026-11-23T09:00:00Z"
    assert desk.ok(line, "nowhere", AUTHKIT_IDENTITY_FILE="plugin").startswith(URL.encode())
