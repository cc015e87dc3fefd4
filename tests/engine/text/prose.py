"""A little prose in many languages, written for the tests of encodings, and the old encodings it was once kept in."""

PROSE = {
    "polish": """\
Wczesnym rankiem stara rybaczka wyszła na próg i spojrzała na morze. Łódź jej męża jeszcze nie wróciła, a wiatr
z północy stawał się coraz silniejszy. „Zdążą przed burzą”, powiedziała cicho do wnuczki, choć sama w to nie
wierzyła. Dziewczynka przyniosła jej ciepłą chustę i usiadła obok na ławce. Patrzyły długo na szare fale, aż
wreszcie za cyplem pojawił się mały żagiel. Święty spokój, rzekła babcia, i poszła zagotować wodę na herbatę.""",
    "czech": """\
Za starým mlýnem začínal hluboký les, do kterého se děti bály chodit. Říkalo se, že tam bydlí černý kůň, který
umí mluvit lidskou řečí. Jednoho dne se malá Bětka přece jen vydala po úzké pěšině mezi stromy. Šla dlouho, až
přišla na louku plnou žlutých květin. „Čekal jsem na tebe,“ řekl někdo tiše. Otočila se a uviděla koně, jak
stojí u potoka a dívá se na ni velkýma očima. Vůbec se nebála a pohladila ho po krku.""",
    "hungarian": """\
Az öreg órásmester minden este felhúzta a toronyórát, mielőtt hazaindult volna. Ötven éve csinálta így, és soha
nem késett egyetlen percet sem. Egy őszi napon azonban nem jött el, és az óra megállt. Az emberek csak másnap
reggel vették észre, hogy túl csöndes a város. Fölmentek a lépcsőn, és ott találták az öreget, amint mosolyogva
nézte az időt. „Hadd pihenjen egy kicsit”, mondta, „ő is elfáradt, akárcsak én.” Így hát vártak délig.""",
    "romanian": """\
În fiecare dimineaţă bătrânul grădinar îşi lua pălăria şi cobora încet pe cărarea dintre viţele de vie. Cunoştea
fiecare copac şi fiecare piatră din această vale. Într-o zi găsi sub nuc o pasăre rănită, pe care o duse acasă
şi o îngriji până la primăvară. Când îi dădu drumul, pasărea se aşeză pe umărul lui şi cântă. De atunci, spun
oamenii, în grădina aceea înfloresc trandafirii şi iarna, iar bătrânul nu mai este niciodată singur.""",
    "turkish": """\
Küçük kasabanın en eski çeşmesi meydanın ortasında dururdu. Yaşlılar akşamları onun çevresinde oturur,
gençliklerinden söz ederlerdi. Bir gün çeşmenin suyu kesildi ve kimse bunun nedenini anlayamadı. Öğretmen,
öğrencileriyle birlikte dağa çıkıp kaynağı aradı. Büyük bir taş yolu kapatmıştı; hep birlikte onu kenara
ittiler. Su yeniden akmaya başlayınca bütün kasaba sevinçle dışarı çıktı. „İşte şimdi gerçekten akşam oldu,“
dedi yaşlı değirmenci gülerek.""",
    "russian": """\
Старый лесник просыпался раньше всех и выходил на крыльцо послушать тишину. Зимой тишина была белая и глубокая,
летом в ней шуршали листья и звенели комары. Однажды утром он услышал, как кто-то плачет у ручья. Там сидел
маленький медвежонок и не мог найти дорогу домой. Лесник взял палку, надел шапку и пошёл вместе с ним. Они шли
до самого вечера, пока за холмом не показалась большая медведица. Она посмотрела на человека и тихо ушла в лес.""",
    "ukrainian": """\
Біля старої криниці росла висока груша, під якою завжди збиралися діти. Бабуся розповідала їм казки про лисицю,
що вміла рахувати зорі, та про їжака, який загубив свої голки. Одного вечора найменший хлопчик запитав, чи
правда все це. Бабуся всміхнулася і показала на небо: „Порахуй сам, і ти дізнаєшся“. Він рахував довго, аж поки
не заснув, і йому наснилося, що лисиця сидить поруч і шепоче йому на вухо їхні імена. Є такі ночі, ґудзики
зірок.""",
    "bulgarian": """\
На хълма над селото имаше стара воденица, която отдавна не работеше. Вятърът влизаше през счупените прозорци и
свиреше странни песни. Децата вярваха, че там живее дух, но никой не смееше да отиде. Една вечер момчето на
хлебаря взе фенер и се качи по стръмната пътека. Вътре намери само една сова с три малки птичета. То се върна и
каза на всички, че духът е добър и че обича тишината. Оттогава никой не хвърляше камъни по прозорците.""",
    "greek": """\
Ο γέρος ψαράς κάθισε στην άκρη του λιμανιού και κοίταξε τη θάλασσα που σκοτείνιαζε. Τα δίχτυα του ήταν άδεια για
τρίτη μέρα, αλλά δεν έλεγε τίποτα σε κανέναν. Ένα μικρό κορίτσι ήρθε και του έδωσε ένα πορτοκάλι. «Η μητέρα μου
λέει ότι αύριο θα αλλάξει ο καιρός», είπε. Εκείνος χαμογέλασε, έκοψε το πορτοκάλι στη μέση και της έδωσε το
μεγαλύτερο κομμάτι. Το άλλο πρωί η θάλασσα ήταν ήσυχη και τα δίχτυα γύρισαν γεμάτα ασημένια ψάρια.""",
    "hebrew": """\
בבוקר מוקדם יצא הסבא אל הגינה והשקה את העצים שנטע לפני שנים רבות. הוא הכיר כל ענף וכל עלה, וידע מתי יבשיל הפרי
הראשון. יום אחד בא אליו ילד קטן ושאל למה הוא מדבר אל העצים. הסבא צחק ואמר שהם מספרים לו על הגשם ועל הרוח. הילד
ישב לידו בשקט והקשיב. אחרי זמן רב הוא לחש שגם הוא שומע משהו. מאז הם יושבים שם יחד בכל ערב, עד שהשמש יורדת מאחורי
ההרים והציפורים חוזרות אל הקן.""",
    "arabic": """\
كان في القرية الصغيرة رجل عجوز يصنع الساعات، وكان الناس يأتون إليه من كل مكان. لم يكن يطلب مالا كثيرا، بل كان
يسأل كل واحد منهم عن أجمل يوم في حياته. وفي مساء بارد دخلت فتاة تحمل ساعة مكسورة كانت لجدها. جلس العجوز يعمل
طوال الليل حتى سمع صوت الساعة من جديد. قالت الفتاة إن هذا هو أجمل يوم في حياتها. ابتسم الرجل وكتب ذلك في دفتره
القديم ثم أطفأ المصباح ونام.""",
    "japanese": """\
海の近くの小さな町に、古い時計屋がありました。店の主人は毎朝六時に起きて、すべての時計のねじを巻
きます。ある雨の日、一人の少年が動かなくなった懐中時計を持ってきました。「これは祖父のものです。
直りますか」と少年は聞きました。主人は長い間その時計を見つめて、静かにうなずきました。三日後、時
計は再び動き始め、少年は喜んで家に帰りました。それから毎年、少年は手紙を送ってくれます。「カチカ
チという音が、今日も聞こえています」と書いてありました。""",
    "chinese": """\
山脚下住着一位老木匠，他的手艺在整个县里都很有名。每天早上，他打开木门，先给院子里的花浇水，然后
才开始工作。有一年冬天，一个年轻人从很远的地方来，请他做一张桌子。老人问他为什么不在城里买。年轻
人说，他的父亲曾经坐在这样的桌子旁边教他写字。老人没有说话，只是挑选了最好的木头。春天到来的时候
，桌子做好了，上面还刻着一朵小小的梅花。年轻人看了很久，眼睛里有泪光。""",
    "taiwanese": """\
山腳下住著一位老木匠，他的手藝在整個縣裡都很有名。每天早上，他打開木門，先給院子裡的花澆水，然後
才開始工作。有一年冬天，一個年輕人從很遠的地方來，請他做一張桌子。老人問他為什麼不在城裡買。年輕
人說，他的父親曾經坐在這樣的桌子旁邊教他寫字。老人沒有說話，只是挑選了最好的木頭。春天到來的時候
，桌子做好了，上面還刻著一朵小小的梅花。年輕人看了很久，眼睛裡有淚光。""",
    "korean": """\
바닷가 작은 마을에 오래된 등대가 하나 있었습니다. 등대지기 할아버지는 매일 저녁 계단을 올라가
불을 켰습니다. 어느 날 밤, 안개가 너무 짙어서 불빛이 보이지 않았습니다. 할아버지는 종을 치기
시작했고, 마을 사람들도 하나둘 나와서 함께 종을 쳤습니다. 새벽이 되자 작은 배 한 척이 무사히
돌아왔습니다. 배에서 내린 소년은 종소리를 따라왔다고 말했습니다. 그날부터 마을에서는 안개 낀
밤마다 종을 울립니다.""",
    "thai": """\
ในหมู่บ้านเล็ก ๆ ริมแม่น้ำ มีชายชราคนหนึ่งทำเรือไม้มาตลอดชีวิต
ทุกเช้าเขาจะเดินไปดูน้ำและฟังเสียงนก วันหนึ่งเด็กผู้หญิงคนหนึ่ง
มาถามว่าเรือลำเล็กที่สุดราคาเท่าไร เขายิ้มแล้วบอกว่า เรือลำนั้นรอเจ้าของมานานแล้ว
เด็กน้อยดีใจมากและพายเรือไปตามสายน้ำ ตั้งแต่นั้นมา เธอนำดอกไม้มาให้เขาทุกวันจนกระทั่งฝนตก""",
    "german": """\
Der alte Glöckner stieg jeden Abend die schmale Treppe hinauf, um die große Glocke zu läuten. Fünfzig Jahre lang
hatte er es getan, und nie war er zu spät gekommen. An einem stürmischen Herbsttag aber hörte man nichts. Die
Leute wunderten sich und gingen zögernd hinüber. Oben saß er auf seinem Stühlchen und fütterte eine junge Dohle,
die sich verflogen hatte. „Psst“, sagte er, „sie schläft gleich ein.“ Da ließen sie die Glocke für heute ruhen
und schlichen auf Zehenspitzen wieder hinunter.""",
    "french": """\
Chaque été, la vieille boulangère fermait sa boutique et partait à pied vers la forêt. Personne ne savait où
elle allait, ni pourquoi elle revenait toujours avec un panier plein de mûres. Un garçon curieux décida de la
suivre. Il marcha derrière elle jusqu’à une clairière où l’attendait un âne très âgé. « Te voilà enfin », dit-
elle en lui offrant une brioche dorée. L’âne mangea lentement, puis posa sa tête sur son épaule. Le garçon
rentra chez lui sans bruit et n’en parla jamais à quiconque.""",
    "spanish": """\
El viejo farero contaba las olas cada noche antes de dormir, como otros cuentan ovejas. Decía que la séptima
siempre traía algo: una botella, un trozo de madera, una canción. Una mañana encontró en la playa una pequeña
caja de música. Le dio cuerda y sonó una melodía que había oído de niño. ¿Quién la habría enviado? Nunca lo
supo, pero desde entonces la tocaba al anochecer, y los pescadores afirmaban que así volvían más rápido a casa.
«Qué extraño corazón tiene el mar», decía.""",
    "swedish": """\
Den gamla skräddaren bodde högst upp i huset, där man kunde se över hela ön. Varje kväll tände han en lampa i
fönstret, så att fiskarna skulle hitta hem. En natt slocknade lampan, och han hade ingen olja kvar. Då gick
grannarna ut med sina egna ljus och ställde sig på stranden. Båtarna kom in en efter en, och den yngste fiskaren
sade att han aldrig hade sett något så vackert. Sedan dess gör de så varje år när hösten är som mörkast, även på
åkrarna.""",
    "danish": """\
Den gamle skrædder boede øverst i huset, hvor man kunne se ud over hele øen. Hver aften tændte han en lampe i
vinduet, så fiskerne kunne finde hjem. En nat gik lampen ud, og han havde ingen olie tilbage. Da gik naboerne ud
med deres egne lys og stillede sig på stranden. Bådene kom ind én efter én, og den yngste fisker sagde, at han
aldrig havde set noget så smukt. Siden gør de sådan hvert år, når efteråret er mørkest, også på ærøske høje.""",
    "portuguese": """\
A velha costureira guardava os botões de todos os vestidos que já tinha feito. Dizia que cada botão conhecia uma
história e que, à noite, as contavam uns aos outros. Uma criança quis ouvir também e ficou acordada até muito
tarde. Não ouviu nada, senão o vento e o relógio. Mas de manhã encontrou sobre a mesa um botão azul que não
estava lá antes. «É teu», disse a avó, «a história dele ainda não começou.» A criança coseu-o no seu casaco e
nunca mais o perdeu; então cresceu.""",
    "lithuanian": """\
Senas bitininkas gyveno prie miško, kur žydėjo liepos. Kiekvieną rytą jis eidavo prie avilių ir šnekėdavosi su
bitėmis apie orą. Vieną vasarą užėjo didelė sausra, ir gėlės nuvyto. Žmogus nešė vandenį iš tolimo ežero ir
laistė pievą, kol sužydėjo pirmosios ramunės. Bitės sugrįžo, o rudenį medus buvo saldesnis negu bet kada.
„Ačiū“, pasakė jis tyliai, ir atrodė, kad avilys jam atsakė šiltu dūzgimu. Kaimynai šypsojosi ir nešė jam duonos
už medų.""",
    "latvian": """\
Vecais zvejnieks dzīvoja mazā mājā pie jūras, kur vējš nekad neapklust. Katru rītu viņš gāja krastā un meklēja
dzintaru starp jūraszālēm. Kādu dienu viņš atrada gabaliņu, kurā bija iesprostota maza bite. Viņš to parādīja
savai mazmeitai, un meitene jautāja, vai bitei nav bail. „Nē, viņa guļ un sapņo par vasaru,“ atbildēja vectēvs.
Kopš tā laika dzintars stāvēja uz palodzes, un ziemā tas spīdēja kā neliela saule. Šķita, ka tā dūc.""",
}

OLD = [
    ("polish", "cp1250"),
    ("polish", "iso8859-2"),
    ("polish", "cp852"),
    ("czech", "cp1250"),
    ("czech", "iso8859-2"),
    ("hungarian", "cp1250"),
    ("hungarian", "iso8859-2"),
    ("romanian", "cp1250"),
    ("turkish", "cp1254"),
    ("turkish", "iso8859-9"),
    ("russian", "cp1251"),
    ("russian", "koi8-r"),
    ("russian", "cp866"),
    ("russian", "iso8859-5"),
    ("russian", "mac-cyrillic"),
    ("ukrainian", "cp1251"),
    ("ukrainian", "koi8-u"),
    ("bulgarian", "cp1251"),
    ("greek", "cp1253"),
    ("greek", "iso8859-7"),
    ("hebrew", "cp1255"),
    ("arabic", "cp1256"),
    ("arabic", "iso8859-6"),
    ("japanese", "shift_jis"),
    ("japanese", "euc-jp"),
    ("japanese", "iso2022-jp"),
    ("chinese", "gb18030"),
    ("taiwanese", "big5"),
    ("korean", "euc-kr"),
    ("thai", "cp874"),
    ("german", "cp1252"),
    ("german", "cp437"),
    ("french", "cp1252"),
    ("french", "mac-roman"),
    ("spanish", "cp1252"),
    ("swedish", "cp850"),
    ("danish", "cp1252"),
    ("portuguese", "iso8859-1"),
    ("lithuanian", "cp1257"),
]
"""A language and what its texts were kept in before UTF-8; what an encoding lacks is left out of the text."""
