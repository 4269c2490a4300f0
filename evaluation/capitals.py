"""Annotated sentences in capitals and in title case, as agencies and headlines write them, and as they are."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from evaluation.data import Tagged

# The number of sentences of a text that are measured: the stage analyses each three times.
SENTENCES = 300
_WORD = re.compile(r"[^\W\d_]+")

FORMS: dict[str, Callable[[str], str]] = {
    "as it is": lambda text: text,
    "in capitals": str.upper,
    "in title case": lambda text: _WORD.sub(lambda word: word[0][0].upper() + word[0][1:], text),
}


def in_each_form(sentences: Sequence[Tagged]) -> Iterator[tuple[str, list[Tagged]]]:
    """The first sentences of a text in each form.

    A sentence whose length a form changes is left out, such as one with "ß".
    """
    same_length = [each for each in sentences if all(len(form(each.text)) == len(each.text) for form in FORMS.values())]
    for name, form in FORMS.items():
        yield name, [replace(each, text=form(each.text)) for each in same_length[:SENTENCES]]
