"""The person that a name means, by the words around it: a ruler, a relative, a family, the first of a couple.

Telex knows these words in the languages in which its own models find entities, and in no others.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from itertools import pairwise

from agents.entities.conjunctions import between_two_names
from agents.entities.detected_mention import DetectedMention, Field
from agents.entities.given_names import is_first_name
from agents.entities.people.generations import without_generation

# The field of a mention, and its start.
Position = tuple[Field, int]

# These titles stand before a first name that is the whole name of a king, a queen or a pope. The list has all case
# forms.
_RULERS_AS_TEXT = """
    king queen pope prince princess emperor empress sultan tsar czar emir crown roi reine pape prince princesse empereur
    impératrice könig königin papst prinz prinzessin kaiser kaiserin kong konge kongen dronning dronningen pave paven
    prins prinsen prinsesse prinsessen kronprins kronprinsesse kung kungen drottning drottningen påve påven
    kronprinsessan prinsessan rei rainha papa príncipe princesa rey reina re regina principe regele regina principele
    prințul prințesa kralj kralja kralju kraljem kraljica kraljice kraljici kraljicu princ princa princeza princezi papi
    pape papu papom király királyné pápa herceg hercegnő краљ краља краљу краљем краљица папа папе папу папи папом принц
    король короля королю королем королём королева королевы королеве королеву папой принц принца принцу принцесса
    kuningas kuningatar paavi prinssi
"""
_RULERS = frozenset(_RULERS_AS_TEXT.split())

_SPOUSES_AS_TEXT = """
    wife husband widow widower spouse fiancée fiancé partner épouse époux femme mari veuve veuf compagne compagnon frau
    ehefrau mann ehemann witwe hustru kone mand mann hustruen kona fru man make maka änka mulher esposa marido viúva
    soția soțul soţia soţul supruga suprug suprugom suprugu žena žene ženom ženu muž felesége férje feleségével férjével
    супруга супругой супруге супругу супругом жена женой жене жену муж мужем мужу супруг vaimo puoliso aviomies
"""
_BLOOD_RELATIVES_AS_TEXT = """
    son sons daughter daughters father mother brother sister grandson granddaughter grandfather grandmother nephew niece
    uncle aunt cousin stepson stepdaughter twin fils fille père mère frère sœur soeur neveu nièce oncle tante cousin
    cousine sohn tochter vater mutter bruder schwester søn sønn sønnen datter datteren far faren mor moren bror broren
    søster søsteren dotter dottern sonen fadern pappa mamma brodern syster filho filha pai mãe irmão irmã fiul fiica
    tatăl mama fratele sora sin sina sinom sinu kćer kći kćeri kćerkom otac ocem oca majka majkom majke brat bratom
    brata sestra sestrom sestre син сина сином ћерка ћерком кћи отац оцем мајка мајком брат братом сестра сестром fia
    fiával lánya lányával apja anyja testvére bátyja öccse nővére húga сын сыном сына дочь дочерью дочери отец отцом
    отца мать матерью брата брат сестра сестрой poika tytär isä äiti veli sisar
"""
_SPOUSES = frozenset(_SPOUSES_AS_TEXT.split())
_RELATIVES = _SPOUSES | frozenset(_BLOOD_RELATIVES_AS_TEXT.split())

# These words stand before or behind the name of a family: "les Macron", "la famille Macron", "the Obama family".
_PLURAL_ARTICLES = {"fr": "les des aux", "es": "los", "pt": "os dos aos", "it": "i"}
_FAMILIES_AS_TEXT = """
    family couple brothers sisters siblings twins famille époux frères sœurs clan couple familien familjen ekteparet
    ægteparret família casal irmãos familia soții obitelj obitelji porodica porodice породица породице семья семьи
    супруги család házaspár familie perhe
"""
_FAMILIES = frozenset(_FAMILIES_AS_TEXT.split())

_WORD_BEFORE = re.compile(r"([^\W\d_]+)[ \n]$")
# The name of a relative stands right behind the word, or after a comma and a word or two: "son épouse, la chanteuse
# Carla Bruni".
_RELATIVE_BEFORE = re.compile(r"([^\W\d_]+)(?:[ \n]|,[ \n](?:[^\W\d_]+[ \n]){0,2})$")
_WORD_BEHIND = re.compile(r"[ \n]([^\W\d_]+)")
# "Brigitte Macron, the president's wife", "Nadine Menendez, épouse du sénateur".
_APPOSITION = re.compile(r",((?: [\w'-]+){1,5})")
# Where a sentence or an entry of a list ends; not behind an abbreviation or an initial.
# It is a lookahead, so that a line break behind a full stop is an end too: a mention may end with the full stop.
_SENTENCE_END = re.compile(r"(?=((?<!\b[A-Z])(?<!\b[A-Z][a-z])(?<!\b[A-Z][a-z]{2})[.!?…;][\"'»”)\]]*\s|[!?…]\s|\n))")
# The words before a name are searched this many code points back.
_REACH = 40
_FIRST_OF_TWO_WORDS = re.compile(r"([^\W\d_]+) (?=[^\W\d_]+$)")


class PersonContext:
    """The words around the names of people in an article.

    Args:
        mentions: all mentions of the article.
        texts: the text of each field; the offsets of the mentions count its code points.
        language: the language of the article (ISO 639-1).
    """

    def __init__(self, mentions: Sequence[DetectedMention], texts: Mapping[Field, str], language: str) -> None:
        self._texts = texts
        self._language = language
        # Found once for each text: thousands of people far from their full names would search it thousands of times.
        self._sentence_ends_of: dict[Field, tuple[list[int], list[int]]] = {}
        self._first_person = min(
            (mention.start for mention in mentions if mention.type == "PERSON" and mention.field == "text"),
            default=None,
        )

    def is_ruler(self, mention: DetectedMention) -> bool:
        """Whether the title of a king, a queen or a pope stands before the name."""
        before = self._word_before(mention, _WORD_BEFORE)
        name = self._texts[mention.field][mention.start : mention.end]
        return (before is not None and before in _RULERS) or without_title_of_ruler(name) != name

    def is_family(self, mention: DetectedMention) -> bool:
        """Whether the name is a surname that means several people."""
        before = self._word_before(mention, _WORD_BEFORE)
        behind = _WORD_BEHIND.match(self._texts[mention.field], mention.end)
        if before in _FAMILIES or (behind and behind[1].casefold() in _FAMILIES):
            return True
        return before is not None and before in _PLURAL_ARTICLES.get(self._language, "").split()

    def is_relative(self, mention: DetectedMention) -> bool:
        """Whether the article calls this person somebody's relative.

        "his wife, Michelle Obama", "Brigitte Macron, the president's wife".
        """
        return self._is_called(mention, _RELATIVES)

    def is_spouse_of_unnamed_person(self, mention: DetectedMention) -> bool:
        """Whether the article calls this person somebody's wife or husband, before it names any person."""
        if mention.field != "text" or (self._first_person is not None and self._first_person < mention.start):
            return False
        return self._is_called(mention, _SPOUSES)

    def is_same_sentence(self, first: DetectedMention, second: DetectedMention) -> bool:
        """Whether no sentence ends between two mentions; the first one stands before the second."""
        if first.field != second.field:
            return False
        starts, ends = self._sentence_ends(first.field)
        next_end = bisect_left(starts, first.end)
        return next_end == len(starts) or ends[next_end] > second.start

    def _sentence_ends(self, field: Field) -> tuple[list[int], list[int]]:
        """Where the end of each sentence begins and where it ends: its full stop, and the white space behind it."""
        if field not in self._sentence_ends_of:
            spans = [end.span(1) for end in _SENTENCE_END.finditer(self._texts[field])]
            self._sentence_ends_of[field] = [start for start, _ in spans], [end for _, end in spans]
        return self._sentence_ends_of[field]

    def _is_called(self, mention: DetectedMention, words: frozenset[str]) -> bool:
        before = self._word_before(mention, _RELATIVE_BEFORE)
        return (before is not None and before in words) or self._has_in_apposition(mention, words)

    def _word_before(self, mention: DetectedMention, pattern: re.Pattern[str]) -> str | None:
        before = pattern.search(self._texts[mention.field], max(0, mention.start - _REACH), mention.start)
        return before[1].casefold() if before else None

    def _has_in_apposition(self, mention: DetectedMention, words: frozenset[str]) -> bool:
        apposition = _APPOSITION.match(self._texts[mention.field], mention.end)
        return apposition is not None and any(
            word in words for word in re.findall(r"[^\W\d_]+", apposition[1].casefold())
        )


def without_title_of_ruler(name: str) -> str:
    """A person's name of one word without the title of a ruler, which a model took as a part of it: Queen Elizabeth."""
    first_word = _FIRST_OF_TWO_WORDS.match(name)
    return name[first_word.end() :] if first_word and first_word[1].casefold() in _RULERS else name


def full_names_of_couples(
    mentions: Sequence[DetectedMention], texts: Mapping[Field, str], language: str
) -> dict[Position, str]:
    """The full name of each first name that shares the surname of the name behind it: "Bill and Hillary Clinton".

    Returns:
        By the field and the start of the mention that is a first name alone.
    """
    between = between_two_names(language)
    if between is None:
        return {}
    surnames = {mention.name.rpartition(" ")[2] for mention in mentions if " " in mention.name}
    full_names = {}
    for first, second in pairwise(mentions):
        _, _, surname = without_generation(second.name).partition(" ")
        if (
            first.field == second.field
            and surname
            and second.type == "PERSON"
            and first.title is None
            and " " not in first.name
            and first.name not in surnames
            and is_first_name(first.name)
            and between.fullmatch(texts[first.field], first.end, second.start)
        ):
            full_names[first.field, first.start] = f"{first.name} {surname}"
    return full_names
