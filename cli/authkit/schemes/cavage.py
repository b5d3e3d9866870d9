"""HTTP signatures as draft-cavage-http-signatures-12 has them: the signature that goes with a request."""

from datetime import datetime, timedelta
from hmac import compare_digest, digest

from authkit import base64
from authkit.clock import UTC
from authkit.errors import InputError, Refused, Rejected, UsageError
from authkit.keys.select import Key, secret_checking, secret_for
from authkit.messages import dates, fields
from authkit.messages.request import Request, check_request
from authkit.schemes import cavage_text, demands, digests
from authkit.schemes.base import Claimed, Scheme, Signed, SignJob, Verified, Verifier
from authkit.schemes.options import (
    ALLOW_UNSIGNED,
    ALLOW_UNSIGNED_PAYLOAD,
    AUTHORITY,
    CERTIFICATE,
    EXPIRES,
    MAX_AGE,
    MAX_SKEW,
    REQUIRE,
    SCHEME_OVERRIDE,
)
