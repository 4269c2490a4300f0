"""Real workers and commands of Telex as real processes, and the settings that they run with."""

import itertools
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from streams.kafka.embedded_broker import EmbeddedBroker
from streams.settings import Settings
from streams.system.ports import free_port

_numbers = itertools.count()
# The module that an analysis process runs.
ANALYSIS = "streams.worker.analysis_process"
PARTITIONS = 4
MODELS = Path(__file__).parents[1] / "models"
# Seconds between two looks at a condition that a test waits for.
MIN_INTERVAL_S, MAX_INTERVAL_S = 0.05, 1.0
# TELEX_NER_MODELS for tests that are not about the real models. This model loads at once, and misbehaves when an
# article asks for it.
HOSTILE_MODEL = "fr=hostile_model,en=hostile_model"


def fresh(broker: EmbeddedBroker, folder: Path) -> Settings:
    """Settings for the real Kafka, with a topic prefix that no other test has. The topics are not created."""
    prefix = f"t{os.getpid()}-{next(_numbers)}."
    return Settings(
        bootstrap_servers=broker.bootstrap_servers,
        topic_prefix=prefix,
        partitions=PARTITIONS,
        data_dir=folder,
        web_port=0,
    )


def environment(settings: Settings, **more: str) -> dict[str, str]:
    """The environment of a process that uses `settings`; `more` are further variables."""
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, [str(MODELS), os.environ.get("PYTHONPATH")])),
        "TELEX_BOOTSTRAP_SERVERS": settings.bootstrap_servers,
        "TELEX_TOPIC_PREFIX": settings.topic_prefix,
        "TELEX_PARTITIONS": str(settings.partitions),
        "TELEX_DATA_DIR": str(settings.data_dir),
        "TELEX_CACHE_DIR": str(settings.cache_dir),
        "TELEX_PROCESSES": "1",
        **more,
    }


def telex(settings: Settings, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a command of `telex` to its end."""
    return subprocess.run(
        [sys.executable, "-m", "streams.cli", *arguments],
        env=environment(settings, **more),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


class WorkerProcess:
    """A worker of one stage, which is killed at the end of the `with`.

    Args:
        stage: the stage's name.
        environment: the environment variables of the process.
        instance: the instance id; by default one that no other worker has.
        folder: the working directory; with a copy of Telex in it, the copy runs.
    """

    def __init__(
        self,
        settings: Settings,
        stage: str,
        environment: Mapping[str, str],
        instance: str | None = None,
        folder: Path | None = None,
    ) -> None:
        self.stage, self.port, self._folder = stage, free_port(), folder
        self.log = settings.data_dir / f"{stage}-{self.port}.log"
        self.instance = instance or f"{stage}-{self.port}"
        self.environment = {**environment, "TELEX_INSTANCE_ID": self.instance}
        self.start()

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "streams.cli", "worker", self.stage, "--web-port", str(self.port)],
                env=self.environment,
                cwd=self._folder,
                stdout=log,
                stderr=log,
            )

    def get(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except OSError as error:
            return 0, str(error)

    def wait_ready(self, limit_s: float = 60) -> Self:
        wait_for(
            lambda: self.get("/readyz")[0] == 200 or self.process.poll() is not None,
            limit_s,
            lambda: self.log.read_text(),
        )
        assert self.process.poll() is None, self.log.read_text()
        return self

    def metric(self, line: str) -> float:
        """The sum of the samples whose line begins with `line`; 0 if there are none."""
        lines = self.get("/metrics")[1].splitlines()
        return sum(float(found.rsplit(" ", 1)[1]) for found in lines if found.startswith(line))

    def peak_memory(self) -> float:
        """The peak resident memory of the process so far, in MB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) / 1024

    def terminate(self, limit_s: float = 15) -> int:
        process = self.process  # a supervisor may replace it as soon as it has ended
        process.send_signal(signal.SIGTERM)
        return process.wait(limit_s)

    def kill(self) -> None:
        process = self.process
        process.kill()
        process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.kill()


def started_for_analysis(worker: int) -> list[psutil.Process]:
    """The processes for analyses that a process has started itself: no copies. Raises psutil.NoSuchProcess."""
    return [child for child in psutil.Process(worker).children() if ANALYSIS in child.cmdline()]


def template_process(worker: int) -> psutil.Process:
    """The process of a worker that has loaded the models, and whose copies analyse. Raises psutil.NoSuchProcess."""
    templates = started_for_analysis(worker)
    if len(templates) != 1:
        raise psutil.NoSuchProcess(worker, msg=f"the worker has {len(templates)} templates")
    return templates[0]


def analysis_processes(worker: int) -> list[psutil.Process]:
    """The analysis processes of a worker. Raises psutil.NoSuchProcess."""
    return template_process(worker).children()


def wait_for(condition: Callable[[], object], limit_s: float, why: Callable[[], str] = lambda: "") -> None:
    """Wait until the condition holds. Fails the test after `limit_s` seconds, with the text that `why` gives.

    It looks at the condition for a fifth of the time at most: to read a topic takes 50 ms of a processor, which the
    process that the test waits for needs itself.
    """
    deadline = time.monotonic() + limit_s
    while True:
        begin = time.monotonic()
        if condition():
            return
        assert time.monotonic() < deadline, f"not within {limit_s} s. {why()}"
        time.sleep(min(MAX_INTERVAL_S, max(MIN_INTERVAL_S, 4 * (time.monotonic() - begin))))
