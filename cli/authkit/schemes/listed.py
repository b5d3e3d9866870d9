"""How do the schemes whose Authorization lists signed headers, and whose secret signs as it is, read and check them?"""

from authkit.errors import InputError, Rejected
from authkit.messages import fields, target
from authkit.messages.request import Request
from authkit.schemes.demands import Demands, check_required

_HEX = "0123456789abcdef"


def read_fields(text: str, first: str) -> "dict[str, str]":
    """Return the fields of an Authorization header by name.

    Args:
        text: what stands behind the algorithm; its fields are separated by ',' with or without space.
        first: name of the field that says whose key it is; the others are SignedHeaders and Signature.

    Raises:
        Rejected: authorization-syntax, signature-format.
    """
    names = (first, "SignedHeaders", "Signature")
    found: "dict[str, str]" = {}
    for field in text.split(","):
        name, mark, value = field.strip(" \t").partition("=")
        if not mark or name not in names or name in found:
            raise Rejected("authorization-syntax", f"the field {name[:40]!r} is unknown, repeated or has no value")
        found[name] = value
    if len(found) != len(names):
        raise Rejected("authorization-syntax", f"{first}, SignedHeaders and Signature must each stand once")
    signature = found["Signature"]
    if len(signature) != 64 or signature.strip(_HEX):
        raise Rejected("signature-format")
    return found


def check_list(request: Request, signed: "list[str]") -> "list[str]":
    """Check the list of signed headers; return the names that are present and not in it, sorted.

    Raises:
        Rejected: signed-headers, signed-header-missing, duplicate-header.
    """
    text = ";".join(signed)
    if signed != sorted(set(signed)) or text != text.lower() or "" in signed or "authorization" in signed:
        raise Rejected("signed-headers", f"{text[:128]!r}")
    for name in signed:
        if name not in request.grouped:
            raise Rejected("signed-header-missing", name[:64])
        if len(request.grouped[name]) > 1:
            raise Rejected("duplicate-header", name[:64])
    return sorted(request.grouped.keys() - set(signed))


def check_must_sign(
    unsigned: "list[str]", signed: "list[str]", wanted: Demands, prefix: str, *, date: str, session: str
) -> None:
    """Check that what must be signed is signed.

    Args:
        unsigned: names that are present and not signed.
        signed: names that are.
        prefix: of the scheme's own headers, lower case; each of them must be signed.
        date, session: which of them hold the date and the session token.

    Raises:
        Rejected: host-not-signed, date-not-signed, token-not-signed, content-type-unsigned, unsigned-x-amz-header,
            required-component.
    """
    if "host" not in signed:
        raise Rejected("host-not-signed")
    for name in unsigned:
        if name == date:
            raise Rejected("date-not-signed")
        if name == session:
            raise Rejected("token-not-signed")
        if name in wanted.allow_unsigned:
            continue
        if name == "content-type":
            raise Rejected("content-type-unsigned", hint="--allow-unsigned content-type accepts it")
        if name.startswith(prefix):
            raise Rejected("unsigned-x-amz-header", name[:64])
    check_required(wanted.required, signed)


def check_signing(request: Request, names: "list[str]") -> "list[str]":
    """Return the names of the headers to sign, sorted.

    Raises:
        InputError: if one of them stands twice, which these schemes do not say how to sign.
    """
    for name in names:
        if len(request.grouped[name]) > 1:
            raise InputError(f"the request has the header {name[:64]} twice", "leave one of them")
    return sorted(names)


def canonical_headers(grouped: "dict[str, list[str]]", signed: "list[str]") -> str:
    """Return the canonical headers, one line each, in the order of *signed*; values are trimmed."""
    return "".join([f"{name}:{fields.trim(grouped[name][0])}\n" for name in signed])


def canonical_query(query: str) -> str:
    """Return the parameters, each decoded once and encoded again, sorted; a name without value gets its '='.

    Raises:
        Rejected: target-syntax, for a stray '%', and for a '+', which one server reads as a space and another does not.
    """
    refuse_plus(query)
    return target.canonical_query(query, plus_is_space=False)


def refuse_plus(query: str) -> None:
    """Raise for a '+' in the query.

    Raises:
        Rejected: target-syntax.
    """
    if "+" in query:
        raise Rejected(
            "target-syntax",
            "a '+' in the query, which one server reads as a space and another as itself",
            "write %20 or %2B",
        )
