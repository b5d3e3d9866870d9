"""Does a policy allow what it names, and nothing else?"""

from datetime import date, timedelta
from typing import Any

import pytest

from authkit.ceremony import policy
from authkit.errors import Untrusted
from authkit.keys.request import Wanted
from authkit.schemes.derived import AWS4
from ceremonies import policy as made

TODAY = date(2026, 11, 24)


def wanted(level: str = "signing", *pairs: "tuple[str, ...]", first: int = 0, days: int = 1) -> Wanted:
    start = TODAY + timedelta(days=first)
    asked = list(pairs) or [("us-east-1", "s3")]
    return Wanted(AWS4.chain, level, [start + timedelta(days=one) for one in range(days)], asked)


WIDE = {"scopes": ("-", "eu-west-1", "us-east-1/s3"), "levels": ("signing", "service", "region", "date")}
ALLOWED: "list[tuple[dict[str, Any], Wanted]]" = [
    ({}, wanted()),
    ({}, wanted("signing", ("us-east-1", "s3"), ("us-east-1", "sqs"), days=7)),
    ({}, wanted(first=10)),
    ({}, wanted(first=4, days=7)),
    ({"max_ahead": 0}, wanted()),
    (WIDE, wanted("date", ())),
    (WIDE, wanted("region", ("eu-west-1",))),
    (WIDE, wanted("service", ("us-east-1", "s3"))),
    ({"scopes": ("us-east-1/sts",), "services": ("sts",)}, wanted("signing", ("us-east-1", "sts"))),
]


@pytest.mark.parametrize(("changes", "asked"), ALLOWED)
def test_what_is_allowed(changes: "dict[str, Any]", asked: Wanted) -> None:
    policy.judge(made(**changes), "AKIDEXAMPLE", asked, TODAY, "request")


REFUSED: "list[tuple[dict[str, Any], Wanted, str, str]]" = [
    ({"access_key_ids": ("AKOTHER",)}, wanted(), "policy-access-key", "AKIDEXAMPLE"),
    ({}, wanted("service"), "policy-level", "service, not signing"),
    ({"levels": ("signing", "service")}, wanted("date", ()), "policy-level", "date, not signing or service"),
    ({"levels": ("date",)}, wanted(), "policy-level", "signing, not date"),
    ({}, wanted("signing", ("eu-west-1", "s3")), "policy-scope", "eu-west-1/s3"),
    ({}, wanted("signing", ("us-east-1", "s3"), ("us-east-1", "ses")), "policy-scope", "us-east-1/ses"),
    ({"levels": ("date",)}, wanted("date", ()), "policy-scope", "-"),
    ({**WIDE}, wanted("region", ("us-east-1",)), "policy-scope", "us-east-1"),
    ({**WIDE}, wanted("signing", ("eu-west-1", "s3")), "policy-scope", "eu-west-1/s3"),
    ({"scopes": ("us-east-1/sts",)}, wanted("signing", ("us-east-1", "sts")), "policy-service", "sts"),
    (
        {"scopes": ("us-east-1/iam",), "services": ("sts",), "levels": ("service",)},
        wanted("service", ("us-east-1", "iam")),
        "policy-service",
        "iam",
    ),
    ({}, wanted(first=-1, days=2), "policy-past", "2026-11-23 is before today, 2026-11-24"),
    ({}, wanted(first=11), "policy-ahead", "2026-12-05 is after 2026-12-04, 10 days from today"),
    ({"max_ahead": 1}, wanted(days=3), "policy-ahead", "2026-11-26 is after 2026-11-25, 1 day from today"),
    ({}, wanted(days=8), "policy-days", "8 days, and at most 7 days"),
    ({"max_days": 1}, wanted(days=2), "policy-days", "2 days, and at most 1 day"),
]


@pytest.mark.parametrize(("changes", "asked", "reason", "detail"), REFUSED)
def test_what_is_refused(changes: "dict[str, Any]", asked: Wanted, reason: str, detail: str) -> None:
    with pytest.raises(Untrusted) as caught:
        policy.judge(made(**changes), "AKIDEXAMPLE", asked, TODAY, "request")
    assert caught.value.reason == reason
    assert caught.value.message.endswith(f"({reason}: {detail})")
    assert caught.value.message.startswith("request: ")


@pytest.mark.parametrize("service", ["iam", "sts", "sso", "organizations", "kms"])
def test_every_harmful_service_needs_naming(service: str) -> None:
    asked = wanted("signing", ("us-east-1", service))
    with pytest.raises(Untrusted, match="policy-service"):
        policy.judge(made(scopes=(f"us-east-1/{service}",)), "AKIDEXAMPLE", asked, TODAY, "request")


def line(sha256: str, name: str = "web-1") -> "dict[str, object]":
    return {"event": "policy", "requester": name, "sha256": sha256}


def gone(kind: str, name: str = "web-1") -> "dict[str, object]":
    return {"event": "untrusted", "kind": kind, "name": name}


def test_the_policy_that_was_accepted_last_counts() -> None:
    lines = [line("1"), line("2"), line("3", "web-2"), {"event": "approved", "requester": "web-1"}]
    assert policy.accepted(lines, "web-1") == line("2")
    assert policy.accepted(lines, "web-3") is None
    assert policy.accepted([*lines, gone("issuer"), gone("requester", "web-2")], "web-1") == line("2")
    assert policy.accepted([*lines, gone("requester")], "web-1") is None
    assert policy.accepted([*lines, gone("requester"), line("4")], "web-1") == line("4")


def test_the_difference_is_named() -> None:
    before = made(services=("sts",)).members()
    after = made(max_days=31, scopes=("us-east-1/s3",)).members()
    assert policy.differences(before, after) == [
        "scopes: us-east-1/s3, was us-east-1/s3 us-east-1/sqs",
        "services: none, was sts",
        "max_days: 31, was 7",
    ]
    assert policy.differences(None, after) == []
    assert policy.differences(after, after) == []
