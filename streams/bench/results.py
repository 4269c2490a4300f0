"""The figures of the benchmark: the rounds of the pipeline and of the baseline summed up, per article and as ratios."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence

from msgspec import Struct

from streams.bench.baseline import BaselineRound
from streams.bench.distributions import Spread, percentile
from streams.bench.full import FullFigures
from streams.bench.machine import Machine
from streams.bench.pipeline import PipelineRound
from streams.errors import TelexError
from streams.stages import STAGE_NAMES


class StageFigures(Struct, frozen=True, kw_only=True):
    """The figures of one stage. The unit of `cpu_s` is seconds of processor time an article.

    Attributes:
        worker_cpu_s: time of the worker's own process: Kafka's client, Faust, and the delivery rules.
        analysis_cpu_s: time of the worker's analysis processes.
        baseline_cpu_s: time of the same analysis in the baseline.
        ratio: time of the worker and its analysis processes, divided by the time of the baseline.
        memory_bytes: memory of the worker and its analysis processes, each at its peak.
    """

    worker_cpu_s: Spread
    analysis_cpu_s: Spread
    baseline_cpu_s: Spread
    ratio: Spread
    memory_bytes: int


class Figures(Struct, frozen=True, kw_only=True):
    """All figures. The unit of `cpu_s` is seconds of processor time an article.

    Attributes:
        articles: articles in a round.
        characters: average characters of an article's title and text.
        processes: analysis processes of each stage, and processes of the baseline.
        published, enriched: articles in all rounds.
        analysed: articles with a result in all rounds, by stage. The pipeline and the baseline have the same number.
        baseline_cpu_s, baseline_articles_per_s, baseline_memory_bytes: figures of the baseline.
        ratio: time of the workers and their analysis processes, divided by the time of the baseline.
        client_cpu_s: time for publishing and receiving.
        ratio_in_all: like `ratio`, with the time of the broker and of publishing and receiving added.
        pipeline_articles_per_s: articles a second in the pipeline.
        speed_ratio: articles a second in the pipeline, divided by articles a second in the baseline.
        latency_articles: articles in a round that were sent one by one.
        latency_median_s, latency_p95_s: seconds from the publication of such an article to its enriched record.
        baseline_latency_median_s: seconds that all analyses of such an article take in the baseline.
        latency_added_s: the first of these medians, less the last.
        workers_at_rest, kafka_at_rest: processors that the workers and the broker use while there are no articles.
        full: what `--full` measures; None without it.
    """

    machine: Machine

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
    baseline_cpu_s: Spread
    ratio: Spread
    kafka_cpu_s: Spread
    client_cpu_s: Spread
    ratio_in_all: Spread
    pipeline_articles_per_s: Spread
    baseline_articles_per_s: Spread
    speed_ratio: Spread
    latency_articles: int
    latency_median_s: Spread
    latency_p95_s: Spread
    baseline_latency_median_s: Spread
    latency_added_s: Spread
    workers_at_rest: Spread
    kafka_at_rest: Spread
    kafka_memory_bytes: int
    baseline_memory_bytes: int
    full: FullFigures | None = None


Round = tuple[PipelineRound, BaselineRound]


def summarise(rounds: Sequence[Round], machine: Machine, characters: float, processes: int) -> Figures:
    """The figures of the rounds.

    Args:
        machine: on which they ran.
        rounds: the pipeline and the baseline in each round.
        characters: average characters of an article.
        processes: analysis processes of each stage, and processes of the baseline.

    Raises:
        TelexError: the pipeline and the baseline have different results, so their cost cannot be compared.
    """
    pipeline_rounds, baseline_rounds = zip(*rounds, strict=True)
    for pipeline, baseline in rounds:
        if pipeline.analysed != baseline.work.analysed:
            raise TelexError(
                f"The pipeline analysed {pipeline.analysed} articles and the baseline {baseline.work.analysed}: "
                "no comparison is possible. See the messages above, and measure again."
            )
    articles = pipeline_rounds[0].cost.articles

    def over(figure: Callable[[PipelineRound, BaselineRound], float]) -> Spread:
        return Spread.of(figure(pipeline, baseline) for pipeline, baseline in rounds)

    def stage(name: str) -> StageFigures:
        return StageFigures(
            worker_cpu_s=over(lambda pipeline, _: pipeline.cost.worker[name] / articles),
            analysis_cpu_s=over(lambda pipeline, _: pipeline.cost.analysis[name] / articles),
            baseline_cpu_s=over(lambda _, baseline: baseline.work.cpu_s[name] / articles),
            ratio=over(
                lambda pipeline, baseline: (
                    (pipeline.cost.worker[name] + pipeline.cost.analysis[name]) / baseline.work.cpu_s[name]
                )
            ),
            memory_bytes=max(pipeline.memory[name] for pipeline in pipeline_rounds),
        )

    return Figures(
        machine=machine,
        articles=articles,
        characters=characters,
        rounds=len(rounds),
        processes=processes,
        published=sum(pipeline.cost.articles for pipeline in pipeline_rounds),
        enriched=sum(pipeline.enriched for pipeline in pipeline_rounds),
        analysed={name: sum(pipeline.analysed[name] for pipeline in pipeline_rounds) for name in STAGE_NAMES},
        stages={name: stage(name) for name in STAGE_NAMES},
        worker_cpu_s=over(lambda pipeline, _: sum(pipeline.cost.worker.values()) / articles),
        analysis_cpu_s=over(lambda pipeline, _: sum(pipeline.cost.analysis.values()) / articles),
        baseline_cpu_s=over(lambda _, baseline: _baseline_cpu_s(baseline) / articles),
        ratio=over(lambda pipeline, baseline: _workers_cpu_s(pipeline) / _baseline_cpu_s(baseline)),
        kafka_cpu_s=over(lambda pipeline, _: pipeline.cost.kafka / articles),
        client_cpu_s=over(lambda pipeline, _: pipeline.cost.client / articles),
        ratio_in_all=over(
            lambda pipeline, baseline: (
                (_workers_cpu_s(pipeline) + pipeline.cost.kafka + pipeline.cost.client) / _baseline_cpu_s(baseline)
            )
        ),
        pipeline_articles_per_s=over(lambda pipeline, _: articles / pipeline.cost.seconds),
        baseline_articles_per_s=over(lambda _, baseline: articles / baseline.seconds),
        speed_ratio=over(lambda pipeline, baseline: baseline.seconds / pipeline.cost.seconds),
        latency_articles=len(pipeline_rounds[0].latencies),
        latency_median_s=over(lambda pipeline, _: statistics.median(pipeline.latencies)),
        latency_p95_s=over(lambda pipeline, _: percentile(pipeline.latencies, 95)),
        baseline_latency_median_s=over(lambda _, baseline: statistics.median(baseline.latencies)),
        latency_added_s=over(
            lambda pipeline, baseline: statistics.median(pipeline.latencies) - statistics.median(baseline.latencies)
        ),
        workers_at_rest=over(lambda pipeline, _: pipeline.workers_at_rest),
        kafka_at_rest=over(lambda pipeline, _: pipeline.kafka_at_rest),
        kafka_memory_bytes=max(pipeline.memory["kafka"] for pipeline in pipeline_rounds),
        baseline_memory_bytes=max(baseline.memory for baseline in baseline_rounds),
    )


def _workers_cpu_s(pipeline: PipelineRound) -> float:
    return sum(pipeline.cost.worker.values()) + sum(pipeline.cost.analysis.values())


def _baseline_cpu_s(baseline: BaselineRound) -> float:
    return sum(baseline.work.cpu_s.values())
