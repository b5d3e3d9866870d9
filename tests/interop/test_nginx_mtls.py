"""Does a real nginx that demands client certificates let in what authkit issued, and nobody else?"""

import http.client
import json
import os
import ssl
import subprocess
from collections.abc import Callable, Iterator

import pytest

from interop.nginx import ANSWER, Nginx, before, running
from interop.office import Leaf, World, ago

pytestmark = pytest.mark.xdist_group("nginx-mtls")

Tool = Callable[[str], str]
EMAIL = ("--email", "alice@example.com")
LEGACY = ("--p12-encryption", "legacy")

# name -> the CA, how the certificate is issued, and the subject that nginx then reads
GOOD: "dict[str, tuple[str, tuple[str, ...], str]]" = {
    "p256": ("clients", EMAIL, ""),
    "p384": ("clients", ("--key-type", "p384", *EMAIL), ""),
    "rsa3072": ("clients", ("--key-type", "rsa3072", *EMAIL), ""),
    "ed25519": ("clients", ("--key-type", "ed25519", *EMAIL), ""),
    "named": ("clients", ("--common-name", "Alice, of sales", *EMAIL), "CN=Alice\\, of sales"),
    "below": ("devices", EMAIL, ""),
    "spiffe": ("devices", ("--profile", "spiffe", "--spiffe", "spiffe://example.org/web"), ""),
    "eap-tls": ("clients", ("--profile", "eap-tls", "--upn", "alice@corp.example"), "CN=alice@corp.example"),
    "roles-anywhere": ("clients", ("--profile", "roles-anywhere", "--dns", "web.example.org"), "CN=roles-anywhere"),
}
# what is wrong -> OpenSSL's numbers for it (X509_V_ERR_…); of several, nginx reports the last
BAD = {
    "expired": {10},
    "revoked": {23},
    "revoked below": {23},
    "server auth": {26},
    "foreign": {20, 21},
    "self-signed": {3, 18},
}
# what is wrong -> what verify-cert calls it
REASONS = {
    "expired": "expired",
    "revoked": "revoked",
    "revoked below": "revoked",
    "server auth": "eku-mismatch",
    "foreign": "signature-mismatch",  # a CA of that name is known
    "self-signed": "leaf-is-ca",  # 'openssl req -x509' makes it so
}


class Site:
    """A world, its nginx, and certificates by the names of GOOD and BAD."""

    def __init__(self, world: World, curl: str) -> None:
        self.world, self.curl = world, curl
        self.stale = world.office.crl("clients", "--days", "1", "--at", ago(40))
        self.leaves = world.refused(*EMAIL)
        self.leaves |= {name: world.office.issue(name, ca, *words) for name, (ca, words, _) in GOOD.items()}
        self.leaves["csr"] = self._certify_csr()

    def _certify_csr(self) -> Leaf:
        """Return a certificate for a key that authkit has never seen."""
        key, csr = self.world.folder / "own.key", self.world.folder / "own.csr"
        curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=whoever")
        subprocess.run(["openssl", "req", *curve, "-keyout", key, "-out", csr], check=True, capture_output=True)
        return Leaf(key, self.world.office.issue("csr", "clients", "--csr", csr, *EMAIL).chain)

    def curl_with(self, server: Nginx, *lines: str) -> "tuple[int, str]":
        """Send a request with curl; return status and body.

        Args:
            lines: what names the certificate and its key; they go into a file, for a command line can be seen.
        """
        config = self.world.folder / "curl.conf"
        with open(os.open(config, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write("\n".join(lines) + "\n")
        url = f"https://localhost:{server.ports[0]}/"
        words = ["-q", "-sS", "-w", "\n%{http_code}", "--cacert", self.world.server_ca, "-K", config, url]
        done = subprocess.run([self.curl, *words], capture_output=True, text=True, timeout=60)
        assert (done.returncode, done.stderr) == (0, "")
        body, _, status = done.stdout.rpartition("\n")
        return int(status), body

    def curl_pem(self, server: Nginx, leaf: Leaf) -> "tuple[int, str]":
        return self.curl_with(server, f'cert = "{leaf.chain}"', f'key = "{leaf.key}"')

    def curl_p12(self, server: Nginx, leaf: Leaf, *words: str) -> "tuple[int, str]":
        packed = self.world.office.pack(leaf, "packed", "--force", *words)
        return self.curl_with(server, f'cert = "{packed.file}:{packed.password}"', 'cert-type = "P12"')

    def python(self, server: Nginx, leaf: "Leaf | None") -> "tuple[int, str]":
        context = ssl.create_default_context(cafile=self.world.server_ca)
        if leaf is not None:
            context.load_cert_chain(leaf.chain, leaf.key)
        connection = http.client.HTTPSConnection("localhost", server.ports[0], context=context, timeout=30)
        try:
            connection.request("GET", "/")
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, require_tool: Tool) -> Site:
    require_tool("openssl")
    return Site(World(tmp_path_factory.mktemp("world")), require_tool("curl"))


@pytest.fixture(scope="module")
def server(site: Site, require_tool: Tool) -> Iterator[Nginx]:
    with running(before(site.world, "nginx", ANSWER), require_tool("nginx")) as server:
        yield server


def welcome(leaf: Leaf, subject: str) -> "tuple[int, str]":
    return 200, f"TLSv1.3 SUCCESS {leaf.sha1}\n{subject}\n"


@pytest.mark.parametrize("name", GOOD)
def test_what_was_issued_gets_in(name: str, site: Site, server: Nginx) -> None:
    leaf, expected = site.leaves[name], welcome(site.leaves[name], GOOD[name][2])
    assert site.curl_pem(server, leaf) == expected
    assert site.curl_p12(server, leaf) == expected
    assert site.curl_p12(server, leaf, *LEGACY) == expected
    assert site.python(server, leaf) == expected


def test_a_key_that_came_as_a_csr_gets_in(site: Site, server: Nginx) -> None:
    leaf = site.leaves["csr"]
    assert not (site.world.office.folder / "csr.key").exists()
    assert site.curl_pem(server, leaf) == welcome(leaf, "")
    assert site.python(server, leaf) == welcome(leaf, "")


@pytest.mark.parametrize("name", BAD)
def test_everything_else_stays_out(name: str, site: Site, server: Nginx) -> None:
    leaf = site.leaves[name]
    ways: "list[Callable[[Nginx, Leaf], tuple[int, str]]]" = [site.curl_pem, site.curl_p12, site.python]
    for way in ways:
        length = len(server.log)
        status, body = way(server, leaf)
        assert (status, body[:7]) == (403, "FAILED:")
        (found,) = server.refusals(length)
        assert found in BAD[name]


@pytest.mark.parametrize("name", [*GOOD, *BAD])
def test_verify_cert_says_beforehand_what_nginx_does(name: str, site: Site) -> None:
    files = (site.world.folder / "trusted.pem", site.world.folder / "revoked.pem")
    for path, data in zip(files, (site.world.authorities, site.world.crls), strict=True):
        path.write_bytes(data)
    words = ("--trust-anchor", files[0], "--crl", files[1], "--require-crl", "--json")
    done = site.world.office.try_("verify-cert", site.leaves[name].chain, *words)
    said = json.loads(done.stdout)
    expected = (1, "invalid", REASONS[name]) if name in BAD else (0, "valid", "ok")
    assert (done.code, said["verdict"], said["reason"]) == expected


def test_nobody_gets_in_without_a_certificate(site: Site, server: Nginx) -> None:
    assert site.curl_with(server) == (403, "NONE")
    assert site.python(server, None) == (403, "NONE")


def test_a_chain_without_its_intermediate_stays_out(site: Site, server: Nginx) -> None:
    """The server knows the root alone, so issue-cert has to write what lies between."""
    leaf = site.leaves["below"]
    alone = Leaf(leaf.key, site.world.folder / "alone.pem")
    first, end, _ = leaf.chain.read_bytes().partition(b"-----END CERTIFICATE-----\n")
    alone.chain.write_bytes(first + end)
    length = len(server.log)
    assert site.curl_pem(server, alone)[0] == 403
    assert server.refusals(length) <= {20, 21}


def test_the_key_of_another_certificate_is_no_proof(site: Site, server: Nginx) -> None:
    with pytest.raises(ssl.SSLError, match="KEY_VALUES_MISMATCH"):
        site.python(server, Leaf(site.leaves["foreign"].key, site.leaves["p256"].chain))


def test_a_list_that_ran_out_lets_nobody_in(site: Site, require_tool: Tool) -> None:
    """nginx does not guess: until there is a new list, everybody stays out."""
    office = site.world.office
    crls = site.stale + office.crl("devices") + office.crl("servers")
    with running(before(site.world, "stale", ANSWER, crls=crls), require_tool("nginx")) as server:
        assert site.curl_pem(server, site.leaves["p256"])[0] == 403
        assert server.refusals(0) == {12}


def test_a_list_from_before_the_revocation_lets_it_in(site: Site, require_tool: Tool) -> None:
    """Revoking alone stops nobody: what does is a new list, and the server that has it."""
    office = site.world.office
    leaf = office.issue("late", "clients", *EMAIL)
    crls = site.world.crls
    office.run("revoke-cert", "late", "--ca", "clients")
    with running(before(site.world, "early", ANSWER, crls=crls), require_tool("nginx")) as server:
        assert site.curl_pem(server, leaf) == welcome(leaf, "")
    with running(before(site.world, "late", ANSWER), require_tool("nginx")) as server:
        assert site.curl_pem(server, leaf)[0] == 403
        assert server.refusals(0) == {23}


def test_a_list_of_a_series_counts_from_its_day_on(site: Site, require_tool: Tool) -> None:
    """Lists that were signed in advance: today's lets people in, and one of next week lets nobody."""
    office, out = site.world.office, site.world.folder / "series"
    office.run("issue-crl", "--ca", "clients", "--series", "3", "--plain", "--out", out)
    lists = [path.read_bytes() for path in sorted(out.iterdir())]
    assert len(lists) == 3
    others = office.crl("devices") + office.crl("servers")
    with running(before(site.world, "today", ANSWER, crls=lists[0] + others), require_tool("nginx")) as server:
        assert site.curl_pem(server, site.leaves["p256"]) == welcome(site.leaves["p256"], "")
        assert site.curl_pem(server, site.leaves["revoked"])[0] == 403
        assert server.refusals(0) == {23}
    with running(before(site.world, "next-week", ANSWER, crls=lists[2] + others), require_tool("nginx")) as server:
        assert site.curl_pem(server, site.leaves["p256"])[0] == 403
        assert server.refusals(0) == {11}
