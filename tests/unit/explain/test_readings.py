"""Which readings does a row of the table try, where the request gives it less or more to go by than usual?"""

import time
from datetime import datetime, timezone
from typing import Any

import pytest

from authkit.explain import reclaim, reheader, retarget, search
from authkit.explain.case import Case, build_case
from authkit.explain.causes import Cause
from authkit.explain.diff import Difference
from authkit.explain.nearest import nearest_path, nearest_query
from authkit.explain.owners import ALTERED, OTHER_ID, list_owners
from authkit.explain.server import ServerError
from authkit.explain.view import View, split_canonical
from authkit.keys.access import AccessKey
from authkit.messages.request import Request, parse_request
from authkit.schemes.canonical import canonical_request
from authkit.schemes.derived import AWS4
from authkit.secret import Secret
from plainsigner import EMPTY, ID, REGION, STAMP, Plain

NO_OPTIONS: "dict[str, str | None]" = {"region": None, "service": None}


def case_of(sent: "Plain | Request", **options: "str | None") -> tuple[Case, View]:
    request = parse_request(sent.message()) if isinstance(sent, Plain) else sent
    case = build_case(request, AWS4, None, None, {**NO_OPTIONS, **options}, (None, None))
    assert case.view is not None
    return case, case.view


def sent(url: str = "/", service: str = "s3", host: str = "example.com", **headers: str) -> Plain:
    made = Plain(url=url, service=service, **headers)
    made.sent[0] = ("Host", host)
    return made


@pytest.mark.parametrize(
    "made",
    [
        sent("/a%20b/../c=?b&a=1&a=0&c=%2f+", X_Amz_Meta_A="a  b\tc"),
        sent("//a/./b=?x=%7e&&y==", service="es", Content_Type="text/plain"),
        sent("/?a=1&b=2&"),
    ],
)
def test_the_first_view_is_the_request_as_the_scheme_reads_it(made: Plain) -> None:
    case, view = case_of(made)
    assert case.claim is not None
    expected = canonical_request(case.claim.request, case.claim.signed, view.payload, case.rules)
    assert view.canonical() == expected
    assert case.tokens == ()


def test_a_view_keeps_what_does_not_change_and_nothing_else() -> None:
    _, view = case_of(sent("/?b=1&a=2"))
    assert (view.query, view.lines.count("\n"), view.work) == ("a=2&b=1", 3, 8)
    assert view.but(order=list).query == "b=1&a=2"
    assert view.but(pairs=("c=3",)).query == "c=3"
    assert view.but(encoding=str.upper).query == "A=2&B=1"
    assert view.but(signed=("host",)).lines == "host:example.com\n"
    assert view.but(headers={"host": "b"}).lines.startswith("host:b\n")
    assert view.but(headers={}).lines.startswith("host:\n")
    assert view.but(path="/x").work == 8
    assert view.but(pairs=("a=1", "b=2", "c=3")).work == 8 + 4 * 3
    assert view.but(signed=("host", "x-b")).work == 8 + 2
    assert view.but(path="/x").query == "a=2&b=1"


def details(readings: "Any") -> "list[str]":
    return [detail for detail, _ in readings]


def hosts(host: str, **more: str) -> "list[str]":
    return details(reheader.other_host(*case_of(sent(host=host, **more))))


def test_the_hosts_that_are_tried() -> None:
    assert hosts("example.com") == ["example.com:443", "example.com:80", "EXAMPLE.COM", "com", "example.com."]
    assert hosts("a.B:8080") == ["a.B", "a.B:443", "a.B:80", "a.b:8080", "a.b", "A.B:8080", "B", "a.B."]
    assert hosts("localhost:81") == ["localhost", "localhost:443", "localhost:80", "LOCALHOST:81", "127.0.0.1:81"]
    assert hosts("127.0.0.1:81")[-2:] == ["localhost", "localhost:81"]
    assert hosts("x", X_Original_Host="y, ,z", X_Forwarded_Host="w")[2:] == ["X", "w", "y", "z"]
    assert hosts(":80") == [":80:443", ":80:80"]
    assert "[::1]" in hosts("[::1]:80")


def test_a_plain_http_request_has_another_default_port() -> None:
    case, view = case_of(parse_request(sent().message(), scheme="http"))
    assert details(reheader.other_host(case, view))[0] == "example.com:80"


def test_a_request_without_a_host_tries_no_prefix() -> None:
    made = Plain(url="/a")
    made.sent = made.sent[1:]
    assert details(retarget.path_prefix(*case_of(made))) == []
    assert details(retarget.path_prefix(*case_of(sent("/a", host=".x")))) == []


def test_prefixes_of_up_to_three_segments_are_tried() -> None:
    assert details(retarget.path_prefix(*case_of(sent("/a/b/c/d/e")))) == [
        "without '/a'",
        "without '/a/b'",
        "without '/a/b/c'",
        "with '/example' before it",
    ]
    long = "x" * 100
    assert details(retarget.path_prefix(*case_of(sent(f"/{long}/b", host=f"{long}.y")))) == [
        f"without '/{long}'"[:80],
        f"with '/{long}' before it"[:80],
    ]


def test_methods_that_are_tried() -> None:
    assert details(retarget.other_method(*case_of(Plain("get")))) == list(retarget.METHODS)
    assert details(retarget.other_method(*case_of(Plain("PUT")))) == [
        "GET",
        "HEAD",
        "POST",
        "DELETE",
        "PATCH",
        "OPTIONS",
        "put",
    ]


def test_a_path_of_s3_is_not_encoded_thrice() -> None:
    assert details(retarget.path_thrice(*case_of(sent("/a%20")))) == []
    assert len(details(retarget.path_thrice(*case_of(sent("/a%20", service="es"))))) == 1


def test_the_session_token_is_no_header_like_others() -> None:
    case, view = case_of(sent(X_Amz_Security_Token="abc"))
    assert details(reheader.one_less(case, view)) == ["host", "x-amz-content-sha256", "x-amz-date"]
    unsigned = sent(X_Amz_Security_Token="abc", Accept="*/*", User_Agent="x")
    unsigned.wrong = {"signed": ["host"]}
    case, view = case_of(unsigned)
    assert details(reheader.one_more(case, view)) == [
        "x-amz-date",
        "x-amz-content-sha256",
        "accept",
        "user-agent",
        "every header",
    ]
    every = list(reheader.one_more(case, view))[-1][1]
    assert every.signed == ("accept", "host", "x-amz-content-sha256", "x-amz-date", "x-amz-security-token")


def test_a_token_in_the_query_is_left_out_of_the_query() -> None:
    url = "/?X-Amz-Security-Token=abc&a=1"
    assert [view.query for _, view in reheader.no_token(*case_of(sent(url)))][-1] == "a=1"


def test_only_so_many_headers_are_varied() -> None:
    names = [f"X_Amz_Meta_{number:02}" for number in range(70)]
    made = sent(**dict.fromkeys(names, "A,b"))
    case, view = case_of(made)
    assert len(details(reheader.one_less(case, view))) == reheader.MAX_HEADERS == 64
    assert len(set(details(reheader.list_member(case, view)))) == 64 - 3
    assert len(details(reheader.letter_case(case, view))) == 64 - 2
    made.wrong = {"signed": ["host"]}
    assert len(details(reheader.one_more(*case_of(made)))) == 64 + 1
    made.wrong = {"listed": ["host", *[f"x-{number:02}" for number in range(70)]]}
    assert len(details(reheader.missing_header(*case_of(made)))) == 63
    made = sent(**{f"A{number:02}": "x" for number in range(70)}, Content_Length="0")
    assert details(reheader.usual_value(*case_of(made))) == []


def listed(*headers: tuple[str, str], names: str) -> Request:
    """Return a request with these headers whose made-up signature covers *names*."""
    scope = f"{ID}/20261123/{REGION}/s3/aws4_request"
    signature = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders={names}, Signature={'ab' * 32}"
    return Request("GET", "/", (("Host", "a.b"), ("X-Amz-Date", STAMP), *headers, ("Authorization", signature)))


def test_the_usual_values_of_headers() -> None:
    names = ("accept", "accept-encoding", "connection", "content-length", "expect", "te", "transfer-encoding", "x-b")
    present = [(name, reheader.USUAL.get(name, ("5",))[0]) for name in names]
    case, view = case_of(listed(*present, names=";".join(names)))
    codings = ["gzip", "gzip, deflate", "gzip, deflate, br", "gzip, deflate, br, zstd"]
    others = [
        *["accept: application/json", *[f"accept-encoding: {one}" for one in codings]],
        *["connection: close", "connection: Keep-Alive", "content-length: 0", "content-length: "],
    ]
    assert details(reheader.usual_value(case, view)) == [f"'{one}'" for one in others]
    case, view = case_of(listed(names=";".join(names)))
    missing = details(reheader.missing_header(case, view))
    usual = [f"'{name}: {value}'" for name in names for value in reheader.USUAL.get(name, ())]
    assert [one for one in missing if one.startswith("'") and "length" not in one] == usual
    assert [one for one in missing if one.startswith("no ")] == [f"no {name}" for name in names]
    case, view = case_of(listed(("Content-Type", "a/b ; c=d"), names="content-type"))
    assert details(reheader.usual_value(case, view))[-4:] == [
        *["'content-type: a/b'", "'content-type: a/b; charset=utf-8'"],
        *["'content-type: a/b; charset=UTF-8'", "'content-type: a/b;charset=utf-8'"],
    ]


def test_a_body_that_is_not_known_has_no_hash_to_try() -> None:
    request = parse_request(sent().message()).with_body(None, None)
    case, view = case_of(request)
    assert details(reheader.body_hash(case, view)) == []
    case, view = case_of(listed(names="content-length").with_body(None, None))
    assert details(reheader.missing_header(case, view)) == [
        "'content-length: 0'",
        "'content-length: 0'",
        "no content-length",
    ]
    case, view = case_of(listed(names="content-length").with_body("ab" * 32, 7))
    assert details(reheader.missing_header(case, view)) == [
        "'content-length: 7'",
        "'content-length: 0'",
        "no content-length",
    ]


def at(**headers: str) -> "list[str]":
    return details(reclaim.date_header(*case_of(sent(**headers))))


def test_the_dates_that_are_tried() -> None:
    assert at(Date="Mon, 23 Nov 2026 10:00:00 +0100") == [STAMP]
    assert at(Date="Mon, 23 Nov 2026 09:00:00 -0000") == [STAMP]
    assert at(Date=STAMP) == [STAMP]
    assert at(Date="yesterday") == []
    assert at(Date="Mon, 23 Nov 99999 10:00:00 +0100") == []
    assert at(Date="Mon, 23 Nov 2026 10:00:00 +999999") == []
    assert at() == []


def test_the_ends_of_the_calendar_move_nowhere() -> None:
    for stamp, count in (
        ("00010101T000000Z", 0),
        ("99991231T235959Z", 0),
        ("00020101T000000Z", 56),
        ("99981231T235959Z", 56),
    ):
        made = sent()
        made.sent[1] = ("X-Amz-Date", stamp)
        made.stamp, made.day = stamp, stamp[:8]
        case, view = case_of(made)
        assert len(details(reclaim.time_zone(case, view))) == count
        assert len(details(reclaim.near_second(case, view))) == min(count, 4)
        assert len(details(reclaim.other_day(case, view))) == min(count, 4)
    case, view = case_of(sent())
    assert details(reclaim.time_zone(case, view.but(stamp="soon"))) == []
    assert details(reclaim.near_second(case, view.but(stamp="soon"))) == []
    assert details(reclaim.other_day(case, view.but(stamp="soon"))) == ["20261122"] * 2 + ["20261124"] * 2
    assert details(reclaim.time_zone(case, view))[:4] == [
        "20261123T083000Z",
        "20261123T093000Z",
        "20261123T080000Z",
        "20261123T100000Z",
    ]
    assert details(reclaim.time_zone(case, view))[-1] == "20261123T230000Z"


def test_regions_and_services_come_from_what_was_said_then_the_host_then_habit() -> None:
    made = sent(host="b.s3-mars-1.x_y.aws.example:80")
    case, view = case_of(made, region="venus-1", service="odd service")
    regions = details(reclaim.other_region(case, view))
    assert regions[:6] == ["venus-1", "b", "s3-mars-1", "x_y", "aws", "example"]
    assert regions[6:] == ["mars-1", *[one for one in reclaim.REGIONS if one != REGION]]
    services = details(reclaim.other_service(case, view))
    assert services[:6] == ["b", "s3-mars-1", "x_y", "aws", "example", "mars-1"]
    assert services[6:] == [one for one in reclaim.SERVICES if one != "s3"]
    many = case_of(sent(host=".".join("abcdefghij")))
    assert details(reclaim.other_region(*many))[:9] == [*"abcdefgh", "us-east-2"]


@pytest.mark.parametrize(
    ("ours", "theirs", "word", "sentence"),
    [
        ("/%25252520", "/%20", "path-encoding", "it percent-encoded the path in another way"),
        ("/%2525252520", "/%20", "unknown", "it has another path"),
        ("/a%", "/a", "unknown", "it has another path"),
        ("/a%2", "/a%2", "path-encoding", "it percent-encoded the path in another way"),
        ("/%2E/a", "/a", "path-normalisation", "it treated dot segments or empty segments of the path in another way"),
    ],
)
def test_paths_that_no_row_explains(ours: str, theirs: str, word: str, sentence: str) -> None:
    assert nearest_path(ours, theirs, "it") == (word, sentence)


@pytest.mark.parametrize(
    ("ours", "theirs", "word", "sentence"),
    [
        ("a=1&b=", "b&a=1", "query-encoding", "it percent-encoded the query in another way"),
        ("a%20b=1", "a+b=1", "query-encoding", "it percent-encoded the query in another way"),
        ("a=%20b", "a=+b", "query-encoding", "it percent-encoded the query in another way"),
        ("a%2520=1", "a%20=1", "query-encoding", "it percent-encoded the query in another way"),
        ("a=1", f"a=1&{'x' * 70}=1", "unknown", f"it has the query parameter '{'x' * 64}', which the request does not"),
        ("", "a=1", "unknown", "it has the query parameter 'a', which the request does not"),
        ("a=1&a=1", "a=1", "unknown", "it has another value of the query parameter 'a'"),
        ("a=1&b=1", "a=2&b=1", "unknown", "it has another value of the query parameter 'a'"),
        ("a=%e9", "a=%e8", "unknown", "it has another value of the query parameter 'a'"),
    ],
)
def test_queries_that_no_row_explains(ours: str, theirs: str, word: str, sentence: str) -> None:
    assert nearest_query(ours, theirs, "it") == (word, sentence)


def test_a_canonical_request_is_taken_apart() -> None:
    parts = split_canonical("GET\n/\na=1\nhost:a:b\nx:\n\nhost;x\nhash\n\n")
    assert parts is not None
    assert (parts.method, parts.path, parts.query, parts.signed, parts.payload) == ("GET", "/", "a=1", "host;x", "hash")
    assert parts.headers == (("host", "a:b"), ("x", ""))
    for text in ("", "GET\n/\n\n\nhost", "GET\n/\n\nhost:x\nhost\nhash", "GET\n/\n\nhost\n\nhost\nhash"):
        assert split_canonical(text) is None
    least = split_canonical("GET\n/\n\n\n\nhash")
    assert least is not None
    assert (least.headers, least.signed) == ((), "")


def test_what_the_tests_sign_is_what_they_say() -> None:
    made = sent("/a?b=1")
    assert made.canonical() == (
        f"GET\n/a\nb=1\nhost:example.com\nx-amz-content-sha256:{EMPTY}\nx-amz-date:{STAMP}\n\n"
        f"host;x-amz-content-sha256;x-amz-date\n{EMPTY}"
    )
    assert made.authorization().startswith(f"AWS4-HMAC-SHA256 Credential={ID}/20261123/{REGION}/s3/aws4_request, ")


def stamps(readings: "Any") -> "list[str]":
    return [view.stamp for _, view in readings]


def test_the_moments_away_from_an_instant() -> None:
    case, view = case_of(sent())
    assert stamps(reclaim.near_second(case, view)) == [
        *["20261123T085959Z", "20261123T090001Z"],
        *["20261123T085958Z", "20261123T090002Z"],
    ]


def test_a_date_without_a_zone_is_in_utc_wherever_the_machine_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        assert at(Date="Mon, 23 Nov 2026 09:00:00 -0000") == [STAMP]
        said: "dict[str, str | None]" = {"region": REGION, "service": "s3"}
        late = datetime(2026, 11, 23, 23, tzinfo=timezone.utc)
        case = build_case(listed(names="host").with_headers(()), AWS4, ServerError("xml"), late, said, (None, None))
        assert case.view is not None
        assert (case.view.scope[0], case.view.stamp) == ("20261123", "20261123T230000Z")
    finally:
        monkeypatch.undo()
        time.tzset()


def test_the_days_that_are_tried() -> None:
    made = sent()
    made.day = "20261101"
    days = details(reclaim.other_day(*case_of(made)))
    assert days == ["20261123"] * 2 + ["20261031"] * 2 + ["20261102"] * 2


def test_the_values_of_a_repeated_header() -> None:
    made = sent(X_A="1")
    made.sent += [("X-A", "2  3"), ("x-a", "4")]
    case, view = case_of(made)
    readings = list(reheader.repeated_header(case, view))
    assert [detail for detail, _ in readings] == ["the first x-a alone", "the last x-a alone", "x-a joined by ', '"]
    assert [reading.headers["x-a"] for _, reading in readings] == ["1", "4", "1, 2 3, 4"]


def test_the_members_of_a_list() -> None:
    case, view = case_of(sent(X_A="1 , 2 , 3", X_B=" ,"))
    readings = [(detail, reading.headers[detail]) for detail, reading in reheader.list_member(case, view)]
    assert readings == [("x-a", "1 , 2"), ("x-a", "1"), ("x-a", "2 , 3"), *[("x-b", "")] * 3]


def test_the_spaces_of_every_header() -> None:
    request = listed(("X-A", " a  b "), names="host;x-a")
    case, view = case_of(request)
    assert [reading.headers["x-a"] for _, reading in reheader.spaces_kept(case, view)] == ["a  b", " a  b "]
    assert {tuple(reading.headers) for _, reading in reheader.spaces_kept(case, view)} == {tuple(view.headers)}


def test_a_host_of_several_labels() -> None:
    assert "b.c" in hosts("a.b.c")
    assert "a.b" in hosts("a.b.")
    assert hosts("a.b.")[-1] == "a.b.."


def test_the_whole_list_for_a_content_type() -> None:
    case, view = case_of(listed(("Content-Type", "text/plain"), names="content-type"))
    assert details(reheader.usual_value(case, view)) == [
        f"'content-type: {value}'"
        for value in [
            *[value for value in reheader.USUAL["content-type"] if value != "text/plain"],
            *["text/plain; charset=utf-8", "text/plain; charset=UTF-8", "text/plain;charset=utf-8"],
        ]
    ]


def test_long_names_are_cut() -> None:
    name = "x" * 100
    case, view = case_of(listed(names=f"{name}"))
    assert details(reheader.missing_header(case, view)) == [f"no {name}"[:80]]
    assert details(reheader.one_less(case, view)) == [name[:64]]
    case, view = case_of(listed((name, "a"), names="host;x-amz-date"))
    assert details(reheader.one_more(case, view)) == [name[:64], "every header"]


def test_a_token_with_an_equals_sign_in_the_query() -> None:
    readings = list(reheader.no_token(*case_of(sent("/?X-Amz-Security-Token=abc==&a=1"))))
    assert readings[-1][1].pairs == ("a=1",)


def test_a_cause_is_made_of_its_parts() -> None:
    def resign(case: Case, view: View) -> "Any":
        return iter(())

    cause = Cause("time", "{who} a {detail}", "b", resign)
    assert (cause.word, cause.sentence, cause.advice, cause.resign) == ("time", "{who} a {detail}", "b", resign)
    assert (cause.served, cause.alone) == ("sign what the server reads", False)
    assert cause.text("the client", "c") == "the client a c: b"
    assert cause.text("the server", "c") == "the server a c: sign what the server reads"
    assert Cause("time", "a", "b", resign, "d", True).alone


def test_the_readings_of_one_kind_of_key() -> None:
    case, view = case_of(sent())
    key = AccessKey(ID, Secret(b"'"))
    case.owners = list_owners([key, AccessKey("B", Secret(b"x"))], ID, AWS4.chain)
    readings = list(reclaim.secret_owner(OTHER_ID)(case, view))
    assert [(detail, case.owners[reading.owner].detail) for detail, reading in readings] == [("B", "B")]
    altered = [case.owners[reading.owner].kind for _, reading in reclaim.secret_owner(ALTERED)(case, view)]
    assert altered == [ALTERED] * len(altered)
    assert [owner.detail for owner in case.owners if owner.kind == ALTERED] == [
        "with a line feed behind it",
        "with a carriage return and line feed behind it",
        "with a carriage return behind it",
        "with a space behind it",
        "with a space before it",
        "in double quotes",
        "in single quotes",
        "percent-encoded",
    ]


def test_the_ways_to_a_key() -> None:
    scope = ("20261123", REGION, "s3", "aws4_request")
    key = AccessKey(ID, Secret(b"abc"), scheme="OTHER")
    owners = list_owners([key], ID, AWS4.chain)
    assert [(owner.kind, owner.detail) for owner in owners if owner.kind != ALTERED] == [
        ("named", ""),
        ("unprefixed", ""),
    ]
    assert [owner.key(scope) for owner in owners if owner.kind != "unprefixed"] == [None] * (len(owners) - 1)
    fitting = AccessKey(ID, Secret(b"abc"), scheme=AWS4.chain.label)
    assert None not in [owner.key(scope) for owner in list_owners([fitting], ID, AWS4.chain)]
    nobody = list_owners([], None, AWS4.chain)
    assert [(owner.kind, owner.detail, owner.key(scope)) for owner in nobody] == [("named", "", None)]


def test_what_a_difference_shows_is_redacted() -> None:
    gap = Difference("s", 1, "a token1234", "b token1234", "time", "c token1234").redacted(("token1234",))
    mark = "[session token, 9 characters]"
    assert (gap.ours, gap.theirs, gap.advice) == (f"a {mark}", f"b {mark}", f"c {mark}")
    assert (gap.stage, gap.line, gap.cause) == ("s", 1, "time")


def accepted(monkeypatch: pytest.MonkeyPatch, made: Plain, **bounds: int) -> int:
    """Return how many readings a search looks at that finds nothing."""
    for name, value in bounds.items():
        monkeypatch.setattr(search, name, value)
    seen: "list[str]" = []

    def accept(view: View, canonical: str) -> bool:
        seen.append(canonical)
        return False

    case, view = case_of(made)
    assert search.find_cause(case, view, accept) is None
    return len(seen)


def test_a_search_looks_at_no_more_than_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    made = sent("/k=v?b=2&a=1")
    everything = accepted(monkeypatch, made)
    assert everything > 1500
    assert accepted(monkeypatch, made, MAX_TRIES=10**9, MAX_WORK=10**9) == everything
    assert accepted(monkeypatch, made, MAX_TRIES=1) == 1
    assert accepted(monkeypatch, made, MAX_TRIES=3) == 1  # the others of the three read as an earlier one did
    assert 1000 < accepted(monkeypatch, made, MAX_TRIES=2000) < 2000
    assert accepted(monkeypatch, made, MAX_TRIES=10**9, MAX_WORK=1) == 1
    assert accepted(monkeypatch, made, MAX_WORK=9) == 1  # at 8 each, the second is the last
    assert 250 < accepted(monkeypatch, made, MAX_WORK=5000) < 400
    assert accepted(monkeypatch, sent("/" + "=" * 25600), MAX_WORK=5000) == 4  # 100 to 300 more each, for their length


def test_no_reading_is_looked_at_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: "list[tuple[object, ...]]" = []

    def accept(view: View, canonical: str) -> bool:
        seen.append((canonical, view.stamp, view.scope, view.key_scope, view.owner))
        return False

    case, view = case_of(sent("/k=v?b=2&a=1"))
    search.find_cause(case, view, accept)
    assert len(seen) == len(set(seen))
    assert (view.canonical(), view.stamp, view.scope, view.key_scope, 0) not in seen
