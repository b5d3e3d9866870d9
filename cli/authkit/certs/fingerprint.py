"""How is a fingerprint written, and how is one read back in whatever spelling?"""

from binascii import Error, a2b_base64, unhexlify

from authkit.base64 import encode

SHA1_SIZE, SHA256_SIZE = 20, 32


def colon_hex(fingerprint_hex: str) -> str:
    """Return hexadecimal digits in upper case, with a colon after every second, as OpenSSL writes them."""
    return unhexlify(fingerprint_hex).hex(":").upper()


def base64_of(fingerprint_hex: str) -> str:
    """Return a fingerprint in base64, padded; of a SubjectPublicKeyInfo this is the pin of RFC 7469."""
    return encode(unhexlify(fingerprint_hex))


def base64url_of(fingerprint_hex: str) -> str:
    """Return a fingerprint in base64url, unpadded; of SHA-256 over a certificate this is x5t#S256."""
    return base64_of(fingerprint_hex).rstrip("=").replace("+", "-").replace("/", "_")


def spellings(sha256_hex: str, sha1_hex: str, spki_sha256_hex: str) -> "list[tuple[str, str]]":
    """Return (name, text) for every usual spelling of a certificate's fingerprints.

    Args:
        sha256_hex: over the certificate, lower case.
        sha1_hex: over the certificate, lower case; some software still prints it.
        spki_sha256_hex: over its SubjectPublicKeyInfo, lower case, or "".
    """
    rows = [
        ("sha256", sha256_hex),
        ("sha256_colon", colon_hex(sha256_hex)),
        ("sha256_base64", base64_of(sha256_hex)),
        ("x5t_s256", base64url_of(sha256_hex)),
        ("sha1", sha1_hex),
        ("sha1_colon", colon_hex(sha1_hex)),
    ]
    if spki_sha256_hex:
        rows.append(("spki_pin", base64_of(spki_sha256_hex)))
    return rows


def parse_fingerprint(text: str) -> "bytes | None":
    """Read a fingerprint.

    Args:
        text: hexadecimal in either case, with a colon or a space after every second digit or without; base64 or
            base64url, padded or not; before it optionally a word such as "sha256:", "x5t-S256:" or
            "SHA256 Fingerprint=".

    Returns:
        bytes, 32 (SHA-256) or 20 (SHA-1); None if it is no fingerprint.
    """
    text = _unlabelled(text.strip())
    plain = text
    for mark in ":", " ":
        if mark in text:
            pairs = text.split(mark)
            if any([len(pair) != 2 for pair in pairs]):
                return None
            plain = "".join(pairs)
    if len(plain) in (2 * SHA1_SIZE, 2 * SHA256_SIZE):
        try:
            return unhexlify(plain)
        except ValueError:
            return None
    body = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        found = a2b_base64(body + "=" * (-len(body) % 4), strict_mode=True)
    except (Error, ValueError):
        return None
    return found if len(found) in (SHA1_SIZE, SHA256_SIZE) and encode(found).rstrip("=") == body else None


def _unlabelled(text: str) -> str:
    for mark in ("=", ":"):
        label, found, rest = text.partition(mark)
        word = label.lower().replace("-", "").replace("_", "").replace("#", "").removesuffix(" fingerprint")
        if found and word in ("sha256", "sha1", "x5ts256", "x5t", "pinsha256"):
            return rest.strip().strip('"')
    return text
