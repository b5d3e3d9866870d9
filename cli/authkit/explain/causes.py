"""The table of causes: what goes wrong, how to say it, and how to sign again as if it had."""

from authkit.explain import owners, reclaim, reheader, retarget

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from authkit.explain.case import Case
    from authkit.explain.view import View

    Resign = Callable[[Case, View], Iterator[tuple[str, View]]]

WORDS = (
    "method",
    "host",
    "path-encoding",
    "path-normalisation",
    "query-encoding",
    "query-order",
    "header-added",
    "header-missing",
    "header-changed",
    "signed-headers",
    "payload-hash",
    "time",
    "scope",
    "token",
    "secret",
    "unknown",
)

# what to do where no row of the table fits
ADVICE = {
    "method": "sign the method that arrives",
    "host": "send and sign the Host that the server sees; a proxy may set another one",
    "path-encoding": "percent-encode the path in one way on all sides",
    "path-normalisation": "send the path as the server reads it",
    "query-encoding": "percent-encode every name and value with upper-case digits, a space as %20",
    "query-order": "send the parameters sorted by name, then by value",
    "header-added": "it was added after signing, by a library or a proxy: leave it unsigned or send it yourself",
    "header-missing": "it was lost after signing, in a library or a proxy: leave it unsigned",
    "header-changed": "it was changed after signing, by a library or a proxy: leave it unsigned",
    "signed-headers": "sign and name the same headers",
    "payload-hash": "send the body whose hash is signed, and declare the hash that is signed",
    "time": "use one instant, in UTC, for the date that is sent, the scope and the string to sign",
    "scope": "sign for the region and service of the server, and for the UTC day of the request",
    "token": "send the session token that belongs to the key, and sign it",
    "secret": "use the secret of this access key ID",
    "unknown": "look at both lines",
}


class Cause:
    """One thing that goes wrong.

    Attributes:
        word: one of WORDS.
        sentence: what happened; {who} is the side that did it, {detail} what is particular to the case.
        advice: what to do when the client did it.
        served: what to do when the server did it.
        resign: what gives each reading of the request under this cause, as (detail, view).
        alone: whether it is not tried together with another cause.
    """

    __slots__ = ("word", "sentence", "advice", "served", "resign", "alone")

    def __init__(
        self,
        word: str,
        sentence: str,
        advice: str,
        resign: "Resign",
        served: str = "sign what the server reads",
        alone: bool = False,
    ) -> None:
        self.word = word
        self.sentence = sentence
        self.advice = advice
        self.resign = resign
        self.served = served
        self.alone = alone

    def text(self, who: str, detail: str) -> str:
        """Return what happened and what to do about it: one sentence."""
        return f"{self.say(who, detail)}: {self.served if who == 'the server' else self.advice}"

    def say(self, who: str, detail: str) -> str:
        """Return what happened."""
        return self.sentence.format(who=who, detail=detail)


_ENCODE = "percent-encode every character but letters, digits, '-', '.', '_', '~' and '/' in the path that you send"

# most likely first: where two rows read a request in the same way, the first is named
CAUSES = (
    # path
    Cause(
        "path-encoding",
        "{who} took the path as it is sent, with characters that the service percent-encodes left as they are",
        f"{_ENCODE} (curl --aws-sigv4 does not for S3)",
        retarget.raw_path,
    ),
    Cause(
        "path-encoding",
        "{who} percent-encoded the path once",
        "encode what is sent once more (--double-encode), as every service but S3 does",
        retarget.path_once,
        "sign with --no-double-encode",
    ),
    Cause(
        "path-encoding",
        "{who} percent-encoded the path twice",
        "encode it once (--no-double-encode), as S3 does",
        retarget.path_twice,
        "sign with --double-encode",
    ),
    Cause(
        "path-encoding",
        "{who} percent-encoded the path once more than the service does",
        "give the path to the signer as it is before any encoding",
        retarget.path_thrice,
    ),
    Cause(
        "path-encoding",
        "{who} took the path without any percent-encoding",
        "sign the path percent-encoded",
        retarget.path_decoded,
        "send the path percent-encoded; something on the way decoded it",
    ),
    Cause(
        "path-encoding",
        "{who} wrote {detail} in the path",
        "in the path a %2F is data and '/' is structure: encode each segment by itself",
        retarget.path_slashes,
    ),
    Cause(
        "path-encoding",
        "{who} percent-encoded the path in another way: {detail}",
        "encode each byte but letters, digits, '-', '.', '_', '~' as %XX with upper-case digits",
        retarget.path_letters,
    ),
    Cause(
        "path-normalisation",
        "{who} treated dot segments or empty segments of the path in another way",
        "S3 keeps '//' and '/../', every other service removes them: sign and send the path that the service reads",
        retarget.path_segments,
        "sign with --normalize-path or --no-normalize-path, as the server does, or send a path without such segments",
    ),
    Cause(
        "path-normalisation",
        "{who} had the path {detail} its slash at the end",
        "sign the path exactly as it is sent, with or without the last '/'",
        retarget.path_slash,
        "send the path as the server has it; something on the way changed its last '/'",
    ),
    Cause(
        "path-normalisation",
        "{who} had the path {detail}",
        "sign the path that the server sees, with the stage or bucket only if it is in the request",
        retarget.path_prefix,
        "sign the path that the server sees; a gateway or proxy rewrites it",
    ),
    # query
    Cause(
        "query-encoding",
        "{who} took a '+' in the query for {detail}",
        "send %20 for a space and %2B for a plus sign, which is read one way everywhere",
        retarget.query_plus,
        "send %20 for a space and %2B for a plus sign, which is read one way everywhere",
    ),
    Cause(
        "query-encoding",
        "{who} wrote a parameter without a value without its '='",
        "sign '?name' as 'name='",
        retarget.query_no_equals,
    ),
    Cause(
        "query-encoding",
        "{who} took the query as it is sent, without decoding and encoding it again",
        "percent-encode names and values with upper-case digits, '/' and '+' too, and give each its '='",
        retarget.query_raw,
    ),
    Cause(
        "query-encoding",
        "{who} percent-encoded the query twice",
        "give the signer names and values before any encoding",
        retarget.query_twice,
        "something on the way encoded the query again: send it without characters that need it, or go around it",
    ),
    Cause(
        "query-encoding",
        "{who} percent-encoded the query in another way: {detail}",
        "encode each byte but letters, digits, '-', '.', '_', '~' as %XX with upper-case digits",
        retarget.query_letters,
    ),
    Cause(
        "query-encoding",
        "{who} had less in the query: {detail}",
        "percent-encode '=' in a value as %3D, and give each parameter its '='",
        retarget.query_cut,
    ),
    Cause(
        "query-encoding",
        "{who} kept of parameters with one name only {detail}",
        "sign every parameter, also those of one name",
        retarget.query_repeats,
    ),
    Cause(
        "query-encoding",
        "{who} left the query out",
        "sign the query together with the path",
        retarget.query_none,
        "something on the way took the query away",
    ),
    Cause(
        "query-order",
        "{who} had the parameters of the query in another order: {detail}",
        "sort the encoded parameters by name, then by value",
        retarget.query_order,
        "send the parameters sorted by name, then by value",
    ),
    # headers
    Cause(
        "host",
        "{who} had the host {detail}",
        "sign the Host header that is sent, with its port unless it is the scheme's own",
        reheader.other_host,
        "a proxy changed Host: let it pass Host unchanged, or sign for the host that the server sees",
    ),
    Cause(
        "header-changed",
        "{who} kept the runs of spaces in a header",
        "trim header values, and write each run of spaces as one",
        reheader.spaces_kept,
    ),
    Cause(
        "header-changed",
        "{who} had of a header that stands twice another value: {detail}",
        "send the header once, with all values joined by ','",
        reheader.repeated_header,
        "send the header once, with all values joined by ','",
    ),
    Cause(
        "header-changed",
        "{who} had {detail} without one member of its list",
        "a proxy added to the header on the way, or it was changed after signing: do not sign it",
        reheader.list_member,
        "something on the way took a member of the list: do not sign this header",
    ),
    Cause(
        "header-changed",
        "{who} had the value of {detail} in lower case",
        "sign header values as they are sent",
        reheader.letter_case,
    ),
    Cause(
        "header-changed",
        "{who} had {detail}",
        "sign the value that is sent, or leave the header unsigned (--no-sign-header)",
        reheader.usual_value,
        "something on the way rewrites this header: leave it unsigned (--no-sign-header)",
    ),
    Cause(
        "header-missing",
        "{who} had {detail}, and the request has no such header",
        "the header was lost after signing: send it, or leave it unsigned (--no-sign-header)",
        reheader.missing_header,
        "send the header yourself, or leave it unsigned (--no-sign-header)",
    ),
    # token, signed headers
    Cause(
        "token",
        "{who} left the session token out of what is signed",
        "add the session token before signing, and name its header among the signed headers",
        reheader.no_token,
        "sign with --omit-session-token",
    ),
    Cause(
        "token",
        "{who} signed the session token, which the signed headers do not name",
        "name the session token's header among the signed headers",
        reheader.more_token,
    ),
    Cause(
        "signed-headers",
        "{who} had the signed headers {detail}",
        "sort the names in lower case, the same in the list, in the header lines and in what is sent",
        reheader.list_order,
    ),
    Cause(
        "signed-headers",
        "{who} signed without {detail}, which the request names as signed",
        "name in SignedHeaders exactly the headers whose lines are signed",
        reheader.one_less,
    ),
    Cause(
        "signed-headers",
        "{who} signed {detail} too, which the request does not name as signed",
        "name in SignedHeaders exactly the headers whose lines are signed",
        reheader.one_more,
    ),
    # payload
    Cause(
        "payload-hash",
        "{who} had the hash of the body, and not what the request declares",
        "declare in X-Amz-Content-Sha256 what is signed as payload hash",
        reheader.body_hash,
    ),
    Cause(
        "payload-hash",
        "{who} had the hash of an empty body",
        "sign the hash of the body that is sent",
        reheader.empty_body,
        "something on the way took the body away, for example by following a redirect",
    ),
    Cause(
        "payload-hash",
        "{who} had UNSIGNED-PAYLOAD for the payload hash",
        "declare it in X-Amz-Content-Sha256, or sign the hash of the body",
        reheader.unsigned_payload,
        "sign with --payload unsigned",
    ),
    Cause(
        "payload-hash",
        "{who} had for the payload hash {detail}",
        "sign the lower-case hash of the body, or declare what is signed in X-Amz-Content-Sha256",
        reheader.streaming_payload,
    ),
    # scope, time
    Cause(
        "scope",
        "{who} signed for the region {detail}",
        "use one region in the credential scope and in the signing key",
        reclaim.other_region,
    ),
    Cause(
        "scope",
        "{who} signed for the service {detail}",
        "use one service name in the credential scope and in the signing key",
        reclaim.other_service,
    ),
    Cause(
        "scope",
        "{who} signed for the day {detail}",
        "take the day of the scope from the request's own instant, in UTC",
        reclaim.other_day,
    ),
    Cause(
        "scope",
        "{who} used a signing key for {detail}, which is not what the credential scope says",
        "derive the signing key for the scope of the request: a cached key is good for one UTC day, region and service",
        reclaim.other_key_scope,
        alone=True,
    ),
    Cause(
        "scope",
        "{who} used the subkey for {detail}, which is not what the credential scope says",
        "sign with a subkey for the scope of the request",
        reclaim.secret_owner(owners.OTHER_SCOPE),
        alone=True,
    ),
    Cause(
        "time",
        "{who} signed at {detail}, a moment away from the date that is sent",
        "read the clock once, and use the same instant for the date, the scope and the string to sign",
        reclaim.near_second,
    ),
    Cause(
        "time",
        "{who} signed at {detail}, the instant of the Date header",
        "sign the instant of X-Amz-Date",
        reclaim.date_header,
    ),
    Cause(
        "time",
        "{who} signed at {detail}, a whole number of half hours away from the date that is sent",
        "write the date in UTC everywhere",
        reclaim.time_zone,
        alone=True,
    ),
    Cause(
        "method",
        "{who} signed the method {detail}",
        "sign the method that is sent; a presigned URL works for one method alone",
        retarget.other_method,
        "something on the way changed the method, for example by following a redirect",
    ),
    # secret
    Cause(
        "secret",
        "{who} used the secret {detail}",
        "copy the secret again, exactly",
        reclaim.secret_owner(owners.ALTERED),
        alone=True,
    ),
    Cause(
        "secret",
        "{who} used the secret of {detail}",
        "use ID and secret of one access key",
        reclaim.secret_owner(owners.OTHER_ID),
        alone=True,
    ),
    Cause(
        "secret",
        "{who} derived the signing key from the secret without the scheme's prefix",
        "put the prefix, such as AWS4, before the secret in the first step",
        reclaim.secret_owner(owners.UNPREFIXED),
        alone=True,
    ),
)

# what known clients do, and a request shows to be possible: named where both sides agree and no key is at hand
SUSPECTS = tuple(
    [
        cause
        for cause in CAUSES
        if cause.resign
        in (
            retarget.raw_path,
            retarget.query_raw,
            retarget.query_no_equals,
            retarget.query_order,
            reheader.spaces_kept,
            reheader.repeated_header,
        )
    ]
)
