"""The entities of an article: under which names they stand, with which places, and in which order."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents import entities, language
from streams.client import article_files
from streams.records import Entities, NotAnalysed, Place, codec
from tests.support.entity_texts import ENGLISH, FRENCH, article, found
from tests.support.users_articles import USERS_ARTICLES, needs_users_articles

SEEDS = Path(__file__).parents[2] / "seeds"


def test_people_places_and_organisations_are_found_in_french() -> None:
    names = found(FRENCH)
    assert {
        name: names[name].type for name in ("Emmanuel Macron", "Gabriel Attal", "Marseille", "ONU", "États-Unis")
    } == {
        "Emmanuel Macron": "PERSON",
        "Gabriel Attal": "PERSON",
        "Marseille": "LOCATION",
        "ONU": "ORGANIZATION",
        "États-Unis": "LOCATION",
    }
    assert [mention.text for mention in names["Emmanuel Macron"].mentions] == ["Emmanuel Macron", "Macron"]
    assert [mention.text for mention in names["États-Unis"].mentions] == ["États-Unis", "Etats-Unis"]
    assert names["ONU"].count == 2


def test_people_places_and_organisations_are_found_in_english() -> None:
    names = found(ENGLISH, "en")
    assert [mention.text for mention in names["Joe Biden"].mentions] == ["Joe Biden", "Biden", "Biden"]
    assert [mention.text for mention in names["United Nations"].mentions] == ["United Nations", "United Nations"]
    assert names["Angela Merkel"].count == 2
    assert (names["New York City"].type, names["Berlin"].type, names["United Nations"].type) == (
        "LOCATION",
        "LOCATION",
        "ORGANIZATION",
    )


def test_locations_have_a_place_and_people_and_organisations_have_none() -> None:
    names = found(FRENCH)
    assert {name for name, item in names.items() if item.place} == {"Marseille", "États-Unis"}
    assert names["Marseille"].place == Place(geonames_id=2995469, latitude=43.297, longitude=5.381, country="FR")
    assert [item.place and item.place.country for item in found(ENGLISH, "en").values() if item.type == "LOCATION"] == [
        "US",
        "DE",
        "US",
    ]


def test_mentions_in_the_title_come_before_those_in_the_text() -> None:
    names = found(FRENCH, title="Emmanuel Macron à Marseille")
    assert [(mention.field, mention.text) for mention in names["Emmanuel Macron"].mentions] == [
        ("title", "Emmanuel Macron"),
        ("text", "Emmanuel Macron"),
        ("text", "Macron"),
    ]


def test_entities_are_sorted_by_their_count_and_then_by_their_first_mention() -> None:
    (result,) = entities.analyse([article(FRENCH)])
    assert isinstance(result, Entities)
    order = [(-item.count, item.mentions[0].start) for item in result.items]
    assert order == sorted(order)


@needs_users_articles
def test_a_whole_article_has_the_entities_that_a_reader_counts() -> None:
    ((_, value),) = [each for path in article_files.expand([USERS_ARTICLES]) for each in article_files.read(path)]
    read = codec.decode_raw(value)
    assert bytes(read.fields["published"]) == b'"2024-03"'
    (identified,) = language.analyse([read])
    assert getattr(identified, "code", None) == "fr"
    names = found(read.text, "fr")
    expected = {
        "Jake Sullivan": ("PERSON", "Sullivan"),
        "Yoav Gallant": ("PERSON", "Gallant"),
        "Benjamin Netanyahu": ("PERSON", "Netanyahu"),
        "Joe Biden": ("PERSON", "Biden"),
        "Karine Jean-Pierre": ("PERSON", "Jean-Pierre"),
        "Rafah": ("LOCATION", "Rafah"),
        "Gaza": ("LOCATION", "Gaza"),
        "Israël": ("LOCATION", "Israël"),
        "Hamas": ("ORGANIZATION", "Hamas"),
        "ONU": ("ORGANIZATION", "ONU"),
    }
    assert {name: (names[name].type, names[name].count) for name in expected} == {
        name: (kind, read.text.count(word)) for name, (kind, word) in expected.items()
    }
    assert names["Maison Blanche"].count == 3


def test_an_unknown_language_and_one_without_a_model_are_not_analysed() -> None:
    assert entities.analyse([article("Ta", None), article("Angela Merkel", "qq")]) == [
        NotAnalysed(reason="language_unknown"),
        NotAnalysed(reason="no_model_for_language"),
    ]


@pytest.mark.parametrize("path", sorted(SEEDS.glob("*.txt")), ids=lambda path: path.name)
def test_the_samples_have_exact_mentions(path: Path) -> None:
    ((_, value),) = article_files.read(path)
    found(codec.decode_raw(value).text, "fr")


@pytest.mark.parametrize(
    "text",
    [
        "RT @POTUS: Great to meet @EmmanuelMacron in #Paris today! Thanks to Emmanuel Macron and the #EU for the support",
        "Write to emmanuel.macron@example.org or see https://www.example.org/Berlin/Apple about Emmanuel Macron, who is in #Paris today.",
    ],
)
def test_handles_and_addresses_are_no_mentions(text: str) -> None:
    items = found(text, "en")
    assert {"Emmanuel Macron", "Paris"} <= items.keys()
    assert all(
        mention.text in ("Emmanuel Macron", "Paris", "EU") for item in items.values() for mention in item.mentions
    )


def test_punctuation_of_chinese_and_japanese_is_no_part_of_a_name() -> None:
    assert "小島秀夫" in found(
        'The designer posted "小島秀夫。" in Tokyo on Monday, and fans from Japan were delighted.', "en"
    )
