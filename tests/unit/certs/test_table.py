"""Is a table read whole, or refused at its first wrong line?"""

import pytest

from authkit.certs import table
from authkit.certs.names import Names, San
from authkit.certs.profile import PROFILES
from authkit.errors import InputError

HEADER = "the columns are name email dns uri upn ip spiffe sid common_name days"


def load(text: "str | bytes", profile: str = "client") -> list[table.Row]:
    data = text if isinstance(text, bytes) else text.encode()
    return table.load_table(data, PROFILES[profile], "t.csv")


def test_rows() -> None:
    rows = load(
        "\ufeff name , email,days,dns,common_name,uri,upn,ip\r\n"
        "ada,ada@example.com,,,,,,\r\n"
        "\r\n"
        " , ,\n"
        'bob, bob@example.com bob@example.org ,30,"pc.example.com",Bob Ö,urn:a:b,bob@corp,192.0.2.1\n'
    )
    assert [(row.name, row.names, row.days, row.where) for row in rows] == [
        ("ada", Names(None, [San("email", "ada@example.com")]), None, "t.csv: line 2"),
        (
            "bob",
            Names(
                "Bob Ö",
                [
                    San("email", "bob@example.com"),
                    San("email", "bob@example.org"),
                    San("dns", "pc.example.com"),
                    San("uri", "urn:a:b"),
                    San("upn", "bob@corp"),
                    San("ip", "192.0.2.1"),
                ],
            ),
            30,
            "t.csv: line 5",
        ),
    ]
    assert repr(rows[0]) == "<Row ada>"


def test_rows_of_other_profiles() -> None:
    assert load("name,spiffe\na,spiffe://b/c", "spiffe")[0].names == Names(None, [San("uri", "spiffe://b/c")])
    row = load("upn,sid,name\na@b,S-1-5-21,c", "eap-tls")[0]
    assert row.names == Names("a@b", [San("upn", "a@b")], "S-1-5-21")
    assert load("upn,sid,name\na@b,,c", "eap-tls")[0].names.sid is None
    assert load("name,uri\nbuild,urn:a:b", "roles-anywhere")[0].names.common_name == "build"


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("", "t.csv: no rows", "the first line is a header such as name,email"),
        ("name,email\n", "t.csv: no rows", "the first line is a header such as name,email"),
        (b"name\n\xff", "t.csv: not UTF-8 at byte 5", None),
        ("ada,ada@example.com\n", "t.csv: line 1: unknown column 'ada'", HEADER),
        ("name,mail\n", "t.csv: line 1: unknown column 'mail'", HEADER),
        ("Name,email\n", "t.csv: line 1: unknown column 'Name'", HEADER),
        ("name,\n", "t.csv: line 1: unknown column ''", HEADER),
        ("\nname," + "x" * 70, f"t.csv: line 2: unknown column '{'x' * 64}'", HEADER),
        ("name,email,email\n", "t.csv: line 1: the column email stands twice", HEADER),
        ("email,days\n", "t.csv: line 1: the column name is missing", HEADER),
        ("name,email\nada\n", "t.csv: line 2: 1 fields where the header has 2", None),
        ("name,email\nada,a@b,\n", "t.csv: line 2: 3 fields where the header has 2", None),
        ('name,email\nada,"a@b\n', "t.csv: line 2: not a row of CSV", None),
        ('name,email\nada,"a@b"x\n', "t.csv: line 2: not a row of CSV", None),
        (
            "name,email\nada,a@b\n../x,a@b\n",
            "t.csv: line 3: '../x' cannot be the name of a certificate",
            "use 1 to 64 letters, digits, '.', '_' and '-', with a letter or digit first",
        ),
        ("name,email\nada,a@b\nAda,a@b\n", "t.csv: line 3: the name Ada stands already on line 2", None),
        ("name,email\nada,a\n", "t.csv: line 2: 'a' is not a mailbox", "write user@example.com"),
        (
            "name,email\nada,\n",
            "t.csv: line 2: the profile client needs a name",
            "add --email or --dns or --uri or --upn or --ip",
        ),
        (
            "name,email,sid\nada,a@b,S-1-5-21\n",
            "t.csv: line 2: the profile client has no place for sid:S-1-5-21",
            "it takes --email or --dns or --uri or --upn or --ip or --common-name",
        ),
        (
            "name,email,common_name\nada,a@b,a\x1bb\n",
            "t.csv: line 2: 'a\\x1bb' cannot be a common name",
            "use visible text (NFC) of 1 to 64 bytes",
        ),
        *[
            (
                f"name,email,days\nada,a@b,{days}\n",
                f"t.csv: line 2: {days!r} is not a number of days",
                "write a number from 1 on",
            )
            for days in ("0", "-1", "1.5", "²", "12345678", "x")
        ],
    ],
)
def test_tables_that_are_refused(text: "str | bytes", message: str, hint: "str | None") -> None:
    with pytest.raises(InputError) as caught:
        load(text)
    assert (caught.value.message, caught.value.hint) == (message, hint)


@pytest.mark.parametrize("end", ["\u2028", "\u2029", "\x85", "\v", "\f", "\x1c", "\x1d", "\x1e", "\r"])
def test_nothing_but_a_line_feed_begins_a_row(end: str) -> None:
    hidden = f"name,email\nada,ada@example.com{end}eve,eve@example.com\n"
    with pytest.raises(InputError) as caught:
        load(hidden)
    cut = "not a row of CSV" if end == "\r" else "3 fields where the header has 2"
    assert caught.value.message == f"t.csv: line 2: {cut}"
    with pytest.raises(InputError) as caught:
        load(f'name,email,common_name\nada,ada@example.com,"a{end}b"\n')
    assert caught.value.message == f"t.csv: line 2: {'a' + end + 'b'!r} cannot be a common name"


def test_a_quoted_line_feed_counts_as_a_line() -> None:
    with pytest.raises(InputError) as caught:
        load('name,email\nada,"a@b\r\nc@d"\nbob,b\n')
    assert caught.value.message == "t.csv: line 4: 'b' is not a mailbox"


def test_a_long_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "MOST_ROWS", 2)
    assert len(load("name,email\na,a@b\nb,a@b\n")) == 2
    with pytest.raises(InputError) as caught:
        load("name,email\na,a@b\nb,a@b\nc,a@b\n")
    assert (caught.value.message, caught.value.hint) == ("t.csv: more than 2 rows", "divide it")


def test_the_largest_number_of_days() -> None:
    assert table.MOST_ROWS == 100_000
    assert load("name,email,days\nada,a@b,1\n")[0].days == 1
    with pytest.raises(InputError) as caught:
        load(f"name,email,days\nada,a@b,{'9' * 70}\n")
    assert caught.value.message == f"t.csv: line 2: {'9' * 64!r} is not a number of days"
    assert load("name,email,days\nada,a@b,9999999\n")[0].days == 9_999_999


def test_the_line_is_told_whatever_the_table_is_called() -> None:
    with pytest.raises(InputError) as caught:
        table.load_table(b"name,email\na,a@b\nA,a@b\n", PROFILES["client"], "a: b")
    assert caught.value.message == "a: b: line 3: the name A stands already on line 2"
