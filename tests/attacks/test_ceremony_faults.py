"""Does nothing leave, and is nobody trusted, without its line in the ledger, whatever fails at whatever system call?"""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agefile import IDENTITY, PASSPHRASE
from attacks.disturbed import CALLS, ENVIRON, Done, Place
from attacks.test_ca_faults import EVERY, FEW, INTERRUPT, KILL, disturb
from authkit import clock, seal
from authkit.ceremony import peers, policy
from authkit.ceremony.places import Places
from authkit.errors import StoreError
from authkit.keys.sshsig import SUBKEYS, fingerprint_of, open_signed
from ceremonies import AIR_PEM, fill, line_of
from commandline import run_here

TODAY = f"{clock.now():%Y-%m-%d}"
APPROVE = f"approve-subkey asked.request --store air --confirm web-1 --confirm-date {TODAY}"
CHANGE = "show-identity --issuer --change-key --no-passphrase --confirm vault --store air"
# command -> its line
COMMANDS = {
    "approve-subkey": f"{APPROVE} -o made.age",
    "derive-subkey": "derive-subkey --key root --scope us-east-1/s3 --to web-1 --store air -o made.age",
    "trust-requester": "trust-requester web-1 --max-days 3 --confirm web-1 --store air",
    "trust-requester no more": "trust-requester web-1 --remove --confirm web-1 --store air",
    "trust-issuer no more": "trust-issuer vault --remove --confirm vault --store web",
    "trust-issuer anew": "trust-issuer vault --change change.txt --confirm vault --store web",
    "show-identity": "show-identity --issuer --no-passphrase vault --store web",
    "show-identity anew": f"{CHANGE} --force -o changed.txt",
}
ACTIONS = {
    "openat": ("error=ENOSPC", "error=EACCES"),
    "write": ("error=ENOSPC", "error=EIO", "retval=1"),
    "fsync": ("error=EIO",),
    "renameat": ("error=ENOSPC",),
    "renameat2": ("error=ENOSPC",),
    "linkat": ("error=ENOSPC",),
    "unlinkat": ("error=EIO",),
    "flock": ("error=EIO",),
    "mkdir": ("error=ENOSPC",),
}


def fill_all(folder: Path) -> None:
    """Both stores and what is carried, and a record of a change that air made in a copy of itself."""
    fill(folder)
    (folder / "pass").write_bytes(PASSPHRASE + b"\n")
    (folder / "pass").chmod(0o600)
    ledger, entry = folder / "air/ceremony/ledger.jsonl", folder / "air/keys/authkit-issuer.json"
    before = [(path, path.read_bytes()) for path in (ledger, entry)]
    done = run_here(f"{CHANGE} -o change.txt", folder, environ=ENVIRON)
    assert done.code == 0, done.stderr
    for path, data in before:
        path.write_bytes(data)
    (folder / "air/ceremony/issuer-change-1.txt").unlink()


@pytest.fixture
def place(tmp_path: Path, require_tool: Callable[[str], str]) -> Iterator[Place]:
    made = Place(tmp_path, require_tool("strace"), fill_all, [*CALLS, "ftruncate"])
    yield made
    made.close()


@pytest.mark.parametrize("name", COMMANDS)
def test_a_step_of_the_ceremony_that_is_disturbed(name: str, place: Place) -> None:
    line = COMMANDS[name]
    place.load(line)
    points = place.points(line)
    assert {"openat", "write", "fsync"} <= {call for call, _, _ in points}
    assert is_done(name, place), "undisturbed"
    for number, point in enumerate(points):
        whole = len(points) <= FEW or number < FEW
        if not whole and number % EVERY:
            continue
        actions = ACTIONS.get(point[0], ("error=EIO",))
        one = INTERRUPT if number // EVERY % 2 else actions[0]
        for action in (*actions, KILL, INTERRUPT) if whole else (one, KILL):
            judge(name, place, disturb(place, line, point, action), action, f"{action} at {point[2]}")


def judge(name: str, place: Place, done: Done, action: str, what: str) -> None:
    """The run did what it says, the ledgers only grew, and the same line does or finishes it."""
    if action == KILL:
        assert done.returncode == -9, what
    elif action == INTERRUPT:
        assert done.returncode in (0, 130), f"{what}: {done.stderr}"
    elif done.returncode:
        assert (done.returncode, done.stdout) == (6, ""), f"{what}: {done.returncode} {done.stderr}"
        assert re.search(r"^authkit: error: (?:cannot|\S+ did not)[^\n]*", done.stderr, re.MULTILINE), done.stderr
    if done.returncode == 0:
        assert is_done(name, place), f"reported done and is not: {what}"
    files = place.files()
    for path in ("air/ceremony/ledger.jsonl", "web/ceremony/ledger.jsonl"):
        assert files[path].startswith(place.before[path]), f"the ledger lost a line: {what}"
    judge_trust(place, what)
    judge_next(name, place, what)


def judge_trust(place: Place, what: str) -> None:
    """Who is trusted has a line that says so; a response that is there was approved."""
    air, web = Places(str(place.here / "air")), Places(str(place.here / "web"))
    try:
        lines = air.ledger.lines()
    except StoreError as error:
        raise AssertionError(f"{what}: {error.message}") from error
    for one in peers.issuers(web):
        key = fingerprint_of(one.signing_key)
        assert [row for row in web.ledger.lines() if key in (row.get("key"), row.get("new"))], f"{what}: {one.name}"
    for path in place.here.glob("made.age"):
        judge_response(path.read_bytes(), lines, what)


def judge_response(sealed: bytes, lines: "list[dict[str, object]]", what: str) -> None:
    text, _ = open_signed(seal.decrypt_with(IDENTITY, sealed), SUBKEYS, [line_of(AIR_PEM)], "response")
    found = json.loads(text)
    number, _, head = found["ledger"].partition(":")
    approved, issued = lines[int(number) - 1], lines[int(number)]
    assert (approved["event"], issued["event"], issued["prev"]) == ("approved", "created", head), what
    assert (found["sequence"], found["request"]) == (approved["sequence"], approved["request"]), what


def judge_next(name: str, place: Place, what: str) -> None:
    """What was half done is done by the same line, or was done and is refused as such."""
    line = COMMANDS[name]
    more = "" if "--force" in line or "made.age" not in line else " --force"
    done = place.run(line + more, traced=False)
    if name == "approve-subkey" and done.returncode == 5:
        assert "already-approved" in done.stderr, what
        done = place.run("approve-subkey web-1 --again 1 --store air --force -o made.age", traced=False)
    refused = {"trust-issuer anew": (5, "unknown-signer"), "trust-requester no more": (4, "no requester named")}
    refused["trust-issuer no more"] = (4, "no issuer named")
    if name in refused and done.returncode == refused[name][0]:
        assert refused[name][1] in done.stderr, f"{what}: {done.stderr}"
    else:
        assert done.returncode == 0, f"{what}: {done.stderr}"
    assert is_done(name, place), f"not finished: {what}"


def is_done(name: str, place: Place) -> bool:
    air, web = Places(str(place.here / "air")), Places(str(place.here / "web"))
    if name in ("approve-subkey", "derive-subkey"):
        lines = air.ledger.lines()
        judge_response((place.here / "made.age").read_bytes(), lines, name)
        rows = [(row["event"], row.get("sequence")) for row in lines if row.get("sequence")]
        once = [("approved", 1), ("created", 1)]
        # what left before the run was disturbed is followed by one more
        return rows == once or (name == "derive-subkey" and rows == [*once, ("approved", 2), ("created", 2)])
    if name == "trust-requester":
        found = peers.load_requester(air, "web-1")
        row = policy.accepted(air.ledger.lines(), "web-1")
        return found.max_days == 3 and row is not None and row["sha256"] == peers.policy_sha256(found.text)
    if name.endswith("no more"):
        places = air if name.startswith("trust-requester") else web
        return not places.requester_names() and (places is air or not web.issuer_names())
    if name == "trust-issuer anew":
        key = fingerprint_of(peers.load_issuer(web, "vault").signing_key)
        return [row["new"] for row in web.ledger.lines() if row["event"] == "issuer-changed"][-1:] == [key]
    places, store = (web, "web") if name == "show-identity" else (air, "air")
    path = place.here / store / "keys" / "authkit-issuer.json"
    if not path.exists():
        return False
    key = json.loads(path.read_text())["metadata"]["fingerprint"]
    lines = [row for row in places.ledger.lines() if row.get("role") == "issuer" or row["event"] == "issuer-changed"]
    named = [row.get("new") or row.get("key") for row in lines]
    # a key that was changed before the run was disturbed is changed once more by the next
    return named[-1:] == [key] and (name == "show-identity" or len(named) in (2, 3))
