"""Child processes that end with their parent, even when the parent is killed."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # prctl(2)


def die_with_parent(parent: int, sig: int = signal.SIGKILL) -> None:
    """Let the kernel send `sig` to this process when the thread that started it ends.

    It has an effect on Linux only.

    Args:
        parent: the id of the process that started this one, which may have ended already. The caller passes it because
            the id of the parent alone does not tell: an orphan's parent is process 1, and in a container the real
            parent may be process 1.
        sig: the number of the signal.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, sig)
        if os.getppid() != parent:
            os.kill(os.getpid(), sig)
