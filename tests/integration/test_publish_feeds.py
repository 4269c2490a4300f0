"""`telex publish --feed` and `--opml` on a real Kafka, with a real web server and real feeds."""

from __future__ import annotations

import json
import re
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from streams import Publisher, Settings, TelexError
from streams.feeds.feed_memory import FeedMemory
from streams.feeds.feed_reader import FeedReader
from streams.kafka import topics
from streams.kafka.connections import admin
from streams.stages import RAW
from tests.support.articles import published_articles
from tests.support.broker_changes import limit_record_size, recreate_topic
from tests.support.commands import RunTelex, StartTelex
from tests.support.feed_server import FeedServer, Reply
from tests.support.feeds import RSS_091, RSS_20, TEXT, item, rss, stories
from tests.support.independent_reader import read
from tests.support.processes import wait_for


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer() as running:
        yield running


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEX_FEED_PAUSE_S", "0")


def titles(settings: Settings) -> list[str]:
    """The titles of all records of the raw topic, copies included."""
    return sorted(json.loads(record.value)["title"] for record in read(settings, RAW))


def test_the_entries_of_a_feed_are_published_once_and_changed_ones_again(
    pipeline: Settings, run_telex: RunTelex, server: FeedServer
) -> None:
    url = server.serve("/feed", stories(range(3)))
    code, first, errors = run_telex(pipeline, "publish", "--feed", url)
    assert (code, errors, len(first)) == (0, [], 3)
    articles = published_articles(pipeline)
    assert sorted(first) == sorted(articles)
    assert articles[first[0]] == {
        "id": first[0],
        "url": "https://news.example/0",
        "title": "Story 0",
        "text": f"{TEXT} Ligne 0.",
        "source": "News",
    }
    assert run_telex(pipeline, "publish", "--feed", url) == (0, [], [])
    server.serve("/feed", rss(item(3), item(2, "Le maire a démenti."), item(1, f"{TEXT} Ligne 1.")))
    code, second, errors = run_telex(pipeline, "publish", "--feed", url)
    assert (code, errors, len(second)) == (0, [], 2)
    assert second[0] in first
    assert second[1] not in first
    assert titles(pipeline) == ["Story 0", "Story 1", "Story 2", "Story 2", "Story 3"]
    assert published_articles(pipeline)[second[0]]["text"] == "Le maire a démenti."


def test_a_feed_that_has_not_changed_is_not_sent_again(
    pipeline: Settings, run_telex: RunTelex, server: FeedServer
) -> None:
    url = server.serve("/feed", stories(range(2)), ETag='"v1"', Last_Modified="Thu, 26 Mar 2026 18:00:00 GMT")
    for published in (2, 0):
        assert len(run_telex(pipeline, "publish", "--feed", url)[1]) == published
    first, second = server.asked("/feed")
    assert "If-None-Match" not in first.headers
    assert second.headers["If-None-Match"] == '"v1"'
    assert second.headers["If-Modified-Since"] == "Thu, 26 Mar 2026 18:00:00 GMT"


def test_feeds_of_a_list_are_read_and_one_broken_feed_harms_no_other(
    pipeline: Settings, run_telex: RunTelex, server: FeedServer, tmp_path: Path
) -> None:
    good, latin = server.serve("/good", RSS_20), server.serve("/latin", RSS_091.encode("latin-1"))
    cut = server.serve("/cut", stories(range(4))[:-60])
    missing, page = server.url("/missing"), server.serve("/page", "<html><body>Hello</body></html>")
    server.replies["/slow"] = Reply(parts=lambda: iter([b"<rss>", 0.3, b"</rss>"]))
    outlines = "".join(f'<outline xmlUrl="{url}"/>' for url in (good, latin, cut, missing, server.url("/slow")))
    (tmp_path / "feeds.opml").write_text(f'<opml version="2.0"><body>{outlines}</body></opml>')
    code, printed, errors = run_telex(pipeline, "publish", "--feed", page, "--opml", str(tmp_path / "feeds.opml"))
    assert code == 1
    assert {"Budget", "Élections", "Story 3"} <= {each.get("title") for each in published_articles(pipeline).values()}
    assert len(printed) == len(published_articles(pipeline))
    assert sorted(re.sub(r"http://[\d.:]+", "", line) for line in errors) == sorted(
        [
            "telex: /page is not a feed: give the address of RSS or Atom.",
            "telex: /cut: it ends too early, and its last entry is not read.",
            "telex: /missing answers 404 (Not Found): look for its new address.",
        ]
    )


def test_an_entry_is_remembered_only_when_the_broker_has_confirmed_it(pipeline: Settings, server: FeedServer) -> None:
    url = server.serve("/feed", stories(range(3)), ETag='"v1"')
    path = pipeline.data_dir / "feeds.sqlite"
    with admin(pipeline) as client:
        topic_id = topics.topic_id(client, pipeline.topic(RAW))
    confirmed: list[str] = []
    with FeedMemory(path, topic_id) as memory, Publisher(pipeline) as publisher:
        reader = FeedReader(pipeline.model_copy(update={"feed_pause_s": 0}), publisher, memory, confirmed.append)
        limit_record_size(pipeline, RAW, 100)
        with pytest.raises(TelexError, match="not delivered"):
            reader.read([url])
        assert confirmed == []
        limit_record_size(pipeline, RAW, 1_000_000)
        result = reader.read([url])[url]
        assert (result.published, result.failed) == (3, False)
    assert sorted(confirmed) == sorted(published_articles(pipeline))


def test_after_kill_9_the_next_run_publishes_the_rest_and_few_entries_twice(
    pipeline: Settings, run_telex: RunTelex, start_telex: StartTelex, server: FeedServer
) -> None:
    url = server.serve("/feed", stories(range(400)), ETag='"v1"')
    publishing = start_telex("publish", "--feed", url)
    publishing.stdout.readline()
    publishing.kill()
    publishing.wait()
    run_telex(pipeline, "publish", "--feed", url)
    copies = Counter(titles(pipeline))
    assert len(copies) == 400
    assert sum(copies.values()) <= 500
    assert run_telex(pipeline, "publish", "--feed", url) == (0, [], [])


def test_a_topic_that_was_created_again_gets_the_entries_again(
    pipeline: Settings, run_telex: RunTelex, server: FeedServer
) -> None:
    url = server.serve("/feed", stories(range(2)), ETag='"v1"')
    assert len(run_telex(pipeline, "publish", "--feed", url)[1]) == 2
    recreate_topic(pipeline, RAW)
    assert len(run_telex(pipeline, "publish", "--feed", url)[1]) == 2


def test_a_server_that_asks_to_wait_is_not_asked_by_the_next_run(
    pipeline: Settings, run_telex: RunTelex, server: FeedServer
) -> None:
    url = server.serve("/feed", "", status=429, Retry_After="3600")
    code, _, errors = run_telex(pipeline, "publish", "--feed", url)
    assert (code, errors) == (1, [f"telex: {url} answers 429 (Too Many Requests): try again later."])
    server.serve("/feed", stories(range(1)))
    code, printed, errors = run_telex(pipeline, "publish", "--feed", url)
    assert (code, printed) == (1, [])
    assert re.fullmatch(
        rf"telex: 127\.0\.0\.1 asks to wait until 20\S+Z: {re.escape(url)} was not requested\.", errors[0]
    )
    assert len(server.asked("/feed")) == 1


def test_robots_txt_is_obeyed_unless_the_user_says_that_the_site_agrees(
    pipeline: Settings, run_telex: RunTelex, server: FeedServer
) -> None:
    url = server.serve("/feed", stories(range(1)))
    server.serve("/robots.txt", "User-agent: *\nDisallow: /feed")
    code, printed, errors = run_telex(pipeline, "publish", "--feed", url)
    assert (code, printed) == (1, [])
    assert "is not allowed by" in errors[0]
    assert len(run_telex(pipeline, "publish", "--feed", url, "--ignore-robots")[1]) == 1


def article_page(text: str) -> str:
    paragraphs = "".join(f"<p>{text} Phrase {number} de l'article.</p>" for number in range(8))
    menu = "".join(f"<li><a href='/{name}'>{name}</a></li>" for name in ("Accueil", "Sport", "Météo"))
    return (
        f"<!doctype html><html><head><title>Story</title></head><body><nav><ul>{menu}</ul></nav>"
        f"<article><h1>Story</h1>{paragraphs}</article><footer>Mentions légales</footer></body></html>"
    )


def test_the_full_text_comes_from_the_page_and_from_the_feed_where_the_page_has_none(
    pipeline: Settings, run_telex: RunTelex, server: FeedServer
) -> None:
    good = server.serve("/good.html", article_page(TEXT), Content_Type="text/html; charset=utf-8")
    pdf = server.serve("/a.pdf", b"%PDF-1.7", Content_Type="application/pdf")
    gone = server.url("/gone.html")
    url = server.serve(
        "/feed", rss(*(item(n, f"Résumé {n}.", link=link, title="Story") for n, link in enumerate((good, pdf, gone))))
    )
    code, printed, errors = run_telex(pipeline, "publish", "--feed", url, "--full-text")
    assert (code, len(printed)) == (0, 3)
    texts = {each["url"]: each["text"] for each in published_articles(pipeline).values()}
    assert texts[good].startswith(f"{TEXT} Phrase 0")
    assert "Phrase 7" in texts[good]
    assert "Accueil" not in texts[good]
    assert (texts[pdf], texts[gone]) == ("Résumé 1.", "Résumé 2.")
    assert len(errors) == 1
    assert re.search(r"/feed: 2 articles have the text of the feed\. \S+ answers 404|is no web page", errors[0])


def test_a_page_that_fails_for_a_passing_reason_is_tried_three_times(
    pipeline: Settings, run_telex: RunTelex, server: FeedServer
) -> None:
    broken = server.serve("/broken.html", "", status=500)
    url = server.serve("/feed", rss(item(1, "Résumé.", link=broken)), ETag='"v1"')
    for _ in range(2):
        code, printed, errors = run_telex(pipeline, "publish", "--feed", url, "--full-text")
        assert (code, printed) == (1, [])
        assert "1 entries wait for their pages" in errors[0]
    code, printed, errors = run_telex(pipeline, "publish", "--feed", url, "--full-text")
    assert (code, len(printed)) == (0, 1)
    assert [each["text"] for each in published_articles(pipeline).values()] == ["Résumé."]
    assert run_telex(pipeline, "publish", "--feed", url, "--full-text") == (0, [], [])


def test_an_entry_that_no_record_can_hold_is_reported_once_and_the_others_are_published(
    pipeline: Settings, run_telex: RunTelex, server: FeedServer
) -> None:
    url = server.serve("/feed", rss(item(1), item(2, "mot " * 1_200_000), item(3)))
    code, printed, errors = run_telex(pipeline, "publish", "--feed", url)
    assert (code, len(printed)) == (1, 2)
    assert re.fullmatch(r"telex: https://news\.example/2: too_large: The record has .*", errors[0])
    assert run_telex(pipeline, "publish", "--feed", url) == (0, [], [])


def test_feeds_are_read_again_and_again_until_ctrl_c(
    pipeline: Settings, start_telex: StartTelex, server: FeedServer
) -> None:
    url, broken = server.serve("/feed", stories(range(1))), server.serve("/broken", "", status=500)
    reading = start_telex("publish", "--feed", url, "--feed", broken, "--every", "10s", TELEX_FEED_PAUSE_S="0")
    first = reading.stdout.readline()
    server.serve("/feed", stories(range(2)))
    second = reading.stdout.readline()
    assert first != second
    wait_for(lambda: titles(pipeline) == ["Story 0", "Story 1"], 10)
    reading.send_signal(signal.SIGINT)
    assert reading.wait(20) == 130
    assert reading.stderr.read().decode().splitlines() == [
        f"telex: {broken} answers 500 (Internal Server Error): try again later."
    ]
    # A feed that fails is read less often.
    assert len(server.asked("/broken")) < len(server.asked("/feed"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--every", "5m", "a.txt"], "are for feeds: name some with --feed"),
        ([], "name files, folders, or - for standard input, or feeds with --feed"),
        (["a.txt", "--feed", "https://a.example/"], "name files or feeds, not both"),
        (["--feed", "https://a.example/", "--every", "often"], "'often' is not a duration from 10s on"),
        (["--feed", "https://a.example/", "--every", "1s"], "'1s' is not a duration from 10s on"),
    ],
)
def test_wrong_usage_is_named(kafka: Settings, run_telex: RunTelex, arguments: list[str], message: str) -> None:
    code, printed, errors = run_telex(kafka, "publish", *arguments)
    assert (code, printed) == (2, [])
    assert message in errors[0]


def test_without_the_topics_no_site_is_asked(kafka: Settings, run_telex: RunTelex, server: FeedServer) -> None:
    code, _, errors = run_telex(kafka, "publish", "--feed", server.serve("/feed", stories(range(1))))
    assert (code, len(errors)) == (1, 1)
    assert "create the topics with `telex topics`" in errors[0]
    assert server.requests == []
