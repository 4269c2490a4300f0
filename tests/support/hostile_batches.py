"""Hostile batches: no client of Kafka's own writes such batches, but a broker accepts them.

The kinds come from a trial of each kind on the broker of Kafka 4.4. It refuses a wrong checksum, a payload that cannot
be decompressed, wrong counts and lengths, unknown codecs and formats, null names and control batches. Those come from
a damaged disk (`disk_damage.py`).
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from tests.support.sent_batch import SentBatch
from tests.support.wire import CODECS, GZIP, ZSTD, Batch, Wire, compress, counted, varint
from tests.support.wire_connection import Connection

# Sizes in bytes. A record with such a part exceeds the limit of the stages' topics, but not of the dead-letter topic.
LARGE_HEADER, LARGE_KEY, LARGE_VALUE = 5_000_000, 9_000_000, 10_000_000
# The size in bytes of a value that is tiny when it is compressed.
BOMB = 2**26
LANGUAGE = {"status": "analysed", "model": "m", "code": "fr", "confidence": 1}
ENTITIES = {"status": "analysed", "model": "m", "items": []}
# Kafka's error code of a broker that does not lead the partition.
NOT_LEADER = 6
LATIN_1 = "Größe".encode("latin-1")


def article(number: int, stage: str, **more: object) -> bytes:
    """The value of a good article, as the stage receives it."""
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
class HostileBatches:
    """Makes and sends batches of each kind, with good articles before and after each hostile record.

    Args:
        seed: the same seed makes the same batches.
        stage: the stage whose input receives the batches.
    """

    seed: int
    stage: str
    sent: list[SentBatch] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self._number = 0

    def good(self, **more: object) -> Wire:
        """The record of a good article, with its id as the key."""
        self._number += 1
        return Wire(article(self._number, self.stage, **more), f"h{self._number}".encode())

    def among(self, *records: Wire) -> list[Wire]:
        """The records, with good articles before and after them."""
        return [
            *(self.good() for _ in range(self.chance.randrange(3))),
            *records,
            *(self.good() for _ in range(self.chance.randrange(3))),
        ]

    def codec(self) -> int:
        return self.chance.choice(CODECS)

    def header_names(self) -> Batch:
        """Header names that are not UTF-8, random, empty or repeated."""
        names = [
            LATIN_1,
            b"",
            b"dup",
            b"dup",
            b"\xff\xfe",
            self.chance.randbytes(self.chance.randrange(40)),
            b"telex.error.reason",
        ]
        headers = [(name, self.chance.choice([None, b"", b"12", b"\xf6"])) for name in names]
        return Batch(self.among(replace(self.good(), headers=headers), Wire(b"{", b"poison", headers)), self.codec())

    def missing_parts(self) -> Batch:
        """Records with null or empty keys and values, and with keys of random bytes."""
        return Batch(
            self.among(Wire(None), Wire(b"", b""), Wire(None, self.chance.randbytes(9)), Wire(b"[]", LATIN_1)),
            self.codec(),
        )

    def many_headers(self) -> Batch:
        return Batch(self.among(replace(self.good(), headers=[(b"n", b"v")] * 50_000)), self.codec())

    def large_value(self) -> Batch:
        """A value larger than a dead letter can include, which few bytes contain when it is compressed."""
        return Batch(self.among(self.good(padding="a" * LARGE_VALUE)), self.chance.choice([GZIP, ZSTD]))

    def bomb(self) -> Batch:
        return Batch(self.among(Wire(b"a" * BOMB, b"bomb")), ZSTD)

    def large_key(self) -> Batch:
        good = replace(self.good(), key=b"k" * LARGE_KEY)
        return Batch(self.among(good, Wire(b"no json", b"k" * LARGE_KEY)), GZIP)

    def large_headers(self) -> Batch:
        """Two good articles: one header is too large for the stages' topics, the other even for a dead letter."""
        one, other = (
            replace(self.good(), headers=[(b"baggage", b"a" * size)]) for size in (LARGE_HEADER, 4 * LARGE_HEADER)
        )
        return Batch(self.among(one, other), GZIP)

    def largest_record(self) -> Batch:
        """The largest article that the raw topic accepts uncompressed; with its analysis it is too large for the next
        topic.
        """
        size = 4 * 2**20 - 6_000 - len(article(self._number + 1, self.stage, attachment=""))
        return Batch([replace(self.good(attachment="x" * size), headers=[(b"baggage", b"b" * 69_000)])])

    def shared_offset(self) -> Batch:
        """Two records with the same offset, which a broker accepts in an uncompressed batch."""
        one, other = self.good(), self.good()
        return Batch([one, other], payload=counted(one.body(0)) + counted(other.body(0)))

    def several_frames(self) -> Batch:
        """gzip with two members, or with bytes after it; zstd with two frames."""
        records = self.among(self.good(), self.good())
        plain = b"".join(counted(record.body(delta)) for delta, record in enumerate(records))
        codec, at = self.chance.choice([GZIP, ZSTD]), self.chance.randrange(1, len(plain))
        parts = compress(plain[:at], codec) + compress(plain[at:], codec)
        return Batch(
            records,
            codec,
            payload=self.chance.choice([parts, compress(plain, GZIP) + b"junk" if codec == GZIP else parts]),
        )

    def odd_fields(self) -> Batch:
        """Attributes without a meaning, a key of the length -5, a number with more bytes than it needs."""
        record = self.good()
        value, end = counted(record.value), varint(0)
        body, key = self.chance.choice(
            [
                (b"\x7f\0\0" + counted(record.key) + value + end, record.key),
                (b"\0\0\0" + varint(-5) + value + end, None),
                (b"\0\0\0\x8e\x80\x00" + b"1234567" + value + end, b"1234567"),
            ]
        )
        return Batch(
            [replace(record, key=key)], payload=counted(body), attributes=self.chance.choice([0, 0x40, 0x7F00])
        )

    def timestamps(self) -> Batch:
        """No timestamp, and timestamps before all calendars."""
        return self.chance.choice(
            [
                Batch(self.among(Wire(b"{", b"poison")), timestamp_ms=-1),
                Batch([Wire(b"{", b"poison", timestamp_delta=-(2**62))], largest_timestamp_ms=0),
            ]
        )

    def ordinary(self) -> Batch:
        return Batch(self.among(self.good(), Wire(b"{", b"poison")), self.codec())

    @property
    def kinds(self) -> list[Callable[[], Batch]]:
        """Every kind."""
        return [
            *self.light,
            self.many_headers,
            self.large_value,
            self.bomb,
            self.large_key,
            self.large_headers,
            self.largest_record,
        ]

    @property
    def light(self) -> list[Callable[[], Batch]]:
        """The kinds of a few kilobytes."""
        return [
            self.header_names,
            self.missing_parts,
            self.shared_offset,
            self.several_frames,
            self.odd_fields,
            self.timestamps,
            self.ordinary,
        ]

    def produce(self, bootstrap_servers: str, topic: str, partitions: int, rounds: int) -> None:
        """Send batches to the broker: each kind once, and the light kinds again in each further round."""
        with Connection(bootstrap_servers) as broker:
            for round_number in range(rounds):
                for kind in self.kinds if round_number == 0 else self.light:
                    self.send(broker, topic, self.chance.randrange(partitions), kind())

    def send(self, broker: Connection, topic: str, partition: int, batch: Batch, *, damaged: bool = False) -> None:
        """Send one batch. `damaged`: a disk damages it afterwards."""
        error = NOT_LEADER  # a new topic gives this error for a moment
        while error == NOT_LEADER:
            error, offset = broker.produce(topic, partition, batch.encode())
        assert error == 0, f"the broker refuses it with error {error}: {batch.codec} {batch.records}"[:300]
        self.sent.append(SentBatch(partition, offset, batch.encode(), batch.records, damaged))

    def produce_to_damage(self, bootstrap_servers: str, topic: str, partitions: int, count: int) -> None:
        """Send `count` good batches that a disk damages afterwards, each before an ordinary batch."""
        with Connection(bootstrap_servers) as broker:
            for _ in range(count):
                partition = self.chance.randrange(partitions)
                good = Batch(self.among(self.good(), self.good()), self.codec())
                self.send(broker, topic, partition, good, damaged=True)
                self.send(broker, topic, partition, self.ordinary())

    @property
    def to_damage(self) -> list[SentBatch]:
        """The batches that a disk damages."""
        return [batch for batch in self.sent if batch.damaged]
