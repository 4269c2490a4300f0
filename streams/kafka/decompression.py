"""Unpacking the records of a batch piece by piece: memory does not grow with the size that a few bytes unpack to."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from typing import Any

import cramjam
import lz4.frame
import zstandard

from streams.kafka import snappy

# Kafka's numbers of the codecs: the lowest three bits of a batch's attributes.
NONE, GZIP, SNAPPY, LZ4, ZSTD = range(5)
NAMES = ("none", "gzip", "snappy", "lz4", "zstd")
# Most bytes that one step unpacks.
PIECE_BYTES = 256 * 1024
_GZIP_MAGIC = b"\x1f\x8b"
# zlib's number for "a gzip header and trailer".
_GZIP_WINDOW = 31


class UnpackError(Exception):
    """The bytes cannot be unpacked. `str(error)` is a clause that says why."""


def unpack(codec: int, packed: memoryview, limit: int) -> Iterator[bytes]:
    """The unpacked bytes, in pieces.

    Args:
        codec: Kafka's number of the codec.
        packed: the packed bytes.
        limit: most bytes that one block of snappy may unpack to; such a block cannot be unpacked in parts.

    Raises:
        UnpackError: the codec is not one of Kafka's, or the bytes do not have that codec's format.
    """
    unpackers = {NONE: _plain, GZIP: _gzip, LZ4: _lz4, ZSTD: _zstd}
    if codec not in unpackers and codec != SNAPPY:
        raise UnpackError(f"it names the codec {codec}, which Kafka does not have")
    try:
        yield from _snappy(packed, limit) if codec == SNAPPY else unpackers[codec](packed)
    except UnpackError:
        raise
    except Exception as error:  # each library raises its own type, and cramjam's derives from Exception only
        raise UnpackError(f"it is no {NAMES[codec]} ({' '.join(str(error).split())[:100]})") from None


def _plain(packed: memoryview) -> Iterator[bytes]:
    for at in range(0, len(packed), PIECE_BYTES):
        yield bytes(packed[at : at + PIECE_BYTES])


def _gzip(packed: memoryview) -> Iterator[bytes]:
    """Reads several members in a row, and ignores other bytes after the last one, as Kafka's own clients do."""
    rest: Any = packed
    while len(rest):
        member = zlib.decompressobj(_GZIP_WINDOW)
        yield from _inflate(member, rest)
        if not member.eof:
            raise UnpackError("its gzip ends too early")
        rest = member.unused_data
        if rest[:2] != _GZIP_MAGIC:
            return


def _inflate(member: Any, packed: Any) -> Iterator[bytes]:
    while not member.eof:
        piece = member.decompress(packed, PIECE_BYTES)
        packed = member.unconsumed_tail
        if not piece and not packed:
            return
        yield piece


def _lz4(packed: memoryview) -> Iterator[bytes]:
    frame = lz4.frame.LZ4FrameDecompressor()
    unread: Any = packed
    while not frame.eof:
        piece = frame.decompress(unread, PIECE_BYTES)
        unread = b""
        if not piece and frame.needs_input and not frame.eof:
            raise UnpackError("its lz4 ends too early")
        yield piece


def _zstd(packed: memoryview) -> Iterator[bytes]:
    with zstandard.ZstdDecompressor().stream_reader(io.BytesIO(packed), read_across_frames=True) as frames:
        while piece := frames.read(PIECE_BYTES):
            yield piece


def _snappy(packed: memoryview, limit: int) -> Iterator[bytes]:
    for block in snappy.blocks(packed):
        size = cramjam.snappy.decompress_raw_len(block)
        if size > limit:
            raise UnpackError(f"it unpacks to {size:,} bytes, and {limit:,} is the most")
        yield bytes(cramjam.snappy.decompress_raw(block))
