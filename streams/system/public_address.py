"""Whether an IP address is one of the public internet."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

# Addresses of IPv4 that a gateway translates: RFC 6052, section 2.1.
_TRANSLATED = IPv6Network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """Whether an IP address is public: not one of this machine, of a private network, of the link or of a group."""
    parsed = ip_address(address.partition("%")[0])
    within = _within(parsed) if isinstance(parsed, IPv6Address) else None
    if within:
        return is_public(str(within))
    return parsed.is_global and not parsed.is_multicast and not parsed.is_reserved


def _within(address: IPv6Address) -> IPv4Address | None:
    """The address of IPv4 in one of IPv6: mapped, by 6to4, or translated."""
    if address in _TRANSLATED:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour
