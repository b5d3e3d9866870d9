"""Do the commands know what a scheme that is not SigV4 needs of them?"""

from pathlib import Path

import pytest

from authkit.errors import InputError
from authkit.keys.access import AccessKey, encode_access_key
from authkit.messages.payload import Kept
from authkit.secret import Secret
from commandline import Done, run_here

# GitHub Docs, "Validating webhook deliveries": the known answer for this secret and body
SECRET, BODY = b"It's a Secret to Everybody", "Hello, World!"
SIGNATURE = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
RAW = f"POST / HTTP/1.1\r\nHost: h.example\r\nContent-Length: 13\r\nX-Hub-Signature-256: {SIGNATURE}\r\n\r\n{BODY}"
KEY = "--key file:hook.json"


@pytest.fixture
def here(tmp_path: Path) -> Path:
    for name, scheme in (("hook.json", None), ("github.json", "github")):
        (tmp_path / name).write_bytes(encode_access_key(AccessKey("hook", Secret(SECRET), scheme=scheme)))
        (tmp_path / name).chmod(0o600)
    (tmp_path / "hook.http").write_bytes(RAW.encode())
    (tmp_path / "plain.http").write_bytes(b"POST / HTTP/1.1\r\nHost: h.example\r\n\r\nHello, World!")
    (tmp_path / "error.xml").write_text("<Error/>")
    return tmp_path


def error(done: Done) -> tuple[int, str]:
    assert done.stdout == b""
    return done.code, done.stderr.decode()


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (f"-- curl -d 'Hello, World!' -H 'X-Hub-Signature-256: {SIGNATURE}' https://h.example/", 0),
        (f"-- curl -d 'Hello, World?' -H 'X-Hub-Signature-256: {SIGNATURE}' https://h.example/", 1),
        (f"-- curl -H 'X-Hub-Signature-256: {SIGNATURE}' https://h.example/", 1),
    ],
)
def test_a_curl_line_is_read_once_more_where_its_body_must_be_seen(here: Path, line: str, code: int) -> None:
    done = run_here(f"verify-signature --scheme github {KEY} {line}", here)
    assert (done.code, done.stderr) == (code, b"")


def test_a_server_s_answer_is_for_derived_keys_alone(here: Path) -> None:
    done = run_here("inspect-signature hook.http --server-error error.xml", here)
    said = "authkit: error: --server-error is not understood for github\nauthkit: hint: leave it out\n"
    assert error(done) == (2, said)


def test_a_key_s_scheme_that_must_see_the_body_is_named(here: Path) -> None:
    done = run_here("sign http plain.http --key file:github.json", here)
    said = "authkit: error: the key is for github, which must see the body\nauthkit: hint: add --scheme github\n"
    assert (done.code, done.stderr.decode().partition("\n")[2]) == (2, said)
    assert run_here("sign http plain.http --scheme github --key file:github.json", here).code == 0


def test_certificates_go_with_a_private_key(here: Path) -> None:
    done = run_here(f"sign http hook.http --scheme rfc9421 --certificate error.xml {KEY}", here)
    assert error(done) == (2, "authkit: error: --certificate goes with a private key, and the key is none\n")


def test_what_is_kept_has_a_limit() -> None:
    kept = Kept(3)
    kept.update(b"ab")
    kept.update(memoryview(b"c"))
    assert kept.data == b"abc"
    with pytest.raises(InputError) as caught:
        kept.update(b"d")
    assert (caught.value.message, kept.data) == ("the body is over 3 octets", b"abc")
