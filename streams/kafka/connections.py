"""Connections to the Kafka cluster by clients that raise the reason of a failure."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kafka import KafkaAdminClient
from kafka.errors import (
    BrokerResponseError,
    KafkaConnectionError,
    KafkaError,
    KafkaTimeoutError,
    UnknownTopicOrPartitionError,
    for_code,
)
from kafka.net.compat import KafkaNetClient
from kafka.net.inet import create_connection
from kafka.net.manager import KafkaConnectionManager
from kafka.net.selector import NetworkSelector
from kafka.net.transport import KafkaSSLTransport, KafkaTCPTransport
from kafka.record import default_records

from streams.errors import TelexError, UnreachableError
from streams.kafka import snappy
from streams.kafka.error_messages import describe, is_final
from streams.settings import Settings

# Milliseconds until Telex reports that no broker answers.
BOOTSTRAP_TIMEOUT_MS = 8000
# Milliseconds that a poll waits for records.
POLL_MS = 200
# Seconds that the broker has to confirm a record, or the records that are sent together.
DELIVERY_LIMIT_S = 30.0
# Most milliseconds between two attempts to reach a lost broker. By default kafka-python waits for up to 30 s.
RECONNECT_MS = 1000


class _KeepsLastAnswer:
    """Reads a broker's answer that arrives together with the end of the connection.

    kafka-python 3.0.12 drops such an answer (`_read_from_sock` in its transport.py), and with it the reason of a
    refusal.
    """

    def _sock_recv(self) -> tuple[bytes, Exception | None]:
        received, error = super()._sock_recv()  # type: ignore[misc]
        return received, None if received else error


class _Tcp(_KeepsLastAnswer, KafkaTCPTransport):  # type: ignore[misc]
    pass


class _Tls(_KeepsLastAnswer, KafkaSSLTransport):  # type: ignore[misc]
    pass


class _Connections(KafkaConnectionManager):  # type: ignore[misc]
    """kafka-python's connections, with the reason of a failure in the exception.

    kafka-python 3.0.12 tries until the time is up, raises a timeout, and writes the reason to its log only. Here a
    failure that another attempt cannot change ends the attempts (a refused login can lock an account), and its reason
    is raised. `tests/unit/test_replacements_of_kafka_python.py` says when the library does this by itself.
    """

    def __init__(self, net: NetworkSelector, **configs: Any) -> None:
        super().__init__(net, **configs)
        self._failures: dict[str, KafkaError] = {}

    def get_connection(self, node_id: Any, **options: Any) -> Any:
        connection = super().get_connection(node_id, **options)
        if self.cluster.is_bootstrap(node_id) and not self.bootstrapped:
            connection.close_future.add_errback(lambda error: self._remember(node_id, error))
        return connection

    async def _build_transport(self, node: Any, timeout_at: float | None = None) -> Any:
        sock = await create_connection(
            self._net, node.host, node.port, self.config["socket_options"], timeout_at=timeout_at
        )
        tls = {name: value for name, value in self.config.items() if name.startswith("ssl_")}
        transport = (
            _Tls(self._net, sock, host=node.host, **tls) if self.ssl_enabled else _Tcp(self._net, sock, host=node.host)
        )
        try:
            await transport.handshake()
        except Exception as error:
            transport.abort(error)  # the library leaves the socket open
            raise KafkaConnectionError(error) from error
        return transport

    def _remember(self, node_id: str, error: KafkaError) -> None:
        self._failures[node_id] = error

    def maybe_raise_auth_failure(self, node_id: Any) -> None:
        """The library calls this before it connects."""
        super().maybe_raise_auth_failure(node_id)
        final = [error for error in self._failures.values() if is_final(error)]
        if not self.bootstrapped and final and len(final) == len(self.cluster.bootstrap_brokers()):
            raise final[0]

    def bootstrap(self, timeout_ms: float | None = None, refresh: bool = True) -> None:
        try:
            super().bootstrap(timeout_ms, refresh)
        except KafkaError as error:
            # Without this, a client that cannot be created leaves its thread and its sockets behind.
            self.close()
            self._net.close()
            if isinstance(error, KafkaTimeoutError) and self._failures:
                raise next(iter(self._failures.values())) from None
            raise


def install_snappy_decoder() -> None:
    """Replace kafka-python's snappy decoder for all clients of this process.

    kafka-python 3.0.12 cannot read several streams in one batch, or a stream without blocks, and Java's consumer can.
    An earlier version refused Redpanda's streams too (https://github.com/dpkp/kafka-python/issues/2414).
    """
    default_records.snappy_decode = snappy.decode


def client(**configs: Any) -> KafkaNetClient:
    """The network client for the argument `kafka_client` of kafka-python's clients."""
    install_snappy_decoder()
    net = NetworkSelector(**configs)
    return KafkaNetClient(net, _Connections(net, **configs), **configs)


def connection(settings: Settings) -> dict[str, Any]:
    """The arguments with which each of kafka-python's clients connects, and raises the reason when it cannot."""
    return {
        **settings.kafka(),
        "bootstrap_timeout_ms": BOOTSTRAP_TIMEOUT_MS,
        "reconnect_backoff_max_ms": RECONNECT_MS,
        "kafka_client": client,
    }


@contextmanager
def admin(settings: Settings) -> Iterator[KafkaAdminClient]:
    """An admin client, closed at the end. Raises TelexError with a remedy when the cluster cannot be used."""
    with kafka_errors(settings):
        client = KafkaAdminClient(**connection(settings))
        try:
            yield client
        finally:
            client.close()


@contextmanager
def kafka_errors(settings: Settings) -> Iterator[None]:
    """Turn a Kafka client's exceptions into TelexError, or UnreachableError where another attempt may succeed."""
    try:
        yield
    except KafkaError as error:
        lasting = is_final(error) or isinstance(error, BrokerResponseError)
        raise (TelexError if lasting else UnreachableError)(describe(settings, error)) from error


def partitions(settings: Settings, topic: str) -> int:
    """The number of partitions of a topic.

    Args:
        settings: of the cluster.
        topic: the full name, with the prefix.

    Raises:
        TelexError: the topic does not exist, or the cluster does not allow access to it.
    """
    with admin(settings) as client:
        (description,) = client.describe_topics([topic])
        error = for_code(description["error_code"])
        if error is UnknownTopicOrPartitionError:
            raise TelexError(
                f"There is no topic {topic} at {settings.bootstrap_servers}: create the topics with `telex topics`."
            )
        if description["error_code"]:
            raise error()
    return len(description["partitions"])
