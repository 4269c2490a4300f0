"""Makes `agents/models/first_names.tsv`: first names that only women or only men have, from the lists of Faker 40.63.0.

    python -m training.build_first_names

It needs the packages of the group `training`.

Faker (MIT licence, https://github.com/joke2k/faker) has the commonest first names of some seventy countries. The script
keeps a name that at least two countries list for one gender, if nine of ten of all lists with the name give it that
gender. Two runs write the same bytes.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections import Counter

from faker.providers import person

from agents.entities.given_names import FILE

# Lists that a name needs for one gender, and their share of all lists that have the name.
FEWEST_LISTS = 2
LEAST_SHARE = 0.9
_LISTS = {"female": "first_names_female", "male": "first_names_male"}
_NAME = re.compile(r"[^\W\d_]{2,}(?:-[^\W\d_]+)*")


def main() -> None:
    """Write the names with their gender, in alphabetical order."""
    counts: dict[str, Counter[str]] = {}
    for module in pkgutil.iter_modules(person.__path__):
        provider = importlib.import_module(f"{person.__name__}.{module.name}").Provider
        for gender, names in _LISTS.items():
            for name in {name.casefold() for name in getattr(provider, names, ()) if _NAME.fullmatch(name)}:
                counts.setdefault(name, Counter())[gender] += 1
    commonest = {name: genders.most_common(1)[0] for name, genders in counts.items()}
    lines = [
        f"{name}\t{gender}"
        for name, (gender, number) in sorted(commonest.items())
        if number >= FEWEST_LISTS and number >= LEAST_SHARE * counts[name].total()
    ]
    FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
