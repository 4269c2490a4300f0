"""The machine that a benchmark ran on, and when."""

from __future__ import annotations

import os
import platform
import time

import psutil
from msgspec import Struct


class Machine(Struct, frozen=True):
    """A machine at the beginning of a measurement.

    Attributes:
        date: of the measurement, in the form of ISO 8601.
        load: processes that ran or waited for a processor in the minute before: what else the machine was busy with.
    """

    date: str
    processors: int
    memory_bytes: int
    system: str
    python: str
    load: float


def this_machine() -> Machine:
    """The machine that this process runs on, now."""
    return Machine(
        time.strftime("%Y-%m-%d"),
        os.cpu_count() or 0,
        psutil.virtual_memory().total,
        f"{platform.system()} {platform.machine()}",
        platform.python_version(),
        psutil.getloadavg()[0],
    )
