"""Each runbook in the situation that it is about: its commands are run one after the other, and then it is over."""

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hostile_model import RAISE, SLOW
from kafka import KafkaProducer
from ruamel.yaml import YAML

from streams import Publisher
from streams.kafka import topics
from streams.kafka.embedded_broker import EmbeddedBroker
from streams.settings import Settings
from streams.stages import DEAD, ENRICHED, RAW
from streams.system.ports import free_port
from tests.support.disk import Disk
from tests.support.processes import HOSTILE_MODEL, WorkerProcess, environment, fresh, wait_for
from tests.support.reading import read
from tests.support.runbook import RUNBOOKS, Page, blocks

FRENCH = "Le maire de Paris a inauguré mardi une nouvelle ligne de tramway, longue de onze kilomètres, numéro {}."
# Models that are there at once.
GOOD, BAD = HOSTILE_MODEL, "fr=careless_model,en=careless_model"
# Once it is told to, publishes more than the broker can take, and waits for it 3 s, not 35.
PUBLISHES = """
from streams import Publisher
from streams.client import publisher
publisher.DELIVERY_LIMIT_S, publisher.GIVE_UP_S = 2.0, 1.0
with Publisher() as sender:
    print("connected", flush=True)
    input()
    for number in range(40):
        sender.publish({"id": str(number), "text": "mot " * 40_000})
"""
LAG_0 = '"stage":"entities","lag":0,'
ROOT = RUNBOOKS.parents[1]
OtherCluster = tuple[Disk, EmbeddedBroker, Settings]
PAGES = sorted(page.stem for page in RUNBOOKS.glob("*.md") if page.stem != "README")


class SmallPipeline:
    """A pipeline with a worker of each stage.

    The tests share it, and the order in which they stand here spares the most starts.
    """

    def __init__(self, settings: Settings, stack: ExitStack) -> None:
        self.settings, self._stack, self._models = settings, stack, ""
        self._others = [
            stack.enter_context(WorkerProcess(settings, stage, environment(settings)))
            for stage in ("language", "sentiment")
        ]

    def with_models(self, models: str) -> WorkerProcess:
        """The entities worker, ready, with these models."""
        if self._models != models or self.entities.process.poll() is not None:
            if self._models:
                self.entities.__exit__(None, None, None)
            self._models = models
            self.entities = self._stack.enter_context(
                WorkerProcess(
                    self.settings, "entities", environment(self.settings, TELEX_NER_MODELS=models), "entities"
                )
            )
        for worker in (self.entities, *self._others):
            worker.wait_ready()
        return self.entities

    def enriched(self) -> dict[str, bytes]:
        """The last enriched record of each article."""
        return {record.key.decode(): record.value for record in read(self.settings, ENRICHED)}


@pytest.fixture(scope="module")
def small_pipeline(broker: EmbeddedBroker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallPipeline]:
    settings = fresh(broker, tmp_path_factory.mktemp("small-pipeline"))
    topics.create(settings)
    with ExitStack() as stack:
        yield SmallPipeline(settings, stack)


@pytest.fixture(scope="module")
def other_cluster(small_pipeline: SmallPipeline, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OtherCluster]:
    """Another Kafka, with a disk of its own; the test that fills that up comes last."""
    with Disk(tmp_path_factory.mktemp("other") / "disk") as disk:
        broker = EmbeddedBroker(disk.folder / "telex", small_pipeline.settings.cache_dir, free_port())
        with broker:
            there = {"bootstrap_servers": broker.bootstrap_servers, "data_dir": disk.folder / "telex"}
            yield disk, broker, small_pipeline.settings.model_copy(update=there)


def publish(settings: Settings, *names: str, more: str = "") -> None:
    with Publisher(settings) as sender:
        for name in names:
            sender.publish(article(name, more))


def article(name: str, more: str = "") -> dict[str, object]:
    return {"id": name, "text": f"{FRENCH.format(name)} {more}"}


def identified(settings: Settings, *articles: dict[str, object]) -> None:
    """Records as they leave the language stage."""
    language = {"status": "analysed", "model": "m", "code": "fr", "confidence": 1}
    produce(settings, "articles.language", *({**each, "language": language} for each in articles))


def produce(settings: Settings, topic: str, *records: dict[str, object], at: datetime | None = None) -> None:
    producer = KafkaProducer(bootstrap_servers=settings.bootstrap_servers)
    for record in records:
        key, value = str(record["id"]).encode(), json.dumps(record).encode()
        producer.send(
            settings.topic_prefix + topic, key=key, value=value, timestamp_ms=at and int(at.timestamp() * 1000)
        )
    producer.flush()
    producer.close()


def status(said: str) -> dict[str, dict[str, int]]:
    """What `telex status` said of each stage."""
    return {row["stage"]: row for row in map(json.loads, said.splitlines())}


def test_every_page_is_run_by_a_test_and_the_index_names_it() -> None:
    assert {f"test_{page.replace('-', '_')}" for page in PAGES} <= set(globals())
    index = (RUNBOOKS / "README.md").read_text()
    assert set(re.findall(r"\]\(([a-z-]+)\.md\)", index)) == set(PAGES)
    assert blocks(index) == []


def test_every_alert_leads_to_a_page_as_the_index_says() -> None:
    (group,) = YAML(typ="safe", pure=True).load(ROOT / "deploy/prometheus/alerts.yml")["groups"]
    led = {rule["alert"]: rule["annotations"]["runbook"] for rule in group["rules"]}
    rows = re.findall(r"^\| (`Telex.*) \| .*\((.*)\) \|$", (RUNBOOKS / "README.md").read_text(), re.MULTILINE)
    assert led == {alert: f"docs/runbooks/{page}" for alerts, page in rows for alert in re.findall(r"Telex\w+", alerts)}


def test_replay_a_day(small_pipeline: SmallPipeline, tmp_path: Path) -> None:
    settings = small_pipeline.settings
    worker = small_pipeline.with_models(GOOD)
    midnight = datetime.now().replace(hour=0, minute=0, second=0, microsecond=0).astimezone() - timedelta(days=40)
    day, names = f"{midnight:%Y-%m-%d}", ("before", "early", "late", "next")
    for name, hours in zip(names, (-1, 1, 23, 25), strict=True):
        at = midnight + timedelta(hours=hours)
        produce(settings, RAW, {**article(name), "published": f"{at:%Y-%m-%d}"}, at=at)
    wait_for(lambda: set(names) <= set(small_pipeline.enriched()), 30, lambda: worker.log.read_text())
    before = small_pipeline.enriched()
    with Page("replay-a-day", environment(settings, DAY=day), tmp_path / "page") as page:
        page.run("telex subscribe")
        assert "ran out after 0 articles" in page.run("telex subscribe").stderr
        page.run("grep")
        page.run("wc")
        page.run("telex publish")
        page.run("until")
        since = {json.loads(line)["id"] for line in (tmp_path / "page/since.jsonl").read_text().splitlines()}
        assert since == {"early", "late", "next"}
        assert sorted((tmp_path / "page/ids.txt").read_text().split()) == ["early", "late"]
    copies = [record.key.decode() for record in read(settings, ENRICHED)]
    assert [copies.count(name) for name in names] == [1, 2, 2, 1]
    assert small_pipeline.enriched() == before


def test_move_to_another_cluster(small_pipeline: SmallPipeline, other_cluster: OtherCluster, tmp_path: Path) -> None:
    old, new = small_pipeline.settings, other_cluster[2]
    small_pipeline.with_models(GOOD)
    given = environment(
        old, OLD=old.bootstrap_servers, NEW=new.bootstrap_servers, TELEX_NER_MODELS=GOOD, TELEX_WEB_PORT="0"
    )
    with Page("move-to-another-cluster", given, tmp_path / "page") as page:
        page.run("telex topics")
        assert page.run("TELEX_BOOTSTRAP_SERVERS").stdout.count("created") == len(topics.TOPICS)
        publish(old, "last-1", "last-2")
        page.run("until")
        before = small_pipeline.enriched()
        assert {"last-1", "last-2"} <= set(before)
        page.run("telex subscribe")
        assert "ran out after 0 articles" in page.run("telex subscribe").stderr
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


def test_lag_grows(small_pipeline: SmallPipeline, tmp_path: Path) -> None:
    settings, names = small_pipeline.settings, [f"slow-{number}" for number in range(50)]
    worker = small_pipeline.with_models(GOOD)
    publish(settings, *names, more=SLOW)
    ports = {"8602": worker.port, "8612": free_port()}
    with Page("lag-grows", environment(settings, TELEX_NER_MODELS=GOOD), tmp_path / "page", ports) as page:
        assert status(page.run("telex status").stdout)["entities"]["lag"] > 10
        assert "records wait" in page.run("curl").stdout
        assert "telex_consumer_lag{" in page.run("curl").stdout
        assert f'"partitions":{settings.partitions},' in page.run("telex topics").stdout
        page.start("telex worker")
        page.run("until curl")
        assert status(page.run("telex status").stdout)["entities"]["workers"] == 2
        assert LAG_0 in page.run("until telex status").stdout
    wait_for(lambda: set(names) <= set(small_pipeline.enriched()), 30)


def test_dead_letters_pile_up(small_pipeline: SmallPipeline, tmp_path: Path) -> None:
    settings, names = small_pipeline.settings, [f"raises-{number}" for number in range(3)]
    worker = small_pipeline.with_models(GOOD)
    publish(settings, *names, more=RAISE)
    wait_for(lambda: len(read(settings, DEAD)) == 3, 30, lambda: worker.log.read_text())
    with Page("dead-letters-pile-up", environment(settings, LETTER=names[1]), tmp_path / "page") as page:
        assert page.run("telex dead list").stdout.count('"reason":"analysis_failed"') == 3
        assert "the article made the model raise" in page.run("telex dead show").stdout
        small_pipeline.with_models(BAD)  # it raises at nothing
        assert page.run("telex dead redrive").stdout.count('"redriven":false') == 3
        assert page.run("telex dead redrive").stdout.count('"redriven":true') == 3
        assert LAG_0 in page.run("until telex status").stdout
        assert page.run("telex dead redrive").stdout == ""
        assert status(page.run("telex status").stdout)["entities"]["dead_letters"] == 3
    wait_for(lambda: set(names) <= set(small_pipeline.enriched()), 30)


def test_roll_back_a_model(small_pipeline: SmallPipeline, tmp_path: Path) -> None:
    settings, since = small_pipeline.settings, datetime.now().astimezone().isoformat()
    worker = small_pipeline.with_models(BAD)
    publish(settings, "ours-1", "ours-2")
    wait_for(lambda: len(small_pipeline.enriched()) >= 2, 30, lambda: worker.log.read_text())
    given = {
        "GOOD": GOOD,
        "BAD": "careless_model/2.0",
        "SINCE": since,
        "WORKER": str(worker.process.pid),
        "TELEX_NER_MODELS": BAD,
    }
    with Page("roll-back-a-model", environment(settings, **given), tmp_path / "page", {"8602": free_port()}) as page:
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
        anew = page.run("telex subscribe")
        assert re.search(r"2 wrong.jsonl\s+2 anew.jsonl", page.run("wc").stdout), anew.stderr
        assert page.run("grep --count").stdout == "0\n"
    enriched = small_pipeline.enriched()
    assert {json.loads(enriched[name])["entities"]["model"] for name in ("ours-1", "ours-2")} == {"hostile_model/1.0"}


def test_worker_does_not_come_back(pipeline: Settings, tmp_path: Path) -> None:
    identified(pipeline, article("a"), article("b"))
    broken = environment(pipeline, TELEX_NER_MODELS="fr=no_such_model", GOOD=GOOD)
    with Page(
        "worker-does-not-come-back", broken, tmp_path / "page", {"8602": free_port(), "8612": free_port()}
    ) as page:
        seen = status(page.run("telex status").stdout)["entities"]
        assert (seen["lag"], seen["workers"]) == (2, 0)
        page.run("curl")
        assert "The entity model no_such_model is not installed" in page.run("telex worker").stderr
        page.run("export")
        worker = page.start("telex worker")
        wait_for(lambda: len(read(pipeline, "articles.entities")) == 2, 60, lambda: page.terminal)
        worker.send_signal(signal.SIGSTOP)
        identified(pipeline, article("c"))
        page.environment["WORKER"] = str(worker.pid)
        page.run("curl")
        page.run("kill")
        page.run("kill -9")
        assert worker.wait(5) == -signal.SIGKILL
        page.start("telex worker")
        assert "partitions" in page.run("until curl").stdout
        assert LAG_0 in page.run("until telex status").stdout
    assert {record.key for record in read(pipeline, "articles.entities")} == {b"a", b"b", b"c"}


def test_broker_disk_full(other_cluster: OtherCluster, tmp_path: Path) -> None:
    disk, broker, settings = other_cluster
    disk.require()
    topics.create(settings)
    publish(settings, "kept")
    pipe, command = subprocess.PIPE, [sys.executable, "-c", PUBLISHES]
    with subprocess.Popen(
        command, env=environment(settings), stdin=pipe, stdout=pipe, stderr=pipe, text=True
    ) as publishing:
        assert publishing.stdout
        assert publishing.stdout.readline() == "connected\n"
        disk.fill()
        _, said = publishing.communicate("go\n", timeout=30)
    # Some of the forty may fit in what is left of the disk, as they are compressed.
    assert re.search(r"TelexError: \d+ articles, the first \d+, were not delivered", said), said
    wait_for(lambda: broker.poll() == 1, 20)
    broker.stop()
    roomy, port = tmp_path / "roomy", settings.bootstrap_servers.rpartition(":")[2]
    roomy.mkdir()
    given = environment(settings, ROOMY=str(roomy), TELEX_BROKER_PORT=port)
    with Page("broker-disk-full", given, tmp_path / "page") as page:
        assert "100%" in page.run("df").stdout
        assert "articles.raw" in page.run("du").stdout
        page.run("cp")
        page.run("export")
        page.start("telex broker")
        assert "language" in status(page.run("until").stdout)
        assert "100%" not in page.run("df").stdout
        publish(settings, "refused")
        assert {b"kept", b"refused"} <= {record.key for record in read(settings, RAW)}
