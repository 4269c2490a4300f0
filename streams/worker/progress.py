"""The offset up to which a worker has finished a partition: past every gap, and never past an unfinished record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from faust.types import TP


class Progress:
    """The unfinished records of each partition, and the consumer's position behind the last fetch.

    A position moves past the records of an aborted transaction, past transaction markers and past the gaps of a
    compacted topic. A worker receives none of them. Without an unfinished record, everything before the position is
    finished.

    A record counts as unfinished from the moment in which the position moves past it, when `fetched` is called.

    This knowledge is valid for one assignment. After a rebalance, another worker may have committed less than was
    fetched here.
    """

    def __init__(self) -> None:
        self._assignment: object = None
        self._unfinished: defaultdict[TP, set[int]] = defaultdict(set)
        self._positions: dict[TP, int] = {}
        self._unknown: set[TP] = set()

    def fetched(self, assignment: object, offsets: Mapping[TP, Iterable[int]], positions: Mapping[TP, int]) -> None:
        """Add fetched records.

        Args:
            assignment: an object that is unique to the assignment.
            offsets: the offsets of the records, by partition.
            positions: the positions behind the records, with partitions that gave no record.
        """
        if assignment is not self._assignment:
            self._assignment = assignment
            self._unfinished.clear()
            self._positions.clear()
            self._unknown.clear()
        for tp, fetched in offsets.items():
            self._unfinished[tp].update(fetched)
        self._positions.update((tp, position) for tp, position in positions.items() if tp not in self._unknown)

    def is_unfinished(self, tp: TP, offset: int) -> bool:
        """Whether a record was fetched and is not finished. After a restart it is not: it is fetched again."""
        return offset in self._unfinished[tp]

    def finished(self, tp: TP, offset: int) -> None:
        """Mark a record as finished, after the delivery of its output."""
        self._unfinished[tp].discard(offset)

    def forget(self, partitions: Iterable[TP]) -> None:
        """Know nothing of these partitions until `restart` or another assignment: fetched records may be lost."""
        for tp in partitions:
            self._unknown.add(tp)
            self._positions.pop(tp, None)

    def restart(self, tp: TP) -> None:
        """Start again: the consumer went back to the committed offset and fetches the records behind it again."""
        self._unknown.discard(tp)
        self._unfinished.pop(tp, None)
        self._positions.pop(tp, None)

    def done(self, tp: TP, assignment: object) -> int | None:
        """The offset before which all records are finished; None when nothing is known under this assignment."""
        if assignment is not self._assignment or tp not in self._positions:
            return None
        return min(self._unfinished[tp], default=self._positions[tp])
