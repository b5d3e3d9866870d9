"""Are many requests signed in their order, each by itself, however many there are?"""

import json
from io import BytesIO
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from authkit.commands import _batch, _io, _sign
from authkit.errors import InputError, NotFound, Refused, StoreError, UsageError
from commandline import Terminal, run_here
from sample import ID, TOKEN, Sample

AT = "--at 2026-11-23T09:00:00Z"
SCOPE = "--region us-east-1 --service notes"


@pytest.fixture
def here(tmp_path: Path) -> Path:
    Sample().write(tmp_path)
    return tmp_path


def line(number: int, **more: Any) -> str:
    form = {"id": str(number), "method": "PUT", "target": f"/{number}", "headers": [["Host", "h.example"]]}
    return json.dumps(form | {"body_b64": "aGVsbG8="} | more) + "\n"


def sign(here: Path, text: str, options: str = "", key: str = "key.json") -> "tuple[int, list[dict[str, Any]], str]":
    (here / "batch").write_text(text)
    done = run_here(f"sign batch batch --key file:{key} {SCOPE} {AT} {options}", here)
    return done.code, [json.loads(one) for one in done.stdout.splitlines()], done.stderr.decode()


def test_many_keep_their_order(here: Path) -> None:
    """More than all processors hold at once, with a fault now and then, and then verified as they are."""
    count = 6000
    text = "".join("no JSON\n" if number % 1000 == 999 else line(number) for number in range(count))
    code, signed, said = sign(here, text)
    assert code == 3
    assert [one.get("id") for one in signed] == [None if n % 1000 == 999 else str(n) for n in range(count)]
    assert [one["error"]["message"].split(":")[0] for one in signed if "error" in one] == [
        f"line {number}" for number in range(1000, count + 1, 1000)
    ]
    assert said == "authkit: error: line 1000: not JSON at line 1, column 1 (and 5 more of 6000 lines)\n"
    (here / "signed").write_text("".join(json.dumps(one) + "\n" for one in signed if "error" not in one))
    done = run_here(f"verify-signature --batch signed --key file:key.json {SCOPE} {AT}", here)
    assert done.code == 0
    assert [json.loads(one)["verdict"] for one in done.stdout.splitlines()] == ["valid"] * (count - 6)


def test_a_line_is_signed_as_alone(here: Path) -> None:
    _, (found,), _ = sign(here, line(1))
    draft = b"PUT /1 HTTP/1.1\nHost: h.example\n\nhello"
    words = f"sign http - --key file:key.json {SCOPE} {AT} --json --no-sign-header content-length"
    alone = json.loads(run_here(words, here, stdin=draft).stdout)
    assert found["headers"] == [pair for pair in alone["headers"] if pair[0] != "Content-Length"]
    assert (found["method"], found["target"], found["body_b64"]) == ("PUT", "/1", "aGVsbG8=")
    assert list(found) == ["id", "method", "target", "headers", "body_b64"]


def test_the_instant_of_a_line_wins(here: Path) -> None:
    text = line(1) + line(2, at="2026-11-23T10:00:00Z") + line(3)
    _, signed, _ = sign(here, text, key="key.json")
    assert [dict(one["headers"])["X-Amz-Date"][9:] for one in signed] == ["090000Z", "100000Z", "090000Z"]
    assert all("at" not in one for one in signed)


def test_an_instant_that_is_none(here: Path) -> None:
    code, signed, _ = sign(here, line(1, at="noon") + line(2))
    assert (code, len(signed)) == (3, 2)
    assert signed[0]["error"]["message"] == "line 1: member 'at': 'noon' is not an instant"


def test_now_is_asked_for_each_line(here: Path) -> None:
    (here / "batch").write_text(line(1))
    done = run_here(f"sign batch batch --key file:key.json {SCOPE}", here)
    assert done.code == 0
    assert json.loads(done.stdout)["headers"][1][0] == "X-Amz-Date"


def test_a_body_in_pieces_is_written_as_it_travels(here: Path) -> None:
    _, (found,), _ = sign(here, line(1), "--payload streaming")
    (here / "signed").write_text(json.dumps(found) + "\n")
    done = run_here(f"verify-signature --batch signed --key file:key.json {SCOPE} {AT}", here)
    assert json.loads(done.stdout)["covered"][-1] == "body"
    code, (found,), _ = sign(here, json.dumps({**json.loads(line(1)), "body_b64": ""}) + "\n", "--payload streaming")
    assert (code, "body_b64" in found) == (0, True)


def test_a_body_that_is_not_known_cannot_be_signed_in_pieces(here: Path) -> None:
    form = {"method": "PUT", "target": "/", "headers": [["Host", "h"]], "body": "unavailable"}
    code, (found,), _ = sign(here, json.dumps(form) + "\n", "--payload streaming")
    assert (code, found["error"]["slug"]) == (3, "input")
    assert found["error"]["message"] == "line 1: the body is not known, so its length cannot be announced"


def test_http_comes_back(here: Path) -> None:
    _, signed, _ = sign(here, line(1, scheme="http") + line(2, scheme="https") + line(3))
    assert [one.get("scheme") for one in signed] == ["http", None, None]


def test_a_token_goes_to_no_terminal(here: Path) -> None:
    """Refused before anything is written; with --reveal, and into a pipe, it is."""
    (here / "batch").write_text(line(1))
    words = f"sign batch batch --key file:session.json {SCOPE} {AT}"
    done = run_here(words, here, terminal=Terminal(), screens=(1,))
    assert done.code == 5
    assert TOKEN not in done.terminal
    assert done.stderr == (
        b"authkit: error: the session token would appear on the terminal\n"
        b"authkit: hint: pipe the output, or add --reveal\n"
    )
    assert TOKEN in run_here(f"{words} --reveal", here, terminal=Terminal(), screens=(1,)).terminal
    assert TOKEN.encode() in run_here(words, here).stdout
    assert ID in run_here(words.replace("session.json", "key.json"), here, terminal=Terminal(), screens=(1,)).terminal


def test_the_first_fault_decides_the_code(here: Path) -> None:
    signed_before = line(1, headers=[["Host", "h.example"], ["Authorization", "x"]])
    assert sign(here, signed_before + "no JSON\n")[0] == 5
    assert sign(here, "no JSON\n" + signed_before)[0] == 3
    assert sign(here, line(1), "--expires 5")[0] == 2


@pytest.mark.parametrize("kind", [UsageError, InputError, NotFound, Refused, StoreError])
def test_every_kind_of_fault_has_its_code(here: Path, kind: "type[InputError]") -> None:
    with mock.patch.object(_sign.Signer, "sign", side_effect=kind("it went wrong", "try again")):
        code, (found,), said = sign(here, line(7))
    assert code == kind.exit_code
    assert found == {"id": "7", "error": {"slug": kind.slug, "message": "line 1: it went wrong", "hint": "try again"}}
    assert said == "authkit: error: line 1: it went wrong\nauthkit: hint: try again\n"


def test_warnings_are_said_once(here: Path) -> None:
    text = "".join(line(number, target="/a//b") for number in range(3))
    code, signed, said = sign(here, text)
    assert (code, len(signed)) == (0, 3)
    assert said.count("authkit: warning: the service rewrites this path") == 1


def test_memory_does_not_grow_with_the_lines() -> None:
    """Lines are read a few hundred at a time, with the number of the first."""
    text = "".join(line(number) for number in range(9000)).encode()
    found = list(_io.whole_lines(BytesIO(text)))  # type: ignore[arg-type]
    assert b"".join(block for _, block in found) == text
    assert len(found) > 2
    assert max(len(block) for _, block in found) < 256 * 1024 + 200
    number = 1
    for first, block in found:
        assert first == number
        number += block.count(b"\n")


def test_a_line_longer_than_any_is_an_error() -> None:
    class Endless(BytesIO):
        def read(self, size: "int | None" = -1) -> bytes:
            return bytes(1 << 20)

    with pytest.raises(InputError) as caught:
        list(_io.whole_lines(Endless()))  # type: ignore[arg-type]
    assert caught.value.message == "line 1 is over 64 MiB"


def test_parts_add_up() -> None:
    one, other = _batch.Part(), _batch.Part()
    one.lines, one.faults, one.first, one.warnings = 2, 1, ("input", "a", None), {"w": None}
    other.lines, other.faults, other.first, other.warnings = 3, 2, ("usage", "b", None), {"w": None, "v": None}
    whole = _batch.Part()
    whole.add(one)
    whole.add(other)
    assert (whole.lines, whole.faults, whole.first) == (5, 3, ("input", "a", None))
    assert list(whole.warnings) == ["w", "v"]
