"""Decides to which story an article belongs, from the articles of the window before it."""

from __future__ import annotations

import msgspec
import numpy as np

from agents.stories import window as windows
from agents.stories.fingerprint import Fingerprint, Term
from agents.stories.similarity import Overlap, agreement, cosines, is_in, overlaps, shared_evidence, telling
from agents.stories.window import Rows, Window
from streams.records import Relation, Story

MODEL = "telex-stories/1"

# Most candidates that are compared: those with common sequences of words, and those with common terms.
MOST_EDITS, MOST_REPORTS = 6, 24
# A text is an edit of another one when they share this part of the shorter text, and this part of both.
EDIT_OVERLAP, EDIT_OF_BOTH = 0.55, 0.1
# From this shared part on, reports that have other figures are reports of one form about different events: two matches,
# two days at the stock exchange.
FORM_OVERLAP = 0.1
# The part of the figures, and of the names, that reports on one event share at least, if both have several.
SAME_FIGURES, SAME_NAMES, SEVERAL = 0.5, 0.5, 3
# Articles are one story from this similarity on, in one language and between two, and with at least so many shared
# names, places and numbers.
SAME_STORY, SAME_STORY_ACROSS, TELLING = 0.26, 0.4, 3
# The weight of the cosine of the embeddings in the similarity, where both articles have one.
EMBEDDING_WEIGHT = 0.5


class _LiveStory(msgspec.Struct):
    """A story with articles in the window: how many it has had, and how many are in the window."""

    id: str
    articles: int = 0
    live: int = 0


class Stories:
    """The articles of the window and their stories.

    Args:
        window_ms: milliseconds that an article stays in the window.
        memory: bytes for the articles of the window.
        dimensions: of the articles' embeddings; 0 where they have none.
    """

    def __init__(self, window_ms: int, memory: int, dimensions: int = 0) -> None:
        self._window_ms = window_ms
        self._window = Window(max(1, memory // (windows.BYTES + dimensions)), dimensions)
        self._ids: list[str] = [""] * self._window.capacity
        self._languages: list[str] = [""] * self._window.capacity
        self._story_of: list[_LiveStory | None] = [None] * self._window.capacity
        self._rows: dict[str, int] = {}
        self._stories: dict[str, _LiveStory] = {}

    def __len__(self) -> int:
        return self._window.live

    @property
    def stories(self) -> int:
        """The number of stories with articles in the window."""
        return len(self._stories)

    @property
    def capacity(self) -> int:
        """Most articles in the window."""
        return self._window.capacity

    @property
    def span_ms(self) -> int:
        """Milliseconds from the oldest article of the window to the newest."""
        if not self._window.live:
            return 0
        return int(self._window.times[self._window.newest] - self._window.times[self._window.oldest])

    def __contains__(self, article_id: str) -> bool:
        return article_id in self._rows

    def decide(self, article_id: str, time_ms: int, article: Fingerprint) -> Story:
        """Decide about a new article and add it to the window. It must not be in the window yet."""
        self._expire(time_ms)
        relation, row, similarity = self._best(article)
        before = None if row is None else self._story_of[row]
        decision = Story(
            id=article_id,
            story=before.id if before else article_id,
            relation=relation,
            of=None if row is None else self._ids[row],
            similarity=similarity,
            articles=before.articles + 1 if before else 1,
            model=MODEL,
        )
        self.restore(decision, time_ms, article)
        return decision

    def restore(self, decision: Story, time_ms: int, article: Fingerprint) -> None:
        """Add an article that was decided before."""
        self._expire(time_ms)
        if self._window.is_full:
            self._drop_oldest()
        row = self._window.add(article, time_ms)
        story = self._stories.setdefault(decision.story, _LiveStory(decision.story))
        story.articles = decision.articles
        story.live += 1
        self._ids[row], self._languages[row], self._story_of[row] = decision.id, article.language, story
        self._rows[decision.id] = row

    def _expire(self, time_ms: int) -> None:
        while self._window.live and self._window.times[self._window.oldest] < time_ms - self._window_ms:
            self._drop_oldest()

    def _drop_oldest(self) -> None:
        row = self._window.drop_oldest()
        story = self._story_of[row]
        del self._rows[self._ids[row]]
        self._ids[row], self._story_of[row] = "", None
        assert story
        story.live -= 1
        if not story.live:
            del self._stories[story.id]

    def _best(self, article: Fingerprint) -> tuple[Relation, int | None, float | None]:
        """The relation to the article of the window that is most alike, its row, and the similarity."""
        candidates = self._window.candidates(article, MOST_EDITS, MOST_REPORTS)
        rows = candidates.edits.tolist()
        for row, digest in zip(rows, self._window.digests[candidates.edits].tolist(), strict=True):
            if digest == article.digest:
                return "duplicate", row, 1.0
        compared = zip(rows, self._overlaps(article, candidates.edits), strict=True)
        for row, shared in sorted(compared, key=lambda each: -sum(each[1])):
            if self._is_edit(article, row, shared):
                return "near_duplicate", row, round(shared.of_shorter, 3)
        return self._same_story(article, candidates.reports)

    def _is_edit(self, article: Fingerprint, row: int, shared: Overlap) -> bool:
        return (
            shared.of_shorter >= EDIT_OVERLAP
            and shared.of_both >= EDIT_OF_BOTH
            and not self._has_other_facts(article, row)
        )

    def _has_other_facts(self, article: Fingerprint, row: int) -> bool:
        """Whether an article has other figures or other names than one in the window."""
        terms = self._window.terms[row]
        figures = agreement(article.terms, terms, Term.SMALL_NUMBER, Term.NUMBER)
        names = agreement(article.terms, terms, Term.NAME, Term.NAME)
        return (figures.fewer >= SEVERAL and figures.share < SAME_FIGURES) or (
            names.fewer >= SEVERAL and names.share < SAME_NAMES
        )

    def _same_story(self, article: Fingerprint, rows: Rows) -> tuple[Relation, int | None, float | None]:
        others = self._window.terms.take(rows, axis=0)
        is_shared = is_in(article.terms, others)
        # The next checks take longer, and most candidates have less in common.
        is_possible = telling(others, is_shared) >= TELLING
        if not is_possible.any():
            return "first", None, None
        rows, others, is_shared = rows[is_possible], others[is_possible], is_shared[is_possible]
        languages = [self._languages[row] for row in rows.tolist()]
        is_same_language = np.array([language == article.language for language in languages])
        similarity = shared_evidence(
            article.terms,
            self._window.rarity(article.terms),
            others,
            self._window.rarity(others),
            is_shared,
            is_same_language,
        )
        if len(article.embedding):
            embeddings = self._window.embeddings[rows]
            weight = np.where(embeddings.any(axis=1), EMBEDDING_WEIGHT, 0)
            similarity += weight * (cosines(article.embedding, embeddings) - similarity)
        excess = similarity / np.where(is_same_language, SAME_STORY, SAME_STORY_ACROSS)
        best = np.argsort(-excess, kind="stable")[: np.count_nonzero(excess >= 1)]
        for row, each, shared in zip(
            rows[best].tolist(), similarity[best].tolist(), self._overlaps(article, rows[best]), strict=True
        ):
            if not self._is_other_of_its_form(article, row, each, shared):
                return "same_story", row, round(min(1.0, each), 3)
        return "first", None, None

    def _overlaps(self, article: Fingerprint, rows: Rows) -> list[Overlap]:
        return overlaps(article.sketch, *self._window.sketches(rows)) if len(rows) else []

    def _is_other_of_its_form(self, article: Fingerprint, row: int, similarity: float, shared: Overlap) -> bool:
        """Whether an article has sentences of one in the window and reports something else.

        Two matches and two days at the stock exchange have other figures or names. Two parts of a column share their
        introduction, and the rest of them is not alike.
        """
        if shared.of_shorter < FORM_OVERLAP:
            return False
        # The shared part of both texts together (Dice), which brings as much of the similarity.
        copied = 2 * shared.of_both / (1 + shared.of_both)
        return similarity - copied < SAME_STORY * (1 - copied) or self._has_other_facts(article, row)
