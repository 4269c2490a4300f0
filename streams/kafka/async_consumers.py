"""A consumer of aiokafka with the options that all consumers of Telex share."""

from __future__ import annotations

from typing import Any

from aiokafka import AIOKafkaConsumer

from streams.kafka.consumers import SHARED_OPTIONS
from streams.records.originals import Original
from streams.settings import Settings

# Milliseconds for which the broker may hold a request for records while there are none. A consumer that follows a topic
# waits long, because each request costs a little. One that reads up to an end waits shortly: the broker answers the
# requests of a connection one after the other, so the next reading waits for the last request.
LONG_WAIT_MS, SHORT_WAIT_MS = 5000, 100
# Maximum age of the metadata of a topic that is followed: a partition that is added stays unseen for that long.
METADATA_AGE_MS = 10_000
# Seconds after which the fetcher of aiokafka looks for work without a reason. It has a reason whenever a fetch ends, a
# position changes, or records are taken, so this is only a safeguard. With the value of aiokafka itself, 0.2 s, an idle
# process wakes up five times a second for it.
FETCHER_INTERVAL_S = 5.0


def new_async_consumer(settings: Settings, *topics: str, **configs: Any) -> AIOKafkaConsumer:
    """A consumer of aiokafka for committed records. It belongs to no group unless `configs` names one.

    Args:
        settings: of the cluster.
        topics: that it subscribes to, with the prefix; none for a consumer to which partitions are assigned later.
        configs: of `aiokafka.AIOKafkaConsumer`, in addition to the shared options.
    """
    return AIOKafkaConsumer(*topics, **settings.kafka(), **SHARED_OPTIONS, **configs)


def fetched_original(fetched: Any) -> Original | None:
    """The description of a record of aiokafka's whose bytes are not all here; None for a complete one.

    `streams.worker.faust_adapter.lenient_fetcher` puts it into the field of the checksum.
    """
    return fetched.checksum if isinstance(fetched.checksum, Original) else None
