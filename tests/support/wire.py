"""Kafka's wire protocol without a client library: whatever bytes stand in a batch, the broker gets them as they are.

The layout of requests and batches: https://kafka.apache.org/protocol and
https://kafka.apache.org/documentation/#messageformat (record batch, magic 2).
"""

from __future__ import annotations

import gzip
import socket
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import cramjam
from crc32c import crc32c

PRODUCE, FETCH = 0, 1
# The newest versions before the compact ("flexible") encoding.
PRODUCE_VERSION, FETCH_VERSION = 7, 4
NONE, GZIP, SNAPPY, LZ4, ZSTD = CODECS = tuple(range(5))
# Of a batch: base offset, length, leader epoch, magic, checksum, attributes, last offset delta, first and largest
# timestamp, producer id, producer epoch, base sequence, number of records.
HEADER = struct.Struct(">qiibIhiqqqhii")
LENGTH_AT, MAGIC_AT, CRC_AT, ATTRIBUTES_AT = 8, 16, 17, 21
TRANSACTIONAL, CONTROL = 0x10, 0x20
NOW_MS = 1_790_000_000_000


def varint(number: int) -> bytes:
    """A number as Kafka's records have it: zigzag, seven bits a byte."""
    number = (number << 1) ^ (number >> 63)
    found = bytearray()
    while number > 0x7F:
        found.append(0x80 | number & 0x7F)
        number >>= 7
    found.append(number)
    return bytes(found)


def counted(value: bytes | None) -> bytes:
    """Bytes behind their length; null is the length -1."""
    return varint(-1) if value is None else varint(len(value)) + value


@dataclass(frozen=True)
class Wire:
    """A record as it is written: names of headers are bytes too, and may be null."""

    value: bytes | None
    key: bytes | None = None
    headers: Sequence[tuple[bytes | None, bytes | None]] = ()
    timestamp_delta: int = 0

    def body(self, delta: int) -> bytes:
        """Everything behind the record's length."""
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
    """The records of a batch under a codec."""
    match codec:
        case 1:
            return gzip.compress(payload, 6)
        case 2:
            return bytes(cramjam.snappy.compress_raw(payload))
        case 3:
            frame = cramjam.lz4.Compressor(content_checksum=False, block_linked=False)  # as Kafka's brokers want it
            frame.compress(payload)
            return bytes(frame.finish())
        case 4:
            return bytes(cramjam.zstd.compress(payload, level=3))
    return payload


@dataclass(frozen=True)
class Batch:
    """A record batch; a field that is None is what it should be.

    Attributes:
        payload: in place of the records, whatever it is; with it, `records` are only counted.
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
        """The batch as bytes."""
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


@dataclass
class Connection:
    """One connection to one broker; use it as a context manager.

    Args:
        bootstrap_servers: the broker, `host:port`.
    """

    bootstrap_servers: str
    _number: int = field(default=0, init=False)

    def __enter__(self) -> Self:
        host, port = self.bootstrap_servers.rsplit(":", 1)
        self._socket = socket.create_connection((host, int(port)), 60)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def produce(self, topic: str, partition: int, batches: bytes) -> tuple[int, int]:
        """Hand a batch to the broker. Returns its error code, 0 for none, and the offset of the first record."""
        body = struct.pack(">hhi", -1, -1, 30_000) + struct.pack(">i", 1) + _string(topic)
        body += struct.pack(">iii", 1, partition, len(batches)) + batches
        answer = self._ask(PRODUCE, PRODUCE_VERSION, body)
        at = 4 + 2 + len(topic.encode()) + 4 + 4
        error, offset = struct.unpack_from(">hq", answer, at)
        return error, offset

    def fetch(self, topic: str, partition: int, offset: int, size: int = 2**26) -> tuple[int, bytes]:
        """What the broker gives from an offset on: its error code and the batches."""
        body = struct.pack(">iiiib", -1, 500, 1, size, 0) + struct.pack(">i", 1) + _string(topic)
        body += struct.pack(">iiqi", 1, partition, offset, size)
        answer = self._ask(FETCH, FETCH_VERSION, body)
        at = 4 + 4 + 2 + len(topic.encode()) + 4 + 4
        error, _, _, aborted = struct.unpack_from(">hqqi", answer, at)
        at += 22 + 16 * max(0, aborted)
        (length,) = struct.unpack_from(">i", answer, at)
        return error, answer[at + 4 : at + 4 + max(0, length)]

    def _ask(self, api: int, version: int, body: bytes) -> bytes:
        self._number += 1
        request = struct.pack(">hhi", api, version, self._number) + _string("hostile") + body
        self._socket.sendall(struct.pack(">i", len(request)) + request)
        (length,) = struct.unpack(">i", self._take(4))
        return self._take(length)[4:]

    def _take(self, length: int) -> bytes:
        found = bytearray()
        while len(found) < length:
            part = self._socket.recv(min(2**20, length - len(found)))
            if not part:
                raise ConnectionError("the broker hung up")
            found += part
        return bytes(found)


def _string(text: str) -> bytes:
    return struct.pack(">h", len(text.encode())) + text.encode()


@dataclass(frozen=True)
class Read:
    """A record as it was read: names of headers are bytes."""

    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[bytes, bytes | None]]


def records(data: bytes) -> list[Read]:
    """The records of whole, sound batches, control batches left out."""
    found: list[Read] = []
    at = 0
    while at + HEADER.size <= len(data):
        base, length, _, _, _, attributes, *_, count = HEADER.unpack_from(data, at)
        if at + 12 + length > len(data):
            break
        cursor = _Cursor(unpacked(data[at + HEADER.size : at + 12 + length], attributes & 7))
        at += 12 + length
        if not attributes & CONTROL:
            found += [cursor.record(base) for _ in range(count)]
    return found


def unpacked(payload: bytes, codec: int) -> bytes:
    """The records of a batch without their compression."""
    match codec:
        case 1:
            return gzip.decompress(payload)
        case 2:
            return bytes(cramjam.snappy.decompress_raw(payload))
        case 3:
            return bytes(cramjam.lz4.decompress(payload))
        case 4:
            return bytes(cramjam.zstd.decompress(payload))
    return payload


class _Cursor:
    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def _varint(self) -> int:
        number = shift = 0
        while True:
            byte = self._data[self._at]
            self._at += 1
            number |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return (number >> 1) ^ -(number & 1)

    def _bytes(self) -> bytes | None:
        size = self._varint()
        if size < 0:
            return None
        self._at += size
        return self._data[self._at - size : self._at]

    def record(self, base: int) -> Read:
        self._varint()
        self._at += 1
        self._varint()
        offset = base + self._varint()
        key, value = self._bytes(), self._bytes()
        return Read(offset, key, value, [(self._bytes() or b"", self._bytes()) for _ in range(self._varint())])
