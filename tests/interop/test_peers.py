"""Does the S3 server that judges authkit judge others too: right ones accepted, wrong ones refused?"""

from collections.abc import Callable
from typing import Any

import pytest

from interop.swift import Swift

Module = Callable[[str], Any]


def send(require_module: Module, swift: Swift, method: str, target: str, secret: str, region: str = "us-east-1") -> Any:
    """Send a request that botocore signed."""
    auth, requests = require_module("botocore.auth"), require_module("requests")
    request = require_module("botocore.awsrequest").AWSRequest(method=method, url=swift.url + target)
    keys = require_module("botocore.credentials").Credentials(swift.access_key_id, secret)
    auth.S3SigV4Auth(keys, "s3", region).add_auth(request)
    with requests.Session() as session:
        session.trust_env = False
        return session.request(method, swift.url + target, headers=dict(request.headers), timeout=30)


def test_botocore_is_accepted(swift: Swift, require_module: Module) -> None:
    assert send(require_module, swift, "PUT", "/peer", swift.secret).status_code == 200
    assert send(require_module, swift, "GET", "/peer?prefix=a%20b", swift.secret).status_code == 200


@pytest.mark.parametrize("secret, region, status, code", [
    ("testinG", "us-east-1", 403, "SignatureDoesNotMatch"),
    ("testing", "eu-west-1", 400, "AuthorizationHeaderMalformed"),
])  # fmt: skip
def test_wrong_signatures_are_refused(
    swift: Swift, require_module: Module, secret: str, region: str, status: int, code: str
) -> None:
    answer = send(require_module, swift, "GET", "/", secret, region)
    assert (answer.status_code, f"<Code>{code}</Code>" in answer.text) == (status, True)


def test_servers_listen_on_loopback_alone(swift: Swift) -> None:
    for config in (swift.root / "etc").glob("*.conf"):
        text = config.read_text()
        assert "0.0.0.0" not in text
        assert config.name == "swift.conf" or "bind_ip = 127.0.0.1\n" in text
