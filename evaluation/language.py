"""The accuracy of the language stage: on sentences in several forms, on mixed texts, and on texts in no language."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from evaluation import not_language, other_systems, speed
from evaluation.data import Data, running
from evaluation.measures import calibration_error, share
from evaluation.sentence_forms import FORMS
from evaluation.tables import Cell, Table, confidence
from streams.records import Article, Language
from streams.worker import analysers

# The 28 languages with most news, as Telex counts them; Norwegian is the larger one of its written forms.
NEWS = [
    "ar",
    "cs",
    "da",
    "de",
    "el",
    "en",
    "es",
    "fa",
    "fi",
    "fr",
    "he",
    "hi",
    "hu",
    "id",
    "it",
    "ja",
    "ko",
    "nb",
    "nl",
    "pl",
    "pt",
    "ro",
    "ru",
    "sv",
    "tr",
    "uk",
    "vi",
    "zh",
]
# Their files are mostly in Croatian and in Indonesian: most of their lines count as wrong when they are answered right.
MISLABELLED = ["bs", "ms"]
# The number of made-up texts of each kind that is in no language, and of each share of a second language.
MADE_UP = 200
# The shares of the second language in a text of two.
SHARES = {"5 to 15 %": (0.05, 0.15), "15 to 25 %": (0.15, 0.25), "25 to 35 %": (0.25, 0.35), "35 to 45 %": (0.35, 0.45)}

# The language that the stage gives a text, None if unknown, and its confidence.
Answer = tuple[str | None, float]


def tables(data: Data) -> Iterator[Table]:
    """The tables of the language stage."""
    sentences = data.sentences()
    if sentences:
        yield from _of_sentences(sentences)
        if sum(code in sentences for code in NEWS) > 1:
            yield _mixtures(sentences)
        yield speed.table(
            "language", {name: {code: sentences[code] for code in codes} for name, codes in _groups(sentences).items()}
        )
    kinds = {kind: _answers(texts) for kind, texts in not_language.kinds(MADE_UP).items()}
    rows = {**kinds, "all": [answer for answers in kinds.values() for answer in answers]}
    yield Table(
        "not_language",
        "Text in no language: called unknown",
        [
            {
                "kind": kind,
                "texts": len(answers),
                "language unknown": share(sum(code is None for code, _ in answers), len(answers)),
            }
            for kind, answers in rows.items()
        ],
    )


def _of_sentences(sentences: Mapping[str, list[str]]) -> Iterator[Table]:
    answers = {
        form: {code: _answers([change(line) for line in lines]) for code, lines in sentences.items()}
        for form, change in FORMS.items()
    }
    groups = _groups(sentences)
    yield Table(
        "language",
        "Single sentences: right, wrong, or said to be unknown",
        [
            {"languages": group, "form": form, **_summary({code: of_form[code] for code in codes})}
            for group, codes in groups.items()
            for form, of_form in answers.items()
        ],
    )
    short = answers["80 characters"]
    yield Table(
        "language_by_language",
        "By language, sentences whole and cut to 80 characters",
        [
            {
                "language": code,
                "sentences": len(lines),
                "whole": _right(code, answers["whole"][code]),
                "80 characters": _right(code, short[code]),
                "unknown": sum(answer is None for answer, _ in short[code]) / len(lines),
                "mostly taken for": _mostly_taken_for(code, short[code]),
            }
            for code, lines in sentences.items()
        ],
    )
    sure = [(confidence, answer == code) for code, of_code in short.items() for answer, confidence in of_code if answer]
    if sure:
        yield confidence("language_confidence", "all languages, cut to 80 characters", sure)
    cut = {code: [FORMS["80 characters"](line) for line in lines] for code, lines in sentences.items()}
    systems = {"Telex": {code: [answer for answer, _ in of_code] for code, of_code in short.items()}}
    for name, identify in other_systems.languages().items():
        systems[name] = {code: identify(lines) for code, lines in cut.items()}
    yield Table(
        "language_alternatives",
        "Others on the same sentences, cut to 80 characters",
        [
            {"system": name, **{group: _share_right(answers, codes) for group, codes in groups.items()}}
            for name, answers in systems.items()
        ],
    )


def _groups(sentences: Mapping[str, list[str]]) -> dict[str, list[str]]:
    news = [code for code in NEWS if code in sentences]
    groups = {f"{len(news)} of the news": news, f"all {len(sentences)}": list(sentences)}
    well_labelled = [code for code in sentences if code not in MISLABELLED]
    if len(well_labelled) < len(sentences):
        groups[f"{len(well_labelled)}, without {' and '.join(MISLABELLED)}"] = well_labelled
    return groups


def _mixtures(sentences: Mapping[str, list[str]]) -> Table:
    """Texts of two languages, made up from sentences of each: first one language, then the other."""
    dice = random.Random(0)
    news = [code for code in NEWS if code in sentences]
    rows: list[dict[str, Cell]] = []
    for letters in (400, 1_000, 2_500, 10_000):
        by_share: dict[str, list[tuple[bool, bool, bool]]] = {name: [] for name in ("none", *SHARES)}
        while any(len(checks) < MADE_UP for checks in by_share.values()):
            first, second = dice.sample(news, 2)
            part = dice.choice((0.0, dice.uniform(0.05, 0.5)))
            texts = [
                running(sentences[first], letters * (1 - part), dice),
                running(sentences[second], letters * part, dice),
            ]
            share_of_second = len(texts[1]) / sum(map(len, texts))
            name = next(
                (name for name, (low, high) in SHARES.items() if low <= share_of_second < high),
                "none" if not part else "",
            )
            if name and len(by_share[name]) < MADE_UP:
                by_share[name].append(_check("\n\n".join(filter(None, texts)), first, second))
        for name, checks in by_share.items():
            named, mixed, right = (share(sum(check[index] for check in checks), MADE_UP) for index in range(3))
            rows.append(
                {
                    "characters": letters,
                    "second language": name,
                    "main one named": named,
                    "called mixed": mixed,
                    "both right": right,
                }
            )
    return Table("mixed", "A second language, said where it is more than a quarter", rows)


def _check(text: str, first: str, second: str) -> tuple[bool, bool, bool]:
    """Whether the answer has the larger language, whether it has a second one, and whether both are right."""
    [answer] = analysers.find("language").analyse([_article(text)])
    if not isinstance(answer, Language):
        return False, False, False
    return (
        answer.code == first,
        answer.mixed is not None,
        answer.mixed is not None and {answer.code, answer.mixed.code} == {first, second},
    )


def _summary(answers: Mapping[str, list[Answer]]) -> dict[str, Cell]:
    rows = [(code, answer, confidence) for code, of_code in answers.items() for answer, confidence in of_code]
    right = sum(answer == code for code, answer, _ in rows)
    unknown = sum(answer is None for _, answer, _ in rows)
    return {
        "right": share(right, len(rows)),
        "wrong": (len(rows) - right - unknown) / len(rows),
        "unknown": unknown / len(rows),
        "calibration error": calibration_error(
            [(confidence, answer == code) for code, answer, confidence in rows if answer]
        ),
    }


def _answers(texts: Sequence[str]) -> list[Answer]:
    analyses = analysers.find("language").analyse([_article(text) for text in texts])
    return [(each.code, each.confidence) if isinstance(each, Language) else (None, 0.0) for each in analyses]


def _article(text: str) -> Article:
    return Article(id="1", text=text, title=None, language=None, declared=None, fields={})


def _right(code: str, answers: Sequence[Answer]) -> Cell:
    return share(sum(answer == code for answer, _ in answers), len(answers))


def _share_right(answers: Mapping[str, Sequence[str | None]], codes: Sequence[str]) -> Cell:
    right = sum(answer == code for code in codes for answer in answers[code])
    return share(right, sum(len(answers[code]) for code in codes))


def _mostly_taken_for(code: str, answers: Sequence[Answer]) -> str:
    mistaken = Counter(answer for answer, _ in answers if answer not in (code, None))
    return ", ".join(f"{answer} {number}" for answer, number in mistaken.most_common(2))
