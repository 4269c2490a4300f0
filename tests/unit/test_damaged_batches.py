"""Damaged batches: each offset gets a record or a stand-in, and reading goes on after it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from hashlib import sha256

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from streams.kafka.batches import Library
from streams.records.originals import HEAD_BYTES
from tests.support.batches import CODECS, GOOD, LATIN_1, around, faults, offsets, read, with_each_library
from tests.support.wire import (
    GZIP,
    NONE,
    Batch,
    compress,
    counted,
    varint,
)

pytestmark = with_each_library


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
def test_every_offset_of_a_batch_that_cannot_be_read_has_a_stand_in(library: Library, fault: str) -> None:
    data = around(BROKEN[fault])
    entries = read(library, data, 7, 16)
    assert offsets(entries) == list(range(7, 16))
    assert {offset for offset, clause in faults(entries).items() if clause} <= {10, 11, 12}
    assert any(faults(entries).values())


def test_a_stand_in_describes_the_bytes_of_its_batch(library: Library) -> None:
    batch = Batch(GOOD, GZIP, payload=b"\xfe" * 9000, base_offset=10)
    entry = read(library, batch.encode(), 11, 13)[0]
    assert entry.original
    assert entry.original.sizes == {"batch": len(batch.encode())}
    assert entry.original.sha256 == sha256(batch.encode()).hexdigest()
    assert entry.value == batch.encode()[:HEAD_BYTES]
    assert (entry.offset, entry.key, entry.timestamp) == (11, None, None)


def test_a_record_with_a_wrong_checksum_keeps_its_bytes(library: Library) -> None:
    entries = read(library, Batch(GOOD, crc=1).encode(), 0, 3)
    assert [(entry.key, entry.value) for entry in entries] == [(record.key, record.value) for record in GOOD]
    assert all(entry.original and entry.original.whole and "checksum" in str(entry.original.fault) for entry in entries)


def test_a_broken_record_does_not_harm_the_others_of_its_batch(library: Library) -> None:
    bodies = [GOOD[0].body(0), b"\0\0\x02" + counted(b"k") + varint(4000) + b"v" + varint(0), GOOD[2].body(2)]
    entries = read(library, around(Batch(GOOD, GZIP, payload=compress(b"".join(map(counted, bodies)), GZIP))), 7)
    assert offsets(entries) == list(range(7, 16))
    assert [offset for offset, fault in faults(entries).items() if fault] == [11]


@pytest.mark.parametrize("base", [0, 5, 1000, 2**60, -1])
def test_an_offset_that_the_disk_altered_is_corrected(library: Library, base: int) -> None:
    data = (
        Batch(GOOD, base_offset=9).encode()
        + Batch(GOOD, base_offset=base).encode()
        + Batch(GOOD, base_offset=15).encode()
    )
    assert offsets(read(library, data, 9, 18)) == list(range(9, 18))
    assert offsets(read(library, data[len(data) // 3 :], 12, 18)) == list(range(12, 18))


def test_a_batch_that_is_cut_off_does_not_stop_the_reader(library: Library) -> None:
    good = Batch(GOOD).encode()
    assert offsets(read(library, good + good[:70])) == [0, 1, 2]
    assert list(faults(read(library, good[:70], 1, 3)).items()) == [(1, "its batch is cut off")]


@given(st.binary(max_size=300), st.integers(0, 200), st.sampled_from(CODECS))
@example(bytes(7) + b"\x01", 4, NONE)  # a wrong magic number and a wrong last offset
def test_no_bytes_stop_the_reader_or_its_neighbours(library: Library, noise: bytes, at: int, codec: int) -> None:
    batch = bytearray(Batch(GOOD, codec, base_offset=10).encode())
    begin = 12 + at % (len(batch) - 12)
    batch[begin : begin + len(noise)] = noise[: len(batch) - begin]
    entries = read(library, around(bytes(batch)), 7, 16)
    assert offsets(entries) == list(range(7, 16))
    good = [entry for entry in entries if not 10 <= entry.offset < 13]
    assert [(entry.value, entry.original) for entry in good] == [(record.value, None) for record in [*GOOD, *GOOD]]


@given(st.binary(max_size=400), st.integers(0, 5))
def test_reading_ends_for_any_bytes(library: Library, data: bytes, position: int) -> None:
    assert len(read(library, data, position, position + 20)) <= 40


def test_the_parsers_of_the_clients_fail_at_such_batches(library: Library) -> None:
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
            list(itertools.islice(library[0](batch.encode()), 10))


def test_a_batch_before_the_position_is_passed_over(library: Library) -> None:
    data = Batch(GOOD, base_offset=9).encode() + Batch(GOOD, base_offset=12).encode()
    entries = read(library, data, 12, 15)
    assert offsets(entries) == [12, 13, 14]
    assert not any(faults(entries).values())


@pytest.mark.parametrize("length", [17, 4])
def test_a_batch_without_a_whole_header_is_named_so(library: Library, length: int) -> None:
    """12 bytes and `length` more: with its magic number, and without."""
    short = bytearray(Batch(GOOD, base_offset=10).encode()[: 12 + length])
    short[8:12] = length.to_bytes(4)
    entries = read(library, around(bytes(short)), 7, 16)
    assert offsets(entries) == list(range(7, 16))
    assert {clause for clause in faults(entries).values() if clause} == {"its batch is shorter than its header"}
