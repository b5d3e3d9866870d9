"""What do the elements of a small XML document hold?"""

from authkit.errors import InputError

MAX_DEPTH = 16


def read_elements(data: bytes) -> "dict[str, str]":
    """Return the text of each element that holds no other, by name; the first of a name counts.

    Args:
        data: one whole document; untrusted.

    Raises:
        InputError: if it is not well-formed, is nested deeper than 16, or declares a document type, which is where
            entities come from (T7).
    """
    from xml.parsers.expat import ExpatError, ParserCreate

    found: "dict[str, str]" = {}
    depth = 0
    pieces: "list[str]" = []

    def start(*_: object) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise InputError(f"the server's error is XML nested deeper than {MAX_DEPTH}")
        pieces.clear()

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        # an element that held others gives what stood behind the last of them: white space
        found.setdefault(name, "".join(pieces))
        pieces.clear()

    def doctype(*_: object) -> None:
        raise InputError("the server's error declares a document type, and authkit reads no entities")

    parser = ParserCreate()
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = pieces.append
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(data, True)
    except ExpatError as error:
        raise InputError(f"the server's error is not XML at line {error.lineno}, column {error.offset + 1}") from error
    except (LookupError, ValueError) as error:
        raise InputError("the server's error is XML in an encoding that is not known") from error
    return found
