"""Records out of the batches that a broker sent, whatever is in them: each offset comes to an end, and memory is bounded.

Kafka's clients raise at the first batch that they cannot read, and raise again at every further fetch: what is behind it is never
read. Here a record that cannot be read becomes a stand-in for it, with what is known of its bytes, and reading goes on.

The layout: https://kafka.apache.org/documentation/#recordbatch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from itertools import pairwise
from struct import Struct
from typing import Any

from crc32c import crc32c

from streams.kafka.decompression import UnpackError, pieces
from streams.records.codec import MAX_VALUE_BYTES
from streams.records.headers import Headers
from streams.records.originals import HEAD_BYTES, KEY_BYTES, MAX_COPY_BYTES, MAX_HEADERS, Original, original_of

# The most that the records of a batch may unpack to: 64 of the largest values. It takes about a second, and a consumer that does
# nothing else for 6 s loses its partitions.
MAX_UNPACKED_BYTES = 64 * MAX_VALUE_BYTES

# Base offset, length, leader epoch, magic, checksum, attributes, last offset delta, first and largest timestamp, producer id,
# producer epoch, base sequence, number of records.
_HEADER = Struct(">qiibIhiqqqhii")
_BEGIN = Struct(">qi")
# A message of the formats before: offset, length, checksum, magic, attributes.
_LEGACY = Struct(">qiIbb")
_MAGIC_AT, _CHECKED_FROM = 16, 21
_MAGIC = 2
_CODEC, _LOG_APPEND_TIME, _TRANSACTIONAL, _CONTROL = 0x07, 0x08, 0x10, 0x20
# Bytes of a record beside key, value and headers: five numbers of up to ten bytes each, the attributes, and the number of headers.
_RECORD_OVERHEAD = 64


class Undecodable(Exception):
    """The rest of a batch cannot be read. `str(error)` is a clause that says why."""


@dataclass(frozen=True)
class Entry:
    """A record of a batch, or a stand-in for one.

    Attributes:
        timestamp: milliseconds since 1970; None in the oldest format.
        timestamp_type: 0 as its publisher set it, 1 as the broker did.
        headers: names that are not UTF-8 have surrogates in place of their bytes (PEP 383).
        original: None for a record as it is.
    """

    offset: int
    timestamp: int | None
    timestamp_type: int | None
    key: bytes | None
    value: bytes | None
    headers: Headers
    original: Original | None = None


# A client library's own parsers: of a batch without compression, and of a message of an older format with its magic number.
Library = tuple[Callable[[bytes], Iterable[Any]], Callable[[bytes, int], Iterable[Any]]]


class BatchReader:
    """Reads what one fetch of a partition brought.

    Args:
        data: the batches; the last one may be incomplete.
        position: the offset that was asked for.
        end: an offset that is not yet in the partition, its high watermark; None where it is not known.
        aborted: producer id and first offset of the transactions that were aborted; None to read these too.
        library: parses ordinary batches, which is most of them.

    Attributes:
        next_offset: behind the last record that was given, or passed over.
        unpacked: bytes that records had so far.
    """

    def __init__(
        self, data: bytes, position: int, end: int | None, aborted: Sequence[tuple[int, int]] | None, library: Library
    ) -> None:
        self._data, self._end, self._library = memoryview(data), end, library
        self._aborted = None if aborted is None else sorted(aborted, key=lambda each: each[1])
        self._aborting: set[int] = set()
        self.next_offset = position
        self.unpacked = 0

    def __iter__(self) -> Iterator[Entry]:
        found = list(_slices(self._data))
        if not found and len(self._data):
            yield from self._unreadable(self._data, self.next_offset, self.next_offset + 1, "its batch is cut off")
            return
        for batch, behind in pairwise([*found, memoryview(self._data)[sum(map(len, found)) :]]):
            yield from self._batch(batch, self._begin(behind))

    def _begin(self, behind: memoryview) -> int | None:
        """Where the batch behind begins; None where there is none, or it says what cannot be."""
        if len(behind) < _BEGIN.size:
            return None
        (offset, _) = _BEGIN.unpack_from(behind)
        return int(offset) if self._may_be(offset) else None

    def _may_be(self, offset: int) -> bool:
        return bool(offset >= 0 and (self._end is None or offset < self._end))

    def _batch(self, batch: memoryview, behind: int | None) -> Iterator[Entry]:
        magic = batch[_MAGIC_AT] if len(batch) > _MAGIC_AT else -1
        if magic == _MAGIC and len(batch) >= _HEADER.size:
            yield from self._current(batch, behind)
        elif magic in (0, 1) and len(batch) >= _LEGACY.size:
            yield from self._legacy(batch, magic, behind)
        else:
            yield from self._unreadable(
                batch, self.next_offset, behind or self.next_offset + 1, f"its batch has the format {magic}"
            )

    def _current(self, batch: memoryview, behind: int | None) -> Iterator[Entry]:
        base, _, _, _, checksum, attributes, last, first_time, last_time, producer, _, _, count = _HEADER.unpack_from(
            batch
        )
        intact = crc32c(batch[_CHECKED_FROM:]) == checksum
        place = self._place(base, last, behind, intact)
        if place is None:
            return
        base, after = place, place + last + 1
        if not intact and (
            last < 0 or not 0 <= count <= last + 1 or not self._may_be(after - 1) or (behind and after > behind)
        ):
            after = behind or self.next_offset + 1  # what it says of its extent is wrong
        if attributes & _CONTROL and intact:
            self._aborting.discard(producer)  # a transaction ends, whichever way
        elif intact and self._is_aborted(attributes, producer, base):
            pass
        else:
            times = (first_time, last_time if attributes & _LOG_APPEND_TIME else None)
            records = _Records(batch, base, after, attributes & _CODEC, times, count, self._library[0])
            yield from self._of(batch, base, after, records, None if intact else "the checksum of its batch is wrong")
        self.next_offset = max(self.next_offset, after)

    def _place(self, base: int, last: int, behind: int | None, intact: bool) -> int | None:
        """The offset of a batch's first record; None for a batch that was read before.

        The checksum does not cover it. A broker gives no batch that ends before the offset that it was asked for, and none that
        begins behind the end.
        """
        if base + max(0, last) >= self.next_offset and self._may_be(base):
            return base
        if behind is not None and behind < self.next_offset + (last + 1 if intact else 1):
            return None
        return self.next_offset

    def _is_aborted(self, attributes: int, producer: int, base: int) -> bool:
        while self._aborted and self._aborted[0][1] <= base:
            self._aborting.add(self._aborted.pop(0)[0])
        return bool(attributes & _TRANSACTIONAL) and producer in self._aborting

    def _legacy(self, batch: memoryview, magic: int, behind: int | None) -> Iterator[Entry]:
        """A message of an older format, or a compressed set of them under the offset of the last."""
        offset, *_ = _LEGACY.unpack_from(batch)
        if not (offset >= self.next_offset and self._may_be(offset)):
            offset = (behind or self.next_offset + 1) - 1
        if behind and len(batch) >= _HEADER.size and behind == offset + 1 + _HEADER.unpack_from(batch)[6]:
            offset = behind - 1  # it is of the current format, and its magic number is wrong
        yield from self._of(batch, self.next_offset, offset + 1, _LegacyRecords(batch, magic, self._library[1]), None)
        self.next_offset = max(self.next_offset, offset + 1)

    def _of(
        self, batch: memoryview, base: int, after: int, records: Iterable[Entry], fault: str | None
    ) -> Iterator[Entry]:
        """The records of a batch from the position on, and stand-ins for those that it has and that cannot be read."""
        at, batch_fault = base, _Fault(batch)
        try:
            for entry in records:
                if fault:
                    yield from self._stand_ins(batch_fault, at, min(entry.offset, after), fault)
                at = entry.offset + 1
                self.unpacked += _size(entry)
                if entry.offset >= self.next_offset:
                    self.next_offset = at
                    yield batch_fault.suspect(entry, fault) if fault else entry
            if fault:
                yield from self._stand_ins(batch_fault, at, after, fault)
        except Undecodable as error:
            yield from self._stand_ins(batch_fault, at, after, fault or str(error))

    def _unreadable(self, batch: memoryview, begin: int, after: int, fault: str) -> Iterator[Entry]:
        yield from self._stand_ins(_Fault(batch), begin, after, fault)

    def _stand_ins(self, batch: _Fault, begin: int, after: int, fault: str) -> Iterator[Entry]:
        for offset in range(max(begin, self.next_offset), after):
            self.next_offset = offset + 1
            self.unpacked += HEAD_BYTES
            yield batch.stand_in(offset, fault)


def _slices(data: memoryview) -> Iterator[memoryview]:
    """The batches that are complete. A length that cannot be ends them: what is behind cannot be found."""
    at = 0
    while len(data) - at >= _BEGIN.size:
        _, length = _BEGIN.unpack_from(data, at)
        size = _BEGIN.size + length
        if length <= 0 or at + size > len(data):
            return
        yield data[at : at + size]
        at += size


class _Fault:
    """What is wrong with a batch. Its digest is made once: a batch may have 100,000 records."""

    def __init__(self, batch: memoryview) -> None:
        self._batch = batch

    @cached_property
    def _sha256(self) -> str:
        return sha256(self._batch).hexdigest()

    def original(self, fault: str, whole: bool = False) -> Original:
        return Original(fault, {"batch": len(self._batch)}, self._sha256, whole)

    def stand_in(self, offset: int, fault: str) -> Entry:
        return Entry(offset, None, None, None, bytes(self._batch[:HEAD_BYTES]), (), self.original(fault))

    def suspect(self, entry: Entry, fault: str) -> Entry:
        """A record out of a batch whose checksum is wrong: its bytes may be others than were published."""
        return replace(entry, original=self.original(fault, entry.original is None or entry.original.whole))


def _size(entry: Entry) -> int:
    return sum(entry.original.sizes.values()) if entry.original else len(entry.key or b"") + len(entry.value or b"")


class _Records:
    """The records of a batch of the current format, in the order of their offsets."""

    def __init__(
        self,
        batch: memoryview,
        base: int,
        after: int,
        codec: int,
        times: tuple[int, int | None],
        count: int,
        library: Callable[[bytes], Iterable[Any]],
    ) -> None:
        self._batch, self._base, self._after, self._codec = batch, base, after, codec
        self._first_time, self._append_time = times
        self._count, self._library = count, library

    def __iter__(self) -> Iterator[Entry]:
        ordinary = self._ordinary()
        if ordinary is None:
            yield from self._one_by_one()
        else:
            yield from ordinary

    def _pieces(self) -> Iterator[bytes]:
        return pieces(self._codec, self._batch[_HEADER.size :], MAX_UNPACKED_BYTES)

    def _ordinary(self) -> list[Entry] | None:
        """All records by the client library, which is the quickest; None where it cannot read them, or they are large."""
        try:
            plain = self._unpacked()
            found = plain and [
                Entry(each.offset, each.timestamp, each.timestamp_type, each.key, each.value, tuple(each.headers))
                for each in self._library(plain)
            ]
        except Exception:  # whatever a library raises at bytes that it was not made for
            return None
        if not found:
            return None
        offsets = [entry.offset for entry in found]
        in_order = all(one < other for one, other in pairwise([self._base - 1, *offsets, self._after]))
        return found if in_order and all(len(entry.headers) <= MAX_HEADERS for entry in found) else None

    def _unpacked(self) -> bytes | None:
        """The batch as it would be without compression; None where it is too large to be read at once."""
        parts, size = [], 0
        for piece in self._pieces():
            parts.append(piece)
            size += len(piece)
            if size > MAX_COPY_BYTES:
                return None
        _, _, *others = _HEADER.unpack_from(self._batch)
        others[3] &= ~_CODEC
        return b"".join([_HEADER.pack(self._base, _HEADER.size - _BEGIN.size + size, *others), *parts])

    def _one_by_one(self) -> Iterator[Entry]:
        source = _Source(self._pieces())
        offset = self._base - 1
        for _ in range(self._count):
            length = source.varint()
            if length < 0:
                raise Undecodable("a record of its batch has a negative length")
            # A repeated offset, which brokers let pass, would have the second record passed over.
            begin = source.read(min(length, _RECORD_OVERHEAD))
            delta = _offset_delta(begin)
            free = offset + 1
            offset = self._base + delta if delta is not None and free <= self._base + delta < self._after else free
            if offset >= self._after:
                raise Undecodable("its batch has more records than offsets")
            source.unread(begin)
            yield self._entry(source, offset, length)

    def _entry(self, source: _Source, offset: int, length: int) -> Entry:
        if length > MAX_COPY_BYTES:
            return _Fields(source, length, self._first_time, self._append_time).entry(offset)
        body = source.read(length)
        try:
            return _Fields(_Source(iter([body])), length, self._first_time, self._append_time).entry(offset)
        except Undecodable as error:
            return Entry(offset, None, None, None, body[:HEAD_BYTES], (), _Fault(self._batch).original(str(error)))


def _offset_delta(begin: bytes) -> int | None:
    try:
        source = _Source(iter([begin]))
        source.read(1)
        source.varint()
        return source.varint()
    except Undecodable:
        return None


class _Source:
    """Bytes that come in pieces."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self._parts, self._part, self._at = parts, b"", 0
        self._left = MAX_UNPACKED_BYTES
        self.taken = 0

    def _next(self) -> None:
        try:
            self._part, self._at = next(self._parts), 0
        except StopIteration:
            raise Undecodable("its batch ends within a record") from None
        except UnpackError as error:
            raise Undecodable(f"its batch cannot be unpacked: {error}") from None
        self._left -= len(self._part)
        if self._left < 0:
            raise Undecodable(f"its batch unpacks to more than {MAX_UNPACKED_BYTES:,} bytes")

    def some(self, most: int) -> bytes:
        """At least one byte and at most so many."""
        while self._at >= len(self._part):
            self._next()
        found = self._part[self._at : self._at + most]
        self._at += len(found)
        self.taken += len(found)
        return found

    def skip(self, size: int) -> None:
        """Pass over so many bytes."""
        while size > 0:
            size -= len(self.some(size))

    def read(self, size: int) -> bytes:
        found = self.some(size) if size else b""
        if len(found) == size:
            return found
        parts, missing = [found], size - len(found)
        while missing:
            parts.append(self.some(missing))
            missing -= len(parts[-1])
        return b"".join(parts)

    def unread(self, found: bytes) -> None:
        """Give bytes back."""
        self._part, self._at = found + self._part[self._at :], 0
        self.taken -= len(found)

    def varint(self) -> int:
        number = shift = 0
        while True:
            byte = self.some(1)[0]
            number |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return (number >> 1) ^ -(number & 1)
            if shift > 63:
                raise Undecodable("a number in its batch is too long")


class _Fields:
    """The fields of one record, in their order. A field that is too large to be carried along is read past."""

    def __init__(self, source: _Source, length: int, first_time: int, append_time: int | None) -> None:
        self._source, self._length, self._begin = source, length, source.taken
        source.read(1)
        delta = source.varint()
        source.varint()
        self._timestamp = first_time + delta if append_time is None else append_time
        self._timestamp_type = 0 if append_time is None else 1

    def entry(self, offset: int) -> Entry:
        """The record, or what can be carried along of it. Value and headers are, if they fit: the article may be well without its key."""
        large = self._length > MAX_COPY_BYTES
        key, key_size, _ = self._field(KEY_BYTES if large else self._length, KEY_BYTES)
        value, value_size, digest = self._field(MAX_COPY_BYTES, HEAD_BYTES)
        count = self._source.varint()
        if count < 0:
            raise Undecodable("it has a negative number of headers")
        rest = self._length - (self._source.taken - self._begin)
        whole = count <= MAX_HEADERS and rest + value_size <= MAX_COPY_BYTES
        if whole:
            headers = tuple(self._header() for _ in range(count))
        else:
            self._source.skip(rest)
            headers, value = (), value and value[:HEAD_BYTES]
        cut = large or not whole
        original = (
            Original(None, {"key": key_size, "value": value_size, "headers": rest}, digest.hexdigest(), whole)
            if cut
            else None
        )
        return Entry(offset, self._timestamp, self._timestamp_type, key, value, headers, original)

    def _size(self) -> int:
        """The length of the next field; negative for null."""
        size = self._source.varint()
        if size > self._length:
            raise Undecodable("a field of it is longer than the record")
        return size

    def _bytes(self) -> bytes | None:
        size = self._size()
        return None if size < 0 else self._source.read(size)

    def _header(self) -> tuple[str, bytes | None]:
        return (self._bytes() or b"").decode(errors="surrogateescape"), self._bytes()

    def _field(self, keep: int, head: int) -> tuple[bytes | None, int, Any]:
        """The next field whole where it has at most `keep` bytes, else its head; its size, and its digest."""
        size, digest = self._size(), sha256()
        if size < 0:
            return None, 0, digest
        kept, most, missing = bytearray(), size if size <= keep else head, size
        while missing:
            found = self._source.some(missing)
            digest.update(found)
            kept += found[: max(0, most - len(kept))]
            missing -= len(found)
        return bytes(kept), size, digest


class _LegacyRecords:
    """The messages of an older format, which have no headers."""

    def __init__(self, batch: memoryview, magic: int, library: Callable[[bytes, int], Iterable[Any]]) -> None:
        self._batch, self._magic, self._library = batch, magic, library

    def __iter__(self) -> Iterator[Entry]:
        try:
            self._bound()
            found: Any = self._library(bytes(self._batch), self._magic)
            if not found.validate_crc():
                raise Undecodable("the checksum of its batch is wrong")
            entries = [
                Entry(each.offset, each.timestamp, each.timestamp_type, each.key, each.value, ()) for each in found
            ]
        except Undecodable:
            raise
        except Exception as error:
            raise Undecodable(
                f"its batch of the format {self._magic} cannot be read ({type(error).__name__})"
            ) from None
        yield from (entry if _size(entry) <= MAX_COPY_BYTES else _cut(entry) for entry in entries)

    def _bound(self) -> None:
        """Unpack a compressed set once, to see how large it is, before the library does it in one piece."""
        *_, attributes = _LEGACY.unpack_from(self._batch)
        codec = attributes & _CODEC
        if codec:
            source = _Source(iter([bytes(self._batch[_LEGACY.size + (8 if self._magic else 0) :])]))
            for _ in ("key", "value"):
                size = int.from_bytes(source.read(4), signed=True)
                packed = source.read(max(0, size))
            total = 0
            for piece in pieces(codec, memoryview(packed), MAX_COPY_BYTES * 2):
                total += len(piece)
                if total > MAX_COPY_BYTES * 2:
                    raise Undecodable(f"its batch unpacks to more than {MAX_COPY_BYTES * 2:,} bytes")


def _cut(entry: Entry) -> Entry:
    original = original_of(entry)
    whole = original.sizes["value"] <= MAX_COPY_BYTES
    value = entry.value if whole or entry.value is None else entry.value[:HEAD_BYTES]
    key = None if entry.key is None else entry.key[:KEY_BYTES]
    cut = Original(None, original.sizes, original.sha256, whole)
    return Entry(entry.offset, entry.timestamp, entry.timestamp_type, key, value, (), cut)
