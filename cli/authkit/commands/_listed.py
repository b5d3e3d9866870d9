"""Which certificates are there, and how do they stand?"""

from datetime import timedelta

from authkit.certs.certificate import fingerprint_of
from authkit.certs.renewal import running_out, standing
from authkit.clock import format_instant, later
from authkit.commands import _ca
from authkit.commands._entries import SHOWN
from authkit.ui import render

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from authkit.certs.authority import Authority
    from authkit.certs.record import IssuedRow, Record, Revocation
    from authkit.commands._quick import Given
    from authkit.stores.base import Entry, Store

HEADER = ("NAME", "KIND", "FOR", "CA", "UNTIL", "DAYS", "STATE", "SERIAL")
VALID, RENEWED, EARLY, EXPIRED, REVOKED = "valid", "renewed", "not yet valid", "expired", "revoked"
_DAY = timedelta(days=1)
SOON = 7  # days


class Listed:
    """A certificate, and how it stands.

    Attributes:
        ca: the name of the CA that issued it; of a CA in the store, its own.
        name: under which it was issued.
        profile: a name of PROFILES; "ca" for a CA in the store.
        identity: what it names first, for people.
        san: texts such as "email:alice@example.com".
        serial, fingerprint: lower-case hex.
        not_before, not_after: aware UTC.
        days_left: whole days, or minus those since it expired; 0 on either side of its end.
        state: VALID, RENEWED (valid, and there is a newer one), EARLY, EXPIRED or REVOKED.
        revocation: or None.
    """

    __slots__ = (
        "ca",
        "days_left",
        "fingerprint",
        "identity",
        "name",
        "not_after",
        "not_before",
        "profile",
        "revocation",
        "san",
        "serial",
        "state",
    )

    def __init__(
        self,
        ca: str,
        name: str,
        profile: str,
        identity: str,
        san: "tuple[str, ...]",
        serial: str,
        fingerprint: str,
        not_before: "datetime",
        not_after: "datetime",
        at: "datetime",
        *,
        renewed: bool = False,
        revocation: "Revocation | None" = None,
    ) -> None:
        self.ca = ca
        self.name = name
        self.profile = profile
        self.identity = identity
        self.san = san
        self.serial = serial
        self.fingerprint = fingerprint
        self.not_before = not_before
        self.not_after = not_after
        self.days_left = (not_after - at) // _DAY if at <= not_after else -((at - not_after) // _DAY)
        self.revocation = revocation
        if revocation is not None:
            self.state = REVOKED
        elif at > not_after:
            self.state = EXPIRED
        elif at < not_before:
            self.state = EARLY
        else:
            self.state = RENEWED if renewed else VALID

    def __repr__(self) -> str:
        return f"<Listed {self.name} {self.state}>"

    def as_row(self) -> "tuple[str, ...]":
        """Return the cells of HEADER."""
        state = self.state
        if self.revocation is not None:
            state = f"{state} {format_instant(self.revocation.date)[:10]}"
        until = format_instant(self.not_after)[:10]
        return self.name, self.profile, self.identity, self.ca, until, str(self.days_left), state, self.serial[:SHOWN]

    def as_json(self) -> "dict[str, object]":
        """Return the member of authkit.certs/v1."""
        found: "dict[str, object]" = {
            "ca": self.ca,
            "name": self.name,
            "serial": self.serial,
            "sha256": self.fingerprint,
            "san": list(self.san),
            "profile": self.profile,
            "not_before": format_instant(self.not_before),
            "not_after": format_instant(self.not_after),
            "days_left": self.days_left,
            "state": self.state.replace(" ", "-"),
        }
        if self.revocation is not None:
            found["revoked_at"] = format_instant(self.revocation.date)
            found["reason"] = self.revocation.reason
        return found

    @property
    def style(self) -> str:
        """The SGR code of its row: red for what no longer counts or ends today, yellow for what ends within a week."""
        if self.state in (EXPIRED, REVOKED) or self.days_left < 1:
            return "31"
        return "33" if self.days_left < SOON and self.state == VALID else ""


def listed(given: "Given", at: "datetime") -> "list[Listed]":
    """Return what the options ask for, soonest end first.

    Args:
        given: with ca, store, expiring and all.
        at: aware UTC, whole seconds.

    Raises:
        NotFound: if there is no store, or no CA of that name.
        StoreError: if a ledger, or the CA that was named, is damaged.
    """
    store = _ca.open_store(given.store)
    entries = _cas(store) if given.ca is None else _only(_ca.choose(given)[0].name, store)
    found: "list[Listed]" = []
    known: "set[str]" = set()
    for entry in entries:
        record = _ca.record_of(_ca.ledger_of(entry.name, store, _authority(entry)))
        known.update([row.fingerprint for row in record.issued])
        rows = record.issued if given.expiring is None else running_out(record, at, given.expiring)
        latest = {row.serial for row in standing(record)}
        found += [_of_row(entry.name, row, record, latest, at) for row in rows]
    # a CA below another of the store is in that one's ledger, which also says whether it was revoked
    found += [one for entry in entries for one in _of_ca(entry, at) if one.fingerprint not in known]
    if given.expiring is not None:
        end = later(at, given.expiring * 86400)
        found = [one for one in found if at <= one.not_after <= end]
    elif not given.all:
        found = [one for one in found if one.state not in (EXPIRED, REVOKED)]
    return sorted(found, key=lambda one: (one.not_after, one.ca, one.name))


def _cas(store: "Store") -> "list[Entry]":
    """Return the CAs of a store, and warn of what may be one and cannot be read."""
    found = store.listing()
    for one in found:
        if one.error is not None:
            render.warn(f"{one.name} is left out: {one.error}")
    return [one for one in found if one.metadata.get("kind") == "ca"]


def _only(name: str, store: "Store") -> "list[Entry]":
    return [one for one in _ca.list_cas(store) if one.name == name]


def _of_row(ca: str, row: "IssuedRow", record: "Record", latest: "set[str]", at: "datetime") -> Listed:
    identity = row.san[0] if row.san else f"cn:{row.common_name}" if row.common_name else ""
    return Listed(
        ca,
        row.name,
        row.profile,
        identity,
        row.san,
        row.serial,
        row.fingerprint,
        row.not_before,
        row.not_after,
        at,
        renewed=row.serial not in latest,
        revocation=record.revoked.get(row.serial),
    )


def _authority(entry: "Entry") -> "Authority | None":
    """Return a CA without its key; None where its certificate is still to come."""
    from authkit.certs.authority import load_authority

    return load_authority(entry.metadata, None, entry.name) if "certificate" in entry.metadata else None


def _of_ca(entry: "Entry", at: "datetime") -> "list[Listed]":
    """Return the CA itself; nothing where its certificate is still to come."""
    authority = _authority(entry)
    if authority is None:
        return []
    one = authority.certificate
    return [
        Listed(
            entry.name,
            entry.name,
            "ca",
            f"issuing to {authority.issued_for}s",
            (),
            f"{one.serial_number:x}",
            fingerprint_of(one),
            one.not_valid_before_utc,
            one.not_valid_after_utc,
            at,
        )
    ]
