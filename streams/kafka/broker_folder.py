"""The folder of the embedded broker: the lock on it, its links and its log."""

from __future__ import annotations

import fcntl
import re
import shutil
import time
from pathlib import Path
from typing import IO

from streams.errors import TelexError
from streams.kafka.broker_config import LOG4J

# Seconds until a broker whose Telex was killed has released its folder (it takes 0.5).
LOCK_LIMIT_S = 5.0
# Kafka treats a disk with less free space than this as full. It then ends, and often cannot even write that into its
# log.
FULL_BYTES = 2 * 2**20
# The log's words for data with a newer layout, and for features that this Kafka does not know.
_OTHER_VERSION = re.compile("Unknown meta.properties version|this controller only supports versions")
_ERROR_LINE = re.compile(r"^(?!\s+at ).*(Exception|Error|ERROR|FATAL)")


class BrokerFolder:
    """A folder that one broker uses at a time.

    Attributes:
        path: the broker's working directory.
        log: the broker's log, beside the folder.
        data: the formatted storage; it does not exist before the first start.
        unfinished_data: the storage while Kafka formats it.
        properties: the path of server.properties.
    """

    def __init__(self, data_dir: Path) -> None:
        self.path, self.log = data_dir / "broker", data_dir / "broker.log"
        self.data, self.unfinished_data = self.path / "data", self.path / "data.unfinished"
        self.properties = self.path / "server.properties"
        self._lock: IO[str] | None = None

    def lock(self) -> None:
        """Create the folder and lock it. Raises TelexError where another Telex keeps the lock for LOCK_LIMIT_S."""
        if self._lock:
            return
        self.path.mkdir(parents=True, exist_ok=True)
        self._lock = (self.path / "lock").open("a+")
        deadline = time.monotonic() + LOCK_LIMIT_S
        while True:
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                if time.monotonic() > deadline:
                    self._lock.seek(0)
                    raise TelexError(
                        f"Another Telex runs its broker in {self.path} (process {self._lock.read()}): "
                        "stop it, or set TELEX_DATA_DIR to a folder of your own."
                    ) from None
                time.sleep(0.1)

    @property
    def lock_descriptor(self) -> int:
        """The lock's file descriptor. Kafka inherits it and so keeps the lock, even if Telex is killed."""
        assert self._lock
        return self._lock.fileno()

    def write_pid(self, pid: int) -> None:
        """Write the broker's process id into the lock file."""
        assert self._lock
        self._lock.truncate(0)
        self._lock.write(str(pid))
        self._lock.flush()

    def unlock(self) -> None:
        """Release the lock, if this object holds it."""
        if self._lock:
            self._lock.close()
            self._lock = None

    def prepare(self, jars: Path) -> None:
        """Link the folder of Kafka's jars as `jars`, write the logging configuration, and begin a new log."""
        (self.path / "jars").unlink(missing_ok=True)
        (self.path / "jars").symlink_to(jars.absolute())
        (self.path / "log4j2.properties").write_text(LOG4J)
        if self.log.exists():
            self.log.replace(f"{self.log}.1")

    def diagnosis(self) -> str:
        """The end of a sentence on a failed broker: the cause and the remedy, if they are known, or the log's path."""
        log = self.log.read_text(errors="replace") if self.log.exists() else ""
        if _OTHER_VERSION.search(log):
            return (
                f": the data in {self.path} is of another version of Kafka. "
                "Use the Telex that made it, or set TELEX_DATA_DIR to a new folder."
            )
        if shutil.disk_usage(self.path).free < FULL_BYTES:
            return (
                f": the disk of {self.path} is full. "
                "Free some space there, or set TELEX_DATA_DIR to a folder on another disk."
            )
        errors = [line for line in log.splitlines() if _ERROR_LINE.search(line)]
        return (f": {errors[-1].strip()[:300]}" if errors else "") + f". See the whole log: {self.log}."
