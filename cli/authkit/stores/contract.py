"""Does a store keep the promises of every store?"""

from authkit.errors import AuthkitError, NotFound, Refused, UsageError
from authkit.secret import Secret
from authkit.stores.base import Store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

METADATA: "dict[str, object]" = {"kind": "access-key", "count": 1, "flag": True, "list": ["a", 2], "text": 'é\\"\n'}
SUBKEYS: "dict[str, object]" = {"kind": "subkeys", "scopes": ["20261123/us-east-1/s3/aws4_request"]}
SECRETS = (b"x", b"\x00\xff\xfb\n\r\n", bytes(range(256)) * 40, "AWS4 \u00e9 \U0001f511".encode())
BAD_NAMES = ("", ".", "..", ".hidden", "-dash", "_low", "a/b", "../a", "a b", "a\n", "a\x00", "é", "a" * 65)
GOOD_NAMES = ("a", "0", "a" * 64, "Web-1.example_2", "a.json", "a..b")


class StoreContract:
    """Tests that pytest runs for a store when a class derives from this one and says how to make the store."""

    def make_store(self) -> Store:
        """Return an empty store that nothing else uses."""
        raise NotImplementedError

    def test_gives_back_the_same_bytes(self) -> None:
        store = self.make_store()
        for number, value in enumerate(SECRETS):
            store.put(f"k{number}", METADATA, Secret(value))
            entry = store.get(f"k{number}")
            assert entry.secret == Secret(value)
            assert (entry.name, entry.metadata, entry.verified) == (f"k{number}", METADATA, True)
            assert (entry.protected, entry.error) == (True, None)
            assert entry.metadata["flag"] is True

    def test_keeps_subkeys_in_clear_when_asked(self) -> None:
        store = self.make_store()
        store.put("day", SUBKEYS, Secret(b"{}\n"), protected=False)
        entry = store.get("day")
        assert (entry.secret, entry.metadata, entry.protected) == (Secret(b"{}\n"), SUBKEYS, False)
        assert not entry.verified  # nothing says who put it there

    def test_keeps_nothing_else_in_clear(self) -> None:
        store = self.make_store()
        for metadata in (METADATA, {}, {"kind": "Subkeys"}, {"kind": ["subkeys"]}):
            error = refused(Refused, store.put, "k", metadata, Secret(b"x"), protected=False)
            assert error.message == "k is not a subkey, so it is not kept in clear"
        assert store.names() == []

    def test_does_not_replace_unless_asked(self) -> None:
        store = self.make_store()
        store.put("web", METADATA, Secret(b"old"))
        error = refused(Refused, store.put, "web", SUBKEYS, Secret(b"new"))
        assert (error.message, error.hint) == ("there is a key named web", "--force replaces it")
        assert store.get("web").secret == Secret(b"old")
        store.put("web", SUBKEYS, Secret(b"new"), replace=True)
        assert (store.get("web").secret, store.get("web").metadata) == (Secret(b"new"), SUBKEYS)
        assert store.names() == ["web"]

    def test_takes_names_that_differ_in_case_for_one(self) -> None:
        store = self.make_store()
        store.put("Web", METADATA, Secret(b"old"))
        for replace in (False, True):
            error = refused(Refused, store.put, "wEB", SUBKEYS, Secret(b"new"), replace=replace)
            assert error.message == "there is a key named Web"
            assert error.hint == "names that differ in case alone are one name"
        error = refused(NotFound, store.get, "web")
        assert (error.message, error.hint) == ("no key named web", "did you mean Web?")
        assert store.names() == ["Web"]

    def test_takes_good_names_and_no_others(self) -> None:
        store = self.make_store()
        for name in GOOD_NAMES:
            store.put(name, METADATA, Secret(b"x"))
        for name in BAD_NAMES:
            error = refused(UsageError, store.put, name, METADATA, Secret(b"x"))
            assert error.message == f"{name!r} cannot be the name of a key"
            refused(NotFound, store.get, name)
            refused(NotFound, store.delete, name)
        assert store.names() == sorted(GOOD_NAMES)

    def test_names_what_is_absent(self) -> None:
        store = self.make_store()
        for action in (store.get, store.delete):
            error = refused(NotFound, action, "web")
            assert (error.message, error.hint) == ("no key named web", "authkit list-keys shows what the store holds")
        store.put("other", METADATA, Secret(b"x"))
        store.put("another", METADATA, Secret(b"x"))
        for action in (store.get, store.delete):
            error = refused(NotFound, action, "web")
            assert (error.message, error.hint) == ("no key named web", "the store holds another, other")

    def test_lists_without_secrets(self) -> None:
        store = self.make_store()
        assert store.listing() == []
        store.put("b", METADATA, Secret(b"x"))
        store.put("a", SUBKEYS, Secret(b"y"), protected=False)
        seen = [(entry.name, entry.metadata, entry.protected) for entry in store.listing()]
        assert seen == [("a", SUBKEYS, False), ("b", METADATA, True)]
        assert [(entry.secret, entry.verified, entry.error) for entry in store.listing()] == [(None, False, None)] * 2

    def test_deletes(self) -> None:
        store = self.make_store()
        store.put("a", METADATA, Secret(b"x"))
        store.put("b", METADATA, Secret(b"y"))
        store.delete("a")
        refused(NotFound, store.get, "a")
        assert (store.names(), store.get("b").secret) == (["b"], Secret(b"y"))
        store.put("a", METADATA, Secret(b"z"))
        assert store.get("a").secret == Secret(b"z")


def refused(
    kind: "type[AuthkitError]", action: "Callable[..., object]", *args: object, **named: object
) -> AuthkitError:
    """Return the error of *kind* that *action* raises when called with the rest.

    Raises:
        AssertionError: if it raises none.
    """
    try:
        action(*args, **named)
    except kind as error:
        return error
    raise AssertionError(f"no {kind.__name__}")
