"""Makes the clock of a process wrong by SKEW_S seconds. Python imports this file itself if PYTHONPATH has its folder.

Python code alone reads the clock in a worker: Faust, aiokafka and Telex. (libfaketime changes the clock of any program
from outside, but its wheel contains a library for one kind of machine only.)
"""

import os
import time

_now, _now_ns = time.time, time.time_ns
_skew = float(os.environ.get("SKEW_S", "0"))


def _skewed() -> float:
    return _now() + _skew


def _skewed_ns() -> int:
    return _now_ns() + int(_skew * 1e9)


time.time, time.time_ns = _skewed, _skewed_ns
