"""Which part of what a person pasted is the body of the server's answer?"""

_CURL_MARKS = ("* ", "> ", "< ", "{ [", "} [")
_BLANK = ("\n\n", "\r\n\r\n")


def unwrap(text: str) -> str:
    """Return *text* without the HTTP head, and without what curl -v prints around a body.

    Args:
        text: one character a byte.
    """
    if any(line.startswith("< HTTP/") for line in text.split("\n")):
        kept = [
            line
            for line in text.split("\n")
            if line.strip("\r") not in ("*", ">", "<") and not line.startswith(_CURL_MARKS)
        ]
        text = "\n".join(kept)
    text = text.lstrip()
    while text.startswith("HTTP/"):
        places = [(place, len(mark)) for mark in _BLANK if (place := text.find(mark)) >= 0]
        if not places:
            return ""
        place, width = min(places)
        text = text[place + width :]
    return text
