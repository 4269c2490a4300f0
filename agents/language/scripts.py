"""Scripts of letters and texts: Serbian in Latin or Cyrillic letters, Chinese simplified or traditional."""

from __future__ import annotations

import functools
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence

# The first code point of each script. The scripts of one language have one name; "" stands for characters of no
# language.
_SCRIPTS = (
    (0, "Latin"), (0x0370, "Greek"), (0x0400, "Cyrillic"), (0x0530, "Armenian"), (0x0590, "Hebrew"), (0x0600, "Arabic"),
    (0x0700, ""), (0x0750, "Arabic"), (0x0780, ""), (0x0900, "Devanagari"), (0x0980, "Bengali"), (0x0A00, "Gurmukhi"),
    (0x0A80, "Gujarati"), (0x0B00, "Oriya"), (0x0B80, "Tamil"), (0x0C00, "Telugu"), (0x0C80, "Kannada"),
    (0x0D00, "Malayalam"), (0x0D80, "Sinhala"), (0x0E00, "Thai"), (0x0E80, "Lao"), (0x0F00, "Tibetan"),
    (0x1000, "Myanmar"), (0x10A0, "Georgian"), (0x1100, "Hangul"), (0x1200, "Ethiopic"), (0x13A0, ""),
    (0x1780, "Khmer"), (0x1800, ""), (0x1C90, "Georgian"), (0x1CC0, ""), (0x1E00, "Latin"), (0x1F00, "Greek"),
    (0x2000, ""), (0x3005, "Han"), (0x3008, ""), (0x3040, "Han"), (0x3130, "Hangul"), (0x3190, ""), (0x3400, "Han"),
    (0xA000, ""), (0xAC00, "Hangul"), (0xD800, ""), (0xF900, "Han"), (0xFB00, ""), (0xFB50, "Arabic"), (0xFE00, ""),
    (0xFE70, "Arabic"), (0xFEFF, ""), (0x20000, "Han"), (0x32000, ""),
)  # fmt: skip
_AFTER_LATIN = "\u0370"
_STARTS = [start for start, _ in _SCRIPTS]
# ISO 15924 codes by these names. Han is decided below.
_ISO_15924 = {
    "Latin": "Latn", "Greek": "Grek", "Cyrillic": "Cyrl", "Armenian": "Armn", "Hebrew": "Hebr", "Arabic": "Arab",
    "Devanagari": "Deva", "Bengali": "Beng", "Gurmukhi": "Guru", "Gujarati": "Gujr", "Oriya": "Orya", "Tamil": "Taml",
    "Telugu": "Telu", "Kannada": "Knda", "Malayalam": "Mlym", "Sinhala": "Sinh", "Thai": "Thai", "Lao": "Laoo",
    "Tibetan": "Tibt", "Myanmar": "Mymr", "Georgian": "Geor", "Hangul": "Kore", "Ethiopic": "Ethi", "Khmer": "Khmr",
}  # fmt: skip
# Everyday characters that only simplified or only traditional Chinese has.
_SIMPLIFIED = frozenset(
    "与东个为书买从们会关写动卖厂厅历压厌厕双发变叶号后吗听员团园国图圆场坏块坚声处备复够头夹夺奖妇妈娱婴孙学宁实审宪宽宾对寻"
    "导寿将尔尘尝尽层属岁岛岭币帅师带帮广庄庆库应庙废开异弃张弯归当录忆态总恋恶惊惧惯愿战户扑执扩扫扬扰抚抛抢护报担拟拥择挂挡"
    "挤挥损换据摄摆数断无旧时显暂术机杀杂权条来极构枪柜标栋树样桥检楼欢欧气汇汉汤沟沪泪泽洁浅济浓涛润涨渐温湾湿灭灯灾炉点炼烂"
    "烟烧热爱牵犹独狮狱猎玛环现琼电疗疯监盖盗盘眯础硕确祸离秃种积称稳穷窃竞笔筑签简类粮纠红纤约级纪纲纳纵纷纸纹纺线练组细织终"
    "绍经结给络绝统继绩绪续维综绿缓编缘缝缩网罗罚罢职联聪肃肠肤肾肿胀胁胜脉脏脑脚脱舰艺节芦苏苹范荐荣药莱莲获营萨蓝虑虫虽蚀补"
    "衬袭见观规视览觉触订认讨让训议讯记讲许论设访证评识诉诊词译试诗诚话诞询该详语误说请诸诺读课谁调谅谈谊谋谓谜谢谣谱贝负贡财"
    "责贤败货质贩贪贫购贯贴贵贷贸费贺贼资赋赏赔赖赚赛赞赠赢赵趋跃践踪车轨转轮软轻载较辅辆辈输辖辞边达迁过迈运还这进远违连迟适"
    "选递逻遗邓邮邻郑释里钟钢钱铁银销锁锋错键锻镇长门闪闭问闯闲间闻阅阳阴阵阶际陆陈险随隐难雾静韩页顶项顺须预领频题颜额风飞饥"
    "饭饮饰饱饼馆马驱驶驻驾验骗鱼鲁鲜鸟鸡鸣黄齐龙"
)
_TRADITIONAL = frozenset(
    "與東個為書買從們會關寫動賣廠廳歷壓厭廁雙發變葉號後嗎聽員團園國圖圓場壞塊堅聲處備復夠頭夾奪獎婦媽娛嬰孫學寧實審憲寬賓對尋"
    "導壽將爾塵嘗盡層屬歲島嶺幣帥師帶幫廣莊慶庫應廟廢開異棄張彎歸當錄憶態總戀惡驚懼慣願戰戶撲執擴掃揚擾撫拋搶護報擔擬擁擇掛擋"
    "擠揮損換據攝擺數斷無舊時顯暫術機殺雜權條來極構槍櫃標棟樹樣橋檢樓歡歐氣匯漢湯溝滬淚澤潔淺濟濃濤潤漲漸溫灣濕滅燈災爐點煉爛"
    "煙燒熱愛牽猶獨獅獄獵瑪環現瓊電療瘋監蓋盜盤瞇礎碩確禍離禿種積稱穩窮竊競筆築簽簡類糧糾紅纖約級紀綱納縱紛紙紋紡線練組細織終"
    "紹經結給絡絕統繼績緒續維綜綠緩編緣縫縮網羅罰罷職聯聰肅腸膚腎腫脹脅勝脈臟腦腳脫艦藝節蘆蘇蘋範薦榮藥萊蓮獲營薩藍慮蟲雖蝕補"
    "襯襲見觀規視覽覺觸訂認討讓訓議訊記講許論設訪證評識訴診詞譯試詩誠話誕詢該詳語誤說請諸諾讀課誰調諒談誼謀謂謎謝謠譜貝負貢財"
    "責賢敗貨質販貪貧購貫貼貴貸貿費賀賊資賦賞賠賴賺賽贊贈贏趙趨躍踐蹤車軌轉輪軟輕載較輔輛輩輸轄辭邊達遷過邁運還這進遠違連遲適"
    "選遞邏遺鄧郵鄰鄭釋裡鐘鋼錢鐵銀銷鎖鋒錯鍵鍛鎮長門閃閉問闖閒間聞閱陽陰陣階際陸陳險隨隱難霧靜韓頁頂項順須預領頻題顏額風飛飢"
    "飯飲飾飽餅館馬驅駛駐駕驗騙魚魯鮮鳥雞鳴黃齊龍"
)


@functools.lru_cache(4096)
def script_of_letter(letter: str) -> str:
    """The script of a letter: "Latin", "Cyrillic", …; "Han" for Chinese and Japanese; "" for signs of no language."""
    return "Latin" if letter < _AFTER_LATIN else _SCRIPTS[bisect_right(_STARTS, ord(letter)) - 1][1]


def iso_15924(language: str, script: str, words: Sequence[str]) -> str:
    """The script of words in a language, as ISO 15924 and BCP 47 name it.

    `Hani` is Chinese without a character that tells simplified from traditional, `Zzzz` an unknown script.

    Args:
        language: ISO 639-1.
        script: the name by `script_of_letter`.
        words: the words of the text.
    """
    if script == "Han" and language == "ja":
        return "Jpan"
    if script != "Han":
        return _ISO_15924.get(script, "Zzzz")
    counts = Counter("".join(words))
    lead = sum(
        count * ((character in _SIMPLIFIED) - (character in _TRADITIONAL)) for character, count in counts.items()
    )
    return "Hans" if lead > 0 else "Hant" if lead < 0 else "Hani"
