"""The programs of the README are the files of examples/, and the stage among them works."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

from streams.records import codec

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
PROGRAMS = sorted([*EXAMPLES.glob("*.py"), EXAMPLES / "length" / "agent.py"])
README = (ROOT / "README.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"^```python\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("example", PROGRAMS, ids=lambda example: str(example.relative_to(EXAMPLES)))
def test_the_readme_shows_an_example_as_it_stands_in_its_file(example: Path) -> None:
    assert example.read_text(encoding="utf-8") in SHOWN
    assert f"examples/{example.relative_to(EXAMPLES)}" in README


def test_every_program_that_the_readme_shows_is_an_example() -> None:
    programs = [program for program in SHOWN if "import" in program]
    assert sorted(programs) == sorted(example.read_text(encoding="utf-8") for example in PROGRAMS)


def test_the_page_of_the_examples_names_each_of_them() -> None:
    named = re.findall(r"^\| \[([^]]+)\]", (EXAMPLES / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(named) == sorted(path.name for path in EXAMPLES.iterdir() if path.name[0].islower())


def test_the_stage_of_the_examples_counts_words_and_minutes() -> None:
    specification = importlib.util.spec_from_file_location("length", EXAMPLES / "length" / "agent.py")
    assert specification
    assert specification.loader
    length = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(length)
    article = codec.decode_raw(b'{"text": "%s"}' % (b"word " * 476))
    (found,) = length.analyse([article])
    assert (found.words, found.minutes) == (476, 2.0)
