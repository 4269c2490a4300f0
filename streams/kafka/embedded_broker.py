"""The embedded broker: Apache Kafka itself in KRaft mode, one node on the loopback interface, without Docker."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import NoReturn, Self

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from streams.errors import TelexError
from streams.kafka import jars
from streams.kafka.broker_config import JVM_OPTIONS, new_cluster_id, server_properties
from streams.kafka.broker_folder import BrokerFolder
from streams.kafka.class_archive import ClassArchive
from streams.kafka.connections import client
from streams.system import exit_codes
from streams.system.lifeline import die_with_parent
from streams.system.ports import free_port, is_free

# Seconds until a broker answers. It takes 2 to 3; after a crash 12, because the controller waits for its old session to
# end.
START_LIMIT_S = 60.0
# Seconds until a broker has stopped (it takes 0.5); then it is killed.
STOP_LIMIT_S = 20.0


class EmbeddedBroker:
    """Apache Kafka with its data in a folder, until it is stopped; it also ends with the thread that started it.

    Kafka keeps records for seven days, its own default, unless a topic says otherwise.

    Args:
        data_dir: the folder of the broker's data; a later start finds the data of the earlier ones.
        cache_dir: the folder of Kafka's jars, which are fetched the first time.
        port: on 127.0.0.1; 0 takes a free one.
        properties: lines of server.properties that extend or replace Telex's own.
        cluster_id: the id of the cluster whose `controller.quorum.voters` are among the properties; None: the broker is
            a cluster of its own.
        progress: called with the number of jars that are there and the number of all, while some are fetched.
    """

    def __init__(
        self,
        data_dir: Path,
        cache_dir: Path,
        port: int = 9092,
        *,
        properties: Mapping[str, str] | None = None,
        cluster_id: str | None = None,
        progress: jars.Progress | None = None,
    ) -> None:
        self._folder, self._cache_dir, self._port, self._progress = BrokerFolder(data_dir), cache_dir, port, progress
        self._properties, self._cluster_id = properties or {}, cluster_id
        self._process: subprocess.Popen[bytes] | None = None
        self._classes: ClassArchive | None = None
        self.log = self._folder.log

    @property
    def bootstrap_servers(self) -> str:
        """The address for clients, `host:port`."""
        return f"127.0.0.1:{self._port}"

    @property
    def pid(self) -> int | None:
        """The broker's process id; None while it is not running."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def start(self) -> None:
        """Start the broker, unless it runs, and wait until it answers.

        The broker ends with the calling thread, so call this in the main thread.

        Raises:
            TelexError: the broker cannot start; the message says why and what to do.
        """
        if not self.pid:
            self.launch()
            self.wait()

    def launch(self) -> None:
        """Start the broker's process.

        A node of a cluster answers only when most nodes run: launch all, then wait for each.

        Raises:
            TelexError: the broker cannot start.
        """
        classpath = jars.fetch(self._cache_dir, jars.locked(), self._progress)
        with self._stopped_on_failure():
            self._folder.lock()
            self._choose_port()
            self._launch(jars.find_java(), classpath)

    def wait(self) -> None:
        """Wait until the broker answers. Raises TelexError when it ends, or does not answer within START_LIMIT_S."""
        with self._stopped_on_failure():
            self._wait_until(self._answers, time.monotonic() + START_LIMIT_S)
        if self._classes:
            self._classes.make()

    @contextmanager
    def _stopped_on_failure(self) -> Iterator[None]:
        try:
            yield
        except BaseException as error:
            self.stop()
            if not isinstance(error, OSError):
                raise
            raise TelexError(
                f"The broker cannot start in {self._folder.path} ({error}): "
                "free disk space there, or set TELEX_DATA_DIR."
            ) from None

    def _choose_port(self) -> None:
        self._port = self._port or free_port()
        if not is_free("127.0.0.1", self._port):
            raise TelexError(
                f"Port {self._port} is in use: if a Kafka uses it, set TELEX_BOOTSTRAP_SERVERS and use that one "
                "(telex up --no-broker); otherwise choose another port with TELEX_BROKER_PORT."
            )

    def _launch(self, java: Path, classpath: list[Path]) -> None:
        folder = self._folder
        folder.prepare(classpath[0].parent)
        # The quorum has one node, which knows itself by its id: a new port at each start does not matter.
        properties = partial(
            server_properties, port=self._port, controller_port=free_port(), properties=self._properties
        )
        # Paths are relative to the folder: properties files read Latin-1, log.dirs splits at commas, a class path at
        # colons.
        options = [*JVM_OPTIONS, "-cp", ":".join(f"jars/{jar.name}" for jar in classpath)]
        self._classes = self._classes or ClassArchive(folder.path, java, options)
        command = self._classes.command()
        # Existing data is never formatted, whatever its state: a folder gets the name `data` when it is complete.
        if not folder.data.exists():
            shutil.rmtree(folder.unfinished_data, ignore_errors=True)
            folder.properties.write_text(properties(folder.unfinished_data.name))
            # Option and id are one argument: one id in 64 begins with a hyphen, and would be taken for an option.
            cluster = (
                [f"--cluster-id={self._cluster_id}"]
                if self._cluster_id
                else [f"--cluster-id={new_cluster_id()}", "--standalone"]
            )
            self._run([*command, "kafka.tools.StorageTool", "format", *cluster, "-c", folder.properties.name])
            self._wait_until(lambda: self.poll() == 0, time.monotonic() + START_LIMIT_S)
            folder.unfinished_data.rename(folder.data)
        folder.properties.write_text(properties(folder.data.name))
        self._run([*command, "kafka.Kafka", folder.properties.name])

    def _run(self, command: list[str]) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                cwd=self._folder.path,
                env={**os.environ, "LC_ALL": "C.UTF-8"},  # under the C locale Java opens only paths in ASCII
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[self._folder.lock_descriptor],
                preexec_fn=partial(die_with_parent, os.getpid(), signal.SIGTERM),
                start_new_session=True,  # Ctrl-C reaches Telex alone, which then stops everything in order
            )
        self._folder.write_pid(self._process.pid)

    def _wait_until(self, condition: Callable[[], bool], deadline: float) -> None:
        while True:
            code = self.poll()
            if condition():
                return
            if code is not None:
                self.raise_ended()
            if time.monotonic() > deadline:
                raise TelexError(f"The broker did not answer within {START_LIMIT_S:g} s{self._folder.diagnosis()}")
            time.sleep(0.1)

    def _answers(self) -> bool:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", self._port)):
                return False
        try:
            with closing(
                KafkaAdminClient(
                    bootstrap_servers=self.bootstrap_servers, bootstrap_timeout_ms=2000, kafka_client=client
                )
            ) as admin:
                return bool(admin.describe_cluster()["brokers"])
        except (KafkaError, OSError):
            return False

    def poll(self) -> int | None:
        """The exit code of the broker that ended, negative for the signal that ended it.

        None while the broker runs, and before it starts.
        """
        return self._process.poll() if self._process else None

    def why_ended(self) -> str:
        """A sentence on how and why the broker ended."""
        code = self.poll() or 0
        ended = "was ended by" if code < 0 else "ended with"
        return f"The broker {ended} {exit_codes.describe(code)}{self._folder.diagnosis()}"

    def raise_ended(self) -> NoReturn:
        """Raises TelexError that says why the broker ended."""
        raise TelexError(self.why_ended())

    def stop(self) -> None:
        """Stop the broker in order, or by force after STOP_LIMIT_S. Its data stays."""
        if self._process and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(STOP_LIMIT_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if self._classes:
            self._classes.end()
        self._folder.unlock()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
