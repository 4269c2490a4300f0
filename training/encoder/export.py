"""Writes the trained encoder as Telex ships it: the layers in ONNX in 8 bits, and a file of arrays.

    python -m training.encoder.export --trained FOLDER… --out agents/models/encoder

Each FOLDER is one that `training.encoder.train` wrote. The weights of several trainings become their mean, which finds
more names in texts of another kind than those of the training (https://arxiv.org/abs/2203.05482).
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

from training.encoder import e5_weights

# An operator set that has all that is needed (Gelu).
OPSET = 20
Floats = NDArray[np.float32]


def main() -> None:
    """Read the trained network and write the files."""
    parser = argparse.ArgumentParser(description="Write the trained encoder as Telex ships it.")
    parser.add_argument("--trained", type=Path, required=True, nargs="+", help="the folders that the trainings wrote")
    parser.add_argument("--out", type=Path, required=True, help="the folder to write to")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    model = e5_weights.load()
    kept = json.loads((arguments.trained[0] / "kept.json").read_text("utf-8"))
    weights = mean([torch.load(folder / "network.pt", weights_only=True) for folder in arguments.trained])
    unquantised = arguments.out / "layers.float.onnx"
    onnx.save(graph(weights, model.heads), unquantised)
    # With 7 bits the sums of AVX2's 8-bit products do not overflow
    # (https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html#when-and-why-do-i-need-to-use-u8u8).
    quantize_dynamic(
        unquantised, arguments.out / "layers.onnx", per_channel=True, reduce_range=True, weight_type=QuantType.QInt8
    )
    unquantised.unlink()
    np.savez(
        arguments.out / "encoder.npz",
        allow_pickle=False,
        **arrays(weights, model.words[kept], [model.pieces[number] for number in kept]),
    )


def mean(trainings: Sequence[Mapping[str, Any]]) -> dict[str, Floats]:
    """The weights of the trainings, each of which counts by its steps."""
    steps = sum(training["step"] for training in trainings)
    return {
        name: sum(training["network"][name] * (training["step"] / steps) for training in trainings).numpy()
        for name in trainings[0]["network"]
    }


def graph(weights: dict[str, Floats], heads: int) -> onnx.ModelProto:
    """The layers as an ONNX graph: `embedded`, pieces x width, becomes `states`, pieces x width.

    There is one text at a time and no padding, so a text's states depend on this text alone: in 8 bits the numbers are
    scaled by the largest one of all texts together.
    """
    return _Graph(weights, heads).model()


class _Graph:
    def __init__(self, weights: dict[str, Floats], heads: int) -> None:
        self._weights, self._heads = weights, heads
        self._nodes: list[Any] = []
        self._constants: list[Any] = []
        self._width = weights["norm.weight"].shape[0]

    def model(self) -> onnx.ModelProto:
        states = self._norm("embedded", "norm")
        layers = 1 + max(int(name.split(".")[1]) for name in self._weights if name.startswith("layers."))
        for number in range(layers):
            states = self._layer(states, f"layers.{number}")
        self._nodes.append(helper.make_node("Identity", [states], ["states"]))
        shape = ["pieces", self._width]
        made = helper.make_model(
            helper.make_graph(
                self._nodes,
                "encoder",
                [helper.make_tensor_value_info("embedded", TensorProto.FLOAT, shape)],
                [helper.make_tensor_value_info("states", TensorProto.FLOAT, shape)],
                self._constants,
            ),
            opset_imports=[helper.make_opsetid("", OPSET)],
        )
        made.ir_version = 9
        onnx.checker.check_model(made)
        return made

    def _layer(self, states: str, name: str) -> str:
        size = self._width // self._heads
        scale = np.float32(size**-0.5)
        query = self._split(self._linear(states, f"{name}.query", scale), [1, 0, 2])
        key = self._split(self._linear(states, f"{name}.key"), [1, 2, 0])
        value = self._split(self._linear(states, f"{name}.value"), [1, 0, 2])
        weights = self._node("Softmax", [self._node("MatMul", [query, key])], axis=-1)
        attended = self._node("Transpose", [self._node("MatMul", [weights, value])], perm=[1, 0, 2])
        attended = self._node("Reshape", [attended, self._constant(np.array([-1, self._width]))])
        attended = self._linear(attended, f"{name}.attention")
        states = self._norm(self._node("Add", [states, attended]), f"{name}.attention_norm")
        inner = self._node("Gelu", [self._linear(states, f"{name}.inner")])
        return self._norm(self._node("Add", [states, self._linear(inner, f"{name}.outer")]), f"{name}.norm")

    def _split(self, states: str, order: list[int]) -> str:
        shape = self._constant(np.array([-1, self._heads, self._width // self._heads]))
        return self._node("Transpose", [self._node("Reshape", [states, shape])], perm=order)

    def _linear(self, states: str, name: str, scale: np.float32 | float = 1.0) -> str:
        matrix = self._constant((self._weights[f"{name}.weight"].T * scale).astype(np.float32))
        bias = self._constant((self._weights[f"{name}.bias"] * scale).astype(np.float32))
        return self._node("Add", [self._node("MatMul", [states, matrix]), bias])

    def _norm(self, states: str, name: str) -> str:
        # LayerNormalization says the same in one operator, and onnxruntime 1.27 takes six times as long for it, a
        # quarter of all its time: it computes one number after the other.
        weight, bias = (self._constant(self._weights[f"{name}.{part}"]) for part in ("weight", "bias"))
        normal = self._node("MeanVarianceNormalization", [states], axes=[-1])
        return self._node("Add", [self._node("Mul", [normal, weight]), bias])

    def _constant(self, value: NDArray[Any]) -> str:
        name = f"c{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def _node(self, kind: str, inputs: list[str], **attributes: Any) -> str:
        name = f"n{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, inputs, [name], **attributes))
        return name


def arrays(
    weights: dict[str, Floats], words: NDArray[np.uint8], pieces: list[tuple[str, float]]
) -> dict[str, NDArray[Any]]:
    """The embeddings of the pieces in 4 bits, the pieces, and the heads."""
    return {
        "words": words,
        # `training.encoder.calibrate` replaces these.
        "names.calibration": np.array([1.0, 0.0], np.float32),
        "towards.calibration": np.array([1.0, 0.0, 0.0, 0.0], np.float32),
        "positions": weights["positions"].astype(np.float16),
        "pieces": np.frombuffer("\n".join(text for text, _ in pieces).encode(), np.uint8),
        "piece_scores": np.array([score for _, score in pieces], np.float32),
        **{
            name: value.astype(np.float32)
            for name, value in weights.items()
            if name.startswith(("names", "sentiment", "towards"))
        },
    }


if __name__ == "__main__":
    main()
