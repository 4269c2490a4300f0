"""Languages that the detector takes for a relative of theirs, told apart by n-grams and everyday words.

eldc 0.4.0 has one answer for Norwegian, one for Malay and Indonesian, one for Croatian, Bosnian and Serbian in Latin letters, and
answers with the nearest language it has for one it does not know. Where there are texts to learn from (Nynorsk, Serbian in Latin
letters), `ngrams` has what a word says; listed are words that the one language writes and the other
does not, or hardly ever: everyday words by what is known of the languages, less a few that misled in the texts measured on.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_EASTERN = """
    šta ko niko neko evropa evrope evropi evropu evropske evropski evropska evropskoj evropskih evropsku hiljada hiljade
    hiljadu saradnja saradnje saradnju saradnji uslov uslovi uslova uslove uslovima januara februara marta aprila juna jula
    septembra oktobra novembra decembra januar februar septembar oktobar novembar decembar fudbal fudbala fudbalski
    saopćeno saopćenju tačno tačka tačke opšte procenata procenat vazduh vazduha istorija istorije preduzeće preduzeća
"""


@dataclass(frozen=True)
class Relative:
    """A language that may be meant, the words for it, the words against it, and what it takes to believe in it, in nats."""

    code: str
    words: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()
    against: float = 0.0


_MACEDONIAN = Relative(
    "mk",
    _words(
        "во со дека ќе тоа сите биде оваа нивните некои повеќе веќе нивната првиот помеѓу кај нејзиниот неговиот дојде оди"
    ),
    _words(
        "је у са су ће који која које из би ли као није бити више већ в с във със ще че от който която които това не са при"
    ),
)

# By the detector's answer.
RELATIVES: dict[str, tuple[Relative, ...]] = {
    "no": (Relative("nn"),),
    "ms": (
        Relative(
            "ms",
            _words("""
                bahawa kerana boleh wang pejabat kereta ringgit rm malaysia kuala lumpur johor selangor sabah sarawak perak kedah
                kelantan terengganu pahang melaka singapura melayu datuk datin ogos disember mac jun julai isnin khamis jumaat ahad
                syarikat kerajaan negeri manakala sekiranya ialah universiti mahu cuba sahaja pengarah pengerusi pasukan hendaklah
                kualiti aktiviti maklumat pesakit kemudahan iaitu awak beliau pelbagai ramai bekas polis perdana
                televisyen elektrik sebarang perkara dalaman pelajar kos berjaya
            """),
            _words("""
                bahwa karena bisa uang kantor mobil polisi jakarta jawa bandung surabaya indonesia republik gubernur dpr rupiah wib
                desember agustus maret mei sabtu minggu senin jumat selasa kamis perusahaan provinsi propinsi ujarnya tuturnya
                terkait usai pihaknya perusahaan siswa mahasiswa berbeda kualitas aktivitas
                informasi situasi kondisi pasien universitas fasilitas yaitu diposting gratis nggak enggak banget
                televisi sepak kabupaten kecamatan kelurahan rezim tewas listrik
            """),
            against=7.0,
        ),
    ),
    "hr": (
        Relative("sr", against=8.0),
        Relative(
            "bs",
            _words(_EASTERN)
            | _words("""
                kanton kantona historija historije historijski lahko mehko
                sedmice sedmicu sedmica
            """),
            _words("""
                tko nitko netko svatko europa europe europi europu europske europski europska europskoj europskih europsku tisuća
                tisuće tisuću suradnja suradnje suradnju suradnji uvjet uvjeti uvjeta uvjete uvjetima siječnja veljače ožujka travnja
                svibnja lipnja srpnja kolovoza rujna listopada studenog studenoga prosinca tjedan tjedna tjednu povijest povijesti
                nogomet nogometni točno točka točke opće posto zrakoplov sustav sustava sustavu poduzeće glede
                priopćio priopćenju tijekom glazba glazbe
            """),
            against=5.0,
        ),
    ),
    "nl": (
        Relative(
            "af",
            _words("""
                nie hy hulle vir deur sy oor hierdie daardie baie wees jy julle sê ná sal só mense hoekom
                asook sedert tydens suid gesê kry myne ek skool saam
                skryf eie soos lewe jare agter nuwe
            """),
            _words("""
                ik zijn heeft hij zij een niet naar voor door bij dat deze zich over werd heb hebben wordt
                worden zou zullen zal hun wij we mensen zoals nieuwe schrijft school samen tijdens eigen tegen jij jullie
                deze veel kunnen de
            """),
        ),
    ),
    "sr": (_MACEDONIAN,),
    "bg": (_MACEDONIAN,),
}  # fmt: skip

# What the detector's answer is called where no relative is meant. ISO 639-1 has a code for Norwegian as a whole ("no") that says less than
# the two for its written forms. "ms" stays Malay only where a word says so: of what the detector calls Malay, most is Indonesian.
_DEFAULTS = {"no": "nb", "ms": "id"}
# What the detector would call a language that n-grams alone were asked for.
FAMILIES = {"bs": "hr", "hr": "hr", "nb": "no", "nn": "no", "id": "ms"}
# What one of these words counts beside n-grams, in nats, and how many may count; and what a nat counts that was learnt of a word.
WORD, MOST_WORDS, LEARNT = 8.0, 3, 8.0
# N-grams that overlap tell the same thing several times: so many nats of them count as one.
TEMPERATURE = 10.0

# Of so many signs at least, and of this part, Japanese is told by its kana (a Chinese brand may have one), and Chinese by having none: a
# Japanese headline without any is shorter.
FEWEST_KANA, KANA, WITHOUT_KANA = 2, 0.1, 20
# Characters that only Japanese, or only Chinese, writes so; a text of more characters without any of them is Chinese by its length.
_JAPANESE = frozenset(
    "亜悪圧囲円応桜価拡覚観関顔気帰戯拠挙県検権険験圏広剣済雑児実渋処渉将証乗浄畳縄譲図粋数斉斎摂銭戦総続蔵臓沢択単団弾鋳庁聴鉄転伝徳悩脳覇売発髪抜払辺舗豊毎満訳薬様頼覧両猟緑塁歴暦錬労楼読駅黒歩浜経営"
)
_CHINESE = frozenset(
    "是你她这這们們吗嗎吧呢很没沒说說对對从從會个個为為來國學實發經關應單戰廣變總點圖兩萬體黨讀賣歸轉辦灣还還过进让给于对开关"
    "问题经济动势将军东业员长发时间现实论话语认记议计设证报书车进运选务华"
)
LONG_IN_HAN = 60
# Small words of the one that the other two do not have.
_HINDI = _words("है हैं था थी थे हूँ हूं और में नहीं यह वह ये वे इस उस के का की कि जो लिए गया गई गए रहा रही रहे साथ बाद करने")
_MARATHI = _words(
    "आहे आहेत होते होता होती आणि नाही नाहीत हा ही हे या त्या मध्ये तर व केली केले केला झाली झाले झाला असून मात्र म्हणून यांनी"
)
_NEPALI = _words(
    "छ छन् छैन यो यी पनि भएको भएका गरेको गरेका गर्ने गर्न हुने भने थियो थिए आफ्नो आफ्ना तथा नेपाल नेपालको रहेको बताए गरिएको"
)

_CYRILLIC = "абвгдежзиклмнопрстуфхцчш"
# The letters that a language is written with, where others that the detector does not know share its script: Kazakh, Mongolian,
# Kyrgyz, Tatar and Tajik come out as Russian, Macedonian as Serbian.
_ALPHABETS = {
    "kk": frozenset(_CYRILLIC + "ёйщъыьэюяәғқңөұүһі"),
    "mn": frozenset(_CYRILLIC + "ёйщъыьэюяөү"),
    "mk": frozenset(_CYRILLIC + "ѓѕјљњќџѐѝ"),
    "be": frozenset(_CYRILLIC + "ёійўыьэюя"),
    "bg": frozenset(_CYRILLIC + "йщъьюя"),
    "ru": frozenset(_CYRILLIC + "ёйщъыьэюя"),
    "sr": frozenset(_CYRILLIC + "ђјљњћџ"),
    "uk": frozenset(_CYRILLIC + "єґіїйщьюя"),
}
# Serbian is written in these and in Latin letters.
_LAST_LATIN = "\u024f"
# Letters of relatives that the detector does not know: Pashto, Sindhi and Uyghur; Assamese.
_FOREIGN = {
    **dict.fromkeys(("ar", "fa", "ur"), frozenset("ټډځڅښږڼېۍٻڀٿڄڃڇڊڌڍڦڳڱڻۆۈۋۇ")),
    "bn": frozenset("ৰৱ"),
}


def tell_apart(
    code: str, words: Sequence[str], costs: Mapping[str, float], learnt: Mapping[str, Mapping[str, float]]
) -> tuple[str, float]:
    """The language that is meant by the detector's answer for a text, and how sure that is, 0 to 1.

    Args:
        words: of the text, in small letters.
        costs: what languages would make of them, as `ngrams.Fit` has it.
        learnt: by language, what a word says for it, in nats.
    """
    default = _DEFAULTS.get(code, code)
    usual = costs.get(default, 0.0)
    scores = {default: -usual}
    for relative in RELATIVES.get(code, ()):
        evidence = WORD * _lead(relative, words) + LEARNT * sum(
            map(learnt.get(relative.code, {}).get, words, repeat(0.0))
        )
        # A language without n-grams of its own is as likely as the one that it is told apart from.
        scores[relative.code] = evidence - relative.against - costs.get(relative.code, usual)
    best = max(scores, key=lambda one: scores[one])
    return best, 1.0 / sum(math.exp((score - scores[best]) / TEMPERATURE) for score in scores.values())


def _lead(relative: Relative, words: Sequence[str]) -> int:
    lead = sum((word in relative.words) - (word in relative.others) for word in words)
    return max(-MOST_WORDS, min(MOST_WORDS, lead))


def hiragana(text: str) -> float:
    """The part of a text's signs that are hiragana, 0 to 1."""
    return sum("\u3041" <= sign <= "\u3096" for sign in text) / max(len(text), 1)


def without_the_other(scores: Mapping[str, float], text: str) -> Mapping[str, float]:
    """The detector's two best answers without the second, or the first, where the text settles which of two relatives it is in.

    The detector takes either for likely: Japanese and Chinese for the characters that both write with, Hindi and Marathi. Nothing is
    left of the two for Nepali, which it does not know.

    Args:
        text: in small letters.
    """
    ruled_out = ""
    if scores.keys() == {"ja", "zh"}:
        kana = sum("\u3041" <= sign <= "\u30fa" for sign in text)
        ruled_out = (
            "zh"
            if kana >= max(FEWEST_KANA, KANA * len(text))
            else "ja"
            if not kana and len(text) >= WITHOUT_KANA
            else ""
        )
    elif scores.keys() == {"hi", "mr"}:
        hindi, marathi, nepali = (sum(word in those for word in text.split()) for those in (_HINDI, _MARATHI, _NEPALI))
        if nepali > hindi + marathi:
            return {}
        ruled_out = "mr" if hindi > marathi else "hi" if hindi < marathi else ""
    return {code: score for code, score in scores.items() if code != ruled_out}


def written_in_both(text: str) -> bool | None:
    """Whether a text in Chinese characters alone is rather Japanese; None where it is surely Chinese."""
    if len(text) > LONG_IN_HAN or any(sign in _CHINESE for sign in text):
        return None
    return any(sign in _JAPANESE for sign in text)


def foreign(code: str, text: str) -> float:
    """The part of a text's letters (lower case) that the language is not written with, 0 to 1; 0 where that tells nothing."""
    if code not in _ALPHABETS and code not in _FOREIGN:
        return 0.0
    letters = {sign: number for sign, number in Counter(text).items() if sign > _LAST_LATIN and sign.isalpha()}
    known = _ALPHABETS.get(code)
    strange = letters.keys() - known if known else letters.keys() & _FOREIGN[code]
    return sum(letters[letter] for letter in strange) / max(sum(letters.values()), 1)
