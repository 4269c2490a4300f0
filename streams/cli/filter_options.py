"""The options of a filter, the same for every command that takes one."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any

import typer

from streams.errors import TelexError
from streams.records.filters import of_values
from streams.records.filters.conditions import CONDITIONS, Condition

# The panel of these options in the help of a command.
PANEL = "Filter (repeat an option to give several values)"


def with_filter(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command an option for each condition of a filter, in place of its parameter `wanted`.

    The command receives the filter as `wanted`. typer reads the options from the signature.
    """
    signature = inspect.signature(command, eval_str=True)

    @wraps(command)
    def run(**arguments: Any) -> None:
        values = {name: arguments.pop(name) or [] for name in CONDITIONS}
        try:
            wanted = of_values(values)
        except TelexError as error:
            raise typer.BadParameter(str(error).rstrip(".")) from None
        command(**arguments, wanted=wanted)

    parameters = []
    for parameter in signature.parameters.values():
        parameters += [_option(each) for each in CONDITIONS.values()] if parameter.name == "wanted" else [parameter]
    run.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    return run


def _option(condition: Condition) -> inspect.Parameter:
    def checked(values: list[str] | None) -> list[str]:
        # Here and not only with the whole filter, so that the error names the option.
        try:
            return [condition.value(value) for value in values or ()]
        except ValueError as error:
            raise typer.BadParameter(str(error)) from None

    option = typer.Option(
        condition.option,
        help=f"Only articles {condition.meaning}.",
        callback=checked,
        autocompletion=(lambda: list(condition.choices)) if condition.choices else None,
        metavar="VALUE",
        rich_help_panel=PANEL,
        show_default=False,
    )
    return inspect.Parameter(
        condition.name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[list[str] | None, option]
    )
