"""Languages and scripts: Chinese beside Japanese, Hindi beside Marathi, and the codes of BCP 47."""

import pytest

from agents.language import analyse
from agents.language.close_languages import choose_close_language
from agents.language.shared_scripts import rule_out_tied_language
from streams.records import Language
from tests.support.growth import LINEAR, growth
from tests.support.sentences import CLOSE_LANGUAGES, SENTENCES, article, language


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
def test_the_text_rules_out_one_of_two_languages_that_the_detector_finds_likely(
    text: str, code: str, ruled_out: str
) -> None:
    pair = {"ja": "zh", "zh": "ja", "hi": "mr", "mr": "hi"}[code]
    for first, second in ((code, pair), (pair, code)):
        remaining = rule_out_tied_language({first: 0.95, second: 0.94}, text)
        assert {first, second} - remaining.keys() == ({ruled_out} if ruled_out else set())


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


def test_the_script_with_more_text_decides() -> None:
    assert language(f"Breaking News: {SENTENCES['ru']}") == "ru"
    assert language(f"{SENTENCES['en']} {SENTENCES['en']} — Правительство") == "en"


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


@pytest.mark.parametrize("code", [*CLOSE_LANGUAGES])
def test_a_close_language_has_the_same_code_however_long_the_text_is(code: str) -> None:
    assert language(f"{CLOSE_LANGUAGES[code]} " * 100) == code


@pytest.mark.parametrize("code", ["af", "sr"])
def test_the_time_to_choose_between_close_languages_grows_in_proportion_to_the_length(code: str) -> None:
    detected = {"af": "nl", "sr": "hr"}[code]
    words = CLOSE_LANGUAGES[code].lower().split()
    choose = lambda given: choose_close_language(detected, given, {}, {})  # noqa: E731
    assert growth(choose, lambda number: words * (number // len(words)), 1_000) <= LINEAR
