"""The endings of Estonian cases, which stand behind a name: Tallinnas, Kallase, Pariisist."""

from __future__ import annotations

_CASES = ("", "s", "st", "sse", "l", "lt", "le", "ni", "ga", "ks", "na", "ta", "d", "t")
# All cases but the nominative have the vowel of the genitive, if the name does not end with one.
ENDINGS = tuple(f"{vowel}{case}" for vowel in ("", "a", "e", "i", "u") for case in _CASES if vowel + case)
