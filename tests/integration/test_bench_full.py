"""A small run of `telex bench --full`: it has every part. No test checks a duration."""

import json

import msgspec
import pytest

from streams.bench.full import FullFigures
from streams.bench.results import Figures
from streams.stages import STAGE_NAMES
from tests.integration.test_bench import ARTICLES, SIZES, run_to_end

MEMORY_ARTICLES = 250
# The run starts three pipelines, and `telex up`.
pytestmark = [pytest.mark.long, pytest.mark.timeout(1500)]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Figures, str]:
    """The figures of a small run, strictly decoded, and the line of JSON that has them."""
    folder, pages = tmp_path_factory.mktemp("bench"), tmp_path_factory.mktemp("pages")
    (pages / "page.md").write_text("<!-- bench start -->\n<!-- end of bench start -->\n")
    more = ("--memory-articles", str(MEMORY_ARTICLES), "--full", "--pages", str(pages), "--format", "json")
    code, out, err = run_to_end(*SIZES, *more, folder=folder)
    # Workers warn of the analysis processes that are killed, and of a rebalance. Nothing else may be said.
    assert (code, [line for line in err.splitlines() if " WARNING " not in line]) == (0, [])
    assert list(folder.iterdir()) == []
    assert "telex up to its first article" in (pages / "page.md").read_text()
    return msgspec.json.decode(out, type=Figures), out


def full(run: tuple[Figures, str]) -> FullFigures:
    """What `--full` measured."""
    assert run[0].full
    return run[0].full


def test_the_json_has_every_part(run: tuple[Figures, str]) -> None:
    assert json.loads(run[1])["full"].keys() == set(FullFigures.__struct_fields__)


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
