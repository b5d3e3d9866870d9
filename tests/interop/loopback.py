"""What bytes does a client put on the wire?"""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 4\r\nConnection: close\r\n\r\n<a/>"


class Loopback:
    """A server on 127.0.0.1 that keeps each message as it came and answers 200 to all of them."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.messages: list[bytes] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        # Closing a socket that another thread accepts on does not wake it; a connection does.
        with socket.create_connection(("127.0.0.1", self.port)) as wake:
            wake.sendall(b"stop")
        self._thread.join(30)
        self._socket.close()

    def take(self) -> bytes:
        """Return the one message that came since the last call."""
        (message,) = self.messages
        self.messages.clear()
        return message

    def _serve(self) -> None:
        while True:
            connection, _ = self._socket.accept()
            with connection:
                connection.settimeout(30)
                data = connection.recv(65536)
                if data == b"stop":
                    return
                self._answer(connection, data)

    def _answer(self, connection: socket.socket, data: bytes) -> None:
        while b"\r\n\r\n" not in data:
            data += connection.recv(65536)
        head, _, body = data.partition(b"\r\n\r\n")
        lines = [line.partition(b":") for line in head.split(b"\r\n")]
        fields = {name.lower(): value.strip() for name, _, value in lines}
        if fields.get(b"expect") == b"100-continue" and not body:
            connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        while len(body) < int(fields.get(b"content-length", 0)):
            body += connection.recv(65536)
        self.messages.append(head + b"\r\n\r\n" + body)
        connection.sendall(ANSWER)


@contextmanager
def serving() -> Iterator[Loopback]:
    server = Loopback()
    try:
        yield server
    finally:
        server.close()
