"""What inspect-cert says to a program."""

import json

from authkit.certs.describe import as_json
from authkit.certs.fingerprint import spellings
from authkit.commands import _judged
from authkit.ui import render

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from authkit.certs.formats import Other
    from authkit.certs.formats.header import HeaderFound
    from authkit.commands._looked import Looked

SCHEMA = "authkit.inspected/v1"
_encode = json.JSONEncoder(check_circular=False).encode


def show(looked: "Looked", at: "datetime", fail_on: "str | None") -> int:
    """Write one object, a certificate at a time; return the exit code."""

    def work(piece: "_judged.Piece") -> "tuple[str, set[str]]":
        members, found = [], set()
        for der, source in piece:
            judged = _judged.Judged(der, source, at)
            members.append(as_member(judged))
            found |= _judged.ranks(judged)
        return _encode(members)[1:-1], found

    seen = _judged.severities([*looked.others, *looked.headers])
    render.write(f'{{"schema": "{SCHEMA}", "verified": false, "certificates": [')
    comma = ""
    for text, found in _judged.each(work, looked.certificates):
        seen |= found
        render.write(comma + text)
        comma = ", "
    failed = _judged.fails(seen, fail_on)
    rest = {
        "others": [_other(one) for one in looked.others],
        "headers": [_header(one) for one in looked.headers],
        "failed": failed,
    }
    render.write("], " + _encode(rest)[1:] + "\n")
    return int(failed)


def as_member(judged: "_judged.Judged") -> "dict[str, object]":
    """Return the JSON form of a certificate with everything that is said about it."""
    one = judged.described
    return {
        **as_json(one),
        "fingerprints": dict(spellings(one.sha256, one.sha1, one.spki_sha256)),
        "works_for": [answer.purpose for answer in judged.answers if answer.ok],
        "fails_for": {answer.purpose: answer.why for answer in judged.answers if not answer.ok},
        "limits": {answer.purpose: answer.why for answer in judged.answers if answer.ok and answer.why},
        "leaks": [{"id": leak.id, "message": leak.message, "value": leak.value} for leak in judged.leaks],
        "findings": [
            {"id": finding.id, "severity": finding.severity, "message": finding.message} for finding in judged.findings
        ],
        "source": judged.source,
    }


def _other(other: "Other") -> "dict[str, object]":
    return {
        "kind": other.kind,
        "source": other.source,
        "facts": [{"name": name, "value": value} for name, value in other.facts],
        "findings": _triples(other.findings),
    }


def _header(header: "HeaderFound") -> "dict[str, object]":
    return {
        "name": header.name,
        "format": header.format,
        "proxy": header.proxy,
        "verified": header.verified,
        "message": header.sentence,
        "findings": _triples(header.findings),
    }


def _triples(findings: "list[tuple[str, str, str]]") -> "list[dict[str, str]]":
    return [{"id": id, "severity": severity, "message": message} for id, severity, message in findings]
