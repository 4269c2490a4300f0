"""What became of the articles of a run: enriched, lost, or unfinished."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from msgspec import Struct

from streams.errors import TelexError
from streams.stages import STAGE_NAMES
from tests.support.checker import Evidence, Record, check, identity


class Account(Struct, frozen=True, kw_only=True):
    """The number of articles by what became of them.

    `published` is the sum of `enriched`, `dead`, all of `lost`, and `unfinished`.

    Attributes:
        published: articles in the raw topic.
        enriched: articles that came out.
        dead: dead letters, which only Telex writes.
        lost: by stage, articles without an output whose record is committed: no worker reads it again.
        unfinished: articles without an output whose record is not committed: the next worker reads it.
        copies: enriched records beyond the first one of each article.
    """

    published: int
    enriched: int
    dead: int
    lost: dict[str, int]
    unfinished: int
    copies: int


def select(evidence: Evidence, wanted: Callable[[Record], bool]) -> Evidence:
    """The evidence on some of the records."""
    pipeline = {topic: list(filter(wanted, records)) for topic, records in evidence.pipeline.items()}
    return Evidence(pipeline, list(filter(wanted, evidence.dead)), evidence.committed)


def account(evidence: Evidence) -> Account:
    """Account for every article of a pipeline that is quiet.

    The counts are those of the checker of Telex's trust exam. It knows topics, records and offsets only.

    Raises:
        TelexError: the counts do not add up.
    """
    verdict = check(evidence)
    missing = {
        stage: _missing(evidence, source, target)
        for stage, (source, target) in zip(STAGE_NAMES, pairwise(evidence.pipeline), strict=True)
    }
    result = Account(
        published=verdict.records,
        enriched=verdict.enriched,
        dead=verdict.dead,
        lost={stage: sum(committed.values()) for stage, committed in missing.items()},
        unfinished=sum(not each for committed in missing.values() for each in committed.values()),
        copies=verdict.copies,
    )
    if result.published != result.enriched + result.dead + sum(result.lost.values()) + result.unfinished:
        raise TelexError(f"The articles do not add up: {result}.")
    return result


def _missing(evidence: Evidence, source: str, target: str) -> dict[bytes | None, bool]:
    """The articles of the source that have no end, each with whether all its records are committed.

    An output counts in any partition: confluent-kafka spreads keys in another way than the other clients.
    """
    ended = {identity(record) for record in (*evidence.pipeline[target], *evidence.dead)}
    committed, missing = evidence.committed[source], dict[bytes | None, bool]()
    for record in evidence.pipeline[source]:
        if (key := identity(record)) not in ended:
            missing[key] = missing.get(key, True) and record.offset < committed.get(record.partition, 0)
    return missing
