"""Normalizes a text before its analysis: removes mark-up, replaces unusual characters, maps offsets to the original.

All stages normalize in the same way, so an article gets the same analysis with and without mark-up.
docs/decisions/0010-one-reading-of-the-text.md lists what is removed and why.
"""

from agents.normalization.normalized_text import NormalizedText, normalize

__all__ = ["NormalizedText", "normalize"]
