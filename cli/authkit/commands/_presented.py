"""What does a verifier demand of client certificates, and what does a signer say of its own?"""

from authkit.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from authkit.certs.presented import Presented
    from authkit.keys.select import Key
    from authkit.schemes.binding import Bindings

_PATH = ("trust_anchor", "intermediate", "crl")
_KEYS = ("allow_identity", "require_scope")
_SOURCES = ("client_cert_header", "certificate")
# schemes whose signatures may be by a certificate's key; the first is the one where none is named
_BY_CERTIFICATE = ("rfc9421", "aws4-x509")


def demanded(given: "Any") -> "tuple[Presented | None, Bindings | None]":
    """Return what the options of verifying demand: of signatures by a certificate's key, and of bound access keys.

    Args:
        given: with any of the options of schemes.options.VERIFY_BINDING and VERIFY_CERTIFICATE, and with `key`.

    Returns:
        one of both, or neither; never both.

    Raises:
        UsageError: if the options contradict each other, or leave open what a certificate is compared with.
        InputError: if a file holds no certificate or list.
    """
    used = [name for name in (*_PATH, *_KEYS, *_SOURCES) if getattr(given, name, None)]
    bind = tuple(getattr(given, "bind", ()))
    if "client_cert_header" in used and "certificate" in used:
        raise UsageError("--client-cert-header and --certificate name two certificates", "give one of the two")
    if not getattr(given, "trust_anchor", ()):
        _judge_without_anchor(used, bound=bool(bind))
    if bind:
        return None, _bindings(given, used, bind)
    if given.scheme not in (None, *_BY_CERTIFICATE):
        raise UsageError(
            f"the signatures of {given.scheme} are not by a certificate's key",
            "say with --bind which certificate goes with which access key",
        )
    if given.key:
        raise UsageError(
            "with --trust-anchor the certificate's key is the only one",
            "leave out --key, or say with --bind which certificate goes with which access key",
        )
    return _presented(given), None


def _judge_without_anchor(used: "list[str]", *, bound: bool) -> None:
    if not bound:
        raise UsageError("there is no trust anchor", "name one with --trust-anchor FILE")
    for name in used:
        if name in ("intermediate", "crl"):
            raise UsageError(f"--{name} says nothing without a trust anchor", "name one with --trust-anchor FILE")


def _presented(given: "Any") -> "Presented":
    from authkit.certs.presented import COVERED, Presented, plain_name
    from authkit.certs.subject_name import parse_name
    from authkit.commands import _path
    from authkit.messages.fields import is_token

    header, file = given.client_cert_header, given.certificate
    if header is not None:
        if not header or not is_token(header):
            raise UsageError(f"--client-cert-header {header[:64]!r} is not the name of a header")
        if plain_name(header) == COVERED:
            raise UsageError("Authkit-Certificate is read without being named", "leave out --client-cert-header")
    identities = tuple(getattr(given, "allow_identity", ()))
    for name in identities:
        parse_name(name)
    return Presented(
        _path.read_all(given.trust_anchor, "trust anchor"),
        header=header,
        given=_path.read_all([] if file is None else [file], "certificate"),
        intermediates=_path.read_all(given.intermediate, "intermediate"),
        crls=_path.read_lists(given.crl),
        identities=identities,
        region=getattr(given, "region", None),
        service=getattr(given, "service", None),
        require_scope=bool(getattr(given, "require_scope", False)),
    )


def _bindings(given: "Any", used: "list[str]", bind: "tuple[str, ...]") -> "Bindings":
    from authkit.schemes.binding import Bindings

    for name in _KEYS:
        if name in used:
            raise UsageError(
                f"--{name.replace('_', '-')} is for signatures by a certificate's key",
                "what --bind names is compared already",
            )
    if not any([name in used for name in _SOURCES]):
        raise UsageError(
            "--bind needs the certificate that the client showed",
            "name the proxy's header with --client-cert-header, or a file with --certificate",
        )
    bound: "dict[str, tuple[bytes | str, ...]]" = {}
    for text in bind:
        id, certificate = _bound(text)
        if isinstance(certificate, str) and "trust_anchor" not in used:
            raise UsageError(
                f"a certificate may have any name: --bind {text[:80]} says nothing without a trust anchor",
                "name one with --trust-anchor FILE, or bind a fingerprint",
            )
        bound[id] = (*bound.get(id, ()), certificate)
    return Bindings(bound, _presented(given).seen)


def _bound(text: str) -> "tuple[str, bytes | str]":
    """Return an access key ID, and the fingerprint or the name that is bound to it."""
    from authkit.certs.fingerprint import parse_fingerprint
    from authkit.certs.subject_name import parse_name
    from authkit.keys.scope import id_fault

    id, mark, rest = text.partition("=")
    if not mark or id_fault(id) or not rest:
        raise UsageError(f"--bind {text[:80]!r} is not ID=FINGERPRINT or ID=SAN", "write AKID=sha256:… or AKID=email:…")
    fingerprint = parse_fingerprint(rest)
    if fingerprint is None:
        parse_name(rest)
        return id, rest
    if len(fingerprint) != 32:
        raise UsageError(
            f"--bind {text[:80]} is a SHA-1 fingerprint, which can be forged", "'authkit inspect-cert' prints SHA-256"
        )
    return id, fingerprint


def judge_bound(bindings: "Bindings", keys: "list[Key]") -> None:
    """Pass bindings of which each is of a key that is held; one of a mistyped ID would demand nothing.

    Raises:
        UsageError: naming the first that is not.
    """
    known = {key.access_key_id for key in keys}
    for id in bindings.bound:
        if id not in known:
            raise UsageError(
                f"--bind {id[:64]}: no key is held for that ID",
                f"the keys are of {', '.join(sorted(known - {''})[:5])}" if known - {""} else "name it: --key ID=REF",
            )


def leaf_in(path: str) -> bytes:
    """Return the first certificate in a file, DER.

    Raises:
        InputError: if it holds none.
    """
    from authkit.commands import _path

    return _path.read_all([path], "certificate")[0]
