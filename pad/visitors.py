"""Tell visitors apart by their addresses."""

import ipaddress

#: Bits of an IPv6 address that one household or server has to itself: it may use any address beyond them.
SUBNET_BITS = 64


def visitor_of(client: tuple[str, int] | None) -> str:
    """Return the name under which a client's share of the limits is counted: its address, or its IPv6 subnet."""
    address = client[0] if client else ""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if parsed.version == 4:
        return address
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, SUBNET_BITS), strict=False))
