"""Which names are one entity: what an article says in different words, and who must never be taken for one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.entities import names
from agents.entities.coreference import group_mentions, inflection
from agents.entities.detected_mention import DetectedMention
from streams.records import EntityType


def entities(text: str, *mentions: str, language: str = "fr", kind: EntityType = "PERSON") -> list[list[str]]:
    """The names in each entity, if the text has these mentions in this order; `name/TYPE` for a mention of another
    type.
    """
    found, at = [], 0
    for mention in mentions:
        name, _, other = mention.partition("/")
        at = text.index(name, at)
        title = names.title(text, at, language)
        own: EntityType = other or kind  # type: ignore[assignment]
        found.append(DetectedMention("text", at, at + len(name), name, "PERSON" if title else own, title))
        at += len(name)
    return sorted(
        [mention.name for mention in each.mentions] for each in group_mentions(found, {"text": text}, language)
    )


def test_a_surname_is_the_person_whose_it_is() -> None:
    text = "Jake Sullivan, Yoav Gallant, M. Sullivan, Sullivan"
    assert entities(text, "Jake Sullivan", "Yoav Gallant", "Sullivan", "Sullivan") == [
        ["Jake Sullivan", "Sullivan", "Sullivan"],
        ["Yoav Gallant"],
    ]


def test_a_surname_of_two_people_is_neither() -> None:
    assert entities("Bill Clinton, Hillary Clinton, Clinton", "Bill Clinton", "Hillary Clinton", "Clinton") == [
        ["Bill Clinton"],
        ["Clinton"],
        ["Hillary Clinton"],
    ]


def test_a_title_tells_which_of_two_people_is_meant() -> None:
    text = "M. Bill Clinton, Mme Hillary Clinton, Mme Clinton, M. Clinton"
    assert entities(text, "Bill Clinton", "Hillary Clinton", "Clinton", "Clinton") == [
        ["Bill Clinton", "Clinton"],
        ["Hillary Clinton", "Clinton"],
    ]


def test_mr_and_mrs_are_two_people() -> None:
    text = "Mr. Obama and Mrs. Obama, Mr. Obama"
    assert entities(text, "Obama", "Obama", "Obama", language="en") == [["Obama"], ["Obama", "Obama"]]


def test_two_first_names_are_two_people() -> None:
    assert entities("Jean Dupont, Marie Dupont", "Jean Dupont", "Marie Dupont") == [["Jean Dupont"], ["Marie Dupont"]]


@pytest.mark.parametrize(
    ("full", "part"),
    [
        ("Ursula von der Leyen", "von der Leyen"),
        ("Ursula von der Leyen", "Leyen"),
        ("Charles de Gaulle", "de Gaulle"),
        ("Karine Jean-Pierre", "Jean-Pierre"),
        ("Claudia Sheinbaum Pardo", "Sheinbaum"),
        ("Claudia Sheinbaum Pardo", "Claudia Sheinbaum"),
        ("Joseph Robinette Biden", "Joseph Biden"),
        ("Joseph Robinette Biden", "Joseph R. Biden"),
        ("Joseph Biden", "J. Biden"),
        ("Luiz Inácio Lula da Silva", "Luiz da Silva"),
        ("Yoon Suk Yeol", "Yoon"),
        ("Keir Starmer", "Keir"),
        ("NICOLAS SARKOZY", "Sarkozy"),
        ("Nicolás Maduro", "Maduro"),
        ("Volodymyr Zelensky", "Zelenskyy"),
        ("Novak Đoković", "Djokovic"),
    ],
)
def test_a_part_of_a_name_is_the_person(full: str, part: str) -> None:
    assert entities(f"{full}; {part}", full, part) == [[full, part]]
    assert entities(f"{part}; {full}", part, full) == [[full, part]]


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("George W. Bush", "George H. W. Bush"),
        ("Karine Jean-Pierre", "Pierre"),
        ("Joe Biden", "Hunter Biden"),
        ("J. Biden", "H. Biden"),
        ("Jean Dupont", "Dupond"),
    ],
)
def test_who_only_sounds_alike_is_somebody_else(name: str, other: str) -> None:
    assert len(entities(f"{name}; {other}", name, other)) == 2


def test_a_surname_is_the_one_s_who_was_named_before_the_other() -> None:
    text = "Barack Obama, Obama, Michelle Obama, Obama"
    assert entities(text, "Barack Obama", "Obama", "Michelle Obama", "Obama", language="en") == [
        ["Barack Obama", "Obama", "Obama"],
        ["Michelle Obama"],
    ]


def test_a_headline_is_understood_from_the_text() -> None:
    title, text = "Hoeneß ist zornig", "Uli Hoeneß, sagte Hoeneß; sein Bruder Dieter Hoeneß"
    found = [DetectedMention("title", 0, 6, "Hoeneß", "PERSON", None)]
    found += [
        DetectedMention("text", at, at + len(name), name, "PERSON", None)
        for at, name in ((0, "Uli Hoeneß"), (18, "Hoeneß"), (37, "Dieter Hoeneß"))
    ]
    assert sorted(len(each.mentions) for each in group_mentions(found, {"title": title, "text": text}, "de")) == [1, 3]


def test_who_is_named_in_the_headline_was_named_before() -> None:
    title, text = "Hillary Clinton", "Bill Clinton, Clinton"
    found = [
        DetectedMention("title", 0, 15, title, "PERSON", None),
        DetectedMention("text", 0, 12, "Bill Clinton", "PERSON", None),
    ]
    found.append(DetectedMention("text", 14, 21, "Clinton", "PERSON", None))
    assert len(group_mentions(found, {"title": title, "text": text}, "en")) == 3


def test_a_woman_s_title_is_not_the_man_s_whose_first_name_stands_there() -> None:
    assert entities("Emmanuel Macron; Mme Macron", "Emmanuel Macron", "Macron") == [["Emmanuel Macron"], ["Macron"]]
    assert entities("Élisabeth Borne; Mme Borne", "Élisabeth Borne", "Borne") == [["Élisabeth Borne", "Borne"]]
    text = "Brigitte Macron; Mme Macron; Emmanuel Macron; M. Macron; Mme Macron"
    assert entities(text, "Brigitte Macron", "Macron", "Emmanuel Macron", "Macron", "Macron") == [
        ["Brigitte Macron", "Macron", "Macron"],
        ["Emmanuel Macron", "Macron"],
    ]


def test_what_one_title_tells_tells_the_other() -> None:
    text = "Hillary Clinton, Bill Clinton, Mr. Clinton, Mrs. Clinton"
    assert entities(text, "Hillary Clinton", "Bill Clinton", "Clinton", "Clinton", language="en") == [
        ["Bill Clinton", "Clinton"],
        ["Hillary Clinton", "Clinton"],
    ]


@pytest.mark.parametrize(
    ("name", "form", "language"),
    [
        ("Mette Frederiksen", "Frederiksens", "da"),
        ("Wladimir Putin", "Putins", "de"),
        ("Alexander Stubb", "Stubbia", "fi"),
        ("Andrej Plenković", "Plenkoviću", "hr"),
        ("Orbán Viktor", "Orbánnal", "hu"),
        ("Jonas Gahr Støre", "Støres", "nb"),
        ("Сергей Лавров", "Лаврова", "ru"),
        ("Владимир Зеленский", "Зеленскому", "ru"),
        ("Мария Захарова", "Захаровой", "ru"),
        ("Robert Fico", "Fica", "sk"),
        ("Zuzana Čaputová", "Čaputovej", "sk"),
        ("Rafael Nadal", "Nadalom", "sr"),
    ],
)
def test_a_name_in_another_case_is_the_same(name: str, form: str, language: str) -> None:
    assert entities(f"{name}; {form}", name, form, language=language) == [[name, form]]


@pytest.mark.parametrize(
    ("name", "other", "language"),
    [
        ("Sanna Marin", "Maria", "fi"),
        ("Иван Петров", "Иванов", "ru"),
        ("Ivan Horvat", "Ivana Horvat", "hr"),
        ("Merkel", "Merkels", "en"),
        ("Mario Draghi", "Marine Draghi", "ro"),
    ],
)
def test_what_only_looks_like_a_case_is_another_name(name: str, other: str, language: str) -> None:
    assert len(entities(f"{name}; {other}", name, other, language=language)) == 2


@pytest.mark.parametrize(
    ("names_", "language"),
    [
        (("Москва", "Москве", "Москвы"), "ru"),
        (("România", "României"), "ro"),
        (("Sverige", "Sveriges"), "sv"),
        (("HDZ", "HDZ-a"), "hr"),
    ],
)
def test_places_and_organisations_have_cases_too(names_: tuple[str, ...], language: str) -> None:
    assert len(entities("; ".join(names_), *names_, kind="LOCATION", language=language)) == 1


def test_an_initial_of_two_people_is_neither() -> None:
    assert len(entities("John Smith; Jane Smith; J. Smith", "John Smith", "Jane Smith", "J. Smith")) == 3


def test_articles_accents_capitals_and_hyphens_make_no_other_place() -> None:
    spellings = ("États-Unis", "Etats-Unis", "ÉTATS-UNIS", "États Unis")
    assert entities("; ".join(spellings), *spellings, kind="LOCATION") == [list(spellings)]


def test_full_stops_make_no_other_acronym() -> None:
    assert entities("U.S.; US", "U.S.", "US", kind="LOCATION", language="en") == [["U.S.", "US"]]


def test_an_acronym_in_parentheses_is_what_stands_before_it() -> None:
    text = "Organisation des Nations unies (ONU) et OMS. ONU"
    assert entities(text, "Organisation des Nations unies", "ONU", "OMS", "ONU", kind="ORGANIZATION") == [
        ["OMS"],
        ["Organisation des Nations unies", "ONU", "ONU"],
    ]
    text = "NTSB (National Transportation Safety Board)"
    assert len(entities(text, "NTSB", "National Transportation Safety Board", kind="ORGANIZATION", language="en")) == 1


@pytest.mark.parametrize(
    ("short", "name", "language"),
    [
        ("Cedeao", "Communauté économique des États de l'Afrique de l'Ouest", "fr"),
        ("Frp", "Fremskrittspartiet", "nb"),
        ("МИД", "Министерство иностранных дел", "ru"),
    ],
)
def test_a_short_form_in_parentheses_need_not_be_an_acronym_in_capitals(short: str, name: str, language: str) -> None:
    for text, mentions in ((f"{name} ({short})", (name, short)), (f"{short} ({name})", (short, name))):
        assert len(entities(text, *mentions, kind="ORGANIZATION", language=language)) == 1


def test_an_acronym_is_the_only_name_that_gives_it_wherever_that_stands() -> None:
    text = "The EPA is late. The Environmental Protection Agency; the Department of Justice, DOJ"
    names_ = ("EPA", "Environmental Protection Agency", "Department of Justice", "DOJ")
    assert len(entities(text, *names_, kind="ORGANIZATION", language="en")) == 2
    text = "CDU; Christlich Demokratische Union; Club der Unentwegten"
    names_ = ("CDU", "Christlich Demokratische Union", "Club der Unentwegten")
    assert len(entities(text, *names_, kind="ORGANIZATION", language="de")) == 3
    assert len(entities("Paul Smith; PS", "Paul Smith/PERSON", "PS", kind="ORGANIZATION", language="en")) == 2


@pytest.mark.parametrize("short", ["Mitsubishi", "Mitsubishi Motors Corp"])
def test_a_short_name_is_the_organisation_s_that_was_named_before(short: str) -> None:
    assert len(entities(f"Mitsubishi Motors; {short}", "Mitsubishi Motors", short, kind="ORGANIZATION")) == 1


@pytest.mark.parametrize(
    "named",
    [("Novo Nordisk", "Novo Nordisk Fonden"), ("Bank of England", "Bank of Canada", "Bank"), ("Air France-KLM", "KLM")],
)
def test_a_name_in_another_s_name_is_another_organisation(named: tuple[str, ...]) -> None:
    assert len(entities("; ".join(named), *named, kind="ORGANIZATION")) == len(named)


def test_two_organisations_with_one_acronym_are_two() -> None:
    text = "Parti socialiste (PS), Premiers secours (PS)"
    assert entities(text, "Parti socialiste", "PS", "Premiers secours", "PS", kind="ORGANIZATION") == [
        ["Parti socialiste", "PS", "PS"],
        ["Premiers secours"],
    ]


def test_what_stands_in_parentheses_and_is_no_acronym_stays_apart() -> None:
    assert len(entities("Assemblée nationale (LFI)", "Assemblée nationale", "LFI", kind="ORGANIZATION")) == 2
    assert len(entities("Reims (Marne)", "Reims", "Marne", kind="LOCATION")) == 2


def test_a_title_makes_a_person_of_what_the_model_took_for_something_else() -> None:
    text = "M. Biden, Biden, Joe Biden"
    assert entities(text, "Biden/LOCATION", "Biden/LOCATION", "Joe Biden") == [["Joe Biden", "Biden", "Biden"]]


def test_a_place_with_the_surname_of_a_person_stays_a_place() -> None:
    assert (
        len(entities("Denzel Washington; Washington", "Denzel Washington", "Washington/LOCATION", language="en")) == 2
    )


def test_a_surname_of_no_particular_kind_is_the_person_s() -> None:
    assert len(entities("Benjamin Netanyahu; Netanyahu", "Benjamin Netanyahu", "Netanyahu/MISC")) == 1


def test_a_surname_that_the_model_took_for_an_organisation_is_the_person_s_who_was_named_before() -> None:
    assert len(entities("Jack Grealish; Grealish", "Jack Grealish", "Grealish/ORGANIZATION")) == 1
    firm = "Martin Bouygues; Bouygues; Bouygues; Bouygues"
    assert len(entities(firm, "Martin Bouygues", *["Bouygues/ORGANIZATION"] * 3)) == 2
    assert len(entities("Gallimard; Antoine Gallimard", "Gallimard/ORGANIZATION", "Antoine Gallimard")) == 2


NAMES = [
    "Jean Dupont",
    "Dupont",
    "J. Dupont",
    "Anne Dupont",
    "ONU",
    "Organisation des Nations unies",
    "Nations",
    "Horvat",
    "Horvata",
    "Ivana Horvat",
    "-",
]


@given(
    st.lists(
        st.tuples(st.sampled_from(NAMES), st.sampled_from(["PERSON", "ORGANIZATION", "LOCATION", "MISC"])), max_size=12
    ),
    st.sampled_from(["fr", "en", "hr", "fi"]),
    st.sampled_from(["; ", " (", ", M. ", ", Mme "]),
)
@settings(max_examples=60, deadline=None)
def test_every_mention_is_in_one_group(named: list[tuple[str, EntityType]], language: str, between: str) -> None:
    text = between.join(name for name, _ in named)
    groups = entities(text, *(f"{name}/{kind}" for name, kind in named), language=language)
    assert sorted(name for each in groups for name in each) == sorted(name for name, _ in named)


def test_thousands_of_forms_are_told_apart() -> None:
    words = {f"name{number}ban" for number in range(20_000)}
    assert len(set(inflection.base_words(words, "hu").values())) == len(words)


@pytest.mark.parametrize(
    ("text", "name", "language", "kind"),
    [
        ("l'ONU", "ONU", "fr", "ORGANIZATION"),
        ("L'ONU", "ONU", "fr", "ORGANIZATION"),
        ("des États-Unis", "États-Unis", "fr", "LOCATION"),
        ("L'Oréal", "L'Oréal", "fr", "ORGANIZATION"),
        ("Le Monde", "Le Monde", "fr", "ORGANIZATION"),
        ("d'Ormesson", "d'Ormesson", "fr", "PERSON"),
        ("de Gaulle", "de Gaulle", "fr", "PERSON"),
        ("qu'Emmanuel Macron", "Emmanuel Macron", "fr", "PERSON"),
        ("M. Sullivan", "Sullivan", "fr", "PERSON"),
        ("Mme Karine Jean-Pierre", "Karine Jean-Pierre", "fr", "PERSON"),
        ("« Hamas »", "Hamas", "fr", "ORGANIZATION"),
        ("the White House", "White House", "en", "ORGANIZATION"),
        ("The European Central Bank", "European Central Bank", "en", "ORGANIZATION"),
        ("The Hague", "The Hague", "en", "LOCATION"),
        ("Joe Biden's", "Joe Biden", "en", "PERSON"),
        ("M. Night Shyamalan", "M. Night Shyamalan", "en", "PERSON"),
        ("Group of Seven (G7", "Group of Seven", "en", "ORGANIZATION"),
        ("Apple Inc.", "Apple Inc.", "en", "ORGANIZATION"),
        ("Hamas\n\nLa porte-parole", "Hamas", "fr", "ORGANIZATION"),
        ("- - -", "", "fr", "MISC"),
        ("Sonko Premier ministre", "Sonko", "fr", "PERSON"),
        ("Everton at", "Everton", "en", "ORGANIZATION"),
        ("Lyon contre", "Lyon", "fr", "ORGANIZATION"),
        ("président de la République", "", "fr", "PERSON"),
        ("Premier ministre israélien", "", "fr", "MISC"),
        ("prince William", "William", "fr", "PERSON"),
        ("secrétaire d'État Blinken", "Blinken", "fr", "PERSON"),
    ],
)
def test_a_span_is_cut_to_the_name(text: str, name: str, language: str, kind: EntityType) -> None:
    start, end = names.trim(text, 0, len(text), language, kind)
    assert text[start:end] == name


JUNIOR = "Donald Trump spoke. His eldest son, Donald Trump Jr., introduced him. Donald Trump won. Trump Jr. left."


@pytest.mark.parametrize(
    ("text", "mentions", "language", "expected"),
    [
        (
            JUNIOR,
            "Donald Trump|Donald Trump Jr.|Donald Trump|Trump Jr.",
            "en",
            "Donald Trump, Donald Trump|Donald Trump Jr., Trump Jr.",
        ),
        (
            "Ken Griffey, Griffey Jr., Griffey",
            "Ken Griffey|Griffey Jr.|Griffey",
            "en",
            "Ken Griffey|Griffey Jr.|Griffey",
        ),
        ("Henry Gates III met Henry Gates.", "Henry Gates III|Henry Gates", "en", "Henry Gates III|Henry Gates"),
        ("Cal Ripken Jr. waved. Ripken left.", "Cal Ripken Jr.|Ripken", "en", "Cal Ripken Jr., Ripken"),
        (
            "George Bush won. His son George W. Bush too.",
            "George Bush|George W. Bush",
            "en",
            "George Bush|George W. Bush",
        ),
        (
            "Macron et son épouse, Brigitte Macron. Macron dit",
            "Macron|Brigitte Macron|Macron",
            "fr",
            "Macron, Macron|Brigitte Macron",
        ),
        ("President Trump and Melania Trump. Trump", "Trump|Melania Trump|Trump", "en", "Trump, Trump|Melania Trump"),
        (
            "Biden spoke. His son Hunter Biden was tried. Biden",
            "Biden|Hunter Biden|Biden",
            "en",
            "Biden, Biden|Hunter Biden",
        ),
        ("Le Pen est mort, dit sa fille Marine Le Pen.", "Le Pen|Marine Le Pen", "fr", "Le Pen|Marine Le Pen"),
        ("Brigitte Macron, l'épouse du président. Macron", "Brigitte Macron|Macron", "fr", "Brigitte Macron|Macron"),
        (
            "Bob Menendez, Menendez, Nadine Menendez",
            "Bob Menendez|Menendez|Nadine Menendez",
            "en",
            "Bob Menendez, Menendez|Nadine Menendez",
        ),
        ("Bill and Hillary Clinton. Clinton", "Bill|Hillary Clinton|Clinton", "en", "Bill|Hillary Clinton|Clinton"),
        (
            "Bill et Hillary Clinton. Bill Clinton",
            "Bill|Hillary Clinton|Bill Clinton",
            "fr",
            "Bill, Bill Clinton|Hillary Clinton",
        ),
        ("Emmanuel Macron. Les Macron", "Emmanuel Macron|Macron", "fr", "Emmanuel Macron|Macron"),
        ("Barack Obama. The Obama family", "Barack Obama|Obama", "en", "Barack Obama|Obama"),
        (
            "Mr. Trump, Mrs. Trump, Ivanka Trump, Trump",
            "Trump|Trump|Ivanka Trump|Trump",
            "en",
            "Trump|Trump, Ivanka Trump|Trump",
        ),
        (
            "King Charles met Charles Michel. Charles",
            "Charles|Charles Michel|Charles",
            "en",
            "Charles, Charles|Charles Michel",
        ),
        (
            "Queen Elizabeth met Elizabeth Taylor.",
            "Queen Elizabeth|Elizabeth Taylor",
            "en",
            "Queen Elizabeth|Elizabeth Taylor",
        ),
        (
            "Le roi Philippe a reçu Philippe Martinez. Philippe",
            "Philippe|Philippe Martinez|Philippe",
            "fr",
            "Philippe, Philippe|Philippe Martinez",
        ),
        ("Kong Harald mødte Harald Eia.", "Harald|Harald Eia", "da", "Harald|Harald Eia"),
        ("King Charles III left. Charles smiled.", "Charles III|Charles", "en", "Charles III, Charles"),
        ("Петров приехал с женой, Ольгой Петровой.", "Петров|Ольгой Петровой", "ru", "Петров|Ольгой Петровой"),
    ],
)
def test_two_people_are_not_taken_for_one(text: str, mentions: str, language: str, expected: str) -> None:
    found = sorted(map(sorted, entities(text, *mentions.split("|"), language=language)))
    assert found == sorted(sorted(each.split(", ")) for each in expected.split("|"))


@pytest.mark.parametrize(
    ("text", "mentions"),
    [
        ("John Smith came with his wife, Ann Jones. Jones said", "John Smith|Ann Jones|Jones"),
        ("Macron spoke. Later Emmanuel Macron left.", "Macron|Emmanuel Macron"),
        ("Charles Michel spoke. Charles left.", "Charles Michel|Charles"),
        ("Macron and Angela Merkel met. Merkel left.", "Macron|Angela Merkel|Merkel"),
    ],
)
def test_who_may_be_one_person_only_is_taken_for_one(text: str, mentions: str) -> None:
    *_, full, part = mentions.split("|")
    assert {full, part} in map(set, entities(text, *mentions.split("|"), language="en"))
