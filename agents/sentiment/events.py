"""What a sentence of news reports: shares that fall, fewer deaths, peace, harm that did not happen, the end of a long life.

The model weighs words, and these say the opposite of their words, or nothing to a model that has learnt from tweets. Each event is
evidence: what the model says of the sentence is multiplied by how likely the event is under each label. A text without such an
event is read as before.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from agents.sentiment.passages import sentence_ends
from agents.sentiment.relief import is_harmless

# How likely an event is in a sentence that is negative, neutral, positive, against the likeliest. Chosen on the development passages.
Evidence = tuple[float, float, float]
NOTHING: Evidence = (1.0, 1.0, 1.0)
GOOD: Evidence = (0.02, 0.05, 1.0)
BAD: Evidence = (1.0, 0.05, 0.02)
HARMLESS: Evidence = (0.08, 1.0, 0.5)
DEATH: Evidence = (0.02, 1.0, 0.01)
# What stands behind the death in an obituary: praise of the dead is no good news.
PRAISE: Evidence = (1.0, 1.0, 0.03)

# Words between the subject and its verb, behind the verb and its subject ("a fall in unemployment"), and around the verb, at most.
BEFORE, BEHIND, NEAR = 10, 4, 3
# Words that part a subject from a verb that is not its own, and those that join a rise or fall to what it is of.
_APART = re.compile(
    r"[,;:]|and|but|or|who|while|because|after|against|for|from|to|et|mais|ou|qui|pour|und|aber|oder|für|y|pero|o|quien|para|e|ma|che|per|mas|quem"
)
_OF = re.compile(
    r"in|of|du|de|des|d|la|le|les|l|der|die|das|dem|el|los|las|del|il|i|gli|della|delle|degli|dei|do|da|dos|das|a|as|os|nel|nei"
)
# Before a word that is a noun here: "an increase in …".
_ARTICLE = {
    code: re.compile(words)
    for code, words in {
        "en": "an?|the|low|high",
        "fr": "une?|la|le",
        "de": "eine?[nr]?|der|die",
        "es": "una?|el|la",
        "it": "una?|il|lo|la",
        "pt": "uma?|o|a",
    }.items()
}
# No word of these patterns has so many letters: a longer one is cut, and matches none.
LONGEST = 80
# Words from a German verb to its particle at the end of the clause, at most.
PARTICLE = 15


@dataclass(frozen=True)
class Words:
    """What goes up and down in one language, as patterns of whole words in small letters.

    Attributes:
        good: what is good to have more of; `traded` only beside a word of the market.
        bad: what is good to have less of.
        up: verbs and nouns of a rise; `down`: of a fall.
        not_so: words near the verb that deny it or leave it open.
    """

    good: str
    traded: str
    bad: str
    up: str
    down: str
    not_so: str


_MARKET = re.compile(
    r"%|\b(?:percent|per cent|prozent|pour cent|por ciento|por cento|per cento|points?|bourse|borsa|bolsa|börse|dax|cac|ibex|wall street"
    r"|record|récord|recorde)\b",
    re.IGNORECASE,
)
_WORDS = {
    "en": Words(
        r"profits?|earnings|revenues?|sales|exports|employment",
        r"shares?|stocks?",
        r"unemployment|joblessness|jobless|inflation|poverty|crime|burglar(?:y|ies)|deaths|fatalities|toll|homicides?|murders?|infections?"
        r"|violence|hunger|debts?|deficit|bankruptcies|losses|casualties",
        r"rise|rises|rose|risen|rising|jump(?:s|ed|ing)?|surg(?:e|es|ed|ing)|soar(?:s|ed|ing)?|climb(?:s|ed|ing)?|gain(?:s|ed)|rall(?:y|ies|ied)"
        r"|leap(?:s|ed|t)?|doubl(?:e|es|ed|ing)|tripl(?:e|es|ed)|increas(?:e|es|ed|ing)|grow|grows|grew|grown|growing|skyrocket(?:s|ed)?",
        r"fall|falls|fell|fallen|falling|drop(?:s|ped|ping)?|plung(?:e|es|ed|ing)|plummet(?:s|ed|ing)?|slump(?:s|ed|ing)?|tumbl(?:e|es|ed|ing)"
        r"|sink|sinks|sank|sunk|slid|slides?|declin(?:e|es|ed|ing)|eas(?:e|es|ed|ing)|dip(?:s|ped)?|decreas(?:e|es|ed|ing)|shr[aiu]nk|halved"
        r"|collaps(?:e|es|ed)|slow(?:s|ed|ing)?",
        r"not|n't|never|no|failed|fails|could|may|might|would|should|must|can|if|fears?|hopes?|expected|forecast",
    ),
    "fr": Words(
        r"bénéfices?|profits?|ventes|exportations|emploi",
        r"actions?|titres?",
        r"chômage|inflation|pauvreté|criminalité|morts|décès|homicides?|meurtres|infections?|violences?|dette|déficit|faillites",
        r"mont(?:e|ent|é|ée|és)|augment(?:e|ent|é|ée)|grimp(?:e|ent|é|ée)|bondi(?:t|ssent)?|progress(?:e|ent|é)|hausse|envol(?:e|ent|é|ée|ées)"
        r"|doubl(?:e|ent|é)|flamb(?:e|ent|é)|accélèr(?:e|ent)|accéléré|explos(?:e|ent|é)",
        r"recul(?:e|ent|é|er)?|baiss(?:e|ent|é|er)|dimin(?:ue|uent|ué|uer|ution)|chut(?:e|ent|é|er)|tomb(?:e|ent|é|ée|ées|és)|plong(?:e|ent|é)"
        r"|dévis(?:se|sent|sé)|effondr(?:e|ent|é|ée|ées)|dégringol(?:e|ent|é)|repli|ralenti(?:t|ssent)?|ralentissement",
        r"ne|n|pas|jamais|pourrai(?:t|ent)|devrai(?:t|ent)|si|crainte|craintes|risque",
    ),
    "de": Words(
        r"(?:\w{1,20}-?)?gewinne?|umsatz|umsätze|erlöse|exporte|beschäftigung|\w{0,20}aktien?|\w{0,20}aktienkurse?",
        r"papiere?|titel|kurse?",
        r"arbeitslosigkeit|arbeitslosenquote|arbeitslosenzahl(?:en)?|inflation|inflationsrate|teuerung|armut|kriminalität|verkehrstoten?|toten"
        r"|todesfälle|todesopfer|infektionen|gewalt|schulden|defizit|insolvenzen|einbrüche|morde",
        r"stieg|stiegen|steigt|steigen|gestiegen|sprang|sprangen|springt|gesprungen|kletter(?:t|te|ten)|geklettert|zugelegt|anstieg|verdoppel(?:t|te|n)"
        r"|zugenommen|angestiegen|schoss|schießt|zunahme",
        r"sank|sanken|sinkt|sinken|gesunken|fällt|fallen|fiel|fielen|gefallen|zurückgegangen|rückläufig|eingebrochen|abgestürzt|abgesackt"
        r"|stürz(?:t|en|te|ten)|rückgang|halbiert|abgenommen|nachgegeben|gesunkene|sinkende|abgeschwächt|verringert",
        r"nicht|nie|kein|keine|könnten?|dürften?|würden?|sollten?|wenn|falls|angst|furcht|sorge",
    ),
    "es": Words(
        r"beneficios?|ganancias|ventas|exportaciones|empleo",
        r"acción|acciones|títulos?",
        r"paro|desempleo|inflación|pobreza|criminalidad|muertes|muertos|homicidios|asesinatos|contagios|violencia|deuda|déficit|quiebras",
        r"sube|suben|subió|subieron|subido|aument(?:a|an|ó|aron|ado|o)|crece|crecen|creció|crecieron|crecido|salt(?:a|an|ó|aron)"
        r"|dispar(?:a|an|ó|aron|ado)|repunt(?:a|an|ó|aron)|duplic(?:a|an|ó|aron)|escal(?:a|an|ó)|subida|alza",
        r"cae|caen|cayó|cayeron|caído|caída|baj(?:a|an|ó|aron|ado)|disminuy(?:e|en|ó|eron)|disminuido|descien(?:de|den)|descendi(?:ó|eron|do)|descenso"
        r"|reduc(?:e|en|ido)|reduj(?:o|eron)|desplom(?:a|an|ó|aron|ado)|hund(?:e|en|ió|ieron)|retroced(?:e|en|ió|ieron)|moder(?:a|an|ó)|desacelera|desaceleró",
        r"no|nunca|podrían?|debería|si|temor|temores|miedo|riesgo",
    ),
    "it": Words(
        r"utili|utile|profitti|ricavi|vendite|esportazioni|occupazione",
        r"azioni|titolo|titoli",
        r"disoccupazione|inflazione|povertà|criminalità|morti|decessi|omicidi|contagi|violenza|debito|deficit|fallimenti",
        r"sal(?:e|gono|ì|ito|ita|iti|ite)|aument(?:a|ano|ò|ato|ata|ati|ate|o)|cresc(?:e|ono|iuto|iuta|iuti|iute)|crebbe|balz(?:a|ano|ò|ato|ati|ate)"
        r"|raddoppi(?:a|ano|ato|ati)|vol(?:a|ano)|impenn(?:a|ano|ata)|rialzo",
        r"scend(?:e|ono)|sces[aeio]|cal(?:a|ano|ò|ato|ata|ati|ate|o)|diminui(?:sce|scono|to|ta|ti|te)|diminuzione|croll(?:a|ano|ò|ato|ata|ati|ate|o)"
        r"|cad(?:e|ono)|cadut[aeio]|precipit(?:a|ano|ato|ati)|affond(?:a|ano)|rallent(?:a|ano|ato|ata)|ribasso",
        r"non|mai|potrebbe|potrebbero|dovrebbe|se|timore|timori|paura|rischio",
    ),
    "pt": Words(
        r"lucros?|receitas?|vendas|exportações|emprego",
        r"ação|ações|papéis",
        r"desemprego|inflação|pobreza|criminalidade|mortes|mortos|homicídios|assassinatos|infecções|violência|dívida|déficit|défice|falências",
        r"sobe|sobem|subiu|subiram|aument(?:a|am|ou|aram|o)|cresc(?:e|em|eu|eram)|dispar(?:a|am|ou|aram)|salt(?:a|am|ou|aram)|avanç(?:a|am|ou|aram)"
        r"|dobr(?:a|am|ou|aram)|alta",
        r"cai|caem|caiu|caíram|queda|diminu(?:i|em|iu|íram)|baix(?:a|am|ou|aram)|recu(?:a|am|ou|aram)|desab(?:a|am|ou|aram)|despenc(?:a|am|ou|aram)"
        r"|tomb(?:a|am|ou|aram)|reduz|reduz(?:em|iu|iram)|desaceler(?:a|am|ou|aram)|descem?|desceu|desceram|afund(?:a|am|ou|aram)",
        r"não|nunca|poderiam?|deveria|se|medo|temor|receio|risco",
    ),
}
# "Up" and "down" say that something rises or falls only behind these.
_IS = {"is", "are", "was", "were", "be", "been", "goes", "go", "went"}
# A German verb and the particle that ends its clause.
_PARTED = {
    "up": {"zu": r"legt|legte|legten|nimmt|nahm|nahmen", "an": r"zog|zogen|zieht|steigt|stieg|stiegen"},
    "down": {
        "ein": r"bricht|brechen|brach|brachen",
        "ab": r"stürzt|stürzte|stürzten|sackt|sackte|sackten|nimmt|nahm|nahmen|rutschte|rutschten",
        "zurück": r"geht|gehen|ging|gingen",
        "nach": r"gibt|geben|gab|gaben",
    },
}
# Whole phrases.
_GOOD = {
    "en": r"\bbeat(?:s|ing)? (?:\w+ ){0,2}(?:forecasts|expectations|estimates)\b"
    r"|\b(?:raise[sd]?|raising|lift(?:s|ed)?) (?:its|their|the) (?:[\w-]+ ){0,2}(?:outlook|forecast|guidance|dividend)\b"
    r"|\bsign(?:s|ed)? (?:a|the) peace (?:treaty|deal|agreement|accord)\b|\bceasefire (?:took|takes|came into|comes into) (?:effect|force)\b"
    r"|\bhostages? (?:\w+ ){0,3}(?:freed|released)\b",
    "fr": r"\bsupérieurs? aux (?:attentes|prévisions)\b|\brel(?:ève|evé) (?:ses|sa) (?:prévisions?|objectifs?)\b|\baccord de paix\b"
    r"|\botages? (?:\w+ ){0,3}libérée?s?\b",
    "de": r"\bh(?:ebt|ob|oben)\b(?: \w+){0,3} (?:prognose|ausblick)\b(?: \w+){0,3} an\b|\bfriedens(?:abkommen|vertrag)\b(?! gebrochen)"
    r"|\bgeiseln?\b(?: \w+){0,6} (?:frei|freigelassen|befreit)\b",
    "es": r"\bsuper(?:a|an|ó|aron) (?:las|sus) (?:previsiones|expectativas)\b|\b(?:elev[aó]|sub(?:e|ió)) sus previsiones\b|\bacuerdo de paz\b"
    r"|\brehenes (?:\w+ ){0,3}(?:liberad[oa]s|libres)\b",
    "it": r"\bsuperior[ei] alle (?:attese|previsioni)\b|\balza(?:to)? le (?:stime|previsioni)\b|\baccordo di pace\b|\bostaggi (?:\w+ ){0,3}liberati\b",
    "pt": r"\bsuper(?:a|am|ou|aram) as (?:previsões|expectativas)\b|\b(?:eleva|elevou) (?:suas|as) (?:previsões|projeções)\b|\bacordo de paz\b"
    r"|\breféns (?:\w+ ){0,3}libertados\b",
}
_BAD = {
    "en": r"\bprofit warning\b|\b(?:cut|cuts|cutting|slashe[sd]|lower(?:s|ed)) (?:its|their|the) (?:[\w-]+ ){0,2}(?:outlook|forecast|guidance|dividend)\b"
    r"|\bmiss(?:es|ed) (?:\w+ ){0,2}(?:forecasts|expectations|estimates)\b",
    "fr": r"\bavertissement sur (?:ses |les )?résultats\b|\babaiss\w{1,2} ses (?:prévisions|objectifs)\b",
    "de": r"\bgewinnwarnung\b|\bsenk(?:t|te|ten)\b(?: \w+){0,2} prognose\b",
    "es": r"\badvertencia sobre (?:los |sus )?(?:beneficios|resultados)\b|\brecort[aó] sus previsiones\b",
    "it": r"\ballarme utili\b|\btagli(?:a|ato) le (?:stime|previsioni)\b",
    "pt": r"\balerta de lucros?\b|\b(?:corta|cortou) (?:suas|as) (?:previsões|projeções)\b",
}
# The death of somebody at the end of a life, with an age, a funeral or who is left behind; and what makes it bad news after all.
_DEATH = {
    "en": r"\b(?:has |have |had )?(?:died|passed away|dies)\b[^.]{0,60}?\b(?:aged?|at the age of) \d{2,3}\b|\bis survived by\b"
    r"|\b(?:died|passed away)\b (?:peacefully|at (?:his|her|their)? ?home)\b|\bfuneral (?:services?|mass)\b",
    "fr": r"\b(?:mort|morte|décédée?|disparue?|éteinte?)\b[^.]{0,60}? (?:à|à l'âge de) \d{2,3} ans\b|\bs'est éteinte?\b",
    "de": r"\b(?:mit|im alter von) \d{2,3} (?:jahren )?(?:\w+ ){0,4}(?:gestorben|verstorben)\b|\b(?:starb|stirbt)\b(?=.{0,120}(?:\d{2,3} jahre|hinterlässt))"
    r"|\bhinterlässt (?:seine|ihre|eine|einen|zwei|drei)\b",
    "es": r"\b(?:murió|fallecid[oa]|falleció|muere|fallece)\b[^.]{0,60}? a los \d{2,3} años\b|\ble sobreviven?\b",
    "it": r"\b(?:mort[oa]|scompars[oa]|deced\w{1,4}|spent[oa])\b[^.]{0,60}? (?:a|all'età di) \d{2,3} anni\b",
    "pt": r"\b(?:morreu|faleceu|morre|falecid[oa]|mort[oa])\b[^.]{0,60}? (?:aos|com) \d{2,3} anos\b",
}
_VIOLENT = re.compile(
    r"\b(?:kill|murder|stab|shot|shoot|crash|attack|bomb|suicid|overdos|drown|accident|explosion|custody|prison"
    r"|tué|assassin|meurtr|attentat|noyé|erschoss|ermord|getötet|unfall|anschlag|ertrunk"
    r"|accidente|atentado|disparo|matar|mataron|tirote|ahogad|uccis|omicid|incident|assassinad|acidente|baleado|tiro)",
    re.IGNORECASE,
)
_TOKEN = re.compile(r"\w+|[,.;:!?]")
_CLAUSE_END = {",", ".", ";", ":", "!", "?", "und", "nachdem", "weil"}


def evidence(text: str, language: str) -> list[tuple[str, Evidence]]:
    """The text in parts with the evidence for each: a sentence with an event alone, all between two of them together."""
    if language not in _WORDS:
        return [(text, NOTHING)]
    parts: list[tuple[str, Evidence]] = []
    obituary = False
    for sentence in _sentences(text):
        found = of_sentence(sentence, language)
        if found == NOTHING and obituary:
            found = PRAISE
        obituary |= found == DEATH and len(parts) < 2
        if found == NOTHING and parts and parts[-1][1] == NOTHING:
            parts[-1] = (parts[-1][0] + sentence, NOTHING)
        else:
            parts.append((sentence, found))
    return parts


def of_sentence(sentence: str, language: str) -> Evidence:
    """What the events of one sentence say; NOTHING when there are none, or when they are at odds."""
    lower = sentence.lower().replace("\u2019", "'")
    if _pattern(_DEATH[language]).search(lower) and not _VIOLENT.search(lower):
        return DEATH
    good = _pattern(_GOOD[language]).search(lower) is not None
    bad = _pattern(_BAD[language]).search(lower) is not None
    moves = list(_moves(lower, language))
    good, bad = good or True in moves, bad or False in moves
    if good != bad:
        return GOOD if good else BAD
    return HARMLESS if not good and is_harmless(sentence, language) else NOTHING


def _sentences(text: str) -> Iterator[str]:
    start = 0
    for end in sentence_ends(text):
        yield text[start:end]
        start = end
    if start < len(text):
        yield text[start:]


@cache
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text)


@lru_cache(50_000)
def _kinds_of(language: str, word: str) -> frozenset[str]:
    """The attributes of `Words` whose patterns a word matches. Words of an article come again, and most match nothing."""
    return frozenset(
        kind for kind in Words.__dataclass_fields__ if _pattern(getattr(_WORDS[language], kind)).fullmatch(word)
    )


def _moves(sentence: str, language: str) -> Iterator[bool]:
    """For each thing that goes up or down in a sentence, whether that is good."""
    tokens = _TOKEN.findall(sentence)
    kinds = [_kinds_of(language, token[:LONGEST]) for token in tokens]
    if not any(kinds):
        return
    market = "traded" in set().union(*kinds) and _MARKET.search(sentence) is not None
    subjects = {
        at: good
        for at, kind in enumerate(kinds)
        if (good := "good" in kind or (market and "traded" in kind)) or "bad" in kind
    }
    if not subjects:
        return
    for at, kind in enumerate(kinds):
        up = _direction(tokens, at, language, "up" in kind, "down" in kind)
        if up is None or any("not_so" in near for near in kinds[max(0, at - NEAR) : at] + kinds[at + 1 : at + 2]):
            continue
        if (subject := _subject(tokens, at, subjects, language)) is not None:
            yield subjects[subject] == up


def _subject(tokens: Sequence[str], at: int, subjects: Container[int], language: str) -> int | None:
    """Where the subject of a rise or fall stands: right behind it or joined to it by small words, or before it in its clause."""
    noun = at > 0 and _ARTICLE[language].fullmatch(tokens[at - 1])
    last = min(len(tokens), at + 1 + BEHIND)
    if at + 1 in subjects or (at + 1 < last and _OF.fullmatch(tokens[at + 1])):
        behind = next(
            (each for each in range(at + 1, last) if each in subjects or _APART.fullmatch(tokens[each])), None
        )
        if behind in subjects:
            return behind
    if noun:
        return None
    before = range(at - 1, max(-1, at - 1 - BEFORE), -1)
    found = next((each for each in before if each in subjects or _APART.fullmatch(tokens[each])), None)
    return found if found in subjects else None


def _direction(tokens: Sequence[str], at: int, language: str, up: bool, down: bool) -> bool | None:
    """Whether a word says that something rises; None when it says neither that nor that it falls."""
    if language == "en" and tokens[at] in ("up", "down") and at and tokens[at - 1] in _IS:
        return tokens[at] == "up"
    if language == "de":
        for direction, verbs in _PARTED.items():
            for particle, verb in verbs.items():
                if re.fullmatch(verb, tokens[at]) and _ends_clause(tokens, at, particle):
                    return direction == "up"
    return up if up != down else None


def _ends_clause(tokens: Sequence[str], at: int, particle: str) -> bool:
    last = min(len(tokens), at + 1 + PARTICLE)
    return any(
        tokens[i] == particle and (i + 1 == len(tokens) or tokens[i + 1] in _CLAUSE_END) for i in range(at + 1, last)
    )
