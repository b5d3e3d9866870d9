"""How does a result look, on a terminal and in a pipe?"""

import os

from authkit.errors import StoreError
from authkit.ui.printable import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def write(result: "str | bytes | memoryview") -> None:
    """Write a result to standard output, as it is.

    Raises:
        BrokenPipeError: if the reader went away.
        StoreError: if it cannot be written.
    """
    rest = memoryview(result.encode("utf-8", "backslashreplace") if isinstance(result, str) else result)
    try:
        while rest:
            rest = rest[os.write(1, rest) :]
    except BrokenPipeError as error:
        raise BrokenPipeError("the reader went away") from error  # without a number, by which click would exit 1
    except OSError as error:
        raise StoreError(f"cannot write the result: {os.strerror(error.errno or 0).lower()}") from error


def write_json(value: object) -> None:
    """Write *value* as one line of JSON, ASCII."""
    import json

    write(json.dumps(value, ensure_ascii=True) + "\n")


def note(text: str) -> None:
    """Tell a person something on standard error."""
    _error_line("note", text)


def warn(text: str) -> None:
    """Warn a person on standard error."""
    _error_line("warning", text)


def is_terminal(stream: int = 1) -> bool:
    """Say whether standard output (1), error (2) or input (0) is a terminal."""
    try:
        return os.isatty(stream)
    except OSError:
        return False


def in_colour(stream: int = 1) -> bool:
    """Say whether colour may be used: a terminal that can, and no NO_COLOR."""
    return is_terminal(stream) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def style(text: str, code: str) -> str:
    """Return *text* in an SGR style on a terminal, plain otherwise.

    Args:
        text: printable already.
        code: an SGR code: "1" bold, "2" dim, "31" red, "32" green, "33" yellow.
    """
    return f"\x1b[{code}m{text}\x1b[0m" if in_colour() else text


def facts(rows: "Iterable[tuple[str, str]]") -> str:
    """Return 'name: value' lines, values in one column; an empty name goes on with the value above."""
    rows = list(rows)
    width = max([len(name) for name, _ in rows], default=0)
    lines = []
    for name, value in rows:
        label = f"{name}:" if name else ""
        lines.append(f"{style(f'{label:<{width + 1}}', '2')} {value}".rstrip())
    return "".join([line + "\n" for line in lines])


def table(header: "tuple[str, ...]", rows: "list[tuple[str, ...]]", styles: "tuple[str, ...]" = ()) -> str:
    """Return a table: drawn by rich on a terminal, in plain aligned columns otherwise.

    Args:
        header: column names.
        rows: texts that may be foreign; they are escaped here.
        styles: a row's SGR code each, as for `style`, "" for none; or nothing at all.
    """
    rows = [tuple([one_line(cell) for cell in row]) for row in rows]
    if in_colour():
        return _rich_table(header, rows, styles)
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]
    lines = ["  ".join([cell.ljust(width) for cell, width in zip(row, widths)]).rstrip() for row in [header, *rows]]
    return "\n".join(lines) + "\n"


_RICH_STYLES = {"": "", "1": "bold", "2": "dim", "31": "red", "32": "green", "33": "yellow"}


def _rich_table(header: "tuple[str, ...]", rows: "list[tuple[str, ...]]", styles: "tuple[str, ...]") -> str:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name in header:
        drawn.add_column(Text(name), overflow="fold")
    for row, code in zip(rows, styles or ("",) * len(rows)):
        drawn.add_row(*[Text(cell) for cell in row], style=_RICH_STYLES[code])
    console = Console(markup=False, emoji=False, highlight=False, force_terminal=True)
    with console.capture() as capture:
        console.print(drawn)
    return capture.get()


def _error_line(kind: str, text: str) -> None:
    line = f"authkit: {kind}: {one_line(text)}\n"
    try:  # noqa: SIM105  contextlib costs start-up
        os.write(2, line.encode("utf-8", "backslashreplace"))
    except OSError:
        pass  # a note is not worth failing for


def tell(text: str) -> None:
    """Write lines for a person on standard error; the caller has escaped what is foreign in them."""
    try:  # noqa: SIM105  contextlib costs start-up
        os.write(2, text.encode("utf-8", "backslashreplace"))
    except OSError:
        pass  # as for a note
