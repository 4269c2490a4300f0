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


class Words:
    """A list of words, and of beginnings of words.

    Args:
        text: the words, separated by spaces. A word that ends with an asterisk is a beginning.
    """

    def __init__(self, text: str = "") -> None:
        entries = text.split()
        self._whole = frozenset(entry for entry in entries if not entry.endswith("*"))
        self._beginnings = tuple(entry[:-1] for entry in entries if entry.endswith("*"))

    def __contains__(self, word: str) -> bool:
        return word in self._whole or word.startswith(self._beginnings)


# Croatian, Bosnian and Serbian in Latin letters differ in two ways. Bosnian shares one of them with each neighbour.
# Words that Bosnian and Serbian write, and Croatian does not.
_EASTERN = Words("""
    šta ko niko neko iko svako evrop* hiljad* saradnj* sarađ* sarađiv* saradni* uslov* januar* februar* marta aprila
    juna jula augusta avgust* septembr* septembar* oktobr* oktobar* novembr* novembar* decembr* decembar* maja fudbal*
    saopć* saopšt* tačn* tačk* opšt* procenat* procenata vazduh* istorij* historij* preduzeć* sedmic* sedmičn* nedjelja*
    komšij* komšin* odbran* takmič* računar* kompjuter* jednačin* zavisi zavise zavisno zavisnost* nezavisn* sistem*
    komand* univerzitet* fabri* porodic* porodičn* naučn* naučni* štamp* saobraćaj* aerodrom* voz vozom vozova avion*
    muzik* pozoriš* bioskop* učestv* učesni* učešć* odsustv* prisustv* prisustvo* sopstven* uopće uopšte hljeb* hleb*
    kafa kafe kafu supa supu pirinač* vijest* opštin* advokat* tužilaštv* tužilac* sprovod* sprovesti sproved* obezbjed*
    obezbed* obavješt* obavešt* ubijed* ljekar* lekar* apotek* bezbjedn* bezbedn* bezbjednos* izvještaj* izveštaj* plat*
    penzij* penzioner* direktn* generaln* lično ličn* interesantn* interesova* organizova* informisa* definisa*
    funkcionisa* formira* kritikova* transporto* finansij* finansir* regionaln* oficir* oružan* vojsk* štab* ambasad*
    amandman* skupštin* poslani* fabrik* takođe kancelarij* ivic* mašin* prevozn* prevoz* hemij* hirurg* haos* hrišćan*
    rumunij* grčk* španij* španski* njemačk* mađarsk* austrijsk* kontinentaln* sveštenik* oblast* spolj* juče* sutra
    poslije tokom tokom* prilikom maske okean* geografsk* stepen* ćošk* pasoš* kašik* viljušk* peškir* čas časa časova
    desio desila desilo desili dešava dešavaj* dozvol* dozvolj* primijet* primet* podržava* podršk* stanovništv* hapš*
    uhapš* zvaničn* lider* region regiona regionu regionalne procent* kriterijum* ministarka premijerka projek* objek*
    subjek* efek* nivo* kvalitet* civiliz* hiljadugodišn* hemijsk*
""")
# Words that Croatian alone writes.
_WESTERN = Words("""
    tko nitko netko itko svatko što europ* tisuć* suradnj* surađ* surađiv* suradni* uvjet* siječnj* siječanj* veljač*
    ožujk* ožujak* travnj* travanj* svibnj* svibanj* lipnj* lipanj* srpnj* srpanj* kolovoz* rujn* rujan* listopad*
    studen* prosinc* prosinac* nogomet* priopć* točn* točk* opće općenit* posto zrak zraka zraku zrako* povijes*
    poduzeć* tjedan* tjedn* susjed* obran* natjec* natjecat* računal* jednadžb* ovisi ovise ovisno ovisnost* neovisn*
    sustav* zapovjedn* zapovjed* sveučiliš* tvornic* obitelj* znanstv* znanost* tisk* tiska promet* zračn* vlak* vlaku
    glazb* kazališ* kino sudjel* sudioni* nazočn* vlastit* uopće kruh* kava kave kavu juha juhu riža riže vijeć* općin*
    odvjet* državno* osigura* obavijest* liječni* ljekarn* sigurnos* sigurn* izvješ* izvijest* plać* mirovin* umirovl*
    izravn* glavn* osobno osobn* zanimljiv* organizira* informira* definira* funkcionira* kritizira* financij* financir*
    časni* postrojb* stožer* veleposlan* zastupni* sabor* također ured ureda uredu rub ruba stroj* prijevoz* kemij*
    kirurg* kaos* kršćan* rumunjsk* grčk* španjols* mađarsk* svećeni* područj* vanjsk* jučer nakon tijekom oceanij*
    ocean* zemljopis* stupanj* stupnj* kut* putovnic* žlic* vilic* ručni* sat sata sati dogodi* događ* dopust* dopušt*
    glede sukladno udrug* tvrtk* skladatel* čimbeni* tvar tvari uporab* rabi rabe motri* promatr* žiteljstv* pučanstv*
    uhić* službeno službeni* regij* regija postot* kriterij* ministrica premijerka projekt* objekt* subjekt* učinak*
    razin* razina kakvoć* blagdan* zbirk* židov* špekul*
""")
# Words that Bosnian and Croatian write, and Serbian does not: they have -ije- or -je- where Serbian has -e-.
_WITH_JE = Words("""
    vrijem* mjest* dvije prije poslije uvijek lijep* ljep* djec* gdje htje* bijel* cijel* cjel* dio dijel* dijelov*
    svijet* svjets* svjetsk* riječ* riječ* rijek* vjer* vjero* mjer* primjer* promjen* mijenj* mjenj* smjen* smijen*
    vijek* stoljeć* vrijed* vrije* pobjed* uspje* uspijev* zahtje* zahtijev* odnije* donije* ponije* sljede* sljedeć*
    poslje* posljed* naslijed* naslje* slijed* uslijed* sjever* sjeć* sjed* sjemen* tijel* tjeles* tijek* rijet* rješ*
    rješen* riješ* umjet* umjetn* umjest* vještin* vješt* savjet* svjedo* svjetl* svijetl* bjež* bježa* ljet* ljeta*
    ljetn* njem* nijem* cvijet* cvjet* mlijek* snijeg* zvijez* zvjez* zvijezd* osjeć* osjet* osjeća* razumije* smije*
    smjer* usmjer* prijedl* nasljed* obje* objem* vidje* vidio živje* željez* željela željeli željelo voljel* letjel*
    tijes* trijes* ubijed* uvjer* provjer* povjer* vijest* obavijest* izvijest* procjen* ocjen* cijen* cijena* posjet*
    posjed* premje* premješ* namje* namjer* zamjen* primijen* primjen* procijen* lijev* lijek* liječ* ljekar* stijen*
    korijen* koljen* kolijev* presjek* presijec* susjed* sjen* nedjel* ponedjel* odjel* odjeljen* djelov* djelat* djelo
    djela djelu djelom djelim* razdjel* razdijel* ovdje negdje nigdje svugdje bdje* trpje* podijel* dijet* djetinj*
    djevoj* dječ* pjes* pjev* pjesm* rječ* rječni* sjedi* vjet* vjetar* vjetr* mjesec* mjesečn* grijeh* grije* grješ*
    predsjed* sjednic* posljedn* zamjeni* čovjek* čovječ* izmjen* unaprijed naprijed unaprijeđ* unaprje* razrij* ondje
    nasljed* podrije* procijen* rasvijetl* primjenj* nedjelj* pretrpje* dospje* dospije* prispje* objesi* opredjel*
    opredijel* odjeć* zaštije* utjec* utječ* utjecaj* tjer* istjer* protjer* ujedin* krijep* lijen* nijed* ječam* predvidje* zapovijed* pripovijet* pripovije* sijed* prijel* prelijep* zahvaljuje
""")
# Words that Serbian alone writes, with -e-.
_WITH_E = Words("""
    vreme* vremen* mesto mesta mestu mestima dve pre posle uvek lep lepa lepo lepe lepš* dec* deca dece deci gde hte*
    bel bela belo beli bele belog ceo cela celo cele celog celu deo dela delova deluje delova* svet sveta svetu svetsk*
    reč reči reka reke reci reku ver* veruj* mer* mera primer* promen* menja menjaj* smena smene vek veka veku vred*
    vreć* pobed* uspe* zahtev* doneo donela done* sledeć* sled* nasled* usled sever* sesti sećan* seme telo tela telu
    teles* retk* reši* rešen* rešav* umetn* umesto veštin* vešt* savet* svedo* svetl* bež* leto leta letnj* nemač* cvet*
    mleko mleka sneg* zvezd* osećaj* oseć* razume smer* usmer* predlo* vide* video žive* želez* želela želeli želeo
    voleo volela leteo uver* prover* pover* vest vesti obavest* izvešt* procen* ocen* cena cene cenu poset* posed*
    premest* namer* zamen* primen* levo leva lek leka leč* lekar* stena stene koren* koleno preseci sused* senka nedelj*
    ponedelj* odeljen* delov* delat* ovde negde nigde svuda trpe* podel* dete deteta devoj* deč* pesm* peva* vetar* vetr*
    predsed* sednic* poslednj* zameni* čovek* čoveč* izmen* unapred napred unapređ* ocenj* onde pretrpe* dospe* prispe*
    opredel* odeć* tera* istera* protera* takođe juče opšt* saopšt* uopšte mesec meseca meseci greh* grej* lenj* zapovest* pripovet*
""")


_NO_WORDS = Words()


@dataclass(frozen=True)
class CloseLanguage:
    """A language that the text may be in instead of the detected one.

    Attributes:
        code: ISO 639-1.
        words: words that are evidence for it.
        other_words: words that are evidence against it.
        threshold: the evidence that it needs, in nats.
        learnt: another language whose learnt words are evidence for it too, and how much of it.
        letters: the language whose n-grams it has; by default its own.
        against_sibling: words for it and words against it that say nothing about the default language.
    """

    code: str
    words: Words = _NO_WORDS
    other_words: Words = _NO_WORDS
    threshold: float = 0.0
    learnt: tuple[str, float] | None = None
    letters: str | None = None
    against_sibling: tuple[Words, Words] = (_NO_WORDS, _NO_WORDS)


_MACEDONIAN = CloseLanguage(
    "mk",
    Words("""
        во со дека ќе тоа сите биде оваа нивните некои повеќе веќе нивната првиот помеѓу кај нејзиниот неговиот
        дојде оди
    """),
    Words("""
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
            Words("""
                bahawa kerana boleh wang pejabat kereta ringgit rm malaysia kuala lumpur johor selangor sabah
                sarawak perak kedah kelantan terengganu pahang melaka singapura melayu datuk datin ogos disember mac
                jun julai isnin khamis jumaat ahad syarikat kerajaan negeri manakala sekiranya ialah universiti mahu
                cuba sahaja pengarah pengerusi pasukan hendaklah kualiti aktiviti maklumat pesakit kemudahan iaitu
                awak beliau pelbagai ramai bekas polis perdana televisyen elektrik sebarang perkara dalaman pelajar
                kos berjaya
            """),
            Words("""
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
        CloseLanguage("sr", _EASTERN, _WESTERN, threshold=8.0, letters="bs", against_sibling=(_WITH_E, _WITH_JE)),
        CloseLanguage(
            "bs",
            _EASTERN,
            _WESTERN,
            threshold=2.0,
            learnt=("sr", 0.7),
            against_sibling=(_WITH_JE, _WITH_E),
        ),
    ),
    "nl": (
        CloseLanguage(
            "af",
            Words("""
                nie hy hulle vir deur sy oor hierdie daardie baie wees jy julle sê ná sal só mense hoekom
                asook sedert tydens suid gesê kry myne ek skool saam
                skryf eie soos lewe jare agter nuwe
            """),
            Words("""
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
        source, factor = language.learnt or (language.code, 1.0)
        learnt = factor * sum(map(word_evidence.get(source, {}).get, words, repeat(0.0)))
        evidence = NATS_PER_LISTED_WORD * _lead(words, language.words, language.other_words)
        evidence += NATS_PER_LISTED_WORD * min(0, _lead(words, *language.against_sibling))
        evidence += LEARNT_EVIDENCE_FACTOR * learnt
        # A language without n-grams of its own is as likely as the default.
        scores[language.code] = (
            evidence - language.threshold - costs.get(language.letters or language.code, default_cost)
        )
    best = max(scores, key=lambda code: scores[code])
    return best, 1.0 / sum(math.exp((score - scores[best]) / TEMPERATURE) for score in scores.values())


def _lead(words: Sequence[str], listed: Words, others: Words) -> int:
    lead = sum((word in listed) - (word in others) for word in words)
    return max(-MAX_LISTED_WORDS, min(MAX_LISTED_WORDS, lead))
