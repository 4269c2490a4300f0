"""What tests change about topics and brokers."""

import os
import signal
from collections.abc import Mapping

from kafka.admin import ConfigResource, ConfigResourceType
from processes import wait_for

from streams.broker import EmbeddedBroker
from streams.cluster import admin
from streams.settings import Settings


def configure(settings: Settings, topic: str, configs: Mapping[str, str]) -> None:
    """Set what the topic is configured with, by Kafka's names."""
    with admin(settings) as client:
        client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, settings.topic_prefix + topic, dict(configs))])


def limit_record(settings: Settings, topic: str, size: int) -> None:
    """The most bytes that a record of the topic may have."""
    configure(settings, topic, {"max.message.bytes": str(size)})


def kill_broker(broker: EmbeddedBroker) -> None:
    """`kill -9`, and wait until it is gone."""
    assert broker.pid
    os.kill(broker.pid, signal.SIGKILL)
    wait_for(lambda: broker.poll() == -signal.SIGKILL, 5)
