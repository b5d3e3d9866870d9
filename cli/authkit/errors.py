"""What can go wrong, which exit code each kind has, and the one table of reason words."""

VALID, INVALID, MALFORMED, CANNOT_CHECK = "valid", "invalid", "malformed", "cannot-check"

# reason word -> (verdict, sentence).  Reasons are for scripts, sentences for people.
REASONS = {
    # HTTP syntax
    "request-line-syntax": (MALFORMED, "the first line is not METHOD TARGET HTTP/1.1 with single spaces"),
    "status-line-syntax": (MALFORMED, "the first line is not HTTP/1.1, a status of three digits, and a phrase"),
    "target-syntax": (MALFORMED, "the request target holds something a target cannot hold"),
    "userinfo": (MALFORMED, "the URL carries a user name before its host"),
    "header-syntax": (MALFORMED, "a header line is not 'Name: value'"),
    "body-length": (MALFORMED, "the body is not as long as the message says"),
    "transfer-encoding": (
        MALFORMED,
        "the body's transfer coding is not chunked alone, or stands beside Content-Length",
    ),
    # where the signature is
    "no-signature": (MALFORMED, "the request carries no signature"),
    "multiple-authorization": (MALFORMED, "the request carries more than one Authorization header"),
    "multiple-auth-locations": (MALFORMED, "the request is signed both in its headers and in its query"),
    "duplicate-parameter": (MALFORMED, "a signature parameter stands twice, or twice but for case"),
    "nonce-missing": (MALFORMED, "the request carries no nonce"),
    "missing-parameter": (MALFORMED, "a signature parameter is missing"),
    # its own syntax
    "authorization-syntax": (MALFORMED, "the Authorization header is not in the scheme's form"),
    "algorithm": (MALFORMED, "the algorithm is not one this verifier accepts"),
    "signature-format": (MALFORMED, "the signature is not in the scheme's form"),
    "date-missing": (MALFORMED, "the request carries no date"),
    "date-header": (CANNOT_CHECK, "the request is dated by the Date header alone, which this verifier does not read"),
    "date-format": (MALFORMED, "the date is not a real instant in the scheme's form"),
    "expires-format": (MALFORMED, "the lifetime is not a plain decimal number"),
    "expires-range": (MALFORMED, "the lifetime is not within what this verifier allows"),
    "scope-format": (MALFORMED, "the credential is not ID/date/region/service/terminator"),
    "scope-date": (MALFORMED, "the date in the credential scope is not a day"),
    # what it claims
    "expired": (INVALID, "the request is too old"),
    "not-yet-valid": (INVALID, "the request is dated in the future"),
    "scope-date-mismatch": (INVALID, "the credential's day is not the day of the request"),
    "scope-region": (INVALID, "the request was signed for another region"),
    "scope-service": (INVALID, "the request was signed for another service"),
    "region-set-missing": (INVALID, "the request does not say which regions it is signed for"),
    "region-set-format": (MALFORMED, "the region set is not a list of regions, or stands more than once"),
    "serial-mismatch": (INVALID, "the credential is not the serial number of the certificate that was sent"),
    "unknown-access-key": (CANNOT_CHECK, "no key is known for this access key ID"),
    "no-secret": (CANNOT_CHECK, "the key known for this ID is empty"),
    "other-scheme": (CANNOT_CHECK, "the key known for this ID was made for another scheme"),
    "subkey-out-of-scope": (CANNOT_CHECK, "no key held for this ID reaches this scope"),
    # what must be signed
    "signed-headers": (MALFORMED, "the list of signed headers is empty, unsorted, repeated or not in lower case"),
    "signed-header-missing": (INVALID, "a header named as signed is not in the request"),
    "duplicate-header": (INVALID, "a header that may stand once stands twice"),
    "host-not-signed": (INVALID, "the signature does not cover the host"),
    "date-not-signed": (INVALID, "the signature does not cover the date header"),
    "content-type-unsigned": (INVALID, "the signature does not cover Content-Type"),
    "unsigned-x-amz-header": (INVALID, "the signature does not cover a header that changes what the request does"),
    "parameter-not-signed": (INVALID, "the signature does not cover a parameter of the query"),
    "required-component": (INVALID, "the signature does not cover a header that this verifier requires"),
    "token-not-signed": (INVALID, "the signature does not cover the session token"),
    "token-missing": (INVALID, "the key needs a session token and the request has none"),
    "token-mismatch": (INVALID, "the session token is not the one that goes with this key"),
    "token-unexpected": (INVALID, "the request has a session token and the key has none"),
    "access-token-unexpected": (INVALID, "the access token that the request names is not the expected one"),
    "authority-mismatch": (INVALID, "the request was signed for another host"),
    "path-not-normalised": (INVALID, "the path is one that the service rewrites before it checks the signature"),
    "header-name-ambiguous": (MALFORMED, "two header names differ only in '-' and '_'"),
    # RFC 9421: signatures with labels over components
    "duplicate-host": (MALFORMED, "the request has more than one Host header"),
    "structured-field": (MALFORMED, "a field of the signature is not the structured field it must be"),
    "duplicate-label": (MALFORMED, "a label stands twice in a field of the signature"),
    "label-missing": (INVALID, "no whole signature stands under the label"),
    "label-ambiguous": (CANNOT_CHECK, "the message carries several signatures and it was not said which to check"),
    "tag": (INVALID, "the signature was made for another application"),
    "parameter-type": (MALFORMED, "a signature parameter is not of the type it must be"),
    "limit": (MALFORMED, "the signature covers more components, or is longer, than this verifier reads"),
    "component": (MALFORMED, "the signature names a component that cannot be covered so"),
    "ambiguous-query-param": (MALFORMED, "a query parameter that the signature covers stands twice in the query"),
    "component-missing": (INVALID, "the message lacks a component that the signature covers"),
    "request-unavailable": (CANNOT_CHECK, "the signature covers the request that the response answers, not given here"),
    "parameter-missing": (INVALID, "the signature lacks a parameter that this verifier requires"),
    "parameter-forbidden": (INVALID, "the signature has a parameter that its profile forbids"),
    "parameter-mismatch": (INVALID, "a parameter of the signature is not what it must be"),
    "created-missing": (INVALID, "the signature does not say when it was made"),
    "expires": (MALFORMED, "the signature expires before it was made"),
    "unknown-key": (CANNOT_CHECK, "no key is known for this keyid"),
    "base64": (MALFORMED, "the signature's base64 is not padded or not canonical"),
    "signature-length": (INVALID, "the signature is not as long as its algorithm makes it"),
    "signature-der": (MALFORMED, "the signature is in DER instead of r and s at full length"),
    "digest-algorithm": (INVALID, "the digest of the body is by no algorithm that this verifier accepts"),
    "content-digest-mismatch": (INVALID, "the body does not have the digest that was signed"),
    # payload and proof
    "payload-hash-format": (
        MALFORMED,
        "the declared payload hash is neither 64 lower-case hexadecimal digits nor a known word",
    ),
    "digest-format": (MALFORMED, "the declared digest of the body cannot be read"),
    "unsigned-payload": (INVALID, "the signature does not cover the body"),
    "streaming-payload": (INVALID, "the body is declared to come in chunks or events, and cannot be read so"),
    "chunk-syntax": (MALFORMED, "the body is not in the form of chunks"),
    "chunk-signature": (INVALID, "the signature of a chunk does not match"),
    "decoded-length": (MALFORMED, "the body without its chunks is not as long as X-Amz-Decoded-Content-Length says"),
    "trailer-syntax": (MALFORMED, "a trailer field is not 'Name: value'"),
    "trailer-mismatch": (INVALID, "the trailer fields are not those that the request announces"),
    "trailer-signature": (INVALID, "the signature of the trailer does not match"),
    "checksum-mismatch": (INVALID, "the checksum in the trailer is not that of the body"),
    "checksum-unsupported": (CANNOT_CHECK, "the checksum in the trailer is of a kind that is not known here"),
    "event-syntax": (MALFORMED, "the body is not a sequence of event-stream messages"),
    "event-signature": (INVALID, "the signature of an event does not match"),
    "event-date": (INVALID, "an event is dated outside the time that this verifier allows"),
    "signature-mismatch": (INVALID, "the signature does not match the request"),
    "payload-mismatch": (INVALID, "the body is not the one that was signed"),
    "body-unavailable": (CANNOT_CHECK, "the body was not given, so its hash cannot be compared"),
    # the certificate that came with it
    "client-cert-required": (INVALID, "the access key is bound to a certificate, and the request signs none"),
    "client-cert-missing": (INVALID, "no certificate came with the request"),
    "client-cert-ambiguous": (MALFORMED, "more than one certificate, or spelling of its header, came with the request"),
    "client-cert-format": (MALFORMED, "the certificate that came with the request, or its fingerprint, cannot be read"),
    "client-cert-not-covered": (INVALID, "the signature does not cover the certificate that the request carries"),
    "client-cert-mismatch": (INVALID, "the certificate that came with the request is not the one that is signed"),
    "client-cert-unbound": (INVALID, "the certificate is not one that this access key is bound to"),
    "identity-mismatch": (INVALID, "the certificate names nobody who is allowed"),
    "scope-required": (INVALID, "the certificate is not a scoped one"),
    "scope-not-compared": (
        CANNOT_CHECK,
        "the certificate is scoped, and this verifier was not told its region and service",
    ),
    "key-mismatch": (INVALID, "a key in the file does not derive from this one"),
    # a DPoP proof
    "proof-syntax": (MALFORMED, "the DPoP header is not a proof in the form that RFC 9449 gives"),
    "key-not-given": (CANNOT_CHECK, "nothing says which key the proof must be made with"),
    "key-not-bound": (INVALID, "the proof was made with another key than it must be made with"),
    "method-mismatch": (INVALID, "the proof is for another method"),
    "target-mismatch": (INVALID, "the proof is for another URL"),
    "nonce-mismatch": (INVALID, "the proof does not carry the nonce that this verifier gave"),
    "access-token-missing": (INVALID, "the proof is for an access token, and the request presents none"),
    "access-token-mismatch": (INVALID, "the proof is not for the access token that the request presents"),
    # an upload form
    "form-syntax": (MALFORMED, "the body is not multipart/form-data with the file last"),
    "policy-syntax": (MALFORMED, "the policy is not base64 of JSON with an expiration and conditions"),
    "field-unsigned": (INVALID, "the policy has no condition on a field of the form"),
    "condition-failed": (INVALID, "the form is not as a condition of its policy demands"),
    "bucket-mismatch": (INVALID, "the form was signed for another bucket"),
    # a request that could not be read at all (batch)
    "input": (MALFORMED, "the line cannot be read as a request"),
}

# The same for RFC 9421, where two words mean something else.
MESSAGE_REASONS = {
    **REASONS,
    "algorithm": (INVALID, "the algorithm is not the one of the key"),
    "duplicate-parameter": (MALFORMED, "a parameter stands twice in a field of the signature"),
}

# The same for certificates, where some words mean something else.
PATH_REASONS = {
    "malformed": (INVALID, "a certificate of the path breaks the rules of X.509"),
    "untrusted": (INVALID, "no path leads from the certificate to a trust anchor"),
    "signature-mismatch": (INVALID, "a signature on the path does not match its certificate"),
    "expired": (INVALID, "a certificate on the path has expired"),
    "not-yet-valid": (INVALID, "a certificate on the path is not valid yet"),
    "issuer-not-ca": (INVALID, "an issuer on the path is not a CA"),
    "leaf-is-ca": (INVALID, "the certificate is a CA's, not a leaf"),
    "path-too-long": (INVALID, "the path is longer than a CA on it allows"),
    "key-usage": (INVALID, "the key usage does not allow this use"),
    "eku-missing": (INVALID, "the certificate names no purpose"),
    "eku-mismatch": (INVALID, "the certificate is for another purpose"),
    "scope-missing": (INVALID, "the certificate signs requests and names no scope"),
    "scope-malformed": (INVALID, "a scope on the path cannot be read"),
    "scope-outside": (INVALID, "the certificate's scope lies outside that of a CA on the path"),
    "san-missing": (INVALID, "the certificate names no identity in its subject alternative name"),
    "name-mismatch": (INVALID, "the certificate is for another name"),
    "name-constraint": (INVALID, "a name lies outside what a CA on the path may certify"),
    "name-constraint-unsupported": (INVALID, "a CA on the path carries a name constraint that cannot be checked here"),
    "unknown-critical-extension": (INVALID, "a critical extension is not known here"),
    "weak-key": (INVALID, "a key on the path is too weak"),
    "weak-signature": (INVALID, "a signature on the path uses an algorithm that can be forged"),
    "revoked": (INVALID, "a certificate on the path is revoked"),
    "key-unsupported": (CANNOT_CHECK, "a certificate on the path has a kind of key that cannot be checked here"),
    "crl-missing": (CANNOT_CHECK, "no revocation list was given for an issuer on the path"),
    "crl-not-applicable": (CANNOT_CHECK, "none of the revocation lists applies to an issuer on the path"),
    "crl-out-of-date": (CANNOT_CHECK, "the revocation list is not of this time"),
    "crl-indirect": (CANNOT_CHECK, "the revocation list is indirect, which cannot be checked here"),
    "crl-signature": (CANNOT_CHECK, "the revocation list is not signed by the issuer it names"),
}
# The same again, where the path is that of the certificate whose key signed a request.
CERTIFICATE_REASONS = {f"certificate-{word}": row for word, row in PATH_REASONS.items()}

# The same for ledgers.
LEDGER_REASONS = {
    "ledger-broken": (INVALID, "a line was removed, put in or changed"),
    "ledger-shorter": (INVALID, "the ledger is shorter than it was: lines were removed from its end"),
    "ledger-changed": (INVALID, "the ledger is not the one that it was: a line is another"),
    "ledger-contradicted": (INVALID, "what the ledger says is not what is kept beside it"),
}

# reason word -> sentence: why something carried over the air gap is refused
AIRGAP_REASONS = {
    # opening it
    "not-for-us": "it is sealed to another recipient",
    "damaged": "its seal is damaged",
    "not-signed": "it is not signed",
    "signature-malformed": "its signature is not an OpenSSH signature by an Ed25519 key as ssh-keygen writes it",
    "namespace": "its signature was made for something else",
    "unknown-signer": "it is signed by a key that is not trusted here",
    "signature-mismatch": "its signature does not fit: it was changed after it was signed",
    # whose it is
    "words-mismatch": "the words are not those that the other side reads",
    "recipient-mismatch": "the recipient named in it is not the one that opened it",
    "recipient-unknown": "the recipient named in it is not the one that was enrolled",
    "requester-mismatch": "the requester named in it is not the one whose key signed it",
    "issuer-mismatch": "it is for another issuer",
    # which one it is
    "unknown-request": "it answers a request that was not made here",
    "request-used": "it answers a request that was answered before",
    "request-mismatch": "it answers another request than this one",
    "replayed": "it was taken in before",
    "sequence-skipped": "one or more responses before it are missing",
    "previous-mismatch": "it does not follow from the response before",
    "starting-over": "the requester does not know of the responses that it was given",
    "already-approved": "this request was approved before",
    # what it says
    "access-key-mismatch": "it is for another access key",
    "scheme-mismatch": "it is for another scheme",
    "scope-mismatch": "it holds a scope that was not asked for",
    "level-mismatch": "it holds a key wider than was asked for",
    "malformed": "it is signed, and is no subkey file in the one form that there is",
    "check-mismatch": "a key in it does not fit its check value",
    "expired": "its time is over",
    # one request that is to be signed
    "message-malformed": "it holds no HTTP message in the one form that there is",
    "message-mismatch": "the message in it is not the one that signing would send",
    "body-mismatch": "the body in it is not the one of its digest",
    "body-unsigned": "the signature would not cover the body",
    "scope-day": "its scope is of another day than its instant",
    "expires-mismatch": "it is to be good for another time than the message allows",
    # what the policy allows
    "policy-changed": "the policy is not the one that was accepted last",
    "policy-access-key": "the policy does not allow this access key",
    "policy-scope": "the policy does not allow this scope",
    "policy-level": "the policy does not allow a key of this level",
    "policy-service": "the policy does not name this service, whose keys are as wide as the access key",
    "policy-days": "the policy does not allow so many days",
    "policy-ahead": "the policy does not allow days so far ahead",
    "policy-past": "the days asked for are over",
    # the clock of a machine without a network
    "clock-backwards": "this machine's clock is earlier than the last line of its ledger",
    "clock-leap": "this machine's clock is more than 400 days later than the last line of its ledger",
    "not-confirmed": "nobody confirmed it by typing the name",
    "clock-not-confirmed": "this machine's clock was not confirmed",
    # the ledgers
    "ledger-shorter": "the other side's ledger is shorter than it was: lines were removed from its end",
    "ledger-changed": "the other side's ledger is not the one that it was",
    "ledger-mismatch": "the other side saw a line that is not in this ledger: lines here were removed or changed",
}


class AuthkitError(Exception):
    """A failure that a user can understand.

    Args:
        message: one line, lower case, no full stop; never a secret.
        hint: what to type instead, or None.
    """

    exit_code = 70
    slug = "bug"

    def __init__(self, message: str, hint: "str | None" = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(AuthkitError):
    """The command line is wrong."""

    exit_code = 2
    slug = "usage"


class InputError(AuthkitError):
    """An input cannot be read or parsed."""

    exit_code = 3
    slug = "input"


class NotFound(AuthkitError):
    """A named key or item is absent."""

    exit_code = 4
    slug = "not-found"


class Refused(AuthkitError):
    """authkit will not do this."""

    exit_code = 5
    slug = "refused"


class Untrusted(Refused):
    """Something carried over the air gap is refused.

    Args:
        reason: a key of AIRGAP_REASONS, which scripts compare.
        what: what was carried, for people.
        detail: what exactly, for people: the place and the value, never a secret; or "".
        hint: what to type, or None.
    """

    def __init__(self, reason: str, what: str, detail: str = "", hint: "str | None" = None) -> None:
        sentence = AIRGAP_REASONS[reason]
        super().__init__(f"{what}: {sentence} ({reason}{f': {detail}' if detail else ''})", hint)
        self.reason = reason


class StoreError(AuthkitError):
    """The store is missing, locked or damaged, or did not give back what it took."""

    exit_code = 6
    slug = "store"


class Rejected(AuthkitError):
    """A verdict that is not 'valid'.

    Args:
        reason: a key of REASONS.
        detail: what exactly, for people: the place and the value, never a secret; or "".
        hint: what to try, or None.
    """

    slug = "rejected"
    reasons = REASONS

    def __init__(self, reason: str, detail: str = "", hint: "str | None" = None) -> None:
        self.verdict, sentence = self.reasons[reason]
        super().__init__(f"{sentence}: {detail}" if detail else sentence, hint)
        self.reason = reason
        self.detail = detail
        self.claim: "object | None" = None  # what the request claims, where that was read

    @property
    def exit_code(self) -> int:  # type: ignore[override]
        """1 for a verdict of no, 4 for a verdict that could not be reached."""
        return 4 if self.verdict == CANNOT_CHECK else 1


class MessageRejected(Rejected):
    """A verdict on an RFC 9421 signature that is not 'valid'.

    Args:
        reason: a key of MESSAGE_REASONS.
        detail, hint: as for `Rejected`.
    """

    reasons = MESSAGE_REASONS


class PathRejected(Rejected):
    """A verdict on a certification path that is not 'valid'.

    Args:
        reason: a key of PATH_REASONS.
        detail, hint: as for `Rejected`.
    """

    reasons = PATH_REASONS


class CertificateRejected(Rejected):
    """A verdict on a request that is not 'valid' because of the path from its certificate.

    Args:
        reason: a key of CERTIFICATE_REASONS.
        detail, hint: as for `Rejected`.
    """

    reasons = CERTIFICATE_REASONS


class LedgerRejected(Rejected):
    """A verdict on a ledger that is not 'valid'.

    Args:
        reason: a key of LEDGER_REASONS.
        detail, hint: as for `Rejected`.
    """

    reasons = LEDGER_REASONS
