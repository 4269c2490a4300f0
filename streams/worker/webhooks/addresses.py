"""Where a webhook may be sent: the address of a URL's host, unless it lies in a private network.

A URL may name any host, and a host may resolve to any address, at every moment to another one. So Telex resolves the
name itself for each request, checks every address, and connects to an address that it has checked.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Any

# Threads that resolve names. A look-up that hangs keeps its thread for half a minute, and must not delay the others.
_resolvers = ThreadPoolExecutor(100, "resolver")


class RefusedError(Exception):
    """The URL must not be used. The message says why, in a clause."""


async def address_of(host: str, port: int, *, allow_private: bool) -> str:
    """An address of a host.

    Args:
        host: a name or an address.
        port: the port.
        allow_private: whether the address may be a private or local one.

    Raises:
        RefusedError: one of the addresses is not allowed.
        OSError: the name cannot be resolved.
    """
    found = await asyncio.get_running_loop().run_in_executor(_resolvers, _resolve, host, port)
    addresses = [str(sockaddr[0]) for *_, sockaddr in found]
    if not allow_private:
        for address in addresses:
            if not is_public(address):
                raise RefusedError(
                    f"{host} has the address {address}, which is not public: TELEX_WEBHOOK_ALLOW_PRIVATE allows that"
                )
    return addresses[0]


def _resolve(host: str, port: int) -> list[Any]:
    return list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))


def is_public(address: str) -> bool:
    """Whether an address is one of the public internet."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(parsed, ipaddress.IPv6Address):
        # An address of IPv4 in one of IPv6: mapped, by 6to4, or behind NAT64 (RFC 6052).
        within = parsed.ipv4_mapped or parsed.sixtofour or _behind_nat64(parsed)
        if within:
            return is_public(str(within))
    return parsed.is_global and not parsed.is_multicast and not parsed.is_reserved


def _behind_nat64(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if address in ipaddress.IPv6Network("64:ff9b::/96"):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return None
