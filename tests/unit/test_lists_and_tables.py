"""Lists of names and tables: the language comes from the clause or the heading beside them."""

from collections.abc import Callable

import pytest

from agents.language import analyse
from agents.language.cleaning import LONG_WINDOW, clean_all
from agents.language.lists_and_tables import is_list_of_names, is_table, split_heading
from streams.records import Article, Language, NotAnalysed
from tests.support.growth import LINEAR, growth
from tests.support.sentences import language


@pytest.mark.parametrize(
    "text", ["市は、橋を、秋に、また開くという。", "市内の学校、町の病院、隣の駅へ積極的に協力し、発展に貢献します。"]
)
def test_a_japanese_sentence_full_of_commas_is_no_list(text: str) -> None:
    assert language(text) == "ja"


@pytest.mark.parametrize(
    "text", ["安倍晋三、菅義偉、岸田文雄、石破茂", "さくら、ひかり、みどり、あおい、はるか", "王伟、李娜、张敏、刘洋"]
)
def test_names_without_capitals_are_no_sentence(text: str) -> None:
    assert language(text) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (
            "The panel: Amartya Sen, Esther Duflo, Daron Acemoglu, Branko Milanović and Joseph Stiglitz took part in the debate.",
            "en",
        ),
        (
            "Results of the second round on Sunday:\nArsenal 2 Chelsea 1\nLiverpool 0 Everton 0\nManchester United 3 Tottenham Hotspur 2",
            "en",
        ),
        (
            "Ergebnisse des ersten Spieltags der Bundesliga:\nBayern München - Borussia Dortmund 2:1\nRB Leipzig - VfB Stuttgart 1:1",
            "de",
        ),
    ],
)
def test_a_clause_beside_names_is_enough_for_its_language(text: str, code: str) -> None:
    assert language(text) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Premier League results\nArsenal 2-1 Chelsea\nLiverpool 0-0 Everton\nManchester City 3-1 Fulham", "en"),
        ("Risultati della Serie B\nPalermo 2-1 Bari\nModena 0-0 Pisa\nParma 3-1 Como", "it"),
        ("Ergebnisse der zweiten Liga\nHannover 2:1 Karlsruhe\nPaderborn 0:0 Magdeburg", "de"),
        ("Autour de la table : Thomas Piketty, Esther Duflo, Philippe Aghion, Jean Tirole et Daniel Cohen.", "fr"),
        ("Es spielten: Neuer, Kimmich, Hernández, Davies, Goretzka, Müller, Gnabry, Coman.", "de"),
    ],
)
def test_a_heading_over_a_table_or_before_names_is_enough_for_its_language(text: str, code: str) -> None:
    [answer] = analyse([Article(id="1", text=text, title=None, language=None, declared=None, fields={})])
    assert isinstance(answer, Language)
    assert answer.code == code


@pytest.mark.parametrize(
    "text",
    [
        "Premier League\nArsenal 2-1 Chelsea\nLiverpool 0-0 Everton\nManchester City 3-1 Fulham",
        "Arsenal 2-1 Chelsea\nLiverpool 0-0 Everton\nManchester City 3-1 Fulham",
        "Thomas Piketty\nEsther Duflo\nJean Tirole\nDaniel Cohen",
    ],
)
def test_names_under_a_heading_that_is_a_name_have_an_unknown_language(text: str) -> None:
    [answer] = analyse([Article(id="1", text=text, title=None, language=None, declared=None, fields={})])
    assert isinstance(answer, NotAnalysed)


# Fragments of lists and tables: whether many of them are a table, whether they are a list of names, and their heading.
HOSTILE = {
    "A, ": (False, True, "A, " * 999 + "A,"),
    "A\n": (False, True, "A"),
    "1 a\n": (True, False, "1 a"),
    "a:\n": (False, False, "a"),
    "\n": (True, False, ""),
    "东、": (False, True, "东、" * 1_000),
}


@pytest.mark.parametrize("fragment", HOSTILE)
def test_a_thousand_rows_are_a_list_or_a_table_as_a_few_are(fragment: str) -> None:
    text = fragment * 1_000
    assert (is_table(text), is_list_of_names(clean_all(text)), split_heading(text)[0]) == HOSTILE[fragment]


@pytest.mark.parametrize("fragment", HOSTILE)
@pytest.mark.parametrize("rule", [is_table, split_heading, clean_all], ids=["table", "heading", "words"])
def test_the_time_grows_in_proportion_to_the_length(fragment: str, rule: Callable[[str], object]) -> None:
    assert growth(rule, lambda size: fragment * (size // len(fragment)), LONG_WINDOW // 4) <= LINEAR
