"""RFC 9421, HTTP Message Signatures: the scheme."""

from hashlib import sha512

from authkit.schemes import options as rows
from authkit.schemes.base import Scheme, Signed, SignJob, Verifier
from authkit.schemes.httpsig.components import signature_base
from authkit.schemes.httpsig.digest import ALGORITHMS, SHA_512, watchers
from authkit.schemes.httpsig.keyid import LABEL, NAMES, choose_signer
from authkit.schemes.httpsig.params import read_signatures
from authkit.schemes.httpsig.policy import read_policy
from authkit.schemes.httpsig.sign import read_settings, sign_message
from authkit.schemes.httpsig.verify import choose_input, verify_message

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from authkit.keys.select import Key
    from authkit.messages.payload import Watcher
    from authkit.messages.request import Request
    from authkit.schemes.base import Verified

_PROFILE = ("--profile", "text", "NAME", "the application profile, as authkit-httpsig(7) names it", None)
_CHOICES = "choice:" + "|".join(NAMES)

SIGN_OPTIONS = (
    ("--region", "text", "REGION", "the region of the subkey to sign with, where several are of the day", None),
    ("--service", "text", "SERVICE", "the service of the subkey to sign with, where several are of the day", None),
    ("--cover", "many", "COMPONENT", "what to sign, in order, as @method or content-type; repeatable [a safe set]", ()),
    ("--label", "text", "LABEL", "the name of the signature in the message [sig1]", None),
    ("--created", "switch", "", "say when the signature was made [yes]", None),
    ("--expires", "int", "S", "seconds from then on that it is good for", None),
    ("--nonce", "text", "TEXT", "a nonce of your own [random]", None),
    ("--no-nonce", "flag", "", "no nonce", False),
    ("--tag", "text", "TEXT", "the application that the signature is for", None),
    ("--param", "many", "NAME=VALUE", "a further parameter; a text in double quotes; repeatable", ()),
    ("--keyid", "text", "TEXT", "the keyid to write [the key's own]", None),
    ("--alg", _CHOICES, "NAME", "the algorithm, which is then written too [the key's, not written]", None),
    ("--digest", "choice:" + "|".join(ALGORITHMS), "NAME", "how the digest of the body is made [sha-256]", None),
    ("--payload", "choice:hash|unsigned", "HOW", "cover the body by its digest, or leave it uncovered [hash]", None),
    _PROFILE,
    ("--accept", "file", "FILE", "a message whose Accept-Signature is answered, as far as you allow it", None),
    ("--ask", "text", "NAME", "ask for a signed answer: default, or a profile", None),
    rows.SCHEME_OVERRIDE,
    rows.CERTIFICATE,
    *rows.SIGN_PROOFS,
)
VERIFY_OPTIONS = (
    rows.EXPECT_REGION,
    rows.EXPECT_SERVICE,
    rows.AUTHORITY,
    ("--label", "text", "LABEL", "the signature to check, by its name in the message [the only one]", None),
    ("--tag", "text", "TEXT", "the application that the signature must be for [any]", None),
    ("--alg", _CHOICES, "NAME", "the algorithm it must be by [the key's]", None),
    rows.MAX_AGE,
    rows.MAX_SKEW,
    ("--require", "many", "COMPONENT", "what the signature must cover besides the usual; repeatable", ()),
    ("--allow-unsigned", "many", "COMPONENT", "what the signature need not cover; repeatable", ()),
    ("--require-param", "many", "NAME[=VALUE]", "a signature parameter that must be there, and be so; repeatable", ()),
    _PROFILE,
    rows.ALLOW_UNSIGNED_PAYLOAD,
    rows.SCHEME_OVERRIDE,
    *rows.VERIFY_PROOFS,
)
INSPECT_OPTIONS = (
    ("--label", "text", "LABEL", "the signature to look at, by its name in the message [the only one]", None),
    ("--tag", "text", "TEXT", "the application that the signature is for [any]", None),
)


def sign(job: SignJob) -> Signed:
    """Sign *job*'s message.

    Raises:
        Refused, InputError, UsageError: as for httpsig.sign.sign_message.

    Source:
        RFC 9421 §3.1. Deviations: none.
    """
    options, message = job.options, job.request
    signer = choose_signer(job.keys, options, job.at)
    settings = read_settings(options)
    if options.profile is not None:
        from authkit.schemes.httpsig.profiled import signing

        settings = signing(options, settings, message, signer)
    if options.ask is not None or options.accept is not None:
        from authkit.schemes.httpsig import accept

        if options.accept is not None:
            settings = accept.answer(job, signer, settings, message)
        message = accept.prepare(job, settings)
    return sign_message(message, signer, settings, job.at, job.random)


def verifier(keys: "list[Key]", options: "Any") -> Verifier:
    """Return what verifies with *keys* as *options* demand.

    Raises:
        UsageError: for options that cannot be so.
    """
    policy = read_policy(options)
    if options.profile is None and not options.require_param:
        return Verifier(
            lambda message, at: verify_message(message, keys, policy, at), lambda message, at: watchers(message)
        )
    from authkit.schemes.httpsig.profiled import checking, wanted_params
    from authkit.schemes.httpsig.profiles import find

    wanted, aged = wanted_params(options.require_param), options.max_age is not None
    if options.profile is not None:
        find(options.profile)

    def judge(message: "Request", at: "datetime") -> "Verified":
        return verify_message(message, keys, checking(options.profile, policy, wanted, message, aged), at)

    return Verifier(judge, lambda message, at: watchers(message))


def watch_signing(options: "Any") -> "dict[str, Watcher]":
    """Return what must see the body of a message to sign."""
    return {SHA_512: sha512()} if options.digest == SHA_512 else {}


def stages(message: "Request", options: "Any") -> "dict[str, str]":
    """Return the signature base as rebuilt from a signed message.

    Raises:
        Rejected: as for httpsig.verify.verify_message, up to the key.

    Source:
        RFC 9421 §3.2, steps 1–7. Deviations: none.
    """
    inputs, signatures = read_signatures(message)
    chosen = choose_input(inputs, signatures, options.label, options.tag)
    return {
        "signature-base": signature_base(message, chosen.components(), chosen.text),
        "signature-input": chosen.text,
    }


SCHEME = Scheme(
    "rfc9421",
    LABEL,
    (SIGN_OPTIONS, VERIFY_OPTIONS, INSPECT_OPTIONS),
    sign,
    verifier,
    stages,
    watch_signing,
    responses=True,
)
