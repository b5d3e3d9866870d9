"""Does signing add what it says, refuse what it must, and show every stage?"""

from datetime import datetime, timedelta, timezone
from hashlib import sha256
from typing import Any

import pytest

from authkit.errors import AuthkitError, InputError, Refused, Rejected, UsageError
from authkit.keys.scope import parse_scope
from authkit.keys.select import Credential
from authkit.messages.payload import EMPTY_HASH
from authkit.messages.request import Request
from authkit.schemes.base import Scheme, Signed
from authkit.schemes.derived import AWS4
from authkit.schemes.policy import INSPECT_OPTIONS, VERIFY_OPTIONS, verifier
from authkit.schemes.sigv4 import NEVER_SIGNED, SIGN_OPTIONS, Settings, scheme_of, sign
from authkit.secret import Secret
from crafted import Crafted
from samples import AT, CHAIN, ID, subkey

STAMP = "20261123T090000Z"
HELLO = sha256(b"hello").hexdigest()
HOST = ("Host", "h.example")


def credential(service: str = "sqs", token: "str | None" = None) -> Credential:
    held = subkey(f"20261123/us-east-1/{service}/aws4_request")
    return Credential(
        ID, parse_scope(str(held.scope), CHAIN), held.key, None if token is None else Secret(token.encode())
    )


def ask(
    *headers: tuple[str, str], target: str = "/a", body: "bytes | None" = b"", host: bool = True, method: str = "GET"
) -> Request:
    digest, length = (None, None) if body is None else (sha256(body).hexdigest(), len(body))
    return Request(method, target, ((HOST,) if host else ()) + headers, digest, length)


def make(
    request: "Request | None" = None,
    *,
    service: str = "sqs",
    token: "str | None" = None,
    at: datetime = AT,
    **settings: Any,
) -> Signed:
    return sign(ask() if request is None else request, credential(service, token), Settings(**settings), at)


def fail(kind: "type[AuthkitError]", request: "Request | None" = None, **more: Any) -> tuple[str, "str | None"]:
    with pytest.raises(kind) as caught:
        make(request, **more)
    assert type(caught.value) is kind
    return caught.value.message, caught.value.hint


def signed_names(found: Signed) -> str:
    return found.stages["canonical-request"].split("\n")[-2]


def payload(found: Signed) -> str:
    return found.stages["canonical-request"].split("\n")[-1]


def right(found: Signed, **values: Any) -> str:
    """Return the signature that a second implementation makes."""

    def edit(one: Crafted) -> None:
        for name, value in values.items():
            setattr(one, name, value)

    made = Crafted(edit, service=found.scope.split("/")[2]).header()
    return made.headers[-1][1]


# -------------------------------------------------------------------------------------------------------------- header


def test_a_signed_request_and_every_stage() -> None:
    request = ask(("Range", "0-1"))
    found = make(request)
    assert (found.scheme, found.access_key_id, found.scope) == ("sigv4", ID, "20261123/us-east-1/sqs/aws4_request")
    canonical = f"GET\n/a\n\nhost:h.example\nrange:0-1\nx-amz-date:{STAMP}\n\nhost;range;x-amz-date\n{EMPTY_HASH}"
    text = f"AWS4-HMAC-SHA256\n{STAMP}\n{found.scope}\n{sha256(canonical.encode()).hexdigest()}"
    signature = credential().key.mac(text.encode()).hex()
    assert found.stages == {"canonical-request": canonical, "string-to-sign": text, "signature": signature}
    assert list(found.stages) == ["canonical-request", "string-to-sign", "signature"]
    value = (
        f"AWS4-HMAC-SHA256 Credential={ID}/{found.scope}, SignedHeaders=host;range;x-amz-date, Signature={signature}"
    )
    assert found.added == (("X-Amz-Date", STAMP), ("Authorization", value))
    assert found.request.headers == (HOST, ("Range", "0-1"), *found.added)
    assert value == right(found, headers=[HOST, ("Range", "0-1")], payload=None)
    assert (found.warnings, found.url) == ((), "https://h.example/a")
    assert request.headers == (HOST, ("Range", "0-1"))
    assert request.grouped == {"host": ["h.example"], "range": ["0-1"]}
    assert (found.request.method, found.request.payload_hash, found.request.content_length) == ("GET", EMPTY_HASH, 0)


def test_s3_declares_the_hash_of_the_body() -> None:
    found = make(ask(body=b"hello", method="PUT"), service="s3")
    assert found.added[:2] == (("X-Amz-Date", STAMP), ("X-Amz-Content-Sha256", HELLO))
    assert (signed_names(found), payload(found)) == ("host;x-amz-content-sha256;x-amz-date", HELLO)
    assert found.added[2][1] == right(found, headers=[HOST], method="PUT", payload=HELLO)


def test_the_instant_is_written_in_utc() -> None:
    found = make(at=datetime(2026, 11, 23, 10, 0, 0, 999999, tzinfo=timezone(timedelta(hours=1))))
    assert found.added[0] == ("X-Amz-Date", STAMP)


def names(found: Signed) -> list[str]:
    return [name for name, _ in found.added]


@pytest.mark.parametrize(
    ("service", "settings", "declared", "hashed"),
    [
        ("sqs", {}, False, HELLO),
        ("sqs", {"payload": "hash"}, False, HELLO),
        ("sqs", {"payload": "unsigned"}, True, "UNSIGNED-PAYLOAD"),
        ("sqs", {"payload_header": True}, True, HELLO),
        ("sqs", {"payload_header": False}, False, HELLO),
        ("sqs", {"payload": "unsigned", "payload_header": True}, True, "UNSIGNED-PAYLOAD"),
        ("s3", {}, True, HELLO),
        ("s3", {"payload": "unsigned"}, True, "UNSIGNED-PAYLOAD"),
        ("s3", {"payload_header": False}, False, HELLO),
        ("s3express", {}, True, HELLO),
    ],
)
def test_how_the_payload_is_signed(service: str, settings: "dict[str, Any]", declared: bool, hashed: str) -> None:
    found = make(ask(body=b"hello"), service=service, **settings)
    assert payload(found) == hashed
    assert (("X-Amz-Content-Sha256", hashed) in found.added) is declared
    assert ("x-amz-content-sha256" in signed_names(found)) is declared


def test_a_payload_that_the_request_declares_itself() -> None:
    for service, word, body in (
        ("sqs", HELLO, b"hello"),
        ("s3", "UNSIGNED-PAYLOAD", b"hello"),
        ("s3", "UNSIGNED-PAYLOAD", None),
    ):
        found = make(ask(("x-amz-content-SHA256", f" {word}\t"), body=body), service=service)
        assert (payload(found), names(found)) == (word, ["X-Amz-Date", "Authorization"])
        assert signed_names(found) == "host;x-amz-content-sha256;x-amz-date"
    found = make(ask(("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD")), payload="unsigned", payload_header=False)
    assert payload(found) == "UNSIGNED-PAYLOAD"
    assert payload(make(ask(("X-Amz-Content-Sha256", HELLO), body=b"hello"), payload="hash")) == HELLO
    found = make(ask(("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD"), body=b"hello"), service="s3", placement="query")
    assert (payload(found), signed_names(found)) == ("UNSIGNED-PAYLOAD", "host;x-amz-content-sha256")


def test_a_declared_payload_that_does_not_fit() -> None:
    def declared(*words: str, body: "bytes | None" = b"hello", **settings: Any) -> tuple[type, str]:
        with pytest.raises(AuthkitError) as caught:
            make(ask(*[("X-Amz-Content-Sha256", word) for word in words], body=body), **settings)
        assert caught.value.hint is None
        return type(caught.value), caught.value.message

    assert declared(HELLO, HELLO) == (InputError, "the request has X-Amz-Content-Sha256 twice")
    said = f"the request declares the payload hash {EMPTY_HASH}, and its body has {HELLO}"
    assert declared(EMPTY_HASH) == (InputError, said)
    assert declared("x" * 70) == (InputError, said.replace(EMPTY_HASH, "x" * 64))
    # only spaces and tabs are around a value
    assert declared(f"\xa0{HELLO}") == (InputError, said.replace(EMPTY_HASH, f"\xa0{HELLO}"[:64]))
    assert declared("XUNSIGNED-PAYLOADX")[0] is InputError
    assert declared("UNSIGNED-PAYLOAD", payload="hash") == (
        UsageError,
        "--payload hash, and the request declares UNSIGNED-PAYLOAD",
    )
    unfit = (UsageError, "the request declares a payload hash that does not fit --payload")
    assert declared(HELLO, payload="unsigned") == unfit
    assert declared(HELLO, body=None) == unfit
    assert declared(HELLO, body=None, payload="hash") == unfit


def test_an_unknown_body_is_not_signed_by_guess() -> None:
    expected = (
        "the body is not known, so its hash cannot be signed",
        "give it with --body, or --payload unsigned",
    )
    assert fail(InputError, ask(body=None)) == expected
    assert fail(InputError, ask(body=None), service="s3") == expected
    assert fail(InputError, ask(body=None), service="s3", placement="query", payload="hash") == expected
    assert fail(InputError, ask(body=None), placement="query") == expected
    assert payload(make(ask(body=None), payload="unsigned")) == "UNSIGNED-PAYLOAD"
    assert payload(make(ask(body=None), service="s3", placement="query")) == "UNSIGNED-PAYLOAD"


def test_an_unsigned_body_must_be_declared() -> None:
    expected = ("--no-payload-header leaves no way to say that the body is unsigned, or signed piece by piece", None)
    assert fail(UsageError, payload="unsigned", payload_header=False) == expected
    assert fail(UsageError, service="s3", payload="unsigned", payload_header=False) == expected


def test_the_session_token_is_signed_or_sent_behind() -> None:
    found = make(token="T/+=")
    assert found.added[:2] == (("X-Amz-Date", STAMP), ("X-Amz-Security-Token", "T/+="))
    assert signed_names(found) == "host;x-amz-date;x-amz-security-token"
    late = make(token="T/+=", omit_session_token=True)
    assert late.added[:2] == found.added[:2]
    assert names(late) == ["X-Amz-Date", "X-Amz-Security-Token", "Authorization"]
    assert signed_names(late) == "host;x-amz-date"
    assert names(make(omit_session_token=True)) == ["X-Amz-Date", "Authorization"]


# --------------------------------------------------------------------------------------------------------------- query


def test_a_presigned_url() -> None:
    found = make(ask(("Range", "0-1")), service="s3", placement="query")
    own = (
        f"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={ID}%2F20261123%2Fus-east-1%2Fs3%2Faws4_request"
        f"&X-Amz-Date={STAMP}&X-Amz-Expires=900&X-Amz-SignedHeaders=host%3Brange"
    )
    assert found.request.target == f"/a?{own}&X-Amz-Signature={found.stages['signature']}"
    assert (found.added, found.request.headers) == ((), (HOST, ("Range", "0-1")))
    lines = found.stages["canonical-request"].split("\n")
    assert (lines[2], lines[-2], lines[-1]) == (own, "host;range", "UNSIGNED-PAYLOAD")

    def edit(one: Crafted) -> None:
        one.headers, one.expires = [HOST, ("Range", "0-1")], "900"

    assert Crafted(edit, service="s3").presigned().target == found.request.target
    assert found.url == f"https://h.example{found.request.target}"


def test_a_presigned_url_of_another_service_signs_the_body() -> None:
    assert payload(make(ask(body=b"hello"), placement="query")) == HELLO
    assert payload(make(ask(body=b"hello"), placement="query", payload="unsigned")) == "UNSIGNED-PAYLOAD"
    assert payload(make(ask(body=b"hello"), service="s3", placement="query", payload="hash")) == HELLO
    assert "Content-Sha256" not in make(ask(), placement="query", payload_header=True).request.target


@pytest.mark.parametrize("expires", [1, 604800])
def test_lifetimes(expires: int) -> None:
    assert f"&X-Amz-Expires={expires}&" in make(placement="query", expires=expires).request.target


@pytest.mark.parametrize("expires", [0, -1, 604801])
def test_lifetimes_out_of_range(expires: int) -> None:
    expected = (f"--expires {expires} is not 1 to 604800 seconds", None)
    assert fail(UsageError, placement="query", expires=expires) == expected


def test_a_lifetime_is_for_the_query() -> None:
    expected = ("--expires is for a signature in the query", "add --placement query")
    assert fail(UsageError, expires=900) == expected
    assert fail(UsageError, placement="header", expires=900) == expected


def test_the_token_in_the_query() -> None:
    signed = make(token="T/+=", placement="query")
    assert "&X-Amz-Security-Token=T%2F%2B%3D&X-Amz-Signature=" in signed.request.target
    assert "X-Amz-Security-Token=T%2F%2B%3D" in signed.stages["canonical-request"]
    late = make(token="T/+=", placement="query", omit_session_token=True)
    assert "&X-Amz-Security-Token=T%2F%2B%3D&X-Amz-Signature=" in late.request.target
    assert "Security-Token" not in late.stages["canonical-request"]
    assert late.stages["signature"] != signed.stages["signature"]
    assert late.added == ()
    assert "Token" not in make(placement="query", omit_session_token=True).request.target


@pytest.mark.parametrize(
    ("target", "begins"),
    [
        ("/a", "/a?X-Amz-Algorithm="),
        ("/a?", "/a?X-Amz-Algorithm="),
        ("/a?b=c", "/a?b=c&X-Amz-Algorithm="),
        ("/a?b=c&", "/a?b=c&X-Amz-Algorithm="),
        ("/a?b=?", "/a?b=?&X-Amz-Algorithm="),
        ("https://h.example/a?b", "https://h.example/a?b&X-Amz-Algorithm="),
    ],
)
def test_what_stood_in_the_query_stays(target: str, begins: str) -> None:
    assert make(ask(target=target), placement="query").request.target.startswith(begins)


# ------------------------------------------------------------------------------------------------------------- refused


def test_a_request_without_a_host() -> None:
    expected = ("the request has no Host header", "add one, or say --origin https://HOST")
    assert fail(InputError, ask(host=False)) == expected
    assert fail(InputError, ask(("Authorization", "x"), host=False)) == expected


@pytest.mark.parametrize("name", ["Authorization", "x-amz-security-TOKEN"])
@pytest.mark.parametrize("placement", [None, "query"])
def test_a_request_that_is_signed_already(name: str, placement: "str | None") -> None:
    expected = (f"the request already has the header {name.lower()}", "remove it: signing adds it")
    assert fail(Refused, ask((name, "x")), placement=placement) == expected


@pytest.mark.parametrize(
    "name",
    ["Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature", "Security-Token"],
)
def test_a_query_that_is_signed_already(name: str) -> None:
    for spelled in (f"X-Amz-{name}", f"x-amz-{name.lower()}", f"X-AMZ-{name.upper()}"):
        for query in (f"{spelled}=1", f"a=1&{spelled}", f"{spelled}=1&a=x"):
            expected = (f"the query already has {spelled}", "remove it: signing adds it")
            assert fail(Refused, ask(target=f"/?{query}")) == expected
            assert fail(Refused, ask(target=f"/?{query}"), placement="query") == expected


def test_what_only_looks_signed() -> None:
    for target in (
        "/x-amz-signature",
        "/?a=X-Amz-Signature",
        "/?X-Amz-Foo=1",
        "/?X-Amz-Content-Sha256=x",
        "/?Signature=1",
    ):
        assert make(ask(target=target)).scheme == "sigv4"


def test_a_date_that_is_there_must_be_the_same_instant() -> None:
    found = make(ask(("x-amz-DATE", f"\t{STAMP} ")))
    assert names(found) == ["Authorization"]
    assert signed_names(found) == "host;x-amz-date"
    said = "the request has X-Amz-Date {} and is signed at 20261123T090000Z"
    assert fail(UsageError, ask(("X-Amz-Date", "20261123T090001Z"))) == (
        said.format("20261123T090001Z"),
        "remove it, or give --at",
    )
    for near in (f"\xa0{STAMP}", f"X{STAMP}X"):
        assert fail(UsageError, ask(("X-Amz-Date", near)))[0] == said.format(near)
    assert fail(UsageError, ask(("X-Amz-Date", "d" * 40)))[0] == said.format("d" * 32)
    assert fail(UsageError, ask(("X-Amz-Date", STAMP), ("X-Amz-Date", STAMP)))[0] == said.format(STAMP)


def test_which_refusal_comes_first() -> None:
    both = ask(("X-Amz-Security-Token", "x"), ("Authorization", "y"), ("X-Amz-Date", "z"), target="/?X-Amz-Date")
    assert fail(Refused, both)[0] == "the request already has the header authorization"
    assert fail(UsageError, ask(("X-Amz-Date", "z"), target="/?X-Amz-Date"))[0].startswith(
        "the request has X-Amz-Date z"
    )
    assert fail(Refused, ask(target="/?X-Amz-Date", body=None))[0] == "the query already has X-Amz-Date"


def test_a_stray_percent_is_not_signed() -> None:
    with pytest.raises(Rejected) as caught:
        make(ask(target="/a?b=%"))
    assert caught.value.reason == "target-syntax"


# ------------------------------------------------------------------------------------------------------ signed headers


def test_what_changes_on_the_way_is_not_signed() -> None:
    found = make(ask(*[(name.title(), "x") for name in sorted(NEVER_SIGNED - {"authorization"})], ("Accept", "y")))
    assert signed_names(found) == "accept;host;x-amz-date"
    assert len(NEVER_SIGNED) == 16
    for name in ("user-agent", "connection", "x-amzn-trace-id", "expect", "te", "transfer-encoding", "upgrade"):
        assert name in NEVER_SIGNED


def test_one_header_more_or_less() -> None:
    request = ask(("User-Agent", "me"), ("Accept", "y"), ("X-Amz-Meta-A", "1"))
    assert (
        signed_names(make(request, sign_headers=("USER-agent", "accept")))
        == "accept;host;user-agent;x-amz-date;x-amz-meta-a"
    )
    assert signed_names(make(request, no_sign_headers=("Accept", "none"))) == "host;x-amz-date;x-amz-meta-a"
    both = make(request, sign_headers=("user-agent",), no_sign_headers=("ACCEPT", "X-Amz-Date"))
    assert signed_names(both) == "host;user-agent;x-amz-meta-a"
    assert signed_names(make(request, placement="query", no_sign_headers=("Accept",))) == "host;x-amz-meta-a"
    assert signed_names(make(request, sign_headers=("x-amz-date",))) == "accept;host;x-amz-date;x-amz-meta-a"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"sign_headers": ("X-None",)}, "--sign-header x-none: the request has no such header to sign"),
        ({"sign_headers": ("n" * 70,)}, f"--sign-header {'n' * 64}: the request has no such header to sign"),
        (
            {"no_sign_headers": ("HOST",)},
            "--no-sign-header host: a signature that does not cover the host is good at any host",
        ),
        (
            {"sign_headers": ("m" * 70, "te", "accept"), "no_sign_headers": ("TE", "Accept-None", "M" * 70)},
            f"--sign-header and --no-sign-header both name {'m' * 64}",
        ),
        (
            {"sign_headers": ("accept", "te"), "no_sign_headers": ("TE", "a")},
            "--sign-header and --no-sign-header both name te",
        ),
        (
            {"sign_headers": ("m" * 70,), "no_sign_headers": ("M" * 70,)},
            f"--sign-header and --no-sign-header both name {'m' * 64}",
        ),
    ],
)
def test_header_names_that_do_not_fit(settings: "dict[str, Any]", message: str) -> None:
    request = ask(("Accept", "y"), ("TE", "x"), ("M" * 70, ""))
    assert fail(UsageError, request, **settings) == (message, None)


def test_the_authorization_is_never_signed() -> None:
    """It cannot be in the request, but a name that is forced would be looked for in what is added."""
    message = "--sign-header authorization: the request has no such header to sign"
    assert fail(UsageError, sign_headers=("Authorization",)) == (message, None)


# ---------------------------------------------------------------------------------------------------------------- path

REWRITES = "the service rewrites this path before it checks the signature, and a strict verifier refuses it"


@pytest.mark.parametrize(
    ("path", "service", "settings", "canonical", "warnings"),
    [
        ("/a", "sqs", {}, "/a", ()),
        ("/a//b/../c%20", "sqs", {}, "/a/c%2520", (REWRITES,)),
        ("/%2e%2E/a", "sqs", {}, "/%252e%252E/a", (REWRITES,)),
        ("/a//b%20", "sqs", {"normalize_path": False}, "/a//b%2520", ()),
        ("/a//b%20", "sqs", {"double_encode": False}, "/a/b%20", (REWRITES,)),
        ("/a//b%20", "s3", {}, "/a//b%20", ()),
        ("/a//b", "s3", {"normalize_path": True}, "/a/b", (REWRITES,)),
        ("/a%20", "s3", {"double_encode": True}, "/a%2520", ()),
    ],
)
def test_the_path(
    path: str, service: str, settings: "dict[str, Any]", canonical: str, warnings: tuple[str, ...]
) -> None:
    found = make(ask(target=path), service=service, **settings)
    assert found.stages["canonical-request"].split("\n")[1] == canonical
    assert (found.warnings, found.request.target) == (warnings, path)


def test_settings_leave_everything_to_the_service() -> None:
    settings = Settings()
    assert (settings.placement, settings.expires, settings.payload, settings.payload_header) == (None,) * 4
    assert (settings.normalize_path, settings.double_encode, settings.omit_session_token) == (None, None, False)
    assert (settings.sign_headers, settings.no_sign_headers) == ((), ())


def test_a_scheme_is_its_functions_and_its_options() -> None:
    rows = tuple([((name, "flag", "", "", False),) for name in ("--sign", "--verify", "--inspect")])
    scheme = Scheme("name", "LABEL", rows, sign, verifier)
    assert [getattr(scheme, name) for name in Scheme.__slots__] == [
        *("name", "LABEL", *rows, sign, verifier),
        *(None, None, False, True, None),
    ]


def test_the_scheme_of_a_row() -> None:
    made = scheme_of("sigv4", AWS4)
    assert (made.name, made.label, made.row) == ("sigv4", "AWS4-HMAC-SHA256", AWS4)
    assert (made.sign_options, made.verify_options) == (SIGN_OPTIONS, VERIFY_OPTIONS)
    assert made.inspect_options == INSPECT_OPTIONS
