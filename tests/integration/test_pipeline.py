"""The whole pipeline: real workers of all three stages turn raw articles into enriched articles and dead letters."""

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from kafka import KafkaProducer

from streams import Publisher
from streams.client import article_files
from streams.dead_letters import error_headers
from streams.errors import Reason
from streams.records import codec, schema
from streams.stages import DEAD, RAW, STAGE_NAMES, TOPICS
from tests.support.processes import wait_for
from tests.support.users_articles import USERS_ARTICLES, needs_users_articles
from tests.support.whole_pipeline import WholePipeline, logs, records_with_keys, wait_for_enriched

SEEDS = Path(__file__).parents[2] / "seeds"
GOOD = "Le maire de Paris, M. Hidalgo, a inauguré mardi une nouvelle ligne de tramway, longue de onze kilomètres."


@pytest.fixture(scope="module")
def producer(whole_pipeline: WholePipeline) -> Iterator[KafkaProducer]:
    """A producer that is not Telex's own."""
    producer = KafkaProducer(bootstrap_servers=whole_pipeline[0].bootstrap_servers, max_request_size=8 * 2**20)
    yield producer
    producer.close()


@pytest.fixture(scope="module")
def samples(whole_pipeline: WholePipeline) -> dict[str, dict[str, Any]]:
    """The enriched articles of seeds/, by id."""
    paths = sorted(path for path in SEEDS.iterdir() if path.suffix in (".txt", ".json", ".jsonl"))
    with Publisher(whole_pipeline[0]) as publisher:
        ids = [publisher.publish(value) for path in paths for _, value in article_files.read(path)]
    return {
        identifier: json.loads(records[0].value)
        for identifier, records in wait_for_enriched(whole_pipeline, ids).items()
    }


def test_every_sample_comes_out_valid_by_the_schema(samples: dict[str, dict[str, Any]]) -> None:
    assert len(samples) == 44
    validator = jsonschema.Draft202012Validator(schema.schema("enriched"))
    for article in samples.values():
        validator.validate(article)
    assert all(
        article[mention["field"]][mention["start"] : mention["end"]] == mention["text"]
        for article in samples.values()
        for item in article["entities"].get("items", ())
        for mention in item["mentions"]
    )


def test_every_sample_has_the_language_that_the_table_of_samples_gives(samples: dict[str, dict[str, Any]]) -> None:
    table = re.findall(r"^\| `(\S+)\.(?:txt|json)` \| (\w+) \|", (SEEDS / "README.md").read_text(), re.MULTILINE)
    assert len(table) > 25
    assert {name: samples[name]["language"].get("code") for name, _ in table} == dict(table)


def test_an_analysis_that_was_not_made_has_only_a_reason(
    whole_pipeline: WholePipeline, samples: dict[str, dict[str, Any]]
) -> None:
    with Publisher(whole_pipeline[0]) as publisher:
        identifier = publisher.publish(
            {"text": "Gwamnati ta sanar ranar Talata cewa za a sake bude gadar a lokacin kaka."}
        )  # Hausa
    unknown = json.loads(wait_for_enriched(whole_pipeline, [identifier])[identifier][0].value)
    assert unknown["language"] == {
        "status": "not_analysed",
        "reason": "language_unknown",
        "model": unknown["language"]["model"],
    }
    for stage in ("entities", "sentiment"):
        assert unknown[stage] == {"status": "not_analysed", "reason": "language_unknown"}
        assert samples["siku-ya-kiswahili"][stage] == {"status": "not_analysed", "reason": "no_model_for_language"}


def test_fields_that_telex_does_not_know_keep_their_bytes(
    whole_pipeline: WholePipeline, samples: dict[str, dict[str, Any]]
) -> None:
    assert "ariane-6" in samples
    raw = (SEEDS / "ariane-6.json").read_bytes()
    value = wait_for_enriched(whole_pipeline, ["ariane-6"])["ariane-6"][0].value
    published = codec.decode_raw(raw).fields
    enriched = codec.decode_identified(value).fields
    assert {name: bytes(field) for name, field in enriched.items() if name in published} == {
        name: bytes(field) for name, field in published.items()
    }


def test_an_article_that_is_published_again_raw_or_enriched_gives_the_same_bytes(
    whole_pipeline: WholePipeline, samples: dict[str, dict[str, Any]]
) -> None:
    ids = ["notre-dame-reouverture", "uk-election-2024", "siku-ya-kiswahili"]
    first = wait_for_enriched(whole_pipeline, ids)
    with Publisher(whole_pipeline[0]) as publisher:
        for identifier in ids:
            publisher.publish(first[identifier][0].value)
            publisher.publish(records_with_keys(whole_pipeline[0], RAW, identifier)[0].value)
    for identifier, records in wait_for_enriched(whole_pipeline, ids, count=3).items():
        assert len({record.value for record in records}) == 1, identifier
        assert samples[identifier] == json.loads(records[0].value)


def test_an_article_keeps_its_partition_its_key_and_its_trace(
    whole_pipeline: WholePipeline, samples: dict[str, dict[str, Any]]
) -> None:
    identifier = next(iter(samples))
    records = {topic: records_with_keys(whole_pipeline[0], topic, identifier)[0] for topic in TOPICS if topic != DEAD}
    assert len({record.partition for record in records.values()}) == 1
    headers = {topic: dict(record.headers) for topic, record in records.items()}
    assert len({(each["traceparent"], each["ce_time"], each["ce_id"]) for each in headers.values()}) == 1
    assert [each["ce_type"].decode() for each in headers.values()] == [
        f"telex.article.{kind}" for kind in ("raw", *STAGE_NAMES[:-1], "enriched")
    ]
    for each in headers.values():
        assert (each["ce_specversion"], each["ce_dataschema"], each["content-type"]) == (
            b"1.0",
            b"urn:telex:article:2",
            b"application/json",
        )
        assert each["ce_source"]


def test_headers_that_telex_does_not_know_pass_through(whole_pipeline: WholePipeline, producer: KafkaProducer) -> None:
    trace = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    sent = [("tenant", b"desk-7"), ("tenant", b"twice"), ("traceparent", trace)]
    record = json.dumps({"id": "with-headers", "text": GOOD}).encode()
    producer.send(whole_pipeline[0].topic_prefix + RAW, key=b"another key", value=record, headers=sent).get(20)
    (out,) = wait_for_enriched(whole_pipeline, ["with-headers"])["with-headers"]
    assert [(name, value) for name, value in out.headers if name == "tenant"] == sent[:2]
    assert dict(out.headers)["traceparent"] == trace


def too_large(folder: Path) -> bytes:
    """The record that the command in seeds/bad/README.md makes."""
    block = re.search(r"```sh\n(.*?)\n```", (SEEDS / "bad" / "README.md").read_text(), re.DOTALL)
    assert block
    return subprocess.run(
        [sys.executable, *shlex.split(block[1])[1:3]], cwd=folder, capture_output=True, check=True, timeout=60
    ).stdout


def test_every_kind_of_bad_record_becomes_a_dead_letter_and_its_neighbours_come_out(
    whole_pipeline: WholePipeline, producer: KafkaProducer, tmp_path: Path
) -> None:
    settings = whole_pipeline[0]
    bad = {path.stem: path.read_bytes() for path in (SEEDS / "bad").glob("*.json")} | {"too_large": too_large(tmp_path)}
    # A record is undecodable because of its batch; tests/trust/test_hostile.py sends such batches. No publisher makes a
    # delivery of matches fail.
    causes = {reason.value for reason in Reason if not reason.value.startswith(("analysis_", "delivery_"))}
    assert set(bad) == causes - {Reason.UNDECODABLE.value}
    sent: dict[bytes, tuple[bytes | None, str, int, int]] = {}
    for number, (reason, value) in enumerate([*sorted(bad.items()), ("empty", None)]):
        key = f"bad-{number}-{reason}".encode()
        good = json.dumps({"id": f"good-{number}", "text": GOOD}).encode()
        producer.send(settings.topic_prefix + RAW, key=b"k", value=good, partition=1)
        at = 1_700_000_000_000 + number
        headers = [("tag", b"\xff\x00"), ("tag", b"2"), ("telex.error.reason", b"their own")]
        place = producer.send(
            settings.topic_prefix + RAW, key=key, value=value, partition=1, headers=headers, timestamp_ms=at
        ).get(20)
        sent[key] = value, reason, place.offset, at
    producer.flush()
    wait_for(lambda: len(records_with_keys(settings, DEAD, *sent)) >= len(sent), 60, lambda: logs(whole_pipeline))
    dead_letters = records_with_keys(settings, DEAD, *sent)
    assert len(dead_letters) == len(sent)
    for dead_letter in dead_letters:
        value, reason, offset, at = sent[dead_letter.key]
        assert (dead_letter.value, dead_letter.timestamp, dead_letter.partition) == (value, at, 1)
        publishers, added = dead_letter.headers[:3], dict(dead_letter.headers[3:])
        assert publishers == [("tag", b"\xff\x00"), ("tag", b"2"), ("telex.error.reason", b"their own")]
        assert set(added) == {name for name in error_headers.NAMES if not name.startswith("telex.error.original.")}
        assert (added[error_headers.REASON].decode(), added[error_headers.STAGE], added[error_headers.ATTEMPTS]) == (
            reason,
            b"language",
            b"1",
        )
        assert (
            added[error_headers.TOPIC].decode(),
            int(added[error_headers.PARTITION]),
            int(added[error_headers.OFFSET]),
        ) == (
            settings.topic_prefix + RAW,
            1,
            offset,
        )
        assert added[error_headers.CONNECTOR] == b"telex"
        assert added[error_headers.EXCEPTION] == b"streams.errors.RecordError"
        assert added[error_headers.MESSAGE]
    neighbours = wait_for_enriched(whole_pipeline, [f"good-{number}" for number in range(len(sent))])
    assert all(json.loads(records[0].value)["language"]["code"] == "fr" for records in neighbours.values())


def test_a_raw_record_of_one_megabyte_comes_out(whole_pipeline: WholePipeline, producer: KafkaProducer) -> None:
    text = f"{GOOD} " * (1_000_000 // len(GOOD.encode()) + 1)
    record = json.dumps({"id": "one-megabyte", "text": text}).encode()
    assert len(record) > 1_000_000
    producer.send(whole_pipeline[0].topic_prefix + RAW, key=b"one-megabyte", value=record).get(20)
    article = json.loads(wait_for_enriched(whole_pipeline, ["one-megabyte"])["one-megabyte"][0].value)
    assert article["text"] == text
    assert article["entities"]["items"][0]["count"] > 5_000
    assert article["sentiment"]["status"] == "analysed"


@needs_users_articles
def test_an_article_of_the_user_has_the_right_analyses(whole_pipeline: WholePipeline) -> None:
    with Publisher(whole_pipeline[0]) as publisher:
        ids = [
            publisher.publish(value)
            for path in article_files.expand([USERS_ARTICLES])
            for _, value in article_files.read(path)
        ]
    for identifier, records in wait_for_enriched(whole_pipeline, ids).items():
        article = json.loads(records[0].value)
        assert (identifier, article["published"]) == ("000_522d58c689452543", "2024-03")
        assert article["language"]["code"] == "fr"
        found = {item["name"]: item["type"] for item in article["entities"]["items"]}
        people, places = ("Jake Sullivan", "Yoav Gallant", "Benjamin Netanyahu", "Joe Biden"), ("Rafah", "Gaza")
        assert {name: found[name] for name in people + places} == dict.fromkeys(people, "PERSON") | dict.fromkeys(
            places, "LOCATION"
        )
        assert article["sentiment"]["label"] in ("negative", "neutral")
    with Publisher(whole_pipeline[0]) as publisher:
        for path in article_files.expand([USERS_ARTICLES]):
            for _, value in article_files.read(path):
                publisher.publish(value)
    assert all(
        len({record.value for record in records}) == 1
        for records in wait_for_enriched(whole_pipeline, ids, count=2).values()
    )
