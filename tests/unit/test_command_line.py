"""The command line: its help, its output in a pipe and on a terminal, its errors and its exit codes."""

from __future__ import annotations

import os
import pty
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from streams.cli import app, main
from streams.cli.help_text import DEVELOP, OPERATE, USE
from streams.errors import Reason
from streams.records.schema import NAMES
from streams.stages import STAGE_NAMES, TOPICS

BIN = Path(sys.executable).parent
TELEX = str(BIN / "telex")
# Without the variables with which a build server forces colours.
ENVIRONMENT = {
    name: value
    for name, value in os.environ.items()
    if name not in ("FORCE_COLOR", "PY_COLORS", "GITHUB_ACTIONS", "NO_COLOR")
}
ROOT: Any = typer.main.get_command(app)


def commands(group: Any = ROOT, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Every command that is no group, with its full name."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


COMMANDS = dict(commands())


def examples(command: Any) -> list[str]:
    """The command lines that the help of a command shows as examples."""
    return re.findall(r"\[bold\](.*?)\[/\]", command.epilog)


def parse(arguments: list[str]) -> str:
    """The name of the command that `telex` runs for the arguments. Raises for a wrong option or value; runs nothing."""
    names, command, context = [], ROOT, None
    while True:
        context = command.make_context("telex", arguments, parent=context)
        if not hasattr(command, "commands"):
            return " ".join(names)
        name, command, arguments = command.resolve_command(context, context._protected_args + context.args)
        names.append(name)


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `telex` with pipes."""
    return subprocess.run(
        [TELEX, *arguments], env={**ENVIRONMENT, **environment}, capture_output=True, text=True, timeout=60, check=False
    )


def on_a_terminal(*arguments: str, **environment: str) -> str:
    """Run `telex` on a terminal. Returns what it writes."""
    terminal, telex_side = pty.openpty()
    with subprocess.Popen(
        [TELEX, *arguments],
        env={**ENVIRONMENT, "TERM": "xterm-256color", **environment},
        stdin=telex_side,
        stdout=telex_side,
        stderr=telex_side,
    ):
        os.close(telex_side)
        shown = b""
        try:
            while part := os.read(terminal, 65536):
                shown += part
        except OSError:  # Linux raises it when the other side has closed
            pass
    os.close(terminal)
    return shown.decode()


def colours(shown: str) -> set[str]:
    """The codes of all colours in the terminal's escape sequences."""
    codes = {code for sequence in re.findall(r"\x1b\[([\d;]*)m", shown) for code in sequence.split(";")}
    return {code for code in codes if re.fullmatch(r"[34][0-8]|9[0-7]|10[0-7]", code)}


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


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_at_least_two_examples(name: str) -> None:
    assert len(set(examples(COMMANDS[name]))) >= 2


@pytest.mark.parametrize(
    ("name", "example"), [(name, example) for name, command in COMMANDS.items() for example in examples(command)]
)
def test_every_example_is_right_usage_of_its_command(name: str, example: str) -> None:
    (telex,) = (part for part in re.split(r" \| | >>? ", example) if part.startswith("telex"))
    assert parse(shlex.split(telex)[1:]) == name


def test_every_example_of_a_group_is_right_usage_of_its_commands() -> None:
    group_examples = examples(ROOT.commands["dead"])
    assert len(group_examples) >= 2
    assert all(parse(shlex.split(example)[1:]).startswith("dead ") for example in group_examples)


def test_the_help_groups_the_commands_by_what_a_user_wants_to_do() -> None:
    groups = {
        panel: {name for name, command in ROOT.commands.items() if command.rich_help_panel == panel}
        for panel in (USE, OPERATE, DEVELOP)
    }
    assert groups == {
        USE: {"demo", "publish", "subscribe", "dead", "schema"},
        OPERATE: {"up", "broker", "worker", "topics", "status", "models"},
        DEVELOP: {"bench", "evaluate"},
    }
    assert set().union(*groups.values()) == set(ROOT.commands)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("nowhere", "No such command 'nowhere'. See `telex --help`."),
        ("wroker", "No such command 'wroker'. Did you mean 'worker', 'broker'? See `telex --help`."),
        ("--nope", "No such option: --nope. See `telex --help`."),
        ("dead nope", "No such command 'nope'. See `telex dead --help`."),
        ("up extra", "Got unexpected extra argument(s) (extra). See `telex up --help`."),
        ("worker", "Missing argument 'STAGE'. See `telex worker --help`."),
        (
            "worker nowhere",
            f"Invalid value for 'STAGE': 'nowhere' is none of {', '.join(STAGE_NAMES)}. See `telex worker --help`.",
        ),
        (
            "dead list --stage nowhere",
            f"Invalid value for '--stage': 'nowhere' is none of {', '.join(STAGE_NAMES)}. "
            "See `telex dead list --help`.",
        ),
        (
            "worker language --proceses 2",
            "No such option: --proceses (Possible options: --processes). See `telex worker --help`.",
        ),
        (
            "broker --port 65536",
            "Invalid value for '--port': Input should be less than or equal to 65535. See `telex broker --help`.",
        ),
        (
            "schema raws",
            f"Invalid value for 'record': 'raws' is not one of {', '.join(map(repr, NAMES))}. "
            "See `telex schema --help`.",
        ),
        (
            "dead redrive",
            "Invalid value: name ids, or --reason, or --all: one of the three. See `telex dead redrive --help`.",
        ),
    ],
)
def test_wrong_usage_is_reported_in_one_line_that_names_the_help(
    arguments: str, message: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["telex", *arguments.split()])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert capsys.readouterr() == ("", f"telex: {message}\n")


@pytest.mark.parametrize("arguments", ["", "dead"])
def test_without_a_command_it_lists_the_commands(
    arguments: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["telex", *arguments.split()])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    shown = capsys.readouterr()
    assert shown.err == ""
    assert all(
        name.split()[-1] in shown.out
        for name in COMMANDS
        if name.startswith(arguments) and (arguments or " " not in name)
    )


def test_it_prints_its_version() -> None:
    from importlib.metadata import version

    done = run("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"telex {version('telex')}\n", "")


def test_python_can_run_it_as_a_module() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "streams.cli", "worker"], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (2, "telex: Missing argument 'STAGE'. See `telex worker --help`.\n")


def test_a_failure_is_reported_in_one_line() -> None:
    done = run("publish", "missing.txt")
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(r"telex: missing\.txt does not exist: .*\.\n", done.stderr)


def test_a_pipe_gets_no_colours() -> None:
    for done in (run("--help"), run("worker", "nowhere")):
        assert "\x1b" not in done.stdout + done.stderr


def test_a_terminal_gets_colours_unless_the_environment_forbids_them() -> None:
    assert colours(on_a_terminal("worker", "nowhere")) == {"31"}
    assert colours(on_a_terminal("--help"))
    assert not colours(on_a_terminal("worker", "nowhere", NO_COLOR="1"))
    assert not colours(on_a_terminal("--help", NO_COLOR="1"))
    assert "\x1b" not in on_a_terminal("worker", "nowhere", TERM="dumb")


def test_a_terminal_gets_indented_json_and_a_pipe_one_line() -> None:
    assert '{"$schema"' in run("schema", "raw").stdout
    assert '{\r\n  "$schema"' in on_a_terminal("schema", "raw")


def test_a_reader_that_goes_away_ends_it_without_a_message() -> None:
    with subprocess.Popen([TELEX, "schema"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as telex:
        assert telex.stdout
        assert telex.stderr
        telex.stdout.close()
        assert telex.stderr.read() == ""
    assert telex.returncode == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_an_output_that_cannot_be_written_is_reported_in_one_line() -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [TELEX, "schema"], stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False
        )
    assert (done.returncode, done.stderr) == (1, "telex: The output cannot be written: No space left on device.\n")


def in_bash(script: str, home: Path) -> str:
    environment = {**ENVIRONMENT, "HOME": str(home), "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    # The extra `true` keeps bash as the parent of telex, which tells from its parent which shell it serves.
    done = subprocess.run(
        ["bash", "--norc", "-c", f"{script}\ntrue"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_the_completion_of_bash_can_be_shown_and_installed(tmp_path: Path) -> None:
    assert "complete -o default -F _telex_completion telex" in in_bash("telex --show-completion", tmp_path)
    assert "bash completion installed in" in in_bash("telex --install-completion", tmp_path)
    words = 'COMP_WORDS=(telex wo); COMP_CWORD=1; _telex_completion telex; echo "${COMPREPLY[@]}"'
    assert in_bash(f'source "$HOME/.bashrc"; {words}', tmp_path) == "worker\n"


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("", [*ROOT.commands]),
        ("dead ", ["list", "show", "redrive"]),
        ("worker ", STAGE_NAMES),
        ("worker s", ["sentiment"]),
        ("schema ", NAMES),
        ("subscribe --topic ", TOPICS),
        ("dead list --reason analysis_", [reason for reason in Reason if reason.startswith("analysis_")]),
        ("dead redrive --reason ", list(Reason)),
        ("dead list --stage ", STAGE_NAMES),
        ("status --format ", ["json", "table"]),
        ("worker entities --p", ["--processes"]),
    ],
)
def test_the_next_word_is_completed(typed: str, offered: list[str]) -> None:
    words = f"telex {typed}"
    done = run(_TELEX_COMPLETE="complete_bash", COMP_WORDS=words, COMP_CWORD=str(len(words.split(" ")) - 1))
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(done.stdout.split()) == sorted(offered)
