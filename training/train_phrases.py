"""Trains the network of the sentiment model: filters over the vectors of neighbouring words, the same in all languages.

`train_sentiment.py` calls it. It needs the packages of the group `training`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from numpy.typing import NDArray

from agents.sentiment.hashed_ngrams import hash_words
from agents.sentiment.phrase_network import MIN_WORDS, PhraseNetwork
from training.passage_batches import LENGTHS, batches
from training.word_vectors import Vectors

# Chosen by cross-validation on two fifths of the training part; 64 dimensions measure like 48, five neighbours like
# three.
DIMENSIONS, FILTERS, NEIGHBOURS = 48, 96, 3
EPOCHS, LEARNING_RATE, WEIGHT_DECAY = 5, 2e-3, 1e-2
# The shares that each step leaves out: of the words, and of the features, which are means and maxima.
WORD_DROPOUT, FEATURE_DROPOUT = 0.2, 0.3

Parameters = dict[str, Any]


def train_network(
    passages: Sequence[Sequence[str]], languages: NDArray[np.int64], targets: NDArray[np.float32], vectors: Vectors
) -> PhraseNetwork:
    """Train the network that gives each passage its target: the probabilities of negative, neutral and positive.

    Args:
        passages: the words of each passage, as `tokenize` returns them.
        languages: the number of each passage's language. While it is trained, each language has a bias of its own,
            which the calibration replaces.
        targets: a row of three probabilities for each passage.
        vectors: the words that have a vector, and their vectors.
    """
    row_of_word = {word: at + 1 for at, word in enumerate(vectors[0])}
    word_vectors = np.concatenate(
        [np.zeros((1, vectors[1].shape[1]), np.float32), vectors[1]]
    )  # 0 is a word without a vector, and no word
    word_rows = np.zeros((len(passages), LENGTHS[-1]), np.int32)
    for row, passage in enumerate(passages):
        rows_of_passage = [row_of_word.get(word.lstrip("#") or word, 0) for word in passage[: LENGTHS[-1]]]
        word_rows[row, : len(rows_of_passage)] = rows_of_passage
    lengths = np.array([len(passage) for passage in passages])
    parameters = _initial_parameters(word_vectors.shape[1], int(languages.max()) + 1)
    steps = EPOCHS * sum(1 for _ in batches(lengths, 0))
    optimiser = optax.adamw(optax.cosine_decay_schedule(LEARNING_RATE, steps), weight_decay=WEIGHT_DECAY)
    state = optimiser.init(parameters)

    def advance(parameters: Parameters, state: Any, key: Any, *batch: Any) -> tuple[Parameters, Any]:
        gradient = jax.grad(_loss)(parameters, key, *batch)
        change, state = optimiser.update(gradient, state, parameters)
        return optax.apply_updates(parameters, change), state

    step = jax.jit(advance)
    key = jax.random.PRNGKey(0)
    for epoch in range(EPOCHS):
        for members, length in batches(lengths, epoch):
            key, step_key = jax.random.split(key)
            seen_rows = word_rows[members, :length]
            parameters, state = step(
                parameters,
                state,
                step_key,
                word_vectors[seen_rows],
                (seen_rows > 0).astype(np.float32),
                languages[members],
                targets[members],
            )
    return _quantized({name: np.asarray(value, np.float64) for name, value in parameters.items()}, vectors)


def _initial_parameters(width: int, languages: int) -> Parameters:
    keys = jax.random.split(jax.random.PRNGKey(0), 3)
    return {
        "projection": jax.random.normal(keys[0], (width, DIMENSIONS)) / np.sqrt(width),
        "filters": jax.random.normal(keys[1], (NEIGHBOURS, DIMENSIONS, FILTERS)) / np.sqrt(NEIGHBOURS * DIMENSIONS),
        "threshold": jnp.zeros(FILTERS),
        "output": jax.random.normal(keys[2], (DIMENSIONS + 2 * FILTERS, 3)) * 0.05,
        "bias": jnp.zeros((languages, 3)),
    }


def _loss(parameters: Parameters, key: Any, vectors: Any, present: Any, languages: Any, targets: Any) -> Any:
    """The cross-entropy of a batch, with some of its words and features left out (dropout: Srivastava et al., 2014)."""
    word_key, feature_key = jax.random.split(key)
    kept = jax.random.bernoulli(word_key, 1 - WORD_DROPOUT, present.shape)
    projected = (vectors * kept[:, :, None] / (1 - WORD_DROPOUT)) @ parameters["projection"]
    padded = jnp.pad(projected, ((0, 0), (1, 1), (0, 0)))
    activations = (
        sum(
            padded[:, offset : offset + projected.shape[1]] @ parameters["filters"][offset]
            for offset in range(NEIGHBOURS)
        )
        - parameters["threshold"]
    )
    activations = jax.nn.relu(activations) * present[:, :, None]
    word_count = jnp.maximum(present.sum(axis=1), MIN_WORDS)[:, None]
    features = jnp.concatenate(
        [
            (projected * present[:, :, None]).sum(axis=1) / word_count,
            activations.sum(axis=1) / word_count,
            activations.max(axis=1),
        ],
        axis=1,
    )
    features *= jax.random.bernoulli(feature_key, 1 - FEATURE_DROPOUT, features.shape) / (1 - FEATURE_DROPOUT)
    logits = features @ parameters["output"] + parameters["bias"][languages]
    return -(targets * jax.nn.log_softmax(logits)).sum(axis=1).mean()


def _quantized(parameters: Parameters, vectors: Vectors) -> PhraseNetwork:
    """The network for `agents.sentiment.phrase_network`: words in the space of the filters, all in whole steps."""
    words, values = vectors
    projected = values @ parameters["projection"]
    word_step = float(np.quantile(np.abs(projected), 0.9999)) / 127
    keys, first_occurrence = np.unique(hash_words(words), return_index=True)
    filter_steps = np.abs(parameters["filters"]).max(axis=(0, 1)) / 127
    output_parts = np.split(parameters["output"], [DIMENSIONS, DIMENSIONS + FILTERS])
    outputs = (
        output_parts[0] * word_step,
        output_parts[1] * (word_step * filter_steps)[:, None],
        output_parts[2] * (word_step * filter_steps)[:, None],
    )
    output_steps = np.array([np.abs(output).max() / 2047 for output in outputs])
    return PhraseNetwork(
        keys=keys,
        vectors=np.clip(np.round(projected[first_occurrence] / word_step), -127, 127).astype(np.int8),
        filters=np.round(parameters["filters"] / filter_steps).astype(np.float32),
        threshold=np.round(parameters["threshold"] / (word_step * filter_steps)).astype(np.float32),
        outputs=[np.round(output / each) for output, each in zip(outputs, output_steps, strict=True)],
        steps=output_steps,
    )
