"""Every import is declared, what Telex overrides is pinned, and the lock files fit what is declared."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
RUNTIME = [Requirement(line) for line in PROJECT["project"]["dependencies"]]
DEVELOPMENT = [Requirement(line) for line in PROJECT["dependency-groups"]["dev"]]
# What is installed in the environment of a peer, by its lock file.
PEERS = {
    f"peers/requirements-{name.removeprefix('peer-')}.lock": [Requirement(line) for line in lines]
    for name, lines in PROJECT["dependency-groups"].items()
    if name.startswith("peer-")
}
# Telex replaces methods of these packages, or uses parts that are not their public interface: a new version may break
# Telex without notice.
OVERRIDDEN = {"aiokafka", "faust-streaming", "kafka-python", "uvicorn"}

FIRST_PARTY = PROJECT["tool"]["deptry"]["known_first_party"]


def deptry(*arguments: str) -> None:
    command = [sys.executable, "-m", "deptry", "--no-ansi", *arguments]
    outcome = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert outcome.returncode == 0, outcome.stderr


def locked(name: str) -> dict[str, str]:
    """The version of each package in a lock file."""
    pins = re.findall(
        r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;]+)", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE
    )
    return {canonicalize_name(package): version for package, version in pins}


def test_every_import_of_telex_is_a_declared_dependency_and_every_dependency_is_imported() -> None:
    deptry("streams", "agents", "evaluation")


def test_every_import_of_the_training_code_of_the_peers_and_of_the_tests_is_declared() -> None:
    tests = sorted((ROOT / "tests").rglob("*.py"))
    own = {path.parent.name if path.name == "__init__.py" else path.stem for path in tests}
    names = [argument for name in sorted(own) + FIRST_PARTY for argument in ("--known-first-party", name)]
    groups = ("--non-dev-dependency-groups", ",".join(PROJECT["dependency-groups"]))
    # Tools that the tests start are declared and not imported.
    deptry("training", "peers", "tests", *names, *groups, "--exclude", r"\.venv", "--ignore", "DEP002")


@pytest.mark.parametrize("name", sorted(OVERRIDDEN))
def test_a_package_whose_internals_telex_overrides_is_pinned_exactly(name: str) -> None:
    (found,) = [requirement for requirement in RUNTIME if requirement.name == name]
    assert [specifier.operator for specifier in found.specifier] == ["=="]


@pytest.mark.parametrize(
    ("lock", "requirements"),
    [("requirements.lock", RUNTIME), ("requirements-dev.lock", [*RUNTIME, *DEVELOPMENT]), *PEERS.items()],
    ids=["runtime", "development", *PEERS],
)
def test_the_lock_file_has_a_fitting_version_of_every_dependency(lock: str, requirements: list[Requirement]) -> None:
    versions = locked(lock)
    for requirement in requirements:
        assert requirement.specifier.contains(versions[canonicalize_name(requirement.name)]), str(requirement)


@pytest.mark.parametrize("other", ["requirements-dev.lock", *PEERS])
def test_a_package_has_the_same_version_in_every_lock_file(other: str) -> None:
    runtime, versions = locked("requirements.lock"), locked(other)
    shared = runtime.keys() & versions.keys()
    assert {name: versions[name] for name in shared} == {name: runtime[name] for name in shared}


def test_the_environment_for_development_has_all_that_telex_needs() -> None:
    assert locked("requirements.lock").keys() <= locked("requirements-dev.lock").keys()
