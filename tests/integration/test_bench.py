"""A small run of the benchmark: it measures what it names, or reports why it cannot.

No test checks a duration.
"""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from streams.bench.distributions import Spread
from streams.bench.driver import Driver
from streams.bench.open_loop import latencies_on_schedule
from streams.bench.results import Figures
from streams.kafka.embedded_broker import EmbeddedBroker
from streams.settings import Settings
from streams.stages import STAGE_NAMES
from tests.support.commands import RunTelex
from tests.support.processes import wait_for
from tests.support.whole_pipeline import WholePipeline

ARTICLES = 12
SIZES = ("--articles", str(ARTICLES), "--rounds", "1", "--processes", "1")


def bench(*arguments: str, folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "streams.cli", "bench", *arguments],
        env={**os.environ, "TMPDIR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run_to_end(*arguments: str, folder: Path) -> tuple[int, str, str]:
    """Run the benchmark to its end. Returns its exit code, stdout and stderr."""
    with bench(*arguments, folder=folder) as process:
        try:
            out, err = process.communicate(timeout=1400)
        finally:
            process.terminate()
    return process.returncode, out, err


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Figures, str]:
    """The figures of a small run, strictly decoded, and the line of JSON that has them."""
    folder = tmp_path_factory.mktemp("bench")
    code, out, err = run_to_end(*SIZES, "--format", "json", folder=folder)
    assert (code, err) == (0, "")
    assert list(folder.iterdir()) == []
    return msgspec.json.decode(out, type=Figures), out


def test_one_line_of_json_has_all_figures(run: tuple[Figures, str]) -> None:
    figures, line = run
    assert json.loads(line).keys() == set(Figures.__struct_fields__)
    assert list(figures.stages) == list(STAGE_NAMES)
    assert (figures.articles, figures.rounds, figures.processes, figures.latency_articles) == (ARTICLES, 1, 1, ARTICLES)
    assert figures.full is None


def test_every_article_comes_out_and_is_analysed_by_the_pipeline_and_the_baseline(run: tuple[Figures, str]) -> None:
    figures, _ = run
    assert figures.published == figures.enriched == ARTICLES
    assert figures.analysed == dict.fromkeys(STAGE_NAMES, ARTICLES)


def test_the_totals_and_ratios_follow_from_the_stages(run: tuple[Figures, str]) -> None:
    figures, _ = run
    worker, analysis, baseline = (
        sum(getattr(stage, name).median for stage in figures.stages.values())
        for name in ("worker_cpu_s", "analysis_cpu_s", "baseline_cpu_s")
    )
    assert figures.worker_cpu_s.median == pytest.approx(worker)
    assert figures.analysis_cpu_s.median == pytest.approx(analysis)
    assert figures.baseline_cpu_s.median == pytest.approx(baseline)
    assert figures.ratio.median == pytest.approx((worker + analysis) / baseline)
    everything = worker + analysis + figures.kafka_cpu_s.median + figures.client_cpu_s.median
    assert figures.ratio_in_all.median == pytest.approx(everything / baseline)
    assert figures.speed_ratio.median == pytest.approx(
        figures.pipeline_articles_per_s.median / figures.baseline_articles_per_s.median
    )


def test_every_cost_is_above_zero(run: tuple[Figures, str]) -> None:
    figures, _ = run
    assert figures.ratio.median > 0
    assert figures.pipeline_articles_per_s.median > 0
    assert 0 < figures.latency_median_s.median <= figures.latency_p95_s.median
    assert figures.baseline_latency_median_s.median > 0
    assert all(stage.baseline_cpu_s.median > 0 and stage.memory_bytes > 0 for stage in figures.stages.values())
    assert min(figures.kafka_memory_bytes, figures.baseline_memory_bytes) > 0


def test_with_one_round_lowest_and_highest_equal_the_median(run: tuple[Figures, str]) -> None:
    spreads = [value for value in msgspec.structs.asdict(run[0]).values() if isinstance(value, Spread)]
    assert len(spreads) > 10
    assert all(spread.lowest == spread.median == spread.highest for spread in spreads)


def test_a_pipeline_that_is_slower_than_the_schedule_makes_articles_wait(
    whole_pipeline: WholePipeline, broker: EmbeddedBroker
) -> None:
    settings, count = whole_pipeline[0], 64
    article = json.dumps({"text": "The mayor of London opened a bridge on Monday, and Paris congratulated."}).encode()
    # All articles are due at once. If the latency of each counted from when the one before it was finished, their sum
    # would be the time until the last one is finished.
    with Driver(settings, [], broker.pid or 0) as driver:
        latencies, _ = latencies_on_schedule(driver, [article] * count, [0.0] * count, "due-at-once")
    assert len(latencies) == count
    assert sum(latencies) > 2 * max(latencies)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--articles", "0"),
        ("--rounds", "0"),
        ("--processes", "0"),
        ("--memory-articles", "0"),
        ("--format", "xml"),
        ("--nope",),
    ],
)
def test_wrong_usage_exits_with_code_2(arguments: tuple[str, ...], run_telex: RunTelex) -> None:
    code, printed, [error] = run_telex(Settings(), "bench", *arguments)
    assert (code, printed) == (2, [])
    assert "See `telex bench --help`." in error


def test_a_record_that_is_no_article_is_named_before_the_pipeline_starts(tmp_path: Path, run_telex: RunTelex) -> None:
    own = tmp_path / "own.jsonl"
    own.write_text('{"text": "The mayor opened a bridge."}\n{"title": "no text"}\n')
    code, printed, [error] = run_telex(Settings(), "bench", str(own))
    assert (code, printed) == (1, [])
    assert error.startswith(f"telex: {own} line 2: `text` is missing")
    own.write_text("")
    no_article = f"telex: There is no article in {own}: name files with articles."
    assert run_telex(Settings(), "bench", str(own)) == (1, [], [no_article])


def test_ctrl_c_ends_it_and_leaves_no_files(tmp_path: Path) -> None:
    with bench("--articles", str(ARTICLES), folder=tmp_path) as process:
        wait_for(lambda: list(tmp_path.glob("telex-bench-*/workers/*")), 90)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, ""), err
    assert list(tmp_path.iterdir()) == []
