"""Which serial number does a certificate have?"""


def serial_of(der: bytes) -> "int | None":
    """Return the serial number of a certificate in DER, whatever else is wrong with it; None if it shows none.

    Source:
        RFC 5280 §4.1: Certificate, in it TBSCertificate, in it the version, which may be absent, and the serial number.
        Deviations: none.
    """
    try:
        certificate, _ = _element(der, 0x30)
        signed, _ = _element(certificate, 0x30)
        if signed[:1] == b"\xa0":
            _, signed = _element(signed, 0xA0)
        number, _ = _element(signed, 0x02)
    except (IndexError, ValueError):
        return None
    return int.from_bytes(number, "big", signed=True) if number else None


def _element(data: bytes, kind: int) -> "tuple[bytes, bytes]":
    """Return what is in the element of that kind that *data* begins with, and what is behind it."""
    if data[0] != kind:
        raise ValueError("another element")
    length, start = data[1], 2
    if length & 0x80:
        start += length & 0x7F
        length = int.from_bytes(data[2:start], "big")
    if len(data) < start + length:
        raise ValueError("cut short")
    return data[start : start + length], data[start + length :]
