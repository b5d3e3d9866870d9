"""Do the rows of the table of profiles say what DESIGN says?"""

import pytest

from authkit.certs import profile
from authkit.certs.profile import (
    CLIENT_AUTH,
    ISSUABLE,
    ISSUED_FOR,
    KEY_TYPES,
    KINDS,
    PROFILES,
    REQUEST_SIGNING_EKU,
    SERVER_AUTH,
)
from authkit.errors import UsageError


def test_the_lifetimes() -> None:
    days = {name: row.days for name, row in PROFILES.items()}
    assert days == {
        "client": 7,
        "spiffe": 1,
        "eap-tls": 365,
        "roles-anywhere": 1,
        "scoped": 1,
        "server": 90,
        "intermediate": 1095,
        "ca": 3650,
    }


def test_clients_are_clients_and_nothing_else() -> None:
    for name in ("client", "spiffe", "eap-tls", "roles-anywhere"):
        row = PROFILES[name]
        assert (row.ekus, row.key_usage, row.is_ca) == ((CLIENT_AUTH,), ("digital_signature",), False)
        assert row.required
    scoped = PROFILES["scoped"]
    assert (scoped.ekus, scoped.key_usage, scoped.is_ca) == ((REQUEST_SIGNING_EKU,), ("digital_signature",), False)
    server = PROFILES["server"]
    assert (server.ekus, server.key_usage, server.is_ca) == ((SERVER_AUTH,), ("digital_signature",), False)
    for name in ("intermediate", "ca"):
        row = PROFILES[name]
        assert (row.ekus, row.key_usage, row.is_ca) == ((), ("key_cert_sign", "crl_sign"), True)


def test_where_the_common_name_comes_from() -> None:
    assert {name: row.subject for name, row in PROFILES.items() if row.subject} == {
        "eap-tls": "san",
        "roles-anywhere": "name",
        "intermediate": "name",
        "ca": "name",
    }


def test_what_each_may_name() -> None:
    assert {name: " ".join(row.kinds) for name, row in PROFILES.items()} == {
        "client": "email dns uri upn ip cn",
        "spiffe": "uri dns cn",
        "eap-tls": "upn dns email uri sid cn",
        "roles-anywhere": "uri dns email cn",
        "scoped": "email dns uri upn ip",
        "server": "dns ip uri cn",
        "intermediate": "cn",
        "ca": "cn",
    }
    for row in PROFILES.values():
        assert set(row.kinds) <= set(KINDS)
        assert set(row.required) <= set(row.kinds)
        assert row.csr_fields == row.kinds
        assert row.summary
    assert [name for name, row in PROFILES.items() if row.spiffe] == ["spiffe"]
    assert [name for name, row in PROFILES.items() if row.scoped] == ["scoped"]
    assert repr(PROFILES["client"]) == "<Profile client>"


def test_the_two_uuids_are_for_ever() -> None:
    assert profile.REQUEST_SIGNING_EKU == "2.25.8180147436450559481466210480665703734"
    assert profile.SCOPE_EXTENSION == "2.25.48901464700541601157577263218296215986"


def test_what_a_ca_is_for() -> None:
    assert ISSUED_FOR["client"] == (
        (CLIENT_AUTH,),
        ("client", "spiffe", "eap-tls", "roles-anywhere", "scoped", "intermediate"),
    )
    assert ISSUED_FOR["server"] == ((SERVER_AUTH,), ("server", "intermediate"))


def test_a_row_as_a_whole() -> None:
    plain = profile.Profile("a", 3, ("1.2.3",), ("dns", "cn"), ("dns",), "one")
    assert [
        getattr(plain, each) for each in ("name", "days", "ekus", "kinds", "required", "csr_fields", "summary")
    ] == [
        "a",
        3,
        ("1.2.3",),
        ("dns", "cn"),
        ("dns",),
        ("dns", "cn"),
        "one",
    ]
    assert (plain.subject, plain.spiffe, plain.is_ca, plain.key_types) == ("", False, False, KEY_TYPES)
    assert plain.scoped is False
    assert plain.key_usage == ("digital_signature",)
    keys = ("p256",)
    other = profile.Profile("b", 1, (), (), (), "", subject="san", spiffe=True, key_types=keys, is_ca=True)
    assert (other.subject, other.spiffe, other.is_ca, other.key_types) == ("san", True, True, keys)
    assert other.key_usage == ("key_cert_sign", "crl_sign")


def test_finding_one() -> None:
    assert profile.find_profile("eap-tls") is PROFILES["eap-tls"]
    for name in ("ca", "none", "x" * 70):
        with pytest.raises(UsageError) as caught:
            profile.find_profile(name)
        assert caught.value.message == f"no such profile {name[:64]!r}"
        assert caught.value.hint == f"the profiles are {', '.join(ISSUABLE)}"


@pytest.mark.parametrize(
    ("type", "allowed"),
    [
        ("p256", True),
        ("p384", True),
        ("p521", False),
        ("ed25519", True),
        ("rsa2047", False),
        ("rsa2048", True),
        ("rsa8192", True),
        ("rsa8193", False),
        ("rsa", False),
        ("rsax3072", False),
        ("unknown", False),
    ],
)
def test_keys_of_a_client(type: str, allowed: bool) -> None:
    assert profile.key_allowed(PROFILES["client"], type) is allowed


def test_no_ed25519_where_it_is_refused_later() -> None:
    assert [name for name, row in PROFILES.items() if not profile.key_allowed(row, "ed25519")] == [
        "roles-anywhere",
        "intermediate",
        "ca",
    ]
    assert KEY_TYPES == ("p256", "p384", "rsa3072", "rsa4096", "ed25519")
