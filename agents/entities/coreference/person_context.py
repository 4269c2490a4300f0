"""What the words around a person's name tell about who is meant: a ruler, a relative, a family, the first of a couple.

The words are known of the languages that Telex finds entities in by itself; elsewhere only what needs no words is
known.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from agents.entities.detected_mention import DetectedMention, Field
from agents.entities.generations import without_generation
from agents.entities.given_names import is_first_name

Place = tuple[Field, int]

# Before a first name that is the whole name of a king, a queen or a pope. Case endings are written out.
_RULERS_WRITTEN = """
    king queen pope prince princess emperor empress sultan tsar czar emir crown roi reine pape prince princesse empereur
    impératrice könig königin papst prinz prinzessin kaiser kaiserin kong konge kongen dronning dronningen pave paven
    prins prinsen prinsesse prinsessen kronprins kronprinsesse kung kungen drottning drottningen påve påven
    kronprinsessan prinsessan rei rainha papa príncipe princesa rey reina re regina principe regele regina principele
    prințul prințesa kralj kralja kralju kraljem kraljica kraljice kraljici kraljicu princ princa princeza princezi papi
    pape papu papom király királyné pápa herceg hercegnő краљ краља краљу краљем краљица папа папе папу папи папом принц
    король короля королю королем королём королева королевы королеве королеву папой принц принца принцу принцесса
    kuningas kuningatar paavi prinssi
"""
_RULERS = frozenset(_RULERS_WRITTEN.split())

_SPOUSES = """
    wife husband widow widower spouse fiancée fiancé partner épouse époux femme mari veuve veuf compagne compagnon frau
    ehefrau mann ehemann witwe hustru kone mand mann hustruen kona fru man make maka änka mulher esposa marido viúva
    soția soțul soţia soţul supruga suprug suprugom suprugu žena žene ženom ženu muž felesége férje feleségével férjével
    супруга супругой супруге супругу супругом жена женой жене жену муж мужем мужу супруг vaimo puoliso aviomies
"""
_BLOOD = """
    son sons daughter daughters father mother brother sister grandson granddaughter grandfather grandmother nephew niece
    uncle aunt cousin stepson stepdaughter twin fils fille père mère frère sœur soeur neveu nièce oncle tante cousin
    cousine sohn tochter vater mutter bruder schwester søn sønn sønnen datter datteren far faren mor moren bror broren
    søster søsteren dotter dottern sonen fadern pappa mamma brodern syster filho filha pai mãe irmão irmã fiul fiica
    tatăl mama fratele sora sin sina sinom sinu kćer kći kćeri kćerkom otac ocem oca majka majkom majke brat bratom
    brata sestra sestrom sestre син сина сином ћерка ћерком кћи отац оцем мајка мајком брат братом сестра сестром fia
    fiával lánya lányával apja anyja testvére bátyja öccse nővére húga сын сыном сына дочь дочерью дочери отец отцом
    отца мать матерью брата брат сестра сестрой poika tytär isä äiti veli sisar
"""
_SPOUSE = frozenset(_SPOUSES.split())
_KIN = _SPOUSE | frozenset(_BLOOD.split())

# Before or behind the name of a family: "les Macron", "la famille Macron", "the Obama family".
_PLURALS = {"fr": "les des aux", "es": "los", "pt": "os dos aos", "it": "i"}
_FAMILIES_WRITTEN = """
    family couple brothers sisters siblings twins famille époux frères sœurs clan couple familien familjen ekteparet
    ægteparret família casal irmãos familia soții obitelj obitelji porodica porodice породица породице семья семьи
    супруги család házaspár familie perhe
"""
_FAMILIES = frozenset(_FAMILIES_WRITTEN.split())

AND = {
    "da": "og", "de": "und", "en": "and", "es": "y", "fi": "ja", "fr": "et", "hr": "i", "hu": "és", "it": "e", "nb": "og", "nn": "og",
    "pt": "e", "ro": "și", "ru": "и", "sk": "a", "sr": "i|и", "sv": "och",
}  # fmt: skip

_BEFORE = re.compile(r"([^\W\d_]+)[ \n]$")
# A relative's name stands right behind the word, or after a comma and a word or two: "son épouse, la chanteuse Carla
# Bruni".
_KIN_BEFORE = re.compile(r"([^\W\d_]+)(?:[ \n]|,[ \n](?:[^\W\d_]+[ \n]){0,2})$")
_BEHIND = re.compile(r"[ \n]([^\W\d_]+)")
# "Brigitte Macron, the president's wife", "Nadine Menendez, épouse du sénateur".
_IN_APPOSITION = re.compile(r",((?: [\w'-]+){1,5})")
# Where a sentence ends, or an entry of a list, and not behind an abbreviation or an initial.
_SENTENCE_END = re.compile(r"(?<!\b[A-Z])(?<!\b[A-Z][a-z])(?<!\b[A-Z][a-z]{2})[.!?…;][\"'»”)\]]*\s|[!?…]\s|\n")
_AROUND = 40
_FIRST_WORD = re.compile(r"([^\W\d_]+) (?=[^\W\d_]+$)")


class Around:
    """What stands around the mentions of an article.

    Args:
        found: all mentions.
        texts: of each field, as the mentions count its characters.
    """

    def __init__(self, found: Sequence[DetectedMention], texts: Mapping[Field, str], language: str) -> None:
        self._texts = texts
        self._language = language
        self._people = sorted(
            mention.start for mention in found if mention.type == "PERSON" and mention.field == "text"
        )

    def is_ruler(self, mention: DetectedMention) -> bool:
        """Whether the title of a king, a queen or a pope stands before the name."""
        before, name = self._before(mention, _BEFORE), self._texts[mention.field][mention.start : mention.end]
        return (before is not None and before in _RULERS) or without_ruler(name) != name

    def is_family(self, mention: DetectedMention) -> bool:
        """Whether several people are meant by the surname that they share."""
        before, text = self._before(mention, _BEFORE), self._texts[mention.field]
        behind = _BEHIND.match(text, mention.end)
        if before in _FAMILIES or (behind and behind[1].casefold() in _FAMILIES):
            return True
        return before is not None and before in _PLURALS.get(self._language, "").split()

    def is_relative(self, mention: DetectedMention) -> bool:
        """Whether the name is said to be a relative's: "his wife, Michelle Obama", "Brigitte Macron, the president's wife"."""
        before = self._before(mention, _KIN_BEFORE)
        return (before is not None and before in _KIN) or self._in_apposition(mention, _KIN)

    def is_spouse_of_nobody_named(self, mention: DetectedMention) -> bool:
        """Whether the name is that of the wife or husband of somebody whom the article did not name before."""
        if mention.field != "text" or (self._people and self._people[0] < mention.start):
            return False
        before = self._before(mention, _KIN_BEFORE)
        return (before is not None and before in _SPOUSE) or self._in_apposition(mention, _SPOUSE)

    def is_same_sentence(self, mention: DetectedMention, other: DetectedMention) -> bool:
        """Whether no sentence ends between two mentions, the first of which stands before the second."""
        return mention.field == other.field and not _SENTENCE_END.search(
            self._texts[mention.field], mention.end, other.start
        )

    def _before(self, mention: DetectedMention, pattern: re.Pattern[str]) -> str | None:
        found = pattern.search(self._texts[mention.field], max(0, mention.start - _AROUND), mention.start)
        return found[1].casefold() if found else None

    def _in_apposition(self, mention: DetectedMention, words: frozenset[str]) -> bool:
        found = _IN_APPOSITION.match(self._texts[mention.field], mention.end)
        return found is not None and any(word in words for word in re.findall(r"[^\W\d_]+", found[1].casefold()))


def without_ruler(name: str) -> str:
    """A person's name of one word without the title before it that a model took along: Elizabeth, Queen Elizabeth."""
    first = _FIRST_WORD.match(name)
    return name[first.end() :] if first and first[1].casefold() in _RULERS else name


def couples(found: Sequence[DetectedMention], texts: Mapping[Field, str], language: str) -> dict[Place, str]:
    """The full name of each first name that stands before another one with the surname of both: "Bill and Hillary Clinton"."""
    if language not in AND:
        return {}
    between = re.compile(rf" (?:{AND[language]}|&) ")
    surnames = {mention.name.rpartition(" ")[2] for mention in found if " " in mention.name}
    named = {}
    for one, other in pairwise(found):
        _, _, surname = without_generation(other.name).partition(" ")
        if (
            one.field == other.field
            and surname
            and other.type == "PERSON"
            and one.title is None
            and " " not in one.name
            and one.name not in surnames
            and is_first_name(one.name)
            and between.fullmatch(texts[one.field], one.end, other.start)
        ):
            named[one.field, one.start] = f"{one.name} {surname}"
    return named
