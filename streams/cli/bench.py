"""`telex bench`: measures on this machine what the pipeline costs compared with the baseline."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from streams import logs
from streams.bench import baseline
from streams.bench.pipeline import ONE_BY_ONE, PipelineBench
from streams.bench.results import Figures, Round, Spread, summarise
from streams.cli.help_text import DEVELOP, examples
from streams.cli.run import interrupts
from streams.cli.terminal import FormatOption, json_line, out, progress, wants_json
from streams.cli.throwaway import seeds, throwaway_pipeline
from streams.client import article_files
from streams.errors import RecordError, TelexError
from streams.records import codec
from streams.worker import analysers

# The languages in seeds/ that all stages analyse.
LANGUAGES = ("fr", "en")
# The default number of processes is at most this. With one for each processor, the pipeline and the baseline both use
# the whole machine, but each process holds the models in memory.
MAX_DEFAULT_PROCESSES = 8
COLUMNS = ("worker", "analysis", "baseline", "ratio")


def register(app: typer.Typer) -> None:
    """Add the command to `telex`."""
    app.command(
        rich_help_panel=DEVELOP,
        epilog=examples(
            "telex bench",
            "telex bench --articles 1000 --rounds 5 my-articles/",
            "telex bench --format json > figures.json",
        ),
    )(bench)


def bench(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Your own articles; by default the French and English ones in seeds/, in turn.",
            metavar="[PATH…]",
            show_default=False,
        ),
    ] = None,
    articles: Annotated[
        int, typer.Option(min=1, help="Articles in a round. Where there are fewer, they repeat.")
    ] = 400,
    processes: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=256,
            help="Analysis processes of each stage and of the baseline; by default one a processor, at most 8.",
            show_default=False,
        ),
    ] = None,
    rounds: Annotated[
        int, typer.Option(min=1, help="How often to measure the pipeline and the baseline, in turn.")
    ] = 3,
    form: FormatOption = None,
) -> None:
    """Measure what the pipeline costs compared with the baseline: the same analyses without Kafka and Faust.

    A round takes about a minute. Do not use the machine for anything else meanwhile.
    """
    chosen = _load(article_files.expand(paths), articles) if paths else _samples(articles)
    processes = processes or min(os.cpu_count() or 2, MAX_DEFAULT_PROCESSES)
    logs.set_up("WARNING", "text", "bench")
    with interrupts():
        done = [_round(chosen, processes, f"Round {number} of {rounds}") for number in range(1, rounds + 1)]
    summary = summarise(done, sum(map(_characters, chosen)) / len(chosen), processes)
    if wants_json(form):
        json_line(summary)
    else:
        _show(summary)


def _load(paths: Sequence[Path], count: int) -> list[bytes]:
    """`count` articles of the files, repeated where there are fewer. Raises TelexError when there is none."""
    values = [value for path in paths for value in _articles(path)]
    if not values:
        raise TelexError(f"There is no article in {', '.join(map(str, paths))}: name files with articles.")
    return list(itertools.islice(itertools.cycle(values), count))


def _articles(path: Path) -> Iterator[bytes]:
    """The articles of a file. Raises TelexError for a record that is not an article, and names its origin."""
    origin = str(path)
    try:
        for position, value in article_files.read(path):
            origin = position
            codec.identify(value)
            yield value
    except RecordError as error:
        raise TelexError(f"{origin}: {error}") from None


def _samples(count: int) -> list[bytes]:
    """`count` of the sample articles, the languages in turn."""
    values = [value for path in seeds("bench") for _, value in article_files.read(path)]
    languages = analysers.find("language").analyse([codec.decode_raw(value) for value in values])
    codes = [getattr(language, "code", None) for language in languages]
    turns = [
        itertools.cycle([value for value, code in zip(values, codes, strict=True) if code == wanted])
        for wanted in LANGUAGES
    ]
    return [next(turns[number % len(turns)]) for number in range(count)]


def _round(values: Sequence[bytes], processes: int, name: str) -> Round:
    # Never both at once: even at rest, the pipeline uses a part of the machine.
    with throwaway_pipeline("bench", processes) as throwaway, progress() as bar:
        task = bar.add_task(f"{name}: the pipeline", total=2 * len(values) + len(values[:ONE_BY_ONE]))
        pipeline_bench = PipelineBench(
            throwaway.settings, throwaway.supervisor, throwaway.broker.pid or 0, lambda: bar.advance(task)
        )
        pipeline = pipeline_bench.run(values)
    with progress() as bar:
        bar.add_task(f"{name}: the baseline", total=None)
        return pipeline, baseline.run(values, processes)


def _characters(value: bytes) -> int:
    article = codec.decode_raw(value)
    return len(article.title or "") + len(article.text)


def _show(figures: Figures) -> None:
    rounds = f"{figures.rounds} round" + ("s" if figures.rounds > 1 else "")
    out.print(
        f"{figures.articles} articles of {figures.characters:,.0f} characters, {rounds}, "
        f"{figures.processes} processes a stage and in the baseline\n"
    )
    table = Table("CPU ms an article", *COLUMNS, box=None, header_style="bold", pad_edge=False)
    for column in table.columns[1:4]:
        column.justify = "right"
    for name, stage in figures.stages.items():
        table.add_row(
            name, _ms(stage.worker_cpu_s), _ms(stage.analysis_cpu_s), _ms(stage.bare_cpu_s), f"{stage.ratio.median:.2f}"
        )
    table.add_row(
        "all stages",
        _ms(figures.worker_cpu_s),
        _ms(figures.analysis_cpu_s),
        _ms(figures.bare_cpu_s),
        _spread(figures.ratio),
        style="bold",
    )
    table.add_row("Kafka", _ms(figures.kafka_cpu_s))
    table.add_row("publish, receive", _ms(figures.client_cpu_s))
    table.add_row("everything", "", "", "", _spread(figures.ratio_in_all))
    out.print(table, "")
    speeds = (
        f"{figures.road_articles_per_s.median:.1f} in the pipeline, "
        f"{figures.bare_articles_per_s.median:.1f} in the baseline: {_spread(figures.speed_ratio)}"
    )
    latency = (
        f"median {_ms(figures.latency_median_s)} ms, 95 % within {_ms(figures.latency_p95_s)} ms "
        f"({figures.latency_articles} one by one)"
    )
    memory = {
        **{name: stage.memory_bytes for name, stage in figures.stages.items()},
        "Kafka": figures.kafka_memory_bytes,
    }
    rest = Table(box=None, show_header=False, pad_edge=False)
    rest.add_row("articles/s", speeds)
    rest.add_row("latency at rest", latency)
    rest.add_row(
        "CPU at rest",
        f"workers {_percent(figures.workers_at_rest)}, Kafka {_percent(figures.kafka_at_rest)} of a processor",
    )
    rest.add_row(
        "memory, GB",
        ", ".join(
            f"{name} {size / 1e9:.1f}" for name, size in {**memory, "baseline": figures.bare_memory_bytes}.items()
        ),
    )
    out.print(rest)
    if figures.rounds > 1:
        out.print("\nThe median of the rounds; in brackets the lowest and the highest.")


def _ms(seconds: Spread) -> str:
    return f"{seconds.median * 1000:.1f}"


def _percent(share: Spread) -> str:
    return f"{share.median * 100:.0f} %"


def _spread(figure: Spread) -> str:
    """The median; in brackets the lowest and the highest, where they differ."""
    median = f"{figure.median:.2f}"
    return f"{median} ({figure.lowest:.2f} to {figure.highest:.2f})" if figure.lowest < figure.highest else median
