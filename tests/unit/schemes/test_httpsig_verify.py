"""Does a signature meet the closed policy?"""

from datetime import timedelta
from typing import Any

import pytest

from authkit.base64 import encode
from authkit.errors import MessageRejected, Rejected, UsageError
from authkit.keys.access import AccessKey
from authkit.keys.prove import certificate_name, load_private, load_public, thumbprint
from authkit.keys.scope import Scope
from authkit.keys.subkeys import Subkey
from authkit.messages.request import Request
from authkit.schemes.base import Claimed, SignJob, Verified
from authkit.schemes.binding import Bindings
from authkit.schemes.derived import AWS4
from authkit.schemes.httpsig.components import parse_components
from authkit.schemes.httpsig.policy import Policy, read_policy
from authkit.schemes.httpsig.verify import choose_input, verify_message
from authkit.schemes.rfc9421 import SCHEME
from authkit.secret import MacKey, Secret
from httpsigs import (
    AT,
    CREATED,
    certificate,
    pem,
    public_pem,
    random,
    request,
    response,
    to_inspect,
    to_sign,
    to_verify,
)

KEY = AccessKey("k1", Secret(bytes(32)))
SUBKEY = Subkey("AKID", Scope(("20261123", "us-east-1", "s3", "aws4_request"), AWS4.chain), MacKey(bytes(32)))
PLAIN = (("Host", "example.com"),)
EMPTY = request("GET", "/p?q=1", PLAIN, b"")


def signed(message: Any = None, keys: list[Any] | None = None, **changes: Any) -> Any:
    """Return *message* with a signature."""
    message = request() if message is None else message
    return SCHEME.sign(SignJob(message, [KEY] if keys is None else keys, to_sign(**changes), AT, random)).request


def by_hand(message: Any, text: str, label: str = "sig1", mac: bytes = bytes(32)) -> Any:
    """Return *message* with a signature whose Signature-Input is *text*, right whatever it says."""
    from authkit.schemes.httpsig.components import signature_base
    from authkit.schemes.httpsig.params import read_inputs

    chosen = read_inputs(f"{label}={text}")[label]
    base = signature_base(message, chosen.components(), chosen.text)
    value = encode(MacKey(mac).mac(base.encode("ascii")))
    lines = (("Signature-Input", f"{label}={text}"), ("Signature", f"{label}=:{value}:"))
    return message.with_headers((*message.headers, *lines))


def verify(message: Any, keys: list[Any] | None = None, at: Any = AT, **changes: Any) -> Verified:
    return SCHEME.verifier([KEY] if keys is None else keys, to_verify(**changes)).judge(message, at)


def refused(message: Any, keys: list[Any] | None = None, at: Any = AT, **changes: Any) -> tuple[Any, ...]:
    with pytest.raises(Rejected) as caught:
        verify(message, keys, at, **changes)
    return caught.value.verdict, caught.value.reason, caught.value.detail, caught.value.hint


FULL = '("@method" "@authority" "@path" "@query")'


# what is said of a good signature


def test_all_that_is_said() -> None:
    found = verify(signed(), authority=("Example.com",))
    assert (found.scheme, found.access_key_id, found.scope) == ("rfc9421", "k1", "")
    assert (found.signed_at, found.replayable_until) == (AT, AT + timedelta(seconds=300))
    assert found.covered == ("@method", "@authority", "@path", "@query", "content-digest", "content-type", "body")
    assert (found.uncovered, found.warnings) == ((), ())
    assert found.more == {
        "label": "sig1",
        "other_labels": [],
        "algorithm": "hmac-sha256",
        "keyid": "k1",
        "nonce": "-__7__v_-__7__v_-__7_w",
    }
    tagged = verify(signed(tag="t", no_nonce=True, keyid=""))
    assert tagged.more == {"label": "sig1", "other_labels": [], "algorithm": "hmac-sha256", "tag": "t"}


def test_what_is_not_covered_is_named() -> None:
    headers = (*PLAIN, ("X-B", "1"), ("Date", "x"), ("X-A", "a=1"), ("Accept", "c"))
    message = request("GET", "/p?q=1", headers, b"")
    text = '("@method" "@authority" "@path" "@query" "accept" "x-a";key="a" "date";bs);created=' + str(CREATED)
    found = verify(by_hand(message, text), keys=[KEY])
    assert found.covered == ("@method", "@authority", "@path", "@query", "accept", '"x-a";key="a"', '"date";bs')
    assert found.uncovered == ("x-a", "x-b")


def test_content_type_and_authorization_are_warned_of() -> None:
    """S25: sign covers them, and verify says when somebody else did not."""
    headers = (*PLAIN, ("Content-Type", "a/b"), ("Authorization", "Bearer x"))
    message = by_hand(request("GET", "/", headers, b""), f'{FULL};created={CREATED};keyid="k1"')
    found = verify(message, authority=("example.com",))
    assert found.uncovered == ("authorization", "content-type")
    assert found.warnings == ("content-type-not-covered", "authorization-not-covered")
    assert verify(signed(request("GET", "/", headers, b"")), authority=("example.com",)).warnings == ()


@pytest.mark.parametrize(
    ("type", "algorithm"),
    [("ed25519", "ed25519"), ("p256", "ecdsa-p256-sha256"), ("p384", "ecdsa-p384-sha384"), ("rsa", "rsa-pss-sha512")],
)
def test_key_pairs(type: str, algorithm: str) -> None:
    message = signed(keys=[load_private(pem(type), type)])
    key = load_public(public_pem(type), type)
    found = verify(message, [KEY, key])
    assert (found.access_key_id, found.more["algorithm"]) == (thumbprint(key), algorithm)
    assert "keyid-not-compared" not in found.warnings
    broken = message.with_headers((*message.headers[:-1], ("Signature", f"sig1=:{encode(bytes(64))}:")))
    other = {"p384": "signature-length"}.get(type, "signature-mismatch")
    assert refused(broken, [key])[:2] == ("invalid", other)


def test_a_key_without_an_id_is_said_to_be_uncompared() -> None:
    message = signed(keys=[load_private(pem("p256"), "x")], keyid="admin")
    key = load_public(public_pem("p256"), "x")
    found = verify(message, [load_public(public_pem("ed25519"), "x"), key])
    assert found.access_key_id == thumbprint(key)
    assert found.more["keyid"] == "admin"
    assert found.warnings == ("authority-not-compared", "keyid-not-compared")
    bare = verify(signed(keyid=""))
    assert (bare.access_key_id, bare.warnings) == ("k1", ("authority-not-compared", "keyid-not-compared"))
    with_id = verify(message, [load_public(public_pem("p256"), "x", "admin")])
    assert (with_id.access_key_id, with_id.warnings) == ("admin", ("authority-not-compared",))


def test_rsa_v1_5_needs_the_word_of_both_sides() -> None:
    key = load_private(pem("rsa"), "x")
    message = signed(keys=[key], alg="rsa-v1_5-sha256")
    hint = "--alg rsa-v1_5-sha256 accepts it"
    detail = "'rsa-v1_5-sha256' is named and the key is for rsa-pss-sha512"
    assert refused(message, [key.public()]) == ("invalid", "algorithm", detail, hint)
    assert verify(message, [key.public()], alg="rsa-v1_5-sha256").more["algorithm"] == "rsa-v1_5-sha256"
    assert refused(signed(keys=[key]), [key.public()], alg="rsa-v1_5-sha256")[1] == "signature-mismatch"


# HTTP, the fields, which signature


@pytest.mark.parametrize(
    ("headers", "verdict", "reason"),
    [
        ((("Host", "a"), ("host", "a")), "malformed", "duplicate-host"),
        ((("Host", "a"), ("X", "a\r\n b")), "malformed", "header-syntax"),
        ((("Host", "a"), ("X_A", "1"), ("X-A", "2")), "malformed", "header-name-ambiguous"),
        (PLAIN, "malformed", "no-signature"),
        ((*PLAIN, ("Signature", "sig1=:AAAA:")), "malformed", "no-signature"),
        ((*PLAIN, ("Signature-Input", "sig1=()")), "invalid", "label-missing"),
        ((*PLAIN, ("Signature-Input", "sig1=()"), ("Signature", "x")), "malformed", "structured-field"),
    ],
)  # fmt: skip
def test_a_message_without_a_signature(headers: Any, verdict: str, reason: str) -> None:
    assert refused(request("GET", "/", headers, b""))[:2] == (verdict, reason)


INPUTS = 'a=();created=1;tag="t", b=();created=2;tag="t", c=();tag="u", d=()'
SIGNATURES = "a=:AAAA:, b=:AAAA:, c=:AAAA:, d=:AAAA:"


def chosen(inputs: str, signatures: str, label: str | None = None, tag: str | None = None) -> Any:
    from authkit.schemes.httpsig.params import read_bytes, read_inputs

    return choose_input(read_inputs(inputs), read_bytes(signatures), label, tag).label


@pytest.mark.parametrize(
    ("inputs", "signatures", "label", "tag", "found"),
    [
        ("a=()", "a=:AAAA:", None, None, "a"),
        (INPUTS, SIGNATURES, "b", None, "b"),
        (INPUTS, SIGNATURES, "b", "t", "b"),
        (INPUTS, SIGNATURES, None, "u", "c"),
        ("a=(), b=()", "a=:AAAA:", "a", None, "a"),
        ("a=()", "a=:AAAA:, b=:AAAA:", "a", None, "a"),
    ],
)
def test_which_signature(inputs: str, signatures: str, label: str | None, tag: str | None, found: str) -> None:
    assert chosen(inputs, signatures, label, tag) == found


@pytest.mark.parametrize(
    ("inputs", "signatures", "label", "tag", "reason", "detail", "hint"),
    [
        (INPUTS, SIGNATURES, None, None, "label-ambiguous", "a, b, c, d", "say which with --label or --tag"),
        (INPUTS, SIGNATURES, None, "t", "label-ambiguous", "a, b, c, d", "say which with --label or --tag"),
        (INPUTS, SIGNATURES, None, "v", "tag", "none is tagged 'v'", None),
        (INPUTS, SIGNATURES, "d", "t", "tag", "None instead of 't'", None),
        (INPUTS, SIGNATURES, "c", "t", "tag", "'u' instead of 't'", None),
        ("a=();tag=1", "a=:AAAA:", "a", "t", "parameter-type", "tag is not a string", None),
        ("a=();tag=t", "a=:AAAA:", None, "t", "parameter-type", "tag is not a string", None),
        (INPUTS, SIGNATURES, "e", None, "label-missing", "'e'; there: a, b, c, d", None),
        (INPUTS, "e=:AAAA:", "a", None, "label-missing", "'a'; there: none", None),
        ("a=()", "a=:AAAA:, b=:AAAA:", "b", None, "label-missing", "'b'; there: a", None),
        ("a=(), b=()", "a=:AAAA:", None, None, "label-missing", "b stands in one field alone", None),
        ("a=()", "a=:AAAA:, b=:AAAA:", None, None, "label-missing", "b stands in one field alone", None),
        ("a=()", "b=:AAAA:", None, None, "label-missing", "a, b stands in one field alone", None),
        ("a=()", "", None, None, "label-missing", "a stands in one field alone", None),
    ],
)
def test_no_signature_is_chosen(
    inputs: str, signatures: str, label: str | None, tag: str | None, reason: str, detail: str, hint: str | None
) -> None:
    with pytest.raises(Rejected) as caught:
        chosen(inputs, signatures, label, tag)
    verdict = {"label-ambiguous": "cannot-check", "parameter-type": "malformed"}.get(reason, "invalid")
    assert (caught.value.verdict, caught.value.reason) == (verdict, reason)
    assert (caught.value.detail, caught.value.hint) == (detail, hint)


def test_many_and_long_labels_are_cut() -> None:
    inputs = ", ".join([f"{letter}=()" for letter in "abcdef"])
    signatures = ", ".join([f"{letter}=:AAAA:" for letter in "abcdef"])
    with pytest.raises(Rejected) as caught:
        chosen(inputs, signatures)
    assert caught.value.detail == "a, b, c, d, e, …"
    with pytest.raises(Rejected) as caught:
        chosen("a=()", "a=:AAAA:", "x" * 65)
    assert caught.value.detail == f"{'x' * 64!r}; there: a"
    with pytest.raises(Rejected) as caught:
        chosen(f"{'y' * 33}=()", "a=:AAAA:", None)
    assert caught.value.detail == f"a, {'y' * 32} stands in one field alone"


def test_two_signatures() -> None:
    both = signed(signed(tag="one"), label="proxy", tag="two")
    assert refused(both)[1] == "label-ambiguous"
    assert verify(both, label="sig1").more["other_labels"] == ["proxy"]
    assert verify(both, tag="two").more["label"] == "proxy"
    assert refused(both, label="proxy", tag="one")[1] == "tag"


# parameters and components


@pytest.mark.parametrize(
    ("text", "reason", "detail"),
    [
        (f'{FULL};created="1"', "parameter-type", "created is not an instant in Unix seconds"),
        (f"{FULL};created={CREATED};expires=x", "parameter-type", "expires is not an instant in Unix seconds"),
        (f"{FULL};created=-1", "parameter-type", "created is not an instant in Unix seconds"),
        (f"{FULL};created={CREATED};keyid=k1", "parameter-type", "keyid is not a string"),
        (f"{FULL};created={CREATED};alg=1", "parameter-type", "alg is not a string"),
        (f"{FULL};created={CREATED};nonce=:AAAA:", "parameter-type", "nonce is not a string"),
        (f"{FULL};created={CREATED};tag", "parameter-type", "tag is not a string"),
        (f'("@method" "@method");created={CREATED}', "component", '"@method" is covered twice'),
        (f'("@status");created={CREATED}', "component", '"@status": a request has no status'),
        (f'("date";tr);created={CREATED}', "component", '"date";tr: trailer fields are not supported'),
        (f'("@method";req);created={CREATED}', "component", '"@method";req: a request answers no request'),
    ],
)
def test_parameters_and_components(text: str, reason: str, detail: str) -> None:
    lines = (("Signature-Input", f"sig1={text}"), ("Signature", "sig1=:AAAA:"))
    message = EMPTY.with_headers((*PLAIN, ("Date", "x"), *lines))
    loose = ("@method", "@authority", "@path", "@query")
    sign32 = message.with_headers((*message.headers[:-1], ("Signature", f"sig1=:{encode(bytes(32))}:")))
    found = refused(sign32, keys=[KEY], allow_unsigned=loose)
    assert found[:3] == ("malformed", reason, detail)


def test_further_parameters_are_covered_and_mean_nothing() -> None:
    assert verify(signed(param=("x=1", 'wimse-aud="y"'))).scheme == "rfc9421"
    message = signed(param=("x=1",))
    changed = [(name, value.replace(";x=1", ";x=2")) for name, value in message.headers]
    assert refused(message.with_headers(tuple(changed)))[1] == "signature-mismatch"


# time


@pytest.mark.parametrize(
    ("seconds", "changes", "reason"),
    [
        (0, {}, None),
        (300, {}, None),
        (301, {}, "expired"),
        (-300, {}, None),
        (-301, {}, "not-yet-valid"),
        (60, {"max_age": 60}, None),
        (61, {"max_age": 60}, "expired"),
        (0, {"max_age": 0, "max_skew": 0}, None),
        (1, {"max_age": 0}, "expired"),
        (-1, {"max_skew": 0}, "not-yet-valid"),
        (-900, {"max_skew": 900}, None),
        (604800, {"max_age": 604800}, None),
    ],
)
def test_clock(seconds: int, changes: dict[str, Any], reason: str | None) -> None:
    """A3: every bound is inclusive; max-age and skew do not add up."""
    at = AT + timedelta(seconds=seconds)
    if reason is None:
        found = verify(signed(), at=at, **changes)
        assert found.replayable_until == AT + timedelta(seconds=changes.get("max_age", 300))
        return
    found = refused(signed(), at=at, **changes)
    assert found[:2] == ("invalid", reason)
    now = f"{at:%Y%m%dT%H%M%SZ}"
    until = AT + timedelta(seconds=changes.get("max_age", 300))
    said = {
        "expired": f"it was good until {until:%Y%m%dT%H%M%SZ} and now is {now}",
        "not-yet-valid": f"it is dated 20261123T090000Z and now is {now}",
    }
    assert found[2] == said[reason]


@pytest.mark.parametrize(
    ("expires", "seconds", "reason"),
    [(60, 60, None), (60, 61, "expired"), (60, -300, None), (60, -301, "not-yet-valid"), (600, 301, "expired")],
)
def test_expires_gets_no_skew(expires: int, seconds: int, reason: str | None) -> None:
    message, at = signed(expires=expires), AT + timedelta(seconds=seconds)
    if reason is None:
        assert verify(message, at=at).replayable_until == AT + timedelta(seconds=60)
    else:
        assert refused(message, at=at)[:2] == ("invalid", reason)


def test_expires_before_created() -> None:
    message = by_hand(EMPTY, f'{FULL};created={CREATED};expires={CREATED - 1};keyid="k1"')
    assert refused(message) == ("malformed", "expires", "20261123T085959Z and 20261123T090000Z", None)
    same = by_hand(EMPTY, f'{FULL};created={CREATED};expires={CREATED};keyid="k1"')
    assert verify(same).replayable_until == AT


def test_created_is_required() -> None:
    for text in ("", f";expires={CREATED + 60}"):
        assert refused(by_hand(EMPTY, f'{FULL}{text};keyid="k1"')) == ("invalid", "created-missing", "", None)


def test_the_end_of_time() -> None:
    message = by_hand(EMPTY, f'{FULL};created=253402300799;keyid="k1"')
    at = AT.replace(year=9999, month=12, day=31, hour=23, minute=59, second=59)
    found = verify(message, at=at)
    assert (found.signed_at, found.replayable_until) == (at, at)


# keys


@pytest.mark.parametrize(
    ("keys", "message", "verdict", "reason"),
    [
        ([AccessKey("k2", Secret(bytes(32)))], None, "cannot-check", "unknown-key"),
        ([], None, "cannot-check", "unknown-key"),
        ([AccessKey("k1", Secret(b"\1" + bytes(31)))], None, "invalid", "signature-mismatch"),
        ([AccessKey("k1", Secret(b"1" * 32))], None, "invalid", "signature-mismatch"),
        ([AccessKey("k1", Secret(bytes(32)), scheme="github")], None, "cannot-check", "other-scheme"),
        ([AccessKey("k1", Secret(bytes(32)), use="derive")], None, "cannot-check", "other-scheme"),
    ],
)
def test_no_such_key(keys: list[Any], message: Any, verdict: str, reason: str) -> None:
    assert refused(signed(), keys)[:2] == (verdict, reason)


def test_the_message_does_not_choose_the_algorithm() -> None:
    """A public key is never a secret, whatever alg says (CVE-2015-9235)."""
    text = f'{FULL};created={CREATED};keyid="k1";alg="hmac-sha256"'
    spki = public_pem("ed25519")
    key = load_public(spki, "x", "k1")
    detail = "'hmac-sha256' is named and the key is for ed25519"
    assert refused(by_hand(EMPTY, text, mac=spki), [key]) == ("invalid", "algorithm", detail, None)
    silent = text.replace(';alg="hmac-sha256"', "")
    assert refused(by_hand(EMPTY, silent, mac=spki), [key])[:2] == ("invalid", "signature-length")
    for said in ("none", "", "HMAC-SHA256", "ed25519"):
        bad = by_hand(EMPTY, f'{FULL};created={CREATED};keyid="k1";alg="{said}"')
        assert refused(bad) == ("invalid", "algorithm", f"{said!r} is named and the key is for hmac-sha256", None)
    assert verify(by_hand(EMPTY, text)).more["algorithm"] == "hmac-sha256"


def test_of_several_keys_those_that_alg_does_not_contradict() -> None:
    keys = [load_public(public_pem(type), "x") for type in ("p256", "ed25519")]
    message = signed(keys=[load_private(pem("ed25519"), "x")], keyid="z", alg="ed25519")
    assert verify(message, keys).more["algorithm"] == "ed25519"
    assert refused(message, keys[:1])[2] == "'ed25519' is named and the key is for ecdsa-p256-sha256"


def test_the_last_reason_of_several_keys() -> None:
    keys = [load_public(public_pem(type), "x") for type in ("p384", "p256")]
    message = signed(keys=[load_private(pem("ed25519"), "x")], keyid="z")
    assert refused(message, keys)[:2] == ("invalid", "signature-length")
    assert refused(message, keys[1:])[:2] == ("invalid", "signature-mismatch")
    own = load_public(public_pem("ed25519"), "x")
    assert verify(message, [keys[0], keys[1], own]).access_key_id == thumbprint(own)


def test_an_ecdsa_signature_in_der() -> None:
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    key = load_private(pem("p256"), "x")
    message = signed(keys=[key])
    der = encode_dss_signature(1 << 250, 1 << 250)
    bad = message.with_headers((*message.headers[:-1], ("Signature", f"sig1=:{encode(der)}:")))
    assert refused(bad, [key.public()])[:2] == ("malformed", "signature-der")


# subkeys


def test_a_subkey_s_scope_and_day() -> None:
    message = signed(keys=[SUBKEY])
    found = verify(message, [SUBKEY], region="us-east-1", service="s3")
    assert (found.access_key_id, found.scope) == ("AKID", "20261123/us-east-1/s3/aws4_request")
    assert verify(message, [SUBKEY]).scope == found.scope
    none = "None instead of 's3'"
    for changes, reason, detail in (
        ({"region": "eu-west-1"}, "scope-region", "'us-east-1' instead of 'eu-west-1'"),
        ({"service": "sqs"}, "scope-service", "'s3' instead of 'sqs'"),
    ):
        assert refused(message, [SUBKEY], **changes) == ("invalid", reason, detail, None)
    assert refused(signed(), service="s3") == ("invalid", "scope-service", none, None)
    key = load_private(pem("p256"), "x")
    assert refused(signed(keys=[key]), [key.public()], service="s3") == ("invalid", "scope-service", none, None)


def test_a_subkey_checks_what_was_made_on_its_day_alone() -> None:
    """S7: created is on the scope's UTC day, whatever the clock forgives."""
    keyid = "AKID/20261123/us-east-1/s3/aws4_request"
    for seconds, fine in ((-32400, True), (53999, True), (-32401, False), (54000, False)):
        text = f'{FULL};created={CREATED + seconds};keyid="{keyid}"'
        at = AT + timedelta(seconds=seconds)
        if fine:
            assert verify(by_hand(EMPTY, text), [SUBKEY], at).signed_at == at
        else:
            found = refused(by_hand(EMPTY, text), [SUBKEY], at)
            assert found[:3] == ("invalid", "scope-date-mismatch", f"2026-11-23 and {at:%Y-%m-%dT%H:%M:%SZ}")


def test_another_s_subkey_of_the_same_scope() -> None:
    other = Subkey("OTHER", SUBKEY.scope, MacKey(b"1" * 32))
    assert refused(signed(keys=[other]), [SUBKEY])[:2] == ("cannot-check", "unknown-key")
    claimed = signed(keys=[Subkey("AKID", SUBKEY.scope, MacKey(b"1" * 32))])
    assert refused(claimed, [SUBKEY, other])[:2] == ("invalid", "signature-mismatch")


# what must be covered


@pytest.mark.parametrize(
    ("text", "message", "missing"),
    [
        ('("@authority" "@path" "@query")', EMPTY, "@method"),
        ('("@method" "@path" "@query")', EMPTY, "@authority"),
        ('("@method" "@authority" "@query")', EMPTY, "@path"),
        ('("@method" "@authority" "@path")', EMPTY, "@query"),
        ('("@method" "@authority" "@path" "@query-param";name="q")', EMPTY, "@query"),
        ('("@method" "@request-target")', EMPTY, "@authority"),
        ('("@target-uri")', EMPTY, "@method"),
        ("()", EMPTY, "@method"),
        ('("@method" "@authority" "@path")', request("GET", "/", PLAIN, b""), "@query"),
        ('("@method" "@authority")', request("OPTIONS", "*", PLAIN, b""), "@request-target"),
    ],
)
def test_a_component_that_is_demanded(text: str, message: Any, missing: str) -> None:
    bad = by_hand(message, f'{text};created={CREATED};keyid="k1"')
    hint = f"--allow-unsigned '{missing}' accepts it"
    assert refused(bad) == ("invalid", "required-component", missing, hint)
    if text not in ("()", '("@method" "@authority")'):
        found = verify(bad, allow_unsigned=(missing,))
        assert missing in found.uncovered


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (FULL, EMPTY),
        ('("@method" "@target-uri")', EMPTY),
        ('("@method" "@authority" "@request-target")', EMPTY),
        ('("@method" "@authority" "@request-target")', request("OPTIONS", "*", PLAIN, b"")),
        ('("@query" "@path" "@authority" "@method")', request("GET", "https://example.com/", PLAIN, b"")),
    ],
)
def test_what_counts(text: str, message: Any) -> None:
    assert verify(by_hand(message, f'{text};created={CREATED};keyid="k1"')).uncovered == ()


def test_a_request_target_in_absolute_form_counts_for_nothing() -> None:
    message = request("GET", "https://example.com/", PLAIN, b"")
    bad = by_hand(message, f'("@method" "@authority" "@request-target");created={CREATED};keyid="k1"')
    assert refused(bad)[:3] == ("invalid", "required-component", "@path")


def test_the_body_is_demanded() -> None:
    bad = by_hand(request("POST", "/", PLAIN), f'{FULL};created={CREATED};keyid="k1"')
    hint = "--allow-unsigned-payload accepts it"
    assert refused(bad) == ("invalid", "required-component", "content-digest", hint)
    unknown = by_hand(request("POST", "/", PLAIN, None), f'{FULL};created={CREATED};keyid="k1"')
    assert refused(unknown) == ("invalid", "required-component", "content-digest", hint)
    for changes in ({"allow_unsigned_payload": True}, {"allow_unsigned": ("Content-Digest",)}):
        assert verify(bad, **changes).uncovered == ("body",)
    repr_only = signed(request("POST", "/", PLAIN), cover=("@method", "@target-uri", "repr-digest"))
    assert refused(repr_only)[2] == "content-digest"
    found = verify(repr_only, allow_unsigned_payload=True)
    assert ("body" in found.covered, found.uncovered) == (False, ("body",))


def test_more_may_be_demanded() -> None:
    headers = (*PLAIN, ("Date", "x"))
    message = request("GET", "/?a=1", headers, b"")
    assert refused(signed(message), require=("Date",)) == ("invalid", "required-component", "date", None)
    assert refused(signed(message), require=('@query-param;name="a"',))[2] == '"@query-param";name="a"'
    assert refused(signed(message), require=("date",), allow_unsigned=("date",))[1] == "required-component"
    names = ("@method", "@target-uri", "date;bs", '@query-param;name="a"')
    assert verify(signed(message, cover=names), require=("date", '@query-param;name="a"', "@path")).uncovered == ()


@pytest.mark.parametrize(
    ("message", "reason", "detail"),
    [
        (request("GET", "/", PLAIN, b""), "component-missing", "x"),
        (request("GET", "/?a=1&a=2", PLAIN, b""), "ambiguous-query-param", '"@query-param";name="a"'),
        (request("GET", "/?b", PLAIN, b""), "component-missing", '"@query-param";name="a"'),
    ],
)
def test_a_covered_component_that_is_not_there(message: Any, reason: str, detail: str) -> None:
    name = '"x"' if detail == "x" else detail
    mac = f"sig1=:{encode(bytes(32))}:"
    text = f'sig1=("@method" "@target-uri" {name});created={CREATED};keyid="k1"'
    bad = message.with_headers((*PLAIN, ("Signature-Input", text), ("Signature", mac)))
    verdict = "malformed" if reason == "ambiguous-query-param" else "invalid"
    assert refused(bad)[:3] == (verdict, reason, detail)


# host


@pytest.mark.parametrize(
    ("host", "scheme", "authority", "fine"),
    [
        ("example.com", "https", ("example.com",), True),
        ("Example.COM:443", "https", ("example.com",), True),
        ("example.com", "https", ("EXAMPLE.com:443",), True),
        ("example.com:8443", "https", ("example.com:8443",), True),
        ("example.com", "http", ("example.com:80",), True),
        ("example.com", "https", ("other.test", "example.com"), True),
        ("example.com", "https", ("other.test",), False),
        ("example.com:8443", "https", ("example.com",), False),
        ("example.com", "https", ("example.com:80",), False),
        ("example.com", "https", ("example.com:8443",), False),
    ],
)
def test_authority(host: str, scheme: str, authority: tuple[str, ...], fine: bool) -> None:
    message = signed(request("GET", "/", (("Host", host),), b"", scheme))
    assert "authority-not-compared" in verify(message).warnings
    if fine:
        assert verify(message, authority=authority).warnings == ()
    else:
        shown = host.lower()
        assert refused(message, authority=authority) == ("invalid", "authority-mismatch", repr(shown), None)


@pytest.mark.parametrize(
    ("target", "host", "fine"),
    [
        ("https://example.com/", "example.com", True),
        ("https://example.com/", "example.com:443", True),
        ("https://example.com:443/", "EXAMPLE.com", True),
        ("https://example.com/", None, True),
        ("https://evil.test/", "example.com", False),
        ("https://example.com/", "example.com:8443", False),
        ("https://example.com:8443/", "example.com", False),
    ],
)
def test_the_target_s_host_is_the_one_that_counts(target: str, host: str | None, fine: bool) -> None:
    headers = () if host is None else (("Host", host),)
    message = signed(request("GET", target, headers, b""))
    if fine:
        assert verify(message, authority=("example.com",)).warnings == ()
    else:
        assert refused(message)[:2] == ("invalid", "authority-mismatch")
        assert " in the target and " in refused(message)[2]


def test_no_host() -> None:
    text = f'("@method" "@path" "@query");created={CREATED};keyid="k1"'
    bad = by_hand(request("GET", "/", (), b""), text)
    detail = '"@authority": there is no Host'
    assert refused(bad, allow_unsigned=("@authority",))[:3] == ("invalid", "component-missing", detail)


def test_host_counts_as_covered_where_the_authority_is() -> None:
    text = f'("@method" "@path" "@query");created={CREATED};keyid="k1"'
    assert verify(by_hand(EMPTY, text), allow_unsigned=("@authority",)).uncovered == ("@authority", "host")
    assert verify(signed(EMPTY)).uncovered == ()


# the body


def test_another_body() -> None:
    message = signed()
    other = request(body=b'{"hello": "World"}')
    bad = Request("POST", message.target, message.headers, other.payload_hash, 18, "https", other.watched)
    found = "invalid", "content-digest-mismatch", "content-digest: sha-256", None
    assert refused(bad) == found
    assert refused(bad, body_unchecked=True) == found


def test_a_body_that_is_not_known() -> None:
    message = signed().with_body(None, None)
    assert refused(message) == ("cannot-check", "body-unavailable", "", "--body-unchecked accepts it")
    found = verify(message, body_unchecked=True)
    assert ("body" in found.covered, found.uncovered) == (False, ("body",))


def test_a_hash_that_nobody_made() -> None:
    message = signed(digest="sha-512")
    unseen = message.with_body(message.payload_hash, 18)
    assert refused(unseen) == ("cannot-check", "body-unavailable", "its sha-512 is not known", None)
    assert verify(unseen, body_unchecked=True).uncovered == ("body",)
    assert verify(message).covered[-1] == "body"


def test_the_verifier_says_which_hashes_it_needs() -> None:
    verifier = SCHEME.verifier([KEY], to_verify())
    assert verifier.watch is not None
    assert list(verifier.watch(signed(digest="sha-512"), AT)) == ["sha-512"]
    assert list(verifier.watch(signed(), AT)) == []
    assert SCHEME.watch is not None
    assert (list(SCHEME.watch(to_sign(digest="sha-512"))), SCHEME.watch(to_sign())) == (["sha-512"], {})


@pytest.mark.parametrize(
    ("value", "verdict", "reason"),
    [
        ("sha-256=:AAAA:", "invalid", "content-digest-mismatch"),
        ("md5=:AAAA:", "invalid", "digest-algorithm"),
        ("sha-256=AAAA", "malformed", "structured-field"),
        ("sha-256=:AAA:", "malformed", "base64"),
    ],
)
@pytest.mark.parametrize("name", ["Content-Digest", "Repr-Digest"])
def test_a_digest_that_is_covered_and_wrong(name: str, value: str, verdict: str, reason: str) -> None:
    message = request("POST", "/", (*PLAIN, (name, value)))
    bad = by_hand(message, f'("@method" "@target-uri" "{name.lower()}");created={CREATED};keyid="k1"')
    assert refused(bad, allow_unsigned_payload=True)[:2] == (verdict, reason)


def test_a_digest_that_is_not_covered_is_not_looked_at() -> None:
    message = request("GET", "/", (*PLAIN, ("Content-Digest", "md5=:AAAA:")), b"")
    found = verify(by_hand(message, f'{FULL};created={CREATED};keyid="k1"'))
    assert found.uncovered == ("content-digest",)


def test_a_part_of_a_representation() -> None:
    message = request("PUT", "/", (*PLAIN, ("Content-Range", "bytes 0-17/99"), ("Repr-Digest", "sha-256=:AAAA:")))
    signature = signed(message, cover=("@method", "@target-uri", "content-digest", "repr-digest", "content-range"))
    assert verify(signature, authority=("example.com",)).warnings == ("repr-digest-not-compared",)
    turned = signed(message, cover=("@method", "@target-uri", "repr-digest", "content-digest", "content-range"))
    assert verify(turned).covered[-1] == "body"


# responses


def answer(**changes: Any) -> Any:
    given: dict[str, Any] = {"headers": (("Content-Type", "a/b"),), "body": b"x", "related": request(), **changes}
    return response(200, **given)


def test_a_response() -> None:
    found = verify(signed(answer()), authority=("example.com",))
    assert found.covered == (
        "@status", '"@method";req', '"@authority";req', '"@path";req', '"@query";req', "content-digest", "content-type",
        "body",
    )  # fmt: skip
    assert (found.uncovered, found.warnings) == ((), ())
    alone = verify(signed(answer(related=None)))
    assert alone.warnings == ("authority-not-compared", "request-not-covered")
    assert "authority-not-compared" in verify(signed(answer())).warnings


def test_a_response_for_another_host() -> None:
    assert refused(signed(answer()), authority=("b.test",)) == ("invalid", "authority-mismatch", "'example.com'", None)


def test_a_host_is_demanded_of_a_response_whose_request_is_not_known() -> None:
    found = "cannot-check", "request-unavailable", "so its host cannot be compared", "give it with --request FILE"
    assert refused(signed(answer(related=None)), authority=("example.com",)) == found


@pytest.mark.parametrize(
    ("message", "changes", "reason", "detail", "hint"),
    [
        (
            answer(),
            {"cover": ("@status", "content-digest")},
            "required-component",
            '"@method";req',
            "--allow-unsigned '@method;req' accepts it",
        ),
        (
            answer(),
            {"cover": ("@method;req", "@target-uri;req", "content-digest")},
            "required-component",
            "@status",
            "--allow-unsigned '@status' accepts it",
        ),
        (
            answer(related=None),
            {"cover": ("@status",)},
            "required-component",
            "content-digest",
            "--allow-unsigned-payload accepts it",
        ),
    ],
)
def test_a_response_that_does_not_cover_enough(
    message: Any, changes: dict[str, Any], reason: str, detail: str, hint: str | None
) -> None:
    assert refused(signed(message, **changes)) == ("invalid", reason, detail, hint)


def test_a_response_with_and_without_its_request() -> None:
    bound = signed(answer(), cover=("@status", "content-digest", "@method;req", "@target-uri;req"))
    assert verify(bound).uncovered == ("content-type",)
    assert verify(bound).warnings == ("authority-not-compared", "content-type-not-covered")
    without = response(200, bound.headers, b"x")
    assert refused(without)[:3] == ("cannot-check", "request-unavailable", '"@method";req')
    other = response(200, bound.headers, b"x", request(target="/other"))
    assert refused(other)[:2] == ("invalid", "signature-mismatch")
    loose = tuple(f"{name};req" for name in ("@method", "@authority", "@path", "@query"))
    unbound = signed(answer(), cover=("@status", "content-digest", "content-type"))
    found = verify(unbound, allow_unsigned=loose)
    assert found.uncovered == ('"@method";req', '"@authority";req', '"@path";req', '"@query";req')
    assert found.warnings == ("authority-not-compared", "request-not-covered")


def test_what_a_response_does_not_cover() -> None:
    message = response(200, (("Content-Type", "a/b"), ("Host", "x")), b"", request())
    names = ("@status", "@method;req", "@target-uri;req", "content-type;req")
    assert verify(signed(message, cover=names)).uncovered == ("content-type", "host")


def test_long_texts_are_cut() -> None:
    name = "n" * 140
    assert refused(signed(), require=(name,))[2] == name[:80]
    assert refused(signed(request("GET", "/", (("Host", name),), b"")), authority=("b",))[2] == repr(name[:128])
    other = "m" * 140
    apart = signed(request("GET", f"https://{other}/", (("Host", name),), b""))
    assert refused(apart)[2] == f"{other[:128]!r} in the target and {name[:128]!r} in Host"
    empty = signed(request("GET", "https://a.test/", (("Host", ""),), b""))
    assert refused(empty)[:3] == ("invalid", "component-missing", "Host: there is no Host")


def test_another_status() -> None:
    good = signed(answer())
    assert refused(response(201, good.headers, b"x", request()))[:2] == ("invalid", "signature-mismatch")


# hooks


class Shown:
    def __init__(self, key: Any, identity: str | None = None) -> None:
        self.key = key
        self.more = {"identity": "client"}
        self.warnings = ("identity-not-compared",)
        self.identity = identity

    def check_identity(self) -> None:
        if self.identity is not None:
            raise MessageRejected("identity-mismatch", self.identity)


class Presented:
    def __init__(self, key: Any, identity: str | None = None) -> None:
        self.key = key
        self.identity = identity
        self.calls: list[Any] = []

    def show(self, *given: Any) -> Shown:
        self.calls.append(given)
        return Shown(self.key, self.identity)


def test_a_presented_certificate_s_key_is_the_only_one() -> None:
    key = load_private(pem("p256"), "x").with_chain((certificate("p256"),), "x")
    message = signed(keys=[key])
    presented = Presented(key.public())
    found = verify(message, [], presented=presented, region="us-east-1")
    name = certificate_name(certificate("p256"))
    assert presented.calls == [(message, name, found.covered[:-1], AT, AT)]
    assert (found.access_key_id, found.more["identity"]) == (name, "client")
    assert found.warnings == ("authority-not-compared", "identity-not-compared", "scope-not-compared")
    assert refused(message, [], presented=Presented(key.public(), "x"))[:3] == ("invalid", "identity-mismatch", "x")
    other = Presented(load_public(public_pem("ed25519"), "x"))
    assert refused(message, [key.public()], presented=other)[:2] == ("invalid", "signature-mismatch")
    assert refused(signed(), [KEY], presented=other)[:2] == ("invalid", "signature-length")


def test_the_identity_is_judged_after_the_signature() -> None:
    key = load_private(pem("ed25519"), "x")
    message = signed(keys=[key])
    bad = message.with_headers((*message.headers[:-1], ("Signature", f"sig1=:{encode(bytes(64))}:")))
    assert refused(bad, [], presented=Presented(key.public(), "x"))[1] == "signature-mismatch"


def test_bindings_are_never_passed_over() -> None:
    def seen(message: Any) -> Any:
        raise MessageRejected("client-cert-missing")

    bindings = Bindings({"k1": (bytes(32),)}, seen)
    assert refused(signed(), bindings=bindings)[:2] == ("invalid", "client-cert-required")
    bound = signed(request(headers=(*PLAIN, ("Authkit-Client-Cert", f"sha-256=:{encode(bytes(32))}:"))))
    assert refused(bound, bindings=bindings)[:2] == ("invalid", "client-cert-missing")
    other = AccessKey("k2", Secret(bytes(32)))
    found = verify(signed(keys=[other]), [other], bindings=bindings)
    assert found.warnings == ("authority-not-compared", "client-cert-not-compared")
    pair = load_private(pem("p256"), "x", "k1")
    assert refused(signed(keys=[pair]), [pair.public()], bindings=bindings)[1] == "client-cert-required"


def test_demands_stand_in_place_of_the_usual() -> None:
    policy = Policy(demands=lambda message: parse_components('"@authority"'))
    message = by_hand(request("POST", "/", PLAIN), f'("@authority");created={CREATED};keyid="k1"')
    found = verify_message(message, [KEY], policy, AT)
    assert found.uncovered == ("@method", "@path", "@query", "body")
    bad = by_hand(EMPTY, f'("@method");created={CREATED};keyid="k1"')
    with pytest.raises(Rejected) as caught:
        verify_message(bad, [KEY], policy, AT)
    assert (caught.value.reason, caught.value.detail) == ("required-component", "@authority")


def test_also_is_asked_with_the_key_that_signed() -> None:
    calls: list[Any] = []

    def also(chosen: Any, message: Any, checker: Any) -> tuple[str, ...]:
        calls.append((chosen.label, message, checker.algorithm))
        return ("further",)

    policy = Policy(also=also)
    message = signed()
    assert verify_message(message, [KEY], policy, AT).warnings == ("authority-not-compared", "further")
    assert calls == [("sig1", message, "hmac-sha256")]


# what was claimed


def claim(message: Any, **changes: Any) -> Any:
    with pytest.raises(Rejected) as caught:
        verify(message, **changes)
    return caught.value.claim


def test_what_is_claimed_is_named() -> None:
    found = claim(signed(), keys=[])
    assert isinstance(found, Claimed)
    assert (found.access_key_id, found.scope, found.at) == ("k1", "", AT)
    for text, access_key_id, at in (
        (f'{FULL};created="x";keyid=tok', "", None),
        (f"{FULL};created=-1", "", None),
        (f"{FULL};created=253402300800", "", None),
        (FULL, "", None),
    ):
        lines = (("Signature-Input", f"sig1={text}"), ("Signature", "sig1=:AAAA:"))
        found = claim(EMPTY.with_headers((*PLAIN, *lines)))
        assert (found.access_key_id, found.at) == (access_key_id, at)
    assert claim(EMPTY) is None


# options


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"max_skew": -1}, "--max-skew -1 is not 0 to 900 seconds"),
        ({"max_skew": 901}, "--max-skew 901 is not 0 to 900 seconds"),
        ({"max_age": -1}, "--max-age -1 is not 0 to 604800 seconds"),
        ({"max_age": 604801}, "--max-age 604801 is not 0 to 604800 seconds"),
        ({"require": ("@x",)}, "--require '@x': \"@x\": no component of that name can be covered"),
        (
            {"allow_unsigned": ("a b",)},
            "--allow-unsigned 'a b': \"a b\": its name is not that of a header in lower case",
        ),
    ],
)
def test_options_that_cannot_be_so(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        SCHEME.verifier([KEY], to_verify(**changes))
    assert caught.value.message == message


def test_the_usual_policy() -> None:
    one, other = Policy(), read_policy(to_verify())
    for name in Policy.__slots__:
        assert getattr(one, name) == getattr(other, name)
    assert (one.max_age, one.max_skew, one.skew) == (300, 300, timedelta(seconds=300))
    given = read_policy(
        to_verify(
            label="a", tag="b", alg="ed25519", max_age=1, max_skew=2, authority=("A.b",), region="r", service="s",
            scheme_override=True, body_unchecked=True, allow_unsigned_payload=True, require=("date",),
            allow_unsigned=("@query", "date;sf"), presented="p", bindings="q",
        )
    )  # fmt: skip
    found = {name: getattr(given, name) for name in Policy.__slots__}
    assert found == {
        "required": parse_components('"date"'), "allow_unsigned": ("@query", '"date";sf'), "label": "a", "tag": "b",
        "allow_unsigned_payload": True, "alg": "ed25519", "max_age": 1, "max_skew": 2, "skew": timedelta(seconds=2),
        "authorities": ("a.b",), "region": "r", "service": "s", "scheme_override": True, "body_unchecked": True,
        "demands": None, "also": None, "presented": "p", "bindings": "q",
    }  # fmt: skip


# stages


def test_stages_of_a_signed_message() -> None:
    made = SCHEME.sign(SignJob(request(), [KEY], to_sign(), AT, random))
    assert SCHEME.stages is not None
    found = SCHEME.stages(made.request, to_inspect())
    assert found == {name: made.stages[name] for name in ("signature-base", "signature-input")}
    both = signed(made.request, label="b", tag="t")
    assert SCHEME.stages(both, to_inspect(label="sig1")) == found
    assert SCHEME.stages(both, to_inspect(tag="t"))["signature-input"].endswith(';tag="t"')
    with pytest.raises(Rejected) as caught:
        SCHEME.stages(both, to_inspect())
    assert caught.value.reason == "label-ambiguous"
