"""Record batches as bytes, written without a client library, so that each field can have any value.

The layout of batches: https://kafka.apache.org/documentation/#messageformat (record batch, magic 2).
"""

from __future__ import annotations

import gzip
import struct
from collections.abc import Sequence
from dataclasses import dataclass

import cramjam
from crc32c import crc32c

NONE, GZIP, SNAPPY, LZ4, ZSTD = CODECS = tuple(range(5))
# The header of a batch: base offset, length, leader epoch, magic, checksum, attributes, last offset delta, first and
# largest timestamp, producer id, producer epoch, base sequence, number of records.
HEADER = struct.Struct(">qiibIhiqqqhii")
# The positions of some of these fields.
LENGTH_AT, MAGIC_AT, CRC_AT, ATTRIBUTES_AT, LAST_OFFSET_DELTA_AT, COUNT_AT = 8, 16, 17, 21, 23, 57
TRANSACTIONAL, CONTROL = 0x10, 0x20
NOW_MS = 1_790_000_000_000


def varint(number: int) -> bytes:
    """A number in the encoding of Kafka's records: zigzag, seven bits in each byte."""
    number = (number << 1) ^ (number >> 63)
    found = bytearray()
    while number > 0x7F:
        found.append(0x80 | number & 0x7F)
        number >>= 7
    found.append(number)
    return bytes(found)


def counted(value: bytes | None) -> bytes:
    """Bytes that follow their length; null has the length -1."""
    return varint(-1) if value is None else varint(len(value)) + value


@dataclass(frozen=True)
class Wire:
    """A record to write. The names of headers are bytes too, and may be null."""

    value: bytes | None
    key: bytes | None = None
    headers: Sequence[tuple[bytes | None, bytes | None]] = ()
    timestamp_delta: int = 0

    def body(self, delta: int) -> bytes:
        """All bytes after the record's length."""
        headers = b"".join(counted(name) + counted(value) for name, value in self.headers)
        return (
            b"\0"
            + varint(self.timestamp_delta)
            + varint(delta)
            + counted(self.key)
            + counted(self.value)
            + varint(len(self.headers))
            + headers
        )


def compress(payload: bytes, codec: int) -> bytes:
    """Compress the records of a batch."""
    match codec:
        case 1:
            return gzip.compress(payload, 6)
        case 2:
            return bytes(cramjam.snappy.compress_raw(payload))
        case 3:
            frame = cramjam.lz4.Compressor(content_checksum=False, block_linked=False)  # as Kafka's brokers require
            frame.compress(payload)
            return bytes(frame.finish())
        case 4:
            return bytes(cramjam.zstd.compress(payload, level=3))
    return payload


@dataclass(frozen=True)
class Batch:
    """A record batch. A field that is None gets its correct value.

    Attributes:
        payload: any bytes in place of the records; then only the number of `records` counts.
    """

    records: Sequence[Wire] = ()
    codec: int = NONE
    payload: bytes | None = None
    magic: int = 2
    attributes: int | None = None
    last_offset_delta: int | None = None
    count: int | None = None
    length: int | None = None
    crc: int | None = None
    base_offset: int = 0
    timestamp_ms: int = NOW_MS
    largest_timestamp_ms: int | None = None
    producer: tuple[int, int, int] = (-1, -1, -1)

    def encode(self) -> bytes:
        """The bytes of the batch."""
        bodies = [record.body(delta) for delta, record in enumerate(self.records)]
        plain = b"".join(varint(len(body)) + body for body in bodies)
        payload = compress(plain, self.codec) if self.payload is None else self.payload
        largest = max((record.timestamp_delta for record in self.records), default=0) + self.timestamp_ms
        head = HEADER.pack(
            self.base_offset,
            HEADER.size - 12 + len(payload) if self.length is None else self.length,
            -1,
            self.magic,
            0,
            self.codec if self.attributes is None else self.attributes,
            len(self.records) - 1 if self.last_offset_delta is None else self.last_offset_delta,
            self.timestamp_ms,
            largest if self.largest_timestamp_ms is None else self.largest_timestamp_ms,
            *self.producer,
            len(self.records) if self.count is None else self.count,
        )
        data = bytearray(head + payload)
        struct.pack_into(">I", data, CRC_AT, crc32c(bytes(data[ATTRIBUTES_AT:])) if self.crc is None else self.crc)
        return bytes(data)
