"""From argv to an exit code: the one place where an error becomes one."""

import os
import sys

from authkit.errors import AuthkitError, Rejected, Untrusted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

INTERRUPTED, CLOSED_PIPE, BUG = 130, 141, 70


def main(argv: "Sequence[str] | None" = None) -> int:
    """Run one command line.

    Args:
        argv: the words behind "authkit"; None for those of this process.

    Returns:
        the exit code (HOUSE §7).
    """
    words = list(sys.argv[1:] if argv is None else argv)
    _fill_streams()
    try:
        return _dispatch(words)
    except Rejected as error:  # what gives verdicts shows them itself; elsewhere it is an input that cannot be read
        return _report("input", error.message, error.hint, 3, words)
    except AuthkitError as error:
        reason = error.reason if isinstance(error, Untrusted) else None
        return _report(error.slug, error.message, error.hint, error.exit_code, words, reason)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        return CLOSED_PIPE
    except OSError as error:
        # whatever writes translates its own, and so does whatever opens: an input broke off
        return _report("input", f"cannot read an input: {os.strerror(error.errno or 0).lower()}", None, 3, words)
    except Exception:  # ours, whatever it is: the user gets one line, the report the rest
        return _report_bug(words)


def _dispatch(words: "list[str]") -> int:
    from authkit.commands import _quick

    code = None if os.environ.get("_AUTHKIT_COMPLETE") else _quick.run(words)
    if code is None:
        from authkit.commands import _click

        code = _click.run(words)
    return code


def _report(
    slug: str, message: str, hint: "str | None", code: int, words: "list[str]", reason: "str | None" = None
) -> int:
    from authkit.ui.printable import one_line

    if "--json" in words:
        import json

        row = {"slug": slug, "message": message, "hint": hint, **({"reason": reason} if reason else {})}
        lines = [json.dumps({"error": row})]
    else:
        lines = [f"authkit: error: {one_line(message)}"]
        if hint is not None:
            lines.append(f"authkit: hint: {one_line(hint)}")
    _write_error("\n".join(lines) + "\n")
    return code


def _report_bug(words: "list[str]") -> int:
    """Name the place and the kind; never the message or a value, since they may hold a secret."""
    kind, _, place = sys.exc_info()
    frames = []
    while place is not None:
        frames.append(f"{os.path.basename(place.tb_frame.f_code.co_filename)}:{place.tb_lineno}")
        place = place.tb_next
    name = kind.__name__ if kind is not None else "?"
    return _report(
        "bug",
        f"a fault of authkit: {name} at {' '.join(frames[-6:])}",
        "please report this line; it holds no secret",
        BUG,
        words,
    )


def _write_error(text: str) -> None:
    try:  # noqa: SIM105  contextlib costs start-up
        os.write(2, text.encode("utf-8", "backslashreplace"))
    except OSError:
        pass  # nobody is left to tell; the exit code says it


def _fill_streams() -> None:
    """Let no file that is opened take the place of a closed stream: what is then written there fails."""
    for descriptor, mode in ((0, os.O_WRONLY), (1, os.O_RDONLY), (2, os.O_RDONLY)):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, mode)
