"""The four-HMAC loop that anyone would write: prints SCOPE HEX for days, regions and services.

Usage: naive.py FIRST-DAY DAYS REGIONS SERVICES, the last two comma-separated; the secret is in $SECRET.
"""

import hmac
import os
import sys
from datetime import date, timedelta


def main() -> None:
    first, count = date.fromisoformat(sys.argv[1]), int(sys.argv[2])
    regions, services = sys.argv[3].split(","), sys.argv[4].split(",")
    secret = b"AWS4" + os.environ["SECRET"].encode()
    for number in range(count):
        day = (first + timedelta(days=number)).strftime("%Y%m%d")
        for region in regions:
            for service in services:
                key = secret
                for part in (day, region, service, "aws4_request"):
                    key = hmac.digest(key, part.encode(), "sha256")
                print(f"{day}/{region}/{service}/aws4_request {key.hex()}")


main()
