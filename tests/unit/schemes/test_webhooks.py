"""What does a webhook carry, and what of it is refused?"""

from datetime import datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from authkit import api, schemes
from authkit.errors import InputError, Refused, Rejected, UsageError
from authkit.keys.prove import load_private, load_public
from authkit.messages.payload import Kept, hash_bytes
from authkit.messages.request import Request
from authkit.schemes.base import SignJob
from authkit.schemes.options import SCHEME_OVERRIDE
from authkit.schemes.webhooks.format import Format, Item, split_text
from authkit.schemes.webhooks.options import is_webhook
from authkit.schemes.webhooks.proof import Proof
from webhookcase import AT, access_key, judging, message, reason, receiving, signing

SECRET = "whsec_" + "c2VjcmV0LXNlY3JldC1zZWNyZXQ="
KEY, OTHER = access_key(SECRET, "one"), access_key(b"\xfb\xff other", "two")
TEXT = access_key("It's a Secret to Everybody")
PAIR = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PEM = PAIR.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
PRIVATE = load_private(PEM, "key.pem", "pair")
PUBLIC = load_public(PAIR.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo), "key.der", "pair")
BODY = b'{"n": 1}\r\n'
BUILT_IN = ["standard-webhooks", "github", "slack", "stripe"]


def key_for(scheme: str) -> Any:
    return KEY if scheme == "standard-webhooks" else TEXT


# ------------------------------------------------------------------------------------------------------------- signing


def test_an_identifier_is_made_where_none_is_given() -> None:
    signed = signing("standard-webhooks", [KEY], BODY)
    assert signed.added[0] == ("webhook-id", "msg_000102030405060708090a0b0c0d0e0f")
    assert signed.stages["signed-content"] == f"{signed.added[0][1]}.1795424400." + BODY.decode()
    assert "v1," + signed.stages["signature"] == signed.added[2][1]
    assert signed.warnings == ()


def test_every_key_signs_where_there_is_room() -> None:
    signed = signing("standard-webhooks", [PRIVATE, KEY, OTHER], BODY)
    kinds = [text.partition(",")[0] for text in signed.added[-1][1].split(" ")]
    assert kinds == ["v1", "v1", "v1a"]
    assert signed.access_key_id == "pair"
    made = signed.stages["signature"].split("\n")
    assert signed.added[-1][1] == f"v1,{made[1]} v1,{made[2]} v1a,{made[0]}"
    for key, id in ((KEY, "one"), (OTHER, "two"), (PRIVATE, "pair"), (PUBLIC, "pair")):
        assert receiving("standard-webhooks", [key], signed.added, BODY).access_key_id == id


def test_stripe_holds_several_signatures_in_one_header() -> None:
    signed = signing("stripe", [TEXT, access_key("new", "new")], BODY)
    ((name, value),) = signed.added
    made = signed.stages["signature"].split("\n")
    assert (name, value) == ("Stripe-Signature", f"t=1795424400,v1={made[0]},v1={made[1]}")
    assert receiving("stripe", [access_key("new", "new")], signed.added, BODY).access_key_id == "new"


@pytest.mark.parametrize("scheme", ["github", "slack"])
def test_one_signature_takes_one_key(scheme: str) -> None:
    with pytest.raises(UsageError, match=f"^{scheme} has one signature, and there are 2 keys$") as caught:
        signing(scheme, [TEXT, OTHER], BODY)
    assert caught.value.hint == "give one --key"


def test_github_warns_that_it_signs_no_time() -> None:
    assert signing("github", [TEXT], BODY).warnings == (
        "github signs no time: whoever sees this request can repeat it for ever",
    )


@pytest.mark.parametrize("scheme", ["github", "slack", "stripe"])
def test_an_identifier_where_there_is_none(scheme: str) -> None:
    with pytest.raises(UsageError, match=f"^{scheme} has no identifier$") as caught:
        signing(scheme, [TEXT], BODY, id="x")
    assert caught.value.hint == "leave out --id"


@pytest.mark.parametrize(
    "id, fault",
    [
        ("", "is not 1 to 256 characters"),
        ("x" * 257, "is not 1 to 256 characters"),
        ("a b", "holds a character that an identifier cannot hold"),
        ("a\tb", "holds a character that an identifier cannot hold"),
        ("é", "holds a character that an identifier cannot hold"),
        ("msg.1", "holds '.', which marks where it ends"),
    ],
)
def test_an_identifier_that_cannot_be(id: str, fault: str) -> None:
    with pytest.raises(UsageError) as caught:
        signing("standard-webhooks", [KEY], BODY, id=id)
    assert caught.value.message == f"--id {id[:64]!r} {fault}"


def test_the_longest_identifier() -> None:
    signed = signing("standard-webhooks", [KEY], BODY, id="x" * 256)
    assert receiving("standard-webhooks", [KEY], signed.added, BODY).more == {"webhook_id": "x" * 256}


@pytest.mark.parametrize("scheme", BUILT_IN)
def test_what_is_signed_is_not_signed_again(scheme: str) -> None:
    signed = signing(scheme, [key_for(scheme)], BODY)
    job = SignJob(signed.request, [key_for(scheme)], SimpleNamespace(id=None, scheme_override=False), AT, bytes)
    with pytest.raises(Refused, match=f"^the request already has the header {signed.added[0][0]}$") as caught:
        schemes.find(scheme).sign(job)
    assert caught.value.hint == "remove it: signing adds it"


def test_a_body_that_is_not_known_is_not_signed() -> None:
    options = SimpleNamespace(id=None, scheme_override=False)
    unknown = Request("POST", "/", payload_hash=None, content_length=None)
    with pytest.raises(
        InputError, match="^the body is not known, and a webhook's signature is over the body$"
    ) as caught:
        schemes.find("github").sign(SignJob(unknown, [TEXT], options, AT, bytes))
    assert caught.value.hint == "give it with --body"
    unseen = Request("POST", "/", payload_hash=hash_bytes(BODY), content_length=len(BODY))
    with pytest.raises(InputError, match="^the body was not kept$") as caught:
        schemes.find("github").sign(SignJob(unseen, [TEXT], options, AT, bytes))
    assert caught.value.hint == "watch it while it is read"
    empty = schemes.find("github").sign(SignJob(Request("POST", "/"), [TEXT], options, AT, bytes))
    assert empty.stages["payload"] == ""


@pytest.mark.parametrize(
    "key, message_",
    [
        (access_key(SECRET, use="derive"), "hooks is a master secret: it derives and never signs"),
        (access_key(SECRET, scheme="slack"), "hooks is for slack and the request for github"),
        (PRIVATE, "the key is of type ed25519, and github signs with sha256"),
    ],
)
def test_keys_that_do_not_sign_a_webhook(key: Any, message_: str) -> None:
    with pytest.raises(Refused) as caught:
        signing("github", [key], BODY)
    assert caught.value.message == message_


def test_a_subkey_signs_no_webhook() -> None:
    subkey = api.derive_subkey([access_key("x", "AKIDEXAMPLE")], AT.date(), "us-east-1", "s3")
    with pytest.raises(Refused, match="^the key is a subkey, and github signs with a secret$"):
        signing("github", [subkey], BODY)


def test_a_key_made_for_another_scheme_with_the_override() -> None:
    key = access_key("x", scheme="slack")
    signed = signing("github", [key], BODY, scheme_override=True)
    assert receiving("github", [key], signed.added, BODY, scheme_override=True).access_key_id == "hooks"
    assert signing("slack", [key], BODY).access_key_id == "hooks"


def test_a_pair_of_another_kind_signs_no_standard_webhook() -> None:
    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(Refused) as caught:
        signing("standard-webhooks", [load_private(pem, "p256.pem")], BODY)
    assert caught.value.message == "the key is of type p256, and standard-webhooks signs with sha256 or ed25519"


# ---------------------------------------------------------------------------------------------- how a secret is written


def test_a_secret_of_standard_webhooks_may_lack_its_prefix_or_be_raw() -> None:
    signed = signing("standard-webhooks", [KEY], BODY)
    for same in (access_key(SECRET[6:]), access_key(b"secret-secret-secret")):
        assert receiving("standard-webhooks", [same], signed.added, BODY).access_key_id == "hooks"
    # a raw secret is never decoded, however much it looks like base64
    assert reason("standard-webhooks", [access_key(SECRET.encode())], signed.added, BODY) == "signature-mismatch"


@pytest.mark.parametrize(
    "text", ["whsec_", "whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQ", "whsec_****", "whsec_c2VjcmV=", "whsex_c2VjcmV0"]
)
def test_a_secret_that_is_not_base64(text: str) -> None:
    for act in (
        lambda key: signing("standard-webhooks", [key], BODY),
        lambda key: reason("standard-webhooks", [key], [], BODY),
    ):
        with pytest.raises(InputError) as caught:
            act(access_key(text))
        assert caught.value.message == "the secret of hooks is not base64, as standard-webhooks wants it"
        assert caught.value.hint == "one that is not text is written as secret_b64 in its file"


SEED = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


def whsk(public: bytes) -> str:
    from authkit import base64

    return "whsk_" + base64.encode(bytes(range(32)) + public)


def test_ed25519_keys_as_standard_webhooks_writes_them() -> None:
    public = PAIR.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    wanted = signing("standard-webhooks", [PRIVATE], BODY).added
    for text in (whsk(public), f"whsk_{SEED}"):
        assert signing("standard-webhooks", [access_key(text)], BODY).added == wanted
        assert receiving("standard-webhooks", [access_key(text)], wanted, BODY).access_key_id == "hooks"


@pytest.mark.parametrize(
    "text",
    [
        "whsk_",
        "whsk_AAAA",
        "whpk_AAAA",
        f"whpk_{SEED}AAAA",
        "whsk_****",
        whsk(bytes(32)),
        whsk(bytes(31)),
        "whpk_" + whsk(bytes(32))[5:],
    ],
)
def test_what_begins_like_an_ed25519_key_and_is_none(text: str) -> None:
    with pytest.raises(InputError) as caught:
        signing("standard-webhooks", [access_key(text)], BODY)
    assert caught.value.message == "the secret of hooks begins like an Ed25519 key of Standard Webhooks and is none"


def test_a_public_key_is_never_a_secret() -> None:
    """What verifies v1a must not verify v1: its text is public."""
    public = access_key("whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=")
    forged = signing("standard-webhooks", [access_key(public.secret.reveal())], BODY)
    assert reason("standard-webhooks", [public], forged.added, BODY) == (
        "algorithm: signed with hmac-sha256, the keys are for ed25519"
    )
    # where the format has no Ed25519, it is text like any other
    assert receiving("github", [public], signing("github", [public], BODY).added, BODY).access_key_id == "hooks"


def test_a_raw_secret_that_looks_like_an_ed25519_key_is_bytes() -> None:
    raw = access_key(f"whsk_{SEED}".encode())
    assert signing("standard-webhooks", [raw], BODY).added[-1][1].startswith("v1,")


# ----------------------------------------------------------------------------------------------------------- verifying


def test_what_a_verdict_says() -> None:
    signed = signing("standard-webhooks", [KEY], BODY)
    data = message([*signed.added, ("X-Trace", "1"), ("Content-Type", "application/json")], BODY, target="/hook?a=1")
    found = judging("standard-webhooks", [OTHER, KEY], data)
    assert (found.scheme, found.access_key_id, found.scope) == ("standard-webhooks", "one", "")
    assert (found.signed_at, found.replayable_until) == (AT, AT + timedelta(seconds=300))
    assert found.covered == ("webhook-id", "webhook-timestamp", "body")
    assert found.uncovered == ("method", "path", "query", "content-length", "content-type", "host", "x-trace")
    assert found.more == {"webhook_id": "msg_000102030405060708090a0b0c0d0e0f"}
    assert found.warnings == ()


def test_github_can_be_repeated_always() -> None:
    found = receiving("github", [TEXT], signing("github", [TEXT], BODY).added, BODY, AT + timedelta(days=9999))
    assert (found.signed_at, found.replayable_until, found.more) == (None, None, {})
    assert found.covered == ("body",)
    assert found.uncovered == ("method", "path", "content-length", "host")


@pytest.mark.parametrize("scheme", ["standard-webhooks", "slack", "stripe"])
@pytest.mark.parametrize("tolerance", [None, 0, 1, 900])
def test_both_bounds_of_the_tolerance_are_inclusive(scheme: str, tolerance: "int | None") -> None:
    key, seconds = key_for(scheme), 300 if tolerance is None else tolerance
    signed = signing(scheme, [key], BODY)
    for offset in (-seconds, seconds):
        found = receiving(scheme, [key], signed.added, BODY, AT + timedelta(seconds=offset), tolerance=tolerance)
        assert found.replayable_until == AT + timedelta(seconds=seconds)
    early, late = AT - timedelta(seconds=seconds + 1), AT + timedelta(seconds=seconds + 1)
    said = reason(scheme, [key], signed.added, BODY, early, tolerance=tolerance)
    assert said == f"not-yet-valid: it is dated 2026-11-23T09:00:00Z and now is {early:%Y-%m-%dT%H:%M:%SZ}"
    said = reason(scheme, [key], signed.added, BODY, late, tolerance=tolerance)
    until = AT + timedelta(seconds=seconds)
    assert said == f"expired: it was good until {until:%Y-%m-%dT%H:%M:%SZ} and now is {late:%Y-%m-%dT%H:%M:%SZ}"


@pytest.mark.parametrize("tolerance", [-1, 901])
def test_a_tolerance_that_is_none(tolerance: int) -> None:
    with pytest.raises(UsageError, match=f"^--tolerance {tolerance} is not 0 to 900 seconds$"):
        reason("slack", [TEXT], [], BODY, tolerance=tolerance)


def test_a_format_has_the_options_that_it_has_a_use_for() -> None:
    names = {name: schemes.find(name) for name in BUILT_IN}
    with_id = {name for name, scheme in names.items() if "--id" in [row[0] for row in scheme.sign_options]}
    with_time = {name for name, scheme in names.items() if "--tolerance" in [row[0] for row in scheme.verify_options]}
    assert (with_id, with_time) == ({"standard-webhooks"}, {"standard-webhooks", "slack", "stripe"})
    assert all(scheme.sign_options[-1] is scheme.verify_options[-1] is SCHEME_OVERRIDE for scheme in names.values())
    assert [name for name in sorted(schemes.SCHEMES) if is_webhook(schemes.find(name))] == sorted(BUILT_IN)


SIGNED = {scheme: list(signing(scheme, [key_for(scheme)], BODY).added) for scheme in BUILT_IN}


@pytest.mark.parametrize("scheme", BUILT_IN)
def test_a_webhook_without_signature(scheme: str) -> None:
    name = SIGNED[scheme][-1][0]
    assert reason(scheme, [key_for(scheme)], SIGNED[scheme][:-1], BODY) == f"no-signature: no {name}"


@pytest.mark.parametrize("scheme", BUILT_IN)
def test_a_header_that_stands_twice(scheme: str) -> None:
    for name, value in SIGNED[scheme]:
        twice = [*SIGNED[scheme], (name.upper(), value)]
        assert reason(scheme, [key_for(scheme)], twice, BODY) == f"duplicate-header: {name}"


@pytest.mark.parametrize("scheme", BUILT_IN)
def test_every_bit_of_a_signature_matters(scheme: str) -> None:
    for place, _ in enumerate(BODY):
        changed = BODY[:place] + bytes([BODY[place] ^ 1]) + BODY[place + 1 :]
        assert reason(scheme, [key_for(scheme)], SIGNED[scheme], changed) == "signature-mismatch"
    assert reason(scheme, [key_for(scheme)], SIGNED[scheme], b"") == "signature-mismatch"


def test_headers_that_are_missing() -> None:
    headers = dict(SIGNED["standard-webhooks"])
    for name, wanted in (("webhook-id", "signed-header-missing"), ("webhook-timestamp", "date-missing")):
        rest = [(one, value) for one, value in headers.items() if one != name]
        assert reason("standard-webhooks", [KEY], rest, BODY) == f"{wanted}: no {name}"
    slack = SIGNED["slack"][1:]
    assert reason("slack", [TEXT], slack, BODY) == "date-missing: no X-Slack-Request-Timestamp"
    stripe = [("Stripe-Signature", SIGNED["stripe"][0][1].partition(",")[2])]
    assert reason("stripe", [TEXT], stripe, BODY) == "date-missing: 't=…' in Stripe-Signature"


@pytest.mark.parametrize(
    "id, fault",
    [
        ("", "'' is not 1 to 256 characters"),
        ("a.1795424400", "'a.1795424400' holds '.', which marks where it ends"),
        ("a b", "'a b' holds a character that an identifier cannot hold"),
    ],
)
def test_an_identifier_that_nobody_sends(id: str, fault: str) -> None:
    headers = [("webhook-id", id), *SIGNED["standard-webhooks"][1:]]
    assert reason("standard-webhooks", [KEY], headers, BODY) == f"signature-format: the identifier {fault}"


def test_a_signed_text_is_not_cut_elsewhere() -> None:
    """The same text, and so the same signature: another identifier, a later time, another body."""
    signed = signing("standard-webhooks", [KEY], b"1795434400.rest", id="a")
    moved = [("webhook-id", "a.1795424400"), ("webhook-timestamp", "1795434400"), signed.added[2]]
    at = datetime.fromtimestamp(1795434400, timezone.utc)
    assert reason("standard-webhooks", [KEY], moved, b"rest", at).startswith("signature-format: the identifier")


@pytest.mark.parametrize(
    "text", ["", "x", "-1", "+1", "1.5", "01795424400", "1e9", "179542440\xb2", "253402300800", "1" * 16, "1 1"]
)
def test_a_time_that_is_none(text: str) -> None:
    headers = [("X-Slack-Request-Timestamp", text), SIGNED["slack"][1]]
    assert reason("slack", [TEXT], headers, BODY) == f"date-format: {text!r}"


def test_the_first_and_the_last_time() -> None:
    for text, at in (
        ("0", datetime(1970, 1, 1, tzinfo=timezone.utc)),
        ("253402300799", datetime(9999, 12, 31, 23, 59, 59, tzinfo=timezone.utc)),
    ):
        headers = [("X-Slack-Request-Timestamp", text), SIGNED["slack"][1]]
        assert reason("slack", [TEXT], headers, BODY, at) == "signature-mismatch"


@pytest.mark.parametrize(
    "value, wanted",
    [
        ("", "algorithm: '' holds no 'sha256=…'"),
        ("sha1=" + "0" * 40, f"algorithm: 'sha1={'0' * 40}' holds no 'sha256=…'"),
        ("SHA256=" + "0" * 64, f"algorithm: 'SHA256={'0' * 57}' holds no 'sha256=…'"),
        ("sha256=", "signature-format: '' is not 32 bytes in hex"),
        ("sha256=" + "0" * 62, f"signature-format: {'0' * 62!r} is not 32 bytes in hex"),
        ("sha256=" + "0" * 66, f"signature-format: {'0' * 66!r} is not 32 bytes in hex"),
        ("sha256=" + "A" * 64, f"signature-format: {'A' * 64!r} is not 32 bytes in hex"),
        ("sha256=" + "g" * 64, f"signature-format: {'g' * 64!r} is not 32 bytes in hex"),
        ("sha256=" + "0 " * 32, f"signature-format: {('0 ' * 32).strip()!r} is not 32 bytes in hex"),
        ("sha256=" + "0" * 64, "signature-mismatch"),
    ],
)
def test_a_signature_of_github_that_is_none(value: str, wanted: str) -> None:
    assert reason("github", [TEXT], [("X-Hub-Signature-256", value)], BODY) == wanted


@pytest.mark.parametrize(
    "value, wanted",
    [
        ("v1,AAAA", "signature-format: 'AAAA' is not 32 bytes in base64"),
        ("v1,****", "signature-format: '****' is not 32 bytes in base64"),
        ("v1," + "A" * 43, f"signature-format: {'A' * 43!r} is not 32 bytes in base64"),
        ("v1," + "A" * 42 + "B=", f"signature-format: {'A' * 42 + 'B='!r} is not 32 bytes in base64"),
        ("v1a," + "A" * 43 + "=", f"signature-format: {'A' * 43 + '='!r} is not 64 bytes in base64"),
        ("v2," + "A" * 43 + "=", f"algorithm: 'v2,{'A' * 43}=' holds no 'v1,…' or 'v1a,…'"),
        ("v1;" + "A" * 43 + "=", f"algorithm: 'v1;{'A' * 43}=' holds no 'v1,…' or 'v1a,…'"),
        ("v1," + "A" * 43 + "=", "signature-mismatch"),
        ("v1a," + "A" * 86 + "==", "algorithm: signed with ed25519, the keys are for hmac-sha256"),
    ],
)
def test_a_standard_signature_that_is_none(value: str, wanted: str) -> None:
    headers = [*SIGNED["standard-webhooks"][:2], ("webhook-signature", value)]
    assert reason("standard-webhooks", [KEY], headers, BODY) == wanted


def test_both_kinds_of_keys_against_both_kinds_of_signatures() -> None:
    signed = signing("standard-webhooks", [KEY, PRIVATE], BODY)
    assert reason("standard-webhooks", [OTHER, PUBLIC], signed.added, b"") == "signature-mismatch"
    assert receiving("standard-webhooks", [OTHER, PUBLIC], signed.added, BODY).access_key_id == "pair"
    stripped = [*signed.added[:2], ("webhook-signature", signed.added[2][1].partition(" ")[0])]
    assert reason("standard-webhooks", [PUBLIC], stripped, BODY) == (
        "algorithm: signed with hmac-sha256, the keys are for ed25519"
    )


def test_a_signature_among_others() -> None:
    right = SIGNED["standard-webhooks"][2][1]
    wrong = "v1," + "A" * 43 + "="
    for value, warnings in (
        (f"{wrong} {right}", ()),
        (f"{right} {wrong}", ()),
        (f"v9,x {right}", ("other-signatures",)),
        (f"{wrong}  {right}", ("other-signatures",)),
    ):
        headers = [*SIGNED["standard-webhooks"][:2], ("webhook-signature", value)]
        assert receiving("standard-webhooks", [KEY], headers, BODY).warnings == warnings


def test_more_signatures_than_anybody_sends() -> None:
    wrong, right = "v1," + "A" * 43 + "=", SIGNED["standard-webhooks"][2][1]
    for count, wanted in ((31, ""), (32, "signature-format: more than 32 signatures")):
        headers = [*SIGNED["standard-webhooks"][:2], ("webhook-signature", " ".join([wrong] * count + [right]))]
        if wanted:
            assert reason("standard-webhooks", [KEY], headers, BODY) == wanted
        else:
            assert receiving("standard-webhooks", [KEY], headers, BODY).access_key_id == "one"


def test_a_time_that_stands_twice_in_stripe_s_header() -> None:
    value = SIGNED["stripe"][0][1]
    for twice in (f"t=1795424400,{value}", f"{value},t=1"):
        assert reason("stripe", [TEXT], [("Stripe-Signature", twice)], BODY) == (
            "duplicate-parameter: t= in Stripe-Signature"
        )


def test_a_body_that_is_not_known() -> None:
    given = SimpleNamespace(tolerance=None, scheme_override=False)
    judge = schemes.find("github").verifier([TEXT], given).judge
    headers = tuple(SIGNED["github"])
    for request in (
        Request("POST", "/", headers, None, None),
        Request("POST", "/", headers, hash_bytes(BODY), len(BODY)),
        Request("POST", "/", headers, hash_bytes(BODY), len(BODY), watched={"body": hash_of_nothing()}),
    ):
        with pytest.raises(Rejected) as caught:
            judge(request, AT)
        assert (caught.value.reason, caught.value.exit_code) == ("body-unavailable", 4)


def hash_of_nothing() -> Any:
    from hashlib import sha256

    return sha256()


def test_keys_that_are_none_for_a_webhook() -> None:
    master = access_key("x", use="derive")
    subkey = api.derive_subkey([access_key("x", "AKIDEXAMPLE")], AT.date(), "us-east-1", "s3")
    nobody = "unknown-access-key: no key at hand is one for github"
    for keys in ([], [master], [subkey], [PUBLIC], [master, subkey, PUBLIC]):
        assert reason("github", keys, SIGNED["github"], BODY) == nobody
    other = access_key("It's a Secret to Everybody", scheme="AWS4-HMAC-SHA256")
    for keys in ([other], [other, master], [master, other]):
        with pytest.raises(Rejected) as caught:
            receiving("github", keys, SIGNED["github"], BODY)
        assert (caught.value.reason, caught.value.detail) == ("other-scheme", "AWS4-HMAC-SHA256 and github")
        assert caught.value.hint == "--scheme-override insists"
    # a folder of keys holds others, too
    assert receiving("github", [master, other, subkey, PUBLIC, TEXT], SIGNED["github"], BODY).access_key_id == "hooks"
    assert receiving("github", [access_key("It's a Secret to Everybody", scheme="github")], SIGNED["github"], BODY)


def test_what_is_claimed_is_named() -> None:
    with pytest.raises(Rejected) as caught:
        receiving("slack", [TEXT], SIGNED["slack"], b"")
    claim: Any = caught.value.claim
    assert (claim.access_key_id, claim.scope, claim.at) == ("", "", AT)
    with pytest.raises(Rejected) as caught:
        receiving("github", [TEXT], [], b"")
    assert caught.value.claim is not None
    assert caught.value.claim.at is None  # type: ignore[attr-defined]


def test_a_request_that_no_message_can_be_is_refused_first() -> None:
    judge = schemes.find("github").verifier([TEXT], SimpleNamespace(tolerance=None, scheme_override=False)).judge
    with pytest.raises(Rejected) as caught:
        judge(Request("POST", "/ ", tuple(SIGNED["github"])), AT)
    assert (caught.value.reason, caught.value.claim) == ("target-syntax", None)


def test_the_stages_of_a_received_webhook() -> None:
    scheme = schemes.find("stripe")
    kept = Kept()
    request = Request("POST", "/", tuple(SIGNED["stripe"])).with_body(
        hash_bytes(BODY, {"body": kept}), len(BODY), {"body": kept}
    )
    assert scheme.stages is not None
    assert scheme.stages(request, None) == {"signed-payload": "1795424400." + BODY.decode()}
    with pytest.raises(Rejected, match="no Stripe-Signature"):
        scheme.stages(Request("POST", "/"), None)
    with pytest.raises(Rejected, match="^the body was not given"):
        scheme.stages(request.with_body(None, None), None)


# -------------------------------------------------------------------------------------------------------------- pieces


@pytest.mark.parametrize("name", BUILT_IN)
def test_the_names_agree(name: str) -> None:
    scheme = schemes.find(name)
    assert (scheme.name, scheme.label, schemes.SCHEMES[name][1]) == (name, name, name)


def test_a_key_shows_nothing() -> None:
    assert repr(Proof("one", "hmac-sha256", b"secret")) == "<Proof one hmac-sha256>"


@pytest.mark.parametrize("text, found", [("v1=x", "x"), ("v1=", ""), ("v1", None), ("v2=x", None), ("", None)])
def test_an_item_is_read(text: str, found: "str | None") -> None:
    assert Item("v1=", "signature").read(text) == found
    both = Item("<", "id", ">")
    assert (both.read("<x>"), both.read("<>"), both.read("<x"), both.read("x>"), both.read("<")) == (
        "x",
        "",
        None,
        None,
        None,
    )
    assert (Item("aa", "id", "aa").read("aaa"), both.fill("x")) == (None, "<x>")


def test_texts_are_split_at_their_placeholders() -> None:
    assert split_text("v0:{timestamp}:{body}") == ("v0:", "timestamp", ":", "body", "")
    assert split_text("none") == ("none",)
    for text, fault in (
        ("{id", "has a '{' without its '}'"),
        ("id}", "has a '}' without its '{'"),
        ("{a}}", "has a '}' without its '{'"),
    ):
        with pytest.raises(ValueError, match=f"^{fault}$"):
            split_text(text)


def test_a_program_signs_and_receives_webhooks() -> None:
    sent = api.sign_with("slack", message([], BODY), [TEXT], at=AT)
    data = message(sent.added, BODY)
    found = api.verify_with("slack", data, [TEXT], at=AT + timedelta(seconds=10), tolerance=10)
    assert found.replayable_until == AT + timedelta(seconds=10)
    for at, tolerance, wanted in ((11, 10, "expired"), (10, 9, "expired"), (-10, 9, "not-yet-valid")):
        with pytest.raises(Rejected) as caught:
            api.verify_with("slack", data, [TEXT], at=AT + timedelta(seconds=at), tolerance=tolerance)
        assert caught.value.reason == wanted
    with pytest.raises(Rejected) as caught:
        api.verify_with("slack", data[:-1] + b"\r", [TEXT], at=AT)
    assert caught.value.reason == "signature-mismatch"


def test_a_value_is_what_stands_there() -> None:
    """Space and tab around it do not count; no other character is taken away."""
    headers = SIGNED["slack"]
    for place in (0, 1):
        for before, after in ((" \t", "\t "), ("", " ")):
            around = list(headers)
            around[place] = (headers[place][0], f"{before}{headers[place][1]}{after}")
            assert receiving("slack", [TEXT], around, BODY).scheme == "slack"
        for before, after in (("X", ""), ("", "X"), ("", "\xa0"), ("\x85", "")):
            around = list(headers)
            around[place] = (headers[place][0], f"{before}{headers[place][1]}{after}")
            assert reason("slack", [TEXT], around, BODY).partition(":")[0] in (
                "date-format",
                "algorithm",
                "signature-format",
            )


def test_what_is_said_of_a_value_is_cut() -> None:
    headers = dict(SIGNED["standard-webhooks"])
    for name, value, wanted in (
        ("webhook-id", "." * 65, f"signature-format: the identifier {'.' * 64!r} holds '.', which marks where it ends"),
        ("webhook-timestamp", "x" * 33, f"date-format: {'x' * 32!r}"),
        ("webhook-signature", "v1," + "x" * 129, f"signature-format: {'x' * 128!r} is not 32 bytes in base64"),
        ("webhook-signature", "x" * 65, f"algorithm: {'x' * 64!r} holds no 'v1,…' or 'v1a,…'"),
    ):
        assert reason("standard-webhooks", [KEY], {**headers, name: value}.items(), BODY) == wanted


def test_what_a_format_is_unless_it_is_said() -> None:
    item = Item("v=", "signature", algorithm="hmac-sha256")
    form = Format("name", "stage", "{body}", "X-Sig", (item,))
    assert (item.before, item.after, Item("", "id").algorithm) == ("v=", "", "")
    assert (form.headers, form.separator, form.encoding, form.key, form.key_prefix) == ((), "", "hex", "text", "")
    assert (form.body, form.timestamp, form.id_prefix, form.algorithms) == ("raw", "", "", ("hmac-sha256",))
