"""The offset that a worker may commit: it passes every gap and never an unfinished record."""

from random import Random

from faust.types import TP
from hypothesis import given
from hypothesis import strategies as st

from streams.worker.progress import Progress

A, B = TP("articles", 0), TP("articles", 1)


def test_progress_is_the_first_unfinished_record_or_else_the_position() -> None:
    progress, assignment = Progress(), object()
    progress.fetched(assignment, {A: [3, 4, 7]}, {A: 9, B: 5})
    assert (progress.done(A, assignment), progress.done(B, assignment)) == (3, 5)
    progress.finished(A, 4)
    assert progress.done(A, assignment) == 3
    progress.finished(A, 3)
    assert progress.done(A, assignment) == 7
    progress.finished(A, 7)
    assert progress.done(A, assignment) == 9


def test_records_fetched_before_a_rebalance_do_not_count_after_it() -> None:
    progress, before, after = Progress(), object(), object()
    progress.fetched(before, {A: [80, 81]}, {A: 82})
    assert progress.done(A, after) is None
    progress.forget([A])
    # This fetch was under way when the partition was revoked: 80 and 81 are dropped, and nobody finishes them.
    progress.fetched(before, {A: [82]}, {A: 83})
    assert progress.done(A, before) is None
    progress.fetched(after, {A: [80]}, {A: 81})
    assert progress.done(A, after) == 80


def test_records_that_are_fetched_again_count_once() -> None:
    progress, assignment = Progress(), object()
    progress.fetched(assignment, {A: [0, 1]}, {A: 2})
    progress.restart(A)
    assert progress.done(A, assignment) is None
    progress.fetched(assignment, {A: [1]}, {A: 2})
    progress.finished(A, 1)
    assert progress.done(A, assignment) == 2


def test_a_record_is_unfinished_from_its_fetch_to_its_end_or_to_a_restart() -> None:
    progress = Progress()
    progress.fetched(object(), {A: [3, 4], B: [3]}, {A: 5, B: 4})
    progress.finished(A, 3)
    progress.restart(B)
    assert [progress.is_unfinished(*place) for place in ((A, 3), (A, 4), (A, 5), (B, 3))] == [False, True, False, False]


@given(st.text("r.m", max_size=60), st.integers(0, 2**32))
def test_progress_never_passes_an_unfinished_record(log: str, seed: int) -> None:
    """The log has records (r), gaps and markers. It is fetched in parts, and records are finished in any order."""
    progress, assignment, chance = Progress(), object(), Random(seed)
    unfinished: set[int] = set()
    position = 0
    while position < len(log) or unfinished:
        end = chance.randint(position, len(log))
        found = [offset for offset in range(position, end) if log[offset] == "r"]
        progress.fetched(assignment, {A: found} if found else {}, {A: end})
        unfinished |= set(found)
        position = end
        for offset in chance.sample(sorted(unfinished), chance.randint(0, len(unfinished))):
            progress.finished(A, offset)
            unfinished.discard(offset)
        assert progress.done(A, assignment) == min(unfinished, default=position)
