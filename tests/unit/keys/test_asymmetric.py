"""Does a key pair sign and check in a MAC key's place?"""

import pytest

from authkit.errors import Refused
from authkit.keys.asymmetric import Pair
from authkit.keys.prove import load_private
from authkit.keys.whole import derive_scalar, encode_scalar
from authkit.secret import Secret

KEY = load_private(encode_scalar(derive_scalar(Secret(b"secret"), "AKID")), "key", "AKID")


def test_either_half_checks_what_the_private_one_signed() -> None:
    private, public = Pair(KEY, "ecdsa-der-sha256"), Pair(KEY.public(), "ecdsa-der-sha256")
    signature = private.mac(b"text").hex()
    assert private.agrees(b"text", signature)
    assert public.agrees(b"text", signature)
    assert not public.agrees(b"texT", signature)
    assert not public.agrees(b"text", signature[:-2])
    assert not public.agrees(b"text", "")


def test_an_algorithm_that_is_not_the_keys() -> None:
    with pytest.raises(Refused, match="^rsa-v1_5-sha256 does not sign with a key of type p256$"):
        Pair(KEY, "rsa-v1_5-sha256").mac(b"text")
    assert not Pair(KEY, "rsa-v1_5-sha256").agrees(b"text", "00")


def test_it_shows_no_key() -> None:
    assert repr(Pair(KEY, "ecdsa-der-sha256")) == "<Pair ecdsa-der-sha256>"
