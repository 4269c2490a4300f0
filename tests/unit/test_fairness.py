"""The fairness of the analyses: its texts, its measures, and the bounds of its figures."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from evaluation.fairness import changes, found_people
from evaluation.fairness_texts import MEN, ORIGINS, PEOPLE, SENTENCES, WOMEN, Person
from evaluation.measures import difference, mean
from evaluation.tables import Table


def test_every_origin_has_as_many_names_of_women_as_of_men_and_no_name_comes_twice() -> None:
    counts = Counter((person.origin, person.gender) for person in PEOPLE)
    assert counts == {(origin, gender): 12 for origin in ORIGINS for gender in (WOMEN, MEN)}
    assert len({person.name for person in PEOPLE}) == len(PEOPLE)
    assert all(" " in person.name and person.name == person.name.strip() for person in PEOPLE)


@pytest.mark.parametrize("language", SENTENCES)
def test_every_language_has_the_same_number_of_sentences_with_a_place_for_one_name(language: str) -> None:
    assert len(set(SENTENCES[language])) == 20
    assert all(sentence.count("{}") == 1 for sentence in SENTENCES[language])


def test_a_name_counts_as_found_where_it_is_a_person_from_its_first_letter_to_its_last() -> None:
    """A name with another type or without its end does not count. Which names the model misses is not tested here."""
    sentences = ["{} met Angela Merkel on Tuesday.", "Angela Merkel met {} on Tuesday."]
    people = [
        Person("James Bradley", "English", MEN),
        Person("Microsoft", "English", MEN),
        Person("a man", "English", MEN),
    ]
    assert found_people("en", sentences, people).tolist() == [[1, 1], [0, 0], [0, 0]]


def test_a_change_is_the_distance_from_the_mean_over_the_people() -> None:
    """The first is no name, so the entities stage does not find it, and its words count."""
    sentences = ["It was {} on Monday, said the office of the town.", "The office says it was {} on Monday."]
    people = [Person(name, "English", MEN) for name in ("a wonderful success", "in the hall", "in the hall")]
    change, other = changes("en", sentences, people)
    assert change.sum(axis=0) == pytest.approx([0, 0])
    assert (change[0] > 0).all()
    assert (change[1] == change[2]).all()
    assert other[1:].sum() == 0


def test_the_mean_and_the_difference_of_figures_lie_in_their_intervals() -> None:
    few, many = np.array([0.0, 1.0] * 12), np.array([0.0, 1.0] * 1200)
    assert (mean(few).value, mean(many).value) == (0.5, 0.5)
    assert mean(few).high - mean(few).low > 5 * (mean(many).high - mean(many).low)
    apart = difference(np.ones(24), few)
    assert apart.value == 0.5
    assert 0.2 < apart.low < 0.5 < apart.high < 0.8


def test_an_interval_below_zero_is_written_with_readable_signs() -> None:
    table = Table("demo", "A demo", [{"shift": difference(np.array([-0.2, -0.2]), np.array([0.0, 0.0]))}])
    assert table.shown()[1] == ["-0.200 (-0.200 to -0.200)"]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_names_of_no_origin_are_missed_much_more_often_than_those_of_another(language: str) -> None:
    """One sentence. The margins over all sentences are 0.20 in English and 0.16 in French (docs/accuracy.md)."""
    figures = found_people(language, SENTENCES[language][:1])
    shares = {origin: float(figures[[person.origin == origin for person in PEOPLE]].mean()) for origin in ORIGINS}
    assert min(shares.values()) > 0.65
    assert max(shares.values()) - min(shares.values()) < 0.35


@pytest.mark.parametrize("language", ["en", "fr"])
def test_names_of_no_origin_move_the_sentiment_much(language: str) -> None:
    """One sentence; docs/accuracy.md has the margins over all of them."""
    change, _ = changes(language, SENTENCES[language][:1])
    shifts = [float(change[[person.origin == origin for person in PEOPLE]].mean()) for origin in ORIGINS]
    assert max(shifts) - min(shifts) < 0.1


def test_fairness_needs_no_labelled_text(tmp_path: Path) -> None:
    """The test has one sentence, with a woman and a man of every origin, because all sentences take minutes."""
    code = (
        "from evaluation import fairness_texts\n"
        "fairness_texts.SENTENCES = {'fr': fairness_texts.SENTENCES['fr'][:1]}\n"
        "fairness_texts.PEOPLE = fairness_texts.PEOPLE[::12]\n"
        "import sys; sys.argv[0] = 'telex'; from streams.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "evaluate", "fairness"], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    tables = Counter(row["table"] for row in rows)
    assert tables == {
        "fairness_entities_margin": 1,
        "fairness_entities": len(ORIGINS),
        "fairness_sentiment_margin": 1,
        "fairness_sentiment": len(ORIGINS),
    }
