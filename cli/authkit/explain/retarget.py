"""How else could method, path and query have been read?"""

from authkit.explain.view import View, by_name_and_value
from authkit.messages import target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from authkit.explain.case import Case

METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS")

Found = tuple[str, View]


def other_method(case: "Case", view: View) -> "Iterator[Found]":
    """Every other usual method, and the sent one in lower case."""
    for method in (*METHODS, view.method.lower()):
        if method != view.method:
            yield method, view.but(method=method)


def _path(case: "Case") -> str:
    return target.split(case.request.target)[0] or "/"


def _service_path(case: "Case") -> str:
    """Return the path as the service has it before it encodes anything."""
    path = _path(case)
    return target.normal_path(path) if case.rules.normalize_path else path


def raw_path(case: "Case", view: View) -> "Iterator[Found]":
    """The path as it travels."""
    yield "", view.but(path=_service_path(case))
    yield "", view.but(path=_path(case))


def path_once(case: "Case", view: View) -> "Iterator[Found]":
    """The path decoded once and encoded once."""
    yield "", view.but(path=target.canonical_path(_service_path(case), normalize=False, double=False))


def path_twice(case: "Case", view: View) -> "Iterator[Found]":
    """What travels, encoded once more."""
    yield "", view.but(path=target.canonical_path(_service_path(case), normalize=False, double=True))


def path_thrice(case: "Case", view: View) -> "Iterator[Found]":
    """What travels, encoded twice more, where the service encodes it once more."""
    if case.rules.double_encode:
        twice = target.canonical_path(_service_path(case), normalize=False, double=True)
        yield "", view.but(path=target.canonical_path(twice, normalize=False, double=True))


def path_decoded(case: "Case", view: View) -> "Iterator[Found]":
    """The path without any encoding."""
    yield "", view.but(path=target.decode(_service_path(case)).decode("latin-1"))


def path_slashes(case: "Case", view: View) -> "Iterator[Found]":
    """%2F read as a slash, and the slash written as %2F."""
    path = _service_path(case)
    yield "a slash for %2F", view.but(path="/".join([target.encode(part) for part in target.decode(path).split(b"/")]))
    yield "%2F for a slash", view.but(path="/" + target.encode(target.decode(path)[1:]))


def path_letters(case: "Case", view: View) -> "Iterator[Found]":
    """Percent-encoding that differs in a few characters: lower-case digits, '~' encoded, '+' for a space, some kept."""
    yield "lower-case hexadecimal digits", view.but(path=_lower_hex(view.path))
    yield "%7E for '~'", view.but(path=view.path.replace("~", "%7E"))
    yield "'+' for a space", view.but(path=view.path.replace("%20", "+"))
    for kept in (b"!*'()", b"!$&'()*+,;=:@", b":@!$&'()*+,;=~%"):
        yield "some characters not encoded", view.but(path=_encode_but(_service_path(case), kept))


def _encode_but(path: str, kept: bytes) -> str:
    raw = path.encode("latin-1") if 0x25 in kept else target.decode(path)
    return "".join([chr(byte) if byte in kept or byte == 0x2F else target.encode(bytes([byte])) for byte in raw])


def _lower_hex(text: str) -> str:
    first, *rest = text.split("%")
    return "%".join([first, *[piece[:2].lower() + piece[2:] for piece in rest]])


def path_segments(case: "Case", view: View) -> "Iterator[Found]":
    """Dot and empty segments removed where the service keeps them, or kept where it removes them."""
    path, rules = _path(case), case.rules
    yield "", _with_path(case, view, target.normal_path(path) if not rules.normalize_path else path)
    merged = path
    while "//" in merged:
        merged = merged.replace("//", "/")
    yield "", _with_path(case, view, merged)


def path_slash(case: "Case", view: View) -> "Iterator[Found]":
    """The slash at the end taken away, or added."""
    path = view.path
    yield ("without", view.but(path=path.rstrip("/"))) if path.endswith("/") else ("with", view.but(path=path + "/"))


def path_prefix(case: "Case", view: View) -> "Iterator[Found]":
    """The first segments taken away, or the bucket or stage of the host put before."""
    segments = view.path.split("/")
    for count in range(2, min(len(segments), 5)):
        yield f"without '{'/'.join(segments[:count])}'"[:80], view.but(path="/" + "/".join(segments[count:]))
    label = view.headers.get("host", "").partition(".")[0]
    if label:
        yield f"with '/{label}' before it"[:80], view.but(path=f"/{label}{view.path}")


def _with_path(case: "Case", view: View, path: str) -> View:
    return view.but(path=target.canonical_path(path, normalize=False, double=case.rules.double_encode))


def query_plus(case: "Case", view: View) -> "Iterator[Found]":
    """A '+' read in the other way, or left as it is."""
    swap = case.rules.plus_is_space
    yield ("a plus sign" if swap else "a space"), view.but(encoding=_encoder("", "%2B" if swap else " "))
    yield "a character that stays as it is", view.but(encoding=_encoder("+", "+"))


def _encoder(kept: str, plus: str) -> "Callable[[str], str]":
    """Return an encoding that leaves the characters *kept* alone, and reads '+' as *plus*."""

    def encoding(pair: str) -> str:
        name, _, value = pair.replace("+", plus).partition("=")
        return f"{_encode_text(name, kept)}={_encode_text(value, kept)}"

    return encoding


def _encode_text(text: str, kept: str) -> str:
    keep = kept.encode("ascii")
    return "".join([chr(byte) if byte in keep else target.encode(bytes([byte])) for byte in target.decode(text)])


def query_raw(case: "Case", view: View) -> "Iterator[Found]":
    """The parameters as they travel."""
    yield "", view.but(encoding=lambda pair: pair)
    yield "", view.but(encoding=lambda pair: pair if "=" in pair else pair + "=")


def query_twice(case: "Case", view: View) -> "Iterator[Found]":
    """What travels, encoded once more."""

    def encoding(pair: str) -> str:
        name, _, value = pair.partition("=")
        return f"{target.encode(name.encode('latin-1'))}={target.encode(value.encode('latin-1'))}"

    yield "", view.but(encoding=encoding)


def query_letters(case: "Case", view: View) -> "Iterator[Found]":
    """Percent-encoding that leaves some characters as they are, or writes a space as '+'."""
    plus = " " if case.rules.plus_is_space else "%2B"
    base = view.encoding
    yield "lower-case hexadecimal digits", view.but(encoding=lambda pair: _lower_hex(base(pair)))
    yield "%7E for '~'", view.but(encoding=lambda pair: base(pair).replace("~", "%7E"))
    yield "'/' not encoded", view.but(encoding=_encoder("/", plus))
    yield "'+' for a space", view.but(encoding=lambda pair: base(pair).replace("%20", "+"))
    for kept in ("!*'()", "!*'();:@$,/?", ":", ",", ":/"):
        yield "some characters not encoded", view.but(encoding=_encoder(kept, plus))


def query_no_equals(case: "Case", view: View) -> "Iterator[Found]":
    """A parameter without a value, written without its '='."""
    base = view.encoding
    yield "", view.but(encoding=lambda pair: base(pair).rstrip("=") if "=" not in pair else base(pair))
    yield "", view.but(encoding=lambda pair: base(pair).rstrip("="))


def query_cut(case: "Case", view: View) -> "Iterator[Found]":
    """A value cut at its second '=', and a parameter without a value left out."""
    yield "the value cut at a second '='", view.but(pairs=tuple(["=".join(pair.split("=")[:2]) for pair in view.pairs]))
    yield (
        "parameters without a value left out",
        view.but(pairs=tuple([pair for pair in view.pairs if pair.partition("=")[2]])),
    )


def query_repeats(case: "Case", view: View) -> "Iterator[Found]":
    """Of parameters of one name only the first, or only the last."""
    first: "dict[str, str]" = {}
    last: "dict[str, str]" = {}
    for pair in view.pairs:
        name = pair.partition("=")[0]
        first.setdefault(name, pair)
        last[name] = pair
    yield "the first", view.but(pairs=tuple(first.values()))
    yield "the last", view.but(pairs=tuple(last.values()))


def query_none(case: "Case", view: View) -> "Iterator[Found]":
    """No query at all; of a presigned URL only what signing adds."""
    prefix = case.row.prefix
    yield "", view.but(pairs=tuple([pair for pair in view.pairs if pair.lower().startswith(prefix)]))


def query_order(case: "Case", view: View) -> "Iterator[Found]":
    """The parameters in the order in which they travel, or sorted in another way."""
    yield "as sent", view.but(order=list)
    yield "sorted by name alone", view.but(order=lambda pairs: sorted(pairs, key=lambda pair: pair.partition("=")[0]))
    yield "sorted with the '=' between name and value", view.but(order=sorted)
    yield "sorted without regard to case", view.but(order=lambda pairs: sorted(pairs, key=str.lower))
    raw = tuple(by_name_and_value(list(view.pairs)))
    yield "sorted before they were encoded", view.but(pairs=raw, order=list)
