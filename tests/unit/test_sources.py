"""The sources of articles: their names, which of them are shown, and their articles in the last hour and day."""

from __future__ import annotations

import tracemalloc
from itertools import count
from typing import Any

import pytest

from streams.records.headers import REPLAYED
from streams.sources.article_facts import MAX_NAME, OTHER, Facts, article_facts
from streams.sources.source_ranking import MAX_LANGUAGES, SourceRanking
from streams.sources.source_table import SourceRow, SourceTable
from tests.support.growth import LINEAR, growth
from tests.support.source_records import source_value

NOW = 1_800_000_000.0
MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0


def name(source: object = None, **fields: Any) -> str:
    facts = article_facts(source_value(source, **fields), ())
    assert facts
    return facts.source


def table(*articles: tuple[str, float], most: int = 100) -> SourceTable:
    """A table of French articles, each with its source and its age."""
    counted = SourceTable(most)
    for source, age in articles:
        counted.add(Facts(source, "fr", ()), NOW - age, NOW - age)
    return counted


def counts(rows: list[SourceRow]) -> list[tuple[str, int, int]]:
    return [(row.source, row.last_hour, row.last_day) for row in rows]


def test_a_source_is_named_by_its_field_else_by_the_host_of_its_address_else_not_at_all() -> None:
    assert name("Example Wire", url="https://www.example.org/1") == "Example Wire"
    assert name(None, url="https://www.Example.org:8443/1") == "example.org"
    assert name(" ", url="https://user:secret@news.example.org/1") == "news.example.org"
    assert name(None) == "unknown"
    assert name(None, url="http://[broken") == "unknown"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("  Example\n\tWire ", "Example Wire"),
        ("Example\x00\x1b[31mWire", "Example [31mWire"),
        ("\u202eeriW elpmaxE\u202c", "eriW elpmaxE"),
        ("Dépêches", "Dépêches"),
        ("x" * 1_000_000, "x" * MAX_NAME),
        ("\x00" * 1_000_000, "unknown"),
        ("예시일보", "예시일보"),
    ],
)
def test_a_name_is_one_line_of_printable_characters(written: str, shown: str) -> None:
    assert name(written) == shown


def test_the_time_for_a_long_source_grows_in_proportion_to_its_length() -> None:
    assert growth(lambda value: article_facts(value, ()), lambda size: source_value("\x00 " * size), 20_000) <= LINEAR


def test_what_was_not_analysed_counts_by_stage_and_known_reason() -> None:
    value = source_value("a", "sw", "no_model_for_language", sentiment={"status": "not_analysed", "reason": "x" * 99})
    assert article_facts(value, ()) == Facts("a", "sw", (("entities", "no_model_for_language"), ("sentiment", OTHER)))
    unknown = source_value("a", language={"status": "not_analysed", "reason": "language_unknown"})
    assert article_facts(unknown, ()) == Facts("a", "unknown", (("language", "language_unknown"),))
    assert article_facts(source_value("a", language={"status": "analysed", "code": "<b>"}), ()) == Facts(
        "a", "unknown", ()
    )


@pytest.mark.parametrize("value", [None, b"", b"{", b"[]", b'"x"', b"\xff", b'{"text":"raw"}', b'{"language":"fr"}'])
def test_a_record_that_is_no_enriched_article_does_not_count(value: bytes | None) -> None:
    assert article_facts(value, ()) is None


def test_a_replayed_article_does_not_count() -> None:
    assert article_facts(source_value("a"), [("ce_id", b"x"), (REPLAYED, b"1:2")]) is None


def test_sources_have_names_while_there_are_enough_for_all() -> None:
    ranking = SourceRanking(3)
    assert [ranking.name(source, NOW) for source in "abcabcd"] == [
        *((source, None) for source in "abcabc"),
        (OTHER, None),
    ]


def test_a_source_with_twice_as_many_articles_takes_the_name_of_another_one_which_does_not_take_it_back() -> None:
    ranking = SourceRanking(2)
    for source in ("big", "big", "big", "small", "small"):
        ranking.name(source, NOW)
    assert [ranking.name("rising", NOW) for _ in range(4)] == [(OTHER, None)] * 3 + [("rising", "small")]
    assert [ranking.name("small", NOW) for _ in range(3)] == [(OTHER, None)] * 3
    assert [ranking.name("rising", NOW) for _ in range(9)] == [("rising", None)] * 9


def test_two_sources_with_as_many_articles_do_not_take_the_name_from_each_other() -> None:
    ranking = SourceRanking(1)
    times = (NOW + number * HOUR for number in count())
    named = [ranking.name(source, next(times))[0] for source in ("a", "b") * 500]
    assert named == ["a", OTHER] * 500


def test_an_article_counts_half_after_a_day() -> None:
    ranking = SourceRanking(1)
    for _ in range(8):
        ranking.name("past", NOW)
    assert [ranking.name("present", NOW + 2 * DAY)[0] for _ in range(4)] == [OTHER, OTHER, OTHER, "present"]


def test_a_ranking_that_begins_with_the_scores_of_another_one_gives_the_same_names() -> None:
    before = SourceRanking(2)
    for source in ("a", "b", "b", "c", "c", "c", "c"):
        before.name(source, NOW)
    after = SourceRanking(2, before.scores)
    assert [after.name(source, NOW)[0] for source in ("a", "b", "c")] == [OTHER, "b", "c"]


def test_a_flood_of_sources_takes_no_name_from_those_with_several_articles_and_bounded_memory() -> None:
    counted = table(*[(source, MINUTE) for source in ("a", "b", "a", "b")], most=3)
    tracemalloc.start()
    try:
        for number in range(4_000):
            counted.add(Facts(f"flood {number}", f"{number % 90}", (("language", OTHER),)), NOW, NOW)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 600_000
    for _ in range(3):
        counted.add(Facts("late", "fr", ()), NOW, NOW)
    rows = counted.rows(NOW)
    assert {"a", "b", "late"} <= {row.source for row in rows}
    assert len({row.source for row in rows}) == 4
    assert len([row for row in rows if row.source == OTHER]) == MAX_LANGUAGES + 1
    assert sum(row.last_day for row in rows) == 4007


def test_articles_count_in_the_hour_and_the_day_in_which_they_came() -> None:
    counted = table(("a", MINUTE), ("a", 59 * MINUTE), ("a", 62 * MINUTE), ("a", 23.5 * HOUR), ("a", 25 * HOUR))
    (row,) = counted.rows(NOW)
    assert (row.last_hour, row.last_day, NOW - row.last_article) == (2, 4, MINUTE)


def test_articles_leave_the_hour_and_the_day_as_time_passes_and_a_row_without_any_goes() -> None:
    counted = table(("a", 0.0))
    assert counts(counted.rows(NOW + 30 * MINUTE)) == [("a", 1, 1)]
    assert counts(counted.rows(NOW + 2 * HOUR)) == [("a", 0, 1)]
    assert counts(counted.rows(NOW + 1.5 * DAY)) == [("a", 0, 0)]
    assert counts(counted.rows(NOW + 2 * DAY)) == []


def test_the_rows_have_the_sources_with_the_most_articles_first_and_all_others_together() -> None:
    counted = table(*[(source, HOUR * 2) for source in "abbcccdddd"], most=2)
    assert counts(counted.rows(NOW)) == [("d", 0, 4), ("c", 0, 3), (OTHER, 0, 3)]


def test_a_source_that_loses_its_name_keeps_its_articles_among_the_others() -> None:
    counted = table(*[(f"early {number}", 2 * HOUR) for number in range(10)], *[("new", 0.0)] * 3, most=1)
    assert counts(counted.rows(NOW)) == [("new", 2, 2), (OTHER, 1, 11)]


def test_the_shares_of_what_was_not_analysed_are_those_of_the_language_in_the_last_day() -> None:
    counted = SourceTable(10)
    reason = (("entities", "no_model_for_language"),)
    for age, language, reasons in ((1, "sw", reason), (2, "sw", reason), (3, "sw", ()), (4, "fr", ())):
        counted.add(Facts("a", language, reasons), NOW - age, NOW - age)
    counted.add(Facts("a", "sw", reason), NOW - 2 * DAY, NOW - 2 * DAY)
    swahili, french = counted.rows(NOW)
    assert (swahili.language, swahili.not_analysed) == ("sw", {"entities": {"no_model_for_language": 0.6667}})
    assert (french.language, french.not_analysed) == ("fr", {})


def hours_until_silent(*ages: float) -> float | None:
    """The hours after which a source is silent, whose articles have these ages in hours; None: not before it goes."""
    counted = table(*(("a", age * HOUR) for age in ages))
    later = (quarter / 4 for quarter in range(8 * 24))
    return next((hours for hours in later for row in counted.rows(NOW + hours * HOUR) if row.silent), None)


def every(hours: float, first: float = 48) -> list[float]:
    """The ages of articles at equal intervals until now."""
    return [step * hours for step in range(int(first / hours) + 1)]


def test_a_source_is_silent_after_twice_its_longest_pause() -> None:
    assert hours_until_silent(*every(0.25)) == 0.75
    assert hours_until_silent(*every(2)) == 4.25
    assert hours_until_silent(*every(6)) == 12.25


def test_a_source_that_rests_each_night_is_not_silent_at_night_nor_in_the_morning() -> None:
    days = [24 * day + hour / 4 for day in range(3) for hour in range(4 * 14)]  # 14 hours of work, until now
    until = hours_until_silent(*days)
    assert until is None or until > 2 * 10


def test_a_source_that_has_only_just_begun_is_not_silent_for_a_day() -> None:
    assert (hours_until_silent(*every(0.25, first=6)) or 48) > 24
    assert hours_until_silent(0) is None


def test_other_and_unknown_are_no_sources_and_never_silent() -> None:
    counted = table(*((source, age * HOUR) for source in ("unknown", "a", "a") for age in every(0.25)), most=1)
    assert [(row.source, row.silent) for row in counted.rows(NOW + 3 * HOUR)] == [("a", True), (OTHER, False)]
    assert [row.silent for row in table(*(("unknown", age * HOUR) for age in every(0.25))).rows(NOW + 3 * HOUR)] == [
        False
    ]
