"""Readers of the web page's stream get every article once, while their connections are cut and the server is killed."""

from __future__ import annotations

import asyncio
import json
import operator
from collections.abc import Callable

import pytest
from kafka import KafkaProducer

from streams.settings import Settings
from streams.stages import ENRICHED
from tests.support.checker import Evidence, Record, Verdict, check
from tests.support.exam import Part, pick
from tests.support.filtered import article
from tests.support.independent_reader import read
from tests.support.proxy import Proxy
from tests.support.web_server import StreamReader, WebServer

READERS, CUTS, ARTICLES = 200, pick(6, 100), 20
# Articles that come again at the end of each round, as after a crash of a stage.
COPIES = 5
LIMIT_S = 120


def publish(settings: Settings, number: int) -> None:
    """Write the articles of a round, and copies of the last ones."""
    values = {
        f"{number}-{each}": article(None, "Un texte.", language="fr", id=f"{number}-{each}") for each in range(ARTICLES)
    }
    producer = KafkaProducer(bootstrap_servers=settings.bootstrap_servers)
    for identity in (*values, *list(values)[-COPIES:]):
        producer.send(settings.topic(ENRICHED), key=identity.encode(), value=values[identity])
    producer.flush(30)
    producer.close()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(LIMIT_S):
        while not condition():  # noqa: ASYNC110 (the condition is that of many readers)
            await asyncio.sleep(0.1)


async def read_through_cuts(settings: Settings, server: WebServer, proxy: Proxy) -> list[StreamReader]:
    """Let readers read what is published. Each round ends with a cut, and sometimes a kill."""
    readers = [StreamReader(proxy.port, "?language=fr") for _ in range(READERS)]
    tasks = [asyncio.create_task(reader.run()) for reader in readers]
    await until(lambda: all(reader.last_id for reader in readers))
    connections = [0] * READERS  # of each reader before the last cut
    for number in range(CUTS):
        # Every second cut finds all readers connected. The others may find them still connecting.
        if number % 2:
            await until(lambda: all(map(operator.gt, [reader.connections for reader in readers], connections)))
        await asyncio.to_thread(publish, settings, number)
        if number % 4 == 2:
            server.kill()
            await asyncio.to_thread(server.start)
        connections[:] = [reader.connections for reader in readers]
        proxy.reset_connections()
    await until(lambda: all(len(reader.ids) >= CUTS * ARTICLES for reader in readers))
    await asyncio.sleep(1)  # in which one may come twice
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return readers


def verdict_of(reader: StreamReader, enriched: list[Record]) -> Verdict:
    """What the checker says of a reader, whose articles are taken for the outputs of a stage."""
    partitions = {record.key: record.partition for record in enriched}
    received = [
        Record(partitions[json.loads(value)["id"].encode()], at, json.loads(value)["id"].encode(), value)
        for at, value in enumerate(reader.articles)
    ]
    return check(Evidence({ENRICHED: enriched, "the reader": received}, [], {ENRICHED: {}}))


@pytest.mark.part(22, f"the connections of {READERS} readers of the web page are cut, and its server is killed")
def test_a_reader_of_the_web_page_misses_nothing_and_gets_nothing_twice(pipeline: Settings, part: Part) -> None:
    part.extent = f"{CUTS} cuts, and a `kill -9` at every fourth"
    with WebServer(pipeline) as server, Proxy() as proxy:
        proxy.start(server.port)
        readers = asyncio.run(read_through_cuts(pipeline, server, proxy))
    enriched = [Record(each.partition, each.offset, each.key, each.value) for each in read(pipeline, ENRICHED)]
    verdicts = [verdict_of(reader, enriched) for reader in readers]
    part.add(verdicts[0])
    assert [verdict.breaches[:5] for verdict in verdicts if not verdict.holds] == []
    assert {verdict.copies for verdict in verdicts} == {0}
    assert min(reader.connections for reader in readers) > CUTS // 2
