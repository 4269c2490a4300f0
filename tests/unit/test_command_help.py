"""The help of the command line: every command explains itself with examples that work."""

from __future__ import annotations

import re
import shlex
from typing import Any

import pytest
from typer.testing import CliRunner

from evaluation.report import PARTS
from streams.cli import app
from streams.cli.help_text import DEVELOP, OPERATE, USE
from tests.support.command_line import COMMANDS, ROOT


def examples(command: Any) -> list[str]:
    """The command lines that the help of a command shows as examples."""
    return re.findall(r"\[bold\](.*?)\[/\]", command.epilog)


def parse(arguments: list[str]) -> str:
    """The name of the command that `telex` runs for the arguments. Raises for a wrong option or value; runs nothing."""
    names: list[str] = []
    command, context = ROOT, None
    while True:
        context = command.make_context("telex", arguments, parent=context)
        if not hasattr(command, "commands"):
            return " ".join(names)
        name, command, arguments = command.resolve_command(context, context._protected_args + context.args)
        names.append(name)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_help_with_examples(name: str) -> None:
    done = CliRunner().invoke(app, [*name.split(), "--help"])
    assert done.exit_code == 0
    shown = " ".join(re.sub(r"\x1b\[[\d;]*m", "", done.stdout).split())
    assert shown.startswith(f"Usage: telex {name} ")
    assert f"Examples: telex {name}" in shown


@pytest.mark.parametrize("name", COMMANDS)
def test_every_argument_and_option_is_explained(name: str) -> None:
    assert [parameter.name for parameter in COMMANDS[name].params if not parameter.help] == []


def test_the_help_of_evaluate_names_every_part() -> None:
    (parts,) = (parameter.help for parameter in COMMANDS["evaluate"].params if parameter.name == "parts")
    assert [part for part in PARTS if part not in parts] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_at_least_two_examples(name: str) -> None:
    assert len(set(examples(COMMANDS[name]))) >= 2


@pytest.mark.parametrize(
    ("name", "example"), [(name, example) for name, command in COMMANDS.items() for example in examples(command)]
)
def test_every_example_is_a_correct_use_of_its_command(name: str, example: str) -> None:
    (telex,) = (part for part in re.split(r" \| | >>? ", example) if part.startswith("telex"))
    assert parse(shlex.split(telex)[1:]) == name


def test_every_example_of_a_group_is_a_correct_use_of_its_commands() -> None:
    group_examples = examples(ROOT.commands["dead"])
    assert len(group_examples) >= 2
    assert all(parse(shlex.split(example)[1:]).startswith("dead ") for example in group_examples)


def test_the_help_groups_the_commands_by_what_a_user_wants_to_do() -> None:
    groups = {
        panel: {name for name, command in ROOT.commands.items() if command.rich_help_panel == panel}
        for panel in (USE, OPERATE, DEVELOP)
    }
    assert groups == {
        USE: {"demo", "publish", "subscribe", "watch", "dead", "schema"},
        OPERATE: {"up", "web", "broker", "worker", "topics", "status", "models", "replay"},
        DEVELOP: {"bench", "evaluate"},
    }
    assert set().union(*groups.values()) == set(ROOT.commands)
