"""Does lint find each thing, with its words, and nothing where nothing is?"""

from datetime import datetime, timezone
from typing import Any

import pytest

from authkit.certs.describe import Described
from authkit.certs.lint import FINDINGS, SEVERITIES, Finding, finding, lint
from authkit.certs.weak import is_root
from described import AT, CLIENT_EXTENSIONS, DAY, SECOND, ca, client, named, root, without


def found(one: Described, at: datetime = AT) -> "list[tuple[str, str]]":
    """Return (id, what is said beyond the sentence) of each finding."""
    rows = []
    for row in lint(one, at):
        severity, sentence = FINDINGS[row.id]
        assert row.severity == severity
        assert row.message == sentence or row.message.startswith(f"{sentence}: ")
        rows.append((row.id, row.message[len(sentence) + 2 :]))
    return rows


def test_nothing_is_found_in_what_is_good() -> None:
    assert found(client()) == []
    assert found(client(**named("alice@example.com"))) == []
    assert found(ca()) == []
    assert found(root()) == []
    assert found(client(eku=["serverAuth"], san=["dns:a.example.com"], not_after=AT + 800 * DAY)) == []
    both = client(eku=["clientAuth", "serverAuth"], not_after=AT + 800 * DAY)
    assert found(both) == [("eku-client-and-server", "")]


def test_every_row_has_a_severity_and_a_sentence_that_goes_on() -> None:
    for id, (severity, sentence) in FINDINGS.items():
        assert severity in SEVERITIES
        assert id == id.lower()
        assert sentence[0].islower() or sentence[:2] in ("RS", "CA")
        assert sentence[-1] != "."
        assert "  " not in sentence


def test_a_finding_is_a_value() -> None:
    one = finding("rsa-short", "512 bits")
    assert (one.id, one.severity, one.message) == (
        "rsa-short",
        "error",
        "the RSA key is shorter than 2048 bits: 512 bits",
    )
    assert repr(one) == "<Finding rsa-short>"
    assert finding("rsa-short").message == "the RSA key is shorter than 2048 bits"


def test_the_worst_comes_first() -> None:
    one = client(key={"type": "rsa2048", "bits": 2048}, faults=[("version", "x")], eku=[], serial="0")
    one.extensions = without("extKeyUsage", "subjectKeyIdentifier")
    rows = lint(one, AT)
    assert isinstance(rows[0], Finding)
    assert [(row.severity, row.id) for row in rows] == [
        ("error", "version"),
        ("error", "serial-zero"),
        ("warning", "eku-missing"),
        ("info", "rsa-below-3072"),
        ("info", "no-ski"),
    ]


# what is different -> what is found
CASES: "list[tuple[str, Described, list[tuple[str, str]]]]" = [
    # faults
    ("field", client(faults=[("subjectAltName", "is odd")]), [("fault", "subjectAltName is odd")]),
    ("serial", client(faults=[("serial", "is not a number")], serial=""), [("fault", "serial is not a number")]),
    ("version", client(faults=[("version", "is not 1, 2 or 3")], version=0), [("version", "is not 1, 2 or 3")]),
    ("twice", client(faults=[("keyUsage", "stands twice")]), [("extension-twice", "keyUsage")]),
    ("more", client(faults=[("certificate", "9 bytes follow it")]), [("trailing-data", "9 bytes follow it")]),
    (
        "algorithms",
        client(faults=[("signature_algorithm", "the signed part says a, the signature b")]),
        [("signature-mismatch", "the signed part says a, the signature b")],
    ),
    (
        "times",
        client(faults=[("not_before", "is x"), ("not_after", "is y"), ("validity", "is z")]),
        [("time-encoding", "not_before is x"), ("time-encoding", "not_after is y"), ("time-encoding", "validity is z")],
    ),
    (
        "critical",
        client(critical_unknown=["1.2.3", "1.2.4"]),
        [("critical-unknown", "1.2.3"), ("critical-unknown", "1.2.4")],
    ),
    ("a large OID", client(eku=["clientAuth", "2.25.2147483647"]), []),
    ("a larger OID", client(eku=["clientAuth", "2.25.2147483648"]), [("oid-large", "2.25.2147483648")]),
    (
        "larger OIDs elsewhere",
        client(extensions=[*CLIENT_EXTENSIONS, ("1.3.99999999999.1", False)], policies=["1.2.99999999999.1"]),
        [("oid-large", "1.3.99999999999.1")],
    ),
    ("a short OID", client(eku=["clientAuth", "1.9999999999"]), [("oid-large", "1.9999999999")]),
    (
        "a long OID",
        client(eku=["clientAuth", "1.9999999999" + ".1" * 100]),
        [("oid-large", "1.9999999999" + ".1" * 94)],
    ),
    (
        "a CA of long names",
        ca(san=["dns:" + "a" * 60] * 3 + ["ip:192.0.2.1", "ip:192.0.2.2"]),
        [("ca-as-leaf", ", ".join(["dns:" + "a" * 60] * 3) + ", ip")],
    ),
    (
        "several bits, no signature",
        client(key_usage=["nonRepudiation", "cRLSign"]),
        [("key-usage-no-signature", "nonRepudiation, cRLSign")],
    ),
    (
        "a long address",
        client(crl_urls=["https://a/" + "b" * 191]),
        [("url-scheme", "https://a/" + "b" * 190)],
    ),
    (
        "long constraints",
        ca(
            name_constraints={"permitted": ["uri:" + "a" * 197], "excluded": []},
            extensions=[*without("subjectAltName"), ("nameConstraints", True)],
        ),
        [("constraints-unsure", "uri:" + "a" * 196)],
    ),
    ("a shorter OID", client(eku=["clientAuth", "1.999999999"]), []),
    ("data", client(san=["uri:data:text/html,x"]), [("uri-scheme", "data:text/html,x")]),
    ("vbscript", client(san=["uri:vbscript:x"]), [("uri-scheme", "vbscript:x")]),
    (
        "more characters than are named",
        client(issuer_parts=(("O", "\1\2\3\4\5\6\7\x08\x09"),)),
        [("name-control", "issuer O has U+0001, U+0002, U+0003, U+0004, U+0005, U+0006, U+0007, U+0008")],
    ),
    (
        "every unsure constraint",
        ca(
            name_constraints={
                "permitted": ["uri:a", "upn:b", "other:c", "dirname:d"],
                "excluded": ["rid:e", "x400:f", "edi:g", "unknown:h", "email:i", "ip:j"],
            }
        ),
        [("constraints-unsure", "uri:a, upn:b, other:c, dirname:d, rid:e, x400:f, edi:g, unknown:h")],
    ),
    ("version 2 with extensions", client(version=2), []),
    # time
    ("no times", client(not_before=None, not_after=None), []),
    ("no end", client(not_after=None), []),
    (
        "no end, early",
        client(not_before=AT + SECOND, not_after=None),
        [("not-yet-valid", "before 2026-11-24T09:00:01Z")],
    ),
    ("no start, late", client(not_before=None, not_after=AT - SECOND), [("expired", "on 2026-11-24T08:59:59Z")]),
    ("last second", client(not_before=AT - 2 * SECOND, not_after=AT), [("expires-soon", "on 2026-11-24T09:00:00Z")]),
    ("too late", client(not_after=AT - SECOND), [("expired", "on 2026-11-24T08:59:59Z")]),
    ("first second", client(not_before=AT), []),
    ("too early", client(not_before=AT + SECOND), [("not-yet-valid", "before 2026-11-24T09:00:01Z")]),
    (
        "reversed",
        client(not_before=AT + DAY, not_after=AT + DAY - SECOND),
        [
            ("not-yet-valid", "before 2026-11-25T09:00:00Z"),
            ("validity-reversed", "2026-11-25T09:00:00Z to 2026-11-25T08:59:59Z"),
        ],
    ),
    ("an instant", client(not_before=AT, not_after=AT), []),
    ("a third left", client(not_before=AT - 20 * DAY, not_after=AT + 10 * DAY), []),
    (
        "less than a third left",
        client(not_before=AT - 20 * DAY - 2 * SECOND, not_after=AT + 10 * DAY),
        [("expires-soon", "on 2026-12-04T09:00:00Z")],
    ),
    ("30 days of a long life", client(not_before=AT - 300 * DAY, not_after=AT + 30 * DAY), []),
    (
        "less than 30 days of a long life",
        client(not_before=AT - 300 * DAY, not_after=AT + 30 * DAY - SECOND),
        [("expires-soon", "on 2026-12-24T08:59:59Z")],
    ),
    ("398 days", client(not_before=AT, not_after=AT + 398 * DAY), []),
    (
        "398 days and a second",
        client(not_before=AT, not_after=AT + 398 * DAY + SECOND),
        [("lifetime-long", "398 days")],
    ),
    (
        "for ever",
        client(not_after=datetime(9999, 12, 31, 23, 59, 59, tzinfo=timezone.utc)),
        [("lifetime-long", "it never ends")],
    ),
    # serial numbers
    ("serial 0", client(serial="0"), [("serial-zero", "")]),
    ("serial 0 of a root", root(serial="0"), [("serial-zero", "")]),
    ("negative", client(serial="-1f"), [("serial-negative", "-1f")]),
    (
        "negative and long",
        client(serial="-" + "1" * 41),
        [("serial-negative", "-" + "1" * 41), ("serial-long", "21 octets")],
    ),
    ("55 bits", client(serial=f"{(1 << 55) - 1:x}"), [("serial-predictable", "7fffffffffffff")]),
    ("the most negative of 20 octets", client(serial="-80" + "00" * 19), [("serial-negative", "-80" + "00" * 19)]),
    (
        "one below",
        client(serial="-80" + "00" * 18 + "01"),
        [("serial-negative", "-80" + "00" * 18 + "01"), ("serial-long", "21 octets")],
    ),
    ("4096 octets", client(serial="7f" * 4096), [("serial-long", "4096 octets")]),
    ("56 bits", client(serial=f"{1 << 55:x}"), []),
    ("20 octets", client(serial="7f" * 20), []),
    ("20 octets, all that they hold", client(serial="7f" + "ff" * 19), []),
    ("21 octets, for its sign", client(serial="80" + "00" * 19), [("serial-long", "21 octets")]),
    ("21 octets", client(serial="1" + "00" * 20), [("serial-long", "21 octets")]),
    # characters in names
    (
        "NUL",
        client(**named("a\0b"), san=["email:a\0b"]),
        [("name-nul", "subject CN a\0b"), ("name-nul", "SAN email a\0b"), ("email-syntax", "a\0b")],
    ),
    ("escape", client(san=["upn:a\x1b@b"]), [("name-control", "SAN upn has U+001B"), ("upn-syntax", "a\x1b@b")]),
    ("C1", client(aia=["http://a/\x9b"]), [("name-control", "AIA has U+009B")]),
    ("DEL", client(crl_urls=["http://a/\x7f"]), [("name-control", "CRL address has U+007F")]),
    (
        "bidi",
        client(**named("a\u202eb"), san=["upn:a@b"]),
        [("name-invisible", "subject CN has U+202E"), ("cn-not-in-san", "a\u202eb")],
    ),
    (
        "no-break space",
        client(san=["upn:a\xa0@b"]),
        [("name-invisible", "SAN upn has U+00A0"), ("upn-syntax", "a\xa0@b")],
    ),
    (
        "all kinds",
        client(issuer_parts=(("O", "\0\x07\x06\u200b"),)),
        [
            ("name-nul", "issuer O \0\x07\x06\u200b"),
            ("name-control", "issuer O has U+0006, U+0007"),
            ("name-invisible", "issuer O has U+200B"),
        ],
    ),
    (
        "own issuer",
        root(subject_parts=(("CN", "\x07"),), issuer_parts=(("CN", "\x07"),)),
        [("name-control", "subject CN has U+0007")],
    ),
    (
        "decomposed",
        client(san=["upn:e\u0301@b"]),
        [("name-not-nfc", "SAN upn e\u0301@b"), ("upn-syntax", "e\u0301@b")],
    ),
    ("composed", client(san=["upn:\xe9@b"]), []),
    (
        "space before",
        client(**named(" a"), san=["upn:a@b"]),
        [("name-spaces", "subject CN  a"), ("cn-not-in-san", " a")],
    ),
    (
        "space behind",
        client(**named("a "), san=["upn:a@b"]),
        [("name-spaces", "subject CN a"), ("cn-not-in-san", "a ")],
    ),
    ("empty", client(**named(""), san=["upn:a@b"]), [("name-spaces", "subject CN"), ("cn-not-in-san", "")]),
    # where names stand
    ("no subject of a CA", ca(subject_parts=(), subject_der=b"0\0", subject=""), [("ca-subject-empty", "")]),
    ("a CA's unreadable", ca(subject_parts=(), faults=[("subject", "is odd")]), [("fault", "subject is odd")]),
    ("no SAN", client(san=[], extensions=without("subjectAltName")), [("san-missing", "")]),
    (
        "only a CN",
        client(san=[], extensions=without("subjectAltName"), **named("al")),
        [("san-missing", "the subject is CN=al")],
    ),
    ("a SAN without names", client(san=[]), [("san-empty", "")]),
    (
        "a SAN that is unreadable",
        client(san=[], faults=[("subjectAltName", "is odd")]),
        [("fault", "subjectAltName is odd")],
    ),
    (
        "not critical",
        client(extensions=[("subjectAltName", False), *without("subjectAltName")]),
        [("subject-empty", "")],
    ),
    (
        "not critical beside a subject",
        client(extensions=[("subjectAltName", False), *without("subjectAltName")], **named("alice@example.com")),
        [],
    ),
    (
        "not critical beside an unreadable subject",
        client(extensions=[("subjectAltName", False), *without("subjectAltName")], faults=[("subject", "is odd")]),
        [("fault", "subject is odd")],
    ),
    (
        "several CNs",
        client(subject_parts=(("CN", "b"), ("O", "x"), ("CN", "ALICE@example.com"))),
        [("cn-several", "b, ALICE@example.com")],
    ),
    ("another CN", client(**named("bob")), [("cn-not-in-san", "bob")]),
    ("a CA's CN", ca(san=["email:ca@example.com"], eku=[]), [("ca-any-purpose", "")]),
    ("mail in the subject", client(subject_parts=(("emailAddress", "a@b"),)), [("email-in-subject", "a@b")]),
    ("mail in a CA's subject", ca(subject_parts=(("emailAddress", "a@b"),)), []),
    ("a SID", client(sid="S-1-5-21-1-2-3-500"), []),
    ("no SID", client(sid="S-1"), [("sid-syntax", "S-1")]),
    # names of the SAN
    ("dns", client(san=["dns:a.example.com", "dns:xn--bcher-kva.example"]), []),
    ("dns with _", client(san=["dns:a_b.example.com"]), [("dns-syntax", "a_b.example.com")]),
    ("dns not ASCII", client(san=["dns:b\xfccher.example"]), [("dns-non-ascii", "b\xfccher.example")]),
    ("wildcard", client(san=["dns:*.example.com"]), [("wildcard-client", "*.example.com")]),
    ("wildcard of a server", client(san=["dns:*.example.com"], eku=["serverAuth"]), []),
    (
        "wildcard of both",
        client(san=["dns:*.example.com"], eku=["clientAuth", "serverAuth"]),
        [("eku-client-and-server", "")],
    ),
    ("email", client(san=["email:alice"]), [("email-syntax", "alice")]),
    ("upn", client(san=["upn:alice"]), [("upn-syntax", "alice")]),
    ("script", client(san=["uri:JavaScript:alert(1)"]), [("uri-scheme", "JavaScript:alert(1)")]),
    ("file", client(san=["uri:file:///etc/passwd"]), [("uri-scheme", "file:///etc/passwd")]),
    ("relative", client(san=["uri:a/b"]), [("uri-syntax", "a/b")]),
    ("uri", client(san=["uri:urn:example:a", "ip:192.0.2.1", "dirname:CN=a", "rid:1.2.3"]), []),
    ("spiffe", client(san=["uri:spiffe://example.org/a"]), []),
    ("spiffe in capitals", client(san=["uri:SPIFFE://example.org/a"]), [("spiffe-id", "SPIFFE://example.org/a")]),
    ("spiffe without path", client(san=["uri:spiffe://example.org"]), [("spiffe-id", "spiffe://example.org")]),
    ("spiffe of a CA", ca(san=["uri:spiffe://example.org"]), []),
    ("spiffe of a CA with path", ca(san=["uri:spiffe://example.org/a"]), []),
    ("spiffe of a CA, as long as can be", ca(san=["uri:spiffe://example.org/" + "a" * 2027]), []),
    (
        "spiffe of a CA, too long",
        ca(san=["uri:spiffe://example.org/" + "a" * 2028]),
        [("spiffe-id", "spiffe://example.org/" + "a" * 179)],
    ),
    ("a name of colons", client(**named("urn:example:a"), san=["uri:urn:example:a"]), []),
    (
        "a control behind a colon",
        client(san=["uri:urn:\x01:b"]),
        [("name-control", "SAN uri has U+0001"), ("uri-syntax", "urn:\x01:b")],
    ),
    ("spiffe of a CA, bad", ca(san=["uri:spiffe://Example.org"]), [("spiffe-id", "spiffe://Example.org")]),
    (
        "spiffe and another",
        client(san=["uri:urn:example:a", "uri:spiffe://example.org/a"]),
        [("spiffe-several", "this has 2")],
    ),
    (
        "spiffe in capitals and another",
        client(san=["uri:urn:example:a", "uri:SPIFFE://example.org/a"]),
        [("spiffe-id", "SPIFFE://example.org/a"), ("spiffe-several", "this has 2")],
    ),
    ("two others", client(san=["uri:urn:example:a", "uri:urn:example:b"]), []),
    (
        "rare kinds",
        client(san=["x400:#3000", "edi:#3000", "unknown:#05"]),
        [("san-kind", "x400"), ("san-kind", "edi"), ("san-kind", "unknown")],
    ),
    # CA or not
    ("CA without usage", ca(key_usage=[], extensions=without("subjectAltName", "keyUsage")), [("ca-no-key-usage", "")]),
    ("CA that cannot sign", ca(key_usage=["cRLSign"]), [("ca-cannot-sign", "")]),
    (
        "CA not critical",
        ca(extensions=[("basicConstraints", False), *without("subjectAltName", "basicConstraints")]),
        [("ca-not-critical", "")],
    ),
    ("CA with unreadable constraints", ca(extensions=without("subjectAltName", "basicConstraints")), []),
    ("no path length", ca(path_length=None), [("ca-no-path-length", "")]),
    ("no path length of a root", root(path_length=None), []),
    ("no purpose", ca(eku=[]), [("ca-any-purpose", "")]),
    ("a CA and a server", ca(san=["dns:a.example.com"], eku=["serverAuth"]), [("ca-as-leaf", "dns:a.example.com")]),
    ("a CA and a client", ca(san=["upn:a@b", "email:c@d"]), [("ca-as-leaf", "upn:a@b, email:c@d")]),
    (
        "a CA and other names",
        ca(san=["uri:urn:a:b", "ip:192.0.2.1", "dirname:CN=a"]),
        [("ca-as-leaf", "uri:urn:a:b, ip:192.0.2.1")],
    ),
    ("a CA for mail", ca(san=["email:c@d"], eku=["emailProtection"]), []),
    ("path length", client(path_length=0), [("path-length-on-leaf", "0")]),
    ("a leaf that can sign", client(key_usage=["digitalSignature", "keyCertSign"]), [("leaf-can-sign", "")]),
    (
        "self-signed",
        client(**named("alice@example.com"), issuer_der=b"alice@example.com", aki="aa"),
        [("self-signed-leaf", "")],
    ),
    (
        "self-signed without identifiers",
        client(**named("alice@example.com"), issuer_der=b"alice@example.com", ski=None, aki=None),
        [("self-signed-leaf", "")],
    ),
    (
        "self-signed without its issuer's",
        client(
            **named("alice@example.com"),
            issuer_der=b"alice@example.com",
            aki=None,
            extensions=without("authorityKeyIdentifier"),
        ),
        [("self-signed-leaf", "")],
    ),
    ("same name, other key", client(**named("alice@example.com"), issuer_der=b"alice@example.com"), []),
    ("no name at all", client(issuer_der=b"0\0"), []),
    ("no name at all, own identifier", client(issuer_der=b"0\0", aki="aa"), []),
    ("long for mail alone", client(eku=["emailProtection"], not_after=AT + 500 * DAY), []),
    (
        "long for mail and clients",
        client(eku=["emailProtection", "clientAuth"], not_after=AT + 500 * DAY),
        [("lifetime-long", "506 days")],
    ),
    (
        "long for anything",
        client(eku=["anyExtendedKeyUsage"], not_after=AT + 500 * DAY),
        [("lifetime-long", "506 days"), ("eku-any", "")],
    ),
    (
        "long without purpose",
        client(eku=[], extensions=without("extKeyUsage"), not_after=AT + 500 * DAY),
        [("lifetime-long", "506 days"), ("eku-missing", "")],
    ),
    # purposes and usage
    ("any", client(eku=["anyExtendedKeyUsage", "clientAuth"]), [("eku-any", "")]),
    ("any of a CA", ca(eku=["anyExtendedKeyUsage"]), [("eku-any", "")]),
    ("both", client(eku=["serverAuth", "clientAuth"]), [("eku-client-and-server", "")]),
    ("both of a CA", ca(eku=["serverAuth", "clientAuth"]), []),
    ("no EKU", client(eku=[], extensions=without("extKeyUsage")), [("eku-missing", "")]),
    ("an unreadable EKU", client(eku=[], faults=[("extKeyUsage", "is odd")]), [("fault", "extKeyUsage is odd")]),
    ("no usage", client(key_usage=[], extensions=without("keyUsage")), [("key-usage-missing", "")]),
    ("no signature", client(key_usage=["nonRepudiation"]), [("key-usage-no-signature", "nonRepudiation")]),
    (
        "no signature of a server",
        client(key_usage=[], eku=["serverAuth"], san=["dns:a.example"]),
        [("key-usage-no-signature", "")],
    ),
    ("no signature without EKU", client(key_usage=[], eku=[]), [("key-usage-no-signature", "")]),
    ("no signature for mail", client(key_usage=["keyAgreement"], eku=["emailProtection"]), []),
    ("RSA", client(key={"type": "rsa3072", "bits": 3072}, key_usage=["digitalSignature", "keyEncipherment"]), []),
    (
        "RSA that agrees",
        client(key={"type": "rsa3072", "bits": 3072}, key_usage=["digitalSignature", "keyAgreement"]),
        [("key-usage-wrong", "keyAgreement with rsa3072")],
    ),
    (
        "P-256 that enciphers",
        client(key_usage=["digitalSignature", "keyEncipherment"]),
        [("key-usage-wrong", "keyEncipherment with p256")],
    ),
    ("P-256 that agrees", client(key_usage=["digitalSignature", "keyAgreement"]), []),
    (
        "P-384 that enciphers",
        client(
            key={"type": "p384", "bits": 384}, key_usage=["digitalSignature", "keyEncipherment", "dataEncipherment"]
        ),
        [("key-usage-wrong", "keyEncipherment, dataEncipherment with p384")],
    ),
    (
        "P-521 that enciphers",
        client(key={"type": "p521"}, key_usage=["digitalSignature", "keyEncipherment"]),
        [("key-usage-wrong", "keyEncipherment with p521")],
    ),
    (
        "Ed25519 that agrees",
        client(key={"type": "ed25519", "bits": 256}, key_usage=["digitalSignature", "keyAgreement"]),
        [("key-usage-wrong", "keyAgreement with ed25519")],
    ),
    (
        "ML-DSA that enciphers",
        client(key={"type": "ml-dsa-65"}, key_usage=["digitalSignature", "dataEncipherment"]),
        [("key-usage-wrong", "dataEncipherment with ml-dsa-65")],
    ),
    ("unknown key that agrees", client(key=None, key_usage=["digitalSignature", "keyAgreement"]), []),
    # identifiers and addresses
    ("no SKI", client(ski=None, extensions=without("subjectKeyIdentifier")), [("no-ski", "")]),
    ("no SKI of a CA", ca(ski=None, extensions=without("subjectAltName", "subjectKeyIdentifier")), [("ca-no-ski", "")]),
    ("no AKI", client(aki=None, extensions=without("authorityKeyIdentifier")), [("no-aki", "")]),
    ("no AKI of a root", root(aki=None, extensions=without("subjectAltName", "authorityKeyIdentifier")), []),
    ("http", client(crl_urls=["HTTP://a/b.crl"], ocsp_urls=["http://a/"], aia=["https://a/ca.cer"]), []),
    (
        "https",
        client(crl_urls=["https://a/b.crl"], ocsp_urls=["https://a/"]),
        [("url-scheme", "https://a/b.crl"), ("url-scheme", "https://a/")],
    ),
    ("ldap", client(crl_urls=["ldap:///CN=a"]), [("url-scheme", "ldap:///CN=a")]),
    # name constraints
    (
        "constraints",
        ca(
            name_constraints={"permitted": ["dns:a.example", "email:b.example"], "excluded": ["ip:0.0.0.0/0"]},
            extensions=[*without("subjectAltName"), ("nameConstraints", True)],
        ),
        [],
    ),
    (
        "unsure constraints",
        ca(name_constraints={"permitted": ["uri:a.example", "dns:b"], "excluded": ["dirname:O=x", "upn:a"]}),
        [("constraints-unsure", "uri:a.example, dirname:O=x, upn:a")],
    ),
    (
        "constraints not critical",
        ca(
            name_constraints={"permitted": [], "excluded": ["dns:a"]},
            extensions=[*without("subjectAltName"), ("nameConstraints", False)],
        ),
        [("constraints-not-critical", "")],
    ),
    (
        "constraints of a leaf",
        client(name_constraints={"permitted": [], "excluded": []}),
        [("constraints-on-leaf", "")],
    ),
]


@pytest.mark.parametrize(("one", "wanted"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_what_is_found(one: Described, wanted: "list[tuple[str, str]]") -> None:
    wanted = sorted(wanted, key=lambda row: SEVERITIES.index(FINDINGS[row[0]][0]))
    assert found(one) == wanted


def test_old_versions() -> None:
    assert found(client(version=1, extensions=[], san=[], eku=[], key_usage=[], ski=None, aki=None)) == [
        ("version-old", ""),
        ("san-missing", ""),
        ("eku-missing", ""),
        ("no-aki", ""),
        ("key-usage-missing", ""),
        ("no-ski", ""),
    ]
    assert ("version-old", "") in found(client(version=2, extensions=[]))
    assert ("version-old", "") not in found(client(version=3, extensions=[]))


# key -> what is found
KEYS: "list[tuple[dict[str, Any] | None, list[tuple[str, str]]]]" = [
    (None, []),
    ({"type": "rsa2047", "bits": 2047, "exponent": 65537}, [("rsa-short", "2047 bits"), ("rsa-odd-size", "2047 bits")]),
    ({"type": "rsa2048", "bits": 2048, "exponent": 65537}, [("rsa-below-3072", "2048 bits")]),
    ({"type": "rsa3064", "bits": 3064, "exponent": 65537}, [("rsa-below-3072", "3064 bits")]),
    ({"type": "rsa3072", "bits": 3072, "exponent": 65537}, []),
    ({"type": "rsa8192", "bits": 8192, "exponent": 65537}, []),
    ({"type": "rsa8193", "bits": 8193, "exponent": 65537}, [("rsa-long", "8193 bits"), ("rsa-odd-size", "8193 bits")]),
    ({"type": "rsa8200", "bits": 8200, "exponent": 65537}, [("rsa-long", "8200 bits")]),
    ({"type": "rsa3072", "bits": 3072, "exponent": 1}, [("rsa-exponent", "1")]),
    ({"type": "rsa3072", "bits": 3072, "exponent": 2}, [("rsa-exponent", "2")]),
    ({"type": "rsa3072", "bits": 3072, "exponent": -3}, [("rsa-exponent", "-3")]),
    ({"type": "rsa3072", "bits": 3072, "exponent": 65538}, [("rsa-exponent", "65538")]),
    ({"type": "rsa3072", "bits": 3072, "exponent": 3}, [("rsa-exponent-small", "3")]),
    ({"type": "rsa3072", "bits": 3072, "exponent": 65535}, [("rsa-exponent-small", "65535")]),
    ({"type": "rsa3072", "bits": 3072, "exponent": (1 << 31) - 1}, []),
    ({"type": "rsa3072", "bits": 3072, "exponent": (1 << 31) + 1}, [("rsa-exponent-large", "32 bits")]),
    ({"type": "rsa3072", "bits": 3072, "exponent": "1" + "0" * 20 + "1"}, [("rsa-exponent-large", "85 bits")]),
    ({"type": "rsa3072", "bits": 3072, "exponent": "1" + "0" * 60}, [("rsa-exponent", "1" + "0" * 39)]),
    ({"type": "p192", "bits": 192}, [("curve-weak", "p192")]),
    ({"type": "p224", "bits": 224}, [("curve-rare", "p224")]),
    ({"type": "secp256k1", "bits": 256}, [("curve-rare", "secp256k1")]),
    ({"type": "brainpoolP256r1", "bits": 256}, [("curve-rare", "brainpoolP256r1")]),
    ({"type": "ec-explicit", "bits": 0}, [("curve-explicit", "")]),
    ({"type": "ec-1.2.3", "bits": 0}, [("curve-unknown", "1.2.3")]),
    ({"type": "dsa2048", "bits": 2048}, [("key-dsa", "")]),
    ({"type": "x25519", "bits": 256}, [("key-cannot-sign", "x25519")]),
    ({"type": "x448", "bits": 448}, [("key-cannot-sign", "x448")]),
    ({"type": "1.2.3", "bits": 0}, [("key-unknown", "1.2.3")]),
    ({"type": "ed25519", "bits": 256}, []),
    ({"type": "ml-dsa-65", "bits": 15616}, []),
    ({"type": "p384", "bits": 384}, []),
]


@pytest.mark.parametrize(("key", "wanted"), KEYS, ids=[str(key)[:60] for key, _ in KEYS])
def test_keys(key: "dict[str, Any] | None", wanted: "list[tuple[str, str]]") -> None:
    assert found(client(key=key)) == wanted


@pytest.mark.parametrize(
    ("name", "id"),
    [
        ("md2WithRSAEncryption", "signature-broken"),
        ("md4WithRSAEncryption", "signature-broken"),
        ("md5WithRSAEncryption", "signature-broken"),
        ("rsassaPss-md5", "signature-broken"),
        ("sha1WithRSAEncryption", "signature-sha1"),
        ("ecdsa-with-SHA1", "signature-sha1"),
        ("rsassaPss-sha1", "signature-sha1"),
        ("1.2.3", "signature-unknown"),
        ("unsigned", "unsigned"),
        ("", None),
        ("ed25519", None),
        ("rsassaPss-sha256", None),
        ("sha224WithRSAEncryption", None),
        ("ml-dsa-44", None),
    ],
)
def test_signatures(name: str, id: "str | None") -> None:
    said = name if id != "unsigned" else ""
    assert found(client(signature_algorithm=name)) == ([(id, said)] if id else [])
    if id in ("signature-broken", "signature-sha1"):
        assert found(root(signature_algorithm=name)) == [("signature-old-root", name)]
        assert found(ca(signature_algorithm=name)) == [(id, name)]


def test_every_finding_is_found_by_some_case() -> None:
    seen = {id for _, _, wanted in CASES for id, _ in wanted} | {id for _, wanted in KEYS for id, _ in wanted}
    elsewhere = {
        "names-many",  # in test_part
        "version-old",
        "signature-broken",
        "signature-sha1",
        "signature-old-root",
        "signature-unknown",
        "unsigned",
    }
    assert seen | elsewhere == set(FINDINGS)


def test_long_foreign_text_is_cut() -> None:
    long = "a" * 500
    rows = found(client(san=[f"email:{long}", f"uri:{long}", f"upn:{long}"], **named("b" * 500), sid=long))
    assert [len(said) for _, said in rows] == [200] * 5
    assert [len(said) for id, said in found(client(serial="-" + "1" * 60)) if id == "serial-negative"] == [42]


def test_the_serial_number_of_an_intermediate_is_judged_too() -> None:
    assert found(ca(serial="7f")) == [("serial-predictable", "7f")]
    assert found(root(serial="7f")) == []


def test_who_is_a_root() -> None:
    assert is_root(root())
    assert not is_root(ca())
    assert not is_root(root(is_ca=False))
    assert not is_root(root(aki="bb"))
    assert is_root(root(ski=None, aki="bb"))
    assert is_root(root(aki=None))


def test_the_sample_has_what_a_client_certificate_has() -> None:
    assert [name for name, critical in CLIENT_EXTENSIONS if critical] == [
        "subjectAltName",
        "basicConstraints",
        "keyUsage",
    ]
