"""Connections to the Kafka cluster: clients that raise the reason of a failure, and the wording of their errors."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kafka import KafkaAdminClient
from kafka.errors import (
    AuthorizationError,
    BrokerResponseError,
    IllegalSaslStateError,
    InconsistentGroupProtocolError,
    KafkaConnectionError,
    KafkaError,
    KafkaTimeoutError,
    SaslAuthenticationFailedError,
    UnknownTopicOrPartitionError,
    UnsupportedSaslMechanismError,
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
from streams.settings import Settings

# Milliseconds until Telex reports that no broker answers.
BOOTSTRAP_TIMEOUT_MS = 8000
# Most milliseconds between two attempts to reach a lost broker. By default kafka-python waits for up to 30 s.
RECONNECT_MS = 1000
_SASL_ERRORS = (SaslAuthenticationFailedError, UnsupportedSaslMechanismError, IllegalSaslStateError)
# OpenSSL's codes for "hostname mismatch" and "IP address mismatch" (X509_V_ERR_...).
_WRONG_NAME = (62, 64)


class _KeepsLastAnswer:
    """Reads a broker's answer that arrives together with the end of the connection.

    The library drops such an answer, and with it the reason of a refusal.
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
    is raised.
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
        final = [error for error in self._failures.values() if _is_final(error)]
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
        lasting = _is_final(error) or isinstance(error, BrokerResponseError)
        raise (TelexError if lasting else UnreachableError)(in_words(settings, error)) from error


def partitions(settings: Settings, topic: str) -> int:
    """The number of partitions of a topic.

    Args:
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


def in_words(settings: Settings, error: KafkaError) -> str:
    """One line on a Kafka client's error: what was wrong and what to do."""
    brokers, protocol = settings.bootstrap_servers, settings.security_protocol
    match _tls_error(error) or error:
        case SaslAuthenticationFailedError():
            return (
                f"{brokers} refused the login: check TELEX_SASL_USERNAME, TELEX_SASL_PASSWORD and TELEX_SASL_MECHANISM."
            )
        case UnsupportedSaslMechanismError():
            return (
                f"{brokers} does not take the login by {settings.sasl_mechanism}: "
                "set TELEX_SASL_MECHANISM to a mechanism that it takes."
            )
        case IllegalSaslStateError():
            return f"{brokers} wants no login: set TELEX_SECURITY_PROTOCOL to {protocol.removeprefix('SASL_')}."
        case ssl.SSLCertVerificationError() as refused if refused.verify_code in _WRONG_NAME:
            return (
                f"{brokers} has a certificate for other names ({refused.verify_message.rstrip('.')}): "
                "set TELEX_BOOTSTRAP_SERVERS, and the brokers' advertised.listeners, to names that it is for."
            )
        case ssl.SSLCertVerificationError() as refused:
            return (
                f"{brokers} has a certificate that cannot be trusted ({refused.verify_message}): "
                "set TELEX_SSL_CA_FILE to the certificate of the authority that signed it."
            )
        case ssl.SSLError() as refused if "ALERT" in (refused.reason or ""):
            return (
                f"{brokers} wants another client certificate ({refused.reason}): "
                "set TELEX_SSL_CERT_FILE and TELEX_SSL_KEY_FILE."
            )
        case AuthorizationError():
            return f"{brokers} does not allow this ({brief(error)}): ask for the right on the topic or group."
        case InconsistentGroupProtocolError():
            return (
                f"{brokers} does not let this member into the group: "
                "the group has members of another program, which share the partitions in another way. "
                "Choose a group of another name, or end those members."
            )
        case BrokerResponseError():
            return f"{brokers} answers, and refuses this ({brief(error)}): see the broker's log."
    return (
        f"No Kafka that can be used answers to {protocol} at {brokers} ({brief(error)}): "
        "start one with `telex broker`, or set TELEX_BOOTSTRAP_SERVERS and TELEX_SECURITY_PROTOCOL."
    )


def _is_final(error: KafkaError) -> bool:
    """Whether another attempt would fail in the same way."""
    tls = _tls_error(error)
    return isinstance(error, _SASL_ERRORS) or (tls is not None and not isinstance(tls, ssl.SSLEOFError))


def _tls_error(error: BaseException) -> ssl.SSLError | None:
    """The error of TLS itself, if there is one."""
    return next((cause for cause in error.args if isinstance(cause, ssl.SSLError)), None)


def brief(error: KafkaError) -> str:
    """One line of an error. The full error of a broker may contain the whole request."""
    if not isinstance(error, BrokerResponseError):
        return str(error)
    return f"{type(error).__name__}: {(error.description or '').partition('. ')[0].rstrip('.')}"
