"""Is an access-key file read strictly, and does no error show its secret?"""

import json
from datetime import datetime
from typing import Any

import pytest

from authkit.clock import UTC
from authkit.errors import InputError
from authkit.keys.access import AccessKey, check_id, check_secret, encode_access_key, load_access_key
from authkit.secret import Secret
from samples import ID, SECRET, access_key

ENDS = datetime(2026, 11, 23, 20, 0, 0, tzinfo=UTC)
PLAIN = {"schema": "authkit.access-key/v1", "access_key_id": ID, "secret": SECRET}
RAW = {"schema": "authkit.access-key/v1", "access_key_id": ID, "secret_b64": "+/8A"}
SESSION = {"session_token": "T/+=x", "expires_at": "2026-11-23T20:00:00Z"}


def load(top: dict[str, Any]) -> AccessKey:
    return load_access_key(json.dumps(top).encode(), "FILE")


def fault(top: dict[str, Any]) -> str:
    with pytest.raises(InputError) as caught:
        load(top)
    assert caught.value.hint is None
    assert SECRET not in caught.value.message
    return caught.value.message


def test_plain() -> None:
    key = load(PLAIN)
    assert (key.access_key_id, key.secret.reveal(), key.raw) == (ID, SECRET.encode(), False)
    assert (key.session_token, key.expires_at, key.scheme, key.use) == (None, None, None, None)
    assert repr(key) == f"<AccessKey {ID}>"


def test_raw_bytes_are_decoded_and_text_never_is() -> None:
    assert (load(RAW).secret.reveal(), load(RAW).raw) == (b"\xfb\xff\x00", True)
    assert (load({**PLAIN, "secret": "+/8A"}).secret.reveal(), load(PLAIN).raw) == (b"+/8A", False)


def test_everything() -> None:
    key = load({**PLAIN, **SESSION, "scheme": "AWS4-HMAC-SHA256", "use": "derive"})
    assert (key.scheme, key.use, key.expires_at) == ("AWS4-HMAC-SHA256", "derive", ENDS)
    assert key.session_token == Secret(b"T/+=x")


@pytest.mark.parametrize("top", [PLAIN, RAW, {**PLAIN, "scheme": "X", "use": "derive"}, {**RAW, **SESSION}])
def test_written_as_it_was_read(top: dict[str, Any]) -> None:
    assert encode_access_key(load(top)) == json.dumps(top).encode() + b"\n"


def test_a_token_without_an_end_has_no_place_in_the_format() -> None:
    with pytest.raises(InputError) as caught:
        encode_access_key(access_key(token="T"))
    assert caught.value.message == "the session token has no end, so it cannot be written to a file"


BOTH = "FILE: exactly one of the members 'secret' and 'secret_b64' must stand"
NOT_RAW = "FILE: member 'secret_b64' is not the base64 of 1 to 1024 bytes"
NOT_TEXT = "FILE: the secret is not 1 to 1024 printable ASCII characters"


@pytest.mark.parametrize(
    ("top", "message"),
    [
        ({**PLAIN, "schema": "authkit.access-key/v2"}, "FILE: member 'schema' is not 'authkit.access-key/v1'"),
        ({**PLAIN, "schema": 1}, "FILE: member 'schema' is not 'authkit.access-key/v1'"),
        ({"access_key_id": ID, "secret": SECRET}, "FILE: member 'schema' is missing"),
        ({"schema": "authkit.access-key/v1", "secret": SECRET}, "FILE: member 'access_key_id' is missing"),
        ({**PLAIN, "key": "x"}, "FILE: unknown member 'key'"),
        ({**PLAIN, "access_key_id": 1}, "FILE: member 'access_key_id' is not text"),
        ({**PLAIN, "access_key_id": ""}, "FILE: the access key ID is not 1 to 256 characters"),
        (
            {**PLAIN, "access_key_id": "A/B"},
            "FILE: the access key ID holds a character that an access key ID cannot hold",
        ),
        ({**PLAIN, "secret_b64": "AA=="}, BOTH),
        ({"schema": "authkit.access-key/v1", "access_key_id": ID}, BOTH),
        ({**PLAIN, "use": "sign"}, "FILE: member 'use' is not 'derive'"),
        ({**PLAIN, "use": True}, "FILE: member 'use' is not 'derive'"),
        ({**PLAIN, "secret": 1}, "FILE: member 'secret' is not text"),
        ({**PLAIN, "secret": ""}, NOT_TEXT),
        ({**PLAIN, "secret": "é"}, NOT_TEXT),
        ({**PLAIN, "secret": "a\n"}, "FILE: member 'secret' holds a character that cannot be printed"),
        ({**PLAIN, "secret": "x" * 1025}, NOT_TEXT),
        ({**RAW, "secret_b64": ""}, NOT_RAW),
        ({**RAW, "secret_b64": "-_8A"}, NOT_RAW),
        ({**RAW, "secret_b64": "A" * 1364 + "AAA="}, NOT_RAW),
        ({**RAW, "secret_b64": []}, "FILE: member 'secret_b64' is not text"),
        ({**PLAIN, "scheme": 4}, "FILE: member 'scheme' is not text"),
        (
            {**PLAIN, "session_token": "T"},
            "FILE: members 'session_token' and 'expires_at' stand together or not at all",
        ),
        (
            {**PLAIN, **SESSION, "expires_at": "soon"},
            "FILE: member 'expires_at' is not an instant YYYY-MM-DDThh:mm:ssZ",
        ),
    ],
)
def test_refused(top: dict[str, Any], message: str) -> None:
    assert fault(top) == message


def test_the_final_line_feed_may_be_missing_and_nothing_else() -> None:
    assert load_access_key(json.dumps(PLAIN).encode() + b"\n", "FILE").access_key_id == ID
    with pytest.raises(InputError) as caught:
        load_access_key(json.dumps(PLAIN).encode()[:-1], "FILE")
    assert caught.value.message == f"FILE: not JSON at line 1, column {len(json.dumps(PLAIN))}"


def test_longest_secrets() -> None:
    assert len(load({**PLAIN, "secret": "x" * 1024}).secret) == 1024
    assert len(load({**RAW, "secret_b64": "A" * 1364 + "AA=="}).secret) == 1024


def test_check_secret() -> None:
    assert check_secret("x", "stdin") == Secret(b"x")
    assert check_secret(" ~" * 512, "stdin") == Secret(b" ~" * 512)
    for text in ("", "x" * 1025, "a\tb", "a\x7f", "é", "\u2028"):
        with pytest.raises(InputError) as caught:
            check_secret(text, "stdin")
        assert caught.value.message == "stdin: the secret is not 1 to 1024 printable ASCII characters"


def test_check_id() -> None:
    assert check_id("AKID", "stdin") == "AKID"
    with pytest.raises(InputError) as caught:
        check_id("", "stdin")
    assert caught.value.message == "stdin: the access key ID is not 1 to 256 characters"
