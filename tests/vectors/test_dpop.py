"""Are the two proofs that RFC 9449 prints accepted, and its thumbprint and hash of a token recomputed?

Sources: RFC 9449 §4.1 (figure 1), §7.1 (figure 12) and §6.1; RFC 8705 Appendix A.  The values that `cert_bindings.json`
repeats are compared with it, so that neither copy can be wrong alone.
"""

import json
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from authkit.clock import UTC
from authkit.errors import Rejected
from authkit.keys.prove import certificate_name, load_public, read_certificates, thumbprint
from authkit.messages.request import Request
from authkit.schemes import dpop

JWK = {
    "kty": "EC",
    "x": "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs",
    "y": "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA",
    "crv": "P-256",
}
JKT = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"
TOKEN = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"
ATH = "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo"
HEADER = (
    "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0Rsc"
    "EJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19"
)
TOKEN_REQUEST = (
    f"{HEADER}.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2Vu"
    "IiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg"
)
RESOURCE_REQUEST = (
    f"{HEADER}.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90"
    "ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9."
    "2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA"
)
AT = datetime.fromtimestamp(1562262616, UTC)


def judge(wire: Request, at: datetime, **options: Any) -> Any:
    rows = {"jkt": (JKT,), "access_token_file": None, "nonce": None, "alg": (), "authority": ()}
    given = SimpleNamespace(**{**rows, "max_age": 0, "max_skew": 0, **options})
    return dpop.verifier([], given).judge(wire, at)


def token_request(**changes: Any) -> Request:
    parts = {"method": "POST", "target": "/token", "host": "server.example.com", **changes}
    return Request(parts["method"], parts["target"], (("Host", parts["host"]), ("DPoP", TOKEN_REQUEST)))


def resource_request(token: str = TOKEN) -> Request:
    host, authorization = ("Host", "resource.example.org"), ("Authorization", f"DPoP {token}")
    return Request("GET", "/protectedresource", (host, authorization, ("DPoP", RESOURCE_REQUEST)))


def test_the_proof_of_a_token_request() -> None:
    found = judge(token_request(), AT)
    assert (found.access_key_id, found.signed_at, found.replayable_until) == (JKT, AT, AT)
    assert found.more == {"jkt": JKT, "jti": "-BwC3ESc6acc2lTc"}


def test_the_proof_of_a_resource_request() -> None:
    found = judge(resource_request(), AT + timedelta(seconds=2), access_token_file=TOKEN.encode())
    assert found.covered == ("method", "host", "path", "authorization")
    assert found.more == {"jkt": JKT, "jti": "e1j3V_bKic8-LAEB"}


@pytest.mark.parametrize(
    ("wire", "at", "reason"),
    [
        (token_request(method="GET"), AT, "method-mismatch"),
        (token_request(target="/Token"), AT, "target-mismatch"),
        (token_request(host="server.example.org"), AT, "target-mismatch"),
        (token_request(), AT + timedelta(seconds=1), "expired"),
        (token_request(), AT - timedelta(seconds=1), "not-yet-valid"),
        (resource_request(TOKEN[:-1]), AT + timedelta(seconds=2), "access-token-mismatch"),
    ],
)
def test_they_are_good_for_nothing_else(wire: Request, at: datetime, reason: str) -> None:
    with pytest.raises(Rejected) as caught:
        judge(wire, at)
    assert caught.value.reason == reason


def test_the_stages_are_those_that_it_prints() -> None:
    found = dpop.stages(token_request(), None)
    assert json.loads(found["jose-header"]) == {"typ": "dpop+jwt", "alg": "ES256", "jwk": JWK}
    assert json.loads(found["jws-payload"]) == {
        "jti": "-BwC3ESc6acc2lTc",
        "htm": "POST",
        "htu": "https://server.example.com/token",
        "iat": 1562262616,
    }
    assert json.loads(dpop.stages(resource_request(), None)["jws-payload"])["ath"] == ATH


def test_both_copies_of_the_values_agree(vectors: Path) -> None:
    listed = json.loads((vectors / "rfc9421" / "cert_bindings.json").read_text())
    assert len(listed) == 3
    certificate, key, token = listed
    (der,) = read_certificates(certificate["cert_pem"].encode())
    assert certificate_name(der) == f"x5t-S256:{certificate['x5t#S256']}"
    assert (key["jwk"], key["jkt"]) == (JWK, JKT)
    assert thumbprint(load_public(json.dumps(key["jwk"]).encode(), "jwk")) == JKT
    assert (token["access_token"], token["ath"]) == (TOKEN, ATH)
