"""Any JSON is refused with a reason, or every reader of Telex reads the same article from it."""

import json
import math
import re
from typing import Any

import jsonschema
import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec import Raw
from rich.console import Console

from streams.cli.article_view import readable, story_line, view
from streams.cli.dead_letters import _readable as dead_letter_shown
from streams.client import article_files
from streams.client.publisher import _encoded
from streams.client.received import Received
from streams.errors import Reason, RecordError
from streams.records import Language, codec
from streams.records.filters import FilteredArticle, Matcher, of_query
from streams.records.schema import schema

RAW_SCHEMA = jsonschema.Draft202012Validator(schema("raw"))
IDENTIFIED = Language(model="m/1", code="fr", script="Latn", confidence=0.9)
FILTER = Matcher(of_query("language=fr&entity=Paris&type=PERSON&sentiment=neutral&text=Paris"))

SPACE = st.sampled_from(["", " ", "\n", "\r\n\t"])
# Numbers that every reader accepts. BAD_NUMBERS are the ones that some refuse or read differently.
NUMBERS = [
    "0",
    "-0",
    "1",
    "1.0",
    "1E5",
    "-0.0",
    "1.10",
    "1e308",
    "1e-400",
    "0.1234567890123456789",
    "1" + "0" * 308,
    "18446744073709551616",
]
BAD_NUMBERS = [
    "1e309",
    "-1e400",
    "1e99999999999999999999",
    "1" + "0" * 309,
    "9" * 4301,
    "01",
    "1.",
    ".5",
    "+1",
    "NaN",
    "-Infinity",
]
CHARACTERS = [r"\u0000", r"\ud83d\ude00", r"\\ud83d", r"\"", r"\n", r"\uffff", "é", "😀", "e", "\u2028"]
BAD_CHARACTERS = [r"\ud83d", r"\ude00", r"\ud83d\ud83d", r"\uD83D\u0041", r"\q", "\t"]
NAMES = ["id", "title", "source", "x", "y", r"\u0078", r"te\u0078t", "language", "entities"]


def spaced(parts: list[str], space: str) -> str:
    return f",{space}".join(parts)


def an_object(members: list[tuple[str, str]], space: str) -> str:
    return "{" + spaced([f"{name}{space}:{space}{value}" for name, value in members], space) + "}"


def articles(numbers: list[str], characters: list[str], names: list[str], *, unique: bool) -> st.SearchStrategy[bytes]:
    """JSON objects with a `text`, written in every way that there is."""
    strings = st.lists(st.sampled_from(characters), max_size=3).map(lambda parts: '"' + "".join(parts) + '"')
    keys = st.sampled_from(names).map('"{}"'.format) | strings

    def members(values: st.SearchStrategy[str]) -> st.SearchStrategy[list[tuple[str, str]]]:
        return st.lists(st.tuples(keys, values), max_size=3, unique_by=(lambda member: member[0]) if unique else None)

    values = st.recursive(
        st.sampled_from(numbers)
        | st.floats(allow_nan=False, allow_infinity=False).map(repr)
        | strings
        | st.sampled_from(["true", "null"]),
        lambda inner: (
            st.builds(lambda items, space: f"[{spaced(items, space)}]", st.lists(inner, max_size=3), SPACE)
            | st.builds(an_object, members(inner), SPACE)
        ),
        max_leaves=6,
    )
    return st.builds(lambda own, space: an_object([('"text"', '"News"'), *own], space).encode(), members(values), SPACE)


ARTICLES = articles(NUMBERS, CHARACTERS, ["title\\u0000", "x", "y", "z"], unique=True) | articles(
    NUMBERS + BAD_NUMBERS, CHARACTERS + BAD_CHARACTERS, NAMES, unique=False
)


def received(value: bytes) -> dict[str, Any]:
    return Received("t", 0, 0, 0.0, None, value, ()).article


def parts(value: bytes) -> dict[str, bytes]:
    """The fields as they are written."""
    return {name: bytes(raw) for name, raw in msgspec.json.decode(value, type=dict[str, Raw]).items()}


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


@given(ARTICLES)
@example(b'{"text":"News","x":1e400}')
@example(b'{"text":"News","x":{"y":1,"y":2}}')
@example(rb'{"text":"News","x":1,"\u0078":2}')
@example(b'{"text":"News","x":[-0, 1.0, 1, 0.1234567890123456789, 1e-400]}')
def test_json_is_refused_with_a_reason_or_all_readers_agree_on_it(value: bytes) -> None:
    try:
        article = codec.decode_raw(value)
    except RecordError as refused:
        assert str(refused)
        with pytest.raises(RecordError):
            codec.identify(value)
        return
    # Python's own reader in its strictest mode accepts the record too.
    read = json.loads(value, object_pairs_hook=unique)
    assert all(map(math.isfinite, numbers(read)))
    json.dumps(read, ensure_ascii=False).encode()
    assert received(value) == read
    RAW_SCHEMA.validate(read)

    # The published record and the record of a stage have the same fields, byte for byte.
    published = codec.identify(value)[1]
    for written in (published, codec.encode(codec.decode_raw(published), "language", IDENTIFIED)):
        of_telex = {"id", "language", "entities", "sentiment"}
        same = {name: part for name, part in parts(value).items() if name not in of_telex}
        assert {name: part for name, part in parts(written).items() if name not in of_telex} == same
        assert received(written) == json.loads(written)
        Console(quiet=True).print(readable(received(written)))
        FILTER.match(FilteredArticle(written))
        assert dead_letter_shown(written)
        assert received(written.translate(bytes.maketrans(b"\r\n", b"  "))) == received(written)
    assert codec.decode_identified(written).text == article.text


def numbers(value: Any) -> list[float]:
    if isinstance(value, dict | list):
        return [number for inner in (value.values() if isinstance(value, dict) else value) for number in numbers(inner)]
    return [float(value)] if isinstance(value, int | float) else []


@given(ARTICLES)
def test_a_file_gives_the_record_that_it_contains(tmp_path_factory: pytest.TempPathFactory, value: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "article.json"
    path.write_bytes(value)
    try:
        identifier = codec.decode_raw(value).id
    except RecordError:
        return
    ((_, from_file),) = article_files.read(path)
    assert from_file == value
    path.write_bytes(b"[" + value + b"]")
    ((_, from_array),) = article_files.read(path)
    assert codec.decode_raw(from_array).id == identifier


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (
            rb'{"text":"News \ud83d"}',
            r"At byte 14 stands \ud83d, half of a character (a lone surrogate), as when an emoji is cut in two",
        ),
        (rb'{"text":"News","x":["\\\ude00"]}', r"At byte 23 stands \ude00, half of a character"),
        (b'{"text":"News","views":1e400}', "The number '1e400' is larger than a double holds"),
        (
            b'{"text":"News","views":' + b"9" * 5000 + b"}",
            "The number '" + "9" * 40 + "…' is larger than a double holds",
        ),
        (b'{"text":"News","a":{"b":1,"b":1}}', "An object has the name 'b' twice"),
    ],
)
def test_the_message_says_what_is_wrong_and_what_to_do(value: bytes, message: str) -> None:
    with pytest.raises(RecordError, match=re.escape(message) + ".*: ") as refused:
        codec.decode_raw(value)
    assert refused.value.reason is Reason.INVALID_JSON


@pytest.mark.parametrize(
    "value", [math.nan, math.inf, [-math.inf], {"a": math.nan}, "\ud83d", {1: "a", "1": "b"}, object(), 10**400]
)
def test_the_publisher_refuses_values_that_json_cannot_hold(value: object) -> None:
    with pytest.raises(RecordError) as refused:
        codec.identify(_encoded({"text": "News", "none": None, "x": value}))
    assert refused.value.reason is Reason.INVALID_JSON


def test_the_publisher_accepts_pythons_types_for_json() -> None:
    assert parts(_encoded({"text": "News", "n": None, "i": 10**30, "f": 1.0}))["i"] == b"1" + b"0" * 30


def test_a_story_is_one_line_that_names_what_the_article_repeats() -> None:
    story = {"id": "b-17", "story": "a-4", "relation": "near_duplicate", "of": "a-9", "similarity": 0.93, "articles": 5}
    assert story_line(story).plain == "b-17  near duplicate of a-9 (0.93)  ·  story a-4, 5 articles"
    first = {"id": "[red]\x1b", "story": "a", "relation": "first", "of": None, "similarity": None, "articles": 1}
    assert story_line(first).plain.startswith("[red]")
    assert "\x1b" not in story_line(first).plain


def test_a_match_is_one_line_that_names_the_watch_the_article_and_what_met_the_filter() -> None:
    match = {
        "watch": "merkel",
        "article": {"id": "my-1", "title": "Visite [red]\x1bà Paris"},
        "entities": [{"name": "Angela Merkel", "mentions": []}],
        "passages": [{"text": "climat"}, {"text": "climat"}],
    }
    shown = view(match).plain  # type: ignore[union-attr]
    assert shown.startswith("merkel  my-1  Visite [red]")
    assert shown.endswith("à Paris  ·  Angela Merkel, climat")
    assert "\x1b" not in shown
