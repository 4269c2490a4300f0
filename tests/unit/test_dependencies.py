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
# Telex replaces methods of these packages, or uses parts that are not their public interface: a new version may break
# Telex without notice.
OVERRIDDEN = {"aiokafka", "faust-streaming", "kafka-python"}

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


def test_every_import_of_the_training_code_and_of_the_tests_is_declared() -> None:
    tests = sorted((ROOT / "tests").rglob("*.py"))
    own = {path.parent.name if path.name == "__init__.py" else path.stem for path in tests}
    names = [argument for name in sorted(own) + FIRST_PARTY for argument in ("--known-first-party", name)]
    groups = ("--non-dev-dependency-groups", "dev,training")
    # Tools that the tests start are declared and not imported.
    deptry("training", "tests", *names, *groups, "--exclude", r"\.venv", "--ignore", "DEP002")


@pytest.mark.parametrize("name", sorted(OVERRIDDEN))
def test_a_package_whose_internals_telex_overrides_is_pinned_exactly(name: str) -> None:
    (found,) = [requirement for requirement in RUNTIME if requirement.name == name]
    assert [specifier.operator for specifier in found.specifier] == ["=="]


@pytest.mark.parametrize(
    ("lock", "requirements"),
    [("requirements.lock", RUNTIME), ("requirements-dev.lock", [*RUNTIME, *DEVELOPMENT])],
    ids=["runtime", "development"],
)
def test_the_lock_file_has_a_fitting_version_of_every_dependency(lock: str, requirements: list[Requirement]) -> None:
    versions = locked(lock)
    for requirement in requirements:
        assert requirement.specifier.contains(versions[canonicalize_name(requirement.name)]), str(requirement)


def test_both_lock_files_have_the_same_versions() -> None:
    development = locked("requirements-dev.lock")
    assert {name: development[name] for name in locked("requirements.lock")} == locked("requirements.lock")
