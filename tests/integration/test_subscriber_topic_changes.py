"""Subscribers whose topic changes: it gets partitions, is recreated, or loses records and offsets."""

from collections.abc import Iterator
from contextlib import closing
from functools import partial

import pytest

from streams import Subscriber
from streams.settings import Settings
from streams.stages import ENRICHED
from tests.support.broker_changes import add_partitions, delete_records, recreate_topic, set_offset
from tests.support.partition_publisher import PartitionPublisher
from tests.support.processes import wait_for


@pytest.fixture
def enriched(pipeline: Settings) -> Iterator[PartitionPublisher]:
    """Publishes to the enriched topic, without workers."""
    with closing(PartitionPublisher(pipeline, ENRICHED)) as publisher:
        yield publisher


def received(subscriber: Subscriber, ids: list[str], limit_s: float = 20) -> list[str]:
    """The ids of the received articles, with copies, until all of `ids` have come. Fails if they do not come."""
    found: list[str] = []

    def all_came() -> bool:
        found.extend(each.article["id"] for each in subscriber)
        return set(found) >= set(ids)

    wait_for(all_came, limit_s, lambda: f"{ids} are not in {found}")
    return found


@pytest.mark.parametrize("group", [None, "desk"])
def test_a_subscriber_reads_new_partitions_from_their_beginning(
    pipeline: Settings, enriched: PartitionPublisher, caplog: pytest.LogCaptureFixture, group: str | None
) -> None:
    enriched.publish(0)  # before the subscriber begins
    with Subscriber(pipeline, group=group, timeout_s=0.5) as subscriber:
        received(subscriber, [])
        for partitions in (6, 7):
            add_partitions(pipeline, partitions)
            ids = enriched.publish(*range(partitions))
            assert sorted(received(subscriber, ids)) == sorted(ids)
        recreate_topic(pipeline, ENRICHED)
        ids = enriched.publish(0, 0, 0, 0, 5)
        assert sorted(received(subscriber, ids)) == sorted(ids)
        last = enriched.publish(0, 1)
        assert sorted(received(subscriber, last)) == sorted(last)
    assert caplog.text.count("was deleted and created again: it is read from its beginning") == 1
    if group:
        ids = enriched.publish(0)
        add_partitions(pipeline, 9, [ENRICHED])
        ids += enriched.publish(7, 8)
        with Subscriber(pipeline, group=group, timeout_s=0.5) as subscriber:
            assert sorted(received(subscriber, ids)) == sorted(ids)


def test_a_subscriber_reports_lost_records_and_continues(
    pipeline: Settings, enriched: PartitionPublisher, caplog: pytest.LogCaptureFixture
) -> None:
    subscribe = partial(Subscriber, pipeline, group="desk", timeout_s=0.5, once=False)
    ids = enriched.publish(0, 0, 1, 1)
    with subscribe(start="beginning") as subscriber:
        received(subscriber, ids)
    lost = enriched.publish(0, 0)
    kept = enriched.publish(0)
    delete_records(pipeline, ENRICHED, 0, 4)
    set_offset(pipeline, "desk", ENRICHED, 1, 1000)
    with subscribe() as subscriber:
        assert sorted(received(subscriber, [*kept, *ids[2:]])) == sorted([*kept, *ids[2:]])
        assert subscriber.lost == len(lost)
    assert "2 records of" in caplog.text
    assert "the reader's position was 1000" in caplog.text
    set_offset(pipeline, "desk", ENRICHED, 1, 1)  # back by one
    with subscribe() as subscriber:
        assert received(subscriber, ids[3:]) == ids[3:]


def test_a_group_reads_a_topic_that_was_recreated_between_two_runs_from_its_beginning(
    pipeline: Settings, enriched: PartitionPublisher
) -> None:
    ids = enriched.publish(0, 1)
    with Subscriber(pipeline, start="beginning", group="desk", timeout_s=0.5) as subscriber:
        received(subscriber, ids)
    recreate_topic(pipeline, ENRICHED)
    ids = enriched.publish(0, 0, 0, 1)
    with Subscriber(pipeline, group="desk", timeout_s=0.5) as subscriber:
        assert sorted(received(subscriber, ids)) == sorted(ids)
