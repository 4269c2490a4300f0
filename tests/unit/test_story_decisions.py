"""Stories: what is a copy, an edit, a report on the same event or something else, and that each decision is final."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from agents.stories.fingerprint import Fingerprint, fingerprint
from agents.stories.stories import Stories
from agents.stories.window import BYTES
from evaluation.story_articles import StoryArticle, articles
from streams.records import Story
from tests.support.growth import LINEAR, growth

ROOT = Path(__file__).parents[2]
HOUR_MS = 3_600_000
DEVELOPMENT = articles("development")
FIRE = next(article for article in DEVELOPMENT if article.id == "harbour-fire-en-0")


def print_of(article: StoryArticle) -> Fingerprint:
    # Without entities: the tests load no models.
    return fingerprint(article.title, article.text, article.language, None)


PRINTS = {article.id: print_of(article) for article in DEVELOPMENT}


def new_stories(most: int = 1_000) -> Stories:
    return Stories(72 * HOUR_MS, most * BYTES)


def decide(stories: Stories, article: StoryArticle) -> Story:
    return stories.decide(
        article.id, round(article.time.timestamp() * 1000), PRINTS.get(article.id) or print_of(article)
    )


def second(first: StoryArticle, other: StoryArticle) -> Story:
    """The decision on an article after a first one, alone in their window."""
    stories = new_stories()
    decide(stories, first)
    return decide(stories, replace(other, id="second", time=first.time))


def by_id(*identifiers: str) -> list[StoryArticle]:
    return [next(article for article in DEVELOPMENT if article.id == identifier) for identifier in identifiers]


def test_the_first_article_opens_a_story() -> None:
    decision = decide(new_stories(), FIRE)
    assert decision == Story(
        id=FIRE.id, story=FIRE.id, relation="first", of=None, similarity=None, articles=1, model="telex-stories/1"
    )


def test_the_edit_that_the_readme_makes_is_one(tmp_path: Path) -> None:
    (command,) = re.findall(r"^\(cat seeds/.*$", (ROOT / "README.md").read_text(), re.MULTILINE)
    edit = tmp_path / "edit.txt"
    subprocess.run(["bash", "-c", command.replace("/tmp/baltimore-update.txt", str(edit))], cwd=ROOT, check=True)
    first = replace(FIRE, id="baltimore-bridge", title="", text=(ROOT / "seeds/baltimore-bridge.txt").read_text())
    decision = second(first, replace(first, text=edit.read_text()))
    assert (decision.relation, decision.of, decision.similarity) == ("near_duplicate", "baltimore-bridge", 1.0)


@pytest.mark.parametrize(
    "edited",
    [
        replace(FIRE, text=FIRE.text.replace(". ", ".\n\n")),
        replace(FIRE, text="<p>" + FIRE.text.replace(". ", ".</p>  <p>") + "</p>"),
        replace(FIRE, title=FIRE.title.upper(), text=FIRE.text.upper()),
        replace(FIRE, text=f"By Sara Lindqvist\n\nGOTHENBURG, March 2 (Nordpress) - {FIRE.text}"),
        replace(FIRE, text=f"{FIRE.text}\n\n© 2026 Nordpress. All rights reserved.\nRead more: our page on harbours"),
        replace(FIRE, text=f"{FIRE.text}\n(Reporting by Sara Lindqvist; editing by Tom Ashdown)"),
    ],
    ids=["line breaks", "mark-up", "capitals", "by-line and dateline", "rights and an invitation", "credits"],
)
def test_a_text_that_differs_in_layout_boilerplate_or_case_is_a_duplicate(edited: StoryArticle) -> None:
    decision = second(FIRE, edited)
    assert (decision.relation, decision.of, decision.similarity) == ("duplicate", FIRE.id, 1.0)
    assert (decision.story, decision.articles) == (FIRE.id, 2)


@pytest.mark.parametrize("edit", ["headline", "cut", "extend", "correct"])
def test_an_edited_text_is_a_near_duplicate(edit: str) -> None:
    edited = [article for article in DEVELOPMENT if article.edits == (edit,)]
    assert len(edited) > 3
    for article in edited:
        text = next(other for other in DEVELOPMENT if other.group == article.group and not other.edits)
        assert second(text, article).relation == "near_duplicate", article.id
        assert second(article, text).relation == "near_duplicate", f"{article.id}, the edit first"


def test_an_unchanged_text_under_another_headline_is_no_duplicate() -> None:
    assert second(FIRE, replace(FIRE, title="Something else")).relation == "near_duplicate"


@pytest.mark.parametrize(
    ("first", "other"),
    [
        ("harbour-fire-en-0", "harbour-fire-en-1"),
        ("valencia-mayor-es-14", "valencia-mayor-es-15"),
        ("probe-silent-fr-25", "probe-silent-ru-26"),
        ("omsk-flood-ru-31", "omsk-flood-de-33"),
        ("riksbank-sv-10", "riksbank-da-13"),
    ],
)
def test_another_text_on_the_event_is_of_the_same_story_in_any_language(first: str, other: str) -> None:
    decision = second(*by_id(first, other))
    assert (decision.relation, decision.story) == ("same_story", first)


@pytest.mark.parametrize(
    ("first", "other"),
    [
        ("lyon-tram-fr-5", "lyon-strike-fr-9"),
        ("malmo-school-sv-54", "malmo-robbery-sv-55"),
        ("football-1-en-37", "football-2-en-38"),
        ("markets-mon-de-41", "markets-tue-de-42"),
        ("oil-mon-en-44", "oil-tue-en-45"),
        ("garden-1-en-46", "garden-2-en-47"),
        ("weather-1-da-49", "weather-2-da-50"),
        ("handball-1-da-57", "handball-2-da-58"),
    ],
)
def test_reports_of_one_form_or_from_one_town_are_stories_of_their_own(first: str, other: str) -> None:
    assert second(*by_id(first, other)).relation == "first"


def test_a_story_does_not_change_when_it_goes_on_after_its_first_article_has_left_the_window() -> None:
    stories = new_stories()
    day = 24 * HOUR_MS
    decisions = [stories.decide(f"day {number}", number * 2 * day, PRINTS[FIRE.id]) for number in range(4)]
    assert {decision.story for decision in decisions} == {"day 0"}
    assert [decision.articles for decision in decisions] == [1, 2, 3, 4]
    assert "day 0" not in stories


def test_an_article_that_has_left_the_window_is_not_compared_any_more() -> None:
    stories = new_stories()
    stories.decide("old", 0, PRINTS[FIRE.id])
    assert stories.decide("new", 72 * HOUR_MS + 1, PRINTS[FIRE.id]).relation == "first"
    assert (len(stories), stories.stories) == (1, 1)


def test_a_full_window_lets_the_oldest_article_go() -> None:
    stories = new_stories(most=10)
    for article in DEVELOPMENT[:25]:
        decide(stories, article)
    assert len(stories) == stories.capacity == 10
    assert [article.id in stories for article in DEVELOPMENT[:25]] == 15 * [False] + 10 * [True]


def test_the_memory_limit_is_the_memory_that_a_full_window_takes() -> None:
    stories = new_stories(most=5_000)
    window = stories._window
    arrays = [each for each in vars(window).values() if hasattr(each, "nbytes")]
    # The counters of terms have a fixed size, and the strings of Python are counted apart.
    assert sum(array.nbytes for array in arrays) - window._counts.nbytes < 5_000 * BYTES


@pytest.mark.parametrize("most", [1_000, 40], ids=["by time", "by memory"])
def test_a_restored_state_decides_as_the_state_that_it_was_made_from(most: int) -> None:
    whole = decided(new_stories(most), DEVELOPMENT)
    for at in (1, 60, 120):
        restored = new_stories(most)
        for article in DEVELOPMENT[:at]:
            restored.restore(whole[article.id], round(article.time.timestamp() * 1000), PRINTS[article.id])
        assert decided(restored, DEVELOPMENT[at:]) == {article.id: whole[article.id] for article in DEVELOPMENT[at:]}


def decided(stories: Stories, stream: Sequence[StoryArticle]) -> dict[str, Story]:
    return {article.id: decide(stories, article) for article in stream}


def test_the_time_for_an_article_does_not_grow_with_the_window() -> None:
    def filled(size: int) -> Callable[[], object]:
        stories = new_stories(most=size)
        prints = list(PRINTS.values())
        for number in range(size):
            stories.decide(f"{number}", number, prints[number % len(prints)])
        return lambda: [stories.decide(f"more {len(stories)} {each}", size, prints[each]) for each in range(20)]

    def run(action: Callable[[], object]) -> None:
        action()

    assert growth(run, filled, 300) < LINEAR / 3


def test_the_embeddings_of_an_encoder_count_where_there_is_one() -> None:
    """The encoder of this test knows two subjects: fire and everything else."""

    def encode(text: str) -> NDArray[np.float32]:
        return np.array([1, 0] if "fire" in text.lower() or "blaze" in text.lower() else [0, 1], np.float32)

    def relation(first: str, other: str) -> str:
        stories = Stories(72 * HOUR_MS, 1_000 * BYTES, dimensions=2)
        for number, article in enumerate(by_id(first, other)):
            kept = fingerprint(article.title, article.text, article.language, None, encode)
            decision = stories.decide(f"{number}", 0, kept)
        return decision.relation

    assert relation("harbour-fire-en-0", "harbour-fire-en-1") == "same_story"
    similar = relation("markets-mon-de-41", "markets-tue-de-42")
    assert similar == "first", "other figures tell reports of one form apart, whatever an encoder says"


def test_short_texts_are_compared_too() -> None:
    stories = new_stories()
    texts = {"one": "Breaking news", "two": "BREAKING NEWS", "three": "Breaking ice"}
    found = {each: stories.decide(each, 0, fingerprint("", text, "en", None)) for each, text in texts.items()}
    assert [decision.relation for decision in found.values()] == ["first", "duplicate", "first"]
