"""The needs of a number of articles a day: workers, partitions, processors, memory, brokers, disk and network.

Every figure follows from measured ones by the formulas below; docs/sizing.md explains them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from msgspec import Struct

# Articles a second in the busiest minutes, divided by the average of the day.
PEAK = 3
# The part of the processors that is busy at the peak. The rest keeps latencies low and makes up for a lost machine.
BUSY = 0.6
# Analysis processes of a worker, at most.
PROCESSES_A_WORKER = 4
# Workers of a stage, at least: one goes on while the other starts again.
LEAST_WORKERS = 2
# Partitions for each worker of the stage that has most, so that workers can be added; and partitions at least.
PARTITIONS_A_WORKER, LEAST_PARTITIONS = 2, 8
# Copies of each record, and days that Kafka keeps them.
REPLICAS, RETENTION_DAYS = 3, 7
# Processors of a broker.
BROKER_PROCESSORS = 8
# The numbers of articles a day that are shown.
SHOWN = (1_000_000, 10_000_000, 100_000_000)
SECONDS_A_DAY = 86_400


class StageMeasured(Struct, frozen=True):
    """The measured figures of a stage.

    Attributes:
        worker_cpu_s: seconds of processor time of the worker's own process for each article.
        analysis_cpu_s: seconds of processor time of its analysis processes for each article.
        worker_bytes: memory of a worker with one analysis process.
        process_bytes: memory of each further analysis process.
    """

    worker_cpu_s: float
    analysis_cpu_s: float
    worker_bytes: float
    process_bytes: float


class Measured(Struct, frozen=True):
    """The measured figures that the calculation starts from.

    Attributes:
        stages: by name.
        kafka_cpu_s: seconds of processor time of a broker for each article in all topics, with one copy of the data.
        article_bytes: bytes of an article in all topics together, compressed, one copy.
    """

    stages: dict[str, StageMeasured]
    kafka_cpu_s: float
    article_bytes: float


class StageNeed(Struct, frozen=True):
    """The workers of a stage, and the analysis processes of each."""

    workers: int
    processes: int


class Need(Struct, frozen=True, kw_only=True):
    """The needs of a number of articles a day.

    Attributes:
        peak_articles_per_s: articles a second at the peak.
        processors, memory_bytes: of all workers.
        broker_processors: of all brokers.
        disk_bytes: of all brokers.
        network_bits_per_s: from and to the brokers and between them, at the peak.
    """

    articles_a_day: int
    peak_articles_per_s: float
    stages: dict[str, StageNeed]
    partitions: int
    processors: int
    memory_bytes: float
    brokers: int
    broker_processors: int
    disk_bytes: float
    network_bits_per_s: float


def needs(measured: Measured) -> list[Need]:
    """The needs of each of the SHOWN numbers of articles a day."""
    return [need(measured, articles) for articles in SHOWN]


def need(measured: Measured, articles_a_day: int) -> Need:
    """The needs of so many articles a day."""
    peak = PEAK * articles_a_day / SECONDS_A_DAY
    stages = {name: _stage(stage, peak) for name, stage in measured.stages.items()}
    busy = sum(stage.worker_cpu_s + stage.analysis_cpu_s for stage in measured.stages.values()) * peak
    broker_processors = math.ceil(peak * measured.kafka_cpu_s * REPLICAS / BUSY)
    most_workers = max(stage.workers for stage in stages.values())
    return Need(
        articles_a_day=articles_a_day,
        peak_articles_per_s=peak,
        stages=stages,
        partitions=max(LEAST_PARTITIONS, PARTITIONS_A_WORKER * most_workers),
        processors=math.ceil(busy / BUSY),
        memory_bytes=_memory(measured.stages, stages),
        brokers=max(REPLICAS, math.ceil(broker_processors / BROKER_PROCESSORS)),
        broker_processors=broker_processors,
        disk_bytes=articles_a_day * measured.article_bytes * RETENTION_DAYS * REPLICAS,
        # Written once by a client, copied to the other replicas, and read once by the next stage or a subscriber.
        network_bits_per_s=8 * peak * measured.article_bytes * (REPLICAS + 1),
    )


def _stage(measured: StageMeasured, peak: float) -> StageNeed:
    """A worker's own process and each analysis process use one processor at most."""
    processes = math.ceil(peak * measured.analysis_cpu_s / BUSY)
    workers = max(
        LEAST_WORKERS, math.ceil(processes / PROCESSES_A_WORKER), math.ceil(peak * measured.worker_cpu_s / BUSY)
    )
    return StageNeed(workers, max(1, math.ceil(processes / workers)))


def _memory(measured: Mapping[str, StageMeasured], needed: Mapping[str, StageNeed]) -> float:
    return sum(
        need.workers * (measured[name].worker_bytes + (need.processes - 1) * measured[name].process_bytes)
        for name, need in needed.items()
    )
