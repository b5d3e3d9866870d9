"""Google's own libraries, in their own environment: JSON lines of cases in, JSON lines of what they say out."""

import json
import sys

from google.auth import crypt
from google.cloud.storage._signing import generate_signed_url_v4
from google.oauth2.service_account import Credentials

credentials = Credentials.from_service_account_file(sys.argv[1])
verifier = crypt.RSAVerifier.from_string(open(sys.argv[2]).read())  # noqa: SIM115 - the process ends at once
for line in sys.stdin:
    case = json.loads(line)
    if "signature" in case:
        answer = verifier.verify(case["text"].encode(), bytes.fromhex(case["signature"]))
    else:
        answer = generate_signed_url_v4(
            credentials,
            case["resource"],
            case["expiration"],
            api_access_endpoint=case["endpoint"],
            method=case["method"],
            headers=dict(case["headers"]),
            query_parameters=dict(case["query"]),
            _request_timestamp=case["stamp"],
        )
    print(json.dumps(answer))
