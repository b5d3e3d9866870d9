"""How is a real nginx that demands client certificates started and stopped on loopback?"""

import os
import pwd
import re
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from interop.office import World
from interop.swift import free_ports

MAIN = """
daemon off;
{user}
pid {root}/pid;
error_log {root}/error.log info;
worker_processes 1;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {root}/body;
    proxy_temp_path {root}/proxy;
    fastcgi_temp_path {root}/fastcgi;
    uwsgi_temp_path {root}/uwsgi;
    scgi_temp_path {root}/scgi;
    default_type text/plain;
    ssl_certificate {certificate};
    ssl_certificate_key {key};
    ssl_protocols TLSv1.3;
    ssl_session_tickets off;
    ssl_verify_client on;
    ssl_verify_depth 3;
    ssl_client_certificate {authorities};
    ssl_crl {crls};
    error_page 495 496 = @refused;
{servers}
}}
"""

SERVER = """
    server {{
        listen 127.0.0.1:{port} ssl;
        location @refused {{ return 403 "$ssl_client_verify"; }}
        location / {{ {location} }}
    }}
"""

# What the application behind it would learn of the client.
ANSWER = 'return 200 "$ssl_protocol $ssl_client_verify $ssl_client_fingerprint\\n$ssl_client_s_dn\\n";'


class Nginx:
    """One nginx with TLS 1.3 alone, which answers 403 and OpenSSL's reason to a client whose certificate it refuses.

    Args:
        root: an empty folder.
        certificate, key: the server's own, PEM files.
        authorities: PEM of the CAs whose clients it lets in.
        crls: PEM of the CRLs of every CA on their paths.
        locations: what a server does with a request; one server, with a port of its own, for each.
    """

    def __init__(
        self, root: Path, *, certificate: Path, key: Path, authorities: bytes, crls: bytes, locations: Sequence[str]
    ) -> None:
        self.root = root
        self.ports = free_ports(len(locations))
        (root / "authorities.pem").write_bytes(authorities)
        (root / "crls.pem").write_bytes(crls)
        servers = [SERVER.format(port=port, location=text) for port, text in zip(self.ports, locations, strict=True)]
        user = f"user {pwd.getpwuid(os.geteuid()).pw_name};" if os.geteuid() == 0 else ""
        text = MAIN.format(
            root=root,
            user=user,
            certificate=certificate,
            key=key,
            authorities=root / "authorities.pem",
            crls=root / "crls.pem",
            servers="".join(servers),
        )
        (root / "nginx.conf").write_text(text)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        return (self.root / "error.log").read_text()

    def refusals(self, before: int) -> "set[int]":
        """Return OpenSSL's numbers (X509_V_ERR_…) of what it refused since its log was *before* characters long."""
        found = re.findall(r"client SSL certificate verify error: \((\d+):", self.log[before:])
        return {int(number) for number in found}

    def start(self, program: str) -> None:
        """Start it, and return once it listens."""
        words = [program, "-p", self.root, "-c", self.root / "nginx.conf", "-e", self.root / "error.log"]
        with open(self.root / "start.log", "wb") as log:
            self._process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        deadline = time.monotonic() + 30
        while not all(listens(port) for port in self.ports):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"nginx did not start:\n{(self.root / 'start.log').read_text()}{self.log}")
            time.sleep(0.02)

    def stop(self) -> None:
        """End the process that `start` started; it ends its worker."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)


def before(world: World, name: str, *locations: str, crls: "bytes | None" = None) -> Nginx:
    """Return an nginx that stands before what *locations* say and lets in the clients of *world*.

    Args:
        name: of its folder.
        crls: the revocation lists that it has, PEM; those as of now unless given.
    """
    folder = world.folder / name
    folder.mkdir()
    return Nginx(
        folder,
        certificate=world.server.chain,
        key=world.server.key,
        authorities=world.authorities,
        crls=world.crls if crls is None else crls,
        locations=locations,
    )


def listens(port: int) -> bool:
    """Return whether something accepts connections on *port* of loopback."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except ConnectionRefusedError:
        return False
    return True


@contextmanager
def running(server: Nginx, program: str) -> Iterator[Nginx]:
    try:
        server.start(program)
        yield server
    finally:
        server.stop()
