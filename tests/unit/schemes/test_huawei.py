"""What do Huawei's two algorithms sign, add and refuse?"""

from datetime import datetime
from typing import Any

import pytest

import schemejobs as jobs
from authkit.clock import UTC
from authkit.errors import InputError, Refused, Rejected, UsageError
from authkit.messages.request import Request
from authkit.schemes import huawei, huawei_v11

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
KEY = jobs.access_key()
SCOPE = {"region": "r-1", "service": "s-1"}
BOTH = pytest.mark.parametrize(
    "scheme, scope", [(huawei.SCHEME, {}), (huawei_v11.SCHEME, SCOPE)], ids=["huawei", "huawei-v11"]
)


def sign(message: Request, **given: Any) -> Any:
    return jobs.sign(huawei.SCHEME, message, KEY, AT, **given)


@BOTH
def test_what_is_added(scheme: Any, scope: "dict[str, str]") -> None:
    key = jobs.access_key(token="TOKEN")
    headers = (("X-Project-Id", "p"), ("X-Other", "1"), ("X-Sdk_x", "1"), ("Content-Type", "text/plain"))
    message = jobs.request("PUT", "/a?b", headers, b"hello")
    signed = jobs.sign(scheme, message, key, AT, **scope)
    assert [name for name, _ in signed.added] == ["X-Sdk-Date", "X-Security-Token", "Authorization"]
    assert signed.stages["canonical-request"] == (
        "PUT\n/a/\nb=\ncontent-type:text/plain\nhost:example.com\nx-project-id:p\nx-sdk-date:20261123T090000Z\n"
        "x-security-token:TOKEN\n\ncontent-type;host;x-project-id;x-sdk-date;x-security-token\n"
        f"{message.payload_hash}"
    )
    assert signed.bearer == ("TOKEN",)
    assert signed.scope == ("20261123/r-1/s-1" if scope else "")
    options = jobs.options(scheme, "inspect")
    assert scheme.stages(signed.request, options) == signed.stages
    found = jobs.verifier(scheme, key, authority=("example.com",), **scope).judge(signed.request, AT)
    assert (found.scope, found.uncovered) == (signed.scope, ("x-other", "x-sdk_x"))
    assert found.warnings == ("final-slash-not-covered",)
    assert "body" in found.covered


@pytest.mark.parametrize("target, line, warned", [
    ("/", "/", False),
    ("/a", "/a/", True),
    ("/a/", "/a/", True),
    ("/a%2Fb", "/a%2Fb/", True),
    ("http://example.com", "/", False),
])  # fmt: skip
def test_the_path_ends_with_a_slash(target: str, line: str, warned: bool) -> None:
    signed = sign(jobs.request(target=target))
    assert signed.stages["canonical-request"].split("\n")[1] == line
    found = jobs.verifier(huawei.SCHEME, KEY, authority=("example.com",)).judge(signed.request, AT)
    assert found.warnings == (("final-slash-not-covered",) if warned else ())


def test_a_final_slash_can_be_added_by_others() -> None:
    """That is the scheme's own weakness, and the reason of the warning."""
    signed = sign(jobs.request(target="/a"))
    moved = signed.request.with_target("/a/")
    assert jobs.verifier(huawei.SCHEME, KEY).judge(moved, AT).warnings[-1] == "final-slash-not-covered"


def test_more_headers() -> None:
    signed = sign(jobs.request(headers=(("X-Other", "1"),)), sign_header=("X-OTHER",))
    assert "SignedHeaders=host;x-other;x-sdk-date," in jobs.value(signed.request, "authorization")
    with pytest.raises(UsageError, match=r"^--sign-header X-B: the request has no such header to sign$"):
        sign(jobs.request(), sign_header=("X-B",))
    with pytest.raises(InputError, match=r"^--sign-header x_b: the scheme signs no header with '_' in its name$"):
        sign(jobs.request(headers=(("X_B", "1"),)), sign_header=("x_b",))


def test_unsigned_body() -> None:
    signed = sign(jobs.request("PUT", "/", (), b"hello"), payload="unsigned")
    assert signed.added[1] == ("X-Sdk-Content-Sha256", "UNSIGNED-PAYLOAD")
    assert signed.stages["canonical-request"].endswith("\nUNSIGNED-PAYLOAD")
    assert huawei.stages(signed.request, None) == signed.stages
    for body in (b"hello", b"other", None):
        sent = jobs.with_body(signed.request, body)
        with pytest.raises(Rejected) as caught:
            jobs.verifier(huawei.SCHEME, KEY).judge(sent, AT)
        assert (caught.value.reason, caught.value.hint) == ("unsigned-payload", "--allow-unsigned-payload accepts it")
        found = jobs.verifier(huawei.SCHEME, KEY, allow_unsigned_payload=True).judge(sent, AT)
        assert found.uncovered == ("body",)


def test_a_body_of_nothing_is_signed_as_nothing() -> None:
    signed = sign(jobs.request("PUT"), payload="unsigned")
    assert [name for name, _ in signed.added] == ["X-Sdk-Date", "Authorization"]
    assert jobs.verifier(huawei.SCHEME, KEY).judge(signed.request, AT).uncovered == ()
    declared = sign(jobs.request("PUT", "/", (("X-Sdk-Content-Sha256", "UNSIGNED-PAYLOAD"),)))
    assert declared.stages["canonical-request"].endswith("7852b855")
    assert jobs.verifier(huawei.SCHEME, KEY).judge(declared.request, AT).uncovered == ()


def test_an_unknown_body_may_be_left_unsigned() -> None:
    signed = sign(jobs.request("PUT", body=None), payload="unsigned")
    assert signed.added[1] == ("X-Sdk-Content-Sha256", "UNSIGNED-PAYLOAD")
    with pytest.raises(InputError, match=r"^the body is not known, so it cannot be signed$"):
        sign(jobs.request("PUT", body=None))


def test_a_declared_hash_must_be_the_body_s() -> None:
    with pytest.raises(
        UsageError, match=r"^the request declares the payload hash abc, and its body has 2cf24dba"
    ) as caught:
        sign(jobs.request("PUT", "/", (("X-Sdk-Content-Sha256", "abc"),), b"hello"))
    assert caught.value.hint == "remove the header, or add --payload unsigned"
    with pytest.raises(
        UsageError, match=r"^the request has X-Sdk-Content-Sha256 abc and is signed with UNSIGNED-PAYLOAD"
    ):
        sign(jobs.request("PUT", "/", (("X-Sdk-Content-Sha256", "abc"),), b"hello"), payload="unsigned")


def test_stages_need_every_header_that_is_listed() -> None:
    signed = sign(jobs.request("PUT", "/", (("Content-Type", "a/b"),)))
    with pytest.raises(Rejected) as caught:
        huawei.stages(jobs.without(signed.request, "content-type"), None)
    assert (caught.value.reason, caught.value.detail) == ("signed-header-missing", "content-type")


def test_stages_need_the_body_s_hash() -> None:
    signed = sign(jobs.request("PUT", "/", (), b"hello"))
    with pytest.raises(Rejected) as caught:
        huawei.stages(jobs.with_body(signed.request, None), None)
    assert (caught.value.reason, caught.value.detail) == (
        "body-unavailable",
        "and the request does not declare its hash",
    )


@pytest.mark.parametrize("header", ["Authorization", "X-Security-Token"])
@BOTH
def test_signed_already(scheme: Any, scope: "dict[str, str]", header: str) -> None:
    with pytest.raises(Refused, match=f"^the request already has the header {header.lower()}$"):
        jobs.sign(scheme, jobs.request(headers=((header, "x"),)), KEY, AT, **scope)


@BOTH
def test_another_date(scheme: Any, scope: "dict[str, str]") -> None:
    with pytest.raises(UsageError, match=r"^the request has X-Sdk-Date then and is signed with 20261123T090000Z$"):
        jobs.sign(scheme, jobs.request(headers=(("x-sdk-date", "then"),)), KEY, AT, **scope)


# ------------------------------------------------------------------------------------------------------------- V11


def test_the_derived_key() -> None:
    """RFC 5869 by its own words, with other code."""
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    made = HKDF(SHA256(), 32, b"AK", b"20261123/r-1/s-1").derive(b"SecretKey")
    assert huawei_v11.derive(KEY, "20261123/r-1/s-1").reveal() == made.hex().encode()


def test_every_input_of_the_key_matters() -> None:
    keys = {
        huawei_v11.derive(jobs.access_key(id, secret), scope).reveal()
        for id in ("AK", "BK")
        for secret in (b"s", b"t")
        for scope in ("20261123/r/s", "20261124/r/s", "20261123/q/s", "20261123/r/t")
    }
    assert len(keys) == 16


@pytest.mark.parametrize("scope, message, hint", [
    ({"service": "s"}, "nothing says which region to sign for", "add --region"),
    ({"region": "r"}, "nothing says which service to sign for", "add --service"),
    ({"region": "r/x", "service": "s"}, "--region 'r/x' holds a character that is not a letter, digit, '.', '_' or '-'",
     None),
    ({"region": "r", "service": "s" * 65}, f"--service {'s' * 65!r} is not 1 to 64 characters", None),
])  # fmt: skip
def test_a_scope_to_sign_for(scope: "dict[str, str]", message: str, hint: "str | None") -> None:
    with pytest.raises(UsageError) as caught:
        jobs.sign(huawei_v11.SCHEME, jobs.request(), KEY, AT, **scope)
    assert (caught.value.message, caught.value.hint) == (message, hint)


@pytest.mark.parametrize("scope", [{}, {"region": "r"}, {"service": "s"}])
def test_a_verifier_says_its_own_scope(scope: "dict[str, str]") -> None:
    with pytest.raises(UsageError, match=r"^an access key opens more than one scope$") as caught:
        jobs.verifier(huawei_v11.SCHEME, KEY, **scope)
    assert caught.value.hint == "say which is yours with --region and --service"


def test_what_is_claimed_goes_with_the_refusal() -> None:
    signed = jobs.sign(huawei_v11.SCHEME, jobs.request(), KEY, AT, **SCOPE)
    with pytest.raises(Rejected) as caught:
        jobs.verifier(huawei_v11.SCHEME, KEY, region="r-1", service="other").judge(signed.request, AT)
    claim: Any = caught.value.claim
    assert (claim.access_key_id, claim.scope, claim.at) == ("AK", "20261123/r-1/s-1", AT)
