"""Where a webhook may be sent: the address of a URL's host, unless it lies in a private network.

A URL may name any host, and a host may resolve to any address, at every moment to another one. So Telex resolves the
name itself for each request, checks every address, and connects to an address that it has checked.
"""

from __future__ import annotations

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from streams.system.public_address import is_public

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
