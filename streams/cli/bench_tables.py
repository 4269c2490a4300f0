"""The tables of `telex bench` in its plain form: the cost, and the latency at rest."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.table import Table

from streams.bench.distributions import Spread
from streams.bench.results import Figures
from streams.cli.bench_full_tables import full_parts

COLUMNS = ("worker", "analysis", "baseline", "ratio")


def parts(figures: Figures) -> Iterator[tuple[str, list[RenderableType]]]:
    """The parts of the output that were measured: the name of each, and its tables and lines."""
    yield "costs", _costs(figures)
    if figures.full:
        yield from full_parts(figures, figures.full)


def heading(figures: Figures) -> list[RenderableType]:
    """Two lines that say when, on which machine and with which articles the figures were measured."""
    rounds = f"{figures.rounds} round" + ("s" if figures.rounds > 1 else "")
    machine = figures.machine
    return [
        f"{machine.date}: {machine.processors} processors, {machine.memory_bytes / 1e9:.0f} GB, {machine.system}, "
        f"Python {machine.python}, load {machine.load:.1f} before",
        f"{figures.articles} articles of {figures.characters:,.0f} characters, {rounds}, "
        f"processes of a stage and of the baseline: {figures.processes}",
    ]


def _costs(figures: Figures) -> list[RenderableType]:
    lines: list[RenderableType] = [_processor_time(figures), "", _rest(figures)]
    if figures.rounds > 1:
        lines += ["", "The median of the rounds; in brackets the lowest and the highest."]
    return lines


def _processor_time(figures: Figures) -> Table:
    table = Table("CPU ms an article", *COLUMNS, box=None, header_style="bold", pad_edge=False)
    for column in table.columns[1:4]:
        column.justify = "right"
    for name, stage in figures.stages.items():
        times = [_ms(time) for time in (stage.worker_cpu_s, stage.analysis_cpu_s, stage.baseline_cpu_s)]
        table.add_row(name, *times, f"{stage.ratio.median:.2f}")
    times = [_ms(time) for time in (figures.worker_cpu_s, figures.analysis_cpu_s, figures.baseline_cpu_s)]
    table.add_row("all stages", *times, _spread(figures.ratio), style="bold")
    table.add_row("Kafka", _ms(figures.kafka_cpu_s))
    table.add_row("publish, receive", _ms(figures.client_cpu_s))
    table.add_row("everything", "", "", "", _spread(figures.ratio_in_all))
    return table


def _rest(figures: Figures) -> Table:
    memory = {
        **{name: stage.memory_bytes for name, stage in figures.stages.items()},
        "Kafka": figures.kafka_memory_bytes,
        "baseline": figures.baseline_memory_bytes,
    }
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_row(
        "articles/s",
        f"{figures.pipeline_articles_per_s.median:.1f} in the pipeline, "
        f"{figures.baseline_articles_per_s.median:.1f} in the baseline: {_spread(figures.speed_ratio)}",
    )
    table.add_row(
        "latency at rest",
        f"median {_ms(figures.latency_median_s)} ms = analyses {_ms(figures.baseline_latency_median_s)} ms + "
        f"{_ms(figures.latency_added_s)} ms; 95 % within {_ms(figures.latency_p95_s)} ms "
        f"({figures.latency_articles} one by one)",
    )
    table.add_row(
        "CPU at rest",
        f"workers {_percent(figures.workers_at_rest)}, Kafka {_percent(figures.kafka_at_rest)} of a processor",
    )
    table.add_row("memory, GB", ", ".join(f"{name} {size / 1e9:.1f}" for name, size in memory.items()))
    return table


def _ms(seconds: Spread) -> str:
    return f"{seconds.median * 1000:.1f}"


def _percent(share: Spread) -> str:
    return f"{share.median * 100:.1f} %"


def _spread(figure: Spread) -> str:
    """The median; in brackets the lowest and the highest, where they differ."""
    median = f"{figure.median:.2f}"
    return f"{median} ({figure.lowest:.2f} to {figure.highest:.2f})" if figure.lowest < figure.highest else median
