"""Metrics and health over HTTP."""

import re
import urllib.error
import urllib.request
from pathlib import Path

import psutil
import pytest
from prometheus_client.metrics import MetricWrapperBase

from streams.errors import Reason, TelexError
from streams.records.outcomes import Dead, Done
from streams.sequential.task_metrics import TaskMetrics
from streams.stages import TASKS
from streams.worker.health import HealthServer
from streams.worker.metrics import StageMetrics
from streams.worker.webhooks.webhook_metrics import WebhookMetrics

DESIGNED = {
    "telex_articles_total": {"stage", "outcome"},
    "telex_stage_seconds": {"stage"},
    "telex_analysis_seconds": {"stage", "language"},
    "telex_publish_to_enriched_seconds": set(),
    "telex_consumer_lag": {"stage", "topic", "partition"},
    "telex_dead_letters_total": {"stage", "reason"},
    "telex_records_lost_total": {"stage", "topic", "partition"},
    "telex_languages_total": {"language"},
    "telex_entities_total": {"type"},
    "telex_sentiment_total": {"label"},
    "telex_matches_total": {"stage"},
    "telex_webhooks_total": {"outcome"},
    "telex_webhook_seconds": {"outcome"},
    "telex_webhooks_behind": set(),
    "telex_last_progress_timestamp_seconds": {"stage"},
    "telex_source_articles_total": {"source", "language"},
    "telex_source_not_analysed_total": {"source", "language", "stage", "reason"},
    "telex_source_last_article_timestamp_seconds": {"source", "language"},
    "telex_pool_restarts_total": {"stage", "cause"},
    "telex_build_info": {"version", "python", "stage", "analyser"},
}


def get(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_health_gives_the_reason_and_metrics_give_the_counts() -> None:
    metrics = StageMetrics("language")
    metrics.finished(
        [(), ()], [Done(b"", "x", "fr", True, {"fr": 1}, 0.1), Dead(Reason.EMPTY, "m", "e")], 0.2, enriched=False
    )
    metrics.lag("articles.raw", {0: 7})
    metrics.restarted("crashed")
    server = HealthServer("127.0.0.1", 0, metrics.registry, lambda: (True, "well"), lambda: (False, "loading models"))
    try:
        url = f"http://127.0.0.1:{server.port}"
        assert get(url + "/livez") == (200, "well\n")
        assert get(url + "/readyz") == (503, "loading models\n")
        assert get(url + "/other")[0] == 404
        text = get(url + "/metrics")[1]
        assert 'telex_articles_total{outcome="analysed",stage="language"} 1.0' in text
        assert 'telex_dead_letters_total{reason="empty",stage="language"} 1.0' in text
        assert 'telex_consumer_lag{partition="0",stage="language",topic="articles.raw"} 7.0' in text
        assert 'telex_languages_total{language="fr"} 1.0' in text
        listening = [
            c.laddr for c in psutil.Process().net_connections() if c.status == "LISTEN" and c.laddr.port == server.port
        ]
        assert [address.ip for address in listening] == ["127.0.0.1"]
    finally:
        server.close()


def test_every_metric_of_the_design_is_there_with_its_labels_and_in_the_documentation() -> None:
    described = {}
    metrics = StageMetrics("webhooks")
    WebhookMetrics(metrics)
    for collector in metrics.registry._collector_to_names:
        assert isinstance(collector, MetricWrapperBase)
        described[next(iter(collector.describe())).name] = set(collector._labelnames)
    assert {name.removesuffix("_total"): labels for name, labels in DESIGNED.items()} == described
    table = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text()
    documented = dict(
        re.findall(r"^\| `(telex_\w+)` \| ([^|]*) \|", table.split("| metric of the stories |")[0], re.MULTILINE)
    )
    assert {name: set(re.findall(r"`(\w+)`", labels)) for name, labels in documented.items()} == DESIGNED


def test_a_port_in_use_says_which_setting_to_change() -> None:
    registry = StageMetrics("language").registry
    server = HealthServer("127.0.0.1", 0, registry, lambda: (True, ""), lambda: (True, ""))
    try:
        with pytest.raises(TelexError, match="TELEX_WEB_PORT"):
            HealthServer("127.0.0.1", server.port, registry, lambda: (True, ""), lambda: (True, ""))
    finally:
        server.close()


def test_every_metric_of_the_stories_is_in_the_documentation_with_its_labels() -> None:
    described = {}
    for collector in TaskMetrics(TASKS["stories"]).registry._collector_to_names:
        assert isinstance(collector, MetricWrapperBase)
        metric = next(iter(collector.describe()))
        described[metric.name + ("_total" if metric.type == "counter" else "")] = set(collector._labelnames)
    page = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text()
    table = page.split("| metric of the stories |")[1].split("| metric of the web page |")[0]
    documented = {
        name: set(re.findall(r"`(\w+)`", labels))
        for name, labels in re.findall(r"^\| `(telex_\w+)` \| ([^|]*) \|", table, re.MULTILINE)
    }
    assert described.items() >= documented.items()
    assert described.keys() - documented.keys() <= DESIGNED.keys()
