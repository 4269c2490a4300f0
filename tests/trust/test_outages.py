"""A broker that dies, and one that is away for a while: workers stop or wait, and nothing is lost."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import platformdirs
import pytest
from exam import Part, pick
from trial import Trial

from streams import topics
from streams.broker import EmbeddedBroker
from streams.ports import free_port
from streams.settings import Settings

KILLS, OUTAGE_S = pick(1, 20), pick(30.0, 300.0)


@pytest.fixture
def own_broker(tmp_path: Path) -> Iterator[EmbeddedBroker]:
    """A broker that a test may kill."""
    cache = Path(os.environ.get("TELEX_CACHE_DIR", platformdirs.user_cache_dir("telex")))
    with EmbeddedBroker(tmp_path, cache, free_port()) as broker:
        yield broker


@pytest.fixture
def own_road(own_broker: EmbeddedBroker, tmp_path: Path) -> Settings:
    settings = Settings(bootstrap_servers=own_broker.bootstrap_servers, partitions=4, data_dir=tmp_path, web_port=0)
    topics.create(settings)
    return settings


@pytest.mark.part(4, "`kill -9` of the broker, then an outage")
def test_a_broker_that_is_killed_and_one_that_is_away_for_a_while(own_broker: EmbeddedBroker, own_road: Settings, part: Part) -> None:
    part.extent = f"{KILLS} times, {OUTAGE_S:.0f} s"
    with Trial(own_road, 1, supervised=True).ready() as trial:
        for number in range(KILLS + 1):
            for _ in range(200):
                trial.article()
            trial.hang_up()
            assert own_broker.pid
            os.kill(own_broker.pid, signal.SIGKILL)
            while own_broker.poll() is None:
                time.sleep(0.05)
            time.sleep(OUTAGE_S if number == KILLS else 0)
            own_broker.start()
        for _ in range(50):
            trial.article()
        trial.verdict(part)
