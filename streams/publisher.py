"""Publish articles: from Python, and behind `telex publish`."""

from __future__ import annotations

import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import msgspec
from kafka import KafkaProducer
from kafka.errors import KafkaError

from streams import codec, headers
from streams.cluster import BOOTSTRAP_TIMEOUT_MS, kafka_errors
from streams.errors import Reason, RecordError, TelexError
from streams.settings import Settings, load
from streams.stages import RAW
from streams.topics import OVERHEAD_BYTES

# Seconds within which the broker has to confirm an article.
DELIVERY_LIMIT_S = 30.0
# Milliseconds that an article waits for others to travel with.
LINGER_MS = 5


class Publisher:
    """Publishes articles to the raw topic. Use it as a context manager: its end waits until the broker has them all.

    >>> with Publisher() as publisher:
    ...     publisher.publish({"text": "The Louvre welcomed 8.7 million visitors."})

    Args:
        settings: where the brokers are; by default from the environment (`TELEX_...`).

    Raises:
        TelexError: the brokers cannot be reached.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self._settings = settings or load()
        self._topic = self._settings.topic_prefix + RAW
        self._pending: dict[str, Any] = {}
        with kafka_errors(self._settings):
            self._producer = KafkaProducer(
                **self._settings.kafka(),
                acks="all",
                enable_idempotence=True,
                linger_ms=LINGER_MS,
                max_request_size=codec.MAX_VALUE_BYTES + OVERHEAD_BYTES,
                delivery_timeout_ms=int(DELIVERY_LIMIT_S * 1000),
                request_timeout_ms=int(DELIVERY_LIMIT_S * 1000) - 1000,
                max_block_ms=int(DELIVERY_LIMIT_S * 1000),
                bootstrap_timeout_ms=BOOTSTRAP_TIMEOUT_MS,
                allow_auto_create_topics=False,
            )

    def publish(self, article: Mapping[str, Any] | bytes) -> str:
        """Send an article on its way.

        Args:
            article: its fields (`text` is required), or the bytes of a JSON object.

        Returns:
            The article's id: its own, or one made from its content.

        Raises:
            RecordError: it is no article; its `reason` and message say why. Nothing was sent.
            TelexError: an earlier article could not be delivered.
        """
        if not isinstance(article, bytes):
            try:
                article = msgspec.json.encode(article)
            except (TypeError, ValueError, RecursionError) as error:
                raise RecordError(Reason.INVALID_JSON, f"The article cannot be written as JSON: {error}.") from None
        identifier, value = codec.identify(article)
        event = headers.event(identifier, "raw", "urn:telex:publisher", (), time.time())
        self._settle()
        with kafka_errors(self._settings):
            future = self._producer.send(self._topic, key=identifier.encode(), value=value, headers=event)
        self._pending[identifier] = future
        return identifier

    def flush(self) -> None:
        """Wait until the broker has every article. Raises TelexError that names one that it does not have."""
        with kafka_errors(self._settings):
            self._producer.flush(timeout=DELIVERY_LIMIT_S)
        for identifier, future in self._pending.items():
            _raise_failure(identifier, future, self._settings)
        self._pending.clear()

    def close(self) -> None:
        """Flush, and let go of the connection."""
        try:
            self.flush()
        finally:
            self._producer.close(timeout=1)

    def _settle(self) -> None:
        """Forget what was delivered, from the oldest on."""
        for identifier in list(self._pending):
            if not self._pending[identifier].is_done:
                return
            _raise_failure(identifier, self._pending.pop(identifier), self._settings)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def _raise_failure(identifier: str, future: Any, settings: Settings) -> None:
    try:
        future.get(timeout=0.1)
    except KafkaError as error:
        raise TelexError(
            f"The article {identifier} was not delivered to {settings.bootstrap_servers} ({error}): publish it again when the broker is well; twice does no harm."
        ) from None
