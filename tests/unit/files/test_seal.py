"""Does what is sealed open again, and nothing else?"""

import base64
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from agefile import IDENTITY, PASSPHRASE, RECIPIENT, seal_quickly
from authkit import seal
from authkit.errors import InputError, Refused
from recipients import (
    PLUGIN_IDENTITY,
    PLUGIN_RECIPIENT,
    TAG_RECIPIENT,
    path_with,
    ssh_pair,
    write_plugin,
)

ARMOR = "-----BEGIN AGE ENCRYPTED FILE-----\n"


def test_an_identity_has_its_recipient() -> None:
    assert re.fullmatch(r"AGE-SECRET-KEY-1[0-9A-Z]{58}", IDENTITY)
    assert re.fullmatch(r"age1[0-9a-z]{58}", RECIPIENT)
    assert seal.recipient_of(IDENTITY) == RECIPIENT
    identity, recipient = seal.generate_identity()
    assert seal.recipient_of(identity) == recipient
    assert seal.generate_identity()[0] != identity


def test_an_identity_has_one_spelling() -> None:
    assert seal.canonical_identity(IDENTITY.lower()) == IDENTITY
    assert seal.recipient_of(IDENTITY.lower()) == RECIPIENT


@pytest.mark.parametrize("bad", ["", "AGE-SECRET-KEY-1", f" {IDENTITY}", IDENTITY[:-1], RECIPIENT, "AGE-PLUGIN-X-1QQ"])
@pytest.mark.parametrize("use", [seal.canonical_identity, seal.recipient_of, lambda text: seal.decrypt_with(text, "")])
def test_what_is_no_identity_is_named_and_not_quoted(bad: str, use: Callable[[str], object]) -> None:
    with pytest.raises(InputError) as caught:
        use(bad)
    assert caught.value.message == "not an age identity of the form AGE-SECRET-KEY-1…"


def test_sealing_to_a_recipient() -> None:
    sealed = seal.encrypt_to(RECIPIENT, b"\x00secret\xff")
    assert sealed.startswith(ARMOR)
    assert sealed.endswith("-----END AGE ENCRYPTED FILE-----\n")
    assert sealed.isascii()
    assert seal.decrypt_with(IDENTITY, sealed) == b"\x00secret\xff"
    assert seal.decrypt_with(IDENTITY, sealed.encode().replace(b"\n", b"\r\n")) == b"\x00secret\xff"


@pytest.mark.parametrize("bad", ["", "age1", "age1yubikey1qxyz", "ssh-ed25519 AAAA", RECIPIENT[:-1], IDENTITY[:20]])
def test_only_a_native_recipient_is_sealed_to(bad: str) -> None:
    with pytest.raises(InputError) as caught:
        seal.encrypt_to(bad, b"x")
    assert caught.value.message == f"not an age recipient of the form age1…: {bad}"


def test_another_identity_does_not_open() -> None:
    with pytest.raises(seal.Unopened) as caught:
        seal.decrypt_with(seal.generate_identity()[0], seal.encrypt_to(RECIPIENT, b"x"), "FILE")
    assert (caught.value.reason, caught.value.message) == ("key", "FILE is not sealed to this identity")
    assert caught.value.exit_code == 3


@pytest.mark.parametrize("cut", [0, 10, 100, -40, -1])
def test_a_damaged_file_does_not_open(cut: int) -> None:
    sealed = seal.encrypt_to(RECIPIENT, b"x" * 100)
    damaged = sealed[:cut] + sealed[cut + 20 :] if cut >= 0 else sealed[:cut] + "é\udcff"
    with pytest.raises(seal.Unopened) as caught:
        seal.decrypt_with(IDENTITY, damaged)
    assert (caught.value.reason, caught.value.message) == ("damaged", "the age file is damaged")


def test_a_flipped_byte_does_not_open() -> None:
    sealed = seal.encrypt_to(RECIPIENT, b"x")
    body = bytearray(base64.b64decode("".join(sealed.split("\n")[1:-2])))
    body[-1] ^= 1
    with pytest.raises(seal.Unopened) as caught:
        seal.decrypt_with(IDENTITY, bytes(body))
    assert caught.value.reason == "damaged"


def test_little_work_is_read() -> None:
    sealed = seal_quickly(PASSPHRASE, b"secret")
    assert seal.work_factor(sealed) == 10
    assert seal.decrypt_with_passphrase(PASSPHRASE, sealed) == b"secret"
    assert seal.decrypt_with_passphrase(PASSPHRASE, sealed.decode()) == b"secret"


def test_a_passphrase_is_used_as_it_is() -> None:
    composed, decomposed = "é".encode(), "e\u0301".encode()
    sealed = seal_quickly(composed, b"secret")
    assert seal.decrypt_with_passphrase(composed, sealed) == b"secret"
    for wrong in (decomposed, composed + b"\n", b" " + composed):
        with pytest.raises(seal.Unopened) as caught:
            seal.decrypt_with_passphrase(wrong, sealed, "FILE")
        assert (caught.value.reason, caught.value.message) == ("key", "the passphrase does not open FILE")


@pytest.mark.parametrize(("stated", "ours"), [("23", 22), ("99", 22), ("63", 99)], ids=["ours", "most", "library's"])
def test_too_much_work_is_named(stated: str, ours: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seal, "_MOST_WORK", ours)
    with pytest.raises(seal.Unopened) as caught:
        seal.decrypt_with_passphrase(PASSPHRASE, seal_quickly(PASSPHRASE, b"x", stated=stated), "FILE")
    assert caught.value.reason == "work"
    assert caught.value.message == (
        f"FILE was sealed on a faster machine: its passphrase takes too much work here (scrypt, N = 2^{stated})"
    )
    assert caught.value.hint == "open it with: age -d FILE"


def test_work_that_is_bearable_is_bounded_by_22() -> None:
    assert seal._MOST_WORK == 22  # and 22 itself is left to the library, which knows the machine


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"plain",
        b"age-encryption.org/v1\n",
        b"age-encryption.org/v1\n-> scrypt c2FsdA\nbody\n",
        b"age-encryption.org/v1\n-> scrypt c2FsdA 1x\nbody\n",
        b"age-encryption.org/v1\n-> scrypt c2FsdA 100\nbody\n",
        b"age-encryption.org/v1\n-> X25519 c2FsdA 10\nbody\n",
        b"age-encryption.org/v1\n=> scrypt c2FsdA 10\nbody\n",
        b"age-encryption.org/v2\n-> scrypt c2FsdA 10\nbody\n",
        ARMOR.encode() + b"A\n",
        seal.encrypt_to(RECIPIENT, b"x").encode(),
    ],
    ids=range(11),
)
def test_what_has_no_passphrase_is_named(data: bytes) -> None:
    assert seal.work_factor(data) is None
    with pytest.raises(seal.Unopened) as caught:
        seal.decrypt_with_passphrase(PASSPHRASE, data, "FILE")
    message = "FILE is not an age file with a passphrase, or is damaged"
    assert (caught.value.reason, caught.value.message) == ("damaged", message)


def test_damage_behind_the_header_is_named() -> None:
    sealed = seal_quickly(PASSPHRASE, b"x").replace(b"\n-----END", b"!\n-----END")
    with pytest.raises(seal.Unopened) as caught:
        seal.decrypt_with_passphrase(PASSPHRASE, sealed, "FILE")
    assert (caught.value.reason, caught.value.message) == ("damaged", "FILE is damaged")


@pytest.mark.parametrize(
    ("bad", "message"), [(b"", "the passphrase is empty"), (b"\xff", "the passphrase is not UTF-8")]
)
def test_a_passphrase_is_text(bad: bytes, message: str) -> None:
    for use in (
        lambda: seal.encrypt_with_passphrase(bad, b"x"),
        lambda: seal.decrypt_with_passphrase(bad, seal_quickly(b"p", b"x")),
    ):
        with pytest.raises(InputError) as caught:
            use()
        assert (caught.value.message, caught.value.__cause__) == (message, None)


def test_sealing_is_repeated_until_it_is_strong_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    works, seen = iter([10, 17, 18, 19]), []

    def once(passphrase: str, data: bytes) -> bytes:
        seen.append((passphrase, data))
        return seal_quickly(b"p", data, stated=str(next(works)))

    monkeypatch.setattr(seal, "_seal_once", once)
    assert seal.work_factor(seal.encrypt_with_passphrase("é".encode(), b"x").encode()) == 18
    assert seen == [("é", b"x")] * 3


def test_sealing_weakly_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[str] = []
    weak = seal_quickly(b"p", b"x", stated="17")
    monkeypatch.setattr(seal, "_seal_once", lambda passphrase, data: tries.append(passphrase) or weak)
    with pytest.raises(Refused) as caught:
        seal.encrypt_with_passphrase(b"p", b"x")
    assert caught.value.message == "this machine is too busy to seal with a passphrase as strongly as it should be"
    assert caught.value.hint == "try again when other programs have ended"
    assert len(tries) == 16


def test_the_library_seals_with_enough_work() -> None:
    sealed = seal.encrypt_with_passphrase(PASSPHRASE, b"secret")
    work = seal.work_factor(sealed.encode())
    assert work is not None
    assert 18 <= work <= 22
    assert seal.decrypt_with_passphrase(PASSPHRASE, sealed) == b"secret"


@pytest.mark.parametrize(
    ("data", "sealed"),
    [
        (ARMOR.encode(), True),
        (b"age-encryption.org/v1\n-> x", True),
        (b"age-encryption.org/v1", False),
        (b" " + ARMOR.encode(), False),
        (b"{}", False),
        (b"", False),
    ],
)
def test_sealed_files_are_known_by_their_start(data: bytes, sealed: bool) -> None:
    assert seal.is_sealed(data) is sealed


def test_the_age_program_opens_both_kinds(tmp_path: Path, require_tool: Callable[[str], str]) -> None:
    import pexpect

    age = require_tool("age")
    (tmp_path / "id").write_text(IDENTITY + "\n")
    (tmp_path / "to").write_text(seal.encrypt_to(RECIPIENT, b"secret-1\n"))
    done = subprocess.run([age, "-d", "-i", tmp_path / "id", tmp_path / "to"], capture_output=True, check=True)
    assert done.stdout == b"secret-1\n"
    (tmp_path / "with").write_bytes(seal_quickly(PASSPHRASE, b"secret-2\n"))
    child = pexpect.spawn(age, ["-d", str(tmp_path / "with")], timeout=20)
    child.expect("assphrase")
    child.sendline(PASSPHRASE.decode())
    child.expect("secret-2")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert shutil.which("age") == age


class Silent:
    """Answers a plugin nothing, and remembers what it said."""

    def __init__(self, pin: "str | None" = None) -> None:
        self.heard: list[str] = []
        self.pin = pin

    def display_message(self, message: str) -> None:
        self.heard.append(message)

    def confirm(self, message: str, yes_string: str, no_string: "str | None") -> "bool | None":
        self.heard.append(f"{message} {yes_string} {no_string}")
        return None

    def request_public_string(self, description: str) -> "str | None":
        self.heard.append(description)
        return None

    def request_passphrase(self, description: str) -> "str | None":
        self.heard.append(description)
        return self.pin


def identities(text: "str | bytes", what: str = "ID") -> list[seal.Identity]:
    def unseal(data: bytes) -> bytes:
        return seal.decrypt_with_passphrase(PASSPHRASE, data)

    return seal.load_identities(text.encode() if isinstance(text, str) else text, what, unseal)


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    def write(mode: str = "works") -> Path:
        monkeypatch.setenv("PATH", path_with(tmp_path / "bin"))
        return write_plugin(tmp_path / "bin", mode)

    return write


@pytest.mark.parametrize("kind", ["ed25519", "rsa", "rsa-pem"])
def test_an_ssh_key_opens_what_is_sealed_to_it(kind: str) -> None:
    private, line = ssh_pair(kind)
    recipient = line.removesuffix(" someone@example.com")
    assert seal.recipient_kind(recipient) == "ssh"
    (own,) = identities(private)
    assert (own.recipient, own.plugin) == (recipient, "")
    sealed = seal.seal_for(recipient, b"to an SSH key")
    assert seal.open_with([own], sealed, Silent()) == (b"to an SSH key", recipient)
    other = identities(ssh_pair("rsa" if kind == "ed25519" else "ed25519")[0])
    with pytest.raises(seal.Unopened) as caught:
        seal.open_with(other, sealed, Silent(), "FILE")
    assert (caught.value.reason, caught.value.message) == ("key", "FILE is not sealed to this identity")


def test_one_of_several_identities_opens() -> None:
    ours = identities(f"# mine\n{seal.generate_identity()[0]}\r\n\n  {IDENTITY.lower()}  \n") + identities(
        ssh_pair("ed25519")[0]
    )
    assert [one.plugin for one in ours] == ["", "", ""]
    assert repr(ours[1]) == f"<Identity of {RECIPIENT}>"
    assert seal.open_with(ours, seal.seal_for(RECIPIENT, b"x"), Silent()) == (b"x", RECIPIENT)
    line = ssh_pair("ed25519")[1].removesuffix(" someone@example.com")
    assert seal.open_with(ours, seal.seal_for(line, b"y"), Silent()) == (b"y", line)


@pytest.mark.parametrize("data", [b"", b"\0", bytes(range(256)) * 1024])
def test_any_bytes_come_back(data: bytes) -> None:
    assert seal.open_with(identities(IDENTITY), seal.seal_for(RECIPIENT, data), Silent()) == (data, RECIPIENT)


def test_no_identity_opens_nothing() -> None:
    with pytest.raises(seal.Unopened) as caught:
        seal.open_with([], seal.seal_for(RECIPIENT, b"x"), Silent())
    assert caught.value.reason == "key"


def test_identities_under_a_passphrase() -> None:
    (own,) = identities(seal_quickly(PASSPHRASE, f"# mine\n{IDENTITY}\n".encode()))
    assert own.recipient == RECIPIENT
    (own,) = identities(seal_quickly(PASSPHRASE, ssh_pair("ed25519")[0]))
    assert own.recipient.startswith("ssh-ed25519 ")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "ID: holds 0 identities, not 1 to 1000"),
        ("# only a comment\n", "ID: holds 0 identities, not 1 to 1000"),
        (f"{IDENTITY}\n" * 1001, "ID: holds 1001 identities, not 1 to 1000"),
        (f"{IDENTITY}\nAGE-SECRET-KEY-1SECRET\n", "ID: line 2 is not an age identity"),
        (f"\n\n{RECIPIENT}\n", "ID: line 3 is not an age identity"),
        (PLUGIN_IDENTITY.lower(), "ID: line 1 is not an age identity"),
        ("AGE-PLUGIN-FAKE-1SECRET\n", "ID: line 1 is not an age identity"),
        ("AGE-PLUGIN-../X-1DPJKCMR0YMXKZ5\n", "ID: line 1 is not an age identity"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nSECRET\n", "ID: not an SSH private key of type Ed25519 or RSA"),
        ("-----BEGIN PRIVATE KEY-----\nSECRET\n", "ID: not an SSH private key of type Ed25519 or RSA"),
    ],
)
def test_what_is_no_identity_file_is_named_by_its_line(text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        identities(text)
    assert caught.value.message == message
    assert caught.value.__cause__ is None


def test_a_thousand_identities() -> None:
    assert len(identities(f"{IDENTITY}\n" * 1000)) == 1000


def strings(*parts: bytes) -> bytes:
    return b"".join([len(part).to_bytes(4, "big") + part for part in parts])


def openssh(body: bytes) -> bytes:
    text = base64.b64encode(b"openssh-key-v1\0" + body)
    return b"-----BEGIN OPENSSH PRIVATE KEY-----\n" + text + b"\n-----END OPENSSH PRIVATE KEY-----\n"


def test_an_ssh_key_under_a_passphrase_says_how_to_go_on() -> None:
    public = strings(b"ssh-ed25519", b"k" * 32)
    options = strings(b"s" * 16) + (16).to_bytes(4, "big")
    data = openssh(strings(b"aes256-ctr", b"bcrypt", options) + b"\0\0\0\1" + strings(public, bytes(96)))
    with pytest.raises(InputError) as caught:
        identities(data)
    assert caught.value.message == "ID: the SSH key is under a passphrase, which cannot be used here"
    assert caught.value.hint == "'ssh-keygen -p -f COPY' takes it off a copy of the key"


@pytest.mark.parametrize(
    "data",
    [
        b"-----BEGIN OPENSSH PRIVATE KEY-----\na\n-----END OPENSSH PRIVATE KEY-----",
        openssh(b""),
        openssh(strings(b"none", b"none", b"") + b"\0\0\0\1" + strings(strings(b"ssh-dss", b"x"))),
        b"-----BEGIN RSA PRIVATE KEY-----\nMAA=\n-----END RSA PRIVATE KEY-----",
        b"-----BEGIN RSA PRIVATE KEY-----\nMA==\n-----END RSA PRIVATE KEY-----",
    ],
)
def test_a_private_key_that_does_not_say_which_it_is(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    from pyrage import ssh

    class Accepts:
        Identity = type("Identity", (), {"from_buffer": staticmethod(lambda data: object())})

    monkeypatch.setattr("pyrage.ssh", Accepts)
    assert ssh is not Accepts
    if b"RSA" in data:
        assert seal._ssh_recipient(data) == "ssh-rsa AAAAB3NzaC1yc2EAAAAAAAAAAA=="
        return
    with pytest.raises(InputError) as caught:
        identities(data)
    assert caught.value.message == "ID: not an SSH private key that says which key it is"


@pytest.mark.parametrize(
    ("text", "kind"),
    [(RECIPIENT, "native"), (TAG_RECIPIENT, "tag"), (PLUGIN_RECIPIENT, "plugin")],
)
def test_the_kind_of_a_recipient(text: str, kind: str) -> None:
    assert seal.recipient_kind(text) == kind


@pytest.mark.parametrize(
    "text",
    [
        "",
        "web-1",
        RECIPIENT.upper(),
        f"{RECIPIENT} ",
        RECIPIENT[:-1],
        TAG_RECIPIENT[:-1],
        PLUGIN_RECIPIENT[:-1],
        "age1../x1dpjkcmr0",
        IDENTITY,
        PLUGIN_IDENTITY,
    ],
)
def test_what_is_no_recipient(text: str) -> None:
    with pytest.raises(InputError) as caught:
        seal.recipient_kind(text)
    assert caught.value.message == f"not a recipient of the form age1… or ssh-…: {text}"


SSH = "not an SSH key's type and key, without a comment: "


def test_what_is_no_ssh_recipient() -> None:
    line = ssh_pair("ed25519")[1]
    bare = line.removesuffix(" someone@example.com")
    for bad in (line, f"{bare} ", bare.replace(" ", "  "), "ssh-ed25519", "ssh-ed25519 A", "ssh-dss AAAA"):
        with pytest.raises(InputError) as caught:
            seal.recipient_kind(bad)
        assert caught.value.message == f"{SSH}{bad[:64]}"
    for bad in ("ssh-ed25519 AAAA", bare.replace("ssh-ed25519", "ssh-rsa")):
        with pytest.raises(InputError) as caught:
            seal.seal_for(bad, b"x")
        assert caught.value.message == f"not a recipient of the form age1… or ssh-…: {bad[:80]}"


def test_a_tag_needs_no_program_to_be_sealed_to() -> None:
    sealed = seal.seal_for(TAG_RECIPIENT, b"x")
    body = base64.b64decode("".join(sealed.split("\n")[1:-2]))
    assert body.split(b"\n")[1].startswith(b"-> p256tag ")
    with pytest.raises(seal.Unopened) as caught:
        seal.open_with(identities(IDENTITY), sealed, Silent())
    assert caught.value.reason == "key"


def test_a_plugin_is_never_started_for_a_recipient_nobody_enrolled(plugin: Callable[[], Path]) -> None:
    started = plugin()
    with pytest.raises(Refused) as caught:
        seal.seal_for(PLUGIN_RECIPIENT, b"x")
    assert caught.value.message == f"{PLUGIN_RECIPIENT} names the program age-plugin-fake, and is not enrolled"
    assert caught.value.hint == "'authkit trust-requester NAME --recipient RECIPIENT' enrols it"
    assert not started.exists()


def test_a_plugin_seals_and_opens(plugin: Callable[[], Path]) -> None:
    started = plugin()
    sealed = seal.seal_for(PLUGIN_RECIPIENT, b"by a plugin", Silent())
    (own,) = identities(f"#    Recipient: {PLUGIN_RECIPIENT}\n{PLUGIN_IDENTITY}\n")
    assert (own.plugin, own.recipient) == ("fake", PLUGIN_RECIPIENT)
    assert seal.open_with([own], sealed, Silent()) == (b"by a plugin", PLUGIN_RECIPIENT)
    assert started.read_text() == "--age-plugin=recipient-v1\n--age-plugin=identity-v1\n"


@pytest.mark.parametrize("comment", ["# public key: {}\n", "#Public Key:{}\n", "# recipient: {}\n# created: today\n"])
def test_which_recipient_a_plugins_identity_is_of(comment: str) -> None:
    first, other = identities(f"{comment.format(PLUGIN_RECIPIENT)}{PLUGIN_IDENTITY}\n{PLUGIN_IDENTITY}\n")
    assert (first.recipient, other.recipient, other.plugin) == (PLUGIN_RECIPIENT, "", "fake")
    assert repr(other) == "<Identity of fake>"


def test_a_plugin_is_started_last(plugin: Callable[[], Path]) -> None:
    started = plugin()
    own = identities(f"{PLUGIN_IDENTITY}\n{IDENTITY}\n")
    assert seal.open_with(own, seal.seal_for(RECIPIENT, b"x"), Silent()) == (b"x", RECIPIENT)
    assert not started.exists()
    with pytest.raises(seal.Unopened) as caught:
        seal.open_with(own, seal.seal_for(TAG_RECIPIENT, b"x"), Silent())
    assert caught.value.reason == "key"
    assert set(started.read_text().split()) == {"--age-plugin=identity-v1"}


def test_a_plugin_that_fails_is_quoted_as_far_as_it_can_be_printed(plugin: Callable[..., Path]) -> None:
    plugin()
    sealed = seal.seal_for(PLUGIN_RECIPIENT, b"x", Silent())
    plugin("fails")
    with pytest.raises(Refused) as caught:
        seal.seal_for(PLUGIN_RECIPIENT, b"x", Silent())
    assert caught.value.message.startswith("age-plugin-fake does not seal: ")
    assert caught.value.message.isprintable()
    with pytest.raises((Refused, seal.Unopened)) as opened:
        seal.open_with(identities(PLUGIN_IDENTITY), sealed, Silent(), "FILE")
    assert opened.value.message.startswith("age-plugin-fake does not open FILE: ")
    assert opened.value.message.isprintable()


def test_a_plugin_that_is_not_there(monkeypatch: pytest.MonkeyPatch, plugin: Callable[[], Path]) -> None:
    plugin()
    sealed = seal.seal_for(PLUGIN_RECIPIENT, b"x", Silent())
    monkeypatch.setenv("PATH", "/nonexistent")
    missing = "Could not find 'age-plugin-fake' on the PATH"
    with pytest.raises(Refused) as caught:
        seal.seal_for(PLUGIN_RECIPIENT, b"x", Silent())
    assert caught.value.message == f"age-plugin-fake does not seal: {missing}"
    with pytest.raises(Refused) as caught:
        seal.open_with(identities(PLUGIN_IDENTITY), sealed, Silent(), "FILE")
    assert caught.value.message == f"age-plugin-fake does not open FILE: {missing}"


def test_a_plugin_that_asks(plugin: Callable[..., Path]) -> None:
    plugin()
    sealed = seal.seal_for(PLUGIN_RECIPIENT, b"x", Silent())
    plugin("ask")
    talk = Silent("123456")
    assert seal.open_with(identities(PLUGIN_IDENTITY), sealed, talk) == (b"x", "")
    assert talk.heard == ["touch \x1b[31mthe key", "is it there? yes None", "a name", "PIN"]


@pytest.mark.parametrize("place", [40, 70, -60, -10])
def test_a_damaged_file_is_told_from_one_for_another(place: int) -> None:
    sealed = bytearray(seal.seal_for(RECIPIENT, b"x" * 200).encode())
    sealed[place] = ord("A") if sealed[place] != ord("A") else ord("B")
    with pytest.raises(seal.Unopened) as caught:
        seal.open_with(identities(IDENTITY), bytes(sealed), Silent(), "FILE")
    assert (caught.value.reason, caught.value.message) == ("damaged", "FILE is damaged")
