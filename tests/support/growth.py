"""How the processor time of a function grows with the size of its input, for tests that the growth is linear.

A time in seconds says more about the machine than about the code. A ratio of two times of one run does not.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from typing import TypeVar

# The growth for an input of four times the size is 4 where the time is linear, and 16 where it is quadratic. This bound
# is as far from the one as from the other.
LINEAR = 8
# Growth up to here is linear without doubt, and is not measured again.
_CLEARLY_LINEAR = 5
# Of several rounds the shortest times count, because what else runs on the machine only makes a time longer.
_MOST_ROUNDS = 25
# A size is run again and again until the runs take this long together, in seconds of processor time: a shorter time is
# noise.
_LONG_ENOUGH = 0.004

T = TypeVar("T")


def growth(action: Callable[[T], object], make: Callable[[int], T], size: int) -> float:
    """How many times as long an action takes for an input of four times the size.

    No size between the two is measured: it would change no estimate, because the growth from n to 2n and the growth
    from 2n to 4n have this ratio as their product.

    Args:
        action: the function to measure. It has to forget what it caches.
        make: makes the input of a size. Its time does not count.
        size: the smaller size. It has to be so large that a quadratic part of the time outweighs the linear part.
    """
    small, large = make(size), make(4 * size)
    action(small)  # loads models
    time_of_small = time_of_large = float("inf")
    collects = gc.isenabled()
    gc.disable()  # a collection takes longer the more objects the whole process has
    try:
        for _ in range(_MOST_ROUNDS):
            time_of_small = min(time_of_small, _seconds(action, small))
            time_of_large = min(time_of_large, _seconds(action, large))
            if time_of_large <= _CLEARLY_LINEAR * time_of_small:
                break
    finally:
        if collects:
            gc.enable()
    return time_of_large / time_of_small


def _seconds(action: Callable[[T], object], argument: T) -> float:
    """The mean processor time of runs that are long enough together."""
    runs, begin = 0, time.process_time()
    while True:
        action(argument)
        runs += 1
        passed = time.process_time() - begin
        if passed >= _LONG_ENOUGH:
            return passed / runs
