"""`telex status --sources` on a real Kafka."""

import json
import time
from datetime import datetime
from typing import Any

import pytest

from streams.client import source_status
from streams.client.source_status import SourceStatus, SourceStatusReader
from streams.errors import TelexError
from streams.kafka import topics
from streams.kafka.connections import admin
from streams.settings import Settings
from streams.stages import ENRICHED
from tests.support.articles import produce
from tests.support.broker_changes import delete_records, recreate_topic
from tests.support.commands import RunTelex
from tests.support.independent_reader import read
from tests.support.source_records import source_article

MINUTE, HOUR = 60.0, 3600.0


@pytest.fixture
def dated(kafka: Settings) -> Settings:
    """A pipeline whose enriched records have the time that a test gives them."""
    configs = {"message.timestamp.type": "CreateTime"}
    layout = {"num_partitions": kafka.partitions, "replication_factor": 1, "configs": configs}
    with admin(kafka) as client:
        client.create_topics({kafka.topic(ENRICHED): layout}, wait_for_metadata=True)
    topics.create(kafka)
    return kafka


def write(settings: Settings, *articles: dict[str, Any], age: float = 0.0) -> None:
    """Write enriched articles that are `age` seconds old."""
    produce(settings, *articles, at_ms=int((time.time() - age) * 1000))


def counts(rows: list[SourceStatus]) -> dict[tuple[str, str], tuple[int | None, int | None]]:
    return {(row.source, row.language): (row.articles_last_hour, row.articles_last_day) for row in rows}


def test_each_source_and_language_has_its_articles_their_age_and_what_was_not_analysed(
    dated: Settings, run_telex: RunTelex
) -> None:
    write(dated, source_article("old", "Wire"), age=25 * HOUR)
    write(dated, source_article("1", "Wire"), source_article("2", None, url="https://www.example.org/2"), age=5 * HOUR)
    write(dated, source_article("3", "Wire", "sw", "no_model_for_language"), source_article("4", "Wire", "sw"))
    code, lines, errors = run_telex(dated, "status", "--sources")
    assert (code, errors) == (0, [])
    swahili, french, host = map(json.loads, lines)
    ages = [row.pop("age_s") for row in (swahili, french, host)]
    assert [round(age / HOUR) for age in ages] == [0, 5, 5]
    times = [datetime.fromisoformat(row.pop("last_article")).timestamp() for row in (swahili, french, host)]
    assert [round((time.time() - at) / HOUR) for at in times] == [0, 5, 5]
    half = {"no_model_for_language": 0.5}
    assert swahili == {
        "source": "Wire",
        "language": "sw",
        "articles_last_hour": 2,
        "articles_last_day": 2,
        "not_analysed": {"entities": half, "sentiment": half},
        "silent": False,
    }
    assert (french["articles_last_hour"], french["articles_last_day"], french["not_analysed"]) == (0, 1, {})
    assert (host["source"], host["articles_last_day"]) == ("example.org", 1)


def test_a_terminal_shows_a_table_in_which_no_source_moves_the_cursor(pipeline: Settings, run_telex: RunTelex) -> None:
    write(pipeline, source_article("1", "Wire\x1b[2J\u202e"), source_article("2", "[red]Wire", "sw", "text_too_short"))
    code, lines, _ = run_telex(pipeline, "status", "--sources", "--format", "table")
    shown = "\n".join(lines)
    assert code == 0
    assert " ".join(lines[0].split()) == "source language last hour last day last article not analysed"
    assert "[red]Wire" in shown
    assert "entities 100% (text too short)" in " ".join(shown.split())
    assert not [character for character in shown if not character.isprintable() and character != "\n"]


def test_records_that_are_no_enriched_articles_do_not_count(pipeline: Settings) -> None:
    produce(pipeline, b"{", b"\xff", b"null", b'{"id":"x","text":"raw"}', topic=ENRICHED)
    write(pipeline, source_article("1", "Wire"))
    assert counts(SourceStatusReader(pipeline).read()) == {("Wire", "fr"): (1, 1)}


def test_a_second_reading_adds_the_articles_that_came_since(pipeline: Settings) -> None:
    reader = SourceStatusReader(pipeline)
    assert reader.read() == []
    write(pipeline, source_article("1", "Wire"))
    assert counts(reader.read()) == {("Wire", "fr"): (1, 1)}
    write(pipeline, source_article("2", "Wire"))
    assert counts(reader.read()) == counts(reader.read()) == {("Wire", "fr"): (2, 2)}
    assert reader.since == 0


def test_of_too_many_articles_the_newest_are_read_and_what_is_not_known_is_not_shown(
    dated: Settings, run_telex: RunTelex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source_status, "MAX_RECORDS", 4)
    for age in (5 * HOUR, 3 * HOUR, 2 * HOUR, MINUTE):
        # One key, so one partition, of which one record is read.
        write(dated, source_article("same", "Wire"), age=age)
    _, lines, _ = run_telex(dated, "status", "--sources")
    (row,) = map(json.loads, lines)
    assert (row["articles_last_hour"], row["articles_last_day"]) == (None, None)
    monkeypatch.setattr(source_status, "MAX_RECORDS", 8)
    reader = SourceStatusReader(dated)
    assert counts(reader.read()) == {("Wire", "fr"): (1, None)}
    assert round((time.time() - reader.since) / HOUR) == 2
    _, lines, _ = run_telex(dated, "status", "--sources", "--format", "table")
    assert lines[-1].startswith("Only the articles since ")


def test_what_kafka_has_deleted_is_not_known(dated: Settings) -> None:
    for age in (5 * HOUR, 3 * HOUR):
        write(dated, source_article("same", "Wire"), age=age)
    delete_records(dated, ENRICHED, read(dated, ENRICHED)[0].partition, 1)
    assert counts(SourceStatusReader(dated).read()) == {("Wire", "fr"): (0, None)}


def test_a_topic_that_was_created_again_is_counted_from_its_beginning(pipeline: Settings) -> None:
    reader = SourceStatusReader(pipeline)
    write(pipeline, source_article("1", "Wire"), source_article("2", "Wire"))
    assert counts(reader.read()) == {("Wire", "fr"): (2, 2)}
    recreate_topic(pipeline, ENRICHED)
    assert reader.read() == []


def test_more_sources_than_are_shown_are_counted_together(pipeline: Settings) -> None:
    write(pipeline, *(source_article(str(number), f"Wire {number % 3}") for number in range(7)))
    settings = Settings(**pipeline.model_dump() | {"sources_shown": 1})
    assert counts(SourceStatusReader(settings).read()) == {("Wire 0", "fr"): (3, 3), ("other", "fr"): (4, 4)}


def test_a_source_that_has_long_been_without_an_article_is_silent(dated: Settings, run_telex: RunTelex) -> None:
    for age in range(26, 49):
        write(dated, source_article(f"a{age}", "Hourly"), source_article(f"b{age}", "Daily"), age=age * HOUR)
    write(dated, source_article("c", "Daily"))
    _, lines, _ = run_telex(dated, "status", "--sources")
    shown = [(row["source"], row["silent"], row["articles_last_day"]) for row in map(json.loads, lines)]
    assert shown == [("Daily", False, 1), ("Hourly", True, 0)]
    _, lines, _ = run_telex(dated, "status", "--sources", "--format", "table")
    assert "silent, 1 d ago" in lines[-1]


def test_a_reading_can_be_stopped(pipeline: Settings) -> None:
    write(pipeline, source_article("1", "Wire"))
    reader = SourceStatusReader(pipeline)
    reader.stop()
    with pytest.raises(TelexError, match="stops"):
        reader.read()


def test_the_error_for_a_missing_topic_names_the_command_that_creates_it(kafka: Settings) -> None:
    with pytest.raises(TelexError, match="telex topics"):
        SourceStatusReader(kafka).read()
