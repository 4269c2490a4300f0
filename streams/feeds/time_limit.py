"""A limit on the time that a library may take for hostile input."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from streams.errors import FeedError

# Seconds after which the interrupt comes again, in case a library has swallowed the first one.
_REPEAT_S = 0.5


class _TimeUp(BaseException):
    """Not an Exception: libraries for hostile input catch those, and would go on."""


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise _TimeUp


@contextmanager
def time_limit(seconds: float, what: str) -> Iterator[None]:
    """Interrupt the block when it takes longer. Only for the main thread, and for code that runs in Python.

    Args:
        seconds: the most that the block may take.
        what: the subject of the error's sentence.

    Raises:
        FeedError: the time is up.
    """
    before = signal.signal(signal.SIGALRM, _interrupt)
    signal.setitimer(signal.ITIMER_REAL, seconds, _REPEAT_S)
    try:
        yield
        signal.setitimer(signal.ITIMER_REAL, 0)  # here too: a signal between the block and `finally` has to be caught
    except _TimeUp:
        raise FeedError(f"{what} took longer than {seconds:g} s to read: it is not used.", lasting=True) from None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
