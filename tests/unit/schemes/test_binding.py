"""Is a request refused whose certificate does not go with its access key, and only where the verifier demands it?"""

from datetime import datetime, timezone
from hashlib import sha256
from typing import Any

import pytest

from authkit import base64
from authkit.errors import CANNOT_CHECK, INVALID, MALFORMED, REASONS, CertificateRejected, Refused, Rejected, UsageError
from authkit.messages.request import Request
from authkit.schemes import binding
from authkit.schemes.binding import Bindings, check_binding

AT = datetime(2026, 11, 24, 9, tzinfo=timezone.utc)
LEAF, OTHER = b"\x30alice", b"\x30mallory"
MINE, THEIRS = sha256(LEAF).digest(), sha256(OTHER).digest()
NAME = "authkit-client-cert"
VALUE = f"sha-256=:{base64.encode(MINE)}:"
COVERED = ("host", NAME)


class Certificate:
    """A certificate as a proxy showed it.

    Attributes:
        judged: the instants at which its path was asked for.
    """

    def __init__(self, leaf: bytes, names: tuple[str, ...] = (), path: "Rejected | None" = None) -> None:
        self.fingerprint = sha256(leaf).digest()
        self.names, self.path = names, path
        self.judged: list[datetime] = []

    def has(self, name: str) -> bool:
        return name in self.names

    def judge(self, at: datetime) -> None:
        self.judged.append(at)
        if self.path is not None:
            raise self.path


def bindings(shown: "Certificate | Rejected", *bound: "bytes | str") -> Bindings:
    def seen(request: Any) -> Certificate:
        assert request.host == "h"
        if isinstance(shown, Rejected):
            raise shown
        return shown

    return Bindings({"AKID": bound or (MINE,)}, seen)


def request(*values: str) -> Request:
    return Request("GET", "/", (("Host", "h"), *[("Authkit-Client-Cert", value) for value in values]))


def test_the_right_one() -> None:
    shown = Certificate(LEAF, ("email:a@b",))
    for wanted in (MINE, "email:a@b"):
        assert check_binding(bindings(shown, wanted), request(VALUE), "AKID", COVERED, AT) == ()
    assert check_binding(bindings(shown, THEIRS, "email:c@d", MINE), request(f" {VALUE}\t"), "AKID", COVERED, AT) == ()
    assert shown.judged == [AT, AT, AT]


def test_what_is_not_demanded_is_not_looked_at_and_said_so() -> None:
    """Of an access key that is bound to nothing a certificate says nothing, and nobody is to think that it does."""
    shown = bindings(Rejected("client-cert-missing"))
    assert check_binding(None, request(), "AKID", (), AT) == ()
    assert check_binding(None, request("nonsense"), "AKID", (), AT) == ("client-cert-not-compared",)
    assert check_binding(shown, request(), "OTHER", (), AT) == ("client-cert-not-compared",)
    assert check_binding(shown, request(VALUE), "akid", COVERED, AT) == ("client-cert-not-compared",)


GONE = Rejected("client-cert-missing", "there is none")
BAD = CertificateRejected("certificate-expired", "the leaf")
ALICE = Certificate(LEAF, ("email:a@b",))
REFUSED: "dict[str, tuple[Bindings, Request, tuple[str, ...], str, str]]" = {
    "no header": (bindings(ALICE), request(), COVERED, "client-cert-required", "Authkit-Client-Cert is missing"),
    "not covered": (
        bindings(ALICE),
        request(VALUE),
        ("host",),
        "client-cert-required",
        "the signature does not cover Authkit-Client-Cert",
    ),
    "covered by another spelling": (
        bindings(ALICE),
        request(VALUE),
        ("host", "Authkit-Client-Cert", '"authkit-client-cert";bs'),
        "client-cert-required",
        "the signature does not cover Authkit-Client-Cert",
    ),
    "twice": (bindings(ALICE), request(VALUE, VALUE), COVERED, "duplicate-header", NAME),
    "twice in one": (bindings(ALICE), request(f"{VALUE}, {VALUE}"), COVERED, "client-cert-format", ""),
    "another hash": (bindings(ALICE), request(VALUE.replace("256", "512")), COVERED, "client-cert-format", ""),
    "hexadecimal": (bindings(ALICE), request(MINE.hex()), COVERED, "client-cert-format", ""),
    "empty": (bindings(ALICE), request(""), COVERED, "client-cert-format", ""),
    "cut off": (bindings(ALICE), request(VALUE[:-1]), COVERED, "client-cert-format", ""),
    "unpadded": (
        bindings(ALICE),
        request(f"sha-256=:{base64.encode(MINE).rstrip('=')}:"),
        COVERED,
        "client-cert-format",
        "",
    ),
    "31 bytes": (bindings(ALICE), request(f"sha-256=:{base64.encode(MINE[:31])}:"), COVERED, "client-cert-format", ""),
    "33 bytes": (
        bindings(ALICE),
        request(f"sha-256=:{base64.encode(MINE + b'x')}:"),
        COVERED,
        "client-cert-format",
        "",
    ),
    "a line end before it": (bindings(ALICE), request(f"\n{VALUE}"), COVERED, "client-cert-format", ""),
    "something behind it": (bindings(ALICE), request(f"{VALUE}X"), COVERED, "client-cert-format", ""),
    "parameter": (bindings(ALICE), request(f"{VALUE};a=b"), COVERED, "client-cert-format", ""),
    "nothing forwarded": (bindings(GONE), request(VALUE), COVERED, "client-cert-missing", "there is none"),
    "another forwarded": (
        bindings(Certificate(OTHER)),
        request(VALUE),
        COVERED,
        "client-cert-mismatch",
        f"{THEIRS.hex()} came, and {MINE.hex()} is signed",
    ),
    "a thief's own": (
        bindings(Certificate(OTHER)),
        request(f"sha-256=:{base64.encode(THEIRS)}:"),
        COVERED,
        "client-cert-unbound",
        f"{THEIRS.hex()} is not bound to 'AKID'",
    ),
    "another name": (
        bindings(ALICE, "email:c@d", "email:A@b"),
        request(VALUE),
        COVERED,
        "client-cert-unbound",
        f"{MINE.hex()} is not bound to 'AKID'",
    ),
    "its path": (bindings(Certificate(LEAF, (), BAD)), request(VALUE), COVERED, BAD.reason, BAD.detail),
}


@pytest.mark.parametrize("what", REFUSED)
def test_everything_else_is_refused(what: str) -> None:
    known, message, covered, reason, detail = REFUSED[what]
    with pytest.raises(Rejected) as caught:
        check_binding(known, message, "AKID", covered, AT)
    assert (caught.value.reason, caught.value.detail) == (
        reason,
        detail or "Authkit-Client-Cert is not sha-256=:BASE64:",
    )


def test_the_first_fault_is_named() -> None:
    """What the message lacks goes before what came with it, and what came before whose it is."""
    shown = bindings(Certificate(OTHER, (), BAD), "email:a@b")
    steps = [(request(), "client-cert-required"), (request(VALUE), "client-cert-mismatch")]
    steps.append((request(f"sha-256=:{base64.encode(THEIRS)}:"), "client-cert-unbound"))
    for message, reason in steps:
        with pytest.raises(Rejected) as caught:
            check_binding(shown, message, "AKID", COVERED, AT)
        assert caught.value.reason == reason


def test_the_verdicts() -> None:
    verdicts = {
        word: row[0] for word, row in REASONS.items() if word.startswith(("client-cert-", "scope-", "identity"))
    }
    assert verdicts == {
        "scope-format": MALFORMED,
        "scope-date": MALFORMED,
        "scope-date-mismatch": INVALID,
        "scope-region": INVALID,
        "scope-service": INVALID,
        "client-cert-required": INVALID,
        "client-cert-missing": INVALID,
        "client-cert-ambiguous": MALFORMED,
        "client-cert-format": MALFORMED,
        "client-cert-not-covered": INVALID,
        "client-cert-mismatch": INVALID,
        "client-cert-unbound": INVALID,
        "identity-mismatch": INVALID,
        "scope-required": INVALID,
        "scope-not-compared": CANNOT_CHECK,
    }


def test_what_is_written_is_read() -> None:
    assert binding.format_client_cert(MINE) == VALUE
    assert binding.parse_client_cert(VALUE) == MINE
    assert binding.parse_client_cert(binding.format_client_cert(bytes(32))) == bytes(32)


def test_binding_a_request() -> None:
    bound = binding.bind_request(request(), LEAF)
    assert bound.headers == (("Host", "h"), ("Authkit-Client-Cert", VALUE))
    with pytest.raises(Refused) as caught:
        binding.bind_request(bound, LEAF)
    assert (caught.value.message, caught.value.hint) == (
        "the request already has the header Authkit-Client-Cert",
        "remove it: signing adds it",
    )


def test_carrying_certificates() -> None:
    carried = binding.carry_certificates(request(), (LEAF, OTHER))
    value = f":{base64.encode(LEAF)}:, :{base64.encode(OTHER)}:"
    assert carried.headers[1:] == (("Authkit-Certificate", value),)
    with pytest.raises(Refused, match="already has the header Authkit-Certificate"):
        binding.carry_certificates(carried, (LEAF,))
    assert binding.ALWAYS_COVERED == (NAME, "authkit-certificate")


@pytest.mark.parametrize(
    "name",
    [
        "Client-Cert",
        "client-cert",
        "CLIENT-CERT-CHAIN",
        "Client_Cert",
        "client.cert",
        "Client-Cert_Chain",
        "cLIENT_cERT.cHAIN",
    ],
)
def test_a_client_does_not_speak_for_a_proxy(name: str) -> None:
    with pytest.raises(Refused) as caught:
        binding.refuse_client_cert(Request("GET", "/", (("Host", "h"), (name, ""))))
    assert caught.value.message == f"a client never sends {name.lower()}, which is the proxy's word on its client"
    assert caught.value.hint == "leave it out; --as-proxy signs it as the proxy"


@pytest.mark.parametrize("name", ["Client", "X-Client-Cert", "Client-Certificate", "Client-Cert-Chains", "ClientCert"])
def test_other_headers_are_the_client_s(name: str) -> None:
    binding.refuse_client_cert(Request("GET", "/", ((name, ":AA==:"),)))


def test_what_a_signer_says_of_its_certificate() -> None:
    plain = request()
    assert binding.speak_of_certificates(plain, leaf=None, chain=None, as_proxy=False) is plain
    both = binding.speak_of_certificates(plain, leaf=LEAF, chain=(OTHER, LEAF), as_proxy=False)
    assert [name for name, _ in both.headers] == ["Host", "Authkit-Client-Cert", "Authkit-Certificate"]
    assert both.headers[1:] == (
        binding.bind_request(plain, LEAF).headers[1],
        binding.carry_certificates(plain, (OTHER, LEAF)).headers[1],
    )
    with pytest.raises(UsageError) as caught:
        binding.speak_of_certificates(plain, leaf=None, chain=(), as_proxy=False)
    assert (caught.value.message, caught.value.hint) == (
        "the key has no certificate to send",
        "name its certificates with --certificate FILE",
    )
    headed = Request("GET", "/", (("Client-Cert", ":AA==:"),))
    with pytest.raises(Refused):
        binding.speak_of_certificates(headed, leaf=None, chain=None, as_proxy=False)
    assert binding.speak_of_certificates(headed, leaf=None, chain=None, as_proxy=True) is headed


def test_whose_certificates_are_sent() -> None:
    class Pair:
        def __init__(self, *chain: bytes) -> None:
            self.chain = chain

    assert binding.chain_of([]) == ()
    assert binding.chain_of([object()]) == ()
    assert binding.chain_of([object(), Pair(LEAF, OTHER), Pair(OTHER)]) == (LEAF, OTHER)


def test_foreign_text_is_cut() -> None:
    id = "A" * 70
    known = Bindings({id: (THEIRS,)}, bindings(ALICE).seen)
    with pytest.raises(Rejected) as caught:
        check_binding(known, request(VALUE), id, COVERED, AT)
    assert caught.value.detail == f"{MINE.hex()} is not bound to {'A' * 64!r}"
