"""Words by which news reports a rise or a fall, and what rises or falls, in six languages."""

from __future__ import annotations

import re
from dataclasses import dataclass

# Words that separate a subject from a verb of another subject.
CLAUSE_BREAK = re.compile(
    r"[,;:]|and|but|or|who|while|because|after|against|for|from|to|et|mais|ou|qui|pour|und|aber|oder|für|y|pero|o|quien"
    r"|para|e|ma|che|per|mas|quem"
)
# Words that join a rise or fall to its subject.
LINKING_WORD = re.compile(
    r"in|of|du|de|des|d|la|le|les|l|der|die|das|dem|el|los|las|del|il|i|gli|della|delle|degli|dei|do|da|dos|das|a|as|os"
    r"|nel|nei"
)
# An article makes the next word a noun: "an increase in …".
ARTICLE = {
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


# Words of a report on the stock market.
MARKET_WORD = re.compile(
    r"%|\b(?:percent|per cent|prozent|pour cent|por ciento|por cento|per cento|points?|bourse|borsa|bolsa|börse|dax|cac"
    r"|ibex|wall street"
    r"|record|récord|recorde)\b",
    re.IGNORECASE,
)
VOCABULARIES = {
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
VERBS_BEFORE_UP_OR_DOWN = {"is", "are", "was", "were", "be", "been", "goes", "go", "went"}
# German verbs by the particle that ends their clause.
SEPARABLE_VERBS = {
    "up": {"zu": r"legt|legte|legten|nimmt|nahm|nahmen", "an": r"zog|zogen|zieht|steigt|stieg|stiegen"},
    "down": {
        "ein": r"bricht|brechen|brach|brachen",
        "ab": r"stürzt|stürzte|stürzten|sackt|sackte|sackten|nimmt|nahm|nahmen|rutschte|rutschten",
        "zurück": r"geht|gehen|ging|gingen",
        "nach": r"gibt|geben|gab|gaben",
    },
}
# Signs and words that end a German clause, so that the particle of its verb stands right before them.
CLAUSE_END = {",", ".", ";", ":", "!", "?", "und", "nachdem", "weil"}
