"""What does a token do for us, and what do we say when it does not?"""

import ctypes
import sys
from hashlib import sha256
from hmac import digest
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

import PyKCS11 as p11
import pytest

from authkit.errors import AuthkitError, NotFound, Refused, StoreError, UsageError
from authkit.keys.token_uri import parse_token_uri
from authkit.stores import pkcs11
from authkit.stores.pkcs11 import Token, open_token
from authkit.stores.token_mac import ChildKey, TokenKey, TokenSecret
from faketoken import LOGIN, PIN, FakeToken, inserted


def opened(fake: FakeToken, text: str = "pkcs11:") -> Token:
    """Return a session with the one token, logged in, that keys can be put into."""
    with inserted(fake):
        token = open_token(parse_token_uri(text), "/module.so")
    token.login(lambda token, tried: PIN, writing=True)
    return token


def failure(work: Any, *arguments: Any, **more: Any) -> tuple[type[AuthkitError], str, "str | None"]:
    with pytest.raises(AuthkitError) as caught:
        work(*arguments, **more)
    return type(caught.value), caught.value.message, caught.value.hint


def find(text: str, *tokens: FakeToken) -> str:
    with inserted(*tokens):
        return repr(open_token(parse_token_uri(text), "/module.so"))


# ------------------------------------------------------------------------------------------------ which token is meant

TWO = FakeToken("vault"), FakeToken("other", serial="77")


@pytest.mark.parametrize(
    "text",
    [
        "pkcs11:token=other",
        "pkcs11:serial=77",
        "pkcs11:slot-id=1",
        "pkcs11:slot-description=place%201",
        "pkcs11:token=other;manufacturer=maker;model=one;library-version=2.6;library-manufacturer=library",
        "pkcs11:token=other;slot-manufacturer=reader;library-description=fake;object=none;type=private",
    ],
)
def test_a_token_is_found_by_what_it_says(text: str) -> None:
    assert find(text, *TWO) == "<Token other>"


@pytest.mark.parametrize(
    "text",
    ["token=Other", "token=othe", "serial=7", "model=two", "slot-id=2", "library-version=2.60", "manufacturer=m"],
)
def test_no_token_fits(text: str) -> None:
    message = "no token of /module.so is the one that the URI names"
    assert failure(find, f"pkcs11:{text}", *TWO) == (StoreError, message, "it has other, vault")


def test_several_tokens_fit() -> None:
    hint = "say which: serial=8f2d (vault), serial=77 (other)"
    assert failure(find, "pkcs11:manufacturer=maker", *TWO) == (UsageError, "the URI names several tokens", hint)


def test_a_token_that_was_never_made_is_none() -> None:
    empty = FakeToken("", flags=p11.CKF_LOGIN_REQUIRED)
    assert find("pkcs11:", empty, FakeToken("vault")) == "<Token vault>"
    assert failure(find, "pkcs11:", empty)[1:] == ("no token of /module.so is the one that the URI names", None)


def test_a_module_that_does_not_answer() -> None:
    fake = FakeToken()
    fake.faults["getSlotList"] = [p11.CKR_DEVICE_ERROR]
    message = "the PKCS#11 module /module.so, asked for its tokens, answers CKR_DEVICE_ERROR"
    assert failure(find, "pkcs11:", fake) == (StoreError, message, None)


def test_what_tells_it_from_every_other() -> None:
    token = opened(FakeToken(), "pkcs11:?module-path=/own.so")
    assert (token.label, token.parts, token.module_path) == ("vault", {"token": "vault", "serial": "8f2d"}, "/own.so")


# ---------------------------------------------------------------------------------------------------------- the module


def test_no_module_is_named() -> None:
    hint = "add ?module-path=/usr/lib/softhsm/libsofthsm2.so or the like, or set $AUTHKIT_PKCS11_MODULE"
    assert failure(open_token, parse_token_uri("pkcs11:"), None) == (UsageError, "no PKCS#11 module is named", hint)


def test_pykcs11_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PyKCS11", None)
    message = "keys in a token need PyKCS11, which is not installed"
    expected = (StoreError, message, "pip install 'authkit[hsm]'")
    assert failure(open_token, parse_token_uri("pkcs11:"), None) == expected


def load(path: Path, init: str = "") -> None:
    open_token(parse_token_uri(f"pkcs11:?module-path={path}{init}"), None)


def test_the_file_of_a_module(tmp_path: Path) -> None:
    gone, file = tmp_path / "gone.so", tmp_path / "m.so"
    absent = (StoreError, f"there is no PKCS#11 module at {gone}", "is the token's software installed?")
    assert failure(load, gone) == absent
    assert failure(load, tmp_path) == (StoreError, f"the PKCS#11 module {tmp_path} is not a file", None)
    file.write_bytes(b"not a library")
    for mode in (0o664, 0o646):
        file.chmod(mode)
        message = f"the PKCS#11 module {file} can be written by others"
        assert failure(load, file) == (Refused, message, f"chmod go-w {file}, as its owner")
    file.chmod(0o755)
    assert failure(load, file) == (StoreError, f"the PKCS#11 module {file} cannot be used", None)


def test_a_module_of_another_user(tmp_path: Path) -> None:
    file = tmp_path / "m.so"
    file.write_bytes(b"")
    file.chmod(0o755)
    with mock.patch.object(pkcs11.os, "stat", return_value=SimpleNamespace(st_mode=0o100755, st_uid=4321)):
        assert failure(load, file)[1] == f"the PKCS#11 module {file} can be written by others"


class Module:
    """A library with the one function that initialising needs; it answers what it was made with."""

    def __init__(self, answer: int) -> None:
        self.told: list[tuple[int, bytes]] = []
        kind = ctypes.CFUNCTYPE(ctypes.c_ulong, ctypes.c_void_p)

        def initialise(place: int) -> int:
            words = (ctypes.c_void_p * 7).from_address(place)
            self.told.append((words[4] or 0, ctypes.string_at(words[5] or 0)))
            return answer

        self.function = kind(initialise)
        self.table = (ctypes.c_void_p * 2)(3, ctypes.cast(self.function, ctypes.c_void_p))

    def C_GetFunctionList(self, place: Any) -> int:
        ctypes.cast(place, ctypes.POINTER(ctypes.c_void_p))[0] = ctypes.addressof(self.table)
        return 0


@pytest.mark.parametrize("answer", [p11.CKR_OK, p11.CKR_CRYPTOKI_ALREADY_INITIALIZED])
def test_a_module_is_initialised_with_a_text(tmp_path: Path, answer: int) -> None:
    module, file = Module(answer), tmp_path / "m.so"
    file.write_bytes(b"")
    file.chmod(0o755)
    library = mock.Mock()
    library.load.side_effect = p11.PyKCS11Error(p11.CKR_GENERAL_ERROR)
    with mock.patch("ctypes.CDLL", return_value=module), mock.patch.object(p11, "PyKCS11Lib", return_value=library):
        message = f"the PKCS#11 module {file} cannot be used: it answers CKR_GENERAL_ERROR"
        assert failure(load, file, "&x-init=a%20b%C3%A9") == (StoreError, message, None)
    assert module.told == [(2, "a b\u00e9".encode())]
    library.load.assert_called_once_with(str(file))


def test_a_module_that_is_not_initialised(tmp_path: Path) -> None:
    file = tmp_path / "m.so"
    file.write_bytes(b"")
    file.chmod(0o755)
    with mock.patch("ctypes.CDLL", return_value=Module(p11.CKR_ARGUMENTS_BAD)):
        message = f"the PKCS#11 module {file} cannot be used: it answers CKR_ARGUMENTS_BAD"
        assert failure(load, file, "&x-init=a") == (StoreError, message, None)


def test_a_module_that_is_loaded(tmp_path: Path) -> None:
    file = tmp_path / "m.so"
    file.write_bytes(b"")
    file.chmod(0o755)
    library = mock.Mock()
    library.getSlotList.return_value = []
    with mock.patch("ctypes.CDLL") as cdll, mock.patch.object(p11, "PyKCS11Lib", return_value=library):
        assert failure(load, file)[1] == f"no token of {file} is the one that the URI names"
    cdll.assert_called_once_with(str(file))


# ------------------------------------------------------------------------------------------------------------- the PIN


def log_in(fake: FakeToken, pin: bytes = PIN) -> list[bool]:
    """Log in, and return what was said when the PIN was asked for."""
    asked: list[bool] = []

    def ask(token: Token, tried: bool) -> bytes:
        asked.append(tried)
        return pin

    with inserted(fake):
        open_token(parse_token_uri("pkcs11:"), "/module.so").login(ask)
    return asked


def test_the_pin_is_asked_for_once_in_a_process() -> None:
    fake = FakeToken()
    assert log_in(fake) == [False]
    assert log_in(fake) == []
    assert fake.pins == [PIN]


def test_a_token_that_wants_no_pin() -> None:
    assert log_in(FakeToken(flags=p11.CKF_TOKEN_INITIALIZED)) == []


def test_a_wrong_pin_is_tried_once() -> None:
    fake = FakeToken()
    wrong = ("the PIN of the token vault is wrong", "it was tried once; a token locks after a few wrong ones")
    assert failure(log_in, fake, b"other") == (StoreError, *wrong)
    assert fake.pins == [b"other"]
    for answer in (p11.CKR_PIN_INVALID, p11.CKR_PIN_LEN_RANGE):
        fake.faults["login"] = [answer]
        assert failure(log_in, fake) == (StoreError, *wrong)


@pytest.mark.parametrize("flag", [p11.CKF_USER_PIN_COUNT_LOW, p11.CKF_USER_PIN_FINAL_TRY])
def test_whether_a_wrong_pin_was_tried_last_is_told(flag: int) -> None:
    assert log_in(FakeToken(flags=LOGIN | flag)) == [True]


def test_a_locked_pin_is_not_asked_for() -> None:
    locked = (StoreError, "the PIN of the token vault is locked", "its security officer can set a new one")
    fake = FakeToken(flags=LOGIN | p11.CKF_USER_PIN_LOCKED)
    assert failure(log_in, fake) == locked
    assert fake.pins == []
    other = FakeToken()
    other.faults["login"] = [p11.CKR_PIN_LOCKED]
    assert failure(log_in, other) == locked


def test_a_token_without_a_pin() -> None:
    fake = FakeToken(flags=LOGIN & ~p11.CKF_USER_PIN_INITIALIZED)
    assert failure(log_in, fake) == (
        StoreError,
        "the token vault has no PIN yet",
        "set one with the token's own tool",
    )


@pytest.mark.parametrize("answer", [p11.CKR_TOKEN_NOT_PRESENT, p11.CKR_DEVICE_REMOVED, p11.CKR_TOKEN_NOT_RECOGNIZED])
def test_a_token_that_is_gone(answer: int) -> None:
    fake = FakeToken()
    fake.faults["openSession"] = [answer]
    assert failure(log_in, fake) == (StoreError, "the token vault is gone", "put it back, and run it again")


def test_any_other_answer_is_named() -> None:
    fake = FakeToken()
    fake.faults["login"] = [p11.CKR_FUNCTION_FAILED]
    message = "the token vault, asked to log in, answers CKR_FUNCTION_FAILED"
    assert failure(log_in, fake) == (StoreError, message, None)


# ------------------------------------------------------------------------------------------------------- keys for HMAC


@pytest.mark.parametrize("size", [1, 31, 32, 33, 64, 65, 200])
def test_a_key_of_any_length_makes_its_hmac(size: int) -> None:
    fake, value = FakeToken(), b"k" * size
    token = opened(fake)
    found = token.put_secret("n", b"id", value)
    assert token.mac(found.handle, b"m") == digest(value, b"m", "sha256")
    kept = fake.objects[found.handle.value()][p11.CKA_VALUE]
    assert kept == (value.ljust(32, b"\0") if size <= 64 else sha256(value).digest())


@pytest.mark.parametrize(("least", "size"), [(0, 5), (5, 5), (6, 6), (64, 64), (65, 64), (256, 64)])
def test_the_least_size_of_a_token(least: int, size: int) -> None:
    fake = FakeToken()
    token = opened(fake)
    fake.least = least if least <= 64 else 0
    info = SimpleNamespace(ulMinKeySize=least)
    with mock.patch.object(token._library, "getMechanismInfo", return_value=info):
        found = token.put_secret("n", b"id", b"12345")
    assert len(fake.objects[found.handle.value()][p11.CKA_VALUE]) == size


def test_what_a_key_may_do() -> None:
    fake = FakeToken()
    found = opened(fake).put_secret("n", b"id", b"value")
    attributes = fake.objects[found.handle.value()]
    yes = {name for name, value in p11.CKA.items() if isinstance(name, str) and attributes.get(value) is True}
    no = {name for name, value in p11.CKA.items() if isinstance(name, str) and attributes.get(value) is False}
    assert yes == {"CKA_TOKEN", "CKA_PRIVATE", "CKA_SENSITIVE", "CKA_SIGN"}
    assert no == {
        "CKA_EXTRACTABLE",
        "CKA_NEVER_EXTRACTABLE",
        "CKA_MODIFIABLE",
        "CKA_VERIFY",
        "CKA_DERIVE",
        "CKA_ENCRYPT",
        "CKA_DECRYPT",
        "CKA_WRAP",
        "CKA_UNWRAP",
    }
    assert (attributes[p11.CKA_LABEL], attributes[p11.CKA_ID]) == ("n", b"id")
    assert (found.name, found.id, found.type, found.never_extractable) == ("n", b"id", "secret-key", False)
    assert repr(found) == "<Found secret-key n>"


@pytest.mark.parametrize(
    "kept",
    [
        {p11.CKA_SENSITIVE: False},
        {p11.CKA_EXTRACTABLE: True},
        {p11.CKA_LABEL: "m"},
        {p11.CKA_ID: b"i"},
        {p11.CKA_ID: None},
        "lies",
    ],
)
def test_a_key_that_is_not_kept_as_told_is_taken_out_again(kept: Any) -> None:
    fake = FakeToken()
    token = opened(fake)
    if kept == "lies":
        fake.lies = True
    else:
        fake.forgets = kept
    message = "the token vault does not keep a key as it was told to"
    assert failure(token.put_secret, "n", b"id", b"value") == (StoreError, message, "the key was taken out")
    assert fake.objects == {}


def test_a_token_that_takes_no_key() -> None:
    fake = FakeToken()
    token = opened(fake)
    fake.faults["createObject"] = [p11.CKR_KEY_SIZE_RANGE]
    message = "the token vault, asked to take a key, answers CKR_KEY_SIZE_RANGE"
    assert failure(token.put_secret, "n", b"id", b"value") == (StoreError, message, None)


def test_a_key_that_the_token_makes() -> None:
    fake = FakeToken()
    found = opened(fake).make_secret("n", b"id")
    attributes = fake.objects[found.handle.value()]
    assert (attributes[p11.CKA_EXTRACTABLE], attributes[p11.CKA_MODIFIABLE], attributes[p11.CKA_SIGN]) == (0, 0, 1)
    assert found.never_extractable


def test_keys_are_found_by_name_id_and_type() -> None:
    fake = FakeToken()
    token = opened(fake)
    for name, id in (("b", b"2"), ("a", b"2"), ("a", b"1")):
        token.put_secret(name, id, b"value")
    token.make_pair("a", b"3", "p256")

    def found(text: str) -> list[tuple[str, bytes, str]]:
        return [(one.name, one.id, one.type) for one in token.keys(parse_token_uri(text))]

    pair = ("a", b"3", "private")
    assert found("pkcs11:") == [("a", b"1", "secret-key"), ("a", b"2", "secret-key"), pair, ("b", b"2", "secret-key")]
    assert found("pkcs11:object=b") == [("b", b"2", "secret-key")]
    assert found("pkcs11:object=a;id=2") == [("a", b"2", "secret-key")]
    assert found("pkcs11:type=private") == [pair]
    assert found("pkcs11:object=c") == []
    assert found("pkcs11:type=cert") == []
    token.require_free("c")
    message = "there is a key named a in the token vault"
    assert failure(token.require_free, "a") == (Refused, message, "a token's key is never replaced")


# -------------------------------------------------------------------------------------------------- a secret in a token


def chained(hkdf: bool) -> tuple[FakeToken, TokenSecret]:
    fake = FakeToken(hkdf=hkdf)
    token = opened(fake)
    found = token.put_secret("root", b"id", b"AWS4secret")
    return fake, TokenSecret(token, found.handle, "root", b"AWS4")


def software(*parts: bytes) -> bytes:
    key = b"AWS4secret"
    for part in parts:
        key = digest(key, part, "sha256")
    return key


@pytest.mark.parametrize("hkdf", [False, True])
def test_a_chain_ends_where_it_ends_in_memory(hkdf: bool) -> None:
    _, secret = chained(hkdf)
    key = secret.mac_key(b"AWS4")
    parts = (b"20261123", b"us-east-1", b"s3", b"aws4_request")
    for place, part in enumerate(parts, 1):
        key = key.derived(part)
        assert isinstance(key, ChildKey) == hkdf
        assert key.in_token == hkdf
        assert key.mac(b"m") == software(*parts[:place], b"m")
        assert key.reveal() == software(*parts[:place])
        assert key.agrees(b"m", software(*parts[:place], b"m").hex())
        assert not key.agrees(b"n", software(*parts[:place], b"m").hex())


def test_what_is_derived_of_one_day_is_derived_once() -> None:
    fake, secret = chained(False)
    key = secret.mac_key(b"AWS4")
    before = fake.signed
    assert key.derived(b"1") is key.derived(b"1")
    assert fake.signed == before + 1
    assert key.derived(b"2") is not key.derived(b"1")
    assert fake.signed == before + 3


def test_a_key_that_was_asked_for_leaves_and_none_wider() -> None:
    fake, secret = chained(True)
    child = secret.mac_key(b"AWS4").derived(b"1").derived(b"2")
    before = len(fake.objects)
    assert child.reveal() == software(b"1", b"2")
    kept = [one for one in fake.objects.values() if one[p11.CKA_VALUE] == software(b"1", b"2")]
    assert (len(fake.objects) - before, kept) == (1, [])  # only the day's, which made it


def test_a_token_keeps_some_derived_keys_at_once_and_makes_the_others_again() -> None:
    fake, secret = chained(True)
    key = secret.mac_key(b"AWS4")
    children = [key.derived(b"%d" % number) for number in range(70)]
    for _ in range(2):
        for number, child in enumerate(children):
            assert child.mac(b"m") == software(b"%d" % number, b"m")
    # the root, the known answer's two, and those that are kept
    assert len(fake.objects) == 1 + 2 + pkcs11._MOST_LIVE


@pytest.mark.parametrize("fault", ["lies", "createObject", "deriveKey", "sign"])
def test_a_token_whose_hkdf_does_not_do_derives_in_memory(fault: str) -> None:
    fake, secret = chained(True)
    if fault == "lies":
        fake.lies = True
    else:
        fake.faults[fault] = [p11.CKR_MECHANISM_PARAM_INVALID]
    key = secret.mac_key(b"AWS4").derived(b"1")
    assert not isinstance(key, TokenKey)
    again = secret.mac_key(b"AWS4").derived(b"1")
    assert again is key


def test_a_token_that_stops_deriving() -> None:
    fake, secret = chained(True)
    child = secret.mac_key(b"AWS4").derived(b"1")
    fake.faults["deriveKey"] = [p11.CKR_DEVICE_MEMORY]
    assert failure(child.mac, b"m")[1] == "the token vault, asked to derive a key, answers CKR_DEVICE_MEMORY"


def test_a_secret_in_a_token_shows_nothing() -> None:
    _, secret = chained(False)
    inside = (Refused, "the key root is in a token and does not leave it", None)
    assert failure(secret.reveal) == inside
    assert failure(secret.mac_key(b"AWS4").reveal) == inside
    other = "the key root was put into its token for another scheme than this one"
    assert failure(secret.mac_key, b"") == (Refused, other, None)
    assert (repr(secret), repr(secret.mac_key(b"AWS4"))) == ("<TokenSecret>", "<TokenKey>")
    assert (len(secret), len(secret.mac_key(b"AWS4")), secret.in_token) == (32, 32, True)


def test_two_keys_are_compared_by_what_they_make() -> None:
    _, secret = chained(True)
    _, other = chained(False)
    key = secret.mac_key(b"AWS4")
    assert key == other.mac_key(b"AWS4")
    assert key.derived(b"1") == other.mac_key(b"AWS4").derived(b"1")
    assert key.derived(b"1") != key.derived(b"2")
    assert key != b"AWS4secret"
    assert secret == secret
    assert secret != other


# ----------------------------------------------------------------------------------------------------------- key pairs


@pytest.mark.parametrize("type", ["p256", "p384", "ed25519", "rsa3072"])
def test_a_pair_is_made_and_destroyed(type: str) -> None:
    fake = FakeToken()
    token = opened(fake)
    found = token.make_pair("n", b"id", type)
    assert (found.name, found.id, found.type, found.never_extractable) == ("n", b"id", "private", True)
    public, private = fake.objects.values()
    assert (private[p11.CKA_SENSITIVE], private[p11.CKA_EXTRACTABLE], private[p11.CKA_PRIVATE]) == (True, False, True)
    assert (public[p11.CKA_PRIVATE], public[p11.CKA_VERIFY]) == (False, True)
    assert token.public_of(found)[0] == ("rsa" if type == "rsa3072" else "ec")
    token.destroy(found)
    assert fake.objects == {}


def test_the_public_half_of_a_key_without_an_id_is_found_by_name() -> None:
    fake = FakeToken()
    token = opened(fake)
    token.make_pair("other", b"", "rsa3072")
    found = token.make_pair("n", b"", "p256")
    assert token.public_of(found)[:2] == ("ec", pkcs11.CURVES["p256"])


def test_a_pair_without_its_public_half() -> None:
    fake = FakeToken()
    token = opened(fake)
    found = token.make_pair("n", b"id", "p256")
    del fake.objects[1]
    message = "the token vault does not hold the public half of the key n"
    assert failure(token.public_of, found) == (NotFound, message, None)
