"""Which addresses a caller may make this server connect to: those of the public internet, and no others."""

from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_address

# All that is routed on the IPv6 internet. Outside it lie loopback, link-local and private addresses, and every form in
# which an IPv4 address hides that is no tunnel: mapped (::ffff:0:0/96), compatible (::/96), NAT64 (64:ff9b::/96).
_GLOBAL_UNICAST = IPv6Network("2000::/3")

# Protocol assignments and 6to4 relays: some versions of Python count some of these as global.
_SPECIAL = (IPv4Network("192.0.0.0/24"), IPv4Network("192.88.99.0/24"))


def is_public(text: str) -> bool:
    """Whether an address, as a resolver writes it, is one of the public internet."""
    try:
        address = ip_address(text)
    except ValueError:  # a scoped one, `fe80::1%eth0`, among others
        return False
    if isinstance(address, IPv4Address):
        is_special = address.is_multicast or address.is_reserved or any(address in network for network in _SPECIAL)
        return address.is_global and not is_special
    is_tunnel = address.sixtofour is not None or address.teredo is not None
    return address in _GLOBAL_UNICAST and address.is_global and not is_tunnel


def is_address(host: str) -> bool:
    """Whether a host is an address and no name."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
