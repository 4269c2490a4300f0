"""Clubs that a model takes for the towns whose names they have, and scores that it takes for a part of a name.

A town is a club only where the article is about a match and the words beside the name say that it plays: "Chelsea were
held", "Lyon a battu Marseille 2-0", "Liverpool 3-1 Arsenal". "Liverpool city council" is the town's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from agents.entities.detected_mention import DetectedMention, Field
from agents.entities.places.gazetteer import Kind
from agents.entities.places.toponyms import possible_places

_SCORE = r"\d{1,2} ?[-–:] ?\d{1,2}"
_HAS_SCORE = re.compile(rf"(?<![\w-]){_SCORE}(?![\w-])")
_DASH, _SCORE_AFTER_COLON = re.compile(r" ?[-–] "), re.compile(rf" ?:? ?{_SCORE}(?![\w-])")
_SCORE_BEHIND, _SCORE_BEFORE = re.compile(rf" {_SCORE}(?![\w-])"), re.compile(rf"(?<![\w-]){_SCORE} $")
# Words of a match. One of them may stand anywhere; two, or one and a score, stand in a report of a match.
_WORDS_WRITTEN = """
    goal goals goalless goalkeeper striker midfielder defender coach penalty half-time league derby kick-off equaliser
    equalised matchday footballer football scored fixture relegation but buts buteur attaquant milieu gardien entraîneur
    mi-temps ligue championnat penalty football match gols golos golo marcou treinador avançado jogo liga mål målet
    mållös målvakt tränare træner trener kamp kampen match matchen scorede scoret gol gola utakmica trener golman
    antrenor meci golul гол гола матч матче тренер edző gólt gól mérkőzés
"""
_WORDS = frozenset(_WORDS_WRITTEN.split())
# What a club does, right behind its name.
_PLAYS = re.compile(
    r" (?:coach|manager|striker|captain|midfielder|defender|goalkeeper|have (?:won|lost|drawn|not won)|are (?:unbeaten|through|top|bottom)|were (?:held|beaten|relegated|lucky|relieved|\w+ goals? down)"
    r"|(?:were|was|are|have|had) |beats?|defeated|thrash(?:ed)?|edged?|drew|draw|host(?:s|ed)?|lost|won|slip|equali[sz]ed|scored|"
    r"a (?:battu|gagné|perdu|concédé|dominé|écrasé|reçu|ouvert|égalisé)|s'est (?:imposé|incliné|inclinée|imposée)|s'impose|s'incline|bat|domine"
    r"|venceu|derrotou|perdeu|empatou|goleou|slog|vann|förlorade|besegrade|slår|vandt|tabte|slo|vant|tapte|pobijedio|izgubio|pobedio"
    r"|a învins|a pierdut|победил|проиграл|обыграл|legyőzte|kikapott)\b"
)
# And right before it.
_PLAYED = re.compile(
    r"\b(?:beat|beats|beating|defeated|thrashed|edged|drew with|draw with|draw against|drawn with|held by|draw by|to a [\w ]*draw by|host|hosts"
    r"|lost to|lost at|against|defeat to|defeat by|defeat of|win over|victory over|victory against|\d by|\d with|\d against|\d to|\d at|\d over"
    r"|battu|bat|contre|face à|devant|écrasé|dominé|venceu|o|derrotou|contra|slog|mot|mod|över|besegrade|protiv|против|у)(?: an?| the)? $"
)
# What stands before a club and before its town alike: they are the club's where the article has the club.
_FOR = re.compile(
    r"\b(?:for|pour|por|pelo|för|za|за|pentru|coach|manager|striker|captain|midfielder|defender|goalkeeper) $"
)
# What belongs to a club's name behind a town.
_CLUB_NAME = re.compile(
    r" (?:Saint-Germain|United|City|Rovers|Wanderers|Athletic|Albion|Hotspur|Villa|F\.?C\.?|AFC|CF|SC)(?![\w-])"
)
_AROUND = 30


def clubs(
    found: Mapping[Field, Sequence[DetectedMention]], texts: Mapping[Field, str], language: str
) -> dict[Field, list[DetectedMention]]:
    """The mentions, clubs as organisations and without the scores beside them."""
    parted = {
        field: [part for mention in mentions for part in _without_score(mention, texts[field], language)]
        for field, mentions in found.items()
    }
    if not _is_of_a_match(texts):
        return parted
    whole = {field: _whole_names(mentions, texts[field]) for field, mentions in parted.items()}
    playing = {
        mention.name
        for field, mentions in whole.items()
        for mention in mentions
        if _plays(mention, texts[field], language)
    }
    return {
        field: [
            replace(mention, type="ORGANIZATION")
            if mention.name in playing
            and (
                _plays(mention, texts[field], language)
                or _FOR.search(texts[field][max(0, mention.start - _AROUND) : mention.start])
            )
            else mention
            for mention in mentions
        ]
        for field, mentions in whole.items()
    }


def _without_score(mention: DetectedMention, text: str, language: str) -> list[DetectedMention]:
    """The names in a mention that has a score between or beside them, or a dash between them and a score behind: "PSG - Monaco : 2-0"."""
    between = _DASH if _SCORE_AFTER_COLON.match(text, mention.end) else _HAS_SCORE
    if not between.search(mention.name):
        return [mention]
    parts = []
    at = 0
    for start, end in [
        *(sign.span() for sign in between.finditer(mention.name)),
        (len(mention.name), len(mention.name)),
    ]:
        name = mention.name[at:start].strip(" ,:-–")
        if any(map(str.isalpha, name)):
            begin = mention.start + mention.name.index(name, at)
            parts.append(replace(mention, start=begin, end=begin + len(name), name=name))
        at = end
    if mention.type == "PERSON" or all(_is_country(part.name, language) for part in parts):
        return parts
    return [replace(part, type="ORGANIZATION") for part in parts]


def _is_of_a_match(texts: Mapping[Field, str]) -> bool:
    words = {
        word
        for text in texts.values()
        for word in re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", text.casefold())
        if word in _WORDS
    }
    return len(words) + any(map(_HAS_SCORE.search, texts.values())) + (
        sum(map(len, texts.values())) < 400 and bool(words)
    ) >= 2 or (any(map(_HAS_SCORE.search, texts.values())) and any(map(_PLAYS.search, texts.values())))


def _whole_names(found: Sequence[DetectedMention], text: str) -> list[DetectedMention]:
    """The mentions, a town with what makes a club's name of it: Paris Saint-Germain."""
    mentions: list[DetectedMention] = []
    for mention in found:
        if mentions and mention.start < mentions[-1].end:
            continue  # what the club's name took in
        behind = _CLUB_NAME.match(text, mention.end) if mention.type in ("LOCATION", "ORGANIZATION") else None
        if behind:
            mention = replace(mention, end=behind.end(), name=text[mention.start : behind.end()], type="ORGANIZATION")
        mentions.append(mention)
    return mentions


def _plays(mention: DetectedMention, text: str, language: str) -> bool:
    """Whether the words beside a name of a town say that it plays."""
    if mention.type == "PERSON" or _is_country(mention.name, language):
        return False
    if _SCORE_BEHIND.match(text, mention.end) or _PLAYS.match(text, mention.end):
        return True
    before = text[max(0, mention.start - _AROUND) : mention.start]
    return bool(_SCORE_BEFORE.search(before) or _PLAYED.search(before))


def _is_country(name: str, language: str) -> bool:
    """Whether a name is a country's: its team is called so and stays a place."""
    return any(place.kind == Kind.COUNTRY for place in possible_places(name, language))
