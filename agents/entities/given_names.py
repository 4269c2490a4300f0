"""First names: whether a word is one, and whether it is a woman's or a man's.

The gender distinguishes Mrs Macron from Emmanuel Macron; no record says it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from agents.entities.names import Gender, plain

FILE = Path(__file__).parents[1] / "models" / "first_names.tsv"
_IN_THE_NEWS_AS_TEXT = """
    aleksandar alexei andrej armel barack benyamin binyamin bidzina cyriaque donald dominik elon fatih gavin giorgia
    hillary hunter ivanka janja jacinda jair javier jd kamala kaja keir kemi kyriakos kylian marine mitt narendra nayib
    nicola nigel novak olaf pedro pete recep rishi sanna sergei tayyip ulf ursula vladimir volodymyr yulia
"""
# First names of people whom the news names often; the file does not have them.
_IN_THE_NEWS = frozenset(_IN_THE_NEWS_AS_TEXT.split())
# The languages in which the family name comes first.
FAMILY_NAME_FIRST = frozenset({"hu"})


def gender(name: Sequence[str], language: str) -> Gender | None:
    """The gender of the first name in a full name; None if both genders have it, or if it is not known.

    Args:
        name: the words of the name, as `names.words` gives them.
        language: the language of the article (ISO 639-1).
    """
    first_name = name[-1] if language in FAMILY_NAME_FIRST else name[0]
    return _genders().get(first_name) or _genders().get(first_name.partition("-")[0])


def is_first_name(word: str) -> bool:
    """Whether a word is a first name in the nominative. Of a name with a hyphen its first part is enough."""
    return plain(word) in _first_names() or plain(word).partition("-")[0] in _first_names()


@cache
def _first_names() -> frozenset[str]:
    lines = FILE.read_text(encoding="utf-8").splitlines()
    return _IN_THE_NEWS | {plain(line.partition("\t")[0]) for line in lines}


@cache
def _genders() -> dict[str, Gender]:
    """The gender of each first name that only one gender has, by the name as `names.plain` writes it."""
    genders: dict[str, Gender] = {}
    of_both = set()
    for line in FILE.read_text(encoding="utf-8").splitlines():
        name, _, written_gender = line.partition("\t")
        gender: Gender = "female" if written_gender == "female" else "male"
        if genders.setdefault(plain(name), gender) != gender:
            of_both.add(plain(name))
    return {name: gender for name, gender in genders.items() if name not in of_both}
