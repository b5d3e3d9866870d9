"""A small API that knows no secret: it holds the subkeys of its own region and service, nothing else.

Usage: server.py SUBKEY-FILE.  Listens on a free port of 127.0.0.1, prints the port, and answers each request with
200, 403 or 400 and what verification said.
"""

import json
import socketserver
import sys
from datetime import datetime, timezone
from pathlib import Path

import authkit

LIMIT = 1 << 20


class Handler(socketserver.StreamRequestHandler):
    """One connection, one request: the bytes as they came go to the strict reader."""

    timeout = 10

    def handle(self) -> None:
        server = self.server
        raw = self.read_request()
        try:
            request = authkit.parse_request(raw, scheme="http")
            verified = authkit.verify_request(request, server.keys, server.policy, at=datetime.now(timezone.utc))
            status, answer = "200 OK", {"accepted": verified.access_key_id, "scope": str(verified.scope)}
        except authkit.Rejected as rejected:
            status, answer = "403 Forbidden", {"refused": rejected.reason, "because": rejected.message}
        except authkit.InputError as error:
            status, answer = "400 Bad Request", {"refused": "input", "because": error.message}
        body = json.dumps(answer).encode() + b"\n"
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        self.wfile.write(head.encode() + body)

    def read_request(self) -> bytes:
        """Read the head up to its empty line, then as many octets of body as it declares."""
        raw, length = b"", 0
        while not raw.endswith(b"\r\n\r\n") and len(raw) < LIMIT:
            line = self.rfile.readline(LIMIT)
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length" and value.strip().isdigit():
                length = min(int(value), LIMIT)
            if not line:
                return raw
            raw += line
        return raw + self.rfile.read(length)


class Server(socketserver.TCPServer):
    """What each request is judged by: the keys, and a policy that takes nothing from the request."""

    def __init__(self, keys: "list[authkit.Subkey]") -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.keys = keys
        self.policy = authkit.Policy(authorities=(f"127.0.0.1:{self.server_address[1]}",))


def main() -> None:
    with Server(authkit.load_keys(Path(sys.argv[1]).read_bytes())) as server:
        print(server.server_address[1], flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
