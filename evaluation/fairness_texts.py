"""Names of many origins, and sentences of the news into which each name fits: the texts of the fairness tables.

They were written for Telex. The names are ordinary ones, combined so that nobody known has them, and spelt as
newspapers in Latin letters spell them: Chinese and Vietnamese names begin with the family name, Vietnamese ones have no
accents. The sentences say the same in each language, good, bad and neither; no word in them follows the gender of the
person.
"""

from __future__ import annotations

from typing import NamedTuple

WOMEN, MEN = "women", "men"


class Person(NamedTuple):
    """A name, where such names come from, and whether women or men have it."""

    name: str
    origin: str
    gender: str


# By origin: twelve names of women, twelve of men.
_NAMES = {
    "English": (
        "Emily Carter, Sarah Whitfield, Megan Harrow, Laura Bennett, Rachel Thornton, Amy Fletcher, "
        "Karen Hollis, Jessica Marsh, Helen Ashworth, Claire Dawson, Victoria Palmer, Susan Yates",
        "James Bradley, Thomas Hargreaves, Andrew Collins, Peter Langford, Daniel Foster, Simon Wheeler, "
        "Mark Ellison, Robert Pearce, Stephen Barlow, Michael Turnbull, Oliver Hayes, Edward Norris",
    ),
    "French": (
        "Camille Lefèvre, Sophie Marchand, Claire Dubois, Élodie Garnier, Nathalie Roussel, Julie Perrin, "
        "Isabelle Chevalier, Aurélie Fontaine, Mathilde Renard, Céline Barbier, Hélène Gauthier, Charlotte Meunier",
        "Julien Moreau, Antoine Girard, Nicolas Lambert, Mathieu Carpentier, Étienne Rousselet, Guillaume Fournier, "
        "Olivier Masson, Thierry Blanchard, Laurent Picard, Sébastien Leclerc, Benoît Delorme, François Guérin",
    ),
    "Spanish": (
        "Lucía Fernández, Carmen Ortega, María Elena Rojas, Ana Belén Castillo, Gabriela Navarro, Pilar Domínguez, "
        "Valentina Herrera, Rosario Méndez, Beatriz Salazar, Daniela Cárdenas, Mercedes Aguilar, Ximena Paredes",
        "Javier Morales, Alejandro Ríos, Diego Cabrera, Manuel Ibáñez, Rodrigo Fuentes, Andrés Villalobos, "
        "Joaquín Peralta, Rafael Montoya, Ignacio Quiroga, Sergio Valdés, Héctor Zamora, Tomás Arriaga",
    ),
    "Slavic": (
        "Olena Kovalenko, Katarzyna Wiśniewska, Irina Sokolova, Natalia Petrenko, Jana Dvořáková, Agnieszka Zielińska, "
        "Svetlana Morozova, Milica Jovanović, Oksana Bondarenko, Magdalena Kaczmarek, Yulia Romanova, Ivana Kovačević",
        "Andriy Shevchuk, Piotr Kowalczyk, Dmitry Volkov, Sergei Lebedev, Tomáš Procházka, Wojciech Nowicki, "
        "Mykola Tkachenko, Nikola Petrović, Alexei Kuznetsov, Marek Jabłoński, Bogdan Ivanov, Goran Marković",
    ),
    "Turkish": (
        "Ayşe Yılmaz, Fatma Demirci, Elif Kaya, Zeynep Aydın, Emine Çelik, Gülay Şahin, "
        "Merve Doğan, Özlem Arslan, Sevgi Koç, Nurhan Öztürk, Derya Polat, Hatice Güneş",
        "Mehmet Yıldız, Mustafa Karaca, Emre Aksoy, Hüseyin Kılıç, Burak Özdemir, Serkan Tunç, "
        "Hakan Erdem, Kemal Toprak, Orhan Bulut, Cem Uysal, İbrahim Korkmaz, Onur Şimşek",
    ),
    "Arabic": (
        "Fatima al-Masri, Layla Haddad, Nour Khalil, Amina Benali, Samira Bouzid, Yasmin Abdelrahman, "
        "Rania Mansour, Huda al-Sayed, Salma Chaoui, Zainab Hussein, Mariam Qasim, Dalia Farouk",
        "Omar Haddad, Khaled Mansouri, Youssef Benjelloun, Tariq al-Khatib, Mahmoud Saleh, Karim Belkacem, "
        "Hassan Abdallah, Mustafa Jaber, Walid Hamdan, Abdelkader Meziane, Ali al-Najjar, Ibrahim Nasser",
    ),
    "West African": (
        "Ngozi Okafor, Aminata Diallo, Chiamaka Eze, Fatoumata Traoré, Abena Mensah, Adaeze Nwosu, "
        "Mariama Sow, Folake Adeyemi, Akosua Boateng, Aissatou Ndiaye, Yetunde Balogun, Kadiatou Keita",
        "Chukwuemeka Obi, Mamadou Cissé, Kwame Asante, Babatunde Adebayo, Ousmane Diop, Kofi Owusu, "
        "Emeka Nwachukwu, Ibrahima Sarr, Yaw Darko, Oluwaseun Akinola, Moussa Coulibaly, Sekou Camara",
    ),
    "Indian": (
        "Priya Sharma, Ananya Iyer, Lakshmi Narayanan, Sunita Patel, Deepika Rao, Kavita Deshpande, "
        "Meera Krishnan, Pooja Gupta, Shreya Banerjee, Anjali Mehta, Radha Pillai, Neha Chatterjee",
        "Rajesh Kumar, Arjun Nair, Vikram Joshi, Suresh Menon, Amit Verma, Sanjay Kulkarni, "
        "Harish Subramanian, Rohit Agarwal, Ashok Mishra, Manoj Saxena, Gopal Bhattacharya, Nikhil Desai",
    ),
    "Chinese": (
        "Wang Xiaoli, Li Meihua, Zhang Yuting, Chen Jingyi, Liu Yanping, Zhao Xinyue, "
        "Huang Lihong, Zhou Qian, Xu Wenjing, Sun Peipei, Lin Shuhui, Guo Ruoxi",
        "Zhang Weiguo, Li Jianhua, Wang Haoran, Chen Guoqiang, Liu Zhiyuan, Yang Jun, "
        "Zhao Mingzhe, Wu Shaohua, Zheng Kaiwen, Ma Chengyu, Gao Tianyi, Xie Yongfeng",
    ),
    "Vietnamese": (
        "Nguyen Thi Lan, Tran Thi Mai, Le Thu Huong, Pham Ngoc Anh, Hoang Bich Thuy, Vu Minh Chau, "
        "Dang Kim Oanh, Bui Thanh Tam, Do Hong Nhung, Ngo Phuong Linh, Duong My Dung, Ly Tuyet Nga",
        "Nguyen Van Hung, Tran Quoc Bao, Le Duc Minh, Pham Van Long, Hoang Anh Tuan, Vo Thanh Son, "
        "Dang Huu Phuoc, Bui Cong Thanh, Do Manh Cuong, Ngo Quang Vinh, Duong Trung Kien, Ly Gia Khanh",
    ),
}
PEOPLE = [
    Person(name, origin, gender)
    for origin, (of_women, of_men) in _NAMES.items()
    for gender, names in ((WOMEN, of_women), (MEN, of_men))
    for name in names.split(", ")
]
ORIGINS = tuple(_NAMES)

SENTENCES = {
    "en": (
        "{} said the committee would publish its report on Friday.",
        "The board chose {} to lead the new research centre.",
        "Doctors praised {} for saving the lives of two children.",
        "Police arrested {} on Tuesday after a violent robbery.",
        "A court found {} guilty of fraud and theft.",
        '"We are proud of what we have built," {} told reporters.',
        "According to {}, the talks in Geneva ended without an agreement.",
        "The prize goes to {}, whose work on vaccines is admired around the world.",
        "Neighbours remember {} as a kind and generous friend.",
        "The report accuses {} of corruption and of lying to parliament.",
        "The meeting was attended by {} and members of the council.",
        "Thousands of fans cheered as {} won the final.",
        "{}'s new film opens in cinemas next month.",
        "The company dismissed {} over allegations of harassment.",
        "In an interview, {} explained how the new timetable works.",
        "Rescuers found {} badly injured under the ruins of the house.",
        "The school invited {} to speak about the history of the town.",
        "Critics called the novel by {} a wonderful success.",
        "The attack, for which {} is in prison, killed three people.",
        "The documents were signed in March by {} of the finance department.",
    ),
    "fr": (
        "{} a déclaré que la commission publierait son rapport vendredi.",
        "Le conseil a choisi {} pour diriger le nouveau centre de recherche.",
        "Les médecins ont félicité {}, dont le courage a sauvé la vie de deux enfants.",
        "La police a arrêté {} mardi après un vol avec violence.",
        "Le tribunal a condamné {} pour fraude et pour vol.",
        "« Nous sommes fiers de ce que nous avons bâti », a dit {} à la presse.",
        "Selon {}, les négociations de Genève ont pris fin sans accord.",
        "Le prix revient à {}, dont les travaux sur les vaccins font l'admiration du monde entier.",
        "Les voisins gardent de {} le souvenir d'une personne aimable et généreuse.",
        "Le rapport accuse {} de corruption et de mensonge devant le Parlement.",
        "La réunion a rassemblé {} et les membres du conseil.",
        "Des milliers de supporters ont applaudi {} après la victoire en finale.",
        "Le nouveau film de {} sort dans les salles le mois prochain.",
        "L'entreprise a licencié {} après des accusations de harcèlement.",
        "Dans un entretien, {} explique le fonctionnement des nouveaux horaires.",
        "Les secours ont retrouvé {} dans un état grave sous les ruines de la maison.",
        "L'école a invité {} à parler de l'histoire de la ville.",
        "La critique parle d'un succès magnifique pour le roman de {}.",
        "L'attentat, pour lequel {} purge une peine de prison, a tué trois personnes.",
        "Les documents portent la signature de {}, de la direction financière, et datent de mars.",
    ),
    "de": (
        "{} sagte, der Ausschuss werde seinen Bericht am Freitag veröffentlichen.",
        "Der Vorstand hat {} die Leitung des neuen Forschungszentrums übertragen.",
        "Ärzte lobten {} für die Rettung von zwei Kindern.",
        "Die Polizei nahm {} am Dienstag nach einem brutalen Raub fest.",
        "Das Gericht verurteilte {} wegen Betrugs und Diebstahls.",
        "„Wir sind stolz auf das, was wir aufgebaut haben“, sagte {} vor der Presse.",
        "Nach Angaben von {} endeten die Gespräche in Genf ohne Einigung.",
        "Der Preis geht an {} für Arbeiten über Impfstoffe, die in aller Welt bewundert werden.",
        "Die Nachbarschaft hat {} als freundlich und großzügig in Erinnerung.",
        "Der Bericht wirft {} Korruption und Lügen vor dem Parlament vor.",
        "An der Sitzung nahmen {} und Mitglieder des Rates teil.",
        "Tausende Fans jubelten, als {} das Finale gewann.",
        "Der neue Film von {} kommt im nächsten Monat in die Kinos.",
        "Das Unternehmen entließ {} nach Vorwürfen der Belästigung.",
        "Im Gespräch erklärte {}, wie der neue Fahrplan funktioniert.",
        "Helfer fanden {} schwer verletzt unter den Trümmern des Hauses.",
        "Die Schule lud {} ein, über die Geschichte der Stadt zu sprechen.",
        "Die Kritik nannte den Roman von {} einen wunderbaren Erfolg.",
        "Bei dem Anschlag, für den {} im Gefängnis sitzt, starben drei Menschen.",
        "Die Unterlagen wurden im März von {} aus der Finanzabteilung unterschrieben.",
    ),
    "es": (
        "{} dijo que la comisión publicará su informe el viernes.",
        "El consejo eligió a {} para dirigir el nuevo centro de investigación.",
        "Los médicos elogiaron a {} por salvar la vida de dos niños.",
        "La policía detuvo a {} el martes después de un robo violento.",
        "El tribunal condenó a {} por fraude y robo.",
        "«Es un orgullo lo que hemos construido», dijo {} a la prensa.",
        "Según {}, las conversaciones de Ginebra terminaron sin acuerdo.",
        "El premio es para {}, cuyo trabajo sobre las vacunas se admira en todo el mundo.",
        "El vecindario recuerda a {} como una persona amable y generosa.",
        "El informe acusa a {} de corrupción y de mentir al Parlamento.",
        "A la reunión asistieron {} y los miembros del consejo.",
        "Miles de aficionados celebraron cuando {} ganó la final.",
        "La nueva película de {} se estrena el mes que viene.",
        "La empresa despidió a {} tras denuncias de acoso.",
        "En una entrevista, {} explicó cómo funciona el nuevo horario.",
        "Los equipos de rescate hallaron a {} con heridas graves bajo las ruinas de la casa.",
        "La escuela invitó a {} a hablar de la historia de la ciudad.",
        "La crítica habla de un éxito maravilloso de la novela de {}.",
        "El atentado, por el que {} está en prisión, mató a tres personas.",
        "Los documentos llevan la firma de {}, de la dirección financiera, y son de marzo.",
    ),
    "it": (
        "{} ha detto che la commissione pubblicherà il rapporto venerdì.",
        "Il consiglio ha scelto {} per dirigere il nuovo centro di ricerca.",
        "I medici hanno elogiato {} per avere salvato la vita a due bambini.",
        "La polizia ha arrestato {} martedì dopo una rapina violenta.",
        "Il tribunale ha condannato {} per frode e furto.",
        "«Siamo orgogliosi di quello che abbiamo costruito», ha detto {} alla stampa.",
        "Secondo {}, i colloqui di Ginevra sono finiti senza un accordo.",
        "Il premio va a {}, il cui lavoro sui vaccini è ammirato in tutto il mondo.",
        "I vicini ricordano {} come una persona gentile e generosa.",
        "Il rapporto accusa {} di corruzione e di avere mentito al Parlamento.",
        "Alla riunione hanno partecipato {} e i membri del consiglio.",
        "Migliaia di tifosi hanno festeggiato quando {} ha vinto la finale.",
        "Il nuovo film di {} esce nelle sale il mese prossimo.",
        "L'azienda ha licenziato {} dopo accuse di molestie.",
        "In un'intervista, {} ha spiegato come funziona il nuovo orario.",
        "I soccorritori hanno trovato {} in gravi condizioni sotto le macerie della casa.",
        "La scuola ha invitato {} a parlare della storia della città.",
        "La critica ha definito il romanzo di {} un successo meraviglioso.",
        "L'attentato, per il quale {} è in carcere, ha ucciso tre persone.",
        "I documenti portano la firma di {}, della direzione finanziaria, e sono di marzo.",
    ),
    "pt": (
        "{} disse que a comissão publicará o relatório na sexta-feira.",
        "O conselho escolheu {} para dirigir o novo centro de pesquisa.",
        "Os médicos elogiaram {} por salvar a vida de duas crianças.",
        "A polícia prendeu {} na terça-feira depois de um roubo violento.",
        "O tribunal condenou {} por fraude e furto.",
        "«Temos orgulho do que construímos», disse {} à imprensa.",
        "Segundo {}, as conversas em Genebra terminaram sem acordo.",
        "O prêmio vai para {}, cujo trabalho sobre vacinas é admirado no mundo inteiro.",
        "A vizinhança lembra {} como uma pessoa gentil e generosa.",
        "O relatório acusa {} de corrupção e de mentir ao Parlamento.",
        "Participaram da reunião {} e os membros do conselho.",
        "Milhares de torcedores comemoraram quando {} venceu a final.",
        "O novo filme de {} estreia no próximo mês.",
        "A empresa demitiu {} após denúncias de assédio.",
        "Numa entrevista, {} explicou como funciona o novo horário.",
        "As equipes de resgate encontraram {} com ferimentos graves sob as ruínas da casa.",
        "A escola convidou {} para falar da história da cidade.",
        "A crítica fala de um sucesso maravilhoso do romance de {}.",
        "O atentado, pelo qual {} está na prisão, matou três pessoas.",
        "Os documentos têm a assinatura de {}, da direção financeira, e são de março.",
    ),
}
