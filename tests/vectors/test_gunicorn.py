"""Does the strict reader of HTTP agree with the corpus of another server on what a request is?

Source: benoitc/gunicorn 65ac1a3a, tests/requests: 63 requests that it reads and 74 that it refuses.
"""

import os
import re
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from authkit.errors import InputError, Rejected
from authkit.messages.request import parse_request

PROJECT = Path(__file__).resolve().parents[2]
VECTORS = Path(os.environ.get("AUTHKIT_VECTORS") or PROJECT.parent / "shared" / "vectors").resolve()
SUITE = VECTORS / "http" / "gunicorn"
VALID = sorted(path.stem for path in SUITE.glob("valid/*.http"))
INVALID = sorted(path.stem for path in SUITE.glob("invalid/*.http"))

_FRAGMENT = "a request target has no fragment (RFC 9112 §3.2)"
_PIPELINE = "one message is one request; what follows it is refused, not read as another"
_CODING = "no transfer coding but chunked alone"
_FOLD = "a setting of gunicorn's (permit_obsolete_folding); RFC 9112 §5.2 lets a server refuse"
_PROXY = "the PROXY protocol stands before HTTP and is no part of it"
_TWINS = "two names that differ in '-' and '_' alone are one name to many a server; gunicorn drops one of them"
_CONNECT = "CONNECT opens a tunnel: nothing of it is signed"

# What gunicorn reads and authkit refuses: name -> (reason, or "input" where it is no HTTP message at all; why).
REFUSED = {
    "005": ("target-syntax", _FRAGMENT),
    "009": ("target-syntax", _FRAGMENT),
    "012": ("transfer-encoding", "a trailer field is neither covered nor listed as uncovered, so it is refused"),
    "018": ("body-length", _PIPELINE),
    "019": ("body-length", _PIPELINE),
    "021": ("body-length", _PIPELINE),
    "022": ("body-length", _PIPELINE),
    "023": ("transfer-encoding", _PIPELINE),
    "025": ("transfer-encoding", _CODING),
    "025_line": ("transfer-encoding", _CODING),
    "027": ("target-syntax", "bytes above 0x7F in a target are refused; sign http alone repairs them"),
    "028": ("header-syntax", "a setting of gunicorn's (strip_header_spaces); RFC 9112 §5.1 demands the refusal"),
    "029": ("transfer-encoding", _CODING),
    "030": ("transfer-encoding", _CODING),
    "040": ("header-name-ambiguous", _TWINS),
    "040_compat": ("header-name-ambiguous", _TWINS),
    "099": ("body-length", "the message ends before its Content-Length; gunicorn hands over what came"),
    "compat_obs_fold": ("header-syntax", _FOLD),
    "compat_obs_fold_huge": ("header-syntax", _FOLD),
    "pp_01": ("input", _PROXY),
    "pp_02": ("input", _PROXY),
    "pp_04": ("input", _PROXY),
    "pp_05": ("input", _PROXY),
    "rfc9112_smuggle_gzip_chunked_01": ("transfer-encoding", _CODING),
    "rfc9112_smuggle_te_identity_chunked_01": ("transfer-encoding", _CODING),
    "rfc9112_target_absolute_userinfo_01": ("userinfo", "RFC 9110 §4.2.4: a user name in an http URL is an error"),
    "rfc9112_target_authority_connect_01": ("target-syntax", _CONNECT),
    "rfc9112_target_authority_ipv6_01": ("target-syntax", _CONNECT),
}

_LIMIT = "a limit of gunicorn's; the limit here is 1 MiB for the whole head"

# What gunicorn refuses and authkit reads: name -> why.
READ = {
    "003c": "any token is a method (RFC 9110 §9.1); gunicorn wants three letters or more",
    "006": _LIMIT,
    "007": _LIMIT,
    "008": _LIMIT,
    "009": _LIMIT,
    "010": _LIMIT,
    "011": _LIMIT,
    "012": _LIMIT,
    "017": _LIMIT,
    "019": "a setting of gunicorn's: X-Forwarded-Proto decides nothing here",
    "041": "two Content-Type fields: well-formed, signed joined by a comma, and the verifier warns",
    "042": "two Host fields: well-formed; the verifier refuses them (duplicate-header)",
    "limit_header_default_01": _LIMIT,
}

# What both read, differently: name -> (method, why).
CHANGED = {"031compat": ("-blargh", "a setting of gunicorn's (casefold_http_method); a method is case-sensitive")}


class Names(dict[str, Any]):
    """The names of a vector file: what it does not define stands for itself."""

    def __missing__(self, name: str) -> Any:
        return {"uri": str, "Config": Settings, "bytes": bytes, "str": str}.get(name, name)


class Settings:
    def set(self, name: str, value: object) -> None:
        """Take a setting of gunicorn's and forget it; authkit has none."""


def load(kind: str, name: str) -> tuple[bytes, Any]:
    """Return a vector's request as bytes, and what its file expects.

    The request's own line ends are layout; its bytes stand as escapes (tests/treq.py of the source).
    """
    data = (SUITE / kind / f"{name}.http").read_bytes().replace(b"\n", b"").replace(b"\\r\\n", b"\r\n")
    data = data.replace(b"\\0", b"\0").replace(b"\\n", b"\n").replace(b"\\t", b"\t")
    data = re.sub(rb"\\x([0-9A-Fa-f]{2})", lambda match: bytes.fromhex(match[1].decode()), data)
    names = Names()
    lines = (SUITE / kind / f"{name}.py").read_text("utf-8").split("\n")
    exec("\n".join(line for line in lines if not line.startswith("from gunicorn")), {}, names)  # noqa: S102
    return data, names["request"]


@pytest.mark.parametrize("name", [name for name in VALID if name not in REFUSED])
def test_reads(name: str) -> None:
    data, expected = load("valid", name)
    request = parse_request(data)
    assert not isinstance(expected, list), "a vector of several requests"
    body = expected["body"] or b""
    assert request.method == CHANGED.get(name, (expected["method"],))[0]
    assert request.target == expected["uri"]
    assert [(key.upper(), value.strip(" \t")) for key, value in request.headers] == expected["headers"]
    assert request.payload_hash == sha256(body).hexdigest()
    assert request.content_length == len(body)


@pytest.mark.parametrize("name", REFUSED)
def test_refuses_what_gunicorn_reads(name: str, vectors: Path) -> None:
    """Each difference still is one, for the reason that the table gives."""
    with pytest.raises((Rejected, InputError)) as caught:
        parse_request(load("valid", name)[0])
    assert getattr(caught.value, "reason", "input") == REFUSED[name][0]


@pytest.mark.parametrize("name", [name for name in INVALID if name not in READ])
def test_refuses(name: str) -> None:
    data, expected = load("invalid", name)
    assert isinstance(expected, str), "a vector that names no error of gunicorn's"
    with pytest.raises((Rejected, InputError)):
        parse_request(data)


@pytest.mark.parametrize("name", READ)
def test_reads_what_gunicorn_refuses(name: str, vectors: Path) -> None:
    data = load("invalid", name)[0]
    assert parse_request(data).method == data.split(b" ")[0].decode()


def test_count(vectors: Path) -> None:
    assert vectors / "http" / "gunicorn" == SUITE
    assert (len(VALID), len(INVALID)) == (63, 74)
    assert set(REFUSED) <= set(VALID)
    assert set(READ) <= set(INVALID)
    assert set(CHANGED) <= set(VALID) - set(REFUSED)
    for name, (method, _) in CHANGED.items():
        assert load("valid", name)[1]["method"] != method
