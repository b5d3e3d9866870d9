"""Does a server that plays AWS and checks signatures take what authkit signs for STS and with SigV4a, and nothing else?

MiniStack is written by others: its SigV4 and its SigV4a, the region set's wildcards included, are its own.
"""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from interop import ministack
from interop.ministack import MiniStack
from interop.program import Authkit, Result
from interop.swift import build

pytestmark = pytest.mark.xdist_group("ministack")
FORM = "Content-Type: application/x-www-form-urlencoded"
WHO = "Action=GetCallerIdentity&Version=2011-06-15"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MiniStack]:
    """A running MiniStack with a user whose signatures it checks."""
    if not ministack.is_built():
        if os.environ.get("AUTHKIT_REQUIRE_INTEROP") != "1":
            pytest.skip("MiniStack is not installed; run tests/interop/setup")
        build()
    made = MiniStack(tmp_path_factory.mktemp("ministack"))
    try:
        made.start()
        yield made
    finally:
        made.stop()


def keys(server: MiniStack, **more: str) -> "dict[str, str]":
    return {"AUTHKIT_ACCESS_KEY_ID": server.access_key_id, "AUTHKIT_SECRET_ACCESS_KEY": server.secret, **more}


def run(authkit: Authkit, server: MiniStack, *words: str, key: str = "env:", **env: str) -> Result:
    return authkit(*words[:2], "--key", key, *words[2:], env=keys(server, **env))


def send(authkit: Authkit, server: MiniStack, *words: str, target: str = "/", key: str = "env:", **env: str) -> "Any":
    """Sign and send with `sign curl --run`; return the status, and the code of the error if it is one."""
    place = words.index("--") if "--" in words else len(words)
    options, curl = words[:place], words[place + 1 :]
    line = ["--run", *options, "--", "-sS", "-w", "\n%{http_code}", *curl, server.url + target]
    done = run(authkit, server, "sign", "curl", *line, key=key, **env)
    assert done.code == 0, done.err
    body, _, status = done.out.decode().rpartition("\n")
    found = re.search("<Code>(.*?)</Code>", body)
    return int(status), found[1] if found else body


# ------------------------------------------------------------------------------------------------------------ STS, v4

STS = ("--service", "sts", "--region", "us-east-1")


def test_sts_accepts_a_signature_by_the_secret(authkit: Authkit, server: MiniStack) -> None:
    status, body = send(authkit, server, *STS, "--", "-H", FORM, "-d", WHO)
    assert status == 200
    assert "<Arn>arn:aws:iam::000000000000:user/tester</Arn>" in body


def test_sts_accepts_a_signature_by_a_subkey_alone(authkit: Authkit, server: MiniStack) -> None:
    words = ["--region", "us-east-1", "--service", "sts", "--allow-harmful", "sts", "--days", "2", "--format", "env"]
    done = authkit("derive-subkey", "--key", "env:", *words, env=keys(server))
    assert done.code == 0, done.err
    env = {"AUTHKIT_SUBKEYS": done.out.decode().split("'")[1]}
    line = ["--run", "--", "-sS", "-w", "\n%{http_code}", "-H", FORM, "-d", WHO, server.url]
    done = authkit("sign", "curl", "--key", "env:", *line, env=env)
    assert done.out.endswith(b"\n200"), done.err


@pytest.mark.parametrize("method", ["SigV4", "SigV4a"])
def test_a_session_that_sts_gave_signs(authkit: Authkit, server: MiniStack, method: str, home: Path) -> None:
    action = "Action=GetSessionToken&Version=2011-06-15&DurationSeconds=3600"
    status, body = send(authkit, server, *STS, "--", "-H", FORM, "-d", action)
    assert status == 200
    names = ("AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration")
    (home / "sts.json").write_text(json.dumps({one: re.search(f"<{one}>(.*?)</{one}>", body)[1] for one in names}))  # type: ignore[index]
    session = json.loads((home / "sts.json").read_text())
    env = {
        "AUTHKIT_ACCESS_KEY_ID": session["AccessKeyId"],
        "AUTHKIT_SECRET_ACCESS_KEY": session["SecretAccessKey"],
        "AUTHKIT_SESSION_TOKEN": session["SessionToken"],
    }
    how = ("--scheme", "sigv4a", "--region-set", "*", "--service", "sts") if method == "SigV4a" else STS
    words = [*how, "--insecure-ok", "--", "-H", FORM, "-d", WHO]
    assert send(authkit, server, *words, **env)[0] == 200
    del env["AUTHKIT_SESSION_TOKEN"]
    env["AUTHKIT_SESSION_TOKEN"] = "another"
    assert send(authkit, server, *words, **env)[0] == 403


@pytest.mark.parametrize("env, options, expected", [
    ({"AUTHKIT_SECRET_ACCESS_KEY": "wrong"}, (), "SignatureDoesNotMatch"),
    ({"AUTHKIT_ACCESS_KEY_ID": "AKNOBODY"}, (), "InvalidClientTokenId"),
    ({}, ("--at", "2020-01-01T00:00:00Z"), "SignatureDoesNotMatch"),
])  # fmt: skip
def test_sts_refuses(
    authkit: Authkit, server: MiniStack, env: "dict[str, str]", options: "tuple[str, ...]", expected: str
) -> None:
    for how in (STS, ("--scheme", "sigv4a", "--region-set", "us-east-1", "--service", "sts")):
        status, code = send(authkit, server, *how, *options, "--", "-H", FORM, "-d", WHO, **env)
        assert (status, code) == (403, expected), how


# --------------------------------------------------------------------------------------------------------- S3, SigV4a

S3A = ("--scheme", "sigv4a", "--service", "s3", "--region-set")


@pytest.fixture(scope="module")
def bucket(server: MiniStack) -> str:
    """A bucket in us-east-1 with one object, made by the root caller whose signature nobody checks."""
    headers = {"Authorization": ministack.ROOT.replace("/iam/", "/s3/")}
    assert server.send("PUT", "/bkt", headers)[0] == 200
    assert server.send("PUT", "/bkt/key", headers, b"hello")[0] == 200
    return "/bkt"


@pytest.mark.parametrize("regions", ["us-east-1", "*", "us-*", "eu-west-1,us-east-1", "us-east-*"])
def test_s3_accepts_region_sets_that_name_its_region(
    authkit: Authkit, server: MiniStack, bucket: str, regions: str
) -> None:
    assert send(authkit, server, *S3A, regions, target=f"{bucket}/key") == (200, "hello")
    assert send(authkit, server, *S3A, regions, "--", "-T", "/etc/hostname", target=f"{bucket}/other")[0] == 200
    done = run(authkit, server, "sign", "url", *S3A, regions, f"{server.url}{bucket}/key")
    assert done.code == 0, done.err
    target = done.out.decode().strip().removeprefix(server.url)
    assert server.send("GET", target, {"Host": server.host}) == (200, "hello")


@pytest.mark.parametrize("regions", ["eu-west-1", "us-west-*", "us-east-2,us-west-1", "eu-*"])
def test_s3_refuses_region_sets_that_do_not(authkit: Authkit, server: MiniStack, bucket: str, regions: str) -> None:
    assert send(authkit, server, *S3A, regions, target=f"{bucket}/key") == (400, "RegionSetMismatch")
    done = run(authkit, server, "sign", "url", *S3A, regions, f"{server.url}{bucket}/key")
    target = done.out.decode().strip().removeprefix(server.url)
    status, body = server.send("GET", target, {"Host": server.host})
    assert (status, "RegionSetMismatch" in body) == (400, True)


def test_the_whole_key_signs_without_the_secret(authkit: Authkit, server: MiniStack, bucket: str, home: Path) -> None:
    for form in ("file", "pem"):
        words = ["--scheme", "sigv4a", "--whole-key", "--format", form, "-o", f"whole.{form}"]
        assert authkit("derive-subkey", "--key", "env:", *words, env=keys(server)).code == 0
    for key in ("file:whole.file", f"{server.access_key_id}=file:whole.pem"):
        line = ["--run", *S3A, "*", "--", "-sS", f"{server.url}{bucket}/key"]
        assert authkit("sign", "curl", "--key", key, *line).out == b"hello"
    line = ["--run", *S3A, "*", "--", "-sS", "-w", "%{http_code}", f"{server.url}{bucket}/key"]
    assert authkit("sign", "curl", "--key", "AKNOBODY=file:whole.pem", *line).out.endswith(b"403")


@pytest.mark.parametrize("change", [
    ("X-Amz-Region-Set=us-%2A", "X-Amz-Region-Set=%2A"),
    ("/key?", "/other?"),
    ("X-Amz-Expires=900", "X-Amz-Expires=9000"),
])  # fmt: skip
def test_a_changed_url_is_refused(authkit: Authkit, server: MiniStack, bucket: str, change: "tuple[str, str]") -> None:
    done = run(authkit, server, "sign", "url", *S3A, "us-*", f"{server.url}{bucket}/key")
    target = done.out.decode().strip().removeprefix(server.url)
    assert change[0] in target
    status, body = server.send("GET", target.replace(*change), {"Host": server.host})
    assert (status, "SignatureDoesNotMatch" in body) == (403, True)


def test_the_server_listens_on_loopback_alone(server: MiniStack) -> None:
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    port = f":{server.port:04X}"
    found = [row[1] for row in rows if row[1].endswith(port) and row[3] == "0A"]
    assert found == [f"0100007F{port}"]
