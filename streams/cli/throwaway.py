"""A temporary pipeline for one command: broker, topics and workers on free ports, in a folder that is deleted."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from streams.cli.run import started_broker, wait_until_ready
from streams.errors import TelexError
from streams.kafka import topics
from streams.kafka.embedded_broker import EmbeddedBroker
from streams.settings import Settings, load
from streams.worker.supervisor import Supervisor, free_ports

# The wheel holds the files; in a checkout the folder is a link to seeds/.
SAMPLES = Path(str(resources.files("streams") / "samples"))
# Seconds within which the workers have to be ready.
READY_LIMIT_S = 180.0


@dataclass(frozen=True)
class ThrowawayPipeline:
    """A pipeline that is ready: its settings, the supervisor of its workers, and its broker."""

    settings: Settings
    supervisor: Supervisor
    broker: EmbeddedBroker


@contextmanager
def throwaway_pipeline(command: str, processes: int | None = None) -> Iterator[ThrowawayPipeline]:
    """Start a pipeline for one command, and stop and delete it at the end.

    Args:
        command: the name of the command, which becomes part of the folder's name.
        processes: analysis processes of each worker; None for the number in TELEX_PROCESSES.

    Raises:
        TelexError: the workers are not ready within READY_LIMIT_S.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=f"telex-{command}-")))
        settings = load(
            data_dir=folder,
            broker_port=0,
            web_host="127.0.0.1",
            security_protocol="PLAINTEXT",
            topic_prefix="",
            replication_factor=1,
            processes=processes,
        )
        embedded = stack.enter_context(started_broker(settings))
        settings = settings.model_copy(update={"bootstrap_servers": embedded.bootstrap_servers})
        topics.create(settings)
        supervisor = stack.enter_context(started_workers(settings))
        yield ThrowawayPipeline(settings, supervisor, embedded)


@contextmanager
def started_workers(settings: Settings) -> Iterator[Supervisor]:
    """Start a worker of each stage, and stop it at the end.

    Raises:
        TelexError: the workers are not ready within READY_LIMIT_S.
    """
    begin = time.monotonic()
    supervisor = Supervisor(free_ports(), settings.web_host, _environment(settings))
    try:
        wait_until_ready(supervisor, lambda: _check_time(begin))
        yield supervisor
    finally:
        supervisor.stop()


def _environment(settings: Settings) -> dict[str, str]:
    """Variables for the workers, which overrule the settings in the environment of this machine."""
    return {
        "TELEX_BOOTSTRAP_SERVERS": settings.bootstrap_servers,
        "TELEX_SECURITY_PROTOCOL": settings.security_protocol,
        "TELEX_TOPIC_PREFIX": settings.topic_prefix,
        "TELEX_WEB_HOST": settings.web_host,
        "TELEX_DATA_DIR": str(settings.data_dir),
        "TELEX_PROCESSES": str(settings.processes),
    }


def _check_time(begin: float) -> None:
    """Raises TelexError when more than READY_LIMIT_S seconds have passed since `begin`."""
    if time.monotonic() - begin > READY_LIMIT_S:
        raise TelexError(f"The workers were not ready after {READY_LIMIT_S:g} s: see their messages above.")


def seeds(command: str) -> list[Path]:
    """The files of the sample articles, for a command without a path. Raises TelexError if they are not installed."""
    if not SAMPLES.is_dir():
        raise TelexError(
            f"The sample articles (seeds/) are not installed: name articles of your own, `telex {command} PATH…`."
        )
    return sorted(path for path in SAMPLES.iterdir() if path.suffix in (".txt", ".json", ".jsonl"))
