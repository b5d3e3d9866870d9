"""The values that every signature scheme takes and gives."""

from datetime import datetime

from authkit.messages.request import Request

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from authkit.keys.select import Key
    from authkit.messages.payload import Reader, Watcher
    from authkit.schemes.derived import Derived

    Rows = tuple[tuple[str, str, str, str, object], ...]


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
        encode: how the body is rewritten on its way out, from a reader of it; None where it travels as it is.
        bearer: texts in the stages that open something by themselves, e.g. a session token; shown to nobody.
    """

    __slots__ = ("scheme", "access_key_id", "scope", "request", "added", "stages", "warnings", "encode", "bearer")

    def __init__(
        self,
        scheme: str,
        access_key_id: str,
        scope: str,
        request: Request,
        added: "tuple[tuple[str, str], ...]",
        stages: "dict[str, str]",
        warnings: "tuple[str, ...]" = (),
        encode: "Callable[[Reader], Iterator[bytes | memoryview]] | None" = None,
        bearer: "tuple[str, ...]" = (),
    ) -> None:
        self.scheme = scheme
        self.access_key_id = access_key_id
        self.scope = scope
        self.request = request
        self.added = added
        self.stages = stages
        self.warnings = warnings
        self.encode = encode
        self.bearer = bearer

    @property
    def url(self) -> str:
        """The URL to send it to; a bearer value when the signature is in it."""
        return self.request.url


class Claimed:
    """What a request says of its signature; nothing of it is verified.

    Attributes:
        access_key_id: as written; "" where the scheme names none.
        scope: as written; "" where the scheme has none.
        at: the request's own instant, aware UTC; None where that is not known.
    """

    __slots__ = ("access_key_id", "scope", "at")

    def __init__(self, access_key_id: str, scope: str = "", at: "datetime | None" = None) -> None:
        self.access_key_id = access_key_id
        self.scope = scope
        self.at = at


class Verified:
    """A verdict of yes, with what it says and what it does not.

    Attributes:
        scheme: name of the scheme.
        access_key_id: whose key signed it.
        scope: credential scope; "" for a scheme that has none.
        signed_at: the request's own instant, aware UTC; None for a scheme without time.
        replayable_until: the last second at which the same request would be accepted again; None for always.
        covered: parts that the signature covers: "method", "path", "query", "body", header names in lower case.
        uncovered: parts present that it does not cover.
        warnings: words, e.g. "authority-not-compared".
        more: what the scheme alone says, e.g. "label", "identity"; member of the JSON form -> its value.
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
        "more",
    )

    def __init__(
        self,
        scheme: str,
        access_key_id: str,
        scope: str,
        signed_at: "datetime | None",
        replayable_until: "datetime | None",
        covered: "tuple[str, ...]",
        uncovered: "tuple[str, ...]",
        warnings: "tuple[str, ...]",
        more: "dict[str, object] | None" = None,
    ) -> None:
        self.scheme = scheme
        self.access_key_id = access_key_id
        self.scope = scope
        self.signed_at = signed_at
        self.replayable_until = replayable_until
        self.covered = covered
        self.uncovered = uncovered
        self.warnings = warnings
        self.more = {} if more is None else more


class SignJob:
    """What one signing is asked for.

    Attributes:
        request: with a Host header; what its body is, payload_hash, content_length and watched say.
        keys: of one key reference, 1 or more.
        options: the value of each of the scheme's option rows, as attributes, '_' for '-'.
        at: the instant to sign at, aware UTC, whole seconds.
        random: gives that many random bytes, for nonces.
    """

    __slots__ = ("request", "keys", "options", "at", "random")

    def __init__(
        self, request: Request, keys: "list[Key]", options: "Any", at: datetime, random: "Callable[[int], bytes]"
    ) -> None:
        self.request = request
        self.keys = keys
        self.options = options
        self.at = at
        self.random = random


class Verifier:
    """Verifies with given keys and a given policy.

    Attributes:
        judge: (request, at) -> Verified; raises Rejected.
        watch: (request, at) -> what must see the body besides its hash, by name; asked once the head is read.
    """

    __slots__ = ("judge", "watch")

    def __init__(
        self,
        judge: "Callable[[Request, datetime], Verified]",
        watch: "Callable[[Request, datetime], dict[str, Watcher]] | None" = None,
    ) -> None:
        self.judge = judge
        self.watch = watch


class Scheme:
    """A signature scheme.

    Attributes:
        name: as --scheme names it.
        label: as a key records the only scheme that may use it, e.g. AWS4-HMAC-SHA256.
        sign_options, verify_options, inspect_options: rows of options that it understands.
        sign: signs; raises Refused, InputError, UsageError.
        verifier: (keys, options) -> Verifier; raises UsageError for options that do not fit.
        stages: (request, options) -> every stage as rebuilt from the signed request alone; raises Rejected; None
            beside a row.
        watch: (options) -> what must see the body, besides its hash, when signing; None for nothing.
        responses: whether it signs responses too; a Response then stands where a Request is said.
        needs_key: whether verifying needs a key that the message does not bring.
        row: the row of the family of derived keys, which explain understands whole; None for any other scheme.
    """

    __slots__ = (
        "name",
        "label",
        "sign_options",
        "verify_options",
        "inspect_options",
        "sign",
        "verifier",
        "stages",
        "watch",
        "responses",
        "needs_key",
        "row",
    )

    def __init__(
        self,
        name: str,
        label: str,
        options: "tuple[Rows, Rows, Rows]",
        sign: "Callable[[SignJob], Signed]",
        verifier: "Callable[[list[Key], Any], Verifier]",
        stages: "Callable[[Request, Any], dict[str, str]] | None" = None,
        watch: "Callable[[Any], dict[str, Watcher]] | None" = None,
        responses: bool = False,
        needs_key: bool = True,
        row: "Derived | None" = None,
    ) -> None:
        self.name = name
        self.label = label
        self.sign_options, self.verify_options, self.inspect_options = options
        self.sign = sign
        self.verifier = verifier
        self.stages = stages
        self.watch = watch
        self.responses = responses
        self.needs_key = needs_key
        self.row = row
