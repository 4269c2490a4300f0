"""Members of a group that join, get other partitions, or leave while a rebalance is under way."""

import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from streams import Settings, Subscriber
from streams.client import subscriber as subscriber_module
from streams.kafka import consumer_groups
from streams.kafka.connections import admin
from streams.stages import ENRICHED
from tests.support.articles import enriched, ids, produce
from tests.support.broker_changes import add_partitions
from tests.support.commands import StartTelex
from tests.support.partition_publisher import PartitionPublisher
from tests.support.processes import wait_for


@pytest.fixture
def short_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each poll ends before the broker's answer to its request, as in a slow network."""
    monkeypatch.setattr(subscriber_module, "POLL_MS", 0)


@pytest.fixture
def long_sessions(monkeypatch: pytest.MonkeyPatch) -> None:
    """The broker keeps a member that did not leave for longer than a test waits."""
    monkeypatch.setattr(subscriber_module, "SESSION_TIMEOUT_MS", 120_000)


@pytest.fixture
def publisher(pipeline: Settings) -> Iterator[PartitionPublisher]:
    with closing(PartitionPublisher(pipeline, ENRICHED)) as publishing:
        yield publishing


def members(settings: Settings) -> int | None:
    """The number of members of the group `desk`."""
    group = f"{settings.topic_prefix}desk"
    with admin(settings) as client:
        return consumer_groups.members(client, [group])[group]


def wait_for_articles(subscriber: Subscriber, expected: list[str]) -> None:
    found: set[str] = set()

    def all_came() -> bool:
        found.update(each.article["id"] for each in subscriber)
        return found >= set(expected)

    wait_for(all_came, 20, lambda: f"{expected} are not in {found}")


@pytest.mark.usefixtures("short_polls")
def test_a_member_reads_new_partitions_if_its_polls_are_shorter_than_a_rebalance(
    pipeline: Settings, publisher: PartitionPublisher
) -> None:
    with Subscriber(pipeline, group="desk", start="beginning", timeout_s=0.5) as subscriber:
        wait_for_articles(subscriber, publisher.publish(0))
        add_partitions(pipeline, 6, [ENRICHED])
        wait_for_articles(subscriber, publisher.publish(0, 4, 5))


@pytest.mark.usefixtures("long_sessions")
def test_a_member_that_ends_after_its_first_request_to_join_delays_no_other_member(
    pipeline: Settings, publisher: PartitionPublisher
) -> None:
    with Subscriber(pipeline, group="desk", start="beginning", timeout_s=0.5) as other:
        wait_for_articles(other, publisher.publish(0))
        with Subscriber(pipeline, group="desk") as leaving:
            coordinator = leaving._consumer._coordinator
            wait_for(lambda: leaving._source.poll(0) or coordinator._join_task, 10)
            wait_for(coordinator._join_task.failed, 10)  # the answer has an id, with which the member has to ask again
        add_partitions(pipeline, 6, [ENRICHED])
        wait_for_articles(other, publisher.publish(0, 4, 5))


@pytest.mark.usefixtures("long_sessions")
def test_a_member_leaves_at_once_while_a_rebalance_waits_for_another_member(
    pipeline: Settings, publisher: PartitionPublisher
) -> None:
    with Subscriber(pipeline, group="desk", start="beginning", timeout_s=0.5) as busy:
        wait_for_articles(busy, publisher.publish(0))  # after this it does not poll, as if it worked on an article
        with Subscriber(pipeline, group="desk", timeout_s=0.5) as leaving:
            list(leaving)
            assert members(pipeline) == 2
        assert members(pipeline) == 1
        wait_for_articles(busy, publisher.publish(0, 1, 2, 3))


def test_ctrl_c_while_a_rebalance_waits_for_another_member_ends_the_command_without_a_message(
    pipeline: Settings, start_telex: StartTelex, tmp_path: Path
) -> None:
    output = tmp_path / "shown"
    with Subscriber(pipeline, group="desk", start="beginning", timeout_s=0.5) as busy:
        produce(pipeline, enriched("before"))
        wait_for_articles(busy, ["before"])
        joining = start_telex("subscribe", "--group", "desk", output=output)
        wait_for(lambda: members(pipeline) == 2, 30)
        joining.send_signal(signal.SIGINT)
        assert joining.wait(20) == 130
        assert members(pipeline) == 1
        assert joining.stderr
        assert (ids(output.read_text().splitlines()), joining.stderr.read()) == ([], b"")
