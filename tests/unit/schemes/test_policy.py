"""Does a request pass only when every single thing the policy demands is so, and which fault is named first?"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from authkit import api
from authkit.clock import UTC
from authkit.errors import REASONS, Rejected
from authkit.keys.access import AccessKey
from authkit.keys.scope import parse_scope
from authkit.keys.select import Credential, Key
from authkit.messages.request import Request
from authkit.schemes.base import Verified
from authkit.schemes.claim import Claim
from authkit.schemes.derived import Derived
from authkit.schemes.policy import DEFAULT_SKEW, MAX_SKEW, Policy, verify
from authkit.schemes.sigv4 import Settings, sign
from authkit.secret import Secret
from crafted import EMPTY, REGION, SERVICE, STAMP, Crafted
from samples import AT, ID, SCOPE, SECRET, TC3, access_key, subkey

Edit = Callable[[Crafted], object]
KEYS: "list[Key]" = [access_key()]
OPEN: "dict[str, Any]" = {"region": REGION, "service": SERVICE}


def put(**values: Any) -> Edit:
    def edit(one: Crafted) -> None:
        for name, value in values.items():
            setattr(one, name, value)

    return edit


def also(name: str, *items: Any) -> Edit:
    """Append to a list of the request."""
    return lambda one: getattr(one, name).extend(items)


def judge(
    request: Request, *, keys: "list[Key] | None" = None, at: datetime = AT, allowed: "dict[str, Any] | None" = None
) -> Verified:
    return verify(request, KEYS if keys is None else keys, Policy(**{**OPEN, **(allowed or {})}), at)


def reject(
    request: Request, *, keys: "list[Key] | None" = None, at: datetime = AT, allowed: "dict[str, Any] | None" = None
) -> tuple[str, str, "str | None"]:
    with pytest.raises(Rejected) as caught:
        judge(request, keys=keys, at=at, allowed=allowed)
    return caught.value.reason, caught.value.detail, caught.value.hint


def header(*edits: Edit, body: bytes = b"") -> Request:
    return Crafted(*edits, body=body).header()


def s3(*edits: Edit, body: bytes = b"") -> Request:
    return Crafted(*edits, body=body, service="s3").header()


def presigned(*edits: Edit, body: bytes = b"") -> Request:
    return Crafted(*edits, body=body, service="s3").presigned()


S3 = {"service": "s3"}


# --------------------------------------------------------------------------------------------------------------- valid


def test_a_verdict_of_yes_says_everything() -> None:
    found = judge(header(also("late", ("X-B", "1"), ("Accept", "a")), put(method="PUT", query="a=1"), body=b"hello"))
    assert (found.scheme, found.access_key_id, found.scope) == (
        "sigv4",
        ID,
        f"20261123/{REGION}/{SERVICE}/aws4_request",
    )
    assert (found.signed_at, found.replayable_until) == (AT, AT + timedelta(seconds=300))
    assert found.covered == ("method", "path", "query", "host", "x-amz-content-sha256", "x-amz-date", "body")
    assert found.uncovered == ("accept", "x-b")
    assert found.warnings == ("authority-not-compared",)


def test_a_presigned_url_says_that_its_body_is_open() -> None:
    found = judge(presigned(), allowed=S3, at=AT + timedelta(seconds=900))
    assert found.covered == ("method", "path", "query", "host")
    assert (found.uncovered, found.replayable_until) == ((), AT + timedelta(seconds=900))
    found = judge(presigned(body=b"x"), allowed={**S3, "allow_unsigned_payload": True})
    assert (found.covered[-1], found.uncovered) == ("host", ("body",))


def test_a_presigned_url_of_another_service_covers_the_body() -> None:
    found = judge(Crafted(body=b"x").presigned("2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"))
    assert found.covered == ("method", "path", "query", "host", "body")
    assert found.uncovered == ()


def test_defaults_of_the_policy() -> None:
    policy = Policy()
    assert (policy.region, policy.service, policy.authorities, policy.required) == (None, None, (), ())
    assert (policy.max_skew, policy.skew, policy.max_expires) == (300, timedelta(seconds=300), 604800)
    assert (policy.allow_unsigned, policy.allow_unsigned_payload, policy.body_unchecked) == ((), False, False)
    assert (policy.normalize_path, policy.double_encode) == (None, None)
    assert (DEFAULT_SKEW, MAX_SKEW) == (300, 900)


@pytest.mark.parametrize("level", ["20261123", f"20261123/{REGION}", f"20261123/{REGION}/{SERVICE}"])
def test_any_key_that_reaches_the_scope_checks(level: str) -> None:
    assert judge(header(), keys=[subkey(level)]).scope == f"20261123/{REGION}/{SERVICE}/aws4_request"
    assert reject(header(), keys=[subkey(level, secret="another")])[0] == "signature-mismatch"


def test_a_signing_key_says_region_and_service_itself() -> None:
    signing = subkey(f"20261123/{REGION}/{SERVICE}/aws4_request")
    assert judge(header(), keys=[signing], allowed={"region": None, "service": None}).access_key_id == ID


def test_what_was_claimed_stands_on_a_rejection() -> None:
    with pytest.raises(Rejected) as caught:
        judge(header(put(region="eu-west-1")))
    assert isinstance(caught.value.claim, Claim)
    assert caught.value.claim.scope.part("region") == "eu-west-1"
    with pytest.raises(Rejected) as caught:
        judge(header(put(label="X")))
    assert caught.value.claim is None


# ----------------------------------------------------------------------------------------------------------- the clock


def at(seconds: int) -> datetime:
    return AT + timedelta(seconds=seconds)


@pytest.mark.parametrize("skew", [0, 1, 300, 900])
def test_a_header_s_clock_to_the_second(skew: int) -> None:
    allowed = {"max_skew": skew}
    for inside in (-skew, skew):
        assert judge(header(), at=at(inside), allowed=allowed).replayable_until == at(skew)
    late, early = at(skew + 1).strftime("%Y%m%dT%H%M%SZ"), at(-skew - 1).strftime("%Y%m%dT%H%M%SZ")
    until = at(skew).strftime("%Y%m%dT%H%M%SZ")
    assert reject(header(), at=at(skew + 1), allowed=allowed) == (
        "expired",
        f"it was good until {until} and now is {late}",
        None,
    )
    assert reject(header(), at=at(-skew - 1), allowed=allowed) == (
        "not-yet-valid",
        f"it is dated {STAMP} and now is {early}",
        None,
    )


@pytest.mark.parametrize("expires", [1, 900, 604800])
def test_a_presigned_url_has_skew_at_its_start_alone(expires: int) -> None:
    request = presigned(put(expires=str(expires)))
    assert judge(request, at=at(-300), allowed=S3).replayable_until == at(expires)
    assert judge(request, at=at(expires), allowed=S3).replayable_until == at(expires)
    assert reject(request, at=at(-301), allowed=S3)[0] == "not-yet-valid"
    assert reject(request, at=at(expires + 1), allowed=S3)[0] == "expired"


def test_a_presigned_url_may_be_bound_to_a_shorter_life() -> None:
    for limit in (1, 3600):
        allowed = {**S3, "max_expires": limit}
        assert judge(presigned(put(expires=str(limit))), allowed=allowed).covered[0] == "method"
        assert reject(presigned(put(expires=str(limit + 1))), allowed=allowed) == (
            "expires-range",
            f"{limit + 1} is over the {limit} seconds allowed",
            None,
        )


def test_the_day_of_the_scope_is_the_day_of_the_request() -> None:
    last, first = "20261123T235959Z", "20261124T000000Z"
    midnight = datetime(2026, 11, 24, tzinfo=UTC)
    assert judge(header(put(stamp=last)), at=midnight).access_key_id == ID
    assert judge(header(put(stamp=first, day="20261124")), at=midnight - timedelta(seconds=1)).access_key_id == ID
    mismatch = "scope-date-mismatch"
    assert reject(header(put(stamp=first)), at=midnight) == (mismatch, f"20261123 and {first}", None)
    assert reject(header(put(stamp=last, day="20261124")), at=midnight) == (mismatch, f"20261124 and {last}", None)


def test_the_last_second_there_is() -> None:
    last = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    request = header(put(stamp="99991231T235959Z", day="99991231"))
    assert judge(request, at=last).replayable_until == last


# -------------------------------------------------------------------------------------------------------- what is asked


@pytest.mark.parametrize(
    ("edit", "allowed", "reason", "detail"),
    [
        (put(region="eu-west-1"), {}, "scope-region", "'eu-west-1' instead of 'us-east-1'"),
        (put(region="US-EAST-1"), {}, "scope-region", "'US-EAST-1' instead of 'us-east-1'"),
        (put(service="s3"), {}, "scope-service", "'s3' instead of 'execute-api'"),
        (put(service="eu"), {"service": "ec2"}, "scope-service", "'eu' instead of 'ec2'"),
        (put(id="AKIDOTHER"), {}, "unknown-access-key", "'AKIDOTHER'"),
        (put(id="akidexample"), {}, "unknown-access-key", "'akidexample'"),
        # the list of signed headers
        (put(signed=[""]), {}, "signed-headers", "''"),
        (put(signed=["host", "host", "x-amz-date"]), {}, "signed-headers", "'host;host;x-amz-date'"),
        (put(signed=["x-amz-date", "host"]), {}, "signed-headers", "'x-amz-date;host'"),
        (put(signed=["Host", "x-amz-date"]), {}, "signed-headers", "'Host;x-amz-date'"),
        (put(signed=["", "host", "x-amz-date"]), {}, "signed-headers", "';host;x-amz-date'"),
        (put(signed=["authorization", "host"]), {}, "signed-headers", "'authorization;host'"),
        (put(signed=["host", "x" * 200, "a"]), {}, "signed-headers", repr("host;" + "x" * 123)),
        (put(signed=["host", "x-amz-date", "x-none"]), {}, "signed-header-missing", "x-none"),
        (put(signed=["host", "x-amz-date", "y" * 70]), {}, "signed-header-missing", "y" * 64),
        (put(dropped=["host"]), {}, "signed-header-missing", "host"),
        # what must be signed
        (put(signed=["x-amz-content-sha256", "x-amz-date"]), {}, "host-not-signed", ""),
        (put(signed=["host", "x-amz-content-sha256"]), {}, "date-not-signed", ""),
        (put(signed=["host", "x-amz-date"]), {}, "unsigned-x-amz-header", "x-amz-content-sha256"),
        (also("late", ("X-Amz-Acl", "public-read")), {}, "unsigned-x-amz-header", "x-amz-acl"),
        (also("late", ("X-AMZ-" + "m" * 90, "")), {}, "unsigned-x-amz-header", "x-amz-" + "m" * 58),
        (also("late", ("Range", "0-1")), {"required": ("range",)}, "required-component", "range"),
        (put(), {"required": ("host", "r" * 70)}, "required-component", "r" * 64),
        (put(), {"authorities": ("other.example",)}, "authority-mismatch", "'h.example'"),
        (put(), {"authorities": ("h.example:443",)}, "authority-mismatch", "'h.example'"),
        (
            put(headers=[("Host", "h" * 140)]),
            {"authorities": ("other.example",)},
            "authority-mismatch",
            repr("h" * 128),
        ),
        # token
        (also("late", ("X-Amz-Security-Token", "T")), {}, "token-not-signed", ""),
        (put(token="T"), {}, "token-unexpected", ""),
        # path
        (put(path="/a/../b"), {}, "path-not-normalised", "'/a/../b'"),
        (put(path="/a//b"), {}, "path-not-normalised", "'/a//b'"),
        (put(path="/%2E%2e/b"), {}, "path-not-normalised", "'/%2E%2e/b'"),
        (put(path="/./" + "p" * 140), {}, "path-not-normalised", repr("/./" + "p" * 125)),
        # payload
        (put(payload="STREAMING-A"), {}, "streaming-payload", "'STREAMING-A'"),
        (put(payload="STREAMING-" + "X" * 90), {}, "streaming-payload", repr("STREAMING-" + "X" * 54)),
        (put(payload="streaming-x"), {}, "payload-hash-format", "'streaming-x'"),
        (put(payload="unsigned-payload"), {}, "payload-hash-format", "'unsigned-payload'"),
        (put(payload=EMPTY.upper()), {}, "payload-hash-format", repr(EMPTY.upper())),
        (put(payload=EMPTY[:-1]), {}, "payload-hash-format", repr(EMPTY[:-1])),
        (put(payload=EMPTY + "00"), {}, "payload-hash-format", repr(EMPTY)),
        (put(payload=EMPTY + "\xa0"), {}, "payload-hash-format", repr(EMPTY)),
        (put(payload="g" * 64), {}, "payload-hash-format", repr("g" * 64)),
        # proof
        (put(signature="0" * 64), {}, "signature-mismatch", ""),
        (put(secret="another"), {}, "signature-mismatch", ""),
        (put(payload="0" * 64), {}, "payload-mismatch", ""),
        (put(body=b"x"), {}, "payload-mismatch", ""),
        (also("late", ("Host", "evil.example")), {}, "duplicate-header", "host"),
    ],
)  # fmt: skip
def test_refused(edit: Edit, allowed: "dict[str, Any]", reason: str, detail: str) -> None:
    assert reject(header(edit), allowed=allowed) == (reason, detail, None)


def test_refusals_that_say_which_option_accepts_them() -> None:
    typed = header(also("late", ("Content-Type", "a/b")))
    assert reject(typed) == ("content-type-unsigned", "", "--allow-unsigned content-type accepts it")
    assert judge(typed, allowed={"allow_unsigned": ("content-type",)}).uncovered == ("content-type",)
    open_ = header(put(payload="UNSIGNED-PAYLOAD"))
    assert reject(open_) == ("unsigned-payload", "", "--allow-unsigned-payload accepts it")
    assert judge(open_, allowed={"allow_unsigned_payload": True}).uncovered == ()
    unknown = header(put(body=None))
    assert reject(unknown) == ("body-unavailable", "", "--body-unchecked accepts it")
    found = judge(unknown, allowed={"body_unchecked": True})
    assert (found.covered[-1], found.uncovered) == ("x-amz-date", ("body",))


def test_one_header_may_be_opened_and_no_other() -> None:
    both = header(also("late", ("X-Amz-Acl", "a"), ("X-Amz-B", "b")))
    assert reject(both, allowed={"allow_unsigned": ("x-amz-acl",)})[:2] == ("unsigned-x-amz-header", "x-amz-b")
    assert judge(both, allowed={"allow_unsigned": ("x-amz-acl", "x-amz-b")}).uncovered == ("x-amz-acl", "x-amz-b")
    dateless = header(put(signed=["host", "x-amz-content-sha256"]))
    assert judge(dateless, allowed={"allow_unsigned": ("x-amz-date",)}).uncovered == ("x-amz-date",)


def test_a_presigned_url_has_its_date_in_the_query() -> None:
    """X-Amz-Date as a header beside it is a header that is not signed, like any other of that name."""
    beside = presigned(also("late", ("X-Amz-Date", STAMP)))
    assert reject(beside, allowed=S3) == ("unsigned-x-amz-header", "x-amz-date", None)


def test_required_headers_that_are_signed() -> None:
    found = judge(
        header(put(headers=[("Host", "h.example"), ("Range", "0-1")])), allowed={"required": ("range", "host")}
    )
    assert "range" in found.covered


def test_the_authority_is_compared_without_regard_to_case() -> None:
    allowed = {"authorities": ("other.example", "h.example")}
    assert judge(header(), allowed=allowed).warnings == ()
    assert judge(header(put(headers=[("Host", "H.Example")])), allowed=allowed).warnings == ()
    spaced = header().with_headers((("Host", "\t h.example "), *header().headers[1:]))
    assert judge(spaced, allowed=allowed).warnings == ()
    for host in ("XOther.example", "Other.exampleX", "\xa0h.example"):
        expected = ("authority-mismatch", repr(host.lower()), None)
        assert reject(header(put(headers=[("Host", host)])), allowed=allowed) == expected


@pytest.mark.parametrize(
    ("host", "target"),
    [
        ("h.example", "https://h.example/a"),
        ("h.example:443", "https://h.example/a"),
        ("h.example", "HTTPS://H.EXAMPLE:443/a"),
        ("h.example:80", "http://h.example/a"),
        ("h.example:8443", "https://h.example:8443/a"),
    ],
)
def test_a_target_in_absolute_form(host: str, target: str) -> None:
    request = header(put(headers=[("Host", host)]))
    assert judge(request.with_target(target)).access_key_id == ID


@pytest.mark.parametrize(
    ("host", "target", "named"),
    [
        ("h.example", "https://evil.example/a", "evil.example"),
        ("h.example", "https://h.example:8443/a", "h.example:8443"),
        ("h.example:80", "https://h.example/a", "h.example"),
        ("h.example:443", "http://h.example/a", "h.example"),
        ("h.example", f"https://{'e' * 140}/a", "e" * 128),
        ("h" * 140, "https://h/a", "h"),
    ],
)
def test_a_target_whose_host_is_another(host: str, target: str, named: str) -> None:
    request = header(put(headers=[("Host", host)])).with_target(target)
    expected = f"{named!r} in the target and {host[:128]!r} in Host"
    assert reject(request) == ("authority-mismatch", expected, None)


def test_the_asterisk_has_no_host() -> None:
    request = header(put(method="OPTIONS", path="*", signature="0" * 64))
    assert reject(request)[0] == "signature-mismatch"


TOKEN = access_key(token="T/+=")


def test_the_token_goes_with_its_key() -> None:
    assert judge(header(put(token="T/+=")), keys=[TOKEN]).access_key_id == ID
    assert judge(presigned(put(token="T/+=")), keys=[TOKEN], allowed=S3).access_key_id == ID
    assert reject(header(), keys=[TOKEN]) == ("token-missing", "", None)
    assert reject(presigned(), keys=[TOKEN], allowed=S3) == ("token-missing", "", None)
    for wrong in ("T/+", "T/+=x", "t/+=", "\xe9"):
        assert reject(header(put(token=wrong)), keys=[TOKEN]) == ("token-mismatch", "", None)
    assert reject(presigned(put(token="T")), allowed=S3) == ("token-unexpected", "", None)
    unsigned = header(also("late", ("X-Amz-Security-Token", "T/+=")))
    assert reject(unsigned, keys=[TOKEN]) == ("token-not-signed", "", None)
    assert (
        reject(unsigned, keys=[TOKEN], allowed={"allow_unsigned": ("x-amz-security-token",)})[0] == "token-not-signed"
    )


def test_paths_where_the_service_does_not_normalise() -> None:
    assert judge(s3(put(path="/a//b/../c")), allowed=S3).access_key_id == ID
    assert reject(s3(put(path="/a//b")), allowed={**S3, "normalize_path": True})[0] == "path-not-normalised"
    assert judge(header(put(path="/a//b")), allowed={"normalize_path": False}).access_key_id == ID


def test_how_often_a_path_is_encoded_is_the_service_s_or_the_policy_s() -> None:
    once = s3(put(path="/a%20b"))
    assert judge(once, allowed=S3).access_key_id == ID
    assert reject(once, allowed={**S3, "double_encode": True})[0] == "signature-mismatch"
    assert reject(header(put(path="/a%20b")))[0] == "signature-mismatch"
    assert judge(header(put(path="/a%20b")), allowed={"double_encode": False}).access_key_id == ID


# ------------------------------------------------------------------------------------------------------------- payload

HELLO = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"


def test_a_body_without_a_declared_hash_is_hashed() -> None:
    bare = put(payload=None)
    assert judge(header(bare, body=b"hello")).covered[-1] == "body"
    assert reject(header(bare, put(signature="0" * 64), body=b"hello"))[0] == "signature-mismatch"
    assert reject(header(bare, put(body=None))) == (
        "body-unavailable",
        "and the request does not declare its hash",
        None,
    )
    assert (
        reject(header(bare, put(body=None)), allowed={"body_unchecked": True, "allow_unsigned_payload": True})[0]
        == "body-unavailable"
    )


def test_spaces_around_a_declared_hash_are_the_header_s() -> None:
    request = header()
    spaced = request.with_headers(
        tuple((name, f" \t{value} " if name == "X-Amz-Content-Sha256" else value) for name, value in request.headers)
    )
    assert judge(spaced).covered[-1] == "body"


def query_hash(word: str, inside: str, body: "bytes | None" = b"hello", service: str = SERVICE) -> Request:
    """A presigned URL that declares *word* in its query and signs *inside*."""
    made = Crafted(put(query=f"X-Amz-Content-Sha256={word}", method="PUT"), body=b"hello", service=service)
    made.body = body
    return made.presigned(inside)


@pytest.mark.parametrize("service", [SERVICE, "s3"])
def test_a_hash_declared_in_the_query_is_the_body_s(service: str) -> None:
    allowed = {"service": service}
    found = judge(query_hash(HELLO, HELLO, service=service), allowed=allowed)
    assert (found.covered[-1], found.uncovered) == ("body", ())
    assert reject(query_hash(HELLO, "UNSIGNED-PAYLOAD", service=service), allowed=allowed)[0] == "signature-mismatch"
    assert reject(query_hash(HELLO, HELLO, b"x", service), allowed=allowed) == ("payload-mismatch", "", None)
    assert reject(query_hash(HELLO, HELLO, None, service), allowed=allowed)[0] == "body-unavailable"
    assert reject(query_hash(HELLO[1:], HELLO, service=service), allowed=allowed) == (
        "payload-hash-format",
        repr(HELLO[1:]),
        None,
    )
    assert reject(query_hash("STREAMING-X", "x", service=service), allowed=allowed)[0] == "streaming-payload"
    word = "UNSIGNED-PAYLOAD"
    assert reject(query_hash(word, word, service=service), allowed=allowed) == (
        "unsigned-payload",
        "",
        "--allow-unsigned-payload accepts it",
    )
    open_ = judge(query_hash(word, word, service=service), allowed={**allowed, "allow_unsigned_payload": True})
    assert (open_.covered[-1], open_.uncovered) == ("host", ("body",))
    assert judge(query_hash(word, word, b"", service), allowed=allowed).uncovered == ()


def test_a_hash_declared_in_a_header_wins_over_the_query_s() -> None:
    headers = [("Host", "h.example"), ("X-Amz-Content-Sha256", HELLO)]
    made = Crafted(put(query=f"X-Amz-Content-Sha256={EMPTY}", headers=headers), body=b"hello")
    assert judge(made.presigned(HELLO)).covered[-1] == "body"
    made = Crafted(put(query=f"X-Amz-Content-Sha256={EMPTY}", headers=headers), body=b"hello")
    assert reject(made.presigned(EMPTY))[0] == "signature-mismatch"


def test_a_presigned_body_of_s3_is_never_covered() -> None:
    assert reject(presigned(body=b"x"), allowed=S3) == ("unsigned-payload", "", "--allow-unsigned-payload accepts it")
    assert reject(presigned(put(body=None)), allowed=S3)[0] == "unsigned-payload"
    found = judge(presigned(put(body=None)), allowed={**S3, "allow_unsigned_payload": True})
    assert found.uncovered == ("body",)
    assert reject(s3(put(payload="UNSIGNED-PAYLOAD")), allowed=S3)[0] == "unsigned-payload"


def test_a_key_that_reaches_no_such_scope_is_named() -> None:
    assert reject(header(), keys=[subkey()]) == (
        "subkey-out-of-scope",
        f"20261123/{REGION}/{SERVICE}/aws4_request; held: {SCOPE}",
        None,
    )
    assert reject(header(), keys=[]) == ("unknown-access-key", f"'{ID}'", None)
    assert reject(header(), keys=[access_key("")]) == ("no-secret", "", None)


# ------------------------------------------------------------------------------------------------------------ warnings


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (put(query="a=1&a=2"), ("duplicate-query",)),
        (put(headers=[("Host", "h.example"), ("X-A", "1"), ("x-a", "2")]), ("duplicate-header",)),
        (also("late", ("X-A", "1"), ("x-a", "2")), ("duplicate-header",)),
        (put(headers=[("Host", "h.example"), ("Date", "x")]), ("date",)),
        (
            put(query="a=1&a=1", headers=[("Host", "h.example"), ("Date", "x"), ("date", "y")]),
            ("duplicate-query", "duplicate-header", "date"),
        ),
    ],
)
def test_warnings(edit: Edit, words: "tuple[str, ...]") -> None:
    assert judge(header(edit)).warnings == ("authority-not-compared", *words)
    assert judge(header(edit), allowed={"authorities": ("h.example",)}).warnings == words


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/a%0Ab", ("control",)),
        ("/a%1F", ("control",)),
        ("/a%7F", ("control",)),
        ("/%00", ("control",)),
        ("/a%20b", ()),
        ("/a%80", ()),
        ("/a%FF", ()),
    ],
)
def test_a_control_character_in_a_path_is_a_warning(path: str, words: "tuple[str, ...]") -> None:
    allowed = {**S3, "authorities": ("h.example",)}
    assert judge(s3(put(path=path)), allowed=allowed).warnings == words


def test_twice_the_query_s_name_in_another_spelling_is_the_same_name() -> None:
    allowed = {**S3, "authorities": ("h.example",)}
    request = s3(put(query="a=1&a=2"))
    assert judge(request.with_target("/a?%61=1&a=2"), allowed=allowed).warnings == ("duplicate-query",)


# ----------------------------------------------------------------------------------------------------------- the order

IN_HEADER: "list[tuple[str, Edit]]" = [
    ("request-line-syntax", put(method="G T")),
    ("target-syntax", lambda one: setattr(one, "more", one.more + "#")),
    ("header-syntax", also("late", ("X-Q", "\0"))),
    ("header-name-ambiguous", also("late", ("a_b", "1"), ("a-b", "1"))),
    ("duplicate-header", also("late", ("X-Amz-Content-Sha256", EMPTY))),
    ("multiple-authorization", put(authorizations=2)),
    ("multiple-auth-locations", lambda one: setattr(one, "more", "X-Amz-Credential=" + one.more)),
    ("algorithm", put(label="AWS4-HMAC-SHA512")),
    ("authorization-syntax", put(tail=", X=1")),
    ("date-missing", also("dropped", "x-amz-date")),
    ("signature-format", put(signature="0" * 63)),
    ("date-format", put(stamp="20261123T090060Z")),
    ("scope-format", put(end="aws5_request")),
    ("scope-date", put(day="20261131")),
    ("not-yet-valid", put(stamp="20261124T000501Z")),
    ("scope-date-mismatch", put(day="20261122")),
    ("scope-region", put(region="eu-west-1")),
    ("scope-service", put(service="sqs")),
    ("unknown-access-key", put(id="AKIDOTHER")),
    ("signed-headers", put(signed=["x-amz-date", "x-amz-date"])),
    ("signed-header-missing", put(signed=["x-amz-date", "x-none"])),
    ("host-not-signed", put(signed=["x-amz-date"])),
    ("content-type-unsigned", also("late", ("Content-Type", "a/b"))),
    ("unsigned-x-amz-header", also("late", ("X-Amz-A", "a"))),
    ("required-component", put(demands=("x-r",))),
    ("authority-mismatch", put(headers=[("Host", "other.example")])),
    ("token-unexpected", put(token="T")),
    ("path-not-normalised", put(path="/a//b")),
    ("payload-hash-format", put(payload="x")),
    ("signature-mismatch", put(signature="0" * 64)),
    ("payload-mismatch", put(payload="0" * 64)),
]
IN_QUERY: "list[tuple[str, Edit]]" = [
    ("target-syntax", put(query="a=#")),
    ("duplicate-header", also("late", ("Host", "i"))),
    ("multiple-authorization", also("late", ("Authorization", "a"), ("Authorization", "b"))),
    ("multiple-auth-locations", also("late", ("Authorization", "a"))),
    ("duplicate-parameter", put(more="x-amz-signature=0")),
    ("missing-parameter", also("dropped", "X-Amz-SignedHeaders")),
    ("algorithm", put(label="AWS4-HMAC-SHA512")),
    ("signature-format", put(signature="0" * 63)),
    ("date-format", put(stamp="20261123T090060Z")),
    ("expires-format", put(expires="1e3")),
    ("expires-range", put(expires="604801")),
    ("scope-format", put(end="aws5_request")),
    ("scope-date", put(day="20261131")),
    ("not-yet-valid", put(stamp="20261124T000501Z")),
    ("expires-range", put(expires="604800")),
    ("expired", put(stamp="20261123T000000Z")),
    ("scope-date-mismatch", put(day="20261122")),
    ("scope-region", put(region="eu-west-1")),
    ("scope-service", put(service="sqs")),
    ("unknown-access-key", put(id="AKIDOTHER")),
    ("signed-headers", put(signed=["Host"])),
    ("signed-header-missing", put(signed=["a", "host"])),
    ("host-not-signed", lambda one: (one.headers.append(("A", "b")), setattr(one, "signed", ["a"]))),
    ("content-type-unsigned", also("late", ("Content-Type", "a/b"))),
    ("token-unexpected", put(token="T")),
    ("unsigned-payload", put(body=b"x")),
    ("signature-mismatch", put(signature="0" * 64)),
]
HASHED = "x-amz-content-sha256"
# pairs of which both faults are in one field
JOINED: "list[tuple[str, Edit, dict[str, Any]]]" = [
    ("date-format", put(stamp="20261124T000560Z"), {}),
    ("not-yet-valid", put(stamp="20261124T000501Z", day="20261123"), {}),
    ("expired", put(stamp="20261122T235959Z", day="20261123"), {}),
    ("expired", put(stamp="20261123T000000Z", day="20261122"), {}),
    ("expired", put(stamp="20261123T000000Z", region="eu-west-1"), {}),
    ("signed-headers", put(signed=["x-none", "host"]), {}),
    ("signed-header-missing", put(signed=["x-amz-date", "x-none"]), {}),
    ("host-not-signed", put(signed=["x-amz-content-sha256"]), {}),
    # what is present and not signed is judged in the order of the names
    ("content-type-unsigned", lambda one: (put(signed=["host"])(one), one.late.append(("Content-Type", "a"))), {}),
    ("unsigned-x-amz-header", put(signed=["host"]), {}),
    ("date-not-signed", lambda one: (put(signed=["host", HASHED])(one), one.late.append(("X-Amz-E", ""))), {}),
    ("date-not-signed", put(signed=["host", "x-amz-content-sha256"]), {"required": ("x-r",)}),
    ("token-not-signed", also("late", ("X-Amz-Security-Token", "T")), {"keys": [access_key(token="U")]}),
    ("token-not-signed", lambda one: (put(path="/a//b")(one), one.late.append(("X-Amz-Security-Token", "T"))), {}),
    ("authority-mismatch", also("late", ("X-Amz-Security-Token", "T")), {"authorities": ("i.example",)}),
    ("token-missing", put(path="/a//b"), {"keys": [TOKEN]}),
    ("token-mismatch", put(path="/a//b", token="U"), {"keys": [TOKEN]}),
    ("streaming-payload", put(payload="STREAMING-X", signature="0" * 64), {}),
    ("unsigned-payload", put(payload="UNSIGNED-PAYLOAD", signature="0" * 64), {}),
    ("path-not-normalised", put(path="/a//b", payload="STREAMING-X"), {}),
    ("body-unavailable", put(payload=None, body=None, signature="0" * 64), {}),
    ("signature-mismatch", put(body=None, signature="0" * 64), {}),
    ("signature-mismatch", put(body=b"x", signature="0" * 64), {}),
    ("no-secret", put(signed=["x-amz-date", "host"]), {"keys": [access_key("")]}),
    ("subkey-out-of-scope", put(signed=["x-amz-date", "host"]), {"keys": [subkey()]}),
    ("scope-service", put(service="sqs"), {"keys": [subkey()]}),
]  # fmt: skip


@pytest.mark.parametrize(("reason", "edit", "more"), JOINED)
def test_of_two_faults_in_one_place_the_earlier_one_is_named(reason: str, edit: Edit, more: "dict[str, Any]") -> None:
    allowed = dict(more)
    keys = allowed.pop("keys", None)
    request = Crafted(put(headers=[("Host", "h.example")]), edit).header()
    assert reject(request, keys=keys, allowed=allowed)[0] == reason


def apart(faults: "list[tuple[str, Edit]]") -> "list[tuple[int, int]]":
    """Return every pair of faults, the adjacent ones first, that can stand in one request."""
    pairs = [(i, j) for i in range(len(faults)) for j in range(i + 1, len(faults))]
    return [pair for pair in pairs if not fields(faults[pair[0]][1]) & fields(faults[pair[1]][1])]


def fields(edit: Edit) -> "set[str]":
    """Return the fields that an edit replaces."""
    one, plain = Crafted(), Crafted()
    edit(one)
    return {
        name
        for name, value in vars(one).items()
        if value != vars(plain)[name] and name not in ("edits", "late", "dropped", "more")
    }


ALL = [("header", IN_HEADER, i, j) for i, j in apart(IN_HEADER)] + [
    ("query", IN_QUERY, i, j) for i, j in apart(IN_QUERY)
]


@pytest.mark.parametrize(
    ("way", "faults", "first", "second"), ALL, ids=[f"{way}-{f[i][0]}-{f[j][0]}-{j - i}" for way, f, i, j in ALL]
)
def test_of_two_faults_the_earlier_one_is_named(
    way: str, faults: "list[tuple[str, Edit]]", first: int, second: int
) -> None:
    made = Crafted(faults[first][1], faults[second][1], service=SERVICE if way == "header" else "s3")
    request = made.header() if way == "header" else made.presigned()
    allowed = {"authorities": ("h.example",), "required": made.demands}
    allowed |= {} if way == "header" else {**S3, "max_expires": 604799}
    assert reject(request, allowed=allowed)[0] == faults[first][0]


def test_no_pair_was_lost() -> None:
    assert (len(IN_HEADER), len(IN_QUERY), len(ALL)) == (31, 27, 798)
    for faults in (IN_HEADER, IN_QUERY):
        for reason, _ in faults:
            assert reason in REASONS


def test_a_scheme_that_writes_its_day_with_dashes() -> None:
    """The day of the scope and the day of the request are compared as days."""
    row = Derived("tc", TC3, "X-Amz-")
    scope = parse_scope("2026-11-23/cvm/tc3_request", TC3)
    signing = subkey(str(scope), chain=TC3)
    ask = Request("GET", "/a", (("Host", "h.example"),))
    request = sign(ask, Credential(ID, scope, signing.key, None), Settings(), AT, row).request
    found = verify(request, [signing], Policy(None, "cvm"), AT, row)
    assert (found.scope, found.signed_at) == ("2026-11-23/cvm/tc3_request", AT)
    other = subkey("2026-11-24/cvm/tc3_request", chain=TC3)
    request = sign(ask, Credential(ID, other.scope, other.key, None), Settings(), AT, row).request
    with pytest.raises(Rejected) as caught:
        verify(request, [other], Policy("us-east-1", "cvm"), AT, row)
    assert (caught.value.reason, caught.value.detail) == ("scope-date-mismatch", f"2026-11-24 and {STAMP}")


SESSION_END = AT + timedelta(minutes=2)


@pytest.mark.parametrize(("seconds", "valid"), [(0, True), (120, True), (121, False)])
def test_a_session_that_has_ended_verifies_nothing(seconds: int, valid: bool) -> None:
    key = AccessKey(ID, Secret(SECRET.encode()), session_token=Secret(b"T"), expires_at=SESSION_END)
    request = Request("GET", "/a", (("Host", "b.s3.us-east-1.amazonaws.com"),))
    scope = {"region": "us-east-1", "service": "s3"}
    signed = api.sign_request(request, [key], at=AT, **scope)  # type: ignore[arg-type]
    policy = Policy("us-east-1", "s3")
    at = AT + timedelta(seconds=seconds)
    if valid:
        assert api.verify_request(signed.request, [key], policy, at=at).replayable_until == SESSION_END
    else:
        with pytest.raises(Rejected) as caught:
            api.verify_request(signed.request, [key], policy, at=at)
        assert (caught.value.reason, caught.value.detail) == (
            "expired",
            f"its session ended at {SESSION_END:%Y-%m-%dT%H:%M:%SZ}",
        )
    endless = AccessKey(ID, Secret(SECRET.encode()), session_token=Secret(b"T"))
    assert api.verify_request(signed.request, [endless], policy, at=at).access_key_id == ID


@pytest.mark.parametrize("name", ["acs3", "huawei"])
def test_a_session_of_a_secret_that_signs_by_itself(name: str) -> None:
    key = AccessKey(ID, Secret(b"s"), session_token=Secret(b"T"), expires_at=SESSION_END)
    request = Request("GET", "/a", (("Host", "h.example"), ("x-acs-action", "A"), ("x-acs-version", "1")))
    signed = api.sign_with(name, request, [key], at=AT)
    assert api.verify_with(name, signed.request, [key], at=SESSION_END).replayable_until == SESSION_END
    with pytest.raises(Rejected) as caught:
        api.verify_with(name, signed.request, [key], at=SESSION_END + timedelta(seconds=1))
    assert caught.value.reason == "expired"
