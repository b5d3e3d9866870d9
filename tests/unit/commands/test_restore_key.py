"""Does a key come back from paper, from shares and from what is typed, and is everything else refused?"""

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import pytest

from agefile import IDENTITY, PASSPHRASE, make_store
from authkit import seal
from authkit.ceremony.paper import format_lines, line_check, parse_pages
from authkit.unlock import keyring
from commandline import Done, Terminal, run_here
from sample import SECRET, Sample

HERE = {"AUTHKIT_STORE": "store", "AUTHKIT_PASSPHRASE_FILE": "pass", "AUTHKIT_KEY_PASSPHRASE_FILE": "pass"}
Run = Callable[..., Done]
FIT = "the secret does not fit the check value, so it is not that of this key"


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store, pages of what is in it, and a second store that is empty."""
    here = tmp_path_factory.mktemp("furnished")
    here.chmod(0o700)
    Sample().write(here)
    for line in (
        "create-ca home --no-passphrase",
        "show-identity web-1",
        "show-identity --issuer vault",
        "export-cert home -o home.pem",
        *[f"backup-key {name} --paper -o {name}.txt" for name in ("root", "web", "pair", "home")],
        "backup-key authkit-requester --paper -o requester.txt",
        "backup-key authkit-issuer --paper -o issuer.txt",
        "backup-key --store-identity --paper -o own.txt",
        "backup-key root --shares 2-of-3 -o shares",
        "backup-key root --shares 2-of-3 -o again",
        "backup-key web --shares 2-of-3 -o of-web",
        "backup-key authkit-issuer --shares 2-of-2 -o of-issuer",
        "backup-key --store-identity --shares 2-of-2 -o of-own",
    ):
        done = run_here(line, here, environ=HERE)
        assert done.code == 0, done.triple
    make_store(here / "empty")
    return here


@pytest.fixture
def here(furnished: Path, tmp_path: Path) -> Path:
    import shutil

    shutil.copytree(furnished, tmp_path / "here")
    return tmp_path / "here"


@pytest.fixture
def run(here: Path) -> Run:
    def call(line: str, code: int = 0, *, store: str = "empty", **more: object) -> Done:
        environ = {**HERE, "AUTHKIT_STORE": store, **more.pop("environ", {})}  # type: ignore[dict-item]
        environ = {name: value for name, value in environ.items() if value}
        done = run_here(line, here, environ=environ, **more)  # type: ignore[arg-type]
        assert done.code == code, done.triple
        return done

    return call


def error_of(done: Done) -> list[str]:
    assert done.stdout == b""
    return [line.partition(": ")[2].partition(": ")[2] for line in done.stderr.decode().splitlines()]


def lines_of(path: Path) -> list[str]:
    """Return what somebody types who has the page before him."""
    found = [line.strip().partition(": ") for line in path.read_text("ascii").splitlines()]
    return [rest for number, mark, rest in found if mark and number.isdigit()]


def rewrite(path: Path, label: str, content: str) -> None:
    """Let a line of a page say something else, with checks that fit."""
    rows = parse_pages(path.read_bytes(), "x")[0].rows
    path.write_text(format_lines([(name, content if name == label else text) for name, text in rows]))


# back into a store


def test_a_master_secret_comes_back_under_a_passphrase_of_its_own(run: Run, here: Path) -> None:
    done = run("restore-key root.txt")
    assert (done.stdout, done.stderr) == (b"AKMASTER\n", b"authkit: note: stored as root\n")
    assert json.loads((here / "empty" / "keys" / "root.json").read_text())["metadata"]["passphrase"] is True
    line = "derive-subkey --key root --scope us-east-1/s3 --date 2026-11-23"
    made = [json.loads(run(line, store=store).stdout)["subkeys"] for store in ("empty", "store")]
    assert made[0] == made[1]
    assert made[0][0]["scope"] == "20261123/us-east-1/s3/aws4_request"


def test_it_comes_back_without_one_if_that_is_asked_for(run: Run, here: Path) -> None:
    done = run("restore-key root.txt --no-passphrase --name again --json")
    key = json.loads(done.stdout)["keys"][0]
    assert (key["name"], key["access_key_id"], key["use"]) == ("again", "AKMASTER", "derive")
    assert "passphrase" not in json.loads((here / "empty" / "keys" / "again.json").read_text())["metadata"]
    assert SECRET.encode() in run("export-key again").stdout


def test_a_key_that_is_there_is_not_replaced(run: Run) -> None:
    assert error_of(run("restore-key root.txt", 5, store="store")) == [
        "there is a key named root",
        "--force replaces it",
    ]
    run("restore-key root.txt --force", store="store")


@pytest.mark.parametrize("name", ["web", "pair"])
def test_other_keys_come_back_as_they_were(name: str, run: Run) -> None:
    run(f"restore-key {name}.txt")
    assert run(f"export-key {name}").stdout == run(f"export-key {name}", store="store").stdout


def test_a_store_is_made_for_it(run: Run, here: Path) -> None:
    done = run("restore-key web.txt --unlock passphrase", store="fresh")
    assert b"made a store at fresh that opens by a passphrase" in done.stderr
    assert run("export-key web", store="fresh").stdout == run("export-key web", store="store").stdout


def test_our_signing_keys_come_back(run: Run, here: Path) -> None:
    done = run("restore-key issuer.txt")
    print_of = json.loads((here / "store" / "keys" / "authkit-issuer.json").read_text())["metadata"]["fingerprint"]
    assert done.stdout.decode() == f"signing key of the issuer vault: {print_of}\n"
    assert done.stderr == b"authkit: note: stored as authkit-issuer\n"
    done = run("restore-key requester.txt --json")
    key = json.loads(done.stdout)["keys"][0]
    assert (key["name"], key["kind"], set(key)) == (
        "authkit-requester",
        "identity",
        {"name", "kind", "fingerprint", "created_at"},
    )
    entries = {
        name: json.loads((here / "empty" / "keys" / f"authkit-{name}.json").read_text())["metadata"]
        for name in ("issuer", "requester")
    }
    assert entries["issuer"]["passphrase"] is True
    assert "passphrase" not in entries["requester"]
    for name in ("show-identity", "show-identity --issuer"):
        cards = [json.loads(run(f"{name} --json", store=store).stdout)["signing_key"] for store in ("store", "empty")]
        assert cards[0] == cards[1]


def test_an_issuer_comes_back_without_a_passphrase_if_that_is_asked_for(run: Run, here: Path) -> None:
    run("restore-key issuer.txt --no-passphrase")
    assert "passphrase" not in json.loads((here / "empty" / "keys" / "authkit-issuer.json").read_text())["metadata"]
    assert error_of(run("restore-key issuer.txt --no-passphrase", 5))[0] == "there is a key named authkit-issuer"
    run("restore-key issuer.txt --no-passphrase --force")


@pytest.mark.parametrize(
    ("label", "content"), [("role", "requester"), ("role", "auditor"), ("name", "pair"), ("name", "authkit-requester")]
)
def test_a_signing_key_that_is_not_what_it_says_is_refused(label: str, content: str, run: Run, here: Path) -> None:
    rewrite(here / "issuer.txt", label, content)
    page = parse_pages((here / "issuer.txt").read_bytes(), "x")[0]
    from authkit.ceremony.kept import Kept
    from authkit.secret import Secret

    facts = page.facts()
    kept = Kept("identity", {"name": facts["name"]}, "pkcs8", Secret(facts["pkcs8"].encode()))
    rewrite(here / "issuer.txt", "check", kept.check())
    told = f"the page: not the signing key of a {facts['role']}"
    assert error_of(run("restore-key issuer.txt", 3)) == [told]


def test_a_signing_key_of_another_type_is_refused(run: Run, here: Path) -> None:
    run("keygen p --type p256", store="store")
    run("backup-key p --paper -o p.txt", store="store")
    text = parse_pages((here / "p.txt").read_bytes(), "x")[0].facts()["pkcs8"]
    from authkit.ceremony.kept import Kept, paper_rows
    from authkit.secret import Secret

    facts = {"name": "authkit-issuer", "role": "issuer", "called": "vault"}
    rows = paper_rows(Kept("identity", facts, "pkcs8", Secret(text.encode())))
    (here / "p.txt").write_text(format_lines(rows))
    assert error_of(run("restore-key p.txt", 3)) == ["the page: not the signing key of a issuer"]


def test_a_ca_comes_back_with_its_ledger(run: Run, here: Path) -> None:
    (here / "empty" / "ledgers").mkdir(mode=0o700)
    ledger = (here / "store" / "ledgers" / "home.jsonl").read_bytes()
    (here / "empty" / "ledgers" / "home.jsonl").write_bytes(ledger)
    (here / "empty" / "ledgers" / "home.jsonl").chmod(0o600)
    done = run("restore-key home.txt --certificate home.pem")
    entries = [
        json.loads((here / store / "keys" / "home.json").read_text())["metadata"] for store in ("store", "empty")
    ]
    assert done.stdout.decode() == f"home: {entries[0]['fingerprint']}\n"
    assert done.stderr == b"authkit: note: stored as home\n"
    assert entries[1].pop("passphrase") is True
    assert {**entries[0], "created_at": ""} == {**entries[1], "created_at": ""}
    assert (here / "empty" / "ledgers" / "home.jsonl").read_bytes() == ledger
    run("issue-crl --ca home -o home.crl")


def test_a_ca_without_its_ledger_needs_a_word(run: Run, here: Path) -> None:
    assert error_of(run("restore-key home.txt --certificate home.pem --no-passphrase", 5)) == [
        "there is no ledger of the CA home, so nothing would be known of what it issued",
        "put a copy to empty/ledgers/home.jsonl first; if there is none, --new-ledger begins another",
    ]
    done = run("restore-key home.txt --certificate home.pem --no-passphrase --new-ledger --json")
    key = json.loads(done.stdout)["keys"][0]
    assert (key["name"], key["kind"], "passphrase" in key) == ("home", "ca", False)
    assert json.loads((here / "empty" / "ledgers" / "home.jsonl").read_text())["event"] == "created"
    run("issue-crl --ca home -o home.crl")


def test_a_ca_needs_its_own_certificate(run: Run, here: Path) -> None:
    assert error_of(run("restore-key home.txt", 2)) == [
        "the certificate of a CA is not on paper",
        "give it with --certificate FILE",
    ]
    assert error_of(run("restore-key home.txt --certificate root.pem", 5))[0] == (
        "none of the certificates is of the key of this CA"
    )
    assert error_of(run("restore-key home.txt --certificate none.pem", 3)) == ["no such file: none.pem"]


def test_what_is_in_the_way_of_a_ca_is_said(run: Run, here: Path) -> None:
    run("create-ca brief --no-passphrase --days 1 --at 2026-01-01T00:00:00Z", store="store")
    run("backup-key brief --paper -o brief.txt", store="store")
    run("export-cert brief -o brief.pem", store="store")
    done = run("restore-key brief.txt --certificate brief.pem --no-passphrase --new-ledger")
    assert b"authkit: warning: the certificate of the CA brief: it is not valid at " in done.stderr


@pytest.mark.parametrize(
    ("label", "content", "told"),
    [
        ("issued-for", "mail", "the page: issued-for is neither client nor server"),
        ("profiles", "client,mail", "the page: profiles is not a list of what it can be"),
        ("kinds", "email,,dns", "the page: kinds is not a list of what it can be"),
    ],
)
def test_a_ca_that_is_not_in_order_is_refused(label: str, content: str, told: str, run: Run, here: Path) -> None:
    rewrite(here / "home.txt", label, content)
    assert error_of(run("restore-key home.txt --certificate home.pem", 3)) == [told]


# a store's identity


def test_a_store_opens_again_under_a_new_passphrase(run: Run, here: Path) -> None:
    (here / "store" / "identity.age").unlink()
    (here / "new").write_bytes(b"another sixteen or more\n")
    (here / "new").chmod(0o600)
    more = {"environ": {"AUTHKIT_PASSPHRASE_FILE": "new"}}
    done = run("restore-key own.txt", store="store", **more)
    assert (done.stdout, done.stderr.decode()) == (
        b"",
        "authkit: note: the store at store opens by the new passphrase\n",
    )
    assert SECRET.encode() in run("export-key web", store="store", **more).stdout
    told = error_of(run("restore-key own.txt", 5, store="store", **more))
    assert told == ["store/identity.age exists", "--force replaces it, under a new passphrase"]
    run("restore-key own.txt --force", store="store")
    assert SECRET.encode() in run("export-key web", store="store").stdout


def test_a_keyring_gets_it_back(run: Run, here: Path) -> None:
    info = json.loads((here / "store" / "store.json").read_text())
    (here / "store" / "store.json").write_text(json.dumps({**info, "unlock": "keyring"}) + "\n")
    with mock.patch.object(keyring, "store_identity", return_value="Secret Service") as stored:
        done = run("restore-key own.txt", store="store")
    assert done.stderr == b"authkit: note: the store's identity is in the Secret Service\n"
    sealed = (here / "store" / "identity.age").read_bytes()
    identity = seal.decrypt_with_passphrase(PASSPHRASE, sealed).decode().strip()
    assert stored.call_args.args == (info["id"], identity)


def test_it_can_be_written_to_a_file(run: Run, here: Path) -> None:
    done = run("restore-key own.txt -o own.age", store="none")
    assert done.stderr == b"authkit: note: the identity is in own.age; 'age -d' opens it\n"
    assert stat.S_IMODE((here / "own.age").stat().st_mode) == 0o600
    found = seal.decrypt_with_passphrase(PASSPHRASE, (here / "own.age").read_bytes())
    assert found.startswith(IDENTITY[:16].encode())
    assert error_of(run("restore-key own.txt -o own.age", 5, store="none"))[0] == "own.age exists"
    run("restore-key own.txt -o own.age --force", store="none")


def test_the_identity_of_another_store_is_refused(run: Run) -> None:
    assert error_of(run("restore-key own.txt", 5)) == [
        "the identity on paper is not that of the store at empty",
        "write it with --output FILE",
    ]
    assert error_of(run("restore-key own.txt", 4, store="none"))[0] == "there is no store at none"


# compared only


CHECKED = [
    ("root.txt", "master secret of the access key AKMASTER", "root is the same key"),
    ("web.txt", "secret of the access key AKIDEXAMPLE", "web is the same key"),
    ("pair.txt", "private key of a key pair", "pair is the same key"),
    ("home.txt", "private key of a CA", "home is the same key"),
    ("issuer.txt", "signing key of the issuer vault", "authkit-issuer is the same key"),
    ("requester.txt", "signing key of the requester web-1", "authkit-requester is the same key"),
    ("own.txt", "identity of a store", "its identity is the same"),
    (
        "shares/root-share-3-of-3.txt shares/root-share-1-of-3.txt",
        "master secret of the access key AKMASTER",
        "root is the same key",
    ),
    (
        "of-issuer/authkit-issuer-share-1-of-2.txt of-issuer/authkit-issuer-share-2-of-2.txt",
        None,
        "authkit-issuer is the same key",
    ),
    ("of-own/store-share-1-of-2.txt of-own/store-share-2-of-2.txt", "identity of a store", "its identity is the same"),
]


@pytest.mark.parametrize(("paths", "what", "same"), CHECKED)
def test_pages_are_compared_with_the_store(paths: str, what: "str | None", same: str, run: Run, here: Path) -> None:
    before = sorted(os.listdir(here / "store" / "keys"))
    rows = [
        line.split(None, 1) for line in run(f"restore-key --check {paths}", store="store").stdout.decode().splitlines()
    ]
    found = dict([(name, value) if name != "check" else ("check", value) for name, value in rows])
    assert found["pages:"] == "in order"
    assert what in (None, found["key:"])
    assert found["check"].startswith("value: ")
    assert found["check"].endswith(" fits")
    assert found["store:"] == same
    assert sorted(os.listdir(here / "store" / "keys")) == before


@pytest.mark.parametrize("store", ["empty", "none"])
def test_where_the_store_has_no_such_key_that_is_said(store: str, run: Run, here: Path) -> None:
    text = run("restore-key --check root.txt", store=store).stdout.decode()
    assert text.endswith("store:       has nothing named root, so nothing was compared\n")
    told = json.loads(run("restore-key --check root.txt --json", store=store).stdout)
    assert told == {
        "schema": "authkit.restored/v1",
        "name": "root",
        "kind": "access-key",
        "check": "aba38ca5",
        "compared": False,
    }
    assert not (here / "none").exists()


def test_json_says_that_it_was_compared(run: Run) -> None:
    assert json.loads(run("restore-key --check root.txt --json", store="store").stdout)["compared"] is True


def test_another_name_may_be_compared(run: Run) -> None:
    run("keygen other --use derive --no-passphrase", store="store")
    told = error_of(run("restore-key --check root.txt --name other", 5, store="store"))
    assert told == ["other is another key than the one on paper: master secret of the access key AKMASTER"]
    run("restore-key --no-passphrase --name copy root.txt", store="store")
    assert b"copy is the same key" in run("restore-key --check root.txt --name copy", store="store").stdout


def test_another_key_in_the_store_is_refused(run: Run) -> None:
    run("restore-key web.txt --name root")
    told = error_of(run("restore-key --check root.txt", 5))
    assert told == ["the key is the same, and access-key-id is not: AKMASTER on paper and AKIDEXAMPLE in the store"]
    run("keygen pair --type ed25519")
    assert error_of(run("restore-key --check pair.txt", 5)) == [
        "pair is another key than the one on paper: private key of a key pair"
    ]
    assert error_of(run("restore-key --check own.txt", 5)) == [
        "the store is another key than the one on paper: identity of a store"
    ]


def test_a_key_of_another_use_is_refused(run: Run, here: Path) -> None:
    rewrite(here / "root.txt", "use", "derive")
    rows = [row for row in parse_pages((here / "root.txt").read_bytes(), "x")[0].rows if row[0] != "use"]
    (here / "root.txt").write_text(format_lines(rows))
    told = error_of(run("restore-key --check root.txt", 5, store="store"))
    assert told == ["the key is the same, and use is not: - on paper and derive in the store"]


@pytest.mark.parametrize(
    ("page", "label", "content", "told"),
    [
        ("own.txt", "identity", "AGE-SECRET-KEY-1QQ", "not an age identity of the form AGE-SECRET-KEY-1…"),
        ("pair.txt", "pkcs8", "QUJD", "the page: not a private key in PEM that authkit knows"),
        ("root.txt", "use", "sign", "the page: use is not 'derive'"),
    ],
)
def test_what_cannot_be_a_key_is_refused(page: str, label: str, content: str, told: str, run: Run, here: Path) -> None:
    rows, seen = [], False
    for name, text in parse_pages((here / page).read_bytes(), "x")[0].rows:
        if name != label:
            rows.append((name, text))
        elif not seen:
            rows.append((name, content))
            seen = True
    facts = dict(rows)
    from authkit.ceremony.kept import GROUPED, Kept
    from authkit.secret import Secret

    holds = next(name for name, _ in rows if name in GROUPED)
    whole = "".join([text for name, text in rows if name == holds])
    own = {name: facts[name] for name in ("name", "access-key-id", "scheme") if name in facts}
    check = Kept(facts["authkit-paper/v1"], own, holds, Secret(whole.encode())).check()
    (here / page).write_text(format_lines([(name, check if name == "check" else text) for name, text in rows]))
    assert error_of(run(f"restore-key --check {page}", 3, store="none")) == [told]
    assert error_of(run(f"restore-key {page}", 3, store="none")) == [told]


def test_a_damaged_store_is_not_taken_for_an_empty_one(run: Run, here: Path) -> None:
    (here / "store" / "keys" / "web.json").write_text("{}\n")
    assert "web.json" in error_of(run("restore-key --check web.txt", 6, store="store"))[0]


# shares


PAIRS = [(1, 2), (1, 3), (2, 3), (3, 1)]


@pytest.mark.parametrize("numbers", PAIRS)
def test_each_pair_of_three_shares_restores(numbers: tuple[int, int], run: Run) -> None:
    paths = " ".join([f"shares/root-share-{number}-of-3.txt" for number in numbers])
    run(f"restore-key {paths} --no-passphrase")
    assert run("export-key root").stdout == run("export-key root", store="store").stdout


@pytest.mark.parametrize("number", [1, 2, 3])
def test_one_share_does_not(number: int, run: Run, here: Path) -> None:
    told = error_of(run(f"restore-key shares/root-share-{number}-of-3.txt", 5))
    assert told[0] == "1 of the 2 shares that are needed: one more is missing"
    assert told[1].startswith("the words of all shares of this set begin with '")
    assert os.listdir(here / "empty" / "keys") == []


@pytest.mark.parametrize("name", ["home", "pair", "web"])
def test_other_keys_come_back_from_shares(name: str, run: Run, here: Path) -> None:
    run(f"backup-key {name} --shares 3-of-4 -o parts", store="store")
    paths = " ".join([f"parts/{name}-share-{number}-of-4.txt" for number in (4, 2, 3)])
    assert f"{name} is the same key".encode() in run(f"restore-key --check {paths}", store="store").stdout
    few = " ".join(paths.split(" ")[:2])
    assert error_of(run(f"restore-key {few} --certificate home.pem" if name == "home" else f"restore-key {few}", 5))[
        0
    ] == ("2 of the 3 shares that are needed: one more is missing")


def test_shares_in_one_stream_are_read(run: Run, here: Path) -> None:
    both = b"".join([(here / "shares" / f"root-share-{number}-of-3.txt").read_bytes() for number in (2, 1)])
    assert b"root is the same key" in run("restore-key --check -", store="store", stdin=both).stdout


def test_shares_of_two_splittings_are_refused_by_name(run: Run) -> None:
    told = error_of(run("restore-key shares/root-share-1-of-3.txt again/root-share-2-of-3.txt", 5))[0]
    assert told.startswith("shares/root-share-1-of-3.txt is of the set '")
    assert "' and again/root-share-2-of-3.txt of '" in told


def test_shares_of_two_keys_are_refused_by_name(run: Run) -> None:
    told = error_of(run("restore-key shares/root-share-1-of-3.txt of-web/web-share-2-of-3.txt", 5))[0]
    assert told.startswith(
        "the shares are of two keys: the check value is aba38ca5 on shares/root-share-1-of-3.txt and "
    )


def test_a_share_twice_is_refused_by_name(run: Run) -> None:
    path = "shares/root-share-1-of-3.txt"
    assert error_of(run(f"restore-key {path} {path}", 5)) == [f"{path} and {path} are both share 1"]


def test_a_typing_error_in_a_share_is_named(run: Run, here: Path) -> None:
    path = here / "shares" / "root-share-2-of-3.txt"
    text = path.read_text("ascii")
    line = next(one for one in text.splitlines() if one.startswith(" 10: words "))
    path.write_text(text.replace(line, line.replace("words ", "words x", 1)))
    told = error_of(run("restore-key shares/root-share-1-of-3.txt shares/root-share-2-of-3.txt", 3))
    assert told[0] == ("shares/root-share-2-of-3.txt: line 10 does not fit its check, so something in it is mistyped")


def test_a_wrong_word_whose_checks_fit_is_named_by_its_share(run: Run, here: Path) -> None:
    path = here / "shares" / "root-share-2-of-3.txt"
    rows = list(parse_pages(path.read_bytes(), "x")[0].rows)
    place = next(place for place, row in enumerate(rows) if row[0] == "words") + 2
    words = rows[place][1].split(" ")
    words[0] = "acid" if words[0] != "acid" else "acne"
    rows[place] = ("words", " ".join(words))
    path.write_text(format_lines(rows))
    told = error_of(run("restore-key shares/root-share-1-of-3.txt shares/root-share-2-of-3.txt", 3))
    assert told == ["shares/root-share-2-of-3.txt: its words do not fit its checksum, so one is mistyped"]


@pytest.mark.parametrize("part", ["3 of 3, 2 needed", "2 of 3, 3 needed"])
def test_a_share_whose_words_are_of_another_is_named(part: str, run: Run, here: Path) -> None:
    path = here / "shares" / "root-share-2-of-3.txt"
    rewrite(path, "share", part)
    told = error_of(run("restore-key shares/root-share-1-of-3.txt shares/root-share-2-of-3.txt", 3))
    assert told == ["shares/root-share-2-of-3.txt: its words are of share 2, 2 needed"]


def test_shares_that_give_a_plausible_secret_of_another_key_are_refused(run: Run, here: Path) -> None:
    """The words of one key's shares on the pages of another, all checks of lines and pages fitting."""
    paths = []
    for number in (1, 2):
        words = parse_pages((here / "of-web" / f"web-share-{number}-of-3.txt").read_bytes(), "x")[0].rows
        rows = list(parse_pages((here / "shares" / f"root-share-{number}-of-3.txt").read_bytes(), "x")[0].rows)
        ours = iter([row for row in words if row[0] == "words"])
        path = here / f"mixed-{number}.txt"
        mixed = [next(ours) if row[0] == "words" else row for row in rows]
        path.write_text(
            format_lines([("access-key-id", "AKOTHER") if row[0] == "access-key-id" else row for row in mixed])
        )
        paths.append(path.name)
    assert error_of(run(f"restore-key {' '.join(paths)}", 5))[0] == f"the shares: {FIT}"


def test_a_whole_key_and_a_share_do_not_go_together(run: Run) -> None:
    share = "shares/root-share-1-of-3.txt"
    assert error_of(run(f"restore-key root.txt {share}", 5)) == [
        f"root.txt holds a whole key, and {share} a share",
        "bring back one key at a time",
    ]
    assert error_of(run(f"restore-key {share} root.txt", 5))[0] == f"root.txt holds a whole key, and {share} a share"
    assert error_of(run("restore-key root.txt web.txt", 5))[0] == "root.txt holds a whole key, and web.txt another"


# what cannot be


def test_a_typing_error_is_named_by_its_line(run: Run, here: Path) -> None:
    text = (here / "root.txt").read_text("ascii")
    (here / "root.txt").write_text(text.replace("I/K7", "l/K7"))
    assert error_of(run("restore-key root.txt", 3)) == [
        "root.txt: line 5 does not fit its check, so something in it is mistyped",
        "compare them with the page",
    ]


def test_a_secret_of_another_key_is_refused(run: Run, here: Path) -> None:
    rewrite(here / "root.txt", "access-key-id", "AKOTHER2")
    run("restore-key root.txt --no-passphrase", 5)
    assert error_of(run("restore-key root.txt", 5))[0] == f"root.txt: {FIT}"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("root.txt -o x", "--output is for the identity of a store"),
        ("root.txt --certificate home.pem", "--certificate and --new-ledger are for a CA"),
        ("root.txt --new-ledger", "--certificate and --new-ledger are for a CA"),
        ("issuer.txt --name x", "--name is not for our own signing key"),
        ("own.txt --name x", "--name is not for the identity of a store"),
        ("root.txt --name .x", "'.x' cannot be the name of a key"),
        *[
            (f"--check root.txt {option}", "--check stores nothing, so it goes with --name, --store and --json alone")
            for option in (
                "--force",
                "--no-passphrase",
                "--unlock keyring",
                "--certificate x",
                "-o x",
                "--new-ledger",
            )
        ],
        ("", "there is no terminal to type it on"),
    ],
)
def test_a_command_line_that_is_wrong(words: str, told: str, run: Run) -> None:
    assert error_of(run(f"restore-key {words}", 2))[0] == told


@pytest.mark.parametrize(
    ("path", "told"),
    [("none.txt", "no such file: none.txt"), ("pass", "pass: not a page of authkit")],
)
def test_a_file_that_is_none_is_said(path: str, told: str, run: Run) -> None:
    assert error_of(run(f"restore-key {path}", 3))[0] == told


# typed


def typed(lines: list[str], start: int = 1) -> list[tuple[str, str]]:
    return [(f"line {number}: ", f"{line}\n") for number, line in enumerate(lines, start)]


def test_a_page_is_typed_line_by_line(run: Run, here: Path) -> None:
    lines = lines_of(here / "root.txt")
    done = run("restore-key --no-passphrase", terminal=Terminal(typed(lines)))
    assert done.stdout == b"AKMASTER\n"
    assert run("export-key root").stdout == run("export-key root", store="store").stdout
    assert done.terminal.startswith("page: type what stands behind each number, to the end of the line\n")
    # each line is wiped off the screen before it is said to be right
    for number, line in enumerate(lines, 1):
        label = line.partition(" ")[0]
        assert f"line {number}: {line}\n\x1b[1A\r\x1b[Jline {number}: right ({label})\n" in done.terminal


def test_a_line_that_is_mistyped_is_asked_for_again(run: Run, here: Path) -> None:
    lines = lines_of(here / "root.txt")
    again = "once more\r\nline 5: "
    steps = [*typed(lines[:4]), ("line 5: ", lines[4].replace("I/K7", "l/K7") + "\n"), (again, "\n")]
    steps += [(again, lines[5] + "\n"), (again, lines[4] + "\n"), *typed(lines[5:], 6)]
    done = run("restore-key --check", terminal=Terminal(steps), store="store")
    assert b"root is the same key" in done.stdout
    for told in (
        "page: line 5 does not fit its check, so something in it is mistyped; once more\n",
        "page: line 5 is not whole: it is a word, a text, '=' and a check of four; once more\n",
        "page: line 5 is next, and that is line 6; once more\n",
    ):
        assert done.terminal.count(told) == 1


def test_shares_are_typed_one_after_the_other(run: Run, here: Path) -> None:
    one, other = [lines_of(here / "shares" / f"root-share-{number}-of-3.txt") for number in (3, 1)]
    done = run("restore-key --check", terminal=Terminal([*typed(one), *typed(other)]), store="store")
    assert "\n1 of the 2 shares to go\npage 2: type what stands behind each number" in done.terminal
    assert b"root is the same key" in done.stdout


def test_a_share_that_does_not_go_with_the_first_is_asked_for_again(run: Run, here: Path) -> None:
    one, other = [lines_of(here / "shares" / f"root-share-{number}-of-3.txt") for number in (3, 1)]
    steps = [*typed(one), *typed(one), *typed(lines_of(here / "web.txt")), *typed(other)]
    done = run("restore-key --check", terminal=Terminal(steps), store="store")
    assert b"root is the same key" in done.stdout
    assert "page and page 2 are both share 3; another page, please\n" in done.terminal
    assert "page 2 holds a whole key, not a share; another page, please\n" in done.terminal


def test_a_page_of_two_is_not_taken(run: Run, here: Path) -> None:
    lines = lines_of(here / "root.txt")
    rows = parse_pages((here / "root.txt").read_bytes(), "x")[0].rows
    assert rows[1] == ("name", "root")
    lines[1] = f"name toor = {line_check(2, 'name', 'toor')}"
    told = error_of(run("restore-key", 3, terminal=Terminal(typed(lines))))
    assert told == ["page: each line fits its check and the page does not, so lines of two pages are mixed"]


def test_what_would_be_refused_at_the_end_is_refused_at_once(run: Run, here: Path) -> None:
    lines = lines_of(here / "root.txt")
    told = error_of(run("restore-key", 5, store="store", terminal=Terminal(typed(lines[:2]))))
    assert told == ["there is a key named root", "--force replaces it, and --name NAME puts this one beside it"]
    lines = lines_of(here / "home.txt")
    told = error_of(run("restore-key", 2, store="store", terminal=Terminal(typed(lines[:1]))))
    assert told[0] == "the certificate of a CA is not on paper"
    lines = lines_of(here / "own.txt")
    told = error_of(run("restore-key --name x", 2, store="store", terminal=Terminal(typed(lines[:1]))))
    assert told[0] == "--name is not for the identity of a store"


@pytest.mark.parametrize("option", ["--name beside", "--force", "--check"])
def test_what_goes_beside_or_over_a_key_is_typed_to_its_end(option: str, run: Run, here: Path) -> None:
    run(f"restore-key {option}", store="store", terminal=Terminal(typed(lines_of(here / "root.txt"))))


def test_a_store_that_is_not_there_has_no_names(run: Run, here: Path) -> None:
    run("restore-key --unlock passphrase", store="fresh", terminal=Terminal(typed(lines_of(here / "root.txt"))))


def test_a_wrong_passphrase_does_not_cost_what_was_typed(run: Run, here: Path) -> None:
    (here / "bad").write_bytes(b"not sixteen characters\n")
    asked = "passphrase of the store (about 1.5 s to check): "
    retry = "'no' gives up: "
    steps = [*typed(lines_of(here / "web.txt")), (asked, "wrong\n"), (retry, "\n"), (asked, f"{PASSPHRASE.decode()}\n")]
    more = {"environ": {"AUTHKIT_PASSPHRASE_FILE": ""}, "store": "store"}
    done = run("restore-key --check", terminal=Terminal(steps), **more)
    assert b"web is the same key" in done.stdout
    assert "\nthe passphrase does not open store/identity.age\nEnter tries again with what" in done.terminal
    steps[-2:] = [(retry, "no\n")]
    told = error_of(run("restore-key --check", 6, terminal=Terminal(steps), **more))
    assert told == ["the passphrase does not open store/identity.age"]


def test_passphrases_that_differ_do_not_cost_what_was_typed(run: Run, here: Path) -> None:
    own = "your own of 16 characters or more: "
    steps = [*typed(lines_of(here / "root.txt")), (own, "sixteen characters 1\n"), ("once more: ", "another\n")]
    steps += [("'no' gives up: ", "\n"), (own, "sixteen characters 1\n"), ("once more: ", "sixteen characters 1\n")]
    done = run("restore-key", terminal=Terminal(steps), environ={"AUTHKIT_KEY_PASSPHRASE_FILE": ""})
    assert done.stdout == b"AKMASTER\n"
    assert "\nthe two passphrases differ; run it again\n" in done.terminal


def test_what_is_broken_off_stores_nothing(run: Run, here: Path) -> None:
    lines = lines_of(here / "root.txt")
    steps = [*typed(lines[:3]), ("line 4: ", "\x04")]
    told = error_of(run("restore-key", 5, terminal=Terminal(steps)))
    assert told == ["the input ended before all was typed", "give the pages as files, or '-' for standard input"]
    assert os.listdir(here / "empty" / "keys") == []


def test_no_failure_shows_the_secret(run: Run, here: Path) -> None:
    """Every line of the secret, with each character changed, from a file."""
    text = (here / "root.txt").read_text("ascii")
    groups = [SECRET[place : place + 4] for place in range(0, 40, 4)]
    for group in groups:
        (here / "bad.txt").write_text(text.replace(group, group[::-1]))
        done = run("restore-key bad.txt", 3)
        assert [one for one in groups if one in done.stderr.decode()] == []
