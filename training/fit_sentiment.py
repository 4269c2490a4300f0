"""Fits the sentiment model on labelled texts: the network of phrases, and one logistic regression over all languages.

`train_sentiment.py` calls it. It needs the packages of the group `training`.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from agents.sentiment import weights
from agents.sentiment.hashed_ngrams import hash_ngrams
from agents.sentiment.lexicon import lexicon
from agents.sentiment.passages import Passage, tokenize
from agents.sentiment.weights import IDF_STEPS, Calibration, lexicon_norm
from evaluation.data import TWEETS, Opinion
from training.weight_files import table

if TYPE_CHECKING:
    from training.word_vectors import Vectors

# The inverse of the regularisation. Chosen by cross-validation on the training part: 1 to 3 measure alike.
INVERSE_REGULARISATION = 2.0


def fit(samples: list[Opinion], vectors: Vectors) -> dict[str, weights.LanguageWeights]:
    """The weights of each language.

    N-grams and a bias belong to one language. The concepts are shared, so that what English news teaches about a
    concept holds in every language.
    """
    # Imported here: without data the script ends before it needs the packages.
    from training.train_phrases import train_network

    languages = np.array([list(TWEETS).index(sample.language) for sample in samples])
    labels = np.eye(3, dtype=np.float32)[[sample.label for sample in samples]]
    phrases = train_network([tokenize(sample.text) for sample in samples], languages, labels, vectors)
    concepts = len(lexicon("en").names)
    polarity = np.array(lexicon("en").polarity)
    # Each concept is also one of: positive, negative, and the two negated.
    summary = np.zeros((2 * concepts, 4), np.float32)
    for sign, column in ((1, 0), (-1, 1)):
        summary[:concepts][polarity == sign, column] = summary[concepts:][polarity == sign, column + 2] = 1
    blocks = [_concepts(samples, code) for code in TWEETS]
    shared = sparse.vstack(blocks)
    summaries = sparse.block_diag([block @ summary for block in blocks])
    bias = sparse.block_diag([np.ones((block.shape[0], 1)) for block in blocks])
    ngrams = {code: _ngrams(samples, code) for code in TWEETS}
    parts = [sparse.block_diag([matrix for matrix, _, _ in ngrams.values()]), shared, shared @ summary, summaries, bias]
    ordered_labels = np.concatenate(
        [[sample.label for sample in samples if sample.language == code] for code in TWEETS]
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # 100 steps are enough: more of them change the third decimal
        fitted = LogisticRegression(C=INVERSE_REGULARISATION, max_iter=100, tol=1e-5, fit_intercept=False).fit(
            sparse.hstack(parts).tocsr().astype(np.float32), ordered_labels
        )
    ends = np.cumsum([part.shape[1] for part in parts])
    ngram_coef, concept_coef, summary_coef, language_summary_coef, bias_coef = np.split(
        fitted.coef_.T.astype(np.float64), ends[:-1]
    )
    learnt, start = {}, 0
    for number, (code, (_, keys, idf)) in enumerate(ngrams.items()):
        summary_weights = summary @ (summary_coef + language_summary_coef[4 * number : 4 * number + 4])
        ngram_table = table(keys, idf[:, None] * ngram_coef[start : start + len(keys)])
        learnt[code] = weights.LanguageWeights(
            ngram_table, idf, concept_coef + summary_weights, phrases, Calibration(bias_coef[number], np.ones(2), 0.0)
        )
        start += len(keys)
    return learnt


def passage_of(sample: Opinion) -> Passage:
    """The text of a sample as one passage."""
    return Passage.of_tokens(tokenize(sample.text))


def passages_in(samples: list[Opinion], code: str) -> list[Passage]:
    """The texts of the samples in one language."""
    return [passage_of(sample) for sample in samples if sample.language == code]


def _all_ngrams(passages: list[Passage]) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
    """The n-grams of the passages: the number of the passage of each, and its hash."""
    tokens = [passage.tokens for passage in passages]
    batches = [hash_ngrams(tokens[start : start + 500]) for start in range(0, len(tokens), 500)]
    return np.concatenate([rows + 500 * number for number, (rows, _) in enumerate(batches)]), np.concatenate(
        [keys for _, keys in batches]
    )


def _ngrams(samples: list[Opinion], code: str) -> tuple[Any, NDArray[np.uint32], NDArray[np.float64]]:
    """The n-grams that two texts have, weighted by inverse document frequency (IDF) and by the length of the text.

    Returns the matrix, the hashes of the n-grams and their IDF.
    """
    passages = passages_in(samples, code)
    rows, keys = _all_ngrams(passages)
    distinct, inverse, counts = np.unique(keys, return_inverse=True, return_counts=True)
    kept = counts >= 2
    idf = np.round(IDF_STEPS * (np.log((1 + len(passages)) / (1 + counts)) + 1)) / IDF_STEPS
    known = kept[inverse]
    column = np.cumsum(kept) - 1
    rarest = idf[kept].max()
    squares = np.bincount(rows, np.where(known, idf[inverse], rarest) ** 2, len(passages))
    values = idf[inverse] / np.sqrt(np.maximum(squares, 1))[rows]
    matrix = sparse.csr_matrix(
        (values[known], (rows[known], column[inverse[known]])), shape=(len(passages), int(kept.sum()))
    )
    return matrix, distinct[kept], idf[kept]


def _concepts(samples: list[Opinion], code: str) -> Any:
    """The matrix of the concepts in each text of a language."""
    passages = passages_in(samples, code)
    entries = [
        (row, column, 1 / lexicon_norm(len(passage.words)))
        for row, passage in enumerate(passages)
        for column in lexicon(code).concepts_in(passage.tokens)
    ]
    rows, columns, values = zip(*entries, strict=True)
    return sparse.csr_matrix((values, (rows, columns)), shape=(len(passages), 2 * len(lexicon(code).names)))
