"""A requester's store, and an issuer of a few lines that answers its requests, made without the code under test."""

import atexit
import base64
import functools
import hashlib
import hmac
import json
import shlex
import shutil
import tempfile
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from agefile import IDENTITY, PASSPHRASE, RECIPIENT, make_store
from authkit import seal
from authkit.ceremony import peers
from authkit.ceremony.ask import Asker, ask
from authkit.ceremony.places import Places
from authkit.clock import parse_instant
from authkit.files import write_secret
from authkit.keys.prove import load_private
from authkit.keys.request import Wanted
from authkit.keys.sshsig import fingerprint_of, public_line
from authkit.schemes.derived import AWS4
from authkit.secret import Secret
from authkit.stores.folder import FolderStore
from commandline import Done, Terminal, run_here

AT = "2026-11-23T09:00:00Z"
ID, SECRET = "AKIDEXAMPLE", b"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
ASK = f"request-subkey build --access-key-id {ID} --scope us-east-1/s3 --days 7"
NAMESPACE = "authkit-subkeys-v1"
BEGIN = b"-----BEGIN SSH SIGNATURE-----\n"
HASH = "ab" * 32


def _field(*parts: bytes) -> bytes:
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


class Signer:
    """An Ed25519 key, the same one for the same word; of no use outside these tests."""

    def __init__(self, word: str) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(word.encode()).digest())
        self._public = _field(b"ssh-ed25519", self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))
        self.line = f"ssh-ed25519 {base64.b64encode(self._public).decode()}"
        digest = base64.b64encode(hashlib.sha256(self._public).digest()).decode()
        self.fingerprint = f"SHA256:{digest.rstrip('=')}"

    def sign(self, text: bytes, namespace: str = NAMESPACE) -> bytes:
        """Return *text* with its SSHSIG behind it (PROTOCOL.sshsig)."""
        head = _field(namespace.encode(), b"", b"sha512")
        signature = self._key.sign(b"SSHSIG" + head + _field(hashlib.sha512(text).digest()))
        blob = b"SSHSIG\0\0\0\1" + _field(self._public) + head + _field(_field(b"ssh-ed25519", signature))
        lines = base64.b64encode(blob)
        armor = b"".join(lines[start : start + 70] + b"\n" for start in range(0, len(lines), 70))
        return text + BEGIN + armor + b"-----END SSH SIGNATURE-----\n"


def entry(scope: str, access_key_id: str = ID, scheme: str = "AWS4-HMAC-SHA256", secret: bytes = SECRET) -> Any:
    """Return the subkey of a scope (F1, F2)."""
    key = b"AWS4" + secret
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    check = hmac.digest(key, f"authkit-check-v1\n{scheme}\n{access_key_id}\n{scope}".encode(), "sha256")[:4].hex()
    return {"scope": scope, "key": base64.b64encode(key).decode(), "check": check}


def members(request: bytes) -> dict[str, Any]:
    """Return what a request says: name -> value, and "scopes"."""
    lines = [line.split(": ", 1) for line in request.partition(BEGIN)[0].decode().splitlines()[1:]]
    return {**dict(lines), "scopes": [value for name, value in lines if name == "scope"]}


class Answer:
    """A response: its signed text, and that sealed."""

    def __init__(self, plain: bytes, recipient: str) -> None:
        self.plain = plain
        self.sealed = seal.encrypt_to(recipient, plain).encode()
        self.sha256 = hashlib.sha256(plain.partition(BEGIN)[0]).hexdigest()


class Issuer:
    """The other side of the air gap: it approves everything, and keeps count.

    Attributes:
        sequence, previous, lines: of the last response.
    """

    def __init__(self, word: str = "vault", secret: bytes = SECRET) -> None:
        self.signer, self._secret = Signer(word), secret
        self.sequence, self.previous, self.lines = 0, "none", 40

    def text(self, request: bytes, /, **changes: Any) -> dict[str, Any]:
        """Return the members of the next response, *changes* made; days is "20261123-20261129"."""
        said = members(request)
        days = changes.pop("days", said["days"])
        scopes = changes.pop("scopes", said["scopes"])
        subkeys = [
            entry(
                "/".join([day, *([scope] if scope != "-" else []), *changes.get("end", ["aws4_request"])]),
                secret=self._secret,
            )
            for day in _days(days)
            for scope in scopes
        ]
        changes.pop("end", None)
        found = {
            "schema": "authkit.subkeys/v1",
            "scheme": said["scheme"],
            "access_key_id": said["access-key-id"],
            "issued_at": AT,
            "issuer": self.signer.fingerprint,
            "recipient": said["recipient"],
            "sequence": self.sequence + 1,
            "request": hashlib.sha256(request.partition(BEGIN)[0]).hexdigest(),
            "previous": self.previous,
            "ledger": f"{self.lines + 1}:{hashlib.sha256(str(self.lines + 1).encode()).hexdigest()}",
            "subkeys": sorted(subkeys, key=lambda one: str(one["scope"])),
        }
        return {**found, **changes}

    def answer(
        self, request: bytes, /, *, signer: "Signer | None" = None, namespace: str = NAMESPACE, **changes: Any
    ) -> Answer:
        """Return a response; what is not changed is what the request asks for."""
        to = changes.pop("to", None)
        text = self.text(request, **changes)
        plain = (signer or self.signer).sign(json.dumps(text).encode() + b"\n", namespace)
        return Answer(plain, to or members(request)["recipient"])

    def count(self, answer: Answer) -> Answer:
        """Go on to the next response after *answer*, and return it."""
        self.sequence, self.previous, self.lines = self.sequence + 1, answer.sha256, self.lines + 3
        return answer


def _days(span: str) -> list[str]:
    first, last = [date(int(text[:4]), int(text[4:6]), int(text[6:])) for text in span.split("-")]
    return [f"{first + timedelta(days=i):%Y%m%d}" for i in range((last - first).days + 1)]


class Place:
    """A requester's folder: its store knows the issuer "vault", and command lines run in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.issuer = Issuer()

    def run(
        self,
        line: str,
        *,
        at: str = AT,
        stdin: bytes = b"",
        terminal: "Terminal | None" = None,
        environ: Mapping[str, str] = {},
    ) -> Done:
        """Run a command line at an instant; "" for a command without --at."""
        words = [*shlex.split(line), *(["--at", at] if at else [])]
        places = {"AUTHKIT_STORE": str(self.path / "store"), "AUTHKIT_PASSPHRASE_FILE": str(self.path / "pass")}
        return run_here(words, self.path, environ={**places, **environ}, stdin=stdin, terminal=terminal)

    def ok(self, line: str, *, at: str = AT, **more: Any) -> str:
        """Return the standard output of a command line that succeeds."""
        done = self.run(line, at=at, **more)
        assert done.code == 0, done.triple
        return done.stdout.decode()

    def refused(self, line: str, *, at: str = AT, **more: Any) -> str:
        """Return the reason word of a command line that is refused."""
        done = self.run(f"{line} --json", at=at, **more)
        assert (done.code, done.stdout) == (5, b""), done.triple
        return str(json.loads(done.stderr.splitlines()[-1])["error"].get("reason"))

    def ask(self, line: str = ASK, *, at: str = AT) -> bytes:
        """Return a new request."""
        return self.ok(line, at=at).encode()

    def write(self, name: str, data: bytes) -> str:
        (self.path / name).write_bytes(data)
        return name

    def take(self, answer: "Answer | bytes", words: str = "", *, at: str = AT, **more: Any) -> Done:
        """Import a response, or what is left of one."""
        self.write("answer.age", answer if isinstance(answer, bytes) else answer.sealed)
        return self.run(f"import-subkey {words} answer.age", at=at, **more)

    def turned_away(self, answer: "Answer | bytes", words: str = "", *, at: str = AT) -> str:
        """Return the reason word by which a response is refused; nothing of it stays."""
        before = self.files()
        self.write("answer.age", answer if isinstance(answer, bytes) else answer.sealed)
        reason = self.refused(f"import-subkey {words} answer.age", at=at)
        assert self.files() == before
        return reason

    def files(self) -> dict[str, bytes]:
        """Return what is in the store: path -> content; lock files say nothing."""
        found = [path for path in (self.path / "store").rglob("*") if path.is_file() and "lock" not in path.name]
        return {str(path.relative_to(self.path)): path.read_bytes() for path in found}

    def renewed(self, at: str = AT) -> None:
        """Ask for build, and take the answer in."""
        done = self.take(self.issuer.count(self.issuer.answer(self.ask(at=at))), at=at)
        assert done.code == 0, done.triple

    @property
    def ledger(self) -> Path:
        return self.path / "store" / "ceremony" / "ledger.jsonl"

    def lines(self) -> list[dict[str, Any]]:
        """Return the lines of the ledger."""
        return [json.loads(line) for line in self.ledger.read_text().splitlines()]

    def trust(self, name: str, signer: Signer) -> None:
        """Enrol an issuer."""
        path = self.path / "store" / "ceremony" / "issuers" / f"{name}.json"
        row = {"schema": "authkit.issuer/v1", "name": name, "signing_key": signer.line}
        path.write_bytes(json.dumps(row).encode() + b"\n")
        path.chmod(0o600)


@functools.cache
def _furnished() -> Path:
    kept = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, kept)
    path = Path(kept) / "place"
    path.mkdir(mode=0o700)
    make_store(path / "store")
    (path / "pass").write_bytes(PASSPHRASE)
    (path / "pass").chmod(0o600)
    place = Place(path)
    place.ok("show-identity web-1", at="")
    place.trust("vault", place.issuer.signer)
    return path


def make_place(path: Path) -> Place:
    """Return a requester's place, with an identity and an issuer, and nothing asked for yet."""
    shutil.copytree(_furnished(), path / "place")
    return Place(path / "place")


OTHER = RECIPIENT  # of an identity that no store here has
FOREIGN = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"  # age's own example


def fill(folder: Path, secret: str, pem: bytes) -> None:
    """Write what a requester has into *folder*: its store "asking", and answers to its one request, of AT's day.

    Args:
        secret: of the access key.
        pem: the requester's signing key, Ed25519.
    """
    store = _make_asking(folder / "asking", pem)
    request = _ask(store, pem)
    write_secret(str(folder / "build.request"), request)
    issuer, made = Issuer("vault", secret.encode()), {}
    made["answer.age"] = issuer.answer(request).sealed
    made["answer.subkeys"] = issuer.answer(request).plain
    made["unasked.age"] = issuer.answer(request, request="none").sealed
    made["foreign.age"] = issuer.answer(request, to=FOREIGN).sealed
    made["forged.age"] = issuer.answer(request, signer=Signer("forger")).sealed
    made["skipped.age"] = issuer.answer(request, sequence=2, previous=HASH).sealed
    other = entry("20261123/eu-west-1/s3/aws4_request", secret=secret.encode())
    made["scope.age"] = issuer.answer(request, subkeys=[other]).sealed
    made["cut.age"] = made["answer.age"][:-80]
    for name, data in made.items():
        write_secret(str(folder / name), data)


def _make_asking(path: Path, pem: bytes) -> FolderStore:
    from authkit.commands._identity import metadata_of

    with mock.patch.object(seal, "generate_identity", return_value=(IDENTITY, RECIPIENT)):
        store = make_store(path)
    line = public_line(load_private(pem, "key").public())
    store.put("authkit-requester", {**metadata_of("requester", "web-1", line, None), "created_at": AT}, Secret(pem))
    places = Places(str(path))
    places.make()
    vault = Signer("vault")
    row = {"schema": "authkit.issuer/v1", "name": "vault", "signing_key": vault.line}
    write_secret(places.issuer("vault"), json.dumps(row).encode() + b"\n")
    events: list[dict[str, object]] = [
        {"event": "created", "kind": "identity", "role": "requester", "key": fingerprint_of(line)},
        {"event": "trusted", "kind": "issuer", "name": "vault", "key": vault.fingerprint},
    ]
    with places.ledger.locked():
        places.ledger.append(events, parse_instant("2026-11-22T08:00:00Z"))
    return store


def _ask(store: FolderStore, pem: bytes) -> bytes:
    wanted = Wanted(AWS4.chain, "signing", [date(2026, 11, 23)], [("us-east-1", "s3")])
    asker, issuer = Asker("web-1", RECIPIENT, load_private(pem, "key")), peers.Issuer("vault", Signer("vault").line)
    places, at = Places(store.info.path), parse_instant("2026-11-22T08:55:00Z")
    return ask(places, asker, issuer, wanted, ID, "build", at=at, random=lambda count: bytes(range(count)))
