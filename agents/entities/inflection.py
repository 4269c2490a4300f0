"""The words of an article's names that are forms of one word: Лаврова and Лавров, Stubbia and Stubb.

Two words are forms of one word if they differ by two endings of one paradigm. In Finnish and Hungarian, and with the
genitive's s, a case only adds to the word; Arabic and Hebrew write short words before it. There the article must also
have the word alone: "Maria" and "Marin" end like the Finnish cases -a and -n, and are two names.
"""

from __future__ import annotations

from collections.abc import Collection

from agents.entities import affixes, names

# The fewest letters that remain of a word without its ending.
SHORTEST_STEM = 3

_SOUTH_SLAVIC = """
    _ a u om em e / o a u om e em / ac ca cu cem ce / a e i u om oj o / i og oga om ome em im /
    _ ev eva evo eve evu evi evoj evog ov ova ovo ove ovu ovi ovoj ovog
"""
# The endings of names in the singular; "/" stands between paradigms, "_" for no ending.
_PARADIGMS = {
    "hr": _SOUTH_SLAVIC,
    "lv": "s a am u / is a im i / us u um / a as ai u / e es ei i",
    "pl": """
        _ a owi em e ie u iem / o a owi em ie / i iego iemu im / y ego emu ym / ek ka kowi kiem ku / iec ca cowi cem cu /
        a y e o ie zie / a i e o / ta ty cie te to / ra ry rze re ro / ka ki ce ke ko / ga gi dze ge go /
        la li le lo / ska skiej / cka ckiej / a ej
    """,
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
_GENITIVE = "s"
# The endings that a language adds to the unchanged word. Hungarian -val doubles the last letter of the word, Novákkal,
# and behind a surname -ék is the family.
_ADDED_ENDINGS = {
    "da": _GENITIVE,
    "de": _GENITIVE,
    "et": affixes.ESTONIAN_ENDINGS,
    "fi": "n in a ia ta ssa issa sta ista lla illa lta ilta lle ille ksi iksi na ina tta on iin an en hun seen",
    "hu": f"{affixes.HUNGARIAN_ENDINGS} ek " + " ".join(f"{letter}al {letter}el" for letter in "bcdfgjklmnprstvz"),
    "kk": affixes.KAZAKH_ENDINGS,
    "nb": _GENITIVE,
    "nn": _GENITIVE,
    "sv": _GENITIVE,
}
# The spellings of one Slavic ending in other languages: Zelensky, Zelenskyy, Zelenskyi.
_SPELLINGS_OF_Y = "y yy yi yj i iy ii ij"

# For each ending the numbers of the paradigms that have it.
Endings = dict[str, list[int]]


def _paradigm_endings(language: str) -> Endings:
    endings: Endings = {}
    for number, paradigm in enumerate((_SPELLINGS_OF_Y, *_PARADIGMS.get(language, "").split("/"))):
        for ending in paradigm.split():
            endings.setdefault("" if ending == "_" else names.plain(ending), []).append(number)
    return endings


_PARADIGM_ENDINGS = {language: _paradigm_endings(language) for language in ("", *_PARADIGMS)}
_ADDED_TO_WORD = {language: frozenset(endings.split()) for language, endings in _ADDED_ENDINGS.items()}
_LONGEST_ENDING = max(
    len(ending) for endings in (*_PARADIGM_ENDINGS.values(), *_ADDED_TO_WORD.values()) for ending in endings
)


def inflects(language: str) -> bool:
    """Whether names have endings in this language."""
    return language in _PARADIGMS or language in _ADDED_ENDINGS or language in affixes.PREFIXES


def base_words(words: Collection[str], language: str) -> dict[str, str]:
    """For each word the one word that stands for all its forms among these words.

    Args:
        words: the words of names, as `names.key` gives them.
        language: the language of the article (ISO 639-1).
    """
    paradigms = _PARADIGM_ENDINGS.get(language, _PARADIGM_ENDINGS[""])
    added_endings, prefixes = _ADDED_TO_WORD.get(language, frozenset()), affixes.PREFIXES.get(language, "")
    # A forest: each word points to another form of itself, and a root stands for all forms.
    parents = {word: word for word in words}
    first_with_stem: dict[tuple[int, str], str] = {}
    for word in sorted(parents):
        for cut in range(min(_LONGEST_ENDING, len(word) - SHORTEST_STEM) + 1):
            stem, ending = word[: len(word) - cut], word[len(word) - cut :]
            forms = [first_with_stem.setdefault((number, stem), word) for number in paradigms.get(ending, ())]
            if ending in added_endings and stem in parents:
                forms.append(stem)
            if not cut and word[0] in prefixes and word[1:] in parents and len(word) > SHORTEST_STEM:
                forms.append(word[1:])
            for form in forms:
                parents[_root(word, parents)] = _root(form, parents)
    return {word: _root(word, parents) for word in parents}


def _root(word: str, parents: dict[str, str]) -> str:
    while parents[word] != word:
        parents[word] = parents[parents[word]]
        word = parents[word]
    return word
