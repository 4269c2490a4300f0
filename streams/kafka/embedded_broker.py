"""The embedded broker: Apache Kafka itself in KRaft mode, one node on the loopback interface, without Docker."""

from __future__ import annotations

import base64
import fcntl
import os
import re
import shutil
import signal
import socket
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import IO, NoReturn, Self

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from streams.errors import TelexError
from streams.kafka import jars
from streams.kafka.connections import client
from streams.records.codec import MAX_VALUE_BYTES
from streams.system import exit_codes
from streams.system.lifeline import die_with_parent
from streams.system.ports import free_port, is_free

# Seconds until a broker answers (2 to 3; 12 after it crashed, when the controller waits for its old session to end), until
# one that is asked to stop has stopped (0.5), and until one whose Telex was killed has let go of its folder (0.5).
START_LIMIT_S, STOP_LIMIT_S, LOCK_LIMIT_S = 60.0, 20.0, 5.0
# A broker out of memory ends, which is noticed, rather than go on without the threads that ran out. With its quick compiler alone Java
# takes half of the processor time until the broker answers (2.6 s for 5), and less for the first 100,000 records too.
JVM = (
    "-Xmx512m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:-UsePerfData",
    "-XX:+ExitOnOutOfMemoryError",
    "-Dlog4j2.configurationFile=log4j2.properties",
)

_SERVER = """\
process.roles=broker,controller
node.id=1
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
inter.broker.listener.name=PLAINTEXT
controller.listener.names=CONTROLLER
controller.quorum.bootstrap.servers=127.0.0.1:{controller_port}
log.dirs={data}
auto.create.topics.enable=false
message.max.bytes={max_bytes}
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
"""
# At most this file and the one before it; a start begins a new one.
_LOG4J = """\
rootLogger.level=warn
rootLogger.appenderRef.file.ref=file
appender.file.type=RollingFile
appender.file.name=file
appender.file.fileName=../broker.log
appender.file.filePattern=../broker.log.%i
appender.file.layout.type=PatternLayout
appender.file.layout.pattern=[%d] %p %m (%c)%n
appender.file.policy.type=SizeBasedTriggeringPolicy
appender.file.policy.size=10MB
appender.file.strategy.type=DefaultRolloverStrategy
appender.file.strategy.max=1
"""

# What the log says of data with a newer layout, and of features that this Kafka does not know.
_OTHER_VERSION = re.compile("Unknown meta.properties version|this controller only supports versions")
# A disk with less room than this is full for Kafka, which then ends and often cannot even write that into its log.
FULL_BYTES = 2 * 2**20
_TELLING = re.compile(r"^(?!\s+at ).*(Exception|Error|ERROR|FATAL)")


def new_cluster_id() -> str:
    """An id that no other cluster has."""
    return base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")


class EmbeddedBroker:
    """Apache Kafka with its data in a folder, until it is stopped; it also ends with the thread that started it.

    Records are kept for seven days, Kafka's own default, unless a topic says otherwise.

    Args:
        data_dir: where its data is; a second start finds what the first one kept.
        cache_dir: where its jars are, fetched the first time.
        port: on 127.0.0.1; 0 takes a free one.
        properties: lines of server.properties, beside Telex's own or instead of them.
        cluster_id: of the cluster whose `controller.quorum.voters` are among the properties; None: it is a cluster by itself.
        progress: is told how many jars are there, while some are fetched.
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
        self._folder, self._cache_dir, self._port, self._progress = data_dir / "broker", cache_dir, port, progress
        self._properties, self._cluster_id = properties or {}, cluster_id
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: IO[str] | None = None
        self.log = data_dir / "broker.log"

    @property
    def bootstrap_servers(self) -> str:
        """Where clients find it."""
        return f"127.0.0.1:{self._port}"

    @property
    def pid(self) -> int | None:
        """Its process; None while it is not running."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def start(self) -> None:
        """Start it, unless it runs, and wait until it answers. Call it from the main thread: it ends with its thread.

        Raises:
            TelexError: it cannot start; the message says why and what to do.
        """
        if not self.pid:
            self.launch()
            self.wait()

    def launch(self) -> None:
        """Start its process. A node of a cluster answers only when most of them run: launch all, then wait for each.

        Raises:
            TelexError: it cannot start.
        """
        classpath = jars.fetch(self._cache_dir, jars.locked(), self._progress)
        with self._stopped_on_failure():
            self._take_folder()
            self._take_port()
            self._launch(jars.find_java(), classpath)

    def wait(self) -> None:
        """Wait until it answers. Raises TelexError when it ends before that, or does not within START_LIMIT_S."""
        with self._stopped_on_failure():
            self._wait_until(self._answers, time.monotonic() + START_LIMIT_S)

    @contextmanager
    def _stopped_on_failure(self) -> Iterator[None]:
        try:
            yield
        except BaseException as error:
            self.stop()
            if not isinstance(error, OSError):
                raise
            raise TelexError(
                f"The broker cannot start in {self._folder} ({error}): make room there, or set TELEX_DATA_DIR."
            ) from None

    def _take_folder(self) -> None:
        """Make the folder ours, and Kafka's: it inherits the lock, which so outlives a Telex that is killed."""
        if self._lock:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        self._lock = (self._folder / "lock").open("a+")
        deadline = time.monotonic() + LOCK_LIMIT_S
        while True:
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                if time.monotonic() > deadline:
                    self._lock.seek(0)
                    raise TelexError(
                        f"Another Telex runs its broker in {self._folder} (process {self._lock.read()}): stop it, or set TELEX_DATA_DIR to a folder of your own."
                    ) from None
                time.sleep(0.1)

    def _take_port(self) -> None:
        self._port = self._port or free_port()
        if not is_free("127.0.0.1", self._port):
            raise TelexError(
                f"Port {self._port} is in use: if that is a Kafka, set TELEX_BOOTSTRAP_SERVERS and use it (telex up --no-broker); else choose another port with TELEX_BROKER_PORT."
            )

    def _launch(self, java: Path, classpath: list[Path]) -> None:
        # Paths are relative to the folder: properties files read Latin-1, log.dirs splits at commas, a class path at colons.
        (self._folder / "jars").unlink(missing_ok=True)
        (self._folder / "jars").symlink_to(classpath[0].parent.absolute())
        # The quorum is one node that knows itself by its id: a new port each time does not trouble it.
        server = partial(self._server, controller_port=free_port())
        (self._folder / "log4j2.properties").write_text(_LOG4J)
        if self.log.exists():
            self.log.replace(f"{self.log}.1")
        command = [str(java), *JVM, "-cp", ":".join(f"jars/{jar.name}" for jar in classpath)]
        properties, data, unfinished = (
            self._folder / name for name in ("server.properties", "data", "data.unfinished")
        )
        # What is there is never formatted, whatever state it is in: a folder gets its name when it is complete.
        if not data.exists():
            shutil.rmtree(unfinished, ignore_errors=True)
            properties.write_text(server(unfinished.name))
            # As one argument: one in 64 begins with a hyphen, and would be taken for an option.
            cluster = (
                [f"--cluster-id={self._cluster_id}"]
                if self._cluster_id
                else [f"--cluster-id={new_cluster_id()}", "--standalone"]
            )
            self._run([*command, "kafka.tools.StorageTool", "format", *cluster, "-c", properties.name])
            self._wait_until(lambda: self.poll() == 0, time.monotonic() + START_LIMIT_S)
            unfinished.rename(data)
        properties.write_text(server(data.name))
        self._run([*command, "kafka.Kafka", properties.name])

    def _server(self, data: str, controller_port: int) -> str:
        """Of two lines with the same name, Kafka takes the last."""
        own = _SERVER.format(data=data, port=self._port, controller_port=controller_port, max_bytes=3 * MAX_VALUE_BYTES)
        return own + "".join(f"{name}={value}\n" for name, value in self._properties.items())

    def _run(self, command: list[str]) -> None:
        assert self._lock
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                cwd=self._folder,
                env={**os.environ, "LC_ALL": "C.UTF-8"},  # else Java cannot open paths beyond ASCII under the C locale
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[self._lock.fileno()],
                preexec_fn=partial(die_with_parent, os.getpid(), signal.SIGTERM),
                start_new_session=True,  # Ctrl-C reaches Telex alone, which then stops things in order
            )
        self._lock.truncate(0)
        self._lock.write(str(self._process.pid))
        self._lock.flush()

    def _wait_until(self, condition: Callable[[], bool], deadline: float) -> None:
        while True:
            code = self.poll()
            if condition():
                return
            if code is not None:
                self.raise_ended()
            if time.monotonic() > deadline:
                raise TelexError(f"The broker did not answer within {START_LIMIT_S:g} s{self._last_words()}")
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
            ) as asked:
                return bool(asked.describe_cluster()["brokers"])
        except (KafkaError, OSError):
            return False

    def _last_words(self) -> str:
        """The end of a sentence: why, if the log says it, what to do, and where the log is."""
        log = self.log.read_text(errors="replace") if self.log.exists() else ""
        if _OTHER_VERSION.search(log):
            return f": the data in {self._folder} is of another version of Kafka. Use the Telex that made it, or set TELEX_DATA_DIR to a new folder."
        if shutil.disk_usage(self._folder).free < FULL_BYTES:
            return f": the disk of {self._folder} is full. Make room there, or set TELEX_DATA_DIR to a folder on another one."
        telling = [line for line in log.splitlines() if _TELLING.search(line)]
        return (f": {telling[-1].strip()[:300]}" if telling else "") + f" (the whole log: {self.log})."

    def poll(self) -> int | None:
        """The exit code of a broker that ended, negative: the signal that ended it; None while it runs or never did."""
        return self._process.poll() if self._process else None

    def why_ended(self) -> str:
        """How the broker ended and why, in a sentence."""
        code = self.poll() or 0
        ended = "was ended by" if code < 0 else "ended with"
        return f"The broker {ended} {exit_codes.describe(code)}{self._last_words()}"

    def raise_ended(self) -> NoReturn:
        """Raises TelexError that says why the broker ended."""
        raise TelexError(self.why_ended())

    def stop(self) -> None:
        """Stop it in order, or by force after STOP_LIMIT_S. Its data stays."""
        if self._process and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(STOP_LIMIT_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if self._lock:
            self._lock.close()
            self._lock = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
