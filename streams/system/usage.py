"""The processor time and memory of processes, as the kernel counts them, and the release of unused memory."""

from __future__ import annotations

import ctypes
import gc
import re
from contextlib import suppress
from pathlib import Path

import psutil

_PEAK = re.compile(r"^VmHWM:\s+(\d+) kB$", re.MULTILINE)  # proc(5)


def cpu_seconds(pid: int) -> tuple[float, float]:
    """Processor time (user and system) of a process, and of all its children, in seconds, to a hundredth.

    Children that have ended count too, when their parent has waited for them. Raises psutil.NoSuchProcess.
    """
    process = psutil.Process(pid)
    own = process.cpu_times()
    children = [child.cpu_times() for child in process.children(recursive=True)]
    ended = sum(each.children_user + each.children_system for each in (own, *children))
    return own.user + own.system, ended + sum(child.user + child.system for child in children)


def peak_memory(pid: int) -> int:
    """The peaks of physical memory of a process and its living children, added, in bytes. Raises psutil.NoSuchProcess.

    The sum is an upper bound: the peaks need not coincide, and shared memory (libraries) counts for each process.
    """
    process = psutil.Process(pid)
    return sum(map(_peak, (process, *process.children(recursive=True))))


def _peak(process: psutil.Process) -> int:
    try:
        match = _PEAK.search(Path(f"/proc/{process.pid}/status").read_text())
    except OSError:
        match = None
    # Other systems than Linux give the current memory only.
    return int(match[1]) * 1024 if match else process.memory_info().rss


def release_memory() -> None:
    """Return freed memory of this process to the system. It takes some milliseconds.

    Without it a worker grows by 12 MB an hour at first (`tests/trust/test_soak.py`). glibc keeps the free memory
    between blocks in use. CPython keeps freed tuples for reuse, and empties these lists only at a full garbage
    collection, about once an hour by itself (`sys._debugmallocstats` shows them). For quick collections, call
    `gc.freeze` when the long-lived objects of the worker exist.
    """
    gc.collect()
    with suppress(OSError, AttributeError):  # only glibc has this function
        ctypes.CDLL(None).malloc_trim(0)
