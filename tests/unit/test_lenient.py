"""Reading of intact and damaged batches: each offset gets a record or a stand-in, and reading goes on after it."""

from __future__ import annotations

import itertools
import random
import tracemalloc
from collections.abc import Iterator
from hashlib import sha256

import pytest
from aiokafka.record.default_records import DefaultRecordBatch
from aiokafka.record.legacy_records import LegacyRecordBatch, LegacyRecordBatchBuilder
from hypothesis import example, given
from hypothesis import strategies as st
from kafka.record import default_records

from streams.kafka.batch_entries import Entry
from streams.kafka.batches import BatchReader
from streams.records.originals import HEAD_BYTES, MAX_COPY_BYTES
from tests.support.wire import (
    CONTROL,
    GZIP,
    LZ4,
    NONE,
    SNAPPY,
    TRANSACTIONAL,
    ZSTD,
    Batch,
    Wire,
    compress,
    counted,
    varint,
)

LIBRARY = (DefaultRecordBatch, LegacyRecordBatch)
CODECS = (NONE, GZIP, SNAPPY, LZ4, ZSTD)
GOOD = (
    Wire(b"one", b"k", [(b"name", b"value"), (b"name", None), (b"", b"")]),
    Wire(None, None),
    Wire(b"", b"", timestamp_delta=7),
)
LATIN_1 = Wire(b"v", b"k", [(b"Gr\xf6\xdfe", b"12")])
LARGE = 12 * 2**20


def read(
    data: bytes, position: int = 0, end: int | None = None, aborted: list[tuple[int, int]] | None = None
) -> list[Entry]:
    reader = BatchReader(data, position, end, aborted, LIBRARY)
    entries = list(reader)
    assert reader.next_offset >= position
    assert [entry.offset for entry in entries] == sorted({entry.offset for entry in entries})
    return entries


def offsets(entries: list[Entry]) -> list[int]:
    return [entry.offset for entry in entries]


def faults(entries: list[Entry]) -> dict[int, str | None]:
    return {entry.offset: entry.original and entry.original.fault for entry in entries}


def around(batch: Batch | bytes, offset: int = 10, count: int = 3) -> bytes:
    """A batch between two good ones, as in a partition."""
    data = batch if isinstance(batch, bytes) else Batch(**{**vars(batch), "base_offset": offset}).encode()
    return Batch(GOOD, base_offset=offset - 3).encode() + data + Batch(GOOD, base_offset=offset + count).encode()


@pytest.mark.parametrize("codec", CODECS)
def test_good_batches_are_read_as_the_library_reads_them(codec: int) -> None:
    data = Batch(GOOD, codec, base_offset=5).encode()
    expected = [(each.offset, each.timestamp, each.key, each.value, each.headers) for each in DefaultRecordBatch(data)]
    entries = read(data, 5)
    assert [(each.offset, each.timestamp, each.key, each.value, list(each.headers)) for each in entries] == expected
    assert not any(entry.original for entry in entries)


@pytest.mark.parametrize("codec", CODECS)
def test_a_header_name_that_is_not_utf_8_keeps_its_bytes(codec: int) -> None:
    entries = read(around(Batch([GOOD[0], LATIN_1, GOOD[2]], codec)), 7)
    assert offsets(entries) == list(range(7, 16))
    assert entries[4].headers[0][0].encode(errors="surrogateescape") == b"Gr\xf6\xdfe"
    assert not any(entry.original for entry in entries)


def broken() -> Iterator[tuple[str, Batch]]:
    plain = b"".join(counted(record.body(delta)) for delta, record in enumerate(GOOD))
    yield "checksum", Batch(GOOD, crc=1)
    for codec in CODECS[1:]:
        yield f"garbage {codec}", Batch(GOOD, codec, payload=b"\xfe" * 40)
        yield f"cut {codec}", Batch(GOOD, codec, payload=compress(plain, codec)[:20])
    for codec in (5, 6, 7):
        yield f"codec {codec}", Batch(GOOD, attributes=codec)
    for magic in (0, 1, 3, 77, -1):
        yield f"magic {magic}", Batch(GOOD, magic=magic)
    yield "records too few", Batch(GOOD, count=9, last_offset_delta=2, payload=plain[:-4])
    yield "garbage", Batch(GOOD, payload=b"\xff" * 30)
    yield "empty", Batch(GOOD, payload=b"")
    yield "record length", Batch(GOOD, payload=varint(5000) + plain)
    yield "negative length", Batch(GOOD, payload=varint(-7) + plain)
    yield "last offset", Batch(GOOD, last_offset_delta=2**30, crc=1)
    yield "last offset negative", Batch(GOOD, last_offset_delta=-4, crc=1)


BROKEN = dict(broken())


@pytest.mark.parametrize("fault", BROKEN)
def test_every_offset_of_a_batch_that_cannot_be_read_has_a_stand_in(fault: str) -> None:
    data = around(BROKEN[fault])
    entries = read(data, 7, 16)
    assert offsets(entries) == list(range(7, 16))
    assert {offset for offset, clause in faults(entries).items() if clause} <= {10, 11, 12}
    assert any(faults(entries).values())


def test_a_stand_in_describes_the_bytes_of_its_batch() -> None:
    batch = Batch(GOOD, GZIP, payload=b"\xfe" * 9000, base_offset=10)
    entry = read(batch.encode(), 11, 13)[0]
    assert entry.original
    assert entry.original.sizes == {"batch": len(batch.encode())}
    assert entry.original.sha256 == sha256(batch.encode()).hexdigest()
    assert entry.value == batch.encode()[:HEAD_BYTES]
    assert (entry.offset, entry.key, entry.timestamp) == (11, None, None)


def test_a_record_with_a_wrong_checksum_keeps_its_bytes() -> None:
    entries = read(Batch(GOOD, crc=1).encode(), 0, 3)
    assert [(entry.key, entry.value) for entry in entries] == [(record.key, record.value) for record in GOOD]
    assert all(entry.original and entry.original.whole and "checksum" in str(entry.original.fault) for entry in entries)


def test_a_broken_record_does_not_harm_the_others_of_its_batch() -> None:
    bodies = [GOOD[0].body(0), b"\0\0\x02" + counted(b"k") + varint(4000) + b"v" + varint(0), GOOD[2].body(2)]
    entries = read(around(Batch(GOOD, GZIP, payload=compress(b"".join(map(counted, bodies)), GZIP))), 7)
    assert offsets(entries) == list(range(7, 16))
    assert [offset for offset, fault in faults(entries).items() if fault] == [11]


def test_records_under_one_offset_are_both_read() -> None:
    twice = counted(GOOD[0].body(0)) + counted(Wire(b"two").body(0))
    entries = read(Batch(GOOD[:2], payload=twice).encode())
    assert [(entry.offset, entry.value) for entry in entries] == [(0, b"one"), (1, b"two")]


@pytest.mark.parametrize(
    "rest", [b"junk behind", compress(counted(GOOD[2].body(2)), GZIP)], ids=["junk", "another member"]
)
def test_gzip_is_read_as_the_broker_reads_it(rest: bytes) -> None:
    plain = b"".join(counted(record.body(delta)) for delta, record in enumerate(GOOD[:2]))
    whole = rest.startswith(b"\x1f")
    entries = read(Batch(GOOD if whole else GOOD[:2], GZIP, payload=compress(plain, GZIP) + rest).encode())
    assert not any(faults(entries).values())
    assert len(entries) == 2 + whole


@pytest.mark.parametrize("base", [0, 5, 1000, 2**60, -1])
def test_an_offset_that_the_disk_altered_is_corrected(base: int) -> None:
    data = (
        Batch(GOOD, base_offset=9).encode()
        + Batch(GOOD, base_offset=base).encode()
        + Batch(GOOD, base_offset=15).encode()
    )
    assert offsets(read(data, 9, 18)) == list(range(9, 18))
    assert offsets(read(data[len(data) // 3 :], 12, 18)) == list(range(12, 18))


def test_a_batch_before_the_position_is_passed_over() -> None:
    data = Batch(GOOD, base_offset=9).encode() + Batch(GOOD, base_offset=12).encode()
    entries = read(data, 12, 15)
    assert offsets(entries) == [12, 13, 14]
    assert not any(faults(entries).values())


def test_a_batch_that_is_cut_off_does_not_stop_the_reader() -> None:
    good = Batch(GOOD).encode()
    assert offsets(read(good + good[:70])) == [0, 1, 2]
    assert list(faults(read(good[:70], 1, 3)).items()) == [(1, "its batch is cut off")]


@pytest.mark.parametrize("length", [17, 4])
def test_a_batch_without_a_whole_header_is_named_so(length: int) -> None:
    """12 bytes and `length` more: with its magic number, and without."""
    short = bytearray(Batch(GOOD, base_offset=10).encode()[: 12 + length])
    short[8:12] = length.to_bytes(4)
    entries = read(around(bytes(short)), 7, 16)
    assert offsets(entries) == list(range(7, 16))
    assert {clause for clause in faults(entries).values() if clause} == {"its batch is shorter than its header"}


def test_control_batches_and_aborted_transactions_are_passed_over() -> None:
    marker = Wire(b"\0\0\0\0\0\0", b"\0\0\0\0")
    transaction = Batch(GOOD, attributes=TRANSACTIONAL, producer=(4, 0, 0))
    garbled = Batch([Wire(None, None)], attributes=CONTROL | TRANSACTIONAL, producer=(4, 0, -1), base_offset=3)
    data = (
        transaction.encode()
        + garbled.encode()
        + Batch(GOOD, attributes=TRANSACTIONAL, producer=(4, 0, 3), base_offset=4).encode()
    )
    data += Batch([marker], attributes=CONTROL, producer=(4, 0, -1), base_offset=7).encode()
    reader = BatchReader(data, 0, 8, [(4, 0)], LIBRARY)
    assert offsets(list(reader)) == [4, 5, 6]
    assert reader.next_offset == 8
    assert offsets(read(data)) == [0, 1, 2, 4, 5, 6]


@pytest.mark.parametrize("magic", [0, 1])
@pytest.mark.parametrize("codec", [NONE, GZIP])
def test_older_formats_are_read(magic: int, codec: int) -> None:
    builder = LegacyRecordBatchBuilder(magic, codec, 10_000)
    for offset in range(3):
        builder.append(offset, 1_000, b"k", b"v%d" % offset)
    data = bytes(builder.build())
    assert [entry.value for entry in read(data)] == [b"v0", b"v1", b"v2"]
    rotten = data[:16] + bytes([data[16]]) + data[17:-1] + b"\xff"
    assert any(faults(read(rotten, 0, 3)).values())


@pytest.mark.parametrize("codec", CODECS)
def test_a_large_record_is_cut_and_its_neighbours_are_whole(codec: int) -> None:
    value = b"a" * LARGE
    entries = read(around(Batch([GOOD[0], Wire(value, b"k" * 5000, [(b"n", b"v")]), GOOD[2]], codec)), 7)
    assert offsets(entries) == list(range(7, 16))
    original = entries[4].original
    assert original
    assert (original.fault, original.whole, original.sha256) == (None, False, sha256(value).hexdigest())
    assert (original.sizes["key"], original.sizes["value"]) == (5000, LARGE)
    assert len(entries[4].key or b"") == 1024
    assert len(entries[4].value or b"") == HEAD_BYTES
    assert [entry.offset for entry in entries if entry.original] == [11]


def test_an_article_under_a_large_key_keeps_its_value_and_headers() -> None:
    (entry,) = read(Batch([Wire(b"article", b"k" * LARGE, [(b"Gr\xf6", b"v")])], ZSTD).encode())
    assert entry.value == b"article"
    assert entry.headers == (("Gr\udcf6", b"v"),)
    assert entry.original
    assert entry.original.whole


def test_millions_of_headers_are_not_turned_into_objects() -> None:
    body = b"\0\0\0" + counted(b"k") + counted(b"v") + varint(2_000_000) + b"\x02n\x01" * 2_000_000
    (entry,) = read(Batch([GOOD[0]], ZSTD, payload=compress(counted(body), ZSTD)).encode())
    assert entry.headers == ()
    assert entry.original
    assert entry.original.sizes["headers"] == 6_000_000


@pytest.mark.parametrize("codec", CODECS[1:])
def test_a_few_bytes_that_unpack_to_many_do_not_fill_the_memory(codec: int) -> None:
    sizes, peaks = (24 * 2**20, 96 * 2**20), []
    for size in sizes:
        data = Batch([Wire(b"a" * size), GOOD[0]], codec).encode()
        tracemalloc.start()
        assert offsets(read(data)) == [0, 1]
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
    entries = read(around(data), 7, 16)
    assert offsets(entries) == list(range(7, 16))


@given(st.binary(max_size=300), st.integers(0, 200), st.sampled_from(CODECS))
@example(bytes(7) + b"\x01", 4, NONE)  # a wrong magic number and a wrong last offset
def test_no_bytes_stop_the_reader_or_its_neighbours(noise: bytes, at: int, codec: int) -> None:
    batch = bytearray(Batch(GOOD, codec, base_offset=10).encode())
    begin = 12 + at % (len(batch) - 12)
    batch[begin : begin + len(noise)] = noise[: len(batch) - begin]
    entries = read(around(bytes(batch)), 7, 16)
    assert offsets(entries) == list(range(7, 16))
    good = [entry for entry in entries if not 10 <= entry.offset < 13]
    assert [(entry.value, entry.original) for entry in good] == [(record.value, None) for record in [*GOOD, *GOOD]]


@given(st.binary(max_size=400), st.integers(0, 5))
def test_reading_ends_for_any_bytes(data: bytes, position: int) -> None:
    assert len(read(data, position, position + 20)) <= 40


@pytest.mark.parametrize("parser", [DefaultRecordBatch, default_records.DefaultRecordBatch])
def test_the_clients_own_parsers_still_fail_at_these(parser: type) -> None:
    """When this test fails, a client reads such batches by itself and needs no reader of Telex any more.

    The readers are streams.kafka.lenient_consumer and streams.worker.faust_adapter.lenient_fetcher.
    """
    for batch in (
        Batch([LATIN_1]),
        Batch(GOOD, GZIP, payload=b"\xfe" * 40),
        Batch(GOOD, attributes=5),
        Batch(GOOD, count=9),
    ):
        with pytest.raises(Exception):  # noqa: B017, PT011 (any exception)
            list(itertools.islice(parser(batch.encode()), 10))
