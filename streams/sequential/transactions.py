"""Writes the outputs, the state and the offsets of a batch in one transaction of Kafka: all of them, or none.

All workers of a task use one transactional id. When a worker becomes active, Kafka fences the one before: it
refuses all further records of that worker, also if it was only frozen.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from kafka import KafkaProducer, OffsetAndMetadata, TopicPartition
from kafka.errors import InvalidProducerEpochError, KafkaError, ProducerFencedError

from streams.errors import TelexError
from streams.kafka.connections import DELIVERY_LIMIT_S, connection
from streams.kafka.topics import COMPRESSION, OVERHEAD_BYTES
from streams.records.codec import MAX_VALUE_BYTES
from streams.records.outputs import Output
from streams.settings import Settings
from streams.worker import process_end

logger = logging.getLogger(__name__)

# Milliseconds after which Kafka aborts the transaction of a worker that died and has no successor. Until then readers
# see nothing that came later.
TRANSACTION_TIMEOUT_MS = 40_000
# Bytes of records for one partition that are sent together. All records of a state go to one partition.
BATCH_BYTES = 256 * 1024
# Milliseconds for which an added partition may stay unknown, and seconds after which a topic does not have it.
METADATA_AGE_MS, PARTITION_LIMIT_S = 2_000, 10.0
FENCED = (ProducerFencedError, InvalidProducerEpochError)


class Transactions:
    """The transactions of the active worker.

    Args:
        settings: of the cluster.
        group: the full name of the task's group, which is also the transactional id.

    Raises:
        TelexError: Kafka does not allow the transactional id, or does not answer.
    """

    def __init__(self, settings: Settings, group: str) -> None:
        self._group = group
        self._producer = KafkaProducer(
            **connection(settings),
            acks="all",
            transactional_id=group,
            transaction_timeout_ms=TRANSACTION_TIMEOUT_MS,
            compression_type=COMPRESSION,
            batch_size=BATCH_BYTES,
            max_request_size=2 * MAX_VALUE_BYTES + OVERHEAD_BYTES,
            delivery_timeout_ms=int(DELIVERY_LIMIT_S * 1000),
            request_timeout_ms=int(DELIVERY_LIMIT_S * 1000) - 1000,
            max_block_ms=int(DELIVERY_LIMIT_S * 1000),
            metadata_max_age_ms=METADATA_AGE_MS,
            allow_auto_create_topics=False,
        )
        with _deadline(), self._fencing():
            self._producer.init_transactions()

    def write(self, outputs: Sequence[Output], offsets: Mapping[TopicPartition, int]) -> None:
        """Write records, and commit the offsets before which all records of the source are done.

        Raises:
            TelexError: another worker has become active, a topic lacks a partition, or a record was refused. Nothing
                was written.
            KafkaError: it is not known whether the records were written. This worker has to end.
        """
        for topic, partition in {(output.topic, output.partition) for output in outputs}:
            if partition is not None:
                self._await_partition(topic, partition)
        with _deadline(), self._fencing():
            self._producer.begin_transaction()
            sent = [self._send(output) for output in outputs]
            self._producer.send_offsets_to_transaction(_committable(offsets), self._group)
            self._producer.commit_transaction()
            for each in sent:
                each.get(timeout=0)

    def _await_partition(self, topic: str, partition: int) -> None:
        """Wait until the producer knows a partition. kafka-python refuses a record for one that was just added."""
        limit = time.monotonic() + PARTITION_LIMIT_S
        while partition not in self._producer.partitions_for(topic):
            if time.monotonic() > limit:
                raise TelexError(
                    f"The topic {topic} has no partition {partition}: give it as many partitions as the topic that this "
                    "worker reads, and start the worker again."
                )
            time.sleep(0.1)

    def _send(self, output: Output) -> Any:
        return self._producer.send(
            output.topic,
            key=output.key,
            value=output.value,
            headers=list(output.headers),
            partition=output.partition,
            timestamp_ms=output.timestamp_ms,
        )

    @contextmanager
    def _fencing(self) -> Iterator[None]:
        try:
            yield
        except KafkaError as error:
            # Once the producer is fenced, its methods raise another error that has this one in its message.
            last = self._producer._transaction_manager.last_error
            if isinstance(error, FENCED) or isinstance(last, FENCED):
                raise TelexError(
                    "Another worker of this task has become active, so this one ends. That is normal after a pause of "
                    "this machine; started again, it stands by."
                ) from error
            raise

    def close(self) -> None:
        """Close the connection. Kafka aborts a transaction that is open when the next worker becomes active."""
        with suppress(KafkaError):
            self._producer.close(timeout=1)


def _committable(offsets: Mapping[TopicPartition, int]) -> dict[TopicPartition, OffsetAndMetadata]:
    return {tp: OffsetAndMetadata(offset, "", -1) for tp, offset in offsets.items()}


@contextmanager
def _deadline() -> Iterator[None]:
    """End the process when the block takes too long: kafka-python 3.0.12 waits for a transaction without a limit."""
    limit_s = DELIVERY_LIMIT_S + 5
    timer = threading.Timer(limit_s, _give_up, [limit_s])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _give_up(limit_s: float) -> None:
    logger.error(
        "The broker did not confirm a transaction within %.0f s: check that it is up. The worker ends, and its "
        "uncommitted records come again.",
        limit_s,
    )
    process_end.end(1)
