"""What languages write together with a name and leave it unchanged: endings of cases behind it, short words before it.

The names of people and of places have these alike. The endings are written like the keys of names: in small letters and
without accents. What only one of them has stands with its rules (`inflection`, `places.base_forms`).
"""

from __future__ import annotations

_ESTONIAN_CASES = ("", "s", "st", "sse", "l", "lt", "le", "ni", "ga", "ks", "na", "ta", "d", "t")

# Tallinnas, Kallase, Pariisist. All cases but the nominative have the vowel of the genitive, if the name does not end
# with one.
ESTONIAN_ENDINGS = " ".join(
    f"{vowel}{case}" for vowel in ("", "a", "e", "i", "u") for case in _ESTONIAN_CASES if vowel + case
)
# Budapesten, Orbánnak.
HUNGARIAN_ENDINGS = "ban ben ba be bol on en n ra re rol nak nek tol hoz hez ig t et ot at ert val vel"
# Алматыда, Тоқаевтың.
KAZAKH_ENDINGS = (
    "да де та те ға ге қа ке на не дан ден тан тен нан нен ның нің дың дің тың тің ны ні ды ді ты ті мен бен пен"
)
# Words of one letter, for each language: "and", "in", "to", "from", "as", "the".
PREFIXES = {"ar": "وفبلك", "he": "בלמהושכ"}
