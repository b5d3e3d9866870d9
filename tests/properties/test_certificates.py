"""Does a certificate say what was asked for, and a table make all of its certificates or none?"""

import csv
import io
import os
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from unicodedata import is_normalized

import pytest
from cryptography import x509
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from agefile import PASSPHRASE, make_store
from authkit.certs.authority import Authority, describe_authority, load_authority
from authkit.certs.csr import encode_csr, load_csr
from authkit.certs.describe import describe
from authkit.certs.issue import issue_certificate, issue_root
from authkit.certs.lint import lint
from authkit.certs.names import Names, San, decode_sid, encode_sid, parse_san, parse_sid
from authkit.certs.profile import ISSUED_FOR, KINDS, PROFILES, SAN_KINDS
from authkit.certs.record import issued_event, parse_record, ski_of
from authkit.certs.subject_key import encode_key, generate_key
from authkit.clock import UTC
from authkit.errors import UsageError
from authkit.ledger import Ledger
from commandline import run_here

AT = datetime(2026, 11, 24, 9, tzinfo=UTC)
ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
LABELS = st.builds(
    lambda first, middle, last: first + middle + last,
    st.sampled_from(ALPHABET),
    st.text(ALPHABET + "-", max_size=8),
    st.sampled_from(ALPHABET),
)
HOSTS = st.builds(
    lambda labels, last: ".".join([*labels, last]),
    st.lists(LABELS, max_size=3),
    st.sampled_from(["x", "example", "xn--p1ai"]),
)
ATOMS = st.text(ALPHABET + "!#$%&'*+-/=?^_`{|}~", min_size=1, max_size=8)
LETTERS = st.characters(categories=("L", "N", "P", "S"), exclude_characters='@\\/"\u115f\u1160\u2800\u3164\uffa0')
VISIBLE = st.text(LETTERS, min_size=1, max_size=12).filter(lambda text: is_normalized("NFC", text))
PATHS = st.text(ALPHABET + "-._~!$&'()*+,;=:@/?#", max_size=12)
ADDRESSES = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6))
TEXTS = {
    "email": st.builds(lambda atoms, host: f"{'.'.join(atoms)}@{host}", st.lists(ATOMS, min_size=1, max_size=3), HOSTS),
    "dns": HOSTS,
    "uri": st.one_of(
        st.builds(lambda host, path: f"https://{host}/{path}", HOSTS, PATHS),
        st.builds(lambda host, path: f"spiffe://{host.lower()}/{path}", HOSTS, LABELS),
        st.builds(lambda path: f"urn:example:{path}", LABELS),
    ),
    "upn": st.builds(lambda user, realm: f"{user}@{realm}", VISIBLE, VISIBLE),
    "ip": ADDRESSES.filter(lambda ip: getattr(ip, "scope_id", None) is None).map(str),
}  # fmt: skip
SANS = st.one_of([st.builds(San, st.just(kind), texts) for kind, texts in TEXTS.items()])
NUMBERS = st.integers(0, (1 << 32) - 1)
SIDS = st.lists(NUMBERS, min_size=2, max_size=16).map(lambda numbers: "-".join(["S", "1", *map(str, numbers)]))
COMMON_NAMES = st.text(LETTERS, min_size=1, max_size=16).filter(lambda text: is_normalized("NFC", text))
SERIALS = st.binary(min_size=20, max_size=20)
KEY = generate_key("p256")
LEAF = {kind: generate_key(kind) for kind in ("p256", "p384", "ed25519")}


def root() -> Authority:
    certificate = issue_root("Clients", KEY, AT, None, os.urandom, issued_for="client", path_length=1, constraints=None)
    return Authority("home", certificate, (), KEY, "client", ISSUED_FOR["client"][1], KINDS)


CA = root()


@given(st.sampled_from(SAN_KINDS), st.data())
def test_a_name_reads_as_it_is_written(kind: str, data: st.DataObject) -> None:
    text = data.draw(TEXTS[kind])
    found = parse_san(kind, text)
    assert (found.kind, found.value) == (kind, text)
    again, _, value = str(found).partition(":")
    assert parse_san(again, value) == found


@given(st.sampled_from([*SAN_KINDS, "spiffe"]), st.one_of(st.text(max_size=20), *TEXTS.values()))
def test_any_text_is_a_name_or_refused(kind: str, text: str) -> None:
    found, said = None, ""
    try:
        found = parse_san(kind, text)
    except UsageError as error:
        said = error.message
    if found is None:
        assert (bool(said), "\n" in said) == (True, False)
        return
    assert parse_san(found.kind, found.value) == found
    assert found.value.isprintable()
    assert found.kind == kind.replace("spiffe", "uri")


@given(SIDS)
def test_a_security_identifier_reads_as_it_is_written(sid: str) -> None:
    assert parse_sid(sid) == sid
    assert decode_sid(encode_sid(sid).value) == sid


@st.composite
def names(draw: st.DrawFn, kinds: "tuple[str, ...]" = (*SAN_KINDS, "cn")) -> Names:
    sans = draw(st.lists(SANS.filter(lambda san: san.kind in kinds), min_size=1, max_size=5))
    uris = {san.value for san in sans if san.kind == "uri"}
    assume(len(uris) < 2 or not any(uri.startswith("spiffe://") for uri in uris))  # one alone, says SPIFFE
    return Names(
        draw(st.none() | COMMON_NAMES),
        [parse_san(san.kind, san.value) for san in sans],
        draw(st.none() | SIDS) if "sid" in kinds else None,
    )


@settings(max_examples=60)
@given(names(), SERIALS, st.sampled_from(list(LEAF)), st.integers(1, 3000))
def test_a_certificate_says_what_was_asked_for(wanted: Names, serial: bytes, kind: str, days: int) -> None:
    assume(any(serial))
    made = issue_certificate(
        CA, PROFILES["client"], wanted, LEAF[kind].public_key(), AT, days, lambda size: serial[:size], name="one"
    )
    found = describe(made.der)
    assert list(found.san) == [str(san) for san in wanted.sans]
    assert list(found.subject_parts) == ([] if wanted.common_name is None else [("CN", wanted.common_name)])
    assert (*found.eku, *found.key_usage, found.is_ca, found.sid) == ("clientAuth", "digitalSignature", False, None)
    assert (found.serial, found.sha256) == (made.serial_hex, made.fingerprint)
    assert 0 < int(found.serial, 16) < 1 << 159
    assert (found.not_before, found.not_after) == (made.not_before, made.not_after)
    assert [*found.faults, *found.critical_unknown] == []
    assert [one for one in lint(found, AT) if one.severity == "error"] == []


@settings(max_examples=40)
@given(names(("upn", "dns", "email", "uri", "sid", "cn")), TEXTS["upn"], COMMON_NAMES)
def test_a_certificate_for_windows_says_what_was_asked_for(others: Names, upn: str, common_name: str) -> None:
    wanted = Names(common_name, [San("upn", upn), *others.sans], others.sid)
    made = issue_certificate(CA, PROFILES["eap-tls"], wanted, KEY.public_key(), AT, None, os.urandom, name="one")
    found = describe(made.der)
    assert (list(found.san), found.sid) == ([str(san) for san in wanted.sans], wanted.sid)
    row = {"n": 1, "at": "2026-11-24T09:00:00Z", "prev": "0" * 64, **issued_event(made, ski_of(CA.certificate))}
    (read,) = parse_record([row]).issued
    assert (read.san, read.sid, read.common_name) == (tuple(found.san), wanted.sid, wanted.common_name)
    assert (read.serial, read.certificate, read.profile) == (made.serial_hex, made.der, "eap-tls")
    assert (read.not_before, read.not_after) == (made.not_before, made.not_after)


@settings(max_examples=40)
@given(names((*SAN_KINDS, "sid", "cn")), st.sampled_from(list(LEAF)))
def test_a_request_reads_as_it_is_written(wanted: Names, kind: str) -> None:
    found = load_csr(encode_csr(wanted, LEAF[kind]), "FILE")
    assert found.names == wanted


def test_an_authority_reads_as_it_is_written() -> None:
    metadata = describe_authority(CA, AT)
    again = load_authority(metadata, encode_key(KEY), "home")
    assert describe_authority(again, AT) == metadata
    assert again.certificate == CA.certificate
    assert (again.kinds, again.profiles, again.issued_for) == (CA.kinds, CA.profiles, CA.issued_for)


ENVIRON = {"AUTHKIT_STORE": "store", "AUTHKIT_PASSPHRASE_FILE": "pass"}
CELLS = {
    "name": st.sampled_from(["alice", "bob", "Alice", "a b", "", ".x", "c-1", "d" * 65]),
    "email": st.sampled_from(["alice@x.example", "a@x b@y", "", "no mailbox", "ä@x"]),
    "uri": st.sampled_from(["", "urn:example:1", "nothing"]),
    "common_name": st.sampled_from(["", "Alice", "Zoë", "x" * 65, 'quo"ted', "a,b"]),
    "days": st.sampled_from(["", "7", "0", "99999", "x"]),
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ca")
    make_store(folder / "store")
    (folder / "pass").write_bytes(PASSPHRASE + b"\n")
    (folder / "pass").chmod(0o600)
    line = "create-ca home --no-passphrase --at 2026-11-23T09:00:00Z"
    assert run_here(line, folder, environ=ENVIRON).code == 0
    return folder


@st.composite
def tables(draw: st.DrawFn) -> bytes:
    if draw(st.integers(0, 9)) == 0:
        return draw(st.binary(max_size=60))
    columns = ["name", *draw(st.lists(st.sampled_from(list(CELLS)[1:]), min_size=1, max_size=4, unique=True))]
    broken = draw(st.integers(0, 3)) == 0  # most rows are right, or no table would ever be
    rows = []
    for number in range(draw(st.integers(1, 4))):
        good = {"name": f"p{number}", "email": f"p{number}@x.example", "uri": "", "common_name": "Zoë", "days": "3"}
        rows.append([draw(CELLS[column]) if broken and draw(st.booleans()) else good[column] for column in columns])
    quoted = [",".join(['"{}"'.format(cell.replace('"', '""')) for cell in row]) for row in [columns, *rows]]
    return draw(st.sampled_from(["\n", "\r\n"])).join(quoted).encode()


COUNT = iter(range(1_000_000))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(b'"name","uri","email"\n"","",""\n"p1","","p1@x.example"')
@given(tables())
def test_a_table_is_issued_whole_or_not_at_all(home: Path, table: bytes) -> None:
    ledger = home / "store" / "ledgers" / "home.jsonl"
    before, there = ledger.read_bytes(), set(os.listdir(home))
    (home / "table.csv").write_bytes(table)
    out = f"out{next(COUNT)}"
    line = f"issue-cert --from-csv table.csv --force --out {out} --at 2026-11-24T09:00:00Z"
    done = run_here(line, home, environ=ENVIRON)
    record = parse_record(Ledger(str(ledger)).lines())
    if done.code:
        assert (done.code in (2, 3, 5), done.stdout) == (True, b"")
        assert done.stderr.startswith(b"authkit: error: table.csv")
        assert ledger.read_bytes() == before
        assert set(os.listdir(home)) - {"table.csv"} == there - {"table.csv"}
        return
    header, *rows = csv.reader(io.StringIO(table.decode("utf-8"), newline=""))
    rows = [row for row in rows if any(cell.strip() for cell in row)]  # spreadsheets leave empty rows behind
    wanted = [row[header.index("name")] for row in rows]
    made = sorted(path.name for path in (home / out).iterdir())
    assert made == sorted([f"{name}.{end}" for name in wanted for end in ("key", "pem")])
    issued = record.issued[-len(rows) :]
    assert [row.name for row in issued] == wanted
    assert ledger.read_bytes().count(b"\n") == before.count(b"\n") + len(rows)
    for row in issued:
        (certificate,) = x509.load_pem_x509_certificates((home / out / f"{row.name}.pem").read_bytes())
        assert f"{certificate.serial_number:x}" == row.serial


def test_addresses_are_written_one_way() -> None:
    assert str(parse_san("ip", "2001:DB8:0::1")) == "ip:2001:db8::1"
    assert parse_san("ip", "2001:db8::1") == parse_san("ip", str(IPv6Address("2001:db8:0:0::1")))
    assert parse_san("ip", "192.0.2.1").value == str(IPv4Address(0xC0000201))
