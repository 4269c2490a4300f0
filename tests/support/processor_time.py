"""A pytest plugin: the processor time of each test with all processes that it starts, summed by file.

It shows where the minutes of `make test` go. Wall times would not: several processes share the cores.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from operator import itemgetter

import psutil
import pytest

# Files that the summary names, those that take most; its title has the sum of all.
SHOWN = 15


def _processor_time(process: psutil.Process) -> float:
    """Seconds of a process, and of those of its children that have ended."""
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system + times.children_user + times.children_system)


def _of_all_processes() -> float:
    this = psutil.Process()
    return sum(map(_processor_time, [this, *this.children(recursive=True)]))


class ProcessorTime:
    """Measures in the processes that run tests, and prints in the one that the user started."""

    def __init__(self) -> None:
        self._seconds: defaultdict[str, float] = defaultdict(float)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        item.stash[_BEGIN] = _of_all_processes()
        return (yield)

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Iterator[None]:
        try:
            return (yield)
        finally:
            item.user_properties.append(("processor_s", max(0.0, _of_all_processes() - item.stash[_BEGIN])))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when != "teardown":
            return
        for name, value in report.user_properties:
            if name == "processor_s":
                assert isinstance(value, float)
                self._seconds[report.nodeid.partition("::")[0]] += value

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        total = sum(self._seconds.values())
        if total < 60:
            return
        terminalreporter.section(f"processor time: {total:.0f} s")
        for file, seconds in sorted(self._seconds.items(), key=itemgetter(1), reverse=True)[:SHOWN]:
            terminalreporter.write_line(f"{seconds:6.0f} s  {file}")


_BEGIN = pytest.StashKey[float]()
