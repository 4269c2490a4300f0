"""What the pipeline costs: a load of articles down it, one by one and all at once, and what its processes take for them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import msgspec
import psutil
from msgspec import Raw, Struct

from streams.client.publisher import Publisher
from streams.client.subscriber import Received, Subscriber
from streams.errors import TelexError
from streams.records.filters import analysis
from streams.records.headers import published_at
from streams.settings import Settings
from streams.stages import STAGE_NAMES
from streams.system.usage import cpu_seconds, peak_memory
from streams.worker.supervisor import Supervisor

# Articles that are sent one by one, for the latency.
ONE_BY_ONE = 50
# Seconds for which the pipeline is left alone, to see what it takes at rest.
REST_S = 5.0
# Seconds without any article after which the rest is not coming: the analysis of one is given up after 60.
SILENCE_LIMIT_S = 180.0
TEND_INTERVAL_S = 0.2

_fields = msgspec.json.Decoder(dict[str, Raw])


class PipelineRound(Struct, frozen=True):
    """One load of the pipeline.

    Attributes:
        published: articles that were sent all at once.
        enriched: those of them that came out.
        analysed: those that have a result, by stage.
        seconds: from the first publication to the receipt of the last enriched article.
        worker: seconds of processor time of each stage's worker.
        analysis: seconds of processor time of its analysis processes.
        kafka: seconds of processor time of the broker.
        client: seconds of processor time for publishing and receiving.
        latencies: seconds from publication to enrichment of articles that were sent one by one.
        workers_at_rest: processors that the workers and their analysis processes keep busy while there is nothing to do.
        kafka_at_rest: processors that the broker keeps busy then.
        memory: bytes of physical memory of each stage's processes, each at its peak.
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
    """Loads a pipeline that nobody else uses, and measures it.

    Args:
        kafka: the process of its broker.
        came_out: is called for every article that comes out.
    """

    def __init__(self, settings: Settings, supervisor: Supervisor, kafka: int, came_out: Callable[[], None]) -> None:
        self._settings, self._supervisor, self._came_out = settings, supervisor, came_out
        self._workers = supervisor.pids
        self._processes = {**self._workers, "kafka": kafka}

    def run(self, values: Sequence[bytes]) -> PipelineRound:
        """Send the articles all at once to warm up, some of them one by one, and all at once to be measured.

        Raises:
            TelexError: an article did not come out, or a worker ended.
        """
        with (
            Publisher(self._settings) as publisher,
            Subscriber(self._settings, timeout_s=TEND_INTERVAL_S) as subscriber,
        ):

            def send(articles: Iterable[bytes]) -> list[Received]:
                waiting = {publisher.publish(article) for article in articles}
                publisher.flush()
                return list(self._receive(subscriber, waiting))

            send(_named(values, "warm-up"))
            one_by_one = [
                received for article in _named(values[:ONE_BY_ONE], "one-by-one") for received in send([article])
            ]
            before = self._used()
            time.sleep(REST_S)
            rest = _since(before, self._used())
            articles = _named(values, "load")
            before, client, begin = self._used(), time.process_time(), time.perf_counter()
            enriched = send(articles)
            seconds, client = time.perf_counter() - begin, time.process_time() - client
            used = _since(before, self._used())
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
            workers_at_rest=sum(sum(rest[name]) for name in STAGE_NAMES) / REST_S,
            kafka_at_rest=sum(rest["kafka"]) / REST_S,
            memory={name: peak_memory(pid) for name, pid in self._processes.items()},
        )

    def _receive(self, subscriber: Subscriber, waiting: set[str]) -> Iterator[Received]:
        """Each of the articles once."""
        last = time.monotonic()
        while waiting:
            self._tend()
            for received in subscriber:
                identifier = (received.key or b"").decode()
                if identifier in waiting:
                    waiting.remove(identifier)
                    last = time.monotonic()
                    self._came_out()
                    yield received
                if not waiting:
                    break
            if time.monotonic() - last > SILENCE_LIMIT_S:
                raise TelexError(
                    f"{len(waiting)} articles did not come out, none for {SILENCE_LIMIT_S:g} s: "
                    "send them through a pipeline with `telex up`, and look for them with `telex dead list`."
                )

    def _tend(self) -> None:
        self._supervisor.tend()
        if self._supervisor.pids != self._workers:
            raise TelexError("A worker ended while it was measured: why stands above.")

    def _used(self) -> dict[str, tuple[float, float]]:
        """Seconds of processor time so far, by stage: the worker's and its analysis processes'; and the broker's."""
        self._tend()
        try:
            return {name: cpu_seconds(pid) for name, pid in self._processes.items()}
        except psutil.NoSuchProcess:
            raise TelexError("A process of the pipeline ended while it was measured: why stands above.") from None


def _since(
    before: Mapping[str, tuple[float, float]], after: Mapping[str, tuple[float, float]]
) -> dict[str, tuple[float, float]]:
    return {name: (after[name][0] - own, after[name][1] - children) for name, (own, children) in before.items()}


def _named(values: Iterable[bytes], name: str) -> list[bytes]:
    """The articles under ids of their own, so that each counts for itself; the rest as it is."""
    return [
        msgspec.json.encode({**_fields.decode(value), "id": f"{name}-{number}"}) for number, value in enumerate(values)
    ]


def _analysed(enriched: Iterable[Received]) -> dict[str, int]:
    articles = [received.article for received in enriched]
    return {
        name: sum(analysis(article, name).get("status") == "analysed" for article in articles) for name in STAGE_NAMES
    }
