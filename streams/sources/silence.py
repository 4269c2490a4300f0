"""Whether a source has fallen silent, measured against its own pauses, as the alert does (docs/completeness.md)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

# A source is silent when it has been so many times longer without an article than in its longest pause.
LONGER = 2
# A source with articles in fewer slots has too few pauses to tell a rhythm.
MIN_BUSY = 5


def is_silent(counts: Sequence[int], width_s: float, age_s: float) -> bool:
    """Whether a source is silent.

    Nothing is known of the time before the first slot, so that slot counts as one with articles. A source that has only
    just begun to publish therefore has one long pause, and is not silent soon.

    Args:
        counts: its articles in each slot of the time that is known, the oldest first.
        width_s: seconds of a slot.
        age_s: seconds since its last article.
    """
    busy = [slot for slot, articles in enumerate(counts) if articles]
    if len(busy) < MIN_BUSY:
        return False
    longest = max(later - earlier for earlier, later in pairwise([0, *busy]))
    return age_s > LONGER * longest * width_s
