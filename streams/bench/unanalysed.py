"""The cost of a record that needs no model: three hops through Kafka, the delivery rules, and no analysis."""

from __future__ import annotations

from msgspec import Struct

from streams.bench.driver import Cost, Driver, with_ids
from streams.errors import TelexError
from streams.records.analysis_of import analysis
from streams.stages import STAGE_NAMES

# No language can be told from one letter, so no stage analyses this article.
ARTICLE = b'{"text": "A 12:30"}'
# So many that the unit of the processor times, a hundredth of a second, does not show in the result.
RECORDS = 2000
# Records before the measurement.
WARM_UP = 200


class UnanalysedCost(Struct, frozen=True):
    """Seconds of processor time for each of the records. `worker_cpu_s` and `analysis_cpu_s` are by stage."""

    records: int
    worker_cpu_s: dict[str, float]
    analysis_cpu_s: dict[str, float]
    kafka_cpu_s: float


def measure(driver: Driver) -> UnanalysedCost:
    """Send records that no stage analyses, all at once.

    Raises:
        TelexError: a record does not come out or is analysed, or a worker ends.
    """
    driver.send(with_ids([ARTICLE] * WARM_UP, "unanalysed-warm-up"))
    enriched, cost = driver.measure(list(with_ids([ARTICLE] * RECORDS, "unanalysed")))
    if any(analysis(enriched[0].article, name).get("status") == "analysed" for name in STAGE_NAMES):
        raise TelexError("A stage analyses an article of one letter: its cost without a model cannot be measured.")
    return UnanalysedCost(RECORDS, _each(cost, cost.worker), _each(cost, cost.analysis), cost.kafka / cost.articles)


def records_in_all() -> int:
    """The number of records that `measure` sends."""
    return WARM_UP + RECORDS


def _each(cost: Cost, seconds: dict[str, float]) -> dict[str, float]:
    return {name: total / cost.articles for name, total in seconds.items()}
