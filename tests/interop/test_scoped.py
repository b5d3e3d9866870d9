"""Does a scoped certificate sign requests of its day, region and service, and log in nowhere?"""

import json
import os
import re
import ssl
import subprocess
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from cryptography.x509 import load_pem_x509_certificates

from authkit.certs.profile import REQUEST_SIGNING_EKU, SCOPE_EXTENSION
from interop.loopback import Loopback
from interop.nginx import ANSWER, Nginx, before
from interop.nginx import running as nginx_running
from interop.office import Leaf, World
from interop.program import Result, run, run_authkit
from interop.radius import Radius
from interop.radius import running as radius_running
from interop.test_chromium import Browser, presenting_to
from interop.test_two_proofs import first

pytestmark = pytest.mark.xdist_group("chromium")

Tool = Callable[[str], str]
REGION, SERVICE = "eu-1", "orders"
NAMES = ("--upn", "alice@corp.example", "--email", "alice@example.com")
OWN = ("--region", REGION, "--service", SERVICE)
# X509_V_ERR_INVALID_PURPOSE
WRONG_PURPOSE = 26


class Signers(World):
    """A world in which servers trust a CA too that certifies keys which sign requests, and may certify clients."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        office = self.office
        office.create_ca("signers", "--sign-requests")
        office.create_ca("orders", "--parent", "signers", "--sign-requests", "--permit-scope", f"{REGION}/{SERVICE}")
        self.now = datetime.now(timezone.utc)
        today = f"{self.now:%Y%m%d}"
        scope = f"{today}/{REGION}/{SERVICE}"
        made = ("--profile", "scoped", "--scope", scope, *NAMES)
        self.leaves = {
            "scoped": office.issue("scoped", "signers", *made),
            "below": office.issue("below", "orders", *made),
            "rsa": office.issue("rsa", "signers", "--key-type", "rsa3072", *made),
            "region": office.issue("region", "signers", "--profile", "scoped", "--scope", f"{today}/{REGION}", *NAMES),
            "also": office.issue("also", "signers", "--also-client", *made),
            "client": office.issue("client", "signers", "--email", "bob@example.com"),
        }
        self.anchor = folder / "signers.pem"
        self.anchor.write_bytes(office.root("signers"))

    @property
    def authorities(self) -> bytes:
        return super().authorities + self.office.root("signers")

    @property
    def crls(self) -> bytes:
        return super().crls + self.office.crl("signers") + self.office.crl("orders")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Signers:
    return Signers(tmp_path_factory.mktemp("scoped"))


SCOPED = ("scoped", "below", "rsa", "region")


@pytest.fixture(scope="module")
def server(world: Signers, require_tool: Tool) -> Iterator[Nginx]:
    with nginx_running(before(world, "nginx", ANSWER), require_tool("nginx")) as server:
        yield server


def visit(world: Signers, server: Nginx, leaf: Leaf, curl: str) -> "tuple[int, str]":
    url = f"https://localhost:{server.ports[0]}/"
    tls = ("--cacert", world.server_ca, "--cert", leaf.chain, "--key", leaf.key)
    done = run([curl, "-q", "-sS", "-w", "\n%{http_code}", *tls, url], world.folder)
    assert (done.code, done.err) == (0, "")
    body, _, status = done.out.decode().rpartition("\n")
    return int(status), body


@pytest.mark.parametrize("name", SCOPED)
def test_nginx_takes_it_for_no_login(name: str, world: Signers, server: Nginx, require_tool: Tool) -> None:
    length = len(server.log)
    status, body = visit(world, server, world.leaves[name], require_tool("curl"))
    assert (status, body[:7], server.refusals(length)) == (403, "FAILED:", {WRONG_PURPOSE})


@pytest.mark.parametrize("name", ["also", "client"])
def test_nginx_knows_nothing_of_a_scope(name: str, world: Signers, server: Nginx, require_tool: Tool) -> None:
    """Which is why --also-client warns: to a TLS server it is a client like any other."""
    status, body = visit(world, server, world.leaves[name], require_tool("curl"))
    assert (status, body) == (200, f"TLSv1.3 SUCCESS {world.leaves[name].sha1}\n\n")


@pytest.mark.parametrize("name", SCOPED)
@pytest.mark.parametrize("purpose", ["sslclient", "sslserver", "smimesign"])
def test_openssl_takes_it_for_nothing_it_knows(purpose: str, name: str, world: Signers, require_tool: Tool) -> None:
    done = openssl_verify(world, world.leaves[name], "-purpose", purpose, require_tool=require_tool)
    assert done.code != 0
    assert re.search(rf"^error {WRONG_PURPOSE} at 0 depth lookup: un", done.err, re.MULTILINE), done.err


@pytest.mark.parametrize("name", SCOPED)
def test_openssl_follows_its_path_where_no_purpose_is_asked(name: str, world: Signers, require_tool: Tool) -> None:
    done = openssl_verify(world, world.leaves[name], require_tool=require_tool)
    assert (done.code, done.out.endswith(b": OK\n")) == (0, True), done.err


def openssl_verify(world: Signers, leaf: Leaf, *words: str, require_tool: Tool) -> Result:
    chain = world.folder / "chain.pem"
    chain.write_text(leaf.chain.read_text())
    return run(
        [require_tool("openssl"), "verify", *words, "-CAfile", world.anchor, "-untrusted", chain, leaf.chain],
        world.folder,
    )


@pytest.fixture(scope="module")
def wifi(world: Signers, vectors: Path, require_tool: Tool) -> Iterator[Radius]:
    folder = world.folder / "wifi"
    folder.mkdir()
    server = Radius(
        folder,
        vectors / "oracles" / "eap-tls" / "radiusd.conf.in",
        certificate=world.server.chain,
        key=world.server.key,
        authorities=world.authorities + world.crls,
        check_crl=True,
    )
    with radius_running(server, require_tool("freeradius")) as running:
        yield running


@pytest.mark.parametrize("tls", ["1.2", "1.3"])
@pytest.mark.parametrize("name", [*SCOPED, "also"])
def test_freeradius_takes_it_for_no_login(
    name: str, tls: str, world: Signers, wifi: Radius, require_tool: Tool
) -> None:
    leaf = world.leaves[name]
    settings = {"client_cert": leaf.chain, "private_key": leaf.key}
    answer = wifi.join(require_tool("eapol_test"), world.server_ca, world.folder, tls=tls, **settings)
    assert answer.version == f"TLSv{tls}"
    expected = (True, None) if name == "also" else (False, WRONG_PURPOSE)
    assert (answer.success, answer.refusal) == expected
    assert int(answer.seen["Serial"], 16) == leaf.certificate.serial_number


def test_chromium_takes_it_for_no_login(world: Signers, server: Nginx, require_tool: Tool, tmp_path: Path) -> None:
    """It offers the server what it can log in with; of the two, that is the one with clientAuth."""
    if os.geteuid() != 0:
        why = "only root can tell Chromium which certificate to present"
        (pytest.fail if os.environ.get("AUTHKIT_REQUIRE_INTEROP") == "1" else pytest.skip)(why)
    tools = {name: require_tool(name) for name in ("chromium", "certutil", "pk12util")}
    url = f"https://localhost:{server.ports[0]}/"
    with presenting_to(url):
        for name, page in (("also", f"TLSv1.3 SUCCESS {world.leaves['also'].sha1}\n\n"), ("scoped", "NONE")):
            home = tmp_path / name
            home.mkdir()
            browser = Browser(home, tools, world.server_ca)
            browser.take(world.office.pack(world.leaves[name], f"packed-{name}"))
            assert browser.show(url) == page


def test_go_reads_no_such_certificate(world: Signers, require_tool: Tool, tmp_path: Path) -> None:
    """Go's crypto/x509 (1.19 in cfssl; 1.21, 1.22 and 1.27 by hand) reads no OID with a number above 2**31 - 1.

    Neither the leaf's purpose and scope, nor the purpose of its CA: a CA that is made with --sign-requests is for
    programs in Go no CA at all, whatever else it issues.
    """
    cfssl = require_tool("cfssl")
    refused = '{"code":1003,"message":"Failed to parse certificate"}\n'
    for name in (*SCOPED, "also"):
        alone = tmp_path / f"{name}.pem"
        alone.write_text(first(world.leaves[name]))
        done = subprocess.run([cfssl, "certinfo", "-cert", alone], capture_output=True, text=True, timeout=60)
        assert refused in done.stdout + done.stderr
    ca = subprocess.run([cfssl, "certinfo", "-cert", world.anchor], capture_output=True, text=True, timeout=60)
    assert refused in ca.stdout + ca.stderr
    plain = tmp_path / "plain.pem"
    plain.write_text(first(world.server))
    done = subprocess.run([cfssl, "certinfo", "-cert", plain], capture_output=True, text=True, timeout=60)
    assert '"sans"' in done.stdout


def test_gnutls_takes_it_for_nothing(world: Signers, require_tool: Tool, tmp_path: Path) -> None:
    alone = tmp_path / "leaf.pem"
    alone.write_text(first(world.leaves["scoped"]))
    words = [require_tool("certtool"), "--verify", "--load-ca-certificate", str(world.anchor), "--infile", str(alone)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60)
    assert done.returncode != 0


def test_pythons_ssl_takes_it_for_no_client(world: Signers) -> None:
    """The same library as nginx's, asked by another program."""
    leaf = world.leaves["scoped"]
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(world.server.chain, world.server.key)
    server.verify_mode = ssl.CERT_REQUIRED
    server.load_verify_locations(world.anchor)
    client = ssl.create_default_context(cafile=str(world.server_ca))
    client.load_cert_chain(leaf.chain, leaf.key)
    ends = [ssl.MemoryBIO() for _ in range(2)]
    sides = [
        client.wrap_bio(ends[0], ends[1], server_hostname="localhost"),
        server.wrap_bio(ends[1], ends[0], server_side=True),
    ]
    with pytest.raises(ssl.SSLCertVerificationError) as caught:
        for _ in range(8):
            for side in sides:
                try:
                    side.do_handshake()
                except ssl.SSLWantReadError:
                    continue
    assert caught.value.verify_code == WRONG_PURPOSE


def sign(leaf: Leaf, *words: str) -> "tuple[str | Path, ...]":
    return ("--scheme", "rfc9421", "--key", f"file:{leaf.key}", "--certificate", leaf.chain, *words)


def arrived(world: Signers, loopback: Loopback, *words: "str | Path", send: bool = True) -> bytes:
    """Send a request, signed, and return what a server without any proxy gets."""
    home = world.folder / "home"
    home.mkdir(mode=0o700, exist_ok=True)
    given = (*words, *(["--send-certificate"] if send else []))
    line = (
        "curl",
        "-sS",
        "-H",
        "Content-Type: application/json",
        "--data-raw",
        '{"amount": 10}',
        f"{loopback.url}/a?b=c",
    )
    done = run_authkit("sign", "curl", "--run", *given, "--", *line[1:], home=home)
    assert done.code == 0, done.err
    return loopback.take()


def judged(world: Signers, message: bytes, *words: "str | Path") -> "dict[str, Any]":
    given = ("--trust-anchor", world.anchor, *words, "--json")
    done = run_authkit("verify-signature", "-", *given, home=world.folder / "home", stdin=message)
    assert done.err == ""
    said: dict[str, Any] = json.loads(done.out)
    return said


@pytest.mark.parametrize("name", SCOPED)
def test_a_verifier_needs_a_trust_anchor_and_no_secret(name: str, world: Signers, loopback: Loopback) -> None:
    message = arrived(world, loopback, *sign(world.leaves[name]))
    allow = ("--allow-identity", "email:alice@example.com", "--authority", loopback.url[7:], "--require-scope")
    said = judged(world, message, *OWN, *allow)
    assert (said["verdict"], said["certificate"]) == ("valid", world.leaves[name].sha256)
    assert said["certificate_scope"] == f"{world.now:%Y%m%d}/{REGION}" + ("" if name == "region" else f"/{SERVICE}")
    assert said["identity"] == ["email:alice@example.com", "upn:alice@corp.example"]
    assert {"@method", "@path", "@query", "content-digest", "authkit-certificate"} <= {*said["covered"]}


def test_outside_its_scope_it_signs_nothing(world: Signers, loopback: Loopback) -> None:
    message = arrived(world, loopback, *sign(world.leaves["scoped"]))
    also = arrived(world, loopback, *sign(world.leaves["also"]))
    plain = arrived(world, loopback, *sign(world.leaves["client"]))
    tomorrow = f"{world.now + timedelta(days=1, hours=1):%Y-%m-%dT%H:%M:%SZ}"
    for sent, words, reason in (
        (message, ("--region", "eu-2", "--service", SERVICE), "scope-region"),
        (message, ("--region", REGION, "--service", "stock"), "scope-service"),
        (also, ("--region", REGION, "--service", "stock"), "scope-service"),
        (message, (), "scope-not-compared"),
        (message, ("--region", REGION), "scope-not-compared"),
        (message, (*OWN, "--at", tomorrow), "expired"),
        (message, (*OWN, "--allow-identity", "email:bob@example.com"), "identity-mismatch"),
        (plain, (*OWN, "--require-scope"), "scope-required"),
        (plain, OWN, "ok"),
    ):
        assert judged(world, sent, *words)["reason"] == reason


def test_what_was_made_for_tomorrow_signs_nothing_today(world: Signers, loopback: Loopback) -> None:
    day = f"{world.now + timedelta(days=1):%Y%m%d}"
    leaf = world.office.issue(
        "tomorrow", "signers", "--profile", "scoped", "--scope", f"{day}/{REGION}/{SERVICE}", "--email", "a@b"
    )
    message = arrived(world, loopback, *sign(leaf))
    assert judged(world, message, *OWN)["reason"] == "certificate-not-yet-valid"


def test_what_is_changed_on_the_way_is_refused(world: Signers, loopback: Loopback) -> None:
    message = arrived(world, loopback, *sign(world.leaves["below"]))
    line = re.search(rb"^Authkit-Certificate: (:[^:]+:), (:[^:]+:)\r$", message, re.MULTILINE)
    assert line is not None
    leaf, above = line[1], line[2]
    other = arrived(world, loopback, *sign(world.leaves["scoped"]))
    changes = {
        "the body": (message.replace(b"10}", b"99}"), "content-digest-mismatch"),
        "the path": (message.replace(b"/a?b=c", b"/b?b=c"), "signature-mismatch"),
        "the query": (message.replace(b"/a?b=c", b"/a?b=d"), "signature-mismatch"),
        "its certificate": (message.replace(leaf + b", " + above, header_of(other)), "client-cert-mismatch"),
        "its chain": (message.replace(b", " + above, b""), "certificate-untrusted"),
        "their order": (message.replace(leaf + b", " + above, above + b", " + leaf), "client-cert-mismatch"),
        "no certificate": (message.replace(line[0] + b"\n", b""), "client-cert-missing"),
        "two of them": (message.replace(line[0], line[0] + b"\n" + line[0]), "client-cert-ambiguous"),
        "its name": (message.replace(b"Authkit-C", b"Authkit_C"), "client-cert-ambiguous"),
    }
    for what, (changed, reason) in changes.items():
        assert changed != message, what
        assert judged(world, changed, *OWN)["reason"] == reason, what
    assert judged(world, message, *OWN)["verdict"] == "valid"


def header_of(message: bytes) -> bytes:
    found = re.search(rb"^Authkit-Certificate: (.+)\r$", message, re.MULTILINE)
    assert found is not None
    return found[1]


def test_a_client_must_sign_the_certificate_that_it_sends(world: Signers, loopback: Loopback) -> None:
    message = arrived(world, loopback, *sign(world.leaves["scoped"]))
    assert judged(world, message.replace(b' "authkit-certificate"', b""), *OWN)["reason"] == "client-cert-not-covered"
    without = arrived(world, loopback, *sign(world.leaves["scoped"]), send=False)
    assert judged(world, without, *OWN)["reason"] == "client-cert-missing"
    assert judged(world, without, *OWN, "--certificate", world.leaves["scoped"].chain)["verdict"] == "valid"


def test_no_server_is_named_by_it(world: Signers) -> None:
    """Its CA was made for clients, so that what it issues poses as no web site either."""
    (ca,) = load_pem_x509_certificates(world.anchor.read_bytes())
    said = [one.dotted_string for each in ca.extensions if hasattr(each.value, "_usages") for one in each.value]
    assert said == ["1.3.6.1.5.5.7.3.2", REQUEST_SIGNING_EKU]
    leaf = world.leaves["scoped"].certificate
    assert [each.critical for each in leaf.extensions if each.oid.dotted_string == SCOPE_EXTENSION] == [False]
