"""Whether a first name is a woman's or a man's, which tells Mrs Macron from Emmanuel Macron and is said nowhere."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from agents.entities.names import Gender, plain

_FILE = Path(__file__).parents[2] / "models" / "first_names.tsv"
# Where the family name comes first.
_FAMILY_FIRST = frozenset({"hu"})


def gender(name: Sequence[str], language: str) -> Gender | None:
    """Whose the first of these words of a name is; None when both or neither may have it."""
    first = name[-1] if language in _FAMILY_FIRST else name[0]
    return _genders().get(first) or _genders().get(first.partition("-")[0])


@cache
def _genders() -> dict[str, Gender]:
    """The gender of each name, as `names.plain` writes it, that has one."""
    genders: dict[str, Gender] = {}
    both = set()
    for line in _FILE.read_text(encoding="utf-8").splitlines():
        name, _, gender = line.partition("\t")
        own: Gender = "female" if gender == "female" else "male"
        if genders.setdefault(plain(name), own) != own:
            both.add(plain(name))
    return {name: gender for name, gender in genders.items() if name not in both}
