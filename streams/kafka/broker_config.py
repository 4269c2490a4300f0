"""The configuration of the embedded broker: Java's options, Kafka's server.properties and its logging."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Mapping

from streams.records.codec import MAX_VALUE_BYTES

# A broker without memory ends, which Telex notices, instead of running on without the threads that failed. With its
# quick compiler alone Java takes half of the processor time until the broker answers (2.6 s instead of 5 s), and less
# for the first 100,000 records too.
JVM_OPTIONS = (
    "-Xmx512m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:-UsePerfData",
    "-XX:+ExitOnOutOfMemoryError",
    "-Dlog4j2.configurationFile=log4j2.properties",
)

# Kafka's defaults are for clusters: 50 partitions for the offsets and for the transactions of all groups, whose
# creation takes 0.4 s of a processor, and two records a second that say that nothing happens, which double the work of
# a broker at rest. A folder that already has its 50 partitions keeps them.
_SERVER = """\
process.roles=broker,controller
node.id=1
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
inter.broker.listener.name=PLAINTEXT
controller.listener.names=CONTROLLER
controller.quorum.bootstrap.servers=127.0.0.1:{controller_port}
log.dirs={data}
auto.create.topics.enable=false
message.max.bytes={max_bytes}
metadata.max.idle.interval.ms=0
offsets.topic.num.partitions=4
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
"""
# Two files at most: the current one and the one before it. Each start begins a new file.
LOG4J = """\
rootLogger.level=warn
rootLogger.appenderRef.file.ref=file
appender.file.type=RollingFile
appender.file.name=file
appender.file.fileName=../broker.log
appender.file.filePattern=../broker.log.%i
appender.file.layout.type=PatternLayout
appender.file.layout.pattern=[%d] %p %m (%c)%n
appender.file.policy.type=SizeBasedTriggeringPolicy
appender.file.policy.size=10MB
appender.file.strategy.type=DefaultRolloverStrategy
appender.file.strategy.max=1
"""


def server_properties(data: str, port: int, controller_port: int, properties: Mapping[str, str]) -> str:
    """The text of server.properties.

    Args:
        data: the folder of the records, relative to the broker's working directory.
        port: the port of the clients.
        controller_port: the port of the controller.
        properties: follow Telex's own lines; of two lines with the same name Kafka takes the last one.
    """
    own = _SERVER.format(data=data, port=port, controller_port=controller_port, max_bytes=3 * MAX_VALUE_BYTES)
    return own + "".join(f"{name}={value}\n" for name, value in properties.items())


def new_cluster_id() -> str:
    """A random id for a new cluster."""
    return base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
