"""Does NSS's softoken keep the whole chain of a derivation, and does what it signs equal what software signs?"""

import json
from pathlib import Path

import pytest

from interop.program import Authkit
from interop.test_softhsm import AT, DATE_KEY, SCOPE, done, error, in_store, key_file, openssl
from interop.tokens import Hsm, softoken


@pytest.fixture
def nss(home: Path) -> Hsm:
    return softoken(home)


def test_the_whole_chain_stays_in_the_token(authkit: Authkit, home: Path, nss: Hsm) -> None:
    key = key_file(home)
    done(authkit("import-key", "k1", key, "--token", nss.uri))
    words = ("sign", "url", *AT, *SCOPE, "https://bucket.example.com/a?b=1", "--key")
    assert done(authkit(*words, nss.key("k1"))) == done(authkit(*words, f"file:{key}"))
    url = done(authkit(*words, nss.key("k1"))).decode().strip()
    assert authkit("verify-signature", url, *AT, *SCOPE, "--key", nss.key("k1")).code == 0


@pytest.mark.parametrize("days", ["1", "31", "365"])
def test_a_master_derives_what_it_derives_in_memory(authkit: Authkit, home: Path, nss: Hsm, days: str) -> None:
    key = key_file(home, use="derive")
    done(authkit("import-key", "m1", key, "--token", nss.uri))
    words = ("derive-subkey", "--date", "20261123", "--days", days, "--long", "--format", "hex")
    for wanted in (("--level", "date"), ("--scope", "us-east-1/s3", "--scope", "eu-west-1/sqs")):
        made = done(authkit(*words, *wanted, "--key", nss.key("m1")))
        assert made == done(authkit(*words, *wanted, "--key", f"file:{key}"))
    if days == "1":
        date_key = authkit(*words, "--level", "date", "--key", nss.key("m1"))
        assert done(date_key).decode().strip() == DATE_KEY


def test_no_key_of_the_chain_can_be_read(home: Path, nss: Hsm) -> None:
    import PyKCS11 as p11

    from authkit.keys.token_uri import parse_token_uri
    from authkit.stores.pkcs11 import open_token
    from authkit.stores.token_mac import ChildKey, TokenKey

    token = open_token(parse_token_uri(nss.uri), None)
    token.login(lambda one, tried: (home / "pin").read_bytes().rstrip(b"\n"), writing=True)
    assert token.chains()
    found = token.put_secret("m", b"id", b"AWS4secret")
    key: TokenKey = TokenKey(token, found.handle, "m")
    session = token._session
    for part in (b"20261123", b"us-east-1", b"s3", b"aws4_request"):
        child = key.derived(part)
        assert isinstance(child, ChildKey)
        key = child
        names = [p11.CKA_VALUE, p11.CKA_SENSITIVE, p11.CKA_EXTRACTABLE, p11.CKA_DERIVE, p11.CKA_TOKEN]
        assert session.getAttributeValue(key.handle(), names) == [None, True, False, False, False]
    assert session.getAttributeValue(found.handle, [p11.CKA_VALUE, p11.CKA_DERIVE]) == [None, False]
    token.destroy(found)
    session.closeSession()


def test_key_pairs_in_the_token_sign(authkit: Authkit, home: Path, nss: Hsm) -> None:
    request = b"GET /a HTTP/1.1\r\nHost: x.test\r\n\r\n"
    for type in ("p256", "p384", "rsa3072"):
        made = json.loads(done(authkit("keygen", type, "--type", type, "--token", nss.uri, "--json")))["keys"][0]
        (home / f"{type}.pem").write_text(made["public_key"])
        signed = authkit("sign", "http", "--scheme", "rfc9421", *AT, "--key", f"a={nss.key(type)}", "-", stdin=request)
        check = ("verify-signature", "--scheme", "rfc9421", *AT, "--authority", "x.test", "-", "--key")
        assert authkit(*check, f"a=file:{type}.pem", stdin=done(signed)).code == 0
    refused = authkit("keygen", "e", "--type", "ed25519", "--token", nss.uri)
    assert error(refused) == (
        6,
        "the token NSS Certificate DB, asked to make a key pair, answers CKR_MECHANISM_INVALID",
    )


def test_openssl_verifies_what_a_ca_in_the_token_issues(authkit: Authkit, home: Path, nss: Hsm) -> None:
    env = in_store(home, "store")
    done(authkit("create-ca", "roots", "--token", nss.uri, "--key-type", "p384", env=env))
    done(authkit("issue-cert", "ada", "--email", "ada@example.com", env=env))
    (home / "roots.pem").write_bytes(done(authkit("export-cert", "roots", env=env)))
    assert openssl(home, "verify", "-purpose", "sslclient", "-CAfile", "roots.pem", "ada.pem") == "ada.pem: OK\n"


def test_the_list_says_what_was_outside(authkit: Authkit, home: Path, nss: Hsm) -> None:
    done(authkit("import-key", "m1", key_file(home, use="derive"), "--token", nss.uri))
    done(authkit("keygen", "g", "--scheme", "volc", "--token", nss.uri))
    rows = done(authkit("list-keys", "--token", nss.uri)).decode().splitlines()[1:]
    assert [row.split("  ")[-1].strip() for row in rows] == ["never outside", "was outside once"]
