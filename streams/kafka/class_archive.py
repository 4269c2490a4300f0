"""Java's archive of the classes that a broker loads, with which later brokers start in half of the processor time.

The first broker lists its classes while it loads them. When it answers, a process of low priority makes the archive,
once for each Java and each set of options, and puts it beside Kafka's jars. Java ignores an archive that does not fit
its own version, its options or the jars (class data sharing, JEP 310).
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import signal
import subprocess
import threading
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import IO

from streams.system.lifeline import die_with_parent

# In the broker's working directory: the list that the running broker writes, and its complete lines. A cut line ends
# the process that makes the archive ("Line with @ tag has too few items").
_CLASS_LIST, _COMPLETE_LIST = "classes.lst", "classes.complete.lst"


class ClassArchive:
    """The archive for one command that starts Java.

    Args:
        folder: the broker's working directory, which has Kafka's jars in `jars`.
        java: the program.
        options: its options, with the class path.
    """

    def __init__(self, folder: Path, java: Path, options: Sequence[str]) -> None:
        self._folder, self._command = folder, [str(java), *options]
        installed = java.resolve().stat()
        made_from = (str(java.resolve()), installed.st_mtime_ns, installed.st_size, *options)
        name = f"jars/classes-{hashlib.sha256(repr(made_from).encode()).hexdigest()[:16]}.jsa"
        # Relative to the working directory: Java splits the path at colons.
        self._name, self._unfinished_name = name, f"{name}.unfinished"
        self._process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        """The command with the archive, or with the option to list the loaded classes."""
        java, *options = self._command
        if self._is_own():
            return [java, f"-XX:SharedArchiveFile={self._name}", "-XX:+VerifySharedSpaces", *options]
        return [java, f"-XX:DumpLoadedClassList={_CLASS_LIST}", *options]

    def make(self) -> None:
        """Begin to make the archive in another process, unless there is one or another broker makes it.

        The process ends with the calling thread.
        """
        java, *options = self._command
        with suppress(OSError):  # the folder cannot be written, or another broker has the lock
            if self._is_own() or self._process:
                return
            lock = self._lock()
            complete, end_of_line, _ = (self._folder / _CLASS_LIST).read_bytes().rpartition(b"\n")
            (self._folder / _COMPLETE_LIST).write_bytes(complete + end_of_line)
            self._process = subprocess.Popen(
                [
                    java,
                    "-Xshare:dump",
                    f"-XX:SharedClassListFile={_COMPLETE_LIST}",
                    f"-XX:SharedArchiveFile={self._unfinished_name}",
                    *options,
                ],
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                preexec_fn=partial(_begin_in_background, os.getpid()),
                start_new_session=True,
            )
            self._keeper = threading.Thread(target=self._keep, args=[self._process, lock], daemon=True)
            self._keeper.start()

    def end(self) -> None:
        """Stop making the archive, if it is not complete."""
        if self._process:
            self._process.kill()
            self._keeper.join()

    def _keep(self, process: subprocess.Popen[bytes], lock: IO[str]) -> None:
        unfinished = self._folder / self._unfinished_name
        with lock, suppress(OSError):
            if process.wait():
                unfinished.unlink()
                return
            for outdated in unfinished.parent.glob("classes-*.jsa"):
                outdated.unlink()
            unfinished.rename(self._folder / self._name)

    def _is_own(self) -> bool:
        """Whether the archive exists and nobody else could have written it: it contains code that Java runs."""
        try:
            archive = (self._folder / self._name).stat()
        except OSError:
            return False
        return archive.st_uid == os.getuid() and not archive.st_mode & 0o022

    def _lock(self) -> IO[str]:
        lock = (self._folder / f"{self._unfinished_name}.lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            raise
        return lock


def _begin_in_background(parent: int) -> None:
    os.nice(19)
    die_with_parent(parent, signal.SIGKILL)
