"""Articles in seven languages for tests of the sentiment, and the sentiment of a text."""

from __future__ import annotations

from agents.sentiment import analyse
from streams.records import Article, NotAnalysed, Sentiment

# Written for the tests: nobody would call this news anything but positive, negative and neutral.
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
