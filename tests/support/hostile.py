"""Batches as no client of Kafka's own writes them: those that a broker takes, and those that a disk makes of good ones.

What the broker of Kafka 4.4 takes and what it refuses was found out by handing it each kind; it refuses a wrong
checksum, a payload that cannot be unpacked, wrong counts and lengths, unknown codecs and formats, null names and
control batches. These come from a disk.
"""

from __future__ import annotations

import json
import random
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from streams.kafka.embedded_broker import EmbeddedBroker
from tests.support.checker import Record
from tests.support.wire import CODECS, CRC_AT, GZIP, HEADER, ZSTD, Batch, Connection, Wire, compress, counted, varint

# Of an output that no topic takes beside a value: more than the workers' topics, and less than that of the dead
# letters.
BIG_HEADER, BIG_KEY, BIG_VALUE, BOMB = 5_000_000, 9_000_000, 10_000_000, 2**26
LANGUAGE = {"status": "analysed", "model": "m", "code": "fr", "confidence": 1}
ENTITIES = {"status": "analysed", "model": "m", "items": []}
NOT_LEADER = 6
LATIN_1 = "Größe".encode("latin-1")


def article(number: int, stage: str, **more: object) -> bytes:
    """A good article as the stage gets it."""
    fields: dict[str, object] = {
        "id": f"h{number}",
        "text": f"Le maire de Paris a parlé mardi soir, pour la fois numéro {number}.",
        **more,
    }
    if stage != "language":
        fields["language"] = LANGUAGE
    if stage == "sentiment":
        fields["entities"] = ENTITIES
    return json.dumps(fields).encode()


@dataclass
class Sent:
    """A batch that the broker took.

    Attributes:
        records: what a reader has to take for its records.
    """

    partition: int
    offset: int
    data: bytes
    records: Sequence[Wire]
    rotten: bool = False

    def expected(self) -> Iterator[Record]:
        """The records of the batch for the checker. Of one that cannot be read it knows the batch."""
        # The broker writes the base offset, its own epoch, and in some topics the time; the rest stands as it was sent.
        for delta, record in enumerate(self.records):
            headers = [((name or b"").decode(errors="surrogateescape"), value) for name, value in record.headers]
            yield Record(
                self.partition,
                self.offset + delta,
                record.key,
                record.value,
                headers,
                self.data if self.rotten else None,
            )


@dataclass
class Hostile:
    """Makes batches, each kind in turn, with good articles beside and behind each hostile record.

    Args:
        seed: the same seed makes the same batches.
        stage: whose input they are for.
    """

    seed: int
    stage: str
    sent: list[Sent] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)
        self._number = 0

    def good(self, **more: object) -> Wire:
        """A good article under its id."""
        self._number += 1
        return Wire(article(self._number, self.stage, **more), f"h{self._number}".encode())

    def among(self, *records: Wire) -> list[Wire]:
        """Records with good articles before and behind them."""
        return [
            *(self.good() for _ in range(self._chance.randrange(3))),
            *records,
            *(self.good() for _ in range(self._chance.randrange(3))),
        ]

    def codec(self) -> int:
        return self._chance.choice(CODECS)

    def named(self) -> Batch:
        """Header names that are not UTF-8, in random bytes, empty, repeated."""
        names = [
            LATIN_1,
            b"",
            b"dup",
            b"dup",
            b"\xff\xfe",
            self._chance.randbytes(self._chance.randrange(40)),
            b"telex.error.reason",
        ]
        headers = [(name, self._chance.choice([None, b"", b"12", b"\xf6"])) for name in names]
        return Batch(self.among(replace(self.good(), headers=headers), Wire(b"{", b"poison", headers)), self.codec())

    def nothing(self) -> Batch:
        """Records without key and value, with empty ones, with keys of any bytes."""
        return Batch(
            self.among(Wire(None), Wire(b"", b""), Wire(None, self._chance.randbytes(9)), Wire(b"[]", LATIN_1)),
            self.codec(),
        )

    def many_headers(self) -> Batch:
        return Batch(self.among(replace(self.good(), headers=[(b"n", b"v")] * 50_000)), self.codec())

    def large_value(self) -> Batch:
        """More bytes than a dead letter carries, out of a few."""
        return Batch(self.among(self.good(padding="a" * BIG_VALUE)), self._chance.choice([GZIP, ZSTD]))

    def bomb(self) -> Batch:
        return Batch(self.among(Wire(b"a" * BOMB, b"bomb")), ZSTD)

    def large_key(self) -> Batch:
        good = replace(self.good(), key=b"k" * BIG_KEY)
        return Batch(self.among(good, Wire(b"no json", b"k" * BIG_KEY)), GZIP)

    def large_headers(self) -> Batch:
        """A good article that no topic of the stages takes with its header, and one that no dead letter carries."""
        one, other = (
            replace(self.good(), headers=[(b"baggage", b"a" * size)]) for size in (BIG_HEADER, 4 * BIG_HEADER)
        )
        return Batch(self.among(one, other), GZIP)

    def full(self) -> Batch:
        """As much as the raw topic takes without compression: with its analysis it is more than the next topic
        takes.
        """
        room = 4 * 2**20 - 6_000 - len(article(self._number + 1, self.stage, attachment=""))
        return Batch([replace(self.good(attachment="x" * room), headers=[(b"baggage", b"b" * 69_000)])])

    def same_offset(self) -> Batch:
        """Two records under one offset, which a broker lets pass without compression."""
        one, other = self.good(), self.good()
        return Batch([one, other], payload=counted(one.body(0)) + counted(other.body(0)))

    def frames(self) -> Batch:
        """gzip in two members, or with bytes behind it; zstd in two frames."""
        records = self.among(self.good(), self.good())
        plain = b"".join(counted(record.body(delta)) for delta, record in enumerate(records))
        codec, at = self._chance.choice([GZIP, ZSTD]), self._chance.randrange(1, len(plain))
        parts = compress(plain[:at], codec) + compress(plain[at:], codec)
        return Batch(
            records,
            codec,
            payload=self._chance.choice([parts, compress(plain, GZIP) + b"junk" if codec == GZIP else parts]),
        )

    def odd_fields(self) -> Batch:
        """Attributes that mean nothing, a key of the length -5, a number in more bytes than it needs."""
        record = self.good()
        value, end = counted(record.value), varint(0)
        body, key = self._chance.choice(
            [
                (b"\x7f\0\0" + counted(record.key) + value + end, record.key),
                (b"\0\0\0" + varint(-5) + value + end, None),
                (b"\0\0\0\x8e\x80\x00" + b"1234567" + value + end, b"1234567"),
            ]
        )
        return Batch(
            [replace(record, key=key)], payload=counted(body), attributes=self._chance.choice([0, 0x40, 0x7F00])
        )

    def times(self) -> Batch:
        """No time, and times before all calendars."""
        return self._chance.choice(
            [
                Batch(self.among(Wire(b"{", b"poison")), timestamp_ms=-1),
                Batch([Wire(b"{", b"poison", timestamp_delta=-(2**62))], largest_timestamp_ms=0),
            ]
        )

    def ordinary(self) -> Batch:
        return Batch(self.among(self.good(), Wire(b"{", b"poison")), self.codec())

    @property
    def kinds(self) -> list[Callable[[], Batch]]:
        """Every kind that a broker takes."""
        return [
            *self.light,
            self.many_headers,
            self.large_value,
            self.bomb,
            self.large_key,
            self.large_headers,
            self.full,
        ]

    @property
    def light(self) -> list[Callable[[], Batch]]:
        """Those of a few kilobytes."""
        return [self.named, self.nothing, self.same_offset, self.frames, self.odd_fields, self.times, self.ordinary]

    def produce(self, bootstrap_servers: str, topic: str, partitions: int, rounds: int) -> None:
        """Hand them to the broker: each kind once, and the light ones again in each further round."""
        with Connection(bootstrap_servers) as broker:
            for round_number in range(rounds):
                for kind in self.kinds if round_number == 0 else self.light:
                    self._send(broker, topic, self._chance.randrange(partitions), kind())

    def _send(self, broker: Connection, topic: str, partition: int, batch: Batch) -> None:
        error = NOT_LEADER  # for a moment, of a new topic
        while error == NOT_LEADER:
            error, offset = broker.produce(topic, partition, batch.encode())
        assert error == 0, f"the broker refuses with {error}: {batch.codec} {batch.records}"[:300]
        self.sent.append(Sent(partition, offset, batch.encode(), batch.records))

    def produce_to_rot(self, bootstrap_servers: str, topic: str, partitions: int) -> None:
        """One good batch for each thing that a disk can do to it, between others; `rot` is to follow."""
        with Connection(bootstrap_servers) as broker:
            for _ in ROTS:
                partition = self._chance.randrange(partitions)
                self._send(broker, topic, partition, Batch(self.among(self.good(), self.good()), self.codec()))
                self.sent[-1].rotten = True
                self._send(broker, topic, partition, self.ordinary())

    def rot(self, broker: EmbeddedBroker, folder: Path, topic: str) -> None:
        """Alter the batches that are to rot in the files of a broker, which is stopped meanwhile."""
        rotten = [sent for sent in self.sent if sent.rotten]
        for sent, alter in zip(rotten, ROTS, strict=True):
            (file,) = folder.rglob(f"{topic}-{sent.partition}/*.log")
            data = bytearray(file.read_bytes())
            at = _find(data, sent.offset)
            (length,) = struct.unpack_from(">i", data, at + 8)
            whole = memoryview(data)[at : at + 12 + length]
            before = bytes(whole)
            alter(whole, self._chance)
            # Some of it may have stood there already.
            sent.data, sent.rotten = bytes(whole), whole != before
            whole.release()
            file.write_bytes(data)


def _find(data: bytes | bytearray, offset: int) -> int:
    at = 0
    while True:
        base, length = struct.unpack_from(">qi", data, at)
        if base == offset:
            return at
        at += 12 + length


def _write(form: str, at: int, value: int) -> Callable[[memoryview, random.Random], None]:
    return lambda batch, _: struct.pack_into(form, batch, at, value)


def _flip(batch: memoryview, chance: random.Random) -> None:
    batch[chance.randrange(HEADER.size, len(batch))] ^= 1 << chance.randrange(8)


def _noise(batch: memoryview, chance: random.Random) -> None:
    begin = chance.randrange(HEADER.size, len(batch))
    batch[begin:] = chance.randbytes(len(batch) - begin)


# What a disk does to a batch: one bit, many bytes, or a field of its header. With another length, or a codec that there
# is not, a broker does not start.
ROTS = (
    *[_flip] * 6,
    *[_noise] * 4,
    _write(">I", CRC_AT, 1),
    *(_write(">b", 16, magic) for magic in (3, 9)),
    *(_write(">h", 21, attributes) for attributes in (0, 1, 4, 0x20, 0x34)),
    *(_write(">i", 23, last) for last in (2**30, -7, 0)),
    *(_write(">i", 57, count) for count in (9, -1, 2**30)),
)
