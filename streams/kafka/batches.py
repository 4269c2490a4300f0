"""Iterates over the record batches of one fetch, in bounded memory, whatever the bytes are.

It yields every record that can be read. For each offset that cannot be read it yields a stand-in: an entry with the
offset, the fault and the beginning of the bytes. Control batches and aborted transactions yield nothing. Kafka's
clients raise at the first batch that they cannot read, and again at every further fetch, so they never get past it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

from crc32c import crc32c

from streams.kafka.batch_entries import Entry, FaultyBatch, UndecodableError, entry_bytes
from streams.kafka.batch_records import (
    BATCH_BEGIN,
    BATCH_HEADER,
    CODEC,
    CONTROL,
    LOG_APPEND_TIME,
    TRANSACTIONAL,
    BatchRecords,
)
from streams.kafka.legacy_messages import MESSAGE_HEADER, LegacyMessages
from streams.records.originals import HEAD_BYTES

# Byte indexes in a batch: of its magic number, and of the first byte that the checksum covers.
_MAGIC_AT, _CHECKED_FROM = 16, 21
_CURRENT_MAGIC, _LEGACY_MAGICS = 2, (0, 1)
# Stands for the magic number of a batch that ends before it. The number itself is a byte from 0 to 255.
_NO_MAGIC = -1

# The parsers of a client library: one for a batch without compression, and one for a message of an older format, which
# takes the magic number too.
Library = tuple[Callable[[bytes], Iterable[Any]], Callable[[bytes, int], Iterable[Any]]]


class BatchReader:
    """Iterates over the entries of one partition's fetch.

    Args:
        data: the batches; the last one may be incomplete.
        position: the offset that the fetch asked for.
        end: the partition's high watermark, the offset after its last record; None where it is not known.
        aborted: producer id and first offset of each aborted transaction; None to read these transactions too.
        library: parses ordinary batches.

    Attributes:
        next_offset: the offset after the last one that was given or passed over.
        unpacked: approximate bytes of the entries so far.
    """

    def __init__(
        self, data: bytes, position: int, end: int | None, aborted: Sequence[tuple[int, int]] | None, library: Library
    ) -> None:
        self._data, self._end, self._library = memoryview(data), end, library
        self._aborted = None if aborted is None else sorted(aborted, key=lambda transaction: transaction[1])
        self._aborting_producers: set[int] = set()
        self.next_offset = position
        self.unpacked = 0

    def __iter__(self) -> Iterator[Entry]:
        batches = list(_complete_batches(self._data))
        if not batches and len(self._data):
            yield from self._stand_ins(
                FaultyBatch(self._data), self.next_offset, self.next_offset + 1, "its batch is cut off"
            )
            return
        incomplete = memoryview(self._data)[sum(map(len, batches)) :]
        for batch, next_batch in pairwise([*batches, incomplete]):
            yield from self._read_batch(batch, self._base_offset(next_batch))

    def _base_offset(self, batch: memoryview) -> int | None:
        """The base offset that a batch states; None where there is no batch, or the offset is impossible."""
        if len(batch) < BATCH_BEGIN.size:
            return None
        (offset, _) = BATCH_BEGIN.unpack_from(batch)
        return int(offset) if self._is_possible(offset) else None

    def _is_possible(self, offset: int) -> bool:
        return bool(offset >= 0 and (self._end is None or offset < self._end))

    def _read_batch(self, batch: memoryview, next_base: int | None) -> Iterator[Entry]:
        """The entries of one batch. `next_base` is the base offset of the next batch, if that is known."""
        magic = batch[_MAGIC_AT] if len(batch) > _MAGIC_AT else _NO_MAGIC
        if magic == _CURRENT_MAGIC and len(batch) >= BATCH_HEADER.size:
            yield from self._read_current(batch, next_base)
        elif magic in _LEGACY_MAGICS and len(batch) >= MESSAGE_HEADER.size:
            yield from self._read_legacy(batch, magic, next_base)
        else:
            is_known = magic in (_NO_MAGIC, _CURRENT_MAGIC, *_LEGACY_MAGICS)
            fault = "its batch is shorter than its header" if is_known else f"its batch has the format {magic}"
            end = next_base or self.next_offset + 1
            yield from self._stand_ins(FaultyBatch(batch), self.next_offset, end, fault)

    def _read_current(self, batch: memoryview, next_base: int | None) -> Iterator[Entry]:
        stated_base, _, _, _, checksum, attributes, last_delta, first_time, last_time, producer, _, _, count = (
            BATCH_HEADER.unpack_from(batch)
        )
        intact = crc32c(batch[_CHECKED_FROM:]) == checksum
        base = self._true_base(stated_base, last_delta, next_base, intact=intact)
        if base is None:
            return
        end = base + last_delta + 1
        extent_is_wrong = (
            last_delta < 0
            or not 0 <= count <= last_delta + 1
            or not self._is_possible(end - 1)
            or (next_base and end > next_base)
        )
        if not intact and extent_is_wrong:
            end = next_base or self.next_offset + 1
        if attributes & CONTROL and intact:
            self._aborting_producers.discard(producer)  # the transaction ends here, committed or aborted
        elif intact and self._is_aborted(attributes, producer, base):
            pass
        else:
            times = (first_time, last_time if attributes & LOG_APPEND_TIME else None)
            records = BatchRecords(batch, base, end, attributes & CODEC, times, count, self._library[0])
            fault = None if intact else "the checksum of its batch is wrong"
            yield from self._entries(batch, base, end, records, fault)
        self.next_offset = max(self.next_offset, end)

    def _true_base(self, stated: int, last_delta: int, next_base: int | None, *, intact: bool) -> int | None:
        """The offset of a batch's first record; None for a batch whose records were given already.

        A batch states this offset outside of the bytes that its checksum covers. A disk can alter it, and the checksum
        is right all the same. So the stated offset counts only if it is possible. A broker gives no batch that ends
        before the offset that the fetch asked for, and none that begins at the high watermark or later.

        Args:
            stated: the offset that the batch states.
            last_delta: the offset of its last record minus that of its first one, as the batch states it.
            next_base: the offset that the next batch states, if there is one and its offset is possible.
            intact: whether the checksum is right, and with it `last_delta`.
        """
        if stated + max(0, last_delta) >= self.next_offset and self._is_possible(stated):
            return stated
        # The stated offset is wrong. Batches follow one another without overlapping, so this one begins where the batch
        # before it has ended. A batch with a wrong checksum has an unknown number of records, at least one.
        records = last_delta + 1 if intact else 1
        has_room = next_base is None or self.next_offset + records <= next_base
        # Without room the stated offset is right after all: the fetch brought an earlier batch along.
        return self.next_offset if has_room else None

    def _is_aborted(self, attributes: int, producer: int, base: int) -> bool:
        while self._aborted and self._aborted[0][1] <= base:
            self._aborting_producers.add(self._aborted.pop(0)[0])
        return bool(attributes & TRANSACTIONAL) and producer in self._aborting_producers

    def _read_legacy(self, batch: memoryview, magic: int, next_base: int | None) -> Iterator[Entry]:
        """A message of an older format, or a compressed set of them, which has the offset of its last message."""
        offset, *_ = MESSAGE_HEADER.unpack_from(batch)
        if not (offset >= self.next_offset and self._is_possible(offset)):
            offset = (next_base or self.next_offset + 1) - 1
        messages = LegacyMessages(batch, magic, self._library[1])
        # The extent of a batch that cannot be read is unknown. It may have the current format and a wrong magic number,
        # and then it states the offset of its first record. So the stand-ins reach to the next batch.
        yield from self._entries(batch, self.next_offset, next_base or offset + 1, messages, None)
        self.next_offset = max(self.next_offset, offset + 1)

    def _entries(
        self, batch: memoryview, base: int, end: int, records: Iterable[Entry], fault: str | None
    ) -> Iterator[Entry]:
        """The records of a batch from the position on, and stand-ins for its records that cannot be read."""
        at, faulty_batch = base, FaultyBatch(batch)
        try:
            for entry in records:
                if fault:
                    yield from self._stand_ins(faulty_batch, at, min(entry.offset, end), fault)
                at = entry.offset + 1
                self.unpacked += entry_bytes(entry)
                if entry.offset >= self.next_offset:
                    self.next_offset = at
                    yield faulty_batch.suspect(entry, fault) if fault else entry
            if fault:
                yield from self._stand_ins(faulty_batch, at, end, fault)
        except UndecodableError as error:
            yield from self._stand_ins(faulty_batch, at, end, fault or str(error))

    def _stand_ins(self, batch: FaultyBatch, begin: int, end: int, fault: str) -> Iterator[Entry]:
        for offset in range(max(begin, self.next_offset), end):
            self.next_offset = offset + 1
            self.unpacked += HEAD_BYTES
            yield batch.stand_in(offset, fault)


def _complete_batches(data: memoryview) -> Iterator[memoryview]:
    """The complete batches, up to the first impossible length: without it the next batch cannot be located."""
    at = 0
    while len(data) - at >= BATCH_BEGIN.size:
        _, length = BATCH_BEGIN.unpack_from(data, at)
        size = BATCH_BEGIN.size + length
        if length <= 0 or at + size > len(data):
            return
        yield data[at : at + size]
        at += size
