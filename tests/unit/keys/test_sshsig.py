"""Is a text's signature the one that OpenSSH makes and checks, and is every other one refused by name?"""

import base64
from typing import Any

import pytest

from authkit.errors import InputError, Untrusted
from authkit.keys import sshsig
from authkit.keys.pair import generate_pair
from authkit.keys.prove import PrivateKey, load_private

# Made by ssh-keygen of OpenSSH 9.2 (-Y sign -n authkit-request-v1); its private key is not kept.
LINE = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPw/gXKvIKesqAhfhZ7Ah3D8aomsLSo5Q5Nh7q9mQjlH"
FINGERPRINT = "SHA256:DKKtr3CsNTYGGUSKazGNTddjCrXz+j0eQDvpjOilGkU"
TEXT = b"authkit-request/v1\nid: 0\n"
SIGNED = (
    TEXT
    + b"""-----BEGIN SSH SIGNATURE-----
U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAg/D+Bcq8gp6yoCF+FnsCHcPxqia
wtKjlDk2Hur2ZCOUcAAAASYXV0aGtpdC1yZXF1ZXN0LXYxAAAAAAAAAAZzaGE1MTIAAABT
AAAAC3NzaC1lZDI1NTE5AAAAQKM/VaBwLVKxus0eGbTbxfNSxb4zUoOfv3T1WpjKBn0EB/
RW0CIg6qp59u619ha1aTlSGxpNH0SMZn+pQCoJxw4=
-----END SSH SIGNATURE-----
"""
)
# The same key and text with -O hashalg=sha256.
SHA256 = (
    TEXT
    + b"""-----BEGIN SSH SIGNATURE-----
U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAg/D+Bcq8gp6yoCF+FnsCHcPxqia
wtKjlDk2Hur2ZCOUcAAAASYXV0aGtpdC1yZXF1ZXN0LXYxAAAAAAAAAAZzaGEyNTYAAABT
AAAAC3NzaC1lZDI1NTE5AAAAQMjFsDFDsAx+jNYdZt8N+XqQXex+PZdzFd6Ig8ye8K3fJY
ucYsjkOmvOEZXMNAxa2and03lmPeFevXnfm6eYogo=
-----END SSH SIGNATURE-----
"""
)


def a_key(type: str = "ed25519") -> PrivateKey:
    return load_private(generate_pair(type).private_pem, "key")


def refused(data: bytes, pinned: Any = (LINE,), namespace: str = sshsig.REQUEST) -> Untrusted:
    with pytest.raises(Untrusted) as caught:
        sshsig.open_signed(data, namespace, pinned, "req")
    return caught.value


def blob_of(signed: bytes) -> bytes:
    return base64.b64decode(b"".join(signed.split(b"\n")[3:-2]))


def with_blob(blob: bytes) -> bytes:
    text = base64.b64encode(blob)
    lines = [text[i : i + 70] for i in range(0, len(text), 70)]
    return b"".join([TEXT, sshsig.BEGIN, *(line + b"\n" for line in lines), sshsig.END])


def test_what_ssh_keygen_signed_opens() -> None:
    assert sshsig.open_signed(SIGNED, "authkit-request-v1", [LINE], "req") == (TEXT, LINE)
    assert sshsig.is_signed(SIGNED)
    assert not sshsig.is_signed(TEXT)
    assert with_blob(blob_of(SIGNED)) == SIGNED


def test_a_key_has_the_fingerprint_that_ssh_keygen_prints() -> None:
    assert sshsig.fingerprint_of(LINE) == FINGERPRINT


def test_the_namespaces_are_those_of_the_format() -> None:
    assert (sshsig.SUBKEYS, sshsig.REQUEST, sshsig.APPROVAL, sshsig.ISSUER) == (
        "authkit-subkeys-v1",
        "authkit-request-v1",
        "authkit-approval-v1",
        "authkit-issuer-v1",
    )


@pytest.mark.parametrize("namespace", [sshsig.SUBKEYS, sshsig.APPROVAL])
def test_what_is_signed_here_opens_for_its_namespace_alone(namespace: str) -> None:
    key = a_key()
    line = sshsig.public_line(key.public())
    signed = sshsig.sign_text(key, namespace, TEXT)
    assert sshsig.open_signed(signed, namespace, [LINE, line], "x") == (TEXT, line)
    assert signed == sshsig.sign_text(key, namespace, TEXT)
    error = refused(signed, [line])
    assert (error.reason, error.exit_code) == ("namespace", 5)
    assert error.message.endswith(f"(namespace: {namespace}, not authkit-request-v1)")


def test_a_key_that_is_not_pinned() -> None:
    other = sshsig.public_line(a_key().public())
    error = refused(SIGNED, [other])
    assert error.message == f"req: it is signed by a key that is not trusted here (unknown-signer: {FINGERPRINT})"
    assert refused(SIGNED, []).reason == "unknown-signer"


def test_every_bit_counts() -> None:
    for place in range(len(SIGNED)):
        for bit in (0x01, 0x20, 0x80):
            changed = bytearray(SIGNED)
            changed[place] ^= bit
            assert refused(bytes(changed)).reason in (
                "not-signed",
                "signature-malformed",
                "namespace",
                "unknown-signer",
                "signature-mismatch",
            )


NO_FORM = "its signature is not an OpenSSH signature by an Ed25519 key as ssh-keygen writes it (signature-malformed"


def test_each_refusal_says_what_is_refused() -> None:
    assert refused(SIGNED[:-1]).message == f"req: {NO_FORM}: it is cut, or something follows it)"
    assert refused(with_blob(b"")).message == f"req: {NO_FORM})"
    assert refused(with_blob(blob_of(SIGNED).replace(b"sha512", b"sha256"))).message == f"req: {NO_FORM})"
    other = with_blob(blob_of(SIGNED).replace(b"ssh-ed25519", b"ssh-ed25518", 1))
    assert refused(other).message == f"req: {NO_FORM}: it is by a key of another type)"
    changed = "req: its signature does not fit: it was changed after it was signed (signature-mismatch)"
    assert refused(SIGNED.replace(b"id: 0", b"id: 1")).message == changed
    for_else = "req: its signature was made for something else (namespace: authkit-request-v1, not authkit-issuer-v1)"
    assert refused(SIGNED, namespace=sshsig.ISSUER).message == for_else


def test_a_fingerprint_has_no_padding() -> None:
    for _ in range(8):
        text = sshsig.fingerprint_of(sshsig.public_line(a_key().public()))
        assert len(text) == 50
        assert text[:7] == "SHA256:"
        assert base64.b64decode(text[7:] + "=")[31:]


@pytest.mark.parametrize("cut", range(len(TEXT) + 30, len(SIGNED)))
def test_a_cut_signature(cut: int) -> None:
    assert refused(SIGNED[:cut]).reason == "signature-malformed"


@pytest.mark.parametrize(
    "data",
    [
        SIGNED + b"\n",
        SIGNED + b"x",
        SIGNED + SIGNED,
        SIGNED + SIGNED[len(TEXT) :],
        SIGNED.replace(b"\n", b"\r\n"),
        SIGNED.replace(b"qia\nwt", b"qiawt"),
        SIGNED.replace(b"xw4=", b"xw5="),
        SIGNED.replace(b"xw4=\n", b"xw4\n"),
        SIGNED.replace(b"AAAA", b"AA AA", 1),
        with_blob(b""),
        with_blob(blob_of(SIGNED) + b"\0"),
        with_blob(blob_of(SIGNED)[:-1]),
        with_blob(b"SSHSIG\0\0\0\2" + blob_of(SIGNED)[10:]),
        with_blob(blob_of(SIGNED).replace(b"\0\0\0\0\0\0\0\6sha512", b"\0\0\0\1x\0\0\0\6sha512")),
        with_blob(blob_of(SIGNED).replace(b"sha512", b"sha256")),
        SHA256,
    ],
)
def test_any_other_form_is_no_signature(data: bytes) -> None:
    assert data != SIGNED
    assert refused(data).reason == ("not-signed" if b"\r" in data else "signature-malformed")


def test_a_key_of_another_type() -> None:
    blob = blob_of(SIGNED).replace(b"ssh-ed25519", b"ssh-ed25518", 1)
    assert refused(with_blob(blob)).message.endswith("(signature-malformed: it is by a key of another type)")
    blob = blob_of(SIGNED)[::-1].replace(b"91552de-hss", b"81552de-hss", 1)[::-1]
    assert refused(with_blob(blob)).reason == "signature-malformed"
    inner = sshsig._strings(b"ssh-ed25519", bytes(64), b"flags")
    rest = sshsig._strings(blob_of(SIGNED)[14:65], b"authkit-request-v1", b"", b"sha512", inner)
    assert refused(with_blob(b"SSHSIG\0\0\0\1" + rest)).reason == "signature-malformed"
    short = sshsig._strings(b"ssh-ed25519", bytes(63))
    rest = sshsig._strings(blob_of(SIGNED)[14:65], b"authkit-request-v1", b"", b"sha512", short)
    assert refused(with_blob(b"SSHSIG\0\0\0\1" + rest)).message.endswith("(signature-malformed)")


@pytest.mark.parametrize("data", [b"", TEXT, b"no line's end" + SIGNED[len(TEXT) :]])
def test_what_is_not_signed(data: bytes) -> None:
    assert refused(data).message == "req: it is not signed (not-signed)"


def test_a_namespace_of_control_characters_is_shown_escaped() -> None:
    blob = blob_of(SIGNED).replace(b"authkit-request-v1", b"\xff" * 18)
    assert refused(with_blob(blob)).message.endswith(
        f"(namespace: {chr(92)}xff" + r"\xff" * 15 + ", not authkit-request-v1)"
    )


@pytest.mark.parametrize("text", [LINE, LINE + "\n", f"  {LINE} me@example.com and more \n"])
def test_a_line_with_or_without_a_comment(text: str) -> None:
    assert sshsig.parse_public_line(text, "card") == LINE


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ssh-ed25519",
        "ssh-rsa " + LINE.split()[1],
        LINE[:-1],
        LINE[:-4],
        LINE + "A",
        LINE + "\n" + LINE,
        LINE + " me\nssh-rsa AAAA",
        "ssh-ed25519  " + LINE.split()[1],
        LINE.replace("AAAAIPw", "AAAAIfw"),
        "ssh-ed25519 " + base64.b64encode(sshsig._strings(b"ssh-ed25518", bytes(32))).decode(),
    ],
)
def test_what_is_no_line_of_a_key(text: str) -> None:
    with pytest.raises(InputError, match="card: not an OpenSSH public key of type ssh-ed25519"):
        sshsig.parse_public_line(text, "card")


def test_a_signing_key_is_ed25519() -> None:
    with pytest.raises(InputError, match="a signing key is of type ed25519, not p256"):
        sshsig.public_line(a_key("p256").public())
