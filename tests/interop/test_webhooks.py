"""Do Standard Webhooks' own library, curl and authkit send each other webhooks?"""

import json
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from authkit import base64
from interop.loopback import Loopback
from interop.program import Authkit, run
from webhookcase import access_key, reason, receiving, signing

Module = Callable[[str], Any]

SECRETS = st.binary(min_size=1, max_size=80)
BODIES = st.text(max_size=40).filter(lambda text: text.isprintable() or "\n" in text)
IDS = st.text("abcXYZ019_-", min_size=1, max_size=20)


@pytest.fixture(scope="module")
def library(require_module: Module) -> Any:
    return require_module("standardwebhooks").Webhook


@pytest.fixture(scope="module")
def wrong(require_module: Module) -> Any:
    return require_module("standardwebhooks").WebhookVerificationError


def keys_of(secret: bytes) -> "list[Any]":
    """Return one secret in the ways that it may be written."""
    text = base64.encode(secret)
    return [access_key(secret), access_key(text), access_key(f"whsec_{text}")]


def now() -> datetime:
    return datetime.now(timezone.utc).replace(microsecond=0)


@settings(max_examples=60)
@given(SECRETS, BODIES, IDS)
def test_the_library_accepts_what_authkit_signs(library: Any, wrong: Any, secret: bytes, body: str, id: str) -> None:
    at = now()
    made = [signing("standard-webhooks", [key], body.encode(), at, id=id).added for key in keys_of(secret)]
    assert made[0] == made[1] == made[2]
    headers = dict(made[0])
    for written in (secret, "whsec_" + base64.encode(secret)):
        library(written).verify(body, headers, json_parse=False)
    with pytest.raises(wrong):
        library(secret).verify(body + " ", headers, json_parse=False)
    with pytest.raises(wrong):
        library(secret + b"x").verify(body, headers, json_parse=False)
    with pytest.raises(wrong):
        library(secret).verify(body, {**headers, "webhook-id": id + "x"}, json_parse=False)


@settings(max_examples=60)
@given(SECRETS, BODIES, IDS)
def test_authkit_accepts_what_the_library_signs(library: Any, secret: bytes, body: str, id: str) -> None:
    at = now()
    signature = library(secret).sign(id, at, body)
    headers = [("webhook-id", id), ("webhook-timestamp", str(int(at.timestamp()))), ("webhook-signature", signature)]
    for key in keys_of(secret):
        assert receiving("standard-webhooks", [key], headers, body.encode(), at).more == {"webhook_id": id}
    assert reason("standard-webhooks", [access_key(secret)], headers, body.encode() + b" ", at) == "signature-mismatch"
    assert reason("standard-webhooks", [access_key(secret + b"x")], headers, body.encode(), at) == "signature-mismatch"


def test_a_secret_is_changed_without_a_gap(library: Any, wrong: Any) -> None:
    """Receivers of the old, the new and the asymmetric key accept one webhook; a stranger does not."""
    old, new, stranger = b"old" * 8, b"new" * 8, b"who" * 8
    headers = dict(signing("standard-webhooks", [access_key(old), access_key(new)], b"{}", now()).added)
    for secret in (old, new):
        assert library(secret).verify(b"{}", headers) == {}
    with pytest.raises(wrong):
        library(stranger).verify(b"{}", headers)


@pytest.mark.parametrize("offset", [-299, 299])
def test_both_take_what_is_within_five_minutes(library: Any, offset: int) -> None:
    at = now() + timedelta(seconds=offset)
    headers = signing("standard-webhooks", [access_key(b"secret")], b"{}", at).added
    library(b"secret").verify(b"{}", dict(headers))
    assert receiving("standard-webhooks", [access_key(b"secret")], headers, b"{}", now()).scheme == "standard-webhooks"


@pytest.mark.parametrize("offset", [-310, 310])
def test_neither_takes_what_is_older_or_early(library: Any, wrong: Any, offset: int) -> None:
    at = now() + timedelta(seconds=offset)
    headers = signing("standard-webhooks", [access_key(b"secret")], b"{}", at).added
    with pytest.raises(wrong):
        library(b"secret").verify(b"{}", dict(headers))
    said = reason("standard-webhooks", [access_key(b"secret")], headers, b"{}", now())
    assert said.startswith("expired" if offset < 0 else "not-yet-valid")


# Where they differ, and what the specification says of it.
LENIENT = {
    "a fraction in the time": ("webhook-timestamp", "{seconds}.0", "date-format", '"integer unix timestamp"'),
    "base64 without its padding": ("webhook-signature", "{signature}!", "signature-format", '"base64 encoded"'),
}


@pytest.mark.parametrize("name", LENIENT)
def test_differences(library: Any, name: str) -> None:
    header, template, wanted, _ = LENIENT[name]
    at = now()
    headers = dict(signing("standard-webhooks", [access_key(b"secret")], b"{}", at).added)
    headers[header] = template.format(seconds=int(at.timestamp()), signature=headers["webhook-signature"])
    assert reason("standard-webhooks", [access_key(b"secret")], headers.items(), b"{}", at).startswith(wanted)
    assert library(b"secret").verify(b"{}", headers) == {}


@pytest.mark.parametrize("scheme", ["standard-webhooks", "github", "slack", "stripe"])
def test_curl_carries_a_webhook(
    scheme: str, authkit: Authkit, loopback: Loopback, home: Path, require_tool: Callable[[str], str]
) -> None:
    """The printed headers are what curl's -H @FILE reads, and what it sends is what verifies."""
    key = {"schema": "authkit.access-key/v1", "access_key_id": "hook", "secret": "whsec_c2VjcmV0LXNlY3JldA=="}
    (home / "key.json").write_text(json.dumps(key))
    (home / "key.json").chmod(0o600)
    (home / "body").write_bytes(b'\xff{"a": 1}\r\n')
    words = ["--scheme", scheme, "--key", "file:key.json"]
    done = authkit("sign", "webhook", *words, "body")
    assert done.code == 0, done.err
    (home / "headers").write_bytes(done.out)
    sent = run([require_tool("curl"), "-q", "-sS", "-H", "@headers", "--data-binary", "@body", loopback.url], home)
    assert sent.code == 0, sent.err
    (home / "received.http").write_bytes(message := loopback.take())
    judged = authkit("verify-signature", *words, "--json", "received.http")
    assert (judged.code, json.loads(judged.out)["reason"]) == (0, "ok")
    (home / "received.http").write_bytes(message.replace(b'"a": 1', b'"a": 2'))
    judged = authkit("verify-signature", *words, "--json", "received.http")
    assert (judged.code, json.loads(judged.out)["reason"]) == (1, "signature-mismatch")
