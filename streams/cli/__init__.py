"""The command line: `telex`, one module for each group of commands."""

from streams.cli.application import app, main

__all__ = ["app", "main"]
