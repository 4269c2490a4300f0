"""Normalization: mark-up and unusual characters change no result, and every offset leads back to the original text."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from agents import entities, language, sentiment
from agents.normalization import normalize
from streams.records import Article, Entities, Language, Sentiment
from tests.support.growth import LINEAR, growth

NORMALIZED = {
    "<p>The <strong>hospital</strong> was bombed.</p>": "The hospital was bombed.",
    "<p>One.</p>\n<p>Two<br>three.</p>": "One.\n\nTwo\nthree.",
    "<a href=\"https://example.org/a>b\" title='x'>Apple</a> won": "Apple won",
    "Apple<!-- Paris --> won<script>if (a < b) x();</script> again": "Apple won again",
    "<![CDATA[Apple won]]>": "Apple won",
    "a < b, I <3 it, <Reuters> and x<y": "a < b, I <3 it, <Reuters> and x<y",
    "never closed <!-- comment": "never closed comment",
    "Procter &amp; Gamble &#38; AT&T &#x26; R&D &amp;amp; &copy 1 &copyright": "Procter & Gamble & AT&T & R&D & © 1 &copyright",
    "&lt;p&gt;Apple &lt;b&gt;won&lt;/b&gt;&lt;/p&gt;": "Apple won",
    "The **European Commission** fined *Apple* in __Brussels__ ***today***.": "The European Commission fined Apple in Brussels today.",
    '[Margrethe Vestager](https://example.org/v_(x) "title") ![a boat](b.png)spoke[^1].': "Margrethe Vestager spoke.",
    "snake_case, 2*3*4, f**k, s**t and a price* stay": "snake_case, 2*3*4, f**k, s**t and a price* stay",
    "## Title ##\n\n- one\n- two\n\n> said\n\n---\n\nend": "Title\n\none\ntwo\n\nsaid\n\nend",
    "| a | b |\n|---|---|\n| c | d |": "a\nb\n\nc\nd",
    "text\n```\nprint('Paris')\n```\nmore `code`": "text\n\nmore code",
    "Emmanuel\u200bMacron met Mac\u200bron in Berlin\u200bon Friday": "Emmanuel Macron met Macron in Berlin on Friday",
    "Wash-\nington, Anglo-\nAmerican, well-\nknown, Wirtschafts-\nund": "Washington, Anglo-American, well-known, Wirtschafts- und",
    "ill-timed and ill-\ntimed": "ill-timed and ill-timed",
    "\uff2d\uff41\uff43\uff52\uff4f\uff4e  \ufb01ned   Ap\u00adple": "Macron fined Apple",
    "Le prÃ©sident et la Première Ã  lâ€™ÉlysÃ©e": "Le président et la Première à l'Élysée",
    "\u1112\u1161\u11ab\u1100\u1173\u11af": "한글",
}
PASSAGES = (
    "The European Commission fined Apple on Tuesday. Margrethe Vestager said in Brussels that the ruling was final.",
    "The hospital in Aleppo was bombed and forty children died. The United Nations condemned the attack.",
    "Angela Merkel traf Emmanuel Macron in Berlin. Die Regierung lobte die hervorragende Zusammenarbeit.",
    "Emmanuel Macron a reçu Olaf Scholz à Paris. Les syndicats dénoncent une catastrophe pour les ouvriers.",
)
MARKS = (
    ("<b>", "</b>"),
    ('<strong class="x">', "</strong>"),
    ("<a href='https://example.org/paris'>", "</a>"),
    ("**", "**"),
    ("*", "*"),
    ("[", "](https://example.org/london)"),
    ("<!-- Rome -->", ""),
    (" ", " "),
    ("\u00ad", "\ufeff"),
)
# Fragments, and the normalized text of TIMES of them in a row.
TIMES = 1_000
HOSTILE = {
    "<": "<" * TIMES,
    "&": "&" * TIMES,
    "**": "**" * TIMES,
    "[": "[" * TIMES,
    "<!--": "",
    "<a ": "<a " * TIMES,
    '<a "': '<a "' * TIMES,
    "*a ": "*a " * TIMES,
    "`": "",
    "```\n": "",
    "_a_": "a" + "__a" * (TIMES - 1),
    "](": "](" * TIMES,
    "|\n": "|\n" * TIMES,
    "# ": "# " * (TIMES - 3) + "#",
    "a\u200b": " ".join("a" * TIMES),
    "a-\n": "a" * TIMES + "-",
    " \n": "",
    "<script>": "",
    "<code>": "",
    "Ã©": "é" * TIMES,
    "\u200b": "",
    "\u0315\u0300": "\u0300" * 15 + "\u0315" * 15,
    "[![](a)": "[" * TIMES,
    "![](a)": "",
}
# Texts in which the end of mark-up is far away, and their normalized text.
FAR_ENDS: dict[str, tuple[Callable[[int], str], str]] = {
    "code": (lambda number: "<code>" * number + "x</code>", "x"),
    "cell": (lambda number: "|a" + " " * number + "b|\n|---|---|\n", "a b"),
    "row": (lambda number: "|\n---" + " " * number + "x", "|\n--- x"),
}


@pytest.mark.parametrize(
    ("original", "expected"),
    [
        ("London\u200b\u200bTimes", "London Times"),
        ("The\u200bUnited\u200bNations\u200bmet\u200bagain", "The United Nations met again"),
        ("กรุง\u200bเทพ\u200bมหา\u200bนคร", "กรุงเทพมหานคร"),
        ("Fans of [![Rome](a.jpg)](b.html) and [Paris ![](c.jpg)](d) met", "Fans of and Paris met"),
        ("Он сказал: РџСЂРёРІРµС‚", "Он сказал: Привет"),
    ],
)
def test_rare_mark_up_and_characters_are_removed_too(original: str, expected: str) -> None:
    assert normalize(original).text == expected


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("Le prÃsident a reÃu lâ€lysÃe et FranÃois, lâ€quipe. ", False),
        ("Le mot « prÃsident » est mal lu ici, mais tout le reste de la phrase se lit bien. ", True),
    ],
)
def test_letters_that_cannot_be_repaired_are_in_no_known_language(text: str, known: bool) -> None:
    [answer] = language.analyse([Article(id="1", text=text * 2, title=None, language=None, declared=None, fields={})])
    assert isinstance(answer, Language) is known


@pytest.mark.parametrize("original", NORMALIZED)
def test_mark_up_is_removed_and_text_stays(original: str) -> None:
    assert normalize(original).text == NORMALIZED[original]


def answers(text: str) -> tuple[object, ...]:
    article = Article(id="1", text=text, title=None, language=None, declared=None, fields={})
    [code] = language.analyse([article])
    assert isinstance(code, Language)
    article = Article(id="1", text=text, title=None, language=code.code, declared=None, fields={})
    [named] = entities.analyse([article])
    [tone] = sentiment.analyse([replace(article, entities=named)])
    assert isinstance(tone, Sentiment)
    items = named.items if isinstance(named, Entities) else []
    assert all(text[mention.start : mention.end] == mention.text for item in items for mention in item.mentions)
    return code, tone, [(item.name, item.type, item.count, item.place) for item in items]


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_mark_up_around_words_changes_no_result(data: st.DataObject) -> None:
    passage = data.draw(st.sampled_from(PASSAGES))
    words = passage.split(" ")
    for at in data.draw(st.sets(st.integers(0, len(words) - 1), max_size=4)):
        before, behind = data.draw(st.sampled_from(MARKS))
        words[at] = f"{before}{words[at]}{behind}"
    assert answers(" ".join(words)) == answers(passage)


def test_a_name_is_normalized_and_its_mention_is_the_original_text() -> None:
    text = "The company Procter &amp; Gamble is in Cincinnati."
    article = Article(id="1", text=text, title=None, language="en", declared=None, fields={})
    [named] = entities.analyse([article])
    assert isinstance(named, Entities)
    assert ("Procter & Gamble", "Procter &amp; Gamble") in [(item.name, item.mentions[0].text) for item in named.items]


@given(st.text(alphabet="ab <>/p&;#*_[]()`\n-|\u200b\u00ade\u0301Ã©\r=\"'!", max_size=60))
def test_every_offset_leads_back_to_the_original(original: str) -> None:
    normalized = normalize(original)
    spans = [normalized.original_span(offset, offset + 1) for offset in range(len(normalized.text))]
    assert all(0 <= start < end <= len(original) for start, end in spans)
    assert all(first[0] <= second[0] and first[1] <= second[1] for first, second in pairwise(spans))


@pytest.mark.parametrize("fragment", HOSTILE)
def test_hostile_mark_up_leaves_the_expected_text(fragment: str) -> None:
    assert normalize(fragment * TIMES).text == HOSTILE[fragment]


@pytest.mark.parametrize("fragment", HOSTILE)
def test_the_time_grows_in_proportion_to_the_number_of_fragments(fragment: str) -> None:
    assert growth(normalize, lambda number: fragment * number, 2_500) <= LINEAR


@pytest.mark.parametrize("end", FAR_ENDS)
def test_mark_up_with_its_end_far_away_is_removed(end: str) -> None:
    text, normalized = FAR_ENDS[end]
    assert normalize(text(TIMES)).text == normalized


@pytest.mark.parametrize("end", FAR_ENDS)
def test_the_time_grows_in_proportion_to_the_distance_of_the_end(end: str) -> None:
    assert growth(normalize, FAR_ENDS[end][0], 2_500) <= LINEAR


def test_a_letter_keeps_its_first_thirty_marks() -> None:
    assert normalize("a" + "\u0316" * 31 + "b" + "\u0316" * 30).text == "a" + "\u0316" * 30 + "b" + "\u0316" * 30


SPANS = st.lists(st.sampled_from(["word", " ", "é", "&amp;", "<b>x</b>", "ﬁ"]), min_size=1, max_size=12)


@given(SPANS)
def test_offsets_survive_the_way_to_the_original_and_back(pieces: list[str]) -> None:
    normalized = normalize("".join(pieces))
    ligatures = normalized.original.count("ﬁ")
    for start in range(len(normalized.text)):
        for end in range(start + 1, len(normalized.text) + 1):
            begin, stop = normalized.normalized_span(*normalized.original_span(start, end))
            # The two letters for a ligature are one character of the original.
            assert (begin, stop) == (start, end) or (ligatures and begin <= start < end <= stop <= end + 1)


@given(st.lists(st.sampled_from([*HOSTILE, "word", " "]), max_size=12))
def test_the_way_back_loses_no_character_of_a_span(pieces: list[str]) -> None:
    normalized = normalize("".join(pieces))
    for start in range(len(normalized.text)):
        for end in range(start + 1, len(normalized.text) + 1):
            begin, stop = normalized.normalized_span(*normalized.original_span(start, end))
            assert begin <= start < end <= stop


@given(st.lists(st.sampled_from([*HOSTILE, "word", " "]), max_size=12))
def test_any_span_of_the_original_has_a_place_in_the_text(pieces: list[str]) -> None:
    normalized = normalize("".join(pieces))
    for start in range(len(normalized.original)):
        for end in range(start + 1, len(normalized.original) + 1):
            begin, stop = normalized.normalized_span(start, end)
            assert 0 <= begin <= stop <= len(normalized.text)
