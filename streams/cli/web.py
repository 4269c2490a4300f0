"""`telex web`: serves the web page."""

from __future__ import annotations

from typing import Annotated

import typer

from streams import logs
from streams.cli.help_text import OPERATE, examples
from streams.cli.run import interrupts
from streams.cli.terminal import json_line, out
from streams.settings import load


def register(app: typer.Typer) -> None:
    """Add the command to `telex`."""
    app.command(rich_help_panel=OPERATE, epilog=examples("telex web", "telex web --port 8700"))(web)


def web(
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="Port to listen on, 0 for a free one; by default TELEX_WEB_PORT."),
    ] = None,
) -> None:
    """Serve the web page and its JSON, until Ctrl-C. `telex up` does it too.

    The page shows the enriched articles as they arrive. docs/web.md describes it, and the addresses for programs.
    """
    settings = load(web_port=port)
    logs.set_up(settings.log_level, settings.log_format, "web")
    # Imported here: it loads the web server, which no other command needs.
    from streams.web.server import run

    def announce(url: str) -> None:
        if out.is_terminal:
            out.print(f"The page is at [bold]{url}[/]. Ctrl-C stops it.")
        else:
            json_line({"event": "ready", "web": url})

    with interrupts():
        run(settings, announce)
