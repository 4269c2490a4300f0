"""The figures of the benchmark, summed up from its rounds."""

import re
from pathlib import Path

import msgspec
import pytest

from streams.bench.baseline import BaselineRound, Work
from streams.bench.pipeline import PipelineRound
from streams.bench.results import Spread, summarise
from streams.errors import TelexError
from streams.stages import STAGE_NAMES

PIPELINE_ROUND = PipelineRound(
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
BASELINE_ROUND = BaselineRound(Work(dict.fromkeys(STAGE_NAMES, 0.25), dict.fromkeys(STAGE_NAMES, 9)), 1.0, 300)


def slower(times: float) -> PipelineRound:
    return msgspec.structs.replace(PIPELINE_ROUND, seconds=2 * times, analysis=dict.fromkeys(STAGE_NAMES, 0.4 * times))


def test_a_figure_is_the_median_of_the_rounds_with_the_lowest_and_the_highest() -> None:
    figures = summarise([(slower(times), BASELINE_ROUND) for times in (4, 1, 2)], 1000, 1)
    assert msgspec.structs.astuple(figures.ratio) == pytest.approx((3.6, 2.0, 6.8))
    assert figures.speed_ratio == Spread(0.25, 0.125, 0.5)
    assert (figures.published, figures.enriched, figures.analysed["entities"]) == (30, 30, 27)


def test_the_95th_percentile_is_the_latency_that_95_of_100_do_not_exceed() -> None:
    assert summarise([(PIPELINE_ROUND, BASELINE_ROUND)], 1000, 1).latency_p95_s.median == 0.19
    one = msgspec.structs.replace(PIPELINE_ROUND, latencies=[0.5])
    assert summarise([(one, BASELINE_ROUND)], 1000, 1).latency_p95_s.median == 0.5


def test_the_ratio_in_all_includes_the_broker_and_the_client() -> None:
    figures = summarise([(PIPELINE_ROUND, BASELINE_ROUND)], 1000, 1)
    assert (figures.ratio.median, figures.ratio_in_all.median) == pytest.approx((1.5 / 0.75, 2.1 / 0.75))


def test_different_results_of_pipeline_and_baseline_are_an_error() -> None:
    fewer_analysed = msgspec.structs.replace(PIPELINE_ROUND, analysed={**PIPELINE_ROUND.analysed, "entities": 8})
    with pytest.raises(TelexError, match="no comparison"):
        summarise([(fewer_analysed, BASELINE_ROUND)], 1000, 1)


def test_the_readme_has_the_figures_of_the_page_on_benchmarks() -> None:
    root = Path(__file__).parents[2]
    page = (root / "docs" / "benchmarks.md").read_text()
    measured = [re.search(rf"^{row} .*?(\d\.\d\d) \(", page, re.MULTILINE) for row in ("all stages", "everything")]
    readme = " ".join((root / "README.md").read_text().split())
    in_readme = re.search(r"take (\d\.\d\d) times the processor time of the baseline, (\d\.\d\d)\s", readme)
    assert in_readme
    assert [match and match[1] for match in measured] == list(in_readme.groups())
