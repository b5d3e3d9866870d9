"""What does a pkcs11: URI say, and what is refused in one?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authkit.errors import AuthkitError, Refused, UsageError
from authkit.keys.token_uri import LONGEST, TokenUri, parse_token_uri


def failure(text: str) -> tuple[type[AuthkitError], str, "str | None"]:
    with pytest.raises(AuthkitError) as caught:
        parse_token_uri(text)
    return type(caught.value), caught.value.message, caught.value.hint


@pytest.mark.parametrize(
    "text, parts",
    [
        ("pkcs11:", {}),
        ("pkcs11:token=vault", {"token": "vault"}),
        ("pkcs11:object=a;token=vault", {"object": "a", "token": "vault"}),
        ("pkcs11:token=A%20%2B%2f%25b", {"token": "A +/%b"}),
        ("pkcs11:token=%C3%A9", {"token": "é"}),
        ("pkcs11:token=:[]@!$'()*+,=&", {"token": ":[]@!$'()*+,=&"}),
        ("pkcs11:token=-._~", {"token": "-._~"}),
        ("pkcs11:type=private", {"type": "private"}),
        (
            "pkcs11:manufacturer=m;serial=s;model=o;slot-id=7;slot-description=d;slot-manufacturer=f;"
            "library-description=l;library-manufacturer=n;library-version=2.6",
            {
                "manufacturer": "m",
                "serial": "s",
                "model": "o",
                "slot-id": "7",
                "slot-description": "d",
                "slot-manufacturer": "f",
                "library-description": "l",
                "library-manufacturer": "n",
                "library-version": "2.6",
            },
        ),
    ],
)
def test_parts(text: str, parts: dict[str, str]) -> None:
    uri = parse_token_uri(text)
    assert uri.parts == parts
    assert (uri.id, uri.module_path, uri.pin_source, uri.init) == (None, None, None, None)
    again = parse_token_uri(str(uri))
    assert again.parts == parts


def test_all_of_it_is_written_again() -> None:
    text = "pkcs11:object=a%3Bb;id=%00%FF%61;token=v?x-init=configdir%3D'sql:/n'&pin-source=/p/q&module-path=/lib/m.so"
    uri = parse_token_uri(text)
    assert (uri.id, uri.module_path, uri.pin_source, uri.init) == (
        b"\0\xffa",
        "/lib/m.so",
        "/p/q",
        "configdir='sql:/n'",
    )
    path, query = "pkcs11:token=v;object=a%3Bb;id=%00%FF%61", "module-path=/lib/m.so&pin-source=/p/q"
    written = f"{path}?{query}&x-init=configdir%3D%27sql%3A/n%27"
    assert str(uri) == written
    assert repr(uri) == f"<TokenUri {written}>"
    assert str(parse_token_uri(written)) == written


@pytest.mark.parametrize(
    "text, path",
    [("/p", "/p"), ("file:/p", "/p"), ("file:///p", "/p"), ("file:/a%20b", "/a b"), ("/a?b|c", "/a?b|c")],
)
def test_pin_source(text: str, path: str) -> None:
    assert parse_token_uri(f"pkcs11:?pin-source={text}").pin_source == path


def test_whether_it_names_an_object() -> None:
    names = {
        text: parse_token_uri(text).names_object() for text in ("pkcs11:token=t", "pkcs11:object=o", "pkcs11:id=%01")
    }
    assert list(names.values()) == [False, True, True]


def test_an_object_of_the_same_token() -> None:
    uri = parse_token_uri("pkcs11:token=t;object=old;model=m?pin-source=/p&x-init=i")
    made = uri.of("new", "private", {"token": "t", "serial": "1"}, "/m")
    assert str(made) == "pkcs11:token=t;serial=1;object=new;type=private?module-path=/m&pin-source=/p&x-init=i"


KNOWN = (
    "here it may have token, manufacturer, serial, model, object, id, type, slot-manufacturer, slot-description, "
    "library-manufacturer, library-description, slot-id, library-version"
)
ASKED = "here it may have module-path, pin-source, x-init"
PERCENT = "token in a pkcs11: URI: a '%' without two hexadecimal digits"


@pytest.mark.parametrize(
    "text, message, hint",
    [
        ("pkcs12:token=a", "a reference to a key in a token begins with pkcs11:", None),
        ("PKCS11:token=a", "a reference to a key in a token begins with pkcs11:", None),
        ("pkcs11:token", "a pkcs11: URI with 'token', which is not known here", KNOWN),
        ("pkcs11:token=a;", "a pkcs11: URI with '', which is not known here", KNOWN),
        ("pkcs11:;token=a", "a pkcs11: URI with '', which is not known here", KNOWN),
        ("pkcs11:=a", "a pkcs11: URI with '=a', which is not known here", KNOWN),
        ("pkcs11:Token=a", "a pkcs11: URI with 'Token', which is not known here", KNOWN),
        ("pkcs11:x-own=a", "a pkcs11: URI with 'x-own', which is not known here", KNOWN),
        ("pkcs11:module-path=/a", "a pkcs11: URI with 'module-path', which is not known here", KNOWN),
        ("pkcs11:token=a?object=b", "a pkcs11: URI with 'object', which is not known here", ASKED),
        ("pkcs11:token=a?", "a pkcs11: URI with '', which is not known here", ASKED),
        ("pkcs11:token=a;token=a", "a pkcs11: URI that says token twice", None),
        ("pkcs11:?x-init=a&x-init=b", "a pkcs11: URI that says x-init twice", None),
        ("pkcs11:token=", "token in a pkcs11: URI is empty", None),
        ("pkcs11:id=", "id in a pkcs11: URI is empty", None),
        ("pkcs11:token=a b", "token in a pkcs11: URI: ' ' must be written in percent form", None),
        ("pkcs11:token=a/b", "token in a pkcs11: URI: '/' must be written in percent form", None),
        ("pkcs11:token=é", "token in a pkcs11: URI: '\\xe9' must be written in percent form", None),
        ("pkcs11:?module-path=/a;b", "module-path in a pkcs11: URI: ';' must be written in percent form", None),
        ("pkcs11:token=%", PERCENT, None),
        ("pkcs11:token=%4", PERCENT, None),
        ("pkcs11:token=%4g", PERCENT, None),
        ("pkcs11:token=%+1", PERCENT, None),
        ("pkcs11:token=%FF", "token in a pkcs11: URI is not UTF-8", None),
        ("pkcs11:token=a%00", "token in a pkcs11: URI holds a NUL", None),
        ("pkcs11:type=key", "the type of a pkcs11: URI is one of secret-key, private, public, cert, data", None),
        ("pkcs11:slot-id=one", "the slot-id of a pkcs11: URI is a number", None),
        ("pkcs11:?module-path=lib.so", "the module-path of a pkcs11: URI is not an absolute path", None),
        ("pkcs11:?pin-source=pin", "the pin-source of a pkcs11: URI is not the absolute path of a file", None),
        ("pkcs11:?pin-source=file:pin", "the pin-source of a pkcs11: URI is not the absolute path of a file", None),
        ("pkcs11:?pin-source=file://h/pin", "the pin-source of a pkcs11: URI is not the absolute path of a file", None),
        ("pkcs11:?pin-source=https:/x", "the pin-source of a pkcs11: URI is not the absolute path of a file", None),
        (
            "pkcs11:?module-name=softhsm2",
            "module-name in a pkcs11: URI is not looked for",
            "name the module's file: ?module-path=/…",
        ),
    ],
)
def test_what_is_wrong_is_named(text: str, message: str, hint: "str | None") -> None:
    assert failure(text) == (UsageError, message, hint)


@pytest.mark.parametrize("text", ["pkcs11:token=a?pin-value=1234", "pkcs11:pin-value=1234", "pkcs11:?pin-value"])
def test_a_pin_in_the_uri_is_refused_and_not_shown(text: str) -> None:
    message = "pin-value: a PIN in a URI is seen by everybody who sees the command line"
    hint = "leave it out: the PIN is asked for, or name a file with ?pin-source= or $AUTHKIT_PIN_FILE"
    assert failure(text) == (Refused, message, hint)


def test_a_program_that_gives_the_pin_is_refused() -> None:
    hint = "name a file with ?pin-source= or $AUTHKIT_PIN_FILE"
    for text in ("|/bin/sh", "%7C/bin/sh"):
        assert failure(f"pkcs11:?pin-source={text}") == (Refused, "pin-source: a URI starts no program", hint)


def test_its_length() -> None:
    longest = "pkcs11:token=" + "a" * (LONGEST - 13)
    assert len(longest) == LONGEST
    assert parse_token_uri(longest).parts["token"] == "a" * (LONGEST - 13)
    assert failure(longest + "a") == (UsageError, "a pkcs11: URI of more than 4096 characters", None)


def test_an_unknown_name_is_shown_short() -> None:
    assert failure("pkcs11:" + "z" * 50 + "=1")[1] == f"a pkcs11: URI with '{'z' * 32}', which is not known here"


def test_its_parts_are_its_own() -> None:
    given = {"token": "a"}
    uri = TokenUri(given)
    given["token"] = "b"
    assert uri.parts == {"token": "a"}


TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=40)
PATH = TEXT.map(lambda text: "/" + text)


@given(TEXT, TEXT, st.binary(min_size=1, max_size=40), PATH, PATH.filter(lambda path: path[1] != "/"), TEXT)
def test_any_values_are_read_as_they_were_written(
    token: str, name: str, id: bytes, module: str, pin: str, init: str
) -> None:
    uri = TokenUri({"token": token, "object": name}, id, module, pin, init)
    again = parse_token_uri(str(uri))
    assert (again.parts, again.id) == (uri.parts, id)
    assert (again.module_path, again.pin_source, again.init) == (module, pin, init)
    assert str(uri).isascii()
    assert " " not in str(uri)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = parse_token_uri(f"pkcs11:{text}")
    except (Refused, UsageError):
        return
    assert str(parse_token_uri(str(found))) == str(found)
