"""Do the examples of the manual, the help and the README do what they show?

An example is a line that begins with `$ `; with a backslash or a pipe at its end it goes on in the next line.  What
stands behind it is what it prints, standard output and error together: `…` stands for any text within a line, a line
of `…` alone for any lines.  It exits 0, or with the code that a comment at its end names: `# exit 1`.  The examples of
one page are run by bash, in their order, in one folder which is their home.  It holds, readable by its owner alone:

- key.json: an access-key file, AKIDEXAMPLE and the secret of AWS's documentation
- week.subkeys: its signing keys for us-east-1/s3, seven days from yesterday on
- .aws/credentials, accessKeys.csv: the same key as AWS writes it down
- an empty store, opened by the passphrase in the file that $AUTHKIT_PASSPHRASE_FILE names; identity.txt: its identity
- vault, web: two more empty stores, opened by the same passphrase, for the two sides of the air gap
- request.http: a request to be signed; order.json: a body
- sent.http: a request that key.json signed at 2026-11-23T09:00:00Z, for one object; error.xml: S3's answer, which saw
  the path of another
- for verify-cert alone: certificates and revocation lists of tests/pki.py

and http://127.0.0.1:8000 is a server that knows key.json, and says of a request whether it verifies it.
"""

import functools
import hashlib
import hmac
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

import authkit
from agefile import PASSPHRASE, make_store
from authkit import registry
from authkit.keys.subkeys import SubkeyFile, encode_subkeys
from authkit.schemes.derived import AWS4
from pki import frozen

PROJECT = Path(__file__).resolve().parents[2]
PAGES = sorted(path.name for folder in ("man1", "man5", "man7") for path in (PROJECT / "man" / folder).glob("*.?"))
ESCAPES = {"\\e": "\\", "\\-": "-", "\\&": "", "\\(aq": "'", "\\(dq": '"', "\\(ti": "~", "\\(ga": "`", "\\(ha": "^"}
EXIT = re.compile(r"\s+# exit (\d+)$")
TOOL = re.compile(r"(?:^|[|;(])\s*(age|jq|openssl|softhsm2-util|ssh-keygen)\b", re.MULTILINE)
SHOWN_SERVER = "http://127.0.0.1:8000"
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
SENT_AT = "20261123T090000Z"
EMPTY_HASH = hashlib.sha256().hexdigest()

Example = tuple[str, list[str]]
Run = Callable[[list[Example]], None]


def examples_in(lines: list[str]) -> list[Example]:
    """Return (command line, lines of output) for each example in a block of lines."""
    found: list[Example] = []
    going_on = False
    for line in lines:
        if going_on:
            found[-1] = (f"{found[-1][0]}\n{line.strip()}", [])
        elif line.startswith("$ "):
            found.append((line[2:], []))
        elif found:
            found[-1][1].append(line.rstrip())
        going_on = (line.startswith("$ ") or going_on) and line.endswith(("\\", "|"))
    return found


def examples_of_page(text: str) -> list[Example]:
    """Return the examples of a page, as a terminal shows them."""
    # each scheme's example stands with the scheme
    sections = [text.partition(f"\n.Sh {head}\n")[2].partition("\n.Sh ")[0] for head in ("SCHEMES", "EXAMPLES")]
    blocks = re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed$", "\n".join(sections), re.DOTALL | re.MULTILINE)
    shown = [re.sub(r"\\(?:\(..|.)", lambda one: ESCAPES[one[0]], block) for block in blocks]
    return [one for block in shown for one in examples_in(block.split("\n"))]


def examples_of_help(text: str) -> list[Example]:
    """Return the examples of a command's help: indented by two, behind a line "Examples:"."""
    lines = text.partition("\nExamples:\n")[2].split("\n")
    return examples_in([line.removeprefix("  ") for line in lines])


def examples_of_readme(text: str) -> list[Example]:
    """Return the examples in the blocks of a Markdown file that are marked as a console."""
    blocks = re.findall(r"^```console\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return [one for block in blocks for one in examples_in(block.split("\n"))]


def matches(shown: list[str], printed: str) -> bool:
    """Say whether the lines *shown* are what was *printed*; empty lines at the end do not count."""
    pattern = ""
    for line in "\n".join(shown).rstrip().split("\n"):
        pattern += "(?:.*\n)+" if line == "…" else ".*".join(re.escape(part) for part in line.split("…")) + "\n"
    lines = [line.rstrip() for line in printed.rstrip().split("\n")]
    return re.fullmatch(pattern, "\n".join(lines) + "\n") is not None


class Handler(BaseHTTPRequestHandler):
    """Answers a request that key.json signed for us-east-1/notes, and says why not otherwise."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        head = f"{self.requestline}\n{self.headers}"  # its lines end with LF, as in many a file
        keys = authkit.load_keys(key_file())
        policy = authkit.Policy("us-east-1", "notes")
        try:
            request = authkit.parse_request(head.encode("latin-1") + body, "http")
            authkit.verify_request(request, keys, policy, at=datetime.now(timezone.utc))
            answer = f"accepted: {len(body)} bytes\n"
        except authkit.Rejected as rejected:
            answer = f"refused: {rejected.reason}\n"
        self.send_response(200)
        self.end_headers()
        self.wfile.write(answer.encode())

    do_GET = do_POST

    def log_message(self, *_: object) -> None:
        pass


def key_file() -> bytes:
    return (
        b'{"schema": "authkit.access-key/v1", "access_key_id": "AKIDEXAMPLE", "secret": "' + SECRET.encode() + b'"}\n'
    )


def week_of_subkeys() -> bytes:
    now = datetime.now(timezone.utc).replace(microsecond=0)
    days = [now.date() + timedelta(days=place - 1) for place in range(7)]
    keys = authkit.load_keys(key_file())
    subkeys = [authkit.derive_subkey(keys, day, "us-east-1", "s3") for day in days]
    return encode_subkeys(SubkeyFile(AWS4.chain, "AKIDEXAMPLE", now, subkeys))


def refused_by_s3() -> tuple[str, str]:
    """Return a signed request, and the answer of a server before which a proxy had changed its path."""
    host, scope = "backups.s3.us-east-1.amazonaws.com", f"{SENT_AT[:8]}/us-east-1/s3/aws4_request"
    names = "host;x-amz-content-sha256;x-amz-date"
    headers = f"host:{host}\nx-amz-content-sha256:{EMPTY_HASH}\nx-amz-date:{SENT_AT}\n"
    key = functools.reduce(
        lambda key, part: hmac.digest(key, part.encode(), "sha256"), scope.split("/"), b"AWS4" + SECRET.encode()
    )

    def stages(path: str) -> tuple[str, str]:
        canonical = f"GET\n{path}\n\n{headers}\n{names}\n{EMPTY_HASH}"
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        return canonical, f"AWS4-HMAC-SHA256\n{SENT_AT}\n{scope}\n{digest}"

    signature = hmac.digest(key, stages("/2026/november%2Freport.pdf")[1].encode(), "sha256").hex()
    sent = (
        f"GET /2026/november%2Freport.pdf HTTP/1.1\nHost: {host}\nX-Amz-Content-Sha256: {EMPTY_HASH}\n"
        f"X-Amz-Date: {SENT_AT}\nAuthorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/{scope}, "
        f"SignedHeaders={names}, Signature={signature}\n\n"
    )
    canonical, to_sign = stages("/2026/november/report.pdf")
    answer = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>SignatureDoesNotMatch</Code><Message>'
        "The request signature we calculated does not match the signature you provided.</Message>"
        f"<AWSAccessKeyId>AKIDEXAMPLE</AWSAccessKeyId><StringToSign>{to_sign}</StringToSign>"
        f"<SignatureProvided>{signature}</SignatureProvided><CanonicalRequest>{canonical}</CanonicalRequest></Error>\n"
    )
    return sent, answer


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with what the examples read; each page has a copy of it."""
    home = tmp_path_factory.mktemp("furnished")
    sent, answer = refused_by_s3()
    (home / ".local" / "share").mkdir(parents=True)
    store = make_store(home / ".local" / "share" / "authkit")
    for name in ("vault", "web"):
        make_store(home / name)
    aws = f"[default]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = {SECRET}\n"
    contents = {
        "key.json": key_file(),
        "week.subkeys": week_of_subkeys(),
        ".aws/credentials": aws.encode(),
        "accessKeys.csv": f"Access key ID,Secret access key\nAKIDEXAMPLE,{SECRET}\n".encode(),
        "passphrase.txt": PASSPHRASE + b"\n",
        "identity.txt": f"# of the store\n{store.identity()}\n".encode(),
        "request.http": b"GET /2026/report final.pdf\nHost: backups.s3.us-east-1.amazonaws.com\n",
        "order.json": b'{"item": "tea", "count": 2}\n',
        "sent.http": sent.encode(),
        "error.xml": answer.encode(),
    }
    for name, content in contents.items():
        path = home / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        path.chmod(0o600)
    return home


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The URL of a server on this machine."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


@pytest.fixture
def run(
    tmp_path: Path, furnished: Path, server: str, require_tool: Callable[[str], str], request: pytest.FixtureRequest
) -> Run:
    """A function that runs examples one after the other, and compares."""
    home, programs = tmp_path / "home", tmp_path / "bin"
    shutil.copytree(furnished, home)
    home.chmod(0o700)
    if "verify-cert" in request.node.name:
        for name, content in frozen().items():
            if name.endswith((".pem", ".crl")):
                (home / name).write_bytes(content)
    programs.mkdir()
    program = programs / "authkit"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m authkit "$@"\n')
    program.chmod(0o755)
    environment = {
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(PROJECT / "cli"),
        "HOME": str(home),
        "LC_ALL": "C.UTF-8",
        "AUTHKIT_PASSPHRASE_FILE": str(home / "passphrase.txt"),
    }

    def run_one(line: str, shown: list[str]) -> None:
        code = EXIT.search(line)
        done = subprocess.run(
            ["bash", "-c", line.replace(SHOWN_SERVER, server)],
            cwd=home,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
        )
        printed = done.stdout.replace(server, SHOWN_SERVER).replace(str(home), "/home/ada")
        assert done.returncode == (int(code[1]) if code else 0), f"$ {line}\n{printed}"
        assert matches(shown, printed), f"$ {line}\n{printed}\nand the example shows:\n" + "\n".join(shown)

    def run_all(examples: list[Example]) -> None:
        for tool in sorted({word for line, _ in examples for word in TOOL.findall(line)}):
            require_tool(tool)
        for line, shown in examples:
            run_one(line, shown)

    return run_all


@pytest.mark.parametrize("name", PAGES)
def test_examples_of_the_manual(name: str, run: Run) -> None:
    examples = examples_of_page((PROJECT / "man" / f"man{name[-1]}" / name).read_text("utf-8"))
    assert examples
    run(examples)


@pytest.mark.parametrize("name", registry.COMMANDS)
def test_examples_of_the_help(name: str, run: Run) -> None:
    examples = examples_of_help(registry.load_command(name).__doc__ or "")
    assert examples
    run(examples)


def test_examples_of_the_readme(run: Run) -> None:
    run(examples_of_readme((PROJECT / "README.md").read_text("utf-8")))


def test_every_command_has_a_page() -> None:
    assert {f"authkit-{name.replace(' ', '-')}.1" for name in registry.COMMANDS} < set(PAGES)


@pytest.mark.parametrize(
    "shown, printed",
    [
        ([], ""),
        (["one"], "one\n"),
        (["one", "", ""], "one\n"),
        (["a … c"], "a b c\n"),
        (["first", "…", "last"], "first\n2\n3\nlast\n"),
        (["   3"], "   3  \n"),
    ],
)
def test_an_example_matches_what_it_shows(shown: list[str], printed: str) -> None:
    assert matches(shown, printed)


@pytest.mark.parametrize(
    "shown, printed",
    [
        ([], "anything\n"),
        (["one"], ""),
        (["one"], "one\ntwo\n"),
        (["one", "two"], "one\n"),
        (["one"], " one\n"),
        (["a … c"], "a b\n"),
        (["first", "…", "last"], "first\nlast\n"),
        (["a.c"], "abc\n"),
    ],
)
def test_an_example_does_not_match_anything_else(shown: list[str], printed: str) -> None:
    assert not matches(shown, printed)


@pytest.mark.parametrize(
    "line, shown", [("echo one", ["two"]), ("exit 1", []), ("exit 2  # exit 1", []), ("true  # exit 1", [])]
)
def test_an_example_that_is_wrong_fails(line: str, shown: list[str], run: Run) -> None:
    with pytest.raises(AssertionError, match=re.escape(f"$ {line}")):
        run([(line, shown)])


def test_examples_are_found_as_they_are_shown() -> None:
    page = """.Sh NAME
.Bd -literal
$ not this
.Ed
.Sh EXAMPLES
Text $ not this
.Bd -literal -offset indent
$ one \\e
    \\-\\-two
output

\\(aqmore\\(aq
$ three # exit 1
.Ed
.Bd -literal -offset indent
$ four
.Ed
.Sh SEE ALSO
.Bd -literal
$ not this
.Ed
"""
    assert examples_of_page(page) == [
        ("one \\\n--two", ["output", "", "'more'"]),
        ("three # exit 1", [""]),
        ("four", [""]),
    ]
    assert examples_of_help("About.\n\n  $ no\n\nExamples:\n\n  $ one\n  out\n    in\n  $ two\n") == [
        ("one", ["out", "  in"]),
        ("two", [""]),
    ]
    assert examples_of_readme("$ no\n```sh\n$ no\n```\n```console\n$ one\nout\n```\n") == [("one", ["out", ""])]
