"""Does a PKCS#12 file's password come from where it may, and go nowhere else?"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import pkcs12

from authkit.certs.subject_key import encode_key
from authkit.commands import _p12
from authkit.commands._quick import Given
from authkit.errors import AuthkitError, InputError, Refused, UsageError
from commandline import Terminal, run_here
from ledgers import key_of, make_authority, make_leaf

CA = make_authority()
LEAF = make_leaf(CA, 5)
KEY = encode_key(key_of(number=1))
CHOSEN = b"correct horse battery staple"


def options(**members: object) -> Any:
    found: dict[str, object] = {row[0].lstrip("-").replace("-", "_"): row[4] for row in _p12.ROWS}
    return Given({**found, "force": False, **members})


@pytest.fixture
def chosen(tmp_path: Path) -> str:
    path = tmp_path / "password"
    path.write_bytes(CHOSEN + b"\n")
    path.chmod(0o600)
    return str(path)


def on_terminal(tmp_path: Path, call: Callable[[], object], terminal: "Terminal | None" = None) -> Any:
    """Call with /dev/tty as *terminal*; return (what it gave or raised, what the terminal showed)."""
    found: list[object] = []

    def main(words: list[str]) -> int:
        try:
            found.append(call())
        except AuthkitError as error:
            found.append(error)
        return 0

    done = run_here("", tmp_path, terminal=terminal, main=main)
    assert (done.stdout, done.stderr) == (b"", b"")
    return found[0], done.terminal


@pytest.mark.parametrize(
    ("members", "more", "kind", "message"),
    [
        ({"p12_encryption": "modern"}, {"wanted": False}, UsageError, "--p12-encryption is for PKCS#12 files"),
        ({"friendly_name": ""}, {"wanted": False}, UsageError, "--friendly-name is for PKCS#12 files"),
        ({"password_file": "x"}, {"wanted": False}, UsageError, "--password-file is for PKCS#12 files"),
        ({"password_out": "x"}, {"wanted": False}, UsageError, "--password-out is for PKCS#12 files"),
        ({"friendly_name": "x"}, {"several": True}, UsageError, "--friendly-name is for one certificate"),
        ({"password_file": "x"}, {"several": True}, UsageError, "--password-file is for one certificate"),
        (
            {"password_file": "x", "password_out": "y"},
            {},
            UsageError,
            "--password-file names a password that you have, --password-out is for one that is made",
        ),
        (
            {"password_file": "x", "p12_encryption": "legacy"},
            {},
            Refused,
            "the legacy encryption is too weak for a password that somebody chose",
        ),
        ({"password_out": "/"}, {}, Refused, "/ exists"),
    ],
)
def test_what_contradicts_itself(
    members: dict[str, object], more: dict[str, bool], kind: type[AuthkitError], message: str
) -> None:
    with pytest.raises(kind) as caught:
        _p12.check_options(options(**members), **more)
    assert caught.value.message == message


@pytest.mark.parametrize(
    ("members", "more"),
    [
        ({}, {"wanted": False}),
        ({"p12_encryption": "legacy", "password_out": "none"}, {}),
        ({"p12_encryption": "modern", "password_file": "none", "friendly_name": "x"}, {}),
        ({"password_out": "none"}, {"several": True}),
        ({"password_out": "/", "force": True}, {}),
    ],
)
def test_what_does_not(members: dict[str, object], more: dict[str, bool]) -> None:
    _p12.check_options(options(**members), **more)


@pytest.mark.parametrize("member", ["password_out", "password_file"])
def test_a_file_that_is_for_something_else(member: str, tmp_path: Path) -> None:
    path = str(tmp_path / "x.p12")
    option = f"--{member.replace('_', '-')}"
    for force in (False, True):
        with pytest.raises(UsageError) as caught:
            _p12.check_options(options(**{member: path}, force=force), taken=["other", f"{tmp_path}/./x.p12"])
        assert caught.value.message == f"{option} {path} is a file for something else here"
        assert caught.value.hint == "name another file"
    _p12.check_options(options(**{member: path}), taken=[f"{path}2"])


def test_the_same_file(tmp_path: Path) -> None:
    one, other, linked, hard = [str(tmp_path / name) for name in ("one", "other", "linked", "hard")]
    assert _p12.is_same(one, one)  # not there yet
    assert not _p12.is_same(one, other)
    Path(one).write_bytes(b"")
    assert not _p12.is_same(one, other)
    Path(other).write_bytes(b"")
    assert not _p12.is_same(one, other)
    Path(linked).symlink_to("one")
    Path(hard).hardlink_to(one)
    assert _p12.is_same(one, linked)
    assert _p12.is_same(hard, one)
    assert not _p12.is_same("/dev/null", "/dev/null")  # what is no file is not overwritten


def test_all_files_of_a_certificate() -> None:
    assert _p12.files_of("ada", None) == ["ada.p12", "ada.key", "ada.pem"]
    assert _p12.files_of("ada", "d") == ["d/ada.p12", "d/ada.key", "d/ada.pem"]


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
@pytest.mark.parametrize("encryption", [None, "modern"])
def test_a_chosen_password(end: bytes, encryption: "str | None", chosen: str, tmp_path: Path) -> None:
    Path(chosen).write_bytes(CHOSEN + end)
    given = options(password_file=chosen, p12_encryption=encryption)
    found, shown = on_terminal(tmp_path, lambda: _p12.password_for(given, "alice.p12"), Terminal())
    assert (found, shown) == (CHOSEN, "")


def test_a_weak_password(chosen: str) -> None:
    Path(chosen).write_bytes(b"x" * 19 + b"\n")
    with pytest.raises(Refused, match=r"^the password has fewer than 20 characters$"):
        _p12.choose_password(options(password_file=chosen))
    Path(chosen).write_bytes(b"x" * 20 + b"\n\n")
    with pytest.raises(InputError, match=r"^the password holds something other than printable ASCII$"):
        _p12.choose_password(options(password_file=chosen))
    with pytest.raises(Refused, match=r"^the legacy encryption is too weak"):
        _p12.choose_password(options(password_file=chosen, p12_encryption="legacy"))


def test_a_password_that_others_can_read(chosen: str) -> None:
    Path(chosen).chmod(0o644)
    with pytest.raises(Refused, match=r"is open to other users \(mode 0644\)$"):
        _p12.choose_password(options(password_file=chosen))


def test_a_made_password_is_shown_on_the_terminal(tmp_path: Path) -> None:
    found, shown = on_terminal(tmp_path, lambda: _p12.password_for(options(), "alice.p12"), Terminal())
    assert (len(found), shown) == (20, f"password of alice.p12: {found.decode()}\n")


def test_without_a_terminal(tmp_path: Path) -> None:
    found, _ = on_terminal(tmp_path, lambda: _p12.password_for(options(), "alice.p12"))
    said = ("there is no terminal to show the password of alice.p12 on", "let it be written with --password-out FILE")
    assert (type(found), found.message, found.hint) == (Refused, *said)


def test_a_made_password_goes_to_a_file(tmp_path: Path) -> None:
    path = tmp_path / "out"
    given = options(password_out=str(path))
    found, shown = on_terminal(tmp_path, lambda: _p12.password_for(given, "alice.p12"), Terminal())
    assert (path.read_bytes(), path.stat().st_mode & 0o777, shown) == (found + b"\n", 0o600, "")
    again, _ = on_terminal(tmp_path, lambda: _p12.password_for(given, "alice.p12"))
    assert isinstance(again, Refused)
    given.force = True
    again, _ = on_terminal(tmp_path, lambda: _p12.password_for(given, "alice.p12"))
    assert path.read_bytes() == again + b"\n" != found + b"\n"


def test_no_two_passwords_are_alike() -> None:
    made = {_p12.new_password() for _ in range(50)}
    assert len(made) == 50
    assert {len(one) for one in made} == {20}


def test_the_passwords_of_several() -> None:
    assert _p12.table_of([]) == b"name,password\r\n"
    assert _p12.table_of([("a.b", b"x"), ("c", b"y")]) == b"name,password\r\na.b,x\r\nc,y\r\n"


@pytest.mark.parametrize(("friendly", "expected"), [(None, b"alice"), ("Ada", b"Ada")])
@pytest.mark.parametrize(("encryption", "triple_des"), [(None, False), ("modern", False), ("legacy", True)])
def test_packing(friendly: "str | None", expected: bytes, encryption: "str | None", triple_des: bool) -> None:
    given = options(friendly_name=friendly, p12_encryption=encryption)
    data = _p12.pack(KEY, LEAF, [CA.certificate], CHOSEN, given, "alice")
    found = pkcs12.load_pkcs12(data, CHOSEN)
    assert found.cert is not None
    assert (found.cert.certificate, found.cert.friendly_name) == (LEAF, expected)
    assert [one.certificate for one in found.additional_certs] == [CA.certificate]
    assert (bytes.fromhex("2a864886f70d010c0103") in data) == triple_des


def test_what_is_no_friendly_name() -> None:
    with pytest.raises(UsageError, match=r"^'' cannot be a friendly name$"):
        _p12.pack(KEY, LEAF, [], CHOSEN, options(friendly_name=""), "alice")


def test_what_is_no_key() -> None:
    with pytest.raises(InputError, match=r"^alice: not a private key in PEM$"):
        _p12.pack(b"x", LEAF, [], CHOSEN, options(), "alice")
    with pytest.raises(Refused, match=r"^the key is not the one of the certificate 'alice'$"):
        _p12.pack(encode_key(key_of(number=2)), LEAF, [], CHOSEN, options(), "alice")
