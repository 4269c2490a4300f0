"""A `telex broker`, `telex up` or `telex worker` that runs as people run it, with settings that no other test has."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil

from tests.support.processes import wait_for

# The main class of the broker, by which its process is found.
KAFKA = "kafka.Kafka"


def own_environment(folder: Path, **more: str) -> dict[str, str]:
    """An environment with no settings but these: its own data folder, the existing cache of jars, and free ports."""
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


class TelexProcess:
    """A `telex` that runs in a pipe until it is stopped. It is killed at the end of the `with`."""

    def __init__(self, environment: Mapping[str, str], *arguments: str) -> None:
        self.environment = environment
        self.stderr_file = Path(environment["TELEX_DATA_DIR"]).with_suffix(".stderr")
        with self.stderr_file.open("wb") as stderr:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "streams.cli", *arguments],
                env=environment,
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
            )

    def read_ready_event(self) -> dict[str, Any]:
        """The content of the line that it writes when it is ready. Fails the test if it ends instead."""
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line, self.stderr
        ready_event: dict[str, Any] = json.loads(line)
        assert ready_event["event"] == "ready"
        self.ready_event = ready_event
        return ready_event

    @property
    def stderr(self) -> str:
        """Everything that it has written to stderr."""
        return self.stderr_file.read_text()

    @property
    def descendants(self) -> list[psutil.Process]:
        """Every process that it started, and that those started."""
        return psutil.Process(self.process.pid).children(recursive=True)

    @property
    def broker_port(self) -> int:
        """The port of its broker."""
        return int(self.ready_event["bootstrap_servers"].rpartition(":")[2])

    def pid(self, argument: str) -> int | None:
        """The id of the process with this command-line argument: a stage's name for its worker, or `KAFKA`."""
        children = psutil.Process(self.process.pid).children()
        return next((child.pid for child in children if _has_argument(child, argument)), None)

    def run(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run another command to its end, with the same brokers."""
        return subprocess.run(
            [sys.executable, "-m", "streams.cli", *arguments],
            env={**self.environment, "TELEX_BOOTSTRAP_SERVERS": self.ready_event["bootstrap_servers"]},
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def wait_ready(self) -> None:
        """Wait until every worker reports that it is ready."""
        urls = [url.replace("/metrics", "/readyz") for url in self.ready_event["metrics"].values()]
        wait_for(lambda: all(map(_answers, urls)), 90, lambda: self.stderr)

    def signal_and_wait(self, number: int) -> int:
        """Send a signal, wait for the end, and return the exit code."""
        self.process.send_signal(number)
        return self.process.wait(40)

    def interrupt(self) -> int:
        """Press Ctrl-C repeatedly, as an impatient user does, until it ends. Returns the exit code."""

        def ended() -> bool:
            self.process.send_signal(signal.SIGINT)
            return self.process.poll() is not None

        wait_for(ended, 40, lambda: self.stderr)
        return int(self.process.returncode)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.kill()
        self.process.communicate()


def has_ended(process: psutil.Process) -> bool:
    """Whether the process has ended, reaped or not."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def _has_argument(process: psutil.Process, argument: str) -> bool:
    try:
        return argument in process.cmdline()
    except psutil.Error:
        return False


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
