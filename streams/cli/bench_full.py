"""The additional measurements of `telex bench --full`, on two temporary pipelines."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from streams.bench import memory, open_loop, scaling, start_up, unanalysed
from streams.bench.distributions import Spread
from streams.bench.driver import Driver
from streams.bench.full import Parts
from streams.bench.memory import Snapshot
from streams.bench.open_loop import OpenLoop
from streams.bench.scaling import Setup
from streams.bench.start_up import StartUp
from streams.bench.topic_sizes import an_article, topic_sizes
from streams.bench.unanalysed import UnanalysedCost
from streams.cli.terminal import progress
from streams.cli.throwaway import ThrowawayPipeline, started_workers, throwaway_pipeline
from streams.stages import STAGE_NAMES
from streams.worker.supervisor import Supervisor


def measure(values: Sequence[bytes], processes: int, rounds: int, memory_articles: int) -> Parts:
    """Measure everything that `--full` adds.

    Args:
        values: the articles of a round.
        processes: analysis processes of a worker of the loaded pipeline, at least two.
        rounds: how often to measure each setup and each start.
        memory_articles: articles after which the memory is measured for the last time.

    Raises:
        TelexError: a process ends, or an article does not come out.
    """
    one, two, started = _small_pipeline(values, rounds)
    more, bytes_, cost, loads, snapshots = _loaded_pipeline(values, processes, rounds, memory_articles)
    return Parts(
        open_loop=loads,
        setups=[one, two, more],
        memory=snapshots,
        unanalysed=cost,
        start_up=started,
        topic_bytes=bytes_,
    )


def _small_pipeline(values: Sequence[bytes], rounds: int) -> tuple[Setup, Setup, StartUp]:
    """One and two workers a stage with one analysis process each, killed analysis processes, and `telex up`."""
    with throwaway_pipeline("bench", 1) as pipeline:
        first, settings = pipeline.supervisor, pipeline.settings
        articles = (rounds + 1) * len(values)
        with _driver(pipeline, [first], "One worker a stage", articles) as driver:
            one = scaling.measure(driver, values, 1, 1, rounds)
        with _driver(pipeline, [first], "Killed analysis processes", rounds * len(STAGE_NAMES)) as driver:
            killed = {name: start_up.after_kill(driver, name, values, rounds) for name in STAGE_NAMES}
        with (
            started_workers(settings) as second,
            _driver(pipeline, [first, second], "Two workers a stage", articles) as driver,
        ):
            two = scaling.measure(driver, values, 2, 1, rounds)
        first.stop()
        pipeline.broker.stop()
        with _bar("Starts of telex up", rounds) as count:
            starts = []
            for number in range(rounds):
                starts.append(start_up.start(settings, values[0], f"start-{number}"))
                count()
    ready, first_article = zip(*starts, strict=True)
    return one, two, StartUp(Spread.of(ready), Spread.of(first_article), killed)


def _loaded_pipeline(
    values: Sequence[bytes], processes: int, rounds: int, memory_articles: int
) -> tuple[Setup, dict[str, float], UnanalysedCost, OpenLoop, list[Snapshot]]:
    """Speed, records without an analysis, latency on a schedule, and memory of a worker a stage."""
    with throwaway_pipeline("bench", processes) as pipeline:
        alone, settings = [pipeline.supervisor], pipeline.settings
        warm = (rounds + 1) * len(values)
        with _driver(pipeline, alone, f"{processes} processes a worker", warm) as driver:
            at_rest, sizes = memory.snapshot(driver, 0), topic_sizes(settings)
            setup = scaling.measure(driver, values, 1, processes, rounds)
            bytes_ = an_article(sizes, topic_sizes(settings), warm)
        with _driver(pipeline, alone, "Records without a model", unanalysed.records_in_all()) as driver:
            cost = unanalysed.measure(driver)
        scheduled = open_loop.articles_in_all(values)
        with _driver(pipeline, alone, "Articles on a schedule", scheduled) as driver:
            loads = open_loop.measure(driver, values, setup.articles_per_s.median)
        further = max(0, memory_articles - warm - scheduled)
        with _driver(pipeline, alone, f"Memory after {memory_articles:,} articles", further) as driver:
            memory.send(driver, values, further)
            at_end = memory.snapshot(driver, warm + scheduled + further)
    return setup, bytes_, cost, loads, [at_rest, setup.memory, at_end]


@contextmanager
def _driver(
    pipeline: ThrowawayPipeline, supervisors: Sequence[Supervisor], what: str, articles: int
) -> Iterator[Driver]:
    """A driver of the pipeline, with a progress bar of so many articles."""
    with (
        _bar(what, articles) as count,
        Driver(pipeline.settings, supervisors, pipeline.broker.pid or 0, count) as driver,
    ):
        yield driver


@contextmanager
def _bar(what: str, total: int) -> Iterator[Callable[[], None]]:
    with progress() as bar:
        task = bar.add_task(what, total=total)
        yield lambda: bar.advance(task)
