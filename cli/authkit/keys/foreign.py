"""Which access key stands in a file that another tool wrote?"""

from datetime import datetime

from authkit.clock import UTC
from authkit.errors import InputError, UsageError
from authkit.keys.access import AccessKey, check_id, check_secret
from authkit.secret import Secret


def load_csv(data: bytes, what: str) -> AccessKey:
    """Read the accessKeys.csv that the AWS console hands out.

    Raises:
        InputError: if it is not one header line and one key.
    """
    import csv

    try:
        rows = [row for row in csv.reader(_text(data, what).lstrip("\ufeff").splitlines()) if row]
    except csv.Error:
        raise InputError(f"{what}: not CSV") from None
    if len(rows) != 2 or len(rows[0]) != len(rows[1]):
        raise InputError(f"{what}: not one header line and one key")
    found = {name.strip().lower(): value.strip() for name, value in zip(rows[0], rows[1])}
    if "access key id" not in found or "secret access key" not in found:
        raise InputError(f"{what}: no columns 'Access key ID' and 'Secret access key'")
    return AccessKey(check_id(found["access key id"], what), check_secret(found["secret access key"], what))


def load_sts(data: bytes, what: str) -> AccessKey:
    """Read the JSON that STS, IAM Roles Anywhere, `aws configure export-credentials` or a credential process gives.

    Raises:
        InputError: if a member is missing or wrong.
    """
    import json

    try:
        top = json.loads(_text(data, what))
    except (ValueError, RecursionError):
        raise InputError(f"{what}: not JSON") from None
    found = _session_of(top) if isinstance(top, dict) else None
    if not isinstance(found, dict) or not all(
        isinstance(found.get(name), str) for name in ("AccessKeyId", "SecretAccessKey")
    ):
        raise InputError(f"{what}: no members 'AccessKeyId' and 'SecretAccessKey'")
    token, ends = found.get("SessionToken"), found.get("Expiration")
    if token is not None and not isinstance(token, str):
        raise InputError(f"{what}: member 'SessionToken' is not text")
    return AccessKey(
        check_id(found["AccessKeyId"], what),
        check_secret(found["SecretAccessKey"], what),
        session_token=_token(token, what) if token else None,
        expires_at=_expiration(ends, what) if token and ends is not None else None,
    )


def _session_of(top: "dict[str, object]") -> object:
    """Return the members of one key, by the names that STS has for them."""
    sets = top.get("credentialSet")
    if not isinstance(sets, list) or len(sets) != 1 or not isinstance(sets[0], dict):
        return top.get("Credentials", top.get("AccessKey", top))
    found = sets[0].get("credentials")
    return {name[:1].upper() + name[1:]: value for name, value in found.items()} if isinstance(found, dict) else None


def load_profile(data: bytes, profile: str, what: str) -> AccessKey:
    """Read one profile of AWS's shared credentials file.

    Raises:
        InputError: if the file is not in INI form, or the profile has no static key.
        UsageError: if there is no such profile.
    """
    sections = _sections(data, what)
    found = sections.get(profile, sections.get(f"profile {profile}"))
    if found is None:
        raise UsageError(f"{what}: no profile {profile!r}", f"there is {', '.join(sections) or 'none'}")
    if "aws_access_key_id" not in found or "aws_secret_access_key" not in found:
        raise InputError(f"{what}: profile {profile!r} has no aws_access_key_id and aws_secret_access_key")
    token = found.get("aws_session_token")
    return AccessKey(
        check_id(found["aws_access_key_id"], what),
        check_secret(found["aws_secret_access_key"], what),
        session_token=_token(token, what) if token else None,
    )


def only_profile(data: bytes, what: str) -> str:
    """Return the profile to read where none was named: "default", or the only one.

    Raises:
        InputError: if the file is not in INI form.
        UsageError: if there are several and none is "default".
    """
    names = [name.removeprefix("profile ") for name in _sections(data, what)]
    if "default" in names or len(names) == 1:
        return "default" if "default" in names else names[0]
    raise UsageError(f"{what} has {len(names)} profiles", f"say which with --profile: {', '.join(names)}")


def _sections(data: bytes, what: str) -> "dict[str, dict[str, str]]":
    """Read AWS's INI: the value is everything behind the first '=', since a secret may hold any character."""
    sections: "dict[str, dict[str, str]]" = {}
    current: "dict[str, str] | None" = None
    for number, line in enumerate(_text(data, what).splitlines(), 1):
        if not line.strip() or line[0] in "#; \t":
            continue
        if line.startswith("["):
            name, end, _ = line[1:].partition("]")
            if not end:
                raise InputError(f"{what}: line {number}: '[' without ']'")
            current = sections.setdefault(name.strip(), {})
            continue
        name, mark, value = line.partition("=")
        if not mark or current is None:
            raise InputError(f"{what}: line {number}: expected 'name = value' in a [profile]")
        current[name.strip().lower()] = value.strip()
    return sections


def _text(data: bytes, what: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{what}: not UTF-8 at byte {error.start}") from None


def _token(text: str, what: str) -> Secret:
    if not (text.isascii() and text.isprintable()) or " " in text:
        raise InputError(f"{what}: the session token is not printable ASCII without spaces")
    return Secret(text.encode("ascii"))


def _expiration(text: object, what: str) -> datetime:
    try:
        at = datetime.fromisoformat(str(text))
        if at.tzinfo is None:
            raise InputError(f"{what}: member 'Expiration' has no offset from UTC")
        return at.astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError):
        raise InputError(f"{what}: member 'Expiration' is not an instant") from None
