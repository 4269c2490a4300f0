"""Each part of the exam is written down when it is over, whatever became of it."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator

import pytest
from exam import Part

_report = pytest.StashKey[pytest.TestReport]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if call.when == "call":
        item.stash[_report] = report
    return report


@pytest.fixture
def part(request: pytest.FixtureRequest) -> Iterator[Part]:
    """The record of the part that the test is, by its mark."""
    mark = request.node.get_closest_marker("part")
    found = Part(*mark.args, test=request.node.name)
    begin = time.monotonic()
    yield found
    report = request.node.stash.get(_report, None)
    found.keep(report.outcome if report else "failed", time.monotonic() - begin)
