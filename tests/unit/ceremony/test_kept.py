"""Is a key the same once it was on paper, and is another refused?"""

import hashlib
import hmac
from collections.abc import Callable
from datetime import date, datetime

import pytest

from authkit.ceremony import kept as keeping
from authkit.ceremony import leaflet
from authkit.ceremony.kept import Kept, Part, judge_parts, read_paper
from authkit.ceremony.paper import Page, format_lines, parse_pages
from authkit.clock import UTC
from authkit.errors import AuthkitError, InputError, Refused
from authkit.keys.access import AccessKey
from authkit.secret import Secret
from sample import PEM, SECRET

ID = "AKIDEXAMPLE"
MASTER = AccessKey(ID, Secret(SECRET.encode()), scheme="AWS4-HMAC-SHA256", use="derive")
PLAIN = AccessKey(ID, Secret(SECRET.encode()))
RAW = AccessKey(ID, Secret(b"\xfb\xff\x00 raw bytes"), raw=True, scheme="hmac-sha256")
SPACED = AccessKey(ID, Secret(b"a secret with spaces"))
CA = {"name": "home", "issued-for": "client", "profiles": "client", "kinds": "email,dns", "parent": "top"}
KEPT = {
    "master": keeping.of_access_key(MASTER, "root"),
    "plain": keeping.of_access_key(PLAIN, "web"),
    "raw": keeping.of_access_key(RAW, "hook"),
    "spaced": keeping.of_access_key(SPACED, "spaced"),
    "pair": keeping.of_private_key("key-pair", {"name": "pair"}, PEM),
    "issuer": keeping.of_private_key("identity", {"name": "authkit-issuer", "role": "issuer", "called": "vault"}, PEM),
    "ca": keeping.of_private_key("ca", CA, PEM),
    "store": Kept("store", {}, "identity", Secret(b"AGE-SECRET-KEY-1QQQ")),
}
DAY = date(2026, 11, 24)
FIT = "the secret does not fit the check value, so it is not that of this key"


def page_of(rows: list[tuple[str, str]], what: str = "p.txt") -> Page:
    return parse_pages(format_lines(rows).encode(), what)[0]


def changed(name: str, change: "dict[str, str | None]") -> Page:
    """Return the page of a key on which lines say something else, or are left out, with checks that fit."""
    rows = [(label, change.get(label, content)) for label, content in keeping.paper_rows(KEPT[name])]
    more = [(label, content) for label, content in change.items() if label not in dict(rows)]
    return page_of([(label, content) for label, content in [*rows, *more] if content is not None])


def refused(call: Callable[[], object]) -> tuple[type, str]:
    with pytest.raises(AuthkitError) as caught:
        call()
    return type(caught.value), caught.value.message


def same(one: Kept, other: Kept) -> bool:
    return (one.kind, one.facts, one.holds, one.secret) == (other.kind, other.facts, other.holds, other.secret)


@pytest.mark.parametrize("name", KEPT)
def test_a_key_is_what_it_was_before_it_was_printed(name: str) -> None:
    text = leaflet.paper(KEPT[name], DAY)
    assert same(read_paper(parse_pages(text.encode("ascii"), "p.txt")[0]), KEPT[name])


@pytest.mark.parametrize("name", KEPT)
def test_a_share_says_of_the_key_what_paper_does(name: str) -> None:
    text = leaflet.share(KEPT[name], "academic acid acne acquire acrobat", 2, 3, 5, DAY)
    part = Part(parse_pages(text.encode("ascii"), "s.txt")[0])
    assert (part.kind, part.facts, part.holds) == (KEPT[name].kind, KEPT[name].facts, KEPT[name].holds)
    assert (part.number, part.needed, part.count) == (2, 3, 5)
    assert (part.words, part.check) == ("academic acid acne acquire acrobat", KEPT[name].check())
    assert same(part.joined(KEPT[name].text), KEPT[name])
    assert refused(lambda: part.joined(f"{KEPT[name].text}x")) == (Refused, f"the shares: {FIT}")
    assert repr(part) == "<Part s.txt>"


@pytest.mark.parametrize("key", [MASTER, PLAIN, RAW, SPACED])
def test_an_access_key_is_the_same_again(key: AccessKey) -> None:
    kept = keeping.of_access_key(key, "root")
    again = keeping.to_access_key(read_paper(page_of(keeping.paper_rows(kept))), "p.txt")
    assert (again.access_key_id, again.secret, again.raw) == (key.access_key_id, key.secret, key.raw)
    assert (again.scheme, again.use, again.session_token) == (key.scheme, key.use, None)


def test_a_private_key_is_the_same_again() -> None:
    assert keeping.to_private_pem(KEPT["pair"]) == PEM
    long = keeping.of_private_key("key-pair", {"name": "x"}, PEM.replace(b"MC4C", b"MC4C" * 20))
    assert [len(line) for line in keeping.to_private_pem(long).splitlines()] == [27, 64, 64, 12, 25]


def test_a_temporary_key_is_not_for_paper() -> None:
    key = AccessKey(ID, Secret(b"x"), session_token=Secret(b"t"), expires_at=datetime(2026, 11, 24, tzinfo=UTC))
    told = "web is a temporary key, which a backup would outlive"
    assert refused(lambda: keeping.of_access_key(key, "web")) == (Refused, told)


@pytest.mark.parametrize(
    ("name", "key", "label", "called"),
    [
        ("master", SECRET.encode(), "AWS4-HMAC-SHA256", ID),
        ("plain", SECRET.encode(), "-", ID),
        ("raw", b"\xfb\xff\x00 raw bytes", "hmac-sha256", ID),
        ("spaced", b"a secret with spaces", "-", ID),
        ("pair", b"".join(PEM.split(b"\n")[1:-2]), "key-pair", "pair"),
        ("store", b"AGE-SECRET-KEY-1QQQ", "store", "-"),
    ],
)
def test_the_check_value_is_that_of_the_format(name: str, key: bytes, label: str, called: str) -> None:
    message = f"authkit-check-v1\n{label}\n{called}\n".encode()
    assert KEPT[name].check() == hmac.digest(key, message, hashlib.sha256)[:4].hex()


def test_no_repr_holds_a_secret() -> None:
    assert repr(KEPT["master"]) == "<Kept access-key root>"
    assert KEPT["store"].name == ""


@pytest.mark.parametrize("name", KEPT)
@pytest.mark.parametrize("label", ["secret", "secret-b64", "pkcs8", "check", "access-key-id", "name"])
def test_another_secret_or_owner_is_refused(name: str, label: str) -> None:
    kept = KEPT[name]
    if label not in dict(keeping.paper_rows(kept)) or (label == "name" and kept.kind == "access-key"):
        label = "check"
    wrong = {"check": "00000000", "access-key-id": "AKOTHER", "name": "other"}.get(label, "QUJD")
    assert refused(lambda: read_paper(changed(name, {label: wrong}))) == (Refused, f"p.txt: {FIT}")


def test_a_check_value_that_is_left_out_is_refused() -> None:
    assert refused(lambda: read_paper(changed("plain", {"check": None}))) == (Refused, f"p.txt: {FIT}")
    other = page_of([("authkit-paper/v1", "access-key"), ("name", "a"), ("access-key-id", ID), ("text-b64", "QUJD")])
    assert refused(lambda: read_paper(other)) == (Refused, f"p.txt: {FIT}")


UNKNOWN = "p.txt: not a page of a key that authkit knows"


@pytest.mark.parametrize(
    ("name", "change", "told"),
    [
        ("plain", {"authkit-paper/v1": "token"}, UNKNOWN),
        ("plain", {"authkit-paper/v1": "key-pair"}, UNKNOWN),
        ("plain", {"secret": None}, UNKNOWN),
        ("plain", {"pkcs8": "QUJD"}, UNKNOWN),
        ("plain", {"secret-b64": "QUJD"}, UNKNOWN),
        ("pair", {"authkit-paper/v1": "access-key"}, UNKNOWN),
        ("plain", {"access-key-id": None}, "p.txt: the line access-key-id is missing"),
        ("plain", {"name": None}, "p.txt: the line name is missing"),
        ("ca", {"kinds": None}, "p.txt: the line kinds is missing"),
        ("issuer", {"called": None}, "p.txt: the line called is missing"),
        ("plain", {"parent": "x"}, "p.txt: the line parent is not known"),
        ("store", {"name": "x"}, "p.txt: the line name is not known"),
        ("plain", {"words": "academic"}, "p.txt: the line words is not known"),
        ("plain", {"x" * 40: "y"}, f"p.txt: the line {'x' * 32} is not known"),
        ("spaced", {"text-b64": "QUJ"}, "p.txt: text-b64 is not the base64 of a text"),
        ("spaced", {"text-b64": "/w=="}, "p.txt: text-b64 is not the base64 of a text"),
    ],
)
def test_a_page_that_is_not_in_order_is_named(name: str, change: "dict[str, str | None]", told: str) -> None:
    assert refused(lambda: read_paper(changed(name, change))) == (InputError, told)


def test_what_cannot_be_an_access_key_is_said() -> None:
    def made(secret: str, holds: str = "secret", **facts: str) -> Kept:
        told = {"name": "x", "access-key-id": ID} | {name.replace("_", "-"): text for name, text in facts.items()}
        return Kept("access-key", told, holds, Secret(secret.encode()))

    for kept, told in [
        (made("QUJ", "secret-b64"), "p.txt: the secret is not in base64"),
        (made("", "secret-b64"), "p.txt: the secret is not in base64"),
        (made("x" * 1025), "p.txt: the secret is not 1 to 1024 printable ASCII characters"),
        (made("x", use="sign"), "p.txt: use is not 'derive'"),
        (
            made("x", access_key_id="a b"),
            "p.txt: the access key ID holds a character that an access key ID cannot hold",
        ),
    ]:
        assert refused(lambda kept=kept: keeping.to_access_key(kept, "p.txt")) == (InputError, told)  # type: ignore[misc]
    assert made("QUJ", "secret-b64").check() == made("=", "secret-b64").check()  # of no bytes; it is refused later


# shares


def part(what: str = "a.txt", of: str = "master", **change: "str | None") -> Part:
    rows = dict(keeping.share_rows(KEPT[of], "academic acid acne", 1, 2, 3))
    rows.update({label.replace("_", "-").replace("--", "/"): content for label, content in change.items()})  # type: ignore[misc]
    return Part(page_of([(label, content) for label, content in rows.items() if content is not None], what))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"authkit_share--v1": "token"}, "a.txt: not a share of a key that authkit knows"),
        ({"holds": None}, "a.txt: not a share of a key that authkit knows"),
        ({"holds": "pkcs8"}, "a.txt: not a share of a key that authkit knows"),
        ({"holds": "text-b64"}, "a.txt: not a share of a key that authkit knows"),
        ({"name": None}, "a.txt: the line name is missing"),
        ({"secret": "x"}, "a.txt: the line secret is not known"),
        ({"share": None}, "a.txt: the line share is not 'NUMBER of COUNT, K needed'"),
        ({"share": "1 of 3"}, "a.txt: the line share is not 'NUMBER of COUNT, K needed'"),
        ({"share": "x of 3, 2 needed"}, "a.txt: the line share is not 'NUMBER of COUNT, K needed'"),
        ({"share": "1 of x, 2 needed"}, "a.txt: the line share is not 'NUMBER of COUNT, K needed'"),
        ({"share": "1 of 3, x needed"}, "a.txt: the line share is not 'NUMBER of COUNT, K needed'"),
        ({"share": "1 of 300, 2 needed"}, "a.txt: the line share is not 'NUMBER of COUNT, K needed'"),
        ({"share": "1 in 3, 2 needed"}, "a.txt: the line share is not 'NUMBER of COUNT, K needed'"),
    ],
)
def test_a_share_that_is_not_in_order_is_named(change: "dict[str, str | None]", told: str) -> None:
    assert refused(lambda: part(**change)) == (InputError, told)


def test_a_share_without_words_is_read() -> None:
    assert part(words=None).words == ""


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"check": "00000000"}, f"the check value is {KEPT['master'].check()} on a.txt and 00000000 on b.txt"),
        ({"check": None}, f"the check value is {KEPT['master'].check()} on a.txt and  on b.txt"),
        ({"access_key_id": "AKOTHER"}, f"access-key-id is {ID} on a.txt and AKOTHER on b.txt"),
        ({"name": "toor"}, "name is root on a.txt and toor on b.txt"),
        ({"use": None}, "use is derive on a.txt and - on b.txt"),
        ({"holds": "secret-b64"}, "what is shared is secret on a.txt and secret-b64 on b.txt"),
    ],
)
def test_shares_of_two_keys_are_named(change: "dict[str, str | None]", told: str) -> None:
    parts = [part(), part("b.txt", **change)]
    assert refused(lambda: judge_parts(parts)) == (Refused, f"the shares are of two keys: {told}")
    judge_parts([part(), part("b.txt")])
    judge_parts([part()])


def test_shares_of_two_kinds_are_named() -> None:
    parts = [part(), part("b.txt", "pair")]
    told = "the shares are of two keys: the kind is access-key on a.txt and key-pair on b.txt"
    assert refused(lambda: judge_parts(parts)) == (Refused, told)
    parts = [part("a.txt", "plain"), part("b.txt", "plain", use="derive")]
    assert refused(lambda: judge_parts(parts))[1].endswith(": use is - on a.txt and derive on b.txt")


# what the page tells people


@pytest.mark.parametrize("name", KEPT)
def test_a_page_fits_on_paper(name: str) -> None:
    words = " ".join(["academic"] * 33)
    for text in (leaflet.paper(KEPT[name], DAY), leaflet.share(KEPT[name], words, 16, 16, 16, DAY)):
        assert max(len(line) for line in text.splitlines()) <= 80
        assert text.isascii()
        assert text.count("\n") < 66
        assert "2026-11-24" in text.splitlines()[0]


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        (
            "master",
            [
                f"What it is:  master secret of the access key {ID}",
                "Name:        root",
                "Scheme:      AWS4-HMAC-SHA256",
                "Use:         makes subkeys, never signs",
                f"Check value: {KEPT['master'].check()}",
                "Without authkit: what stands behind 'secret', in all such lines and without the spaces, is the secret",
            ],
        ),
        (
            "plain",
            [
                f"What it is:  secret of the access key {ID}",
                "Scheme:      any",
                "Use:         signs, and makes subkeys",
            ],
        ),
        ("raw", ["the spaces, is the base64 of the secret, which is bytes."]),
        ("spaced", ["without the spaces, is the base64 of the secret access key."]),
        (
            "pair",
            [
                "What it is:  private key of a key pair",
                "PRIVATE KEY----- and -----END PRIVATE KEY-----, which OpenSSL reads.",
            ],
        ),
        ("issuer", ["What it is:  signing key of the issuer vault", "Name:        authkit-issuer"]),
        (
            "ca",
            [
                "What it is:  private key of a CA",
                "Not here:    its certificate and its ledger: keep copies; they are no secrets",
            ],
        ),
        (
            "store",
            [
                "What it is:  identity of a store",
                "Use:         opens every key in the store's folder: keep a copy of that too",
                "the spaces, is an age identity; 'age -d -i FILE' opens with it what the",
            ],
        ),
    ],
)
def test_a_page_says_what_it_is(name: str, lines: list[str]) -> None:
    text = " ".join(leaflet.paper(KEPT[name], DAY).split())
    assert [line for line in lines if " ".join(line.split()) not in text] == []
    assert ("Name:        " in leaflet.paper(KEPT[name], DAY)) is (name != "store")


def test_a_share_says_how_it_is_brought_back() -> None:
    text = leaflet.share(KEPT["master"], "academic acid acne", 1, 2, 3, DAY)
    assert text.startswith("authkit   Share 1 of 3 of a key, on paper")
    assert "ANY 2 OF THE 3 SHARES ARE THE KEY." in text
    assert "The words of all shares of this set begin with 'academic acid'." in text
    assert "the text from the third\nbyte on is the secret access key;" in text
    assert SECRET[:4] not in text
