"""Makes `agents/models/language.npz`: n-grams of 56 languages from the models of lingua 1.4.2, and a confidence.

    pip download --no-deps lingua-language-detector==1.4.2
    python -m training.distil_language --wheel lingua_language_detector-1.4.2-py3-none-any.whl \\
        --data FOLDER --tagged FOLDER

The wheel (Apache 2.0, https://github.com/pemistahl/lingua-py) holds how often up to five letters follow each other in
each language, counted in the Leipzig corpora. Of two, three and four letters the likeliest are kept. FOLDER has a file
of sentences for each language, one a line, named after the language (`fr.txt`); the confidence is fitted on odd lines,
in eight forms, and on made-up text in no language. What words say for Nynorsk and against Bokmål is counted in
NorNE, for Serbian in Latin letters and against Croatian in the SETimes parts of Universal NER. It needs the
packages of the group `training`. Two runs write the same bytes.
"""

from __future__ import annotations

import argparse
import heapq
import json
import math
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import brotli
import numpy as np
from sklearn.linear_model import LogisticRegression

from agents.language.cleaning import CleanedText, clean
from agents.language.detection import detect, is_running_text, is_sure, to_lower
from agents.language.ngrams import FILE, STEPS_PER_NAT, Model, Table, load
from evaluation import not_language
from evaluation.data import tagged
from evaluation.sentence_forms import with_byline, with_dateline, without_accents
from training.fit_language_confidence import FORMS as LENGTHS_AND_CAPITALS

FILES = {1: "unigrams", 2: "bigrams", 3: "trigrams", 4: "quadrigrams"}
# How many of each length are kept. With 600, 1,500 and none of four, a fifth of the size, 96.4 % of short sentences in
# the sixteen languages that eldc does not know are right and not 97.8 %.
NGRAMS_KEPT = {2: 1000, 3: 3000, 4: 5000}
# The share of the n-grams that is taken without its accents, as many people type.
WITHOUT_ACCENTS = 0.15
# How much more an n-gram that is not kept costs than the rarest kept one, in nats.
UNKNOWN_NGRAM = 1.0
# Of the texts where the detector is not sure: how many are in a language that the model does not know, for each text in
# a known language.
UNKNOWN_LANGUAGE = 0.1
# Malay is left out: its model, as its sentences in FOLDER, is Indonesian for the most part. Serbian in Latin letters
# has none.
SCRIPTS = {
    "Latin": "af az bs ca cs cy da de en eo es et eu fi fr ga hr hu id is it la lg lt lv mi nb nl nn pl pt ro sk sl sn "
    "so sq st sv sw tl tn tr ts vi xh yo zu",
    "Cyrillic": "be bg kk mk mn ru sr uk",
}
# Pairs of close languages with texts to learn words from. The evidence of a word speaks for the first and against the
# second.
CLOSE_LANGUAGES = {"nn": "nb", "sr": "hr"}
# How often a word must occur, the least evidence with which it counts, and the most evidence of one word, in nats.
MIN_COUNT, MIN_EVIDENCE, MAX_EVIDENCE = 3, 0.5, 4.0
FORMS = LENGTHS_AND_CAPITALS | {
    "without accents": lambda text: without_accents(text[:80]),
    "dateline": with_dateline,
    "byline": with_byline,
}


def main() -> None:
    """Write the model where `agents.language.ngrams` loads it from."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wheel", type=Path, required=True, help="lingua_language_detector-1.4.2-py3-none-any.whl")
    parser.add_argument(
        "--tagged",
        type=Path,
        required=True,
        help="folder of LANGUAGE.train.tsv files, as docs/accuracy.md describes them",
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of LANGUAGE.txt files, a sentence a line")
    arguments = parser.parse_args()
    with zipfile.ZipFile(arguments.wheel) as wheel:
        ngrams = {script: {code: likeliest(wheel, code) for code in codes.split()} for script, codes in SCRIPTS.items()}
    sentences = {
        path.stem: path.read_text(encoding="utf-8").splitlines()[::2] for path in sorted(arguments.data.glob("*.txt"))
    }
    words = {
        code: Counter(counted(arguments.tagged / f"{code}.train.tsv"))
        for pair in CLOSE_LANGUAGES.items()
        for code in pair
    }
    model = replace(
        distilled(ngrams),
        word_evidence={code: evidence(words[code], words[other]) for code, other in CLOSE_LANGUAGES.items()},
    )
    model = replace(model, tables={script: with_usual(model, script, sentences) for script in model.tables})
    save(model)  # the confidence is fitted with the saved model
    model = replace(model, weights=fit(model, sentences))
    save(model)
    print(f"{len(model.rows):,} n-grams, confidence {model.weights.round(2).tolist()}")


def save(model: Model) -> None:
    """Write the model where it is loaded from."""
    arrays: dict[str, Any] = {
        "scripts": np.array(list(model.tables)),
        "ngrams": np.frombuffer("\n".join(model.rows).encode(), np.uint8),
    }
    for script, table in model.tables.items():
        arrays[f"{script}.languages"] = np.array(table.languages)
        arrays[f"{script}.costs"], arrays[f"{script}.usual"] = table.costs, table.usual_costs
    arrays["learnt"] = np.array(list(model.word_evidence))
    for code, nats in model.word_evidence.items():
        arrays[f"{code}.words"] = np.frombuffer("\n".join(nats).encode(), np.uint8)
        arrays[f"{code}.nats"] = np.round(np.array(list(nats.values())) * STEPS_PER_NAT).astype(np.int8)
    np.savez_compressed(FILE, confidence=model.weights.astype(np.float32), **arrays)
    load.cache_clear()


# The frequencies of n-grams, by their length.
NgramFrequencies = dict[int, dict[str, float]]


def likeliest(wheel: zipfile.ZipFile, code: str) -> NgramFrequencies:
    """The likeliest n-grams of a language by their length, each with its frequency among those of the length."""
    frequency, kept = {"": 1.0}, {}
    for length, name in FILES.items():
        # A fraction is how often the last letter follows the letters before it.
        fractions = json.loads(brotli.decompress(wheel.read(f"lingua/language-models/{code}/{name}.json.br")))["ngrams"]
        frequency = {
            ngram: frequency[ngram[:-1]] * _quotient(fraction)
            for fraction, ngrams in fractions.items()
            for ngram in ngrams.split(" ")
            if ngram[:-1] in frequency
        }
        if length in NGRAMS_KEPT:
            with_plain: dict[str, float] = {}
            for ngram, share in frequency.items():
                with_plain[ngram] = with_plain.get(ngram, 0.0) + (1 - WITHOUT_ACCENTS) * share
                plain = without_accents(ngram)[:length]
                with_plain[plain] = with_plain.get(plain, 0.0) + WITHOUT_ACCENTS * share
            kept[length] = dict(
                heapq.nlargest(NGRAMS_KEPT[length], with_plain.items(), key=lambda item: (item[1], item[0]))
            )
    return kept


def _quotient(fraction: str) -> float:
    numerator, denominator = fraction.split("/")
    return int(numerator) / int(denominator)


def distilled(likeliest_ngrams: dict[str, dict[str, NgramFrequencies]]) -> Model:
    """The model, without what is fitted on sentences."""
    ngrams = sorted(
        {
            ngram
            for codes in likeliest_ngrams.values()
            for lengths in codes.values()
            for frequencies in lengths.values()
            for ngram in frequencies
        }
    )
    rows = {ngram: row for row, ngram in enumerate(ngrams)}
    lengths = np.array([len(ngram) for ngram in ngrams])
    tables = {}
    for script, codes in likeliest_ngrams.items():
        costs = np.zeros((len(ngrams), len(codes)), np.uint8)
        for column, by_length in enumerate(codes.values()):
            for length, frequencies in by_length.items():
                costs[lengths == length, column] = _stored_cost(UNKNOWN_NGRAM - math.log(min(frequencies.values())))
                for ngram, frequency in frequencies.items():
                    costs[rows[ngram], column] = _stored_cost(-math.log(frequency))
        tables[script] = Table(list(codes), costs, np.zeros(len(codes), np.float32))
    return Model(rows, tables, np.zeros(0), {})


def counted(file: Path) -> Iterator[str]:
    """The words of a file of tagged sentences, in lower case."""
    for sentence in tagged(file.read_text(encoding="utf-8")):
        yield from to_lower(clean(sentence.text).words).split()


def evidence(own: Counter[str], relative: Counter[str]) -> dict[str, float]:
    """How strongly each word speaks for its language and against a relative, in nats.

    The logarithm of the ratio of the word's two frequencies.

    Args:
        own: counts of words in the language.
        relative: counts of words in the relative.
    """
    scale = math.log(relative.total() / own.total())
    nats = {
        word: math.log((own[word] + 0.5) / (relative[word] + 0.5)) + scale
        for word in sorted(own.keys() | relative.keys())
    }
    strong = (word for word in nats if own[word] + relative[word] >= MIN_COUNT and abs(nats[word]) >= MIN_EVIDENCE)
    return {
        word: round(max(-MAX_EVIDENCE, min(MAX_EVIDENCE, nats[word])) * STEPS_PER_NAT) / STEPS_PER_NAT
        for word in strong
    }


def _stored_cost(cost: float) -> int:
    return min(255, round(cost * STEPS_PER_NAT))


def with_usual(model: Model, script: str, sentences: dict[str, list[str]]) -> Table:
    """The table with the mean cost of an n-gram on the sentences of each language."""
    table, usual = model.tables[script], []
    for code in table.languages:
        fits = [model.fit(_words(text), script) for text in map(clean, sentences[code]) if text.script == script]
        usual.append(np.mean([fit.costs[code] / fit.known_ngrams for fit in fits if fit]))
    return replace(table, usual_costs=np.array(usual, np.float32))


def fit(model: Model, sentences: dict[str, list[str]]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """The weights of a logistic regression on the features, where the detector is not sure.

    Sentences of each language serve once more, as those of a language that the model does not know.
    """
    rows, correct, sample_weights = [], [], []
    for code, text in _texts(sentences):
        cleaned = clean(text)
        fitted_text = model.fit(_words(cleaned), cleaned.script)
        if not fitted_text or not is_running_text(cleaned) or is_sure(detect(cleaned)):
            continue
        likeliest_code, features = fitted_text.features(cleaned.weighted_letters)
        rows.append(features)
        correct.append(likeliest_code == code)
        sample_weights.append(1.0)
        if code in fitted_text.costs:
            del fitted_text.costs[code]
            rows.append(fitted_text.features(cleaned.weighted_letters)[1])
            correct.append(False)
            sample_weights.append(UNKNOWN_LANGUAGE)
    fitted = LogisticRegression(C=10, solver="newton-cholesky", tol=1e-10, fit_intercept=False).fit(
        np.array(rows), np.array(correct), np.array(sample_weights)
    )
    weights: np.ndarray[tuple[int], np.dtype[np.float64]] = fitted.coef_[0].round(4)
    return weights


def _texts(sentences: dict[str, list[str]]) -> Iterator[tuple[str, str]]:
    for code, lines in sentences.items():
        yield from ((code, change(line)) for line in lines for change in FORMS.values())
    for texts in not_language.kinds(150).values():
        yield from (("", text) for text in texts)


def _words(text: CleanedText) -> list[str]:
    return to_lower(text.words).split()


if __name__ == "__main__":
    main()
