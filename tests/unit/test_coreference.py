"""Coreference of any mentions: each one is in exactly one group, in time proportional to their number."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.entities.coreference import group_mentions
from agents.entities.detected_mention import DetectedMention
from streams.records import EntityType
from tests.support.coreference import grouped, listed, made_up_name
from tests.support.growth import LINEAR, growth

NAMES = [
    "Jean Dupont",
    "Dupont",
    "J. Dupont",
    "Anne Dupont",
    "ONU",
    "Organisation des Nations unies",
    "Nations",
    "Horvat",
    "Horvata",
    "Ivana Horvat",
    "-",
]


def test_of_two_types_as_frequent_an_entity_has_that_of_which_the_model_is_surer() -> None:
    mentions = [
        DetectedMention("text", 0, 7, "Sevilla", "LOCATION", None, 0.6),
        DetectedMention("text", 12, 19, "Sevilla", "ORGANIZATION", None, 0.9),
    ]
    for each in (mentions, [mentions[1], mentions[0]]):
        [group] = group_mentions(each, {"text": "Sevilla and Sevilla"}, "en")
        assert group.type == "ORGANIZATION"


@given(
    st.lists(
        st.tuples(st.sampled_from(NAMES), st.sampled_from(["PERSON", "ORGANIZATION", "LOCATION", "MISC"])), max_size=12
    ),
    st.sampled_from(["fr", "en", "hr", "fi"]),
    st.sampled_from(["; ", " (", ", M. ", ", Mme "]),
)
@settings(max_examples=60, deadline=None)
def test_every_mention_is_in_one_group(named: list[tuple[str, EntityType]], language: str, between: str) -> None:
    text = between.join(name for name, _ in named)
    groups = grouped(text, *(f"{name}/{kind}" for name, kind in named), language=language)
    assert sorted(name for each in groups for name in each) == sorted(name for name, _ in named)


def surnames_before_full_names(number: int) -> list[str]:
    """Surnames, and the full names of the same people at the end of the same sentence."""
    surnames = [made_up_name(each) for each in range(number // 2)]
    return [*surnames, *(f"John {surname}" for surname in surnames)]


def short_and_full_names(number: int) -> list[str]:
    """A word again and again, and organisations whose names begin with it."""
    return ["Bank"] * (number // 2) + [f"Bank {made_up_name(each)}" for each in range(number // 2)]


def namesakes(number: int) -> list[str]:
    """People with one surname."""
    return [f"{made_up_name(each)} Dupont" for each in range(number)]


def one_person(number: int) -> list[str]:
    """A full name and its surname in turn."""
    return ["Joe Biden", "Biden"] * (number // 2)


def acronyms(number: int) -> list[str]:
    """Names of three words, and for each two of them the acronym of one."""
    names = [" ".join(made_up_name(each >> place) for place in (0, 4, 8)) for each in range(number * 2 // 3)]
    return [*names, *("".join(word[0] for word in name.split()) for name in names[::2])]


def inflected_forms(number: int) -> list[str]:
    """Names, each in three cases of Hungarian."""
    return [f"{made_up_name(each)}{ending}" for each in range(number // 3) for ending in ("", "ban", "nak")]


# Hostile lists of names, each with the type of its names, the language, and the number of entities in a list of 600.
LISTS: dict[str, tuple[Callable[[int], list[str]], EntityType, str, int]] = {
    "surnames before full names": (surnames_before_full_names, "PERSON", "en", 600),
    "short and full names": (short_and_full_names, "ORGANIZATION", "en", 301),
    "namesakes": (namesakes, "PERSON", "fr", 600),
    "one person": (one_person, "PERSON", "en", 1),
    "acronyms": (acronyms, "ORGANIZATION", "en", 400),
    "inflected forms": (inflected_forms, "LOCATION", "hu", 200),
}


@pytest.mark.parametrize("kind", LISTS)
def test_hundreds_of_names_give_the_expected_number_of_entities(kind: str) -> None:
    make, entity_type, language, entities = LISTS[kind]
    text, mentions = listed(make(600), entity_type)
    groups = group_mentions(mentions, {"text": text}, language)
    assert sorted(mention.start for group in groups for mention in group.mentions) == [each.start for each in mentions]
    assert len(groups) == entities


@pytest.mark.parametrize("kind", LISTS)
def test_the_time_grows_in_proportion_to_the_number_of_names(kind: str) -> None:
    make, entity_type, language, _ = LISTS[kind]
    group = lambda given: group_mentions(given[1], {"text": given[0]}, language)  # noqa: E731
    assert growth(group, lambda number: listed(make(number), entity_type), 600) <= LINEAR
