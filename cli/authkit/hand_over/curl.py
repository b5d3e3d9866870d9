"""How is curl started with a signed request?"""

import os

from authkit.curl.command import format_config, run_words
from authkit.errors import InputError, NotFound

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from subprocess import Popen

    from authkit.curl.request import CurlPlan
    from authkit.messages.request import Request

_WITHHELD = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


def run_curl(
    plan: "CurlPlan",
    signed: "Request",
    *,
    environ: "Mapping[str, str]",
    pieces: "Iterable[bytes | memoryview] | None" = None,
) -> int:
    """Send *signed* with curl, wait for it, and return its exit code.

    Nothing of the request is on its argument vector: the configuration comes through one inherited pipe, a body that
    is not a file through another, and standard input, output and error are the caller's.

    Args:
        plan: from request.plan.
        signed: its request with the headers or the target that signing made.
        environ: where curl is looked for, and what it is given, except secrets.
        pieces: the body as it travels, if that is made on the way; each is used before the next is asked for.

    Returns:
        curl's own code; 128 and the signal's number if a signal ended it.

    Raises:
        NotFound: if there is no curl.
        InputError: as format_config, or if curl cannot be started, or *pieces* raise it.
    """
    program = find_curl(environ.get("PATH", ""))  # pragma: no mutate: no relative folder is looked into
    body = plan.body[1] if plan.body is not None and isinstance(plan.body[1], bytes) else b""
    config_out, config_in = os.pipe()
    body_out, body_in = os.pipe()
    unfed = [config_in, body_in]
    try:
        try:
            words = [program, *run_words(config_out)]
            config = format_config(plan, signed, body_out, encoded=pieces is not None)
            child = _start(words, child_environment(environ), (config_out, body_out))
        finally:
            # curl alone keeps the reading ends, so that writing fails when it ends early
            os.close(config_out)
            os.close(body_out)
        with child:
            _feed(unfed.pop(0), [config])
            _feed(unfed.pop(0), [body] if pieces is None else pieces)
            code = child.wait()
    finally:
        for descriptor in unfed:
            os.close(descriptor)
    return code if code >= 0 else 128 - code


def find_curl(path: str) -> str:
    """Return the absolute path of curl.

    Args:
        path: folders as in $PATH; those that are not absolute are passed over.

    Raises:
        NotFound: if none of them holds it.
    """
    for folder in path.split(os.pathsep):
        program = os.path.join(folder, "curl")
        if os.path.isabs(program) and os.path.isfile(program) and os.access(program, os.X_OK):
            return program
    raise NotFound("there is no curl on the PATH", "apt install curl, or leave --run out and paste the printed command")


def child_environment(environ: "Mapping[str, str]") -> "dict[str, str]":
    """Return *environ* without what is authkit's or secret."""
    return {name: value for name, value in environ.items() if not name.startswith("AUTHKIT_") and name not in _WITHHELD}


def _start(words: "list[str]", environment: "dict[str, str]", descriptors: "tuple[int, int]") -> "Popen[bytes]":
    from subprocess import Popen

    try:
        return Popen(words, env=environment, pass_fds=descriptors)
    except OSError as error:
        raise InputError(f"{words[0]} cannot be started: {error.strerror}") from error


def _feed(descriptor: int, pieces: "Iterable[bytes | memoryview]") -> None:
    """Write *pieces* and close; curl may have ended before it read all of them."""
    try:
        for piece in pieces:
            view = memoryview(piece)
            while view:
                view = view[os.write(descriptor, view) :]
    except BrokenPipeError:
        pass
    finally:
        os.close(descriptor)
