"""The sentiment of an article by Telex's encoder: of its sentences, and towards the names in them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from agents.encoder.encoder import WINDOW, encoder
from agents.normalization import NormalizedText
from agents.normalization.credit_lines import find_credit_lines
from agents.sentiment import ngram_reading
from agents.sentiment.limits import MAX_TITLE_WEIGHT, MIN_WORDS
from agents.sentiment.news_events import AFTER_DEATH, DEATH, NO_EVENT, Evidence, has_events, sentence_evidence
from agents.sentiment.passages import is_word, sentence_ends, tokenize
from agents.sentiment.results import tone
from streams.records import Entity, EntityType, NotAnalysed, Sentiment, TargetSentiment

MODEL = "telex-sentiment-encoder/2"
# The languages with a figure on labelled text (docs/accuracy.md). Hindi is left out: its labelled text is in Latin
# letters, and says nothing of text in Devanagari.
LANGUAGES = frozenset(("ar", "da", "de", "en", "es", "fr", "id", "it", "pt", "ru"))
# The languages in which the sentiment towards a name is measured, and the types that have one.
TARGET_LANGUAGES: frozenset[str] = frozenset(("en",))
TARGET_TYPES: tuple[EntityType, ...] = ("PERSON", "ORGANIZATION")
# The word that the encoder reads in the place of a name.
NAME = "Alex"
# The encoder is surer than the n-gram model that the evidence was chosen for, so an event has to weigh more. Chosen on
# the development passages of evaluation/sentiment_shapes.tsv.
EVENT_WEIGHT = 1.5
# The mean of two models is right more often than it says. This power of it has the least error of calibration, 0.022
# in place of 0.051, on the texts of docs/accuracy.md.
SHARPNESS = 1.25
# Sentences are read together until they have so many code points. The encoder has learnt from tweets (80) and from
# news sentences (140).
FULL_PART = 120
# Most code points of a part. The encoder reads the first WINDOW pieces of it.
LONGEST_PART = 600
# Parts of a text that are read: the first ones, and others spread over the rest. Of 61 articles one gets another label
# than by all its parts.
LEAD, SAMPLE = 2, 3

Probabilities = NDArray[np.float64]


class Name(NamedTuple):
    """A name in the text that is read: the number of its entity, start and end in code points."""

    entity: int
    start: int
    end: int


class Part(NamedTuple):
    """A part of a field: start and end in code points, and the evidence of its news events."""

    field: str
    start: int
    end: int
    evidence: Evidence


def load() -> None:
    """Load the encoder. Raises TelexError when it cannot be read."""
    encoder()


def read(readings: Mapping[str, NormalizedText], entities: Sequence[Entity], language: str) -> Sentiment | NotAnalysed:
    """The sentiment of an article in one of LANGUAGES, or the reason why there is none.

    The encoder reads NAME in the place of each name of a person or an organisation, so a name changes no sentiment. The
    probabilities of the article are the mean over its parts, weighted by their length. Of a long text the first parts
    are read, and a sample of the others. Where the n-gram model knows the language, its probabilities and those of the
    encoder have equal weight: the two err on different texts.

    Args:
        readings: the parts of the title and the text that are read, by the name of the field.
        entities: of the article.
        language: of the article (ISO 639-1).
    """
    fields = {field: _without_names(field, reading, entities) for field, reading in readings.items()}
    if sum(_words(text[:LONGEST_PART]) for text, _ in fields.values()) < MIN_WORDS:
        return NotAnalysed(reason="text_too_short", model=MODEL)
    chosen = [part for field, (text, _) in fields.items() for part in _sample(list(_parts(field, text, language)))]
    model = encoder()
    of_parts, towards = [], defaultdict[int, list[Probabilities]](list)
    for part in chosen:
        text, names = fields[part.field]
        text = text[part.start : part.end]
        inside = [name for name in names if part.start <= name.start and name.end <= part.end]
        # A name alone has no sentiment.
        targets = inside if language in TARGET_LANGUAGES and _words(text) >= len(inside) + MIN_WORDS else []
        [pieces] = model.tokenizer.read([text])
        spans = [(name.start - part.start, name.end - part.start) for name in targets]
        logits, of_targets = model.sentiments(pieces.first(WINDOW), spans)
        probabilities = model.sentiment_probabilities(logits, language) * np.power(part.evidence, EVENT_WEIGHT)
        of_parts.append(probabilities / probabilities.sum())
        for name, each in zip(targets, model.towards_probabilities(of_targets), strict=True):
            towards[name.entity].append(each)
    mean = np.average(np.array(of_parts), axis=0, weights=_weights(chosen))
    if language in ngram_reading.LANGUAGES:
        by_ngrams = ngram_reading.probabilities(fields["title"][0], fields["text"][0], language)
        if not isinstance(by_ngrams, NotAnalysed):
            mean = ((mean + by_ngrams) / 2) ** SHARPNESS
            mean /= mean.sum()
    return Sentiment(model=MODEL, **tone(mean), targets=list(_targets(entities, towards)))


def _words(text: str) -> int:
    return sum(map(is_word, tokenize(text)))


def _without_names(field: str, reading: NormalizedText, entities: Sequence[Entity]) -> tuple[str, list[Name]]:
    """The text of a field without credit lines and with NAME for each name of TARGET_TYPES, and where each stands."""
    found = [
        (*reading.normalized_span(mention.start, mention.end), number)
        for number, entity in enumerate(entities)
        if entity.type in TARGET_TYPES
        for mention in entity.mentions
        if mention.field == field and mention.start < mention.end <= len(reading.original)
    ]
    text, names, last = "", list[Name](), 0
    credit_lines = [(start, end, None) for start, end in find_credit_lines(reading.text)]
    # A credit line comes first, so a name in it does not count.
    for start, end, entity in sorted([*credit_lines, *found], key=lambda each: (each[0], each[2] is not None)):
        if last <= start < end:
            text += reading.text[last:start]
            if entity is not None:
                names.append(Name(entity, len(text), len(text) + len(NAME)))
                text += NAME
            last = end
    return text + reading.text[last:], names


def _parts(field: str, text: str, language: str) -> Iterator[Part]:
    """The parts of a text that have letters: sentences, short ones together.

    A sentence with a news event is a part of its own.
    """
    usual = NO_EVENT  # the evidence of a sentence without an event

    def part(start: int, end: int, evidence: Evidence) -> Iterator[Part]:
        words = text[start : min(end, start + LONGEST_PART)].rstrip()
        if any(map(str.isalpha, words)):
            yield Part(field, start, start + len(words), evidence)

    begin = last = 0
    is_first_event = True
    for end in [*sentence_ends(text), len(text)]:
        sentence = text[last:end]
        evidence = sentence_evidence(sentence, language) if has_events(language) else NO_EVENT
        if evidence != NO_EVENT or not sentence.strip() or end - begin > LONGEST_PART:
            yield from part(begin, last, usual)
            begin = last
        if evidence != NO_EVENT:
            yield from part(begin, end, evidence)
            begin = end
            usual = AFTER_DEATH if evidence == DEATH and is_first_event else usual
            is_first_event = False
        elif end - begin >= FULL_PART or not sentence.strip():
            yield from part(begin, end, usual)
            begin = end
        last = end
    yield from part(begin, last, usual)


def _sample(parts: Sequence[Part]) -> list[Part]:
    """The first parts, and some of the others at equal distances."""
    rest = parts[LEAD:]
    step = max(1, -(-len(rest) // SAMPLE))
    return [*parts[:LEAD], *rest[step // 2 :: step]]


def _weights(parts: Sequence[Part]) -> NDArray[np.float64]:
    """The weight of each part: its length, up to that of a full one."""
    lengths = np.array([min(FULL_PART, part.end - part.start) for part in parts], np.float64)
    in_title = np.array([part.field == "title" for part in parts])
    if in_title.any() and not in_title.all():
        lengths[in_title] *= min(1.0, lengths[~in_title].sum() * MAX_TITLE_WEIGHT / lengths[in_title].sum())
    return lengths


def _targets(entities: Sequence[Entity], towards: Mapping[int, Sequence[Probabilities]]) -> Iterator[TargetSentiment]:
    for number, each in sorted(towards.items()):
        entity = entities[number]
        yield TargetSentiment(name=entity.name, type=entity.type, **tone(np.mean(each, axis=0)))
