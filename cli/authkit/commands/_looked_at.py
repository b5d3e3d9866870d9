"""The message that inspect-signature is asked about, and the scheme by which it looks signed."""

from authkit.commands import _requests, _schemes
from authkit.commands._quick import Given, attribute
from authkit.commands._responses import check_scheme
from authkit.schemes.detect import detect

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from authkit.commands._verdicts import Judge
    from authkit.messages.payload import Watcher
    from authkit.schemes.base import Scheme


class Seen:
    """A message, and how it is to be read.

    Attributes:
        message: a request or a response.
        scheme: the one that was named, else the one by which it looks signed, else SigV4.
        judge: what verifies it with the keys that were given; None without keys, and for the table of derived keys.
    """

    __slots__ = ("message", "scheme", "judge")

    message: "Any"
    scheme: "Scheme"
    judge: "Judge | None"


def look(given: Given) -> Seen:
    """Return what INPUT is.

    Raises:
        InputError, UsageError: if it is no message, or options do not fit its scheme.
        Rejected: for a message whose syntax is not HTTP's.
    """
    seen = Seen()
    if given.scheme is not None:
        _take(seen, given, given.scheme)

    def watch(head: "Any", at: "str | None") -> "dict[str, Watcher]":
        if not hasattr(seen, "scheme"):
            _take(seen, given, detect(head) or _schemes.DEFAULT)
        if seen.judge is not None:
            return seen.judge.watch(head, at)
        own = seen.scheme.watch
        return {} if own is None or seen.scheme.row is not None else own(_options(given, seen.scheme, head))

    seen.message = _requests.read_request(given, watch)
    if not hasattr(seen, "scheme"):  # what has no body is not watched
        _take(seen, given, detect(seen.message) or _schemes.DEFAULT)
    check_scheme(seen.message, seen.scheme)
    return seen


def _take(seen: Seen, given: Given, name: str) -> None:
    seen.scheme = _schemes.find(name)
    seen.judge = None
    if given.scheme is None:
        _schemes.adopt(given, seen.scheme, "inspect_options", "message")
    if seen.scheme.row is None:
        _schemes.read_files(given, seen.scheme.inspect_options)
        if given.key:
            seen.judge = _judge_of(given, seen.scheme)


def _judge_of(given: Given, scheme: "Scheme") -> "Judge":
    """Return a verifier with the strictest policy there is, but for what the options say."""
    from authkit.commands._verdicts import Judge

    policy = {attribute(row[0]): row[4] for row in scheme.verify_options}
    return Judge(Given({**policy, "body_unchecked": False, **given.__dict__, "scheme": scheme.name}))


def _options(given: Given, scheme: "Scheme", head: "Any") -> Given:
    """Return what a scheme's `watch` is asked with; a form's has its boundary in *head*."""
    return Given({**{attribute(row[0]): row[4] for row in scheme.sign_options}, **given.__dict__, "head": head})
