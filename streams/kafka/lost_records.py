"""Explanation of a reader's position that its partition does not have."""

from __future__ import annotations

from typing import NamedTuple


class OutOfRange(NamedTuple):
    """A reader's position is outside of its partition's offsets.

    Attributes:
        lost: number of offsets that were deleted before they were read; 0 where the partition ends before the position.
        message: one line for the log.
    """

    lost: int
    message: str


def out_of_range(topic: str, partition: int, position: int, begin: int, end: int) -> OutOfRange:
    """Explain a position outside of the partition's offsets, `begin` to `end`. Reading goes on at `begin`.

    The count is an upper bound for lost records: an offset can also belong to a transaction's marker or to a compacted
    record.
    """
    where = f"{topic}, partition {partition}"
    if position < begin:
        lost = begin - position
        return OutOfRange(
            lost,
            f"{lost} records of {where} were deleted before they were read (offsets {position} to {begin - 1}): "
            f"the retention of the topic is too short for this reader, or somebody deleted them. "
            f"Reading goes on at offset {begin}.",
        )
    return OutOfRange(
        0,
        f"{where} ends at offset {end} and the reader's position was {position}: "
        f"the topic was created again, or the group's offset was set beyond the end. "
        f"The partition is read from its beginning, offset {begin}.",
    )
