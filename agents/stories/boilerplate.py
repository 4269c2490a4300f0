"""Lines that stand in an article and say nothing of its event: by-lines, datelines, notices of rights, invitations."""

from __future__ import annotations

import re

from agents.normalization.credit_lines import without_credit_lines

_NAME = r"[A-ZÀ-ÞА-ЯŁŚŽŠČ][\w.'’-]{0,30}"
# "By Sara Lindqvist", in Latin and Cyrillic script; `credit_lines` knows fewer languages.
_BY_LINE = (
    rf"^[ ]?(?:By|BY|Von|Par|Por|Di|Av|Af|Door|Autor|Автор:?|Текст:?)[ ]{_NAME}(?:[ ,]{{1,2}}{_NAME}){{0,9}}[ ]?$"
)
# "GOTHENBURG, March 2 (Nordpress) - ": a town in capitals, or any town with an agency in parentheses.
_DATELINE = (
    r"\A\s{0,3}(?:[A-ZÀ-ÞА-Я][A-ZÀ-ÞА-Я .'’-]{1,30}(?:,[^\n(–—-]{1,30})?(?:\([^()\n]{2,30}\))?"
    r"|[A-ZÀ-ÞА-Я][\w .'’-]{1,30}(?:,[^\n(–—-]{1,30})?\([^()\n]{2,30}\))[ ]?[–—-]{1,2}[ ]"
)
_RIGHTS = (
    r"^[^\n]{0,80}(?:©|\(c\) [12]\d{3}|all rights reserved|alle rechte vorbehalten|tous droits réservés"
    r"|todos los derechos reservados|todos os direitos reservados|tutti i diritti riservati|все права защищены"
    r"|alla rättigheter förbehåll|alle rettigheder forbeholdt|alle rettigheter|wszelkie prawa zastrzeżone)[^\n]{0,160}$"
)
_INVITATION = (
    r"^[^\w\n]{0,3}(?:read more|read also|see also|related|sign up|subscribe to our|follow us|this story (?:has been|was) updated"
    r"|lesen sie (?:auch|mehr)|mehr zum thema|lire aussi|à lire aussi|abonnez-vous|lea también|leer más|suscríbase"
    r"|leia (?:também|mais)|leggi anche|läs (?:också|mer|även)|læs (?:også|mere)|les også|читайте также"
    r"|подписывайтесь)\b[^\n]{0,160}$"
)
_LINES = re.compile(rf"{_BY_LINE}|(?i:{_RIGHTS})|(?i:{_INVITATION})", re.MULTILINE)
_OPENING = re.compile(_DATELINE)


def without_boilerplate(text: str) -> str:
    """A normalized text without such lines. What remains may be empty."""
    return _OPENING.sub("", _LINES.sub("", without_credit_lines(text)).lstrip("\n "), count=1)
