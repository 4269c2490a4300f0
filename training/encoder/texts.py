"""The labelled texts that the encoder learns from: names, sentiment, and the sentiment towards names."""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

from agents.encoder.languages import READABLE
from evaluation.data import TWEETS, Opinion, Tagged, Target, news, tagged, targets, tweets

Item = TypeVar("Item", Opinion, Target)

# Languages whose sentences follow each other without a space.
UNSPACED = frozenset({"ja", "th", "zh"})


class Source(NamedTuple):
    """The sentences of one file.

    Attributes:
        name: language, or language and source: `en`, `en.btc`.
        sentences: in their order in the file, which for most files is that of the documents.
        has_misc: whether other names than those of people, organisations and places are labelled.
    """

    name: str
    sentences: list[Tagged]
    has_misc: bool

    @property
    def language(self) -> str:
        """The language, as ISO 639-1."""
        return self.name.partition(".")[0]


def sources(folder: Path, part: str) -> list[Source]:
    """The files of a part, `train` or `dev`: NAME.PART.tsv."""
    found = []
    for path in sorted(folder.glob(f"*.{part}.tsv")):
        name = path.name.removesuffix(f".{part}.tsv")
        sentences = tagged(path.read_text("utf-8"))
        has_misc = any(kind == "MISC" for sentence in sentences for _, _, kind in sentence.spans)
        found.append(Source(name, sentences, has_misc))
    return found


def running(source: Source, characters: int, dice: random.Random) -> Tagged:
    """Sentences of a file that follow each other, from a random one on, of about so many code points in all."""
    at = dice.randrange(len(source.sentences))
    text, spans = "", set[tuple[int, int, str]]()
    while at < len(source.sentences) and (not text or len(text) + len(source.sentences[at].text) <= characters):
        if text and source.language not in UNSPACED:
            text += " "
        sentence = source.sentences[at]
        spans |= {(start + len(text), end + len(text), kind) for start, end, kind in sentence.spans}
        text += sentence.text
        at += 1
    return Tagged(text, frozenset(spans))


# How often a text is written in another way: in capitals, in title case, in small letters, without its accents.
CAPITALS, TITLE_CASE, SMALL, PLAIN = 0.04, 0.02, 0.02, 0.04
_WORD = re.compile(r"\w+")


def rewritten(sentence: Tagged, dice: random.Random) -> Tagged:
    """The text as it is written elsewhere: in capitals, in title case, in small letters, or without its accents.

    A form that has another length is left as it is, so the spans stay right.
    """
    chance = dice.random()
    for share, form in ((CAPITALS, str.upper), (TITLE_CASE, _title_case), (SMALL, str.lower), (PLAIN, _plain)):
        if chance < share:
            text = form(sentence.text)
            return Tagged(text, sentence.spans) if len(text) == len(sentence.text) else sentence
        chance -= share
    return sentence


def _title_case(text: str) -> str:
    return _WORD.sub(lambda word: word[0][:1].upper() + word[0][1:], text)


def _plain(text: str) -> str:
    """A text in Latin script without its accents, as many agencies send it."""
    return "".join(
        decomposed[0]
        if ord(character) < 0x250 and (decomposed := unicodedata.normalize("NFD", character))
        else character
        for character in text
    )


def opinions(folder: Path) -> tuple[list[Opinion], list[Opinion]]:
    """The texts with a sentiment in a language that the encoder reads: to learn from, and to measure."""
    learn: list[Opinion] = []
    measure: list[Opinion] = []
    languages = TWEETS | {"hi": "hindi"}
    for part, into in (("train", learn), ("val", measure)):
        for code, name in languages.items():
            into += tweets(folder / f"tweets.{name}.{part}.jsonl", code)
        for path in sorted(folder.glob(f"*.*.{part}.jsonl")):
            source, code, _ = path.name.split(".", 2)
            if source not in ("tweets", "newsmtsc") and code in READABLE:
                into += [Opinion(each.text, each.label, code, f"{source} {each.group}") for each in tweets(path, code)]
    return learn, measure


def news_opinions(folder: Path) -> list[Opinion]:
    """The sentences of English news with their sentiment."""
    return news(folder / "newsmtsc.train.jsonl")


def news_targets(folder: Path) -> list[Target]:
    """The people and organisations in English news with the sentiment towards them."""
    return targets(folder / "newsmtsc.train.jsonl")


def cycle(items: Sequence[Item], dice: random.Random) -> Iterator[Item]:
    """The items again and again, each time in another order."""
    while True:
        yield from dice.sample(items, len(items))
