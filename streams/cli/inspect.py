"""`telex topics`, `telex status`, `telex models` and `telex schema`: the state of the pipeline and its description."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated

import msgspec
import typer
from rich.live import Live
from rich.text import Text

from streams.cli import source_rows
from streams.cli.help_text import OPERATE, USE, examples
from streams.cli.terminal import Format, FormatOption, json_line, listing, out, wants_json, write_line
from streams.client.pipeline_status import StageStatus, StatusReader
from streams.client.source_status import MAX_RECORDS, SourceStatusReader
from streams.errors import TelexError
from streams.kafka import topics as kafka_topics
from streams.records import schema as record_schema
from streams.settings import load
from streams.stages import ALL_TOPICS, RAW, STAGE_NAMES
from streams.worker import analysers

WATCH_INTERVAL_S = 2.0
_STATUS_COLUMNS = tuple(StageStatus.__dataclass_fields__)


def register(app: typer.Typer) -> None:
    """Add the commands to `telex`."""
    app.command(
        rich_help_panel=OPERATE,
        epilog=examples("telex topics", "telex topics --partitions 32 --replication-factor 3"),
    )(topics)
    app.command(
        rich_help_panel=OPERATE,
        epilog=examples(
            "telex status", "telex status --watch", "telex status --format json | jq .lag", "telex status --sources"
        ),
    )(status)
    app.command(
        rich_help_panel=OPERATE,
        epilog=examples("telex models", "telex models --format json | jq -r .language | sort -u"),
    )(models)
    app.command(rich_help_panel=USE, epilog=examples("telex schema", "telex schema raw > raw.schema.json"))(schema)


def status(
    sources: Annotated[
        bool,
        typer.Option(
            "--sources",
            help=f"Show the articles of each source and language instead. This reads the enriched articles of the last two days, {MAX_RECORDS:,} at most.",
        ),
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", "-w", help=f"Show the status again every {WATCH_INTERVAL_S:g} s, until Ctrl-C.")
    ] = False,
    form: FormatOption = None,
) -> None:
    """Show lag, rate, dead letters, workers and last progress of each stage. Exit with code 1 without a broker.

    With --sources, show how many articles of each source and language came in the last hour and day, how old the last
    one is, and what share was not analysed.
    """
    show = _show_sources(SourceStatusReader(load())) if sources else _show_stages(StatusReader(load()))
    if not watch:
        show(form)
    elif wants_json(form):
        while True:
            show(form)
            time.sleep(WATCH_INTERVAL_S)
    else:
        with Live(console=out, auto_refresh=False) as live:
            while True:
                with out.capture() as shown:
                    show(Format.TABLE)
                live.update(Text.from_ansi(shown.get()), refresh=True)
                time.sleep(WATCH_INTERVAL_S)


def _show_stages(reader: StatusReader) -> Callable[[Format | None], None]:
    return lambda form: listing((asdict(stage) for stage in reader.read()), _STATUS_COLUMNS, form)


def _show_sources(reader: SourceStatusReader) -> Callable[[Format | None], None]:
    def show(form: Format | None) -> None:
        rows = reader.read()
        if wants_json(form):
            for row in rows:
                json_line(row)
        else:
            source_rows.show(rows, reader.since)

    return show


def models(form: FormatOption = None) -> None:
    """List the languages of each stage (ISO 639-1), with the model, its version and the package of the analyser."""
    rows = (
        {"stage": stage, "language": language, "model": model, "analyser": analysers.distribution(stage)}
        for stage in STAGE_NAMES
        for language, model in sorted(analysers.find(stage).models().items())
    )
    listing(rows, ("stage", "language", "model", "analyser"), form)


def schema(
    record: Annotated[
        record_schema.Name, typer.Argument(help="The record, or the analysis that one stage adds to it.")
    ] = "enriched",
) -> None:
    """Print the JSON Schema of a record (draft 2020-12)."""
    line = msgspec.json.encode(record_schema.schema(record))
    write_line(msgspec.json.format(line, indent=2) if out.is_terminal else line)


def topics(
    partitions: Annotated[
        int | None,
        typer.Option(min=1, help="Partitions of each topic; by default TELEX_PARTITIONS.", show_default=False),
    ] = None,
    replication_factor: Annotated[
        int | None,
        typer.Option(
            min=1, help="Replicas of each partition; by default TELEX_REPLICATION_FACTOR.", show_default=False
        ),
    ] = None,
    form: FormatOption = None,
) -> None:
    """Create the topics that are missing, and check the others."""
    settings = load(partitions=partitions, replication_factor=replication_factor)
    states = kafka_topics.create(settings)
    counts = kafka_topics.check(settings, ALL_TOPICS)
    listing(
        ({"topic": topic, "partitions": counts[topic], "state": state} for topic, state in states.items()),
        ("topic", "partitions", "state"),
        form,
    )
    count = counts[settings.topic(RAW)]
    if partitions not in (None, count):
        raise TelexError(
            f"The topics have {count} partitions, not {partitions}: "
            "add partitions to all of them alike with kafka-topics.sh --alter --partitions."
        )
