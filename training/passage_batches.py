"""Batches of passages of similar length, in which the network of the sentiment model learns."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

BATCH_SIZE = 64
# How many words of a passage are read, by its length.
LENGTHS = (24, 40, 64)


def batches(lengths: NDArray[np.int64], epoch: int) -> Iterator[tuple[NDArray[np.int64], int]]:
    """Batches of passages of similar length, in a new order for every epoch. Incomplete batches are left out.

    Args:
        lengths: the number of words of each passage.
        epoch: the seed of the order.

    Yields:
        The numbers of the passages of a batch, and how many words of each are read.
    """
    random = np.random.default_rng(epoch)
    collected = []
    for shorter, length in zip((-1, *LENGTHS), LENGTHS, strict=False):
        is_last = length == LENGTHS[-1]
        members = random.permutation(np.flatnonzero((lengths > shorter) & (is_last | (lengths <= length))))
        collected += [
            (members[start : start + BATCH_SIZE], length)
            for start in range(0, len(members) - BATCH_SIZE + 1, BATCH_SIZE)
        ]
    for batch_number in random.permutation(len(collected)):
        yield collected[batch_number]
