"""A filter: its conditions with their values, from the options of a command, the query of a URL or JSON, and back."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode

import msgspec
from msgspec import Struct

from streams.errors import TelexError
from streams.records.filters.conditions import CONDITIONS, MAX_VALUES

Values = tuple[str, ...]


class Filter(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The values of each condition. A condition without values is always met.

    Make one with a function of this module, which checks the values. Each has its one form, and they are sorted, so
    that two filters with the same meaning are equal.
    """

    language: Values = ()
    language_none: Values = ()
    entity: Values = ()
    entity_all: Values = ()
    entity_none: Values = ()
    type: Values = ()
    country: Values = ()
    country_all: Values = ()
    country_none: Values = ()
    mentions: int = 0
    towards: Values = ()
    sentiment: Values = ()
    text: Values = ()
    text_all: Values = ()
    text_none: Values = ()
    source: Values = ()
    source_none: Values = ()
    stories: Values = ()

    @property
    def is_empty(self) -> bool:
        """Whether every article meets it."""
        return self == EMPTY

    @property
    def values(self) -> dict[str, list[str]]:
        """The values of each condition that has any, in the order of the conditions."""
        conditions = {name: getattr(self, name) for name in CONDITIONS}
        return {
            name: [str(values)] if name == "mentions" else list(values) for name, values in conditions.items() if values
        }


EMPTY = Filter()


def of_values(values: Mapping[str, Sequence[str]]) -> Filter:
    """The filter with these values of each condition.

    Raises:
        TelexError: a condition does not exist, or a value is not one of its values. The message says what to do.
    """
    count = sum(map(len, values.values()))
    if count > MAX_VALUES:
        raise TelexError(f"The filter has {count} values, and {MAX_VALUES} is the most: make several filters of it.")
    read: dict[str, Any] = {}
    for name, texts in values.items():
        condition = CONDITIONS.get(name)
        if condition is None:
            raise _unknown(name[:40])
        try:
            read[name] = tuple(sorted({condition.value(text) for text in texts}))
        except ValueError as error:
            raise TelexError(f"{name}: {error}.") from None
    if mentions := read.pop("mentions", None):
        if len(mentions) > 1:
            raise TelexError("mentions: there are several numbers, and a filter takes one.")
        read["mentions"] = int(mentions[0])
    return Filter(**read)


def of_query(query: str | Iterable[tuple[str, str]]) -> Filter:
    """The filter in the query of a URL, or in its pairs of name and value. Raises TelexError like `of_values`."""
    if isinstance(query, str):
        try:
            query = parse_qsl(query, keep_blank_values=True, max_num_fields=MAX_VALUES)
        except ValueError:
            raise TelexError(
                f"The query has more than {MAX_VALUES} values, which is the most: make several filters of it."
            ) from None
    values = defaultdict(list)
    for name, value in query:
        values[name].append(value)
    return of_values(values)


def of_json(content: bytes) -> Filter:
    """The filter in a JSON object. Raises TelexError like `of_values`."""
    try:
        conditions = msgspec.json.decode(content, type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError) as error:
        raise TelexError(f"The filter is not a JSON object: {error}.") from None
    return of_object(conditions)


def of_object(conditions: Mapping[str, Any]) -> Filter:
    """The filter in an object that was read from JSON. Raises TelexError like `of_values`."""
    return of_values({name: _texts(name, value) for name, value in conditions.items()})


def _texts(name: str, value: Any) -> list[str]:
    if name == "mentions" and type(value) is int:
        return [str(value)]
    if name != "mentions" and isinstance(value, list) and all(isinstance(each, str) for each in value):
        return value
    should_be = "a whole number" if name == "mentions" else 'a list of strings, such as ["a", "b"]'
    raise TelexError(f"{name[:40]}: the value should be {should_be}.")


def to_query(wanted: Filter) -> str:
    """The filter as the query of a URL."""
    return urlencode(wanted.values, doseq=True)


def to_json(wanted: Filter) -> bytes:
    """The filter as a JSON object. Equal filters have equal bytes."""
    return msgspec.json.encode(wanted)


def to_options(wanted: Filter) -> Iterator[str]:
    """The filter as the options of a command."""
    for name, values in wanted.values.items():
        for value in values:
            yield from (CONDITIONS[name].option, value)


def _unknown(name: str) -> TelexError:
    """The error for a condition that does not exist."""
    if close := difflib.get_close_matches(name, CONDITIONS, 1):
        return TelexError(f"A filter has no condition {name!r}: did you mean {close[0]}?")
    return TelexError(f"A filter has no condition {name!r}: there are {', '.join(CONDITIONS)}.")
