"""What a number of articles a day needs, worked out by hand for round figures."""

import math
from pathlib import Path

import pytest

from streams.bench import sizing
from streams.bench.sizing import Measured, StageMeasured, StageNeed, need, needs

# A million articles a day are 34.7 a second at the peak.
PEAK = 3_000_000 / 86_400
MEASURED = Measured({"entities": StageMeasured(0.001, 0.024, 400e6, 100e6)}, 0.0015, 5000.0)


def test_a_million_articles_a_day_are_worked_out_as_on_the_page() -> None:
    found = need(MEASURED, 1_000_000)
    assert found.peak_articles_per_s == pytest.approx(PEAK)
    assert found.stages == {"entities": StageNeed(workers=2, processes=1)}  # 34.7 x 0.024 / 0.6 = 1.4 processes
    assert found.processors == math.ceil(PEAK * 0.025 / 0.6) == 2
    assert found.memory_bytes == 2 * 400e6
    assert found.partitions == 8
    assert (found.brokers, found.broker_processors) == (3, 1)
    assert found.disk_bytes == 1_000_000 * 5000 * 7 * 3
    assert found.network_bits_per_s == pytest.approx(8 * PEAK * 5000 * 4)


def test_a_hundred_times_as_many_articles_need_workers_with_all_their_processes() -> None:
    found = need(MEASURED, 100_000_000)
    assert found.stages == {"entities": StageNeed(workers=35, processes=4)}  # 138.9 processes
    assert found.memory_bytes == 35 * (400e6 + 3 * 100e6)
    assert found.partitions == 70
    assert (found.broker_processors, found.brokers) == (27, 4)  # 26.04 processors, 8 a broker


def test_a_worker_takes_no_more_articles_than_its_own_process_can_pass_on() -> None:
    busy_worker = Measured({"language": StageMeasured(0.001, 0.0001, 100e6, 50e6)}, 0.0015, 5000.0)
    assert need(busy_worker, 100_000_000).stages == {"language": StageNeed(workers=6, processes=1)}  # 5.8 processors


def test_three_numbers_of_articles_are_shown() -> None:
    assert [each.articles_a_day for each in needs(MEASURED)] == [1_000_000, 10_000_000, 100_000_000]


def test_the_page_names_every_assumption_with_its_value() -> None:
    page = " ".join((Path(__file__).parents[2] / "docs" / "sizing.md").read_text().split())
    assumptions = {
        "PEAK": sizing.PEAK,
        "BUSY": sizing.BUSY,
        "PROCESSES_A_WORKER": sizing.PROCESSES_A_WORKER,
        "LEAST_WORKERS": sizing.LEAST_WORKERS,
        "PARTITIONS_A_WORKER": sizing.PARTITIONS_A_WORKER,
        "LEAST_PARTITIONS": sizing.LEAST_PARTITIONS,
        "REPLICAS": sizing.REPLICAS,
        "RETENTION_DAYS": sizing.RETENTION_DAYS,
        "BROKER_PROCESSORS": sizing.BROKER_PROCESSORS,
    }
    assert [name for name, value in assumptions.items() if f"| `{name}` | {value} |" not in page] == []
