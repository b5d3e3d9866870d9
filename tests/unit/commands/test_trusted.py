"""Is nobody trusted whose words were not compared, and nothing allowed that was not named?"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from agefile import PASSPHRASE, RECIPIENT, make_store
from authkit import files
from authkit.ceremony import peers
from authkit.ceremony.card import Card, format_card
from authkit.ceremony.places import Places
from authkit.keys.access import AccessKey, encode_access_key
from authkit.keys.describe import describe_access_key
from authkit.keys.sshsig import fingerprint_of
from authkit.secret import Secret
from ceremonies import (
    EXAMPLE_RECIPIENT,
    OTHER_PEM,
    WEB_PEM,
    accept,
    air_card,
    began,
    line_of,
    make_air,
    make_web,
    policy,
    web_card,
)
from commandline import Done, Terminal, run_here

Ak = Callable[..., Done]
WEB, OTHER = fingerprint_of(line_of(WEB_PEM)), fingerprint_of(line_of(OTHER_PEM))
PLUGIN = "age1yubikey1qwt50d05nh5vutpdzmlg5wn80xq5negm4uj9ghv0snvdd3yysf5yw3rhl3t"


@pytest.fixture
def ak(tmp_path: Path) -> Ak:
    """A function that runs a command line with the store "here"; cards lie beside it."""
    (tmp_path / "pass").write_bytes(PASSPHRASE)
    (tmp_path / "pass").chmod(0o600)
    (tmp_path / "web-1.card").write_bytes(format_card(web_card()))
    (tmp_path / "other.card").write_bytes(format_card(Card("requester", "web-1", RECIPIENT, line_of(OTHER_PEM))))
    (tmp_path / "vault.card").write_bytes(format_card(air_card()))

    def run(line: "str | list[str]", **more: Any) -> Done:
        environ = {"AUTHKIT_STORE": "here", "AUTHKIT_PASSPHRASE_FILE": "pass"}
        return run_here(line, tmp_path, environ=environ, **more)

    return run


def events(tmp_path: Path, last: int) -> "list[dict[str, object]]":
    lines = Places(str(tmp_path / "here")).ledger.lines()[-last:] if last else []
    return [{name: one for name, one in line.items() if name not in ("n", "at", "prev")} for line in lines]


def error(text: str, hint: str = "") -> str:
    return f"authkit: error: {text}\n" + (f"authkit: hint: {hint}\n" if hint else "")


ENROL = f'trust-requester web-1.card --scope us-east-1/s3 --access-key-id AK --words "{web_card().words()}"'


# enrolling a requester


def test_a_requester_is_enrolled(ak: Ak, tmp_path: Path) -> None:
    make_store(tmp_path / "here")
    done = ak(ENROL)
    assert (done.stdout.decode(), done.code) == ("web-1 may ask for 1 scope\n", 0)
    words = web_card().words().split()
    assert done.stderr.decode() == (
        f"requester:   web-1\nrecipient:   {RECIPIENT}\nsigning key: {WEB}\naccess keys: AK\n"
        "scopes:      us-east-1: s3\nlevels:      signing\nharmful:     no service that hands out credentials\n"
        "days:        at most 7 at once, the last at most 10 days from today\n"
        f"words:       {' '.join(words[:4])}\n"
        + "".join([f"             {' '.join(words[place : place + 4])}\n" for place in (4, 8, 12)])
    )
    found = peers.load_requester(Places(str(tmp_path / "here")), "web-1")
    assert found.members() == policy(access_key_ids=("AK",), scopes=("us-east-1/s3",)).members()
    trusted, accepted = events(tmp_path, 2)
    assert trusted == {"event": "trusted", "kind": "requester", "name": "web-1", "key": WEB, "recipient": RECIPIENT}
    assert accepted == {
        "event": "policy",
        "requester": "web-1",
        "sha256": peers.policy_sha256(found.text),
        "policy": found.members(),
    }


def test_words_as_they_are_heard(ak: Ak, tmp_path: Path) -> None:
    make_store(tmp_path / "here")
    words = "  ".join(web_card().words().upper().split())
    assert ak(["trust-requester", "web-1.card", "--scope", "a/b", "--access-key-id", "AK", "--words", words]).code == 0


def test_other_words(ak: Ak, tmp_path: Path) -> None:
    make_store(tmp_path / "here")
    words = " ".join(reversed(web_card().words().split()))
    line = ["trust-requester", "web-1.card", "--scope", "a/b", "--access-key-id", "AK", "--json", "--words"]
    done = ak([*line, words])
    assert (done.stdout, done.code) == (b"", 5)
    assert json.loads(done.stderr.splitlines()[-1]) == {
        "error": {
            "slug": "refused",
            "message": "web-1: the words are not those that the other side reads (words-mismatch)",
            "hint": "do not trust it: compare the cards themselves",
            "reason": "words-mismatch",
        }
    }
    assert Places(str(tmp_path / "here")).requester_names() == []
    for some in (web_card().words().rpartition(" ")[0], "", web_card().words() + " Zulu"):
        assert ak([*line, some]).code == 5


def test_an_exchanged_card(ak: Ak, tmp_path: Path) -> None:
    make_store(tmp_path / "here")
    done = ak(ENROL.replace("web-1.card", "other.card"))
    assert done.stderr.decode().endswith(
        "authkit: error: web-1: the words are not those that the other side reads (words-mismatch)\n"
        "authkit: hint: do not trust it: compare the cards themselves\n"
    )


def test_the_name_is_typed(ak: Ak, tmp_path: Path) -> None:
    make_store(tmp_path / "here")
    line = "trust-requester web-1.card --scope us-east-1/s3 --access-key-id AK"
    done = ak(line, terminal=Terminal([("web-1:", "web-1\n")]))
    assert done.triple == ("web-1 may ask for 1 scope\n", "", 0)
    assert done.terminal.startswith("requester:   web-1\n")
    assert web_card().words().split()[15] in done.terminal
    assert done.terminal.endswith("the other side reads the same sixteen words? then type the name web-1: web-1\n")


def test_another_name_is_typed(ak: Ak, tmp_path: Path) -> None:
    make_store(tmp_path / "here")
    line = "trust-requester web-1.card --scope us-east-1/s3 --access-key-id AK"
    done = ak(line, terminal=Terminal([("web-1:", "y\n")]))
    assert done.triple == ("", error("not confirmed"), 5)
    assert Places(str(tmp_path / "here")).ledger.lines() == []
    done = ak(line)
    assert done.stderr.decode().endswith(
        error("there is no terminal to confirm on", 'give the words that the other side reads with --words "…"')
    )
    assert done.code == 2


def test_a_card_from_a_pipe(ak: Ak, tmp_path: Path) -> None:
    make_store(tmp_path / "here")
    data = format_card(web_card()).replace(b"\n", b"\r\n")
    done = ak(ENROL.replace("web-1.card", "web-1 -"), stdin=data)
    assert done.code == 0
    done = ak("trust-requester -", stdin=b"x\n")
    assert done.stderr.decode() == error(
        "standard input: line 1 is not 'authkit-identity/v1'", "'authkit show-identity' writes such a card"
    )


def test_the_card_of_another(ak: Ak, tmp_path: Path) -> None:
    make_store(tmp_path / "here")
    done = ak(ENROL.replace("web-1.card", "web-2 web-1.card"))
    assert done.triple == ("", error("the card is that of web-1, not of web-2"), 5)
    done = ak(ENROL.replace("web-1.card", "vault.card"))
    what = "vault.card: role is not 'requester', so it is not the card of a requester"
    assert done.triple == ("", error(what), 3)
    assert ak(ENROL.replace("web-1.card", "none.card")).code == 3


def test_another_identity_of_the_same_name(ak: Ak, tmp_path: Path) -> None:
    make_air(tmp_path / "here")
    words = Card("requester", "web-1", RECIPIENT, line_of(OTHER_PEM)).words()
    line = ["trust-requester", "other.card", "--scope", "us-east-1/s3", "--words", words]
    hint = "--force replaces it, once the words are compared"
    assert ak(line).triple == ("", error("another identity is trusted as web-1", hint), 5)
    assert ak([*line, "--force"]).code == 0
    assert events(tmp_path, 2)[0]["key"] == OTHER
    assert peers.load_requester(Places(str(tmp_path / "here")), "web-1").signing_key == line_of(OTHER_PEM)


def test_a_name_that_differs_in_case(ak: Ak, tmp_path: Path) -> None:
    make_air(tmp_path / "here")
    done = ak(f"trust-requester WEB-1 --recipient {EXAMPLE_RECIPIENT} --scope a/b --words x")
    assert done.triple == ("", error("web-1 is trusted already", "names that differ in case alone are one name"), 5)


def test_who_only_receives(ak: Ak, tmp_path: Path) -> None:
    make_air(tmp_path / "here")
    for recipient in (EXAMPLE_RECIPIENT, PLUGIN, line_of(OTHER_PEM)):
        card = Card("requester", "backup", recipient, "")
        line = ["trust-requester", "backup", "--recipient", recipient, "--scope", "us-east-1/s3", "--force"]
        assert ak([*line, "--words", card.words()]).code == 0
        assert events(tmp_path, 2)[0]["key"] == "none"
    found = peers.load_requester(Places(str(tmp_path / "here")), "backup")
    assert (found.signing_key, found.recipient) == ("", line_of(OTHER_PEM))


@pytest.mark.parametrize(
    ("recipient", "fault"),
    [
        ("age1 x", "--recipient is neither 'age1…' nor an SSH key's type and text without a comment"),
        ("age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8q", None),
    ],
)
def test_what_is_no_recipient(recipient: str, fault: "str | None", ak: Ak, tmp_path: Path) -> None:
    make_air(tmp_path / "here")
    done = ak(["trust-requester", "backup", "--recipient", recipient, "--scope", "a/b", "--words", "x"])
    assert done.code == 3
    if fault:
        assert done.stderr.decode() == error(fault)


# its policy


def test_everything_is_named(ak: Ak, tmp_path: Path) -> None:
    make_air(tmp_path / "here")
    done = ak(
        "trust-requester web-1 --scope us-east-1/sts --scope us-east-1 --scope - --level date --level signing "
        "--level region --service sts --max-days 32 --max-ahead 0 --access-key-id B --access-key-id A "
        "--confirm web-1 --json"
    )
    row = json.loads(done.stdout)
    assert {name: row[name] for name in ("scopes", "levels", "services", "max_days", "max_ahead")} == {
        "scopes": ["-", "us-east-1", "us-east-1/sts"],
        "levels": ["signing", "region", "date"],
        "services": ["sts"],
        "max_days": 32,
        "max_ahead": 0,
    }
    assert (row["schema"], row["kind"], row["trusted"]) == ("authkit.trusted/v1", "requester", True)
    assert (row["access_key_ids"], "words" in row) == (["A", "B"], False)
    lines = done.stderr.decode().split("\n")
    assert lines[:2] == [
        "authkit: warning: a date key opens every region and service below it",
        "authkit: warning: --max-days 32: a response is as dangerous as its last day, and nothing ends it sooner",
    ]
    assert "scopes:      every region and service" in lines
    assert "             us-east-1: the whole of it, sts" in lines
    assert "changed:     access_key_ids: A B, was AKIDEXAMPLE" in lines
    assert "             levels: signing region date, was signing" in lines


def test_what_no_option_names_stays(ak: Ak, tmp_path: Path) -> None:
    make_air(tmp_path / "here")
    assert ak("trust-requester web-1 --max-days 3 --confirm web-1").code == 0
    found = peers.load_requester(Places(str(tmp_path / "here")), "web-1")
    assert found.members() == policy(max_days=3).members()
    assert [one["event"] for one in events(tmp_path, 2)] == ["policy", "policy"]
    assert ak("trust-requester web-1.card --max-ahead 3 --confirm web-1").code == 0
    found = peers.load_requester(Places(str(tmp_path / "here")), "web-1")
    assert found.members() == policy(max_days=3, max_ahead=3).members()


def test_a_change_is_confirmed(ak: Ak, tmp_path: Path) -> None:
    make_air(tmp_path / "here")
    line = "trust-requester web-1 --max-days 3"
    assert ak(f"{line} --confirm web-2").stderr.decode().endswith(error("not confirmed"))
    assert ak(line).stderr.decode().endswith(
        error("there is no terminal to confirm on", "give the name with --confirm NAME")
    )  # fmt: skip
    assert len(Places(str(tmp_path / "here")).ledger.lines()) == 3
    done = ak(line, terminal=Terminal([("web-1:", "web-1\n")]))
    assert (done.code, done.stderr) == (0, b"")
    assert "changed:     max_days: 3, was 7\n" in done.terminal
    assert done.terminal.endswith("to accept this policy, type the name web-1: web-1\n")


@pytest.mark.parametrize(
    ("options", "code", "message", "hint"),
    [
        ("", 2, "nothing says which subkeys it may ask for", "add --scope REGION/SERVICE"),
        ("--scope a/b/c", 2, "the scope 'a/b/c' is neither REGION/SERVICE, nor REGION, nor '-'", ""),
        ("--scope a/*", 2, "the scope 'a/*' holds a character that is not a letter, digit, '.', '_' or '-'", ""),
        ("--scope a/b --level wide", 2, "'wide' is not a level", "the levels are signing, service, region, date"),
        ("--scope a/b --max-days 0", 2, "--max-days 0 is not 1 to 3660", ""),
        ("--scope a/b --max-days 3661", 2, "--max-days 3661 is not 1 to 3660", ""),
        ("--scope a/b --max-ahead 3661", 2, "--max-ahead 3661 is not 0 to 3660", ""),
        (
            "--scope a/b --access-key-id A/B",
            2,
            "the policy: member 'access_key_ids': 'A/B' holds a character that an access key ID cannot hold",
            "",
        ),
        (
            "--scope a/b --service s3",
            2,
            "--service s3 needs no naming",
            "it is for iam, sts, sso, organizations, kms",
        ),
        (
            "--scope a/iam",
            5,
            "a key for iam is as wide as the access key",
            "add --service iam if you mean it",
        ),
        (
            "--scope a/kms --service iam",
            5,
            "a key for kms is as wide as the access key",
            "add --service kms if you mean it",
        ),
        ("--scope sts", 5, "a key for sts is as wide as the access key", "add --service sts if you mean it"),
    ],
)
def test_a_policy_that_cannot_be(options: str, code: int, message: str, hint: str, ak: Ak, tmp_path: Path) -> None:
    make_air(tmp_path / "here")
    Path(Places(str(tmp_path / "here")).requester("web-1")).unlink()
    assert ak(f"trust-requester web-1.card {options} --words x").triple == ("", error(message, hint), code)


def test_whose_subkeys(ak: Ak, tmp_path: Path) -> None:
    store = make_store(tmp_path / "here")
    line = ["trust-requester", "web-1.card", "--scope", "a/b", "--words", web_card().words(), "--json"]

    def put(name: str, use: "str | None") -> None:
        key = AccessKey(name, Secret(b"s" * 40), use=use)
        store.put(name, describe_access_key(key, began()), Secret(encode_access_key(key)))

    done = ak(line)
    assert json.loads(done.stderr)["error"]["message"] == "the store holds no access keys"
    put("AKA", None)
    put("AKB", None)
    done = ak(line)
    assert json.loads(done.stderr)["error"]["message"] == "the store holds several access keys: AKA, AKB"
    put("AKC", "derive")
    row = json.loads(ak(line).stdout)
    assert (row["access_key_ids"], row["words"]) == (["AKC"], web_card().words())


def test_a_store_is_made_where_there_is_none(ak: Ak, tmp_path: Path) -> None:
    done = ak(f"{ENROL} --unlock passphrase")
    assert done.code == 0
    assert done.stderr.decode().startswith("authkit: note: made a store at here that opens by a passphrase\n")


# an edited policy


def edit(tmp_path: Path) -> None:
    path = Path(Places(str(tmp_path / "here")).requester("web-1"))
    path.write_bytes(policy(max_days=31).text)


def test_an_edited_policy_is_accepted_by_name(ak: Ak, tmp_path: Path) -> None:
    make_air(tmp_path / "here")
    edit(tmp_path)
    assert "EDITED, NOT ACCEPTED" in ak("list-trusted").stdout.decode()
    assert (
        "WARNING:     the file was edited, and this policy is not accepted\n"
        in ak("list-trusted web-1").stdout.decode()
    )
    done = ak("trust-requester web-1 --accept-policy --confirm web-1")
    assert done.code == 0
    assert "changed:     max_days: 31, was 7\n" in done.stderr.decode()
    assert events(tmp_path, 1)[0]["policy"] == policy(max_days=31).members()
    assert "7 days" not in ak("list-trusted").stdout.decode()
    done = ak("trust-requester web-1 --accept-policy --confirm web-1")
    assert "changed:     nothing\n" in done.stderr.decode()


def test_a_damaged_policy_is_not_accepted(ak: Ak, tmp_path: Path) -> None:
    make_air(tmp_path / "here")
    Path(Places(str(tmp_path / "here")).requester("web-1")).write_bytes(b"{}\n")
    done = ak("trust-requester web-1 --accept-policy --confirm web-1")
    assert done.triple == ("", error("here/ceremony/requesters/web-1.json: member 'schema' is missing"), 6)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("web-1 --accept-policy --remove", "--recipient, --accept-policy and --remove each stand alone with a NAME"),
        ("web-1 web-1.card --remove", "--recipient, --accept-policy and --remove each stand alone with a NAME"),
        ("web-1 --accept-policy --max-days 3", "--accept-policy leaves the policy as it is"),
        ("web-1 --remove --scope a/b", "--remove leaves the policy as it is"),
    ],
)
def test_options_that_do_not_go_together(line: str, message: str, ak: Ak) -> None:
    assert ak(f"trust-requester {line}").triple == ("", error(message), 2)


# trusting no more


def test_a_requester_is_removed(ak: Ak, tmp_path: Path) -> None:
    make_air(tmp_path / "here")
    done = ak("trust-requester web-1 --remove --confirm web-1")
    assert done.triple == ("web-1 is trusted no more\n", "", 0)
    assert events(tmp_path, 1) == [{"event": "untrusted", "kind": "requester", "name": "web-1", "key": WEB}]
    assert ak("list-trusted").triple == ("nobody is trusted\n", "", 0)
    hint = "'authkit list-trusted' shows whom we trust"
    done = ak("trust-requester web-1 --remove --confirm web-1")
    assert done.triple == ("", error("no requester named web-1", hint), 4)


def test_a_damaged_peer_is_removed(ak: Ak, tmp_path: Path) -> None:
    make_air(tmp_path / "here")
    Path(Places(str(tmp_path / "here")).requester("web-1")).write_bytes(b"")
    assert ak("trust-requester web-1 --remove --confirm web-1 --json").stdout == (
        b'{"schema": "authkit.trusted/v1", "kind": "requester", "name": "web-1", "trusted": false}\n'
    )
    assert events(tmp_path, 1)[0]["key"] == "unknown"


def test_one_that_only_receives_is_removed(ak: Ak, tmp_path: Path) -> None:
    make_air(tmp_path / "here")
    accept(Places(str(tmp_path / "here")), policy(signing_key=""))
    assert ak("trust-requester web-1 --remove --confirm web-1").code == 0
    assert events(tmp_path, 1)[0]["key"] == "none"


def test_removing_is_confirmed(ak: Ak, tmp_path: Path) -> None:
    make_air(tmp_path / "here")
    done = ak("trust-requester web-1 --remove", terminal=Terminal([("name:", "web\n")]))
    assert done.triple == ("", error("not confirmed"), 5)
    assert done.terminal == "to trust web-1 no more, type its name: web\n"
    assert Places(str(tmp_path / "here")).requester_names() == ["web-1"]


# issuers

TRUST = f'trust-issuer vault.card --words "{air_card().words()}"'


def test_an_issuer_is_enrolled(ak: Ak, tmp_path: Path) -> None:
    make_store(tmp_path / "here")
    done = ak(TRUST)
    key = fingerprint_of(air_card().signing_key)
    assert (done.stdout.decode(), done.code) == (f"subkeys signed by {key} are taken in, as from vault\n", 0)
    assert done.stderr.decode().startswith(f"issuer:      vault\nsigning key: {key}\nwords:       ")
    assert events(tmp_path, 1) == [{"event": "trusted", "kind": "issuer", "name": "vault", "key": key}]
    assert peers.load_issuer(Places(str(tmp_path / "here")), "vault").signing_key == air_card().signing_key
    assert ak(TRUST).triple == ("", error("vault is trusted already with this key"), 5)
    assert ak(TRUST.replace("vault.card", "safe vault.card")).triple == (
        "", error("this key is trusted already, as vault"), 5,
    )  # fmt: skip
    assert ak(TRUST.replace("vault.card", "Vault vault.card")).code == 5
    card = air_card(OTHER_PEM)
    (tmp_path / "vault.card").write_bytes(format_card(card))
    assert ak(["trust-issuer", "safe", "vault.card", "--words", card.words()]).code == 0
    assert Places(str(tmp_path / "here")).issuer_names() == ["safe", "vault"]


def test_an_issuer_under_our_own_name_for_it(ak: Ak, tmp_path: Path) -> None:
    make_store(tmp_path / "here")
    row = json.loads(ak(TRUST.replace("vault.card", "safe vault.card") + " --json").stdout)
    assert row == {
        "schema": "authkit.trusted/v1",
        "kind": "issuer",
        "trusted": True,
        "name": "safe",
        "signing_key": air_card().signing_key,
        "fingerprint": fingerprint_of(air_card().signing_key),
    }


def test_another_key_needs_a_record(ak: Ak, tmp_path: Path) -> None:
    make_web(tmp_path / "here", OTHER_PEM)
    hint = "a new key comes with a record: 'authkit trust-issuer vault --change FILE'"
    assert ak(TRUST).triple == ("", error("vault is trusted with another key", hint), 5)


def test_the_words_of_another_issuer(ak: Ak, tmp_path: Path) -> None:
    make_store(tmp_path / "here")
    (tmp_path / "vault.card").write_bytes(format_card(air_card(OTHER_PEM)))
    done = ak(TRUST + " --json")
    assert json.loads(done.stderr.splitlines()[-1])["error"]["reason"] == "words-mismatch"
    assert Places(str(tmp_path / "here")).issuer_names() == []
    done = ak("trust-issuer web-1.card --words x")
    assert done.triple == (
        "", error("web-1.card: role is not 'issuer', so it is not the card of an issuer"), 3,
    )  # fmt: skip


def test_an_issuer_is_removed(ak: Ak, tmp_path: Path) -> None:
    make_web(tmp_path / "here")
    key = fingerprint_of(air_card().signing_key)
    assert ak("trust-issuer vault --remove --confirm vault").triple == ("vault is trusted no more\n", "", 0)
    assert events(tmp_path, 1) == [{"event": "untrusted", "kind": "issuer", "name": "vault", "key": key}]
    assert Places(str(tmp_path / "here")).issuer_names() == []


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("vault --remove --change x", "--change and --remove are two things"),
        ("vault vault.card --remove", "--change and --remove take the NAME alone"),
        ("vault vault.card --change x", "--change and --remove take the NAME alone"),
    ],
)
def test_an_issuers_options(line: str, message: str, ak: Ak) -> None:
    assert ak(f"trust-issuer {line}").triple == ("", error(message), 2)


# the list


def test_everybody_is_listed(ak: Ak, tmp_path: Path) -> None:
    make_air(tmp_path / "here")
    assert ak(TRUST).code == 0
    accept(Places(str(tmp_path / "here")), policy(name="web-0", scopes=("us-east-1/s3",), signing_key=""))
    lines = ak("list-trusted").stdout.decode().split("\n")
    assert [line.split() for line in lines[:4]] == [
        ["KIND", "NAME", "GOOD", "FOR", "KEY"],
        ["requester", "web-0", "us-east-1/s3,", "7", "days", "none"],
        ["requester", "web-1", "2", "scopes,", "7", "days", WEB],
        ["issuer", "vault", fingerprint_of(air_card().signing_key)],
    ]
    row = json.loads(ak("list-trusted --json").stdout)
    assert row["schema"] == "authkit.trust/v1"
    assert [one["name"] for one in row["requesters"]] == ["web-0", "web-1"]
    assert row["requesters"][1] == {
        **policy().members(), "policy_sha256": peers.policy_sha256(policy().text), "policy_accepted": True,
    }  # fmt: skip
    assert [one["name"] for one in row["issuers"]] == ["vault"]
    assert ak("list-trusted vault").stdout.decode() == (
        f"issuer:      vault\nsigning key: {fingerprint_of(air_card().signing_key)}\n"
    )
    done = ak("list-trusted nobody")
    hint = "'authkit list-trusted' shows whom we trust"
    assert done.triple == ("", error("nobody is trusted as nobody", hint), 4)


def test_a_policy_without_its_line(ak: Ak, tmp_path: Path) -> None:
    make_air(tmp_path / "here")
    path = tmp_path / "here" / "ceremony" / "ledger.jsonl"
    path.write_bytes(path.read_bytes().splitlines(keepends=True)[0])
    assert json.loads(ak("list-trusted --json").stdout)["requesters"][0]["policy_accepted"] is False


def test_no_store(ak: Ak) -> None:
    assert ak("list-trusted").code == 4
    assert ak("trust-requester web-1 --remove").code == 4
    assert ak("trust-requester web-1 --accept-policy").code == 4


def test_an_interrupted_enrolment_allows_nothing(ak: Ak, tmp_path: Path) -> None:
    make_store(tmp_path / "here")
    with mock.patch.object(files, "append", side_effect=KeyboardInterrupt):
        assert ak(ENROL).code == 130
    assert "EDITED, NOT ACCEPTED" in ak("list-trusted").stdout.decode()
    assert ak("trust-requester web-1 --accept-policy --confirm web-1").code == 0
    assert "EDITED" not in ak("list-trusted").stdout.decode()


def test_a_long_policy_comes_in_pages(ak: Ak, tmp_path: Path) -> None:
    make_air(tmp_path / "here")
    scopes = " ".join([f"--scope region-{place:02}/s3" for place in range(40)])
    terminal = Terminal([("the rest:", "\n"), ("the rest:", "\n"), ("web-1:", "web-1\n")])
    done = ak(f"trust-requester web-1 {scopes}", terminal=terminal)
    assert done.code == 0
    pages = done.terminal.split("press Enter for the rest: \n")
    assert [page.count("\n") for page in pages[:2]] == [22, 22]
    assert all(len(line) <= 78 for line in done.terminal.split("\n"))
