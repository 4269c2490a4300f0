"""The speed, the processor time and the memory of a pipeline with a number of workers and analysis processes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct

from streams.bench.distributions import Spread
from streams.bench.driver import Cost, Driver, with_ids
from streams.bench.memory import Snapshot, snapshot


class Setup(Struct, frozen=True, kw_only=True):
    """The figures of one setup. The unit of `cpu_s` is seconds of processor time an article.

    Attributes:
        workers: workers of each stage.
        processes: analysis processes of each worker.
        cpu_s: time of all workers with their analysis processes.
        kafka_cpu_s: time of the broker.
        memory: of all processes after the last round.
    """

    workers: int
    processes: int
    articles_per_s: Spread
    cpu_s: Spread
    kafka_cpu_s: Spread
    memory: Snapshot


def measure(driver: Driver, values: Sequence[bytes], workers: int, processes: int, rounds: int) -> Setup:
    """Send the articles all at once, first to warm up, and then in each round.

    Args:
        driver: of the pipeline.
        values: the articles of a round.
        workers: workers of each stage that the pipeline has.
        processes: analysis processes that each of them has.
        rounds: how often to measure.

    Raises:
        TelexError: an article does not come out, or a worker ends.
    """
    name = f"{workers}-workers-{processes}-processes"
    driver.send(with_ids(values, f"{name}-warm-up"))
    costs = [driver.measure(list(with_ids(values, f"{name}-{number}")))[1] for number in range(rounds)]

    def over(figure: Callable[[Cost], float]) -> Spread:
        return Spread.of(map(figure, costs))

    return Setup(
        workers=workers,
        processes=processes,
        articles_per_s=over(lambda cost: cost.articles / cost.seconds),
        cpu_s=over(lambda cost: (sum(cost.worker.values()) + sum(cost.analysis.values())) / cost.articles),
        kafka_cpu_s=over(lambda cost: cost.kafka / cost.articles),
        memory=snapshot(driver, (rounds + 1) * len(values)),
    )
