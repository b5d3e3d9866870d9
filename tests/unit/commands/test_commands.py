"""Do the parts that commands share do what no single command line shows?"""

import errno
import io
import os
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from agefile import IDENTITY, make_store
from authkit import bulk, clock, registry
from authkit.commands import _click, _io, _keys, _quick, _store, _verdicts, keygen
from authkit.errors import InputError, Rejected, StoreError, UsageError
from authkit.schemes import policy
from authkit.schemes.policy import policy_of
from authkit.stores import folder
from authkit.unlock import keyring, passphrase
from commandline import Terminal, run_here
from sample import Sample


@pytest.fixture
def here(tmp_path: Path) -> Path:
    Sample().write(tmp_path)
    return tmp_path


def environ(here: Path, **more: str) -> dict[str, str]:
    return {"AUTHKIT_STORE": str(here / "store"), "AUTHKIT_PASSPHRASE_FILE": str(here / "pass"), **more}


# click, where the quick reader gives way


@pytest.mark.parametrize("words", ["keygen -onew.json", "keygen --outp new.json", "keygen -o new.json --count +1"])
def test_click_runs_what_the_quick_reader_leaves(words: str, tmp_path: Path) -> None:
    done = run_here(words, tmp_path)
    if "--outp " in words:
        assert done.code == 2
    else:
        assert (done.code, (tmp_path / "new.json").stat().st_mode & 0o777) == (0, 0o600)


def test_click_gives_the_code_of_the_command(here: Path) -> None:
    with mock.patch.object(_quick, "run", return_value=None):
        done = run_here("verify-signature altered.http --key file:day.subkeys --at 2026-11-23T09:00:00Z", here)
        assert (done.code, done.stderr) == (1, b"")
        done = run_here("sign http --normalize-path --no-double-encode get.http --key file:key.json", here)
        assert (done.code, done.stderr) == (0, b"")
        done = run_here("sign curl --key file:key.json -- -X PUT https://b.s3.amazonaws.com/", here)
        assert (done.code, b" -X PUT " in done.stdout) == (0, True)


@pytest.mark.parametrize("raised", [KeyboardInterrupt, EOFError])
def test_an_interrupt_comes_through_click(raised: type[BaseException], tmp_path: Path) -> None:
    with mock.patch.object(_quick, "run", return_value=None), mock.patch.object(keygen, "run", side_effect=raised):
        done = run_here("keygen new", tmp_path)
    assert (done.code, done.stdout) == (130, b"")


def test_a_group_and_nothing_more(tmp_path: Path) -> None:
    done = run_here("sign --", tmp_path)
    assert done.triple == (
        "",
        "authkit: error: missing command\nauthkit: hint: 'authkit sign --help' shows how it is used\n",
        2,
    )


def test_a_command_that_gives_no_code_gives_0() -> None:
    with mock.patch.object(_click.Group, "main", return_value=None):
        assert _click.run([]) == 0


@pytest.mark.parametrize("name", registry.COMMANDS)
def test_the_help_of_every_command(name: str, tmp_path: Path) -> None:
    done = run_here(f"{name} --help", tmp_path, environ={"COLUMNS": "100"})
    assert (done.code, done.stderr) == (0, b"")
    text = done.stdout.decode()
    assert text.startswith(f"Usage: authkit {name} ")
    summary = registry.COMMANDS[name][1]
    assert f" {summary[0].upper()}{summary[1:]}." in " ".join(text.split())
    for row in _quick.rows_of(registry.load_command(name), []):
        for typed in row[0].split("|"):
            assert typed.startswith("-") is False or typed in text
    assert max(len(line) for line in text.splitlines() if line[:4].strip() or line[4:8] == "    ") <= 100


# input


def test_standard_input_has_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_io, "MAX_INPUT", 10)
    assert run_here("", tmp_path, stdin=b"x" * 10, main=lambda words: len(_io.read("-", "thing"))).code == 10
    done = run_here("inspect-subkey -", tmp_path, stdin=b"x" * 11)
    assert done.triple == ("", "authkit: error: the subkey file on standard input is over 64 MiB\n", 3)


def test_a_path_that_cannot_be_one() -> None:
    with pytest.raises(InputError, match=r"^'a\\x00b' cannot be the path of a body$"):
        _io.open_body("a\0b")


def test_a_body_on_standard_input_stays_open(tmp_path: Path) -> None:
    def main(words: list[str]) -> int:
        with _io.open_body("-") as body:
            assert body.read() == b"data"
        os.fstat(0)
        return 0

    assert run_here("", tmp_path, stdin=b"data", main=main).code == 0


@pytest.mark.parametrize(
    ("names", "found"),
    [
        ([], None),
        ([".curlrc"], "home/.curlrc"),
        (["home/.config/curlrc"], "home/.config/curlrc"),
        (["home/.config/curlrc", "home/.curlrc"], "home/.curlrc"),
        (["home/.curlrc", "xdg/curlrc"], "xdg/curlrc"),
        (["home/.curlrc", "xdg/curlrc", "curl/.curlrc"], "curl/.curlrc"),
    ],
)
def test_the_first_curl_configuration_is_read(
    names: list[str], found: "str | None", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ["home", "xdg", "curl", "home/.config"]:
        (tmp_path / name).mkdir()
    for variable, name in (("HOME", "home"), ("XDG_CONFIG_HOME", "xdg"), ("CURL_HOME", "curl")):
        monkeypatch.setenv(variable, str(tmp_path / name))
    for name in names:
        path = name if "/" in name else f"home/{name}"
        (tmp_path / path).write_text(path)
    assert _io.curlrc() == (None if found is None else found.encode())


def test_no_home_means_no_curl_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("HOME", "XDG_CONFIG_HOME", "CURL_HOME"):
        monkeypatch.delenv(variable, raising=False)
    assert _io.curlrc() is None


def test_an_instant_is_now_where_none_is_given() -> None:
    assert timedelta(0) <= clock.now() - _io.instant(None) < timedelta(minutes=5)
    assert _io.instant("20261123T090000Z") == datetime(2026, 11, 23, 9, tzinfo=clock.UTC)


# days


def test_a_day_that_is_not_the_local_one_is_named(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # the two ends of the earth never have the day of UTC at once
    days = []
    for zone in ("EAST-14", "WEST+12"):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        days.append(clock.local_today() == clock.now().date())
        words = "derive-subkey --key file:key.json --scope us-east-1/s3 --format hex"
        for word in ("today", "tomorrow"):
            note = b"authkit: note: days are UTC days: " + word.encode() + b" is "
            done = run_here(f"{words} --date {word}", here, environ={"TZ": zone})
            assert (note in done.stderr) is not days[-1]
        assert b"days are UTC days" not in run_here(f"{words} --at {clock.format_instant(clock.now())}", here).stderr
        assert b"days are UTC days" not in run_here(f"{words} --date 2026-11-23", here).stderr
    monkeypatch.delenv("TZ")
    time.tzset()
    assert False in days


# many keys


@pytest.mark.parametrize("form", ["hex", "file"])
def test_many_keys_are_those_of_one_at_a_time(form: str, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from authkit.commands import _derived

    words = (
        "derive-subkey --key file:key.json --region a --region b --service s3 --service sqs --days 3 --date 2026-11-23"
    )
    words += f" --format {form} --at 2026-11-23T09:00:00Z"
    slowly = run_here(words, here)
    monkeypatch.setattr(_derived, "_MANY", 2)
    for count in (1, 2):
        monkeypatch.setattr(bulk, "cores", lambda count=count: count)
        assert run_here(words, here).triple == slowly.triple
    terminal = Terminal()
    done = run_here(f"{words} --reveal", here, terminal=terminal, screens=(1,))
    assert done.terminal == slowly.stdout.decode()
    done = run_here(f"{words} -o many", here)
    assert (done.stdout, (here / "many").read_bytes()) == (b"", slowly.stdout)
    done = run_here(words.replace("file:key.json", "file:session.json"), here)
    assert done.code == 0


# stores


def test_a_store_in_a_keyring(tmp_path: Path) -> None:
    kept: dict[str, str] = {}

    def store(store_id: str, identity: str) -> str:
        kept[store_id] = identity
        return "Test Keyring"

    with (
        mock.patch.object(keyring, "available", return_value="Test Keyring"),
        mock.patch.object(keyring, "store_identity", store),
        mock.patch.object(keyring, "load_identity", lambda store_id: kept[store_id]),
    ):
        done = run_here("keygen web --store s", tmp_path)
        assert done.code == 0
        assert done.stderr.decode().splitlines() == [
            "authkit: note: the store's identity is in the Test Keyring",
            "authkit: note: made a store at s that opens by the OS keyring",
            "authkit: note: losing the keyring loses the store: "
            "'authkit export-key --store-identity FILE' writes a copy",
            "authkit: note: stored as web",
        ]
        assert not (tmp_path / "s" / "identity.age").exists()
        done = run_here("list-keys --store s", tmp_path)
        assert done.stderr.decode() == (
            "authkit: note: no copy of the store's identity was made: "
            "'authkit export-key --store-identity FILE' writes one\n"
        )
        (tmp_path / "pass").write_text("sixteen characters and more")
        (tmp_path / "pass").chmod(0o600)
        environ = {"AUTHKIT_PASSPHRASE_FILE": "pass"}
        done = run_here("export-key --store-identity copy.age --store s", tmp_path, environ=environ)
        assert done.code == 0
        (identity,) = kept.values()
        for name in ("copy.age", "s/identity.age"):
            opened = passphrase.open_identity(str(tmp_path / name), lambda prompt: b"sixteen characters and more")
            assert (opened, (tmp_path / name).stat().st_mode & 0o777) == (identity, 0o600)
        assert run_here("list-keys --store s", tmp_path).stderr == b""
        assert run_here("export-key web --store s", tmp_path).code == 0


def test_a_store_under_a_passphrase_where_no_keyring_answers(tmp_path: Path) -> None:
    (tmp_path / "pass").write_text("sixteen characters and more")
    (tmp_path / "pass").chmod(0o600)
    with mock.patch.object(keyring, "available", return_value=None):
        done = run_here("keygen web --store s", tmp_path, environ={"AUTHKIT_PASSPHRASE_FILE": "pass"})
    assert done.stderr.splitlines()[0] == b"authkit: note: made a store at s that opens by a passphrase"
    assert folder.FolderStore(str(tmp_path / "s"), lambda info: IDENTITY).info.unlock == "passphrase"


def test_a_keyring_that_fails_is_no_reason_for_another_way(tmp_path: Path) -> None:
    with mock.patch.object(keyring, "store_identity", side_effect=StoreError("the Test Keyring is locked")):
        done = run_here("keygen web --store s --unlock keyring", tmp_path)
    assert done.triple == ("", "authkit: error: the Test Keyring is locked\n", 6)
    assert not (tmp_path / "s" / "store.json").exists()


def test_the_passphrase_that_was_made_may_be_typed(tmp_path: Path) -> None:
    made = "one-two-three-four-five-six-seven-eight-nine-ten"
    terminal = Terminal([("more: ", f"{made}\n"), ("more: ", f"{made}\n")])
    with (
        mock.patch.object(passphrase, "generate_passphrase", return_value=made),
        mock.patch.object(passphrase, "check_passphrase", side_effect=AssertionError("nobody checks it")),
    ):
        done = run_here("keygen web --store s --unlock passphrase", tmp_path, terminal=terminal)
    assert (done.code, done.terminal.splitlines()[0]) == (0, f"a passphrase made for you: {made}")
    assert passphrase.open_identity(str(tmp_path / "s" / "identity.age"), lambda prompt: made.encode())


@pytest.mark.parametrize(
    ("given", "named", "data", "found"),
    [
        ("a", "b", "c", "a"),
        ("folder:a", None, None, "a"),
        (None, "b", "c", "b"),
        (None, "folder:b", None, "b"),
        (None, "", "/c", "/c/authkit"),
        (None, None, "", "/home/x/.local/share/authkit"),
        (None, None, None, "/home/x/.local/share/authkit"),
    ],
)
def test_where_the_store_is(
    given: "str | None", named: "str | None", data: "str | None", found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/home/x")
    for variable, value in (("AUTHKIT_STORE", named), ("XDG_DATA_HOME", data)):
        monkeypatch.setenv(variable, value) if value is not None else monkeypatch.delenv(variable, raising=False)
    assert _store.store_path(given) == found


# verdicts


class Given(_quick.Given):
    """Options with the default of every row but those given."""

    def __init__(self, **values: Any) -> None:
        rows = _quick.rows_of(registry.load_command("verify-signature"), [])
        super().__init__({**{_quick.attribute(row[0]): row[4] for row in rows}, **values})


def test_a_batch_is_read_in_pieces_of_whole_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_io, "_PIECE", 4)
    file: Any = io.BytesIO(b"a\nbb\nccccccccc\n\nd")
    assert list(_io.whole_lines(file)) == [(1, b"a\n"), (2, b"bb\n"), (3, b"ccccccccc\n\n"), (5, b"d")]


@pytest.mark.parametrize(("most", "refused"), [(10, False), (9, True)])
def test_a_line_of_a_batch_has_a_limit(most: int, refused: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_io, "_PIECE", 3)
    monkeypatch.setattr(_io, "MAX_INPUT", most)
    file: Any = io.BytesIO(b"a\n" + b"c" * 10 + b"\n")
    if refused:
        with pytest.raises(InputError, match="^line 2 is over 64 MiB$"):
            list(_io.whole_lines(file))
    else:
        assert [number for number, _ in _io.whole_lines(file)] == [1, 2]


@pytest.mark.parametrize(
    ("verdicts", "code"),
    [
        (["valid"], 0),
        (["valid", "cannot-check"], 4),
        (["invalid", "cannot-check"], 1),
        (["cannot-check", "malformed"], 1),
        (["valid", "malformed", "valid"], 1),
        (["invalid"], 1),
    ],
)
def test_the_code_of_a_batch(verdicts: list[str], code: int, tmp_path: Path) -> None:
    def judge(judge: object, piece: tuple[int, bytes]) -> tuple[set[str], bytes]:
        return set(verdicts), b""

    (tmp_path / "batch").write_text("x\n")
    nobody: Any = mock.Mock(processes=None)
    with mock.patch.object(_verdicts, "_judge_piece", judge):
        done = run_here("", tmp_path, main=lambda words: _verdicts.run_batch(nobody, Given(input=("batch",))))
    assert (done.code, done.stdout) == (code, b"")


@pytest.mark.parametrize(("verdict", "code"), [("valid", 0), ("invalid", 1), ("malformed", 1), ("cannot-check", 4)])
def test_the_code_of_a_verdict(verdict: str, code: int) -> None:
    assert _verdicts.exit_code(verdict) == code


def test_the_options_make_the_policy() -> None:
    made = policy_of(
        Given(
            region="r",
            service="s",
            authority=("A.example",),
            max_skew=0,
            max_expires=1,
            require=("X-A",),
            allow_unsigned=("X-B",),
            allow_unsigned_payload=True,
            normalize_path=True,
            double_encode=False,
            body_unchecked=True,
        )
    )
    found = {name: getattr(made, name) for name in policy.Policy.__slots__}
    assert (
        found
        | {
            "region": "r",
            "service": "s",
            "authorities": ("a.example",),
            "max_skew": 0,
            "max_expires": 1,
            "required": ("x-a",),
            "allow_unsigned": ("x-b",),
            "allow_unsigned_payload": True,
            "normalize_path": True,
            "double_encode": False,
            "body_unchecked": True,
        }
        == found
    )
    default = policy_of(Given())
    assert (default.max_skew, default.max_expires) == (300, 604800)


@pytest.mark.parametrize("skew", [0, 900])
def test_a_skew_within_bounds_passes(skew: int) -> None:
    assert policy_of(Given(max_skew=skew)).max_skew == skew


def test_a_hint_of_a_rejection_is_shown(tmp_path: Path) -> None:
    found = _verdicts.of_rejected(Rejected("userinfo", "x\x1b", "do \x1b"), "sigv4")
    assert (found["hint"], found["access_key_id"], found["scheme"]) == ("do \x1b", None, "sigv4")
    done = run_here("", tmp_path, main=lambda words: _verdicts.show(found, Given()) or 0)
    assert b"\nhint:    do \\x1b\n" in done.stdout
    assert b"hint" not in _verdicts_text(Rejected("userinfo"), tmp_path)


def _verdicts_text(rejected: Rejected, folder: Path) -> bytes:
    found = _verdicts.of_rejected(rejected, None)
    return run_here("", folder, main=lambda words: _verdicts.show(found, Given()) or 0).stdout


# references


@pytest.mark.parametrize(
    ("text", "alias", "reference"),
    [
        (None, None, None),
        ("web", None, "web"),
        ("A=web", "A", "web"),
        ("A=file:x=y", "A", "file:x=y"),
        ("file:a=b", None, "file:a=b"),
        ("dir:a=b", None, "dir:a=b"),
        ("env:a=b", None, "env:a=b"),
        ("aws:a=b", None, "aws:a=b"),
    ],
)
def test_a_key_may_be_given_an_id(text: "str | None", alias: "str | None", reference: "str | None") -> None:
    assert _keys.split_alias(text) == (alias, reference)


@pytest.mark.parametrize("text", ["=", "=web", "A="])
def test_half_an_alias_is_none(text: str) -> None:
    with pytest.raises(UsageError, match=f"^--key '{text}' lacks an ID or a reference around its '='$"):
        _keys.split_alias(text)


def test_a_damaged_key_with_a_passphrase_of_its_own_is_an_input_error(here: Path) -> None:
    from agefile import PASSPHRASE, seal_quickly
    from authkit.secret import Secret

    store = make_store(here / "other")
    store.put("a", {"kind": "access-key", "passphrase": True}, Secret(seal_quickly(PASSPHRASE, b"{}\n")))
    done = run_here(
        "sign http get.http --key a --store other", here, environ=environ(here, AUTHKIT_KEY_PASSPHRASE_FILE="pass")
    )
    assert done.triple == ("", "authkit: error: a: member 'schema' is missing\n", 3)


def test_a_broken_body_is_an_input_that_cannot_be_read(here: Path) -> None:
    class Broken(io.FileIO):
        def readinto(self, buffer: object, /) -> int:
            raise OSError(errno.EIO, "")

    with mock.patch.object(_io, "open_body", side_effect=lambda path, what="body": Broken(os.devnull)):
        done = run_here("sign http get.http --body pass --key file:key.json", here)
    assert done.triple == ("", "authkit: error: cannot read an input: input/output error\n", 3)
