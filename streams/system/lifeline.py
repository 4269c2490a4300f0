"""Processes that end with the one that started them, even when that one is killed."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # prctl(2)


def die_with_parent(parent: int, sig: int = signal.SIGKILL) -> None:
    """Let the kernel send `sig` to this process when the thread that started it ends. Linux only; elsewhere nothing.

    Args:
        parent: the process that started this one: it may be gone already. Its number is passed because a process whose
            parent is gone belongs to process 1, and so does a container's first worker's child.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, sig)
        if os.getppid() != parent:
            os.kill(os.getpid(), sig)
