"""A table of figures, as rows for a terminal or a pipe, and in Markdown for the documentation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evaluation.measures import Bin, Estimate, calibration_error, reliability

Cell = str | int | float | Estimate | None


@dataclass(frozen=True)
class Table:
    """Figures of one kind.

    Attributes:
        name: a word that no other table has.
        title: its content, in a sentence.
        rows: cells by the name of the column; all rows have the same columns.
        bins: the bins of a reliability plot, if the table is about confidence.
    """

    name: str
    title: str
    rows: Sequence[Mapping[str, Cell]]
    bins: Sequence[Bin] = ()

    def records(self) -> list[dict[str, str | int | float | None]]:
        """The rows for JSON lines: an estimate becomes three numbers."""
        return [{"table": self.name, **_flat(row)} for row in self.rows]

    def shown(self) -> list[list[str]]:
        """The names of the columns, and each row as people read it."""
        columns = list(self.rows[0])
        return [columns, *([shown(row[column]) for column in columns] for row in self.rows)]

    def markdown(self) -> str:
        """The table in Markdown, under its title."""
        columns, *rows = self.shown()
        lines = [columns, ["---"] * len(columns), *rows]
        return f"**{self.title}**\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines)


def confidence(name: str, texts: str, answers: Sequence[tuple[float, bool]]) -> Table:
    """The table of (confidence, whether it is right) of some texts."""
    bins = reliability(answers)
    title = f"Confidence and the part that is right, {texts}: calibration error {calibration_error(answers):.3f}"
    return Table(
        name,
        title,
        [{"answers": each.number, "confidence": each.confidence, "right": each.right} for each in bins],
        bins,
    )


def shown(cell: Cell) -> str:
    """A cell as people read it."""
    if isinstance(cell, Estimate):
        value, low, high = (
            f"{round(number, 3) + 0.0:.3f}" for number in (cell.value, cell.low, cell.high)
        )  # and never -0.000
        return f"{value} ({low}{' to ' if cell.low < 0 else '–'}{high})"
    if isinstance(cell, float):
        return f"{cell:.3f}"
    if isinstance(cell, int):
        return f"{cell:,}"
    return cell or ""


def _flat(row: Mapping[str, Cell]) -> dict[str, str | int | float | None]:
    flat: dict[str, str | int | float | None] = {}
    for column, cell in row.items():
        name = column.replace(" ", "_")
        if isinstance(cell, Estimate):
            flat |= {name: round(cell.value, 4), f"{name}_low": round(cell.low, 4), f"{name}_high": round(cell.high, 4)}
        else:
            flat[name] = round(cell, 4) if isinstance(cell, float) else cell
    return flat
