"""The sample articles agree with the tables that describe them."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from streams.errors import Reason

SEEDS = Path(__file__).parents[2] / "seeds"
BAD = SEEDS / "bad"
DATE = re.compile(r" date (\d{4}-\d{2}(?:-\d{2})?) (?=\S)")
# A publisher causes all reasons but those of the analysis and of the delivery of matches.
PUBLISHERS = {reason.value for reason in Reason if not reason.value.startswith(("analysis_", "delivery_"))}
# The record that is too large has 4 MB and is made when it is needed. A record that cannot be decoded needs a damaged
# batch, which no file holds.
STORED = PUBLISHERS - {Reason.TOO_LARGE.value, Reason.UNDECODABLE.value}


def rows(table: Path) -> list[list[str]]:
    lines = [line for line in table.read_text().splitlines() if line.startswith("| `")]
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines]


def read(path: Path) -> list[dict[str, Any]]:
    content = path.read_text()
    match path.suffix:
        case ".jsonl":
            return [json.loads(line) for line in content.splitlines()]
        case ".json":
            return [json.loads(content)]
        case _:
            return [{"id": path.stem, "text": DATE.sub("", content, count=1)}]


TABLE = rows(SEEDS / "README.md")
FILES = {path.name: read(path) for path in sorted(SEEDS.iterdir()) if path.suffix in (".txt", ".json", ".jsonl")}
ARTICLES = [article for articles in FILES.values() for article in articles]
LANGUAGES = {file: languages.split(", ") for file, languages, *_ in TABLE}


def test_the_table_names_every_file_once() -> None:
    assert sorted(row[0] for row in TABLE) == sorted(FILES)


def test_the_table_gives_a_language_for_every_article() -> None:
    assert {file: len(languages) for file, languages in LANGUAGES.items()} == {
        file: len(articles) for file, articles in FILES.items()
    }


def test_the_introduction_gives_the_number_of_articles() -> None:
    spoken = Counter(language for languages in LANGUAGES.values() for language in languages)
    assert f"{len(ARTICLES)} short news articles in {len(spoken)} languages" in (SEEDS / "README.md").read_text()
    assert spoken["en"] >= 7
    assert spoken["fr"] >= 6


@pytest.mark.parametrize("article", ARTICLES, ids=lambda article: article.get("id", "no-id"))
def test_an_article_is_neither_too_short_nor_too_long(article: dict[str, Any]) -> None:
    assert 300 <= len(article["text"]) <= 4_000
    assert article["text"] == article["text"].lstrip()


def test_no_two_articles_have_the_same_id() -> None:
    assert [
        name for name, count in Counter(article["id"] for article in ARTICLES if "id" in article).items() if count > 1
    ] == []


@pytest.mark.parametrize("file", [file for file in FILES if file.endswith(".json")])
def test_a_json_file_is_named_after_its_article(file: str) -> None:
    assert FILES[file][0]["id"] == Path(file).stem


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row[0])
def test_a_file_has_the_form_that_the_table_says(row: list[str]) -> None:
    path = SEEDS / row[0]
    forms = {".json": "JSON", ".jsonl": "JSON lines", ".txt": "dated text" if DATE.match(path.read_text()) else "text"}
    assert row[2] == forms[path.suffix]


def test_every_form_has_a_sample() -> None:
    assert {row[2] for row in TABLE} == {"text", "dated text", "JSON", "JSON lines"}


@pytest.mark.parametrize(
    "article", [article for article in ARTICLES if "url" in article], ids=lambda article: article["url"]
)
def test_addresses_are_of_hosts_reserved_for_examples(article: dict[str, Any]) -> None:
    assert re.match(r"https://\w+\.example\.(org|com)/", article["url"])


def test_some_numbers_keep_their_meaning_only_as_bytes() -> None:
    numbers = re.findall(r"(?<=: )-?\d[\d.eE+-]*", "".join(path.read_text() for path in SEEDS.glob("*.json")))
    assert [number for number in numbers if number.isdigit() and int(number) > 2**64]
    assert [number for number in numbers if "." in number and repr(float(number)) != number]


def test_every_reason_that_a_publisher_can_cause_has_its_file() -> None:
    assert {path.stem for path in BAD.glob("*.json")} == STORED
    assert {row[0]: row[1] for row in rows(BAD / "README.md")} == {f"{reason}.json": reason for reason in STORED}


@pytest.mark.parametrize("reason", sorted(STORED))
def test_a_bad_record_does_not_end_with_a_line_feed(reason: str) -> None:
    assert not (BAD / f"{reason}.json").read_bytes().endswith(b"\n")


def test_the_command_for_a_record_that_is_too_large_makes_one_just_under_the_limit(tmp_path: Path) -> None:
    block = re.search(r"```sh\n(.*?)\n```", (BAD / "README.md").read_text(), re.DOTALL)
    assert block
    program, option, code, redirect, target = shlex.split(block[1])
    assert (program, option, redirect, target) == ("python", "-c", ">", "too_large.json")
    made = subprocess.run(
        [sys.executable, option, code], cwd=tmp_path, capture_output=True, check=True, timeout=60
    ).stdout
    assert len(made) == 4_194_300
    assert json.loads(made)["text"]
