"""What does an input look like that holds no certificate?"""

_CONVERT_JKS = "convert it: keytool -importkeystore -srckeystore FILE -destkeystore out.p12 -deststoretype pkcs12"
_KNOWN = "certificates are read from PEM, DER, PKCS#7, PKCS#12, CSR, CRL, OCSP, SPKAC and forwarded headers"

# how it begins -> what it is, what to do
_BEGINNINGS = (
    (b"ssh-", "looks like an SSH public key, which is no certificate", _KNOWN),
    (b"ecdsa-sha2-", "looks like an SSH public key, which is no certificate", _KNOWN),
    (b"sk-", "looks like an SSH public key, which is no certificate", _KNOWN),
    (b"age-encryption.org/", "looks like an age file, which is encrypted", "open it first: age --decrypt -i KEY FILE"),
    (b"AGE-SECRET-KEY-", "looks like an age identity, which is a secret and no certificate", _KNOWN),
    (b"\xfe\xed\xfe\xed", "looks like a Java keystore (JKS)", _CONVERT_JKS),
    (b"\xce\xce\xce\xce", "looks like a Java keystore (JCEKS)", _CONVERT_JKS),
    (b"<!doctype", "looks like an HTML page", "what was to be a download may be an error message: read it"),
    (b"<html", "looks like an HTML page", "what was to be a download may be an error message: read it"),
    (b"<?xml", "looks like XML", _KNOWN),
    (b"\x1f\x8b", "looks like a gzip file", "unpack it first: gzip -d FILE"),
    (b"pk\3\4", "looks like a ZIP file", "unpack it first: unzip FILE"),
    (b"{", "looks like JSON", "give the text of its member that holds PEM or base64"),
    (b"[", "looks like JSON", "give the text of its member that holds PEM or base64"),
    (b"-----begin", "looks like PEM, but its first line is cut off", _KNOWN),
    (b"\x30", "is DER, but of no structure that is known here", _KNOWN),
)


def explain(data: bytes) -> "tuple[str, str]":
    """Return what *data* looks like, and what to do about it; both for a person."""
    text = data.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not text:
        return ("is empty" if not data else "holds nothing but white space"), _KNOWN
    lower = text[:32].lower()
    for start, message, hint in _BEGINNINGS:
        if lower.startswith(start.lower()):
            return message, hint
    name, colon, _ = text.partition(b":")
    if colon and name.replace(b"-", b"").replace(b"_", b"").isalnum() and len(name) <= 64:
        return "looks like a header", "show what a proxy forwarded with --header 'Name: value'"
    return "is in no format that holds a certificate", _KNOWN
