"""What does one signature cost in process, against botocore and awscrt, and one verification against it?"""

from datetime import datetime, timezone
from pathlib import Path

import awscrt.auth
import awscrt.http
import botocore.auth
import botocore.awsrequest
import botocore.credentials
from pairs import Row, ratio, seconds_a_call

import authkit
from authkit.messages.payload import EMPTY_HASH
from authkit.secret import Secret

ID, SECRET = "AKEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
HOST, PATH = "bucket.s3.us-east-1.amazonaws.com", "/a/key?list-type=2&prefix=a%2Fb&max-keys=10"
HEADERS = {
    "Accept": "*/*",
    "Content-Type": "application/octet-stream",
    "Range": "bytes=0-1023",
    "X-Amz-Meta-One": "first value",
    "X-Amz-Meta-Two": "second   value",
}
AT = datetime.now(timezone.utc).replace(microsecond=0)


def botocore_work():
    credentials = botocore.credentials.Credentials(ID, SECRET)
    signer = botocore.auth.S3SigV4Auth(credentials, "s3", "us-east-1")

    def work():
        request = botocore.awsrequest.AWSRequest("GET", f"https://{HOST}{PATH}", headers=dict(HEADERS))
        signer.add_auth(request)
        return request

    return work


def awscrt_work():
    provider = awscrt.auth.AwsCredentialsProvider.new_static(ID, SECRET)
    config = awscrt.auth.AwsSigningConfig(
        algorithm=awscrt.auth.AwsSigningAlgorithm.V4,
        signature_type=awscrt.auth.AwsSignatureType.HTTP_REQUEST_HEADERS,
        credentials_provider=provider,
        region="us-east-1",
        service="s3",
        date=AT,
        use_double_uri_encode=False,
        should_normalize_uri_path=False,
        signed_body_value=awscrt.auth.AwsSignedBodyValue.EMPTY_SHA256,
        signed_body_header_type=awscrt.auth.AwsSignedBodyHeaderType.X_AMZ_CONTENT_SHA_256,
    )
    headers = [("Host", HOST), *HEADERS.items()]

    def work():
        request = awscrt.http.HttpRequest("GET", PATH, awscrt.http.HttpHeaders(headers))
        return awscrt.auth.aws_sign_request(request, config).result()

    return work


def authkit_works():
    """Return three works, the signing key at hand: to sign a request made anew, as peers do; to sign; to verify."""
    keys = [authkit.derive_subkey([authkit.AccessKey(ID, Secret(SECRET.encode()))], AT.date(), "us-east-1", "s3")]
    policy = authkit.Policy()
    headers = (("Host", HOST), *HEADERS.items())
    request = authkit.Request("GET", PATH, headers, EMPTY_HASH, 0)
    signed = authkit.sign_request(request, keys, at=AT).request

    def sign_anew():
        return authkit.sign_request(authkit.Request("GET", PATH, headers, EMPTY_HASH, 0), keys, at=AT)

    def sign():
        return authkit.sign_request(request, keys, at=AT)

    def verify():
        return authkit.verify_request(signed, keys, policy, at=AT)

    return sign_anew, sign, verify


def rows(folder: Path) -> list[Row]:
    """Measure."""
    anew, sign, verify = authkit_works()
    peers = {"botocore": botocore_work(), "awscrt": awscrt_work()}
    found = seconds_a_call({"anew": anew, "sign": sign, "verify": verify} | peers)
    return [
        Row("SigV4 signature in process, key cached / botocore", 0.25, 0.20, ratio(found, "anew", "botocore")),
        Row("SigV4 signature in process, key cached / awscrt", 1.2, 0.9, ratio(found, "anew", "awscrt")),
        Row("SigV4 verify in process / sign", 1.3, 1.1, ratio(found, "verify", "sign")),
    ]
