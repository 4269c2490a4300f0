"""The conditions of a filter: their names, what each means, and which values it takes."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from streams.records import EntityType, Label, Relation
from streams.records.filters import words

# The longest value, in characters, and the most values of all conditions of a filter together.
MAX_CHARACTERS, MAX_VALUES = 200, 200
# The greatest number of mentions that a filter may ask for.
MAX_MENTIONS = 10_000

TYPES: tuple[str, ...] = EntityType.__args__  # type: ignore[attr-defined]
LABELS: tuple[str, ...] = Label.__args__  # type: ignore[attr-defined]
RELATIONS: tuple[str, ...] = Relation.__args__  # type: ignore[attr-defined]

_LANGUAGE, _COUNTRY = re.compile("[a-z]{2}"), re.compile("[A-Z]{2}")


@dataclass(frozen=True)
class Condition:
    """A condition of a filter.

    Attributes:
        name: the name in JSON and in the query of a URL. The option of a command has hyphens in place of underscores.
        meaning: which articles meet it.
        read: the value in its one form. It raises ValueError, whose message says which values there are.
        choices: all values, where there are few.
    """

    name: str
    meaning: str
    read: Callable[[str], str]
    choices: tuple[str, ...] = ()

    @property
    def option(self) -> str:
        """The option of a command."""
        return f"--{self.name.replace('_', '-')}"

    def value(self, text: str) -> str:
        """The value in its one form. Raises ValueError, which says which values there are."""
        text = text.strip()
        if not text:
            raise ValueError("a value is empty: give one, or leave the condition out")
        if len(text) > MAX_CHARACTERS:
            raise ValueError(f"a value has {len(text)} characters, and {MAX_CHARACTERS} is the most")
        try:
            return self.read(text)
        except ValueError as error:
            raise ValueError(f"{text[:40]!r} {error}") from None


def _language(text: str) -> str:
    if not _LANGUAGE.fullmatch(text.lower()):
        raise ValueError("is no language: give its code of ISO 639-1, such as fr")
    return text.lower()


def _country(text: str) -> str:
    if not _COUNTRY.fullmatch(text.upper()):
        raise ValueError("is no country: give its code of ISO 3166-1, such as FR")
    return text.upper()


def _text(text: str) -> str:
    if not words.forms(text):
        raise ValueError("has no letter and no digit: give a word or a name")
    return text


def _mentions(text: str) -> str:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= MAX_MENTIONS):
        raise ValueError(f"is no number of mentions: give a whole number from 1 to {MAX_MENTIONS}")
    return str(int(text))


def _one_of(choices: tuple[str, ...]) -> Callable[[str], str]:
    by_lower = {choice.lower(): choice for choice in choices}

    def read(text: str) -> str:
        if text.lower() not in by_lower:
            raise ValueError(f"is none of {', '.join(choices)}")
        return by_lower[text.lower()]

    return read


def _choice(name: str, meaning: str, choices: tuple[str, ...]) -> Condition:
    return Condition(name, meaning, _one_of(choices), choices)


# In the order in which the documentation and the help show them.
CONDITIONS = {
    condition.name: condition
    for condition in (
        Condition("language", "in one of these languages (ISO 639-1)", _language),
        Condition("language_none", "in none of these languages", _language),
        Condition("entity", "with an entity of one of these names", _text),
        Condition("entity_all", "with an entity of each of these names", _text),
        Condition("entity_none", "without any entity of these names", _text),
        _choice("type", f"with an entity of one of these types: {', '.join(TYPES)}", TYPES),
        Condition("country", "with a place in one of these countries (ISO 3166-1)", _country),
        Condition("country_all", "with a place in each of these countries", _country),
        Condition("country_none", "without any place in these countries", _country),
        Condition("mentions", "with an entity that is mentioned at least so often", _mentions),
        _choice("towards", f"with one of these sentiments towards an entity: {', '.join(LABELS)}", LABELS),
        _choice("sentiment", f"with one of these sentiments: {', '.join(LABELS)}", LABELS),
        Condition("text", "with one of these words or phrases in the title or the text", _text),
        Condition("text_all", "with each of these words or phrases", _text),
        Condition("text_none", "with none of these words or phrases", _text),
        Condition("source", "from one of these sources", _text),
        Condition("source_none", "from none of these sources", _text),
        _choice("stories", f"with one of these relations to a story: {', '.join(RELATIONS)}", RELATIONS),
    )
}
