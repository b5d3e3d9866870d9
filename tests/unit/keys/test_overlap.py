"""Do two subkey files hold different keys for one scope?"""

from datetime import date, datetime, timezone

import pytest

from authkit.keys.access import AccessKey
from authkit.keys.describe import describe_access_key, describe_subkeys, may_overlap
from authkit.keys.request import Wanted, derive_wanted
from authkit.keys.subkeys import SubkeyFile, conflict
from authkit.schemes.derived import AWS4
from authkit.secret import Secret

AT = datetime(2026, 11, 23, 9, tzinfo=timezone.utc)
MONDAY, TUESDAY, WEDNESDAY = date(2026, 11, 23), date(2026, 11, 24), date(2026, 11, 25)


def file(days: list[date], secret: bytes = b"one secret", owner: str = "AKID", service: str = "s3") -> SubkeyFile:
    wanted = Wanted(AWS4.chain, "signing", days, [("us-east-1", service)])
    return SubkeyFile(AWS4.chain, owner, AT, derive_wanted([AccessKey(owner, Secret(secret))], wanted))


def test_the_first_scope_with_another_key_is_named() -> None:
    found = conflict(file([MONDAY, TUESDAY]), file([TUESDAY, WEDNESDAY], b"another secret"))
    assert str(found) == "20261124/us-east-1/s3/aws4_request"


@pytest.mark.parametrize(
    "held",
    [
        file([MONDAY]),
        file([TUESDAY], b"another secret"),
        file([MONDAY], b"another secret", service="sqs"),
        file([MONDAY], b"another secret", owner="OTHER"),
    ],
    ids=["the same key", "another day", "another service", "another owner"],
)
def test_files_that_agree_have_no_conflict(held: SubkeyFile) -> None:
    assert conflict(file([MONDAY]), held) is None


@pytest.mark.parametrize(
    "days, other, expected",
    [
        ([MONDAY], [MONDAY], True),
        ([MONDAY, TUESDAY], [TUESDAY, WEDNESDAY], True),
        ([TUESDAY, WEDNESDAY], [MONDAY, TUESDAY], True),
        ([MONDAY], [TUESDAY], False),
        ([TUESDAY], [MONDAY], False),
    ],
)
def test_files_of_other_days_cannot_overlap(days: list[date], other: list[date], expected: bool) -> None:
    assert may_overlap(describe_subkeys(file(days), AT), describe_subkeys(file(other), AT)) is expected


def test_files_of_other_owners_and_kinds_cannot_overlap() -> None:
    own = describe_subkeys(file([MONDAY]), AT)
    assert not may_overlap(own, describe_subkeys(file([MONDAY], owner="OTHER"), AT))
    assert not may_overlap(own, {**own, "scheme": "another"})
    assert not may_overlap(own, describe_access_key(AccessKey("AKID", Secret(b"x")), AT))


def said(signs_from: str, signs_until: str, **more: object) -> dict[str, object]:
    own = {"kind": "subkeys", "access_key_id": "A", "scheme": "S", "signs_from": signs_from, "signs_until": signs_until}
    return {**own, **more}


def test_times_that_touch_may_overlap() -> None:
    one = said("2026-11-02", "2026-11-04")
    for first, last, expected in (
        ("2026-11-04", "2026-11-05", True),
        ("2026-11-01", "2026-11-02", True),
        ("2026-11-03", "2026-11-03", True),
        ("2026-11-05", "2026-11-05", False),
        ("2026-11-01", "2026-11-01", False),
    ):
        assert may_overlap(one, said(first, last)) is expected
        assert may_overlap(said(first, last), one) is expected
    for name in ("kind", "access_key_id", "scheme"):
        assert not may_overlap(one, {**one, name: "another"})
