"""The frames that cross the pipes between a worker and its analysis processes: a length, and a MessagePack content."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO, Protocol

import msgspec
from msgspec import Struct

from streams.records.outcomes import Dead, Done, Outcome

# The first four bytes of a frame are the length of its content, big-endian.
LENGTH_BYTES = 4


class Ready(Struct, frozen=True):
    """The reply of an analysis process that has loaded its models. `error` says why it could not load them."""

    error: str | None = None


class Source(Protocol):
    """An asynchronous stream of bytes, like `asyncio.StreamReader`."""

    async def readexactly(self, n: int, /) -> bytes:
        """The next `n` bytes."""


_encoder = msgspec.msgpack.Encoder()
_values = msgspec.msgpack.Decoder(list[bytes | None])
_reply = msgspec.msgpack.Decoder(Ready | list[Done | Dead])


def of_values(values: Sequence[bytes | None]) -> bytes:
    """The frame with a batch of record values."""
    return _frame(_encoder.encode(values))


def of_reply(reply: Ready | Sequence[Outcome]) -> bytes:
    """The frame with the reply of an analysis process."""
    return _frame(_encoder.encode(reply))


def read_values(source: BinaryIO) -> list[bytes | None] | None:
    """The record values in the next frame; None at the end of the source."""
    length = source.read(LENGTH_BYTES)
    return _values.decode(source.read(int.from_bytes(length))) if length else None


async def read_reply(source: Source) -> Ready | list[Outcome]:
    """The reply in the next frame. Raises asyncio.IncompleteReadError when the source ends before."""
    length = int.from_bytes(await source.readexactly(LENGTH_BYTES))
    reply: Ready | list[Outcome] = _reply.decode(await source.readexactly(length))
    return reply


def _frame(content: bytes) -> bytes:
    return len(content).to_bytes(LENGTH_BYTES) + content
