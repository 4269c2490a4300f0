"""Finds the entities of a text by the scores of spaCy's model, as spaCy's greedy decoder does, in less time.

That decoder asks for each word which of up to 74 transitions are allowed, and its `StateC.B` and `StateC.safe_get`
acquire Python's lock each time: a fifth of the processor time of an article. But outside of an entity a state depends
on its word alone. So this decoder scores all words of a text outside of entities in one multiplication, and then the
words inside of entities, one after another. It multiplies with blis, as spaCy's decoder does, in whatever else thinc
multiplies with: the scores are the same.

The transitions are those of spaCy's `BiluoPushDown`: begin, in, last, unit and out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from thinc.api import NumpyOps

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

# The documents that spaCy's recognizer reads together in a small batch, the shortest first. With another number the
# model's scores have other last digits.
DOCUMENTS_TOGETHER = 2
# What a state of an entity recognizer sees: its word, and the first and the last word of the open entity; -1 for none.
WORDS_OF_STATE = 3
_BLIS = NumpyOps(use_blis=True)

Scores = NDArray[np.float32]
# The first word, the word behind the last one, and the model's label.
WordSpan = tuple[int, int, str]


class EntityDecoder:
    """Decodes for the entity recognizer of a pipeline.

    Args:
        recognizer: the component `ner` of a pipeline that `can_decode` accepts.
    """

    def __init__(self, recognizer: Any) -> None:
        self._model = recognizer.model
        moves = recognizer.moves
        self._moves = [moves.get_class_name(index).partition("-")[::2] for index in range(moves.n_moves)]
        self._index = {move: index for index, move in enumerate(self._moves)}
        kinds = [kind for kind, _ in self._moves]
        # Added to the scores outside of an entity. "U-" without a label is for words that are marked before.
        allowed = [kind == "O" or (kind in "BU" and bool(label)) for kind, label in self._moves]
        self._outside = np.where(allowed, 0, -np.inf).astype(np.float32)
        self._last_word = np.where([kind == "B" for kind in kinds], -np.inf, 0).astype(np.float32)
        self._space = np.where([kind == "O" for kind in kinds], 0, -np.inf).astype(np.float32)

    @staticmethod
    def can_decode(nlp: Language) -> bool:
        """Whether a pipeline consists of a greedy entity recognizer, with the states that this class knows."""
        if nlp.pipe_names != ["ner"] or nlp.get_pipe_meta("ner").factory != "ner":
            return False
        recognizer: Any = nlp.get_pipe("ner")
        model = recognizer.model
        return bool(
            recognizer.cfg["beam_width"] == 1
            and model.attrs["has_upper"]
            and not model.attrs["unseen_classes"]
            and model.get_ref("lower").get_dim("nF") == WORDS_OF_STATE
            and model.get_ref("lower").get_dim("nP") > 1
        )

    def entities(self, documents: Sequence[Doc]) -> list[list[WordSpan]]:
        """The entities of each document, in ascending order."""
        found: dict[int, list[WordSpan]] = {}
        by_length = sorted(range(len(documents)), key=lambda index: len(documents[index]))
        for first in range(0, len(by_length), DOCUMENTS_TOGETHER):
            together = by_length[first : first + DOCUMENTS_TOGETHER]
            step_model = self._model.predict([documents[index] for index in together])
            offset = 0
            for index in together:
                found[index] = list(self._decode(step_model, documents[index], offset))
                offset += len(documents[index])
            step_model.clear_memory()
        return [found[index] for index in range(len(documents))]

    def _decode(self, step_model: Any, document: Doc, offset: int) -> Iterator[WordSpan]:
        length = len(document)
        states = np.full((length, WORDS_OF_STATE), -1, np.int32)
        states[:, 0] = np.arange(offset, offset + length)
        scores = _scores(step_model, states) + self._outside
        scores[-1] += self._last_word
        scores[[token.i for token in document if token.is_space]] += self._space
        best = scores.argmax(axis=1)
        end = 0
        for start in np.flatnonzero(best != self._index["O", ""]).tolist():
            if start < end:
                continue
            kind, label = self._moves[best[start]]
            end = start + 1
            if kind == "B":
                move_in, move_last = self._index["I", label], self._index["L", label]
                while end < length - 1:
                    state = np.array([[end, start, end - 1]], np.int32) + np.int32(offset)
                    of_state = _scores(step_model, state)[0]
                    # Of two equal scores spaCy takes the first.
                    if (of_state[move_last], -move_last) > (of_state[move_in], -move_in):
                        break
                    end += 1
                end += 1
            yield start, end, label


def _scores(step_model: Any, states: NDArray[np.int32]) -> Scores:
    """The score of each transition in each state, given by its words."""
    hidden = step_model.state2vec.predict(states)
    upper = step_model.vec2scores
    scores: Scores = _BLIS.gemm(hidden, upper.get_param("W"), trans2=True) + upper.get_param("b")
    return scores


# For each model in memory; None for a pipeline that spaCy has to decode itself.
_decoders: WeakKeyDictionary[Language, EntityDecoder | None] = WeakKeyDictionary()


def decoder_of(nlp: Language) -> EntityDecoder | None:
    """The decoder for a pipeline; None where spaCy has to decode itself."""
    if nlp not in _decoders:
        _decoders[nlp] = EntityDecoder(nlp.get_pipe("ner")) if EntityDecoder.can_decode(nlp) else None
    return _decoders[nlp]
