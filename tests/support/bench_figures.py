"""Figures of a benchmark with numbers that a reader can check by hand."""

from __future__ import annotations

from streams.bench.baseline import BaselineRound, Work
from streams.bench.distributions import Latencies, Spread
from streams.bench.driver import Cost
from streams.bench.full import Parts
from streams.bench.machine import Machine
from streams.bench.memory import Memory, Snapshot, StageMemory
from streams.bench.open_loop import Load, OpenLoop
from streams.bench.pipeline import PipelineRound
from streams.bench.scaling import Setup
from streams.bench.start_up import StartUp
from streams.bench.unanalysed import UnanalysedCost
from streams.stages import STAGE_NAMES

MACHINE = Machine("2026-11-27", 2, 24 * 10**9, "Linux x86_64", "3.11.7", 0.1)

PIPELINE_ROUND = PipelineRound(
    cost=Cost(
        articles=10,
        seconds=2.0,
        worker=dict.fromkeys(STAGE_NAMES, 0.1),
        analysis=dict.fromkeys(STAGE_NAMES, 0.4),
        kafka=0.5,
        client=0.1,
    ),
    enriched=10,
    analysed=dict.fromkeys(STAGE_NAMES, 9),
    latencies=[number / 100 for number in range(1, 21)],
    workers_at_rest=0.1,
    kafka_at_rest=0.02,
    memory=dict.fromkeys((*STAGE_NAMES, "kafka"), 100),
)
BASELINE_ROUND = BaselineRound(
    Work(dict.fromkeys(STAGE_NAMES, 0.25), dict.fromkeys(STAGE_NAMES, 9)), 1.0, 300, [0.01, 0.06, 0.02]
)


def memory(megabytes: int, processes: int = 1) -> Memory:
    """Memory of which a half is private, and a quarter is this process's part of what processes share."""
    size = megabytes * 10**6
    return Memory(
        processes=processes,
        resident_bytes=size,
        private_bytes=size // 2,
        proportional_bytes=3 * size // 4,
    )


def snapshot(articles: int, processes: int) -> Snapshot:
    """A worker of 100 MB in each stage, with analysis processes of 200 MB."""
    stage = StageMemory(memory(100), memory(200 * processes, processes))
    return Snapshot(articles, dict.fromkeys(STAGE_NAMES, stage), memory(400))


def setup(workers: int, processes: int) -> Setup:
    """A setup that finishes 20 articles a second with each analysis process."""
    return Setup(
        workers=workers,
        processes=processes,
        articles_per_s=Spread.of([20.0 * workers * processes]),
        cpu_s=Spread.of([0.025]),
        kafka_cpu_s=Spread.of([0.002]),
        memory=snapshot(20, processes),
    )


def load(share: float) -> Load:
    """The latency at a part of a capacity of 40 articles a second."""
    return Load(
        share=share,
        articles_per_s=40 * share,
        articles=round(100 * share),
        latency=Latencies.of([0.05, 0.06, share]),
        sent_late_s=0.001,
        cpu_s=0.06,
        kafka_cpu_s=0.003,
    )


PARTS = Parts(
    open_loop=OpenLoop(40.0, [load(0.1), load(0.5), load(0.9)]),
    setups=[setup(1, 1), setup(2, 1), setup(1, 3)],
    memory=[snapshot(0, 3), snapshot(20, 3), snapshot(20_000, 3)],
    unanalysed=UnanalysedCost(2000, dict.fromkeys(STAGE_NAMES, 0.0004), dict.fromkeys(STAGE_NAMES, 0.0001), 0.001),
    start_up=StartUp(Spread.of([7.0]), Spread.of([6.0]), dict.fromkeys(STAGE_NAMES, Spread.of([0.5]))),
    topic_bytes={
        "articles.raw": 900.0,
        "articles.language": 1000.0,
        "articles.entities": 1500.0,
        "articles.enriched": 1600.0,
    },
)
