"""One real Kafka for the run; every test has topics of its own."""

import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import platformdirs
import pytest

from streams import topics
from streams.broker import EmbeddedBroker
from streams.settings import Settings

_numbers = itertools.count()
PARTITIONS = 4


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedBroker]:
    cache = Path(os.environ.get("TELEX_CACHE_DIR", platformdirs.user_cache_dir("telex")))
    embedded = EmbeddedBroker(tmp_path_factory.mktemp("broker"), cache, 0)
    embedded.start()
    with embedded:
        yield embedded


@pytest.fixture
def kafka(broker: EmbeddedBroker, tmp_path: Path) -> Settings:
    """Settings for the real Kafka, under a prefix of the test's own; the topics are not created."""
    return Settings(
        bootstrap_servers=broker.bootstrap_servers,
        topic_prefix=f"t{os.getpid()}-{next(_numbers)}.",
        partitions=PARTITIONS,
        data_dir=tmp_path,
        web_port=0,
    )


@pytest.fixture
def road(kafka: Settings) -> Settings:
    """The same, with the topics created."""
    topics.create(kafka)
    return kafka
