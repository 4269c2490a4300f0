"""Where a Subscriber begins, and where the members of a group continue, on a real Kafka."""

import signal
import subprocess
from datetime import UTC, datetime, timedelta, timezone
from itertools import islice
from pathlib import Path

import pytest
from kafka.admin import MemberToRemove

from streams import Settings, Subscriber
from streams.kafka import consumer_groups
from streams.kafka.connections import admin
from streams.kafka.embedded_broker import EmbeddedBroker
from streams.stages import ENRICHED
from tests.support.articles import create_pipeline, enriched, ids, produce
from tests.support.commands import WAIT_S, RunTelex, StartTelex
from tests.support.processes import wait_for

# A recent time, because Kafka deletes enriched records by their age.
MOMENT = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2)


@pytest.fixture(scope="module")
def dated(broker: EmbeddedBroker, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Three articles, with timestamps an hour before MOMENT, at MOMENT, and an hour after it."""
    folder = tmp_path_factory.mktemp("dated")
    # The broker sets the timestamps by default. Kafka applies a changed setting late, so the topic is created with it.
    as_sent = {"num_partitions": 4, "replication_factor": 1, "configs": {"message.timestamp.type": "CreateTime"}}
    with admin(Settings(bootstrap_servers=broker.bootstrap_servers)) as client:
        client.create_topics({f"{folder.name}.{ENRICHED}": as_sent}, wait_for_metadata=True)
    settings = create_pipeline(broker, folder)
    for hours, identifier in enumerate(("a", "b", "c"), -1):
        produce(settings, enriched(identifier), at_ms=int((MOMENT + timedelta(hours=hours)).timestamp() * 1000))
    return settings


@pytest.mark.parametrize(
    ("begin", "expected"),
    [
        ("beginning", ["a", "b", "c"]),
        ("1900-01-01", ["a", "b", "c"]),
        (MOMENT.isoformat().replace("+00:00", "Z"), ["b", "c"]),
        ((MOMENT + timedelta(milliseconds=1)).astimezone(timezone(timedelta(hours=5.5))).isoformat(), ["c"]),
    ],
    ids=["beginning", "long ago", "UTC", "another time zone"],
)
def test_a_subscriber_begins_at_the_given_time(
    dated: Settings, run_telex: RunTelex, begin: str, expected: list[str]
) -> None:
    code, shown, _ = run_telex(dated, "subscribe", "--from", begin, "--count", str(len(expected)), "--timeout", WAIT_S)
    assert (code, ids(shown)) == (0, expected)


def test_a_group_continues_after_the_last_article_that_was_shown(pipeline: Settings, run_telex: RunTelex) -> None:
    produce(pipeline, *(enriched(f"a{number}") for number in range(6)))
    group = ("subscribe", "--group", "desk", "--from", "beginning")
    _, first, _ = run_telex(pipeline, *group, "--count", "2", "--timeout", WAIT_S)
    _, second, _ = run_telex(pipeline, *group, "--count", "4", "--timeout", WAIT_S)
    assert len(first) == 2
    assert ids(first + second) == [f"a{number}" for number in range(6)]
    produce(pipeline, enriched("new"))
    _, third, _ = run_telex(pipeline, *group, "--count", "1", "--timeout", WAIT_S)
    assert ids(third) == ["new"]


def test_a_group_that_received_no_article_continues_where_it_began(pipeline: Settings) -> None:
    produce(pipeline, enriched("before"))
    with Subscriber(pipeline, group="desk", timeout_s=0.2) as articles:
        assert list(articles) == []
    produce(pipeline, enriched("between"))
    with Subscriber(pipeline, group="desk", timeout_s=30) as articles:
        assert next(iter(articles)).key == b"between"


def test_a_group_begins_at_the_given_time(dated: Settings) -> None:
    with Subscriber(dated, group="desk", start=MOMENT, timeout_s=30) as articles:
        records = iter(articles)
        assert {next(records).key, next(records).key} == {b"b", b"c"}


def test_a_groups_name_has_the_prefix_of_its_pipeline(pipeline: Settings) -> None:
    with Subscriber(pipeline, group="desk"), admin(pipeline) as client:
        committed = consumer_groups.committed(client, ["desk", pipeline.topic_prefix + "desk"])
    assert {name: bool(offsets) for name, offsets in committed.items()} == {
        "desk": False,
        pipeline.topic_prefix + "desk": True,
    }


def test_the_members_of_a_group_share_the_articles_and_show_each_once(
    pipeline: Settings, start_telex: StartTelex, tmp_path: Path
) -> None:
    """One member joins, and one leaves with Ctrl-C, while articles arrive."""
    outputs = [tmp_path / "first", tmp_path / "second"]
    expected = [f"a{number:03}" for number in range(150)]

    def join(output: Path) -> subprocess.Popen[bytes]:
        process: subprocess.Popen[bytes] = start_telex(
            "subscribe", "--group", "desk", "--from", "beginning", output=output
        )
        return process

    def shown() -> list[str]:
        return [line for output in outputs if output.exists() for line in output.read_text().splitlines()]

    def wait_until_shown(count: int) -> None:
        wait_for(lambda: len(shown()) >= count, 30)

    def errors(process: subprocess.Popen[bytes]) -> bytes:
        assert process.stderr
        return process.stderr.read()

    def members() -> int | None:
        with admin(pipeline) as client:
            return consumer_groups.members(client, [pipeline.topic_prefix + "desk"])[pipeline.topic_prefix + "desk"]

    first = join(outputs[0])
    for turn in range(3):
        produce(pipeline, *map(enriched, expected[turn * 50 : turn * 50 + 50]))
        wait_until_shown(turn * 50 + 50)
        if turn == 0:
            second = join(outputs[1])
            wait_for(lambda: members() == 2, 30)
        elif turn == 1:
            first.send_signal(signal.SIGINT)
            assert first.wait(20) == 130
    second.send_signal(signal.SIGTERM)
    assert second.wait(20) == 0
    assert ids(shown()) == expected
    assert outputs[1].read_text()
    assert [errors(process) for process in (first, second)] == [b"", b""]


def test_a_removed_member_rejoins_its_group_and_shows_no_article_twice(pipeline: Settings) -> None:
    """A group removes a member that does not poll for five minutes, for example if its output waits in `less`."""
    produce(pipeline, *(enriched(f"a{number}") for number in range(4)))
    with Subscriber(pipeline, group="desk", start="beginning", timeout_s=30) as articles:
        records = iter(articles)
        received = [next(records)]
        with admin(pipeline) as client:
            members = client.describe_groups([pipeline.topic_prefix + "desk"])[pipeline.topic_prefix + "desk"][
                "members"
            ]
            client.remove_group_members(pipeline.topic_prefix + "desk", [MemberToRemove(members[0]["member_id"])])
        received += [next(records) for _ in range(3)]
        produce(pipeline, enriched("new"))
        received.append(next(records))
    assert sorted(record.key or b"" for record in received) == [b"a0", b"a1", b"a2", b"a3", b"new"]


def test_a_group_shows_an_unfinished_record_again(pipeline: Settings) -> None:
    """A record is finished when the caller asks for the next one, or calls `finish`."""
    produce(pipeline, *(enriched(f"a{number}") for number in range(5)))
    shown = []
    for count, finished in ((2, True), (1, False), (3, True)):
        with Subscriber(pipeline, group="desk", start="beginning", timeout_s=30) as articles:
            records = iter(articles)
            received = [next(records) for _ in range(count)]
            if finished:
                articles.finish(received[-1])
        shown.append([record.key or b"" for record in received])
    assert shown[1][0] in shown[2]
    assert sorted(shown[0] + shown[2]) == [b"a0", b"a1", b"a2", b"a3", b"a4"]


def test_a_new_iteration_continues_after_the_last_record(pipeline: Settings) -> None:
    produce(pipeline, *(enriched(f"a{number}") for number in range(5)))
    with Subscriber(pipeline, start="beginning", timeout_s=1) as articles:
        first = [received.key or b"" for received in islice(articles, 2)]
        rest = [received.key or b"" for received in articles]
        assert articles.timed_out
        assert list(articles) == []
        produce(pipeline, enriched("new"))
        assert [received.key for received in articles] == [b"new"]
    assert sorted(first + rest) == [b"a0", b"a1", b"a2", b"a3", b"a4"]
