"""Chooses the pieces of the encoder: the common ones of each language, and every letter, out of 250,037."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from agents.encoder.tokenizer import Tokenizer

# The four pieces that stand for no text come first, as in the whole vocabulary.
SPECIAL = 4
# The mark of a space, which begins the first piece of a word.
SPACE = "▁"


def shares(tokenizer: Tokenizer, weighted: Mapping[str, Iterable[tuple[str, float]]]) -> dict[str, dict[int, float]]:
    """The share of each piece in the text of each language.

    Args:
        tokenizer: with the whole vocabulary.
        weighted: for each language, texts or words with their weights.
    """
    found: dict[str, dict[int, float]] = {}
    for language, items in weighted.items():
        texts, weights = zip(*items, strict=True)
        counts: defaultdict[int, float] = defaultdict(float)
        for pieces, weight in zip(tokenizer.read(texts), weights, strict=True):
            for piece in pieces.ids:
                counts[piece] += weight
        total = sum(counts.values())
        found[language] = {piece: count / total for piece, count in counts.items()}
    return found


def choose(pieces: Sequence[tuple[str, float]], shares_of: Sequence[Mapping[int, float]], size: int) -> list[int]:
    """The numbers of the pieces to keep, at most `size` of them, in ascending order.

    Kept are the special pieces, every piece of one character, and for each language its most common pieces until they
    cover the same share of its text.
    """
    kept = {*range(SPECIAL)} | {number for number, (text, _) in enumerate(pieces) if len(text.removeprefix(SPACE)) <= 1}
    low, high = 0.0, 1.0
    for _ in range(20):
        middle = (low + high) / 2
        if len(kept | _common(shares_of, middle)) <= size:
            low = middle
        else:
            high = middle
    return sorted(kept | _common(shares_of, low))


def _common(shares_of: Sequence[Mapping[int, float]], coverage: float) -> set[int]:
    common = set()
    for share in shares_of:
        covered = 0.0
        for piece, part in sorted(share.items(), key=lambda item: (-item[1], item[0])):
            if covered >= coverage:
                break
            common.add(piece)
            covered += part
    return common
