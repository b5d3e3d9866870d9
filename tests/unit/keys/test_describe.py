"""Is what a store shows in clear true, and free of secrets?"""

from datetime import datetime, timedelta

import pytest

from authkit.clock import UTC
from authkit.keys.describe import clear_fault, describe_access_key, describe_subkeys
from authkit.keys.subkeys import Subkey, SubkeyFile
from samples import AT, CHAIN, ID, SCOPE, TC3, access_key, subkey

CREATED = datetime(2026, 11, 20, 8, 0, 0, tzinfo=UTC)


def a_file(*subkeys: Subkey) -> SubkeyFile:
    return SubkeyFile(subkeys[0].scope.chain, ID, AT, list(subkeys))


def test_access_key() -> None:
    plain = {"kind": "access-key", "access_key_id": ID, "created_at": "2026-11-20T08:00:00Z"}
    assert describe_access_key(access_key(), CREATED) == plain
    marked = access_key(use="derive", scheme="X", token="T", expires_at=AT)
    more = {"use": "derive", "scheme": "X", "expires_at": "2026-11-23T09:00:00Z"}
    assert describe_access_key(marked, CREATED) == plain | more


def test_subkeys() -> None:
    held = a_file(
        subkey("20261124/us-east-1"),
        subkey(),
        subkey("20261123/eu-west-1/sqs/aws4_request"),
        subkey("20261122"),
        subkey("20261123/eu-west-1/sqs"),
    )
    assert describe_subkeys(held, CREATED) == {
        "kind": "subkeys",
        "access_key_id": ID,
        "scheme": "AWS4-HMAC-SHA256",
        "created_at": "2026-11-20T08:00:00Z",
        "issued_at": "2026-11-23T09:00:00Z",
        "count": 5,
        "levels": ["date", "region", "service", "signing"],
        "regions": ["eu-west-1", "us-east-1"],
        "services": ["s3", "sqs"],
        "signs_from": "2026-11-22T00:00:00Z",
        "signs_until": "2026-11-24T23:59:59Z",
        "dangerous_until": "2026-12-01T23:59:59Z",
    }


def test_the_end_of_a_session_is_in_the_instants() -> None:
    found = describe_subkeys(a_file(subkey(token="T", expires_at=AT)), CREATED)
    assert (found["signs_until"], found["dangerous_until"]) == ("2026-11-23T09:00:00Z",) * 2


def test_a_scheme_without_regions() -> None:
    found = describe_subkeys(a_file(subkey("2026-11-23/cvm/tc3_request", chain=TC3)), CREATED)
    assert (found["regions"], found["services"], found["levels"]) == ([], ["cvm"], ["signing"])
    assert (found["scheme"], found["dangerous_until"]) == ("TC3-HMAC-SHA256", "2026-11-24T00:00:59Z")


def test_what_may_lie_in_clear() -> None:
    assert clear_fault(a_file(subkey()), AT) is None
    assert clear_fault(a_file(subkey(), subkey("20261224/us-east-1/s3/aws4_request")), AT) is None
    assert clear_fault(a_file(subkey("20200101/us-east-1/s3/aws4_request")), AT) is None
    late = datetime(2026, 11, 23, 23, 59, 59, tzinfo=UTC)
    assert clear_fault(a_file(subkey("20261224/us-east-1/s3/aws4_request")), late) is None


@pytest.mark.parametrize(
    ("scope", "fault"),
    [
        ("20261123", "20261123 is a date key"),
        ("20261123/us-east-1", "20261123/us-east-1 is a region key"),
        ("20261123/us-east-1/s3", "20261123/us-east-1/s3 is a service key"),
        *[
            (f"20261123/us-east-1/{service}/aws4_request", f"a key for {service} is as wide as the access key")
            for service in ("iam", "sts", "sso", "organizations", "kms")
        ],
        (
            "20261225/us-east-1/s3/aws4_request",
            "20261225/us-east-1/s3/aws4_request is more than 31 days ahead",
        ),
    ],
)
def test_what_may_not(scope: str, fault: str) -> None:
    assert clear_fault(a_file(subkey(scope)), AT) == fault
    assert clear_fault(a_file(subkey(), subkey(scope)), AT) == fault


def test_days_ahead_are_utc_days() -> None:
    one = a_file(subkey("20261225/us-east-1/s3/aws4_request"))
    assert clear_fault(one, datetime(2026, 11, 24, tzinfo=UTC)) is None
    assert clear_fault(one, datetime(2026, 11, 24, tzinfo=UTC) - timedelta(seconds=1)) is not None
    assert SCOPE.startswith("20261123")
    assert CHAIN.label == "AWS4-HMAC-SHA256"
