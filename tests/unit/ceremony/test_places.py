"""Does everything of the ceremony lie where it is looked for?"""

import os
from pathlib import Path

import pytest

from authkit.ceremony.places import Places
from authkit.errors import StoreError, UsageError


def test_the_places_of_a_store(tmp_path: Path) -> None:
    places = Places(str(tmp_path))
    root = tmp_path / "ceremony"
    assert places.folder == str(root)
    assert places.ledger.path == str(root / "ledger.jsonl")
    assert places.requester("web-1") == str(root / "requesters" / "web-1.json")
    assert places.issuer("vault") == str(root / "issuers" / "vault.json")
    assert places.request("0a" * 16) == str(root / "requests" / f"{'0a' * 16}.request")
    assert places.response("web-1", 17) == str(root / "responses" / "web-1-17.age")


def test_folders_are_their_owners_alone(tmp_path: Path) -> None:
    places = Places(str(tmp_path))
    assert (places.requester_names(), places.issuer_names()) == ([], [])
    places.make()
    places.make()
    for name in ("", "requesters", "issuers", "requests", "responses"):
        assert os.stat(os.path.join(places.folder, name)).st_mode & 0o777 == 0o700
    assert sorted(os.listdir(places.folder)) == ["issuers", "requesters", "requests", "responses"]


def test_names_are_those_of_files_that_can_be_names(tmp_path: Path) -> None:
    places = Places(str(tmp_path))
    places.make()
    for name in ("b.json", "A.json", "c.json.tmp", ".hidden.json", "é.json"):
        (tmp_path / "ceremony" / "requesters" / name).write_text("{}")
    (tmp_path / "ceremony" / "issuers" / "vault.json").write_text("{}")
    assert places.requester_names() == ["A", "b"]
    assert places.issuer_names() == ["vault"]


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".x", "x" * 65])
def test_a_name_never_leads_elsewhere(tmp_path: Path, name: str) -> None:
    places = Places(str(tmp_path))
    for look in (places.requester, places.issuer, places.request, lambda text: places.response(text, 1)):
        with pytest.raises(UsageError):
            look(name)


def test_a_folder_that_cannot_be_read(tmp_path: Path) -> None:
    places = Places(str(tmp_path))
    places.make()
    os.rmdir(tmp_path / "ceremony" / "issuers")
    (tmp_path / "ceremony" / "issuers").write_text("")
    with pytest.raises(StoreError) as caught:
        places.issuer_names()
    folder = os.path.join(places.folder, "issuers")
    assert (caught.value.message, caught.value.hint) == (f"cannot read the folder {folder}", f"chmod 700 {folder}")
