"""The tables of `telex bench --full`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.table import Table

from streams.bench.full import FullFigures
from streams.bench.memory import Memory, Snapshot
from streams.bench.results import Figures
from streams.bench.sizing import Measured, Need
from streams.stages import STAGE_NAMES


def full_parts(figures: Figures, full: FullFigures) -> Iterator[tuple[str, list[RenderableType]]]:
    """The name of each part of `--full`, and its tables and lines."""
    yield "latency", _latency(figures, full)
    yield "workers", [_workers(full)]
    yield "memory", _memory(full)
    yield "unanalysed", [_unanalysed(full)]
    yield "start", [_start(figures, full)]
    yield "measured", _measured(full.measured, full.topic_bytes)
    yield "sizing", [_sizing(full.needs)]


def _latency(figures: Figures, full: FullFigures) -> list[RenderableType]:
    columns = ("articles/s", "articles", "p50", "p95", "p99", "highest", "sent late", "CPU ms an article", "Kafka")
    table = _table("latency, ms", *columns)
    for load in full.open_loop.loads:
        seconds = (load.latency.p50, load.latency.p95, load.latency.p99, load.latency.highest, load.sent_late_s)
        table.add_row(
            f"at {100 * load.share:.0f} %",
            f"{load.articles_per_s:.1f}",
            f"{load.articles:,}",
            *(f"{1000 * each:,.0f}" for each in seconds),
            f"{1000 * load.cpu_s:.1f}",
            f"{1000 * load.kafka_cpu_s:.1f}",
        )
    return [
        table,
        "",
        f"capacity {full.open_loop.capacity_articles_per_s:.1f} articles/s; analyses alone: p50 "
        f"{1000 * figures.baseline_latency_median_s.median:,.0f} ms",
    ]


def _workers(full: FullFigures) -> Table:
    table = _table("workers x processes", "articles/s", "CPU ms an article", "Kafka", "memory, MB")
    for setup in full.setups:
        memory = sum(stage.proportional_bytes for stage in _stages(setup.memory))
        table.add_row(
            f"{setup.workers} x {setup.processes}",
            f"{setup.articles_per_s.median:.1f}",
            f"{1000 * setup.cpu_s.median:.1f}",
            f"{1000 * setup.kafka_cpu_s.median:.1f}",
            f"{memory / 1e6:,.0f}",
        )
    return table


def _memory(full: FullFigures) -> list[RenderableType]:
    last = full.memory[-1]
    moments = [f"{snapshot.articles:,}" for snapshot in full.memory]
    table = _table("MB after so many articles", *moments, "private", "shared", "RSS")
    for name in STAGE_NAMES:
        for kind in ("worker", "analysis"):
            row = [getattr(snapshot.stages[name], kind) for snapshot in full.memory]
            processes = f" ({row[-1].processes})" if row[-1].processes > 1 else ""
            table.add_row(f"{name} {kind}{processes}", *_memories(row))
    table.add_row("Kafka", *_memories([snapshot.kafka for snapshot in full.memory]))
    table.add_row(
        "together", *(_mb(sum(each.proportional_bytes for each in _all(snapshot))) for snapshot in full.memory)
    )
    entities = full.further_process["entities"]
    return [
        table,
        "",
        f"The memory is PSS; private, shared and RSS are those after {last.articles:,} articles. A further analysis "
        f"process of entities takes {_mb(entities.proportional_bytes)} MB, {_mb(entities.private_bytes)} MB of them "
        "private.",
    ]


def _memories(moments: Sequence[Memory]) -> list[str]:
    last = moments[-1]
    return [
        *(_mb(each.proportional_bytes) for each in moments),
        _mb(last.private_bytes),
        _mb(last.proportional_bytes - last.private_bytes),
        _mb(last.resident_bytes),
    ]


def _stages(snapshot: Snapshot) -> list[Memory]:
    return [memory for stage in snapshot.stages.values() for memory in (stage.worker, stage.analysis)]


def _all(snapshot: Snapshot) -> list[Memory]:
    return [*_stages(snapshot), snapshot.kafka]


def _unanalysed(full: FullFigures) -> Table:
    cost = full.unanalysed
    table = _table("CPU ms a record", "worker", "analysis")
    for name in STAGE_NAMES:
        table.add_row(name, _ms(cost.worker_cpu_s[name]), _ms(cost.analysis_cpu_s[name]))
    table.add_row(
        "all stages", _ms(sum(cost.worker_cpu_s.values())), _ms(sum(cost.analysis_cpu_s.values())), style="bold"
    )
    table.add_row("Kafka", _ms(cost.kafka_cpu_s))
    return table


def _start(figures: Figures, full: FullFigures) -> Table:
    table = _table("seconds", "median", "lowest", "highest")
    times = {
        "telex up to its first article": full.start_up.first_article_s,
        "telex up until it is ready": full.start_up.ready_s,
        **{f"article after kill -9 of {name}": spread for name, spread in full.start_up.after_kill_s.items()},
        "article at rest": figures.latency_median_s,
    }
    for name, spread in times.items():
        table.add_row(name, f"{spread.median:.2f}", f"{spread.lowest:.2f}", f"{spread.highest:.2f}")
    return table


def _measured(measured: Measured, topic_bytes: dict[str, float]) -> list[RenderableType]:
    stages = _table("measured", "worker, ms", "analysis, ms", "worker, MB", "further process, MB")
    for name, stage in measured.stages.items():
        times = [_ms(stage.worker_cpu_s), _ms(stage.analysis_cpu_s)]
        stages.add_row(name, *times, _mb(stage.worker_bytes), _mb(stage.process_bytes))
    stages.add_row("Kafka", _ms(measured.kafka_cpu_s))
    topics = _table("topic", "bytes an article")
    for topic, size in topic_bytes.items():
        topics.add_row(topic, f"{size:,.0f}")
    topics.add_row("together", f"{measured.article_bytes:,.0f}")
    return [stages, "", topics]


def _sizing(needs: Sequence[Need]) -> Table:
    table = _table("articles a day", *(f"{need.articles_a_day:,}" for need in needs))
    rows = {
        "articles/s at the peak": [f"{need.peak_articles_per_s:,.0f}" for need in needs],
        "partitions": [f"{need.partitions}" for need in needs],
        **{
            f"{name}: workers x processes": [
                f"{need.stages[name].workers} x {need.stages[name].processes}" for need in needs
            ]
            for name in needs[0].stages
        },
        "processors of the workers": [f"{need.processors}" for need in needs],
        "memory of the workers, GB": [f"{need.memory_bytes / 1e9:,.1f}" for need in needs],
        "brokers": [f"{need.brokers}" for need in needs],
        "processors of the brokers": [f"{need.broker_processors}" for need in needs],
        "disk of the brokers, TB": [f"{need.disk_bytes / 1e12:,.2f}" for need in needs],
        "network at the peak, Mbit/s": [f"{need.network_bits_per_s / 1e6:,.0f}" for need in needs],
    }
    for name, cells in rows.items():
        table.add_row(name, *cells)
    return table


def _table(first: str, *columns: str) -> Table:
    table = Table(first, box=None, header_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column, justify="right")
    return table


def _ms(seconds: float) -> str:
    return f"{1000 * seconds:.2f}"


def _mb(size: float) -> str:
    return f"{size / 1e6:,.0f}"
