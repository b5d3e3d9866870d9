"""Which keyid does a key sign under, and which key does a keyid mean?"""

from datetime import datetime
from hmac import compare_digest

from authkit.errors import MessageRejected, Refused, UsageError
from authkit.keys.access import AccessKey
from authkit.keys.select import choose_signing, refuse_ended, secret_for
from authkit.keys.subkeys import Subkey

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from authkit.keys.prove import PrivateKey, PublicKey
    from authkit.keys.select import Key
    from authkit.secret import MacKey

LABEL = "rfc9421"
HMAC = "hmac-sha256"
# type of key -> what it may sign with; the first unless --alg says otherwise (S24)
ALGORITHMS = {
    "ed25519": ("ed25519",),
    "p256": ("ecdsa-p256-sha256",),
    "p384": ("ecdsa-p384-sha384",),
    "rsa": ("rsa-pss-sha512", "rsa-v1_5-sha256"),
}
RSA = ALGORITHMS["rsa"]
NAMES = (HMAC, *[name for row in ALGORITHMS.values() for name in row])
# octets of a signature; RSA's are as many as the key's
_LENGTHS = {HMAC: 32, "ed25519": 64, "ecdsa-p256-sha256": 64, "ecdsa-p384-sha384": 96}
_HINT = "one of " + ", ".join(NAMES)


class Signer:
    """What makes a signature.

    Attributes:
        keyid: to write; None for none.
        names: every keyid that the key answers to.
        algorithm: of NAMES.
        sign: signature base, ASCII -> signature.
        access_key_id: whose key it is; "" where nothing says it.
        scope: credential scope of a subkey; "" without.
        day: the UTC day that `created` must be on, as YYYY-MM-DD; None for any.
        thumbprint: of the key as a JWK; "" for a secret.
    """

    __slots__ = ("keyid", "names", "algorithm", "sign", "access_key_id", "scope", "day", "thumbprint")

    def __init__(
        self,
        keyid: "str | None",
        names: "frozenset[str]",
        algorithm: str,
        sign: "Callable[[bytes], bytes]",
        access_key_id: str,
        scope: str = "",
        day: "str | None" = None,
        thumbprint: str = "",
    ) -> None:
        self.keyid = keyid
        self.names = names
        self.algorithm = algorithm
        self.sign = sign
        self.access_key_id = access_key_id
        self.scope = scope
        self.day = day
        self.thumbprint = thumbprint


def choose_signer(keys: "list[Key]", options: "Any", at: datetime) -> Signer:
    """Return what signs a message at *at*.

    Args:
        keys: of one reference, 1 or more.
        options: region, service, alg, keyid, scheme_override.

    Raises:
        Refused: if no key may, or none is of this day.
        UsageError: if several keys fit, or the algorithm is not for the key.

    Source:
        SECURITY-DECISIONS S5, S7, S24. Deviations: none.
    """
    first = keys[0]
    if isinstance(first, Subkey):
        found = _subkey_signer(keys, options, at)
    elif isinstance(first, AccessKey):
        key = secret_for(keys, LABEL, options.scheme_override)
        refuse_ended(key, at)
        mac, own = key.secret.mac_key(b""), key.access_key_id
        found = Signer(own, frozenset((own,)), HMAC, mac.mac, own)
    else:
        found = _pair_signer(first, options.alg)
    if options.alg not in (None, found.algorithm):
        raise UsageError(f"--alg {options.alg[:40]}: this key signs with {found.algorithm}", _HINT)
    if options.keyid is not None:
        if found.scope:
            raise UsageError("--keyid: a subkey signs under its whole credential")
        found.keyid = options.keyid or None
    return found


def _subkey_signer(keys: "list[Key]", options: "Any", at: datetime) -> Signer:
    whole = [one for one in keys if isinstance(one, Subkey) and is_whole(one)]
    if not whole:
        raise Refused("the key is wider than a signing key", "derive a signing key with 'authkit derive-subkey'")
    wanted = {"region": options.region, "service": options.service}
    chosen = choose_signing(list(whole), whole[0].scope.chain, at, wanted, dict)
    scope = str(chosen.scope)
    name = f"{chosen.access_key_id}/{scope}"
    day = chosen.scope.day.isoformat()
    return Signer(name, frozenset((name,)), HMAC, chosen.key.mac, chosen.access_key_id, scope, day)


def is_whole(key: Subkey) -> bool:
    """Say whether *key* is a signing key, the only level that signs here (S7)."""
    return len(key.scope.values) == len(key.scope.chain.levels)


def _pair_signer(key: "Any", wanted: "str | None") -> Signer:
    from authkit.keys.prove import PrivateKey, certificate_name, thumbprint

    if not isinstance(key, PrivateKey):
        raise Refused("the key is a public key, which checks and does not sign")
    allowed = ALGORITHMS.get(key.type)
    if allowed is None:
        raise Refused(f"RFC 9421 has no algorithm for a key of type {key.type}")
    algorithm = wanted if wanted in allowed else allowed[0]
    public = key.public()
    keyid = certificate_name(key.chain[0]) if key.chain else thumbprint(public)
    own = key.id or keyid
    return Signer(
        own, public.names | {own}, algorithm, lambda base: key.sign(algorithm, base), own, thumbprint=thumbprint(public)
    )


class Checker:
    """A key that may have made a signature.

    Attributes:
        algorithm: of NAMES; by the key, never by the message.
        access_key_id: whose key it is; "" where nothing says it.
        scope: credential scope of a subkey; "" without.
        subkey: None for any other key.
        public: a public key; None for one that signs as well as it checks.
        mac: that one; None for a public key.
    """

    __slots__ = ("algorithm", "access_key_id", "scope", "subkey", "public", "mac")

    def __init__(
        self,
        algorithm: str,
        access_key_id: str,
        mac: "MacKey | None" = None,
        public: "PublicKey | None" = None,
        subkey: "Subkey | None" = None,
    ) -> None:
        self.algorithm = algorithm
        self.access_key_id = access_key_id
        self.mac = mac
        self.public = public
        self.subkey = subkey
        self.scope = str(subkey.scope) if subkey is not None else ""

    def check_length(self, signature: bytes) -> None:
        """Pass a signature that is as long as the algorithm makes it.

        Raises:
            Rejected: signature-der, signature-length.

        Source:
            RFC 9421 §3.3; SECURITY-DECISIONS S24. Deviations: none.
        """
        length = _LENGTHS.get(self.algorithm, len(signature))
        if len(signature) != length:
            der = signature[:1] == b"\x30" and len(signature) > 1 and signature[1] == len(signature) - 2
            if der and "ecdsa" in self.algorithm:
                raise MessageRejected("signature-der", f"{len(signature)} octets and not {length}")
            raise MessageRejected("signature-length", f"{len(signature)} octets and not {length}")

    def agrees(self, base: bytes, signature: bytes) -> bool:
        """Say whether *signature* is of *base* under this key; constant time where the key is a secret."""
        if self.mac is not None:
            return compare_digest(self.mac.mac(base), signature)
        assert self.public is not None
        return self.public.verify(self.algorithm, base, signature)


def find_checkers(
    keys: "list[Key]", keyid: "str | None", wanted: "str | None", override: bool
) -> "tuple[list[Checker], bool]":
    """Return the keys that a message's keyid may mean, and whether it was compared with theirs.

    Args:
        keys: all keys the verifier holds.
        keyid: as the message has it; compared as text, never used as the name of anything (A15).
        wanted: the algorithm the verifier demands; None for the key's own.
        override: whether a key that was made for another scheme may be used all the same.

    Raises:
        Rejected: unknown-key, other-scheme, no-secret, subkey-out-of-scope, algorithm.
    """
    named = [one for one in keys if keyid is not None and _answers(one, keyid)]
    compared = bool(named)
    if not named:
        # a public key that was given without an ID answers to any; without a keyid, so does the only key there is
        named = [one for one in keys if not isinstance(one, AccessKey | Subkey) and one.id is None]
        if keyid is None and not named and len(keys) == 1 and not isinstance(keys[0], Subkey):
            named = keys
    if not named:
        raise _unknown(keys, keyid)
    return [_checker(one, wanted, override) for one in named], compared


def _answers(key: "Key", keyid: str) -> bool:
    if isinstance(key, AccessKey):
        return key.access_key_id == keyid
    if isinstance(key, Subkey):
        return keyid.endswith(str(key.scope)) and keyid == f"{key.access_key_id}/{key.scope}" and is_whole(key)
    return keyid == key.id or keyid in _public_half(key).names


def _public_half(key: "PrivateKey | PublicKey") -> "PublicKey":
    return key.public() if hasattr(key, "public") else key


def _unknown(keys: "list[Key]", keyid: "str | None") -> MessageRejected:
    if keyid is None:
        return MessageRejected("unknown-key", "the signature names none")
    held = sorted(
        str(one.scope) for one in keys if isinstance(one, Subkey) and keyid.startswith(f"{one.access_key_id}/")
    )
    if held:
        return MessageRejected("subkey-out-of-scope", f"{keyid[:160]!r}; held: {', '.join(held[:3])}")
    return MessageRejected("unknown-key", f"{keyid[:160]!r}")


def _checker(key: "Key", wanted: "str | None", override: bool) -> Checker:
    if isinstance(key, Subkey):
        found = Checker(HMAC, key.access_key_id, mac=key.key, subkey=key)
    elif isinstance(key, AccessKey):
        if key.use == "derive":
            raise MessageRejected("other-scheme", f"{key.access_key_id} is a master secret, which never signs")
        if key.scheme not in (None, LABEL) and not override:
            raise MessageRejected("other-scheme", f"{key.scheme} and {LABEL}", "--scheme-override insists")
        if not len(key.secret):
            raise MessageRejected("no-secret")
        found = Checker(HMAC, key.access_key_id, mac=key.secret.mac_key(b""))
    else:
        return checker_of(_public_half(key), wanted)
    if wanted not in (None, HMAC):
        raise MessageRejected("algorithm", f"{wanted} is demanded and the key is for {HMAC}")
    return found


def checker_of(public: "PublicKey", wanted: "str | None") -> Checker:
    """Return *public* as a checker; its type decides the algorithm, and *wanted* between those of an RSA key.

    Raises:
        Rejected: algorithm.
    """
    allowed = ALGORITHMS.get(public.type, ())
    if not allowed or wanted not in (None, *allowed):
        raise MessageRejected("algorithm", f"{wanted or 'none'} for a key of type {public.type}")
    return Checker(wanted or allowed[0], public.access_key_id, public=public)


def check_day(checker: Checker, created: datetime) -> None:
    """Pass a signature that was made on the UTC day of the subkey that checks it.

    Args:
        created: aware UTC.

    Raises:
        Rejected: scope-date-mismatch.
    """
    if checker.subkey is not None:
        day = checker.subkey.scope.day
        if created.date() != day:
            raise MessageRejected("scope-date-mismatch", f"{day} and {created:%Y-%m-%dT%H:%M:%SZ}")
