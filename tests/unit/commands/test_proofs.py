"""Do the options of the two proofs demand what they say, and refuse what would demand nothing?"""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import Encoding

from castore import CaStore, refusal

ID = "AKIDEXAMPLE"
KEY = (
    f'{{"schema": "authkit.access-key/v1", "access_key_id": "{ID}", '
    '"secret": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}\n'
)
MESSAGE = "POST /transfer?to=bob HTTP/1.1\r\nHost: api.example.com\r\nContent-Length: 3\r\n\r\nten"
OWN = "--key file:key.json --region us-east-1 --service s3"
HEADER = "--client-cert-header ssl-client-cert"


class Desk(CaStore):
    """A CA, Ada's and Bob's certificates, a scoped one of Ada's, an access key and a request."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.make_ca("home", "--sign-requests")
        self.ok("issue-cert ada --ca home --email ada@example.com")
        self.ok("issue-cert bob --ca home --uri urn:example:bob")
        self.ok("issue-cert day --ca home --profile scoped --scope 20261124/us-east-1/s3 --email ada@example.com")
        self.write("root.pem", self.ok("export-cert home", at=None))
        self.write("key.json", KEY)
        self.write("request.http", MESSAGE)

    def certificate(self, name: str) -> x509.Certificate:
        return x509.load_pem_x509_certificates((self.path / f"{name}.pem").read_bytes())[0]

    def fingerprint(self, name: str) -> str:
        return sha256(self.certificate(name).public_bytes(Encoding.DER)).hexdigest()

    def forwarded(self, name: str) -> str:
        """The header in which nginx forwards a certificate."""
        text = self.certificate(name).public_bytes(Encoding.PEM).decode()
        return f"ssl-client-cert: {quote(text, safe='')}"

    def sign(self, words: str, *lines: str, file: str = "signed.http") -> str:
        """Sign the request, as it then reaches a verifier behind a proxy that adds *lines*."""
        text = self.ok(f"sign http {words} request.http").replace(
            "\r\n\r\n", "".join(["\r\n", *[f"{line}\r\n" for line in lines], "\r\n"]), 1
        )
        self.write(file, text)
        return text

    def bound(self, name: str = "ada", *lines: str) -> str:
        return self.sign(f"{OWN} --bind-certificate {name}.pem", *lines)

    def own(self, name: str = "ada", *lines: str, words: str = "") -> str:
        return self.sign(f"--scheme rfc9421 --key file:{name}.key --certificate {name}.pem {words}", *lines)

    def judge(self, words: str) -> "dict[str, Any]":
        done = self.run(f"verify-signature signed.http --authority api.example.com {words} --json")
        assert done.stderr == b"", done.triple
        said: dict[str, Any] = json.loads(done.stdout)
        assert done.code == {"valid": 0, "cannot-check": 4}.get(said["verdict"], 1)
        return said

    def reason(self, words: str) -> str:
        return str(self.judge(words)["reason"])


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_certificate_s_key_signs(desk: Desk) -> None:
    text = desk.own("ada", desk.forwarded("ada"))
    assert "Authkit-" not in text
    said = desk.judge(f"{HEADER} --trust-anchor root.pem")
    assert (said["verdict"], said["scheme"], said["warnings"]) == (
        "valid",
        "rfc9421",
        ["identity-not-compared", "revocation-not-checked"],
    )
    assert (said["certificate"], said["identity"]) == (desk.fingerprint("ada"), ["email:ada@example.com"])
    desk.ok("issue-crl --ca home -o home.crl")
    more = "--crl home.crl --allow-identity urn:example:bob --allow-identity email:ada@example.com"
    said = desk.judge(f"{HEADER} --trust-anchor root.pem {more}")
    assert (said["verdict"], said["warnings"]) == ("valid", [])
    assert desk.reason(f"{HEADER} --trust-anchor root.pem --allow-identity urn:example:bob") == "identity-mismatch"
    assert desk.reason("--trust-anchor root.pem") == "client-cert-missing"
    desk.ok("revoke-cert ada --ca home")
    desk.ok("issue-crl --ca home -o home.crl --force")
    assert desk.reason(f"{HEADER} --trust-anchor root.pem {more}") == "certificate-revoked"


def test_one_that_the_client_sends_itself(desk: Desk) -> None:
    text = desk.own("ada", words="--send-certificate")
    assert '"authkit-certificate"' in text
    assert desk.reason("--trust-anchor root.pem --allow-identity email:ada@example.com") == "ok"
    assert desk.reason(f"{HEADER} --trust-anchor root.pem") == "client-cert-ambiguous"
    assert desk.reason("--certificate ada.pem --trust-anchor root.pem") == "client-cert-ambiguous"
    assert desk.reason("--trust-anchor bob.pem") == "certificate-untrusted"
    desk.write("signed.http", text.replace('"authkit-certificate"', '"host"'))
    assert desk.reason("--trust-anchor root.pem") == "client-cert-not-covered"


def test_one_that_the_verifier_has(desk: Desk) -> None:
    desk.own("ada")
    assert desk.reason("--certificate ada.pem --trust-anchor root.pem") == "ok"
    assert desk.reason("--certificate bob.pem --trust-anchor root.pem") == "client-cert-mismatch"


def test_a_scoped_one(desk: Desk) -> None:
    desk.own("day", words="--send-certificate")
    own = "--trust-anchor root.pem --region us-east-1 --service s3"
    said = desk.judge(f"{own} --require-scope --allow-identity ada@example.com")
    assert (said["verdict"], said["certificate_scope"]) == ("valid", "20261124/us-east-1/s3")
    assert said["warnings"] == ["revocation-not-checked"]
    assert desk.reason(own.replace("s3", "sqs")) == "scope-service"
    assert desk.reason(own.replace("us-east-1", "eu-1")) == "scope-region"
    assert desk.judge("--trust-anchor root.pem")["verdict"] == "cannot-check"
    assert desk.reason("--trust-anchor root.pem --region us-east-1") == "scope-not-compared"
    desk.own("ada", words="--send-certificate")
    plain = ["identity-not-compared", "revocation-not-checked"]
    assert desk.judge(own)["warnings"] == [*plain, "scope-not-compared"]
    assert desk.judge("--trust-anchor root.pem --service s3")["warnings"] == [*plain, "scope-not-compared"]
    assert desk.judge("--trust-anchor root.pem")["warnings"] == plain
    assert desk.reason(f"{own} --require-scope") == "scope-required"


def test_an_access_key_is_bound(desk: Desk) -> None:
    text = desk.bound("ada", desk.forwarded("ada"))
    assert "SignedHeaders=authkit-client-cert;content-length;host;" in text
    for bound in (desk.fingerprint("ada"), f"sha256:{desk.fingerprint('ada').upper()}"):
        assert desk.reason(f"{OWN} {HEADER} --bind {ID}={bound}") == "ok"
    san = f"{OWN} {HEADER} --trust-anchor root.pem --bind {ID}="
    assert desk.reason(f"{san}email:ada@example.com") == "ok"
    assert desk.reason(f"{san}urn:example:bob --bind {ID}={desk.fingerprint('ada')}") == "ok"
    assert desk.reason(f"{san}urn:example:bob") == "client-cert-unbound"
    assert desk.reason(f"{OWN} {HEADER} --bind {ID}={desk.fingerprint('bob')}") == "client-cert-unbound"
    assert desk.reason(f"{OWN} --certificate ada.pem --bind {ID}={desk.fingerprint('ada')}") == "ok"
    assert desk.reason(f"{OWN} --certificate bob.pem --bind {ID}={desk.fingerprint('ada')}") == "client-cert-mismatch"
    anchored = f"{OWN} {HEADER} --trust-anchor bob.pem --bind {ID}={desk.fingerprint('ada')}"
    assert desk.reason(anchored) == "certificate-untrusted"
    assert desk.judge(OWN)["warnings"] == ["client-cert-not-compared"]
    desk.write("other.json", KEY.replace(ID, "OTHER"))
    others = f"{OWN} --key file:other.json {HEADER} --bind OTHER={desk.fingerprint('ada')}"
    assert desk.judge(others)["warnings"] == ["client-cert-not-compared"]


def test_and_nothing_but_the_right_certificate_comes_with_it(desk: Desk) -> None:
    demand = f"{OWN} {HEADER} --bind {ID}={desk.fingerprint('ada')}"
    desk.bound("ada")
    assert desk.reason(demand) == "client-cert-missing"
    desk.bound("ada", desk.forwarded("bob"))
    assert desk.reason(demand) == "client-cert-mismatch"
    desk.bound("bob", desk.forwarded("bob"))
    assert desk.reason(demand) == "client-cert-unbound"
    desk.sign(OWN, desk.forwarded("ada"))
    assert desk.reason(demand) == "client-cert-required"
    text = desk.bound("ada", desk.forwarded("ada"))
    desk.write("signed.http", text.replace("Authkit-Client-Cert: sha-256", "Authkit-Client-Cert: sha-512"))
    assert desk.reason(demand) == "signature-mismatch"
    desk.sign(f"{OWN} --bind-certificate ada.pem --no-sign-header Authkit-Client-Cert", desk.forwarded("ada"))
    assert desk.reason(demand) == "client-cert-required"


def test_an_hmac_key_of_rfc_9421_is_bound_too(desk: Desk) -> None:
    desk.ok("derive-subkey --key file:key.json --region us-east-1 --service s3 --date 2026-11-24 -o day.subkeys")
    sign = "--scheme rfc9421 --key file:day.subkeys --bind-certificate"
    verify = f"--scheme rfc9421 --key file:day.subkeys --region us-east-1 --service s3 {HEADER} --bind {ID}="
    assert '"authkit-client-cert"' in desk.sign(f"{sign} ada.pem", desk.forwarded("ada"))
    assert desk.reason(f"{verify}{desk.fingerprint('ada')}") == "ok"
    assert desk.reason(f"{verify}{desk.fingerprint('bob')}") == "client-cert-unbound"
    desk.sign(f"{sign} ada.pem", desk.forwarded("bob"))
    assert desk.reason(f"{verify}{desk.fingerprint('ada')}") == "client-cert-mismatch"
    desk.sign("--scheme rfc9421 --key file:day.subkeys", desk.forwarded("ada"))
    assert desk.reason(f"{verify}{desk.fingerprint('ada')}") == "client-cert-required"


ANCHOR = ("there is no trust anchor", "name one with --trust-anchor FILE")
USAGE: "dict[str, tuple[str, str, str | None]]" = {
    "no anchor": (HEADER, *ANCHOR),
    "no anchor for an identity": ("--allow-identity email:a@b", *ANCHOR),
    "no anchor for a scope": ("--require-scope", *ANCHOR),
    "two sources": (
        f"{HEADER} --certificate ada.pem --trust-anchor root.pem",
        "--client-cert-header and --certificate name two certificates",
        "give one of the two",
    ),
    "a key": (
        "--trust-anchor root.pem --key file:key.json",
        "with --trust-anchor the certificate's key is the only one",
        "leave out --key, or say with --bind which certificate goes with which access key",
    ),
    "a scheme with a secret": (
        "--trust-anchor root.pem --scheme sigv4",
        "the signatures of sigv4 are not by a certificate's key",
        "say with --bind which certificate goes with which access key",
    ),
    "no name of a header": (
        "--trust-anchor root.pem --client-cert-header 'a b'",
        "--client-cert-header 'a b' is not the name of a header",
        None,
    ),
    "the covered header": (
        "--trust-anchor root.pem --client-cert-header Authkit_Certificate",
        "Authkit-Certificate is read without being named",
        "leave out --client-cert-header",
    ),
    "an identity that is none": (
        "--trust-anchor root.pem --allow-identity email:a",
        "'a' is not a mailbox",
        "write user@example.com",
    ),
    "bound without a source": (
        f"{OWN} --bind {ID}={'00' * 32}",
        "--bind needs the certificate that the client showed",
        "name the proxy's header with --client-cert-header, or a file with --certificate",
    ),
    "bound to a name of anybody": (
        f"{OWN} {HEADER} --bind {ID}=email:a@b",
        f"a certificate may have any name: --bind {ID}=email:a@b says nothing without a trust anchor",
        "name one with --trust-anchor FILE, or bind a fingerprint",
    ),
    "bound to nothing": (
        f"{OWN} {HEADER} --bind {ID}=",
        f"--bind '{ID}=' is not ID=FINGERPRINT or ID=SAN",
        "write AKID=sha256:… or AKID=email:…",
    ),
    "bound without an ID": (
        f"{OWN} {HEADER} --bind =email:a@b",
        "--bind '=email:a@b' is not ID=FINGERPRINT or ID=SAN",
        "write AKID=sha256:… or AKID=email:…",
    ),
    "bound in one word": (
        f"{OWN} {HEADER} --bind {ID}",
        f"--bind '{ID}' is not ID=FINGERPRINT or ID=SAN",
        "write AKID=sha256:… or AKID=email:…",
    ),
    "bound to a key that is not held": (
        f"{OWN} {HEADER} --bind {ID}X={'00' * 32}",
        f"--bind {ID}X: no key is held for that ID",
        f"the keys are of {ID}",
    ),
    "bound to a public key without a name": (
        f"--scheme rfc9421 --key file:ada.pem {HEADER} --bind {ID}={'00' * 32}",
        f"--bind {ID}: no key is held for that ID",
        "name it: --key ID=REF",
    ),
    "bound to no name": (f"{OWN} {HEADER} --bind {ID}=email:a", "'a' is not a mailbox", "write user@example.com"),
    "an identity beside": (
        f"{OWN} {HEADER} --trust-anchor root.pem --bind {ID}={'00' * 32} --allow-identity email:a@b",
        "--allow-identity is for signatures by a certificate's key",
        "what --bind names is compared already",
    ),
    "a scope beside": (
        f"{OWN} {HEADER} --trust-anchor root.pem --bind {ID}={'00' * 32} --require-scope",
        "--require-scope is for signatures by a certificate's key",
        "what --bind names is compared already",
    ),
    "an intermediate without an anchor": (
        f"{OWN} {HEADER} --bind {ID}={'00' * 32} --intermediate ada.pem",
        "--intermediate says nothing without a trust anchor",
        "name one with --trust-anchor FILE",
    ),
    "a list without an anchor": (
        f"{OWN} {HEADER} --bind {ID}={'00' * 32} --crl home.crl",
        "--crl says nothing without a trust anchor",
        "name one with --trust-anchor FILE",
    ),
}


@pytest.mark.parametrize("what", USAGE)
def test_what_would_demand_nothing_is_refused(what: str, desk: Desk) -> None:
    words, message, hint = USAGE[what]
    assert desk.run(f"verify-signature request.http {words}").triple == refusal(message, hint, 2)


def test_a_sha_1_fingerprint_binds_nothing(desk: Desk) -> None:
    text = f"{ID}={desk.certificate('ada').fingerprint(SHA1()).hex()}"
    assert desk.run(f"verify-signature request.http {OWN} {HEADER} --bind {text}").triple == refusal(
        f"--bind {text} is a SHA-1 fingerprint, which can be forged", "'authkit inspect-cert' prints SHA-256", 2
    )


def test_files_that_hold_none(desk: Desk) -> None:
    for words in ("--trust-anchor key.json", "--trust-anchor root.pem --certificate key.json"):
        done = desk.run(f"verify-signature request.http {words}")
        assert (done.code, done.stdout) == (3, b"")
    assert desk.run(f"sign http {OWN} --bind-certificate none.pem request.http").triple == refusal(
        "no such file: none.pem", None, 3
    )


def test_a_client_sends_no_word_of_a_proxy(desk: Desk) -> None:
    desk.write("request.http", MESSAGE.replace("Content", "Client-Cert: :AA==:\r\nContent"))
    message = "a client never sends client-cert, which is the proxy's word on its client"
    for words, covered in ((OWN, b"client-cert;"), ("--scheme rfc9421 --key file:ada.key", b'"client-cert"')):
        cover = "" if words == OWN else "--cover @method --cover client-cert"
        done = desk.run(f"sign http {words} {cover} request.http")
        assert done.triple == refusal(message, "leave it out; --as-proxy signs it as the proxy")
        assert covered in desk.run(f"sign http {words} {cover} --as-proxy request.http").stdout
    line = "-- curl -H 'Client_Cert: :AA==:' https://api.example.com/"
    done = desk.run(f"sign curl {OWN} --at 2026-11-24T09:00:00Z {line}", at=None)
    assert done.triple == refusal(message.replace("t-c", "t_c"), "leave it out; --as-proxy signs it as the proxy")


def test_what_is_there_already_is_not_added(desk: Desk) -> None:
    for words, name in (
        (f"{OWN} --bind-certificate ada.pem", "Authkit-Client-Cert"),
        ("--scheme rfc9421 --key file:ada.key --certificate ada.pem --send-certificate", "Authkit-Certificate"),
    ):
        desk.write("request.http", MESSAGE.replace("Content", f"{name}: x\r\nContent"))
        assert desk.run(f"sign http {words} request.http").triple == refusal(
            f"the request already has the header {name}", "remove it: signing adds it"
        )


def test_a_key_without_certificates_sends_none(desk: Desk) -> None:
    assert desk.run("sign http --scheme rfc9421 --key file:ada.key --send-certificate request.http").triple == refusal(
        "the key has no certificate to send", "name its certificates with --certificate FILE", 2
    )


def test_both_at_once(desk: Desk) -> None:
    words = "--scheme rfc9421 --key file:ada.key --certificate ada.pem --send-certificate --bind-certificate bob.pem"
    text = desk.sign(words)
    assert '"authkit-client-cert" "authkit-certificate"' in text
    said = desk.judge("--trust-anchor root.pem")
    assert said["verdict"] == "valid"
