"""What is asked of a keyring, which one is asked, and what is made of its answer?"""

import io
import os
import subprocess
import sys
import types
from collections.abc import Callable
from pathlib import Path

import pytest
from keyring.errors import InitError, KeyringLocked

from agefile import give_away
from authkit.errors import StoreError
from authkit.unlock import keyring

ID = "0123456789abcdef0123456789abcdef"
IDENTITY = "AGE-SECRET-KEY-1MARKED"
CHILD_FAILED = "the keyring's client failed"


class Backend:
    """A keyring in memory, where the real one is absent or cannot be made to fail so."""

    priority = 5
    items: dict[tuple[str, str], str] = {}
    failure: Exception | None = None
    appid = "x"

    def _fail(self) -> None:
        assert self.appid == "authkit"
        if self.failure is not None:
            raise self.failure

    def get_password(self, service: str, user: str) -> str | None:
        self._fail()
        return self.items.get((service, user))

    def set_password(self, service: str, user: str, value: str) -> None:
        self._fail()
        self.items[service, user] = value

    def delete_password(self, service: str, user: str) -> None:
        self._fail()
        del self.items[service, user]


def plug_in(monkeypatch: pytest.MonkeyPatch, name: str, **members: object) -> type[Backend]:
    made = type("Made", (Backend,), {"items": {}, **members})
    module = types.ModuleType(name)
    module.Made = made  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, name, module)
    return made


def ask(operation: str, *names: str, identity: str = "") -> str:
    return keyring._answer(operation, ID, identity, tuple((name, "Made", name.title()) for name in names))


def test_the_backends_are_those_of_the_system() -> None:
    assert [title for _, _, title in keyring._BACKENDS["linux"]] == ["Secret Service", "KWallet"]
    assert [title for _, _, title in keyring._BACKENDS["darwin"]] == ["macOS Keychain"]
    for module, name, _ in (*keyring._BACKENDS["linux"], *keyring._BACKENDS["darwin"]):
        assert isinstance(getattr(__import__(module, fromlist=[name]), name), type)


def test_one_keyring_keeps_gives_and_forgets(monkeypatch: pytest.MonkeyPatch) -> None:
    one = plug_in(monkeypatch, "one")
    assert ask("load", "one") == "ok\nOne\n\n"
    assert ask("store", "one", identity=IDENTITY) == "ok\nOne\n\n"
    assert one.items == {("authkit", ID): IDENTITY}
    assert ask("load", "one") == f"ok\nOne\n{IDENTITY}\n"
    assert ask("forget", "one") == "ok\nOne\n\n"
    assert one.items == {}
    assert ask("forget", "one") == "ok\nOne\n\n"


class Priority:
    def __get__(self, *owner: object) -> float:
        raise RuntimeError("service\n is not  there")


def test_the_first_that_works_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    plug_in(monkeypatch, "unfit", priority=Priority())
    plug_in(monkeypatch, "broken", failure=InitError("no collection"))
    two = plug_in(monkeypatch, "two")
    three = plug_in(monkeypatch, "three")
    assert ask("store", "unfit", "broken", "two", "three", identity=IDENTITY) == "ok\nTwo\n\n"
    assert (two.items, three.items) == ({("authkit", ID): IDENTITY}, {})
    assert ask("load", "three", "two") == f"ok\nTwo\n{IDENTITY}\n"
    two.items.clear()
    assert ask("load", "unfit", "three", "two") == "ok\nThree\n\n"


def test_why_none_works_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    plug_in(monkeypatch, "unfit", priority=Priority())
    plug_in(monkeypatch, "broken", failure=OSError())
    said = ask("load", "unfit", "broken", "absent_module")
    assert (
        said == "none\nUnfit: service is not there; Broken: OSError; Absent_Module: No module named 'absent_module'\n"
    )
    assert ask("load") == "none\nthis system has none that authkit knows\n"


@pytest.mark.parametrize("operation", ["load", "store", "forget"])
def test_a_locked_keyring_is_not_passed_over(operation: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plug_in(monkeypatch, "one", failure=KeyringLocked("no"))
    two = plug_in(monkeypatch, "two")
    assert ask(operation, "one", "two", identity=IDENTITY) == "locked\nOne\n"
    assert two.items == {}


def test_what_the_service_raises_past_keyring_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    from secretstorage.exceptions import ItemNotFoundException

    plug_in(monkeypatch, "one", failure=ItemNotFoundException("gone"))
    assert ask("load", "one") == "none\nOne: gone\n"
    plug_in(monkeypatch, "one", failure=TypeError("a bug"))
    with pytest.raises(TypeError):
        ask("load", "one")
    monkeypatch.setitem(sys.modules, "secretstorage.exceptions", None)
    assert keyring._service_errors() == ()


def test_the_child_answers_its_parent(monkeypatch: pytest.MonkeyPatch) -> None:
    one = plug_in(monkeypatch, "one")
    monkeypatch.setattr(keyring, "_BACKENDS", {sys.platform: (("one", "Made", "One"),)})
    for question, answer in (
        (f"store\n{ID}\n{IDENTITY}\n", "ok\nOne\n\n"),
        (f"load\n{ID}\n\n", f"ok\nOne\n{IDENTITY}\n"),
    ):
        out = io.StringIO()
        monkeypatch.setattr(sys, "stdin", io.StringIO(question))
        monkeypatch.setattr(sys, "stdout", out)
        keyring.answer_parent()
        assert out.getvalue() == answer
    assert one.items == {("authkit", ID): IDENTITY}
    monkeypatch.setattr(sys, "platform", "plan9")
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"load\n{ID}\n\n"))
    monkeypatch.setattr(sys, "stdout", out := io.StringIO())
    keyring.answer_parent()
    assert out.getvalue() == "none\nthis system has none that authkit knows\n"


@pytest.mark.parametrize(
    ("text", "code", "message", "hint"),
    [
        ("locked\nOne\n", 0, "the One is locked", "unlock it in the desktop session, then try again"),
        ("none\nOne: no\n", 0, "no keyring answers here: One: no", "use --unlock passphrase"),
        ("", 0, CHILD_FAILED, "use --unlock passphrase"),
        ("", 1, CHILD_FAILED, "use --unlock passphrase"),
        ("ok\nOne\nx\n", 1, CHILD_FAILED, "use --unlock passphrase"),
        ("locked\nOne\n", -11, CHILD_FAILED, "use --unlock passphrase"),
        ("none\nOne\n", 1, CHILD_FAILED, "use --unlock passphrase"),
        ("okay\nOne\nx\n", 0, CHILD_FAILED, "use --unlock passphrase"),
    ],
)
def test_an_answer_is_read_strictly(text: str, code: int, message: str, hint: str) -> None:
    with pytest.raises(StoreError) as caught:
        keyring._read_answer(text, code)
    assert (caught.value.message, caught.value.hint) == (message, hint)


def test_a_good_answer_is_read() -> None:
    assert keyring._read_answer("ok\nOne\n\n", 0) == ("One", "")
    assert keyring._read_answer(f"ok\nOne\n{IDENTITY}\n", 0) == ("One", IDENTITY)


def answers(monkeypatch: pytest.MonkeyPatch, *given: tuple[str, str]) -> list[tuple[str, str, str, float]]:
    asked, queue = [], iter(given)

    def reply(operation: str, user: str, identity: str, limit: float) -> tuple[str, str]:
        asked.append((operation, user, identity, limit))
        return next(queue)

    monkeypatch.setattr(keyring, "_ask", reply)
    return asked


def test_storing_reads_back(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = answers(monkeypatch, ("One", ""), ("One", IDENTITY))
    assert keyring.store_identity(ID, IDENTITY) == "One"
    assert asked == [("store", ID, IDENTITY, 10.0), ("load", ID, "", 10.0)]


@pytest.mark.parametrize("given", [("One", ""), ("One", IDENTITY + "X"), ("Two", IDENTITY)])
def test_a_keyring_that_swallows_is_found_out(given: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, ("One", ""), given)
    with pytest.raises(StoreError) as caught:
        keyring.store_identity(ID, IDENTITY, 1)
    assert caught.value.message == "the One did not give back what it was given"
    assert caught.value.hint == "use --unlock passphrase"


def test_loading_forgetting_and_probing(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = answers(monkeypatch, ("One", IDENTITY), ("One", ""), ("One", ""), ("One", ""))
    assert keyring.load_identity(ID, 1) == IDENTITY
    keyring.forget(ID, 2)
    assert keyring.probe(3) == "One"
    assert keyring.available(4) == "One"
    probe = ("load", "probe", "")
    assert asked == [("load", ID, "", 1), ("forget", ID, "", 2), (*probe, 3), (*probe, 4)]


def test_an_item_that_is_absent_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, ("One", ""))
    with pytest.raises(StoreError) as caught:
        keyring.load_identity(ID)
    assert caught.value.message == f"the One has no identity for the store {ID}"
    hint = "the copy of the identity under a passphrase opens the store elsewhere: age -d identity.age"
    assert caught.value.hint == hint


def raising(message: str) -> Callable[..., tuple[str, str]]:
    def fail(*arguments: object) -> tuple[str, str]:
        raise StoreError(message)

    return fail


def test_no_keyring_is_none_available(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring, "_ask", raising("none"))
    assert keyring.available() is None


def test_a_real_child_is_asked(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    with pytest.raises(StoreError) as caught:
        keyring.probe()
    assert caught.value.message.startswith("no keyring answers here: ")
    assert caught.value.hint == "use --unlock passphrase"


def child(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    monkeypatch.setattr(keyring, "_CHILD", code)


def test_a_child_gets_no_secret_in_its_environment(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    withheld = (
        "AUTHKIT_SECRET_ACCESS_KEY", "AUTHKIT_STORE", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
        "PYTHON_KEYRING_BACKEND", "KEYRING_PROPERTY_X", "KEYCHAIN_PATH",
    )  # fmt: skip
    for name in (*withheld, "MARKED_KEPT"):
        monkeypatch.setenv(name, "marked")
    child(
        monkeypatch, "import os, sys; print('ok'); print(*sorted(n for n in os.environ if os.environ[n] == 'marked'))"
    )
    assert keyring._ask("load", ID, "", 20) == ("MARKED_KEPT", "")
    child(monkeypatch, "import sys; print('ok'); print(ascii(sys.stdin.read())); print(sys.argv)")
    assert keyring._ask("store", ID, IDENTITY, 20) == (repr(f"store\n{ID}\n{IDENTITY}\n"), "['-c']")


def test_a_child_does_not_import_from_the_working_folder(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "authkit.py").write_text("raise SystemExit('planted')\n")
    (tmp_path / "keyring.py").write_text("raise SystemExit('planted')\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(path for path in sys.path if path))
    with pytest.raises(StoreError, match="^no keyring answers here: "):
        keyring.probe()


def test_a_child_that_crashes_is_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    codes = ("raise ValueError", "import os; os.abort()", "print('ok'); raise SystemExit(3)", "")
    for code in (*codes, "import sys; sys.stdout.buffer.write(b'\\xff')"):
        child(monkeypatch, code)
        with pytest.raises(StoreError) as caught:
            keyring._ask("load", ID, "", 20)
        assert (caught.value.message, caught.value.hint) == (CHILD_FAILED, "use --unlock passphrase")


def test_a_child_that_hangs_is_killed(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    children: list[subprocess.Popen[bytes]] = []
    real = subprocess.Popen

    def start(*arguments: object, **named: object) -> "subprocess.Popen[bytes]":
        children.append(real(*arguments, **named))  # type: ignore[call-overload]
        return children[-1]

    monkeypatch.setattr(subprocess, "Popen", start)
    child(monkeypatch, "import signal; signal.pause()")
    with pytest.raises(StoreError) as caught:
        keyring._ask("store", ID, IDENTITY, 0.3)
    assert caught.value.message == "the keyring did not answer within 0.3 seconds"
    assert caught.value.hint == "unlock it on its own screen first, or make the store with --unlock passphrase"
    assert (caught.value.__cause__, caught.value.__suppress_context__) == (None, True)
    assert children[0].returncode == -9


def test_the_home_folder_is_ours(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    child(monkeypatch, "print('ok\\nOne')")
    assert keyring.probe() == "One"
    give_away(home, monkeypatch)
    with pytest.raises(StoreError) as caught:
        keyring.probe()
    assert caught.value.message == f"the keyring is not used: the home folder {home} belongs to another user"
    assert caught.value.hint == "set HOME, or make the store with --unlock passphrase"
    monkeypatch.setenv("HOME", str(tmp_path / "absent"))
    with pytest.raises(StoreError) as caught:
        keyring.probe()
    assert caught.value.message == f"the keyring is not used: the home folder {tmp_path}/absent cannot be read"
