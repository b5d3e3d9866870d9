"""Which options does a kind of webhook have?"""

from authkit.schemes.options import SCHEME_OVERRIDE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.schemes.base import Scheme

ID = ("--id", "text", "ID", "the identifier of the webhook, where its format has one [random]", None)
TOLERANCE = ("--tolerance", "int", "S", "seconds that a webhook may be old or early, 0 to 900 [300]", None)

SIGN_OPTIONS = (ID, SCHEME_OVERRIDE)
# of a format that has no identifier; these two tuples are nobody else's
SIGN_WITHOUT_ID = (SCHEME_OVERRIDE,)
VERIFY_OPTIONS = (TOLERANCE, SCHEME_OVERRIDE)
VERIFY_WITHOUT_TIME = (SCHEME_OVERRIDE,)


def is_webhook(scheme: "Scheme") -> bool:
    """Say whether a scheme is a kind of webhook."""
    return scheme.sign_options is SIGN_OPTIONS or scheme.sign_options is SIGN_WITHOUT_ID
