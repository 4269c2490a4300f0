"""Sports clubs that a model takes for the towns with their names, and scores that it takes for a part of a name.

A town is a club only where the article is about a match and the words next to the name say that it plays: "Chelsea were
held", "Lyon a battu Marseille 2-0", "Liverpool 3-1 Arsenal". "Liverpool city council" is of the town.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from agents.entities.detected_mention import DetectedMention, Field
from agents.entities.places.gazetteer import Kind
from agents.entities.places.toponyms import possible_places

_SCORE = r"\d{1,2} ?[-–:] ?\d{1,2}"
_ANY_SCORE = re.compile(rf"(?<![\w-]){_SCORE}(?![\w-])")
_DASH = re.compile(r" ?[-–] ")
_COLON_AND_SCORE = re.compile(rf" ?:? ?{_SCORE}(?![\w-])")
_SCORE_BEHIND = re.compile(rf" {_SCORE}(?![\w-])")
_SCORE_BEFORE = re.compile(rf"(?<![\w-]){_SCORE} $")
# One word about a match may stand anywhere. Two of them, or one and a score, stand in a report of a match.
_MATCH_WORDS_AS_TEXT = """
    goal goals goalless goalkeeper striker midfielder defender coach penalty half-time league derby kick-off equaliser
    equalised matchday footballer football scored fixture relegation but buts buteur attaquant milieu gardien entraîneur
    mi-temps ligue championnat penalty football match gols golos golo marcou treinador avançado jogo liga mål målet
    mållös målvakt tränare træner trener kamp kampen match matchen scorede scoret gol gola utakmica trener golman
    antrenor meci golul гол гола матч матче тренер edző gólt gól mérkőzés
"""
_MATCH_WORDS = frozenset(_MATCH_WORDS_AS_TEXT.split())
# These words right behind a name say that it is a club.
_PLAYS_BEHIND = re.compile(
    r" (?:coach|manager|striker|captain|midfielder|defender|goalkeeper|have (?:won|lost|drawn|not won)"
    r"|are (?:unbeaten|through|top|bottom)|were (?:held|beaten|relegated|lucky|relieved|\w+ goals? down)"
    r"|(?:were|was|are|have|had) |beats?|defeated|thrash(?:ed)?|edged?|drew|draw|host(?:s|ed)?|lost|won|slip"
    r"|equali[sz]ed|scored|a (?:battu|gagné|perdu|concédé|dominé|écrasé|reçu|ouvert|égalisé)"
    r"|s'est (?:imposé|incliné|inclinée|imposée)|s'impose|s'incline|bat|domine"
    r"|venceu|derrotou|perdeu|empatou|goleou|slog|vann|förlorade|besegrade|slår|vandt|tabte|slo|vant|tapte"
    r"|pobijedio|izgubio|pobedio|a învins|a pierdut|победил|проиграл|обыграл|legyőzte|kikapott)\b"
)
# These words right before a name say so too.
_PLAYS_BEFORE = re.compile(
    r"\b(?:beat|beats|beating|defeated|thrashed|edged|drew with|draw with|draw against|drawn with|held by|draw by"
    r"|to a [\w ]*draw by|host|hosts|lost to|lost at|against|defeat to|defeat by|defeat of|win over|victory over"
    r"|victory against|\d by|\d with|\d against|\d to|\d at|\d over"
    r"|battu|bat|contre|face à|devant|écrasé|dominé|venceu|o|derrotou|contra|slog|mot|mod|över|besegrade"
    r"|protiv|против|у)(?: an?| the)? $"
)
# These words stand before a club and before its town alike. The name is the club's if the article has the club
# elsewhere.
_CLUB_OR_TOWN_BEFORE = re.compile(
    r"\b(?:for|pour|por|pelo|för|za|за|pentru|coach|manager|striker|captain|midfielder|defender|goalkeeper) $"
)
# These words behind a town belong to the name of a club.
_CLUB_WORD = re.compile(
    r" (?:Saint-Germain|United|City|Rovers|Wanderers|Athletic|Albion|Hotspur|Villa|F\.?C\.?|AFC|CF|SC)(?![\w-])"
)
# The words before a name are searched this many code points back.
_REACH = 30
# A shorter article, in code points, is about a match if it has one word about a match.
_SHORT_ARTICLE = 400


def correct_clubs(
    mentions: Mapping[Field, Sequence[DetectedMention]], texts: Mapping[Field, str], language: str
) -> dict[Field, list[DetectedMention]]:
    """The mentions; clubs are organisations, and no mention has a score in it.

    Args:
        mentions: the mentions of each field, in ascending order.
        texts: the text of each field.
        language: the language of the article (ISO 639-1).
    """
    is_about_match = _is_about_match(texts)
    without_scores = {
        field: [
            name
            for mention in of_field
            for name in _without_score(mention, texts[field], language, is_about_match=is_about_match)
        ]
        for field, of_field in mentions.items()
    }
    if not is_about_match:
        return without_scores
    full_names = {field: _with_full_names(of_field, texts[field]) for field, of_field in without_scores.items()}
    club_names = {
        mention.name
        for field, of_field in full_names.items()
        for mention in of_field
        if _plays(mention, texts[field], language)
    }

    def is_club(mention: DetectedMention, text: str) -> bool:
        return mention.name in club_names and (
            _plays(mention, text, language) or _CLUB_OR_TOWN_BEFORE.search(_before(mention, text)) is not None
        )

    return {
        field: [mention.of_type("ORGANIZATION") if is_club(mention, texts[field]) else mention for mention in of_field]
        for field, of_field in full_names.items()
    }


def _without_score(
    mention: DetectedMention, text: str, language: str, *, is_about_match: bool
) -> list[DetectedMention]:
    """The names in a mention that has a score between or next to them.

    Or a dash stands between the names, and the score behind them: "PSG - Monaco : 2-0". Numbers in the title of a work
    look like a score too: "12:08 East of Bucharest".
    """
    separator = _DASH if _COLON_AND_SCORE.match(text, mention.end) else _ANY_SCORE
    if not separator.search(mention.name) or (mention.type == "MISC" and not is_about_match):
        return [mention]
    parts = []
    part_start = 0
    end_of_name = len(mention.name), len(mention.name)
    for start, end in [*(sign.span() for sign in separator.finditer(mention.name)), end_of_name]:
        name = mention.name[part_start:start].strip(" ,:-–")
        if any(map(str.isalpha, name)):
            name_start = mention.start + mention.name.index(name, part_start)
            parts.append(replace(mention, start=name_start, end=name_start + len(name), name=name))
        part_start = end
    if mention.type == "PERSON" or all(_is_country(part.name, language) for part in parts):
        return parts
    return [part.of_type("ORGANIZATION") for part in parts]


def _is_about_match(texts: Mapping[Field, str]) -> bool:
    words = {
        word
        for text in texts.values()
        for word in re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", text.casefold())
        if word in _MATCH_WORDS
    }
    has_score = any(map(_ANY_SCORE.search, texts.values()))
    is_short = sum(map(len, texts.values())) < _SHORT_ARTICLE
    signs = len(words) + has_score + (is_short and bool(words))
    return signs >= 2 or (has_score and any(map(_PLAYS_BEHIND.search, texts.values())))


def _with_full_names(mentions: Sequence[DetectedMention], text: str) -> list[DetectedMention]:
    """The mentions; a town has the words behind it that make it the name of a club: Paris Saint-Germain."""
    result: list[DetectedMention] = []
    for mention in mentions:
        if result and mention.start < result[-1].end:
            continue  # a part of the club's name
        behind = _CLUB_WORD.match(text, mention.end) if mention.type in ("LOCATION", "ORGANIZATION") else None
        if behind:
            mention = replace(mention, end=behind.end(), name=text[mention.start : behind.end()]).of_type(
                "ORGANIZATION"
            )
        result.append(mention)
    return result


def _plays(mention: DetectedMention, text: str, language: str) -> bool:
    """Whether the words next to the name of a town say that it plays."""
    if mention.type in ("PERSON", "MISC") or _is_country(mention.name, language):
        return False
    if _SCORE_BEHIND.match(text, mention.end) or _PLAYS_BEHIND.match(text, mention.end):
        return True
    before = _before(mention, text)
    return bool(_SCORE_BEFORE.search(before) or _PLAYS_BEFORE.search(before))


def _before(mention: DetectedMention, text: str) -> str:
    return text[max(0, mention.start - _REACH) : mention.start]


def _is_country(name: str, language: str) -> bool:
    """Whether a name may mean a country. Its team has the same name and stays a place."""
    return any(place.kind == Kind.COUNTRY for place in possible_places(name, language))
