"""Does an explanation hold every stage, the facts and the right ending, and nothing that must not be pasted?"""

import time
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from authkit.errors import InputError
from authkit.explain import Explained, explain, search
from authkit.explain.server import read_server_error
from authkit.keys.access import AccessKey
from authkit.keys.select import Key
from authkit.messages.request import Request, parse_request
from authkit.secret import Secret
from plainsigner import EMPTY, ID, REGION, SECRET, STAMP, Plain, s3_error

KEY = AccessKey(ID, Secret(SECRET.encode()))
NINE = datetime(2026, 11, 23, 9, tzinfo=timezone.utc)
TOKEN = "IQoJb3JpZ2luX2VjEJ//" * 4
MARK = "[session token, 80 characters]"
SIGNATURE_LINE = ("signature", 1, "[signature]", "[signature]")
RIGHT = "the signature is right for this request and the key that was given"
NOT_EXPLAINED = f"neither the request as it is nor any known cause gives this signature with the secret of {ID}"
SAYS_NOTHING = "the server does not say what it calculated: give the key with --key to try the known causes"
CANNOT = "the stages cannot be rebuilt: say with --at, --region and --service for what the request was to be signed"


def look(
    sent: "Plain | Request", server: "bytes | None" = None, keys: "tuple[Key, ...]" = (), **more: Any
) -> Explained:
    request = parse_request(sent.message()) if isinstance(sent, Plain) else sent
    said = read_server_error(server) if server is not None else None
    return explain(request, server=said, keys=list(keys), **more)


def ending(found: Explained) -> "tuple[str, str]":
    """Return cause and advice of a difference that only the signature itself shows."""
    assert found.difference is not None
    gap = found.difference
    assert (gap.stage, gap.line, gap.ours, gap.theirs) == SIGNATURE_LINE
    return gap.cause, gap.advice


# stages and facts


def test_every_stage_is_rebuilt_and_redacted() -> None:
    sent = Plain(url="/a?b=1", X_Amz_Security_Token=TOKEN)
    found = look(sent)
    assert list(found.stages) == ["canonical-request", "string-to-sign", "signature"]
    assert found.stages["canonical-request"] == sent.canonical().replace(TOKEN, MARK)
    assert found.stages["string-to-sign"] == sent.to_sign()
    assert found.stages["signature"] == "[signature]"
    assert (found.theirs, found.difference, found.notes) == ({}, None, [])


def test_the_facts_of_a_request_signed_in_its_header() -> None:
    sent = Plain(X_Amz_Security_Token=TOKEN, Content_Type="text/plain", Accept="*/*")
    sent.wrong = {"signed": ["host", "x-amz-content-sha256", "x-amz-date", "x-amz-security-token"]}
    assert look(sent).facts == [
        ("algorithm", "AWS4-HMAC-SHA256"),
        ("access key ID", ID),
        ("credential scope", f"20261123/{REGION}/s3/aws4_request"),
        ("place of the signature", "the Authorization header"),
        ("signed at", "2026-11-23T09:00:00Z"),
        ("session token", MARK),
        ("signed headers", "host;x-amz-content-sha256;x-amz-date;x-amz-security-token"),
        ("unsigned headers", "accept;content-type"),
        ("payload hash", EMPTY),
    ]


def presigned(service: str = "s3", stamp: str = STAMP, headers: "tuple[tuple[str, str], ...]" = ()) -> Request:
    query = (
        f"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={ID}%2F{stamp[:8]}%2F{REGION}%2F{service}%2Faws4_request"
        f"&X-Amz-Date={stamp}&X-Amz-Expires=900&X-Amz-SignedHeaders=host"
    )
    return Request("GET", f"/a?{query}&X-Amz-Signature={'ab' * 32}", (("Host", "example.com"), *headers))


def test_the_facts_of_a_presigned_url() -> None:
    assert look(presigned()).facts == [
        ("algorithm", "AWS4-HMAC-SHA256"),
        ("access key ID", ID),
        ("credential scope", f"20261123/{REGION}/s3/aws4_request"),
        ("place of the signature", "the query"),
        ("signed at", "2026-11-23T09:00:00Z"),
        ("good until", "2026-11-23T09:15:00Z (900 seconds)"),
        ("signed headers", "host"),
        ("unsigned headers", "none"),
        ("payload hash", "UNSIGNED-PAYLOAD"),
    ]


def test_a_presigned_url_of_the_last_day_of_the_calendar() -> None:
    facts = dict(look(presigned(stamp="99991231T235959Z"), keys=(KEY,)).facts)
    assert facts["good until"] == "9999-12-31T23:59:59Z (900 seconds)"
    assert dict(look(presigned(stamp="00010101T000000Z"), keys=(KEY,)).facts)["signed at"] == "0001-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("request_", "payload"),
    [
        (presigned("es"), EMPTY),
        (presigned("es").with_body("cd" * 32, 5), "cd" * 32),
        (presigned("es").with_body(None, None), "[the body was not given]"),
        (presigned().with_body("cd" * 32, 5), "UNSIGNED-PAYLOAD"),
        (presigned("es", headers=(("X-Amz-Content-Sha256", " x "),)), "x"),
        (parse_request(Plain(service="es").message()), EMPTY),
        (parse_request(Plain(service="es").message()).with_body("cd" * 32, 5), "cd" * 32),
        (parse_request(Plain().message()).with_body(None, None), EMPTY),
    ],
)
def test_what_stands_for_the_payload(request_: Request, payload: str) -> None:
    found = look(request_)
    assert found.stages["canonical-request"].split("\n")[-1] == payload
    hint = "the body was not given, so its hash is not compared: give it with --body"
    assert found.notes == ([hint] if payload.startswith("[") else [])


def test_a_body_that_was_not_given_is_taken_from_the_server() -> None:
    sent = Plain("PUT", body=b"hello", service="es")
    request = parse_request(sent.message()).with_body(None, None)
    found = look(request, s3_error(sent.canonical(), sent.to_sign()))
    assert ending(found)[0] == "secret"
    assert found.notes == []


@pytest.mark.parametrize(
    ("options", "path"),
    [
        ({}, "/a//../b%20"),
        ({"service": "es"}, "/b%2520"),
        ({"normalize_path": True}, "/b%20"),
        ({"double_encode": True}, "/a//../b%2520"),
        ({"service": "es", "normalize_path": False, "double_encode": False}, "/a//../b%20"),
    ],
)
def test_the_rules_of_the_service_and_the_switches(options: "dict[str, Any]", path: str) -> None:
    assert look(Plain(url="/a//../b%20"), **options).stages["canonical-request"].split("\n")[1] == path


# how it ends


def test_without_a_key_stages_that_agree_mean_the_secret() -> None:
    sent = Plain(url="/a?b=1")
    found = look(sent, s3_error(sent.canonical(), sent.to_sign()))
    assert ending(found) == (
        "secret",
        f"both sides read the same request: the secret does not belong to {ID}, or the client signed something else, "
        "which --key finds out",
    )
    assert found.notes == []
    assert found.theirs == {"canonical-request": sent.canonical(), "string-to-sign": sent.to_sign()}


def test_what_the_client_may_have_done_is_named_where_no_key_can_tell() -> None:
    sent = Plain(url="/k=v?b&a=/", X_Amz_Meta_A="a  b")
    found = look(sent, s3_error(sent.canonical(), None))
    assert ending(found)[0] == "secret"
    assert found.notes == [
        "possible: the client took the path as it is sent, with characters that the service percent-encodes left as "
        "they are",
        "possible: the client wrote a parameter without a value without its '='",
        "possible: the client took the query as it is sent, without decoding and encoding it again",
        "possible: the client had the parameters of the query in another order: as sent",
        "possible: the client kept the runs of spaces in a header",
    ]


MISMATCHES = [
    s3_error(None, None, code)
    for code in (
        "SignatureDoesNotMatch",
        "SignatureDoesNotMatchException",
        "InvalidSignatureException",
        "InvalidSignature",
    )
] + [b'{"message":"The request signature we calculated does not match the signature you provided."}']


@pytest.mark.parametrize("server", MISMATCHES)
def test_a_server_that_only_says_no(server: bytes) -> None:
    assert ending(look(Plain(), server)) == ("unknown", SAYS_NOTHING)
    found = look(Plain(), server, (KEY,))
    assert ending(found) == (
        "unknown",
        f"the request is signed right with the key given: the server has another secret for {ID}, "
        "or got the request changed by a proxy, or reads it by other rules",
    )
    assert found.notes == [RIGHT]
    bad = Plain()
    bad.secret = "unknown"
    assert ending(look(bad, server, (KEY,))) == (
        "unknown",
        f"{NOT_EXPLAINED}: it was made with another secret, or the request was changed after signing",
    )


@pytest.mark.parametrize("keys", [(), (KEY,)])
def test_a_server_that_only_says_no_to_a_request_with_a_fault(keys: "tuple[Key, ...]") -> None:
    sent = Plain()
    sent.wrong = {"signed": ["host", "x-amz-content-sha256", "x-amz-date", "x-b"], "x-b": "anything"}
    gap = look(sent, MISMATCHES[0], keys).difference
    assert gap is not None
    assert gap.cause == "header-missing"
    late = look(Plain(), MISMATCHES[0], keys, at=NINE + timedelta(days=1)).difference
    assert late is not None
    assert late.cause == "time"
    bad = Plain()
    bad.secret = "unknown"
    late = look(bad, None, keys, at=NINE + timedelta(days=1)).difference
    assert late is not None
    assert late.cause == "time"


def test_with_a_key_stages_that_agree_mean_another_secret_on_one_side() -> None:
    sent = Plain()
    server = s3_error(sent.canonical(), sent.to_sign())
    found = look(sent, server, (KEY,))
    assert ending(found) == (
        "secret",
        "both sides read the same request, and it is signed with the key given: "
        f"the server has another secret for {ID}",
    )
    assert found.notes == [RIGHT]
    sent.secret = "unknown"
    assert ending(look(sent, server, (KEY,))) == (
        "secret",
        f"{NOT_EXPLAINED}: it was made with a secret that does not belong to this ID",
    )


def test_a_key_of_another_id_that_explains_nothing() -> None:
    found = look(Plain(), None, (AccessKey("AKIDOTHER", Secret(b"x")),))
    assert ending(found) == ("unknown", f"no key of {ID} for this scope was given: give that key")
    assert found.notes == [f"no key that was given signs for {ID} in 20261123/{REGION}/s3/aws4_request"]
    late = look(Plain(), None, (AccessKey("AKIDOTHER", Secret(b"x")),), at=NINE + timedelta(days=1)).difference
    assert late is not None
    assert late.cause == "time"


def test_a_key_and_no_server() -> None:
    found = look(Plain(), None, (KEY,))
    assert (found.difference, found.notes) == (None, [RIGHT])
    late = look(Plain(), None, (KEY,), at=NINE + timedelta(days=1))
    assert late.difference is not None
    assert late.difference.cause == "time"
    assert late.notes == [RIGHT]


def test_stages_count_whatever_the_error_is_called() -> None:
    sent = Plain()
    for server in (
        s3_error(sent.canonical(), None, "AccessDenied"),
        f"The String-to-Sign should have been\n'{sent.to_sign()}'".encode(),
    ):
        assert ending(look(sent, server))[0] == "secret"
        assert ending(look(sent, server, (KEY,)))[0] == "secret"


def test_a_server_whose_words_are_about_something_else() -> None:
    found = look(Plain(), s3_error(None, None, "AccessDenied", message="Access\n  Denied"))
    assert found.difference is None
    assert found.notes == ["the server says 'AccessDenied Access Denied', which is not about the signature"]
    bare = look(Plain(), b"<Error><Code>AccessDenied</Code></Error>")
    assert bare.notes == ["the server says 'AccessDenied', which is not about the signature"]
    found = look(Plain(), b'{"message":"%s"}' % (b"x" * 301))
    assert found.notes == [f"the server says '{'x' * 300}', which is not about the signature"]
    found = look(Plain(), b'{"message":"X-Amz-Signature=abcdef"}', (KEY,))
    assert found.difference is None
    assert found.notes == [RIGHT, "the server says 'X-Amz-Signature=[signature]', which is not about the signature"]


def client_log(sent: Plain) -> bytes:
    return (
        f"CanonicalRequest:\n{sent.canonical()}\nStringToSign:\n{sent.to_sign()}\nSignature:\n{sent.signature()}\n"
    ).encode()


def test_a_client_s_log_that_agrees() -> None:
    found = look(Plain(), client_log(Plain()))
    assert found.difference is None
    assert found.notes == ["the client signed the request as the service reads it: give what the server answered"]
    found = look(Plain(), client_log(Plain()), (KEY,))
    assert found.difference is None
    assert found.notes[0] == RIGHT


def test_a_client_s_log_that_differs_wins_over_the_search() -> None:
    sent = Plain(url="/k=v")
    sent.wrong = {"path": "/k=v"}
    log = client_log(sent)
    for keys in ((), (KEY,)):
        gap = look(sent, log, keys).difference
        assert gap is not None
        assert (gap.cause, gap.ours, gap.theirs) == ("path-encoding", "/k%3Dv", "/k=v")
        assert gap.advice.startswith("the client took the path as it is sent")


def test_a_client_s_log_that_agrees_and_a_secret_that_does_not() -> None:
    sent = Plain()
    sent.secret = "unknown"
    assert ending(look(sent, client_log(sent), (KEY,)))[0] == "secret"


# a request that was not signed yet


def unsigned(sent: "Plain | None" = None) -> Request:
    return parse_request((sent or Plain(url="/a?b=1")).message(signed=False))


def test_an_unsigned_request_without_a_server_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        look(unsigned())
    assert caught.value.message == "the request carries no signature"
    assert caught.value.hint == "give what came back for it with --server-error"


def test_an_unsigned_request_takes_instant_scope_and_id_from_the_server() -> None:
    sent = Plain(url="/a?b=1")
    server = s3_error(sent.canonical(), sent.to_sign(), AWSAccessKeyId=ID, SignatureProvided=sent.signature())
    found = look(unsigned(sent), server)
    assert found.stages["canonical-request"] == sent.canonical()
    assert found.stages["string-to-sign"] == sent.to_sign()
    assert ending(found)[0] == "secret"
    assert found.facts == [
        ("algorithm", "AWS4-HMAC-SHA256"),
        ("access key ID", ID),
        ("credential scope", f"20261123/{REGION}/s3/aws4_request"),
        ("signed headers", "host;x-amz-content-sha256;x-amz-date"),
        ("unsigned headers", "none"),
        ("payload hash", EMPTY),
    ]
    assert ending(look(unsigned(sent), server, (KEY,)))[1].startswith(
        "both sides read the same request, and it is signed"
    )


def test_an_unsigned_request_gets_what_signing_adds_from_the_server() -> None:
    sent = Plain(url="/a?b=1", X_Amz_Security_Token=TOKEN)
    bare = Request("GET", "/a?b=1", (("Host", "example.com"),))
    found = look(bare, s3_error(sent.canonical(), sent.to_sign()))
    assert found.stages["canonical-request"] == sent.canonical().replace(TOKEN, MARK)
    assert ending(found) == (
        "secret",
        "both sides read the same request: the secret does not belong to this access key ID, or the client signed "
        "something else, which --key finds out",
    )
    assert found.facts[1] == ("credential scope", f"20261123/{REGION}/s3/aws4_request")


@pytest.mark.parametrize("url", ["/a", "/a?b=1"])
def test_an_unsigned_request_gets_the_parameters_of_a_presigned_url_from_the_server(url: str) -> None:
    query = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=20261123T090000Z" + ("&b=1" if "?" in url else "")
    theirs = f"GET\n/a\n{query}\nhost:example.com\n\nhost\nUNSIGNED-PAYLOAD"
    to_sign = f"AWS4-HMAC-SHA256\n{STAMP}\n20261123/{REGION}/s3/aws4_request\nx"
    found = look(Request("GET", url, (("Host", "example.com"),)), s3_error(theirs, to_sign))
    assert found.stages["canonical-request"].split("\n")[2] == query


def test_parameters_that_an_unsigned_request_has_are_not_added_again() -> None:
    theirs = "GET\n/a\nX-Amz-Date=1\nhost:example.com\n\nhost\nUNSIGNED-PAYLOAD"
    to_sign = f"AWS4-HMAC-SHA256\n{STAMP}\n20261123/{REGION}/s3/aws4_request\nx"
    found = look(Request("GET", "/a?x-AMZ-date=1", (("Host", "example.com"),)), s3_error(theirs, to_sign))
    assert found.stages["canonical-request"].split("\n")[2] == "x-AMZ-date=1"


def test_an_unsigned_request_is_signed_as_the_server_says() -> None:
    sent = Plain(url="/a?b=1", Accept="*/*")
    sent.wrong = {"signed": ["host", "x-amz-content-sha256", "x-amz-date"]}
    found = look(unsigned(sent), s3_error(sent.canonical() + "\n", sent.to_sign() + "\n"))
    assert found.stages["canonical-request"] == sent.canonical()
    assert found.stages["string-to-sign"] == sent.to_sign()
    assert ending(found)[0] == "secret"


def test_an_unsigned_request_that_differs() -> None:
    sent = Plain(url="/a?b=1")
    gap = look(unsigned(Plain(url="/a/?b=1")), s3_error(sent.canonical(), sent.to_sign())).difference
    assert gap is not None
    assert (gap.cause, gap.ours, gap.theirs) == ("path-normalisation", "/a/", "/a")


def test_an_unsigned_request_and_a_string_to_sign_alone() -> None:
    sent = Plain(url="/a?b=1")
    found = look(unsigned(sent), s3_error(None, sent.to_sign()))
    assert found.stages["canonical-request"] == sent.canonical()
    assert ending(found)[0] == "secret"


def test_an_unsigned_request_is_dated_by_itself_first() -> None:
    sent = Plain()
    to_sign = sent.to_sign().replace(STAMP, "20261123T100000Z")
    gap = look(unsigned(sent), s3_error(sent.canonical(), to_sign)).difference
    assert gap is not None
    assert (gap.cause, gap.ours, gap.theirs) == ("time", STAMP, "20261123T100000Z")
    odd = Request("GET", "/", (("Host", "example.com"), ("X-Amz-Date", "now")))
    assert look(odd, s3_error(sent.canonical(), to_sign)).stages["string-to-sign"].split("\n")[1] == "20261123T100000Z"


@pytest.mark.parametrize(
    "scope",
    [
        "20261123/us-east-1/s3",
        "20261301/us-east-1/s3/aws4_request",
        "20261123/us-east-1/s3/other",
        "é/a/b/aws4_request",
    ],
)
def test_an_unsigned_request_and_a_scope_that_is_none(scope: str) -> None:
    sent = Plain()
    lines = sent.to_sign().split("\n")
    found = look(unsigned(sent), s3_error(sent.canonical(), "\n".join([*lines[:2], scope, lines[3]])))
    assert (found.stages, found.difference) == ({}, None)
    assert found.notes[-1] == CANNOT


def test_an_unsigned_request_and_what_it_was_to_be_signed_for() -> None:
    server = s3_error(None, None)
    sent = Plain(url="/a?b=1", User_Agent="curl")
    sent.wrong = {"signed": ["host", "x-amz-content-sha256", "x-amz-date"]}
    said = {"at": NINE.astimezone(timezone(timedelta(hours=-10))), "region": REGION, "service": "s3"}
    found = look(unsigned(sent), server, **said)
    assert found.stages["canonical-request"] == sent.canonical()
    assert found.stages["string-to-sign"] == sent.to_sign()
    assert found.stages["signature"] == "[signature]"
    assert ending(found) == ("unknown", SAYS_NOTHING)
    bare = Request("GET", "/", (("Host", "example.com"),))
    assert look(bare, server, **said).stages["string-to-sign"].split("\n")[1:3] == [
        STAMP,
        f"20261123/{REGION}/s3/aws4_request",
    ]
    for name in said:
        assert look(bare, server, **{**said, name: None}).stages == {}
    with pytest.raises(InputError, match="^scope: region 'a b' holds a character that is not a letter"):
        look(bare, server, **{**said, "region": "a b"})


# hostile input


HOSTILE = {
    "a head of a mebibyte": lambda: Plain(**{f"X_Amz_Meta_{number}": "v" * 1500 for number in range(650)}),
    "a query of 8,000 parameters": lambda: Plain(url="/?" + "&".join(f"p{number}=%20" for number in range(8000))),
    "a path of dots": lambda: Plain(url="/" + "../" * 20000),
    "a list of hosts": lambda: Plain(X_Forwarded_Host=",".join(f"h{number}" for number in range(4000))),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_search_ends_soon_whatever_the_request(name: str) -> None:
    sent = HOSTILE[name]()
    sent.secret = "unknown"
    request = parse_request(sent.message())
    before = time.process_time()
    assert ending(look(request, None, (KEY,)))[0] == "unknown"
    assert time.process_time() - before < 15  # about 1; without a bound, minutes


@pytest.mark.parametrize(("name", "bound"), [("MAX_TRIES", 15_000), ("MAX_WORK", 2_000_000)])
def test_a_search_has_bounds(name: str, bound: int, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = Plain(url="/k=v?b=2&a=1")
    sent.wrong = {"path": "/k=v", "query": "b=2&a=1"}
    assert getattr(search, name) == bound
    found = look(sent, None, (KEY,)).difference
    assert found is not None
    assert found.cause == "path-encoding"
    monkeypatch.setattr(search, name, 0)
    assert ending(look(sent, None, (KEY,)))[0] == "unknown"
    monkeypatch.setattr(search, name, 600 if name == "MAX_TRIES" else 6000)
    assert (
        ending(
            look(
                Plain(url="/?" + "&".join(f"p{number}={number}" for number in range(20))),
                None,
                (AccessKey(ID, Secret(b"x")),),
            )
        )[0]
        == "unknown"
    )
