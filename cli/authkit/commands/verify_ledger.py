"""Decide whether a ledger is whole.

Every line must follow from the one before.  That finds any change but a cut end, or a ledger written anew as a whole:
those are found against a head that somebody else kept, given with --head, and against the requests that we signed,
each of which says what the head was.

Examples:

  $ authkit verify-ledger
  verdict: valid
  reason:  ok
  message: 0 lines, each follows from the one before
  head:    0:none
"""

from authkit.commands import _rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.commands._quick import Given

OPTIONS = (
    ("--head", "many", "N:HASH", "a head that was kept elsewhere, e.g. on paper; repeatable", ()),
    ("--ca", "text", "NAME", "the ledger of a CA", None),
    _rows.STORE,
    _rows.JSON,
)


def run(given: "Given") -> int:
    from authkit.commands import _ledgers
    from authkit.errors import VALID, LedgerRejected
    from authkit.ui import render
    from authkit.ui.printable import one_line

    heads = [_ledgers.read_head(text) for text in given.head]
    ledger = _ledgers.find(given)
    verdict, code = {"verdict": VALID, "reason": "ok"}, 0
    try:
        verdict["message"] = _ledgers.verify(ledger, heads, given)
        verdict["head"] = ledger.head()
    except LedgerRejected as rejected:
        code = rejected.exit_code
        verdict = {"verdict": rejected.verdict, "reason": rejected.reason, "message": rejected.message}
    if given.json:
        render.write_json({"schema": "authkit.ledger-verified/v1", **verdict})
    else:
        render.write(render.facts([(name, one_line(text)) for name, text in verdict.items()]))
    return code
