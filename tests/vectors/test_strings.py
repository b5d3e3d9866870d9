"""Does any string that breaks other programs get further here than a typed refusal?

The strings are the Big List of Naughty Strings, which is read from the vectors and not copied.
"""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from authkit import base64, strictjson
from authkit.clock import parse_compact, parse_day, parse_instant, parse_stamp
from authkit.errors import AuthkitError
from authkit.keys.access import load_access_key
from authkit.keys.foreign import load_csv, load_profile, load_sts, only_profile
from authkit.keys.load import load_keys
from authkit.keys.request import read_pairs
from authkit.keys.scope import id_fault, parse_credential, parse_scope, part_fault
from authkit.keys.subkeys import load_subkeys
from authkit.messages import target
from authkit.messages.draft import parse_draft, parse_url
from authkit.messages.form import parse_form
from authkit.messages.request import parse_request
from authkit.schemes.endpoints import guess_scope
from authkit.ui.printable import printable
from samples import AT, CHAIN, CHAINS

NOW = AT.date()


@pytest.fixture(scope="session")
def strings(vectors: Path) -> list[str]:
    found: list[str] = json.loads((vectors / "strings" / "blns.json").read_text("utf-8"))
    assert len(found) == 515
    return found


def wire(text: str) -> str:
    return text.encode("utf-8", "surrogatepass").decode("latin-1")


def raw(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


FORM = {"method": "GET", "target": "/"}
PARSERS: "dict[str, Callable[[str], object]]" = {
    "access key file": lambda text: load_access_key(raw(text), "FILE"),
    "subkey file": lambda text: load_subkeys(raw(text) + b"\n", CHAINS, "FILE"),
    "key file": lambda text: load_keys(raw(text), CHAINS, "FILE"),
    "CSV": lambda text: load_csv(b"Access key ID,Secret access key\n" + raw(text), "FILE"),
    "STS": lambda text: load_sts(raw(text), "FILE"),
    "STS member": lambda text: load_sts(json.dumps({"AccessKeyId": text, "SecretAccessKey": text}).encode(), "FILE"),
    "profile": lambda text: load_profile(b"[default]\naws_access_key_id=" + raw(text), "default", "FILE"),
    "profiles": lambda text: only_profile(raw(text), "FILE"),
    "scope": lambda text: parse_scope(text, CHAIN),
    "credential": lambda text: parse_credential(wire(text), CHAIN),
    "pair": lambda text: read_pairs(CHAIN, "signing", (text,), {"region": (), "service": ()}, False),
    "instant": parse_instant,
    "compact": parse_compact,
    "stamp": parse_stamp,
    "day": lambda text: parse_day(text, NOW),
    "base64": base64.decode,
    "strict JSON": lambda text: strictjson.parse(raw(text), "TEXT", final_lf=False),
    "path": lambda text: target.canonical_path(wire(text), normalize=True, double=False),
    "query": lambda text: target.canonical_query(wire(text), plus_is_space=True),
    "URL": lambda text: target.split_url("https://" + wire(text)),
    "typed URL": lambda text: parse_url("GET", f"https://h/{text}", (f"X-A: {text}",)),
    "request": lambda text: parse_request(b"GET / HTTP/1.1\r\nHost: " + raw(text) + b"\r\n\r\n"),
    "whole request": lambda text: parse_request(raw(text)),
    "draft": lambda text: parse_draft(b"GET /" + raw(text)),
    "draft header": lambda text: parse_draft(b"GET / HTTP/1.1\nHost: h\nX: " + raw(text)),
    "form": lambda text: parse_form(json.dumps({**FORM, "headers": [["X", text]]}).encode(), "LINE"),
}  # fmt: skip


@pytest.mark.parametrize("parser", PARSERS)
def test_a_naughty_string_is_read_or_refused(parser: str, strings: list[str]) -> None:
    messages = []
    for text in strings:
        try:
            PARSERS[parser](text)
        except AuthkitError as error:
            messages.append(error.message)
    assert all(printable(message).isprintable() and len(message) < 1000 for message in messages)
    assert len(messages) < len(strings) or parser in REFUSE_ALL


# nothing in the list is one of these
REFUSE_ALL = {
    "access key file", "subkey file", "key file", "STS", "profile", "profiles", "scope", "instant",
    "day", "whole request", "CSV", "strict JSON", "pair",
}  # fmt: skip


def test_nothing_in_the_list_is_a_scope_part_with_a_strange_character(strings: list[str]) -> None:
    allowed = set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")
    for text in strings:
        assert (part_fault(text) is None) == (1 <= len(text) <= 64 and set(text) <= allowed)
        if id_fault(text) is None:
            assert text.isascii()
            assert text.isprintable()


def test_no_string_of_the_list_is_an_endpoint_of_aws(strings: list[str]) -> None:
    for text in strings:
        assert guess_scope(wire(text).lower()) == {"region": None, "service": None}
