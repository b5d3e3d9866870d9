"""Upload forms of Google Cloud Storage, signed with a service account's RSA key."""

from authkit.schemes.forms.kinds import Kind
from authkit.schemes.forms.names import Fields
from authkit.schemes.forms.scheme import scheme_for
from authkit.schemes.goog4_form import REGION, SERVICE, url
from authkit.schemes.goog4_rsa import ROW, choose, credential_for

KIND = Kind("goog4-rsa", ROW.chain, Fields(ROW, SERVICE, REGION, None), credential_for, choose, url)
SCHEME = scheme_for(KIND)
