"""Which part of what a person pasted is the body of the server's answer?"""

_CURL_MARKS = ("* ", "> ", "< ", "{ [", "} [")


def unwrap(text: str) -> str:
    """Return *text* without the HTTP head, and without what curl -v prints around a body.

    Args:
        text: one character a byte, LF line ends.
    """
    lines = text.split("\n")
    if any(line.startswith("< HTTP/") for line in lines):
        text = "\n".join([line for line in lines if not line.startswith(_CURL_MARKS)])
    text = text.lstrip()
    # one head a hop: 100 Continue, the tunnel of a proxy, a redirect
    while text.startswith("HTTP/"):
        text = text.partition("\n\n")[2]
    return text
