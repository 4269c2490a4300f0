"""All tables of what is measured, and the page of the documentation that shows them.

python -m agents.evaluation.report FOLDER…      # measures, and writes the tables into docs/accuracy.md
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from agents.evaluation import entities, grouping, language, sentiment
from agents.evaluation.data import Data
from agents.evaluation.plot import reliability_plot
from agents.evaluation.tables import Table

PAGE = Path(__file__).parents[2] / "docs" / "accuracy.md"
# What is measured: the stages, and a part of one.
MEASURES = {"language": language.tables, "entities": entities.tables, "grouping": grouping.tables, "sentiment": sentiment.tables}


def tables(chosen: Sequence[str], folders: Sequence[Path], progress: Callable[[str], None] = lambda measured: None) -> Iterator[Table]:
    """The tables of what is chosen among `MEASURES`, one after the other as they are ready.

    Args:
        folders: with labelled text, as `agents.evaluation.data` describes it.
        progress: is told what is measured.

    Raises:
        TelexError: a folder is not there.
    """
    data = Data(folders)
    for measured in chosen:
        progress(measured)
        yield from MEASURES[measured](data)


def publish(measured: str, folders: Sequence[Path]) -> None:
    """Make the tables of one part of docs/accuracy.md anew, and its plots beside it."""
    made = "\n\n".join(_published(table) for table in tables([measured], folders, print))
    head, rest = PAGE.read_text(encoding="utf-8").split(f"<!-- {measured} -->\n")
    tail = rest.split(f"<!-- end of {measured} -->")[1]
    PAGE.write_text(f"{head}<!-- {measured} -->\n{made}\n<!-- end of {measured} -->{tail}", encoding="utf-8")


def _published(table: Table) -> str:
    if not table.bins:
        return table.markdown()
    picture = PAGE.with_name(f"{table.name}.svg")
    picture.write_text(reliability_plot(table.name.replace("_", ": "), table.bins), encoding="utf-8")
    return f"{table.markdown()}\n\n![Reliability plot]({picture.name})"


if __name__ == "__main__":
    for each in MEASURES:
        publish(each, [Path(folder) for folder in sys.argv[1:]])
