"""A small run of the benchmark: it measures everything that `--full` names, or reports why it cannot.

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
from streams.bench.full import FullFigures
from streams.bench.open_loop import latencies_on_schedule
from streams.bench.results import Figures
from streams.kafka.embedded_broker import EmbeddedBroker
from streams.stages import STAGE_NAMES
from tests.support.processes import wait_for
from tests.support.whole_pipeline import WholePipeline

ARTICLES, MEMORY_ARTICLES = 12, 250
# The run starts three pipelines, and `telex up`.
pytestmark = pytest.mark.timeout(1500)


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
    folder, pages = tmp_path_factory.mktemp("bench"), tmp_path_factory.mktemp("pages")
    (pages / "page.md").write_text("<!-- bench start -->\n<!-- end of bench start -->\n")
    sizes = (
        "--articles",
        str(ARTICLES),
        "--rounds",
        "1",
        "--processes",
        "1",
        "--memory-articles",
        str(MEMORY_ARTICLES),
    )
    code, out, err = run_to_end(*sizes, "--full", "--pages", str(pages), "--format", "json", folder=folder)
    # Workers warn of the analysis processes that are killed, and of a rebalance. Nothing else may be said.
    assert (code, [line for line in err.splitlines() if " WARNING " not in line]) == (0, [])
    assert list(folder.iterdir()) == []
    assert "telex up to its first article" in (pages / "page.md").read_text()
    return msgspec.json.decode(out, type=Figures), out


def test_one_line_of_json_has_all_figures(run: tuple[Figures, str]) -> None:
    figures, line = run
    assert json.loads(line).keys() == set(Figures.__struct_fields__)
    assert list(figures.stages) == list(STAGE_NAMES)
    assert (figures.articles, figures.rounds, figures.processes, figures.latency_articles) == (ARTICLES, 1, 1, ARTICLES)
    assert figures.full
    assert json.loads(line)["full"].keys() == set(FullFigures.__struct_fields__)


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


def full(run: tuple[Figures, str]) -> FullFigures:
    """What `--full` measured."""
    assert run[0].full
    return run[0].full


def test_every_load_has_its_part_of_the_capacity_and_its_articles(run: tuple[Figures, str]) -> None:
    measured = full(run).open_loop
    assert [load.articles for load in measured.loads] == [ARTICLES, 5 * ARTICLES, 9 * ARTICLES]
    for load in measured.loads:
        assert load.articles_per_s == pytest.approx(load.share * measured.capacity_articles_per_s)
        assert 0 < load.latency.p50 <= load.latency.p95 <= load.latency.p99 <= load.latency.highest


def test_each_setup_has_its_workers_and_processes(run: tuple[Figures, str]) -> None:
    setups = full(run).setups
    assert [(setup.workers, setup.processes) for setup in setups] == [(1, 1), (2, 1), (1, 2)]
    for setup in setups:
        assert min(setup.articles_per_s.median, setup.cpu_s.median) > 0
        for stage in setup.memory.stages.values():
            assert stage.worker.processes == setup.workers
            assert stage.analysis.processes >= setup.workers * setup.processes


def test_memory_is_measured_at_rest_and_after_the_articles(run: tuple[Figures, str]) -> None:
    snapshots = full(run).memory
    assert [snapshot.articles for snapshot in snapshots] == [0, 2 * ARTICLES, MEMORY_ARTICLES]
    for snapshot in snapshots:
        for stage in snapshot.stages.values():
            for memory in (stage.worker, stage.analysis):
                assert 0 < memory.private_bytes <= memory.proportional_bytes <= memory.resident_bytes
    assert full(run).further_process.keys() == set(STAGE_NAMES)


def test_the_models_of_entities_are_loaded_at_their_first_article(run: tuple[Figures, str]) -> None:
    at_rest, warm, _ = (snapshot.stages["entities"].analysis for snapshot in full(run).memory)
    assert warm.proportional_bytes > 1.2 * at_rest.proportional_bytes


def test_a_record_without_a_model_and_a_start_have_figures(run: tuple[Figures, str]) -> None:
    cost, started = full(run).unanalysed, full(run).start_up
    assert min(*cost.worker_cpu_s.values(), cost.kafka_cpu_s) > 0
    assert started.first_article_s.median > 0
    assert started.ready_s.median > 0
    assert started.after_kill_s.keys() == set(STAGE_NAMES)
    assert min(spread.median for spread in started.after_kill_s.values()) > 0


def test_an_article_takes_more_bytes_in_each_further_topic(run: tuple[Figures, str]) -> None:
    raw, language, entities, enriched = full(run).topic_bytes.values()
    assert 0 < raw < language < entities < enriched


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
def test_wrong_usage_exits_with_code_2(arguments: tuple[str, ...], tmp_path: Path) -> None:
    code, out, err = run_to_end(*arguments, folder=tmp_path)
    assert (code, out) == (2, "")
    assert "See `telex bench --help`." in err


def test_a_record_that_is_no_article_is_named_before_the_pipeline_starts(tmp_path: Path) -> None:
    own = tmp_path / "own.jsonl"
    own.write_text('{"text": "The mayor opened a bridge."}\n{"title": "no text"}\n')
    code, out, err = run_to_end(str(own), folder=tmp_path)
    assert (code, out) == (1, "")
    assert err.startswith(f"telex: {own} line 2: `text` is missing")
    own.write_text("")
    assert run_to_end(str(own), folder=tmp_path)[::2] == (
        1,
        f"telex: There is no article in {own}: name files with articles.\n",
    )


def test_ctrl_c_ends_it_and_leaves_no_files(tmp_path: Path) -> None:
    with bench("--articles", str(ARTICLES), folder=tmp_path) as process:
        wait_for(lambda: list(tmp_path.glob("telex-bench-*/workers/*")), 90)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, ""), err
    assert list(tmp_path.iterdir()) == []
