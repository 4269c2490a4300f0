"""The decoder for spaCy's models finds what spaCy's own finds, and the words that a model keeps change no result."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import spacy

from agents.entities.recognition import spacy_model
from agents.entities.recognition.entity_decoding import decoder_of
from agents.entities.recognition.ner import FAST
from agents.entities.recognition.spacy_model import BATCH, LONGEST_KEPT, SpacyModel
from streams.client import article_files
from streams.records import codec

SEEDS = Path(__file__).parents[2] / "seeds"
# Texts at the bounds of the transitions: one word, white space at both ends and alone, names alone, nothing but digits.
UNUSUAL = [
    "Paris",
    "\n\nParis \n ",
    "a \n\n \n b",
    "Angela Merkel",
    "Angela Merkel Emmanuel Macron Joe Biden Boris Johnson",
    "THE BANK OF ENGLAND AND THE EUROPEAN CENTRAL BANK MEET IN LONDON",
    "1 2 3 x 4",
    "x",
]


def seed_texts() -> Iterator[str]:
    for path in sorted(SEEDS.glob("*.*")):
        if path.suffix in (".txt", ".json", ".jsonl"):
            for _, value in article_files.read(path):
                yield codec.decode_raw(value).text


@pytest.fixture(scope="module")
def english() -> SpacyModel:
    return SpacyModel(FAST["en"])


@pytest.mark.parametrize("language", FAST)
def test_the_decoder_finds_what_spacy_finds(language: str) -> None:
    nlp = SpacyModel(FAST[language]).pipeline
    decoder = decoder_of(nlp)
    assert decoder
    texts = [*seed_texts(), *UNUSUAL]
    count = 0
    for first in range(0, len(texts), BATCH):
        batch = texts[first : first + BATCH]
        by_decoder = decoder.entities([nlp.make_doc(text) for text in batch])
        by_spacy = nlp.pipe([nlp.make_doc(text) for text in batch], batch_size=BATCH)
        assert by_decoder == [[(span.start, span.end, span.label_) for span in each.ents] for each in by_spacy]
        count += sum(map(len, by_decoder))
    assert count > len(texts)


def test_spacy_decodes_for_a_pipeline_with_more_than_a_recognizer() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("entity_ruler")
    assert decoder_of(nlp) is None


def test_an_article_has_the_same_entities_when_its_words_are_kept_and_when_they_are_not(
    english: SpacyModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [f"{text} Zyxwvut" for text in [*seed_texts()][:20]]
    vocabulary = english.pipeline.vocab
    monkeypatch.setattr(spacy_model, "MOST_KEPT_WORDS", 0)
    forgotten = [english.spans([text], "en") for text in texts]
    assert "Zyxwvut" not in vocabulary
    monkeypatch.undo()
    assert [english.spans([text], "en") for text in texts] == forgotten  # with words that are new
    assert "Zyxwvut" in vocabulary
    assert [english.spans([text], "en") for text in reversed(texts)] == forgotten[::-1]  # with words that are known


def test_the_words_that_a_model_keeps_have_a_limit(english: SpacyModel, monkeypatch: pytest.MonkeyPatch) -> None:
    vocabulary = english.pipeline.vocab
    long = " ".join(f"longword{number}" for number in range(LONGEST_KEPT // 10))
    before = len(vocabulary)
    english.spans([f"{long} {long}"], "en")
    monkeypatch.setattr(spacy_model, "MOST_KEPT_WORDS", before)
    english.spans(["Shortword went to Otherword."], "en")
    assert "Otherword" not in vocabulary
    assert "longword7" not in vocabulary
