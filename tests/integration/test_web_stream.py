"""The stream of the web page on a real Kafka: connections break, the server is killed, clients do not read."""

from __future__ import annotations

import asyncio
import json
import socket
from collections import Counter
from collections.abc import Iterable
from typing import Any

import jsonschema
import psutil
from kafka import KafkaProducer

from streams.settings import Settings
from streams.stages import ENRICHED, STORIES, WORKERS
from streams.web.gap import Gap
from streams.web.recent import MAX_ARTICLES
from tests.support.broker_changes import delete_records, recreate_topic
from tests.support.filtered import article
from tests.support.independent_reader import committed, read
from tests.support.processes import WorkerProcess, environment, wait_for
from tests.support.story_stream import enriched
from tests.support.web_server import StreamReader, WebServer


def news(identity: str, text: str = "Un texte.", language: str = "fr", **more: Any) -> bytes:
    return article(f"Title {identity}", text, named={"Paris": "LOCATION/FR"}, language=language, id=identity, **more)


def produce(settings: Settings, values: Iterable[bytes], topic: str = ENRICHED) -> None:
    """Write enriched records, each under the id of its article."""
    producer = KafkaProducer(bootstrap_servers=settings.bootstrap_servers, linger_ms=20)
    for value in values:
        producer.send(settings.topic(topic), key=json.loads(value)["id"].encode(), value=value)
    producer.flush(30)
    producer.close()


def never_reading(port: int) -> socket.socket:
    """A client that asks for the whole stream and does not read it."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect(("127.0.0.1", port))
    client.sendall(b"GET /articles/stream HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    return client


def test_a_reader_that_never_reads_is_disconnected(pipeline: Settings) -> None:
    with WebServer(pipeline) as server, never_reading(server.port):
        wait_for(lambda: server.metric("telex_web_readers") == 1, 20)
        produce(pipeline, [news(f"large-{number}", "Ein Text. " * 60_000, "de") for number in range(20)])
        wait_for(lambda: server.metric('telex_web_dropped_total{reason="stalled"}') == 1, 60, server.log.read_text)
        wait_for(lambda: server.metric("telex_web_readers") == 0, 20, server.log.read_text)


async def until(condition: Any, limit_s: float = 120) -> None:
    async with asyncio.timeout(limit_s):
        while not condition():  # noqa: ASYNC110 (the condition is that of many readers)
            await asyncio.sleep(0.1)


def test_a_reader_that_comes_back_after_thousands_of_articles_gets_each_once(pipeline: Settings) -> None:
    count = MAX_ARTICLES + 500

    async def scenario(port: int, last_id: str) -> StreamReader:
        reader = StreamReader(port, last_id=last_id)
        task = asyncio.create_task(reader.run())
        await until(lambda: len(reader.ids) >= count)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return reader

    with WebServer(pipeline) as server:
        produce(pipeline, [news("before")])
        position = server.json("/articles")["position"]
        values = [news(str(number)) for number in range(count)]
        produce(pipeline, values)
        produce(pipeline, values[:50])  # copies
        wait_for(lambda: server.json("/articles?limit=1")["searched"] == MAX_ARTICLES, 60, server.log.read_text)
        reader = asyncio.run(scenario(server.port, position))
    assert Counter(reader.ids) == Counter(str(number) for number in range(count))


def test_what_retention_has_deleted_is_counted_as_lost(pipeline: Settings) -> None:
    async def scenario(port: int, last_id: str) -> StreamReader:
        reader = StreamReader(port, last_id=last_id)
        task = asyncio.create_task(reader.run())
        await until(lambda: "after" in reader.ids)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return reader

    produce(pipeline, [news(str(number)) for number in range(10)])
    for partition in range(pipeline.partitions):
        delete_records(pipeline, ENRICHED, partition, -1)  # all
    with WebServer(pipeline) as server:
        mark = server.json("/articles")["position"].partition(":")[0]
        produce(pipeline, [news("after")])
        wait_for(lambda: server.json("/articles")["searched"] == 1, 30)
        reader = asyncio.run(scenario(server.port, f"{mark}:0.0.0.0"))
    assert (reader.ids, "lost" in reader.others) == (["after"], True)


def test_a_reader_goes_on_with_a_topic_that_was_created_again(pipeline: Settings) -> None:
    async def scenario(server: WebServer) -> list[str]:
        reader = StreamReader(server.port)
        task = asyncio.create_task(reader.run())
        await until(lambda: reader.last_id)
        await asyncio.to_thread(produce, pipeline, [news("old")])
        await until(lambda: reader.ids == ["old"])
        await asyncio.to_thread(recreate_topic, pipeline, ENRICHED)
        await asyncio.to_thread(produce, pipeline, [news("new")])
        await until(lambda: "new" in reader.ids)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return reader.ids

    with WebServer(pipeline) as server:
        assert asyncio.run(scenario(server)) == ["old", "new"]


def test_a_reader_can_ask_for_each_story_once_and_resume(pipeline: Settings) -> None:
    def publish(numbers: Iterable[int]) -> None:
        """Each text comes under two ids. The second one is a duplicate."""
        texts = ((f"{number}{name}", number) for number in numbers for name in "ab")
        produce(pipeline, [json.dumps(enriched(identity, number)).encode() for identity, number in texts])

    def relations(count: int) -> dict[str, str]:
        """The relation of each article to its story, once so many have one."""
        wait_for(lambda: len(read(pipeline, STORIES)) >= count, 30)
        stories = [json.loads(record.value) for record in read(pipeline, STORIES)]
        return {story["id"]: story["relation"] for story in stories}

    def opening(found: dict[str, str]) -> set[str]:
        return {identity for identity, relation in found.items() if relation == "first"}

    async def scenario(port: int, beginning: str) -> tuple[list[str], list[str]]:
        live, whole = StreamReader(port, "?stories=first"), StreamReader(port, "?stories=first", beginning)
        tasks = [asyncio.create_task(reader.run()) for reader in (live, whole)]
        await until(lambda: live.last_id)
        await asyncio.to_thread(publish, range(4, 8))
        expected = opening(await asyncio.to_thread(relations, 16))
        await until(lambda: len(whole.ids) >= len(expected))
        await asyncio.sleep(0.5)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return live.ids, whole.ids

    with WorkerProcess(pipeline, "stories", environment(pipeline)).wait_ready():
        publish(range(4))
        before = relations(8)
        with WebServer(pipeline) as server:
            answer = server.json("/articles?stories=first")
            mark = answer["position"].partition(":")[0]
            live, whole = asyncio.run(scenario(server.port, f"{mark}:0.0.0.0"))
        known = relations(16)
        ends = committed(pipeline, "stories")
        missed = Gap(pipeline, with_stories=True).read(dict.fromkeys(ends, 0), ends)
    assert "duplicate" in known.values()
    assert {found["article"]["id"] for found in answer["articles"]} == opening(before)
    assert Counter(whole) == Counter(opening(known))
    assert Counter(live) == Counter(opening(known) - before.keys())
    assert {record.document.id: record.document.story for record in missed.records} == known


def test_the_answers_have_the_form_that_the_description_says(pipeline: Settings) -> None:
    text = "<script>alert(1)</script> \u202eevil\u0000\u2028"
    hostile = article("<b>&amp;", text, named={"Paris": "LOCATION/FR"}, language="fr", id="hostile")
    produce(pipeline, [news("a"), hostile, b'{"id": "no article"}', news("b", sentiment="negative")])
    with WebServer(pipeline) as server:
        document = server.json("/openapi.json")
        for path in ("/articles", "/hour", "/stories", "/watches", "/status", "/sources"):
            (answer,) = document["paths"][path]["get"]["responses"]["200"]["content"].values()
            schema = {**answer["schema"], "components": document["components"]}
            jsonschema.Draft202012Validator(schema).validate(server.json(path))
        listed = server.json("/articles?sentiment=negative")
        assert [found["article"]["id"] for found in listed["articles"]] == ["b"]
        assert listed["searched"] == 3
        (found,) = [each for each in server.json("/articles")["articles"] if each["article"]["id"] == "hostile"]
        assert found["article"] == json.loads(hostile)
        hour = server.json("/hour")
        assert (hour["articles"], hour["languages"], hour["places"][0]["name"]) == (3, {"fr": 3}, "Paris")
        assert [stage["stage"] for stage in server.json("/status")["stages"]] == list(WORKERS)
        (sources,) = server.json("/sources")["sources"]
        assert (sources["source"], sources["language"], sources["articles_last_hour"]) == ("unknown", "fr", 3)
        assert (server.metric("telex_web_ready"), server.metric("telex_web_lag")) == (1, 0)


def test_nobody_looks_and_nothing_is_read(pipeline: Settings) -> None:
    """A server that nobody has asked yet has no connection to Kafka and no thread that reads."""
    with WebServer(pipeline) as server:
        process = psutil.Process(server.process.pid)
        assert [found for found in process.net_connections() if found.status == psutil.CONN_ESTABLISHED] == []
        threads = process.num_threads()
        server.json("/articles")
        assert process.num_threads() > threads
