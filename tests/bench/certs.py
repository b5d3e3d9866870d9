"""What do certificates cost: to show one, to show ten thousand, to issue a thousand?"""

import json
import os
import shutil
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pairs import Process, Row, ratio, rounds_of

AUTHKIT = str(Path(sys.executable).parent / "authkit")
MANY, ISSUED, PEER_RUNS = 10_000, 1_000, 25


def rows(folder: Path) -> list[Row]:
    """Measure; *folder* is a throwaway one."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "LC_ALL": "C.UTF-8"}
    key, ca = authority()
    bundle, one = folder / "bundle.pem", folder / "one.pem"
    leaves = [leaf(number, key, ca) for number in range(MANY)]
    one.write_text(leaves[0])
    bundle.write_text("".join(leaves))
    found = [show_one(one, environment)]
    found += [show_many(bundle, environment)] if tool("certtool", "gnutls-bin") else []
    found += [issue_many(environment)] if tool("cfssl", "golang-cfssl") else []
    return found


def tool(name: str, package: str) -> bool:
    """Say whether a peer is there, and what to install where it is not."""
    if shutil.which(name) is None:
        print(f"{name} is missing, so it is not compared with; install it with: apt install {package}")
        return False
    return True


def show_one(one: Path, environment: dict[str, str]) -> Row:
    bare = Process([sys.executable, "-c", "pass"], environment)
    ours = Process([AUTHKIT, "inspect-cert", str(one)], environment, sink="pipe")
    found = rounds_of({"ours": ours, "base": bare}, 30)
    return Row("inspect-cert, one certificate, to a pipe / python -c pass", 9.0, 7.0, ratio(found, "ours", "base"))


def show_many(bundle: Path, environment: dict[str, str]) -> Row:
    ours = Process([AUTHKIT, "inspect-cert", "--json", str(bundle)], environment)
    peer = Process([shutil.which("certtool") or "", "-i", "--infile", str(bundle)], environment)
    found = rounds_of({"ours": ours, "certtool": peer}, 5)
    return Row("10,000 certificates, --json / certtool -i", 1.0, 0.6, ratio(found, "ours", "certtool"))


def issue_many(environment: dict[str, str]) -> Row:
    """Compare on a file system in memory, since fsync is not counted."""
    memory = Path("/dev/shm") if os.access("/dev/shm", os.W_OK) else Path(environment["HOME"])
    work = memory / f"authkit-bench-{os.getpid()}"
    work.mkdir(mode=0o700)
    try:
        ours, peer = work / "ours.sh", work / "peer.sh"
        prepare(work, environment)
        table = "name,email\n" + "".join([f"c{n},c{n}@example.com\n" for n in range(ISSUED)])
        (work / "table.csv").write_text(table)
        issue = f"{AUTHKIT} issue-cert --ca bench --from-csv table.csv --out out --store copy"
        ours.write_text(f"cd {work} && cp -rp store copy && {issue} && rm -r out copy\n")
        once = "cfssl gencert -ca ca.pem -ca-key ca.key -config config.json -profile client csr.json"
        peer.write_text(f"cd {work} && for n in $(seq {PEER_RUNS}); do {once} >/dev/null 2>&1 || exit 1; done\n")
        environment = {**environment, "AUTHKIT_PASSPHRASE_FILE": str(work / "passphrase")}
        run = {script.stem: Process(["/bin/sh", str(script)], environment) for script in (ours, peer)}
        measured = ratio(rounds_of(run, 5), "ours", "peer") * PEER_RUNS / ISSUED
        return Row("1,000 client certificates in one call / 1,000 x cfssl gencert", 0.15, 0.08, measured)
    finally:
        shutil.rmtree(work)


def prepare(work: Path, environment: dict[str, str]) -> None:
    """Make a CA for each of the two, P-256 both; the store opens at once, since scrypt is not what is compared."""
    sys.path.append(str(Path(__file__).resolve().parents[1]))
    from agefile import PASSPHRASE, make_store

    make_store(work / "store", PASSPHRASE)
    (work / "passphrase").write_bytes(PASSPHRASE)
    (work / "passphrase").chmod(0o600)
    environment = {**environment, "AUTHKIT_PASSPHRASE_FILE": str(work / "passphrase")}
    make = [AUTHKIT, "create-ca", "bench", "--no-passphrase", "--store", str(work / "store")]
    subprocess.run(make, env=environment, check=True, capture_output=True)
    key, ca = authority()
    pkcs8 = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (work / "ca.key").write_bytes(key.private_bytes(*pkcs8))
    (work / "ca.pem").write_bytes(ca.public_bytes(serialization.Encoding.PEM))
    profile = {"usages": ["digital signature", "client auth"], "expiry": "168h"}
    config = {"signing": {"default": profile, "profiles": {"client": profile}}}
    (work / "config.json").write_text(json.dumps(config))
    csr = {"CN": "c1", "hosts": ["c1@example.com"], "key": {"algo": "ecdsa", "size": 256}}
    (work / "csr.json").write_text(json.dumps(csr))


def authority() -> "tuple[ec.EllipticCurvePrivateKey, x509.Certificate]":
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(timezone.utc)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "bench CA")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=365))
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    return key, builder.sign(key, hashes.SHA256())


def leaf(number: int, key: ec.EllipticCurvePrivateKey, ca: x509.Certificate) -> str:
    """Return a client certificate with the extensions that one has; the key is the same for all."""
    ski = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, f"client {number}")])
    start, end = ca.not_valid_before_utc, ca.not_valid_after_utc
    builder = x509.CertificateBuilder(ca.subject, name, key.public_key(), x509.random_serial_number(), start, end)
    for extension, critical in (
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (x509.KeyUsage(True, False, False, False, False, False, False, False, False), True),
        (x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.CLIENT_AUTH]), False),
        (x509.SubjectAlternativeName([x509.RFC822Name(f"client{number}@example.com")]), False),
        (ski, False),
        (x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(ski), False),
    ):
        builder = builder.add_extension(extension, critical)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode("ascii")
