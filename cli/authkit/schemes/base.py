"""The values that every signature scheme takes and gives."""

from datetime import datetime

from authkit.messages.request import Request

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


class Signed:
    """A signed request, and how it came to be.

    Attributes:
        scheme: name of the scheme, e.g. "sigv4".
        access_key_id: whose key signed it.
        scope: credential scope.
        request: what to send; it carries the signature.
        added: the headers that signing added, in order; none when the signature is in the query.
        stages: the specification's name of each stage -> its text, one character a byte.
        warnings: sentences for people.
    """

    __slots__ = ("scheme", "access_key_id", "scope", "request", "added", "stages", "warnings")

    def __init__(
        self,
        scheme: str,
        access_key_id: str,
        scope: str,
        request: Request,
        added: "tuple[tuple[str, str], ...]",
        stages: "dict[str, str]",
        warnings: "tuple[str, ...]" = (),
    ) -> None:
        self.scheme = scheme
        self.access_key_id = access_key_id
        self.scope = scope
        self.request = request
        self.added = added
        self.stages = stages
        self.warnings = warnings

    @property
    def url(self) -> str:
        """The URL to send it to; a bearer value when the signature is in it."""
        return self.request.url


class Verified:
    """A verdict of yes, with what it says and what it does not.

    Attributes:
        scheme: name of the scheme.
        access_key_id: whose key signed it.
        scope: credential scope.
        signed_at: the request's own instant, aware UTC.
        replayable_until: the last second at which the same request would be accepted again.
        covered: parts that the signature covers: "method", "path", "query", "body", header names in lower case.
        uncovered: parts present that it does not cover.
        warnings: words, e.g. "authority-not-compared".
    """

    __slots__ = (
        "scheme",
        "access_key_id",
        "scope",
        "signed_at",
        "replayable_until",
        "covered",
        "uncovered",
        "warnings",
    )

    def __init__(
        self,
        scheme: str,
        access_key_id: str,
        scope: str,
        signed_at: datetime,
        replayable_until: datetime,
        covered: "tuple[str, ...]",
        uncovered: "tuple[str, ...]",
        warnings: "tuple[str, ...]",
    ) -> None:
        self.scheme = scheme
        self.access_key_id = access_key_id
        self.scope = scope
        self.signed_at = signed_at
        self.replayable_until = replayable_until
        self.covered = covered
        self.uncovered = uncovered
        self.warnings = warnings


class Scheme:
    """A signature scheme.

    Attributes:
        name: as --scheme names it.
        sign_options: option rows that signing with it understands.
        verify_options: option rows that verifying with it understands.
        inspect_options: option rows that explaining it understands.
        sign: (request, credential, settings, at) -> Signed.
        verify: (request, keys, policy, at) -> Verified; raises Rejected.
    """

    __slots__ = ("name", "sign_options", "verify_options", "inspect_options", "sign", "verify")

    def __init__(
        self,
        name: str,
        sign_options: "tuple[tuple[object, ...], ...]",
        verify_options: "tuple[tuple[object, ...], ...]",
        inspect_options: "tuple[tuple[object, ...], ...]",
        sign: "Callable[..., Signed]",
        verify: "Callable[..., Verified]",
    ) -> None:
        self.name = name
        self.sign_options = sign_options
        self.verify_options = verify_options
        self.inspect_options = inspect_options
        self.sign = sign
        self.verify = verify
