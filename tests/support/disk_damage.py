"""Damage that a disk does to batches: it changes bits, bytes or header fields in the files of a stopped broker."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.support.sent_batch import SentBatch
from tests.support.wire import ATTRIBUTES_AT, COUNT_AT, CRC_AT, HEADER, LAST_OFFSET_DELTA_AT, LENGTH_AT, MAGIC_AT

Damage = Callable[[memoryview, random.Random], None]


def damage_batches(batches: Sequence[SentBatch], folder: Path, topic: str, chance: random.Random) -> None:
    """Do each kind of damage to one batch, in the files of a broker that is stopped meanwhile.

    Args:
        batches: as many batches as there are kinds of damage.
        folder: the folder of the broker.
        topic: the topic of the batches.
        chance: where damage is random.
    """
    for batch, damage in zip(batches, DAMAGES, strict=True):
        (file,) = folder.rglob(f"{topic}-{batch.partition}/*.log")
        data = bytearray(file.read_bytes())
        begin = _position(data, batch.offset)
        (length,) = struct.unpack_from(">i", data, begin + LENGTH_AT)
        stored = memoryview(data)[begin : begin + 12 + length]
        before = bytes(stored)
        damage(stored, chance)
        # Some fields may have had the new value before.
        batch.data, batch.damaged = bytes(stored), stored != before
        stored.release()
        file.write_bytes(data)


def _position(data: bytes | bytearray, offset: int) -> int:
    """Where the batch with this base offset begins."""
    at = 0
    while True:
        base, length = struct.unpack_from(">qi", data, at)
        if base == offset:
            return at
        at += 12 + length


def _write(form: str, at: int, value: int) -> Damage:
    return lambda batch, _: struct.pack_into(form, batch, at, value)


def _flip_a_bit(batch: memoryview, chance: random.Random) -> None:
    batch[chance.randrange(HEADER.size, len(batch))] ^= 1 << chance.randrange(8)


def _overwrite_the_end(batch: memoryview, chance: random.Random) -> None:
    begin = chance.randrange(HEADER.size, len(batch))
    batch[begin:] = chance.randbytes(len(batch) - begin)


# One bit, many bytes, or a field of the header. After a change of the length, or with an unknown codec, a broker does
# not start.
DAMAGES: tuple[Damage, ...] = (
    *[_flip_a_bit] * 6,
    *[_overwrite_the_end] * 4,
    _write(">I", CRC_AT, 1),
    *(_write(">b", MAGIC_AT, magic) for magic in (3, 9)),
    *(_write(">h", ATTRIBUTES_AT, attributes) for attributes in (0, 1, 4, 0x20, 0x34)),
    *(_write(">i", LAST_OFFSET_DELTA_AT, last) for last in (2**30, -7, 0)),
    *(_write(">i", COUNT_AT, count) for count in (9, -1, 2**30)),
)
