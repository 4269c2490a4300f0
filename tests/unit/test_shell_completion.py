"""The completion of the command line in a shell."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from streams.errors import Reason
from streams.records.schema import NAMES
from streams.stages import MATCHES, STORIES, TOPICS, WORKERS
from tests.support.command_line import BIN, ENVIRONMENT, ROOT, run


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
        ("worker ", list(WORKERS)),
        ("worker s", ["sentiment", "stories"]),
        ("schema ", NAMES),
        ("subscribe --topic ", [*TOPICS, STORIES, MATCHES]),
        ("dead list --reason analysis_", [reason for reason in Reason if reason.startswith("analysis_")]),
        ("dead redrive --reason ", list(Reason)),
        ("dead list --stage ", list(WORKERS)),
        ("status --format ", ["json", "table"]),
        ("worker entities --p", ["--processes"]),
    ],
)
def test_the_next_word_is_completed(typed: str, offered: list[str]) -> None:
    words = f"telex {typed}"
    done = run(_TELEX_COMPLETE="complete_bash", COMP_WORDS=words, COMP_CWORD=str(len(words.split(" ")) - 1))
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(done.stdout.split()) == sorted(offered)
