"""The command line: its output in a pipe and on a terminal, its errors and its exit codes."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from streams.cli import main
from streams.records.schema import NAMES
from streams.stages import WORKERS
from tests.support.command_line import COMMANDS, ENVIRONMENT, TELEX, run


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
            f"Invalid value for 'STAGE': 'nowhere' is none of {', '.join(WORKERS)}. See `telex worker --help`.",
        ),
        (
            "dead list --stage nowhere",
            f"Invalid value for '--stage': 'nowhere' is none of {', '.join(WORKERS)}. See `telex dead list --help`.",
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
def test_without_a_command_the_commands_are_listed(
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


def test_the_command_prints_its_version() -> None:
    from importlib.metadata import version

    done = run("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"telex {version('telex')}\n", "")


def test_python_can_run_the_command_as_a_module() -> None:
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


def test_a_pipe_that_is_closed_ends_the_command_without_a_message() -> None:
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
    assert (done.returncode, done.stderr) == (
        1,
        "telex: The output cannot be written: No space left on device. Write it to another file or disk.\n",
    )
