"""Is what was asked for in the request, said to the person who asks, and refused before anything is written?"""

import json
import os
from pathlib import Path

import pytest

import responses
from authkit import words
from authkit.ceremony.request import parse_request
from authkit.keys.sshsig import REQUEST, open_signed
from responses import ASK, AT, Place, Signer, entry, make_place

LATER = "2026-11-26T09:00:00Z"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return make_place(tmp_path)


def line_of(place: Place) -> str:
    """Return the public half of our key, as show-identity gives it to the issuer."""
    return str(json.loads(place.ok("show-identity --json", at=""))["signing_key"])


def refused(place: Place, line: str, at: str = AT) -> tuple[int, list[str]]:
    """Return code and messages of a command line that fails; nothing is asked by it."""
    before = place.files()
    done = place.run(line, at=at)
    assert (done.stdout, place.files()) == (b"", before)
    return done.code, [one.removeprefix("authkit: ") for one in done.stderr.decode().splitlines()]


def test_what_it_asks_for(place: Place) -> None:
    done = place.run(f"{ASK} --scope eu-west-1/s3")
    assert done.code == 0
    text, _ = open_signed(done.stdout, REQUEST, [line_of(place)], "r")
    request = parse_request(text, "r")
    assert (request.requester, request.access_key_id, request.level) == ("web-1", "AKIDEXAMPLE", "signing")
    assert (request.scopes, request.span) == (("eu-west-1/s3", "us-east-1/s3"), "20261123-20261129")
    assert request.issuer == Signer("vault").fingerprint
    assert done.stderr.decode().splitlines() == [
        "authkit: note: asks vault for 14 signing keys of AKIDEXAMPLE, 2026-11-23 to 2026-11-29 UTC: "
        "eu-west-1/s3, us-east-1/s3",
        f"authkit: note: words: {words.fingerprint_words('request', text, 8)}",
    ]


def test_one_key(place: Place) -> None:
    note = place.run(ASK.replace(" --days 7", "")).stderr.decode().splitlines()[0]
    assert note == "authkit: note: asks vault for 1 signing key of AKIDEXAMPLE, 2026-11-23 UTC: us-east-1/s3"


@pytest.mark.parametrize(("count", "end"), [(4, "r/s0, r/s1, r/s2, r/s3"), (6, "r/s0, r/s1, r/s2, r/s3 and 2 more")])
def test_many_scopes(count: int, end: str, place: Place) -> None:
    more = " ".join(f"--service s{i}" for i in range(count))
    done = place.run(f"request-subkey --access-key-id AK --region r {more}")
    assert done.stderr.decode().splitlines()[0].endswith(f"UTC: {end}")


@pytest.mark.parametrize(
    ("words_", "level", "scopes"),
    [
        ("--level date", "date", ["-"]),
        ("--level region --region us-east-1", "region", ["us-east-1"]),
        ("--level service --scope us-east-1/s3", "service", ["us-east-1/s3"]),
        ("--scheme tc3 --service cvm", "signing", ["cvm"]),
    ],
)
def test_levels_and_schemes(words_: str, level: str, scopes: list[str], place: Place) -> None:
    said = responses.members(place.ask(f"request-subkey --access-key-id AK {words_}"))
    assert (said["level"], said["scopes"]) == (level, scopes)


def test_days(place: Place) -> None:
    line = ASK.replace("--days 7", "--date tomorrow --until 2026-11-26")
    assert responses.members(place.ask(line))["days"] == "20261124-20261126"


def test_to_a_file(place: Place) -> None:
    done = place.run(f"{ASK} -o build.request")
    assert (done.code, done.stdout) == (0, b"")
    path = place.path / "build.request"
    assert path.read_bytes().startswith(b"authkit-request/v1\n")
    assert path.stat().st_mode & 0o777 == 0o600
    code, lines = refused(place, f"{ASK.replace('build', 'b2')} -o build.request")
    assert (code, lines) == (5, ["error: build.request exists", "hint: --force replaces it"])
    assert place.run(f"{ASK.replace('build', 'b2')} -o build.request --force").code == 0


def test_as_json(place: Place) -> None:
    row = json.loads(place.ok(f"{ASK} --json"))
    text = row["request"].encode().partition(responses.BEGIN)[0]
    assert row["schema"] == "authkit.request/v1"
    assert (row["words"], row["level"]) == (words.fingerprint_words("request", text, 8), "signing")
    assert (row["scopes"], row["days"], row["issuer"]) == (
        ["us-east-1/s3"],
        "20261123-20261129",
        Signer("vault").fingerprint,
    )
    assert place.lines()[-1]["request"] == row["sha256"]
    assert place.lines()[-1]["id"] == row["id"]
    row = json.loads(place.ok(f"{ASK.replace('build', 'b2')} --json -o b2.request"))
    assert "request" not in row
    assert (place.path / "b2.request").is_file()


def test_requests_without_an_answer_are_counted(place: Place) -> None:
    place.ask()
    second = place.run(ASK).stderr.decode().splitlines()
    assert second[1] == "authkit: note: 1 earlier request to vault still without an answer"
    assert "2 earlier requests to vault still without an answer" in place.run(ASK).stderr.decode()
    place.trust("office", Signer("office"))
    assert "without an answer" not in place.run(f"{ASK} --issuer office").stderr.decode()


def test_an_answered_request_is_not_counted(place: Place) -> None:
    place.renewed()
    assert "without an answer" not in place.run(ASK.replace("build", "b2")).stderr.decode()


# Refusals


@pytest.mark.parametrize(
    ("line", "code", "message"),
    [
        ("request-subkey build --scope us-east-1/s3", 2, "error: whose subkeys to ask for was not said"),
        (
            ASK.replace("AKIDEXAMPLE", "'A B'"),
            2,
            "error: --access-key-id holds a character that an access key ID cannot hold",
        ),
        (ASK.replace("us-east-1/s3", "us-east-1"), 2, "error: --scope is REGION/SERVICE for a signing key"),
        (
            ASK.replace("us-east-1", "US-EAST-1"),
            2,
            "error: the region 'US-EAST-1' has an upper-case letter, and AWS has none",
        ),
        (f"{ASK} --until 2026-11-24", 2, "error: --days and --until say the same; give one of them"),
        (
            ASK.replace("--days 7", "--days 32"),
            5,
            "error: 32 days at once are as dangerous as their last day, 2026-12-24",
        ),
        (f"{ASK} --scheme rfc9421", 2, "error: the scheme rfc9421 has no subkeys"),
        (f"{ASK} --issuer office", 4, "error: no issuer named office"),
        (ASK.replace(" build", " 'a b'"), 2, "error: 'a b' cannot be the name of a key"),
        (f"{ASK} --store none", 4, "error: there is no store at none"),
        ("request-subkey --renew", 2, "error: the store holds 0 subkey files of an issuer"),
        ("request-subkey --renew other", 4, "error: no key named other"),
        ("request-subkey --renew authkit-requester", 5, "error: authkit-requester holds no subkeys"),
    ],
)
def test_what_cannot_be_asked(line: str, code: int, message: str, place: Place) -> None:
    found, lines = refused(place, line)
    assert (found, lines[0]) == (code, message)


def test_more_days_with_their_own_option(place: Place) -> None:
    said = responses.members(place.ask(f"{ASK.replace('--days 7', '--days 32')} --long"))
    assert said["days"] == "20261123-20261224"


@pytest.mark.parametrize(
    "option",
    [
        "--access-key-id AK",
        "--scope us-east-1/s3",
        "--region us-east-1",
        "--service s3",
        "--level signing",
        "--scheme sigv4",
    ],
)
def test_what_a_renewal_knows_by_itself(option: str, place: Place) -> None:
    place.renewed()
    code, lines = refused(place, f"request-subkey --renew build {option}")
    name = option.partition(" ")[0]
    assert (code, lines[0]) == (2, f"error: --renew asks for what is held, so {name} has no place")


def test_nobody_to_ask(place: Place) -> None:
    os.unlink(place.path / "store" / "ceremony" / "issuers" / "vault.json")
    code, lines = refused(place, ASK)
    assert (code, lines) == (4, ["error: no issuer is trusted here", "hint: 'authkit trust-issuer CARD' enrols one"])


def test_several_to_ask(place: Place) -> None:
    place.trust("office", Signer("office"))
    code, lines = refused(place, ASK)
    assert (code, lines) == (
        2,
        ["error: several issuers are trusted here", "hint: say which with --issuer: office, vault"],
    )


def test_nobody_who_asks(tmp_path: Path) -> None:
    from agefile import PASSPHRASE, make_store

    make_store(tmp_path / "store")
    (tmp_path / "pass").write_bytes(PASSPHRASE)
    (tmp_path / "pass").chmod(0o600)
    place = Place(tmp_path)
    assert place.run("list-keys", at="").code == 0
    done = place.run(ASK)
    assert (done.code, done.stderr.decode().splitlines()[0]) == (4, "authkit: error: no issuer is trusted here")
    for name in ("issuers",):
        (tmp_path / "store" / "ceremony" / name).mkdir(exist_ok=True)
    place.trust("vault", Signer("vault"))
    done = place.run(ASK)
    assert (done.code, done.stderr.decode().splitlines()) == (
        4,
        [
            "authkit: error: we have no identity to ask with yet",
            "authkit: hint: 'authkit show-identity NAME' makes one",
        ],
    )


def test_a_name_that_is_taken(place: Place) -> None:
    place.renewed()
    code, lines = refused(place, ASK)
    assert (code, lines) == (
        5,
        [
            "error: there is a key named build",
            "hint: --renew asks for more of it; for others give another name",
        ],
    )


# Renewal


def test_a_renewal(place: Place) -> None:
    place.renewed()
    said = responses.members(place.ask("request-subkey --renew build", at=LATER))
    assert (said["access-key-id"], said["scheme"], said["level"], said["scopes"]) == (
        "AKIDEXAMPLE",
        "AWS4-HMAC-SHA256",
        "signing",
        ["us-east-1/s3"],
    )
    assert said["days"] == "20261126-20261202"
    assert said["previous"] == place.issuer.previous
    assert place.lines()[-1]["name"] == "build"


def test_a_renewal_of_the_only_one(place: Place) -> None:
    place.renewed()
    assert responses.members(place.ask("request-subkey --renew", at=LATER))["days"] == "20261126-20261202"
    assert place.lines()[-1]["name"] == "build"


def test_a_renewal_where_there_are_several(place: Place) -> None:
    place.renewed()
    assert place.take(place.issuer.answer(place.ask(ASK.replace("build", "b2")))).code == 0
    code, lines = refused(place, "request-subkey --renew", LATER)
    assert (code, lines) == (
        2,
        ["error: the store holds 2 subkey files of an issuer", "hint: say which: b2, build"],
    )


def test_a_renewal_for_days_of_its_own(place: Place) -> None:
    place.renewed()
    for words_, days in (
        ("--date tomorrow --days 10", "20261127-20261206"),
        ("--until 2026-12-03", "20261126-20261203"),
        ("--date 2026-12-01", "20261201-20261201"),
        ("--days 5", "20261126-20261130"),
    ):
        assert responses.members(place.ask(f"request-subkey --renew build {words_}", at=LATER))["days"] == days
    code, lines = refused(place, "request-subkey --renew build --days 4", LATER)
    assert (code, lines) == (
        5,
        ["error: build holds all of that already", "hint: ask for more days with --days, or later"],
    )


def test_a_renewal_of_what_is_held(place: Place) -> None:
    place.renewed()
    code, lines = refused(place, "request-subkey --renew build")
    assert (code, lines[0]) == (5, "error: build holds all of that already")


def test_a_renewal_asks_who_issued_it(place: Place) -> None:
    office = responses.Issuer("office")
    place.trust("office", office.signer)
    answer = office.answer(place.ask(f"{ASK} --issuer office"))
    assert place.take(answer).code == 0
    said = responses.members(place.ask("request-subkey --renew", at=LATER))
    assert said["issuer"] == office.signer.fingerprint
    assert responses.members(place.ask("request-subkey --renew --issuer vault", at=LATER))["issuer"] == (
        Signer("vault").fingerprint
    )


def test_a_renewal_asks_the_issuer_by_its_new_key(place: Place) -> None:
    """What a key change leaves: another key for the name, and a line that says so."""
    from datetime import datetime, timezone

    from authkit.ceremony.places import Places

    place.renewed()
    place.trust("other", Signer("other"))
    place.trust("vault", Signer("new"))
    event: dict[str, object] = {
        "event": "issuer-changed",
        "name": "vault",
        "old": Signer("vault").fingerprint,
        "new": Signer("new").fingerprint,
    }
    ledger = Places(str(place.path / "store")).ledger
    with ledger.locked():
        ledger.append([event], datetime(2026, 11, 25, tzinfo=timezone.utc))
    said = responses.members(place.ask("request-subkey --renew", at=LATER))
    assert (said["issuer"], said["previous"]) == (Signer("new").fingerprint, "none")
    assert said["ledger"].split(" ")[1].startswith("41:")
    # the new key counts from 1, and its ledger goes on
    new = responses.Issuer("new")
    request = place.ask("request-subkey --renew build", at=LATER)
    assert place.turned_away(new.answer(request, ledger=f"41:{responses.HASH}"), at=LATER) == "ledger-changed"
    assert place.take(new.answer(request, ledger=f"42:{responses.HASH}"), at=LATER).code == 0


def test_a_renewal_of_what_nobody_signed_asks_the_only_issuer(place: Place) -> None:
    place.write(
        "plain.subkeys",
        json.dumps(
            {
                "schema": "authkit.subkeys/v1",
                "scheme": "AWS4-HMAC-SHA256",
                "access_key_id": "AKIDEXAMPLE",
                "issued_at": AT,
                "subkeys": [entry("20261123/us-east-1/s3/aws4_request")],
            }
        ).encode()
        + b"\n",
    )
    place.ok("import-subkey plain plain.subkeys --expect-id AKIDEXAMPLE")
    said = responses.members(place.ask("request-subkey --renew plain", at=LATER))
    assert (said["issuer"], said["days"]) == (Signer("vault").fingerprint, "20261126-20261126")
