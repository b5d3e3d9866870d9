"""What verify-cert reads, and how it tells its verdict."""

from authkit import clock
from authkit.certs.describe import describe
from authkit.certs.formats import read_any
from authkit.certs.revoke import split_lists
from authkit.certs.verify import NOT_CHECKED
from authkit.commands import _io, _page
from authkit.errors import InputError, UsageError
from authkit.ui import render, tree
from authkit.ui.printable import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from typing import TypedDict

    from authkit.certs.verify import VerifiedPath
    from authkit.commands._quick import Given
    from authkit.errors import PathRejected

    class Known(TypedDict):
        """What is known besides the leaf, all in DER."""

        trust_anchors: list[bytes]
        intermediates: list[bytes]
        crls: list[bytes]


SCHEMA = "authkit.path/v1"


def read_inputs(given: "Given") -> "tuple[bytes, Known]":
    """Return the leaf in DER, and what else was given; what follows the leaf in its file is an intermediate.

    Raises:
        UsageError: if there is no trust anchor, '-' stands twice, or --historical without --at.
        InputError: if a file cannot be read, or holds nothing of what it should.
    """
    if not given.trust_anchor:
        raise UsageError("there is no trust anchor", "name one with --trust-anchor FILE")
    if given.historical and given.at is None:
        raise UsageError("--historical without --at says nothing", "add the instant with --at TIME")
    if [given.leaf, *given.trust_anchor, *given.intermediate, *given.crl].count("-") > 1:
        raise UsageError("'-' is given twice, but standard input can be read only once")
    leaf, *rest = read_all([given.leaf], "certificate")
    between = read_all(given.intermediate, "intermediate")
    return leaf, {
        "trust_anchors": read_all(given.trust_anchor, "trust anchor"),
        "intermediates": [*rest, *between],
        "crls": read_lists(given.crl),
    }


def read_all(paths: "Iterable[str]", what: str) -> "list[bytes]":
    """Return every certificate in some files, in DER.

    Raises:
        InputError: if one cannot be read, or holds none.
    """
    return [der for path in paths for der in _certificates(path, what)]


def read_lists(paths: "Iterable[str]") -> "list[bytes]":
    """Return every revocation list in some files, in DER.

    Raises:
        InputError: if one cannot be read, or holds none.
    """
    return [der for path in paths for der in split_lists(_io.read(path, "revocation list"), _name(path))]


def _name(path: str) -> str:
    return "standard input" if path == "-" else path


def _certificates(path: str, what: str) -> "list[bytes]":
    """Return every certificate in a file."""
    name = _name(path)

    def password() -> bytes:
        hint = "make PEM of it: openssl pkcs12 -nokeys -in FILE"
        raise InputError(f"{name} is PKCS#12, which is not opened here", hint)

    found = [der for der, _ in read_any(_io.read(path, what), name, password).certificates]
    if not found:
        raise InputError(f"{name} holds no certificate", "'authkit inspect-cert' shows what it holds")
    return found


def show_valid(found: "VerifiedPath", at: "datetime", given: "Given") -> None:
    """Write a verdict of yes, as JSON or for people."""
    if given.json:
        render.write_json(
            {
                "schema": SCHEMA,
                "verdict": "valid",
                "reason": "ok",
                "purpose": given.purpose,
                "at": clock.format_instant(at),
                **({"scope": str(found.scope)} if found.scope is not None else {}),
                "path": [one.sha256 for one in found.path],
                "not_checked": list(found.not_checked),
                "findings": [{"id": id, "message": message} for id, message in found.findings],
            }
        )
        return
    rows = [("verdict", render.style("valid", "32")), ("purpose", given.purpose), ("at", clock.format_instant(at))]
    rows += [("scope", str(found.scope))] if found.scope is not None else []
    rows += _column("path", _drawn(found, at))
    rows += _column("not checked", [NOT_CHECKED[one] for one in found.not_checked])
    rows += _column("findings", [f"{id}: {printable(message)}" for id, message in found.findings])
    render.write(render.facts(rows))


def show_rejected(rejected: "PathRejected", leaf: bytes, at: "datetime", given: "Given") -> None:
    """Write any other verdict, as JSON or for people."""
    described = describe(leaf)
    if given.json:
        render.write_json(
            {
                "schema": SCHEMA,
                "verdict": rejected.verdict,
                "reason": rejected.reason,
                "message": rejected.message,
                **({"hint": rejected.hint} if rejected.hint else {}),
                "purpose": given.purpose,
                "at": clock.format_instant(at),
                "leaf": described.sha256,
                "path": [],
                "not_checked": [],
                "findings": [],
            }
        )
        return
    rows = [("verdict", render.style(rejected.verdict, "31")), ("reason", rejected.reason)]
    rows.append(("", printable(rejected.message)))
    if rejected.hint:
        rows.append(("hint", printable(rejected.hint)))
    text, style = _page.remaining(described, at)
    rows.append(("leaf", f"{printable(_page.name_of(described))} ({render.style(text, style)})"))
    rows += [("purpose", given.purpose), ("at", clock.format_instant(at))]
    render.write(render.facts(rows))


def _drawn(found: "VerifiedPath", at: "datetime") -> "list[str]":
    """Return the path as a tree, its trust anchor on top."""
    labels = []
    for place, one in enumerate(found.path):
        described = describe(one.der)
        text, style = _page.remaining(described, at)
        anchor = "trust anchor, " if place == len(found.path) - 1 else ""
        name = printable(_page.name_of(described))
        labels.append(f"{anchor}{_page.role(described)} {name} ({render.style(text, style)})")
    labels.reverse()
    return tree.draw([None, *range(len(labels) - 1)], labels, boxes=tree.has_boxes())


def _column(name: str, values: "list[str]") -> "list[tuple[str, str]]":
    return [(name if place == 0 else "", value) for place, value in enumerate(values)]
