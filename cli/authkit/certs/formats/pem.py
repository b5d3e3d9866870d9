"""What holds PEM: one block or thousands, with any text around them?"""

from binascii import Error, a2b_base64

from authkit.certs import der
from authkit.certs.formats import Format, Found, Other, read_structure
from authkit.certs.price import password_of
from authkit.certs.structure import structure, unwrapped
from authkit.errors import InputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_BEGIN, _END, _DASHES = b"-----BEGIN ", b"-----END ", b"-----"
_LONGEST_LABEL = 64
# more than any bundle has, and a second or two of work
MOST_BLOCKS = 100_000
_CERTIFICATE = "CERTIFICATE"

# what a block holds -> the labels that say so
_LABELS = {
    "certificate": (_CERTIFICATE, "X509 CERTIFICATE", "X.509 CERTIFICATE", "TRUSTED CERTIFICATE"),
    "csr": ("CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"),
    "crl": ("X509 CRL", "CRL"),
    "pkcs7": ("PKCS7", "CMS", "PKCS #7 SIGNED DATA"),
    "pkcs12": ("PKCS12",),
    "ocsp-response": ("OCSP RESPONSE",),
    "spkac": ("SPKAC",),
    "private-key": ("PRIVATE KEY",),
    "encrypted-private-key": ("ENCRYPTED PRIVATE KEY",),
    "rsa-private-key": ("RSA PRIVATE KEY",),
    "dsa-private-key": ("DSA PRIVATE KEY",),
    "ec-private-key": ("EC PRIVATE KEY",),
    "public-key": ("PUBLIC KEY",),
    "rsa-public-key": ("RSA PUBLIC KEY",),
}


class _Block:
    """A block: its label, its text, the label of its END line ("" where that is missing), and where it stands."""

    __slots__ = ("label", "body", "end_label", "source")

    def __init__(self, label: str, body: bytes, end_label: str, source: str) -> None:
        self.label = label
        self.body = body
        self.end_label = end_label
        self.source = source


def _sniff(data: bytes) -> bool:
    # a message in DER may have PEM inside
    return _BEGIN in data and not (data[:1] == b"\x30" and structure(unwrapped(data)))


def _load(data: bytes, what: str, password: "Callable[[], bytes]") -> Found:
    found, password = Found("pem"), password_of(password)  # one for all blocks
    for block in _blocks(data, what):
        _read_block(found, block, password)
    if not found.certificates and not found.others:
        raise InputError(f"{what}: looks like PEM, but no block in it is complete", "was the file cut off?")
    if found.certificates:
        for other in found.others:
            if other.kind == "private key":
                other.findings.append(_KEY_BESIDE)
    return found


_KEY_BESIDE = (
    "private-key-beside-certificate",
    "warning",
    "the file also holds a private key, which whoever is given the certificate then has; it is not shown",
)


def _blocks(data: bytes, what: str) -> "list[_Block]":
    """Cut *data* into its blocks."""
    blocks = []
    count = data.count(_BEGIN)
    if count > MOST_BLOCKS:
        raise InputError(f"{what}: holds {count} blocks of PEM, where {MOST_BLOCKS} are read", "split the file")
    before, *pieces = data.split(_BEGIN)
    line = 1 + before.count(b"\n")
    for number, piece in enumerate(pieces, 1):
        label, dashes, rest = piece.partition(_DASHES)
        if len(label) <= _LONGEST_LABEL and (dashes or number < count):
            body, end, tail = rest.partition(_END)
            end_label, closed, _ = tail.partition(_DASHES)
            said = end_label if closed and len(end_label) <= _LONGEST_LABEL else b""
            source = f"{what}, line {line}" if count > 1 else what
            blocks.append(_Block(label.decode("latin-1"), body, (said.decode("latin-1") or "?") if end else "", source))
        line += piece.count(b"\n")
    return blocks


def _read_block(found: Found, block: _Block, password: "Callable[[], bytes]") -> None:
    label = block.label
    if label != block.end_label:
        _note(found, block, *_end_fault(block))
    try:
        data = _decode(block)
    except _Encrypted as error:
        found.others.append(Other("private key", block.source, [("encrypted", f"yes, {error}")]))
        return
    except Error:
        _note(found, block, "pem-damaged", f"the block {label} is not base64")
        return
    kind = "certificate" if label == _CERTIFICATE and data[8:13] == b"\xa0\3\2\1\2" else structure(data)
    if label in _LABELS["certificate"] and not kind and data[:1] == b"\x30":
        kind = "certificate"  # too broken to tell, but that is what it claims
    if label not in _LABELS.get(kind, (label,)):
        _note(found, block, "pem-label", f"the block is labelled {label} but holds {_NAMES.get(kind, 'a key')}")
    if kind == "certificate":
        _take_certificate(found, block, data)
    elif kind:
        try:
            inner = read_structure(kind, data, block.source, password)
        except InputError as error:
            _note(found, block, "pem-unreadable", error.message)
            return
        found.certificates += inner.certificates
        found.others += inner.others
    else:
        found.others.append(_foreign(block, data))


_NAMES = {
    "certificate": "a certificate",
    "csr": "a certificate request",
    "crl": "a revocation list",
    "pkcs7": "PKCS#7",
    "pkcs12": "PKCS#12",
    "ocsp-response": "an OCSP response",
    "spkac": "an SPKAC",
}


def _foreign(block: _Block, data: bytes) -> Other:
    """Name a block that holds nothing known here, and nothing of what is in it."""
    if block.label == "OPENSSH PRIVATE KEY":
        from authkit.certs.formats.key import describe_openssh

        return describe_openssh(data, block.source)
    kind = "private key" if block.label.endswith("PRIVATE KEY") else "PEM block"
    return Other(kind, block.source, [("label", block.label), ("size", f"{len(data)} bytes")])


def _end_fault(block: _Block) -> "tuple[str, str]":
    if not block.end_label:
        return "pem-no-end", f"the block {block.label} has no END line"
    return "pem-end-label", f"the block begins as {block.label} and ends as {block.end_label}"


def _note(found: Found, block: _Block, id: str, message: str) -> None:
    found.others.append(Other("PEM block", block.source, [("label", block.label)], [(id, "error", message)]))


class _Encrypted(Exception):
    """The block's bytes are encrypted, as its header says."""


def _decode(block: _Block) -> bytes:
    """Return a block's bytes.

    Raises:
        binascii.Error: if it is not base64, white space apart.
        _Encrypted: if an RFC 1421 header says that it is encrypted.
    """
    body = block.body
    if b"\\" in body:  # a PEM text inside JSON or a shell variable
        body = body.replace(b"\\r", b"").replace(b"\\n", b"\n")
    if b":" in body:
        headers, body = _headers(body)
        if "ENCRYPTED" in headers:
            cipher = headers.partition("DEK-Info:")[2].partition("\n")[0].partition(",")[0]
            raise _Encrypted(cipher.strip() or "by its header")
    text = b"".join(body.split())
    if text[-1:] == b"=" or block.end_label:
        return a2b_base64(text, strict_mode=True)
    # without an END line other text may follow
    return a2b_base64(text)


def _headers(body: bytes) -> "tuple[str, bytes]":
    """Split RFC 1421 headers, which an empty line ends, from the base64."""
    lines = body.strip().split(b"\n")
    at = 0
    while at < len(lines) and (b":" in lines[at] or lines[at][:1] in (b" ", b"\t")):
        at += 1
    return b"\n".join(lines[:at]).decode("latin-1"), b"\n".join(lines[at:])


def _take_certificate(found: Found, block: _Block, data: bytes) -> None:
    if block.label == "TRUSTED CERTIFICATE":
        _, end, _ = der.outer(data)
        if end < len(data):
            found.others.append(Other("trust settings", block.source, _trust(data[end:])))
            data = data[:end]
    found.certificates.append((data, block.source))


def _trust(data: bytes) -> "list[tuple[str, str]]":
    """Read what OpenSSL keeps beside a certificate: purposes it is trusted and rejected for, and its alias."""
    from authkit.certs import oids

    facts = []
    try:
        for tag, raw in der.children(data):
            if tag in (der.SEQUENCE, 0xA0):
                dotted = [der.oid(der.content(one)) for _, one in der.children(raw)]
                name = "trusted_for" if tag == der.SEQUENCE else "rejected_for"
                facts += [(name, oids.PURPOSES.get(one, one)) for one in dotted]
            elif tag == der.UTF8_STRING:
                facts.append(("alias", der.content(raw).decode("utf-8", "backslashreplace")))
    except der.Broken as error:
        facts.append(("fault", str(error)))
    return facts


FORMAT = Format("pem", _sniff, _load)
