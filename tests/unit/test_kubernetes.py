"""The manifests for Kubernetes run a worker of each stage, with no rights that it does not need."""

from __future__ import annotations

import pytest

from streams.stages import WORKERS
from tests.support.deployment import (
    DEPLOY,
    WEB_PORT,
    accepts,
    environment,
    manifests,
    pods,
    tool,
    yaml,
)


def test_the_kustomization_has_every_manifest_and_builds() -> None:
    folder = DEPLOY / "kubernetes"
    resources = yaml(folder / "kustomization.yaml")["resources"]
    assert {*resources, "kustomization.yaml"} == {path.name for path in folder.glob("*.yaml")}
    accepts(tool("kubectl", "Kubernetes"), "kustomize", folder)


def test_kubernetes_runs_a_worker_of_each_stage_under_a_stable_name() -> None:
    sets = {
        manifest["metadata"]["name"]: manifest["spec"] for manifest in manifests() if manifest["kind"] == "StatefulSet"
    }
    services = {
        manifest["metadata"]["name"]: manifest["spec"] for manifest in manifests() if manifest["kind"] == "Service"
    }
    assert set(sets) == {f"telex-{stage}" for stage in WORKERS} == set(services) - {"telex-web", "telex-web-pods"}
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


def test_kubernetes_runs_the_web_page_with_a_token() -> None:
    (page,) = [manifest for manifest in manifests() if manifest["kind"] == "Deployment"]
    pod = page["spec"]["template"]
    (container,) = pod["spec"]["containers"]
    assert (page["metadata"]["name"], container["args"]) == ("telex-web", ["web"])
    assert environment(pod)["TELEX_WEB_TOKEN"]["valueFrom"]["secretKeyRef"] == {"name": "telex-web", "key": "token"}
    services = {
        manifest["metadata"]["name"]: manifest["spec"] for manifest in manifests() if manifest["kind"] == "Service"
    }
    for name in ("telex-web", "telex-web-pods"):
        assert services[name]["selector"] == page["spec"]["selector"]["matchLabels"] == pod["metadata"]["labels"]


@pytest.mark.parametrize("name", ["telex-topics", "telex-web", *(f"telex-{stage}" for stage in WORKERS)])
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


def test_the_manifests_refer_to_secrets_and_contain_none() -> None:
    assert "Secret" not in {manifest["kind"] for manifest in manifests()}
    for pod in pods().values():
        assert environment(pod)["TELEX_SASL_PASSWORD"]["valueFrom"]["secretKeyRef"]["name"] == "telex-sasl"
