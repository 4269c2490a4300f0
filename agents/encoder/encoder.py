"""Reads texts with the multilingual encoder: the state of each piece, and what its three heads make of the states.

One head finds names, one weighs the sentiment of a text, and one the sentiment towards a name in a text.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.encoder.decoding import Name, names
from agents.encoder.four_bits import unpacked
from agents.encoder.tokenizer import Pieces, Tokenizer
from agents.model_files import open_model_file
from streams.errors import TelexError

FOLDER = Path(__file__).parents[1] / "models" / "encoder"

# Pieces that the encoder reads together, without the beginning and the end. It learnt from texts of this length.
WINDOW = 254
# Pieces that a window has in common with the next one. A piece counts in the window that shows more around it.
OVERLAP = 32

Floats = NDArray[np.float32]


class Encoder:
    """The encoder of a folder.

    Args:
        folder: the files that `training.encoder.export` writes.

    Raises:
        TelexError: a file cannot be read.
    """

    def __init__(self, folder: Path) -> None:
        with open_model_file(folder / "encoder.npz", "encoder") as arrays:
            pieces = bytes(arrays["pieces"]).decode().split("\n")
            self.tokenizer = Tokenizer(zip(pieces, arrays["piece_scores"].tolist(), strict=True))
            self._words = arrays["words"]
            self._positions = arrays["positions"].astype(np.float32)
            self._names = _Linear(arrays, "names")
            self._sentiment, self._towards = _Head(arrays, "sentiment"), _Head(arrays, "towards")
            self._calibration = arrays["names.calibration"]
            self._of_towards = arrays["towards.calibration"]
            prefix = "sentiment.calibration."
            self._of_sentiment = {
                name.removeprefix(prefix): arrays[name] for name in arrays.files if name.startswith(prefix)
            }
        self._session = _session(folder / "layers.onnx")

    def states(self, ids: Sequence[int]) -> Floats:
        """The state of each piece: pieces x width. Longer texts are read in windows."""
        parts = [self._window(ids[window])[kept] for window, kept in _windows(len(ids))]
        return np.concatenate(parts) if len(parts) != 1 else parts[0]

    def names(self, text: str) -> list[Name]:
        """The names in a text, in their order."""
        [pieces] = self.tokenizer.read([text])
        return self.names_of(pieces)

    def names_of(self, pieces: Pieces) -> list[Name]:
        """The names in a text that is cut into pieces already, each with a calibrated confidence."""
        if not pieces.ids:
            return []
        scores = self._names(self.states(pieces.ids))
        scores -= np.logaddexp.reduce(scores, axis=1)[:, None]
        return [name._replace(confidence=self._calibrated(name.confidence)) for name in names(scores, pieces)]

    def sentiments(self, pieces: Pieces, spans: Sequence[tuple[int, int]]) -> tuple[Floats, Floats]:
        """The sentiment of a text, and that towards each of some names in it.

        Args:
            pieces: of the text, at most WINDOW.
            spans: start and end of each name, in code points.

        Returns:
            The logits of negative, neutral and positive: of the text, and names x 3.
        """
        states = self.states(pieces.ids)
        starts, ends = np.array(pieces.starts), np.array(pieces.ends)
        of_names = [states[(starts < end) & (ends > start)] for start, end in spans]
        means = np.array([chosen.mean(axis=0) if len(chosen) else states.mean(axis=0) for chosen in of_names])
        return self._sentiment(states.mean(axis=0)), self._towards(means) if spans else np.zeros((0, 3), np.float32)

    def sentiment_probabilities(self, logits: Floats, language: str) -> NDArray[np.float64]:
        """The calibrated probabilities of negative, neutral and positive in a text of a language (ISO 639-1)."""
        found: NDArray[np.float64] = _probabilities(logits[None], self._of_sentiment[language])[0]
        return found

    def towards_probabilities(self, logits: Floats) -> NDArray[np.float64]:
        """The same towards each name: names x 3."""
        return _probabilities(logits, self._of_towards)

    def _calibrated(self, probability: float) -> float:
        slope, offset = self._calibration
        likely = min(max(probability, 1e-6), 1 - 1e-6)
        return float(1 / (1 + math.exp(-(slope * math.log(likely / (1 - likely)) + offset))))

    def _window(self, ids: Sequence[int]) -> Floats:
        numbers = np.array([Tokenizer.BEGIN, *ids, Tokenizer.END])
        embedded = unpacked(self._words[numbers]) + self._positions[: len(numbers)]
        (states,) = self._session.run(None, {"embedded": embedded})
        found: Floats = states[1:-1]
        return found


def _probabilities(logits: Floats, calibration: Floats) -> NDArray[np.float64]:
    """Probabilities from logits, with a scale and the bias of each label."""
    scores = calibration[0] * logits.astype(np.float64) + calibration[1:]
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    found: NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
    return found


class _Linear:
    """A linear layer of the file."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]], name: str) -> None:
        self._weights = arrays[f"{name}.weight"].T.copy()
        self._bias = arrays[f"{name}.bias"]

    def __call__(self, states: Floats) -> Floats:
        found: Floats = states @ self._weights + self._bias
        return found


class _Head:
    """A hidden layer with the hyperbolic tangent, and a linear layer behind it."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]], name: str) -> None:
        self._hidden, self._last = _Linear(arrays, f"{name}.0"), _Linear(arrays, f"{name}.3")

    def __call__(self, states: Floats) -> Floats:
        return self._last(np.tanh(self._hidden(states)))


def _windows(length: int) -> Iterator[tuple[slice, slice]]:
    """The windows over so many pieces, all of about the same size, and for each the part of its pieces that counts."""
    count = max(1, math.ceil((length - OVERLAP) / (WINDOW - OVERLAP)))
    steps = [number * (length - OVERLAP) // count for number in range(count + 1)]
    for first, following in pairwise(steps):
        begin = first + OVERLAP // 2 if first > 0 else 0
        end = following + OVERLAP // 2 if following < length - OVERLAP else length
        yield slice(first, following + OVERLAP), slice(begin - first, end - first)


def _session(file: Path) -> Any:
    """The layers, with one thread: a process with more cannot be copied (`streams.worker.analysis_process`)."""
    # Importing it takes time, and the command line asks only for names and versions.
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors
    try:
        return onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime has an exception of its own for each kind of fault
        raise TelexError(f"The encoder {file} cannot be read ({error}): install Telex again.") from None


@cache
def encoder() -> Encoder:
    """Telex's own encoder, loaded at the first call."""
    return Encoder(FOLDER)
