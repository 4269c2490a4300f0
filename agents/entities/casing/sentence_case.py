"""Words in capitals as sentences write them: in agency copy, datelines, speakers and headlines In Title Case.

A model that learnt from sentences finds little in such lines. So each word gets its most common form: the form that the
rest of the article has, else the form that is most common elsewhere (`word_case`). A headline in title case gets it
only where a spaCy model reads it: the encoder finds the names in such headlines. The length of the text does not
change.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from agents.entities.casing.case_spans import WORD, CaseKind, CaseSpan, case_spans
from agents.entities.casing.word_case import WordCase, word_case_of
from agents.entities.given_names import is_first_name
from agents.entities.sentence_beginnings import begins_sentence

# In the names of towns words of at most this many letters may be small: Cape Town, Rio de Janeiro.
LONGEST_PARTICLE = 3
# A first name is searched this many code points back, with the space behind it.
LONGEST_FIRST_NAME = 20

_NAME_BEFORE = re.compile(r"(?<![^\W_])([^\W\d_]+) $")
_ROMAN_NUMBER = re.compile(r"(?=[IVX]{2,})X{0,3}(?:IX|IV|V?I{0,3})")
# These are more common as pronouns and articles, of this language or of others, but not in news that is written in
# capitals.
_ACRONYMS_LIKE_WORDS = {
    "da": frozenset({"EU", "FN"}),
    "de": frozenset({"EU", "UN", "UNO"}),
    "en": frozenset({"US", "UN", "EU", "UK"}),
    "es": frozenset({"UE", "ONU"}),
    "fi": frozenset({"EU", "YK"}),
    "fr": frozenset({"UE", "ONU"}),
    "it": frozenset({"UE", "ONU"}),
    "nb": frozenset({"EU", "FN"}),
    "nl": frozenset({"EU", "VN"}),
    "nn": frozenset({"EU", "FN"}),
    "pl": frozenset({"UE", "ONZ"}),
    "pt": frozenset({"UE", "ONU"}),
    "ro": frozenset({"UE", "ONU"}),
    "sv": frozenset({"EU", "FN"}),
}
# The ends of words behind an apostrophe, and the elided words before one.
_ENDS_BEHIND_APOSTROPHE = frozenset({"s", "t", "d", "m", "ll", "re", "ve"})
_ELIDED_WORDS = frozenset({"l", "d", "j", "n", "s", "c", "m", "t", "qu"})


def in_sentence_case(texts: Mapping[str, str], language: str) -> dict[str, str]:
    """The texts of an article with lines in capitals, datelines, speakers and headlines as sentences write them.

    Args:
        texts: by the name of the field.
        language: the language of the article (ISO 639-1); it must have an entity model.

    Returns:
        Texts of the same lengths, equal to the given ones if there is nothing to change.
    """
    word_case = word_case_of(language)
    if word_case is None:
        return dict(texts)
    spans = {field: case_spans(text) for field, text in texts.items()}
    if not any(spans.values()):
        return dict(texts)
    article_forms = _forms_outside(texts, spans)
    return {
        field: _with_usual_forms(text, spans[field], word_case, article_forms, language)
        for field, text in texts.items()
    }


def _forms_outside(texts: Mapping[str, str], spans: Mapping[str, Sequence[CaseSpan]]) -> dict[str, str]:
    """How the article writes words outside of these spans, by the word in small letters.

    A word that the article writes in two ways is left out.
    """
    forms: dict[str, set[str]] = {}
    for field, text in texts.items():
        outside_start = 0
        for start, end in [*((span.start, span.end) for span in spans[field]), (len(text), len(text))]:
            for word in WORD.finditer(text, outside_start, start):
                if len(word[0]) > 1:
                    forms.setdefault(word[0].lower(), set()).add(word[0])
            outside_start = end
    return {small: next(iter(written)) for small, written in forms.items() if len(written) == 1}


def _with_usual_forms(
    text: str, spans: Sequence[CaseSpan], word_case: WordCase, article_forms: Mapping[str, str], language: str
) -> str:
    parts, copied_to = [], 0
    for span in spans:
        for word in WORD.finditer(text, span.start, span.end):
            if span.kind == CaseKind.TITLE_CASE:
                stays = word.start() == span.start or _is_behind_first_name(text, word.start())
                form = word[0] if stays else _without_title_case(word[0], word_case)
            else:
                form = _without_capitals(word, span.kind, word_case, article_forms, language)
                if form.islower() and begins_sentence(text, word.start()):
                    form = form[0].upper() + form[1:]
            between = text[copied_to : word.start()]
            # The models take the second of two towns for a part of the first.
            parts.append(between.replace("/", ",") if span.kind == CaseKind.TOWNS else between)
            parts.append(form if len(form) == len(word[0]) else word[0])
            copied_to = word.end()
    return "".join([*parts, text[copied_to:]])


def _is_behind_first_name(text: str, start: int) -> bool:
    """Whether a word stands behind a first name: "Love" in "Anna Love"."""
    before = _NAME_BEFORE.search(text, max(0, start - LONGEST_FIRST_NAME), start)
    return before is not None and is_first_name(before[1])


def _without_capitals(
    word: re.Match[str], kind: CaseKind, word_case: WordCase, article_forms: Mapping[str, str], language: str
) -> str:
    """A word of a line in capitals, or of a dateline, as a sentence has it."""
    form, small = word[0], word[0].lower()
    before, behind = word.string[word.start() - 1 : word.start()], word.string[word.end() : word.end() + 1]
    if not form.isupper() or form in _ACRONYMS_LIKE_WORDS.get(language, ()) or _ROMAN_NUMBER.fullmatch(form):
        return form
    is_end = before == "'" and small in _ENDS_BEHIND_APOSTROPHE and language == "en"
    is_elided = behind == "'" and small in _ELIDED_WORDS and language != "en"
    if is_end or is_elided:
        return small
    if len(form) == 1 and behind == "'":  # O'Neill
        return form
    usual = article_forms.get(small) or word_case.usual(form)
    if kind == CaseKind.TOWNS and usual == small and len(small) > LONGEST_PARTICLE:
        return form[0] + small[1:]
    return usual


def _without_title_case(word: str, word_case: WordCase) -> str:
    """A word of a headline in title case as a sentence has it."""
    has_one_capital = word[0].isupper() and (word[1:].islower() or len(word) == 1)
    return word.lower() if has_one_capital and word_case.is_usually_small(word) else word
