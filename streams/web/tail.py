"""Reads a topic while somebody asks for it.

Reading begins at the first request and ends when nobody has asked for IDLE_S. Then there is no thread, no connection
and no timer. After a pause reading goes on where it stopped, so that nothing is missing, or near the end of the topic
when too much has come.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from streams.errors import TelexError
from streams.settings import Settings
from streams.web.topic_reading import Event, Problem, Records, Start, TopicReading
from streams.web.topic_record import Decode, TopicRecord

# Seconds without a request after which reading ends, and between two checks of that.
IDLE_S, CHECK_S = 60.0, 10.0
# Seconds that a request waits for the first records.
READY_LIMIT_S = 15.0


class Sink(Protocol):
    """The receiver of the records, on the event loop."""

    def start_over(self, mark: str, offsets: dict[int, int]) -> None:
        """Forget everything: the next records that count begin at these offsets of a topic with this mark."""

    def take(self, records: list[TopicRecord]) -> None:
        """Take records, in the order of each partition."""


class Tail:
    """The end of one topic.

    Args:
        settings: of the cluster.
        topic: the name without prefix.
        decode: decodes the value of a record.
        sink: takes the records.
        window: records that are read when reading begins, all partitions together; None for the whole topic.

    Attributes:
        problem: why nothing can be read at the moment; None while all is well.
    """

    def __init__(self, settings: Settings, topic: str, decode: Decode, sink: Sink, window: int | None) -> None:
        self._settings, self._topic, self._decode = settings, settings.topic(topic), decode
        self._sink, self._window = sink, window
        self._topic_mark = ""
        self._position: dict[int, int] = {}
        self._holders = 0
        self._last_request = 0.0
        self._ready = asyncio.Event()
        self._reading: TopicReading | None = None
        self._check: asyncio.TimerHandle | None = None
        self._closed = False
        self.problem: str | None = None

    @property
    def is_ready(self) -> bool:
        """Whether the sink has everything that was in the topic when reading began."""
        return self._ready.is_set() and self.problem is None

    @property
    def lag(self) -> int:
        """Records of the topic that the sink has not got; 0 while nobody asks."""
        return self._reading.lag if self._reading else 0

    async def catch_up(self) -> None:
        """Wait until the sink has everything that is in the topic. Keeps the tail at work for IDLE_S.

        Raises:
            TelexError: Kafka does not answer, or there is no such topic.
        """
        loop = asyncio.get_running_loop()
        self._last_request = loop.time()
        if self._reading is None and not self._closed:
            self._start(loop)
        try:
            async with asyncio.timeout(READY_LIMIT_S):
                await self._ready.wait()
        except TimeoutError:
            raise TelexError(
                f"{self._topic} could not be read within {READY_LIMIT_S:.0f} s: Kafka is slow to answer. Try again."
            ) from None
        if self.problem:
            raise TelexError(self.problem)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep the tail at work, for a reader that stays connected."""
        self._holders += 1
        try:
            yield
        finally:
            self._holders -= 1
            self._last_request = asyncio.get_running_loop().time()

    def close(self) -> None:
        """End for good. A request that waits ends too."""
        self._closed = True
        self._end()
        self.problem = "The server stops."
        self._ready.set()

    def _start(self, loop: asyncio.AbstractEventLoop) -> None:
        self.problem = None
        # The reading has its own copy of the position: this one has advanced only by the records that the sink took.
        self._reading = TopicReading(
            self._settings,
            self._topic,
            self._decode,
            self._window,
            self._topic_mark,
            dict(self._position),
            loop,
            self._receive,
        )
        self._reading.start()
        self._check = loop.call_later(CHECK_S, self._end_if_idle, loop)

    def _receive(self, reading: TopicReading, event: Event) -> None:
        if reading is not self._reading:
            return  # a former one, which has been told to end
        match event:
            case Start(mark, offsets):
                self._topic_mark, self._position = mark, dict(offsets)
                self._sink.start_over(mark, dict(offsets))
            case Records(records):
                self._position.update({record.partition: record.offset + 1 for record in records})
                self._sink.take(records)
            case Problem(problem):
                self.problem = problem
                self._ready.set()

    def _end_if_idle(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._holders or loop.time() - self._last_request < IDLE_S:
            self._check = loop.call_later(CHECK_S, self._end_if_idle, loop)
        else:
            self._end()

    def _end(self) -> None:
        if self._reading:
            self._reading.stop()
        if self._check:
            self._check.cancel()
        self._reading = self._check = None
        # Nobody tries to read any more, so that nothing is wrong. A server that is not ready gets no further requests.
        self.problem = None
        self._ready.clear()
