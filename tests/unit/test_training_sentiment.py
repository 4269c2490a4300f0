"""How the sentiment models are fitted and stored: batches, calibration, whole steps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from agents.sentiment.weights import softmax
from training.passage_batches import BATCH_SIZE, LENGTHS, batches
from training.weight_files import table, write


def _word_counts() -> NDArray[np.int64]:
    return np.random.default_rng(0).integers(0, 120, 2000)


def test_a_batch_has_passages_of_similar_length() -> None:
    word_counts = _word_counts()
    lower = dict(zip(LENGTHS, (-1, *LENGTHS), strict=False))
    for members, length in batches(word_counts, 0):
        assert len(members) == BATCH_SIZE
        assert (word_counts[members] > lower[length]).all()
        assert length == LENGTHS[-1] or (word_counts[members] <= length).all()


def test_an_epoch_has_each_passage_at_most_once_and_leaves_out_less_than_a_batch_of_each_length() -> None:
    members = np.concatenate([members for members, _ in batches(_word_counts(), 0)])
    assert len(set(members.tolist())) == len(members)
    assert len(members) > 2000 - BATCH_SIZE * len(LENGTHS)


def test_each_epoch_has_another_order_and_repeats_it() -> None:
    def order(epoch: int) -> list[int]:
        return [int(member) for members, _ in batches(_word_counts(), epoch) for member in members]

    assert order(1) == order(1)
    assert order(1) != order(2)


def test_weights_are_stored_in_whole_steps_of_the_largest_weight() -> None:
    values = np.linspace(-1, 1, 255).reshape(-1, 3)
    stored = table(np.arange(85, dtype=np.uint32), values)
    assert stored.weights.dtype == np.int8
    assert (stored.weights.min(), stored.weights.max()) == (-127, 127)
    assert np.abs(stored.weights * stored.step - values).max() <= stored.step


def test_one_huge_weight_does_not_coarsen_the_others() -> None:
    values = np.append(np.linspace(-1, 1, 9_999), 1_000.0)
    stored = table(np.arange(10_000, dtype=np.uint32), values)
    assert stored.step < 2 / 127
    assert stored.weights[-1] == 127
    assert np.abs(stored.weights[:-1] * stored.step - values[:-1]).max() <= stored.step


def test_a_weight_file_has_the_same_bytes_at_any_time_and_in_any_order(tmp_path: Path) -> None:
    arrays: dict[str, NDArray[Any]] = {"b": np.arange(3), "a": np.ones(2, np.float32)}
    write(tmp_path / "first.npz", arrays)
    write(tmp_path / "second.npz", dict(reversed(arrays.items())))
    assert (tmp_path / "first.npz").read_bytes() == (tmp_path / "second.npz").read_bytes()
    with np.load(tmp_path / "first.npz", allow_pickle=False) as read:
        assert read["b"].tolist() == [0, 1, 2]
        assert read["a"].dtype == np.float32


def _sampled_labels(logits: NDArray[np.float64]) -> NDArray[np.int64]:
    """Labels that are drawn with the probabilities of the logits."""
    draws = np.random.default_rng(1).random((len(logits), 1))
    labels: NDArray[np.int64] = (softmax(logits).cumsum(axis=1) < draws).sum(axis=1)
    return labels


def test_calibration_finds_the_scale_and_the_biases_of_logits_towards_an_entity() -> None:
    pytest.importorskip("sklearn")
    from training.train_target_sentiment import fit_calibration

    logits = np.random.default_rng(0).normal(size=(20_000, 3))
    bias = np.array([0.5, 0.0, -0.5])
    found = fit_calibration(4 * logits, _sampled_labels(logits + bias))  # four times too sure
    assert found[3] == pytest.approx(0.25, abs=0.02)
    assert found[:3] - found[1] == pytest.approx(bias, abs=0.06)


def test_calibration_of_two_models_trusts_the_one_that_knows_the_labels() -> None:
    pytest.importorskip("sklearn")
    from training.train_sentiment import fit_calibration

    random = np.random.default_rng(0)
    noise, informed = random.normal(size=(2, 20_000, 3))
    calibration = fit_calibration(np.stack([noise, informed]), _sampled_labels(2 * informed))
    assert calibration.scales == pytest.approx([0, 2], abs=0.25)
    probabilities = calibration.probabilities(noise, informed)
    assert probabilities.sum(axis=1) == pytest.approx(np.ones(20_000))
    assert probabilities == pytest.approx(softmax(2 * informed), abs=0.12)
