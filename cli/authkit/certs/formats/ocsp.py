"""What holds an OCSP response?"""

from authkit.certs.fields import UNREADABLE, read_name, why
from authkit.certs.formats import Format, Found, Other
from authkit.certs.structure import structure, unwrapped
from authkit.errors import InputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from cryptography.x509.ocsp import OCSPResponse, OCSPSingleResponse


def _sniff(data: bytes) -> bool:
    return structure(unwrapped(data)) == "ocsp-response"


def _load(data: bytes, what: str, password: "Callable[[], bytes]") -> Found:
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.x509.ocsp import OCSPResponseStatus, load_der_ocsp_response

    found, other = Found("ocsp"), Other("OCSP response", what)
    try:
        response = load_der_ocsp_response(unwrapped(data))
        other.facts.append(("response_status", response.response_status.name.lower().replace("_", " ")))
        if response.response_status is OCSPResponseStatus.SUCCESSFUL:
            _describe(other, response)
            ders = [one.public_bytes(Encoding.DER) for one in response.certificates]
            found.certificates = [(one, f"{what}, number {at}") for at, one in enumerate(ders, 1)]
    except UNREADABLE as error:
        raise InputError(f"{what}: an OCSP response that {why(error)}") from error
    found.others.append(other)
    return found


def _describe(other: Other, response: "OCSPResponse") -> None:
    """Say who answered and what about.

    Source:
        RFC 6960 §4.2.1.
        Deviations: the signature is not verified.
    """
    name, key_hash = response.responder_name, response.responder_key_hash
    if name is not None:
        other.facts.append(("responder", read_name(name.public_bytes())[0]))
    if key_hash is not None:
        other.facts.append(("responder_key_sha1", key_hash.hex()))
    other.facts.append(("produced_at", _stamp(response.produced_at_utc)))
    for single in response.responses:
        _describe_single(other, single)
    other.facts.append(("signature", "not verified"))


def _describe_single(other: Other, single: "OCSPSingleResponse") -> None:
    other.facts.append(("serial", f"{single.serial_number:x}"))
    other.facts.append(("status", single.certificate_status.name.lower()))
    if single.revocation_time_utc is not None:
        other.facts.append(("revoked_at", _stamp(single.revocation_time_utc)))
    if single.revocation_reason is not None:
        other.facts.append(("reason", single.revocation_reason.value))
    other.facts.append(("this_update", _stamp(single.this_update_utc)))
    if single.next_update_utc is not None:
        other.facts.append(("next_update", _stamp(single.next_update_utc)))


def _stamp(instant: "datetime") -> str:
    return f"{instant.isoformat()[:19]}Z"


FORMAT = Format("ocsp", _sniff, _load)
