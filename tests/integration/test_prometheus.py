"""A real Prometheus with the configuration of deploy/ scrapes real workers, and has samples of every metric."""

import json
import re
import shutil
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaProducer

from streams import Publisher
from streams.stages import DEAD, ENRICHED, RAW
from streams.system.ports import free_port
from streams.worker.metrics import StageMetrics
from tests.support.independent_reader import read
from tests.support.processes import analysis_processes, wait_for
from tests.support.whole_pipeline import WholePipeline

DEPLOY = Path(__file__).parents[2] / "deploy" / "prometheus"
RULES = [DEPLOY / "alerts.yml", DEPLOY / "sources.yml"]
PROMETHEUS = shutil.which("prometheus")


@pytest.fixture
def prometheus(whole_pipeline: WholePipeline, tmp_path: Path) -> Iterator[str]:
    """The address of a Prometheus that scrapes the workers of the pipeline every second."""
    if not PROMETHEUS:
        pytest.skip("Prometheus is not installed: `apt-get install prometheus`")
    config = (DEPLOY / "prometheus.yml").read_text().replace("scrape_interval: 15s", "scrape_interval: 1s")
    for number, worker in enumerate(whole_pipeline[1].values(), 8601):
        assert f"127.0.0.1:{number}" in config
        config = config.replace(f"127.0.0.1:{number}", f"127.0.0.1:{worker.port}")
    (tmp_path / "prometheus.yml").write_text(config)
    for rules in RULES:
        shutil.copy(rules, tmp_path)
    port = free_port()
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [
                PROMETHEUS,
                f"--config.file={tmp_path / 'prometheus.yml'}",
                f"--storage.tsdb.path={tmp_path / 'data'}",
                f"--web.listen-address=127.0.0.1:{port}",
            ],
            stdout=log,
            stderr=log,
        )
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait(20)


def get(prometheus: str, path: str, **parameters: str) -> Any:
    try:
        with urllib.request.urlopen(
            f"{prometheus}/api/v1/{path}?{urllib.parse.urlencode(parameters)}", timeout=5
        ) as answer:
            return json.load(answer)["data"]
    except OSError:
        return {}


def samples(prometheus: str, query: str) -> list[Any]:
    found: list[Any] = get(prometheus, "query", query=query).get("result", [])
    return found


def wait_for_samples(prometheus: str, query: str) -> None:
    wait_for(lambda: samples(prometheus, query), 30, lambda: query)


def test_it_has_samples_of_every_metric(whole_pipeline: WholePipeline, prometheus: str) -> None:
    settings, workers = whole_pipeline
    with Publisher(settings) as publisher:
        identifier = publisher.publish(
            {"text": "Angela Merkel a rencontré Emmanuel Macron à Paris, pour une soirée magnifique."}
        )
        publisher.publish({"text": "Ok 1.", "source": "Prometheus"})  # no stage can analyse so few words
    producer = KafkaProducer(bootstrap_servers=settings.bootstrap_servers)
    producer.send(settings.topic_prefix + RAW, key=b"for prometheus", value=b"{").get(20)
    producer.close()
    wait_for(lambda: identifier.encode() in {record.key for record in read(settings, ENRICHED)}, 30)
    wait_for(lambda: b"for prometheus" in {record.key for record in read(settings, DEAD)}, 30)
    # No record is lost here: test_worker_topic_changes.py tests that counter. A stage of the pipeline has no matches.
    no_samples = ("telex_pool_restarts", "telex_records_lost", "telex_matches")
    families = [family for family in StageMetrics("language").registry.collect() if family.name not in no_samples]
    names = {family.name + {"counter": "_total", "histogram": "_count"}.get(family.type, "") for family in families}
    assert len(names) == 14
    for name in sorted(names):
        wait_for_samples(prometheus, name)
    # No analysis process has crashed yet, so that counter has no samples. A killed one counts as crashed.
    for child in analysis_processes(workers["language"].process.pid):
        child.kill()
    with Publisher(settings) as publisher:
        publisher.publish({"text": "Le président a quitté la capitale mardi soir."})
    wait_for_samples(prometheus, 'telex_pool_restarts_total{stage="language",cause="crashed"}')
    (latency,) = samples(
        prometheus, "sum(telex_publish_to_enriched_seconds_sum) / sum(telex_publish_to_enriched_seconds_count)"
    )
    assert float(latency["value"][1]) > 0
    targets = get(prometheus, "targets")["activeTargets"]
    # The other targets are the web page and the workers downstream, which do not run here.
    health = {target["labels"].get("service"): target["health"] for target in targets}
    assert {stage: health[stage] for stage in workers} == dict.fromkeys(workers, "up")


def test_it_accepts_every_alert(prometheus: str) -> None:
    named = [name for path in RULES for name in re.findall(r"alert: (\w+)", path.read_text())]
    wait_for(lambda: get(prometheus, "rules").get("groups"), 30)
    rules = [rule for group in get(prometheus, "rules")["groups"] for rule in group["rules"]]
    assert [rule["name"] for rule in rules if rule["type"] == "alerting"] == named
    assert all(rule["health"] in ("ok", "unknown") for rule in rules)
