"""Does the manual of the certificate commands list what their tables hold?"""

import re
from pathlib import Path

from authkit import errors
from authkit.certs import profile, record

PAGES = Path(__file__).resolve().parents[2] / "man"


def diagnostics(name: str) -> list[tuple[str, str, str]]:
    """Return (word, what stands in brackets behind it, sentence) of each item under DIAGNOSTICS of a page."""
    text = (PAGES / "man1" / f"authkit-{name}.1").read_text("utf-8")
    section = text.partition("\n.Sh DIAGNOSTICS\n")[2].partition("\n.Sh ")[0]
    items = re.findall(r"^\.It Cm ([\w-]+) Pq ([\w-]+)\n(.*?)(?=^\.)", section, re.MULTILINE | re.DOTALL)
    return [(word, kind, " ".join(sentence.split())) for word, kind, sentence in items]


def test_the_page_of_verify_cert_lists_every_reason() -> None:
    wanted = [
        (word, verdict, f"{sentence[:1].upper()}{sentence[1:]}.")
        for word, (verdict, sentence) in errors.PATH_REASONS.items()
    ]
    assert diagnostics("verify-cert") == wanted


def test_an_item_is_found_as_it_is_written() -> None:
    found = diagnostics("verify-signature")
    assert len(found) >= 40
    assert found[0] == (
        "request-line-syntax",
        "malformed",
        "The first line is not METHOD TARGET HTTP/1.1 with single spaces.",
    )


def test_the_guide_lists_every_profile() -> None:
    text = (PAGES / "man7" / "authkit-certificates.7").read_text("utf-8")
    section = text.partition("\n.Sh PROFILES\n")[2].partition("\n.Sh ")[0]
    listed = re.findall(r"^\.It Cm ([\w-]+)\n(\d+) days?\b", section, re.MULTILINE)
    assert listed == [(name, str(row.days)) for name, row in profile.PROFILES.items()]


def test_the_page_of_the_ledger_lists_every_event() -> None:
    text = (PAGES / "man5" / "authkit-ledger.5").read_text("utf-8")
    section = text.partition("\n.Ss Events of a CA\n")[2].partition("\n.El\n")[0]
    found = {}
    for item in section.split("\n.It Cm ")[1:]:
        event, _, described = item.partition("\n")
        optional = re.findall(r"^\.Op Cm (\w+)", described, re.MULTILINE)
        found[event] = (set(re.findall(r"^\.Cm (\w+)", described, re.MULTILINE)), set(optional))
    assert found == {name: (set(has), set(may)) for name, (has, may) in record._EVENTS.items()}
