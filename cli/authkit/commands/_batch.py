"""How are many requests signed, in order, over all processors, in constant memory?"""

from authkit.commands import _io, _sign
from authkit.errors import AuthkitError, InputError, NotFound, Refused, Rejected, StoreError, UsageError
from authkit.ui import render

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from authkit.commands._quick import Given
    from authkit.messages.form import Line


class Part:
    """What came of some lines.

    Attributes:
        text: the lines to write, ASCII.
        lines: how many there were.
        faults: how many of them could not be signed.
        first: slug, message and hint of the first of those; None without one.
        warnings: sentences for people, each once.
        bearer: whether a session token is in the text.
    """

    __slots__ = ("text", "lines", "faults", "first", "warnings", "bearer")

    def __init__(self) -> None:
        self.text = b""
        self.lines = 0
        self.faults = 0
        self.first: "tuple[str, str, str | None] | None" = None
        self.warnings: "dict[str, None]" = {}
        self.bearer = False

    def add(self, other: "Part") -> None:
        """Count *other* in; its text is not kept."""
        self.lines += other.lines
        self.faults += other.faults
        self.first = self.first or other.first
        self.warnings |= other.warnings


def sign_lines(given: "Given") -> None:
    """Sign one JSON request a line.

    Raises:
        AuthkitError: of the kind of the first line that could not be signed, once all others are written.
    """
    from authkit import bulk

    signer = _sign.Signer(given)
    whole = Part()
    with _io.open_body(given.input, "batch") as file:
        pieces = _io.whole_lines(file)
        for part in bulk.ordered_map(lambda piece: _sign_piece(signer, given, piece), pieces, signer.processes):
            if part.bearer:
                _sign.refuse_bearer(given)
            whole.add(part)
            render.write(part.text)
    for warning in whole.warnings:
        render.warn(warning)
    if whole.first is not None:
        slug, message, hint = whole.first
        more = f" (and {whole.faults - 1} more of {whole.lines} lines)" if whole.faults > 1 else ""
        raise _kind(slug)(f"{message}{more}", hint)


def _kind(slug: str) -> "type[AuthkitError]":
    return {kind.slug: kind for kind in (UsageError, InputError, NotFound, Refused, StoreError)}[slug]


def _sign_piece(signer: _sign.Signer, given: "Given", piece: "tuple[int, bytes]") -> Part:
    import json

    number, block = piece
    part, texts = Part(), []
    for place, line in enumerate(block.split(b"\n"), number):
        if line.strip():
            part.lines += 1
            texts.append(json.dumps(_sign_line(signer, given, line, f"line {place}", part)) + "\n")
    part.text = "".join(texts).encode("ascii")
    return part


def _sign_line(signer: _sign.Signer, given: "Given", line: bytes, what: str, part: Part) -> "dict[str, object]":
    from authkit.messages.form import format_form, id_of

    try:
        form, at = _read(signer, given, line, what)
        signed = signer.sign(form.request, at)
        body = form.body
        if signed.encode is not None:
            from io import BytesIO

            body = b"".join(map(bytes, signed.encode(BytesIO(body or b""))))
    except AuthkitError as error:
        slug = "input" if isinstance(error, Rejected) else error.slug
        message = error.message if error.message.startswith(f"{what}:") else f"{what}: {error.message}"
        part.faults += 1
        part.first = part.first or (slug, message, error.hint)
        name = id_of(line)
        fault: "dict[str, object]" = {"error": {"slug": slug, "message": message, "hint": error.hint}}
        return fault if name is None else {"id": name, **fault}
    part.warnings |= dict.fromkeys(signed.warnings)
    part.bearer = part.bearer or bool(signed.bearer)
    return format_form(form.id, signed.request, body)


def _read(signer: _sign.Signer, given: "Given", line: bytes, what: str) -> "tuple[Line, datetime]":
    from authkit.messages.form import parse_form

    see = signer.scheme.watch
    form = parse_form(line, what, None if see is None else lambda request, at: see(given))
    if form.at is None:
        return form, _io.instant(given.at)
    try:
        return form, _io.instant(form.at)
    except UsageError as error:
        raise InputError(f"{what}: member 'at': {error.message}", error.hint) from error
