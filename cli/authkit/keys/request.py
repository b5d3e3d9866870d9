"""Which subkeys did the user ask for?"""

from datetime import date, timedelta

from authkit.clock import parse_day
from authkit.errors import Refused, UsageError
from authkit.keys.access import AccessKey
from authkit.keys.derive import derive_key, derive_subkey, derive_tree
from authkit.keys.scope import Chain, Scope, part_fault
from authkit.keys.select import Key, describe_days
from authkit.keys.subkeys import MAX_SUBKEYS, Subkey
from authkit.keys.window import HARMFUL_SERVICES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

MANY_DAYS = 31
_PIECE = 4096


class Wanted:
    """The subkeys asked for: every day with every pair.

    Attributes:
        chain: the scheme's.
        level: one of chain.levels.
        days: in order, no day twice.
        pairs: the scope parts behind the date, for each subkey of a day; (()) for a date key.
    """

    __slots__ = ("chain", "level", "days", "pairs")

    def __init__(self, chain: Chain, level: str, days: "list[date]", pairs: "list[tuple[str, ...]]") -> None:
        self.chain = chain
        self.level = level
        self.days = days
        self.pairs = pairs

    @property
    def count(self) -> int:
        """How many subkeys."""
        return len(self.days) * len(self.pairs)

    def scopes(self) -> "Iterator[Scope]":
        """Yield the scopes, sorted as their texts are."""
        end = (self.chain.terminator,) if self.level == "signing" else ()
        for day in self.days:
            for pair in self.pairs:
                yield Scope((self.chain.format_day(day), *pair, *end), self.chain)


def read_days(first: str, count: "int | None", until: "str | None", today: date, long: bool) -> "list[date]":
    """Return the UTC days asked for.

    Args:
        first: as parse_day takes it.
        count: how many, from the first on.
        until: the last day, inclusive; not together with *count*.
        today: the UTC day.
        long: whether more than 31 days were asked for by name.

    Raises:
        UsageError: if the options contradict each other or a day is none.
        Refused: for more than 31 days without *long* (S13).
    """
    start = parse_day(first, today)
    if count is not None and until is not None:
        raise UsageError("--days and --until say the same; give one of them")
    if count is None:
        count = (parse_day(until, today) - start).days + 1 if until is not None else 1
        if count < 1:
            raise UsageError(f"--until {until} is before {start}")
    if not 1 <= count <= 3660 or start.toordinal() + count - 1 > date.max.toordinal():
        raise UsageError(f"{count} days are not 1 to 3660")
    if count > MANY_DAYS and not long:
        raise Refused(
            f"{count} days at once are as dangerous as their last day, {start + timedelta(count - 1)}", "add --long"
        )
    return [start + timedelta(days=i) for i in range(count)]


def read_pairs(
    chain: Chain, level: str, pairs: "tuple[str, ...]", lists: "dict[str, tuple[str, ...]]", exact: bool
) -> "list[tuple[str, ...]]":
    """Return the scope parts behind the date, sorted, none twice.

    Args:
        chain: the scheme's.
        level: one of chain.levels; nothing wider than asked for is ever made.
        pairs: texts REGION/SERVICE.
        lists: scope part -> values; they multiply.
        exact: whether upper-case letters are meant.

    Raises:
        UsageError: if a part is missing, not asked for at this level, or not a scope part.
    """
    if level not in chain.levels:
        raise UsageError(f"{chain.label} has no {level} keys", f"it has {', '.join(reversed(chain.levels))} keys")
    names = chain.parts[1 : (len(chain.parts) if level == "signing" else chain.parts.index(level) + 1)]
    for name, values in lists.items():
        if values and name not in chain.parts:
            raise UsageError(f"a scope of {chain.label} has no {name}; leave out --{name}")
    for name in chain.parts[1:]:
        if lists[name] and name not in names:
            raise UsageError(
                f"a {level} key is not bound to a {name}; leave out --{name}, or ask for a narrower --level"
            )
    if pairs and any(lists.values()):
        raise UsageError("--scope says region and service together; leave out --region and --service")
    if pairs:
        found = [tuple(text.split("/")) for text in pairs]
        if any(len(one) != len(names) for one in found):
            raise UsageError(f"--scope is {'/'.join(names).upper() or 'nothing'} for a {level} key")
    else:
        for name in names:
            if not lists[name]:
                raise UsageError(f"a {level} key needs a {name}", f"add --{name}, or --scope {'/'.join(names).upper()}")
        found = [()]
        for name in names:
            found = [(*one, value) for one in found for value in lists[name]]
    for one in found:
        for name, value in zip(names, one):
            fault = part_fault(value)
            if fault:
                raise UsageError(f"the {name} {value[:80]!r} {fault}")
            if chain.lower_case and not exact and value != value.lower():
                raise UsageError(
                    f"the {name} {value!r} has an upper-case letter, and AWS has none", "add --exact if you mean it"
                )
    return sorted(set(found), key=lambda one: "/".join((*one, chain.terminator)))


def harmful_services(pairs: "list[tuple[str, ...]]", chain: Chain) -> "list[str]":
    """Return the services among *pairs* whose keys are as wide as the access key (S2, T16)."""
    place = chain.place("service") - 1
    return sorted({one[place] for one in pairs if len(one) > place and one[place] in HARMFUL_SERVICES})


def derive_wanted(keys: "list[Key]", wanted: Wanted) -> "list[Subkey]":
    """Return the subkeys asked for, sorted as their scopes are.

    Args:
        keys: a master, or subkeys that reach all that is asked for.

    Raises:
        Refused: if no key reaches one of them, or the key is of another scheme.
        UsageError: for more than 1,000,000.
    """
    if wanted.count > MAX_SUBKEYS:
        raise UsageError(f"{wanted.count:,} subkeys are more than {MAX_SUBKEYS:,}")
    first = keys[0]
    if isinstance(first, AccessKey):
        if first.scheme not in (None, *wanted.chain.family):
            raise Refused(
                f"{first.access_key_id} is for {first.scheme}, not for {wanted.chain.label}",
                "--scheme-override insists, for once",
            )
        root = first.secret.mac_key(wanted.chain.prefix)
        return [
            Subkey(first.access_key_id, scope, derive_key(root, scope.values), first.session_token, first.expires_at)
            for scope in wanted.scopes()
        ]
    holders = [one for one in keys if isinstance(one, Subkey)]
    if not holders:
        raise Refused("the key is a key pair, from which nothing is derived")
    held = {one.scope: one for one in holders}
    return [held.get(scope) or _from_wider(holders, scope) for scope in wanted.scopes()]


def grid_keys(secret: bytes, wanted: Wanted, days: "list[date]") -> "list[tuple[str, bytes]]":
    """Return (scope, signing key: bytes, 32) for *days*, sorted by scope, the fast way.

    Args:
        secret: prefix + secret access key.
        wanted: of level signing, each region with each service; see is_grid.
        days: a part of wanted.days.
    """
    places = range(len(wanted.chain.parts) - 1)
    lists = [sorted({one[place] for one in wanted.pairs}) for place in places]
    regions = lists[0] if len(lists) == 2 else []
    texts = [wanted.chain.format_day(day) for day in days]
    return derive_tree(secret, texts, regions, lists[-1], wanted.chain)


def is_grid(wanted: Wanted) -> bool:
    """Say whether the pairs are each region with each service, in the order that grid_keys gives them."""
    lists = [sorted({one[place] for one in wanted.pairs}) for place in range(len(wanted.chain.parts) - 1)]
    grid: "list[tuple[str, ...]]" = [()]
    for values in lists:
        grid = [(*one, value) for one in grid for value in values]
    return wanted.level == "signing" and wanted.pairs == grid and bool(lists)


def _from_wider(holders: "list[Subkey]", scope: Scope) -> Subkey:
    reaching = [one for one in holders if one.scope.reaches(scope)]
    if not reaching:
        first = holders[0].scope
        if first.chain.label != scope.chain.label:
            raise Refused(f"the key is for {first.chain.label}, not for {scope.chain.label}")
        days = describe_days([one.scope.day for one in holders])
        raise Refused(
            f"no key held reaches {scope}: held are {first}{' and others' if len(holders) > 1 else ''}, of {days}"
        )
    return derive_subkey(max(reaching, key=lambda one: len(one.scope.values)), scope)
