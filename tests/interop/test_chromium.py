"""Does a real browser present what authkit packed, and does nginx know who it is?"""

import fcntl
import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path

import pytest

from interop.nginx import ANSWER, Nginx, before, running
from interop.office import Leaf, Packed, World

pytestmark = pytest.mark.xdist_group("chromium")

Tool = Callable[[str], str]
# Where Debian's Chromium looks for what an administrator decides; no other place would do.
POLICIES = Path("/etc/chromium/policies/managed")
# Nothing but the page is to be fetched, and the sandbox does not start for root.
FLAGS = """
--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
--disable-component-update --disable-sync --disable-dev-shm-usage
""".split()
NAMES = ("--email", "alice@example.com", "--common-name", "Alice of sales")


class Browser:
    """Chromium with a home of its own, whose only certificates are those that are imported into it.

    Args:
        server_ca: PEM of the CA whose servers it believes.
    """

    def __init__(self, home: Path, tools: "dict[str, str]", server_ca: Path) -> None:
        self.home, self._tools = home, tools
        database = home / ".pki" / "nssdb"
        database.mkdir(parents=True)
        self._place = f"sql:{database}"
        self._run("certutil", "-N", "--empty-password")
        self._run("certutil", "-A", "-n", "servers", "-t", "C,,", "-i", server_ca)

    def _run(self, name: str, *words: "str | Path") -> None:
        subprocess.run([self._tools[name], "-d", self._place, *words], check=True, capture_output=True, timeout=60)

    def take(self, packed: Packed) -> None:
        self._run("pk12util", "-i", packed.file, "-w", packed.password_file)

    def show(self, url: str) -> str:
        """Return the text of the page."""
        env = {"PATH": os.environ["PATH"], "HOME": str(self.home)}
        words = [self._tools["chromium"], *FLAGS, f"--user-data-dir={self.home / 'data'}", "--dump-dom", url]
        done = subprocess.run(words, env=env, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        _, found, rest = done.stdout.partition("<pre")
        assert found, done.stdout
        return unescape(rest.partition(">")[2].partition("</pre>")[0])


class Site:
    """A world, its certificates, its nginx, and browsers for it."""

    def __init__(self, world: World, leaves: "dict[str, Leaf]", server: Nginx, tools: "dict[str, str]") -> None:
        self.world, self.leaves, self.server, self.tools = world, leaves, server, tools
        self.url = f"https://localhost:{server.ports[0]}/"

    def visit(self, home: Path, leaf: Leaf, *words: str) -> str:
        """Return what a browser shows that holds *leaf* alone."""
        browser = Browser(home, self.tools, self.world.server_ca)
        browser.take(self.world.office.pack(leaf, "packed", "--force", *words))
        return browser.show(self.url)


@pytest.fixture(scope="module")
def tools(require_tool: Tool) -> "dict[str, str]":
    if os.geteuid() != 0:
        why = "only root can tell Chromium which certificate to present"
        (pytest.fail if os.environ.get("AUTHKIT_REQUIRE_INTEROP") == "1" else pytest.skip)(why)
    return {name: require_tool(name) for name in ("chromium", "certutil", "pk12util", "nginx", "openssl")}


@contextmanager
def presenting_to(url: str) -> Iterator[None]:
    """Let Chromium present the one certificate that fits, without asking whoever sits before it.

    Of two files that decide the same, Chromium follows one, so that a second run of these tests has to wait.
    """
    with open(Path(tempfile.gettempdir()) / "authkit-chromium.lock", "wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        missing = [folder for folder in (POLICIES, *POLICIES.parents) if not folder.exists()]
        POLICIES.mkdir(parents=True, exist_ok=True)
        file = POLICIES / f"authkit-test-{os.getpid()}.json"
        choice = json.dumps({"pattern": url, "filter": {}})
        try:
            file.write_text(json.dumps({"AutoSelectCertificateForUrls": [choice]}))
            yield
        finally:
            file.unlink()
            for folder in missing:
                folder.rmdir()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, tools: "dict[str, str]") -> Iterator[Site]:
    world = World(tmp_path_factory.mktemp("world"))
    leaves = world.refused(*NAMES)
    leaves |= {ca: world.office.issue(f"of-{ca}", ca, *NAMES) for ca in ("clients", "devices")}
    with running(before(world, "nginx", ANSWER), tools["nginx"]) as server:
        site = Site(world, leaves, server, tools)
        with presenting_to(site.url):
            yield site


@pytest.mark.parametrize("encryption", ["modern", "legacy"])
@pytest.mark.parametrize("ca", ["clients", "devices"])
def test_the_page_says_who_came(ca: str, encryption: str, site: Site, tmp_path: Path) -> None:
    leaf = site.leaves[ca]
    page = site.visit(tmp_path, leaf, "--p12-encryption", encryption)
    assert page == f"TLSv1.3 SUCCESS {leaf.sha1}\nCN=Alice of sales\n"


@pytest.mark.parametrize("name, number", [("revoked", 23), ("foreign", 21)])
def test_the_page_says_that_nobody_did(name: str, number: int, site: Site, tmp_path: Path) -> None:
    length = len(site.server.log)
    assert site.visit(tmp_path, site.leaves[name]).startswith("FAILED:")
    assert site.server.refusals(length) == {number}
