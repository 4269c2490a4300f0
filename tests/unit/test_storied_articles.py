"""The list of articles whose relation to their story is known: complete, in order, and each article once."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from streams.records.filters import FilteredArticle
from streams.records.story import Story
from streams.web import storied_articles
from streams.web.recent import MAX_ARTICLES, RecentArticles
from streams.web.storied_articles import StoriedArticles
from streams.web.topic_record import TopicRecord
from tests.support.filtered import article

TOPIC = "0123abcd"


def enriched(partition: int, offset: int) -> TopicRecord:
    value = article(None, "Un texte.", language="fr", id=f"{partition}-{offset}")
    return TopicRecord(partition, offset, 0, b"", value, FilteredArticle(value))


def relation(partition: int, offset: int, at: int = 0, found: str = "first") -> TopicRecord:
    story = Story(id="x", story="x", relation=found, of=None, similarity=None, articles=1, model="m")  # type: ignore[arg-type]
    return TopicRecord(partition, at, 0, b"", b"", story, offset)


def joined(stories: StoriedArticles) -> list[tuple[int, int, str | None]]:
    return [(found.partition, found.offset, found.article.story) for found in stories.list.since(stories.list.first)]


class Server:
    """The recent articles and the stories of a server, as far as it has read their topics."""

    def __init__(self, first_article: int = 0, first_story: int = 0, partitions: int = 1) -> None:
        self.recent = RecentArticles()
        self.stories = StoriedArticles(self.recent)
        self.recent.start_over(TOPIC, dict.fromkeys(range(partitions), first_article))
        self.stories.start_over("", dict.fromkeys(range(partitions), first_story))

    def read(self, record: TopicRecord) -> None:
        if record.article_offset is None:
            self.stories.add(self.recent.append([record]))
        else:
            self.stories.take([record])


@given(st.data())
def test_every_article_with_a_story_is_there_once_and_in_order_however_the_topics_are_read(data: st.DataObject) -> None:
    sizes = data.draw(st.lists(st.integers(0, 6), min_size=1, max_size=3))
    has_story = {
        (partition, offset): data.draw(st.booleans()) for partition, size in enumerate(sizes) for offset in range(size)
    }
    logs = [[enriched(partition, offset) for offset in range(size)] for partition, size in enumerate(sizes)]
    logs += [[relation(*place) for place, has in has_story.items() if has and place[0] == partition]
             for partition in range(len(sizes))]  # fmt: skip
    order = data.draw(st.permutations([number for number, log in enumerate(logs) for _ in log]))
    begins_at = data.draw(st.integers(0, len(order)))
    server, rest = Server(partitions=len(sizes)), [iter(log) for log in logs]
    for at, number in enumerate(order):
        if at == begins_at:
            server.stories.begin()
        server.read(next(rest[number]))
    server.stories.begin()
    found = joined(server.stories)
    assert sorted(found) == sorted((*place, "first") for place, has in has_story.items() if has)
    for _, of_partition in itertools.groupby(sorted(found, key=lambda each: each[0]), key=lambda each: each[0]):
        offsets = [offset for _, offset, _ in of_partition]
        assert offsets == sorted(offsets)


def test_where_older_stories_were_not_read_the_list_begins_with_the_first_that_was() -> None:
    server = Server(first_article=0, first_story=7)
    for record in (*(enriched(0, offset) for offset in range(5)), relation(0, 3, 7), relation(0, 4, 8, "duplicate")):
        server.read(record)
    server.stories.begin()
    assert server.stories.list.base == {0: 3}
    assert joined(server.stories) == [(0, 3, "first"), (0, 4, "duplicate")]


def test_an_article_waits_for_its_story_and_one_that_gets_none_is_left_out() -> None:
    server = Server()
    server.stories.begin()
    for offset in range(3):
        server.read(enriched(0, offset))
    server.read(relation(0, 0))
    assert joined(server.stories) == [(0, 0, "first")]
    server.read(relation(0, 2))
    assert joined(server.stories) == [(0, 0, "first"), (0, 2, "first")]


def test_after_the_topic_was_created_again_no_old_story_counts() -> None:
    server = Server()
    server.read(enriched(0, 0))
    server.read(relation(0, 0))
    server.stories.begin()
    server.recent.start_over("ffffffff", {0: 0})
    server.stories.forget_articles()
    server.read(enriched(0, 0))
    server.stories.begin()
    assert joined(server.stories) == []
    assert server.stories.list.head.mark == "ffffffff"


def test_without_a_worker_of_the_stories_no_more_articles_wait_than_the_limit() -> None:
    server = Server()
    server.stories.begin()
    before = server.stories.list.generation
    for offset in range(storied_articles.MAX_WAITING + 10):
        server.read(enriched(0, offset))
    assert sum(map(len, server.stories._waiting.values())) == 0
    server.stories.begin()
    assert sum(map(len, server.stories._waiting.values())) == MAX_ARTICLES
    assert server.stories.list.generation == before + 1
    assert server.stories.list.base == server.recent.base
