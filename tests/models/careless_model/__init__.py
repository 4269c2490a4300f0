"""A spaCy package that takes every word for a place and stumbles over nothing: a model that somebody wishes back where
it was.
"""

import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span


@Language.component("careless")
def careless(doc: Doc) -> Doc:
    doc.ents = [Span(doc, token.i, token.i + 1, "LOC") for token in doc if token.is_alpha]
    return doc


def load(**_: object) -> Language:
    nlp = spacy.blank("fr", meta={"name": "careless_model", "version": "2.0"})
    nlp.add_pipe("careless", name="ner")
    return nlp
