"""The messages of Kafka's older formats (magic numbers 0 and 1), which have no headers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from struct import Struct
from typing import Any

from streams.kafka.batch_entries import Entry, UndecodableError, entry_bytes
from streams.kafka.batch_records import CODEC
from streams.kafka.byte_source import ByteSource
from streams.kafka.decompression import unpack
from streams.records.originals import HEAD_BYTES, KEY_BYTES, MAX_COPY_BYTES, Original, original_of

# Offset, length, checksum, magic, attributes.
MESSAGE_HEADER = Struct(">qiIbb")
_TIMESTAMP_BYTES = 8


class LegacyMessages:
    """Iterates over one message, or over the messages of a compressed set.

    Args:
        batch: the bytes of the message set.
        magic: the version of the format, 0 or 1.
        parse: the client library's parser of a message with its magic number.
    """

    def __init__(self, batch: memoryview, magic: int, parse: Callable[[bytes, int], Iterable[Any]]) -> None:
        self._batch, self._magic, self._parse = batch, magic, parse

    def __iter__(self) -> Iterator[Entry]:
        try:
            self._require_moderate_size()
            messages: Any = self._parse(bytes(self._batch), self._magic)
            if not messages.validate_crc():
                raise UndecodableError("the checksum of its batch is wrong")
            entries = [
                Entry(each.offset, each.timestamp, each.timestamp_type, each.key, each.value, ()) for each in messages
            ]
        except UndecodableError:
            raise
        except Exception as error:
            raise UndecodableError(
                f"its batch of the format {self._magic} cannot be read ({type(error).__name__})"
            ) from None
        yield from (entry if entry_bytes(entry) <= MAX_COPY_BYTES else _cut(entry) for entry in entries)

    def _require_moderate_size(self) -> None:
        """Unpack a compressed set in pieces to see how large it is, because the library unpacks it in one piece."""
        *_, attributes = MESSAGE_HEADER.unpack_from(self._batch)
        codec = attributes & CODEC
        if codec:
            key_at = MESSAGE_HEADER.size + (_TIMESTAMP_BYTES if self._magic else 0)
            source = ByteSource(iter([bytes(self._batch[key_at:])]))
            for _ in ("key", "value"):
                size = int.from_bytes(source.read(4), signed=True)
                packed = source.read(max(0, size))
            unpacked_size = 0
            for piece in unpack(codec, memoryview(packed), MAX_COPY_BYTES * 2):
                unpacked_size += len(piece)
                if unpacked_size > MAX_COPY_BYTES * 2:
                    raise UndecodableError(f"its batch unpacks to more than {MAX_COPY_BYTES * 2:,} bytes")


def _cut(entry: Entry) -> Entry:
    """The head of a large message's key, and of its value where that is large by itself."""
    original = original_of(entry)
    whole = original.sizes["value"] <= MAX_COPY_BYTES
    value = entry.value if whole or entry.value is None else entry.value[:HEAD_BYTES]
    key = None if entry.key is None else entry.key[:KEY_BYTES]
    cut = Original(None, original.sizes, original.sha256, whole=whole)
    return Entry(entry.offset, entry.timestamp, entry.timestamp_type, key, value, (), cut)
