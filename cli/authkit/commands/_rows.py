"""Option rows that several commands share."""

KEY = (
    "--key",
    "text",
    "REF",
    "the key: a name in the store, file:PATH, dir:PATH, env:, env:AWS, aws:PROFILE or pkcs11:…",
    None,
)
KEYS = ("--key", "many", "[ID=]REF", "a key, as for signing; repeatable; ID= names the access key it answers to", ())
STORE = ("--store", "text", "PATH", "the store [$AUTHKIT_STORE, else $XDG_DATA_HOME/authkit]", None)
AT = ("--at", "text", "TIME", "the instant to work at, e.g. 2026-11-23T09:00:00Z [now]", None)
JSON = ("--json", "flag", "", "print one JSON object", False)
FORCE = ("--force", "flag", "", "replace what is there", False)
REVEAL = ("--reveal", "flag", "", "let a secret be shown on the terminal", False)
OUTPUT = ("--output|-o", "text", "FILE", "write to FILE, readable by you alone, instead of standard output", None)
UNLOCK = (
    "--unlock",
    "choice:keyring|passphrase",
    "HOW",
    "how a store that is made now will open [keyring if one answers]",
    None,
)
QR = ("--qr", "flag", "", "as QR codes: on the terminal, or with --output NAME.png as pictures", False)
QR_SIZE = (
    "--qr-size",
    "int",
    "N",
    "the largest QR code: 1 to 40, as the standard counts [what fits, at most 14]",
    None,
)
IDENTITY = ("--identity", "text", "FILE", "what opens it: age identities or an SSH private key [the store's own]", None)
SIGNATURE = ("--signature", "text", "FILE", "an answer from approve-signature, whose signature is used, once", None)
CONFIRM = ("--confirm", "text", "NAME", "the requester's name, where there is no terminal to type it on", None)
CONFIRM_DATE = ("--confirm-date", "text", "DAY", "today's UTC date, where there is no terminal to type it on", None)
TOKEN = ("--token", "text", "URI", "in a PKCS#11 token instead of the store, e.g. pkcs11:token=NAME", None)
SCHEME = (
    "--scheme",
    "text",
    "NAME",
    "the signature scheme, as authkit-schemes(7) names it [the key's, else sigv4]",
    None,
)
EXPLAIN = ("--explain", "flag", "", "show every stage of the signature, secrets redacted", False)
ORIGIN = ("--origin", "text", "URL", "where a message without a URL goes, e.g. https://api.example.com", None)
BODY = ("--body", "text", "FILE", "the body, where the input does not hold it", None)

SIGN = (KEY, STORE, SCHEME, AT, EXPLAIN, JSON, REVEAL)

INPUT = (
    ("INPUT", "rest", "INPUT", "FILE, '-', a URL, or -- curl …; a file may hold any of these, or JSON", ()),
    (
        "--request|-X",
        "text",
        "METHOD",
        "the method, where INPUT is a URL [GET]; where it is a response, FILE, the request that it answers",
        None,
    ),
    ("--header|-H", "many", "'Name: value'", "a header sent with it, where INPUT is a URL; repeatable", ()),
    BODY,
    ORIGIN,
    ("--read-files", "flag", "", "let a curl line's @file be read", False),
)
