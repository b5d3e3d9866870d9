"""Which region and service does a host name, and for which hosts is nothing guessed?"""

import pytest

from authkit.schemes.derived import DERIVED
from authkit.schemes.endpoints import guess_scope, match_host


def guess(host: str) -> "tuple[str | None, str | None]":
    found = guess_scope(host)
    assert list(found) == ["region", "service"]
    return found["region"], found["service"]


@pytest.mark.parametrize(
    ("host", "region", "service"),
    [
        ("s3.amazonaws.com", "us-east-1", "s3"),
        ("bucket.s3.amazonaws.com", "us-east-1", "s3"),
        ("a.b.s3.eu-west-1.amazonaws.com", "eu-west-1", "s3"),
        ("bucket.s3.dualstack.us-west-2.amazonaws.com", "us-west-2", "s3"),
        ("bucket.s3-eu-west-1.amazonaws.com", "eu-west-1", "s3"),
        ("s3.cn-north-1.amazonaws.com.cn", "cn-north-1", "s3"),
        ("123.s3-control.us-east-1.amazonaws.com", "us-east-1", "s3"),
        ("p.s3-accesspoint.us-east-1.amazonaws.com", "us-east-1", "s3"),
        ("b.s3-website.eu-central-1.amazonaws.com", "eu-central-1", "s3"),
        ("dynamodb.us-gov-west-1.amazonaws.com", "us-gov-west-1", "dynamodb"),
        ("abc.execute-api.us-east-2.amazonaws.com:443", "us-east-2", "execute-api"),
        ("email.us-east-1.amazonaws.com", "us-east-1", "ses"),
        ("bedrock-runtime.us-east-1.amazonaws.com", "us-east-1", "bedrock"),
        ("sqs.us-east-1.api.aws", "us-east-1", "sqs"),
        ("x.lambda-url.us-east-1.on.aws", "us-east-1", "lambda"),
        ("d.us-east-1.es.amazonaws.com", "us-east-1", "es"),
        ("us-east-1.es.amazonaws.com", "us-east-1", "es"),
        ("c.eu-west-1.aoss.amazonaws.com", "eu-west-1", "aoss"),
        ("iam.amazonaws.com", "us-east-1", "iam"),
        ("sts.amazonaws.com", "us-east-1", "sts"),
        ("cloudfront.amazonaws.com", "us-east-1", "cloudfront"),
        ("route53.amazonaws.com", "us-east-1", "route53"),
        ("organizations.amazonaws.com", "us-east-1", "organizations"),
        ("sts.ap-southeast-2.amazonaws.com", "ap-southeast-2", "sts"),
    ],
)
def test_guess(host: str, region: str, service: str) -> None:
    assert guess(host) == (region, service)


@pytest.mark.parametrize(
    "host",
    [
        "",
        "example.com",
        "localhost:9000",
        "amazonaws.com",
        "s3.amazonaws.com.evil.example",
        "s3.us-east-1.example.com",
        "notamazonaws.com",
        ".amazonaws.com",
        "ec2.amazonaws.com",
        "us-east-1.amazonaws.com",
        "es.amazonaws.com",
        "aoss.amazonaws.com",
        "lambda-url.us-east-1.on.aws",
        "a.b.lambda-url.us-east-1.on.aws",
        "a.other.us-east-1.on.aws",
        "s3-us.amazonaws.com",
        "s3-.amazonaws.com",
        "b.s3-eu-west.amazonaws.com",
        # not of a region's shape: too few parts, too many, first too long, no digits, another character
        "sqs.us-1.amazonaws.com",
        "sqs.us-a-b-east-1.amazonaws.com",
        "sqs.usa-east-1.amazonaws.com",
        "sqs.u-east-1.amazonaws.com",
        "sqs.us-east-one.amazonaws.com",
        "sqs.us--1.amazonaws.com",
        "sqs.us-ea_st-1.amazonaws.com",
        "dualstack.us-east-1.amazonaws.com",
    ],
)
def test_nothing_is_guessed(host: str) -> None:
    assert guess(host) == (None, None)


@pytest.mark.parametrize(
    ("host", "pattern", "found"),
    [
        ("storage.googleapis.com", "*.storage.googleapis.com region=auto", {"region": "auto"}),
        ("a.b.storage.googleapis.com:443", "*.storage.googleapis.com region=auto", {"region": "auto"}),
        ("googleapis.com", "*.storage.googleapis.com region=auto", {}),
        ("api.eu-2.x.com", "{service}.{region}.x.com", {"service": "api", "region": "eu-2"}),
        ("eu-2.x.com", "{service}.{region}.x.com", {}),
        ("a.api.eu-2.x.com", "{service}.{region}.x.com", {}),
        ("oss-eu.x", "oss-{region}.x service=oss", {"region": "eu", "service": "oss"}),
        ("oss-eu-internal.x", "oss-{region}-internal.x", {"region": "eu"}),
        ("oss-.x", "oss-{region}.x", {}),
        ("oss--internal.x", "oss-{region}-internal.x", {}),
        ("oss-eu.y", "oss-{region}.x", {}),
        ("os-eu.x", "oss-{region}.x", {}),
        ("oss-eu.x", "oss-{region}-internal.x", {}),
        ("", "{region}.x", {}),
    ],
)
def test_a_pattern(host: str, pattern: str, found: dict[str, str]) -> None:
    assert match_host(host, (pattern,)) == found


def test_the_first_pattern_that_fits() -> None:
    patterns = ("{service}.x", "{region}.x", "{region}.y")
    assert match_host("a.x", patterns) == {"service": "a"}
    assert match_host("a.y", patterns) == {"region": "a"}
    assert match_host("a.z", patterns) == {}
    assert match_host("a.x", ()) == {}


@pytest.mark.parametrize(
    ("name", "host", "found"),
    [
        ("goog4", "storage.googleapis.com", {"region": "auto", "service": "storage"}),
        ("goog4", "bkt.storage.googleapis.com", {"region": "auto", "service": "storage"}),
        ("osc4", "fcu.eu-west-2.outscale.com", {"region": "eu-west-2", "service": "fcu"}),
        ("tc3", "cvm.tencentcloudapi.com", {"service": "cvm"}),
        ("tc3", "cvm.ap-guangzhou.tencentcloudapi.com", {"service": "cvm", "place": "ap-guangzhou"}),
        ("volc", "iam.cn-north-1.volcengineapi.com", {"region": "cn-north-1", "service": "iam"}),
        ("tos4", "tos-cn-beijing.volces.com", {"region": "cn-beijing", "service": "tos"}),
        ("oss4", "bkt.oss-cn-hangzhou.aliyuncs.com", {"region": "cn-hangzhou", "service": "oss"}),
        ("oss4", "bkt.oss-cn-hangzhou-internal.aliyuncs.com", {"region": "cn-hangzhou", "service": "oss"}),
        ("sls4", "prj.cn-hangzhou.log.aliyuncs.com", {"region": "cn-hangzhou", "service": "sls"}),
        ("sls4", "prj.cn-hangzhou-intranet.log.aliyuncs.com", {"region": "cn-hangzhou", "service": "sls"}),
        ("jdcloud3", "vm.jdcloud-api.com", {"service": "vm"}),
        ("oss4", "s3.us-east-1.amazonaws.com", {}),
    ],
)
def test_the_hosts_of_vendors(name: str, host: str, found: dict[str, str]) -> None:
    hosts = DERIVED[name].hosts
    assert hosts is not None
    assert match_host(host, hosts) == found
