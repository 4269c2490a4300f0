"""The files of the fast sentiment model: its network, its lexicon, its languages and its published figures."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from agents.sentiment import weights
from agents.sentiment.analyser import models
from agents.sentiment.hashed_ngrams import hash_ngrams, hash_words
from agents.sentiment.lexicon import lexicon
from agents.sentiment.limits import TEXT_LENGTH
from agents.sentiment.ngram_reading import LANGUAGES, MODEL
from agents.sentiment.passages import tokenize
from tests.support.fast_models import fast_models
from tests.support.sentiment_texts import FACTUAL, NEGATIVE, POSITIVE
from training.sentiment_figures import END, FIGURES, PAGE, START, cross_validated_table, table

ROOT = Path(__file__).parents[2]


def test_a_word_has_the_same_hash_alone_and_in_a_passage() -> None:
    rows, keys = hash_ngrams([["eine", "andere"], ["كلمة"]])
    assert np.isin(hash_words(["eine", "andere"]), keys[rows == 0]).all()
    assert hash_words(["كلمة"])[0] in keys[rows == 1]
    assert hash_words(["word"]).tolist() == [2690814307]  # the model file holds this hash


def test_other_passages_do_not_change_the_logits_of_a_passage_in_a_single_bit() -> None:
    read = [tokenize(text) for texts in (POSITIVE, NEGATIVE, FACTUAL) for text in texts.values()]
    network = weights.load()["en"].network
    together = network.logits(read)
    assert (together == np.concatenate([network.logits([passage]) for passage in read])).all()
    assert (together[::-1] == network.logits(read[::-1])).all()


def test_floating_point_holds_the_sums_of_the_network_exactly() -> None:
    network = weights.load()["en"].network
    assert (np.diff(network.keys.astype(np.int64)) > 0).all()
    parts: list[NDArray[np.floating]] = [network.filters, network.threshold, *network.outputs]
    for part in parts:
        assert (part == np.round(part)).all()
    largest = 127 * np.abs(network.filters).sum(axis=(0, 1)) + np.abs(network.threshold)
    assert largest.max() < 2**24
    assert TEXT_LENGTH * largest.max() * np.abs(network.outputs[1]).sum(axis=0).max() < 2**53


def test_the_network_weighs_words_with_their_neighbours_and_ignores_unknown_words() -> None:
    network = weights.load()["en"].network
    one, turned = network.logits([["this", "is", "not", "bad"], ["this", "bad", "is", "not"]])
    assert (one != turned).any()
    assert (network.logits([["qzxqzx", "xqzxqz"]]) == 0).all()


def test_a_word_means_the_same_in_the_network_of_any_language() -> None:
    network = weights.load()["en"].network
    for good, bad in (
        ("excellent", "terrible"),
        ("excelente", "horrible"),
        ("wunderbar", "schrecklich"),
        ("magnifique", "affreux"),
    ):
        (lead_of_good, lead_of_bad) = (score[2] - score[0] for score in network.logits([[good], [bad]]))
        assert lead_of_good > lead_of_bad, good


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_concept_has_words_in_every_language(language: str) -> None:
    language_lexicon = lexicon(language)
    assert {*language_lexicon.whole_words.values(), *language_lexicon.stems.values()} == set(
        range(len(language_lexicon.names))
    )


def test_the_model_file_has_the_languages_of_the_models_list() -> None:
    with fast_models():
        assert models() == dict.fromkeys(sorted(LANGUAGES), MODEL)
    weights_by_language = weights.load()
    assert set(weights_by_language) == set(LANGUAGES)
    for code, trained in weights_by_language.items():
        assert (np.diff(trained.ngram_weights.keys.astype(np.int64)) > 0).all()
        assert trained.lexicon_weights.shape == (2 * len(lexicon(code).names), 3)
        assert np.isfinite(trained.lexicon_weights).all()
        assert (trained.calibration.scales > 0).all()
        assert 0 < trained.calibration.doubt < 0.3


def test_the_figures_in_the_documentation_equal_the_measured_ones() -> None:
    figures = json.loads(FIGURES.read_text(encoding="utf-8"))
    readme = PAGE.read_text(encoding="utf-8")
    assert figures["model"] == MODEL
    assert (
        readme.split(START)[1].split(END)[0].strip()
        == f"{table(figures['corpora'])}\n\n{cross_validated_table(figures['cross_validated'])}"
    )


def test_training_without_data_reports_the_missing_files(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "training.train_sentiment", "--data", str(tmp_path)]
    outcome = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert outcome.returncode == 1
    assert outcome.stderr.startswith(f"There is no training data in {tmp_path}: newsmtsc.train.jsonl")
