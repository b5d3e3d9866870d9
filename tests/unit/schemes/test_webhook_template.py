"""Which sections [webhook.NAME] describe a kind of webhook, and what is wrong with the others?"""

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authkit.errors import InputError, Refused, UsageError
from authkit.keys.prove import load_private
from authkit.messages.payload import Kept, hash_bytes
from authkit.messages.request import Request
from authkit.schemes.base import SignJob
from authkit.schemes.webhooks.options import SIGN_OPTIONS, SIGN_WITHOUT_ID, VERIFY_OPTIONS, VERIFY_WITHOUT_TIME
from authkit.schemes.webhooks.scheme import scheme_for
from authkit.schemes.webhooks.template import read_format
from unit.schemes.test_webhooks import PEM
from webhookcase import AT, access_key, judging, message, reason, receiving, signing

PLAIN = {"message": "{timestamp}.{body}", "signature": "X-Sig: t={timestamp},v1={signature}", "separator": ","}
KEY = access_key("secret")
BODY = b"\x00{}\xff"


def scheme(**members: Any) -> Any:
    return scheme_for(read_format("acme", {**PLAIN, **members}, "schemes.toml"))


def faulty(table: "dict[str, Any]") -> str:
    with pytest.raises(InputError) as caught:
        read_format("acme", table, "schemes.toml")
    assert caught.value.message.startswith("schemes.toml: [webhook.acme]")
    return caught.value.message.removeprefix("schemes.toml: [webhook.acme]").lstrip(" :")


def test_the_built_in_ones_could_be_written_so() -> None:
    """What a section says is what the built-in rows say: the same headers, byte for byte."""
    github = {"message": "{body}", "signature": "X-Hub-Signature-256: sha256={signature}"}
    slack = {
        "message": "v0:{timestamp}:{body}",
        "headers": ["X-Slack-Request-Timestamp: {timestamp}"],
        "signature": "X-Slack-Signature: v0={signature}",
    }
    stripe = {**PLAIN, "signature": "Stripe-Signature: t={timestamp},v1={signature}"}
    standard = {
        "message": "{id}.{timestamp}.{body}",
        "headers": ["webhook-id: {id}", "webhook-timestamp: {timestamp}"],
        "signature": "webhook-signature: v1,{signature}",
        "separator": " ",
        "encoding": "base64",
        "key": "base64",
        "key_prefix": "whsec_",
    }
    for name, table in (("github", github), ("slack", slack), ("stripe", stripe), ("standard-webhooks", standard)):
        key = access_key("whsec_c2VjcmV0")
        options = {"id": "msg_1"} if name == "standard-webhooks" else {}
        own = scheme_for(read_format("own", table, "schemes.toml"))
        assert signing(own, [key], BODY, **options).added == signing(name, [key], BODY, **options).added


def test_what_a_section_may_leave_out() -> None:
    form = read_format("acme", {"message": "{body}", "signature": "X-Sig: {signature}"}, "schemes.toml")
    assert (form.name, form.stage, form.carrier, form.headers, form.separator) == ("acme", "message", "X-Sig", (), "")
    assert (form.encoding, form.key, form.key_prefix, form.body, form.timestamp) == ("hex", "text", "", "raw", "")
    assert (form.algorithms, form.id_prefix) == (("hmac-sha256",), "")
    assert read_format("acme", PLAIN, "schemes.toml").timestamp == "unix"


# ----------------------------------------------------------------------------------------------------- every choice

# RFC 4231, test case 2, and RFC 2202, test case 2: key "Jefe", data "what do ya want for nothing?"
PUBLISHED = {
    "hmac-sha1": "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
    "hmac-sha256": "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    "hmac-sha384": "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649",
    "hmac-sha512": (
        "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fd"
        "caeab1a34d4a6b4b636e070a38bce737"
    ),
}


@pytest.mark.parametrize("mac", PUBLISHED)
def test_every_mac_is_the_published_one(mac: str) -> None:
    own = scheme(message="{body}", signature="X-Sig: {signature}", separator="|", mac=mac)
    body = b"what do ya want for nothing?"
    ((_, value),) = signing(own, [access_key("Jefe")], body).added
    assert value == PUBLISHED[mac]
    assert receiving(own, [access_key("Jefe")], [("X-Sig", value)], body).scheme == "acme"
    short = reason(own, [access_key("Jefe")], [("X-Sig", value[2:])], body)
    assert short == f"signature-format: {value[2:][:128]!r} is not {len(value) // 2} bytes in hex"


def test_a_section_with_ed25519() -> None:
    own = scheme(mac="ed25519", encoding="base64url")
    pair = load_private(PEM, "key.pem", "pair")
    signed = signing(own, [pair], BODY)
    assert receiving(own, [pair.public()], signed.added, BODY).access_key_id == "pair"
    assert reason(own, [pair.public()], signed.added, b"") == "signature-mismatch"
    with pytest.raises(Refused, match=r"^the key is a secret, and acme signs with a key pair \(ed25519\)$"):
        signing(own, [KEY], BODY)


@pytest.mark.parametrize(
    "encoding, wanted",
    [("hex", "fbff"), ("base64", "+/"), ("base64url", "-_")],
)
def test_every_encoding(encoding: str, wanted: str) -> None:
    own = scheme(encoding=encoding, message="{body}", signature="X-Sig: {signature}", separator="|")
    # a body whose signature begins with the bytes FB FF, by which the alphabets differ
    ((_, value),) = signing(own, [KEY], b"14267").added
    assert value.startswith(wanted)
    assert value.endswith("=") == (encoding == "base64")
    assert receiving(own, [KEY], [("X-Sig", value)], b"14267").scheme == "acme"
    others = {"hex": value.upper(), "base64": value.rstrip("="), "base64url": value + "="}
    assert reason(own, [KEY], [("X-Sig", others[encoding])], b"14267").startswith("signature-format: ")


@pytest.mark.parametrize("key, text", [("text", "6a656665"), ("hex", "4a656665"), ("base64", "SmVmZQ==")])
def test_every_way_to_write_a_secret(key: str, text: str) -> None:
    own = scheme(key=key, key_prefix="pre_")
    raw = text.encode() if key == "text" else b"Jefe"
    for written in (text, f"pre_{text}"):
        signed = signing(own, [access_key(written)], BODY)
        assert receiving(own, [access_key(raw)], signed.added, BODY).access_key_id == "hooks"


@pytest.mark.parametrize(
    "key, text", [("hex", "4A"), ("hex", "4a6"), ("hex", "4a 6a"), ("base64", "SmVmZQ"), ("text", "pre_")]
)
def test_a_secret_that_is_not_written_so(key: str, text: str) -> None:
    with pytest.raises(InputError, match=f"^the secret of hooks is not {key}, as acme wants it$"):
        signing(scheme(key=key, key_prefix="pre_"), [access_key(text)], BODY)


@pytest.mark.parametrize(
    "timestamp, text, wrong",
    [
        ("unix", "1795424400", "1795424400000000"),
        ("unix-ms", "1795424400000", "1795424400.000"),
        ("rfc3339", "2026-11-23T09:00:00Z", "2026-11-23T09:00:00+00:00"),
    ],
)
def test_every_way_to_write_a_time(timestamp: str, text: str, wrong: str) -> None:
    own = scheme(timestamp=timestamp)
    ((_, value),) = signing(own, [KEY], BODY).added
    assert value.startswith(f"t={text},v1=")
    assert receiving(own, [KEY], [("X-Sig", value)], BODY).signed_at == AT
    assert reason(own, [KEY], [("X-Sig", value.replace(text, wrong))], BODY) == f"date-format: {wrong!r}"


def test_milliseconds_are_cut() -> None:
    own = scheme(timestamp="unix-ms")
    value = f"t=1795424400999,v1={'0' * 64}"
    assert reason(own, [KEY], [("X-Sig", value)], BODY) == "signature-mismatch"
    late = AT + timedelta(seconds=300)
    assert reason(own, [KEY], [("X-Sig", value)], BODY, late) == "signature-mismatch"
    assert reason(own, [KEY], [("X-Sig", value)], BODY, late + timedelta(seconds=1)) == (
        "expired: it was good until 2026-11-23T09:05:00Z and now is 2026-11-23T09:05:01Z"
    )
    last = f"t=253402300799999,v1={'0' * 64}"
    at = datetime(9999, 12, 31, 23, 59, 59, tzinfo=timezone.utc)
    assert reason(own, [KEY], [("X-Sig", last)], BODY, at) == "signature-mismatch"
    assert reason(own, [KEY], [("X-Sig", last.replace("799999", "800000"))], BODY, at) == (
        "date-format: '253402300800000'"
    )


@pytest.mark.parametrize(
    "body, wanted",
    [
        ("raw", "1795424400.hello"),
        ("sha256-hex", "1795424400.2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"),
        ("sha256-base64", "1795424400.LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="),
    ],
)
def test_every_form_of_the_body(body: str, wanted: str) -> None:
    own = scheme(body=body)
    signed = signing(own, [KEY], b"hello")
    assert signed.stages["message"] == wanted
    assert receiving(own, [KEY], signed.added, b"hello").covered == ("body",)
    assert reason(own, [KEY], signed.added, b"hell") == "signature-mismatch"


def test_a_section_that_signs_method_and_target() -> None:
    own = scheme(message="{method} {target}\n{timestamp}\n{body}", mac="hmac-sha512")
    signed = signing(own, [KEY], BODY)
    data = message(signed.added, BODY)
    found = judging(own, [KEY], data)
    assert found.covered == ("method", "path", "query", "body")
    assert found.uncovered == ("content-length", "host")
    for changed in (message(signed.added, BODY, method="PUT"), message(signed.added, BODY, target="/hook?")):
        with pytest.raises(Exception, match="^the signature does not match the request$"):
            judging(own, [KEY], changed)


def test_a_section_that_signs_the_method_alone() -> None:
    own = scheme(message="{method}\n{timestamp}\n{body}")
    found = judging(own, [KEY], message(signing(own, [KEY], BODY).added, BODY))
    assert found.covered == ("method", "body")
    assert found.uncovered == ("path", "content-length", "host")


@pytest.mark.parametrize("text", ["{method}\n{body}", "{target}\n{body}"])
def test_a_body_alone_has_no_method(text: str) -> None:
    own = scheme_for(read_format("acme", {"message": text, "signature": "X-Sig: {signature}"}, "schemes.toml"))
    from types import SimpleNamespace

    request = Request("POST", "", (), hash_bytes(b""), 0)
    with pytest.raises(UsageError, match="^acme signs more of the request than its body$") as caught:
        own.sign(SignJob(request, [KEY], SimpleNamespace(id=None, scheme_override=False), AT, bytes))
    assert caught.value.hint == "use sign http"


def test_an_identifier_in_the_header_of_the_signature() -> None:
    own = scheme(message="{id}|{timestamp}|{body}", signature="X-Sig: id={id},t={timestamp},v1={signature}")
    signed = signing(own, [KEY], BODY)
    assert signed.added[0][1].startswith("id=000102030405060708090a0b0c0d0e0f,t=")
    assert receiving(own, [KEY], signed.added, BODY).more == {"webhook_id": "000102030405060708090a0b0c0d0e0f"}
    for id in ("a,b", "a|b"):
        with pytest.raises(UsageError, match=rf"^--id 'a.b' holds '\{id[1]}', which marks where it ends$"):
            signing(own, [KEY], BODY, id=id)
    rest = [("X-Sig", signed.added[0][1].partition(",")[2])]
    assert reason(own, [KEY], rest, BODY) == "signed-header-missing: 'id=…' in X-Sig"


def test_an_identifier_at_the_end() -> None:
    own = scheme(message="{timestamp}.{body}:{id}", headers=["X-Id: <{id}>"])
    signed = signing(own, [KEY], BODY, id="a.b")
    assert signed.added[0] == ("X-Id", "<a.b>")
    assert receiving(own, [KEY], signed.added, BODY).more == {"webhook_id": "a.b"}
    assert reason(own, [KEY], [("X-Id", "a.b"), signed.added[1]], BODY) == "signature-format: X-Id 'a.b'"
    moved = [("X-Id", "<b:a.b>"), signed.added[1]]
    assert reason(own, [KEY], moved, BODY).startswith("signature-format: the identifier 'b:a.b' holds ':'")


def test_an_identifier_alone() -> None:
    own = scheme(message="{id}.{body}", signature="X-Sig: {signature}", separator="|", headers=["X-Id: {id}"])
    signed = signing(own, [KEY], BODY)
    assert receiving(own, [KEY], signed.added, BODY).replayable_until is None


# -------------------------------------------------------------------------------------------------------- what is wrong

FAULTS: "list[tuple[dict[str, Any], str]]" = [
    ({"colour": "red"}, "'colour': no such member"),
    ({"message": None}, "message: not a text of one character or more"),
    ({"message": ""}, "message: not a text of one character or more"),
    ({"encoding": 1}, "encoding: not a text of one character or more"),
    ({"headers": "X-Id: {id}"}, "headers: not a list of texts"),
    ({"headers": [1]}, "headers: not a list of texts"),
    ({"mac": "md5"}, "mac: 'md5' is none of hmac-sha1, hmac-sha256, hmac-sha384, hmac-sha512, ed25519"),
    ({"encoding": "HEX"}, "encoding: 'HEX' is none of hex, base64, base64url"),
    ({"key": "raw"}, "key: 'raw' is none of text, base64, hex"),
    ({"body": "md5"}, "body: 'md5' is none of raw, sha256-hex, sha256-base64"),
    ({"timestamp": "now"}, "timestamp: 'now' is none of unix, unix-ms, rfc3339"),
    ({"separator": ", "}, "separator: ', ' is not one of a space and ,;&|.~!*"),
    ({"separator": "="}, "separator: '=' is not one of a space and ,;&|.~!*"),
    ({"separator": "1"}, "separator: '1' is not one of a space and ,;&|.~!*"),
    ({"message": "{timestamp}.{body"}, "message: has a '{' without its '}'"),
    ({"message": "{timestamp}.body}"}, "message: has a '}' without its '{'"),
    ({"message": "{time}.{body}"}, "message: {time} is none of {id}, {timestamp}, {body}, {method}, {target}"),
    (
        {"message": "{signature}.{body}"},
        "message: {signature} is none of {id}, {timestamp}, {body}, {method}, {target}",
    ),
    ({"message": "{body}.{timestamp}.{body}"}, "message: one placeholder stands twice"),
    ({"message": "{timestamp}.é.{body}"}, "message: a character that is not ASCII"),
    ({"message": "{timestamp}"}, "message: {body} is missing, and a signature that leaves it out is none"),
    ({"message": "{timestamp}{body}"}, "message: between {timestamp} and {body} stands nothing that marks the end"),
    ({"message": "{timestamp}0{body}"}, "message: between {timestamp} and {body} stands nothing that marks the end"),
    ({"message": "{timestamp}.v{body}"}, "message: between {timestamp} and {body} stands nothing that marks the end"),
    ({"message": "{timestamp}v.{body}"}, "message: between {timestamp} and {body} stands nothing that marks the end"),
    ({"message": "{target}.{timestamp}.{body}"}, "message: '.' may stand in a {target}"),
    ({"signature": "X-Sig"}, "signature: 'X-Sig' is not 'Name: value'"),
    ({"signature": "X Sig: {signature}"}, "signature: 'X Sig: {signature}' is not 'Name: value'"),
    ({"signature": "X-Sig: "}, "signature: 'X-Sig: ' is not 'Name: value'"),
    ({"signature": "X-Sig: é{signature}"}, "signature: 'X-Sig: é{signature}' is not 'Name: value'"),
    ({"signature": "X-Sig: \x01{signature}"}, "signature: 'X-Sig: \\x01{signature}' is not 'Name: value'"),
    ({"signature": "X-Sig: t={timestamp},v1"}, "signature: 'v1' does not hold one placeholder"),
    (
        {"signature": "X-Sig: {timestamp}{signature}"},
        "signature: '{timestamp}{signature}' does not hold one placeholder",
    ),
    ({"signature": "X-Sig: t={timestamp}"}, "signature: {signature} does not stand once in it"),
    ({"signature": "X-Sig: a={signature},b={signature}"}, "signature: {signature} does not stand once in it"),
    ({"signature": "X-Sig: v={timestamp},v={signature}"}, "signature: 'v=' does not tell one part from the others"),
    ({"signature": "X-Sig: t={timestamp},t=2{signature}"}, "signature: 't=2' does not tell one part from the others"),
    ({"signature": "X-Sig: t2={timestamp},t{signature}"}, "signature: 't2=' does not tell one part from the others"),
    ({"signature": "X-Sig: {body},v1={signature}"}, "signature: {body} is none of {id}, {timestamp}, {signature}"),
    ({"headers": ["X-Id"]}, "headers: 'X-Id' is not 'Name: value'"),
    ({"headers": ["X-Id: x"]}, "headers: 'x' does not hold one placeholder"),
    ({"headers": ["X-Id: {signature}"]}, "headers: {signature} stands in the member 'signature'"),
    ({"headers": ["X-Id: {id}", "x-id: {id}"]}, "two headers have one name"),
    ({"headers": ["x-sig: {id}"]}, "two headers have one name"),
    ({"headers": ["X-Time: {timestamp}"]}, "one value is sent twice"),
    ({"headers": ["X-Id: {id}"]}, "{id} is sent and not signed"),
    ({"message": "{id}.{timestamp}.{body}"}, "{id} is signed and not sent, so nobody could check it"),
    ({"message": "{body}"}, "{timestamp} is sent and not signed"),
    ({"signature": "X-Sig: v1={signature}"}, "{timestamp} is signed and not sent, so nobody could check it"),
    (
        {
            "message": "{id}.{timestamp}.{body}",
            "headers": ["X-Id: {id}"],
            "signature": "X-Sig: v1={signature}",
        },
        "{timestamp} is signed and not sent, so nobody could check it",
    ),
    ({"x" * 65: ""}, f"{'x' * 64!r}: no such member"),
    ({"key": "x" * 65}, f"key: {'x' * 64!r} is none of text, base64, hex"),
    ({"separator": "x" * 9}, f"separator: {'x' * 8!r} is not one of a space and ,;&|.~!*"),
    (
        {"message": "{" + "x" * 33 + "}{body}"},
        f"message: {{{'x' * 32}}} is none of {{id}}, {{timestamp}}, {{body}}, {{method}}, {{target}}",
    ),
    ({"headers": ["x" * 65]}, f"headers: {'x' * 64!r} is not 'Name: value'"),
    ({"headers": ["X-Id: " + "x" * 65]}, f"headers: {'x' * 64!r} does not hold one placeholder"),
    ({"headers": ["X-Id: {id}\x85"]}, "headers: 'X-Id: {id}\\x85' is not 'Name: value'"),
    (
        {"message": "{body}", "signature": "X-Sig: v1={signature}", "timestamp": "unix"},
        "timestamp: {timestamp} is not signed",
    ),
]


@pytest.mark.parametrize("members, fault", FAULTS)
def test_a_section_that_is_wrong(members: "dict[str, Any]", fault: str) -> None:
    assert faulty({**PLAIN, **members}) == fault


@pytest.mark.parametrize("member", ["message", "signature"])
def test_a_section_that_lacks_what_it_must_have(member: str) -> None:
    assert faulty({name: text for name, text in PLAIN.items() if name != member}) == f"the member {member!r} is missing"


def test_the_hints() -> None:
    hints = {}
    for members in ({"colour": "red"}, {"message": "{timestamp}{body}"}, {"message": "{target}.{timestamp}.{body}"}):
        with pytest.raises(InputError) as caught:
            read_format("acme", {**PLAIN, **members}, "schemes.toml")
        hints[str(members)] = caught.value.hint
    assert list(hints.values()) == [
        "there are message, signature, headers, separator, mac, encoding, key, key_prefix, body, timestamp",
        "write a character there that is no letter or digit",
        "end it with a space or \\n",
    ]


# ----------------------------------------------------------------------------------------------- one text, one meaning


@given(
    st.text("ab.:1", min_size=1, max_size=4),
    st.integers(0, 99),
    st.binary(max_size=4).map(lambda data: data.replace(b"\xff", b".")),
    st.text("ab.:1", min_size=1, max_size=4),
    st.integers(0, 99),
    st.binary(max_size=4),
)
def test_no_two_webhooks_sign_one_text(id: str, time: int, body: bytes, id2: str, time2: int, body2: bytes) -> None:
    """If two sets of values give one text, they are one set."""
    from authkit.schemes.webhooks.format import message_bytes
    from authkit.schemes.webhooks.sign import id_fault

    form = read_format(
        "acme",
        {
            "message": "{id}.{timestamp}:{body}",
            "signature": "X-Sig: {signature}",
            "headers": ["X-Id: {id}", "X-T: {timestamp}"],
        },
        "schemes.toml",
    )
    first = (id, time, body)
    second = (id2, time2, body2)
    texts = [
        message_bytes(form, {"id": one.encode(), "timestamp": str(at).encode(), "body": data})
        for one, at, data in (first, second)
        if id_fault(one, form) is None
    ]
    assert len(texts) < 2 or (texts[0] == texts[1]) == (first == second)


def test_sections_that_are_right() -> None:
    """What a rule comes close to forbidding."""
    own = scheme(message="{target} {timestamp}:{body}")
    assert judging(own, [KEY], message(signing(own, [KEY], BODY).added, BODY)).covered == ("path", "query", "body")
    own = scheme(message="{timestamp}:{body}", signature="X-Sig:\tX:t={timestamp}X,v1={signature}X \t")
    ((name, value),) = signing(own, [KEY], BODY).added
    assert (name, value[:4], value[-1]) == ("X-Sig", "X:t=", "X")
    assert receiving(own, [KEY], [(name, value)], BODY).scheme == "acme"
    late = scheme(message="{id}.{timestamp}.{body}", headers=["X-Id: {id}"], timestamp="unix-ms")
    assert signing(late, [KEY], BODY, id="a").stages["message"].startswith("a.1795424400000.")


def test_a_body_is_kept_only_where_it_must_be() -> None:
    assert set(scheme().watch(None)) == {"body"}
    assert scheme(body="sha256-hex").watch(None) == {}
    assert scheme(body="sha256-base64").watch(None) == {}


def test_a_section_makes_a_scheme() -> None:
    own = scheme()
    assert (own.name, own.label, own.row, own.responses, own.needs_key) == ("acme", "acme", None, False, True)
    assert (own.sign_options, own.verify_options, own.inspect_options) == (SIGN_WITHOUT_ID, VERIFY_OPTIONS, ())
    assert isinstance(own.watch(None)["body"], Kept)
    signed = signing(own, [KEY], BODY)
    assert own.stages(signed.request, None) == {"message": signed.stages["message"]}
    timeless = scheme(message="{id}.{body}", headers=["X-Id: {id}"], signature="X-Sig: {signature}")
    assert (timeless.sign_options, timeless.verify_options) == (SIGN_OPTIONS, VERIFY_WITHOUT_TIME)
