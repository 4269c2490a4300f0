"""Trains the network of the sentiment model: filters over the vectors of neighbouring words, the same in all languages.

`train_sentiment.py` calls it. It needs the packages of the group `training`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from numpy.typing import NDArray

from agents.sentiment.hashed_ngrams import hash_words
from agents.sentiment.phrase_network import MIN_WORDS, PhraseNetwork
from training.word_vectors import Vectors

# Chosen by cross-validation on two fifths of the training part; 64 dimensions measure like 48, five neighbours like
# three.
DIMENSIONS, FILTERS, NEIGHBOURS = 48, 96, 3
EPOCHS, BATCH, RATE, DECAY = 5, 64, 2e-3, 1e-2
# The share of the words, and of the means and maxima, that each step leaves out.
WORDS_OUT, OUT = 0.2, 0.3
# Words of a text that are read, by its length: texts of alike length are in a step together.
LENGTHS = (24, 40, 64)

Parameters = dict[str, Any]


def network(
    passages: Sequence[Sequence[str]], languages: NDArray[np.int64], targets: NDArray[np.float32], vectors: Vectors
) -> PhraseNetwork:
    """The network that gives each passage its target: the probabilities of negative, neutral and positive.

    Args:
        languages: the number of each passage's language; each has a bias of its own while it is trained, which the
        calibration replaces.
    """
    number = {word: at + 1 for at, word in enumerate(vectors[0])}
    table = np.concatenate(
        [np.zeros((1, vectors[1].shape[1]), np.float32), vectors[1]]
    )  # 0 is a word without a vector, and no word
    words = np.zeros((len(passages), LENGTHS[-1]), np.int32)
    for row, passage in enumerate(passages):
        read = [number.get(word.lstrip("#") or word, 0) for word in passage[: LENGTHS[-1]]]
        words[row, : len(read)] = read
    lengths = np.array([len(passage) for passage in passages])
    parameters = _start(table.shape[1], int(languages.max()) + 1)
    steps = EPOCHS * sum(1 for _ in _batches(lengths, 0))
    optimiser = optax.adamw(optax.cosine_decay_schedule(RATE, steps), weight_decay=DECAY)
    state = optimiser.init(parameters)

    def advance(parameters: Parameters, state: Any, key: Any, *batch: Any) -> tuple[Parameters, Any]:
        gradient = jax.grad(_loss)(parameters, key, *batch)
        change, state = optimiser.update(gradient, state, parameters)
        return optax.apply_updates(parameters, change), state

    step = jax.jit(advance)
    key = jax.random.PRNGKey(0)
    for epoch in range(EPOCHS):
        for at, length in _batches(lengths, epoch):
            key, own = jax.random.split(key)
            seen = words[at, :length]
            parameters, state = step(
                parameters, state, own, table[seen], (seen > 0).astype(np.float32), languages[at], targets[at]
            )
    return _in_whole_numbers({name: np.asarray(value, np.float64) for name, value in parameters.items()}, vectors)


def _start(width: int, languages: int) -> Parameters:
    keys = jax.random.split(jax.random.PRNGKey(0), 3)
    return {
        "projection": jax.random.normal(keys[0], (width, DIMENSIONS)) / np.sqrt(width),
        "filters": jax.random.normal(keys[1], (NEIGHBOURS, DIMENSIONS, FILTERS)) / np.sqrt(NEIGHBOURS * DIMENSIONS),
        "threshold": jnp.zeros(FILTERS),
        "output": jax.random.normal(keys[2], (DIMENSIONS + 2 * FILTERS, 3)) * 0.05,
        "bias": jnp.zeros((languages, 3)),
    }


def _batches(lengths: NDArray[np.int64], epoch: int) -> Iterator[tuple[NDArray[np.int64], int]]:
    """Batches of texts of similar length, in a new order for every epoch. Incomplete batches are left out."""
    random = np.random.default_rng(epoch)
    found = []
    for shorter, length in zip((-1, *LENGTHS), LENGTHS, strict=False):
        last = length == LENGTHS[-1]
        those = random.permutation(np.flatnonzero((lengths > shorter) & (last | (lengths <= length))))
        found += [(those[start : start + BATCH], length) for start in range(0, len(those) - BATCH + 1, BATCH)]
    for at in random.permutation(len(found)):
        yield found[at]


def _loss(parameters: Parameters, key: Any, vectors: Any, present: Any, languages: Any, targets: Any) -> Any:
    """The cross-entropy of a batch, with some of its words and features left out (dropout: Srivastava et al., 2014)."""
    of_words, of_features = jax.random.split(key)
    kept = jax.random.bernoulli(of_words, 1 - WORDS_OUT, present.shape)
    said = (vectors * kept[:, :, None] / (1 - WORDS_OUT)) @ parameters["projection"]
    beside = jnp.pad(said, ((0, 0), (1, 1), (0, 0)))
    answer = (
        sum(beside[:, at : at + said.shape[1]] @ parameters["filters"][at] for at in range(NEIGHBOURS))
        - parameters["threshold"]
    )
    answer = jax.nn.relu(answer) * present[:, :, None]
    number = jnp.maximum(present.sum(axis=1), MIN_WORDS)[:, None]
    features = jnp.concatenate(
        [(said * present[:, :, None]).sum(axis=1) / number, answer.sum(axis=1) / number, answer.max(axis=1)], axis=1
    )
    features *= jax.random.bernoulli(of_features, 1 - OUT, features.shape) / (1 - OUT)
    logits = features @ parameters["output"] + parameters["bias"][languages]
    return -(targets * jax.nn.log_softmax(logits)).sum(axis=1).mean()


def _in_whole_numbers(parameters: Parameters, vectors: Vectors) -> PhraseNetwork:
    """The network for `agents.sentiment.phrase_network`: words in the space of the filters, all in whole steps."""
    words, values = vectors
    said = values @ parameters["projection"]
    step = float(np.quantile(np.abs(said), 0.9999)) / 127
    keys, first = np.unique(hash_words(words), return_index=True)
    steps = np.abs(parameters["filters"]).max(axis=(0, 1)) / 127
    weights = np.split(parameters["output"], [DIMENSIONS, DIMENSIONS + FILTERS])
    outputs = weights[0] * step, weights[1] * (step * steps)[:, None], weights[2] * (step * steps)[:, None]
    finest = np.array([np.abs(output).max() / 2047 for output in outputs])
    return PhraseNetwork(
        keys=keys,
        vectors=np.clip(np.round(said[first] / step), -127, 127).astype(np.int8),
        filters=np.round(parameters["filters"] / steps).astype(np.float32),
        threshold=np.round(parameters["threshold"] / (step * steps)).astype(np.float32),
        outputs=[np.round(output / each) for output, each in zip(outputs, finest, strict=True)],
        steps=finest,
    )
