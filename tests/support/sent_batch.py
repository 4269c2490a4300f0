"""A batch that a test has sent to a broker, and the records that the checker expects of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.support.checker import Record
from tests.support.wire import Wire


@dataclass
class SentBatch:
    """A batch that the broker accepted.

    Attributes:
        offset: the offset of the first record.
        data: the bytes of the batch.
        records: the records that a reader has to find in it.
        damaged: whether a disk damages the batch.
    """

    partition: int
    offset: int
    data: bytes
    records: Sequence[Wire]
    damaged: bool = False

    def expected(self) -> Iterator[Record]:
        """The records of the batch for the checker; with the bytes of the batch, if it is damaged."""
        # The broker writes the base offset, its own epoch, and the time in some topics. It keeps all other bytes.
        for delta, record in enumerate(self.records):
            headers = [((name or b"").decode(errors="surrogateescape"), value) for name, value in record.headers]
            yield Record(
                self.partition,
                self.offset + delta,
                record.key,
                record.value,
                headers,
                self.data if self.damaged else None,
            )
