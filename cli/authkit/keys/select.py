"""Which of the keys at hand signs this request, and which one checks it?"""

from datetime import date, datetime, timedelta

from authkit.errors import Refused, Rejected, UsageError
from authkit.keys.access import AccessKey
from authkit.keys.derive import derive_key
from authkit.keys.scope import Chain, Scope, part_fault
from authkit.keys.subkeys import Subkey
from authkit.secret import MacKey, Secret

Key = AccessKey | Subkey


class Credential:
    """What signs one request.

    Attributes:
        access_key_id: whose key.
        scope: whole, terminator included.
        key: the signing key.
        session_token: sent with the request; None without one.
    """

    __slots__ = ("access_key_id", "scope", "key", "session_token")

    def __init__(self, access_key_id: str, scope: Scope, key: MacKey, session_token: "Secret | None") -> None:
        self.access_key_id = access_key_id
        self.scope = scope
        self.key = key
        self.session_token = session_token


def choose_signing(
    keys: "list[Key]", chain: Chain, at: datetime, wanted: "dict[str, str | None]", likely: "dict[str, str | None]"
) -> Credential:
    """Return what signs a request stamped *at*.

    Args:
        keys: 1 or more, of one reference.
        chain: the scheme's.
        at: the request's own instant; a key of day D signs only requests stamped on D (A1).
        wanted: scope part -> what the user asked for, or None; it may narrow a key, never contradict it.
        likely: scope part -> what the URL suggests; used where neither key nor user says.

    Raises:
        Refused: if no key reaches the instant or what was asked for, or the key is a master or of another scheme.
        UsageError: if a scope part is said by nobody, or several keys fit.
    """
    first = keys[0]
    if isinstance(first, AccessKey):
        scope = _whole_scope(chain, at.date(), (), wanted, likely)
        return Credential(first.access_key_id, scope, _derive_from_access_key(first, chain, scope), first.session_token)
    subkeys = [one for one in keys if isinstance(one, Subkey) and one.scope.chain.label == chain.label]
    if not subkeys:
        raise Refused(f"the key is for {first.scope.chain.label} and the request for {chain.label}")
    chosen = _narrowest(_fitting(subkeys, at, wanted), likely)
    if chosen.expires_at is not None and at > chosen.expires_at:
        raise Refused(f"the session of {chosen.access_key_id} ended at {chosen.expires_at:%Y-%m-%dT%H:%M:%SZ}")
    scope = _whole_scope(chain, at.date(), chosen.scope.values, wanted, likely)
    key = derive_key(chosen.key, scope.values[len(chosen.scope.values) :])
    return Credential(chosen.access_key_id, scope, key, chosen.session_token)


def choose_checking(keys: "list[Key]", access_key_id: str, scope: Scope) -> "tuple[MacKey, Secret | None]":
    """Return the signing key for *scope* of *access_key_id*, and the session token that goes with it.

    Args:
        keys: all keys the verifier holds; the narrowest that reaches wins (A6).
        access_key_id: compared as bytes, never used as a name of anything (A15).
        scope: whole, as the request claims it.

    Raises:
        Rejected: unknown-access-key, no-secret, subkey-out-of-scope.
    """
    known = [one for one in keys if one.access_key_id == access_key_id]
    if not known:
        raise Rejected("unknown-access-key", f"{access_key_id!r}")
    reaching = [one for one in known if isinstance(one, Subkey) and one.scope.reaches(scope)]
    if reaching:
        best = max(reaching, key=lambda one: len(one.scope.values))
        return derive_key(best.key, scope.values[len(best.scope.values) :]), best.session_token
    for one in known:
        if isinstance(one, AccessKey) and one.scheme in (None, scope.chain.label):
            if not len(one.secret):
                raise Rejected("no-secret")
            return derive_key(one.secret.mac_key(scope.chain.prefix), scope.values), one.session_token
    held = ", ".join(sorted(str(one.scope) for one in known if isinstance(one, Subkey))[:3])
    raise Rejected("subkey-out-of-scope", f"{scope}; held: {held or 'a key of another scheme'}")


def widest_level(keys: "list[Key]") -> str:
    """Return the level of the widest key held: "master", or a level of its chain."""
    if any(isinstance(one, AccessKey) for one in keys):
        return "master"
    widest = min((one for one in keys if isinstance(one, Subkey)), key=lambda one: len(one.scope.values))
    return widest.scope.level


def _derive_from_access_key(key: AccessKey, chain: Chain, scope: Scope) -> MacKey:
    if key.use == "derive":
        raise Refused(
            f"{key.access_key_id} is a master secret: it derives and never signs",
            "derive a subkey with 'authkit derive-subkey' and sign with that",
        )
    if key.scheme not in (None, chain.label):
        raise Refused(f"{key.access_key_id} is for {key.scheme} and the request for {chain.label}")
    return derive_key(key.secret.mac_key(chain.prefix), scope.values)


def _fitting(subkeys: "list[Subkey]", at: datetime, wanted: "dict[str, str | None]") -> "list[Subkey]":
    today = [one for one in subkeys if one.scope.day == at.date()]
    if not today:
        raise Refused(
            f"no key for {at:%Y-%m-%dT%H:%M:%SZ}: held are keys of {describe_days([one.scope.day for one in subkeys])} (UTC)"
        )
    fitting = today
    for name, value in wanted.items():
        if value is not None:
            fitting = [one for one in fitting if one.scope.part(name) in (None, value)]
    if not fitting:
        asked = ", ".join(f"{name} {value}" for name, value in wanted.items() if value is not None)
        raise Refused(f"{asked} was asked for and the key is for {_list_scopes(today)}")
    return fitting


def _narrowest(fitting: "list[Subkey]", likely: "dict[str, str | None]") -> Subkey:
    """Return the one key to use: what the URL suggests decides between several, then the narrowest level."""
    for name, value in likely.items():
        if value is not None and len(fitting) > 1:
            fitting = [one for one in fitting if one.scope.part(name) in (None, value)] or fitting
    longest = max(len(one.scope.values) for one in fitting)
    fitting = [one for one in fitting if len(one.scope.values) == longest]
    if len(fitting) > 1:
        raise UsageError(f"several keys fit: {_list_scopes(fitting)}", "say which with --region and --service")
    return fitting[0]


def _whole_scope(
    chain: Chain,
    day: date,
    held: "tuple[str, ...]",
    wanted: "dict[str, str | None]",
    likely: "dict[str, str | None]",
) -> Scope:
    values = list(held or (chain.format_day(day),))
    for name in chain.parts[len(values) :]:
        value = wanted.get(name)
        if value is None:
            value = likely.get(name)
        if value is None:
            raise UsageError(f"neither the key nor the URL says which {name} to sign for", f"add --{name}")
        fault = part_fault(value)
        if fault:
            raise UsageError(f"--{name} {value[:80]!r} {fault}")
        values.append(value)
    return Scope((*values, chain.terminator) if len(values) == len(chain.parts) else tuple(values), chain)


def _list_scopes(subkeys: "list[Subkey]") -> str:
    names = sorted(str(one.scope) for one in subkeys)
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def describe_days(days: "list[date]") -> str:
    """Return days as text, runs joined: '2026-11-23, 2026-11-25 to 2026-11-29'."""
    runs: "list[list[date]]" = []
    for day in sorted(set(days)):
        if runs and day - runs[-1][1] == timedelta(days=1):
            runs[-1][1] = day
        else:
            runs.append([day, day])
    return ", ".join(f"{first}" if first == last else f"{first} to {last}" for first, last in runs)
