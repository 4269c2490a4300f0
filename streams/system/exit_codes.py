"""The wording for the exit code of a process."""

from __future__ import annotations

import signal


def describe(code: int) -> str:
    """The name of the signal that ended a process for a negative code, else "exit code N"."""
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"
