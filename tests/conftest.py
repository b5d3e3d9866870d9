"""What holds for every test: a home of its own, the vectors, the peers, no traceback."""

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import settings

PROJECT = Path(__file__).resolve().parents[1]
VECTORS = Path(os.environ.get("AUTHKIT_VECTORS") or PROJECT.parent / "shared" / "vectors").resolve()
KEPT = ("AUTHKIT_VECTORS", "AUTHKIT_REQUIRE_VECTORS", "AUTHKIT_REQUIRE_INTEROP")
TRACEBACK = "Traceback (most recent call last)"

# A slow machine is no failure; time is measured in tests/bench.
settings.register_profile("authkit", deadline=None, print_blob=True)
settings.load_profile("authkit")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "expects_traceback: a child of this test is meant to print a traceback")


def absent(what: str, required_by: str) -> None:
    """Skip the test that needs *what*; fail it where the environment says that nothing may be missing."""
    if os.environ.get(required_by) == "1":
        pytest.fail(f"{what}, and {required_by}=1 requires it", pytrace=False)
    pytest.skip(what)


@pytest.fixture(scope="session")
def vectors() -> Path:
    """The folder of the large suites, which are never copied into the project."""
    if not VECTORS.is_dir():
        absent("no vectors at $AUTHKIT_VECTORS", "AUTHKIT_REQUIRE_VECTORS")
    return VECTORS


@pytest.fixture(scope="session")
def require_tool() -> Callable[[str], str]:
    """A function from a program's name to its path, which skips where the program is missing."""

    def require(name: str) -> str:
        path = shutil.which(name)
        if path is None:
            absent(f"{name} is not installed", "AUTHKIT_REQUIRE_INTEROP")
        assert path is not None
        return path

    return require


@pytest.fixture(scope="session")
def require_module() -> Callable[[str], ModuleType]:
    """A function from a peer's module name to the module, which skips where the peer is missing."""

    def require(name: str) -> ModuleType:
        if importlib.util.find_spec(name.partition(".")[0]) is None:
            absent(f"the Python package {name} is not installed", "AUTHKIT_REQUIRE_INTEROP")
        return importlib.import_module(name)

    return require


@pytest.fixture(scope="session", autouse=True)
def private_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test meets the user's own store, keys, curl settings or keyring."""
    before = dict(os.environ)
    for name in list(os.environ):
        if name.startswith(("AUTHKIT_", "AWS_", "XDG_", "DBUS_", "CURL_")) and name not in KEPT:
            del os.environ[name]
    os.environ["HOME"] = str(tmp_path_factory.mktemp("home"))
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home folder for this test alone; XDG folders follow from it."""
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("HOME", str(folder))
    return folder


@pytest.fixture(autouse=True)
def no_traceback(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail a test whose child printed a traceback, whatever else the test looked at."""
    seen: list[str] = []
    communicate = subprocess.Popen.communicate

    def watch(child: "subprocess.Popen[Any]", *args: Any, **kwargs: Any) -> tuple[Any, Any]:
        streams = communicate(child, *args, **kwargs)
        for stream in streams:
            text = stream.decode("utf-8", "replace") if isinstance(stream, bytes) else stream or ""
            if TRACEBACK in text:
                seen.append(text[text.index(TRACEBACK) :])
        return streams

    monkeypatch.setattr(subprocess.Popen, "communicate", watch)
    yield
    if seen and "expects_traceback" not in request.keywords:
        pytest.fail(f"a child printed a traceback:\n{seen[0]}", pytrace=False)
