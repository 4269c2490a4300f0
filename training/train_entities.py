"""Trains the entity model of the languages for which no package has one, and measures it.

    python -m training.train_entities --data FOLDER [--languages da,nb] [--out FOLDER]

FOLDER holds LANGUAGE.train.tsv and LANGUAGE.dev.tsv; agents/models/README.md names their sources. It needs the packages
of the group `training`, and for two of the lists
`pip install --no-deps spacy-lookups-data==1.0.5 spacy-fi-experimental-web-md==0.15.0`. It takes 40 minutes of one core.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
import warnings
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import spacy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from spacy.training.batchers import minibatch_by_words
from thinc.api import Adam, NumpyOps, fix_random_seed, set_current_ops

from agents.entities import word_features
from evaluation.data import Tagged, tagged
from evaluation.entities import of_types
from evaluation.measures import micro_f1
from training.entity_lists import word_lists
from training.sentence_variations import Names, variation

LANGUAGES = ("da", "de", "fi", "hr", "hu", "nb", "nn", "pt", "ro", "ru", "sk", "sr", "sv")
WIDTH, DEPTH, EMBEDDING = 96, 4, 64
EPOCHS, LEARN_RATE, DROPOUT, DECAY = 9, 0.002, 0.4, 5e-4
BATCH_WORDS = 1500
# The share of the sentences that are joined with the next, as in an article.
JOINED = 0.3


def main() -> None:
    """Train the model, write it, and print what it measures."""
    parser = argparse.ArgumentParser(description="Train the entity model and measure it.")
    parser.add_argument("--data", type=Path, required=True, help="folder with the annotated sentences")
    parser.add_argument("--languages", default=",".join(LANGUAGES), help="the languages to learn")
    parser.add_argument("--out", type=Path, help="folder to write the model to")
    arguments = parser.parse_args()
    languages = arguments.languages.split(",")
    set_current_ops(NumpyOps(use_blis=False))
    fix_random_seed(1)
    warnings.filterwarnings("ignore", r"\[W030\]")  # a few spans that do not end where a word does
    sentences = [(language, each) for language in languages for each in read(arguments.data, language, "train")]
    nlp = pipeline(
        sorted({kind for _, each in sentences for _, _, kind in each.spans}), word_lists(sentences, languages)
    )
    train(nlp, sentences)
    recogniser: Any = nlp.get_pipe("ner")
    word_features.set_precision(recogniser.model, "float16")
    if arguments.out:
        nlp.to_disk(arguments.out, exclude=["tokenizer", "vocab"])
    word_features.set_precision(recogniser.model, "float32")
    for language in languages:
        print(json.dumps(measure(nlp, language, read(arguments.data, language, "dev"))))


def read(folder: Path, language: str, part: str) -> list[Tagged]:
    """The sentences of a language's part, `train` or `dev`."""
    return tagged((folder / f"{language}.{part}.tsv").read_text(encoding="utf-8"))


def pipeline(kinds: Sequence[str], lists: word_features.WordLists) -> Language:
    """A pipeline that is not trained yet and has the lists."""
    nlp = spacy.blank("xx", meta={"name": "telex", "version": "1"})
    encoder = {"@architectures": "telex.Words.v1", "width": WIDTH, "depth": DEPTH, "embedding": EMBEDDING}
    parser = {
        "@architectures": "spacy.TransitionBasedParser.v2", "state_type": "ner", "extra_state_tokens": False,
        "hidden_width": 64, "maxout_pieces": 2, "use_upper": True, "nO": None, "tok2vec": encoder,
    }  # fmt: skip
    recogniser: Any = nlp.add_pipe("ner", config={"model": parser})
    for kind in kinds:
        recogniser.add_label(kind)
    for node in recogniser.model.walk():
        if node.name == "words":
            node.attrs["lists"] = lists
    return nlp


def train(nlp: Language, sentences: Sequence[tuple[str, Tagged]]) -> None:
    """Learn from all sentences EPOCHS times. The weights become their averages over all steps."""
    rng = random.Random(1)  # noqa: S311 (repeatable, not secret)
    names: Names = defaultdict(list)
    for language, sentence in sentences:
        for start, end, kind in sentence.spans:
            names[language, kind].append(sentence.text[start:end])
    first_examples = [example for example, _ in zip(examples(nlp, sentences, names, rng), range(500), strict=False)]
    nlp.initialize(lambda: first_examples)
    optimizer = Adam(LEARN_RATE, L2=DECAY, L2_is_weight_decay=True, grad_clip=1.0, use_averages=True)
    started = time.monotonic()
    for epoch in range(EPOCHS):
        losses: dict[str, float] = {}
        seen_examples = 0
        for batch in minibatch_by_words(examples(nlp, sentences, names, rng), size=BATCH_WORDS, discard_oversize=False):
            seen_examples += len(batch)
            progress = (epoch + min(1.0, seen_examples * (1 + 1.5 * JOINED) / len(sentences))) / EPOCHS
            optimizer.learn_rate = LEARN_RATE * (1 - 0.95 * progress)
            nlp.update(batch, sgd=optimizer, drop=DROPOUT, losses=losses)
        print(
            f"epoch {epoch + 1} of {EPOCHS}, {time.monotonic() - started:.0f} s, loss {losses['ner']:.0f}",
            file=sys.stderr,
        )
    recogniser: Any = nlp.get_pipe("ner")
    for node in recogniser.model.walk():
        for name in node.param_names:
            if (node.id, name) in optimizer.averages:
                node.set_param(name, optimizer.averages[node.id, name])


def examples(
    nlp: Language, sentences: Sequence[tuple[str, Tagged]], names: Names, rng: random.Random
) -> Iterator[Example]:
    """All sentences once, in a new order, some of them varied, some joined with the next."""
    by_language: defaultdict[str, list[Tagged]] = defaultdict(list)
    for language, sentence in rng.sample(sentences, len(sentences)):
        joined = by_language[language]
        joined.append(variation(sentence, language, names, rng))
        if len(joined) >= 3 or rng.random() > JOINED:
            text, spans = "", []
            for each in joined:
                text += " " if text else ""
                spans += [(start + len(text), end + len(text), kind) for start, end, kind in each.spans]
                text += each.text
            joined.clear()
            yield Example.from_dict(document(nlp, text, language), {"entities": spans})


def document(nlp: Language, text: str, language: str) -> Doc:
    """A document that carries its language, for the lists."""
    doc = nlp.make_doc(text)
    doc.user_data[word_features.LANGUAGE] = language
    return doc


def measure(nlp: Language, language: str, sentences: Sequence[Tagged]) -> dict[str, Any]:
    """The F1 of people, places and organisations; span and type have to be exactly right."""
    started, counts, tokens = time.perf_counter(), [], 0
    for sentence, doc in zip(
        sentences, nlp.pipe([document(nlp, each.text, language) for each in sentences], batch_size=16), strict=True
    ):
        labelled = of_types(sentence.spans)
        recognised = of_types(frozenset((entity.start_char, entity.end_char, entity.label_) for entity in doc.ents))
        counts.append((len(labelled & recognised), len(recognised), len(labelled)))
        tokens += len(doc)
    f1 = micro_f1(np.array(counts))
    return {
        "language": language,
        "f1": f1.value,
        "low": f1.low,
        "high": f1.high,
        "words a second": tokens / (time.perf_counter() - started),
    }


if __name__ == "__main__":
    main()
