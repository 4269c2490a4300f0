"""The metrics of the sources: what they count, that they are few, and that a restart does not change their names."""

from __future__ import annotations

from itertools import cycle
from pathlib import Path
from string import ascii_lowercase

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from streams.worker.source_memory import MAX_BYTES
from streams.worker.source_metrics import WRITE_INTERVAL_S, SourceMetrics
from tests.support.source_records import source_value

NOW = 1_800_000_000.0
MOST = 20


class Worker:
    """The metrics of one run of a worker."""

    def __init__(self, folder: Path | None = None, now: float = NOW, most: int = MOST) -> None:
        self.registry = CollectorRegistry()
        self.metrics = SourceMetrics(self.registry, most)
        if folder:
            self.metrics.keep_in(folder, now)

    def count(self, source: object, *, at: float = NOW, published: float | None = None, **more: str) -> None:
        self.metrics.count(source_value(source, **more), (), published, at)

    def value(self, name: str, source: str, language: str = "fr", **labels: str) -> float | None:
        return self.registry.get_sample_value(name, {"source": source, "language": language, **labels})

    def last(self, source: str, language: str = "fr") -> float | None:
        return self.value("telex_source_last_article_timestamp_seconds", source, language)


def test_articles_count_by_source_and_language_and_what_was_not_analysed_by_stage_and_reason() -> None:
    worker = Worker()
    worker.count("a")
    worker.count("a", language="sw", reason="no_model_for_language")
    worker.count("a", language="sw")
    assert worker.value("telex_source_articles_total", "a") == 1
    assert worker.value("telex_source_articles_total", "a", "sw") == 2
    reason = {"stage": "entities", "reason": "no_model_for_language"}
    assert worker.value("telex_source_not_analysed_total", "a", "sw", **reason) == 1
    assert worker.value("telex_source_not_analysed_total", "a", **reason) is None


def test_the_last_article_is_the_one_that_was_published_last_and_never_in_the_future() -> None:
    worker = Worker()
    worker.count("a", published=NOW - 5)
    worker.count("a", published=NOW - 50)
    assert worker.last("a") == NOW - 5
    worker.count("a", published=NOW + 1000)
    assert worker.last("a") == NOW
    worker.count("b")
    assert worker.last("b") == NOW


def test_a_hundred_thousand_sources_leave_few_series_and_take_none_from_sources_with_more_articles() -> None:
    worker = Worker()
    for _ in range(2):
        worker.count("a")
    value = source_value("flood NUMBER", language="LANGUAGE", reason="text_too_short")
    values = [value.replace(b"LANGUAGE", f"{letter}x".encode()) for letter in ascii_lowercase]
    for number, flood in zip(range(100_000), cycle(values), strict=False):
        worker.metrics.count(flood.replace(b"NUMBER", b"%d" % number), (), None, NOW)
    series = generate_latest(worker.registry).splitlines()
    assert len(series) < MOST * 20
    assert worker.value("telex_source_articles_total", "a") == 2
    assert (worker.value("telex_source_articles_total", "other", "other") or 0) > 50_000


def test_the_series_of_a_source_that_loses_its_name_go() -> None:
    worker = Worker(most=1)
    worker.count("a", reason="text_too_short")
    for _ in range(2):
        worker.count("b")
    assert worker.last("a") is None
    assert worker.last("b") == NOW
    assert b'source="a"' not in generate_latest(worker.registry)


@pytest.mark.parametrize("source", ["x" * 1_000_000, 'quo"te\\', "\x00\n\x1b[2J"])
def test_a_hostile_source_leaves_short_lines_that_prometheus_reads(source: str) -> None:
    worker = Worker()
    worker.count(source)
    assert max(map(len, generate_latest(worker.registry).splitlines())) < 250


def test_a_worker_that_starts_again_shows_its_sources_before_the_first_article(tmp_path: Path) -> None:
    before = Worker(tmp_path)
    before.count("a", at=NOW)
    before.count("b", at=NOW + WRITE_INTERVAL_S + 1, language="sw")
    after = Worker(tmp_path, NOW + 100)
    assert (after.last("a"), after.last("b", "sw")) == (NOW, NOW + WRITE_INTERVAL_S + 1)
    assert after.value("telex_source_articles_total", "a") == 0


def test_a_worker_that_starts_again_gives_the_same_sources_a_name(tmp_path: Path) -> None:
    before = Worker(tmp_path, most=1)
    for number in range(5):
        before.count("a", at=NOW + number * (WRITE_INTERVAL_S + 1))
    after = Worker(tmp_path, NOW + 400, most=1)
    after.count("b", at=NOW + 400)
    assert (after.last("a"), after.last("b")) == (NOW + 4 * (WRITE_INTERVAL_S + 1), None)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[1]", b'{"a":1}', b" " * (MAX_BYTES + 1)])
def test_a_file_that_cannot_be_read_is_no_reason_to_stop(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "sources.json").write_bytes(content)
    worker = Worker(tmp_path)
    worker.count("a")
    assert worker.last("a") == NOW
    assert Worker(tmp_path).last("a") == NOW


def test_a_folder_that_cannot_be_written_is_no_reason_to_stop(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    worker = Worker(tmp_path / "file")
    worker.count("a")
    assert worker.last("a") == NOW


def test_a_clock_that_was_set_back_leaves_no_article_in_the_future(tmp_path: Path) -> None:
    Worker(tmp_path).count("a")
    assert Worker(tmp_path, NOW - 1000).last("a") == NOW - 1000
