"""`telex broker` and `telex up` as people run them: what they say, what they start again, and that they leave nothing
behind.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import jsonschema
import psutil
import pytest

from streams.kafka.embedded_broker import EmbeddedBroker
from streams.records.schema import schema
from streams.settings import Settings
from streams.stages import STAGE_NAMES, TOPICS
from streams.system.ports import is_free
from tests.support.processes import wait_for

ARTICLE = "Le maire de Paris, Anne Hidalgo, a inauguré mardi une nouvelle ligne de tramway, longue de onze kilomètres."


def free_ports(count: int) -> int:
    """The first of so many free ports in a row, where the kernel gives none to clients: a broker that starts again
    needs its own.
    """
    begin = 20_000 + os.getpid() % 10_000
    return next(
        port
        for port in range(begin, 32_000, count)
        if all(is_free("127.0.0.1", number) for number in range(port, port + count))
    )


def environment(folder: Path, **more: str) -> dict[str, str]:
    """No settings but these: data of its own, the jars that there are, free ports."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith("TELEX_") or name == "TELEX_CACHE_DIR"
    }
    return {
        **kept,
        "TELEX_DATA_DIR": str(folder),
        "TELEX_BROKER_PORT": "0",
        "TELEX_WEB_PORT": "0",
        "TELEX_PROCESSES": "1",
        **more,
    }


def on(broker: EmbeddedBroker, prefix: str) -> dict[str, str]:
    return {"TELEX_BOOTSTRAP_SERVERS": broker.bootstrap_servers, "TELEX_TOPIC_PREFIX": prefix, "TELEX_PARTITIONS": "2"}


class Telex:
    """A `telex` that runs until it is told to stop, in a pipe; killed at the end of the `with`."""

    def __init__(self, environment: Mapping[str, str], *arguments: str) -> None:
        self.environment = environment
        self.errors = Path(environment["TELEX_DATA_DIR"]).with_suffix(".stderr")
        with self.errors.open("wb") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "streams.cli", *arguments],
                env=environment,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )

    def ready(self) -> dict[str, Any]:
        """What the line says that it writes when it is ready; fails the test when it ends instead."""
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line, self.said
        self.where: dict[str, Any] = json.loads(line)
        assert self.where["event"] == "ready"
        return self.where

    @property
    def said(self) -> str:
        return self.errors.read_text()

    @property
    def family(self) -> list[psutil.Process]:
        """Every process that it started, and that those started."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def pid(self, what: str) -> int | None:
        """The process of a stage's worker, or of `kafka.Kafka`."""
        return next((child.pid for child in psutil.Process(self.process.pid).children() if runs(child, what)), None)

    def run(self, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
        """Another command, with the same brokers."""
        return subprocess.run(
            [sys.executable, "-m", "streams.cli", *arguments],
            env={**self.environment, "TELEX_BOOTSTRAP_SERVERS": self.where["bootstrap_servers"]},
            input=given,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def wait_ready(self) -> None:
        """Until every worker says that it is ready."""
        wait_for(
            lambda: all(answers(url.replace("/metrics", "/readyz")) for url in self.where["metrics"].values()),
            90,
            lambda: self.said,
        )

    def stop(self, number: int) -> int:
        """The exit code after a signal."""
        self.process.send_signal(number)
        return self.process.wait(40)

    def interrupt(self) -> int:
        """The exit code after Ctrl-C, pressed again and again by somebody in a hurry."""

        def ended() -> bool:
            self.process.send_signal(signal.SIGINT)
            return self.process.poll() is not None

        wait_for(ended, 40, lambda: self.said)
        return int(self.process.returncode)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.kill()
        self.process.communicate()


def runs(process: psutil.Process, what: str) -> bool:
    try:
        return what in process.cmdline()
    except psutil.Error:
        return False


def gone(process: psutil.Process) -> bool:
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def one_line(said: str) -> bool:
    return bool(re.fullmatch(r"telex: .*\.\n", said))


def port(where: dict[str, Any]) -> int:
    return int(where["bootstrap_servers"].rpartition(":")[2])


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Telex]]:
    """The `telex up` that the tests share, once it is there."""
    with ExitStack() as stack:
        shared: list[Telex] = []
        yield shared
        for each in shared:
            stack.push(each)


@pytest.fixture
def up(running: list[Telex], tmp_path_factory: pytest.TempPathFactory) -> Telex:
    """`telex up` with a broker of its own, all workers ready; another one after a test that ended it."""
    if not running or running[-1].process.poll() is not None:
        first = free_ports(5)
        ports = {"TELEX_BROKER_PORT": str(first + 4), "TELEX_WEB_PORT": str(first)}
        running.append(Telex(environment(tmp_path_factory.mktemp("up") / "data", **ports), "up"))
        running[-1].ready()
    running[-1].wait_ready()
    return running[-1]


def comes_out(telex: Telex, identifier: str) -> dict[str, Any]:
    """Publish an article and read it at the end of the pipeline."""
    published = telex.run("publish", "-", given=json.dumps({"id": identifier, "text": ARTICLE}))
    assert (published.returncode, published.stdout) == (0, f"{identifier}\n"), published.stderr + telex.said
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        lines = telex.run("subscribe", "--from", "beginning", "--timeout", "2").stdout.splitlines()
        for article in map(json.loads, lines):
            if article["id"] == identifier:
                return dict(article)
    raise AssertionError(telex.said)


def test_the_broker_says_where_it_is_and_ctrl_c_stops_it_in_order(tmp_path: Path) -> None:
    with Telex(environment(tmp_path / "data"), "broker") as telex:
        where, family = telex.ready(), telex.family
        assert where == {
            "event": "ready",
            "bootstrap_servers": f"127.0.0.1:{port(where)}",
            "pid": telex.pid("kafka.Kafka"),
        }
        assert telex.interrupt() == 130
        assert [child for child in family if not gone(child)] == []
        assert is_free("127.0.0.1", port(where))
        assert telex.said == ""
    assert (tmp_path / "data/broker/data/.kafka_cleanshutdown").exists()


def test_a_second_broker_in_the_folder_finds_what_the_first_one_kept_and_sigterm_is_no_failure(tmp_path: Path) -> None:
    states = []
    for _ in range(2):
        with Telex(environment(tmp_path / "data"), "broker") as telex:
            telex.ready()
            states.append([json.loads(line)["state"] for line in telex.run("topics").stdout.splitlines()])
            assert telex.stop(signal.SIGTERM) == 0
    assert states == [["created"] * len(TOPICS), ["exists"] * len(TOPICS)]


def test_a_broker_whose_kafka_is_killed_says_so_and_fails(tmp_path: Path) -> None:
    with Telex(environment(tmp_path / "data"), "broker") as telex:
        os.kill(telex.ready()["pid"], signal.SIGKILL)
        assert telex.process.wait(10) == 1
        assert re.fullmatch(r"telex: The broker was ended by SIGKILL .*broker\.log\)\.\n", telex.said)


def test_a_broker_that_cannot_start_says_why_in_one_line(broker: EmbeddedBroker, tmp_path: Path) -> None:
    used = broker.bootstrap_servers.rpartition(":")[2]
    (tmp_path / "file").touch()
    for more, reason in (
        ({"TELEX_BROKER_PORT": used}, f"Port {used} is in use"),
        ({"TELEX_DATA_DIR": str(tmp_path / "file/data")}, "cannot start in"),
    ):
        for command in ("broker", "up"):
            done = subprocess.run(
                [sys.executable, "-m", "streams.cli", command],
                env=environment(tmp_path / "data", **more),
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            assert (done.returncode, done.stdout) == (1, "")
            assert one_line(done.stderr)
            assert reason in done.stderr


def test_a_port_of_the_workers_that_is_in_use_is_named_before_anything_starts(up: Telex, tmp_path: Path) -> None:
    used = {"TELEX_WEB_PORT": up.environment["TELEX_WEB_PORT"]}
    with Telex(environment(tmp_path / "data", **used), "up") as second:
        assert second.process.wait(30) == 1
        assert one_line(second.said)
        assert f"Port {int(used['TELEX_WEB_PORT']) + 1}, where the language worker" in second.said
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    "setting", [{"TELEX_BOOTSTRAP_SERVERS": "kafka-1.example.org:9093"}, {"TELEX_SECURITY_PROTOCOL": "SSL"}]
)
def test_a_cluster_in_the_settings_is_not_passed_over_in_silence(setting: dict[str, str], tmp_path: Path) -> None:
    with Telex(environment(tmp_path / "data", **setting), "up") as telex:
        assert telex.process.wait(30) == 1
        assert one_line(telex.said)
        assert "telex up --no-broker" in telex.said


NO_KAFKA = r".*No Kafka that can be used answers .*127\.0\.0\.1:1 .*TELEX_BOOTSTRAP_SERVERS"


def test_without_a_cluster_it_says_so_in_one_line_and_fails(tmp_path: Path) -> None:
    with Telex(environment(tmp_path / "data", TELEX_BOOTSTRAP_SERVERS="127.0.0.1:1"), "up", "--no-broker") as telex:
        assert telex.process.wait(60) == 1
        assert re.fullmatch(rf"{NO_KAFKA}.*\n", telex.said)


def test_a_worker_without_a_cluster_says_so_waits_for_one_and_can_be_stopped(tmp_path: Path) -> None:
    with Telex(environment(tmp_path / "data", TELEX_BOOTSTRAP_SERVERS="127.0.0.1:1"), "worker", "language") as telex:
        wait_for(
            lambda: re.fullmatch(rf"{NO_KAFKA}.* It is tried again for 59\d s\.\n", telex.said), 30, lambda: telex.said
        )
        telex.process.send_signal(signal.SIGTERM)
        assert telex.process.wait(15) == 0


def test_it_says_where_everything_is_once_every_worker_is_ready(up: Telex) -> None:
    first = int(up.environment["TELEX_WEB_PORT"])
    assert up.where == {
        "event": "ready",
        "bootstrap_servers": f"127.0.0.1:{up.environment['TELEX_BROKER_PORT']}",
        "topics": list(TOPICS),
        "metrics": {stage: f"http://127.0.0.1:{first + number}/metrics" for number, stage in enumerate(STAGE_NAMES, 1)},
    }
    for stage, url in up.where["metrics"].items():
        with urllib.request.urlopen(url, timeout=5) as answer:
            assert (
                f'telex_build_info{{analyser="telex {version("telex")}",python="{sys.version.split()[0]}",stage="{stage}"'
                in answer.read().decode()
            )


def test_an_article_that_is_published_comes_out_whole(up: Telex) -> None:
    up.run("publish", "-", given=json.dumps({"id": "first", "text": ARTICLE}))
    done = up.run("subscribe", "--from", "beginning", "--count", "1", "--timeout", "60")
    assert done.returncode == 0, done.stderr + up.said
    article = json.loads(done.stdout)
    jsonschema.Draft202012Validator(schema("enriched")).validate(article)
    assert (article["text"], article["language"]["code"]) == (ARTICLE, "fr")
    assert {entity["name"] for entity in article["entities"]["items"]} >= {"Paris", "Anne Hidalgo"}


@pytest.mark.parametrize("stage", STAGE_NAMES)
def test_a_worker_that_is_killed_is_started_again_and_that_is_said_once(stage: str, up: Telex) -> None:
    before, said = up.pid(stage), len(up.said)
    assert before
    os.kill(before, signal.SIGKILL)
    wait_for(lambda: up.pid(stage) not in (None, before), 30, lambda: up.said)
    up.wait_ready()
    assert re.fullmatch(
        rf"\S+ up WARNING The {stage} worker ended \(SIGKILL\): it starts again in \S+ s\.\n", up.said[said:]
    )
    assert comes_out(up, f"after-{stage}")["sentiment"]["status"]


def test_a_broker_that_is_killed_is_started_again_and_articles_go_on(up: Telex) -> None:
    before, said = up.pid("kafka.Kafka"), len(up.said)
    assert before
    os.kill(before, signal.SIGKILL)
    wait_for(lambda: up.pid("kafka.Kafka") not in (None, before), 30, lambda: up.said)
    assert len(re.findall(r"The broker was ended by SIGKILL .*\. It starts again\.", up.said)) == 1
    wait_for(lambda: up.run("topics").returncode == 0, 60, lambda: up.said)
    assert comes_out(up, "after-the-broker")["sentiment"]["status"]
    up.wait_ready()
    # The clients' own words for it, a few from each worker and not 200 a second.
    assert len(up.said[said:].splitlines()) < 40


def test_ctrl_c_ends_everything_in_order(up: Telex) -> None:
    family = up.family
    assert len(family) >= 1 + 2 * len(STAGE_NAMES)
    assert up.interrupt() == 130
    assert [child for child in family if not gone(child)] == []
    assert (Path(up.environment["TELEX_DATA_DIR"]) / "broker/data/.kafka_cleanshutdown").exists()


def test_a_killed_telex_leaves_nothing_behind_and_its_ports_can_be_used_at_once(up: Telex) -> None:
    family = up.family
    up.process.kill()
    wait_for(lambda: all(map(gone, family)), 10, lambda: str([child for child in family if not gone(child)]))
    ports = [port(up.where), *(int(url.split(":")[2].partition("/")[0]) for url in up.where["metrics"].values())]
    assert [number for number in ports if not is_free("127.0.0.1", number)] == []


def test_on_an_existing_cluster_it_starts_no_broker_and_leaves_the_cluster_alone(
    broker: EmbeddedBroker, tmp_path: Path, kafka: Settings
) -> None:
    proxied = {"http_proxy": "http://127.0.0.1:1", "no_proxy": ""}
    with Telex(
        environment(tmp_path / "data", **on(broker, kafka.topic_prefix), **proxied), "up", "--no-broker"
    ) as telex:
        where = telex.ready()
        assert where["bootstrap_servers"] == broker.bootstrap_servers
        assert where["topics"] == [kafka.topic_prefix + topic for topic in TOPICS]
        assert telex.pid("kafka.Kafka") is None
        assert comes_out(telex, "on-a-cluster")["sentiment"]["status"]
        family = telex.family
        assert telex.stop(signal.SIGTERM) == 0
        assert [child for child in family if not gone(child)] == []
    assert broker.poll() is None


def test_a_worker_that_can_never_be_ready_is_given_up_with_its_reason(
    broker: EmbeddedBroker, tmp_path: Path, kafka: Settings
) -> None:
    broken = {**on(broker, kafka.topic_prefix), "TELEX_NER_MODELS": "fr=no_such_model"}
    with Telex(environment(tmp_path / "data", **broken), "up", "--no-broker") as telex:
        assert telex.process.wait(120) == 1
        *lines, last = telex.said.splitlines()
        assert last == "telex: The entities worker ended 4 times (exit code 1) and was never ready: why stands above."
        assert (
            len([line for line in lines if "entities ERROR The entity model no_such_model is not installed" in line])
            == 4
        )
        assert len([line for line in lines if "it starts again in" in line]) == 3
        assert len(lines) == 7
