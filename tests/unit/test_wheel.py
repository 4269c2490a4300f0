"""The wheel holds what Telex needs and nothing else, and a program that uses it is type-checked."""

from __future__ import annotations

import shutil
import site
import subprocess
import sys
import venv
import zipfile
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = ("LICENSE", "NOTICE", "README.md", "pyproject.toml", "agents", "evaluation", "seeds", "streams")
# Everything that is installed and is no module: types, models, the texts of `telex evaluate`, the jars of Kafka, the
# articles of `telex demo`.
DATA = (
    "agents/py.typed", "evaluation/py.typed", "streams/py.typed",
    "agents/models/*.npz", "agents/models/first_names.tsv", "agents/models/lexicon.tsv", "agents/models/encoder/*",
    "evaluation/coreference.*.txt", "evaluation/passages.*.txt", "evaluation/stories.*.txt", "evaluation/*.tsv",
    "streams/kafka/kafka-jars.lock",
    "streams/web/static/index.html", "streams/web/static/*.svg", "streams/web/static/css/*.css",
    "streams/web/static/js/*.js",
    "streams/samples/*.txt", "streams/samples/*.json", "streams/samples/*.jsonl", "streams/samples/README.md",
)  # fmt: skip
PROGRAM = """\
from typing import assert_type

from streams import Publisher, Received, Settings, Subscriber, UnreachableError

try:
    Publisher(Settings(bootstrap_servers="kafka.example.org:9092", topic_prefix="desk.")).close()
except UnreachableError as error:
    assert_type(str(error), str)
with Publisher() as publisher:
    assert_type(publisher.publish({"text": "Angela Merkel a visité Paris mardi."}), str)
with Subscriber(start="beginning", timeout_s=30) as articles:
    for received in articles:
        assert_type(received, Received)
"""


def run(*command: str | Path, cwd: Path) -> str:
    outcome = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=240, check=False)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    return outcome.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of the project: setuptools would include the rest of an earlier build in build/."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, source / name)
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--quiet", "--no-index")
    run(*pip, "--no-deps", "--no-build-isolation", "--wheel-dir", folder, source, cwd=folder)
    (built,) = folder.glob("telex-*.whl")
    return built


@pytest.fixture(scope="module")
def content(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        return [name for name in archive.namelist() if ".dist-info/" not in name]


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment that has the wheel, and the packages of this environment for what the wheel
    depends on.
    """
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder)
    installed = folder / "bin" / "python"
    packages = folder / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    (packages / "dependencies.pth").write_text("\n".join(site.getsitepackages()))
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", installed, "install", "--quiet")
    run(*pip, "--no-index", "--no-deps", "--ignore-installed", wheel, cwd=folder)
    return installed


def test_the_wheel_holds_no_training_code_and_no_tests(content: list[str]) -> None:
    assert {name.split("/")[0] for name in content} == {"agents", "evaluation", "streams"}
    assert not [name for name in content if fnmatch(name, "*/test*") or fnmatch(name, "*/train_*")]


def test_the_wheel_holds_every_module(content: list[str]) -> None:
    modules = [path for package in ("agents", "evaluation", "streams") for path in (ROOT / package).rglob("*.py")]
    assert sorted(name for name in content if name.endswith(".py")) == sorted(
        str(path.relative_to(ROOT)) for path in modules
    )


def test_the_wheel_holds_exactly_the_other_files_that_are_needed(content: list[str]) -> None:
    others = [name for name in content if not name.endswith(".py")]
    assert [name for name in others if not any(fnmatch(name, pattern) for pattern in DATA)] == []
    assert [pattern for pattern in DATA if not any(fnmatch(name, pattern) for name in others)] == []


def test_the_samples_in_the_wheel_are_the_articles_of_seeds(wheel: Path, content: list[str]) -> None:
    seeds = {path.name: path.read_bytes() for path in (ROOT / "seeds").iterdir() if path.is_file()}
    with zipfile.ZipFile(wheel) as archive:
        samples = {Path(name).name: archive.read(name) for name in content if name.startswith("streams/samples/")}
    assert samples == seeds


def test_an_installed_telex_finds_its_samples(python: Path, tmp_path: Path) -> None:
    program = "from streams.cli.throwaway import seeds; print(*seeds('demo'), sep='\\n')"
    samples = [Path(line) for line in run(python, "-c", program, cwd=tmp_path).splitlines()]
    assert len(samples) > 30
    assert all(path.is_file() and path.is_relative_to(python.parents[1]) for path in samples)


def test_a_strict_type_checker_knows_the_types_of_an_installed_telex(python: Path, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM, encoding="utf-8")
    examples = sorted((ROOT / "examples").rglob("*.py"))
    run(sys.executable, "-m", "mypy", "--strict", "--python-executable", python, program, *examples, cwd=tmp_path)
