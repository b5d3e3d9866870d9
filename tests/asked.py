"""The options of a scheme, as a command line would give them to it."""

from collections.abc import Iterable
from typing import Any

from authkit.commands._quick import Given, attribute

BESIDES = {"body_unchecked": False, "presented": None, "bindings": None, "no_sign_header": ()}


def asked(rows: "Iterable[tuple[Any, ...]]", **given: Any) -> Given:
    """Return the options of *rows*, those of *given* so and the rest at their defaults."""
    values = BESIDES | {attribute(row[0]): row[4] for row in rows}
    assert values.keys() >= given.keys(), given.keys() - values.keys()
    return Given({**values, **given})
