"""The figures of a comparison, for each system."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from peers.account import Account
from peers.measurement import Kills, Round
from streams.bench.distributions import Spread


class SystemFigures(Struct, frozen=True, kw_only=True):
    """The figures of one system.

    Attributes:
        articles_per_s: articles a second, all sent at once.
        cpu_s: seconds of processor time of the workers, per article.
        ratio: the median of `cpu_s`, divided by the median of the baseline's.
        account: what became of the articles when workers were killed.
        quiet_after_s: seconds from the last kill to the last enriched record.
    """

    articles_per_s: Spread
    cpu_s: Spread
    ratio: float
    account: Account
    quiet_after_s: float


class Comparison(Struct, frozen=True, kw_only=True):
    """All figures of one run.

    Attributes:
        articles, rounds: articles sent at once, and how often.
        kills, rate, seed: killed workers, articles a second meanwhile, and the seed of the schedule.
        delay_s: seconds that the analysis of an article takes longer in each stage of a system, not in the baseline.
        baseline_cpu_s: seconds of processor time of the baseline, per article.
        systems: the figures of each system, by its name.
    """

    articles: int
    rounds: int
    kills: int
    rate: float
    seed: int
    delay_s: float
    baseline_cpu_s: Spread
    systems: dict[str, SystemFigures]


def system_figures(rounds: Sequence[Round], kills: Kills, baseline_cpu_s: Spread) -> SystemFigures:
    """The figures of one system."""
    cpu_s = Spread.of(each.cpu_s for each in rounds)
    return SystemFigures(
        articles_per_s=Spread.of(each.articles_per_s for each in rounds),
        cpu_s=cpu_s,
        ratio=cpu_s.median / baseline_cpu_s.median,
        account=kills.account,
        quiet_after_s=kills.quiet_after_s,
    )
