"""Two stores that trust each other over the air gap: web asks, air issues; and what one carries to the other."""

import base64
import os
from datetime import datetime, timedelta
from pathlib import Path
from unittest import mock

from agefile import IDENTITY, RECIPIENT, make_store
from authkit import clock, seal
from authkit.ceremony import peers
from authkit.ceremony.ask import Asker, ask
from authkit.ceremony.card import Card, format_card
from authkit.ceremony.places import Places
from authkit.commands._identity import metadata_of
from authkit.keys.access import AccessKey, encode_access_key
from authkit.keys.describe import describe_access_key
from authkit.keys.prove import PrivateKey, load_private
from authkit.keys.request import Wanted
from authkit.keys.sshsig import fingerprint_of, public_line
from authkit.schemes.derived import AWS4
from authkit.secret import Secret
from authkit.stores.folder import FolderStore


def _pem(secret_key: str) -> bytes:
    """Return an Ed25519 secret key, hexadecimal, as PKCS#8 (RFC 8410)."""
    der = bytes.fromhex(f"302e020100300506032b657004220420{secret_key}")
    return b"-----BEGIN PRIVATE KEY-----\n" + base64.b64encode(der) + b"\n-----END PRIVATE KEY-----\n"


# the secret keys of RFC 8032, section 7.1, TEST 1 to 3; fixed, so that their words can stand in a transcript
WEB_PEM = _pem("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
AIR_PEM = _pem("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
OTHER_PEM = _pem("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7")
REQUESTER, ISSUER, MASTER = "web-1", "vault", "AKIDEXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
EXAMPLE_RECIPIENT = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"


def key_of(pem: bytes) -> PrivateKey:
    return load_private(pem, "key")


def line_of(pem: bytes) -> str:
    return public_line(key_of(pem).public())


def policy(**changes: object) -> peers.Requester:
    """Return what air trusts web for, or what it is changed to."""
    members: dict[str, object] = {
        "name": REQUESTER,
        "recipient": RECIPIENT,
        "signing_key": line_of(WEB_PEM),
        "access_key_ids": (MASTER,),
        "scopes": ("us-east-1/s3", "us-east-1/sqs"),
        "levels": ("signing",),
        "services": (),
        "max_days": 7,
        "max_ahead": 10,
    }
    return peers.Requester(**{**members, **changes})  # type: ignore[arg-type]


def web_card() -> Card:
    return Card("requester", REQUESTER, RECIPIENT, line_of(WEB_PEM))


def air_card(pem: bytes = AIR_PEM) -> Card:
    return Card("issuer", ISSUER, "none", line_of(pem))


def make_web(folder: Path, issuer_pem: bytes = AIR_PEM) -> FolderStore:
    """Return the store of who asks, whose recipient is fixed."""
    with mock.patch.object(seal, "generate_identity", return_value=(IDENTITY, RECIPIENT)):
        store = make_store(folder)
    _enter(store, "requester", REQUESTER, WEB_PEM)
    return trust_issuer(store, issuer_pem)


def trust_issuer(store: FolderStore, pem: bytes = AIR_PEM) -> FolderStore:
    places, line = Places(store.info.path), line_of(pem)
    places.make()
    _write(places.issuer(ISSUER), peers.encode_issuer(peers.Issuer(ISSUER, line)))
    _append(places, {"event": "trusted", "kind": "issuer", "name": ISSUER, "key": fingerprint_of(line)})
    return store


def make_air(folder: Path, pem: bytes = AIR_PEM, secret: str = SECRET) -> FolderStore:
    """Return the store of who issues, with a master secret."""
    store = make_store(folder)
    _enter(store, "issuer", ISSUER, pem)
    master = AccessKey(MASTER, Secret(secret.encode()), use="derive")
    store.put("root", describe_access_key(master, began()), Secret(encode_access_key(master)))
    places = Places(store.info.path)
    trusted = {"event": "trusted", "kind": "requester", "name": REQUESTER, "key": fingerprint_of(line_of(WEB_PEM))}
    _append(places, {**trusted, "recipient": RECIPIENT})
    accept(places, policy())
    return store


def accept(places: Places, requester: peers.Requester) -> None:
    """Enrol a requester, or change its policy."""
    path = Path(places.requester(requester.name))
    path.unlink(missing_ok=True)
    _write(str(path), requester.text)
    row = {"event": "policy", "requester": requester.name, "sha256": peers.policy_sha256(requester.text)}
    _append(places, {**row, "policy": requester.members()})


def make_request(
    web: FolderStore,
    *,
    first: int = 0,
    days: int = 7,
    level: str = "signing",
    pairs: "tuple[tuple[str, ...], ...]" = (("us-east-1", "s3"),),
    access_key_id: str = MASTER,
    issuer_pem: bytes = AIR_PEM,
    pem: bytes = WEB_PEM,
    name: str = REQUESTER,
    recipient: str = RECIPIENT,
    id: "bytes | None" = None,
) -> bytes:
    """Return a request that web makes now.

    Args:
        first: days from today on to the first day.
    """
    at = clock.now()
    start = at.date() + timedelta(days=first)
    wanted = Wanted(AWS4.chain, level, [start + timedelta(days=one) for one in range(days)], list(pairs))
    places = Places(web.info.path)
    places.make()
    asker = Asker(name, recipient, key_of(pem))
    issuer = peers.Issuer(ISSUER, line_of(issuer_pem))
    return ask(places, asker, issuer, wanted, access_key_id, "", at=at, random=lambda n: id or os.urandom(n))


def fill(folder: Path, secret: str = SECRET) -> None:
    """Write stores and messages into *folder*: web, air, web-1.card, vault.card, asked.request."""
    make_air(folder / "air", AIR_PEM, secret)
    web = make_web(folder / "web")
    _write(str(folder / "web-1.card"), format_card(web_card()))
    _write(str(folder / "vault.card"), format_card(air_card()))
    _write(str(folder / "asked.request"), make_request(web, id=bytes(range(16))))


def began() -> datetime:
    """When the stores were made: two days ago."""
    return clock.now() - timedelta(days=2)


def _enter(store: FolderStore, role: str, name: str, pem: bytes) -> None:
    line = line_of(pem)
    metadata = {**metadata_of(role, name, line, None), "created_at": clock.format_instant(began())}
    store.put(f"authkit-{role}", metadata, Secret(pem))
    places = Places(store.info.path)
    places.make()
    _append(places, {"event": "created", "kind": "identity", "role": role, "key": fingerprint_of(line)})


def _append(places: Places, event: "dict[str, object]") -> None:
    with places.ledger.locked():
        places.ledger.append([event], began())


def _write(path: str, data: bytes) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
        file.write(data)
