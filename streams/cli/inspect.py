"""`telex status`, `telex models`, `telex schema`, `telex topics`: what there is to see."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Annotated

import msgspec
import typer
from rich.live import Live
from rich.text import Text

from streams.cli.help_text import OPERATE, USE, examples
from streams.cli.terminal import Format, FormatOption, listing, out, wants_json, write_line
from streams.client.pipeline_status import StageStatus, Watch
from streams.errors import TelexError
from streams.kafka import topics as all_topics
from streams.records import schema as schemas
from streams.settings import load
from streams.stages import STAGE_NAMES
from streams.worker import analysers

WATCH_INTERVAL_S = 2.0
_STATUS = tuple(StageStatus.__dataclass_fields__)


def register(app: typer.Typer) -> None:
    """Add the commands to `telex`."""
    app.command(
        rich_help_panel=OPERATE,
        epilog=examples("telex topics", "telex topics --partitions 32 --replication-factor 3"),
    )(topics)
    app.command(
        rich_help_panel=OPERATE,
        epilog=examples("telex status", "telex status --watch", "telex status --format json | jq .lag"),
    )(status)
    app.command(
        rich_help_panel=OPERATE,
        epilog=examples("telex models", "telex models --format json | jq -r .language | sort -u"),
    )(models)
    app.command(rich_help_panel=USE, epilog=examples("telex schema", "telex schema raw > raw.schema.json"))(schema)


def status(
    watch: Annotated[
        bool, typer.Option("--watch", "-w", help=f"Look again every {WATCH_INTERVAL_S:g} s, until Ctrl-C.")
    ] = False,
    form: FormatOption = None,
) -> None:
    """Show how each stage is doing: lag, records a second, dead letters, workers, last progress. The exit code is 1 without a broker."""
    looks = Watch(load())
    if not watch:
        _show(looks, form)
    elif wants_json(form):
        while True:
            _show(looks, form)
            time.sleep(WATCH_INTERVAL_S)
    else:
        with Live(console=out, auto_refresh=False) as live:
            while True:
                with out.capture() as shown:
                    _show(looks, Format.TABLE)
                live.update(Text.from_ansi(shown.get()), refresh=True)
                time.sleep(WATCH_INTERVAL_S)


def _show(looks: Watch, form: Format | None) -> None:
    listing((asdict(stage) for stage in looks.look()), _STATUS, form)


def models(form: FormatOption = None) -> None:
    """List the languages that each stage analyses (ISO 639-1), with the model and its version, and what package the analyser is of."""
    rows = (
        {"stage": stage, "language": language, "model": model, "analyser": analysers.distribution(stage)}
        for stage in STAGE_NAMES
        for language, model in sorted(analysers.find(stage).models().items())
    )
    listing(rows, ("stage", "language", "model", "analyser"), form)


def schema(
    record: Annotated[schemas.Name, typer.Argument(help="The record, or what one stage adds to it.")] = "enriched",
) -> None:
    """Print the JSON Schema of a record (draft 2020-12)."""
    line = msgspec.json.encode(schemas.schema(record))
    write_line(msgspec.json.format(line, indent=2) if out.is_terminal else line)


def topics(
    partitions: Annotated[
        int | None, typer.Option(min=1, help="Partitions of each topic; else TELEX_PARTITIONS.", show_default=False)
    ] = None,
    replication_factor: Annotated[
        int | None,
        typer.Option(min=1, help="Replicas of each partition; else TELEX_REPLICATION_FACTOR.", show_default=False),
    ] = None,
    form: FormatOption = None,
) -> None:
    """Create the topics that are missing and check the others."""
    settings = load(partitions=partitions, replication_factor=replication_factor)
    made = all_topics.create(settings)
    counts = all_topics.check(settings)
    listing(
        ({"topic": topic, "partitions": counts[topic], "state": state} for topic, state in made.items()),
        ("topic", "partitions", "state"),
        form,
    )
    (count,) = set(counts.values())
    if partitions not in (None, count):
        raise TelexError(
            f"The topics have {count} partitions, not {partitions}: add some to all alike with kafka-topics.sh --alter --partitions."
        )
