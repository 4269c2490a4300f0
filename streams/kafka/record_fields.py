"""The parsing of one record, with a limit on the bytes that it keeps in memory."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from streams.kafka.batch_entries import Entry, UndecodableError
from streams.kafka.byte_source import ByteSource
from streams.records.originals import HEAD_BYTES, KEY_BYTES, MAX_COPY_BYTES, MAX_HEADERS, Original

# Bytes of a record beside key, value and headers: five numbers of up to ten bytes each, the attributes, and the number
# of headers.
RECORD_OVERHEAD = 64


class RecordFields:
    """Reads the fields of one record in their order. It reads past a field that is too large to be kept.

    Args:
        source: its next byte is the record's attributes, after the length.
        length: the record's length in bytes.
        first_time: the batch's first timestamp, milliseconds since 1970.
        append_time: the broker's timestamp for all records of the batch; None where each record has its own.
    """

    def __init__(self, source: ByteSource, length: int, first_time: int, append_time: int | None) -> None:
        self._source, self._length, self._begin = source, length, source.taken
        source.read(1)
        timestamp_delta = source.varint()
        source.varint()
        self._timestamp = first_time + timestamp_delta if append_time is None else append_time
        self._timestamp_type = 0 if append_time is None else 1

    def entry(self, offset: int) -> Entry:
        """The record, or the parts of it that may be kept.

        Value and headers are kept if they fit, even under a large key: the article may be intact without its key.

        Args:
            offset: the offset of the record in its partition.

        Raises:
            UndecodableError: the bytes are not a record.
        """
        large = self._length > MAX_COPY_BYTES
        key, key_size, _ = self._field(KEY_BYTES if large else self._length, KEY_BYTES)
        value, value_size, digest = self._field(MAX_COPY_BYTES, HEAD_BYTES)
        header_count = self._source.varint()
        if header_count < 0:
            raise UndecodableError("it has a negative number of headers")
        headers_size = self._length - (self._source.taken - self._begin)
        whole = header_count <= MAX_HEADERS and headers_size + value_size <= MAX_COPY_BYTES
        if whole:
            headers = tuple(self._header() for _ in range(header_count))
        else:
            self._source.skip(headers_size)
            headers, value = (), value and value[:HEAD_BYTES]
        original = None
        if large or not whole:
            sizes = {"key": key_size, "value": value_size, "headers": headers_size}
            original = Original(None, sizes, digest.hexdigest(), whole=whole)
        return Entry(offset, self._timestamp, self._timestamp_type, key, value, headers, original)

    def _size(self) -> int:
        """The length of the next field; negative for null."""
        size = self._source.varint()
        if size > self._length:
            raise UndecodableError("a field of it is longer than the record")
        return size

    def _bytes(self) -> bytes | None:
        size = self._size()
        return None if size < 0 else self._source.read(size)

    def _header(self) -> tuple[str, bytes | None]:
        return (self._bytes() or b"").decode(errors="surrogateescape"), self._bytes()

    def _field(self, keep: int, head: int) -> tuple[bytes | None, int, Any]:
        """The next field's content, size and digest. A content of more than `keep` bytes is cut to `head` bytes."""
        size, digest = self._size(), sha256()
        if size < 0:
            return None, 0, digest
        content, most, missing = bytearray(), size if size <= keep else head, size
        while missing:
            part = self._source.read_some(missing)
            digest.update(part)
            content += part[: max(0, most - len(content))]
            missing -= len(part)
        return bytes(content), size, digest


def offset_delta(beginning: bytes) -> int | None:
    """A record's offset relative to its batch, from the record's first bytes; None where they cannot be read."""
    try:
        source = ByteSource(iter([beginning]))
        source.read(1)
        source.varint()
        return source.varint()
    except UndecodableError:
        return None
