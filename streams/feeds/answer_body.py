"""The body of an answer, unpacked, with a limit on its size."""

from __future__ import annotations

import zlib

import httpx

from streams.errors import FeedError
from streams.feeds.addresses import shown

_GZIP, _GZIP_WINDOW_BITS = b"\x1f\x8b", 31


async def read_body(response: httpx.Response, max_bytes: int) -> bytes:
    """Read and unpack the body of an answer.

    httpx unpacks a part of an answer in one piece, whatever its size becomes. So this reads the bytes as they come.

    Raises:
        FeedError: it has more than `max_bytes`, packed or unpacked, is damaged, or is packed with something else than
            gzip.
    """
    name = shown(str(response.url))
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in ("", "identity", "gzip", "x-gzip"):
        raise FeedError(f"{name} is packed with {encoding!r}, which Telex did not ask for.", lasting=True)
    received = bytearray()
    async for part in response.aiter_raw():
        received += part
        if len(received) > max_bytes:
            raise _too_large(name, max_bytes)
    # Not by the header: servers declare gzip where there is none, and the reverse.
    return _unpacked(bytes(received), name, max_bytes) if received.startswith(_GZIP) else bytes(received)


def _unpacked(packed: bytes, name: str, max_bytes: int) -> bytes:
    body = bytearray()
    while packed.startswith(_GZIP):  # gzip allows several members
        member = zlib.decompressobj(_GZIP_WINDOW_BITS)
        try:
            body += member.decompress(packed, max_bytes + 1 - len(body))
        except zlib.error as error:
            raise FeedError(f"{name} is damaged ({error}): try again later.") from None
        if len(body) > max_bytes:
            raise _too_large(name, max_bytes)
        if not member.eof:
            raise FeedError(f"{name} ends too early: try again later.")
        packed = member.unused_data
    return bytes(body)


def _too_large(name: str, max_bytes: int) -> FeedError:
    return FeedError(f"{name} has more than {max_bytes:,} bytes: it is not read.", lasting=True)
