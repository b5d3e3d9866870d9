"""Which certificate would be shown, and could it be in clear?"""

import pytest

from authkit.curl.certificate import holds_secret, split_certificate
from authkit.curl.line import parse_line
from authkit.curl.request import CurlPlan, plan
from authkit.secret import Secret

U = "https://h.example/"
ADDED = ("tlsv1.3", None)


def make(*words: str, curlrc: "bytes | None" = None) -> CurlPlan:
    return plan(parse_line(["curl", *words]), read=None, curlrc=curlrc)


@pytest.mark.parametrize(
    ("text", "name", "passphrase"),
    [
        ("", "", ""),
        ("c.pem", "c.pem", ""),
        ("c.pem:", "c.pem", ""),
        ("c.pem:a:b", "c.pem", "a:b"),
        (":pw", "", "pw"),
        ("c\\:d.pem", "c:d.pem", ""),
        ("c\\:d.pem:p\\:w", "c:d.pem", "p\\:w"),
        ("c\\\\:pw", "c\\", "pw"),
        ("c\\d:pw", "c\\d", "pw"),
        ("c\\", "c\\", ""),
        ("pkcs11:object=a?pin-value=1:2", "pkcs11:object=a?pin-value=1:2", ""),
        ("PKCS11:x", "PKCS11:x", ""),
        ("pkcs12:x", "pkcs12", "x"),
    ],
)
def test_name_and_passphrase(text: str, name: str, passphrase: str) -> None:
    assert split_certificate(text) == (name, passphrase)
    assert holds_secret(text) == (passphrase != "" or "pin-value" in text)


@pytest.mark.parametrize(
    ("words", "option", "name", "form", "passphrase"),
    [
        (["--cert", "c.pem"], "curl's --cert", "c.pem", "PEM", None),
        (["-E", "c:pw"], "curl's -E", "c", "PEM", b"pw"),
        (["-Ec:pw", "--pass", "x"], "curl's -E", "c", "PEM", b"x"),
        (["--pass", "x", "-Ec:pw"], "curl's -E", "c", "PEM", b"pw"),
        (["--pass", "x", "-Ec:"], "curl's -E", "c", "PEM", b"x"),
        (["--pass", "", "-Ec"], "curl's -E", "c", "PEM", None),
        (["--pass", "\udcff", "-Ec"], "curl's -E", "c", "PEM", b"\xff"),
        (["-Ec", "--cert", "d"], "curl's --cert", "d", "PEM", None),
        (["-Ec", "--cert-type", "p12"], "curl's -E", "c", "P12", None),
        (["-Ec", "--cert-type", "DER", "--cert-type", "Pem"], "curl's -E", "c", "PEM", None),
        (["-Ec", "--cert-type", "DER"], "curl's -E", "c", "DER", None),
        (["-Ec", "--cert-type", "ENG"], "curl's -E", "c", None, None),
        (["-Ec", "--cert-type", "PROV"], "curl's -E", "c", None, None),
        (["-E", "pkcs11:object=c"], "curl's -E", "pkcs11:object=c", None, None),
        (["-E", "Pkcs11:object=c", "--cert-type", "PEM"], "curl's -E", "Pkcs11:object=c", None, None),
    ],
)
def test_what_is_shown(
    words: "list[str]", option: str, name: str, form: "str | None", passphrase: "bytes | None"
) -> None:
    found = make(*words, U).certificate
    assert found is not None
    assert (found.option, found.name, found.form) == (option, name, form)
    assert found.passphrase == (None if passphrase is None else Secret(passphrase))


@pytest.mark.parametrize(
    "words", [[], ["--cert", ""], ["-Ec", "-E", ""], ["-E", ":pw"], ["--key", "k"], ["--proxy-cert", "c"]]
)
def test_nothing_is_shown(words: "list[str]") -> None:
    made = make(*words, U)
    assert made.certificate is None
    assert ADDED not in made.keep
    assert made.warnings == []


def test_a_certificate_of_the_configuration_counts() -> None:
    made = make(U, curlrc=b"user-agent = x\ncert = c.pem\n")
    assert made.certificate is not None
    assert made.certificate.option == "~/.curlrc line 2: curl's cert"
    assert made.keep == [("cert", "c.pem"), ADDED]
    assert make("-q", U, curlrc=b"cert = c.pem").certificate is None
    later = make("-E", "d.pem", U, curlrc=b"cert = c.pem").certificate
    assert later is not None
    assert (later.option, later.name) == ("curl's -E", "d.pem")


@pytest.mark.parametrize(
    ("words", "older", "added"),
    [
        ([], None, True),
        (["-2", "-3"], None, True),
        (["--tls-max", "1.3"], None, True),
        (["--tls-max", "default"], None, True),
        (["--tls-max", "1.2", "--tls-max", "1.3"], None, True),
        (["--tlsv1.3"], None, False),
        (["--tlsv1.0", "--tlsv1.3"], None, False),
        (["--tlsv1.3", "--tls-max", "1.3"], None, False),
        (["--tlsv1.3", "--tlsv1.2"], "curl's --tlsv1.2", False),
        (["--tlsv1"], "curl's --tlsv1", False),
        (["-1"], "curl's -1", False),
        (["--tlsv1.0"], "curl's --tlsv1.0", False),
        (["--tlsv1.1"], "curl's --tlsv1.1", False),
        (["--tlsv1.2", "--tls-max", "1.3"], "curl's --tlsv1.2", False),
        (["--tlsv1.1", "--tls-max", "1.2"], "curl's --tls-max", False),
        (["--tls-max", "1.0"], "curl's --tls-max", False),
        (["--tls-max", "1.1"], "curl's --tls-max", False),
        (["--tls-max", "1.2"], "curl's --tls-max", False),
        (["--tlsv1.3", "--tls-max", "1.2"], "curl's --tls-max", False),
    ],
)
def test_the_oldest_tls(words: "list[str]", older: "str | None", added: bool) -> None:
    made = make("-E", "c.pem", *words, U)
    assert made.certificate is not None
    assert made.certificate.older == older
    assert (made.keep[-1] == ADDED and ("--tlsv1.3" not in words)) == added
    assert made.keep.count(ADDED) == words.count("--tlsv1.3") + added
    # and without a certificate nothing is added
    assert make(*words, U).keep.count(ADDED) == words.count("--tlsv1.3")


def test_the_configuration_chooses_too() -> None:
    made = make("-E", "c.pem", U, curlrc=b"tls-max = 1.2\n")
    assert made.certificate is not None
    assert made.certificate.older == "~/.curlrc line 1: curl's tls-max"
    assert made.keep == [("tls-max", "1.2"), ("cert", "c.pem")]


def test_http_shows_none() -> None:
    made = make("-Ec.pem", "http://localhost/")
    assert (made.certificate, made.keep) == (None, [("cert", "c.pem")])
    assert made.warnings == ["curl's -E is not shown: http:// has no place for a certificate"]
    made = make("http://localhost/", curlrc=b"cert c.pem")
    assert (made.certificate, made.warnings) == (None, [])
    assert make("-E", "", "http://localhost/").warnings == []


@pytest.mark.parametrize(
    ("words", "exposed"),
    [
        (["-E", "c.pem", "--key", "k.pem", "-x", "http://u:p@proxy", "--tlspassword", "x"], ()),
        (["-E", "c.pem:pw"], ("-E",)),
        (["-E", "c\\:pw", "--key", "pkcs11:object=k"], ()),
        (["--pass", "pw", "--key", "pkcs11:k?pin-value=1"], ("--pass", "--key")),
        (["--proxy-cert", "c:pw", "--proxy-pass", "x", "--proxy-key", "pkcs11:k?pin-value=1"],
         ("--proxy-cert", "--proxy-pass", "--proxy-key")),
        (["--cert", "pkcs11:c?pin-value=1"], ("--cert",)),
    ],
)  # fmt: skip
def test_what_was_on_the_command_line(words: "list[str]", exposed: "tuple[str, ...]") -> None:
    assert make(*words, U).exposed == exposed


def test_what_stands_in_a_file_was_not() -> None:
    made = make(U, curlrc=b"cert = c.pem:pw\npass = pw\nproxy-cert = d:x\nkey = pkcs11:k?pin-value=1")
    assert made.exposed == ()
    assert made.secrets == ("cert", "pass", "proxy-cert", "key")
