"""Does a card say who somebody is, and nothing else?"""

import hashlib

import pytest

from agefile import RECIPIENT
from authkit.ceremony.card import Card, format_card, parse_card
from authkit.errors import InputError
from authkit.words import EVEN, ODD
from ceremonies import AIR_PEM, WEB_PEM, air_card, line_of, web_card

TEXT = f"""authkit-identity/v1
role: requester
name: web-1
recipient: {RECIPIENT}
signing-key: {line_of(WEB_PEM)}
""".encode()
ISSUER = f"authkit-identity/v1\nrole: issuer\nname: vault\nrecipient: none\nsigning-key: {line_of(AIR_PEM)}\n".encode()


def words(text: str) -> str:
    digest = hashlib.sha256(b"authkit-words-v1\n" + text.encode()).digest()[:16]
    return " ".join([(ODD if place % 2 else EVEN)[byte] for place, byte in enumerate(digest)])


def test_a_card_is_written_and_read_again() -> None:
    assert format_card(web_card()) == TEXT
    assert format_card(air_card()) == ISSUER
    found = parse_card(TEXT, "requester", "card")
    assert (found.role, found.name, found.recipient) == ("requester", "web-1", RECIPIENT)
    assert found.signing_key == line_of(WEB_PEM)
    assert parse_card(ISSUER, "issuer", "card").name == "vault"


def test_the_words_of_a_requester_are_of_all_that_it_says() -> None:
    assert web_card().words() == words(f"requester\nweb-1\n{RECIPIENT}\n{line_of(WEB_PEM)}")
    assert len(web_card().words().split()) == 16


def test_the_words_of_an_issuer_are_of_its_key() -> None:
    assert air_card().words() == words(f"issuer\n{line_of(AIR_PEM)}")
    assert Card("issuer", "other", "none", line_of(AIR_PEM)).words() == air_card().words()


@pytest.mark.parametrize(
    "card",
    [
        Card("requester", "web-2", RECIPIENT, line_of(WEB_PEM)),
        Card("requester", "web-1", RECIPIENT[:-1] + "q", line_of(WEB_PEM)),
        Card("requester", "web-1", RECIPIENT, line_of(AIR_PEM)),
        Card("requester", "web-1", RECIPIENT, ""),
    ],
)
def test_every_part_changes_the_words(card: Card) -> None:
    assert card.words() != web_card().words()


@pytest.mark.parametrize("data", [TEXT.replace(b"\n", b"\r\n"), b"\n\n" + TEXT + b"\n", TEXT[:-1]])
def test_as_it_was_pasted(data: bytes) -> None:
    assert format_card(parse_card(data, "requester", "card")) == TEXT


REFUSED = [
    (b"", "line 1 is not 'authkit-identity/v1'"),
    (TEXT.replace(b"/v1", b"/v2"), "line 1 is not 'authkit-identity/v1'"),
    (TEXT.replace(b"role: requester\n", b""), "4 lines where there should be 5"),
    (TEXT + b"more: 1\n", "6 lines where there should be 5"),
    (TEXT.replace(b"name: ", b"name:"), "line 3 is not 'name: …'"),
    (TEXT.replace(b"web-1", b"web\x1b1"), "line 3 is not 'name: …'"),
    (TEXT.replace(b"recipient: ", b"receiver: "), "line 4 is not 'recipient: …'"),
    (ISSUER, "role is not 'requester', so it is not the card of a requester"),
    (TEXT.replace(b"web-1", b"../x"), "line 3: the name is not 1 to 64 letters, digits, '.', '_' and '-'"),
    (
        TEXT.replace(RECIPIENT.encode(), b"none"),
        "line 4: an issuer's recipient is 'none', and a requester's is one",
    ),
    (
        TEXT.replace(RECIPIENT.encode(), b"age1 x"),
        "line 4 is neither 'age1…' nor an SSH key's type and text without a comment",
    ),
    (TEXT.replace(b"ssh-ed25519", b"ssh-rsa"), "line 5: not an OpenSSH public key of type ssh-ed25519"),
    (TEXT[:-1] + b" me\n", "line 5: something follows the key"),
    (TEXT.replace(b"web-1", "wéb".encode()), "not the card of an identity: over 8 KiB, or not ASCII"),
    (TEXT + b"a" * 8192, "not the card of an identity: over 8 KiB, or not ASCII"),
]


@pytest.mark.parametrize(("data", "fault"), REFUSED)
def test_what_is_no_card(data: bytes, fault: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_card(data, "requester", "card")
    assert caught.value.message == f"card: {fault}"


def test_a_requesters_card_is_no_issuers() -> None:
    with pytest.raises(InputError, match="^card: role is not 'issuer', so it is not the card of an issuer$"):
        parse_card(TEXT, "issuer", "card")
    with pytest.raises(InputError, match="an issuer's recipient is 'none'"):
        parse_card(TEXT.replace(b"role: requester", b"role: issuer"), "issuer", "card")
