"""The addresses that a feed may make Telex connect to, and how messages name them.

Links and redirects come from whoever writes a feed. Without a check a feed could read servers behind the firewall, or
the metadata service of a cloud (OWASP: server-side request forgery).
"""

from __future__ import annotations

import asyncio
import re
import socket
from urllib.request import getproxies, proxy_bypass

import httpx

from streams.errors import FeedError
from streams.system.public_address import is_public

_USER = re.compile(r"//[^/?#]*@")
_SHOWN_CHARACTERS = 200


def shown(url: str) -> str:
    """The URL as messages name it: without user, password and query, which may be secret."""
    address, query, _ = without_user(url).partition("?")
    return address[:_SHOWN_CHARACTERS] + ("?…" if query else "")


def without_user(url: str) -> str:
    """The URL without user and password."""
    return _USER.sub("//", url, count=1)


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
