"""The language stage: which language an article is written in, as eldc and n-grams of our own tell it, or that this cannot be told."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from itertools import groupby

import eldc

from agents.language import ngrams, prose, quotations
from agents.language.confidence import features, probability
from agents.language.mixture import shares
from agents.language.prose import ENOUGH, Prose
from agents.language.relatives import (
    FAMILIES,
    RELATIVES,
    foreign,
    hiragana,
    tell_apart,
    without_the_other,
    written_in_both,
)
from agents.language.scripts import script_of
from agents.normalization import mojibake, normalize
from streams.records import Article, Language, Mixed, NotAnalysed

MODEL = f"eldc/{version('eldc')}"

# Fewer letters than this (four Han characters) name a language by chance: an abbreviation, a name, a cry.
FEWEST_LETTERS = 10
# An answer less likely to be right than this is no answer. Measured on sentences cut to 80 characters, in 53 languages that eldc
# knows and 18 that it does not: at 0.5, 97.0 % right, 0.8 % wrong, and 1.3 % of the 18 named; at 0.6, 96.8, 0.6 and 0.8 %; at 0.8,
# 96.0, 0.5 and 0.4 %. (Half of the misses are Yoruba and Catalan: broken letters in the one file, Spanish lines in the other.)
LEAST_CONFIDENCE = 0.5
# The same for a second look at the small words alone: at 0.5 it would name a language twice as often for those unknown to eldc.
LEAST_CONFIDENCE_OF_SMALL = 0.9
# An answer of the detector that is less likely to be right than this is weighed against our own n-grams, which know more languages.
SURE = 0.9
# Theirs has to be as likely as this.
LEAST_CONFIDENCE_OF_NGRAMS = 0.5
# A text of one language fits it at least so well (a natural logarithm, as the features of the confidence have it); of those of which four
# tenths are in another language 5 % do. One that fits worse is looked at in parts, if it has so many letters.
CLEAR, FEWEST_LETTERS_MIXED = -0.12, 200
# So is one that has a letter in another script for so many in its own; and a second language has more than this share.
FEWEST_OTHERS, SECOND = 4, 0.25
# Of a long text all is read only where what was looked at has more than this in another language.
TRACE = 0.1
# A sign of code for so many letters or fewer, and a text is code. (The words of a language have five letters on average.)
LETTERS_A_SIGN = 20
# A list of names: nearly every word has a capital, and after so many words or fewer comes a comma or a new line. In a text all in
# capitals a capital means nothing, and only fewer words make a list.
CAPITALS, WORDS_AN_ITEM, WORDS_AN_ITEM_IN_CAPITALS = 0.8, 2.8, 1.8
WITH_CAPITALS = {"Latin", "Greek", "Cyrillic", "Armenian", "Georgian"}
# In a script without capitals, at least so many items of so few letters; Chinese names have three or four characters.
FEWEST_ITEMS, LETTERS_AN_ITEM, LETTERS_AN_ITEM_IN_HAN = 3, 14, 10
# Particles and endings are written in hiragana, names in other letters or in nothing else: between these parts of it, it is a sentence.
SOME_HIRAGANA, MOST_HIRAGANA = 0.2, 0.8
# Words in small letters among all from which on they are asked alone: a list of names has a "de" or an "and" here and there.
FEWEST_SMALL = 0.3
# So many of them in a row are a clause, whatever names stand before it: "…, Thomas Piketty and Joseph Stiglitz took part in the debate".
CLAUSE = 3
# A row of a table has so many words and numbers at most; a word in small letters with so many letters is no particle of a name.
WORDS_A_ROW, LETTERS_OF_NO_PARTICLE = 10, 4
# Letters that a quotation and the text around it have at least where one is told from the other.
FEWEST_LETTERS_QUOTED = 40
# A text in characters that Chinese and Japanese share is not surely in either.
UNDECIDED = 0.6
# More of the letters foreign to the language than this, and the text is in a relative of it. Of the 1,000 sentences in the five
# Cyrillic languages none has 2 %; Kazakh has 13 % and Mongolian 5 % in the median.
MOST_FOREIGN = 0.02

eldc.init()
_detector = eldc.instance()
_detector.set_scheme("iso639-1")
_detector.set_scores(2)


@dataclass(frozen=True)
class Answer:
    """A language (ISO 639-1), the probability that it is right, the model that says so, and whether the text is like others in it."""

    code: str
    confidence: float
    model: str
    clear: bool


def load(languages: Collection[str] = ()) -> None:
    """Load our own model; the detector's is there when it is imported. Raises TelexError when its file cannot be read."""
    ngrams.load()


def models() -> dict[str, str]:
    """The languages that can be identified (ISO 639-1), each with the model that tells most of its articles."""
    told_apart = {relative.code for those in RELATIVES.values() for relative in those}
    own = dict.fromkeys(ngrams.languages() | told_apart, ngrams.MODEL)
    return dict(sorted((own | dict.fromkeys(set(eldc.LANGUAGES) - {"no"}, MODEL)).items()))


def analyse(articles: Sequence[Article]) -> list[Language | NotAnalysed]:
    """The language of each article: of words from all over its text, with the title where that is short."""
    return [_analyse(article) for article in articles]


def _analyse(article: Article) -> Language | NotAnalysed:
    text = normalize(article.text[: prose.LONG_WINDOW]).text
    if mojibake.is_unreadable(text):
        return NotAnalysed(reason="language_unknown", model=MODEL, declared=article.declared)
    found = prose.prose(text)
    if found.letters < ENOUGH and article.title:
        found = prose.prose(f"{text}\n{normalize(article.title[: prose.LONG_WINDOW]).text}")
    behind = _behind_names(text) if found.letters < ENOUGH else None
    found, answer = behind or (found, identify(found))
    if answer is None or (answer.confidence < SURE and found.letters < ENOUGH):
        found, answer = _of_heading(text, found, answer)
    if answer is None:
        return NotAnalysed(reason="language_unknown", model=MODEL, declared=article.declared)
    mixed = None
    if len(text) <= prose.WINDOW and (quoting := _quoting(text)):
        answer, mixed = quoting
    elif not answer.clear or any(FEWEST_OTHERS * said > found.letters for _, said in found.others.values()):
        answer, mixed = _weighed(answer, found, text)
    return Language(
        model=answer.model,
        code=answer.code,
        script=script_of(answer.code, found),
        confidence=answer.confidence,
        mixed=mixed,
        declared=article.declared,
    )


def _behind_names(text: str) -> tuple[Prose, Answer] | None:
    """What a short text is behind a first line of names, which are no words of its language, and its answer; None when that tells nothing."""
    first, _, rest = text.lstrip().partition("\n")
    if not rest or not _is_list_of_names(prose.prose(first)):
        return None
    found = prose.prose(rest)
    answer = identify(found)
    return (found, answer) if answer else None


def _of_heading(text: str, found: Prose, answer: Answer | None) -> tuple[Prose, Answer | None]:
    """The words over a table or before a list of names with their answer, where that is surer than what the whole text gives."""
    first, rest = _heading_and_rest(text)
    heading = prose.prose(first)
    if not rest or heading.code:
        return found, answer
    rows = _is_table(rest) or _is_list_of_names(prose.prose(rest))
    if answer or not _has_clause(heading):
        if not rows or not any(word[0].islower() and len(word) >= LETTERS_OF_NO_PARTICLE for word in heading.words):
            return found, answer
        least = max(LEAST_CONFIDENCE, answer.confidence if answer else 0.0)
    else:
        least = SURE
    its = identify(heading)
    return (heading, its) if its and its.confidence > least else (found, answer)


def _heading_and_rest(text: str) -> tuple[str, str]:
    """What stands before the first line end, or before the first colon in a text of one line, and what stands behind it."""
    text = text.strip()
    first, _, rest = text.partition("\n" if "\n" in text else ":")
    return first.rstrip(" :"), rest.strip()


def _is_table(text: str) -> bool:
    """Whether every line has a number and few words: results, prices, places in a ranking."""
    return all(
        any(map(str.isdigit, line)) and len(line.split()) <= WORDS_A_ROW for line in text.splitlines() if line.strip()
    )


def _quoting(text: str) -> tuple[Answer, Mixed | None] | None:
    """The language of a text that quotes another one, and that; None when it does not."""
    own, quoted = map(prose.prose, quotations.apart(text))
    if min(own.letters, quoted.letters) < FEWEST_LETTERS_QUOTED:
        return None
    answer, other = identify(own), identify(quoted)
    if answer is None or other is None or answer.code == other.code or min(answer.confidence, other.confidence) < SURE:
        return None
    share = round(quoted.letters / (own.letters + quoted.letters), 2)
    return answer, Mixed(code=other.code, share=share) if SECOND < share < 1 else None


def _weighed(answer: Answer, found: Prose, text: str) -> tuple[Answer, Mixed | None]:
    """The language that most of a text is in, which may not be the one that its words together look most like, and a second one."""
    if found.letters + sum(said for _, said in found.others.values()) < FEWEST_LETTERS_MIXED:
        return answer, None
    parts = shares(found, _of_run)
    if len(text) > prose.WINDOW and any(share > TRACE for code, share in parts.items() if code != answer.code):
        parts = shares(prose.whole(text), _of_run)
    first = max(parts, key=lambda code: (parts[code], code == answer.code), default=answer.code)
    if first != answer.code and parts[first] > 2 * SECOND and answer.code in parts:
        sure = parts[first] / (parts[first] + parts[answer.code])
        answer = replace(answer, code=first, confidence=round(sure, 3))
    second = max((code for code in parts if code != answer.code), key=lambda code: parts[code], default=None)
    share = round(parts[second], 2) if second else 0.0
    return answer, Mixed(code=second, share=share) if second and SECOND < share < 1 else None


def _of_run(words: Sequence[str], letters: float, script: str) -> tuple[str, float] | None:
    found = Prose(list(words), script, letters, code=0, items=1, others={})
    answer = detect(found) or _by_ngrams(found)
    return (answer.code, answer.confidence) if answer else None


def identify(found: Prose) -> Answer | None:
    """The language and the probability that it is right; None when it cannot be told."""
    answer = detect(found)
    if is_sure(answer) or not readable(found):
        return answer
    return max(filter(None, (answer, _by_ngrams(found))), key=lambda one: one.confidence, default=None)


def is_sure(answer: Answer | None) -> bool:
    """Whether the detector's answer needs no second opinion."""
    return answer is not None and (answer.model != MODEL or answer.confidence >= SURE)


def readable(found: Prose) -> bool:
    """Whether it is sentences, as far as that shows: no code, no list of names."""
    return found.letters >= max(FEWEST_LETTERS, LETTERS_A_SIGN * found.code) and not _is_list_of_names(found)


def detect(found: Prose) -> Answer | None:
    """What the detector says, its answer told apart from relatives; None when it is not sure."""
    if found.letters < LETTERS_A_SIGN * found.code:
        return None
    answer = None if _is_list_of_names(found) else _detect(found.words, found.letters, found.script, LEAST_CONFIDENCE)
    return answer or _of_small_words(found)


def _of_small_words(found: Prose) -> Answer | None:
    """A byline, a dateline or names drown a short sentence: its small words alone may tell."""
    small = [word for word in found.words if word[0].islower()] if found.script in WITH_CAPITALS else []
    if len(small) < len(found.words) and (FEWEST_SMALL * len(found.words) <= len(small) or _has_clause(found)):
        return _detect(small, sum(map(len, small)), found.script, LEAST_CONFIDENCE_OF_SMALL)
    return None


def _has_clause(found: Prose) -> bool:
    """Whether so many words in small letters stand in a row as no name has."""
    runs = groupby(found.words, lambda word: word[0].islower())
    return any(small and sum(1 for _ in words) >= CLAUSE for small, words in runs)


def _detect(words: Sequence[str], letters: float, script: str, least: float) -> Answer | None:
    if letters < FEWEST_LETTERS:
        return None
    text = lower(words)
    scores = without_the_other(scores_of(text), text)
    if not scores:
        return None
    answer = next(iter(scores))
    values = features(scores, letters, script)
    confidence, clear = probability(values), values[1] >= CLEAR
    if confidence < least:
        return None
    code, certainty, model = answer, 1.0, MODEL
    if answer == "zh" and (sign := written_in_both(text)) is not None:
        code, certainty = ("ja" if sign else "zh"), UNDECIDED
    if answer in RELATIVES:
        code, certainty = _told_apart(answer, text.split(), script)
        model = ngrams.MODEL
    return None if foreign(code, text) > MOST_FOREIGN else Answer(code, round(confidence * certainty, 3), model, clear)


def _told_apart(answer: str, words: Sequence[str], script: str) -> tuple[str, float]:
    model = ngrams.load()
    fit = model.fit(words, script)
    return tell_apart(answer, words, fit.costs if fit else {}, model.learnt)


def _by_ngrams(found: Prose) -> Answer | None:
    """What our own n-grams say: of languages that the detector does not know, and of text without its accents."""
    text = lower(found.words)
    if max(text) <= "f":  # hexadecimal numbers
        return None
    words, model = text.split(), ngrams.load()
    fit = model.fit(words, found.script)
    if not fit:
        return None
    code, confidence = model.best(fit, found.letters)
    if code in FAMILIES:
        code, _ = tell_apart(FAMILIES[code], words, fit.costs, model.learnt)
    if confidence < LEAST_CONFIDENCE_OF_NGRAMS or foreign(code, text) > MOST_FOREIGN:
        return None
    return Answer(code, round(confidence, 3), ngrams.MODEL, clear=False)


def lower(words: Sequence[str]) -> str:
    """The words in small letters, the Turkish dotted and dotless i kept apart where the capitals tell them apart."""
    text = " ".join(words)
    if "İ" in text:
        text = (text.replace("I", "ı") if text.isupper() else text).replace("İ", "i")
    return text.lower()


def scores_of(text: str) -> dict[str, float]:
    """The detector's two best answers for words in small letters with their scores, 0 to 1, the best first."""
    scores: dict[str, float] = _detector.detect_details(text).scores
    return scores


def _is_list_of_names(found: Prose) -> bool:
    items, words = found.items, found.words
    if found.script not in WITH_CAPITALS:
        most = LETTERS_AN_ITEM_IN_HAN if found.script == "Han" else LETTERS_AN_ITEM
        in_short_items = items >= FEWEST_ITEMS and found.letters <= most * items
        return in_short_items and not SOME_HIRAGANA < hiragana("".join(words)) < MOST_HIRAGANA
    if len(words) > WORDS_AN_ITEM * items or sum(word[0].isupper() for word in words) < CAPITALS * len(words):
        return False
    return len(words) <= WORDS_AN_ITEM_IN_CAPITALS * items or not all(word.isupper() for word in words)
