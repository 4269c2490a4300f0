"""The file for Docker Compose runs a worker of each stage, on this machine only."""

from __future__ import annotations

import json
from importlib.metadata import distribution
from pathlib import Path

import jsonschema

from streams.stages import WORKERS
from tests.support.deployment import (
    WEB_PORT,
    compose,
)


def test_the_compose_file_follows_the_compose_specification() -> None:
    # The schema alone: check-jsonschema 0.38 itself does not start with the click 8.3 that Faust asks for.
    schema = Path(
        str(distribution("check-jsonschema").locate_file("check_jsonschema/builtin_schemas/vendor/compose-spec.json"))
    )
    jsonschema.validate(compose(), json.loads(schema.read_text()))


def test_compose_runs_a_worker_of_each_stage_after_the_topics_exist() -> None:
    workers = {
        name: service for name, service in compose()["services"].items() if service.get("command", [""])[0] == "worker"
    }
    assert {name: service["command"][1] for name, service in workers.items()} == {stage: stage for stage in WORKERS}
    for service in workers.values():
        assert service["init"] is True
        assert service["depends_on"] == {"topics": {"condition": "service_completed_successfully"}}
        assert f"'127.0.0.1', {WEB_PORT}" in service["healthcheck"]["test"][-1]
        assert "TELEX_INSTANCE_ID" not in service["environment"], "the replicas of a service would all have it"


def test_compose_runs_the_web_page_with_a_token_and_on_request() -> None:
    page = compose()["services"]["web"]
    assert (page["command"], page["profiles"]) == (["web"], ["web"])
    assert page["environment"]["TELEX_WEB_TOKEN"] == "${TELEX_WEB_TOKEN:-}"


def test_compose_publishes_ports_on_this_machine_only() -> None:
    ports = [port for service in compose()["services"].values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)
