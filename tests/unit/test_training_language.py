"""How the language model is distilled: n-grams of a language, and words that tell close languages apart."""

from __future__ import annotations

import io
import json
import math
import zipfile
from collections import Counter

import pytest

from agents.language.ngrams import STEPS_PER_NAT
from training.fit_language_confidence import share


def test_the_share_of_right_results_has_four_digits_and_is_zero_without_results() -> None:
    assert share([True, True, False]) == 0.6667
    assert share([]) == 0


def test_the_evidence_of_a_word_compares_its_frequencies_in_two_languages() -> None:
    pytest.importorskip("brotli")
    from training.distil_language import MAX_EVIDENCE, evidence

    own = Counter({"ikkje": 900, "og": 99_000, "rar": 2, "dei": 98})
    relative = Counter({"ikke": 900, "og": 99_000, "rar": 0, "dei": 10, "fyll": 90})
    nats = evidence(own, relative)
    assert nats["ikkje"] == MAX_EVIDENCE
    assert nats["ikke"] == -MAX_EVIDENCE
    assert nats["dei"] == pytest.approx(math.log(98.5 / 10.5), abs=1 / STEPS_PER_NAT)
    assert "og" not in nats  # as frequent in both languages
    assert "rar" not in nats  # too rare


def test_the_evidence_of_a_word_does_not_depend_on_the_amount_of_text() -> None:
    pytest.importorskip("brotli")
    from training.distil_language import evidence

    own = Counter({"ikkje": 50, "dei": 50, "og": 900})
    relative = Counter({"ikke": 1_000, "dei": 200, "og": 18_800})
    larger = Counter({word: 10 * count for word, count in relative.items()})
    assert evidence(own, relative)["dei"] == pytest.approx(evidence(own, larger)["dei"], abs=1 / STEPS_PER_NAT)
    assert evidence(own, relative)["dei"] > 0


def _wheel(models: dict[str, dict[str, str]]) -> zipfile.ZipFile:
    """A wheel with the n-gram models of one language, `xx`, as lingua stores them."""
    import brotli

    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, fractions in models.items():
            content = brotli.compress(json.dumps({"language": "XX", "ngrams": fractions}).encode())
            archive.writestr(f"lingua/language-models/xx/{name}.json.br", content)
    return zipfile.ZipFile(file)


def test_the_frequency_of_an_ngram_is_the_product_of_its_fractions_and_counts_in_part_without_accents() -> None:
    pytest.importorskip("brotli")
    from training.distil_language import WITHOUT_ACCENTS, likeliest

    wheel = _wheel(
        {
            "unigrams": {"3/4": "a", "1/4": "é"},
            "bigrams": {"1/2": "ab aé", "1/1": "éa"},
            "trigrams": {"1/3": "abc"},
            "quadrigrams": {"1/1": "abcd"},
        }
    )
    frequencies = likeliest(wheel, "xx")
    assert frequencies[2]["ab"] == pytest.approx(3 / 8)
    assert frequencies[2]["aé"] == pytest.approx((1 - WITHOUT_ACCENTS) * 3 / 8)
    assert frequencies[2]["ae"] == pytest.approx(WITHOUT_ACCENTS * 3 / 8)
    assert frequencies[3] == {"abc": pytest.approx(1 / 8)}
    assert frequencies[4] == {"abcd": pytest.approx(1 / 8)}
    assert 1 not in frequencies


def test_an_ngram_that_a_language_lacks_costs_more_than_its_rarest() -> None:
    pytest.importorskip("brotli")
    from training.distil_language import UNKNOWN_NGRAM, distilled

    model = distilled({"Latin": {"xx": {2: {"ab": 0.5, "cd": 0.01}}, "yy": {2: {"ab": 0.1}}}})
    table = model.tables["Latin"]
    costs = {
        (code, ngram): table.costs[row, column]
        for column, code in enumerate(table.languages)
        for ngram, row in model.rows.items()
    }
    assert costs["xx", "ab"] == round(-math.log(0.5) * STEPS_PER_NAT)
    assert costs["xx", "cd"] == round(-math.log(0.01) * STEPS_PER_NAT)
    assert costs["yy", "cd"] == round((UNKNOWN_NGRAM - math.log(0.1)) * STEPS_PER_NAT)
