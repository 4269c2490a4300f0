"""The systems that are compared: Telex and its peers, and how a worker of each is started."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from streams.worker.analysis_connection import INSTALLED

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class System:
    """Telex or a peer.

    Attributes:
        title: the name that readers see.
        arguments: what follows `python` in the command of a worker. `{stage}` and `{port}` are filled in.
        own_environment: whether it runs in a virtual environment of its own, with the packages of its lock file.
    """

    title: str
    arguments: tuple[str, ...]
    own_environment: bool = False

    def command(self, python: Path, stage: str, port: int) -> list[str]:
        """The command of one worker. `port` is free, and stays the same when the worker is started again."""
        return [str(python), *(argument.format(stage=stage, port=port) for argument in self.arguments)]


# Telex has one analysis process, as each peer analyses in one process.
SYSTEMS = {
    "telex": System("Telex", (*INSTALLED, "-m", "streams.cli", "worker", "{stage}", "--web-port", "{port}")),
    "faust": System("Faust", ("-m", "peers.faust_chain", "worker", "--without-web")),
    "kafka-python": System("kafka-python", ("-m", "peers.kafka_python_loop")),
    "confluent-kafka": System("confluent-kafka", ("-m", "peers.confluent_loop"), own_environment=True),
    "faststream": System("FastStream", ("-m", "peers.faststream_app"), own_environment=True),
}
