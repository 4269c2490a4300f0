"""The checker of the exam. It tests the invariant: every record comes out, once or as equal copies, in order, and no
offset is committed before its record is finished.

It knows topics, records and committed offsets only. It uses no part of Telex that moves records, and could judge any
engine that claims to lose nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import pairwise

# The headers in which a dead letter names the record that failed (Kafka Connect's names).
_TOPIC, _PARTITION, _OFFSET = "__connect.errors.topic", "__connect.errors.partition", "__connect.errors.offset"
# The headers of a dead letter that has only the beginning of its record: the digest, and the sizes of the parts.
_SHA256, _SIZE = "telex.error.original.sha256", "telex.error.original.{}_bytes"

Headers = Sequence[tuple[str, bytes | None]]


@dataclass(frozen=True)
class Record:
    """A record as an independent consumer read it.

    Attributes:
        batch: the bytes of the record's batch, if the batch cannot be read or trusted.
    """

    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers = ()
    batch: bytes | None = None


@dataclass(frozen=True)
class Evidence:
    """The topics and offsets of a pipeline, once it is quiet.

    Attributes:
        pipeline: the topics in order, from raw to enriched, each with its records by partition and offset.
        dead: the records of the dead-letter topic.
        committed: for each topic of the pipeline except the last, the committed offsets of the group that reads it, by
            partition.
    """

    pipeline: Mapping[str, Sequence[Record]]
    dead: Sequence[Record]
    committed: Mapping[str, Mapping[int, int]]


@dataclass
class Verdict:
    """The result of the checker.

    Attributes:
        breaches: every breach of the invariant, in a sentence.
        records: the number of raw records.
        enriched: the number of enriched articles, copies left out.
        dead: the number of dead letters, copies left out.
        pointers: the number of dead letters that have only the beginning of their record.
        copies: the number of copies among the enriched records.
    """

    breaches: list[str] = field(default_factory=list)
    records: int = 0
    enriched: int = 0
    dead: int = 0
    pointers: int = 0
    copies: int = 0

    @property
    def holds(self) -> bool:
        """Whether the invariant holds."""
        return not self.breaches


# Topic, partition and offset of a record.
Place = tuple[str, int, int]


def check(evidence: Evidence) -> Verdict:
    """Test the evidence against the invariant."""
    verdict = Verdict()
    topics = list(evidence.pipeline)
    dead_letters = _by_failed_record(evidence.dead, verdict)
    for source, target in pairwise(topics):
        _check_results(evidence, source, target, dead_letters, verdict)
        _check_order(evidence, source, target, verdict)
    for topic in topics[1:]:
        _check_copies(topic, evidence.pipeline[topic], verdict)
    raw, enriched = evidence.pipeline[topics[0]], evidence.pipeline[topics[-1]]
    verdict.records, verdict.dead = len(raw), len(dead_letters)
    verdict.pointers = sum(_SHA256 in dict(dead_letter.headers) for dead_letter in dead_letters.values())
    verdict.enriched = len({record.key for record in enriched})
    verdict.copies = len(enriched) - verdict.enriched
    return verdict


def _by_failed_record(dead: Iterable[Record], verdict: Verdict) -> dict[Place, Record]:
    """The dead letters by the record that failed. Copies of a dead letter have to be equal."""
    found: dict[Place, Record] = {}
    for dead_letter in dead:
        headers = {name: (value or b"").decode(errors="replace") for name, value in dead_letter.headers}
        place = headers[_TOPIC], int(headers[_PARTITION]), int(headers[_OFFSET])
        first = found.setdefault(place, dead_letter)
        if (first.key, first.value) != (dead_letter.key, dead_letter.value):
            verdict.breaches.append(f"two dead letters of {place} differ")
    return found


def _check_results(
    evidence: Evidence, source: str, target: str, dead_letters: Mapping[Place, Record], verdict: Verdict
) -> None:
    """Every record of the source has an output or a dead letter, and no unfinished record is committed."""
    outputs = {(record.partition, record.key) for record in evidence.pipeline[target]}
    committed = evidence.committed[source]
    for record in evidence.pipeline[source]:
        place = source, record.partition, record.offset
        key = identity(record)
        dead_letter = dead_letters.get(place)
        enriched = key is not None and (record.partition, key) in outputs
        if dead_letter and not _describes(dead_letter, record):
            verdict.breaches.append(f"the dead letter of {place} is not the record that failed")
        if enriched and dead_letter:
            verdict.breaches.append(f"{place} ({key!r}) has both an output and a dead letter")
        if enriched or dead_letter:
            continue
        verdict.breaches.append(f"{place} ({key!r}) has neither an output nor a dead letter")
        if record.offset < committed.get(record.partition, 0):
            verdict.breaches.append(
                f"{source}, partition {record.partition}: {committed[record.partition]} is committed, {record.offset} is unfinished"
            )
    for partition, offset in committed.items():
        last = max(
            (record.offset for record in evidence.pipeline[source] if record.partition == partition), default=None
        )
        # The committed offset is that of the next record; a transaction's marker may lie in between.
        if last is not None and offset > last + 2:
            verdict.breaches.append(
                f"{source}, partition {partition}: {offset} is committed, and the last record is {last}"
            )


def _check_order(evidence: Evidence, source: str, target: str, verdict: Verdict) -> None:
    """Each partition of the target has the articles of the same partition of the source, in their order."""
    outputs = {(record.partition, record.key) for record in evidence.pipeline[target]}
    expected = _keys_by_partition(
        (record.partition, key)
        for record in evidence.pipeline[source]
        if (key := identity(record)) is not None and (record.partition, key) in outputs
    )
    actual = _keys_by_partition((record.partition, record.key or b"") for record in evidence.pipeline[target])
    for partition, keys in actual.items():
        right = expected.get(partition, {})
        unknown = [key for key in keys if key not in right]
        if unknown:
            verdict.breaches.append(f"{target}, partition {partition} has {unknown[0]!r}, which {source} does not have")
        for key, right_key in zip((key for key in keys if key in right), right, strict=True):
            if key != right_key:
                verdict.breaches.append(f"{target}, partition {partition}: {key!r} came before {right_key!r}")
                break


def _keys_by_partition(keys: Iterable[tuple[int, bytes]]) -> dict[int, dict[bytes, None]]:
    """The keys of each partition in the order of their first appearance."""
    found: dict[int, dict[bytes, None]] = {}
    for partition, key in keys:
        found.setdefault(partition, {}).setdefault(key)
    return found


def _describes(dead_letter: Record, record: Record) -> bool:
    """Whether a dead letter is the record that failed, or describes it where the record is too large to be included.

    Such a description consists of the beginnings of key and value, the sizes, and the digest of the value. For a batch
    that cannot be read it consists of the batch's beginning, size and digest.
    """
    headers = dict(dead_letter.headers)
    if _SHA256 not in headers:
        return (dead_letter.key, dead_letter.value) == (record.key, record.value) and _begins_with(
            dead_letter.headers, record.headers
        )
    if _SIZE.format("batch") in headers:  # the value is what was found in the batch, or the beginning of the batch
        size, digest = headers[_SIZE.format("batch")], headers[_SHA256]
        return record.batch is not None and (size, digest) == (
            b"%d" % len(record.batch),
            sha256(record.batch).hexdigest().encode(),
        )
    parts, whole = {"key": record.key or b"", "value": record.value or b""}, record.value
    return (
        headers[_SHA256] == sha256(whole or b"").hexdigest().encode()
        and all(headers[_SIZE.format(name)] == str(len(part)).encode() for name, part in parts.items())
        and (whole or b"").startswith(dead_letter.value or b"")
        and bool(dead_letter.value or not whole)
        and (record.key or b"").startswith(dead_letter.key or b"")
    )


def _begins_with(headers: Headers, others: Headers) -> bool:
    return list(headers[: len(others)]) == list(others)


def _check_copies(topic: str, records: Iterable[Record], verdict: Verdict) -> None:
    """Records of an article are equal to the byte, or were made by different versions of Telex or of its models."""
    values: dict[bytes | None, dict[tuple[str, ...], bytes | None]] = {}
    for record in records:
        known = values.setdefault(record.key, {})
        if record.value in known.values():
            continue
        if known.setdefault(_versions(record), record.value) != record.value:
            verdict.breaches.append(f"{topic}: two records of {record.key!r} differ")


def _versions(record: Record) -> tuple[str, ...]:
    """The models that the analyses in a record name, and the schema that each analysis has."""
    try:
        article = json.loads(record.value or b"")
        analyses = [analysis for analysis in article.values() if isinstance(analysis, dict)]
        models = [analysis["model"] for analysis in analyses if isinstance(analysis.get("model"), str)]
        # Each entity of schema 1 has a sentiment, and each sentiment of schema 2 has targets.
        entities = article.get("entities", {}).get("items", [])
        marks = ["1"] * any("sentiment" in entity for entity in entities)
        marks += ["2"] * ("targets" in article.get("sentiment", {}))
        return (*models, *marks)
    except (ValueError, AttributeError, RecursionError):
        return ()


def identity(record: Record) -> bytes | None:
    """The id of the article in a record, or else the record's key; None for a record that cannot be an article."""
    try:
        article = json.loads(record.value or b"")
        return str(article["id"]).encode() if article.get("id") else record.key
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None
