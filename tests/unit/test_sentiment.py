"""The sentiment of articles, with the trained model."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents import entities
from agents.sentiment import weights
from agents.sentiment.analyser import LANGUAGES, MODEL, TEXT_LENGTH, analyse, models
from agents.sentiment.credit_lines import without_credit_lines
from agents.sentiment.harmless_phrases import without_harmless_phrases
from agents.sentiment.hashed_ngrams import hash_ngrams, hash_words
from agents.sentiment.lexicon import lexicon
from agents.sentiment.news_events import NO_EVENT, split_by_evidence
from agents.sentiment.passages import FULL_PASSAGE, split_passages, tokenize
from agents.sentiment.results import LABELS
from streams.records import Article, Entities, NotAnalysed, Sentiment
from training.sentiment_figures import END, FIGURES, PAGE, START, cross_validated_table, table

ROOT = Path(__file__).parents[2]

# Written for this test: news that nobody would call anything else.
POSITIVE = {
    "ar": "احتفل الآلاف مساء السبت بفوز المنتخب بالبطولة. وقال المدرب إنه سعيد وفخور بهذا الإنجاز الرائع، وشكر الجماهير على دعمها. وأشاد رئيس الاتحاد بنجاح الفريق.",
    "de": "Nach Jahren der Arbeit ist den Forschern ein großer Erfolg gelungen: Die neue Therapie heilt fast alle Patienten. Die Familien feiern und danken den Ärzten. Die Klinik wurde mit einem Preis ausgezeichnet, und alle sind stolz und glücklich.",
    "en": "The town celebrated on Saturday as the rescued hikers returned home safe and healthy. Families thanked the volunteers for their wonderful work. The mayor praised the brave team, which will receive an award, and said everyone was proud and happy.",
    "es": "La ciudad celebró el sábado la victoria de su equipo, que ganó el campeonato por primera vez. Los aficionados felicitaron a los jugadores por su excelente temporada. El entrenador agradeció el apoyo y dijo estar feliz y orgulloso.",
    "fr": "La ville a fêté samedi la victoire de son équipe, qui remporte le championnat pour la première fois. Les supporters ont applaudi les joueurs, heureux et fiers. L'entraîneur a remercié le public pour son soutien et salué un succès magnifique.",
    "it": "La città ha festeggiato sabato la vittoria della squadra, che ha vinto il campionato per la prima volta. I tifosi, felici e orgogliosi, hanno applaudito i giocatori. L'allenatore ha ringraziato tutti per il sostegno e parla di un successo meraviglioso.",
    "pt": "A cidade comemorou no sábado a vitória da equipe, que ganhou o campeonato pela primeira vez. Os torcedores, felizes e orgulhosos, aplaudiram os jogadores. O treinador agradeceu o apoio e falou de um sucesso maravilhoso.",
}
NEGATIVE = {
    "ar": "قتل عشرات المدنيين في هجوم عنيف على المدينة. وقالت السلطات إن عدد الضحايا مرشح للارتفاع وإن الدمار كبير. ويعاني السكان من نقص الغذاء والخوف بعد القصف.",
    "de": "Bei einem schweren Anschlag sind mindestens zwanzig Menschen getötet und viele verletzt worden. Die Überlebenden sprechen von Panik und Angst. Die Polizei warnt vor weiterer Gewalt, und die Zerstörung in der Stadt ist verheerend.",
    "en": "At least twenty people were killed and dozens wounded when a bomb exploded in a crowded market. Survivors described panic and horror. Officials fear that the death toll will rise, and hospitals are running short of blood.",
    "es": "Al menos veinte personas murieron y decenas resultaron heridas en un atentado contra un mercado. Los supervivientes hablan de pánico y horror. Las autoridades temen que aumente el número de víctimas tras la violencia.",
    "fr": "Au moins vingt personnes ont été tuées et des dizaines d'autres blessées dans un attentat contre un marché. Les rescapés parlent de panique et d'horreur. Les autorités craignent que le bilan des victimes ne s'aggrave après ces violences.",
    "it": "Almeno venti persone sono morte e decine sono rimaste ferite in un attentato contro un mercato. I superstiti parlano di panico e orrore. Le autorità temono che il numero delle vittime aumenti dopo le violenze.",
    "pt": "Pelo menos vinte pessoas morreram e dezenas ficaram feridas num atentado contra um mercado. Os sobreviventes falam de pânico e horror. As autoridades temem que o número de vítimas aumente depois da violência.",
}
FACTUAL = {
    "ar": "تعقد اللجنة اجتماعها الأسبوعي يوم الثلاثاء في مقر الوزارة. ويتضمن جدول الأعمال ثلاثة بنود. وتبدأ الجلسة في الساعة العاشرة.",
    "de": "Der Ausschuss tagt am Dienstag um zehn Uhr im Rathaus. Auf der Tagesordnung stehen drei Punkte. Das Protokoll wird am Freitag veröffentlicht. Die Sitzung dauert zwei Stunden.",
    "en": "The committee meets on Tuesday at ten in the town hall. There are three items on the agenda. The minutes will be published on Friday. The session lasts two hours.",
    "es": "La comisión se reúne el martes a las diez en el ayuntamiento. El orden del día tiene tres puntos. El acta se publicará el viernes. La sesión dura dos horas.",
    "fr": "La commission se réunit mardi à dix heures à la mairie. Trois points figurent à l'ordre du jour. Le compte rendu sera publié vendredi. La séance dure deux heures.",
    "it": "La commissione si riunisce martedì alle dieci in municipio. All'ordine del giorno ci sono tre punti. Il verbale sarà pubblicato venerdì. La seduta dura due ore.",
    "pt": "A comissão reúne-se na terça-feira às dez horas na prefeitura. A ordem do dia tem três pontos. A ata será publicada na sexta-feira. A sessão dura duas horas.",
}


def article(text: str, language: str | None = "en", title: str | None = None) -> Article:
    return Article(id="1", text=text, title=title, language=language, declared=None, fields={})


def only(text: str, language: str | None = "en", title: str | None = None) -> Sentiment | NotAnalysed:
    (result,) = analyse([article(text, language, title)])
    return result


def sentiment_of(text: str, language: str = "en", title: str | None = None) -> Sentiment:
    result = only(text, language, title)
    assert isinstance(result, Sentiment)
    return result


def assert_valid(result: Sentiment | NotAnalysed) -> None:
    if isinstance(result, NotAnalysed):
        return
    values = {label: getattr(result.probabilities, label) for label in LABELS}
    assert all(0 <= value <= 1 and round(value, 4) == value for value in values.values())
    assert sum(round(10_000 * value) for value in values.values()) == 10_000
    assert result.confidence == values[result.label] == max(values.values())
    assert result.score == round(values["positive"] - values["negative"], 4)
    assert result.model == MODEL


@pytest.mark.parametrize("language", POSITIVE)
def test_good_news_is_positive(language: str) -> None:
    assert sentiment_of(POSITIVE[language], language).label == "positive"


@pytest.mark.parametrize("language", NEGATIVE)
def test_bad_news_is_negative(language: str) -> None:
    assert sentiment_of(NEGATIVE[language], language).label == "negative"


@pytest.mark.parametrize("language", FACTUAL)
def test_a_factual_report_stays_near_the_middle(language: str) -> None:
    assert abs(sentiment_of(FACTUAL[language], language).score) < 0.35


def test_a_report_of_a_war_in_french_is_not_positive() -> None:
    text = (
        "Les combats se sont poursuivis mardi autour de la ville, où des milliers d'habitants sont privés d'eau et d'électricité. "
        "Le ministre de la Défense a rencontré son homologue américain pour la deuxième fois. "
        "Les Nations unies s'inquiètent du sort des civils et réclament un cessez-le-feu. "
        "Selon les autorités, plus de trois mille personnes ont été tuées depuis le début de l'offensive. "
        "Un responsable a déclaré que des progrès avaient été réalisés dans les négociations sur la libération des otages."
    )
    assert sentiment_of(text, "fr").score < 0


def test_a_negation_turns_a_word() -> None:
    assert (
        sentiment_of("This was not a good idea, it was never a success.").score
        < sentiment_of("This was a good idea, it was a success.").score
    )


def test_the_title_counts_like_a_passage_of_the_text() -> None:
    without = sentiment_of(FACTUAL["en"])
    assert sentiment_of(FACTUAL["en"], title="Horrible massacre: dozens killed in brutal attack").score < without.score
    assert sentiment_of(FACTUAL["en"], title="") == without == sentiment_of(FACTUAL["en"], title=" … ")


def test_an_article_gives_the_same_bytes_alone_beside_others_and_in_another_process() -> None:
    articles = [article(text, language) for texts in (POSITIVE, NEGATIVE, FACTUAL) for language, text in texts.items()]
    together = msgspec.json.encode(analyse(articles))
    assert together == msgspec.json.encode([analyse([one])[0] for one in articles])
    code = (
        "import sys, msgspec; from agents.sentiment import analyse; from streams.records import Article\n"
        "rows = msgspec.json.decode(sys.stdin.buffer.read())\n"
        "articles = [Article(id='1', text=t, title=None, language=l, declared=None, fields={}) for t, l in rows]\n"
        "sys.stdout.buffer.write(msgspec.json.encode(analyse(articles)))"
    )
    rows = msgspec.json.encode([(one.text, one.language) for one in articles])
    assert subprocess.run([sys.executable, "-c", code], input=rows, capture_output=True, check=True).stdout == together


def test_an_unknown_language_is_not_analysed() -> None:
    assert only(POSITIVE["en"], None) == NotAnalysed(reason="language_unknown")


@pytest.mark.parametrize("language", ["nl", "hi", "zh", "xx", ""])
def test_a_language_without_a_model_is_not_analysed(language: str) -> None:
    assert only(POSITIVE["en"], language) == NotAnalysed(reason="no_model_for_language")


@pytest.mark.parametrize(
    ("text", "language"), [(POSITIVE["ar"], "en"), (POSITIVE["en"], "ar"), ("Сегодня хороший день для всех", "de")]
)
def test_a_text_in_another_script_than_its_language_is_not_analysed(text: str, language: str) -> None:
    assert only(text, language) == NotAnalysed(reason="no_model_for_language")


@pytest.mark.parametrize(
    "text",
    ["", "Paris", "1.234,56 € 12:30", "😀😀😀😀", "@a @b @c http://x.y/z", "\u0301\u0301\u0301", "\x00\x01\x02", "?!…"],
)
def test_too_little_text_is_not_analysed(text: str) -> None:
    assert only(text) == NotAnalysed(reason="text_too_short", model=MODEL)


@pytest.mark.parametrize(
    ("text", "language"), [("@user Grazie!", "it"), ("Hübsch!", "de"), ("Congratulations 🎉", "en")]
)
def test_one_word_is_enough_if_the_lexicon_has_it(text: str, language: str) -> None:
    assert sentiment_of(text, language).label == "positive"


@pytest.mark.parametrize(
    "text",
    [
        "word " * 200_000,
        "a" * 1_000_000,
        "Good. " * 160_000,
        "!" * 1_000_000 + " two words",
        "\u0315\u0300" * 500_000 + " two words",
        "ﷺ" * 333_333,
        "http://" * 140_000,
        "(((((" * 200_000,
        "\r\n" * 500_000 + " two words",
        "\ud800 \udfff lone halves of characters \ud800",
        "Ein Tag\r\nim Leben\x85einer\u2028Zeile\x0bund\x00Nichts",
        "e\u0301\u0327" * 1000,
        "👩‍👩‍👧‍👦🏳️‍🌈 two words 🇫🇷" * 1000,
    ],
    ids=range(13),
)
@pytest.mark.timeout(20)
def test_hostile_text_gives_a_valid_result_in_bounded_time(text: str) -> None:
    for language in ("en", "ar", "fr"):
        assert_valid(only(text, language, text))


@given(st.text(), st.none() | st.text(), st.sampled_from([*LANGUAGES, None, "nl"]))
@settings(max_examples=300, deadline=None)
def test_any_text_gives_a_valid_result(text: str, title: str | None, language: str | None) -> None:
    assert_valid(only(text, language, title))


@given(
    st.lists(st.sampled_from([*POSITIVE.values(), *NEGATIVE.values(), *FACTUAL.values()]), min_size=1),
    st.sampled_from([*LANGUAGES]),
)
@settings(max_examples=100, deadline=None)
def test_any_news_gives_a_valid_result(texts: list[str], language: str) -> None:
    assert_valid(only("\n".join(texts), language))


def test_text_beyond_the_limit_changes_nothing() -> None:
    text = (FACTUAL["en"] + " ") * 400
    assert only(text + POSITIVE["en"] * 10) == only(text[:TEXT_LENGTH])


def test_sentences_end_in_every_script_and_short_ones_share_a_passage() -> None:
    long = " ".join(["word"] * FULL_PASSAGE)
    for end in (". ", "! ", "? ", "… ", "。", "। ", "؟ ", ".” ", "\n", "\r\n"):
        assert len(split_passages(f"{long}{end}{long}")) == 2, end
    assert len(split_passages("One. Two. Three. Four.")) == 1
    assert len(split_passages(f"{long}. A few.")) == 1


def test_addresses_accounts_digits_and_drawn_out_letters_look_alike() -> None:
    assert tokenize("@Ana https://a.b/c?d 2024 sooooo") == tokenize("@bob www.x.org 1999 soooooooo")


def test_a_word_has_the_same_hash_alone_and_in_a_passage() -> None:
    rows, keys = hash_ngrams([["eine", "andere"], ["كلمة"]])
    assert np.isin(hash_words(["eine", "andere"]), keys[rows == 0]).all()
    assert hash_words(["كلمة"])[0] in keys[rows == 1]
    assert hash_words(["word"]).tolist() == [2690814307]  # the model file stands and falls with it


def test_other_passages_do_not_change_the_logits_of_a_passage_in_a_single_bit() -> None:
    read = [tokenize(text) for texts in (POSITIVE, NEGATIVE, FACTUAL) for text in texts.values()]
    network = weights.load()["en"].network
    together = network.logits(read)
    assert (together == np.concatenate([network.logits([passage]) for passage in read])).all()
    assert (together[::-1] == network.logits(read[::-1])).all()


def test_the_sums_of_the_network_stay_where_floating_point_is_exact() -> None:
    network = weights.load()["en"].network
    assert (np.diff(network.keys.astype(np.int64)) > 0).all()
    for part in (network.filters, network.threshold, *network.outputs):
        assert (part == np.round(part)).all()
    largest = 127 * np.abs(network.filters).sum(axis=(0, 1)) + np.abs(network.threshold)
    assert largest.max() < 2**24
    assert TEXT_LENGTH * largest.max() * np.abs(network.outputs[1]).sum(axis=0).max() < 2**53


def test_the_network_weighs_words_with_their_neighbours_and_ignores_unknown_words() -> None:
    network = weights.load()["en"].network
    one, turned = network.logits([["this", "is", "not", "bad"], ["this", "bad", "is", "not"]])
    assert (one != turned).any()
    assert (network.logits([["qzxqzx", "xqzxqz"]]) == 0).all()


def test_a_word_means_the_same_in_the_network_of_any_language() -> None:
    network = weights.load()["en"].network
    for good, bad in (
        ("excellent", "terrible"),
        ("excelente", "horrible"),
        ("wunderbar", "schrecklich"),
        ("magnifique", "affreux"),
    ):
        (lead_of_good, lead_of_bad) = (score[2] - score[0] for score in network.logits([[good], [bad]]))
        assert lead_of_good > lead_of_bad, good


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_concept_has_words_in_every_language(language: str) -> None:
    language_lexicon = lexicon(language)
    assert {*language_lexicon.whole_words.values(), *language_lexicon.stems.values()} == set(
        range(len(language_lexicon.names))
    )


def test_the_model_file_has_the_languages_of_the_models_list() -> None:
    assert models() == dict.fromkeys(sorted(LANGUAGES), MODEL)
    weights_by_language = weights.load()
    assert set(weights_by_language) == set(LANGUAGES)
    for code, trained in weights_by_language.items():
        assert (np.diff(trained.ngram_weights.keys.astype(np.int64)) > 0).all()
        assert trained.lexicon_weights.shape == (2 * len(lexicon(code).names), 3)
        assert np.isfinite(trained.lexicon_weights).all()
        assert (trained.calibration.scales > 0).all()
        assert 0 < trained.calibration.doubt < 0.3


def test_the_figures_in_the_documentation_are_the_measured_ones() -> None:
    figures = json.loads(FIGURES.read_text(encoding="utf-8"))
    readme = PAGE.read_text(encoding="utf-8")
    assert figures["model"] == MODEL
    assert (
        readme.split(START)[1].split(END)[0].strip()
        == f"{table(figures['corpora'])}\n\n{cross_validated_table(figures['cross_validated'])}"
    )


def test_training_without_data_reports_the_missing_files(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "training.train_sentiment", "--data", str(tmp_path)]
    outcome = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert outcome.returncode == 1
    assert outcome.stderr.startswith(f"There is no training data in {tmp_path}: newsmtsc.train.jsonl")


@pytest.mark.parametrize(
    ("credit", "language"),
    [
        ("By Grace Goodwin\n\n{}", "en"),
        ("{}\n\n(Reporting by Hope Love in Berlin; Editing by Joy Killer)", "en"),
        ("{} (Additional reporting by Victor Best)", "en"),
        ("{}\n\n— Reuters", "en"),
        ("{}\n\n(Reportage de Victoire Bon, édité par Claire Mort)", "fr"),
        ("Von Gut Lieb\n\n{}", "de"),
        ("{}\n\n(Reporte de Dolores Guerra; editado por Victoria Paz)", "es"),
    ],
)
def test_credit_lines_change_no_sentiment(credit: str, language: str) -> None:
    text = {
        "en": "The parliament meets on Monday to discuss the timetable of the new law.",
        "fr": "Le parlement se réunit lundi pour discuter du calendrier de la nouvelle loi.",
        "de": "Das Parlament tritt am Montag zusammen, um über den Zeitplan des Gesetzes zu beraten.",
        "es": "El parlamento se reúne el lunes para hablar del calendario de la nueva ley.",
    }[language]
    with_it, without = (
        analyse([Article(id="1", text=each, title=None, language=language, declared=None, fields={})])[0]
        for each in (credit.format(text), text)
    )
    assert with_it == without


@pytest.mark.parametrize("text", ["By Grace Goodwin", "(Reporting by Hope Love; Editing by Joy Killer)"])
def test_a_credit_line_alone_has_no_sentiment(text: str) -> None:
    [answer] = analyse([Article(id="1", text=text, title=None, language="en", declared=None, fields={})])
    assert isinstance(answer, NotAnalysed)
    assert answer.reason == "text_too_short"


def test_a_person_in_a_credit_line_has_no_sentiment() -> None:
    text = "The parliament meets in London on Monday.\n\n(Reporting by Victor Best; Editing by Hope Hughes)"
    [named] = entities.analyse([Article(id="1", text=text, title=None, language="en", declared=None, fields={})])
    assert isinstance(named, Entities)
    people = [item for item in named.items if item.type == "PERSON"]
    assert people
    assert all(isinstance(item.sentiment, NotAnalysed) for item in people)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Unemployment fell to its lowest level in twenty years, the office said.", "en"),
        ("Le chômage recule à son plus bas niveau depuis vingt ans.", "fr"),
        ("La disoccupazione è scesa al livello più basso degli ultimi venti anni.", "it"),
        ("The two sides signed a treaty ending the war that had killed thousands.", "en"),
        ("Not the worst show that I have seen.", "en"),
    ],
)
def test_less_of_a_bad_thing_is_not_negative(text: str, language: str) -> None:
    [answer] = analyse([Article(id="1", text=text, title=None, language=language, declared=None, fields={})])
    assert isinstance(answer, Sentiment)
    assert answer.label != "negative"


@pytest.mark.parametrize(
    ("text", "language", "label"),
    [
        (
            "The sculptor, who has died aged 84, was loved by millions and won every prize. She is survived by her sons.",
            "en",
            "neutral",
        ),
        (
            "Le peintre est mort à 91 ans. Ses toiles superbes ont enchanté le public et il était adoré de tous.",
            "fr",
            "neutral",
        ),
        (
            "Die Dichterin ist im Alter von 88 Jahren gestorben. Sie wurde vom Publikum geliebt und gewann viele Preise.",
            "de",
            "neutral",
        ),
        ("El actor, fallecido a los 79 años, fue muy querido y ganó varios premios.", "es", "neutral"),
        ("Shares in the brewer leapt 9% to a record.", "en", "positive"),
        ("The brewer's shares plunged 9%.", "en", "negative"),
        ("L'action du brasseur plonge de 9 % à Paris.", "fr", "negative"),
        ("Die Aktie der Brauerei brach nach einer Gewinnwarnung um neun Prozent ein.", "de", "negative"),
        ("Die Aktie der Brauerei legte um neun Prozent zu.", "de", "positive"),
        ("Las acciones de la cervecera se hundieron un 9 %.", "es", "negative"),
        ("Le azioni del birrificio sono crollate del 9 %.", "it", "negative"),
        ("As ações da cervejaria despencaram 9 %.", "pt", "negative"),
        ("There was a sharp fall in unemployment in May.", "en", "positive"),
        ("Die Arbeitslosigkeit ging im Mai zurück.", "de", "positive"),
        ("L'incendie a été éteint sans victime.", "fr", "neutral"),
    ],
)
def test_news_events_count_more_than_words(text: str, language: str, label: str) -> None:
    assert sentiment_of(text, language).label == label


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("She shares her flat and the leaves fall.", "en"),
        ("Shares did not rise by 5% on Monday.", "en"),
        ("Unemployment could fall next year.", "en"),
        ("He was gunned down in a crime that shook the town.", "en"),
        ("The boy died aged 12 when he was stabbed in the park.", "en"),
        ("Die Bank stieg nicht auf, und der Gewinn stieg nicht.", "de"),
        ("L'action du gouvernement progresse lentement.", "fr"),
        ("أعلنت الشركة عن أرباح", "ar"),
    ],
)
def test_words_of_an_event_alone_are_no_event(text: str, language: str) -> None:
    assert split_by_evidence(text, language) == [(text, NO_EVENT)]


@pytest.mark.parametrize("language", ["de", "en", "es", "fr", "it", "pt"])
def test_events_leave_the_rest_of_a_text_in_one_part(language: str) -> None:
    text = f"{FACTUAL[language]} {POSITIVE[language]}\n{FACTUAL[language]}"
    assert split_by_evidence(text, language) == [(text, NO_EVENT)]


def test_a_headline_does_not_outweigh_a_text_that_contradicts_it() -> None:
    assert sentiment_of(NEGATIVE["en"], title="A wonderful, happy and beautiful day").label == "negative"
    assert (
        sentiment_of(
            "The bride was killed and four guests were injured.", title="A perfect and wonderful, happy day"
        ).label
        == "negative"
    )


@pytest.mark.parametrize(
    "words", ["unemployment fell ", "shares 5% ", "brach ein ", "died at the age of ", "(Editing by A ", "By A ", "no "]
)
@pytest.mark.parametrize(
    "rule",
    [
        without_credit_lines,
        lambda text: without_harmless_phrases(text, "en"),
        lambda text: split_by_evidence(text, "en"),
        lambda text: split_by_evidence(text, "de"),
    ],
    ids=["credit lines", "harmless phrases", "news events", "news events in German"],
)
def test_the_time_of_the_rules_grows_with_the_length(words: str, rule: Callable[[str], object]) -> None:
    def seconds(number: int) -> float:
        text = (words * number)[:number]
        begin = time.process_time()
        rule(text)
        return time.process_time() - begin

    seconds(1_000)
    assert min(seconds(40_000) for _ in range(2)) < 10 * max(min(seconds(10_000) for _ in range(2)), 0.005)
