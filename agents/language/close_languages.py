"""Decides between close languages that the detector does not separate, by n-grams and everyday words.

eldc 0.4.0 has one answer for Norwegian, one for Malay and Indonesian, and one for Croatian, Bosnian and Serbian in
Latin letters. For a language that it does not know, it answers with the nearest one that it knows. Where there are
texts to learn from (Nynorsk, Serbian in Latin letters), `ngrams` has learnt the evidence of each word. The lists here
have everyday words that one language writes and the other does not, or hardly ever. They come from general knowledge of
the languages, less a few words that misled in the texts measured on.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Words that Bosnian shares with Serbian and not with Croatian.
_EASTERN_WORDS = """
    šta ko niko neko evropa evrope evropi evropu evropske evropski evropska evropskoj evropskih evropsku hiljada
    hiljade hiljadu saradnja saradnje saradnju saradnji uslov uslovi uslova uslove uslovima januara februara marta
    aprila juna jula septembra oktobra novembra decembra januar februar septembar oktobar novembar decembar fudbal
    fudbala fudbalski saopćeno saopćenju tačno tačka tačke opšte procenata procenat vazduh vazduha istorija istorije
    preduzeće preduzeća
"""


@dataclass(frozen=True)
class CloseLanguage:
    """A language that the text may be in instead of the detected one.

    Attributes:
        code: ISO 639-1.
        words: words that are evidence for it.
        other_words: words that are evidence against it.
        threshold: the evidence that it needs, in nats.
    """

    code: str
    words: frozenset[str] = frozenset()
    other_words: frozenset[str] = frozenset()
    threshold: float = 0.0


_MACEDONIAN = CloseLanguage(
    "mk",
    _words("""
        во со дека ќе тоа сите биде оваа нивните некои повеќе веќе нивната првиот помеѓу кај нејзиниот неговиот
        дојде оди
    """),
    _words("""
        је у са су ће који која које из би ли као није бити више већ в с във със ще че от който която които това не
        са при
    """),
)

# By the code that the detector gives.
CLOSE_LANGUAGES: dict[str, tuple[CloseLanguage, ...]] = {
    "no": (CloseLanguage("nn"),),
    "ms": (
        CloseLanguage(
            "ms",
            _words("""
                bahawa kerana boleh wang pejabat kereta ringgit rm malaysia kuala lumpur johor selangor sabah
                sarawak perak kedah kelantan terengganu pahang melaka singapura melayu datuk datin ogos disember mac
                jun julai isnin khamis jumaat ahad syarikat kerajaan negeri manakala sekiranya ialah universiti mahu
                cuba sahaja pengarah pengerusi pasukan hendaklah kualiti aktiviti maklumat pesakit kemudahan iaitu
                awak beliau pelbagai ramai bekas polis perdana televisyen elektrik sebarang perkara dalaman pelajar
                kos berjaya
            """),
            _words("""
                bahwa karena bisa uang kantor mobil polisi jakarta jawa bandung surabaya indonesia republik gubernur
                dpr rupiah wib desember agustus maret mei sabtu minggu senin jumat selasa kamis perusahaan provinsi
                propinsi ujarnya tuturnya terkait usai pihaknya perusahaan siswa mahasiswa berbeda kualitas
                aktivitas informasi situasi kondisi pasien universitas fasilitas yaitu diposting gratis nggak enggak
                banget televisi sepak kabupaten kecamatan kelurahan rezim tewas listrik
            """),
            threshold=7.0,
        ),
    ),
    "hr": (
        CloseLanguage("sr", threshold=8.0),
        CloseLanguage(
            "bs",
            _words(_EASTERN_WORDS)
            | _words("""
                kanton kantona historija historije historijski lahko mehko
                sedmice sedmicu sedmica
            """),
            _words("""
                tko nitko netko svatko europa europe europi europu europske europski europska europskoj europskih
                europsku tisuća tisuće tisuću suradnja suradnje suradnju suradnji uvjet uvjeti uvjeta uvjete
                uvjetima siječnja veljače ožujka travnja svibnja lipnja srpnja kolovoza rujna listopada studenog
                studenoga prosinca tjedan tjedna tjednu povijest povijesti nogomet nogometni točno točka točke opće
                posto zrakoplov sustav sustava sustavu poduzeće glede priopćio priopćenju tijekom glazba glazbe
            """),
            threshold=5.0,
        ),
    ),
    "nl": (
        CloseLanguage(
            "af",
            _words("""
                nie hy hulle vir deur sy oor hierdie daardie baie wees jy julle sê ná sal só mense hoekom
                asook sedert tydens suid gesê kry myne ek skool saam
                skryf eie soos lewe jare agter nuwe
            """),
            _words("""
                ik zijn heeft hij zij een niet naar voor door bij dat deze zich over werd heb hebben wordt worden
                zou zullen zal hun wij we mensen zoals nieuwe schrijft school samen tijdens eigen tegen jij jullie
                deze veel kunnen de
            """),
        ),
    ),
    "sr": (_MACEDONIAN,),
    "bg": (_MACEDONIAN,),
}  # fmt: skip

# The language that the detector's code means where no close language wins. ISO 639-1 has a code for Norwegian as a
# whole ("no"), which says less than the codes of its two written forms. "ms" stays Malay only with evidence: most of
# what the detector calls Malay is Indonesian.
_DEFAULTS = {"no": "nb", "ms": "id"}
# The code that the detector gives to a language, for languages that the n-grams identify without the detector.
DETECTED_AS = {"bs": "hr", "hr": "hr", "nb": "no", "nn": "no", "id": "ms"}
# The evidence of one listed word, in nats, and the number of listed words that count at most.
NATS_PER_LISTED_WORD, MAX_LISTED_WORDS = 8.0, 3
# The factor for evidence that was learnt of a word.
LEARNT_EVIDENCE_FACTOR = 8.0
# Overlapping n-grams repeat the same evidence: this many nats of them count as one.
TEMPERATURE = 10.0


def choose_close_language(
    detected_code: str,
    words: Sequence[str],
    costs: Mapping[str, float],
    word_evidence: Mapping[str, Mapping[str, float]],
) -> tuple[str, float]:
    """The language of a text among the languages that the detector gives one code, and its certainty, 0 to 1.

    Args:
        detected_code: the code that the detector gives.
        words: of the text, in lower case.
        costs: of the words in each language, see `ngrams.Fit`.
        word_evidence: by language, the evidence of a word for it, in nats.
    """
    default = _DEFAULTS.get(detected_code, detected_code)
    default_cost = costs.get(default, 0.0)
    scores = {default: -default_cost}
    for language in CLOSE_LANGUAGES.get(detected_code, ()):
        learnt = sum(map(word_evidence.get(language.code, {}).get, words, repeat(0.0)))
        evidence = NATS_PER_LISTED_WORD * _listed_words_lead(language, words) + LEARNT_EVIDENCE_FACTOR * learnt
        # A language without n-grams of its own is as likely as the default.
        scores[language.code] = evidence - language.threshold - costs.get(language.code, default_cost)
    best = max(scores, key=lambda code: scores[code])
    return best, 1.0 / sum(math.exp((score - scores[best]) / TEMPERATURE) for score in scores.values())


def _listed_words_lead(language: CloseLanguage, words: Sequence[str]) -> int:
    lead = sum((word in language.words) - (word in language.other_words) for word in words)
    return max(-MAX_LISTED_WORDS, min(MAX_LISTED_WORDS, lead))
