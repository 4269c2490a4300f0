"""`telex bench`: measures on this machine what the pipeline costs compared with the baseline."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from streams import logs
from streams.bench import baseline
from streams.bench import pipeline as pipeline_bench
from streams.bench.driver import Driver
from streams.bench.full import complete
from streams.bench.machine import this_machine
from streams.bench.pipeline import ONE_BY_ONE
from streams.bench.results import Figures, Round, summarise
from streams.cli import bench_full, bench_pages
from streams.cli.bench_samples import LANGUAGES, samples
from streams.cli.bench_tables import heading, parts
from streams.cli.help_text import DEVELOP, examples
from streams.cli.run import interrupts
from streams.cli.terminal import FormatOption, json_line, out, progress, tell, wants_json
from streams.cli.throwaway import throwaway_pipeline
from streams.client import article_files
from streams.errors import RecordError, TelexError
from streams.records import codec

# The default number of processes is at most this. With one for each processor, the pipeline and the baseline both use
# the whole machine, but each process holds the models in memory.
MAX_DEFAULT_PROCESSES = 8


def register(app: typer.Typer) -> None:
    """Add the command to `telex`."""
    app.command(
        rich_help_panel=DEVELOP,
        epilog=examples(
            "telex bench",
            "telex bench --articles 1000 --rounds 5 my-articles/",
            "telex bench --format json > figures.json",
            "telex bench --full --pages docs/",
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
    full: Annotated[
        bool,
        typer.Option(
            "--full",
            help="Also measure latency under load, more workers, memory, records without a model, and starts. "
            "It takes about an hour.",
        ),
    ] = False,
    memory_articles: Annotated[
        int, typer.Option(min=1, help="With --full: articles after which the memory is measured, at least.")
    ] = 20_000,
    pages: Annotated[
        Path | None,
        typer.Option(
            file_okay=False,
            help="Write the tables between their markers on the pages (*.md) of this folder, and a picture of each "
            "into its folder pictures/.",
            show_default=False,
        ),
    ] = None,
    form: FormatOption = None,
) -> None:
    """Measure what the pipeline costs compared with the baseline: the same analyses without Kafka and Faust.

    A round takes one to two minutes on two idle processors, and `--full` takes about an hour with the default sizes.
    Do not use the machine for anything else meanwhile.
    """
    chosen = _load(article_files.expand(paths), articles) if paths else _samples(articles)
    processes = processes or min(os.cpu_count() or 2, MAX_DEFAULT_PROCESSES)
    logs.set_up("WARNING", "text", "bench")
    machine = this_machine()
    if pages:
        bench_pages.prepare(pages)
    with interrupts():
        done = [_round(chosen, processes, f"Round {number} of {rounds}") for number in range(1, rounds + 1)]
        figures = summarise(done, machine, sum(map(_characters, chosen)) / len(chosen), processes)
        if full:
            figures = _with_full(figures, chosen, memory_articles)
    if pages:
        for written in bench_pages.write(figures, pages):
            tell(f"[dim]{written}[/]")
    if wants_json(form):
        json_line(figures)
    else:
        _show(figures)


def _with_full(figures: Figures, values: Sequence[bytes], memory_articles: int) -> Figures:
    # A setup with one analysis process is always measured; this one has to have more.
    measured = bench_full.measure(values, max(2, figures.processes), figures.rounds, memory_articles)
    stages = figures.stages.items()
    full = complete(
        measured,
        {name: stage.worker_cpu_s.median for name, stage in stages},
        {name: stage.analysis_cpu_s.median for name, stage in stages},
        figures.kafka_cpu_s.median,
    )
    return msgspec.structs.replace(figures, full=full)


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
    found = samples()
    turns = [itertools.cycle([value for code, value in found if code == wanted]) for wanted in LANGUAGES]
    return [next(turns[number % len(turns)]) for number in range(count)]


def _round(values: Sequence[bytes], processes: int, name: str) -> Round:
    # Never both at once: even at rest, the pipeline uses a part of the machine.
    with throwaway_pipeline("bench", processes) as throwaway, progress() as bar:
        task = bar.add_task(f"{name}: the pipeline", total=2 * len(values) + len(values[:ONE_BY_ONE]))
        kafka = throwaway.broker.pid or 0
        with Driver(throwaway.settings, [throwaway.supervisor], kafka, lambda: bar.advance(task)) as driver:
            pipeline = pipeline_bench.measure(driver, values)
    with progress() as bar:
        bar.add_task(f"{name}: the baseline", total=None)
        return pipeline, baseline.run(values, processes, ONE_BY_ONE)


def _characters(value: bytes) -> int:
    article = codec.decode_raw(value)
    return len(article.title or "") + len(article.text)


def _show(figures: Figures) -> None:
    out.print(*heading(figures), sep="\n")
    for _, tables in parts(figures):
        out.print("", *tables, sep="\n")
