"""The accuracy of stories: of all pairs of articles, how many are rightly put together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import combinations

from agents import entities
from agents.stories.fingerprint import Fingerprint, fingerprint
from agents.stories.stories import Stories
from evaluation.data import Data
from evaluation.measures import share
from evaluation.story_articles import PARTS, StoryArticle, articles
from evaluation.tables import Cell, Table
from streams.records import Article, Entities, Story

# As the settings have it without a change.
WINDOW_MS = 72 * 3_600_000
_MEMORY = 8 << 20

Pair = tuple[StoryArticle, StoryArticle]


def tables(_: Data) -> Iterator[Table]:
    """The tables: edits of one text, and texts on one event in one language and in several."""
    yield Table(
        "stories",
        "Pairs of articles: which are edits of one text, and which of the others report the same event",
        [row for part in PARTS for row in _rows(part)],
    )
    yield Table(
        "stories_by_language",
        "Pairs of texts on the same event in one language, which are no edits of each other",
        [
            {"part": part, "language": language, **_figures(part, _in_language(language), _same_event, _same_story)}
            for part in PARTS
            for language in sorted({article.language for article in articles(part)})
        ],
    )
    yield Table("story_relations", "The relation that an edited article gets", list(_relations()))


def _rows(part: str) -> Iterator[dict[str, Cell]]:
    yield {"part": part, "pairs": "edits of one text", **_figures(part, lambda _: True, _is_edit, _is_called_edit)}
    for name, chosen in (("same event, one language", _is_of_one_language), ("same event, two languages", _is_across)):
        yield {"part": part, "pairs": name, **_figures(part, chosen, _same_event, _same_story)}


def _is_of_one_language(pair: Pair) -> bool:
    return not _is_edit(pair) and pair[0].language == pair[1].language


def _is_across(pair: Pair) -> bool:
    return not _is_edit(pair) and pair[0].language != pair[1].language


def _figures(
    part: str,
    chosen: Callable[[Pair], bool],
    gold: Callable[[Pair], bool],
    called: Callable[[dict[str, Story], Pair], bool],
) -> dict[str, Cell]:
    decisions = decided(part)
    pairs = [pair for pair in combinations(articles(part), 2) if chosen(pair)]
    right = sum(gold(pair) and called(decisions, pair) for pair in pairs)
    given, labelled = sum(called(decisions, pair) for pair in pairs), sum(map(gold, pairs))
    precision, recall = share(right, given), share(right, labelled)
    return {"labelled": labelled, "found": given, "precision": precision, "recall": recall}


def _is_edit(pair: Pair) -> bool:
    return pair[0].group == pair[1].group


def _same_event(pair: Pair) -> bool:
    return pair[0].event == pair[1].event


def _in_language(language: str) -> Callable[[Pair], bool]:
    return lambda pair: pair[0].language == pair[1].language == language and not _is_edit(pair)


def _same_story(decisions: dict[str, Story], pair: Pair) -> bool:
    return decisions[pair[0].id].story == decisions[pair[1].id].story


def _is_called_edit(decisions: dict[str, Story], pair: Pair) -> bool:
    return _text_of(decisions, pair[0].id) == _text_of(decisions, pair[1].id)


def _text_of(decisions: dict[str, Story], article_id: str) -> str:
    """The first article of the chain of edits that an article is in."""
    decision = decisions[article_id]
    if decision.of and decision.relation in ("duplicate", "near_duplicate"):
        return _text_of(decisions, decision.of)
    return article_id


def _relations() -> Iterator[dict[str, Cell]]:
    for edit in dict.fromkeys(edit for article in articles(PARTS[0]) for edit in article.edits[:1]):
        relations = [
            decided(part)[article.id].relation
            for part in PARTS
            for article in articles(part)
            if article.edits == (edit,)
        ]
        yield {
            "edit": edit,
            "articles": len(relations),
            **{
                relation: relations.count(relation)
                for relation in ("duplicate", "near_duplicate", "same_story", "first")
            },
        }


@cache
def decided(part: str) -> dict[str, Story]:
    """The decision on each article of a part, in the order of their publication."""
    stories = Stories(WINDOW_MS, _MEMORY)
    return {
        article.id: stories.decide(article.id, round(article.time.timestamp() * 1000), print_)
        for article, print_ in zip(articles(part), fingerprints(part), strict=True)
    }


@cache
def fingerprints(part: str) -> Sequence[Fingerprint]:
    """The fingerprint of each article of a part, with the entities that the stage finds."""
    return [
        fingerprint(article.title, article.text, article.language, _entities(article)) for article in articles(part)
    ]


def _entities(article: StoryArticle) -> Entities | None:
    if article.language not in entities.models():
        return None
    [result] = entities.analyse(
        [
            Article(
                id=article.id,
                text=article.text,
                title=article.title,
                language=article.language,
                declared=None,
                fields={},
            )
        ]
    )
    return result if isinstance(result, Entities) else None
