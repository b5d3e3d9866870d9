"""The tables of what authkit has: one row for each command and each kind of key reference."""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

GROUPS = {
    "keys": "Keys and subkeys",
    "airgap": "The air gap",
    "signing": "Signing and verifying",
    "certificates": "Client certificates",
    "other": "Other",
}

# name -> (group, summary); the file is commands/<name, - and space as _>.py
COMMANDS = {
    "keygen": ("keys", "generate an access key or a key pair"),
    "derive-subkey": ("keys", "export signing keys, or wider ones by name, from a master or a wider subkey"),
    "inspect-subkey": ("keys", "show what a subkey file allows, and until when it is dangerous"),
    "import-key": ("keys", "put a key from elsewhere into the store"),
    "import-subkey": ("keys", "put a subkey file into the store"),
    "list-keys": ("keys", "list what the store holds"),
    "export-key": ("keys", "write a stored key to a file or a pipe"),
    "delete-key": ("keys", "delete a key from the store"),
    "show-identity": ("airgap", "show who we are: recipient, signing key and words to compare"),
    "trust-requester": ("airgap", "enrol who may ask for subkeys, and for which"),
    "trust-issuer": ("airgap", "enrol whose subkeys are taken in"),
    "list-trusted": ("airgap", "list whom we trust, and for what"),
    "request-subkey": ("airgap", "ask the air-gapped machine for subkeys"),
    "approve-subkey": ("airgap", "on the air-gapped machine: look at a request and answer it"),
    "request-signature": ("airgap", "ask the air-gapped machine to sign one request"),
    "approve-signature": ("airgap", "on the air-gapped machine: look at one request and sign it"),
    "backup-key": ("airgap", "print a key on paper, whole or in shares"),
    "restore-key": ("airgap", "bring a key back from paper or shares"),
    "show-ledger": ("airgap", "show what was asked for, approved and taken in"),
    "verify-ledger": ("airgap", "decide whether a ledger is whole"),
    "sign curl": ("signing", "sign what a curl command line would send"),
    "sign http": ("signing", "sign a raw HTTP/1.1 request"),
    "sign url": ("signing", "make a presigned URL"),
    "sign batch": ("signing", "sign many requests, one JSON object a line"),
    "sign form": ("signing", "sign an upload form"),
    "sign webhook": ("signing", "sign the body of a webhook"),
    "verify-signature": ("signing", "decide whether a signed request is valid, and say why not"),
    "inspect-signature": ("signing", "show every stage of a signature, or why a server refused it"),
    "create-ca": ("certificates", "make a certificate authority, root or intermediate"),
    "issue-cert": ("certificates", "issue a certificate, from a CSR, or one for each row of a table"),
    "create-csr": ("certificates", "make a key and a certificate signing request"),
    "renew-cert": ("certificates", "issue again what runs out"),
    "revoke-cert": ("certificates", "revoke a certificate in the CA's ledger"),
    "issue-crl": ("certificates", "sign the list of what is revoked, or a series of lists in advance"),
    "export-cert": ("certificates", "print a stored certificate or its chain"),
    "export-p12": ("certificates", "pack a key and its certificate into a PKCS#12 file"),
    "list-certs": ("certificates", "list what was issued, and what runs out when"),
    "inspect-cert": ("certificates", "show what a certificate says, works for and leaks; it is never trusted"),
    "verify-cert": ("certificates", "decide whether a certificate is valid for a purpose, and say why not"),
    "completion": ("other", "print the completion script of a shell"),
}

# prefix of --key -> module of references/; a word without one is a name in the store
REFERENCES = {
    "file:": "authkit.references.file",
    "dir:": "authkit.references.directory",
    "env:": "authkit.references.env",
    "aws:": "authkit.references.aws",
    "pkcs11:": "authkit.references.pkcs11",
}


def load(module: str) -> "ModuleType":
    """Import a module that a row names; the only place where a name becomes an import."""
    __import__(module)
    return sys.modules[module]


def load_command(name: str) -> "ModuleType":
    """Import the file of a command of COMMANDS."""
    return load("authkit.commands." + name.replace("-", "_").replace(" ", "_"))
