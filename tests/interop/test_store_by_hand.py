"""Is a store that was made by hand, with age, openssl and jq, the store that the format describes?"""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from authkit.errors import StoreError
from authkit.secret import Secret
from authkit.stores.folder import FolderStore

MAKE = r"""
set -eu
umask 077
mkdir -p store/keys
age-keygen -o identity.txt 2>/dev/null
identity=$(grep '^AGE-SECRET-KEY-1' identity.txt)
recipient=$(age-keygen -y identity.txt)
id=00112233445566778899aabbccddeeff
jq -cn --arg id $id --arg r "$recipient" \
  '{schema: "authkit.store/v1", id: $id, unlock: "passphrase", recipient: $r}' >store/store.json
hex() { od -An -v -tx1 | tr -d ' \n'; }
hmac() { openssl dgst -sha256 -mac HMAC -macopt "hexkey:$1" -binary; }
key=$(printf 'authkit store mac v1' | hmac "$(printf %s "$identity" | hex)" | hex)
jq -cn --arg id $id --arg s "$(printf 'secret by hand' | base64 -w0)" \
  '{schema: "authkit.sealed/v1", store: $id, name: "web", metadata: {kind: "access-key"}, secret_b64: $s}' |
  age -a -r "$recipient" >sealed
mac=$(printf 'authkit.key/v1\n%s\nweb\n%s' $id "$(openssl dgst -sha256 -r <sealed | cut -c1-64)" | hmac "$key" | base64)
jq -cn --rawfile s sealed --arg m "$mac" \
  '{schema: "authkit.key/v1", name: "web", metadata: {kind: "access-key"}, sealed: $s, mac: $m}' >store/keys/web.json
"""

READ = r"""
set -eu
jq -r .sealed "store/keys/$1.json" | age -d -i identity.txt | jq -r .secret_b64 | base64 -d
"""


@pytest.fixture
def run(tmp_path: Path, require_tool: Callable[[str], str]) -> Callable[..., bytes]:
    """A function that runs a shell script in this test's folder."""
    for name in ("age", "age-keygen", "openssl", "jq", "od", "base64"):
        require_tool(name)

    def script(text: str, *args: str) -> bytes:
        command = ["sh", "-c", text, "sh", *args]
        return subprocess.run(command, cwd=tmp_path, stdout=subprocess.PIPE, check=True).stdout

    return script


def test_each_reads_what_the_other_wrote(run: Callable[..., bytes], tmp_path: Path) -> None:
    run(MAKE)
    lines = (tmp_path / "identity.txt").read_text().splitlines()
    identity = next(line for line in lines if line.startswith("AGE-SECRET-KEY-1"))
    store = FolderStore(os.fspath(tmp_path / "store"), lambda info: identity)
    entry = store.get("web")
    assert (entry.secret, entry.metadata, entry.verified) == (Secret(b"secret by hand"), {"kind": "access-key"}, True)
    store.put("api", {"kind": "access-key"}, Secret(b"secret of authkit"))
    assert run(READ, "api") == b"secret of authkit"


def test_one_letter_of_the_recipe_changed_is_refused(run: Callable[..., bytes], tmp_path: Path) -> None:
    for old, new in (("store mac v1'", "store mac v2'"), (r"%s\nweb", r"%s\nWeb"), (r"key/v1\n", r"key/v1\r\n")):
        assert old in MAKE
        run("rm -rf store identity.txt")
        run(MAKE.replace(old, new))
        lines = (tmp_path / "identity.txt").read_text().splitlines()
        store = FolderStore(os.fspath(tmp_path / "store"), lambda info, identity=lines[-1]: identity)
        with pytest.raises(StoreError, match="web.json: wrong MAC, "):
            store.get("web")
