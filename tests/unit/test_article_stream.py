"""The stream of one reader: its positions, what it gets after a pause, and when it is disconnected."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Iterable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.records.filters import FilteredArticle, Matcher, of_query
from streams.settings import Settings
from streams.web import article_stream
from streams.web.article_stream import ArticleStream
from streams.web.gap import Gap
from streams.web.position import MAX_LENGTH, Position
from streams.web.recent import MAX_ARTICLES, RecentArticles
from streams.web.server_sent_events import PIECE_BYTES, pieces
from streams.web.topic_reading import by_time
from streams.web.topic_record import TopicRecord
from streams.web.web_metrics import WebMetrics
from tests.support.filtered import article

TOPIC = "0123abcd"


def record(partition: int, offset: int, language: str = "fr", identity: str | None = None) -> TopicRecord:
    identity = identity or f"{partition}-{offset}"
    value = article(None, "Un texte.", language=language, id=identity)
    return TopicRecord(partition, offset, 1000 * offset, identity.encode(), value, FilteredArticle(value))


def server(records: Iterable[TopicRecord], partitions: int = 1) -> RecentArticles:
    """A server that has read these records from the beginning of the topic."""
    recent = RecentArticles()
    recent.start_over(TOPIC, dict.fromkeys(range(partitions), 0))
    recent.append(records)
    return recent


def no_gap() -> Gap:
    """What reads the articles before the list. In these tests there are none."""
    return Gap(Settings())


class Client:
    """A client of the stream that is connected to one server after the other."""

    def __init__(self) -> None:
        self.position: Position | None = None
        self.ids: list[str] = []
        self.others: list[str] = []

    async def read(self, recent: RecentArticles, events: int | None = None, query: str = "") -> None:
        """Take so many articles, or everything that is there, and lose the connection."""
        wanted = of_query(query)
        stream = ArticleStream(
            recent,
            no_gap,
            asyncio.Semaphore(1),
            self.position,
            None if wanted.is_empty else Matcher(wanted),
            WebMetrics(),
        )
        before = len(self.ids)
        async for piece in stream.pieces():
            for event in piece.decode().split("\n\n"):
                fields = dict(line.split(": ", 1) for line in event.splitlines())
                if events is not None and len(self.ids) - before == events:
                    return
                if "id" in fields:
                    self.position = Position.parse(fields["id"])
                if fields.get("event") == "article":
                    self.ids.append(json.loads(fields["data"])["article"]["id"])
                elif "event" in fields:
                    self.others.append(fields["event"])
            if self.position == recent.head:
                return


def logs(sizes: Sequence[int]) -> list[list[TopicRecord]]:
    return [[record(partition, offset) for offset in range(size)] for partition, size in enumerate(sizes)]


@st.composite
def merged(draw: st.DrawFn, sizes: Sequence[int]) -> list[TopicRecord]:
    """The records of all partitions, in one of the orders in which a server may read them."""
    order = draw(st.permutations([partition for partition, size in enumerate(sizes) for _ in range(size)]))
    partitions = [iter(log) for log in logs(sizes)]
    return [next(partitions[partition]) for partition in order]


@given(st.data())
def test_a_reader_that_changes_servers_at_any_point_gets_each_article_once_and_in_order(data: st.DataObject) -> None:
    sizes = data.draw(st.lists(st.integers(0, 6), min_size=1, max_size=4))
    client = Client()
    client.position = Position(TOPIC, dict.fromkeys(range(len(sizes)), 0))
    for _ in range(data.draw(st.integers(0, 3))):
        asyncio.run(client.read(server(data.draw(merged(sizes)), len(sizes)), data.draw(st.integers(0, 5))))
    asyncio.run(client.read(server(data.draw(merged(sizes)), len(sizes))))
    assert sorted(client.ids) == sorted(
        f"{partition}-{at}" for partition, size in enumerate(sizes) for at in range(size)
    )
    for partition in range(len(sizes)):
        own = [identity for identity in client.ids if identity.startswith(f"{partition}-")]
        assert own == sorted(own)


def test_a_heartbeat_takes_a_reader_forward_whose_filter_nothing_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(article_stream, "HEARTBEAT_S", 0.1)
    recent = server([record(0, offset, "en") for offset in range(5)])
    client = Client()
    client.position = Position(TOPIC, {})
    asyncio.run(client.read(recent, query="language=fr"))
    assert (client.ids, client.position) == ([], Position(TOPIC, {0: 5}))


def test_a_new_reader_begins_with_the_next_article() -> None:
    async def scenario() -> list[str]:
        recent = server([record(0, 0)])
        stream = ArticleStream(recent, no_gap, asyncio.Semaphore(1), None, None, WebMetrics()).pieces()
        first = [await anext(stream) for _ in range(2)]
        recent.append([record(0, 1)])
        return [piece.decode() for piece in (*first, await anext(stream))]

    retry, heartbeat, arrived = asyncio.run(scenario())
    assert (retry, heartbeat) == ("retry: 2000\n\n", f"event: position\nid: {TOPIC}:1\ndata: {{}}\n\n")
    assert arrived.startswith(f"event: article\nid: {TOPIC}:2\ndata: ")
    assert '"id": "0-1"' in arrived


def test_a_copy_of_an_article_from_just_before_the_list_is_left_out() -> None:
    recent = RecentArticles()
    recent.start_over(TOPIC, {0: 2})
    recent.append([record(0, 0, identity="a"), record(0, 1, identity="b"), record(0, 2, identity="b"), record(0, 3)])
    client = Client()
    client.position = Position(TOPIC, {0: 2})
    asyncio.run(client.read(recent, 1))
    assert (client.ids, recent.head) == (["0-3"], Position(TOPIC, {0: 4}))


def test_a_copy_is_left_out() -> None:
    recent = server([record(0, 0, identity="a"), record(0, 1, identity="b"), record(0, 2, identity="a")])
    client = Client()
    client.position = Position(TOPIC, {})
    asyncio.run(client.read(recent, 2))
    assert client.ids == ["a", "b"]
    assert recent.head == Position(TOPIC, {0: 3})


def test_a_reader_that_falls_behind_the_list_is_told_so_and_disconnected() -> None:
    async def scenario() -> tuple[list[bytes], WebMetrics]:
        metrics, recent = WebMetrics(), server([])
        stream = ArticleStream(recent, no_gap, asyncio.Semaphore(1), None, None, metrics)
        received = stream.pieces()
        await anext(received)
        await anext(received)
        waiting = asyncio.ensure_future(anext(received))
        await asyncio.sleep(0)
        recent.append([record(0, 0)])
        await waiting
        recent.append(record(0, offset) for offset in range(1, MAX_ARTICLES + 2))
        return [piece async for piece in received], metrics

    received, metrics = asyncio.run(scenario())
    assert received == [b'event: dropped\ndata: {"reason":"too slow"}\n\n']
    assert 'telex_web_dropped_total{reason="slow"} 1.0' in metrics.text().decode()


def test_the_readers_end_when_the_server_stops() -> None:
    async def scenario() -> int:
        recent = server([])
        stream = ArticleStream(recent, no_gap, asyncio.Semaphore(1), None, None, WebMetrics())
        asyncio.get_running_loop().call_later(0.05, recent.close)
        return len([piece async for piece in stream.pieces()])

    assert asyncio.run(scenario()) == 2


def test_a_topic_that_was_created_again_is_read_from_its_beginning() -> None:
    recent = server([record(0, offset) for offset in range(3)])
    client = Client()
    client.position = Position("ffffffff", {0: 2})
    asyncio.run(client.read(recent))
    assert client.ids == ["0-0", "0-1", "0-2"]


@given(st.dictionaries(st.integers(0, 30), st.integers(0, 2**63 - 1)))
def test_a_position_survives_being_an_id(offsets: dict[int, int]) -> None:
    position = Position(TOPIC, offsets)
    again = Position.parse(str(position))
    assert again.mark == TOPIC
    assert {partition: offset for partition, offset in again.offsets.items() if offset} == {
        partition: offset for partition, offset in offsets.items() if offset
    }


@pytest.mark.parametrize(
    "text", ["", "x", "0123abcd", "0123abcd:1.", "0123abcd:-1", "0123ABCD:1", "0123abcd:1\n", "0123abcd:" + "1" * 20]
)
def test_a_text_that_is_no_position_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="a position looks like"):
        Position.parse(text)


def test_a_position_that_is_too_long_is_refused() -> None:
    with pytest.raises(ValueError, match="a position looks like"):
        Position.parse(f"{TOPIC}:" + ".".join("1" * MAX_LENGTH))


@given(st.lists(st.binary(max_size=3 * PIECE_BYTES), max_size=5))
def test_events_are_cut_into_pieces_that_a_slow_client_can_take(events: list[bytes]) -> None:
    cut = list(pieces(events))
    assert b"".join(cut) == b"".join(events)
    assert all(0 < len(piece) <= PIECE_BYTES for piece in cut)
    small = list(pieces([b"a" * 1000] * 100))
    assert len(small) == 2


class Timed:
    """A record of kafka-python's, as far as it is sorted."""

    def __init__(self, partition: int, offset: int, timestamp: int) -> None:
        self.partition, self.offset, self.timestamp = partition, offset, timestamp


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 20)), max_size=20))
def test_records_are_sorted_by_time_and_stay_in_the_order_of_their_partition(places: list[tuple[int, int]]) -> None:
    counters = [itertools.count() for _ in range(3)]
    records = [Timed(partition, next(counters[partition]), time) for partition, time in places]
    in_order = by_time(records)
    assert sorted(map(id, in_order)) == sorted(map(id, records))
    for partition in range(3):
        offsets = [found.offset for found in in_order if found.partition == partition]
        assert offsets == sorted(offsets)
    if len({partition for partition, _ in places}) == len(places):
        assert [found.timestamp for found in in_order] == sorted(time for _, time in places)
