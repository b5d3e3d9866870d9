"""Do we judge NIST's path validation suite (PKITS) as it expects, but where a reason is written down?

The certificates and revocation lists are those of the package cryptography_vectors; what is expected, those of
pkits-expected.json.  What is accepted although the suite refuses it is accepted because the suite demands a certificate
policy, for which verify-cert has no option, and says so in every result; it is never a revoked path, nor an untrusted.
"""

import json
from collections.abc import Callable
from datetime import datetime, timezone
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from authkit.certs.verify import verify_path
from authkit.errors import PATH_REASONS, PathRejected
from conftest import VECTORS

AT = datetime(2020, 6, 1, tzinfo=timezone.utc)
COUNT, REFUSED, REVOKED = 247, 137, 22

CASE = "names are chained byte by byte, as cryptography's verifier chains them"
KEYS = "a list by another key of the issuer than the one on the path is not used: its key would need a path of its own"
INDIRECT = "an indirect list is never used to show that a certificate is good"
REASONS = "a list of some reasons is never used to show that a certificate is good"
CA_LEAF = "the certificate in question is a CA's, which is no leaf here"
SELF = "a self-issued CA counts towards the path length, as cryptography's verifier counts it"
EXPLICIT = "policies are not processed, so a CA that demands one (PolicyConstraints) is refused"
MAPPING = "policies are not processed, so a critical extension about them is refused"
NAMES = "a constraint on directory names or URIs is refused where it may matter, since it is not compared"
DSA = "a DSA key is too weak to be accepted"
UTC_TIME = "a GeneralizedTime before 2050 breaks RFC 5280 §4.1.2.5, and cryptography's verifier refuses it"
INHERITED = "cryptography cannot read a DSA key without its parameters, which is refused anyway"
HOLD = "a hold that only a delta list lifts stays: a delta list never shows that a certificate is good"
DEMANDS = "the suite demands a policy here; verify-cert cannot, and says 'certificate policies: any is accepted'"

UNKNOWN = "unknown-critical-extension"

# name of a case -> (what we say, why it is not what the suite expects)
DIFFERENCES = {
    "valid_dsa_signatures_test4": ("weak-key", DSA),
    "valid_dsa_parameter_inheritance_test5": ("malformed", INHERITED),
    "valid_generalizedtime_notbefore_date_test4": ("malformed", UTC_TIME),
    "valid_name_chaining_whitespace_test3": ("untrusted", CASE),
    "valid_name_chaining_whitespace_test4": ("untrusted", CASE),
    "valid_name_chaining_capitalization_test5": ("untrusted", CASE),
    "valid_rollover_from_printablestring_to_utf8string_test10": ("untrusted", CASE),
    "valid_utf8string_case_insensitive_match_test11": ("untrusted", CASE),
    "valid_separate_certificate_and_crl_keys_test19": ("crl-not-applicable", KEYS),
    "valid_basic_self_issued_old_with_new_test1": ("crl-not-applicable", KEYS),
    "valid_basic_self_issued_new_with_old_test4": ("crl-not-applicable", KEYS),
    "valid_basic_self_issued_crl_signing_key_test6": ("crl-not-applicable", KEYS),
    "valid_pathlenconstraint_test8": ("leaf-is-ca", CA_LEAF),
    "valid_pathlenconstraint_test14": ("leaf-is-ca", CA_LEAF),
    "valid_self_issued_pathlenconstraint_test15": ("path-too-long", SELF),
    "valid_self_issued_pathlenconstraint_test17": ("path-too-long", SELF),
    "all_certs_same_policy_test1_with_constraint_mismatch": ("valid", DEMANDS),
    "all_certificates_no_policies_test2_force_explicit": ("valid", DEMANDS),
    "different_policies_test3_force_explicit": ("valid", DEMANDS),
    "different_policies_test3_force_explicit_with_user_set": ("valid", DEMANDS),
    "overlapping_policies_test6": ("leaf-is-ca", CA_LEAF),
    "overlapping_policies_test6_with_testpol1": ("leaf-is-ca", CA_LEAF),
    "all_certificates_same_policies_test10": (UNKNOWN, EXPLICIT),
    "all_certificates_same_policies_test10_with_testpol1": (UNKNOWN, EXPLICIT),
    "all_certificates_same_policies_test10_with_testpol2": (UNKNOWN, EXPLICIT),
    "all_certificates_any_policy_test11": (UNKNOWN, EXPLICIT),
    "all_certificates_any_policy_test11_constrained": (UNKNOWN, EXPLICIT),
    "all_certificates_same_policies_test13": (UNKNOWN, EXPLICIT),
    "all_certificates_same_policies_test13_with_testpol1": (UNKNOWN, EXPLICIT),
    "all_certificates_same_policies_test13_with_testpol2": (UNKNOWN, EXPLICIT),
    "all_certificates_same_policies_test13_with_testpol3": (UNKNOWN, EXPLICIT),
    "all_certificates_same_policies_test13_with_testpol1_2": (UNKNOWN, EXPLICIT),
    "any_policy_test14": (UNKNOWN, EXPLICIT),
    "any_policy_test14_with_testpol1": (UNKNOWN, EXPLICIT),
    "any_policy_test14_with_testpol1_2": (UNKNOWN, EXPLICIT),
    "valid_require_explicit_policy_test1": (UNKNOWN, EXPLICIT),
    "valid_require_explicit_policy_test2": (UNKNOWN, EXPLICIT),
    "valid_require_explicit_policy_test4": (UNKNOWN, EXPLICIT),
    "valid_self_issued_require_explicit_policy_test6": (UNKNOWN, EXPLICIT),
    "valid_policy_mapping_test2_with_testpol1": (UNKNOWN, MAPPING),
    "valid_policy_mapping_test3_with_testpol2": (UNKNOWN, MAPPING),
    "valid_policy_mapping_test5_with_testpol1": (UNKNOWN, MAPPING),
    "valid_policy_mapping_test6_with_testpol1": (UNKNOWN, MAPPING),
    "valid_policy_mapping_test9": (UNKNOWN, MAPPING),
    "valid_policy_mapping_test11": (UNKNOWN, MAPPING),
    "valid_policy_mapping_test13": (UNKNOWN, MAPPING),
    "valid_policy_mapping_test14": (UNKNOWN, MAPPING),
    "valid_inhibit_policy_mapping_test2": (UNKNOWN, MAPPING),
    "valid_inhibit_policy_mapping_test4": (UNKNOWN, MAPPING),
    "valid_self_issued_inhibit_policy_mapping_test7": (UNKNOWN, MAPPING),
    "valid_inhibit_any_policy_test2": (UNKNOWN, MAPPING),
    "inhibit_any_policy_test3": (UNKNOWN, MAPPING),
    "valid_self_issued_inhibit_any_policy_test7": (UNKNOWN, MAPPING),
    "valid_self_issued_inhibit_any_policy_test9": (UNKNOWN, MAPPING),
    "valid_dn_nameconstraints_test1": ("name-constraint-unsupported", NAMES),
    "valid_dn_nameconstraints_test4": ("name-constraint-unsupported", NAMES),
    "valid_dn_nameconstraints_test5": ("name-constraint-unsupported", NAMES),
    "valid_dn_nameconstraints_test6": ("name-constraint-unsupported", NAMES),
    "valid_dn_nameconstraints_test11": ("name-constraint-unsupported", NAMES),
    "valid_dn_nameconstraints_test14": ("name-constraint-unsupported", NAMES),
    "valid_dn_nameconstraints_test18": ("name-constraint-unsupported", NAMES),
    "valid_self_issued_dn_nameconstraints_test19": ("name-constraint-unsupported", NAMES),
    "valid_dn_and_rfc822_nameconstraints_test27": ("name-constraint-unsupported", NAMES),
    "valid_uri_nameconstraints_test34": ("name-constraint-unsupported", NAMES),
    "valid_uri_nameconstraints_test36": ("name-constraint-unsupported", NAMES),
    "valid_onlycontainscacerts_crl_test13": ("leaf-is-ca", CA_LEAF),
    "valid_onlysomereasons_test18": ("crl-not-applicable", REASONS),
    "valid_onlysomereasons_test19": ("crl-not-applicable", REASONS),
    "valid_idp_with_indirectcrl_test22": ("crl-indirect", INDIRECT),
    "valid_idp_with_indirectcrl_test24": ("crl-indirect", INDIRECT),
    "valid_idp_with_indirectcrl_test25": ("crl-indirect", INDIRECT),
    "valid_crlissuer_test28": ("crl-not-applicable", INDIRECT),
    "valid_crlissuer_test29": ("crl-not-applicable", INDIRECT),
    "valid_crlissuer_test30": ("crl-indirect", INDIRECT),
    "valid_crlissuer_test33": ("crl-indirect", INDIRECT),
    "valid_deltacrl_test5": ("revoked", HOLD),
}

# What the suite calls revoked and we refuse for another reason: name -> (what we say, why)
OTHERWISE = {
    "invalid_negative_serial_number_test15": ("malformed", "a negative serial number is no serial number"),
    "invalid_separate_certificate_and_crl_keys_test20": ("crl-not-applicable", KEYS),
    "invalid_basic_self_issued_old_with_new_test2": ("crl-not-applicable", KEYS),
    "invalid_basic_self_issued_new_with_old_test5": ("crl-not-applicable", KEYS),
    "invalid_basic_self_issued_crl_signing_key_test7": ("crl-not-applicable", KEYS),
    "invalid_idp_with_indirectcrl_test23": ("crl-indirect", INDIRECT),
    "invalid_crlissuer_test31": ("crl-indirect", INDIRECT),
    "invalid_crlissuer_test32": ("crl-indirect", INDIRECT),
    "invalid_crlissuer_test34": ("crl-indirect", INDIRECT),
}
MEMBERS = {
    "id", "name", "cert", "other_certs", "crls", "path_len", "revocation", "error", "params", "path_intermediates"
}  # fmt: skip


@cache
def load_cases() -> list[dict[str, Any]]:
    """Return the cases; none where the vectors are not at hand, which the tests then say."""
    path = VECTORS / "pkits-expected.json"
    return json.loads(path.read_text()) if path.is_file() else []  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def cases(vectors: Path) -> list[dict[str, Any]]:
    return load_cases()


@pytest.fixture(scope="module")
def read(require_module: Callable[[str], ModuleType]) -> Callable[[str, str], bytes]:
    """`read("certs", name)`: a file of the suite."""
    place = require_module("cryptography_vectors").__file__
    assert place is not None
    folder = Path(place).parent / "x509" / "PKITS_data"
    return lambda kind, name: (folder / kind / name).read_bytes()


def judge(case: dict[str, Any], read: Callable[[str, str], bytes]) -> str:
    """Return "valid", or the reason."""
    try:
        verify_path(
            read("certs", case["cert"]),
            trust_anchors=[read("certs", "TrustAnchorRootCertificate.crt")],
            intermediates=[read("certs", name) for name in case.get("other_certs", ())],
            crls=[read("crls", name) for name in ("TrustAnchorRootCRL.crl", *case.get("crls", ()))],
            at=AT,
            purpose="any",
            require_crl=True,
        )
    except PathRejected as rejected:
        return rejected.reason
    return "valid"


@pytest.mark.parametrize("case", load_cases(), ids=lambda case: f"{case['id']}-{case['name']}")
def test_case(case: dict[str, Any], read: Callable[[str, str], bytes]) -> None:
    found, expected = judge(case, read), "refused" if "error" in case else "valid"
    agrees = (found == "valid") == (expected == "valid")
    if case["name"] in DIFFERENCES:
        said, why = DIFFERENCES[case["name"]]
        assert not agrees, f"listed as a difference ({why}), but agrees"
        assert found == said
        return
    assert agrees, f"{expected} is expected, but it is {found}"
    if expected == "refused" and case["error"]["class"] == "RevokedError":
        assert found == OTHERWISE.get(case["name"], ("revoked", ""))[0]


def test_every_case_runs(cases: list[dict[str, Any]]) -> None:
    assert len(cases) == COUNT
    assert sum("error" in case for case in cases) == REFUSED
    assert sum(case.get("error", {}).get("class") == "RevokedError" for case in cases) == REVOKED
    assert set().union(*cases) == MEMBERS


def test_every_listed_case_is_one(cases: list[dict[str, Any]]) -> None:
    names = {case["name"] for case in cases}
    assert names.issuperset([*DIFFERENCES, *OTHERWISE])
    assert not set(DIFFERENCES) & set(OTHERWISE)
    assert {said for said, _ in [*DIFFERENCES.values(), *OTHERWISE.values()]} <= {"valid", *PATH_REASONS}


def test_nothing_accepted_is_revoked_or_untrusted(cases: list[dict[str, Any]]) -> None:
    accepted = [case for case in cases if DIFFERENCES.get(case["name"], ("",))[0] == "valid"]
    assert len(accepted) == 4
    for case in accepted:
        assert case["error"]["class"] == "PathValidationError"
        assert "valid set of policies" in case["error"]["msg_regex"]
        # what the suite demands of the verifier, and no option of verify-cert can say
        assert set(case["params"]) <= {"user_initial_policy_set", "initial_explicit_policy"}
        assert case["params"]["initial_explicit_policy"] is True
