"""The mentions in an article: the names in what the model found, and the same names where the model overlooked them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from agents.entities import names
from agents.entities.addresses import addresses, outside_addresses
from agents.entities.chinese_particles import without_particles
from agents.entities.detected_mention import DetectedMention, Field
from agents.entities.letters import WORD
from agents.entities.people.generations import end_with_generation, without_generation
from agents.entities.people.partial_names import surname_with_particle
from agents.entities.people.person_names import correct_people
from agents.entities.recognition import ner
from agents.entities.recognition.labels import entity_type
from agents.entities.recognition.model_span import ModelSpan
from agents.entities.sports_clubs import correct_clubs
from agents.entities.turkish_endings import end_with_ending, without_ending
from streams.records import EntityType

# A name of more words is searched nowhere else in the article.
MOST_WORDS = 6
_ACRONYM_IN_BRACKETS = re.compile(r"\s?\(([^\W_]{2,10})\)")
# An apostrophe parts words: "Biden" is in "Biden's", and "ONU" in "l'ONU".
_WORD = re.compile(rf"{WORD}(?:[.-]{WORD})*")

Span = tuple[int, int]


def detect_mentions(texts: Mapping[Field, str], language: str) -> list[DetectedMention]:
    """The mentions in each field, without overlaps; the fields in their order, the mentions in ascending order.

    Args:
        texts: the text of each field, without mark-up and in sentence case.
        language: the language of the article (ISO 639-1); it must have an entity model.
    """
    addresses_of = {field: addresses(text) for field, text in texts.items()}
    entity_spans = ner.spans(language, list(texts.values()))
    mentions = {
        field: _model_mentions(field, text, _outside(spans, addresses_of[field]), language)
        for (field, text), spans in zip(texts.items(), entity_spans, strict=True)
    }
    mentions = correct_clubs(correct_people(mentions, texts, language), texts, language)
    known_names = _names_to_search(mentions, texts.values())
    return [
        mention
        for field, text in texts.items()
        for mention in _with_overlooked(field, text, mentions[field], known_names, language)
        if outside_addresses(mention.start, mention.end, addresses_of[field]) == (mention.start, mention.end)
    ]


def mention_at(
    field: Field,
    text: str,
    start: int,
    end: int,
    kind: EntityType,
    language: str,
    confidence: float | None = None,
) -> DetectedMention:
    """The mention between two offsets. It has the type PERSON if a title stands before it, else the given type."""
    title = names.title(text, start, language)
    name = text[start:end]
    if language == "tr":
        name, end = without_ending(name), end_with_ending(text, end)
    mention = DetectedMention(field, start, end, name, kind, title, confidence)
    return mention.of_type("PERSON") if title else mention


def _outside(spans: Sequence[ModelSpan], addresses_of_field: Sequence[Span]) -> list[ModelSpan]:
    """What the model found, without the parts of it that are addresses."""
    return [
        ModelSpan(*outside_addresses(span.start, span.end, addresses_of_field), span.label, span.confidence)
        for span in spans
    ]


def _model_mentions(field: Field, text: str, spans: Sequence[ModelSpan], language: str) -> list[DetectedMention]:
    """The names in what the model found, and the acronyms in brackets behind them."""
    mentions: list[DetectedMention] = []
    last_end = 0
    for span in sorted(spans, key=lambda span: (span.start, span.end, span.label)):
        kind = entity_type(span.label)
        if kind is None:
            continue
        start, end = max(span.start, last_end), span.end
        if language == "zh":
            start, end = without_particles(text, start, end)
        start, end = names.trim(text, start, end, language, kind)
        if not any(map(str.isalpha, text[start:end])):
            continue
        if kind == "PERSON":
            end = end_with_generation(text, end)
        mentions.append(mention_at(field, text, start, end, kind, language, span.confidence))
        last_end = end
    starts = {mention.start for mention in mentions}
    acronyms = [acronym for mention in mentions if (acronym := _acronym_behind(mention, text))]
    mentions += [acronym for acronym in acronyms if acronym.start not in starts]
    return sorted(mentions, key=lambda mention: mention.start)


def _acronym_behind(mention: DetectedMention, text: str) -> DetectedMention | None:
    """The acronym of a name in brackets behind it; models overlook some."""
    behind = _ACRONYM_IN_BRACKETS.match(text, mention.end)
    if (
        behind is None
        or mention.type == "PERSON"
        or not names.is_acronym(behind[1])
        or not names.stands_for(behind[1], mention.name)
    ):
        return None
    return DetectedMention(mention.field, *behind.span(1), behind[1], mention.type, None)


def _names_to_search(
    mentions: Mapping[Field, Sequence[DetectedMention]], texts: Collection[str]
) -> dict[str, EntityType]:
    """The names and surnames that the model may have overlooked elsewhere, each with its most frequent type."""
    types: dict[str, Counter[EntityType]] = {}
    for mention in (mention for of_field in mentions.values() for mention in of_field):
        types.setdefault(mention.name, Counter())[mention.type] += 1
        if mention.type == "PERSON" and " " in (name := without_generation(mention.name)):
            for surname in {name.rsplit(" ", 1)[1], surname_with_particle(name)}:
                types.setdefault(surname, Counter())["PERSON"] += 1
    words = {word for text in texts for word in _WORD.findall(text)}
    return {
        name: counts.most_common(1)[0][0]
        for name, counts in types.items()
        # A name that the article also writes in small letters is a common noun: Or, Justice, Orange.
        if _looks_like_name(name) and name.lower() not in words
    }


def _looks_like_name(name: str) -> bool:
    """Whether a name has capitals, and is long enough to be searched by itself."""
    return (
        any(map(str.isupper, name))
        and (name[0].isupper() or " " in name)
        and (len(name) > 2 or name.isupper())
        and len(name) > 1
    )


def _with_overlooked(
    field: Field,
    text: str,
    mentions: Sequence[DetectedMention],
    known_names: Mapping[str, EntityType],
    language: str,
) -> list[DetectedMention]:
    """The mentions, and the known names between them."""
    words = [(word.start(), word.end()) for word in _WORD.finditer(text)]
    lengths = sorted({len(_WORD.findall(name)) for name in known_names} & set(range(1, MOST_WORDS + 1)), reverse=True)
    occupied = sorted((mention.start, mention.end) for mention in mentions)
    overlooked: list[DetectedMention] = []
    next_occupied = last_end = 0
    for index, (start, _) in enumerate(words):
        while next_occupied < len(occupied) and occupied[next_occupied][1] <= start:
            next_occupied += 1
        if start < last_end:
            continue
        limit = occupied[next_occupied][0] if next_occupied < len(occupied) else len(text)
        for length in lengths:
            if index + length > len(words):
                continue
            end = words[index + length - 1][1]
            name = text[start:end]
            if end <= limit and name in known_names and not _is_part_of_longer_name(text, words, index, length):
                overlooked.append(mention_at(field, text, start, end, known_names[name], language))
                last_end = end
                break
    return sorted([*mentions, *overlooked], key=lambda mention: mention.start)


def _is_part_of_longer_name(text: str, words: Sequence[Span], index: int, length: int) -> bool:
    """Whether a word with a capital stands right next to a name, which makes it another name.

    Args:
        text: the text of the field.
        words: the spans of all words in it.
        index: the number of the name's first word.
        length: the number of the name's words.
    """
    start, end = words[index][0], words[index + length - 1][1]
    before = words[index - 1] if index else None
    behind = words[index + length] if index + length < len(words) else None
    has_capital_before = before is not None and text[before[1] : start] == " " and text[before[0]].isupper()
    has_capital_behind = behind is not None and text[end : behind[0]] == " " and text[behind[0]].isupper()
    return has_capital_before or has_capital_behind
