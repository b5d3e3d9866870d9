"""Do OpenSSL and GnuTLS judge the same paths as we do, and where not, why?

Every path is made by cryptography here, around the present instant, since certtool knows no other.  Each comes with a
fresh, empty revocation list of every CA on it, unless the case is about these.
"""

import subprocess
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from functools import cache
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import NameOID, ObjectIdentifier

from authkit.certs import der
from authkit.certs.names import UPN_OID
from authkit.certs.verify import verify_path
from authkit.errors import PathRejected
from paths import ANY, CLIENT, EMAIL, SERVER, Made, key_of, key_usage, make, resigned, revoked, scope, with_sha1
from paths import crl as paths_crl
from rawcert import pem, seq, tlv

NOW = datetime.now(timezone.utc).replace(microsecond=0)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DNS, MAIL, URI = x509.DNSName, x509.RFC822Name, x509.UniformResourceIdentifier
ALICE = MAIL("alice@example.com")
UPN = x509.OtherName(ObjectIdentifier(UPN_OID), der.encode(der.UTF8_STRING, b"alice@example.com"))
UNKNOWN = x509.UnrecognizedExtension(ObjectIdentifier("1.2.3.4"), b"\5\0")
OPENSSL_PURPOSES = {"client": "sslclient", "server": "sslserver", "email": "smimesign"}
CERTTOOL_PURPOSES = {"client": CLIENT, "server": SERVER, "email": EMAIL}


class Case:
    """A path and what is known beside it, all in DER.

    Args:
        path: leaf first, trust anchor last.
        crls: instead of a fresh, empty list of every CA.
        known: which certificates are given as intermediates, instead of those on the path.
    """

    def __init__(
        self,
        *path: "Made | bytes",
        crls: "list[bytes] | None" = None,
        known: "list[Made | bytes] | None" = None,
        purpose: str = "client",
    ) -> None:
        ders = [one if isinstance(one, bytes) else one.der for one in path]
        self.leaf, self.anchor = ders[0], ders[-1]
        given = ders[1:-1] if known is None else [one if isinstance(one, bytes) else one.der for one in known]
        self.between = given
        self.crls = [crl(one) for one in path[1:] if isinstance(one, Made)] if crls is None else crls
        self.purpose = purpose


def crl(issuer: Made, *entries: x509.RevokedCertificate, **more: Any) -> bytes:
    return paths_crl(issuer, *entries, **{"begin": NOW - HOUR, "end": NOW + DAY, **more})


def root(name: str = "Root", **more: Any) -> Made:
    return make(name, ca=True, **{"begin": NOW - 9 * DAY, "end": NOW + 900 * DAY, **more})


def middle(issuer: Made, name: str = "Middle", **more: Any) -> Made:
    return make(name, issuer, ca=True, **{"begin": NOW - 8 * DAY, "end": NOW + 300 * DAY, **more})


def leaf(issuer: "Made | None", name: "str | x509.Name" = "alice", **more: Any) -> Made:
    return make(name, issuer, **{"eku": [CLIENT], "san": [ALICE], "begin": NOW - HOUR, "end": NOW + 7 * DAY, **more})


@cache
def tree() -> tuple[Made, Made, Made]:
    """Return a root, an intermediate and a leaf in which nothing is wrong."""
    top = root()
    between = middle(top, path_length=0)
    return top, between, leaf(between)


def below(**of_leaf: Any) -> Case:
    top, between, _ = tree()
    return Case(leaf(between, **of_leaf), between, top)


def under(**of_middle: Any) -> Case:
    between = middle(tree()[0], **of_middle)
    return Case(leaf(between), between, tree()[0])


def rooted(of_root: dict[str, Any], **of_leaf: Any) -> Case:
    top = root(**of_root)
    return Case(leaf(top, **of_leaf), top)


def listed(*of_middle: bytes, whole: bool = True) -> Case:
    """Return the good path, with these lists of the intermediate and a good one of the root."""
    top, between, one = tree()
    return Case(one, between, top, crls=[*of_middle, *([crl(top)] if whole else [])])


def of_middle(*entries: x509.RevokedCertificate, **more: Any) -> bytes:
    return crl(tree()[1], *entries, **more)


def limits(permitted: Any = None, excluded: Any = None, critical: bool = True) -> dict[str, Any]:
    return {"extra": [(x509.NameConstraints(permitted, excluded), critical)]}


def organization(text: str) -> x509.DirectoryName:
    return x509.DirectoryName(x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, text)]))


def mailed(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.EMAIL_ADDRESS, text)])


def chain(count: int, **of_first: Any) -> Case:
    made: list[Made] = [tree()[0]]
    for number in range(count):
        made.append(middle(made[-1], f"M{number}", **(of_first if number == 0 else {})))
    return Case(leaf(made[-1]), *reversed(made))


def version_1() -> Case:
    top, between, one = tree()

    def change(body: bytes) -> bytes:
        return seq(*[whole for kind, whole in der.children(body) if kind not in (0xA0, 0xA3)])

    return Case(resigned(one, between.key, change), between, top, crls=[crl(between), crl(top)])


def serial_zero() -> Case:
    top, between, one = tree()

    def change(body: bytes) -> bytes:
        return seq(*[tlv(2, b"\0") if kind == 2 else whole for kind, whole in der.children(body)])

    return Case(resigned(one, between.key, change), between, top, crls=[crl(between), crl(top)])


def early_time() -> Case:
    top, between, one = tree()
    times = seq(*[tlv(24, f"{at:%Y%m%d%H%M%SZ}".encode()) for at in (NOW - HOUR, NOW + DAY)])

    def change(body: bytes) -> bytes:
        parts = [whole for _, whole in der.children(body)]
        return seq(*parts[:4], times, *parts[5:])

    return Case(resigned(one, between.key, change), between, top, crls=[crl(between), crl(top)])


def tampered() -> Case:
    top, between, one = tree()
    changed = one.der.replace(b"alice@example.com", b"mallo@example.com")
    return Case(changed, between, top, crls=[crl(between), crl(top)])


def sha1_leaf() -> Case:
    top, between, one = tree()
    return Case(with_sha1(one, between.key), between, top, crls=[crl(between), crl(top)])


def sha1_middle() -> Case:
    top, between, one = tree()
    return Case(one, with_sha1(between, top.key), top, crls=[crl(between), crl(top)])


def foreign() -> Case:
    other = root("Foreign")
    top, _, _ = tree()
    return Case(leaf(other), top, known=[other], crls=[crl(other), crl(top)])


def namesake() -> Case:
    top, between, _ = tree()
    false = middle(root(key=key_of("another root")), path_length=0, key=key_of("another middle"))
    return Case(leaf(false), false, top, crls=[crl(between), crl(top)])


def from_leaf() -> Case:
    top, between, one = tree()
    return Case(leaf(one, "mallory"), one, between, top)


def pinned() -> Case:
    alone = leaf(None)
    return Case(alone, alone, known=[], crls=[crl(tree()[0])])


def self_signed() -> Case:
    top, _, _ = tree()
    return Case(leaf(None), top, crls=[crl(top)])


def anchored_in_the_middle() -> Case:
    _, between, one = tree()
    return Case(one, between)


def lost_middle() -> Case:
    top, between, one = tree()
    return Case(one, between, top, known=[])


def revoked_middle() -> Case:
    top, between, one = tree()
    return Case(one, between, top, crls=[crl(between), crl(top, revoked(between.certificate.serial_number))])


def no_crl_sign() -> Case:
    top, _, _ = tree()
    between = middle(top, usage=key_usage("key_cert_sign"))
    return Case(leaf(between), between, top)


def pointed(url: str) -> Case:
    top, between, _ = tree()
    point = x509.DistributionPoint([URI("http://crl.example/1")], None, None, None)
    one = leaf(between, extra=[(x509.CRLDistributionPoints([point]), False)])
    part = crl(between, extra=[(scope(full_name=[URI(url)]), True)])
    return Case(one, between, top, crls=[part, crl(top)])


def serial() -> int:
    return tree()[2].certificate.serial_number


POLICIES = x509.CertificatePolicies([x509.PolicyInformation(ObjectIdentifier("1.2.3.5"), None)])
SOME = frozenset([x509.ReasonFlags.key_compromise])
VALID = "valid"

# name -> (how it is made, our verdict)
CASES: dict[str, tuple[Callable[[], Case], str]] = {
    # what should pass
    "a leaf of the root": (lambda: rooted({}), VALID),
    "an intermediate": (lambda: Case(tree()[2], tree()[1], tree()[0]), VALID),
    "two intermediates": (lambda: chain(2, path_length=1), VALID),
    "eight intermediates": (lambda: chain(8), VALID),
    "a P-384 root": (lambda: rooted({"name": "Root 384", "kind": "p384"}), VALID),
    "an RSA root": (lambda: rooted({"name": "Root RSA", "kind": "rsa2048"}), VALID),
    "an RSA leaf": (lambda: below(kind="rsa2048"), VALID),
    "a P-521 leaf": (lambda: below(kind="p521"), VALID),
    "an Ed25519 leaf": (lambda: below(kind="ed25519"), VALID),
    "a server": (lambda: with_purpose(below(eku=[SERVER], san=[DNS("a.example.com")]), "server"), VALID),
    "a mailbox": (lambda: with_purpose(below(eku=[EMAIL]), "email"), VALID),
    "client and server": (lambda: below(eku=[SERVER, CLIENT]), VALID),
    "no subject": (lambda: below(name=""), VALID),
    "a SPIFFE ID": (lambda: below(name="", san=[URI("spiffe://example.com/a")]), VALID),
    "a CA for clients": (lambda: under(eku=[CLIENT]), VALID),
    "a CA without key usage": (lambda: under(usage=None), VALID),
    "a leaf without key usage": (lambda: below(usage=None), VALID),
    "an intermediate as anchor": (anchored_in_the_middle, VALID),
    "critical policies": (lambda: below(extra=[(POLICIES, True)]), VALID),
    "a mailbox within": (lambda: rooted(limits([MAIL("example.com")])), VALID),
    "a host within": (lambda: rooted(limits([DNS("example.com")]), san=[DNS("a.example.com")]), VALID),
    "an address within": (
        lambda: rooted(limits([net("192.0.2.0/24")]), san=[address("192.0.2.9")]),
        VALID,
    ),
    "a mailbox not excluded": (lambda: rooted(limits(None, [MAIL("example.org")])), VALID),
    "a URI constraint that meets no URI": (lambda: rooted(limits([URI("example.com")])), VALID),
    "a list of others": (lambda: listed(of_middle(revoked(1))), VALID),
    "a list for the distribution point": (lambda: pointed("http://crl.example/1"), VALID),
    "a list of leaves": (
        lambda: listed(of_middle(extra=[(scope(only_contains_user_certs=True), True)])),
        VALID,
    ),
    # time
    "an expired leaf": (lambda: below(end=NOW - 2 * HOUR, begin=NOW - DAY), "expired"),
    "a leaf of tomorrow": (lambda: below(begin=NOW + DAY), "not-yet-valid"),
    "an expired intermediate": (lambda: under(end=NOW - HOUR), "expired"),
    "an intermediate of tomorrow": (lambda: under(begin=NOW + DAY), "not-yet-valid"),
    "an expired root": (lambda: rooted({"end": NOW - HOUR}), "expired"),
    # trust
    "a foreign CA": (foreign, "untrusted"),
    "a self-signed leaf": (self_signed, "untrusted"),
    "a leaf that is pinned": (pinned, "untrusted"),
    "no intermediate": (lost_middle, "untrusted"),
    "a namesake of the CA": (namesake, "signature-mismatch"),
    "a changed name": (tampered, "signature-mismatch"),
    # roles
    "a leaf that issued another": (from_leaf, "issuer-not-ca"),
    "an intermediate that is no CA": (lambda: under(basic=x509.BasicConstraints(False, None)), "issuer-not-ca"),
    "an intermediate without basic constraints": (lambda: under(basic=None), "issuer-not-ca"),
    "a root without basic constraints": (lambda: rooted({"basic": None}), "issuer-not-ca"),
    "a CA that may not sign": (lambda: under(usage=key_usage("crl_sign")), "key-usage"),
    "a CA as a leaf": (lambda: Case(tree()[1], tree()[0]), "leaf-is-ca"),
    "a CA below path length 0": (lambda: chain(2, path_length=0), "path-too-long"),
    "two CAs below path length 1": (lambda: chain(3, path_length=1), "path-too-long"),
    "nine intermediates": (lambda: chain(9), "path-too-long"),
    # purpose
    "no purpose": (lambda: below(eku=None), "eku-missing"),
    "a server as a client": (lambda: below(eku=[SERVER]), "eku-mismatch"),
    "a client as a server": (lambda: with_purpose(below(), "server"), "eku-mismatch"),
    "a mailbox as a client": (lambda: below(eku=[EMAIL]), "eku-mismatch"),
    "any purpose": (lambda: below(eku=[ANY]), "eku-mismatch"),
    "an intermediate for servers": (lambda: under(eku=[SERVER]), "eku-mismatch"),
    "a root for servers": (lambda: rooted({"eku": [SERVER]}), "eku-mismatch"),
    "a leaf that may only encipher": (lambda: below(usage=key_usage("key_encipherment")), "key-usage"),
    # keys and signatures
    "an RSA-1024 leaf": (lambda: below(kind="rsa1024"), "weak-key"),
    "an RSA-1024 root": (lambda: rooted({"name": "Root weak", "kind": "rsa1024"}), "weak-key"),
    "a brainpool leaf": (lambda: below(kind="brainpool"), "weak-key"),
    "a secp256k1 leaf": (lambda: below(kind="k256"), "weak-key"),
    "a P-192 leaf": (lambda: below(kind="p192"), "weak-key"),
    "a DSA leaf": (lambda: below(kind="dsa"), "weak-key"),
    "an Ed25519 root": (lambda: ed25519_root(), "key-unsupported"),
    "a leaf signed with SHA-1": (sha1_leaf, "weak-signature"),
    "an intermediate signed with SHA-1": (sha1_middle, "weak-signature"),
    "a leaf signed with SHA-224": (lambda: below(hash=hashes.SHA224()), "weak-signature"),
    # extensions and form
    "an unknown critical extension in the leaf": (lambda: below(extra=[(UNKNOWN, True)]), "unknown-critical-extension"),
    "an unknown critical extension in a CA": (lambda: under(extra=[(UNKNOWN, True)]), "unknown-critical-extension"),
    "a CA that demands a policy": (
        lambda: under(extra=[(x509.PolicyConstraints(0, None), True)]),
        "unknown-critical-extension",
    ),
    "a leaf of version 1": (version_1, "malformed"),
    "a serial number of zero": (serial_zero, "malformed"),
    "a time in the wrong form": (early_time, "malformed"),
    # names
    "a mailbox outside": (lambda: rooted(limits([MAIL("example.org")])), "name-constraint"),
    "an excluded mailbox": (lambda: rooted(limits(None, [MAIL("example.com")])), "name-constraint"),
    "a mailbox outside, in the subject": (
        lambda: rooted(limits([MAIL("example.org")]), name=mailed("a@example.com"), san=[]),
        "name-constraint",
    ),
    "a host outside": (lambda: rooted(limits([DNS("example.org")]), san=[DNS("a.example.com")]), "name-constraint"),
    "a wildcard that meets what is excluded": (
        lambda: rooted(limits(None, [DNS("a.example.com")]), san=[DNS("*.example.com")]),
        "name-constraint",
    ),
    "an address outside": (
        lambda: rooted(limits([net("192.0.2.0/24")]), san=[address("198.51.100.1")]),
        "name-constraint",
    ),
    "a URI outside": (
        lambda: rooted(limits([URI("example.org")]), san=[URI("https://example.com/a")]),
        "name-constraint-unsupported",
    ),
    "a URI within": (
        lambda: rooted(limits([URI("example.com")]), san=[URI("https://example.com/a")]),
        "name-constraint-unsupported",
    ),
    "a UPN under a constraint": (lambda: rooted(limits([UPN]), san=[UPN]), "name-constraint-unsupported"),
    "a subject outside": (lambda: rooted(limits([organization("Example")])), "name-constraint-unsupported"),
    "a subject outside, not critical": (
        lambda: rooted(limits([organization("Example")], critical=False)),
        "name-constraint-unsupported",
    ),
    # revocation
    "a revoked leaf": (lambda: listed(of_middle(revoked(serial(), NOW - HOUR))), "revoked"),
    "a revoked intermediate": (revoked_middle, "revoked"),
    "a leaf revoked by an old list": (
        lambda: listed(of_middle(revoked(serial(), NOW - DAY), begin=NOW - DAY, end=NOW - HOUR)),
        "revoked",
    ),
    "a list that has ended": (lambda: listed(of_middle(begin=NOW - DAY, end=NOW - HOUR)), "crl-out-of-date"),
    "a list of tomorrow": (lambda: listed(of_middle(begin=NOW + DAY, end=NOW + 2 * DAY)), "crl-out-of-date"),
    "no list of the intermediate": (lambda: listed(), "crl-missing"),
    "no list of the root": (lambda: listed(of_middle(), whole=False), "crl-missing"),
    "a list by another key": (
        lambda: listed(of_middle(signer=key_of("another"), identifier=None)),
        "crl-signature",
    ),
    "a list by a CA that may not": (no_crl_sign, "crl-not-applicable"),
    "a delta list alone": (
        lambda: listed(of_middle(extra=[(x509.DeltaCRLIndicator(1), True)])),
        "crl-not-applicable",
    ),
    "an indirect list alone": (
        lambda: listed(of_middle(extra=[(scope(indirect_crl=True), True)])),
        "crl-indirect",
    ),
    "a list of CAs": (
        lambda: listed(of_middle(extra=[(scope(only_contains_ca_certs=True), True)])),
        "crl-not-applicable",
    ),
    "a list of some reasons": (
        lambda: listed(of_middle(extra=[(scope(only_some_reasons=SOME), True)])),
        "crl-not-applicable",
    ),
    "a list for another distribution point": (lambda: pointed("http://crl.example/2"), "crl-not-applicable"),
    "a list with an unknown critical extension": (
        lambda: listed(of_middle(extra=[(UNKNOWN, True)])),
        "crl-not-applicable",
    ),
}


def with_purpose(case: Case, purpose: str) -> Case:
    case.purpose = purpose
    return case


def ed25519_root() -> Case:
    top = root("Root Ed25519", kind="ed25519")
    return Case(leaf(top), top, crls=[crl(top, hash=None)])


def net(text: str) -> x509.IPAddress:
    return x509.IPAddress(ip_network(text))


def address(text: str) -> x509.IPAddress:
    return x509.IPAddress(ip_address(text))


NO_CRL = "certtool looks for a certificate in the lists, and takes it for good where none of them names it or is of use"
WEAK = "its level of security counts bits alone, and has enough of them here"
STRICT = "it does not hold the certificate to what RFC 5280 demands of its form"
URI_COMPARED = "it compares URI constraints, which we refuse since verifiers differ"
KIND_IGNORED = "GnuTLS compares constraints on host names, mailboxes and addresses alone, and passes over others"

# (name, program) -> why it says yes where we say no, or no where we say yes
DIFFERENCES: dict[tuple[str, str], str] = {
    # it says no
    ("a CA without key usage", "openssl"): "-x509_strict demands one, as RFC 5280 does; we accept it with a finding",
    (
        "an intermediate as anchor",
        "openssl",
    ): "-crl_check_all wants a list of the anchor's issuer too, who is not known",
    # it says yes
    ("a root without basic constraints", "certtool"): "GnuTLS trusts whatever is named as trusted, CA or not",
    ("a CA as a leaf", "certtool"): "GnuTLS does not ask whether the leaf is a CA",
    ("nine intermediates", "openssl"): "its limit is 100",
    ("nine intermediates", "certtool"): "its limit is 16",
    ("no purpose", "openssl"): "no EKU means every purpose to it",
    ("no purpose", "certtool"): "no EKU means every purpose to it",
    ("any purpose", "certtool"): "anyExtendedKeyUsage means every purpose to it",
    ("a root for servers", "certtool"): "GnuTLS does not look at the purposes of a trust anchor",
    ("a leaf that may only encipher", "certtool"): "GnuTLS does not look at the key usage of the leaf here",
    ("a brainpool leaf", "openssl"): WEAK,
    ("a secp256k1 leaf", "openssl"): WEAK,
    ("a DSA leaf", "openssl"): WEAK,
    ("a DSA leaf", "certtool"): WEAK,
    ("an Ed25519 root", "openssl"): "we say that we cannot check it, since cryptography's verifier takes no such CA",
    ("an Ed25519 root", "certtool"): "we say that we cannot check it, since cryptography's verifier takes no such CA",
    ("a leaf signed with SHA-224", "openssl"): WEAK,
    ("a leaf signed with SHA-224", "certtool"): WEAK,
    ("a CA that demands a policy", "openssl"): "it processes policies only with -policy_check",
    ("a leaf of version 1", "openssl"): "a leaf of version 1 has no EKU, and so every purpose to it",
    ("a leaf of version 1", "certtool"): "a leaf of version 1 has no EKU, and so every purpose to it",
    ("a serial number of zero", "openssl"): STRICT,
    ("a serial number of zero", "certtool"): STRICT,
    ("a time in the wrong form", "openssl"): STRICT,
    ("a time in the wrong form", "certtool"): STRICT,
    (
        "a wildcard that meets what is excluded",
        "openssl",
    ): "it compares the text of the wildcard, not what it stands for",
    (
        "a wildcard that meets what is excluded",
        "certtool",
    ): "it compares the text of the wildcard, not what it stands for",
    ("a URI outside", "certtool"): KIND_IGNORED,
    ("a URI within", "openssl"): URI_COMPARED,
    ("a URI within", "certtool"): KIND_IGNORED,
    ("a UPN under a constraint", "certtool"): KIND_IGNORED,
    ("a subject outside", "certtool"): KIND_IGNORED,
    ("a subject outside, not critical", "certtool"): KIND_IGNORED,
    ("a delta list alone", "openssl"): "it takes a delta list without -use_deltas for a complete one",
    **{
        (name, "certtool"): NO_CRL
        for name in (
            "a list that has ended",
            "a list of tomorrow",
            "no list of the intermediate",
            "no list of the root",
            "a list by another key",
            "a list by a CA that may not",
            "a delta list alone",
            "an indirect list alone",
            "a list of CAs",
            "a list of some reasons",
            "a list for another distribution point",
            "a list with an unknown critical extension",
        )
    },
}


def ours(case: Case) -> str:
    try:
        verify_path(
            case.leaf,
            trust_anchors=[case.anchor],
            intermediates=case.between,
            crls=case.crls,
            at=NOW,
            purpose=case.purpose,
            require_crl=True,
        )
    except PathRejected as rejected:
        return rejected.reason
    return VALID


def run(*words: str, folder: Path) -> tuple[bool, str]:
    done = subprocess.run(words, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
    return done.returncode == 0, done.stdout


def openssl(case: Case, program: str, folder: Path) -> tuple[bool, str]:
    """Return what openssl says; -crl_check_all is -crl_check for the intermediates too."""
    for name, ders in (("leaf", [case.leaf]), ("anchor", [case.anchor]), ("between", case.between)):
        (folder / f"{name}.pem").write_bytes(b"".join([pem(one) for one in ders]))
    words = ["-purpose", OPENSSL_PURPOSES[case.purpose], "-crl_check_all", "-partial_chain", "-auth_level", "2"]
    words += ["-x509_strict", "-no-CApath", "-no-CAstore"]
    for number, one in enumerate(case.crls):
        (folder / f"{number}.crl").write_bytes(pem(one, "X509 CRL"))
        words += ["-CRLfile", f"{number}.crl"]
    words += ["-attime", str(int(NOW.timestamp())), "-CAfile", "anchor.pem"]
    words += ["-untrusted", "between.pem"] if case.between else []
    return run(program, "verify", *words, "leaf.pem", folder=folder)


def certtool(case: Case, program: str, folder: Path) -> tuple[bool, str]:
    """Return what certtool says of the leaf and its intermediates in order."""
    (folder / "chain.pem").write_bytes(b"".join([pem(one) for one in (case.leaf, *case.between)]))
    (folder / "anchor.pem").write_bytes(pem(case.anchor))
    (folder / "all.crl").write_bytes(b"".join([pem(one, "X509 CRL") for one in case.crls]))
    words = ["--verify", "--load-ca-certificate", "anchor.pem", "--infile", "chain.pem", "--load-crl", "all.crl"]
    purpose = CERTTOOL_PURPOSES[case.purpose].dotted_string
    return run(program, *words, "--verify-profile", "medium", "--verify-purpose", purpose, folder=folder)


PROGRAMS = {"openssl": openssl, "certtool": certtool}


@pytest.mark.parametrize("name", CASES)
def test_our_verdict(name: str) -> None:
    build, expected = CASES[name]
    assert ours(build()) == expected


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("name", CASES)
def test_others_agree_or_it_is_said_why(
    name: str, program: str, require_tool: Callable[[str], str], tmp_path: Path
) -> None:
    build, expected = CASES[name]
    accepted, text = PROGRAMS[program](build(), require_tool(program), tmp_path)
    if (name, program) in DIFFERENCES:
        assert accepted != (expected == VALID), f"listed as a difference, but agrees: {text}"
    else:
        assert accepted == (expected == VALID), text


def test_nobody_else_refuses_more_than_we_do_but_for_two_reasons() -> None:
    refused = [pair for pair in DIFFERENCES if CASES[pair[0]][1] == VALID]
    assert refused == [("a CA without key usage", "openssl"), ("an intermediate as anchor", "openssl")]


def test_the_matrix_is_as_large_as_promised() -> None:
    refused = [name for name, (_, expected) in CASES.items() if expected != VALID]
    assert len(CASES) >= 60
    assert len(refused) >= 0.6 * len(CASES)
    assert {name for name, _ in DIFFERENCES} <= set(CASES)
    assert {program for _, program in DIFFERENCES} <= set(PROGRAMS)
