"""How is one field of a certificate read: a name, a time, a key, an algorithm?"""

from datetime import datetime, timezone
from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from authkit.certs import der, oids

# what pyca raises when it does not read something
UNREADABLE = (
    ValueError,
    TypeError,  # a name part of a type that its kind may not have
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)

# RFC 4514 §2.4
_ESCAPES = {ord(char): "\\" + char for char in '",+;<>\\'} | {0: "\\00"}

_CODECS = {
    der.UTF8_STRING: "utf-8",
    der.BMP_STRING: "utf-16-be",
    der.UNIVERSAL_STRING: "utf-32-be",
    der.PRINTABLE_STRING: "latin-1",
    der.TELETEX_STRING: "latin-1",
    der.IA5_STRING: "latin-1",
    18: "latin-1",
    26: "latin-1",
}


def why(error: Exception) -> str:
    """Return in a few words why pyca refused something."""
    text = str(error).split("\n")[0]
    if isinstance(error, der.Broken):
        return text
    if text.startswith("error parsing asn1 value"):
        return "is not DER of the right form"
    return f"cannot be read ({text[:120].rstrip('.')})"


@lru_cache(maxsize=512)
def read_name(data: bytes) -> "tuple[str, tuple[tuple[str, str], ...], str]":
    """Read a distinguished name.

    Args:
        data: a Name, DER.

    Returns:
        its text as RFC 4514 writes it; its parts as (name or OID, value), in the order of the certificate;
        what is wrong with it, or "".  What cannot be decoded stands in the text as escapes.

    Source:
        RFC 4514 §2; RFC 5280 §4.1.2.4.
        Deviations: more short names than RFC 4514 §3 lists; a name that breaks the rules is shown as far as it goes.
    """
    try:
        found = [[(part.oid.dotted_string, part.value) for part in rdn] for rdn in x509.Name.from_bytes(data).rdns]
        fault = ""
    except UNREADABLE:
        found, fault = _walk_name(data)
    parts, levels = [], []
    for rdn in found:
        texts = []
        for oid, value in rdn:
            name = oids.NAME_PARTS.get(oid, oid)
            plain = value if type(value) is str else f"#{value.hex()}"  # type: ignore[union-attr]
            parts.append((name, plain))
            texts.append(f"{name}={_escaped(plain) if plain is value else plain}")
        levels.append("+".join(texts))
    return ",".join(reversed(levels)), tuple(parts), fault


def _escaped(value: str) -> str:
    text = value.translate(_ESCAPES)
    if text[:1] in ("#", " "):
        text = "\\" + text
    if text[-1:] == " " and len(value) > 1:
        text = text[:-1] + "\\ "
    return text


def _walk_name(data: bytes) -> "tuple[list[list[tuple[str, str | bytes]]], str]":
    """Read as much of a name as there is."""
    rdns: "list[list[tuple[str, str | bytes]]]" = []
    faults: "list[str]" = []
    start, end, fault = der.outer(data)
    levels, broken = der.until_broken(data, start, end)
    for _, _, inside, stop in levels:
        pairs, cut = der.until_broken(data, inside, stop)
        parts = [_walk_part(data[begin:last], faults) for _, begin, _, last in pairs]
        faults += [cut] * bool(cut) + ["has a relative distinguished name without parts"] * (not pairs)
        if parts:
            rdns.append(parts)
    faults += [one for one in (fault, broken) if one]
    return rdns, faults[0] if faults else "is not a name that RFC 5280 allows"


def _walk_part(pair: bytes, faults: "list[str]") -> "tuple[str, str | bytes]":
    start, end, _ = der.outer(pair)
    parts, _ = der.until_broken(pair, start, end)
    try:
        oid = der.oid(pair[parts[0][2] : parts[0][3]] if parts else b"")
    except der.Broken as error:
        faults.append(str(error))
        oid = "?"
    if len(parts) < 2:
        return oid, b""
    tag, begin, inside, stop = parts[1]
    body, codec = pair[inside:stop], _CODECS.get(tag)
    if codec is None:
        return oid, pair[begin:stop]
    try:
        return oid, body.decode(codec)
    except UnicodeDecodeError:
        faults.append(f"has a part {oids.NAME_PARTS.get(oid, oid)} that is not {codec.upper()}")
        return oid, body.decode(codec, "backslashreplace")


@lru_cache(maxsize=256)
def read_time(tag: int, body: bytes) -> datetime:
    """Read a time.

    Returns:
        aware UTC, whole seconds.

    Raises:
        Broken: if it is not YYMMDDhhmmssZ (UTCTime) or YYYYMMDDhhmmssZ (GeneralizedTime), or no real instant.

    Source:
        RFC 5280 §4.1.2.5.
        Deviations: none.
    """
    text = body.decode("latin-1")
    if tag == der.UTC_TIME and len(text) == 13:
        full = ("19" if text[:2] >= "50" else "20") + text
    elif tag == der.GENERALIZED_TIME and len(text) == 15:
        full = text
    else:
        raise der.Broken(f"is not a time as RFC 5280 writes it: {text[:40]}")
    try:
        if not body[:-1].isdigit() or full[14] != "Z":
            raise ValueError
        return datetime(
            int(full[:4]), int(full[4:6]), int(full[6:8]), int(full[8:10]), int(full[10:12]), int(full[12:14]),
            tzinfo=timezone.utc,
        )  # fmt: skip
    except ValueError:
        raise der.Broken(f"is no real instant: {text}") from None


@lru_cache(maxsize=64)
def read_signature_algorithm(data: bytes) -> str:
    """Return the name of a signature algorithm, its OID where it has none here; RSA-PSS with its hash.

    Args:
        data: an AlgorithmIdentifier, DER.

    Raises:
        Broken: if it is none.
    """
    parts = der.children(data)
    if not parts:
        raise der.Broken("names no algorithm")
    oid = der.oid(der.content(parts[0][1]))
    name = oids.SIGNATURES.get(oid, oid)
    if name != "rsassaPss":
        return name
    hash_name = "sha1"  # the default of RFC 4055
    for tag, part in der.children(parts[1][1]) if len(parts) > 1 else ():
        if tag == 0xA0:
            hash_oid = der.oid(der.content(der.content(der.content(part))))
            hash_name = oids.HASHES.get(hash_oid, hash_oid)
    return f"rsassaPss-{hash_name}"


def read_key(data: bytes, certificate: "x509.Certificate | None" = None) -> "tuple[dict[str, object] | None, str]":
    """Read a public key.

    Args:
        data: a SubjectPublicKeyInfo, DER.
        certificate: the one it is out of, where pyca has read that: a shorter way to the same answer.

    Returns:
        {"type", "bits"}, for RSA with "exponent", or None where not even the algorithm can be read; what is wrong
        with the key, or "".  The type is e.g. "p256", "rsa2048", "ed25519", "ml-dsa-65", or the algorithm's OID.
    """
    try:
        key = _walk_key(data)
    except der.Broken as error:
        return None, str(error)
    try:
        if certificate is not None:
            certificate.public_key()
        else:
            from cryptography.hazmat.primitives.serialization import load_der_public_key

            load_der_public_key(data)
    except UNREADABLE as error:
        return key, why(error)
    return key, ""


def _walk_key(data: bytes) -> "dict[str, object]":
    _, _, start, end = der.element(data, 0, len(data))
    _, at, _, stop = der.element(data, start, end)
    algorithm = data[at:stop]
    kind, size = _key_kind(algorithm)
    if kind == "rsa":
        return _rsa_key(der.content(data[stop:end])[1:])
    if kind == "dsa":
        modulus = der.children(der.children(algorithm)[1][1])[0][1]
        size = int.from_bytes(der.content(modulus), "big").bit_length()
        return {"type": f"dsa{size}", "bits": size}
    return {"type": kind, "bits": size}


@lru_cache(maxsize=64)
def _key_kind(algorithm: bytes) -> "tuple[str, int]":
    """Return the type and the size in bits that an AlgorithmIdentifier names; 0 where it does not say."""
    parts = der.children(algorithm)
    if not parts:
        raise der.Broken("names no algorithm")
    oid = der.oid(der.content(parts[0][1]))
    kind, size = oids.KEYS.get(oid, (oid, 0))
    if kind == "ec":
        if len(parts) < 2 or parts[1][0] != der.OID:
            return "ec-explicit", 0
        name = der.oid(der.content(parts[1][1]))
        kind, size = oids.CURVES.get(name, (f"ec-{name}", 0))
    return kind, size


def _rsa_key(data: bytes) -> "dict[str, object]":
    numbers = der.children(data)
    if len(numbers) < 2:
        raise der.Broken("is not an RSA key")
    modulus, exponent = (int.from_bytes(der.content(number), "big", signed=True) for _, number in numbers[:2])
    size = modulus.bit_length()
    return {"type": f"rsa{size}", "bits": size, "exponent": exponent if abs(exponent) < 2**53 else f"{exponent:x}"}
