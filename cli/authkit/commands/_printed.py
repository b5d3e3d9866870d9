"""Where do the pages of a backup go?"""

import os

from authkit import clock, files
from authkit.ceremony import leaflet
from authkit.ceremony.kept import paper_rows, share_rows
from authkit.ceremony.paper import format_lines
from authkit.commands import _backed_up, _carried
from authkit.errors import Refused, UsageError
from authkit.ui import render

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from authkit.ceremony.kept import Kept
    from authkit.commands._quick import Given

_WHAT = "the page"


class Paper:
    """One page with the whole key.

    Args:
        given: of backup-key; what cannot be is refused here, before anybody is asked for a passphrase.
    """

    def __init__(self, given: "Given") -> None:
        self.given = given
        if given.json and given.output in (None, "-"):
            raise UsageError("--json says which files were written", "add --output FILE")
        _carried.check(given, what=_WHAT, secret=True)

    def print(self, kept: "Kept") -> None:
        """Hand the page over; as QR codes only what restore-key reads of it."""
        page = format_lines(paper_rows(kept)) if self.given.qr else leaflet.paper(kept, clock.now().date())
        written = _carried.deliver(page.encode("ascii"), self.given, what=_WHAT, secret=True)
        _report(kept, list(written), self.given)
        _hint("it", written or ("FILE",))


class Shares:
    """A page for each share, in a folder of its own.

    Args:
        given: as for `Paper`.
    """

    def __init__(self, given: "Given") -> None:
        self.given = given
        self.needed, self.count = _backed_up.parse_shares(given.shares)
        if given.output in (None, "-"):
            raise UsageError("shares go into files, so that nobody sees two of them by accident", "add -o FOLDER")
        if given.force or given.qr_size is not None:
            raise UsageError("--force and --qr-size are for --paper")
        if given.qr and not given.reveal:
            raise Refused(
                "the shares would be in QR codes that anybody who sees them can read",
                "add --reveal if no other eye or camera sees them",
            )
        if os.path.lexists(given.output):
            raise Refused(f"{given.output} exists", "name a folder that does not exist yet")

    def print(self, kept: "Kept") -> None:
        """Write the pages, all of them or none."""
        from authkit.ceremony.shares import encode_secret, split_secret

        made = split_secret(encode_secret(kept.text), self.needed, self.count)
        pages = [self._page(kept, words, number) for number, words in enumerate(made, 1)]
        stem, end = f"{kept.name or 'store'}-share", "png" if self.given.qr else "txt"
        names = [f"{stem}-{number}-of-{self.count}.{end}" for number in range(1, self.count + 1)]
        files.write_folder(self.given.output, [(name, page, 0o600) for name, page in zip(names, pages)])
        written = [os.path.join(self.given.output, name) for name in names]
        _report(kept, written, self.given)
        render.note("give each to another person; who has had all of them in hand has had the key")
        _hint("them", written[: self.needed])

    def _page(self, kept: "Kept", words: str, number: int) -> bytes:
        if self.given.qr:
            rows = share_rows(kept, words, number, self.needed, self.count)
            return _picture(format_lines(rows).encode("ascii"))
        return leaflet.share(kept, words, number, self.needed, self.count, clock.now().date()).encode("ascii")


def _picture(page: bytes) -> bytes:
    """Return the one QR code that holds a page."""
    from authkit.ceremony import frames
    from authkit.ui import qr

    size = len(frames.pack(page)[1])
    version = next(one for one in qr.VERSIONS if frames.count_frames(size, qr.capacity(one)) == 1)
    return qr.picture(frames.split(page, qr.capacity(version))[0], version)


def _report(kept: "Kept", written: "list[str]", given: "Given") -> None:
    if given.json:
        about = {"name": kept.name, "kind": kept.kind, "check": kept.check(), "files": written}
        render.write_json({"schema": "authkit.backup/v1", **about})
    elif written:
        render.write("".join([f"{name}\n" for name in written]))


def _hint(what: str, names: "Sequence[str]") -> None:
    if names[0].endswith(".png"):
        scanned = [f"<(zbarimg -q --raw {name})" for name in names]
        names = scanned if what == "them" else [f"<(zbarimg -q --raw {' '.join(names)})"]
    render.note(f"try {what} before you need {what}: authkit restore-key --check {' '.join(names)}")
