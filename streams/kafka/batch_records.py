"""The records of one batch in Kafka's current format (magic number 2), in the order of their offsets.

The layout: https://kafka.apache.org/documentation/#recordbatch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from struct import Struct
from typing import Any

from streams.kafka.batch_entries import Entry, FaultyBatch, UndecodableError
from streams.kafka.byte_source import MAX_UNPACKED_BYTES, ByteSource
from streams.kafka.decompression import unpack
from streams.kafka.record_fields import RECORD_OVERHEAD, RecordFields, offset_delta
from streams.records.originals import HEAD_BYTES, MAX_COPY_BYTES, MAX_HEADERS

# The beginning of every batch: base offset and length.
BATCH_BEGIN = Struct(">qi")
# Base offset, length, leader epoch, magic, checksum, attributes, last offset delta, first and largest timestamp,
# producer id, producer epoch, base sequence, number of records.
BATCH_HEADER = Struct(">qiibIhiqqqhii")
# The bits of a batch's attributes.
CODEC, LOG_APPEND_TIME, TRANSACTIONAL, CONTROL = 0x07, 0x08, 0x10, 0x20


class BatchRecords:
    """Iterates over the records of one batch.

    Args:
        batch: the bytes of the batch, with its header.
        base: the offset of the first record.
        end: the offset after the last record.
        codec: Kafka's number of the codec.
        times: the batch's first timestamp, and the broker's timestamp for all records or None.
        count: number of records, as the batch's header states it.
        parse: the client library's parser of a batch without compression.
    """

    def __init__(
        self,
        batch: memoryview,
        base: int,
        end: int,
        codec: int,
        times: tuple[int, int | None],
        count: int,
        parse: Callable[[bytes], Iterable[Any]],
    ) -> None:
        self._batch, self._base, self._end, self._codec = batch, base, end, codec
        self._first_time, self._append_time = times
        self._count, self._parse = count, parse

    def __iter__(self) -> Iterator[Entry]:
        entries = self._by_library()
        if entries is None:
            yield from self._one_by_one()
        else:
            yield from entries

    def _pieces(self) -> Iterator[bytes]:
        return unpack(self._codec, self._batch[BATCH_HEADER.size :], MAX_UNPACKED_BYTES)

    def _by_library(self) -> list[Entry] | None:
        """All records by the client library, which is quickest; None if it cannot read them, or if they are large."""
        try:
            unpacked = self._unpacked()
            entries = unpacked and [
                Entry(each.offset, each.timestamp, each.timestamp_type, each.key, each.value, tuple(each.headers))
                for each in self._parse(unpacked)
            ]
        except Exception:  # a library may raise anything at bytes that it does not expect
            return None
        if not entries:
            return None
        offsets = [entry.offset for entry in entries]
        in_order = all(one < other for one, other in pairwise([self._base - 1, *offsets, self._end]))
        return entries if in_order and all(len(entry.headers) <= MAX_HEADERS for entry in entries) else None

    def _unpacked(self) -> bytes | None:
        """The same batch without compression; None where it is too large to be read at once."""
        pieces, size = [], 0
        for piece in self._pieces():
            pieces.append(piece)
            size += len(piece)
            if size > MAX_COPY_BYTES:
                return None
        _, _, *header = BATCH_HEADER.unpack_from(self._batch)
        header[3] &= ~CODEC
        return b"".join([BATCH_HEADER.pack(self._base, BATCH_HEADER.size - BATCH_BEGIN.size + size, *header), *pieces])

    def _one_by_one(self) -> Iterator[Entry]:
        source = ByteSource(self._pieces())
        offset = self._base - 1
        for _ in range(self._count):
            length = source.varint()
            if length < 0:
                raise UndecodableError("a record of its batch has a negative length")
            beginning = source.read(min(length, RECORD_OVERHEAD))
            delta = offset_delta(beginning)
            # Brokers accept a repeated offset. A reader would pass over the second record, so it gets the next free
            # offset.
            free = offset + 1
            offset = self._base + delta if delta is not None and free <= self._base + delta < self._end else free
            if offset >= self._end:
                raise UndecodableError("its batch has more records than offsets")
            source.unread(beginning)
            yield self._entry(source, offset, length)

    def _entry(self, source: ByteSource, offset: int, length: int) -> Entry:
        if length > MAX_COPY_BYTES:
            return RecordFields(source, length, self._first_time, self._append_time).entry(offset)
        body = source.read(length)
        try:
            return RecordFields(ByteSource(iter([body])), length, self._first_time, self._append_time).entry(offset)
        except UndecodableError as error:
            original = FaultyBatch(self._batch).original(str(error))
            return Entry(offset, None, None, None, body[:HEAD_BYTES], (), original)
