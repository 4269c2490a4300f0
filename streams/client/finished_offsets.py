"""The offsets up to which a subscriber has finished its partitions, and their commits for its group."""

from __future__ import annotations

from contextlib import suppress

from kafka import KafkaConsumer, OffsetAndMetadata, TopicPartition
from kafka.errors import CommitFailedError, KafkaError, RebalanceInProgressError


class FinishedOffsets:
    """The finished offsets of one subscriber. A subscriber without a group commits none of them.

    Args:
        consumer: the subscriber's consumer.
        in_group: whether the consumer is a member of a group.
    """

    def __init__(self, consumer: KafkaConsumer, *, in_group: bool) -> None:
        self._consumer, self._in_group = consumer, in_group
        self._finished: dict[TopicPartition, int] = {}
        self._committed: dict[TopicPartition, int] = {}
        # The partition of the record that was yielded last, until that record is finished.
        self._unfinished: TopicPartition | None = None

    def begin(self, tp: TopicPartition) -> None:
        """Mark that a record of this partition is being worked on."""
        self._unfinished = tp

    def finish(self, tp: TopicPartition, offset: int) -> None:
        """Mark a record as finished: the group does not receive it again."""
        self._finished[tp] = offset + 1
        if self._unfinished == tp:
            self._unfinished = None

    def finish_gaps(self) -> None:
        """Advance the finished offsets past aborted records and transaction markers.

        Call it when all received records were yielded. It applies to partitions whose records are all finished.
        """
        if not self._in_group:
            return
        # Not `KafkaConsumer.position`, which asks the broker, and raises for a partition without a position.
        for tp, position in self._consumer._subscription.all_consumed_offsets().items():
            if tp != self._unfinished and position.offset != self._committed.get(tp):
                self._finished[tp] = position.offset

    def commit_if_possible(self) -> None:
        """Commit, unless the broker is away.

        The next commit includes these offsets then. If there is none, the next member receives the records again.
        """
        try:
            self.commit()
        except KafkaError as error:
            if not error.retriable:
                raise

    def commit(self, limit_ms: int | None = None) -> None:
        """Commit the offsets that were finished since the last commit.

        Args:
            limit_ms: milliseconds that it may take; None for the consumer's own limit.

        Raises:
            KafkaError: the broker does not answer, or refuses.
        """
        if not (self._in_group and self._finished):
            return
        offsets = {tp: OffsetAndMetadata(offset, "", -1) for tp, offset in self._finished.items()}
        # The group excludes a member that has not polled for five minutes (because `less` is open, say). The members
        # that have its partitions now receive these records again.
        with suppress(CommitFailedError, RebalanceInProgressError):
            self._consumer.commit(offsets, timeout_ms=limit_ms)
            self._committed.update(self._finished)
        self.forget()

    def forget(self) -> None:
        """Forget the finished offsets, which were committed or belong to a topic that was deleted."""
        self._finished.clear()
