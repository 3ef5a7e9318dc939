import pytest

from pad.visitors import visitor_of


@pytest.mark.parametrize("address", ["127.0.0.1", "unix:/run/pad", ""])
def test_other_addresses_than_ipv6_are_visitors(address):
    assert visitor_of((address, 1)) == address
    assert visitor_of((address, 1)) == visitor_of((address, 2))


def test_client_without_an_address_is_a_visitor():
    assert visitor_of(None) == ""


def test_addresses_of_one_ipv6_subnet_are_one_visitor():
    first, second, other = (visitor_of((f"2001:db8:0:{end}", 1)) for end in ("1::1", "1:ffff::2", "2::1"))
    assert first == second == "2001:db8:0:1::/64"
    assert other != first


def test_ipv4_address_within_ipv6_is_that_address():
    assert visitor_of(("::ffff:192.0.2.1", 1)) == "192.0.2.1"
    assert visitor_of(("fe80::1%eth0", 1)) == "fe80::/64"
