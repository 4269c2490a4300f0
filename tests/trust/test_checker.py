"""The checker itself: what it must never let pass."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from hashlib import sha256
from pathlib import Path

import pytest

from tests.support import exam
from tests.support.checker import Evidence, Record, check

RAW, MIDDLE, ENRICHED = "raw", "middle", "enriched"


def record(offset: int, name: str, partition: int = 0, *, also: str = "") -> Record:
    return Record(partition, offset, name.encode(), json.dumps({"id": name, "also": also}).encode())


def letter(failed: Record, topic: str) -> Record:
    said = {"topic": topic, "partition": failed.partition, "offset": failed.offset}
    headers = [(f"__connect.errors.{name}", str(value).encode()) for name, value in said.items()]
    return Record(failed.partition, 0, failed.key, failed.value, [*failed.headers, *headers])


def sound() -> Evidence:
    """Five articles in two partitions, one of them dead in the first stage, one written twice, all committed."""
    raw = [record(0, "a"), record(1, "b"), Record(0, 2, b"bad", b"{"), record(0, "c", 1), record(1, "d", 1)]
    middle = [record(0, "a"), record(1, "b"), record(2, "a"), record(0, "c", 1), record(1, "d", 1)]
    enriched = [record(0, "a"), record(1, "b"), record(0, "c", 1), record(1, "d", 1)]
    return Evidence(
        {RAW: raw, MIDDLE: middle, ENRICHED: enriched}, [letter(raw[2], RAW)], {RAW: {0: 3, 1: 2}, MIDDLE: {0: 3, 1: 2}}
    )


def test_a_sound_stream_passes_and_is_counted() -> None:
    verdict = check(sound())
    assert verdict.holds, verdict.faults
    assert (verdict.records, verdict.enriched, verdict.dead, verdict.duplicates) == (5, 4, 1, 0)


def test_an_unfinished_stream_is_found_unfinished_and_nothing_worse() -> None:
    evidence = sound()
    pipeline = {**evidence.pipeline, ENRICHED: evidence.pipeline[ENRICHED][:-1]}
    verdict = check(replace(evidence, pipeline=pipeline, committed={**evidence.committed, MIDDLE: {0: 3, 1: 1}}))
    assert len(verdict.faults) == 1
    assert "neither an output nor a dead letter" in verdict.faults[0]


def test_copies_may_differ_by_their_models_and_by_nothing_else() -> None:
    def made(offset: int, model: str, **also: str) -> Record:
        return Record(0, offset, b"a", json.dumps({"id": "a", "entities": {"model": model}, **also}).encode())

    evidence = sound()
    pipeline = {
        **evidence.pipeline,
        MIDDLE: [made(0, "m/1"), *evidence.pipeline[MIDDLE][1:2], made(2, "m/2"), *evidence.pipeline[MIDDLE][3:]],
    }
    assert check(replace(evidence, pipeline=pipeline)).holds
    pipeline[MIDDLE][2] = made(2, "m/1", also="x")
    assert [fault for fault in check(replace(evidence, pipeline=pipeline)).faults if "differ" in fault]


def without(evidence: Evidence, topic: str, index: int) -> Evidence:
    records = list(evidence.pipeline[topic])
    del records[index]
    return replace(evidence, pipeline={**evidence.pipeline, topic: records})


def with_record(evidence: Evidence, topic: str, index: int, other: Record) -> Evidence:
    records = list(evidence.pipeline[topic])
    records[index] = other
    return replace(evidence, pipeline={**evidence.pipeline, topic: records})


BREACHES: dict[str, tuple[Callable[[Evidence], Evidence], str]] = {
    "a record missing at the end": (lambda e: without(e, ENRICHED, 1), "neither an output nor a dead letter"),
    "a record missing on the way": (lambda e: without(without(e, MIDDLE, 3), ENRICHED, 2), "neither an output"),
    "a dead letter missing": (lambda e: replace(e, dead=[]), "neither an output nor a dead letter"),
    "a copy altered": (lambda e: with_record(e, MIDDLE, 2, record(2, "a", also="x")), "differ"),
    "a dead letter altered": (
        lambda e: replace(e, dead=[replace(e.dead[0], value=b"[")]),
        "not the record that failed",
    ),
    "two dead letters that differ": (lambda e: replace(e, dead=[e.dead[0], replace(e.dead[0], value=b"[")]), "differ"),
    "an offset too high": (
        lambda e: replace(without(e, ENRICHED, 3), committed={**e.committed, MIDDLE: {0: 3, 1: 2}}),
        "1 is unfinished",
    ),
    "an offset beyond the end": (
        lambda e: replace(e, committed={**e.committed, RAW: {0: 9, 1: 2}}),
        "the last record is 2",
    ),
    "the order changed": (
        lambda e: with_record(with_record(e, ENRICHED, 0, record(0, "b")), ENRICHED, 1, record(1, "a")),
        "came before",
    ),
    "a record from nowhere": (lambda e: with_record(e, ENRICHED, 3, record(1, "e", 1)), "which middle has not"),
    "another partition": (lambda e: with_record(e, ENRICHED, 3, record(2, "d", 0)), "neither an output"),
    "both an output and a dead letter": (
        lambda e: replace(e, dead=[*e.dead, letter(e.pipeline[RAW][0], RAW)]),
        "both an output and a dead letter",
    ),
}


@pytest.mark.parametrize("breach", BREACHES)
def test_every_breach_is_found(breach: str) -> None:
    change, sentence = BREACHES[breach]
    verdict = check(change(sound()))
    assert not verdict.holds
    assert any(sentence in fault for fault in verdict.faults), verdict.faults


def pointer(failed: Record, topic: str, **sizes: int) -> Record:
    """A dead letter that has the beginning of its record only."""
    whole = failed.value if "value" in sizes else failed.batch
    said = {"sha256": sha256(whole or b"").hexdigest(), **{f"{part}_bytes": size for part, size in sizes.items()}}
    headers = [(f"telex.error.original.{name}", str(value).encode()) for name, value in said.items()]
    return replace(letter(failed, topic), value=(whole or b"")[:3], headers=[*letter(failed, topic).headers, *headers])


LARGE = Record(0, 2, b"bad", b"{" * 99, [("name", b"value")])
ROTTEN = Record(0, 2, None, None, batch=b"\0" * 70)


def pointed(failed: Record, end: Record) -> Evidence:
    """The sound stream with another record in place of the one that died, and its end."""
    evidence = sound()
    raw = [*evidence.pipeline[RAW][:2], failed, *evidence.pipeline[RAW][3:]]
    return replace(evidence, pipeline={**evidence.pipeline, RAW: raw}, dead=[end])


def test_a_dead_letter_that_says_where_its_record_lies_is_the_end_of_it() -> None:
    for failed, sizes in ((LARGE, {"key": 3, "value": 99}), (ROTTEN, {"batch": 70})):
        verdict = check(pointed(failed, pointer(failed, RAW, **sizes)))
        assert verdict.holds, verdict.faults
        assert (verdict.dead, verdict.pointers) == (1, 1)


@pytest.mark.parametrize(
    ("failed", "end"),
    [
        (LARGE, pointer(replace(LARGE, value=b"{" * 98 + b"["), RAW, key=3, value=99)),
        (LARGE, pointer(LARGE, RAW, key=3, value=98)),
        (LARGE, replace(pointer(LARGE, RAW, key=3, value=99), value=b"")),
        (LARGE, replace(pointer(LARGE, RAW, key=3, value=99), value=b"[")),
        (LARGE, replace(pointer(LARGE, RAW, key=3, value=99), key=b"other")),
        (LARGE, letter(replace(LARGE, headers=()), RAW)),
        (ROTTEN, pointer(replace(ROTTEN, batch=b"\1" * 70), RAW, batch=70)),
        (ROTTEN, pointer(ROTTEN, RAW, batch=71)),
        (replace(LARGE, batch=None), pointer(ROTTEN, RAW, batch=70)),
    ],
)
def test_one_that_says_something_else_is_found(failed: Record, end: Record) -> None:
    assert any("not the record that failed" in fault for fault in check(pointed(failed, end)).faults)


def test_a_result_is_published_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exam, "KEPT", tmp_path)
    folder = tmp_path / "short"
    folder.mkdir()
    kill, storm = (
        exam.Part(1, "kill -9 of a worker", "kill", extent="25 times"),
        exam.Part(2, "SIGTERM to a worker", "storm"),
    )
    for part in (kill, storm):
        (folder / f"{part.test}.json").write_text(json.dumps(asdict(part)))
    empty = "above\n<!-- short -->\n<!-- end of short -->\n<!-- full -->\nas it is\n<!-- end of full -->\nbelow"
    page = exam.publish(empty)
    assert "| 1 | kill -9 of a worker: 25 times | " in page
    assert "| 2 | SIGTERM to a worker | " in page
    assert page.startswith("above\n<!-- short -->\n")
    assert page.endswith("<!-- full -->\nas it is\n<!-- end of full -->\nbelow")
    assert exam.publish(page) == page
    (folder / f"{storm.test}.json").unlink()
    with pytest.raises(ValueError, match="SIGTERM to a worker"):
        exam.publish(page)
