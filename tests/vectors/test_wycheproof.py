"""Do authkit's own wrappers decide every case of Project Wycheproof as it expects?

`acceptable` is one case: a PKCS #1 signature whose DigestInfo leaves out the NULL of its parameters.  RFC 8017 §8.2.2,
note, lets a verifier take it; the verifier here compares with the one encoding that §9.2 writes, and refuses it.
"""

import hmac
import json
import os
from pathlib import Path
from typing import Any

import pytest

from authkit.keys.prove import PublicKey, load_public
from authkit.secret import MacKey

PROJECT = Path(__file__).resolve().parents[2]
VECTORS = Path(os.environ.get("AUTHKIT_VECTORS") or PROJECT.parent / "shared" / "vectors").resolve()
FOLDER = VECTORS / "wycheproof"

# file -> algorithm, cases, of them valid
FILES = {
    "ecdsa_secp256r1_sha256_p1363_test.json": ("ecdsa-p256-sha256", 262, 173),
    "ecdsa_secp256r1_sha256_test.json": ("ecdsa-der-sha256", 484, 174),
    "ed25519_test.json": ("ed25519", 151, 88),
    "rsa_pss_2048_sha256_mgf1_32_test.json": ("rsa-pss-sha256", 108, 63),
    "rsa_signature_2048_sha256_test.json": ("rsa-v1_5-sha256", 259, 9),
}
MACS = ("hmac_sha256_test.json", 174, 66)
ACCEPTABLE = {("rsa_signature_2048_sha256_test.json", 8): False}


def load(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / name).read_text())
    return found


def keys_of(group: dict[str, Any]) -> list[PublicKey]:
    """Return the group's one key, from each form that it is given in."""
    forms = [bytes.fromhex(group["publicKeyDer"]), group["publicKeyPem"].encode()] if "publicKeyDer" in group else []
    inner = group.get("publicKey")
    if not forms and isinstance(inner, dict):
        forms = [bytes.fromhex(inner["publicKeyDer"]), inner["publicKeyPem"].encode()]
    for holder in (group, inner if isinstance(inner, dict) else {}):
        if "publicKeyJwk" in holder:
            forms.append(json.dumps(holder["publicKeyJwk"]).encode())
    keys = [load_public(form, "wycheproof") for form in forms]
    assert keys
    assert {key.spki for key in keys} == {keys[0].spki}
    return keys


def test_every_file_is_listed(vectors: Path) -> None:
    assert {path.name for path in (vectors / "wycheproof").glob("*.json")} == {*FILES, MACS[0]}


@pytest.mark.parametrize("name", FILES)
def test_signatures(name: str, vectors: Path) -> None:
    assert vectors / "wycheproof" == FOLDER
    algorithm, count, valid = FILES[name]
    suite = load(name)
    decided: list[bool] = []
    wrong = []
    for group in suite["testGroups"]:
        keys = keys_of(group)
        for case in group["tests"]:
            expected = {"valid": True, "invalid": False}.get(case["result"])
            if expected is None:
                expected = ACCEPTABLE[name, case["tcId"]]
            message, signature = bytes.fromhex(case["msg"]), bytes.fromhex(case["sig"])
            found = {key.verify(algorithm, message, signature) for key in keys}
            if found != {expected}:
                wrong.append((case["tcId"], case["comment"], case["result"], found))
            decided.append(expected)
    assert wrong == []
    assert (len(decided), sum(decided), suite["numberOfTests"]) == (count, valid, count)


def test_macs(vectors: Path) -> None:
    """A truncated tag is compared with as much of ours: authkit itself never truncates."""
    name, count, valid = MACS
    suite = load(name)
    decided = []
    wrong = []
    for group in suite["testGroups"]:
        for case in group["tests"]:
            key, message = MacKey(bytes.fromhex(case["key"])), bytes.fromhex(case["msg"])
            tag = bytes.fromhex(case["tag"])
            # twice, since a key that is used again takes another way
            for made in (key.mac(message), key.mac(message)):
                found = hmac.compare_digest(made[: group["tagSize"] // 8], tag)
                if found != (case["result"] == "valid"):
                    wrong.append((case["tcId"], case["comment"], case["result"]))
            whole = group["tagSize"] == 256
            assert key.agrees(message, tag.hex()) is (whole and case["result"] == "valid")
            decided.append(case["result"] == "valid")
    assert wrong == []
    assert (len(decided), sum(decided), suite["numberOfTests"]) == (count, valid, count)
