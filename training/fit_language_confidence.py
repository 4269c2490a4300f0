"""Fits the probability in agents/language/confidence.py, and measures the language analysis.

    python -m training.fit_language_confidence --data FOLDER

FOLDER has a file of sentences for each language, one a line, named after the language (`fr.txt`). Odd lines are fitted
on, even lines measured on; each sentence is taken whole, cut to 80, 40 and 20 characters, and in capitals. Needs
scikit-learn.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import eldc
import numpy as np
from sklearn.linear_model import LogisticRegression

from agents.language.cleaning import clean
from agents.language.confidence import features
from agents.language.detection import MIN_LETTERS, detect, to_lower
from agents.language.eldc_detector import scores as detector_scores
from evaluation.measures import calibration_error

FORMS: dict[str, Callable[[str], str]] = {
    "whole": str,
    "80": lambda text: text[:80],
    "40": lambda text: text[:40],
    "20": lambda text: text[:20],
    "capitals": lambda text: text[:80].upper(),
}
# The detector's codes for languages that agents/language/close_languages.py tells apart afterwards. Most single
# sentences do not tell Bosnian from Croatian, so Bosnian is left out of the fit.
DETECTED_AS = {"nb": "no", "nn": "no", "id": "ms"}
LEFT_OUT = {"bs"}
# A sentence in a language that the detector does not know is rarer in the news than in the folder, where it is one in
# four.
WEIGHT_OF_UNKNOWN = 0.5


def main() -> None:
    """Print the weights and the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of LANGUAGE.txt files, a sentence a line")
    folder: Path = parser.parse_args().data
    sentences = {path.stem: path.read_text(encoding="utf-8").splitlines() for path in sorted(folder.glob("*.txt"))}
    fitted = fit({code: lines[::2] for code, lines in sentences.items()})
    print(f"WEIGHTS = {tuple(round(float(weight), 2) for weight in fitted)}")
    for form, change in FORMS.items():
        print(
            form,
            json.dumps(measure({code: [change(line) for line in lines[1::2]] for code, lines in sentences.items()})),
        )
    print("accuracy of whole sentences", json.dumps({code: accuracy(code, lines) for code, lines in sentences.items()}))


def fit(sentences: dict[str, list[str]]) -> Any:
    """The weights of a logistic regression on the features, the constant first."""
    rows, right, weights = [], [], []
    for code, lines in sentences.items():
        for text in (change(line) for line in lines for change in FORMS.values()):
            found = clean(text)
            scores = detector_scores(to_lower(found.words))
            if code in LEFT_OUT or not scores or found.weighted_letters < MIN_LETTERS:
                continue
            rows.append(features(scores, found.weighted_letters, found.script))
            right.append(next(iter(scores)) == DETECTED_AS.get(code, code))
            weights.append(1.0 if DETECTED_AS.get(code, code) in eldc.LANGUAGES else WEIGHT_OF_UNKNOWN)
    model = LogisticRegression(C=10, max_iter=5000, fit_intercept=False)
    return model.fit(np.array(rows), np.array(right), np.array(weights)).coef_[0]


def measure(sentences: dict[str, list[str]]) -> dict[str, float]:
    """Shares of all sentences, and the expected calibration error of the answered ones in ten equal bins."""
    known = {code: lines for code, lines in sentences.items() if DETECTED_AS.get(code, code) in eldc.LANGUAGES}
    unknown = {code: lines for code, lines in sentences.items() if code not in known}
    of_known, of_all = answers(known), answers(sentences)
    confused = [confidence for right, confidence in answers(unknown) if confidence is not None and not right]
    return {
        "known: right": share([right for right, _ in of_known]),
        "known: language_unknown": share([confidence is None for _, confidence in of_known]),
        "known: calibration error": _error(of_known),
        "all: right": share([right for right, _ in of_all]),
        "all: calibration error": _error(of_all),
        "not known to eldc: wrong answers": round(len(confused) / max(sum(map(len, unknown.values())), 1), 4),
    }


def answers(sentences: dict[str, list[str]]) -> list[tuple[bool, float | None]]:
    """For each sentence whether the answer is right, and its confidence; None where there is no answer."""
    identified = ((code, detect(clean(line))) for code, lines in sentences.items() for line in lines)
    return [
        (answer is not None and answer.code == code, answer.confidence if answer else None)
        for code, answer in identified
    ]


def accuracy(code: str, lines: list[str]) -> float:
    """The share of the lines whose language is right."""
    return share([right for right, _ in answers({code: lines})])


def _error(answered: Sequence[tuple[bool, float | None]]) -> float:
    return round(
        calibration_error([(confidence, right) for right, confidence in answered if confidence is not None]) or 0.0, 4
    )


def share(values: Sequence[bool]) -> float:
    """The share of the values that are true."""
    return round(sum(values) / max(len(values), 1), 4)


if __name__ == "__main__":
    main()
