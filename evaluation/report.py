"""All tables of the evaluation, and the pages of the documentation that show them.

python -m evaluation.report FOLDER…      # measures, and writes the tables into docs/accuracy.md and docs/stories.md
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path

from evaluation import coreference, entities, fairness, language, passages, sentiment, stories, target_sentiment
from evaluation.data import Data
from evaluation.plot import reliability_plot
from evaluation.tables import Table

DOCS = Path(__file__).parents[1] / "docs"
PAGE, PAGE_OF_STORIES = DOCS / "accuracy.md", DOCS / "stories.md"
# The parts of `telex evaluate`: each stage, coreference, the fairness towards names of every origin, and stories.
PARTS: Mapping[str, Callable[[Data], Iterator[Table]]] = {
    "language": language.tables,
    "entities": lambda data: chain(entities.tables(data), target_sentiment.tables(data)),
    "passages": passages.tables,
    "grouping": coreference.tables,
    "sentiment": sentiment.tables,
    "fairness": lambda _: fairness.tables(),
    "stories": stories.tables,
}
# The parts whose texts come with Telex.
OWN_TEXT = {"passages", "grouping", "fairness", "stories"}


def tables(
    parts: Sequence[str], folders: Sequence[Path], progress: Callable[[str], None] = lambda part: None
) -> Iterator[Table]:
    """The tables of the named parts, one after the other as they are ready.

    Args:
        parts: the names of the parts, in the order of their tables.
        folders: with labelled text, as `evaluation.data` describes it.
        progress: called with the name of each part before it is measured.

    Raises:
        TelexError: a folder is not there.
    """
    data = Data(folders)
    for part in parts:
        progress(part)
        yield from PARTS[part](data)


def main(folders: Sequence[Path]) -> None:
    """Write the tables of the pages again, and their plots next to them."""
    for part in PARTS:
        publish(part, folders)


def publish(part: str, folders: Sequence[Path]) -> None:
    """Write the tables of one part again."""
    made = "\n\n".join(_published(table) for table in tables([part], folders, print))
    page = page_of(part)
    head, rest = page.read_text(encoding="utf-8").split(f"<!-- {part} -->\n")
    _, tail = rest.split(f"<!-- end of {part} -->")
    page.write_text(f"{head}<!-- {part} -->\n{made}\n<!-- end of {part} -->{tail}", encoding="utf-8")


def page_of(part: str) -> Path:
    """The page that shows the tables of a part, between marks with its name."""
    return PAGE_OF_STORIES if part == "stories" else PAGE


def _published(table: Table) -> str:
    if not table.bins:
        return table.markdown()
    picture = PAGE.with_name(f"{table.name}.svg")
    picture.write_text(reliability_plot(table.name.replace("_", ": "), table.bins), encoding="utf-8")
    return f"{table.markdown()}\n\n![Reliability plot]({picture.name})"


if __name__ == "__main__":
    main([Path(folder) for folder in sys.argv[1:]])
