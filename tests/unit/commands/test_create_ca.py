"""Does create-ca make the CA that was asked for, with its ledger, or nothing?"""

import json
from pathlib import Path
from unittest import mock

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from authkit import files
from authkit.certs.profile import CLIENT_AUTH, REQUEST_SIGNING_EKU
from authkit.commands import _ca, _new_ca, _store
from authkit.errors import StoreError
from authkit.stores.folder import FolderStore
from castore import WHEN, CaStore, refusal
from commandline import Terminal, run_here


@pytest.fixture
def here(tmp_path: Path) -> CaStore:
    return CaStore(tmp_path)


def certificates(pem: str) -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates(pem.encode())


def test_a_root(here: CaStore) -> None:
    done = here.run("create-ca home --no-passphrase")
    found = here.entry()["metadata"]
    assert done.triple == (
        "name:        home\n"
        "subject:     CN=home\n"
        "for:         clients\n"
        "key:         p256\n"
        "CAs below:   1\n"
        f"serial:      {found['serial']}\n"
        f"sha256:      {found['fingerprint']}\n"
        "valid until: 2036-11-21T09:00:00Z\n",
        "",
        0,
    )
    (one,) = certificates(found["certificate"])
    assert (one.subject, f"{one.serial_number:x}") == (one.issuer, found["serial"])
    assert "passphrase" not in found
    assert [{**line, "prev": "", "issuer": len(line["issuer"])} for line in here.ledger()] == [
        {
            "n": 1,
            "at": WHEN,
            "prev": "",
            "event": "created",
            "name": "home",
            "issuer": 40,
            "fingerprint": found["fingerprint"],
            "not_after": "2036-11-21T09:00:00Z",
        }
    ]
    key = here.ok("export-key home", at=None)
    assert load_pem_private_key(key.encode(), None).public_key() == one.public_key()
    ledgers = here.path / "store" / "ledgers"
    assert (ledgers.stat().st_mode & 0o777, (ledgers / "home.jsonl").stat().st_mode & 0o777) == (0o700, 0o600)


def test_a_root_in_json(here: CaStore) -> None:
    found = here.json(
        "create-ca home --no-passphrase --common-name 'Example Ö' --for server --key-type p384 "
        "--path-length 0 --days 20"
    )
    metadata = here.entry()["metadata"]
    assert found == {
        "schema": "authkit.ca/v1",
        "name": "home",
        "sha256": metadata["fingerprint"],
        "type": "p384",
        "common_name": "Example Ö",
        "issued_for": "server",
        "profiles": ["server", "intermediate"],
        "kinds": ["email", "dns", "uri", "upn", "ip", "sid", "cn"],
        "certificate": metadata["certificate"],
        "serial": metadata["serial"],
        "not_before": "2026-11-24T08:55:00Z",
        "not_after": "2026-12-14T09:00:00Z",
        "created_at": WHEN,
        "path_length": 0,
    }


def test_a_key_with_a_passphrase_of_its_own(here: CaStore) -> None:
    assert here.json("create-ca home", keypass=True)["name"] == "home"
    assert here.entry()["metadata"]["passphrase"] is True
    here.ok("issue-cert ada --email a@b", keypass=True)
    wrong = {"AUTHKIT_KEY_PASSPHRASE_FILE": str(here.write("wrong", "a wrong one of the length\n"))}
    done = here.run("issue-cert bob --email a@b", environ=wrong)
    assert done.triple == refusal("the passphrase does not open home", code=3)
    assert here.files() == ["ada.key", "ada.pem", "wrong"]
    assert len(here.ledger()) == 2


def test_no_passphrase_to_be_had(here: CaStore) -> None:
    done = here.run("create-ca home")
    hint = "name a file that holds one of 16 characters or more in $AUTHKIT_KEY_PASSPHRASE_FILE"
    assert done.triple == refusal("there is no terminal to choose the passphrase of the CA home", hint)
    assert not (here.path / "store" / "keys" / "home.json").exists()
    assert not (here.path / "store" / "ledgers").exists()


def test_a_store_is_made_with_the_first_ca(tmp_path: Path) -> None:
    here = CaStore(tmp_path)
    done = here.run("create-ca home --no-passphrase --unlock passphrase --store new")
    assert done.code == 0
    assert done.stderr == b"authkit: note: made a store at new that opens by a passphrase\n"
    done = here.run("create-ca home --no-passphrase --unlock keyring")
    assert done.triple == refusal(f"the store at {tmp_path}/store opens by passphrase")


@pytest.mark.parametrize("name", ["home", "HOME"])
def test_what_exists_is_never_replaced(here: CaStore, name: str) -> None:
    here.make_ca()
    before = here.entry()
    for words in ("", "--csr x.csr"):
        done = here.run(f"create-ca {name} --no-passphrase {words}")
        assert done.triple == refusal("there is a key named home", "a CA is never replaced: choose another name")
    assert here.entry() == before
    assert len(here.ledger()) == 1
    assert here.files() == []


@pytest.mark.parametrize(
    ("words", "message", "hint", "code"),
    [
        (
            "create-ca a/b",
            "'a/b' cannot be the name of a key",
            "use 1 to 64 letters, digits, '.', '_' and '-', with a letter or digit first",
            2,
        ),
        ("create-ca a --common-name ''", "'' cannot be a common name", "use visible text (NFC) of 1 to 64 bytes", 2),
        ("create-ca a --days 0", "--days 0 is not 1 or more", None, 2),
        ("create-ca a --path-length -1", "--path-length -1 is not 0 or more", None, 2),
        (
            "create-ca a --only email,mail",
            "'mail' is not a kind of name",
            "the kinds are email, dns, uri, upn, ip, sid, cn",
            2,
        ),
        ("create-ca a --permit-dns .b", "'.b' cannot constrain host names", "write example.com", 2),
        ("create-ca a --csr x --parent b", "--parent does not go with --csr", None, 2),
        ("create-ca a --csr x --days 3", "--days does not go with --csr", None, 2),
        ("create-ca a --csr x --path-length 0", "--path-length does not go with --csr", None, 2),
        ("create-ca a --csr x --permit-ip ::/0", "--permit-ip does not go with --csr", None, 2),
        ("create-ca a --csr x --sign-requests", "--sign-requests does not go with --csr", None, 2),
        ("create-ca a --for server --sign-requests", "--sign-requests does not go with --for server", None, 2),
        ("create-ca a --certificate x --csr y", "--csr does not go with --certificate", None, 2),
        ("create-ca a --certificate x --only dns", "--only does not go with --certificate", None, 2),
        ("create-ca a --certificate x --for client", "--for does not go with --certificate", None, 2),
        ("create-ca a --parent none", "no CA named none", "'authkit create-ca NAME' makes one", 4),
        ("create-ca a --certificate x", "no CA named a", "'authkit create-ca a --csr FILE' begins one", 4),
        ("create-ca a/b --certificate x", "no CA named a/b", None, 4),
    ],
)
def test_command_lines_that_are_refused(here: CaStore, words: str, message: str, hint: "str | None", code: int) -> None:
    more = "" if "--certificate" in words else " --no-passphrase"
    assert here.run(words + more).triple == refusal(message, hint, code)
    assert list((here.path / "store" / "keys").iterdir()) == []
    assert not list(here.path.glob("store/ledgers/*.jsonl"))


def test_no_passphrase_does_not_go_with_a_certificate(here: CaStore) -> None:
    done = here.run("create-ca a --certificate x --no-passphrase")
    assert done.triple == refusal("--no-passphrase does not go with --certificate", code=2)


# limits


def test_constraints_say_what_they_leave_free(here: CaStore) -> None:
    done = here.run(
        "create-ca home --no-passphrase --permit-email example.com --permit-dns example.com --only dns,email --only upn"
    )
    assert done.stderr.decode() == (
        "authkit: note: its certificate limits dns, email; "
        "every other verifier sees no limit for uri, upn, ip, sid, cn\n"
        "authkit: note: this store lets it certify email, dns, upn alone, of which its certificate says nothing\n"
    )
    found = here.entry()["metadata"]
    assert found["kinds"] == ["email", "dns", "upn"]
    (one,) = certificates(found["certificate"])
    constraint = one.extensions.get_extension_for_class(x509.NameConstraints)
    assert constraint.critical
    assert [name.value for name in constraint.value.permitted_subtrees or ()] == ["example.com", "example.com"]
    done = here.run("issue-cert ada --uri urn:a:b")
    assert done.triple == refusal("the CA home does not certify uri:urn:a:b", "it certifies email, dns, upn")
    done = here.run("issue-cert ada --email a@example.org")
    message = "email:a@example.org lies outside what the CA may certify"
    assert done.triple == refusal(message, "it is limited to example.com")
    assert len(here.ledger()) == 1


# below another


def test_an_intermediate(here: CaStore) -> None:
    here.make_ca("top", "--only upn,email --path-length 2 --for server --days 2000")
    done = here.run("create-ca home --parent top --no-passphrase --path-length 1 --permit-dns a.b")
    assert done.stderr.decode() == (
        "authkit: note: its certificate limits dns; "
        "every other verifier sees no limit for email, uri, upn, ip, sid, cn\n"
        "authkit: note: this store lets it certify email, upn alone, of which its certificate says nothing\n"
    )
    found = here.entry()["metadata"]
    assert (found["parent"], found["path_length"], found["issued_for"], found["kinds"]) == (
        "top",
        1,
        "server",
        ["email", "upn"],
    )
    one, above = certificates(found["certificate"])
    assert above.subject.rfc4514_string() == "CN=top"
    one.verify_directly_issued_by(above)
    assert found["not_after"] == "2029-11-23T09:00:00Z"
    created, issued = here.ledger("top")
    assert created["event"] == "created"
    assert (issued["event"], issued["name"], issued["profile"], issued["serial"], issued["common_name"]) == (
        "issued",
        "home",
        "intermediate",
        found["serial"],
        "home",
    )
    assert [line["event"] for line in here.ledger()] == ["created"]


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        ("--only dns", "the CA top certifies email, upn alone, and so must those below it", None),
        ("--for server", "the CA top is for clients, and so are those below it", None),
        ("--path-length 1", "the CA top allows 1 level of CAs below it", "--path-length 0 fits"),
        (
            "--days 101",
            "it would be valid until 2027-03-05T09:00:00Z, longer than its CA top: until 2027-03-04T09:00:00Z",
            "--days 100 fits",
        ),
    ],
)
def test_intermediates_that_their_parent_forbids(here: CaStore, words: str, message: str, hint: "str | None") -> None:
    here.make_ca("top", "--only upn,email --days 100")
    # no passphrase is asked for before all this is known
    assert here.run(f"create-ca home --parent top --days 10 {words}").triple == refusal(message, hint)
    assert [line["event"] for line in here.ledger("top")] == ["created"]


def test_an_intermediate_whose_name_had_a_certificate_before(here: CaStore) -> None:
    here.make_ca("top")
    first = here.make_ca("home", "--parent top --for client --only email")
    here.ok("delete-key home --yes", at=None)
    (here.path / "store" / "ledgers" / "home.jsonl").unlink()
    done = here.run("create-ca home --parent top --no-passphrase")
    warning = f"an earlier certificate of home stays valid: 'authkit revoke-cert {first['serial']} --ca top'"
    assert (done.code, done.stderr.decode()) == (0, f"authkit: warning: {warning}\n")
    assert [line["event"] for line in here.ledger("top")] == ["created", "issued", "issued"]


def test_an_earlier_certificate_that_is_over_is_not_told_of(here: CaStore) -> None:
    here.make_ca("top")
    serial = here.make_ca("home", "--parent top --days 1")["serial"]
    here.ok("delete-key home --yes", at=None)
    done = here.run("create-ca home --parent top --no-passphrase", at="2026-11-25T09:00:01Z")
    assert (done.code, done.stderr) == (0, b"")
    here.ok("delete-key home --yes", at=None)
    second = here.ledger("top")[-1]["serial"]
    assert second != serial
    here.ok(f"revoke-cert {second} --ca top", at="2026-11-25T09:00:02Z")
    done = here.run("create-ca home --parent top --no-passphrase", at="2026-11-25T09:00:03Z")
    assert (done.code, done.stderr) == (0, b"")


def test_a_ca_for_keys_that_sign_requests(here: CaStore) -> None:
    def ekus(name: str) -> list[str]:
        one = certificates(here.entry(name)["metadata"]["certificate"])[0]
        return [eku.dotted_string for eku in one.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value]

    here.make_ca("top", "--sign-requests")
    here.make_ca("scoped", "--parent top --sign-requests")
    here.ok("issue-cert ada --ca scoped --email a@b")
    here.make_ca("clients", "--parent top")
    here.make_ca("plain")
    assert [ekus(name) for name in ("top", "scoped")] == [[CLIENT_AUTH, REQUEST_SIGNING_EKU]] * 2
    assert [ekus(name) for name in ("clients", "plain")] == [[CLIENT_AUTH]] * 2
    done = here.run("create-ca other --parent plain --sign-requests --no-passphrase")
    message = "the certificate of the CA plain allows no keys that sign requests"
    assert done.triple == refusal(message, "name a --parent that was made with --sign-requests")


def test_two_cas_of_one_name(here: CaStore) -> None:
    here.make_ca("one", "--common-name Home")
    here.ok("keygen web", at=None)
    done = here.run("create-ca two --common-name Home --no-passphrase")
    message = "the CA one has the same common name: programs that look for CRLs by name may take the wrong one"
    assert (done.code, done.stderr.decode()) == (0, f"authkit: warning: {message}\n")
    done = here.run("create-ca sub --parent one --common-name Home --no-passphrase")
    assert done.triple == refusal("the common name 'Home' is that of a CA above it", "give another --common-name")


def test_the_store_opens_before_a_passphrase_is_chosen(here: CaStore) -> None:
    wrong = {"AUTHKIT_PASSPHRASE_FILE": str(here.write("wrong", "a wrong one of the length\n"))}
    done = here.run("create-ca home", environ=wrong)
    assert done.code == 6
    assert done.stderr.startswith(b"authkit: error: the passphrase does not open ")


# killed between the ledger and the store


def test_a_ca_that_was_not_finished_can_be_made_again(here: CaStore) -> None:
    with mock.patch.object(FolderStore, "put", side_effect=StoreError("full")):
        assert here.run("create-ca home --no-passphrase").triple == refusal("full", code=6)
    assert [line["event"] for line in here.ledger()] == ["created"]
    here.make_ca()
    assert [line["event"] for line in here.ledger()] == ["created", "created"]
    here.ok("issue-cert ada --email a@b")


def test_the_ledger_of_a_former_ca_is_not_continued(here: CaStore) -> None:
    here.make_ca()
    here.ok("issue-cert ada --email a@b")
    here.ok("delete-key home --yes", at=None)
    path = here.path / "store" / "ledgers" / "home.jsonl"
    done = here.run("create-ca home --no-passphrase")
    message = f"{path} is the ledger of a former CA named home"
    assert done.triple == refusal(message, "choose another name, or move that ledger elsewhere")
    assert not (here.path / "store" / "keys" / "home.json").exists()


@pytest.mark.parametrize("words", ["", "--parent top"])
def test_another_makes_a_ca_of_that_name_meanwhile(here: CaStore, words: str) -> None:
    """Neither ledger then has a line of the one that came too late."""
    here.make_ca("top")
    really = _new_ca.generate_key
    once = [lambda: here.make_ca("home", words)]

    def slow(type: str) -> object:
        if once:
            once.pop()()
        return really(type)

    with mock.patch.object(_new_ca, "generate_key", slow):
        done = here.run(f"create-ca home --no-passphrase {words}")
    assert done.triple == refusal("there is a key named home", "a CA is never replaced: choose another name")
    assert [line["event"] for line in here.ledger()] == ["created"]
    assert [line["event"] for line in here.ledger("top")] == ["created", "issued"][: 2 if words else 1]


@pytest.mark.parametrize("reason", ["unspecified", "superseded", "privilege-withdrawn"])
def test_a_ca_that_its_parent_revoked(here: CaStore, reason: str) -> None:
    here.make_ca("top")
    serial = here.make_ca("sub", "--parent top")["serial"]
    here.make_ca("other", "--parent top")
    here.ok(f"revoke-cert {serial} --ca top --reason {reason}")
    done = here.run("issue-cert ada --email a@b --ca sub")
    risk = "verifiers that see its CRL refuse what is issued here"
    warning = f"authkit: warning: the CA sub was revoked by top ({reason}): {risk}\n"
    assert (done.code, done.stderr.decode()) == (0, warning)
    assert here.run("issue-cert bob --email a@b --ca other").stderr == b""
    here.ok("delete-key top --yes", at=None)
    assert here.run("issue-cert eve --email a@b --ca sub").stderr == b""


@pytest.mark.parametrize("reason", ["key-compromise", "ca-compromise"])
def test_a_ca_whose_key_another_may_have_issues_nothing_but_lists(here: CaStore, reason: str) -> None:
    here.make_ca("top", "--path-length 2")
    serial = here.make_ca("sub", "--parent top --path-length 1")["serial"]
    here.ok("issue-cert ada --email a@b --ca sub")
    here.ok(f"revoke-cert {serial} --ca top --reason {reason}")
    fact = f"the CA sub was revoked by top ({reason})"
    expected = refusal(fact, "'authkit create-ca NAME --parent top' makes a new one")
    before = here.ledger("sub")
    for words in (
        "issue-cert bob --email a@b --ca sub",
        "renew-cert ada --ca sub --force",
        "create-ca low --parent sub --no-passphrase",
    ):
        assert here.run(words).triple == expected
    assert here.ledger("sub") == before
    done = here.run("issue-crl --ca sub -o sub.crl")
    risk = "verifiers that see its CRL refuse what is issued here"
    assert (done.code, done.stderr.decode().splitlines()[0]) == (0, f"authkit: warning: {fact}: {risk}")


# a parent elsewhere


def offline(here: CaStore, tmp_path: Path) -> CaStore:
    """Return the store of the parent, on another machine."""
    other = tmp_path / "other"
    other.mkdir()
    found = CaStore(other)
    found.make_ca("top", "--path-length 2")
    (other / "home.csr").write_bytes((here.path / "home.csr").read_bytes())
    return found


def test_the_two_steps(here: CaStore, tmp_path: Path) -> None:
    done = here.run("create-ca home --csr home.csr --common-name Home --only email --key-type p384", keypass=True)
    lines = done.stdout.decode().splitlines()
    request = x509.load_pem_x509_csr((here.path / "home.csr").read_bytes())
    assert request.subject.rfc4514_string() == "CN=Home"
    assert [line.partition(":")[0] for line in lines] == ["name", "subject", "key", "words", "files"]
    assert lines[1] == "subject: CN=Home"
    words = lines[3].partition(" ")[2].strip()
    assert done.stderr == b"authkit: note: 'authkit create-ca home --certificate FILE' completes it\n"
    found = here.entry()["metadata"]
    assert ("certificate" in found, found["type"], found["kinds"]) == (False, "p384", ["email"])
    for command in ("issue-cert ada --email a@b", "issue-cert ada --ca home --email a@b"):
        message = "the certificate of the CA home is still to come from its parent"
        assert here.run(command).triple == refusal(message, "authkit create-ca home --certificate FILE")

    parent = offline(here, tmp_path)
    issued = parent.run("issue-cert home --profile intermediate --csr home.csr --use-csr-names --path-length 1")
    assert issued.stderr.decode() == f"authkit: note: certifying cn:Home for the key {words}\n"
    leaf = (parent.path / "home.pem").read_bytes()
    assert len(certificates(leaf.decode())) == 1
    here.write("home.pem", leaf)
    here.write("root.pem", parent.ok("export-cert top --root", at=None))

    done = here.run("create-ca home --certificate home.pem")
    hint = "add the certificates above it with --certificate"
    message = "the certificate of CN=top is missing, so the path does not reach a root"
    assert done.triple == refusal(message, hint)
    made = here.json("create-ca home --certificate root.pem --certificate home.pem")
    assert (made["common_name"], made["kinds"], made["path_length"]) == ("Home", ["email"], 1)
    assert here.entry()["metadata"]["passphrase"] is True
    assert [line["event"] for line in here.ledger()] == ["created"]
    assert here.ledger()[0]["fingerprint"] == made["sha256"]
    here.ok("issue-cert ada --email a@b", keypass=True)
    done = here.run("create-ca home --certificate root.pem --certificate home.pem")
    assert done.triple == refusal("the CA home has its certificate already")


def test_a_request_in_json(here: CaStore) -> None:
    done = here.run("create-ca home --no-passphrase --csr home.csr --for server --json")
    found = json.loads(done.stdout)
    assert {**found, "key_sha256": len(found["key_sha256"]), "words": len(found["words"].split())} == {
        "schema": "authkit.ca/v1",
        "name": "home",
        "common_name": "home",
        "issued_for": "server",
        "kinds": ["email", "dns", "uri", "upn", "ip", "sid", "cn"],
        "key_sha256": 64,
        "words": 8,
        "files": {"csr": "home.csr"},
    }
    assert "passphrase" not in here.entry()["metadata"]
    other = here.run("create-ca other --no-passphrase --csr home.csr")
    assert other.triple == refusal("home.csr exists", "name a file that does not exist yet")


def test_a_request_is_written_again_while_its_ca_has_no_certificate(here: CaStore) -> None:
    words = "create-ca home --csr home.csr --common-name Home --for server --only dns --key-type p384"
    with mock.patch.object(files, "write_public", side_effect=StoreError("full")):
        assert here.run(words, keypass=True).triple == refusal("full", code=6)
    before = here.entry()
    for option in ("--common-name Home", "--for server", "--only dns"):
        message = f"{option.split()[0]} cannot change the CA home, which has its key already"
        done = here.run(f"create-ca home --csr home.csr {option}", keypass=True)
        assert done.triple == refusal(message, "leave it out, and its request is written again", 2)
    found = here.json("create-ca home --csr home.csr", keypass=True)
    assert (found["common_name"], found["issued_for"], found["kinds"]) == ("Home", "server", ["dns"])
    request = x509.load_pem_x509_csr((here.path / "home.csr").read_bytes())
    assert request.subject.rfc4514_string() == "CN=Home"
    assert request.public_key().curve.name == "secp384r1"  # type: ignore[union-attr]
    assert here.entry() == before
    here.ok("create-ca HOME2 --no-passphrase --csr other.csr")  # another is made beside it
    assert here.run("create-ca Home --no-passphrase --csr third.csr").triple == refusal(
        "there is a key named home", "a CA is never replaced: choose another name"
    )


def test_certificates_that_complete_nothing(here: CaStore, tmp_path: Path) -> None:
    here.ok("create-ca home --no-passphrase --csr home.csr --for server")
    parent = offline(here, tmp_path)
    parent.ok("issue-cert home --profile intermediate --csr home.csr --common-name home")
    both = (parent.path / "home.pem").read_text() + parent.ok("export-cert top --root", at=None)
    here.write("both.pem", both)
    done = here.run("create-ca home --certificate both.pem")
    assert done.triple == refusal("the certificate of CN=home does not allow 1.3.6.1.5.5.7.3.1")
    here.write("top.pem", parent.ok("export-cert top --root", at=None))
    done = here.run("create-ca home --certificate top.pem")
    message = "none of the certificates is of the key of this CA"
    assert done.triple == refusal(message, "give the one that was made from its --csr")
    done = here.run("create-ca home --certificate none.pem")
    assert done.triple == refusal("no such file: none.pem", code=3)
    here.ok("keygen web", at=None)
    assert here.run("create-ca web --certificate both.pem").triple == refusal("web is not a CA", code=4)


def test_completing_without_a_passphrase(here: CaStore, tmp_path: Path) -> None:
    here.ok("create-ca home --no-passphrase --csr home.csr")
    parent = offline(here, tmp_path)
    parent.ok("issue-cert home --profile intermediate --csr home.csr --common-name home")
    both = (parent.path / "home.pem").read_text() + parent.ok("export-cert top --root", at=None)
    here.write("both.pem", both)
    done = here.run("create-ca home --certificate both.pem", at="2036-11-24T09:00:01Z")
    warning = "authkit: warning: the certificate of the CA home: it is not valid at 2036-11-24T09:00:01Z\n"
    assert (done.code, done.stderr.decode()) == (0, warning)
    assert done.stdout.startswith(b"name:        home\n")
    assert "passphrase" not in here.entry()["metadata"]


# the CA of a command


def test_which_ca(here: CaStore) -> None:
    done = here.run("issue-cert ada --email a@b")
    assert done.triple == refusal("the store holds no CA", "'authkit create-ca NAME' makes one", 4)
    here.ok("keygen web", at=None)
    done = here.run("issue-cert ada --email a@b --ca web")
    assert done.triple == refusal("web is not a CA", "'authkit list-keys' shows what the store holds", 4)
    done = here.run("issue-cert ada --email a@b --ca nobody")
    assert done.triple == refusal("no CA named nobody", "'authkit create-ca NAME' makes one", 4)
    here.make_ca("one")
    here.ok("issue-cert ada --email a@b")
    done = here.run("issue-cert ada --email a@b --ca nobody --out o")
    assert done.triple == refusal("no CA named nobody", "the store holds one", 4)
    here.make_ca("two")
    done = here.run("issue-cert bob --email a@b")
    assert done.triple == refusal("the store holds several CAs", "say which with --ca: one, two", 2)
    here.ok("issue-cert bob --email a@b --ca two")
    store = _store.open_store(str(here.path / "store"))
    assert [one.name for one in _ca.list_cas(store)] == ["one", "two"]


def test_no_store(tmp_path: Path) -> None:
    done = run_here("issue-cert ada --email a@b --store none", tmp_path)
    assert done.triple == refusal("there is no store at none", "'authkit create-ca NAME' makes one", 4)


def test_a_damaged_ca(here: CaStore) -> None:
    here.make_ca()
    here.make_ca("other")
    place = here.path / "store" / "keys" / "home.json"
    whole = here.entry()
    whole["metadata"]["not_after"] = "2099-01-01T00:00:00Z"
    place.write_text(json.dumps(whole) + "\n")
    done = here.run("issue-cert ada --email a@b --ca home")
    message = f"{place}: its metadata is not the one that was sealed, so it was changed"
    assert done.triple == refusal(message, code=6)
    place.write_text("{}\n")
    done = here.run("issue-cert ada --email a@b --ca home")
    assert done.triple == refusal(f"the CA home is damaged: {place}: member 'schema' is missing", code=6)


def test_a_ledger_that_was_interrupted(here: CaStore) -> None:
    here.make_ca()
    place = here.path / "store" / "ledgers" / "home.jsonl"
    place.write_bytes(place.read_bytes() + b'{"n": 2')
    done = here.run("issue-cert ada --email a@b")
    warning = f"{place} ends in a line that was not finished; the next that is written moves it aside"
    assert done.stderr.decode() == f"authkit: warning: {warning}\n"
    assert [line["event"] for line in here.ledger()] == ["created", "repaired", "issued"]


def test_choosing_asks_nobody(here: CaStore, monkeypatch: pytest.MonkeyPatch) -> None:
    made = here.make_ca()
    monkeypatch.setattr(_store, "_unlock", None)
    from authkit.commands._quick import Given

    authority, ledger = _ca.choose(Given({"ca": None, "store": str(here.path / "store")}))
    assert (authority.name, authority.private_key) == ("home", None)
    assert f"{authority.certificate.serial_number:x}" == made["serial"]
    assert len(ledger.lines()) == 1


def test_a_passphrase_chosen_on_the_terminal(here: CaStore) -> None:
    chosen = "a passphrase of my own\n"
    terminal = Terminal([("your own of 16 characters or more:", chosen), ("once more:", chosen)])
    done = here.run("create-ca home", terminal=terminal)
    assert done.code == 0
    assert "passphrase of the CA home: type the one above" in done.terminal
    assert here.entry()["metadata"]["passphrase"] is True
