"""The alphabets of languages that share a script, and the letters in a text that are foreign to its language."""

from __future__ import annotations

from collections import Counter

_CYRILLIC = "абвгдежзиклмнопрстуфхцчш"
# The letters of a language. The detector takes other languages of the same script for it: Kazakh, Mongolian, Kyrgyz,
# Tatar and Tajik come out as Russian, Macedonian as Serbian.
_ALPHABETS = {
    "kk": frozenset(_CYRILLIC + "ёйщъыьэюяәғқңөұүһі"),
    "mn": frozenset(_CYRILLIC + "ёйщъыьэюяөү"),
    "mk": frozenset(_CYRILLIC + "ѓѕјљњќџѐѝ"),
    "be": frozenset(_CYRILLIC + "ёійўыьэюя"),
    "bg": frozenset(_CYRILLIC + "йщъьюя"),
    "ru": frozenset(_CYRILLIC + "ёйщъыьэюя"),
    "sr": frozenset(_CYRILLIC + "ђјљњћџ"),
    "uk": frozenset(_CYRILLIC + "єґіїйщьюя"),
}
# Serbian is written in Cyrillic and in Latin letters. Letters up to this one are foreign to no language.
_LAST_LATIN = "\u024f"
# Letters of close languages that the detector does not know: Pashto, Sindhi and Uyghur; Assamese.
_FOREIGN_LETTERS = {
    **dict.fromkeys(("ar", "fa", "ur"), frozenset("ټډځڅښږڼېۍٻڀٿڄڃڇڊڌڍڦڳڱڻۆۈۋۇ")),
    "bn": frozenset("ৰৱ"),
}


def foreign_letter_share(code: str, text: str) -> float:
    """The share of letters in a text that are foreign to a language, 0 to 1; 0 for a language without an alphabet here.

    Args:
        code: the language, ISO 639-1.
        text: in lower case.
    """
    if code not in _ALPHABETS and code not in _FOREIGN_LETTERS:
        return 0.0
    counts = {letter: count for letter, count in Counter(text).items() if letter > _LAST_LATIN and letter.isalpha()}
    alphabet = _ALPHABETS.get(code)
    foreign = counts.keys() - alphabet if alphabet else counts.keys() & _FOREIGN_LETTERS[code]
    return sum(counts[letter] for letter in foreign) / max(sum(counts.values()), 1)
