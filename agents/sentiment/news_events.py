"""Finds news events in sentences: good and bad business news, peace, harm that did not happen, and obituaries.

The model was trained on tweets. It misjudges phrases such as "fewer deaths", and does not know phrases such as "profit
warning". So each event is evidence: the model's probabilities of the sentence are multiplied by the
likelihood of the event under each label. Without an event the model decides alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from agents.sentiment.harmless_phrases import reports_no_harm
from agents.sentiment.passages import sentence_ends
from agents.sentiment.rises_and_falls import changes_for_the_better

# The probability of an event in a negative, a neutral and a positive sentence, scaled so that the largest is 1. Chosen
# on the development passages.
Evidence = tuple[float, float, float]
NO_EVENT: Evidence = (1.0, 1.0, 1.0)
GOOD_NEWS: Evidence = (0.02, 0.05, 1.0)
BAD_NEWS: Evidence = (1.0, 0.05, 0.02)
NO_HARM: Evidence = (0.08, 1.0, 0.5)
DEATH: Evidence = (0.02, 1.0, 0.01)
# A sentence after the death in an obituary: praise of the dead is not good news.
AFTER_DEATH: Evidence = (1.0, 1.0, 0.03)


def _compiled(patterns: dict[str, str]) -> dict[str, re.Pattern[str]]:
    return {code: re.compile(pattern) for code, pattern in patterns.items()}


# Phrases of good news, by language.
_GOOD_NEWS_PHRASES = _compiled(
    {
        "en": r"\bbeat(?:s|ing)? (?:\w+ ){0,2}(?:forecasts|expectations|estimates)\b"
        r"|\b(?:raise[sd]?|raising|lift(?:s|ed)?) (?:its|their|the) (?:[\w-]+ ){0,2}(?:outlook|forecast|guidance"
        r"|dividend)\b"
        r"|\bsign(?:s|ed)? (?:a|the) peace (?:treaty|deal|agreement|accord)\b|\bceasefire (?:took|takes|came into"
        r"|comes into) (?:effect|force)\b"
        r"|\bhostages? (?:\w+ ){0,3}(?:freed|released)\b",
        "fr": r"\bsupérieurs? aux (?:attentes|prévisions)\b|\brel(?:ève|evé) (?:ses|sa) (?:prévisions?|objectifs?)\b"
        r"|\baccord de paix\b"
        r"|\botages? (?:\w+ ){0,3}libérée?s?\b",
        "de": r"\bh(?:ebt|ob|oben)\b(?: \w+){0,3} (?:prognose|ausblick)\b(?: \w+){0,3} an\b|\bfriedens(?:abkommen"
        r"|vertrag)\b(?! gebrochen)"
        r"|\bgeiseln?\b(?: \w+){0,6} (?:frei|freigelassen|befreit)\b",
        "es": r"\bsuper(?:a|an|ó|aron) (?:las|sus) (?:previsiones|expectativas)\b|\b(?:elev[aó]|sub(?:e"
        r"|ió)) sus previsiones\b|\bacuerdo de paz\b"
        r"|\brehenes (?:\w+ ){0,3}(?:liberad[oa]s|libres)\b",
        "it": r"\bsuperior[ei] alle (?:attese|previsioni)\b|\balza(?:to)? le (?:stime|previsioni)\b"
        r"|\baccordo di pace\b|\bostaggi (?:\w+ ){0,3}liberati\b",
        "pt": r"\bsuper(?:a|am|ou|aram) as (?:previsões|expectativas)\b|\b(?:eleva|elevou) (?:suas|as) (?:previsões"
        r"|projeções)\b|\bacordo de paz\b"
        r"|\breféns (?:\w+ ){0,3}libertados\b",
    }
)
# Phrases of bad news.
_BAD_NEWS_PHRASES = _compiled(
    {
        "en": r"\bprofit warning\b|\b(?:cut|cuts|cutting|slashe[sd]|lower(?:s|ed)) (?:its|their"
        r"|the) (?:[\w-]+ ){0,2}(?:outlook|forecast|guidance|dividend)\b"
        r"|\bmiss(?:es|ed) (?:\w+ ){0,2}(?:forecasts|expectations|estimates)\b",
        "fr": r"\bavertissement sur (?:ses |les )?résultats\b|\babaiss\w{1,2} ses (?:prévisions|objectifs)\b",
        "de": r"\bgewinnwarnung\b|\bsenk(?:t|te|ten)\b(?: \w+){0,2} prognose\b",
        "es": r"\badvertencia sobre (?:los |sus )?(?:beneficios|resultados)\b|\brecort[aó] sus previsiones\b",
        "it": r"\ballarme utili\b|\btagli(?:a|ato) le (?:stime|previsioni)\b",
        "pt": r"\balerta de lucros?\b|\b(?:corta|cortou) (?:suas|as) (?:previsões|projeções)\b",
    }
)
# Phrases of obituaries: a death with the age, a funeral, or the survivors.
_DEATH_PHRASES = _compiled(
    {
        "en": r"\b(?:has |have |had )?(?:died|passed away|dies)\b[^.]{0,60}?\b(?:aged?|at the age of) \d{2,3}\b"
        r"|\bis survived by\b"
        r"|\b(?:died|passed away)\b (?:peacefully|at (?:his|her|their)? ?home)\b|\bfuneral (?:services?|mass)\b",
        "fr": r"\b(?:mort|morte|décédée?|disparue?|éteinte?)\b[^.]{0,60}? (?:à|à l'âge de) \d{2,3} ans\b"
        r"|\bs'est éteinte?\b",
        "de": r"\b(?:mit|im alter von) \d{2,3} (?:jahren )?(?:\w+ ){0,4}(?:gestorben|verstorben)\b|\b(?:starb"
        r"|stirbt)\b(?=.{0,120}(?:\d{2,3} jahre|hinterlässt))"
        r"|\bhinterlässt (?:seine|ihre|eine|einen|zwei|drei)\b",
        "es": r"\b(?:murió|fallecid[oa]|falleció|muere|fallece)\b[^.]{0,60}? a los \d{2,3} años\b|\ble sobreviven?\b",
        "it": r"\b(?:mort[oa]|scompars[oa]|deced\w{1,4}|spent[oa])\b[^.]{0,60}? (?:a|all'età di) \d{2,3} anni\b",
        "pt": r"\b(?:morreu|faleceu|morre|falecid[oa]|mort[oa])\b[^.]{0,60}? (?:aos|com) \d{2,3} anos\b",
    }
)
# Beginnings of words with which a death is not treated as natural: then the model decides. One list serves all
# languages.
_VIOLENT_WORDS = re.compile(
    r"\b(?:kill|murder|stab|shot|shoot|crash|attack|bomb|suicid|overdos|drown|accident|explosion|custody|prison"
    r"|tué|assassin|meurtr|attentat|noyé|erschoss|ermord|getötet|unfall|anschlag|ertrunk"
    r"|accidente|atentado|disparo|matar|mataron|tirote|ahogad|uccis|omicid|incident|assassinad|acidente|baleado|tiro)",
    re.IGNORECASE,
)


def has_events(language: str) -> bool:
    """Whether news events are known in a language (ISO 639-1)."""
    return language in _DEATH_PHRASES


def split_by_evidence(text: str, language: str) -> list[tuple[str, Evidence]]:
    """The parts of a text with their evidence.

    Each sentence with an event is a part of its own. Consecutive sentences without an event form one part.
    """
    if language not in _DEATH_PHRASES:
        return [(text, NO_EVENT)]
    parts: list[tuple[str, Evidence]] = []
    is_obituary = False
    for sentence in _sentences(text):
        evidence = sentence_evidence(sentence, language)
        if evidence == NO_EVENT and is_obituary:
            evidence = AFTER_DEATH
        # In an obituary at most one part stands before the death. Its introduction may have several sentences: without
        # an event they are one part. So a long report whose first event is a natural death counts as an obituary too.
        # Then the sentences after it may be negative or neutral, and hardly positive.
        is_obituary |= evidence == DEATH and len(parts) < 2
        if evidence == NO_EVENT and parts and parts[-1][1] == NO_EVENT:
            parts[-1] = (parts[-1][0] + sentence, NO_EVENT)
        else:
            parts.append((sentence, evidence))
    return parts


def sentence_evidence(sentence: str, language: str) -> Evidence:
    """The evidence of the events in one sentence.

    A natural death comes first, then good or bad news if there is only one of them, then harm that did not happen.
    """
    lower = sentence.lower().replace("\u2019", "'")
    if _DEATH_PHRASES[language].search(lower) and not _VIOLENT_WORDS.search(lower):
        return DEATH
    changes = list(changes_for_the_better(lower, language))
    is_good = True in changes or _GOOD_NEWS_PHRASES[language].search(lower) is not None
    is_bad = False in changes or _BAD_NEWS_PHRASES[language].search(lower) is not None
    if is_good != is_bad:
        return GOOD_NEWS if is_good else BAD_NEWS
    return NO_HARM if not is_good and reports_no_harm(sentence, language) else NO_EVENT


def _sentences(text: str) -> Iterator[str]:
    start = 0
    for end in sentence_ends(text):
        yield text[start:end]
        start = end
    if start < len(text):
        yield text[start:]
