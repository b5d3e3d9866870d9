"""Is a service account's key file read as Google writes it, and nothing else for one?"""

import json
from functools import cache
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from authkit.errors import InputError
from authkit.keys.load import kind_of, load_keys
from authkit.keys.prove import PrivateKey
from authkit.keys.service_account import load_service_account

EMAIL = "robot@project.iam.gserviceaccount.com"


@cache
def pem(kind: str = "rsa") -> str:
    key: Any = rsa.generate_private_key(65537, 2048) if kind == "rsa" else ec.generate_private_key(ec.SECP256R1())
    text: bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return text.decode()


def written(**changes: Any) -> bytes:
    """What the console hands out, members that nobody here needs included."""
    top = {
        "type": "service_account",
        "project_id": "project",
        "private_key_id": "0123456789abcdef",
        "private_key": pem(),
        "client_email": EMAIL,
        "client_id": "1",
        "auth_uri": "https://accounts.example.com/o/oauth2/auth",
    }
    return json.dumps({name: value for name, value in {**top, **changes}.items() if value is not None}).encode()


def test_the_email_address_is_the_id() -> None:
    key = load_service_account(written(), "robot.json")
    assert (key.id, key.type, key.chain) == (EMAIL, "rsa", ())
    assert key.public().verify("rsa-v1_5-sha256", b"text", key.sign("rsa-v1_5-sha256", b"text"))


def test_a_key_reference_tells_it_by_its_content() -> None:
    assert kind_of(written()) == "service-account"
    (key,) = load_keys(written(), {}, "robot.json")
    assert isinstance(key, PrivateKey)
    assert key.access_key_id == EMAIL


@pytest.mark.parametrize("data, message", [
    (b"", "not JSON"),
    (b'{"type": "service_account"', "not JSON"),
    (b'{"type": "service_account", "a": "\xff"}', "not JSON"),
    (b"[" * 100_000, "not JSON"),
    (b"[]", "member 'type' is not 'service_account'"),
    (b"{}", "member 'type' is not 'service_account'"),
    (written(type="authorized_user"), "member 'type' is not 'service_account'"),
    (written(client_email=None), "no member 'client_email'"),
    (written(client_email=5), "no member 'client_email'"),
    (written(private_key=None), "no member 'private_key'"),
    (written(private_key=["x"]), "no member 'private_key'"),
    (written(client_email="a b"), "the access key ID holds a character that an access key ID cannot hold"),
    (written(client_email="a/b"), "the access key ID holds a character that an access key ID cannot hold"),
    (written(client_email=""), "the access key ID is not 1 to 256 characters"),
    (written(private_key="x"), "not a private key that authkit knows"),
    (written(private_key="\ud800"), "not a private key that authkit knows"),
    (written(private_key=pem("p256")), "member 'private_key' is not an RSA key"),
])  # fmt: skip
def test_what_is_none(data: bytes, message: str) -> None:
    with pytest.raises(InputError) as caught:
        load_service_account(data, "robot.json")
    assert caught.value.message == f"robot.json: {message}"
