"""Workers of watches and webhooks that are killed under load: no match is lost, and every receiver gets its matches."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

import pytest
from kafka import KafkaProducer

from streams.client import watch_store
from streams.settings import Settings
from streams.stages import DEAD, ENRICHED, MATCHES, STORIES
from tests.support.articles import enriched
from tests.support.checker import Record, Verdict
from tests.support.exam import Part, pick
from tests.support.independent_reader import committed, end_offset_sum, read
from tests.support.match_checker import check_matches
from tests.support.processes import WorkerProcess, environment, wait_for
from tests.support.watched import add, match, numbered, sender, stories_followed, tell_stories
from tests.support.webhook_receiver import Fault, WebhookReceiver

KILLS = pick(4, 300)
# Records a second.
RATE = 100.0
LIMIT_S = 120.0


@contextmanager
def supervised(workers: Sequence[WorkerProcess]) -> Iterator[None]:
    """Start workers again that have ended."""
    end = threading.Event()

    def supervise() -> None:
        while not end.wait(0.2):
            for worker in workers:
                if worker.process.poll() is not None:
                    worker.start()

    thread = threading.Thread(target=supervise, daemon=True)
    thread.start()
    try:
        yield
    finally:
        end.set()
        thread.join()


def logs(workers: Sequence[WorkerProcess]) -> str:
    return "\n".join(f"--- {worker.get('/readyz')}:\n{worker.log.read_text()[-2000:]}" for worker in workers)


def verdict_of(settings: Settings, watch: str, source: str = ENRICHED, group: str = "watches") -> Verdict:
    """Check a watch that every record of its source matches."""
    records, matches, dead = (
        [Record(each.partition, each.offset, each.key, each.value, each.headers) for each in read(settings, topic)]
        for topic in (source, MATCHES, DEAD)
    )
    topic = settings.topic(source)
    return check_matches(watch, topic, records, matches, dead, committed(settings, group))


@pytest.mark.part(20, f"`kill -9` of random workers of watches, two of them, at {RATE:.0f} articles a second")
def test_no_match_is_lost_when_workers_of_watches_are_killed(pipeline: Settings, part: Part) -> None:
    part.extent = f"{KILLS} times, while watches are added and removed"
    chance, published, told = random.Random(20), 0, 0
    producer = KafkaProducer(bootstrap_servers=pipeline.bootstrap_servers)
    for name in ("all", "everything"):
        add(pipeline, name, "text=tramway&language=fr")
    add(pipeline, "stories", "text=tramway&stories=first")
    with ExitStack() as stack:
        workers = [
            stack.enter_context(WorkerProcess(pipeline, "watches", environment(pipeline), f"watches-{number}"))
            for number in range(2)
        ]
        for worker in workers:
            worker.wait_ready()
        stack.enter_context(supervised(workers))
        for kill in range(KILLS):
            until = time.monotonic() + chance.uniform(0.2, 1.5)
            while time.monotonic() < until:
                # One record in twenty is no article.
                value = b"{" if published % 20 == 7 else json.dumps(enriched(f"a{published}")).encode()
                producer.send(pipeline.topic(ENRICHED), key=b"a%d" % published, value=value)
                published += 1
                time.sleep(1 / RATE)
            # The articles whose stories are told match in the second pass.
            told += len(tell_stories(pipeline, [f"s{told + number}" for number in range(10)], "first"))
            add(pipeline, f"other{kill % 3}", "text=Paris")
            if kill % 3 == 2:
                watch_store.remove(pipeline, "other0")
            chance.choice(workers).kill()
        producer.close()
        total = published + told
        wait_for(lambda: sum(committed(pipeline, "watches").values()) == total, LIMIT_S, lambda: logs(workers))
        wait_for(lambda: stories_followed(pipeline, told), LIMIT_S, lambda: logs(workers))
    verdict, again = (verdict_of(pipeline, name) for name in ("all", "everything"))
    by_story = verdict_of(pipeline, "stories", STORIES, "watches.second")
    part.add(verdict)
    part.add_figure("copies per kill", verdict.copies / KILLS)
    for each, records in ((verdict, total), (again, total), (by_story, told)):
        assert each.holds, each.breaches[:20]
        assert each.records == records


@pytest.mark.part(21, "`kill -9` of random senders of webhooks, two of them, whose receivers fail, hang and go away")
def test_every_match_is_delivered_although_senders_are_killed(pipeline: Settings, part: Part) -> None:
    part.extent = f"{KILLS} times"
    chance, published = random.Random(21), 0
    faults: Sequence[Fault] = ("none", "error", "reset", "slow", "redirect", "hang")
    with ExitStack() as stack:
        receivers = {f"w{number}": stack.enter_context(WebhookReceiver()) for number in range(4)}
        for name, receiver in receivers.items():
            add(pipeline, name, "text=tramway", receiver.url)
        workers = [stack.enter_context(sender(pipeline, f"webhooks-{number}")) for number in range(2)]
        for worker in workers:
            worker.wait_ready()
        stack.enter_context(supervised(workers))
        for _ in range(KILLS):
            match(pipeline, receivers, numbered(published, published + 10))
            published += 10
            # The first receiver always works, and the last one goes away.
            for receiver in list(receivers.values())[1:]:
                receiver.fault = chance.choice(faults)
            receivers["w3"].go_away()
            time.sleep(chance.uniform(0.2, 2.0))
            receivers["w3"].come_back()
            chance.choice(workers).kill()
        for receiver in receivers.values():
            receiver.fault = "none"
        wanted = numbered(0, published)
        wait_for(
            lambda: all(set(receiver.articles) == set(wanted) for receiver in receivers.values()),
            LIMIT_S,
            lambda: logs(workers),
        )
        total = end_offset_sum(pipeline, MATCHES)
        wait_for(lambda: sum(committed(pipeline, "webhooks").values()) == total, LIMIT_S, lambda: logs(workers))
    assert not read(pipeline, DEAD)
    copies = 0
    for receiver in receivers.values():
        firsts = {webhook.id: webhook for webhook in reversed(receiver.accepted)}
        assert len(firsts) == published
        copies += len(receiver.accepted) - published
    part.records = part.enriched = published * len(receivers)
    part.copies = copies
    part.add_figure("copies per kill", copies / KILLS)
