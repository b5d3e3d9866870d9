"""Does a region set name the regions it says, and no others?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authkit.schemes.region_set import names_region, region_set_fault


@pytest.mark.parametrize("text, region", [
    ("us-east-1", "us-east-1"),
    ("us-east-1,eu-west-1", "eu-west-1"),
    ("us-east-1, eu-west-1", "eu-west-1"),
    ("us-east-1\t,eu-west-1", "us-east-1"),
    ("*", "us-east-1"),
    ("us-*", "us-east-1"),
    ("us-*", "us-"),
    ("*-1", "us-east-1"),
    ("us-*-1", "us-east-1"),
    ("us*east*1", "us-east-1"),
    ("**", "us-east-1"),
    ("us-*-*-1", "us-gov-east-1"),
    ("ap-south-1,*west*", "us-west-2"),
    ("u*a*b*z", "uabaz"),
    ("XUSX", "XUSX"),
])  # fmt: skip
def test_a_region_that_it_names(text: str, region: str) -> None:
    assert region_set_fault(text) is None
    assert names_region(text, region)


@pytest.mark.parametrize("text, region", [
    ("us-east-1", "us-east-2"),
    ("us-east-1", "us-east-11"),
    ("us-east-1", "us-east-"),
    ("us-east-1", "US-EAST-1"),
    ("us-east-1,eu-west-1", "us-west-1"),
    ("us-east-1,eu-west-1", "us-east-1,eu-west-1"),
    ("us-*", "eu-us-1"),
    ("us-*", "us"),
    ("*-1", "us-east-2"),
    ("us-*-1", "us-1"),
    ("us-*-1", "us-1-"),
    ("us-*east*-1", "us-west-1"),
    ("a*b*b*c", "abc"),
    ("aa*aa", "aaa"),
    ("a*b*b", "ab"),
    ("Xus-east-1X", "us-east-1"),
    ("us-east-1\n", "us-east-1"),
    ("a*xy*xy*b", "axyyb"),
    ("u?-east-1", "us-east-1"),
    ("[u]s-east-1", "us-east-1"),
])  # fmt: skip
def test_a_region_that_it_does_not_name(text: str, region: str) -> None:
    assert not names_region(text, region)


@pytest.mark.parametrize("text, fault", [
    ("", "has an empty entry"),
    ("us-east-1,", "has an empty entry"),
    (",us-east-1", "has an empty entry"),
    ("us-east-1, ,us-west-2", "has an empty entry"),
    ("us east 1", "has an entry that holds a character that is not a letter, digit, '.', '_' or '-'"),
    ("us-east-1;us-west-2", "has an entry that holds a character that is not a letter, digit, '.', '_' or '-'"),
    ("us/east", "has an entry that holds a character that is not a letter, digit, '.', '_' or '-'"),
    ("u?-east-1", "has an entry that holds a character that is not a letter, digit, '.', '_' or '-'"),
    ("us-east-1\n", "has an entry that holds a character that is not a letter, digit, '.', '_' or '-'"),
    ("\n", "has an entry that holds a character that is not a letter, digit, '.', '_' or '-'"),
    ("X" * 65, "has an entry that is not 1 to 64 characters"),
    ("x" * 65, "has an entry that is not 1 to 64 characters"),
    (",".join(["us-east-1"] * 103), "is over 1024 characters"),
])  # fmt: skip
def test_what_is_no_region_set(text: str, fault: str) -> None:
    assert region_set_fault(text) == fault


def test_the_longest_region_set() -> None:
    assert region_set_fault("x" * 64) is None
    assert region_set_fault("*" * 64) is None
    assert region_set_fault(",".join(["x" * 15] * 64)) is None
    assert len(",".join(["x" * 15] * 64)) == 1023
    assert region_set_fault(",".join(["x" * 15] * 64) + "x") is None
    assert region_set_fault(",".join(["x" * 15] * 64) + "xx") == "is over 1024 characters"


@given(pattern=st.text("ab*", max_size=8), region=st.text("ab", min_size=1, max_size=8))
def test_wildcards_are_those_of_another_matcher(pattern: str, region: str) -> None:
    import re

    expected = re.fullmatch(pattern.replace("*", ".*"), region) is not None if "**" not in pattern else None
    if expected is not None:
        assert names_region(pattern, region) is expected
