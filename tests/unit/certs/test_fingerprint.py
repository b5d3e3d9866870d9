"""Is a fingerprint written in every usual spelling, and read back from each?"""

from base64 import b64encode, urlsafe_b64encode

import pytest

from authkit.certs.fingerprint import base64_of, base64url_of, colon_hex, parse_fingerprint, spellings

# FB EF FF tells base64 from base64url
SHA256 = bytes.fromhex("fbefff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d")
SHA1 = bytes.fromhex("fbefff0102030405060708090a0b0c0d0e0f1011")
COLON = "FB:EF:FF:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11:12:13:14:15:16:17:18:19:1A:1B:1C:1D"


def test_written() -> None:
    assert colon_hex(SHA256.hex()) == COLON
    assert base64_of(SHA256.hex()) == b64encode(SHA256).decode()
    assert base64url_of(SHA256.hex()) == urlsafe_b64encode(SHA256).decode().rstrip("=")
    assert "+" in base64_of(SHA256.hex())
    assert "/" in base64_of(SHA256.hex())


def test_only_padding_is_taken_off() -> None:
    assert base64url_of("000017") == "AAAX"
    value = bytes([0x5D, 0x75, 0xD7]) * 10 + b"\0\0"
    assert base64_of(value.hex())[:4] == "XXXX"
    assert parse_fingerprint(f'pin-sha256="{base64_of(value.hex())}"') == value


def test_spellings() -> None:
    rows = spellings(SHA256.hex(), SHA1.hex(), SHA256[::-1].hex())
    assert dict(rows) == {
        "sha256": SHA256.hex(),
        "sha256_colon": COLON,
        "sha256_base64": "++//AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0=",
        "x5t_s256": "--__AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0",
        "sha1": SHA1.hex(),
        "sha1_colon": COLON[:59],
        "spki_pin": b64encode(SHA256[::-1]).decode(),
    }
    assert [name for name, _ in spellings(SHA256.hex(), SHA1.hex(), "")] == [name for name, _ in rows][:-1]


@pytest.mark.parametrize("value", [SHA256, SHA1])
def test_every_spelling_reads_back(value: bytes) -> None:
    text = value.hex()
    for spelling in (
        text,
        text.upper(),
        colon_hex(text),
        colon_hex(text).lower(),
        colon_hex(text).replace(":", " "),
        f"  {text}\n",
        base64_of(text),
        base64_of(text).rstrip("="),
        base64url_of(text),
        urlsafe_b64encode(value).decode(),
        f"sha256:{text}",
        f"sha-256:{colon_hex(text)}",
        f"x5t_s256:{base64url_of(text)}",
        f"SHA256 Fingerprint={colon_hex(text)}",
        f"sha1 Fingerprint={colon_hex(text)}",
        f"x5t-S256:{base64url_of(text)}",
        f"x5t#S256: {base64url_of(text)}",
        f"x5t:{base64url_of(text)}",
        f'pin-sha256="{base64_of(text)}"',
    ):
        assert parse_fingerprint(spelling) == value, spelling


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ab",
        SHA256.hex()[:-1],
        SHA256.hex()[:-2],
        SHA256.hex() + "00",
        "g" + SHA256.hex()[1:],
        "é" + SHA256.hex()[1:],
        COLON[:-3],
        COLON.replace(":", "", 1),
        COLON[1:] + "0",
        COLON.replace(":", " ", 1),
        COLON.replace("FB", "F", 1),
        f"md5:{SHA256.hex()}",
        b64encode(SHA256[:31]).decode(),
        b64encode(SHA256 + b"x").decode(),
        base64url_of(SHA256.hex())[:-1] + "1",  # bits beyond the last byte
        base64url_of(SHA256.hex()) + "!",
        base64url_of(SHA256.hex()) + "X",
        base64url_of(SHA256.hex())[:-2] + "é0",
        base64_of(SHA256.hex())[:20] + "\n" + base64_of(SHA256.hex())[20:],
    ],
)
def test_no_fingerprint(text: str) -> None:
    assert parse_fingerprint(text) is None
