"""The names of which an inflected name may be a form: Helsingissä is Helsinki, Москве is Москва.

The endings, and the letters in their place in the nominative, come from the grammars of the languages. They are written
like the keys of names: in small letters and without accents. The rules make far more forms than there are words; only
the names of places count.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice, product

from agents.entities import affixes
from agents.entities.places.gazetteer import key


def _added(endings: str) -> str:
    """The rules for endings that stand behind the unchanged nominative."""
    return " ".join(f"{ending}>-" for ending in endings.split())


# For each language its endings, and behind the arrow the letters in their place in the nominative ("-" for none).
_ENDINGS = {
    "da": "s>-",
    "de": "s>- es>-",
    "et": _added(affixes.ESTONIAN_ENDINGS),
    "fi": """
        ssa>- sta>- lla>- lta>- lle>- essa>- esta>- ella>- elta>- elle>- ksi>- na>- n>- seen>- aan>a een>e iin>i oon>o
        uun>u yyn>y a>- ta>- lloissa>llat lloista>llat ltoihin>llat ltain>llat ltojen>llat ltoja>llat lloille>llat
    """,
    "hr": """
        u>-,a,o a>-,o e>a i>a om>-,a,i em>- oj>a ama>e,a ima>i,e og>i oga>i,o omu>i,o im>e,i ih>e,i ci>ka zi>ga si>ha
        ca>ac cu>ac cem>ac
    """,
    # Pécsett, Szegednél.
    "hu": _added(f"{affixes.HUNGARIAN_ENDINGS} ott ett nal nel"),
    # Regions have a possessive, behind which the ending has an н: облысында.
    "kk": _added(f"{affixes.KAZAKH_ENDINGS} нда нде"),
    "lv": """
        as>a ai>a u>a,s,is,us,i a>s,is es>e ei>e i>e,s,is,us am>s im>is os>i iem>i,as,es ams>as ems>es es>es is>us
    """,
    "nb": "s>-",
    "nl": "s>-",
    "nn": "s>-",
    "pl": """
        y>a,- i>a,-,ia ie>a,-,o e>a u>-,o,e iu>-,ie,ia a>-,o,e ia>-,ie em>-,o,e iem>-,ie om>y,i ami>y,i,a ach>y,i,e,a ow>y,i
        ej>a iej>a ii>ia ego>y,e iego>i,ie emu>y,e ym>y,e im>i,ie ych>e,y ich>ie,i dzie>da,d cie>ta,t rze>ra,r,ro dze>ga
        ce>ka,ca sze>cha le>l,la,lo,ł,ła,ło li>la,l ka>ek ku>ek kiem>ek czech>cy szech>chy rzech>ry ch>chy miec>mcy
        gier>gry twy>twa twie>twa
    """,
    "ro": "ei>a iei>ia ului>-,ul lui>- ii>ia",
    "ru": """
        е>-,а,о,ь,ое,я у>-,а ю>ь,я,й ы>а и>а,ь,я,й а>-,о я>ь,й ой>а,ая ей>я,ь,яя ом>-,о,ый,ий,ое ем>ь,й,ий,ее ью>ь ии>ия
        ию>ия ией>ия ого>ый,ий,ое,ой его>ий,ее ому>ый,ий,ое ему>ий,ее ую>ая юю>яя ых>ые,ый их>ие,ий ым>ые,ый,ое им>ие,ий
        ов>ы,- ам>ы,а ах>ы,а ами>ы,а ях>и ев>и,ы ского>ский,ское
    """,
    "sk": """
        e>a,-,o i>a,-,e,o u>-,o,a a>-,o y>a ou>a om>-,o,y ach>y,e iach>e och>y ami>y,a am>y eho>e,y emu>e,y ych>e,y ej>a
        im>i ov>y,i dni>den
    """,
    "sv": "s>-",
}  # fmt: skip
_ENDINGS["sr"] = _ENDINGS["hr"]
# The prefixes of Arabic and Hebrew, and the pairs of them that are frequent before places: "and in", "and to".
_PREFIXES = {
    "ar": (*affixes.PREFIXES["ar"], "وب", "ول"),
    "he": (*affixes.PREFIXES["he"], "וב", "ול", "ומ", "שב"),
}
# The fewest letters that remain of a word without its ending, and the most letters of an ending.
_SHORTEST_STEM, _LONGEST_ENDING = 3, 7
# A name of more words has no base forms, and no name has more base forms than this.
_MOST_WORDS, _MOST_FORMS = 5, 64

# A Finnish word has the weak grade before most endings, and a name in -i has -e- there: Helsingissä, Rovaniemelle,
# Turussa.
_STRONG_GRADES = [(re.compile(f"{weak}$"), strong) for weak, strong in [
    ("ng([aeiouy])", r"nk\1"), ("nn([aeiouy])", r"nt\1"), ("mm([aeiouy])", r"mp\1"), ("ll([aeiouy])", r"lt\1"),
    ("rr([aeiouy])", r"rt\1"),
    ("d([aeiouy])", r"t\1"), ("v([aeiouy])", r"p\1"), ("ru", "rku"), ("ia", "ika"), ("joe", "joki"), ("e", "i"),
    ("([^k])k([aeiouy])", r"\1kk\2"), ("([^p])p([aeiouy])", r"\1pp\2"), ("([^t])t([aeiouy])", r"\1tt\2"),
]]  # fmt: skip

_LETTERS = (
    "а a б b в v г g д d ђ đ е e ж ž з z и i ј j к k л l љ lj м m н n њ nj "
    "о o п p р r с s т t ћ ć у u ф f х h ц c ч č џ dž ш š"
)
_CYRILLIC = dict(zip(_LETTERS.split()[::2], _LETTERS.split()[1::2], strict=True))
_LATIN = str.maketrans(_CYRILLIC | {letter.upper(): latin.capitalize() for letter, latin in _CYRILLIC.items()})


def _rules(language: str) -> dict[str, list[str]]:
    rules: dict[str, list[str]] = {}
    for rule in _ENDINGS.get(language, "").split():
        ending, nominatives = rule.split(">")
        rules.setdefault(key(ending), []).extend(key(nominative) for nominative in nominatives.split(","))
    return rules


_RULES = {language: _rules(language) for language in _ENDINGS}


@lru_cache(4096)
def base_forms(name: str, language: str) -> list[str]:
    """The keys of the names of which a name may be an inflected form; the name itself is not among them."""
    own_key = key(name)
    words = key(name.translate(_LATIN) if language == "sr" else name).split()
    if not 0 < len(words) <= _MOST_WORDS:
        return []
    first, *others = words
    first_words = [first, *_without_prefix(first, language), *_base_forms_of_word(first, language)]
    forms = product(first_words, *([word, *_base_forms_of_word(word, language)] for word in others))
    unique = dict.fromkeys(" ".join(form) for form in islice(forms, _MOST_FORMS))
    return [form for form in unique if form != own_key]


def _base_forms_of_word(word: str, language: str) -> Iterator[str]:
    for length in range(1, min(len(word) - _SHORTEST_STEM, _LONGEST_ENDING) + 1):
        for nominative in _RULES.get(language, {}).get(word[-length:], ()):
            form = word[:-length] + nominative
            yield form
            if language == "fi":
                yield from _in_strong_grade(form)


def _without_prefix(word: str, language: str) -> Iterator[str]:
    for prefix in _PREFIXES.get(language, ()):
        if word.startswith(prefix) and len(word) - len(prefix) >= _SHORTEST_STEM:
            yield word[len(prefix) :]
    if language == "ar" and word.startswith("لل"):  # "to" and the article "ال"
        yield f"ال{word[2:]}"


def _in_strong_grade(form: str) -> Iterator[str]:
    for weak, strong in _STRONG_GRADES:
        changed = weak.sub(strong, form)
        if changed != form:
            yield changed
            if changed.endswith("e"):
                yield f"{changed[:-1]}i"
