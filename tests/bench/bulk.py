"""What does bulk cost: a large body, a year of subkeys, many requests to verify?"""

import base64
import json
import os
import shutil
import sys
from datetime import datetime, timezone
from pathlib import Path

from pairs import Process, Row, ratio, rounds_of

import authkit
from authkit.messages.payload import hash_bytes
from authkit.secret import Secret

HERE = Path(__file__).resolve().parent
AUTHKIT = str(Path(sys.executable).parent / "authkit")
ID, SECRET = "AKEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
GIB = 1 << 30
REGIONS = [f"region-{number}" for number in range(10)]
SERVICES = [f"service-{number}" for number in range(100)]
REQUESTS = 40_000


def environment_of(folder: Path) -> dict[str, str]:
    own = {"AUTHKIT_ACCESS_KEY_ID": ID, "AUTHKIT_SECRET_ACCESS_KEY": SECRET, "SECRET": SECRET}
    return {"PATH": os.environ["PATH"], "HOME": str(folder), "LC_ALL": "C.UTF-8"} | own


def body_rows(folder: Path) -> list[Row]:
    """1 GiB that is signed, against openssl dgst -sha256."""
    openssl = shutil.which("openssl")
    if openssl is None:
        raise SystemExit("bench: openssl is missing; install it with: apt install openssl")
    environment = environment_of(folder)
    small, large = folder / "small", folder / "large"
    small.write_bytes(b"small")
    with large.open("wb") as file:
        for _ in range(GIB >> 20):
            file.write(os.urandom(1 << 10) * (1 << 10))
    words = {}
    for body in (small, large):
        request = folder / f"{body.name}.http"
        request.write_text(
            f"PUT /bucket/key HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {body.stat().st_size}\r\n\r\n"
        )
        words[body] = [AUTHKIT, "sign", "http", "--key", "env:", "--region", "us-east-1", "--service", "s3"]
        words[body] += ["--body", str(body), "--json", str(request)]
    processes = {
        "openssl": Process([openssl, "dgst", "-sha256", str(large)], environment),
        "small": Process(words[small], environment),
        "large": Process(words[large], environment),
    }
    found = rounds_of(processes, 9)
    grown = processes["large"].peak_mib() - processes["small"].peak_mib()
    large.unlink()
    return [
        Row("1 GiB body, sign http / openssl dgst -sha256", 1.05, 0.95, ratio(found, "large", "openssl")),
        Row("1 GiB body, memory over that of a small one", 8, 8, grown, unit="MiB"),
    ]


def subkey_rows(folder: Path) -> list[Row]:
    """A year of 10 regions and 100 services, against the loop of four HMACs."""
    environment = environment_of(folder)
    day = f"{datetime.now(timezone.utc):%Y-%m-%d}"
    derive = [AUTHKIT, "derive-subkey", "--key", "env:", "--date", day, "--days", "365", "--long", "--force"]
    derive += [word for name in REGIONS for word in ("--region", name)]
    derive += [word for name in SERVICES for word in ("--service", name)]
    naive = [sys.executable, str(HERE / "naive.py"), day, "365", ",".join(REGIONS), ",".join(SERVICES)]
    processes = {
        "naive": Process(naive, environment, sink="pipe"),
        "hex": Process([*derive, "--format", "hex"], environment, sink="pipe"),
        "file": Process([*derive, "-o", str(folder / "year.subkeys")], environment),
    }
    found = rounds_of(processes, 5)
    return [
        Row("365,000 subkeys, --format hex to a pipe / four-HMAC loop", 0.40, 0.26, ratio(found, "hex", "naive")),
        Row("365,000 subkeys, as a file / four-HMAC loop", 0.80, 0.60, ratio(found, "file", "naive")),
    ]


def batch_lines(count: int) -> bytes:
    """Return *count* signed requests as NDJSON."""
    at = datetime.now(timezone.utc).replace(microsecond=0)
    keys = [authkit.derive_subkey([authkit.AccessKey(ID, Secret(SECRET.encode()))], at.date(), "us-east-1", "notes")]
    lines = []
    for number in range(count):
        body = f"note {number}".encode()
        headers = (("Host", "api.example.com"), ("Content-Type", "text/plain"), ("Content-Length", str(len(body))))
        request = authkit.Request("POST", f"/notes/{number}?a=1", headers, hash_bytes(body), len(body))
        signed = authkit.sign_request(request, keys, at=at).request
        one = {"id": str(number), "method": signed.method, "target": signed.target, "headers": signed.headers}
        lines.append(json.dumps(one | {"body_b64": base64.b64encode(body).decode()}))
    return "\n".join(lines).encode() + b"\n"


def batch_rows(folder: Path) -> list[Row]:
    """Many requests to verify, on one processor and on all, and the memory that twice as many take."""
    environment = environment_of(folder)
    cpus = sorted(os.sched_getaffinity(0))
    half, whole = folder / "half.ndjson", folder / "whole.ndjson"
    half.write_bytes(batch_lines(REQUESTS // 2))
    whole.write_bytes(batch_lines(REQUESTS))
    words = [
        AUTHKIT,
        "verify-signature",
        "--batch",
        "--key",
        "env:",
        "--region",
        "us-east-1",
        "--service",
        "notes",
        "-",
    ]
    processes = {
        "all": Process(words, environment, stdin=str(whole), sink="pipe"),
        "one": Process(words, environment, stdin=str(whole), sink="pipe", cpus={cpus[0]}),
        "half": Process(words, environment, stdin=str(half), sink="pipe"),
    }
    found = rounds_of(processes, 5)
    speed = ratio(found, "one", "all") / len(cpus)
    grown = processes["all"].peak_mib() - processes["half"].peak_mib()
    return [
        Row(f"verify-signature --batch, {len(cpus)} processors / {len(cpus)} x one", 0.80, 0.95, speed, least=True),
        Row("verify-signature --batch, memory that twice as many take", 8, 1, grown, unit="MiB"),
    ]


def unsigned_lines(count: int) -> bytes:
    """Return *count* requests as NDJSON."""
    lines = []
    for number in range(count):
        one = {"id": str(number), "method": "POST", "target": f"/notes/{number}?a=1"}
        headers = [["Host", "api.example.com"], ["Content-Type", "text/plain"]]
        lines.append(json.dumps(one | {"headers": headers, "body_b64": "aGVsbG8="}))
    return "\n".join(lines).encode() + b"\n"


def signing_rows(folder: Path) -> list[Row]:
    """Many requests to sign, on one processor and on all, and the memory that twice as many take."""
    environment = environment_of(folder)
    cpus = sorted(os.sched_getaffinity(0))
    half, whole = folder / "half.unsigned", folder / "whole.unsigned"
    half.write_bytes(unsigned_lines(REQUESTS // 2))
    whole.write_bytes(unsigned_lines(REQUESTS))
    words = [AUTHKIT, "sign", "batch", "--key", "env:", "--region", "us-east-1", "--service", "notes", "-"]
    processes = {
        "all": Process(words, environment, stdin=str(whole), sink="pipe"),
        "one": Process(words, environment, stdin=str(whole), sink="pipe", cpus={cpus[0]}),
        "half": Process(words, environment, stdin=str(half), sink="pipe"),
    }
    found = rounds_of(processes, 5)
    speed = ratio(found, "one", "all") / len(cpus)
    grown = processes["all"].peak_mib() - processes["half"].peak_mib()
    return [
        Row(f"sign batch, {len(cpus)} processors / {len(cpus)} x one", 0.80, 0.95, speed, least=True),
        Row("sign batch, memory that twice as many take", 8, 1, grown, unit="MiB"),
    ]


def rows(folder: Path) -> list[Row]:
    """Measure; *folder* is a throwaway one with room for 1 GiB."""
    return body_rows(folder) + subkey_rows(folder) + batch_rows(folder) + signing_rows(folder)
