"""The model cards: every model of Telex has a card, and the card is right."""

from __future__ import annotations

import importlib.util
import re
from contextlib import nullcontext
from pathlib import Path

import pytest
from msgspec.structs import replace

from agents.sentiment import target as target_sentiment
from streams.records import Analysis, Article, Entities, Language, NotAnalysed, Sentiment
from streams.stages import STAGE_NAMES
from streams.worker import analysers
from tests.support.fast_models import fast_models

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs" / "models"
CARDS = {path.stem: path.read_text(encoding="utf-8") for path in sorted(PAGES.glob("*.md")) if path.stem != "README"}
HEADINGS = {"What it is for", "What it was made from", "How right it is", "Where it fails"}
FACTS = ("stage", "languages", "licence", "size")


def models_in_use() -> set[tuple[str, str]]:
    """Stage and model."""
    return {(stage, model) for stage in STAGE_NAMES for model in analysers.find(stage).models().values()}


MODELS = models_in_use()
with fast_models():
    FAST_MODELS = models_in_use() - MODELS | {("sentiment", target_sentiment.MODEL)}


def rows(text: str) -> list[list[str]]:
    """The cells of every table, row by row."""
    return [
        [cell.strip() for cell in line.strip("|").split(" | ")] for line in text.splitlines() if line.startswith("| ")
    ]


def facts(card: str) -> dict[str, str]:
    return {cells[0]: cells[1] for cells in rows(card.split("\n## ")[0]) if len(cells) == 2}


def title(card: str) -> str:
    return card.splitlines()[0].removeprefix("# ")


FAILURES = [
    (name, *cells)
    for name, card in CARDS.items()
    for cells in rows(card.split("\n## Where it fails")[1])
    if cells[0] != "language"
]


@pytest.mark.parametrize(("stage", "model"), sorted(MODELS | FAST_MODELS))
def test_every_model_of_every_stage_has_a_card_for_its_version(stage: str, model: str) -> None:
    name = model.split("/")[0]
    assert name in CARDS, f"{model} of the {stage} stage has no card: write docs/models/{name}.md like the others"
    assert (title(CARDS[name]), facts(CARDS[name])["stage"]) == (model, stage)


@pytest.mark.parametrize("name", CARDS)
def test_every_card_is_for_a_model_in_use_and_has_the_same_headings(name: str) -> None:
    card = CARDS[name]
    assert title(card) in {model for _, model in MODELS | FAST_MODELS}
    assert set(re.findall(r"^## (.*)$", card, re.MULTILINE)) >= HEADINGS
    assert {*FACTS, "files", "made by"} <= facts(card).keys()


def test_the_list_of_the_cards_agrees_with_the_cards() -> None:
    listed = {
        cells[0]: cells[1:] for cells in rows((PAGES / "README.md").read_text(encoding="utf-8")) if cells[0] != "model"
    }
    assert listed == {
        f"[{title(card)}]({name}.md)": [facts(card)[fact] for fact in FACTS] for name, card in CARDS.items()
    }


@pytest.mark.parametrize("name", CARDS)
def test_a_model_is_as_large_as_its_card_says(name: str) -> None:
    stated = facts(CARDS[name])
    files = stated["files"].strip("`")
    package = importlib.util.find_spec(files) if "/" not in files else None
    at = Path((package.submodule_search_locations or [""])[0]) if package else ROOT / files
    found = [path for path in (at.rglob("*") if at.is_dir() else [at]) if path.suffix != ".pyc"]
    size = sum(path.stat().st_size for path in found if path.is_file())
    assert size / 1e6 == pytest.approx(float(stated["size"].removesuffix(" MB")), rel=0.05)


@pytest.mark.parametrize("name", CARDS)
def test_the_figures_of_a_card_equal_those_of_the_page_on_accuracy(name: str) -> None:
    page = (ROOT / "docs" / "accuracy.md").read_text(encoding="utf-8")
    figures = re.findall(r"-?\d\.\d{3} \([^)]*\d\.\d{3}\)", " ".join(CARDS[name].split()))
    assert figures
    assert [figure for figure in figures if figure not in page] == []


def said(analysis: Analysis, model: str) -> str:
    if isinstance(analysis, Sentiment) and model == target_sentiment.MODEL:
        return ", ".join(f"{target.label} *{target.name}*" for target in analysis.targets)
    assert getattr(analysis, "model", None) in {model, None}
    match analysis:
        case NotAnalysed():
            return analysis.reason
        case Language():
            return analysis.code
        case Entities():
            return ", ".join(f"{entity.type} *{entity.name}*" for entity in analysis.items) or "nothing"
        case Sentiment():
            return analysis.label
    raise AssertionError(analysis)


@pytest.mark.parametrize(("name", "language", "text", "says", "right"), FAILURES)
def test_the_model_fails_where_its_card_says_so(name: str, language: str, text: str, says: str, right: str) -> None:
    """If the model no longer fails there, remove the line from its card."""
    stage = facts(CARDS[name])["stage"]
    with fast_models() if (stage, title(CARDS[name])) in FAST_MODELS else nullcontext():
        analysis = analysed(name, stage, language, text)
    assert said(analysis, title(CARDS[name])) == says != right


def analysed(name: str, stage: str, language: str, text: str) -> Analysis:
    """The analysis of a text, with the entities in it where the model needs them."""
    article = Article(
        id="1", text=text, title=None, language=None if stage == STAGE_NAMES[0] else language, declared=None, fields={}
    )
    if title(CARDS[name]) == target_sentiment.MODEL:
        [entities] = analysers.find("entities").analyse([article])
        assert isinstance(entities, Entities)
        article = replace(article, entities=entities)
    [analysis] = analysers.find(stage).analyse([article])
    return analysis
