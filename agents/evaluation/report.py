"""All tables of some stages, and the page of the documentation that shows them.

python -m agents.evaluation.report FOLDER…      # measures, and writes the tables into docs/accuracy.md
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from agents.evaluation import entities, language, sentiment
from agents.evaluation.data import Data
from agents.evaluation.plot import reliability_plot
from agents.evaluation.tables import Table

PAGE = Path(__file__).parents[2] / "docs" / "accuracy.md"
STAGES = {"language": language.tables, "entities": entities.tables, "sentiment": sentiment.tables}


def tables(stages: Sequence[str], folders: Sequence[Path], progress: Callable[[str], None] = lambda stage: None) -> Iterator[Table]:
    """The tables of the named stages, one after the other as they are ready.

    Args:
        folders: with labelled text, as `agents.evaluation.data` describes it.
        progress: is told which stage is measured.

    Raises:
        TelexError: a folder is not there.
    """
    data = Data(folders)
    for stage in stages:
        progress(stage)
        yield from STAGES[stage](data)


def main(folders: Sequence[Path]) -> None:
    """Make the tables of docs/accuracy.md anew, and its plots beside it."""
    for stage in STAGES:
        made = "\n\n".join(_published(table) for table in tables([stage], folders, print))
        head, rest = PAGE.read_text(encoding="utf-8").split(f"<!-- {stage} -->\n")
        tail = rest.split(f"<!-- end of {stage} -->")[1]
        PAGE.write_text(f"{head}<!-- {stage} -->\n{made}\n<!-- end of {stage} -->{tail}", encoding="utf-8")


def _published(table: Table) -> str:
    if not table.bins:
        return table.markdown()
    picture = PAGE.with_name(f"{table.name}.svg")
    picture.write_text(reliability_plot(table.name.replace("_", ": "), table.bins), encoding="utf-8")
    return f"{table.markdown()}\n\n![Reliability plot]({picture.name})"


if __name__ == "__main__":
    main([Path(folder) for folder in sys.argv[1:]])
