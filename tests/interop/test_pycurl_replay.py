"""Does the newest libcurl send the signed request, given the options of the printed command?"""

import io
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from authkit.curl.command import format_command
from authkit.curl.line import parse_line
from interop.curl_lines import ADDED, FILES, REPAIRED, SAME, check, make, sign, write_files
from interop.loopback import Loopback

Module = Callable[[str], Any]
Tool = Callable[[str], str]


def shell_words(shell: str, command: str, folder: Path) -> "tuple[bytes, list[str]]":
    """Return what a shell would give curl on standard input and as arguments."""
    script, words, stdin = folder / "script", folder / "words", folder / "stdin"
    text = f"curl() {{ printf '%s\\0' \"$@\" >'{words}'; cat >'{stdin}'; }}\n{command}\n"
    script.write_bytes(text.encode("utf-8", "surrogateescape"))
    subprocess.run([shell, script], stdin=subprocess.DEVNULL, check=True)
    raw = words.read_bytes()
    return stdin.read_bytes(), raw.decode("utf-8", "surrogateescape").split("\0")[:-1]


def replay(pycurl: Any, words: "list[str]", stdin: bytes) -> None:
    """Do with libcurl what the curl program does with *words*."""
    handle = pycurl.Curl()
    headers: list[bytes] = []
    body: "bytes | None" = None
    for option in parse_line(words).options:
        value = (option.value or "").encode("utf-8", "surrogateescape")
        if option.name == "header":
            headers.append(value)
        elif option.name == "data-raw":
            body = value
        elif option.name == "data-binary":
            body = stdin if value == b"@-" else FILES[value[1:].decode()]
        elif option.name == "upload-file":
            raw = FILES[value.decode()]
            handle.setopt(pycurl.UPLOAD, 1)
            handle.setopt(pycurl.READDATA, io.BytesIO(raw))
            handle.setopt(pycurl.INFILESIZE_LARGE, len(raw))
        else:
            simple(pycurl, handle, option.name, value)
    if body is not None:
        handle.setopt(pycurl.POST, 1)
        handle.setopt(pycurl.POSTFIELDSIZE_LARGE, len(body))
        handle.setopt(pycurl.POSTFIELDS, body)
    handle.setopt(pycurl.HTTPHEADER, headers)
    handle.setopt(pycurl.WRITEFUNCTION, lambda _: None)
    handle.setopt(pycurl.NOPROXY, "*")
    try:
        handle.perform()
    finally:
        handle.close()


def simple(pycurl: Any, handle: Any, name: str, value: bytes) -> None:
    """Set what one option means; fail on an option that is not known here."""
    ignored = ("disable", "globoff", "silent", "show-error", "output", "write-out", "max-time")
    flags = {"path-as-is": pycurl.PATH_AS_IS, "head": pycurl.NOBODY, "tr-encoding": pycurl.TRANSFER_ENCODING}
    values = {"request": pycurl.CUSTOMREQUEST, "url": pycurl.URL, "request-target": pycurl.REQUEST_TARGET}
    if name in flags:
        handle.setopt(flags[name], 1)
    elif name in values:
        handle.setopt(values[name], value)
    elif name == "compressed":
        handle.setopt(pycurl.ACCEPT_ENCODING, "")
    else:
        assert name in ignored


@pytest.mark.parametrize("words", SAME + REPAIRED, ids=" ".join)
def test_the_printed_command(
    words: "list[str]", loopback: Loopback, require_module: Module, require_tool: Tool, tmp_path: Path
) -> None:
    pycurl = require_module("pycurl")
    assert pycurl.version_info()[1] >= "8.10"
    made = make(words, loopback.url)
    signed = sign(made)
    command = format_command(made, signed)
    stdin, words = shell_words(require_tool("sh"), command, tmp_path)
    replay(pycurl, words, stdin)
    check(loopback.take(), signed, made)


def test_what_was_added_is_among_them() -> None:
    assert {name for name, _ in sign(make(["URL"], "http://h")).headers} == {"Host", *(name for name, _ in ADDED)}


def test_the_files_are_there(tmp_path: Path) -> None:
    write_files(tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == FILES
