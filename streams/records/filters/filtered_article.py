"""An article as filters see it: its analyses, and the compared forms of its names and words."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import Any, Literal

import msgspec
from msgspec import Raw, Struct

from streams.records import Entities, Entity, Language, Mention, Sentiment
from streams.records.codec import DECODERS
from streams.records.filters.words import Word, distinct_forms, name_form, words

FIELDS: tuple[Literal["title", "text"], ...] = ("title", "text")


class _Record(Struct, frozen=True):
    """The fields of a record that filters read."""

    text: str
    id: str | None = None
    title: str | None = None
    url: str | None = None
    source: str | None = None
    published: str | None = None
    language: Raw = Raw()
    entities: Raw = Raw()
    sentiment: Raw = Raw()


_decoder = msgspec.json.Decoder(_Record)


class FilteredArticle:
    """An article in any topic of the pipeline. An analysis that it does not have is None.

    Args:
        value: of the record.
        story: the relation of the article to its story; None where it is not known.

    Raises:
        ValueError: the record is no article.
    """

    def __init__(self, value: bytes | None, story: str | None = None) -> None:
        try:
            (value or b"").decode()  # the decoder passes over the analyses, which are read later
            self._record = _decoder.decode(value or b"")
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise ValueError(str(error)) from None
        self.story = story

    @property
    def id(self) -> str | None:
        """The id; None before the language stage, where the publisher gave none."""
        return self._record.id

    @property
    def head(self) -> dict[str, str]:
        """The fields that name the article to a reader, where it has them."""
        fields = {name: getattr(self._record, name) for name in ("id", "title", "url", "source", "published")}
        return {name: value for name, value in fields.items() if value is not None}

    @cached_property
    def language(self) -> str | None:
        """The identified language (ISO 639-1)."""
        found = _analysis("language", self._record.language)
        return found.code if isinstance(found, Language) else None

    @cached_property
    def entities(self) -> list[Entity] | None:
        """The entities."""
        found = _analysis("entities", self._record.entities)
        return found.items if isinstance(found, Entities) else None

    @cached_property
    def names(self) -> list[frozenset[str]]:
        """The compared forms of the names of each entity: its own and those of its mentions."""
        return [
            frozenset(map(name_form, {entity.name, *(mention.text for mention in entity.mentions)}))
            for entity in self.entities or ()
        ]

    @cached_property
    def sentiment(self) -> str | None:
        """The label of the article's sentiment."""
        return self._sentiment.label if self._sentiment else None

    @cached_property
    def towards(self) -> dict[tuple[str, str], str]:
        """The label of the sentiment towards each entity that has one, by the name and the type of the entity."""
        targets = self._sentiment.targets if self._sentiment else ()
        return {(target.name, target.type): target.label for target in targets}

    @cached_property
    def source(self) -> str | None:
        """The compared form of the source."""
        return None if self._record.source is None else name_form(self._record.source)

    @cached_property
    def words(self) -> set[str]:
        """The compared forms of the words in the title and the text."""
        return distinct_forms(self._record.text) | distinct_forms(self._record.title or "")

    def passages(self, phrase: tuple[str, ...]) -> list[Mention]:
        """The passages of the title and the text that have the words of a phrase, one after the other."""
        found = []
        for field in FIELDS:
            in_field, positions = self._words_of[field]
            content, last = getattr(self._record, field), len(in_field) - len(phrase)
            free = 0  # passages do not overlap
            for at in positions.get(phrase[0], ()):
                if free <= at <= last and all(in_field[at + n].form == word for n, word in enumerate(phrase)):
                    free = at + len(phrase)
                    start, end = in_field[at].start, in_field[free - 1].end
                    found.append(Mention(field=field, start=start, end=end, text=content[start:end]))
        return found

    def has(self, phrase: tuple[str, ...]) -> bool:
        """Whether the title or the text has the phrase."""
        return self.words.issuperset(phrase) and (len(phrase) == 1 or bool(self.passages(phrase)))

    @cached_property
    def _sentiment(self) -> Sentiment | None:
        found = _analysis("sentiment", self._record.sentiment)
        return found if isinstance(found, Sentiment) else None

    @cached_property
    def _words_of(self) -> dict[str, tuple[list[Word], dict[str, list[int]]]]:
        """The words of each field in their order, and where each form stands among them."""
        result: dict[str, tuple[list[Word], dict[str, list[int]]]] = {}
        for field in FIELDS:
            in_field = list(words(getattr(self._record, field) or ""))
            positions = defaultdict(list)
            for at, word in enumerate(in_field):
                positions[word.form].append(at)
            result[field] = (in_field, dict(positions))
        return result


def _analysis(stage: str, content: Raw) -> Any:
    """The analysis of a stage; None where there is none, or other content of the publisher."""
    try:
        return DECODERS[stage].decode(content)
    except msgspec.DecodeError:
        return None
