"""Where an article names something: what the model found, cut to the names, and where it overlooked a name that it had found elsewhere."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from agents.entities import names, ner
from agents.entities.addresses import addresses, outside
from agents.entities.clubs import clubs
from agents.entities.detected_mention import DetectedMention, Field
from agents.entities.generations import end_with_generation, without_generation
from agents.entities.labels import entity_type
from agents.entities.partial_names import surname_with_particle
from agents.entities.person_names import correct_people
from agents.reading import Reading
from streams.records import EntityType

# A name that stands in more words than this is looked for nowhere else.
MOST_WORDS = 6
_IN_PARENTHESES = re.compile(r"\s?\(([^\W_]{2,10})\)")
_WORD = re.compile(r"[^\W_]+(?:['.-][^\W_]+)*")


def find(readings: dict[Field, Reading], language: str) -> list[DetectedMention]:
    """The mentions in each field, the fields in their order, without overlaps."""
    taken = {field: addresses(reading.text) for field, reading in readings.items()}
    spans = [
        [(*outside(start, end, of_field), label) for start, end, label in those] if of_field else those
        for of_field, those in zip(
            taken.values(), ner.spans(language, [reading.text for reading in readings.values()]), strict=True
        )
    ]
    found = {
        field: _named(field, reading.text, of_field, language)
        for (field, reading), of_field in zip(readings.items(), spans, strict=True)
    }
    texts = {field: reading.text for field, reading in readings.items()}
    found = clubs(correct_people(found, texts, language), texts, language)
    names_of = _names(found, readings)
    return [
        mention
        for field, reading in readings.items()
        for mention in _completed(field, reading.text, found[field], names_of, language)
        if outside(mention.start, mention.end, taken[field]) == (mention.start, mention.end)
    ]


def mention(field: Field, text: str, start: int, end: int, kind: EntityType, language: str) -> DetectedMention:
    """The mention at a place, which is a person's when there is a title before it."""
    title = names.title(text, start, language)
    return DetectedMention(field, start, end, text[start:end], "PERSON" if title else kind, title)


def _named(field: Field, text: str, spans: Sequence[tuple[int, int, str]], language: str) -> list[DetectedMention]:
    found = []
    last = 0
    for begin, end, label in sorted(spans):
        kind = entity_type(label)
        if kind is None:
            continue
        start, end = names.trim(text, max(begin, last), end, language, kind)
        if not any(map(str.isalpha, text[start:end])):
            continue
        if kind == "PERSON":
            end = end_with_generation(text, end)
        found.append(mention(field, text, start, end, kind, language))
        last = end
    taken = {each.start for each in found}
    acronyms = [acronym for each in found if (acronym := _acronym_behind(each, text)) and acronym.start not in taken]
    return sorted([*found, *acronyms], key=lambda mention: mention.start)


def _acronym_behind(name: DetectedMention, text: str) -> DetectedMention | None:
    """The acronym in parentheses behind a name, which models overlook at times."""
    behind = _IN_PARENTHESES.match(text, name.end)
    if (
        behind is None
        or name.type == "PERSON"
        or not names.is_acronym(behind[1])
        or not names.stands_for(behind[1], name.name)
    ):
        return None
    return DetectedMention(name.field, *behind.span(1), behind[1], name.type, None)


def _names(found: dict[Field, list[DetectedMention]], readings: dict[Field, Reading]) -> dict[str, EntityType]:
    """The names to look for where the model found nothing, and surnames, each with the type that it has most often."""
    kinds: dict[str, Counter[EntityType]] = {}
    for mention in (mention for mentions in found.values() for mention in mentions):
        kinds.setdefault(mention.name, Counter())[mention.type] += 1
        if mention.type == "PERSON" and " " in (name := without_generation(mention.name)):
            for surname in {name.rsplit(" ", 1)[1], surname_with_particle(name)}:
                kinds.setdefault(surname, Counter())["PERSON"] += 1
    words = {word for reading in readings.values() for word in _WORD.findall(reading.text)}
    return {
        name: kind.most_common(1)[0][0]
        for name, kind in kinds.items()
        # A name that is written small as well is a word like others: Or, Justice, Orange.
        if any(map(str.isupper, name))
        and (name[0].isupper() or " " in name)
        and (len(name) > 2 or name.isupper())
        and len(name) > 1
        and name.lower() not in words
    }


def _completed(
    field: Field, text: str, found: list[DetectedMention], wanted: dict[str, EntityType], language: str
) -> list[DetectedMention]:
    """The mentions, and those that stand between them under the same names."""
    words = [(match.start(), match.end()) for match in _WORD.finditer(text)]
    lengths = sorted({len(_WORD.findall(name)) for name in wanted} & set(range(1, MOST_WORDS + 1)), reverse=True)
    taken = sorted((mention.start, mention.end) for mention in found)
    more: list[DetectedMention] = []
    at = reached = 0
    for index, (start, _) in enumerate(words):
        while at < len(taken) and taken[at][1] <= start:
            at += 1
        for length in lengths:
            end = words[index + length - 1][1] if index + length <= len(words) else len(text) + 1
            if start < reached or end > len(text) or (at < len(taken) and end > taken[at][0]):
                continue
            name = text[start:end]
            if name in wanted and not _part_of_more(text, words, index, length):
                more.append(mention(field, text, start, end, wanted[name], language))
                reached = end
                break
    return sorted([*found, *more], key=lambda mention: mention.start)


def _part_of_more(text: str, words: list[tuple[int, int]], index: int, length: int) -> bool:
    """Whether a word with a capital stands right beside a name: then it is another name, and not this one."""
    start, end = words[index][0], words[index + length - 1][1]
    before, after = words[index - 1] if index else None, words[index + length] if index + length < len(words) else None
    beside_before = before is not None and text[before[1] : start] == " " and text[before[0]].isupper()
    beside_after = after is not None and text[end : after[0]] == " " and text[after[0]].isupper()
    return beside_before or beside_after
