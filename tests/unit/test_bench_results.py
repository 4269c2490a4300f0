"""The figures of the benchmark: what rounds come to."""

import re
from pathlib import Path

import msgspec
import pytest

from streams.bench.baseline import BaselineRound, Work
from streams.bench.pipeline import PipelineRound
from streams.bench.results import Spread, figures
from streams.errors import TelexError
from streams.stages import STAGE_NAMES

ROAD_ROUND = PipelineRound(
    published=10,
    enriched=10,
    analysed=dict.fromkeys(STAGE_NAMES, 9),
    seconds=2.0,
    worker=dict.fromkeys(STAGE_NAMES, 0.1),
    analysis=dict.fromkeys(STAGE_NAMES, 0.4),
    kafka=0.5,
    client=0.1,
    latencies=[number / 100 for number in range(1, 21)],
    workers_at_rest=0.1,
    kafka_at_rest=0.02,
    memory=dict.fromkeys((*STAGE_NAMES, "kafka"), 100),
)
BARE_ROUND = BaselineRound(Work(dict.fromkeys(STAGE_NAMES, 0.25), dict.fromkeys(STAGE_NAMES, 9)), 1.0, 300)


def slower(times: float) -> PipelineRound:
    return msgspec.structs.replace(ROAD_ROUND, seconds=2 * times, analysis=dict.fromkeys(STAGE_NAMES, 0.4 * times))


def test_a_figure_is_the_median_of_the_rounds_with_the_lowest_and_the_highest() -> None:
    found = figures([(slower(times), BARE_ROUND) for times in (4, 1, 2)], 1000, 1)
    assert found.ratio == Spread(*map(pytest.approx, (3.6, 2.0, 6.8)))
    assert found.speed_ratio == Spread(0.25, 0.125, 0.5)
    assert (found.published, found.enriched, found.analysed["entities"]) == (30, 30, 27)


def test_the_95th_percentile_is_the_latency_that_95_of_100_do_not_exceed() -> None:
    assert figures([(ROAD_ROUND, BARE_ROUND)], 1000, 1).latency_p95_s.median == 0.19
    one = msgspec.structs.replace(ROAD_ROUND, latencies=[0.5])
    assert figures([(one, BARE_ROUND)], 1000, 1).latency_p95_s.median == 0.5


def test_everything_takes_the_broker_and_the_client_in() -> None:
    found = figures([(ROAD_ROUND, BARE_ROUND)], 1000, 1)
    assert (found.ratio.median, found.ratio_in_all.median) == pytest.approx((1.5 / 0.75, 2.1 / 0.75))


def test_two_ways_that_came_to_different_results_are_no_comparison() -> None:
    less = msgspec.structs.replace(ROAD_ROUND, analysed={**ROAD_ROUND.analysed, "entities": 8})
    with pytest.raises(TelexError, match="no comparison"):
        figures([(less, BARE_ROUND)], 1000, 1)


def test_the_readme_says_what_the_page_of_the_benchmarks_measured() -> None:
    root = Path(__file__).parents[2]
    page = (root / "docs" / "benchmarks.md").read_text()
    measured = [re.search(rf"^{row} .*?(\d\.\d\d) \(", page, re.MULTILINE) for row in ("all stages", "everything")]
    readme = " ".join((root / "README.md").read_text().split())
    said = re.search(r"take (\d\.\d\d) times the processor time of the baseline, (\d\.\d\d)\s", readme)
    assert said
    assert [found and found[1] for found in measured] == list(said.groups())
