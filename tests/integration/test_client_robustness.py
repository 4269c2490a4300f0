"""`telex publish` and `telex subscribe` in trouble: no broker, no topics, a broker that restarts or refuses records."""

import json
import random
import re
import threading
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaProducer
from kafka.errors import MessageSizeTooLargeError

from streams import Publisher, Settings, Subscriber, TelexError
from streams.kafka.connections import BOOTSTRAP_TIMEOUT_MS
from streams.kafka.embedded_broker import EmbeddedBroker
from streams.stages import ENRICHED, RAW
from streams.system.ports import free_port
from tests.support.articles import NEWS, create_pipeline, ids, published_articles
from tests.support.broker_changes import limit_record_size
from tests.support.commands import WAIT_S, RunTelex, StartTelex, running
from tests.support.independent_reader import read
from tests.support.processes import telex, wait_for


def test_the_commands_work_with_an_ascii_locale(pipeline: Settings, tmp_path: Path) -> None:
    """Cron and small containers have such a locale."""
    ascii_only = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    (tmp_path / "été.txt").write_text(NEWS)
    (tmp_path / "où.txt").write_text("1")
    done = telex(pipeline, "publish", str(tmp_path / "été.txt"), str(tmp_path / "où.txt"), **ascii_only)
    assert (done.returncode, done.stdout) == (1, "été\n")
    assert "missing_text: `text` has no letter" in done.stderr
    assert published_articles(pipeline) == {"été": {"id": "été", "text": NEWS}}
    options = ("--topic", RAW, "--from", "beginning", "--count", "1", "--timeout", WAIT_S)
    assert json.loads(telex(pipeline, "subscribe", *options, **ascii_only).stdout)["text"] == NEWS


def test_a_missing_broker_is_reported_in_one_line_within_the_limit(start_telex: StartTelex, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(NEWS)
    nowhere = {"TELEX_BOOTSTRAP_SERVERS": "127.0.0.1:1"}
    commands = [
        start_telex(*arguments, **nowhere)
        for arguments in (("publish", str(tmp_path / "a.txt")), ("subscribe", "--timeout", "1"))
    ]
    for process in commands:
        assert process.wait(BOOTSTRAP_TIMEOUT_MS / 1000 + 20) == 1
        assert process.stdout.read() == b""
        assert re.fullmatch(
            rb"telex: No Kafka .* at 127\.0\.0\.1:1 .*ECONNREFUSED.*: start one with `telex broker`.*\n",
            process.stderr.read(),
        )


def test_missing_topics_are_reported_with_the_command_that_creates_them(
    kafka: Settings, run_telex: RunTelex, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text(NEWS)
    for topic, arguments in ((RAW, ["publish", str(tmp_path / "a.txt")]), (ENRICHED, ["subscribe"])):
        message = (
            f"telex: There is no topic {kafka.topic_prefix}{topic} at {kafka.bootstrap_servers}: "
            "create the topics with `telex topics`."
        )
        assert run_telex(kafka, *arguments) == (1, [], [message])


def test_publisher_and_subscribers_continue_when_the_broker_restarts(tmp_path: Path) -> None:
    """No article is lost or shown twice."""
    with ExitStack() as stack, EmbeddedBroker(tmp_path, Settings().cache_dir, free_port()) as broker:
        settings = create_pipeline(broker, tmp_path)

        def start(*arguments: str, output: Path | None = None) -> Any:
            return stack.enter_context(running(settings, arguments, output))

        alone, shared = tmp_path / "alone", tmp_path / "shared"
        publishing = start("publish", "-")
        subscribe = ("subscribe", "--topic", RAW, "--from", "beginning")
        processes = [publishing, start(*subscribe, output=alone), start(*subscribe, "--group", "desk", output=shared)]

        def errors() -> str:
            for process in processes:
                process.kill()
            return "\n".join(process.stderr.read().decode() for process in processes)

        published: list[str] = []

        def all_are_shown() -> bool:
            return all(ids(path.read_text().splitlines()) == sorted(published) for path in (alone, shared))

        for identifier, restart in (("before", False), ("while", True), ("after", False)):
            if restart:
                broker.stop()
                broker.launch()
            publishing.stdin.write(json.dumps({"id": identifier, "text": NEWS}).encode() + b"\n")
            publishing.stdin.flush()
            published.append(identifier)
            broker.wait()
            wait_for(all_are_shown, 60, errors)
        publishing.stdin.close()
        assert publishing.wait(20) == 0


def test_a_group_continues_after_the_broker_was_away_during_a_commit(tmp_path: Path) -> None:
    with EmbeddedBroker(tmp_path, Settings().cache_dir, free_port()) as broker:
        settings = create_pipeline(broker, tmp_path)
        with Publisher(settings) as publisher:
            publisher.publish({"text": NEWS, "id": "first"})
        received = []
        with Subscriber(settings, topic=RAW, start="beginning", group="desk", timeout_s=60) as articles:
            for received_article in articles:
                received.append(received_article.article["id"])
                if len(received) == 2:
                    articles.finish(received_article)
                    break
                broker.stop()
                broker.launch()
                restart = threading.Timer(1, publish_second, (broker, settings))
                restart.start()
        restart.join()
        assert received == ["first", "second"]


def publish_second(broker: EmbeddedBroker, settings: Settings) -> None:
    broker.wait()
    with Publisher(settings) as publisher:
        publisher.publish({"text": NEWS, "id": "second"})


@pytest.fixture
def narrow(pipeline: Settings) -> Settings:
    """A pipeline whose raw topic accepts records of up to 1,000 bytes."""
    limit_record_size(pipeline, RAW, 1000)
    producer = KafkaProducer(bootstrap_servers=pipeline.bootstrap_servers)

    def refuses(partition: int) -> bool:
        try:
            producer.send(pipeline.topic_prefix + RAW, b"x" * 1000, partition=partition).get(20)
        except MessageSizeTooLargeError:
            return True
        return False

    # The broker applies a new limit after a moment.
    wait_for(lambda: all(refuses(partition) for partition in range(pipeline.partitions)), 20)
    producer.close()
    return pipeline


# Random bytes, because the limit applies to the compressed size.
LARGE = {"text": NEWS, "scan": random.Random(1).randbytes(2000).hex()}


def test_articles_that_the_broker_refuses_are_counted_and_named(narrow: Settings) -> None:
    """Two articles with the same id count as two."""
    with Publisher(narrow) as publisher:
        for identifier in ("a", "a", "b"):
            publisher.publish({**LARGE, "id": identifier})
        with pytest.raises(
            TelexError,
            match=r"^3 articles, the first a, were not delivered to .* \(MessageSizeTooLargeError.*\): publish again",
        ):
            publisher.flush()
        publisher.publish({"text": NEWS, "id": "small"})
    assert [record.key for record in read(narrow, RAW) if record.key] == [b"small"]


def test_an_article_that_is_not_delivered_ends_telex_publish(narrow: Settings, start_telex: StartTelex) -> None:
    publishing = start_telex("publish", "-")
    publishing.stdin.write(json.dumps({**LARGE, "id": "large"}).encode() + b"\n")
    with suppress(BrokenPipeError):
        for number in range(2000):
            publishing.stdin.write(json.dumps({"id": str(number), "text": NEWS}).encode() + b"\n")
            publishing.stdin.flush()
            publishing.stdout.readline()
    assert publishing.wait(30) == 1
    assert re.fullmatch(
        rb"telex: (The article large was|\d+ articles, the first large, were) not delivered to .*\n",
        publishing.stderr.read(),
    )
