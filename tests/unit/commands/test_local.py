"""Are a user's own schemes found, and only those that nobody else could have written (T11, T12)?"""

import json
import os
from pathlib import Path

import pytest

from authkit.commands import _local
from authkit.errors import InputError, Refused, UsageError
from authkit.keys.load import load_keys
from authkit.keys.pair import generate_pair
from authkit.keys.scope import Chain
from authkit.keys.subkeys import SubkeyFile, encode_subkeys, load_subkeys
from authkit.schemes.custom import read_definition
from authkit.schemes.derived import CHAINS
from samples import AT, ID, access_key, subkey

ACME = """\
[scheme.acme]
label = "ACME1-HMAC-SHA256"
prefix = "ACME1"
scope = ["date", "region", "service"]
terminator = "acme1_request"
header_prefix = "X-Acme-"

[webhook.ours]
message = "{body}"
signature = "X-Ours: {signature}"
"""


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AUTHKIT_CONFIG", str(tmp_path))
    file = tmp_path / "schemes.toml"
    file.write_text(ACME)
    file.chmod(0o644)
    return file


def chain() -> Chain:
    found = _local.find("acme").row
    assert found is not None
    return found.chain


def packed(held: "Chain | None" = None) -> bytes:
    key = subkey("20261123/eu-1/web/acme1_request", chain=held or chain())
    return encode_subkeys(SubkeyFile(key.scope.chain, ID, AT, [key]))


def test_where_the_file_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTHKIT_CONFIG", "/c")
    assert _local.path() == "/c/schemes.toml"
    monkeypatch.setenv("AUTHKIT_CONFIG", "")
    monkeypatch.setenv("XDG_CONFIG_HOME", "/x")
    assert _local.path() == "/x/authkit/schemes.toml"
    monkeypatch.setenv("XDG_CONFIG_HOME", "")
    monkeypatch.setenv("HOME", "/h")
    assert _local.path() == "/h/.config/authkit/schemes.toml"


def test_a_name_is_found(config: Path) -> None:
    assert (_local.find("acme").name, _local.label_of("acme")) == ("acme", "ACME1-HMAC-SHA256")
    assert (_local.find("ours").name, _local.find("ours").row) == ("ours", None)
    assert _local.find("sigv4").label == "AWS4-HMAC-SHA256"
    with pytest.raises(UsageError) as caught:
        _local.find("other")
    assert caught.value.message == "no scheme is named 'other'"
    assert caught.value.hint is not None
    assert caught.value.hint.endswith(", acme, ours")


def test_without_the_file(config: Path) -> None:
    config.unlink()
    with pytest.raises(UsageError) as caught:
        _local.find("acme")
    assert caught.value.hint is not None
    assert "acme" not in caught.value.hint
    assert _local.schemes_of([access_key(scheme="ACME1-HMAC-SHA256")]) == []


def test_a_builtin_name_reads_no_file(config: Path) -> None:
    config.write_text("not TOML")
    for name in ("sigv4", "goog4", "rfc9421", "github"):
        assert _local.find(name).name == name
    with pytest.raises(InputError) as caught:
        _local.find("acme")
    assert caught.value.message.startswith(f"{config}: not TOML: ")


@pytest.mark.parametrize("mode", [0o664, 0o646, 0o666, 0o620, 0o602])
def test_a_file_that_others_may_write(config: Path, mode: int) -> None:
    config.chmod(mode)
    with pytest.raises(Refused) as caught:
        _local.find("acme")
    assert caught.value.message == f"{config} can be written by other users (mode {mode:04o})"
    assert caught.value.hint == f"chmod go-w {config}"


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o444])
def test_a_file_that_others_may_not_write(config: Path, mode: int) -> None:
    config.chmod(mode)
    assert _local.find("acme").name == "acme"


def test_a_file_of_another_user(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = os.geteuid()
    os.chown(config, 12345, -1) if mine == 0 else monkeypatch.setattr(os, "geteuid", lambda: mine + 1)
    with pytest.raises(Refused) as caught:
        _local.find("acme")
    assert caught.value.message == f"{config} belongs to another user"


def test_a_folder_in_its_place(config: Path) -> None:
    config.unlink()
    config.mkdir()
    with pytest.raises(InputError):
        _local.find("acme")


def test_two_definitions_of_one_label(config: Path) -> None:
    one = load_keys(packed(), _local.chains(), "FILE")
    config.write_text(ACME.replace('["date", "region", "service"]', '["date", "service", "region"]'))
    other = load_keys(packed(), _local.chains(), "FILE")
    assert len(_local.schemes_of([*one, *one])) == 1
    with pytest.raises(UsageError) as caught:
        _local.schemes_of([*one, *other])
    assert caught.value.message == "the keys define the scheme ACME1-HMAC-SHA256 in two ways"
    assert caught.value.hint == "use those of one definition"


def test_which_schemes_keys_are_for(config: Path) -> None:
    assert _local.schemes_of([access_key()]) == []
    assert [one.name for one in _local.schemes_of([access_key(scheme="ACME1-HMAC-SHA256")])] == ["acme"]
    assert [one.name for one in _local.schemes_of([access_key(scheme="eg1"), access_key(scheme="nobody's")])] == []
    assert [one.name for one in _local.schemes_of([access_key(scheme="EG1-HMAC-SHA256")])] == ["eg1"]
    assert [one.name for one in _local.schemes_of([access_key(scheme="ours")])] == ["ours"]
    assert _local.schemes_of([access_key(scheme="acme")]) == []
    held = load_keys(packed(), _local.chains(), "FILE")
    assert [one.name for one in _local.schemes_of([*held, subkey(), subkey()])] == ["acme", "sigv4"]
    pair = load_keys(generate_pair("ed25519").private_pem, _local.chains(), "FILE")
    assert [one.name for one in _local.schemes_of(pair)] == ["rfc9421"]


# ----------------------------------------------------------------------------------------- a file of its own definition


def test_a_subkey_file_carries_the_definition(config: Path) -> None:
    data = packed()
    top = json.loads(data)
    assert list(top)[:4] == ["schema", "scheme", "definition", "access_key_id"]
    assert top["definition"] == chain().definition
    config.unlink()
    (key,) = load_subkeys(data, _local.chains(), "FILE").subkeys
    assert key.scope.chain.definition == top["definition"]
    assert [one.name for one in _local.schemes_of([key])] == ["acme"]
    (again,) = load_subkeys(data, CHAINS, "FILE").subkeys
    assert again.key == key.key


def test_the_same_scheme_under_another_name(config: Path) -> None:
    data = packed()
    config.write_text(ACME.replace("[scheme.acme]", "[scheme.mine]"))
    (key,) = load_subkeys(data, _local.chains(), "FILE").subkeys
    assert [one.name for one in _local.schemes_of([key])] == ["acme"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"ACME1"', '"ACME9"'),
        ('"acme1_request"', '"acme9_request"'),
        ("X-Acme-", "X-Other-"),
        ("\n\n", "\nnormalize_path = true\n\n"),
        ('["date", "region", "service"]', '["date", "service", "region"]'),
    ],
)
def test_a_local_scheme_that_is_another(config: Path, old: str, new: str) -> None:
    data = packed()
    config.write_text(ACME.replace(old, new, 1))
    with pytest.raises(InputError) as caught:
        load_subkeys(data, _local.chains(), "FILE")
    assert caught.value.message == (
        f"FILE: member 'definition' is of ACME1-HMAC-SHA256, which {config} defines otherwise"
    )
    assert caught.value.hint == "the two machines must agree on the scheme: compare the definitions"


@pytest.mark.parametrize(("prefix", "alike"), [("ACME1", True), ("ACME", True), ("ACME12", True), ("ACME2", False)])
def test_a_local_scheme_whose_prefix_begins_alike(config: Path, prefix: str, alike: bool) -> None:
    data = packed()
    config.write_text(ACME.replace("ACME1-HMAC-SHA256", "OTHER").replace('"ACME1"', f'"{prefix}"'))
    if not alike:
        assert len(load_subkeys(data, _local.chains(), "FILE").subkeys) == 1
        return
    with pytest.raises(InputError) as caught:
        load_subkeys(data, _local.chains(), "FILE")
    assert caught.value.message == (f"FILE: member 'definition' has a prefix that begins like that of acme in {config}")
    assert caught.value.hint == "one secret could be used by both: change the prefix of one"


def altered(data: bytes, old: str, new: str) -> bytes:
    assert old.encode() in data
    return data.replace(old.encode(), new.encode(), 1)


def test_what_a_definition_in_a_file_cannot_be(config: Path) -> None:
    data = packed()
    top = json.loads(data)
    definition = json.dumps(top["definition"])

    def fault(changed: bytes) -> str:
        with pytest.raises(InputError) as caught:
            load_subkeys(changed, _local.chains(), "FILE")
        return caught.value.message

    assert fault(altered(data, f'"definition": {definition}, ', "")) == (
        "FILE: member 'scheme' names 'ACME1-HMAC-SHA256', which is not a scheme known here"
    )
    assert fault(altered(data, definition, '"x"')) == (
        "FILE: member 'definition' is not a definition that can be read here"
    )
    assert fault(altered(data, '"scheme": "ACME1-HMAC-SHA256"', '"scheme": "AWS4-HMAC-SHA256"')) == (
        "FILE: member 'definition' stands beside a scheme that is built in"
    )
    assert fault(altered(data, '"scheme": "ACME1-HMAC-SHA256"', '"scheme": "OTHER"')) == (
        "FILE: member 'definition' is of ACME1-HMAC-SHA256, and member 'scheme' of 'OTHER'"
    )
    assert fault(altered(data, '"prefix": "ACME1"', '"prefix": "AWS4"')) == (
        "FILE: member 'definition' 'prefix' and 'AWS4' of another scheme begin alike"
    )
    with pytest.raises(InputError) as caught:
        load_subkeys(data, dict(CHAINS), "FILE")
    assert caught.value.message == "FILE: member 'definition' is not a definition that can be read here"


def test_every_check_covers_the_label(config: Path) -> None:
    """A file whose definition was exchanged for one of another label is altered, and says so."""
    data = packed()
    top = json.loads(data)
    other = read_definition({**top["definition"], "label": "OTHER"}, "FILE")
    changed = altered(
        altered(data, '"label": "ACME1-HMAC-SHA256"', '"label": "OTHER"'), '"scheme": "ACME1', '"scheme": "ACME1'
    )
    changed = altered(changed, '"scheme": "ACME1-HMAC-SHA256"', f'"scheme": "{other.chain.label}"')
    config.unlink()
    with pytest.raises(InputError) as caught:
        load_subkeys(changed, _local.chains(), "FILE")
    assert caught.value.message == (
        "FILE: subkey 1: the check value does not fit: key, access key ID or scope was altered"
    )
