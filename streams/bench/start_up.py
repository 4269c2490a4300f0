"""How long Telex needs to start, and how long a worker needs to replace an analysis process that was killed."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

import msgspec
import psutil
from msgspec import Struct

from streams.bench.distributions import Spread
from streams.bench.driver import Driver, with_ids
from streams.bench.pipeline import latency
from streams.client.publisher import Publisher
from streams.client.subscriber import Subscriber
from streams.errors import TelexError
from streams.kafka.embedded_broker import EmbeddedBroker
from streams.settings import Settings
from streams.system.lifeline import die_with_parent
from streams.worker.analysis_connection import INSTALLED

# Seconds within which `telex up` has to be ready, and then its first article has to come out.
START_LIMIT_S = 180.0
# Seconds within which `telex up` has to end after SIGTERM.
STOP_LIMIT_S = 60.0


class StartUp(Struct, frozen=True):
    """Times in seconds.

    Attributes:
        ready_s: from the start of `telex up` to its line that says that it is ready.
        first_article_s: from the start of `telex up` to its first enriched article. Its data folder existed, and the
            article waited there.
        after_kill_s: latency of an article that is published right after the stage's analysis process was killed, by
            stage.
    """

    ready_s: Spread
    first_article_s: Spread
    after_kill_s: dict[str, Spread]


def after_kill(driver: Driver, stage: str, values: Sequence[bytes], rounds: int) -> Spread:
    """Kill the analysis processes of a stage, publish an article, and measure its latency; once a round.

    Args:
        driver: of a pipeline that is warm and at rest.
        stage: whose processes to kill.
        values: one article for each round; they repeat.
        rounds: how often to measure.

    Raises:
        TelexError: an article does not come out, or a worker ends.
    """
    latencies = []
    for article in with_ids((values[number % len(values)] for number in range(rounds)), f"kill-{stage}"):
        for pid in driver.workers[stage]:
            _kill_leaves(psutil.Process(pid))
        latencies.append(latency(driver, article))
    return Spread.of(latencies)


def _kill_leaves(worker: psutil.Process) -> None:
    """Kill the processes below a worker that have no children. Others only start analysis processes."""
    for process in worker.children(recursive=True):
        if not process.children():
            process.kill()


def start(settings: Settings, value: bytes, identifier: str) -> tuple[float, float]:
    """Start `telex up` on an existing data folder, in which an article waits.

    The article is there before, so that no publisher takes processor time from the start.

    Args:
        settings: of the pipeline. Its broker and its workers have been stopped.
        value: the article.
        identifier: the id that it gets, which no article had before.

    Returns:
        The seconds until `telex up` is ready, and until the article is enriched.

    Raises:
        TelexError: `telex up` ends, or takes longer than START_LIMIT_S.
    """
    (article,) = with_ids([value], identifier)
    with (
        EmbeddedBroker(settings.data_dir, settings.cache_dir, 0) as broker,
        Publisher(_on(settings, broker.bootstrap_servers)) as publisher,
    ):
        key = publisher.publish(article).encode()
    begin = time.time()
    with _up(settings) as process:
        bootstrap_servers = _ready(process)
        ready = time.time() - begin
        with Subscriber(_on(settings, bootstrap_servers), start="beginning", timeout_s=START_LIMIT_S) as subscriber:
            for received in subscriber:
                if received.key == key:
                    return ready, received.timestamp - begin
    raise TelexError(
        f"The first article after the start did not come out within {START_LIMIT_S:g} s: see the messages of `telex up` above."
    )


def _on(settings: Settings, bootstrap_servers: str) -> Settings:
    return settings.model_copy(update={"bootstrap_servers": bootstrap_servers})


@contextmanager
def _up(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    environment = {
        **os.environ,
        "TELEX_DATA_DIR": str(settings.data_dir),
        "TELEX_CACHE_DIR": str(settings.cache_dir),
        "TELEX_BOOTSTRAP_SERVERS": "",
        "TELEX_SECURITY_PROTOCOL": settings.security_protocol,
        "TELEX_TOPIC_PREFIX": settings.topic_prefix,
        "TELEX_BROKER_PORT": "0",
        "TELEX_WEB_PORT": "0",
    }
    with subprocess.Popen(
        [sys.executable, *INSTALLED, "-m", "streams.cli", "up"],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        preexec_fn=partial(die_with_parent, os.getpid(), signal.SIGTERM),
        start_new_session=True,  # Ctrl-C reaches this process alone, which then ends it
    ) as process:
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(STOP_LIMIT_S)
            except subprocess.TimeoutExpired:
                process.kill()


def _ready(process: subprocess.Popen[bytes]) -> str:
    """Wait until `telex up` is ready. Returns the address of its broker."""
    assert process.stdout
    if not select.select([process.stdout], [], [], START_LIMIT_S)[0]:
        raise TelexError(f"`telex up` was not ready after {START_LIMIT_S:g} s: see its messages above.")
    line = process.stdout.readline()
    if not line:
        raise TelexError("`telex up` ended before it was ready: see its messages above.")
    return str(msgspec.json.decode(line)["bootstrap_servers"])
