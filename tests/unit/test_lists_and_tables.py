"""Lists of names and tables: the language comes from the clause or the heading beside them."""

import pytest

from agents.language import analyse
from streams.records import Article, Language, NotAnalysed
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
def test_names_alone_under_a_name_stay_unknown(text: str) -> None:
    [answer] = analyse([Article(id="1", text=text, title=None, language=None, declared=None, fields={})])
    assert isinstance(answer, NotAnalysed)
