"""Numbers in 4 bits: blocks of 32 that share a scale."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# The numbers of a block, and its bytes: a scale as a 16-bit float, then two numbers a byte. The lower bits have the
# first half of the block, the upper bits the second half, each from 0 to 15 for -8 to 7 times the scale.
BLOCK, BLOCK_BYTES = 32, 18


def unpacked(rows: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The numbers of some rows: rows x numbers.

    Args:
        rows: rows x blocks x BLOCK_BYTES.
    """
    scales = np.ascontiguousarray(rows[..., :2]).view("<f2").astype(np.float32)
    packed = rows[..., 2:]
    numbers = np.concatenate([packed & 15, packed >> 4], axis=-1).astype(np.float32) - 8
    return (numbers * scales).reshape(len(rows), -1)
