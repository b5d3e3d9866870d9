"""Do the vendors' own signers and authkit's agree on requests that nobody chose?

Not drawn is what their specifications have another way than they: Huawei's signer takes an encoded slash in a path for
a separator and sorts parameters before it encodes them, which is another order outside ASCII; Alibaba's writes names of
parameters as they are; Microsoft's does not decode them.
"""

import base64
import hashlib
import json
import os
import random
import subprocess
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

import schemejobs as jobs
from authkit.clock import UTC, format_compact, format_instant
from authkit.messages.dates import format_http_date
from authkit.messages.request import Request
from authkit.schemes import acs3, azure_sharedkey, eg1, huawei, huawei_v11
from interop.swift import build

PROJECT = Path(__file__).resolve().parents[2]
PYTHON = PROJECT / ".interop/vendors/bin/python"
AT = datetime(2026, 11, 23, 23, 59, 58, tzinfo=UTC)
COUNT = 150
NONCE = bytes(range(16)).hex()
SECRET = "kA+/=7 ~" + "Zz" * 10
AZURE_KEY = base64.b64encode(bytes(range(200, 255)) + bytes(9)).decode()
# unreserved, reserved, space, percent, and a letter outside ASCII
LETTERS = "aZ09-._~ !$'()*,:;=@%/?&é+"
Draw = random.Random

Filter = Callable[[list[dict[str, Any]]], list[dict[str, Any]]]


@pytest.fixture(scope="module")
def vendors() -> Filter:
    """A function from jobs to what the vendors' signers made of them."""
    if not (PYTHON.parents[1] / "built").is_file():
        if os.environ.get("AUTHKIT_REQUIRE_INTEROP") != "1":
            pytest.skip("the vendors' signers are not installed; run tests/interop/setup")
        build()

    def run(jobs_: list[dict[str, Any]]) -> list[dict[str, Any]]:
        done = subprocess.run(
            [PYTHON, PROJECT / "tests/interop/vendor_signers.py"],
            input=json.dumps(jobs_).encode(),
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        found: list[dict[str, Any]] = json.loads(done.stdout)
        return found

    return run


def text(draw: Draw, low: int = 1, letters: str = LETTERS) -> str:
    return "".join(draw.choices(letters, k=draw.randint(low, 6)))


def encode(raw: str) -> str:
    return quote(raw, safe="~")


def drawn(draw: Draw, headers: "dict[str, str]") -> "dict[str, Any]":
    """Return the parts of a request: path without an encoded slash, query names unique and of ASCII."""
    words = [text(draw, letters=LETTERS.replace("/", "").replace(".", "")) for _ in range(draw.randint(0, 3))]
    names = {text(draw, letters="aZ09-._~ $") for _ in range(draw.randint(0, 4))}
    method = draw.choice(("GET", "POST", "PUT", "DELETE"))
    body = bytes(draw.choices(range(256), k=draw.randint(0, 40))) if method in ("POST", "PUT") else b""
    return {
        "method": method,
        "host": draw.choice(("example.com", "api.eu-1.example.com:8443")),
        "path": "/" + "/".join(words),
        "query": [[name, text(draw, 0)] for name in names],
        "headers": {**headers, **({"Content-Type": "application/json"} if draw.random() < 0.5 else {})},
        "body": base64.b64encode(body).decode(),
        "id": "AKIDEXAMPLE",
        "secret": SECRET,
    }


def wire(job: "dict[str, Any]", draw: Draw, *more: "tuple[str, str]", keep: str = "/~", **given: Any) -> Request:
    """Return the request of a job as it travels, its query in another order."""
    pairs = [f"{encode(name)}={encode(value)}" for name, value in job["query"]]
    draw.shuffle(pairs)
    target = quote(job["path"], safe=keep) + ("?" + "&".join(pairs) if pairs else "")
    headers = tuple(job["headers"].items()) + more
    return jobs.request(job["method"], target, headers, base64.b64decode(job["body"]), host=job["host"], **given)


@pytest.mark.parametrize("derived", [False, True])
def test_huawei(vendors: Filter, derived: bool) -> None:
    draw = Draw(1 + derived)
    scope = {"region": "cn-north-4", "service": "ecs"} if derived else {}
    scheme = huawei_v11.SCHEME if derived else huawei.SCHEME
    made = []
    for _ in range(COUNT):
        job = drawn(draw, {"X-Project-Id": text(draw, letters="abc019")})
        made.append({"peer": "huawei", **job, "stamp": format_compact(AT), **scope})
    key = jobs.access_key("AKIDEXAMPLE", SECRET.encode())
    verifier = jobs.verifier(scheme, key, **scope)
    for job, answer in zip(made, vendors(made), strict=True):
        message = wire(job, draw)
        signed = jobs.sign(scheme, message, key, AT, **scope)
        assert jobs.value(signed.request, "authorization") == answer["authorization"], signed.stages
        theirs = jobs.added(message, ("X-Sdk-Date", format_compact(AT)), ("Authorization", answer["authorization"]))
        assert verifier.judge(theirs, AT).access_key_id == "AKIDEXAMPLE"


def test_acs3(vendors: Filter) -> None:
    draw = Draw(3)
    made = []
    for _ in range(COUNT):
        job = drawn(draw, {"x-acs-action": text(draw, letters="abcXYZ"), "x-acs-version": "2014-05-26"})
        job["headers"] = {name.lower(): value for name, value in job["headers"].items()}
        digest = hashlib.sha256(base64.b64decode(job["body"])).hexdigest()
        # its signer writes the names of the query as they are
        job["query"] = [[name.replace(" ", "").replace("$", ""), value] for name, value in job["query"]]
        job["query"] = [[name, value] for name, value in dict(job["query"]).items() if name]
        made.append({"peer": "acs3", **job, "stamp": format_instant(AT), "nonce": NONCE, "hash": digest})
    key = jobs.access_key("AKIDEXAMPLE", SECRET.encode())
    verifier = jobs.verifier(acs3.SCHEME, key)
    for job, answer in zip(made, vendors(made), strict=True):
        signed = jobs.sign(acs3.SCHEME, wire(job, draw), key, AT)
        assert jobs.value(signed.request, "authorization") == answer["authorization"], signed.stages
        headers = tuple((name, value) for name, value in answer["headers"].items() if name != "host")
        theirs = wire({**job, "headers": dict(headers)}, draw, ("Authorization", answer["authorization"]))
        assert verifier.judge(theirs, AT).more == {"nonce": NONCE}


def test_azure(vendors: Filter) -> None:
    draw = Draw(4)
    made = []
    for _ in range(COUNT):
        # names of metadata that sort one way by bytes and another way in the service
        names = {text(draw, letters="ab1_-") for _ in range(4)}
        names = {name for name in names if "_" not in name or name.replace("_", "-") not in names}
        meta = {f"x-ms-meta-{name}": text(draw, 0, "aZ 9").strip() or "v" for name in sorted(names)}
        job = drawn(draw, {"x-ms-version": "2021-12-02", **meta})
        job |= {"id": "myaccount", "secret": AZURE_KEY, "peer": "azure", "stamp": format_http_date(AT)}
        # its signer does not decode the names of the query, although the specification says so
        job["query"] = [[name.lower().translate({32: None, 36: None}), value or "v"] for name, value in job["query"]]
        job["query"] = [[name, value] for name, value in dict(job["query"]).items() if name]
        if job["body"]:
            job["headers"]["Content-Length"] = str(len(base64.b64decode(job["body"])))
        job["target"] = wire(job, draw).target
        made.append(job)
    key = jobs.access_key("myaccount", base64.b64decode(AZURE_KEY))
    verifier = jobs.verifier(azure_sharedkey.SCHEME, key, allow_unsigned_payload=True)
    for job, answer in zip(made, vendors(made), strict=True):
        message = wire({**job, "query": []}, draw).with_target(job["target"])
        signed = jobs.sign(azure_sharedkey.SCHEME, message, key, AT)
        assert jobs.value(signed.request, "authorization") == answer["authorization"], signed.stages
        theirs = jobs.added(message, ("x-ms-date", job["stamp"]), ("Authorization", answer["authorization"]))
        assert verifier.judge(theirs, AT).access_key_id == "myaccount"


def test_eg1(vendors: Filter) -> None:
    draw = Draw(5)
    made = []
    for _ in range(COUNT):
        job = drawn(draw, {"X-B": f"  {text(draw, 0, 'a  b')}c  ", "X-A": text(draw, letters="xyz")})
        job["headers"] = {name: value.strip() for name, value in job["headers"].items()}
        job |= {
            "peer": "eg1",
            "token": "akab-access",
            "nonce": NONCE,
            "names": draw.choice((["X-B", "X-A", "X-C"], [])),
        }
        job |= {"max_body": draw.choice((7, 131072)), "stamp": AT.strftime("%Y%m%dT%H:%M:%S+0000")}
        job["target"] = wire(job, draw).target
        made.append(job)
    key = jobs.access_key("AKIDEXAMPLE", SECRET.encode())
    for job, answer in zip(made, vendors(made), strict=True):
        given = {"max_body": job["max_body"], "sign_header": tuple(job["names"]), "access_token": "akab-access"}
        watch = eg1.watch(jobs.options(eg1.SCHEME, "sign", **given))
        message = wire({**job, "query": []}, draw, watch=watch).with_target(job["target"])
        signed = jobs.sign(eg1.SCHEME, message, key, AT, **given)
        assert jobs.value(signed.request, "authorization") == answer["authorization"], signed.stages
        theirs = jobs.added(message, ("Authorization", answer["authorization"]))
        verifier = jobs.verifier(eg1.SCHEME, key, allow_unsigned_payload=True, **given)
        assert verifier.judge(theirs, AT).more == {"nonce": NONCE}
