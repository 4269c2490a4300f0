"""Lines that stand in an article and say nothing of its event: by-lines, datelines, notices of rights, invitations."""

from __future__ import annotations

import re

from agents.normalization.credit_lines import without_credit_lines

_NAME = r"[A-ZÀ-ÞА-ЯŁŚŽŠČ][\w.'’-]{0,30}"
# "By Sara Lindqvist", in Latin and Cyrillic script; `credit_lines` knows fewer languages.
_BY_LINE = rf"[ ]?(?:By|BY|Von|Par|Por|Di|Av|Af|Door|Autor|Автор:?|Текст:?)[ ]{_NAME}(?:[ ,]{{1,2}}{_NAME}){{0,9}}[ ]?"
# "GOTHENBURG, March 2 (Nordpress) - ": a town in capitals, or any town with an agency in parentheses.
_DATELINE = (
    r"\s{0,3}(?:[A-ZÀ-ÞА-Я][A-ZÀ-ÞА-Я .'’-]{1,30}(?:,[^\n(–—-]{1,30})?(?:\([^()\n]{2,30}\))?"
    r"|[A-ZÀ-ÞА-Я][\w .'’-]{1,30}(?:,[^\n(–—-]{1,30})?\([^()\n]{2,30}\))[ ]?[–—-]{1,2}[ ]"
)
# A notice of rights has one of these, in small letters.
_COPYRIGHT = "(c) "
_RIGHTS = (
    "©",
    "all rights reserved",
    "alle rechte vorbehalten",
    "tous droits réservés",
    "todos los derechos reservados",
    "todos os direitos reservados",
    "tutti i diritti riservati",
    "все права защищены",
    "alla rättigheter förbehåll",
    "alle rettigheder forbeholdt",
    "alle rettigheter",
    "wszelkie prawa zastrzeżone",
)
_NOTICE = rf"[^\n]{{0,80}}(?:{re.escape(_COPYRIGHT)}[12]\d{{3}}|{'|'.join(_RIGHTS)})[^\n]{{0,160}}"
_INVITATION = (
    r"[^\w\n]{0,3}(?:read more|read also|see also|related|sign up|subscribe to our|follow us|this story (?:has been|was) updated"
    r"|lesen sie (?:auch|mehr)|mehr zum thema|lire aussi|à lire aussi|abonnez-vous|lea también|leer más|suscríbase"
    r"|leia (?:também|mais)|leggi anche|läs (?:också|mer|även)|læs (?:også|mere)|les også|читайте также"
    r"|подписывайтесь)\b[^\n]{0,160}"
)
_LINE = re.compile(rf"{_BY_LINE}|(?i:{_INVITATION})")
_LINE_OR_NOTICE = re.compile(rf"{_BY_LINE}|(?i:{_INVITATION})|(?i:{_NOTICE})")
_OPENING = re.compile(_DATELINE)


def without_boilerplate(text: str) -> str:
    """A normalized text without such lines. What remains may be empty."""
    line_pattern = _LINE_OR_NOTICE if _may_have_notice(text) else _LINE
    lines = without_credit_lines(text).split("\n")
    kept = "\n".join("" if line_pattern.fullmatch(line) else line for line in lines).lstrip("\n ")
    opening = _OPENING.match(kept)
    return kept[opening.end() :] if opening else kept


def _may_have_notice(text: str) -> bool:
    """Whether a text has words of a notice of rights. To look for the whole notice in each line takes much longer."""
    # "İ" folds to an "i" and a dot. The pattern takes both letters for the same one.
    folded = text.casefold().replace("\u0307", "")
    return _COPYRIGHT in folded or any(words in folded for words in _RIGHTS)
