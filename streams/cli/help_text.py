"""The parts that the help of every command shares: the three panels of `telex --help`, and the form of the examples."""

from __future__ import annotations

# `telex --help` groups the commands by what a user wants to do.
USE, OPERATE, DEVELOP = "Use Telex", "Operate Telex", "Develop Telex"


def examples(*lines: str) -> str:
    """The examples at the end of a command's help, in rich's markup.

    Args:
        lines: one command line each. A remark may follow it, after ` # `.
    """
    shown = []
    for line in lines:
        command, _, remark = line.partition(" # ")
        shown.append(f"[bold]{command}[/] ({remark})" if remark else f"[bold]{command}[/]")
    return f"Examples: {' · '.join(shown)}"
