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
# A size is run again and again until the runs take this long together, in seconds of processor time: a shorter time is
# noise.
_LONG_ENOUGH = 0.005
# The shortest time of so many rounds counts, because what else runs on the machine only makes a time longer. If the
# growth is above the bound then, there are more rounds, as all of the first ones may have been disturbed.
_ROUNDS, _MOST_ROUNDS = 3, 9

T = TypeVar("T")


def growth(action: Callable[[T], object], make: Callable[[int], T], size: int) -> float:
    """How many times as long an action takes for an input of four times the size.

    The action runs with inputs of the sizes n, 2n and 4n. The growth is the ratio of the times for 4n and n, or the
    square of the ratio for 4n and 2n where that is larger: fixed costs weigh less in the larger sizes.

    Args:
        action: the function to measure. A result that it caches has to be forgotten in it.
        make: makes the input of a size. Its time does not count.
        size: n. It has to be so large that a quadratic part of the time outweighs the linear part.
    """
    inputs = [make(factor * size) for factor in (1, 2, 4)]
    action(inputs[0])  # loads models
    shortest = [float("inf")] * len(inputs)
    collects = gc.isenabled()
    gc.disable()  # a collection takes longer the more objects all the process has
    try:
        for number in range(1, _MOST_ROUNDS + 1):
            shortest = [min(best, _seconds(action, each)) for best, each in zip(shortest, inputs, strict=True)]
            one, two, four = shortest
            grown = max(four / one, (four / two) ** 2)
            if number >= _ROUNDS and grown <= LINEAR:
                break
    finally:
        if collects:
            gc.enable()
    return grown


def _seconds(action: Callable[[T], object], argument: T) -> float:
    """The mean processor time of runs that are long enough together."""
    runs, begin = 0, time.process_time()
    while True:
        action(argument)
        runs += 1
        passed = time.process_time() - begin
        if passed >= _LONG_ENOUGH:
            return passed / runs
