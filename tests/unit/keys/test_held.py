"""What does the text of a key in a token say?"""

import pytest

from authkit.errors import InputError
from authkit.keys.held import SECRET, SUBKEY, Held, format_held, parse_held
from authkit.schemes.derived import CHAINS

AWS4 = "AWS4-HMAC-SHA256"


def told(held: "Held | None") -> tuple[object, ...]:
    assert held is not None
    return held.kind, held.access_key_id, held.label, held.prefix, held.use, held.scope


@pytest.mark.parametrize(
    "held, text",
    [
        (Held(SECRET, "AKID", AWS4, prefix=b"AWS4"), "authkit-key/v1 secret AKID AWS4-HMAC-SHA256 AWS4 -"),
        (Held(SECRET, "AKID", AWS4, prefix=b"AWS4", use="derive"), f"authkit-key/v1 secret AKID {AWS4} AWS4 derive"),
        (Held(SECRET, "a@b", "HMAC-SHA256"), "authkit-key/v1 secret a@b HMAC-SHA256 - -"),
        (Held(SECRET, "AKID", "a b", prefix=b"-"), "authkit-key/v1 secret AKID a%20b %2D -"),
        (Held(SECRET, "AKID", "é", prefix=b"\xff\0%"), "authkit-key/v1 secret AKID %C3%A9 %FF%00%25 -"),
        (
            Held(SUBKEY, "AKID", AWS4, scope="20261123/us-east-1/s3/aws4_request"),
            "authkit-key/v1 subkey AKID AWS4-HMAC-SHA256 20261123/us-east-1/s3/aws4_request",
        ),
    ],
)
def test_it_is_read_as_it_was_written(held: Held, text: str) -> None:
    assert format_held(held) == text.encode()
    assert told(parse_held(text.encode())) == told(held)
    assert repr(held) == f"<Held {held.kind} {held.access_key_id}>"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "key 7",
        "\u00e9",
        "authkit-key/v2 secret AKID AWS4 AWS4 -",
        "authkit-key/v1 secret AKID AWS4",
        "authkit-key/v1 secret AKID AWS4 AWS4",
        "authkit-key/v1 secret AKID AWS4 AWS4 - -",
        "authkit-key/v1 secret AKID AWS4 AWS4 sign",
        "authkit-key/v1 secret AKID AWS4 AWS4 ",
        "authkit-key/v1 secret AKID  AWS4 -",
        "authkit-key/v1 secret  AWS4 AWS4 -",
        "authkit-key/v1 secret A=B AWS4 AWS4 -",
        "authkit-key/v1 secret AKID AW%S AWS4 -",
        "authkit-key/v1 secret AKID AWS4 AW%4 -",
        "authkit-key/v1 secret AKID AWS4 AW%c3 -",
        "authkit-key/v1 secret AKID AWS4 A~ -",
        "authkit-key/v1 pair AKID AWS4 AWS4 -",
        "authkit-key/v1 pair AKID AWS4 20261123",
        "authkit-key/v1 subkey AKID AWS4 20261123 -",
    ],
)
def test_any_other_text_is_not_authkits(text: str) -> None:
    assert parse_held(text.encode()) is None


def test_the_scope_of_a_subkey() -> None:
    held = Held(SUBKEY, "AKID", AWS4, scope="20261123/us-east-1")
    assert str(held.read_scope(CHAINS, "x")) == "20261123/us-east-1"
    with pytest.raises(InputError, match="^x: the scheme 'OTHER' is not known here$"):
        Held(SUBKEY, "AKID", "OTHER", scope="20261123").read_scope(CHAINS, "x")
    with pytest.raises(InputError, match="^x: '20261140' is not a day$"):
        Held(SUBKEY, "AKID", AWS4, scope="20261140").read_scope(CHAINS, "x")
