"""Show what was asked for, approved and taken in.

One line for each thing that was done, oldest first, and the ledger's head at the end: the number of lines and the hash
of the last.  Written down on paper, the head finds a ledger whose end was cut, or that was written anew.

Examples:

  $ authkit show-ledger
  authkit: note: the ledger is empty
  0:none
"""

from authkit.commands import _rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.commands._quick import Given

OPTIONS = (
    ("--last", "int", "N", "only the last N lines", None),
    ("--ca", "text", "NAME", "the ledger of a CA", None),
    _rows.STORE,
    _rows.JSON,
)


def run(given: "Given") -> None:
    from authkit.commands import _ledgers
    from authkit.errors import UsageError
    from authkit.ui import render

    if given.last is not None and given.last < 1:
        raise UsageError(f"--last {given.last} is not 1 or more")
    ledger = _ledgers.find(given)
    lines, head = ledger.lines(), ledger.head()
    shown = lines if given.last is None else lines[-given.last :]
    if ledger.interrupted:
        render.warn(f"{ledger.path} ends in a line that was not finished; the next that is written moves it aside")
    if given.json:
        render.write_json({"schema": "authkit.ledger/v1", "head": head, "lines": shown})
        return
    if shown:
        render.write(render.table(("N", "AT", "EVENT", "WHAT"), [_ledgers.row(line) for line in shown]) + "\n")
    else:
        render.note("the ledger is empty")
    render.write(f"{head}\n")
