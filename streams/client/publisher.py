"""Publishes articles, from Python and for `telex publish`."""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from types import TracebackType
from typing import Any, NamedTuple, Self

import msgspec
from kafka import KafkaProducer
from kafka.errors import AuthorizationError, KafkaError

from streams.errors import Reason, RecordError, TelexError
from streams.kafka.connections import DELIVERY_LIMIT_S, connection, kafka_errors, partitions
from streams.kafka.error_messages import describe, one_line
from streams.kafka.topics import COMPRESSION, OVERHEAD_BYTES
from streams.records import codec, headers
from streams.settings import Settings, load
from streams.stages import RAW

# Seconds after DELIVERY_LIMIT_S at which the publisher gives an article up by itself. While kafka-python 3.0.12 asks
# an absent broker for a new producer id, it gives up no record that it has not sent yet.
GIVE_UP_S = 5.0
# Bytes of articles that may wait for the broker. kafka-python 3 sets no limit: memory would grow as long as the broker
# is slower than the publisher, and an article that waits longer than DELIVERY_LIMIT_S is given up.
MAX_PENDING_BYTES = 32 * 1024 * 1024


class _Pending(NamedTuple):
    """An article that the broker has not confirmed yet.

    Attributes:
        size: bytes of its value.
        deadline: when to give it up, in seconds of the monotonic clock.
    """

    identifier: str
    size: int
    deadline: float
    future: Any


class Publisher:
    """Publishes articles to the raw topic. Use it as a context manager, whose end waits until the broker has them all.

    >>> with Publisher() as publisher:
    ...     publisher.publish({"text": "The Louvre welcomed 8.7 million visitors."})

    Args:
        settings: the brokers and how to connect to them; by default from the environment (`TELEX_...`).

    Raises:
        TelexError: no broker answers, or the raw topic does not exist.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self._settings = settings or load()
        self._topic = self._settings.topic(RAW)
        # Articles that the broker has not confirmed yet, the oldest first.
        self._pending: deque[_Pending] = deque()
        self._pending_bytes = 0
        self._failed: list[tuple[str, KafkaError]] = []
        # Checked here, because the producer would wait for a topic that does not exist.
        partitions(self._settings, self._topic)
        self._producer: KafkaProducer | None = self._new_producer()

    def _new_producer(self) -> KafkaProducer:
        with kafka_errors(self._settings):
            return KafkaProducer(
                **connection(self._settings),
                acks="all",
                enable_idempotence=True,
                compression_type=COMPRESSION,
                max_request_size=codec.MAX_VALUE_BYTES + OVERHEAD_BYTES,
                delivery_timeout_ms=int(DELIVERY_LIMIT_S * 1000),
                request_timeout_ms=int(DELIVERY_LIMIT_S * 1000) - 1000,
                max_block_ms=int(DELIVERY_LIMIT_S * 1000),
                allow_auto_create_topics=False,
            )

    def publish(self, article: Mapping[str, Any] | bytes) -> str:
        """Send an article. It is delivered when `flush` has returned.

        Args:
            article: its fields (`text` is required), or the bytes of a JSON object.

        Returns:
            The article's own id; where it has none, an id made from its content.

        Raises:
            RecordError: it is not an article; `reason` and the message say why. Nothing was sent.
            TelexError: an earlier article could not be delivered. The publisher sends nothing more until `flush`.
        """
        identifier, value = codec.identify(article if isinstance(article, bytes) else _encoded(article))
        event = headers.event(identifier, "raw", "urn:telex:publisher", (), time.time())
        while self._pending and (self._pending[0].future.is_done or self._pending_bytes > MAX_PENDING_BYTES):
            self._settle_oldest()
        self._raise_failed()
        self._producer = self._producer or self._new_producer()
        with kafka_errors(self._settings):
            future = self._producer.send(self._topic, key=identifier.encode(), value=value, headers=event)
        self._pending.append(_Pending(identifier, len(value), time.monotonic() + DELIVERY_LIMIT_S + GIVE_UP_S, future))
        self._pending_bytes += len(value)
        return identifier

    def flush(self) -> None:
        """Wait until the broker has every article. Raises TelexError, which names the first article that it lacks."""
        while self._pending:
            self._settle_oldest()
        try:
            self._raise_failed()
        except TelexError:
            # After one refused record, an idempotent producer refuses all others. The next article gets a new one.
            self._failed.clear()
            self._close_producer()
            raise

    def close(self) -> None:
        """Flush, and close the connection."""
        try:
            self.flush()
        finally:
            self._close_producer()

    def _close_producer(self) -> None:
        producer, self._producer = self._producer, None
        if not producer:
            return
        try:
            producer.close(timeout=1)
        except KafkaError:
            # The flush was interrupted, and the remaining articles cannot be delivered now either. `close` of
            # kafka-python 3.0.12 then raises before it ends the producer's thread, which would try once more when
            # Python ends.
            producer._sender.force_close()
            with suppress(KafkaError):
                producer.close(timeout=1)

    def _settle_oldest(self) -> None:
        """Wait until the oldest article is confirmed or given up."""
        identifier, size, deadline, future = self._pending[0]
        try:
            # The deadline counts from when the article was sent, so many articles are given up together.
            future.get(timeout=max(0.0, deadline - time.monotonic()))
        except KafkaError as error:
            self._failed.append((identifier, error))
        self._pending.popleft()
        self._pending_bytes -= size

    def _raise_failed(self) -> None:
        if not self._failed:
            return
        identifier, error = self._failed[0]
        articles = (
            f"The article {identifier} was"
            if len(self._failed) == 1
            else f"{len(self._failed)} articles, the first {identifier}, were"
        )
        why = describe(self._settings, error) if isinstance(error, AuthorizationError) else one_line(error)
        raise TelexError(
            f"{articles} not delivered to {self._settings.bootstrap_servers} ({why}): "
            "publish again when that is fixed. An article that arrives twice does no harm."
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _encoded(article: Mapping[str, Any]) -> bytes:
    """The JSON of an article that is a mapping. Raises RecordError where the mapping cannot be written as JSON."""
    try:
        encoded = msgspec.json.encode(dict(article))
        if b"null" in encoded:
            # msgspec writes nan and inf, for which JSON has no number, as null. The json module refuses them.
            json.dumps(msgspec.to_builtins(dict(article)), allow_nan=False)
    except UnicodeEncodeError as error:
        lone_surrogate = error.object[error.start : error.end]
        raise RecordError(
            Reason.INVALID_JSON,
            f"{lone_surrogate!r} is half of a character, as when an emoji is cut in two: cut texts between characters.",
        ) from None
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise RecordError(
            Reason.INVALID_JSON, f"The article cannot be written as JSON: {error}. Use JSON's own types."
        ) from None
    return encoded
