"""The files of a deployment for tests, and the tools that read them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from streams.settings import Settings

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
WEB_PORT = Settings.model_fields["web_port"].default


def tool(name: str, package: str) -> str:
    found = shutil.which(name, path=Path(sys.executable).parent) or shutil.which(name)
    if not found:
        pytest.skip(f"{name} is not installed: it comes with {package}")
    return found


def accepts(*command: str | Path) -> None:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def documents(path: Path) -> list[Any]:
    return list(YAML(typ="safe", pure=True).load_all(path))


def yaml(path: Path) -> Any:
    return documents(path)[0]


def compose() -> Any:
    return yaml(ROOT / "docker-compose.yml")


def manifests() -> Iterator[Any]:
    for path in sorted((DEPLOY / "kubernetes").glob("*.yaml")):
        yield from documents(path)


def pods() -> dict[str, Any]:
    return {
        manifest["metadata"]["name"]: manifest["spec"]["template"]
        for manifest in manifests()
        if manifest["kind"] in {"StatefulSet", "Deployment", "Job"}
    }


def environment(pod: Any) -> dict[str, Any]:
    return {entry["name"]: entry for entry in pod["spec"]["containers"][0]["env"]}
