"""The checker of the exam finds every breach of the invariant, and the results of the exam are published completely."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from hashlib import sha256
from pathlib import Path

import pytest

from tests.support import exam
from tests.support.checker import Evidence, Record, Verdict, check
from tests.support.match_checker import check_matches

RAW, MIDDLE, ENRICHED = "raw", "middle", "enriched"


def record(offset: int, name: str, partition: int = 0, *, also: str = "") -> Record:
    return Record(partition, offset, name.encode(), json.dumps({"id": name, "also": also}).encode())


def dead_letter(failed: Record, topic: str) -> Record:
    origin = {"topic": topic, "partition": failed.partition, "offset": failed.offset}
    headers = [(f"__connect.errors.{name}", str(value).encode()) for name, value in origin.items()]
    return Record(failed.partition, 0, failed.key, failed.value, [*failed.headers, *headers])


def sound() -> Evidence:
    """Five articles in two partitions: one is a dead letter of the first stage, one has a copy, all are committed."""
    raw = [record(0, "a"), record(1, "b"), Record(0, 2, b"bad", b"{"), record(0, "c", 1), record(1, "d", 1)]
    middle = [record(0, "a"), record(1, "b"), record(2, "a"), record(0, "c", 1), record(1, "d", 1)]
    enriched = [record(0, "a"), record(1, "b"), record(0, "c", 1), record(1, "d", 1)]
    return Evidence(
        {RAW: raw, MIDDLE: middle, ENRICHED: enriched},
        [dead_letter(raw[2], RAW)],
        {RAW: {0: 3, 1: 2}, MIDDLE: {0: 3, 1: 2}},
    )


def test_a_sound_stream_passes_and_is_counted() -> None:
    verdict = check(sound())
    assert verdict.holds, verdict.breaches
    assert (verdict.records, verdict.enriched, verdict.dead, verdict.copies) == (5, 4, 1, 0)


def test_an_unfinished_record_is_the_only_breach_of_an_unfinished_stream() -> None:
    evidence = sound()
    pipeline = {**evidence.pipeline, ENRICHED: evidence.pipeline[ENRICHED][:-1]}
    verdict = check(replace(evidence, pipeline=pipeline, committed={**evidence.committed, MIDDLE: {0: 3, 1: 1}}))
    assert len(verdict.breaches) == 1
    assert "neither an output nor a dead letter" in verdict.breaches[0]


def test_copies_differ_only_if_different_models_or_schemas_made_them() -> None:
    def analysed(offset: int, model: str, **also: str) -> Record:
        return Record(0, offset, b"a", json.dumps({"id": "a", "entities": {"model": model}, **also}).encode())

    evidence = sound()
    middle = list(evidence.pipeline[MIDDLE])
    middle[0], middle[2] = analysed(0, "m/1"), analysed(2, "m/2")
    pipeline = {**evidence.pipeline, MIDDLE: middle}
    assert check(replace(evidence, pipeline=pipeline)).holds
    of_schema_1 = {"model": "m/1", "items": [{"name": "a", "sentiment": {}}]}
    middle[2] = Record(0, 2, b"a", json.dumps({"id": "a", "entities": of_schema_1}).encode())
    assert check(replace(evidence, pipeline=pipeline)).holds
    middle[2] = analysed(2, "m/1", also="x")
    assert [breach for breach in check(replace(evidence, pipeline=pipeline)).breaches if "differ" in breach]


def without(evidence: Evidence, topic: str, index: int) -> Evidence:
    records = list(evidence.pipeline[topic])
    del records[index]
    return replace(evidence, pipeline={**evidence.pipeline, topic: records})


def with_record(evidence: Evidence, topic: str, index: int, other: Record) -> Evidence:
    records = list(evidence.pipeline[topic])
    records[index] = other
    return replace(evidence, pipeline={**evidence.pipeline, topic: records})


BREACHES: dict[str, tuple[Callable[[Evidence], Evidence], str]] = {
    "a record is missing at the end": (lambda e: without(e, ENRICHED, 1), "neither an output nor a dead letter"),
    "a record is missing on the way": (lambda e: without(without(e, MIDDLE, 3), ENRICHED, 2), "neither an output"),
    "a dead letter is missing": (lambda e: replace(e, dead=[]), "neither an output nor a dead letter"),
    "a copy is altered": (lambda e: with_record(e, MIDDLE, 2, record(2, "a", also="x")), "differ"),
    "a dead letter is altered": (
        lambda e: replace(e, dead=[replace(e.dead[0], value=b"[")]),
        "not the record that failed",
    ),
    "two dead letters of a record differ": (
        lambda e: replace(e, dead=[e.dead[0], replace(e.dead[0], value=b"[")]),
        "differ",
    ),
    "a committed offset is too high": (
        lambda e: replace(without(e, ENRICHED, 3), committed={**e.committed, MIDDLE: {0: 3, 1: 2}}),
        "1 is unfinished",
    ),
    "a committed offset is beyond the end": (
        lambda e: replace(e, committed={**e.committed, RAW: {0: 9, 1: 2}}),
        "the last record is 2",
    ),
    "the order is changed": (
        lambda e: with_record(with_record(e, ENRICHED, 0, record(0, "b")), ENRICHED, 1, record(1, "a")),
        "came before",
    ),
    "a record has no source": (
        lambda e: with_record(e, ENRICHED, 3, record(1, "e", 1)),
        "which middle does not have",
    ),
    "a record is in another partition": (lambda e: with_record(e, ENRICHED, 3, record(2, "d", 0)), "neither an output"),
    "a record has both an output and a dead letter": (
        lambda e: replace(e, dead=[*e.dead, dead_letter(e.pipeline[RAW][0], RAW)]),
        "both an output and a dead letter",
    ),
}


@pytest.mark.parametrize("name", BREACHES)
def test_every_breach_is_found(name: str) -> None:
    change, sentence = BREACHES[name]
    verdict = check(change(sound()))
    assert not verdict.holds
    assert any(sentence in breach for breach in verdict.breaches), verdict.breaches


def pointer(failed: Record, topic: str, **sizes: int) -> Record:
    """A dead letter that has only the beginning of its record."""
    whole = failed.value if "value" in sizes else failed.batch
    original = {"sha256": sha256(whole or b"").hexdigest(), **{f"{part}_bytes": size for part, size in sizes.items()}}
    headers = [(f"telex.error.original.{name}", str(value).encode()) for name, value in original.items()]
    complete = dead_letter(failed, topic)
    return replace(complete, value=(whole or b"")[:3], headers=[*complete.headers, *headers])


LARGE = Record(0, 2, b"bad", b"{" * 99, [("name", b"value")])
DAMAGED = Record(0, 2, None, None, batch=b"\0" * 70)


def with_failed_record(failed: Record, dead: Record) -> Evidence:
    """The sound stream with another record in place of the failed one, and a dead letter for it."""
    evidence = sound()
    raw = [*evidence.pipeline[RAW][:2], failed, *evidence.pipeline[RAW][3:]]
    return replace(evidence, pipeline={**evidence.pipeline, RAW: raw}, dead=[dead])


def test_a_dead_letter_may_point_to_a_record_that_it_cannot_include() -> None:
    for failed, sizes in ((LARGE, {"key": 3, "value": 99}), (DAMAGED, {"batch": 70})):
        verdict = check(with_failed_record(failed, pointer(failed, RAW, **sizes)))
        assert verdict.holds, verdict.breaches
        assert (verdict.dead, verdict.pointers) == (1, 1)


@pytest.mark.parametrize(
    ("failed", "dead"),
    [
        (LARGE, pointer(replace(LARGE, value=b"{" * 98 + b"["), RAW, key=3, value=99)),
        (LARGE, pointer(LARGE, RAW, key=3, value=98)),
        (LARGE, replace(pointer(LARGE, RAW, key=3, value=99), value=b"")),
        (LARGE, replace(pointer(LARGE, RAW, key=3, value=99), value=b"[")),
        (LARGE, replace(pointer(LARGE, RAW, key=3, value=99), key=b"other")),
        (LARGE, dead_letter(replace(LARGE, headers=()), RAW)),
        (DAMAGED, pointer(replace(DAMAGED, batch=b"\1" * 70), RAW, batch=70)),
        (DAMAGED, pointer(DAMAGED, RAW, batch=71)),
        (replace(LARGE, batch=None), pointer(DAMAGED, RAW, batch=70)),
    ],
)
def test_a_dead_letter_that_points_to_another_record_is_found(failed: Record, dead: Record) -> None:
    assert any("not the record that failed" in breach for breach in check(with_failed_record(failed, dead)).breaches)


def match(offset: int, name: str, partition: int = 5, *, watch: str = "w", key: str = "w", also: str = "") -> Record:
    """The match of a watch with an article. All matches of a watch are in one partition."""
    value = {"watch": watch, "article": {"id": name}, "also": also}
    return Record(partition, offset, key.encode(), json.dumps(value).encode())


# The matches of the watch `w` with five articles in two partitions, and one of another watch. One has a copy.
MATCHES = [*(match(at, name) for at, name in enumerate("abac")), match(4, "a", watch="v", key="v"), match(5, "d")]


def verdict_of_matches(matches: list[Record]) -> Verdict:
    """Check the watch `w`, which matches in the second pass: its source are the stories of the articles."""
    stories = [record(0, "a"), record(1, "b"), record(2, "bad"), record(0, "c", 1), record(1, "d", 1)]
    return check_matches("w", "stories", stories, matches, [dead_letter(stories[2], "stories")], {0: 3, 1: 2})


def test_sound_matches_pass_and_are_counted() -> None:
    verdict = verdict_of_matches(MATCHES)
    assert verdict.holds, verdict.breaches
    assert (verdict.records, verdict.enriched, verdict.dead, verdict.copies) == (5, 4, 1, 1)


@pytest.mark.parametrize(
    ("at", "other", "sentence"),
    [
        pytest.param(1, None, "neither an output nor a dead letter", id="a match is missing"),
        pytest.param(1, None, "3 is committed, 1 is unfinished", id="a match is missing, and its story is committed"),
        pytest.param(2, match(2, "a", also="x"), "two records of b'a' differ", id="a copy has another content"),
        pytest.param(0, match(0, "b"), "b'b' came before b'a'", id="a match comes too early"),
        pytest.param(3, match(0, "c", 6), "in the partitions [5, 6]", id="a match is in another partition"),
        pytest.param(3, match(3, "c", key="v"), "has the key b'v'", id="a match has the key of another watch"),
        pytest.param(3, match(3, "c", watch="v", key="v"), "neither an output", id="a match is that of another watch"),
        pytest.param(2, match(2, "e"), "b'e', which stories does not have", id="a match has no source"),
        pytest.param(2, match(2, "bad"), "both an output and a dead letter", id="a match of a dead letter"),
    ],
)
def test_every_breach_of_matches_is_found(at: int, other: Record | None, sentence: str) -> None:
    matches = [*MATCHES[:at], *([other] if other else []), *MATCHES[at + 1 :]]
    verdict = verdict_of_matches(matches)
    assert any(sentence in breach for breach in verdict.breaches), verdict.breaches


def test_the_results_of_a_form_are_published_completely_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exam, "RESULTS", tmp_path)
    folder = tmp_path / "short"
    folder.mkdir()
    killed, stopped = (
        exam.Part(1, "kill -9 of a worker", "killed", extent="25 times"),
        exam.Part(2, "SIGTERM to a worker", "stopped"),
    )
    for part in (killed, stopped):
        (folder / f"{part.test}.json").write_text(json.dumps(asdict(part)))
    empty = "above\n<!-- short -->\n<!-- end of short -->\n<!-- full -->\nas it is\n<!-- end of full -->\nbelow"
    page = exam.publish(empty)
    assert "| 1 | kill -9 of a worker: 25 times | " in page
    assert "| 2 | SIGTERM to a worker | " in page
    assert page.startswith("above\n<!-- short -->\n")
    assert page.endswith("<!-- full -->\nas it is\n<!-- end of full -->\nbelow")
    assert exam.publish(page) == page
    (folder / f"{stopped.test}.json").unlink()
    with pytest.raises(ValueError, match="SIGTERM to a worker"):
        exam.publish(page)
