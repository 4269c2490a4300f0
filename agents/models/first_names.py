"""Makes `first_names.tsv`: first names that only women or only men have, from the lists of Faker 40.63.0.

    pip install Faker==40.63.0
    python agents/models/first_names.py

Faker (MIT licence, https://github.com/joke2k/faker) has the commonest first names of some seventy countries. Of these are kept which two
countries have at least, and nine of ten of them for one gender alone. Two runs write the same bytes.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections import Counter
from pathlib import Path

from faker.providers import person

FILE = Path(__file__).with_name("first_names.tsv")
COUNTRIES = 2
SURE = 0.9
_LISTS = {"female": "first_names_female", "male": "first_names_male"}
_NAME = re.compile(r"[^\W\d_]{2,}(?:-[^\W\d_]+)*")


def main() -> None:
    """Write the names, each with its gender, in their order."""
    counts: dict[str, Counter[str]] = {}
    for module in pkgutil.iter_modules(person.__path__):
        provider = importlib.import_module(f"{person.__name__}.{module.name}").Provider
        for gender, names in _LISTS.items():
            for name in {name.casefold() for name in getattr(provider, names, ()) if _NAME.fullmatch(name)}:
                counts.setdefault(name, Counter())[gender] += 1
    sure = {name: of.most_common(1)[0] for name, of in counts.items()}
    lines = [
        f"{name}\t{gender}"
        for name, (gender, number) in sorted(sure.items())
        if number >= COUNTRIES and number >= SURE * counts[name].total()
    ]
    FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
