"""Measures what the count of sources costs a worker, and what `telex status --sources` costs.

Run it on an idle machine:

    python -m tests.support.measure_sources

The articles have 600 words, 12 entities, one of 40 sources and one of three languages. The times are processor time.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from kafka import KafkaProducer
from prometheus_client import CollectorRegistry

from streams.client.source_status import SourceStatusReader
from streams.kafka import topics
from streams.kafka.embedded_broker import EmbeddedBroker
from streams.records.headers import event
from streams.settings import Settings
from streams.sources.article_facts import article_facts
from streams.stages import ENRICHED
from streams.worker.source_metrics import SourceMetrics
from tests.support.source_records import source_article

COUNTED, READ, ROUNDS = 2_000, 30_000, 5


def article(number: int) -> bytes:
    entities = {"status": "analysed", "model": "m", "items": [_entity(f"Person {each}") for each in range(12)]}
    fields: dict[str, Any] = {"text": "lorem " * 600, "url": f"https://example.org/{number}", "entities": entities}
    return msgspec.json.encode(
        source_article(f"a{number}", f"Source {number % 40}", ("fr", "en", "de")[number % 3], **fields)
    )


def _entity(name: str) -> dict[str, object]:
    mention = {"field": "text", "start": 0, "end": len(name), "text": name}
    return {"name": name, "type": "PERSON", "count": 2, "mentions": [mention, mention]}


def shortest(action: Callable[[bytes], object], values: list[bytes]) -> float:
    """The microseconds of an article, in the shortest of some rounds."""
    rounds = []
    for _ in range(ROUNDS):
        begin = time.process_time()
        for value in values:
            action(value)
        rounds.append((time.process_time() - begin) / len(values) * 1e6)
    return min(rounds)


def main() -> None:
    values, headers = [article(number) for number in range(COUNTED)], event("a", "enriched", "urn:telex:x", (), None)
    metrics, now = SourceMetrics(CollectorRegistry(), 100), time.time()
    print(f"an article has {len(values[0]):,} bytes")
    print(f"what its record says       {shortest(lambda value: article_facts(value, headers), values):5.1f} µs")
    counted = shortest(lambda value: metrics.count(value, headers, now, now), values)
    print(f"that, and the metrics      {counted:5.1f} µs")
    with tempfile.TemporaryDirectory() as folder, EmbeddedBroker(Path(folder), Settings().cache_dir, 0) as broker:
        settings = Settings(bootstrap_servers=broker.bootstrap_servers, data_dir=Path(folder))
        topics.create(settings)
        producer = KafkaProducer(
            bootstrap_servers=broker.bootstrap_servers, compression_type="zstd", linger_ms=50, batch_size=2**19
        )
        for number in range(READ):
            producer.send(ENRICHED, key=b"%d" % number, value=article(number), headers=headers)
        producer.flush()
        producer.close()
        reader = SourceStatusReader(settings)
        for which in ("first", "second"):
            begin, wall = time.process_time(), time.monotonic()
            articles = sum(row.articles_last_day or 0 for row in reader.read())
            spent, passed = time.process_time() - begin, time.monotonic() - wall
            print(f"the {which} reading of {articles:,} articles {spent:6.2f} s, and {passed:.2f} s until it was done")


if __name__ == "__main__":
    main()
