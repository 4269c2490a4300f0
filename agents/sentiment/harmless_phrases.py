"""Phrases with bad words that report no harm: less unemployment, no injured, the end of a war, not the worst.

The model would take their words for bad news. So such a phrase is removed, and the rest of the sentence decides.
"""

from __future__ import annotations

import re

# By language: bad things.
_BAD_THINGS = {
    "en": r"unemployment|joblessness|inflation|poverty|crime|burglaries|deaths|homicides|murders|infections|violence"
    r"|hunger|debt|deficit",
    "fr": r"chômage|inflation|pauvreté|criminalité|morts|homicides|infections|violences?|dette|déficit",
    "de": r"Arbeitslosigkeit|Inflation|Armut|Kriminalität|Verkehrstoten|Todesfälle|Infektionen|Gewalt|Schulden|Defizit",
    "es": r"paro|desempleo|inflación|pobreza|criminalidad|muertes|muertos|homicidios|violencia|deuda|déficit",
    "it": r"disoccupazione|inflazione|povertà|criminalità|morti|omicidi|violenza|debito|deficit",
    "pt": r"desemprego|inflação|pobreza|criminalidade|mortes|mortos|homicídios|violência|dívida|déficit",
}
# Verbs for a bad thing that becomes less. They stand before or after it.
_DECREASE = {
    "en": r"f[ae]ll|falls|falling|fallen|drop(?:s|ped|ping)?|declin(?:e|es|ed|ing)|eas(?:es|ed|ing)|down|decreas(?:es"
    r"|ed|ing)|halved|lower",
    "fr": r"recul\w{0,4}|baiss\w{0,4}|dimin\w{0,6}|chut\w{0,4}",
    "de": r"sank|sinkt|gesunken|fällt|fiel|gefallen|ging\w{0,2}|zurückgegangen|rückläufig",
    "es": r"cae|caen|cayó|baj\w{1,4}|disminu\w{1,5}|descend\w{1,5}|reduj\w{1,3}",
    "it": r"scend\w{1,4}|sces[aeio]|cal\w{1,4}|diminui\w{1,4}",
    "pt": r"cai|caíram|caiu|diminu\w{1,4}|baix\w{1,4}|recu\w{1,4}",
}
# Harm that did not happen, wars that end, faint praise.
_ABSENT_OR_OVER = {
    "en": r"\b(?:no|without(?: any)?) (?:problems?|injuries|victims|casualties|damage|incidents?|deaths)\b"
    r"|\b(?:no one|nobody) was (?:hurt|injured|killed|harmed)\b|\bno evidence of \w{1,20}(?: or \w{1,20})?"
    r"|\b(?:ending|ends?|ended)\b(?: [\w'-]{1,20}){0,4} (?:war|conflict|fighting)\b(?: (?:that|which) (?:had "
    r"|has )?killed \w{1,20})?"
    r"|\bnot (?:the worst|a bad)\b",
    "fr": r"\b(?:aucun|pas de|sans) (?:problème|victime|blessé|mort|dégât|incident)s?\b|\baucune victime\b"
    r"|\bn'a fait aucune victime\b"
    r"|\bmet(?:tant|tra)? fin à la guerre\b|\bpas (?:le pire|la pire)\b",
    "de": r"\b(?:keine|ohne) (?:Probleme|Verletzten?|Opfer|Toten?|Schäden|Zwischenfälle)\b"
    r"|\bniemand (?:wurde )?verletzt\b|\bwurde niemand verletzt\b"
    r"|\b(?:den )?Krieg beende\w{1,3}\b|\bnicht de[rmn] schlechteste\w?\b|\bnicht das schlechteste\b",
    "es": r"\b(?:no hubo|sin) (?:problemas|víctimas|heridos|muertos|daños|incidentes)\b|\bfin a la guerra\b"
    r"|\bno es (?:el|la) peor\b",
    "it": r"\b(?:nessun|senza) (?:problema|problemi|ferito|feriti|morto|vittime|danni)\b"
    r"|\bnon ci sono stati feriti né danni\b"
    r"|\bfine alla guerra\b|\bnon è (?:il|la) peggio\w{0,3}\b",
    "pt": r"\b(?:não houve|sem) (?:problemas|vítimas|feridos|mortos|danos)(?: nem danos)?\b|\bfim à guerra\b"
    r"|\bnão é [oa] pior\b",
}
# "… to its lowest level", after the verb.
_LOWEST = (
    r"(?: [\w']{1,12}){0,3}? (?:lowest(?: level)?|plus bas(?: niveau)?|niedrigsten? Stand|nivel más bajo"
    r"|livello più basso|nível mais baixo)"
)
_HARMLESS = {
    code: re.compile(
        rf"\b(?:{_BAD_THINGS[code]})\b(?: [\w'-]{{1,20}}){{0,6}}? (?:{_DECREASE[code]})\b(?:{_LOWEST})?"
        rf"|\b(?:{_DECREASE[code]})\b(?: [\w'-]{{1,20}}){{0,2}}? (?:{_BAD_THINGS[code]})\b"
        rf"|{_ABSENT_OR_OVER[code]}",
        re.IGNORECASE,
    )
    for code in _BAD_THINGS
}

_NO_HARM = {code: re.compile(pattern, re.IGNORECASE) for code, pattern in _ABSENT_OR_OVER.items()}


def reports_no_harm(text: str, language: str) -> bool:
    """Whether a text reports that harm did not happen or is over, or that something is not the worst."""
    pattern = _NO_HARM.get(language)
    return pattern is not None and pattern.search(text) is not None


def without_harmless_phrases(text: str, language: str) -> str:
    """The text without phrases in which something bad is less, absent or over; all of it if nothing else is left."""
    pattern = _HARMLESS.get(language)
    rest = pattern.sub(" ", text) if pattern else text
    return rest if any(map(str.isalpha, rest)) else text
