"""Which words of an article's names are forms of one word: Лаврова and Лавров, Stubbia and Stubb, Sveriges and Sverige.

They are when they differ by two endings of one paradigm. Where a case only adds to the word, as in Finnish and
Hungarian and with the genitive's s, the bare word must be there too: "Maria" and "Marin" end in the Finnish cases -a
and -n, and are two names.
"""

from __future__ import annotations

from collections.abc import Collection

from agents.entities import names

# A word is not cut to fewer letters than this.
SHORTEST_STEM = 3

_SOUTH_SLAVIC = """
    _ a u om em e / o a u om e em / ac ca cu cem ce / a e i u om oj o / i og oga om ome em im /
    _ ev eva evo eve evu evi evoj evog ov ova ovo ove ovu ovi ovoj ovog
"""
# The endings of names in the singular, by paradigm; "_" is none.
_PARADIGMS = {
    "hr": _SOUTH_SLAVIC,
    "ro": "_ ul ului lui / ul ului / a ei e / ea ii",
    "ru": """
        _ а у ом ем ым е / ь я ю ем е и / й я ю ем е и / о а у ом е / е я ю ем и / ец ца цу цом це / а ы и е у ой / я и
        е ю ей / ь и ью / ий ый ой ого его ому ему им ым ом ем / ая яя ой ей ую юю / ы и ов ей ам ям ами ями ах ях
    """,
    "sk": """
        _ a ovi u om e / o a ovi u om e ov ova ovo ove ovej / ec ca covi com / a y e i u ou ovi om / a ej u ou / y i eho
        emu om ym im / _ ov ova ovo ove ovej ovho ovu
    """,
    "sr": _SOUTH_SLAVIC,
}
# What is added to the bare word. Hungarian -val doubles the last letter of the word: Novákkal.
_GENITIVE = "s"
_ADDED = {
    "da": _GENITIVE,
    "de": _GENITIVE,
    "fi": "n in a ia ta ssa issa sta ista lla illa lta ilta lle ille ksi iksi na ina tta on iin an en hun seen",
    "hu": "t at et ot ban ben ba be bol rol tol hoz hez nak nek on en n ra re ig ert ek val vel "
    + " ".join(f"{letter}al {letter}el" for letter in "bcdfgjklmnprstvz"),
    "nb": _GENITIVE,
    "nn": _GENITIVE,
    "sv": _GENITIVE,
}
# How Slavic names that end so are written in other languages: Zelensky, Zelenskyy, Zelenskyi.
_ANY = "y yy yi yj i iy ii ij"

# An ending, and the numbers of the paradigms that have it.
Endings = dict[str, list[int]]


def _endings(language: str) -> Endings:
    found: Endings = {}
    for number, paradigm in enumerate((_ANY, *_PARADIGMS.get(language, "").split("/"))):
        for ending in paradigm.split():
            found.setdefault("" if ending == "_" else names.plain(ending), []).append(number)
    return found


_ENDINGS = {language: _endings(language) for language in ("", *_PARADIGMS)}
_ADDED_TO_THE_WORD = {language: frozenset(endings.split()) for language, endings in _ADDED.items()}
_LONGEST = max(len(ending) for endings in (*_ENDINGS.values(), *_ADDED_TO_THE_WORD.values()) for ending in endings)


def inflects(language: str) -> bool:
    """Whether names have endings in this language."""
    return language in _PARADIGMS or language in _ADDED


def bases(words: Collection[str], language: str) -> dict[str, str]:
    """To each of these words the one that stands for all its forms among them.

    Args:
        words: as `names.key` gives them.
    """
    paradigms, added = _ENDINGS.get(language, _ENDINGS[""]), _ADDED_TO_THE_WORD.get(language, frozenset())
    base = {word: word for word in words}
    first: dict[tuple[int, str], str] = {}
    for word in sorted(base):
        for cut in range(min(_LONGEST, len(word) - SHORTEST_STEM) + 1):
            stem, ending = word[: len(word) - cut], word[len(word) - cut :]
            same = [first.setdefault((number, stem), word) for number in paradigms.get(ending, ())]
            for other in [*same, stem] if ending in added and stem in base else same:
                base[_root(word, base)] = _root(other, base)
    return {word: _root(word, base) for word in base}


def _root(word: str, base: dict[str, str]) -> str:
    while base[word] != word:
        base[word] = base[base[word]]
        word = base[word]
    return word
