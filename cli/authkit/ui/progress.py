"""How far is a long work?"""

from authkit.ui import render

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import TypeVar

    Item = TypeVar("Item")


def tracked(items: "Iterable[Item]", total: int, what: str) -> "Iterator[Item]":
    """Yield *items*, with a bar on standard error where that is a terminal.

    Args:
        items: what is worked on.
        total: how many there are.
        what: a word for the bar, e.g. "subkeys".
    """
    if total < 100 or not render.in_colour(2):
        yield from items
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True, markup=False, emoji=False), transient=True) as bar:
        task = bar.add_task(what, total=total)
        for item in items:
            yield item
            bar.advance(task)
