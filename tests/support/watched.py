"""What tests of watches and webhooks share: the settings of a sender, and the watches and matches that they write."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping

import msgspec
from kafka import KafkaProducer

from streams.client import watch_store
from streams.kafka import consumer_groups
from streams.kafka.connections import admin
from streams.records import Relation, Story, watches
from streams.records.filters import FilteredArticle, Match, of_query
from streams.records.headers import ARTICLE_OFFSET
from streams.settings import Settings
from streams.stages import ENRICHED, MATCHES, STORIES
from tests.support.articles import enriched
from tests.support.independent_reader import read
from tests.support.processes import WorkerProcess, environment

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
ALLOWED = {
    "TELEX_WEBHOOK_SECRET": SECRET,
    "TELEX_WEBHOOK_ALLOW_HTTP": "true",
    "TELEX_WEBHOOK_ALLOW_PRIVATE": "true",
}


def sender(settings: Settings, instance: str | None = None, **more: str) -> WorkerProcess:
    """A webhooks worker that may send to this machine."""
    return WorkerProcess(settings, "webhooks", environment(settings, **(ALLOWED | more)), instance)


def add(settings: Settings, name: str, query: str, url: str | None = None) -> None:
    """Add a watch."""
    watch_store.put(settings, name, watches.new(of_query(query), url))


def match(settings: Settings, names: Iterable[str], articles: Iterable[str]) -> None:
    """Write the match of each watch with each article, as the watches worker does."""
    known = watch_store.read_all(settings)
    producer = KafkaProducer(bootstrap_servers=settings.bootstrap_servers)
    for article in articles:
        value = FilteredArticle(json.dumps(enriched(article)).encode())
        for name in names:
            record = watches.match_record(name, known[name], value, Match())
            producer.send(settings.topic(MATCHES), key=name.encode(), value=msgspec.json.encode(record))
    producer.flush(20)
    producer.close()


def tell_stories(settings: Settings, articles: Iterable[str], relation: Relation) -> set[str]:
    """Write enriched articles and the record of each one's story. Returns the ids."""
    producer = KafkaProducer(bootstrap_servers=settings.bootstrap_servers)
    sent = {
        article: producer.send(
            settings.topic(ENRICHED), key=article.encode(), value=json.dumps(enriched(article)).encode()
        )
        for article in articles
    }
    for article, future in sent.items():
        at = future.get(20)
        write_story(settings, article, relation, at.partition, {ARTICLE_OFFSET: b"%d" % at.offset}, producer)
    producer.close()
    return set(sent)


def stories_followed(settings: Settings, count: int) -> bool:
    """Whether there are so many records of stories, and the watches workers have finished all of them."""
    told = read(settings, STORIES)
    # The markers of transactions have offsets too.
    last = {record.partition: record.offset + 1 for record in told}
    group = settings.group("watches.second")
    with admin(settings) as client:
        done = {tp.partition: offset for tp, offset in consumer_groups.committed(client, [group])[group].items()}
    return len(told) == count and last.items() <= done.items()


def write_story(
    settings: Settings,
    article: str,
    relation: Relation,
    partition: int,
    headers: Mapping[str, bytes],
    producer: KafkaProducer | None = None,
) -> None:
    """Write the record of an article's story, as the stories worker does."""
    used = producer or KafkaProducer(bootstrap_servers=settings.bootstrap_servers)
    story = Story(id=article, story=article, relation=relation, of=None, similarity=None, articles=1, model="m")
    used.send(
        settings.topic(STORIES),
        key=article.encode(),
        value=msgspec.json.encode(story),
        partition=partition,
        headers=list(headers.items()),
    )
    if not producer:
        used.close()


def numbered(begin: int, end: int) -> list[str]:
    """The ids of articles."""
    return [f"a{number}" for number in range(begin, end)]
