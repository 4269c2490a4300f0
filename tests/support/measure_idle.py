"""What each process of `telex up` costs while no article comes: a table on standard output.

Run it on a machine that has nothing else to do: `python -m tests.support.measure_idle`.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import psutil

from streams.stages import WORKERS
from streams.worker.supervisor import WEB
from tests.support.telex_process import KAFKA, TelexProcess, own_environment
from tests.support.watched import SECRET

# Seconds after the start until it is at rest, and seconds that are measured.
SETTLE_S, MEASURED_S = 30, 120


def processor_time(pid: int) -> float:
    """Seconds of a process and its children."""
    process = psutil.Process(pid)
    times = [each.cpu_times() for each in (process, *process.children(recursive=True))]
    return sum(each.user + each.system for each in times)


def main() -> None:
    """Start everything, wait, measure, and print."""
    with tempfile.TemporaryDirectory() as folder:
        environment = own_environment(Path(folder) / "data", TELEX_WEBHOOK_SECRET=SECRET)
        with TelexProcess(environment, "up") as telex:
            telex.read_ready_event()
            time.sleep(SETTLE_S)
            pids = {name: pid for name in (*WORKERS, WEB, KAFKA) if (pid := telex.pid(name))}
            before = {name: processor_time(pid) for name, pid in pids.items()}
            time.sleep(MEASURED_S)
            print("| process | share of a core |")
            print("|---|---:|")
            for name, pid in pids.items():
                print(f"| {name} | {(processor_time(pid) - before[name]) / MEASURED_S:.2%} |")


if __name__ == "__main__":
    main()
