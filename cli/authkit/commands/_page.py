"""One certificate as a page for a person."""

import os

from authkit.certs.fingerprint import spellings
from authkit.certs.weak import is_root, is_self_issued
from authkit.certs.works import NOT_A_LEAF, PURPOSES, against_all
from authkit.ui import render, tree
from authkit.ui.printable import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from authkit.certs.describe import Described
    from authkit.commands._judged import Judged

SHOWN, LONGEST, _NAME = 20, 400, 100
_SGR = {"error": "31", "warning": "33", "info": "2"}
_NAMES = {
    "spki_sha256": "SPKI SHA-256",
    "spki_pin": "SPKI pin",
    "mac": "MAC",
    "aki": "AKI",
    "san": "identity (SAN)",
    "eku": "purposes (EKU)",
}
_PURPOSES = {"authkitRequestSigning": "authkit request signing"}
_SPELLINGS = {
    "sha256": "SHA-256",
    "sha256_colon": "with colons",
    "sha256_base64": "base64",
    "x5t_s256": "x5t#S256",
    "sha1": "SHA-1",
    "sha1_colon": "with colons",
    "spki_pin": "key (SPKI pin)",
}


def page(one: "Judged", at: "datetime", number: int = 0) -> str:
    """Return everything about a certificate.

    Args:
        number: what to call it where there are others; then it is also said where it stood.
    """
    text = render.style(f"{number}. {printable(one.source)}", "2") + "\n" if number else ""
    described = one.described
    state, style = remaining(described, at)
    kind = f"{article(role(described))} {'named' if described.is_ca else 'for'}"
    says = f"{kind} {printable(name_of(described))}, issued by {printable(issuer_of(described))}, "
    text += render.style(says, "1") + render.style(state, style) + "\n"
    text += _section("", facts(described, at)) + _works(one, at) + _leaks(one)
    found = [(finding.id, finding.severity, finding.message) for finding in one.findings]
    text += "\n" + title("What is weak or wrong") + (findings(found) if found else "  nothing was found\n")
    names = spellings(described.sha256, described.sha1, described.spki_sha256)
    old = "  (where software still prints it)"
    marks = [(_SPELLINGS[name], value + (old if name == "sha1" else "")) for name, value in names]
    return text + _section("Fingerprints", marks)


def again(one: "Judged", number: int, earlier: int) -> str:
    """Return a page for a certificate that another input held already."""
    return (
        render.style(f"{number}. {printable(one.source)}", "2")
        + "\n"
        + render.style(f"the same certificate as {earlier}", "1")
        + "\n"
    )


def title(text: str) -> str:
    """Return a heading."""
    return render.style(text, "1") + "\n"


def _section(name: str, pairs: "Iterable[tuple[str, str]]") -> str:
    return "\n" + (title(name) if name else "") + rows(pairs)


def words(name: str) -> str:
    """Return a machine's name for people."""
    return _NAMES.get(name, name.replace("_", " "))


def short(text: str) -> str:
    """Return a value, cut where it would fill the screen."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(text):,} characters, which --json has)"


def role(described: "Described") -> str:
    """Say in a word or two what kind of certificate it is."""
    if described.is_ca:
        return "root CA" if is_root(described) else "intermediate CA"
    known = {"clientAuth": "client", "serverAuth": "server", "emailProtection": "mail", "codeSigning": "code signing"}
    named = [known[one] for one in described.eku if one in known]
    return f"{' and '.join(named)} certificate" if named else "certificate"


def article(noun: str) -> str:
    """Return a noun behind 'a' or 'an'."""
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


def name_of(described: "Described") -> str:
    """Return the one name by which people know it."""
    common = [value for name, value in described.subject_parts if name == "CN"]
    sans = [one.partition(":")[2] for one in described.san]
    named = common + sans if described.is_ca else sans + common
    parts = dict(described.subject_parts)
    found = next(filter(None, [*named, parts.get("OU"), parts.get("O"), described.subject]), "nobody")
    return found if len(found) <= _NAME else found[:_NAME] + "…"


def issuer_of(described: "Described") -> str:
    """Return the one name by which people know its issuer."""
    if is_self_issued(described):
        return "itself"
    parts = dict(described.issuer_parts)
    found = parts.get("CN") or parts.get("OU") or parts.get("O") or described.issuer or "nobody"
    return found if len(found) <= _NAME else found[:_NAME] + "…"


def remaining(described: "Described", at: "datetime") -> "tuple[str, str]":
    """Return how long it is still valid, and the SGR code of that: red, yellow, green."""
    begin, end = described.not_before, described.not_after
    if begin is None or end is None:
        return "valid for an unknown time", "31"
    if at > end:
        return f"expired {_span((at - end).total_seconds())} ago", "31"
    if at < begin:
        return f"not valid for another {_span((begin - at).total_seconds())}", "31"
    if end.year == 9999:
        return "valid for ever", "33"
    left = end - at
    near = left < (end - begin) / 3 and left.days < 30
    return f"{_span(left.total_seconds())} left", "33" if near else "32"


def _span(seconds: float) -> str:
    number, unit = int(seconds), "second"
    for size, name, least in ((86400, "day", 1), (3600, "hour", 2), (60, "minute", 2)):
        if seconds >= size * least:
            number, unit = int(seconds // size), name
            break
    return f"{number:,} {unit}{'s' if number != 1 else ''}"


def facts(described: "Described", at: "datetime") -> "list[tuple[str, str]]":
    """Return (name, value) of what it says, values printable."""
    state, style = remaining(described, at)
    times = [f"{one.isoformat()[:19]}Z" if one else "unreadable" for one in (described.not_before, described.not_after)]
    key = described.key or {"type": "unreadable"}
    found = [
        ("subject", short(described.subject) or "(empty)"),
        *_list("identity (SAN)", described.san or ["(none)"]),
        ("issuer", short(described.issuer) or "(empty)"),
        ("serial", short(described.serial) or "unreadable"),
    ]
    rows = [(name, printable(value)) for name, value in found]
    rows += [("valid from", times[0]), ("valid until", f"{times[1]} ({render.style(state, style)})")]
    more = [
        ("key", f"{key['type']}" + (f", exponent {short(str(key['exponent']))}" if "exponent" in key else "")),
        ("signature", described.signature_algorithm or "unreadable"),
        ("key usage", ", ".join(described.key_usage) or "(not limited)"),
        ("purposes (EKU)", short(", ".join([_PURPOSES.get(one, one) for one in described.eku])) or "(not limited)"),
        ("CA", _ca(described)),
        *_rest(described),
    ]
    return rows + [(name, printable(value)) for name, value in more]


def _ca(described: "Described") -> str:
    if not described.is_ca:
        return "no"
    length = described.path_length
    return "yes, path length " + ("not limited" if length is None else f"{length}")


def _rest(described: "Described") -> "list[tuple[str, str]]":
    both = described.name_constraints or {"permitted": [], "excluded": []}
    found = [
        ("scope", described.scope),
        ("Windows SID", described.sid),
        ("key (SKI)", described.ski),
        ("its issuer (AKI)", described.aki),
        ("version", None if described.version == 3 else str(described.version or "unreadable")),
    ]
    rows = [(name, short(value)) for name, value in found if value is not None]
    rows += _list("permitted names", both["permitted"]) + _list("excluded names", both["excluded"])
    rows += _list("AIA, OCSP", described.aia) + _list("CRL", described.crl_urls)
    extensions = [f"{name}{' (critical)' if critical else ''}" for name, critical in described.extensions]
    return rows + _list("policies", described.policies) + [("extensions", short(", ".join(extensions)) or "(none)")]


def _list(name: str, values: "Sequence[str]") -> "list[tuple[str, str]]":
    return few([(name, short(value)) for value in values])


def few(pairs: "Sequence[tuple[str, str]]") -> "list[tuple[str, str]]":
    """Return the first SHOWN (name, value) of each name, and instead of the others one that counts them."""
    totals: "dict[str, int]" = {}
    kept: "list[tuple[str, str | None]]" = []
    for name, value in pairs:
        totals[name] = totals.get(name, 0) + 1
        if totals[name] <= SHOWN + 1:
            kept.append((name, value if totals[name] <= SHOWN else None))
    return [
        (name, f"… and {totals[name] - SHOWN:,} more, which --json lists" if value is None else value)
        for name, value in kept
    ]


def _works(one: "Judged", at: "datetime") -> str:
    """Return what it works for and what not; what stands against everything is said once."""
    common = against_all(one.described, at)
    yes, no = ("✓", "✗") if tree.has_boxes() else ("+", "-")
    good = [(PURPOSES[answer.purpose], answer.why) for answer in one.answers if answer.ok]
    text = ""
    if good:
        text += "\n" + title("Works for") + _marked(render.style(yes, "32"), good)
    bad = []
    for answer in one.answers:
        if not answer.ok:
            own = answer.why.removeprefix("; ".join(common)).removeprefix("; ")
            if not (one.described.is_ca and own.startswith(NOT_A_LEAF)):
                bad.append((PURPOSES[answer.purpose], own or "nothing else stands against it"))
    lead = [("anything", "; ".join(common))] if common else []
    if one.described.is_ca:
        lead.append(("clients, servers and the like", NOT_A_LEAF))
    return text + "\n" + title("Does not work for") + _marked(render.style(no, "31"), lead + bad)


def _marked(mark: str, pairs: "Sequence[tuple[str, str]]") -> str:
    width = max([len(name) for name, _ in pairs])
    lines = [_hanging(f"  {mark} {name:<{width}}  ", 6 + width, printable(why)) for name, why in pairs]
    return "".join(lines)


def _leaks(one: "Judged") -> str:
    head = "\n" + title("Whoever watches a TLS 1.2 handshake reads (TLS 1.3 hides it)")
    pairs = [(leak.message, printable(leak.value)) for leak in one.leaks]
    last = ("the key itself" if pairs else "only the key", "by which the same holder is recognised everywhere")
    return head + rows([*few(pairs), last])


def findings(found: "Sequence[tuple[str, str, str]]") -> str:
    """Return a line for each (id, severity, message), sorted already."""
    width = max([len(id) for id, _, _ in found], default=0)
    text = ""
    for key, message in few([(f"{severity} {id}", short(message)) for id, severity, message in found]):
        severity, _, id = key.partition(" ")
        head = f"  {render.style(f'{severity:<7}', _SGR[severity])}  {id:<{width}}  "
        text += _hanging(head, 13 + width, printable(message))
    return text


def rows(pairs: "Iterable[tuple[str, str]]") -> str:
    """Return 'name: value' lines, values in one column; what has the name of the one above it has none."""
    pairs = list(pairs)
    width = max([len(name) for name, _ in pairs], default=0) + 1
    lines, above = [], ""
    for name, value in pairs:
        label = render.style(f"{'' if name == above else f'{name}:':<{width}}", "2")
        lines.append(_hanging(f"  {label} ", width + 3, value))
        above = name
    return "".join(lines)


def _hanging(head: str, indent: int, text: str) -> str:
    """Return *text* behind *head*; on a terminal its lines are broken at spaces and begin below each other."""
    width = columns()
    if not width or indent + len(text) <= width or indent > width - 24:
        return f"{head}{text}".rstrip() + "\n"
    lines, line = [], ""
    for word in text.split(" "):
        if line and indent + len(line) + 1 + len(word) > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return head + f"\n{' ' * indent}".join([*lines, line]) + "\n"


def columns() -> int:
    """Return how wide the terminal is; 0 in a pipe, where no line is broken."""
    return os.get_terminal_size(1).columns if render.is_terminal() else 0
