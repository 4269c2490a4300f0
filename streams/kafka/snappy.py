"""Snappy as Kafka's producers frame it, for both Kafka clients."""

from __future__ import annotations

from struct import unpack_from

import cramjam

# The stream of Java's library (xerial): this, a version and the oldest compatible version of 4 bytes each, then blocks behind
# their length of 4 bytes.
_MAGIC, _HEADER_BYTES = b"\x82SNAPPY\0", 16


def decode(payload: bytes | bytearray | memoryview) -> bytes:
    """Decompress the records of a batch: one raw block, as librdkafka writes it, or one or more streams, as Java writes them.

    aiokafka 0.14.0 takes a stream for a raw block unless both versions are 1 in big endian; Redpanda wrote them in little endian
    (https://github.com/dpkp/kafka-python/issues/2414). Neither aiokafka nor kafka-python 3.0.12 reads a stream without blocks, or
    streams one after the other, which Java's consumer reads (SnappyInputStream of snappy-java 1.1.10).

    Raises:
        Exception: the bytes are not Snappy; its type is the library's affair.
    """
    packed = memoryview(payload)
    if packed[: len(_MAGIC)] != _MAGIC:
        return bytes(cramjam.snappy.decompress_raw(packed))
    blocks, at = [], 0
    while at < len(packed):
        if packed[at : at + len(_MAGIC)] == _MAGIC:
            at += _HEADER_BYTES
            continue
        (size,) = unpack_from(">I", packed, at)
        at += 4 + size
        if at > len(packed):
            raise ValueError("a block is longer than the stream")
        blocks.append(bytes(cramjam.snappy.decompress_raw(packed[at - size : at])))
    return b"".join(blocks)
