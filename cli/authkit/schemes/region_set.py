"""Which regions does a SigV4a region set name?"""

from authkit.keys.scope import part_fault

MAX_LENGTH = 1024


def region_set_fault(text: str) -> "str | None":
    """Say what is wrong with a region set; None if nothing is.

    Args:
        text: regions joined by ',', each perhaps with white space around it; '*' in one stands for any characters.
    """
    if len(text) > MAX_LENGTH:
        return f"is over {MAX_LENGTH} characters"
    for entry in text.split(","):
        fault = part_fault(entry.strip(" \t").replace("*", "x"))
        if fault:
            return f"has an entry that {fault}" if entry.strip(" \t") else "has an empty entry"
    return None


def names_region(text: str, region: str) -> bool:
    """Say whether a region set names *region*.

    Args:
        text: without a fault.
        region: one region, without wildcards.

    Source:
        AWS SigV4a, X-Amz-Region-Set: a comma-separated list, where '*' is every region and us-west-* those that begin
        so. Deviations: a '*' is read alike wherever it stands in an entry.
    """
    return any([_matches(entry.strip(" \t"), region) for entry in text.split(",")])


def _matches(pattern: str, region: str) -> bool:
    first, *rest = pattern.split("*")
    if not rest:
        return pattern == region
    last = rest.pop()
    if len(region) < len(first) + len(last) or not region.startswith(first) or not region.endswith(last):
        return False
    middle = region[len(first) : len(region) - len(last)]
    for piece in rest:
        place = middle.find(piece)
        if place < 0:
            return False
        middle = middle[place + len(piece) :]
    return True
