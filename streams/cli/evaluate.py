"""`telex evaluate`: measures how right the analyses are, on labelled text."""

from __future__ import annotations

import importlib
import os
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from streams.cli.help_text import DEVELOP, examples
from streams.cli.terminal import json_line, one_of, out, progress
from streams.errors import TelexError
from streams.worker.analysis_connection import ONE_THREAD


class Form(StrEnum):
    """The output format of the tables."""

    JSON = "json"
    TABLE = "table"
    MARKDOWN = "markdown"


def register(app: typer.Typer) -> None:
    """Add the command to `telex`."""
    app.command(
        rich_help_panel=DEVELOP,
        epilog=examples(
            "telex evaluate grouping fairness stories",
            "telex evaluate language --data my-labelled-text/",
            "telex evaluate fairness --format json | jq .",
        ),
    )(evaluate)


def evaluate(
    parts: Annotated[
        list[str] | None,
        typer.Argument(
            help="language, entities, passages (short hard ones), grouping (of an article's mentions), sentiment, fairness or stories; by default all.",
            metavar="[PART…]",
            show_default=False,
        ),
    ] = None,
    data: Annotated[
        list[Path] | None,
        typer.Option(
            help="A folder with labelled text (docs/accuracy.md describes the form). You can give several.",
            show_default=False,
        ),
    ] = None,
    form: Annotated[
        Form | None,
        typer.Option(
            "--format",
            help="json (a line each), table or markdown; by default a table on a terminal, JSON in a pipe.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Measure how right the analyses are on labelled text, with 95 % intervals, beside other tools on the same text.

    The part "fairness" measures how an analysis changes when a person in the text has a name of another origin.
    """
    # The libraries read these variables at import. With more threads, processor time counts waiting for them too.
    os.environ.update(ONE_THREAD)
    # Imported by name, as workers import their stage: `streams` knows nothing about the analyses.
    report = importlib.import_module("evaluation.report")
    chosen = [one_of(part, report.PARTS) for part in parts or report.PARTS]
    folders = data or []
    if not folders and not report.OWN_TEXT.issuperset(chosen):
        raise TelexError(
            "Name a folder with labelled text: `telex evaluate --data FOLDER`; docs/accuracy.md describes the form."
        )
    form = form or (Form.TABLE if out.is_terminal else Form.JSON)
    with progress() as bar:
        task = bar.add_task("Measuring", total=None)
        for table in report.tables(chosen, folders, lambda part: bar.update(task, description=f"Measuring {part}")):
            _show(table, form)


def _show(table: Any, form: Form) -> None:
    if form is Form.MARKDOWN:
        out.print(table.markdown(), "", markup=False, soft_wrap=True)
    elif form is Form.JSON:
        for record in table.records():
            json_line(record)
    else:
        out.print(_rich(table.title, table.shown()), "")


def _rich(title: str, rows: Sequence[Sequence[str]]) -> Table:
    columns, *rest = rows
    table = Table(*columns, title=title, title_justify="left", box=None, header_style="bold", pad_edge=False)
    for row in rest:
        table.add_row(*row)
    return table
