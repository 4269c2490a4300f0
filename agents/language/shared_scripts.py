"""Decides between languages of one script that the detector rates alike: Japanese and Chinese, Hindi and Marathi."""

from __future__ import annotations

from collections.abc import Mapping


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# A Japanese text has at least so many kana, and this share of them (a Chinese brand name may have one). A Chinese text
# has none in so many characters: a Japanese headline without kana is shorter.
MIN_KANA, MIN_KANA_SHARE, MIN_CHARACTERS_WITHOUT_KANA = 2, 0.1, 20
# Characters that only Japanese or only Chinese writes in this form. A longer text without any of them is Chinese.
_JAPANESE = frozenset(
    "亜悪圧囲円応桜価拡覚観関顔気帰戯拠挙県検権険験圏広剣済雑児実渋処渉将証乗浄畳縄譲図粋数斉斎摂銭戦総続蔵臓沢択単団弾鋳庁聴鉄転伝徳悩脳覇売発髪抜払辺舗豊毎満訳薬様頼覧両猟緑塁歴暦錬労楼読駅黒歩浜経営"
)
_CHINESE = frozenset(
    "是你她这這们們吗嗎吧呢很没沒说說对對从從會个個为為來國學實發經關應單戰廣變總點圖兩萬體黨讀賣歸轉辦灣还還过进让给于对开关"
    "问题经济动势将军东业员长发时间现实论话语认记议计设证报书车进运选务华"
)
MAX_CHARACTERS_OF_UNCLEAR_HAN = 60
# Function words of each language that the other two do not have.
_HINDI = _words("""
    है हैं था थी थे हूँ हूं और में नहीं यह वह ये वे इस उस के का की कि जो लिए गया गई गए रहा रही रहे साथ बाद करने
""")
_MARATHI = _words("""
    आहे आहेत होते होता होती आणि नाही नाहीत हा ही हे या त्या मध्ये तर व केली केले केला झाली झाले झाला असून मात्र
    म्हणून यांनी
""")
_NEPALI = _words("""
    छ छन् छैन यो यी पनि भएको भएका गरेको गरेका गर्ने गर्न हुने भने थियो थिए आफ्नो आफ्ना तथा नेपाल नेपालको रहेको
    बताए गरिएको
""")


def hiragana_share(text: str) -> float:
    """The share of hiragana among the characters of a text, 0 to 1."""
    return sum("\u3041" <= character <= "\u3096" for character in text) / max(len(text), 1)


def rule_out_tied_language(scores: Mapping[str, float], text: str) -> Mapping[str, float]:
    """The detector's scores without the language that the text rules out; empty for Nepali, unknown to the detector.

    Args:
        scores: of the two likeliest languages.
        text: in lower case.
    """
    ruled_out = ""
    if scores.keys() == {"ja", "zh"}:
        ruled_out = _ruled_out_by_kana(text)
    elif scores.keys() == {"hi", "mr"}:
        words = text.split()
        hindi, marathi, nepali = (sum(word in listed for word in words) for listed in (_HINDI, _MARATHI, _NEPALI))
        if nepali > hindi + marathi:
            return {}
        ruled_out = "mr" if hindi > marathi else "hi" if hindi < marathi else ""
    return {code: score for code, score in scores.items() if code != ruled_out}


def _ruled_out_by_kana(text: str) -> str:
    kana = sum("\u3041" <= character <= "\u30fa" for character in text)
    if kana >= max(MIN_KANA, MIN_KANA_SHARE * len(text)):
        return "zh"
    if not kana and len(text) >= MIN_CHARACTERS_WITHOUT_KANA:
        return "ja"
    return ""


def is_han_rather_japanese(text: str) -> bool | None:
    """Whether a text in Han characters alone is rather Japanese than Chinese; None where it is certainly Chinese."""
    if len(text) > MAX_CHARACTERS_OF_UNCLEAR_HAN or any(character in _CHINESE for character in text):
        return None
    return any(character in _JAPANESE for character in text)
