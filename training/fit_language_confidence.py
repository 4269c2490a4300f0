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
    rows, correct, weights = [], [], []
    for code, lines in sentences.items():
        for text in (change(line) for line in lines for change in FORMS.values()):
            cleaned = clean(text)
            scores = detector_scores(to_lower(cleaned.words))
            if code in LEFT_OUT or not scores or cleaned.weighted_letters < MIN_LETTERS:
                continue
            rows.append(features(scores, cleaned.weighted_letters, cleaned.script))
            correct.append(next(iter(scores)) == DETECTED_AS.get(code, code))
            weights.append(1.0 if DETECTED_AS.get(code, code) in eldc.LANGUAGES else WEIGHT_OF_UNKNOWN)
    model = LogisticRegression(C=10, max_iter=5000, fit_intercept=False)
    return model.fit(np.array(rows), np.array(correct), np.array(weights)).coef_[0]


def measure(sentences: dict[str, list[str]]) -> dict[str, float]:
    """Shares of all sentences, and the expected calibration error of the detected languages, in ten equal bins."""
    known = {code: lines for code, lines in sentences.items() if DETECTED_AS.get(code, code) in eldc.LANGUAGES}
    unknown = {code: lines for code, lines in sentences.items() if code not in known}
    known_results, all_results = results(known), results(sentences)
    wrong = [confidence for right, confidence in results(unknown) if confidence is not None and not right]
    return {
        "known: right": share([right for right, _ in known_results]),
        "known: language_unknown": share([confidence is None for _, confidence in known_results]),
        "known: calibration error": _error(known_results),
        "all: right": share([right for right, _ in all_results]),
        "all: calibration error": _error(all_results),
        "not known to eldc: wrong answers": round(len(wrong) / max(sum(map(len, unknown.values())), 1), 4),
    }


def results(sentences: dict[str, list[str]]) -> list[tuple[bool, float | None]]:
    """For each sentence: whether the detected language is right, and its confidence, None where none is detected."""
    detections = ((code, detect(clean(line))) for code, lines in sentences.items() for line in lines)
    return [
        (detected is not None and detected.code == code, detected.confidence if detected else None)
        for code, detected in detections
    ]


def accuracy(code: str, lines: list[str]) -> float:
    """The share of the lines whose language is right."""
    return share([right for right, _ in results({code: lines})])


def _error(detections: Sequence[tuple[bool, float | None]]) -> float:
    return round(
        calibration_error([(confidence, right) for right, confidence in detections if confidence is not None]) or 0.0, 4
    )


def share(values: Sequence[bool]) -> float:
    """The share of the values that are true."""
    return round(sum(values) / max(len(values), 1), 4)


if __name__ == "__main__":
    main()
