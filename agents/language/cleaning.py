"""Reduces a text to its words: without addresses, mark-up, code, numbers and symbols.

`agents.normalization` removes mark-up for all stages and keeps offsets. This module goes further and keeps no offsets:
only words show a language.
"""

from __future__ import annotations

import functools
import html
import re
import unicodedata
from dataclasses import dataclass
from typing import NamedTuple

from agents.language.scripts import script_of_letter

# How much of a text is read, in code points. The detector reads 1,000 bytes. A text that opens with mark-up or code has
# few words in the short window and is read up to the long one; nothing beyond it is read, however long the text is.
WINDOW, LONG_WINDOW = 1_000, 20_000
# With fewer letters than this in the short window, the long window is read.
ENOUGH_LETTERS = 200
# Words that are cached with their script.
_CACHED_TOKENS = 10_000
# No word is longer: German compounds in the news stay below 40 letters, and a script without spaces has whole clauses
# between spaces.
LONGEST_WORD = 40

_MARKUP = re.compile(
    r"<!--.*?(?:-->|\Z)"
    r"|<(script|style|code|pre)\b.*?(?:</\1\s*>|\Z)"
    r"|</?[a-zA-Z!?][^<>]{0,400}(?:>|\Z)"
    r"|```.*?(?:```|\Z)"
    r"|\]\([^()\s]{0,400}\)"
    r"|\[\^?[0-9]{1,3}\]"
    r"|(?:https?|ftp|mailto|file|data|javascript):[!-~]+"
    r"|www\.[!-~]+"
    r"|(?<![!-~])[!-~]{1,80}@[!-~]+",
    re.DOTALL | re.IGNORECASE,
)
_MARKUP_HINTS = ("<", "`", "](", ":/", "www.", "mailto:", "data:", "[", "@")
_LATIN = "A-Za-zªºÀ-ÖØ-öø-ʯ\u0300-\u036fḀ-ỿ"
# A word in Latin letters may have apostrophes, hyphens and the full stops of an abbreviation inside. Anything else
# between two spaces that has Latin letters is not a word: an address, camelCase, a word with a digit or a sign of code.
_LATIN_WORD = re.compile(f"[{_LATIN}]+(?:['’ʼ`][{_LATIN}]+|[-‐‑–—/,;:…][{_LATIN}]+|\\.[A-Z](?![{_LATIN}]))*$")
_LATIN_PARTS = re.compile(f"[{_LATIN}]+(?:['’ʼ`][{_LATIN}]+)*")
_LATIN_LETTER = re.compile(f"[{_LATIN}]")
# A run of another script: from a letter to the next space, digit or punctuation. The run includes the marks that belong
# to letters (Python does not count Indic vowel signs as letters, but they split no word here).
_OTHER_SCRIPT_PARTS = re.compile(
    rf"[^\W\d_{_LATIN}][^\s\d_{_LATIN}!-&(-/:-@\[-`{{-¿‐-‘“-⁯、-〄〈-〠！-／：-＠｟-､।॥،؛؟]*"
)
_EDGES = "".join(chr(c) for c in range(0x21, 0x7F) if not chr(c).isalnum()) + "«»„“”‘’‚…–—·•¡¿‹›"
# Signs that are frequent in code, settings and tables and rare in sentences. The same holds for words with brackets,
# dots or colons inside, and for a lowercase word that opens a line. 99 % of the sentences in 53 languages have less
# than one of them for 18 words.
_CODE_SIGNS = (
    "{", "}", "=", "\\", "|", "^", "<", ">", "~", "()", "&&", "::", " --", ";\n", ":\n", "\n#", "\n@", "\n//",
)  # fmt: skip
_CODE_WORD = re.compile(
    r"[^\W\d][(\[.:]+[\"'(\[)]|[^\W\d][\[.:]+[^\W\d]|[a-z]\([a-z]|\w_\w|\$[A-Za-z{(]|-{2}[a-z]|[a-z]:/"
)
_COMMAND = re.compile("^[a-z]+:? ", re.MULTILINE)
_ITEM_BREAK = re.compile(r"[\n;•·|،、，；–—]|,(?!\w)")
_CAMEL = re.compile("[a-zß-öø-ÿ][A-Z]|[A-Z]{2}[a-z]{2}")

# Weight of a letter, in Latin letters: a word of five Latin letters has two Han characters or two to three Hangul
# syllables. Letters of other scripts count half as much again: texts in these scripts are full of Latin names and page
# headings, and the reverse is rare.
_WEIGHTS = {"Latin": 1.0, "Han": 2.5, "Hangul": 2.0}
_OTHER_WEIGHT = 1.5

# A word and its script.
Word = tuple[str, str]


class ScriptWords(NamedTuple):
    """The words of a text in one script, in their order, and their weighted letters."""

    words: list[str]
    weighted_letters: float


@dataclass(frozen=True)
class CleanedText:
    """The words of a text, in the script of most of them.

    Attributes:
        words: in their order and with their capitals.
        script: of the words: "Latin", "Cyrillic", …; "" without words.
        weighted_letters: the amount of text in `words`, in Latin letters: a Han character counts 2.5.
        code_signs: the number of signs of code, settings and tables in the text.
        item_count: the number of parts that commas, line ends and the like split the words into.
        other_scripts: the words in other scripts.
    """

    words: list[str]
    script: str
    weighted_letters: float
    code_signs: int
    item_count: int
    other_scripts: dict[str, ScriptWords]

    def words_by_script(self) -> dict[str, ScriptWords]:
        """The words of all scripts, the script of most words first."""
        return {self.script: ScriptWords(self.words, self.weighted_letters), **self.other_scripts}


def clean(text: str) -> CleanedText:
    """The words of a text: all of a short text, some from all over a long one. The time has a bound for any text."""
    if len(text) <= WINDOW:
        return _clean(text)
    cleaned = _clean(_excerpt(text[:LONG_WINDOW]))
    return cleaned if cleaned.weighted_letters >= ENOUGH_LETTERS else clean_all(text)


def clean_all(text: str) -> CleanedText:
    """All words of a text up to `LONG_WINDOW`."""
    return _clean(text[:LONG_WINDOW])


def _excerpt(text: str) -> str:
    """Four parts of a text, without partial words: at its beginning, one third, two thirds and its end.

    Together they are as long as `WINDOW`.
    """
    quarter, third = WINDOW // 4, len(text) // 3
    opening, *inside, ending = (text[start : start + quarter] for start in (0, third, 2 * third, len(text) - quarter))
    return "\n".join(
        (
            _without_last_word(opening),
            *(_without_first_word(_without_last_word(part)) for part in inside),
            _without_first_word(ending),
        )
    )


def _without_last_word(part: str) -> str:
    return (part.rsplit(None, 1) or [""])[0]


def _without_first_word(part: str) -> str:
    return (part.split(None, 1) or [""])[-1]


def _clean(text: str) -> CleanedText:
    if "&" in text:
        text = html.unescape(text)
    if any(hint in text for hint in _MARKUP_HINTS):
        text = _MARKUP.sub(" ", text)
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    items: list[list[Word]] = []
    code_signs = sum(map(text.count, _CODE_SIGNS)) + len(_COMMAND.findall(text)) + text.endswith((";", ":"))
    for item in _ITEM_BREAK.split(text):
        words: list[Word] = []
        items.append(words)
        for token in item.split():
            # Long tokens are not cached: they could have any length.
            token_words, is_code = _cached_words(token) if len(token) <= LONGEST_WORD else _token_words(token)
            words += token_words
            code_signs += is_code
    return _in_main_script(items, code_signs)


def _token_words(token: str) -> tuple[tuple[Word, ...], bool]:
    """The words between two spaces, and whether they are a sign of code instead."""
    if token.isascii() and token.isalpha() and (token[1:].islower() or token.isupper()) and len(token) <= LONGEST_WORD:
        return ((token, "Latin"),), False
    words = _split_words(token.strip(_EDGES))
    is_code = not words and bool(_CODE_WORD.search(token))
    return tuple((word, script_of_letter(word[0])) for word in words), is_code


# Most words of an article stood in an article before.
_cached_words = functools.lru_cache(_CACHED_TOKENS)(_token_words)


def _split_words(token: str) -> list[str]:
    if not (token.isascii() or _LATIN_LETTER.search(token)):
        return [token] if token.isalpha() else _OTHER_SCRIPT_PARTS.findall(token)
    if not _LATIN_WORD.match(token):
        return _OTHER_SCRIPT_PARTS.findall(token)
    return [] if len(token) > LONGEST_WORD or _CAMEL.search(token) else _LATIN_PARTS.findall(token)


def _in_main_script(items: list[list[Word]], code_signs: int) -> CleanedText:
    words_by_script: dict[str, list[str]] = {}
    item_counts: dict[str, int] = {}
    for item in items:
        # A dict keeps the order of the scripts. The order of a set differs from process to process.
        item_words: dict[str, list[str]] = {}
        for word, script in item:
            item_words.setdefault(script, []).append(word)
        for script, words_of_item in item_words.items():
            words_by_script.setdefault(script, []).extend(words_of_item)
            item_counts[script] = item_counts.get(script, 0) + 1
    words_by_script.pop("", None)
    scripts = {
        script: ScriptWords(words, _WEIGHTS.get(script, _OTHER_WEIGHT) * sum(map(len, words)))
        for script, words in words_by_script.items()
    }
    if not scripts:
        return CleanedText([], "", 0.0, code_signs, 0, {})
    main = max(scripts, key=lambda script: scripts[script].weighted_letters)
    words, weighted_letters = scripts.pop(main)
    return CleanedText(words, main, weighted_letters, code_signs, item_counts[main], other_scripts=scripts)
