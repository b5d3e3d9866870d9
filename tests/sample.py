"""A folder of inputs for command lines: keys, a store, requests, certificates, all of one fixed day."""

import base64
import json
import os
from datetime import date, datetime
from pathlib import Path

import ceremonies
import responses
from agefile import PASSPHRASE, make_store, seal_quickly
from authkit import api
from authkit.clock import UTC
from authkit.keys.access import AccessKey, encode_access_key
from authkit.keys.describe import describe_access_key, describe_subkeys
from authkit.keys.pair import KeyPair, load_pair
from authkit.keys.request import Wanted, derive_wanted
from authkit.keys.subkeys import SubkeyFile, encode_subkeys
from authkit.messages.draft import format_head, parse_draft
from authkit.schemes.derived import AWS4
from authkit.secret import Secret
from pki import frozen

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ID = "AKIDEXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
TOKEN = "IQoJb3JpZ2luX2VjEXAMPLETOKEN=="
# Of no use outside these tests; fixed, so that its fingerprint can stand in a transcript.
PEM = b"""-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIJppNVdlDwxsgwsRJ4YtZNVgQpP4jSGvwBhlpWBa1HXI
-----END PRIVATE KEY-----
"""


_MADE: dict[tuple[str, str, bytes], dict[str, bytes]] = {}


class Sample:
    """What the folder is made from.

    Args:
        secret, token, pem: what is to be found again, or not.
        pki: the files of pki.py; None for the frozen ones.
    """

    def __init__(
        self, secret: str = SECRET, token: str = TOKEN, pem: bytes = PEM, pki: "dict[str, bytes] | None" = None
    ) -> None:
        self.secret, self.token = secret, token
        self.key = AccessKey(ID, Secret(secret.encode()))
        self.master = AccessKey("AKMASTER", Secret(secret.encode()), use="derive")
        self.session = AccessKey(
            "AKSESSION",
            Secret(secret.encode()),
            session_token=Secret(token.encode()),
            expires_at=datetime(2026, 11, 23, 20, 0, tzinfo=UTC),
        )
        self.pem = pem
        self.pair: KeyPair = load_pair(pem, "key.pem")
        self.pki = pki

    def subkeys(self, level: str = "signing", *pairs: tuple[str, ...], key: "AccessKey | None" = None) -> SubkeyFile:
        """Return the subkeys of AT's day."""
        wanted = Wanted(AWS4.chain, level, [date(2026, 11, 23)], list(pairs) or [("us-east-1", "s3")])
        made = derive_wanted([key or self.key], wanted)
        return SubkeyFile(AWS4.chain, made[0].access_key_id, AT, made)

    def write(self, folder: Path) -> None:
        """Write everything into *folder*; after the first time, from memory."""
        made = _MADE.get((self.secret, self.token, self.pem))
        if made is None:
            self._make(folder)
            files = [path for path in folder.rglob("*") if path.is_file()]
            made = {str(path.relative_to(folder)): path.read_bytes() for path in files}
            _MADE[self.secret, self.token, self.pem] = made
            return
        _write_all(folder, made)

    def _make(self, folder: Path) -> None:
        _write_all(folder, frozen() if self.pki is None else self.pki)
        for name, data in self._files().items():
            (folder / name).write_bytes(data)
            (folder / name).chmod(0o600)
        (folder / "set").mkdir()
        (folder / "set" / "day.subkeys").write_bytes(encode_subkeys(self.subkeys()))
        (folder / "set" / "day.subkeys").chmod(0o600)
        self._fill_store(folder)
        responses.fill(folder, self.secret, self.pem)
        ceremonies.fill(folder, self.secret)

    def _files(self) -> "dict[str, bytes]":
        day = encode_subkeys(self.subkeys())
        draft = parse_draft(b"GET /photo.jpg?versionId=1 HTTP/1.1\nHost: b.s3.amazonaws.com\n\n")
        signed = api.sign_request(draft.request, [self.key], at=AT)
        unsigned = b"POST /api HTTP/1.1\nHost: api.example.com\nContent-Type: text/plain\n\nhello"
        head = format_head(signed.request)
        return {
            "key.json": encode_access_key(self.key),
            "master.json": encode_access_key(self.master),
            "session.json": encode_access_key(self.session),
            "day.subkeys": day,
            "two.subkeys": encode_subkeys(self.subkeys("signing", ("eu-west-1", "s3"), ("us-east-1", "s3"))),
            "region.subkeys": encode_subkeys(self.subkeys("region", ("us-east-1",))),
            "date.subkeys": encode_subkeys(self.subkeys("date", ())),
            "session.subkeys": encode_subkeys(self.subkeys(key=self.session)),
            "sealed.subkeys": seal_quickly(PASSPHRASE, day),
            "key.pem": self.pem,
            "credentials": f"[default]\naws_access_key_id = {ID}\naws_secret_access_key = {self.secret}\n".encode(),
            "accessKeys.csv": f"\ufeffAccess key ID,Secret access key\r\n{ID},{self.secret}\r\n".encode(),
            "sts.json": self._sts(),
            "pass": PASSPHRASE + b"\n",
            "get.http": b"GET /photo.jpg?versionId=1 HTTP/1.1\nHost: b.s3.amazonaws.com\n\n",
            "post.http": unsigned,
            "signed.http": head,
            "altered.http": head.replace(b"versionId=1", b"versionId=2"),
            "batch.ndjson": self._batch(),
        }

    def _sts(self) -> bytes:
        row = {
            "AccessKeyId": "AKSESSION",
            "SecretAccessKey": self.secret,
            "SessionToken": self.token,
            "Expiration": "2026-11-23T20:00:00Z",
        }
        return json.dumps({"Credentials": row}).encode()

    def _batch(self) -> bytes:
        lines = []
        for name in ("one", "two"):
            draft = parse_draft(f"PUT /{name} HTTP/1.1\nHost: b.s3.amazonaws.com\n\n{name}".encode())
            signed = api.sign_request(draft.request, [self.key], at=AT).request
            row = {"id": name, "method": "PUT", "target": signed.target, "headers": signed.headers}
            row["body_b64"] = base64.b64encode(name.encode()).decode()
            lines.append(json.dumps(row))
        return ("\n".join(lines) + "\n").encode()

    def _fill_store(self, folder: Path) -> None:
        store = make_store(folder / "store")
        store.put("web", describe_access_key(self.key, AT), Secret(encode_access_key(self.key)))
        own = {**describe_access_key(self.master, AT), "passphrase": True}
        store.put("root", own, Secret(seal_quickly(PASSPHRASE, encode_access_key(self.master))))
        day = self.subkeys()
        store.put("day", describe_subkeys(day, AT), Secret(encode_subkeys(day)))
        store.put("clear", describe_subkeys(day, AT), Secret(encode_subkeys(day)), protected=False)
        facts = {"kind": "key-pair", "type": "ed25519", "fingerprint": self.pair.fingerprint}
        facts |= {"public_key": self.pair.public_pem, "created_at": "2026-11-23T09:00:00Z"}
        store.put("pair", facts, Secret(self.pair.private_pem))


def _write_all(folder: Path, made: "dict[str, bytes]") -> None:
    for parent in sorted({parent for name in made for parent in Path(name).parents} - {Path()}):
        (folder / parent).mkdir(mode=0o700)
    for name, data in made.items():
        with open(os.open(folder / name, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
            file.write(data)
