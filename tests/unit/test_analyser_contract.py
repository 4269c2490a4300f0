"""The contract of an analyser, for Telex's own analysers and for those of `examples/`.

To check an analyser of your own, copy this file, name the analyser in ANALYSERS, and put articles in its languages into
ARTICLES.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from typing import cast

import msgspec
import pytest

from streams.records import Article, codec, validation
from streams.stages import STAGE_NAMES, STAGES
from streams.worker.analysers import Analyser
from tests.support.entity_texts import ENGLISH, FRENCH
from tests.support.sentiment_texts import FACTUAL, NEGATIVE, POSITIVE

# The stage of each analyser, and its module.
ANALYSERS = [
    *((name, STAGES[name].analyser) for name in STAGE_NAMES),
    ("sentiment", "own_sentiment"),
    ("length", "examples.length.agent"),
]
# A language that no analyser knows.
UNKNOWN = "qq"
SWAHILI = "Wananchi wa mji huo walisherehekea ushindi wa timu yao kwa furaha na shangwe kubwa."


def article(text: str, language: str | None, **more: object) -> Article:
    """An article as a worker reads it from a record that the language stage wrote."""
    identified = {"status": "analysed", "model": "m/1", "code": language, "confidence": 0.9}
    unknown = {"status": "not_analysed", "reason": "language_unknown", "declared": "fr"}
    record = {"id": text[:20], "text": text, "language": identified if language else unknown, **more}
    return codec.decode_identified(json.dumps(record).encode())


def entities(name: str, text: str) -> dict[str, object]:
    """The analysis of the entities stage for a text that names one person."""
    start = text.index(name)
    mention = {"field": "text", "start": start, "end": start + len(name), "text": name}
    item = {"name": name, "type": "PERSON", "count": 1, "mentions": [mention]}
    return {"status": "analysed", "model": "m/1", "items": [item]}


WITHOUT_KNOWN_LANGUAGE = [
    article(FRENCH, None),
    article("12 x", None, title="Angela Merkel"),
    article(ENGLISH, UNKNOWN),
    article("Angela Merkel", UNKNOWN, title="Berlin"),
]
ARTICLES = [
    *(article(text, code) for texts in (POSITIVE, NEGATIVE, FACTUAL) for code, text in texts.items()),
    article(FRENCH, "fr"),
    article(FRENCH * 3, "fr", title="Emmanuel Macron à Marseille"),
    article("Angela Merkel est à Paris.", "fr"),
    article(ENGLISH, "en", entities=entities("Joe Biden", ENGLISH)),
    article(SWAHILI, "sw"),
    *WITHOUT_KNOWN_LANGUAGE,
]
LANGUAGES = {each.language for each in ARTICLES if each.language}
# Packages that take seconds to import, or load models when they are imported.
LARGE = {"spacy", "thinc", "torch", "tensorflow", "onnxruntime", "transformers"}
# A process that has analysed nothing yet writes one line with the models and the imported modules, and then the
# analyses of the records that it reads.
PROGRAM = """
import importlib, sys
import msgspec
from streams.records import codec
analyser = importlib.import_module(sys.argv[1])
described = (analyser.models(), sorted(sys.modules))
articles = [codec.decode_identified(value) for value in sys.stdin.buffer]
analyser.load()
analyser.load({each.language for each in articles if each.language})
sys.stdout.buffer.write(msgspec.json.encode(described) + b"\\n" + msgspec.json.encode(list(analyser.analyse(articles))))
"""


@dataclass(frozen=True)
class Subject:
    """An analyser under test, with its models loaded as a worker loads them."""

    stage: str
    module: str

    @property
    def functions(self) -> Analyser:
        return cast(Analyser, importlib.import_module(self.module))

    def analyse(self, *articles: Article) -> list[bytes]:
        """The result of each article, as it stands in a record."""
        return [msgspec.json.encode(result) for result in self.functions.analyse(articles)]


@cache
def new_process(module: str) -> tuple[dict[str, str], set[str], bytes]:
    """The models, the modules imported until then, and the results of ARTICLES, from a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, module],
        input=b"".join(msgspec.json.encode(each.fields) + b"\n" for each in ARTICLES),
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONHASHSEED": "7"},
        stdout=subprocess.PIPE,
        timeout=120,
        check=True,
    )
    described, _, results = done.stdout.partition(b"\n")
    models, modules = json.loads(described)
    return models, set(modules), results


@pytest.fixture(params=ANALYSERS, ids=[module for _, module in ANALYSERS])
def subject(request: pytest.FixtureRequest) -> Subject:
    stage, module = request.param
    subject = Subject(stage, module)
    subject.functions.load()
    subject.functions.load(LANGUAGES - {UNKNOWN})
    return subject


def test_models_names_the_model_of_each_language_and_loads_nothing(subject: Subject) -> None:
    models, modules, _ = new_process(subject.module)
    assert models
    assert all(re.fullmatch(r"[a-z]{2,3}|\*", code) for code in models)
    assert all(isinstance(model, str) and model for model in models.values())
    assert not modules & LARGE


def test_load_may_be_called_again_and_for_a_language_without_a_model(subject: Subject) -> None:
    before = subject.analyse(*ARTICLES)
    for languages in ((), {UNKNOWN}, {"en", "fr"}, LANGUAGES, ()):
        subject.functions.load(languages)
    assert subject.analyse(*ARTICLES) == before


def test_each_article_has_a_result_that_follows_the_rules_of_the_stage(subject: Subject) -> None:
    results = subject.functions.analyse(ARTICLES)
    assert len(results) == len(ARTICLES)
    for each, result in zip(ARTICLES, results, strict=True):
        validation.check(each, subject.stage, result)


def test_an_empty_batch_has_no_results(subject: Subject) -> None:
    assert subject.analyse() == []


@pytest.mark.parametrize("without", WITHOUT_KNOWN_LANGUAGE, ids=lambda each: f"{each.language}, {each.id}")
def test_an_article_without_a_known_language_is_not_analysed_or_has_a_valid_result(
    subject: Subject, without: Article
) -> None:
    [result] = subject.functions.analyse([without])
    validation.check(without, subject.stage, result)


def test_an_article_has_the_same_result_in_any_batch_and_order_and_in_any_process(subject: Subject) -> None:
    together = subject.analyse(*ARTICLES)
    assert [subject.analyse(each)[0] for each in ARTICLES] == together
    assert subject.analyse(*ARTICLES[::-1]) == together[::-1]
    _, _, results = new_process(subject.module)
    assert results == b"[" + b",".join(together) + b"]"
