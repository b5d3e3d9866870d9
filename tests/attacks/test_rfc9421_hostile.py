"""Is whatever stands in the fields of a signature a verdict, and never an error of ours?"""

import tracemalloc
from base64 import b64encode
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from authkit.errors import MESSAGE_REASONS, Rejected
from authkit.keys.access import AccessKey
from authkit.keys.prove import load_public
from authkit.keys.scope import Scope
from authkit.keys.subkeys import Subkey
from authkit.schemes.derived import AWS4
from authkit.schemes.rfc9421 import SCHEME
from authkit.secret import MacKey, Secret
from httpsigs import AT, public_pem, request, response, to_inspect, to_verify

KEYS: list[Any] = [
    AccessKey("k1", Secret(bytes(32))),
    Subkey("AKID", Scope(("20261123", "us-east-1", "s3", "aws4_request"), AWS4.chain), MacKey(bytes(32))),
    *[load_public(public_pem(type), type, type) for type in ("ed25519", "p256", "p384", "rsa")],
]
IDS = ["k1", "AKID/20261123/us-east-1/s3/aws4_request", "AKID/20261122/us-east-1/s3/aws4_request", "p256", "rsa", "?"]
COMPONENTS = st.sampled_from(
    [
        *'"@method" "@authority" "@path" "@query" "@target-uri" "@request-target" "@scheme" "@status"'.split(" "),
        *'"@method";req "@query-param";name="a" "@query-param";name="%" "@query-param" "@"'.split(" "),
        *'"content-digest" "content-digest";sf "content-digest";bs "content-digest";key="sha-256"'.split(" "),
        *'"repr-digest" "x" "x";sf "x";bs "x";key="a" "x";tr "x";req "X" "" x 1 :AA==: ?1 "x";sf;sf "\\""'.split(" "),
        *'"signature" "signature-input";sf "signature";key="sig1" "set-cookie"'.split(" "),
    ]
)
TIMES = ("1795424400", "0", "-1", "999999999999999", "9999999999999999", "1.5", '"1"', "@1")
PARAMS = st.sampled_from(
    [
        *[f";created={value}" for value in TIMES],
        *[f";expires={value}" for value in ("1795424460", "1795424399", "253402300800", "x", "?1")],
        *[f';keyid="{value}"' for value in IDS],
        *[f';alg="{value}"' for value in ("hmac-sha256", "ed25519", "rsa-v1_5-sha256", "none", "")],
        *(";keyid=k1", ";nonce", ";nonce=1", ';tag="t"', ";tag=:AA==:", ";x=(a)", ";x", ";created", ";", ";a=1;a=2"),
    ]
)
GOOD = st.sampled_from(IDS).map(lambda keyid: [f';created=1795424400;keyid="{keyid}"'])
MEMBERS = st.builds(
    lambda label, components, params, space: f"{label}=({space.join(components)}){''.join(params)}",
    st.sampled_from(["sig1", "sig1", "sig1", "b", "*", "S"]),
    st.lists(COMPONENTS, max_size=6),
    st.one_of(GOOD, GOOD, st.lists(PARAMS, max_size=5)),
    st.sampled_from([" ", " ", " ", "  ", "", "\t"]),
)
BYTES = st.one_of(
    st.binary(max_size=110), st.just(bytes(32)), st.just(bytes(64)), st.just(b"\x30"), st.just(b"\x30\xff" + bytes(300))
)
SIGNATURES = st.builds(
    lambda label, value, end: f"{label}=:{value}{end}",
    st.sampled_from(["sig1", "sig1", "sig1", "b", "*"]),
    st.one_of(BYTES.map(lambda raw: b64encode(raw).decode()), st.text("A+/=-_ :", max_size=6)),
    st.sampled_from([":", ":", ":", "", ":;a", ":;a;a"]),
)
TARGETS = st.sampled_from(
    ["/", "/?a=1", "/?a=1&a=2", "/?a=%", "/?a=%ff", "*", "http://b.test", "https://example.com/?a"]
)
HEADERS = st.lists(
    st.sampled_from(
        [
            ("Host", "example.com"),
            ("X", "a=1, a=2"),
            ("X", "\xe9"),
            ("X", 'a;b="'),
            ("Content-Digest", "sha-256=:AAAA:"),
            ("Content-Digest", "sha-512=:AAAA:, sha-256"),
            ("Content-Digest", "md5=1"),
            ("Repr-Digest", "sha-256=?"),
            ("Set-Cookie", "a"),
        ]
    ),
    max_size=5,
)


@settings(max_examples=600)
@given(
    st.data(), HEADERS, TARGETS, st.lists(MEMBERS, max_size=2), st.lists(SIGNATURES, max_size=2), st.booleans()
)  # fmt: skip
def test_a_verdict_and_nothing_else(
    data: st.DataObject, headers: Any, target: str, inputs: list[str], signatures: list[str], answer: bool
) -> None:
    lines = [("Signature-Input", one) for one in inputs] + [("Signature", one) for one in signatures]
    given_headers = (*headers, *lines)
    message: Any = request(data.draw(st.sampled_from(["GET", "OPTIONS"])), target, given_headers, b"x")
    if answer:
        related = data.draw(st.sampled_from([None, request(), request(target="*")]))
        message = response(200, given_headers, b"x", related)
    loose = tuple(f"@{name}{end}" for name in ("method", "authority", "path", "query") for end in ("", ";req"))
    options = to_verify(
        label=data.draw(st.sampled_from([None, "sig1"])),
        allow_unsigned=(*loose, "@status", "content-digest", "@request-target"),
        body_unchecked=data.draw(st.booleans()),
    )
    with pytest.raises(Rejected) as caught:
        SCHEME.verifier(KEYS, options).judge(message, AT)
    assert caught.value.reason in MESSAGE_REASONS
    assert SCHEME.stages is not None
    try:
        SCHEME.stages(message, to_inspect())
    except Rejected as rejected:
        assert rejected.reason in MESSAGE_REASONS  # noqa: PT017


LIKELY = st.lists(
    st.sampled_from(
        [
            *'"@method" "@authority" "@path" "@query" "@target-uri" "@query-param";name="a" "x"'.split(" "),
            *'"content-digest" "content-digest";sf "content-digest";bs "repr-digest" "set-cookie" "x";key="a"'.split(
                " "
            ),
        ]
    ),
    max_size=6,
    unique=True,
)
ONE_TARGET = st.sampled_from(["/", "/?a=1", "/?a=1&a=2", "/?a=%ff"])


@settings(max_examples=600)
@given(st.data(), HEADERS, ONE_TARGET, LIKELY, st.sampled_from(IDS), st.booleans())
def test_what_is_almost_right_is_a_verdict_too(
    data: st.DataObject, headers: Any, target: str, components: list[str], keyid: str, unchecked: bool
) -> None:
    """The same behind the clock and the key, where values, digests and the signature itself are looked at."""
    once = {name: (name, value) for name, value in headers}
    once["Host"] = ("Host", "example.com")
    more = data.draw(st.just("") | PARAMS)
    text = f'sig1=({" ".join(components)});created=1795424400;keyid="{keyid}"{more}'
    lines = (("Signature-Input", text), ("Signature", f"sig1=:{b64encode(data.draw(BYTES)).decode()}:"))
    message = request("POST", target, (*once.values(), *lines), b"x")
    loose = ("@method", "@authority", "@path", "@query", "content-digest")
    with pytest.raises(Rejected) as caught:
        SCHEME.verifier(KEYS, to_verify(allow_unsigned=loose, body_unchecked=unchecked)).judge(message, AT)
    assert caught.value.reason in MESSAGE_REASONS


@given(
    st.text(max_size=40).filter(lambda text: all(ord(one) < 256 for one in text)),
    st.text('sig1=():;"@a ,', max_size=30),
)
def test_any_text_in_the_fields(one: str, other: str) -> None:
    for inputs, signatures in (
        (one, other),
        (other, one),
        (f"sig1=({one})", "sig1=:AAAA:"),
        ("sig1=()", f"sig1=:{one}:"),
    ):
        lines = (("Host", "a"), ("Signature-Input", inputs), ("Signature", signatures))
        with pytest.raises(Rejected):
            SCHEME.verifier(KEYS, to_verify()).judge(request("GET", "/", lines, b""), AT)


@pytest.mark.parametrize(
    "inputs",
    [
        "sig1=(" + '"a" ' * 4000,
        "sig1=(" + '"a";sf ' * 2000 + ")",
        "sig1=()" + ";a" * 8000,
        "sig1=()" + "".join(f";a{number}=1" for number in range(2000)),
        ", ".join(f"a{number}=()" for number in range(1500)),
        "sig1=(" * 3000,
        'sig1=("' + ")" * 16000,
        "sig1=()" + " " * 16000,
        "sig1=();nonce=\"" + "x" * 16000 + '"',
        "sig1=();nonce=\"" + "\\\\" * 8000 + '"',
        "x" * 10_000_000,
    ],
)  # fmt: skip
def test_what_is_long_costs_little(inputs: str) -> None:
    message = request("GET", "/", (("Host", "a"), ("Signature-Input", inputs), ("Signature", "sig1=:AAAA:")), b"")
    tracemalloc.start()
    try:
        with pytest.raises(Rejected):
            SCHEME.verifier(KEYS, to_verify(label="sig1")).judge(message, AT)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 8_000_000 + 4 * len(inputs)


def test_lists_that_are_remembered_are_few_and_short() -> None:
    from authkit.schemes.httpsig import components

    for number in range(3000):
        text = f'sig1=("x-{number}")'
        lines = (("Host", "a"), ("Signature-Input", text), ("Signature", "sig1=:AAAA:"))
        with pytest.raises(Rejected):
            SCHEME.verifier(KEYS, to_verify()).judge(request("GET", "/", lines, b""), AT)
    assert len(components._lists) <= components._MANY
    assert max(map(len, components._lists)) <= components._MAX_KEPT
