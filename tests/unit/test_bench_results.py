"""The figures of the benchmark, summed up from its rounds."""

import re
from pathlib import Path

import msgspec
import pytest

from streams.bench.distributions import Latencies, Spread, percentile
from streams.bench.full import Parts, complete
from streams.bench.pipeline import PipelineRound
from streams.bench.results import Figures, summarise
from streams.errors import TelexError
from streams.stages import STAGE_NAMES
from tests.support.bench_figures import BASELINE_ROUND, MACHINE, PARTS, PIPELINE_ROUND, setup


def slower(times: float) -> PipelineRound:
    cost = msgspec.structs.replace(
        PIPELINE_ROUND.cost, seconds=2 * times, analysis=dict.fromkeys(STAGE_NAMES, 0.4 * times)
    )
    return msgspec.structs.replace(PIPELINE_ROUND, cost=cost)


def of_one_round(pipeline: PipelineRound = PIPELINE_ROUND) -> Figures:
    return summarise([(pipeline, BASELINE_ROUND)], MACHINE, 1000, 1)


def test_a_figure_is_the_median_of_the_rounds_with_the_lowest_and_the_highest() -> None:
    figures = summarise([(slower(times), BASELINE_ROUND) for times in (4, 1, 2)], MACHINE, 1000, 1)
    assert msgspec.structs.astuple(figures.ratio) == pytest.approx((3.6, 2.0, 6.8))
    assert figures.speed_ratio == Spread(0.25, 0.125, 0.5)
    assert (figures.published, figures.enriched, figures.analysed["entities"]) == (30, 30, 27)


def test_the_95th_percentile_is_the_latency_that_95_of_100_do_not_exceed() -> None:
    assert of_one_round().latency_p95_s.median == 0.19
    assert of_one_round(msgspec.structs.replace(PIPELINE_ROUND, latencies=[0.5])).latency_p95_s.median == 0.5


def test_a_percentile_is_the_smallest_value_that_so_many_of_a_hundred_do_not_exceed() -> None:
    values = [15, 20, 35, 40, 50]  # the worked example of https://en.wikipedia.org/wiki/Percentile, nearest rank
    assert [percentile(values, percent) for percent in (5, 30, 40, 50, 100)] == [15, 20, 20, 35, 50]
    assert percentile(reversed(range(1, 1001)), 99) == 990


def test_latencies_name_the_highest_one() -> None:
    assert Latencies.of(number / 100 for number in range(200, 0, -1)) == Latencies(1.0, 1.9, 1.98, 2.0)
    assert Latencies.of([0.3]) == Latencies(0.3, 0.3, 0.3, 0.3)


def test_the_latency_that_the_pipeline_adds_is_the_one_above_the_analyses_alone() -> None:
    figures = of_one_round()
    assert figures.baseline_latency_median_s.median == 0.02
    assert figures.latency_median_s.median == pytest.approx(0.105)
    assert figures.latency_added_s.median == pytest.approx(0.085)


def test_the_ratio_in_all_includes_the_broker_and_the_client() -> None:
    figures = of_one_round()
    assert (figures.ratio.median, figures.ratio_in_all.median) == pytest.approx((1.5 / 0.75, 2.1 / 0.75))


def test_different_results_of_pipeline_and_baseline_are_an_error() -> None:
    fewer_analysed = msgspec.structs.replace(PIPELINE_ROUND, analysed={**PIPELINE_ROUND.analysed, "entities": 8})
    with pytest.raises(TelexError, match="no comparison"):
        of_one_round(fewer_analysed)


def test_the_memory_of_a_further_process_is_what_the_setup_with_more_processes_takes_more() -> None:
    cpu_s = dict.fromkeys(STAGE_NAMES, 0.001)
    full = complete(PARTS, cpu_s, cpu_s, 0.001)
    further = full.further_process["entities"]
    assert (further.private_bytes, further.proportional_bytes) == (100e6, 150e6)
    assert full.measured.stages["entities"].worker_bytes == 75e6 + 150e6
    assert full.measured.article_bytes == 5000
    assert {field: getattr(full, field) for field in Parts.__struct_fields__} == msgspec.structs.asdict(PARTS)


def test_without_a_setup_with_more_processes_the_memory_of_a_further_one_is_not_known() -> None:
    cpu_s = dict.fromkeys(STAGE_NAMES, 0.001)
    with pytest.raises(TelexError, match="further process"):
        complete(msgspec.structs.replace(PARTS, setups=[setup(1, 1), setup(2, 1)]), cpu_s, cpu_s, 0.001)


def test_the_readme_has_the_figures_of_the_page_on_benchmarks() -> None:
    root = Path(__file__).parents[2]
    page = (root / "docs" / "benchmarks.md").read_text()
    measured = [
        re.search(rf"^{row} .*?(\d\.\d\d)(?: \(|$)", page, re.MULTILINE) for row in ("all stages", "everything")
    ]
    readme = " ".join((root / "README.md").read_text().split())
    in_readme = re.search(r"take (\d\.\d\d) times the processor time of the baseline, (\d\.\d\d)\s", readme)
    assert in_readme
    assert [match and match[1] for match in measured] == list(in_readme.groups())
