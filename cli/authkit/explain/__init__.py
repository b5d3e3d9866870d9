"""Why did a signature fail?"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from authkit.explain.diff import Difference
    from authkit.explain.server import ServerError
    from authkit.keys.select import Key
    from authkit.messages.request import Request
    from authkit.schemes.derived import Derived


class Explained:
    """What a signed request consists of, and why it was refused.

    Every text in it is safe to paste: signatures, session tokens and headers that hold a secret are redacted.

    Attributes:
        stages: the specification's name of each stage -> its text as rebuilt from the request, one character a byte;
            none where the request could not be rebuilt.
        theirs: the same, as the server or the client's log gave them; none where nothing was given.
        difference: the first difference that matters, with its cause; None where there is none.
        facts: (name, value) pairs of what the request claims, for people, in order.
        notes: sentences for people.
    """

    __slots__ = ("stages", "theirs", "difference", "facts", "notes")

    def __init__(
        self,
        stages: "dict[str, str]",
        theirs: "dict[str, str]",
        difference: "Difference | None",
        facts: "list[tuple[str, str]]",
        notes: "list[str]",
    ) -> None:
        self.stages = stages
        self.theirs = theirs
        self.difference = difference
        self.facts = facts
        self.notes = notes


def explain(
    request: "Request",
    *,
    row: "Derived | None" = None,
    server: "ServerError | None" = None,
    keys: "list[Key] | None" = None,
    at: "datetime | None" = None,
    region: "str | None" = None,
    service: "str | None" = None,
    normalize_path: "bool | None" = None,
    double_encode: "bool | None" = None,
    bucket: "str | None" = None,
) -> Explained:
    """Explain a signed request: every stage of its signature, and why it was refused.

    Args:
        request: as it was sent; unsigned only together with *server*, which then says when and for what it was signed.
        row: the scheme of the family; None for SigV4.
        server: what came back.
        keys: keys to sign with again; without them only differences are found.
        at: when the server judged the request, aware; for an unsigned request also when it was signed. None where that
            is not known: then no clock is compared.
        region, service: what the server is; None for what the request says.
        normalize_path, double_encode: None for what AWS does for the service.
        bucket: the bucket that the host stands for, in a scheme that signs it; None for what the host's name says.

    Raises:
        InputError: if the request carries no signature and *server* says nothing about it.
    """
    from authkit.explain.report import report
    from authkit.schemes.derived import AWS4

    options = {"region": region, "service": service, "bucket": bucket}
    switches = (normalize_path, double_encode)
    return report(request, AWS4 if row is None else row, server, keys or [], at, options, switches)
