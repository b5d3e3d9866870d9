"""How do the derived-key schemes rewrite a request before they sign it?"""

from hashlib import sha256

from authkit.errors import Rejected
from authkit.messages import fields, target
from authkit.messages.request import Request
from authkit.schemes.derived import (
    COLLAPSED,
    DECODED,
    FORM,
    LOWERED,
    NAMED,
    PAIRS,
    SWITCHED,
    WIRE,
    Derived,
    Rules,
)

UNSIGNED = "UNSIGNED-PAYLOAD"


def rules_for(
    row: Derived, service: "str | None", normalize_path: "bool | None" = None, double_encode: "bool | None" = None
) -> Rules:
    """Return the rules of *service*, except where a choice was made.

    Source:
        AWS SigV4, "Create a canonical request": S3 does not normalise and encodes once; every other service does both.
        Deviations: none.
    """
    usual = row.plain_rules if service in row.plain_services else row.rules
    if normalize_path is None and double_encode is None:
        return usual
    return Rules(
        usual.normalize_path if normalize_path is None else normalize_path,
        usual.double_encode if double_encode is None else double_encode,
        usual.plus_is_space,
        usual.path,
        usual.query,
        usual.values,
    )


def canonical_path(path: str, rules: Rules) -> str:
    """Return the canonical URI: one character a byte.

    Args:
        path: as on the wire; "" is the same as "/".

    Raises:
        Rejected: target-syntax; also for a line end in a path that is signed decoded, since it would end the line.
    """
    if rules.path is SWITCHED:
        return target.canonical_path(path, normalize=rules.normalize_path, double=rules.double_encode)
    if rules.path == WIRE:
        return path or "/"
    text = target.decode(path if rules.path == DECODED else path.replace("+", " ")).decode("latin-1")
    if rules.path == DECODED:
        return _no_line_end(text) or "/"
    while "//" in text:
        text = text.replace("//", "/")
    return "/" + "/".join([target.encode(one.encode("latin-1")) for one in text.removeprefix("/").split("/")])


def is_normal_path(path: str, rules: Rules) -> bool:
    """Say whether no other path, which a server might serve as another resource, has the same canonical URI."""
    if rules.path in (DECODED, FORM) and "%2f" in path.lower():
        return False
    if rules.path == FORM:
        return "//" not in path and "+" not in path
    return not rules.normalize_path or target.is_normal(path)


def split_pairs(query: str, rules: Rules) -> "list[str]":
    """Return the parameters of a query that are signed, as on the wire, in their order."""
    pairs = query.split("&") if query else []
    if rules.query == WIRE:
        return pairs
    return [pair for pair in pairs if (pair.find("=") > 0 if rules.query == FORM else pair)]


def encode_pair(pair: str, rules: Rules) -> str:
    """Return one parameter as the scheme writes it.

    Raises:
        Rejected: target-syntax; also for a name that is signed decoded and holds what ends it.
    """
    if rules.query == WIRE:
        return pair
    name, _, value = (pair.replace("+", " ") if rules.plus_is_space else pair).partition("=")
    if rules.query == NAMED:
        name = _no_line_end(target.decode(name).decode("latin-1"))
        if "=" in name or "&" in name:
            raise Rejected("target-syntax", "a parameter's name with a '=' or '&', which the scheme signs undecoded")
    else:
        name = target.recode(name)
    return f"{name}={target.recode(value)}" if value or rules.query in (PAIRS, FORM) else name


def order_pairs(pairs: "list[str]", rules: Rules) -> "list[str]":
    """Return encoded parameters in the scheme's order."""
    return pairs if rules.query == WIRE else sorted(pairs, key=lambda pair: pair.partition("=")[::2])


def canonical_query(query: str, rules: Rules) -> str:
    """Return the canonical query string: one character a byte.

    Args:
        query: as on the wire, without '?'.

    Raises:
        Rejected: target-syntax.
    """
    if rules.query == PAIRS:
        return target.canonical_query(query, plus_is_space=rules.plus_is_space)
    return "&".join(order_pairs([encode_pair(pair, rules) for pair in split_pairs(query, rules)], rules))


def _no_line_end(text: str) -> str:
    if any([char < " " or char == "\x7f" for char in text]):
        raise Rejected("target-syntax", "a control character, which the scheme signs undecoded")
    return text


def canonical_headers(grouped: "dict[str, list[str]]", signed: "list[str]", values: str = COLLAPSED) -> str:
    """Return the canonical headers, one line each, in the order of *signed*.

    Args:
        grouped: header name, lower case -> its values; several are joined by ',' in their order.
        signed: header names, lower case, sorted, each present.
        values: see Rules.
    """
    if values is not COLLAPSED:
        return _uncollapsed(grouped, signed, values is LOWERED)
    lines = []
    for name in signed:
        found = grouped[name]
        value = found[0]
        if len(found) > 1:
            value = ",".join([fields.collapse(one) for one in found])
        elif " " in value or "\t" in value:
            value = fields.collapse(value)
        lines.append(f"{name}:{value}\n")
    return "".join(lines)


def _uncollapsed(grouped: "dict[str, list[str]]", signed: "list[str]", lowered: bool) -> str:
    text = ""
    for name in signed:
        value = ",".join([fields.trim(one) for one in grouped[name]])
        # bytes have only the letters of ASCII in another case
        text += f"{name}:{value.encode('latin-1').lower().decode('latin-1') if lowered else value}\n"
    return text


def canonical_request(
    request: Request,
    signed: "list[str]",
    payload_hash: str,
    rules: Rules,
    grouped: "dict[str, list[str]] | None" = None,
    listed: "str | None" = None,
    stem: str = "",
) -> str:
    """Return the canonical request.

    Args:
        request: its query is the one to sign, without the signature.
        signed: header names, lower case, sorted, each present.
        payload_hash: lower-case hex, 64, or the word that stands for it.
        grouped: the headers to sign, where they are not yet the request's own.
        listed: the line of signed headers, where it is at hand, or does not name all.
        stem: what stands before the path, e.g. the bucket of a host name.

    Returns:
        one character a byte.

    Raises:
        Rejected: target-syntax.

    Source:
        AWS SigV4, "Create a canonical request", steps 1–6. Deviations: those of the rules.
    """
    path, query = request.parts
    if rules.path is SWITCHED:
        uri = target.canonical_path(path, normalize=rules.normalize_path, double=rules.double_encode)
    else:
        uri = canonical_path(path, rules)
    if rules.query is PAIRS:
        text = target.canonical_query(query, plus_is_space=rules.plus_is_space) if query else ""
    else:
        text = canonical_query(query, rules)
    return (
        f"{request.method}\n"
        f"{stem}{uri}\n"
        f"{text}\n"
        f"{canonical_headers(request.grouped if grouped is None else grouped, signed, rules.values)}\n"
        f"{';'.join(signed) if listed is None else listed}\n"
        f"{payload_hash}"
    )


def string_to_sign(label: str, stamp: str, scope: str, canonical: str) -> str:
    """Return the string to sign.

    Source:
        AWS SigV4, "Create a string to sign". Deviations: none.
    """
    return f"{label}\n{stamp}\n{scope}\n{sha256(canonical.encode('latin-1')).hexdigest()}"


def payload_line(word: str, row: Derived) -> str:
    """Return what the last line of the canonical request has for a payload hash, or for the word in its place."""
    return sha256(word.encode("ascii")).hexdigest() if row.hashes_word and word == row.unsigned else word


def bucket_stem(host: str, row: Derived, bucket: "str | None" = None) -> str:
    """Return what stands before the path of a scheme that signs the bucket with it: "/BUCKET", or "".

    Args:
        host: of the request, lower case; BUCKET.oss-REGION.aliyuncs.com names a bucket, oss-REGION.aliyuncs.com none.
        bucket: the bucket that a host of another form stands for; None where nobody says.
    """
    if bucket is not None:
        return f"/{bucket}"
    name = host.partition(":")[0]
    if not row.bucket_in or not name.endswith(row.bucket_in):
        return ""
    first, _, rest = name.partition(".")
    return f"/{first}" if rest.startswith("oss-") else ""
