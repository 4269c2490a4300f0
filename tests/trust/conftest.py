"""Fixtures of the exam: brokers that a test may kill, and the part whose result is saved in any case."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from streams.kafka import topics
from streams.kafka.embedded_broker import EmbeddedBroker
from streams.settings import Settings
from tests.support.exam import Part

_report = pytest.StashKey[pytest.TestReport]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if call.when == "call":
        item.stash[_report] = report
    return report


@pytest.fixture
def part(request: pytest.FixtureRequest) -> Iterator[Part]:
    """The part that the test's mark names. Its result is saved at the end, also when the test fails."""
    number, what = request.node.get_closest_marker("part").args
    result = Part(number, what, request.node.name)
    begin = time.monotonic()
    yield result
    report = request.node.stash.get(_report, None)
    result.save(report.outcome if report else "failed", time.monotonic() - begin)


@pytest.fixture
def own_broker(tmp_path: Path) -> Iterator[EmbeddedBroker]:
    """A broker that a test may kill."""
    with EmbeddedBroker(tmp_path, Settings().cache_dir, 0) as broker:
        yield broker


@pytest.fixture
def own_pipeline(own_broker: EmbeddedBroker, tmp_path: Path) -> Settings:
    """A pipeline on the broker that a test may kill."""
    settings = Settings(bootstrap_servers=own_broker.bootstrap_servers, partitions=4, data_dir=tmp_path, web_port=0)
    topics.create(settings)
    return settings
