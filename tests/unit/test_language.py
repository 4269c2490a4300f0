"""The language of an article: its code where it can be identified, `language_unknown` where not."""

import json
import os
import subprocess
import sys
from itertools import pairwise

import eldc
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.evaluation.sentence_forms import without_accents
from agents.language.analyser import analyse, models
from agents.language.eldc_detector import MODEL
from agents.language.ngrams import MODEL as NGRAMS
from agents.language.shared_scripts import rule_out_tied_language
from streams.records import Article, Language, NotAnalysed

SENTENCES = {
    "ar": "قال رئيس الوزراء إن الحكومة ستعلن خطة جديدة للمياه في الأسبوع المقبل.",
    "bn": "সরকার আগামী সপ্তাহে শহরের নতুন সেতুর কাজ শুরু করবে বলে জানিয়েছে।",
    "bg": "Правителството обяви във вторник, че ще построи нов мост в града.",
    "de": "Die Regierung hat am Dienstag angekündigt, dass die Brücke im Herbst wieder geöffnet wird.",
    "el": "Η κυβέρνηση ανακοίνωσε ότι η νέα γέφυρα θα ανοίξει το φθινόπωρο.",
    "en": "The council said on Tuesday that the bridge would open again in the autumn.",
    "es": "El gobierno anunció el martes que el puente volverá a abrirse en otoño.",
    "fa": "دولت اعلام کرد که پل تازه شهر در پاییز دوباره باز خواهد شد.",
    "fr": "Le conseil a annoncé mardi que le pont serait rouvert à l'automne.",
    "he": "הממשלה הודיעה ביום שלישי כי הגשר החדש ייפתח שוב בסתיו.",
    "hi": "सरकार ने मंगलवार को कहा कि शहर का नया पुल अगले महीने खोल दिया जाएगा।",
    "hr": "Vlada je u utorak priopćila da će most ponovno biti otvoren tijekom listopada.",
    "it": "Il governo ha annunciato martedì che il ponte sarà riaperto in autunno.",
    "ja": "市は火曜日、新しい橋を秋に再び開通させると発表した。",
    "ko": "시는 화요일 새로운 다리를 가을에 다시 열겠다고 발표했다.",
    "nb": "Regjeringen sier at brua ikke blir åpnet igjen før til høsten.",
    "nn": "Regjeringa seier at brua ikkje vert opna att før til hausten.",
    "nl": "De regering maakte dinsdag bekend dat de brug in de herfst weer open zal gaan.",
    "pl": "Rząd ogłosił we wtorek, że most zostanie ponownie otwarty jesienią.",
    "pt": "O governo anunciou na terça-feira que a ponte será reaberta no outono.",
    "ru": "Правительство сообщило во вторник, что мост снова откроют осенью.",
    "sr": "Влада је у уторак саопштила да ће мост поново бити отворен на јесен.",
    "sv": "Regeringen meddelade på tisdagen att bron öppnas igen till hösten.",
    "ta": "நகரத்தின் புதிய பாலம் அடுத்த மாதம் திறக்கப்படும் என்று அரசு தெரிவித்துள்ளது.",
    "th": "รัฐบาลแถลงเมื่อวันอังคารว่าสะพานแห่งใหม่จะเปิดใช้งานอีกครั้งในฤดูใบไม้ร่วง",
    "tr": "Hükümet salı günü köprünün sonbaharda yeniden açılacağını duyurdu.",
    "uk": "Уряд повідомив у вівторок, що міст знову відкриють восени.",
    "vi": "Chính phủ cho biết hôm thứ Ba rằng cây cầu mới sẽ được mở lại vào mùa thu.",
    "zh": "市政府星期二宣布，新建的大桥将在秋天重新开放。",
}
CLOSE_LANGUAGES = {
    "af": "Die regering het gesê dat hierdie brug baie oud is en dat hulle nie weet wanneer dit weer sal oopmaak nie.",
    "id": "Gubernur mengatakan bahwa jembatan itu belum bisa dibuka karena perusahaan masih menunggu polisi.",
    "mk": "Премиерот изјави дека ќе разговара со сите партии во Собранието.",
    "ms": "Kerajaan negeri berkata bahawa jambatan itu belum boleh dibuka kerana syarikat masih menunggu polis.",
    "sr": "Vlada je saopštila da će posle dve nedelje most biti otvoren, gde god to vreme dozvoli.",
}
KNOWN_BY_NGRAMS = {
    "kk": "Үкімет сейсенбі күні көпір күзде қайта ашылатынын хабарлады.",
    "cy": "Dywedodd y llywodraeth ddydd Mawrth y bydd y bont yn agor eto yn yr hydref.",
    "eo": "La registaro anoncis mardon, ke la ponto estos denove malfermita en aŭtuno.",
    "ga": "Dúirt an rialtas Dé Máirt go n-osclófar an droichead arís san fhómhar.",
    "mn": "Засгийн газар мягмар гарагт гүүрийг намар дахин нээнэ гэж мэдэгдэв.",
    "so": "Dowladdu waxay sheegtay Talaadadii in buundada mar kale la furi doono dayrta.",
    "sw": "Serikali ilisema Jumanne kwamba daraja hilo litafunguliwa tena msimu wa vuli.",
    "zu": "Uhulumeni uthe ngoLwesibili ibhuloho lizophinde livulwe ekwindla.",
}

# Nepali, Kyrgyz, Hausa, Maltese, Breton, Uzbek and Malagasy.
UNKNOWN = {
    "ne": "सरकारले मंगलबार उक्त पुल शरद ऋतुमा पुनः खोलिने जानकारी दिएको छ।",
    "ky": "Өкмөт шейшемби күнү көпүрө күзүндө кайрадан ачыларын билдирди.",
    "ha": "Gwamnati ta sanar ranar Talata cewa za a sake bude gadar a lokacin kaka.",
    "mt": "Il-gvern ħabbar nhar it-Tlieta li l-pont se jerġa' jinfetaħ fil-ħarifa.",
    "br": "Kemennet he deus ar gouarnamant dimeurzh e vo digoret ar pont en-dro en diskar-amzer.",
    "uz": "Hukumat seshanba kuni ko'prik kuzda qayta ochilishini ma'lum qildi.",
    "mg": "Nanambara ny governemanta ny Talata fa hosokafana indray ny tetezana amin'ny fararano.",
}
LONGER = {
    "cs": "Vláda v úterý oznámila, že most bude na podzim znovu otevřen a že lidé z obou břehů řeky si už nebudou muset zajíždět.",
    "hu": "A kormány kedden bejelentette, hogy a híd ősszel újra megnyílik, és a városnak nem kell többé kerülőt tennie.",
    "pl": SENTENCES["pl"],
    "sv": SENTENCES["sv"],
    "tr": SENTENCES["tr"],
    "vi": SENTENCES["vi"],
}


def article(text: str, title: str | None = None, declared: str | None = None) -> Article:
    return Article(id="1", text=text, title=title, language=None, declared=declared, fields={})


def language(text: str, title: str | None = None) -> str | None:
    [answer] = analyse([article(text, title)])
    return answer.code if isinstance(answer, Language) else None


@pytest.mark.parametrize("code", SENTENCES)
def test_one_sentence_is_enough_for_its_language(code: str) -> None:
    assert language(SENTENCES[code]) == code


@pytest.mark.parametrize("code", SENTENCES)
def test_capitals_change_no_answer(code: str) -> None:
    assert language(SENTENCES[code].upper()) == code


@pytest.mark.parametrize(
    "frame", [" date 2024-03 {}", "PARIS, 12 mars 2024 (AFP) — {}", "By John Smith, Reuters\n12 March 2024\n\n{}"]
)
@pytest.mark.parametrize("code", SENTENCES)
def test_a_date_or_a_byline_before_it_changes_no_answer(code: str, frame: str) -> None:
    assert language(frame.format(SENTENCES[code])) == code


@pytest.mark.parametrize(
    ("text", "code"), [("장대비가 퍼붓는 전반.", "ko"), ("Bilder, fakta og linker.", "nb"), ("Ele não é assim.", "pt")]
)
def test_foreign_names_before_a_few_words_change_no_answer(text: str, code: str) -> None:
    assert language(f"Zoltán Novák, Lars Müller\n{text}") == language(text) == code


@pytest.mark.parametrize(
    "frame",
    [
        '<div class="the news of the world"><p><b>{}</b></p></div>',
        "## **{}** [»](https://www.example.com/and/so/on)",
        "{} https://www.example.com/the/end-of-the-world @the_news_desk #News",
        "{} iPhone, Google",
        "😀 {} 😀 123,456.78 %",
    ],
)
@pytest.mark.parametrize("code", SENTENCES)
def test_markup_addresses_and_foreign_names_around_it_change_no_answer(code: str, frame: str) -> None:
    assert language(frame.format(SENTENCES[code])) == code


def test_entities_and_tags_inside_words_are_read() -> None:
    assert (
        language(
            "L&rsquo;&eacute;t&eacute; a &eacute;t&eacute; tr&egrave;s chaud et <i>les for&ecirc;ts</i> br&ucirc;lent."
        )
        == "fr"
    )


def test_the_turkish_dotted_capital_is_an_i() -> None:
    assert language("İSTANBUL'DA BİRÇOK KİŞİ SALI GÜNÜ YENİ KÖPRÜNÜN AÇILIŞINI İZLEDİ") == "tr"


@pytest.mark.parametrize("code", CLOSE_LANGUAGES)
def test_close_languages_are_identified_by_their_words(code: str) -> None:
    assert language(CLOSE_LANGUAGES[code]) == code


@pytest.mark.parametrize(
    ("text", "code", "ruled_out"),
    [
        ("橋は秋に再開、市民は参加を歓迎。", "ja", "zh"),
        ("政府周二宣布大桥将于秋季重新开放并感谢市民耐心等待", "zh", "ja"),
        ("政府：大桥秋季开放", "zh", ""),
        ("क्या आप वह पुल देख सकते हैं?", "hi", "mr"),
        ("तो पूल आता खुला आहे", "mr", "hi"),
        ("पुल", "hi", ""),
    ],
)
def test_the_text_rules_out_one_of_two_languages_that_the_detector_takes_for_likely(
    text: str, code: str, ruled_out: str
) -> None:
    pair = {"ja": "zh", "zh": "ja", "hi": "mr", "mr": "hi"}[code]
    for first, second in ((code, pair), (pair, code)):
        remaining = rule_out_tied_language({first: 0.95, second: 0.94}, text)
        assert {first, second} - remaining.keys() == ({ruled_out} if ruled_out else set())


@pytest.mark.parametrize(
    "text", ["市は、橋を、秋に、また開くという。", "市内の学校、町の病院、隣の駅へ積極的に協力し、発展に貢献します。"]
)
def test_a_japanese_sentence_full_of_commas_is_no_list(text: str) -> None:
    assert language(text) == "ja"


@pytest.mark.parametrize(
    "text", ["安倍晋三、菅義偉、岸田文雄、石破茂", "さくら、ひかり、みどり、あおい、はるか", "王伟、李娜、张敏、刘洋"]
)
def test_names_without_capitals_are_no_sentence(text: str) -> None:
    assert language(text) is None


@pytest.mark.parametrize("code", KNOWN_BY_NGRAMS)
def test_ngrams_identify_a_language_that_the_detector_does_not_know(code: str) -> None:
    assert language(KNOWN_BY_NGRAMS[code]) == code


@pytest.mark.parametrize("code", UNKNOWN)
def test_a_language_that_no_model_knows_is_unknown(code: str) -> None:
    assert language(UNKNOWN[code]) is None


@pytest.mark.parametrize("code", ["cs", "hu", "pl", "sv", "tr", "vi"])
def test_a_text_without_its_accents_is_in_the_same_language(code: str) -> None:
    assert language(without_accents(LONGER[code])) == code


@pytest.mark.parametrize(
    ("text", "code", "script"),
    [
        (SENTENCES["sr"], "sr", "Cyrl"),
        (CLOSE_LANGUAGES["sr"], "sr", "Latn"),
        (SENTENCES["nb"], "nb", "Latn"),
        (SENTENCES["nn"], "nn", "Latn"),
        (SENTENCES["zh"], "zh", "Hans"),
        ("市政府星期二宣布，新建的大橋將在秋天重新開放。", "zh", "Hant"),
        (SENTENCES["ja"], "ja", "Jpan"),
        (SENTENCES["ko"], "ko", "Kore"),
        (SENTENCES["ar"], "ar", "Arab"),
        (SENTENCES["hi"], "hi", "Deva"),
    ],
)
def test_code_and_script_are_those_of_bcp_47(text: str, code: str, script: str) -> None:
    [answer] = analyse([article(text)])
    assert isinstance(answer, Language)
    assert (answer.code, answer.script) == (code, script)


@pytest.mark.parametrize("letters", [1_000, 5_000])
@pytest.mark.parametrize(("first", "second"), [("en", "fr"), ("de", "pl"), ("ru", "en"), ("es", "sw"), ("ar", "en")])
def test_a_second_language_is_named_with_its_share(first: str, second: str, letters: int) -> None:
    texts = SENTENCES | KNOWN_BY_NGRAMS
    long = lambda code, letters: f"{texts[code]} " * (letters // len(texts[code]))  # noqa: E731
    [answer] = analyse([article(f"{long(first, 6 * letters // 10)}\n\n{long(second, 4 * letters // 10)}")])
    assert isinstance(answer, Language)
    assert {answer.code, answer.mixed and answer.mixed.code} == {first, second}
    assert answer.mixed
    assert 0.25 < answer.mixed.share < 0.7


@pytest.mark.parametrize("code", SENTENCES)
def test_an_article_in_one_language_has_no_second(code: str) -> None:
    [answer] = analyse([article(f"{SENTENCES[code]} " * 20)])
    assert isinstance(answer, Language)
    assert answer.mixed is None


def test_of_two_scripts_the_one_with_more_text_counts() -> None:
    assert language(f"Breaking News: {SENTENCES['ru']}") == "ru"
    assert language(f"{SENTENCES['en']} {SENTENCES['en']} — Правительство") == "en"


@pytest.mark.parametrize("gap", [" " * 1_500, "\n" * 1_500, "\u3000" * 1_500])
def test_a_gap_in_a_long_text_changes_no_answer(gap: str) -> None:
    assert language(SENTENCES["fr"] * 8 + gap + SENTENCES["fr"] * 8) == "fr"


def test_words_after_a_page_of_markup_are_found() -> None:
    assert language("<style>p { color: red }</style>\n" + '<div class="a"></div>\n' * 200 + SENTENCES["es"] * 3) == "es"


def test_the_title_counts_for_a_short_text_only() -> None:
    assert language("1:2 (0:1)", title=SENTENCES["de"]) == "de"
    assert language(SENTENCES["fr"] * 5, title=SENTENCES["de"]) == "fr"


@pytest.mark.parametrize("text", [SENTENCES["fr"], "12 345"])
def test_the_declared_language_is_kept_and_changes_no_answer(text: str) -> None:
    [without], [with_hint] = analyse([article(text)]), analyse([article(text, declared="de")])
    assert (without.declared, with_hint.declared) == (None, "de")
    assert language(text) == getattr(with_hint, "code", None)


def test_settings_of_other_detector_instances_change_no_answer() -> None:
    eldc.set_languages(["en", "de"])
    eldc.set_scheme("iso639-2t")
    try:
        assert language(SENTENCES["fr"]) == "fr"
    finally:
        eldc.set_languages([])
        eldc.set_scheme("iso639-1")


def test_the_models_name_every_language_that_an_answer_can_have() -> None:
    codes = models()
    assert set(SENTENCES) | set(CLOSE_LANGUAGES) | set(KNOWN_BY_NGRAMS) <= set(codes)
    assert "no" not in codes
    assert all(len(code) == 2 and model in (MODEL, NGRAMS) for code, model in codes.items())


@given(
    st.lists(st.text() | st.from_regex(r"(?s)([<&`\[\]()@#*_.,;:/ \n\x00a-zA-Zéß0-9中か가आ😀]{1,8}){1,40}"), max_size=3)
)
def test_any_text_has_a_valid_answer_and_always_the_same(texts: list[str]) -> None:
    answers = analyse([article(text, title=text[:5]) for text in texts])
    assert answers == analyse([article(text, title=text[:5]) for text in texts])
    for answer in answers:
        assert isinstance(answer, NotAnalysed) or (answer.code in models() and 0 < answer.confidence <= 1)
        assert msgspec.json.decode(msgspec.json.encode(answer), type=Language | NotAnalysed) == answer


@pytest.mark.parametrize(
    "piece",
    [
        "\x00a",
        "a" * 999 + "é",
        "\U00020000",
        "\U0001f600é",
        "İ",
        "ﷺ",
        "á" * 7,
        "<a",
        "&lt;",
        "](",
        "`",
        "www.",
        "@",
        "के",
    ],
)
def test_long_and_strange_texts_have_a_valid_answer(piece: str) -> None:
    [answer] = analyse([article(piece * (1_000_000 // len(piece)))])
    assert isinstance(answer, Language | NotAnalysed)


def test_every_process_gives_the_same_answers() -> None:
    """Texts with equal parts in two scripts are included: no answer depends on the order of a set."""
    texts = [
        "Berlin Москва Αθήνα 東京 서울 दिल्ली",
        *(f"{SENTENCES[one]} {SENTENCES[two]}" for one, two in pairwise(SENTENCES)),
    ]
    script = "import json, sys\nfrom agents.language.cleaning import clean\nprint([clean(text) for text in json.load(sys.stdin)])"
    answers = {
        subprocess.run(
            [sys.executable, "-c", script],
            input=json.dumps(texts),
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in range(4)
    }
    assert len(answers) == 1


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (
            "The panel: Amartya Sen, Esther Duflo, Daron Acemoglu, Branko Milanović and Joseph Stiglitz took part in the debate.",
            "en",
        ),
        (
            "Results of the second round on Sunday:\nArsenal 2 Chelsea 1\nLiverpool 0 Everton 0\nManchester United 3 Tottenham Hotspur 2",
            "en",
        ),
        (
            "Ergebnisse des ersten Spieltags der Bundesliga:\nBayern München - Borussia Dortmund 2:1\nRB Leipzig - VfB Stuttgart 1:1",
            "de",
        ),
    ],
)
def test_a_clause_beside_names_is_enough_for_its_language(text: str, code: str) -> None:
    assert language(text) == code


@pytest.mark.parametrize(
    ("text", "code", "other"),
    [
        (
            'The French minister said: "Nous ne céderons pas, la France restera debout face à cette menace et nos alliés le savent." '
            "He left the room without taking questions from the press.",
            "en",
            "fr",
        ),
        (
            "Le président américain a déclaré : « We will not leave our allies alone in this fight, and they know that very well. » "
            "Il a ensuite quitté la salle sans répondre aux journalistes.",
            "fr",
            "en",
        ),
    ],
)
def test_a_quotation_in_another_language_is_the_second_one(text: str, code: str, other: str) -> None:
    [answer] = analyse([article(text)])
    assert isinstance(answer, Language)
    assert answer.code == code
    assert answer.mixed is not None
    assert answer.mixed.code == other


@pytest.mark.parametrize(
    "text", ["東京都知事選挙、現職候補当選確実", "日本銀行政策金利据置決定", "全国高校野球選手権大会開幕"]
)
def test_japanese_in_han_characters_alone_is_not_certainly_chinese(text: str) -> None:
    [answer] = analyse([article(text)])
    assert not isinstance(answer, Language) or answer.code == "ja" or answer.confidence <= 0.6


@pytest.mark.parametrize("text", ["中国国家主席习近平访问法国", "外交部發言人記者會"])
def test_characters_that_only_chinese_has_are_certainly_chinese(text: str) -> None:
    [answer] = analyse([article(text)])
    assert isinstance(answer, Language)
    assert answer.code == "zh"
    assert answer.confidence > 0.9


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Premier League results\nArsenal 2-1 Chelsea\nLiverpool 0-0 Everton\nManchester City 3-1 Fulham", "en"),
        ("Risultati della Serie B\nPalermo 2-1 Bari\nModena 0-0 Pisa\nParma 3-1 Como", "it"),
        ("Ergebnisse der zweiten Liga\nHannover 2:1 Karlsruhe\nPaderborn 0:0 Magdeburg", "de"),
        ("Autour de la table : Thomas Piketty, Esther Duflo, Philippe Aghion, Jean Tirole et Daniel Cohen.", "fr"),
        ("Es spielten: Neuer, Kimmich, Hernández, Davies, Goretzka, Müller, Gnabry, Coman.", "de"),
    ],
)
def test_a_heading_over_a_table_or_before_names_is_enough_for_its_language(text: str, code: str) -> None:
    [answer] = analyse([Article(id="1", text=text, title=None, language=None, declared=None, fields={})])
    assert isinstance(answer, Language)
    assert answer.code == code


@pytest.mark.parametrize(
    "text",
    [
        "Premier League\nArsenal 2-1 Chelsea\nLiverpool 0-0 Everton\nManchester City 3-1 Fulham",
        "Arsenal 2-1 Chelsea\nLiverpool 0-0 Everton\nManchester City 3-1 Fulham",
        "Thomas Piketty\nEsther Duflo\nJean Tirole\nDaniel Cohen",
    ],
)
def test_names_alone_under_a_name_stay_unknown(text: str) -> None:
    [answer] = analyse([Article(id="1", text=text, title=None, language=None, declared=None, fields={})])
    assert isinstance(answer, NotAnalysed)
