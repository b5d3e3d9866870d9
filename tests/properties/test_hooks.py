"""Do webhooks and forms verify as they were signed, and nothing else?"""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authkit.errors import Rejected
from authkit.keys.access import AccessKey
from authkit.schemes.forms.sign import Wanted
from authkit.secret import Secret
from formcase import BOUNDARY
from formcase import body_of as form_body
from formcase import message as form_message
from formcase import signing as sign_form
from formcase import why as form_reason
from webhookcase import AT, access_key, receiving, signing

BUILT_IN = ["standard-webhooks", "github", "slack", "stripe"]
SECRETS = st.binary(min_size=1, max_size=80)
KEY = AccessKey("AKIDEXAMPLE", Secret(b"secret"))


def outcome(scheme: str, keys: "list[Any]", headers: Any, body: bytes) -> str:
    try:
        receiving(scheme, keys, headers, body, AT)
    except Rejected as rejected:
        return rejected.reason
    return "ok"


@pytest.mark.parametrize("scheme", BUILT_IN)
@given(SECRETS, st.binary(max_size=60), st.integers(-300, 300))
def test_what_was_signed_verifies(scheme: str, secret: bytes, body: bytes, offset: int) -> None:
    at = AT + timedelta(seconds=offset)
    signed = signing(scheme, [access_key(secret)], body, at)
    found = receiving(scheme, [access_key(secret)], [*signed.added, ("X-More", "1")], body)
    assert "x-more" in found.uncovered
    assert found.signed_at == (None if scheme == "github" else at)


@pytest.mark.parametrize("scheme", BUILT_IN)
@given(SECRETS, SECRETS)
def test_the_secret_matters(scheme: str, one: bytes, two: bytes) -> None:
    signed = signing(scheme, [access_key(one)], b"body")
    # HMAC itself takes a key and the same key followed by zeros for one (RFC 2104 §2)
    same = one.rstrip(b"\0") == two.rstrip(b"\0") and max(len(one), len(two)) <= 64
    assert outcome(scheme, [access_key(two)], signed.added, b"body") == ("ok" if same else "signature-mismatch")


@pytest.mark.parametrize("scheme", BUILT_IN)
@given(st.binary(max_size=20), st.data())
def test_every_character_of_what_is_sent_matters(scheme: str, body: bytes, data: st.DataObject) -> None:
    signed = signing(scheme, [access_key(b"secret")], body)
    place = data.draw(st.integers(0, len(signed.added) - 1))
    name, value = signed.added[place]
    spot = data.draw(st.integers(0, len(value) - 1))
    char = data.draw(st.characters(min_codepoint=0x21, max_codepoint=0x7E).filter(lambda one: one != value[spot]))
    headers = list(signed.added)
    headers[place] = (name, value[:spot] + char + value[spot + 1 :])
    assert outcome(scheme, [access_key(b"secret")], headers, body) != "ok"


@pytest.mark.parametrize("scheme", BUILT_IN)
@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=60))
def test_any_header_is_judged(scheme: str, value: str) -> None:
    """Whatever stands there, it is a verdict of no and never a fault."""
    signed = signing(scheme, [access_key(b"secret")], b"")
    for place, (name, right) in enumerate(signed.added):
        headers = list(signed.added)
        headers[place] = (name, value)
        assert value.strip(" ") == right or outcome(scheme, [access_key(b"secret")], headers, b"") in schemes_reasons()


def schemes_reasons() -> "set[str]":
    return {
        "algorithm",
        "date-format",
        "date-missing",
        "duplicate-parameter",
        "expired",
        "not-yet-valid",
        "signature-format",
        "signature-mismatch",
        "signed-header-missing",
    }


@given(st.binary(max_size=200), st.binary(max_size=60))
def test_any_body_is_a_form_or_is_none(start: bytes, end: bytes) -> None:
    """No body makes a fault, and what is not a form is refused by name."""
    mark = f"--{BOUNDARY}".encode()
    for body in (
        start,
        mark + b"\r\n" + start,
        start + mark + end,
        mark + b"\r\n" + start + b"\r\n" + mark + b"--" + end,
    ):
        assert form_reason("sigv4", [KEY], form_message(body)).partition(":")[0] in ("form-syntax", "no-signature")


@given(st.data())
def test_every_octet_of_a_form_matters(data: st.DataObject) -> None:
    """A changed octet before the file is refused; what is not covered is the file and its name."""
    form = sign_form("sigv4", [KEY], Wanted("inbox", "a.txt", fields=(("acl", "private"),)))
    body = form_body(form.fields)
    stop = body.index(b'name="file"')
    spot = data.draw(st.integers(0, stop - 1))
    octet = data.draw(st.integers(1, 255))
    changed = body[:spot] + bytes([body[spot] ^ octet]) + body[spot + 1 :]
    try:
        said = form_reason("sigv4", [KEY], form_message(changed))
    except AssertionError:
        # names of fields and of headers are read without regard to case
        assert changed.lower() == body.lower()
        return
    assert said
