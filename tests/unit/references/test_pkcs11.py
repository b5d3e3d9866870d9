"""Which keys does a pkcs11: URI give, and what does it refuse?"""

from typing import Any

import pytest

from authkit import registry
from authkit.errors import AuthkitError, InputError, NotFound, Refused, StoreError, UsageError
from authkit.keys.access import AccessKey
from authkit.keys.held import SECRET, SUBKEY, Held, format_held
from authkit.keys.prove import PrivateKey
from authkit.keys.select import Key
from authkit.keys.subkeys import Subkey
from authkit.references import Look
from authkit.schemes.derived import CHAINS
from faketoken import PIN, FakeToken, inserted
from unit.stores.test_pkcs11 import opened

AWS4 = "AWS4-HMAC-SHA256"


def load(fake: FakeToken, rest: str = "", pin: bytes = PIN, **environ: str) -> list[Key]:
    look = Look(environ or {"AUTHKIT_PKCS11_MODULE": "/m.so"}, CHAINS, lambda data, what: b"", lambda token, tried: pin)
    with inserted(fake):
        found: list[Key] = registry.load(registry.REFERENCES["pkcs11:"]).load(rest, look)
    return found


def failure(*arguments: Any, **more: str) -> tuple[type[AuthkitError], str, "str | None"]:
    with pytest.raises(AuthkitError) as caught:
        load(*arguments, **more)
    return type(caught.value), caught.value.message, caught.value.hint


def put(fake: FakeToken, name: str, held: "Held | bytes") -> None:
    opened(fake).put_secret(name, held if isinstance(held, bytes) else format_held(held), b"AWS4secret")


def subkey(day: int, id: str = "AKID", label: str = AWS4) -> Held:
    return Held(SUBKEY, id, label, scope=f"202611{day}/us-east-1/s3/aws4_request")


def test_a_secret() -> None:
    fake = FakeToken()
    put(fake, "root", Held(SECRET, "AKID", AWS4, prefix=b"AWS4", use="derive"))
    (key,) = load(fake, "object=root")
    assert isinstance(key, AccessKey)
    assert (key.access_key_id, key.scheme, key.use, key.secret.in_token) == ("AKID", AWS4, "derive", True)
    assert key.secret.mac_key(b"AWS4").in_token


def test_subkeys_of_one_name_belong_together() -> None:
    fake = FakeToken()
    for day in (25, 23, 24):
        put(fake, "week", subkey(day))
    keys = load(fake, "object=week")
    assert [str(key.scope) for key in keys if isinstance(key, Subkey)] == [
        f"202611{day}/us-east-1/s3/aws4_request" for day in (23, 24, 25)
    ]
    assert {key.access_key_id for key in keys} == {"AKID"}
    assert load(fake, "id=" + "".join([f"%{byte:02x}" for byte in format_held(subkey(24))]))[0].access_key_id == "AKID"


def test_a_key_pair() -> None:
    fake = FakeToken()
    opened(fake).make_pair("p", b"1", "p256")
    (key,) = load(fake)
    assert isinstance(key, PrivateKey)
    assert (key.type, key.access_key_id, key.in_token) == ("p256", "", True)


SEVERAL = "the URI names 2 keys in the token vault"


@pytest.mark.parametrize(
    ("first", "second", "names"),
    [
        (("a", Held(SECRET, "AKID", AWS4)), ("b", Held(SECRET, "AKID", AWS4)), "a, b"),
        (("a", Held(SECRET, "AKID", AWS4)), ("a", Held(SECRET, "AKOTHER", AWS4)), "a"),
        (("a", subkey(23)), ("b", subkey(24)), "a, b"),
        (("a", subkey(23)), ("a", subkey(24, "AKOTHER")), "a"),
        (("a", subkey(23)), ("a", subkey(24, label="GOOG4-HMAC-SHA256")), "a"),
        (("a", subkey(23)), ("a", Held(SECRET, "AKID", AWS4)), "a"),
        (("a", subkey(23)), ("a", b"theirs"), "a"),
        (("a", b"theirs"), ("a", b"theirs, too"), "a"),
    ],
)
def test_keys_that_do_not_belong_together(first: tuple[str, Held], second: tuple[str, Held], names: str) -> None:
    fake = FakeToken()
    put(fake, *first)
    put(fake, *second)
    assert failure(fake) == (UsageError, SEVERAL, f"add object=NAME or type=: {names}")


def test_a_pair_and_a_secret_of_one_name() -> None:
    fake = FakeToken()
    put(fake, "a", subkey(23))
    opened(fake).make_pair("a", b"1", "p256")
    assert failure(fake)[:2] == (UsageError, SEVERAL)
    assert len(load(fake, "type=private")) == 1
    assert len(load(fake, "type=secret-key")) == 1


def test_a_key_that_is_not_there() -> None:
    fake = FakeToken()
    hint = "authkit list-keys --token 'pkcs11:token=vault'"
    assert failure(fake, "object=root") == (NotFound, "no key named root in the token vault", hint)
    assert failure(fake) == (NotFound, "no such key in the token vault", hint)


def test_a_key_that_is_not_authkits() -> None:
    fake = FakeToken()
    put(fake, "theirs", b"7")
    hint = "put it there with authkit import-key --token, which writes into the object what it is for"
    message = "the key theirs in the token vault does not say what it is for"
    assert failure(fake) == (Refused, message, hint)


def test_a_subkey_of_a_scheme_that_is_not_known() -> None:
    fake = FakeToken()
    put(fake, "a", subkey(23, label="OTHER"))
    assert failure(fake) == (InputError, "the key a: the scheme 'OTHER' is not known here", None)


def test_a_wrong_pin_and_a_wrong_uri() -> None:
    fake = FakeToken()
    assert failure(fake, "", b"no")[:2] == (StoreError, "the PIN of the token vault is wrong")
    assert fake.pins == [b"no"]
    assert failure(fake, "token")[0] is UsageError
    assert failure(fake, "token=x?pin-value=1")[0] is Refused
    assert failure(fake, HOME="/") == (
        UsageError,
        "no PKCS#11 module is named",
        "add ?module-path=/usr/lib/softhsm/libsofthsm2.so or the like, or set $AUTHKIT_PKCS11_MODULE",
    )


def test_the_module_of_the_uri_comes_first() -> None:
    fake = FakeToken()
    opened(fake).make_pair("p", b"1", "p256")
    assert load(fake, "?module-path=/own.so", HOME="/")
