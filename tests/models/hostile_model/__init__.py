"""A spaCy package that does what the worst article would make a model do, on the words that ask for it.

Plugged in with TELEX_NER_MODELS=fr=hostile_model, so that faults happen inside a real analysis process of a real
worker. With HOSTILE_SLEEP_S it takes so many seconds for each article of up to 10,000 characters, so that what it can
do is known.
"""

import os
import signal
import time
from pathlib import Path

import numpy as np
import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span

RAISE, SEGFAULT, HANG, ALLOCATE, ONCE, SLOW = (
    "panneexception",
    "pannesegfault",
    "pannehang",
    "pannememoire",
    "panneunefois",
    "pannelente",
)


@Language.component("hostile")
def hostile(doc: Doc) -> Doc:
    time.sleep(float(os.environ.get("HOSTILE_SLEEP_S", "0")))
    words = {token.text for token in doc}
    if RAISE in words:
        raise ValueError("the article made the model raise")
    if SEGFAULT in words:
        os.kill(os.getpid(), signal.SIGSEGV)
    if HANG in words:
        time.sleep(3600)
    if SLOW in words:
        time.sleep(0.2)
    if ALLOCATE in words:
        hoard = []
        while True:
            hoard.append(np.empty(2**27))
    once = Path(os.environ.get("HOSTILE_ONCE", "/nonexistent"))
    if ONCE in words and once.parent.is_dir() and not once.exists():
        once.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    doc.ents = [Span(doc, token.i, token.i + 1, "LOC") for token in doc if token.text == "Paris"]
    return doc


def load(**_: object) -> Language:
    nlp = spacy.blank("fr", meta={"name": "hostile_model", "version": "1.0"})
    nlp.add_pipe("hostile", name="ner")
    return nlp
