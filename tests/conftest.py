"""One real Kafka for the run, one whole pipeline on it, and topics of its own for every test that does not share that
pipeline.
"""

import gc
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import hypothesis
import pytest
from kafka.net.inet import KafkaNetSocket
from xdist.remote import Producer

from streams.kafka import topics
from streams.kafka.embedded_broker import EmbeddedBroker
from streams.settings import Settings
from streams.stages import STAGE_NAMES
from tests.support.processes import WorkerProcess, environment, fresh
from tests.support.processor_time import ProcessorTime
from tests.support.schedule import FilesTogether


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(ProcessorTime())


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> FilesTogether | None:
    return FilesTogether(config, log) if config.getoption("dist") == "loadfile" else None


# A first example may load a model, and another test may keep the machine busy: no test fails by the clock.
hypothesis.settings.register_profile("telex", deadline=None)
hypothesis.settings.load_profile("telex")


class _Socket(socket.socket):
    """One that nobody warns of: kafka-python leaves those of connections that come to nothing to the garbage
    collector.
    """

    def __del__(self) -> None:
        self.close()


@pytest.fixture(scope="session", autouse=True)
def _sockets_are_closed() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(KafkaNetSocket, "socket", lambda _, *arguments: _Socket(*arguments))
        yield


@pytest.fixture(scope="session", autouse=True)
def _brokers_start_quickly() -> Iterator[None]:
    """With Java's first compiler alone: dozens of brokers are started, and for each the second one takes 2 s of a
    processor.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1")
        yield


@pytest.fixture(scope="session", autouse=True)
def _modules_are_compiled_once() -> Iterator[None]:
    """The first process that a test starts keeps the bytecode for the hundreds that follow, whatever the environment
    says. To compile Telex takes 0.2 s of a processor.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        yield


@pytest.fixture
def no_garbage_collection() -> Iterator[None]:
    """For a test that interrupts code: Hypothesis measures each collection in a callback, and an interrupt that comes
    in there ends nothing but gives a warning.
    """
    gc.disable()
    yield
    gc.enable()


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedBroker]:
    with EmbeddedBroker(tmp_path_factory.mktemp("broker"), Settings().cache_dir, 0) as embedded:
        yield embedded


@pytest.fixture
def kafka(broker: EmbeddedBroker, tmp_path: Path) -> Settings:
    """Settings for the real Kafka, under a prefix of the test's own; the topics are not created."""
    return fresh(broker, tmp_path)


@pytest.fixture
def pipeline(kafka: Settings) -> Settings:
    """The same, with the topics created."""
    topics.create(kafka)
    return kafka


@pytest.fixture(scope="session")
def whole_pipeline(
    broker: EmbeddedBroker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Settings, dict[str, WorkerProcess]]]:
    """A pipeline with a worker of each stage, for all tests that leave the workers alone: their ids tell their articles
    apart.
    """
    settings = fresh(broker, tmp_path_factory.mktemp("pipeline"))
    topics.create(settings)
    with ExitStack() as stack:
        workers = {
            stage: stack.enter_context(WorkerProcess(settings, stage, environment(settings))) for stage in STAGE_NAMES
        }
        for worker in workers.values():
            worker.wait_ready()
        yield settings, workers
