"""Which region and service does a host name, and for which hosts is nothing guessed?"""

import pytest

from authkit.schemes.endpoints import guess_scope


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
