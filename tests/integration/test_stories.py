"""`telex worker stories` on a real Kafka: what it writes, in which order it reads, and who is active."""

from __future__ import annotations

import json

from streams.kafka.connections import admin
from streams.settings import Settings
from streams.stages import DEAD, ENRICHED
from tests.support.independent_reader import committed, read
from tests.support.processes import WorkerProcess, environment, wait_for
from tests.support.story_stream import TASK, StoryStream, breaches, enriched, stories


def worker(settings: Settings, **more: str) -> WorkerProcess:
    return WorkerProcess(settings, "stories", environment(settings, TELEX_LOG_LEVEL="INFO", **more))


def wait_for_stories(settings: Settings, number: int, active: WorkerProcess) -> None:
    wait_for(lambda: len(stories(settings)) >= number, 60, lambda: active.log.read_text())


def test_each_enriched_article_gets_one_story_under_its_id_in_its_partition(pipeline: Settings) -> None:
    with worker(pipeline) as active, StoryStream(pipeline) as stream:
        active.wait_ready()
        stream.publish(60)
        wait_for_stories(pipeline, 60, active)
        assert breaches(pipeline, stream.published) == []
        # The metric follows the records of a transaction.
        wait_for(lambda: active.metric("telex_stories_window_articles") == 60, 10)
        assert active.metric("telex_stories_articles_total") == 60
        assert active.metric('telex_active{stage="stories"}') == 1
    partitions = {record.key: record.partition for record in read(pipeline, ENRICHED)}
    for record in stories(pipeline):
        assert record.partition == partitions[record.key]
        headers = dict(record.headers)
        assert headers["ce_type"] == b"telex.article.stories"
        assert headers["ce_source"] == b"urn:telex:stories"
        assert headers["ce_dataschema"] == b"urn:telex:story:1"
    assert json.loads(stories(pipeline)[0].value).keys() == {
        "id", "story", "relation", "of", "similarity", "articles", "model"
    }  # fmt: skip


def test_a_worker_that_starts_again_goes_on_with_the_same_stories_and_decides_no_copy_again(pipeline: Settings) -> None:
    with StoryStream(pipeline) as stream:
        for _ in range(3):
            with worker(pipeline) as active:
                active.wait_ready()
                stream.publish(40)
                stream.send(enriched("a00003", 90), 1)  # a copy of the id, with another text
                stream.flush()
                wait_for_stories(pipeline, len(stream.published), active)
                assert active.terminate() == 0, active.log.read_text()
        assert breaches(pipeline, stream.published) == []
        assert sum(committed(pipeline, "stories").values()) == len(read(pipeline, ENRICHED))


def test_a_backlog_in_several_partitions_is_read_in_the_order_of_the_brokers_time(pipeline: Settings) -> None:
    with StoryStream(pipeline) as stream:
        stream.publish(500).flush()
        with worker(pipeline) as active:
            wait_for_stories(pipeline, 500, active)
        assert breaches(pipeline, stream.published) == []


def test_a_record_that_is_no_enriched_article_becomes_a_dead_letter(pipeline: Settings) -> None:
    with worker(pipeline) as active, StoryStream(pipeline) as stream:
        active.wait_ready()
        stream.publish(4)
        for partition in range(4):
            stream.send(b"no JSON", partition)
        stream.publish(4).flush()
        wait_for_stories(pipeline, 8, active)
        assert breaches(pipeline, stream.published) == []
    letters = read(pipeline, DEAD)
    assert [letter.value for letter in letters] == 4 * [b"no JSON"]
    assert {dict(letter.headers)["telex.error.stage"] for letter in letters} == {b"stories"}
    assert {dict(letter.headers)["telex.error.reason"] for letter in letters} == {b"invalid_json"}


def test_a_second_worker_stands_by_and_takes_over_when_the_first_one_ends(pipeline: Settings) -> None:
    with worker(pipeline) as first, StoryStream(pipeline) as stream:
        first.wait_ready()
        stream.publish(20)
        wait_for_stories(pipeline, 20, first)
        with worker(pipeline) as second:
            second.wait_ready()
            wait_for(lambda: second.metric("telex_stories_window_articles") == 20, 30)
            assert second.get("/readyz") == (200, "standing by: another worker is active\n")
            assert first.get("/readyz") == (200, "active\n")
            assert first.terminate() == 0, first.log.read_text()
            stream.publish(20)
            wait_for_stories(pipeline, 40, second)
            assert second.get("/readyz") == (200, "active\n")
        assert breaches(pipeline, stream.published) == []


def test_a_partition_that_is_added_is_read_too(pipeline: Settings) -> None:
    with worker(pipeline) as active, StoryStream(pipeline) as stream:
        active.wait_ready()
        stream.publish(8)
        wait_for_stories(pipeline, 8, active)
        with admin(pipeline) as client:
            client.create_partitions({pipeline.topic(topic): 5 for topic in (TASK.target, ENRICHED)})
        wait_for(lambda: ends(pipeline) == 5, 30)
        with StoryStream(pipeline) as later:
            later.send(enriched("late", 8), 4)
            later.flush()
            wait_for(lambda: "late" in {record.key.decode() for record in stories(pipeline)}, 60, active.log.read_text)


def ends(settings: Settings) -> int:
    with admin(settings) as client:
        (description,) = client.describe_topics([settings.topic(ENRICHED)])
    return len(description["partitions"])


def test_a_worker_without_the_topics_of_stories_names_the_command_that_creates_them(pipeline: Settings) -> None:
    with admin(pipeline) as client:
        client.delete_topics([pipeline.topic(TASK.state)])
    with worker(pipeline) as lost:
        assert lost.process.wait(60) == 1
        assert "Create them with `telex topics`" in lost.log.read_text()
