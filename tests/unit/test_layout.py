"""The folders of the project, and the one direction in which their imports go
(docs/decisions/0011-folders-by-concern.md).
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from streams.stages import ENRICHED, RAW, STAGE_NAMES, STAGES

ROOT = Path(__file__).parents[2]
# From the top to the bottom: a folder imports only itself and folders below it. "streams" stands for the errors,
# settings, stages and logs, which import nothing of the project but each other.
ORDER = (
    ("cli",),
    ("bench", "feeds", "web"),
    ("sequential",),
    ("worker", "client"),
    ("dead_letters", "sources"),
    ("kafka",),
    ("records", "system"),
    ("streams",),
)
LEVELS = {folder: level for level, folders in enumerate(ORDER) for folder in folders}
# The public surface of the library, which re-exports what users import.
SURFACE = ROOT / "streams" / "__init__.py"
MODULES = sorted(file for file in (ROOT / "streams").rglob("*.py") if file != SURFACE)
# The parts of `streams` that production code of the stages may import.
OF_AGENTS = {"streams.records", "streams.errors", "streams.settings", "streams.stage", "streams.task"}


def folder_of(module: str) -> str:
    """The folder of a module of `streams`, by its dotted name; "streams" for a module outside of all folders."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and (ROOT / "streams" / parts[1]).is_dir() else "streams"


def imports(file: Path) -> Iterator[str]:
    """The modules that a file imports, by their dotted names."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                path = ROOT.joinpath(*node.module.split("."), alias.name)
                is_module = path.is_dir() or path.with_suffix(".py").exists()
                yield f"{node.module}.{alias.name}" if is_module else node.module


@pytest.mark.parametrize("file", MODULES, ids=lambda file: str(file.relative_to(ROOT)))
def test_a_module_imports_only_its_own_folder_and_folders_below(file: Path) -> None:
    own = folder_of(".".join(file.relative_to(ROOT).with_suffix("").parts))
    used = {folder_of(module) for module in imports(file) if module.split(".")[0] == "streams"}
    assert not {folder for folder in used - {own} if LEVELS[folder] <= LEVELS[own]}


def test_every_folder_of_streams_has_a_level() -> None:
    folders = {folder.name for folder in (ROOT / "streams").iterdir() if (folder / "__init__.py").exists()}
    assert folders | {"streams"} == set(LEVELS)


def test_the_stages_use_only_records_errors_and_settings() -> None:
    used = {
        module
        for file in (ROOT / "agents").rglob("*.py")
        for module in imports(file)
        if module.split(".")[0] == "streams"
    }
    assert {module for module in used if not module.startswith("streams.records.")} <= OF_AGENTS


@pytest.mark.parametrize("stage", STAGE_NAMES)
def test_a_stage_imports_no_other_stage(stage: str) -> None:
    used = {
        module.split(".")[1]
        for file in (ROOT / "agents" / stage).rglob("*.py")
        for module in imports(file)
        if module.startswith("agents.")
    }
    assert not used & set(STAGE_NAMES) - {stage}


def test_the_packages_of_the_entities_import_each_other_in_one_direction() -> None:
    inside = ROOT / "agents" / "entities"
    packages = {folder.name for folder in inside.iterdir() if (folder / "__init__.py").exists()}
    used = {
        package: {
            module.split(".")[2]
            for file in (inside / package).rglob("*.py")
            for module in imports(file)
            if module.startswith("agents.entities.")
        }
        for package in packages
    }
    # Raises CycleError where two of them use each other.
    order = list(TopologicalSorter({name: (used[name] & packages) - {name} for name in packages}).static_order())
    assert sorted(order) == ["casing", "coreference", "people", "places", "recognition"]


def test_only_the_list_of_stages_imports_agents() -> None:
    loading = {
        str(file.relative_to(ROOT)) for file in MODULES if re.search(r'import_module\(f?"agents', file.read_text())
    }
    assert loading == {"streams/stages.py"}
    assert not [module for file in MODULES for module in imports(file) if module.split(".")[0] == "agents"]


def test_each_stage_reads_the_topic_that_the_stage_before_it_writes() -> None:
    topics = [RAW, *(stage.target for stage in STAGES.values())]
    assert [stage.source for stage in STAGES.values()] == topics[:-1]
    assert topics[-1] == ENRICHED
    assert [(name, stage.name) for name, stage in STAGES.items()] == [(name, name) for name in STAGE_NAMES]


def test_no_two_modules_of_streams_share_a_name() -> None:
    names = Counter(file.stem for file in (ROOT / "streams").rglob("*.py") if file.stem not in ("__init__", "__main__"))
    assert {name for name, count in names.items() if count > 1} <= {"bench"}
