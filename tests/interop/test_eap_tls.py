"""Does a real FreeRADIUS let people into a Wi-Fi with what authkit issued, and nobody else?"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from interop.office import Leaf, Packed, World
from interop.radius import Answer, Radius, running

pytestmark = pytest.mark.xdist_group("eap-tls")

Tool = Callable[[str], str]
UPN = "alice@corp.example"
SID = "S-1-5-21-1004336348-1177238915-682003330-512"
NAMES = ("--profile", "eap-tls", "--upn", UPN, "--email", "alice@example.com")
VERSIONS = ("1.2", "1.3")

GOOD: "dict[str, tuple[str, tuple[str, ...]]]" = {
    "p256": ("clients", NAMES),
    "p384": ("clients", ("--key-type", "p384", *NAMES)),
    "rsa3072": ("clients", ("--key-type", "rsa3072", *NAMES)),
    "ed25519": ("clients", ("--key-type", "ed25519", *NAMES)),
    "sid": ("clients", ("--sid", SID, *NAMES)),
    "below": ("devices", NAMES),
}
BAD = {
    "expired": {10},
    "revoked": {23},
    "revoked below": {23},
    "server auth": {26},
    "foreign": {20, 21},
    "self-signed": {18},
}


class Site:
    """A world, the programs, and certificates by the names of GOOD and BAD."""

    def __init__(self, folder: Path, template: Path, eapol_test: str) -> None:
        self.world, self.template, self.eapol_test = World(folder), template, eapol_test
        office = self.world.office
        self.leaves = self.world.refused(*NAMES)
        self.leaves |= {name: office.issue(name, ca, *words) for name, (ca, words) in GOOD.items()}

    def serve(self, name: str, *, check_crl: bool) -> Radius:
        folder = self.world.folder / name
        folder.mkdir()
        return Radius(
            folder,
            self.template,
            certificate=self.world.server.chain,
            key=self.world.server.key,
            authorities=self.world.authorities + (self.world.crls if check_crl else b""),
            check_crl=check_crl,
        )

    def join(self, server: Radius, tls: str, given: "Leaf | Packed") -> Answer:
        if isinstance(given, Packed):
            settings = {"private_key": given.file, "private_key_passwd": given.password}
        else:
            settings = {"client_cert": given.chain, "private_key": given.key}
        return server.join(self.eapol_test, self.world.server_ca, self.world.folder, tls=tls, **settings)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, vectors: Path, require_tool: Tool) -> Site:
    require_tool("openssl")
    template = vectors / "oracles" / "eap-tls" / "radiusd.conf.in"
    return Site(tmp_path_factory.mktemp("wifi"), template, require_tool("eapol_test"))


@pytest.fixture(scope="module")
def checking(site: Site, require_tool: Tool) -> Iterator[Radius]:
    """A server that looks at revocation lists."""
    with running(site.serve("checking", check_crl=True), require_tool("freeradius")) as server:
        yield server


@pytest.fixture(scope="module")
def trusting(site: Site, require_tool: Tool) -> Iterator[Radius]:
    """A server that has no revocation lists."""
    with running(site.serve("trusting", check_crl=False), require_tool("freeradius")) as server:
        yield server


def assert_in(answer: Answer, leaf: Leaf, tls: str) -> None:
    """The client is in, and the server read in its certificate what was asked for."""
    assert (answer.success, answer.version, answer.refusal) == (True, f"TLSv{tls}", None)
    assert answer.seen["Subject-Alt-Name-Upn"] == UPN
    assert answer.seen["Subject-Alt-Name-Email"] == "alice@example.com"
    assert answer.seen["Common-Name"] == UPN
    assert int(answer.seen["Serial"], 16) == leaf.certificate.serial_number
    assert answer.seen["X509v3-Extended-Key-Usage-OID"] == "1.3.6.1.5.5.7.3.2"


@pytest.mark.parametrize("tls", VERSIONS)
@pytest.mark.parametrize("name", GOOD)
def test_what_was_issued_gets_in(name: str, tls: str, site: Site, checking: Radius) -> None:
    assert_in(site.join(checking, tls, site.leaves[name]), site.leaves[name], tls)


@pytest.mark.parametrize("tls", VERSIONS)
@pytest.mark.parametrize("encryption", ["modern", "legacy"])
@pytest.mark.parametrize("name", GOOD)
def test_so_does_what_was_packed(name: str, encryption: str, tls: str, site: Site, checking: Radius) -> None:
    packed = site.world.office.pack(site.leaves[name], "packed", "--force", "--p12-encryption", encryption)
    assert_in(site.join(checking, tls, packed), site.leaves[name], tls)


@pytest.mark.parametrize("tls", VERSIONS)
@pytest.mark.parametrize("name", BAD)
def test_everything_else_stays_out(name: str, tls: str, site: Site, checking: Radius) -> None:
    answer = site.join(checking, tls, site.leaves[name])
    assert (answer.success, answer.version) == (False, f"TLSv{tls}")
    assert answer.refusal in BAD[name]
    assert int(answer.seen["Serial"], 16) == site.leaves[name].certificate.serial_number


@pytest.mark.parametrize("tls", VERSIONS)
@pytest.mark.parametrize("name", BAD)
def test_without_a_list_only_the_revoked_get_in(name: str, tls: str, site: Site, trusting: Radius) -> None:
    answer = site.join(trusting, tls, site.leaves[name])
    assert answer.success == (name in ("revoked", "revoked below"))
    assert answer.refusal in ({None} if answer.success else BAD[name])
