"""Does a secret appear only where it is the result that was asked for (SECURITY-DECISIONS S48)?

Every transcript is run again with secrets of this run, and what it leaves anywhere is searched for them, however
they are written.
"""

import base64
import json
import logging
import os
import pickle
import re
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

import authkit
import pki
from agefile import PASSPHRASE
from authkit import registry
from authkit.ceremony import shares
from authkit.certs import p12
from authkit.commands import _io
from authkit.keys.select import choose_signing
from authkit.keys.subkeys import SubkeyFile
from authkit.secret import Secret
from commandline import run_here
from sample import AT, SECRET, TOKEN, Sample
from transcripts import CASES, perform

RAW, DERIVED, BEARER, PRIVATE, PHRASE = "secret", "derived key", "session token", "private key", "passphrase"
IDENTITY, SIGNATURE, PASSWORD = "identity", "signature", "password of a PKCS#12 file"
SHARE = "share of a key"
OLD_PASSWORD = pki.frozen()["build.password"].decode().strip()
MADE = re.compile(rb"[Ss]ignature(?:=|\": \")([0-9a-f]{64})")  # as a result, a URL and JSON have it


def spellings(value: bytes) -> Iterator[bytes]:
    """Yield *value* as it could stand in a text: plain, reversed, hexadecimal, base64 wherever it begins, escaped."""
    yield value
    yield value[::-1]
    yield value.hex().encode()
    yield value.hex().upper().encode()
    for before in range(3):
        text = base64.b64encode(bytes(before) + value)
        middle = text[-(-before * 8 // 6) : (len(value) + before) * 8 // 6]  # without what depends on the neighbours
        yield middle
        yield middle.replace(b"+", b"-").replace(b"/", b"_")
    if value.isascii():
        text = value.decode()
        yield quote(text, safe="").encode()
        yield json.dumps(text)[1:-1].encode()
        yield json.dumps(text)[1:-1].replace("/", "\\/").encode()
        yield from grouped(value)


def grouped(value: bytes) -> Iterator[bytes]:
    """Yield the lines in which a page has *value*, where they are long enough to be told from others."""
    for start in range(0, len(value), 24):
        line = value[start : start + 24]
        if len(line) >= 12:
            yield b" ".join([line[place : place + 4] for place in range(0, len(line), 4)])


class Marked:
    """Inputs whose secrets are of this run alone, and a search for them."""

    def __init__(self) -> None:
        secret = base64.b64encode(b"\xfb\xff" + os.urandom(28)).decode()
        pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        self.secret = secret
        self.token = base64.b64encode(os.urandom(45)).decode()
        self.values: dict[str, set[bytes]] = {
            RAW: set(spellings(secret.encode())),
            BEARER: set(spellings(self.token.encode())),
            PRIVATE: {one for line in pem.split(b"\n")[1:-2] for one in spellings(line)},
            PHRASE: set(spellings(PASSPHRASE)),
            DERIVED: set(),
            IDENTITY: {b"AGE-SECRET-KEY-1", b"age-secret-key-1", b"AGE- SECR ET-K EY-1"},
            SHARE: set(),
            SIGNATURE: set(),
            PASSWORD: set(),
        }
        with tempfile.TemporaryDirectory() as folder, self.recorded([]):
            made = pki.make(Path(folder))
        self.password = made["build.password"].decode().strip()
        self.sample = Sample(secret, self.token, pem, made)
        scopes: list[tuple[str, list[tuple[str, ...]]]] = [
            ("signing", [("us-east-1", "s3"), ("eu-west-1", "s3")]),
            ("service", [("us-east-1", "s3")]),
            ("region", [("us-east-1",)]),
            ("date", [()]),
        ]
        for level, pairs in scopes:
            self.add_derived(self.sample.subkeys(level, *pairs))

    @contextmanager
    def recorded(self, faults: list[str], protected: "list[bool] | None" = None) -> Iterator[None]:
        """Note the private keys and passwords that are made; *faults* grows by each of an unprotected process."""
        generate, password, split = ec.generate_private_key, p12.generate_password, shares.split_secret

        def key(curve: ec.EllipticCurve) -> ec.EllipticCurvePrivateKey:
            made = generate(curve)
            if protected == []:
                faults.append("private key")
            size = (curve.key_size + 7) // 8
            self.values[PRIVATE].update(spellings(made.private_numbers().private_value.to_bytes(size, "big")))
            return made

        def word(random: Callable[[int], bytes]) -> str:
            made = password(random)
            if protected == []:
                faults.append("password")
            self.values[PASSWORD].update(spellings(made.encode()))
            return made

        def parts(data: bytes, needed: int, count: int) -> list[str]:
            made = split(data, needed, count)
            for one in made:
                words = one.split(" ")[4:]  # what is before says which share it is
                self.values[SHARE].update([" ".join(words[place : place + 4]).encode() for place in range(0, 24, 4)])
            return made

        with (
            mock.patch.object(ec, "generate_private_key", key),
            mock.patch.object(p12, "generate_password", word),
            mock.patch.object(shares, "split_secret", parts),
        ):
            yield

    def add_derived(self, file: SubkeyFile) -> None:
        for one in file.subkeys:
            self.values[DERIVED].update(spellings(one.key.reveal()))

    def add_signatures(self, *texts: bytes) -> None:
        for text in texts:
            for one in MADE.findall(text):
                if one.strip(b"0"):
                    self.values[SIGNATURE].update(spellings(bytes.fromhex(one.decode())))

    def found(self, data: bytes) -> set[str]:
        """Return the kinds of secrets in *data*."""
        return {kind for kind, values in self.values.items() if any(value in data for value in values)}

    def marked(self, value: Any) -> Any:
        """Return a case with this run's secrets in the place of the well-known ones."""
        text = json.dumps(value).replace(json.dumps(SECRET)[1:-1], self.secret).replace(TOKEN, self.token)
        return json.loads(text.replace(OLD_PASSWORD, self.password))


@pytest.fixture(scope="module")
def secrets() -> Marked:
    return Marked()


@pytest.mark.parametrize("kind", [RAW, DERIVED, BEARER, PRIVATE, PHRASE])
def test_a_leak_is_found_however_it_is_written(kind: str, secrets: Marked, tmp_path: Path) -> None:
    assert len(secrets.values[kind]) >= 6
    for value in secrets.values[kind]:
        done = run_here("", tmp_path, main=lambda words, value=value: os.write(1, b"x" + value + b"y") * 0)  # type: ignore[misc]
        assert kind in secrets.found(done.stdout)
    assert secrets.found(b"nothing of the kind") == set()


def test_a_leak_of_what_is_known_by_its_form_is_found() -> None:
    secrets = Marked()
    secrets.add_signatures(b"x-amz-signature=" + b"0" * 64, b"Signature=" + b"ab" * 31)
    assert secrets.values[SIGNATURE] == set()
    secrets.add_signatures(b"X-Amz-Signature=" + b"ab" * 32 + b"&", b'{"signature": "' + b"cd" * 32 + b'"}')
    for text in (b"ab" * 32, b"AB" * 32, base64.b64encode(b"\xab" * 32), b"cd" * 32):
        assert secrets.found(text) == {SIGNATURE}
    assert secrets.found(b"# AGE-SECRET-KEY-18SJCG") == {IDENTITY}
    assert secrets.found(b"Secret access key of AWS4" + secrets.secret.encode()) == {RAW}


def test_a_leak_on_paper_is_found(secrets: Marked, tmp_path: Path) -> None:
    secrets.sample.write(tmp_path)
    environ = dict.fromkeys(("AUTHKIT_PASSPHRASE_FILE", "AUTHKIT_KEY_PASSPHRASE_FILE"), "pass") | {
        "AUTHKIT_STORE": "store"
    }
    for words, kind in (("root", RAW), ("pair", PRIVATE), ("--store-identity", IDENTITY)):
        done = run_here(f"backup-key {words} --paper", tmp_path, environ=environ)
        assert secrets.found(done.stdout) == {kind}
    with secrets.recorded([]):
        run_here("backup-key root --shares 2-of-2 -o made", tmp_path, environ=environ)
    for path in (tmp_path / "made").iterdir():
        assert secrets.found(path.read_bytes()) == {SHARE}


def test_a_leak_in_base64_is_found_wherever_it_begins(secrets: Marked) -> None:
    for before in range(6):
        text = base64.b64encode(b"x" * before + secrets.secret.encode() + b"yyy")
        assert secrets.found(text) == {RAW}


def allowed(case: dict[str, Any]) -> set[str]:
    """Return the kinds of secrets that a case's standard output may hold."""
    words = case["run"].split() or [""]
    if words[0] == "export-key" and "--public" not in words:
        return {RAW, DERIVED, PRIVATE}
    if words[0] == "keygen" and "-o -" in case["run"]:
        return {RAW, PRIVATE}
    if words[0] == "derive-subkey" and not {"--verify", "--to"} & set(words):
        return {DERIVED, BEARER}
    if words[0] == "backup-key":
        return {RAW, PRIVATE, IDENTITY}
    body = {PHRASE} if "@pass" in case["run"] or "--body pass" in case["run"] else set()  # that file is what is sent
    return {BEARER, SIGNATURE} | body if words[0] == "sign" else set()


def on_terminal(case: dict[str, Any]) -> set[str]:
    """Return the kinds of secrets that a case's terminal may show."""
    if "--reveal" in case["run"]:
        return allowed(case)
    if case["run"].startswith("restore-key"):
        return {RAW, SHARE}  # what is typed is seen until the line is right
    packs = "--p12" in case["run"] or case["run"].startswith("export-p12")
    return {PASSWORD} if packs and "--password-out" not in case["run"] else set()


def intended(case: dict[str, Any]) -> set[str]:
    """Return the names of the files that a case is there to write a secret to."""
    return {
        name
        for line in [case["run"], *case.get("before", [])]
        for name in re.findall(r"(?:-o|--output|--store-identity|--password-out) (\S+)", line)
    }


def kept(path: str, case: dict[str, Any]) -> set[str]:
    """Return the kinds of secrets that a file may hold by its name."""
    lines = " ".join([case["run"], *case.get("before", [])])
    if "--shares" in lines:
        return {SHARE} if "-share-" in path else set()
    if not re.search(r"\b(issue-cert|renew-cert|create-csr)\b", lines):
        return set()
    return {PASSWORD} if path.endswith("/passwords.csv") else {PRIVATE} if path.endswith(".key") else set()


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@contextmanager
def watched(secrets: Marked) -> Iterator[list[str]]:
    """Let keygen make this run's secrets, and yield a list that grows by each secret of an unprotected process."""
    protected: list[bool] = []
    faults: list[str] = []
    real, protect = Secret.__init__, _io.protect_process

    def made(held: Secret, value: bytes) -> None:
        if not protected:
            faults.append(type(held).__name__)
        real(held, value)

    def protecting() -> None:
        protected.append(True)
        protect()

    with (
        mock.patch.object(Secret, "__init__", made),
        mock.patch.object(_io, "protect_process", protecting),
        mock.patch("authkit.keys.generate.Secret", side_effect=lambda value: Secret(secrets.secret.encode())),
        mock.patch("authkit.keys.pair.generate_pair", return_value=secrets.sample.pair),
        secrets.recorded(faults, protected),
    ):
        yield faults


def test_a_secret_of_an_unprotected_process_is_seen(secrets: Marked, tmp_path: Path) -> None:
    secrets.sample.write(tmp_path)
    with watched(secrets) as faults:
        run_here("list-keys --store store", tmp_path)
        assert faults == []
        Secret(b"x")
        assert faults == ["Secret"]
        assert run_here("sign http get.http --key file:key.json", tmp_path).code == 0
        assert faults == ["Secret"]
        done = run_here("keygen -o -", tmp_path)
    assert secrets.found(done.stdout) == {RAW}


@pytest.mark.parametrize("command", ["authkit", *[name.replace(" ", "-") for name in registry.COMMANDS]])
def test_no_command_line_leaks(
    command: str, secrets: Marked, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(1)
    logging.getLogger().setLevel(1)
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    names = [name for name in CASES if name.partition("/")[0] == command]
    assert len(names) >= 6
    for number, name in enumerate(names):
        case = secrets.marked(CASES[name])
        here = tmp_path / str(number)
        here.mkdir(mode=0o700)
        secrets.sample.write(here)
        before = contents(here)
        secrets.values[SIGNATURE].clear()
        secrets.add_signatures(*before.values(), *[text.encode() for text in case.get("files", {}).values()])
        with watched(secrets) as faults:
            done = perform(case, here)
        assert faults == [], name
        assert done.code != 70, name
        if command.startswith("sign"):
            secrets.add_signatures(done.stdout)
        assert secrets.found(done.stderr) == set(), name
        assert secrets.found(done.stdout) <= allowed(case), name
        assert secrets.found(done.terminal.encode()) <= on_terminal(case), name
        after = contents(here)
        given = {*case.get("files", {}), *intended(case)}
        for path in after:
            if after[path] != before.get(path) and path not in given and '"clear":' not in str(after[path]):
                assert secrets.found(after[path]) <= kept(path, case), f"{name}: {path}"
    assert contents(tmp_path / "tmp") == {}
    assert secrets.found(caplog.text.encode()) == set()


BOUNDARIES = {
    "authkit.keys.load.load_access_key": "sign http get.http --key file:key.json",
    "authkit.keys.load.load_subkeys": "sign http get.http --key file:day.subkeys --at 2026-11-23T09:00:00Z",
    "authkit.schemes.forms.sign.encode_policy": "sign form --bucket b --object-key k --key file:day.subkeys"
    " --at 2026-11-23T09:00:00Z",
    "authkit.schemes.webhooks.proof.digest": "sign webhook get.http --scheme slack --key file:key.json",
    "authkit.commands._io.whole_lines": "sign batch batch.ndjson --key file:key.json",
    "authkit.keys.select.derive_key": "sign url https://b.s3.amazonaws.com/ --key file:key.json",
    "authkit.schemes.sigv4.choose_signing": "sign curl --json --key file:key.json https://b.s3.amazonaws.com/",
    "authkit.schemes.sigv4.canonical_request": "sign http get.http --key file:key.json --explain",
    "authkit.messages.draft.parse_draft": "sign http get.http --key file:key.json",
    "authkit.explain.redact.redact_stages": "sign http get.http --key file:key.json --explain",
    "authkit.schemes.policy.verify": "verify-signature signed.http --key file:day.subkeys --json",
    "authkit.explain.report.report": "inspect-signature signed.http --key file:key.json",
    "authkit.commands._derived.derive_wanted": "derive-subkey --key file:key.json --scope us-east-1/s3",
    "authkit.commands._derived.encode_subkeys": "derive-subkey --key file:key.json --scope us-east-1/s3 --format env",
    "authkit.seal.seal_for": "derive-subkey --store air --key root --scope us-east-1/s3 --to web-1 -o made.age",
    "authkit.ceremony.response.sign_text": "derive-subkey --store air --key root --scope us-east-1/s3"
    " --to web-1 -o x.age",
    "authkit.commands._inspected.load_subkey_file": "inspect-subkey day.subkeys --json",
    "authkit.files.write_secret": "export-key web -o new.json",
    "authkit.ui.render.write": "export-key web",
    "authkit.commands._token.open_token": "import-key new key.json --scheme sigv4 --token pkcs11:?module-path=/m.so",
    "authkit.stores.pkcs11.open_token": "sign url https://b.s3.amazonaws.com/ --key pkcs11:?module-path=/m.so",
    "authkit.seal.decrypt_with": "export-key web",
    "authkit.seal.decrypt_with_passphrase": "export-key root",
    "authkit.seal.encrypt_to": "import-key new key.json",
    "authkit.ceremony.leaflet.paper": "backup-key root --paper -o new.txt",
    "authkit.ceremony.kept.check_value": "backup-key pair --paper -o new.txt",
    "authkit.ceremony.leaflet.share": "backup-key root --shares 2-of-3 -o new",
    "authkit.commands._gathered.parse_pages": "restore-key key.json",
    "authkit.keys.foreign.load_csv": "import-key new accessKeys.csv",
    "authkit.keys.foreign.load_sts": "import-key sts.json",
    "authkit.keys.pair.load_pair": "import-key new key.pem",
    "authkit.keys.generate.generate_access_key": "keygen new",
    "authkit.commands._made.metadata_of": "keygen new --json",
    "authkit.strictjson.parse": "import-subkey day.subkeys --expect-id AKIDEXAMPLE",
    "authkit.stores.folder.compare_digest": "export-key web",
    "authkit.files.remove": "delete-key web --yes",
    "authkit.stores.folder.FolderStore.listing": "list-keys",
    "authkit.stores.folder.FolderStore.put": "import-subkey new day.subkeys --expect-id AKIDEXAMPLE",
    "authkit.unlock.passphrase.open_identity": "export-key web",
    "authkit.unlock.keyring.available": "keygen new --store fresh",
    "authkit.references.file.load": "sign url https://b.s3.amazonaws.com/ --key file:key.json",
    "authkit.references.directory.load": "verify-signature signed.http --key dir:set",
    "authkit.references.env.load": "sign http get.http --key env:",
    "authkit.references.aws.load": "sign http get.http --key aws:",
    "authkit.hand_over.curl.run_curl": "sign curl --run --key file:key.json https://b.s3.amazonaws.com/",
    "click.shell_completion.get_completion_class": "completion bash",
    "authkit.commands._new_ca.issue_root": "create-ca new --no-passphrase",
    "authkit.commands._new_ca.describe_authority": "create-ca new --parent root",
    "authkit.commands._orders.issue_certificate": "issue-cert erin --ca clients --email erin@example.com",
    "authkit.commands._issued.write_files": "issue-cert erin --ca clients --email erin@example.com",
    "authkit.commands._p12.pack": "issue-cert erin --ca root --uri urn:x:y --p12 --password-out password",
    "authkit.certs.table.load_table": "issue-cert --ca clients --from-csv users.csv --out made",
    "authkit.certs.csr.encode_csr": "create-csr erin --email erin@example.com",
    "authkit.commands._renewed.renew": "renew-cert ada --ca clients --out made",
    "authkit.ledger.Ledger.append": "revoke-cert ada --ca clients",
    "authkit.commands._crls.sign_crl": "issue-crl --ca clients -o new.crl",
    "authkit.certs.authority.encode_certificates": "export-cert ada",
    "authkit.commands._packed.find": "export-p12 ada --password-out ada.password -o ada.p12",
    "authkit.certs.p12.encode_p12": "export-p12 ada --password-out ada.password -o ada.p12",
    "authkit.commands._listed.listed": "list-certs",
    "authkit.commands._looked.read_any": "inspect-cert build.p12 --password-file build.password",
    "authkit.ceremony.card.fingerprint_words": "show-identity --issuer --store air",
    "authkit.ceremony.ask.sign_text": "request-subkey new --access-key-id AKIDEXAMPLE --scope us-east-1/s3"
    " --store asking",
    "authkit.ceremony.accept.load_subkeys": "import-subkey answer.age --at 2026-11-23T09:00:00Z --store asking",
    "authkit.ledger._parse": "show-ledger --store asking",
    "authkit.commands._ledgers.split_signed": "verify-ledger --store asking",
    "authkit.commands._trusted.compare": "trust-requester web-1.card --scope us-east-1/s3 --access-key-id AKIDEXAMPLE",
    "authkit.commands._trusted.parse_card": "trust-issuer vault.card",
    "authkit.ceremony.peers.parse_requester": "list-trusted --store air",
    "authkit.commands._approved.keys_for": "approve-subkey asked.request --store air -o made.age",
    "authkit.commands._signature_asked.sign_text": "request-signature --access-key-id AKIDEXAMPLE -o made.request"
    " --store asking https://b.s3.us-east-1.amazonaws.com/",
    "authkit.ceremony.approval.open_request": "approve-signature asked.request --store air -o made.answer",
    "authkit.certs.verify.verify_path": "verify-cert ada.pem --trust-anchor root.pem",
}


@pytest.mark.parametrize("place", BOUNDARIES)
@pytest.mark.parametrize(("more", "kind"), [("", RuntimeError), (" --json", ValueError)])
def test_a_fault_leaks_nothing(place: str, more: str, kind: type[Exception], secrets: Marked, tmp_path: Path) -> None:
    secrets.sample.write(tmp_path)
    line = BOUNDARIES[place]
    group = registry.COMMANDS.get(line.partition(" ")[0], ("", ""))[0]
    environ = {
        "AUTHKIT_STORE": "cas" if group == "certificates" else "store",
        "AUTHKIT_PASSPHRASE_FILE": str(tmp_path / "pass"),
        "AUTHKIT_KEY_PASSPHRASE_FILE": str(tmp_path / "pass"),
    }
    everything = "\n".join(
        [secrets.secret, secrets.token, secrets.sample.pem.decode(), PASSPHRASE.decode(), secrets.password]
    )
    if group == "certificates" and not line.startswith(("create-csr", "export-")):
        line += " --at 2026-11-25T09:00:00Z"
    with mock.patch(place, side_effect=kind(everything)) as fault:
        done = run_here(line if "--json" in line else line + more, tmp_path, environ=environ)
    assert secrets.found(done.stderr) == set()
    assert done.stdout == b""
    if not more or done.code != 2:  # where --json is no option
        assert (done.code, fault.called) == (70, True)
        lines = done.stderr.decode().splitlines()
        lines = [one for one in lines if not one.startswith(("authkit: note: ", "authkit: hint: "))]
        assert len(lines) == 1
        assert f"a fault of authkit: {kind.__name__} at " in lines[0]


@pytest.mark.parametrize("command", registry.COMMANDS)
def test_every_command_is_run_in_every_way(command: str) -> None:
    options = [row[0] for row in registry.load_command(command).OPTIONS]
    cases = [case for name, case in CASES.items() if name.partition("/")[0] == command.replace(" ", "-")]
    assert {0, 2} <= {case["code"] for case in cases}
    assert command == "completion" or {3, 4, 5, 6} & {case["code"] for case in cases}
    for option in ("--json", "--explain"):
        if option in options:
            codes = {case["code"] for case in cases if option in case["run"].split()}
            assert 0 in codes, option
    assert [line for line in BOUNDARIES.values() if line.startswith(command)], "no fault"


def test_no_traceback_shows_local_variables() -> None:
    for path in Path(authkit.__file__).parent.rglob("*.py"):
        text = path.read_text("utf-8")
        for word in ("rich.traceback", "print_exc", "format_exc", "cgitb", "faulthandler"):
            assert word not in text, f"{path}: {word}"


def test_no_option_takes_a_secret() -> None:
    from authkit.commands import _quick

    for name in registry.COMMANDS:
        for row in _quick.rows_of(registry.load_command(name), []):
            typed = row[0].split("|")[0]
            if typed == "--token":  # the URI of a PKCS#11 token, in which a PIN is refused
                continue
            if re.search("secret|passphrase|password|token", typed):
                assert row[1] == "flag" or typed.endswith(("-file", "-out")), f"{name} {typed}"


# What a value says of itself


def values(secrets: Marked) -> list[object]:
    sample = secrets.sample
    file = sample.subkeys(key=sample.session)
    (subkey,) = file.subkeys
    credential = choose_signing([sample.session], file.chain, AT, {"region": "us-east-1", "service": "s3"}, dict)
    secret = sample.key.secret
    return [
        *[secret, secret.mac_key(b"AWS4"), subkey.key, credential.key, credential],
        *[sample.key, sample.session, subkey, file, sample.pair, SubkeyFile(file.chain, "A", AT, [subkey])],
    ]


def shown(value: object) -> str:
    traced = traceback.TracebackException.from_exception(ValueError(value))
    texts = [repr(value), str(value), f"{value}", f"{value!s:>99}", "%s %r" % (value, value), repr([value])]  # noqa: UP031
    return "\n".join([*texts, *traced.format(), json.dumps({"value": value}, default=repr)])


def test_no_value_shows_its_secret(secrets: Marked) -> None:
    assert secrets.found(shown(secrets.secret).encode()) == {RAW}
    for value in values(secrets):
        assert secrets.found(shown(value).encode()) == set(), type(value)


def test_no_value_can_be_pickled(secrets: Marked) -> None:
    assert secrets.found(pickle.dumps(secrets.secret)) == {RAW}
    for value in values(secrets):
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            with pytest.raises(TypeError, match="pickle"):
                pickle.dumps(value, protocol)


# Programs that are started


Traced = Callable[..., "list[str]"]


@pytest.fixture
def started(tmp_path: Path, require_tool: Callable[[str], str]) -> Traced:
    """A function that runs a program and returns the others it starts, with their words and environments."""
    strace = require_tool("strace")

    def run(*command: str, **environ: str) -> list[str]:
        trace = tmp_path / "trace"
        options = ["-f", "-qq", "-v", "-s", "1000000", "-e", "trace=execve,execveat", "-o", str(trace)]
        base = {"PATH": f"{tmp_path}/bin:{os.environ['PATH']}", "HOME": str(tmp_path), "PYTHONPATH": ":".join(sys.path)}
        subprocess.run(
            [strace, *options, *command],
            cwd=tmp_path,
            env={**base, **environ},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            start_new_session=True,
            timeout=60,
        )
        return [line for line in trace.read_text().splitlines() if "exec" in line][1:]

    return run


AUTHKIT = (sys.executable, "-m", "authkit")
DAY = "2026-11-24T10:00:00Z"


def test_a_program_that_is_given_a_secret_is_seen(secrets: Marked, started: Traced) -> None:
    (line,) = started("/bin/sh", "-c", f"/bin/true {secrets.secret}; :")
    assert secrets.found(line.encode()) == {RAW}
    (line,) = started("/bin/sh", "-c", "/bin/true; :", TOKEN=secrets.token)
    assert secrets.found(line.encode()) == {BEARER}


@pytest.mark.parametrize("kind", ["AUTHKIT", "AWS"])
def test_curl_is_given_no_secret(kind: str, secrets: Marked, started: Traced, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "curl").write_text("#!/bin/sh\nexit 0\n")
    (tmp_path / "bin" / "curl").chmod(0o755)
    key = {
        f"{kind}_ACCESS_KEY_ID": "AKX",
        f"{kind}_SECRET_ACCESS_KEY": secrets.secret,
        f"{kind}_SESSION_TOKEN": secrets.token,
    }
    reference = "env:" if kind == "AUTHKIT" else "env:AWS"
    words = ["sign", "curl", "--run", "--key", reference, "https://b.s3.amazonaws.com/", "-d", "body"]
    lines = started(*AUTHKIT, *words, **key)
    assert [f"{tmp_path}/bin/curl" in line for line in lines] == [True]
    assert secrets.found("".join(lines).encode()) == set()
    assert "Signature=" not in "".join(lines)
    assert "Authorization" not in "".join(lines)


def test_the_keyring_is_asked_without_secrets_on_its_command_line(
    secrets: Marked, started: Traced, tmp_path: Path
) -> None:
    secrets.sample.write(tmp_path)
    environ = {"AWS_SECRET_ACCESS_KEY": secrets.secret, "AWS_SESSION_TOKEN": secrets.token}
    environ |= {"AUTHKIT_SECRET_ACCESS_KEY": secrets.secret, "AUTHKIT_STORE": "new"}
    lines = started(*AUTHKIT, "import-key", "new", "key.json", **environ)
    assert len(lines) >= 1
    assert secrets.found("".join(lines).encode()) == set()


@pytest.mark.parametrize(
    "words",
    [
        ["export-key", "web", "-o", "new.json"],
        ["derive-subkey", "--key", "root", "--scope", "us-east-1/s3", "-o", "new.subkeys"],
        ["sign", "url", "--key", "web", "https://b.s3.amazonaws.com/"],
        ["issue-cert", "erin", "--store", "cas", "--ca", "clients", "--email", "e@example.com", "--at", DAY],
        ["issue-cert", "--store", "cas", "--ca", "clients", "--from-csv", "users.csv", "--out", "made", "--at", DAY],
        ["export-p12", "ada", "--store", "cas", "--password-out", "ada.password", "-o", "ada.p12"],
        ["inspect-cert", "build.p12", "--password-file", "build.password"],
    ],
)
def test_nothing_else_is_started(words: list[str], secrets: Marked, started: Traced, tmp_path: Path) -> None:
    secrets.sample.write(tmp_path)
    passphrase = dict.fromkeys(("AUTHKIT_PASSPHRASE_FILE", "AUTHKIT_KEY_PASSPHRASE_FILE"), "pass")
    assert started(*AUTHKIT, *words, AUTHKIT_STORE="store", **passphrase) == []


# What other processes can see


WAIT = """
import ctypes, os, resource, sys
sys.path[:0] = {path!r}
kept = {marker!r} + "-in-memory"
if {protected}:
    from authkit.commands._io import protect_process
    protect_process()
print(resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the process table of Linux is looked at")
@pytest.mark.parametrize("protected", [False, True])
def test_a_process_with_secrets_is_closed_to_others(protected: bool, tmp_path: Path) -> None:
    code = WAIT.format(path=sys.path, marker="marker", protected=protected)
    child = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={"MARK": "secret"}
    )
    try:
        assert child.stdout is not None
        limits, dumpable = re.findall(r"\(.*?\)|\d+$", child.stdout.readline().strip())
        assert dumpable == ("0" if protected else "1")
        assert (limits == "(0, 0)") >= protected
        places = [f"/proc/{child.pid}/environ", f"/proc/{child.pid}/mem"]
        if os.geteuid() != 0:
            assert [readable(place) for place in places] == [not protected] * 2
        else:  # root may read everything; who owns the files says who else may
            assert [os.stat(place).st_uid for place in places] == [os.geteuid()] * 2
    finally:
        child.communicate("")


def readable(path: str) -> bool:
    try:
        with open(path, "rb"):
            return True
    except PermissionError:
        return False


OTHER = "/usr/bin/python3"  # the interpreter of the system, which everybody may start
LOOK = """
import sys
for name in sys.argv[1:]:
    try:
        open(name, "rb").close()
        print("open")
    except PermissionError:
        print("closed")
"""


@pytest.fixture
def package() -> Iterator[Path]:
    """A folder that everybody may read, with the package in it."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("only root can become somebody else")
    found = subprocess.run([OTHER, "-c", "import sys; print(sys.version_info >= (3, 11))"], capture_output=True)
    if found.stdout != b"True\n":
        pytest.skip("the system has no interpreter that everybody may start and that is new enough")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        source = Path(authkit.__file__).parent
        shutil.copytree(source, folder / "authkit", ignore=shutil.ignore_patterns("__pycache__"))
        for path in folder.rglob("*"):
            path.chmod(0o755 if path.is_dir() else 0o644)
        yield folder


@pytest.mark.skipif(sys.platform != "linux", reason="the process table of Linux is looked at")
@pytest.mark.parametrize(
    "words",
    [
        ["sign", "http", "get.http", "--key", "file:waits"],
        ["sign", "url", "https://b.s3.amazonaws.com/", "--key", "file:waits"],
        ["sign", "curl", "--key", "file:waits", "https://b.s3.amazonaws.com/"],
        ["verify-signature", "signed.http", "--key", "file:waits"],
        ["inspect-signature", "signed.http", "--key", "file:waits"],
        ["derive-subkey", "--key", "file:waits", "--scope", "us-east-1/s3"],
        ["create-csr", "erin", "--email", "erin@example.com", "--key", "waits"],
        None,
    ],
)
def test_another_process_of_the_same_user_cannot_look_in(
    words: "list[str] | None", package: Path, require_tool: Callable[[str], str], secrets: Marked
) -> None:
    """Both run as nobody; the command waits for its key in a pipe that stays empty."""
    setpriv = [require_tool("setpriv"), "--reuid=65534", "--regid=65534", "--clear-groups"]
    secrets.sample.write(package)
    for name in ("get.http", "signed.http"):
        (package / name).chmod(0o644)
    os.mkfifo(package / "waits", 0o600)
    os.chown(package / "waits", 65534, 65534)
    program = ["-m", "authkit", *words] if words else ["-c", "open('waits').read()"]
    writer = os.open(package / "waits", os.O_RDWR)
    child = subprocess.Popen(
        [*setpriv, OTHER, "-B", *program],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=package,
        env={"AWS_SECRET_ACCESS_KEY": secrets.secret},
    )
    try:
        until_it_waits(child.pid, str(package / "waits"))
        places = [f"/proc/{child.pid}/{name}" for name in ("environ", "mem", "maps")]
        done = subprocess.run([*setpriv, OTHER, "-c", LOOK, *places], cwd="/", capture_output=True, text=True)
        assert done.stdout.split() == ["closed" if words else "open"] * 3
        limits = Path(f"/proc/{child.pid}/limits").read_text()
        if words:
            assert re.search(r"Max core file size +0 +0 ", limits)
    finally:
        os.close(writer)
        child.communicate(timeout=60)


def until_it_waits(process: int, path: str) -> None:
    """Wait until a process has opened *path*."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        for found in Path(f"/proc/{process}/fd").iterdir():
            with suppress(OSError):
                if os.readlink(found) == path:
                    return
        time.sleep(0.01)
    raise AssertionError(f"{path} is never opened")
