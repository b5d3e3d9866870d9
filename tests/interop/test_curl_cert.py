"""Does real curl send a client certificate and a signature together, and the certificate to no listener?"""

import os
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from authkit.api import load_keys, verify_request
from authkit.messages.request import parse_request
from authkit.schemes.policy import Policy
from interop.program import PROJECT, Authkit, Result

Tool = Callable[[str], str]
MAIL = "carol@people.example"
PASSWORD = "marked-password-of-20-letters"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n"
KEY = b'{"schema": "authkit.access-key/v1", "access_key_id": "AKCURL", "secret": "secret of the access key"}\n'
NOW = datetime.now(timezone.utc).replace(microsecond=0)
CLEAR = "lets curl agree to a TLS before 1.3, in which the certificate travels in clear"


class Made:
    """A certificate with its key."""

    def __init__(self, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
        self.certificate = certificate
        self.key = key

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    def key_pem(self, password: "str | None" = None) -> bytes:
        lock = NoEncryption() if password is None else BestAvailableEncryption(password.encode())
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock)


def certify(
    name: str,
    issuer: "Made | None",
    san: "x509.GeneralName | None" = None,
    eku: x509.ObjectIdentifier = ExtendedKeyUsageOID.CLIENT_AUTH,
    days: "tuple[int, int]" = (-1, 7),
) -> Made:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    signer = issuer.key if issuer else key
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW + timedelta(days[0]))
        .not_valid_after(NOW + timedelta(days[1]))
        .add_extension(x509.BasicConstraints(issuer is None, None), True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), False)
    )
    if issuer is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage([eku]), False)
    if san is not None:
        builder = builder.add_extension(x509.SubjectAlternativeName([san]), False)
    return Made(builder.sign(signer, hashes.SHA256()), key)


class TlsServer:
    """A server on 127.0.0.1 that speaks one TLS and lets in who has a certificate of the CA.

    Attributes:
        version: the TLS it speaks.
        seen: (TLS, the certificate's e-mail, the message) of each request.
        wire: all that came from clients, as a listener sees it.
    """

    def __init__(self, folder: Path, version: ssl.TLSVersion) -> None:
        self.version = version
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.minimum_version = self._context.maximum_version = version
        self._context.load_cert_chain(folder / "server.pem", folder / "server.key")
        self._context.load_verify_locations(folder / "ca.pem")
        self._context.verify_mode = ssl.CERT_REQUIRED
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.url = f"https://127.0.0.1:{self.port}"
        self.seen: "list[tuple[str | None, str, bytes]]" = []
        self.wire = b""
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        with socket.create_connection(("127.0.0.1", self.port)) as wake:
            wake.sendall(b"stop")
        self._thread.join(30)
        self._socket.close()

    def _serve(self) -> None:
        while True:
            connection, _ = self._socket.accept()
            connection.settimeout(30)
            with connection:
                if connection.recv(4, socket.MSG_PEEK) == b"stop":
                    return
                self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        # the bytes pass through memory, so that they are seen as they are on the wire
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = self._context.wrap_bio(incoming, outgoing, server_side=True)
        message = b""
        shaken = False
        while not (shaken and b"\r\n\r\n" in message):
            try:
                if not shaken:
                    tls.do_handshake()
                    shaken = True
                piece = tls.read(65536)
                if not piece:
                    return
                message += piece
            except ssl.SSLWantReadError:
                connection.sendall(outgoing.read())
                raw = connection.recv(65536)
                self.wire += raw
                if not raw:
                    return
                incoming.write(raw)
            except ssl.SSLError:
                connection.sendall(outgoing.read())
                return
        peer = tls.getpeercert()
        assert peer is not None
        names = dict(peer.get("subjectAltName", ()))  # type: ignore[arg-type]
        self.seen.append((tls.version(), names.get("email", ""), message))
        tls.write(ANSWER)
        connection.sendall(outgoing.read())


@pytest.fixture(scope="module")
def issued(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a CA, a server's certificate, and those of a client in every form that curl reads."""
    folder = tmp_path_factory.mktemp("issued")
    ca = certify("Clients", None)
    san = x509.RFC822Name(MAIL)
    alice = certify("carol", ca, san)
    made = {
        "server": certify("server", ca, x509.IPAddress(ip_address("127.0.0.1")), ExtendedKeyUsageOID.SERVER_AUTH),
        "alice": alice,
        "old": certify("carol", ca, san, days=(-9, -2)),
        "early": certify("carol", ca, san, days=(2, 9)),
        "wrong": certify("carol", ca, san, ExtendedKeyUsageOID.SERVER_AUTH),
    }
    for name, one in made.items():
        (folder / f"{name}.pem").write_bytes(one.pem)
        (folder / f"{name}.key").write_bytes(one.key_pem())
    (folder / "ca.pem").write_bytes(ca.pem)
    (folder / "both.pem").write_bytes(alice.key_pem() + alice.pem + ca.pem)
    (folder / "locked.key").write_bytes(alice.key_pem(PASSWORD))
    (folder / "alice.der").write_bytes(alice.certificate.public_bytes(Encoding.DER))
    lock = BestAvailableEncryption(PASSWORD.encode())
    (folder / "alice.p12").write_bytes(
        pkcs12.serialize_key_and_certificates(b"a", alice.key, alice.certificate, [ca.certificate], lock)
    )
    (folder / "p12.conf").write_text(f'cert = "alice.p12:{PASSWORD}"\ncert-type = P12\n')
    (folder / "pass.conf").write_text(f"cert alice.pem\nkey locked.key\npass {PASSWORD}\n")
    (folder / "key.json").write_bytes(KEY)
    for path in folder.iterdir():
        path.chmod(0o600)
    return folder


@pytest.fixture(params=["TLSv1_3"])
def server(request: pytest.FixtureRequest, issued: Path) -> Iterator[TlsServer]:
    made = TlsServer(issued, ssl.TLSVersion[request.param])
    yield made
    made.close()


both = pytest.mark.parametrize("server", ["TLSv1_2", "TLSv1_3"], indirect=True)
old_only = pytest.mark.parametrize("server", ["TLSv1_2"], indirect=True)


@pytest.fixture
def folder(home: Path, issued: Path, require_tool: Tool) -> Path:
    require_tool("curl")
    for path in issued.iterdir():
        (home / path.name).write_bytes(path.read_bytes())
        (home / path.name).chmod(0o600)
    return home


SIGN = ["sign", "curl", "--key", "file:key.json", "--region", "eu-west-1", "--service", "notes"]
CURL = ["--", "curl", "-sS", "--cacert", "ca.pem"]


def run(authkit: Authkit, server: TlsServer, *words: str, stdin: bytes = b"") -> Result:
    return authkit(*SIGN, "--run", *CURL, *words, f"{server.url}/notes?b=2&a=1", stdin=stdin)


def judge(server: TlsServer, version: str) -> None:
    """The server saw one request, and both proofs of it hold."""
    ((spoken, mail, message),) = server.seen
    assert (spoken, mail) == (version, MAIL)
    request = parse_request(message, "https")
    policy = Policy(region="eu-west-1", service="notes", authorities=(f"127.0.0.1:{server.port}",))
    found = verify_request(request, load_keys(KEY), policy, at=datetime.now(timezone.utc))
    assert found.access_key_id == "AKCURL"


@pytest.mark.parametrize(
    "words",
    [
        ["--cert", "alice.pem", "--key", "alice.key"],
        ["-E", "both.pem"],
        ["-E", "alice.der", "--cert-type", "DER", "--key", "alice.key", "--key-type", "PEM"],
        ["-K", "p12.conf"],
        ["-K", "pass.conf"],
        ["-K", "pass.conf", "--tlsv1.3", "--tls-max", "1.3"],
    ],
    ids=" ".join,
)
def test_both_proofs_arrive(words: "list[str]", server: TlsServer, authkit: Authkit, folder: Path) -> None:
    assert run(authkit, server, *words) == (0, b"ok\n", "")
    judge(server, "TLSv1.3")
    assert MAIL.encode() not in server.wire


def test_a_passphrase_on_standard_input(server: TlsServer, authkit: Authkit, folder: Path) -> None:
    config = (folder / "p12.conf").read_bytes()
    assert run(authkit, server, "-K", "-", stdin=config) == (0, b"ok\n", "")
    judge(server, "TLSv1.3")


def test_the_certificate_of_the_configuration(server: TlsServer, authkit: Authkit, folder: Path) -> None:
    (folder / ".curlrc").write_text('cert = "alice.pem"\nkey = alice.key\n')
    assert run(authkit, server) == (0, b"ok\n", "")
    judge(server, "TLSv1.3")


def test_the_printed_command(server: TlsServer, authkit: Authkit, folder: Path, require_tool: Tool) -> None:
    printed = authkit(*SIGN, *CURL, "--cert", "alice.pem", "--key", "alice.key", f"{server.url}/notes")
    assert (printed.code, printed.err) == (0, "")
    assert b" --cert alice.pem --key alice.key --tlsv1.3 -H " in printed.out
    done = subprocess.run([require_tool("sh")], input=printed.out, capture_output=True, cwd=folder, timeout=60)
    assert (done.returncode, done.stdout) == (0, b"ok\n"), done.stderr
    judge(server, "TLSv1.3")


@old_only
def test_a_server_of_yesterday_gets_no_certificate(server: TlsServer, authkit: Authkit, folder: Path) -> None:
    done = run(authkit, server, "--cert", "alice.pem", "--key", "alice.key")
    assert (done.code, done.out, server.seen) == (35, b"", [])
    assert done.err.startswith("curl: (35) ")
    der = (folder / "alice.der").read_bytes()
    assert server.wire != b""
    assert MAIL.encode() not in server.wire
    assert der[-32:] not in server.wire


@both
@pytest.mark.parametrize("words", [["--tlsv1.2"], ["--tlsv1"], ["--tls-max", "1.2"]], ids=" ".join)
def test_who_allows_an_older_tls_is_warned(
    words: "list[str]", server: TlsServer, authkit: Authkit, folder: Path
) -> None:
    done = run(authkit, server, "--cert", "alice.pem", "--key", "alice.key", *words)
    start = f"authkit: warning: curl's {words[0]} {CLEAR}: "
    first, *rest = done.err.splitlines()
    assert first.startswith(start), first
    assert MAIL in first
    modern = server.version == ssl.TLSVersion.TLSv1_3
    if words[0] == "--tls-max" and modern:
        assert (done.code, done.out, len(rest), server.seen) == (35, b"", 1, [])
        assert MAIL.encode() not in server.wire
        return
    assert (done.code, done.out, rest) == (0, b"ok\n", [])
    judge(server, "TLSv1.3" if modern else "TLSv1.2")
    # what the warning says is so
    assert (MAIL.encode() in server.wire) == (not modern)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("old", f"expired at {NOW - timedelta(2):%Y-%m-%dT%H:%M:%SZ}"),
        ("early", f"is not valid before {NOW + timedelta(2):%Y-%m-%dT%H:%M:%SZ}"),
        ("wrong", "is not for clients: it is for serverAuth"),
    ],
    ids=["old", "early", "wrong"],
)
def test_what_the_server_refuses_was_said_before(
    name: str, said: str, server: TlsServer, authkit: Authkit, folder: Path
) -> None:
    done = run(authkit, server, "--cert", f"{name}.pem", "--key", f"{name}.key")
    warning, error, *rest = done.err.splitlines()
    assert warning == f"authkit: warning: the certificate {name}.pem {said}"
    assert error.startswith("curl: (56) ")
    assert (done.code, done.out, rest, server.seen) == (56, b"", [], [])


def test_without_a_certificate_the_signature_is_not_enough(server: TlsServer, authkit: Authkit, folder: Path) -> None:
    done = run(authkit, server)
    assert (done.code, done.out, server.seen) == (56, b"", [])


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["-E", f"alice.p12:{PASSWORD}", "--cert-type", "P12"], 5,
         "curl's -E gives what opens a private key on the command line, for all to see"),
        (["-E", "absent.pem"], 3, "no such file: absent.pem"),
        (["-E", "alice.p12"], 3, "alice.p12 holds no certificate in the form PEM, in which curl would read it"),
    ],
)  # fmt: skip
def test_what_is_not_sent_at_all(
    words: "list[str]", code: int, said: str, server: TlsServer, authkit: Authkit, folder: Path
) -> None:
    done = run(authkit, server, *words)
    assert (done.code, done.out) == (code, b"")
    assert done.err.startswith(f"authkit: error: {said}\n")
    assert PASSWORD not in done.err
    assert server.wire == b""


def test_no_passphrase_on_any_argument_list(
    server: TlsServer, folder: Path, authkit: Authkit, require_tool: Tool
) -> None:
    words = [require_tool("strace"), "-f", "-qq", "-v", "-s", "100000", "-e", "trace=execve", "-o", "trace"]
    python = ["/usr/bin/env", f"PYTHONPATH={PROJECT / 'cli'}", sys.executable, "-m", "authkit"]
    line = [*words, *python, *SIGN, "--run", *CURL, "-K", "p12.conf", f"{server.url}/notes"]
    done = subprocess.run(line, capture_output=True, cwd=folder, env=os.environ | {"HOME": str(folder)}, timeout=60)
    assert (done.returncode, done.stdout) == (0, b"ok\n"), done.stderr
    started = (folder / "trace").read_text()
    assert '"-q", "-K", "/dev/fd/' in started
    assert PASSWORD not in started
    assert "alice.p12" not in started
