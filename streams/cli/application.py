"""The `telex` command: all its subcommands, and how it ends."""

from __future__ import annotations

import sys
from io import TextIOWrapper
from typing import Annotated, NoReturn

import typer

from streams.cli import (
    bench,
    dead_letters,
    demo,
    evaluate,
    inspect,
    publish,
    replay_command,
    run,
    subscribe,
    watch,
    web,
)
from streams.cli.terminal import complain
from streams.errors import TelexError

FAILED, INTERRUPTED = 1, 130

app = typer.Typer(
    name="telex",
    help="Raw news articles go in, articles with their language, entities and sentiment come out.",
    epilog="Settings are environment variables, TELEX_…; docs/settings.md lists them.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for group in (demo, run, web, publish, subscribe, watch, replay_command, dead_letters, inspect, bench, evaluate):
    group.register(app)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"telex {version('telex')}")
        raise typer.Exit


@app.callback()
def _telex(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass


def main() -> NoReturn:
    """Run the command and exit: code 0 for success, 1 for failure, 2 for wrong usage, 130 for an interrupt."""
    for stream in (sys.stdout, sys.stderr):
        # Under the C locale Python writes ASCII only, and an id or a title may have other characters.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        code = app(prog_name="telex", standalone_mode=False)
    except TelexError as error:
        complain(str(error))
        sys.exit(FAILED)
    except typer.Abort:
        complain("Nothing was done.")
        sys.exit(FAILED)
    except typer.TyperException as error:
        _complain_about_usage(error)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    sys.exit(code)


def _complain_about_usage(error: typer.TyperException) -> None:
    """Report wrong usage in one line. A group without a command has already shown its help, and has no message."""
    message = " ".join(error.format_message().replace("Value error, ", "").split())
    context = getattr(error, "ctx", None)
    if message:
        stop = "" if message.endswith((".", "?")) else "."
        complain(f"{message}{stop} See `{context.command_path if context else 'telex'} --help`.")
