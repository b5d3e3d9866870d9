"""Do the commands for certificates make scoped ones, and keep them within their day and their CA's scope?"""

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from authkit.certs.profile import REQUEST_SIGNING_EKU, SCOPE_EXTENSION
from castore import CaStore, refusal

SCOPE = "20261124/us-east-1/s3"
SCOPED = f"--profile scoped --scope {SCOPE} --email ada@example.com"
LATE = "2026-11-24T23:59:59Z"


@pytest.fixture
def here(tmp_path: Path) -> CaStore:
    found = CaStore(tmp_path)
    found.make_ca("home", "--sign-requests")
    return found


def certificate(here: CaStore, name: str) -> x509.Certificate:
    return x509.load_pem_x509_certificates((here.path / name).read_bytes())[0]


def scope_in(one: x509.Certificate) -> "bytes | None":
    try:
        found = one.extensions.get_extension_for_oid(x509.ObjectIdentifier(SCOPE_EXTENSION))
    except x509.ExtensionNotFound:
        return None
    assert not found.critical
    value: bytes = found.value.value  # type: ignore[attr-defined]
    return value


def anchor(here: CaStore, name: str = "home") -> None:
    here.write("root.pem", here.ok(f"export-cert {name} --root", at=None))


def test_what_is_in_it(here: CaStore) -> None:
    found = here.json(f"issue-cert ada {SCOPED} --at {LATE}", at=None)["certificates"][0]
    assert (found["not_before"], found["not_after"]) == ("2026-11-24T00:00:00Z", "2026-11-24T23:59:59Z")
    assert (found["san"], found["subject"], found["profile"]) == (["email:ada@example.com"], "", "scoped")
    one = certificate(here, "ada.pem")
    assert [each.dotted_string for each in one.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value] == [
        REQUEST_SIGNING_EKU
    ]
    usage = one.extensions.get_extension_for_class(x509.KeyUsage).value
    assert [bit for bit in ("digital_signature", "key_cert_sign", "crl_sign") if getattr(usage, bit)] == [
        "digital_signature"
    ]
    assert scope_in(one) == b"\x0c" + bytes([len(SCOPE)]) + SCOPE.encode()
    assert here.ledger()[-1]["profile"] == "scoped"


def test_also_a_login(here: CaStore) -> None:
    done = here.run(f"issue-cert ada {SCOPED} --also-client")
    assert done.stderr.decode() == (
        "authkit: warning: every TLS server that trusts the CA home for its clients accepts it too, without its scope\n"
    )
    found = certificate(here, "ada.pem").extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(found) == [x509.ObjectIdentifier(REQUEST_SIGNING_EKU), ExtendedKeyUsageOID.CLIENT_AUTH]
    anchor(here)
    for purpose in ("client", "sign-requests"):
        assert here.json(f"verify-cert ada.pem --trust-anchor root.pem --purpose {purpose}")["verdict"] == "valid"


def test_no_login(here: CaStore) -> None:
    here.ok(f"issue-cert ada {SCOPED}")
    anchor(here)
    done = here.run("verify-cert ada.pem --trust-anchor root.pem --json")
    said = json.loads(done.stdout)
    assert (done.code, said["reason"]) == (1, "eku-mismatch")
    assert "is for authkitRequestSigning, not for clientAuth" in said["message"]
    good = here.json("verify-cert ada.pem --trust-anchor root.pem --purpose sign-requests")
    assert (good["verdict"], good["scope"]) == ("valid", SCOPE)
    assert "scope" not in here.json("verify-cert ada.pem --trust-anchor root.pem --purpose any")
    text = here.ok("verify-cert ada.pem --trust-anchor root.pem --purpose sign-requests")
    assert f"scope:       {SCOPE}\n" in text
    for at, reason in (("2026-11-25T00:00:00Z", "expired"), ("2026-11-24T08:54:59Z", "not-yet-valid")):
        done = here.run("verify-cert ada.pem --trust-anchor root.pem --purpose sign-requests --json", at=at)
        assert (done.code, json.loads(done.stdout)["reason"]) == (1, reason)


def test_inspect_cert_says_what_it_is(here: CaStore) -> None:
    here.ok(f"issue-cert ada {SCOPED}")
    one = here.json("inspect-cert ada.pem")["certificates"][0]
    assert (one["scope"], one["eku"]) == (SCOPE, ["authkitRequestSigning"])
    assert {"name": "authkitScope", "critical": False} in one["extensions"]
    large = [finding["message"] for finding in one["findings"] if finding["id"] == "oid-large"]
    assert [message.rpartition(": ")[2] for message in large] == [REQUEST_SIGNING_EKU, SCOPE_EXTENSION]
    assert "client" not in one["works_for"]
    text = here.ok("inspect-cert ada.pem")
    assert f"  scope:            {SCOPE}\n" in text
    assert "  purposes (EKU):   authkit request signing\n" in text


def test_a_key_elsewhere_and_a_table(here: CaStore) -> None:
    here.ok("create-csr ada --email other@example.com", at=None)
    here.ok(f"issue-cert ada {SCOPED} --csr ada.csr --out a")
    assert scope_in(certificate(here, "a/ada.pem")) is not None
    here.write("table.csv", "name,email\nbob,bob@example.com\ncy,cy@example.com\n")
    done = here.run(f"issue-cert --from-csv table.csv --profile scoped --scope {SCOPE} --also-client --out b")
    assert (done.code, done.stderr.count(b"without its scope")) == (0, 1)
    assert [scope_in(certificate(here, f"b/{name}.pem")) is not None for name in ("bob", "cy")] == [True, True]
    here.write("days.csv", "name,email,days\nbob,bob@example.com,3\n")
    assert here.run(f"issue-cert --from-csv days.csv --profile scoped --scope {SCOPE} --out c").triple == refusal(
        "days.csv: line 2: a scoped certificate is valid on the day of its scope alone", "leave out --days", 2
    )


def test_of_each_day_one(here: CaStore) -> None:
    """Tomorrow's may be made while today's is good; a second one of today may not."""
    here.ok(f"issue-cert ada {SCOPED}")
    here.ok(f"issue-cert ada {SCOPED.replace('1124', '1125')} --out tomorrow")
    assert here.run(f"issue-cert ada {SCOPED} --out again").triple == refusal(
        "ada has a certificate that is valid until 2026-11-25T23:59:59Z", "--force issues another beside it"
    )
    here.ok(f"issue-cert ada {SCOPED} --out again --force")
    here.write("table.csv", "name,email\nada,ada@example.com\n")
    table = "issue-cert --from-csv table.csv --profile scoped --scope {}/us-east-1/s3 --out {}"
    here.ok(table.format("20261126", "c"))
    assert here.run(table.format("20261126", "d")).triple == refusal(
        "ada has a certificate that is valid until 2026-11-26T23:59:59Z", "--force issues another beside it"
    )
    here.ok("issue-cert bob --email bob@example.com")
    assert here.run(f"issue-cert bob {SCOPED} --out d").triple == refusal(
        "bob has a certificate that is valid until 2026-12-01T09:00:00Z",
        "'authkit renew-cert bob' makes the next; --force issues another beside it",
    )


def test_none_is_renewed(here: CaStore) -> None:
    here.ok(f"issue-cert ada {SCOPED}")
    here.ok("issue-cert bob --email bob@example.com --days 1")
    assert here.run("renew-cert ada --force").triple == refusal(
        "the certificate of ada is good for its day alone, so it is not renewed",
        "'authkit issue-cert ada --profile scoped --scope …' issues that of another day",
    )
    done = here.run("renew-cert --expiring 3 --out new --json")
    assert [one["name"] for one in json.loads(done.stdout)["certificates"]] == ["bob"]
    done = here.run("renew-cert --expiring 3 --out newer", at="2026-11-26T08:00:00Z")
    assert b"ada" not in done.stderr


@pytest.mark.parametrize(
    ("words", "message", "hint", "code"),
    [
        (
            "--profile scoped --email a@b",
            "the profile scoped needs a scope",
            "add --scope 20261123/us-east-1/s3",
            2,
        ),
        (
            f"--scope {SCOPE} --email a@b",
            "--scope and --also-client are for the profile scoped",
            "add --profile scoped",
            2,
        ),
        (
            "--also-client --email a@b",
            "--scope and --also-client are for the profile scoped",
            "add --profile scoped",
            2,
        ),
        (
            f"{SCOPED} --days 1",
            "a scoped certificate is valid on the day of its scope alone",
            "leave out --days",
            2,
        ),
        (
            "--profile scoped --scope 2026-11-24/us-east-1/s3 --email a@b",
            "--scope: '2026-11-24' is not a day",
            "write it as 20261123/us-east-1/s3",
            2,
        ),
        (
            "--profile scoped --scope 20261124/us-east-1/* --email a@b",
            "--scope: service '*' holds a character that is not a letter, digit, '.', '_' or '-'",
            None,
            2,
        ),
        (
            f"--profile scoped --scope {SCOPE}",
            "the profile scoped needs a name",
            "add --email or --dns or --uri or --upn or --ip",
            2,
        ),
        (
            f"{SCOPED} --common-name Ada",
            "the profile scoped has no place for cn:Ada",
            "it takes --email or --dns or --uri or --upn or --ip",
            2,
        ),
        (
            f"{SCOPED} --sid S-1-5-21-1",
            "the profile scoped has no place for sid:S-1-5-21-1",
            "it takes --email or --dns or --uri or --upn or --ip",
            2,
        ),
        (
            f"{SCOPED.replace('1124', '1123')}",
            "the day of the scope 20261123/us-east-1/s3 is over",
            "now is 2026-11-24T09:00:00Z",
            5,
        ),
        (
            f"{SCOPED.replace('20261124', '20361122')}",
            "it would be valid until 2036-11-22T23:59:59Z, longer than its CA home: until 2036-11-21T09:00:00Z",
            "name an earlier day, or make a new CA",
            5,
        ),
    ],
)
def test_what_is_refused(words: str, message: str, hint: "str | None", code: int, here: CaStore) -> None:
    before = here.ledger()
    assert here.run(f"issue-cert ada {words}").triple == refusal(message, hint, code)
    assert (here.ledger(), here.files()) == (before, [])


def test_the_last_second_of_the_day(here: CaStore) -> None:
    here.ok(f"issue-cert ada {SCOPED}", at=LATE)
    assert here.run(f"issue-cert bob {SCOPED}", at="2026-11-25T00:00:00Z").triple == refusal(
        f"the day of the scope {SCOPE} is over", "now is 2026-11-25T00:00:00Z"
    )


def test_a_ca_that_certifies_no_such_keys(here: CaStore) -> None:
    here.make_ca("plain")
    assert here.run(f"issue-cert ada --ca plain {SCOPED}").triple == refusal(
        "the certificate of the CA plain allows no keys that sign requests",
        "'authkit create-ca NAME --sign-requests' makes one that does",
    )
    here.make_ca("web", "--for server")
    assert here.run(f"issue-cert ada --ca web {SCOPED}").triple == refusal(
        "the CA web issues no certificates of the profile scoped", "it is for servers: server, intermediate"
    )


def test_a_ca_for_one_region_or_service(here: CaStore) -> None:
    made = here.make_ca("east", "--parent home --sign-requests --permit-scope us-east-1")
    assert made["scope"] == "us-east-1"
    assert scope_in(x509.load_pem_x509_certificates(made["certificate"].encode())[0]) == b"\x0c\x09us-east-1"
    assert here.ledger("east")[0]["event"] == "created"
    text = here.ok("create-ca s3 --no-passphrase --sign-requests --permit-scope us-east-1/s3")
    assert "scopes:      us-east-1/s3\n" in text
    here.ok(f"issue-cert ada --ca east {SCOPED}")
    here.ok(f"issue-cert bob --ca s3 {SCOPED}")
    anchor(here, "east")
    assert here.json("verify-cert ada.pem --trust-anchor root.pem --purpose sign-requests")["scope"] == SCOPE
    for ca, scope, limit in (
        ("east", "20261124/eu-1/s3", "us-east-1"),
        ("east", "20261124", "us-east-1"),
        ("s3", "20261124/us-east-1/sqs", "us-east-1/s3"),
        ("s3", "20261124/us-east-1", "us-east-1/s3"),
    ):
        done = here.run(f"issue-cert cy --ca {ca} --profile scoped --scope {scope} --email a@b")
        assert done.triple == refusal(
            f"the scope {scope} lies outside what the CA CN={ca} may certify", f"it is limited to {limit}"
        )


def test_a_ca_below_one_of_a_region(here: CaStore) -> None:
    here.make_ca("east", "--sign-requests --permit-scope us-east-1")
    done = here.run("create-ca west --parent east --no-passphrase --sign-requests --permit-scope us-west-1")
    assert done.triple == refusal(
        "the scope us-west-1 lies outside what the CA CN=east may certify", "it is limited to us-east-1"
    )
    here.make_ca("s3", "--parent east --sign-requests --permit-scope us-east-1/s3")
    assert "scope" not in here.make_ca("any", "--parent east --sign-requests")
    for ca, scope, limit in (("any", "20261124/eu-1/s3", "east"), ("s3", "20261124/us-east-1/sqs", "s3")):
        done = here.run(f"issue-cert cy --ca {ca} --profile scoped --scope {scope} --email a@b")
        assert f"lies outside what the CA CN={limit} may certify" in done.stderr.decode()


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        ("--permit-scope a", "--permit-scope needs --sign-requests", "without it there are no scopes to limit"),
        (
            "--sign-requests --permit-scope a//",
            "--permit-scope: more parts than region, service",
            "write us-east-1, or us-east-1/s3",
        ),
        (
            "--parent home --sign-requests --permit-scope a*",
            "--permit-scope: region 'a*' holds a character that is not a letter, digit, '.', '_' or '-'",
            "write us-east-1, or us-east-1/s3",
        ),
        ("--sign-requests --permit-scope a --csr x", "--permit-scope does not go with --csr", None),
        ("--sign-requests --permit-scope a --certificate x", "--permit-scope does not go with --certificate", None),
    ],
)
def test_scopes_that_no_ca_has(words: str, message: str, hint: "str | None", here: CaStore) -> None:
    assert here.run(f"create-ca new --no-passphrase {words}").triple == refusal(message, hint, 2)


def test_a_chain_that_no_verifier_accepts_is_not_signed(here: CaStore) -> None:
    """Above a CA that allows the key's purpose stands one that does not; it came from elsewhere."""
    from unittest import mock

    from authkit.certs import issue
    from authkit.errors import PathRejected

    def verify_path(*_: Any, **__: Any) -> None:
        raise PathRejected("eku-mismatch", "the trust anchor")

    before = here.ledger()
    with mock.patch.object(issue, "_verify_scoped", verify_path):
        done = here.run(f"issue-cert ada {SCOPED}")
    assert done.triple == refusal(
        "a verifier would refuse it under the CA home: the certificate is for another purpose: the trust anchor"
    )
    assert here.ledger() == before
