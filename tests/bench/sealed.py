"""What does a year of subkeys cost on its way over the air gap, next to one subkey?"""

import json
import os
import shutil
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

from pairs import Process, Row, ratio, rounds_of, seconds_a_call

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))  # the stores of two machines that trust each other are made by the tests

from agefile import IDENTITY, PASSPHRASE  # noqa: E402
from authkit.ceremony.places import Places  # noqa: E402
from authkit.keys.subkeys import load_subkeys  # noqa: E402
from authkit.schemes.derived import CHAINS  # noqa: E402
from authkit.seal import decrypt_with  # noqa: E402
from ceremonies import accept, make_air, make_web, policy  # noqa: E402

AUTHKIT = str(Path(sys.executable).parent / "authkit")
SERVICES = ("dynamodb", "s3", "sns", "sqs")
DAYS = 365


def rows(folder: Path) -> list[Row]:
    """Measure; *folder* is a throwaway one."""
    make_air(folder / "air")
    make_web(folder / "web")
    scopes = tuple(f"us-east-1/{name}" for name in SERVICES)
    accept(Places(str(folder / "air")), policy(scopes=scopes, max_days=DAYS + 1, max_ahead=DAYS + 1))
    (folder / "pass").write_bytes(PASSPHRASE)
    (folder / "pass").chmod(0o600)
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "LC_ALL": "C.UTF-8"}
    environment["AUTHKIT_PASSPHRASE_FILE"] = str(folder / "pass")
    processes = {}
    for name, services, days in (("one", SERVICES[:1], 1), ("year", SERVICES, DAYS)):
        shutil.copytree(folder / "air", folder / f"air-{name}")
        words = derive(folder, name, services, days)
        Process(words, environment).seconds()  # the first response, which a store that knows of none takes in
        shutil.copy(folder / f"{name}.age", folder / f"{name}-1.age")
        processes[f"derive {name}"] = Process(words, environment)
        processes[f"import {name}"] = Process(["/bin/sh", "-c", take_in(folder, name)], environment)
    found = rounds_of(processes, 9)
    text = decrypt_with(IDENTITY, (folder / "year-1.age").read_bytes())
    plain = text.partition(b"-----BEGIN SSH")[0]
    loads = {"ours": lambda: load_subkeys(text, CHAINS, "year"), "json": lambda: json.loads(plain)}
    what = f"{DAYS} days x {len(SERVICES)} scopes"
    return [
        Row(f"{what} derived, signed, sealed / one subkey", 2.0, 1.4, ratio(found, "derive year", "derive one")),
        Row(f"{what} imported / one subkey", 3.0, 2.0, ratio(found, "import year", "import one")),
        Row(f"{what} read, each key checked / json.loads", 32, 24, ratio(seconds_a_call(loads), "ours", "json")),
    ]


def derive(folder: Path, name: str, services: tuple[str, ...], days: int) -> list[str]:
    """Return a command line that seals subkeys to web-1 as NAME.age."""
    tomorrow = (datetime.now(timezone.utc) + timedelta(days=1)).date()  # no midnight falls into the measuring
    words = [AUTHKIT, "derive-subkey", "--store", str(folder / f"air-{name}"), "--key", "root", "--long"]
    words += [word for one in services for word in ("--scope", f"us-east-1/{one}")]
    words += ["--date", tomorrow.isoformat(), "--days", str(days), "--to", "web-1"]
    return [*words, "--force", "-o", str(folder / f"{name}.age")]


def take_in(folder: Path, name: str) -> str:
    """Return a script that imports NAME-1.age into a store that is new each time."""
    store, sealed = folder / f"web-{name}", folder / f"{name}-1.age"
    words = f"{AUTHKIT} import-subkey --store {store} --expect-id AKIDEXAMPLE {sealed}"
    return f"rm -rf {store} && cp -r {folder}/web {store} && {words}"
