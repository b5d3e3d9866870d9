"""What must a certificate of each kind contain?"""

from authkit.errors import UsageError

CLIENT_AUTH = "1.3.6.1.5.5.7.3.2"
SERVER_AUTH = "1.3.6.1.5.5.7.3.1"
ANY_EKU = "2.5.29.37.0"
# id-kp-authkit-requestSigning, and the extension in which a scoped certificate names its scope (F9).  Each is a UUID
# drawn once (ITU-T X.667), and both are for ever.
REQUEST_SIGNING_EKU = "2.25.8180147436450559481466210480665703734"
SCOPE_EXTENSION = "2.25.48901464700541601157577263218296215986"

# what a SAN can name, then the two other places of a certificate that can name somebody
SAN_KINDS = ("email", "dns", "uri", "upn", "ip")
KINDS = (*SAN_KINDS, "sid", "cn")
KEY_TYPES = ("p256", "p384", "rsa3072", "rsa4096", "ed25519")
# pyca's verifier refuses CAs with Ed25519 keys
CA_KEY_TYPES = KEY_TYPES[:4]


class Profile:
    """What a kind of certificate contains.

    Attributes:
        name: a key of PROFILES.
        days: how long it is valid unless asked otherwise, 1 or more.
        ekus: OIDs, dotted; () for what inherits those of its issuer.
        key_usage: names as pyca's KeyUsage has them.
        kinds: which of KINDS it may name.
        required: kinds of which it must have one or more; () where none is needed.
        subject: where the common name comes from if none is given: "" from nowhere, for an empty subject; "san" from
            the first of the required kinds; "name" from the name under which it is issued.
        spiffe: whether it has exactly one URI, a SPIFFE ID.
        scoped: whether it is good for one UTC day and names a scope (F9).
        key_types: which of KEY_TYPES its key may have; RSA keys and P-384 of other sizes follow from `key_allowed`.
        is_ca: whether it is a CA's.
        csr_fields: which of KINDS may be copied from a CSR.
        summary: what it is for, for people.
    """

    __slots__ = (
        "csr_fields",
        "days",
        "ekus",
        "is_ca",
        "key_types",
        "key_usage",
        "kinds",
        "name",
        "required",
        "scoped",
        "spiffe",
        "subject",
        "summary",
    )

    def __init__(
        self,
        name: str,
        days: int,
        ekus: "tuple[str, ...]",
        kinds: "tuple[str, ...]",
        required: "tuple[str, ...]",
        summary: str,
        *,
        subject: str = "",
        spiffe: bool = False,
        scoped: bool = False,
        key_types: "tuple[str, ...]" = KEY_TYPES,
        is_ca: bool = False,
    ) -> None:
        self.name = name
        self.days = days
        self.ekus = ekus
        self.key_usage = ("key_cert_sign", "crl_sign") if is_ca else ("digital_signature",)
        self.kinds = kinds
        self.required = required
        self.subject = subject
        self.spiffe = spiffe
        self.scoped = scoped
        self.key_types = key_types
        self.is_ca = is_ca
        self.csr_fields = kinds
        self.summary = summary

    def __repr__(self) -> str:
        return f"<Profile {self.name}>"


_CLIENT = (CLIENT_AUTH,)
# SPIFFE's X509-SVID (§4.4) would have serverAuth beside clientAuth; a CA for clients cannot give it, and the SPIFFE
# verifiers that we know ask for neither.
_ROWS = (
    Profile("client", 7, _CLIENT, (*SAN_KINDS, "cn"), SAN_KINDS, "a client of a TLS server"),
    Profile("spiffe", 1, _CLIENT, ("uri", "dns", "cn"), ("uri",), "a workload with a SPIFFE ID", spiffe=True),
    Profile(
        "eap-tls",
        365,
        _CLIENT,
        ("upn", "dns", "email", "uri", "sid", "cn"),
        ("upn", "dns"),
        "a person or machine on Wi-Fi or a wired network (802.1X)",
        subject="san",
    ),
    Profile(
        "roles-anywhere",
        1,
        _CLIENT,
        ("uri", "dns", "email", "cn"),
        ("uri", "dns", "email"),
        "a workload that gets AWS credentials from IAM Roles Anywhere",
        subject="name",
        key_types=CA_KEY_TYPES,
    ),
    Profile(
        "scoped",
        1,
        (REQUEST_SIGNING_EKU,),
        SAN_KINDS,
        SAN_KINDS,
        "a client that signs requests, for one day, region and service",
        scoped=True,
    ),
    Profile("server", 90, (SERVER_AUTH,), ("dns", "ip", "uri", "cn"), ("dns", "ip"), "a TLS server"),
    Profile(
        "intermediate", 1095, (), ("cn",), (), "a CA below another", subject="name", key_types=CA_KEY_TYPES, is_ca=True
    ),
    Profile("ca", 3650, (), ("cn",), (), "a root CA", subject="name", key_types=CA_KEY_TYPES, is_ca=True),
)
PROFILES: "dict[str, Profile]" = {row.name: row for row in _ROWS}
# what issue-cert offers; a root is made by create-ca alone
ISSUABLE = tuple([row.name for row in _ROWS if row.name != "ca"])

# what a CA is for -> (EKUs in its certificate, profiles that it may issue).  The EKU keeps a CA for clients from
# vouching for servers wherever its certificate lands (S40).  REQUEST_SIGNING_EKU is in it only where that was asked
# for: Go's library cannot parse a certificate with so long a number in its EKU, and GnuTLS refuses it for any purpose.
ISSUED_FOR: "dict[str, tuple[tuple[str, ...], tuple[str, ...]]]" = {
    "client": (
        (CLIENT_AUTH,),
        ("client", "spiffe", "eap-tls", "roles-anywhere", "scoped", "intermediate"),
    ),
    "server": ((SERVER_AUTH,), ("server", "intermediate")),
}


def find_profile(name: str) -> Profile:
    """Return the profile of that name.

    Raises:
        UsageError: if there is none.
    """
    if name not in ISSUABLE:
        raise UsageError(f"no such profile {name[:64]!r}", f"the profiles are {', '.join(ISSUABLE)}")
    return PROFILES[name]


def key_allowed(profile: Profile, type: str) -> bool:
    """Say whether a certificate of this profile may have a key of a type such as "p256" or "rsa2048".

    An RSA key that comes in a CSR may have any size from 2048 to 8192 bits.
    """
    if type.startswith("rsa") and type[3:].isdigit():
        return 2048 <= int(type[3:]) <= 8192
    return type in profile.key_types
