"""Which region and service does the host of an endpoint name?"""

# endpoint name -> signing name, where they differ
_SIGNING = {
    "email": "ses",
    "bedrock-runtime": "bedrock",
    "s3-control": "s3",
    "s3-accesspoint": "s3",
    "s3-website": "s3",
}
_GLOBAL = frozenset({"iam", "sts", "s3", "cloudfront", "route53", "organizations"})


def guess_scope(host: str) -> "dict[str, str | None]":
    """Return what *host* says: scope part -> value, or None.

    Args:
        host: lower case, with or without a port.

    Returns:
        "region" and "service"; both None for a host that is not a known AWS endpoint.

    Source:
        AWS General Reference, "Service endpoints"; Amazon S3 User Guide, virtual-hosted and path-style URLs.
        Deviations: where an endpoint's name is not its signing name, only the pairs in _SIGNING are known.
    """
    name = host.partition(":")[0]
    for suffix in (".amazonaws.com.cn", ".amazonaws.com", ".api.aws", ".on.aws"):
        if name.endswith(suffix):
            return _read(name.removesuffix(suffix).split("."), suffix)
    return {"region": None, "service": None}


def _read(labels: "list[str]", suffix: str) -> "dict[str, str | None]":
    labels = [label for label in labels if label != "dualstack"]
    last = labels[-1]
    if suffix == ".on.aws":
        found = (last, "lambda") if len(labels) == 3 and labels[1] == "lambda-url" else (None, None)
    elif last in ("es", "aoss") and len(labels) >= 2:
        found = (labels[-2], last)
    elif last.startswith("s3-") and _is_region(last[3:]):
        found = (last[3:], "s3")
    elif _is_region(last) and len(labels) >= 2:
        found = (last, _SIGNING.get(labels[-2], labels[-2]))
    elif last in _GLOBAL:
        found = ("us-east-1", last)
    else:
        found = (None, None)
    return {"region": found[0], "service": found[1]}


def _is_region(label: str) -> bool:
    """Say whether *label* has the shape of a region: us-east-1, us-gov-west-1, ap-southeast-2."""
    parts = label.split("-")
    return (
        len(parts) in (3, 4) and len(parts[0]) == 2 and parts[-1].isdigit() and all([part.isalnum() for part in parts])
    )


def match_host(host: str, patterns: "tuple[str, ...]") -> "dict[str, str | None]":
    """Return what the first of *patterns* that fits says of *host*: scope part -> value; {} where none fits.

    Args:
        host: lower case, with or without a port.
        patterns: labels with {region} or {service} where a part stands, "*." before them for any number of labels,
            and behind a space what the host does not say: "*.tos-{region}.volces.com service=tos".
    """
    labels = host.partition(":")[0].split(".")
    for pattern in patterns:
        shape, *said = pattern.split(" ")
        found = _match(labels, shape.split("."))
        if found is not None:
            return {**found, **dict([word.split("=", 1) for word in said])}
    return {}


def _match(labels: "list[str]", shape: "list[str]") -> "dict[str, str | None] | None":
    if shape[0] == "*":
        shape = shape[1:]
        labels = labels[max(len(labels) - len(shape), 0) :]
    if len(labels) != len(shape):
        return None
    found: "dict[str, str | None]" = {}
    for label, form in zip(labels, shape):
        before, mark, rest = form.partition("{")
        name, _, after = rest.partition("}")
        if not mark:
            if label != form:
                return None
        elif not label.startswith(before) or not label.endswith(after) or len(label) <= len(before) + len(after):
            return None
        else:
            found[name] = label[len(before) : len(label) - len(after)]
    return found
