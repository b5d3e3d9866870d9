"""What of a stored key goes on paper?"""

from authkit.ceremony import kept as keeping
from authkit.errors import Refused, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.ceremony.kept import Kept
    from authkit.stores.base import Entry
    from authkit.stores.folder import FolderStore


def of_entry(entry: "Entry") -> "Kept":
    """Return a stored key as it is on paper, its own passphrase asked for.

    Raises:
        Refused: if it is not one that a backup on paper is for.
    """
    from authkit.commands import _keys
    from authkit.keys.access import load_access_key
    from authkit.keys.pair import load_pair

    kind = entry.metadata.get("kind")
    if kind == "subkeys":
        raise Refused(f"{entry.name} is a subkey file", "its master secret makes it again: back that one up")
    if kind == "access-key":
        return keeping.of_access_key(load_access_key(_keys.open_entry(entry), entry.name), entry.name)
    if kind == "ca" and "certificate" not in entry.metadata:
        raise Refused(f"the certificate of the CA {entry.name} is still to come", "back it up when it is complete")
    if kind not in ("key-pair", "identity", "ca"):
        raise Refused(f"{entry.name} is not a key that can go on paper")
    pem = load_pair(_keys.open_entry(entry), entry.name).private_pem
    return keeping.of_private_key(str(kind), _facts(entry, str(kind), pem), pem)


def of_store(store: "FolderStore") -> "Kept":
    """Return the identity of a store as it is on paper."""
    from authkit.secret import Secret

    return keeping.Kept("store", {}, "identity", Secret(store.identity().encode("ascii")))


def parse_shares(text: str) -> "tuple[int, int]":
    """Read K-of-N.

    Raises:
        UsageError: if it is not that, or K and N cannot be.
    """
    from authkit.ceremony.shares import MOST_SHARES

    words = text.split("-")
    if len(words) != 3 or words[1] != "of" or not all([one.isascii() and one.isdigit() for one in words[::2]]):
        raise UsageError(f"--shares {text!r} is not K-of-N", "e.g. --shares 2-of-3: any two of three bring it back")
    needed, count = int(words[0][:4]), int(words[2][:4])
    if needed < 2:
        raise UsageError("with fewer than 2 shares needed each one is the key", "--paper prints the whole key")
    if not needed <= count <= MOST_SHARES:
        raise UsageError(f"--shares {text}: N is {needed} to {MOST_SHARES}")
    return needed, count


def _facts(entry: "Entry", kind: str, pem: bytes) -> "dict[str, str]":
    told = entry.metadata
    if kind == "key-pair":
        return {"name": entry.name}
    if kind == "identity":
        return {"name": entry.name, "role": str(told["role"]), "called": str(told["name"])}
    from authkit.certs.authority import load_authority

    ca = load_authority(told, pem, entry.name)
    facts = {
        "name": entry.name,
        "issued-for": ca.issued_for,
        "profiles": ",".join(ca.profiles),
        "kinds": ",".join(ca.kinds),
    }
    return {**facts, "parent": str(told["parent"])} if "parent" in told else facts
