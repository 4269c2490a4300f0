"""Every error for users says what was wrong and what to do next."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ERRORS = ("TelexError", "RecordError", "UnreachableError")
# What stands in place of a value in a message.
VALUE = "…"
MAX_CHARACTERS = 300

# The part of each message that names it, and why the message is an exception.
EXCEPTIONS = {
    "did you mean": "a question is the shortest advice on a mistyped name",
    f"The broker did not answer within {VALUE} s{VALUE}": "the diagnosis at its end has the remedy and the full stop",
    f"{VALUE}: {VALUE}": "the error of an article, with the article's origin before it",
}


def _messages() -> Iterator[tuple[str, str]]:
    """Where each error is made, and its message, with VALUE for what is known at run time only."""
    for folder in ("streams", "agents", "evaluation"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ERRORS:
                    message = _text(node.args[-1])
                    if message != VALUE:  # made elsewhere
                        yield f"{path.relative_to(ROOT)}:{node.lineno}", message


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) for part in node.values)
    return str(node.value) if isinstance(node, ast.Constant) else VALUE


def _is_exception(message: str) -> bool:
    return any(message == part or (VALUE not in part and part in message) for part in EXCEPTIONS)


MESSAGES = list(_messages())
REGULAR = [(place, message) for place, message in MESSAGES if not _is_exception(message)]


def test_the_messages_are_found() -> None:
    assert len(MESSAGES) > 60


@pytest.mark.parametrize("part", EXCEPTIONS)
def test_each_exception_is_a_message(part: str) -> None:
    assert [message for _, message in MESSAGES if message == part or (VALUE not in part and part in message)]


@pytest.mark.parametrize(("place", "message"), REGULAR, ids=[place for place, _ in REGULAR])
def test_a_message_is_a_sentence_with_a_remedy(place: str, message: str) -> None:
    assert message.endswith("."), f"{place}: end with a full stop"
    assert ": " in message or ". " in message, f"{place}: say what to do after a colon or in a second sentence"
    assert "\n" not in message
    assert len(message) <= MAX_CHARACTERS, f"{place}: say it in {MAX_CHARACTERS} characters"
