"""What does it cost to sign and to verify 1 GiB chunk by chunk, next to hashing it?"""

import os
import shutil
import subprocess
from pathlib import Path

from bulk import AUTHKIT, GIB, environment_of
from pairs import Process, Row, ratio, rounds_of

SCOPE = ["--key", "env:", "--region", "us-east-1", "--service", "s3"]


def rows(folder: Path) -> list[Row]:
    """Measure; *folder* is a throwaway one with room for 2 GiB."""
    openssl = shutil.which("openssl")
    if openssl is None:
        raise SystemExit("bench: openssl is missing; install it with: apt install openssl")
    environment = environment_of(folder)
    draft, small, large = folder / "draft.http", folder / "small", folder / "large"
    draft.write_text("PUT /bucket/key HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    small.write_bytes(b"small")
    with large.open("wb") as file:
        for _ in range(GIB >> 20):
            file.write(os.urandom(1 << 10) * (1 << 10))
    sign = [AUTHKIT, "sign", "http", *SCOPE, "--payload", "streaming", str(draft), "--body"]
    for body in (small, large):
        with open(f"{body}.signed", "wb") as out:
            words = [*sign, str(body)]
            subprocess.run(words, env=environment, stdout=out, stderr=subprocess.DEVNULL, check=True)
    verify = [AUTHKIT, "verify-signature", *SCOPE]
    processes = {
        "openssl": Process([openssl, "dgst", "-sha256", str(large)], environment),
        "sign": Process([*sign, str(large)], environment),
        "sign small": Process([*sign, str(small)], environment),
        "verify": Process([*verify, f"{large}.signed"], environment),
        "verify small": Process([*verify, f"{small}.signed"], environment),
    }
    found = rounds_of(processes, 9)
    grown = {one: processes[one].peak_mib() - processes[f"{one} small"].peak_mib() for one in ("sign", "verify")}
    for path in (large, Path(f"{large}.signed")):
        path.unlink()
    return [
        Row("1 GiB signed in chunks / openssl dgst -sha256", 1.05, 0.95, ratio(found, "sign", "openssl")),
        Row("1 GiB signed in chunks, memory over that of a small one", 8, 1, grown["sign"], unit="MiB"),
        Row("1 GiB verified in chunks / openssl dgst -sha256", 1.15, 1.05, ratio(found, "verify", "openssl")),
        Row("1 GiB verified in chunks, memory over that of a small one", 8, 1, grown["verify"], unit="MiB"),
    ]
