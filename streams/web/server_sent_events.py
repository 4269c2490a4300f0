"""Events in the form of https://html.spec.whatwg.org/multipage/server-sent-events.html."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

# Events are sent together up to so many bytes, and a larger event in pieces: uvicorn waits for the client between two
# pieces, not within one.
PIECE_BYTES = 64 * 1024


def encode(name: str, data: bytes, identity: str) -> bytes:
    """An event with data on one line, and with an id."""
    return b"event: %b\nid: %b\ndata: %b\n\n" % (name.encode(), identity.encode(), data)


def event(name: str, data: dict[str, Any]) -> bytes:
    """An event without an id. The reader's last id stays."""
    return b"event: %b\ndata: %b\n\n" % (name.encode(), msgspec.json.encode(data))


def position(identity: str) -> bytes:
    """A new last id for the reader. It has data, since a browser shows a page no event without data, nor its id."""
    return encode("position", b"{}", identity)


def retry(milliseconds: int) -> bytes:
    """How long a browser waits until it connects again."""
    return b"retry: %d\n\n" % milliseconds


def pieces(events: Iterable[bytes]) -> Iterator[bytes]:
    """The events in pieces of up to PIECE_BYTES."""
    piece = bytearray()
    for encoded in events:
        if piece and len(piece) + len(encoded) > PIECE_BYTES:
            yield bytes(piece)
            piece.clear()
        for begin in range(0, len(encoded), PIECE_BYTES):
            part = encoded[begin : begin + PIECE_BYTES]
            if len(part) == PIECE_BYTES:
                yield part
            else:
                piece += part
    if piece:
        yield bytes(piece)
