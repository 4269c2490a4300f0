"""The end of a worker's process: within a limit, with a log line on a failure, and without waiting for its threads."""

from __future__ import annotations

import logging
import os
import sys
import threading
from typing import NoReturn

from streams.errors import TelexError

logger = logging.getLogger(__name__)


def end_within(limit_s: float) -> None:
    """Let this process end in order, but after `limit_s` seconds at once, with code 1."""
    timer = threading.Timer(limit_s, os._exit, [1])
    timer.daemon = True
    timer.start()


def log_failure(error: BaseException, worker: str) -> None:
    """Log why a worker ends; at the level DEBUG with the traceback of an error that is no TelexError.

    Args:
        error: the reason.
        worker: the name of its stage or task.
    """
    if isinstance(error, TelexError):
        logger.error("%s", error)
    else:
        logger.error(
            "The %s worker stops; records that it has not committed come again. %s: %s",
            worker,
            type(error).__name__,
            error,
            exc_info=error if logger.isEnabledFor(logging.DEBUG) else None,
        )


def end(code: int) -> NoReturn:
    """End this process now: the threads of the clients may wait for a broker that is away."""
    logging.shutdown()
    sys.stderr.flush()
    os._exit(code)
