"""Sign what a curl command line would send.

Write the curl line behind authkit's own options.  Its words are read as curl reads them, ~/.curlrc included: what
cannot be known or could lead the signature elsewhere is refused by name.  A command with the signature in it is
printed, ready to paste; with --run, curl is started instead, and no header appears on any command line.

Examples:

  $ authkit sign curl --key file:week.subkeys https://backups.s3.us-east-1.amazonaws.com/
  curl -q --path-as-is -g -H 'X-Amz-Date: …' …
"""

from io import BytesIO

from authkit.commands import _io, _rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.commands._quick import Given
    from authkit.curl.request import CurlPlan
    from authkit.schemes.base import Signed

OPTIONS = (
    ("CURL-LINE", "rest", "[--] CURL-LINE", "the words of a curl command, with or without 'curl' in front", ()),
    ("--run", "flag", "", "start curl with the signature instead of printing a command", False),
    ("--insecure-ok", "flag", "", "send a session token or presigned URL without TLS that is checked", False),
    _rows.SIGNATURE,
    *_rows.SIGN,
)
SCHEME_OPTIONS = "sign_options"
TAIL = True


def run(given: "Given") -> int:
    from authkit.commands import _sign
    from authkit.curl.command import format_command
    from authkit.ui import render

    plan = _plan(given)
    for warning in plan.warnings:
        render.warn(warning)
    if plan.certificate is not None:
        from authkit.commands._client_cert import warn_of

        warn_of(plan.certificate, _io.instant(given.at))
    signed = _signed(plan, given)
    if given.run:
        return _run(plan, signed)
    if signed.encode is not None:
        from authkit.errors import Refused

        raise Refused("a printed curl command cannot sign a body chunk by chunk", "add --run, or use sign http")
    command = format_command(plan, signed.request)
    if given.json:
        render.write_json({**_sign.as_json(signed), "command": command})
    else:
        render.write(f"{command}\n".encode("utf-8", "surrogateescape"))
    return 0


def _signed(plan: "CurlPlan", given: "Given") -> "Signed":
    """Return the request with its signature: one that is made now, or one that was approved elsewhere."""
    from authkit.commands import _sign

    if given.signature is None:
        signed = _sign.sign(plan.request, given, plan.generated)
        _judge_transport(plan, given, bool(signed.bearer))
        return signed
    from authkit.commands._signature_given import take

    use = take(plan.request, given)
    given.placement = "header" if use.signed.added else "query"
    _judge_transport(plan, given, False)
    use.enter(given)
    return use.signed


def _run(plan: "CurlPlan", signed: "Signed") -> int:
    """Start curl, and give it the body as it was signed."""
    import os

    from authkit.hand_over.curl import run_curl

    if signed.encode is None:
        return run_curl(plan, signed.request, environ=os.environ)
    body = b"" if plan.body is None else plan.body[1]
    with BytesIO(body) if isinstance(body, bytes) else _io.open_body(body) as reader:
        return run_curl(plan, signed.request, environ=os.environ, pieces=signed.encode(reader))


def _plan(given: "Given") -> "CurlPlan":
    import authkit.commands.sign_curl as this
    from authkit.commands import _schemes
    from authkit.commands._quick import kinds_of, rows_of
    from authkit.curl.line import parse_line
    from authkit.curl.options import by_name
    from authkit.curl.request import plan
    from authkit.errors import Refused, UsageError

    if not given.curl_line:
        raise UsageError("the curl line is missing", "write it behind authkit's options: authkit sign curl https://…")
    _refuse_ambiguous(given)
    own = frozenset(kinds_of(rows_of(this, [])))
    first = given.curl_line[0].partition("=")[0]
    if first.startswith("--") and by_name(first[2:]) is None:
        _schemes.refuse_another(first, this)
    watched = _schemes.watched(given)
    made = plan(
        parse_line(list(given.curl_line), own),
        read=_io.open_body,
        curlrc=_io.curlrc(),
        have_stdin=given.run,
        unsigned_payload=getattr(given, "payload", None) == "unsigned",
        reserved=_schemes.reserved(given),
        watched=watched,
    )
    made.request = made.request.with_body(made.request.payload_hash, made.request.content_length, watched)
    if made.exposed:
        raise Refused(
            f"curl's {', '.join(made.exposed)} gives what opens a private key on the command line, for all to see",
            "write it into a file of mode 0600 and add -K FILE and --run, or use a key file of mode 0600",
        )
    return made


def _refuse_ambiguous(given: "Given") -> None:
    """Refuse a word that authkit and curl both have, where it was probably meant for curl."""
    import os

    from authkit.errors import UsageError

    if given.json and given.curl_line[0][:1] in ("{", "[", '"', "@"):
        form = "authkit sign curl -- --json DATA URL"
        raise UsageError("--json before a body is curl's, and it stands among authkit's options", f"write {form}")
    if given.key is not None and os.path.exists(given.key) and not os.path.isdir(given.key):
        form = "authkit sign curl --key REF -- --key FILE URL"
        raise UsageError(
            f"--key {given.key} names a file, as curl's does; authkit takes a key reference",
            f"write {form}, or file:{given.key} for a key file of authkit",
        )


def _judge_transport(plan: "CurlPlan", given: "Given", token: bool) -> None:
    import os

    from authkit.errors import Refused

    insecure = plan.insecure
    if plan.request.scheme == "http" and any(os.environ.get(name) for name in ("http_proxy", "all_proxy", "ALL_PROXY")):
        # curl would hand even a request to this machine to the proxy
        insecure = "http, through a proxy of the environment"
    if insecure is not None and not given.insecure_ok and (token or getattr(given, "placement", None) == "query"):
        what = "a session token" if token else "a presigned URL"
        raise Refused(f"{what} would travel where others can read it ({insecure})", "use https, or add --insecure-ok")
