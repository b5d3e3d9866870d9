"""Does authkit read shares as SLIP-39's own vectors have it?

`slip39.json` is the published list.  Its secrets are under the passphrase TREZOR, which authkit never uses: what the
shares give before the passphrase is compared through the library's own cipher.  Shares in several groups, which authkit
does not make, are refused by `combine`, and compared one step below it.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from authkit.ceremony import shares
from authkit.errors import AuthkitError, InputError, Refused

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "slip39.json").read_text())["cases"]
APART = "share 1 and share 2 were not split together"
NONE = "share 1: not a share of SLIP-39"
CHECKSUM = "share 1: its words do not fit its checksum, so one is mistyped"
# the sixteen kinds of fault, which the list has for 128 and for 256 bits
FAULTS: "dict[int, tuple[type[AuthkitError], str]]" = {
    2: (InputError, CHECKSUM),
    3: (InputError, NONE),
    5: (Refused, "1 of the 2 shares that are needed: one more is missing"),
    6: (Refused, "of the set 'adequate smoking' and share 2 of 'adequate stay'"),
    7: (Refused, "of the set 'peasant leaves' and share 2 of 'peasant leader'"),
    8: (Refused, "share 1 and share 3 were not split together"),
    9: (Refused, APART),
    10: (InputError, NONE),
    11: (Refused, "share 1 and share 2 are both share 3"),
    12: (Refused, APART),
    13: (Refused, "the shares do not fit together: share 1, share 2"),
    14: (Refused, "the shares do not fit together: share 1"),
    15: (Refused, "the shares do not fit together: share 1, share 2"),
    16: (Refused, APART),
    21: (InputError, CHECKSUM),
    22: (InputError, NONE),
    24: (Refused, "1 of the 2 shares that are needed: one more is missing"),
    25: (Refused, "of the set 'smear husband' and share 2 of 'smear isolate'"),
    26: (Refused, "of the set 'finger trash' and share 2 of 'finger traffic'"),
    27: (Refused, "share 1 and share 3 were not split together"),
    28: (Refused, APART),
    29: (InputError, NONE),
    30: (Refused, "share 1 and share 2 are both share 3"),
    31: (Refused, APART),
    32: (Refused, "the shares do not fit together: share 1, share 2"),
    33: (Refused, "the shares do not fit together: share 1"),
    34: (Refused, "the shares do not fit together: share 1, share 2"),
    35: (Refused, APART),
    39: (InputError, NONE),
    40: (InputError, NONE),
}
IN_GROUPS = (17, 18, 19, 36, 37, 38)


def parsed(case: dict[str, Any]) -> list[shares.Share]:
    return [shares.parse_share(words, f"share {number}") for number, words in enumerate(case["mnemonics"], 1)]


def number_of(case: dict[str, Any]) -> int:
    return int(case["name"].partition(".")[0])


def test_no_vector_is_left_out() -> None:
    assert [number_of(case) for case in CASES] == list(range(1, 46))
    assert {number_of(case) for case in CASES if not case["secret"]} == set(FAULTS)


@pytest.mark.parametrize("case", [one for one in CASES if one["secret"]], ids=number_of)
def test_shares_give_the_published_secret(case: dict[str, Any]) -> None:
    found = parsed(case)
    assert shares._recover(found).decrypt(b"TREZOR").hex() == case["secret"]
    if number_of(case) in IN_GROUPS:
        with pytest.raises(Refused, match=APART):
            shares.combine(found)
    else:
        assert shares.combine(found) == shares._recover(found).decrypt(b"")


@pytest.mark.parametrize("case", [one for one in CASES if not one["secret"]], ids=number_of)
def test_a_fault_is_named(case: dict[str, Any]) -> None:
    kind, told = FAULTS[number_of(case)]
    with pytest.raises(kind) as caught:
        shares.combine(parsed(case))
    assert told in caught.value.message
