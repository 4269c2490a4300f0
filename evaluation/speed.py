"""How many articles a stage analyses in a second of one core.

python -m evaluation.speed FOLDER      # milliseconds of an article in English and French, and with TELEX_FAST
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from evaluation.data import Data, running
from evaluation.tables import Cell, Table
from streams.records import Article
from streams.worker import analysers

# Code points of an article, articles in each language, and how often the stage analyses them. The fastest time counts,
# as others use the machine too.
LENGTH, ARTICLES, TIMES = 2_000, 20, 3
# Code points of an article whose cost is compared with that of the models of TELEX_FAST.
COMPARED_LENGTH = 1_500


def table(stage: str, sentences: Mapping[str, Mapping[str, Sequence[str]]]) -> Table:
    """Articles in a second of processor time, for each group of languages: all of them, the fastest and the slowest.

    Args:
        stage: the name of the stage.
        sentences: by the name of a group and by language; the articles are made of them.
    """
    dice = random.Random(0)
    every = {code: lines for group in sentences.values() for code, lines in group.items()}
    seconds = {code: _seconds(stage, code, lines, dice) for code, lines in every.items()}
    rows: list[dict[str, Cell]] = []
    for name, group in sentences.items():
        if not group:
            continue
        ordered = sorted(group, key=seconds.__getitem__)
        rows.append(
            {
                "languages": name,
                "articles a second": round(len(group) / sum(seconds[code] for code in group)),
                "fastest": f"{ordered[0]} {1 / seconds[ordered[0]]:,.0f}",
                "slowest": f"{ordered[-1]} {1 / seconds[ordered[-1]]:,.0f}",
            }
        )
    return Table(f"{stage}_speed", f"Articles of {LENGTH:,} characters in a second of processor time", rows)


def _seconds(stage: str, code: str, sentences: Sequence[str], dice: random.Random, length: int = LENGTH) -> float:
    """The processor time of one article in the language."""
    analyse = analysers.find(stage).analyse
    articles = [_article(code, sentences, dice, length) for _ in range(ARTICLES)]
    taken = []
    for _ in range(TIMES):
        begin = time.process_time()
        analyse(articles)
        taken.append(time.process_time() - begin)
    return min(taken) / ARTICLES


def _article(code: str, sentences: Sequence[str], dice: random.Random, length: int) -> Article:
    text = running(sentences, length, dice)[:length]
    return Article(id="1", text=text, title=None, language=code, declared=None, fields={})


def compare(folder: Path) -> None:
    """Print the processor time of an article with the settings as they are."""
    sentences = Data([folder]).sentences()
    for code in ("en", "fr"):
        costs = {
            stage: 1_000 * _seconds(stage, code, sentences[code], random.Random(0), COMPARED_LENGTH)
            for stage in ("entities", "sentiment")
        }
        print(code, *(f"{stage} {cost:.1f} ms" for stage, cost in costs.items()), flush=True)


if __name__ == "__main__":
    if len(sys.argv) == 2:
        for fast in ("0", "1"):
            print("TELEX_FAST=" + fast, flush=True)
            command = [sys.executable, "-m", "evaluation.speed", sys.argv[1], "once"]
            subprocess.run(command, env=os.environ | {"TELEX_FAST": fast}, check=True)
    else:
        compare(Path(sys.argv[1]))
