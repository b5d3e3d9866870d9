"""Does authkit agree with a curl at hand that has --httpsig?

No curl that a package manager brings has it: it is experimental in 8.22 and has to be built, with
`cmake -DCURL_DISABLE_HTTPSIG=OFF` or `./configure --enable-httpsig`.  So there are tests with a real one only where
$HTTPSIG_CURL names it; what one sent is recorded in tests/vectors/curl_httpsig.json, which is tested everywhere.
"""

import os
import subprocess

import pytest

from interop.loopback import Loopback
from interop.program import Authkit
from vectors.test_curl_httpsig import CASES, RECORDED, check

CURL = os.environ.get("HTTPSIG_CURL", "")

if CURL:

    @pytest.mark.parametrize("name", CASES)
    def test_what_a_curl_at_hand_sends(name: str, loopback: Loopback) -> None:
        words: list[str] = CASES[name]["words"]
        key = RECORDED["keys"]["hmac-sha256" if "hmac-sha256" in words else "ed25519"]
        given = [CURL, "-q", "-sS", "-A", "curl", "--httpsig-key", key]
        given += [] if "--httpsig-keyid" in words else ["--httpsig-keyid", "k"]
        url = f"{loopback.url}/{words[-1].partition('://')[2].partition('/')[2]}"
        done = subprocess.run([*given, *words[:-1], url], capture_output=True, timeout=30)
        assert (done.returncode, done.stderr) == (0, b"")
        check(loopback.take(), name)


@pytest.mark.parametrize("option", ["--httpsig-algo", "--httpsig-headers", "--httpsig-key", "--httpsig-keyid"])
def test_a_line_that_curl_would_sign_itself_is_refused(option: str, authkit: Authkit) -> None:
    env = {"AUTHKIT_ACCESS_KEY_ID": "AKIDEXAMPLE", "AUTHKIT_SECRET_ACCESS_KEY": "secret-of-some-length"}
    line = ["curl", option, "value", "http://127.0.0.1/"]
    done = authkit("sign", "curl", "--scheme", "rfc9421", "--key", "env:", "--", *line, env=env)
    assert (done.code, done.out) == (5, b"")
    assert done.err.startswith(f"authkit: error: curl's {option} ")
