"""The framings of Snappy that Kafka's producers use, and a decoder for both Kafka clients."""

from __future__ import annotations

from collections.abc import Iterator
from struct import unpack_from

import cramjam

# The stream of Java's library (xerial): this magic number, then a version and the oldest compatible version with 4
# bytes each, then the blocks, each after its length of 4 bytes.
_MAGIC, _HEADER_BYTES = b"\x82SNAPPY\0", 16


def decode(payload: bytes | bytearray | memoryview) -> bytes:
    """Decompress the records of a batch.

    aiokafka 0.14.0 treats a stream as a raw block unless both versions are 1 in big endian. Redpanda wrote them in
    little endian (https://github.com/dpkp/kafka-python/issues/2414). Java's consumer reads a stream without blocks, and
    several streams in a row (SnappyInputStream of snappy-java 1.1.10); neither aiokafka nor kafka-python 3.0.12 does.

    Raises:
        Exception: the bytes are not Snappy. The type is the library's own.
    """
    return b"".join(bytes(cramjam.snappy.decompress_raw(block)) for block in blocks(memoryview(payload)))


def blocks(packed: memoryview) -> Iterator[memoryview]:
    """The compressed blocks of a batch: a raw block, as librdkafka writes it, or those of streams, as Java writes them.

    Raises:
        ValueError: a block is longer than the batch.
        struct.error: the batch ends within the length of a block.
    """
    if packed[: len(_MAGIC)] != _MAGIC:
        yield packed
        return
    at = 0
    while at < len(packed):
        if packed[at : at + len(_MAGIC)] == _MAGIC:  # a batch may have several streams in a row
            at += _HEADER_BYTES
            continue
        (size,) = unpack_from(">I", packed, at)
        at += 4 + size
        if at > len(packed):
            raise ValueError("a block is longer than the batch")
        yield packed[at - size : at]
