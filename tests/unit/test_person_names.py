"""Mentions after their correction: the names of people are whole, and clubs are organisations."""

from __future__ import annotations

import pytest

from agents.entities.detected_mention import DetectedMention
from agents.entities.people.partial_names import surname_with_particle
from agents.entities.people.person_names import correct_people
from agents.entities.sports_clubs import correct_clubs
from streams.records import EntityType
from tests.support.coreference import listed
from tests.support.growth import LINEAR, growth

TYPES: dict[str, EntityType] = {"P": "PERSON", "O": "ORGANIZATION", "L": "LOCATION", "M": "MISC"}


def mentions(text: str, detected: str) -> list[DetectedMention]:
    """The mentions that a model detects, `name/TYPE` one after the other; the last one is where its name stands
    last.
    """
    result, position = [], 0
    for remaining, each in reversed(list(enumerate(reversed(detected.split("|"))))):
        name, _, letter = each.partition("/")
        start = text.index(name, position) if remaining else text.rindex(name)  # "Novak" and the last "Djokovic"
        result.append(DetectedMention("text", start, start + len(name), name, TYPES[letter], None))
        position = start + len(name)
    return result


def written(found: list[DetectedMention], text: str) -> str:
    assert all(text[each.start : each.end] == each.name for each in found)
    return "|".join(f"{each.name}/{each.type[0]}" for each in found)


@pytest.mark.parametrize(
    ("text", "detected", "expected", "language"),
    [
        ("Novak Djokovic won. Djokovic said", "Novak/P|Djokovic/P", "Novak Djokovic/P|Djokovic/P", "en"),
        ("Volodymyr Zelenskyy left. Zelenskyy", "Volodymyr/L|Zelenskyy/P", "Volodymyr Zelenskyy/P|Zelenskyy/P", "en"),
        ("Xabi Alonso won. Alonso", "Xabi/P|Alonso/P", "Xabi Alonso/P|Alonso/P", "en"),
        ("Armel Le Cléac'h won.", "Armel Le/O", "Armel Le Cléac'h/P", "en"),
        ("Ursula von der Leyen spoke", "Ursula von/P|Leyen/O", "Ursula von der Leyen/P", "de"),
        ("Marc Ladreit de Lacharrière", "Marc Ladreit/P|Lacharrière/L", "Marc Ladreit de Lacharrière/P", "fr"),
        ("Rishi Sunak's wife. Sunak's plan", "Sunak/P", "Rishi Sunak/P|Sunak/P", "en"),
        ("Jean-Luc Mélenchon. Mélenchon", "Mélenchon/P", "Jean-Luc Mélenchon/P|Mélenchon/P", "fr"),
        ("John F. Kelly spoke. Kelly left", "John/P|Kelly/P", "John F. Kelly/P|Kelly/P", "en"),
        ("Keir Starmer's government", "Keir Starmer/O", "Keir Starmer/P", "en"),
        ("Mason Greenwood. Greenwood a dit", "Mason Greenwood/M|Greenwood/P", "Mason Greenwood/P|Greenwood/P", "fr"),
        ("Kemi Badenoch. Badenoch", "Kemi Badenoch/P|Badenoch/L", "Kemi Badenoch/P|Badenoch/P", "en"),
        ("Bernard et Hélène Arnault", "Bernard/M|Hélène Arnault/P", "Bernard/P|Hélène Arnault/P", "fr"),
        ("Szegedi Anna nyert", "Szegedi/P|Anna/P", "Szegedi Anna/P", "hu"),
        ("Queen Beatrix laughed", "Queen/P|Beatrix/P", "Queen Beatrix/P", "en"),
        # Names that only look like parts of a name, or like people.
        ("Jean Dupont de Lyon", "Jean Dupont/P|Lyon/L", "Jean Dupont/P|Lyon/L", "fr"),
        ("Morgan Stanley's shares", "Morgan Stanley/O", "Morgan Stanley/O", "en"),
        ("Victoria Park's trees", "Victoria Park/L", "Victoria Park/L", "en"),
        (
            "Denzel Washington in Washington",
            "Denzel Washington/P|Washington/L",
            "Denzel Washington/P|Washington/L",
            "en",
        ),
        ("Will Trump win? Trump says yes", "Trump/P|Trump/P", "Trump/P|Trump/P", "en"),
        ("John Monday said", "John/P", "John/P", "en"),
        ("Cesar da ONU", "Cesar/P|ONU/O", "Cesar/P|ONU/O", "pt"),
        # Two people side by side.
        ("El acuerdo entre Labastida y Fox", "Labastida/P|Fox/P", "Labastida/P|Fox/P", "es"),
        ("В разговоре с Путиным Меркель", "Путиным/P|Меркель/P", "Путиным/P|Меркель/P", "ru"),
        ("Ezért hívta Arsztanbek Putyint", "Arsztanbek/P|Putyint/P", "Arsztanbek/P|Putyint/P", "hu"),
        ("Ben Stiller de Grylls ile anlaştı", "Ben Stiller/P|Grylls/P", "Ben Stiller/P|Grylls/P", "tr"),
        # A word between a name and another noun.
        ("Als Neil Armstrong den Mond betrat", "Neil Armstrong/P|Mond/L", "Neil Armstrong/P|Mond/L", "de"),
        ("Wir haben Kurt Müller zu Gast", "Kurt Müller/P", "Kurt Müller/P", "de"),
        ("Karol Wojtyła odišiel do Ríma. Karol Wojtyła do Ríma", "Karol Wojtyła/P", "Karol Wojtyła/P", "sk"),
        # At the beginning of a sentence a word that is seldom a first name.
        ("Pero Cárdenas dijo que no.", "Cárdenas/P", "Cárdenas/P", "es"),
        ("Segundo Formaggio, nada mudou.", "Formaggio/P", "Formaggio/P", "pt"),
    ],
)
def test_a_person_has_a_whole_name_of_the_type_person(text: str, detected: str, expected: str, language: str) -> None:
    assert (
        written(correct_people({"text": mentions(text, detected)}, {"text": text}, language)["text"], text) == expected
    )


@pytest.mark.parametrize(
    ("text", "detected", "expected"),
    [
        ("Everton 0-0 Chelsea: Maresca's side held", "Everton 0-0 Chelsea/O", "Everton/O|Chelsea/O"),
        ("Chelsea were held to a goalless draw by Everton.", "Chelsea/L|Everton/L", "Chelsea/O|Everton/O"),
        (
            "Liverpool 3-1 Arsenal. Salah scored twice for Liverpool.",
            "Liverpool/L|Arsenal/O|Liverpool/L",
            "Liverpool/O|Arsenal/O|Liverpool/O",
        ),
        ("Lyon a battu Marseille 2-0. Deux buts pour Lyon.", "Lyon/L|Marseille/L|Lyon/L", "Lyon/O|Marseille/O|Lyon/O"),
        ("Porto venceu Braga por 2-0. Um golo.", "Porto/L|Braga/L", "Porto/O|Braga/O"),
        ("Paris Saint-Germain drew; their coach was angry about the penalty.", "Paris/L", "Paris Saint-Germain/O"),
        ("PSG - Monaco : 2-0, un but de Doué", "PSG - Monaco/L", "PSG/O|Monaco/O"),
        (
            "Juventus 1-1 Milan. A goal, and Milan coach Pioli left.",
            "Juventus/O|Milan/L|Milan/L",
            "Juventus/O|Milan/O|Milan/O",
        ),
        ("Forest were beaten 3-0 by Newcastle with a goal in each half.", "Newcastle/L", "Newcastle/O"),
        # Towns and countries stay places.
        ("Liverpool city council met in Liverpool.", "Liverpool/L|Liverpool/L", "Liverpool/L|Liverpool/L"),
        ("London have beaten the heat and Paris were quiet.", "London/L|Paris/L", "London/L|Paris/L"),
        ("The league meets in Lyon. The match ended 2-1.", "Lyon/L", "Lyon/L"),
        ("Germany beat France 2-1 with a late goal.", "Germany/L|France/L", "Germany/L|France/L"),
        ("Lyon votes; the mayor of Lyon has a goal.", "Lyon/L|Lyon/L", "Lyon/L|Lyon/L"),
        # Other names with numbers, or next to such words, stay what they are.
        ("The film 12:08 East of Bucharest opened.", "12:08 East of Bucharest/M", "12:08 East of Bucharest/M"),
        ("A goal in the derby. The Ballon d'Or was his.", "Ballon d'Or/M", "Ballon d'Or/M"),
    ],
)
def test_a_club_is_no_town_and_a_score_is_no_part_of_a_name(text: str, detected: str, expected: str) -> None:
    assert written(correct_clubs({"text": mentions(text, detected)}, {"text": text}, "en")["text"], text) == expected


# Words that a model may take for mentions of people many times in a row, and the number of names that ten of them
# become: a particle continues a name.
HOSTILE = {"Van": 1, "A.": 10, "Ursula von": 10, "de de de de Leyen": 5, "Novak Djokovic": 10}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_ten_times_in_a_row_is_joined_only_by_particles(name: str) -> None:
    text, mentions = listed([name] * 10, separator=" ")
    found = correct_people({"text": mentions}, {"text": text}, "en")["text"]
    assert " ".join(each.name for each in found) == text
    assert len(found) == HOSTILE[name]
    assert all(text[each.start : each.end] == each.name for each in found)


@pytest.mark.parametrize("name", HOSTILE)
def test_the_time_grows_in_proportion_to_the_number_of_mentions(name: str) -> None:
    correct = lambda given: correct_people({"text": given[1]}, {"text": given[0]}, "en")  # noqa: E731
    assert growth(correct, lambda number: listed([name] * number, separator=" "), 500) <= LINEAR


@pytest.mark.parametrize("name", ["De " * 500 + "Leyen", "Ursula " + "de " * 500 + "1"])
def test_the_particles_of_a_surname_are_at_most_ten(name: str) -> None:
    assert surname_with_particle(name).count(" ") <= 10


def test_the_time_grows_in_proportion_to_the_number_of_particles() -> None:
    assert growth(surname_with_particle, lambda number: "De " * number + "1", 1_000) <= LINEAR


def test_a_confidence_is_that_of_the_type_which_the_model_named() -> None:
    sure = DetectedMention("text", 0, 7, "Chelsea", "LOCATION", None, 0.9)
    assert sure.of_type("LOCATION") == sure
    assert sure.of_type("ORGANIZATION") == DetectedMention("text", 0, 7, "Chelsea", "ORGANIZATION", None, None)


def test_the_whole_name_of_a_person_is_as_sure_as_its_least_sure_part() -> None:
    text = "Novak Djokovic won. Djokovic said"
    parts = [
        DetectedMention("text", 0, 5, "Novak", "PERSON", None, 0.6),
        DetectedMention("text", 6, 14, "Djokovic", "PERSON", None, 0.9),
        DetectedMention("text", 20, 28, "Djokovic", "PERSON", None, 0.8),
    ]
    corrected = correct_people({"text": parts}, {"text": text}, "en")["text"]
    assert [(each.name, each.confidence) for each in corrected] == [("Novak Djokovic", 0.6), ("Djokovic", 0.8)]
