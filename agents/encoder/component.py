"""The encoder as a spaCy pipeline: a tokenizer and the component `telex_encoder`, which sets `doc.ents`.

    nlp = pipeline()
    for entity in nlp("Angela Merkel war in Kiew.").ents: …

The tokens are the words and pieces between which a name may begin or end, so each name is a span of tokens.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.vocab import Vocab

from agents.encoder.encoder import Encoder, encoder
from agents.encoder.tokenizer import Pieces

# The key of `Doc.user_data` that holds the pieces of a document, and that of the probabilities of its entities, by
# their start in code points.
PIECES, PROBABILITIES = "telex.pieces", "telex.probabilities"


def pipeline() -> Language:
    """A pipeline for all languages, with Telex's own encoder."""
    nlp = spacy.blank("xx", meta={"name": "telex_encoder", "version": "1"})
    nlp.tokenizer = UnitTokenizer(nlp.vocab, encoder())
    nlp.add_pipe("telex_encoder")
    return nlp


class UnitTokenizer:
    """Makes a document whose tokens are the units of the encoder: words, or pieces in scripts without spaces."""

    def __init__(self, vocab: Vocab, model: Encoder) -> None:
        self._vocab, self._encoder = vocab, model

    def __call__(self, text: str) -> Doc:
        """The document of a text."""
        [pieces] = self._encoder.tokenizer.read([text])
        words, spaces = [], []
        for word, space in _tokens(text, pieces):
            words.append(word)
            spaces.append(space)
        document = Doc(self._vocab, words=words, spaces=spaces)
        document.user_data[PIECES] = pieces
        return document


def _tokens(text: str, pieces: Pieces) -> Iterator[tuple[str, bool]]:
    """The tokens of a text, each with whether a space follows it. Together they are the whole text."""
    starts = [
        start
        for start, end, inside in zip(pieces.starts, pieces.ends, pieces.inside, strict=True)
        if start < end and not inside
    ]
    bounds = sorted({0, *starts, len(text)})
    for start, end in pairwise(bounds):
        token = text[start:end]
        word = token.rstrip()
        gap = token[len(word) :]
        if word:
            yield word, gap.startswith(" ")
            gap = gap.removeprefix(" ")
        if gap:
            yield gap, False


@Language.factory("telex_encoder")
def make_component(nlp: Language, name: str) -> EncoderComponent:
    """The component, for spaCy."""
    return EncoderComponent(encoder())


class EncoderComponent:
    """Sets the entities of documents that `UnitTokenizer` made."""

    def __init__(self, model: Encoder) -> None:
        self._encoder = model

    def __call__(self, document: Doc) -> Doc:
        """Set the entities of a document, and their probabilities."""
        found = []
        probabilities: dict[int, float] = {}
        for name in self._encoder.names_of(document.user_data[PIECES]):
            span: Span | None = document.char_span(name.start, name.end, label=name.kind)
            if span is not None:
                found.append(span)
                probabilities[name.start] = name.confidence
        document.set_ents(found)
        document.user_data[PROBABILITIES] = probabilities
        return document
