"""A pipeline to try Telex on: broker, topics and workers on free ports, in a folder that is thrown away, and the sample articles."""

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
from streams.worker.supervisor import Supervisor, ports_after

# The wheel holds the files; in a checkout the folder is a link to seeds/.
SAMPLES = Path(str(resources.files("streams") / "samples"))
# Seconds within which the workers have to be ready.
READY_LIMIT_S = 180.0


@dataclass(frozen=True)
class ThrowawayPipeline:
    """A pipeline that is ready: where it is, and what runs on it."""

    settings: Settings
    supervisor: Supervisor
    broker: EmbeddedBroker


@contextmanager
def throwaway_pipeline(command: str, processes: int | None = None) -> Iterator[ThrowawayPipeline]:
    """Start a pipeline of its own for a command, stop it at the end and leave nothing behind.

    Args:
        processes: analysis processes of each worker; None for what TELEX_PROCESSES says.

    Raises:
        TelexError: it was not ready within READY_LIMIT_S.
    """
    begin = time.monotonic()
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
        supervisor = Supervisor(ports_after(0), settings.web_host, _environment(settings))
        stack.callback(supervisor.stop)
        wait_until_ready(supervisor, lambda: _within(begin))
        yield ThrowawayPipeline(settings, supervisor, embedded)


def _environment(settings: Settings) -> dict[str, str]:
    """What sets these workers apart from whatever this machine's environment says."""
    return {
        "TELEX_BOOTSTRAP_SERVERS": settings.bootstrap_servers,
        "TELEX_SECURITY_PROTOCOL": settings.security_protocol,
        "TELEX_TOPIC_PREFIX": settings.topic_prefix,
        "TELEX_WEB_HOST": settings.web_host,
        "TELEX_DATA_DIR": str(settings.data_dir),
        "TELEX_PROCESSES": str(settings.processes),
    }


def _within(begin: float) -> None:
    if time.monotonic() - begin > READY_LIMIT_S:
        raise TelexError(f"The workers were not ready after {READY_LIMIT_S:g} s: their messages stand above.")


def seeds(command: str) -> list[Path]:
    """The files of the sample articles. Raises TelexError where they are not installed."""
    if not SAMPLES.is_dir():
        raise TelexError(
            f"The sample articles (seeds/) are not installed: name articles of your own, `telex {command} PATH…`."
        )
    return sorted(path for path in SAMPLES.iterdir() if path.suffix in (".txt", ".json", ".jsonl"))
