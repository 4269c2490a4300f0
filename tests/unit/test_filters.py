"""Filters: which articles meet them, what they mark, and how they are read and written."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.errors import TelexError
from streams.records import filters
from streams.records.filters import Filter, FilteredArticle, FilterIndex, Match, Matcher
from streams.records.filters.conditions import CONDITIONS, MAX_CHARACTERS, MAX_VALUES
from streams.records.filters.words import distinct_forms, forms, words
from tests.support.filtered import ENTITIES, article, matches, wanted

PAGE = Path(__file__).parents[2] / "docs" / "filters.md"

VISIT = article(
    "Merkel in Paris",
    "Angela Merkel met Emmanuel Macron in Paris. Climate  change was\nthe topic; Siemens and the EU stayed silent.",
    named={"Angela Merkel": "PERSON", "Emmanuel Macron": "PERSON", "Paris": "LOCATION/FR", "Siemens": "ORGANIZATION"},
    towards={"Angela Merkel": "positive", "Siemens": "negative"},
    language="en",
    sentiment="neutral",
    source="Agence  France-Presse",
)
SHORT = article("Non.", "Non.", source="Reuters")


@pytest.mark.parametrize(
    "conditions",
    [
        {"language": ["en"]},
        {"language": ["fr", "en"]},
        {"language_none": ["fr", "de"]},
        {"sentiment": ["neutral", "negative"]},
        {"entity": ["angela merkel"]},
        {"entity": ["MERKEL"]},
        {"entity": ["Joe Biden", "Emmanuel Macron"]},
        {"entity_all": ["Angela Merkel", "Emmanuel Macron"]},
        {"entity_none": ["Joe Biden"]},
        {"type": ["MISC", "PERSON"]},
        {"type": ["PERSON"], "entity": ["Merkel"]},
        {"type": ["PERSON"], "entity_all": ["Merkel", "Macron"]},
        {"country": ["FR", "DE"]},
        {"country_all": ["FR"]},
        {"country_none": ["DE"]},
        {"country": ["FR"], "entity": ["Paris"]},
        {"country": ["FR"], "entity_all": ["Merkel"]},
        {"mentions": 2, "entity": ["Merkel"]},
        {"mentions": 2},
        {"towards": ["positive"], "entity": ["Merkel"]},
        {"towards": ["negative"], "type": ["ORGANIZATION"]},
        {"text": ["climate change"]},
        {"text": ["CLIMATE CHANGE", "war"]},
        {"text": ["eu"]},
        {"text": ["merkel in paris"]},
        {"text_all": ["topic", "silent"]},
        {"text_none": ["war", "chang"]},
        {"source": ["agence france-presse"]},
        {"source_none": ["Reuters"]},
        {"language": ["en"], "entity": ["Macron"], "text_all": ["Siemens"], "country_all": ["FR"]},
    ],
    ids=json.dumps,
)
def test_an_article_meets_a_filter(conditions: dict[str, Any]) -> None:
    assert matches(conditions, VISIT)


@pytest.mark.parametrize(
    "conditions",
    [
        {"language": ["fr"]},
        {"language_none": ["en"]},
        {"sentiment": ["negative"]},
        {"entity": ["Angela"]},
        {"entity_all": ["Angela Merkel", "Joe Biden"]},
        {"entity_none": ["Joe Biden", "merkel"]},
        {"type": ["MISC"]},
        {"type": ["ORGANIZATION"], "entity": ["Merkel"]},
        {"type": ["ORGANIZATION"], "entity_all": ["Siemens", "Merkel"]},
        {"country": ["DE"]},
        {"country_all": ["FR", "DE"]},
        {"country_none": ["FR"]},
        {"country": ["FR"], "entity": ["Merkel"]},
        {"mentions": 3, "entity": ["Merkel"]},
        {"mentions": 2, "entity": ["Macron"]},
        {"towards": ["negative"], "entity": ["Merkel"]},
        {"towards": ["neutral"]},
        {"text": ["climat"]},
        {"text": ["change climate"]},
        {"text": ["silent merkel"]},
        {"text_all": ["topic", "war"]},
        {"text_none": ["war", "eu"]},
        {"source": ["Reuters"]},
        {"source_none": ["AGENCE FRANCE-PRESSE"]},
        {"stories": ["first"]},
        {"language": ["en"], "text": ["war"]},
    ],
    ids=json.dumps,
)
def test_an_article_does_not_meet_a_filter(conditions: dict[str, Any]) -> None:
    assert not matches(conditions, VISIT)


@pytest.mark.parametrize(
    "conditions",
    [
        {"language": ["en"]},
        {"language_none": ["en"]},
        {"sentiment": ["neutral"]},
        {"entity_none": ["Merkel"]},
        {"country_none": ["FR"]},
        {"type": ["PERSON"]},
        {"mentions": 1},
    ],
    ids=json.dumps,
)
def test_an_article_without_an_analysis_meets_no_condition_on_it(conditions: dict[str, Any]) -> None:
    assert not matches(conditions, SHORT)


def test_an_article_has_the_relation_to_its_story_that_is_given_with_it() -> None:
    matcher = Matcher(wanted({"stories": ["first"]}))
    assert matcher.match(FilteredArticle(VISIT, "first"))
    assert not matcher.match(FilteredArticle(VISIT, "duplicate"))


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("été", "Un e\u0301te\u0301 chaud."),
        ("ÉTÉ", "un été chaud"),
        ("Straße", "auf der STRASSE"),
        ("ＰＡＲＩＳ", "in Paris"),
        ("L'Oréal", "chez L’Oréal"),
        ("New York", "New\u00a0York-based"),
        ("Merkel", "Frau Mer\u00adkel"),
        ("中国", "今天中国政府宣布"),
        ("東京", "私は東京都に住む"),
        ("ガス", "都市ｶﾞｽの"),
        ("삼성", "삼성전자가 발표했다"),
        ("한국", "\u1112\u1161\u11ab\u1100\u116e\u11a8은"),
        ("กรุงเทพ", "ที่กรุงเทพฯวันนี้"),
        ("हिन्दी", "वह हिन्दी में"),
        ("iPhone", "买iPhone了"),
        ("القاهرة", "في القاهرة أمس"),
    ],
)
def test_words_are_found_in_every_script(phrase: str, text: str) -> None:
    assert matches({"text": [phrase]}, article(None, text))


@pytest.mark.parametrize(
    ("phrase", "text"),
    [("ete", "un été"), ("chat", "un chateau"), ("中文", "中国文化"), ("हिन्द", "वह हिन्दी में"), ("York New", "New York")],
)
def test_other_words_are_not_found(phrase: str, text: str) -> None:
    assert not matches({"text": [phrase]}, article(None, text))


def test_a_match_names_the_mentions_and_passages_by_their_code_points() -> None:
    value = article(
        "😀 Merkel",
        "\U0001f600 Frau Merkel: “climate\n change” and Climate Change.",
        named={"Angela Merkel": "PERSON", "Climate Change": "MISC"},
    )
    match = Matcher(wanted({"entity": ["merkel"], "text": ["climate change"]})).match(FilteredArticle(value))
    assert match
    fields = json.loads(value)
    assert [(mark.field, fields[mark.field][mark.start : mark.end]) for mark in match.marks] == [
        ("title", "Merkel"),
        ("text", "Merkel"),
        ("text", "climate\n change"),
        ("text", "Climate Change"),
    ]
    assert [(mark.text == fields[mark.field][mark.start : mark.end]) for mark in match.marks] == [True] * 4
    assert [(entity.name, entity.type) for entity in match.entities] == [("Angela Merkel", "PERSON")]


def test_a_match_names_only_the_entities_that_the_filter_asks_for() -> None:
    def named(conditions: dict[str, Any]) -> list[str]:
        match = Matcher(wanted(conditions)).match(FilteredArticle(VISIT))
        assert match
        return [entity.name for entity in match.entities]

    assert named({"type": ["PERSON"]}) == ["Angela Merkel", "Emmanuel Macron"]
    assert named({"type": ["PERSON"], "entity_all": ["Macron"]}) == ["Emmanuel Macron"]
    assert named({"entity_all": ["Macron"], "country": ["FR"]}) == ["Emmanuel Macron", "Paris"]
    assert named({"entity_none": ["Biden"]}) == []
    assert named({"language": ["en"]}) == []


def test_passages_do_not_overlap() -> None:
    match = Matcher(wanted({"text": ["a a"]})).match(FilteredArticle(article(None, "a a a a a")))
    assert match
    assert [(mark.start, mark.end) for mark in match.passages] == [(0, 3), (4, 7)]


@given(st.text(max_size=60))
def test_the_words_of_any_text_stand_where_they_are_said_to_stand(text: str) -> None:
    found = list(words(text))
    assert [word.form for word in found] == [each for word in found for each in forms(text[word.start : word.end])]
    assert {word.form for word in found} == distinct_forms(text)
    assert all(before.end <= after.start for before, after in pairwise(found))


VALUES = {
    "language": ["fr", "en"],
    "country": ["FR", "DE"],
    "type": ["PERSON", "LOCATION"],
    "sentiment": ["negative"],
    "towards": ["positive"],
    "mentions": ["3"],
    "stories": ["first", "near_duplicate"],
}
TEXTS = ["Angela Merkel", "l'été & l'hiver", "日本", 'a "b" +c=d;#é']
ANY_FILTER = st.fixed_dictionaries(
    {},
    optional={
        name: st.lists(st.sampled_from(VALUES.get(name.split("_")[0], TEXTS)), min_size=1, max_size=3)
        for name in CONDITIONS
        if name != "mentions"
    }
    | {"mentions": st.just(["3"])},
)


@given(ANY_FILTER)
def test_a_filter_is_the_same_after_it_was_written_and_read(values: dict[str, list[str]]) -> None:
    written = filters.of_values(values)
    assert filters.of_json(filters.to_json(written)) == written
    assert filters.of_query(filters.to_query(written)) == written
    options = list(filters.to_options(written))
    read = [
        (name.removeprefix("--").replace("-", "_"), value)
        for name, value in zip(options[::2], options[1::2], strict=True)
    ]
    assert filters.of_query(read) == written


def test_filters_with_the_same_meaning_are_equal() -> None:
    one = filters.of_query("language=FR&language=en&type=person&entity=A&entity=B&entity=A")
    other = filters.of_json(b'{"entity": ["B", "A"], "language": ["en", "fr"], "type": ["PERSON"]}')
    assert one == other
    assert filters.to_json(one) == filters.to_json(other)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("langauge=fr", "A filter has no condition 'langauge': did you mean language?"),
        ("x=1", f"A filter has no condition 'x': there are {', '.join(CONDITIONS)}."),
        ("language=french", "language: 'french' is no language: give its code of ISO 639-1, such as fr."),
        ("country=France", "country: 'France' is no country: give its code of ISO 3166-1, such as FR."),
        ("type=people", "type: 'people' is none of PERSON, ORGANIZATION, LOCATION, MISC."),
        ("sentiment=good", "sentiment: 'good' is none of negative, neutral, positive."),
        ("towards=bad", "towards: 'bad' is none of negative, neutral, positive."),
        ("stories=new", "stories: 'new' is none of first, duplicate, near_duplicate, same_story."),
        ("mentions=0", "mentions: '0' is no number of mentions: give a whole number from 1 to 10000."),
        ("mentions=2&mentions=3", "mentions: there are several numbers, and a filter takes one."),
        ("text=%21%21", "text: '!!' has no letter and no digit: give a word or a name."),
        ("entity=", "entity: a value is empty: give one, or leave the condition out."),
        (f"text={'a' * 201}", f"text: a value has 201 characters, and {MAX_CHARACTERS} is the most."),
        (
            "&".join(["text=a"] * 201),
            f"The query has more than {MAX_VALUES} values, which is the most: make several filters of it.",
        ),
    ],
)
def test_an_error_says_what_to_do(query: str, message: str) -> None:
    with pytest.raises(TelexError, match=f"^{re.escape(message)}$"):
        filters.of_query(query)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"[]", "The filter is not a JSON object: Expected `object`, got `array`."),
        (b'{"language": "fr"}', 'language: the value should be a list of strings, such as ["a", "b"].'),
        (b'{"mentions": true}', "mentions: the value should be a whole number."),
        (b'{"text": ' + b"[" * 100_000, None),
        (json.dumps({"text": ["a"] * 201}).encode(), f"The filter has 201 values, and {MAX_VALUES} is the most: "),
    ],
)
def test_an_error_in_json_says_what_to_do(content: bytes, message: str | None) -> None:
    with pytest.raises(TelexError, match=f"^{re.escape(message or 'The filter is not a JSON object: ')}"):
        filters.of_json(content)


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"{",
        b"[]",
        b'{"text": 7}',
        b"[" * 100_000,
        b"\xff",
        b'{"id": "a"}',
        b'{"text": "News", "entities": {"status": "\xff"}}',
    ],
)
def test_a_record_that_is_no_article_is_refused(value: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        FilteredArticle(value)


def test_other_content_under_the_name_of_a_stage_is_no_analysis() -> None:
    odd = FilteredArticle(
        b'{"text": "News", "language": "fr", "entities": {"status": "analysed", "items": 7}, "sentiment": null}'
    )
    assert (odd.language, odd.entities, odd.sentiment, odd.towards) == (None, None, None, {})


@given(st.lists(ANY_FILTER, max_size=12))
def test_the_index_finds_the_filters_that_match_one_by_one(values: list[dict[str, list[str]]]) -> None:
    known = {f"f{number}": filters.of_values(each) for number, each in enumerate(values)}
    for value in (VISIT, SHORT, ENTITIES):
        one_by_one = {
            name: match for name, each in known.items() if (match := Matcher(each).match(FilteredArticle(value)))
        }
        assert FilterIndex(known).match(FilteredArticle(value)) == sorted(one_by_one.items())


def test_an_empty_filter_is_met_by_every_article() -> None:
    assert Filter().is_empty
    assert FilterIndex({"all": Filter()}).match(FilteredArticle(SHORT)) == [("all", Match())]


def test_the_page_on_filters_has_a_row_for_each_condition() -> None:
    rows = re.findall(r"^\| `(\w+)` \| `(--[\w-]+)` \| (.*) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert rows == [(each.name, each.option, each.meaning) for each in CONDITIONS.values()]
