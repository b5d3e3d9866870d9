"""Does a backend behind nginx notice a forged certificate header, an altered request and a borrowed signature?"""

import base64
import json
import re
import socketserver
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest

from interop.nginx import Nginx, before, running
from interop.office import Leaf, World
from interop.program import Result, run, run_authkit

pytestmark = pytest.mark.xdist_group("two-proofs")

Tool = Callable[[str], str]
REGION, SERVICE = "eu-1", "orders"
HEADER = "ssl-client-cert"
TARGET, BODY = "/transfer?to=bob", '{"amount": 10}'
VERSION = 'proxy_http_version 1.1; proxy_set_header Connection "";'
FORWARD = f"{VERSION} proxy_set_header Host $http_host; proxy_set_header {HEADER} $ssl_client_escaped_cert;"


class Person(NamedTuple):
    """Somebody with a certificate and a subkey, and with no master secret."""

    leaf: Leaf
    subkeys: Path
    access_key_id: str


class Backend:
    """A server on 127.0.0.1 that believes neither the proxy nor the client, but both together.

    Attributes:
        bound: which certificate an access key ID goes with: fingerprints, SHA-256.
        authority: what Host must be.
        heard: the messages as they came.
    """

    def __init__(self, home: Path) -> None:
        self.bound: dict[str, str] = {}
        self.subkeys: list[Path] = []
        self.authority = ""
        self.heard: list[bytes] = []
        self._home = home
        backend = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                message = read_message(self.rfile)
                backend.heard.append(message)
                said = backend.judge(message)
                body = json.dumps(said).encode()
                status = b"200 OK" if said["allowed"] else b"403 Forbidden"
                head = b"Content-Type: application/json\r\nContent-Length: %d\r\nConnection: close" % len(body)
                self.wfile.write(b"HTTP/1.1 %s\r\n%s\r\n\r\n%s" % (status, head, body))

        self._server = socketserver.TCPServer(("127.0.0.1", 0), Handler)
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join(30)
        self._server.server_close()

    def judge(self, message: bytes) -> "dict[str, Any]":
        """Say who signed *message*, whose certificate the proxy says it saw, and whether the two are one person."""
        signed = self._signed(message)
        shown = self._shown(message)
        key = signed["access_key_id"] if signed["verdict"] == "valid" else None
        return {
            "verdict": signed["verdict"],
            "reason": signed["reason"],
            "signed_by": key,
            "shown": shown,
            "allowed": key is not None and [self.bound[key]] == shown,
        }

    def _signed(self, message: bytes) -> "dict[str, Any]":
        keys = [word for path in self.subkeys for word in ("--key", f"file:{path}")]
        words = ("verify-signature", "-", *keys, "--authority", self.authority, "--json")
        done = run_authkit(*words, home=self._home, stdin=message)
        assert done.err == ""
        said: dict[str, Any] = json.loads(done.out)
        return said

    def _shown(self, message: bytes) -> "list[str]":
        """Return the fingerprint of the certificate in each header that may carry one."""
        shown = []
        for line in message.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]:
            if line.lower().startswith(HEADER + ":"):
                done = run_authkit("inspect-cert", "--header", line, "--json", home=self._home)
                assert done.code in (0, 3), done.err
                shown += [one["sha256"] for one in json.loads(done.out)["certificates"]] if done.code == 0 else []
        return shown


def read_message(stream: Any) -> bytes:
    """Read one HTTP/1.1 message with a Content-Length or none."""
    lines = [stream.readline()]
    while lines[-1] not in (b"\r\n", b""):
        lines.append(stream.readline())
    lengths = [line.partition(b":")[2] for line in lines if line.lower().startswith(b"content-length:")]
    body: bytes = stream.read(int(lengths[0])) if lengths else b""
    return b"".join(lines) + body


# What stands between client and backend: an honest proxy, and those that change one thing on the way.
PROXIES = {
    "honest": f"{FORWARD} proxy_pass http://127.0.0.1:PORT;",
    "method": f"{FORWARD} proxy_method PUT; proxy_pass http://127.0.0.1:PORT;",
    "path": f"{FORWARD} proxy_pass http://127.0.0.1:PORT/admin/;",
    "query": f"{FORWARD} proxy_pass http://127.0.0.1:PORT$uri?to=mallory;",
    "body": f"{FORWARD} proxy_set_body '{{\"amount\": 99}}'; proxy_pass http://127.0.0.1:PORT;",
    "type": f"{FORWARD} proxy_set_header Content-Type text/plain; proxy_pass http://127.0.0.1:PORT;",
    "signed header": f"{FORWARD} proxy_set_header X-Amz-Meta-Limit 1000; proxy_pass http://127.0.0.1:PORT;",
    "host": FORWARD.replace("$http_host", "other.example") + " proxy_pass http://127.0.0.1:PORT;",
    "signature": f'{FORWARD} proxy_set_header Authorization ""; proxy_pass http://127.0.0.1:PORT;',
    "certificate": f"{FORWARD.replace('$ssl_client_escaped_cert', 'FORGED')} proxy_pass http://127.0.0.1:PORT;",
    "no certificate": f"{VERSION} proxy_set_header Host $http_host; proxy_pass http://127.0.0.1:PORT;",
    "no signature": f'{FORWARD} proxy_set_header Signature ""; proxy_pass http://127.0.0.1:PORT;',
    "no binding": f'{FORWARD} proxy_set_header Authkit-Client-Cert ""; proxy_pass http://127.0.0.1:PORT;',
}


class Site:
    """Two clients, Alice and Mallory, both known; a backend, and an nginx in front of it on one port a proxy."""

    def __init__(self, world: World, backend: Backend, curl: str) -> None:
        self.world, self.backend, self.curl = world, backend, curl
        self.home = world.folder / "home"
        self.home.mkdir(mode=0o700)
        self.alice, self.mallory = self._enrol("alice"), self._enrol("mallory")
        self.server: Nginx

    def _enrol(self, name: str) -> Person:
        """Make a certificate, and a subkey on the machine that alone holds the master secret."""
        office, folder = self.world.office, self.world.office.folder
        leaf = office.issue(name, "clients", "--email", f"{name}@example.com")
        master, subkeys = folder / f"{name}.json", folder / f"{name}.subkeys"
        made = office.run("keygen", "--use", "derive", "--no-passphrase", "-o", master).decode().strip()
        scope = ("--region", REGION, "--service", SERVICE, "--days", "2")
        office.run("derive-subkey", "--key", f"file:{master}", *scope, "-o", subkeys)
        master.unlink()
        self.backend.bound[made] = leaf.sha256
        self.backend.subkeys.append(subkeys)
        return Person(leaf, subkeys, made)

    def locations(self) -> "list[str]":
        forged = self.escaped(self.mallory.leaf)
        return [text.replace("PORT", str(self.backend.port)).replace("FORGED", forged) for text in PROXIES.values()]

    def escaped(self, leaf: Leaf) -> str:
        """Return the leaf as nginx's $ssl_client_escaped_cert has it."""
        return quote(first(leaf), safe="")

    def url(self, proxy: str) -> str:
        return f"https://localhost:{self.server.ports[list(PROXIES).index(proxy)]}{TARGET}"

    def send(
        self, person: Person, proxy: str, *curl: str, leaf: "Leaf | None" = None, options: "tuple[str, ...]" = ()
    ) -> "tuple[int, dict[str, Any]]":
        """Sign and send as *person*; return the backend's status and words.

        Args:
            leaf: another certificate than the person's.
            options: of sign curl.
        """
        shown = leaf or person.leaf
        tls = ("--cacert", self.world.server_ca, "--cert", shown.chain, "--key", shown.key)
        data = ("-H", "Content-Type: application/json", "-H", "X-Amz-Meta-Limit: 10", "--data-raw", BODY)
        self.backend.authority = self.url(proxy).split("/")[2]
        words = ("sign", "curl", "--key", f"file:{person.subkeys}", "--run", *options, "--")
        line = ("-sS", "-w", "\n%{http_code}", *tls, *data, *curl, self.url(proxy))
        return answer(run_authkit(*words, *line, home=self.home))

    def arrived(
        self, person: Person, proxy: str, options: "tuple[str | Path, ...]", leaf: "Leaf | None" = None
    ) -> bytes:
        """Sign and send as *person*, and return what reached the backend.

        Args:
            options: of sign curl; what signs is the certificate's own key if they name a scheme.
            leaf: another certificate than the person's, for TLS.
        """
        shown = leaf or person.leaf
        tls = ("--cacert", self.world.server_ca, "--cert", shown.chain, "--key", shown.key)
        data = ("-H", "Content-Type: application/json", "-H", "X-Amz-Meta-Limit: 10", "--data-raw", BODY)
        own = () if "--scheme" in options else ("--key", f"file:{person.subkeys}")
        self.backend.heard.clear()
        self.backend.authority = self.url(proxy).split("/")[2]
        done = run_authkit(
            "sign", "curl", *own, "--run", *options, "--", "-sS", *tls, *data, self.url(proxy), home=self.home
        )
        assert done.code == 0, done.err
        (message,) = self.backend.heard
        return message

    def verify(self, message: bytes, *words: "str | Path") -> "dict[str, Any]":
        """Return what verify-signature says of a message that reached the backend."""
        given = (*words, "--authority", self.backend.authority, "--json")
        done = run_authkit("verify-signature", "-", *given, home=self.home, stdin=message)
        assert done.err == "", done.err
        said: dict[str, Any] = json.loads(done.out)
        assert done.code == (0 if said["verdict"] == "valid" else 1), said
        return said

    def replay(self, message: bytes, *curl: "str | Path") -> "tuple[int, dict[str, Any]]":
        """Send *message* again, with curl, as somebody without any key may."""
        head, _, body = message.partition(b"\r\n\r\n")
        wanted = (b"authorization:", b"x-amz-", b"content-type:", b"host:")
        lines = [line.decode() for line in head.split(b"\r\n")[1:] if line.lower().startswith(wanted)]
        headers = [word for line in lines for word in ("-H", line)]
        words = ("-q", "-sS", "-w", "\n%{http_code}", *headers, "--data-raw", body.decode(), *curl)
        return answer(run([self.curl, *words], self.home))

    def captured(self) -> bytes:
        """Return what the honest proxy passed on for Alice."""
        self.backend.heard.clear()
        assert self.send(self.alice, "honest")[0] == 200
        (message,) = self.backend.heard
        return message


def first(leaf: Leaf) -> str:
    """Return the leaf's own PEM text."""
    text, end, _ = leaf.chain.read_text().partition("-----END CERTIFICATE-----\n")
    return text + end


def answer(done: Result) -> "tuple[int, dict[str, Any]]":
    assert done.code == 0, done.err
    body, _, status = done.out.rpartition(b"\n")
    said: dict[str, Any] = json.loads(body)
    return int(status), said


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, require_tool: Tool) -> Iterator[Site]:
    nginx, curl = require_tool("nginx"), require_tool("curl")
    folder = tmp_path_factory.mktemp("world")
    (folder / "backend").mkdir(mode=0o700)
    backend = Backend(folder / "backend")
    try:
        site = Site(World(folder), backend, curl)
        with running(before(site.world, "nginx", *site.locations()), nginx) as site.server:
            yield site
    finally:
        backend.close()


def test_the_two_proofs_together(site: Site) -> None:
    for person in (site.alice, site.mallory):
        assert site.send(person, "honest") == (
            200,
            {
                "verdict": "valid",
                "reason": "ok",
                "signed_by": person.access_key_id,
                "shown": [person.leaf.sha256],
                "allowed": True,
            },
        )


ALTERED = {
    "method": "signature-mismatch",
    "path": "signature-mismatch",
    "query": "signature-mismatch",
    "body": "signature-mismatch",
    "type": "signature-mismatch",
    "signed header": "signature-mismatch",
    "host": "authority-mismatch",
    "signature": "no-signature",
}


@pytest.mark.parametrize("what", ALTERED)
def test_an_altered_request_is_caught(what: str, site: Site) -> None:
    """The certificate is right all the time: who watches over the header alone notices nothing."""
    status, said = site.send(site.alice, what)
    assert (status, said["shown"]) == (403, [site.alice.leaf.sha256])
    assert (said["signed_by"], said["reason"]) == (None, ALTERED[what])


def test_a_body_that_is_not_the_declared_one_is_named(site: Site) -> None:
    status, said = site.send(site.alice, "body", options=("--payload-header",))
    assert (status, said["verdict"], said["reason"]) == (403, "invalid", "payload-mismatch")


def test_a_forged_certificate_is_caught(site: Site) -> None:
    """The signature is right all the time: the proxy says that it saw somebody else."""
    status, said = site.send(site.alice, "certificate")
    assert (status, said["verdict"], said["signed_by"]) == (403, "valid", site.alice.access_key_id)
    assert said["shown"] == [site.mallory.leaf.sha256]


@pytest.mark.parametrize("spelling", [HEADER, "SSL-Client-Cert", "ssl_client_cert", "Ssl_Client-Cert"])
def test_nginx_overwrites_what_the_client_says_of_itself(spelling: str, site: Site) -> None:
    """In any spelling: one header reaches the backend, and it holds the certificate of the handshake."""
    site.backend.heard.clear()
    forged = f"{spelling}: {site.escaped(site.alice.leaf)}"
    status, said = site.replay(site.captured(), "-H", forged, *as_client(site, site.mallory.leaf), site.url("honest"))
    assert (status, said["shown"]) == (403, [site.mallory.leaf.sha256])
    lines = site.backend.heard[-1].partition(b"\r\n\r\n")[0].lower().replace(b"_", b"-").split(b"\r\n")
    assert len([line for line in lines if line.startswith(HEADER.encode())]) == 1


def as_client(site: Site, leaf: Leaf) -> "tuple[str | Path, ...]":
    return ("--cacert", site.world.server_ca, "--cert", leaf.chain, "--key", leaf.key)


def test_a_borrowed_signature_is_caught(site: Site) -> None:
    """Mallory got hold of a request of Alice's, and sends it again within its five minutes as herself."""
    message = site.captured()
    status, said = site.replay(message, *as_client(site, site.mallory.leaf), site.url("honest"))
    assert (status, said["verdict"], said["signed_by"]) == (403, "valid", site.alice.access_key_id)
    assert said["shown"] == [site.mallory.leaf.sha256]
    assert site.replay(message, *as_client(site, site.alice.leaf), site.url("honest"))[0] == 200


def test_a_borrowed_certificate_is_caught(site: Site) -> None:
    """Alice's certificate and key were stolen, and her subkey was not."""
    status, said = site.send(site.mallory, "honest", leaf=site.alice.leaf)
    assert (status, said["verdict"], said["signed_by"]) == (403, "valid", site.mallory.access_key_id)
    assert said["shown"] == [site.alice.leaf.sha256]


def test_past_nginx_a_header_is_an_assertion_and_no_more(site: Site) -> None:
    """Who reaches the backend can claim to be anybody; what Alice alone can make is her signature."""
    url = f"http://127.0.0.1:{site.backend.port}{TARGET}"
    forged = f"{HEADER}: {site.escaped(site.alice.leaf)}"
    status, said = answer(
        run([site.curl, "-q", "-sS", "-w", "\n%{http_code}", "-H", forged, "--data-raw", BODY, url], site.home)
    )
    assert (status, said["shown"], said["signed_by"]) == (403, [site.alice.leaf.sha256], None)
    assert said["reason"] == "no-signature"
    words = ("sign", "curl", "--key", f"file:{site.mallory.subkeys}", "--run", "--", "-sS", "-w", "\n%{http_code}")
    site.backend.authority = f"127.0.0.1:{site.backend.port}"
    status, said = answer(run_authkit(*words, "-H", forged, "--data-raw", BODY, url, home=site.home))
    assert (status, said["verdict"], said["signed_by"]) == (403, "valid", site.mallory.access_key_id)
    assert said["shown"] == [site.alice.leaf.sha256]


def test_past_nginx_a_second_header_is_one_too_many(site: Site) -> None:
    """A backend that took the first, or the last, would have taken Mallory's word for it."""
    message, backend = site.captured(), site.backend
    head, _, body = message.partition(b"\r\n\r\n")
    both = b"".join([f"\r\n{HEADER}: {site.escaped(one.leaf)}".encode() for one in (site.alice, site.mallory)])
    lines = [line for line in head.split(b"\r\n") if not line.startswith(HEADER.encode())]
    said = backend.judge(b"\r\n".join(lines) + both + b"\r\n\r\n" + body)
    assert (said["verdict"], said["signed_by"], said["allowed"]) == ("valid", site.alice.access_key_id, False)
    assert said["shown"] == [site.alice.leaf.sha256, site.mallory.leaf.sha256]
    assert backend.judge(message)["allowed"] is True


@pytest.mark.parametrize("value", ["", "%", "nobody", "-----BEGIN%20CERTIFICATE-----%0A%21"])
def test_past_nginx_a_header_without_a_certificate_shows_nobody(value: str, site: Site) -> None:
    message = site.captured()
    head, end, body = message.partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.startswith(HEADER.encode())]
    said = site.backend.judge(b"\r\n".join([*lines, f"{HEADER}: {value}".encode()]) + end + body)
    assert (said["verdict"], said["shown"], said["allowed"]) == ("valid", [], False)


def test_inspect_cert_says_that_it_is_an_assertion(site: Site) -> None:
    site.backend.heard.clear()
    assert site.send(site.alice, "honest")[0] == 200
    (line,) = [one for one in site.backend.heard[0].decode().split("\r\n") if one.startswith(HEADER + ":")]
    done = run_authkit("inspect-cert", "--header", line, home=site.home)
    assert (done.code, done.err) == (0, "")
    text = done.out.decode()
    assert re.search(f"SHA-256: +{site.alice.leaf.sha256}\n", text)
    assert re.search("proxy: +nginx, ingress-nginx\n", text)
    assert "a header is only an assertion by whoever sent it" in text
    said = json.loads(run_authkit("inspect-cert", "--header", line, "--json", home=site.home).out)
    assert said["verified"] is False
    (header,) = said["headers"]
    assert (header["format"], header["proxy"], header["verified"]) == ("url-pem", "nginx, ingress-nginx", "unknown")
    assert [one["id"] for one in header["findings"]] == ["header-assertion"]


# What a backend says that is told to compare: the proofs joined, in the two ways that need no trust in the proxy.


def by_own_key(person: Person) -> "tuple[str | Path, ...]":
    """Return what signs with the key of the person's certificate."""
    return ("--scheme", "rfc9421", "--key", f"file:{person.leaf.key}", "--certificate", person.leaf.chain)


def by_bound_key(person: Person) -> "tuple[str | Path, ...]":
    """Return what binds a request, signed with the person's subkey, to the person's certificate."""
    return ("--bind-certificate", person.leaf.chain)


class Demand(NamedTuple):
    """What verify-signature is told: in the first way of trust anchors, in the second of subkeys and bindings."""

    own: "tuple[str | Path, ...]"
    bound: "tuple[str | Path, ...]"


@pytest.fixture(scope="module")
def demand(site: Site) -> Demand:
    anchor = site.world.folder / "clients-root.pem"
    anchor.write_bytes(site.world.office.root("clients"))
    lists = site.world.folder / "clients.crl"
    lists.write_bytes(site.world.office.crl("clients"))
    header = ("--client-cert-header", HEADER)
    own = (*header, "--trust-anchor", anchor, "--crl", lists)
    keys = [word for path in site.backend.subkeys for word in ("--key", f"file:{path}")]
    pairs = site.backend.bound.items()
    return Demand(own, (*keys, *header, *[word for pair in pairs for word in ("--bind", "=".join(pair))]))


def test_the_certificate_s_key_signs_the_request(site: Site, demand: Demand) -> None:
    for person, name in ((site.alice, "alice"), (site.mallory, "mallory")):
        said = site.verify(site.arrived(person, "honest", by_own_key(person)), *demand.own)
        assert (said["verdict"], said["certificate"]) == ("valid", person.leaf.sha256)
        assert (said["identity"], said["warnings"]) == ([f"email:{name}@example.com"], ["identity-not-compared"])
        assert {"@method", "@authority", "@path", "@query", "content-digest", "content-type"} <= {*said["covered"]}


def test_and_only_whoever_is_allowed_gets_in(site: Site, demand: Demand) -> None:
    allow = (*demand.own, "--allow-identity", "email:alice@example.com")
    said = site.verify(site.arrived(site.alice, "honest", by_own_key(site.alice)), *allow)
    assert (said["verdict"], said["warnings"]) == ("valid", [])
    said = site.verify(site.arrived(site.mallory, "honest", by_own_key(site.mallory)), *allow)
    assert (said["verdict"], said["reason"]) == ("invalid", "identity-mismatch")
    assert said["message"].endswith(": email:mallory@example.com")


# what the proxy does -> what becomes of a request signed by the certificate's key, and of one by a bound subkey
CHANGED = {
    "method": ("signature-mismatch", "signature-mismatch"),
    "path": ("signature-mismatch", "signature-mismatch"),
    "query": ("signature-mismatch", "signature-mismatch"),
    "body": ("content-digest-mismatch", "signature-mismatch"),
    "type": ("signature-mismatch", "signature-mismatch"),
    "host": ("authority-mismatch", "authority-mismatch"),
    "certificate": ("client-cert-mismatch", "client-cert-mismatch"),
    "no certificate": ("client-cert-missing", "client-cert-missing"),
}


@pytest.mark.parametrize("proxy", CHANGED)
def test_whatever_the_proxy_changes_is_refused(proxy: str, site: Site, demand: Demand) -> None:
    own, bound = CHANGED[proxy]
    said = site.verify(site.arrived(site.alice, proxy, by_own_key(site.alice)), *demand.own)
    assert (said["verdict"] != "valid", said["reason"]) == (True, own)
    said = site.verify(site.arrived(site.alice, proxy, by_bound_key(site.alice)), *demand.bound)
    assert (said["verdict"] != "valid", said["reason"]) == (True, bound)


@pytest.mark.parametrize(
    "proxy, way, reason",
    [
        ("no signature", by_own_key, "label-missing"),  # its parameters are still there
        ("signature", by_bound_key, "no-signature"),
        ("no binding", by_bound_key, "signed-header-missing"),
    ],
)
def test_so_is_what_it_takes_away(proxy: str, way: Any, reason: str, site: Site, demand: Demand) -> None:
    words = demand.own if way is by_own_key else demand.bound
    assert site.verify(site.arrived(site.alice, proxy, way(site.alice)), *words)["reason"] == reason


def test_a_bound_subkey_and_its_certificate_get_in(site: Site, demand: Demand) -> None:
    for person in (site.alice, site.mallory):
        said = site.verify(site.arrived(person, "honest", by_bound_key(person)), *demand.bound)
        assert (said["verdict"], said["access_key_id"], said["warnings"]) == ("valid", person.access_key_id, [])
        assert "authkit-client-cert" in said["covered"]


def test_a_thief_of_one_of_the_two_does_not(site: Site, demand: Demand) -> None:
    alice, mallory = site.alice, site.mallory
    thefts = {
        "Alice's certificate, and Mallory's own subkey, which says whose it is": (
            mallory,
            by_bound_key(mallory),
            alice.leaf,
            "client-cert-mismatch",
        ),
        "Alice's certificate, and Mallory's own subkey, which says it is Alice's": (
            mallory,
            by_bound_key(alice),
            alice.leaf,
            "client-cert-unbound",
        ),
        "Alice's subkey, and Mallory's own certificate, named": (
            alice,
            by_bound_key(mallory),
            mallory.leaf,
            "client-cert-unbound",
        ),
        "Alice's subkey, and Mallory's own certificate, not named": (alice, (), mallory.leaf, "client-cert-required"),
        "Alice's subkey, and Mallory's own certificate, Alice's named": (
            alice,
            by_bound_key(alice),
            mallory.leaf,
            "client-cert-mismatch",
        ),
    }
    for what, (signer, options, leaf, reason) in thefts.items():
        said = site.verify(site.arrived(signer, "honest", options, leaf), *demand.bound)
        assert (said["verdict"], said["reason"]) == ("invalid", reason), what


def test_nor_does_a_borrowed_certificate_or_a_borrowed_request(site: Site, demand: Demand) -> None:
    """The key that signs must be that of the certificate of the handshake."""
    alice, mallory = site.alice, site.mallory
    said = site.verify(site.arrived(mallory, "honest", by_own_key(mallory), alice.leaf), *demand.own)
    assert said["reason"] == "client-cert-mismatch"
    named = (*by_own_key(mallory), "--keyid", x5t(alice.leaf))
    said = site.verify(site.arrived(mallory, "honest", named, alice.leaf), *demand.own)
    assert said["reason"] == "signature-mismatch"
    said = site.verify(site.arrived(alice, "honest", by_own_key(alice), mallory.leaf), *demand.own)
    assert said["reason"] == "client-cert-mismatch"


def x5t(leaf: Leaf) -> str:
    encoded = base64.urlsafe_b64encode(bytes.fromhex(leaf.sha256)).decode().rstrip("=")
    return f"x5t-S256:{encoded}"


@pytest.mark.parametrize("spelling", ["ssl_client_cert", "Ssl.Client-Cert", "SSL-CLIENT-CERT"])
def test_past_nginx_no_second_header_is_taken_for_the_first(spelling: str, site: Site, demand: Demand) -> None:
    """What a proxy lets through in another spelling is the client's, and a program may read it as the proxy's."""
    for way, words in ((by_own_key, demand.own), (by_bound_key, demand.bound)):
        message = site.arrived(site.alice, "honest", way(site.alice))
        head, end, body = message.partition(b"\r\n\r\n")
        assert site.verify(message, *words)["verdict"] == "valid"
        both = head + f"\r\n{spelling}: {site.escaped(site.mallory.leaf)}".encode() + end + body
        reason = "header-name-ambiguous" if spelling == "ssl_client_cert" else "client-cert-ambiguous"
        said = site.verify(both, *words)
        assert (said["verdict"], said["reason"]) == ("malformed", reason)
        alone = message.replace(HEADER.encode() + b":", spelling.encode() + b":")
        said = site.verify(alone, *words)
        assert said["reason"] == ("ok" if spelling == "SSL-CLIENT-CERT" else "client-cert-ambiguous")


def test_past_nginx_a_forged_header_is_no_signature(site: Site, demand: Demand) -> None:
    """Whoever reaches the backend can send Alice's certificate, and can sign with nobody's key but his own."""
    url = f"http://127.0.0.1:{site.backend.port}{TARGET}"
    forged = ("-H", f"{HEADER}: {site.escaped(site.alice.leaf)}", "--data-raw", BODY)
    for options, words, reason in (
        (by_own_key(site.mallory), demand.own, "client-cert-mismatch"),
        ((*by_own_key(site.mallory), "--keyid", x5t(site.alice.leaf)), demand.own, "signature-mismatch"),
        (("--key", f"file:{site.mallory.subkeys}", *by_bound_key(site.mallory)), demand.bound, "client-cert-mismatch"),
        (("--key", f"file:{site.mallory.subkeys}", *by_bound_key(site.alice)), demand.bound, "client-cert-unbound"),
    ):
        site.backend.heard.clear()
        site.backend.authority = f"127.0.0.1:{site.backend.port}"
        done = run_authkit("sign", "curl", "--run", *options, "--", "-sS", *forged, url, home=site.home)
        assert done.code == 0, done.err
        assert site.verify(site.backend.heard[-1], *words)["reason"] == reason


def test_a_revoked_certificate_signs_no_more(site: Site, demand: Demand) -> None:
    """nginx has the old list, and lets it in; the backend has the new one."""
    office = site.world.office
    office.issue("carol", "clients", "--email", "carol@example.com")
    carol = Person(Leaf(office.folder / "carol.key", office.folder / "carol.pem"), site.alice.subkeys, "")
    message = site.arrived(carol, "honest", by_own_key(carol))
    assert site.verify(message, *demand.own)["verdict"] == "valid"
    office.run("revoke-cert", "carol", "--ca", "clients")
    lists = site.world.folder / "newer.crl"
    lists.write_bytes(office.crl("clients"))
    said = site.verify(message, *demand.own[:-1], lists)
    assert (said["verdict"], said["reason"]) == ("invalid", "certificate-revoked")
