"""Which archive of classes a broker starts with."""

import shutil
from pathlib import Path

import pytest

from streams.kafka.class_archive import ClassArchive


@pytest.fixture
def java(tmp_path: Path) -> Path:
    (tmp_path / "jars").mkdir()
    return Path(shutil.copy("/bin/true", tmp_path / "java"))


def archive_path(archive: ClassArchive) -> Path:
    """Where the archive will lie."""
    return archive._folder / archive._name


def uses_archive(archive: ClassArchive) -> bool:
    return any(option.startswith("-XX:SharedArchiveFile=") for option in archive.command())


def test_a_broker_uses_an_archive_only_if_nobody_else_can_have_written_it(tmp_path: Path, java: Path) -> None:
    archive = ClassArchive(tmp_path, java, ["-Xmx1m"])
    assert not uses_archive(archive)
    path = archive_path(archive)
    path.write_bytes(b"classes")
    path.chmod(0o444)
    assert uses_archive(archive)
    for mode in (0o664, 0o646):
        path.chmod(mode)
        assert not uses_archive(archive)


def test_another_java_and_other_options_have_an_archive_of_their_own(tmp_path: Path, java: Path) -> None:
    before = archive_path(ClassArchive(tmp_path, java, ["-Xmx1m"]))
    assert archive_path(ClassArchive(tmp_path, java, ["-Xmx1m"])) == before
    assert archive_path(ClassArchive(tmp_path, java, ["-Xmx2m"])) != before
    java.write_bytes(b"another version")
    assert archive_path(ClassArchive(tmp_path, java, ["-Xmx1m"])) != before


def test_a_folder_that_cannot_be_written_stops_no_broker(tmp_path: Path, java: Path) -> None:
    archive = ClassArchive(tmp_path, java, [])
    (tmp_path / "jars").rmdir()
    archive.make()
    archive.end()
    assert not uses_archive(archive)
