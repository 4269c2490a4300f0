"""Intact batches are read as Kafka's own clients read them, and as the broker takes them."""

from __future__ import annotations

import pytest
from aiokafka.record.legacy_records import LegacyRecordBatchBuilder

from streams.kafka.batches import BatchReader, Library
from tests.support.batches import CODECS, GOOD, LATIN_1, around, faults, offsets, read, with_each_library
from tests.support.wire import (
    CONTROL,
    GZIP,
    NONE,
    TRANSACTIONAL,
    Batch,
    Wire,
    compress,
    counted,
)

pytestmark = with_each_library


@pytest.mark.parametrize("codec", CODECS)
def test_good_batches_are_read_as_the_library_reads_them(library: Library, codec: int) -> None:
    data = Batch(GOOD, codec, base_offset=5).encode()
    expected = [(each.offset, each.timestamp, each.key, each.value, each.headers) for each in library[0](data)]
    entries = read(library, data, 5)
    assert [(each.offset, each.timestamp, each.key, each.value, list(each.headers)) for each in entries] == expected
    assert not any(entry.original for entry in entries)


@pytest.mark.parametrize("codec", CODECS)
def test_a_header_name_that_is_not_utf_8_keeps_its_bytes(library: Library, codec: int) -> None:
    entries = read(library, around(Batch([GOOD[0], LATIN_1, GOOD[2]], codec)), 7)
    assert offsets(entries) == list(range(7, 16))
    assert entries[4].headers[0][0].encode(errors="surrogateescape") == b"Gr\xf6\xdfe"
    assert not any(entry.original for entry in entries)


def test_records_under_one_offset_are_both_read(library: Library) -> None:
    twice = counted(GOOD[0].body(0)) + counted(Wire(b"two").body(0))
    entries = read(library, Batch(GOOD[:2], payload=twice).encode())
    assert [(entry.offset, entry.value) for entry in entries] == [(0, b"one"), (1, b"two")]


@pytest.mark.parametrize(
    "rest", [b"junk behind", compress(counted(GOOD[2].body(2)), GZIP)], ids=["junk", "another member"]
)
def test_gzip_is_read_as_the_broker_reads_it(library: Library, rest: bytes) -> None:
    plain = b"".join(counted(record.body(delta)) for delta, record in enumerate(GOOD[:2]))
    whole = rest.startswith(b"\x1f")
    entries = read(library, Batch(GOOD if whole else GOOD[:2], GZIP, payload=compress(plain, GZIP) + rest).encode())
    assert not any(faults(entries).values())
    assert len(entries) == 2 + whole


def test_control_batches_and_aborted_transactions_are_skipped(library: Library) -> None:
    marker = Wire(b"\0\0\0\0\0\0", b"\0\0\0\0")
    transaction = Batch(GOOD, attributes=TRANSACTIONAL, producer=(4, 0, 0))
    garbled = Batch([Wire(None, None)], attributes=CONTROL | TRANSACTIONAL, producer=(4, 0, -1), base_offset=3)
    data = (
        transaction.encode()
        + garbled.encode()
        + Batch(GOOD, attributes=TRANSACTIONAL, producer=(4, 0, 3), base_offset=4).encode()
    )
    data += Batch([marker], attributes=CONTROL, producer=(4, 0, -1), base_offset=7).encode()
    reader = BatchReader(data, 0, 8, [(4, 0)], library)
    assert offsets(list(reader)) == [4, 5, 6]
    assert reader.next_offset == 8
    assert offsets(read(library, data)) == [0, 1, 2, 4, 5, 6]


@pytest.mark.parametrize("magic", [0, 1])
@pytest.mark.parametrize("codec", [NONE, GZIP])
def test_older_formats_are_read(library: Library, magic: int, codec: int) -> None:
    builder = LegacyRecordBatchBuilder(magic, codec, 10_000)
    for offset in range(3):
        builder.append(offset, 1_000, b"k", b"v%d" % offset)
    data = bytes(builder.build())
    assert [entry.value for entry in read(library, data)] == [b"v0", b"v1", b"v2"]
    rotten = data[:16] + bytes([data[16]]) + data[17:-1] + b"\xff"
    assert any(faults(read(library, rotten, 0, 3)).values())
