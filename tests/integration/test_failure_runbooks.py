"""Runbooks of a pipeline that has failed: a test causes the situation of a page, runs its commands in order, and checks
that the situation is over.
"""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from streams.kafka import topics
from streams.kafka.embedded_broker import EmbeddedBroker
from streams.settings import Settings
from streams.stages import ENRICHED, RAW
from streams.system.ports import free_port
from tests.support.articles import FRENCH, enriched, identified, produce, publish_french
from tests.support.commands import NO_ENTITIES_LAG, stage_rows
from tests.support.disk import Disk
from tests.support.independent_reader import read
from tests.support.processes import HOSTILE_MODEL, environment, fresh, wait_for
from tests.support.runbook import Runbook

# A program that publishes more than a full broker accepts, after a line on stdin. It waits 3 s for the broker instead
# of 35 s.
PUBLISHING_PROGRAM = """
from streams import Publisher
from streams.client import publisher
publisher.DELIVERY_LIMIT_S, publisher.GIVE_UP_S = 2.0, 1.0
with Publisher() as sender:
    print("connected", flush=True)
    input()
    for number in range(40):
        sender.publish({"id": str(number), "text": "mot " * 40_000})
"""


def produce_identified(settings: Settings, *names: str) -> None:
    """Write articles to the output topic of the language stage."""
    produce(settings, *(identified(name, FRENCH.format(name)) for name in names), topic="articles.language")


@pytest.mark.long
def test_worker_does_not_come_back(pipeline: Settings, tmp_path: Path) -> None:
    produce_identified(pipeline, "a", "b")
    broken = environment(pipeline, TELEX_NER_MODELS="fr=no_such_model", GOOD=HOSTILE_MODEL)
    with Runbook(
        "worker-does-not-come-back", broken, tmp_path / "page", {"8602": free_port(), "8612": free_port()}
    ) as page:
        entities = stage_rows(page.run("telex status").stdout)["entities"]
        assert (entities["lag"], entities["workers"]) == (2, 0)
        page.run("curl")
        assert "The entity model no_such_model is not installed" in page.run("telex worker").stderr
        page.run("export")
        worker = page.start("telex worker")
        wait_for(lambda: len(read(pipeline, "articles.entities")) == 2, 60, lambda: page.terminal)
        worker.send_signal(signal.SIGSTOP)
        produce_identified(pipeline, "c")
        page.environment["WORKER"] = str(worker.pid)
        page.run("curl")
        page.run("kill")
        page.run("kill -9")
        assert worker.wait(5) == -signal.SIGKILL
        page.start("telex worker")
        assert "partitions" in page.run("until curl").stdout
        assert NO_ENTITIES_LAG in page.run("until telex status").stdout
    assert {record.key for record in read(pipeline, "articles.entities")} == {b"a", b"b", b"c"}


@pytest.mark.long
def test_web_page_shows_nothing_new(pipeline: Settings, tmp_path: Path) -> None:
    produce(pipeline, enriched("a"), topic=ENRICHED)
    port = free_port()
    variables = environment(pipeline, TELEX_WEB_PORT=str(port))
    with Runbook("web-page-shows-nothing-new", variables, tmp_path / "page", {"8600": port}) as page:
        page.run("telex status")
        page.run("curl")
        page.start("telex web")
        page.run("until curl")
        assert '"id": "a"' in page.run("curl").stdout
        assert {"telex_web_ready 1.0", "telex_web_lag 0.0"} <= set(page.run("curl").stdout.splitlines())


@pytest.fixture
def broker_on_disk(tmp_path: Path) -> Iterator[tuple[Disk, EmbeddedBroker, Settings]]:
    """A broker with its own disk, and the settings of a pipeline on it."""
    with Disk(tmp_path / "disk") as disk:
        folder = disk.folder / "telex"
        with EmbeddedBroker(folder, Settings().cache_dir, free_port()) as broker:
            yield disk, broker, fresh(broker, folder)


@pytest.mark.long
def test_broker_disk_full(broker_on_disk: tuple[Disk, EmbeddedBroker, Settings], tmp_path: Path) -> None:
    disk, broker, settings = broker_on_disk
    disk.require()
    topics.create(settings)
    publish_french(settings, "kept")
    pipe, command = subprocess.PIPE, [sys.executable, "-c", PUBLISHING_PROGRAM]
    with subprocess.Popen(
        command, env=environment(settings), stdin=pipe, stdout=pipe, stderr=pipe, text=True
    ) as publishing:
        assert publishing.stdout
        assert publishing.stdout.readline() == "connected\n"
        disk.fill()
        _, errors = publishing.communicate("go\n", timeout=30)
    # Some of the forty articles may fit on the rest of the disk, because they are compressed.
    assert re.search(r"TelexError: \d+ articles, the first \d+, were not delivered", errors), errors
    wait_for(lambda: broker.poll() == 1, 20)
    broker.stop()
    larger_disk, port = tmp_path / "larger-disk", settings.bootstrap_servers.rpartition(":")[2]
    larger_disk.mkdir()
    variables = environment(settings, ROOMY=str(larger_disk), TELEX_BROKER_PORT=port)
    with Runbook("broker-disk-full", variables, tmp_path / "page") as page:
        assert "100%" in page.run("df").stdout
        assert "articles.raw" in page.run("du").stdout
        page.run("cp")
        page.run("export")
        page.start("telex broker")
        assert "language" in stage_rows(page.run("until").stdout)
        assert "100%" not in page.run("df").stdout
        publish_french(settings, "refused")
        assert {b"kept", b"refused"} <= {record.key for record in read(settings, RAW)}
