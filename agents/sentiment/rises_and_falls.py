"""Rises and falls in news sentences, and whether they are good: profits that rise, unemployment that falls."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

# Words between a subject and the verb after it, between a verb and the subject after it ("a fall in unemployment"), and
# between a verb and a word that denies it, at most.
MAX_WORDS_TO_VERB, MAX_WORDS_TO_SUBJECT, MAX_WORDS_TO_DENIAL = 10, 4, 3
# Words that separate a subject from a verb of another subject.
_CLAUSE_BREAK = re.compile(
    r"[,;:]|and|but|or|who|while|because|after|against|for|from|to|et|mais|ou|qui|pour|und|aber|oder|für|y|pero|o|quien"
    r"|para|e|ma|che|per|mas|quem"
)
# Words that join a rise or fall to its subject.
_LINKING_WORD = re.compile(
    r"in|of|du|de|des|d|la|le|les|l|der|die|das|dem|el|los|las|del|il|i|gli|della|delle|degli|dei|do|da|dos|das|a|as|os"
    r"|nel|nei"
)
# An article makes the next word a noun: "an increase in …".
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
# No word of the patterns has so many letters. A longer token is cut, and matches none.
LONGEST_WORD = 80
# Words from a German verb to its particle at the end of the clause, at most.
MAX_WORDS_TO_PARTICLE = 15


@dataclass(frozen=True)
class Vocabulary:
    """Words for rises and falls in one language: patterns of whole words in lower case.

    Attributes:
        good: subjects whose rise is good.
        traded: subjects whose rise is good in a sentence about the market.
        bad: subjects whose fall is good.
        up: verbs and nouns of a rise.
        down: verbs and nouns of a fall.
        denial: words near the verb that deny it or leave it open.
    """

    good: str
    traded: str
    bad: str
    up: str
    down: str
    denial: str


_MARKET = re.compile(
    r"%|\b(?:percent|per cent|prozent|pour cent|por ciento|por cento|per cento|points?|bourse|borsa|bolsa|börse|dax|cac"
    r"|ibex|wall street"
    r"|record|récord|recorde)\b",
    re.IGNORECASE,
)
_VOCABULARIES = {
    "en": Vocabulary(
        r"profits?|earnings|revenues?|sales|exports|employment",
        r"shares?|stocks?",
        r"unemployment|joblessness|jobless|inflation|poverty|crime|burglar(?:y|ies)|deaths|fatalities|toll|homicides?"
        r"|murders?|infections?"
        r"|violence|hunger|debts?|deficit|bankruptcies|losses|casualties",
        r"rise|rises|rose|risen|rising|jump(?:s|ed|ing)?|surg(?:e|es|ed|ing)|soar(?:s|ed|ing)?|climb(?:s|ed|ing)?"
        r"|gain(?:s|ed)|rall(?:y|ies|ied)"
        r"|leap(?:s|ed|t)?|doubl(?:e|es|ed|ing)|tripl(?:e|es|ed)|increas(?:e|es|ed|ing)|grow|grows|grew|grown|growing"
        r"|skyrocket(?:s|ed)?",
        r"fall|falls|fell|fallen|falling|drop(?:s|ped|ping)?|plung(?:e|es|ed|ing)|plummet(?:s|ed|ing)?|slump(?:s|ed"
        r"|ing)?|tumbl(?:e|es|ed|ing)"
        r"|sink|sinks|sank|sunk|slid|slides?|declin(?:e|es|ed|ing)|eas(?:e|es|ed|ing)|dip(?:s|ped)?|decreas(?:e|es|ed"
        r"|ing)|shr[aiu]nk|halved"
        r"|collaps(?:e|es|ed)|slow(?:s|ed|ing)?",
        r"not|n't|never|no|failed|fails|could|may|might|would|should|must|can|if|fears?|hopes?|expected|forecast",
    ),
    "fr": Vocabulary(
        r"bénéfices?|profits?|ventes|exportations|emploi",
        r"actions?|titres?",
        r"chômage|inflation|pauvreté|criminalité|morts|décès|homicides?|meurtres|infections?|violences?|dette|déficit"
        r"|faillites",
        r"mont(?:e|ent|é|ée|és)|augment(?:e|ent|é|ée)|grimp(?:e|ent|é|ée)|bondi(?:t|ssent)?|progress(?:e|ent|é)|hausse"
        r"|envol(?:e|ent|é|ée|ées)"
        r"|doubl(?:e|ent|é)|flamb(?:e|ent|é)|accélèr(?:e|ent)|accéléré|explos(?:e|ent|é)",
        r"recul(?:e|ent|é|er)?|baiss(?:e|ent|é|er)|dimin(?:ue|uent|ué|uer|ution)|chut(?:e|ent|é|er)|tomb(?:e|ent|é|ée"
        r"|ées|és)|plong(?:e|ent|é)"
        r"|dévis(?:se|sent|sé)|effondr(?:e|ent|é|ée|ées)|dégringol(?:e|ent|é)|repli|ralenti(?:t|ssent)?|ralentissement",
        r"ne|n|pas|jamais|pourrai(?:t|ent)|devrai(?:t|ent)|si|crainte|craintes|risque",
    ),
    "de": Vocabulary(
        r"(?:\w{1,20}-?)?gewinne?|umsatz|umsätze|erlöse|exporte|beschäftigung|\w{0,20}aktien?|\w{0,20}aktienkurse?",
        r"papiere?|titel|kurse?",
        r"arbeitslosigkeit|arbeitslosenquote|arbeitslosenzahl(?:en)?|inflation|inflationsrate|teuerung|armut"
        r"|kriminalität|verkehrstoten?|toten"
        r"|todesfälle|todesopfer|infektionen|gewalt|schulden|defizit|insolvenzen|einbrüche|morde",
        r"stieg|stiegen|steigt|steigen|gestiegen|sprang|sprangen|springt|gesprungen|kletter(?:t|te|ten)|geklettert"
        r"|zugelegt|anstieg|verdoppel(?:t|te|n)"
        r"|zugenommen|angestiegen|schoss|schießt|zunahme",
        r"sank|sanken|sinkt|sinken|gesunken|fällt|fallen|fiel|fielen|gefallen|zurückgegangen|rückläufig|eingebrochen"
        r"|abgestürzt|abgesackt"
        r"|stürz(?:t|en|te|ten)|rückgang|halbiert|abgenommen|nachgegeben|gesunkene|sinkende|abgeschwächt|verringert",
        r"nicht|nie|kein|keine|könnten?|dürften?|würden?|sollten?|wenn|falls|angst|furcht|sorge",
    ),
    "es": Vocabulary(
        r"beneficios?|ganancias|ventas|exportaciones|empleo",
        r"acción|acciones|títulos?",
        r"paro|desempleo|inflación|pobreza|criminalidad|muertes|muertos|homicidios|asesinatos|contagios|violencia"
        r"|deuda|déficit|quiebras",
        r"sube|suben|subió|subieron|subido|aument(?:a|an|ó|aron|ado|o)|crece|crecen|creció|crecieron|crecido|salt(?:a"
        r"|an|ó|aron)"
        r"|dispar(?:a|an|ó|aron|ado)|repunt(?:a|an|ó|aron)|duplic(?:a|an|ó|aron)|escal(?:a|an|ó)|subida|alza",
        r"cae|caen|cayó|cayeron|caído|caída|baj(?:a|an|ó|aron|ado)|disminuy(?:e|en|ó|eron)|disminuido|descien(?:de|den)"
        r"|descendi(?:ó|eron|do)|descenso"
        r"|reduc(?:e|en|ido)|reduj(?:o|eron)|desplom(?:a|an|ó|aron|ado)|hund(?:e|en|ió|ieron)|retroced(?:e|en|ió"
        r"|ieron)|moder(?:a|an|ó)|desacelera|desaceleró",
        r"no|nunca|podrían?|debería|si|temor|temores|miedo|riesgo",
    ),
    "it": Vocabulary(
        r"utili|utile|profitti|ricavi|vendite|esportazioni|occupazione",
        r"azioni|titolo|titoli",
        r"disoccupazione|inflazione|povertà|criminalità|morti|decessi|omicidi|contagi|violenza|debito|deficit"
        r"|fallimenti",
        r"sal(?:e|gono|ì|ito|ita|iti|ite)|aument(?:a|ano|ò|ato|ata|ati|ate|o)|cresc(?:e|ono|iuto|iuta|iuti|iute)|crebbe"
        r"|balz(?:a|ano|ò|ato|ati|ate)"
        r"|raddoppi(?:a|ano|ato|ati)|vol(?:a|ano)|impenn(?:a|ano|ata)|rialzo",
        r"scend(?:e|ono)|sces[aeio]|cal(?:a|ano|ò|ato|ata|ati|ate|o)|diminui(?:sce|scono|to|ta|ti|te)|diminuzione"
        r"|croll(?:a|ano|ò|ato|ata|ati|ate|o)"
        r"|cad(?:e|ono)|cadut[aeio]|precipit(?:a|ano|ato|ati)|affond(?:a|ano)|rallent(?:a|ano|ato|ata)|ribasso",
        r"non|mai|potrebbe|potrebbero|dovrebbe|se|timore|timori|paura|rischio",
    ),
    "pt": Vocabulary(
        r"lucros?|receitas?|vendas|exportações|emprego",
        r"ação|ações|papéis",
        r"desemprego|inflação|pobreza|criminalidade|mortes|mortos|homicídios|assassinatos|infecções|violência|dívida"
        r"|déficit|défice|falências",
        r"sobe|sobem|subiu|subiram|aument(?:a|am|ou|aram|o)|cresc(?:e|em|eu|eram)|dispar(?:a|am|ou|aram)|salt(?:a|am|ou"
        r"|aram)|avanç(?:a|am|ou|aram)"
        r"|dobr(?:a|am|ou|aram)|alta",
        r"cai|caem|caiu|caíram|queda|diminu(?:i|em|iu|íram)|baix(?:a|am|ou|aram)|recu(?:a|am|ou|aram)|desab(?:a|am|ou"
        r"|aram)|despenc(?:a|am|ou|aram)"
        r"|tomb(?:a|am|ou|aram)|reduz|reduz(?:em|iu|iram)|desaceler(?:a|am|ou|aram)|descem?|desceu|desceram|afund(?:a"
        r"|am|ou|aram)",
        r"não|nunca|poderiam?|deveria|se|medo|temor|receio|risco",
    ),
}
# "Up" and "down" mean a rise or a fall only after these verbs.
_VERBS_BEFORE_UP_OR_DOWN = {"is", "are", "was", "were", "be", "been", "goes", "go", "went"}
# German verbs by the particle that ends their clause.
_SEPARABLE_VERBS = {
    "up": {"zu": r"legt|legte|legten|nimmt|nahm|nahmen", "an": r"zog|zogen|zieht|steigt|stieg|stiegen"},
    "down": {
        "ein": r"bricht|brechen|brach|brachen",
        "ab": r"stürzt|stürzte|stürzten|sackt|sackte|sackten|nimmt|nahm|nahmen|rutschte|rutschten",
        "zurück": r"geht|gehen|ging|gingen",
        "nach": r"gibt|geben|gab|gaben",
    },
}
_TOKEN = re.compile(r"\w+|[,.;:!?]")
_CLAUSE_END = {",", ".", ";", ":", "!", "?", "und", "nachdem", "weil"}


def changes_for_the_better(sentence: str, language: str) -> Iterator[bool]:
    """For each rise or fall in a sentence: True where it is good, False where it is bad.

    Args:
        sentence: in lower case.
        language: one of de, en, es, fr, it, pt.
    """
    tokens = _TOKEN.findall(sentence)
    kinds = [_kinds(language, token[:LONGEST_WORD]) for token in tokens]
    if not any(kinds):
        return
    is_about_market = "traded" in set().union(*kinds) and _MARKET.search(sentence) is not None
    good_to_rise = {
        index: is_good
        for index, kind in enumerate(kinds)
        if (is_good := "good" in kind or (is_about_market and "traded" in kind)) or "bad" in kind
    }
    if not good_to_rise:
        return
    for index, kind in enumerate(kinds):
        rises = _rises(tokens, index, language, "up" in kind, "down" in kind)
        nearby_kinds = kinds[max(0, index - MAX_WORDS_TO_DENIAL) : index] + kinds[index + 1 : index + 2]
        if rises is None or any("denial" in nearby for nearby in nearby_kinds):
            continue
        if (subject := _find_subject(tokens, index, good_to_rise, language)) is not None:
            yield good_to_rise[subject] == rises


@cache
def _pattern(words: str) -> re.Pattern[str]:
    return re.compile(words)


@lru_cache(50_000)
def _kinds(language: str, word: str) -> frozenset[str]:
    """The attributes of `Vocabulary` whose patterns a word matches. Cached: words recur, and most match no pattern."""
    vocabulary = _VOCABULARIES[language]
    return frozenset(
        kind for kind in Vocabulary.__dataclass_fields__ if _pattern(getattr(vocabulary, kind)).fullmatch(word)
    )


def _find_subject(tokens: Sequence[str], verb: int, subjects: Container[int], language: str) -> int | None:
    """The index of the subject of a rise or fall.

    It stands right after the verb, after linking words behind the verb, or before the verb in the same clause.
    """

    def first_subject(indexes: range) -> int | None:
        stop = next((index for index in indexes if index in subjects or _CLAUSE_BREAK.fullmatch(tokens[index])), None)
        return stop if stop in subjects else None

    after_end = min(len(tokens), verb + 1 + MAX_WORDS_TO_SUBJECT)
    if verb + 1 in subjects or (verb + 1 < after_end and _LINKING_WORD.fullmatch(tokens[verb + 1])):
        subject = first_subject(range(verb + 1, after_end))
        if subject is not None:
            return subject
    is_noun = verb > 0 and _ARTICLE[language].fullmatch(tokens[verb - 1])
    return None if is_noun else first_subject(range(verb - 1, max(-1, verb - 1 - MAX_WORDS_TO_VERB), -1))


def _rises(tokens: Sequence[str], index: int, language: str, is_up: bool, is_down: bool) -> bool | None:
    """True for a word that means a rise, False for a fall, None for neither.

    Args:
        is_up, is_down: whether the word matches the vocabulary's `up` and `down`.
    """
    word = tokens[index]
    if language == "en" and word in ("up", "down") and index and tokens[index - 1] in _VERBS_BEFORE_UP_OR_DOWN:
        return word == "up"
    if language == "de":
        for direction, verbs in _SEPARABLE_VERBS.items():
            for particle, verb in verbs.items():
                if re.fullmatch(verb, word) and _particle_ends_clause(tokens, index, particle):
                    return direction == "up"
    return is_up if is_up != is_down else None


def _particle_ends_clause(tokens: Sequence[str], verb: int, particle: str) -> bool:
    end = min(len(tokens), verb + 1 + MAX_WORDS_TO_PARTICLE)
    return any(
        tokens[index] == particle and (index + 1 == len(tokens) or tokens[index + 1] in _CLAUSE_END)
        for index in range(verb + 1, end)
    )
