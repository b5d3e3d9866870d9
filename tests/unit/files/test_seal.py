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
