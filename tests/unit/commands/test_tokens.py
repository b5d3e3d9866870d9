"""What do commands put into a token, take from it and say of it?"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import PyKCS11 as p11
import pytest

from agefile import PASSPHRASE, make_store
from authkit.keys.held import SUBKEY, Held, format_held
from commandline import Done, Terminal, run_here
from faketoken import LOGIN, PIN, FakeToken, inserted
from sample import AT, Sample

NOW = f"{AT:%Y-%m-%dT%H:%M:%SZ}"
URI = "pkcs11:token=vault"
OUTSIDE = "what was outside of it once is never called NEVER_EXTRACTABLE"


class Desk:
    """A folder with the sample's files, a token, and a command line that knows both."""

    def __init__(self, folder: Path, fake: FakeToken, forget: Callable[[], None]) -> None:
        self.folder, self.fake, self._forget = folder, fake, forget
        self.environ = {"AUTHKIT_PKCS11_MODULE": "/m.so", "AUTHKIT_PIN_FILE": str(folder / "pin")}
        self.environ["AUTHKIT_PASSPHRASE_FILE"] = str(folder / "passphrase")
        self.environ["AUTHKIT_STORE"] = str(folder / "own")
        for name, content in (("pin", PIN + b"\n"), ("passphrase", PASSPHRASE + b"\n")):
            (folder / name).write_bytes(content)
            (folder / name).chmod(0o600)
        (folder / "head.http").write_bytes(b"GET /a HTTP/1.1\r\nHost: x.test\r\n\r\n")

    def run(self, words: str, terminal: "Terminal | None" = None, **environ: str) -> Done:
        self._forget()
        return run_here(words, self.folder, environ={**self.environ, **environ}, terminal=terminal)

    def ok(self, words: str, **environ: str) -> str:
        done = self.run(words, **environ)
        assert done.code == 0, done.stderr.decode()
        return done.stdout.decode()

    def fails(self, words: str, terminal: "Terminal | None" = None, **environ: str) -> tuple[int, str, "str | None"]:
        done = self.run(words, terminal, **environ)
        assert done.stdout == b""
        lines = done.stderr.decode().splitlines()
        message = [line for line in lines if line.startswith("authkit: error: ")][0].removeprefix("authkit: error: ")
        hints = [line.removeprefix("authkit: hint: ") for line in lines if line.startswith("authkit: hint: ")]
        return done.code, message, hints[0] if hints else None

    def store(self) -> None:
        make_store(self.folder / "own")


@pytest.fixture
def fake() -> FakeToken:
    return FakeToken()


@pytest.fixture
def desk(tmp_path: Path, fake: FakeToken) -> Iterator[Desk]:
    Sample().write(tmp_path)
    with inserted(fake) as forget:
        yield Desk(tmp_path, fake, forget)


def write_key(desk: Desk, **members: str) -> None:
    text = {"schema": "authkit.access-key/v1", "access_key_id": "AKX", "secret": "0123456789012345678901", **members}
    (desk.folder / "own.json").write_text(json.dumps({name: value for name, value in text.items() if value}))
    (desk.folder / "own.json").chmod(0o600)


# ------------------------------------------------------------------------------------------------------------- secrets


def test_import_key(desk: Desk) -> None:
    write_key(desk)
    done = desk.run(f"import-key root own.json --use derive --scheme sigv4 --token {URI}")
    notes = [
        f"stored as root in the token vault; {OUTSIDE}",
        "name it with --key 'pkcs11:token=vault;object=root'",
        "the key is still in own.json too: delete that file if you do not need it",
    ]
    assert done.triple == ("AKX\n", "".join([f"authkit: note: {note}\n" for note in notes]), 0)
    (one,) = desk.fake.objects.values()
    assert one[p11.CKA_ID] == b"authkit-key/v1 secret AKX AWS4-HMAC-SHA256 AWS4 derive"
    assert one[p11.CKA_VALUE].rstrip(b"\0") == b"AWS40123456789012345678901"
    again = desk.fails(f"import-key root own.json --scheme sigv4 --token {URI}")
    assert again == (5, "there is a key named root in the token vault", "a token's key is never replaced")
    assert len(desk.fake.objects) == 1


def test_import_key_says_what_is_in_the_token(desk: Desk) -> None:
    write_key(desk, scheme="HMAC-SHA256")
    told = json.loads(desk.ok(f"import-key own.json --json --token {URI}"))
    facts = {"sensitive": True, "extractable": False, "never_extractable": False}
    key = {"name": "AKX", "token": "vault", "kind": "access-key", "access_key_id": "AKX", "scheme": "HMAC-SHA256"}
    assert told == {"schema": "authkit.keys/v1", "keys": [{**key, **facts}]}
    (one,) = desk.fake.objects.values()
    assert one[p11.CKA_ID] == b"authkit-key/v1 secret AKX HMAC-SHA256 - -"


@pytest.mark.parametrize(
    ("members", "message", "hint"),
    [
        (
            {},
            "a key in a token is for one scheme, and this one is for any",
            "say which with --scheme, e.g. sigv4",
        ),
        (
            {"session_token": "t", "expires_at": "2026-11-23T20:00:00Z"},
            "a token has no place for a session token",
            "import the access key that the session came from",
        ),
        (
            {"secret": "", "secret_b64": "AAAA", "scheme": "AWS4-ECDSA-P256-SHA256"},
            "the key of AKX is SigV4a's, which a token does not make HMACs with",
            None,
        ),
    ],
)
def test_what_is_not_for_a_token(desk: Desk, members: dict[str, str], message: str, hint: "str | None") -> None:
    write_key(desk, **members)
    assert desk.fails(f"import-key root own.json --token {URI}") == (5, message, hint)
    assert desk.fake.pins == []


def test_a_pair_that_was_outside_is_not_put_in(desk: Desk) -> None:
    (desk.folder / "own.pem").write_bytes(Sample().pem)
    hint = "make it in the token instead: authkit keygen NAME --type p256 --token URI"
    message = "a key pair that was outside of the token is not put into it"
    assert desk.fails(f"import-key pair own.pem --token {URI}") == (5, message, hint)


@pytest.mark.parametrize(
    ("words", "option"),
    [
        ("import-key a own.json --force", "force"),
        ("import-key a own.json --unlock passphrase", "unlock"),
        ("import-key a own.json --no-passphrase", "no-passphrase"),
        ("import-key a own.json --store x", "store"),
        ("keygen a --output x", "output"),
        ("keygen a --count 2", "count"),
        ("keygen a --no-passphrase", "no-passphrase"),
        ("keygen a --store x", "store"),
        ("list-keys --expiring 3", "expiring"),
        ("list-keys --at 2026-11-23T00:00:00Z", "at"),
        ("delete-key a --store x", "store"),
        ("import-subkey a b --unprotected", "unprotected"),
        ("import-subkey a b --force", "force"),
        ("create-ca a --no-passphrase", "no-passphrase"),
        ("create-ca a --certificate x", "certificate"),
        ("show-identity a --issuer --no-passphrase", "no-passphrase"),
        ("show-identity --issuer --change-key", "change-key"),
        ("show-identity --issuer --change 1", "change"),
    ],
)
def test_options_that_do_not_go_with_a_token(desk: Desk, words: str, option: str) -> None:
    write_key(desk)
    if words.startswith("keygen a --output"):
        words = "keygen --output x"  # NAME and --output already exclude each other
        assert desk.run(f"{words} --token {URI}").code == 2
        return
    assert desk.fails(f"{words} --token {URI}") == (2, f"--{option} does not go with --token", None)


def test_token_is_of_an_issuer(desk: Desk) -> None:
    assert desk.fails(f"show-identity a --token {URI}") == (2, "--token is for --issuer", None)


@pytest.mark.parametrize(
    ("uri", "message", "hint"),
    [
        ("vault", "--token 'vault' is not a pkcs11: URI", "e.g. --token 'pkcs11:token=NAME'"),
        (
            "pkcs11:object=a",
            "--token names the token alone, without object= and id=",
            "the key's name is NAME",
        ),
        ("pkcs11:id=%01", "--token names the token alone, without object= and id=", "the key's name is NAME"),
    ],
)
def test_what_token_names(desk: Desk, uri: str, message: str, hint: str) -> None:
    assert desk.fails(f"keygen a --type p256 --token '{uri}'") == (2, message, hint)


def test_a_secret_that_the_token_makes(desk: Desk) -> None:
    done = desk.run(f"keygen own --scheme volc --use derive --token {URI}")
    id = done.stdout.decode().strip()
    assert done.stderr.decode().splitlines() == [
        "authkit: note: made as own in the token vault, which its secret never leaves",
        "authkit: note: name it with --key 'pkcs11:token=vault;object=own'",
    ]
    (one,) = desk.fake.objects.values()
    assert one[p11.CKA_ID] == f"authkit-key/v1 secret {id} HMAC-SHA256 - derive".encode()
    again = desk.fails(f"keygen own --scheme volc --token {URI}")
    assert again[:2] == (5, "there is a key named own in the token vault")


def test_a_secret_with_a_prefix_cannot_be_made(desk: Desk) -> None:
    message = "a key of AWS4-HMAC-SHA256 begins with 'AWS4', so no token can make one"
    hint = "make it outside, and put it there with authkit import-key --token"
    assert desk.fails(f"keygen own --token {URI}") == (5, message, hint)


def test_keygen_needs_a_name(desk: Desk) -> None:
    assert desk.fails(f"keygen --type p256 --token {URI}")[:2] == (2, "a NAME in the store is missing")


# ----------------------------------------------------------------------------------------------------------- key pairs


def test_a_pair_that_the_token_makes(desk: Desk) -> None:
    done = desk.run(f"keygen pair --type p256 --token '{URI}?module-path=/own.so'")
    first, second, *_ = done.stdout.decode().splitlines()
    assert (first[:12], second) == ("p256 SHA256:", "-----BEGIN PUBLIC KEY-----")
    assert done.stderr.decode().splitlines() == [
        "authkit: note: made in the token vault, which it never leaves",
        "authkit: note: name it with --key 'pkcs11:token=vault;object=pair?module-path=/own.so'",
    ]
    signed = desk.run(f"sign http --scheme rfc9421 --key 'a={URI};object=pair' --at {NOW} head.http")
    assert signed.code == 0, signed.stderr.decode()


def test_keys_of_a_token_are_listed(desk: Desk) -> None:
    assert desk.run(f"list-keys --token {URI}").triple == ("", "authkit: note: the token vault holds no key\n", 0)
    write_key(desk)
    desk.ok(f"keygen pair --type ed25519 --token {URI}")
    desk.ok(f"import-key root own.json --use derive --scheme sigv4 --token {URI}")
    desk.ok(f"import-key sign own.json --scheme sigv4 --token {URI}")
    with_id(desk, "theirs", b"\x07")
    with_id(desk, "strange", format_held(Held(SUBKEY, "AKX", "OTHER", scope="20261123")))
    shown = json.loads(desk.ok(f"list-keys --json --token {URI}"))["keys"]
    facts = {"sensitive": True, "extractable": False, "never_extractable": False}
    pair, root, sign, strange, theirs = shown
    assert pair["never_extractable"]
    assert {name: pair[name] for name in ("name", "kind", "type")} == {
        "name": "pair",
        "kind": "key-pair",
        "type": "ed25519",
    }
    assert set(pair) - set(facts) == {"name", "token", "kind", "id", "type", "fingerprint", "public_key"}
    own = {"token": "vault", "access_key_id": "AKX", "scheme": "AWS4-HMAC-SHA256"}
    assert root == {"name": "root", "kind": "access-key", **own, "use": "derive", **facts}
    assert sign == {"name": "sign", "kind": "access-key", **own, **facts}
    expected = {"name": "strange", "kind": "subkeys", **own, "scheme": "OTHER", "scope": "20261123", **facts}
    assert strange == expected
    assert theirs == {"name": "theirs", "token": "vault", "kind": "unknown", "id": "07", **facts}
    rows = [line.split() for line in desk.ok(f"list-keys --token {URI}").splitlines()]
    assert rows[0] == ["NAME", "KIND", "ID", "GOOD", "FOR", "STATE"]
    assert [row[:2] for row in rows[1:]] == [
        ["pair", "key-pair"],
        ["root", "access-key"],
        ["sign", "access-key"],
        ["strange", "subkeys"],
        ["theirs", "unknown"],
    ]
    assert [" ".join(row[3:]) for row in rows[1:]] == [
        "ed25519 never outside",
        "derives only was outside once",
        "AWS4-HMAC-SHA256 was outside once",
        "20261123 was outside once",
        "was outside once",
    ]
    assert rows[1][2] == pair["fingerprint"][:16]
    alone = desk.ok(f"list-keys --token '{URI};object=sign'").splitlines()
    assert [line.split()[0] for line in alone] == ["NAME", "sign"]


def with_id(desk: Desk, name: str, id: bytes, **more: bool) -> None:
    """Put a key into the token as another program might."""
    kept = {p11.CKA_SENSITIVE: True, p11.CKA_EXTRACTABLE: False, p11.CKA_NEVER_EXTRACTABLE: False}
    attributes = {p11.CKA_TOKEN: True, p11.CKA_CLASS: p11.CKO_SECRET_KEY, p11.CKA_LABEL: name, p11.CKA_ID: id}
    attributes |= {p11.CKA_VALUE: b"k" * 32, p11.CKA_SIGN: True}
    desk.fake.add({**kept, **attributes, **{p11.CKA[name]: value for name, value in more.items()}})


@pytest.mark.parametrize("more", [{"CKA_EXTRACTABLE": True}, {"CKA_SENSITIVE": False}])
def test_a_key_that_can_be_taken_out_is_called_so(desk: Desk, more: dict[str, bool]) -> None:
    with_id(desk, "theirs", b"7", **more)
    assert desk.ok(f"list-keys --token {URI}").splitlines()[1].endswith("can be taken out")


def test_a_pair_without_its_public_half_is_listed(desk: Desk) -> None:
    desk.ok(f"keygen pair --type p256 --token {URI}")
    del desk.fake.objects[1]
    (one,) = json.loads(desk.ok(f"list-keys --json --token {URI}"))["keys"]
    assert one["error"] == "the token vault does not hold the public half of the key pair"
    assert desk.ok(f"list-keys --token {URI}").splitlines()[1].split()[:3] == ["pair", "key-pair", one["id"][:16]]


def test_delete_key(desk: Desk) -> None:
    desk.ok(f"keygen pair --type p256 --token {URI}")
    desk.ok(f"keygen other --type p256 --token {URI}")
    none = (4, "no key named gone in the token vault", None)
    assert desk.fails(f"delete-key gone --yes --token {URI}") == none
    told = "destroy pair in the token vault for good; type its name:"
    assert desk.fails(f"delete-key pair --token {URI}", Terminal([(told, "other\n")])) == (5, "not confirmed", None)
    assert len(desk.fake.objects) == 4
    assert desk.run(f"delete-key pair --token {URI}", Terminal([(told, "pair\n")])).triple == ("", "", 0)
    assert len(desk.fake.objects) == 2
    shown = json.loads(desk.ok(f"delete-key other --yes --json --token {URI}"))
    assert shown == {"schema": "authkit.deleted/v1", "name": "other"}
    assert desk.fake.objects == {}


def test_create_csr(desk: Desk) -> None:
    desk.ok(f"keygen pair --type p384 --token {URI}")
    assert "key:   p384" in desk.ok(f"create-csr ada --email ada@example.com --key '{URI};object=pair'")
    desk.ok(f"keygen pair2 --type p256 --token {URI}")
    several = (2, "the URI names 2 private keys", "add object=NAME or id=: pair, pair2")
    assert desk.fails(f"create-csr bob --email bob@example.com --key {URI}") == several
    none = (4, "no such private key in the token vault", None)
    assert desk.fails(f"create-csr bob --email bob@example.com --key '{URI};object=x'") == none


# ------------------------------------------------------------------------------------------------------------- subkeys


def write_subkeys(desk: Desk, days: int, first: str = "20261123", name: str = "w.subkeys") -> None:
    words = f"derive-subkey --key file:own.json --scope us-east-1/s3 --date {first} --days {days} --force -o {name}"
    desk.ok(words)


def take(name: str = "week", file: str = "w.subkeys") -> str:
    return f"import-subkey {name} {file} --expect-id AKX --token {URI}"


def test_subkeys_are_put_in_once(desk: Desk) -> None:
    write_key(desk)
    write_subkeys(desk, 2)
    done = desk.run(take())
    notes = [
        f"stored as week in the token vault: 2 keys; {OUTSIDE}",
        "name it with --key 'pkcs11:token=vault;object=week'",
        "the key is still in w.subkeys too: delete that file if you do not need it",
    ]
    assert done.triple == ("AKX\n", "".join([f"authkit: note: {note}\n" for note in notes]), 0)
    desk.ok(take())
    assert len(desk.fake.objects) == 2
    write_subkeys(desk, 1, "20261125")
    assert ": 1 key; " in desk.run(take()).stderr.decode()
    assert len(desk.fake.objects) == 3
    shown = json.loads(desk.ok(f"list-keys --json --token {URI}"))["keys"]
    assert [one["dangerous_until"] for one in shown] == [f"2026-{day}T23:59:59Z" for day in ("11-30", "12-01", "12-02")]
    row = desk.ok(f"list-keys --token {URI}").splitlines()[1]
    assert row.endswith("20261123/us-east-1/s3/aws4_request  was outside once; dangerous until 2026-11-30T23:59:59Z")
    words = f"sign url --key '{URI};object=week' --at {NOW} https://b.s3.amazonaws.com/x"
    assert desk.ok(words) == desk.ok(
        f"sign url --key file:own.json --at {NOW} --region us-east-1 {words[words.index('https') :]}"
    )


def test_another_key_for_a_scope_that_is_there(desk: Desk) -> None:
    write_key(desk)
    write_subkeys(desk, 1, "20261124")
    desk.ok(take())
    write_key(desk, secret="another secret of this ID")
    write_subkeys(desk, 3)
    message = "week in the token vault has another key for 20261124/us-east-1/s3/aws4_request"
    assert desk.fails(take()) == (5, message, None)
    assert len(desk.fake.objects) == 1  # what was put in before it was found is taken out


def test_a_token_that_fails_on_the_way_holds_none_of_them(desk: Desk) -> None:
    write_key(desk)
    write_subkeys(desk, 3)
    calls = iter([None, None, p11.CKR_DEVICE_MEMORY])
    really = desk.fake.fail

    def fail(name: str) -> None:
        answer = next(calls) if name == "createObject" else None
        if answer is not None:
            raise p11.PyKCS11Error(answer)
        really(name)

    desk.fake.fail = fail  # type: ignore[method-assign]
    message = "the token vault, asked to take a key, answers CKR_DEVICE_MEMORY"
    assert desk.fails(take()) == (6, message, None)
    assert desk.fake.objects == {}


def test_another_key_of_that_name(desk: Desk) -> None:
    write_key(desk)
    write_subkeys(desk, 1)
    desk.ok(f"import-key week own.json --scheme sigv4 --token {URI}")
    with_id(desk, "theirs", b"7")
    for name in ("week", "theirs"):
        message = f"there is another key named {name} in the token vault"
        assert desk.fails(take(name)) == (5, message, "choose another name")


def test_subkeys_of_a_session(desk: Desk) -> None:
    write_key(desk, session_token="t", expires_at="2026-11-23T20:00:00Z")
    write_subkeys(desk, 1)
    message = "a token has no place for a session token"
    assert desk.fails(take()) == (5, message, "keep these subkeys in the store")


def test_a_response_is_taken_into_a_token(desk: Desk) -> None:
    words = f"import-subkey answer.age --at 2026-11-23T09:00:00Z --token {URI}"
    done = desk.run(words, AUTHKIT_STORE="asking")
    assert (done.code, done.stdout) == (0, b"AKIDEXAMPLE\n"), done.stderr.decode()
    notes = done.stderr.decode().splitlines()
    assert notes[0].startswith("authkit: note: response 1 of vault (SHA256:")
    assert notes[1] == f"authkit: note: stored as build in the token vault: 1 key; {OUTSIDE}"
    (one,) = desk.fake.objects.values()
    scope = b"20261123/us-east-1/s3/aws4_request"
    assert one[p11.CKA_ID] == b"authkit-key/v1 subkey AKIDEXAMPLE AWS4-HMAC-SHA256 " + scope
    assert "build" not in [
        row["name"] for row in json.loads(desk.ok("list-keys --json", AUTHKIT_STORE="asking"))["keys"]
    ]
    again = desk.fails(words, AUTHKIT_STORE="asking")
    assert (again[0], "(replayed" in again[1]) == (5, True)


def test_a_response_that_cannot_be_kept_is_no_line_of_the_ledger(desk: Desk) -> None:
    words = f"import-subkey answer.age --at 2026-11-23T09:00:00Z --token {URI}"
    desk.fake.faults["createObject"] = [p11.CKR_DEVICE_MEMORY]
    message = "the token vault, asked to take a key, answers CKR_DEVICE_MEMORY"
    assert desk.fails(words, AUTHKIT_STORE="asking") == (6, message, None)
    assert desk.fake.objects == {}
    assert desk.run(words, AUTHKIT_STORE="asking").code == 0


# ----------------------------------------------------------------------------------------------- what a store refers to


def test_a_ca_in_a_token(desk: Desk) -> None:
    desk.store()
    assert "name:        home" in desk.ok(f"create-ca home --token {URI}")
    assert "valid until" in desk.ok(f"create-ca below --parent home --token {URI} --key-type p384")
    assert "files:       eve.key eve.pem" in desk.ok("issue-cert eve --ca below --email ada@example.com")
    inside = (5, "the key home is in a token and does not leave it", None)
    assert desk.fails("export-key home -o x") == inside
    signed = desk.run(f"sign http --scheme rfc9421 --key a=home --at {NOW} head.http")
    assert signed.code == 0, signed.stderr.decode()
    assert b"its key is still in the token vault:" in desk.run("delete-key below --yes").stderr
    (home,) = json.loads(desk.ok("list-keys --json"))["keys"]
    assert (home["token"], "passphrase" in home) == ("vault", False)
    used = desk.fails(f"create-ca home --token {URI}")
    assert used[:2] == (5, "there is a key named home")


def test_a_ca_whose_key_in_the_token_is_another(desk: Desk) -> None:
    desk.store()
    desk.ok(f"create-ca home --token {URI}")
    desk.ok(f"delete-key home --yes --token {URI}")
    assert desk.fails("issue-crl --ca home -o x.crl")[:2] == (4, "no such private key in the token vault")
    desk.ok(f"keygen home --type p256 --token {URI}")
    message = "the key of the CA home in its token is not the one of its certificate"
    assert desk.fails("issue-crl --ca home -o x.crl") == (6, message, None)


def test_a_ca_with_a_parent_elsewhere(desk: Desk) -> None:
    desk.store()
    desk.ok(f"create-ca below --csr below.csr --token {URI}")
    (desk.folder / "below.csr").unlink()
    desk.ok("create-ca below --csr below.csr")
    desk.ok(f"create-ca root --token {URI}")
    desk.ok("issue-cert made --profile intermediate --csr below.csr --common-name below --ca root --out made")
    root = desk.ok("export-cert root")
    (desk.folder / "root.pem").write_text(root)
    desk.ok("create-ca below --certificate made/made.pem --certificate root.pem")
    assert json.loads(desk.ok("list-keys --json"))["keys"][0]["token"] == "vault"
    assert "eve.pem" in desk.ok("issue-cert eve --ca below --email ada@example.com")


@pytest.mark.parametrize("words", ["create-ca home --days 0", "create-ca below --parent home --path-length 9"])
def test_a_ca_that_does_not_come_about_leaves_no_key(desk: Desk, words: str) -> None:
    desk.store()
    desk.ok("create-ca home --no-passphrase") if "parent" in words else None
    assert desk.run(f"{words} --token {URI}").code != 0
    assert desk.fake.objects == {}


def test_a_ca_that_cannot_be_kept_leaves_no_key(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from authkit.errors import StoreError
    from authkit.stores.folder import FolderStore

    desk.store()

    def put(*_: object, **__: object) -> None:
        raise StoreError("the disk is full")

    monkeypatch.setattr(FolderStore, "put", put)
    for words in ("create-ca home", "create-ca home2 --csr home.csr"):
        assert desk.fails(f"{words} --token {URI}") == (6, "the disk is full", None)
        assert desk.fake.objects == {}


def test_an_issuer_in_a_token(desk: Desk) -> None:
    desk.store()
    shown = desk.ok(f"show-identity --issuer vault --token {URI}")
    assert shown == desk.ok("show-identity --issuer")
    assert json.loads(desk.ok("list-keys --json"))["keys"][0]["token"] == "vault"
    write_key(desk)
    recipient = json.loads(desk.ok("show-identity web --json"))["recipient"]
    words = f"derive-subkey --key file:own.json --scope us-east-1/s3 --to {recipient} -o sealed.age"
    desk.ok(words)
    before = desk.fake.signed
    assert before > 0
    inside = (5, "the key authkit-issuer is in a token and does not leave it", None)
    assert desk.fails("export-key authkit-issuer -o x") == inside


# ------------------------------------------------------------------------------------------------------------- the PIN


def test_the_pin_of_a_file(desk: Desk) -> None:
    desk.ok(f"list-keys --token {URI}")
    assert desk.fake.pins == [PIN]
    other = desk.folder / "other"
    other.write_bytes(PIN)
    other.chmod(0o600)
    desk.ok(f"list-keys --token '{URI}?pin-source=file:{other}'", AUTHKIT_PIN_FILE="/nonexistent")
    other.write_bytes(PIN + b"\r\n")
    desk.ok(f"list-keys --token '{URI}?pin-source={other}'")
    assert desk.fake.pins == [PIN] * 3
    other.write_bytes(b"\n")
    assert desk.fails(f"list-keys --token '{URI}?pin-source={other}'") == (3, f"the PIN file {other} is empty", None)
    other.chmod(0o644)
    assert desk.fails(f"list-keys --token '{URI}?pin-source={other}'")[0] == 5
    gone = desk.fails(f"list-keys --token {URI}", AUTHKIT_PIN_FILE="/nonexistent")
    assert gone[:2] == (3, "no such file: /nonexistent")
    assert desk.fake.pins == [PIN] * 3


def test_the_pin_is_typed(desk: Desk) -> None:
    typed = Terminal([("PIN of the token vault:", "31415926\n")])
    done = desk.run(f"list-keys --token {URI}", typed, AUTHKIT_PIN_FILE="")
    assert (done.code, done.terminal) == (0, "PIN of the token vault: \n")
    assert desk.fake.pins == [PIN]
    none = (5, "there is no terminal to ask for a PIN", "name a file in $AUTHKIT_PIN_FILE")
    assert desk.fails(f"list-keys --token {URI}", AUTHKIT_PIN_FILE="") == none
    empty = desk.fails(f"list-keys --token {URI}", Terminal([("vault:", "\n")]), AUTHKIT_PIN_FILE="")
    assert empty[:2] == (5, "no PIN was given")


def test_a_wrong_pin_is_never_tried_twice(desk: Desk) -> None:
    wrong = desk.folder / "wrong"
    wrong.write_bytes(b"wrong")
    wrong.chmod(0o600)
    hint = "it was tried once; a token locks after a few wrong ones"
    failed = desk.fails(f"list-keys --token {URI}", AUTHKIT_PIN_FILE=str(wrong))
    assert failed == (6, "the PIN of the token vault is wrong", hint)
    desk.fake.info.flags = LOGIN | p11.CKF_USER_PIN_COUNT_LOW
    message = f"the PIN tried last on the token vault was wrong, so the one in {wrong} is not tried"
    refused = (6, message, "type it once on the terminal, without the file")
    for words in (f"list-keys --token {URI}", f"sign url --key '{URI};object=a' https://x.test/"):
        assert desk.fails(words, AUTHKIT_PIN_FILE=str(wrong)) == refused
    assert desk.fake.pins == [b"wrong"]
    done = desk.run(f"list-keys --token {URI}", Terminal([("vault:", "31415926\n")]), AUTHKIT_PIN_FILE="")
    assert "warning: the PIN tried last on the token vault was wrong, and some more lock it" in done.stderr.decode()
    assert desk.fake.pins == [b"wrong", PIN]


def test_a_batch_stays_in_one_process(desk: Desk) -> None:
    write_key(desk)
    desk.ok(f"import-key sign own.json --scheme sigv4 --token {URI}")
    desk.ok(f"keygen pair --type p256 --token {URI}")
    lines = "".join(
        [json.dumps({"method": "GET", "url": f"https://x.test/{i}", "headers": []}) + "\n" for i in range(3)]
    )
    (desk.folder / "batch").write_text(lines)
    words = f"--at {NOW} --region us-east-1 --service s3 batch"
    assert desk.ok(f"sign batch --key '{URI};object=sign' {words}") == desk.ok(
        f"sign batch --key file:own.json {words}"
    )


METHODS = (
    "openSession",
    "login",
    "findObjects",
    "getAttributeValue",
    "createObject",
    "destroyObject",
    "sign",
    "deriveKey",
)
MAKING = ("generateKey", "generateKeyPair")


@pytest.mark.parametrize("hkdf", [False, True])
@pytest.mark.parametrize(
    "words",
    [
        f"import-key new own.json --scheme sigv4 --token {URI}",
        f"import-subkey new w.subkeys --expect-id AKX --token {URI}",
        f"keygen new --type p256 --token {URI}",
        f"keygen new --scheme volc --token {URI}",
        f"list-keys --token {URI}",
        f"create-ca new --token {URI}",
        f"create-csr new --email new@example.com --key '{URI};object=pair'",
        f"sign url --key '{URI};object=sign' --region us-east-1 --service s3 --at {NOW} https://x.test/",
        f"derive-subkey --key '{URI};object=sign' --scope us-east-1/s3 --date 20261123 --format hex",
    ],
)
def test_whatever_call_fails_the_error_is_one_line_and_nothing_is_left(
    words: str, hkdf: bool, desk: Desk, fake: FakeToken
) -> None:
    fake.hkdf = hkdf
    write_key(desk)
    write_subkeys(desk, 2)
    desk.store()
    desk.ok(f"import-key sign own.json --scheme sigv4 --token {URI}")
    desk.ok(f"keygen pair --type p256 --token {URI}")
    before, really = set(fake.objects), fake.fail
    failed = 0
    for method in (*METHODS, *MAKING):
        count = 0
        while True:
            left = iter(range(count + 1))

            def fail(name: str, method: str = method, left: Iterator[int] = left) -> None:
                if name == method and next(left, None) == count:  # noqa: B023
                    raise p11.PyKCS11Error(p11.CKR_DEVICE_ERROR)
                really(name)

            fake.fail = fail  # type: ignore[method-assign]
            done = desk.run(words)
            fake.fail = really  # type: ignore[method-assign]
            if done.code == 0:
                break
            desk._forget()
            lines = [line for line in done.stderr.decode().splitlines() if not line.startswith("authkit: note: ")]
            assert lines[0].startswith("authkit: error: the token vault, asked "), lines
            assert lines[0].endswith(" answers CKR_DEVICE_ERROR")
            assert (done.code, len(lines)) == (6, 1)
            assert words.startswith("list-keys") or done.stdout == b""
            left_behind = [one[p11.CKA_LABEL] for number, one in fake.objects.items() if number not in before]
            assert left_behind == [] or method == "destroyObject", (method, count)
            for number in set(fake.objects) - before:
                del fake.objects[number]
            count += 1
            failed += 1
        for number in set(fake.objects) - before:
            del fake.objects[number]
        for path in (desk.folder / "own" / "keys").glob("new*"):
            path.unlink()
        for path in [*desk.folder.glob("new.*"), *(desk.folder / "own").glob("ledgers/*")]:
            path.unlink()
    assert failed >= 3
