"""What does one kind of webhook sign, and in which headers does it say so?"""


class Item:
    """One value in a header: fixed text around a placeholder.

    Attributes:
        before, after: the fixed text.
        value: "id", "timestamp" or "signature".
        algorithm: of a signature, what makes it: "hmac-sha1", "hmac-sha256", "hmac-sha384", "hmac-sha512" or
            "ed25519"; else "".
    """

    __slots__ = ("before", "value", "after", "algorithm")

    def __init__(self, before: str, value: str, after: str = "", algorithm: str = "") -> None:
        self.before = before
        self.value = value
        self.after = after
        self.algorithm = algorithm

    def fill(self, text: str) -> str:
        """Return the item with *text* for its placeholder."""
        return f"{self.before}{text}{self.after}"

    def read(self, text: str) -> "str | None":
        """Return what stands for the placeholder in *text*; None if the fixed text is another."""
        if len(text) < len(self.before) + len(self.after):
            return None
        if not text.startswith(self.before) or not text.endswith(self.after):
            return None
        return text[len(self.before) : len(text) - len(self.after)]


class Format:
    """One kind of webhook: a row of the table, or a section of schemes.toml.

    Attributes:
        name: as --scheme names it; a key that is for nothing else records it as its scheme.
        stage: what its specification calls the text that is signed.
        message: that text: fixed texts at even places, placeholders between them.
        headers: (name of a header, what it holds), for those that hold one value.
        carrier: name of the header that holds the signature.
        items: what that header holds, in order; 1 or more of them are signatures.
        separator: what stands between its items, where there may be several signatures; "" for one item alone.
        encoding: of a signature: "hex", "base64" or "base64url".
        key: how a secret that is text is read: "text", "base64" or "hex".
        key_prefix: what is taken off it first, if it is there.
        body: how the body stands in the message: "raw", "sha256-hex" or "sha256-base64".
        timestamp: how the instant is written: "unix", "unix-ms" or "rfc3339"; "" for a format without time.
        id_prefix: what an identifier that is made here begins with.
    """

    __slots__ = (
        "name",
        "stage",
        "message",
        "headers",
        "carrier",
        "items",
        "separator",
        "encoding",
        "key",
        "key_prefix",
        "body",
        "timestamp",
        "id_prefix",
    )

    def __init__(
        self,
        name: str,
        stage: str,
        message: str,
        carrier: str,
        items: "tuple[Item, ...]",
        headers: "tuple[tuple[str, Item], ...]" = (),
        separator: str = "",
        encoding: str = "hex",
        key: str = "text",
        key_prefix: str = "",
        body: str = "raw",
        timestamp: str = "",
        id_prefix: str = "",
    ) -> None:
        self.name = name
        self.stage = stage
        self.message = split_text(message)
        self.headers = headers
        self.carrier = carrier
        self.items = items
        self.separator = separator
        self.encoding = encoding
        self.key = key
        self.key_prefix = key_prefix
        self.body = body
        self.timestamp = timestamp
        self.id_prefix = id_prefix

    @property
    def algorithms(self) -> "tuple[str, ...]":
        """What makes its signatures, in order."""
        return tuple([item.algorithm for item in self.items if item.algorithm])

    def uses(self, placeholder: str) -> bool:
        """Say whether *placeholder* stands in the text that is signed."""
        return placeholder in self.message[1::2]

    def beside(self, placeholder: str) -> "tuple[str, ...]":
        """Return the fixed texts around *placeholder* in the text that is signed, without empty ones."""
        found = [
            self.message[place + side]
            for place in range(1, len(self.message), 2)
            if self.message[place] == placeholder
            for side in (-1, 1)
        ]
        return tuple([text for text in found if text])


def split_text(text: str) -> "tuple[str, ...]":
    """Split a text with {placeholders}: fixed texts at even places, names of placeholders at odd ones.

    Raises:
        ValueError: saying what is wrong with the braces.
    """
    found: "list[str]" = []
    rest = text
    while "{" in rest:
        fixed, _, rest = rest.partition("{")
        name, mark, rest = rest.partition("}")
        if not mark:
            raise ValueError("has a '{' without its '}'")
        found += [fixed, name]
    found.append(rest)
    if any("}" in fixed for fixed in found[::2]):
        raise ValueError("has a '}' without its '{'")
    return tuple(found)


def message_bytes(form: Format, values: "dict[str, bytes]") -> bytes:
    """Return the text that is signed.

    Args:
        values: placeholder -> what stands for it, at least for those that *form* uses.
    """
    parts = [values[part] if place % 2 else part.encode("latin-1") for place, part in enumerate(form.message)]
    return b"".join(parts)
