"""Which key signs, under which keyid, and which key does a keyid mean?"""

import hmac
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from authkit.errors import Refused, Rejected, UsageError
from authkit.keys.access import AccessKey
from authkit.keys.prove import certificate_name, load_private, load_public, thumbprint
from authkit.keys.request import Wanted, derive_wanted
from authkit.keys.scope import Scope
from authkit.keys.subkeys import Subkey
from authkit.schemes.derived import AWS4
from authkit.schemes.httpsig.keyid import (
    ALGORITHMS,
    NAMES,
    Checker,
    check_day,
    checker_of,
    choose_signer,
    find_checkers,
    is_whole,
)
from authkit.secret import MacKey, Secret
from httpsigs import AT, certificate, pem, public_pem, to_sign

MASTER = AccessKey("AKIDEXAMPLE", Secret(b"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"))
TODAY = "20261123/us-east-1/s3/aws4_request"
OVERRIDE = "--scheme-override insists"


def subkey(scope: str = TODAY, key: bytes = bytes(32), owner: str = "AKIDEXAMPLE", **more: Any) -> Subkey:
    return Subkey(owner, Scope(tuple(scope.split("/")), AWS4.chain), MacKey(key), **more)


def public(type: str, id: str | None = None) -> Any:
    return load_public(public_pem(type), type, id)


def private(type: str, id: str | None = None) -> Any:
    return load_private(pem(type), type, id)


def refused(keys: list[Any], keyid: str | None, wanted: str | None = None, override: bool = False) -> tuple[Any, ...]:
    with pytest.raises(Rejected) as caught:
        find_checkers(keys, keyid, wanted, override)
    return caught.value.verdict, caught.value.reason, caught.value.detail, caught.value.hint


# signing


def test_an_access_key_signs_with_its_secret_under_its_id() -> None:
    signer = choose_signer([MASTER], to_sign(), AT)
    assert (signer.keyid, signer.names) == ("AKIDEXAMPLE", frozenset({"AKIDEXAMPLE"}))
    assert (signer.algorithm, signer.access_key_id, signer.scope, signer.day) == (
        "hmac-sha256",
        "AKIDEXAMPLE",
        "",
        None,
    )
    assert signer.sign(b"x") == MacKey(MASTER.secret.reveal()).mac(b"x")


@pytest.mark.parametrize(
    ("key", "message"),
    [
        (AccessKey("A", Secret(b"s"), use="derive"), "A is a master secret: it derives and never signs"),
        (
            AccessKey("A", Secret(b"s"), scheme="AWS4-HMAC-SHA256"),
            "A is for AWS4-HMAC-SHA256 and the request for rfc9421",
        ),
        (
            AccessKey("A", Secret(b"s"), session_token=Secret(b"t"), expires_at=AT - timedelta(seconds=1)),
            "the session of A ended at 2026-11-23T08:59:59Z",
        ),
    ],
)
def test_an_access_key_that_may_not(key: AccessKey, message: str) -> None:
    with pytest.raises(Refused) as caught:
        choose_signer([key], to_sign(), AT)
    assert caught.value.message == message


def test_another_scheme_s_key_signs_where_somebody_insists() -> None:
    key = AccessKey("A", Secret(b"s"), scheme="AWS4-HMAC-SHA256")
    assert choose_signer([key], to_sign(scheme_override=True), AT).keyid == "A"
    assert choose_signer([AccessKey("A", Secret(b"s"), scheme="rfc9421")], to_sign(), AT).keyid == "A"
    ends = AccessKey("A", Secret(b"s"), session_token=Secret(b"t"), expires_at=AT)
    assert choose_signer([ends], to_sign(), AT).keyid == "A"


def test_a_subkey_signs_under_its_whole_credential() -> None:
    signer = choose_signer([subkey(key=b"k" * 32)], to_sign(), AT)
    assert signer.keyid == f"AKIDEXAMPLE/{TODAY}"
    assert signer.names == frozenset({f"AKIDEXAMPLE/{TODAY}"})
    assert (signer.access_key_id, signer.scope, signer.day) == ("AKIDEXAMPLE", TODAY, "2026-11-23")
    assert (signer.algorithm, signer.sign(b"x")) == ("hmac-sha256", MacKey(b"k" * 32).mac(b"x"))


def test_the_subkey_is_the_one_that_aws_signs_with() -> None:
    """S7: one key, two uses; the derivation is SigV4's."""
    (derived,) = derive_wanted([MASTER], Wanted(AWS4.chain, "signing", [AT.date()], [("us-east-1", "s3")]))
    signer = choose_signer([derived], to_sign(), AT)
    key = b"AWS4wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
    for part in TODAY.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    assert (signer.keyid, signer.sign(b'"x": y')) == (f"AKIDEXAMPLE/{TODAY}", hmac.digest(key, b'"x": y', "sha256"))


@pytest.mark.parametrize(
    ("scope", "level"),
    [("20261123", "date"), ("20261123/us-east-1", "region"), ("20261123/us-east-1/s3", "service")],
)
def test_a_wider_key_does_not_sign(scope: str, level: str) -> None:
    key = subkey(scope)
    assert (key.scope.level, is_whole(key), is_whole(subkey())) == (level, False, True)
    with pytest.raises(Refused, match="^the key is wider than a signing key$") as caught:
        choose_signer([key], to_sign(), AT)
    assert caught.value.hint == "derive a signing key with 'authkit derive-subkey'"


def test_a_wider_key_in_a_file_is_passed_over() -> None:
    assert choose_signer([subkey("20261123"), subkey()], to_sign(), AT).scope == TODAY


@pytest.mark.parametrize("hour", [timedelta(hours=-9, seconds=-1), timedelta(hours=15)])
def test_a_subkey_signs_on_its_day_alone(hour: timedelta) -> None:
    choose_signer([subkey()], to_sign(), datetime(2026, 11, 23, tzinfo=timezone.utc))
    choose_signer([subkey()], to_sign(), datetime(2026, 11, 23, 23, 59, 59, tzinfo=timezone.utc))
    with pytest.raises(Refused, match="held are keys of 2026-11-23"):
        choose_signer([subkey()], to_sign(), AT + hour)


def test_several_subkeys_of_the_day() -> None:
    keys = [subkey(), subkey("20261123/us-east-1/sqs/aws4_request"), subkey("20261123/eu-west-1/s3/aws4_request")]
    with pytest.raises(UsageError, match="^several keys fit: "):
        choose_signer(keys, to_sign(), AT)
    assert choose_signer(keys, to_sign(region="us-east-1", service="s3"), AT).scope == TODAY
    assert choose_signer(keys, to_sign(region="eu-west-1"), AT).scope == "20261123/eu-west-1/s3/aws4_request"
    with pytest.raises(Refused, match="was asked for and the key is for"):
        choose_signer([subkey()], to_sign(service="sqs"), AT)


@pytest.mark.parametrize(
    ("type", "algorithm"),
    [("ed25519", "ed25519"), ("p256", "ecdsa-p256-sha256"), ("p384", "ecdsa-p384-sha384"), ("rsa", "rsa-pss-sha512")],
)
def test_a_key_pair_signs_by_its_type_under_its_thumbprint(type: str, algorithm: str) -> None:
    key = private(type)
    signer = choose_signer([key], to_sign(), AT)
    name = thumbprint(key.public())
    assert (signer.keyid, signer.names, signer.access_key_id) == (name, frozenset({name}), name)
    assert (signer.algorithm, signer.scope, signer.day) == (algorithm, "", None)
    assert key.public().verify(algorithm, b"x", signer.sign(b"x"))
    assert choose_signer([key], to_sign(alg=algorithm), AT).algorithm == algorithm


def test_a_key_pair_that_has_an_id_or_a_certificate() -> None:
    der = certificate("p256")
    with_chain = private("p256").with_chain((der,), "p256")
    signer = choose_signer([with_chain], to_sign(), AT)
    name = thumbprint(with_chain.public())
    assert signer.keyid == certificate_name(der)
    assert signer.names == {certificate_name(der), name}
    named = choose_signer([private("p256", "web-1")], to_sign(), AT)
    assert (named.keyid, named.names, named.access_key_id) == ("web-1", {"web-1", name}, "web-1")


def test_an_rsa_key_signs_by_v1_5_where_somebody_says_so() -> None:
    """S24: an RSA key does not tell which padding was meant."""
    signer = choose_signer([private("rsa")], to_sign(alg="rsa-v1_5-sha256"), AT)
    assert signer.algorithm == "rsa-v1_5-sha256"
    assert private("rsa").public().verify("rsa-v1_5-sha256", b"x", signer.sign(b"x"))
    assert not private("rsa").public().verify("rsa-pss-sha512", b"x", signer.sign(b"x"))


@pytest.mark.parametrize(
    ("key", "alg", "own"),
    [
        (MASTER, "ed25519", "hmac-sha256"),
        (subkey(), "rsa-pss-sha512", "hmac-sha256"),
        (private("ed25519"), "hmac-sha256", "ed25519"),
        (private("p256"), "ecdsa-p384-sha384", "ecdsa-p256-sha256"),
        (private("rsa"), "ed25519", "rsa-pss-sha512"),
    ],
)
def test_an_algorithm_that_is_not_for_the_key(key: Any, alg: str, own: str) -> None:
    with pytest.raises(UsageError, match=f"^--alg {alg}: this key signs with {own}$") as caught:
        choose_signer([key], to_sign(alg=alg), AT)
    assert caught.value.hint == (
        "one of hmac-sha256, ed25519, ecdsa-p256-sha256, ecdsa-p384-sha384, rsa-pss-sha512, rsa-v1_5-sha256"
    )


def test_what_cannot_sign() -> None:
    with pytest.raises(Refused, match="^the key is a public key, which checks and does not sign$"):
        choose_signer([public("p256")], to_sign(), AT)
    strange = private("ed25519")
    strange.type = "mldsa44"
    with pytest.raises(Refused, match="^RFC 9421 has no algorithm for a key of type mldsa44$"):
        choose_signer([strange], to_sign(), AT)


def test_a_keyid_of_one_s_own() -> None:
    signer = choose_signer([MASTER], to_sign(keyid="other"), AT)
    assert (signer.keyid, signer.names, signer.access_key_id) == ("other", {"AKIDEXAMPLE"}, "AKIDEXAMPLE")
    assert choose_signer([private("p256")], to_sign(keyid=""), AT).keyid is None
    with pytest.raises(UsageError, match="^--keyid: a subkey signs under its whole credential$"):
        choose_signer([subkey()], to_sign(keyid="x"), AT)


def test_algorithms() -> None:
    assert len(NAMES) == 6
    assert set(NAMES) == {"hmac-sha256", *[name for row in ALGORITHMS.values() for name in row]}


# checking


def test_an_access_key_answers_to_its_id() -> None:
    (found,), compared = find_checkers([public("p256"), MASTER], "AKIDEXAMPLE", None, False)
    assert (found.algorithm, found.access_key_id, found.scope, found.public, compared) == (
        "hmac-sha256", "AKIDEXAMPLE", "", None, True,
    )  # fmt: skip
    assert found.agrees(b"x", MacKey(MASTER.secret.reveal()).mac(b"x"))
    assert not found.agrees(b"x", MacKey(MASTER.secret.reveal()).mac(b"y"))


def test_a_subkey_answers_to_its_whole_credential() -> None:
    keys = [subkey(), subkey("20261124/us-east-1/s3/aws4_request", b"1" * 32), MASTER]
    (found,), compared = find_checkers(keys, f"AKIDEXAMPLE/{TODAY}", "hmac-sha256", False)
    assert (found.subkey, found.scope, found.access_key_id, compared) == (keys[0], TODAY, "AKIDEXAMPLE", True)
    assert found.algorithm == "hmac-sha256"
    assert found.agrees(b"x", MacKey(bytes(32)).mac(b"x"))


@pytest.mark.parametrize("type", ["ed25519", "p256", "p384", "rsa"])
def test_a_public_key_answers_to_its_names(type: str) -> None:
    key, signing = public(type, "web-1"), private(type)
    for keyid in ("web-1", thumbprint(key)):
        (found,), compared = find_checkers([MASTER, key], keyid, None, False)
        assert (found.algorithm, found.public, compared) == (ALGORITHMS[type][0], key, True)
        assert found.agrees(b"x", signing.sign(found.algorithm, b"x"))
        assert not found.agrees(b"y", signing.sign(found.algorithm, b"x"))
    (half,), compared = find_checkers([signing], thumbprint(key), None, False)
    assert (half.public, compared) == (signing.public(), True)


def test_a_certificate_answers_to_its_fingerprint() -> None:
    der = certificate("p256")
    key = load_public(der, "certificate", "named")
    (found,), compared = find_checkers([key], certificate_name(der), None, False)
    assert (found.public, found.access_key_id, compared) == (key, "named", True)


def test_public_keys_without_an_id_answer_to_any() -> None:
    keys = [public("p256"), MASTER, public("ed25519"), public("p384", "named")]
    found, compared = find_checkers(keys, "anything", None, False)
    assert ([one.public for one in found], compared) == ([keys[0], keys[2]], False)
    found, compared = find_checkers(keys, None, None, False)
    assert ([one.public for one in found], compared) == ([keys[0], keys[2]], False)
    found, compared = find_checkers(keys, "named", None, False)
    assert ([one.public for one in found], compared) == ([keys[3]], True)


@pytest.mark.parametrize("key", [MASTER, public("p256", "named")])
def test_without_a_keyid_the_only_key_is_meant(key: Any) -> None:
    found, compared = find_checkers([key], None, None, False)
    assert (len(found), found[0].access_key_id, compared) == (1, key.access_key_id, False)
    assert refused([key, MASTER], None) == ("cannot-check", "unknown-key", "the signature names none", None)
    assert refused([subkey()], None) == ("cannot-check", "unknown-key", "the signature names none", None)
    assert refused([], None) == ("cannot-check", "unknown-key", "the signature names none", None)


@pytest.mark.parametrize(
    "keyid",
    ["", "AKIDEXAMPLE ", "akidexample", "AKIDEXAMPL", "AKIDEXAMPLEX", "../../etc/passwd", "https://evil.test/key"],
)
def test_a_keyid_that_is_not_known(keyid: str) -> None:
    assert refused([MASTER, public("p256", "k")], keyid) == ("cannot-check", "unknown-key", repr(keyid), None)


@pytest.mark.parametrize(
    ("keyid", "reason"),
    [
        (f"AKIDEXAMPLE/{TODAY}x", "subkey-out-of-scope"),
        ("AKIDEXAMPLE/20261124/us-east-1/s3/aws4_request", "subkey-out-of-scope"),
        ("AKIDEXAMPLE/20261123", "subkey-out-of-scope"),
        ("AKIDEXAMPLE/", "subkey-out-of-scope"),
        (TODAY, "unknown-key"),
        (f"OTHER/{TODAY}", "unknown-key"),
        ("AKIDEXAMPLE", "unknown-key"),
    ],
)
def test_a_keyid_of_another_subkey(keyid: str, reason: str) -> None:
    found = refused([subkey(), public("p256", "k")], keyid)
    assert found[:2] == ("cannot-check", reason)
    assert found[2] == (f"{keyid!r}; held: {TODAY}" if reason == "subkey-out-of-scope" else repr(keyid))


def test_at_most_three_scopes_are_named() -> None:
    keys = [subkey(f"202611{day}/us-east-1/s3/aws4_request") for day in (26, 23, 25, 24)]
    held = ", ".join(f"202611{day}/us-east-1/s3/aws4_request" for day in (23, 24, 25))
    assert refused(keys, "AKIDEXAMPLE/x")[2] == f"'AKIDEXAMPLE/x'; held: {held}"


def test_a_long_keyid_is_cut() -> None:
    assert refused([MASTER], "k" * 161)[2] == repr("k" * 160)
    assert refused([subkey()], "AKIDEXAMPLE/" + "k" * 149)[2] == f"{'AKIDEXAMPLE/' + 'k' * 148!r}; held: {TODAY}"


@pytest.mark.parametrize("scope", ["20261123", "20261123/us-east-1", "20261123/us-east-1/s3"])
def test_a_wider_key_answers_to_nothing(scope: str) -> None:
    """S7: it would check whatever scope a message names."""
    for keyid in (f"AKIDEXAMPLE/{scope}", f"AKIDEXAMPLE/{TODAY}"):
        assert refused([subkey(scope)], keyid)[1] == "subkey-out-of-scope"
    assert refused([MASTER], f"AKIDEXAMPLE/{TODAY}")[1] == "unknown-key"


@pytest.mark.parametrize(
    ("key", "reason", "detail", "hint"),
    [
        (AccessKey("A", Secret(b"s"), use="derive"), "other-scheme", "A is a master secret, which never signs", None),
        (AccessKey("A", Secret(b"s"), scheme="github"), "other-scheme", "github and rfc9421", OVERRIDE),
        (AccessKey("A", Secret(b"")), "no-secret", "", None),
    ],
)
def test_a_key_that_checks_nothing_here(key: AccessKey, reason: str, detail: str, hint: str | None) -> None:
    assert refused([key], "A") == ("cannot-check", reason, detail, hint)


def test_another_scheme_s_key_checks_where_somebody_insists() -> None:
    keys: list[Any] = [AccessKey("A", Secret(b"s"), scheme="github"), AccessKey("B", Secret(b"s"), scheme="rfc9421")]
    assert find_checkers(keys, "A", None, True)[0][0].access_key_id == "A"
    assert find_checkers(keys, "B", None, False)[0][0].access_key_id == "B"
    master: list[Any] = [AccessKey("A", Secret(b"s"), use="derive")]
    assert refused(master, "A", None, True)[1] == "other-scheme"


@pytest.mark.parametrize(
    ("key", "wanted", "detail"),
    [
        (MASTER, "ed25519", "ed25519 is demanded and the key is for hmac-sha256"),
        (subkey(), "rsa-pss-sha512", "rsa-pss-sha512 is demanded and the key is for hmac-sha256"),
        (public("ed25519"), "hmac-sha256", "hmac-sha256 for a key of type ed25519"),
        (public("p256"), "ecdsa-p384-sha384", "ecdsa-p384-sha384 for a key of type p256"),
        (public("rsa"), "ed25519", "ed25519 for a key of type rsa"),
    ],
)
def test_an_algorithm_is_demanded_that_is_not_the_key_s(key: Any, wanted: str, detail: str) -> None:
    keyid = f"AKIDEXAMPLE/{TODAY}" if isinstance(key, Subkey) else "AKIDEXAMPLE"
    assert refused([key], keyid, wanted) == ("invalid", "algorithm", detail, None)


def test_a_type_of_key_without_an_algorithm() -> None:
    strange = public("ed25519")
    strange.type = "mldsa44"
    assert refused([strange], "x") == ("invalid", "algorithm", "none for a key of type mldsa44", None)


def test_rsa_by_choice() -> None:
    assert checker_of(public("rsa"), None).algorithm == "rsa-pss-sha512"
    assert checker_of(public("rsa"), "rsa-v1_5-sha256").algorithm == "rsa-v1_5-sha256"


@pytest.mark.parametrize(
    ("algorithm", "length"),
    [("hmac-sha256", 32), ("ed25519", 64), ("ecdsa-p256-sha256", 64), ("ecdsa-p384-sha384", 96)],
)
def test_length(algorithm: str, length: int) -> None:
    checker = Checker(algorithm, "", mac=MacKey(b"k"))
    checker.check_length(bytes(length))
    for wrong in (0, 1, length - 1, length + 1, length * 2):
        with pytest.raises(Rejected) as caught:
            checker.check_length(bytes(wrong))
        assert (caught.value.verdict, caught.value.reason) == ("invalid", "signature-length")
        assert caught.value.detail == f"{wrong} octets and not {length}"


def test_rsa_s_length_is_its_key_s() -> None:
    Checker("rsa-pss-sha512", "", public=public("rsa")).check_length(bytes(7))


@pytest.mark.parametrize(
    ("algorithm", "length", "signature", "der"),
    [
        ("ecdsa-p256-sha256", 64, b"\x30\x44" + bytes(68), True),
        ("ecdsa-p384-sha384", 96, b"\x30\x64" + bytes(100), True),
        ("ecdsa-p256-sha256", 64, b"\x30\x45" + bytes(68), False),
        ("ecdsa-p256-sha256", 64, b"\x31\x44" + bytes(68), False),
        ("ecdsa-p256-sha256", 64, b"\x30", False),
        ("ecdsa-p256-sha256", 64, b"\x30\x00", True),
        ("ecdsa-p256-sha256", 64, b"\x30\xff" + bytes(255), True),
        ("ecdsa-p256-sha256", 64, b"\x30\xff" + bytes(256), False),
        ("ed25519", 64, b"\x30\x44" + bytes(68), False),
    ],
)
def test_der_is_named(algorithm: str, length: int, signature: bytes, der: bool) -> None:
    with pytest.raises(Rejected) as caught:
        Checker(algorithm, "", mac=MacKey(b"k")).check_length(signature)
    found = caught.value.verdict, caught.value.reason
    assert found == (("malformed", "signature-der") if der else ("invalid", "signature-length"))
    assert caught.value.detail == f"{len(signature)} octets and not {length}"


@pytest.mark.parametrize(("seconds", "fine"), [(0, True), (86399, True), (-1, False), (86400, False)])
def test_day(seconds: int, fine: bool) -> None:
    checker = Checker("hmac-sha256", "A", subkey=subkey())
    created = datetime(2026, 11, 23, tzinfo=timezone.utc) + timedelta(seconds=seconds)
    if fine:
        check_day(checker, created)
    else:
        with pytest.raises(Rejected) as caught:
            check_day(checker, created)
        assert (caught.value.verdict, caught.value.reason) == ("invalid", "scope-date-mismatch")
        assert caught.value.detail == f"2026-11-23 and {created:%Y-%m-%dT%H:%M:%SZ}"
    check_day(Checker("hmac-sha256", "A"), created)


def test_the_two_uses_of_one_key_stay_apart() -> None:
    """S7: a signature base begins with a double quote, which begins no scheme's string to sign."""
    from authkit.schemes import SCHEMES
    from authkit.schemes.derived import CHAINS

    labels = [*CHAINS, *[row[1] for row in SCHEMES.values()]]
    assert len(labels) > 8
    assert [label for label in labels if label.startswith('"')] == []
