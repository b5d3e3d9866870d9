"""Does every input of a vendor's signature matter, and nothing that is not covered?"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import schemejobs as jobs
from authkit.clock import UTC
from authkit.errors import Rejected
from authkit.messages.request import Request
from authkit.schemes import acs3, azure_sharedkey, cavage, eg1, huawei, huawei_v11
from authkit.schemes.base import Scheme, Signed

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SCOPE = {"region": "r-1", "service": "s-1"}

# scheme, options for signing, options for verifying, a header that it covers
SCHEMES: "dict[str, tuple[Scheme, dict[str, Any], dict[str, Any], str]]" = {
    "acs3": (acs3.SCHEME, {}, {}, "x-acs-action"),
    "huawei": (huawei.SCHEME, {}, {}, "x-project-id"),
    "huawei-v11": (huawei_v11.SCHEME, SCOPE, SCOPE, "x-project-id"),
    "eg1": (eg1.SCHEME, {"access_token": "at", "sign_header": ("x-a",)}, {"sign_header": ("x-a",)}, "x-a"),
    "azure-sharedkey": (azure_sharedkey.SCHEME, {"content_md5": True}, {}, "x-ms-meta-a"),
    "cavage": (cavage.SCHEME, {}, {}, "content-type"),
}
every = pytest.mark.parametrize("name", SCHEMES)
visible = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters="+%#?&=:/.;"), max_size=6)
words = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f+:,"), max_size=6)


def encode(text: str) -> str:
    return "".join([f"%{byte:02X}" for byte in text.encode()])


@st.composite
def messages(draw: Any) -> "dict[str, Any]":
    names = draw(st.lists(words.filter(bool), max_size=3, unique_by=str.lower))
    query = "&".join([f"{encode(one)}={encode(draw(words))}" for one in names])
    path = "/" + "/".join(draw(st.lists(visible, max_size=3)))
    return {
        "target": path + ("?" + query if query else ""),
        "body": draw(st.binary(max_size=40)),
        "value": draw(st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=8)),
    }


def make(name: str, parts: "dict[str, Any]", *more: "tuple[str, str]", method: str = "POST") -> Request:
    scheme, options, _, header = SCHEMES[name]
    watch = scheme.watch(jobs.options(scheme, "sign", **options)) if scheme.watch is not None else {}
    return jobs.request(method, parts["target"], ((header, parts["value"]), *more), parts["body"], watch=watch)


def sign(name: str, message: Request, *, key: Any = None, at: datetime = AT, **given: Any) -> Signed:
    scheme, options, _, _ = SCHEMES[name]
    return jobs.sign(scheme, message, key or jobs.access_key(), at, **{**options, **given})


def judge(name: str, sent: Request, body: bytes, at: datetime = AT) -> Any:
    scheme, _, options, _ = SCHEMES[name]
    verifier = jobs.verifier(scheme, jobs.access_key(), **options)
    return verifier.judge(jobs.with_body(sent, body, verifier), at)


@every
@settings(max_examples=40)
@given(parts=messages())
def test_what_is_signed_is_valid(name: str, parts: "dict[str, Any]") -> None:
    signed = sign(name, make(name, parts))
    found = judge(name, signed.request, parts["body"])
    assert found.access_key_id == "AK"
    assert set(found.uncovered) <= {"host"}
    scheme, _, options, _ = SCHEMES[name]
    verifier = jobs.verifier(scheme, jobs.access_key(), **options)
    seen = jobs.with_body(signed.request, parts["body"], verifier)
    inspect = jobs.options(scheme, "inspect", **({"sign_header": ("x-a",)} if name == "eg1" else {}))
    assert scheme.stages is not None
    assert scheme.stages(seen, inspect) == signed.stages


@every
@settings(max_examples=30)
@given(parts=messages(), data=st.data())
def test_whatever_is_covered_cannot_change(name: str, parts: "dict[str, Any]", data: st.DataObject) -> None:
    signed = sign(name, make(name, parts))
    found = judge(name, signed.request, parts["body"])
    name_ = data.draw(st.sampled_from(sorted(set(found.covered) & set(signed.request.grouped)) or ["host"]))
    value = signed.request.values(name_)[0]
    place = data.draw(st.integers(0, max(len(value) - 1, 0)))
    other = value[:place] + ("x" if value[place : place + 1] != "x" else "y") + value[place + 1 :]
    if name_ in found.covered:
        with pytest.raises(Rejected):
            judge(name, jobs.changed(signed.request, name_, other), parts["body"])
        with pytest.raises(Rejected):
            judge(name, jobs.without(signed.request, name_), parts["body"])
    path, mark, query = signed.request.target.partition("?")
    for target in (path + "x" + mark + query, signed.request.target + ("&" if mark else "?") + "zz=1"):
        with pytest.raises(Rejected):
            judge(name, signed.request.with_target(target), parts["body"])
    with pytest.raises(Rejected):
        judge(name, signed.request, parts["body"] + b"x")


@every
@settings(max_examples=30)
@given(
    parts=messages(), value=st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"))
)
def test_an_uncovered_header_is_named(name: str, parts: "dict[str, Any]", value: str) -> None:
    signed = sign(name, make(name, parts))
    found = judge(name, jobs.added(signed.request, ("X-Unknown", value)), parts["body"])
    assert "x-unknown" in found.uncovered


ALIKE = {"target": "/a?b=1", "body": b"hello", "value": "v"}
# what is different -> the signing of it
INPUTS: "dict[str, Callable[[str], Signed]]" = {
    "nothing": lambda name: sign(name, make(name, ALIKE)),
    "method": lambda name: sign(name, make(name, {**ALIKE, "body": b""}, method="GET")),
    "path": lambda name: sign(name, make(name, {**ALIKE, "target": "/b?b=1"})),
    "query name": lambda name: sign(name, make(name, {**ALIKE, "target": "/a?c=1"})),
    "query value": lambda name: sign(name, make(name, {**ALIKE, "target": "/a?b=2"})),
    "header": lambda name: sign(name, make(name, {**ALIKE, "value": "w"})),
    "body": lambda name: sign(name, make(name, {**ALIKE, "body": b"hellp"})),
    "secret": lambda name: sign(name, make(name, ALIKE), key=jobs.access_key(secret=b"SecretKez")),
    "time": lambda name: sign(name, make(name, ALIKE), at=AT + timedelta(seconds=1)),
}


@every
def test_every_input_matters(name: str) -> None:
    made = {what: one(name).stages["signature"] for what, one in INPUTS.items()}
    assert len(set(made.values())) == len(made), made
    again = INPUTS["nothing"](name).stages["signature"]
    assert again == made["nothing"]


@pytest.mark.parametrize("name", ["acs3", "huawei", "huawei-v11", "eg1", "cavage"])
def test_the_host_matters(name: str) -> None:
    message = make(name, ALIKE)
    other = jobs.changed(message, "host", "other.example")
    assert sign(name, message).stages["signature"] != sign(name, other).stages["signature"]


@pytest.mark.parametrize("name, other", [
    ("huawei-v11", {"region": "r-2"}),
    ("huawei-v11", {"service": "s-2"}),
    ("eg1", {"access_token": "au"}),
    ("eg1", {"max_body": 4}),
    ("eg1", {"sign_header": ()}),
    ("cavage", {"algorithm": "hmac-sha512"}),
    ("cavage", {"hs2019": True}),
])  # fmt: skip
def test_every_option_matters(name: str, other: "dict[str, Any]") -> None:
    scheme, options, _, _ = SCHEMES[name]
    message = make(name, ALIKE)
    if "max_body" in other:
        watched = eg1.watch(jobs.options(scheme, "sign", **options, **other))
        message = jobs.request("POST", "/a?b=1", (("x-a", "v"),), b"hello", watch=watched)
    assert sign(name, message).stages["signature"] != sign(name, message, **other).stages["signature"]


@pytest.mark.parametrize("name", ["huawei-v11", "eg1", "azure-sharedkey"])
def test_the_id_matters(name: str) -> None:
    """Where it is an input: of the key, of the header that is signed, of the resource."""
    other = sign(name, make(name, ALIKE), key=jobs.access_key("BK"))
    assert sign(name, make(name, ALIKE)).stages["signature"] != other.stages["signature"]


@pytest.mark.parametrize("name", ["acs3", "eg1"])
def test_the_nonce_matters(name: str) -> None:
    scheme, options, _, _ = SCHEMES[name]
    one, two = (
        jobs.sign(
            scheme, make(name, ALIKE), jobs.access_key(), AT, random=lambda count, fill=fill: fill * count, **options
        )
        for fill in (b"a", b"b")
    )
    assert one.stages["signature"] != two.stages["signature"]
