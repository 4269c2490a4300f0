"""A process whose clock is wrong by SKEW_S seconds; Python imports this by itself where PYTHONPATH has the folder.

All that reads the clock in a worker is Python: Faust, aiokafka and Telex. (libfaketime does it for any program from
outside; its wheel holds a library for one kind of machine only.)
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
