"""A reader of bytes and numbers over an unpacked batch that arrives in pieces."""

from __future__ import annotations

from collections.abc import Iterator

from streams.kafka.batch_entries import UndecodableError
from streams.kafka.decompression import UnpackError
from streams.records.codec import MAX_VALUE_BYTES

# The most bytes that the records of a batch may unpack to: 64 of the largest values. Unpacking them takes about a
# second, and a consumer that does nothing else for 6 s loses its partitions.
MAX_UNPACKED_BYTES = 64 * MAX_VALUE_BYTES


class ByteSource:
    """Bytes that arrive in pieces. Each method raises UndecodableError where they end too early or cannot be unpacked.

    Attributes:
        taken: number of bytes read so far.
    """

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._piece, self._at = pieces, b"", 0
        self._allowed = MAX_UNPACKED_BYTES
        self.taken = 0

    def _next_piece(self) -> None:
        try:
            self._piece, self._at = next(self._pieces), 0
        except StopIteration:
            raise UndecodableError("its batch ends within a record") from None
        except UnpackError as error:
            raise UndecodableError(f"its batch cannot be unpacked: {error}") from None
        self._allowed -= len(self._piece)
        if self._allowed < 0:
            raise UndecodableError(f"its batch unpacks to more than {MAX_UNPACKED_BYTES:,} bytes")

    def read_some(self, most: int) -> bytes:
        """At least one byte and at most `most` bytes, as the current piece has them."""
        while self._at >= len(self._piece):
            self._next_piece()
        part = self._piece[self._at : self._at + most]
        self._at += len(part)
        self.taken += len(part)
        return part

    def skip(self, size: int) -> None:
        """Pass over `size` bytes."""
        while size > 0:
            size -= len(self.read_some(size))

    def read(self, size: int) -> bytes:
        """Exactly `size` bytes."""
        first = self.read_some(size) if size else b""
        if len(first) == size:
            return first
        parts, missing = [first], size - len(first)
        while missing:
            parts.append(self.read_some(missing))
            missing -= len(parts[-1])
        return b"".join(parts)

    def unread(self, content: bytes) -> None:
        """Put back the bytes that were read last."""
        self._piece, self._at = content + self._piece[self._at :], 0
        self.taken -= len(content)

    def varint(self) -> int:
        """A number in the variable-length zigzag encoding of Protobuf, which Kafka's records use.

        Raises:
            UndecodableError: the bytes end within the number, or it takes more than ten bytes.
        """
        number = shift = 0
        while True:
            byte = self.read_some(1)[0]
            number |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return (number >> 1) ^ -(number & 1)
            if shift > 63:
                raise UndecodableError("a number in its batch is too long")
