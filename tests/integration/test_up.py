"""`telex up` as people run it: its ready event, what it restarts, and that it leaves no process behind."""

import json
import os
import re
import signal
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jsonschema
import psutil
import pytest

from streams import Publisher
from streams.errors import UnreachableError
from streams.kafka import topics
from streams.kafka.embedded_broker import EmbeddedBroker
from streams.records.schema import schema
from streams.settings import Settings
from streams.stages import ALL_TOPICS, ENRICHED, SENDER, STAGE_NAMES, WORKERS
from streams.system.ports import is_free
from tests.support.independent_reader import read
from tests.support.processes import wait_for
from tests.support.telex_process import KAFKA, TelexProcess, has_ended, own_environment

TEXT = "Le maire de Paris, Anne Hidalgo, a inauguré mardi une nouvelle ligne de tramway, longue de onze kilomètres."
# The workers that run without a secret for webhooks.
STARTED = [stage for stage in WORKERS if stage != SENDER.name]
NO_KAFKA = r".*No Kafka that can be used answers .*127\.0\.0\.1:1 .*TELEX_BOOTSTRAP_SERVERS"
ONE_LINE = re.compile(r"telex: .*\.\n")


def free_ports(count: int) -> int:
    """The first of `count` free ports in a row, below those that the kernel gives to clients.

    A broker that starts again needs its port back.
    """
    begin = 20_000 + os.getpid() % 10_000
    return next(
        port
        for port in range(begin, 32_000, count)
        if all(is_free("127.0.0.1", number) for number in range(port, port + count))
    )


def on_cluster(broker: EmbeddedBroker, prefix: str) -> dict[str, str]:
    """The environment variables of a pipeline on an existing broker."""
    return {"TELEX_BOOTSTRAP_SERVERS": broker.bootstrap_servers, "TELEX_TOPIC_PREFIX": prefix, "TELEX_PARTITIONS": "2"}


@pytest.fixture(scope="module")
def running() -> Iterator[list[TelexProcess]]:
    """The `telex up` that the tests share, and its successors. Empty before the first test."""
    with ExitStack() as stack:
        shared: list[TelexProcess] = []
        yield shared
        for each in shared:
            stack.push(each)


@pytest.fixture
def up(running: list[TelexProcess], tmp_path_factory: pytest.TempPathFactory) -> TelexProcess:
    """`telex up` with its own broker and all workers ready. After a test that ends it, the next test gets a new one."""
    if not running or running[-1].process.poll() is not None:
        first = free_ports(8)
        ports = {"TELEX_BROKER_PORT": str(first + 7), "TELEX_WEB_PORT": str(first)}
        running.append(TelexProcess(own_environment(tmp_path_factory.mktemp("up") / "data", **ports), "up"))
        running[-1].read_ready_event()
    running[-1].wait_ready()
    return running[-1]


def settings_of(telex: TelexProcess) -> Settings:
    """The settings of a client of the pipeline."""
    prefix = telex.environment.get("TELEX_TOPIC_PREFIX", "")
    return Settings(bootstrap_servers=telex.ready_event["bootstrap_servers"], topic_prefix=prefix)


def publish_and_read(telex: TelexProcess, identifier: str) -> dict[str, Any]:
    """Publish an article, and wait for it at the end of the pipeline."""
    settings = settings_of(telex)
    with Publisher(settings) as publisher:
        publisher.publish({"id": identifier, "text": TEXT})

    def found() -> list[bytes]:
        return [record.value for record in read(settings, ENRICHED) if record.key == identifier.encode()]

    wait_for(found, 90, lambda: telex.stderr)
    return dict(json.loads(found()[0]))


def has_topics(settings: Settings) -> bool:
    """Whether the broker answers, and has the topics."""
    try:
        topics.check(settings)
    except UnreachableError:
        return False
    return True


def known_sources(telex: TelexProcess) -> set[str]:
    """The sources of articles, with their languages, that the last worker of the pipeline knows."""
    with urllib.request.urlopen(telex.ready_event["metrics"][STAGE_NAMES[-1]], timeout=5) as answer:
        return set(
            re.findall(r"^telex_source_last_article_timestamp_seconds(\{.*\})", answer.read().decode(), re.MULTILINE)
        )


def test_it_names_a_workers_port_that_is_in_use_before_it_starts_anything(up: TelexProcess, tmp_path: Path) -> None:
    used = {"TELEX_WEB_PORT": up.environment["TELEX_WEB_PORT"]}
    with TelexProcess(own_environment(tmp_path / "data", **used), "up") as second:
        assert second.process.wait(30) == 1
        assert ONE_LINE.fullmatch(second.stderr)
        assert f"Port {used['TELEX_WEB_PORT']}, where the web page is served" in second.stderr
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    "setting", [{"TELEX_BOOTSTRAP_SERVERS": "kafka-1.example.org:9093"}, {"TELEX_SECURITY_PROTOCOL": "SSL"}]
)
def test_it_refuses_to_start_a_broker_when_the_settings_name_a_cluster(setting: dict[str, str], tmp_path: Path) -> None:
    with TelexProcess(own_environment(tmp_path / "data", **setting), "up") as telex:
        assert telex.process.wait(30) == 1
        assert ONE_LINE.fullmatch(telex.stderr)
        assert "telex up --no-broker" in telex.stderr


def test_it_reports_in_one_line_that_no_cluster_answers_and_fails(tmp_path: Path) -> None:
    with TelexProcess(
        own_environment(tmp_path / "data", TELEX_BOOTSTRAP_SERVERS="127.0.0.1:1"), "up", "--no-broker"
    ) as telex:
        assert telex.process.wait(60) == 1
        assert re.fullmatch(rf"{NO_KAFKA}.*\n", telex.stderr)


def test_a_worker_reports_that_no_cluster_answers_and_waits_until_it_is_stopped(tmp_path: Path) -> None:
    with TelexProcess(
        own_environment(tmp_path / "data", TELEX_BOOTSTRAP_SERVERS="127.0.0.1:1"), "worker", "language"
    ) as telex:
        wait_for(
            lambda: re.fullmatch(rf"{NO_KAFKA}.* It is tried again for 59\d s\.\n", telex.stderr),
            30,
            lambda: telex.stderr,
        )
        telex.process.send_signal(signal.SIGTERM)
        assert telex.process.wait(15) == 0


def test_it_reports_all_addresses_once_every_worker_is_ready(up: TelexProcess) -> None:
    first = int(up.environment["TELEX_WEB_PORT"])
    assert up.ready_event == {
        "event": "ready",
        "bootstrap_servers": f"127.0.0.1:{up.environment['TELEX_BROKER_PORT']}",
        "topics": list(ALL_TOPICS),
        "metrics": {
            name: f"http://127.0.0.1:{first + number}/metrics" for number, name in enumerate(("web", *STARTED))
        },
        "web": f"http://127.0.0.1:{first}/",
    }
    for stage in STAGE_NAMES:
        url = up.ready_event["metrics"][stage]
        with urllib.request.urlopen(url, timeout=5) as answer:
            assert (
                f'telex_build_info{{analyser="telex {version("telex")}",python="{sys.version.split()[0]}",stage="{stage}"'
                in answer.read().decode()
            )


def test_it_starts_the_stages_before_what_no_article_waits_for(up: TelexProcess) -> None:
    begin = {name: psutil.Process(up.pid(name)).create_time() for name in ("web", *STARTED)}
    stages = [begin.pop(name) for name in STAGE_NAMES]
    assert max(stages) < min(begin.values())


def test_a_published_article_comes_out_with_every_analysis(up: TelexProcess) -> None:
    up.run("publish", "-", stdin=json.dumps({"id": "first", "text": TEXT}))
    done = up.run("subscribe", "--from", "beginning", "--count", "1", "--timeout", "60")
    assert done.returncode == 0, done.stderr + up.stderr
    article = json.loads(done.stdout)
    jsonschema.Draft202012Validator(schema("enriched")).validate(article)
    assert (article["text"], article["language"]["code"]) == (TEXT, "fr")
    assert {entity["name"] for entity in article["entities"]["items"]} >= {"Paris", "Anne Hidalgo"}


def test_it_restarts_the_killed_web_page_which_then_has_the_articles(up: TelexProcess) -> None:
    before, logged, article = up.pid("web"), len(up.stderr), publish_and_read(up, "on-the-page")
    assert before
    os.kill(before, signal.SIGKILL)
    wait_for(lambda: up.pid("web") not in (None, before), 30, lambda: up.stderr)
    up.wait_ready()
    assert re.fullmatch(
        r"\S+ up WARNING The web server ended \(SIGKILL\): it starts again in \S+ s\.\n", up.stderr[logged:]
    )
    with urllib.request.urlopen(f"{up.ready_event['web']}articles", timeout=30) as answer:
        assert article in [found["article"] for found in json.load(answer)["articles"]]


def test_it_restarts_killed_workers_and_logs_each_once(up: TelexProcess) -> None:
    logged, sources = len(up.stderr), known_sources(up)
    before = {stage: up.pid(stage) for stage in STARTED}
    for pid in before.values():
        assert pid
        os.kill(pid, signal.SIGKILL)
    wait_for(
        lambda: all(up.pid(stage) not in (None, pid) for stage, pid in before.items()), 60, lambda: up.stderr[logged:]
    )
    up.wait_ready()
    restarts = re.findall(
        r"\S+ up WARNING The (\w+) worker ended \(SIGKILL\): it starts again in \S+ s\.\n", up.stderr[logged:]
    )
    assert sorted(restarts) == sorted(STARTED)
    assert "Traceback" not in up.stderr[logged:]
    assert known_sources(up) == sources
    assert publish_and_read(up, "after-the-restarts")["sentiment"]["status"]


def test_it_restarts_a_killed_broker_and_articles_come_out_again(up: TelexProcess) -> None:
    before, logged = up.pid(KAFKA), len(up.stderr)
    assert before
    os.kill(before, signal.SIGKILL)
    wait_for(lambda: up.pid(KAFKA) not in (None, before), 30, lambda: up.stderr)
    assert len(re.findall(r"The broker was ended by SIGKILL\. .*\. It starts again\.", up.stderr)) == 1
    wait_for(lambda: has_topics(settings_of(up)), 60, lambda: up.stderr)
    assert publish_and_read(up, "after-the-broker")["sentiment"]["status"]
    up.wait_ready()
    # Each worker's clients log a few lines, and not 200 a second.
    assert len(up.stderr[logged:].splitlines()) < 40


def test_ctrl_c_shuts_every_process_down(up: TelexProcess) -> None:
    descendants = up.descendants
    assert len(descendants) >= 1 + 2 * len(STAGE_NAMES) + len(STARTED) - len(STAGE_NAMES)
    assert up.interrupt() == 130
    assert [child for child in descendants if not has_ended(child)] == []
    assert (Path(up.environment["TELEX_DATA_DIR"]) / "broker/data/.kafka_cleanshutdown").exists()


def test_a_killed_telex_leaves_no_process_and_frees_its_ports_at_once(up: TelexProcess) -> None:
    descendants = up.descendants
    up.process.kill()
    wait_for(
        lambda: all(map(has_ended, descendants)),
        10,
        lambda: str([child for child in descendants if not has_ended(child)]),
    )
    ports = [up.broker_port, *(int(url.split(":")[2].partition("/")[0]) for url in up.ready_event["metrics"].values())]
    assert [number for number in ports if not is_free("127.0.0.1", number)] == []


def test_on_an_existing_cluster_it_neither_starts_nor_stops_a_broker(
    broker: EmbeddedBroker, tmp_path: Path, kafka: Settings
) -> None:
    proxied = {"http_proxy": "http://127.0.0.1:1", "no_proxy": ""}
    with TelexProcess(
        own_environment(tmp_path / "data", **on_cluster(broker, kafka.topic_prefix), **proxied), "up", "--no-broker"
    ) as telex:
        ready_event = telex.read_ready_event()
        assert ready_event["bootstrap_servers"] == broker.bootstrap_servers
        assert ready_event["topics"] == [kafka.topic_prefix + topic for topic in ALL_TOPICS]
        assert telex.pid(KAFKA) is None
        assert publish_and_read(telex, "on-a-cluster")["sentiment"]["status"]
        descendants = telex.descendants
        assert telex.signal_and_wait(signal.SIGTERM) == 0
        assert [child for child in descendants if not has_ended(child)] == []
    assert broker.poll() is None


def test_it_gives_up_a_worker_that_is_never_ready_and_gives_the_reason(
    broker: EmbeddedBroker, tmp_path: Path, kafka: Settings
) -> None:
    broken = {**on_cluster(broker, kafka.topic_prefix), "TELEX_NER_MODELS": "fr=no_such_model"}
    with TelexProcess(own_environment(tmp_path / "data", **broken), "up", "--no-broker") as telex:
        assert telex.process.wait(120) == 1
        *lines, last = telex.stderr.splitlines()
        assert (
            last
            == "telex: The entities worker ended 4 times (exit code 1) and was never ready: see its messages above."
        )
        of_entities = [line for line in lines if " entities " in line]
        assert (
            len([line for line in of_entities if "ERROR The entity model no_such_model is not installed" in line]) == 4
        )
        assert len([line for line in of_entities if "it starts again in" in line]) == 3
        assert "Traceback" not in telex.stderr
