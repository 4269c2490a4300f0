"""The invariant: what went in comes out, each once, alike, in order, and no offset is committed before its time.

It knows topics, records and committed offsets, and nothing of how they came about: no part of Telex that moves records
is used here, and any engine that claims to lose nothing can be judged by it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import pairwise

# The headers by which a dead letter says which record failed (Kafka Connect's names).
# Of a dead letter that has the head of its record only: the digest of the whole, and the sizes of its parts.
_SHA256, _SIZE = "telex.error.original.sha256", "telex.error.original.{}_bytes"
_TOPIC, _PARTITION, _OFFSET = "__connect.errors.topic", "__connect.errors.partition", "__connect.errors.offset"

Headers = Sequence[tuple[str, bytes | None]]


@dataclass(frozen=True)
class Record:
    """A record as an independent consumer read it.

    Attributes:
        batch: the bytes of its batch, where that cannot be read, or not be trusted.
    """

    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers = ()
    batch: bytes | None = None


@dataclass(frozen=True)
class Evidence:
    """What there is to judge by, once the pipeline is quiet.

    Attributes:
        pipeline: the topics in their order, the raw one first, the enriched one last, each with its records by
        partition and offset.
        dead: the topic of the dead letters.
        committed: for each topic of the pipeline but the last, the committed offset of the group that reads it, by
        partition.
    """

    pipeline: Mapping[str, Sequence[Record]]
    dead: Sequence[Record]
    committed: Mapping[str, Mapping[int, int]]


@dataclass
class Verdict:
    """What the checker found: nothing, or every breach in a sentence; and what it counted."""

    faults: list[str] = field(default_factory=list)
    records: int = 0
    enriched: int = 0
    dead: int = 0
    pointers: int = 0
    duplicates: int = 0

    @property
    def holds(self) -> bool:
        """Whether the invariant holds."""
        return not self.faults


Place = tuple[str, int, int]


def check(evidence: Evidence) -> Verdict:
    """Hold the evidence against the invariant."""
    verdict = Verdict()
    topics = list(evidence.pipeline)
    buried = _buried(evidence.dead, verdict)
    for source, target in pairwise(topics):
        _check_hop(evidence, source, target, buried, verdict)
    for topic in topics[1:]:
        _check_alike(topic, evidence.pipeline[topic], verdict)
    raw, enriched = evidence.pipeline[topics[0]], evidence.pipeline[topics[-1]]
    verdict.records, verdict.dead = len(raw), len(buried)
    verdict.pointers = sum(_SHA256 in dict(letter.headers) for letter in buried.values())
    verdict.enriched = len({record.key for record in enriched})
    verdict.duplicates = len(enriched) - verdict.enriched
    return verdict


def _buried(dead: Iterable[Record], verdict: Verdict) -> dict[Place, Record]:
    """The dead letters by the record that failed; copies of one have to be alike."""
    found: dict[Place, Record] = {}
    for letter in dead:
        said = {name: (value or b"").decode(errors="replace") for name, value in letter.headers}
        place = said[_TOPIC], int(said[_PARTITION]), int(said[_OFFSET])
        before = found.setdefault(place, letter)
        if (before.key, before.value) != (letter.key, letter.value):
            verdict.faults.append(f"two dead letters of {place} differ")
    return found


def _check_hop(evidence: Evidence, source: str, target: str, buried: Mapping[Place, Record], verdict: Verdict) -> None:
    """Every record of the source has an output or a dead letter; what is committed has it for sure; order is kept."""
    came = {(record.partition, record.key) for record in evidence.pipeline[target]}
    committed = evidence.committed[source]
    expected: dict[int, dict[bytes, None]] = {}
    for record in evidence.pipeline[source]:
        place = source, record.partition, record.offset
        key = identity(record)
        letter = buried.get(place)
        enriched = key is not None and (record.partition, key) in came
        if letter and not _is_of(letter, record):
            verdict.faults.append(f"the dead letter of {place} is not the record that failed")
        if enriched and key is not None:
            expected.setdefault(record.partition, {}).setdefault(key)
        if enriched and letter:
            verdict.faults.append(f"{place} ({key!r}) has both an output and a dead letter")
        if enriched or letter:
            continue
        verdict.faults.append(f"{place} ({key!r}) has neither an output nor a dead letter")
        if record.offset < committed.get(record.partition, 0):
            verdict.faults.append(
                f"{source}, partition {record.partition}: {committed[record.partition]} is committed, {record.offset} is unfinished"
            )
    for partition, at in committed.items():
        last = max(
            (record.offset for record in evidence.pipeline[source] if record.partition == partition), default=None
        )
        # The offset of the next record; a transaction's marker may stand between.
        if last is not None and at > last + 2:
            verdict.faults.append(f"{source}, partition {partition}: {at} is committed, and the last record is {last}")
    seen: dict[int, dict[bytes, None]] = {}
    for record in evidence.pipeline[target]:
        seen.setdefault(record.partition, {}).setdefault(record.key or b"")
    known = {(partition, key) for partition, keys in expected.items() for key in keys}
    for partition, keys in seen.items():
        strangers = [key for key in keys if (partition, key) not in known]
        if strangers:
            verdict.faults.append(f"{target}, partition {partition} has {strangers[0]!r}, which {source} has not")
        order, right = [key for key in keys if (partition, key) in known], list(expected.get(partition, ()))
        if order != right:
            at = next(index for index, pair in enumerate(zip(order, right, strict=True)) if pair[0] != pair[1])
            verdict.faults.append(f"{target}, partition {partition}: {order[at]!r} came before {right[at]!r}")


def _is_of(letter: Record, record: Record) -> bool:
    """Whether a dead letter is the record that failed, or says what that is where it cannot have it whole.

    Such a one has the beginning of the key and of the value, the sizes, and the digest of the value; of a batch that
    cannot be read the beginning, the size and the digest of that.
    """
    said = dict(letter.headers)
    if _SHA256 not in said:
        return (letter.key, letter.value) == (record.key, record.value) and _begins_with(letter.headers, record.headers)
    if _SIZE.format("batch") in said:  # its value is what can be found in the batch, or the beginning of that
        size, digest = said[_SIZE.format("batch")], said[_SHA256]
        return record.batch is not None and (size, digest) == (
            b"%d" % len(record.batch),
            sha256(record.batch).hexdigest().encode(),
        )
    parts, whole = {"key": record.key or b"", "value": record.value or b""}, record.value
    return (
        said[_SHA256] == sha256(whole or b"").hexdigest().encode()
        and all(said[_SIZE.format(name)] == str(len(part)).encode() for name, part in parts.items())
        and (whole or b"").startswith(letter.value or b"")
        and bool(letter.value or not whole)
        and (record.key or b"").startswith(letter.key or b"")
    )


def _begins_with(headers: Headers, others: Headers) -> bool:
    return list(headers[: len(others)]) == list(others)


def _check_alike(topic: str, records: Iterable[Record], verdict: Verdict) -> None:
    """Records of the same article are the same to the byte; where models were changed in between, those of the same
    models.
    """
    values: dict[bytes | None, dict[tuple[str, ...], bytes | None]] = {}
    for record in records:
        known = values.setdefault(record.key, {})
        if record.value in known.values():
            continue
        if known.setdefault(_models(record), record.value) != record.value:
            verdict.faults.append(f"{topic}: two records of {record.key!r} differ")


def _models(record: Record) -> tuple[str, ...]:
    """The models that a record names as those that made it."""
    try:
        article = json.loads(record.value or b"")
        return tuple(
            said["model"] for said in article.values() if isinstance(said, dict) and isinstance(said.get("model"), str)
        )
    except (ValueError, AttributeError, RecursionError):
        return ()


def identity(record: Record) -> bytes | None:
    """The id of the article in a record, else its key; None for a record that can be no article."""
    try:
        article = json.loads(record.value or b"")
        return str(article["id"]).encode() if article.get("id") else record.key
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None
