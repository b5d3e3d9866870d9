"""What do commands put into a token, and take from it?"""

import os

from authkit import clock, files
from authkit.commands import _made, _schemes
from authkit.errors import InputError, NotFound, Refused, StoreError, UsageError
from authkit.keys.access import AccessKey
from authkit.keys.held import SECRET, SUBKEY, Held, format_held, parse_held
from authkit.keys.token_uri import PREFIX, parse_token_uri
from authkit.keys.whole import is_whole
from authkit.stores.base import check_name
from authkit.stores.pkcs11 import open_token
from authkit.stores.token_mac import TokenKey
from authkit.ui import progress, prompt, render
from authkit.ui.printable import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.certs.authority import Authority
    from authkit.commands._quick import Given
    from authkit.keys.pair import KeyPair
    from authkit.keys.prove import PrivateKey
    from authkit.keys.subkeys import SubkeyFile
    from authkit.stores.pkcs11 import Found, Token
    from authkit.stores.token_pair import TokenEc, TokenEd25519, TokenRsa

    Handle = TokenEc | TokenEd25519 | TokenRsa

PIN_FILE = "AUTHKIT_PIN_FILE"
MODULE = "AUTHKIT_PKCS11_MODULE"
_LIMIT = 4096
_OUTSIDE = "what was outside of it once is never called NEVER_EXTRACTABLE"


def ask_pin(token: "Token", tried: bool) -> bytes:
    """Return the PIN of a token: from the file of its URI, else of $AUTHKIT_PIN_FILE, else typed.

    Args:
        tried: whether a wrong PIN was tried last; then one in a file may be that one, and is not tried again.

    Raises:
        InputError: if the file is empty.
        Refused: if it is open to others, or there is no terminal to ask on.
        StoreError: if a wrong PIN was tried last, and this one is in a file.
    """
    from authkit.unlock.passphrase import without_line_end

    path = token.uri.pin_source or os.environ.get(PIN_FILE)
    if not path:
        if tried:
            render.warn(f"the PIN tried last on the token {token.label} was wrong, and some more lock it")
        return prompt.ask_secret(f"PIN of the token {printable(token.label)}:", f"name a file in ${PIN_FILE}", "PIN")
    if tried:
        raise StoreError(
            f"the PIN tried last on the token {token.label} was wrong, so the one in {path} is not tried",
            "type it once on the terminal, without the file",
        )
    pin = without_line_end(files.read_private(path, _LIMIT, "PIN file"))
    if not pin:
        raise InputError(f"the PIN file {path} is empty")
    return pin


def open_for(text: str, *, writing: bool = True, named: bool = False) -> "Token":
    """Return the token that --token names, logged in.

    Args:
        writing: whether something will be put in or taken away.
        named: whether the URI may name an object.

    Raises:
        InputError, Refused, StoreError, UsageError: as the URI, the PIN and the token have it.
    """
    if not text.startswith(PREFIX):
        raise UsageError(f"--token {text!r} is not a pkcs11: URI", "e.g. --token 'pkcs11:token=NAME'")
    uri = parse_token_uri(text)
    if uri.names_object() and not named:
        raise UsageError("--token names the token alone, without object= and id=", "the key's name is NAME")
    token = open_token(uri, os.environ.get(MODULE) or None)
    token.login(ask_pin, writing=writing)
    return token


def refuse_beside(given: "Given", *options: str) -> None:
    """Raise UsageError for the first of *options* that is given beside --token."""
    for name in options:
        if getattr(given, name.replace("-", "_"), None):
            raise UsageError(f"--{name} does not go with --token")


def keep_secret(name: str, key: "_made.Made", given: "Given") -> None:
    """Put an access key into a token: its scheme's prefix and its secret as one key, which never comes out.

    Raises:
        Refused: if it is a key pair, has a session token, no scheme or is a SigV4a key; or the name is taken.
    """
    if not isinstance(key, AccessKey):
        hint = "make it in the token instead: authkit keygen NAME --type p256 --token URI"
        raise Refused("a key pair that was outside of the token is not put into it", hint)
    if key.session_token is not None:
        raise Refused("a token has no place for a session token", "import the access key that the session came from")
    if is_whole(key):
        raise Refused(f"the key of {key.access_key_id} is SigV4a's, which a token does not make HMACs with")
    if key.scheme is None:
        raise Refused(
            "a key in a token is for one scheme, and this one is for any", "say which with --scheme, e.g. sigv4"
        )
    chain = _schemes.chains().get(key.scheme)
    prefix = b"" if chain is None else chain.prefix
    held = Held(SECRET, key.access_key_id, key.scheme, prefix=prefix, use=key.use)
    token = open_for(given.token)
    token.require_free(check_name(name))
    found = token.put_secret(name, format_held(held), prefix + key.secret.reveal())
    render.note(f"stored as {name} in the token {token.label}; {_OUTSIDE}")
    _report(token, [found], given)


def put_subkeys(token: "Token", name: str, file: "SubkeyFile") -> "list[Found]":
    """Put the keys of a subkey file into a token, one object each, beside those of the same name that are there.

    Returns:
        those of the file, in the file's order; a key that was there already stays as it is.

    Raises:
        Refused: if they are of a session, another key has the name, or another key is there for one of the scopes.
        StoreError: as the token has it; then none of them was put in.
    """
    if file.subkeys[0].session_token is not None:
        raise Refused("a token has no place for a session token", "keep these subkeys in the store")
    there = {one.id: one for one in token.named(name)}
    for id in there:
        held = parse_held(id)
        if held is None or (held.kind, held.access_key_id, held.label) != (
            SUBKEY,
            file.access_key_id,
            file.chain.label,
        ):
            raise Refused(f"there is another key named {name} in the token {token.label}", "choose another name")
    found: "list[Found]" = []
    made: "list[Found]" = []
    try:
        for one in progress.tracked(file.subkeys, len(file.subkeys), "keys"):
            id = format_held(Held(SUBKEY, file.access_key_id, file.chain.label, scope=str(one.scope)))
            if id in there:
                if TokenKey(token, there[id].handle, name) != one.key:
                    raise Refused(f"{name} in the token {token.label} has another key for {one.scope}")
                found.append(there[id])
            else:
                found.append(token.put_secret(name, id, one.key.reveal()))
                made.append(found[-1])
    except (Refused, StoreError):
        for new in made:
            token.destroy(new)
        raise
    return found


def tell_subkeys(token: "Token", name: str, found: "list[Found]", given: "Given") -> None:
    """Say what of a subkey file is in a token now."""
    count = f"{len(found):,} keys" if len(found) > 1 else "1 key"
    render.note(f"stored as {name} in the token {token.label}: {count}; {_OUTSIDE}")
    _report(token, found, given)


def generate(given: "Given") -> None:
    """Make a key pair in a token, or the secret of an access key where its scheme puts nothing before it.

    Raises:
        Refused: if the scheme's key begins with a text, so that it cannot be made in the token (S12).
    """
    if given.type != "access-key":
        token = open_for(given.token)
        key = make_pair(token, check_name(given.name), given.type)
        _made.report([_pair_of(key)], given, [given.name])
        render.note(f"made in the token {token.label}, which it never leaves")
        render.note(f"name it with --key {_reference(token, given.name)}")
        return
    from authkit.commands._local import label_of
    from authkit.keys.generate import generate_access_key

    label = label_of(given.scheme or "sigv4")
    chain = _schemes.chains().get(label)
    if chain is not None and chain.prefix:
        raise Refused(
            f"a key of {label} begins with {chain.prefix.decode('ascii', 'replace')!r}, so no token can make one",
            "make it outside, and put it there with authkit import-key --token",
        )
    access_key_id = generate_access_key(os.urandom, given.id_prefix, given.style, given.use, label).access_key_id
    token = open_for(given.token)
    token.require_free(check_name(given.name))
    held = Held(SECRET, access_key_id, label, use=given.use)
    found = token.make_secret(given.name, format_held(held))
    render.note(f"made as {given.name} in the token {token.label}, which its secret never leaves")
    _report(token, [found], given)


def make_pair(token: "Token", name: str, type: str) -> "Handle":
    """Return a new key pair of a token.

    Raises:
        Refused: if the name is taken.
        StoreError: if the token cannot make one of this type.
    """
    from authkit.stores.token_pair import pair_of

    token.require_free(name)
    found = token.make_pair(name, os.urandom(20), type)
    try:
        return pair_of(token, found)
    except (NotFound, StoreError):
        token.destroy(found)
        raise


def handle_of(text: str) -> "Handle":
    """Return the one private key that a pkcs11: URI names.

    Raises:
        NotFound: if there is none.
        UsageError: if there are several.
    """
    from authkit.stores.token_pair import pair_of

    token = open_for(text, writing=False, named=True)
    found = [one for one in token.keys(token.uri) if one.type == "private"]
    if not found:
        raise NotFound(f"no such private key in the token {token.label}")
    if len(found) > 1:
        names = ", ".join(sorted({one.name for one in found})[:5])
        raise UsageError(f"the URI names {len(found)} private keys", f"add object=NAME or id=: {names}")
    return pair_of(token, found[0])


def attach(authority: "Authority", data: bytes) -> None:
    """Give a CA its key, which is in a token.

    Args:
        data: what its entry in the store holds: the URI.

    Raises:
        StoreError: if the key in the token is not the one of its certificate.
    """
    from authkit.certs.subject_key import fingerprint_of_key

    key = handle_of(data.decode("utf-8"))
    if fingerprint_of_key(key.public_key()) != fingerprint_of_key(authority.certificate.public_key()):
        raise StoreError(f"the key of the CA {authority.name} in its token is not the one of its certificate")
    authority.private_key = key


def private_key_of(data: bytes, what: str) -> "PrivateKey":
    """Return the private key that a store's entry names by a pkcs11: URI."""
    from authkit.keys.prove import wrap_private

    return wrap_private(handle_of(data.decode("utf-8")), what)


def list_keys(given: "Given") -> None:
    """List the keys of a token."""
    token = open_for(given.token, writing=False, named=True)
    found = token.keys(token.uri)
    if given.json:
        render.write_json({"schema": "authkit.keys/v1", "keys": [_facts(token, one) for one in found]})
        return
    if not found:
        render.note(f"the token {token.label} holds no key")
        return
    rows = [_row(_facts(token, one)) for one in found]
    render.write(render.table(("NAME", "KIND", "ID", "GOOD FOR", "STATE"), rows))


def delete(given: "Given") -> None:
    """Destroy all keys of a name in a token."""
    token = open_for(given.token)
    found = token.named(given.name)
    if not found:
        raise NotFound(f"no key named {given.name} in the token {token.label}")
    if not given.yes:
        told = f"destroy {given.name} in the token {printable(token.label)} for good; type its name:"
        prompt.confirm_typed(told, given.name, "add --yes")
    for one in found:
        token.destroy(one)
    if given.json:
        render.write_json({"schema": "authkit.deleted/v1", "name": given.name})


def _report(token: "Token", found: "list[Found]", given: "Given") -> None:
    if given.json:
        render.write_json({"schema": "authkit.keys/v1", "keys": [_facts(token, one) for one in found]})
        return
    held = parse_held(found[0].id)
    assert held is not None
    render.write(f"{held.access_key_id}\n")
    render.note(f"name it with --key {_reference(token, found[0].name)}")


def _reference(token: "Token", name: str) -> str:
    """Return what --key takes, without what the environment says."""
    from authkit.keys.token_uri import TokenUri

    uri = token.uri
    return f"'{TokenUri({**uri.parts, 'object': name}, None, uri.module_path, uri.pin_source, uri.init)}'"


def _facts(token: "Token", found: "Found") -> "dict[str, object]":
    """Return what is said of a key, for programs."""
    facts: "dict[str, object]" = {"name": found.name, "token": token.label}
    held = parse_held(found.id)
    if found.type == "private":
        facts |= {"kind": "key-pair", "id": found.id.hex(), **_pair_facts(token, found)}
    elif held is None:
        facts |= {"kind": "unknown", "id": found.id.hex()}
    elif held.kind == SUBKEY:
        facts |= {"kind": "subkeys", "access_key_id": held.access_key_id, "scheme": held.label, "scope": held.scope}
        facts |= _window(held)
    else:
        facts |= {"kind": "access-key", "access_key_id": held.access_key_id, "scheme": held.label}
        facts |= {"use": held.use} if held.use is not None else {}
    names = ("sensitive", "extractable", "never_extractable")
    return {**facts, **{name: getattr(found, name) for name in names}}


def _window(held: Held) -> "dict[str, object]":
    """Return until when a subkey signs and is dangerous; nothing where its scheme is not known here."""
    from authkit.keys.window import window_of

    try:
        window = window_of(held.read_scope(_schemes.chains(), held.access_key_id), None)
    except InputError:
        return {}
    return {"dangerous_until": clock.format_instant(window.dangerous_until)}


def _pair_facts(token: "Token", found: "Found") -> "dict[str, object]":
    from authkit.stores.token_pair import pair_of

    try:
        pair = _pair_of(pair_of(token, found))
    except (NotFound, StoreError) as error:
        return {"error": error.message}
    return {"type": pair.type, "fingerprint": pair.fingerprint, "public_key": pair.public_pem}


def _row(facts: "dict[str, object]") -> "tuple[str, ...]":
    kind = str(facts["kind"])
    id = str(facts.get("access_key_id") or facts.get("fingerprint", facts.get("id")))
    good_for = facts.get("scope") or facts.get("type") or ("derives only" if "use" in facts else facts.get("scheme"))
    state = "never outside" if facts["never_extractable"] else "was outside once"
    if facts["extractable"] or not facts["sensitive"]:
        state = "can be taken out"
    if "dangerous_until" in facts:
        state += f"; dangerous until {facts['dangerous_until']}"
    return (
        str(facts["name"]),
        kind,
        id if kind == "access-key" or kind == "subkeys" else id[:16],
        str(good_for or ""),
        state,
    )


def _pair_of(key: "Handle") -> "KeyPair":
    """Return the public half of a key as what is said of new key pairs."""
    from authkit.keys.pair import describe_public

    return describe_public(key.public_key())
