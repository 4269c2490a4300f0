"""Articles that name hundreds of places: the places are right, and the time is in proportion to their number."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache

import pytest

from agents.entities.places import gazetteer, locate
from agents.entities.places.base_forms import base_forms
from agents.entities.places.gazetteer import Candidate, Kind
from agents.entities.places.stated_areas import LocatedMention, StatedAreas, stated_areas
from agents.entities.places.toponyms import possible_places
from streams.records import Entity, Mention
from tests.support.growth import LINEAR, growth

PARIS_TEXAS, TEXAS = 4717560, 4736286

ListedPlaces = tuple[list[Entity], str]


def listed_places(names: Iterable[str], separator: str) -> ListedPlaces:
    """The entities and the text of an article that lists places."""
    entities, text = list[Entity](), ""
    for name in names:
        mention = Mention(field="text", start=len(text), end=len(text) + len(name), text=name)
        entities.append(Entity(name=name, type="LOCATION", count=1, mentions=[mention]))
        text += name + separator
    return entities, text


@cache
def known_names() -> list[str]:
    """All names of one word in the gazetteer."""
    names = gazetteer.load().names.split(b"\n")
    return [name.decode().capitalize() for name in names if re.fullmatch(rb"[a-z]{5,12}", name)]


def some_places(number: int) -> ListedPlaces:
    """Different places of all the world."""
    names = known_names()
    return listed_places(names[:: len(names) // number][:number], ", ")


def one_place_in_another(number: int) -> ListedPlaces:
    """Two places in turn, with a comma between them: each one is the area behind the other."""
    mentions: dict[str, list[Mention]] = {"Paris": [], "Texas": []}
    text = ""
    for name in [*mentions] * (number // 2):
        mentions[name].append(Mention(field="text", start=len(text), end=len(text) + len(name), text=name))
        text += f"{name}, "
    return [Entity(name=name, type="LOCATION", count=len(own), mentions=own) for name, own in mentions.items()], text


def located(article: ListedPlaces) -> list[Entity]:
    possible_places.cache_clear()
    entities, text = article
    return locate(entities, {"text": text}, "en")


@pytest.mark.parametrize("make", [some_places, one_place_in_another])
def test_the_time_for_an_article_of_many_places_grows_with_their_number(
    make: Callable[[int], ListedPlaces],
) -> None:
    # Four times the places took 18 times as long when each place was compared with every town of the article.
    assert growth(located, make, 1_000) <= LINEAR


def test_each_of_hundreds_of_places_has_a_place_of_its_name_or_none() -> None:
    entities = located(some_places(900))
    assert [entity.name for entity in entities] == [entity.name for entity in some_places(900)[0]]
    with_place = [entity for entity in entities if entity.place]
    assert 100 < len(with_place) < 900
    assert all(
        entity.place.geonames_id in {place.geonames_id for place in possible_places(entity.name, "en")}
        for entity in with_place
        if entity.place
    )


def test_a_town_lies_in_the_area_behind_it_however_often_the_article_says_so() -> None:
    assert [entity.place and entity.place.geonames_id for entity in located(one_place_in_another(400))] == [
        PARIS_TEXAS,
        TEXAS,
    ]


def chain_of_regions(number: int) -> StatedAreas:
    """The stated areas of an article in which each region lies in the next one."""
    scores = {
        index: {Candidate(index, Kind.REGION, 0.0, 0.0, "", index, 0, True): 1.0} for index in range(1, number + 1)
    }
    mentions = [LocatedMention("text", 5 * index, 5 * index + 1, index) for index in scores]
    return stated_areas(scores, mentions, {"text": "A in " * (number + 1)}, "en")


def test_a_place_lies_in_all_areas_behind_it_and_in_none_before_it() -> None:
    areas = chain_of_regions(500)
    assert [index for index in range(1, 501) if areas.lies_in(index, {250})] == [*range(1, 250)]
    assert not any(areas.lies_in(index, {250}) for index in range(250, 501))


def test_the_time_for_a_chain_of_regions_grows_with_its_length() -> None:
    assert growth(chain_of_regions, int, 1_000) <= LINEAR


# Fragments of long names, and the language in which they may be inflected.
LONG_NAMES = {"a": "en", "Ab ": "en", "Paris, ": "en", "(": "en", "ssa": "fi", "ng": "fi", "а": "sr", "\u0301": "fr"}


@pytest.mark.parametrize("fragment", LONG_NAMES)
def test_a_long_name_is_no_place(fragment: str) -> None:
    assert possible_places("Qx" + fragment * 1_000, LONG_NAMES[fragment]) == {}


@pytest.mark.parametrize("fragment", LONG_NAMES)
def test_the_time_grows_in_proportion_to_the_length_of_a_name(fragment: str) -> None:
    def places(name: str) -> None:
        possible_places.cache_clear()
        base_forms.cache_clear()
        possible_places(name, LONG_NAMES[fragment])

    assert growth(places, lambda size: "A" + fragment * (size // len(fragment)), 2_500) <= LINEAR
