"""Is a file's kind decided by its content alone?"""

import json

import pytest

from authkit.errors import InputError, Refused
from authkit.keys.access import encode_access_key
from authkit.keys.load import kind_of, load_keys, load_subkey_file
from authkit.keys.pair import generate_pair
from authkit.keys.prove import PrivateKey, PublicKey
from authkit.keys.select import choose_signing, secret_for
from authkit.keys.subkeys import Subkey, SubkeyFile, encode_subkeys
from samples import AT, CHAIN, CHAINS, ID, SCOPE, SECRET, access_key, subkey

ACCESS = encode_access_key(access_key())
SUBKEYS = encode_subkeys(SubkeyFile(CHAIN, ID, AT, [subkey(), subkey("20261124")]))
PEM = b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (ACCESS, "access-key"),
        (b" \n\t" + ACCESS, "access-key"),
        (SUBKEYS, "subkeys"),
        (b"\n " + SUBKEYS, "subkeys"),
        # the schema in the first 4096 bytes, or the member in the last
        (b"{" + b" " * 4077 + b"authkit.subkeys/v1", "subkeys"),
        (b"{" + b" " * 4078 + b"authkit.subkeys/v1", "access-key"),
        (b"{" + b'"subkeys"' + b" " * 4087, "subkeys"),
        (b"{" + b'"subkeys"' + b" " * 4088, "access-key"),
        (PEM, "key-pair"),
        (b"\r\n" + PEM, "key-pair"),
        (b"-----BEGIN PUBLIC KEY-----\n", "public-key"),
        (b"-----BEGIN CERTIFICATE-----\n", "public-key"),
        (b"-----BEGIN CERTIFICATE-----\n" + PEM, "key-pair"),
        (b"\x30\x82", "public-key"),
        (b'{"kty": "EC"}', "public-key"),
        (b"{" + b" " * 4090 + b'"kty"', "public-key"),
        (b"{" + b" " * 4091 + b'"kty"', "access-key"),
        (b'{"type": "service_account"}', "service-account"),
        (b"-----BEGIN", "unknown"),
        (b"# a comment\n" + PEM, "unknown"),
        (b"[]", "unknown"),
        (b"\xef\xbb\xbf{}", "unknown"),
        (b"", "unknown"),
    ],
)
def test_kind(data: bytes, kind: str) -> None:
    assert kind_of(data) == kind


def test_load() -> None:
    (master,) = load_keys(ACCESS, CHAINS, "FILE")
    assert (master.access_key_id, type(master).__name__) == (ID, "AccessKey")
    first, second = load_keys(SUBKEYS, CHAINS, "FILE")
    assert isinstance(first, Subkey)
    assert isinstance(second, Subkey)
    assert (str(first.scope), str(second.scope)) == (SCOPE, "20261124")
    assert load_subkey_file(SUBKEYS, CHAINS, "FILE").issued_at == AT


def test_a_pem_is_never_a_secret() -> None:
    pair = generate_pair("p256")
    (private,) = load_keys(pair.private_pem, CHAINS, "FILE")
    (public,) = load_keys(pair.public_pem.encode("ascii"), CHAINS, "FILE")
    assert isinstance(private, PrivateKey)
    assert isinstance(public, PublicKey)
    assert private.public().spki == public.spki
    for key in (private, public):
        with pytest.raises(Refused) as caught:
            choose_signing([key], CHAIN, AT, {}, dict)
        assert caught.value.message == "the key is a key pair, and AWS4-HMAC-SHA256 signs with a secret or a subkey"
        with pytest.raises(Refused) as caught:
            secret_for([key], "LABEL")
        assert caught.value.message == "the key is a key pair, and LABEL signs with a secret"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (SECRET.encode(), "FILE: neither an access-key file, nor a subkey file, nor a key in PEM"),
        (b"{}", "FILE: member 'schema' is missing"),
        (ACCESS.replace(b"/v1", b"/v2"), "FILE: member 'schema' is not 'authkit.access-key/v1'"),
        (SUBKEYS.replace(b"subkeys/v1", b"subkeys/v2"), "FILE: member 'schema' is not 'authkit.subkeys/v1'"),
        (json.dumps({"subkeys": []}).encode() + b"\n", "FILE: member 'schema' is missing"),
    ],
)
def test_load_refused(data: bytes, message: str) -> None:
    with pytest.raises(InputError) as caught:
        load_keys(data, CHAINS, "FILE")
    assert caught.value.message == message


@pytest.mark.parametrize("data", [ACCESS, PEM, b"", b"x"])
def test_only_a_subkey_file(data: bytes) -> None:
    with pytest.raises(InputError) as caught:
        load_subkey_file(data, CHAINS, "FILE")
    assert caught.value.message == "FILE: not a subkey file"


def test_a_subkey_file_is_read_with_its_name() -> None:
    with pytest.raises(InputError) as caught:
        load_subkey_file(SUBKEYS[:-1], CHAINS, "FILE")
    assert caught.value.message == "FILE: does not end with a line feed"
