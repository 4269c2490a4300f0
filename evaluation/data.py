"""The labelled text in a folder, on which the evaluation measures.

A folder has any of these, named after the language (ISO 639-1) where `LANGUAGE` stands:

- `language/LANGUAGE.txt`: sentences of the language, one a line;
- `sentiment/tweets.NAME.val.jsonl`: short texts with `text` and `label` (negative, neutral, positive), `NAME` the
  language in English;
- `sentiment/SOURCE.LANGUAGE.val.jsonl`: texts of any source in the same form;
- `sentiment/newsmtsc.train.jsonl`: English news sentences with `targets`, each with `from`, `to` and `polarity` (2, 4,
  6);
- `entities/SOURCE.LANGUAGE.tsv`, `entities/LANGUAGE.dev.tsv` or `entities/LANGUAGE.SOURCE.dev.tsv`: a token, a tab and
  its BIO tag a line, an empty line between sentences.
"""

from __future__ import annotations

import html
import json
import random
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from streams.errors import TelexError

# The names of languages in the files of tweets.
TWEETS = {
    "ar": "arabic",
    "de": "german",
    "en": "english",
    "es": "spanish",
    "fr": "french",
    "it": "italian",
    "pt": "portuguese",
}
LABELS = {"negative": 0, "neutral": 1, "positive": 2}
# One article in this many of the news sentences is never trained on.
HELD_OUT = 10


@dataclass(frozen=True)
class Opinion:
    """A text with its sentiment: 0 negative, 1 neutral, 2 positive. Texts of one group are of one article."""

    text: str
    label: int
    language: str
    group: str


@dataclass(frozen=True)
class Target:
    """A sentence, the offsets of a person or organisation in it, and the sentiment towards them.

    The label is 0 for negative, 1 for neutral, 2 for positive.
    """

    text: str
    start: int
    end: int
    label: int
    group: str


@dataclass(frozen=True)
class Tagged:
    """A sentence as it is written, with its names: start and end in code points, and PER, LOC, ORG or MISC."""

    text: str
    spans: frozenset[tuple[int, int, str]]


class Data:
    """The labelled text of several folders; of two files with one name the first folder's counts.

    Args:
        folders: the folders, in the order of their priority.

    Raises:
        TelexError: a folder does not exist.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        for folder in folders:
            if not folder.is_dir():
                raise TelexError(f"There is no folder {folder}: name a folder with labelled text.")
        self._folders = folders

    def sentences(self) -> dict[str, list[str]]:
        """The sentences of each language."""
        return {path.stem: _lines(path) for path in self._files("language/*.txt")}

    def tweets(self, part: str) -> list[Opinion]:
        """The short texts of a part, `train` or `val`, in all languages."""
        found = ((code, self._files(f"sentiment/tweets.{name}.{part}.jsonl")) for code, name in TWEETS.items())
        return [opinion for code, paths in found for path in paths for opinion in tweets(path, code)]

    def other_opinions(self) -> dict[str, list[Opinion]]:
        """The texts of every other source that are not trained on, by source and language: `lcc, da`."""
        found = {}
        for path in self._files("sentiment/*.*.val.jsonl"):
            source, language, *_ = path.name.split(".")
            if source != "tweets":
                found[f"{source}, {language}"] = tweets(path, language)
        return found

    def news(self) -> list[Opinion]:
        """The English news sentences."""
        return [opinion for path in self._files("sentiment/newsmtsc.train.jsonl") for opinion in news(path)]

    def targets(self) -> list[Target]:
        """The people and organisations in the English news sentences."""
        return [target for path in self._files("sentiment/newsmtsc.train.jsonl") for target in targets(path)]

    def tagged(self) -> Iterator[tuple[str, str, list[Tagged]]]:
        """Source, language and sentences of each file with names that is not trained on."""
        for path in self._files("entities/*.tsv"):
            *names, last = path.stem.split(".")
            if last != "train" and names:
                language, source = (names[0], " ".join([*names[1:], last])) if last == "dev" else (last, names[0])
                yield source, language, tagged(path.read_text(encoding="utf-8"))

    def _files(self, pattern: str) -> list[Path]:
        found: dict[str, Path] = {}
        for folder in self._folders:
            for path in sorted(folder.glob(pattern)):
                found.setdefault(path.name, path)
        return list(found.values())


def tweets(path: Path, language: str) -> list[Opinion]:
    """The short texts of a file."""
    lines = enumerate(_objects(path))
    return [
        Opinion(_clean(line["text"]), LABELS[line["label"]], language, f"{language} {number}") for number, line in lines
    ]


def news(path: Path) -> list[Opinion]:
    """The sentences of NewsMTSC, each with the mean over its targets: of 13 % there are several, in 5 % they differ."""
    found = []
    for line in _objects(path):
        mean = sum(target["polarity"] - 4 for target in line["targets"]) / len(
            line["targets"]
        )  # 2 is negative, 4 neutral, 6 positive
        label = 0 if mean < -0.5 else 2 if mean > 0.5 else 1
        found.append(Opinion(_clean(line["sentence_normalized"]), label, "en", _article(line)))
    return found


def targets(path: Path) -> list[Target]:
    """The targets of NewsMTSC, each with its sentence as it stands there."""
    return [
        Target(
            line["sentence_normalized"], target["from"], target["to"], round(target["polarity"] / 2) - 1, _article(line)
        )
        for line in _objects(path)
        for target in line["targets"]
    ]


def _article(line: Any) -> str:
    found = re.match(r"polusa_v1_\d+|[a-z]+_\d+", line["primary_gid"])
    return found[0] if found else str(line["primary_gid"])


def fold(opinion: Opinion | Target, folds: int) -> int:
    """The part, of this many, that the text is in; texts of one article are in the same part."""
    return zlib.crc32(opinion.group.encode()) % folds


def held_out(opinion: Opinion | Target) -> bool:
    """Whether the text's article only measures, and never trains."""
    return fold(opinion, HELD_OUT) == 0


def tagged(written: str) -> list[Tagged]:
    """The sentences of a file in BIO form; where it does not give the text, its tokens are put together with spaces."""
    return [_sentence(block.splitlines()) for block in re.split(r"\n\s*\n", written) if "\t" in block]


def _sentence(lines: Sequence[str]) -> Tagged:
    comments = dict(
        line[2:].split(" = ", 1) for line in lines if line.startswith("# ") and "\t" not in line and " = " in line
    )
    tokens = [line.split("\t")[:2] for line in lines if "\t" in line]
    text = comments.get("text", "") or _joined([token for token, _ in tokens])
    spans, at, open_span = [], 0, list[Any]()
    for token, tag in tokens:
        start = text.find(token, at)
        if start < 0:  # the text as written differs from its tokens: two or three sentences in a thousand
            return _sentence([line for line in lines if not line.startswith("# text")])
        at = start + len(token)
        if open_span and tag == f"I-{open_span[2]}":
            open_span[1] = at
            continue
        if open_span:
            spans.append(tuple(open_span))
        open_span = [] if tag == "O" else [start, at, tag[2:]]
    if open_span:
        spans.append(tuple(open_span))
    return Tagged(text, frozenset(spans))


_NO_SPACE_BEFORE = re.compile(r"[.,;:!?)\]}»”%…]+$|'(?:s|t|re|ve|m|ll|d)$|n't$")


def _joined(tokens: Sequence[str]) -> str:
    text = ""
    for token in tokens:
        joined = not text or _NO_SPACE_BEFORE.match(token) or text[-1] in "([{«“" or text.endswith(("'", "’"))
        text += token if joined else f" {token}"
    return text


def _lines(path: Path) -> list[str]:
    return [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def _objects(path: Path) -> list[Any]:
    return [json.loads(line) for line in _lines(path)]


def _clean(text: str) -> str:
    """A text as its readers saw it: the English tweets have escapes such as \\u2019, and some have HTML entities."""
    return html.unescape(re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), text).replace('\\"', '"'))


def running(sentences: Sequence[str], characters: float, dice: random.Random) -> str:
    """A text of random sentences, whole ones, until it has at least this many code points."""
    text = ""
    while len(text) < characters:
        text += dice.choice(sentences) + " "
    return text
