"""Are other tools' files read as those tools mean them?"""

from datetime import datetime

import pytest

from authkit.clock import UTC
from authkit.errors import InputError, UsageError
from authkit.keys.foreign import load_csv, load_profile, load_sts, only_profile

ENDS = datetime(2026, 11, 23, 20, 0, 0, tzinfo=UTC)


# ------------------------------------------------------------------------------------------------------ accessKeys.csv


@pytest.mark.parametrize(
    "data",
    [
        b"Access key ID,Secret access key\nAKID,s/+=\n",
        b"\xef\xbb\xbfAccess key ID,Secret access key\r\nAKID,s/+=\r\n",
        b'\n"Secret access key" , ACCESS KEY ID,User name\n\n"s/+=",AKID ,\xc3\xa9\n\n',
    ],
)
def test_csv(data: bytes) -> None:
    key = load_csv(data, "FILE")
    assert (key.access_key_id, key.secret.reveal(), key.session_token) == ("AKID", b"s/+=", None)


ROWS = "FILE: not one header line and one key"
COLUMNS = "FILE: no columns 'Access key ID' and 'Secret access key'"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", ROWS),
        (b"Access key ID,Secret access key\n", ROWS),
        (b"Access key ID,Secret access key\nA,s\nB,t\n", ROWS),
        (b"Access key ID,Secret access key\nA,s,x\n", ROWS),
        (b"Access key ID,Secret access key\nA\n", ROWS),
        (b"Access key ID,Secret\nA,s\n", COLUMNS),
        (b"ID,Secret access key\nA,s\n", COLUMNS),
        (
            b"Access key ID,Secret access key\nA/B,s\n",
            "FILE: the access key ID holds a character that an access key ID cannot hold",
        ),
        (b"Access key ID,Secret access key\nA,\n", "FILE: the secret is not 1 to 1024 printable ASCII characters"),
        (b"Access key ID,Secret access key\nA,s\xff\n", "FILE: not UTF-8 at byte 35"),
        (b"Access key ID,Secret access key\nA," + b"s" * 131073 + b"\n", "FILE: not CSV"),
    ],
)
def test_csv_refused(data: bytes, message: str) -> None:
    with pytest.raises(InputError) as caught:
        load_csv(data, "FILE")
    assert caught.value.message == message


# ---------------------------------------------------------------------------------------------------------------- STS


KEY = '"AccessKeyId": "ASIDX", "SecretAccessKey": "s/+="'
SESSION = '"SessionToken": "T/+=", "Expiration": "2026-11-23T20:00:00Z"'


@pytest.mark.parametrize(
    "text",
    [
        "{%s, %s}",
        '{"Credentials": {%s, %s}, "AssumedRoleUser": {"Arn": "x"}}',
        '{"Version": 1, %s, %s}',
    ],
)
def test_sts(text: str) -> None:
    key = load_sts((text % (KEY, SESSION)).encode(), "FILE")
    assert (key.access_key_id, key.secret.reveal(), key.expires_at) == ("ASIDX", b"s/+=", ENDS)
    assert key.session_token is not None
    assert key.session_token.reveal() == b"T/+="
    assert key.expires_at is not None
    assert key.expires_at.tzinfo is UTC


LOWER = '"accessKeyId": "ASIDX", "secretAccessKey": "s/+="'
SESSION_SET = LOWER + ', "sessionToken": "T/+=", "expiration": "2026-11-23T20:00:00Z"'


def test_roles_anywhere() -> None:
    text = f'{{"credentialSet": [{{"roleArn": "r", "credentials": {{{SESSION_SET}}}}}], "subjectArn": "s"}}'
    key = load_sts(text.encode(), "FILE")
    assert (key.access_key_id, key.secret.reveal(), key.expires_at) == ("ASIDX", b"s/+=", ENDS)
    assert key.session_token is not None
    assert key.session_token.reveal() == b"T/+="


@pytest.mark.parametrize("sets", [
    "[]", "{}", "null", '[{"credentials": {}}, {"credentials": {}}]', "[1]", '[{"credentials": []}]', "[{}]",
    f'[{{"credentials": {{{LOWER.replace("accessKeyId", "x")}}}}}]',
])  # fmt: skip
def test_roles_anywhere_refused(sets: str) -> None:
    with pytest.raises(InputError) as caught:
        load_sts(f'{{"credentialSet": {sets}}}'.encode(), "FILE")
    assert caught.value.message == MEMBERS


def test_create_access_key_s_answer_has_no_session() -> None:
    key = load_sts(b'{"AccessKey": {"UserName": "u", "Status": "Active", %s}}' % KEY.encode(), "FILE")
    assert (key.access_key_id, key.session_token, key.expires_at) == ("ASIDX", None, None)


@pytest.mark.parametrize(
    ("more", "token", "ends"),
    [
        ('"SessionToken": null, "Expiration": "2026-11-23T20:00:00Z"', None, None),
        ('"SessionToken": "", "Expiration": "never"', None, None),
        ('"SessionToken": "T", "Expiration": null', b"T", None),
        ('"SessionToken": "T"', b"T", None),
        ('"SessionToken": "T", "Expiration": "2026-11-23T21:30:00.75+01:30"', b"T", ENDS),
    ],
)
def test_sts_without_all_of_a_session(more: str, token: "bytes | None", ends: "datetime | None") -> None:
    key = load_sts(f"{{{KEY}, {more}}}".encode(), "FILE")
    assert (None if key.session_token is None else key.session_token.reveal(), key.expires_at) == (token, ends)


MEMBERS = "FILE: no members 'AccessKeyId' and 'SecretAccessKey'"
NO_INSTANT = "FILE: member 'Expiration' is not an instant"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "FILE: not JSON"),
        ("{", "FILE: not JSON"),
        ("[" * 100_000, "FILE: not JSON"),
        ('{"a": ' + "9" * 5000 + "}", "FILE: not JSON"),
        ("[]", MEMBERS),
        ("null", MEMBERS),
        ("{}", MEMBERS),
        ('{"Credentials": []}', MEMBERS),
        ('{"Credentials": {}, "AccessKeyId": "A", "SecretAccessKey": "s"}', MEMBERS),
        ('{"AccessKey": null, "AccessKeyId": "A", "SecretAccessKey": "s"}', MEMBERS),
        ('{"AccessKeyId": "A"}', MEMBERS),
        ('{"SecretAccessKey": "s"}', MEMBERS),
        ('{"AccessKeyId": "A", "SecretAccessKey": 1}', MEMBERS),
        ('{"AccessKeyId": 1, "SecretAccessKey": "s"}', MEMBERS),
        (
            '{"AccessKeyId": "A B", "SecretAccessKey": "s"}',
            "FILE: the access key ID holds a character that an access key ID cannot hold",
        ),
        (
            '{"AccessKeyId": "A", "SecretAccessKey": ""}',
            "FILE: the secret is not 1 to 1024 printable ASCII characters",
        ),
        (f'{{{KEY}, "SessionToken": 1}}', "FILE: member 'SessionToken' is not text"),
        (f'{{{KEY}, "SessionToken": "a b"}}', "FILE: the session token is not printable ASCII without spaces"),
        (f'{{{KEY}, "SessionToken": "a\\n"}}', "FILE: the session token is not printable ASCII without spaces"),
        (f'{{{KEY}, "SessionToken": "\\u00e9"}}', "FILE: the session token is not printable ASCII without spaces"),
        (f'{{{KEY}, "SessionToken": "T", "Expiration": "never"}}', NO_INSTANT),
        (f'{{{KEY}, "SessionToken": "T", "Expiration": 1763928000}}', NO_INSTANT),
        (f'{{{KEY}, "SessionToken": "T", "Expiration": "0001-01-01T00:00:00+01:00"}}', NO_INSTANT),
        (
            f'{{{KEY}, "SessionToken": "T", "Expiration": "2026-11-23T20:00:00"}}',
            "FILE: member 'Expiration' has no offset from UTC",
        ),
    ],
)
def test_sts_refused(text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        load_sts(text.encode(), "FILE")
    assert caught.value.message == message
    assert "s/+=" not in message


def test_sts_that_is_not_utf_8() -> None:
    with pytest.raises(InputError) as caught:
        load_sts(b'{"\xff": 1}', "FILE")
    assert caught.value.message == "FILE: not UTF-8 at byte 2"


# ------------------------------------------------------------------------------------------------- shared credentials


INI = b"""# a comment
; another

[default]
aws_access_key_id = AKID
AWS_Secret_Access_Key=s/+=#; x=y
region = us-east-1
s3 =
    max_concurrent_requests = 20
\t[not a section]

[profile web 1]
aws_access_key_id = AKWEB
aws_secret_access_key = t
aws_session_token = T/+=

[ role ] # with a comment
role_arn = arn:aws:iam::1:role/x
aws_session_token =
aws_access_key_id = AKROLE
[default]
aws_access_key_id = AKLAST
"""


def test_profile() -> None:
    key = load_profile(INI, "web 1", "FILE")
    assert (key.access_key_id, key.secret.reveal()) == ("AKWEB", b"t")
    assert key.session_token is not None
    assert (key.session_token.reveal(), key.expires_at) == (b"T/+=", None)


def test_a_value_is_everything_behind_the_first_mark() -> None:
    key = load_profile(INI, "default", "FILE")
    assert (key.access_key_id, key.secret.reveal(), key.session_token) == ("AKLAST", b"s/+=#; x=y", None)


def test_an_empty_token_is_none() -> None:
    data = b"[a]\naws_access_key_id=A\naws_secret_access_key=s\naws_session_token=\n"
    assert load_profile(data, "a", "FILE").session_token is None


def test_a_profile_of_that_very_name_wins() -> None:
    data = b"[profile a]\naws_access_key_id=P\naws_secret_access_key=s\n"
    data += b"[a]\naws_access_key_id=A\naws_secret_access_key=s\n"
    assert load_profile(data, "a", "FILE").access_key_id == "A"


@pytest.mark.parametrize(
    ("profile", "message"),
    [
        ("role", "FILE: profile 'role' has no aws_access_key_id and aws_secret_access_key"),
        ("half", "FILE: profile 'half' has no aws_access_key_id and aws_secret_access_key"),
        ("bad", "FILE: the access key ID holds a character that an access key ID cannot hold"),
        ("empty", "FILE: the secret is not 1 to 1024 printable ASCII characters"),
        ("token", "FILE: the session token is not printable ASCII without spaces"),
    ],
)
def test_profile_refused(profile: str, message: str) -> None:
    more = b"[half]\naws_secret_access_key=s\n[bad]\naws_access_key_id=A/B\naws_secret_access_key=s\n"
    more += b"[empty]\naws_access_key_id=A\naws_secret_access_key=\n"
    more += b"[token]\naws_access_key_id=A\naws_secret_access_key=s\naws_session_token=a b\n"
    with pytest.raises(InputError) as caught:
        load_profile(INI + more, profile, "FILE")
    assert caught.value.message == message


def test_no_such_profile() -> None:
    with pytest.raises(UsageError) as caught:
        load_profile(INI, "web", "FILE")
    assert caught.value.message == "FILE: no profile 'web'"
    assert caught.value.hint == "there is default, profile web 1, role"
    with pytest.raises(UsageError) as caught:
        load_profile(b"# nothing\n", "web", "FILE")
    assert caught.value.hint == "there is none"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"[a\n", "FILE: line 1: '[' without ']'"),
        (b"\n[a]\nb = c\n[d\n", "FILE: line 4: '[' without ']'"),
        (b"b = c\n", "FILE: line 1: expected 'name = value' in a [profile]"),
        (b"[a]\n\nb\n", "FILE: line 3: expected 'name = value' in a [profile]"),
        (b"[a]\n\xff\n", "FILE: not UTF-8 at byte 4"),
    ],
)
def test_ini_refused(data: bytes, message: str) -> None:
    for read in (lambda: load_profile(data, "a", "FILE"), lambda: only_profile(data, "FILE")):
        with pytest.raises(InputError) as caught:
            read()
        assert caught.value.message == message


def test_only_profile() -> None:
    assert only_profile(INI, "FILE") == "default"
    assert only_profile(b"[web]\n", "FILE") == "web"
    assert only_profile(b"[profile web]\n", "FILE") == "web"
    assert only_profile(b"[a]\n[default]\n", "FILE") == "default"


def test_no_only_profile() -> None:
    with pytest.raises(UsageError) as caught:
        only_profile(b"[a]\n[profile b]\n", "FILE")
    assert (caught.value.message, caught.value.hint) == ("FILE has 2 profiles", "say which with --profile: a, b")
    with pytest.raises(UsageError) as caught:
        only_profile(b"", "FILE")
    assert caught.value.message == "FILE has 0 profiles"


def test_only_a_byte_order_mark_is_cut_from_a_csv() -> None:
    with pytest.raises(InputError) as caught:
        load_csv(b"XAccess key ID,Secret access key\nAKID,secret\n", "FILE")
    assert caught.value.message == "FILE: no columns 'Access key ID' and 'Secret access key'"


def test_lines_of_a_profile_that_are_no_comment() -> None:
    with pytest.raises(InputError) as caught:
        load_profile(b"[default]\nXyz\n", "default", "FILE")
    assert caught.value.message == "FILE: line 2: expected 'name = value' in a [profile]"
    data = b"[a]b]\n#x\n;y\n z\n\tz\n \naws_access_key_id=AKID\naws_secret_access_key=s]\n"
    assert load_profile(data, "a", "FILE").access_key_id == "AKID"
    assert only_profile(data, "FILE") == "a"
