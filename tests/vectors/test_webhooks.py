"""Do the signatures of webhooks equal the ones that their inventors publish?

Sources: `webhooks/vectors.json` (GitHub Docs, "Validating webhook deliveries"; Slack, "Verifying requests from Slack";
Standard Webhooks' own tests), repeated here so that neither copy can be wrong alone; Svix's test of an asymmetric key
(svix-webhooks, server, `test_asymmetric_key_signing`) for v1a; Stripe's own test (stripe-dotnet, `EventUtilityTest`,
`event_test_signature.json`).
"""

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from authkit.errors import Rejected
from authkit.keys.access import AccessKey
from webhookcase import access_key, reason, receiving, signing

GITHUB = access_key("It's a Secret to Everybody")
SLACK = access_key("8f742231b10e8888abcd99yyyzzz85a5")
STANDARD = access_key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
STANDARD_PRIVATE = access_key(
    "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg=="
)
STANDARD_PUBLIC = access_key("whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=")
STRIPE = access_key("webhook_secret")

SLACK_BODY = (
    b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&"
    b"channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url="
    b"https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&"
    b"trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
)
STRIPE_BODY = b"""{
  "id": "evt_123",
  "object": "event",
  "account": "acct_123",
  "api_version": "2017-05-25",
  "created": 1533204620,
  "data": {
    "object": {
      "id": "cus_123",
      "object": "customer",
      "created": 123456789,
      "email": "test@stripe.com",
      "livemode": false,
      "metadata": {}
    }
  },
  "livemode": false,
  "pending_webhooks": 1,
  "request": {
    "id": "req_123",
    "idempotency_key": "idempotency-key-123"
  },
  "type": "customer.created"
}
"""
STRIPE_V1 = "v1=2220f87ef101a04665f11cdf770523143f875572008577fa0f20882ddb9cc3c7"
STRIPE_V0 = "v0=63f3a72374a733066c4be69ed7f8e5ac85c22c9f0a6a612ab9a025a9e4ee7eef"
ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"

# scheme, key that signs, key that checks, body, Unix time, identifier, headers
CASES: "dict[str, tuple[str, AccessKey, AccessKey, bytes, int, str | None, list[tuple[str, str]]]]" = {
    "github-x-hub-signature-256": (
        "github",
        GITHUB,
        GITHUB,
        b"Hello, World!",
        1614265330,
        None,
        [("X-Hub-Signature-256", "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17")],
    ),
    "slack-v0": (
        "slack",
        SLACK,
        SLACK,
        SLACK_BODY,
        1531420618,
        None,
        [
            ("X-Slack-Request-Timestamp", "1531420618"),
            ("X-Slack-Signature", "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"),
        ],
    ),
    "standard-webhooks-v1": (
        "standard-webhooks",
        STANDARD,
        STANDARD,
        b'{"test": 2432232314}',
        1614265330,
        ID,
        [
            ("webhook-id", ID),
            ("webhook-timestamp", "1614265330"),
            ("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
        ],
    ),
    "standard-webhooks-v1a": (
        "standard-webhooks",
        STANDARD_PRIVATE,
        STANDARD_PUBLIC,
        b'{"test": 2432232314}',
        1614265330,
        ID,
        [
            ("webhook-id", ID),
            ("webhook-timestamp", "1614265330"),
            (
                "webhook-signature",
                "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==",
            ),
        ],
    ),
    "stripe-v1": (
        "stripe",
        STRIPE,
        STRIPE,
        STRIPE_BODY,
        1533204620,
        None,
        [("Stripe-Signature", f"t=1533204620,{STRIPE_V1}")],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_it_is_signed_as_published(name: str) -> None:
    scheme, key, _, body, seconds, id, headers = CASES[name]
    signed = signing(scheme, [key], body, datetime.fromtimestamp(seconds, timezone.utc), id=id)
    assert list(signed.added) == headers
    assert signed.request.headers == (("Host", "example.com"), *headers)
    assert (signed.scheme, signed.access_key_id, signed.scope) == (scheme, "hooks", "")


@pytest.mark.parametrize("name", CASES)
def test_what_is_published_verifies(name: str) -> None:
    scheme, _, key, body, seconds, id, headers = CASES[name]
    at = datetime.fromtimestamp(seconds, timezone.utc)
    found = receiving(scheme, [key], headers, body, at)
    assert (found.scheme, found.access_key_id, found.scope, found.warnings) == (scheme, "hooks", "", ())
    if scheme == "github":
        assert (found.signed_at, found.replayable_until) == (None, None)
    else:
        assert (found.signed_at, found.replayable_until) == (at, at + timedelta(seconds=300))


@pytest.mark.parametrize("name", CASES)
def test_a_changed_body_or_key_does_not(name: str) -> None:
    scheme, _, key, body, seconds, _, headers = CASES[name]
    at = datetime.fromtimestamp(seconds, timezone.utc)
    assert reason(scheme, [key], headers, body + b" ", at) == "signature-mismatch"
    other = STANDARD if key is STANDARD_PUBLIC else access_key("c2VjcmV0")
    wanted = "signature-mismatch"
    if key is STANDARD_PUBLIC:
        wanted = "algorithm: signed with ed25519, the keys are for hmac-sha256"
    assert reason(scheme, [other], headers, body, at) == wanted


@pytest.mark.parametrize("name", sorted(set(CASES) - {"github-x-hub-signature-256"}))
def test_a_changed_time_does_not(name: str) -> None:
    scheme, _, key, body, seconds, _, headers = CASES[name]
    later = [(header, value.replace(str(seconds), str(seconds + 1))) for header, value in headers]
    assert reason(scheme, [key], later, body, datetime.fromtimestamp(seconds, timezone.utc)) == "signature-mismatch"


def test_stripe_s_own_header_with_its_test_signature() -> None:
    """The header as Stripe's library has it; v0 is of another key, and is passed over."""
    at = datetime.fromtimestamp(1533204620 + 100, timezone.utc)
    found = receiving(
        "stripe", [STRIPE], [("Stripe-Signature", f"t=1533204620,{STRIPE_V1},{STRIPE_V0}")], STRIPE_BODY, at
    )
    assert found.warnings == ("other-signatures",)
    wrong = [("Stripe-Signature", f"t=1533204620,{STRIPE_V0}")]
    assert reason("stripe", [STRIPE], wrong, STRIPE_BODY, at).startswith("algorithm: ")
    expired = datetime.fromtimestamp(1533204620 + 400, timezone.utc)
    assert reason("stripe", [STRIPE], [("Stripe-Signature", f"t=1533204620,{STRIPE_V1}")], STRIPE_BODY, expired) == (
        "expired: it was good until 2018-08-02T10:15:20Z and now is 2018-08-02T10:17:00Z"
    )


# What Stripe's library refuses, too: EventUtilityTest, ValidateSignatureHandlesIncorrectHeaderValues.
INCORRECT = {
    f"t=,{STRIPE_V1},{STRIPE_V0}": "date-format: ''",
    "t,v1=,v0=": "signature-format: '' is not 32 bytes in hex",
    "t,v1=,v0": "signature-format: '' is not 32 bytes in hex",
    "t,v1=,": "signature-format: '' is not 32 bytes in hex",
    "t,,": "algorithm: 't,,' holds no 'v1=…'",
    ",,": "algorithm: ',,' holds no 'v1=…'",
    "t": "algorithm: 't' holds no 'v1=…'",
}


@pytest.mark.parametrize("value", INCORRECT)
def test_incorrect_headers_of_stripe(value: str) -> None:
    at = datetime.fromtimestamp(1533204620, timezone.utc)
    assert reason("stripe", [STRIPE], [("Stripe-Signature", value)], b"{}", at) == INCORRECT[value]


def test_the_two_copies_agree(vectors: Path) -> None:
    rows = json.loads((vectors / "webhooks" / "vectors.json").read_text())
    named = {row["format"]: row for row in rows}
    shared = [name for name in CASES if name in named]
    assert shared == ["github-x-hub-signature-256", "slack-v0", "standard-webhooks-v1"]
    for name in shared:
        _, key, _, body, seconds, id, headers = CASES[name]
        row = named[name]
        given = {"secret": key.secret.reveal().decode(), "body": body.decode()}
        given |= {"timestamp": str(seconds)} if "timestamp" in row["input"] else {}
        given |= {"id": str(id)} if id else {}
        assert row["input"] == given
        assert row["published"] == headers[-1][1]


# Formats of vectors.json that no template can be: what each would need.
ELSEWHERE = {
    "hawk-1-header": "an Authorization header over method, host and port",
    "hawk-1-payload-hash": "a hash, no signature",
    "hawk-1-header-with-payload": "an Authorization header over method, host and port",
    "oauth1-hmac-sha1": "two secrets, and parameters sorted and encoded",
    "duo-v2-hmac-sha1": "Basic authentication, and parameters sorted and encoded",
    "azure-cosmos-master": "method, resource and date of a request to an API",
    "twilio-x-twilio-signature": "the parameters of the body, sorted",
    "kraken-api-sign": "the bytes of a hash, behind a path",
    "binance-hmac": "a signature in the query",
}


def test_every_format_of_the_vectors_is_accounted_for(vectors: Path) -> None:
    rows = json.loads((vectors / "webhooks" / "vectors.json").read_text())
    assert {row["format"] for row in rows} - set(CASES) == set(ELSEWHERE)
    assert not set(CASES) & set(ELSEWHERE)


def test_a_public_key_signs_nothing() -> None:
    with pytest.raises(Exception, match="^the key hooks is a public key: it checks and never signs$") as caught:
        signing("standard-webhooks", [STANDARD_PUBLIC], b"", id=ID)
    assert not isinstance(caught.value, Rejected)
