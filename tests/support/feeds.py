"""Feeds in the shapes in which sites publish them."""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import escape

TEXT = "Le maire de Paris a inauguré mardi une nouvelle ligne de tramway."

RSS_091 = """<?xml version="1.0" encoding="ISO-8859-1"?>
<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://my.netscape.com/publish/formats/rss-0.91.dtd">
<rss version="0.91">
  <channel>
    <title>Le Courrier</title><link>http://courrier.example/</link><language>fr</language>
    <item><title>Un été à Besançon</title><link>http://courrier.example/1</link>
      <description>La ville a fêté l'été.</description></item>
    <item><title>Élections</title><link>http://courrier.example/2</link>
      <description>Le préfet a annoncé les résultats.</description></item>
  </channel>
</rss>
"""

RSS_10 = """<?xml version="1.0" encoding="UTF-8"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
    xmlns:dc="http://purl.org/dc/elements/1.1/" xml:lang="de">
  <channel rdf:about="https://bote.example/">
    <title>Der Bote</title><link>https://bote.example/</link><description>Nachrichten</description>
    <items><rdf:Seq><rdf:li rdf:resource="https://bote.example/a"/></rdf:Seq></items>
  </channel>
  <item rdf:about="https://bote.example/a">
    <title>Neue Brücke</title><link>https://bote.example/a</link>
    <description>Der Bürgermeister eröffnete die Brücke.</description>
    <dc:date>2026-03-26T18:00:00+01:00</dc:date><dc:creator>A. Weber</dc:creator>
  </item>
</rdf:RDF>
"""

RSS_20 = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:media="http://search.yahoo.com/mrss/"
    xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom">
  <channel>
    <title>The Herald &amp; Post</title><link>https://herald.example/</link><language>en-GB</language>
    <atom:link href="https://herald.example/rss" rel="self" type="application/rss+xml"/>
    <item>
      <title><![CDATA[Harbour <b>reopens</b> at Smith & Sons]]></title>
      <link>https://herald.example/harbour?a=1&amp;b=2</link>
      <guid isPermaLink="false">herald-77</guid>
      <pubDate>Thu, 26 Mar 2026 18:00:00 +0100</pubDate>
      <description>Short form.</description>
      <content:encoded><![CDATA[<p>The harbour reopened on Monday.</p>
        <script>alert("x")</script><ul><li>First ship: Aurora</li><li>Second ship: Borealis</li></ul>
        <img src="/pixel.gif" width="1"/>]]></content:encoded>
      <media:thumbnail url="https://herald.example/a.jpg"/>
    </item>
    <item>
      <title>Budget</title><link>/budget</link><guid>https://herald.example/budget</guid>
      <pubDate>Wed, 25 Mar 2026 07:30:00 GMT</pubDate>
      <description>&lt;p&gt;The council voted on the budget.&lt;/p&gt;</description>
    </item>
  </channel>
</rss>
"""

ATOM = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://atom.example/news/" xml:lang="en">
  <title type="html">Atom &amp;amp; Co</title><id>urn:uuid:60a76c80-d399-11d9-b93c-0003939e0af6</id>
  <updated>2026-03-26T18:30:02Z</updated>
  <entry>
    <title>a &lt;b&gt; c</title><link rel="alternate" href="one.html"/><link rel="enclosure" href="one.mp3"/>
    <id>tag:atom.example,2026:1</id><published>2026-03-26T17:00:00Z</published><updated>2026-03-26T18:30:02Z</updated>
    <summary>Some text.</summary>
    <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>The minister met <em>Angela Merkel</em>.</p>
      <p>They spoke in Berlin.</p></div></content>
  </entry>
  <entry>
    <title type="html">Only &lt;i&gt;updated&lt;/i&gt;</title><link href="two.html"/>
    <id>tag:atom.example,2026:2</id><updated>2026-03-25T08:00:00+02:00</updated>
    <content type="html">&lt;p&gt;A second story.&lt;/p&gt;</content>
  </entry>
</feed>
"""

PODCAST = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd">
  <channel><title>Morning Radio</title><link>https://radio.example/</link><language>en-us</language>
    <item><title>Episode 12: The port</title><guid isPermaLink="false">ep-12</guid>
      <pubDate>Thu, 26 Mar 2026 05:00:00 -0000</pubDate><itunes:duration>00:31:12</itunes:duration>
      <itunes:summary>We visit the port of Rotterdam.</itunes:summary>
      <enclosure url="https://radio.example/12.mp3" length="123" type="audio/mpeg"/></item>
  </channel>
</rss>
"""

PAGE = """<!doctype html><html><head><title>Herald</title>
<link rel="alternate" type="application/rss+xml" href="/rss.xml"></head><body><p>Welcome</p></body></html>"""


def rss(*items: str, title: str = "News") -> str:
    """An RSS feed with items."""
    return f'<rss version="2.0"><channel><title>{title}</title>{"".join(items)}</channel></rss>'


def item(number: int, text: str = TEXT, **elements: str) -> str:
    """An item of RSS with a link and an id; elements replace or add others."""
    parts = {
        "title": f"Story {number}",
        "link": f"https://news.example/{number}",
        "guid": f"https://news.example/{number}",
        "description": text,
        **elements,
    }
    return "<item>" + "".join(f"<{name}>{escape(value)}</{name}>" for name, value in parts.items()) + "</item>"


def stories(numbers: Iterable[int]) -> str:
    """A feed with a story for each number, the last one first, as feeds have them."""
    return rss(*(item(number, f"{TEXT} Ligne {number}.") for number in sorted(numbers, reverse=True)))
