"""The addresses that a feed may make Telex connect to, and how messages name them.

Links and redirects come from whoever writes a feed. Without a check a feed could read servers behind the firewall, or
the metadata service of a cloud (OWASP: server-side request forgery).
"""

from __future__ import annotations

import asyncio
import re
import socket
from ipaddress import IPv6Address, IPv6Network, ip_address
from urllib.request import getproxies, proxy_bypass

import httpx

from streams.errors import FeedError

# Addresses of IPv4 that a gateway translates: RFC 6052, section 2.1.
_TRANSLATED = IPv6Network("64:ff9b::/96")
_USER = re.compile(r"//[^/?#]*@")
_SHOWN_CHARACTERS = 200


def shown(url: str) -> str:
    """The URL as messages name it: without user, password and query, which may be secret."""
    address, query, _ = without_user(url).partition("?")
    return address[:_SHOWN_CHARACTERS] + ("?…" if query else "")


def without_user(url: str) -> str:
    """The URL without user and password."""
    return _USER.sub("//", url, count=1)


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet."""
    ip = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address) and (ip.ipv4_mapped or ip in _TRANSLATED):
        ip = ip_address(int(ip) & 0xFFFFFFFF)
    return ip.is_global


def is_proxied(url: httpx.URL) -> bool:
    """Whether requests go through a proxy of the environment, which then resolves the name and connects."""
    proxies = getproxies()
    return bool(proxies.get(url.scheme) or proxies.get("all")) and not proxy_bypass(url.host)


async def require_public(url: httpx.URL) -> None:
    """Raises FeedError where the name of the host means an address in a private network."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(url.host, url.port, type=socket.SOCK_STREAM)
    except OSError:
        return  # the request fails with the reason, or a proxy knows the name
    except UnicodeError:
        raise FeedError(f"{shown(str(url))} has no valid host name: it is not read.", lasting=True) from None
    if not all(is_public(str(address[0])) for *_, address in found):
        raise private(url)


def private(url: httpx.URL) -> FeedError:
    """The error for an address in a private network."""
    return FeedError(
        f"{shown(str(url))} is in a private network, and a feed outside of it leads there: it is not read.",
        lasting=True,
    )
