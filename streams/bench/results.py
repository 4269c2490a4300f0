"""The figures of the benchmark: what the rounds of the pipeline and of the baseline come to, per article and as ratios."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct

from streams.bench.baseline import BaselineRound
from streams.bench.pipeline import PipelineRound
from streams.errors import TelexError
from streams.stages import STAGE_NAMES


class Spread(Struct, frozen=True):
    """A figure over the rounds."""

    median: float
    lowest: float
    highest: float


class StageFigures(Struct, frozen=True, kw_only=True):
    """One stage; `cpu_s` are seconds of processor time for an article.

    Attributes:
        worker_cpu_s: of the worker's own process: Kafka's client, Faust, the rules by which nothing is lost.
        analysis_cpu_s: of its analysis processes.
        bare_cpu_s: of the same analysis without a pipeline.
        ratio: worker and analysis processes to the baseline.
        memory_bytes: worker and analysis processes, each at its peak.
    """

    worker_cpu_s: Spread
    analysis_cpu_s: Spread
    bare_cpu_s: Spread
    ratio: Spread
    memory_bytes: int


class Figures(Struct, frozen=True, kw_only=True):
    """All of it; `cpu_s` are seconds of processor time for an article, `ratio`s those of the pipeline to the baseline.

    Attributes:
        articles: in a round; `published` and `enriched` in all rounds.
        characters: of an article's title and text, on the average.
        processes: analysis processes of a stage, and of the baseline.
        analysed: articles that have a result, by stage, in all rounds; the same in the pipeline and in the baseline.
        ratio_in_all: with the broker, and with publishing and receiving.
        workers_at_rest: processors that the workers keep busy while there is nothing to do; `kafka_at_rest` the broker.
    """

    articles: int
    characters: float
    rounds: int
    processes: int
    published: int
    enriched: int
    analysed: dict[str, int]
    stages: dict[str, StageFigures]
    worker_cpu_s: Spread
    analysis_cpu_s: Spread
    bare_cpu_s: Spread
    ratio: Spread
    kafka_cpu_s: Spread
    client_cpu_s: Spread
    ratio_in_all: Spread
    road_articles_per_s: Spread
    bare_articles_per_s: Spread
    speed_ratio: Spread
    latency_articles: int
    latency_median_s: Spread
    latency_p95_s: Spread
    workers_at_rest: Spread
    kafka_at_rest: Spread
    kafka_memory_bytes: int
    bare_memory_bytes: int


Round = tuple[PipelineRound, BaselineRound]


def figures(rounds: Sequence[Round], characters: float, processes: int) -> Figures:
    """Sum the rounds up. Raises TelexError when the two ways did not come to the same results: then they are no comparison."""
    pipeline, baseline = zip(*rounds, strict=True)
    for there, here in rounds:
        if there.analysed != here.work.analysed:
            raise TelexError(
                f"The pipeline analysed {there.analysed} articles and the baseline {here.work.analysed}: no comparison."
            )
    articles = pipeline[0].published

    def over(figure: Callable[[PipelineRound, BaselineRound], float]) -> Spread:
        found = [figure(there, here) for there, here in rounds]
        return Spread(statistics.median(found), min(found), max(found))

    def stage(name: str) -> StageFigures:
        return StageFigures(
            worker_cpu_s=over(lambda there, _: there.worker[name] / articles),
            analysis_cpu_s=over(lambda there, _: there.analysis[name] / articles),
            bare_cpu_s=over(lambda _, here: here.work.cpu_s[name] / articles),
            ratio=over(lambda there, here: (there.worker[name] + there.analysis[name]) / here.work.cpu_s[name]),
            memory_bytes=max(there.memory[name] for there in pipeline),
        )

    return Figures(
        articles=articles,
        characters=characters,
        rounds=len(rounds),
        processes=processes,
        published=sum(there.published for there in pipeline),
        enriched=sum(there.enriched for there in pipeline),
        analysed={name: sum(there.analysed[name] for there in pipeline) for name in STAGE_NAMES},
        stages={name: stage(name) for name in STAGE_NAMES},
        worker_cpu_s=over(lambda there, _: sum(there.worker.values()) / articles),
        analysis_cpu_s=over(lambda there, _: sum(there.analysis.values()) / articles),
        bare_cpu_s=over(lambda _, here: _baseline_cpu_s(here) / articles),
        ratio=over(lambda there, here: _workers(there) / _baseline_cpu_s(here)),
        kafka_cpu_s=over(lambda there, _: there.kafka / articles),
        client_cpu_s=over(lambda there, _: there.client / articles),
        ratio_in_all=over(lambda there, here: (_workers(there) + there.kafka + there.client) / _baseline_cpu_s(here)),
        road_articles_per_s=over(lambda there, _: articles / there.seconds),
        bare_articles_per_s=over(lambda _, here: articles / here.seconds),
        speed_ratio=over(lambda there, here: here.seconds / there.seconds),
        latency_articles=len(pipeline[0].latencies),
        latency_median_s=over(lambda there, _: statistics.median(there.latencies)),
        latency_p95_s=over(lambda there, _: _percentile(there.latencies, 95)),
        workers_at_rest=over(lambda there, _: there.workers_at_rest),
        kafka_at_rest=over(lambda there, _: there.kafka_at_rest),
        kafka_memory_bytes=max(there.memory["kafka"] for there in pipeline),
        bare_memory_bytes=max(here.memory for here in baseline),
    )


def _workers(pipeline: PipelineRound) -> float:
    return sum(pipeline.worker.values()) + sum(pipeline.analysis.values())


def _baseline_cpu_s(baseline: BaselineRound) -> float:
    return sum(baseline.work.cpu_s.values())


def _percentile(values: Iterable[float], percent: int) -> float:
    """The smallest value that is no less than so many percent of them."""
    ordered = sorted(values)
    return ordered[math.ceil(percent / 100 * len(ordered)) - 1]
