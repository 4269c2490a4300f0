"""Runs the comparison: every system on a broker of its own, one after the other, on the same articles."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from peers.articles import sample_articles
from peers.environments import python_of
from peers.figures import Comparison, system_figures
from peers.measurement import Kills, Measurement, Round, schedule
from peers.slow_analysers import install_slow_analysers
from peers.systems import SYSTEMS
from peers.workers import Workers
from streams.bench import baseline
from streams.bench.distributions import Spread
from streams.errors import TelexError
from streams.kafka import topics
from streams.kafka.embedded_broker import EmbeddedBroker
from streams.settings import Settings

PARTITIONS = 4


class Plan(Struct, frozen=True, kw_only=True):
    """What is done with each system; see `Comparison` for the fields."""

    articles: int = 400
    rounds: int = 3
    kills: int = 10
    rate: float = 10.0
    seed: int = 1
    delay_s: float = 0.0

    @property
    def steps(self) -> int:
        """The number of steps that a system takes: the baseline, the warm-up, the rounds, the kills, the end."""
        return 2 + self.rounds + self.kills + 1


def compare(
    names: Sequence[str],
    plan: Plan,
    begin: Callable[[str], None] = lambda _: None,
    step: Callable[[], None] = lambda: None,
) -> Comparison:
    """Measure each system, and before each the baseline.

    Args:
        names: of the systems.
        plan: how much is done.
        begin: called with the name of each system before it is measured.
        step: called after each step, `plan.steps` times for each system.

    Raises:
        TelexError: a system does not work, or two systems have different results for the same articles.
    """
    pythons = {name: python_of(name) for name in names}
    articles = sample_articles(plan.articles)
    bare, measured, results = list[float](), dict[str, tuple[list[Round], Kills]](), dict[str, dict[bytes, list[Any]]]()
    for name in names:
        begin(name)
        bare.append(_baseline_cpu_s(articles))
        step()
        try:
            rounds, results[name], killed = _measure(name, pythons[name], articles, plan, step)
        except TelexError as error:
            raise TelexError(f"{SYSTEMS[name].title}: {error}") from None
        measured[name] = rounds, killed
        _require_equal(names[0], name, results)
    baseline_cpu_s = Spread.of(bare)
    return Comparison(
        **msgspec.structs.asdict(plan),
        baseline_cpu_s=baseline_cpu_s,
        systems={name: system_figures(*each, baseline_cpu_s) for name, each in measured.items()},
    )


def _baseline_cpu_s(articles: Sequence[bytes]) -> float:
    """Seconds of processor time for the analyses of one article, without Kafka and without JSON."""
    return sum(baseline.run(articles, 1).work.cpu_s.values()) / len(articles)


def _measure(
    name: str, python: Path, articles: Sequence[bytes], plan: Plan, step: Callable[[], None]
) -> tuple[list[Round], dict[bytes, list[Any]], Kills]:
    with (
        tempfile.TemporaryDirectory(prefix="telex-peers-") as folder,
        EmbeddedBroker(Path(folder) / "kafka", Settings().cache_dir, 0) as broker,
    ):
        settings = Settings(
            bootstrap_servers=broker.bootstrap_servers, partitions=PARTITIONS, data_dir=Path(folder), topic_prefix=""
        )
        topics.create(settings)
        slow = install_slow_analysers(Path(folder) / "slow", plan.delay_s) if plan.delay_s else None
        with (
            Workers(SYSTEMS[name], python, settings, slow) as workers,
            closing(Measurement(settings, workers, plan.delay_s)) as measurement,
        ):
            measurement.warm_up(articles)
            step()
            rounds = []
            for _ in range(plan.rounds):
                rounds.append(measurement.round(articles))
                step()
            results = measurement.results()
            killed = measurement.kill(schedule(plan.kills, plan.seed), plan.rate, step)
            step()
            return rounds, results, killed


def _require_equal(first: str, name: str, results: dict[str, dict[bytes, list[Any]]]) -> None:
    """Raises TelexError when two systems came to different results: their cost could not be compared."""
    if results[name] != results[first]:
        raise TelexError(
            f"{SYSTEMS[name].title} and {SYSTEMS[first].title} have different results for the same articles, so their cost cannot be compared."
        )
