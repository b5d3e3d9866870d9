"""The servers that these tests talk to, and authkit as a program of its own."""

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from interop import swift as swift_server
from interop.loopback import Loopback, serving
from interop.program import Authkit, run_authkit


@pytest.fixture
def authkit(home: Path) -> Authkit:
    """`authkit(*words, env={}, stdin=b"")`: the command line, in an empty home."""
    return partial(run_authkit, home=home)


@pytest.fixture(scope="session")
def swift(vectors: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[swift_server.Swift]:
    """A running Swift.  Each worker of pytest-xdist that needs one has its own, on free ports."""
    if not swift_server.is_built():
        if os.environ.get("AUTHKIT_REQUIRE_INTEROP") != "1":
            pytest.skip("Swift is not installed; run tests/interop/setup")
        swift_server.build()
    server = swift_server.Swift(tmp_path_factory.mktemp("swift"), vectors / "oracles" / "swift-s3api")
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture
def loopback() -> Iterator[Loopback]:
    """A server that keeps what it is sent."""
    with serving() as server:
        yield server
