"""Prometheus and Grafana ask for the metrics that the workers have."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from streams.sequential.task_metrics import TaskMetrics
from streams.stages import SENDER, TASKS, WORKERS
from streams.web.web_metrics import WebMetrics
from streams.worker.metrics import StageMetrics
from streams.worker.webhooks.webhook_metrics import WebhookMetrics
from tests.support.deployment import (
    DEPLOY,
    ROOT,
    WEB_PORT,
    accepts,
    compose,
    tool,
    yaml,
)

SCRAPES = sorted((DEPLOY / "prometheus").glob("prometheus*.yml"))
RULES = [DEPLOY / "prometheus" / name for name in ("alerts.yml", "sources.yml")]

# The suffixes that a histogram, a counter or Prometheus itself adds to the name of a metric.
SUFFIXES = ("", "_total", "_bucket", "_sum", "_count")


def metrics() -> set[str]:
    of_a_worker = StageMetrics("webhooks")
    WebhookMetrics(of_a_worker)
    of_tasks = (TaskMetrics(task).registry for task in TASKS.values())
    registries = (of_a_worker.registry, *of_tasks, WebMetrics().registry)
    return {
        family.name + ("_total" if family.type == "counter" else "")
        for registry in registries
        for family in registry.collect()
    }


def names(expression: str) -> set[str]:
    return set(re.findall(r"\btelex_[a-z_]+\b", expression))


def dashboard() -> Any:
    return json.loads((DEPLOY / "grafana/dashboards/telex.json").read_text())


def expressions() -> list[str]:
    return [target["expr"] for panel in dashboard()["panels"] for target in panel["targets"]]


@pytest.mark.parametrize("path", [*SCRAPES, *RULES], ids=lambda path: path.name)
def test_prometheus_accepts_the_file(path: Path) -> None:
    accepts(tool("promtool", "Prometheus"), "check", "rules" if path in RULES else "config", path)


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.name)
def test_the_alerts_fire_exactly_when_they_should(path: Path) -> None:
    accepts(tool("promtool", "Prometheus"), "test", "rules", path.with_suffix(".test.yml"))


@pytest.mark.parametrize("path", SCRAPES, ids=lambda path: path.name)
def test_prometheus_loads_all_rules(path: Path) -> None:
    assert yaml(path)["rule_files"] == [rules.name for rules in RULES]


@pytest.mark.parametrize("path", SCRAPES, ids=lambda path: path.name)
def test_every_stage_is_scraped(path: Path) -> None:
    job, page = yaml(path)["scrape_configs"]
    assert (job["job_name"], page["job_name"]) == ("telex", "telex-web")
    if "static_configs" in job:
        found = {entry["labels"]["service"]: entry["targets"] for entry in job["static_configs"]}
        ports = {stage: [f"127.0.0.1:{WEB_PORT + number}"] for number, stage in enumerate(WORKERS, 1)}
        del ports[SENDER.name]  # it runs only where a secret is set
        assert found == ports
    else:
        (found,) = job["dns_sd_configs"]
        assert found["port"] == WEB_PORT
        assert [name.partition(".")[0].removeprefix("telex-") for name in found["names"]] == list(WORKERS)


def test_alerts_and_dashboard_query_only_metrics_that_exist() -> None:
    rules = [rule for path in RULES for group in yaml(path)["groups"] for rule in group["rules"]]
    asked = set().union(*(names(expression) for expression in [*expressions(), *(rule["expr"] for rule in rules)]))
    assert asked <= {name + suffix for name in metrics() for suffix in SUFFIXES}


def test_the_dashboard_shows_every_metric() -> None:
    shown = set().union(*map(names, expressions()))
    assert {name for name in metrics() if not any(name + suffix in shown for suffix in SUFFIXES)} == set()


def test_prometheus_accepts_every_query_of_the_dashboard(tmp_path: Path) -> None:
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
