"""How right the entities are in capitals and in title case, as agencies and headlines write, beside the same sentences as they are."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from agents.evaluation.data import Tagged

# So many sentences of a text are measured: each is analysed three times.
SENTENCES = 300
_WORD = re.compile(r"[^\W\d_]+")

FORMS: dict[str, Callable[[str], str]] = {
    "as it is": lambda text: text,
    "in capitals": str.upper,
    "in title case": lambda text: _WORD.sub(lambda word: word[0][0].upper() + word[0][1:], text),
}


def written(sentences: Sequence[Tagged]) -> Iterator[tuple[str, list[Tagged]]]:
    """The first sentences of a text in each form; those are left out whose length a form changes, such as of "ß"."""
    these = [each for each in sentences if all(len(form(each.text)) == len(each.text) for form in FORMS.values())][
        :SENTENCES
    ]
    for name, form in FORMS.items():
        yield name, [replace(each, text=form(each.text)) for each in these]
