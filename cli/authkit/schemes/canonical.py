"""How do the derived-key schemes rewrite a request before they sign it?"""

from hashlib import sha256

from authkit.messages import fields, target
from authkit.messages.request import Request
from authkit.schemes.derived import Derived

UNSIGNED = "UNSIGNED-PAYLOAD"


class Rules:
    """How a service reads the request it is sent.

    Attributes:
        normalize_path: dot and empty segments are removed before signing.
        double_encode: the path is percent-encoded once more than it travels.
        plus_is_space: a '+' in the query is a space.
    """

    __slots__ = ("normalize_path", "double_encode", "plus_is_space")

    def __init__(self, normalize_path: bool, double_encode: bool, plus_is_space: bool) -> None:
        self.normalize_path = normalize_path
        self.double_encode = double_encode
        self.plus_is_space = plus_is_space


_PLAIN, _USUAL = Rules(False, False, True), Rules(True, True, False)


def rules_for(
    row: Derived, service: "str | None", normalize_path: "bool | None" = None, double_encode: "bool | None" = None
) -> Rules:
    """Return the rules of *service*, except where a choice was made.

    Source:
        AWS SigV4, "Create a canonical request": S3 does not normalise and encodes once; every other service does both.
        Deviations: none.
    """
    usual = _PLAIN if service in row.plain_services else _USUAL
    if normalize_path is None and double_encode is None:
        return usual
    return Rules(
        usual.normalize_path if normalize_path is None else normalize_path,
        usual.double_encode if double_encode is None else double_encode,
        usual.plus_is_space,
    )


def canonical_headers(grouped: "dict[str, list[str]]", signed: "list[str]") -> str:
    """Return the canonical headers, one line each, in the order of *signed*.

    Args:
        grouped: header name, lower case -> its values; several are joined by ',' in their order.
        signed: header names, lower case, sorted, each present.
    """
    lines = []
    for name in signed:
        values = grouped[name]
        value = values[0]
        if len(values) > 1:
            value = ",".join([fields.collapse(one) for one in values])
        elif " " in value or "\t" in value:
            value = fields.collapse(value)
        lines.append(f"{name}:{value}\n")
    return "".join(lines)


def canonical_request(
    request: Request,
    signed: "list[str]",
    payload_hash: str,
    rules: Rules,
    grouped: "dict[str, list[str]] | None" = None,
) -> str:
    """Return the canonical request.

    Args:
        request: its query is the one to sign, without the signature.
        signed: header names, lower case, sorted, each present.
        payload_hash: lower-case hex, 64, or the word that stands for it.
        grouped: the headers to sign, where they are not yet the request's own.

    Returns:
        one character a byte.

    Raises:
        Rejected: target-syntax.

    Source:
        AWS SigV4, "Create a canonical request", steps 1–6. Deviations: none.
    """
    path, query = request.parts
    return (
        f"{request.method}\n"
        f"{target.canonical_path(path, normalize=rules.normalize_path, double=rules.double_encode)}\n"
        f"{target.canonical_query(query, plus_is_space=rules.plus_is_space)}\n"
        f"{canonical_headers(request.grouped if grouped is None else grouped, signed)}\n"
        f"{';'.join(signed)}\n"
        f"{payload_hash}"
    )


def string_to_sign(label: str, stamp: str, scope: str, canonical: str) -> str:
    """Return the string to sign.

    Source:
        AWS SigV4, "Create a string to sign". Deviations: none.
    """
    return f"{label}\n{stamp}\n{scope}\n{sha256(canonical.encode('latin-1')).hexdigest()}"
