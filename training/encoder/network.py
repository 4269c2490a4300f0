"""The encoder in PyTorch, for the training only, with its three heads."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from agents.encoder.four_bits import unpacked
from training.encoder.e5_weights import E5, Layer

# Of 256 numbers, those that the dropout sets to zero: a tenth.
DROPPED = 26
KINDS = ("PER", "LOC", "ORG", "MISC")
# The tag of each piece: outside of a name, or at the beginning of a name or inside of one, of each kind.
TAGS = ("O", *(f"{place}-{kind}" for kind in KINDS for place in "BI"))
SENTIMENTS = 3


def _given(weights: object, bias: object) -> nn.Linear:
    matrix = torch.as_tensor(weights)
    linear = nn.Linear(matrix.shape[1], matrix.shape[0])
    linear.weight.data, linear.bias.data = matrix, torch.as_tensor(bias)
    return linear


def _norm(weights: object, bias: object, epsilon: float) -> nn.LayerNorm:
    scale = torch.as_tensor(weights)
    norm = nn.LayerNorm(scale.shape[0], epsilon)
    norm.weight.data, norm.bias.data = scale, torch.as_tensor(bias)
    return norm


class _Dropout(nn.Module):
    """Sets a tenth of the numbers to zero while the network trains.

    nn.Dropout draws each number alone, which takes a fifth of a step on a processor. Here eight numbers share a draw.
    """

    def forward(self, states: Tensor) -> Tensor:
        """The states with other numbers set to zero at each call."""
        if not self.training:
            return states
        draws = torch.empty(-(-states.numel() // 8), dtype=torch.int64).random_(-(2**63), None).view(torch.uint8)
        kept = draws[: states.numel()].view(states.shape) >= DROPPED
        return states * kept * (256 / (256 - DROPPED))


class _EncoderLayer(nn.Module):
    """A layer of BERT (https://aclanthology.org/N19-1423/)."""

    def __init__(self, layer: Layer, heads: int, epsilon: float) -> None:
        super().__init__()
        self.heads = heads
        self.query, self.key = _given(layer.query, layer.query_bias), _given(layer.key, layer.key_bias)
        self.value = _given(layer.value, layer.value_bias)
        self.attention = _given(layer.attention, layer.attention_bias)
        self.attention_norm = _norm(layer.attention_norm, layer.attention_norm_bias, epsilon)
        self.inner, self.outer = _given(layer.inner, layer.inner_bias), _given(layer.outer, layer.outer_bias)
        self.norm = _norm(layer.norm, layer.norm_bias, epsilon)
        self.dropout = _Dropout()

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """The states behind the layer.

        Args:
            states: texts x pieces x width.
            mask: texts x 1 x 1 x pieces, true where there is a piece.
        """
        texts, pieces, width = states.shape

        def split(projected: Tensor) -> Tensor:
            return projected.view(texts, pieces, self.heads, width // self.heads).transpose(1, 2)

        # scaled_dot_product_attention takes 36 ms backwards on a processor, and these two lines take 5 ms.
        scores = split(self.query(states)) @ split(self.key(states)).transpose(2, 3) / (width // self.heads) ** 0.5
        attended = torch.softmax(scores.masked_fill(~mask, -torch.inf), -1).to(scores.dtype) @ split(self.value(states))
        attended = self.attention(attended.transpose(1, 2).reshape(texts, pieces, width))
        states = self.attention_norm(states + self.dropout(attended))
        return self.norm(states + self.dropout(self.outer(functional.gelu(self.inner(states)))))


class Network(nn.Module):
    """The first layers of multilingual-e5-small, with heads for names, for sentiment, and for sentiment towards names.

    Args:
        model: the whole model.
        kept: the numbers of the pieces that the network has an embedding for.
        layers: the number of layers.
    """

    def __init__(self, model: E5, kept: Sequence[int], layers: int) -> None:
        super().__init__()
        width = model.positions.shape[1]
        # They stay as they are: those of pieces that the training never sees go on being like those that it sees.
        self.words = nn.Embedding.from_pretrained(torch.from_numpy(unpacked(model.words[list(kept)])))
        self.positions = nn.Parameter(torch.from_numpy(model.positions))
        self.norm = _norm(model.norm, model.norm_bias, model.epsilon)
        self.layers = nn.ModuleList(_EncoderLayer(layer, model.heads, model.epsilon) for layer in model.layers[:layers])
        self.dropout = _Dropout()
        self.names = nn.Linear(width, len(TAGS))
        self.sentiment, self.towards = (
            nn.Sequential(nn.Linear(width, width), nn.Tanh(), _Dropout(), nn.Linear(width, SENTIMENTS))
            for _ in range(2)
        )

    def states(self, ids: Tensor, mask: Tensor) -> Tensor:
        """The state of each piece: texts x pieces x width.

        Args:
            ids: texts x pieces, the numbers of the pieces.
            mask: texts x pieces, true where there is a piece.
        """
        states = self.dropout(self.norm(self.words(ids) + self.positions[: ids.shape[1]]))
        for layer in self.layers:
            states = layer(states, mask[:, None, None, :])
        return self.dropout(states)

    @staticmethod
    def mean(states: Tensor, chosen: Tensor) -> Tensor:
        """The mean of the chosen states of each text: texts x width. `chosen` is texts x pieces, 0 or 1."""
        weights = chosen.to(states.dtype)[:, :, None]
        return (states * weights).sum(1) / weights.sum(1).clamp(min=1)


def loss_of_names(logits: Tensor, tags: Tensor, without_misc: Tensor) -> Tensor:
    """The mean cross entropy of the pieces.

    Where a source labels no other names, a piece outside of a name may as well be in one of these.

    Args:
        logits: texts x pieces x tags.
        tags: texts x pieces, -1 where a piece does not count.
        without_misc: for each text, whether its source labels no other names.
    """
    scores = functional.log_softmax(logits, -1)
    counts = tags >= 0
    right = scores.gather(-1, tags.clamp(min=0)[..., None])[..., 0]
    open_tags = [0, *(number for number, tag in enumerate(TAGS) if tag.endswith("-MISC"))]
    either = torch.logsumexp(scores[..., open_tags], -1)
    right = torch.where(without_misc[:, None] & (tags == 0), either, right)
    return -(right * counts).sum() / counts.sum().clamp(min=1)
