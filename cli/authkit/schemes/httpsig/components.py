"""What is the value of a component that a signature covers?"""

from authkit import base64
from authkit.errors import MessageRejected, Rejected, UsageError
from authkit.messages import fields, target
from authkit.messages.plain import is_plain, read_strings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from authkit.messages.request import Request
    from authkit.messages.structured import BareItem, Item

_HINT = """write @method, content-type, or '"@query-param";name="x"'"""
_SPACE = " \t"
_FLAGS = ("sf", "bs", "tr", "req")
# what application/x-www-form-urlencoded leaves as it is
_FORM_SAFE = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789*-._"
_FORM = tuple(chr(byte) if byte in _FORM_SAFE else f"%{byte:02X}" for byte in range(256))


class Component:
    """A component identifier.

    Attributes:
        name: a header's name in lower case, or a derived component's, e.g. "@method".
        params: its parameters, in order.
        text: as it stands in Signature-Input, e.g. '"@query-param";name="a"'.
        shown: the name alone where it has no parameters, else as *text*.
        typed: as a person types it to a shell, without quotes around the name.
        identity: what makes two identifiers the same, whatever the order of their parameters.
        resolve: (component, message) -> value; None for a header without parameters.
    """

    __slots__ = ("name", "params", "text", "shown", "typed", "identity", "resolve")

    def __init__(
        self,
        name: str,
        params: "dict[str, BareItem]",
        text: str,
        resolve: "Callable[[Component, Any], str] | None",
    ) -> None:
        self.name = name
        self.params = params
        self.text = text
        self.shown = text if params else name
        self.typed = name + text[len(name) + 2 :]
        self.identity = (name, frozenset(params.items()))
        self.resolve = resolve

    def __repr__(self) -> str:
        return f"<Component {self.text}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Component) and self.identity == other.identity

    def __hash__(self) -> int:
        return hash(self.identity)


def make_component(name: "BareItem", params: "dict[str, BareItem]", text: str) -> Component:
    """Return the component that *name* and *params* identify.

    Args:
        text: both as RFC 9651 writes them.

    Raises:
        Rejected: component, if there is none, or it cannot have such parameters.

    Source:
        RFC 9421 §2, §2.1, §2.2. Deviations: `tr` is refused, since no reader here keeps trailer fields.
    """
    if type(name) is not str:
        raise _refused(text, "its name is not a string")
    for key in _FLAGS:
        if params.get(key, True) is not True:
            raise _refused(text, f"its parameter {key} has a value")
    if name.startswith("@"):
        return Component(name, params, text, _derived(name, params, text))
    if not fields.is_token(name) or name != name.lower():
        raise _refused(text, "its name is not that of a header in lower case")
    for key in params:
        if key not in _FLAGS and key != "key":
            raise _refused(text, f"a header has no parameter {key[:32]}")
    if "tr" in params:
        raise _refused(text, "trailer fields are not supported")
    if "bs" in params and ("sf" in params or "key" in params):
        raise _refused(text, "bs stands beside sf or key")
    if type(params.get("key", "")) is not str:
        raise _refused(text, "its parameter key is not a string")
    plain = not params and name != "set-cookie"
    return Component(name, params, text, None if plain else _field_value)


def _derived(name: str, params: "dict[str, BareItem]", text: str) -> "Callable[[Component, Any], str]":
    resolve = _DERIVED.get(name)
    if resolve is None:
        raise _refused(text, "no component of that name can be covered")
    wanted = {"name"} if name == "@query-param" else set()
    if params.keys() - {"req"} != wanted or type(params.get("name", "")) is not str:
        raise _refused(text, "it has a parameter that it cannot have, or lacks one")
    if name == "@status" and params:
        raise _refused(text, "a request has no status")
    return resolve


def parse_component(text: str, what: str) -> Component:
    """Read a component as a person types it: @method, content-digest, '"@query-param";name="x"', or x-dict;key="a".

    Args:
        what: names the option in errors.

    Raises:
        UsageError: if it identifies no component.
    """
    name, mark, rest = text.partition(";")
    written = text if text.startswith('"') else f'"{name.strip(" ").lower()}"{mark}{rest}'
    try:
        components = parse_components(written)
    except Rejected as error:
        raise UsageError(f"{what} {text[:80]!r}: {error.detail}", _HINT) from error
    if len(components) != 1:
        raise UsageError(f"{what} {text[:80]!r} is not one component", "give the option once for each")
    return components[0]


# inner list of Signature-Input -> its components; a verifier sees the same few all day
_lists: "dict[str, tuple[Component, ...]]" = {}
_MANY = 1024
_MAX_KEPT = 1024


def parse_components(text: str) -> "tuple[Component, ...]":
    """Read the components between the parentheses of Signature-Input.

    Args:
        text: untrusted.

    Raises:
        Rejected: structured-field, duplicate-parameter, component.
    """
    known = _lists.get(text)
    if known is not None:
        return known
    read = read_strings(text) if is_plain(text) else None
    if read is None:
        from authkit.messages.structured import InnerList, parse_list

        members = parse_list(f"({text})", "a list of components")
        if len(members) != 1 or not isinstance(members[0], InnerList) or members[0].params:
            raise MessageRejected("structured-field", f"{text[:80]!r} is not a list of components")
        return components_of(members[0].items)
    known = tuple([make_component(name, dict(params), one) for name, params, one in read])
    # only what is written in the canonical way is kept, since the text itself then goes into signature bases
    if len(text) <= _MAX_KEPT:
        if len(_lists) >= _MANY:
            _lists.clear()
        _lists[text] = known
    return known


def is_known(text: str) -> bool:
    """Say whether *text* is a list of components that was read before, written in the canonical way."""
    return text in _lists


def components_of(items: "list[Item]") -> "tuple[Component, ...]":
    """Return the components that the items of an inner list identify.

    Raises:
        Rejected: component.
    """
    from authkit.messages.structured import format_member

    return tuple([make_component(one.value, one.params, format_member(one)) for one in items])


def signature_base(message: "Any", components: "tuple[Component, ...]", params: str) -> str:
    """Return the signature base.

    Args:
        message: a Request, or a Response, which has `status` and `related`.
        components: in order; none twice.
        params: the value of @signature-params: the components' list with the parameters of the signature.

    Returns:
        ASCII, lines parted by LF, without one at the end.

    Raises:
        Rejected: component, component-missing, ambiguous-query-param, target-syntax, structured-field,
            duplicate-parameter, request-unavailable.

    Source:
        RFC 9421 §2.5, steps 1–4. Deviations: none.  Vectors: rfc9421/signatures.json.
    """
    grouped: "dict[str, list[str]]" = message.grouped
    if getattr(message, "status", None) is not None:
        for component in components:
            _check_response(component)
    lines = []
    for component in components:
        resolve = component.resolve
        if resolve is not None:
            lines.append(f"{component.text}: {resolve(component, message)}\n")
            continue
        values = grouped.get(component.name)
        if values is None:
            raise MessageRejected("component-missing", component.shown[:80])
        value = values[0].strip(" \t") if len(values) == 1 else ", ".join([one.strip(" \t") for one in values])
        lines.append(f"{component.text}: {value}\n")
    base = "".join(lines)
    if not base.isascii() or base.count("\n") != len(lines):
        strange = next(one for one, line in zip(components, lines) if not line.isascii() or line.count("\n") > 1)
        raise _refused(strange.text, "its value holds a byte that no signature covers so", "cover it with ;bs")
    return f'{base}"@signature-params": {params}'


def _check_response(component: Component) -> None:
    """Pass a component that a response has."""
    if component.name.startswith("@") and component.name != "@status" and "req" not in component.params:
        raise _refused(component.text, "a response has it only of its request, with ;req")


def _refused(text: str, why: str, hint: "str | None" = None) -> MessageRejected:
    return MessageRejected("component", f"{text[:80]}: {why}", hint)


def _source(component: Component, message: "Any") -> "Any":
    """Return the message that *component* is taken from; for a derived component that is a request.

    Source:
        RFC 9421 §2.4.
    """
    if "req" not in component.params:
        return message
    if getattr(message, "status", None) is None:
        raise _refused(component.text, "a request answers no request")
    if message.related is None:
        raise MessageRejected("request-unavailable", component.shown[:80], "give it with --request FILE")
    return message.related


def _field_value(component: Component, message: "Any") -> str:
    """Return the value of a header.

    Source:
        RFC 9421 §2.1, §2.1.1–§2.1.3. Deviations: none.
    """
    params = component.params
    values: "list[str] | None" = _source(component, message).grouped.get(component.name)
    if values is None:
        raise MessageRejected("component-missing", component.shown[:80])
    values = [one.strip(" \t") for one in values]
    if "bs" in params:
        return ", ".join([f":{base64.encode(one.encode('latin-1'))}:" for one in values])
    if component.name == "set-cookie" and len(values) > 1:
        raise _refused(component.text, "several values, which joining would confuse", "cover it with ;bs")
    value = ", ".join(values)
    if "key" in params:
        return _member(component, value)
    return _strict(component, value) if "sf" in params else value


def _member(component: Component, value: str) -> str:
    from authkit.messages.structured import format_member, parse_dictionary

    member = parse_dictionary(value, component.name).get(str(component.params["key"]))
    if member is None:
        raise MessageRejected("component-missing", component.shown[:80])
    return format_member(member)


def _strict(component: Component, value: str) -> str:
    """Return a structured field written anew.

    Which kind of field it is need not be known: a text that can be read as a dictionary without a key twice, and as a
    list, gives the same text again from both, and an item is a list of one.
    """
    from authkit.messages.structured import format_dictionary, format_list, parse_dictionary, parse_list

    try:
        return format_dictionary(parse_dictionary(value, component.name))
    except Rejected:
        return format_list(parse_list(value, component.name))


def _method(component: Component, message: "Any") -> str:
    found: str = (_source(component, message) if component.params else message).method
    return found


def _scheme(component: Component, message: "Any") -> str:
    request: "Request" = _source(component, message)
    scheme, mark, _ = request.target.partition("://")
    return scheme.lower() if mark and not request.target.startswith("/") else request.scheme


def _authority(component: Component, message: "Any") -> str:
    return authority_of(_source(component, message) if component.params else message, component.text)


def authority_of(request: "Request", what: str = '"@authority"') -> str:
    """Return host and port that *request* goes to: lower case, without the scheme's own port.

    Raises:
        Rejected: component-missing, if it has no Host.

    Source:
        RFC 9421 §2.2.3; RFC 9110 §7.2, RFC 9112 §3.2.2 for a target in absolute form. Deviations: none.
    """
    if not request.target.startswith("/") and "://" in request.target:
        return target.split_url(request.target)[1]
    return host_of(request, what)


def host_of(request: "Request", what: str) -> str:
    """Return the Host header as `authority_of` returns an authority; refusals as there."""
    values = request.grouped.get("host")
    host = values[0].strip(" \t").lower() if values else ""
    if not host:
        raise MessageRejected("component-missing", f"{what[:80]}: there is no Host")
    if ":" in host:
        name, _, port = host.rpartition(":")
        if port.isdigit() and port.lstrip("0") == target.DEFAULT_PORTS.get(request.scheme):
            return name
    return host


def _target_uri(component: Component, message: "Any") -> str:
    """Return the absolute URI, with '/' for a path that is empty.

    Source:
        RFC 9421 §2.2.2; RFC 9112 §3.2.2, §3.3 puts it together; RFC 9110 §4.2.3. Deviations: none.
    """
    request: "Request" = _source(component, message)
    text = request.target
    if text.startswith("/"):
        return f"{request.scheme}://{''.join(request.values('host')[:1]).strip(_SPACE)}{text}"
    if text == "*":
        return f"{request.scheme}://{''.join(request.values('host')[:1]).strip(_SPACE)}"
    scheme, _, rest = text.partition("://")
    authority, mark, query = rest.partition("?")
    if "/" not in authority and request.method != "OPTIONS":
        return f"{scheme}://{authority}/{mark}{query}"
    return text


def _request_target(component: Component, message: "Any") -> str:
    found: str = _source(component, message).target
    return found


def _path(component: Component, message: "Any") -> str:
    path: str = (_source(component, message) if component.params else message).parts[0]
    if not path.startswith("/"):
        raise _refused(component.text, "the target has no path", "cover @request-target")
    return path


def _query(component: Component, message: "Any") -> str:
    return f"?{(_source(component, message) if component.params else message).parts[1]}"


def _query_param(component: Component, message: "Any") -> str:
    """Return one parameter of the query.

    Source:
        RFC 9421 §2.2.8. Deviations: a name or value that is not UTF-8, or holds a stray '%', is refused, since of
        several such the RFC's parser makes the same text.
    """
    wanted = component.params["name"]
    found = []
    for pair in _source(component, message).parts[1].split("&"):
        name, _, value = pair.partition("=")
        if pair and _form_text(name, component) == wanted:
            found.append(value)
    if not found:
        raise MessageRejected("component-missing", component.shown[:80])
    if len(found) > 1:
        raise MessageRejected("ambiguous-query-param", component.shown[:80])
    return _form_text(found[0], component)


def _form_text(text: str, component: Component) -> str:
    raw = target.decode(text.replace("+", " "))
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _refused(component.text, "the query is not UTF-8", "cover @query") from error
    return "".join([_FORM[byte] for byte in raw])


def _status(component: Component, message: "Any") -> str:
    status = getattr(message, "status", None)
    if status is None:
        raise _refused(component.text, "a request has no status")
    return f"{status:03d}"


_DERIVED: "dict[str, Callable[[Component, Any], str]]" = {
    "@method": _method,
    "@target-uri": _target_uri,
    "@authority": _authority,
    "@scheme": _scheme,
    "@request-target": _request_target,
    "@path": _path,
    "@query": _query,
    "@query-param": _query_param,
    "@status": _status,
}
