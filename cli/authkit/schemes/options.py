"""Rows of options that several schemes understand."""

REGION = ("--region", "text", "REGION", "the region to sign for [the key's, else the URL's]", None)
SERVICE = ("--service", "text", "SERVICE", "the service to sign for [the key's, else the URL's]", None)
SCHEME_OVERRIDE = ("--scheme-override", "flag", "", "use a key that was made for another scheme", False)
CERTIFICATE = (
    "--certificate",
    "text",
    "FILE",
    "the certificates of the key, leaf first, where its file has none",
    None,
)
EXPIRES = ("--expires", "int", "S", "seconds the signature is good for", None)

EXPECT_REGION = ("--region", "text", "REGION", "the region the request must be signed for [the key's]", None)
EXPECT_SERVICE = ("--service", "text", "SERVICE", "the service the request must be signed for [the key's]", None)
AUTHORITY = (
    "--authority",
    "many",
    "HOST",
    "the host, with :PORT if any, that the request must be signed for; repeatable",
    (),
)
MAX_SKEW = ("--max-skew", "int", "S", "seconds that clocks may differ, 0 to 900 [300]", None)
MAX_AGE = ("--max-age", "int", "S", "seconds that a signature may be old [300]", None)
MAX_EXPIRES = ("--max-expires", "int", "S", "longest lifetime of a presigned URL, 1 to 604800 [604800]", None)
REQUIRE = ("--require", "many", "NAME", "a header that the signature must cover; repeatable", ())
ALLOW_UNSIGNED = ("--allow-unsigned", "many", "NAME", "a header that the signature need not cover; repeatable", ())
ALLOW_UNSIGNED_PAYLOAD = (
    "--allow-unsigned-payload",
    "flag",
    "",
    "accept a signature that leaves the body uncovered",
    False,
)
