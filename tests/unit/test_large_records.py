"""Large records: their reader keeps a part of each, in bounded memory and time."""

from __future__ import annotations

import random
import tracemalloc
from hashlib import sha256

import pytest

from streams.records.originals import HEAD_BYTES, MAX_COPY_BYTES
from tests.support.batches import AIOKAFKA, CODECS, GOOD, around, offsets, read
from tests.support.wire import (
    SNAPPY,
    ZSTD,
    Batch,
    Wire,
    compress,
    counted,
    varint,
)

LARGE = 12 * 2**20


@pytest.mark.parametrize("codec", CODECS)
def test_a_large_record_is_cut_and_its_neighbours_are_whole(codec: int) -> None:
    value = b"a" * LARGE
    entries = read(AIOKAFKA, around(Batch([GOOD[0], Wire(value, b"k" * 5000, [(b"n", b"v")]), GOOD[2]], codec)), 7)
    assert offsets(entries) == list(range(7, 16))
    original = entries[4].original
    assert original
    assert (original.fault, original.whole, original.sha256) == (None, False, sha256(value).hexdigest())
    assert (original.sizes["key"], original.sizes["value"]) == (5000, LARGE)
    assert len(entries[4].key or b"") == 1024
    assert len(entries[4].value or b"") == HEAD_BYTES
    assert [entry.offset for entry in entries if entry.original] == [11]


def test_an_article_under_a_large_key_keeps_its_value_and_headers() -> None:
    (entry,) = read(AIOKAFKA, Batch([Wire(b"article", b"k" * LARGE, [(b"Gr\xf6", b"v")])], ZSTD).encode())
    assert entry.value == b"article"
    assert entry.headers == (("Gr\udcf6", b"v"),)
    assert entry.original
    assert entry.original.whole


def test_millions_of_headers_are_not_turned_into_objects() -> None:
    body = b"\0\0\0" + counted(b"k") + counted(b"v") + varint(2_000_000) + b"\x02n\x01" * 2_000_000
    (entry,) = read(AIOKAFKA, Batch([GOOD[0]], ZSTD, payload=compress(counted(body), ZSTD)).encode())
    assert entry.headers == ()
    assert entry.original
    assert entry.original.sizes["headers"] == 6_000_000


@pytest.mark.parametrize("codec", CODECS[1:])
def test_a_few_bytes_that_unpack_to_many_do_not_fill_the_memory(codec: int) -> None:
    sizes, peaks = (24 * 2**20, 96 * 2**20), []
    for size in sizes:
        data = Batch([Wire(b"a" * size), GOOD[0]], codec).encode()
        tracemalloc.start()
        assert offsets(read(AIOKAFKA, data)) == [0, 1]
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    # A block of snappy cannot be unpacked in parts; 4 MiB of it unpack to 88 MiB at most.
    assert codec == SNAPPY or peaks[1] < 2 * peaks[0]
    assert codec == SNAPPY or peaks[1] < 2 * MAX_COPY_BYTES


def test_the_unpacking_of_an_endless_batch_ends() -> None:
    chance = random.Random(1).randbytes(1000)
    frame = compress(chance * 1050 * 100, ZSTD)
    body = b"\0\0\0" + counted(b"k") + varint(2**40) + b"x"
    data = Batch(GOOD, ZSTD, payload=compress(varint(2**41) + body, ZSTD) + frame * 3).encode()
    entries = read(AIOKAFKA, around(data), 7, 16)
    assert offsets(entries) == list(range(7, 16))
