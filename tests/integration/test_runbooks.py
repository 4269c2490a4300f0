"""Runbooks of a working pipeline: a test causes the situation of a page, runs its commands in order, and checks that
the situation is over.

The tests share one pipeline. Their order in this file avoids the most restarts of its entities worker.
`test_failure_runbooks.py` tests the other pages.
"""

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hostile_model import RAISE, SLOW
from ruamel.yaml import YAML

from streams.kafka import topics
from streams.kafka.embedded_broker import EmbeddedBroker
from streams.settings import Settings
from streams.stages import ALL_TOPICS, DEAD, ENRICHED, RAW
from streams.system.ports import free_port
from tests.support.articles import french_article, produce, publish_french
from tests.support.commands import NO_ENTITIES_LAG, stage_rows
from tests.support.feed_server import FeedServer
from tests.support.feeds import stories
from tests.support.independent_reader import read
from tests.support.processes import HOSTILE_MODEL, environment, fresh, wait_for
from tests.support.runbook import RUNBOOKS, Runbook, command_blocks
from tests.support.small_pipeline import SmallPipeline

# Models that load at once.
GOOD, BAD = HOSTILE_MODEL, "fr=careless_model,en=careless_model"
ROOT = RUNBOOKS.parents[1]
PAGES = sorted(page.stem for page in RUNBOOKS.glob("*.md") if page.stem != "README")


@pytest.fixture(scope="module")
def small_pipeline(broker: EmbeddedBroker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallPipeline]:
    settings = fresh(broker, tmp_path_factory.mktemp("small-pipeline"))
    topics.create(settings)
    with ExitStack() as stack:
        yield SmallPipeline(settings, stack)


def test_every_page_is_run_by_a_test_and_the_index_names_it() -> None:
    tests = [file.read_text() for file in Path(__file__).parent.glob("test_*runbooks.py")]
    run = {name.replace("_", "-") for text in tests for name in re.findall(r"^def test_(\w+)\(", text, re.MULTILINE)}
    assert set(PAGES) <= run
    index = (RUNBOOKS / "README.md").read_text()
    assert set(re.findall(r"\]\(([a-z-]+)\.md\)", index)) == set(PAGES)
    assert command_blocks(index) == []


def test_every_alert_links_to_the_page_that_the_index_gives() -> None:
    files = [
        YAML(typ="safe", pure=True).load(ROOT / "deploy/prometheus" / name) for name in ("alerts.yml", "sources.yml")
    ]
    rules = [rule for file in files for group in file["groups"] for rule in group["rules"] if "alert" in rule]
    linked = {rule["alert"]: rule["annotations"]["runbook"] for rule in rules}
    rows = re.findall(r"^\| (`Telex.*) \| .*\((.*)\) \|$", (RUNBOOKS / "README.md").read_text(), re.MULTILINE)
    assert linked == {
        alert: f"docs/runbooks/{page}" for alerts, page in rows for alert in re.findall(r"Telex\w+", alerts)
    }


@pytest.mark.long
def test_replay_a_day(small_pipeline: SmallPipeline, tmp_path: Path) -> None:
    settings = small_pipeline.settings
    worker = small_pipeline.with_models(GOOD)
    midnight = datetime.now().replace(hour=0, minute=0, second=0, microsecond=0).astimezone() - timedelta(days=40)
    day, names = f"{midnight:%Y-%m-%d}", ("before", "early", "late", "next")
    for name, hours in zip(names, (-1, 1, 23, 25), strict=True):
        at = midnight + timedelta(hours=hours)
        dated = {**french_article(name), "published": f"{at:%Y-%m-%d}"}
        produce(settings, dated, topic=RAW, at_ms=int(at.timestamp() * 1000))
    wait_for(lambda: set(names) <= set(small_pipeline.enriched()), 30, lambda: worker.log.read_text())
    before = small_pipeline.enriched()
    following = f"{midnight + timedelta(days=1):%Y-%m-%d}"
    with Runbook("replay-a-day", environment(settings, DAY=day, NEXT=following), tmp_path / "page") as page:
        assert '"in_span":2,' in page.run("telex replay").stdout
        assert '"sent":2,' in page.run("telex replay").stdout
        page.run("until")
    copies = [record.key.decode() for record in read(settings, ENRICHED)]
    assert [copies.count(name) for name in names] == [1, 2, 2, 1]
    assert small_pipeline.enriched() == before


@pytest.fixture
def new_cluster(small_pipeline: SmallPipeline, tmp_path: Path) -> Iterator[Settings]:
    """The settings of the pipeline on another Kafka, which has no topics."""
    settings = small_pipeline.settings
    with EmbeddedBroker(tmp_path / "telex", settings.cache_dir, free_port()) as broker:
        yield settings.model_copy(
            update={"bootstrap_servers": broker.bootstrap_servers, "data_dir": tmp_path / "telex"}
        )


@pytest.mark.long
def test_move_to_another_cluster(small_pipeline: SmallPipeline, new_cluster: Settings, tmp_path: Path) -> None:
    old, new = small_pipeline.settings, new_cluster
    small_pipeline.with_models(GOOD)
    variables = environment(
        old, OLD=old.bootstrap_servers, NEW=new.bootstrap_servers, TELEX_NER_MODELS=GOOD, TELEX_WEB_PORT="0"
    )
    with Runbook("move-to-another-cluster", variables, tmp_path / "page") as page:
        page.run("telex topics")
        assert page.run("TELEX_BOOTSTRAP_SERVERS").stdout.count("created") == len(ALL_TOPICS)
        publish_french(old, "last-1", "last-2")
        page.run("until")
        before = small_pipeline.enriched()
        assert {"last-1", "last-2"} <= set(before)
        page.run("telex subscribe")
        assert "ran out after 0 records" in page.run("telex subscribe").stderr
        page.run("TELEX_BOOTSTRAP_SERVERS")
        page.run("export")
        page.start("telex up")
        page.run("echo")
        wait_for(lambda: '"ready"' in page.terminal, 60, lambda: page.terminal)
        page.run("until")
        assert page.run("telex subscribe").stdout.count("\n") == 1
    after = {record.key.decode(): record.value for record in read(new, ENRICHED)}
    assert after.pop("moved")
    assert after == before


@pytest.mark.long
def test_lag_grows(small_pipeline: SmallPipeline, tmp_path: Path) -> None:
    settings, names = small_pipeline.settings, [f"slow-{number}" for number in range(50)]
    worker = small_pipeline.with_models(GOOD)
    publish_french(settings, *names, more=SLOW)
    ports = {"8602": worker.port, "8612": free_port()}
    with Runbook("lag-grows", environment(settings, TELEX_NER_MODELS=GOOD), tmp_path / "page", ports) as page:
        assert stage_rows(page.run("telex status").stdout)["entities"]["lag"] > 10
        assert "records wait" in page.run("curl").stdout
        assert "telex_consumer_lag{" in page.run("curl").stdout
        assert f'"partitions":{settings.partitions},' in page.run("telex topics").stdout
        page.start("telex worker")
        page.run("until curl")
        assert stage_rows(page.run("telex status").stdout)["entities"]["workers"] == 2
        assert NO_ENTITIES_LAG in page.run("until telex status").stdout
    wait_for(lambda: set(names) <= set(small_pipeline.enriched()), 30)


@pytest.mark.long
def test_source_falls_silent(small_pipeline: SmallPipeline, tmp_path: Path) -> None:
    settings = small_pipeline.settings
    small_pipeline.with_models(GOOD)
    with FeedServer() as server:
        variables = {"SOURCE": "News", "FEED": server.serve("/feed", stories([1])), "TELEX_FEED_PAUSE_S": "0"}
        with Runbook("source-falls-silent", environment(settings, **variables), tmp_path / "page") as page:
            assert '"source":"News"' not in page.run("telex status --sources").stdout
            assert stage_rows(page.run("telex status").stdout)["entities"]["lag"] == 0
            page.run("telex dead list")
            assert page.run("telex publish").stdout.count("\n") == 1
            assert '"articles_last_hour":1,' in page.run("until telex status").stdout


@pytest.mark.long
def test_dead_letters_pile_up(small_pipeline: SmallPipeline, tmp_path: Path) -> None:
    settings, names = small_pipeline.settings, [f"raises-{number}" for number in range(3)]
    worker = small_pipeline.with_models(GOOD)
    publish_french(settings, *names, more=RAISE)
    wait_for(lambda: len(read(settings, DEAD)) == 3, 30, lambda: worker.log.read_text())
    with Runbook("dead-letters-pile-up", environment(settings, LETTER=names[1]), tmp_path / "page") as page:
        assert page.run("telex dead list").stdout.count('"reason":"analysis_failed"') == 3
        assert "the article made the model raise" in page.run("telex dead show").stdout
        small_pipeline.with_models(BAD)  # this model never raises
        assert page.run("telex dead redrive").stdout.count('"redriven":false') == 3
        assert page.run("telex dead redrive").stdout.count('"redriven":true') == 3
        assert NO_ENTITIES_LAG in page.run("until telex status").stdout
        assert page.run("telex dead redrive").stdout == ""
        assert stage_rows(page.run("telex status").stdout)["entities"]["dead_letters"] == 3
    wait_for(lambda: set(names) <= set(small_pipeline.enriched()), 30)


@pytest.mark.long
def test_roll_back_a_model(small_pipeline: SmallPipeline, tmp_path: Path) -> None:
    settings, since = small_pipeline.settings, datetime.now().astimezone().isoformat()
    worker = small_pipeline.with_models(BAD)
    publish_french(settings, "affected-1", "affected-2")
    wait_for(lambda: len(small_pipeline.enriched()) >= 2, 30, lambda: worker.log.read_text())
    variables = {
        "GOOD": GOOD,
        "BAD": "careless_model/2.0",
        "SINCE": since,
        "WORKER": str(worker.process.pid),
        "TELEX_NER_MODELS": BAD,
    }
    with Runbook(
        "roll-back-a-model", environment(settings, **variables), tmp_path / "page", {"8602": free_port()}
    ) as page:
        assert '"model":"careless_model/2.0"' in page.run("telex subscribe").stdout
        page.run("export")
        assert "careless_model" not in page.run("telex models").stdout
        page.run("kill")
        assert worker.process.wait(15) == 0
        page.start("telex worker")
        assert "partitions" in page.run("until curl").stdout
        page.run("telex subscribe")
        page.run("grep")
        page.run("telex publish")
        page.run("until")
        analysed_again = page.run("telex subscribe")
        assert re.search(r"2 wrong.jsonl\s+2 anew.jsonl", page.run("wc").stdout), analysed_again.stderr
        assert page.run("grep --count").stdout == "0\n"
    enriched = small_pipeline.enriched()
    assert {json.loads(enriched[name])["entities"]["model"] for name in ("affected-1", "affected-2")} == {
        "hostile_model/1.0"
    }
