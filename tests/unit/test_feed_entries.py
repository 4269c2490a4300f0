"""The entries of a feed become articles, whatever the feed's format, encoding and faults."""

from __future__ import annotations

import gzip

import pytest

from streams.errors import FeedError
from streams.feeds import entries, html_text
from streams.feeds.entries import Entry, ParsedFeed, parse
from streams.records import codec
from tests.support import feeds
from tests.support.feeds import ATOM, PAGE, PODCAST, RSS_091, RSS_10, RSS_20, TEXT, item, rss

FEED = "https://news.example/feed"


def parsed(feed: str | bytes, kind: str = "application/xml", address: str = FEED) -> ParsedFeed:
    body = feed.encode() if isinstance(feed, str) else feed
    found = parse(body, {"Content-Type": kind}, address, address)
    for entry in found.entries:
        assert codec.decode_raw(codec.identify(codec._encoder.encode(entry.article))[1]).id == entry.id
    return found


def articles(feed: str | bytes, kind: str = "application/xml", address: str = FEED) -> list[dict[str, str]]:
    """The articles without their ids, the newest first."""
    found = parsed(feed, kind, address)
    assert found.fault is None
    return [{name: each.article[name] for name in each.article if name != "id"} for each in reversed(found.entries)]


def texts(feed: str) -> list[str]:
    return [article["text"] for article in articles(feed)]


def test_rss_091_in_latin_1_with_a_doctype() -> None:
    assert articles(RSS_091.encode("latin-1")) == [
        {
            "url": "http://courrier.example/1",
            "title": "Un été à Besançon",
            "text": "La ville a fêté l'été.",
            "source": "Le Courrier",
            "language": "fr",
        },
        {
            "url": "http://courrier.example/2",
            "title": "Élections",
            "text": "Le préfet a annoncé les résultats.",
            "source": "Le Courrier",
            "language": "fr",
        },
    ]


def test_rss_10_has_its_date_in_dublin_core() -> None:
    assert articles(RSS_10) == [
        {
            "url": "https://bote.example/a",
            "title": "Neue Brücke",
            "text": "Der Bürgermeister eröffnete die Brücke.",
            "source": "Der Bote",
            "published": "2026-03-26T17:00:00Z",
            "language": "de",
        }
    ]


def test_rss_20_with_cdata_namespaces_a_full_content_and_a_relative_link() -> None:
    assert articles(RSS_20, address="https://herald.example/rss") == [
        {
            "url": "https://herald.example/harbour?a=1&b=2",
            "title": "Harbour reopens at Smith & Sons",
            "text": "The harbour reopened on Monday.\n\nFirst ship: Aurora\n\nSecond ship: Borealis",
            "source": "The Herald & Post",
            "published": "2026-03-26T17:00:00Z",
            "language": "en",
        },
        {
            "url": "https://herald.example/budget",
            "title": "Budget",
            "text": "The council voted on the budget.",
            "source": "The Herald & Post",
            "published": "2026-03-25T07:30:00Z",
            "language": "en",
        },
    ]


def test_atom_with_xhtml_a_base_address_and_titles_of_both_types() -> None:
    assert articles(ATOM, "application/atom+xml") == [
        {
            "url": "https://atom.example/news/one.html",
            "title": "a <b> c",
            "text": "The minister met Angela Merkel.\n\nThey spoke in Berlin.",
            "source": "Atom & Co",
            "published": "2026-03-26T17:00:00Z",
            "language": "en",
        },
        {
            "url": "https://atom.example/news/two.html",
            "title": "Only updated",
            "text": "A second story.",
            "source": "Atom & Co",
            "published": "2026-03-25T06:00:00Z",
            "language": "en",
        },
    ]


def test_a_podcast_without_links() -> None:
    assert articles(PODCAST) == [
        {
            "title": "Episode 12: The port",
            "text": "We visit the port of Rotterdam.",
            "source": "Morning Radio",
            "published": "2026-03-26T05:00:00Z",
            "language": "en",
        }
    ]


@pytest.mark.parametrize(
    ("encoding", "declared", "kind"),
    [
        ("utf-8", "utf-8", "text/xml"),
        ("utf-8", None, "text/html; charset=iso-8859-1"),
        ("utf-16", "utf-16", "application/rss+xml"),
        ("windows-1252", "utf-8", "application/rss+xml"),
        ("iso-8859-15", "iso-8859-15", "text/plain"),
        ("windows-1251", "windows-1251", "application/xml; charset=utf-8"),
        ("shift-jis", "shift-jis", "application/xml"),
        ("utf-8-sig", None, "application/octet-stream"),
    ],
)
def test_every_encoding_is_read_also_where_a_wrong_one_is_declared(
    encoding: str, declared: str | None, kind: str
) -> None:
    text = {"windows-1251": "Мэр открыл мост.", "shift-jis": "市長が橋を開通させた。"}.get(
        encoding, "Le préfet a fêté l’été."
    )
    text = text.replace("’", "'") if encoding == "iso-8859-15" else text
    declaration = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    assert [each["text"] for each in articles((declaration + rss(item(1, text))).encode(encoding), kind)] == [text]


def test_an_id_stays_the_same_when_the_entry_changes_and_differs_between_sites() -> None:
    def only(feed: str, address: str = FEED) -> Entry:
        (entry,) = parsed(feed, address=address).entries
        return entry

    first, changed = only(rss(item(1))), only(rss(item(1, "Le maire a démenti.")))
    assert first.id == changed.id
    assert first.digest != changed.digest
    # A date and a link with a session are no change.
    assert only(rss(item(1, pubDate="Thu, 26 Mar 2026 18:00:00 GMT", link="https://news.example/1?s=9"))).digest == (
        first.digest
    )
    assert only(rss(item(1)), "https://other.example/feed").id != first.id
    assert only(rss(item(1)), "https://news.example/another/feed").id == first.id


def test_entries_without_an_id_or_with_the_same_one_are_known_by_their_link_or_content() -> None:
    same = {"guid": "https://news.example/"}
    first, second = parsed(rss(item(1, "Un.", **same), item(2, "Deux.", **same))).entries
    assert first.id != second.id
    without = "<item><link>https://news.example/9</link><description>{}</description></item>"
    assert parsed(rss(without.format("Un."))).entries[0].id == parsed(rss(without.format("Deux."))).entries[0].id
    bare = "<item><description>Un texte.</description></item>"
    assert len(parsed(rss(bare, bare)).entries) == 1
    assert parsed(rss(bare)).entries[0].id == parsed(rss(bare)).entries[0].id


def test_hostile_mark_up_becomes_text_without_scripts_and_control_characters() -> None:
    hostile = "<script>alert(1)</script>A <b onclick='x'>bold</b> &amp; <img src=x onerror=alert(1)> title\u202e"
    (article,) = articles(rss(item(1, hostile, title=hostile)))
    assert article["title"] == article["text"] == "A bold & title"
    assert articles(rss(item(1, title="Use <iostream> in 1 < 2")))[0]["title"] in (
        "Use <iostream> in 1 < 2",
        "Use in 1 < 2",
    )
    assert html_text.of_html("<p>a</p><style>p{}</style><p>b<br>c</p><table><tr><td>1</td><td>2</td></tr></table>") == (
        "a\n\nb\nc\n\n1 2"
    )


def test_a_link_that_is_no_web_address_is_left_out() -> None:
    assert "url" not in articles(rss(item(1, link="javascript:alert(1)", guid="x")))[0]


@pytest.mark.parametrize("date", ["", "yesterday", "Thu, 99 Foo 2026 99:99:99", "0000-00-00"])
def test_a_missing_or_broken_date_is_left_out(date: str) -> None:
    assert "published" not in articles(rss(item(1, pubDate=date)))[0]


def test_an_entry_with_a_title_only_has_it_as_its_text_and_one_without_words_is_reported() -> None:
    assert articles(rss("<item><title>Pont ouvert</title><link>https://a.example/</link></item>")) == [
        {"url": "https://a.example/", "text": "Pont ouvert", "source": "News"}
    ]
    found = parsed(rss(item(1), "<item><guid>2</guid></item>"))
    assert len(found.entries) == 1
    assert found.fault == "https://news.example/feed: 1 of its entries have neither a title nor a text."


@pytest.mark.parametrize("missing", range(10, 300, 29))
def test_a_feed_that_is_cut_gives_its_whole_entries(missing: int) -> None:
    whole = parsed(feeds.stories(range(5)))
    cut = parsed(feeds.stories(range(5))[:-missing])
    assert cut.entries
    assert set(map(str, cut.entries)) < set(map(str, whole.entries))
    assert (cut.is_whole, cut.fault) == (
        False,
        "https://news.example/feed: it ends too early, and its last entry is not read.",
    )


def test_comments_after_the_end_of_a_feed_cost_no_entry() -> None:
    assert len(articles(feeds.stories(range(3)) + "<!-- cached -->" * 100)) == 3


def test_a_feed_that_is_broken_gives_its_entries_and_says_where_it_is_broken() -> None:
    broken = feeds.stories(range(5)).replace("Story 2", "\n\nStory & 2")
    for declaration in ('<?xml version="1.0"?>', ""):
        found = parsed(declaration + broken)
        assert [entry.article["title"] for entry in found.entries][2:4] == ["Story & 2", "Story 3"]
        assert found.fault == (
            "https://news.example/feed: it is not well-formed (line 3: not well-formed (invalid token)), "
            "so that entries may be missing."
        )
    assert not found.is_whole


def test_entities_of_xml_expand_to_nothing_and_no_file_is_read() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "lol">' + "".join(
        f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in zip("abcdefghi", "bcdefghij", strict=True)
    )
    secret = '<!ENTITY file SYSTEM "file:///etc/passwd">'
    for declarations in (
        bomb + "]>",
        f"<!DOCTYPE x [{secret}]>",
        f"<!DOCTYPE x SYSTEM 'file:///etc/passwd' [{secret}]>",
    ):
        for newline in ("", "\n"):
            hostile = declarations.replace("<!ENTITY", f"{newline}<!ENTITY") + rss(
                "<item><guid>1</guid><title>News &j; &file;</title></item>"
            )
            try:
                written = str(parsed(hostile).entries)
            except FeedError:
                continue
            assert len(written) < 2000
            assert "root:" not in written


def test_a_body_that_is_the_name_of_a_file_is_no_feed() -> None:
    with pytest.raises(FeedError, match="is not a feed"):
        parsed("/etc/passwd")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("", r"is empty"),
        ("Hello", r"is not a feed: give the address of RSS or Atom\."),
        (PAGE, r"is a web page and not a feed: use https://news\.example/rss\.xml\."),
        (gzip.compress(b"x", mtime=0), r"is not a feed|cannot be read as a feed"),
        ("<rss><channel><item><title>&#xD800;</title>", r"cannot be read as a feed|is not a feed"),
    ],
)
def test_what_is_no_feed_is_refused_with_a_remedy(body: str | bytes, message: str) -> None:
    with pytest.raises(FeedError, match=rf"^https://news\.example/feed .*({message})"):
        parsed(body, "text/html")


def test_an_empty_feed_has_no_entries_and_no_fault() -> None:
    assert parsed(rss()) == ParsedFeed([], is_whole=True, fault=None)


def test_only_the_newest_entries_of_a_long_feed_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entries, "MAX_ENTRIES", 3)
    found = parsed(feeds.stories(range(5)))
    assert [entry.article["title"] for entry in found.entries] == ["Story 2", "Story 3", "Story 4"]
    assert found.fault == "https://news.example/feed: it has 5 entries, and only the first 3 are read."


@pytest.mark.usefixtures("no_garbage_collection")
def test_a_feed_that_takes_too_long_to_parse_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entries, "PARSE_LIMIT_S", 0.01)
    with pytest.raises(FeedError, match=r"took longer than 0\.01 s"):
        parsed(feeds.stories(range(2000)))


def test_a_key_in_the_address_is_in_no_message() -> None:
    with pytest.raises(FeedError) as refused:
        parse(b"", {}, FEED, "https://me:secret@news.example/feed?key=secret")
    assert "secret" not in str(refused.value)
    assert str(refused.value).startswith("https://news.example/feed?… ")


def test_a_password_in_the_address_is_in_no_link() -> None:
    address = "https://me:secret@news.example/feed"
    (entry,) = parsed(rss(item(1, link="/story")), address=address).entries
    assert entry.article["url"] == "https://news.example/story"


def test_text_keeps_its_paragraphs() -> None:
    assert texts(rss(item(1, "Un.\n\nDeux."))) == ["Un. Deux."]  # HTML, as RSS has it
    assert texts(rss(item(1, "<p>Un.</p><p>Deux.</p>"))) == ["Un.\n\nDeux."]
    assert texts(rss(item(1, TEXT))) == [TEXT]
