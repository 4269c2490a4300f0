"""The text that every stage analyses: without mark-up, in usual characters, with offsets into the original text.

All stages normalize in the same way, so mark-up changes no result. docs/decisions/0010-one-reading-of-the-text.md lists
what is removed and why.
"""

from agents.normalization.normalized_text import NormalizedText, normalize

__all__ = ["NormalizedText", "normalize"]
