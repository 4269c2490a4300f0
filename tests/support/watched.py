"""What tests of watches and webhooks share: the settings of a sender, and the watches and matches that they write."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable

import msgspec
from kafka import KafkaProducer

from streams.client import watch_store
from streams.records import watches
from streams.records.filters import FilteredArticle, Match, of_query
from streams.settings import Settings
from streams.stages import MATCHES
from tests.support.articles import enriched
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


def numbered(begin: int, end: int) -> list[str]:
    """The ids of articles."""
    return [f"a{number}" for number in range(begin, end)]
