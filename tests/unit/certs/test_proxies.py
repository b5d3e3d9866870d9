"""Is a header found by its name, and is all that is known of it told?"""

import pytest

from authkit.certs.proxies import NO, UNKNOWN, YES, Row, look_up

MODE = "whether anyone verified it depends on how the proxy is set up"


def test_a_row() -> None:
    row = Row("a proxy", NO, "nothing is verified")
    assert (row.proxy, row.verified, row.sentence) == ("a proxy", "no", "nothing is verified")


@pytest.mark.parametrize("spelling", ["X-Other_Name", "x_other_name", "X.OTHER.NAME"])
def test_a_name_that_is_not_known(spelling: str) -> None:
    name, row = look_up(spelling)
    assert name == "x-other-name"
    assert (row.proxy, row.verified, row.sentence) == ("not known from the header's name", UNKNOWN, MODE)


def test_a_name_that_only_verified_certificates_are_sent_under() -> None:
    name, row = look_up("x_amzn_mtls_clientcert_leaf")
    assert name == "X-Amzn-Mtls-Clientcert-Leaf"
    assert (row.proxy, row.verified) == ("AWS Application Load Balancer, verify mode", YES)
    assert row.sentence == "in verify mode only certificates that it verified are forwarded"
