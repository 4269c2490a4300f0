"""A round of the pipeline: the latency and the cost of articles, and the cost of the pipeline at rest."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

from msgspec import Struct

from streams.bench.driver import Cost, Driver, since, with_ids
from streams.client.received import Received
from streams.records.analysis_of import analysis
from streams.records.headers import published_at
from streams.stages import STAGE_NAMES
from streams.system.usage import peak_memory

# Articles that are sent one by one, to measure the latency.
ONE_BY_ONE = 50
# Seconds without articles in which the cost at rest is measured.
REST_S = 20.0


class PipelineRound(Struct, frozen=True):
    """One round of the pipeline.

    Attributes:
        cost: of the articles that were sent all at once.
        enriched: how many of these articles came out.
        analysed: how many of these articles have a result, by stage.
        latencies: seconds from publication to enrichment, of the articles that were sent one by one.
        workers_at_rest: processors that the workers and their analysis processes use while there are no articles.
        kafka_at_rest: processors that the broker uses while there are no articles.
        memory: bytes of physical memory, by stage and for the broker, the sum of the peaks of their processes.
    """

    cost: Cost
    enriched: int
    analysed: dict[str, int]
    latencies: list[float]
    workers_at_rest: float
    kafka_at_rest: float
    memory: dict[str, int]


def measure(driver: Driver, values: Sequence[bytes]) -> PipelineRound:
    """Send the articles all at once to warm up, then some of them one by one, then all at once for the measurement.

    Raises:
        TelexError: an article does not come out, or a worker ends.
    """
    driver.send(with_ids(values, "warm-up"))
    latencies = [latency(driver, article) for article in with_ids(values[:ONE_BY_ONE], "one-by-one")]
    before = driver.cpu_seconds()
    time.sleep(REST_S)
    used_at_rest = since(before, driver.cpu_seconds())
    enriched, cost = driver.measure(list(with_ids(values, "load")))
    return PipelineRound(
        cost=cost,
        enriched=len(enriched),
        analysed=_analysed(enriched),
        latencies=latencies,
        workers_at_rest=sum(sum(used_at_rest[name]) for name in STAGE_NAMES) / REST_S,
        kafka_at_rest=sum(used_at_rest["kafka"]) / REST_S,
        memory={
            name: sum(map(peak_memory, pids)) for name, pids in {**driver.workers, "kafka": [driver.kafka]}.items()
        },
    )


def latency(driver: Driver, article: bytes) -> float:
    """Seconds from the publication of an article, which is sent alone, to its enriched record."""
    (received,) = driver.send([article])
    return received.timestamp - (published_at(received.headers) or 0.0)


def _analysed(enriched: Iterable[Received]) -> dict[str, int]:
    articles = [received.article for received in enriched]
    return {
        name: sum(analysis(article, name).get("status") == "analysed" for article in articles) for name in STAGE_NAMES
    }
