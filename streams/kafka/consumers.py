"""The options that all consumers of Telex share, and a consumer of kafka-python with them."""

from __future__ import annotations

from typing import Any

from streams.kafka.connections import connection
from streams.kafka.lenient_consumer import LenientConsumer
from streams.settings import Settings

# Nothing is committed by a timer: a record is finished when its reader says so. A consumer without a position begins at
# the first record, so that none is left out. What a transaction has aborted was never published.
SHARED_OPTIONS = {"enable_auto_commit": False, "auto_offset_reset": "earliest", "isolation_level": "read_committed"}


def new_consumer(settings: Settings, *, stand_ins: bool = False, **configs: Any) -> LenientConsumer:
    """A consumer of kafka-python for committed records. It belongs to no group unless `configs` names one.

    Args:
        settings: of the cluster.
        stand_ins: whether it returns a stand-in for a record that cannot be read, too.
        configs: of `kafka.KafkaConsumer`, in addition to the shared options or in their place.

    Raises:
        KafkaError: the cluster does not answer, or refuses.
    """
    options = {**SHARED_OPTIONS, "allow_auto_create_topics": False, **configs}
    return LenientConsumer(stand_ins=stand_ins, **connection(settings), **options)
