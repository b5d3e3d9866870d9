"""Which of some certificates says it was issued by which other?"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from authkit.certs.describe import Described


def issuers(all: "Sequence[Described]") -> "list[int | None]":
    """Return for each certificate the place of the one that it names as its issuer, in *all*.

    Found by names and key identifiers alone: no signature is checked, and nothing is proved.

    Returns:
        None for what names itself or nothing in *all*; following the places never leads in a circle.
    """
    named: "dict[bytes, list[int]]" = {}
    for place, one in enumerate(all):
        if one.subject_parts:
            named.setdefault(one.subject_der, []).append(place)
    found: "list[int | None]" = []
    for one in all:
        fitting = [place for place in named.get(one.issuer_der, ()) if _may_issue(all[place], one)]
        best = [place for place in fitting if one.aki is not None and all[place].ski == one.aki] or fitting
        found.append(best[0] if best else None)
    return _without_circles(found)


def _may_issue(issuer: "Described", issued: "Described") -> bool:
    if issuer.sha256 == issued.sha256:
        return False
    return issued.aki is None or issuer.ski is None or issuer.ski == issued.aki


def _without_circles(found: "list[int | None]") -> "list[int | None]":
    """Cut each circle at the last certificate of it that was not yet looked at."""
    settled = [False] * len(found)
    for start in range(len(found)):
        path: "list[int]" = []
        on_path: "set[int]" = set()
        place: "int | None" = start
        while place is not None and not settled[place] and place not in on_path:
            path.append(place)
            on_path.add(place)
            place = found[place]
        if place is not None and place in on_path:
            found[path[-1]] = None
        for one in path:
            settled[one] = True
    return found
