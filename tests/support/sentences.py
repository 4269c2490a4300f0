"""A sentence of the news in each of many languages, and the language of a text."""

from __future__ import annotations

from agents.language import analyse
from streams.records import Article, Language

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


def article(text: str, title: str | None = None, declared: str | None = None) -> Article:
    return Article(id="1", text=text, title=title, language=None, declared=declared, fields={})


def language(text: str, title: str | None = None) -> str | None:
    [answer] = analyse([article(text, title)])
    return answer.code if isinstance(answer, Language) else None
