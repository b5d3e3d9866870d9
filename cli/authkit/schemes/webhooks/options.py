"""Which options does a kind of webhook have?"""

from authkit.schemes.options import SCHEME_OVERRIDE

ID = ("--id", "text", "ID", "the identifier of the webhook, where its format has one [random]", None)
TOLERANCE = ("--tolerance", "int", "S", "seconds that a webhook may be old or early, 0 to 900 [300]", None)

SIGN_OPTIONS = (ID, SCHEME_OVERRIDE)
VERIFY_OPTIONS = (TOLERANCE, SCHEME_OVERRIDE)
