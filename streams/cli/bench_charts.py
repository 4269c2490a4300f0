"""The charts of `telex bench`: one for each part of its output that compares something."""

from __future__ import annotations

from collections.abc import Iterator

from streams.bench.bar_chart import Bar, Chart
from streams.bench.full import FullFigures
from streams.bench.results import Figures
from streams.bench.sizing import Need
from streams.stages import STAGE_NAMES


def charts(figures: Figures) -> Iterator[tuple[str, Chart]]:
    """The name of each part that was measured, and its chart."""
    yield "costs", _costs(figures)
    if figures.full:
        yield "latency", _latency(figures, figures.full)
        yield "workers", _workers(figures.full)
        yield "memory", _memory(figures.full)
        yield "unanalysed", _unanalysed(figures.full)
        yield "start", _start(figures, figures.full)
        yield "sizing", _sizing(figures.full)


def _costs(figures: Figures) -> Chart:
    groups = []
    for name, stage in figures.stages.items():
        worker, analysis, baseline = (
            1000 * time.median for time in (stage.worker_cpu_s, stage.analysis_cpu_s, stage.baseline_cpu_s)
        )
        groups.append(
            [
                Bar(f"{name}, pipeline", (analysis, worker), f"{analysis + worker:.1f}"),
                Bar(f"{name}, baseline", (baseline,), f"{baseline:.1f}"),
            ]
        )
    others = {"Kafka": figures.kafka_cpu_s, "publish, receive": figures.client_cpu_s}
    groups.append([Bar(name, (0, 1000 * time.median), f"{1000 * time.median:.1f}") for name, time in others.items()])
    return Chart("Processor time, ms an article", ("analysis", "everything else"), groups)


def _latency(figures: Figures, full: FullFigures) -> Chart:
    analyses = 1000 * figures.baseline_latency_median_s.median
    groups = [[Bar("analyses alone, p50", (analyses,), f"{analyses:,.0f}")]]
    for load in full.open_loop.loads:
        seconds = {"p50": load.latency.p50, "p95": load.latency.p95, "p99": load.latency.p99}
        groups.append(
            [
                Bar(f"{load.share:.0%} of capacity, {name}", (1000 * s,), f"{1000 * s:,.0f}")
                for name, s in seconds.items()
            ]
        )
    return Chart("Latency from the scheduled time, ms", ("latency",), groups)


def _workers(full: FullFigures) -> Chart:
    bars = [
        Bar(
            f"{setup.workers} x {setup.processes}", (setup.articles_per_s.median,), f"{setup.articles_per_s.median:.1f}"
        )
        for setup in full.setups
    ]
    return Chart("Articles a second, by workers a stage x analysis processes of each", ("articles/s",), [bars])


def _memory(full: FullFigures) -> Chart:
    groups = []
    for name in STAGE_NAMES:
        for kind in ("worker", "analysis"):
            bars = []
            for snapshot in full.memory:
                memory = getattr(snapshot.stages[name], kind)
                private, both = memory.private_bytes / 1e6, memory.proportional_bytes / 1e6
                bars.append(Bar(f"{name} {kind}, {snapshot.articles:,}", (private, both - private), f"{both:,.0f}"))
            groups.append(bars)
    return Chart("Memory (PSS) in MB after so many articles", ("private", "part of the shared memory"), groups)


def _unanalysed(full: FullFigures) -> Chart:
    cost = full.unanalysed
    bars = []
    for name in STAGE_NAMES:
        worker, analysis = 1000 * cost.worker_cpu_s[name], 1000 * cost.analysis_cpu_s[name]
        bars.append(Bar(name, (worker, analysis), f"{worker + analysis:.2f}"))
    bars.append(Bar("Kafka", (0, 0, 1000 * cost.kafka_cpu_s), f"{1000 * cost.kafka_cpu_s:.2f}"))
    return Chart("Processor time of a record without a model, ms", ("worker", "analysis process", "Kafka"), [bars])


def _start(figures: Figures, full: FullFigures) -> Chart:
    first, rest = full.start_up.first_article_s.median, figures.latency_median_s.median
    killed = {name: spread.median for name, spread in full.start_up.after_kill_s.items()}
    return Chart(
        "Seconds to the first article",
        ("seconds",),
        [
            [Bar("after telex up", (first,), f"{first:.2f}")],
            [
                *(Bar(f"after kill -9 of {name}", (seconds,), f"{seconds:.2f}") for name, seconds in killed.items()),
                Bar("at rest", (rest,), f"{rest:.2f}"),
            ],
        ],
    )


def _sizing(full: FullFigures) -> Chart:
    return Chart(
        "Processors, by articles a day",
        ("workers", "brokers"),
        [[_processors(need) for need in full.needs]],
    )


def _processors(need: Need) -> Bar:
    total = need.processors + need.broker_processors
    return Bar(f"{need.articles_a_day:,}", (need.processors, need.broker_processors), f"{total}")
