"""The places of locations: a name has a place if the article leaves exactly one reading of it."""

from __future__ import annotations

import math
import re
import subprocess
import sys

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.entities.places import gazetteer, locate
from agents.entities.places.base_forms import base_forms
from agents.entities.places.gazetteer import Kind, key
from agents.entities.places.toponyms import possible_places
from evaluation.places import lines
from streams.records import Entity, Mention, Place

PARIS, PARIS_TEXAS, GEORGIA, GEORGIA_US = 2988507, 4717560, 614540, 4197000


def places(marked: str, language: str = "en") -> dict[str, int | None]:
    """The GeoNames ids of the names in brackets."""
    text, mentions, at = "", dict[str, list[Mention]](), 0
    for name in re.finditer(r"\[(.+?)\]", marked):
        text += marked[at : name.start()]
        mentions.setdefault(name[1], []).append(
            Mention(field="text", start=len(text), end=len(text) + len(name[1]), text=name[1])
        )
        text, at = text + name[1], name.end()
    entities = [Entity(name=name, type="LOCATION", count=len(own), mentions=own) for name, own in mentions.items()]
    found = locate(entities, {"text": text + marked[at:], "title": None}, language)
    return {entity.name: entity.place.geonames_id if entity.place else None for entity in found}


def test_a_name_means_a_place_that_is_far_larger_than_its_namesakes() -> None:
    assert places("The mayor of [Paris] resigned.") == {"Paris": PARIS}
    [entity] = locate([Entity(name="Paris", type="LOCATION", count=1, mentions=[])], {}, "en")
    assert entity.place == Place(geonames_id=PARIS, latitude=48.853, longitude=2.349, country="FR")


@pytest.mark.parametrize(
    "written", ["[Paris], [Texas], had snow.", "[Paris] ([Texas]) had snow.", "[Paris, Texas] had snow."]
)
def test_a_country_or_region_right_behind_a_name_decides(written: str) -> None:
    assert PARIS_TEXAS in places(written).values()


def test_a_name_has_no_place_if_no_such_town_is_in_the_region_behind_it() -> None:
    assert places("[Paris], [Saskatchewan], is small.")["Paris"] is None


def test_a_town_behind_a_town_decides_nothing() -> None:
    assert places("Talks in [Moscow], [Kyiv] and [Vienna].") == {"Moscow": 524901, "Kyiv": 703448, "Vienna": 2761369}
    assert places("Fans in [Boston], [New York] and [Chicago].")["Boston"] == 4930956
    assert places("In [Buffalo], [New York], it snows.")["Buffalo"] == 5110629
    assert places("From [Mexico], [Guatemala] and [Honduras].")["Mexico"] == 3996063
    assert places("In [Berlin], [Spain] beat [England].")["Berlin"] == 2950159


def test_the_other_places_of_an_article_decide() -> None:
    assert places("[Georgia] votes.") == {"Georgia": None}
    assert places("[Georgia] votes; in [Tbilisi] it rains.")["Georgia"] == GEORGIA
    assert places("[Georgia] votes; in [Atlanta] it rains.")["Georgia"] == GEORGIA_US
    assert places("[Springfield] votes.") == {"Springfield": None}
    assert places("[Cambridge] won.") == {"Cambridge": None}
    assert places("[Cambridge] beat [Leeds].")["Cambridge"] == 2653941


def test_other_places_may_rule_out_the_largest_place() -> None:
    assert places("[London] burns.")["London"] == 2643743
    assert places("[London] burns; [Ontario] sends help to [Hamilton], [Ontario].")["London"] != 2643743


def test_a_small_namesake_in_another_country_of_the_article_does_not_compete() -> None:
    assert places("[Washington] and [London] agreed.") == {"Washington": 4140963, "London": 2643743}
    assert places("[Washington] warned [Iran], with [Britain].")["Washington"] == 4140963
    assert places("The premier left [Ottawa] for [London] and [Paris].") == {
        "Ottawa": 6094817,
        "London": 2643743,
        "Paris": PARIS,
    }
    assert places("[Washington] sold jets to [Athens] and [Ankara].")["Athens"] == 264371
    assert places("[Washington] met [Tehran] in [Rome], [New York] papers wrote.")["Rome"] == 3169070
    assert places("[Paris] rappelle son ambassadeur à [Ottawa].", "fr")["Paris"] == PARIS


def test_a_town_with_several_times_the_inhabitants_of_its_namesakes_is_meant() -> None:
    assert places("A strike in [Birmingham] goes on.") == {"Birmingham": 2655603}
    assert places("A strike in [Manchester] goes on.") == {"Manchester": 2643123}
    # It is ahead only because it is a capital.
    assert places("Flights to [San Jose] were cancelled.") == {"San Jose": None}


def test_a_region_elsewhere_in_the_text_does_not_change_a_large_town_to_a_small_one() -> None:
    assert places("Gauff, of [Florida], lost in [Melbourne].")["Melbourne"] == 2158177
    # Two places of the region leave both readings open.
    assert places("Gauff, of [Florida], lost in [Melbourne]; [Miami] watched.")["Melbourne"] is None
    assert places("The match in [Perth] was stopped; [Scotland] was disappointed.")["Perth"] == 2063523


def test_the_article_may_say_in_which_country_or_region_a_place_lies() -> None:
    assert places("[Sydney] is a town in [Nova Scotia].")["Sydney"] == 6354908
    assert places("[Tripoli], in northern [Lebanon], is old.")["Tripoli"] == 266826


def test_a_country_is_named_in_the_language_of_the_article() -> None:
    assert places("À [Mexico], la terre a tremblé.", "fr") == {"Mexico": 3530597}
    assert places("The earth shook in [Mexico].") == {"Mexico": 3996063}


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("La [Seine] déborde.", "fr"),
        ("Le préfet du [Morbihan] se tait.", "fr"),
        ("La [Vienne] déborde.", "fr"),
        ("Der [Rhein] steigt, auch am [Main].", "de"),
        ("The [Mississippi] rose.", "en"),
        ("A [Duna] árad.", "hu"),
        ("[Волга] обмелела.", "ru"),
        ("[Latin America] votes.", "en"),
    ],
)
def test_rivers_and_regions_are_no_towns_of_the_same_name(text: str, language: str) -> None:
    assert set(places(text, language).values()) == {None}


@pytest.mark.parametrize(
    ("name", "language", "kind", "country"),
    [
        ("Helsingissä", "fi", Kind.CAPITAL, "FI"),
        ("Yhdysvalloissa", "fi", Kind.COUNTRY, "US"),
        ("Rovaniemelle", "fi", Kind.CHIEF_TOWN, "FI"),
        ("Budapesten", "hu", Kind.CAPITAL, "HU"),
        ("Москве", "ru", Kind.CAPITAL, "RU"),
        ("Нижнего Новгорода", "ru", Kind.CHIEF_TOWN, "RU"),
        ("Novom Sadu", "sr", Kind.CHIEF_TOWN, "RS"),
        ("Новом Саду", "sr", Kind.CHIEF_TOWN, "RS"),
        ("Njemačkoj", "hr", Kind.COUNTRY, "DE"),
        ("Košiciach", "sk", Kind.CHIEF_TOWN, "SK"),
        ("României", "ro", Kind.COUNTRY, "RO"),
        ("Sveriges", "sv", Kind.COUNTRY, "SE"),
        ("北京", "zh", Kind.CAPITAL, "CN"),
        ("Niemczech", "pl", Kind.COUNTRY, "DE"),
        ("Bydgoszczy", "pl", Kind.CHIEF_TOWN, "PL"),
        ("Rīgas", "lv", Kind.CAPITAL, "LV"),
        ("Tallinnasse", "et", Kind.CAPITAL, "EE"),
        ("Алматыға", "kk", Kind.CHIEF_TOWN, "KZ"),
        ("القاهرة", "ar", Kind.CAPITAL, "EG"),
        ("للقاهرة", "ar", Kind.CAPITAL, "EG"),
        ("בירושלים", "he", Kind.CAPITAL, "IL"),
        ("मुंबई", "hi", Kind.CHIEF_TOWN, "IN"),
        ("เชียงใหม่", "th", Kind.CHIEF_TOWN, "TH"),
        ("Yunanistan", "tr", Kind.COUNTRY, "GR"),
    ],
)
def test_names_are_found_in_the_forms_of_their_language(name: str, language: str, kind: Kind, country: str) -> None:
    best = max((scores := possible_places(name, language)), key=lambda place: scores[place])
    assert (best.kind in (kind, Kind.REGION), best.country) == (True, country)


def test_a_continent_has_no_country() -> None:
    [entity] = locate([Entity(name="Europe", type="LOCATION", count=1, mentions=[])], {}, "fr")
    assert entity.place is not None
    assert msgspec.to_builtins(entity.place).keys() == {"geonames_id", "latitude", "longitude"}


def test_people_and_organisations_have_no_place() -> None:
    entity = Entity(
        name="Paris", type="PERSON", count=1, mentions=[Mention(field="text", start=0, end=5, text="Paris")]
    )
    assert locate([entity], {"text": "Paris"}, "en") == [entity]


def test_every_country_lies_within_its_borders_or_near() -> None:
    croatia, chile, fiji = (next(iter(possible_places(name, "en"))) for name in ("Croatia", "Chile", "Fiji"))
    assert (42 < croatia.latitude < 47, 13 < croatia.longitude < 20) == (True, True)
    assert (-56 < chile.latitude < -17, -76 < chile.longitude < -66) == (True, True)
    assert 177 < fiji.longitude <= 180


def test_the_names_of_the_gazetteer_are_sorted_for_the_search() -> None:
    names = gazetteer.load().names.split(b"\n")[:-1]
    assert names == sorted(names)
    assert (
        gazetteer.load().find(key("no such place"))
        == gazetteer.load().find("")
        == gazetteer.load().find("\uffff")
        == []
    )


def test_places_are_the_same_in_every_process() -> None:
    program = (
        "from evaluation.places import answers_for, lines\n"
        "print([answers_for(line) for line in lines() if line.language in ('en', 'ru', 'fi')])"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True, timeout=120
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1


def test_the_sentences_of_the_evaluation_have_exact_spans_of_known_places() -> None:
    known = set(gazetteer.load().places[0])
    for line in lines():
        assert line.places
        assert all(line.text[start:end].strip() == line.text[start:end] != "" for start, end, _ in line.places)
        assert {place for _, _, place in line.places if place} <= known


@given(st.text(max_size=40), st.sampled_from(["en", "fi", "fr", "hu", "ru", "sr", "zh", "xx"]))
@settings(deadline=None)
def test_any_name_has_places_or_none(name: str, language: str) -> None:
    scores = possible_places(name, language)
    assert {place.geonames_id for place in scores} <= {0, *gazetteer.load().places[0].tolist()}
    assert all(map(math.isfinite, scores.values()))
    forms = base_forms(name, language)
    assert len(forms) == len(set(forms)) <= 64
    assert key(name) not in forms
