"""Does a passphrase open its store's identity, and is it good enough?"""

import os
from pathlib import Path

import pytest

from agefile import IDENTITY, PASSPHRASE, give_away, seal_quickly
from authkit import seal
from authkit.errors import AuthkitError, InputError, Refused, StoreError
from authkit.unlock import ROWS, passphrase


def keep(path: Path, data: bytes, mode: int = 0o600) -> str:
    path.write_bytes(data)
    path.chmod(mode)
    return str(path)


def failure(path: str, answer: bytes = PASSPHRASE) -> tuple[str, str | None]:
    with pytest.raises(StoreError) as caught:
        passphrase.open_identity(path, lambda prompt: answer)
    return caught.value.message, caught.value.hint


@pytest.mark.parametrize(
    "text",
    [
        IDENTITY + "\n",
        IDENTITY,
        f"# created: 2026-11-23T09:00:00Z\n# public key: age1\n{IDENTITY}\n",
        f"\r\n  {IDENTITY.lower()}  \r\n\r\n",
    ],
)
def test_the_identity_is_opened(text: str, tmp_path: Path) -> None:
    asked: list[str] = []
    path = keep(tmp_path / "identity.age", seal_quickly(PASSPHRASE, text.encode()))
    found = passphrase.open_identity(path, lambda prompt: asked.append(prompt) or PASSPHRASE)
    assert found == IDENTITY
    assert asked == ["passphrase of the store"]


def test_what_does_not_open_is_a_failure_of_the_store(tmp_path: Path) -> None:
    path = keep(tmp_path / "identity.age", seal_quickly(PASSPHRASE, IDENTITY.encode()))
    assert failure(path, PASSPHRASE + b"\n") == (f"the passphrase does not open {path}", None)
    assert failure(path, b"") == ("the passphrase is empty", None)
    assert failure(path, b"\xff") == ("the passphrase is not UTF-8", None)
    keep(tmp_path / "identity.age", seal_quickly(PASSPHRASE, b"", stated="40"))
    message = f"{path} was sealed on a faster machine: its passphrase takes too much work here (scrypt, N = 2^40)"
    assert failure(path) == (message, "open it with: age -d FILE")
    keep(tmp_path / "identity.age", IDENTITY.encode())
    assert failure(path) == (f"{path} is not an age file with a passphrase, or is damaged", None)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "a sealed identity holds one identity, not 0"),
        (b"# only a comment\n", "a sealed identity holds one identity, not 0"),
        (f"{IDENTITY}\n{IDENTITY}\n".encode(), "a sealed identity holds one identity, not 2"),
        (b"\xff\xfe", "not an age identity of the form AGE-SECRET-KEY-1…"),
        (IDENTITY[:-1].encode(), "not an age identity of the form AGE-SECRET-KEY-1…"),
    ],
)
def test_what_was_sealed_is_an_identity(text: bytes, message: str, tmp_path: Path) -> None:
    path = keep(tmp_path / "identity.age", seal_quickly(PASSPHRASE, text))
    assert failure(path) == (message, None)


def test_nobody_is_asked_about_a_file_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "identity.age"
    asked: list[str] = []

    def open_it() -> tuple[str, str | None]:
        with pytest.raises(StoreError) as caught:
            passphrase.open_identity(str(path), lambda prompt: asked.append(prompt) or PASSPHRASE)
        return caught.value.message, caught.value.hint

    prefix = "the store's identity cannot be read: "
    assert open_it() == (f"{prefix}no such file: {path}", None)
    keep(path, b"x", 0o644)
    assert open_it() == (f"{prefix}{path} is open to other users (mode 0644)", f"chmod 600 {path}")
    keep(path, b"x" * 65537)
    assert open_it() == (f"{prefix}{path} is too large for a sealed identity: more than 65536 bytes", None)
    give_away(path, monkeypatch)
    assert open_it() == (f"{prefix}{path} belongs to another user", f"chown {os.geteuid()} {path}")
    assert asked == []


def test_an_identity_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        seal, "encrypt_with_passphrase", lambda passphrase, data: seal_quickly(passphrase, data).decode()
    )
    path = tmp_path / "identity.age"
    passphrase.keep_identity(str(path), IDENTITY, PASSPHRASE)
    assert path.stat().st_mode & 0o777 == 0o600
    assert seal.decrypt_with_passphrase(PASSPHRASE, path.read_bytes()) == IDENTITY.encode() + b"\n"
    assert passphrase.open_identity(str(path), lambda prompt: PASSPHRASE) == IDENTITY
    with pytest.raises(Refused, match="exists$"):
        passphrase.keep_identity(str(path), IDENTITY, b"another passphrase")
    passphrase.keep_identity(str(path), IDENTITY, b"another passphrase", replace=True)
    assert passphrase.open_identity(str(path), lambda prompt: b"another passphrase") == IDENTITY


@pytest.mark.parametrize("good", [b"x" * 16, "é".encode() * 16, b" " * 17])
def test_a_long_passphrase_passes(good: bytes) -> None:
    passphrase.check_passphrase(good)


@pytest.mark.parametrize(
    ("bad", "kind", "message"),
    [
        (b"x" * 15, Refused, "a chosen passphrase has at least 16 characters, and this one has 15"),
        ("é".encode() * 15, Refused, "a chosen passphrase has at least 16 characters, and this one has 15"),
        (b"", Refused, "a chosen passphrase has at least 16 characters, and this one has 0"),
        (b"\xff" * 20, InputError, "the passphrase is not UTF-8"),
    ],
)
def test_a_short_passphrase_is_refused(bad: bytes, kind: type[AuthkitError], message: str) -> None:
    with pytest.raises(kind) as caught:
        passphrase.check_passphrase(bad)
    assert (caught.value.message, caught.value.__cause__) == (message, None)
    if kind is Refused:
        assert caught.value.hint == "choose a longer one, or let authkit make one of 10 words"


def test_a_passphrase_is_made_of_ten_random_words() -> None:
    asked: list[int] = []
    text = passphrase.generate_passphrase(
        lambda count: asked.append(count) or bytes([0, 0, 255, 255, 1, 1, 2, 2, 9, 10])
    )
    assert text == "aardvark-adroitness-zulu-yucatan-absurd-adviser-accrue-aftermath-algol-apollo"
    assert asked == [10]
    passphrase.check_passphrase(text.encode())


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"pass", b"pass"),
        (b"pass\n", b"pass"),
        (b"pass\r\n", b"pass"),
        (b"pass\n\n", b"pass\n"),
        (b"pass\r\n\r\n", b"pass\r\n"),
        (b"pass\r", b"pass\r"),
        (b"pass ", b"pass "),
        (b"\n", b""),
        (b"", b""),
    ],
)
def test_one_line_end_of_a_file_is_not_part_of_it(content: bytes, found: bytes) -> None:
    assert passphrase.without_line_end(content) == found


def test_each_way_has_its_module() -> None:
    assert sorted(ROWS) == ["keyring", "passphrase"]
    for module, summary in ROWS.values():
        __import__(module)
        assert summary
