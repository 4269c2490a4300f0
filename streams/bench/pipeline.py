"""Measures the pipeline: sends articles through it, one by one and all at once, and reads the cost of its processes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import msgspec
import psutil
from msgspec import Raw, Struct

from streams.client.publisher import Publisher
from streams.client.received import Received
from streams.client.subscriber import Subscriber
from streams.errors import TelexError
from streams.records.filters import analysis
from streams.records.headers import published_at
from streams.settings import Settings
from streams.stages import STAGE_NAMES
from streams.system.usage import cpu_seconds, peak_memory
from streams.worker.supervisor import TEND_INTERVAL_S, Supervisor

# Articles that are sent one by one, to measure the latency.
ONE_BY_ONE = 50
# Seconds without articles in which the cost at rest is measured.
REST_S = 5.0
# Seconds without any article after which the missing ones count as lost. A worker gives up an analysis after 60.
SILENCE_LIMIT_S = 180.0

_fields = msgspec.json.Decoder(dict[str, Raw])


class PipelineRound(Struct, frozen=True):
    """One round of the pipeline.

    Attributes:
        published: articles that were sent all at once.
        enriched: how many of these articles came out.
        analysed: how many of these articles have a result, by stage.
        seconds: from the first publication to the receipt of the last enriched article.
        worker: seconds of processor time of each stage's worker.
        analysis: seconds of processor time of each stage's analysis processes.
        kafka: seconds of processor time of the broker.
        client: seconds of processor time for publishing and receiving.
        latencies: seconds from publication to enrichment, of the articles that were sent one by one.
        workers_at_rest: processors that the workers and their analysis processes use while there are no articles.
        kafka_at_rest: processors that the broker uses while there are no articles.
        memory: bytes of physical memory, by stage and for the broker, the sum of the peaks of their processes.
    """

    published: int
    enriched: int
    analysed: dict[str, int]
    seconds: float
    worker: dict[str, float]
    analysis: dict[str, float]
    kafka: float
    client: float
    latencies: list[float]
    workers_at_rest: float
    kafka_at_rest: float
    memory: dict[str, int]


class PipelineBench:
    """Sends articles through a pipeline that nobody else uses, and measures it.

    Args:
        settings: of the measured pipeline.
        supervisor: runs the workers of the pipeline.
        kafka: the process id of the broker.
        count_enriched: called once for each article that comes out.
    """

    def __init__(
        self, settings: Settings, supervisor: Supervisor, kafka: int, count_enriched: Callable[[], None]
    ) -> None:
        self._settings, self._supervisor, self._count_enriched = settings, supervisor, count_enriched
        self._workers = supervisor.pids
        self._processes = {**self._workers, "kafka": kafka}

    def run(self, values: Sequence[bytes]) -> PipelineRound:
        """Send the articles all at once to warm up, then some of them one by one, then all at once for the measurement.

        Raises:
            TelexError: an article does not come out, or a worker ends.
        """
        with (
            Publisher(self._settings) as publisher,
            Subscriber(self._settings, timeout_s=TEND_INTERVAL_S) as subscriber,
        ):

            def send(articles: Iterable[bytes]) -> list[Received]:
                waiting = {publisher.publish(article) for article in articles}
                publisher.flush()
                return list(self._receive(subscriber, waiting))

            send(_with_ids(values, "warm-up"))
            one_by_one = [
                received for article in _with_ids(values[:ONE_BY_ONE], "one-by-one") for received in send([article])
            ]
            before = self._cpu_seconds()
            time.sleep(REST_S)
            used_at_rest = _since(before, self._cpu_seconds())
            articles = _with_ids(values, "load")
            before, client, begin = self._cpu_seconds(), time.process_time(), time.perf_counter()
            enriched = send(articles)
            seconds, client = time.perf_counter() - begin, time.process_time() - client
            used = _since(before, self._cpu_seconds())
        return PipelineRound(
            published=len(articles),
            enriched=len(enriched),
            analysed=_analysed(enriched),
            seconds=seconds,
            worker={name: used[name][0] for name in STAGE_NAMES},
            analysis={name: used[name][1] for name in STAGE_NAMES},
            kafka=sum(used["kafka"]),
            client=client,
            latencies=[received.timestamp - (published_at(received.headers) or 0.0) for received in one_by_one],
            workers_at_rest=sum(sum(used_at_rest[name]) for name in STAGE_NAMES) / REST_S,
            kafka_at_rest=sum(used_at_rest["kafka"]) / REST_S,
            memory={name: peak_memory(pid) for name, pid in self._processes.items()},
        )

    def _receive(self, subscriber: Subscriber, waiting: set[str]) -> Iterator[Received]:
        """Yield each of the articles whose ids are in `waiting`, once."""
        last_received = time.monotonic()
        while waiting:
            self._tend()
            for received in subscriber:
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

    def _tend(self) -> None:
        self._supervisor.tend()
        if self._supervisor.pids != self._workers:
            raise TelexError("A worker ended during the measurement: see its messages above.")

    def _cpu_seconds(self) -> dict[str, tuple[float, float]]:
        """Seconds of processor time so far, by stage and for the broker: of the process, and of its child processes."""
        self._tend()
        try:
            return {name: cpu_seconds(pid) for name, pid in self._processes.items()}
        except psutil.NoSuchProcess:
            raise TelexError(
                "A process of the pipeline ended during the measurement: see its messages above."
            ) from None


def _since(
    before: Mapping[str, tuple[float, float]], after: Mapping[str, tuple[float, float]]
) -> dict[str, tuple[float, float]]:
    """The processor time that was used between two readings."""
    return {name: (after[name][0] - own, after[name][1] - children) for name, (own, children) in before.items()}


def _with_ids(values: Iterable[bytes], prefix: str) -> list[bytes]:
    """The articles with new ids, so that repeated articles count as different ones. Other fields stay the same."""
    return [
        msgspec.json.encode({**_fields.decode(value), "id": f"{prefix}-{number}"})
        for number, value in enumerate(values)
    ]


def _analysed(enriched: Iterable[Received]) -> dict[str, int]:
    articles = [received.article for received in enriched]
    return {
        name: sum(analysis(article, name).get("status") == "analysed" for article in articles) for name in STAGE_NAMES
    }
