"""A PKCS#11 module in this process, for what no real one can be made to do; the real ones are in tests/interop."""

import hmac
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any
from unittest import mock

import PyKCS11 as p11
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils

from authkit.stores import pkcs11

PIN = b"31415926"
SERIAL = "8f2d"
LOGIN = p11.CKF_LOGIN_REQUIRED | p11.CKF_USER_PIN_INITIALIZED | p11.CKF_TOKEN_INITIALIZED
_HASHES: dict[int, hashes.HashAlgorithm] = {p11.CKM_SHA256: hashes.SHA256(), p11.CKM_SHA512: hashes.SHA512()}
_SPKI = (serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


class Handle:
    """What the fake hands out for an object: its number."""

    def __init__(self, number: int) -> None:
        self.number = number

    def value(self) -> int:
        return self.number


class FakeToken:
    """One token.

    Attributes:
        objects: number -> {attribute: value}; of a private key under "key" too.
        faults: name of a method -> the CKR_ number that it answers, once for each that is in the list.
        pins: those that were tried.
        forgets: attributes that are not kept as they were told.
        least: the shortest key for HMAC, bytes.
    """

    def __init__(self, label: str = "vault", flags: int = LOGIN, serial: str = SERIAL, hkdf: bool = False) -> None:
        self.info = SimpleNamespace(
            label=label.ljust(32),
            serialNumber=serial.ljust(16),
            manufacturerID="maker".ljust(32),
            model="one",
            flags=flags,
        )
        self.objects: dict[int, dict[Any, Any]] = {}
        self.faults: dict[str, list[int]] = {}
        self.pins: list[bytes] = []
        self.forgets: dict[int, Any] = {}
        self.least = 32
        self.hkdf = hkdf
        self.lies = False
        self.logged_in = False
        self.signed = 0
        self._next = 1

    def add(self, attributes: dict[Any, Any]) -> Handle:
        number = self._next
        self._next += 1
        self.objects[number] = attributes
        return Handle(number)

    def fail(self, name: str) -> None:
        """Answer the fault that is next for a method, if any."""
        waiting = self.faults.get(name, [])
        if waiting:
            raise p11.PyKCS11Error(waiting.pop(0))


class FakeLibrary:
    """A module with some tokens."""

    def __init__(self, *tokens: FakeToken) -> None:
        self.tokens = list(tokens)

    def getSlotList(self, present: bool) -> list[int]:
        assert present
        self.tokens[0].fail("getSlotList")
        return list(range(len(self.tokens)))

    def getTokenInfo(self, slot: int) -> Any:
        return self.tokens[slot].info

    def getSlotInfo(self, slot: int) -> Any:
        return SimpleNamespace(slotDescription=f"place {slot}".ljust(64), manufacturerID="reader".ljust(32))

    def getInfo(self) -> Any:
        return SimpleNamespace(manufacturerID="library", libraryDescription="fake", libraryVersion=(2, 6))

    def getMechanismList(self, slot: int) -> list[str]:
        return ["CKM_SHA256_HMAC", *(["CKM_HKDF_DERIVE"] if self.tokens[slot].hkdf else [])]

    def getMechanismInfo(self, slot: int, name: str) -> Any:
        assert name == "CKM_SHA256_HMAC"
        return SimpleNamespace(ulMinKeySize=self.tokens[slot].least, ulMaxKeySize=512)

    def openSession(self, slot: int, flags: int) -> "FakeSession":
        self.tokens[slot].fail("openSession")
        return FakeSession(self.tokens[slot], bool(flags & p11.CKF_RW_SESSION))


class FakeSession:
    """A session with one token."""

    def __init__(self, token: FakeToken, writing: bool) -> None:
        self.token = token
        self.writing = writing

    def getSessionInfo(self) -> Any:
        states = p11.CKS_RO_USER_FUNCTIONS, p11.CKS_RO_PUBLIC_SESSION
        return SimpleNamespace(state=states[0] if self.token.logged_in else states[1])

    def login(self, pin: bytes) -> None:
        self.token.fail("login")
        self.token.pins.append(pin)
        if pin != PIN:
            raise p11.PyKCS11Error(p11.CKR_PIN_INCORRECT)
        self.token.logged_in = True

    def findObjects(self, template: list[tuple[int, Any]]) -> list[Handle]:
        self.token.fail("findObjects")
        return [
            Handle(number)
            for number, one in self.token.objects.items()
            if one.get(p11.CKA_TOKEN) and all(one.get(name) == value for name, value in template)
        ]

    def createObject(self, template: list[tuple[int, Any]]) -> Handle:
        self.token.fail("createObject")
        given = dict(template)
        assert self.writing or not given[p11.CKA_TOKEN]
        given.setdefault(p11.CKA_SENSITIVE, False)
        kept = {p11.CKA_NEVER_EXTRACTABLE: False, p11.CKA_EXTRACTABLE: True}
        return self.token.add({**kept, **given, **self.token.forgets})

    def destroyObject(self, handle: Handle) -> None:
        self.token.fail("destroyObject")
        del self.token.objects[handle.number]

    def getAttributeValue(self, handle: Handle, names: list[int], as_bytes: bool = False) -> list[Any]:
        self.token.fail("getAttributeValue")
        one = self.token.objects[handle.number]
        values = [None if name == p11.CKA_VALUE and one[p11.CKA_SENSITIVE] else one.get(name) for name in names]
        return [value.encode() if as_bytes and isinstance(value, str) else value for value in values]

    def sign(self, handle: Handle, data: bytes, mecha: Any) -> list[int]:
        self.token.fail("sign")
        self.token.signed += 1
        one, number = self.token.objects[handle.number], mecha.to_native().mechanism
        if number == p11.CKM_SHA256_HMAC:
            assert one[p11.CKA_SIGN]
            assert len(one[p11.CKA_VALUE]) >= self.token.least or not one[p11.CKA_TOKEN]
            made = hmac.digest(one[p11.CKA_VALUE], data, "sha256")
            return list(bytes(32) if self.token.lies else made)
        return list(_sign(one["key"], number, data, mecha)[: 9 if self.token.lies else None])

    def deriveKey(self, base: Handle, template: list[tuple[int, Any]], mecha: Any) -> Handle:
        self.token.fail("deriveKey")
        fields = struct.unpack("@BBLLPLLPL", bytes(mecha._param))
        assert fields[:4] == (1, 0, p11.CKM_SHA256, p11.CKF_HKDF_SALT_KEY)
        salt, message = self.token.objects[fields[6]], self.token.objects[base.number]
        value = hmac.digest(salt[p11.CKA_VALUE], message[p11.CKA_VALUE], "sha256")
        given = dict(template)
        assert given[p11.CKA_SENSITIVE]
        assert given[p11.CKA_EXTRACTABLE] is False
        return self.token.add({**given, p11.CKA_VALUE: value})

    def generateKey(self, template: list[tuple[int, Any]], mecha: Any) -> Handle:
        self.token.fail("generateKey")
        assert mecha.to_native().mechanism == p11.CKM_GENERIC_SECRET_KEY_GEN
        given = dict(template)
        assert given[p11.CKA_VALUE_LEN] == 32
        return self.token.add({**given, p11.CKA_VALUE: b"g" * 32, p11.CKA_NEVER_EXTRACTABLE: True})

    def generateKeyPair(
        self, public: list[tuple[int, Any]], private: list[tuple[int, Any]], mecha: Any
    ) -> tuple[Handle, Handle]:
        self.token.fail("generateKeyPair")
        halves, number = dict(public), mecha.to_native().mechanism
        if number == p11.CKM_RSA_PKCS_KEY_PAIR_GEN:
            assert halves[p11.CKA_PUBLIC_EXPONENT] == b"\1\0\1"
            key: Any = rsa.generate_private_key(65537, halves[p11.CKA_MODULUS_BITS])
        elif number == p11.CKM_EC_EDWARDS_KEY_PAIR_GEN:
            key = ed25519.Ed25519PrivateKey.generate()
        else:
            assert number == p11.CKM_EC_KEY_PAIR_GEN
            wide = halves[p11.CKA_EC_PARAMS] == pkcs11.CURVES["p384"]
            key = ec.generate_private_key(ec.SECP384R1() if wide else ec.SECP256R1())
        return self.token.add({**halves, **public_half(key), p11.CKA_CLASS: p11.CKO_PUBLIC_KEY}), self.token.add(
            {**dict(private), "key": key, p11.CKA_CLASS: p11.CKO_PRIVATE_KEY, p11.CKA_NEVER_EXTRACTABLE: True}
        )


def public_half(key: Any, wrapped: bool = True) -> dict[int, bytes]:
    """Return the attributes of a public key.

    Args:
        wrapped: whether a point is in an OCTET STRING.
    """
    public = key.public_key()
    if isinstance(public, rsa.RSAPublicKey):
        numbers = public.public_numbers()
        return {
            p11.CKA_MODULUS: numbers.n.to_bytes((numbers.n.bit_length() + 7) // 8, "big"),
            p11.CKA_PUBLIC_EXPONENT: b"\1\0\1",
        }
    point = public.public_bytes_raw() if isinstance(public, ed25519.Ed25519PublicKey) else public.public_bytes(*_SPKI)
    return {p11.CKA_EC_POINT: bytes([4, len(point)]) + point if wrapped else point}


def _sign(key: Any, number: int, data: bytes, mecha: Any) -> bytes:
    if number == p11.CKM_EDDSA:
        return bytes(key.sign(data))
    if number == p11.CKM_ECDSA:
        size = (key.key_size + 7) // 8
        wide: hashes.HashAlgorithm = {32: hashes.SHA256(), 48: hashes.SHA384(), 64: hashes.SHA512()}[len(data)]
        r, s = utils.decode_dss_signature(key.sign(data, ec.ECDSA(utils.Prehashed(wide))))
        return r.to_bytes(size, "big") + s.to_bytes(size, "big")
    if number == p11.CKM_RSA_PKCS_PSS:
        digest = _HASHES[mecha._param.hashAlg]
        how = padding.PSS(padding.MGF1(digest), mecha._param.sLen)
        return bytes(key.sign(data, how, utils.Prehashed(digest)))
    assert number == p11.CKM_RSA_PKCS
    size = {51: 32, 83: 64}[len(data)]
    digest = {32: hashes.SHA256(), 64: hashes.SHA512()}[size]
    return bytes(key.sign(data[-size:], padding.PKCS1v15(), utils.Prehashed(digest)))


@contextmanager
def inserted(*tokens: FakeToken) -> Iterator[Callable[[], None]]:
    """Let every module have these tokens; what is yielded ends what they know of this process, as its end does."""

    def forget() -> None:
        for token in tokens:
            token.logged_in = False
            for number in [number for number, one in token.objects.items() if not one[p11.CKA_TOKEN]]:
                del token.objects[number]

    with mock.patch.object(pkcs11, "_load", return_value=FakeLibrary(*tokens)):
        yield forget
