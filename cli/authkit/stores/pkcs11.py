"""What does a PKCS#11 token do for us?"""

import os
import stat
from contextlib import contextmanager, suppress

from authkit.errors import NotFound, Refused, StoreError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from ctypes import CDLL
    from types import ModuleType
    from typing import Any

    from authkit.keys.token_uri import TokenUri

SECRET_KEY, PRIVATE = "secret-key", "private"
# kind of key pair -> DER of its curve's parameters; for RSA the count of bits
CURVES = {
    "p256": bytes.fromhex("06082a8648ce3d030107"),
    "p384": bytes.fromhex("06052b81040022"),
    "ed25519": b"\x13\x0cedwards25519",
}
PAIRS = (*CURVES, "rsa3072", "rsa4096")
_BLOCK = 64
_MOST_LIVE = 64  # handles of derived keys that are kept in the token's memory at once
_KNOWN = b"authkit probes a token"


class Found:
    """A key in a token.

    Attributes:
        handle: of this session.
        type: SECRET_KEY or PRIVATE.
        name: its label.
        id: its CKA_ID, bytes.
        sensitive, extractable, never_extractable: as the token says.
    """

    __slots__ = ("extractable", "handle", "id", "name", "never_extractable", "sensitive", "type")

    def __init__(
        self, handle: "Any", type: str, name: str, id: bytes, sensitive: bool, extractable: bool, never: bool
    ) -> None:
        self.handle = handle
        self.type = type
        self.name = name
        self.id = id
        self.sensitive = sensitive
        self.extractable = extractable
        self.never_extractable = never

    def __repr__(self) -> str:
        return f"<Found {self.type} {self.name}>"


class Token:
    """A session with one token, logged in.

    Attributes:
        uri: what it was asked for by.
        label: what it is called.
        parts: what tells it from every other, as a pkcs11: URI has it.
        module_path: of its module.
    """

    __slots__ = (
        "_chains",
        "_info",
        "_library",
        "_live",
        "_p11",
        "_session",
        "_slot",
        "label",
        "module_path",
        "parts",
        "uri",
    )

    def __init__(self, uri: "TokenUri", module_path: str, library: "Any", slot: int, info: "Any") -> None:
        self.uri = uri
        self.module_path = module_path
        self.label = _plain(info.label)
        self.parts = {"token": self.label, "serial": _plain(info.serialNumber)}
        self._p11 = _pykcs11()
        self._library = library
        self._slot = slot
        self._info = info
        self._session: "Any" = None
        self._chains: "bool | None" = None
        self._live: "list[Callable[[], None]]" = []

    def __repr__(self) -> str:
        return f"<Token {self.label}>"

    def login(self, ask: "Callable[[Token, bool], bytes]", *, writing: bool = False) -> None:
        """Open a session, and log in where the token wants it and this process has not done so.

        Args:
            ask: (this token, whether a wrong PIN was tried last) -> the PIN.  What it returns is tried once.
            writing: whether keys will be put in or taken away.

        Raises:
            StoreError: if the PIN is wrong, locked or was never set.
        """
        p11, flags = self._p11, self._info.flags
        wanted = p11.CKF_SERIAL_SESSION | (p11.CKF_RW_SESSION if writing else 0)
        self._session = self._call("to open a session", self._library.openSession, self._slot, wanted)
        state = self._call("what state the session has", self._session.getSessionInfo).state
        if not flags & p11.CKF_LOGIN_REQUIRED or state in (p11.CKS_RO_USER_FUNCTIONS, p11.CKS_RW_USER_FUNCTIONS):
            return
        if not flags & p11.CKF_USER_PIN_INITIALIZED:
            raise StoreError(f"the token {self.label} has no PIN yet", "set one with the token's own tool")
        if flags & p11.CKF_USER_PIN_LOCKED:
            raise self._locked()
        pin = ask(self, bool(flags & (p11.CKF_USER_PIN_COUNT_LOW | p11.CKF_USER_PIN_FINAL_TRY)))
        self._call("to log in", self._session.login, pin)

    def keys(self, uri: "TokenUri") -> "list[Found]":
        """Return the secret and private keys that *uri* names, sorted by name."""
        p11 = self._p11
        classes = {SECRET_KEY: p11.CKO_SECRET_KEY, PRIVATE: p11.CKO_PRIVATE_KEY}
        asked: "list[Any]" = []
        if "object" in uri.parts:
            asked.append((p11.CKA_LABEL, uri.parts["object"]))
        if uri.id is not None:
            asked.append((p11.CKA_ID, uri.id))
        found = []
        for type, number in classes.items():
            if uri.parts.get("type", type) == type:
                query = [(p11.CKA_CLASS, number), *asked]
                found += [
                    self._describe(one, type) for one in self._call("to find keys", self._session.findObjects, query)
                ]
        return sorted(found, key=lambda one: (one.name, one.id))

    def named(self, name: str) -> "list[Found]":
        """Return the keys called *name*, in any order."""
        return [one for type in (SECRET_KEY, PRIVATE) for one in self.keys(self.uri.of(name, type, {}, ""))]

    def require_free(self, name: str) -> None:
        """Raise Refused if a key in the token is called *name*."""
        for one in self.named(name):
            raise Refused(
                f"there is a key named {one.name} in the token {self.label}", "a token's key is never replaced"
            )

    def mac(self, handle: "Any", message: bytes) -> bytes:
        """Return HMAC-SHA256 of *message* under a key of the token: bytes, 32."""
        mechanism = self._mechanism(self._p11.CKM_SHA256_HMAC)
        return bytes(self._call("to make an HMAC", self._session.sign, handle, message, mechanism))

    def sign(self, handle: "Any", mechanism: str, data: bytes, param: "Any" = None) -> bytes:
        """Return what a private key makes of *data* by a mechanism, e.g. "CKM_ECDSA"."""
        made = self._mechanism(self._p11.CKM[mechanism]) if param is None else param
        return bytes(self._call("to sign", self._session.sign, handle, data, made))

    def pss(self, mechanism: str, digest: str, mask: str, salt: int) -> "Any":
        """Return RSA-PSS's mechanism with its parameters."""
        p11 = self._p11
        return p11.RSA_PSS_Mechanism(p11.CKM[mechanism], p11.CKM[digest], p11.CKG[mask], salt)

    def can(self, mechanism: str) -> bool:
        """Say whether the token has a mechanism."""
        return mechanism in self._call("what it can do", self._library.getMechanismList, self._slot)

    def chains(self) -> bool:
        """Say whether a key derived by HMAC can stay in the token, found by a known answer.

        Source:
            RFC 5869 §2.2: HKDF-Extract(salt, IKM) is HMAC(salt, IKM); PKCS#11 3.0 §2.43, CKM_HKDF_DERIVE with a salt
            that is a key.  A token without it, or that answers otherwise, derives the first key only.
        """
        if self._chains is None:
            self._chains = self.can("CKM_HKDF_DERIVE") and self._answers()
        return self._chains

    def _answers(self) -> bool:
        from hmac import digest

        try:
            salt = self._session.createObject(self._key_template(_KNOWN, {"CKA_TOKEN": False}))
            made = bytes(self._session.sign(self._derive(salt, b"1"), b"2", self._mechanism(self._p11.CKM_SHA256_HMAC)))
        except self._p11.PyKCS11Error:
            return False
        return made == digest(digest(_KNOWN, b"1", "sha256"), b"2", "sha256")

    def derive(self, handle: "Any", message: bytes, forget: "Callable[[], None]") -> "Any":
        """Return the handle of the key HMAC-SHA256(key, *message*), which stays in the token.

        Args:
            forget: is called once the handle is no longer good, when too many are held.
        """
        made = self._call("to derive a key", self._derive, handle, message)

        def end() -> None:
            forget()
            self._call("to destroy a key", self._session.destroyObject, made)

        self._live.append(end)
        if len(self._live) > _MOST_LIVE:
            self._live.pop(0)()
        return made

    def _derive(self, handle: "Any", message: bytes) -> "Any":
        from struct import pack

        p11 = self._p11
        base = self._session.createObject(
            [
                (p11.CKA_CLASS, p11.CKO_SECRET_KEY),
                (p11.CKA_KEY_TYPE, p11.CKK_GENERIC_SECRET),
                (p11.CKA_VALUE, message),
                (p11.CKA_TOKEN, False),
                (p11.CKA_DERIVE, True),
            ]
        )
        # CK_HKDF_PARAMS: extract, not expand; the hash; a salt that is a key; no info
        param = pack("@BBLLPLLPL", 1, 0, p11.CKM_SHA256, p11.CKF_HKDF_SALT_KEY, 0, 0, handle.value(), 0, 0)
        mechanism = self._mechanism(p11.CKM_HKDF_DERIVE, param)
        try:
            template = self._key_template(None, {"CKA_TOKEN": False})
            return self._session.deriveKey(base, [*template, (p11.CKA_VALUE_LEN, 32)], mechanism)
        finally:
            self._session.destroyObject(base)

    def put_secret(self, name: str, id: bytes, value: bytes) -> Found:
        """Put a key for HMAC-SHA256 into the token, from which it does not come out again.

        Args:
            name: its label; several keys may have one.
            id: its CKA_ID.
            value: secret.

        Raises:
            StoreError: if the token does not take it, or not as a key that stays inside and makes the same HMAC.

        Source:
            RFC 2104 §2: a key over a block is hashed, and a shorter one is padded with zeros, so that both make the
            same HMAC; SECURITY-DECISIONS S12.
        """
        from hmac import compare_digest, digest

        template = self._key_template(self._fit(value), {"CKA_TOKEN": True}, name, id)
        handle = self._call("to take a key", self._session.createObject, template)
        with self._or_gone(handle):
            found = self._describe(handle, SECRET_KEY)
            kept = (found.name, found.id, found.sensitive, found.extractable) == (name, id, True, False)
            if not kept or not compare_digest(self.mac(handle, _KNOWN), digest(value, _KNOWN, "sha256")):
                what = f"the token {self.label} does not keep a key as it was told to"
                raise StoreError(what, "the key was taken out")
        return found

    def make_secret(self, name: str, id: bytes) -> Found:
        """Make a key for HMAC-SHA256 in the token, of 32 random bytes that never were outside of it."""
        p11 = self._p11
        template = [*self._key_template(None, {"CKA_TOKEN": True}, name, id), (p11.CKA_VALUE_LEN, 32)]
        mechanism = self._mechanism(p11.CKM_GENERIC_SECRET_KEY_GEN)
        handle = self._call("to make a key", self._session.generateKey, template, mechanism)
        with self._or_gone(handle):
            return self._describe(handle, SECRET_KEY)

    def make_pair(self, name: str, id: bytes, type: str) -> Found:
        """Make a key pair in the token.

        Args:
            type: one of PAIRS.
        """
        p11 = self._p11
        if type in CURVES:
            how = p11.CKM_EC_EDWARDS_KEY_PAIR_GEN if type == "ed25519" else p11.CKM_EC_KEY_PAIR_GEN
            special: "list[tuple[int, object]]" = [(p11.CKA_EC_PARAMS, CURVES[type])]
        else:
            how = p11.CKM_RSA_PKCS_KEY_PAIR_GEN
            special = [(p11.CKA_MODULUS_BITS, int(type[3:])), (p11.CKA_PUBLIC_EXPONENT, b"\1\0\1")]
        both = [(p11.CKA_TOKEN, True), (p11.CKA_LABEL, name), (p11.CKA_ID, id)]
        public = [*both, (p11.CKA_PRIVATE, False), (p11.CKA_VERIFY, True), *special]
        private = [
            *both,
            (p11.CKA_PRIVATE, True),
            (p11.CKA_SENSITIVE, True),
            (p11.CKA_EXTRACTABLE, False),
            (p11.CKA_SIGN, True),
            *[(p11.CKA[one], False) for one in ("CKA_DECRYPT", "CKA_UNWRAP", "CKA_DERIVE")],
        ]
        making = "to make a key pair", self._session.generateKeyPair, public, private, self._mechanism(how)
        handles = self._call(*making)
        with self._or_gone(*handles):
            return self._describe(handles[1], PRIVATE)

    @contextmanager
    def _or_gone(self, *handles: "Any") -> "Iterator[None]":
        """Destroy new keys where something fails before they are known to be good."""
        try:
            yield
        except StoreError:
            for handle in handles:
                with suppress(self._p11.PyKCS11Error):
                    self._session.destroyObject(handle)
            raise

    def destroy(self, found: Found) -> None:
        """Destroy a key for good, and the public half of a private one."""
        if found.type == PRIVATE:
            for one in self._public(found):
                self._call("to destroy a key", self._session.destroyObject, one)
        self._call("to destroy a key", self._session.destroyObject, found.handle)

    def public_of(self, found: Found) -> "tuple[str, bytes, bytes]":
        """Return what a private key's public half is made of.

        Returns:
            ("ec", DER parameters, point) or ("rsa", modulus, exponent), big-endian.

        Raises:
            NotFound: if the token does not hold it.
        """
        p11 = self._p11
        public = self._public(found)
        if not public:
            raise NotFound(f"the token {self.label} does not hold the public half of the key {found.name}")
        names = (p11.CKA_MODULUS, p11.CKA_PUBLIC_EXPONENT, p11.CKA_EC_PARAMS, p11.CKA_EC_POINT)
        modulus, exponent, params, point = [self._bytes(public[0], name) for name in names]
        return ("rsa", modulus, exponent) if modulus else ("ec", params, point)

    def _public(self, found: Found) -> "list[Any]":
        p11 = self._p11
        # a key that another program made may have no ID
        by = (p11.CKA_ID, found.id) if found.id else (p11.CKA_LABEL, found.name)
        query = [(p11.CKA_CLASS, p11.CKO_PUBLIC_KEY), by]
        handles: "list[Any]" = self._call("to find keys", self._session.findObjects, query)
        return handles

    def _key_template(
        self, value: "bytes | None", more: "dict[str, object]", name: str = "", id: bytes = b""
    ) -> "list[tuple[int, object]]":
        """Return what a key for HMAC is to be: it signs, does nothing else, stays inside, and is never changed."""
        p11 = self._p11
        false = ("CKA_EXTRACTABLE", "CKA_VERIFY", "CKA_DERIVE", "CKA_ENCRYPT", "CKA_DECRYPT", "CKA_WRAP", "CKA_UNWRAP")
        found: "list[tuple[int, object]]" = [
            (p11.CKA_CLASS, p11.CKO_SECRET_KEY),
            (p11.CKA_KEY_TYPE, p11.CKK_GENERIC_SECRET),
            *([] if value is None else [(p11.CKA_VALUE, value)]),
            (p11.CKA_PRIVATE, True),
            (p11.CKA_SENSITIVE, True),
            (p11.CKA_SIGN, True),
            *[(p11.CKA[one], False) for one in false],
            *[(p11.CKA[one], yes) for one, yes in more.items()],
        ]
        if name:
            found += [(p11.CKA_LABEL, name), (p11.CKA_ID, id), (p11.CKA_MODIFIABLE, False)]
        return found

    def _fit(self, value: bytes) -> bytes:
        from hashlib import sha256

        info = self._call("what it can do", self._library.getMechanismInfo, self._slot, "CKM_SHA256_HMAC")
        if len(value) > _BLOCK:
            value = sha256(value).digest()
        return value.ljust(min(info.ulMinKeySize, _BLOCK), b"\0")

    def _describe(self, handle: "Any", type: str) -> Found:
        p11 = self._p11
        names = [p11.CKA_SENSITIVE, p11.CKA_EXTRACTABLE, p11.CKA_NEVER_EXTRACTABLE]
        flags = [bool(one) for one in self._call("to describe a key", self._session.getAttributeValue, handle, names)]
        label = self._bytes(handle, p11.CKA_LABEL).decode("utf-8", "replace")
        return Found(handle, type, label, self._bytes(handle, p11.CKA_ID), *flags)

    def _bytes(self, handle: "Any", name: int) -> bytes:
        """Return an attribute of an object; b"" for one that it does not have."""
        found = self._call("to describe a key", self._session.getAttributeValue, handle, [name], True)[0]
        return bytes(found or b"")

    def _mechanism(self, number: int, param: "bytes | None" = None) -> "Any":
        return self._p11.Mechanism(number, param)

    def _call(self, doing: str, work: "Callable[..., Any]", *arguments: "Any") -> "Any":
        try:
            return work(*arguments)
        except self._p11.PyKCS11Error as error:
            raise self._fault(doing, error) from error

    def _fault(self, doing: str, error: "Any") -> StoreError:
        """Return the error for what a token answers."""
        p11 = self._p11
        if error.value in (p11.CKR_PIN_INCORRECT, p11.CKR_PIN_INVALID, p11.CKR_PIN_LEN_RANGE):
            hint = "it was tried once; a token locks after a few wrong ones"
            return StoreError(f"the PIN of the token {self.label} is wrong", hint)
        if error.value == p11.CKR_PIN_LOCKED:
            return self._locked()
        if error.value in (p11.CKR_TOKEN_NOT_PRESENT, p11.CKR_DEVICE_REMOVED, p11.CKR_TOKEN_NOT_RECOGNIZED):
            return StoreError(f"the token {self.label} is gone", "put it back, and run it again")
        return StoreError(f"the token {self.label}, asked {doing}, answers {_name_of(error)}")

    def _locked(self) -> StoreError:
        return StoreError(f"the PIN of the token {self.label} is locked", "its security officer can set a new one")


def open_token(uri: "TokenUri", module_path: "str | None") -> Token:
    """Return the one token that *uri* names, without a session yet.

    Args:
        module_path: of the module, where the URI does not name it.

    Raises:
        StoreError: if PyKCS11, the module or the token is missing, or the module does not work.
        Refused: if the module's file can be written by others.
        UsageError: if no module is named, or several tokens fit.
    """
    p11 = _pykcs11()
    path = uri.module_path or module_path
    if path is None:
        hint = "add ?module-path=/usr/lib/softhsm/libsofthsm2.so or the like, or set $AUTHKIT_PKCS11_MODULE"
        raise UsageError("no PKCS#11 module is named", hint)
    library = _load(path, uri.init)
    try:
        slots = [(slot, library.getTokenInfo(slot)) for slot in library.getSlotList(True)]
        info = library.getInfo()
        fitting = [(slot, token) for slot, token in slots if _fits(uri, slot, token, library.getSlotInfo(slot), info)]
    except p11.PyKCS11Error as error:
        raise StoreError(f"the PKCS#11 module {path}, asked for its tokens, answers {_name_of(error)}") from error
    fitting = [(slot, token) for slot, token in fitting if token.flags & p11.CKF_TOKEN_INITIALIZED]
    labels = sorted([_plain(token.label) for _, token in slots if token.flags & p11.CKF_TOKEN_INITIALIZED])
    if not fitting:
        raise StoreError(
            f"no token of {path} is the one that the URI names", f"it has {', '.join(labels)}" if labels else None
        )
    if len(fitting) > 1:
        told = ", ".join([f"serial={_plain(token.serialNumber)} ({_plain(token.label)})" for _, token in fitting])
        raise UsageError("the URI names several tokens", f"say which: {told}")
    return Token(uri, path, library, *fitting[0])


def _fits(uri: "TokenUri", slot: int, token: "Any", place: "Any", info: "Any") -> bool:
    """Say whether a token is one that the URI names."""
    version = info.libraryVersion
    said = {
        "token": token.label,
        "manufacturer": token.manufacturerID,
        "serial": token.serialNumber,
        "model": token.model,
        "slot-id": str(slot),
        "slot-description": place.slotDescription,
        "slot-manufacturer": place.manufacturerID,
        "library-manufacturer": info.manufacturerID,
        "library-description": info.libraryDescription,
        "library-version": f"{version[0]}.{version[1]}",
    }
    return all([_plain(said[name]) == value for name, value in uri.parts.items() if name in said])


def _load(path: str, init: "str | None") -> "Any":
    """Return a module, initialised."""
    from ctypes import CDLL

    p11 = _pykcs11()
    _judge_module(path)
    library = p11.PyKCS11Lib()
    try:
        module = CDLL(path)  # PyKCS11 says on standard output why it cannot load one
        if init is not None:
            _initialise(module, init)
        library.load(path)
    except (p11.PyKCS11Error, OSError, AttributeError) as error:
        why = f": it answers {_name_of(error)}" if isinstance(error, p11.PyKCS11Error) and error.value > 0 else ""
        raise StoreError(f"the PKCS#11 module {path} cannot be used{why}") from error
    return library


def _judge_module(path: str) -> None:
    """Refuse a file whose code others can choose (T11)."""
    try:
        status = os.stat(path)
    except (OSError, ValueError) as error:
        raise StoreError(f"there is no PKCS#11 module at {path}", "is the token's software installed?") from error
    if not stat.S_ISREG(status.st_mode):
        raise StoreError(f"the PKCS#11 module {path} is not a file")
    if status.st_uid not in (0, os.geteuid()) or status.st_mode & 0o022:
        raise Refused(f"the PKCS#11 module {path} can be written by others", f"chmod go-w {path}, as its owner")


def _initialise(module: "CDLL", init: str) -> None:
    """Initialise a module with a text of its own, as NSS's softoken wants it; PyKCS11 then finds that done.

    Source:
        PKCS#11 3.0 §3.7 CK_C_INITIALIZE_ARGS; NSS calls pReserved LibraryParameters.
    """
    import ctypes

    class Arguments(ctypes.Structure):
        _fields_ = [
            *[(name, ctypes.c_void_p) for name in ("create", "destroy", "lock", "unlock")],
            ("flags", ctypes.c_ulong),
            ("reserved", ctypes.c_char_p),
            ("end", ctypes.c_void_p),
        ]

    functions = ctypes.c_void_p()
    module.C_GetFunctionList(ctypes.byref(functions))
    # behind the version, and what aligns it, stands C_Initialize
    place = ctypes.c_void_p.from_address((functions.value or 0) + ctypes.sizeof(ctypes.c_void_p)).value or 0
    arguments = Arguments(None, None, None, None, 2, init.encode("utf-8"), None)  # 2: CKF_OS_LOCKING_OK
    answer = ctypes.CFUNCTYPE(ctypes.c_ulong, ctypes.c_void_p)(place)(ctypes.addressof(arguments))
    p11 = _pykcs11()
    if answer not in (p11.CKR_OK, p11.CKR_CRYPTOKI_ALREADY_INITIALIZED):
        raise p11.PyKCS11Error(answer)


def _pykcs11() -> "ModuleType":
    """Return PyKCS11.

    Raises:
        StoreError: if it is not installed.
    """
    try:
        import PyKCS11
    except ImportError as error:
        hint = "pip install 'authkit[hsm]'"
        raise StoreError("keys in a token need PyKCS11, which is not installed", hint) from error
    module: "ModuleType" = PyKCS11
    return module


def _name_of(error: "Any") -> str:
    return str(error).partition(" (")[0]


def _plain(text: "Any") -> str:
    """Return a text that a token pads."""
    return str(text).rstrip(" \0")
