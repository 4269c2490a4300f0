"""Up to where a worker has finished the partitions that it reads: past every gap, and never past an unfinished record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from threading import Lock

from faust.types import TP


class Progress:
    """Knows for each partition which fetched records are unfinished, and the consumer's position behind the last fetch.

    A position moves past the records of an aborted transaction, past transaction markers and past the gaps of a compacted
    topic, none of which a worker ever receives. Where no record is unfinished, everything before the position is finished.

    A record counts as unfinished from the moment that moves the position past it. The consumer's thread calls `fetched` in
    that moment, and the event loop's thread calls the other methods, hence the lock.

    What is known holds for one assignment: after a rebalance another worker may have committed less than was fetched here.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._assignment: object = None
        self._unfinished: defaultdict[TP, set[int]] = defaultdict(set)
        self._positions: dict[TP, int] = {}
        self._unknown: set[TP] = set()

    def fetched(self, assignment: object, offsets: Mapping[TP, Iterable[int]], positions: Mapping[TP, int]) -> None:
        """Records were fetched under an assignment.

        Args:
            assignment: an object that stands for this assignment alone.
            offsets: of the records, by partition.
            positions: behind them, also of partitions that gave no record.
        """
        with self._lock:
            if assignment is not self._assignment:
                self._assignment = assignment
                self._unfinished.clear()
                self._positions.clear()
                self._unknown.clear()
            for tp, found in offsets.items():
                self._unfinished[tp].update(found)
            self._positions.update((tp, position) for tp, position in positions.items() if tp not in self._unknown)

    def finished(self, tp: TP, offset: int) -> None:
        """The record's output is delivered."""
        with self._lock:
            self._unfinished[tp].discard(offset)

    def forget(self, partitions: Iterable[TP]) -> None:
        """Records of these partitions may be lost on their way here: nothing is known until `restart` or another assignment."""
        with self._lock:
            for tp in partitions:
                self._unknown.add(tp)
                self._positions.pop(tp, None)

    def restart(self, tp: TP) -> None:
        """The consumer went back to the committed offset: whatever was fetched behind it is fetched again."""
        with self._lock:
            self._unknown.discard(tp)
            self._unfinished.pop(tp, None)
            self._positions.pop(tp, None)

    def done(self, tp: TP, assignment: object) -> int | None:
        """The offset before which all is finished; None where nothing is known under this assignment."""
        with self._lock:
            if assignment is not self._assignment or tp not in self._positions:
                return None
            return min(self._unfinished[tp], default=self._positions[tp])
