"""Whether a first name is a woman's or a man's, which tells Mrs Macron from Emmanuel Macron and is said nowhere."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from agents.entities.names import Gender, plain

_FILE = Path(__file__).parents[1] / "models" / "first_names.tsv"
# First names that the lists do not have, of people whom the news names often.
_OF_THE_NEWS = frozenset(
    [
        "aleksandar",
        "alexei",
        "andrej",
        "armel",
        "barack",
        "benyamin",
        "binyamin",
        "bidzina",
        "cyriaque",
        "donald",
        "dominik",
        "elon",
        "fatih",
        "gavin",
        "giorgia",
        "hillary",
        "hunter",
        "ivanka",
        "janja",
        "jacinda",
        "jair",
        "javier",
        "jd",
        "kamala",
        "kaja",
        "keir",
        "kemi",
        "kyriakos",
        "kylian",
        "marine",
        "mitt",
        "narendra",
        "nayib",
        "nicola",
        "nigel",
        "novak",
        "olaf",
        "pedro",
        "pete",
        "recep",
        "rishi",
        "sanna",
        "sergei",
        "tayyip",
        "ulf",
        "ursula",
        "vladimir",
        "volodymyr",
        "yulia",
    ]
)
# Where the family name comes first.
_FAMILY_FIRST = frozenset({"hu"})


def gender(name: Sequence[str], language: str) -> Gender | None:
    """Whose the first of these words of a name is; None when both or neither may have it."""
    first = name[-1] if language in _FAMILY_FIRST else name[0]
    return _genders().get(first) or _genders().get(first.partition("-")[0])


def is_first_name(word: str) -> bool:
    """Whether a word is a first name, as it is written in the nominative."""
    return plain(word) in _all() or plain(word).partition("-")[0] in _all()


@cache
def _all() -> frozenset[str]:
    return _OF_THE_NEWS | {plain(line.partition("\t")[0]) for line in _FILE.read_text(encoding="utf-8").splitlines()}


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
