"""What does one run of a hot command cost, against a bare interpreter and against awscurl?"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pairs import Process, Row, ratio, rounds_of

HERE = Path(__file__).resolve().parent
AWSCURL = HERE.parents[1] / ".bench" / "awscurl" / "bin" / "awscurl"
AUTHKIT = str(Path(sys.executable).parent / "authkit")
REQUEST = b"GET /bucket/key?b=2&a=1 HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\n\r\n"
KEY = {"ACCESS_KEY_ID": "AKEXAMPLE", "SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}
SCOPE = ["--region", "us-east-1", "--service", "s3"]
SERVER = """
import socketserver
class Handler(socketserver.BaseRequestHandler):
    def handle(self):
        self.request.recv(65536)
        self.request.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\nConnection: close\\r\\n\\r\\nok")
with socketserver.TCPServer(("127.0.0.1", 0), Handler) as server:
    print(server.server_address[1], flush=True)
    server.serve_forever()
"""


@contextmanager
def loopback() -> Iterator[str]:
    """Give the URL of a server that says yes to everything."""
    with subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield f"http://127.0.0.1:{server.stdout.readline().strip()}/bucket/key"
        finally:
            server.terminate()


def environment_of(folder: Path) -> dict[str, str]:
    own = {f"{whose}_{name}": value for whose in ("AUTHKIT", "AWS") for name, value in KEY.items()}
    return {"PATH": os.environ["PATH"], "HOME": str(folder), "LC_ALL": "C.UTF-8"} | own


def rows(folder: Path) -> list[Row]:
    """Measure; *folder* is a throwaway one."""
    environment = environment_of(folder)
    request, signed = folder / "request.http", folder / "signed.http"
    request.write_bytes(REQUEST)
    signing = [AUTHKIT, "sign", "http", "--key", "env:", *SCOPE, str(request)]
    signed.write_bytes(subprocess.run(signing, env=environment, stdout=subprocess.PIPE, check=True).stdout)
    subkey = ["derive-subkey", "--key", "env:", "--scope", "us-east-1/s3", "-o", str(folder / "today.subkeys")]
    subprocess.run([AUTHKIT, *subkey], env=environment, check=True)
    held = f"file:{folder / 'today.subkeys'}"
    url = "https://127.0.0.1/bucket/key"
    hot = {
        "sign curl": ["sign", "curl", "--key", "env:", *SCOPE, "--", "curl", "-q", url],
        "sign http": signing[1:],
        "sign url": ["sign", "url", "--key", "env:", *SCOPE, url],
        "verify-signature": ["verify-signature", "--key", "env:", *SCOPE, str(signed)],
        "sign curl, subkey file": ["sign", "curl", "--key", held, "--", "curl", "-q", url],
        "verify-signature, subkey file": ["verify-signature", "--key", held, str(signed)],
    }
    front = {"--help": ["--help"], "--version": ["--version"]}
    processes = {"base": Process([sys.executable, "-c", "pass"], environment)}
    processes |= {name: Process([AUTHKIT, *words], environment) for name, words in (hot | front).items()}
    with loopback() as served:
        if AWSCURL.exists():
            words = [str(AWSCURL), "--service", "s3", "--region", "us-east-1", served]
            processes["awscurl"] = Process(words, environment)
        found = rounds_of(processes, 40)
    table = [Row(f"{name} / python -c pass", 4.0, 3.0, ratio(found, name, "base")) for name in hot]
    table += [Row(f"{name} / python -c pass", 3.0, 2.0, ratio(found, name, "base")) for name in front]
    if "awscurl" in processes:
        table += [Row(f"{name} / awscurl", 0.20, 0.15, ratio(found, name, "awscurl")) for name in hot]
    return table
