"""The second language of a text: one that it quotes, or one that a part of it is in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from agents.language.cleaning import WINDOW, CleanedText, clean, clean_all
from agents.language.detection import SURE, DetectedLanguage, detect, detect_by_ngrams, identify
from agents.language.quotations import split_quotations
from streams.records import Mixed

# A text with fewer letters is not examined in parts.
MIN_LETTERS = 200
# A text is examined in parts if it has more than one letter of another script for so many letters of its own.
LETTERS_PER_LETTER_OF_OTHER_SCRIPT = 4
# A second language has more than this share.
MIN_SHARE = 0.25
# A long text is read as a whole only if the excerpt of it has more than this share in another language.
MIN_SHARE_IN_EXCERPT = 0.1
# A quotation and the text around it have at least so many letters each, or their languages are not compared.
MIN_LETTERS_OF_QUOTATION = 40
# Words are identified in runs of so many letters: fewer letters do not show a language reliably.
LETTERS_PER_RUN = 100
# At most so many runs of a long text are examined, spread evenly.
MAX_RUNS = 40
# A run whose language is less likely to be right than this counts for no language.
MIN_CONFIDENCE_OF_RUN = 0.8

# Words of one script, their weighted letters, and the script.
Run = tuple[Sequence[str], float, str]


def find_second_language(
    detected: DetectedLanguage, cleaned: CleanedText, text: str
) -> tuple[DetectedLanguage, Mixed | None]:
    """The main language of a text, which may differ from `detected`, and its second language; None without one.

    Args:
        detected: the language of all its words together.
        cleaned: its words.
        text: the normalized text.
    """
    if len(text) <= WINDOW and (quoting := _language_of_quotations(text)):
        return quoting
    has_other_script = any(
        LETTERS_PER_LETTER_OF_OTHER_SCRIPT * other.weighted_letters > cleaned.weighted_letters
        for other in cleaned.other_scripts.values()
    )
    if detected.fits_well and not has_other_script:
        return detected, None
    return _compare_parts(detected, cleaned, text)


def _language_of_quotations(text: str) -> tuple[DetectedLanguage, Mixed | None] | None:
    """The language of a text around its quotations, and the language of the quotations; None without a difference."""
    around, quoted = map(clean, split_quotations(text))
    if min(around.weighted_letters, quoted.weighted_letters) < MIN_LETTERS_OF_QUOTATION:
        return None
    main, second = identify(around), identify(quoted)
    if main is None or second is None or main.code == second.code or min(main.confidence, second.confidence) < SURE:
        return None
    share = quoted.weighted_letters / (around.weighted_letters + quoted.weighted_letters)
    return main, _mixed(second.code, share)


def _compare_parts(
    detected: DetectedLanguage, cleaned: CleanedText, text: str
) -> tuple[DetectedLanguage, Mixed | None]:
    """The language that most of a text is in, and a second one.

    The words of a text as a whole may look most like another language than the one that most of it is in.
    """
    letters = cleaned.weighted_letters + sum(other.weighted_letters for other in cleaned.other_scripts.values())
    if letters < MIN_LETTERS:
        return detected, None
    shares = language_shares(cleaned)
    if len(text) > WINDOW and any(
        share > MIN_SHARE_IN_EXCERPT for code, share in shares.items() if code != detected.code
    ):
        shares = language_shares(clean_all(text))
    main = max(shares, key=lambda code: (shares[code], code == detected.code), default=detected.code)
    if main != detected.code and shares[main] > 2 * MIN_SHARE and detected.code in shares:
        confidence = shares[main] / (shares[main] + shares[detected.code])
        detected = replace(detected, code=main, confidence=round(confidence, 3))
    second = max((code for code in shares if code != detected.code), key=lambda code: shares[code], default=None)
    return detected, _mixed(second, shares[second]) if second else None


def _mixed(code: str, share: float) -> Mixed | None:
    rounded = round(share, 2)
    return Mixed(code=code, share=rounded) if MIN_SHARE < rounded < 1 else None


def language_shares(cleaned: CleanedText) -> dict[str, float]:
    """The share of the text in each language, the largest first. Parts in an unknown language count for none."""
    letters: defaultdict[str, float] = defaultdict(float)
    total = 0.0
    runs = list(_runs(cleaned))
    step = -(-len(runs) // MAX_RUNS)
    for words, run_letters, script in runs[::step]:
        run = CleanedText(list(words), script, run_letters, code_signs=0, item_count=1, other_scripts={})
        detected = detect(run) or detect_by_ngrams(run)
        total += run_letters
        if detected and detected.confidence >= MIN_CONFIDENCE_OF_RUN:
            letters[detected.code] += run_letters
    return {code: letters[code] / total for code in sorted(letters, key=lambda code: -letters[code])}


def _runs(cleaned: CleanedText) -> Iterator[Run]:
    for script, (words, weighted_letters) in cleaned.words_by_script().items():
        weight = weighted_letters / max(sum(map(len, words)), 1)
        run: list[str] = []
        for word in words:
            run.append(word)
            if weight * sum(map(len, run)) >= LETTERS_PER_RUN:
                yield run, weight * sum(map(len, run)), script
                run = []
        if run:
            yield run, weight * sum(map(len, run)), script
