"""Reads records from the bytes of sound batches, without a client library.

kafka-python, which tests use otherwise, fails at a header name that is not UTF-8.
"""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from dataclasses import dataclass

import cramjam

from tests.support.wire import CONTROL, HEADER


@dataclass(frozen=True)
class WireRecord:
    """A record that was read. The names of headers are bytes."""

    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[bytes, bytes | None]]


def records(data: bytes) -> list[WireRecord]:
    """The records of complete, sound batches, without those of control batches."""
    found: list[WireRecord] = []
    at = 0
    while at + HEADER.size <= len(data):
        base, length, _, _, _, attributes, *_, count = HEADER.unpack_from(data, at)
        if at + 12 + length > len(data):
            break
        cursor = _Cursor(decompress(data[at + HEADER.size : at + 12 + length], attributes & 7))
        at += 12 + length
        if not attributes & CONTROL:
            found += [cursor.record(base) for _ in range(count)]
    return found


def decompress(payload: bytes, codec: int) -> bytes:
    """Decompress the records of a batch."""
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

    def record(self, base: int) -> WireRecord:
        self._varint()
        self._at += 1
        self._varint()
        offset = base + self._varint()
        key, value = self._bytes(), self._bytes()
        return WireRecord(offset, key, value, [(self._bytes() or b"", self._bytes()) for _ in range(self._varint())])
