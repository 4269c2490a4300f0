"""Sends articles through a running pipeline, waits for them at its end, and reads what its processes used."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Self

import msgspec
import psutil
from msgspec import Raw, Struct

from streams.client.publisher import Publisher
from streams.client.received import Received
from streams.client.subscriber import Subscriber
from streams.errors import TelexError
from streams.settings import Settings
from streams.stages import STAGE_NAMES
from streams.system.usage import cpu_seconds
from streams.worker.supervisor import TEND_INTERVAL_S, Supervisor

# Seconds without any article after which the missing ones count as lost. A worker gives up an analysis after 60.
SILENCE_LIMIT_S = 180.0

_fields = msgspec.json.Decoder(dict[str, Raw])


class Cost(Struct, frozen=True, kw_only=True):
    """The cost of a number of articles, sent all at once, to the pipeline. Each time is in seconds.

    Attributes:
        articles: how many were sent and came out.
        seconds: from the first publication to the receipt of the last enriched article.
        worker: processor time of the workers' own processes, by stage.
        analysis: processor time of the workers' analysis processes, by stage.
        kafka: processor time of the broker.
        client: processor time for publishing and receiving.
    """

    articles: int
    seconds: float
    worker: dict[str, float]
    analysis: dict[str, float]
    kafka: float
    client: float


class Driver:
    """Drives a pipeline that nobody else uses. Use it as a context manager, in the main thread.

    Args:
        settings: of the pipeline.
        supervisors: each runs one worker of each stage.
        kafka: the process id of the broker.
        count_enriched: called once for each article that comes out.

    Attributes:
        publisher: publishes to the pipeline.
        workers: the process ids of the workers, by stage.
        kafka: the process id of the broker.
    """

    def __init__(
        self,
        settings: Settings,
        supervisors: Sequence[Supervisor],
        kafka: int,
        count_enriched: Callable[[], None] = lambda: None,
    ) -> None:
        self._settings, self._supervisors, self._count_enriched = settings, supervisors, count_enriched
        self.kafka, self.workers = kafka, self._running()
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self.publisher = stack.enter_context(Publisher(self._settings))
            self._subscriber = stack.enter_context(Subscriber(self._settings, timeout_s=TEND_INTERVAL_S))
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def send(self, articles: Iterable[bytes]) -> list[Received]:
        """Send the articles all at once, and wait for them.

        Raises:
            TelexError: an article does not come out, or a worker ends.
        """
        waiting = {self.publisher.publish(article) for article in articles}
        self.publisher.flush()
        return list(self.receive(waiting))

    def measure(self, articles: Sequence[bytes]) -> tuple[list[Received], Cost]:
        """Send the articles all at once, and measure what they cost. Raises TelexError as `send` does."""
        before, client, begin = self.cpu_seconds(), time.process_time(), time.perf_counter()
        enriched = self.send(articles)
        seconds, client = time.perf_counter() - begin, time.process_time() - client
        used = since(before, self.cpu_seconds())
        return enriched, Cost(
            articles=len(articles),
            seconds=seconds,
            worker={name: used[name][0] for name in STAGE_NAMES},
            analysis={name: used[name][1] for name in STAGE_NAMES},
            kafka=sum(used["kafka"]),
            client=client,
        )

    def receive(self, waiting: set[str]) -> Iterator[Received]:
        """Yield each of the articles whose ids are in `waiting`, once. Raises TelexError as `send` does."""
        last_received = time.monotonic()
        while waiting:
            self._tend()
            for received in self._subscriber:
                identifier = (received.key or b"").decode()
                if identifier in waiting:
                    waiting.remove(identifier)
                    last_received = time.monotonic()
                    self._count_enriched()
                    yield received
                if not waiting:
                    break
            if time.monotonic() - last_received > SILENCE_LIMIT_S:
                raise TelexError(
                    f"{len(waiting)} articles did not come out, none for {SILENCE_LIMIT_S:g} s: "
                    "send them through a pipeline with `telex up`, and look for them with `telex dead list`."
                )

    def _running(self) -> dict[str, list[int]]:
        return {name: [supervisor.pids.get(name, 0) for supervisor in self._supervisors] for name in STAGE_NAMES}

    def _tend(self) -> None:
        for supervisor in self._supervisors:
            supervisor.tend()
        if self._running() != self.workers:
            raise TelexError("A worker ended during the measurement: see its messages above.")

    def cpu_seconds(self) -> dict[str, tuple[float, float]]:
        """Seconds of processor time so far, by stage and for the broker: of the processes, and of their children.

        Raises:
            TelexError: a process of the pipeline ended.
        """
        self._tend()
        try:
            used = {
                name: [cpu_seconds(pid) for pid in pids]
                for name, pids in {**self.workers, "kafka": [self.kafka]}.items()
            }
        except psutil.NoSuchProcess:
            raise TelexError(
                "A process of the pipeline ended during the measurement: see its messages above."
            ) from None
        return {
            name: (sum(own for own, _ in each), sum(children for _, children in each)) for name, each in used.items()
        }


def since(
    before: Mapping[str, tuple[float, float]], after: Mapping[str, tuple[float, float]]
) -> dict[str, tuple[float, float]]:
    """The processor time that was used between two readings."""
    return {name: (after[name][0] - own, after[name][1] - children) for name, (own, children) in before.items()}


def with_ids(values: Iterable[bytes], prefix: str) -> Iterator[bytes]:
    """The articles with new ids, so that repeated articles count as different ones. Other fields stay the same."""
    for number, value in enumerate(values):
        yield msgspec.json.encode({**_fields.decode(value), "id": f"{prefix}-{number}"})
