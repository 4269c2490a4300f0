"""The comparison with other Kafka clients accounts for every article, and shows a system that loses one."""

import json
import subprocess
import sys
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import MemberToRemove
from kafka.structs import OffsetAndMetadata

from peers import report
from peers.account import Account, account
from peers.articles import sample_articles
from peers.figures import Comparison, system_figures
from peers.measurement import Kills, Measurement, Round
from peers.picture import PANELS, bar_chart
from peers.systems import ROOT, SYSTEMS
from peers.workers import Workers
from streams.bench.distributions import Spread
from streams.bench.marked_part import marked
from streams.errors import TelexError
from streams.kafka import topics
from streams.kafka.connections import admin
from streams.kafka.embedded_broker import EmbeddedBroker
from streams.settings import Settings
from streams.stages import ENRICHED, RAW, STAGES
from tests.support.evidence import gather
from tests.support.independent_reader import read
from tests.support.processes import fresh

ARTICLES = 20
# One run: its settings, a round, the results, and what became of the articles when a worker was killed.
Run = tuple[Settings, Round, dict[bytes, list[object]], Kills]


class PromptWorkers(Workers):
    """The group hears of the end of a killed worker at once, so that no test waits for its session of 45 s."""

    def replace(self, stage: str) -> None:
        group = self.settings.group(stage)
        with admin(self.settings) as client:
            members = client.describe_groups([group])[group]["members"]
            super().replace(stage)
            client.remove_group_members(group, [MemberToRemove(member_id=member["member_id"]) for member in members])


def run(name: str, workers: type[Workers], settings: Settings) -> Run:
    articles = sample_articles(ARTICLES)
    with (
        workers(SYSTEMS[name], Path(sys.executable), settings) as started,
        closing(Measurement(settings, started)) as measurement,
    ):
        measurement.warm_up(articles)
        measured = measurement.round(articles)
        results = measurement.results()
        return settings, measured, results, measurement.kill([("entities", 1.0)], 10.0, lambda: None)


@pytest.fixture(scope="module")
def runs(broker: EmbeddedBroker, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    """A run of Telex, and one of the peer that needs no environment of its own."""
    done = {}
    for name, workers in {"telex": Workers, "kafka-python": PromptWorkers}.items():
        settings = fresh(broker, tmp_path_factory.mktemp(name))
        topics.create(settings)
        done[name] = run(name, workers, settings)
    return done


@pytest.mark.long
@pytest.mark.parametrize("name", ["telex", "kafka-python"])
def test_every_article_came_out_or_is_counted_when_a_worker_was_killed(runs: dict[str, Run], name: str) -> None:
    settings, _, _, kills = runs[name]
    found, keys = kills.account, load(settings, ENRICHED)
    assert found.published == len(load(settings, RAW)) > 0
    assert found.enriched == len(set(keys))
    assert found.copies == len(keys) - len(set(keys))
    assert found.published - found.enriched == sum(found.lost.values()) + found.unfinished
    assert found.dead == found.unfinished == 0


def load(settings: Settings, topic: str) -> list[bytes]:
    """The keys of the records that arrived, or came out, while workers were killed."""
    return [record.key for record in read(settings, topic) if record.key.startswith(b"a0")]


@pytest.mark.long
def test_telex_loses_no_article_when_a_worker_is_killed(runs: dict[str, Run]) -> None:
    assert set(runs["telex"][3].account.lost.values()) == {0}


@pytest.mark.long
def test_the_systems_have_the_same_results_at_a_cost(runs: dict[str, Run]) -> None:
    _, first, results, _ = runs["telex"]
    _, second, same, _ = runs["kafka-python"]
    assert len(results) == ARTICLES
    assert same == results
    assert min(first.cpu_s, second.cpu_s, first.articles_per_s, second.articles_per_s) > 0


def write(settings: Settings, topic: str, ids: Iterable[str]) -> None:
    """Write records with these ids to the first partition of a topic."""
    with closing(KafkaProducer(bootstrap_servers=settings.bootstrap_servers)) as producer:
        for identifier in ids:
            value = json.dumps({"id": identifier, "text": "a"}).encode()
            producer.send(settings.topic(topic), value, identifier.encode(), partition=0).get(20)


def commit(settings: Settings, stage: str, offset: int) -> None:
    """Commit an offset of the first partition, as a worker of the stage does."""
    partition = TopicPartition(settings.topic(STAGES[stage].source), 0)
    with closing(
        KafkaConsumer(bootstrap_servers=settings.bootstrap_servers, group_id=settings.group(stage))
    ) as consumer:
        consumer.assign([partition])
        consumer.commit({partition: OffsetAndMetadata(offset, "", -1)})


def test_an_article_without_an_output_is_lost_when_it_is_committed_and_else_unfinished(pipeline: Settings) -> None:
    for topic, ids in {RAW: "abc", "articles.language": "abc", "articles.entities": "a", ENRICHED: "aa"}.items():
        write(pipeline, topic, ids)
    for stage, offset in {"language": 3, "entities": 2, "sentiment": 1}.items():
        commit(pipeline, stage, offset)
    assert account(gather(pipeline, list(STAGES.values()))) == Account(
        published=3,
        enriched=1,
        dead=0,
        lost={"language": 0, "entities": 1, "sentiment": 0},
        unfinished=1,
        copies=1,
    )


def test_an_enriched_article_that_nobody_published_does_not_add_up(pipeline: Settings) -> None:
    write(pipeline, RAW, "a")
    for topic in ("articles.language", "articles.entities", ENRICHED):
        write(pipeline, topic, "ab")
    for stage in STAGES:
        commit(pipeline, stage, 1)
    with pytest.raises(TelexError, match="do not add up"):
        account(gather(pipeline, list(STAGES.values())))


@pytest.mark.long
def test_the_table_and_the_picture_show_every_system(runs: dict[str, Run]) -> None:
    bare = Spread.of([0.01])
    systems = {name: system_figures([measured], kills, bare) for name, (_, measured, _, kills) in runs.items()}
    done = Comparison(
        articles=ARTICLES, rounds=1, kills=1, rate=10.0, seed=1, delay_s=0.0, baseline_cpu_s=bare, systems=systems
    )
    assert [row[0] for row in report.rows(done)] == ["Telex", "kafka-python"]
    drawn = ElementTree.fromstring(bar_chart(done))
    assert len(drawn.findall("{*}rect")) == 1 + len(PANELS) * len(systems)


@pytest.mark.parametrize("name", report.PARTS)
def test_the_page_shows_what_each_system_lost(name: str) -> None:
    (measured,) = marked(name).findall(report.PAGE.read_text(encoding="utf-8"))
    header, *rows = [line for line in measured.splitlines() if line.startswith("| ")]
    assert header.endswith(" | ".join(report.LOSS_COLUMNS) + " |")
    assert [row.split(" | ")[0].removeprefix("| ") for row in rows[1:]] == [each.title for each in SYSTEMS.values()]


def test_a_system_that_does_not_exist_is_wrong_usage() -> None:
    command = [sys.executable, "-m", "peers", "nobody"]
    outcome = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert (outcome.returncode, outcome.stdout) == (2, "")
    assert "'nobody' is none of telex, faust" in " ".join(outcome.stderr.split())
