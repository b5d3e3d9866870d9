"""How long, and how well, does a certificate protect?"""

from datetime import timedelta

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from authkit.certs.describe import Described

    Rows = Iterator[tuple[str, str]]

DAY = timedelta(days=1)
LONGEST, NEAR = 398 * DAY, 30 * DAY
# what is below has not even the 64 bits that a random number must have, bad luck allowed for
_RANDOM_BITS = 56
_SMALL_CURVES = ("p192",)
_RARE_CURVES = ("p224", "secp256k1")
_BROKEN = ("md2", "md4", "md5")


def is_root(described: "Described") -> bool:
    """Say whether it is a CA that names itself as its issuer, with its own key."""
    return described.is_ca and is_self_issued(described)


def is_self_issued(described: "Described") -> bool:
    """Say whether it names itself as its issuer; no signature is checked."""
    same = described.subject_der == described.issuer_der and bool(described.subject_parts)
    return same and (described.aki is None or described.ski is None or described.aki == described.ski)


def stamp(instant: "datetime") -> str:
    """Write an instant as YYYY-MM-DDThh:mm:ssZ."""
    return f"{instant.isoformat()[:19]}Z"


def time(described: "Described", at: "datetime") -> "Rows":
    """Yield what is wrong with the validity."""
    begin, end = described.not_before, described.not_after
    if end is not None and at > end:
        yield "expired", f"on {stamp(end)}"
    if begin is not None and at < begin:
        yield "not-yet-valid", f"before {stamp(begin)}"
    if begin is None or end is None:
        return
    if end < begin:
        yield "validity-reversed", f"{stamp(begin)} to {stamp(end)}"
    elif at <= end and end - at < min(NEAR, (end - begin) / 3):
        yield "expires-soon", f"on {stamp(end)}"
    if end - begin > LONGEST and _is_client(described):
        yield "lifetime-long", "it never ends" if end.year == 9999 else f"{(end - begin).days} days"


def _is_client(described: "Described") -> bool:
    eku = described.eku
    named = not eku or "clientAuth" in eku or "anyExtendedKeyUsage" in eku
    return named and not described.is_ca and "serverAuth" not in eku


def key(described: "Described") -> "Rows":
    """Yield what is wrong with the public key."""
    if described.key is None:
        return
    kind = str(described.key["type"])
    if kind.startswith("rsa"):
        yield from _rsa(described.key)
    elif kind in _SMALL_CURVES:
        yield "curve-weak", kind
    elif kind in _RARE_CURVES or kind.startswith("brainpool"):
        yield "curve-rare", kind
    elif kind == "ec-explicit":
        yield "curve-explicit", ""
    elif kind.startswith("ec-"):
        yield "curve-unknown", kind[3:]
    elif kind.startswith("dsa"):
        yield "key-dsa", ""
    elif kind in ("x25519", "x448"):
        yield "key-cannot-sign", kind
    elif kind[:1].isdigit():
        yield "key-unknown", kind


def _rsa(key: "dict[str, object]") -> "Rows":
    bits, exponent = key["bits"], key.get("exponent")
    assert isinstance(bits, int)
    if bits < 2048:
        yield "rsa-short", f"{bits} bits"
    elif bits < 3072:
        yield "rsa-below-3072", f"{bits} bits"
    elif bits > 8192:
        yield "rsa-long", f"{bits} bits"
    if bits % 8:
        yield "rsa-odd-size", f"{bits} bits"
    number = int(exponent, 16) if isinstance(exponent, str) else exponent
    if not isinstance(number, int):
        return
    if number < 3 or number % 2 == 0:
        yield "rsa-exponent", str(exponent)[:40]
    elif number < 65537:
        yield "rsa-exponent-small", str(number)
    elif number.bit_length() > 31:
        yield "rsa-exponent-large", f"{number.bit_length()} bits"


def signature(described: "Described") -> "Rows":
    """Yield what is wrong with the signature's algorithm."""
    name = described.signature_algorithm
    lower = name.lower()
    broken, old = lower.startswith(_BROKEN) or lower.endswith("-md5"), "sha1" in lower
    if (broken or old) and is_root(described):
        yield "signature-old-root", name
    elif broken:
        yield "signature-broken", name
    elif old:
        yield "signature-sha1", name
    elif name == "unsigned":
        yield "unsigned", ""
    elif name[:1].isdigit():
        yield "signature-unknown", name


def serial(described: "Described") -> "Rows":
    """Yield what is wrong with the serial number."""
    text = described.serial
    if not text:
        return
    number = int(text, 16)
    if number < 0:
        yield "serial-negative", text[:42]
    elif number == 0:
        yield "serial-zero", ""
    elif number.bit_length() < _RANDOM_BITS and not is_root(described):
        yield "serial-predictable", text
    octets = max(number, ~number).bit_length() // 8 + 1
    if octets > 20:
        yield "serial-long", f"{octets} octets"
