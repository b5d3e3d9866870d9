"""Delete a key from the store.

The file is removed, not overwritten: copies and backups keep what they have.  Deleting a subkey does not end it; for
that disable its access key, or on your own server refuse its ID and day.

Examples:

  $ authkit keygen web-1 2>/dev/null
  AK…
  $ authkit delete-key --yes web-1
"""

from authkit.commands import _rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.commands._quick import Given

OPTIONS = (
    ("NAME", "argument", "NAME", "the key", None),
    ("--yes", "flag", "", "do not ask", False),
    _rows.TOKEN,
    _rows.STORE,
    _rows.JSON,
)


def run(given: "Given") -> None:
    from authkit.commands import _store
    from authkit.stores.base import not_found
    from authkit.ui import prompt, render

    if given.token is not None:
        from authkit.commands import _token

        _token.refuse_beside(given, "store")
        _token.delete(given)
        return
    store = _store.open_store(given.store)
    found = {one.name: one for one in store.listing()}
    if given.name not in found:
        raise not_found(given.name, list(found))
    if not given.yes:
        prompt.confirm_typed(f"delete {given.name} for good; type its name:", given.name, "add --yes")
    store.delete(given.name)
    until = found[given.name].metadata.get("dangerous_until")
    if until is not None:
        render.note(f"copies of it stay dangerous until {until}: disable the access key to end that")
    token = found[given.name].metadata.get("token")
    if token is not None:
        render.note(f"its key is still in the token {token}: 'authkit delete-key NAME --token URI' destroys it")
    if given.json:
        render.write_json({"schema": "authkit.deleted/v1", "name": given.name})
