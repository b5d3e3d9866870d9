"""What inspect-cert says to a person."""

from authkit.commands import _judged, _page
from authkit.ui import render, tree
from authkit.ui.printable import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from authkit.certs.formats import Other
    from authkit.certs.formats.header import HeaderFound
    from authkit.commands._looked import Looked

# beyond so many certificates there is a table instead of a page for each; so many rows of it fit a terminal's patience
PAGES, ROWS = 20, 200
# so wide a terminal has room for a whole row of the table; others leave out issuer and purposes
WIDE = 120
_HEADER = ("", "NAME", "KIND", "ISSUER", "VALID FOR", "WORKS FOR", "FOUND")
_NARROW = (0, 1, 2, 4, 6)
_SGR = {"error": "31", "warning": "33", "info": "2", "": ""}
LAST_WORD = "Nothing shown here is verified or trusted; 'authkit verify-cert' decides."


def show(looked: "Looked", at: "datetime", fail_on: "str | None") -> int:
    """Write what was found; return the exit code."""
    seen = _judged.severities([*looked.others, *looked.headers])
    for header in looked.headers:
        render.write(_header(header) + "\n")
    if len(looked.certificates) > PAGES:
        seen |= _show_table(looked, at)
    else:
        all = [_judged.Judged(der, source, at) for der, source in looked.certificates]
        first: "dict[str, int]" = {}
        for number, one in enumerate(all, 1):
            seen |= _judged.ranks(one)
            earlier = first.setdefault(one.described.sha256, number)
            page = _page.page(one, at, number if len(all) > 1 else 0)
            render.write((page if earlier == number else _page.again(one, number, earlier)) + "\n")
        render.write(_tree(all, at))
    for other in looked.others:
        render.write(_other(other) + "\n")
    render.write(render.style(LAST_WORD, "2") + "\n")
    failed = _judged.fails(seen, fail_on)
    if fail_on is not None:
        found = f"something is found that is as severe as '{fail_on}'" if failed else "nothing found is so severe"
        render.write(f"--fail-on {fail_on}: {render.style(found, '31' if failed else '32')}\n")
    return int(failed)


def _header(header: "HeaderFound") -> str:
    words = {"yes": "32", "no": "31", "unknown": "33"}
    rows = [
        ("format", printable(header.format)),
        ("proxy", printable(header.proxy)),
        ("verified there", f"{render.style(header.verified, words[header.verified])}: {printable(header.sentence)}"),
    ]
    return _page.title(f"Header {printable(header.name)}") + _page.rows(rows) + _page.findings(header.findings)


def _tree(all: "Sequence[_judged.Judged]", at: "datetime") -> str:
    """Return who names whom as its issuer; "" where nobody does."""
    from authkit.certs.chains import issuers

    parents = issuers([one.described for one in all])
    if parents.count(None) == len(parents):
        return ""
    labels = []
    for number, one in enumerate(all, 1):
        text, style = _page.remaining(one.described, at)
        label = f"{number}. {_page.role(one.described)} {printable(_page.name_of(one.described))}"
        labels.append(f"{label} ({render.style(text, style)})" if style else f"{label} ({text})")
    lines = tree.draw(parents, labels, boxes=tree.has_boxes())
    title = _page.title("Who names whom as its issuer (no signature was verified)")
    return title + "".join([f"  {line}\n" for line in lines]) + "\n"


def _show_table(looked: "Looked", at: "datetime") -> "set[str]":
    """Write a line for each certificate; return the severities of what was found in them."""

    def work(piece: "_judged.Piece") -> "list[tuple[tuple[str, ...], set[str]]]":
        judged = [_judged.Judged(der, source, at) for der, source in piece]
        return [(_row(one, at), _judged.ranks(one)) for one in judged]

    rows: "list[tuple[str, ...]]" = []
    styles: "list[str]" = []
    seen: "set[str]" = set()
    for made in _judged.each(work, looked.certificates):
        for row, found in made:
            rows.append((str(len(rows) + 1), *row))
            styles.append(_SGR[next((one for one in ("error", "warning") if one in found), "")])
            seen |= found
    width = _page.columns()
    shown = ROWS if width else len(rows)
    kept = _NARROW if 0 < width < WIDE else tuple(range(len(_HEADER)))
    table = [tuple([row[place] for place in kept]) for row in rows[:shown]]
    render.write(render.table(tuple([_HEADER[place] for place in kept]), table, styles=tuple(styles[:shown])))
    if len(rows) > shown:
        render.write(f"… and {len(rows) - shown:,} more, which are shown in a pipe, and with --json\n")
    count = sum([style == _SGR["error"] for style in styles])
    render.write(f"\n{len(rows):,} certificates, {count:,} with errors; --json says all of each.\n")
    render.write("A certificate in a file of its own is shown on a page of its own.\n\n")
    return seen


def _row(one: "_judged.Judged", at: "datetime") -> "tuple[str, ...]":
    described = one.described
    works = ", ".join([answer.purpose for answer in one.answers if answer.ok]) or "-"
    worst = [finding.id for finding in one.findings if finding.severity != "info"]
    found = ", ".join(dict.fromkeys(worst[:2])) + (f" and {len(worst) - 2} more" if len(worst) > 2 else "")
    state = _page.remaining(described, at)[0].removesuffix(" left").removeprefix("valid for ")
    return _page.name_of(described), _page.role(described), _page.issuer_of(described), state, works, found or "-"


def _other(other: "Other") -> str:
    """Return a page for something that is no certificate."""
    head = _page.title(f"{printable(other.kind[:1].upper() + other.kind[1:])} ({printable(other.source)})")
    facts = _page.few([(_page.words(name), _page.short(value) or "(empty)") for name, value in other.facts])
    return head + _page.rows([(name, printable(value)) for name, value in facts]) + _page.findings(other.findings)
