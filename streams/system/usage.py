"""What processes have used so far: processor time and memory, as the kernel counts them; and giving memory back."""

from __future__ import annotations

import ctypes
import gc
import re
from contextlib import suppress
from pathlib import Path

import psutil

_PEAK = re.compile(r"^VmHWM:\s+(\d+) kB$", re.MULTILINE)  # proc(5)


def cpu_seconds(pid: int) -> tuple[float, float]:
    """Processor time (user and system) of a process and that of all its children, in seconds, to a hundredth.

    Children that have ended count too, once the process has waited for them. Raises psutil.NoSuchProcess.
    """
    process = psutil.Process(pid)
    own = process.cpu_times()
    children = [child.cpu_times() for child in process.children(recursive=True)]
    ended = own.children_user + own.children_system
    return own.user + own.system, ended + sum(child.user + child.system for child in children)


def peak_memory(pid: int) -> int:
    """Physical memory of a process and its living children, each at its own peak, in bytes. Raises psutil.NoSuchProcess.

    An upper bound: the peaks need not coincide, and what processes share (libraries) counts for each.
    """
    process = psutil.Process(pid)
    return sum(map(_peak, (process, *process.children(recursive=True))))


def _peak(process: psutil.Process) -> int:
    try:
        found = _PEAK.search(Path(f"/proc/{process.pid}/status").read_text())
    except OSError:
        found = None
    # Elsewhere than on Linux what it has now.
    return int(found[1]) * 1024 if found else process.memory_info().rss


def give_back() -> None:
    """Hand the memory that this process has freed back to the system; takes some milliseconds.

    A worker that does not grows by 12 MB an hour at first (`tests/trust/test_soak.py`). glibc keeps what lies between blocks in use, and
    CPython the tuples that it may use again: it empties those lists only when it collects all garbage, about once an hour by itself
    (`sys._debugmallocstats` shows them). What there is when a worker begins stays: so that collecting is quick, do `gc.freeze` then.
    """
    gc.collect()
    with suppress(OSError, AttributeError):  # other libraries than glibc have none
        ctypes.CDLL(None).malloc_trim(0)
