"""Does the manual of the certificate commands list what their tables hold?"""

import ast
import re
from pathlib import Path

import pytest

from authkit import errors
from authkit.certs import leaks, lint, profile, record, verify, works
from house.sources import nodes_of, sources

PAGES = Path(__file__).resolve().parents[2] / "man"
SEVERITIES = {"error", "warning", "info"}

Item = tuple[str, str, str]


def section(place: str, begin: str, end: str) -> str:
    """Return what stands between two texts in a page; *begin* must stand there."""
    text = (PAGES / place).read_text("utf-8")
    assert begin in text, f"{place} has no {begin!r}"
    return text.partition(begin)[2].partition(end)[0]


def items_in(text: str) -> list[Item]:
    """Return (word, what stands in brackets behind it, sentence) of each item of a list."""
    items = re.findall(r"^\.It Cm ([\w-]+)(?: Pq ([\w-]+))?\n(.*?)(?=^\.|\Z)", text, re.MULTILINE | re.DOTALL)
    return [(word, kind, " ".join(sentence.split())) for word, kind, sentence in items]


def sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def test_the_page_of_verify_cert_lists_every_reason() -> None:
    listed = items_in(section("man1/authkit-verify-cert.1", "These are the reasons:\n", "\n.El\n"))
    assert listed == [(word, verdict, sentence(text)) for word, (verdict, text) in errors.PATH_REASONS.items()]


def test_the_page_of_inspect_cert_lists_every_finding() -> None:
    listed = items_in(section("man1/authkit-inspect-cert.1", "These are the findings:\n", "\n.El\n"))
    assert listed == [(id, severity, sentence(text)) for id, (severity, text) in lint.FINDINGS.items()]


def findings_in(tree_nodes: "list[ast.AST]") -> set[tuple[str, str]]:
    """Return (id, severity) of each (id, severity, message) that is written down as a tuple."""
    found = set()
    for node in tree_nodes:
        parts = node.elts if isinstance(node, ast.Tuple) else []
        words = [part.value for part in parts[:2] if isinstance(part, ast.Constant)]
        if len(parts) == 3 and len(words) == 2 and words[1] in SEVERITIES:
            found.add((str(words[0]), str(words[1])))
    return found


def test_the_page_of_inspect_cert_lists_the_findings_of_each_format() -> None:
    made: set[tuple[str, str]] = set()
    for place, source in sources().items():
        if place.startswith("certs/formats/"):
            made |= findings_in(list(nodes_of(source)))
            made |= {(id, "error") for id in re.findall(r'"(pem-[a-z-]+)"', source) if id != "pem-spaces"}
    listed = items_in(section("man1/authkit-inspect-cert.1", "What is no certificate has", "\n.El\n"))
    assert len(made) >= 10
    assert {(id, severity) for id, severity, _ in listed} == made
    assert len(listed) == len(made)


def test_a_finding_is_found_where_it_is_written() -> None:
    nodes = list(ast.walk(ast.parse('x = ("a-b", "error", f"{y}")\nz = ("c", "fatal", "d")\nw = ("e", "info")')))
    assert findings_in(nodes) == {("a-b", "error")}


@pytest.mark.parametrize(
    "begin, table", [("The purposes are\n", works.PURPOSES), ("What leaks is one of\n", leaks.LEAKS)]
)
def test_the_page_of_inspect_cert_lists_purposes_and_leaks(begin: str, table: dict[str, str]) -> None:
    listed = items_in(section("man1/authkit-inspect-cert.1", begin, "\n.El\n"))
    assert [(word, text) for word, _, text in listed] == list(table.items())


def test_the_guide_lists_every_profile() -> None:
    text = section("man7/authkit-certificates.7", "\n.Sh PROFILES\n", "\n.Sh ")
    listed = re.findall(r"^\.It Cm ([\w-]+)\n(\d+) days?\b", text, re.MULTILINE)
    assert listed == [(name, str(row.days)) for name, row in profile.PROFILES.items()]


def test_the_page_of_the_ledger_lists_every_event() -> None:
    found = {}
    for item in section("man5/authkit-ledger.5", "\n.Ss Events of a CA\n", "\n.El\n").split("\n.It Cm ")[1:]:
        event, _, described = item.partition("\n")
        members = re.findall(r"^\.Cm (\w+)", described, re.MULTILINE)
        found[event] = (set(members), set(re.findall(r"^\.Op Cm (\w+)", described, re.MULTILINE)))
    assert found == {name: (set(has), set(may)) for name, (has, may) in record._EVENTS.items()}


def test_an_item_is_found_as_it_is_written() -> None:
    text = ".It Cm a-b Pq error\nOne\ntwo.\n.It Cm c\nthree\n.It Fl d\nfour\n"
    assert items_in(text) == [("a-b", "error", "One two."), ("c", "", "three")]
    with pytest.raises(AssertionError, match="has no 'nowhere'"):
        section("man5/authkit-ledger.5", "nowhere", "\n")


def test_the_page_of_verify_cert_lists_what_is_not_checked() -> None:
    listed = items_in(section("man1/authkit-verify-cert.1", "What was not checked is one of\n", "\n.El\n"))
    assert [(word, text) for word, _, text in listed] == list(verify.NOT_CHECKED.items())
