"""Is the log that a real client writes read, and does it lead to what that client did?"""

import logging
from collections.abc import Callable
from types import ModuleType

import pytest

from authkit.explain import Explained, explain
from authkit.explain.server import read_server_error
from authkit.messages.request import Request
from plainsigner import ID, SECRET, Plain, s3_error

FORMATS = ("%(asctime)s - %(threadName)s - %(name)s - %(levelname)s - %(message)s", logging.BASIC_FORMAT)


def signed_by_botocore(botocore: Callable[[str], ModuleType], url: str, form: str) -> tuple[Request, bytes]:
    """Return the request that botocore signed for S3, and the debug log it wrote."""
    log: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            log.append(self.format(record))

    handler = Keep()
    handler.setFormatter(logging.Formatter(form))
    logger = logging.getLogger("botocore.auth")
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        credentials = botocore("botocore.credentials").Credentials(ID, SECRET, "token" * 8)
        request = botocore("botocore.awsrequest").AWSRequest("GET", url)
        request.context["signing"] = {}
        botocore("botocore.auth").S3SigV4Auth(credentials, "s3", "us-east-1").add_auth(request)
    finally:
        logger.setLevel(before)
        logger.removeHandler(handler)
    host, _, path = url.removeprefix("https://").partition("/")
    headers = tuple((name, str(value)) for name, value in request.headers.items())
    return Request("GET", f"/{path}", (("Host", host), *headers)), "\n".join(log).encode()


def look(request: Request, data: bytes) -> Explained:
    found = explain(request, server=read_server_error(data))
    shown = [*found.stages.values(), *found.theirs.values(), *found.notes, *[value for _, value in found.facts]]
    assert not [text for text in shown if "token" * 8 in text]
    return found


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(
    ("path", "cause", "ours", "theirs"),
    [
        ("k=v", "path-encoding", "/b/k%3Dv", "/b/k=v"),
        ("a+b", "path-encoding", "/b/a%2Bb", "/b/a+b"),
        ("a?x=1+2", "query-encoding", "x=1%202", "x=1+2"),
        ("a?x=%2f", "query-encoding", "x=%2F", "x=%2f"),
    ],
)
def test_what_botocore_signs_raw(
    require_module: Callable[[str], ModuleType], form: str, path: str, cause: str, ours: str, theirs: str
) -> None:
    gap = look(*signed_by_botocore(require_module, f"https://s3.example/b/{path}", form)).difference
    assert gap is not None
    assert (gap.cause, gap.ours, gap.theirs) == (cause, ours, theirs)
    assert gap.advice.startswith("the client took ")


def test_what_botocore_signs_right(require_module: Callable[[str], ModuleType]) -> None:
    found = look(*signed_by_botocore(require_module, "https://s3.example/b/k%3Dv?x=1", FORMATS[0]))
    assert found.difference is None
    assert found.theirs["canonical-request"] == found.stages["canonical-request"]
    assert found.theirs["string-to-sign"] == found.stages["string-to-sign"]
    assert found.notes == ["the client signed the request as the service reads it: give what the server answered"]


def test_the_answer_to_a_signature_is_the_same_from_every_form_of_error() -> None:
    sent = Plain(url="/k=v")
    canonical, to_sign = sent.canonical(), sent.to_sign()
    sentence = f"The Canonical String for this request should have been\n'{canonical}'\n\n"
    sentence += f"The String-to-Sign should have been\n'{to_sign}'\n"
    head = "HTTP/1.1 403 Forbidden\r\nContent-Type: application/xml\r\n\r\n"
    forms = [s3_error(canonical, to_sign), head.encode() + s3_error(canonical, to_sign), sentence.encode()]
    for form in forms:
        error = read_server_error(form)
        assert (error.canonical_request, error.string_to_sign) == (canonical, to_sign)
