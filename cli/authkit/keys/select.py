"""Which of the keys at hand signs this request, and which one checks it?"""

from datetime import date, datetime, timedelta

from authkit.clock import format_instant
from authkit.errors import Refused, Rejected, UsageError
from authkit.keys.access import AccessKey
from authkit.keys.derive import derive_key
from authkit.keys.scope import Chain, Scope, part_fault
from authkit.keys.subkeys import Subkey
from authkit.secret import MacKey, Secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from authkit.keys.asymmetric import Pair
    from authkit.keys.prove import PrivateKey, PublicKey

    Key = AccessKey | Subkey | PrivateKey | PublicKey
else:
    Key = AccessKey | Subkey  # a key pair costs an import that most requests do not need


class Credential:
    """What signs one request.

    Attributes:
        access_key_id: whose key.
        scope: whole, terminator included.
        key: the signing key, or a key pair in its place.
        session_token: sent with the request; None without one.
    """

    __slots__ = ("access_key_id", "scope", "key", "session_token")

    def __init__(self, access_key_id: str, scope: Scope, key: "MacKey | Pair", session_token: "Secret | None") -> None:
        self.access_key_id = access_key_id
        self.scope = scope
        self.key = key
        self.session_token = session_token


def choose_signing(
    keys: "list[Key]",
    chain: Chain,
    at: datetime,
    wanted: "dict[str, str | None]",
    guess: "Callable[[], dict[str, str | None]]",
) -> Credential:
    """Return what signs a request stamped *at*.

    Args:
        keys: 1 or more, of one reference.
        chain: the scheme's.
        at: the request's own instant; a key of day D signs only requests stamped on D (A1).
        wanted: scope part -> what the user asked for, or None; it may narrow a key, never contradict it.
        guess: gives scope part -> what the URL suggests, or None; asked where neither key nor user says.

    Raises:
        Refused: if no key reaches the instant or what was asked for, or the key is a master or of another scheme.
        UsageError: if a scope part is said by nobody, or several keys fit.
    """
    first = keys[0]
    if isinstance(first, AccessKey):
        scope = whole_scope(chain, (chain.format_day(at),), wanted, guess)
        key = _derive_from_access_key(first, chain, scope)
        refuse_ended(first, at)
        return Credential(first.access_key_id, scope, key, first.session_token)
    day, label = chain.format_day(at), chain.label
    today = [
        one for one in keys if isinstance(one, Subkey) and one.scope.values[0] == day and one.scope.chain.label == label
    ]
    chosen = today[0] if len(today) == 1 else _narrowest(_held_today(keys, today, chain, at), wanted, guess)
    refuse_ended(chosen, at)
    values = chosen.scope.values
    for name, value in wanted.items():
        if value is not None and chosen.scope.part(name) not in (None, value):
            raise _contradiction(wanted, today)
    if len(values) == len(chain.levels):
        return Credential(chosen.access_key_id, chosen.scope, chosen.key, chosen.session_token)
    scope = whole_scope(chain, values, wanted, guess)
    return Credential(
        chosen.access_key_id, scope, derive_key(chosen.key, scope.values[len(values) :]), chosen.session_token
    )


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
    best: "Subkey | None" = None
    for one in known:
        if not isinstance(one, Subkey) or not one.scope.reaches(scope):
            continue
        if best is None or len(one.scope.values) > len(best.scope.values):
            best = one
    if best is not None:
        return derive_key(best.key, scope.values[len(best.scope.values) :]), best.session_token
    for one in known:
        if isinstance(one, AccessKey) and one.scheme in (None, *scope.chain.family):
            if not len(one.secret):
                raise Rejected("no-secret")
            return derive_key(one.secret.mac_key(scope.chain.prefix), scope.values), one.session_token
    held = ", ".join(sorted(str(one.scope) for one in known if isinstance(one, Subkey))[:3])
    raise Rejected("subkey-out-of-scope", f"{scope}; held: {held or 'a key of another scheme'}")


def secret_for(keys: "list[Key]", label: str, override: bool = False) -> AccessKey:
    """Return the access key whose secret itself signs, for a scheme that derives nothing from it.

    Args:
        keys: 1 or more, of one reference.
        label: the scheme's.
        override: whether a key that was made for another scheme may be used all the same (S5).

    Raises:
        Refused: if it is a master, a subkey or a key pair, or made for another scheme.
    """
    first = keys[0]
    if not isinstance(first, AccessKey):
        what = "a subkey" if isinstance(first, Subkey) else "a key pair"
        raise Refused(f"the key is {what}, and {label} signs with a secret")
    refuse_master(first)
    if first.scheme not in (None, label) and not override:
        raise other_scheme(first, label)
    return first


def secret_checking(keys: "list[Key]", access_key_id: str, label: str, override: bool = False) -> AccessKey:
    """Return the access key whose secret checks a signature of *access_key_id*, for a scheme that derives nothing.

    Args:
        keys: all keys the verifier holds.
        access_key_id: as the message has it; compared as bytes.
        label: the scheme's.
        override: whether a key that was made for another scheme may be used all the same.

    Raises:
        Rejected: unknown-access-key, no-secret, other-scheme.
    """
    known = [one for one in keys if one.access_key_id == access_key_id and isinstance(one, AccessKey)]
    if not known:
        raise Rejected("unknown-access-key", f"{access_key_id[:128]!r}")
    fitting = [one for one in known if override or one.scheme in (None, label)]
    if not fitting:
        raise Rejected("other-scheme", f"{known[0].scheme} and {label}", "--scheme-override insists")
    if not len(fitting[0].secret):
        raise Rejected("no-secret")
    return fitting[0]


def session_end(keys: "list[Key]", access_key_id: str, token: Secret) -> "datetime | None":
    """Return when the session of *token* ends; None where no key at hand says it."""
    own = [one for one in keys if one.access_key_id == access_key_id and isinstance(one, (AccessKey, Subkey))]
    return next((one.expires_at for one in own if token in (one.session_token,)), None)


def check_session(end: "datetime | None", until: datetime, at: datetime) -> datetime:
    """Return until when a request is accepted whose key belongs to a session.

    Args:
        end: when the session ends; None for none.
        until: when the request's own time ends.
        at: the verifier's present instant.

    Raises:
        Rejected: expired, once the session has ended.
    """
    if end is None:
        return until
    if at > end:
        raise Rejected("expired", f"its session ended at {format_instant(end)}")
    return min(until, end)


def without_scheme(keys: "list[Key]") -> "list[Key]":
    """Return keys of which those that were made for one scheme may be used by any, as --scheme-override insists."""
    return [_freed(key) if isinstance(key, AccessKey) and key.scheme is not None else key for key in keys]


def _freed(key: AccessKey) -> AccessKey:
    return AccessKey(
        key.access_key_id,
        key.secret,
        raw=key.raw,
        session_token=key.session_token,
        expires_at=key.expires_at,
        use=key.use,
    )


def other_scheme(key: AccessKey, label: str) -> Refused:
    """Return the error for a key that was made for another scheme than *label*."""
    return Refused(
        f"{key.access_key_id} is for {key.scheme} and the request for {label}", "--scheme-override insists, for once"
    )


def refuse_master(key: AccessKey) -> None:
    """Raise Refused if *key* is a master, which derives and never signs."""
    if key.use == "derive":
        raise Refused(
            f"{key.access_key_id} is a master secret: it derives and never signs",
            "derive a subkey with 'authkit derive-subkey' and sign with that",
        )


def widest_level(keys: "list[Key]") -> str:
    """Return the level of the widest of 1 or more keys: "master", or a level of its chain."""
    level, missing = "signing", 0
    for one in keys:
        if isinstance(one, AccessKey):
            return "master"
        if not isinstance(one, Subkey):
            continue
        if len(one.scope.chain.levels) - len(one.scope.values) > missing:
            level, missing = one.scope.level, len(one.scope.chain.levels) - len(one.scope.values)
    return level


def _derive_from_access_key(key: AccessKey, chain: Chain, scope: Scope) -> MacKey:
    refuse_master(key)
    if key.scheme not in (None, *chain.family):
        raise other_scheme(key, chain.label)
    return derive_key(key.secret.mac_key(chain.prefix), scope.values)


def refuse_ended(key: Key, at: datetime) -> None:
    """Raise Refused if the session of *key* has ended at *at*."""
    if key.expires_at is not None and at > key.expires_at:
        raise Refused(f"the session of {key.access_key_id} ended at {format_instant(key.expires_at)}")


def _held_today(keys: "list[Key]", today: "list[Subkey]", chain: Chain, at: datetime) -> "list[Subkey]":
    """Return *today* if there is one; else say what is held instead."""
    if today:
        return today
    subkeys = [one for one in keys if isinstance(one, Subkey) and one.scope.chain.label == chain.label]
    if not subkeys:
        labels = [one.scope.chain.label for one in keys if isinstance(one, Subkey)]
        if not labels:
            raise Refused(f"the key is a key pair, and {chain.label} signs with a secret or a subkey")
        raise Refused(f"the key is for {labels[0]} and the request for {chain.label}")
    held = describe_days([one.scope.day for one in subkeys])
    raise Refused(f"no key for {format_instant(at)}: held are keys of {held} (UTC)")


def _narrowest(
    fitting: "list[Subkey]", wanted: "dict[str, str | None]", guess: "Callable[[], dict[str, str | None]]"
) -> Subkey:
    """Return the one key to use: of those that fit what was asked for and what the URL suggests, the narrowest."""
    today = fitting
    for name, value in wanted.items():
        if value is not None:
            fitting = [one for one in fitting if one.scope.part(name) in (None, value)]
    if not fitting:
        raise _contradiction(wanted, today)
    if len(fitting) > 1:
        for name, value in guess().items():
            if value is not None:
                fitting = [one for one in fitting if one.scope.part(name) in (None, value)] or fitting
    longest = max(len(one.scope.values) for one in fitting)
    fitting = [one for one in fitting if len(one.scope.values) == longest]
    if len(fitting) > 1:
        raise UsageError(f"several keys fit: {_list_scopes(fitting)}", "say which with --region and --service")
    return fitting[0]


def _contradiction(wanted: "dict[str, str | None]", today: "list[Subkey]") -> Refused:
    asked = ", ".join(f"{name} {value}" for name, value in wanted.items() if value is not None)
    return Refused(f"{asked} was asked for and the key is for {_list_scopes(today)}")


def whole_scope(
    chain: Chain,
    held: "tuple[str, ...]",
    wanted: "dict[str, str | None]",
    guess: "Callable[[], dict[str, str | None]]",
) -> Scope:
    """Return the scope of a signing key that begins with *held*.

    Args:
        chain: the scheme's.
        held: its first values, the date at least.
        wanted, guess: as for `choose_signing`.

    Raises:
        UsageError: if a part is said by nobody, or cannot be one.
    """
    values = list(held)
    for name in chain.parts[len(values) :]:
        value = wanted.get(name)
        if value is None:
            value = guess().get(name)
        if value is None:
            raise UsageError(f"neither the key nor the URL says which {name} to sign for", f"add --{name}")
        fault = part_fault(value)
        if fault:
            raise UsageError(f"--{name} {value[:80]!r} {fault}")
        values.append(value)
    return Scope((*values, chain.terminator), chain)


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
